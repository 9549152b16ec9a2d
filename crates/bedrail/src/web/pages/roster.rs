//! The roster: the list, one person, and lists that come in.

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::page::{Page as Part, PageRequest};
use bedrail_app::rights::Right;
use bedrail_app::workforce::import::{self, ImportRoster, MOST_LINES, Outcome, Report};
use bedrail_app::workforce::roster::{self, Detail, Facts, Figures, Item};
use bedrail_app::workforce::{list as lists, personal};
use bedrail_model::workforce::{Stage, Worker, WorkerKind};
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{Page, id_of, refuse, show};
use crate::web::api::programme::some_day;
use crate::web::assets;
use crate::web::error::{Failure, told};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::link::Link;
use crate::web::parts::{Choice, Pager};
use crate::web::qr;
use crate::web::query::RosterQuery;
use crate::web::state::{State, WaitingList};
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "roster.html")]
struct RosterPage {
    frame: Frame,
    headline: String,
    problem: Option<String>,
    text: String,
    wards: Vec<Choice>,
    roles: Vec<Choice>,
    stages: Vec<Choice>,
    rows: Vec<RowView>,
    pager: Pager,
    kinds: Vec<Choice>,
    today: String,
    may: bool,
}

struct RowView {
    link: String,
    name: String,
    mail: String,
    kind: &'static str,
    roles: String,
    place: String,
    tone: Tone,
    state: String,
}

/// Site and ward in a few words.
pub(super) fn place(site: &str, ward: &str) -> String {
    [ward, site].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(", ")
}

fn state_of(worker: &Worker, today: Date) -> (Tone, String) {
    let t = &texts().roster;
    if let Some(until) = worker.until.filter(|until| *until <= today) {
        return (Tone::Plain, (t.left_on)(&words::civil(until)));
    }
    if worker.starts > today {
        return (Tone::Plan, (t.comes_on)(&words::civil(worker.starts)));
    }
    (Tone::Known, t.here.to_owned())
}

fn row(worker: &Worker, today: Date) -> RowView {
    let (tone, state) = state_of(worker, today);
    RowView {
        link: format!("/roster/{}", worker.id),
        name: worker.name.clone(),
        mail: worker.mail.clone().unwrap_or_default(),
        kind: worker.kind.words(),
        roles: worker.roles.join(", "),
        place: place(&worker.site, &worker.ward),
        tone,
        state,
    }
}

fn kinds(chosen: WorkerKind) -> Vec<Choice> {
    Choice::list(WorkerKind::ALL.iter().map(|it| (it.code(), it.words())), Some(chosen.code()))
}

fn list_view(
    frame: Frame,
    figures: &Figures,
    found: &Part<Worker>,
    query: &RosterQuery,
    page: &PageRequest,
    today: Date,
) -> RosterPage {
    let t = &texts().roster;
    let looked = query.looked();
    let link = Link::to("/roster")
        .with("text", &looked.text)
        .with("ward", &looked.ward)
        .with("role", &looked.role)
        .with("stage", query.stage());
    let mut wards: Vec<String> =
        figures.wards.iter().map(|(_, ward, _)| ward.clone()).filter(|it| !it.is_empty()).collect();
    wards.sort();
    wards.dedup();
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let stages = [("here", t.here), ("coming", t.coming), ("left", t.left), ("all", t.everybody)];
    RosterPage {
        headline: (t.headline)(figures.here, wards.len() as u64),
        problem: None,
        wards: Choice::names(&wards, some(&looked.ward).as_deref()),
        roles: Choice::names(figures.roles.iter().map(|(role, _)| role), some(&looked.role).as_deref()),
        stages: Choice::list(stages, Some(query.stage())),
        rows: found.rows.iter().map(|worker| row(worker, today)).collect(),
        pager: Pager::of(&link, found, page, t.people_count),
        kinds: kinds(WorkerKind::Staff),
        today: today.to_string(),
        may: frame.visitor.may(Right::KeepWorkforce),
        text: looked.text,
        frame,
    }
}

async fn list_page(state: &State, frame: Frame, query: &RosterQuery) -> Result<RosterPage, Failure> {
    let actor = frame.visitor.actor();
    let page = query.page();
    let figures = roster::figures(&state.ctx, &actor).await?;
    let found = roster::list(&state.ctx, &actor, &query.looked(), &page).await?;
    Ok(list_view(frame, &figures, &found, query, &page, state.ctx.clock.today()))
}

/// `GET /roster`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<RosterQuery>,
) -> Page {
    show(&list_page(&state, frame, &query).await?)
}

/// What a form says of a person.
fn facts(form: &Submission) -> Result<Facts, Error> {
    let text = |name: &str| form.field(name).unwrap_or_default().to_owned();
    Ok(Facts {
        name: text("name"),
        mail: text("mail"),
        external: text("external"),
        kind: form.field("kind").and_then(WorkerKind::from_code),
        roles: lists::roles(&text("roles")),
        site: text("site"),
        ward: text("ward"),
        starts: some_day(form.field("starts"))?,
        last: some_day(form.field("last"))?,
    })
}

