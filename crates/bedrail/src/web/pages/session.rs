//! Signing in and out, the change of a password, the theme.

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::accounts::{Proof, SignIn};
use bedrail_app::{Error, accounts, single_sign_on};
use bedrail_model::zone::Zone;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tower_sessions::Session;

use super::{Page, refuse, show};
use crate::web::assets;
use crate::web::caller::Caller;
use crate::web::error::{Failure, OwnPage, told};
use crate::web::form::Submission;
use crate::web::frame::{self, THEME};
use crate::web::link::{Link, own_path};
use crate::web::session::{self, SignedIn};
use crate::web::state::State;
use crate::web::texts::Texts;
use crate::web::viewer::ZONE;
use crate::web::viewer::texts;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    t: &'static Texts,
    token: String,
    next: String,
    name: String,
    /// The way in by an organisation's provider.
    door: Option<Door>,
    problem: Option<String>,
}

/// The way in by an organisation's provider.
struct Door {
    slug: String,
    org_name: String,
    name: String,
    passwords: bool,
    begin: String,
}

/// The way in by a provider that a sign-in page shows: that of its word; on the page without one, that of the only
/// organisation here, since a list of several would tell who they are.
async fn way_in(state: &State, slug: Option<&str>, next: &str) -> Result<Option<Door>, Failure> {
    let plate = single_sign_on::door_plate(&state.ctx, slug).await?;
    Ok(plate.map(|plate| Door {
        begin: begin_link(&plate.slug).with("next", if next == "/" { "" } else { next }).to_string(),
        slug: plate.slug,
        org_name: plate.org_name,
        name: plate.name,
        passwords: plate.passwords,
    }))
}

/// Where signing in by an organisation's provider begins.
pub(crate) fn begin_link(slug: &str) -> Link {
    Link::to(format!("/sign-in/{slug}/begin"))
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
    token: String,
    #[serde(default)]
    next: Option<String>,
    /// The word of the page that the form was on.
    #[serde(default)]
    door: Option<String>,
}

/// `GET /sign-in`
pub(crate) async fn sign_in_page(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    Query(next): Query<Next>,
) -> Result<Response, Failure> {
    let next = own_path(next.next.as_deref()).to_owned();
    let way_in = way_in(&state, None, &next).await?;
    let page = SignInPage {
        t: texts(),
        token: String::new(),
        next,
        name: String::new(),
        door: way_in,
        problem: None,
    };
    door(&state, &headers, page)
}

/// `GET /sign-in/{slug}`: the sign-in page of one organisation.
pub(crate) async fn own_sign_in_page(
    Extract(state): Extract<State>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    Query(next): Query<Next>,
) -> Result<Response, Failure> {
    let next = own_path(next.next.as_deref()).to_owned();
    let way_in = way_in(&state, Some(&slug), &next).await?;
    let way_in = way_in.ok_or_else(|| Failure::of_status(StatusCode::NOT_FOUND))?;
    let page = SignInPage {
        t: texts(),
        token: String::new(),
        next,
        name: String::new(),
        door: Some(way_in),
        problem: None,
    };
    door(&state, &headers, page)
}

