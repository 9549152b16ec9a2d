//! What can go wrong with index files.

use std::io;
use std::path::PathBuf;

use bedrail_model::advisory::pack::Malformed;

/// An index file that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read.
    #[error("{} cannot be opened: {source}", path.display())]
    Input {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not an index file, or it was cut off or damaged.
    #[error("{} is damaged ({what}); hint: run `bedrail db update` to build it again", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// It was written by another version of this program.
    #[error("{} was written by another version of Bedrail; hint: run `bedrail db update` to build it again", path.display())]
    Outdated {
        /// Which file.
        path: PathBuf,
    },
}

/// An open index file that turned out to be damaged where it was read. No answer is given from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A block does not have its checksum.
    #[error(
        "the vulnerability index is damaged at byte {0}; hint: run `bedrail db update` to build it again"
    )]
    Checksum(u64),
    /// A part points outside the file or cannot be decoded.
    #[error("the vulnerability index is damaged; hint: run `bedrail db update` to build it again")]
    Malformed,
}

impl From<Malformed> for ReadError {
    fn from(_: Malformed) -> ReadError {
        ReadError::Malformed
    }
}

/// An index that cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A file cannot be written.
    #[error("the vulnerability index cannot be written: {0}; hint: is the disk full?")]
    Output(#[from] io::Error),
    /// There is more data than the format can hold.
    #[error("the vulnerability index cannot hold more than 4 GiB of {0}")]
    TooLarge(&'static str),
    /// What was written aside cannot be read back.
    #[error("the temporary file of the index build was damaged")]
    Spill(#[from] Malformed),
    /// A held index, needed for the change, is damaged.
    #[error(transparent)]
    Held(#[from] ReadError),
}
