//! The state of requirements, computed from facts, decisions and the moment: never typed in by anybody.
//!
//! Requirement – control – signal – proof – state. Order of states, worst first: no, unknown, partly, claimed, evidenced.
//! States of several systems, and of several signals, are put together by one law ([`together`]) that rises in each of
//! them, so that one more failing fact never makes anything look better.

mod figures;
mod index;

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use figures::{Figures, Share};
pub use index::{Expected, Index};

use crate::catalog::{Catalogues, Designation, Requirement};
use crate::decision::{Choice, Decision, Scope};
use crate::fact::Fact;
use crate::signal::{Outcome, Signal};

/// A state, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Facts show that it is not so.
    No,
    /// Nothing in force says anything.
    Unknown,
    /// Some of it is so.
    Partly,
    /// People say so.
    Claimed,
    /// Facts or documents show it.
    Evidenced,
}

impl State {
    /// The stable code, which is the word for people too.
    pub const fn code(self) -> &'static str {
        match self {
            State::No => "no",
            State::Unknown => "unknown",
            State::Partly => "partly",
            State::Claimed => "claimed",
            State::Evidenced => "evidenced",
        }
    }
}

/// Puts states together. Evidenced when all are; claimed when all are at least that; partly when some are at least partly
/// so; else no when one is no; else unknown, as is nothing at all.
pub fn together(states: impl IntoIterator<Item = State>) -> State {
    let (mut least, mut most, mut any_no) = (State::Evidenced, State::No, false);
    let mut none = true;
    for state in states {
        none = false;
        least = least.min(state);
        most = most.max(state);
        any_no |= state == State::No;
    }
    match (none, least, most) {
        (true, ..) => State::Unknown,
        (_, State::Evidenced | State::Claimed, _) => least,
        (_, _, State::Partly | State::Claimed | State::Evidenced) => State::Partly,
        _ if any_no => State::No,
        _ => State::Unknown,
    }
}

/// The moment that is judged.
#[derive(Debug, Clone)]
pub struct Moment {
    /// What was so then.
    pub at: Timestamp,
    /// As known then: what became known later is left out. The same as `at`, or later for "as known now".
    pub known_by: Timestamp,
    /// Where days end.
    pub zone: TimeZone,
}

impl Moment {
    /// A moment as known then, in UTC.
    pub fn then(at: Timestamp) -> Moment {
        Moment { at, known_by: at, zone: TimeZone::UTC }
    }

    /// The day.
    pub fn day(&self) -> Date {
        self.at.to_zoned(self.zone.clone()).date()
    }
}

/// Whether a requirement counts here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applies {
    /// It does, or nobody said that it does not.
    Yes,
    /// It does not, and this says so.
    No {
        /// Where to look.
        evidence: String,
    },
    /// It is information, nothing that could be met.
    NotAssessed,
}

/// How a signal stands for a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalState {
    /// Which.
    pub signal: &'static Signal,
    /// Its state over all systems.
    pub state: State,
    /// Systems by state, in the order of [`State`].
    pub systems: [u32; 5],
    /// When the oldest fact that counts was observed: the age of the proof.
    pub oldest: Option<Timestamp>,
    /// Systems with facts of which none holds any more.
    pub lapsed: u32,
    /// Systems that a decision speaks for.
    pub decided: u32,
    /// Some systems with the worst state, for people.
    pub worst: Vec<String>,
}

/// How a requirement stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementState<'a> {
    /// Which.
    pub requirement: &'a Requirement,
    /// The version of the catalogue that it was judged by.
    pub catalogue: String,
    /// Whether it counts.
    pub applies: Applies,
    /// The state.
    pub state: State,
    /// Its signals.
    pub signals: Vec<SignalState>,
    /// The signal that says whether the requirement applies, where one does.
    pub applies_by: Option<SignalState>,
    /// Decisions whose review date is past.
    pub reviews_overdue: u32,
}

