//! Taking the class that looks names up (`JndiLookup`) out of a file of a server, as Apache's security page describes for
//! CVE-2021-44228 where a newer release cannot be installed: in a copy that is compared with the file, which then takes its place in
//! one step. The file as it was is kept beside it, and can be put back.
//!
//! Never of a device on its own account: who changes a device without its maker becomes its maker. For those the document with
//! the maker's instruction is named, and kept with what was done.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

mod archive;

/// What the names of the kept file and of the note on it end with.
const KEPT: &str = ".bedrail-original";
const NOTE: &str = ".bedrail-mended.json";

/// Why it may be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leave {
    /// It is a file of a server or computer of the house, and of no medical device.
    OwnServer,
    /// The maker of the device says so in this document.
    Instruction(PathBuf),
}

/// How it is mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mending {
    /// Why it may be changed.
    pub leave: Leave,
    /// Whether signatures may be broken by it.
    pub break_signature: bool,
    /// Whether nothing is changed: what would be done is told.
    pub dry_run: bool,
}

/// What was done, as it is kept beside the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mended {
    /// The classes that were taken out, as chains of paths.
    pub removed: Vec<String>,
    /// Entries that were compared with what they were.
    pub compared: u64,
    /// SHA-256 of the file before.
    pub before: String,
    /// SHA-256 of the file now.
    pub after: String,
    /// Signed archives whose signatures do not hold any more; empty for the file itself.
    pub signatures_broken: Vec<String>,
    /// The document with the maker's instruction, and its SHA-256.
    pub instruction: Option<(String, String)>,
    /// When, as RFC 3339.
    pub at: String,
}

/// Why nothing was changed. The file is as it was in every case.
#[derive(Debug, thiserror::Error)]
pub enum MendError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// An archive is none, or one that is not mended here.
    #[error("{place}: {message}")]
    Archive {
        /// Which, as a chain of paths.
        place: String,
        /// What is wrong.
        message: String,
    },
    /// The new file is another one in more than was wanted.
    #[error("the copy differs in more than the class, at {place}; nothing was changed")]
    NotSame {
        /// Where.
        place: String,
    },
    /// There is nothing to take out.
    #[error(
        "no JndiLookup class is in it under its own name; hint: `bedrail scan` finds renamed ones, which the maker has to mend"
    )]
    Nothing,
    /// It is signed.
    #[error(
        "{} signed; taking a class out breaks that; hint: --break-signature, if nothing checks it",
        words(places)
    )]
    Signed {
        /// The signed archives; empty for the file itself.
        places: Vec<String>,
    },
    /// It is not a plain file.
    #[error("it is no plain file; hint: name the file itself, not a link to it")]
    NotPlain,
    /// It was mended before.
    #[error("{} is there already: the file was mended before; hint: --undo puts it back", path.display())]
    MendedBefore {
        /// The kept file.
        path: PathBuf,
    },
    /// There is nothing to put back.
    #[error("there is no {}: nothing was mended here", path.display())]
    NotMended {
        /// The kept file.
        path: PathBuf,
    },
    /// It is another file by now.
    #[error("the file was changed since; hint: compare it with {} by hand", kept.display())]
    ChangedSince {
        /// The kept file.
        kept: PathBuf,
    },
}

impl MendError {
    fn archive(place: &str, error: &dyn std::fmt::Display) -> MendError {
        let place = if place.is_empty() { "the file".to_owned() } else { place.to_owned() };
        MendError::Archive { place, message: error.to_string() }
    }

    fn file(path: &Path) -> impl Fn(std::io::Error) -> MendError {
        move |source| MendError::File { path: path.to_owned(), source }
    }
}

fn words(places: &[String]) -> String {
    let named: Vec<&str> = places
        .iter()
        .map(|place| place.trim_end_matches(archive::WITHIN))
        .filter(|place| !place.is_empty())
        .collect();
    if named.is_empty() { "it is".to_owned() } else { format!("it holds {}, which is", named.join(" and ")) }
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(end);
    file.with_file_name(name)
}

