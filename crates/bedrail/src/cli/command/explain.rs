//! `bedrail explain`: how two versions stand to each other by the rules of their ecosystem, and whether what a criterion
//! names (a CPE of NVD) covers a candidate.

use std::cmp::Ordering;
use std::io::{self, BufRead, BufWriter, Write};

use bedrail_model::cpe::{Coverage, Cpe};
use bedrail_model::ecosystem::Ecosystem;
use bedrail_model::text::harmless;
use bedrail_model::version::Order;

use super::decisions;
use crate::cli::args::{Explain, ExplainCommand, Pairs, Place};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

/// What stands for "the rules refuse to say".
const REFUSED: &str = "?";
/// What stands for "it cannot be told".
const UNKNOWN: &str = "unknown";

pub(crate) fn run(place: &Place, options: Explain) -> Result<Exit, Failure> {
    match options.command {
        ExplainCommand::Version { ecosystem, pairs } => {
            let (name, order) = find(&ecosystem)?;
            answer(&pairs, REFUSED, |a, b, line| {
                compare_versions(name, order, a, b, &Why { verbose: pairs.verbose, line })
            })
        }
        ExplainCommand::Finding { weakness, device, database } => {
            decisions::explain(place, &weakness, &device, &database)
        }
        ExplainCommand::Cpe { pairs } => {
            answer(&pairs, UNKNOWN, |a, b, line| compare_names(a, b, &Why { verbose: pairs.verbose, line }))
        }
    }
}

/// Answers the pair on the command line, or each that standard input has.
fn answer(
    pairs: &Pairs,
    refused: &str,
    of: impl Fn(&str, &str, Option<u64>) -> &'static str,
) -> Result<Exit, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match pairs.pair.as_slice() {
        _ if pairs.stdin => answer_lines(&mut io::stdin().lock(), &mut out, refused, of)?,
        [a, b] => writeln!(out, "{}", of(a, b, None))?,
        _ => return Err(Failure::new("expected two")),
    }
    out.flush()?;
    Ok(Exit::Success)
}

/// One answer for each line; a line that is no pair is answered as refused and named on standard error.
fn answer_lines(
    input: &mut dyn BufRead,
    out: &mut dyn Write,
    refused: &str,
    of: impl Fn(&str, &str, Option<u64>) -> &'static str,
) -> Result<(), Failure> {
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let length = input
            .read_until(b'\n', &mut line)
            .map_err(|error| Failure::because("cannot read standard input", &error))?;
        if length == 0 {
            break;
        }
        let answer = match pair(&line) {
            Some((a, b)) => of(a, b, Some(number)),
            None => {
                tell(format_args!("line {number}: expected two with a space between them"));
                refused
            }
        };
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

/// The rule that somebody names, and what it is called: an ecosystem by OSV's name, whose release (`Debian:12`) has no
/// say on the order; a rule by its own name (`RPM`, `SemVer`, `dpkg`); or a type of package URLs (`golang`, `gem`).
fn find(name: &str) -> Result<(&'static str, Option<Order>), Failure> {
    if let Some((ecosystem, _)) = Ecosystem::parse_osv(name) {
        return Ok((ecosystem.name(), ecosystem.order()));
    }
    let wanted = name.trim();
    if let Some(order) = Order::ALL.into_iter().find(|order| order.name().eq_ignore_ascii_case(wanted)) {
        return Ok((order.name(), Some(order)));
    }
    let of_type = |it: &Ecosystem| it.row().purl_types.iter().any(|kind| kind.eq_ignore_ascii_case(wanted));
    // All ecosystems of a type have one order; a test holds that.
    Ecosystem::all().find(of_type).map(|it| (it.name(), it.order())).ok_or_else(|| {
        let ecosystems = Ecosystem::all().filter(|it| it.order().is_some()).map(Ecosystem::name);
        let mut known: Vec<&str> = ecosystems.collect();
        known.extend(Order::ALL.iter().map(|order| order.name()).filter(|it| Ecosystem::named(it).is_none()));
        Failure::usage(format!("there is no ecosystem `{name}`")).hint(format!("one of {}", known.join(", ")))
    })
}

fn compare_versions(name: &str, order: Option<Order>, a: &str, b: &str, why: &Why) -> &'static str {
    let Some(order) = order else {
        why.say(format_args!("there is no exact rule here to compare versions of {name}"));
        return REFUSED;
    };
    match order.compare(a, b) {
        Ok(ordering) => {
            why.say(format_args!("{a} {} {b} by the rules of {}", words(ordering), order.name()));
            sign(ordering)
        }
        Err(refusal) => {
            why.say(format_args!("{refusal}"));
            REFUSED
        }
    }
}

