//! Words for people: counts with their noun, ages, dates, the state of the data in a sentence.

use bedrail_model::data_status::{DataStatus, SourceState};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::viewer;

/// A number with thousands separators: `2,500`.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A length of a file, roughly: `12 KB`.
pub(crate) fn bytes(value: u64) -> String {
    match value {
        0..1_000 => count(value, "byte"),
        1_000..1_000_000 => format!("{} KB", number(value / 1_000)),
        _ => format!("{} MB", number(value / 1_000_000)),
    }
}

/// A number with its noun: `1 device`, `2,500 devices`.
pub(crate) fn count(value: u64, noun: &str) -> String {
    format!("{} {}", number(value), nouns(value, noun))
}

/// The noun in the number that fits.
pub(crate) fn nouns(value: u64, noun: &str) -> String {
    match (value, noun) {
        (1, _) => noun.to_owned(),
        (_, "weakness") => "weaknesses".to_owned(),
        (_, "advisory") => "advisories".to_owned(),
        (_, "entry") => "entries".to_owned(),
        (_, "person") => "people".to_owned(),
        (_, "policy") => "policies".to_owned(),
        (_, "bill of materials") => "bills of materials".to_owned(),
        (_, noun) => format!("{noun}s"),
    }
}

/// A text of the catalogue with its value in the place of `{}`.
pub(crate) fn fill(text: &str, value: impl std::fmt::Display) -> String {
    text.replacen("{}", &value.to_string(), 1)
}

/// `one` for exactly one, else `many`.
pub(crate) fn verb<'a>(value: u64, one: &'a str, many: &'a str) -> &'a str {
    if value == 1 { one } else { many }
}

/// How long ago a moment was, in the largest unit that says enough: `3 hours ago`.
pub(crate) fn ago(moment: Timestamp, now: Timestamp) -> String {
    let (t, seconds) = (&viewer::texts().moments, now.as_second() - moment.as_second());
    match seconds {
        ..-60 => (t.ahead)(&day(moment)),
        -60..90 => t.just_now.to_owned(),
        90..5_400 => (t.minutes_ago)((seconds + 30) / 60),
        5_400..129_600 => (t.hours_ago)((seconds + 1_800) / 3_600),
        129_600..5_184_000 => (t.days_ago)(seconds / 86_400),
        _ => (t.months_ago)(seconds / 2_629_800),
    }
}

/// A day in the viewer's zone: `Tue 24 Nov 2026`.
pub(crate) fn day(moment: Timestamp) -> String {
    civil(moment.to_zoned(viewer::rule()).date())
}

/// A civil day: `Tue 24 Nov 2026`.
pub(crate) fn civil(date: Date) -> String {
    date.strftime("%a %-d %b %Y").to_string()
}

/// A moment to the minute in the viewer's zone, which is named: `Tue 24 Nov 2026, 17:00 UTC`.
pub(crate) fn minute(moment: Timestamp) -> String {
    moment.to_zoned(viewer::rule()).strftime("%a %-d %b %Y, %H:%M %Z").to_string()
}

/// A moment to the minute as HTML that a browser reads as a time; where the viewer chose no zone, the script of our
/// pages shows it in the browser's own.
pub(crate) fn time(moment: Timestamp) -> String {
    format!("<time datetime=\"{moment:.0}\" data-form=\"minute\">{}</time>", minute(moment))
}

/// How long ago a moment was, as HTML; the moment itself is its tip.
pub(crate) fn time_ago(moment: Timestamp, now: Timestamp) -> String {
    format!("<time datetime=\"{moment:.0}\" title=\"{}\">{}</time>", minute(moment), ago(moment, now))
}

/// A moment that lies ahead, as HTML: `in 3 days (Tue 24 Nov 2026, 17:00 UTC)`.
pub(crate) fn time_until(moment: Timestamp, now: Timestamp) -> String {
    format!("{} ({})", until(moment, now), time(moment))
}

/// How far ahead a moment is, in the largest unit that says enough: `in 3 days`.
pub(crate) fn until(moment: Timestamp, now: Timestamp) -> String {
    let (t, seconds) = (&viewer::texts().moments, moment.as_second() - now.as_second());
    match seconds {
        ..=0 => t.over.to_owned(),
        1..90 => t.in_a_minute.to_owned(),
        90..5_400 => (t.in_minutes)((seconds + 30) / 60),
        5_400..129_600 => (t.in_hours)((seconds + 1_800) / 3_600),
        129_600..5_184_000 => (t.in_days)(seconds / 86_400),
        _ => (t.in_months)(seconds / 2_629_800),
    }
}

