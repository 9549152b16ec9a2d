//! The exposure picture: what lies between the outside and the device, and which walls stand open.

use bedrail_model::device::Exposure;

use super::{Area, Drawing, fit};
use crate::web::viewer::texts;

/// What each exposure draws: whether the way through the outer and the inner wall is open, shut or unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    Open,
    Shut,
    Unknown,
}

impl Gate {
    fn word(self) -> &'static str {
        let t = &texts().device;
        match self {
            Gate::Open => t.gate_open,
            Gate::Shut => t.gate_shut,
            Gate::Unknown => t.gate_unknown,
        }
    }
}

/// The ways through the outer and the inner wall.
const fn gates(exposure: Exposure) -> (Gate, Gate) {
    match exposure {
        Exposure::Outside => (Gate::Open, Gate::Open),
        Exposure::Unknown => (Gate::Unknown, Gate::Unknown),
        Exposure::Flat => (Gate::Shut, Gate::Open),
        Exposure::Isolated | Exposure::Offline => (Gate::Shut, Gate::Shut),
    }
}

/// Draws the zones from left (the outside) to right (the device) with a wall between each two.
pub(crate) fn reach(exposure: Exposure, device: &str, affected: bool) -> String {
    let (t, (outer, inner)) = (&texts().device, gates(exposure));
    let mut drawing = Drawing::new(560.0, 130.0, "reach", exposure.sentence());
    let zones = [
        (0.0, t.outside),
        (195.0, t.hospital_network),
        (390.0, if exposure == Exposure::Offline { t.not_connected } else { t.next_to_it }),
    ];
    for (x, name) in zones {
        drawing.rect("fill-block", Area { x, y: 24.0, width: 170.0, height: 84.0 });
        drawing.text("soft", x, 16.0, name);
    }
    gate(&mut drawing, 182.5, outer, affected);
    gate(&mut drawing, 377.5, inner, affected && outer != Gate::Shut);
    let box_area = Area { x: 405.0, y: 46.0, width: 140.0, height: 40.0 };
    drawing.rect("fill-sheet", box_area);
    drawing.rect("edge", box_area);
    drawing.text("strong mid", 475.0, 71.0, fit(device, 134.0));
    drawing.finish()
}

fn gate(drawing: &mut Drawing, x: f64, gate: Gate, bad: bool) {
    let (top, bottom) = (20.0, 112.0);
    match gate {
        Gate::Shut => {
            drawing.path("wall", &format!("M{x} {top}V{bottom}"));
            arrow(drawing, x, "way calm", "head-soft", 30.0, 8.0);
        }
        Gate::Open | Gate::Unknown => {
            drawing.path("wall", &format!("M{x} {top}V48M{x} 84V{bottom}"));
            let (class, head) = match (gate, bad) {
                (Gate::Unknown, _) => ("way maybe", "head-unknown"),
                (_, true) => ("way", "head-act"),
                (_, false) => ("way calm", "head-soft"),
            };
            arrow(drawing, x, class, head, 34.0, -22.0);
            if gate == Gate::Unknown {
                drawing.text("strong mid", x, 42.0 + 62.0, "?");
            }
        }
    }
}

/// An arrow that begins `before` units left of a wall and ends `short` units left of it (negative: beyond it).
fn arrow(drawing: &mut Drawing, x: f64, class: &str, head: &str, before: f64, short: f64) {
    let (from, to) = (x - before, x - short);
    drawing.path(class, &format!("M{from:.1} 66H{:.1}", to - 6.0));
    drawing.path(head, &format!("M{:.1} 60L{to:.1} 66L{:.1} 72Z", to - 9.0, to - 9.0));
}

/// The table behind the picture: from where, and whether there is a way.
pub(crate) fn ways(exposure: Exposure) -> [(&'static str, &'static str); 2] {
    let (t, (outer, inner)) = (&texts().device, gates(exposure));
    [(t.from_outside, outer.word()), (t.from_inside, inner.word())]
}

/// What the picture says, in a sentence.
pub(crate) fn reading(exposure: Exposure) -> String {
    (texts().device.reach)(exposure)
}
