//! The state folder as commands and the loop work on it: one at a time, every change said and kept.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bedrail_waf_rules::assemble::{Profile, assemble};
use bedrail_waf_rules::disk::Shelf;
use bedrail_waf_rules::exclusion::generate;
use bedrail_waf_rules::hash::sha256;
use bedrail_waf_rules::life::{Fact, Plan, RuleSet, Said, SiteId, State, step};
use bedrail_waf_rules::tree::{self, Limits, Tree};
use jiff::Timestamp;

use crate::log::{self, Sentence};
use crate::sites::Exclusions;
use crate::{RulesError, io};

/// A look of the loop takes some tenths of a second; a command waits for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// What took minutes is not thrown away for a look that takes seconds.
const PATIENCE_AFTER: Duration = Duration::from_secs(60);
/// Between two tries.
const STEP: Duration = Duration::from_millis(50);

/// What holds for every command.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The state folder of the proxy.
    pub state: PathBuf,
    /// The judge's program.
    pub engine: PathBuf,
    /// What is put beside the Core Rule Set.
    pub profile: Profile,
    /// Times and limits of the stages.
    pub plan: Plan,
    /// A folder with the Core Rule Set's own tests, for a rule set that does not bring them.
    pub own_tests: Option<PathBuf>,
}

/// The state folder, locked.
#[derive(Debug)]
pub struct Desk<'s> {
    /// What holds.
    pub settings: &'s Settings,
    /// The rule sets.
    pub shelf: Shelf,
    lock: File,
}

/// Files of a rule set as a judge compiles them.
#[derive(Debug, Clone)]
pub struct Assembled {
    /// The name by which the proxy knows it: the id, and eight digits of what was put beside it.
    pub name: String,
    /// Where it is.
    pub folder: PathBuf,
    /// The ids of its rules.
    pub rules: Vec<u32>,
}

impl<'s> Desk<'s> {
    /// Opens it.
    ///
    /// # Errors
    /// [`RulesError::Busy`] while another command works on it, [`RulesError::Disk`].
    pub fn open(settings: &'s Settings) -> Result<Desk<'s>, RulesError> {
        let shelf = Shelf::open(&settings.state)?;
        let path = settings.state.join("rules.lock");
        let lock = File::options().create(true).append(true).open(&path).map_err(io("lock", &path))?;
        wait_for(&lock, &path, PATIENCE)?;
        Ok(Desk { settings, shelf, lock })
    }

    /// Does something that takes long while others may work on the folder. What it found has to be held against the state that
    /// is there afterwards.
    ///
    /// # Errors
    /// Those of the work, and as [`Desk::open`].
    pub(crate) fn unlocked<T>(&self, work: impl FnOnce() -> Result<T, RulesError>) -> Result<T, RulesError> {
        let path = self.settings.state.join("rules.lock");
        self.lock.unlock().map_err(io("unlock", &path))?;
        let done = work();
        wait_for(&self.lock, &path, PATIENCE_AFTER)?;
        done
    }

    /// Takes a fact in: the state moves and is kept, what is to say is said.
    ///
    /// # Errors
    /// [`RulesError::Disk`], [`RulesError::Io`].
    pub fn take(&self, fact: &Fact<'_>, now: Timestamp) -> Result<Vec<Sentence>, RulesError> {
        self.take_by(fact, &self.settings.plan, now)
    }

    /// The same, by another plan.
    ///
    /// # Errors
    /// As [`Desk::take`].
    pub fn take_by(&self, fact: &Fact<'_>, plan: &Plan, now: Timestamp) -> Result<Vec<Sentence>, RulesError> {
        let before = self.shelf.state()?;
        let next = step(&before, fact, plan, now);
        if next.state != before {
            self.shelf.keep(&next.state)?;
        }
        log::append(&self.settings.state, &next.said, now)
    }

    /// Says something that no fact says.
    ///
    /// # Errors
    /// [`RulesError::Io`].
    pub fn say(&self, text: String, alert: bool, now: Timestamp) -> Result<Vec<Sentence>, RulesError> {
        log::append(&self.settings.state, &[Said { text, alert }], now)
    }

    /// The files of a rule set as a judge compiles them, written where they are missing.
    ///
    /// # Errors
    /// [`RulesError`], among them that the files have changed since they were trusted.
    pub fn assembled(
        &self,
        set: &RuleSet,
        report_only: &BTreeSet<u32>,
        now: Timestamp,
    ) -> Result<Assembled, RulesError> {
        let limits = Limits::default();
        let exclusions = Exclusions::read(&self.settings.state)?;
        let generated =
            generate(&exclusions.0, now).map_err(|error| RulesError::NotNow(error.to_string()))?;
        let trusted = self.shelf.load(set, &limits)?;
        let whole = assemble(Some(&trusted), self.settings.profile, &generated.text, report_only, &limits)?;
        let name = format!("{}-{}", set.id, &sha256(whole.hash().as_bytes())[..8]);
        let all = self.settings.state.join("waf").join("assembled");
        let folder = all.join(&name);
        let there = folder.is_dir() && tree::open_folder(&folder, &limits)?.hash() == whole.hash();
        if !there {
            write(&whole, &folder)?;
        }
        let rules = bedrail_waf_rules::conf::rules(&whole)?.into_iter().map(|it| it.id).filter(|it| *it != 0);
        Ok(Assembled { name, folder, rules: rules.collect() })
    }

    /// Removes files that neither the state nor the proxy needs.
    ///
    /// # Errors
    /// [`RulesError::Io`], [`RulesError::Disk`].
    pub fn sweep(&self, in_use: &[String]) -> Result<(), RulesError> {
        let state = self.shelf.state()?;
        self.shelf.sweep(&state)?;
        let all = self.settings.state.join("waf").join("assembled");
        let Ok(entries) = std::fs::read_dir(&all) else { return Ok(()) };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !in_use.contains(&name) {
                std::fs::remove_dir_all(entry.path()).map_err(io("remove", &entry.path()))?;
            }
        }
        Ok(())
    }
}

