//! Dates as people and spreadsheets write them. A date that can be read two ways is not guessed.

use jiff::civil::Date;

/// Which of two numbers is the day in `03/04/2026`, for a whole column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Day first.
    Day,
    /// Month first.
    Month,
    /// The column does not say, or contradicts itself.
    Untold,
}

/// Why a text is not taken as a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum DateError {
    /// Day and month can be either way round.
    #[error("day or month first cannot be told; not taken")]
    Ambiguous,
    /// No date of a known style.
    #[error("no date of a known style; hint: write it as 2026-12-31")]
    Unknown,
}

impl Order {
    /// The order by the values that can be read one way only.
    pub(super) fn by_evidence<'t>(texts: impl Iterator<Item = &'t str>) -> Order {
        let (mut day, mut month) = (false, false);
        for (first, second, _) in texts.filter_map(two_way) {
            day |= first > 12;
            month |= second > 12;
        }
        match (day, month) {
            (true, false) => Order::Day,
            (false, true) => Order::Month,
            _ => Order::Untold,
        }
    }
}

/// Read a date in one of the styles `2026-12-31` (also with `/`, and with a time behind it), `31.12.2026`, `12/31/2026` or
/// `31/12/2026` (also with `-`), `31 Dec 2026` or `Dec 31, 2026`, `20261231`, and Excel's day number.
pub(super) fn parse(text: &str, order: Order) -> Result<Date, DateError> {
    let text = text.trim();
    let found = iso(text).or_else(|| dotted(text)).or_else(|| worded(text)).or_else(|| digits(text));
    if let Some(date) = found {
        return Ok(date);
    }
    let (first, second, year) = two_way(text).ok_or(DateError::Unknown)?;
    let (day, month) = match order {
        _ if first == second => (first, second),
        _ if first > 12 => (first, second),
        _ if second > 12 => (second, first),
        Order::Day => (first, second),
        Order::Month => (second, first),
        Order::Untold => return Err(DateError::Ambiguous),
    };
    date(year, month, day).ok_or(DateError::Unknown)
}

/// A date of this century's neighbourhood; a support date of the year 26 or 20260 is a slip.
fn date(year: i16, month: i8, day: i8) -> Option<Date> {
    if (1980..=2200).contains(&year) { Date::new(year, month, day).ok() } else { None }
}

fn iso(text: &str) -> Option<Date> {
    let day = text.split(['T', ' ']).next()?;
    let mut parts = day.split(['-', '/']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || parts.next().is_some() {
        return None;
    }
    date(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

fn dotted(text: &str) -> Option<Date> {
    let mut parts = text.split(' ').next()?.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || parts.next().is_some() {
        return None;
    }
    date(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// `a/b/2026` or `a-b-2026`.
fn two_way(text: &str) -> Option<(i8, i8, i16)> {
    let day = text.trim().split(' ').next()?;
    let mut parts = day.split(['/', '-']);
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || parts.next().is_some() {
        return None;
    }
    Some((first.parse().ok()?, second.parse().ok()?, year.parse().ok()?))
}

/// Beginnings of month names in English, German, French and Spanish; the first that fits is taken, so `juin` and `juil`
/// stand whole.
const MONTHS: &[(&str, i8)] = &[
    ("jan", 1),
    ("jän", 1),
    ("ene", 1),
    ("feb", 2),
    ("fév", 2),
    ("fev", 2),
    ("mar", 3),
    ("mär", 3),
    ("mrz", 3),
    ("apr", 4),
    ("avr", 4),
    ("abr", 4),
    ("may", 5),
    ("mai", 5),
    ("jun", 6),
    ("juin", 6),
    ("jul", 7),
    ("juil", 7),
    ("aug", 8),
    ("aoû", 8),
    ("aou", 8),
    ("ago", 8),
    ("sep", 9),
    ("oct", 10),
    ("okt", 10),
    ("nov", 11),
    ("dec", 12),
    ("dez", 12),
    ("déc", 12),
    ("dic", 12),
];

/// A day, a month's name and a year of four digits, in any order that has the year last.
fn worded(text: &str) -> Option<Date> {
    let words = text.split([' ', '.', ',', '-', '/']).filter(|word| !word.is_empty() && *word != "de");
    let words: Vec<String> = words.map(str::to_lowercase).collect();
    let [first, second, year] = words.as_slice() else { return None };
    let month_of =
        |word: &str| MONTHS.iter().find(|(start, _)| word.starts_with(start)).map(|(_, month)| *month);
    let (month, day) = match (month_of(first), month_of(second)) {
        (Some(month), None) => (month, second),
        (None, Some(month)) => (month, first),
        _ => return None,
    };
    let day = day.trim_end_matches(|it: char| it.is_alphabetic());
    if year.len() != 4 {
        return None;
    }
    date(year.parse().ok()?, month, day.parse().ok()?)
}

/// Days from 1899-12-30, Excel's day 0 for all dates after February 1900; 2000-01-01 to 2173-10-13 in five digits.
const EXCEL_DAYS: std::ops::RangeInclusive<i32> = 36_526..=99_999;

/// `20261231` or Excel's day number, `46387` or `46387.0`.
fn digits(text: &str) -> Option<Date> {
    let whole = text.strip_suffix(".0").unwrap_or(text);
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i32 = whole.parse().ok()?;
    match whole.len() {
        8 => date((number / 10_000) as i16, (number / 100 % 100) as i8, (number % 100) as i8),
        5 if EXCEL_DAYS.contains(&number) => {
            let day_zero = Date::new(1899, 12, 30).ok()?;
            day_zero.checked_add(jiff::Span::new().days(number)).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_reads_as_the_same_day() {
        for text in [
            "2026-12-31",
            "2026/12/31",
            "2026-12-31T00:00:00Z",
            "2026-12-31 10:00",
            "31.12.2026",
            "31/12/2026",
            "12/31/2026",
            "31-12-2026",
            "31 Dec 2026",
            "31. Dezember 2026",
            "Dec 31, 2026",
            "December 31st, 2026",
            "31-Dec-2026",
            "31 décembre 2026",
            "31 de diciembre de 2026",
            "20261231",
            "46387",
            "46387.0",
        ] {
            assert_eq!(
                parse(text, Order::Untold).map(|it| it.to_string()),
                Ok("2026-12-31".to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_can_be_read_two_ways_is_settled_by_the_column_or_not_at_all() {
        let told = |texts: &[&str]| Order::by_evidence(texts.iter().copied());
        assert_eq!(told(&["03/04/2026", "31/12/2026"]), Order::Day);
        assert_eq!(told(&["03/04/2026", "12/31/2026"]), Order::Month);
        assert_eq!(told(&["03/04/2026"]), Order::Untold);
        assert_eq!(told(&["31/12/2026", "12/31/2026"]), Order::Untold);
        assert_eq!(parse("03/04/2026", Order::Day).unwrap().to_string(), "2026-04-03");
        assert_eq!(parse("03/04/2026", Order::Month).unwrap().to_string(), "2026-03-04");
        assert_eq!(parse("03/04/2026", Order::Untold), Err(DateError::Ambiguous));
        assert_eq!(parse("04/04/2026", Order::Untold).unwrap().to_string(), "2026-04-04");
    }

    #[test]
    fn what_is_no_date_is_said_to_be_none() {
        for text in [
            "",
            "soon",
            "2026",
            "12/2026",
            "31.02.2026",
            "31.12.26",
            "0",
            "99999999",
            "2026-13-01",
            "-1",
            "1/2/3/4",
        ] {
            assert_eq!(parse(text, Order::Day), Err(DateError::Unknown), "{text}");
        }
    }
}