/// Takes the class out of a file, and keeps the file as it was beside it.
///
/// # Errors
/// [`MendError`]; the file is as it was.
pub fn mend(file: &Path, mending: &Mending, now: Timestamp) -> Result<Mended, MendError> {
    let plain = fs::symlink_metadata(file).map_err(MendError::file(file))?;
    if !plain.is_file() {
        return Err(MendError::NotPlain);
    }
    let instruction = match &mending.leave {
        Leave::OwnServer => None,
        Leave::Instruction(document) => Some((document.display().to_string(), sha256(document)?)),
    };
    let kept = beside(file, KEPT);
    if fs::symlink_metadata(&kept).is_ok() {
        return Err(MendError::MendedBefore { path: kept });
    }
    let before = sha256(file)?;
    let looked = archive::look(open(file)?, "", 0)?;
    if looked.classes.is_empty() {
        return Err(MendError::Nothing);
    }
    if !looked.signed.is_empty() && !mending.break_signature {
        return Err(MendError::Signed { places: looked.signed });
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let copy = tempfile::Builder::new().prefix(".bedrail-mend-").tempfile_in(folder);
    let copy = copy.map_err(MendError::file(folder))?;
    let written = archive::without((open(file)?, BufWriter::new(copy.as_file())), "", &looked.classes)?;
    written.into_inner().map_err(|error| MendError::archive("", &error))?;
    copy.as_file().sync_all().map_err(MendError::file(copy.path()))?;
    let compared = archive::verify((open(file)?, open(copy.path())?), "", &looked.classes)?;
    let mended = Mended {
        removed: looked.classes,
        compared,
        after: sha256(copy.path())?,
        before,
        signatures_broken: looked.signed,
        instruction,
        at: now.to_string(),
    };
    if !mending.dry_run {
        swap(file, copy, &kept, &mended)?;
    }
    Ok(mended)
}

/// Keeps the file, writes what is done down, and puts the copy in its place. Cut off anywhere, the file is the old or the new one.
fn swap(file: &Path, copy: tempfile::NamedTempFile, kept: &Path, mended: &Mended) -> Result<(), MendError> {
    let metadata = fs::metadata(file).map_err(MendError::file(file))?;
    copy.as_file().set_permissions(metadata.permissions()).map_err(MendError::file(file))?;
    own(copy.as_file(), &metadata).map_err(MendError::file(file))?;
    // Somebody may have changed it while it was read.
    if sha256(file)? != mended.before {
        return Err(MendError::ChangedSince { kept: file.to_owned() });
    }
    fs::hard_link(file, kept).or_else(|_| fs::copy(file, kept).map(|_| ())).map_err(MendError::file(kept))?;
    let note = beside(file, NOTE);
    let written = (|| {
        let mut target = File::create(&note)?;
        target.write_all(serde_json::to_string_pretty(mended).map_err(std::io::Error::other)?.as_bytes())?;
        target.sync_all()
    })();
    let swapped = written.map_err(MendError::file(&note)).and_then(|()| {
        copy.persist(file).map_err(|error| MendError::File { path: file.to_owned(), source: error.error })
    });
    if let Err(error) = swapped {
        // Nothing was changed, so nothing is kept.
        let _ = fs::remove_file(&note);
        let _ = fs::remove_file(kept);
        return Err(error);
    }
    sync_folder(file)
}

/// Owner and group as before, where that is ours to give.
#[cfg(unix)]
fn own(copy: &File, metadata: &fs::Metadata) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let now = copy.metadata()?;
    if (now.uid(), now.gid()) == (metadata.uid(), metadata.gid()) {
        return Ok(());
    }
    fchown(copy, Some(metadata.uid()), Some(metadata.gid()))
}

#[cfg(not(unix))]
fn own(_copy: &File, _metadata: &fs::Metadata) -> std::io::Result<()> {
    Ok(())
}

/// Puts the file back as it was.
///
/// # Errors
/// [`MendError::NotMended`] where nothing was kept; [`MendError::ChangedSince`] where the file is not what mending left.
pub fn undo(file: &Path) -> Result<Mended, MendError> {
    let (kept, note) = (beside(file, KEPT), beside(file, NOTE));
    let text = fs::read(&note).map_err(|_| MendError::NotMended { path: kept.clone() })?;
    let mended: Mended = serde_json::from_slice(&text)
        .map_err(|error| MendError::File { path: note.clone(), source: error.into() })?;
    if fs::symlink_metadata(&kept).is_err() {
        return Err(MendError::NotMended { path: kept });
    }
    let now = sha256(file)?;
    // Cut off between keeping and swapping, the file is still the old one.
    if (now != mended.after && now != mended.before) || sha256(&kept)? != mended.before {
        return Err(MendError::ChangedSince { kept });
    }
    fs::rename(&kept, file).map_err(MendError::file(file))?;
    fs::remove_file(&note).map_err(MendError::file(&note))?;
    sync_folder(file)?;
    Ok(mended)
}

fn open(path: &Path) -> Result<BufReader<File>, MendError> {
    Ok(BufReader::new(File::open(path).map_err(MendError::file(path))?))
}

fn sha256(path: &Path) -> Result<String, MendError> {
    Ok(hex::encode(digest(open(path)?).map_err(MendError::file(path))?))
}

/// SHA-256 of all that can be read.
fn digest(mut reader: impl Read) -> std::io::Result<[u8; 32]> {
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 64 << 10]);
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().into()),
            read => hasher.update(&buffer[..read]),
        }
    }
}

fn sync_folder(path: &Path) -> Result<(), MendError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    crate::feeds::sync(folder).map_err(MendError::file(folder))
}

#[cfg(test)]
mod tests;
