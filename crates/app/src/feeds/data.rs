//! The vulnerability data in use: an open index that can be exchanged for a newer one while it is being asked.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bedrail_assess::weakness;
use bedrail_model::finding::Weakness;
use bedrail_vulndb::db::PackageName;
use bedrail_vulndb::segment::Segment;
use bedrail_vulndb::{AdvisoryRef, Db, GroupRef, SideTables, delta};

use super::error::FeedError;
use super::folder::DataDir;
use super::judge::{Judge, Question, Verdict};
use super::manifest::Manifest;
use super::starter;

/// The vulnerability data in use. Cheap to clone; all clones see a newer state at the same time.
#[derive(Debug, Clone)]
pub struct Data {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    dir: Option<DataDir>,
    current: ArcSwap<Current>,
}

/// One state of the data. Whoever holds it sees no change.
#[derive(Debug, Default)]
pub struct Current {
    pub(crate) db: Db,
    pub(crate) side: Option<SideTables>,
    pub(crate) manifest: Option<Manifest>,
    files: Vec<(String, Arc<Segment>)>,
    stamp: Option<Stamp>,
}

/// A change of the data in use.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// The state before.
    pub before: Arc<Current>,
    /// The state now in use.
    pub after: Arc<Current>,
}

impl Refreshed {
    /// The packages whose judgement may differ, by what the advisories say. KEV and EPSS are not part of it: they change
    /// what is known of a weakness, not what it touches.
    ///
    /// # Errors
    /// When one of the states is damaged.
    pub fn touched(&self) -> Result<Vec<PackageName>, FeedError> {
        Ok(delta::touched(&self.before.db, &self.after.db)?)
    }
}

/// What tells one manifest file from the next: every update makes a new file.
type Stamp = (u64, u64, i64);

impl Data {
    /// Opens the data of a folder; where none was ever fetched, the starter advisories.
    ///
    /// # Errors
    /// When what the manifest names cannot be opened: data that is held but damaged is never passed over in silence.
    pub fn open(dir: &DataDir) -> Result<Data, FeedError> {
        let current = ArcSwap::from_pointee(Current::open(dir, &[])?);
        Ok(Data { shared: Arc::new(Shared { dir: Some(dir.clone()), current }) })
    }

    /// No data at all: everything is "cannot tell".
    pub fn none() -> Data {
        Data { shared: Arc::new(Shared { dir: None, current: ArcSwap::from_pointee(Current::default()) }) }
    }

    /// Exchanges the data for a newer state, if an update has made one since.
    ///
    /// # Errors
    /// When the newer state cannot be opened; the old one stays in use.
    pub fn refresh(&self) -> Result<Option<Refreshed>, FeedError> {
        let Some(dir) = &self.shared.dir else { return Ok(None) };
        let before = self.current();
        if stamp_of(dir) == before.stamp {
            return Ok(None);
        }
        let after = Arc::new(Current::open(dir, &before.files)?);
        self.shared.current.store(Arc::clone(&after));
        Ok(Some(Refreshed { before, after }))
    }

    /// The present state, held fast.
    pub fn current(&self) -> Arc<Current> {
        self.shared.current.load_full()
    }

    /// The folder it is from.
    pub fn dir(&self) -> Option<&DataDir> {
        self.shared.dir.as_ref()
    }

    /// What the data says of one component. For many components hold [`Data::current`] and one [`Judge`].
    ///
    /// # Errors
    /// When the index is damaged where it was read.
    pub fn judge(&self, question: &Question<'_>) -> Result<Verdict, FeedError> {
        let current = self.current();
        Judge::new(&current).judge(question)
    }

    /// The weakness that has this id, be it a record's own or only an alias.
    ///
    /// # Errors
    /// When the index is damaged where it was read.
    pub fn weakness(&self, id: &str) -> Result<Option<Weakness>, FeedError> {
        let current = self.current();
        let group = current.find(id)?;
        group.map(|group| current.weakness(group)).transpose()
    }

    /// Packages whose name contains a text, the shortest names first, at most `limit`.
    ///
    /// # Errors
    /// When the index is damaged where it was read.
    pub fn packages_named(&self, text: &str, limit: usize) -> Result<Vec<PackageName>, FeedError> {
        Ok(self.current().db.packages_named(text, limit)?)
    }

