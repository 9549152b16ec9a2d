//! A folder that mirrors the public addresses.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::error::FeedError;
use super::folder::digest_of;
use super::sources::{SOURCES, Source, SourceKind};
use super::update::{Candidate, Fetched, Progress, read_scores};

/// Finds the feeds of a mirror folder.
pub(super) fn read(folder: &Path, progress: &(dyn Fn(Progress) + Send + Sync)) -> Result<Fetched, FeedError> {
    let mut fetched = Fetched::default();
    for source in SOURCES {
        let Some(path) = find_in_mirror(folder, source)? else {
            fetched.failed.push((source, "the mirror does not have it".to_owned()));
            continue;
        };
        let (sha256, bytes) = digest_of(&path)?;
        progress(Progress::Fetching { source: source.name.to_owned(), bytes, total: Some(bytes) });
        fetched.candidates.push(Candidate { source, path, sha256, bytes, etag: None, last_modified: None });
    }
    if fetched.candidates.is_empty() {
        return Err(FeedError::NoFeeds { path: folder.to_owned() });
    }
    Ok(fetched)
}

fn find_in_mirror(folder: &Path, source: &Source) -> Result<Option<PathBuf>, FeedError> {
    let path = match source.kind {
        SourceKind::Osv => folder.join(source.name).join("all.zip"),
        SourceKind::Nvd => folder.join("nvd/json/cve/2.0").join(source.path),
        SourceKind::NvdOverrides => folder.join(source.name).join("main.zip"),
        SourceKind::Kev => folder.join("kev").join(source.path),
        SourceKind::Epss => return newest_scores(&folder.join("epss")),
    };
    Ok(path.is_file().then_some(path))
}

/// The file of scores with the newest date inside it: names of copies are not to be relied on.
fn newest_scores(folder: &Path) -> Result<Option<PathBuf>, FeedError> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let mut newest: Option<(Option<Timestamp>, PathBuf)> = None;
    for file in fs::read_dir(folder).map_err(FeedError::file(folder))? {
        let path = file.map_err(FeedError::file(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with("epss_scores-") || !name.ends_with(".csv.gz") {
            continue;
        }
        let date = read_scores(&path).ok().and_then(|scores| scores.date);
        if newest.as_ref().is_none_or(|newest| *newest < (date, path.clone())) {
            newest = Some((date, path));
        }
    }
    Ok(newest.map(|(_, path)| path))
}
