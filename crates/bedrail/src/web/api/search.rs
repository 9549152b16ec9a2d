//! The search.

use axum::Json;
use axum::extract::{Query, State as Extract};
use bedrail_app::search::{self, DEFAULT_LIMIT};

use super::Answered;
use crate::web::error::Problem;
use crate::web::query::SearchQuery;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::search::FoundView;

/// What bears a name: devices, weaknesses, components, makers, releases, people, each as far as the caller may see it.
#[utoipa::path(
    get, path = "/search", tag = "search", params(SearchQuery), security(("session" = []), ("token" = [])),
    responses((status = 200, body = FoundView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn search(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<SearchQuery>,
) -> Answered<FoundView> {
    let text = query.text().unwrap_or_default();
    let found = search::search(&state.ctx, &visitor.actor(), text, query.limit(DEFAULT_LIMIT)).await?;
    Ok(Json(FoundView::of(&found)))
}
