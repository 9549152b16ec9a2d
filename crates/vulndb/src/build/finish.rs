//! The second half of a build: partitions become sorted tables.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

use bedrail_model::advisory::AffectedView;
use bedrail_model::advisory::pack::{Unpack, put_bytes, put_number};
use bedrail_model::ecosystem::{ECOSYSTEMS, Ecosystem};

use super::rows::{AdvisoryRow, EntryRow};
use super::{State, Summary};
use crate::error::BuildError;
use crate::groups::{Group, Joins};
use crate::hash;
use crate::layout::{Kind, NO_GROUP, ROW, Section, key_fingerprint};
use crate::map::{read_u32, read_u64};
use crate::spill::{PARTITIONS, Pile, Sorter, partition_of};
use crate::write::FileWriter;

const DROPPED: u32 = u32::MAX;

pub(super) fn finish(
    path: &Path,
    sources: &[String],
    snapshot: &str,
    state: State,
) -> Result<Summary, BuildError> {
    let mut build = Finish {
        out: FileWriter::create(path, Kind::Advisories)?,
        summary: Summary::default(),
        rows: Vec::new(),
        own_feeds: Vec::new(),
        copies: vec![Copy::DROPPED; state.records as usize],
        joins: Joins::default(),
        releases: BTreeMap::new(),
        state,
    };
    build.write_advisories(sources)?;
    build.write_mentions()?;
    build.write_groups()?;
    let pairs = build.write_packages()?;
    build.write_advisory_packages(pairs)?;
    build.write_meta(sources, snapshot)?;
    build.summary.bytes = build.out.finish()?;
    Ok(build.summary)
}

/// A copy of a record: one record can stand in the feeds of several ecosystems, each fetched on its own day.
#[derive(Clone)]
struct Copy {
    /// Row number of the record, or [`DROPPED`].
    record: u32,
    /// The bit of the ecosystem whose own feed the copy stands in; 0 for none.
    own: u64,
    /// Whether it is the newest copy.
    newest: bool,
}

impl Copy {
    const DROPPED: Copy = Copy { record: DROPPED, own: 0, newest: false };

    /// Whether what this copy says of packages of an ecosystem counts.
    fn speaks_for(&self, ecosystem: u8, own_feeds: &[u64]) -> bool {
        let bit = 1 << ecosystem;
        self.record != DROPPED
            && (self.own & bit != 0 || (self.newest && own_feeds[self.record as usize] & bit == 0))
    }
}

struct Finish {
    state: State,
    out: FileWriter,
    summary: Summary,
    /// Hash, offset and group of each advisory.
    rows: Vec<(u64, u32, u32)>,
    /// Ecosystems, a bit each, in whose own feeds a record stands, by row number.
    own_feeds: Vec<u64>,
    /// Copies of records by the number that the worker gave.
    copies: Vec<Copy>,
    joins: Joins,
    /// Entries by ecosystem and release.
    releases: BTreeMap<(u8, String), u64>,
}

impl Finish {
    /// Of several copies of a record the newest wins.
    fn write_advisories(&mut self, sources: &[String]) -> Result<(), BuildError> {
        let mut bytes = Vec::new();
        let mut mentions = Sorter::new(Pile::Mentions);
        self.out.begin(Section::AdvisoryData)?;
        let start = self.out.at();
        for partition in 0..PARTITIONS {
            self.state.spill.read(Pile::Advisories.at(partition), &mut bytes)?;
            let mut unpack = Unpack::new(&bytes);
            let mut rows = Vec::new();
            while !unpack.is_empty() {
                rows.push(AdvisoryRow::read(&mut unpack)?);
            }
            rows.sort_unstable_by_key(|row| (row.hash, row.id, Reverse(row.modified), row.source, row.data));
            for copies in rows.chunk_by(|a, b| a.id == b.id) {
                let offset = offset(self.out.at() - start, "advisories")?;
                self.write_frame(copies[0].data)?;
                let record = self.take(copies, offset, sources);
                for id in &copies[0].mentions {
                    let hash = hash::of_id(id);
                    mentions.put(&mut self.state.spill, partition_of(hash), &row(hash, record, 0))?;
                }
            }
        }
        Ok(mentions.flush(&mut self.state.spill)?)
    }

    /// The rows of all mentions, in the order of their hash and record.
    fn write_mentions(&mut self) -> Result<(), BuildError> {
        self.out.begin(Section::MentionRows)?;
        let mut bytes = Vec::new();
        for partition in 0..PARTITIONS {
            self.state.spill.read(Pile::Mentions.at(partition), &mut bytes)?;
            let (rows, _) = bytes.as_chunks_mut::<ROW>();
            rows.sort_unstable_by_key(|row| (read_u64(row, 0), read_u32(row, 8)));
            self.out.write(rows.as_flattened())?;
        }
        Ok(())
    }

