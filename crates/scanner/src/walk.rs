//! Walking folders: every regular file once, nothing followed, nothing written.

use std::borrow::Cow;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use crate::report::{NotScanned, Place, Reason};

/// Where to walk and what to leave out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Walk {
    /// Whether folders on other file systems are left out, and said.
    pub one_file_system: bool,
    /// Paths, and names of files or folders, that are left out because somebody said so.
    pub exclude: Vec<PathBuf>,
}

/// What a walk hands out.
pub(crate) enum Step {
    /// A file.
    File(PathBuf),
    /// Something that could not be gone into.
    NotScanned(NotScanned),
    /// A symbolic link, a socket, a pipe: nothing that has content of its own here.
    PassedOver,
}

/// File systems that the kernel makes up, by where they are mounted by custom (Filesystem Hierarchy Standard 3.0 §6.1).
const VIRTUAL: &[(&str, &str)] = &[
    ("/proc", "the kernel's view of processes"),
    ("/sys", "the kernel's view of devices"),
    ("/dev", "device files"),
];

/// Walks below a path that a person named; a symbolic link that was named itself is followed.
pub(crate) fn walk(root: &Path, options: &Walk, take: &mut dyn FnMut(Step) -> bool) {
    let metadata = match fs::metadata(root) {
        Ok(metadata) => metadata,
        Err(error) => {
            take(not_scanned(root, Reason::Unreadable(error.to_string())));
            return;
        }
    };
    if !metadata.is_dir() {
        take(if metadata.is_file() { Step::File(root.to_owned()) } else { special(root) });
        return;
    }
    let device = device(&metadata);
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        if !enter(&folder, device, options, &mut folders, take) {
            return;
        }
    }
}

/// One folder: its files are handed out, its folders are added. Returns whether to go on.
fn enter(
    folder: &Path,
    device: u64,
    options: &Walk,
    folders: &mut Vec<PathBuf>,
    take: &mut dyn FnMut(Step) -> bool,
) -> bool {
    if let Some((_, what)) = VIRTUAL.iter().find(|(path, _)| folder == Path::new(path)) {
        return take(not_scanned(folder, Reason::Virtual(what)));
    }
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return take(not_scanned(folder, Reason::Unreadable(error.to_string()))),
    };
    for entry in entries {
        let step = match entry {
            Ok(entry) => one(&entry, device, options, folders),
            Err(error) => Some(not_scanned(folder, Reason::Unreadable(error.to_string()))),
        };
        if step.is_some_and(|step| !take(step)) {
            return false;
        }
    }
    true
}

fn one(entry: &fs::DirEntry, device: u64, options: &Walk, folders: &mut Vec<PathBuf>) -> Option<Step> {
    let path = entry.path();
    if is_excluded(&path, options) {
        return None;
    }
    // Of the entry itself, which the folder mostly knows: a symbolic link is not followed, so that no loop can be.
    let kind = match entry.file_type() {
        Ok(kind) => kind,
        Err(error) => return Some(not_scanned(&path, Reason::Unreadable(error.to_string()))),
    };
    if !kind.is_dir() {
        return Some(if kind.is_file() { Step::File(path) } else { Step::PassedOver });
    }
    if options.one_file_system {
        match entry.metadata() {
            Ok(metadata) if self::device(&metadata) != device => {
                return Some(not_scanned(&path, Reason::OtherFileSystem));
            }
            Ok(_) => {}
            Err(error) => return Some(not_scanned(&path, Reason::Unreadable(error.to_string()))),
        }
    }
    folders.push(path);
    None
}

fn is_excluded(path: &Path, options: &Walk) -> bool {
    let named = |exclude: &PathBuf| path == exclude || path.file_name() == Some(exclude.as_os_str());
    options.exclude.iter().any(named)
}

fn special(path: &Path) -> Step {
    not_scanned(path, Reason::Virtual("it is a device, a pipe or a socket"))
}

fn not_scanned(path: &Path, reason: Reason) -> Step {
    Step::NotScanned(NotScanned { place: place_of(path), reason })
}

/// A path as the readers look at it: they know names of files by their folders, which stand apart by `/` as in archives.
pub(crate) fn name_of(path: &Path) -> Cow<'_, [u8]> {
    let name = path.as_os_str().as_encoded_bytes();
    if !cfg!(windows) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect())
}

/// The place of a file that is not looked into, written as that of one that is.
pub(crate) fn place_of(path: &Path) -> Place {
    let shown = path.display().to_string();
    Place::file(if cfg!(windows) { shown.replace('\\', "/") } else { shown })
}

#[cfg(unix)]
fn device(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::dev(metadata)
}

#[cfg(not(unix))]
fn device(_metadata: &Metadata) -> u64 {
    0
}
