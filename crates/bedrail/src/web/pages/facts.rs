//! Physical and media facts: what is due again, a short form for each kind that fits a phone, a list to bring, and what was
//! written down.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::{IntoResponse as _, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::rights::Right;
use bedrail_app::written::{self, Filter, Form, Imported, KINDS, Kind, Listed, New, WrittenRow};
use jiff::Timestamp;

use super::{Page, id_of, refuse, show};
use crate::web::assets;
use crate::web::error::{Failure, told};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::Choice;
use crate::web::query::WrittenFactsQuery;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "facts.html")]
struct FactsPage {
    frame: Frame,
    headline: String,
    problem: Option<String>,
    report: Option<ReportPart>,
    kinds: Vec<KindLink>,
    form: Option<FormPart>,
    due: Vec<DuePart>,
    rows: Vec<RowPart>,
    more: Option<String>,
    keeps: bool,
    today: String,
}

struct KindLink {
    link: String,
    name: &'static str,
    chosen: bool,
}

struct FormPart {
    code: &'static str,
    name: &'static str,
    what: &'static str,
    citation: &'static str,
    system: &'static str,
    system_value: String,
    day: String,
    fields: Vec<FieldPart>,
    columns: String,
}

struct FieldPart {
    code: &'static str,
    name: &'static str,
    /// `line`, `text`, `time`, `number`, `choice`.
    form: &'static str,
    required: bool,
    value: String,
    choices: Vec<Choice>,
}

struct DuePart {
    name: &'static str,
    system: String,
    tone: Tone,
    when: String,
    link: String,
}

struct RowPart {
    id: String,
    day: String,
    kind: String,
    system: String,
    words: Vec<(String, String)>,
    by: String,
    withdrawn: Option<String>,
}

struct ReportPart {
    words: String,
    refused: Vec<String>,
    known: Option<String>,
    unused: Option<String>,
}

/// What was typed, shown again where it was refused.
#[derive(Default)]
struct Typed {
    kind: Option<String>,
    new: New,
}

fn form(kind: &'static Kind, typed: &Typed, today: &str) -> FormPart {
    let field = |it: &'static written::Field| {
        let value = typed.new.fields.get(it.code).cloned().unwrap_or_default();
        let (form, choices) = match it.form {
            Form::Line => ("line", Vec::new()),
            Form::Text => ("text", Vec::new()),
            Form::Time => ("time", Vec::new()),
            Form::Number => ("number", Vec::new()),
            Form::Choice(choices) => ("choice", Choice::list(choices.iter().copied(), Some(&value))),
        };
        FieldPart { code: it.code, name: it.name, form, required: it.required, value, choices }
    };
    let columns: Vec<&str> =
        ["day", "system"].into_iter().chain(kind.fields.iter().map(|it| it.code)).collect();
    FormPart {
        code: kind.code,
        name: kind.name,
        what: kind.what,
        citation: kind.citation,
        system: kind.system,
        system_value: typed.new.system.clone(),
        day: if typed.new.day.is_empty() { today.to_owned() } else { typed.new.day.clone() },
        fields: kind.fields.iter().map(field).collect(),
        columns: columns.join(", "),
    }
}

fn row(it: &WrittenRow) -> RowPart {
    let t = &texts().facts;
    let kind = Kind::of(&it.kind);
    let word = |code: &String, value: &String| {
        let field = kind.and_then(|kind| kind.fields.iter().find(|field| field.code == code));
        let Some(field) = field else { return (code.clone(), value.clone()) };
        let said = match field.form {
            Form::Choice(choices) => choices.iter().find(|(code, _)| code == value).map(|(_, words)| *words),
            _ => None,
        };
        (field.name.to_owned(), said.unwrap_or(value).to_owned())
    };
    RowPart {
        id: it.id.to_string(),
        day: words::civil(it.day),
        kind: kind.map_or(it.kind.as_str(), |kind| kind.name).to_owned(),
        system: it.system.clone(),
        words: it.fields.iter().map(|(code, value)| word(code, value)).collect(),
        by: (t.written_by)(&words::day(it.added), &it.added_by),
        withdrawn: it.withdrawn.as_ref().map(|(at, by, why)| (t.taken_back)(&words::day(*at), by, why)),
    }
}

fn report(it: &Imported) -> ReportPart {
    let t = &texts().facts;
    let lines: Vec<String> = it.known.iter().take(20).map(usize::to_string).collect();
    ReportPart {
        words: (t.imported)(it.taken as u64, it.known.len() as u64, it.refused_in_all as u64, it.dry_run),
        refused: it.refused.iter().map(|(line, why)| (t.line)(*line as u64, why)).collect(),
        known: (!lines.is_empty()).then(|| (t.known_lines)(&lines.join(", "))),
        unused: (!it.unused.is_empty()).then(|| (t.unused)(&it.unused.join(", "))),
    }
}

