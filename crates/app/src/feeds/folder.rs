//! The data folder: where feeds and index lie, who may update them, and how files come to be there.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::FeedError;
use super::sources::Source;

/// The data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDir {
    root: PathBuf,
}

/// Holds off other updates while it lives.
#[derive(Debug)]
pub(crate) struct UpdateLock {
    _file: File,
}

impl DataDir {
    /// The data folder at a path; it need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> DataDir {
        DataDir { root: root.into() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Where the index lies.
    pub(crate) fn vulndb(&self) -> PathBuf {
        self.root.join("vulndb")
    }

    /// Where the manifest lies.
    pub(crate) fn manifest(&self) -> PathBuf {
        self.vulndb().join("manifest.json")
    }

    /// Where the feeds of a source lie.
    pub(crate) fn feeds_of(&self, name: &str) -> PathBuf {
        self.root.join("feeds").join(name)
    }

    /// Where the feed of a source with this content lies.
    pub(crate) fn feed(&self, source: &Source, sha256: &str) -> PathBuf {
        self.feeds_of(source.name).join(format!("{}.{}", &sha256[..16.min(sha256.len())], source.ending()))
    }

    /// Where downloads lie until they are whole and checked.
    pub(crate) fn incoming(&self) -> PathBuf {
        self.root.join("feeds").join(".incoming")
    }

    /// Makes the folders.
    pub(crate) fn create(&self) -> Result<(), FeedError> {
        for folder in [self.vulndb(), self.incoming()] {
            fs::create_dir_all(&folder).map_err(FeedError::file(&folder))?;
        }
        Ok(())
    }

    /// The right to update; only one holds it. The operating system takes it back when the program ends, however it ends.
    pub(crate) fn lock(&self) -> Result<UpdateLock, FeedError> {
        let path = self.vulndb().join("update.lock");
        let file = File::create(&path).map_err(FeedError::file(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(UpdateLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(FeedError::Busy),
            Err(TryLockError::Error(source)) => Err(FeedError::File { path, source }),
        }
    }
}

/// Writes a file so that it is either wholly there or as before: another name, to the disk, then renamed.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FeedError> {
    let temporary = path.with_extension("tmp");
    let written = (|| {
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        sync_folder(path)
    })();
    written.map_err(FeedError::file(path))
}

/// Copies a file to a name where it is wholly there or not at all.
pub(crate) fn copy_whole(from: &Path, to: &Path) -> Result<(), FeedError> {
    let folder = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(FeedError::file(folder))?;
    let temporary = to.with_extension("tmp");
    let copied = (|| {
        let mut target = File::create(&temporary)?;
        io::copy(&mut File::open(from)?, &mut target)?;
        target.sync_all()?;
        fs::rename(&temporary, to)?;
        sync_folder(to)
    })();
    copied.map_err(FeedError::file(from))
}

fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), sync)
}

/// Writes down what was made or renamed in a folder. A folder of Windows cannot be opened; there a rename is written down by itself.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// SHA-256 of a file in lower-case hex, and its length.
pub(crate) fn digest_of(path: &Path) -> Result<(String, u64), FeedError> {
    let digest = || {
        let mut file = File::open(path)?;
        let (mut hasher, mut length) = (Sha256::new(), 0);
        let mut buffer = vec![0; 256 << 10];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok((hex::encode(hasher.finalize()), length)),
                read => {
                    hasher.update(&buffer[..read]);
                    length += read as u64;
                }
            }
        }
    };
    digest().map_err(FeedError::file(path))
}
