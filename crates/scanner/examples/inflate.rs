//! Unpacks everything in a zip archive and in the archives inside it, and does nothing else: what `docs/performance.md` holds the scan of a
//! packed archive against. Levels above the last go through a temporary file, as they must have random access.
#![expect(clippy::print_stdout, reason = "a tool for developers")]

use std::error::Error;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Unpacks the archives in an archive down to this depth, and returns how many bytes came out.
fn unpack(from: impl Read + Seek, depth: usize) -> Result<u64, Box<dyn Error>> {
    let mut archive = zip::ZipArchive::new(from)?;
    let mut bytes = 0;
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at)?;
        let is_archive = [".jar", ".war", ".ear", ".zip"]
            .iter()
            .any(|ending| entry.name().is_ok_and(|name| name.ends_with(ending)));
        if !is_archive {
            continue;
        }
        if depth == 1 {
            bytes += io::copy(&mut entry, &mut io::sink())?;
        } else {
            let mut inner = tempfile::tempfile()?;
            bytes += io::copy(&mut entry, &mut inner)?;
            inner.seek(SeekFrom::Start(0))?;
            bytes += unpack(io::BufReader::new(inner), depth - 1)?;
        }
    }
    Ok(bytes)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (path, depth) = (arguments.next().ok_or("a zip archive is needed")?, arguments.next());
    let depth = depth.map_or(Ok(3), |depth| depth.parse())?;
    println!("{} bytes", unpack(io::BufReader::new(File::open(path)?), depth)?);
    Ok(())
}
