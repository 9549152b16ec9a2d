//! What is to be done about weaknesses.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use bedrail_app::Error;
use bedrail_app::actions::{self, Step};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::pages::id_of;
use crate::web::query::{ActionsQuery, Paging};
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::taken::ActionSent;
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
    let list = actions::list(&state.ctx, &visitor.actor(), &query.filter(), &request).await?;
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
    /// `done`, `dropped`, `reopened`, `handed_over`.
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
        _ => return Err(Error::invalid("a step is `done`, `dropped`, `reopened` or `handed_over`")),
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
    let step = step_of(&sent.step, &sent.note, &sent.owner, &sent.due)?;
    actions::step(&state.ctx, &visitor.actor(), id_of(&id)?, &step).await?;
    Ok(StatusCode::NO_CONTENT)
}
