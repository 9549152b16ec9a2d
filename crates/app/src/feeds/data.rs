//! The vulnerability data in use: an open index that can be exchanged for a newer one while it is being asked.

use std::fs;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

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
use super::spoken::Spoken;
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
    snapshot: Arc<str>,
    files: Vec<(String, Arc<Segment>)>,
    stamp: Option<Stamp>,
    spoken: OnceLock<Spoken>,
}

/// A record that carries a weakness to its packages without being about it alone: `DSA-2896-1` fixes `CVE-2014-0160`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MentionedBy {
    /// The weakness that the record belongs to, under the name that findings have it.
    pub weakness: String,
    /// The record.
    pub advisory: String,
    /// Its source.
    pub source: String,
    /// One line on it; empty where the record has none.
    pub summary: String,
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
type Stamp = (u64, u64, SystemTime);

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

    /// Whether what the manifest names can be opened right now, apart from what is in use already.
    ///
    /// # Errors
    /// When it cannot.
    pub fn readable(&self) -> Result<(), FeedError> {
        match &self.shared.dir {
            Some(dir) if Manifest::read(dir)?.is_some() => Current::open(dir, &[]).map(drop),
            _ => Ok(()),
        }
    }

    /// Reads every block of the data in use and checks it against its checksum.
    ///
    /// # Errors
    /// With the first that is damaged.
    pub fn verify(&self) -> Result<(), FeedError> {
        let current = self.current();
        current.files.iter().try_for_each(|(_, segment)| segment.verify())?;
        Ok(current.side.as_ref().map_or(Ok(()), SideTables::verify)?)
    }

    /// Whether an update has made a newer state than the one in use.
    pub fn has_newer(&self) -> bool {
        self.shared.dir.as_ref().is_some_and(|dir| stamp_of(dir) != self.current().stamp)
    }

    /// What tells the newest state from others, without opening it: advisories, KEV and EPSS together.
    ///
    /// # Errors
    /// When the manifest cannot be read.
    pub(crate) fn newest_stand(&self) -> Result<String, FeedError> {
        let manifest = self.shared.dir.as_ref().map(Manifest::read).transpose()?.flatten();
        Ok(manifest.map_or_else(|| self.current().stand(), |manifest| manifest.stand()))
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
        match current.find(id)? {
            Some(group) => current.weakness(group).map(Some),
            None => current.only_mentioned(id),
        }
    }

    /// The records outside a weakness's alias group that carry it to their packages: the advisories of distributions that
    /// fix it. By any of its ids.
    ///
    /// # Errors
    /// When the index is damaged where it was read.
    pub fn mentioned_by(&self, id: &str) -> Result<Vec<MentionedBy>, FeedError> {
        let current = self.current();
        let mut mentions = Vec::new();
        for record in current.mentioning(id)? {
            let advisory = current.db.advisory(record)?;
            let (ids, _) = current.db.group(current.db.group_of(record)?)?;
            mentions.push(MentionedBy {
                weakness: ids.first().copied().unwrap_or(advisory.id).to_owned(),
                advisory: advisory.id.to_owned(),
                source: advisory.source.to_owned(),
                summary: advisory.summary.to_owned(),
            });
        }
        mentions.sort_unstable_by(|a, b| a.advisory.cmp(&b.advisory));
        Ok(mentions)
    }

    /// Packages whose name contains a text, the shortest names first, at most `limit`.
    ///
    /// # Errors
    /// When the index is damaged where it was read.
    pub fn packages_named(&self, text: &str, limit: usize) -> Result<Vec<PackageName>, FeedError> {
        Ok(self.current().db.packages_named(text, limit)?)
    }

    /// The packages that the records of a weakness name, and those that mention it, sorted.
    ///
    /// # Errors
    /// When the index is damaged where it was read.
    pub fn packages_of(&self, id: &str) -> Result<Vec<PackageName>, FeedError> {
        let current = self.current();
        let mut packages = Vec::new();
        for record in current.records_of(id)?.into_iter().chain(current.mentioning(id)?) {
            packages.extend(current.db.packages_of(record)?);
        }
        packages.sort_unstable();
        packages.dedup();
        Ok(packages)
    }

    /// Whether records of a weakness, or records that mention it, are held and none of them names a package: a record of NVD that
    /// awaits analysis, or one of an ecosystem that is not known here. Withdrawn records are no records.
    ///
    /// # Errors
    /// When the index is damaged where it was read.
    pub fn names_nothing(&self, id: &str) -> Result<bool, FeedError> {
        let current = self.current();
        let mut held = false;
        for record in current.records_of(id)?.into_iter().chain(current.mentioning(id)?) {
            if current.db.advisory(record)?.withdrawn.is_some() {
                continue;
            }
            held = true;
            if !current.db.packages_of(record)?.is_empty() {
                return Ok(false);
            }
        }
        Ok(held)
    }
}

