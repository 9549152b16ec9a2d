//! Single sign-on: to the provider and back, the link between an account and an identity there, and the organisation's
//! settings for it.

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::rights::{ROLES, Right};
use bedrail_app::single_sign_on::{
    self, Answer, Arrival, BY_HAND_ONLY, Failed, MappedValue, Newcomers, Purpose, Settings, identities,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{Page, refuse, show};
use crate::single_sign_on::{row_as_typed, typed_row};
use crate::web::assets;
use crate::web::caller::Caller;
use crate::web::error::{Failure, OwnPage, sentence, told};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::link::own_path;
use crate::web::meanwhile;
use crate::web::session;
use crate::web::state::State;
use crate::web::texts::Texts;
use crate::web::viewer::texts;

/// What somebody wants who goes to the provider.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    next: Option<String>,
    invitation: Option<String>,
    link: Option<String>,
}

/// `GET /sign-in/{slug}/begin`: sends the browser to the provider. A link and no form: our pages' policy lets forms lead to
/// ourselves only, and nothing happens here that another page could make somebody regret.
pub(crate) async fn begin(
    Extract(state): Extract<State>,
    Path(slug): Path<String>,
    session: Session,
    Query(wish): Query<Wish>,
) -> Result<Response, Failure> {
    let purpose = match (wish.link, wish.invitation) {
        (Some(_), _) => Purpose::Link,
        (None, Some(code)) => Purpose::Invitation(code),
        (None, None) => Purpose::SignIn,
    };
    let next = own_path(wish.next.as_deref());
    match single_sign_on::begin(&state.ctx, &state.house(), &slug, purpose, next).await {
        Ok((address, pending)) => {
            session::keep_pending(&session, pending).await?;
            Ok(Redirect::to(&address).into_response())
        }
        Err(failed) => not_in(&slug, failed),
    }
}

/// `GET /sign-in/{slug}/return`: the browser comes back from the provider.
pub(crate) async fn come_back(
    Extract(state): Extract<State>,
    Path(slug): Path<String>,
    session: Session,
    caller: Caller,
    Query(answer): Query<Answer>,
) -> Result<Response, Failure> {
    let pending = session::take_pending(&session, answer.state.as_deref().unwrap_or_default()).await?;
    let house = state.house();
    let arrival =
        single_sign_on::finish(&state.ctx, &house, &slug, pending.as_ref(), &answer, caller.address).await;
    let next = pending.as_ref().map_or("/", |pending| own_path(Some(pending.next())));
    match arrival {
        Ok(Arrival::Done(account, proof)) => {
            session::begin(&session, &account, proof, &caller, state.now()).await?;
            Ok(Redirect::to(next).into_response())
        }
        Ok(Arrival::NeedsCode(account, proof)) => {
            session::begin_half(&session, account, proof, next, state.now()).await?;
            Ok(Redirect::to("/sign-in/code").into_response())
        }
        Ok(Arrival::Offer(offer)) => {
            session::keep_offer(&session, &offer).await?;
            Ok(Redirect::to("/account/link").into_response())
        }
        Err(failed) => not_in(&slug, failed),
    }
}

#[derive(Template)]
#[template(path = "not_in.html")]
struct NotInPage {
    t: &'static Texts,
    headline: String,
    hint: String,
    code: &'static str,
    again: String,
}

/// Says why somebody does not come in. What a provider said is not in the log either, only the kind of failure.
fn not_in(slug: &str, failed: Failed) -> Result<Response, Failure> {
    let status = match failed {
        Failed::Other(error) if !matches!(error, Error::Denied { .. }) => return Err(error.into()),
        Failed::NoDoor => return Err(Failure::of_status(StatusCode::NOT_FOUND)),
        Failed::NotBegun => StatusCode::BAD_REQUEST,
        Failed::Trouble { .. } => StatusCode::BAD_GATEWAY,
        _ => StatusCode::FORBIDDEN,
    };
    tracing::warn!(code = failed.code(), "somebody did not come in by single sign-on");
    let page = NotInPage {
        t: texts(),
        headline: sentence(&failed.to_string()),
        hint: failed.hint().map(sentence).unwrap_or_default(),
        code: failed.code(),
        again: format!("/sign-in/{slug}"),
    };
    Ok((status, OwnPage, show(&page)?).into_response())
}

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage {
    t: &'static Texts,
    token: String,
    account: String,
    identity: String,
    problem: Option<String>,
}

