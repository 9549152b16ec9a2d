//! Facts, documents and decisions as the judgement takes them, and its states as they are shown.

use std::collections::HashSet;

use bedrail_comply::catalog::{Catalogue, Designation, Requirement};
use bedrail_comply::decision::{Choice, Decision, Scope};
use bedrail_comply::fact::{Fact, NewFact, Subject, Word};
use bedrail_comply::signal::{Kind, Signal, Value};
use bedrail_comply::state::{self, Applies, Expected, Index, Moment, RequirementState, SignalState};
use bedrail_model::engagement;
use bedrail_store::programme::{DecisionRow, ProofRow};
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use bedrail_comply::state::State;

use super::assess::{self, SelfAnswerRow};
use super::day::KeptFact;
use super::{CatalogueRow, Figures, Programme, Row, catalogue_id, catalogue_name, catalogues, gather, value};
use crate::Error;

/// A fact as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactView {
    /// The system.
    pub system: String,
    /// Its value, as `value` words it.
    pub value: String,
    /// When it was so.
    pub observed: Timestamp,
    /// Since when it is known here.
    pub known: Timestamp,
    /// The last day on which it holds, inclusive.
    pub holds_until: jiff::civil::Date,
    /// Whether it holds on the day that is judged.
    pub holds: bool,
    /// Whose word it is: `computed`, `document`.
    pub word: &'static str,
    /// Where to look.
    pub evidence: String,
}

/// A signal as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalView {
    /// Its id.
    pub id: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// What is counted.
    pub how: &'static str,
    /// When it is met, in words.
    pub met_when: String,
    /// Days for which a value holds.
    pub valid_days: i64,
    /// `computed`, `manual`, `not_connected`.
    pub kind: &'static str,
    /// Where it comes from, or what is asked for.
    pub source: String,
    /// What is to be typed with a document.
    pub form: &'static str,
    /// Its state.
    pub state: State,
    /// Its facts, the newest first.
    pub facts: Vec<FactView>,
    /// Of which system nothing is known by it, and why.
    pub unknown: Vec<(String, String)>,
}

/// All that is judged, at a moment.
pub(super) struct Judged {
    pub(super) facts: Vec<Fact>,
    /// What is not known, and why: signal, system, reason.
    unknown: Vec<KeptFact>,
    expected: Vec<Expected>,
    decisions: Vec<Decision>,
    pub(super) moment: Moment,
    /// How every requirement stands.
    pub(super) states: Vec<RequirementState<'static>>,
}

impl Judged {
    /// Puts together what counts at a moment: what is computed, documents, the last decision on each requirement for the
    /// same systems.
    pub(super) fn of(
        computed: &[KeptFact],
        proofs: &[ProofRow],
        decisions: &[DecisionRow],
        answers: &[SelfAnswerRow],
        moment: Moment,
    ) -> Result<Judged, Error> {
        let known_by = moment.known_by;
        let mut facts = Vec::with_capacity(computed.len() + proofs.len());
        let (told, unknown): (Vec<&KeptFact>, Vec<&KeptFact>) = computed.iter().partition(|it| it.is_known());
        for kept in told {
            facts.push(gather::fact(kept, kept.observed()?)?);
        }
        for proof in proofs {
            let withdrawn = proof.withdrawn.as_ref().is_some_and(|(at, _)| *at <= known_by);
            if !withdrawn && proof.added <= known_by {
                facts.push(proved(proof)?);
            }
        }
        facts.extend(assess::facts(answers, known_by)?);
        let mut met: HashSet<(&str, &[String])> = HashSet::new();
        let mut counted = Vec::new();
        // The newest come first.
        for row in decisions.iter().filter(|row| row.added <= known_by) {
            if met.insert((&row.requirement, &row.systems)) {
                counted.extend(decided(row, proofs)?);
            }
        }
        let unknown: Vec<KeptFact> = unknown.into_iter().cloned().collect();
        let expected = expected(&unknown, &facts);
        let mut judged = Judged { facts, unknown, expected, decisions: counted, moment, states: Vec::new() };
        judged.states = judged.judge(|_| true)?;
        judged.follow(decisions)?;
        Ok(judged)
    }

