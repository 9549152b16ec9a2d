//! The manifest: which files make up the data in use, and what is known of each source.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::FeedError;
use super::folder::{DataDir, write_whole};

const SCHEMA: &str = "bedrail.data/1";

/// Which files make up the data in use.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Manifest {
    /// The base index, below `vulndb/`; empty where no advisory is held.
    pub(crate) base: String,
    /// Deltas on top of it, the newest first.
    pub(crate) deltas: Vec<String>,
    /// KEV and EPSS; empty where neither is held.
    pub(crate) side: String,
    /// Id of the state of the data.
    pub(crate) snapshot: String,
    /// Advisories held.
    pub(crate) advisories: u64,
    /// What is held of each source, by its name.
    pub(crate) sources: BTreeMap<String, Held>,
}

/// What is held of a source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Held {
    /// SHA-256 of the feed, lower-case hex.
    pub(crate) sha256: String,
    /// Its length.
    pub(crate) bytes: u64,
    /// The newest date inside it.
    pub(crate) as_of: Option<Timestamp>,
    /// When it was fetched, or last found unchanged.
    pub(crate) fetched_at: Option<Timestamp>,
    /// Records read from it.
    pub(crate) records: u64,
    /// Records in it that could not be read, or that it says to have and has not.
    pub(crate) missing: u64,
    /// What is wrong or worth knowing.
    pub(crate) note: Option<String>,
    /// The server's tag of it, for the next conditional request.
    pub(crate) etag: Option<String>,
    /// The server's date of it, for the next conditional request.
    pub(crate) last_modified: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    schema: String,
    base: String,
    #[serde(default)]
    deltas: Vec<String>,
    #[serde(default)]
    side: String,
    snapshot: String,
    advisories: u64,
    sources: BTreeMap<String, WireHeld>,
}

#[derive(Serialize, Deserialize)]
struct WireHeld {
    sha256: String,
    bytes: u64,
    as_of: Option<String>,
    fetched_at: Option<String>,
    records: u64,
    #[serde(default)]
    missing: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified: Option<String>,
}

impl Manifest {
    /// What tells the state of the data from others: advisories, KEV and EPSS together.
    pub(crate) fn stand(&self) -> String {
        format!("{} {}", self.snapshot, self.side)
    }

    /// Reads the manifest; `None` where there is none.
    pub(crate) fn read(dir: &DataDir) -> Result<Option<Manifest>, FeedError> {
        let path = dir.manifest();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(FeedError::File { path, source }),
        };
        let damaged = |message: String| FeedError::Manifest { path: path.clone(), message };
        let wire: Wire = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        if wire.schema != SCHEMA {
            return Err(damaged(format!(
                "its schema is `{}`, expected `{SCHEMA}`",
                wire.schema.escape_debug()
            )));
        }
        let names = [&wire.base, &wire.side].into_iter().chain(&wire.deltas);
        if names.into_iter().any(|name| name.contains(['/', '\\'])) {
            return Err(damaged("it names files outside its folder".into()));
        }
        if wire.sources.values().any(|held| held.sha256.len() != 64 || !held.sha256.is_ascii()) {
            return Err(damaged("a digest in it is none".into()));
        }
        Ok(Some(Manifest::from(wire)))
    }

    /// Writes the manifest: from here on the data is what it says.
    pub(crate) fn write(&self, dir: &DataDir) -> Result<(), FeedError> {
        let path = dir.manifest();
        let text = serde_json::to_vec_pretty(&Wire::from(self))
            .map_err(|error| FeedError::Manifest { path: path.clone(), message: error.to_string() })?;
        write_whole(&path, &text)
    }
}

impl From<Wire> for Manifest {
    fn from(wire: Wire) -> Manifest {
        let moment = |text: Option<String>| text.and_then(|text| text.parse().ok());
        let held = |held: WireHeld| Held {
            sha256: held.sha256,
            bytes: held.bytes,
            as_of: moment(held.as_of),
            fetched_at: moment(held.fetched_at),
            records: held.records,
            missing: held.missing,
            note: held.note,
            etag: held.etag,
            last_modified: held.last_modified,
        };
        Manifest {
            base: wire.base,
            deltas: wire.deltas,
            side: wire.side,
            snapshot: wire.snapshot,
            advisories: wire.advisories,
            sources: wire.sources.into_iter().map(|(name, wire)| (name, held(wire))).collect(),
        }
    }
}

impl From<&Manifest> for Wire {
    fn from(manifest: &Manifest) -> Wire {
        let held = |held: &Held| WireHeld {
            sha256: held.sha256.clone(),
            bytes: held.bytes,
            as_of: held.as_of.map(|moment| moment.to_string()),
            fetched_at: held.fetched_at.map(|moment| moment.to_string()),
            records: held.records,
            missing: held.missing,
            note: held.note.clone(),
            etag: held.etag.clone(),
            last_modified: held.last_modified.clone(),
        };
        Wire {
            schema: SCHEMA.to_owned(),
            base: manifest.base.clone(),
            deltas: manifest.deltas.clone(),
            side: manifest.side.clone(),
            snapshot: manifest.snapshot.clone(),
            advisories: manifest.advisories,
            sources: manifest.sources.iter().map(|(name, value)| (name.clone(), held(value))).collect(),
        }
    }
}
