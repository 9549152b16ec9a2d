//! Who is signed in: the session cookie, its limits, and the token that every change must carry.

use std::collections::HashMap;

use async_trait::async_trait;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::header;
use axum::http::request::Parts;
use bedrail_app::accounts::emergency::{self, Emergency};
use bedrail_app::accounts::sessions::SessionFacts;
use bedrail_app::accounts::{self, Account, Proof, tokens};
use bedrail_app::actor::Via;
use bedrail_app::idempotency::Taken;
use bedrail_app::rights::Right;
use bedrail_app::single_sign_on::Pending;
use bedrail_app::single_sign_on::arrive::Offer;
use bedrail_app::{Actor, Context, Error};
use bedrail_model::ids::{AccountId, OrgId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::{Duration, OffsetDateTime};
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{self, SessionStore};
use tower_sessions::{Expiry, Session, SessionManagerLayer};

use super::caller::Caller;
use super::error::Failure;
use super::guard::is_unsafe;
use super::state::State;

/// A session ends this many hours after sign-in, whatever happens: one long shift.
const HOURS_AT_MOST: i64 = 12;
/// A session ends after this many hours without a request.
const HOURS_IDLE: i64 = 2;
/// The last request is written down at most this often, so that reading a page seldom writes.
const MINUTES_BETWEEN_NOTES: i64 = 5;
/// The session's entry that holds the [`Visit`].
const VISIT: &str = "visit";
/// The session's entry that holds the [`Half`].
const HALF: &str = "half";
/// The session's entry that holds what is under way at a provider, newest first.
const PENDING: &str = "pending";
/// Sign-ins under way in one browser at most.
const PENDING_AT_MOST: usize = 4;
/// Minutes that a session lasts which holds nothing but those: whoever asks can make any number.
const MINUTES_PENDING: i64 = 11;
/// The session's entry that holds an identity which waits to be linked.
const OFFER: &str = "offer";
/// Minutes to find the phone and type the code.
const MINUTES_FOR_CODE: i64 = 10;
/// What a program with a token sends before it in `Authorization`.
const BEARER: &str = "Bearer ";
/// What is open to who must change a password or set a second factor up before anything else.
const OPEN_BEFORE: &[&str] =
    &["/password", "/account/second-factor", "/account/second-factor/confirm", "/sign-out", "/theme"];
/// Begins what the store of sessions says where the database is away, so that it is told from a fault.
const AWAY: &str = "away: ";
/// The header that carries the token of a change by the API.
pub(crate) const TOKEN_HEADER: &str = "x-csrf-token";

/// The layer that reads and writes the session cookie.
pub(crate) fn layer(state: &State) -> SessionManagerLayer<Store> {
    let name = if state.options.over_tls() { "__Host-bedrail" } else { "bedrail" };
    SessionManagerLayer::new(Store(state.ctx.clone()))
        .with_name(name)
        .with_secure(state.options.over_tls())
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd)
}

/// What a session remembers.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Visit {
    account: String,
    /// The organisation that is acted in.
    org: String,
    token: String,
    /// Seconds since 1970.
    signed_in: i64,
    /// Seconds since 1970.
    seen: i64,
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    browser: String,
    /// The provider that vouched; none where the password was asked for.
    #[serde(default)]
    provider: Option<Vouched>,
}

/// The provider that vouched for somebody.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Vouched {
    /// Whose.
    org: String,
    /// Whether its second factor counted.
    factor: bool,
}

/// How somebody showed who they are; `None` for what cannot be read any more.
fn proof(vouched: Option<&Vouched>) -> Option<Proof> {
    match vouched {
        None => Some(Proof::Password),
        Some(vouched) => Some(Proof::Provider { org: vouched.org.parse().ok()?, factor: vouched.factor }),
    }
}

fn vouched(proof: Proof) -> Option<Vouched> {
    match proof {
        Proof::Trusted | Proof::Password => None,
        Proof::Provider { org, factor } => Some(Vouched { org: org.to_string(), factor }),
    }
}

/// Somebody whose password was right and whose code is still to come. Opens nothing but the page that asks for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Half {
    account: String,
    /// Seconds since 1970.
    since: i64,
    /// Where to go afterwards.
    next: String,
    /// The provider that vouched; none where the password was asked for.
    #[serde(default)]
    provider: Option<Vouched>,
}

impl Visit {
    fn over(&self, now: Timestamp) -> bool {
        let now = now.as_second();
        now > self.signed_in + HOURS_AT_MOST * 3_600 || now > self.seen + HOURS_IDLE * 3_600
    }
}

