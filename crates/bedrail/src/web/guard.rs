//! What stands before every route: a request id, the `Host` and origin checks, and the security headers after it.

use std::fmt;

use axum::extract::{Request, State as Extract};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::error::Failure;
use super::state::State;

/// The id of a request: in the log, in the `X-Request-Id` header and on error pages. Always ours, never the caller's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestId(Uuid);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Nothing but our own files, no inline code or style, no framing.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The same for Swagger UI, which writes styles into its page.
const POLICY_OF_DOCS: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' data:; \
                              connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Security headers that every response carries, beside the content policy.
const HEADERS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// Gives the request an id and the response its headers. The outermost layer.
pub(crate) async fn frame(Extract(state): Extract<State>, mut request: Request, next: Next) -> Response {
    let id = RequestId(Uuid::now_v7());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    request.extensions_mut().insert(id);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let docs = path.starts_with("/api/docs");
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(if docs { POLICY_OF_DOCS } else { POLICY }),
    );
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if state.options.behind_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    tracing::info!(request = %id, %method, path, status = response.status().as_u16(), "answered");
    response
}

/// Refuses requests that name a host which is not ours, and changes that another site's page started.
pub(crate) async fn check(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let host = named_host(&request);
    if !host.as_deref().is_some_and(|host| own_host(host, &state.options.allowed_hosts)) {
        return Failure::new(
            StatusCode::MISDIRECTED_REQUEST,
            "wrong_host",
            "This server does not answer to that host name.",
        )
        .hint("Use the address that the server printed, or allow the name with --allowed-host.")
        .into_response();
    }
    if is_unsafe(request.method()) && !same_origin(request.headers(), host.as_deref().unwrap_or_default()) {
        return Failure::forged().into_response();
    }
    next.run(request).await
}

/// Whether a method can change something.
pub(crate) fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// The host that a request names, with its port.
fn named_host(request: &Request) -> Option<String> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.to_string());
    }
    request.headers().get(header::HOST)?.to_str().ok().map(str::to_owned)
}

/// Whether a host (with or without port) is a loopback name or one of the allowed ones.
fn own_host(host: &str, allowed: &[String]) -> bool {
    let name = if host.starts_with('[') {
        host.split_inclusive(']').next().unwrap_or(host)
    } else {
        host.split(':').next().unwrap_or(host)
    };
    ["localhost", "127.0.0.1", "[::1]"].contains(&name)
        || allowed.iter().any(|own| own.eq_ignore_ascii_case(name) || own.eq_ignore_ascii_case(host))
}

/// Whether a change comes from our own pages. A browser always says so on a cross-site post, by `Sec-Fetch-Site` or by
/// `Origin`; a program that sends neither has no cookies of a person to misuse.
fn same_origin(headers: &HeaderMap, host: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    match headers.get(header::ORIGIN).map(HeaderValue::to_str) {
        None => true,
        Some(Ok(origin)) => origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host)),
        Some(Err(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_and_allowed_names_are_ours() {
        let allowed = vec!["bedrail.hospital.example".to_owned()];
        for own in [
            "localhost",
            "localhost:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "[::1]",
            "Bedrail.hospital.example:443",
        ] {
            assert!(own_host(own, &allowed), "{own}");
        }
        for foreign in
            ["evil.example", "localhost.evil.example", "127.0.0.1.nip.example", "", "[::2]:1", "0.0.0.0"]
        {
            assert!(!own_host(foreign, &allowed), "{foreign}");
        }
    }

    #[test]
    fn changes_from_other_sites_are_told_apart() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            pairs
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect()
        };
        assert!(same_origin(&headers(&[]), "localhost:8080"));
        assert!(same_origin(&headers(&[("origin", "http://localhost:8080")]), "localhost:8080"));
        assert!(same_origin(&headers(&[("sec-fetch-site", "same-origin")]), "localhost:8080"));
        assert!(!same_origin(&headers(&[("origin", "http://evil.example")]), "localhost:8080"));
        assert!(!same_origin(&headers(&[("origin", "null")]), "localhost:8080"));
        assert!(!same_origin(&headers(&[("sec-fetch-site", "cross-site")]), "localhost:8080"));
        assert!(!same_origin(&headers(&[("sec-fetch-site", "same-site")]), "localhost:8080"));
    }
}
