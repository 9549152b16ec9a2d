//! The audit log.

use axum::Json;
use axum::extract::{Query, State as Extract};
use axum::response::Response;
use bedrail_app::audit;
use serde::Serialize;
use utoipa::ToSchema;

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::pages::releases::attachment;
use crate::web::query::{AuditQuery, Paging};
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::PageView;
use crate::web::views::data::AuditEntryView;

/// The audit log, newest first.
#[utoipa::path(
    get, path = "/audit", tag = "audit", params(AuditQuery, Paging), security(("session" = []), ("token" = [])),
    responses((status = 200, body = PageView<AuditEntryView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<AuditQuery>,
) -> Answered<PageView<AuditEntryView>> {
    let log = audit::list(&state.ctx, &visitor.actor(), &query.filter()?, &query.paging.request()).await?;
    Ok(Json(PageView::of(&log)))
}

/// A chain that holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChainView {
    /// Entries.
    entries: u64,
    /// Number of the newest entry.
    sequence: i64,
    /// Its hash (SHA-256), in hexadecimal.
    hash: String,
    /// The public key (Ed25519) that signs exports, in hexadecimal.
    key: String,
}

/// Checks every link of the log and gives its head, to be noted outside. A broken link is a conflict that names it.
#[utoipa::path(
    get, path = "/audit/check", tag = "audit", security(("session" = []), ("token" = [])),
    responses((status = 200, body = ChainView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A link is broken", body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn check(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<ChainView> {
    let (chain, key) = audit::head(&state.ctx, &visitor.actor()).await?;
    let hash = hex::encode(chain.hash);
    Ok(Json(ChainView { entries: chain.entries, sequence: chain.sequence, hash, key }))
}

/// The whole log as JSON lines with a signed end; `bedrail audit verify` checks it anywhere.
#[utoipa::path(
    post, path = "/audit/export", tag = "audit", security(("session" = []), ("token" = [])),
    responses((status = 200, description = "JSON lines, as a file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn export(visitor: SignedIn, Extract(state): Extract<State>) -> Result<Response, Failure> {
    let mut lines = Vec::new();
    audit::export(&state.ctx, &visitor.actor(), &mut lines).await?;
    Ok(attachment("audit.jsonl", lines))
}
