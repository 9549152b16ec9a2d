//! The programme: how every requirement stands, and what that stands on.

use bedrail_app::programme::{
    AnchorRow, CatalogueRow, DecisionRow, Detail, FactView, Figures, Past, Programme, ProofRow, Row,
    SignalView,
};
use serde::Serialize;
use utoipa::ToSchema;

/// The two figures. There is no third.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProgrammeFiguresView {
    /// Requirements that apply.
    of: u32,
    /// Of these, those that are evidenced.
    evidenced: u32,
    /// The same in whole per cent, rounded down; `null` of nothing.
    evidenced_percent: Option<u32>,
    /// Of these, those with something past its date.
    overdue: u32,
    /// The same in whole per cent, rounded up; `null` of nothing.
    overdue_percent: Option<u32>,
}

impl From<Figures> for ProgrammeFiguresView {
    fn from(it: Figures) -> ProgrammeFiguresView {
        ProgrammeFiguresView {
            of: it.of,
            evidenced: it.evidenced,
            evidenced_percent: it.evidenced_percent(),
            overdue: it.overdue,
            overdue_percent: it.overdue_percent(),
        }
    }
}

/// A catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CatalogueView {
    /// What filters name.
    id: String,
    /// What people call it.
    name: String,
    /// Schema, day and beginning of the digest.
    version: String,
    /// Whether its requirements are duties by law.
    binds: bool,
    /// Its figures.
    figures: ProgrammeFiguresView,
}

impl From<&CatalogueRow> for CatalogueView {
    fn from(it: &CatalogueRow) -> CatalogueView {
        CatalogueView {
            id: it.id.clone(),
            name: it.name.clone(),
            version: it.version.clone(),
            binds: it.binds,
            figures: it.figures.into(),
        }
    }
}

/// How a requirement stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequirementRowView {
    /// Its id.
    id: String,
    /// Its catalogue.
    catalogue: String,
    /// Where it stands written.
    citation: String,
    /// A few words.
    title: String,
    /// The part of the rule.
    family: String,
    /// `standard`, `required`, `addressable`, `voluntary`, `informational`.
    designation: &'static str,
    /// `yes`, `no`, `not_assessed`.
    applies: &'static str,
    /// `evidenced`, `claimed`, `partly`, `unknown`, `no`.
    state: &'static str,
    /// Whether something about it is past its date.
    overdue: bool,
    /// When the oldest fact that counts was observed, RFC 3339; `null` without one.
    oldest: Option<String>,
    /// Why, in a sentence.
    reason: String,
    /// What would show it.
    evidence: Vec<String>,
}

impl From<&Row> for RequirementRowView {
    fn from(it: &Row) -> RequirementRowView {
        RequirementRowView {
            id: it.id.clone(),
            catalogue: it.catalogue.clone(),
            citation: it.citation.clone(),
            title: it.title.clone(),
            family: it.family.clone(),
            designation: it.designation,
            applies: it.applies,
            state: it.state.code(),
            overdue: it.overdue,
            oldest: it.oldest.map(|at| at.to_string()),
            reason: it.reason.clone(),
            evidence: it.evidence.clone(),
        }
    }
}

/// The programme.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProgrammeView {
    /// When it was judged, RFC 3339.
    at: String,
    /// The figures of the duties by law; what is voluntary is not counted in.
    figures: ProgrammeFiguresView,
    /// Catalogues, in order.
    catalogues: Vec<CatalogueView>,
    /// Requirements, in order of the catalogues.
    requirements: Vec<RequirementRowView>,
}

impl From<&Programme> for ProgrammeView {
    fn from(it: &Programme) -> ProgrammeView {
        ProgrammeView {
            at: it.at.to_string(),
            figures: it.figures.into(),
            catalogues: it.catalogues.iter().map(CatalogueView::from).collect(),
            requirements: it.rows.iter().map(RequirementRowView::from).collect(),
        }
    }
}

/// A fact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProgrammeFactView {
    /// The system that it is about.
    system: String,
    /// The value: `yes`, `3`, `95/100`.
    value: String,
    /// When it was so, RFC 3339.
    observed: String,
    /// Since when it is known here, RFC 3339.
    known: String,
    /// The last day on which it holds, inclusive.
    holds_until: String,
    /// Whether it holds today.
    holds: bool,
    /// `computed`, `document`, `person`.
    word: &'static str,
    /// Where to look.
    evidence: String,
}

