//! Examines an installation and says what to mend, part by part. Changes nothing: no folder, key or schema is made, and
//! each part is looked at by itself, so that a broken one hides no other.

mod database;
mod files;

use std::path::PathBuf;

use jiff::Timestamp;

use crate::context::{DATABASE_FILE, Settings};

/// How one part stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// As it should be.
    Fine,
    /// It works, and somebody should look at it.
    Warning,
    /// It does not work, or protects nothing.
    Broken,
}

impl Health {
    /// The stable code used in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Health::Fine => "ok",
            Health::Warning => "warning",
            Health::Broken => "broken",
        }
    }
}

/// What was found about one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The part, a stable name: `data_folder`, `audit_chain`.
    pub part: &'static str,
    /// How it stands.
    pub health: Health,
    /// What was found, in words.
    pub words: String,
    /// What to do about it.
    pub mend: Option<String>,
}

impl Check {
    /// A part that is as it should be.
    pub fn fine(part: &'static str, words: impl Into<String>) -> Check {
        Check { part, health: Health::Fine, words: words.into(), mend: None }
    }

    /// A part that somebody should look at.
    pub fn warning(part: &'static str, words: impl Into<String>, mend: impl Into<String>) -> Check {
        Check { part, health: Health::Warning, words: words.into(), mend: Some(mend.into()) }
    }

    /// A part that does not work.
    pub fn broken(part: &'static str, words: impl Into<String>, mend: impl Into<String>) -> Check {
        Check { part, health: Health::Broken, words: words.into(), mend: Some(mend.into()) }
    }
}

/// How thoroughly is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// The newest entries of each log and the newest documents; seconds.
    #[default]
    Usual,
    /// Every entry, every document, every block of the index and of an embedded database; reads all of it.
    Deep,
}

/// What all parts are looked at with.
struct Looking {
    dir: PathBuf,
    key_file: Option<PathBuf>,
    database: Option<String>,
    max_data_age_days: u32,
    depth: Depth,
    now: Timestamp,
}

/// Examines the installation that these settings name.
pub async fn examine(settings: Settings, depth: Depth) -> Vec<Check> {
    let looking = Looking {
        dir: settings.data_dir,
        key_file: settings.key_file,
        database: settings.database,
        max_data_age_days: settings.max_data_age_days,
        depth,
        now: settings.clock.now(),
    };
    let mut checks = files::folder(&looking);
    if checks.iter().any(|check| check.health == Health::Broken && check.part == "data_folder") {
        return checks;
    }
    checks.extend(files::keys(&looking));
    checks.extend(files::data(&looking));
    checks.extend(database::examine(&looking).await);
    checks
}

impl Looking {
    /// Where the embedded database lies.
    fn embedded(&self) -> PathBuf {
        self.dir.join(DATABASE_FILE)
    }
}

/// The chain of causes of an error in one line.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}
