//! One file: from YAML to requirements, with the line of every fault.

use jiff::civil::Date;
use serde::Deserialize;
use serde_saphyr::Spanned;
use sha2::{Digest as _, Sha256};

use super::{Catalogue, Designation, Fault, MOST_BYTES, Manual, Proposed, Requirement};
use crate::signal::{Rule, Signal};

/// A file as it stands. Keys that other readers look at are passed over.
#[derive(Deserialize)]
struct File {
    schema: Option<Spanned<String>>,
    as_of: Option<Spanned<String>>,
    #[serde(default)]
    requirements: Vec<Spanned<Row>>,
    /// What the file of questions calls them.
    #[serde(default)]
    checks: Vec<Spanned<Row>>,
    proposed: Option<ProposedRule>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    id: String,
    #[serde(default)]
    citation: String,
    title: Option<String>,
    family: Option<String>,
    designation: Option<Spanned<String>>,
    meaning: Option<String>,
    #[serde(default)]
    question: String,
    #[serde(default)]
    evidence: Vec<String>,
    /// What the privacy catalogue calls the records that show it.
    #[serde(default)]
    track: Vec<String>,
    #[serde(default)]
    csf2: Vec<Spanned<String>>,
    #[serde(default)]
    sp800_53r5: Vec<Spanned<String>>,
    #[serde(default)]
    hph_cpg: Vec<Spanned<String>>,
    #[serde(default)]
    auto_signals: Vec<Spanned<String>>,
    applies_if: Option<Spanned<String>>,
    manual: Option<ManualRow>,
}

#[derive(Deserialize)]
struct ManualRow {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    proof: String,
}

#[derive(Deserialize)]
struct ProposedRule {
    #[serde(default)]
    entries: Vec<ProposedRow>,
}

#[derive(Deserialize)]
struct ProposedRow {
    id: String,
    title: String,
    proposes: String,
    proposed_citation: String,
    #[serde(default)]
    relates_to: Vec<String>,
    #[serde(default)]
    confidence: String,
}

/// Parses YAML under limits.
///
/// # Errors
/// The first fault, with its line.
pub(crate) fn yaml<T: for<'de> Deserialize<'de>>(name: &str, text: &str) -> Result<T, Fault> {
    if text.len() > MOST_BYTES {
        return Err(fault(name, 0, format!("has more than {MOST_BYTES} bytes; a catalogue is a small file")));
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_nodes: 200_000, max_events: 800_000, max_aliases: 0, max_anchors: 0 },
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let line = error.location().map_or(0, |location| location.line());
        fault(name, line, error.to_string().lines().next().unwrap_or_default().to_owned())
    })
}

fn fault(file: &str, line: u64, message: impl Into<String>) -> Fault {
    Fault { file: file.to_owned(), line, message: message.into() }
}

/// One file; `None` for a file without requirements.
pub(super) fn file(name: &str, text: &str) -> Result<Option<Catalogue>, Vec<Fault>> {
    let file: File = yaml(name, text).map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    let schema = file.schema.map(|schema| schema.value).filter(|schema| schema.contains('/'));
    if schema.is_none() {
        faults.push(fault(name, 1, "`schema` is missing; write name and version, as in `schema: hicp/1`"));
    }
    let as_of = match &file.as_of {
        None => {
            faults.push(fault(name, 1, "`as_of` is missing; write the day to which the file was checked"));
            None
        }
        Some(day) => match day.value.parse::<Date>() {
            Ok(date) => Some(date),
            Err(_) => {
                let message = format!("`as_of` is no date: {:?}; write it as 2026-11-21", day.value);
                faults.push(fault(name, day.referenced.line(), message));
                None
            }
        },
    };
    let rows = file.requirements.into_iter().chain(file.checks);
    // Duties of the law without a designation of their own are simply done; goals and questions are voluntary.
    let duty = schema.as_ref().is_some_and(|schema| schema.starts_with("hipaa-"));
    let unsaid = if duty { Designation::Required } else { Designation::Voluntary };
    let requirements: Vec<Requirement> =
        rows.map(|row| requirement(name, row, unsaid, &mut faults)).collect();
    let (Some(schema), Some(as_of), true) = (schema, as_of, faults.is_empty()) else { return Err(faults) };
    if requirements.is_empty() {
        return Ok(None);
    }
    Ok(Some(Catalogue {
        schema,
        as_of,
        digest: Sha256::digest(text.as_bytes()).into(),
        file: name.to_owned(),
        requirements,
        proposed: file
            .proposed
            .map(|rule| rule.entries.into_iter().map(proposed).collect())
            .unwrap_or_default(),
    }))
}