fn view(frame: Frame, listed: &Listed, typed: &Typed, now: Timestamp) -> FactsPage {
    let t = &texts().facts;
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
    let chosen = typed.kind.as_deref().and_then(Kind::of);
    let due = |it: &written::Due| DuePart {
        name: it.kind.name,
        system: it.system.clone(),
        tone: if it.late { Tone::Act } else { Tone::Plain },
        when: (t.due_by)(&words::civil(it.by), it.late, &words::civil(it.last)),
        link: format!("/facts?kind={}", it.kind.code),
    };
    FactsPage {
        headline: (t.headline)(listed.total as u64, listed.due.iter().filter(|it| it.late).count() as u64),
        problem: None,
        report: None,
        kinds: KINDS
            .iter()
            .map(|kind| KindLink {
                link: format!("/facts?kind={}", kind.code),
                name: kind.name,
                chosen: chosen == Some(kind),
            })
            .collect(),
        form: chosen.map(|kind| form(kind, typed, &today)),
        due: listed.due.iter().map(due).collect(),
        rows: listed.rows.iter().map(row).collect(),
        more: (listed.total > listed.rows.len())
            .then(|| (t.more)(listed.rows.len() as u64, listed.total as u64)),
        keeps: frame.visitor.may(Right::KeepProgramme),
        today,
        frame,
    }
}

/// `GET /facts`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<WrittenFactsQuery>,
) -> Page {
    let filter = Filter { kind: query.kind.clone(), system: query.system.clone() };
    let listed = written::list(&state.ctx, &frame.visitor.actor(), &filter).await?;
    let new = New { system: query.system.unwrap_or_default(), ..New::default() };
    show(&view(frame, &listed, &Typed { kind: query.kind, new }, state.now()))
}

/// The page again with what was wrong, and what was typed.
async fn refused(state: &State, form: &Submission, typed: Typed, error: &Error) -> Result<Response, Failure> {
    let kind = typed.kind.clone().filter(|code| Kind::of(code).is_some());
    let filter = Filter { kind, system: None };
    let listed = written::list(&state.ctx, &form.visitor.actor(), &filter).await?;
    let page = view(form.frame("/facts"), &listed, &typed, state.now());
    refuse(&FactsPage { problem: Some(told(error)), ..page })
}

/// `POST /facts`
pub(crate) async fn write(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    let kind = form.field("kind").unwrap_or_default().to_owned();
    let text = |name| form.field(name).unwrap_or_default().to_owned();
    let filled =
        |(code, value): (&str, &str)| (!value.trim().is_empty()).then(|| (code.to_owned(), value.to_owned()));
    let fields: BTreeMap<String, String> = form.fields_under("field.").filter_map(filled).collect();
    let new = New { day: text("day"), system: text("system"), fields };
    match written::write(&state.ctx, &form.visitor.actor(), &kind, &new).await {
        Ok(_) => Ok(Redirect::to(&format!("/facts?kind={kind}")).into_response()),
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
            refused(&state, &form, Typed { kind: Some(kind), new }, &error).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /facts/{id}/withdraw`
pub(crate) async fn withdraw(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let why = form.field("why").unwrap_or_default();
    match written::withdraw(&state.ctx, &form.visitor.actor(), id_of(&id)?, why).await {
        Ok(()) => Ok(Redirect::to("/facts").into_response()),
        Err(error @ Error::Invalid { .. }) => refused(&state, &form, Typed::default(), &error).await,
        Err(error) => Err(error.into()),
    }
}

/// `POST /facts/import`: a list of one kind, with a mapping of its columns.
pub(crate) async fn import(
    Extract(state): Extract<State>,
    mut form: Submission,
) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let file = form.file.take();
    let kind = form.field("kind").unwrap_or_default().to_owned();
    let mapping = form.field("mapping").unwrap_or_default().to_owned();
    let dry_run = form.field("dry_run").is_some();
    let actor = form.visitor.actor();
    let done = match file {
        Some((_, document)) => {
            written::import(&state.ctx, &actor, &kind, (&document, &mapping), dry_run).await
        }
        None => Err(Error::invalid("choose a file first")),
    };
    let typed = Typed { kind: Some(kind.clone()), new: New::default() };
    match done {
        Ok(it) => {
            let filter = Filter { kind: Some(kind), system: None };
            let listed = written::list(&state.ctx, &actor, &filter).await?;
            let page = view(form.frame("/facts"), &listed, &typed, state.now());
            Ok(show(&FactsPage { report: Some(report(&it)), ..page })?.into_response())
        }
        Err(error @ Error::Invalid { .. }) => refused(&state, &form, typed, &error).await,
        Err(error) => Err(error.into()),
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(super) fn sample() -> Page {
    use crate::web::sample::{self, HOSTILE};
    let fields = [("item", "device"), ("method", "destroy"), ("by", HOSTILE)];
    let row = WrittenRow {
        id: bedrail_model::ids::WrittenFactId::generate(),
        kind: "disposal".to_owned(),
        day: jiff::civil::date(2026, 3, 1),
        system: HOSTILE.to_owned(),
        fields: fields.map(|(code, value)| (code.to_owned(), value.to_owned())).into(),
        digest: Vec::new(),
        added: sample::now(),
        added_by: HOSTILE.to_owned(),
        withdrawn: Some((sample::now(), HOSTILE.to_owned(), HOSTILE.to_owned())),
    };
    let due = written::Due {
        kind: &KINDS[KINDS.len() - 1],
        system: HOSTILE.to_owned(),
        last: jiff::civil::date(2025, 1, 1),
        by: jiff::civil::date(2026, 1, 1),
        late: true,
    };
    let listed = Listed { rows: vec![row], total: 900, due: vec![due] };
    let typed = Typed {
        kind: Some("disposal".to_owned()),
        new: New { system: HOSTILE.to_owned(), ..New::default() },
    };
    show(&view(sample::frame("/facts"), &listed, &typed, sample::now()))
}
