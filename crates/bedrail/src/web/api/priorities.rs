//! What to act on first.

use axum::Json;
use axum::extract::{Query, State as Extract};
use bedrail_app::priority;

use super::Answered;
use crate::web::error::Problem;
use crate::web::query::{Paging, PrioritiesQuery};
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::priority::PrioritiesView;

/// Every place where a weakness is, in one order, each with the path to its rank; and what would change if some devices were
/// isolated.
#[utoipa::path(
    get, path = "/priorities", tag = "priorities", params(PrioritiesQuery, Paging),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = PrioritiesView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<PrioritiesQuery>,
) -> Answered<PrioritiesView> {
    let request = query.paging.request();
    let list = priority::list(&state.ctx, &visitor.actor(), &query.filter()?, &request).await?;
    Ok(Json(PrioritiesView::from(&list)))
}