/// A name that cannot be read leaves the answer open; that it could not is said in any case.
fn compare_names(criterion: &str, candidate: &str, why: &Why) -> &'static str {
    let read = |text: &str| text.parse::<Cpe>();
    let (criterion, candidate) = match (read(criterion), read(candidate)) {
        (Ok(criterion), Ok(candidate)) => (criterion, candidate),
        (criterion, candidate) => {
            for error in [criterion, candidate].into_iter().filter_map(Result::err) {
                why.warn(format_args!("{error}"));
            }
            return UNKNOWN;
        }
    };
    match criterion.compare(&candidate).coverage() {
        Coverage::Match => {
            why.say(format_args!("{criterion} covers {candidate}"));
            "match"
        }
        Coverage::No(attribute) => {
            why.say(format_args!(
                "the {} of {candidate} is another than that of {criterion}",
                attribute.name()
            ));
            "no"
        }
        Coverage::Unknown(attribute) => {
            why.say(format_args!("{candidate} does not say enough of its {}", attribute.name()));
            UNKNOWN
        }
    }
}

/// Says why an answer is what it is, with the line of standard input that it is about.
struct Why {
    verbose: bool,
    line: Option<u64>,
}

impl Why {
    /// Where it was asked for.
    fn say(&self, why: std::fmt::Arguments<'_>) {
        if self.verbose {
            self.warn(why);
        }
    }

    fn warn(&self, why: std::fmt::Arguments<'_>) {
        match self.line {
            Some(number) => tell(format_args!("line {number}: {why}")),
            None => tell(why),
        }
    }
}

/// Standard error may be gone; the answers are what counts.
fn tell(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{}", harmless(&text.to_string()));
}

/// Exactly two words.
fn pair(line: &[u8]) -> Option<(&str, &str)> {
    let mut words = std::str::from_utf8(line).ok()?.split_ascii_whitespace();
    let pair = (words.next()?, words.next()?);
    words.next().is_none().then_some(pair)
}

const fn sign(ordering: Ordering) -> &'static str {
    match ordering {
        Ordering::Less => "<",
        Ordering::Equal => "=",
        Ordering::Greater => ">",
    }
}

const fn words(ordering: Ordering) -> &'static str {
    match ordering {
        Ordering::Less => "comes before",
        Ordering::Equal => "is the same as",
        Ordering::Greater => "comes after",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_by_the_names_that_people_give_them() {
        for (named, order) in [
            ("maven", Order::Maven),
            ("Debian:12", Order::Dpkg),
            ("RPM", Order::Rpm),
            ("semver", Order::SemVer),
            ("pep 440", Order::Pep440),
            ("dpkg", Order::Dpkg),
            ("deb", Order::Dpkg),
            ("golang", Order::Go),
            ("gem", Order::RubyGems),
            ("cargo", Order::SemVer),
            ("composer", Order::Packagist),
            ("apk", Order::Apk),
        ] {
            assert_eq!(find(named).map(|(_, order)| order).ok().flatten(), Some(order), "{named}");
        }
        assert!(find("cobol").is_err());
    }

    #[test]
    fn all_ecosystems_of_a_type_of_package_urls_have_one_order() {
        for (a, b) in Ecosystem::all().flat_map(|a| Ecosystem::all().map(move |b| (a, b))) {
            let shared = a.row().purl_types.iter().any(|kind| b.row().purl_types.contains(kind));
            assert!(!shared || a.order() == b.order(), "{a} and {b}");
        }
    }
}
