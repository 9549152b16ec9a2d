//! One changed record, from receipt to a state of the data that has it: a delta on top of what is held, in milliseconds.

use std::fs;
use std::path::PathBuf;

use bedrail_formats::feed::osv;
use bedrail_vulndb::delta;
use sha2::{Digest, Sha256};

use super::data::{Data, Refreshed};
use super::error::FeedError;
use super::folder::{DataDir, write_whole};
use super::manifest::Manifest;
use super::sources::Source;

/// A record as received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received<'r> {
    /// The source that it is from, such as `osv/Maven`.
    pub source: &'r str,
    /// The record, OSV JSON.
    pub json: &'r [u8],
}

/// Takes changed records into the data in use. The answer tells what was in use before and is now, and from that which
/// packages to judge anew. The next full update merges all deltas into a new base.
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
        if Source::named(record.source).is_none_or(|source| !source.is_osv()) {
            return Err(FeedError::UnknownSource { name: record.source.to_owned() });
        }
        let advisory = osv::parse(record.json)
            .map_err(|error| FeedError::Record { source_name: record.source.to_owned(), source: error })?;
        hasher.update(record.json);
        changed.push((advisory, record.source));
    }
    let snapshot = hex::encode(hasher.finalize())[..16].to_owned();
    // The state that the manifest names, not an older one that this handle may still have.
    data.refresh()?;
    let current = data.current();
    for (record, (advisory, _)) in received.iter().zip(&changed) {
        let path = original(dir, record.source, &advisory.id);
        let folder = folder(dir, record.source);
        fs::create_dir_all(&folder).map_err(FeedError::file(&folder))?;
        write_whole(&path, record.json)?;
    }
    let name = format!("delta-{snapshot}.idx");
    delta::write(&dir.vulndb().join(&name), current.db(), &changed, &snapshot)?;
    manifest.deltas.retain(|delta| *delta != name);
    manifest.deltas.insert(0, name);
    manifest.snapshot = snapshot;
    manifest.write(dir)?;
    data.refresh()
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
