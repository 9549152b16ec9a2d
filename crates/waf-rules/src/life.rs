//! The life of a rule set: fetched, trusted, compiled, tested, shadow, canary, current. What happens next is a pure
//! function of what is, what was learned and the time; every change comes with its sentence for the audit log.

pub mod plan;
mod stages;
pub mod state;
pub mod watch;

use jiff::Timestamp;

pub use plan::{Plan, SitePlan};
pub use state::{Candidate, PatchId, RuleSet, RuleSetId, SiteId, SiteStage, Stage, State};
pub use watch::{Harm, Observation, Window};

use crate::trust::Trusted;

/// What was learned.
#[derive(Debug, Clone)]
pub enum Fact<'a> {
    /// A newer rule set was fetched; who signed it is not yet checked.
    Fetched {
        /// SHA-256 of what was received.
        received: String,
        /// Where from, for people.
        from: String,
    },
    /// Its origin was checked.
    Trusted(&'a Trusted),
    /// It was refused before anything of it was used.
    Refused {
        /// Why.
        reason: String,
    },
    /// A fresh judge compiled it.
    Compiled(Compiled),
    /// The tests were run against old and new.
    Tested(Tested),
    /// What sites saw since the last such fact.
    Observed(Vec<Observation>),
    /// Time went on.
    Tick,
    /// A person says: now.
    Promote {
        /// Who.
        by: String,
    },
    /// A person wants the old rule set back.
    Rollback {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// A site's finding is shielded by rules; from now on no rule set without them decides there.
    PatchTaken {
        /// Which.
        patch: PatchId,
        /// Where.
        site: SiteId,
        /// The rules that shield.
        rules: Vec<u32>,
    },
    /// The finding is mended, the shield is no longer needed.
    PatchEnded {
        /// Which.
        patch: PatchId,
        /// Where.
        site: SiteId,
        /// Who says so.
        by: String,
    },
}

/// What compilation cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// The ids of all rules, our own among them.
    pub rules: Vec<u32>,
    /// Milliseconds.
    pub time_ms: u64,
    /// Bytes of memory of the fresh judge.
    pub memory_bytes: u64,
    /// What the engine said when it refused. `None`: it compiled.
    pub error: Option<String>,
}

/// What the tests found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tested {
    /// The rule set's own regression tests that passed, and all that were asked.
    pub own: (u32, u32),
    /// Its own tests that were not asked: a judge alone cannot answer them, or the time did not suffice.
    pub own_left_out: u32,
    /// How many of its own tests the rule set that decides now passed, of its own. `None`: there is none.
    pub own_before: Option<(u32, u32)>,
    /// Attacks of our suite that were not stopped, by name.
    pub attacks_missed: Vec<String>,
    /// Plain requests of our suite that were stopped, by name (`GET /`).
    pub plain_stopped: Vec<String>,
    /// Recorded good requests judged.
    pub replayed: u64,
    /// Recorded good requests that the new rule set stops and the old one lets through.
    pub new_blocks: u64,
    /// The slowest judgement of one request, milliseconds.
    pub slowest_ms: u64,
}

/// A sentence for the audit log, and whether people are alerted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The sentence.
    pub text: String,
    /// Whether somebody should look now.
    pub alert: bool,
}

impl Said {
    fn log(text: String) -> Said {
        Said { text, alert: false }
    }
    fn alert(text: String) -> Said {
        Said { text, alert: true }
    }
}

/// What is, after a fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The new state.
    pub state: State,
    /// What to say; empty when nothing changed.
    pub said: Vec<Said>,
}

/// What happens next. Pure: the same state, fact and time give the same step.
///
/// A fact that does not fit the state (a compilation of nothing) changes nothing and says so.
pub fn step(state: &State, fact: &Fact<'_>, plan: &Plan, now: Timestamp) -> Step {
    let mut next = state.clone();
    let mut said = Vec::new();
    match fact {
        Fact::Fetched { received, from } => stages::fetched(&mut next, received, from, now, &mut said),
        Fact::Trusted(trusted) => stages::trusted(&mut next, trusted, now, &mut said),
        Fact::Refused { reason } => stages::refused(&mut next, reason, now, &mut said),
        Fact::Compiled(compiled) => stages::compiled(&mut next, compiled, plan, now, &mut said),
        Fact::Tested(tested) => stages::tested(&mut next, tested, plan, now, &mut said),
        Fact::Observed(windows) => watch::observed(&mut next, windows, plan, now, &mut said),
        Fact::Tick => stages::tick(&mut next, plan, now, &mut said),
        Fact::Promote { by } => stages::promote(&mut next, by, plan, now, &mut said),
        Fact::Rollback { by, reason } => {
            let why = format!("{by} asked for it: {reason}");
            // What is on its way goes first; with nothing on its way, the one that decides.
            if next.candidate.is_some() {
                stages::reject(&mut next, &why, now, &mut said);
            } else {
                watch::roll_back(&mut next, &why, now, &mut said);
            }
        }
        Fact::PatchTaken { patch, site, rules } => {
            stages::patch_taken(&mut next, patch, site, rules, now, &mut said);
        }
        Fact::PatchEnded { patch, site, by } => stages::patch_ended(&mut next, patch, site, by, &mut said),
    }
    Step { state: next, said }
}
