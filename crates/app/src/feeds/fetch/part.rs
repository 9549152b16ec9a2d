//! A download under way, as files: what came so far, and beside it which file of the server it is the beginning of. A later
//! run, of this process or another, goes on where this one broke.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use reqwest::Response;
use reqwest::header;
use serde::{Deserialize, Serialize};

use crate::feeds::folder::DataDir;

/// Where the download of a source is kept until it is whole.
pub(super) struct Place {
    part: PathBuf,
    facts: PathBuf,
    /// Where it is noted that the server asked to be left alone; the same as the facts where later runs go on with the file.
    rest: PathBuf,
}

/// What is known of a download that is not whole.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Facts {
    url: String,
    /// The strong tag of the file: without one, going on could mix two files (RFC 9110 §13.1.5).
    etag: String,
    last_modified: Option<String>,
    /// Bytes of the whole file.
    total: u64,
    /// The server is not to be asked before.
    not_before: Option<String>,
}

/// A download under way.
pub(super) struct Part {
    pub(super) file: File,
    /// Bytes so far.
    pub(super) bytes: u64,
    /// Bytes in all, where the server stated them.
    pub(super) total: Option<u64>,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
}

impl Place {
    /// The place of a file, by its name.
    pub(super) fn of(dir: &DataDir, name: &str) -> Place {
        let name = name.replace('/', "-");
        let of = |ending| dir.incoming().join(format!("{name}.{ending}"));
        Place { part: of("part"), facts: of("json"), rest: of("json") }
    }

    /// The place of a file in one run alone: another run, of this process or another, has a place of its own, and only what the
    /// server asked for is between them.
    pub(super) fn of_run(dir: &DataDir, name: &str, run: &str) -> Place {
        Place {
            rest: dir.incoming().join(format!("{name}.rest")),
            ..Place::of(dir, &format!("{name}-{run}"))
        }
    }

    /// Where what came so far is.
    pub(super) fn path(&self) -> &Path {
        &self.part
    }

    /// Until when the server asked to be left alone.
    pub(super) fn not_before(&self) -> Option<Timestamp> {
        rest_until(&self.rest)
    }

    /// Notes that the server is not to be asked before a moment.
    pub(super) fn leave_alone(&self, until: Timestamp) -> io::Result<()> {
        let facts = read(&self.rest).unwrap_or_default();
        write(&self.rest, &Facts { not_before: Some(until.to_string()), ..facts })
    }

    /// Forgets what came so far.
    pub(super) fn forget(&self) {
        // What cannot be removed is begun anew over it.
        _ = fs::remove_file(&self.facts);
        _ = fs::remove_file(&self.part);
    }

    /// What an earlier attempt left of this file, if it can be gone on with.
    pub(super) fn left(&self, url: &str) -> io::Result<Option<Part>> {
        let Some(facts) = read(&self.facts).filter(|facts| facts.url == url && is_strong(&facts.etag)) else {
            return Ok(None);
        };
        let Ok(file) = OpenOptions::new().append(true).open(&self.part) else { return Ok(None) };
        let bytes = file.metadata()?.len();
        if bytes == 0 || bytes >= facts.total {
            return Ok(None);
        }
        let Facts { etag, last_modified, total, .. } = facts;
        Ok(Some(Part { file, bytes, total: Some(total), etag: Some(etag), last_modified }))
    }

    /// Begins a download.
    pub(super) fn begin(
        &self,
        url: &str,
        total: Option<u64>,
        etag: Option<String>,
        last_modified: Option<String>,
    ) -> io::Result<Part> {
        self.forget();
        if let (Some(total), Some(etag)) = (total, etag.clone().filter(|etag| is_strong(etag))) {
            let (url, last_modified) = (url.to_owned(), last_modified.clone());
            write(&self.facts, &Facts { url, etag, last_modified, total, not_before: None })?;
        }
        if let Some(folder) = self.part.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(Part { file: File::create(&self.part)?, bytes: 0, total, etag, last_modified })
    }
}

fn read(path: &Path) -> Option<Facts> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn write(path: &Path, facts: &Facts) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, serde_json::to_vec(facts)?)
}

/// Until when a server asked to be left alone, by the file that says so.
pub(super) fn rest_until(path: &Path) -> Option<Timestamp> {
    read(path)?.not_before?.parse().ok()
}

fn is_strong(etag: &str) -> bool {
    etag.starts_with('"')
}

impl Part {
    /// The tag by which the server knows the file again.
    pub(super) fn tag(&self) -> &str {
        self.etag.as_deref().unwrap_or_default()
    }

    /// Takes over what comes next.
    pub(super) fn take(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.file.write_all(chunk)?;
        self.bytes += chunk.len() as u64;
        Ok(())
    }

    /// Whether an answer is the rest of this very file, from where it broke (RFC 9110 §14.4).
    pub(super) fn goes_on(&self, response: &Response) -> bool {
        let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let total = self.total.unwrap_or_default();
        let rest = format!("bytes {}-{}/{total}", self.bytes, total.saturating_sub(1));
        text(header::CONTENT_RANGE) == Some(rest.as_str())
            && text(header::ETAG).is_none_or(|etag| etag == self.tag())
            && response.content_length().is_none_or(|length| length == total - self.bytes)
    }
}
