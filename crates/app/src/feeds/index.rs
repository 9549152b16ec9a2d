//! Builds the index from zips of OSV records and feeds of NVD: two workers unzip, read and compile; see `vulndb::build` for
//! the rest.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bedrail_formats::feed::archive::{Buffers, Cursor, Entry, FeedLimits, FeedZip};
use bedrail_formats::feed::nvd::{NvdLimits, Records};
use bedrail_model::component::Warning;
use bedrail_vulndb::{BuildError, Builder, Shard, Summary};
use jiff::Timestamp;

use super::change::parse;
use super::error::FeedError;
use super::sources::SourceKind;

/// Threads that unzip and compile. Two: the rest of the machine has other work.
const WORKERS: usize = 2;
/// Entries that a worker takes at a time.
const BATCH: usize = 32;
/// Warnings kept in words for each source; the rest is counted.
const WARNINGS_KEPT: usize = 20;

/// A feed to build from.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    /// Name of the source.
    pub(crate) name: String,
    /// How it is written.
    pub(crate) kind: SourceKind,
    /// The file.
    pub(crate) path: PathBuf,
}

/// What was found in a feed.
#[derive(Debug, Default, Clone)]
pub(crate) struct Found {
    /// Records read.
    pub(crate) records: u64,
    /// Entries that could not be read.
    pub(crate) bad: u64,
    /// Records that the feed says to have; zero where it does not.
    pub(crate) stated: u64,
    /// When the feed was made, where it says so, else the newest `modified`; never after the present moment.
    pub(crate) as_of: Option<Timestamp>,
    /// What could not be read, with its place.
    pub(crate) warnings: Vec<Warning>,
    /// The feed as a whole cannot be read, and why.
    pub(crate) broken: Option<String>,
}

/// What was built.
#[derive(Debug, Default)]
pub(crate) struct Built {
    /// The index.
    pub(crate) summary: Summary,
    /// By input.
    pub(crate) found: Vec<Found>,
}

/// Builds the index at `path` from feeds and from single records, each with the number of its input. `progress` hears records read so far, now and then, from any thread.
pub(crate) fn build(
    path: &Path,
    (inputs, loose): (&[Input], &[(usize, PathBuf)]),
    snapshot: &str,
    now: Timestamp,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Built, FeedError> {
    let builder = Builder::new(path, inputs.iter().map(|input| input.name.clone()).collect())?;
    add_loose(&builder, inputs, loose)?;
    let feeder = Mutex::new(Feeder::new(inputs, now));
    let read = AtomicU64::new(0);
    let work = Work { builder: &builder, inputs, feeder: &feeder, read: &read, now, progress };
    let results: Vec<Result<Vec<Found>, BuildError>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(|| work.run())).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut found = feeder.into_inner().unwrap_or_else(PoisonError::into_inner).found;
    for result in results {
        for (total, part) in found.iter_mut().zip(result?) {
            total.add(part);
        }
    }
    Ok(Built { summary: builder.finish(snapshot)?, found })
}

/// Single records were read before they were kept; one that cannot be read any more says nothing.
fn add_loose(builder: &Builder, inputs: &[Input], loose: &[(usize, PathBuf)]) -> Result<(), BuildError> {
    let mut shard = builder.shard();
    for (input, path) in loose {
        let Ok(json) = std::fs::read(path) else { continue };
        if let Ok(advisory) = parse(inputs[*input].kind, &json) {
            shard.add(&advisory, *input as u16)?;
        }
    }
    shard.flush()
}

impl Found {
    fn add(&mut self, part: Found) {
        self.records += part.records;
        self.bad += part.bad;
        self.stated = self.stated.max(part.stated);
        self.as_of = self.as_of.max(part.as_of);
        self.warnings.extend(part.warnings);
        self.warnings.sort_by(|a, b| a.place.cmp(&b.place));
        self.warnings.truncate(WARNINGS_KEPT);
    }

    fn warn(&mut self, place: &str, message: String) {
        self.bad += 1;
        if self.warnings.len() < WARNINGS_KEPT {
            self.warnings.push(Warning { place: place.to_owned(), message, lost: true });
        }
    }
}

struct Work<'w> {
    builder: &'w Builder,
    inputs: &'w [Input],
    feeder: &'w Mutex<Feeder>,
    read: &'w AtomicU64,
    now: Timestamp,
    progress: &'w (dyn Fn(u64) + Sync),
}

