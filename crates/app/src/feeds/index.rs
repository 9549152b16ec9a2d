//! Builds the index from zips of OSV records: two workers unzip, read and compile; see `vulndb::build` for the rest.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bedrail_formats::feed::archive::{Buffers, Cursor, Entry, FeedLimits, FeedZip};
use bedrail_formats::feed::osv;
use bedrail_model::component::Warning;
use bedrail_vulndb::{BuildError, Builder, Shard, Summary};
use jiff::Timestamp;

use super::error::FeedError;

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
    /// The zip.
    pub(crate) path: PathBuf,
}

/// What was found in a feed.
#[derive(Debug, Default, Clone)]
pub(crate) struct Found {
    /// Records read.
    pub(crate) records: u64,
    /// Entries that could not be read.
    pub(crate) bad: u64,
    /// The newest `modified`, unless it lies after the present moment.
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
    add_loose(&builder, loose)?;
    let feeder = Mutex::new(Feeder::new(inputs));
    let read = AtomicU64::new(0);
    let work = Work { builder: &builder, feeder: &feeder, read: &read, now, progress };
    let results: Vec<Result<Vec<Found>, BuildError>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(|| work.run(inputs.len()))).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut found = feeder.into_inner().unwrap_or_else(PoisonError::into_inner).broken;
    for result in results {
        for (total, part) in found.iter_mut().zip(result?) {
            total.add(part);
        }
    }
    Ok(Built { summary: builder.finish(snapshot)?, found })
}

/// Single records were read before they were kept; one that cannot be read any more says nothing.
fn add_loose(builder: &Builder, loose: &[(usize, PathBuf)]) -> Result<(), BuildError> {
    let mut shard = builder.shard();
    for (input, path) in loose {
        let Ok(json) = std::fs::read(path) else { continue };
        if let Ok(advisory) = osv::parse(&json) {
            shard.add(&advisory, *input as u16)?;
        }
    }
    shard.flush()
}

impl Found {
    fn add(&mut self, part: Found) {
        self.records += part.records;
        self.bad += part.bad;
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
    feeder: &'w Mutex<Feeder>,
    read: &'w AtomicU64,
    now: Timestamp,
    progress: &'w (dyn Fn(u64) + Sync),
}

impl Work<'_> {
    fn run(&self, inputs: usize) -> Result<Vec<Found>, BuildError> {
        let mut found = vec![Found::default(); inputs];
        let mut shard = self.builder.shard();
        let (mut buffers, mut batch) = (Buffers::default(), Vec::with_capacity(BATCH));
        loop {
            let next = self.feeder.lock().unwrap_or_else(PoisonError::into_inner).next(&mut batch);
            let Some((input, zip)) = next else { break };
            for entry in &batch {
                self.add(&mut shard, input, (&zip, entry), &mut buffers, &mut found[input])?;
            }
            let before = self.read.fetch_add(batch.len() as u64, Ordering::Relaxed);
            if before / 1024 != (before + batch.len() as u64) / 1024 {
                (self.progress)(before + batch.len() as u64);
            }
        }
        shard.flush()?;
        Ok(found)
    }

    fn add(
        &self,
        shard: &mut Shard<'_>,
        input: usize,
        (zip, entry): (&FeedZip, &Entry),
        buffers: &mut Buffers,
        found: &mut Found,
    ) -> Result<(), BuildError> {
        let json = match zip.read(entry, buffers) {
            Ok(json) => json,
            Err(error) => {
                found.warn(&entry.name, format!("the record was left out: {error}"));
                return Ok(());
            }
        };
        match osv::parse(json) {
            Ok(advisory) => {
                found.records += 1;
                // A date in the future is a mistake of the record and says nothing of the feed's age.
                found.as_of = found.as_of.max(advisory.modified.filter(|modified| *modified <= self.now));
                shard.add(&advisory, input as u16)?;
            }
            Err(error) => found.warn(&entry.name, format!("the record was left out: {error}")),
        }
        Ok(())
    }
}

/// Hands out entries of all feeds, one feed after the other.
struct Feeder {
    waiting: Vec<(usize, PathBuf)>,
    open: Option<Open>,
    broken: Vec<Found>,
}

struct Open {
    input: usize,
    zip: Arc<FeedZip>,
    directory: Cursor,
}

impl Feeder {
    fn new(inputs: &[Input]) -> Feeder {
        let waiting = inputs.iter().enumerate().rev().map(|(input, feed)| (input, feed.path.clone()));
        Feeder { waiting: waiting.collect(), open: None, broken: vec![Found::default(); inputs.len()] }
    }

    /// Fills a batch with entries of one feed; `None` when all are handed out.
    fn next(&mut self, batch: &mut Vec<Entry>) -> Option<(usize, Arc<FeedZip>)> {
        batch.clear();
        loop {
            let Some(open) = &mut self.open else {
                self.open_next()?;
                continue;
            };
            let (input, zip) = (open.input, Arc::clone(&open.zip));
            while batch.len() < BATCH {
                match open.directory.next(&zip) {
                    Some(Ok(entry)) if entry.name.ends_with(".json") => batch.push(entry),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => self.broken[input].broken = Some(error.to_string()),
                    None => {
                        self.open = None;
                        break;
                    }
                }
            }
            if !batch.is_empty() {
                return Some((input, zip));
            }
        }
    }

    fn open_next(&mut self) -> Option<()> {
        let (input, path) = self.waiting.pop()?;
        match FeedZip::open(&path, FeedLimits::default()) {
            Ok(zip) => {
                let directory = zip.cursor();
                self.open = Some(Open { input, zip: Arc::new(zip), directory });
            }
            Err(error) => self.broken[input].broken = Some(error.to_string()),
        }
        Some(())
    }
}

/// How many entries a feed states to have; zero where it cannot be read, which the build itself reports.
pub(crate) fn entries_in(path: &Path) -> u64 {
    FeedZip::open(path, FeedLimits::default()).map_or(0, |zip| zip.len())
}
