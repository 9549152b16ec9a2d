//! Lists as CSV on the command line; the columns and how a row fills them are `bedrail_app::exports`.

use std::io::{self, Write};

use bedrail_model::text::csv_safe;

/// Writes a whole list.
pub(crate) fn write(
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut lines = csv::Writer::from_writer(out);
    lines.write_record(header)?;
    for row in rows {
        // Formulas are made harmless for spreadsheets.
        lines.write_record(row.iter().map(|cell| csv_safe(cell).into_owned()))?;
    }
    lines.flush()
}
