//! The registers of the Privacy Rule: all of them, one with its entries, one entry.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::registers::{self, Clock, EntryDetail, EntryLine, Kind, NewEntry, RegisterLine};
use bedrail_model::ids::RegisterEntryId;
use bedrail_model::text::harmless;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Page, id_of, refuse, show};
use crate::web::api::programme::some_day;
use crate::web::assets;
use crate::web::error::{Failure, told};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::Choice;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "registers.html")]
struct RegistersPage {
    frame: Frame,
    headline: String,
    rows: Vec<RegisterView>,
}

struct RegisterView {
    link: String,
    name: &'static str,
    what: &'static str,
    citation: &'static str,
    clock: String,
    tone: Tone,
    open: String,
    reviewed: String,
}

fn clock(kind: &Kind) -> String {
    let t = &texts().registers;
    match kind.clock {
        Clock::Answer { days, extension, by_law } => (t.clock_answer)(days, extension, by_law),
        Clock::Review(days) => (t.clock_review)(days),
        Clock::None => t.clock_none.to_owned(),
    }
}

fn register(it: &RegisterLine, now: Timestamp) -> RegisterView {
    let t = &texts().registers;
    RegisterView {
        link: format!("/registers/{}", it.kind.code),
        name: it.kind.name,
        what: it.kind.what,
        citation: it.kind.citation,
        clock: clock(it.kind),
        tone: match (it.late, &it.reviewed, it.entries) {
            (1.., ..) => Tone::Act,
            (_, None, 0) => Tone::Unknown,
            _ => Tone::Plain,
        },
        open: (t.open_late)(it.open, it.late, it.entries),
        reviewed: match &it.reviewed {
            Some((at, who)) => (t.reviewed_by)(&words::ago(*at, now), &harmless(who)),
            None => t.never_reviewed.to_owned(),
        },
    }
}

fn list_view(frame: Frame, lines: &[RegisterLine], now: Timestamp) -> RegistersPage {
    let open = lines.iter().map(|line| line.open).sum();
    let late = lines.iter().map(|line| line.late).sum();
    RegistersPage {
        headline: (texts().registers.headline)(open, late),
        rows: lines.iter().map(|line| register(line, now)).collect(),
        frame,
    }
}

/// `GET /registers`
pub(crate) async fn list(frame: Frame, Extract(state): Extract<State>) -> Page {
    let lines = registers::list(&state.ctx, &frame.visitor.actor()).await?;
    show(&list_view(frame, &lines, state.now()))
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    frame: Frame,
    problem: Option<String>,
    register: RegisterView,
    code: &'static str,
    about: &'static str,
    person: bool,
    fields: Vec<FieldView>,
    rows: Vec<EntryView>,
    today: String,
}

struct FieldView {
    code: &'static str,
    name: &'static str,
    help: &'static str,
    needed: bool,
    value: String,
}

struct EntryView {
    link: String,
    name: String,
    received: String,
    tone: Tone,
    state: String,
}

fn entry(it: &EntryLine) -> EntryView {
    let t = &texts().registers;
    let (tone, state) = match (it.closed, it.due, it.left) {
        (Some(day), ..) => (Tone::Known, (t.closed_on)(it.outcome.unwrap_or_default(), &words::civil(day))),
        (None, Some(due), Some(left)) => {
            let tone = match left {
                ..0 => Tone::Act,
                0..8 => Tone::Plan,
                _ => Tone::Plain,
            };
            (tone, (t.due_in)(&words::civil(due), left, it.extended))
        }
        _ => (Tone::Plain, t.open.to_owned()),
    };
    EntryView {
        link: format!("/registers/{}/{}", it.kind.code, it.id),
        name: match &it.about {
            Some(about) => (t.entry_about)(it.number, &harmless(about)),
            None => (t.entry)(it.number),
        },
        received: words::civil(it.received),
        tone,
        state,
    }
}

fn fields(kind: &'static Kind, values: &BTreeMap<String, String>) -> Vec<FieldView> {
    let field = |it: &'static registers::Field| FieldView {
        code: it.code,
        name: it.name,
        help: it.help,
        needed: it.needed,
        value: values.get(it.code).map(|value| harmless(value).into_owned()).unwrap_or_default(),
    };
    kind.fields.iter().map(field).collect()
}

