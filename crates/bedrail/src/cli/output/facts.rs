//! Physical and media facts as text.

use std::io::{self, Write};

use bedrail_app::written::{Imported, KINDS, Kind, Listed, WrittenRow};
use bedrail_model::text::harmless;

use super::grid::{Text, Tone, grid};
use crate::cli::terminal::Look;

pub(crate) fn write_kinds(out: &mut dyn Write) -> io::Result<()> {
    for kind in KINDS {
        let period = kind.period.map(|period| format!(", {}", period.words)).unwrap_or_default();
        writeln!(out, "{}: {} ({}{period})", kind.code, kind.name, kind.citation)?;
        writeln!(out, "  {} About: {}.", kind.what, kind.system.to_lowercase())?;
        for field in kind.fields {
            let must = if field.required { "" } else { ", may be left out" };
            writeln!(out, "  {}: {}{must}", field.code, field.name)?;
        }
    }
    Ok(())
}

pub(crate) fn write_list(listed: &Listed, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for it in listed.due.iter().filter(|it| it.late) {
        let words = format!("{} of {} was due by {}, last on {}", it.kind.name, it.system, it.by, it.last);
        writeln!(out, "Overdue: {}", harmless(&words))?;
    }
    let row = |row: &WrittenRow| {
        let name = Kind::of(&row.kind).map_or(row.kind.as_str(), |kind| kind.name);
        let fields: Vec<String> = row.fields.iter().map(|(code, value)| format!("{code}: {value}")).collect();
        let state =
            row.withdrawn.as_ref().map(|(_, _, why)| format!("taken back: {why}")).unwrap_or_default();
        vec![
            Text::from(row.id.to_string()),
            Text::from(row.day.to_string()),
            Text::from(name),
            Text::from(row.system.as_str()),
            Text::from(fields.join("; ").replace('\n', " ")),
            Text::toned(state, Tone::Attention),
        ]
    };
    let header = ["Id", "Day", "What", "About", "Said", ""];
    write!(out, "{}", grid(&header, listed.rows.iter().map(row), look))?;
    writeln!(out, "{} of {} facts.", listed.rows.len(), listed.total)
}

pub(crate) fn write_import(report: &Imported, out: &mut dyn Write) -> io::Result<()> {
    let verb = if report.dry_run { "would be taken in" } else { "taken in" };
    writeln!(
        out,
        "{} {verb}, {} held already or twice in the list, {} refused.",
        report.taken,
        report.known.len(),
        report.refused_in_all
    )?;
    for (line, why) in &report.refused {
        writeln!(out, "  line {line}: {}", harmless(why))?;
    }
    if !report.unused.is_empty() {
        writeln!(out, "  nothing was taken of: {}", harmless(&report.unused.join(", ")))?;
    }
    Ok(())
}
