//! One's own sessions and tokens.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use bedrail_app::accounts::{self, sessions, tokens};

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::pages::id_of;
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::people::{MadeTokenView, NewTokenBody, OwnSessionView, TokenView, ZoneBody};

/// One's own sessions, the last seen first.
#[utoipa::path(
    get, path = "/account/sessions", tag = "account", security(("session" = [])),
    responses((status = 200, body = Vec<OwnSessionView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn own_sessions(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Answered<Vec<OwnSessionView>> {
    let found = sessions::own(&state.ctx, &visitor.actor(), visitor.session.as_deref()).await?;
    Ok(Json(found.iter().map(OwnSessionView::from).collect()))
}

/// Ends one of one's own sessions.
#[utoipa::path(
    delete, path = "/account/sessions/{id}", tag = "account",
    params(("id" = String, Path, description = "Id of the session, as the list names it")), security(("session" = [])),
    responses((status = 204, description = "Ended"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn end_session(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    sessions::end(&state.ctx, &visitor.actor(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Chooses the zone that mails tell their times in.
#[utoipa::path(
    put, path = "/account/zone", tag = "account", request_body = ZoneBody, security(("session" = [])),
    responses((status = 204, description = "Kept"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No zone that can be chosen", body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn set_zone(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(wanted): Sent<ZoneBody>,
) -> Result<StatusCode, Failure> {
    accounts::set_zone(&state.ctx, &visitor.actor(), wanted.zone.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One's own tokens in the present organisation, newest first.
#[utoipa::path(
    get, path = "/account/tokens", tag = "account", security(("session" = [])),
    responses((status = 200, body = Vec<TokenView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn own_tokens(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Answered<Vec<TokenView>> {
    let found = tokens::own(&state.ctx, &visitor.actor()).await?;
    Ok(Json(found.iter().map(TokenView::from).collect()))
}

/// Makes a token for a program that acts in one's name in the present organisation.
#[utoipa::path(
    post, path = "/account/tokens", tag = "account", request_body = NewTokenBody, security(("session" = [])),
    responses((status = 201, body = MadeTokenView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn make_token(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(wanted): Sent<NewTokenBody>,
) -> Result<(StatusCode, Json<MadeTokenView>), Failure> {
    let (id, token) = tokens::make(&state.ctx, &visitor.actor(), &wanted.token()?).await?;
    Ok((StatusCode::CREATED, Json(MadeTokenView { id: id.to_string(), token })))
}

/// Ends a token: it opens nothing from its next request on.
#[utoipa::path(
    delete, path = "/account/tokens/{id}", tag = "account", params(("id" = String, Path, description = "Id of the token")),
    security(("session" = [])),
    responses((status = 204, description = "Ended"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn end_token(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    tokens::end(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