    /// Takes a record in all its copies, the newest first. The newest says what the record is; what it says of the
    /// packages of an ecosystem is for the copy in that ecosystem's own feed to say, where there is one: feeds are
    /// fetched one by one, and a copy elsewhere may be of another day and name fewer packages. The answer is its row number.
    fn take(&mut self, copies: &[AdvisoryRow<'_>], offset: u32, sources: &[String]) -> u32 {
        let newest = &copies[0];
        let record = self.joins.push(newest.id);
        self.rows.push((newest.hash, offset, NO_GROUP));
        self.own_feeds.push(0);
        self.summary.advisories += 1;
        if let Some(source) = sources.get(usize::from(newest.source)) {
            *self.summary.by_source.entry(source.clone()).or_default() += 1;
        }
        if newest.withdrawn {
            self.summary.withdrawn += 1;
            return record;
        }
        for (at, copy) in copies.iter().enumerate() {
            let feed = sources.get(usize::from(copy.source)).and_then(|source| feed_ecosystem(source));
            let bit = feed.map_or(0, |ecosystem| 1 << ecosystem.index());
            // Two copies in one feed: the newer one is its word.
            let own = if self.own_feeds[record as usize] & bit == 0 { bit } else { 0 };
            self.own_feeds[record as usize] |= own;
            self.copies[copy.number as usize] = Copy { record, own, newest: at == 0 };
        }
        for alias in &newest.aliases {
            self.joins.join(record, alias);
        }
        record
    }

    fn write_groups(&mut self) -> Result<(), BuildError> {
        let mut joins = std::mem::take(&mut self.joins);
        let mut live = vec![false; self.rows.len()];
        self.copies
            .iter()
            .filter(|copy| copy.record != DROPPED)
            .for_each(|copy| live[copy.record as usize] = true);
        let rows = std::mem::take(&mut self.rows);
        let find = |hash: u64| {
            let at = rows.binary_search_by_key(&hash, |row| row.0).ok()?;
            live[at].then_some(at as u32)
        };
        let sets = joins.join_all(find);
        self.rows = rows;
        let (mut starts, mut data, mut frame, mut aliases) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut number = 0;
        joins.each_group(sets, |group| {
            starts.push(data.len() as u64);
            pack_group(group, &mut frame);
            put_bytes(&mut data, &frame);
            aliases.extend(group.ids.iter().map(|id| (hash::of_id(id), number)));
            for record in &group.records {
                self.rows[*record as usize].2 = number;
            }
            number += 1;
        });
        drop(joins);
        self.summary.groups = number.into();
        offset(data.len() as u64, "alias groups")?;
        let starts: Vec<u8> = starts.into_iter().flat_map(|start| (start as u32).to_le_bytes()).collect();
        aliases.sort_unstable();
        self.out.section(Section::GroupStarts, &starts)?;
        self.out.section(Section::GroupData, &data)?;
        self.out.begin(Section::AliasRows)?;
        for (hash, group) in aliases {
            self.write_row(hash, group, 0)?;
        }
        self.out.begin(Section::AdvisoryRows)?;
        for index in 0..self.rows.len() {
            let (hash, offset, group) = self.rows[index];
            self.write_row(hash, offset, group)?;
        }
        self.rows = Vec::new();
        Ok(())
    }

    /// Writes a value with its length before it.
    fn write_frame(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        let mut length = Vec::with_capacity(10);
        put_number(&mut length, bytes.len() as u64);
        self.out.write(&length)?;
        self.out.write(bytes)
    }

    fn write_row(&mut self, hash: u64, first: u32, second: u32) -> Result<(), BuildError> {
        self.out.write(&row(hash, first, second))
    }

    /// Writes packages; the answer is every pair of advisory and package.
    fn write_packages(&mut self) -> Result<Vec<(u32, u32)>, BuildError> {
        let (mut bytes, mut names, mut table, mut pairs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        self.out.begin(Section::PackageData)?;
        let start = self.out.at();
        let mut data = Vec::new();
        for partition in 0..PARTITIONS {
            self.state.spill.read(Pile::Entries.at(partition), &mut bytes)?;
            let mut rows = self.read_entries(&bytes)?;
            // Stable: the entries of one record keep its order.
            rows.sort_by_key(|row| (row.hash, row.ecosystem, row.name, row.number));
            for package in
                rows.chunk_by(|a, b| (a.hash, a.ecosystem, a.name) == (b.hash, b.ecosystem, b.name))
            {
                let number = table.len() as u32;
                let place =
                    (offset(names.len() as u64, "names")?, offset(self.out.at() - start, "packages")?);
                table.push((package[0].hash, place));
                put_number(&mut names, 1 + package[0].name.len() as u64);
                names.push(package[0].ecosystem);
                names.extend_from_slice(package[0].name.as_bytes());
                self.pack_package(package, &mut data)?;
                self.write_frame(&data)?;
                let of_one = |a: &EntryRow<'_>, b: &EntryRow<'_>| a.number == b.number;
                pairs.extend(package.chunk_by(of_one).map(|entries| (entries[0].number, number)));
            }
        }
        self.summary.packages = table.len() as u64;
        self.out.section(Section::PackageNames, &names)?;
        self.out.begin(Section::PackageRows)?;
        for (hash, (name, data)) in table {
            self.write_row(hash, name, data)?;
        }
        Ok(pairs)
    }

    /// The entries of the copies that have the word on their ecosystem and are not withdrawn, by row number.
    fn read_entries<'r>(&self, bytes: &'r [u8]) -> Result<Vec<EntryRow<'r>>, BuildError> {
        let mut unpack = Unpack::new(bytes);
        let mut rows = Vec::new();
        while !unpack.is_empty() {
            let row = EntryRow::read(&mut unpack)?;
            let copy = &self.copies[row.number as usize];
            if copy.speaks_for(row.ecosystem, &self.own_feeds) {
                rows.push(EntryRow { number: copy.record, ..row });
            }
        }
        Ok(rows)
    }

