//! Bars: rows of shares side by side, and columns over time.

use super::map::fill;
use super::{Area, Drawing};
use crate::web::link::Link;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

/// One part of a row.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Its colour; `None` is the ground: nothing found.
    pub(crate) tone: Option<Tone>,
    /// Its number.
    pub(crate) value: u64,
    /// Its word: "affected".
    pub(crate) word: &'static str,
    /// Where it leads.
    pub(crate) link: Link,
}

/// A row of shares.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// What it is.
    pub(crate) name: String,
    /// Its parts, in drawing order.
    pub(crate) parts: Vec<Part>,
}

impl Row {
    fn total(&self) -> u64 {
        self.parts.iter().map(|part| part.value).sum()
    }
}

/// Height of a row.
const ROW: f64 = 30.0;

/// Draws rows one below the other, each to the same scale, its name on the left and its total on the right.
pub(crate) fn rows(rows: &[Row], width: f64, name_width: f64, class: &str, name: &str) -> String {
    let most = rows.iter().map(Row::total).max().unwrap_or(0).max(1);
    let room = width - name_width - 60.0;
    let mut drawing = Drawing::new(width, ROW * rows.len() as f64, class, name);
    for (index, row) in rows.iter().enumerate() {
        let y = ROW * index as f64;
        drawing.label("", (0.0, y + 19.0), &row.name, &[super::fit(&row.name, name_width - 4.0)]);
        let mut x = name_width;
        for part in row.parts.iter().filter(|part| part.value > 0) {
            let length = (room * part.value as f64 / most as f64).max(3.0);
            let area = Area { x, y: y + 5.0, width: length - 1.0, height: ROW - 10.0 };
            drawing.begin_link(
                &part.link,
                &format!("{}: {} {}", row.name, (texts().counts.devices)(part.value), part.word),
            );
            drawing.rect(part.tone.map_or("fill-block", fill), area);
            drawing.rect("edge", area);
            drawing.end_link();
            x += length;
        }
        drawing.text("soft", x + 6.0, y + 19.0, words::number(row.total()));
    }
    drawing.finish()
}

/// The age of one source of data.
#[derive(Debug, Clone)]
pub(crate) struct Age {
    /// The source.
    pub(crate) name: String,
    /// How it stands.
    pub(crate) tone: Tone,
    /// Its age in days; `None` where nothing is held of it.
    pub(crate) days: Option<u64>,
    /// How it stands, in a word.
    pub(crate) word: &'static str,
}

/// Ages beyond this many days are drawn alike.
const OLDEST_DRAWN: u64 = 30;

/// Draws ages one below the other, the fresh ones short; what is not held is a hatched bar over the whole length.
pub(crate) fn ages(ages: &[Age], width: f64, name_width: f64, class: &str, name: &str) -> String {
    let room = width - name_width - 130.0;
    let mut drawing = Drawing::new(width, ROW * ages.len() as f64, class, name);
    for (index, age) in ages.iter().enumerate() {
        let y = ROW * index as f64;
        drawing.label("", (0.0, y + 19.0), &age.name, &[super::fit(&age.name, name_width - 8.0)]);
        let share = age.days.map_or(1.0, |days| days.min(OLDEST_DRAWN) as f64 / OLDEST_DRAWN as f64);
        let area = Area { x: name_width, y: y + 7.0, width: (room * share).max(4.0), height: ROW - 14.0 };
        drawing.rect(fill(age.tone), area);
        drawing.rect("edge", area);
        let words = match age.days {
            Some(days) => format!("{}, {}", (texts().counts.days)(days), age.word),
            None => age.word.to_owned(),
        };
        drawing.text("soft", area.x + area.width + 6.0, y + 19.0, words);
    }
    drawing.finish()
}

/// Draws columns over time: a label below each, its number above.
pub(crate) fn columns(columns: &[(String, u64)], width: f64, height: f64, name: &str) -> String {
    let most = columns.iter().map(|(_, value)| *value).max().unwrap_or(0).max(1);
    let step = width / columns.len().max(1) as f64;
    let mut drawing = Drawing::new(width, height, "", name);
    for (index, (label, value)) in columns.iter().enumerate() {
        let bar = (height - 40.0) * *value as f64 / most as f64;
        let x = step * index as f64;
        let area = Area {
            x: x + step * 0.12,
            y: height - 20.0 - bar,
            width: (step * 0.76).min(60.0),
            height: bar.max(1.0),
        };
        drawing.rect("fill-plan", area);
        let middle = area.x + area.width / 2.0;
        drawing.text("mid", middle, area.y - 5.0, words::number(*value));
        drawing.text("soft mid", middle, height - 5.0, label);
    }
    drawing.finish()
}
