//! The authorization code flow (OpenID Connect Core 1.0, 3.1) with PKCE: a browser is sent to the provider, comes back with a
//! code, and the code is exchanged for claims that are checked.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bedrail_model::ids::OrgId;
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreJwsSigningAlgorithm,
    CoreProviderMetadata,
};
use openidconnect::http::{Request, header};
use openidconnect::{
    AccessToken, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError, TokenResponse as _,
};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::claims::{self, Claims, Person};
use super::provider::{Backchannel, House, Trouble};
use super::{Door, Failed, Untrusted};
use crate::{Context, Error};

/// Seconds to sign in at the provider.
const SECONDS: i64 = 600;
/// Seconds that a provider's clock may be ahead of ours.
const AHEAD: i64 = 300;
/// Signatures that are taken: with the provider's published keys only, never with a shared secret, never none.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What a person who goes to the provider wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To sign in.
    SignIn,
    /// To take an invitation up, by its code.
    Invitation(String),
    /// To link the identity there to the account that is signed in.
    Link,
}

/// A sign-in that is under way at a provider: the browser's session keeps it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    slug: String,
    state: String,
    nonce: String,
    verifier: String,
    purpose: Purpose,
    next: String,
    /// Seconds since 1970.
    since: i64,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pending({})", self.slug)
    }
}

impl Pending {
    /// Whether somebody came back for it: compared without telling by time where the two differ.
    pub fn is(&self, state: &str) -> bool {
        Sha256::digest(state) == Sha256::digest(&self.state)
    }

    /// What the person wants.
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// Where to go afterwards.
    pub fn next(&self) -> &str {
        &self.next
    }
}

/// What the provider sends a browser back with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// The code to exchange.
    pub code: Option<String>,
    /// Which sign-in it answers.
    pub state: Option<String>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Where to send a browser that wants to sign in with an organisation's provider, and what its session is to keep.
///
/// # Errors
/// [`Failed`] where there is no such door, or the provider cannot be spoken with.
pub async fn begin(
    ctx: &Context,
    house: &House,
    slug: &str,
    purpose: Purpose,
    next: &str,
) -> Result<(String, Pending), Failed> {
    let door = super::open_door(ctx, slug).await?;
    let backchannel = Backchannel::new(house).map_err(|trouble| door.trouble(trouble))?;
    let providers = &ctx.inner.providers;
    let described = providers.describe(&backchannel, &door.settings.issuer, ctx.clock.now()).await;
    let described = described.map_err(|trouble| door.trouble(trouble))?;
    let client = client(ctx, house, &door, &described)?;
    let (verifier, state, nonce) = (random(), random(), random());
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.clone()));
    let (sent_state, sent_nonce) = (state.clone(), nonce.clone());
    let mut request = client.authorize_url(
        CoreAuthenticationFlow::AuthorizationCode,
        move || CsrfToken::new(sent_state),
        move || Nonce::new(sent_nonce),
    );
    for scope in door.settings.scopes.iter().filter(|scope| *scope != "openid") {
        request = request.add_scope(Scope::new(scope.clone()));
    }
    let (address, _, _) = request.set_pkce_challenge(challenge).url();
    house.permits(&address).map_err(|trouble| door.trouble(trouble))?;
    let pending = Pending {
        slug: slug.to_owned(),
        state,
        nonce,
        verifier,
        purpose,
        next: next.to_owned(),
        since: ctx.clock.now().as_second(),
    };
    Ok((address.to_string(), pending))
}

/// 256 bits as 64 letters: enough for a state, a nonce and a verifier (RFC 7636, 4.1).
fn random() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

/// The address that a provider sends browsers back to: one for each organisation, so that what one provider sends can never
/// count as the answer of another (RFC 9700, 4.4.2).
pub fn return_address(house: &House, slug: &str) -> Option<String> {
    house.public_url.as_ref().map(|base| format!("{base}/sign-in/{slug}/return"))
}

