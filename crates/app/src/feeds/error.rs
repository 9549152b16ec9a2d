//! What goes wrong with vulnerability data, in words for the person who runs the program.

use std::io;
use std::path::{Path, PathBuf};

use bedrail_formats::feed::archive::ArchiveError;
use bedrail_vulndb::{BuildError, OpenError, ReadError};

/// What goes wrong with vulnerability data.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another update is running.
    #[error("another update of the vulnerability data is running; hint: wait for it to end")]
    Busy,
    /// The manifest cannot be understood.
    #[error("{} is damaged: {message}; hint: move it away and run `bedrail db update`", path.display())]
    Manifest {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A folder given as a mirror holds no feed.
    #[error("{} holds none of the expected feeds; hint: it should hold osv/Maven/all.zip and so on", path.display())]
    NoFeeds {
        /// Which folder.
        path: PathBuf,
    },
    /// No source could be had, and none is held.
    #[error("no vulnerability data could be fetched: {0}")]
    NothingFetched(String),
    /// A bundle is not what was written.
    #[error("{} cannot be used as a bundle: {message}", path.display())]
    Bundle {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A feed's archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A record received by itself cannot be read.
    #[error("a record of {source_name} cannot be read: {source}")]
    Record {
        /// Which source sent it.
        source_name: String,
        /// Why.
        source: super::change::RecordError,
    },
    /// A record received by itself is from a source that is not in the table.
    #[error("`{}` is no source of advisories", name.escape_debug())]
    UnknownSource {
        /// The name given.
        name: String,
    },
    /// The index cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The index cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The index is damaged where it was read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// No record has this id.
    #[error("no record `{}` is held; hint: `bedrail db status` shows what is held", id.escape_debug())]
    UnknownRecord {
        /// What was asked for.
        id: String,
    },
}

impl FeedError {
    /// A [`FeedError::File`] at a path.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> FeedError + '_ {
        move |source| FeedError::File { path: path.to_owned(), source }
    }
}

impl From<FeedError> for crate::Error {
    fn from(error: FeedError) -> crate::Error {
        match error {
            FeedError::UnknownRecord { id } => crate::Error::not_found(format!("record {id}")),
            FeedError::Busy => crate::Error::Conflict { message: error.to_string() },
            other => crate::Error::Unavailable { message: other.to_string(), hint: None },
        }
    }
}
