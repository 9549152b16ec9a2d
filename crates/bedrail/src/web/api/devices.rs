//! Devices.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use axum::response::{IntoResponse as _, Response};
use bedrail_app::Error;
use bedrail_app::devices::{self, ImportDevices};
use bedrail_app::jobs::imports;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Answered;
use super::upload::Upload;
use crate::web::error::{Failure, Problem};
use crate::web::later::{Prefers, accepted};
use crate::web::pages::device::device_id;
use crate::web::query::{DevicesQuery, Paging};
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::PageView;
use crate::web::views::device::{DeviceRowView, DeviceView, GridView, ImportView};
use crate::web::views::job::StartedView;

/// The device list.
#[utoipa::path(
    get, path = "/devices", tag = "devices", params(DevicesQuery, Paging), security(("session" = []), ("token" = [])),
    responses((status = 200, body = PageView<DeviceRowView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<DevicesQuery>,
) -> Answered<PageView<DeviceRowView>> {
    let list = devices::list(&state.ctx, &visitor.actor(), &query.filter()?, &query.paging.request()).await?;
    Ok(Json(PageView::of(&list)))
}

/// Wards by kinds, the share nobody knows the inside of, ends of support.
#[utoipa::path(
    get, path = "/devices/grid", tag = "devices", security(("session" = []), ("token" = [])),
    responses((status = 200, body = GridView), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn grid(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<GridView> {
    let grid = devices::grid(&state.ctx, &visitor.actor()).await?;
    Ok(Json(GridView::from(&grid)))
}

/// One device.
#[utoipa::path(
    get, path = "/devices/{id}", tag = "devices", params(("id" = String, Path, description = "Device id")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = DeviceView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<DeviceView> {
    let detail = devices::get(&state.ctx, &visitor.actor(), device_id(&id)?).await?;
    Ok(Json(DeviceView::from(&detail)))
}

/// How a device list is to be read.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ImportQuery {
    /// Only say what would happen.
    dry_run: bool,
    /// `header=field` pairs, separated by line feeds or commas, before the known synonyms.
    mapping: String,
    /// The file's name, for the record, where the body is the file itself.
    file_name: Option<String>,
}

/// Takes over a device list (CSV): the body itself, or the field `file` of a multipart form.
#[utoipa::path(
    post, path = "/devices/import", tag = "devices", params(ImportQuery, ("Prefer" = Option<String>, Header, description = "`respond-async`: not to wait; a job does it")),
    security(("session" = []), ("token" = [])),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = ImportView),
        (status = 202, description = "The list is long, or `Prefer: respond-async` was sent: a job takes it over, `Location` names it", body = StartedView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn import(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<ImportQuery>,
    prefers: Prefers,
    upload: Upload,
) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let command = ImportDevices {
        file_name: query.file_name.or(upload.file_name).unwrap_or_else(|| "devices.csv".to_owned()),
        document: upload.document,
        mapping: mapping(&query.mapping)?,
        dry_run: query.dry_run,
    };
    let long = prefers.not_to_wait || imports::is_long_list(&command.document);
    if long && !command.dry_run {
        let id = imports::ask_devices(&state.ctx, &visitor.actor(), command).await?;
        return Ok(accepted(id, prefers));
    }
    let report = devices::import(&state.ctx, &visitor.actor(), command).await?;
    Ok(Json(ImportView::from(&report)).into_response())
}

fn mapping(text: &str) -> Result<Vec<(String, String)>, Error> {
    let pairs = text.split(['\n', ',']).map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| match pair.rsplit_once('=') {
            Some((header, field)) => Ok((header.trim().to_owned(), field.trim().to_owned())),
            None => Err(Error::invalid(format!("`{pair}` in `mapping` is not `header=field`"))),
        })
        .collect()
}
