//! The address without TLS: sends people on to the public address, and to no other. What the caller names as its host
//! does not matter.

use axum::Router;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};

/// Sends every request on to the public address, `https://…` without a path.
pub(super) fn router(to: String) -> Router {
    Router::new().fallback(move |method: Method, uri: Uri| async move { answer(&to, &method, &uri) })
}

fn answer(to: &str, method: &Method, uri: &Uri) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        let words = format!("Nothing is taken here without TLS: use {to}.\n");
        return (StatusCode::FORBIDDEN, words).into_response();
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('/') { path } else { "/" };
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("{to}{path}"))]).into_response()
}
