//! Which devices face the outside, by whom it was said or seen, and since when.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use bedrail_app::Error;
use bedrail_app::exposure::{self, ImportExposure};
use bedrail_model::exposure::Vantage;
use bedrail_model::ids::ExposureImportId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Answered;
use super::upload::Upload;
use crate::web::error::{Failure, Problem};
use crate::web::form::blank;
use crate::web::pages::device::device_id;
use crate::web::query::Paging;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::exposure::{ExposureListView, ExposureReportView, ReachRowView};

/// Devices that face the outside or of which there is a sign, contradictions first; addresses of no device; files.
#[utoipa::path(
    get, path = "/exposure", tag = "exposure", params(Paging), security(("session" = []), ("token" = [])),
    responses((status = 200, body = ExposureListView), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(paging): Query<Paging>,
) -> Answered<ExposureListView> {
    let list = exposure::list(&state.ctx, &visitor.actor(), &paging.request()).await?;
    Ok(Json(ExposureListView::from(&list)))
}

/// How far one device can be reached from, with all evidence.
#[utoipa::path(
    get, path = "/devices/{id}/exposure", tag = "exposure", params(("id" = String, Path, description = "Device id")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = ReachRowView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn of_device(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<ReachRowView> {
    let row = exposure::of_device(&state.ctx, &visitor.actor(), device_id(&id)?).await?;
    Ok(Json(ReachRowView::from(&row)))
}

/// Of the file that is sent.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ExposureImportQuery {
    /// From where somebody scanned: `outside`, `inside`; without it nobody says.
    #[serde(deserialize_with = "blank")]
    from: Option<String>,
    /// Only say what would happen.
    dry_run: bool,
    /// The file's name, for the record, where the body is the file itself.
    #[serde(deserialize_with = "blank")]
    file_name: Option<String>,
}

/// The place that a code names; nothing is nobody's word.
pub(crate) fn vantage(code: Option<&str>) -> Result<Vantage, Error> {
    match code {
        None => Ok(Vantage::Unknown),
        Some(code) => Vantage::from_code(code)
            .ok_or_else(|| Error::invalid("`from` is `outside`, `inside` or `unknown`")),
    }
}

/// Takes a file with evidence in (nmap XML, Shodan or InternetDB JSON, a NAT list): the body itself, or the field `file` of a
/// multipart form.
#[utoipa::path(
    post, path = "/exposure/imports", tag = "exposure", params(ExposureImportQuery), security(("session" = []), ("token" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = ExposureReportView),
        (status = 503, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn import(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<ExposureImportQuery>,
    upload: Upload,
) -> Answered<ExposureReportView> {
    let _permit = state.begin_upload()?;
    let command = ImportExposure {
        file_name: query.file_name.or(upload.file_name).unwrap_or_else(|| "evidence".to_owned()),
        document: upload.document,
        vantage: vantage(query.from.as_deref())?,
        dry_run: query.dry_run,
    };
    let report = exposure::import(&state.ctx, &visitor.actor(), command).await?;
    Ok(Json(ExposureReportView::from(&report)))
}

/// Takes the evidence of a file away again; the file itself stays.
#[utoipa::path(
    delete, path = "/exposure/imports/{id}", tag = "exposure", params(("id" = String, Path, description = "Id of the file")),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "Its evidence counts no more"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn remove(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    exposure::remove(&state.ctx, &visitor.actor(), import_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The id of a file.
pub(crate) fn import_id(text: &str) -> Result<ExposureImportId, Error> {
    text.parse().map_err(|_| Error::not_found("this file"))
}
