//! Taking an invitation up: with a new account, or with the one that the visitor has.

use askama::Template;
use axum::extract::{Query, State as Extract};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::accounts;
use bedrail_app::accounts::Proof;
use bedrail_app::accounts::invitations::{self, Invitation};
use bedrail_app::rights::Role;
use bedrail_app::single_sign_on;
use serde::Deserialize;
use tower_sessions::Session;

use super::show;
use crate::web::assets;
use crate::web::caller::Caller;
use crate::web::error::{Failure, OwnPage, told};
use crate::web::form::Submission;
use crate::web::link::Link;
use crate::web::session::{self, SignedIn};
use crate::web::state::State;
use crate::web::texts::Texts;
use crate::web::viewer::texts;

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage {
    t: &'static Texts,
    code: String,
    /// Where signing in first leads back from.
    sign_in: String,
    /// The way in by the organisation's provider: where it begins, and its name.
    provider: Option<(String, String)>,
    /// Whether the new account can be one with a password.
    passwords: bool,
    /// What the code invites to; none before a code was given.
    to: Option<(String, String)>,
    name: String,
    /// Who is signed in, with the token of their forms.
    visitor: Option<(String, String)>,
    problem: Option<String>,
}

/// The code in a link.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Given {
    code: String,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Acceptance {
    code: String,
    name: String,
    new: String,
    again: String,
}

/// `GET /invitation`
pub(crate) async fn page(
    Extract(state): Extract<State>,
    visitor: Result<SignedIn, Failure>,
    Query(given): Query<Given>,
) -> Result<Response, Failure> {
    let visitor = visitor.ok().map(|visitor| (visitor.account.name, visitor.token));
    let blank = InvitationPage {
        t: texts(),
        sign_in: String::new(),
        provider: None,
        passwords: true,
        code: given.code,
        to: None,
        name: String::new(),
        visitor,
        problem: None,
    };
    if blank.code.trim().is_empty() {
        return Ok(show(&blank)?.into_response());
    }
    answer(&state, blank, None).await
}

/// The page with what the code invites to, or with what is wrong with it.
async fn answer(state: &State, page: InvitationPage, failed: Option<Error>) -> Result<Response, Failure> {
    let back = Link::to("/invitation").with("code", &page.code).to_string();
    let page =
        InvitationPage { t: texts(), sign_in: Link::to("/sign-in").with("next", back).to_string(), ..page };
    let (to, page, looked) = match invitations::look(&state.ctx, &page.code).await {
        Ok(found) => (Some(words(&found)), ways(state, page, &found).await?, None),
        Err(error) => (None, page, Some(error)),
    };
    let Some(error) = failed.or(looked) else {
        return Ok(show(&InvitationPage { t: texts(), to, ..page })?.into_response());
    };
    let (status, problem) = match error {
        Error::NotFound { .. } => (StatusCode::NOT_FOUND, texts().invitation.opens_nothing.to_owned()),
        error @ (Error::Invalid { .. } | Error::Conflict { .. }) => {
            (StatusCode::UNPROCESSABLE_ENTITY, told(&error))
        }
        error => return Err(error.into()),
    };
    Ok((status, OwnPage, show(&InvitationPage { t: texts(), to, problem: Some(problem), ..page })?)
        .into_response())
}

/// The page with the ways in that the inviting organisation has.
async fn ways(
    state: &State,
    page: InvitationPage,
    invitation: &Invitation,
) -> Result<InvitationPage, Failure> {
    let Some(plate) = single_sign_on::door_plate_of(&state.ctx, invitation.org).await? else {
        return Ok(page);
    };
    let begin = Link::to(format!("/sign-in/{}/begin", plate.slug)).with("invitation", &page.code);
    let passwords = plate.passwords || invitation.grant.roles.contains(&Role::Administrator);
    Ok(InvitationPage { t: texts(), provider: Some((begin.to_string(), plate.name)), passwords, ..page })
}

fn words(invitation: &Invitation) -> (String, String) {
    let roles = invitation.grant.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ");
    (invitation.org_name.clone(), roles)
}

/// `POST /invitation`: a new account. No token: there is no session yet, and the code is known to its owner only.
pub(crate) async fn accept_new(
    Extract(state): Extract<State>,
    session: Session,
    caller: Caller,
    axum::Form(form): axum::Form<Acceptance>,
) -> Result<Response, Failure> {
    let accepted = if form.new == form.again {
        invitations::accept_new(&state.ctx, &form.code, &form.name, &form.new).await
    } else {
        Err(Error::invalid("the two passwords are not the same"))
    };
    if let Err(error) = accepted {
        let page = InvitationPage {
            t: texts(),
            sign_in: String::new(),
            provider: None,
            passwords: true,
            code: form.code,
            to: None,
            name: form.name,
            visitor: None,
            problem: None,
        };
        return answer(&state, page, Some(error)).await;
    }
    // The new account has no second factor yet; where one is asked for, the first page leads there.
    if let Ok(accounts::SignIn::Done(account)) =
        accounts::sign_in(&state.ctx, &form.name, &form.new, caller.address).await
    {
        session::begin(&session, &account, Proof::Password, &caller, state.now()).await?;
        return Ok(Redirect::to("/").into_response());
    }
    Ok(Redirect::to("/sign-in").into_response())
}

/// `POST /invitation/join`: with the account that is signed in, which then works in the new organisation.
pub(crate) async fn join(
    Extract(state): Extract<State>,
    session: Session,
    caller: Caller,
    form: Submission,
) -> Result<Response, Failure> {
    let code = form.field("code").unwrap_or_default().to_owned();
    let actor = form.visitor.actor();
    match invitations::accept(&state.ctx, &actor, &code).await {
        Ok(org) => {
            let account = accounts::enter(&state.ctx, &actor, org).await?;
            state.waiting.forget((account.id, form.visitor.account.org));
            session::begin(&session, &account, form.visitor.proof, &caller, state.now()).await?;
            Ok(Redirect::to("/").into_response())
        }
        Err(error) => {
            let visitor = Some((form.visitor.account.name.clone(), form.visitor.token.clone()));
            let page = InvitationPage {
                t: texts(),
                sign_in: String::new(),
                provider: None,
                passwords: true,
                code,
                to: None,
                name: String::new(),
                visitor,
                problem: None,
            };
            answer(&state, page, Some(error)).await
        }
    }
}
