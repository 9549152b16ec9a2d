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

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(opener: &mut Opener, path: &Path) -> (usize, u64) {
        let opened = opener.open(path).unwrap().unwrap();
        (opened.first.len(), opened.size)
    }

    #[test]
    fn a_file_of_any_size_is_as_long_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let mut opener = Opener::new();
        for size in [0, 1, FIRST - 1, FIRST, FIRST + 1, 5 * FIRST] {
            let path = folder.path().join(size.to_string());
            std::fs::write(&path, vec![7; size]).unwrap();
            assert_eq!(sizes(&mut opener, &path), (size.min(FIRST), size as u64));
        }
    }

    #[test]
    fn each_file_is_that_of_its_own_folder() {
        let folder = tempfile::tempdir().unwrap();
        let mut opener = Opener::new();
        let mut paths = Vec::new();
        for (at, name) in ["a/1", "a/2", "a/3", "b/1", "b/2", "a/1x", "b/3", "b/4"].iter().enumerate() {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, vec![0; at]).unwrap();
            paths.push(path);
        }
        for (at, path) in paths.iter().enumerate() {
            assert_eq!(sizes(&mut opener, path), (at, at as u64), "{}", path.display());
        }
    }

    #[test]
    fn what_is_no_file_is_none_and_what_is_not_there_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let mut opener = Opener::new();
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        // The first by its path, the others by their folder.
        for _ in 0..3 {
            assert!(opener.open(&folder.path().join("inner")).unwrap().is_none());
            let error = opener.open(&folder.path().join("gone")).err().unwrap();
            assert_eq!(error.kind(), io::ErrorKind::NotFound);
        }
    }
}
