//! Campaigns: everything that is done about one weakness.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use bedrail_app::campaigns::{self, AskWhom};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::actions::Made;
use crate::web::error::{Failure, Problem};
use crate::web::pages::id_of;
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::taken::{ActionSent, answer_day};
use crate::web::views::campaign::{CampaignRowView, CampaignView};

/// All campaigns, the open ones first.
#[utoipa::path(
    get, path = "/campaigns", tag = "campaigns", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<CampaignRowView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Answered<Vec<CampaignRowView>> {
    let rows = campaigns::list(&state.ctx, &visitor.actor()).await?;
    Ok(Json(rows.iter().map(CampaignRowView::from).collect()))
}

/// A campaign to be started.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartSent {
    /// The weakness, by any of its ids or by what the press calls it.
    weakness: String,
    /// What to call the campaign; what the press calls the weakness, or its id, without it.
    #[serde(default)]
    name: Option<String>,
}

/// A campaign that was started, or was open already.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StartedView {
    /// Id.
    id: String,
    /// Whether it was started now.
    new: bool,
}

/// Starts a campaign; one that is open on the weakness is handed back as it is.
#[utoipa::path(
    post, path = "/campaigns", tag = "campaigns", request_body = StartSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = StartedView), (status = 200, description = "It was open already", body = StartedView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn start(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<StartSent>,
) -> Result<(StatusCode, Json<StartedView>), Failure> {
    let started =
        campaigns::start(&state.ctx, &visitor.actor(), &sent.weakness, sent.name.as_deref()).await?;
    let status = if started.new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(StartedView { id: started.id.to_string(), new: started.new })))
}

/// One campaign, with how it stood from day to day.
#[utoipa::path(
    get, path = "/campaigns/{id}", tag = "campaigns", params(("id" = String, Path, description = "Id of the campaign")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = CampaignView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<CampaignView> {
    let detail = campaigns::get(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(Json(CampaignView::from(&detail)))
}

/// An action of a campaign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignSent {
    /// The action; with a `ward`, its owner is on that ward. Words are made of the rest where `what` is empty.
    action: ActionSent,
}

/// Puts an action down in a campaign: for a ward, or for all.
#[utoipa::path(
    post, path = "/campaigns/{id}/actions", tag = "campaigns",
    params(("id" = String, Path, description = "Id of the campaign")), request_body = AssignSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = Made), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn assign(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<AssignSent>,
) -> Result<(StatusCode, Json<Made>), Failure> {
    let id = id_of(&id)?;
    let action = campaigns::assign(&state.ctx, &visitor.actor(), id, sent.action.action()?).await?;
    Ok((StatusCode::CREATED, Json(Made::of(action))))
}

/// Somebody who was asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuestionSent {
    /// The fact, as the campaign lists it.
    fact: String,
    /// Who was asked.
    whom: String,
    /// Who follows it up.
    owner: String,
    /// By the end of which day an answer is expected, as an ISO date.
    due: String,
}

/// Notes that somebody was asked for a fact.
#[utoipa::path(
    post, path = "/campaigns/{id}/questions", tag = "campaigns",
    params(("id" = String, Path, description = "Id of the campaign")), request_body = QuestionSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = Made), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn ask(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<QuestionSent>,
) -> Result<(StatusCode, Json<Made>), Failure> {
    let due = answer_day(&sent.due)?;
    let command = AskWhom { fact: sent.fact, whom: sent.whom, owner: sent.owner, due };
    let action = campaigns::ask_whom(&state.ctx, &visitor.actor(), id_of(&id)?, &command).await?;
    Ok((StatusCode::CREATED, Json(Made::of(action))))
}

/// The end of a campaign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CampaignCloseSent {
    /// Why it ends, and what becomes of what is still open.
    sentence: String,
}

/// Ends a campaign with a sentence. What is still open stays open.
#[utoipa::path(
    post, path = "/campaigns/{id}/close", tag = "campaigns",
    params(("id" = String, Path, description = "Id of the campaign")), request_body = CampaignCloseSent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn close(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<CampaignCloseSent>,
) -> Result<StatusCode, Failure> {
    campaigns::close(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.sentence).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Opens a campaign again that was closed.
#[utoipa::path(
    post, path = "/campaigns/{id}/reopen", tag = "campaigns",
    params(("id" = String, Path, description = "Id of the campaign")), security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn reopen(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    campaigns::reopen(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