    fn pack_package(&mut self, package: &[EntryRow<'_>], data: &mut Vec<u8>) -> Result<(), BuildError> {
        data.clear();
        put_number(data, package.len() as u64);
        for row in package {
            put_number(data, row.number.into());
            put_bytes(data, row.entry);
            let release = AffectedView::new(row.entry)?.release().unwrap_or_default();
            match self.releases.get_mut(&(row.ecosystem, release.to_owned())) {
                Some(count) => *count += 1,
                None => _ = self.releases.insert((row.ecosystem, release.to_owned()), 1),
            }
            self.summary.entries += 1;
        }
        Ok(())
    }

    fn write_advisory_packages(&mut self, mut pairs: Vec<(u32, u32)>) -> Result<(), BuildError> {
        pairs.sort_unstable();
        pairs.dedup();
        self.out.begin(Section::AdvisoryPackageStarts)?;
        let mut at = 0;
        for record in 0..=self.summary.advisories as u32 {
            while pairs.get(at).is_some_and(|pair| pair.0 < record) {
                at += 1;
            }
            self.out.write(&(at as u32).to_le_bytes())?;
        }
        self.out.begin(Section::AdvisoryPackages)?;
        for (_, package) in pairs {
            self.out.write(&package.to_le_bytes())?;
        }
        Ok(())
    }

    fn write_meta(&mut self, sources: &[String], snapshot: &str) -> Result<(), BuildError> {
        let mut meta = Vec::new();
        meta.extend_from_slice(&key_fingerprint().to_le_bytes());
        put_bytes(&mut meta, snapshot.as_bytes());
        put_number(&mut meta, sources.len() as u64);
        for source in sources {
            put_bytes(&mut meta, source.as_bytes());
        }
        put_number(&mut meta, self.releases.len() as u64);
        for ((ecosystem, release), entries) in &self.releases {
            meta.push(*ecosystem);
            put_bytes(&mut meta, release.as_bytes());
            put_number(&mut meta, *entries);
        }
        self.out.section(Section::Meta, &meta)
    }
}

/// Ids, the one that the group is called by first, then its records.
fn pack_group(group: &Group<'_>, frame: &mut Vec<u8>) {
    frame.clear();
    put_number(frame, group.ids.len() as u64);
    for id in &group.ids {
        put_bytes(frame, id.as_bytes());
    }
    put_number(frame, group.records.len() as u64);
    for record in &group.records {
        put_number(frame, (*record).into());
    }
}

/// A row of a hashed table.
fn row(hash: u64, first: u32, second: u32) -> [u8; ROW] {
    let mut row = [0; ROW];
    row[..8].copy_from_slice(&hash.to_le_bytes());
    row[8..12].copy_from_slice(&first.to_le_bytes());
    row[12..].copy_from_slice(&second.to_le_bytes());
    row
}

fn offset(at: u64, what: &'static str) -> Result<u32, BuildError> {
    u32::try_from(at).map_err(|_| BuildError::TooLarge(what))
}

/// The ecosystem whose feed a source is: `osv/Maven` is Maven's.
fn feed_ecosystem(source: &str) -> Option<Ecosystem> {
    source.strip_prefix("osv/").and_then(Ecosystem::named)
}

const _: () = assert!(ECOSYSTEMS.len() <= 64, "own feeds are bits of a number");
