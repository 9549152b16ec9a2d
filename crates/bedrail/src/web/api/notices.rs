//! Notices.

use axum::Json;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use bedrail_app::{Error, notices};

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::notice::{ChoiceView, Choose, NoticeView, Seen};

/// The newest notices that the visitor may see, 500 at most.
#[utoipa::path(
    get, path = "/notices", tag = "notices", security(("session" = [])),
    responses((status = 200, body = Vec<NoticeView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<Vec<NoticeView>> {
    let found = notices::list(&state.ctx, &visitor.actor()).await?;
    Ok(Json(found.iter().map(|(notice, new)| NoticeView::of(notice, *new)).collect()))
}

/// Notes that the visitor has seen the notices.
#[utoipa::path(
    post, path = "/notices/seen", tag = "notices", request_body = Seen, security(("session" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn seen(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Json(seen): Json<Seen>,
) -> Result<StatusCode, Failure> {
    let until = seen.until.parse().map_err(|_| Error::invalid("`until` is not a moment (RFC 3339)"))?;
    notices::mark_seen(&state.ctx, &visitor.actor(), until).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How often the visitor hears of each kind of notice by mail.
#[utoipa::path(
    get, path = "/notices/choices", tag = "notices", security(("session" = [])),
    responses((status = 200, body = Vec<ChoiceView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn choices(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<Vec<ChoiceView>> {
    let found = notices::choices(&state.ctx, &visitor.actor()).await?;
    Ok(Json(found.into_iter().map(|(kind, pace)| ChoiceView::of(kind, pace)).collect()))
}

/// Sets how often the visitor hears of kinds of notices by mail; kinds that are not named stay.
#[utoipa::path(
    put, path = "/notices/choices", tag = "notices", request_body = Vec<Choose>, security(("session" = [])),
    responses((status = 200, body = Vec<ChoiceView>), (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn choose(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Json(chosen): Json<Vec<Choose>>,
) -> Answered<Vec<ChoiceView>> {
    let pairs: Vec<(&str, &str)> = chosen.iter().map(|one| (one.kind.as_str(), one.pace.as_str())).collect();
    notices::choose(&state.ctx, &visitor.actor(), &pairs).await?;
    choices(visitor, Extract(state)).await
}
