//! A line of time: what happened on which day, and what is due until when.

use bedrail_model::text::harmless;
use jiff::civil::Date;

use super::{Area, Drawing};
use crate::web::tone::Tone;
use crate::web::words;

/// Something on the line.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    /// The day.
    pub(crate) on: Date,
    /// What it is.
    pub(crate) name: String,
    /// How it is marked.
    pub(crate) tone: Tone,
}

/// Height of a row.
const ROW: f64 = 24.0;
/// The size of a shape.
const SHAPE: f64 = 14.0;
/// The width of a name.
const NAME: f64 = 190.0;

/// Draws marks, a row each, in the order of days. `today` is a line through all of them.
pub(crate) fn of_time(
    marks: &[Mark],
    today: (Date, &str),
    width: f64,
    class: &'static str,
    name: &str,
) -> String {
    let mut marks = marks.to_vec();
    marks.sort_by_key(|mark| mark.on);
    let days = marks.iter().map(|mark| mark.on).chain([today.0]);
    let (first, last) = (days.clone().min().unwrap_or(today.0), days.max().unwrap_or(today.0));
    let span = words::days_between(first, last).max(1) as f64;
    let room = (width - NAME - SHAPE - 4.0).max(60.0);
    let x = |day: Date| NAME + room * words::days_between(first, day) as f64 / span;
    let height = ROW * (marks.len() as f64 + 1.0) + 6.0;
    let mut drawing = Drawing::new(width, height, class, name);
    drawing
        .rect("fill-plain", Area { x: x(today.0) + SHAPE / 2.0, y: 4.0, width: 1.5, height: height - ROW });
    for (index, mark) in marks.iter().enumerate() {
        let y = ROW * index as f64 + 4.0;
        let words = format!("{} {}", words::civil(mark.on), harmless(&mark.name));
        drawing.text("", 0.0, y + 13.0, super::fit(&words, NAME - 8.0));
        drawing.path("edge", &format!("M{NAME:.1} {:.1}H{:.1}", y + ROW - 4.0, NAME + room + SHAPE));
        drawing.shape(mark.tone, x(mark.on), y, SHAPE);
    }
    let y = height - 8.0;
    drawing.text("soft", 0.0, y, format!("{} {}", today.1, words::civil(today.0)));
    drawing.finish()
}
