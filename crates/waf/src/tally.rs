//! Counts and times, without locks on the way of a request.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bedrail_waf_protocol::Verdict;
use serde::Serialize;

/// Buckets: eight for each doubling of microseconds, up to 2^32 µs.
const BUCKETS: usize = 8 * 32;

/// How long something took, in buckets an eighth of a doubling wide.
#[derive(Debug)]
pub struct Times([AtomicU64; BUCKETS]);

impl Default for Times {
    fn default() -> Times {
        Times([const { AtomicU64::new(0) }; BUCKETS])
    }
}

impl Times {
    /// Count one.
    pub fn add(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1);
        self.0[bucket(micros)].fetch_add(1, Ordering::Relaxed);
    }

    /// The time, in microseconds, that this share (0 to 1) did not exceed; the upper end of its bucket. 0 where nothing was counted.
    pub fn quantile(&self, share: f64) -> u64 {
        let counts: Vec<u64> = self.0.iter().map(|it| it.load(Ordering::Relaxed)).collect();
        let all: u64 = counts.iter().sum();
        if all == 0 {
            return 0;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a rank between 1 and `all`"
        )]
        let rank = ((all as f64 * share).ceil() as u64).clamp(1, all);
        let mut seen = 0;
        let at = counts.iter().position(|count| {
            seen += count;
            seen >= rank
        });
        upper_end(at.unwrap_or(BUCKETS - 1))
    }
}

fn bucket(micros: u64) -> usize {
    let doublings = micros.ilog2() as usize;
    let within =
        if doublings >= 3 { (micros >> (doublings - 3)) & 7 } else { (micros << (3 - doublings)) & 7 };
    (doublings * 8 + usize::try_from(within).unwrap_or(0)).min(BUCKETS - 1)
}

fn upper_end(bucket: usize) -> u64 {
    let (doublings, within) = (bucket / 8, bucket as u64 % 8);
    ((8 + within + 1) << doublings).div_ceil(8)
}

/// What a judge said.
#[derive(Debug, Default)]
pub struct Tally {
    judged: AtomicU64,
    objections: AtomicU64,
    matched: AtomicU64,
    failed: AtomicU64,
    /// Where this judge is a shadow or takes a share: compared with the one that decided.
    agreed: AtomicU64,
    new_objections: AtomicU64,
    lost_objections: AtomicU64,
    engine_micros: AtomicU64,
    times: Times,
    answer_times: Times,
}

/// The tally at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TallyView {
    /// Requests judged.
    pub judged: u64,
    /// Of these, objected to.
    pub objections: u64,
    /// Of these, with a rule that fired.
    pub matched: u64,
    /// Requests without a verdict.
    pub failed: u64,
    /// As a shadow: same outcome as the one that decided.
    pub agreed: u64,
    /// As a shadow: objected where the other did not.
    pub new_objections: u64,
    /// As a shadow: did not object where the other did.
    pub lost_objections: u64,
    /// Time within the engine, in microseconds, of all together.
    pub engine_micros: u64,
    /// Time for a verdict on a request as the proxy sees it, in microseconds: the median.
    pub p50_micros: u64,
    /// As above, one in a hundred takes longer.
    pub p99_micros: u64,
    /// Time for a verdict on an answer: the median.
    pub answer_p50_micros: u64,
}

impl Tally {
    pub(crate) fn judged(&self, time: Duration, verdict: &Verdict) {
        self.judged.fetch_add(1, Ordering::Relaxed);
        self.times.add(time);
        self.engine_micros.fetch_add(verdict.micros, Ordering::Relaxed);
        if verdict.interruption.is_some() {
            self.objections.fetch_add(1, Ordering::Relaxed);
        }
        if !verdict.matches.is_empty() {
            self.matched.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn answer_judged(&self, time: Duration) {
        self.answer_times.add(time);
    }

    pub(crate) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    /// Compare a shadow's objection with that of the one that decided.
    pub(crate) fn compared(&self, decided: bool, shadow: bool) {
        let which = match (decided, shadow) {
            (false, true) => &self.new_objections,
            (true, false) => &self.lost_objections,
            (true, true) | (false, false) => &self.agreed,
        };
        which.fetch_add(1, Ordering::Relaxed);
    }

    /// The counts now.
    pub fn view(&self) -> TallyView {
        let get = |it: &AtomicU64| it.load(Ordering::Relaxed);
        TallyView {
            judged: get(&self.judged),
            objections: get(&self.objections),
            matched: get(&self.matched),
            failed: get(&self.failed),
            agreed: get(&self.agreed),
            new_objections: get(&self.new_objections),
            lost_objections: get(&self.lost_objections),
            engine_micros: get(&self.engine_micros),
            p50_micros: self.times.quantile(0.5),
            p99_micros: self.times.quantile(0.99),
            answer_p50_micros: self.answer_times.quantile(0.5),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Times;

    #[test]
    fn quantiles_are_an_eighth_of_a_doubling_off_at_most() {
        let times = Times::default();
        assert_eq!(times.quantile(0.5), 0);
        for micros in 1..=10_000 {
            times.add(Duration::from_micros(micros));
        }
        for (share, micros) in [(0.01, 100), (0.5, 5_000), (0.99, 9_900), (1.0, 10_000)] {
            let found = times.quantile(share);
            assert!(found >= micros && found <= micros + micros / 8 + 1, "{share} {found}");
        }
        times.add(Duration::from_secs(1 << 40));
    }
}