/// Somebody who is signed in, with a session within its limits. On changes by the API the token was checked; a page
/// that takes a change uses [`super::form::Submission`], which checks it in the form.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    /// Who.
    pub(crate) account: Account,
    /// The token that changes must carry.
    pub(crate) token: String,
    /// How they showed who they are.
    pub(crate) proof: Proof,
    /// Emergency access that lasts in the organisation.
    pub(crate) emergencies: Vec<Emergency>,
    /// The id of the session; none for a program with a token.
    pub(crate) session: Option<String>,
    /// When the session began, in seconds since 1970; none for a program with a token.
    pub(crate) since: Option<i64>,
    actor: Actor,
}

impl SignedIn {
    /// Somebody for the tests of pages.
    #[cfg(test)]
    pub(crate) fn sample(account: Account) -> SignedIn {
        let actor = Actor::system(account.org);
        let (token, proof) = ("token".to_owned(), Proof::Password);
        SignedIn { account, token, proof, emergencies: Vec::new(), session: None, since: None, actor }
    }

    /// Who asks, for the use cases.
    pub(crate) fn actor(&self) -> Actor {
        self.actor.clone()
    }

    /// The same visitor, whose changes mark the idempotency key that the request took.
    pub(crate) fn once(self, taken: &Taken) -> SignedIn {
        SignedIn { actor: self.actor.once(taken), ..self }
    }

    /// Whether the visitor may do something: what pages show goes by it; the use cases ask again.
    pub(crate) fn may(&self, right: Right) -> bool {
        self.actor.may(right)
    }

    /// Refuses everything but what must come first: an own password, the second factor that the organisation asks for.
    pub(crate) fn ready(&self, path: &str) -> Result<(), Failure> {
        if OPEN_BEFORE.contains(&path) {
            return Ok(());
        }
        if self.account.must_change_password {
            return Err(Failure::must_change_password());
        }
        // Going over to another organisation, which may ask less, stays open.
        if self.account.must_set_up_factor && path != "/organisation" {
            return Err(Failure::must_set_up_factor());
        }
        Ok(())
    }

    /// Refuses what the visitor may not do, before anything of the request is looked at.
    pub(crate) fn need(&self, right: Right) -> Result<(), Failure> {
        if self.may(right) { Ok(()) } else { Err(Failure::denied(right)) }
    }

    /// Whether a token is the session's, compared without telling by time where they differ.
    pub(crate) fn owns(&self, token: &str) -> bool {
        Sha256::digest(token) == Sha256::digest(&self.token)
    }
}

impl FromRequestParts<State> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<SignedIn, Failure> {
        let signed_in = visitor(parts, state).await?;
        // A browser never sends a bearer token by itself, so nothing can be forged with one.
        if is_unsafe(&parts.method) && signed_in.session.is_some() {
            let token =
                parts.headers.get(TOKEN_HEADER).and_then(|token| token.to_str().ok()).unwrap_or_default();
            if !signed_in.owns(token) {
                return Err(Failure::forged().hint("Send the token from signing in as X-CSRF-Token."));
            }
        }
        signed_in.ready(path(parts))?;
        Ok(signed_in)
    }
}

/// Who is signed in, before the token of a change is checked; found out once for each request.
pub(crate) async fn visitor(parts: &mut Parts, state: &State) -> Result<SignedIn, Failure> {
    if let Some(known) = parts.extensions.get::<SignedIn>() {
        return Ok(known.clone());
    }
    let found = find(parts, state).await?;
    parts.extensions.insert(found.clone());
    Ok(found)
}

