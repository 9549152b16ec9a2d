//! The guide: what next, the way in, the dates of the year; and the clients of an adviser.

use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::clients::{self, ClientDetail, ClientLine, ClientNoteRow, KINDS};
use bedrail_app::guide::{self, Dated, FirstStep, Guide, Step};
use bedrail_app::programme::Figures;
use bedrail_model::ids::OrgId;
use bedrail_model::text::harmless;
use jiff::Timestamp;
use jiff::civil::Date;
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
#[template(path = "guide.html")]
struct GuidePage {
    frame: Frame,
    headline: String,
    steps: Vec<StepView>,
    more: Option<String>,
    first: Vec<FirstView>,
    first_words: String,
    months: Vec<MonthView>,
}

struct StepView {
    what: String,
    why: &'static str,
    time: String,
    link: &'static str,
    button: &'static str,
    /// Whether it is the first: it has the main button.
    first: bool,
}

struct FirstView {
    what: &'static str,
    why: &'static str,
    time: String,
    link: &'static str,
    tone: Tone,
    state: &'static str,
}

struct MonthView {
    name: String,
    dates: Vec<DateView>,
}

struct DateView {
    day: String,
    what: String,
    link: String,
    tone: Tone,
}

fn step(at: usize, it: &Step) -> StepView {
    StepView {
        what: it.what.clone(),
        why: it.why,
        time: (texts().guide.minutes)(it.minutes),
        link: it.link,
        button: it.button,
        first: at == 0,
    }
}

fn first(it: &FirstStep) -> FirstView {
    let t = &texts().guide;
    let (tone, state) = match it.done {
        Some(true) => (Tone::Good, t.done),
        Some(false) => (Tone::Plan, t.to_do),
        None => (Tone::Unknown, t.not_seen),
    };
    FirstView { what: it.what, why: it.why, time: (t.minutes)(it.minutes), link: it.link, tone, state }
}

/// Dates by month; what is late stands first, in a part of its own.
fn months(dates: &[Dated], today: Date) -> Vec<MonthView> {
    let t = &texts().guide;
    let mut months: Vec<MonthView> = Vec::new();
    for date in dates {
        let late = date.day < today;
        let name = if late { t.late.to_owned() } else { (t.month)(date.day.year(), date.day.month()) };
        if months.last().is_none_or(|month| month.name != name) {
            months.push(MonthView { name, dates: Vec::new() });
        }
        let view = DateView {
            day: words::civil(date.day),
            what: harmless(&date.what).into_owned(),
            link: date.link.clone(),
            tone: match (late, words::days_between(today, date.day)) {
                (true, _) => Tone::Act,
                (_, ..30) => Tone::Plan,
                _ => Tone::Plain,
            },
        };
        if let Some(month) = months.last_mut() {
            month.dates.push(view);
        }
    }
    months
}

fn guide_view(frame: Frame, it: &Guide) -> GuidePage {
    let t = &texts().guide;
    let left: Vec<&FirstStep> = it.first.iter().filter(|step| step.done == Some(false)).collect();
    GuidePage {
        headline: (t.headline)(it.steps.len() as u64),
        steps: it.steps.iter().enumerate().map(|(at, it)| step(at, it)).collect(),
        more: (it.more > 0).then(|| (t.more)(it.more as u64)),
        first_words: (t.way_in)(left.len() as u64, left.iter().map(|step| step.minutes).sum()),
        first: it.first.iter().map(first).collect(),
        months: months(&it.dates, it.today),
        frame,
    }
}

/// `GET /guide`
pub(crate) async fn page(frame: Frame, Extract(state): Extract<State>) -> Page {
    let guide = guide::guide(&state.ctx, &frame.visitor.actor()).await?;
    show(&guide_view(frame, &guide))
}

#[derive(Template)]
#[template(path = "clients.html")]
struct ClientsPage {
    frame: Frame,
    headline: String,
    rows: Vec<ClientView>,
}

struct ClientView {
    link: Option<String>,
    name: String,
    evidenced: String,
    overdue: String,
    tone: Tone,
    late: Vec<String>,
    tasks: String,
    signed_off: String,
}

