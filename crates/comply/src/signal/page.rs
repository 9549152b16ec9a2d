//! The page of signals, as Markdown.

use std::fmt::Write as _;

use super::{Kind, SIGNALS, Signal};
use crate::catalog::Catalogues;

/// `docs/signals.md`: every signal with its source, the system it is about, how it is computed and who asks for it.
pub fn page(catalogues: &Catalogues) -> String {
    let mut page = String::from(
        "# Signals\n\nWritten by `bedrail_comply::signal::page`; a test holds it against the table in `crates/comply/src/signal/table.rs`.\n\n\
         A signal is what shows that a requirement is met. Its value is a fact: observed at a moment, about one system, with its\n\
         evidence. A fact about another kind of system than the signal's is refused, so nothing that Bedrail does well counts for the\n\
         record system. Limits are the house's own defaults where no citation stands beside them. Facts come from the parts of the\n\
         program named as the source, once they record them; a signal without a fact in force is **unknown**, never met.\n",
    );
    let counts = |wanted: fn(&Kind) -> bool| SIGNALS.iter().filter(|signal| wanted(&signal.kind)).count();
    let computed = counts(|kind| matches!(kind, Kind::Computed { .. }));
    let manual = counts(|kind| matches!(kind, Kind::Manual { .. }));
    let _ = writeln!(
        page,
        "\n{} signals: {computed} computed, {manual} manual, {} not connected yet.",
        SIGNALS.len(),
        SIGNALS.len() - computed - manual
    );
    section(&mut page, "Computed", "source", catalogues, |kind| match kind {
        Kind::Computed { source } => Some((*source).to_owned()),
        Kind::Manual { .. } | Kind::NotConnected { .. } => None,
    });
    section(&mut page, "Manual", "why, and the proof asked for", catalogues, |kind| match kind {
        Kind::Manual { reason, proof } => Some(format!("{reason}; proof: {proof}")),
        Kind::Computed { .. } | Kind::NotConnected { .. } => None,
    });
    section(
        &mut page,
        "Not connected yet (unknown until then)",
        "comes with",
        catalogues,
        |kind| match kind {
            Kind::NotConnected { import } => Some((*import).to_owned()),
            Kind::Computed { .. } | Kind::Manual { .. } => None,
        },
    );
    page.push_str("\n## Requirements without a signal\n\n");
    for requirement in catalogues.requirements().filter(|requirement| requirement.signals.is_empty()) {
        let reason = requirement.manual.as_ref().map_or("", |manual| manual.reason.as_str());
        let _ = writeln!(page, "- {} ({}): {reason}", requirement.title, requirement.citation);
    }
    page
}

fn section(
    page: &mut String,
    title: &str,
    column: &str,
    catalogues: &Catalogues,
    words: impl Fn(&Kind) -> Option<String>,
) {
    let _ = write!(
        page,
        "\n## {title}\n\n| signal | about | what is counted | {column} | met when | holds for | asked for by |\n|---|---|---|---|---|---|---|\n"
    );
    for signal in SIGNALS {
        if let Some(words) = words(&signal.kind) {
            row(page, signal, &words, catalogues);
        }
    }
}

fn row(page: &mut String, signal: &Signal, words: &str, catalogues: &Catalogues) {
    let asked: Vec<&str> = catalogues
        .requirements()
        .filter(|requirement| {
            requirement.signals.contains(&signal) || requirement.applies_if.is_some_and(|it| it == signal)
        })
        .map(|requirement| requirement.id.as_str())
        .collect();
    let days = if signal.valid_days == 1 { "day" } else { "days" };
    let _ = writeln!(
        page,
        "| `{}` | {} | {} | {words} | {} | {} {days} | {} |",
        signal.id,
        signal.about.name(),
        signal.how,
        signal.rule.words(),
        signal.valid_days,
        asked.join(", ")
    );
}