async fn find(parts: &mut Parts, state: &State) -> Result<SignedIn, Failure> {
    let api = ["/api/", super::scim::PATH].iter().any(|start| path(parts).starts_with(start));
    let caller = Caller::of(parts, state.options.behind_tls);
    if api && let Some(token) = bearer(parts) {
        // Whoever shows a token is nobody else, whatever cookies come along.
        let (account, actor) = match tokens::visit(&state.ctx, token, caller.address).await {
            Err(Error::NotFound { .. }) => return Err(Failure::wrong_token()),
            found => found?,
        };
        let (token, proof) = (String::new(), Proof::Trusted);
        return Ok(SignedIn {
            account,
            token,
            proof,
            emergencies: Vec::new(),
            session: None,
            since: None,
            actor,
        });
    }
    let session = session_of(parts, state).await?;
    let visit: Option<Visit> = session.get(VISIT).await.map_err(|error| failure_of(&error))?;
    let now = state.now();
    let Some(visit) = visit.filter(|visit| !visit.over(now)) else {
        return Err(Failure::not_signed_in());
    };
    let id: AccountId = visit.account.parse().map_err(|_| Failure::not_signed_in())?;
    let org: OrgId = visit.org.parse().map_err(|_| Failure::not_signed_in())?;
    let proof = proof(visit.provider.as_ref()).ok_or_else(Failure::not_signed_in)?;
    let via = if api { Via::Api } else { Via::Web };
    let (account, actor) = match accounts::visit_by(&state.ctx, id, org, via, proof).await {
        Err(Error::NotFound { .. }) => return Err(Failure::not_signed_in()),
        found => found?,
    };
    let actor = actor.at(caller.address);
    if now.as_second() > visit.seen + MINUTES_BETWEEN_NOTES * 60 {
        let seen = Visit { seen: now.as_second(), ..visit.clone() };
        session.insert(VISIT, seen).await.map_err(|error| failure_of(&error))?;
    }
    let emergencies = if api { Vec::new() } else { emergency::present(&state.ctx, &actor).await? };
    let session = session.id().map(|id| Store::key(&id));
    let since = Some(visit.signed_in);
    Ok(SignedIn { account, token: visit.token, proof, emergencies, session, since, actor })
}

/// A session that could not be read or written.
fn failure_of(error: &tower_sessions::session::Error) -> Failure {
    match error {
        tower_sessions::session::Error::Store(session_store::Error::Backend(said)) => {
            match said.strip_prefix(AWAY) {
                Some(message) => Failure::from(Error::Unavailable {
                    message: message.to_owned(),
                    hint: Some("try again in a moment".to_owned()),
                }),
                None => Failure::internal(error),
            }
        }
        error => Failure::internal(error),
    }
}

/// The path as it was asked for; a nested router sees only the rest.
pub(crate) fn path(parts: &Parts) -> &str {
    parts.extensions.get::<OriginalUri>().map_or(parts.uri.path(), |original| original.0.path())
}

/// The token of a program.
fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_at_checked(BEARER.len())?;
    scheme.eq_ignore_ascii_case(BEARER).then(|| token.trim())
}

async fn session_of(parts: &mut Parts, state: &State) -> Result<Session, Failure> {
    Session::from_request_parts(parts, state).await.map_err(|(_, message)| Failure::internal(&message))
}

/// Begins a session for an account under a fresh id. Returns the token that changes must carry.
pub(crate) async fn begin(
    session: &Session,
    account: &Account,
    proof: Proof,
    caller: &Caller,
    now: Timestamp,
) -> Result<String, Failure> {
    let token = hex::encode(rand::random::<[u8; 16]>());
    let visit = Visit {
        account: account.id.to_string(),
        org: account.org.to_string(),
        token: token.clone(),
        signed_in: now.as_second(),
        seen: now.as_second(),
        address: caller.address.map(|address| address.to_string()),
        browser: caller.browser.clone(),
        provider: vouched(proof),
    };
    let begun = async {
        renew(session).await?;
        session.insert(VISIT, visit).await
    };
    begun.await.map_err(|error| failure_of(&error))?;
    Ok(token)
}

/// Empties a session and gives it a fresh id, so that an id that somebody knew or planted opens nothing. (`flush` alone
/// would keep the id of a session that this request has read already.)
async fn renew(session: &Session) -> Result<(), tower_sessions::session::Error> {
    session.clear().await;
    session.cycle_id().await
}

/// Begins a session that opens nothing but the question for the code, under a fresh id.
pub(crate) async fn begin_half(
    session: &Session,
    account: AccountId,
    proof: Proof,
    next: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let half = Half {
        account: account.to_string(),
        since: now.as_second(),
        next: next.to_owned(),
        provider: vouched(proof),
    };
    let begun = async {
        renew(session).await?;
        session.insert(HALF, half).await
    };
    begun.await.map_err(|error| failure_of(&error))
}

/// Whose code is still to come, how the first step was taken, and where they go afterwards.
pub(crate) async fn half(
    session: &Session,
    now: Timestamp,
) -> Result<Option<(AccountId, Proof, String)>, Failure> {
    let half: Option<Half> = session.get(HALF).await.map_err(|error| failure_of(&error))?;
    Ok(half
        .filter(|half| now.as_second() <= half.since + MINUTES_FOR_CODE * 60)
        .and_then(|half| Some((half.account.parse().ok()?, proof(half.provider.as_ref())?, half.next))))
}

