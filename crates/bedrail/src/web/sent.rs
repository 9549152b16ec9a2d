//! JSON that a program sends: of the media type that it says, within the limit, and of the described shape and nothing
//! more. What is wrong is said with its place, without repeating what was sent.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::error::Failure;
use super::state::State;

/// A body of JSON.
#[derive(Debug)]
pub(crate) struct Sent<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<State> for Sent<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &State) -> Result<Sent<T>, Failure> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Failure::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
                .hint("Send JSON as `Content-Type: application/json`."));
        }
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|rejection| Failure::of_status(rejection.status()))?;
        serde_json::from_slice(&body).map(Sent).map_err(|error| refused(&error))
    }
}

fn refused(error: &serde_json::Error) -> Failure {
    let place = format!("line {}, column {}", error.line(), error.column());
    if error.classify() != Category::Data {
        let message = format!("The body is not JSON, or it is nested too deep: {place}.");
        return Failure::new(StatusCode::BAD_REQUEST, "invalid", message);
    }
    // What was sent may be a password in the wrong place: only what is expected is said.
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let wrong = match text.split_once(", expected ") {
        Some((found, expected)) if found.starts_with("invalid ") => format!("{expected} should stand there"),
        _ => text.to_owned(),
    };
    let message = format!("The body is not of the described shape: {wrong} ({place}).");
    Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message)
        .hint("See /api/docs for what is taken.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_without_what_was_sent() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "only its shape counts")]
        struct Shape {
            password: String,
            days: u16,
        }
        let said = |text: &str| {
            let failure = refused(&serde_json::from_str::<Shape>(text).unwrap_err());
            format!("{failure:?}")
        };
        assert!(said(r#"{"password": 4711}"#).contains("a string should stand there (line 1"));
        for text in
            [r#"{"password": 4711}"#, r#"{"password":"x","days":"4711"}"#, r#"{"password":"x","days":-4711}"#]
        {
            assert!(!said(text).contains("4711"), "{}", said(text));
        }
        assert!(said(r#"{"password":"x","days":1,"role":"x"}"#).contains("unknown field `role`"));
        assert!(said(r#"{"password":"x"}"#).contains("missing field `days`"));
        assert!(said("{").contains("not JSON"));
        assert!(said(&"[".repeat(10_000)).contains("invalid"));
    }
}