/// A target date as people speak of it: `in 3 days (Tue 24 Nov 2026)`, `4 days ago (…)`.
pub(crate) fn due(date: Date, now: Timestamp) -> String {
    let today = now.to_zoned(viewer::rule()).date();
    let (t, days) = (&viewer::texts().moments, days_between(today, date));
    let distance = match days {
        0 => t.today.to_owned(),
        1 => t.tomorrow.to_owned(),
        -1 => t.yesterday.to_owned(),
        2..=60 => (t.in_days)(days),
        -60..=-2 => (t.days_ago)(-days),
        61.. => (t.in_months)(days / 30),
        -729..=-61 => (t.months_ago)(-days / 30),
        _ => (t.years_ago)(-days / 365),
    };
    format!("{distance} ({})", civil(date))
}

/// Whether a day lies behind us.
pub(crate) fn is_past(date: Date, now: Timestamp) -> bool {
    date < now.to_zoned(viewer::rule()).date()
}

/// Whole days from one day to another; negative when `to` lies before `from`.
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    let at = |date: Date| date.to_zoned(TimeZone::UTC).map_or(0, |zoned| zoned.timestamp().as_second());
    (at(to) - at(from)) / 86_400
}

/// The state of the data in one line, and whether answers may stand on it in full colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataNote {
    /// "as of 3 hours ago, 14 of 14 sources".
    pub(crate) text: String,
    /// Whether every source is whole and fresh. If not, the headline turns grey.
    pub(crate) sound: bool,
}

impl DataNote {
    /// Says how old and how whole the data is.
    pub(crate) fn of(data: &DataStatus, now: Timestamp) -> DataNote {
        let (t, sources) = (&viewer::texts().data_note, data.sources.len());
        let fresh = data.sources.iter().filter(|source| source.state == SourceState::Fresh).count();
        let text = if data.starter_only {
            (t.starter)(data.advisories)
        } else if data.sources.iter().all(|source| source.state == SourceState::Missing) {
            t.nothing.to_owned()
        } else {
            match data.as_of() {
                Some(as_of) => (t.as_of)(&ago(as_of, now), fresh, sources),
                None => (t.of_unknown_age)(fresh, sources),
            }
        };
        DataNote { text, sound: data.complete && !data.starter_only }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_separators_and_nouns_agree() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(2_500), "2,500");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(count(1, "weakness"), "1 weakness");
        assert_eq!(count(2, "weakness"), "2 weaknesses");
        assert_eq!(count(0, "device"), "0 devices");
    }

    #[test]
    fn ages_are_told_in_the_largest_unit_that_says_enough() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(ago(at("2026-11-22T11:59:30Z"), now), "just now");
        assert_eq!(ago(at("2026-11-22T11:30:00Z"), now), "30 minutes ago");
        assert_eq!(ago(at("2026-11-22T09:00:00Z"), now), "3 hours ago");
        assert_eq!(ago(at("2026-11-12T12:00:00Z"), now), "10 days ago");
        assert_eq!(ago(at("2026-02-22T12:00:00Z"), now), "8 months ago");
    }

    #[test]
    fn moments_are_told_in_the_chosen_zone_and_in_utc_without_one() {
        let at: Timestamp = "2026-11-24T03:05:59.5Z".parse().unwrap();
        assert_eq!(minute(at), "Tue 24 Nov 2026, 03:05 UTC");
        assert_eq!(
            time(at),
            "<time datetime=\"2026-11-24T03:05:59Z\" data-form=\"minute\">Tue 24 Nov 2026, 03:05 UTC</time>"
        );
        let told = |zone| viewer::looking_from(zone, || (minute(at), day(at)));
        assert_eq!(told("eastern"), ("Mon 23 Nov 2026, 22:05 EST".to_owned(), "Mon 23 Nov 2026".to_owned()));
        assert_eq!(told("nowhere").0, "Tue 24 Nov 2026, 03:05 UTC");
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        assert_eq!(until(at, now), "in 2 days");
        assert_eq!(until(now, now), "over");
    }

    #[test]
    fn targets_are_told_with_their_distance_and_their_day() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        assert_eq!(due(Date::constant(2026, 11, 24), now), "in 3 days (Tue 24 Nov 2026)");
        assert_eq!(due(Date::constant(2026, 11, 21), now), "today (Sat 21 Nov 2026)");
        assert_eq!(due(Date::constant(2021, 12, 24), now), "4 years ago (Fri 24 Dec 2021)");
    }
}
