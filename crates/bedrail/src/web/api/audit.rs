//! The audit log.

use axum::Json;
use axum::extract::{Query, State as Extract};
use bedrail_app::audit;

use super::Answered;
use crate::web::error::Problem;
use crate::web::query::ListQuery;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::PageView;
use crate::web::views::data::AuditEntryView;

/// The audit log, newest first.
#[utoipa::path(
    get, path = "/audit", tag = "audit", params(ListQuery), security(("session" = [])),
    responses((status = 200, body = PageView<AuditEntryView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<ListQuery>,
) -> Answered<PageView<AuditEntryView>> {
    let log = audit::list(&state.ctx, &visitor.actor(), &query.page()).await?;
    Ok(Json(PageView::of(&log)))
}