impl RequirementState<'_> {
    /// Whether something about it is past its date: proof that lapsed, a decision not looked at again.
    pub fn is_overdue(&self) -> bool {
        self.reviews_overdue > 0 || self.signals.iter().any(|signal| signal.lapsed > 0)
    }

    /// The reason in one sentence.
    pub fn reason(&self) -> String {
        match &self.applies {
            Applies::No { evidence } => return format!("Does not apply: {evidence}."),
            Applies::NotAssessed => return "Not assessed: information only.".to_owned(),
            Applies::Yes => {}
        }
        let mut parts: Vec<String> = Vec::new();
        for signal in &self.signals {
            let [no, unknown, partly, claimed, evidenced] = signal.systems;
            let total = no + unknown + partly + claimed + evidenced;
            let words = match signal.state {
                State::Evidenced => continue,
                _ if total == 0 => "nothing known".to_owned(),
                state if total == 1 => state.code().to_owned(),
                state => format!("{}, {evidenced} of {total} evidenced", state.code()),
            };
            let lapsed = if signal.lapsed > 0 { ", proof lapsed" } else { "" };
            parts.push(format!("{}: {words}{lapsed}", signal.signal.how));
        }
        if parts.is_empty() {
            "All signals are evidenced.".to_owned()
        } else {
            format!("{}.", parts.join("; "))
        }
    }
}

/// Judges every requirement of the catalogues.
pub fn judge<'a>(
    catalogues: &'a Catalogues,
    index: &Index<'_>,
    decisions: &[Decision],
) -> Vec<RequirementState<'a>> {
    judge_some(catalogues, index, decisions, |_| true)
}

/// Judges those requirements that are wanted.
pub fn judge_some<'a>(
    catalogues: &'a Catalogues,
    index: &Index<'_>,
    decisions: &[Decision],
    wanted: impl Fn(&Requirement) -> bool,
) -> Vec<RequirementState<'a>> {
    let mut states = Vec::new();
    for file in &catalogues.files {
        let version = file.version();
        for requirement in file.requirements.iter().filter(|it| wanted(it)) {
            let about: Vec<&Decision> = decisions
                .iter()
                .filter(|decision| {
                    decision.requirement == requirement.id && decision.check(requirement).is_ok()
                })
                .collect();
            states.push(requirement_state(requirement, version.clone(), index, &about));
        }
    }
    states
}

fn requirement_state<'a>(
    requirement: &'a Requirement,
    catalogue: String,
    index: &Index<'_>,
    decisions: &[&Decision],
) -> RequirementState<'a> {
    let day = index.day();
    let in_force: Vec<&Decision> =
        decisions.iter().copied().filter(|it| it.holds_on(day) && it.choice != Choice::Implement).collect();
    // Who decided again, for the same systems, is not overdue on the old decision.
    let renewed = |old: &Decision| {
        decisions
            .iter()
            .any(|new| new.scope == old.scope && new.decided_on > old.decided_on && new.decided_on <= day)
    };
    let overdue = decisions.iter().filter(|it| it.review_by < day && !renewed(it)).count();
    let signals: Vec<SignalState> =
        requirement.signals.iter().map(|signal| signal_state(signal, index, &in_force)).collect();
    RequirementState {
        requirement,
        catalogue,
        applies: applies(requirement, index),
        state: together(signals.iter().map(|signal| signal.state)),
        signals,
        applies_by: requirement.applies_if.map(|signal| signal_state(signal, index, &[])),
        reviews_overdue: u32::try_from(overdue).unwrap_or(u32::MAX),
    }
}

/// It does not apply only when facts in force say so, all of them.
fn applies(requirement: &Requirement, index: &Index<'_>) -> Applies {
    if requirement.designation == Designation::Informational && requirement.signals.is_empty() {
        return Applies::NotAssessed;
    }
    let Some(signal) = requirement.applies_if else { return Applies::Yes };
    let mut said = index.of(signal).iter().filter_map(|subject| subject.current).peekable();
    let Some(first) = said.peek().copied() else { return Applies::Yes };
    if said.all(|fact| fact.outcome() == Outcome::Failed) {
        Applies::No { evidence: first.evidence.clone() }
    } else {
        Applies::Yes
    }
}

