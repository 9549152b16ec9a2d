//! At an alert: deciding, pauses, what it belongs to; and the list to print, with the way back from its numbers.

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::Redirect;
use bedrail_app::actions::NewAction;
use bedrail_app::alerts::decide::{self, Decision, Verdict};
use bedrail_app::alerts::links::{self as app_links, Kind, Link};
use bedrail_app::alerts::pause::{self, WAITS};
use bedrail_app::alerts::short;
use bedrail_app::alerts::work::{self, Item, ItemFilter, Queue};
use bedrail_app::page::PageRequest;
use bedrail_app::priority::When;
use bedrail_app::{Actor, Error};
use bedrail_model::alert::Outcome;
use bedrail_model::clock::Length;
use bedrail_model::ids::AlertItemId;
use bedrail_model::text::harmless;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::alerts::{back, beside, chosen, due_words, outcome};
use super::{Page, id_of, show};
use crate::rank;
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::Choice;
use crate::web::state::State;
use crate::web::viewer::texts;
use crate::web::words;

/// Items on the printed list at most: some ten pages.
const PRINTED: u32 = 200;

/// What an alert belongs to.
pub(super) struct LinkView {
    pub(super) kind: &'static str,
    pub(super) code: &'static str,
    pub(super) target: String,
    pub(super) text: String,
    pub(super) href: Option<String>,
}

pub(super) fn links(all: &[Link]) -> Vec<LinkView> {
    let view = |it: &Link| LinkView {
        kind: it.kind.words(),
        code: it.kind.code(),
        target: it.target.clone(),
        text: harmless(&it.text).into_owned(),
        href: match it.kind {
            Kind::Finding => Some(format!("/advisories/{}", it.target)),
            Kind::Action => Some("/actions".to_owned()),
            Kind::Campaign => Some(format!("/campaigns/{}", it.target)),
            Kind::Incident => None,
        },
    };
    all.iter().map(view).collect()
}

/// Alerts that belong to something: ids, and what their rules are called.
pub(super) async fn linked(
    state: &State,
    actor: &Actor,
    kind: Kind,
    target: &str,
) -> Result<Vec<(String, String)>, Failure> {
    let found = app_links::to(&state.ctx, actor, kind, target).await?;
    Ok(found.into_iter().map(|(id, name)| (id.to_string(), harmless(&name).into_owned())).collect())
}

pub(super) fn decision_words(it: &Decision) -> String {
    let (by, sentence) = (harmless(&it.by), harmless(&it.sentence));
    (texts().desk.it_is)(it.verdict.words(), &sentence, &by, &words::minute(it.at))
}

/// Whether the clocks of an item may stand still at all.
pub(super) fn may_wait(it: &Item) -> bool {
    !(it.outcome == Outcome::Success && it.when == When::Immediate)
}

/// What items wait for, with how long at most.
pub(super) fn waits() -> Vec<Choice> {
    let length = |length: Length| match length {
        Length::Hours(hours) => words::count(u64::from(hours), "hour"),
        Length::Days(days) => words::count(u64::from(days), "day"),
        Length::WorkingDays(days) => (texts().desk.working_days)(u64::from(days)),
        Length::On(day) => day.to_string(),
    };
    let text =
        |row: &pause::WaitRow| (texts().desk.longest)(row.words, &length(row.now), &length(row.longest));
    Choice::list(WAITS.iter().map(|row| (row.code, text(row))), None)
}

fn to(item: AlertItemId) -> Redirect {
    Redirect::to(&format!("/alerts/{item}"))
}

/// `POST /alerts/decide`
pub(crate) async fn decide(
    Extract(state): Extract<State>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let seen = chosen(&submission)?;
    let verdict = Verdict::named(submission.field("verdict").unwrap_or_default())?;
    let sentence = submission.field("sentence").unwrap_or_default();
    decide::decide(&state.ctx, &submission.visitor.actor(), &seen, verdict, sentence).await?;
    Ok(back(&submission, &seen))
}

/// `POST /alerts/{id}/pause`
pub(crate) async fn pause(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let item: AlertItemId = id_of(&id)?;
    let field = |name: &str| submission.field(name).unwrap_or_default();
    let wait = pause::wait_named(field("wait"))?;
    let hours: u16 = field("hours").parse().map_err(|_| Error::invalid("for how many hours is a number"))?;
    let until = state.now() + SignedDuration::from_hours(i64::from(hours));
    let actor = submission.visitor.actor();
    pause::pause(&state.ctx, &actor, item, wait, field("sentence"), until).await?;
    Ok(to(item))
}

