//! Days: by when something is due, how long it holds, when a policy is looked at again.

use jiff::ToSpan as _;
use jiff::civil::Date;

/// Days before its end on which what is repeated is asked for again.
pub const AHEAD: u32 = 30;

/// A day so many days later; the last day that there is where there are no more.
pub fn after(day: Date, days: u32) -> Date {
    day.saturating_add(i64::from(days).days())
}

/// By when something is due that is asked for on a day: on its own day where that lies ahead, else after so many days. Who joins
/// after the day of a campaign has as much time as anybody.
pub fn due(today: Date, days: u32, fixed: Option<Date>) -> Date {
    fixed.filter(|fixed| *fixed >= today).unwrap_or_else(|| after(today, days))
}

/// The first day on which something done on a day no longer holds.
pub fn expiry(done: Date, valid_days: Option<u32>) -> Option<Date> {
    valid_days.map(|days| after(done, days))
}

/// The day by which a policy is looked at again after a look on a day: the same day of a later month, its last one where the month is
/// shorter.
pub fn next_review(looked: Date, months: u32) -> Date {
    looked.saturating_add(i64::from(months).months())
}
