//! A clock: when something is due, by which rule, and how it stands. The house's own target comes first, the outer limit of
//! a law or an authority second.
//!
//! Days end where the organisation is: a clock is read in its time zone.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

/// How long, or until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// So many hours, by the second.
    Hours(u32),
    /// To the end of the so-manieth day after the day of the start.
    Days(u32),
    /// The same, counting Monday to Friday without holidays alone.
    WorkingDays(u32),
    /// To the end of a day.
    On(Date),
}

/// A rule: the house's own target, the outer limit, and where that stands written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The target.
    pub target: Length,
    /// The outer limit, where there is one.
    pub limit: Option<Length>,
    /// Who sets the limit: "45 CFR 164.404(b)", "CISA BOD 22-01".
    pub citation: Option<String>,
}

/// A pause. What is due moves by its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// When it began.
    pub from: Timestamp,
    /// When it ended; `None` while it lasts.
    pub to: Option<Timestamp>,
    /// Why.
    pub reason: String,
}

/// A clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// What started it happened then.
    pub started: Timestamp,
    /// The rule.
    pub rule: Rule,
    /// Pauses, in order, none over another.
    pub holds: Vec<Hold>,
    /// When it was stopped.
    pub stopped: Option<Timestamp>,
}

/// How a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It runs; the target is ahead.
    Running,
    /// It is paused.
    Held,
    /// The target is past, the limit is not.
    Late,
    /// The limit is past.
    Over,
    /// It was stopped in time for both.
    InTime,
    /// It was stopped after the target, before the limit.
    StoppedLate,
    /// It was stopped after the limit.
    StoppedOver,
}

/// Days that are no working days in a place.
pub type Holidays<'a> = &'a [Date];

impl Clock {
    /// When the target is due: the first moment that is too late.
    pub fn target(&self, zone: &TimeZone, holidays: Holidays<'_>) -> Timestamp {
        self.due(self.rule.target, zone, holidays)
    }

    /// When the outer limit is due.
    pub fn limit(&self, zone: &TimeZone, holidays: Holidays<'_>) -> Option<Timestamp> {
        self.rule.limit.map(|limit| self.due(limit, zone, holidays))
    }

    /// How it stands at a moment.
    pub fn standing(&self, now: Timestamp, zone: &TimeZone, holidays: Holidays<'_>) -> Standing {
        let at = self.stopped.unwrap_or(now);
        let late = at >= self.target(zone, holidays);
        let over = self.limit(zone, holidays).is_some_and(|limit| at >= limit);
        match (self.stopped.is_some(), over, late) {
            (true, true, _) => Standing::StoppedOver,
            (true, false, true) => Standing::StoppedLate,
            (true, false, false) => Standing::InTime,
            (false, true, _) => Standing::Over,
            (false, false, true) => Standing::Late,
            (false, false, false) if self.holds.iter().any(|hold| hold.to.is_none()) => Standing::Held,
            (false, false, false) => Standing::Running,
        }
    }

    fn due(&self, length: Length, zone: &TimeZone, holidays: Holidays<'_>) -> Timestamp {
        let first = self.started.to_zoned(zone.clone()).date();
        let due = match length {
            Length::Hours(hours) => self.started.checked_add(SignedDuration::from_hours(hours.into())),
            Length::Days(days) => end_of(first.saturating_add(i64::from(days).days()), zone),
            Length::WorkingDays(days) => end_of(working_day(first, days, holidays), zone),
            Length::On(day) => end_of(day, zone),
        };
        let due = due.unwrap_or(Timestamp::MAX);
        // A fixed day does not move: whoever set it did not ask whether we paused.
        if matches!(length, Length::On(_)) { due } else { self.moved(due) }
    }

    /// Pauses that began before something was due move it by their length; one that lasts moves it away.
    fn moved(&self, mut due: Timestamp) -> Timestamp {
        for hold in self.holds.iter().filter(|hold| hold.from >= self.started) {
            if hold.from >= due {
                break;
            }
            let Some(to) = hold.to else { return Timestamp::MAX };
            due = due.checked_add(to.duration_since(hold.from)).unwrap_or(Timestamp::MAX);
        }
        due
    }
}