impl From<&FactView> for ProgrammeFactView {
    fn from(it: &FactView) -> ProgrammeFactView {
        ProgrammeFactView {
            system: it.system.clone(),
            value: it.value.clone(),
            observed: it.observed.to_string(),
            known: it.known.to_string(),
            holds_until: it.holds_until.to_string(),
            holds: it.holds,
            word: it.word,
            evidence: it.evidence.clone(),
        }
    }
}

/// A signal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProgrammeSignalView {
    /// Its id.
    id: &'static str,
    /// What it is about.
    about: &'static str,
    /// What is counted.
    how: &'static str,
    /// When it is met.
    met_when: String,
    /// Days for which a value holds.
    valid_days: i64,
    /// `computed`, `manual`, `not_connected`.
    kind: &'static str,
    /// Where it comes from, or what is asked for.
    source: String,
    /// What is to be said with a document.
    form: &'static str,
    /// Its state.
    state: &'static str,
    /// Its facts, the newest first.
    facts: Vec<ProgrammeFactView>,
    /// Systems of which nothing is known by it, with the reason.
    unknown: Vec<ProgrammeUnknownView>,
}

/// A system of which nothing is known.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProgrammeUnknownView {
    /// The system.
    system: String,
    /// Why nothing is known.
    why: String,
}

impl From<&SignalView> for ProgrammeSignalView {
    fn from(it: &SignalView) -> ProgrammeSignalView {
        ProgrammeSignalView {
            id: it.id,
            about: it.about,
            how: it.how,
            met_when: it.met_when.clone(),
            valid_days: it.valid_days,
            kind: it.kind,
            source: it.source.clone(),
            form: it.form,
            state: it.state.code(),
            facts: it.facts.iter().map(ProgrammeFactView::from).collect(),
            unknown: it
                .unknown
                .iter()
                .map(|(system, why)| ProgrammeUnknownView { system: system.clone(), why: why.clone() })
                .collect(),
        }
    }
}

/// A document that shows something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProofView {
    /// Its id.
    id: String,
    /// The original as received, by id.
    document: String,
    /// SHA-256 of its bytes.
    sha256: String,
    /// Its name.
    file_name: String,
    /// Its media type.
    media_type: String,
    /// The signal that it shows.
    signal: String,
    /// The system.
    system: String,
    /// The value.
    shows: String,
    /// The first day that it is about.
    about_from: String,
    /// The last day that it is about.
    about_to: Option<String>,
    /// The day of collecting.
    collected: String,
    /// Who collected it.
    collector: String,
    /// The last day on which it counts.
    expires: Option<String>,
    /// When it was received, RFC 3339.
    received: String,
    /// From whom.
    received_from: String,
    /// When it was taken back, RFC 3339.
    withdrawn: Option<String>,
}

impl From<&ProofRow> for ProofView {
    fn from(it: &ProofRow) -> ProofView {
        ProofView {
            id: it.id.to_string(),
            document: it.document.to_string(),
            sha256: hex::encode(&it.sha256),
            file_name: it.file_name.clone(),
            media_type: it.media_type.clone(),
            signal: it.signal.clone(),
            system: it.system.clone(),
            shows: it.shows.clone(),
            about_from: it.about_from.to_string(),
            about_to: it.about_to.map(|day| day.to_string()),
            collected: it.collected.to_string(),
            collector: it.collector.clone(),
            expires: it.expires.map(|day| day.to_string()),
            received: it.added.to_string(),
            received_from: it.added_by.clone(),
            withdrawn: it.withdrawn.as_ref().map(|(at, _)| at.to_string()),
        }
    }
}

/// A decision on an addressable specification.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProgrammeDecisionView {
    /// Its id.
    id: String,
    /// `implement`, `alternative`, `not_reasonable`.
    outcome: String,
    /// The measure that stands in its place.
    measure: Option<String>,
    /// The systems; none for all.
    systems: Vec<String>,
    /// Why.
    reason: String,
    /// Who approved it.
    approver: String,
    /// The day of the decision.
    decided: String,
    /// The last day on which it holds without a new look.
    review_by: String,
    /// The document that shows it, by id.
    proof: Option<String>,
    /// When it was written down, RFC 3339.
    written: String,
    /// By whom.
    written_by: String,
}

