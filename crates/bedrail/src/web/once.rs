//! `Idempotency-Key` on changes by the API: a request that is sent again is answered from what was kept, and carried out
//! once. Two requests are the same when method, address, media type and length are; the body itself is not compared,
//! since it may be a large upload. The change marks the key in its own transaction, so that it is known what became of a
//! request whose process died.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as Extract};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bedrail_app::idempotency::{self, Answer, Key};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use super::error::Failure;
use super::guard::is_unsafe;
use super::state::State;
use super::{later, session};

/// The header that carries the key.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer was kept from an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The largest answer that is kept, in bytes; reports on the rows of an import are the largest.
const LIMIT: usize = 16 << 20;

/// Carries a change with a key out once.
pub(crate) async fn once(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let key = request.headers().get(KEY).and_then(|key| key.to_str().ok()).map(str::to_owned);
    let Some(key) = key.filter(|_| is_unsafe(request.method())) else { return next.run(request).await };
    let (mut parts, body) = request.into_parts();
    // Who is not signed in is refused by the handler.
    let Ok(visitor) = session::visitor(&mut parts, &state).await else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let asked = digest(&parts);
    let taken = match idempotency::begin(&state.ctx, &visitor.actor(), &key, &asked).await {
        Ok(Key::Free(taken)) => taken,
        Ok(Key::Answered(answer)) => return replayed(answer),
        Ok(Key::Busy) => {
            let message = "The first request with this key is still under way.";
            let failure = Failure::new(StatusCode::CONFLICT, "in_progress", message)
                .hint("Send it again in a few seconds: you then get its answer.");
            return ([(header::RETRY_AFTER, "2")], failure).into_response();
        }
        Ok(Key::CarriedOut) => {
            let message = "The first request with this key was carried out, but its answer was lost.";
            return Failure::new(StatusCode::CONFLICT, "carried_out", message)
                .hint("Do not send it again; ask for what it changed.")
                .into_response();
        }
        Ok(Key::Other) => {
            let message = "This key was used for another request.";
            return Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "key_reused", message)
                .hint("Take a fresh key for each change.")
                .into_response();
        }
        Err(error) => return Failure::from(error).into_response(),
    };
    // Whoever was found above is who the handler finds: its changes mark the key in their own transaction.
    parts.extensions.insert(visitor.once(&taken));
    let mut beside = JoinSet::new();
    beside.spawn(idempotency::keep_alive(state.ctx.clone(), taken.clone()));
    let response = next.run(Request::from_parts(parts, body)).await;
    drop(beside);
    let kept = keep(&state, &taken, response).await;
    kept.unwrap_or_else(|failure| failure.into_response())
}

/// Keeps an answer that a person could get again; a fault of ours may be tried again.
async fn keep(state: &State, taken: &idempotency::Taken, response: Response) -> Result<Response, Failure> {
    let status = response.status();
    if status.is_server_error()
        || status == StatusCode::UNAUTHORIZED
        || response.extensions().get::<Failure>().is_some()
    {
        idempotency::forget(&state.ctx, taken).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, LIMIT).await.map_err(|error| Failure::internal(&error))?;
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_owned();
    let answer = Answer { status: status.as_u16(), kind, body: bytes.to_vec() };
    idempotency::finish(&state.ctx, taken, answer).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn replayed(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let place = if status == StatusCode::ACCEPTED { later::place_of(&answer.body) } else { None };
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    if let Some(place) = place {
        headers.insert(header::LOCATION, place);
    }
    match HeaderValue::from_str(&answer.kind) {
        Ok(kind) if !kind.is_empty() => headers.insert(header::CONTENT_TYPE, kind),
        _ => headers.remove(header::CONTENT_TYPE),
    };
    response
}

/// What is asked, as far as it is compared.
fn digest(parts: &axum::http::request::Parts) -> Vec<u8> {
    let header = |name| parts.headers.get(name).map(HeaderValue::as_bytes).unwrap_or_default();
    let address = parts.uri.path_and_query().map(|address| address.as_str()).unwrap_or_default();
    let fields: [&[u8]; 4] = [
        parts.method.as_str().as_bytes(),
        address.as_bytes(),
        header(header::CONTENT_TYPE),
        header(header::CONTENT_LENGTH),
    ];
    let mut digest = Sha256::new();
    for field in fields {
        digest.update((field.len() as u64).to_be_bytes());
        digest.update(field);
    }
    digest.finalize().to_vec()
}
