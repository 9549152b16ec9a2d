//! How a place ranks, in a sentence that a hospital can defend.

use bedrail_app::priority::{Exploitation, Harm, PriorityRow, Risk, When};

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
    let harm = match (rank.harm_known, rank.harm) {
        (false, _) => "what such a device does for patients is not known, so the worse is taken",
        (true, Harm::Catastrophic) => "a failure can kill a patient",
        (true, Harm::Critical) => "a failure can endanger a life",
        (true, Harm::Serious) => "a failure can hurt a patient seriously",
        (true, Harm::Minor | Harm::Negligible) => "a failure does little to patients",
    };
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
