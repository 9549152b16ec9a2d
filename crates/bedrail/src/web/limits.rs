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
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::caller::Caller;
use super::error::Failure;
use super::state::State;

/// An allowance: so many requests at once, and how fast they come back.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    burst: f64,
    per_second: f64,
}

/// Who carries a session or a token. A person's page makes a handful of requests; a program that walks a fleet of
/// 100,000 devices by pages of 500 makes 200.
const KNOWN: Allowance = Allowance { burst: 2_000.0, per_second: 100.0 };
/// Who carries neither: the sign-in page and its style, probes. Whole hospitals sit behind one address.
const UNKNOWN: Allowance = Allowance { burst: 600.0, per_second: 20.0 };
/// Everybody behind one address together, known or not: whoever invents sessions to get fresh buckets runs into this.
const ADDRESS: Allowance = Allowance { burst: 20_000.0, per_second: 1_000.0 };
/// Callers remembered at most; beyond it the full buckets are forgotten.
const CALLERS: usize = 20_000;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Timestamp,
}

/// What a request found in its bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Taken {
    allowed: bool,
    limit: f64,
    left: f64,
    /// Seconds until the bucket is full again, or, where nothing is left, until one more is allowed.
    reset: f64,
}

/// The buckets of all callers.
#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<HashMap<[u8; 32], Bucket>>);

impl Limits {
    fn take(&self, caller: [u8; 32], allowance: Allowance, now: Timestamp) -> Taken {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= CALLERS {
            buckets.retain(|_, bucket| refilled(*bucket, allowance, now) < allowance.burst);
            if buckets.len() >= CALLERS {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(caller).or_insert(Bucket { left: allowance.burst, at: now });
        let left = refilled(*bucket, allowance, now);
        let allowed = left >= 1.0;
        let left = if allowed { left - 1.0 } else { left };
        *bucket = Bucket { left, at: now };
        let missing = if allowed { allowance.burst - left } else { 1.0 - left };
        Taken { allowed, limit: allowance.burst, left, reset: missing / allowance.per_second }
    }
}

/// What a bucket holds at a moment. A clock that went back refills nothing.
fn refilled(bucket: Bucket, allowance: Allowance, now: Timestamp) -> f64 {
    let seconds = (now.as_millisecond() - bucket.at.as_millisecond()).max(0) as f64 / 1_000.0;
    (bucket.left + seconds * allowance.per_second).min(allowance.burst)
}

/// Lets a request pass that has an allowance left, and says in the answer what is left.
pub(crate) async fn limit(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let address = Caller::of(&parts, state.options.behind_tls)
        .address
        .map(|address| address.to_string())
        .unwrap_or_default();
    let all = state.limits.take(key("address", address.as_bytes()), ADDRESS, state.now());
    let taken = match credential(&parts.headers) {
        _ if !all.allowed => all,
        Some(credential) => state.limits.take(key("known", credential), KNOWN, state.now()),
        None => state.limits.take(key("unknown", address.as_bytes()), UNKNOWN, state.now()),
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

fn set(headers: &mut HeaderMap, name: HeaderName, value: f64) {
    if let Ok(value) = HeaderValue::from_str(&format!("{value:.0}")) {
        headers.insert(name, value);
    }
}

/// What a caller shows of itself: a token, or the cookies with the session.
fn credential(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get(header::AUTHORIZATION).or_else(|| headers.get(header::COOKIE)).map(HeaderValue::as_bytes)
}

/// The key of a bucket: what kind, and whose.
fn key(kind: &str, whose: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(kind).chain_update([0]).chain_update(whose).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Allowance = Allowance { burst: 3.0, per_second: 0.5 };

    #[test]
    fn a_bucket_empties_and_refills_by_the_clock() {
        let limits = Limits::default();
        let at = |seconds: i64| Timestamp::from_second(1_000 + seconds).unwrap();
        for left in [2.0, 1.0, 0.0] {
            assert_eq!(limits.take([1; 32], SMALL, at(0)).left, left);
        }
        let refused = limits.take([1; 32], SMALL, at(0));
        assert_eq!((refused.allowed, refused.reset), (false, 2.0));
        assert!(limits.take([2; 32], SMALL, at(0)).allowed, "another caller has a bucket of its own");
        assert!(!limits.take([1; 32], SMALL, at(-60)).allowed, "a clock that went back gives nothing");
        assert!(limits.take([1; 32], SMALL, at(2)).allowed);
    }
}