fn register_view(
    frame: Frame,
    (line, entries): &(RegisterLine, Vec<EntryLine>),
    values: &BTreeMap<String, String>,
    now: Timestamp,
) -> RegisterPage {
    RegisterPage {
        problem: None,
        register: register(line, now),
        code: line.kind.code,
        about: line.kind.about,
        person: line.kind.person,
        fields: fields(line.kind, values),
        rows: entries.iter().map(entry).collect(),
        today: now.to_zoned(TimeZone::UTC).date().to_string(),
        frame,
    }
}

/// `GET /registers/{kind}`
pub(crate) async fn of_kind(frame: Frame, Extract(state): Extract<State>, Path(kind): Path<String>) -> Page {
    let found = registers::of_kind(&state.ctx, &frame.visitor.actor(), &kind).await?;
    show(&register_view(frame, &found, &BTreeMap::new(), state.now()))
}

/// `POST /registers/{kind}`
pub(crate) async fn add(
    Extract(state): Extract<State>,
    Path(kind): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let actor = form.visitor.actor();
    let values: BTreeMap<String, String> = form
        .fields_under("field-")
        .filter(|(_, value)| !value.trim().is_empty())
        .map(|(code, value)| (code.to_owned(), value.to_owned()))
        .collect();
    let done = match some_day(form.field("received")) {
        Ok(received) => {
            let about = form.field("about").unwrap_or_default().to_owned();
            let new = NewEntry { kind: kind.clone(), about, received, values: values.clone() };
            registers::add(&state.ctx, &actor, &new).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/registers/{kind}")).into_response()),
        Err(error @ Error::Invalid { .. }) => {
            let found = registers::of_kind(&state.ctx, &actor, &kind).await?;
            let page = register_view(form.frame("/registers"), &found, &values, state.now());
            refuse(&RegisterPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /registers/{kind}/review`
pub(crate) async fn review(
    Extract(state): Extract<State>,
    Path(kind): Path<String>,
    form: Submission,
) -> Result<Redirect, Failure> {
    let note = form.field("note").unwrap_or_default();
    registers::review(&state.ctx, &form.visitor.actor(), &kind, note).await?;
    Ok(Redirect::to(&format!("/registers/{kind}")))
}

#[derive(Template)]
#[template(path = "register_entry.html")]
struct EntryPage {
    frame: Frame,
    problem: Option<String>,
    id: String,
    code: &'static str,
    register: &'static str,
    citation: &'static str,
    view: EntryView,
    about_word: &'static str,
    about: String,
    values: Vec<(&'static str, String)>,
    history: Vec<String>,
    outcomes: Vec<Choice>,
    open: bool,
    extend_to: Option<String>,
    person: bool,
}

fn entry_view(frame: Frame, it: &EntryDetail) -> EntryPage {
    let (t, kind) = (&texts().registers, it.line.kind);
    let mut history = vec![(t.written_down)(&harmless(&it.row.added_by), &words::day(it.row.added))];
    if let Some((on, why)) = &it.row.extended {
        history.push((t.extended_on)(&words::civil(*on), &harmless(why)));
    }
    if let Some(closed) = &it.row.closed {
        let outcome = it.line.outcome.unwrap_or_default();
        history.push((t.ended_on)(
            &words::civil(closed.on),
            outcome,
            &harmless(&closed.why),
            &harmless(&closed.by),
        ));
    }
    let value = |field: &'static registers::Field| {
        let value = it.values.get(field.code)?;
        Some((field.name, harmless(value).into_owned()))
    };
    EntryPage {
        problem: None,
        id: it.row.id.to_string(),
        code: kind.code,
        register: kind.name,
        citation: kind.citation,
        view: entry(&it.line),
        about_word: kind.about,
        about: harmless(&it.about).into_owned(),
        values: kind.fields.iter().filter_map(value).collect(),
        history,
        outcomes: Choice::list(kind.outcomes.iter().copied(), None),
        open: it.row.closed.is_none(),
        extend_to: it.may_extend_to.map(words::civil),
        person: kind.person,
        frame,
    }
}

/// `GET /registers/{kind}/{id}`
pub(crate) async fn one(
    frame: Frame,
    Extract(state): Extract<State>,
    Path((_, id)): Path<(String, String)>,
) -> Page {
    let detail = registers::get(&state.ctx, &frame.visitor.actor(), id_of(&id)?).await?;
    show(&entry_view(frame, &detail))
}

async fn ended<T>(
    state: &State,
    form: &Submission,
    (kind, id): (&str, RegisterEntryId),
    done: Result<T, Error>,
) -> Result<Response, Failure> {
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/registers/{kind}/{id}")).into_response()),
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
            let detail = registers::get(&state.ctx, &form.visitor.actor(), id).await?;
            let page = entry_view(form.frame("/registers"), &detail);
            refuse(&EntryPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /registers/{kind}/{id}/extend`
pub(crate) async fn extend(
    Extract(state): Extract<State>,
    Path((kind, id)): Path<(String, String)>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let why = form.field("why").unwrap_or_default();
    let done = registers::extend(&state.ctx, &form.visitor.actor(), id, why).await;
    ended(&state, &form, (&kind, id), done).await
}

/// `POST /registers/{kind}/{id}/close`
pub(crate) async fn close(
    Extract(state): Extract<State>,
    Path((kind, id)): Path<(String, String)>,
    form: Submission,
) -> Result<Response, Failure> {
    let id = id_of(&id)?;
    let (outcome, why) = (form.field("outcome").unwrap_or_default(), form.field("why").unwrap_or_default());
    let done = registers::close(&state.ctx, &form.visitor.actor(), id, outcome, why).await;
    ended(&state, &form, (&kind, id), done).await
}

#[cfg(test)]
fn sample_line() -> EntryLine {
    EntryLine {
        id: RegisterEntryId::generate(),
        kind: &registers::KINDS[0],
        number: 1,
        about: Some(crate::web::sample::HOSTILE.into()),
        received: jiff::civil::date(2026, 1, 31),
        due: Some(jiff::civil::date(2026, 3, 2)),
        left: Some(-1),
        extended: true,
        outcome: None,
        closed: None,
    }
}

#[cfg(test)]
fn sample_register() -> RegisterLine {
    use crate::web::sample::{HOSTILE, now};
    let reviewed = Some((now(), HOSTILE.to_owned()));
    RegisterLine { kind: &registers::KINDS[0], open: 2, late: 1, entries: 3, reviewed }
}

/// All registers with made-up values.
#[cfg(test)]
pub(super) fn sample_list() -> Page {
    use crate::web::sample;
    show(&list_view(sample::frame("/registers"), &[sample_register()], sample::now()))
}

/// One register with made-up values.
#[cfg(test)]
pub(super) fn sample_register_page() -> Page {
    use crate::web::sample;
    let found = (sample_register(), vec![sample_line()]);
    let values = [("records".to_owned(), sample::HOSTILE.to_owned())].into();
    show(&register_view(sample::frame("/registers"), &found, &values, sample::now()))
}

/// One entry with made-up values.
#[cfg(test)]
pub(super) fn sample_entry() -> Page {
    use crate::web::sample::{self, HOSTILE, now};
    let day = jiff::civil::date(2026, 2, 1);
    let closed =
        registers::ClosedRow { on: day, outcome: "x".into(), why: HOSTILE.into(), by: HOSTILE.into() };
    let detail = EntryDetail {
        line: sample_line(),
        about: HOSTILE.into(),
        values: [("records".to_owned(), HOSTILE.to_owned())].into(),
        row: registers::EntryRow {
            id: RegisterEntryId::generate(),
            kind: "access".into(),
            number: 1,
            about: HOSTILE.into(),
            received: day,
            extended: Some((day, HOSTILE.into())),
            closed: Some(closed),
            added: now(),
            added_by: HOSTILE.into(),
        },
        may_extend_to: Some(day),
    };
    show(&entry_view(sample::frame("/registers"), &detail))
}
