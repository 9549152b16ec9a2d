//! A rule set as files in memory: what an archive or a folder holds, after limits and names were checked.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead, Read};
use std::path::{Component, Path};

use crate::hash::sha256;

/// What a rule set may cost. A release of the Core Rule Set has about 450 files and 8 MB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the archive as received.
    pub bytes_in: u64,
    /// Bytes of all files together.
    pub bytes_expanded: u64,
    /// Bytes of one file.
    pub bytes_file: u64,
    /// Expanded bytes per received byte. Rule files reach 12.
    pub ratio: u64,
    /// Files and folders.
    pub entries: usize,
    /// Folders inside one another.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            bytes_in: 32 << 20,
            bytes_expanded: 128 << 20,
            bytes_file: 16 << 20,
            ratio: 100,
            entries: 10_000,
            depth: 10,
        }
    }
}

/// Expanded bytes below which no ratio is judged.
const RATIO_FROM: u64 = 4 << 20;
/// Bytes of one path.
const PATH_LENGTH: usize = 200;

/// Why an archive or a folder is not taken as a rule set.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// It is larger than allowed.
    #[error("{what} has more than {limit} {unit}; nothing of it was used")]
    TooLarge {
        /// What is too large.
        what: String,
        /// The limit.
        limit: u64,
        /// `bytes`, `entries`, `folders inside one another`, `times its packed size`.
        unit: &'static str,
    },
    /// The archive ends before its end, or its checksum is wrong.
    #[error("the archive is damaged or cut off: {reason}; hint: fetch it again")]
    Damaged {
        /// What the reader says.
        reason: String,
    },
    /// An entry would be written outside of the folder, or has a name that systems read differently.
    #[error("entry {number} `{name}` is refused: {reason}; an archive with such an entry is not used at all")]
    BadEntry {
        /// Place in the archive, from 1.
        number: usize,
        /// Its name, made printable and cut at 200 characters.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// A folder or file cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// Where.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Files by path (`rules/REQUEST-901-INITIALIZATION.conf`), with `/` between folders, none above the root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    files: BTreeMap<String, Vec<u8>>,
}

impl Tree {
    /// The files in order of their paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// One file's bytes.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// One file as text; bytes that are no UTF-8 are replaced.
    pub fn text(&self, path: &str) -> Option<String> {
        self.get(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// The number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// A tree of files given by path.
    ///
    /// # Errors
    /// [`TreeError`] for names and sizes that no archive may have either.
    pub fn from_files<N: Into<String>>(
        files: impl IntoIterator<Item = (N, Vec<u8>)>,
        limits: &Limits,
    ) -> Result<Tree, TreeError> {
        let mut gathering = Gathering::new(limits);
        for (path, bytes) in files {
            let path = path.into();
            gathering.enter(&path)?;
            gathering.keep(path, bytes)?;
        }
        Ok(gathering.tree)
    }

    /// The canonical manifest: one line for each file, `<sha256> <bytes> <path>`, in order of the paths. Two trees
    /// are the same rule set exactly when their manifests are equal.
    pub fn manifest(&self) -> String {
        let line = |(path, bytes): (&str, &[u8])| format!("{} {} {path}\n", sha256(bytes), bytes.len());
        self.files().map(line).collect()
    }

    /// The SHA-256 of the manifest, in hexadecimal.
    pub fn hash(&self) -> String {
        sha256(self.manifest().as_bytes())
    }
}

/// What is gathered, and what it may still cost.
struct Gathering<'a> {
    limits: &'a Limits,
    tree: Tree,
    seen: BTreeSet<String>,
    entries: usize,
    bytes: u64,
}

impl<'a> Gathering<'a> {
    fn new(limits: &'a Limits) -> Self {
        Gathering { limits, tree: Tree::default(), seen: BTreeSet::new(), entries: 0, bytes: 0 }
    }

    /// Counts an entry and judges its name.
    fn enter(&mut self, path: &str) -> Result<(), TreeError> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(too_large("the rule set", self.limits.entries as u64, "entries"));
        }
        let bad = |reason| TreeError::BadEntry { number: self.entries, name: printable(path), reason };
        safe_name(path).map_err(bad)?;
        if path.split('/').count() > self.limits.depth {
            return Err(too_large(&printable(path), self.limits.depth as u64, "folders inside one another"));
        }
        // `Rules/a` and `rules/A` are one file on some systems, two on others.
        if !self.seen.insert(path.to_lowercase()) {
            return Err(bad("a file of this name came before"));
        }
        Ok(())
    }

    fn keep(&mut self, path: String, bytes: Vec<u8>) -> Result<(), TreeError> {
        if bytes.len() as u64 > self.limits.bytes_file {
            return Err(too_large(&printable(&path), self.limits.bytes_file, "bytes"));
        }
        self.bytes += bytes.len() as u64;
        if self.bytes > self.limits.bytes_expanded {
            return Err(too_large("the rule set", self.limits.bytes_expanded, "bytes"));
        }
        self.tree.files.insert(path, bytes);
        Ok(())
    }
}

fn too_large(what: &str, limit: u64, unit: &'static str) -> TreeError {
    TreeError::TooLarge { what: what.to_owned(), limit, unit }
}

