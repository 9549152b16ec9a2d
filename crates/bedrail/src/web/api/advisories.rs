//! Advisories.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use bedrail_app::advisories;

use super::Answered;
use crate::web::error::Problem;
use crate::web::query::{ListQuery, Paging};
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::PageView;
use crate::web::views::advisory::{AdvisoryRowView, AdvisoryView};

/// Weaknesses that touch the organisation: known exploited first, then by severity, then by devices.
#[utoipa::path(
    get, path = "/advisories", tag = "advisories", params(ListQuery, Paging), security(("session" = []), ("token" = [])),
    responses((status = 200, body = PageView<AdvisoryRowView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<ListQuery>,
) -> Answered<PageView<AdvisoryRowView>> {
    let list = advisories::list(&state.ctx, &visitor.actor(), query.text.as_deref(), &query.paging.request())
        .await?;
    Ok(Json(PageView::of(&list)))
}

/// One weakness by any of its names.
#[utoipa::path(
    get, path = "/advisories/{id}", tag = "advisories", params(("id" = String, Path, description = "Any id of the weakness")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = AdvisoryView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<AdvisoryView> {
    let detail = advisories::get(&state.ctx, &visitor.actor(), &id).await?;
    Ok(Json(AdvisoryView::from(&detail)))
}
