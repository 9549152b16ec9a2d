//! What is to be done about weaknesses.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use bedrail_app::Error;
use bedrail_app::actions::{self, Plan, Step, calendar};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::pages::id_of;
use crate::web::query::{ActionsQuery, Paging};
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::taken::{ActionSent, plan};
use crate::web::views::PageView;
use crate::web::views::action::ActionView;

/// What is to be done, by its day; open actions unless asked otherwise.
#[utoipa::path(
    get, path = "/actions", tag = "actions", params(ActionsQuery, Paging),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = PageView<ActionView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<ActionsQuery>,
) -> Answered<PageView<ActionView>> {
    let request = query.paging.request();
    let list = actions::list(&state.ctx, &visitor.actor(), &query.filter()?, &request).await?;
    Ok(Json(PageView::of(&list)))
}

/// An action by itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewActionSent {
    /// The weakness that it is about, by any of its ids.
    #[serde(default)]
    weakness: Option<String>,
    /// The action.
    action: ActionSent,
}

/// The id of what was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Made {
    /// Id.
    id: String,
}

impl Made {
    /// Of an id.
    pub(crate) fn of(id: impl std::fmt::Display) -> Made {
        Made { id: id.to_string() }
    }
}

/// Puts an action down that carries out no decision.
#[utoipa::path(
    post, path = "/actions", tag = "actions", request_body = NewActionSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = Made), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn add(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<NewActionSent>,
) -> Result<(StatusCode, Json<Made>), Failure> {
    let action = sent.action.action()?;
    let id = actions::add(&state.ctx, &visitor.actor(), &action, sent.weakness.as_deref()).await?;
    Ok((StatusCode::CREATED, Json(Made::of(id))))
}

/// A step with an action.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepSent {
    /// `done`, `dropped`, `reopened`, `handed_over`, `planned`.
    step: String,
    /// Of `done`: what shows it. Of `dropped`: why.
    #[serde(default)]
    note: String,
    /// Of `handed_over`: who does it now.
    #[serde(default)]
    owner: String,
    /// Of `handed_over`: by the end of which day, as an ISO date.
    #[serde(default)]
    due: String,
    /// Of `planned`: its kind, window and amount from now on.
    #[serde(default)]
    plan: PlanSent,
}

/// Kind, window and amount.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanSent {
    /// `patch`, `isolate`, `replace`, `shield`, `accept`, `ask`, `other`; `other` without it.
    #[serde(default)]
    pub(crate) kind: Option<String>,
    /// What it costs, as an amount in the organisation's currency: `1250.50`; not known without it.
    #[serde(default)]
    pub(crate) amount: Option<String>,
    /// From when the devices may be worked on, RFC 3339.
    #[serde(default)]
    pub(crate) window_from: Option<String>,
    /// Until when, RFC 3339.
    #[serde(default)]
    pub(crate) window_to: Option<String>,
}

impl PlanSent {
    /// As the use case takes it.
    pub(crate) fn plan(&self) -> Result<Plan, Error> {
        let window = (self.window_from.as_ref(), self.window_to.as_ref());
        plan(self.kind.as_ref(), self.amount.as_ref(), window)
    }
}

/// The step that a form or a program asks for.
pub(crate) fn step_of(step: &str, note: &str, owner: &str, due: &str) -> Result<Step, Error> {
    Ok(match step {
        "done" => Step::Done(note.to_owned()),
        "dropped" => Step::Dropped(note.to_owned()),
        "reopened" => Step::Reopened,
        "handed_over" => Step::HandedOver {
            owner: owner.to_owned(),
            due: due.trim().parse().map_err(|_| Error::invalid("a day is written as 2026-03-01"))?,
        },
        _ => {
            return Err(Error::invalid(
                "a step is `done`, `dropped`, `reopened`, `handed_over` or `planned`",
            ));
        }
    })
}

/// Ends an action, opens it again, or hands it over.
#[utoipa::path(
    post, path = "/actions/{id}/step", tag = "actions",
    params(("id" = String, Path, description = "Id of the action")), request_body = StepSent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn step(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<StepSent>,
) -> Result<StatusCode, Failure> {
    let step = match sent.step.as_str() {
        "planned" => Step::Planned(sent.plan.plan()?),
        step => step_of(step, &sent.note, &sent.owner, &sent.due)?,
    };
    actions::step(&state.ctx, &visitor.actor(), id_of(&id)?, &step).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is to be done as a calendar (iCalendar, RFC 5545): the days on which actions are due, and maintenance windows in UTC. It
/// names no device.
#[utoipa::path(
    get, path = "/actions/calendar", tag = "actions", security(("session" = []), ("token" = [])),
    responses((status = 200, body = String, content_type = "text/calendar"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn feed(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Result<impl IntoResponse, Failure> {
    Ok(as_calendar(calendar::feed(&state.ctx, &visitor.actor()).await?))
}

/// A calendar document as an answer.
pub(crate) fn as_calendar(document: String) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"actions.ics\""),
    ];
    (headers, document)
}
