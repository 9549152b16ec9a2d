//! When an event happened, and what was wrong with what its source says of it.

use jiff::{SignedDuration, Timestamp};

/// How far a source's clock may be ahead of ours before its time is not taken: as far as machines drift that ask no time
/// server, and Kerberos allows (RFC 4120 §5.2.9 recommends five minutes).
pub const MAY_BE_AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// 2000-01-01T00:00:00Z. An earlier time is a clock that was never set: 1970 without a battery, 1980 by FAT.
pub const EARLIEST: i64 = 946_684_800;

/// What was wrong with the time that a source gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeFlaw {
    /// It gives none.
    Missing,
    /// It gives something that is no time.
    Unreadable,
    /// It is before 2000.
    Before2000,
    /// It is later than when we received it.
    Future,
    /// It gives no zone; the source's zone by its settings was taken.
    ZoneAssumed,
    /// It gives neither year nor zone (RFC 3164 §4.1.2); the year nearest to the receipt was taken.
    YearAssumed,
}

impl TimeFlaw {
    /// All of them.
    pub const ALL: [TimeFlaw; 6] = [
        TimeFlaw::Missing,
        TimeFlaw::Unreadable,
        TimeFlaw::Before2000,
        TimeFlaw::Future,
        TimeFlaw::ZoneAssumed,
        TimeFlaw::YearAssumed,
    ];

    /// The stable code used in JSON and the database.
    pub const fn code(self) -> &'static str {
        match self {
            TimeFlaw::Missing => "missing",
            TimeFlaw::Unreadable => "unreadable",
            TimeFlaw::Before2000 => "before_2000",
            TimeFlaw::Future => "future",
            TimeFlaw::ZoneAssumed => "zone_assumed",
            TimeFlaw::YearAssumed => "year_assumed",
        }
    }

    /// The flaw that a stable code names.
    pub fn from_code(code: &str) -> Option<TimeFlaw> {
        TimeFlaw::ALL.into_iter().find(|flaw| flaw.code() == code)
    }

    /// Whether the time of receipt stands in the place of the source's.
    pub const fn is_replaced(self) -> bool {
        !matches!(self, TimeFlaw::ZoneAssumed | TimeFlaw::YearAssumed)
    }
}

/// When an event happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventTime {
    /// The moment that counts.
    pub at: Timestamp,
    /// What was wrong with the source's, where something was.
    pub flaw: Option<TimeFlaw>,
}

impl EventTime {
    /// The time that counts: what the source said, or the time of receipt where that cannot be. `assumed` names what had to
    /// be assumed to read it.
    pub fn judge(
        said: Result<Timestamp, TimeFlaw>,
        assumed: Option<TimeFlaw>,
        received: Timestamp,
    ) -> EventTime {
        let flaw = match said {
            Err(flaw) => flaw,
            Ok(said) if said.as_second() < EARLIEST => TimeFlaw::Before2000,
            Ok(said) if said.duration_since(received) > MAY_BE_AHEAD => TimeFlaw::Future,
            Ok(at) => return EventTime { at, flaw: assumed },
        };
        EventTime { at: received, flaw: Some(flaw) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_cannot_be_is_the_time_of_receipt() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a moment");
        let received = at("2026-11-27T08:00:00Z");
        for (said, taken, flaw) in [
            (Ok("2026-11-27T07:59:00Z"), "2026-11-27T07:59:00Z", None),
            (Ok("2026-11-27T08:05:00Z"), "2026-11-27T08:05:00Z", None),
            (Ok("2026-11-27T08:05:01Z"), "2026-11-27T08:00:00Z", Some(TimeFlaw::Future)),
            (Ok("1970-01-01T00:00:09Z"), "2026-11-27T08:00:00Z", Some(TimeFlaw::Before2000)),
            (Ok("1999-12-31T23:59:59Z"), "2026-11-27T08:00:00Z", Some(TimeFlaw::Before2000)),
            (Ok("2000-01-01T00:00:00Z"), "2000-01-01T00:00:00Z", None),
            (Err(TimeFlaw::Missing), "2026-11-27T08:00:00Z", Some(TimeFlaw::Missing)),
        ] {
            let time = EventTime::judge(said.map(at), None, received);
            assert_eq!((time.at, time.flaw), (at(taken), flaw), "{said:?}");
        }
        let assumed = EventTime::judge(Ok(received), Some(TimeFlaw::YearAssumed), received);
        assert_eq!(assumed.flaw, Some(TimeFlaw::YearAssumed));
        for flaw in TimeFlaw::ALL {
            assert_eq!(TimeFlaw::from_code(flaw.code()), Some(flaw));
        }
    }
}
