//! `bedrail explain version`: how two versions stand to each other by the rules of their ecosystem.

use std::cmp::Ordering;
use std::io::{self, BufRead, BufWriter, Write};

use bedrail_model::ecosystem::Ecosystem;
use bedrail_model::text::harmless;

use crate::cli::args::{Explain, ExplainCommand};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;

/// What stands for "the rules refuse to say".
const REFUSED: &str = "?";

pub(crate) fn run(options: Explain) -> Result<Exit, Failure> {
    let ExplainCommand::Version { ecosystem, stdin, verbose, versions } = options.command;
    let explainer = Explainer { ecosystem: find(&ecosystem)?, verbose };
    let mut out = BufWriter::new(io::stdout().lock());
    match versions.as_slice() {
        _ if stdin => explainer.answer_lines(&mut io::stdin().lock(), &mut out)?,
        [a, b] => writeln!(out, "{}", explainer.compare(a, b, None))?,
        _ => return Err(Failure::new("expected two versions")),
    }
    out.flush()?;
    Ok(Exit::Success)
}

/// The ecosystem by OSV's name; a release (`Debian:12`) is allowed and has no say on the order.
fn find(name: &str) -> Result<Ecosystem, Failure> {
    Ecosystem::parse_osv(name).map(|(ecosystem, _)| ecosystem).ok_or_else(|| {
        let known: Vec<&str> =
            Ecosystem::all().filter(|it| it.order().is_some()).map(Ecosystem::name).collect();
        Failure::usage(format!("there is no ecosystem `{name}`")).hint(format!("one of {}", known.join(", ")))
    })
}

struct Explainer {
    ecosystem: Ecosystem,
    verbose: bool,
}

impl Explainer {
    /// One answer for each line; a line that is no pair is answered `?` and named on standard error.
    fn answer_lines(&self, input: &mut dyn BufRead, out: &mut dyn Write) -> Result<(), Failure> {
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
                Some((a, b)) => self.compare(a, b, Some(number)),
                None => {
                    tell(format_args!("line {number}: expected two versions with a space between them"));
                    REFUSED
                }
            };
            out.write_all(answer.as_bytes())?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn compare(&self, a: &str, b: &str, line: Option<u64>) -> &'static str {
        let name = self.ecosystem.name();
        let Some(order) = self.ecosystem.order() else {
            self.say(line, format_args!("there is no exact rule here to compare versions of {name}"));
            return REFUSED;
        };
        match order.compare(a, b) {
            Ok(ordering) => {
                self.say(line, format_args!("{a} {} {b} by the rules of {}", words(ordering), order.name()));
                sign(ordering)
            }
            Err(refusal) => {
                self.say(line, format_args!("{refusal}"));
                REFUSED
            }
        }
    }

    /// Says why, where it was asked for.
    fn say(&self, line: Option<u64>, why: std::fmt::Arguments<'_>) {
        match line {
            _ if !self.verbose => {}
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
