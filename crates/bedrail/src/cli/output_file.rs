//! Where an answer goes: standard output, or a file that appears only when it is whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::failure::Failure;

/// Writes through `write` to the file, or to standard output where none is named.
pub(crate) fn write_to(
    file: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let Some(path) = file else {
        let mut out = BufWriter::new(io::stdout().lock());
        write(&mut out)?;
        out.flush()?;
        return Ok(());
    };
    replace(path, write)
        .map_err(|error| Failure::because(&format!("cannot write {}", path.display()), &error))
}

/// Writes beside the file and puts the result in its place at the end, so that a reader never sees half of it and a
/// failure leaves what was there. What is no regular file (`/dev/null`, a pipe) is written to directly.
fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        let mut out = BufWriter::new(File::options().write(true).open(path)?);
        write(&mut out)?;
        return out.flush();
    }
    // Through a link to the file it leads to; a link that leads nowhere is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut beside = Beside::new(&path)?;
    write(&mut beside.out)?;
    beside.finish(&path)
}

/// A file next to the one to be written; taken away again unless it is finished.
struct Beside {
    path: PathBuf,
    out: BufWriter<File>,
    finished: bool,
}

impl Beside {
    fn new(path: &Path) -> io::Result<Beside> {
        let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::IsADirectory))?;
        let mut temporary = std::ffi::OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}.tmp", std::process::id()));
        let temporary = path.with_file_name(temporary);
        let file = File::options().write(true).create_new(true).open(&temporary)?;
        Ok(Beside { path: temporary, out: BufWriter::new(file), finished: false })
    }

    fn finish(mut self, path: &Path) -> io::Result<()> {
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        fs::rename(&self.path, path)?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.finished {
            // It is ours and of no use to anyone; nothing more can be done where it cannot be removed.
            let _ = fs::remove_file(&self.path);
        }
    }
}
