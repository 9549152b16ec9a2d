//! An OpenID Connect provider of our own that says whatever a test makes it say: for lies that a real one does not tell.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bedrail_app::clock::Clock;
use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// What the provider calls us.
pub(crate) const CLIENT: &str = "bedrail";
/// The client's secret.
pub(crate) const SECRET: &str = "a made-up secret of the tests";

/// How the token that says who it is is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signed {
    /// By the published key.
    Well,
    /// By another key under the same name.
    ByAnotherKey,
    /// Not at all: `alg` is `none`.
    Not,
    /// With the client's secret.
    WithTheSecret,
    /// Well, and then a claim was changed.
    BeforeAChange,
}

/// What the provider does.
pub(crate) struct Script {
    /// Claims beside those that belong in every token; `null` takes one away.
    pub(crate) claims: Value,
    /// What the address for more claims says; none is no such address.
    pub(crate) more: Option<Value>,
    /// How tokens are signed.
    pub(crate) signed: Signed,
    /// Whether a code is taken again and again.
    pub(crate) careless: bool,
    /// What replaces parts of its description of itself.
    pub(crate) description: Value,
    /// Where the description is redirected to.
    pub(crate) redirect: Option<String>,
    /// The name of the key.
    pub(crate) kid: String,
    key: EcdsaKeyPair,
    codes: HashMap<String, HashMap<String, String>>,
    /// How often the keys were asked for.
    pub(crate) asked_for_keys: usize,
}

/// A provider that runs.
#[derive(Clone)]
pub(crate) struct Provider {
    /// Its address.
    pub(crate) issuer: String,
    script: Arc<Mutex<Script>>,
}

fn key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap()
}

impl Provider {
    /// Starts one, for a person called ann who is in no group.
    pub(crate) async fn start() -> Provider {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let script = Script {
            claims: json!({ "sub": "subject-of-ann", "preferred_username": "ann", "groups": [] }),
            more: None,
            signed: Signed::Well,
            careless: false,
            description: json!({}),
            redirect: None,
            kid: "one".into(),
            key: key(),
            codes: HashMap::new(),
            asked_for_keys: 0,
        };
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let provider = Provider { issuer, script: Arc::new(Mutex::new(script)) };
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .route("/me", get(more))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        provider
    }

    /// What it does, to be changed.
    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// From now on it speaks of somebody else, or of other groups.
    pub(crate) fn says(&self, claims: Value) {
        self.script().claims = claims;
    }

    /// From now on it signs with a new key under a new name.
    pub(crate) fn change_key(&self) {
        let mut script = self.script();
        script.key = key();
        script.kid = "two".into();
    }

    /// Asks nobody anything, and answers an address that a browser was sent to with the one that it is sent back to.
    pub(crate) fn authorize(&self, address: &str) -> String {
        let query = parameters(address);
        assert_eq!(query["client_id"], CLIENT);
        assert_eq!(
            (query["response_type"].as_str(), query["code_challenge_method"].as_str()),
            ("code", "S256")
        );
        assert!(query["scope"].split(' ').any(|scope| scope == "openid"), "{query:?}");
        let code = hex::encode(rand::random::<[u8; 8]>());
        let back = format!("{}?code={code}&state={}", query["redirect_uri"], query["state"]);
        self.script().codes.insert(code, query);
        back
    }
}

/// The query of an address, read.
pub(crate) fn parameters(address: &str) -> HashMap<String, String> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let uri: Uri = format!("/?{query}").parse().unwrap();
    Query::try_from_uri(&uri).unwrap().0
}

async fn describe(State(provider): State<Provider>) -> Response {
    let script = provider.script();
    if let Some(to) = &script.redirect {
        return Redirect::temporary(to).into_response();
    }
    let issuer = &provider.issuer;
    let mut description = json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"]
    });
    if script.more.is_some() {
        description["userinfo_endpoint"] = json!(format!("{issuer}/me"));
    }
    merge(&mut description, &script.description);
    Json(description).into_response()
}

fn merge(into: &mut Value, from: &Value) {
    for (name, value) in from.as_object().unwrap() {
        if value.is_null() {
            into.as_object_mut().unwrap().remove(name);
        } else {
            into[name] = value.clone();
        }
    }
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    let mut script = provider.script();
    script.asked_for_keys += 1;
    let point = script.key.public_key().as_ref();
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
    Json(
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "use": "sig", "kid": script.kid, "x": x, "y": y }] }),
    )
}

async fn more(State(provider): State<Provider>, headers: HeaderMap) -> Response {
    if headers[header::AUTHORIZATION] != "Bearer opens-more" {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(provider.script().more.clone().unwrap()).into_response()
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let refused = |code: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": code }))).into_response();
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let right = STANDARD.encode(format!("{CLIENT}:{}", SECRET.replace(' ', "+")));
    if sent != format!("Basic {right}") {
        return refused("invalid_client");
    }
    let mut script = provider.script();
    let asked = match script.careless {
        true => script.codes.get(&form["code"]).cloned(),
        false => script.codes.remove(&form["code"]),
    };
    let Some(asked) = asked else { return refused("invalid_grant") };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    if challenge != asked["code_challenge"] || form["redirect_uri"] != asked["redirect_uri"] {
        return refused("invalid_grant");
    }
    let now = Clock::System.now().as_second();
    let mut claims = json!({
        "iss": provider.issuer, "aud": CLIENT, "nonce": asked["nonce"], "iat": now, "exp": now + 300
    });
    merge(&mut claims, &script.claims);
    let token = sign(&script, &claims);
    Json(json!({ "access_token": "opens-more", "token_type": "Bearer", "expires_in": 60, "id_token": token }))
        .into_response()
}

fn sign(script: &Script, claims: &Value) -> String {
    let alg = match script.signed {
        Signed::Not => "none",
        Signed::WithTheSecret => "HS256",
        _ => "ES256",
    };
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(&json!({ "alg": alg, "kid": script.kid }));
    let text = format!("{head}.{}", part(claims));
    let by = |key: &EcdsaKeyPair| {
        URL_SAFE_NO_PAD.encode(key.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref())
    };
    match script.signed {
        Signed::Well => format!("{text}.{}", by(&script.key)),
        Signed::ByAnotherKey => format!("{text}.{}", by(&key())),
        Signed::Not => format!("{text}."),
        Signed::WithTheSecret => {
            let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
            mac.update(text.as_bytes());
            format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
        }
        Signed::BeforeAChange => {
            let mut changed = claims.clone();
            changed["groups"] = json!(["heads"]);
            format!("{head}.{}.{}", part(&changed), by(&script.key))
        }
    }
}
