//! A line of time: what happened on which day, and what is due until when.

use bedrail_model::text::harmless;
use jiff::civil::Date;

use super::{Area, Drawing, fit, long};
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

/// Height of a row, and of one whose day and name stand below each other.
const ROW: f64 = 24.0;
const TALL: f64 = 38.0;
/// The size of a shape.
const SHAPE: f64 = 14.0;
/// Between a name and the line.
const GAP: f64 = 12.0;

/// Draws marks, a row each, in the order of days; names have what they need, up to somewhat more than a half. `today`
/// is a line through all of them.
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
    let labels: Vec<(String, String)> =
        marks.iter().map(|mark| (words::civil(mark.on), harmless(&mark.name).into_owned())).collect();
    let widest = |of: fn(&(String, String)) -> f64| labels.iter().map(of).fold(0.0, f64::max) + GAP;
    let in_one = widest(|(day, name)| long(day) + long(" ") + long(name));
    let in_two = widest(|(day, name)| long(day).max(long(name)));
    let most = width * 0.55;
    let (names, row) = if in_one <= most { (in_one, ROW) } else { (in_two.min(most), TALL) };
    let room = (width - names - SHAPE - 4.0).max(60.0);
    let x = |day: Date| names + room * words::days_between(first, day) as f64 / span;
    let height = row * marks.len() as f64 + ROW + 6.0;
    let mut drawing = Drawing::new(width, height, class, name);
    drawing
        .rect("fill-plain", Area { x: x(today.0) + SHAPE / 2.0, y: 4.0, width: 1.5, height: height - ROW });
    for (index, (mark, (day, name))) in marks.iter().zip(&labels).enumerate() {
        let y = row * index as f64 + 4.0;
        let middle = y + (row - ROW) / 2.0;
        let whole = format!("{day} {name}");
        let lines = if row > ROW { vec![day.clone(), fit(name, names - GAP)] } else { vec![whole.clone()] };
        drawing.label("", (0.0, middle + 13.0), &whole, &lines);
        drawing.path("edge", &format!("M{names:.1} {:.1}H{:.1}", y + row - 4.0, names + room + SHAPE));
        drawing.shape(mark.tone, x(mark.on), middle, SHAPE);
    }
    let y = height - 8.0;
    drawing.text("soft", 0.0, y, format!("{} {}", today.1, words::civil(today.0)));
    drawing.finish()
}
