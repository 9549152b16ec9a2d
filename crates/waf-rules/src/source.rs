//! Where rule sets come from: a mirror over HTTPS, a mirror folder, a bundle file. Nothing that comes from here is trusted
//! before [`crate::trust`] has looked at it; the worst a mirror can do is to hold something back, and staleness shows that.
//!
//! A mirror, as a folder or behind a URL:
//!
//! ```text
//! VERSIONS                                       one version a line (a folder may leave it out)
//! v4.28.0/coreruleset-4.28.0.tar.gz              as released
//! v4.28.0/coreruleset-4.28.0.tar.gz.asc          its detached signature
//! ```

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::{Timestamp, ToSpan};

use crate::hash::sha256;
use crate::tree::Limits;
use crate::version::{Channel, RulesVersion};

/// Bytes of a list of versions.
const MOST_LIST: u64 = 64 << 10;
/// Bytes of a signature.
const MOST_SIGNATURE: u64 = 64 << 10;
/// Versions looked at in a list.
const MOST_VERSIONS: usize = 2_000;

/// An archive and what came beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Where it came from, for people.
    pub from: String,
    /// The version that its place says. Only what the archive says counts.
    pub offered: Option<RulesVersion>,
    /// The archive.
    pub archive: Vec<u8>,
    /// Its signature; `None` when there was none.
    pub signature: Option<Vec<u8>>,
}

/// Why nothing came.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be read.
    #[error("cannot get {place}: {reason}")]
    Unreadable {
        /// What.
        place: String,
        /// Why.
        reason: String,
    },
    /// It is larger than allowed.
    #[error("{place} has more than {limit} bytes; it was not read")]
    TooLarge {
        /// What.
        place: String,
        /// The limit.
        limit: u64,
    },
    /// There is no version of the channel.
    #[error("{place} offers no version of the channel followed; it offers {offered}")]
    NoVersion {
        /// Where.
        place: String,
        /// How many versions it offers.
        offered: usize,
    },
}

/// Gets the bytes of a place, at most so many. `Ok(None)`: there is nothing (404). The program's own HTTP client stands behind
/// it, with its time limits and its rules on where it may connect.
pub trait Get {
    /// Gets it.
    ///
    /// # Errors
    /// A sentence.
    fn get(&mut self, url: &str, limit: u64) -> Result<Option<Vec<u8>>, String>;
}

/// Fetches the newest version of a channel from a mirror behind a URL. `Ok(None)`: what is held is the newest there.
///
/// # Errors
/// [`SourceError`].
pub fn from_url(
    base: &str,
    channel: Channel,
    held: Option<&RulesVersion>,
    limits: &Limits,
    client: &mut dyn Get,
) -> Result<Option<Bundle>, SourceError> {
    let base = base.trim_end_matches('/');
    if !base.starts_with("https://") {
        let reason = "only https:// is used; hint: a folder is given as a path".to_owned();
        return Err(SourceError::Unreadable { place: base.to_owned(), reason });
    }
    let mut get = |place: &str, limit: u64| {
        let bytes = client.get(place, limit);
        let bytes = bytes.map_err(|reason| SourceError::Unreadable { place: place.to_owned(), reason })?;
        match bytes {
            Some(bytes) if bytes.len() as u64 > limit => {
                Err(SourceError::TooLarge { place: place.to_owned(), limit })
            }
            bytes => Ok(bytes),
        }
    };
    let missing = |place: &str| SourceError::Unreadable {
        place: place.to_owned(),
        reason: "it is not there".to_owned(),
    };
    let list = format!("{base}/VERSIONS");
    let versions = get(&list, MOST_LIST)?.ok_or_else(|| missing(&list))?;
    let versions = read_list(&String::from_utf8_lossy(&versions));
    let Some(version) = choose(&versions, channel, held, base)? else { return Ok(None) };
    let archive_at = format!("{base}/{}", place_of(&version));
    let archive = get(&archive_at, limits.bytes_in)?.ok_or_else(|| missing(&archive_at))?;
    let signature = get(&format!("{archive_at}.asc"), MOST_SIGNATURE)?;
    Ok(Some(Bundle { from: archive_at, offered: Some(version), archive, signature }))
}

