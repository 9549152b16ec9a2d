//! How many requests one caller may make: a bucket for each session, token or address, so that one loop of one program
//! does not slow a hospital. Headers say what is left (draft-ietf-httpapi-ratelimit-headers, the widely read older form).
//!
//! In memory: it protects this process. With several processes each has its own buckets.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::{Request, State as Extract};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bedrail_app::allowance::{Allowance, Bucket, network};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::caller::Caller;
use super::error::Failure;
use super::state::State;

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Everybody behind one address, known or not: whoever invents sessions to get fresh buckets runs into this.
    Address,
    /// Who carries a session or a token. A person's page makes a handful of requests; a program that walks a fleet of
    /// 100,000 devices by pages of 500 makes 200.
    Known,
    /// Who carries neither: the sign-in page and its style, probes. Whole hospitals sit behind one address.
    Unknown,
}

impl Kind {
    const fn allowance(self) -> Allowance {
        match self {
            Kind::Address => Allowance { burst: 20_000.0, seconds_each: 0.001 },
            Kind::Known => Allowance { burst: 2_000.0, seconds_each: 0.01 },
            Kind::Unknown => Allowance { burst: 600.0, seconds_each: 0.05 },
        }
    }
}

/// Callers of one kind remembered at most; beyond it the full buckets are forgotten, then all of that kind.
const CALLERS: usize = 20_000;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// What a request found in its bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Taken {
    allowed: bool,
    limit: f64,
    left: f64,
    /// Seconds until the bucket is full again, or, where nothing is left, until one more is allowed.
    reset: f64,
}

/// The buckets of all callers, apart by kind: made-up sessions without number push out one another, never an address.
#[derive(Debug, Default)]
pub(crate) struct Limits([Mutex<HashMap<[u8; 32], Bucket>>; 3]);

impl Limits {
    fn take(&self, kind: Kind, whose: &[u8], now: Timestamp) -> Taken {
        take(&self.0[kind as usize], kind.allowance(), Sha256::digest(whose).into(), now)
    }
}

fn take(
    buckets: &Mutex<HashMap<[u8; 32], Bucket>>,
    allowance: Allowance,
    caller: [u8; 32],
    now: Timestamp,
) -> Taken {
    let mut buckets = buckets.lock().unwrap_or_else(PoisonError::into_inner);
    if buckets.len() >= CALLERS {
        buckets.retain(|_, bucket| bucket.refilled(allowance, now).left < allowance.burst);
        if buckets.len() >= CALLERS {
            buckets.clear();
        }
    }
    let bucket = buckets.entry(caller).or_insert(Bucket::full(allowance, now));
    *bucket = bucket.refilled(allowance, now);
    let allowed = bucket.left >= 1.0;
    if allowed {
        bucket.left -= 1.0;
    }
    let missing = if allowed { allowance.burst - bucket.left } else { 1.0 - bucket.left };
    Taken { allowed, limit: allowance.burst, left: bucket.left, reset: missing * allowance.seconds_each }
}

/// Lets a request pass that has an allowance left, and says in the answer what is left.
pub(crate) async fn limit(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let address = Caller::of(&parts, state.options.behind_tls).address;
    let address = address.map(|address| network(address).to_string()).unwrap_or_default();
    let all = state.limits.take(Kind::Address, address.as_bytes(), state.now());
    let taken = match credential(&parts.headers) {
        _ if !all.allowed => all,
        Some(credential) => state.limits.take(Kind::Known, credential, state.now()),
        None => state.limits.take(Kind::Unknown, address.as_bytes(), state.now()),
    };
    let mut response = if taken.allowed {
        next.run(Request::from_parts(parts, body)).await
    } else {
        let mut refused =
            Failure::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests.")
                .hint("Wait as long as Retry-After says, and ask less often.")
                .into_response();
        set(refused.headers_mut(), header::RETRY_AFTER, taken.reset.ceil());
        refused
    };
    let headers = response.headers_mut();
    set(headers, LIMIT, taken.limit);
    set(headers, REMAINING, taken.left.floor());
    set(headers, RESET, taken.reset.ceil());
    response
}

/// Requests at once whose answer is being made, where nobody says another number. More would only wait for the database,
/// and for one another.
const REQUESTS_AT_ONCE: usize = 256;
/// Seconds after which to try again.
const TRY_AGAIN: f64 = 2.0;

/// Lets a request begin while there is room. What comes beyond it is told so at once: waiting would only make all wait.
/// A request that waits for its own body takes no room meanwhile.
pub(crate) async fn admit(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    match state.meter.begin(state.options.requests.unwrap_or(REQUESTS_AT_ONCE)) {
        Some(_busy) => next.run(request).await,
        None => {
            let hint = Some("Try again in a few seconds.");
            let mut refused = Failure::unavailable("The server has too much to do.", hint).into_response();
            set(refused.headers_mut(), header::RETRY_AFTER, TRY_AGAIN);
            refused
        }
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: f64) {
    if let Ok(value) = HeaderValue::from_str(&format!("{value:.0}")) {
        headers.insert(name, value);
    }
}

/// What a caller shows of itself: a token, or the cookies with the session.
fn credential(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get(header::AUTHORIZATION).or_else(|| headers.get(header::COOKIE)).map(HeaderValue::as_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Allowance = Allowance { burst: 3.0, seconds_each: 2.0 };

    #[test]
    fn made_up_sessions_push_out_one_another_and_never_an_address() {
        let limits = Limits::default();
        let now = Timestamp::UNIX_EPOCH;
        let before = limits.take(Kind::Address, b"192.0.2.1", now).left;
        for made_up in 0..=CALLERS {
            limits.take(Kind::Known, &made_up.to_be_bytes(), now);
        }
        assert_eq!(limits.take(Kind::Address, b"192.0.2.1", now).left, before - 1.0);
    }

    #[test]
    fn a_bucket_empties_and_refills_by_the_clock() {
        let limits = Mutex::default();
        let at = |seconds: i64| Timestamp::from_second(1_000 + seconds).unwrap();
        for left in [2.0, 1.0, 0.0] {
            assert_eq!(take(&limits, SMALL, [1; 32], at(0)).left, left);
        }
        let refused = take(&limits, SMALL, [1; 32], at(0));
        assert_eq!((refused.allowed, refused.reset), (false, 2.0));
        assert!(take(&limits, SMALL, [2; 32], at(0)).allowed, "another caller has a bucket of its own");
        assert!(!take(&limits, SMALL, [1; 32], at(-60)).allowed, "a clock that went back gives nothing");
        assert!(take(&limits, SMALL, [1; 32], at(2)).allowed);
    }
}
