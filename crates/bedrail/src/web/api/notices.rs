//! Notices.

use axum::Json;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use bedrail_app::{Error, notices};

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::etag::{self, IfMatch};
use crate::web::sent::Sent;
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
    Sent(seen): Sent<Seen>,
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
pub(crate) async fn choices(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Result<impl IntoResponse, Failure> {
    let found = notices::choices(&state.ctx, &visitor.actor()).await?;
    let version = notices::version_of_choices(&found);
    let found: Vec<ChoiceView> = found.into_iter().map(|(kind, pace)| ChoiceView::of(kind, pace)).collect();
    Ok((etag::of_version(&version), Json(found)))
}

/// Sets how often the visitor hears of kinds of notices by mail; kinds that are not named stay.
#[utoipa::path(
    put, path = "/notices/choices", tag = "notices", request_body = Vec<Choose>, security(("session" = [])),
    params(("If-Match" = Option<String>, Header, description = "The `ETag` of the choices that were seen; without it they are changed whatever they are")),
    responses((status = 200, body = Vec<ChoiceView>), (status = 409, description = "Changed meanwhile", body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn choose(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    seen: IfMatch,
    Sent(chosen): Sent<Vec<Choose>>,
) -> Result<impl IntoResponse, Failure> {
    let pairs: Vec<(&str, &str)> = chosen.iter().map(|one| (one.kind.as_str(), one.pace.as_str())).collect();
    notices::choose(&state.ctx, &visitor.actor(), &seen.or_whatever(), &pairs).await?;
    choices(visitor, Extract(state)).await
}
