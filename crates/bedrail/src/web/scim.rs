//! SCIM 2.0 (RFC 7644): a directory keeps the roster. Programs come with a token that has the right for this and no other; answers and
//! failures have the form that SCIM asks for.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, Path, Query, Request, State as Extract};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bedrail_app::workforce::directory::{self, Refused};
use bedrail_app::workforce::scim;
use serde::Deserialize;
use serde_json::Value;

use super::error::Failure;
use super::session::SignedIn;
use super::state::State;

/// The media type of SCIM (RFC 7644 §3.1).
const MEDIA_TYPE: &str = "application/scim+json";
/// Where the service is.
pub(crate) const PATH: &str = "/scim/v2";

/// The routes.
pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/scim/v2/ServiceProviderConfig", get(service))
        .route("/scim/v2/ResourceTypes", get(resource_types))
        .route("/scim/v2/Schemas", get(schemas))
        .route("/scim/v2/Users", get(list).post(create))
        .route("/scim/v2/Users/{id}", get(one).put(replace).patch(patch).delete(delete))
}

fn base(state: &State) -> String {
    format!("{}{PATH}", state.options.public_url.as_deref().unwrap_or_default())
}

fn answered(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    if let Some(tag) = body["meta"]["version"].as_str().and_then(|tag| HeaderValue::from_str(tag).ok()) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    if let Some(place) = body["meta"]["location"].as_str().and_then(|it| HeaderValue::from_str(it).ok())
        && status == StatusCode::CREATED
    {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

fn refused(refused: Refused) -> Response {
    match refused {
        Refused::Fault(fault) => {
            let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::BAD_REQUEST);
            (super::error::OwnPage, answered(status, &fault.body())).into_response()
        }
        Refused::Other(error) => Failure::from(error).into_response(),
    }
}

/// A failure in the words of SCIM.
pub(crate) fn in_words(response: &Response) -> Response {
    let status = response.status();
    let said = response.extensions().get::<Failure>().map(|failure| failure.message().to_owned());
    let detail = said.unwrap_or_else(|| status.canonical_reason().unwrap_or("Error").to_owned());
    let body = scim::error(status.as_u16(), None, &detail);
    let mut answer = (super::error::OwnPage, answered(status, &body)).into_response();
    // Who asked too much is told when to come back.
    if let Some(wait) = response.headers().get(header::RETRY_AFTER) {
        answer.headers_mut().insert(header::RETRY_AFTER, wait.clone());
    }
    answer
}

/// JSON that a directory sends, of either media type.
struct Sent(Value);

impl FromRequest<State> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, state: &State) -> Result<Sent, Response> {
        let fault =
            |status, kind, detail: String| refused(Refused::Fault(scim::Fault { status, kind, detail }));
        let sent = request.headers().get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let kind = sent.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if ![MEDIA_TYPE, "application/json"].iter().any(|it| kind.eq_ignore_ascii_case(it)) {
            return Err(fault(415, None, format!("send {MEDIA_TYPE} or application/json")));
        }
        let body = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        let read = serde_json::from_slice(&body);
        read.map(Sent).map_err(|_| fault(400, Some("invalidSyntax"), "the body is not JSON".to_owned()))
    }
}

async fn service(Extract(state): Extract<State>, _visitor: SignedIn) -> Response {
    answered(StatusCode::OK, &scim::service(&base(&state)))
}

async fn resource_types(Extract(state): Extract<State>, _visitor: SignedIn) -> Response {
    let types = scim::resource_types(&base(&state));
    let total = types.len() as u64;
    answered(StatusCode::OK, &scim::list(&types, total, 1))
}

async fn schemas(Extract(state): Extract<State>, _visitor: SignedIn) -> Response {
    let schemas = scim::schemas(&base(&state));
    let total = schemas.len() as u64;
    answered(StatusCode::OK, &scim::list(&schemas, total, 1))
}

/// What a list is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    filter: Option<String>,
    #[serde(rename = "startIndex")]
    start: Option<String>,
    count: Option<String>,
}

async fn list(visitor: SignedIn, Extract(state): Extract<State>, Query(query): Query<ListQuery>) -> Response {
    let number = |text: Option<String>, usual: u64| {
        text.and_then(|it| it.parse::<i64>().ok()).map_or(usual, |it| it.max(0).unsigned_abs())
    };
    let (start, count) = (number(query.start, 1), number(query.count, 100));
    let found =
        directory::list(&state.ctx, &visitor.actor(), query.filter.as_deref(), (start, count), &base(&state))
            .await;
    found.map_or_else(refused, |body| answered(StatusCode::OK, &body))
}

async fn one(visitor: SignedIn, Extract(state): Extract<State>, Path(id): Path<String>) -> Response {
    let found = directory::get(&state.ctx, &visitor.actor(), &id, &base(&state)).await;
    found.map_or_else(refused, |body| answered(StatusCode::OK, &body))
}

async fn create(visitor: SignedIn, Extract(state): Extract<State>, Sent(sent): Sent) -> Response {
    let made = directory::create(&state.ctx, &visitor.actor(), &sent, &base(&state)).await;
    made.map_or_else(refused, |body| answered(StatusCode::CREATED, &body))
}

async fn replace(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent,
) -> Response {
    let done = directory::replace(&state.ctx, &visitor.actor(), &id, &sent, &base(&state)).await;
    done.map_or_else(refused, |body| answered(StatusCode::OK, &body))
}

async fn patch(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent,
) -> Response {
    let done = directory::patch(&state.ctx, &visitor.actor(), &id, &sent, &base(&state)).await;
    done.map_or_else(refused, |body| answered(StatusCode::OK, &body))
}

async fn delete(visitor: SignedIn, Extract(state): Extract<State>, Path(id): Path<String>) -> Response {
    match directory::delete(&state.ctx, &visitor.actor(), &id).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(fault) => refused(fault),
    }
}
