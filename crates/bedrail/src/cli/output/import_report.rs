//! What became of each row of a device list, for people and as `bedrail.import/1`.

use std::io::{self, Write};

use bedrail_app::devices::{ImportReport, RowOutcome, RowReport};
use bedrail_model::text::harmless;
use serde::Serialize;

use super::grid::{Text, Tone, grid};
use super::{json_text, words};
use crate::cli::terminal::Look;

const SCHEMA: &str = "bedrail.import/1";

/// Every outcome with its code and how it is said.
const OUTCOMES: [(RowOutcome, &str); 4] = [
    (RowOutcome::Added, "added"),
    (RowOutcome::Changed, "changed"),
    (RowOutcome::Unchanged, "unchanged"),
    (RowOutcome::Refused, "refused"),
];

#[derive(Serialize)]
struct ImportView<'a> {
    schema: &'static str,
    file: &'a str,
    dry_run: bool,
    added: usize,
    changed: usize,
    unchanged: usize,
    refused: usize,
    releases_without_sbom: u64,
    columns: Vec<ColumnView<'a>>,
    warnings: &'a [String],
    rows: Vec<RowView<'a>>,
}

#[derive(Serialize)]
struct ColumnView<'a> {
    header: &'a str,
    field: Option<&'a str>,
}

#[derive(Serialize)]
struct RowView<'a> {
    line: u64,
    outcome: &'static str,
    messages: &'a [String],
}

/// Writes the JSON shape.
pub(crate) fn write_json(file: &str, report: &ImportReport, out: &mut dyn Write) -> io::Result<()> {
    let rows = report.rows.iter();
    let view = ImportView {
        schema: SCHEMA,
        file,
        dry_run: report.dry_run,
        added: report.count(RowOutcome::Added),
        changed: report.count(RowOutcome::Changed),
        unchanged: report.count(RowOutcome::Unchanged),
        refused: report.count(RowOutcome::Refused),
        releases_without_sbom: report.releases_without_sbom,
        columns: report
            .columns
            .iter()
            .map(|(header, field)| ColumnView { header, field: field.as_deref() })
            .collect(),
        warnings: &report.warnings,
        rows: rows
            .map(|row| RowView { line: row.line, outcome: code(row.outcome), messages: &row.messages })
            .collect(),
    };
    json_text::write(&view, out)
}

/// Writes the text for people: the answer, how columns were understood, and every row that has something to say.
pub(crate) fn write_text(
    file: &str,
    report: &ImportReport,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{}", headline(file, report))?;
    if report.releases_without_sbom > 0 {
        let releases = words::count(report.releases_without_sbom, "release has", "releases have");
        writeln!(out, "{releases} no bill of materials yet: bedrail sbom add FILE")?;
    }
    for warning in &report.warnings {
        writeln!(out, "warning: {}", harmless(warning))?;
    }
    let used = report.columns.iter().filter_map(|(header, field)| Some((header, field.as_deref()?)));
    let used: Vec<String> = used.map(|(header, field)| format!("{header} = {field}")).collect();
    writeln!(out, "Columns: {}", harmless(&used.join(", ")))?;
    let unused = report.columns.iter().filter(|(_, field)| field.is_none());
    let unused: Vec<&str> = unused.map(|(header, _)| header.as_str()).collect();
    if !unused.is_empty() {
        writeln!(out, "Not used: {} (--map HEADER=FIELD names one)", harmless(&unused.join(", ")))?;
    }
    let notable: Vec<&RowReport> = report
        .rows
        .iter()
        .filter(|row| row.outcome == RowOutcome::Refused || !row.messages.is_empty())
        .collect();
    if !notable.is_empty() {
        let rows = notable.into_iter().map(row);
        writeln!(out)?;
        out.write_all(grid(&["Line", "Outcome", "Remarks"], rows, look).as_bytes())?;
    }
    Ok(())
}

fn headline(file: &str, report: &ImportReport) -> String {
    let counts: Vec<String> = OUTCOMES
        .iter()
        .map(|(outcome, word)| format!("{} {word}", words::thousands(report.count(*outcome) as u64)))
        .collect();
    let rows = words::count(report.rows.len() as u64, "row", "rows");
    let mood = if report.dry_run { " Nothing was stored: this was a dry run." } else { "" };
    format!("{}: {rows}: {}.{mood}", harmless(file), counts.join(", "))
}

fn row(row: &RowReport) -> Vec<Text> {
    let tone = if row.outcome == RowOutcome::Refused { Tone::Urgent } else { Tone::Plain };
    vec![
        Text::toned(row.line.to_string(), Tone::Number),
        Text::toned(code(row.outcome), tone),
        row.messages.join("; ").into(),
    ]
}

const fn code(outcome: RowOutcome) -> &'static str {
    match outcome {
        RowOutcome::Added => "added",
        RowOutcome::Changed => "changed",
        RowOutcome::Unchanged => "unchanged",
        RowOutcome::Refused => "refused",
    }
}
