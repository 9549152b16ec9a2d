//! The channels that carry notices outside.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use bedrail_app::Error;
use bedrail_app::notices::{self, Channel, SetChannel, SetUp};

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::etag::{self, IfMatch};
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::channel::{ChannelBody, ChannelView};

fn channel(code: &str) -> Result<Channel, Error> {
    Channel::from_code(code).ok_or_else(|| Error::not_found(format!("the channel {code}")))
}

/// The channels that are set up, without their secrets.
#[utoipa::path(
    get, path = "/notices/channels", tag = "notices", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<ChannelView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<Vec<ChannelView>> {
    let found = notices::channels(&state.ctx, &visitor.actor()).await?;
    Ok(Json(found.iter().map(ChannelView::from).collect()))
}

async fn present(state: &State, visitor: &SignedIn, wanted: Channel) -> Result<Option<SetUp>, Error> {
    let found = notices::channels(&state.ctx, &visitor.actor()).await?;
    Ok(found.into_iter().find(|each| each.state.channel() == wanted))
}

/// One channel, without its secret.
#[utoipa::path(
    get, path = "/notices/channels/{channel}", tag = "notices",
    params(("channel" = String, Path, description = "`mail`, `webhook` or `syslog`")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = ChannelView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(code): Path<String>,
) -> Result<impl IntoResponse, Failure> {
    let found = present(&state, &visitor, channel(&code)?).await?;
    let found = found.ok_or_else(|| Error::not_found(format!("the channel {code}")))?;
    Ok((etag::of_version(&found.version), Json(ChannelView::from(&found))))
}

/// Sets a channel up, or changes it. `If-Match` is needed where it is set up already.
#[utoipa::path(
    put, path = "/notices/channels/{channel}", tag = "notices", request_body = ChannelBody,
    params(("channel" = String, Path, description = "`mail`, `webhook` or `syslog`"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` or `version` of the channel that was seen, or `*`")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = ChannelView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn set(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(code): Path<String>,
    seen: IfMatch,
    Sent(body): Sent<ChannelBody>,
) -> Result<impl IntoResponse, Failure> {
    let wanted = channel(&code)?;
    let (settings, secret) = body.settings()?;
    if settings.channel() != wanted {
        return Err(Error::invalid("the body sets another channel up than the path names").into());
    }
    let command = SetChannel { seen: seen.or_nothing(), state: settings, secret };
    notices::set_channel(&state.ctx, &visitor.actor(), command).await?;
    let found = present(&state, &visitor, wanted).await?;
    let found = found.ok_or_else(|| Error::not_found(format!("the channel {code}")))?;
    Ok((etag::of_version(&found.version), Json(ChannelView::from(&found))))
}

/// Takes a channel away, with its secret.
#[utoipa::path(
    delete, path = "/notices/channels/{channel}", tag = "notices",
    params(("channel" = String, Path, description = "`mail`, `webhook` or `syslog`")),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "Taken away"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn remove(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(code): Path<String>,
) -> Result<StatusCode, Failure> {
    notices::remove_channel(&state.ctx, &visitor.actor(), channel(&code)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a notice that says that it is a test by every channel; background jobs do it, and their page says how it went.
#[utoipa::path(
    post, path = "/notices/test", tag = "notices", security(("session" = []), ("token" = [])),
    responses((status = 202, description = "Asked for"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn test(visitor: SignedIn, Extract(state): Extract<State>) -> Result<StatusCode, Failure> {
    notices::test_channel(&state.ctx, &visitor.actor()).await?;
    Ok(StatusCode::ACCEPTED)
}