fn proposed(row: ProposedRow) -> Proposed {
    Proposed {
        id: row.id,
        title: row.title,
        proposes: row.proposes,
        citation: row.proposed_citation,
        relates_to: row.relates_to,
        confidence: row.confidence,
    }
}

fn requirement(file: &str, row: Spanned<Row>, unsaid: Designation, faults: &mut Vec<Fault>) -> Requirement {
    let line = row.referenced.line();
    let row = row.value;
    let evidence = if row.evidence.is_empty() { row.track } else { row.evidence };
    let called = if row.id.is_empty() { "a requirement" } else { row.id.as_str() };
    let mut missing = |what: &str, hint: &str| {
        faults.push(fault(file, line, format!("{called}: {what} is missing; {hint}")))
    };
    if row.id.trim().is_empty() {
        missing("`id`", "give it one that stays");
    }
    if row.citation.trim().is_empty() {
        missing("`citation`", "say where it stands written, as in `45 CFR 164.312(b)`");
    }
    if row.question.trim().is_empty() {
        missing("`question`", "ask in plain words what people are to answer");
    }
    if evidence.iter().all(|text| text.trim().is_empty()) {
        missing("`evidence`", "say what would show it");
    }
    let reasoned = row.manual.as_ref().is_some_and(|manual| !manual.reason.trim().is_empty());
    if row.auto_signals.is_empty() && !reasoned {
        missing("`auto_signals`", "name a signal, or write `manual` with a `reason`");
    }
    let signals = row.auto_signals.iter().filter_map(|id| signal(file, id, faults)).collect();
    let applies_if = row.applies_if.as_ref().and_then(|id| {
        let found = signal(file, id, faults)?;
        if found.rule != Rule::Applies {
            let message = format!("`applies_if`: {} does not say whether something applies", found.id);
            faults.push(fault(file, id.referenced.line(), message));
        }
        Some(found)
    });
    let designation = row.designation.as_ref().map_or(unsaid, |text| designation(file, text, faults));
    Requirement {
        title: row.title.unwrap_or_else(|| row.question.clone()),
        family: row.family.unwrap_or_default(),
        designation,
        meaning: row.meaning.unwrap_or_default(),
        evidence,
        signals,
        applies_if,
        manual: row.manual.map(|manual| Manual { reason: manual.reason, proof: manual.proof }),
        csf2: row.csf2.into_iter().map(|it| it.value).collect(),
        sp800_53: row.sp800_53r5.into_iter().map(|it| it.value).collect(),
        goals: row.hph_cpg.into_iter().map(|it| it.value).collect(),
        line,
        id: row.id,
        citation: row.citation,
        question: row.question,
    }
}

fn signal(file: &str, id: &Spanned<String>, faults: &mut Vec<Fault>) -> Option<&'static Signal> {
    let found = Signal::of(&id.value);
    if found.is_none() {
        let message = format!("there is no signal {:?}; docs/signals.md has the list", id.value);
        faults.push(fault(file, id.referenced.line(), message));
    }
    found
}

fn designation(file: &str, text: &Spanned<String>, faults: &mut Vec<Fault>) -> Designation {
    let all = [
        Designation::Standard,
        Designation::Required,
        Designation::Addressable,
        Designation::Voluntary,
        Designation::Informational,
    ];
    all.into_iter().find(|it| it.code() == text.value).unwrap_or_else(|| {
        let message = format!(
            "`designation` is none of required, addressable, standard, voluntary, informational: {:?}",
            text.value
        );
        faults.push(fault(file, text.referenced.line(), message));
        Designation::Required
    })
}
