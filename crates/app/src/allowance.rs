//! Allowances that a clock gives back: so many at once, and one more every so often. Tries to sign in and requests are
//! counted by them.

use std::net::IpAddr;

use jiff::Timestamp;

/// So many at once, and how long one takes to come back.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// At once.
    pub burst: f64,
    /// Seconds until one comes back.
    pub seconds_each: f64,
}

/// What is left of an allowance.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    /// How many.
    pub left: f64,
    /// When that was counted.
    at: Timestamp,
}

impl Bucket {
    /// All of it.
    pub fn full(allowance: Allowance, now: Timestamp) -> Bucket {
        Bucket { left: allowance.burst, at: now }
    }

    /// What is left at a moment. A clock that went back gives nothing back.
    #[must_use]
    pub fn refilled(self, allowance: Allowance, now: Timestamp) -> Bucket {
        let seconds = (now.as_millisecond() - self.at.as_millisecond()).max(0) as f64 / 1_000.0;
        Bucket { left: (self.left + seconds / allowance.seconds_each).min(allowance.burst), at: now }
    }
}

/// What is counted as one address: of IPv6 the /64, which one customer has.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        IpAddr::V4(_) => address,
    }
}
