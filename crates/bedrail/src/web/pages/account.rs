//! The visitor's own account: sessions, second factor, tokens, emergency access.

use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::accounts::{emergency, factors, sessions, tokens};
use bedrail_app::rights::Right;
use bedrail_app::single_sign_on;
use bedrail_model::zone::ZONES;

use super::session::begin_link;
use super::{Page, id_of, refuse, show};
use crate::web::assets;
use crate::web::error::{Failure, told};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::Choice;
use crate::web::qr;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::texts::Texts;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    headline: String,
    roles: String,
    second_factor: bool,
    codes_left: u64,
    sessions: Vec<SessionRow>,
    emergency_until: Option<String>,
    hours: i64,
    password: bool,
    sign_on: Option<SignOn>,
    zones: Vec<Choice>,
    problem: Option<String>,
}

/// The organisation's provider, and whether the account is linked to it.
struct SignOn {
    name: String,
    begin: String,
    linked: Option<String>,
}

async fn sign_on(state: &State, visitor: &SignedIn) -> Result<Option<SignOn>, Failure> {
    let plate = single_sign_on::door_plate_of(&state.ctx, visitor.account.org).await?;
    let Some(plate) = plate else { return Ok(None) };
    let found = single_sign_on::identities::own(&state.ctx, &visitor.actor()).await?;
    let linked = found.first().map(|identity| {
        let t = &texts().account;
        let used =
            identity.used.map_or(t.never_used.to_owned(), |at| (t.last_used)(&words::ago(at, state.now())));
        (t.linked_since)(&words::day(identity.created), &used)
    });
    let begin = begin_link(&plate.slug).with("link", "1").to_string();
    Ok(Some(SignOn { name: plate.name, begin, linked }))
}

struct SessionRow {
    key: String,
    browser: String,
    address: String,
    begun: String,
    seen: String,
    present: bool,
}

/// `GET /account`
pub(crate) async fn page(frame: Frame, Extract(state): Extract<State>) -> Page {
    show(&account_page(&state, frame, None).await?)
}

async fn account_page(state: &State, frame: Frame, problem: Option<String>) -> Result<AccountPage, Failure> {
    let (now, visitor) = (state.now(), &frame.visitor);
    let found = sessions::own(&state.ctx, &visitor.actor(), visitor.session.as_deref()).await?;
    let codes_left = factors::codes_left(&state.ctx, &visitor.actor()).await?;
    let account = &visitor.account;
    let (t, person) = (&texts().account, &texts().person);
    let factor = if account.second_factor { person.with_factor } else { person.without_factor };
    let places = found.len() as u64;
    let row = |each: sessions::OwnSession| SessionRow {
        key: each.key,
        browser: each.facts.browser,
        address: each.facts.address.unwrap_or_else(|| t.unknown_address.into()),
        begun: words::time(each.facts.begun),
        seen: words::time_ago(each.facts.seen, now),
        present: each.present,
    };
    Ok(AccountPage {
        headline: (t.headline)(&account.name, places, factor),
        roles: account.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", "),
        second_factor: account.second_factor,
        codes_left,
        sessions: found.into_iter().map(row).collect(),
        emergency_until: account.emergency_until.map(words::minute),
        hours: emergency::HOURS,
        password: account.password,
        sign_on: sign_on(state, visitor).await?,
        zones: Choice::list(ZONES.iter().map(|zone| (zone.code, zone.name)), frame.zone),
        problem,
        frame,
    })
}

/// `POST /account/sessions/end`: one of the visitor's sessions.
pub(crate) async fn end_session(
    Extract(state): Extract<State>,
    form: Submission,
) -> Result<Redirect, Failure> {
    sessions::end(&state.ctx, &form.visitor.actor(), form.field("key").unwrap_or_default()).await?;
    Ok(Redirect::to("/account"))
}

/// `POST /account/sessions/end-others`
pub(crate) async fn end_others(
    Extract(state): Extract<State>,
    form: Submission,
) -> Result<Redirect, Failure> {
    let present = form.visitor.session.as_deref().unwrap_or_default();
    sessions::end_others(&state.ctx, &form.visitor.actor(), present).await?;
    Ok(Redirect::to("/account"))
}