/// Systems named for people.
const MOST_NAMED: usize = 5;

fn signal_state(signal: &'static Signal, index: &Index<'_>, decisions: &[&Decision]) -> SignalState {
    let subjects = index.of(signal);
    let mut result = SignalState {
        signal,
        state: State::Unknown,
        systems: [0; 5],
        oldest: None,
        lapsed: 0,
        decided: 0,
        worst: Vec::new(),
    };
    let mut states = Vec::with_capacity(subjects.len());
    for subject in subjects {
        let by_decision = decided(decisions, signal, subject.name);
        let by_facts = subject.state();
        let state = by_decision.map_or(by_facts, |decided| decided.max(by_facts));
        result.decided += u32::from(by_decision.is_some_and(|decided| decided > by_facts));
        // A decision in force speaks for the system: there is nothing to collect anew.
        result.lapsed += u32::from(subject.lapsed && by_decision.is_none());
        let observed = subject.current.map(|fact| fact.observed_at);
        result.oldest = result.oldest.into_iter().chain(observed).min();
        states.push((subject.name, state));
    }
    // Systems that are known by a decision alone, so that a fact about one of them cannot lift what was unknown.
    for (name, state) in decided_without_facts(decisions, signal, subjects) {
        result.decided += 1;
        states.push((name, state));
    }
    for (_, state) in &states {
        result.systems[*state as usize] += 1;
    }
    let worst = states.iter().map(|(_, state)| *state).min().filter(|worst| *worst < State::Claimed);
    let named = states.iter().filter(|(_, state)| Some(*state) == worst).take(MOST_NAMED);
    result.worst = named.map(|(name, _)| (*name).to_owned()).collect();
    result.state = if states.is_empty() {
        // Nothing is known of any system: a decision for all of them is all there is.
        let all = decisions.iter().filter(|decision| decision.scope == Scope::All);
        all.map(|it| strength(it)).max().unwrap_or(State::Unknown)
    } else {
        together(states.into_iter().map(|(_, state)| state))
    };
    result
}

fn decided_without_facts<'d>(
    decisions: &[&'d Decision],
    signal: &Signal,
    subjects: &[index::OfSubject<'_>],
) -> BTreeMap<&'d str, State> {
    let mut alone = BTreeMap::new();
    if decisions.is_empty() {
        return alone;
    }
    let known: HashSet<&str> = subjects.iter().map(|subject| subject.name).collect();
    for decision in decisions {
        let Scope::Subjects(named) = &decision.scope else { continue };
        let theirs = named.iter().filter(|it| it.about == signal.about && !known.contains(it.name.as_str()));
        for subject in theirs {
            // Whatever speaks for it, a decision for all too: the same as if there were a fact.
            let state = decided(decisions, signal, &subject.name).unwrap_or(State::Unknown);
            alone.insert(subject.name.as_str(), state);
        }
    }
    alone
}

fn strength(decision: &Decision) -> State {
    if decision.proof.is_some() { State::Evidenced } else { State::Claimed }
}

fn decided(decisions: &[&Decision], signal: &Signal, subject: &str) -> Option<State> {
    let covering = decisions.iter().filter(|decision| decision.covers(signal.about, subject));
    covering.map(|it| strength(it)).max()
}

/// The state that one fact in force gives.
pub(crate) fn of_fact(fact: &Fact) -> State {
    match (fact.outcome(), fact.is_shown()) {
        (Outcome::Met, true) => State::Evidenced,
        (Outcome::Met, false) => State::Claimed,
        (Outcome::Partly, _) => State::Partly,
        (Outcome::Nothing, _) => State::Unknown,
        (Outcome::Failed, _) => State::No,
    }
}
