//! The starter advisories: a few dozen records of famous weaknesses inside the program, so that the main question can be
//! answered before any feed was fetched. They are used only while no feed is held, and every answer says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bedrail_formats::feed::nvd::{self, NvdError};
use bedrail_formats::feed::osv::{self, OsvError};
use bedrail_model::finding::KnownExploited;
use bedrail_vulndb::segment::Segment;
use bedrail_vulndb::{Builder, Db, SideTables};
use sha2::{Digest, Sha256};

use super::error::FeedError;
use super::folder::DataDir;

/// The name of the source, as evidence cites it.
pub const SOURCE: &str = "starter";

/// A starter record that cannot be used: a fault of the program, found by its tests.
#[derive(Debug, thiserror::Error)]
pub enum StarterError {
    /// A record cannot be read.
    #[error("starter record {name}: {source}")]
    Record {
        /// File name.
        name: String,
        /// Why.
        source: OsvError,
    },
    /// A record of NVD cannot be read.
    #[error("starter record {name} of NVD: {source}")]
    Product {
        /// CVE id.
        name: String,
        /// Why.
        source: NvdError,
    },
    /// The index cannot be written.
    #[error(transparent)]
    Feed(#[from] FeedError),
}

/// A record by its name: the id and its JSON.
type Named<'r> = (&'r str, &'r str);

/// Builds an index of OSV records and records of NVD, given as name and JSON, with the source `starter`.
///
/// # Errors
/// When a record cannot be read or the file cannot be written.
pub fn build_starter(
    path: &Path,
    records: &[(&str, &str)],
    of_nvd: &[(&str, &str)],
) -> Result<(), StarterError> {
    let builder = Builder::new(path, vec![SOURCE.to_owned()]).map_err(FeedError::from)?;
    let mut shard = builder.shard();
    for (name, json) in records {
        let advisory = osv::parse(json.as_bytes())
            .map_err(|source| StarterError::Record { name: (*name).to_owned(), source })?;
        shard.add(&advisory, 0).map_err(FeedError::from)?;
    }
    for (name, json) in of_nvd {
        let advisory = nvd::parse(json.as_bytes())
            .map_err(|source| StarterError::Product { name: (*name).to_owned(), source })?;
        shard.add(&advisory, 0).map_err(FeedError::from)?;
    }
    shard.flush().map_err(FeedError::from)?;
    drop(shard);
    builder.finish(&snapshot(records, of_nvd)).map_err(FeedError::from)?;
    Ok(())
}

fn snapshot(records: &[Named<'_>], of_nvd: &[Named<'_>]) -> String {
    let mut hasher = Sha256::new();
    for (name, json) in records.iter().chain(of_nvd) {
        hasher.update(name.as_bytes());
        hasher.update(json.as_bytes());
    }
    format!("starter-{}", &hex::encode(hasher.finalize())[..12])
}

/// Opens the starter advisories, building their index first where it is missing or from another version. A folder that
/// cannot be written to, as a reader of somebody else's data has it, gets a copy of its own in the temporary folder.
pub(crate) fn open(dir: &DataDir) -> Result<(Db, SideTables), FeedError> {
    let records: Vec<Named<'_>> = crate::starter::records().collect();
    let of_nvd: Vec<Named<'_>> = crate::starter::of_nvd().collect();
    let name = snapshot(&records, &of_nvd);
    if let Some(opened) = open_files(&dir.vulndb(), &name) {
        return Ok(opened);
    }
    let written =
        fs::create_dir_all(dir.vulndb()).is_ok() && write(&dir.vulndb(), &name, (&records, &of_nvd)).is_ok();
    if let Some(opened) = written.then(|| open_files(&dir.vulndb(), &name)).flatten() {
        return Ok(opened);
    }
    let folder = tempfile::tempdir().map_err(FeedError::file(Path::new("the temporary folder")))?;
    write(folder.path(), &name, (&records, &of_nvd))?;
    let [advisories, side] = paths(folder.path(), &name);
    Ok((Db::new(vec![Arc::new(Segment::open(&advisories)?)])?, SideTables::open(&side)?))
}

fn paths(folder: &Path, name: &str) -> [PathBuf; 2] {
    [folder.join(format!("{name}.idx")), folder.join(format!("{name}.side.idx"))]
}

fn open_files(folder: &Path, name: &str) -> Option<(Db, SideTables)> {
    let [advisories, side] = paths(folder, name);
    let db = Db::new(vec![Arc::new(Segment::open(&advisories).ok()?)]).ok()?;
    Some((db, SideTables::open(&side).ok()?))
}

fn write(
    folder: &Path,
    name: &str,
    (records, of_nvd): (&[Named<'_>], &[Named<'_>]),
) -> Result<(), FeedError> {
    let [advisories, side] = paths(folder, name);
    build_starter(&advisories, records, of_nvd).map_err(|error| match error {
        StarterError::Feed(error) => error,
        StarterError::Record { .. } | StarterError::Product { .. } => {
            FeedError::Manifest { path: advisories, message: error.to_string() }
        }
    })?;
    let kev: Vec<(String, KnownExploited)> =
        crate::starter::known_exploited().filter_map(read_exploited).collect();
    SideTables::write(&side, &kev, &[])?;
    Ok(())
}

fn read_exploited(row: crate::starter::KnownExploited) -> Option<(String, KnownExploited)> {
    let added = row.added.parse().ok()?;
    let known = KnownExploited { added, due: row.due.parse().ok(), ransomware: row.ransomware };
    Some((row.cve.to_owned(), known))
}
