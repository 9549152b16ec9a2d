//! The question that would settle something unknown, ready to be sent: the same on the command line, in the API and on the page.

use std::fmt::Write as _;

use bedrail_app::unknowns::{Kind, Unknown, UnknownDetail, Whom};
use bedrail_model::text::harmless;

use crate::web::words::{count, number};

/// Releases, components and wards named in a question; the rest is counted.
const NAMED: usize = 50;

/// Why it cannot be told, behind "because".
fn because(kind: Kind) -> &'static str {
    match kind {
        Kind::Identity => "our list does not say what these devices are",
        Kind::ReleaseVersion => "our list does not say which software version these devices run",
        Kind::Bill => "we have no list of their software components (bill of materials)",
        Kind::Versions => "the bill of materials that we have gives no version for some components",
        Kind::Identifiers => "the bill of materials that we have gives no identifier for some components",
        Kind::Distribution => {
            "the bill of materials that we have does not say which release of which distribution packages are from"
        }
        Kind::ProductNames => {
            "the product names (CPE) of some components in the bill of materials that we have do not say enough"
        }
        Kind::Condition => {
            "a weakness touches the software only together with something that we do not know of the devices"
        }
        Kind::MakersWord => "what is published on some weaknesses cannot be compared with a version",
        Kind::Data => "no vulnerability data is held for some kinds of packages",
        Kind::Name => "advisories name products that may be this one, and nobody has said which",
        Kind::AdvisoryCondition => {
            "an advisory speaks of the product only where something holds that we do not know"
        }
        Kind::AdvisoryWord => "an advisory does not say clearly whether it speaks of our version",
        Kind::Statements => "somebody made statements that nobody here has accepted or put aside",
    }
}

/// What is asked for, after "Please".
fn please(unknown: &Unknown) -> String {
    match unknown.kind {
        Kind::Bill => format!(
            "send us {}, as CycloneDX or SPDX if you can (21 U.S.C. 360n-2 asks makers of cyber devices to have one)",
            unknown.fact
        ),
        Kind::Versions | Kind::Identifiers | Kind::Distribution | Kind::ProductNames => {
            format!("tell us {}, or send a corrected bill of materials", unknown.fact)
        }
        Kind::MakersWord | Kind::AdvisoryWord => format!(
            "tell us {}: affected, not affected and why, or fixed; as OpenVEX, CSAF or CycloneDX VEX if you can",
            unknown.fact
        ),
        _ => format!("tell us {}", unknown.fact),
    }
}

/// What a mail with the question is about.
pub(crate) fn subject(unknown: &Unknown) -> String {
    harmless(&format!("Question on the security of our devices: {}", unknown.fact)).into_owned()
}

/// The question, as a text to be sent or printed.
pub(crate) fn question(detail: &UnknownDetail) -> String {
    let unknown = &detail.unknown;
    let mut text = match unknown.kind.whom() {
        Whom::Maker => match &unknown.maker {
            Some(maker) => format!("To the product security team of {maker}\n\n"),
            None => "To the product security team\n\n".to_owned(),
        },
        Whom::Ward => "To whoever looks after these devices\n\n".to_owned(),
        Whom::House => "For ourselves\n\n".to_owned(),
    };
    let _ = writeln!(
        text,
        "We have {} of which we must know whether published weaknesses touch {}. At present we cannot tell{}, because {}.\n",
        count(unknown.devices, "device"),
        if unknown.devices == 1 { "it" } else { "them" },
        weaknesses(unknown),
        because(unknown.kind),
    );
    let _ = writeln!(text, "Please {}.", please(unknown));
    list(&mut text, "Components", &unknown.components, unknown.component_count);
    let releases: Vec<String> = unknown.releases.iter().map(|(_, name)| name.clone()).collect();
    list(&mut text, "Devices listed as", &releases, unknown.release_count);
    list(&mut text, "Weaknesses, for example", &unknown.some_weaknesses, unknown.weaknesses.unwrap_or(0));
    if unknown.kind.whom() == Whom::Ward {
        let wards = detail.wards.iter().map(|(site, ward, devices)| {
            let place: Vec<&str> =
                [ward.as_str(), site.as_str()].into_iter().filter(|text| !text.is_empty()).collect();
            let place = if place.is_empty() { "place not known".to_owned() } else { place.join(", ") };
            format!("{place}: {}", count(*devices, "device"))
        });
        list(&mut text, "Where they stand", &wards.collect::<Vec<_>>(), detail.wards.len() as u64);
    }
    if unknown.kind.whom() != Whom::House {
        text.push_str(
            "\nWhat you do not know yourselves, please say so: that helps us, too. Please answer within five working days.\n\nThank you.\n",
        );
    }
    bedrail_model::text::harmless_lines(&text).into_owned()
}

/// How many weaknesses wait for it.
fn weaknesses(unknown: &Unknown) -> String {
    let exploited = match unknown.exploited {
        0 => String::new(),
        some => format!(", {} of them known to be exploited", number(some)),
    };
    match unknown.weaknesses {
        None => " for any of them".to_owned(),
        Some(0) => String::new(),
        Some(1) if unknown.exploited == 1 => " for one that is known to be exploited".to_owned(),
        Some(some) => format!(" for {}{exploited}", number(some)),
    }
}

fn list(text: &mut String, title: &str, names: &[String], total: u64) {
    if names.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{title}:");
    for name in names.iter().take(NAMED) {
        let _ = writeln!(text, "  - {name}");
    }
    let left = total.saturating_sub(names.len().min(NAMED) as u64);
    if left > 0 {
        let _ = writeln!(text, "  and {} more", number(left));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::sample;

    #[test]
    fn a_question_says_what_is_asked_of_whom_and_nothing_acts_in_it() {
        let mut detail = sample::unknown();
        let text = question(&detail);
        for words in [
            "To the product security team of Orbis Medical",
            "We have 14 devices",
            "for 3, 1 of them known to be exploited",
            "Please tell us whether the operating system or firmware is microsoft windows_7.",
            "  - CVE-2021-44228\n",
        ] {
            assert!(text.contains(words), "{words:?} is not in {text}");
        }
        detail.unknown.maker = Some("a\u{1b}[31m\u{202e}".to_owned());
        detail.unknown.kind = Kind::Bill;
        let text = question(&detail);
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
        assert!(text.contains("as CycloneDX or SPDX"), "{text}");
        detail.unknown.kind = Kind::ReleaseVersion;
        let text = question(&detail);
        assert!(text.contains("Where they stand:\n  - "), "{text}");
    }
}