/// Remembers a sign-in that is under way at a provider, beside a few others: people open several tabs.
pub(crate) async fn keep_pending(session: &Session, pending: Pending) -> Result<(), Failure> {
    let kept = async {
        let mut all: Vec<Pending> = session.get(PENDING).await?.unwrap_or_default();
        all.insert(0, pending);
        all.truncate(PENDING_AT_MOST);
        session.insert(PENDING, all).await
    };
    kept.await.map_err(|error| failure_of(&error))
}

/// Forgets the sign-in that somebody comes back for, and gives it: it is good for once.
pub(crate) async fn take_pending(session: &Session, state: &str) -> Result<Option<Pending>, Failure> {
    let taken = async {
        let mut all: Vec<Pending> = session.get(PENDING).await?.unwrap_or_default();
        let Some(at) = all.iter().position(|pending| pending.is(state)) else { return Ok(None) };
        let pending = all.swap_remove(at);
        session.insert(PENDING, all).await?;
        // At once, not with the answer: the same address asked for twice at the same time finds nothing here.
        session.save().await?;
        Ok(Some(pending))
    };
    taken.await.map_err(|error: tower_sessions::session::Error| failure_of(&error))
}

/// Remembers an identity that a provider vouched for, until its owner says yes.
pub(crate) async fn keep_offer(session: &Session, offer: &Offer) -> Result<(), Failure> {
    session.insert(OFFER, offer).await.map_err(|error| failure_of(&error))
}

/// The identity that waits for a yes.
pub(crate) async fn offer(session: &Session) -> Result<Option<Offer>, Failure> {
    session.get(OFFER).await.map_err(|error| failure_of(&error))
}

/// Forgets it.
pub(crate) async fn forget_offer(session: &Session) -> Result<(), Failure> {
    session.remove::<Offer>(OFFER).await.map(drop).map_err(|error| failure_of(&error))
}

/// Ends a session.
pub(crate) async fn end(session: &Session) -> Result<(), Failure> {
    session.flush().await.map_err(|error| failure_of(&error))
}

/// Sessions in the database. The database sees only a digest of the id, so that its copy opens no session.
#[derive(Debug, Clone)]
pub(crate) struct Store(Context);

impl Store {
    fn key(id: &Id) -> String {
        hex::encode(Sha256::digest(id.to_string()))
    }
}

/// What the list of sessions shows of one; half a sign-in is on the list too, so that a changed password ends it.
fn facts(record: &Record) -> SessionFacts {
    let read = |value: &serde_json::Value| serde_json::from_value::<Visit>(value.clone()).ok();
    let Some(visit) = record.data.get(VISIT).and_then(read) else {
        let account = record.data.get(HALF).and_then(|half| half["account"].as_str()?.parse().ok());
        return SessionFacts { account, browser: "waiting for a code".to_owned(), ..SessionFacts::default() };
    };
    let moment = |seconds| Timestamp::from_second(seconds).unwrap_or_default();
    SessionFacts {
        account: visit.account.parse().ok(),
        org: visit.org.parse().ok(),
        address: visit.address,
        browser: visit.browser,
        begun: moment(visit.signed_in),
        seen: moment(visit.seen),
    }
}

fn backend(error: Error) -> session_store::Error {
    match error {
        Error::Unavailable { message, .. } => session_store::Error::Backend(format!("{AWAY}{message}")),
        Error::Internal(source) => session_store::Error::Backend(source.to_string()),
        error => session_store::Error::Backend(error.to_string()),
    }
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let data = serde_json::to_vec(&record.data)
            .map_err(|error| session_store::Error::Encode(error.to_string()))?;
        let facts = facts(record);
        let known = record.data.contains_key(VISIT) || record.data.contains_key(HALF);
        let lasts = if known {
            SignedDuration::from_hours(HOURS_AT_MOST)
        } else {
            SignedDuration::from_mins(MINUTES_PENDING)
        };
        let expires = self.0.clock.now() + lasts;
        accounts::sessions::save(&self.0, &Self::key(&record.id), &facts, &data, expires)
            .await
            .map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let Some(bytes) = accounts::sessions::load(&self.0, &Self::key(id)).await.map_err(backend)? else {
            return Ok(None);
        };
        let data: HashMap<String, serde_json::Value> = serde_json::from_slice(&bytes)
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        let expiry_date = OffsetDateTime::now_utc() + Duration::hours(HOURS_AT_MOST);
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        accounts::sessions::delete(&self.0, &Self::key(id)).await.map_err(backend)
    }
}
