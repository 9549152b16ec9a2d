//! Files that a person names on the command line.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::failure::Failure;

/// Bytes read from a file at most, before any format's own limits: more than the largest bill of materials there is,
/// less than the memory of a small machine.
const MAX_BYTES: u64 = 1 << 30;

/// The name that means standard input.
const STDIN: &str = "-";

/// A whole file, or standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if path.as_os_str() == STDIN {
        return read_capped(io::stdin().lock(), 0, "standard input");
    }
    let name = path.display().to_string();
    let cannot = |error: io::Error| Failure::because(&format!("cannot read {name}"), &error);
    let file = File::open(path).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    if metadata.is_dir() {
        return Err(Failure::new(format!("{name} is a folder"))
            .hint("name one file; `bedrail scan` looks into folders, archives and images"));
    }
    read_capped(file, metadata.len(), &name)
}

fn read_capped(input: impl Read, expected: u64, name: &str) -> Result<Vec<u8>, Failure> {
    let cannot = |error: io::Error| Failure::because(&format!("cannot read {name}"), &error);
    let mut bytes = Vec::with_capacity(usize::try_from(expected.min(MAX_BYTES)).unwrap_or_default() + 1);
    input.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failure::new(format!("{name} is larger than {} MiB", MAX_BYTES >> 20)));
    }
    Ok(bytes)
}

/// The last part of a path, as text: what is kept as the file's name.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
