//! What every use case needs: the store, the vulnerability data, the clock, the data folder.

use std::path::PathBuf;

use crate::clock::Clock;
use crate::error::Error;

/// What every use case needs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// The clock.
    pub clock: Clock,
    /// The data folder.
    pub data_dir: PathBuf,
}

/// How to open a [`Context`].
#[derive(Debug, Clone)]
pub struct Settings {
    /// The data folder; made where missing.
    pub data_dir: PathBuf,
    /// The database: `None` is the embedded one in the data folder, else a `postgres://` address.
    pub database: Option<String>,
    /// The clock.
    pub clock: Clock,
    /// The program that parses uploads under limits (this binary, called with `parse-upload`); `None` parses in this
    /// process, for the command line on a person's own files and for tests.
    pub parser: Option<PathBuf>,
    /// Data older than this many days is stale.
    pub max_data_age_days: u32,
}

impl Context {
    /// Opens the database (migrating it), the vulnerability data and the documents.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the folder or the database cannot be used.
    pub async fn open(_settings: Settings) -> Result<Context, Error> {
        Err(Error::Unavailable { message: "not built yet".into(), hint: None })
    }
}