/// `POST /sign-in`: there is no session yet that could hold a token, so the form carries the one that its page left in a
/// cookie. Without it another page could sign a person in under a name that is not theirs.
pub(crate) async fn sign_in(
    Extract(state): Extract<State>,
    session: Session,
    caller: Caller,
    headers: HeaderMap,
    axum::Form(form): axum::Form<Credentials>,
) -> Result<Response, Failure> {
    if !own_door(&state, &headers, &form.token) {
        let problem = texts().sign_in.not_ours.to_owned();
        return refused(&state, &headers, form, StatusCode::FORBIDDEN, problem).await;
    }
    let next = own_path(form.next.as_deref());
    match accounts::sign_in(&state.ctx, &form.name, &form.password, caller.address).await {
        Ok(SignIn::Done(account)) => {
            session::begin(&session, &account, Proof::Password, &caller, state.now()).await?;
            let to = if account.must_change_password { "/password" } else { next };
            Ok(Redirect::to(to).into_response())
        }
        Ok(SignIn::NeedsCode(account)) => {
            session::begin_half(&session, account, Proof::Password, next, state.now()).await?;
            Ok(Redirect::to("/sign-in/code").into_response())
        }
        Ok(SignIn::ByProvider(slug)) => {
            let problem = texts().sign_in.no_password.to_owned();
            let form = Credentials { door: Some(slug), ..form };
            refused(&state, &headers, form, StatusCode::FORBIDDEN, problem).await
        }
        Err(Error::Denied { .. }) => {
            let problem = texts().sign_in.wrong.to_owned();
            refused(&state, &headers, form, StatusCode::UNAUTHORIZED, problem).await
        }
        Err(error @ Error::Unavailable { .. }) => {
            refused(&state, &headers, form, StatusCode::TOO_MANY_REQUESTS, told(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    t: &'static Texts,
    problem: Option<String>,
}

/// What the page that asks for a code sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Code {
    code: String,
}

/// `GET /sign-in/code`
pub(crate) async fn code_page(Extract(state): Extract<State>, session: Session) -> Result<Response, Failure> {
    match session::half(&session, state.now()).await? {
        Some(_) => Ok(show(&CodePage { t: texts(), problem: None })?.into_response()),
        None => Ok(Redirect::to("/sign-in").into_response()),
    }
}

/// `POST /sign-in/code`: the second step. The half session that it needs is `SameSite`, and nobody else's code fits it.
pub(crate) async fn code(
    Extract(state): Extract<State>,
    session: Session,
    caller: Caller,
    axum::Form(form): axum::Form<Code>,
) -> Result<Response, Failure> {
    let Some((id, proof, next)) = session::half(&session, state.now()).await? else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let finished = accounts::finish_sign_in(&state.ctx, id, &form.code, proof, caller.address).await;
    let (status, problem) = match finished {
        Ok(account) => {
            session::begin(&session, &account, proof, &caller, state.now()).await?;
            let to = if account.must_change_password { "/password" } else { own_path(Some(&next)) };
            return Ok(Redirect::to(to).into_response());
        }
        Err(Error::Denied { .. }) => (StatusCode::UNAUTHORIZED, texts().factor.wrong.to_owned()),
        Err(error @ Error::Unavailable { .. }) => (StatusCode::TOO_MANY_REQUESTS, told(&error)),
        Err(error) => return Err(error.into()),
    };
    Ok((status, OwnPage, show(&CodePage { t: texts(), problem: Some(problem) })?).into_response())
}

async fn refused(
    state: &State,
    headers: &HeaderMap,
    form: Credentials,
    status: StatusCode,
    problem: String,
) -> Result<Response, Failure> {
    let next = own_path(form.next.as_deref()).to_owned();
    let way_in = way_in(state, form.door.as_deref(), &next).await?;
    let page = SignInPage {
        t: texts(),
        token: String::new(),
        next,
        name: form.name,
        door: way_in,
        problem: Some(problem),
    };
    Ok((status, OwnPage, door(state, headers, page)?).into_response())
}

/// The sign-in page with the token of this browser, a new one where it has none.
fn door(state: &State, headers: &HeaderMap, page: SignInPage) -> Result<Response, Failure> {
    let name = door_cookie(state);
    let held = frame::cookie(headers, name).filter(|token| is_token(token)).map(str::to_owned);
    let token = held.unwrap_or_else(|| hex::encode(rand::random::<[u8; 16]>()));
    let secure = if state.options.over_tls() { "; Secure" } else { "" };
    let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict{secure}");
    let page = show(&SignInPage { token, ..page })?;
    Ok(([(header::SET_COOKIE, cookie)], page).into_response())
}

/// Whether the token of the form is the one in the browser's cookie.
fn own_door(state: &State, headers: &HeaderMap, token: &str) -> bool {
    is_token(token)
        && frame::cookie(headers, door_cookie(state))
            .is_some_and(|held| Sha256::digest(held) == Sha256::digest(token))
}

/// Behind TLS the name forbids every other host, a neighbour under the same domain too, to set it.
fn door_cookie(state: &State) -> &'static str {
    if state.options.over_tls() { "__Host-bedrail-door" } else { "bedrail-door" }
}

fn is_token(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `POST /sign-out`
pub(crate) async fn sign_out(session: Session, _form: Submission) -> Result<Redirect, Failure> {
    session::end(&session).await?;
    Ok(Redirect::to("/sign-in"))
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    t: &'static Texts,
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
        t: texts(),
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
    caller: Caller,
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
            session::begin(&session, &account, form.visitor.proof, &caller, state.now()).await?;
            return Ok(Redirect::to("/").into_response());
        }
        Err(Error::Denied { .. }) => texts().password.wrong.to_owned(),
        Err(error @ Error::Invalid { .. }) => told(&error),
        Err(error) => return Err(error.into()),
    };
    refuse(&password_view(form.visitor, Some(problem)))
}

/// `POST /organisation`: goes over to another organisation, under a fresh session.
pub(crate) async fn enter(
    Extract(state): Extract<State>,
    session: Session,
    caller: Caller,
    form: Submission,
) -> Result<Redirect, Failure> {
    let wanted = form.field("organisation").and_then(|id| id.parse().ok());
    let wanted = wanted.ok_or_else(|| Failure::of_status(StatusCode::NOT_FOUND))?;
    let account = accounts::enter(&state.ctx, &form.visitor.actor(), wanted).await?;
    // A device list that waits was meant for the organisation that is left.
    state.waiting.forget((account.id, form.visitor.account.org));
    session::begin(&session, &account, form.visitor.proof, &caller, state.now()).await?;
    Ok(Redirect::to("/"))
}

/// `POST /zone`: remembers the zone that times are written in, on the pages of this browser and in mails; none lets the
/// browser use its own.
pub(crate) async fn zone(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    let chosen = form.field("zone").filter(|code| !code.is_empty());
    accounts::set_zone(&state.ctx, &form.visitor.actor(), chosen).await?;
    let secure = if state.options.behind_tls { "; Secure" } else { "" };
    let (code, age) = match chosen.and_then(Zone::of) {
        Some(zone) => (zone.code, 31_536_000),
        None => ("", 0),
    };
    let cookie = format!("{ZONE}={code}; Path=/; Max-Age={age}; SameSite=Lax{secure}");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/account")).into_response())
}

/// `POST /theme`: remembers a theme in a cookie that scripts may read; it says nothing about the person.
pub(crate) async fn theme(Extract(state): Extract<State>, form: Submission) -> Response {
    let theme = if form.field("theme") == Some("dark") { "dark" } else { "light" };
    let secure = if state.options.over_tls() { "; Secure" } else { "" };
    let cookie = format!("{THEME}={theme}; Path=/; Max-Age=31536000; SameSite=Lax{secure}");
    ([(header::SET_COOKIE, cookie)], Redirect::to(own_path(form.field("back")))).into_response()
}
