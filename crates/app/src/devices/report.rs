//! The report on an import as it is kept with its job.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use super::{ImportReport, RowOutcome, RowReport};

#[derive(Serialize, Deserialize)]
struct Wire {
    columns: Vec<(String, Option<String>)>,
    warnings: Vec<String>,
    releases_without_sbom: u64,
    /// Line, code of the outcome, messages.
    rows: Vec<(u64, String, Vec<String>)>,
}

/// Writes a report.
pub(crate) fn write(report: &ImportReport, out: impl Write) -> io::Result<()> {
    let row = |row: &RowReport| (row.line, row.outcome.code().to_owned(), row.messages.clone());
    let wire = Wire {
        columns: report.columns.clone(),
        warnings: report.warnings.clone(),
        releases_without_sbom: report.releases_without_sbom,
        rows: report.rows.iter().map(row).collect(),
    };
    Ok(serde_json::to_writer(out, &wire)?)
}

/// Reads a report that [`write()`] wrote.
pub(crate) fn read(input: impl Read) -> serde_json::Result<ImportReport> {
    let wire: Wire = serde_json::from_reader(input)?;
    let row = |(line, code, messages): (u64, String, Vec<String>)| {
        let outcome = RowOutcome::from_code(&code).unwrap_or(RowOutcome::Refused);
        RowReport { line, outcome, messages }
    };
    Ok(ImportReport {
        dry_run: false,
        columns: wire.columns,
        warnings: wire.warnings,
        rows: wire.rows.into_iter().map(row).collect(),
        releases_without_sbom: wire.releases_without_sbom,
    })
}