impl Work<'_> {
    fn run(&self) -> Result<Vec<Found>, BuildError> {
        let mut found = vec![Found::default(); self.inputs.len()];
        let mut shard = self.builder.shard();
        let (mut buffers, mut batch) = (Buffers::default(), Batch::default());
        loop {
            let next = self.feeder.lock().unwrap_or_else(PoisonError::into_inner).next(&mut batch);
            let Some((input, zip)) = next else { break };
            let found = &mut found[input];
            let to = (&mut shard, input);
            let taken = match zip {
                Some(zip) => self.add_entries(to, (&zip, &batch.entries), &mut buffers, found)?,
                None => self.add_records(to, &batch, found)?,
            };
            let before = self.read.fetch_add(taken, Ordering::Relaxed);
            if before / 1024 != (before + taken) / 1024 {
                (self.progress)(before + taken);
            }
        }
        shard.flush()?;
        Ok(found)
    }

    fn add_entries(
        &self,
        (shard, input): (&mut Shard<'_>, usize),
        (zip, entries): (&FeedZip, &[Entry]),
        buffers: &mut Buffers,
        found: &mut Found,
    ) -> Result<u64, BuildError> {
        for entry in entries {
            match zip.read(entry, buffers) {
                Ok(json) => self.add((shard, input), json, &entry.name, found)?,
                Err(error) => found.warn(&entry.name, format!("the record was left out: {error}")),
            }
        }
        Ok(entries.len() as u64)
    }

    fn add_records(
        &self,
        (shard, input): (&mut Shard<'_>, usize),
        batch: &Batch,
        found: &mut Found,
    ) -> Result<u64, BuildError> {
        for (number, json) in batch.numbers.iter().zip(&batch.records) {
            self.add((shard, input), json, &format!("/vulnerabilities/{number}"), found)?;
        }
        Ok(batch.numbers.len() as u64)
    }

    fn add(
        &self,
        (shard, input): (&mut Shard<'_>, usize),
        json: &[u8],
        place: &str,
        found: &mut Found,
    ) -> Result<(), BuildError> {
        match parse(self.inputs[input].kind, json) {
            Ok(advisory) => {
                found.records += 1;
                // A date in the future is a mistake of the record and says nothing of the feed's age.
                found.as_of = found.as_of.max(advisory.modified.filter(|modified| *modified <= self.now));
                shard.add(&advisory, input as u16)?;
            }
            Err(error) => found.warn(place, format!("the record was left out: {error}")),
        }
        Ok(())
    }
}

/// What a worker takes at a time, of one feed: entries of a zip, or records with their numbers.
#[derive(Default)]
struct Batch {
    entries: Vec<Entry>,
    numbers: Vec<u64>,
    records: Vec<Vec<u8>>,
}

/// Hands out entries of all feeds, one feed after the other.
struct Feeder {
    waiting: Vec<(usize, Input)>,
    now: Timestamp,
    open: Option<Open>,
    /// What was found out about the feeds as such.
    found: Vec<Found>,
}

enum Open {
    Zip { input: usize, zip: Arc<FeedZip>, directory: Cursor },
    Records { input: usize, records: Records<Box<dyn Read + Send>> },
}

impl Feeder {
    fn new(inputs: &[Input], now: Timestamp) -> Feeder {
        let waiting = inputs.iter().cloned().enumerate().rev();
        Feeder { waiting: waiting.collect(), now, open: None, found: vec![Found::default(); inputs.len()] }
    }

    /// Fills a batch with entries of one feed; `None` when all are handed out.
    fn next(&mut self, batch: &mut Batch) -> Option<(usize, Option<Arc<FeedZip>>)> {
        batch.entries.clear();
        batch.numbers.clear();
        loop {
            let (input, zip, more) = match &mut self.open {
                None => {
                    self.open_next()?;
                    continue;
                }
                Some(Open::Zip { input, zip, directory }) => {
                    let more = fill_entries((zip, directory), &mut batch.entries, &mut self.found[*input]);
                    (*input, Some(Arc::clone(zip)), more)
                }
                Some(Open::Records { input, records }) => {
                    let more = fill_records(records, batch, &mut self.found[*input]);
                    (*input, None, more)
                }
            };
            if !more {
                self.open = None;
            }
            if !batch.entries.is_empty() || !batch.numbers.is_empty() {
                return Some((input, zip));
            }
        }
    }

    fn open_next(&mut self) -> Option<()> {
        let (input, feed) = self.waiting.pop()?;
        match open(input, &feed) {
            Ok(open) => {
                if let Open::Records { records, .. } = &open {
                    let header = records.header();
                    self.found[input].stated = header.stated.unwrap_or(0);
                    self.found[input].as_of = header.made.filter(|made| *made <= self.now);
                }
                self.open = Some(open);
            }
            Err(why) => self.found[input].broken = Some(why),
        }
        Some(())
    }
}

fn open(input: usize, feed: &Input) -> Result<Open, String> {
    if feed.kind == SourceKind::Nvd {
        let records = Records::open(&feed.path, NvdLimits::default()).map_err(|error| error.to_string())?;
        return Ok(Open::Records { input, records });
    }
    let zip = FeedZip::open(&feed.path, FeedLimits::default()).map_err(|error| error.to_string())?;
    let directory = zip.cursor();
    Ok(Open::Zip { input, zip: Arc::new(zip), directory })
}

/// Takes the next entries; false at the end of the feed.
fn fill_entries(
    (zip, directory): (&FeedZip, &mut Cursor),
    batch: &mut Vec<Entry>,
    found: &mut Found,
) -> bool {
    while batch.len() < BATCH {
        match directory.next(zip) {
            Some(Ok(entry)) if entry.name.ends_with(".json") => batch.push(entry),
            Some(Ok(_)) => {}
            Some(Err(error)) => found.broken = Some(error.to_string()),
            None => return false,
        }
    }
    true
}

/// Takes the next records; false at the end of the feed. Buffers of earlier batches are used again.
fn fill_records(records: &mut Records<Box<dyn Read + Send>>, batch: &mut Batch, found: &mut Found) -> bool {
    while batch.numbers.len() < BATCH {
        let at = batch.numbers.len();
        if batch.records.len() == at {
            batch.records.push(Vec::new());
        }
        match records.next_into(&mut batch.records[at]) {
            Ok(Some(number)) => batch.numbers.push(number),
            Ok(None) => return false,
            Err(error) => {
                found.broken = Some(error.to_string());
                return false;
            }
        }
    }
    true
}

/// How many entries a feed states to have; zero where it cannot be read, which the build itself reports.
pub(crate) fn entries_in(feed: &Input) -> u64 {
    match feed.kind {
        SourceKind::Nvd => Records::open(&feed.path, NvdLimits::default())
            .map_or(0, |records| records.header().stated.unwrap_or(0)),
        _ => FeedZip::open(&feed.path, FeedLimits::default()).map_or(0, |zip| zip.len()),
    }
}
