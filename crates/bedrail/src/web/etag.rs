//! Entity tags (RFC 9110 §8.8.3) on what the API answers: a program that asks again for what it has gets 304 and no body,
//! and who changes a record sends back the tag of what they saw (`If-Match`).
//!
//! The tag of a record that can be changed is its version, a dot, and the digest of the answer. What is compared before a
//! change is the version alone, so that a last sign-in that moved in between refuses nobody's change.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{AppendHeaders, IntoResponse, Response};
use bedrail_app::seen::Seen;
use sha2::{Digest, Sha256};

use super::error::Failure;

/// The largest answer that gets a tag, in bytes: a page of 500 rows. Larger ones are documents, named by their hash.
const LIMIT: usize = 8 << 20;

/// Tags JSON answers to `GET`, and answers 304 where the caller has what would be sent.
pub(crate) async fn tag(request: Request, next: Next) -> Response {
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let read = request.method() == Method::GET;
    let response = next.run(request).await;
    let json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if !read || !json || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = match to_bytes(body, LIMIT).await {
        Ok(bytes) => bytes,
        Err(error) => return Failure::internal(&error).into_response(),
    };
    let digest = hex::encode(&Sha256::digest(&bytes)[..16]);
    let version = parts.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let tag = match version.map(|version| version.trim_matches('"')) {
        Some(version) => format!("\"{version}.{digest}\""),
        None => format!("\"{digest}\""),
    };
    let same = known.as_ref().and_then(|known| known.to_str().ok()).is_some_and(|known| {
        known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag || one.trim() == "*")
    });
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, tag);
    }
    if same {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// The version of a record as the tag of an answer that shows it, or that changed it.
pub(crate) fn of_version(version: &str) -> AppendHeaders<[(header::HeaderName, String); 1]> {
    AppendHeaders([(header::ETAG, format!("\"{version}\""))])
}

/// What a change says that it saw: the tags of `If-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IfMatch(Option<Seen>);

impl IfMatch {
    /// What was seen, where it must be said: a record that several people change and that is replaced as a whole.
    pub(crate) fn required(self) -> Result<Seen, Failure> {
        self.0.ok_or_else(|| {
            let message = "Say which state of the record you saw, so that no change of somebody else is lost.";
            Failure::new(StatusCode::PRECONDITION_REQUIRED, "if_match_needed", message)
                .hint("Send the `ETag` of what you read as `If-Match`, or `If-Match: *` to overwrite whatever is there.")
        })
    }

    /// What was seen, where nobody else changes the record: without a word it is whatever is there.
    pub(crate) fn or_whatever(self) -> Seen {
        self.0.unwrap_or(Seen::Whatever)
    }

    /// What was seen, where nothing need be there yet.
    pub(crate) fn or_nothing(self) -> Seen {
        self.0.unwrap_or_else(|| Seen::Version(Vec::new()))
    }

    fn read(parts: &Parts) -> Option<Seen> {
        let mut tags = Vec::new();
        for line in parts.headers.get_all(header::IF_MATCH) {
            // What cannot be read matches nothing.
            for tag in line.to_str().unwrap_or_default().split(',').map(str::trim) {
                if tag == "*" {
                    return Some(Seen::Whatever);
                }
                let tag = tag.trim_start_matches("W/").trim_matches('"');
                tags.push(tag.split('.').next().unwrap_or_default().to_owned());
            }
        }
        (!tags.is_empty()).then_some(Seen::Version(tags))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<IfMatch, Self::Rejection> {
        Ok(IfMatch(IfMatch::read(parts)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_any_tag_that_we_gave() {
        let read = |lines: &[&'static str]| {
            let mut request = Request::builder();
            for line in lines {
                request = request.header(header::IF_MATCH, *line);
            }
            IfMatch::read(&request.body(()).unwrap_or_default().into_parts().0)
        };
        let versions =
            |versions: &[&str]| Some(Seen::Version(versions.iter().map(|v| (*v).to_owned()).collect()));
        assert_eq!(read(&[]), None);
        assert_eq!(read(&["*"]), Some(Seen::Whatever));
        assert_eq!(read(&["\"ab.cd\""]), versions(&["ab"]));
        assert_eq!(read(&["W/\"ab.cd\", \"ef\"", "\"gh\""]), versions(&["ab", "ef", "gh"]));
        assert_eq!(read(&["ab"]), versions(&["ab"]));
        assert_eq!(read(&[""]), versions(&[""]), "nothing that matches");
    }
}
