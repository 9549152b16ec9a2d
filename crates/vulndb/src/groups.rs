//! Alias groups: records that name one another, or a common third id, as aliases speak of one weakness.
//!
//! Only `aliases` count, transitively; `related` and `upstream` do not. Withdrawn records join no group, since the
//! reason for withdrawing is often that they named the wrong thing.

use crate::hash;

/// The ids of the records, in the order of their row numbers, and what joins them.
#[derive(Default)]
pub(crate) struct Joins {
    /// Own ids, one after the other.
    ids: String,
    /// Where each own id ends.
    ends: Vec<u32>,
    /// Aliases that records name.
    aliases: String,
    links: Vec<Link>,
}

struct Link {
    hash: u64,
    record: u32,
    start: u32,
    length: u32,
}

/// One alias group.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Group<'j> {
    /// All its ids, the one it is called by first, the others sorted.
    pub(crate) ids: Vec<&'j str>,
    /// Its records, ascending.
    pub(crate) records: Vec<u32>,
}

impl Joins {
    /// The next record; its number is how many came before it.
    pub(crate) fn push(&mut self, id: &str) -> u32 {
        self.ids.push_str(id);
        self.ends.push(self.ids.len() as u32);
        self.ends.len() as u32 - 1
    }

    /// An alias that a record names.
    pub(crate) fn join(&mut self, record: u32, alias: &str) {
        let start = self.aliases.len() as u32;
        self.aliases.push_str(alias);
        self.links.push(Link { hash: hash::of_id(alias), record, start, length: alias.len() as u32 });
    }

    fn id(&self, record: u32) -> &str {
        let start = record.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.ids[start as usize..self.ends[record as usize] as usize]
    }

    fn alias(&self, link: &Link) -> &str {
        &self.aliases[link.start as usize..(link.start + link.length) as usize]
    }

    /// What belongs together. `find` tells the record that has an id as its own, unless it is withdrawn.
    pub(crate) fn join_all(&mut self, find: impl Fn(u64) -> Option<u32>) -> Sets {
        let mut sets = Sets::new(self.ends.len());
        self.links.sort_unstable_by_key(|link| (link.hash, link.record));
        for pair in self.links.windows(2).filter(|pair| pair[0].hash == pair[1].hash) {
            sets.join(pair[0].record, pair[1].record);
        }
        for link in &self.links {
            if let Some(record) = find(link.hash) {
                sets.join(link.record, record);
            }
        }
        sets
    }

    /// Calls `with` for each group of more than one id, by its smallest record; none of them is kept.
    pub(crate) fn each_group(&mut self, mut sets: Sets, mut with: impl FnMut(&Group<'_>)) {
        self.links.sort_unstable_by_key(|link| sets.root(link.record));
        let mut members: Vec<(u32, u32)> =
            (0..self.ends.len() as u32).map(|record| (sets.root(record), record)).collect();
        members.sort_unstable();
        let mut links = self.links.iter().peekable();
        for records in members.chunk_by(|a, b| a.0 == b.0) {
            let root = records[0].0;
            let mut ids: Vec<&str> = records.iter().map(|(_, record)| self.id(*record)).collect();
            while let Some(link) = links.next_if(|link| sets.root(link.record) == root) {
                ids.push(self.alias(link));
            }
            if ids.len() > 1 {
                ids.sort_unstable_by_key(|id| (rank(id), *id));
                ids.dedup();
                ids[1..].sort_unstable();
                with(&Group { ids, records: records.iter().map(|(_, record)| *record).collect() });
            }
        }
    }
}

/// What a group is called by: the CVE id, else GitHub's, else the first of the others.
fn rank(id: &str) -> u8 {
    match id {
        id if id.starts_with("CVE-") => 0,
        id if id.starts_with("GHSA-") => 1,
        _ => 2,
    }
}

/// Disjoint sets (union by smaller number, path halving).
pub(crate) struct Sets(Vec<u32>);

impl Sets {
    fn new(count: usize) -> Sets {
        Sets((0..count as u32).collect())
    }

    fn root(&mut self, mut of: u32) -> u32 {
        while self.0[of as usize] != of {
            self.0[of as usize] = self.0[self.0[of as usize] as usize];
            of = self.0[of as usize];
        }
        of
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}
