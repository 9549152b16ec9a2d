//! The brake on guessing passwords: a bucket of tries per name and one for all names together.
//!
//! In memory: it must be cheaper than what it protects, and a restart of the server is not in a guesser's hands. With
//! several server processes each has its own. Addresses do not count: whole hospitals sit behind one.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::Timestamp;

/// Tries per name before the brake, and seconds until one comes back.
const PER_NAME: Allowance = Allowance { burst: 8.0, seconds_per_try: 20.0 };
/// Tries of all names together.
const IN_ALL: Allowance = Allowance { burst: 100.0, seconds_per_try: 0.5 };
/// Names remembered at most; beyond it the full buckets are forgotten.
const NAMES: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct Allowance {
    burst: f64,
    seconds_per_try: f64,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Timestamp,
}

impl Bucket {
    /// What is left at a moment.
    fn refilled(self, allowance: Allowance, now: Timestamp) -> Bucket {
        let seconds = (now.as_millisecond() - self.at.as_millisecond()).max(0) as f64 / 1000.0;
        Bucket { left: (self.left + seconds / allowance.seconds_per_try).min(allowance.burst), at: now }
    }
}

/// Tries left, by name and in all.
#[derive(Debug, Default)]
pub(crate) struct Tries(Mutex<Buckets>);

#[derive(Debug, Default)]
struct Buckets {
    names: HashMap<String, Bucket>,
    all: Option<Bucket>,
}

impl Tries {
    /// Takes one try; false where none is left.
    pub(crate) fn take(&self, name: &str, now: Timestamp) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if buckets.names.len() >= NAMES {
            buckets.names.retain(|_, bucket| bucket.refilled(PER_NAME, now).left < PER_NAME.burst);
        }
        let full = |allowance: Allowance| Bucket { left: allowance.burst, at: now };
        let all = buckets.all.unwrap_or(full(IN_ALL)).refilled(IN_ALL, now);
        let key = name.to_lowercase();
        let own = buckets.names.get(&key).copied().unwrap_or(full(PER_NAME)).refilled(PER_NAME, now);
        let allowed = all.left >= 1.0 && own.left >= 1.0 && (buckets.names.len() < NAMES);
        let price = if allowed { 1.0 } else { 0.0 };
        buckets.all = Some(Bucket { left: all.left - price, ..all });
        buckets.names.insert(key, Bucket { left: own.left - price, ..own });
        allowed
    }

    /// Gives the tries back after the right password.
    pub(crate) fn forget(&self, name: &str) {
        let mut buckets = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        buckets.names.remove(&name.to_lowercase());
        if let Some(all) = &mut buckets.all {
            all.left = (all.left + 1.0).min(IN_ALL.burst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_one_name_is_slowed_and_others_are_not() {
        let tries = Tries::default();
        let now = Timestamp::UNIX_EPOCH;
        assert!((0..8).all(|_| tries.take("admin", now)));
        assert!(!tries.take("Admin", now), "upper and lower case are one name");
        assert!(tries.take("other", now));
        assert!(tries.take("admin", Timestamp::from_second(20).unwrap()), "one try comes back");
        tries.forget("admin");
        assert!(tries.take("admin", now));
    }
}