    fn judge(&self, wanted: impl Fn(&Requirement) -> bool) -> Result<Vec<RequirementState<'static>>, Error> {
        let index = Index::new(&self.facts, &self.expected, &self.moment);
        Ok(state::judge_some(catalogues()?, &index, &self.decisions, wanted))
    }

    /// Adds what follows from the states themselves: how many addressable items are met or decided, and what is overdue. Only
    /// what asks for that is judged anew.
    fn follow(&mut self, rows: &[DecisionRow]) -> Result<(), Error> {
        let states = &self.states;
        let addressable = || {
            states.iter().filter(|it| {
                it.requirement.designation == Designation::Addressable && it.applies == Applies::Yes
            })
        };
        let day = self.moment.day();
        let of = addressable().count() as u64;
        let decided = |it: &&RequirementState<'_>| {
            let in_force = |decision: &Decision| {
                decision.requirement == it.requirement.id
                    && decision.scope == Scope::All
                    && decision.holds_on(day)
            };
            it.state == State::Evidenced || self.decisions.iter().any(in_force)
        };
        let met = addressable().filter(decided).count() as u64;
        let overdue: u64 = states.iter().map(|it| u64::from(it.reviews_overdue)).sum();
        let mut new = vec![(
            "addressable.decided_pct",
            Value::Share { met, of },
            format!("{met} of {of} addressable items are met or decided for all systems (/programme)"),
        )];
        if rows.iter().any(|row| row.added <= self.moment.known_by) {
            let words = format!("{overdue} decisions are past their review date (/programme)");
            new.push(("addressable.overdue_review", Value::Count(overdue), words));
        }
        for (signal, value, words) in new {
            let kept = KeptFact::of(signal, "the organisation", value, self.moment.at, words);
            self.facts.push(gather::fact(&kept, self.moment.at)?);
        }
        let asks = |it: &Requirement| it.signals.iter().any(|signal| gather::FOLLOWING.contains(&signal.id));
        for anew in self.judge(asks)? {
            if let Some(old) = self.states.iter_mut().find(|old| old.requirement.id == anew.requirement.id) {
                *old = anew;
            }
        }
        Ok(())
    }

    /// Why nothing is known by a signal: what was told when it was asked for, or that its facts come later.
    fn why_unknown(&self, signal: &Signal) -> Vec<(String, String)> {
        let told = self.unknown.iter().filter(|it| it.signal == signal.id);
        let mut why: Vec<(String, String)> =
            told.map(|it| (it.subject.clone(), it.evidence.clone())).collect();
        if let Some((_, reason)) = gather::LATER.iter().find(|(id, _)| *id == signal.id) {
            why.push((gather::subject_name(signal.about).to_owned(), (*reason).to_owned()));
        }
        why
    }
}

/// Systems of which a signal has to say something: those that are named with a reason, unless somebody showed it for all.
fn expected(unknown: &[KeptFact], facts: &[Fact]) -> Vec<Expected> {
    let named = unknown.iter().filter_map(|it| {
        let signal = Signal::of(&it.signal)?;
        let all = gather::subject_name(signal.about);
        let for_all = || facts.iter().any(|fact| fact.signal.id == signal.id && fact.subject.name == all);
        if it.subject == all || for_all() {
            return None;
        }
        Some(Expected { signal, subject: Subject { about: signal.about, name: it.subject.clone() } })
    });
    named.collect()
}

/// A document as a fact. It counts to the earlier of the last day that it is about and the day on which it expires.
pub(super) fn proved(row: &ProofRow) -> Result<Fact, Error> {
    let unknown = || Error::not_found(format!("signal {}", row.signal));
    let signal = Signal::of(&row.signal).ok_or_else(unknown)?;
    let collected = row.collected.to_zoned(TimeZone::UTC).map_or(row.added, |it| it.timestamp());
    let digest = row.sha256.as_slice().try_into().unwrap_or_default();
    let new = NewFact {
        signal: row.signal.clone(),
        subject: Subject { about: signal.about, name: row.system.clone() },
        value: value::read(signal, &row.shows)?,
        observed_at: collected.min(row.added),
        known_at: row.added,
        about_from: row.about_from,
        about_to: row.about_to.into_iter().chain(row.expires).min(),
        word: Word::Document { digest, collector: row.collector.clone() },
        evidence: format!("{} (/documents/{})", row.file_name, row.document),
    };
    new.check().map_err(|error| Error::invalid(error.to_string()))
}

/// A decision as the judgement takes it; nothing where the catalogue no longer has its requirement.
fn decided(row: &DecisionRow, proofs: &[ProofRow]) -> Result<Option<Decision>, Error> {
    let Some(requirement) = catalogues()?.requirement(&row.requirement) else { return Ok(None) };
    let abouts = || requirement.signals.iter().map(|signal| signal.about);
    let subjects =
        row.systems.iter().flat_map(|name| abouts().map(move |about| Subject { about, name: name.clone() }));
    let mut subjects: Vec<Subject> = subjects.collect();
    subjects.sort();
    subjects.dedup();
    let proof = row.proof.and_then(|id| proofs.iter().find(|proof| proof.id == id));
    Ok(Some(Decision {
        requirement: row.requirement.clone(),
        scope: if row.systems.is_empty() { Scope::All } else { Scope::Subjects(subjects) },
        choice: match row.outcome.as_str() {
            "alternative" => Choice::Alternative { measure: row.measure.clone().unwrap_or_default() },
            "not_reasonable" => Choice::NotReasonable,
            _ => Choice::Implement,
        },
        reason: row.reason.clone(),
        approver: row.approver.clone(),
        decided_on: row.decided,
        review_by: row.review_by,
        proof: proof
            .filter(|proof| proof.withdrawn.is_none())
            .and_then(|proof| proof.sha256.as_slice().try_into().ok()),
    }))
}