/// `POST /alerts/{id}/resume`
pub(crate) async fn resume(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let item: AlertItemId = id_of(&id)?;
    pause::resume(&state.ctx, &submission.visitor.actor(), item).await?;
    Ok(to(item))
}

/// `POST /alerts/{id}/link`
pub(crate) async fn link(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let item: AlertItemId = id_of(&id)?;
    let kind = Kind::named(submission.field("kind").unwrap_or_default())?;
    let target = submission.field("target").unwrap_or_default();
    app_links::add(&state.ctx, &submission.visitor.actor(), item, kind, target).await?;
    Ok(to(item))
}

/// `POST /alerts/{id}/unlink`
pub(crate) async fn unlink(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let item: AlertItemId = id_of(&id)?;
    let kind = Kind::named(submission.field("kind").unwrap_or_default())?;
    app_links::remove(&state.ctx, &submission.visitor.actor(), item, kind, submission.verbatim("target"))
        .await?;
    Ok(to(item))
}

/// `POST /alerts/{id}/action`
pub(crate) async fn action(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let item: AlertItemId = id_of(&id)?;
    let field = |name: &str| submission.field(name).unwrap_or_default();
    let due = field("due").parse().map_err(|_| Error::invalid("the action does not say until when"))?;
    let (what, owner) = (field("what").to_owned(), field("owner").to_owned());
    let new = NewAction { what, owner, due, ..NewAction::default() };
    app_links::make_action(&state.ctx, &submission.visitor.actor(), item, &new).await?;
    Ok(to(item))
}

/// A number that was typed back in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    number: String,
}

/// `GET /alerts/number`
pub(crate) async fn number(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(typed): Query<Typed>,
) -> Result<Redirect, Failure> {
    Ok(to(short::find(&state.ctx, &frame.visitor.actor(), &typed.number).await?))
}

#[derive(Template)]
#[template(path = "alerts_printed.html")]
struct PrintedPage {
    frame: Frame,
    headline: String,
    made: String,
    beside: Vec<(String, &'static str)>,
    groups: Vec<Group>,
}

struct Group {
    name: &'static str,
    rows: Vec<PrintedRow>,
}

struct PrintedRow {
    id: String,
    number: String,
    name: String,
    outcome: &'static str,
    device: String,
    due: String,
    who: String,
}

/// `GET /alerts/printed`
pub(crate) async fn printed(frame: Frame, Extract(state): Extract<State>) -> Page {
    let request = PageRequest::at(0, PRINTED);
    let queue = work::list(&state.ctx, &frame.visitor.actor(), &ItemFilter::default(), &request).await?;
    show(&printed_view(frame, &queue, state.now()))
}

fn printed_view(frame: Frame, queue: &Queue, now: Timestamp) -> PrintedPage {
    let group = |when: When| {
        let of = queue.page.rows.iter().filter(|it| it.when == when);
        let rows: Vec<PrintedRow> = of.map(|it| printed_row(it, now)).collect();
        (!rows.is_empty()).then(|| Group { name: rank::alert(when), rows })
    };
    PrintedPage {
        frame,
        headline: (texts().desk.items)(queue.page.rows.len() as u64),
        made: words::time(now),
        beside: beside("/alerts/printed"),
        groups: When::ALL.into_iter().rev().filter_map(group).collect(),
    }
}

fn printed_row(it: &Item, now: Timestamp) -> PrintedRow {
    let device = match (&it.device, it.address) {
        (Some((_, name)), _) => harmless(name).into_owned(),
        (None, Some(address)) => format!("{address}, {}", texts().desk.unknown_device),
        (None, None) => texts().desk.unknown_device.to_owned(),
    };
    let due = match it.paused_until {
        Some(until) => (texts().desk.stands_still)(&words::minute(until)),
        None => due_words(it, now),
    };
    PrintedRow {
        id: it.id.to_string(),
        number: short::of(it.id),
        name: harmless(it.rule.1.as_deref().unwrap_or(&it.rule.0)).into_owned(),
        outcome: outcome(it.outcome),
        device,
        due,
        who: it.taken.as_ref().map(|(owner, _)| harmless(owner).into_owned()).unwrap_or_default(),
    }
}

/// The printed list with made-up values.
#[cfg(test)]
pub(crate) fn sample_printed() -> Page {
    use crate::web::sample;
    let page = bedrail_app::page::Page { rows: vec![sample::alert()], total: 1, offset: 0, next: None };
    let queue = Queue { page, at_least: false, open: Vec::new() };
    show(&printed_view(sample::frame("/alerts/printed"), &queue, sample::now()))
}
