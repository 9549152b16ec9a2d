//! Brings the data up to date: from the public addresses, from a folder that mirrors them, or from a bundle.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bedrail_formats::feed::{epss, kev};
use bedrail_formats::limits::{self, Limits};
use bedrail_model::component::Warning;
use bedrail_model::finding::{Epss, KnownExploited};
use bedrail_vulndb::SideTables;
use bedrail_vulndb::segment::Segment;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::error::FeedError;
use super::fetch::Addresses;
use super::folder::{DataDir, copy_whole};
use super::index::{self, Found, Input};
use super::manifest::{Held, Manifest};
use super::sources::{SOURCES, Source, SourceKind};
use super::{bundle, change, fetch, mirror, single};

/// Where an update comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The public addresses, or what the environment names in their place.
    Public,
    /// These addresses.
    Addresses(Addresses),
    /// A folder with `osv/*/all.zip`, `nvd/json/cve/2.0/nvdcve-2.0-*.json.gz`, `kev/known_exploited_vulnerabilities.json` and `epss/epss_scores-*.csv.gz`.
    Mirror(PathBuf),
    /// A file that [`bundle::write`] made.
    Bundle(PathBuf),
}

/// What an update may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Takes feeds that are older than the ones held.
    pub allow_older: bool,
    /// The first pause before a source is asked again that could not be had; each one after it is twice as long.
    pub pause: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options { allow_older: false, pause: Duration::from_secs(2) }
    }
}

/// How far an update is. Sent now and then, from any thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A source is being fetched: bytes so far, and in all where that is known.
    Fetching {
        /// Its name.
        source: String,
        /// Bytes so far.
        bytes: u64,
        /// Bytes in all.
        total: Option<u64>,
    },
    /// The index is being built: records read so far, and roughly how many there will be.
    Indexing {
        /// Records so far.
        records: u64,
        /// Entries that the feeds state.
        total: u64,
    },
}

/// What became of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is newer than what was held, and is now used.
    Updated,
    /// It is what was held already.
    Unchanged,
    /// It was not to be had, and why; what was held stays.
    NotFetched(String),
    /// It was not taken, and why; what was held stays.
    Refused(String),
}

/// What an update did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpdateReport {
    /// What became of each source, in the order of the table.
    pub sources: Vec<(String, Outcome)>,
    /// Whether a new index is in use.
    pub rebuilt: bool,
    /// Advisories now held.
    pub advisories: u64,
    /// Records and entries that were left out, with their source before their place.
    pub warnings: Vec<Warning>,
}

/// A feed that has been fetched and not yet been judged.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) source: &'static Source,
    pub(crate) path: PathBuf,
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

/// What fetching brought: candidates, sources that are as they were, and sources that were not to be had.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) unchanged: Vec<&'static Source>,
    pub(crate) failed: Vec<(&'static Source, String)>,
}

/// Brings the data up to date. What cannot be had, is older than what is held, or is empty, leaves what is held in place and
/// is reported.
///
/// # Errors
/// When nothing at all could be fetched, the folder cannot be written to, or another update is running.
pub async fn update(
    dir: &DataDir,
    origin: &Origin,
    options: Options,
    now: Timestamp,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<UpdateReport, FeedError> {
    dir.create()?;
    let _lock = dir.lock()?;
    let held = Manifest::read(dir)?.unwrap_or_default();
    let manner = fetch::Manner { now, pause: options.pause };
    let fetched = match origin {
        Origin::Mirror(folder) => mirror::read(folder, progress)?,
        Origin::Addresses(addresses) => fetch::from_public(dir, &held, addresses, manner, progress).await?,
        Origin::Bundle(file) => bundle::read(dir, file, progress)?,
        Origin::Public => fetch::from_public(dir, &held, &Addresses::from_env(), manner, progress).await?,
    };
    Update { dir, held, options, now, progress, report: UpdateReport::default() }.take(fetched)
}

fn read_feed(path: &Path) -> Result<Vec<u8>, String> {
    let limits = Limits::default();
    let file = File::open(path).map_err(|error| error.to_string())?;
    let bytes =
        limits::read_capped(file.take(limits.bytes_in + 1), &limits).map_err(|error| error.to_string())?;
    limits::expand(&bytes, &limits).map(|bytes| bytes.into_owned()).map_err(|error| error.to_string())
}

pub(super) fn read_scores(path: &Path) -> Result<epss::Scores, String> {
    let text = String::from_utf8(read_feed(path)?).map_err(|_| "it is not UTF-8".to_owned())?;
    epss::parse(&text).map_err(|error| error.to_string())
}

struct Update<'u> {
    dir: &'u DataDir,
    held: Manifest,
    options: Options,
    now: Timestamp,
    progress: &'u (dyn Fn(Progress) + Send + Sync),
    report: UpdateReport,
}

