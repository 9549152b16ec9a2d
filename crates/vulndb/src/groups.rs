//! Alias groups: records that name one another, or a common third id, as aliases speak of one weakness.
//!
//! Only `aliases` count, transitively; `related` and `upstream` do not. Withdrawn records join no group, since the
//! reason for withdrawing is often that they named the wrong thing.
//!
//! Ids and aliases are put aside in partitions; only the sets of record numbers are held in memory.

use std::io;

use bedrail_model::advisory::pack::{Malformed, Unpack, put_bytes, put_number};

use crate::error::BuildError;
use crate::hash;
use crate::spill::{PARTITIONS, Pile, Sorter, Spill, partition_of};

/// The ids of the records, in the order of their row numbers, and what joins them.
pub(crate) struct Joins {
    records: u32,
    /// Own ids: partitions in order are records in order.
    ids: Sorter,
    /// Aliases that records name, by the hash of the alias.
    links: Sorter,
    /// What is written aside next.
    row: Vec<u8>,
}

/// An alias that a record names.
struct Link<'j> {
    hash: u64,
    record: u32,
    alias: &'j str,
}

/// An id of a group.
struct Member<'j> {
    /// The smallest record of the group.
    root: u32,
    /// The record whose own id it is; `None` for one that is only an alias.
    record: Option<u32>,
    id: &'j str,
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
    pub(crate) fn new() -> Joins {
        Joins { records: 0, ids: Sorter::new(Pile::OwnIds), links: Sorter::new(Pile::Links), row: Vec::new() }
    }

    /// The next record; its number is how many came before it. They come in the order of the hashes of their ids.
    pub(crate) fn push(&mut self, spill: &mut Spill, hash: u64, id: &str) -> io::Result<u32> {
        self.row.clear();
        put_bytes(&mut self.row, id.as_bytes());
        self.ids.put(spill, partition_of(hash), &self.row)?;
        self.records += 1;
        Ok(self.records - 1)
    }

    /// An alias that a record names.
    pub(crate) fn join(&mut self, spill: &mut Spill, record: u32, alias: &str) -> io::Result<()> {
        let hash = hash::of_id(alias);
        self.row.clear();
        put_number(&mut self.row, hash);
        put_number(&mut self.row, record.into());
        put_bytes(&mut self.row, alias.as_bytes());
        self.links.put(spill, partition_of(hash), &self.row)
    }

    /// Finds what belongs together and puts the ids of each group of more than one aside. `find` tells the record that has
    /// an id as its own, unless it is withdrawn.
    pub(crate) fn join_all(
        self,
        spill: &mut Spill,
        find: impl Fn(u64) -> Option<u32>,
    ) -> Result<Groups, BuildError> {
        let Joins { records, ids, links, .. } = self;
        ids.flush(spill)?;
        links.flush(spill)?;
        let (mut sets, mut bytes) = (Sets::new(records as usize), Vec::new());
        for partition in 0..PARTITIONS {
            for link in read_links(spill, partition, &mut bytes)?.chunk_by(|a, b| a.hash == b.hash) {
                let own = find(link[0].hash);
                let others = link[1..].iter().map(|link| link.record).chain(own);
                others.for_each(|other| sets.join(link[0].record, other));
            }
        }
        let groups = Groups { records };
        groups.put_members(spill, sets)?;
        Ok(groups)
    }
}

fn read_links<'j>(
    spill: &Spill,
    partition: usize,
    bytes: &'j mut Vec<u8>,
) -> Result<Vec<Link<'j>>, BuildError> {
    spill.read(Pile::Links.at(partition), bytes)?;
    let (mut unpack, mut links) = (Unpack::new(bytes), Vec::new());
    while !unpack.is_empty() {
        links.push(Link { hash: unpack.number()?, record: unpack.index()?, alias: unpack.text()? });
    }
    links.sort_unstable_by_key(|link| (link.hash, link.record));
    Ok(links)
}

/// All groups of more than one id, put aside by their smallest record.
pub(crate) struct Groups {
    records: u32,
}

impl Groups {
    /// Groups in order are partitions in order.
    fn partition_of(&self, root: u32) -> usize {
        (u64::from(root) * PARTITIONS as u64 / u64::from(self.records.max(1))) as usize
    }

    fn put_members(&self, spill: &mut Spill, mut sets: Sets) -> Result<(), BuildError> {
        let mut members = Sorter::new(Pile::Members);
        let (mut bytes, mut row) = (Vec::new(), Vec::new());
        let mut put = |spill: &mut Spill, root: u32, record: Option<u32>, id: &str| {
            row.clear();
            put_number(&mut row, root.into());
            put_number(&mut row, record.map_or(0, |record| u64::from(record) + 1));
            put_bytes(&mut row, id.as_bytes());
            members.put(spill, self.partition_of(root), &row)
        };
        // A group of more than one id has a record that names an alias.
        let mut named = vec![false; self.records as usize];
        for partition in 0..PARTITIONS {
            for link in read_links(spill, partition, &mut bytes)? {
                let root = sets.root(link.record);
                named[root as usize] = true;
                put(spill, root, None, link.alias)?;
            }
        }
        let mut record = 0;
        for partition in 0..PARTITIONS {
            spill.read(Pile::OwnIds.at(partition), &mut bytes)?;
            let mut unpack = Unpack::new(&bytes);
            while !unpack.is_empty() {
                let (root, id) = (sets.root(record), unpack.text()?);
                if named[root as usize] {
                    put(spill, root, Some(record), id)?;
                }
                record += 1;
            }
        }
        Ok(members.flush(spill)?)
    }

    /// The groups of a partition, in the order of their smallest records.
    pub(crate) fn read<'j>(
        &self,
        spill: &Spill,
        partition: usize,
        bytes: &'j mut Vec<u8>,
    ) -> Result<Vec<Group<'j>>, BuildError> {
        spill.read(Pile::Members.at(partition), bytes)?;
        let (mut unpack, mut members) = (Unpack::new(bytes), Vec::new());
        while !unpack.is_empty() {
            members.push(Member::read(&mut unpack)?);
        }
        members.sort_unstable_by_key(|member| (member.root, member.record));
        let groups = members.chunk_by(|a, b| a.root == b.root).map(|group| {
            let mut ids: Vec<&str> = group.iter().map(|member| member.id).collect();
            ids.sort_unstable_by_key(|id| (rank(id), *id));
            ids.dedup();
            ids[1..].sort_unstable();
            Group { ids, records: group.iter().filter_map(|member| member.record).collect() }
        });
        Ok(groups.collect())
    }
}

impl<'j> Member<'j> {
    fn read(unpack: &mut Unpack<'j>) -> Result<Member<'j>, Malformed> {
        let root = unpack.index()?;
        let record = unpack.index()?.checked_sub(1);
        Ok(Member { root, record, id: unpack.text()? })
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
struct Sets(Vec<u32>);

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
