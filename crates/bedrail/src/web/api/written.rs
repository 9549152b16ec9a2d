//! Physical and media facts: kinds, facts, what is due, lists.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use bedrail_app::written::{self, Filter, KINDS, New};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answered;
use super::upload::Upload;
use crate::web::error::{Failure, Problem};
use crate::web::form::blank;
use crate::web::pages::id_of;
use crate::web::query::WrittenFactsQuery;
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::written::{WrittenFactsView, WrittenImportView, WrittenKindView};

/// Physical and media facts, and what is to be written down anew.
#[utoipa::path(
    get, path = "/written-facts", tag = "programme", params(WrittenFactsQuery), security(("session" = []), ("token" = [])),
    responses((status = 200, body = WrittenFactsView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<WrittenFactsQuery>,
) -> Answered<WrittenFactsView> {
    let filter = Filter { kind: query.kind, system: query.system };
    let listed = written::list(&state.ctx, &visitor.actor(), &filter).await?;
    Ok(Json(WrittenFactsView::from(&listed)))
}

/// The kinds of facts with their fields.
#[utoipa::path(
    get, path = "/written-facts/kinds", tag = "programme", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<WrittenKindView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn kinds(_visitor: SignedIn) -> Json<Vec<WrittenKindView>> {
    Json(KINDS.iter().map(WrittenKindView::from).collect())
}

/// A fact.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenFactSent {
    /// The kind, by its code.
    kind: String,
    /// The day on which it was, as an ISO date; none that has not come.
    day: String,
    /// What it is about: a serial number, a site, a vendor, a system.
    system: String,
    /// The fields by code.
    #[serde(default)]
    fields: BTreeMap<String, String>,
}

/// What was written down.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WrittenFactId {
    /// Its id.
    id: String,
}

/// Writes a fact down.
#[utoipa::path(
    post, path = "/written-facts", tag = "programme", security(("session" = []), ("token" = [])),
    request_body = WrittenFactSent,
    responses((status = 201, body = WrittenFactId), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn write(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<WrittenFactSent>,
) -> Result<(StatusCode, Json<WrittenFactId>), Failure> {
    let new = New { day: sent.day, system: sent.system, fields: sent.fields };
    let id = written::write(&state.ctx, &visitor.actor(), &sent.kind, &new).await?;
    Ok((StatusCode::CREATED, Json(WrittenFactId { id: id.to_string() })))
}

/// Why a fact is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenTakeBackSent {
    /// The reason, in a line.
    reason: String,
}

/// Takes a fact back: it shows nothing from now on, and stays in the list.
#[utoipa::path(
    post, path = "/written-facts/{id}/take-back", tag = "programme", params(("id" = String, Path, description = "Id of the fact")),
    security(("session" = []), ("token" = [])), request_body = WrittenTakeBackSent,
    responses((status = 204, description = "It shows nothing any more"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn take_back(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<WrittenTakeBackSent>,
) -> Result<StatusCode, Failure> {
    written::withdraw(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Of the list that is sent.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct WrittenImportQuery {
    /// The kind, by its code.
    #[serde(deserialize_with = "blank")]
    kind: Option<String>,
    /// Which column stands for what, as `day=Date,system=Serial`; what is not named is found by its own name.
    #[serde(deserialize_with = "blank")]
    mapping: Option<String>,
    /// Only say what would happen.
    dry_run: bool,
}

/// Takes a list of facts of one kind in (CSV, UTF-8, at most 8 MiB): the body itself, or the field `file` of a multipart form.
#[utoipa::path(
    post, path = "/written-facts/import", tag = "programme", params(WrittenImportQuery), security(("session" = []), ("token" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = WrittenImportView),
        (status = 503, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn import(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<WrittenImportQuery>,
    upload: Upload,
) -> Answered<WrittenImportView> {
    let _permit = state.begin_upload()?;
    let (kind, mapping) = (query.kind.unwrap_or_default(), query.mapping.unwrap_or_default());
    let list = (&upload.document, mapping.as_str());
    let report = written::import(&state.ctx, &visitor.actor(), &kind, list, query.dry_run).await?;
    Ok(Json(WrittenImportView::from(&report)))
}
