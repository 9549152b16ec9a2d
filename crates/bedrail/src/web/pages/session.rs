//! Signing in and out, the change of a password, the theme.

use askama::Template;
use axum::extract::{Query, State as Extract};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::{Error, accounts};
use serde::Deserialize;
use tower_sessions::Session;

use super::{Page, refuse, show};
use crate::web::assets;
use crate::web::error::{Failure, OwnPage, sentence};
use crate::web::form::Submission;
use crate::web::frame::THEME;
use crate::web::link::own_path;
use crate::web::session::{self, SignedIn};
use crate::web::state::State;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    next: String,
    name: String,
    problem: Option<String>,
}

/// Where to go after sign-in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Next {
    next: Option<String>,
}

/// What the form of the sign-in page sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Credentials {
    name: String,
    password: String,
    #[serde(default)]
    next: Option<String>,
}

/// `GET /sign-in`
pub(crate) async fn sign_in_page(Query(next): Query<Next>) -> Page {
    show(&SignInPage { next: own_path(next.next.as_deref()).to_owned(), name: String::new(), problem: None })
}

/// `POST /sign-in`: no token, since there is no session to protect yet; the origin check guards against a foreign
/// page that would sign somebody in.
pub(crate) async fn sign_in(
    Extract(state): Extract<State>,
    session: Session,
    axum::Form(form): axum::Form<Credentials>,
) -> Result<Response, Failure> {
    match accounts::sign_in(&state.ctx, &form.name, &form.password).await {
        Ok(account) => {
            session::begin(&session, &account, state.now()).await?;
            let to = if account.must_change_password { "/password" } else { own_path(form.next.as_deref()) };
            Ok(Redirect::to(to).into_response())
        }
        Err(Error::Denied { .. }) => {
            refused(form, StatusCode::UNAUTHORIZED, "Name or password is wrong.".to_owned())
        }
        Err(Error::Unavailable { message, hint }) => {
            let text =
                format!("{} {}", sentence(&message), hint.as_deref().map(sentence).unwrap_or_default());
            refused(form, StatusCode::TOO_MANY_REQUESTS, text)
        }
        Err(error) => Err(error.into()),
    }
}

fn refused(form: Credentials, status: StatusCode, problem: String) -> Result<Response, Failure> {
    let next = own_path(form.next.as_deref()).to_owned();
    let page = SignInPage { next, name: form.name, problem: Some(problem) };
    Ok((status, OwnPage, show(&page)?).into_response())
}

/// `POST /sign-out`
pub(crate) async fn sign_out(session: Session, _form: Submission) -> Result<Redirect, Failure> {
    session::end(&session).await?;
    Ok(Redirect::to("/sign-in"))
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    name: String,
    token: String,
    forced: bool,
    problem: Option<String>,
}

/// `GET /password`
pub(crate) async fn password_page(visitor: SignedIn) -> Page {
    show(&password_view(visitor, None))
}

fn password_view(visitor: SignedIn, problem: Option<String>) -> PasswordPage {
    PasswordPage {
        forced: visitor.account.must_change_password,
        name: visitor.account.name,
        token: visitor.token,
        problem,
    }
}

/// `POST /password`
pub(crate) async fn change_password(
    Extract(state): Extract<State>,
    session: Session,
    form: Submission,
) -> Result<Response, Failure> {
    let (present, new) = (form.verbatim("present"), form.verbatim("new"));
    let again = new == form.verbatim("again");
    let account = form.visitor.account.clone();
    let changed = if again {
        accounts::change_password(&state.ctx, &form.visitor.actor(), present, new).await
    } else {
        Err(Error::invalid("the two new passwords are not the same"))
    };
    let problem = match changed {
        Ok(()) => {
            session::begin(&session, &account, state.now()).await?;
            return Ok(Redirect::to("/").into_response());
        }
        Err(Error::Denied { .. }) => "The present password is wrong.".to_owned(),
        Err(Error::Invalid { message, hint }) => {
            format!("{} {}", sentence(&message), hint.as_deref().map(sentence).unwrap_or_default())
        }
        Err(error) => return Err(error.into()),
    };
    refuse(&password_view(form.visitor, Some(problem)))
}

/// `POST /organisation`: goes over to another organisation, under a fresh session.
pub(crate) async fn enter(
    Extract(state): Extract<State>,
    session: Session,
    form: Submission,
) -> Result<Redirect, Failure> {
    let wanted = form.field("organisation").and_then(|id| id.parse().ok());
    let wanted = wanted.ok_or_else(|| Failure::of_status(StatusCode::NOT_FOUND))?;
    let account = accounts::enter(&state.ctx, &form.visitor.actor(), wanted).await?;
    // A device list that waits was meant for the organisation that is left.
    state.waiting.forget(account.id);
    session::begin(&session, &account, state.now()).await?;
    Ok(Redirect::to("/"))
}

/// `POST /theme`: remembers a theme in a cookie that scripts may read; it says nothing about the person.
pub(crate) async fn theme(Extract(state): Extract<State>, form: Submission) -> Response {
    let theme = if form.field("theme") == Some("dark") { "dark" } else { "light" };
    let secure = if state.options.behind_tls { "; Secure" } else { "" };
    let cookie = format!("{THEME}={theme}; Path=/; Max-Age=31536000; SameSite=Lax{secure}");
    ([(header::SET_COOKIE, cookie)], Redirect::to(own_path(form.field("back")))).into_response()
}