/// The same from a mirror folder.
///
/// # Errors
/// [`SourceError`].
pub fn from_folder(
    folder: &Path,
    channel: Channel,
    held: Option<&RulesVersion>,
    limits: &Limits,
) -> Result<Option<Bundle>, SourceError> {
    let place = folder.display().to_string();
    let entries = fs::read_dir(folder);
    let entries = entries
        .map_err(|error| SourceError::Unreadable { place: place.clone(), reason: error.to_string() })?;
    let names = entries.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned());
    let names: Vec<String> = names.filter(|name| name.starts_with('v')).take(MOST_VERSIONS).collect();
    let versions = read_list(&names.join("\n"));
    let Some(version) = choose(&versions, channel, held, &place)? else { return Ok(None) };
    let mut bundle = from_file(&folder.join(place_of(&version)), limits)?;
    bundle.offered = Some(version);
    Ok(Some(bundle))
}

/// Reads a bundle: an archive, and beside it the same name with `.asc`.
///
/// # Errors
/// [`SourceError`]. A missing signature is no error here; it is refused where trust is decided.
pub fn from_file(archive: &Path, limits: &Limits) -> Result<Bundle, SourceError> {
    let mut beside = archive.as_os_str().to_owned();
    beside.push(".asc");
    let beside = PathBuf::from(beside);
    let signature = if beside.exists() { Some(read(&beside, MOST_SIGNATURE)?) } else { None };
    let from = archive.display().to_string();
    Ok(Bundle { from, offered: None, archive: read(archive, limits.bytes_in)?, signature })
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, SourceError> {
    let place = path.display().to_string();
    let mut bytes = Vec::new();
    let got = fs::File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
    got.map_err(|error| SourceError::Unreadable { place: place.clone(), reason: error.to_string() })?;
    if bytes.len() as u64 > limit { Err(SourceError::TooLarge { place, limit }) } else { Ok(bytes) }
}

fn read_list(text: &str) -> Vec<RulesVersion> {
    text.lines().take(MOST_VERSIONS).filter_map(|line| line.trim().parse().ok()).collect()
}

fn choose(
    versions: &[RulesVersion],
    channel: Channel,
    held: Option<&RulesVersion>,
    place: &str,
) -> Result<Option<RulesVersion>, SourceError> {
    let none = || SourceError::NoVersion { place: place.to_owned(), offered: versions.len() };
    let newest = channel.choose(versions).ok_or_else(none)?;
    Ok(Some(newest).filter(|newest| held.is_none_or(|held| *newest > held)).cloned())
}

fn place_of(version: &RulesVersion) -> String {
    format!("v{version}/coreruleset-{version}.tar.gz")
}

/// When to look again: after an interval, moved by up to a fifth of it either way, so that not every installation asks at
/// the same minute. The same installation and the same last time give the same answer.
pub fn next_look(last: Timestamp, interval_seconds: u32, installation: &str) -> Timestamp {
    let digest = sha256(format!("{installation} {}", last.as_second()).as_bytes());
    let chance = i64::from(u32::from_str_radix(&digest[..8], 16).unwrap_or(0));
    let fifth = i64::from(interval_seconds) / 5;
    let moved = chance % (2 * fifth + 1) - fifth;
    last.checked_add((i64::from(interval_seconds) + moved).seconds()).unwrap_or(last)
}

/// How old the rules are, as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Staleness {
    /// Days since the current rule set was signed.
    pub signed_days: i64,
    /// Days since a source was last asked with success. `None`: never.
    pub asked_days: Option<i64>,
    /// Whether somebody should look.
    pub stale: bool,
}

/// Days after which rules are called old: the Core Rule Set has a release about every month, two were missed then.
const OLD_DAYS: i64 = 75;
/// Days after which a source that did not answer is called silent.
const SILENT_DAYS: i64 = 14;

/// How old the rules are.
pub fn staleness(signed_at: Timestamp, asked_at: Option<Timestamp>, now: Timestamp) -> Staleness {
    let days = |from: Timestamp| (now.as_second() - from.as_second()).max(0) / (24 * 3600);
    let (signed_days, asked_days) = (days(signed_at), asked_at.map(days));
    let stale = signed_days > OLD_DAYS || asked_days.is_none_or(|days| days > SILENT_DAYS);
    Staleness { signed_days, asked_days, stale }
}
