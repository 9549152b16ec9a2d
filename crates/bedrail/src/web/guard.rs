//! What stands before every route: a request id, the `Host` and origin checks, and the security headers after it.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use axum::body::HttpBody as _;
use axum::extract::{MatchedPath, Request, State as Extract};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument as _;
use uuid::Uuid;

use super::error::Failure;
use super::state::State;

/// The id of a request: in every line of the log, in the `X-Request-Id` header and on error pages. The caller's own
/// where it is well-formed, so that a line here and one of the proxy in front are found together.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(Arc<str>);

/// The header that carries the id, both ways.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

impl RequestId {
    fn of(headers: &HeaderMap) -> RequestId {
        let own = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(|id| is_well_formed(id));
        RequestId(own.map_or_else(|| Uuid::now_v7().to_string().into(), Into::into))
    }
}

/// Whether an id can stand in the log: 16 to 64 hexadecimal digits and hyphens, as proxies and traces have them. A name,
/// an address or a line feed is none.
fn is_well_formed(id: &str) -> bool {
    (16..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

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
    let begun = Instant::now();
    let id = RequestId::of(request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let docs = request.uri().path().starts_with("/api/docs");
    request.extensions_mut().insert(id.clone());
    let span = tracing::info_span!("request", %id);
    let mut response = next.run(request).instrument(span.clone()).await;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(if docs { POLICY_OF_DOCS } else { POLICY }),
    );
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if state.options.over_tls() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
    let (status, took) = (response.status(), begun.elapsed());
    let route = route.as_ref().map(MatchedPath::as_str);
    state.meter.answered(&method, route, status, took);
    // The route as it stands in the router, never the path: that holds ids, and what people typed.
    span.in_scope(|| {
        tracing::info!(
            %method,
            route = route.unwrap_or("(none)"),
            status = status.as_u16(),
            milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            bytes = response.body().size_hint().exact(),
            "answered"
        );
    });
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
    let (name, rest) = match host.find(']') {
        Some(end) if host.starts_with('[') => host.split_at(end + 1),
        _ => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    // Behind the name stands a port or nothing: `localhost:80@evil.example` in a link would lead elsewhere.
    let port = rest.strip_prefix(':').unwrap_or(rest);
    if !port.bytes().all(|digit| digit.is_ascii_digit()) {
        return false;
    }
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
        for foreign in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.nip.example",
            "",
            "[::2]:1",
            "0.0.0.0",
            "localhost:80@evil.example",
            "[::1]evil.example",
            "[::1]:x",
            "localhost:8080/x",
        ] {
            assert!(!own_host(foreign, &allowed), "{foreign}");
        }
    }

    #[test]
    fn only_an_id_that_says_nothing_is_taken_over() {
        for good in ["0190b6a2-7c1e-7000-8000-000000000000", "4bf92f3577b34da6a3ce929d0e0e4736"] {
            assert!(is_well_formed(good), "{good}");
        }
        let long = "a".repeat(65);
        for bad in ["", "abc", "maria.lopez@clinic.example", "0190b6a2\n0190b6a2-7c1e", &long] {
            assert!(!is_well_formed(bad), "{bad}");
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
