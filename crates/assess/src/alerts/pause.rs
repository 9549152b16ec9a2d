//! Pauses: what the clocks of a work item may wait for, for how long, and when things are due after it.

use bedrail_model::alert::Outcome;
use bedrail_model::clock::{Clock, Length, Rule};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::priority::When;

/// What an item waits for. A new one is a variant and a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wait {
    /// The maker of the device was asked.
    Maker,
    /// The ward was asked.
    Ward,
    /// A patient is on the device, or needs it.
    Care,
    /// Devices may be worked on at some times only.
    Window,
}

/// A row of the list of what items wait for.
#[derive(Debug, Clone, Copy)]
pub struct WaitRow {
    /// Which.
    pub wait: Wait,
    /// The stable code.
    pub code: &'static str,
    /// In words, after "it waits:".
    pub words: &'static str,
    /// The longest pause of an item that needs somebody now.
    pub now: Length,
    /// The longest pause of any other.
    pub longest: Length,
}

/// All of them, in the order they are offered. The numbers are ours, a start for an organisation's own: a pause ends before
/// people forget what it waits for, and what needs somebody now is looked at every day at least.
pub const WAITS: &[WaitRow] = &[
    WaitRow {
        wait: Wait::Maker,
        code: "maker",
        words: "the maker was asked",
        now: Length::Hours(24),
        longest: Length::WorkingDays(10),
    },
    WaitRow {
        wait: Wait::Ward,
        code: "ward",
        words: "the ward was asked",
        now: Length::Hours(8),
        longest: Length::WorkingDays(3),
    },
    WaitRow {
        wait: Wait::Care,
        code: "care",
        words: "patient care comes first",
        now: Length::Hours(24),
        longest: Length::Days(7),
    },
    WaitRow {
        wait: Wait::Window,
        code: "window",
        words: "there is a change window",
        now: Length::Hours(24),
        longest: Length::Days(30),
    },
];

impl Wait {
    /// Its row.
    pub fn row(self) -> &'static WaitRow {
        // The test below sees to it that every one has its row.
        WAITS.iter().find(|row| row.wait == self).unwrap_or(&WAITS[0])
    }

    /// What a stable code names.
    pub fn from_code(code: &str) -> Option<Wait> {
        WAITS.iter().find(|row| row.code == code).map(|row| row.wait)
    }

    /// The last moment that a pause which begins at a moment may end at.
    pub fn latest(self, when: When, from: Timestamp, zone: &TimeZone) -> Timestamp {
        let row = self.row();
        let length = if when == When::Immediate { row.now } else { row.longest };
        of(length, from, zone)
    }
}

/// Whether the clocks of such an item may stand still at all. A sign of success that needs somebody now is never put off:
/// each hour of it may be one in which an attacker is inside.
pub const fn may_wait(outcome: Outcome, when: When) -> bool {
    !matches!((outcome, when), (Outcome::Success, When::Immediate))
}

/// When something is due after a pause that began before it was. What is counted in hours moves by the length of the pause;
/// what is counted in days, or in working days, has as many of them left as it had before. What was late stays late.
pub fn moved(
    length: Length,
    due: Timestamp,
    (paused, resumed): (Timestamp, Timestamp),
    zone: &TimeZone,
) -> Timestamp {
    if due <= paused || resumed <= paused {
        return due;
    }
    match length {
        Length::On(_) => due,
        Length::Hours(_) => due.checked_add(resumed.duration_since(paused)).unwrap_or(Timestamp::MAX),
        Length::Days(_) => of(Length::Days(left(due, paused, zone, |_| true)), resumed, zone),
        Length::WorkingDays(_) => {
            let days = left(due, paused, zone, works);
            // The rest of a working day is had on one.
            let days = if days == 0 && !works(day(resumed, zone)) { 1 } else { days };
            of(Length::WorkingDays(days), resumed, zone)
        }
    }
}

fn of(length: Length, started: Timestamp, zone: &TimeZone) -> Timestamp {
    let rule = Rule { target: length, limit: None, citation: None };
    Clock { started, rule, holds: Vec::new(), stopped: None }.target(zone, &[])
}

fn day(at: Timestamp, zone: &TimeZone) -> Date {
    at.to_zoned(zone.clone()).date()
}

