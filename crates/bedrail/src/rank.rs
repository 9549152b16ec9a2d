//! How a place ranks, in a sentence that a hospital can defend.

use bedrail_app::alerts::work::Why;
use bedrail_app::priority::{Exploitation, Harm, PriorityRow, Risk, When};
use bedrail_model::alert::Outcome;
use bedrail_model::severity::Severity;

use crate::web::words::{number, verb};

/// When to act, in a word or two.
pub(crate) fn when(when: When) -> &'static str {
    match when {
        When::Immediate => "act now",
        When::OutOfCycle => "before the next maintenance",
        When::Scheduled => "with the next maintenance",
        When::Defer => "not now",
    }
}

/// When to act on an alert, in a word: it cannot wait for a maintenance.
pub(crate) fn alert(when: When) -> &'static str {
    match when {
        When::Immediate => "now",
        When::OutOfCycle => "today",
        When::Scheduled => "soon",
        When::Defer => "later",
    }
}

/// Why an alert is to be acted on when it is.
pub(crate) fn alert_sentence(why: &Why) -> String {
    let judged = &why.judged;
    let ended = match judged.outcome {
        Outcome::Success => "it shows signs of success",
        Outcome::Allowed => "it was not stopped",
        Outcome::Unknown => "whether it was stopped is not said, so the worse is taken",
        Outcome::Blocked => "it was stopped",
    };
    let weak = match why.weaknesses.as_slice() {
        [] if !why.has_device => "on which device is not known".to_owned(),
        [] => "the rule names no weakness that is open on the device".to_owned(),
        all => format!("the device has {}, or that cannot be told", all.join(", ")),
    };
    let severe = match judged.severity {
        Severity::Unknown => "how severe, the rule's author does not say".to_owned(),
        severity => format!("the rule's author finds it {severity}"),
    };
    let reach = if why.has_device {
        format!("the device: {}", judged.exposure.sentence())
    } else {
        "how far it can be reached is not known".to_owned()
    };
    format!("{ended}; {weak}; {severe}; {reach}; {}.", harm(judged.harm))
}

/// What a failure of a device can do.
fn harm(known: Option<Harm>) -> &'static str {
    match known {
        None => "what such a device does for patients is not known, so the worse is taken",
        Some(Harm::Catastrophic) => "a failure can kill a patient",
        Some(Harm::Critical) => "a failure can endanger a life",
        Some(Harm::Serious) => "a failure can hurt a patient seriously",
        Some(Harm::Minor | Harm::Negligible) => "a failure does little to patients",
    }
}

/// The path to a rank.
pub(crate) fn sentence(row: &PriorityRow) -> String {
    let rank = &row.rank;
    let exploited = match (rank.exploitation, rank.ransomware) {
        (Exploitation::Active, true) => "ransomware uses it",
        (Exploitation::Active, false) => "it is exploited",
        (Exploitation::Expected, _) if row.weakness.epss.is_none() => {
            "nobody estimated how soon it is exploited"
        }
        (Exploitation::Expected, _) => "attacks are expected",
        (Exploitation::None, _) => "no attacks are known or expected",
    };
    let by_machines = if rank.automatable { ", machines can do it from afar" } else { "" };
    let reach = match (row.outside, row.devices) {
        (0, _) => format!("the most exposed device: {}", rank.exposure.sentence()),
        (outside, devices) => {
            format!(
                "{} of {} {} the outside",
                number(outside),
                number(devices),
                verb(outside, "faces", "face")
            )
        }
    };
    let harm = harm(rank.harm_known.then_some(rank.harm));
    let risk = match rank.risk {
        Risk::Uncontrolled => "uncontrolled",
        Risk::Assess => "to be assessed by a person",
        Risk::Controlled => "controlled",
    };
    let shielded = match row.shielded {
        0 => String::new(),
        shielded => {
            format!("; a firewall shields {} of {}, not fixed", number(shielded), number(row.devices))
        }
    };
    let score = rank.score.map(|score| format!(" ({score:.1})")).unwrap_or_default();
    format!(
        "{exploited}{by_machines}; {reach}{shielded}; {harm}; {} where it stands{score}; FDA's risk by our table: {risk}.",
        rank.severity
    )
}