/// `POST /account/emergency`
pub(crate) async fn take_emergency(
    Extract(state): Extract<State>,
    form: Submission,
) -> Result<Response, Failure> {
    let reason = form.field("reason").unwrap_or_default();
    match emergency::begin(&state.ctx, &form.visitor.actor(), reason).await {
        Ok(_) => Ok(Redirect::to("/").into_response()),
        Err(error @ Error::Invalid { .. }) => {
            refuse(&account_page(&state, form.frame("/account"), Some(told(&error))).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /account/emergency/end`
pub(crate) async fn end_emergency(
    Extract(state): Extract<State>,
    form: Submission,
) -> Result<Redirect, Failure> {
    emergency::end(&state.ctx, &form.visitor.actor()).await?;
    Ok(Redirect::to("/account"))
}

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SetupPage {
    t: &'static Texts,
    token: String,
    forced: bool,
    secret: String,
    qr: String,
    problem: Option<String>,
}

/// `GET /account/second-factor`
pub(crate) async fn second_factor(
    Extract(state): Extract<State>,
    visitor: SignedIn,
) -> Result<Response, Failure> {
    if visitor.account.second_factor {
        return Ok(Redirect::to("/account").into_response());
    }
    Ok(show(&setup_page(&state, &visitor, None).await?)?.into_response())
}

async fn setup_page(
    state: &State,
    visitor: &SignedIn,
    problem: Option<String>,
) -> Result<SetupPage, Failure> {
    let setup = factors::begin(&state.ctx, &visitor.actor()).await?;
    Ok(SetupPage {
        t: texts(),
        token: visitor.token.clone(),
        forced: visitor.account.must_set_up_factor,
        qr: qr::svg(&setup.uri).unwrap_or_default(),
        secret: setup.secret,
        problem,
    })
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct CodesPage {
    t: &'static Texts,
    codes: Vec<String>,
}

/// `POST /account/second-factor/confirm`: answers with the recovery codes, which are shown this once.
pub(crate) async fn confirm(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    let code = form.field("code").unwrap_or_default();
    match factors::confirm(&state.ctx, &form.visitor.actor(), code).await {
        Ok(codes) => Ok(show(&CodesPage { t: texts(), codes })?.into_response()),
        Err(Error::Denied { .. }) => {
            let problem = texts().factor.not_now.to_owned();
            refuse(&setup_page(&state, &form.visitor, Some(problem)).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /account/second-factor/codes`: new recovery codes, for a code of the app.
pub(crate) async fn renew_codes(
    Extract(state): Extract<State>,
    form: Submission,
) -> Result<Response, Failure> {
    let code = form.field("code").unwrap_or_default();
    match factors::renew_codes(&state.ctx, &form.visitor.actor(), code).await {
        Ok(codes) => Ok(show(&CodesPage { t: texts(), codes })?.into_response()),
        Err(error) => wrong_code(&state, &form, error).await,
    }
}

/// `POST /account/second-factor/remove`
pub(crate) async fn remove_factor(
    Extract(state): Extract<State>,
    form: Submission,
) -> Result<Response, Failure> {
    let code = form.field("code").unwrap_or_default();
    match factors::remove(&state.ctx, &form.visitor.actor(), code).await {
        Ok(()) => Ok(Redirect::to("/account").into_response()),
        Err(error) => wrong_code(&state, &form, error).await,
    }
}

async fn wrong_code(state: &State, form: &Submission, error: Error) -> Result<Response, Failure> {
    if !matches!(error, Error::Denied { .. }) {
        return Err(error.into());
    }
    let problem = texts().factor.wrong.to_owned();
    refuse(&account_page(state, form.frame("/account"), Some(problem)).await?)
}

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage {
    frame: Frame,
    headline: String,
    rows: Vec<TokenRow>,
    rights: Vec<(&'static str, &'static str)>,
    days: u16,
    days_at_most: u16,
    /// The text of a token that was just made: shown this once.
    made: Option<String>,
    problem: Option<String>,
}

struct TokenRow {
    id: String,
    name: String,
    rights: String,
    expires: String,
    used: String,
}

/// `GET /account/tokens`
pub(crate) async fn tokens(frame: Frame, Extract(state): Extract<State>) -> Page {
    frame.need(Right::UseTokens)?;
    show(&tokens_page(&state, frame).await?)
}

async fn tokens_page(state: &State, frame: Frame) -> Result<TokensPage, Failure> {
    let (now, actor) = (state.now(), frame.visitor.actor());
    let found = tokens::own(&state.ctx, &actor).await?;
    let rights = tokens::offered(&actor).map(|right| (right.code(), right.words())).collect();
    let standing = found.iter().filter(|token| now < token.expires).count() as u64;
    let t = &texts().tokens;
    let row = |token: tokens::Token| TokenRow {
        id: token.id.to_string(),
        name: token.name,
        rights: token.rights.iter().map(Right::words).collect::<Vec<_>>().join(", "),
        expires: if now < token.expires { words::day(token.expires) } else { t.expired.into() },
        used: match (token.used, token.used_from) {
            (Some(at), Some(from)) => (t.used_from)(&words::ago(at, now), &from),
            (Some(at), None) => words::ago(at, now),
            (None, _) => t.never.into(),
        },
    };
    Ok(TokensPage {
        headline: (t.headline)(standing, &frame.organisation),
        rows: found.into_iter().map(row).collect(),
        rights,
        days: tokens::DAYS,
        days_at_most: tokens::DAYS_AT_MOST,
        made: None,
        problem: None,
        frame,
    })
}

/// `POST /account/tokens`: answers with the token, which is shown this once.
pub(crate) async fn make_token(
    Extract(state): Extract<State>,
    form: Submission,
) -> Result<Response, Failure> {
    let rights = form.fields_under("right.").filter_map(|(code, _)| Right::from_code(code)).collect();
    let new = tokens::NewToken {
        name: form.field("name").unwrap_or_default().to_owned(),
        rights,
        days: form.field("days").and_then(|days| days.parse().ok()).unwrap_or(0),
    };
    let made = tokens::make(&state.ctx, &form.visitor.actor(), &new).await;
    let page = tokens_page(&state, form.frame("/account")).await?;
    match made {
        Ok((_, text)) => Ok(show(&TokensPage { made: Some(text), ..page })?.into_response()),
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
            refuse(&TokensPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /account/tokens/{id}/end`
pub(crate) async fn end_token(
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    form: Submission,
) -> Result<Redirect, Failure> {
    tokens::end(&state.ctx, &form.visitor.actor(), id_of(&id)?).await?;
    Ok(Redirect::to("/account/tokens"))
}
