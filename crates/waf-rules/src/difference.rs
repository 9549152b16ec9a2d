//! Old against new over the same requests: what is stopped now and was not, what was stopped and is not, rule by rule.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// What one rule set made of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it was stopped. `None`: no verdict came.
    pub stopped: Option<bool>,
    /// The rules that found something.
    pub rules: Vec<u32>,
    /// Time in the engine, microseconds.
    pub micros: u64,
}

/// A request that the two judge differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its name.
    pub request: String,
    /// Rules that only the one that stops it has found: the new one for a new block, the old one for a lost block.
    pub rules: Vec<u32>,
}

/// The difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Difference {
    /// Requests that both judged.
    pub judged: u64,
    /// Requests that one or both gave no verdict on.
    pub unjudged: u64,
    /// Stopped now and not before.
    pub new_blocks: Vec<Change>,
    /// Stopped before and not now.
    pub lost_blocks: Vec<Change>,
    /// Rules that found something in a different number of requests: before, now.
    pub per_rule: BTreeMap<u32, (u64, u64)>,
    /// Time of the slow end (99 of 100), microseconds: before, now.
    pub slow_micros: (u64, u64),
    /// Time of the middle (50 of 100), microseconds: before, now.
    pub middle_micros: (u64, u64),
}

/// Compares two lists of outcomes over the same requests, in the same order. What one list has more is unjudged.
pub fn difference(names: &[String], old: &[Outcome], new: &[Outcome]) -> Difference {
    let mut found = Difference::default();
    let mut counts: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    let (mut old_times, mut new_times) = (Vec::new(), Vec::new());
    for (index, name) in names.iter().enumerate() {
        let pair = old.get(index).zip(new.get(index));
        let judged = pair.and_then(|(old, new)| Some((old, new, old.stopped?, new.stopped?)));
        let Some((old, new, was, is)) = judged else {
            found.unjudged += 1;
            continue;
        };
        found.judged += 1;
        old_times.push(old.micros);
        new_times.push(new.micros);
        let (before, now) = (set(&old.rules), set(&new.rules));
        before.iter().for_each(|rule| counts.entry(*rule).or_default().0 += 1);
        now.iter().for_each(|rule| counts.entry(*rule).or_default().1 += 1);
        let only = |one: &BTreeSet<u32>, other: &BTreeSet<u32>| one.difference(other).copied().collect();
        let request = name.clone();
        match (was, is) {
            (false, true) => found.new_blocks.push(Change { request, rules: only(&now, &before) }),
            (true, false) => found.lost_blocks.push(Change { request, rules: only(&before, &now) }),
            _ => {}
        }
    }
    found.per_rule = counts.into_iter().filter(|(_, (before, now))| before != now).collect();
    found.slow_micros = (quantile(&mut old_times, 99), quantile(&mut new_times, 99));
    found.middle_micros = (quantile(&mut old_times, 50), quantile(&mut new_times, 50));
    found
}

fn set(rules: &[u32]) -> BTreeSet<u32> {
    rules.iter().copied().collect()
}

/// The value that so many of a hundred do not exceed (nearest rank). 0 for none.
fn quantile(times: &mut [u64], of_hundred: usize) -> u64 {
    times.sort_unstable();
    let rank = (times.len() * of_hundred).div_ceil(100);
    times.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}