/// What a candidate turned out to be.
type Judged = Result<Held, String>;

impl Update<'_> {
    fn take(mut self, fetched: Fetched) -> Result<UpdateReport, FeedError> {
        let mut outcomes: BTreeMap<&str, Outcome> = BTreeMap::new();
        for (source, why) in fetched.failed {
            outcomes.insert(source.name, Outcome::NotFetched(why));
        }
        for source in fetched.unchanged {
            outcomes.insert(source.name, Outcome::Unchanged);
        }
        let same = |candidate: &Candidate| {
            self.held.sources.get(candidate.source.name).is_some_and(|held| held.sha256 == candidate.sha256)
        };
        let (same, changed): (Vec<Candidate>, Vec<Candidate>) =
            fetched.candidates.into_iter().partition(same);
        for candidate in &same {
            outcomes.insert(candidate.source.name, Outcome::Unchanged);
        }
        if changed.is_empty() && self.held.sources.is_empty() {
            let why = outcomes.values().find_map(|outcome| match outcome {
                Outcome::NotFetched(why) => Some(why.clone()),
                _ => None,
            });
            return Err(FeedError::NothingFetched(why.unwrap_or_default()));
        }
        let mut next = self.held.clone();
        for candidate in &same {
            // The same content under a newer tag: the next request is to name that one.
            if let Some(held) = next.sources.get_mut(candidate.source.name) {
                held.etag = candidate.etag.clone().or(held.etag.take());
                held.last_modified = candidate.last_modified.clone().or(held.last_modified.take());
            }
        }
        for (name, outcome) in &outcomes {
            if let (Outcome::Unchanged, Some(held)) = (outcome, next.sources.get_mut(*name)) {
                held.fetched_at = Some(self.now);
            }
        }
        let (advisories, side): (Vec<Candidate>, Vec<Candidate>) =
            changed.into_iter().partition(|candidate| candidate.source.has_advisories());
        for candidate in side {
            let judged = self.judge_side(&candidate)?;
            outcomes.insert(candidate.source.name, self.settle(&mut next, &candidate, judged)?);
        }
        self.update_index(advisories, &mut next, &mut outcomes)?;
        self.update_side(&mut next)?;
        next.write(self.dir)?;
        self.remove_unused(&next, &outcomes);
        self.report.advisories = next.advisories;
        let in_order = SOURCES.iter().filter_map(|source| {
            outcomes.remove(source.name).map(|outcome| (source.name.to_owned(), outcome))
        });
        self.report.sources = in_order.collect();
        Ok(self.report)
    }

    /// Puts an accepted candidate into the folder and the manifest.
    fn settle(
        &self,
        next: &mut Manifest,
        candidate: &Candidate,
        judged: Judged,
    ) -> Result<Outcome, FeedError> {
        match judged {
            Ok(held) => {
                self.keep(candidate)?;
                next.sources.insert(candidate.source.name.to_owned(), held);
                Ok(Outcome::Updated)
            }
            Err(why) => Ok(Outcome::Refused(why)),
        }
    }

    fn keep(&self, candidate: &Candidate) -> Result<PathBuf, FeedError> {
        let target = self.dir.feed(candidate.source, &candidate.sha256);
        if !target.is_file() {
            copy_whole(&candidate.path, &target)?;
        }
        Ok(target)
    }

    /// Reads KEV or EPSS.
    fn judge_side(&mut self, candidate: &Candidate) -> Result<Judged, FeedError> {
        let (found, stated) = match candidate.source.kind {
            SourceKind::Kev => {
                let read =
                    read_feed(&candidate.path).and_then(|json| kev::parse(&json).map_err(|e| e.to_string()));
                match read {
                    Ok(list) => {
                        let stated = list.count.unwrap_or(0);
                        (found_in(list.entries.len(), list.released, list.warnings), stated)
                    }
                    Err(why) => return Ok(Err(why)),
                }
            }
            _ => match read_scores(&candidate.path) {
                Ok(scores) => (found_in(scores.rows.len(), scores.date, scores.warnings), 0),
                Err(why) => return Ok(Err(why)),
            },
        };
        Ok(self.judge_found(candidate, found, stated))
    }

    /// Whether what was found may take the place of what is held.
    fn judge_found(&mut self, candidate: &Candidate, found: Found, stated: u64) -> Judged {
        let name = candidate.source.name;
        if let Some(why) = found.broken {
            return Err(why);
        }
        if found.records == 0 {
            return Err("it is empty; what was held stays in use".to_owned());
        }
        let before = self.held.sources.get(name).and_then(|held| held.as_of);
        if let (Some(before), Some(as_of), false) = (before, found.as_of, self.options.allow_older)
            && as_of < before
        {
            let day = |moment: Timestamp| moment.strftime("%Y-%m-%d").to_string();
            let (new, old) = (day(as_of), day(before));
            return Err(format!(
                "it is of {new}, older than the one held, of {old}; hint: `--allow-older` takes it"
            ));
        }
        let missing = found.bad.max(stated.saturating_sub(found.records));
        self.report.warnings.extend(
            found
                .warnings
                .into_iter()
                .map(|warning| Warning { place: format!("{name}: {}", warning.place), ..warning }),
        );
        let note = (missing > 0).then(|| format!("{missing} records could not be read or are missing"));
        Ok(Held {
            sha256: candidate.sha256.clone(),
            bytes: candidate.bytes,
            as_of: found.as_of,
            fetched_at: Some(self.now),
            records: found.records,
            missing,
            note,
            etag: candidate.etag.clone(),
            last_modified: candidate.last_modified.clone(),
        })
    }

    /// Builds the index anew, unless all of it is as it was. A feed that is refused when its records have been seen makes the
    /// build start over without it; that is rare.
    fn update_index(
        &mut self,
        mut candidates: Vec<Candidate>,
        next: &mut Manifest,
        outcomes: &mut BTreeMap<&str, Outcome>,
    ) -> Result<(), FeedError> {
        let usable = |manifest: &Manifest| {
            !manifest.base.is_empty() && Segment::open(&self.dir.vulndb().join(&manifest.base)).is_ok()
        };
        let has_advisories = |name: &String| Source::named(name).is_some_and(Source::has_advisories);
        if candidates.is_empty() && (usable(&self.held) || !next.sources.keys().any(has_advisories)) {
            return Ok(());
        }
        loop {
            let inputs = self.inputs(&candidates)?;
            let snapshot = snapshot_of(&inputs);
            let name = format!("base-{snapshot}.idx");
            let total = inputs.iter().map(|(_, _, entries)| entries).sum();
            let feeds: Vec<Input> = inputs.iter().map(|(input, _, _)| input.clone()).collect();
            let tell = |records| (self.progress)(Progress::Indexing { records, total });
            let loose = self.changed_records(&feeds);
            let built =
                index::build(&self.dir.vulndb().join(&name), (&feeds, &loose), &snapshot, self.now, &tell)?;
            let mut found: BTreeMap<String, Found> =
                feeds.into_iter().map(|feed| feed.name).zip(built.found).collect();
            let mut refused = Vec::new();
            let mut accepted = Vec::new();
            self.report.warnings.clear();
            for candidate in candidates {
                let of_it = found.remove(candidate.source.name).unwrap_or_default();
                let stated = of_it.stated;
                match self.judge_found(&candidate, of_it, stated) {
                    Ok(held) => accepted.push((candidate, held)),
                    Err(why) => refused.push((candidate, why)),
                }
            }
            if refused.is_empty() {
                for (candidate, held) in accepted {
                    outcomes.insert(candidate.source.name, self.settle(next, &candidate, Ok(held))?);
                }
                (next.base, next.snapshot) = (name, snapshot);
                next.deltas = Vec::new();
                next.advisories = built.summary.advisories;
                self.report.rebuilt = true;
                return Ok(());
            }
            for (candidate, why) in refused {
                outcomes.insert(candidate.source.name, Outcome::Refused(why));
            }
            candidates = accepted.into_iter().map(|(candidate, _)| candidate).collect();
            if candidates.is_empty() && usable(&self.held) {
                return Ok(());
            }
        }
    }

    /// All feeds of advisories to build from: the candidates, and what is held of the others; with digest and number of entries.
    fn inputs(&self, candidates: &[Candidate]) -> Result<Vec<(Input, String, u64)>, FeedError> {
        let mut inputs = Vec::new();
        for source in SOURCES.iter().filter(|source| source.has_advisories()) {
            let candidate = candidates.iter().find(|candidate| candidate.source == source);
            let (path, sha256) = match (candidate, self.held.sources.get(source.name)) {
                (Some(candidate), _) => (candidate.path.clone(), candidate.sha256.clone()),
                (None, Some(held)) => (self.dir.feed(source, &held.sha256), held.sha256.clone()),
                (None, None) => continue,
            };
            let input = Input { name: source.name.to_owned(), kind: source.kind, path };
            let entries = index::entries_in(&input);
            inputs.push((input, sha256, entries));
        }
        Ok(inputs)
    }

    /// Records received one by one since the feeds were fetched; where the feed has a newer copy, that one wins.
    fn changed_records(&self, feeds: &[Input]) -> Vec<(usize, PathBuf)> {
        let folders = feeds.iter().map(|feed| change::folder(self.dir, &feed.name)).enumerate();
        folders
            .flat_map(|(input, folder)| {
                let files = fs::read_dir(folder).into_iter().flatten().flatten();
                let mut files: Vec<PathBuf> = files.map(|file| file.path()).collect();
                files.sort();
                files.into_iter().map(move |file| (input, file))
            })
            .collect()
    }

    /// Writes KEV and EPSS as held now.
    fn update_side(&self, next: &mut Manifest) -> Result<(), FeedError> {
        let mut hasher = Sha256::new();
        for name in ["kev", "epss"] {
            hasher.update(next.sources.get(name).map_or("", |held| &held.sha256));
            hasher.update([0]);
        }
        let name = format!("side-{}.idx", &hex::encode(hasher.finalize())[..16]);
        let path = self.dir.vulndb().join(&name);
        if next.side == name && SideTables::open(&path).is_ok() {
            return Ok(());
        }
        let path_of = |name: &str| {
            let held = next.sources.get(name)?;
            Source::named(name).map(|source| self.dir.feed(source, &held.sha256))
        };
        let kev: Vec<(String, KnownExploited)> = path_of("kev")
            .and_then(|path| kev::parse(&read_feed(&path).ok()?).ok())
            .map_or_else(Vec::new, |list| list.entries);
        let epss: Vec<(String, Epss)> = path_of("epss")
            .and_then(|path| read_scores(&path).ok())
            .map_or_else(Vec::new, |scores| scores.rows);
        SideTables::write(&path, &kev, &epss)?;
        next.side = name;
        Ok(())
    }

    /// Removes feeds and index files that the manifest no longer names. Whoever has one open keeps it.
    /// What came of a download that broke stays for the next run.
    fn remove_unused(&self, next: &Manifest, outcomes: &BTreeMap<&str, Outcome>) {
        let used_index = |name: &str| {
            name == next.base || name == next.side || next.deltas.iter().any(|delta| delta == name)
        };
        remove_files(&self.dir.vulndb(), |name| {
            (name.ends_with(".idx") && !used_index(name)) || name.ends_with(".tmp")
        });
        for source in SOURCES {
            let used = next.sources.get(source.name).map(|held| self.dir.feed(source, &held.sha256));
            let used =
                used.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
            remove_files(&self.dir.feeds_of(source.name), |name| Some(name) != used.as_deref());
        }
        let broken = outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::NotFetched(_)));
        let broken: Vec<String> = broken.map(|(name, _)| name.replace('/', "-")).collect();
        remove_files(&self.dir.incoming(), |file| {
            let name = file.strip_suffix(".part").or(file.strip_suffix(".json"));
            // Advisories of providers are fetched by somebody else.
            !file.starts_with(single::PREFIX)
                && !name.is_some_and(|name| broken.iter().any(|broken| broken == name))
        });
    }
}

fn found_in(records: usize, as_of: Option<Timestamp>, warnings: Vec<Warning>) -> Found {
    let bad = warnings.len() as u64;
    Found {
        records: records as u64,
        bad,
        as_of,
        warnings: warnings.into_iter().take(20).collect(),
        ..Found::default()
    }
}

/// The id of the data: a digest over what it is built from.
fn snapshot_of(inputs: &[(Input, String, u64)]) -> String {
    let mut hasher = Sha256::new();
    for (input, sha256, _) in inputs {
        hasher.update(input.name.as_bytes());
        hasher.update([0]);
        hasher.update(sha256.as_bytes());
    }
    hex::encode(hasher.finalize())[..16].to_owned()
}

/// Removes files of a folder; what cannot be removed is tried again by the next update.
fn remove_files(folder: &Path, unwanted: impl Fn(&str) -> bool) {
    let Ok(files) = fs::read_dir(folder) else { return };
    for file in files.flatten() {
        if unwanted(&file.file_name().to_string_lossy()) && file.path().is_file() {
            _ = fs::remove_file(file.path());
        }
    }
}
