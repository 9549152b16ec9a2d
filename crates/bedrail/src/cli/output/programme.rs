//! The programme as text.

use std::io::{self, Write};

use bedrail_app::programme::{Asked, Detail, Past, Programme, Questions, Row, StateWord as State};
use bedrail_model::text::harmless;

use super::grid::{Text, Tone, grid};
use crate::cli::terminal::Look;

fn tone(state: State, overdue: bool) -> Tone {
    if overdue || state == State::No { Tone::Attention } else { Tone::Plain }
}

fn state_words(row: &Row) -> String {
    match row.applies {
        "no" => "does not apply".to_owned(),
        "not_assessed" => "not assessed".to_owned(),
        _ if row.overdue => format!("{}, overdue", row.state.code()),
        _ => row.state.code().to_owned(),
    }
}

pub(crate) fn write_list(programme: &Programme, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let figures = programme.figures;
    let share =
        |percent: Option<u32>| percent.map_or_else(|| "nothing to count".to_owned(), |it| format!("{it} %"));
    writeln!(
        out,
        "Duties by law: {} evidenced ({} of {}), {} with something overdue ({}).\n",
        share(figures.evidenced_percent()),
        figures.evidenced,
        figures.of,
        share(figures.overdue_percent()),
        figures.overdue
    )?;
    let row = |row: &Row| {
        vec![
            Text::from(row.id.as_str()),
            Text::from(row.citation.as_str()),
            Text::toned(state_words(row), tone(row.state, row.overdue)),
            Text::from(row.title.as_str()),
        ]
    };
    let header = ["Requirement", "Citation", "State", "What it asks"];
    write!(out, "{}", grid(&header, programme.rows.iter().map(row), look))
}

pub(crate) fn write_one(detail: &Detail, out: &mut dyn Write) -> io::Result<()> {
    let row = &detail.row;
    writeln!(out, "{} ({}, {}): {}", row.title, row.citation, row.designation, state_words(row))?;
    writeln!(out, "{}", harmless(&row.reason))?;
    writeln!(out, "\n{}", detail.question)?;
    for text in &row.evidence {
        writeln!(out, "  would show it: {text}")?;
    }
    for signal in &detail.signals {
        writeln!(out, "\n{}: {} ({})", signal.how, signal.state.code(), signal.id)?;
        writeln!(
            out,
            "  about {}; met when {}; {}: {}",
            signal.about, signal.met_when, signal.kind, signal.source
        )?;
        for (system, why) in &signal.unknown {
            writeln!(out, "  of {} nothing is known: {}", harmless(system), harmless(why))?;
        }
        for fact in &signal.facts {
            let holds = if fact.holds { "holds until" } else { "lapsed after" };
            let words = format!(
                "of {}: {}, as of {}, {holds} {}: {}",
                fact.system,
                fact.value,
                fact.observed.strftime("%F"),
                fact.holds_until,
                fact.evidence
            );
            writeln!(out, "  {}", harmless(&words))?;
        }
    }
    for proof in &detail.proofs {
        let state = if proof.withdrawn.is_some() { "withdrawn" } else { "counts" };
        let words = format!(
            "{} of {}, collected {} by {}",
            proof.file_name, proof.system, proof.collected, proof.collector
        );
        writeln!(out, "\nDocument {} ({state}): {}", proof.id, harmless(&words))?;
    }
    for decision in &detail.decisions {
        let systems =
            if decision.systems.is_empty() { "all".to_owned() } else { decision.systems.join(", ") };
        let words = format!(
            "{} for {systems}: {} (approved by {})",
            decision.outcome, decision.reason, decision.approver
        );
        writeln!(
            out,
            "\nDecision of {}, to be looked at by {}: {}",
            decision.decided,
            decision.review_by,
            harmless(&words)
        )?;
    }
    Ok(())
}

pub(crate) fn write_questions(all: &Questions, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} of {} questions are answered.\n", all.answered, all.total)?;
    let row = |it: &Asked| {
        let answer = it.answer.as_ref().map_or("not answered", |answer| match answer.answer.as_str() {
            "not_sure" => "not sure",
            "yes" => "yes",
            _ => "no",
        });
        vec![
            Text::from(it.question.requirement.as_str()),
            Text::from(it.site.as_str()),
            Text::toned(answer.to_owned(), if answer == "no" { Tone::Attention } else { Tone::Plain }),
            Text::from(it.question.text.as_str()),
        ]
    };
    let header = ["Requirement", "Site", "Answer", "Question"];
    write!(out, "{}", grid(&header, all.rows.iter().map(row), look))
}

pub(crate) fn write_past(past: &Past, look: Look, out: &mut dyn Write) -> io::Result<()> {
    match past.taken {
        Some(at) => writeln!(out, "{}, noted {at}.\n", past.day)?,
        None => writeln!(out, "Nobody noted {}: what was known then is not known.\n", past.day)?,
    }
    let then = |id: &str| past.then.iter().find(|row| row.requirement == id);
    let row = |row: &Row| {
        let words = then(&row.id).map_or_else(|| "not noted".to_owned(), |it| it.state.clone());
        let moved = words != row.state.code();
        vec![
            Text::from(row.id.as_str()),
            Text::from(words),
            Text::toned(row.state.code().to_owned(), if moved { Tone::Attention } else { Tone::Plain }),
            Text::from(row.title.as_str()),
        ]
    };
    let header = ["Requirement", "As known then", "As known now", "What it asks"];
    write!(out, "{}", grid(&header, past.now.iter().map(row), look))
}