/// The first moment after a day.
fn end_of(day: Date, zone: &TimeZone) -> Result<Timestamp, jiff::Error> {
    Ok(day.tomorrow()?.to_zoned(zone.clone())?.timestamp())
}

/// The so-manieth working day after a day.
fn working_day(first: Date, days: u32, holidays: Holidays<'_>) -> Date {
    let works =
        |day: &Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !holidays.contains(day);
    let after = std::iter::successors(first.tomorrow().ok(), |day| day.tomorrow().ok());
    match days.checked_sub(1) {
        None => first,
        Some(skipped) => after.filter(works).nth(skipped as usize).unwrap_or(Date::MAX),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn clock(started: &str, target: Length, limit: Option<Length>) -> Clock {
        let rule = Rule { target, limit, citation: None };
        Clock { started: at(started), rule, holds: Vec::new(), stopped: None }
    }

    fn zone() -> TimeZone {
        TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").expect("a zone")
    }

    #[test]
    fn days_end_where_the_organisation_is() {
        // Already the 2nd in London, still the 1st in New York.
        let clock = clock("2026-03-02T02:00:00Z", Length::Days(10), Some(Length::Hours(24)));
        assert_eq!(clock.target(&zone(), &[]), at("2026-03-12T04:00:00Z"), "over the change to summer time");
        assert_eq!(clock.limit(&zone(), &[]), Some(at("2026-03-03T02:00:00Z")));
    }

    #[test]
    fn working_days_leave_weekends_and_holidays_out() {
        // A Friday.
        let clock = clock("2026-07-03T12:00:00Z", Length::WorkingDays(2), None);
        let utc = TimeZone::UTC;
        assert_eq!(clock.target(&utc, &[]), at("2026-07-08T00:00:00Z"), "the end of Tuesday");
        assert_eq!(clock.target(&utc, &[date(2026, 7, 6)]), at("2026-07-09T00:00:00Z"));
    }

    #[test]
    fn a_pause_moves_what_is_due_but_no_fixed_day() {
        let mut clock = clock("2026-01-01T00:00:00Z", Length::Hours(10), Some(Length::On(date(2026, 1, 1))));
        let utc = TimeZone::UTC;
        clock.holds.push(Hold {
            from: at("2026-01-01T04:00:00Z"),
            to: Some(at("2026-01-01T06:30:00Z")),
            reason: "waiting for the maker".into(),
        });
        assert_eq!(clock.target(&utc, &[]), at("2026-01-01T12:30:00Z"));
        assert_eq!(clock.limit(&utc, &[]), Some(at("2026-01-02T00:00:00Z")));
        clock.holds.push(Hold { from: at("2026-01-01T12:00:00Z"), to: None, reason: "again".into() });
        assert_eq!(clock.standing(at("2026-01-01T18:00:00Z"), &utc, &[]), Standing::Held);
        assert_eq!(clock.standing(at("2026-01-02T00:00:00Z"), &utc, &[]), Standing::Over);
    }

    #[test]
    fn a_stopped_clock_says_how_it_stopped() {
        let utc = TimeZone::UTC;
        let mut clock = clock("2026-01-01T00:00:00Z", Length::Hours(1), Some(Length::Hours(2)));
        for (stopped, standing) in [
            ("2026-01-01T00:59:59Z", Standing::InTime),
            ("2026-01-01T01:00:00Z", Standing::StoppedLate),
            ("2026-01-01T02:00:00Z", Standing::StoppedOver),
        ] {
            clock.stopped = Some(at(stopped));
            assert_eq!(clock.standing(at("2030-01-01T00:00:00Z"), &utc, &[]), standing, "{stopped}");
        }
        clock.stopped = None;
        assert_eq!(clock.standing(at("2026-01-01T01:30:00Z"), &utc, &[]), Standing::Late);
    }
}
