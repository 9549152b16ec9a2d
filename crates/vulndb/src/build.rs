//! Builds an index file from records, with memory that does not grow with the feeds.
//!
//! Workers compile records into rows (see [`Shard`]); rows go to partitions on disk by the hash of their id or package;
//! at the end each partition alone is sorted in memory and written out, so the tables come out sorted by hash.

mod finish;
mod rows;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bedrail_model::advisory::Advisory;

use crate::error::BuildError;
use crate::hash;
use crate::segment::Segment;
use crate::spill::{Pile, Spill, partition_of};

/// An index in the making. Threads take a [`Shard`] each.
pub struct Builder {
    path: PathBuf,
    sources: Vec<String>,
    state: Mutex<State>,
}

struct State {
    spill: Spill,
    records: u32,
}

/// What was built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Advisories, withdrawn ones too, each id once.
    pub advisories: u64,
    /// Withdrawn ones among them.
    pub withdrawn: u64,
    /// Alias groups of more than one id.
    pub groups: u64,
    /// Packages named.
    pub packages: u64,
    /// Entries: package, release and advisory.
    pub entries: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Advisories of each source that won over copies in other sources.
    pub by_source: BTreeMap<String, u64>,
}

impl Builder {
    /// Begins an index that will stand at `path` when it is whole. `sources` are the names that records cite.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn new(path: &Path, sources: Vec<String>) -> Result<Builder, BuildError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let spill = Spill::create(folder)?;
        let state = State { spill, records: 0 };
        Ok(Builder { path: path.to_owned(), sources, state: Mutex::new(state) })
    }

    /// A worker's share.
    pub fn shard(&self) -> Shard<'_> {
        Shard {
            builder: self,
            rows: rows::Rows::default(),
            buffers: vec![Vec::new(); Pile::OF_WORKERS],
            held: 0,
            base: 0,
            left: 0,
        }
    }

    /// Sorts, joins aliases, writes the file and gives it its name. `snapshot` is the id that evidence cites.
    ///
    /// # Errors
    /// When the file cannot be written or the data does not fit the format.
    pub fn finish(self, snapshot: &str) -> Result<Summary, BuildError> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        finish::finish(&self.path, &self.sources, snapshot, state)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One worker's rows, written to the builder when enough have come together.
pub struct Shard<'b> {
    builder: &'b Builder,
    rows: rows::Rows,
    buffers: Vec<Vec<u8>>,
    held: usize,
    base: u32,
    left: u32,
}

impl Shard<'_> {
    /// Bytes held back before they are written, so that each of the 128 partitions gets pieces of 64 KiB on average.
    const HOLD: usize = 8 << 20;
    /// Record numbers taken at a time.
    const NUMBERS: u32 = 256;

    /// Adds a record of the source with this number.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn add(&mut self, advisory: &Advisory<'_>, source: u16) -> Result<(), BuildError> {
        self.rows.compile(advisory);
        let number = self.next_number();
        let description = self.rows.describe(advisory, source);
        self.held += write_description(&description, number, &mut self.buffers);
        for package in self.rows.packages() {
            let buffer = &mut self.buffers[Pile::Entries.at(partition_of(package.hash))];
            self.held += package.write(number, buffer);
        }
        if self.held > Self::HOLD { self.flush() } else { Ok(()) }
    }

    /// Adds a record as a held index has it; `number` tells the number of a source by its name.
    ///
    /// # Errors
    /// When the held index is damaged or the disk is full.
    pub(crate) fn copy(
        &mut self,
        segment: &Segment,
        record: u32,
        number: impl Fn(&str) -> u16,
    ) -> Result<(), BuildError> {
        let view = segment.advisory(record)?;
        let mut description = rows::Description {
            id: view.id,
            source: number(view.source),
            published: view.published,
            modified: view.modified,
            withdrawn: view.withdrawn,
            severity: view.severity,
            cvss: view.cvss,
            summary: view.summary.into(),
            aliases: segment.aliases_of(record)?,
            mentions: segment.mentions_of(record)?,
            configurations: segment.configurations_of(record)?,
            digest: view.digest,
        };
        let number_of = self.next_number();
        self.held += write_description(&description, number_of, &mut self.buffers);
        let mut copies = vec![(description.source, number_of)];
        // What it says of packages by copies in other feeds stays with those: copies without a date, which is never newer.
        description.modified = None;
        for package in segment.packages_of(record)? {
            let (hash, package) = (segment.package_hash(package)?, segment.package(package)?);
            for (_, source, entry) in package.raw_entries()?.into_iter().filter(|(of, ..)| *of == record) {
                description.source = number(segment.source(source)?);
                let copy = match copies.iter().find(|(source, _)| *source == description.source) {
                    Some((_, copy)) => *copy,
                    None => {
                        let fresh = self.next_number();
                        self.held += write_description(&description, fresh, &mut self.buffers);
                        copies.push((description.source, fresh));
                        fresh
                    }
                };
                let ecosystem = package.ecosystem.index();
                let row = rows::PackageRow { hash, ecosystem, name: package.name, entry };
                let buffer = &mut self.buffers[Pile::Entries.at(partition_of(hash))];
                self.held += row.write(copy, buffer);
            }
        }
        Ok(())
    }

    /// Hands all rows to the builder; call it when the worker is done.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn flush(&mut self) -> Result<(), BuildError> {
        let mut state = self.builder.state();
        for (partition, buffer) in self.buffers.iter_mut().enumerate() {
            state.spill.append(partition, buffer)?;
        }
        self.held = 0;
        Ok(())
    }

    fn next_number(&mut self) -> u32 {
        if self.left == 0 {
            let mut state = self.builder.state();
            self.base = state.records;
            state.records += Self::NUMBERS;
            self.left = Self::NUMBERS;
        }
        self.left -= 1;
        self.base + (Self::NUMBERS - 1 - self.left)
    }
}

/// Writes the row of a record into its partition's buffer; the answer is its length.
fn write_description(description: &rows::Description<'_>, number: u32, buffers: &mut [Vec<u8>]) -> usize {
    let buffer = &mut buffers[Pile::Advisories.at(partition_of(hash::of_id(description.id)))];
    let before = buffer.len();
    description.write(number, buffer);
    buffer.len() - before
}
