//! Working days as the reports on devices count them: Monday to Friday, except Federal holidays (21 CFR 803.3).

use jiff::civil::{Date, Weekday};
use jiff::{ToSpan as _, civil};

/// When a holiday is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// A day of a month; on a Saturday it is kept the Friday before, on a Sunday the Monday after (5 U.S.C. 6103(b), Executive
    /// Order 11582).
    On(i8, i8),
    /// The so-manieth weekday of a month; -1 is the last.
    Nth(i8, i8, Weekday),
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holiday {
    /// Its name.
    pub name: &'static str,
    /// When it is.
    pub when: When,
    /// The first year of it, where that matters for dates of today.
    pub since: Option<i16>,
}

const fn holiday(name: &'static str, when: When) -> Holiday {
    Holiday { name, when, since: None }
}

/// Federal holidays (5 U.S.C. 6103(a)).
pub const HOLIDAYS: &[Holiday] = &[
    holiday("New Year's Day", When::On(1, 1)),
    holiday("Birthday of Martin Luther King, Jr.", When::Nth(3, 1, Weekday::Monday)),
    holiday("Washington's Birthday", When::Nth(3, 2, Weekday::Monday)),
    holiday("Memorial Day", When::Nth(-1, 5, Weekday::Monday)),
    // Pub. L. 117-17, 17 June 2021.
    Holiday { name: "Juneteenth National Independence Day", when: When::On(6, 19), since: Some(2021) },
    holiday("Independence Day", When::On(7, 4)),
    holiday("Labor Day", When::Nth(1, 9, Weekday::Monday)),
    holiday("Columbus Day", When::Nth(2, 10, Weekday::Monday)),
    holiday("Veterans Day", When::On(11, 11)),
    holiday("Thanksgiving Day", When::Nth(4, 11, Weekday::Thursday)),
    holiday("Christmas Day", When::On(12, 25)),
];

impl Holiday {
    /// The day on which it is kept; `None` before there was one.
    pub fn kept_on(&self, year: i16) -> Option<Date> {
        if self.since.is_some_and(|since| year < since) {
            return None;
        }
        match self.when {
            When::On(month, day) => {
                let date = Date::new(year, month, day).ok()?;
                match date.weekday() {
                    Weekday::Saturday => date.yesterday().ok(),
                    Weekday::Sunday => date.tomorrow().ok(),
                    _ => Some(date),
                }
            }
            When::Nth(nth, month, weekday) => {
                Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, weekday).ok()
            }
        }
    }
}

/// The days on which Federal holidays are kept, from one year to another, inclusive, in order. A New Year's Day that is a
/// Saturday is kept in the year before, so the year after the last is looked at too.
pub fn kept(from_year: i16, to_year: i16) -> Vec<Date> {
    let years = from_year..=to_year.saturating_add(1);
    let all = years.flat_map(|year| HOLIDAYS.iter().filter_map(move |holiday| holiday.kept_on(year)));
    let mut days: Vec<Date> = all.filter(|day| (from_year..=to_year).contains(&day.year())).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// The so-manieth working day after a day. `more` are days on which the house or an order of the President closes besides.
pub fn after(day: Date, working_days: u32, more: &[Date]) -> Date {
    let mut holidays = kept(day.year(), day.year().saturating_add(1));
    holidays.extend_from_slice(more);
    let mut date = day;
    let mut left = working_days;
    while left > 0 {
        date = date.saturating_add(1.day());
        if date == civil::Date::MAX {
            break;
        }
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        if !weekend && !holidays.contains(&date) {
            left -= 1;
        }
    }
    date
}
