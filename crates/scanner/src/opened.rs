//! A file on a disk, opened: with its first bytes, and with as few calls of the system as that takes.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Bytes at the begin of a file that are read beforehand: nearly all marks stand there, and most files have no more.
const FIRST: usize = 8 << 10;

/// A file that was opened.
pub(crate) struct Opened {
    pub(crate) file: File,
    /// Its first bytes.
    pub(crate) first: Vec<u8>,
    /// All its bytes.
    pub(crate) size: u64,
}

/// Opens one file after another.
pub(crate) struct Opener {
    folder: Folder,
    buffer: Vec<u8>,
}

impl Opener {
    pub(crate) fn new() -> Opener {
        Opener { folder: Folder::default(), buffer: vec![0; FIRST] }
    }

    /// A file; none where something else stands there by now.
    ///
    /// # Errors
    /// Where it cannot be opened. What cannot be read of it is said when it is asked for.
    pub(crate) fn open(&mut self, path: &Path) -> io::Result<Option<Opened>> {
        let file = self.folder.open(path)?;
        let read = read_file_at(&file, 0, &mut self.buffer);
        let filled = *read.as_ref().unwrap_or(&0);
        let first = self.buffer[..filled].to_vec();
        // That its end was met says how long it is. One read may end sooner, on some file systems.
        if read.is_ok() && (filled == 0 || (filled < FIRST && is_end(&file, filled))) {
            return Ok(Some(Opened { file, first, size: filled as u64 }));
        }
        let metadata = file.metadata()?;
        Ok(metadata.is_file().then(|| Opened { file, first, size: metadata.len() }))
    }
}

fn is_end(file: &File, at: usize) -> bool {
    matches!(read_file_at(file, at as u64, &mut [0]), Ok(0))
}

#[cfg(unix)]
pub(crate) fn read_file_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
pub(crate) fn read_file_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// The folder of the file that was opened last. From its second file on it is open itself: the system goes the way to it once
/// instead of once for each file.
#[derive(Default)]
struct Folder {
    path: PathBuf,
    #[cfg(unix)]
    handle: Option<std::os::fd::OwnedFd>,
}

#[cfg(unix)]
impl Folder {
    fn open(&mut self, path: &Path) -> io::Result<File> {
        use rustix::fs::{CWD, Mode, OFlags, openat};

        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return File::open(path) };
        if folder.as_os_str() != self.path.as_os_str() {
            *self = Folder { path: folder.to_owned(), handle: None };
            return File::open(path);
        }
        if self.handle.is_none() {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            self.handle = openat(CWD, folder, flags, Mode::empty()).ok();
        }
        let Some(handle) = &self.handle else { return File::open(path) };
        Ok(openat(handle, name, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?.into())
    }
}

#[cfg(not(unix))]
impl Folder {
    fn open(&mut self, path: &Path) -> io::Result<File> {
        self.path.clear();
        File::open(path)
    }
}
