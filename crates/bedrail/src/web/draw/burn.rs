//! A burn-down: a row for each ward, its affected devices over time with the unclear ones hatched on top of them.

use bedrail_model::text::harmless;

use super::{Area, Drawing};
use crate::web::words;

/// How many there were at a moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    /// Where in the time that is drawn: 0 is its begin, 1 its end.
    pub(crate) at: f64,
    /// Affected devices.
    pub(crate) affected: u64,
    /// Devices of which it cannot be told.
    pub(crate) cannot_tell: u64,
    /// Whether the data behind it was whole and fresh.
    pub(crate) sound: bool,
}

impl Point {
    const fn open(&self) -> u64 {
        self.affected.saturating_add(self.cannot_tell)
    }
}

/// A row.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Whose.
    pub(crate) name: String,
    /// Its points, in the order of time.
    pub(crate) points: Vec<Point>,
}

/// How a picture is laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    /// Its width.
    pub(crate) width: f64,
    /// The width of the names.
    pub(crate) names: f64,
    /// A class beside `drawing`.
    pub(crate) class: &'static str,
    /// The class that fills what is affected.
    pub(crate) fill: &'static str,
}

/// Height of a row, of its curve, and of the line below it that says whether the data was whole.
const ROW: f64 = 46.0;
const CURVE: f64 = 30.0;
const STRIP: f64 = 3.0;
/// Room for the numbers at the right.
const NUMBERS: f64 = 116.0;

/// Draws the rows one below the other, each to its own scale: its numbers stand beside it.
pub(crate) fn down(rows: &[Row], layout: Layout, (from, to): (&str, &str), name: &str) -> String {
    let room = (layout.width - layout.names - NUMBERS).max(40.0);
    // Where the two days do not stand side by side, the last stands below the first.
    let below = if super::long(from) + super::long(to) + 14.0 > room { 16.0 } else { 0.0 };
    let height = ROW * rows.len() as f64 + 22.0 + below;
    let mut drawing = Drawing::new(layout.width, height, layout.class, name);
    for (index, row) in rows.iter().enumerate() {
        let base = ROW * index as f64 + 4.0 + CURVE;
        let class = if index == 0 { "strong" } else { "" };
        let name = harmless(&row.name);
        drawing.label(class, (0.0, base - 8.0), &name, &super::in_lines(&name, layout.names - 8.0));
        let most = row.points.iter().map(Point::open).max().unwrap_or(0).max(1) as f64;
        let x = |at: f64| layout.names + room * at.clamp(0.0, 1.0);
        let y = |value: u64| base - CURVE * value as f64 / most;
        let (zero, affected) = (|_: &Point| 0, |point: &Point| point.affected);
        if let Some(path) = between(&row.points, x, y, zero, affected) {
            drawing.path(layout.fill, &path);
        }
        if let Some(path) = between(&row.points, x, y, affected, Point::open) {
            drawing.path("fill-unknown", &path);
        }
        for (at, point) in row.points.iter().enumerate().filter(|(_, point)| !point.sound) {
            let end = row.points.get(at + 1).map_or(1.0, |next| next.at);
            let width = (x(end) - x(point.at)).max(2.0);
            drawing.rect("fill-unknown", Area { x: x(point.at), y: base + 2.0, width, height: STRIP });
        }
        drawing.path("edge", &format!("M{:.1} {base:.1}H{:.1}", x(0.0), x(1.0)));
        if let (Some(first), Some(last)) = (row.points.first(), row.points.last()) {
            let numbers = format!("{} → {}", words::number(first.open()), words::number(last.open()));
            drawing.text(class, x(1.0) + 8.0, base - 8.0, numbers);
        }
    }
    drawing.text("soft", layout.names, height - 5.0 - below, from);
    drawing.text("soft end", layout.names + room, height - 5.0, to);
    drawing.finish()
}

/// The area between two values over time, in steps: each holds until the next.
fn between(
    points: &[Point],
    x: impl Fn(f64) -> f64,
    y: impl Fn(u64) -> f64,
    low: impl Fn(&Point) -> u64,
    high: impl Fn(&Point) -> u64,
) -> Option<String> {
    use std::fmt::Write as _;
    let first = points.first().filter(|_| points.iter().any(|point| high(point) > low(point)))?;
    let mut path = format!("M{:.1} {:.1}", x(first.at), y(low(first)));
    for point in points {
        let _ = write!(path, "H{:.1}V{:.1}", x(point.at), y(high(point)));
    }
    let _ = write!(path, "H{:.1}", x(1.0));
    for (at, point) in points.iter().enumerate().rev() {
        let end = points.get(at + 1).map_or(1.0, |next| next.at);
        let _ = write!(path, "H{:.1}V{:.1}H{:.1}", x(end), y(low(point)), x(point.at));
    }
    path.push('Z');
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_holds_until_the_next_look_and_is_closed() {
        let point = |at, affected, cannot_tell| Point { at, affected, cannot_tell, sound: true };
        let points = [point(0.0, 10, 0), point(0.5, 4, 2)];
        let path = between(&points, |at| at * 100.0, |value| value as f64, |_| 0, |it| it.affected).unwrap();
        assert_eq!(path, "M0.0 0.0H0.0V10.0H50.0V4.0H100.0H100.0V0.0H50.0H50.0V0.0H0.0Z");
        assert!(
            between(&points[..1], |at| at, |value| value as f64, |it| it.affected, Point::open).is_none()
        );
    }
}
