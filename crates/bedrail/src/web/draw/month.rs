//! A month as a grid of weeks, Monday first: each day with what is on it.

use bedrail_model::text::harmless;
use jiff::civil::Date;

use super::map::fill;
use super::{Area, Drawing, fit};
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

/// A day.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    /// Which.
    pub(crate) day: Date,
    /// What is on it.
    pub(crate) lines: Vec<(Tone, String)>,
    /// Where the day is told in words.
    pub(crate) anchor: String,
}

/// Lines of a day that are drawn; the others are counted.
const LINES: usize = 3;
/// The size of a mark before a line, and the height of the row of weekdays.
const MARK: f64 = 9.0;
const HEAD: f64 = 22.0;

/// Draws the month; without `in_words`, days say how many things are on them.
pub(crate) fn grid(cells: &[Cell], width: f64, in_words: bool, class: &str, name: &str) -> String {
    let step = width / 7.0;
    let tall = if in_words { 92.0 } else { 46.0 };
    let before = cells.first().map_or(0, |cell| column(cell.day));
    let weeks = (before + cells.len()).div_ceil(7).max(1);
    let mut drawing = Drawing::new(width, HEAD + tall * weeks as f64, class, name);
    for cell in cells.iter().take(7) {
        let label = cell.day.strftime("%a").to_string();
        drawing.text("soft mid", step * (column(cell.day) as f64 + 0.5), HEAD - 7.0, label);
    }
    for (at, cell) in cells.iter().enumerate() {
        let place = before + at;
        let area = Area {
            x: step * (place % 7) as f64,
            y: HEAD + tall * (place / 7) as f64,
            width: step - 3.0,
            height: tall - 3.0,
        };
        day(&mut drawing, cell, area, in_words);
    }
    drawing.finish()
}

/// The column of a day's weekday.
fn column(day: Date) -> usize {
    usize::from(day.weekday().to_monday_zero_offset().unsigned_abs())
}

fn day(drawing: &mut Drawing, cell: &Cell, area: Area, in_words: bool) {
    let number = cell.day.day();
    if cell.lines.is_empty() {
        drawing.rect("edge", area);
        drawing.text("soft", area.x + 5.0, area.y + 16.0, number);
        return;
    }
    let told = (texts().actions.on_day)(&words::civil(cell.day), cell.lines.len() as u64);
    drawing.begin_text_link(&cell.anchor, &told);
    drawing.rect("fill-block", area);
    drawing.rect("edge", area);
    drawing.text("strong", area.x + 5.0, area.y + 16.0, number);
    if in_words {
        for (at, (tone, text)) in cell.lines.iter().take(LINES).enumerate() {
            let y = area.y + 34.0 + 17.0 * at as f64;
            let mark = Area { x: area.x + 5.0, y: y - MARK, width: MARK, height: MARK };
            drawing.rect(if *tone == Tone::Plain { "fill-plain" } else { fill(*tone) }, mark);
            drawing.text("", area.x + 19.0, y, fit(&harmless(text), area.width - 26.0));
        }
        if cell.lines.len() > LINES {
            let more = format!("+{}", words::number((cell.lines.len() - LINES) as u64));
            drawing.text("soft end", area.x + area.width - 5.0, area.y + 16.0, more);
        }
    } else {
        let all = words::number(cell.lines.len() as u64);
        drawing.text("strong mid", area.x + area.width / 2.0, area.y + 36.0, all);
    }
    drawing.end_link();
}
