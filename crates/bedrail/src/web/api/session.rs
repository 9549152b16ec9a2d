//! Signing in and out.

use axum::Json;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use bedrail_app::{Error, accounts};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use utoipa::ToSchema;

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::session::{self, SignedIn};
use crate::web::state::State;

/// Name and password.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Credentials {
    /// Sign-in name.
    name: String,
    /// Password.
    password: String,
}

/// A session that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// Sign-in name.
    account: String,
    /// The organisation's name.
    organisation: String,
    /// What every later change sends in `X-CSRF-Token`.
    csrf_token: String,
    /// Whether the password is a one-time password: everything else is refused until it was changed on the web page.
    must_change_password: bool,
}

/// Signs in: sets the session cookie.
#[utoipa::path(
    post, path = "/session", tag = "session", request_body = Credentials,
    responses((status = 200, body = SessionView), (status = 401, description = "Wrong name or password", body = Problem,
        content_type = "application/problem+json"))
)]
pub(crate) async fn sign_in(
    Extract(state): Extract<State>,
    session: Session,
    Json(credentials): Json<Credentials>,
) -> Answered<SessionView> {
    let account = match accounts::sign_in(&state.ctx, &credentials.name, &credentials.password).await {
        Err(Error::Denied { .. }) => {
            let message = "Name or password is wrong.";
            return Err(Failure::new(StatusCode::UNAUTHORIZED, "wrong_credentials", message));
        }
        account => account?,
    };
    let csrf_token = session::begin(&session, &account, state.now()).await?;
    Ok(Json(SessionView {
        account: account.name,
        organisation: account.org_name,
        csrf_token,
        must_change_password: account.must_change_password,
    }))
}

/// Signs out: ends the session.
#[utoipa::path(
    delete, path = "/session", tag = "session", security(("session" = [])),
    responses((status = 204, description = "Signed out"), (status = 401, body = Problem,
        content_type = "application/problem+json"))
)]
pub(crate) async fn sign_out(_visitor: SignedIn, session: Session) -> Result<StatusCode, Failure> {
    session::end(&session).await?;
    Ok(StatusCode::NO_CONTENT)
}
