//! The clock as a value, so that tests and `--as-of` decide what time it is.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Tells the time: the machine's, or a fixed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Always this moment.
    Fixed(Timestamp),
}

impl Clock {
    /// The present moment.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    pub fn now(self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            Clock::Fixed(moment) => moment,
        }
    }

    /// The present day, in UTC.
    pub fn today(self) -> Date {
        self.now().to_zoned(TimeZone::UTC).date()
    }
}
