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
use crate::layout::{Kind, NO_GROUP, ROW, Section, behind_hyphen, key_fingerprint};
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
        releases: BTreeMap::new(),
        state,
    };
    let joins = build.write_advisories(sources)?;
    build.write_table(Section::MentionRows, Pile::Mentions)?;
    build.write_groups(joins)?;
    build.write_packages()?;
    build.write_advisory_packages()?;
    build.write_meta(sources, snapshot)?;
    build.summary.bytes = build.out.finish()?;
    Ok(build.summary)
}

/// A copy of a record: one record can stand in the feeds of several ecosystems, each fetched on its own day.
#[derive(Clone)]
struct Copy {
    /// Row number of the record, or [`DROPPED`].
    record: u32,
    /// The ecosystem whose own feed the copy stands in, or [`Copy::NONE`].
    own: u8,
    /// Whether it is the newest copy.
    newest: bool,
    /// The source that it stands in.
    source: u16,
}

impl Copy {
    const NONE: u8 = u8::MAX;
    const DROPPED: Copy = Copy { record: DROPPED, own: Copy::NONE, newest: false, source: 0 };

    /// Whether what this copy says of packages of an ecosystem counts.
    fn speaks_for(&self, ecosystem: u8, own_feeds: &[u64]) -> bool {
        self.record != DROPPED
            && (self.own == ecosystem
                || (self.newest && own_feeds[self.record as usize] & (1 << ecosystem) == 0))
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
    /// Entries by ecosystem and release.
    releases: BTreeMap<(u8, String), u64>,
}

impl Finish {
    /// Of several copies of a record the newest wins.
    fn write_advisories(&mut self, sources: &[String]) -> Result<Joins, BuildError> {
        let (mut bytes, mut joins) = (Vec::new(), Joins::new());
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
                let record = self.take(copies, offset, (sources, &mut joins))?;
                for id in &copies[0].mentions {
                    let hash = hash::of_id(id);
                    mentions.put(&mut self.state.spill, partition_of(hash), &row(hash, record, 0))?;
                }
            }
        }
        mentions.flush(&mut self.state.spill)?;
        Ok(joins)
    }

    /// A table of rows that were put aside, in the order of their hash and what it leads to.
    fn write_table(&mut self, section: Section, pile: Pile) -> Result<(), BuildError> {
        self.out.begin(section)?;
        let mut bytes = Vec::new();
        for partition in 0..PARTITIONS {
            self.state.spill.read(pile.at(partition), &mut bytes)?;
            let (rows, _) = bytes.as_chunks_mut::<ROW>();
            rows.sort_unstable_by_key(|row| (read_u64(row, 0), read_u32(row, 8)));
            self.out.write(rows.as_flattened())?;
        }
        Ok(())
    }

    /// A section of what was put aside in its order.
    fn write_pile(&mut self, section: Section, pile: Pile) -> Result<(), BuildError> {
        self.out.begin(section)?;
        let mut bytes = Vec::new();
        for partition in 0..PARTITIONS {
            self.state.spill.read(pile.at(partition), &mut bytes)?;
            self.out.write(&bytes)?;
        }
        Ok(())
    }

    /// Takes a record in all its copies, the newest first. The newest says what the record is; what it says of the
    /// packages of an ecosystem is for the copy in that ecosystem's own feed to say, where there is one: feeds are
    /// fetched one by one, and a copy elsewhere may be of another day and name fewer packages. The answer is its row number.
    fn take(
        &mut self,
        copies: &[AdvisoryRow<'_>],
        offset: u32,
        (sources, joins): (&[String], &mut Joins),
    ) -> Result<u32, BuildError> {
        let newest = &copies[0];
        let spill = &mut self.state.spill;
        let record = joins.push(spill, newest.hash, newest.id)?;
        self.rows.push((newest.hash, offset, NO_GROUP));
        self.own_feeds.push(0);
        self.summary.advisories += 1;
        if let Some(source) = sources.get(usize::from(newest.source)) {
            *self.summary.by_source.entry(source.clone()).or_default() += 1;
        }
        if newest.withdrawn {
            self.summary.withdrawn += 1;
            return Ok(record);
        }
        for (at, copy) in copies.iter().enumerate() {
            let feed = sources.get(usize::from(copy.source)).and_then(|source| feed_ecosystem(source));
            let held = &mut self.own_feeds[record as usize];
            // Two copies in one feed: the newer one is its word.
            let own = feed.map(Ecosystem::index).filter(|ecosystem| *held & (1 << ecosystem) == 0);
            *held |= own.map_or(0, |ecosystem| 1 << ecosystem);
            let own = own.unwrap_or(Copy::NONE);
            self.copies[copy.number as usize] = Copy { record, own, newest: at == 0, source: copy.source };
        }
        for alias in &newest.aliases {
            joins.join(spill, record, alias)?;
        }
        Ok(record)
    }

    fn write_groups(&mut self, joins: Joins) -> Result<(), BuildError> {
        let mut live = vec![false; self.rows.len()];
        self.copies
            .iter()
            .filter(|copy| copy.record != DROPPED)
            .for_each(|copy| live[copy.record as usize] = true);
        let rows = &self.rows;
        let find = |hash: u64| {
            let at = rows.binary_search_by_key(&hash, |row| row.0).ok()?;
            live[at].then_some(at as u32)
        };
        let groups = joins.join_all(&mut self.state.spill, find)?;
        drop(live);
        self.out.begin(Section::GroupData)?;
        let (start, mut starts, mut frame) = (self.out.at(), Vec::new(), Vec::new());
        let (mut aliases, mut bytes) = (Sorter::new(Pile::Aliases), Vec::new());
        for partition in 0..PARTITIONS {
            for group in groups.read(&self.state.spill, partition, &mut bytes)? {
                self.write_group(&group, (start, &mut starts), &mut frame, &mut aliases)?;
            }
        }
        aliases.flush(&mut self.state.spill)?;
        self.summary.groups = starts.len() as u64 / 4;
        self.out.section(Section::GroupStarts, &starts)?;
        self.write_table(Section::AliasRows, Pile::Aliases)?;
        self.out.begin(Section::AdvisoryRows)?;
        for index in 0..self.rows.len() {
            let (hash, offset, group) = self.rows[index];
            self.write_row(hash, offset, group)?;
        }
        self.rows = Vec::new();
        Ok(())
    }

    /// Writes a group behind those before it, which began at `start`, and notes its place, its ids and its records.
    fn write_group(
        &mut self,
        group: &Group<'_>,
        (start, starts): (u64, &mut Vec<u8>),
        frame: &mut Vec<u8>,
        aliases: &mut Sorter,
    ) -> Result<(), BuildError> {
        let number = (starts.len() / 4) as u32;
        starts.extend_from_slice(&offset(self.out.at() - start, "alias groups")?.to_le_bytes());
        pack_group(group, frame);
        self.write_frame(frame)?;
        for id in &group.ids {
            let hash = hash::of_id(id);
            aliases.put(&mut self.state.spill, partition_of(hash), &row(hash, number, 0))?;
        }
        for record in &group.records {
            self.rows[*record as usize].2 = number;
        }
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

    /// Writes packages, and puts aside their names, their rows, and which record names them.
    fn write_packages(&mut self) -> Result<(), BuildError> {
        let (mut bytes, mut names, mut rows, mut data) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut pairs = Sorter::new(Pile::AdvisoryPackages);
        self.out.begin(Section::PackageData)?;
        let (start, mut names_before) = (self.out.at(), 0);
        for partition in 0..PARTITIONS {
            self.state.spill.read(Pile::Entries.at(partition), &mut bytes)?;
            let mut entries = self.read_entries(&bytes)?;
            // Stable: the entries of one record keep its order.
            entries.sort_by_key(|entry| (entry.hash, entry.ecosystem, entry.name, entry.number));
            for package in entries.chunk_by(EntryRow::same_package) {
                let name = offset(names_before + names.len() as u64, "names")?;
                let place = offset(self.out.at() - start, "packages")?;
                rows.extend_from_slice(&row(package[0].hash, name, place));
                put_number(&mut names, 1 + package[0].name.len() as u64);
                names.push(package[0].ecosystem);
                names.extend_from_slice(package[0].name.as_bytes());
                self.pack_package(package, &mut data)?;
                self.write_frame(&data)?;
                self.note_records(package, &mut pairs)?;
                self.summary.packages += 1;
            }
            names_before += names.len() as u64;
            self.state.spill.append(Pile::PackageNames.at(partition), &mut names)?;
            self.state.spill.append(Pile::PackageRows.at(partition), &mut rows)?;
        }
        pairs.flush(&mut self.state.spill)?;
        self.write_pile(Section::PackageNames, Pile::PackageNames)?;
        self.write_pile(Section::PackageRows, Pile::PackageRows)
    }

    /// Notes that these records name the next package.
    fn note_records(&mut self, package: &[EntryRow<'_>], pairs: &mut Sorter) -> Result<(), BuildError> {
        let number = self.summary.packages as u32;
        for entries in package.chunk_by(|a, b| a.number == b.number) {
            let record = entries[0].number;
            let pair = [record.to_le_bytes(), number.to_le_bytes()];
            let partition = self.partition_of_record(record);
            pairs.put(&mut self.state.spill, partition, pair.as_flattened())?;
        }
        Ok(())
    }

    /// Record numbers in order are partitions in order.
    fn partition_of_record(&self, record: u32) -> usize {
        (u64::from(record) * PARTITIONS as u64 / self.summary.advisories.max(1)) as usize
    }

    /// The entries of the copies that have the word on their ecosystem and are not withdrawn, by row number.
    fn read_entries<'r>(&self, bytes: &'r [u8]) -> Result<Vec<EntryRow<'r>>, BuildError> {
        let mut unpack = Unpack::new(bytes);
        let mut rows = Vec::new();
        while !unpack.is_empty() {
            let row = EntryRow::read(&mut unpack)?;
            let copy = &self.copies[row.number as usize];
            if copy.speaks_for(row.ecosystem, &self.own_feeds) {
                rows.push(EntryRow { number: copy.record, source: copy.source, ..row });
            }
        }
        Ok(rows)
    }

    fn pack_package(&mut self, package: &[EntryRow<'_>], data: &mut Vec<u8>) -> Result<(), BuildError> {
        data.clear();
        put_number(data, package.len() as u64);
        for row in package {
            put_number(data, row.number.into());
            put_number(data, row.source.into());
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

    fn write_advisory_packages(&mut self) -> Result<(), BuildError> {
        self.out.begin(Section::AdvisoryPackages)?;
        let (mut bytes, mut starts, mut count) = (Vec::new(), Vec::new(), 0_u32);
        let mut begin = |record: u32, at: u32| {
            while starts.len() <= record as usize * 4 {
                starts.extend_from_slice(&at.to_le_bytes());
            }
        };
        for partition in 0..PARTITIONS {
            self.state.spill.read(Pile::AdvisoryPackages.at(partition), &mut bytes)?;
            let (pairs, _) = bytes.as_chunks_mut::<8>();
            pairs.sort_unstable_by_key(|pair| (read_u32(pair, 0), read_u32(pair, 4)));
            for pair in pairs {
                begin(read_u32(pair, 0).unwrap_or_default(), count);
                self.out.write(&pair[4..])?;
                count += 1;
            }
        }
        begin(self.summary.advisories as u32, count);
        self.out.section(Section::AdvisoryPackageStarts, &starts)
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
    for (at, id) in group.ids.iter().enumerate() {
        let short = at == 0 && group.ids.last().is_some_and(|last| behind_hyphen(last) == *id);
        put_bytes(frame, if short { &[] } else { id.as_bytes() });
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
