//! Records as received, and what the index holds of them.

use bedrail_assess::evidence::entry_rules;
use bedrail_formats::feed::archive::{Buffers, Entry, FeedLimits, FeedZip};
use bedrail_formats::feed::nvd::{self, NvdLimits, Records};
use bedrail_formats::feed::osv::{self, Prose};
use bedrail_model::configuration::compiled::each_group;
use bedrail_model::ecosystem::Ecosystem;
use bedrail_vulndb::AdvisoryRef;

use super::change;
use super::data::{Current, Data};
use super::error::FeedError;
use super::sources::{Source, SourceKind};
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
            let prose = original.and_then(|json| prose_of(advisory.id, json.as_bytes()));
            let prose = prose.unwrap_or_else(Prose::default);
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
            let (cve, found) = (id.strip_prefix(nvd::PREFIX), |(_, json): (_, &str)| json.to_owned());
            return Ok(match cve {
                Some(cve) => crate::starter::of_nvd().find(|(name, _)| *name == cve).map(found),
                None => crate::starter::records().find(|(name, _)| *name == id).map(found),
            });
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
        if source.kind == SourceKind::Nvd {
            return Ok(in_feed(&path, id.strip_prefix(nvd::PREFIX).unwrap_or(id)));
        }
        let zip = FeedZip::open(&path, FeedLimits::default())?;
        let entry = match source.kind {
            SourceKind::NvdOverrides => below_folders(&zip, id)?,
            _ => zip.find(&format!("{id}.json"))?,
        };
        let Some(entry) = entry else { return Ok(None) };
        let mut buffers = Buffers::default();
        Ok(zip.read(&entry, &mut buffers).ok().map(|json| String::from_utf8_lossy(json).into_owned()))
    }
}

/// The text of a record, as its kind writes it.
fn prose_of(id: &str, json: &[u8]) -> Option<Prose> {
    if id.starts_with(nvd::PREFIX) {
        nvd::parse_prose(json).ok()
    } else if id.starts_with(nvd::OVERRIDE_PREFIX) {
        nvd::parse_override_prose(json).ok()
    } else {
        osv::parse_prose(json).ok()
    }
}

/// The entry of a CVE in the zip of a repository, whatever its folders are called.
fn below_folders(zip: &FeedZip, id: &str) -> Result<Option<Entry>, FeedError> {
    let name = format!("/{}.json", id.strip_prefix(nvd::OVERRIDE_PREFIX).unwrap_or(id));
    Ok(zip.find_where(|entry| entry.ends_with(&name))?)
}

/// The record of a CVE in a feed of NVD, as received; it is looked for from the beginning.
fn in_feed(path: &std::path::Path, cve: &str) -> Option<String> {
    let mut records = Records::open(path, NvdLimits::default()).ok()?;
    let mut record = Vec::new();
    while records.next_into(&mut record).ok()?.is_some() {
        if nvd::id_of(&record).is_ok_and(|id| id == cve) {
            return Some(String::from_utf8_lossy(&record).into_owned());
        }
    }
    None
}

/// Packages of a record and its rules on each: `Debian:12 openssl`, `introduced 0, fixed 3.0.9-1`.
fn affected(current: &Current, record: AdvisoryRef) -> Result<Vec<(String, String)>, FeedError> {
    let mut rows = products(current, record)?;
    for package in current.db.packages_of(record)? {
        if package.ecosystem == Ecosystem::CPE {
            continue;
        }
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

/// Rules quoted of a product; the kernel has hundreds of versions in one record.
const RULES_SHOWN: usize = 20;

/// The products of a record's configurations: what is affected, and what that must run on or with.
fn products(current: &Current, record: AdvisoryRef) -> Result<Vec<(String, String)>, FeedError> {
    let mut rows = Vec::new();
    let walked = each_group(current.db.configurations_of(record)?, |group, negated| {
        if rows.len() == PACKAGES_SHOWN {
            return;
        }
        let (mut rules, mut more) = (Vec::new(), 0_usize);
        _ = group.each(&mut Vec::new(), |criterion| {
            if rules.len() < RULES_SHOWN {
                rules.push(criterion.rule());
            } else {
                more += 1;
            }
            std::ops::ControlFlow::Continue(())
        });
        if more > 0 {
            rules.push(format!("and {more} more"));
        }
        let role = match (group.vulnerable, negated) {
            (_, true) => "not on or with",
            (true, false) => "affected",
            (false, false) => "on or with",
        };
        rows.push((format!("{} {}", Ecosystem::CPE, group.product), format!("{role}: {}", rules.join("; "))));
    });
    walked.map_err(bedrail_vulndb::ReadError::from)?;
    Ok(rows)
}
