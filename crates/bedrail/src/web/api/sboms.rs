//! Bills of materials.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use axum::response::{IntoResponse as _, Response};
use bedrail_app::jobs::imports;
use bedrail_app::sboms::{self, AddSbom};
use serde::Deserialize;
use utoipa::IntoParams;

use super::upload::Upload;
use crate::web::error::{Failure, Problem};
use crate::web::form::blank;
use crate::web::later::{Prefers, accepted};
use crate::web::pages::releases::document_as_received;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::job::StartedView;
use crate::web::views::release::ReceiptView;

/// The release that the document is for; what is missing is taken from the document's own subject.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct AddQuery {
    /// Maker.
    #[serde(deserialize_with = "blank")]
    maker: Option<String>,
    /// Model.
    #[serde(deserialize_with = "blank")]
    model: Option<String>,
    /// Version.
    #[serde(deserialize_with = "blank")]
    version: Option<String>,
    /// The file's name, for the record, where the body is the file itself.
    #[serde(deserialize_with = "blank")]
    file_name: Option<String>,
}

/// Adds a bill of materials to a release: the body itself, or the field `file` of a multipart form.
#[utoipa::path(
    post, path = "/sboms", tag = "sboms", params(AddQuery, ("Prefer" = Option<String>, Header, description = "`respond-async`: not to wait; a job does it")),
    security(("session" = []), ("token" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = ReceiptView),
        (status = 202, description = "The document is long, or `Prefer: respond-async` was sent: a job adds it, `Location` names it", body = StartedView),
        (status = 503, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn add(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<AddQuery>,
    prefers: Prefers,
    upload: Upload,
) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let command = AddSbom {
        file_name: query.file_name.or(upload.file_name).unwrap_or_else(|| "sbom".to_owned()),
        document: upload.document,
        maker: query.maker,
        model: query.model,
        version: query.version,
    };
    if prefers.not_to_wait || imports::is_long_bill(&command.document) {
        let id = imports::ask_sbom(&state.ctx, &visitor.actor(), command).await?;
        return Ok(accepted(id, prefers));
    }
    let receipt = sboms::add(&state.ctx, &visitor.actor(), command).await?;
    Ok(Json(ReceiptView::from(&receipt)).into_response())
}

/// A document as it was received.
#[utoipa::path(
    get, path = "/documents/{id}", tag = "sboms", params(("id" = String, Path, description = "Document id")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn document(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    document_as_received(&state, &visitor, &id).await
}
