//! How old and whole the vulnerability data is, for people and as `bedrail.data/1`.

use std::io::{self, Write};

use bedrail_model::data_status::{DataStatus, SourceState, SourceStatus};
use serde::Serialize;

use super::grid::{Text, Tone, grid};
use super::{json_text, words};
use crate::cli::terminal::Look;

const SCHEMA: &str = "bedrail.data/1";

#[derive(Serialize)]
struct StatusView<'a> {
    schema: &'static str,
    answer: String,
    complete: bool,
    starter_only: bool,
    snapshot: &'a str,
    as_of: Option<String>,
    advisories: u64,
    sources: Vec<SourceView<'a>>,
}

#[derive(Serialize)]
struct SourceView<'a> {
    name: &'a str,
    state: &'static str,
    as_of: Option<String>,
    fetched_at: Option<String>,
    records: u64,
    age_days: Option<i64>,
    note: Option<&'a str>,
}

/// Writes the JSON shape.
pub(crate) fn write_json(status: &DataStatus, out: &mut dyn Write) -> io::Result<()> {
    let view = StatusView {
        schema: SCHEMA,
        answer: headline(status),
        complete: status.complete,
        starter_only: status.starter_only,
        snapshot: &status.snapshot,
        as_of: status.as_of().map(|moment| moment.to_string()),
        advisories: status.advisories,
        sources: status.sources.iter().map(SourceView::from).collect(),
    };
    json_text::write(&view, out)
}

impl<'a> From<&'a SourceStatus> for SourceView<'a> {
    fn from(source: &'a SourceStatus) -> Self {
        SourceView {
            name: &source.name,
            state: source.state.code(),
            as_of: source.as_of.map(|moment| moment.to_string()),
            fetched_at: source.fetched_at.map(|moment| moment.to_string()),
            records: source.records,
            age_days: source.age_days,
            note: source.note.as_deref(),
        }
    }
}

/// Writes the text for people; the first line is the verdict.
pub(crate) fn write_text(status: &DataStatus, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", headline(status))?;
    writeln!(out)?;
    let header = ["Source", "State", "As of", "Age", "Records", "Note"];
    out.write_all(grid(&header, status.sources.iter().map(row), look).as_bytes())
}

fn headline(status: &DataStatus) -> String {
    let advisories = words::count(status.advisories, "advisory", "advisories");
    if status.starter_only {
        return format!("Starter data, {advisories}: `bedrail db update` fetches all.");
    }
    if status.complete {
        return format!("Complete: {advisories}, every source whole and young.");
    }
    let flawed: Vec<String> =
        [SourceState::Missing, SourceState::Empty, SourceState::Partial, SourceState::Stale]
            .into_iter()
            .filter_map(|state| {
                let count = status.sources.iter().filter(|source| source.state == state).count();
                (count > 0).then(|| format!("{count} {}", state.code()))
            })
            .collect();
    format!("Incomplete: {advisories}; of {} sources {}.", status.sources.len(), flawed.join(", "))
}

fn row(source: &SourceStatus) -> Vec<Text> {
    let tone = match source.state {
        SourceState::Fresh => Tone::Plain,
        SourceState::Stale | SourceState::Partial => Tone::Attention,
        SourceState::Missing | SourceState::Empty => Tone::Urgent,
    };
    let age = source.age_days.map(|days| words::count(days.unsigned_abs(), "day", "days"));
    vec![
        source.name.as_str().into(),
        Text::toned(source.state.code(), tone),
        source.as_of.map(words::day).unwrap_or_default().into(),
        Text::toned(age.unwrap_or_default(), Tone::Number),
        Text::toned(words::thousands(source.records), Tone::Number),
        source.note.as_deref().unwrap_or_default().into(),
    ]
}
