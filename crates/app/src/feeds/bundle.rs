//! Carries the feeds to a network without internet: one zip file with the feeds as received and a list of their digests.
//!
//! The index is not in it. The other side builds its own in seconds, so a bundle fits every version of the program, and no
//! index file from outside is ever trusted. Installing a bundle is an update like any other: a feed that is older than the
//! one held, or empty, is refused.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::error::FeedError;
use super::folder::DataDir;
use super::manifest::Manifest;
use super::sources::Source;
use super::update::{Candidate, Fetched, Progress};

const SCHEMA: &str = "bedrail.bundle/1";
/// The entry with the list of the others.
const LIST: &str = "bundle.json";
/// The list names a few dozen files.
const LIST_LIMIT: u64 = 1 << 20;
/// The largest OSV zip has 250 MB today.
const FEED_LIMIT: u64 = 4 << 30;

#[derive(Serialize, Deserialize)]
struct List {
    schema: String,
    files: Vec<Listed>,
}

#[derive(Serialize, Deserialize)]
struct Listed {
    source: String,
    path: String,
    bytes: u64,
    sha256: String,
}

/// Writes the feeds held to a file, which is wholly there or not at all; the answer is how many feeds.
///
/// # Errors
/// When no feed is held, or a file cannot be read or written.
pub fn write(dir: &DataDir, file: &Path) -> Result<u64, FeedError> {
    let manifest = Manifest::read(dir)?.filter(|manifest| !manifest.sources.is_empty());
    let manifest =
        manifest.ok_or_else(|| FeedError::NothingFetched("there is nothing to put into a bundle".into()))?;
    let mut files = Vec::new();
    for (name, held) in &manifest.sources {
        let Some(source) = Source::named(name) else { continue };
        let path = format!("feeds/{name}.{}", source.ending());
        files.push(Listed { source: name.clone(), path, bytes: held.bytes, sha256: held.sha256.clone() });
    }
    let count = files.len() as u64;
    let list = List { schema: SCHEMA.to_owned(), files };
    let temporary = file.with_extension("part");
    let written = write_zip(dir, &list, &temporary).and_then(|()| fs::rename(&temporary, file));
    written.map_err(FeedError::file(file))?;
    Ok(count)
}

fn write_zip(dir: &DataDir, list: &List, path: &Path) -> io::Result<()> {
    let mut zip = ZipWriter::new(File::create(path)?);
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    // Feeds are compressed already.
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
    zip.start_file(LIST, packed)?;
    zip.write_all(&serde_json::to_vec_pretty(list)?)?;
    for listed in &list.files {
        let Some(source) = Source::named(&listed.source) else { continue };
        zip.start_file(&listed.path, stored)?;
        io::copy(&mut File::open(dir.feed(source, &listed.sha256))?, &mut zip)?;
    }
    zip.finish()?.sync_all()
}

/// Takes the feeds out of a bundle, each checked against the list before anything is done with it.
pub(crate) fn read(
    dir: &DataDir,
    file: &Path,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Fetched, FeedError> {
    let refuse = |message: String| FeedError::Bundle { path: file.to_owned(), message };
    let opened = File::open(file).map_err(FeedError::file(file))?;
    let mut zip =
        ZipArchive::new(opened).map_err(|error| refuse(format!("it is no whole zip file: {error}")))?;
    let list = read_list(&mut zip).map_err(refuse)?;
    let mut fetched = Fetched::default();
    for listed in list.files {
        let Some(source) = Source::named(&listed.source) else {
            return Err(refuse(format!(
                "it has a feed of `{}`, which is no known source",
                listed.source.escape_debug()
            )));
        };
        let target = dir.incoming().join(format!("{}.part", listed.source.replace('/', "-")));
        extract(&mut zip, &listed, &target)
            .map_err(|message| refuse(format!("{}: {message}", listed.source)))?;
        let (source_name, bytes) = (listed.source.clone(), listed.bytes);
        progress(Progress::Fetching { source: source_name, bytes, total: Some(bytes) });
        let (etag, last_modified) = (None, None);
        let sha256 = listed.sha256;
        fetched.candidates.push(Candidate { source, path: target, sha256, bytes, etag, last_modified });
    }
    Ok(fetched)
}

fn read_list(zip: &mut ZipArchive<File>) -> Result<List, String> {
    let entry = zip.by_name(LIST).map_err(|_| format!("it has no {LIST}"))?;
    let mut text = Vec::new();
    entry.take(LIST_LIMIT).read_to_end(&mut text).map_err(|error| error.to_string())?;
    let list: List = serde_json::from_slice(&text).map_err(|error| format!("{LIST}: {error}"))?;
    if list.schema != SCHEMA {
        return Err(format!("its schema is `{}`, expected `{SCHEMA}`", list.schema.escape_debug()));
    }
    let digests_whole = list.files.iter().all(|listed| {
        listed.sha256.len() == 64 && listed.sha256.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    if digests_whole { Ok(list) } else { Err(format!("{LIST}: a digest in it is none")) }
}

fn extract(zip: &mut ZipArchive<File>, listed: &Listed, target: &PathBuf) -> Result<(), String> {
    if listed.bytes > FEED_LIMIT {
        return Err(format!("it has more than {FEED_LIMIT} bytes"));
    }
    let entry = zip.by_name(&listed.path).map_err(|_| "the bundle does not hold it".to_owned())?;
    let mut entry = entry.take(listed.bytes + 1);
    let mut file = File::create(target).map_err(|error| error.to_string())?;
    let (mut hasher, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 256 << 10]);
    loop {
        let read = entry.read(&mut buffer).map_err(|error| error.to_string())?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        file.write_all(&buffer[..read]).map_err(|error| error.to_string())?;
        bytes += read as u64;
    }
    if bytes != listed.bytes || hex::encode(hasher.finalize()) != listed.sha256 {
        return Err("it does not have the length and digest that the bundle's list states".to_owned());
    }
    Ok(())
}