fn share(percent: Option<u32>, count: u32, of: u32) -> String {
    (texts().programme.share)(percent, u64::from(count), u64::from(of))
}

fn shares(figures: Option<Figures>) -> (String, String) {
    match figures {
        None => (texts().clients.not_opened.to_owned(), String::new()),
        Some(it) => (
            share(it.evidenced_percent(), it.evidenced, it.of),
            share(it.overdue_percent(), it.overdue, it.of),
        ),
    }
}

fn client(it: &ClientLine) -> ClientView {
    let t = &texts().clients;
    let (evidenced, overdue) = shares(it.figures);
    let mut late: Vec<String> = Vec::new();
    if it.bare_vendors > 0 {
        late.push((t.bare_vendors)(it.bare_vendors));
    }
    if let Some(count) = it.late_requests.filter(|count| *count > 0) {
        late.push((t.late_requests)(count));
    }
    late.extend(it.overdue.iter().map(|(title, citation)| (t.requirement)(title, citation)));
    ClientView {
        link: it.figures.map(|_| format!("/clients/{}", it.org)),
        name: harmless(&it.name).into_owned(),
        tone: match (it.figures.is_some(), late.is_empty()) {
            (false, _) => Tone::Unknown,
            (_, true) => Tone::Plain,
            _ => Tone::Plan,
        },
        evidenced,
        overdue,
        late,
        tasks: (t.tasks)(it.tasks.0, it.tasks.1),
        signed_off: it
            .signed_off
            .as_ref()
            .map_or_else(|| t.never_signed.to_owned(), |note| words::day(note.at)),
    }
}

fn clients_view(frame: Frame, lines: &[ClientLine]) -> ClientsPage {
    ClientsPage {
        headline: (texts().clients.headline)(lines.len() as u64),
        rows: lines.iter().map(client).collect(),
        frame,
    }
}

/// `GET /clients`
pub(crate) async fn clients(frame: Frame, Extract(state): Extract<State>) -> Page {
    let lines = clients::list(&state.ctx, &frame.visitor.actor()).await?;
    show(&clients_view(frame, &lines))
}

#[derive(Template)]
#[template(path = "client.html")]
struct ClientPage {
    frame: Frame,
    problem: Option<String>,
    id: String,
    client: ClientView,
    notes: Vec<NoteView>,
    months: Vec<MonthView>,
    kinds: Vec<Choice>,
    may: bool,
}

struct NoteView {
    id: String,
    kind: &'static str,
    body: String,
    by: String,
    tone: Tone,
    state: String,
    open: bool,
}

fn note(it: &ClientNoteRow, today: Date) -> NoteView {
    let t = &texts().clients;
    let task = it.kind == "task";
    let (tone, state) = match (&it.done, it.due, it.figures) {
        (Some((at, by)), ..) => (Tone::Good, (t.done_by)(&harmless(by), &words::day(*at))),
        (None, Some(due), _) if due < today => (Tone::Act, (t.due)(&words::civil(due))),
        (None, Some(due), _) => (Tone::Plan, (t.due)(&words::civil(due))),
        (None, None, Some((of, evidenced, overdue))) => {
            let figures = Figures { of, evidenced, overdue };
            let (one, two) = shares(Some(figures));
            (Tone::Known, (t.seen)(&one, &two))
        }
        (None, None, None) => (Tone::Plain, if task { t.open.to_owned() } else { String::new() }),
    };
    NoteView {
        id: it.id.to_string(),
        kind: KINDS.iter().find(|(code, _)| *code == it.kind).map_or("", |(_, words)| *words),
        body: harmless(&it.body).into_owned(),
        by: (t.written_by)(&harmless(&it.author), &words::day(it.at)),
        tone,
        state,
        open: task && it.done.is_none(),
    }
}

