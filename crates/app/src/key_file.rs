//! Keys that lie beside the database, not in it: who has a copy of the database alone opens and signs nothing.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

/// The bytes of a key's file, made from `fresh` where there is none: readable by its owner only, whole or not at all,
/// and never over one that another process just made.
///
/// # Errors
/// When the file cannot be read or made.
pub(crate) fn read_or_make(path: &Path, fresh: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<Vec<u8>> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => make(path, &fresh()?),
        read => read,
    }
}

fn make(path: &Path, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // A temporary file has mode 0600 from its first moment.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => {
            crate::feeds::sync(folder)?;
            Ok(bytes.to_vec())
        }
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => fs::read(path),
        Err(error) => Err(error.error),
    }
}
