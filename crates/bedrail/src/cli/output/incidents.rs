//! Incidents: tables, `bedrail.incidents/1` and `bedrail.incident/1`.

use std::io::{self, Write};

use bedrail_app::incidents::{ClockLine, EventLine, IncidentDetail, IncidentRow, StateAnswer};
use bedrail_model::text::{harmless, harmless_lines};
use serde::Serialize;

use super::grid::{Text, Tone, grid};
use super::{json_text, words};
use crate::cli::terminal::Look;
use crate::web::views::incident::{IncidentRowView, IncidentView};

fn left(days: i64) -> Text {
    let words = match days {
        ..0 => format!("{} late", words::count(days.unsigned_abs(), "day", "days")),
        _ => format!("{} left", words::count(days.unsigned_abs(), "day", "days")),
    };
    Text::toned(words, if days < 15 { Tone::Attention } else { Tone::Plain })
}

fn whom(line: &ClockLine) -> String {
    let name = line.recipient.replace('_', " ");
    line.state.as_ref().map_or_else(|| name.clone(), |state| format!("{name} of {state}"))
}

pub(crate) fn write_list(rows: &[IncidentRow], look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", words::count(rows.len() as u64, "incident", "incidents"))?;
    if rows.is_empty() {
        return Ok(());
    }
    let row = |row: &IncidentRow| {
        let it = &row.incident;
        let decided = match row.decided {
            None => "breach presumed",
            Some(true) => "people are told",
            Some(false) => "nobody has to be told",
        };
        let next = row.next.as_ref().map(|line| format!("{} by {}", whom(line), line.limit));
        vec![
            Text::from(format!("#{}", it.number)),
            Text::from(it.title.as_str()),
            Text::from(it.kind.words()),
            Text::from(if it.closed.is_some() { "closed" } else { "open" }),
            Text::from(row.affected.map_or_else(|| "not counted".to_owned(), words::thousands)),
            Text::from(decided),
            Text::from(next.unwrap_or_default()),
            row.next.as_ref().map_or_else(|| Text::from(""), |line| left(line.days_left)),
        ]
    };
    let header = ["No.", "Incident", "Kind", "State", "People", "Decision", "Due next", ""];
    write!(out, "{}", grid(&header, rows.iter().map(row), look))
}

pub(crate) fn write_clocks(detail: &IncidentDetail, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if !detail.reports.is_empty() {
        let rows = detail.reports.iter().map(|line| {
            vec![
                Text::from(line.to.as_str()),
                Text::from(line.due.to_string()),
                left(line.days_left),
                Text::from(line.citation.as_str()),
            ]
        });
        write!(out, "\n{}", grid(&["Report on a device to", "Until", "", "Source"], rows, look))?;
        writeln!(out, "counsel on these rows: {}", harmless(&detail.reports_checked))?;
    }
    if detail.presumed {
        let rows = detail.clocks.iter().map(|line| {
            vec![
                Text::from(whom(line)),
                Text::from(line.target.to_string()),
                Text::from(line.limit.to_string()),
                match line.done {
                    Some(day) => Text::from(format!("done {day}")),
                    None => left(line.days_left),
                },
                Text::from(line.citation.as_str()),
            ]
        });
        write!(out, "\n{}", grid(&["Tell", "Our target", "Outer limit", "", "Source"], rows, look))?;
    } else {
        writeln!(out, "\nnobody has to be told; the record is kept (45 CFR 164.414(b))")?;
    }
    for line in &detail.states {
        let words = match &line.answer {
            StateAnswer::Due { on, citation } => format!("until {on} ({citation})"),
            StateAnswer::Checked { due: Some(due), by } => format!("until {due}, says {by}"),
            StateAnswer::Checked { due: None, by } => format!("no notice, says {by}"),
            StateAnswer::CannotTell => "cannot tell; counsel has to look it up".to_owned(),
        };
        writeln!(out, "{}: {} people, {}", line.state, line.residents, harmless(&words))?;
    }
    if detail.without_state > 0 {
        writeln!(out, "{} affected people have no State on record", detail.without_state)?;
    }
    Ok(())
}

pub(crate) fn write_detail(detail: &IncidentDetail, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let it = &detail.incident;
    writeln!(out, "incident {}: {} ({})", it.number, harmless(&it.title), it.kind.words())?;
    let harm =
        detail.harm.map_or("nobody said whether somebody died or was seriously injured", |it| it.0.words());
    writeln!(out, "{harm}; owner: {}", harmless(&it.owner))?;
    if let Some((on, by)) = detail.discovered {
        writeln!(out, "discovered on {on}: {by}")?;
    }
    if let Some(day) = detail.earlier_sign {
        writeln!(
            out,
            "mind: the first alert is of {day}; would it have been known then, with reasonable diligence?"
        )?;
    }
    write_clocks(detail, look, out)?;
    let event = |line: &EventLine| {
        let mut words = line.words.clone();
        if !line.event.note.is_empty() {
            words.push_str(": ");
            words.push_str(&line.event.note);
        }
        if let Some(by) = line.corrected_by {
            words.push_str(&format!(" (event {by} stands in its place)"));
        }
        vec![
            Text::from(line.event.number.to_string()),
            Text::from(format!("{:.0}", line.event.at)),
            Text::from(words),
            Text::toned(line.event.author.clone(), Tone::Faint),
        ]
    };
    write!(out, "\n{}", grid(&["", "Recorded", "What", "By"], detail.events.iter().map(event), look))?;
    let step = |line: &bedrail_app::incidents::StepLine| {
        let done = line.done.as_ref().map(|done| format!("done {:.0}", done.at));
        vec![
            Text::from(line.row.code),
            Text::from(line.row.words),
            Text::from(done.unwrap_or_else(|| "open".to_owned())),
        ]
    };
    write!(out, "\n{}", grid(&["Step", "What", ""], detail.steps.iter().map(step), look))?;
    for line in &detail.prefilled {
        writeln!(out, "{}: {} ({})", line.factor.words(), harmless(&line.text), harmless(&line.source))?;
    }
    for letter in &detail.letters {
        let state = match &letter.sent {
            Some(sent) => format!("went out on {}: {}", sent.on, harmless(&sent.proof)),
            None => "draft".to_owned(),
        };
        writeln!(
            out,
            "letter {}: {}, version {}, {state}",
            letter.number,
            letter.kind.words(),
            letter.version
        )?;
    }
    if let Some(last) = detail.assessments.last().filter(|last| last.approved.is_none()) {
        writeln!(out, "assessment, version {}, draft: {}", last.version, harmless_lines(&last.reason))?;
    }
    for line in &detail.open_ends {
        writeln!(out, "open: {}", harmless(line))?;
    }
    if detail.withheld {
        writeln!(out, "privileged parts are not shown")?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Incidents {
    schema: &'static str,
    incidents: Vec<IncidentRowView>,
}

pub(crate) fn write_list_json(rows: &[IncidentRow], out: &mut dyn Write) -> io::Result<()> {
    let incidents = rows.iter().map(IncidentRowView::from).collect();
    json_text::write(&Incidents { schema: "bedrail.incidents/1", incidents }, out)
}

#[derive(Serialize)]
struct Incident {
    schema: &'static str,
    #[serde(flatten)]
    incident: IncidentView,
}

pub(crate) fn write_detail_json(detail: &IncidentDetail, out: &mut dyn Write) -> io::Result<()> {
    json_text::write(&Incident { schema: "bedrail.incident/1", incident: IncidentView::from(detail) }, out)
}