fn wait_for(lock: &File, path: &Path, patience: Duration) -> Result<(), RulesError> {
    let begun = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if begun.elapsed() < patience => std::thread::sleep(STEP),
            Err(TryLockError::WouldBlock) => {
                return Err(RulesError::Busy { path: path.display().to_string() });
            }
            Err(TryLockError::Error(error)) => return Err(io("lock", path)(error)),
        }
    }
}

/// Rules that only report at every one of these sites.
pub(crate) fn reports_everywhere(state: &State, sites: &[SiteId], now: Timestamp) -> BTreeSet<u32> {
    let mut each = sites.iter().map(|site| state.reports_only(site, now));
    let Some(first) = each.next() else { return BTreeSet::new() };
    each.fold(first, |common, next| common.intersection(&next).copied().collect())
}

/// The new rules of a candidate, without those that shield a site: a shield decides from its first moment.
pub(crate) fn reports_as_candidate(state: &State) -> BTreeSet<u32> {
    let Some(candidate) = &state.candidate else { return BTreeSet::new() };
    let patches = state.patches.values().flat_map(|it| it.values());
    let shields: BTreeSet<u32> = patches.flat_map(|it| it.rules.iter().copied()).collect();
    candidate.new_rules.difference(&shields).copied().collect()
}

fn write(whole: &Tree, folder: &Path) -> Result<(), RulesError> {
    let mut partial = folder.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    for old in [&partial, &folder.to_owned()] {
        if old.exists() {
            std::fs::remove_dir_all(old).map_err(io("remove", old))?;
        }
    }
    for (name, bytes) in whole.files() {
        let path = partial.join(name);
        let parent = path.parent().unwrap_or(&partial);
        std::fs::create_dir_all(parent).map_err(io("make", parent))?;
        std::fs::write(&path, bytes).map_err(io("write", &path))?;
    }
    std::fs::rename(&partial, folder).map_err(io("rename", &partial))
}