fn client_view(frame: Frame, it: &ClientDetail, now: Timestamp) -> ClientPage {
    let today = now.to_zoned(TimeZone::UTC).date();
    ClientPage {
        problem: None,
        id: it.line.org.to_string(),
        client: client(&it.line),
        notes: it.notes.iter().map(|it| note(it, today)).collect(),
        months: months(&it.dates, today),
        kinds: Choice::list(KINDS.iter().copied(), None),
        may: it.line.may_write,
        frame,
    }
}

/// `GET /clients/{id}`
pub(crate) async fn one_client(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let detail = clients::get(&state.ctx, &frame.visitor.actor(), id_of(&id)?).await?;
    show(&client_view(frame, &detail, state.now()))
}

/// `POST /clients/{id}`: a note, a task or a sign-off.
pub(crate) async fn write(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let (id, actor): (OrgId, _) = (id_of(&id)?, form.visitor.actor());
    let text = |name| form.field(name).unwrap_or_default();
    let done = match some_day(form.field("due")) {
        Ok(due) => clients::write(&state.ctx, &actor, id, text("kind"), text("body"), due).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/clients/{id}")).into_response()),
        Err(error @ Error::Invalid { .. }) => {
            let detail = clients::get(&state.ctx, &actor, id).await?;
            let page = client_view(form.frame("/clients"), &detail, state.now());
            refuse(&ClientPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /clients/{id}/done`
pub(crate) async fn done(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Redirect, Failure> {
    let id: OrgId = id_of(&id)?;
    let note = id_of(form.field("note").unwrap_or_default())?;
    clients::done(&state.ctx, &form.visitor.actor(), id, note).await?;
    Ok(Redirect::to(&format!("/clients/{id}")))
}

/// The guide with made-up values.
#[cfg(test)]
pub(super) fn sample() -> Page {
    use crate::web::sample::{self, HOSTILE};
    let day = jiff::civil::date(2026, 3, 3);
    let step = |code, what: &str| Step {
        code,
        what: what.to_owned(),
        why: "Because.",
        minutes: 5,
        link: "/vendors",
        button: "Go",
    };
    let guide = Guide {
        steps: vec![step("a", "one"), step("b", "two")],
        more: 2,
        first: vec![FirstStep { what: "x", why: "y", minutes: 5, link: "/people", done: Some(false) }],
        dates: vec![
            Dated { day: jiff::civil::date(2026, 1, 3), what: HOSTILE.into(), link: "/actions".into() },
            Dated { day, what: HOSTILE.into(), link: "/vendors".into() },
        ],
        today: day,
    };
    show(&guide_view(sample::frame("/guide"), &guide))
}

#[cfg(test)]
fn sample_line() -> ClientLine {
    use crate::web::sample::HOSTILE;
    ClientLine {
        org: OrgId::generate(),
        name: HOSTILE.into(),
        figures: Some(Figures { of: 80, evidenced: 12, overdue: 3 }),
        overdue: vec![(HOSTILE.into(), "45 CFR 164.308".into())],
        bare_vendors: 1,
        late_requests: Some(1),
        tasks: (2, 1),
        signed_off: None,
        may_write: true,
    }
}

/// The clients with made-up values.
#[cfg(test)]
pub(super) fn sample_clients() -> Page {
    use crate::web::sample;
    let closed = ClientLine { figures: None, ..sample_line() };
    show(&clients_view(sample::frame("/clients"), &[sample_line(), closed]))
}

/// A client with made-up values.
#[cfg(test)]
pub(super) fn sample_client() -> Page {
    use crate::web::sample::{self, HOSTILE, now};
    let note = |kind: &str, figures| ClientNoteRow {
        id: bedrail_model::ids::ClientNoteId::generate(),
        kind: kind.into(),
        body: HOSTILE.into(),
        due: None,
        at: now(),
        author: HOSTILE.into(),
        done: None,
        figures,
    };
    let detail = ClientDetail {
        line: sample_line(),
        notes: vec![note("task", None), note("sign_off", Some((80, 12, 3)))],
        dates: vec![Dated { day: jiff::civil::date(2026, 4, 3), what: HOSTILE.into(), link: "/x".into() }],
    };
    show(&client_view(sample::frame("/clients"), &detail, now()))
}