/// `POST /roster/add`
pub(crate) async fn add(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    let actor = form.visitor.actor();
    let done = match facts(&form) {
        Ok(facts) => roster::add(&state.ctx, &actor, &facts).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(id) => Ok(Redirect::to(&format!("/roster/{id}")).into_response()),
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
            let page = list_page(&state, form.frame("/roster"), &RosterQuery::default()).await?;
            refuse(&RosterPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "roster_one.html")]
struct PersonPage {
    frame: Frame,
    problem: Option<String>,
    id: String,
    name: String,
    tone: Tone,
    state: String,
    facts: Vec<(&'static str, String)>,
    worker: Worker,
    roles: String,
    kinds: Vec<Choice>,
    last: String,
    today: String,
    items: Vec<ItemView>,
    link: Option<(String, String)>,
    here: bool,
    may: bool,
}

struct ItemView {
    title: String,
    kind: &'static str,
    due: String,
    tone: Tone,
    stands: String,
    note: String,
}

fn item(it: &Item, today: Date) -> ItemView {
    let t = &texts().roster;
    let assignment = &it.assignment;
    let late = assignment.is_late(today);
    let stands = match (assignment.stage, assignment.closed_for, assignment.ended) {
        (Stage::Closed, Some(why), _) => (t.closed_for)(why.words()),
        (Stage::Done, _, Some(at)) => {
            (t.done_on)(&words::day(at), assignment.how.map_or("", bedrail_model::workforce::How::words))
        }
        (stage, ..) => (t.stage_words)(late, stage.code()),
    };
    ItemView {
        title: it.duty.title.clone(),
        kind: it.duty.kind.words(),
        due: words::civil(assignment.due),
        tone: match assignment.stage {
            Stage::Open if late => Tone::Act,
            Stage::Open => Tone::Plan,
            Stage::Done if assignment.holds(today) => Tone::Good,
            Stage::Done | Stage::Closed => Tone::Plain,
        },
        stands,
        note: assignment.note.clone(),
    }
}

fn one_view(frame: Frame, detail: &Detail) -> PersonPage {
    let t = &texts().roster;
    let (worker, today) = (&detail.worker, detail.today);
    let (tone, state) = state_of(worker, today);
    let last = worker.until.map(|until| until.saturating_sub(1.day()));
    let mut facts = vec![
        (t.kind, worker.kind.words().to_owned()),
        (t.roles, worker.roles.join(", ")),
        (t.ward, place(&worker.site, &worker.ward)),
        (t.mail, worker.mail.clone().unwrap_or_default()),
        (t.external, worker.external.clone().unwrap_or_default()),
        (t.starts, words::civil(worker.starts)),
        (t.last, last.map(words::civil).unwrap_or_default()),
        (t.source, worker.source.words().to_owned()),
        (t.account, detail.account.clone().unwrap_or_else(|| t.no_account.to_owned())),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    PersonPage {
        problem: None,
        id: worker.id.to_string(),
        name: worker.name.clone(),
        tone,
        state,
        facts,
        roles: worker.roles.join(", "),
        kinds: kinds(worker.kind),
        last: last.map(|day| day.to_string()).unwrap_or_default(),
        today: today.to_string(),
        items: detail.items.iter().map(|it| item(it, today)).collect(),
        link: None,
        here: worker.is_there(today),
        may: frame.visitor.may(Right::KeepWorkforce),
        worker: worker.clone(),
        frame,
    }
}

/// `GET /roster/{id}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(id): Path<String>) -> Page {
    let detail = roster::get(&state.ctx, &frame.visitor.actor(), id_of(&id)?).await?;
    show(&one_view(frame, &detail))
}

/// What a form about a person came to: back to them, or their page again with what was wrong.
async fn ended<T>(
    state: &State,
    form: &Submission,
    id: &str,
    done: Result<T, Error>,
) -> Result<Response, Failure> {
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/roster/{id}")).into_response()),
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
            let detail = roster::get(&state.ctx, &form.visitor.actor(), id_of(id)?).await?;
            let page = one_view(form.frame("/roster"), &detail);
            refuse(&PersonPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /roster/{id}/change`
pub(crate) async fn change(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let worker = id_of(&id)?;
    let done = match facts(&form) {
        Ok(facts) => roster::set(&state.ctx, &form.visitor.actor(), worker, &facts).await,
        Err(error) => Err(error),
    };
    ended(&state, &form, &id, done).await
}

/// `POST /roster/{id}/leave`
pub(crate) async fn leave(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let worker = id_of(&id)?;
    let done = match some_day(form.field("last")) {
        Ok(last) => {
            let last = last.unwrap_or_else(|| state.ctx.clock.today());
            roster::leave(&state.ctx, &form.visitor.actor(), worker, last).await
        }
        Err(error) => Err(error),
    };
    ended(&state, &form, &id, done).await
}

/// `POST /roster/{id}/link`: shown this once.
pub(crate) async fn link(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Response, Failure> {
    let actor = form.visitor.actor();
    match personal::make(&state.ctx, &actor, id_of(&id)?).await {
        Ok(path) => {
            let detail = roster::get(&state.ctx, &actor, id_of(&id)?).await?;
            let page = one_view(form.frame("/roster"), &detail);
            let address = format!("{}{path}", state.options.public_url.as_deref().unwrap_or_default());
            let code = qr::svg_named(&address, texts().roster.link_qr).unwrap_or_default();
            Ok(show(&PersonPage { link: Some((address, code)), ..page })?.into_response())
        }
        error => ended(&state, &form, &id, error).await,
    }
}

#[derive(Template)]
#[template(path = "roster_import.html")]
struct ImportPage {
    frame: Frame,
    problem: Option<String>,
    headline: String,
    report: Option<ReportView>,
    seen: String,
}

/// What a list says and what becomes of it, on a page.
pub(super) struct ReportView {
    /// Whether it was looked through only.
    pub(super) preview: bool,
    /// Whether a line is taken.
    pub(super) good: bool,
    /// In a sentence.
    pub(super) sentence: String,
    /// Columns that are taken: head and meaning.
    pub(super) taken: Vec<(String, &'static str)>,
    /// Columns that are not.
    pub(super) passed_over: String,
    /// Lines: number, whom, tone, what happens.
    pub(super) lines: Vec<(u64, String, Tone, String)>,
    /// Lines that are counted and not shown.
    pub(super) more: u64,
    /// People whom the list does not name.
    pub(super) absent: Option<(String, String)>,
}

/// A report in words.
pub(super) fn report(it: &Report, sentence: String, preview: bool) -> ReportView {
    let t = &texts().roster;
    let line = |line: &import::LineReport| {
        let (tone, what) = match &line.outcome {
            Outcome::Added => (Tone::Good, t.new.to_owned()),
            Outcome::Changed(what) => (Tone::Known, (t.changed)(&what.join(", "))),
            Outcome::Unchanged => (Tone::Plain, String::new()),
            Outcome::Refused(why) => (Tone::Act, (t.refused)(why)),
        };
        (line.number, line.name.clone(), tone, what)
    };
    ReportView {
        preview,
        good: it.added + it.changed > 0,
        sentence,
        taken: it.taken.clone(),
        passed_over: it.passed_over.join(", "),
        lines: it.lines.iter().take(MOST_LINES).map(line).collect(),
        more: (it.added + it.changed + it.refused).saturating_sub(it.lines.len() as u64),
        absent: (it.absent > 0).then(|| ((t.absent)(it.absent), it.absent_names.join(", "))),
    }
}

/// `GET /roster/import`
pub(crate) async fn choose(frame: Frame) -> Page {
    frame.need(Right::KeepWorkforce)?;
    let headline = texts().roster.import_title.to_owned();
    show(&ImportPage { frame, problem: None, headline, report: None, seen: String::new() })
}

/// A file that a form brings, or the one that waits since it was looked through.
pub(super) fn waiting(state: &State, form: &Submission) -> Result<WaitingList, Error> {
    let whose = (form.visitor.account.id, form.visitor.account.org);
    if let Some((file_name, document)) = form.file.clone() {
        state.waiting.keep(whose, WaitingList { file_name, document }, state.now());
    }
    // One list waits for each person, whichever page it was brought to: only the one that was looked through is taken.
    let seen = form.field("seen").filter(|_| form.file.is_none());
    let same = |list: &WaitingList| form.file.is_some() || seen == Some(list.file_name.trim());
    state.waiting.get(whose).filter(same).ok_or_else(|| Error::Invalid {
        message: "no file was chosen, or the preview was forgotten".to_owned(),
        hint: Some("choose the file again".to_owned()),
    })
}

/// `POST /roster/import`: a file (or the one that waits); `take` stores it, else it is a preview.
pub(crate) async fn import(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let t = &texts().roster;
    let frame = form.frame("/roster");
    let dry_run = form.field("take").is_none();
    let mut seen = String::new();
    let done = match waiting(&state, &form) {
        Ok(file) => {
            seen.clone_from(&file.file_name);
            let command = ImportRoster { file_name: file.file_name, document: file.document, dry_run };
            import::roster(&state.ctx, &form.visitor.actor(), command).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(found) => {
            let sentence = match found.followed {
                Some(followed) => (t.taken)(found.added, found.changed, &followed.words()),
                None => (t.preview)(found.added, found.changed, found.unchanged, found.refused),
            };
            let report = Some(report(&found, sentence.clone(), dry_run));
            Ok(show(&ImportPage { frame, problem: None, headline: sentence, report, seen })?.into_response())
        }
        Err(error @ Error::Invalid { .. }) => {
            let headline = t.import_title.to_owned();
            refuse(&ImportPage { frame, problem: Some(told(&error)), headline, report: None, seen })
        }
        Err(error) => Err(error.into()),
    }
}