/// `GET /account/link`: whether the identity that came back is to be linked. Asked, since another page can send a browser to a
/// provider where somebody else is signed in.
pub(crate) async fn link_page(session: Session, frame: Frame) -> Result<Response, Failure> {
    let offer = session::offer(&session).await?.ok_or_else(|| Failure::of_status(StatusCode::NOT_FOUND))?;
    let page = LinkPage {
        t: texts(),
        token: frame.token,
        account: frame.account,
        identity: offer.name,
        problem: None,
    };
    Ok(show(&page)?.into_response())
}

/// `POST /account/link`: yes, or no.
pub(crate) async fn link(
    Extract(state): Extract<State>,
    session: Session,
    form: Submission,
) -> Result<Response, Failure> {
    let offer = session::offer(&session).await?.ok_or_else(|| Failure::of_status(StatusCode::NOT_FOUND))?;
    session::forget_offer(&session).await?;
    if form.field("answer") != Some("yes") {
        return Ok(Redirect::to("/account").into_response());
    }
    match identities::link(&state.ctx, &form.visitor.actor(), &offer).await {
        Ok(()) => Ok(Redirect::to("/account").into_response()),
        Err(error @ (Error::Conflict { .. } | Error::Denied { .. })) => {
            let problem = Some(sentence(&error.to_string()));
            let (token, account) = (form.visitor.token, form.visitor.account.name);
            refuse(&LinkPage { t: texts(), token, account, identity: offer.name, problem })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /account/unlink`
pub(crate) async fn unlink(Extract(state): Extract<State>, form: Submission) -> Result<Redirect, Failure> {
    identities::unlink(&state.ctx, &form.visitor.actor()).await?;
    Ok(Redirect::to("/account"))
}

#[derive(Template)]
#[template(path = "single_sign_on.html")]
struct SettingsPage {
    frame: Frame,
    headline: String,
    /// What is in the fields.
    fields: Fields,
    /// The state that the fields were made from; empty where nothing is set up.
    version: String,
    /// Whether there is a provider already, with its secret.
    present: bool,
    /// What to enter at the provider; empty where the server does not know its own address.
    return_address: String,
    sign_in_address: String,
    /// What the values of the claim give, in words.
    mapped: Vec<(String, String)>,
    roles: Vec<(&'static str, &'static str)>,
    checked: Option<String>,
    problem: Option<String>,
}

/// The fields as typed.
#[derive(Default)]
struct Fields {
    active: bool,
    slug: String,
    name: String,
    issuer: String,
    client_id: String,
    scopes: String,
    claim: String,
    mapping: String,
    welcome: bool,
    passwords: bool,
    factors: String,
}

impl Fields {
    fn of(settings: &Settings) -> Fields {
        Fields {
            active: settings.active,
            slug: settings.slug.clone(),
            name: settings.name.clone(),
            issuer: settings.issuer.clone(),
            client_id: settings.client_id.clone(),
            scopes: settings.scopes.join(" "),
            claim: settings.claim.clone(),
            mapping: settings.mapping.iter().map(row_as_typed).collect::<Vec<_>>().join("\n"),
            welcome: settings.newcomers == Newcomers::Welcome,
            passwords: settings.passwords,
            factors: settings.factors.join(" "),
        }
    }

    fn typed(form: &Submission) -> Fields {
        let text = |name| form.field(name).unwrap_or_default().to_owned();
        Fields {
            active: form.field("active").is_some(),
            slug: text("slug"),
            name: text("name"),
            issuer: text("issuer"),
            client_id: text("client_id"),
            scopes: text("scopes"),
            claim: text("claim"),
            mapping: text("mapping").replace('\r', ""),
            welcome: form.field("newcomers") == Some("welcome"),
            passwords: form.field("passwords").is_some(),
            factors: text("factors"),
        }
    }

    fn settings(&self) -> Result<Settings, Error> {
        let list = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        let rows = self.mapping.lines().filter(|line| !line.trim().is_empty());
        Ok(Settings {
            active: self.active,
            slug: self.slug.clone(),
            name: self.name.clone(),
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            scopes: list(&self.scopes),
            claim: self.claim.clone(),
            mapping: rows.map(typed_row).collect::<Result<Vec<MappedValue>, _>>()?,
            newcomers: if self.welcome { Newcomers::Welcome } else { Newcomers::Invited },
            passwords: self.passwords,
            factors: list(&self.factors),
        })
    }
}

/// What is offered where nothing is set up.
fn blank() -> Fields {
    Fields {
        active: true,
        scopes: "profile email".into(),
        claim: "groups".into(),
        passwords: true,
        ..Fields::default()
    }
}

fn headline(organisation: &str, present: Option<&Settings>) -> String {
    let t = &texts().sign_on;
    match present {
        None => (t.not_set_up)(organisation),
        Some(settings) if !settings.active => (t.is_off)(&settings.name, organisation),
        Some(settings) if settings.passwords => (t.or_password)(organisation, &settings.name),
        Some(settings) => (t.only_provider)(organisation, &settings.name),
    }
}

fn page(state: &State, frame: Frame, present: Option<&Settings>, fields: Option<Fields>) -> SettingsPage {
    let house = state.house();
    let address = |slug: &str| house.public_url.as_ref().map(|base| format!("{base}/sign-in/{slug}"));
    let slug = present.map(|settings| settings.slug.as_str()).unwrap_or_default();
    let in_words = |row: &MappedValue| {
        (row.value.clone(), row.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", "))
    };
    SettingsPage {
        headline: headline(&frame.organisation, present),
        fields: fields.unwrap_or_else(|| present.map_or_else(blank, Fields::of)),
        version: present.map(Settings::version).unwrap_or_default(),
        present: present.is_some(),
        return_address: single_sign_on::return_address(&house, if slug.is_empty() { "…" } else { slug })
            .unwrap_or_default(),
        sign_in_address: address(slug).filter(|_| !slug.is_empty()).unwrap_or_default(),
        mapped: present.map(|settings| settings.mapping.iter().map(in_words).collect()).unwrap_or_default(),
        roles: ROLES
            .iter()
            .filter(|row| !BY_HAND_ONLY.contains(&row.role))
            .map(|row| (row.code, row.purpose))
            .collect(),
        checked: None,
        problem: None,
        frame,
    }
}

/// `GET /organisation/sign-in`
pub(crate) async fn settings(frame: Frame, Extract(state): Extract<State>) -> Page {
    frame.need(Right::ManageOrganisation)?;
    let present = single_sign_on::present(&state.ctx, &frame.visitor.actor()).await?;
    show(&page(&state, frame, present.as_ref(), None))
}

/// `POST /organisation/sign-in`
pub(crate) async fn set(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    form.visitor.need(Right::ManageOrganisation)?;
    let actor = form.visitor.actor();
    let typed = Fields::typed(&form);
    let secret = Some(form.verbatim("secret")).filter(|secret| !secret.is_empty());
    let seen = meanwhile::seen(&form);
    let set = match typed.settings() {
        Ok(wanted) => single_sign_on::set(&state.ctx, &actor, &seen, wanted, secret).await,
        Err(error) => Err(error),
    };
    match set {
        Ok(_) => Ok(Redirect::to("/organisation/sign-in").into_response()),
        Err(Error::Stale(stale)) => {
            meanwhile::page(&form, "/organisation/sign-in", "/organisation/sign-in", *stale)
        }
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
            let present = single_sign_on::present(&state.ctx, &actor).await?;
            let problem = Some(told(&error));
            let page = page(&state, form.frame("/organisation"), present.as_ref(), Some(typed));
            let version = form.verbatim("version").to_owned();
            refuse(&SettingsPage { version, problem, ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /organisation/sign-in/check`: asks the provider what it is.
pub(crate) async fn check(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    form.visitor.need(Right::ManageOrganisation)?;
    let actor = form.visitor.actor();
    let looked = single_sign_on::look(&state.ctx, &actor, &state.house()).await;
    let (checked, problem) = match looked {
        Ok(found) => {
            let text = (texts().sign_on.answers)(found.keys as u64, &found.authorization);
            (Some(text), None)
        }
        Err(Failed::Other(error)) => return Err(error.into()),
        Err(failed) => (None, Some(sentence(&failed.to_string()))),
    };
    let present = single_sign_on::present(&state.ctx, &actor).await?;
    let page = page(&state, form.frame("/organisation"), present.as_ref(), None);
    Ok(show(&SettingsPage { checked, problem, ..page })?.into_response())
}

/// `POST /organisation/sign-in/remove`
pub(crate) async fn remove(Extract(state): Extract<State>, form: Submission) -> Result<Redirect, Failure> {
    single_sign_on::remove(&state.ctx, &form.visitor.actor()).await?;
    Ok(Redirect::to("/organisation/sign-in"))
}
