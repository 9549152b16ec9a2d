//! Signing in and out.

use axum::Json;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use bedrail_app::accounts::{Proof, SignIn};
use bedrail_app::{Error, accounts};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use utoipa::ToSchema;

use super::Answered;
use crate::web::caller::Caller;
use crate::web::error::{Failure, Problem};
use crate::web::sent::Sent;
use crate::web::session::{self, SignedIn};
use crate::web::state::State;

/// Name and password, and the code of the second factor where there is one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// Sign-in name.
    name: String,
    /// Password.
    password: String,
    /// Six digits of the second factor, or a recovery code, which is then used up.
    code: Option<String>,
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
    /// Whether the organisation asks for a second factor that is not there yet: everything else is refused until it was set
    /// up on the web page.
    must_set_up_second_factor: bool,
}

/// Signs in: sets the session cookie.
#[utoipa::path(
    post, path = "/session", tag = "session", request_body = Credentials,
    responses((status = 200, body = SessionView), (status = 401, description = "Wrong name or password", body = Problem,
        content_type = "application/problem+json"),
        (status = 403, description = "The organisation takes no password", body = Problem,
        content_type = "application/problem+json"))
)]
pub(crate) async fn sign_in(
    Extract(state): Extract<State>,
    session: Session,
    caller: Caller,
    Sent(credentials): Sent<Credentials>,
) -> Answered<SessionView> {
    let wrong = |message| Failure::new(StatusCode::UNAUTHORIZED, "wrong_credentials", message);
    let signed_in =
        accounts::sign_in(&state.ctx, &credentials.name, &credentials.password, caller.address).await;
    let account = match signed_in {
        Err(Error::Denied { .. }) => return Err(wrong("Name or password is wrong.")),
        Ok(SignIn::NeedsCode(id)) => {
            let code = credentials.code.as_deref().ok_or_else(Failure::needs_code)?;
            match accounts::finish_sign_in(&state.ctx, id, code, Proof::Password, caller.address).await {
                Err(Error::Denied { .. }) => return Err(wrong("The code is wrong, or was used already.")),
                account => account?,
            }
        }
        Ok(SignIn::ByProvider(_)) => return Err(Failure::by_provider()),
        Ok(SignIn::Done(account)) => account,
        Err(error) => return Err(error.into()),
    };
    let csrf_token = session::begin(&session, &account, Proof::Password, &caller, state.now()).await?;
    Ok(Json(SessionView {
        account: account.name,
        organisation: account.org_name,
        csrf_token,
        must_change_password: account.must_change_password,
        must_set_up_second_factor: account.must_set_up_factor,
    }))
}

/// Signs out: ends the session.
#[utoipa::path(
    delete, path = "/session", tag = "session", security(("session" = [])),
    responses((status = 204, description = "Signed out"), (status = 401, body = Problem,
        content_type = "application/problem+json"))
)]
pub(crate) async fn sign_out(visitor: SignedIn, session: Session) -> Result<StatusCode, Failure> {
    if visitor.session.is_none() {
        let message = "A token has no session to end.";
        return Err(Failure::new(StatusCode::FORBIDDEN, "denied", message).hint("End the token itself."));
    }
    session::end(&session).await?;
    Ok(StatusCode::NO_CONTENT)
}
