//! Times as programs write them: ISO 8601 and RFC 3339, seconds since 1970, the forms of C, Apache, syslog and CEF.

use bedrail_model::alert::TimeFlaw;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// A time as said, and what had to be assumed to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) at: Result<Timestamp, TimeFlaw>,
    pub(super) assumed: Option<TimeFlaw>,
}

/// What a reader of times has to know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock<'c> {
    /// The zone of times that name none.
    pub(super) zone: &'c TimeZone,
    /// The moment of receipt, for times without a year.
    pub(super) received: Timestamp,
}

/// Read a time in any of the forms.
pub(super) fn read(text: &str, clock: Clock<'_>) -> Said {
    let text = text.trim();
    if text.is_empty() {
        return Said { at: Err(TimeFlaw::Missing), assumed: None };
    }
    let forms: [fn(&str, Clock<'_>) -> Option<Said>; 3] = [iso, epoch, words];
    let said = forms.iter().find_map(|form| form(text, clock));
    said.unwrap_or(Said { at: Err(TimeFlaw::Unreadable), assumed: None })
}

/// `2026-11-27T08:15:00.251547+0100`, also with a blank for the `T`, slashes for the dashes, and without a zone.
fn iso(text: &str, clock: Clock<'_>) -> Option<Said> {
    let bytes = text.as_bytes();
    let at = |index: usize| bytes.get(index).copied();
    let (Some(dash @ (b'-' | b'/')), Some(b'T' | b't' | b' ')) = (at(4), at(10)) else { return None };
    if at(7) != Some(dash) || at(13) != Some(b':') || at(16) != Some(b':') {
        return None;
    }
    let number = |from: usize, to: usize| digits(bytes.get(from..to)?);
    let (nanosecond, rest) = fraction(text.get(19..)?)?;
    let civil = DateTime::new(
        i16::try_from(number(0, 4)?).ok()?,
        small(number(5, 7)?),
        small(number(8, 10)?),
        small(number(11, 13)?),
        small(number(14, 16)?),
        // A leap second is the second before it.
        small(number(17, 19)?.min(59)),
        nanosecond,
    );
    zoned(civil.ok()?, rest, clock, None)
}

/// Seconds since 1970, with a fraction or not; milli-, micro- and nanoseconds by their size.
fn epoch(text: &str, _clock: Clock<'_>) -> Option<Said> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let negative = whole.starts_with('-');
    let whole = digits(whole.strip_prefix('-').unwrap_or(whole).as_bytes())?;
    let nanoseconds: i128 = match whole {
        0..100_000_000_000 => i128::from(whole) * 1_000_000_000 + i128::from(nanoseconds_of(part)?),
        100_000_000_000..100_000_000_000_000 => i128::from(whole) * 1_000_000,
        100_000_000_000_000..100_000_000_000_000_000 => i128::from(whole) * 1_000,
        _ => i128::from(whole),
    };
    let at = Timestamp::from_nanosecond(if negative { -nanoseconds } else { nanoseconds });
    Some(Said { at: Ok(at.ok()?), assumed: None })
}

/// The forms with a name of the month:
/// `Fri Nov 27 08:15:00 2026` (C's `ctime`), `27/Nov/2026:08:15:00.1 +0100` (Apache), `Nov 27 08:15:00` (RFC 3164 §4.1.2),
/// `Nov 27 2026 08:15:00.251 UTC` (CEF).
fn words(text: &str, clock: Clock<'_>) -> Option<Said> {
    let spaced = match text.split_once(':') {
        // 27/Nov/2026:08:15:00
        Some((day, rest)) if day.contains('/') => format!("{} {rest}", day.replace('/', " ")),
        _ => text.to_owned(),
    };
    let (mut year, mut month, mut day, mut time) = (None, None, None, None);
    let mut zone = "";
    for word in spaced.split_ascii_whitespace().take(8) {
        let word = word.trim_end_matches(',');
        if word.contains(':') && time.is_none() {
            time = Some(clock_time(word)?);
        } else if let Some(number) = digits(word.as_bytes()) {
            if word.len() == 4 {
                year = i16::try_from(number).ok();
            } else {
                day = Some(small(number));
            }
        } else if let Some(number) = month_of(word) {
            month = Some(number);
        } else if word.starts_with(['+', '-']) || matches!(word, "UTC" | "GMT" | "Z") {
            zone = if word.starts_with(['+', '-']) { word } else { "Z" };
        }
    }
    let (hour, minute, second, nanosecond) = time?;
    let civil = |year| DateTime::new(year, month?, day?, hour, minute, second, nanosecond).ok();
    match year {
        Some(year) => zoned(civil(year)?, zone, clock, None),
        None => {
            let now = clock.received.to_zoned(clock.zone.clone()).year();
            let candidates = [now.saturating_sub(1), now, now.saturating_add(1)].into_iter();
            let said =
                candidates.filter_map(|year| zoned(civil(year)?, zone, clock, Some(TimeFlaw::YearAssumed)));
            said.min_by_key(|said| {
                said.at.map_or(u64::MAX, |at| at.as_second().abs_diff(clock.received.as_second()))
            })
        }
    }
}

fn clock_time(word: &str) -> Option<(i8, i8, i8, i32)> {
    let bytes = word.as_bytes();
    if bytes.get(2) != Some(&b':') || bytes.get(5) != Some(&b':') {
        return None;
    }
    let number = |from: usize, to: usize| digits(bytes.get(from..to)?).map(small);
    let (nanosecond, rest) = fraction(word.get(8..)?)?;
    rest.is_empty().then_some((number(0, 2)?, number(3, 5)?, number(6, 8)?.min(59), nanosecond))
}

/// A civil time and the zone written behind it.
fn zoned(civil: DateTime, zone: &str, clock: Clock<'_>, assumed: Option<TimeFlaw>) -> Option<Said> {
    let zone = zone.trim_start();
    let offset = match zone.as_bytes() {
        [] => {
            let at = clock.zone.to_ambiguous_timestamp(civil).compatible().ok()?;
            return Some(Said { at: Ok(at), assumed: assumed.or(Some(TimeFlaw::ZoneAssumed)) });
        }
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, rest @ ..] => {
            let hours = digits(&[*h1, *h2])?;
            let minutes = match rest {
                [] => 0,
                [b':', m1, m2] | [m1, m2] => digits(&[*m1, *m2])?,
                _ => return None,
            };
            let seconds = i32::try_from(hours * 3_600 + minutes * 60).ok()?;
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    let at = Offset::from_seconds(offset).ok()?.to_timestamp(civil).ok()?;
    Some(Said { at: Ok(at), assumed })
}

/// A fraction behind a second, as nanoseconds, and what follows it.
fn fraction(text: &str) -> Option<(i32, &str)> {
    let Some(rest) = text.strip_prefix(['.', ',']) else { return Some((0, text)) };
    let end = rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(rest.len());
    let (part, rest) = rest.split_at(end);
    Some((nanoseconds_of(part)?, rest))
}

/// Digits of a fraction as nanoseconds; further ones are dropped.
fn nanoseconds_of(part: &str) -> Option<i32> {
    if !part.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let digits = part.bytes().chain(std::iter::repeat(b'0')).take(9);
    Some(digits.fold(0, |number, digit| number * 10 + i32::from(digit - b'0')))
}

/// Nothing but digits, at most nineteen.
fn digits(bytes: &[u8]) -> Option<u64> {
    if bytes.is_empty() || bytes.len() > 19 {
        return None;
    }
    bytes.iter().try_fold(0_u64, |number, byte| {
        byte.is_ascii_digit().then(|| number.wrapping_mul(10).wrapping_add(u64::from(byte - b'0')))
    })
}

/// A part of a date or time; one that is too large is none that a date takes.
fn small(number: u64) -> i8 {
    i8::try_from(number).unwrap_or(i8::MAX)
}

fn month_of(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = word.get(..3)?.to_ascii_lowercase();
    let at = MONTHS.iter().position(|month| *month == start)?;
    // "Mon" and "March" are told apart by the three letters; a longer word must be letters.
    word.bytes().all(|it| it.is_ascii_alphabetic()).then(|| small(at as u64 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_forms_of_their_programs() {
        let zone = TimeZone::fixed(Offset::from_seconds(-5 * 3_600).unwrap());
        let received: Timestamp = "2026-01-02T03:00:00Z".parse().unwrap();
        let clock = Clock { zone: &zone, received };
        let (none, zoneless, yearless) = (None, Some(TimeFlaw::ZoneAssumed), Some(TimeFlaw::YearAssumed));
        for (text, expected, assumed) in [
            // Suricata, Wazuh, RFC 5424 §6.2.3.1.
            ("2017-04-07T22:24:37.251547+0100", "2017-04-07T21:24:37.251547Z", none),
            ("2026-09-19T10:17:05.123Z", "2026-09-19T10:17:05.123Z", none),
            ("1985-04-12T19:20:50.52-04:00", "1985-04-12T23:20:50.52Z", none),
            ("2003-08-24T05:14:15.000003-07:00", "2003-08-24T12:14:15.000003Z", none),
            ("2009-11-24T21:27:09.534255", "2009-11-25T02:27:09.534255Z", zoneless),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z", none),
            // Coraza.
            ("2026/11/27 08:15:00", "2026-11-27T13:15:00Z", zoneless),
            ("02/Jan/2006:15:04:20 -0700", "2006-01-02T22:04:20Z", none),
            ("1629575755", "2021-08-21T19:55:55Z", none),
            ("1629575755123", "2021-08-21T19:55:55.123Z", none),
            ("1629575755123456", "2021-08-21T19:55:55.123456Z", none),
            ("1629575755123456789", "2021-08-21T19:55:55.123456789Z", none),
            ("1718553600.5", "2024-06-16T16:00:00.5Z", none),
            // ModSecurity.
            ("Sat Oct  3 09:41:26 2026", "2026-10-03T14:41:26Z", zoneless),
            // CEF.
            ("Sep 19 2026 08:26:10.123 UTC", "2026-09-19T08:26:10.123Z", none),
            // RFC 3164: the year nearest to the receipt, in the zone of the settings.
            ("Jan  1 21:59:00", "2026-01-02T02:59:00Z", yearless),
            ("Dec 31 23:00:00", "2026-01-01T04:00:00Z", yearless),
            ("Feb  1 00:00:00", "2026-02-01T05:00:00Z", yearless),
        ] {
            let said = read(text, clock);
            assert_eq!((said.at, said.assumed), (Ok(expected.parse().unwrap()), assumed), "{text}");
        }
        for text in [
            "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-01-01T25:00:00Z",
            "2026-01-01T00:00:00+9900",
            "2026-01-01T00:00:00 nowhere",
            "yesterday",
            "Foo 1 00:00:00",
            "99999999999999999999",
            "Feb 30 00:00:00",
            "12:00:00",
            "é026-01-01T00:00:00Z",
        ] {
            assert_eq!(read(text, clock).at, Err(TimeFlaw::Unreadable), "{text}");
        }
        assert_eq!(read(" ", clock).at, Err(TimeFlaw::Missing));
    }
}
