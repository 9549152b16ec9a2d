//! Work by person and shift, where the organisation is.

use std::collections::BTreeMap;

use bedrail_store::alerts::account::Taken;
use jiff::tz::TimeZone;

/// A shift, by the hour at which the work was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shift {
    /// From 6 to 14.
    Early,
    /// From 14 to 22.
    Late,
    /// From 22 to 6.
    Night,
}

impl Shift {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Shift::Early => "early",
            Shift::Late => "late",
            Shift::Night => "night",
        }
    }

    fn of(hour: i8) -> Shift {
        match hour {
            6..14 => Shift::Early,
            14..22 => Shift::Late,
            _ => Shift::Night,
        }
    }
}

/// What somebody did in a shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShiftWork {
    /// Who.
    pub who: String,
    /// In which shift.
    pub shift: Shift,
    /// Items taken, decided, closed.
    pub done: [u64; 3],
}

/// Work by person and shift, by name and then by the time of day.
pub(super) fn of(steps: &[Taken], zone: &TimeZone) -> Vec<ShiftWork> {
    let mut all: BTreeMap<(&str, Shift), [u64; 3]> = BTreeMap::new();
    for step in steps {
        let at = match step.kind.as_str() {
            "taken" => 0,
            "decided" => 1,
            "closed" => 2,
            _ => continue,
        };
        let shift = Shift::of(step.at.to_zoned(zone.clone()).hour());
        all.entry((&step.who, shift)).or_default()[at] += 1;
    }
    all.into_iter().map(|((who, shift), done)| ShiftWork { who: who.to_owned(), shift, done }).collect()
}

#[cfg(test)]
mod tests {
    use bedrail_model::ids::AlertSourceId;

    use super::*;

    #[test]
    fn work_is_counted_by_person_and_shift_where_the_organisation_is() {
        let step = |at: &str, kind: &str, who: &str| Taken {
            kind: kind.into(),
            who: who.into(),
            at: at.parse().unwrap(),
            opened: at.parse().unwrap(),
            due: None,
            of: (AlertSourceId::generate(), String::new(), None),
        };
        // New York is five hours behind in winter.
        let zone = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
        let steps = [
            step("2026-01-10T10:59:59Z", "taken", "kim"),
            step("2026-01-10T11:00:00Z", "taken", "kim"),
            step("2026-01-10T18:59:59Z", "closed", "kim"),
            step("2026-01-10T19:00:00Z", "decided", "kim"),
            step("2026-01-11T03:00:00Z", "closed", "ana"),
            step("2026-01-11T03:00:00Z", "comment", "ana"),
        ];
        let found: Vec<_> =
            of(&steps, &zone).into_iter().map(|it| (it.who, it.shift.code(), it.done)).collect();
        let expected = [
            ("ana", "night", [0, 0, 1]),
            ("kim", "early", [1, 0, 1]),
            ("kim", "late", [0, 1, 0]),
            ("kim", "night", [1, 0, 0]),
        ];
        assert_eq!(found, expected.map(|(who, shift, done)| (who.to_owned(), shift, done)));
    }
}