fn works(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Days that count, after the day of a moment and up to the last one before something is due.
fn left(due: Timestamp, from: Timestamp, zone: &TimeZone, counts: impl Fn(Date) -> bool) -> u32 {
    let last = due.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap_or(due);
    let (first, last) = (day(from, zone), day(last, zone));
    let after = std::iter::successors(first.tomorrow().ok(), |day| day.tomorrow().ok());
    let days = after.take_while(|day| *day <= last).filter(|day| counts(*day)).count();
    u32::try_from(days).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn every_reason_has_its_row_and_limits() {
        let utc = TimeZone::UTC;
        // A Friday evening.
        let from = at("2026-11-27T17:00:00Z");
        for (wait, when, latest) in [
            (Wait::Maker, When::Immediate, "2026-11-28T17:00:00Z"),
            (Wait::Maker, When::Scheduled, "2026-12-12T00:00:00Z"),
            (Wait::Ward, When::Immediate, "2026-11-28T01:00:00Z"),
            (Wait::Ward, When::Defer, "2026-12-03T00:00:00Z"),
            (Wait::Care, When::OutOfCycle, "2026-12-05T00:00:00Z"),
            (Wait::Window, When::Scheduled, "2026-12-28T00:00:00Z"),
        ] {
            assert_eq!(wait.latest(when, from, &utc), at(latest), "{wait:?} {when:?}");
            assert_eq!(Wait::from_code(wait.row().code), Some(wait));
        }
        assert_eq!(Wait::from_code("holiday"), None);
    }

    #[test]
    fn a_sign_of_success_that_needs_somebody_now_waits_for_nothing() {
        for outcome in [Outcome::Blocked, Outcome::Unknown, Outcome::Allowed, Outcome::Success] {
            for when in When::ALL {
                let refused = outcome == Outcome::Success && when == When::Immediate;
                assert_eq!(may_wait(outcome, when), !refused, "{outcome:?} {when:?}");
            }
        }
    }

    /// Monday and Tuesday were left on Friday, and are so on Saturday.
    #[test]
    fn working_days_that_are_left_are_kept_over_a_week_end() {
        let pause = (at("2026-11-27T10:00:00Z"), at("2026-11-28T10:00:00Z"));
        let due = at("2026-12-02T00:00:00Z");
        assert_eq!(moved(Length::WorkingDays(2), due, pause, &TimeZone::UTC), due);
    }

    /// Each clock in its own calendar: hours by the hour, days by days, working days by working days.
    #[test]
    fn what_is_due_moves_in_its_own_calendar() {
        let eastern = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
        let utc = TimeZone::UTC;
        for (length, due, paused, resumed, zone, expected) in [
            // Three hours of four were left.
            (
                Length::Hours(4),
                "2026-11-27T21:00:00Z",
                "2026-11-27T18:00:00Z",
                "2026-11-30T09:00:00Z",
                &utc,
                "2026-11-30T12:00:00Z",
            ),
            // Late before the pause: still late.
            (
                Length::Hours(4),
                "2026-11-27T17:00:00Z",
                "2026-11-27T18:00:00Z",
                "2026-11-30T09:00:00Z",
                &utc,
                "2026-11-27T17:00:00Z",
            ),
            // From Friday to Monday costs no working day: the end of Monday was due, one working day was left, so Tuesday.
            (
                Length::WorkingDays(1),
                "2026-12-01T00:00:00Z",
                "2026-11-27T18:00:00Z",
                "2026-11-30T09:00:00Z",
                &utc,
                "2026-12-02T00:00:00Z",
            ),
            // Over the week-end alone nothing is lost, and nothing won.
            (
                Length::WorkingDays(1),
                "2026-12-01T00:00:00Z",
                "2026-11-28T08:00:00Z",
                "2026-11-29T20:00:00Z",
                &utc,
                "2026-12-01T00:00:00Z",
            ),
            // The rest of Friday, gone on with on a Saturday: the next working day.
            (
                Length::WorkingDays(1),
                "2026-11-28T00:00:00Z",
                "2026-11-27T10:00:00Z",
                "2026-11-28T10:00:00Z",
                &utc,
                "2026-12-01T00:00:00Z",
            ),
            // On one day: nothing moves.
            (
                Length::Days(3),
                "2026-11-30T00:00:00Z",
                "2026-11-27T10:00:00Z",
                "2026-11-27T20:00:00Z",
                &utc,
                "2026-11-30T00:00:00Z",
            ),
            (
                Length::Days(3),
                "2026-11-30T00:00:00Z",
                "2026-11-27T10:00:00Z",
                "2026-12-05T20:00:00Z",
                &utc,
                "2026-12-08T00:00:00Z",
            ),
            // Days end where the organisation is, over the change to winter time (1 November 2026).
            (
                Length::Days(2),
                "2026-11-01T04:00:00Z",
                "2026-10-31T02:00:00Z",
                "2026-11-01T02:00:00Z",
                &eastern,
                "2026-11-02T05:00:00Z",
            ),
        ] {
            let found = moved(length, at(due), (at(paused), at(resumed)), zone);
            assert_eq!(found, at(expected), "{length:?} due {due}, paused {paused} to {resumed}");
        }
    }
}