fn figures<'a>(states: impl IntoIterator<Item = &'a RequirementState<'a>>) -> Figures {
    let figures = state::Figures::of(states);
    Figures { of: figures.evidenced.of, evidenced: figures.evidenced.count, overdue: figures.overdue.count }
}

/// The requirements of a scope, with the figures.
pub(super) fn programme(
    judged: &Judged,
    at: Timestamp,
    scope: Option<&engagement::Scope>,
) -> Result<Programme, Error> {
    let here = |it: &&RequirementState<'_>| super::in_scope(scope, &it.requirement.id);
    let states: Vec<&RequirementState<'_>> = judged.states.iter().filter(here).collect();
    let files = &catalogues()?.files;
    let of = |file: &Catalogue| {
        let ids: HashSet<&str> = file.requirements.iter().map(|it| it.id.as_str()).collect();
        figures(states.iter().copied().filter(|it| ids.contains(it.requirement.id.as_str())))
    };
    let with_requirements = files.iter().filter(|file| !file.requirements.is_empty());
    let rows: Vec<CatalogueRow> = with_requirements
        .map(|file| CatalogueRow {
            id: catalogue_id(&file.file).to_owned(),
            name: catalogue_name(catalogue_id(&file.file)).to_owned(),
            version: file.version(),
            binds: file.binds(),
            figures: of(file),
        })
        .collect();
    let mut total = Figures::default();
    for row in rows.iter().filter(|row| row.binds) {
        total.of += row.figures.of;
        total.evidenced += row.figures.evidenced;
        total.overdue += row.figures.overdue;
    }
    let shown = states.iter().copied().map(row).collect::<Result<_, _>>()?;
    Ok(Programme { at, figures: total, catalogues: rows, rows: shown })
}

/// How a requirement applies, by its stable code.
pub(super) const fn applies(applies: &Applies) -> &'static str {
    match applies {
        Applies::Yes => "yes",
        Applies::No { .. } => "no",
        Applies::NotAssessed => "not_assessed",
    }
}

/// A requirement as a row.
pub(super) fn row(it: &RequirementState<'_>) -> Result<Row, Error> {
    let requirement = it.requirement;
    let file = catalogues()?.file_of(&requirement.id).map(|file| file.file.as_str()).unwrap_or_default();
    Ok(Row {
        id: requirement.id.clone(),
        catalogue: catalogue_id(file).to_owned(),
        citation: requirement.citation.clone(),
        title: requirement.title.clone(),
        family: requirement.family.clone(),
        designation: requirement.designation.code(),
        applies: applies(&it.applies),
        state: it.state,
        overdue: it.is_overdue(),
        oldest: it.signals.iter().filter_map(|signal| signal.oldest).min(),
        reason: it.reason(),
        evidence: requirement.evidence.clone(),
    })
}

/// A signal with its facts.
pub(super) fn signal(it: &SignalState, judged: &Judged) -> SignalView {
    let signal = it.signal;
    let (kind, source) = match signal.kind {
        Kind::Computed { source } => ("computed", source.to_owned()),
        Kind::Manual { reason, proof } => ("manual", format!("{reason}; asked for: {proof}")),
        Kind::NotConnected { import } => ("not_connected", import.to_owned()),
    };
    let day = judged.moment.day();
    let mut facts: Vec<FactView> = judged
        .facts
        .iter()
        .filter(|fact| fact.signal.id == signal.id)
        .map(|fact| FactView {
            system: fact.subject.name.clone(),
            value: value::write(fact.value),
            observed: fact.observed_at,
            known: fact.known_at,
            holds_until: fact.holds_until(),
            holds: fact.holds_on(day),
            word: match fact.word {
                Word::Machine => "computed",
                Word::Document { .. } => "document",
                Word::Person { .. } => "person",
            },
            evidence: fact.evidence.clone(),
        })
        .collect();
    facts.sort_by(|a, b| (b.observed, &b.system).cmp(&(a.observed, &a.system)));
    SignalView {
        id: signal.id,
        about: signal.about.name(),
        how: signal.how,
        met_when: signal.rule.words(),
        valid_days: signal.valid_days,
        kind,
        source,
        form: value::form(signal),
        state: it.state,
        unknown: judged.why_unknown(signal),
        facts,
    }
}
