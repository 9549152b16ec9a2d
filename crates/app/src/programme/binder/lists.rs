//! The lists of a binder as CSV, formulas made harmless.

use bedrail_store::programme::{DecisionRow, ProofRow, StateRow};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::audit::AuditEntry;
use crate::exports;
use crate::programme::Row;
use crate::programme::assess::SelfAnswerRow;
use crate::programme::cut::Cut;
use crate::programme::day::{KeptFact, Past};

pub(super) fn proof_path(proof: &ProofRow) -> String {
    let ending = match proof.media_type.as_str() {
        "application/pdf" => "pdf",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "text/csv" => "csv",
        "text/plain" => "txt",
        _ => "docx",
    };
    format!("{}.{ending}", proof.id)
}

pub(super) fn list(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    exports::lines(std::iter::once(exports::head(header)).chain(rows))
}

pub(super) fn some(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

pub(super) fn proof_list(proofs: &[ProofRow]) -> Vec<u8> {
    let header = [
        "id",
        "file",
        "sha256",
        "name",
        "requirement",
        "signal",
        "system",
        "shows",
        "about_from",
        "about_to",
        "collected",
        "collector",
        "expires",
        "known_at",
        "received_from",
        "withdrawn",
        "withdrawn_by",
    ];
    let row = |it: &ProofRow| {
        vec![
            it.id.to_string(),
            format!("proofs/{}", proof_path(it)),
            hex::encode(&it.sha256),
            it.file_name.clone(),
            it.requirement.clone(),
            it.signal.clone(),
            it.system.clone(),
            it.shows.clone(),
            it.about_from.to_string(),
            some(it.about_to),
            it.collected.to_string(),
            it.collector.clone(),
            some(it.expires),
            it.added.to_string(),
            it.added_by.clone(),
            some(it.withdrawn.as_ref().map(|(at, _)| *at)),
            some(it.withdrawn.as_ref().map(|(_, by)| by.clone())),
        ]
    };
    list(&header, proofs.iter().map(row))
}

pub(super) fn decision_list(decisions: &[DecisionRow]) -> Vec<u8> {
    let header = [
        "id",
        "requirement",
        "outcome",
        "measure",
        "systems",
        "reason",
        "approver",
        "decided",
        "review_by",
        "proof",
        "known_at",
        "written_by",
    ];
    let row = |it: &DecisionRow| {
        vec![
            it.id.to_string(),
            it.requirement.clone(),
            it.outcome.clone(),
            some(it.measure.clone()),
            if it.systems.is_empty() { "all".to_owned() } else { it.systems.join("; ") },
            it.reason.clone(),
            it.approver.clone(),
            it.decided.to_string(),
            it.review_by.to_string(),
            some(it.proof),
            it.added.to_string(),
            it.added_by.clone(),
        ]
    };
    list(&header, decisions.iter().map(row))
}

pub(super) fn known_then(day: Date, taken: Timestamp, then: &[StateRow]) -> Vec<u8> {
    let header = ["day", "requirement", "applies", "state", "overdue", "reason", "catalogue", "known_by"];
    let row = |it: &StateRow| {
        vec![
            day.to_string(),
            it.requirement.clone(),
            it.applies.clone(),
            it.state.clone(),
            it.overdue.to_string(),
            it.reason.clone(),
            it.catalogue.clone(),
            taken.to_string(),
        ]
    };
    list(&header, then.iter().map(row))
}

pub(super) fn known_now(past: &Past, cut: &Cut, now: Timestamp) -> Vec<u8> {
    let header = ["day", "requirement", "citation", "applies", "state", "overdue", "reason", "known_by"];
    let row = |it: &Row| {
        vec![
            past.day.to_string(),
            it.id.clone(),
            it.citation.clone(),
            it.applies.to_owned(),
            it.state.code().to_owned(),
            it.overdue.to_string(),
            it.reason.clone(),
            now.to_string(),
        ]
    };
    list(&header, past.now.iter().filter(|it| cut.takes(&it.id)).map(row))
}

pub(super) fn facts(facts: &[KeptFact]) -> Vec<u8> {
    list(&["signal", "system", "value", "observed", "evidence"], facts.iter().map(KeptFact::cells))
}

/// Answers of the self-assessment, all that were given: of a requirement and a site the last one counts.
pub(super) fn answer_list(answers: &[SelfAnswerRow]) -> Vec<u8> {
    let header = [
        "id",
        "requirement",
        "site",
        "answer",
        "note",
        "evidence",
        "file",
        "sha256",
        "action",
        "known_at",
        "answered_by",
    ];
    let row = |it: &SelfAnswerRow| {
        vec![
            it.id.to_string(),
            it.requirement.clone(),
            it.site.clone(),
            it.answer.clone(),
            it.note.clone(),
            it.evidence.clone(),
            some(it.sha256.as_ref().map(|_| answer_path(it))),
            some(it.sha256.as_ref().map(hex::encode)),
            some(it.action),
            it.added.to_string(),
            it.added_by.clone(),
        ]
    };
    list(&header, answers.iter().map(row))
}

/// Where the document of an answer is.
pub(super) fn answer_path(answer: &SelfAnswerRow) -> String {
    format!("answers/{}.document", answer.id)
}

/// Entries of the audit log of a period.
pub(super) fn entry_list(entries: &[AuditEntry]) -> Vec<u8> {
    let header = ["number", "at", "actor", "address", "action", "subject", "detail", "before", "after"];
    let row = |it: &AuditEntry| {
        vec![
            it.sequence.to_string(),
            it.at.to_string(),
            it.actor.clone(),
            some(it.address.clone()),
            it.action.clone(),
            it.subject.clone(),
            it.detail.clone(),
            some(it.before.clone()),
            some(it.after.clone()),
        ]
    };
    list(&header, entries.iter().map(row))
}
