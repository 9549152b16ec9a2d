//! What is not known, who was asked, and what was answered.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use bedrail_app::answered::{self, Record};
use bedrail_app::unknowns::{self, Ask};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Answered;
use super::actions::Made;
use crate::web::error::{Failure, Problem};
use crate::web::pages::id_of;
use crate::web::query::{FactsQuery, Paging, UnknownsQuery};
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::taken::{FactSent, day};
use crate::web::views::PageView;
use crate::web::views::unknown::{FactView, RecordedView, UnknownDetailView, UnknownsView};

/// What is not known, grouped by the one fact that would settle it; the group that most devices are in first. Of a large
/// organisation it may be a minute old.
#[utoipa::path(
    get, path = "/unknowns", tag = "unknowns", params(UnknownsQuery, Paging),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = UnknownsView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<UnknownsQuery>,
) -> Answered<UnknownsView> {
    let request = query.paging.request();
    let list = unknowns::list(&state.ctx, &visitor.actor(), &query.filter()?, &request).await?;
    Ok(Json(UnknownsView::from(&list)))
}

/// One of them, with the question that would settle it, ready to be sent.
#[utoipa::path(
    get, path = "/unknowns/{key}", tag = "unknowns", params(("key" = String, Path, description = "Key of the group")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = UnknownDetailView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(key): Path<String>,
) -> Answered<UnknownDetailView> {
    let detail = unknowns::get(&state.ctx, &visitor.actor(), &key).await?;
    Ok(Json(UnknownDetailView::from(&detail)))
}

/// Somebody is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskSent {
    /// Who is asked.
    whom: String,
    /// Who follows it up.
    owner: String,
    /// By the end of which day an answer is expected, as an ISO date.
    due: String,
}

/// Notes that somebody was asked: an action that waits for the answer.
#[utoipa::path(
    post, path = "/unknowns/{key}/ask", tag = "unknowns", params(("key" = String, Path, description = "Key of the group")),
    request_body = AskSent, security(("session" = []), ("token" = [])),
    responses((status = 201, body = Made), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn ask(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(key): Path<String>,
    Sent(sent): Sent<AskSent>,
) -> Result<(StatusCode, Json<Made>), Failure> {
    let command = Ask { key, whom: sent.whom, owner: sent.owner, due: day(&sent.due, "the day")? };
    let id = unknowns::ask(&state.ctx, &visitor.actor(), &command).await?;
    Ok((StatusCode::CREATED, Json(Made::of(id))))
}

/// Facts that somebody was asked for and answered, the last recorded first.
#[utoipa::path(
    get, path = "/facts", tag = "unknowns", params(FactsQuery, Paging), security(("session" = []), ("token" = [])),
    responses((status = 200, body = PageView<FactView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn facts(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<FactsQuery>,
) -> Answered<PageView<FactView>> {
    let request = query.paging.request();
    let list = answered::list(&state.ctx, &visitor.actor(), query.release()?, &request).await?;
    Ok(Json(PageView::of(&list)))
}

/// Records what somebody answered. Everything that it concerns is judged by it before this returns.
#[utoipa::path(
    post, path = "/facts", tag = "unknowns", request_body = FactSent, security(("session" = []), ("token" = [])),
    responses((status = 201, body = RecordedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn record(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<FactSent>,
) -> Result<(StatusCode, Json<RecordedView>), Failure> {
    let command: Record = sent.record(None)?;
    let done = answered::record(&state.ctx, &visitor.actor(), command).await?;
    Ok((StatusCode::CREATED, Json(RecordedView::from(&done))))
}

/// Why a fact is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeSent {
    /// Why.
    reason: String,
}

/// Takes a fact back. Everything is judged without it before this returns.
#[utoipa::path(
    post, path = "/facts/{id}/take-back", tag = "unknowns", params(("id" = String, Path, description = "Id of the fact")),
    request_body = RevokeSent, security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn revoke(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<RevokeSent>,
) -> Result<StatusCode, Failure> {
    answered::revoke(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
