//! Decisions on weaknesses.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use bedrail_app::decisions;

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::pages::id_of;
use crate::web::query::{DecisionsQuery, Paging};
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::taken::DecisionSent;
use crate::web::views::PageView;
use crate::web::views::decision::{DecisionView, PreviewView};

/// Decisions on weaknesses, the last first.
#[utoipa::path(
    get, path = "/decisions", tag = "decisions", params(DecisionsQuery, Paging),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = PageView<DecisionView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<DecisionsQuery>,
) -> Answered<PageView<DecisionView>> {
    let request = query.paging.request();
    let list = decisions::list(&state.ctx, &visitor.actor(), &query.filter()?, &request).await?;
    Ok(Json(PageView::of(&list)))
}

/// One decision.
#[utoipa::path(
    get, path = "/decisions/{id}", tag = "decisions",
    params(("id" = String, Path, description = "Id of the decision")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = DecisionView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<DecisionView> {
    let row = decisions::get(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(Json(DecisionView::from(&row)))
}

/// What a decision would touch, without taking it.
#[utoipa::path(
    post, path = "/decisions/preview", tag = "decisions", request_body = DecisionSent,
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = PreviewView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn preview(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<DecisionSent>,
) -> Answered<PreviewView> {
    let found = decisions::preview(&state.ctx, &visitor.actor(), &sent.command()?).await?;
    Ok(Json(PreviewView::from(&found)))
}

/// Takes a decision on each of the weaknesses, all of them or none.
#[utoipa::path(
    post, path = "/decisions", tag = "decisions", request_body = DecisionSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = Vec<DecisionView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn decide(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<DecisionSent>,
) -> Result<(StatusCode, Json<Vec<DecisionView>>), Failure> {
    let actor = visitor.actor();
    let taken = decisions::decide(&state.ctx, &actor, &sent.command()?).await?;
    let mut shown = Vec::new();
    for id in taken {
        shown.push(DecisionView::from(&decisions::get(&state.ctx, &actor, id).await?));
    }
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Takes a decision back: what it took away stands again.
#[utoipa::path(
    delete, path = "/decisions/{id}", tag = "decisions",
    params(("id" = String, Path, description = "Id of the decision")),
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn take_back(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    decisions::take_back(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
