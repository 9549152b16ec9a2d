//! Physical and media facts.

use std::collections::BTreeMap;

use bedrail_app::written::{Due, Field, Form, Imported, Kind, Listed, WrittenRow};
use serde::Serialize;
use utoipa::ToSchema;

/// A fact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WrittenFactView {
    /// Id.
    id: String,
    /// Its kind, by its code.
    kind: String,
    /// The day on which it was.
    day: String,
    /// What it is about: a serial number, a site, a vendor, a system.
    system: String,
    /// The fields that are filled in, by code.
    fields: BTreeMap<String, String>,
    /// When it was written down, RFC 3339.
    written: String,
    /// By whom.
    written_by: String,
    /// When it was taken back, RFC 3339; `null` while it counts.
    taken_back: Option<String>,
    /// Why it was taken back.
    taken_back_for: Option<String>,
}

impl From<&WrittenRow> for WrittenFactView {
    fn from(it: &WrittenRow) -> WrittenFactView {
        WrittenFactView {
            id: it.id.to_string(),
            kind: it.kind.clone(),
            day: it.day.to_string(),
            system: it.system.clone(),
            fields: it.fields.clone(),
            written: it.added.to_string(),
            written_by: it.added_by.clone(),
            taken_back: it.withdrawn.as_ref().map(|(at, _, _)| at.to_string()),
            taken_back_for: it.withdrawn.as_ref().map(|(_, _, why)| why.clone()),
        }
    }
}

/// Something that is to be written down anew.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WrittenDueView {
    /// The kind, by its code.
    kind: &'static str,
    /// The system.
    system: String,
    /// When it was last.
    last: String,
    /// The last day by which it is to come again.
    by: String,
    /// Whether that day is past.
    late: bool,
}

impl From<&Due> for WrittenDueView {
    fn from(it: &Due) -> WrittenDueView {
        WrittenDueView {
            kind: it.kind.code,
            system: it.system.clone(),
            last: it.last.to_string(),
            by: it.by.to_string(),
            late: it.late,
        }
    }
}

/// A field of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WrittenFieldView {
    /// Its code.
    code: &'static str,
    /// What it is called.
    name: &'static str,
    /// `line`, `text`, `time`, `number`, `choice`.
    form: &'static str,
    /// Of `choice`: what can be chosen.
    choices: Vec<&'static str>,
    /// Whether it has to be filled in.
    required: bool,
}

impl From<&Field> for WrittenFieldView {
    fn from(it: &Field) -> WrittenFieldView {
        let (form, choices) = match it.form {
            Form::Line => ("line", Vec::new()),
            Form::Text => ("text", Vec::new()),
            Form::Time => ("time", Vec::new()),
            Form::Number => ("number", Vec::new()),
            Form::Choice(choices) => ("choice", choices.iter().map(|(code, _)| *code).collect()),
        };
        WrittenFieldView { code: it.code, name: it.name, form, choices, required: it.required }
    }
}

/// A kind of fact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WrittenKindView {
    /// Its code.
    code: &'static str,
    /// What it is called.
    name: &'static str,
    /// When it is written down.
    what: &'static str,
    /// Where the rule asks for it.
    citation: &'static str,
    /// What the system is.
    system: &'static str,
    /// Its fields.
    fields: Vec<WrittenFieldView>,
    /// Days within which it has to come again; `null` where it has not.
    every_days: Option<i64>,
}

impl From<&Kind> for WrittenKindView {
    fn from(it: &Kind) -> WrittenKindView {
        WrittenKindView {
            code: it.code,
            name: it.name,
            what: it.what,
            citation: it.citation,
            system: it.system,
            fields: it.fields.iter().map(WrittenFieldView::from).collect(),
            every_days: it.period.map(|period| period.days),
        }
    }
}

/// Facts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WrittenFactsView {
    /// How many fit in all.
    total: u64,
    /// The newest of them, at most 200.
    facts: Vec<WrittenFactView>,
    /// What is to be written down anew, of all kinds, the next first.
    due: Vec<WrittenDueView>,
}

impl From<&Listed> for WrittenFactsView {
    fn from(it: &Listed) -> WrittenFactsView {
        WrittenFactsView {
            total: it.total as u64,
            facts: it.rows.iter().map(WrittenFactView::from).collect(),
            due: it.due.iter().map(WrittenDueView::from).collect(),
        }
    }
}

/// A line that is no fact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WrittenRefusedView {
    /// The line, from 1.
    line: u64,
    /// Why.
    why: String,
}

/// The report on a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WrittenImportView {
    /// Facts that were taken in, or would be.
    taken: u64,
    /// Lines whose facts are held already, or stand twice in the list.
    known: Vec<u64>,
    /// The first lines that are no facts.
    refused: Vec<WrittenRefusedView>,
    /// How many lines are no facts.
    refused_in_all: u64,
    /// Columns of which nothing was taken.
    unused: Vec<String>,
    /// Whether nothing was stored.
    dry_run: bool,
}

impl From<&Imported> for WrittenImportView {
    fn from(it: &Imported) -> WrittenImportView {
        WrittenImportView {
            taken: it.taken as u64,
            known: it.known.iter().map(|line| *line as u64).collect(),
            refused: it
                .refused
                .iter()
                .map(|(line, why)| WrittenRefusedView { line: *line as u64, why: why.clone() })
                .collect(),
            refused_in_all: it.refused_in_all as u64,
            unused: it.unused.clone(),
            dry_run: it.dry_run,
        }
    }
}
