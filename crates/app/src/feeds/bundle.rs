//! Carries the data to a network without internet: feeds, index and manifest in one file.

use std::path::Path;

use jiff::Timestamp;

use super::error::FeedError;
use super::folder::DataDir;
use super::update::{Options, UpdateReport};

pub(crate) fn install(
    _dir: &DataDir,
    file: &Path,
    _options: Options,
    _now: Timestamp,
) -> Result<UpdateReport, FeedError> {
    Err(FeedError::Bundle { path: file.to_owned(), message: "not built yet".into() })
}
