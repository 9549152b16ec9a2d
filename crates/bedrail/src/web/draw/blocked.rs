//! What a firewall refused and what it would have: a row for each rule, to the same scale.

use super::{Area, Drawing};
use crate::web::words;

/// A rule or a class of paths.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Its name.
    pub(crate) name: String,
    /// Refused.
    pub(crate) blocked: u64,
    /// Passed, since the site only detects.
    pub(crate) would_block: u64,
}

/// Height of a row.
const ROW: f64 = 26.0;

/// Draws rows one below the other: refused first, then what would have been, the total on the right.
pub(crate) fn draw(rows: &[Row], width: f64, name_width: f64, class: &str, name: &str) -> String {
    let most = rows.iter().map(|row| row.blocked + row.would_block).max().unwrap_or(0).max(1);
    let room = width - name_width - 70.0;
    let mut drawing = Drawing::new(width, ROW * rows.len().max(1) as f64, class, name);
    for (index, row) in rows.iter().enumerate() {
        let y = ROW * index as f64;
        drawing.label("", (0.0, y + 17.0), &row.name, &[super::fit(&row.name, name_width - 6.0)]);
        let mut x = name_width;
        for (value, fill) in [(row.blocked, "fill-known"), (row.would_block, "fill-plan")] {
            if value > 0 {
                let length = (room * value as f64 / most as f64).max(3.0);
                let area = Area { x, y: y + 4.0, width: length - 1.0, height: ROW - 8.0 };
                drawing.rect(fill, area);
                drawing.rect("edge", area);
                x += length;
            }
        }
        drawing.text("soft", x + 6.0, y + 17.0, words::number(row.blocked + row.would_block));
    }
    drawing.finish()
}
