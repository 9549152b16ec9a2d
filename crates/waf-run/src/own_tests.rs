//! A rule set's own tests at the stage of tests: asked of a fresh judge of the new rules and, beside it, of one of the rules that
//! decide. The same tests, so that what is lost and gained is seen.

use std::path::Path;
use std::time::Duration;

use bedrail_waf_rules::disk::Shelf;
use bedrail_waf_rules::life::{RuleSet, Tested};
use bedrail_waf_rules::own_tests::run::{OwnDifference, OwnRun, SETTINGS, difference};
use bedrail_waf_rules::own_tests::{OwnTest, Unmet, read};
use bedrail_waf_rules::tree::{self, Limits};
use serde::Serialize;

use crate::desk::Settings;
use crate::engine::Fresh;
use crate::update::READY;
use crate::{RulesError, io};

/// The file with [`SETTINGS`], in the state folder.
const SETTINGS_FILE: &str = "own-tests.conf";

/// How the tests of a rule set ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnReport {
    /// Where the tests came from: the rule set itself, or a folder.
    pub from: String,
    /// Tests in all.
    pub all: u32,
    /// Of these, passed.
    pub passed: u32,
    /// The others.
    #[serde(flatten)]
    pub run: OwnRun,
    /// Files of tests that could not be read.
    pub unread: Vec<Unmet>,
    /// Beside the rule set that decides; `None` where none does.
    pub difference: Option<OwnDifference>,
}

impl OwnReport {
    /// Puts the figures among what the stage of tests found.
    pub(crate) fn enter(&self, tested: &mut Tested) {
        tested.own = self.run.share();
        tested.own_left_out = self.all.saturating_sub(tested.own.1);
        tested.slowest_ms = tested.slowest_ms.max(self.run.slowest_micros / 1_000);
    }

    /// For people.
    pub fn text(&self) -> String {
        let OwnReport { from, all, passed, run, unread, difference } = self;
        let failed = run.failed.len();
        let mut out = format!("tests of its own ({from}): {passed} of {all} pass, {failed} fail");
        out.push_str(&format!(
            ", {} ask for more than a judge shows, {} not run for want of time\n",
            run.beyond.len(),
            run.not_run
        ));
        let mut list = |what: &str, all: &[Unmet]| {
            for it in all.iter().take(MOST_SHOWN) {
                out.push_str(&format!("  {what} {}: {}\n", it.test, it.reason));
            }
            if all.len() > MOST_SHOWN {
                let more = all.len() - MOST_SHOWN;
                out.push_str(&format!("  and {more} more {what}; --format json has all\n"));
            }
        };
        list("failed", &run.failed);
        list("unread", unread);
        if let Some(it) = difference {
            list("lost beside the rule set that decides", &it.lost);
            let (lost, gained) = (it.lost.len(), it.gained.len());
            out.push_str(&format!("  beside the rule set that decides: {gained} gained, {lost} lost\n"));
        }
        out
    }
}

/// Lines of one kind that are shown to people.
const MOST_SHOWN: usize = 20;

/// Tests and the judges for them, ready to be asked.
#[derive(Debug)]
pub(crate) struct Prepared {
    from: String,
    tests: Vec<OwnTest>,
    unread: Vec<Unmet>,
    new: Fresh,
    decides: Option<Fresh>,
}

/// Reads them and starts the judges; `None` where there are none. `folders`: the rules of the new set, and of the one that decides.
///
/// # Errors
/// [`RulesError`]: the folder of tests cannot be read, a judge cannot be started.
pub(crate) fn prepare(
    settings: &Settings,
    set: &RuleSet,
    shelf: &Shelf,
    (new, decides): (&Path, Option<&Path>),
) -> Result<Option<Prepared>, RulesError> {
    let limits = Limits::default();
    let (mut tests, mut unread) = read(&shelf.load(set, &limits)?);
    let mut from = "brought with it".to_owned();
    if let (true, Some(folder)) = (tests.is_empty(), &settings.own_tests) {
        (tests, unread) = read(&tree::open_folder(folder, &limits)?);
        from = folder.display().to_string();
    }
    if tests.is_empty() && unread.is_empty() {
        return Ok(None);
    }
    let file = settings.state.join(SETTINGS_FILE);
    std::fs::write(&file, SETTINGS).map_err(io("write", &file))?;
    let judge = |rules: &Path| Fresh::start_with(&settings.engine, &[rules, &file], &settings.state, READY);
    Ok(Some(Prepared { from, tests, unread, new: judge(new)?, decides: decides.map(judge).transpose()? }))
}

impl Prepared {
    /// Asks both judges at the same time.
    ///
    /// # Errors
    /// [`RulesError::Engine`] when one is gone.
    pub(crate) fn ask(self, settings: &Settings) -> Result<OwnReport, RulesError> {
        let budget = Duration::from_millis(settings.plan.own_tests_ms);
        let each = Duration::from_millis(settings.plan.request_ms.saturating_mul(2).max(1_000));
        let one = |judge: &Fresh| judge.own_tests(&self.tests, budget, each);
        let (run, before) = std::thread::scope(|scope| {
            let before = self.decides.as_ref().map(|judge| scope.spawn(move || one(judge)));
            let run = one(&self.new);
            // A panic in there is a bug; it goes on as one.
            (run, before.map(|it| it.join().unwrap_or_else(|bug| std::panic::resume_unwind(bug))))
        });
        let (run, before) = (run?, before.transpose()?);
        Ok(OwnReport {
            from: self.from,
            all: u32::try_from(self.tests.len()).unwrap_or(u32::MAX),
            passed: run.share().0,
            difference: before.map(|before| difference(&before, &run)),
            run,
            unread: self.unread,
        })
    }
}