impl Current {
    /// Opens what the manifest names; files that are open already are used again.
    fn open(dir: &DataDir, open: &[(String, Arc<Segment>)]) -> Result<Current, FeedError> {
        let stamp = stamp_of(dir);
        let Some(manifest) = Manifest::read(dir)? else {
            let (db, side) = starter::open(dir)?;
            let snapshot = db.snapshot().into();
            return Ok(Current { db, side: Some(side), snapshot, stamp, ..Current::default() });
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
        let (side, snapshot) = (side.transpose()?, manifest.snapshot.as_str().into());
        Ok(Current { db, side, manifest: Some(manifest), snapshot, files, stamp, spoken: OnceLock::new() })
    }

    /// The id of this state, as evidence cites it.
    pub const fn snapshot(&self) -> &Arc<str> {
        &self.snapshot
    }

    /// What tells this state from others: advisories, KEV and EPSS together.
    pub(crate) fn stand(&self) -> String {
        match &self.manifest {
            Some(manifest) => manifest.stand(),
            None => self.db.snapshot().to_owned(),
        }
    }

    /// The advisories.
    pub const fn db(&self) -> &Db {
        &self.db
    }

    /// The names of its packages and products as people say them; made when somebody first asks.
    pub(crate) fn spoken(&self) -> Result<&Spoken, FeedError> {
        if let Some(spoken) = self.spoken.get() {
            return Ok(spoken);
        }
        let spoken = Spoken::of(&self.db)?;
        Ok(self.spoken.get_or_init(|| spoken))
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

    /// The records outside a weakness's alias group that mention one of its ids; the id may be known by mentions alone.
    pub(crate) fn mentioning(&self, id: &str) -> Result<Vec<AdvisoryRef>, FeedError> {
        let ids = match self.find(id)? {
            Some(group) => self.db.group(group)?.0,
            None => return Ok(self.db.mentioned_by(&canonical_case(id.trim()))?),
        };
        let own = self.records_of(id)?;
        let mut records = Vec::new();
        for id in ids {
            records.extend(self.db.mentioned_by(id)?);
        }
        records.retain(|record| !own.contains(record));
        records.sort_unstable();
        records.dedup();
        Ok(records)
    }

    /// What is known of a weakness: its records, KEV and EPSS together, and what they leave open by those that it mentions.
    pub(crate) fn weakness(&self, group: GroupRef) -> Result<Weakness, FeedError> {
        let (ids, records) = self.db.group(group)?;
        let mut weakness = self.told_by(&ids, &records)?;
        let mut mentions: Vec<&str> = Vec::new();
        for record in records {
            mentions.extend(self.db.mentions_of(record)?);
        }
        mentions.retain(|id| !ids.contains(id));
        mentions.sort_unstable();
        mentions.dedup();
        let mentioned = mentions.iter().map(|id| self.mentioned(id)).collect::<Result<Vec<_>, _>>()?;
        weakness::rate_by_mentioned(&mut weakness, mentioned.iter());
        weakness.mentions = mentions.into_iter().map(str::to_owned).collect();
        Ok(weakness)
    }

    /// What is known of a weakness that another mentions, under the name that it has there.
    fn mentioned(&self, id: &str) -> Result<Weakness, FeedError> {
        let known = match self.db.find_weakness(id)? {
            Some(group) => {
                let (ids, records) = self.db.group(group)?;
                self.told_by(&ids, &records)?
            }
            None => self.told_by(&[id], &[])?,
        };
        Ok(Weakness { id: id.to_owned(), ..known })
    }

    /// A weakness that no record is about and some mention: all that is known of it is beside the records.
    fn only_mentioned(&self, id: &str) -> Result<Option<Weakness>, FeedError> {
        if self.mentioning(id)?.is_empty() {
            return Ok(None);
        }
        self.told_by(&[&canonical_case(id.trim())], &[]).map(Some)
    }

    /// What these records of one weakness say of it, and KEV and EPSS of its ids.
    fn told_by(&self, ids: &[&str], records: &[AdvisoryRef]) -> Result<Weakness, FeedError> {
        let records =
            records.iter().map(|record| self.db.advisory(*record)).collect::<Result<Vec<_>, _>>()?;
        let (mut kev, mut epss) = (None, Vec::new());
        if let Some(side) = &self.side {
            for id in ids {
                kev = kev.or(side.kev(id)?);
                epss.extend(side.epss(id)?);
            }
        }
        Ok(weakness::merge(ids, &records, kev, weakness::highest(epss.into_iter())))
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
    Some((number(&file), file.len(), file.modified().ok()?))
}

/// The number of a file on its disk.
#[cfg(unix)]
fn number(file: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(file)
}

/// Windows tells it to nobody who has not opened the file.
#[cfg(not(unix))]
fn number(_: &fs::Metadata) -> u64 {
    0
}
