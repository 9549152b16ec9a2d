//! When a server is asked again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rand::Rng as _;
use reqwest::header::{self, HeaderMap};

/// No server is left alone for longer than this: a slip of its clock must not cost us the data for weeks.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// How long the server asks to be left alone (RFC 9110 §10.2.3): seconds, or a date.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u32>() {
        Ok(seconds) => SignedDuration::from_secs(i64::from(seconds)),
        Err(_) => jiff::fmt::rfc2822::parse(text).ok()?.timestamp().duration_since(now),
    };
    Some(wait.clamp(SignedDuration::ZERO, LONGEST))
}

/// The pause after a try (counted from 1): twice as long each time, times a number by chance, so that not everybody who was
/// turned away comes back at the same moment; never before the server says.
pub(super) fn pause(tries: u32, first: Duration, wait: Option<SignedDuration>) -> Duration {
    let doubled = first.saturating_mul(1 << tries.saturating_sub(1).min(10));
    let pause = doubled.mul_f64(rand::rng().random_range(0.5..1.5));
    wait.map_or(pause, |wait| wait.unsigned_abs() + pause)
}

/// A moment to the minute.
pub(super) fn minute(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_asks_for_is_read_as_seconds_or_as_a_date() {
        let now: Timestamp = "2025-02-01T00:00:00Z".parse().unwrap();
        for (said, seconds) in [
            ("120", Some(120)),
            ("Sat, 01 Feb 2025 00:10:00 GMT", Some(600)),
            ("Sat, 01 Feb 2020 00:10:00 GMT", Some(0)),
            ("4000000000", Some(86_400)),
            ("999999999999", None),
            ("soon", None),
        ] {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, said.parse().unwrap())]);
            assert_eq!(retry_after(&headers, now).map(|wait| wait.as_secs()), seconds, "{said}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn pauses_double_and_are_never_shorter_than_what_the_server_asks_for() {
        let second = Duration::from_secs(1);
        for tries in 1..5 {
            let middle = second * (1 << (tries - 1));
            let pause = pause(tries, second, None);
            assert!(pause >= middle / 2 && pause < middle * 3 / 2, "{tries}: {pause:?}");
        }
        assert!(pause(1, second, Some(SignedDuration::from_secs(30))) > Duration::from_secs(30));
    }
}