fn printable(name: &str) -> String {
    name.chars().take(200).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Whether a name stays inside of the folder and means the same everywhere.
fn safe_name(path: &str) -> Result<(), &'static str> {
    if path.is_empty() || path.len() > PATH_LENGTH {
        return Err("its name is empty or too long");
    }
    if path.starts_with('/') || path.contains('\\') || path.contains(':') {
        return Err("its name is absolute, or has a backslash or a colon");
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err("its name leads out of the folder (`..`) or has an empty part");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-+/ ".contains(c);
    if !path.chars().all(plain) {
        return Err("its name has characters other than letters, digits and `._-+`");
    }
    Ok(())
}

/// Opens a `.tar.gz`. Its one top folder, if it has one (`coreruleset-4.28.0/`), is taken off.
///
/// Links, devices and everything else but files and folders are refused, and with them the whole archive.
///
/// # Errors
/// [`TreeError`] says which entry and why. Nothing is written anywhere.
pub fn open_archive(bytes: &[u8], limits: &Limits) -> Result<Tree, TreeError> {
    if bytes.len() as u64 > limits.bytes_in {
        return Err(too_large("the archive", limits.bytes_in, "bytes"));
    }
    let expanded = expand(bytes, limits)?;
    let mut gathering = Gathering::new(limits);
    let mut archive = tar::Archive::new(expanded.as_slice());
    let damaged = |error: io::Error| TreeError::Damaged { reason: error.to_string() };
    for (index, entry) in archive.entries().map_err(damaged)?.enumerate() {
        let mut entry = entry.map_err(damaged)?;
        let kind = entry.header().entry_type();
        if kind.is_pax_global_extensions() {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if kind.is_dir() {
            gathering.enter(name.trim_end_matches('/'))?;
            continue;
        }
        if !kind.is_file() {
            let reason = "it is a link or a device, only files and folders are taken";
            return Err(TreeError::BadEntry { number: index + 1, name: printable(&name), reason });
        }
        gathering.enter(&name)?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(damaged)?;
        if content.len() as u64 != entry.header().size().map_err(damaged)? {
            return Err(TreeError::Damaged { reason: format!("`{}` is cut off", printable(&name)) });
        }
        gathering.keep(name, content)?;
    }
    if gathering.tree.is_empty() {
        return Err(TreeError::Damaged { reason: "there is no file in it".to_owned() });
    }
    Ok(without_top(gathering.tree))
}

/// The bytes of a gzip file of one member, to its very end, under the limits.
fn expand(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, TreeError> {
    // Names and padding of the tar come on top of the files.
    let most = limits.bytes_expanded + 2048 * limits.entries as u64;
    let mut unpacked = flate2::bufread::GzDecoder::new(bytes);
    let mut expanded = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    loop {
        let count =
            unpacked.read(&mut chunk).map_err(|error| TreeError::Damaged { reason: error.to_string() })?;
        if count == 0 {
            break;
        }
        expanded.extend_from_slice(&chunk[..count]);
        let size = expanded.len() as u64;
        if size > most {
            return Err(too_large("the archive, expanded,", most, "bytes"));
        }
        if size > RATIO_FROM && size / (bytes.len() as u64).max(1) > limits.ratio {
            return Err(too_large("the archive, expanded,", limits.ratio, "times its packed size"));
        }
    }
    let rest = unpacked.into_inner().fill_buf().map_or(0, <[u8]>::len);
    if rest > 0 {
        return Err(TreeError::Damaged { reason: format!("{rest} bytes follow its end") });
    }
    Ok(expanded)
}

fn without_top(tree: Tree) -> Tree {
    let top = |path: &str| path.split_once('/').map(|(top, _)| top.to_owned());
    let mut tops = tree.files.keys().map(|path| top(path));
    let Some(Some(first)) = tops.next() else { return tree };
    // `rules/` alone is a rule set without a top folder.
    if first == "rules" || tops.any(|other| other.as_deref() != Some(first.as_str())) {
        return tree;
    }
    let cut = first.len() + 1;
    let files = tree.files.into_iter().map(|(path, bytes)| (path[cut..].to_owned(), bytes)).collect();
    Tree { files }
}

/// Reads a folder as a rule set. Links are refused.
///
/// # Errors
/// As [`open_archive`], and [`TreeError::Unreadable`].
pub fn open_folder(folder: &Path, limits: &Limits) -> Result<Tree, TreeError> {
    let mut gathering = Gathering::new(limits);
    walk(folder, folder, &mut gathering)?;
    Ok(gathering.tree)
}

fn walk(root: &Path, folder: &Path, gathering: &mut Gathering<'_>) -> Result<(), TreeError> {
    let unreadable = |path: &Path| {
        let path = path.display().to_string();
        move |source| TreeError::Unreadable { path, source }
    };
    let mut entries: Vec<_> =
        fs::read_dir(folder).and_then(Iterator::collect::<io::Result<_>>).map_err(unreadable(folder))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = relative(root, &path);
        gathering.enter(&name)?;
        let kind = entry.file_type().map_err(unreadable(&path))?;
        if kind.is_dir() {
            walk(root, &path, gathering)?;
        } else if kind.is_file() {
            let file = fs::File::open(&path).map_err(unreadable(&path))?;
            let mut bytes = Vec::new();
            let most = gathering.limits.bytes_file + 1;
            file.take(most).read_to_end(&mut bytes).map_err(unreadable(&path))?;
            gathering.keep(name, bytes)?;
        } else {
            let reason = "it is a link or a device, only files and folders are taken";
            return Err(TreeError::BadEntry { number: gathering.entries, name: printable(&name), reason });
        }
    }
    Ok(())
}

fn relative(root: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(root).unwrap_or(path).components().map(|part| match part {
        Component::Normal(name) => name.to_string_lossy().into_owned(),
        _ => "..".to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}
