//! Actions: what is being done, by whom, by when, what remains?

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::response::Redirect;
use bedrail_app::actions::{self, ActionRow};
use bedrail_app::page::{Page as List, PageRequest};
use bedrail_app::rights::Right;
use bedrail_model::action::State as ActionState;
use bedrail_model::clock::Standing;
use jiff::Timestamp;

use super::{Page, id_of, show};
use crate::web::api::actions::step_of;
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::{Choice, Pager, advisory_link};
use crate::web::query::ActionsQuery;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "actions.html")]
struct ActionsPage {
    frame: Frame,
    headline: String,
    text: String,
    states: Vec<Choice>,
    active: bool,
    rows: Vec<RowView>,
    pager: Pager,
    may: bool,
}

struct RowView {
    id: String,
    what: String,
    weakness: Option<(String, String)>,
    decision: Option<String>,
    owner: String,
    due_day: String,
    tone: Tone,
    due: String,
    limit: Option<String>,
    remarks: Vec<String>,
    open: bool,
    ended: String,
}

/// `GET /actions`
pub(crate) async fn list(
    frame: Frame,
    Extract(state): Extract<State>,
    Query(query): Query<ActionsQuery>,
) -> Page {
    let request = query.paging.request();
    let list = actions::list(&state.ctx, &frame.visitor.actor(), &query.filter(), &request).await?;
    show(&view(frame, &list, &query, &request, state.now()))
}

fn view(
    frame: Frame,
    list: &List<ActionRow>,
    query: &ActionsQuery,
    request: &PageRequest,
    now: Timestamp,
) -> ActionsPage {
    let t = &texts().actions;
    let state = query.state.as_deref().unwrap_or("open");
    let late = list.rows.iter().filter(|row| matches!(row.standing, Standing::Late | Standing::Over)).count();
    let states = [("open", t.open), ("done", t.done), ("dropped", t.dropped)];
    ActionsPage {
        may: frame.visitor.may(Right::Decide),
        frame,
        headline: (t.headline)(state, list.total, late as u64),
        text: query.text.clone().unwrap_or_default(),
        states: Choice::list(states, Some(state)),
        active: query.text.is_some() || query.state.is_some() || query.late.is_some(),
        rows: list.rows.iter().map(|row| row_view(row, now)).collect(),
        pager: Pager::of(&query.link(), list, request, t.count),
    }
}

fn row_view(row: &ActionRow, now: Timestamp) -> RowView {
    let (it, t) = (&row.action, &texts().actions);
    let remarks = [
        it.proof_needed.as_ref().map(|text| (t.proof)(text)),
        it.remaining_risk.as_ref().map(|text| (t.remains)(text)),
        it.cost.as_ref().map(|text| (t.costs)(text)),
    ];
    let ended = match &it.state {
        ActionState::Open => String::new(),
        ActionState::Done { at, by, proof } => (t.was_done)(&words::day(*at), by, proof),
        ActionState::Dropped { at, by, reason } => (t.was_dropped)(&words::day(*at), by, reason),
    };
    RowView {
        id: it.id.to_string(),
        what: it.what.clone(),
        weakness: it.weakness.as_ref().map(|id| (id.clone(), advisory_link(id))),
        decision: it.decision.map(|id| format!("/decisions/{id}")),
        owner: it.owner.clone(),
        due_day: it.due.to_string(),
        tone: match row.standing {
            Standing::Over => Tone::Act,
            Standing::Late => Tone::Plan,
            Standing::Running | Standing::Held => Tone::Plain,
            Standing::InTime | Standing::StoppedLate | Standing::StoppedOver => Tone::Known,
        },
        due: words::due(it.due, now),
        limit: it.limit.as_ref().map(|(day, source)| (t.limit)(&words::civil(*day), source)),
        remarks: remarks.into_iter().flatten().collect(),
        open: it.state == ActionState::Open,
        ended,
    }
}

/// `POST /actions/{id}/step`
pub(crate) async fn step(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Redirect, Failure> {
    let field = |name: &str| submission.field(name).unwrap_or_default();
    let step = step_of(field("step"), field("note"), field("owner"), field("due"))?;
    actions::step(&state.ctx, &submission.visitor.actor(), id_of(&id)?, &step).await?;
    Ok(Redirect::to("/actions"))
}

/// The page with made-up values.
#[cfg(test)]
pub(crate) fn sample() -> Page {
    use crate::web::sample;
    let list = List { rows: vec![sample::action()], total: 1, offset: 0, next: None };
    let (query, request) = (ActionsQuery::default(), PageRequest::default());
    show(&view(sample::frame("/actions"), &list, &query, &request, sample::now()))
}