impl From<&DecisionRow> for ProgrammeDecisionView {
    fn from(it: &DecisionRow) -> ProgrammeDecisionView {
        ProgrammeDecisionView {
            id: it.id.to_string(),
            outcome: it.outcome.clone(),
            measure: it.measure.clone(),
            systems: it.systems.clone(),
            reason: it.reason.clone(),
            approver: it.approver.clone(),
            decided: it.decided.to_string(),
            review_by: it.review_by.to_string(),
            proof: it.proof.map(|id| id.to_string()),
            written: it.added.to_string(),
            written_by: it.added_by.clone(),
        }
    }
}

/// One requirement with all that its state stands on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequirementView {
    #[serde(flatten)]
    row: RequirementRowView,
    /// The version of the catalogue that it was judged by.
    version: String,
    /// What it asks.
    meaning: String,
    /// The question for people.
    question: String,
    /// Its signals.
    signals: Vec<ProgrammeSignalView>,
    /// Documents, the newest first.
    proofs: Vec<ProofView>,
    /// Decisions, the newest first.
    decisions: Vec<ProgrammeDecisionView>,
    /// Whether it leaves a choice (45 CFR 164.306(d)).
    addressable: bool,
}

impl From<&Detail> for RequirementView {
    fn from(it: &Detail) -> RequirementView {
        RequirementView {
            row: RequirementRowView::from(&it.row),
            version: it.version.clone(),
            meaning: it.meaning.clone(),
            question: it.question.clone(),
            signals: it.signals.iter().map(ProgrammeSignalView::from).collect(),
            proofs: it.proofs.iter().map(ProofView::from).collect(),
            decisions: it.decisions.iter().map(ProgrammeDecisionView::from).collect(),
            addressable: it.addressable,
        }
    }
}

/// How a requirement stood on a past day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PastStateView {
    /// The requirement.
    id: String,
    /// As known then; `null` where nobody noted it.
    then: Option<String>,
    /// As known now.
    now: &'static str,
    /// Why, as known then.
    then_reason: Option<String>,
    /// Why, as known now.
    now_reason: String,
}

/// A past day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PastView {
    /// The day.
    day: String,
    /// When it was noted, RFC 3339; `null` where nobody did.
    noted: Option<String>,
    /// The versions of the catalogues of that day.
    catalogues: Vec<String>,
    /// Requirements.
    requirements: Vec<PastStateView>,
}

impl From<&Past> for PastView {
    fn from(it: &Past) -> PastView {
        let state = |row: &Row| {
            let then = it.then.iter().find(|then| then.requirement == row.id);
            PastStateView {
                id: row.id.clone(),
                then: then.map(|then| then.state.clone()),
                now: row.state.code(),
                then_reason: then.map(|then| then.reason.clone()),
                now_reason: row.reason.clone(),
            }
        };
        PastView {
            day: it.day.to_string(),
            noted: it.taken.map(|at| at.to_string()),
            catalogues: it.catalogues.clone(),
            requirements: it.now.iter().map(state).collect(),
        }
    }
}

/// A head of the audit log that was noted outside.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnchorView {
    /// Counted from 1.
    number: u64,
    /// The head, `NUMBER:HASH`.
    head: String,
    /// `time_stamp`, `published`, `deposited`.
    kind: String,
    /// Who keeps it.
    keeper: String,
    /// Where it is found.
    place: String,
    /// The day on which it was noted there, an ISO date.
    noted: String,
    /// The name of the reply that was brought with it; empty without one.
    reply: String,
    /// The digest of that reply, in hexadecimal.
    sha256: Option<String>,
    /// When it was written down here, RFC 3339.
    at: String,
    /// By whom.
    by: String,
}

impl From<&AnchorRow> for AnchorView {
    fn from(it: &AnchorRow) -> AnchorView {
        AnchorView {
            number: it.number,
            head: format!("{}:{}", it.entry, it.head),
            kind: it.kind.clone(),
            keeper: it.keeper.clone(),
            place: it.place.clone(),
            noted: it.noted.to_string(),
            reply: it.file_name.clone(),
            sha256: it.sha256.as_ref().map(hex::encode),
            at: it.at.to_string(),
            by: it.author.clone(),
        }
    }
}
