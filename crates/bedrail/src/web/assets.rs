//! Our style sheet, scripts and icon, inside the program. Each address carries a digest of the content, so that
//! browsers may keep a file for ever.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::error::Failure;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// Kinds of files served, by the end of their name.
const KINDS: &[(&str, &str)] = &[
    (".css", "text/css; charset=utf-8"),
    (".js", "text/javascript; charset=utf-8"),
    (".svg", "image/svg+xml"),
    (".txt", "text/plain; charset=utf-8"),
];

/// The address of an asset.
pub(crate) fn url(name: &str) -> String {
    let digest =
        Assets::get(name).map(|file| hex::encode(&file.metadata.sha256_hash()[..6])).unwrap_or_default();
    format!("/assets/{name}?v={digest}")
}

/// Serves an asset.
pub(crate) async fn get(Path(name): Path<String>) -> Result<Response, Failure> {
    let missing = || Failure::from(bedrail_app::Error::not_found("this file"));
    let file = Assets::get(&name).ok_or_else(missing)?;
    let (_, kind) = KINDS.iter().find(|(end, _)| name.ends_with(end)).ok_or_else(missing)?;
    let headers =
        [(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, file.data).into_response())
}
