//! Releases.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use bedrail_app::releases;

use super::Answered;
use crate::web::error::Problem;
use crate::web::pages::releases::release_id;
use crate::web::query::{Paging, ReleasesQuery};
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::PageView;
use crate::web::views::release::{ReleaseRowView, ReleaseView};

/// The list of releases.
#[utoipa::path(
    get, path = "/releases", tag = "releases", params(ReleasesQuery, Paging), security(("session" = []), ("token" = [])),
    responses((status = 200, body = PageView<ReleaseRowView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<ReleasesQuery>,
) -> Answered<PageView<ReleaseRowView>> {
    let list =
        releases::list(&state.ctx, &visitor.actor(), &query.filter()?, &query.paging.request()).await?;
    Ok(Json(PageView::of(&list)))
}

/// One release with its bill of materials and its findings.
#[utoipa::path(
    get, path = "/releases/{id}", tag = "releases", params(("id" = String, Path, description = "Release id")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = ReleaseView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<ReleaseView> {
    let detail = releases::get(&state.ctx, &visitor.actor(), release_id(&id)?).await?;
    Ok(Json(ReleaseView::from(&detail)))
}
