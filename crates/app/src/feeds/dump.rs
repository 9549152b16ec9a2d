//! Records as received, and what the index holds of them.

use bedrail_assess::evidence::entry_rules;
use bedrail_formats::feed::archive::{Buffers, FeedLimits, FeedZip};
use bedrail_formats::feed::osv::{self, Prose};
use bedrail_vulndb::AdvisoryRef;

use super::change;
use super::data::{Current, Data};
use super::error::FeedError;
use super::sources::Source;
use super::starter;
use crate::advisories::Record;
use crate::credits;

/// Packages of one record shown with their ranges; a record of the kernel has thousands.
const PACKAGES_SHOWN: usize = 500;

/// One record as received, and what the index holds of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dump {
    /// Its id.
    pub id: String,
    /// Its source.
    pub source: String,
    /// The JSON as received; `None` where the feed that it came in is no longer kept.
    pub original: Option<String>,
    /// Packages, and what the record says of each, as the index holds it.
    pub affected: Vec<(String, String)>,
}

impl Data {
    /// Records by id: the one that has it as its own, else all of the weakness that has it as an alias.
    ///
    /// # Errors
    /// [`FeedError::UnknownRecord`] when the data does not know the id.
    pub fn dump(&self, id: &str) -> Result<Vec<Dump>, FeedError> {
        let current = self.current();
        let records = match current.db.find_advisory(id.trim())? {
            Some(record) => vec![record],
            None => current.records_of(id)?,
        };
        if records.is_empty() {
            return Err(FeedError::UnknownRecord { id: id.to_owned() });
        }
        let dump = |record| {
            let advisory = current.db.advisory(record)?;
            Ok(Dump {
                id: advisory.id.to_owned(),
                source: advisory.source.to_owned(),
                original: self.original(&current, advisory.id, advisory.source)?,
                affected: affected(&current, record)?,
            })
        };
        records.into_iter().map(dump).collect()
    }

    /// The records of a weakness, by any of its ids, with the prose of the originals; none where the id is not known.
    ///
    /// # Errors
    /// When the index or a kept feed is damaged.
    pub fn advisories_of(&self, id: &str) -> Result<Vec<Record>, FeedError> {
        let current = self.current();
        let records = current.records_of(id)?.into_iter().map(|record| {
            let advisory = current.db.advisory(record)?;
            let original = self.original(&current, advisory.id, advisory.source)?;
            let prose = original
                .and_then(|json| osv::parse_prose(json.as_bytes()).ok())
                .unwrap_or_else(Prose::default);
            Ok(Record {
                id: advisory.id.to_owned(),
                source: advisory.source.to_owned(),
                published: advisory.published,
                modified: advisory.modified,
                details: prose.details,
                affected: affected(&current, record)?,
                references: prose
                    .references
                    .into_iter()
                    .filter(|link| link.starts_with("https://"))
                    .collect(),
                credit: credits::of_record(advisory.id, advisory.source).to_owned(),
            })
        });
        records.collect()
    }

    /// The JSON of a record as received.
    fn original(&self, current: &Current, id: &str, source: &str) -> Result<Option<String>, FeedError> {
        if source == starter::SOURCE {
            let mut records = crate::starter::records();
            return Ok(records.find(|(name, _)| *name == id).map(|(_, json)| json.to_owned()));
        }
        let Some(dir) = self.dir() else { return Ok(None) };
        if let Ok(json) = std::fs::read_to_string(change::original(dir, source, id)) {
            return Ok(Some(json));
        }
        let held = current.manifest.as_ref().and_then(|manifest| manifest.sources.get(source));
        let (Some(held), Some(source)) = (held, Source::named(source)) else { return Ok(None) };
        let path = dir.feed(source, &held.sha256);
        if !path.is_file() {
            return Ok(None);
        }
        let zip = FeedZip::open(&path, FeedLimits::default())?;
        let Some(entry) = zip.find(&format!("{id}.json"))? else { return Ok(None) };
        let mut buffers = Buffers::default();
        Ok(zip.read(&entry, &mut buffers).ok().map(|json| String::from_utf8_lossy(json).into_owned()))
    }
}

/// Packages of a record and its rules on each: `Debian:12 openssl`, `introduced 0, fixed 3.0.9-1`.
fn affected(current: &Current, record: AdvisoryRef) -> Result<Vec<(String, String)>, FeedError> {
    let mut rows = Vec::new();
    for package in current.db.packages_of(record)? {
        current.db.entries(package.ecosystem, &package.name, |entry| {
            if entry.advisory == record && rows.len() < PACKAGES_SHOWN {
                let release =
                    entry.affected.release().map(|release| format!(":{release}")).unwrap_or_default();
                let name = format!("{}{release} {}", package.ecosystem.name(), package.name);
                rows.push((name, entry_rules(&entry.affected)));
            }
            Ok(())
        })?;
    }
    rows.sort();
    rows.dedup();
    Ok(rows)
}
