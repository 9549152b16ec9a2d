//! Coverage by ward: who has done what is asked, who has still time, who is late.

use super::{Area, Drawing, in_lines};
use crate::web::link::Link;
use crate::web::words;

/// A ward.
#[derive(Debug, Clone)]
pub(crate) struct Ward {
    /// What it is called.
    pub(crate) name: String,
    /// Who has done it.
    pub(crate) done: u64,
    /// Who has still time.
    pub(crate) open: u64,
    /// Who is late.
    pub(crate) late: u64,
    /// Where it leads.
    pub(crate) link: Link,
    /// In words, for who cannot see it.
    pub(crate) words: String,
}

/// Height of a row with names of one line, and of two.
const ROW: f64 = 30.0;
const TALL: f64 = 38.0;
/// Wards that are drawn; the table has all.
pub(crate) const MOST: usize = 20;

/// Draws wards one below the other, each to the full width: done, open, late.
pub(crate) fn rows(wards: &[Ward], width: f64, name_width: f64, class: &str, name: &str) -> String {
    let shown = &wards[..wards.len().min(MOST)];
    let room = width - name_width - 70.0;
    let names: Vec<Vec<String>> = shown.iter().map(|ward| in_lines(&ward.name, name_width - 6.0)).collect();
    let row = if names.iter().any(|lines| lines.len() > 1) { TALL } else { ROW };
    let mut drawing = Drawing::new(width, row * shown.len() as f64, class, name);
    for (index, (ward, lines)) in shown.iter().zip(&names).enumerate() {
        let y = row * index as f64 + (row - ROW) / 2.0;
        drawing.label("", (0.0, y + 19.0), &ward.name, lines);
        let total = (ward.done + ward.open + ward.late).max(1);
        let mut x = name_width;
        drawing.begin_link(&ward.link, &ward.words);
        for (class, value) in [("fill-good", ward.done), ("fill-block", ward.open), ("fill-act", ward.late)] {
            let length = room * value as f64 / total as f64;
            let area = Area { x, y: y + 6.0, width: (length - 1.0).max(0.0), height: ROW - 12.0 };
            drawing.rect(class, area);
            drawing.rect("edge", area);
            x += length;
        }
        drawing.end_link();
        let share = format!("{}/{}", words::number(ward.done), words::number(total));
        drawing.text("soft", name_width + room + 6.0, y + 19.0, share);
    }
    drawing.finish()
}