fn client(
    ctx: &Context,
    house: &House,
    door: &Door,
    described: &Arc<CoreProviderMetadata>,
) -> Result<Client, Failed> {
    let back = return_address(house, &door.settings.slug).ok_or_else(no_public_url)?;
    let back = RedirectUrl::new(back).map_err(|_| no_public_url())?;
    let secret = ctx.inner.secrets.open(&super::about(door.org), &door.secret).map_err(Error::from)?;
    let secret = String::from_utf8(secret).map_err(|error| Error::Internal(Box::new(error)))?;
    let id = ClientId::new(door.settings.client_id.clone());
    let methods = described.token_endpoint_auth_methods_supported();
    let only_post = methods.is_some_and(|methods| {
        methods.contains(&CoreClientAuthMethod::ClientSecretPost)
            && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
    });
    let client =
        CoreClient::from_provider_metadata((**described).clone(), id, Some(ClientSecret::new(secret)));
    let client = if only_post { client.set_auth_type(AuthType::RequestBody) } else { client };
    Ok(client.set_redirect_uri(back))
}

fn no_public_url() -> Error {
    Error::Unavailable {
        message: "the server does not know by which address people reach it".into(),
        hint: Some("start it with --public-url https://…".into()),
    }
}

/// Somebody whom a provider vouches for.
pub(super) struct Vouched {
    /// Whose provider.
    pub(super) org: OrgId,
    /// The provider.
    pub(super) door: Door,
    /// Who.
    pub(super) person: Person,
}

/// Exchanges what a browser came back with for a person. `pending` is what its session kept for this state.
pub(super) async fn exchange(
    ctx: &Context,
    house: &House,
    slug: &str,
    pending: Option<&Pending>,
    answer: &Answer,
) -> Result<Vouched, Failed> {
    let door = super::open_door(ctx, slug).await?;
    let now = ctx.clock.now();
    let in_time = |pending: &&Pending| (0..=SECONDS).contains(&(now.as_second() - pending.since));
    let pending = pending
        .filter(in_time)
        .filter(|pending| {
            pending.slug == slug && answer.state.as_deref().is_some_and(|state| pending.is(state))
        })
        .ok_or(Failed::NotBegun)?;
    if answer.iss.as_deref().is_some_and(|issuer| issuer != door.settings.issuer) {
        return Err(door.untrusted(Untrusted::Issuer));
    }
    if let Some(code) = &answer.error {
        return Err(door.said(code));
    }
    let code = answer.code.clone().ok_or(Failed::NotBegun)?;
    let backchannel = Backchannel::new(house).map_err(|trouble| door.trouble(trouble))?;
    let issuer = &door.settings.issuer;
    let described = ctx.inner.providers.describe(&backchannel, issuer, now).await;
    let mut described = described.map_err(|trouble| door.trouble(trouble))?;
    let client = client(ctx, house, &door, &described)?;
    let (token, access) = redeem(&door, &client, &backchannel, code, pending).await?;
    let mut checked = check(&client, &token, pending, now);
    if checked == Err(Untrusted::Key) {
        // The provider may have begun to sign with a new key since its keys were fetched.
        let anew = ctx.inner.providers.describe_anew(&backchannel, issuer, now).await;
        described = anew.map_err(|trouble| door.trouble(trouble))?;
        checked = check(&self::client(ctx, house, &door, &described)?, &token, pending, now);
    }
    let mut claims = checked.map_err(|untrusted| door.untrusted(untrusted))?;
    complete(&door, &described, &backchannel, &access, &mut claims).await?;
    let person = Person::of(&claims, &door.settings).ok_or_else(|| door.untrusted(Untrusted::Subject))?;
    Ok(Vouched { org: door.org, door, person })
}

/// Exchanges the code for the token that says who it is, and the one that opens what else the provider says of them.
async fn redeem(
    door: &Door,
    client: &Client,
    backchannel: &Backchannel<'_>,
    code: String,
    pending: &Pending,
) -> Result<(CoreIdToken, AccessToken), Failed> {
    let odd = |words| door.trouble(Trouble::Odd(words));
    let request = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(|_| odd("the provider does not say where codes are exchanged"))?
        .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()));
    let response = request.request_async(backchannel).await.map_err(|error| match error {
        RequestTokenError::ServerResponse(refused) => door.said(refused.error().as_ref()),
        RequestTokenError::Request(trouble) => door.trouble(trouble),
        _ => odd("what the provider gave for the code cannot be read"),
    })?;
    let token = response.id_token().ok_or_else(|| odd("the provider gave no token that says who it is"))?;
    Ok((token.clone(), response.access_token().clone()))
}