    /// The packages that the records of a weakness name, sorted.
    ///
    /// # Errors
    /// When the index is damaged where it was read.
    pub fn packages_of(&self, id: &str) -> Result<Vec<PackageName>, FeedError> {
        let current = self.current();
        let mut packages = Vec::new();
        for record in current.records_of(id)? {
            packages.extend(current.db.packages_of(record)?);
        }
        packages.sort_unstable();
        packages.dedup();
        Ok(packages)
    }
}

impl Current {
    /// Opens what the manifest names; files that are open already are used again.
    fn open(dir: &DataDir, open: &[(String, Arc<Segment>)]) -> Result<Current, FeedError> {
        let stamp = stamp_of(dir);
        let Some(manifest) = Manifest::read(dir)? else {
            let (db, side) = starter::open(dir)?;
            return Ok(Current { db, side: Some(side), manifest: None, files: Vec::new(), stamp });
        };
        let folder = dir.vulndb();
        let names = manifest.deltas.iter().chain(Some(&manifest.base)).filter(|name| !name.is_empty());
        let files = names.map(|name| match open.iter().find(|(known, _)| known == name) {
            Some((_, segment)) => Ok((name.clone(), Arc::clone(segment))),
            None => Ok((name.clone(), Arc::new(Segment::open(&folder.join(name))?))),
        });
        let files = files.collect::<Result<Vec<_>, FeedError>>()?;
        let db = Db::new(files.iter().map(|(_, segment)| Arc::clone(segment)).collect())?;
        let side = (!manifest.side.is_empty()).then(|| SideTables::open(&folder.join(&manifest.side)));
        Ok(Current { db, side: side.transpose()?, manifest: Some(manifest), files, stamp })
    }

    /// The id of this state, as evidence cites it.
    pub fn snapshot(&self) -> &str {
        match &self.manifest {
            Some(manifest) => &manifest.snapshot,
            None => self.db.snapshot(),
        }
    }

    /// The advisories.
    pub const fn db(&self) -> &Db {
        &self.db
    }

    /// The weakness that has this id; ids are told apart whatever their case where that is needed (`cve-2021-44228`).
    pub(crate) fn find(&self, id: &str) -> Result<Option<GroupRef>, FeedError> {
        let id = id.trim();
        match self.db.find_weakness(id)? {
            Some(group) => Ok(Some(group)),
            None => Ok(self.db.find_weakness(&canonical_case(id))?),
        }
    }

    /// The records of the weakness that has this id; none where it is not known.
    pub(crate) fn records_of(&self, id: &str) -> Result<Vec<AdvisoryRef>, FeedError> {
        let Some(group) = self.find(id)? else { return Ok(Vec::new()) };
        Ok(self.db.group(group)?.1)
    }

    /// What is known of a weakness, all its records, KEV and EPSS together.
    pub(crate) fn weakness(&self, group: GroupRef) -> Result<Weakness, FeedError> {
        let (ids, records) = self.db.group(group)?;
        let records =
            records.into_iter().map(|record| self.db.advisory(record)).collect::<Result<Vec<_>, _>>()?;
        let (mut kev, mut epss) = (None, Vec::new());
        if let Some(side) = &self.side {
            for id in &ids {
                kev = kev.or(side.kev(id)?);
                epss.extend(side.epss(id)?);
            }
        }
        Ok(weakness::merge(&ids, &records, kev, weakness::highest(epss.into_iter())))
    }
}

/// CVE ids are upper case; GHSA ids are upper case up to the first hyphen and lower case after it.
fn canonical_case(id: &str) -> String {
    match id.split_once('-') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("ghsa") => {
            format!("GHSA-{}", rest.to_ascii_lowercase())
        }
        _ => id.to_ascii_uppercase(),
    }
}

fn stamp_of(dir: &DataDir) -> Option<Stamp> {
    let file = fs::metadata(dir.manifest()).ok()?;
    Some((file.ino(), file.len(), file.mtime_nsec() ^ file.mtime()))
}
