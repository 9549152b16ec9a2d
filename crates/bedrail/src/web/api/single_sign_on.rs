//! Single sign-on of the organisation, and the link of one's own account to its provider.

use axum::Json;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use bedrail_app::Error;
use bedrail_app::single_sign_on::{self, Failed, identities};
use serde::Serialize;
use utoipa::ToSchema;

use super::Answered;
use crate::single_sign_on::SingleSignOnBody;
use crate::web::error::{Failure, Problem, sentence};
use crate::web::etag::{self, IfMatch};
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;

/// What the provider was found to be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckedView {
    /// Where it asks people who they are.
    authorization: String,
    /// Keys that it publishes.
    keys: usize,
    /// The address that it is to send people back to; missing where the server does not know its own.
    return_address: Option<String>,
}

/// An identity at the provider that is linked to one's own account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IdentityView {
    /// The provider.
    issuer: String,
    /// Since when, RFC 3339.
    created: String,
    /// The last sign-in by it, RFC 3339.
    used: Option<String>,
}

/// Single sign-on of the organisation, without the secret.
#[utoipa::path(
    get, path = "/organisation/single-sign-on", tag = "organisation", security(("session" = []), ("token" = [])),
    responses((status = 200, body = SingleSignOnBody), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not set up", body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn present(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Result<impl IntoResponse, Failure> {
    let found = single_sign_on::present(&state.ctx, &visitor.actor()).await?;
    let found = found.ok_or_else(|| Error::not_found("single sign-on of this organisation"))?;
    Ok((etag::of_version(&found.version()), Json(SingleSignOnBody::from(found))))
}

/// Sets single sign-on up, or changes it.
#[utoipa::path(
    put, path = "/organisation/single-sign-on", tag = "organisation", request_body = SingleSignOnBody,
    params(("If-Match" = Option<String>, Header, description = "The `ETag` of what was seen, or `*`; without it nothing may be set up yet")),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "Set"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Changed meanwhile; or the word is taken, or no administrator with a password would be left",
            body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn set(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    seen: IfMatch,
    Sent(wanted): Sent<SingleSignOnBody>,
) -> Result<impl IntoResponse, Failure> {
    let (wanted, secret) = wanted.settings()?;
    let seen = seen.or_nothing();
    let version = single_sign_on::set(&state.ctx, &visitor.actor(), &seen, wanted, secret.as_deref()).await?;
    Ok((StatusCode::NO_CONTENT, etag::of_version(&version)))
}

/// Takes single sign-on away, with its secret. Identities stay linked, for the day that it is set up again.
#[utoipa::path(
    delete, path = "/organisation/single-sign-on", tag = "organisation", security(("session" = []), ("token" = [])),
    responses((status = 204, description = "Taken away"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not set up", body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn remove(visitor: SignedIn, Extract(state): Extract<State>) -> Result<StatusCode, Failure> {
    single_sign_on::remove(&state.ctx, &visitor.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks the provider whether it answers.
#[utoipa::path(
    post, path = "/organisation/single-sign-on/check", tag = "organisation", security(("session" = []), ("token" = [])),
    responses((status = 200, body = CheckedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not set up", body = Problem, content_type = "application/problem+json"),
        (status = 502, description = "It does not answer as it should", body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn check(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<CheckedView> {
    let house = state.house();
    let found = single_sign_on::look(&state.ctx, &visitor.actor(), &house).await.map_err(failure)?;
    let settings = single_sign_on::present(&state.ctx, &visitor.actor()).await?;
    let return_address = settings.and_then(|settings| single_sign_on::return_address(&house, &settings.slug));
    Ok(Json(CheckedView { authorization: found.authorization, keys: found.keys, return_address }))
}

fn failure(failed: Failed) -> Failure {
    match failed {
        Failed::Other(error) => error.into(),
        failed => Failure::new(StatusCode::BAD_GATEWAY, failed.code(), sentence(&failed.to_string())),
    }
}

/// The identities at the organisation's provider that are linked to one's own account.
#[utoipa::path(
    get, path = "/account/identities", tag = "account", security(("session" = [])),
    responses((status = 200, body = Vec<IdentityView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn identities(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Answered<Vec<IdentityView>> {
    let found = identities::own(&state.ctx, &visitor.actor()).await?;
    let view = |identity: identities::Identity| IdentityView {
        issuer: identity.issuer,
        created: identity.created.to_string(),
        used: identity.used.map(|at| at.to_string()),
    };
    Ok(Json(found.into_iter().map(view).collect()))
}

/// Unlinks them. A browser links one, from the page of the account.
#[utoipa::path(
    delete, path = "/account/identities", tag = "account", security(("session" = [])),
    responses((status = 204, description = "Unlinked"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "None is linked", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The account has no password, so it would have no way in", body = Problem,
            content_type = "application/problem+json"))
)]
pub(crate) async fn unlink(visitor: SignedIn, Extract(state): Extract<State>) -> Result<StatusCode, Failure> {
    identities::unlink(&state.ctx, &visitor.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
