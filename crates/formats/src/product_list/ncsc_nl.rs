//! NCSC-NL's list: a Markdown table (or the same as CSV) with a status for each weakness and one cell of versions. What the
//! words mean stands in `software/README.md` of the list.

use bedrail_model::product_advisory::ProductStatus;

use super::table::{Table, has_header, links};
use super::{Claim, ListError, Row, nothing_said, product_name};
use crate::value::Warnings;

const HEADER: &[&str] = &["Supplier", "Product", "Version (see Status)"];

/// The statuses of the list: what they say, and what the note beside them is in the words of CSAF.
const STATUSES: &[(&str, ProductStatus, &str)] = &[
    ("vulnerable", ProductStatus::KnownAffected, "note"),
    // "Software is vulnerable but mitigation steps are available."
    ("workaround", ProductStatus::KnownAffected, "workaround"),
    ("fix/workaround", ProductStatus::KnownAffected, "workaround"),
    ("fix", ProductStatus::Fixed, "vendor_fix"),
    ("not vuln", ProductStatus::KnownNotAffected, "note"),
    ("investigation", ProductStatus::UnderInvestigation, "note"),
];

pub(super) fn looks_like(text: &str) -> bool {
    has_header(text, HEADER)
}

pub(super) fn read(text: &str, warnings: &mut Warnings) -> Result<Vec<Row>, ListError> {
    let Some(table) = Table::read(text, HEADER, warnings)? else { return Ok(Vec::new()) };
    let statuses = table.statuses();
    let row = |(line, cells): &(usize, Vec<String>)| {
        let place = format!("line {line}");
        let versions = table.cell(cells, "Version (see Status)");
        let mut claims: Vec<Claim> = Vec::new();
        for (at, weakness) in &statuses {
            let word = cells[*at].to_lowercase();
            if word.is_empty() {
                continue;
            }
            let known = STATUSES.iter().find(|(it, ..)| *it == word);
            if known.is_none() {
                let what =
                    format!("`{}` is no status of this list: it says nothing of {weakness}", cells[*at]);
                warnings.lost(&place, what);
            }
            let (_, status, advice) = known.unwrap_or(&("", ProductStatus::Unknown, "note"));
            claims.push(Claim {
                weakness: weakness.clone(),
                status: *status,
                versions: versions.to_owned(),
                advice,
            });
        }
        if claims.is_empty() {
            claims.push(Claim { versions: versions.to_owned(), ..nothing_said() });
        }
        Row {
            maker: table.cell(cells, "Supplier").to_owned(),
            product: product_name(table.cell(cells, "Product")),
            claims,
            note: table.cell(cells, "Notes").to_owned(),
            links: links(table.cell(cells, "Links")),
            updated: None,
            place,
        }
    };
    Ok(table.rows.iter().map(row).collect())
}
