//! Rule sets and their state in a folder, so that a program that is killed at any moment finds a state that opens.
//!
//! ```text
//! <data>/waf/rulesets/state.json                     what decides, what is on its way (replaced by rename)
//! <data>/waf/rulesets/4.28.0-1f3a9c0b5d7e/           the files of one rule set, never changed
//! <data>/waf/rulesets/4.28.0-1f3a9c0b5d7e.partial/   one that is being written
//! ```
//!
//! A folder is written whole, synced, then renamed; only then does a state name it. What no state names can be swept.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::life::{RuleSet, RuleSetId, State};
use crate::tree::{self, Limits, Tree, TreeError};

const STATE: &str = "state.json";
const PARTIAL: &str = ".partial";
/// Bytes of a state file; 100 sites take some 100 KB.
const MOST_STATE_BYTES: u64 = 16 << 20;
/// The shape of the state file.
const FORMAT: u32 = 1;

/// Why the folder of rule sets cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// Something cannot be read or written.
    #[error("cannot {what} {path}")]
    Io {
        /// `read`, `write`, `rename`.
        what: &'static str,
        /// Where.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The state file is not one.
    #[error(
        "{path} is no state of rule sets: {reason}; hint: the rule sets beside it are whole; move the file away and load one of them again"
    )]
    BadState {
        /// Where.
        path: String,
        /// Why.
        reason: String,
    },
    /// The files of a rule set cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The files of a rule set are not those that were trusted.
    #[error(
        "the files of {id} have changed since they were trusted (SHA-256 {found}, trusted {trusted}); they are not used"
    )]
    Changed {
        /// Which.
        id: RuleSetId,
        /// What they are now.
        found: String,
        /// What was trusted.
        trusted: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StateFile {
    format: u32,
    state: State,
}

/// The folder of rule sets. One program at a time writes to it.
#[derive(Debug, Clone)]
pub struct Shelf {
    folder: PathBuf,
}

fn error(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DiskError {
    let path = path.display().to_string();
    move |source| DiskError::Io { what, path, source }
}

impl Shelf {
    /// The folder below the data folder, made where it is missing.
    ///
    /// # Errors
    /// [`DiskError::Io`].
    pub fn open(data: &Path) -> Result<Shelf, DiskError> {
        let folder = data.join("waf").join("rulesets");
        fs::create_dir_all(&folder).map_err(error("make", &folder))?;
        Ok(Shelf { folder })
    }

    /// The state. A folder without one has the empty state.
    ///
    /// # Errors
    /// [`DiskError::BadState`] for a file that is damaged: nothing is guessed.
    pub fn state(&self) -> Result<State, DiskError> {
        let path = self.folder.join(STATE);
        let bytes = match fs::metadata(&path) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(State::default()),
            Ok(found) if found.len() > MOST_STATE_BYTES => {
                let reason = format!("it has more than {MOST_STATE_BYTES} bytes");
                return Err(DiskError::BadState { path: path.display().to_string(), reason });
            }
            _ => fs::read(&path).map_err(error("read", &path))?,
        };
        let bad = |reason: String| DiskError::BadState { path: path.display().to_string(), reason };
        let file: StateFile = serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
        if file.format != FORMAT {
            return Err(bad(format!("it has format {}, this program reads {FORMAT}", file.format)));
        }
        Ok(file.state)
    }

    /// Keeps a state: written beside the old one, synced, renamed, the folder synced.
    ///
    /// # Errors
    /// [`DiskError::Io`]; the old state is still there then.
    pub fn keep(&self, state: &State) -> Result<(), DiskError> {
        let file = StateFile { format: FORMAT, state: state.clone() };
        let path = self.folder.join(STATE);
        let text =
            serde_json::to_vec_pretty(&file).map_err(|bug| error("write", &path)(io::Error::other(bug)))?;
        let beside = self.folder.join(format!("{STATE}{PARTIAL}"));
        write_synced(&beside, &text)?;
        fs::rename(&beside, &path).map_err(error("rename", &beside))?;
        sync_folder(&self.folder)
    }

    /// Where the files of a rule set are.
    pub fn folder_of(&self, id: &RuleSetId) -> PathBuf {
        self.folder.join(id.as_str())
    }

    /// Writes the files of a rule set. Done again for one that is there, it changes nothing.
    ///
    /// # Errors
    /// [`DiskError::Io`]; a half-written folder has a name that no state uses.
    pub fn store(&self, id: &RuleSetId, files: &Tree) -> Result<PathBuf, DiskError> {
        let folder = self.folder_of(id);
        if folder.is_dir() {
            return Ok(folder);
        }
        let partial = self.folder.join(format!("{id}{PARTIAL}"));
        if partial.exists() {
            fs::remove_dir_all(&partial).map_err(error("remove", &partial))?;
        }
        let mut folders = std::collections::BTreeSet::from([partial.clone()]);
        for (name, bytes) in files.files() {
            let path = partial.join(name);
            let parent = path.parent().unwrap_or(&partial).to_owned();
            fs::create_dir_all(&parent).map_err(error("make", &parent))?;
            folders.insert(parent);
            write_synced(&path, bytes)?;
        }
        folders.iter().try_for_each(|folder| sync_folder(folder))?;
        fs::rename(&partial, &folder).map_err(error("rename", &partial))?;
        sync_folder(&self.folder)?;
        Ok(folder)
    }

    /// Reads the files of a rule set back and compares them with what was trusted.
    ///
    /// # Errors
    /// [`DiskError::Changed`] when somebody changed them.
    pub fn load(&self, set: &RuleSet, limits: &Limits) -> Result<Tree, DiskError> {
        let tree = tree::open_folder(&self.folder_of(&set.id), limits)?;
        let found = tree.hash();
        if found != set.hash {
            return Err(DiskError::Changed { id: set.id.clone(), found, trusted: set.hash.clone() });
        }
        Ok(tree)
    }

    /// Removes what no state names: half-written folders and rule sets that are no longer needed. Says their names.
    ///
    /// # Errors
    /// [`DiskError::Io`].
    pub fn sweep(&self, state: &State) -> Result<Vec<String>, DiskError> {
        let named = state.named();
        let mut swept = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(error("read", &self.folder))? {
            let entry = entry.map_err(error("read", &self.folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            if name == STATE || named.iter().any(|id| id.as_str() == name) {
                continue;
            }
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(error("remove", &path))?;
            swept.push(name);
        }
        swept.sort();
        Ok(swept)
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    let mut file = fs::File::create(path).map_err(error("write", path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(error("write", path))
}

fn sync_folder(folder: &Path) -> Result<(), DiskError> {
    fs::File::open(folder).and_then(|opened| opened.sync_all()).map_err(error("sync", folder))
}
