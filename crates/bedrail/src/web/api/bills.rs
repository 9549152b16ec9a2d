//! Bills of materials looked at: what one lacks, what changed between two, one in another format.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use axum::response::Response;
use bedrail_app::bills;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::pages::bills::{ExportQuery, exported};
use crate::web::pages::releases::release_id;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::bill::{ComparisonView, QualityView};

/// What the bill of materials of a release lacks, by element set, with a letter that asks for it.
#[utoipa::path(
    get, path = "/releases/{id}/quality", tag = "sboms", params(("id" = String, Path, description = "Release id")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = QualityView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn quality(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<QualityView> {
    let quality = bills::quality(&state.ctx, &visitor.actor(), release_id(&id)?).await?;
    Ok(Json(QualityView::from(&quality)))
}

/// Two releases.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct CompareQuery {
    /// The earlier: its id, or maker, model and version.
    before: String,
    /// The later.
    after: String,
}

/// What changed from the bill of materials of one release to that of another, and which weaknesses came and went.
#[utoipa::path(
    get, path = "/releases/compare", tag = "sboms", params(CompareQuery),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = ComparisonView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn compare(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<CompareQuery>,
) -> Answered<ComparisonView> {
    let actor = visitor.actor();
    let before = bills::find(&state.ctx, &actor, &query.before).await?;
    let after = bills::find(&state.ctx, &actor, &query.after).await?;
    let comparison = bills::compare_releases(&state.ctx, &actor, before, after).await?;
    Ok(Json(ComparisonView::from(&comparison)))
}

/// The bill of materials of a release as CycloneDX 1.6 or SPDX 2.3.
#[utoipa::path(
    get, path = "/releases/{id}/sbom", tag = "sboms", params(("id" = String, Path, description = "Release id"), ExportQuery),
    security(("session" = []), ("token" = [])),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn export(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Failure> {
    exported(&state, &visitor, &id, &query).await
}
