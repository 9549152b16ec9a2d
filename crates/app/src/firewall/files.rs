//! The files of a firewall of ours, read under limits: what is in them is what a process between clients and devices wrote.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use bedrail_formats::firewall::{self as format, Events, Report};

use crate::Error;

/// The report in a folder. What is wrong is told without the folder: that is the server's.
pub(crate) async fn report(folder: &str) -> Result<Report, String> {
    let path = Path::new(folder).join(format::REPORT);
    let read = move || {
        let file = open(&path)?;
        let mut bytes = Vec::new();
        file.take(format::MOST_REPORT + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| format!("its report cannot be read: {error}"))?;
        format::report(&bytes).map_err(|error| error.to_string())
    };
    tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| Err(error.to_string()))
}

/// The newest events of a file.
pub(crate) async fn events(folder: &str, name: &str) -> Result<Events, Error> {
    let path = Path::new(folder).join(name);
    let read = move || {
        let failed = |message| Error::Unavailable { message, hint: None };
        let mut file = open(&path).map_err(failed)?;
        let length = file.metadata()?.len();
        let from = length.saturating_sub(format::MOST_EVENTS);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(format::MOST_EVENTS).read_to_end(&mut bytes)?;
        Ok(format::events(&bytes, from == 0))
    };
    tokio::task::spawn_blocking(read).await.map_err(|error| Error::Internal(Box::new(error)))?
}

/// A plain file: a pipe would block for ever.
fn open(path: &Path) -> Result<File, String> {
    let shown = path.file_name().unwrap_or_default().to_string_lossy();
    let metadata = std::fs::metadata(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    if !metadata.is_file() {
        return Err(format!("{shown} is no file"));
    }
    File::open(path).map_err(|error| format!("{shown} cannot be read: {error}"))
}