/// Checks signature, issuer, audience, nonce and time of a token, and gives its claims.
fn check(
    client: &Client,
    token: &CoreIdToken,
    pending: &Pending,
    now: Timestamp,
) -> Result<Claims, Untrusted> {
    let moment = DateTime::<Utc>::from_timestamp(now.as_second(), 0).ok_or(Untrusted::Time)?;
    let latest = moment.timestamp() + AHEAD;
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(SIGNATURES)
        .set_time_fn(move || moment)
        .set_issue_time_verifier_fn(move |issued| {
            if issued.timestamp() <= latest { Ok(()) } else { Err("issued in the future".to_owned()) }
        });
    token.claims(&verifier, &Nonce::new(pending.nonce.clone())).map_err(|error| untrusted(&error))?;
    // The claims once more as they were signed: the library's own type leaves those of no standard out.
    let text = token.to_string();
    let payload = text.split('.').nth(1).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(payload).map_err(|_| Untrusted::Form)?;
    let claims: Claims = serde_json::from_slice(&bytes).map_err(|_| Untrusted::Form)?;
    let party = claims.get("azp").and_then(serde_json::Value::as_str);
    if party.is_some_and(|party| party != client.client_id().as_str()) {
        return Err(Untrusted::Audience);
    }
    Ok(claims)
}

fn untrusted(error: &ClaimsVerificationError) -> Untrusted {
    match error {
        ClaimsVerificationError::Expired(_) | ClaimsVerificationError::InvalidAuthTime(_) => Untrusted::Time,
        ClaimsVerificationError::InvalidAudience(_) => Untrusted::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => Untrusted::Issuer,
        ClaimsVerificationError::InvalidNonce(_) => Untrusted::Nonce,
        ClaimsVerificationError::InvalidSubject(_) => Untrusted::Subject,
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
        ) => Untrusted::Key,
        ClaimsVerificationError::SignatureVerification(_) => Untrusted::Signature,
        _ => Untrusted::Form,
    }
}

/// Asks for what else the provider says of the person, where the token says nothing of roles or names.
async fn complete(
    door: &Door,
    described: &CoreProviderMetadata,
    backchannel: &Backchannel<'_>,
    access: &AccessToken,
    claims: &mut Claims,
) -> Result<(), Failed> {
    let no_roles = !door.settings.mapping.is_empty() && claims::find(claims, &door.settings.claim).is_none();
    let no_name = ["preferred_username", "email", "name"].iter().all(|name| !claims.contains_key(*name));
    let Some(endpoint) = described.userinfo_endpoint().filter(|_| no_roles || no_name) else { return Ok(()) };
    let request = Request::get(endpoint.as_str())
        .header(header::ACCEPT, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", access.secret()))
        .body(Vec::new())
        .map_err(|_| door.trouble(Trouble::Odd("the provider names an address that is none")))?;
    let response = backchannel.fetch(request).await.map_err(|trouble| door.trouble(trouble))?;
    if !response.status().is_success() {
        return Err(door.trouble(Trouble::Answered(response.status().as_u16())));
    }
    let more: Claims = serde_json::from_slice(response.body())
        .map_err(|_| door.trouble(Trouble::Odd("what the provider says of the person cannot be read")))?;
    // It must speak of the same person (OpenID Connect Core 1.0, 5.3.2).
    if more.get("sub") != claims.get("sub") {
        return Err(door.untrusted(Untrusted::Subject));
    }
    for (name, value) in more {
        claims.entry(name).or_insert(value);
    }
    Ok(())
}

/// What a provider was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Where browsers are sent.
    pub authorization: String,
    /// Keys that it publishes.
    pub keys: usize,
}

/// Asks a provider what it is, and whether a browser could be sent there.
pub(super) async fn look(ctx: &Context, house: &House, door: &Door) -> Result<Checked, Failed> {
    let backchannel = Backchannel::new(house).map_err(|trouble| door.trouble(trouble))?;
    let issuer = &door.settings.issuer;
    let found = ctx.inner.providers.describe_anew(&backchannel, issuer, ctx.clock.now()).await;
    let found = found.map_err(|trouble| door.trouble(trouble))?;
    let url: &Url = found.authorization_endpoint().url();
    house.permits(url).map_err(|trouble| door.trouble(trouble))?;
    if found.token_endpoint().is_none() {
        return Err(door.trouble(Trouble::Odd("the provider does not say where codes are exchanged")));
    }
    Ok(Checked { authorization: url.to_string(), keys: found.jwks().keys().len() })
}
