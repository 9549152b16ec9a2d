//! One changed record, from receipt to a state of the data that has it: a delta on top of what is held, in milliseconds.

use std::fs;
use std::path::PathBuf;

use bedrail_formats::feed::{nvd, osv};
use bedrail_model::advisory::Advisory;
use bedrail_vulndb::delta;
use sha2::{Digest, Sha256};

use super::data::{Data, Refreshed};
use super::error::FeedError;
use super::folder::{DataDir, write_whole};
use super::manifest::Manifest;
use super::sources::{Source, SourceKind};

/// A record as received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received<'r> {
    /// The source that it is from, such as `osv/Maven`.
    pub source: &'r str,
    /// The record: OSV JSON, or one of NVD's, `{"cve": {…}}`.
    pub json: &'r [u8],
}

/// A record that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// One of OSV.
    #[error(transparent)]
    Osv(#[from] osv::OsvError),
    /// One of NVD.
    #[error(transparent)]
    Nvd(#[from] nvd::NvdError),
}

/// Takes changed records into the data in use. The answer tells what was in use before and is now, and from that which
/// packages to judge anew. The next full update merges all deltas into a new base. A copy that is older than the one which the
/// same source gave before is passed over; `None` where nothing is left.
///
/// # Errors
/// When a record cannot be read, no base is held, or another update is running; nothing changes then.
pub fn apply(data: &Data, received: &[Received<'_>]) -> Result<Option<Refreshed>, FeedError> {
    let Some(dir) = data.dir() else { return Ok(None) };
    let _lock = dir.lock()?;
    let mut manifest = Manifest::read(dir)?.ok_or_else(|| {
        FeedError::NothingFetched("a change needs a base; run `bedrail db update` first".into())
    })?;
    let mut changed = Vec::with_capacity(received.len());
    let mut hasher = Sha256::new();
    hasher.update(&manifest.snapshot);
    for record in received {
        let source = Source::named(record.source).filter(|source| source.has_advisories());
        let source = source.ok_or_else(|| FeedError::UnknownSource { name: record.source.to_owned() })?;
        let advisory = parse(source.kind, record.json)
            .map_err(|error| FeedError::Record { source_name: record.source.to_owned(), source: error })?;
        changed.push((record, advisory));
    }
    // The state that the manifest names, not an older one that this handle may still have.
    let refreshed = data.refresh()?;
    let current = data.current();
    let mut timely = Vec::with_capacity(changed.len());
    for (record, advisory) in changed {
        if delta::is_late(current.db(), &advisory, record.source)? {
            continue;
        }
        hasher.update(record.json);
        let path = original(dir, record.source, &advisory.id);
        let folder = folder(dir, record.source);
        fs::create_dir_all(&folder).map_err(FeedError::file(&folder))?;
        write_whole(&path, record.json)?;
        timely.push((advisory, record.source));
    }
    if timely.is_empty() {
        return Ok(refreshed);
    }
    let snapshot = hex::encode(hasher.finalize())[..16].to_owned();
    let name = format!("delta-{snapshot}.idx");
    delta::write(&dir.vulndb().join(&name), current.db(), &timely, &snapshot)?;
    manifest.deltas.retain(|delta| *delta != name);
    manifest.deltas.insert(0, name);
    manifest.snapshot = snapshot;
    manifest.write(dir)?;
    data.refresh()
}

/// Reads a record as its source writes it.
///
/// # Errors
/// With what is wrong with it.
pub(super) fn parse(kind: SourceKind, json: &[u8]) -> Result<Advisory<'_>, RecordError> {
    match kind {
        SourceKind::Nvd => Ok(nvd::parse(json)?),
        SourceKind::NvdOverrides => Ok(nvd::parse_override(json)?),
        SourceKind::Osv | SourceKind::Kev | SourceKind::Epss => Ok(osv::parse(json)?),
    }
}

/// Where the originals of changed records of a source lie.
pub(crate) fn folder(dir: &DataDir, source: &str) -> PathBuf {
    dir.feeds_of("changed").join(source)
}

/// Where the original of a changed record lies. The id is from outside: only letters, digits, `-` and `_` stand in the name,
/// and a digest keeps different ids apart.
pub(crate) fn original(dir: &DataDir, source: &str, id: &str) -> PathBuf {
    let plain: String =
        id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(80).collect();
    let digest = hex::encode(Sha256::digest(id.as_bytes()));
    folder(dir, source).join(format!("{plain}.{}.json", &digest[..12]))
}
