//! Work that is done later: what answers a request that became a job, and what came out of the job.

use std::fs::File;
use std::io::Read as _;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Path, Query, State as Extract};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::exports::{self, Export};
use bedrail_app::results::{self, Outcome};
use bedrail_app::rights::Right;
use bedrail_app::{Actor, Error};
use bedrail_model::ids::JobId;
use futures_util::stream;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{Failure, Problem};
use super::form::Submission;
use super::frame::Frame;
use super::pages::jobs::JobIdText;
use super::pages::releases::safe_name;
use super::pages::{import, upload};
use super::query::{AffectedQuery, DevicesQuery};
use super::sent::Sent;
use super::session::SignedIn;
use super::state::State;
use super::views::device::ImportView;
use super::views::job::StartedView;
use super::views::release::ReceiptView;

const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// The preference for an answer before the work is done (RFC 7240 §4.1).
const RESPOND_ASYNC: &str = "respond-async";

/// Whether the caller prefers not to wait: `Prefer: respond-async`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prefers {
    /// Not to wait.
    pub(crate) not_to_wait: bool,
}

impl<S: Sync> FromRequestParts<S> for Prefers {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Prefers, Failure> {
        let said = parts.headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
        let mut said = said.flat_map(|value| value.split(','));
        let is_it = |part: &str| {
            part.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(RESPOND_ASYNC))
        };
        Ok(Prefers { not_to_wait: said.any(is_it) })
    }
}

/// The answer to a request that became a job: 202, and where the job is.
pub(crate) fn accepted(id: JobId, prefers: Prefers) -> Response {
    let mut headers = HeaderMap::new();
    if let Some(place) = place(&id.to_string()) {
        headers.insert(header::LOCATION, place);
    }
    if prefers.not_to_wait {
        headers.insert(PREFERENCE_APPLIED, HeaderValue::from_static(RESPOND_ASYNC));
    }
    (StatusCode::ACCEPTED, headers, Json(StartedView { id: Some(id.to_string()) })).into_response()
}

/// Where a job is.
fn place(id: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("/api/v1/jobs/{id}")).ok()
}

/// Where the job is that an earlier answer of [`accepted`] named.
pub(crate) fn place_of(body: &[u8]) -> Option<HeaderValue> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    place(body.get("id")?.as_str()?)
}

/// What is to be written as a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportRequest {
    /// The address of the list with its filters: `/devices?site=Main`, `/affected?q=CVE-2021-44228`, `/audit`.
    of: String,
}

/// The list that an address names. Who may not see it learns nothing else about the address.
fn export_of(of: &str, visitor: &SignedIn) -> Result<Export, Failure> {
    let unknown = || {
        Failure::from(Error::Invalid {
            message: "this is no list that can be written as a file".into(),
            hint: Some(
                "name `/devices`, `/affected?q=…` or `/audit`, with filters as the list has them".into(),
            ),
        })
    };
    let unreadable = |error: axum::extract::rejection::QueryRejection| {
        Failure::from(Error::invalid(format!("the filter cannot be read: {error}")))
    };
    let path = of.split('?').next().unwrap_or_default();
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    let path = path.strip_suffix(".csv").unwrap_or(path);
    if path == "/audit" {
        visitor.need(Right::SeeAudit)?;
    }
    let uri: Uri = of.parse().map_err(|_| unknown())?;
    match path {
        "/devices" => {
            let Query(query) = Query::<DevicesQuery>::try_from_uri(&uri).map_err(unreadable)?;
            Ok(Export::Devices(query.filter()?))
        }
        "/affected" => {
            let Query(query) = Query::<AffectedQuery>::try_from_uri(&uri).map_err(unreadable)?;
            let question =
                query.question()?.ok_or_else(|| Error::invalid("there is no question to export"))?;
            Ok(Export::Answer(question))
        }
        "/audit" => Ok(Export::Audit),
        _ => Err(unknown()),
    }
}

/// Has a list written as a file in the background: the list of devices, who is affected, the audit log. The job's result is
/// the file.
#[utoipa::path(
    post, path = "/exports", tag = "jobs", request_body = ExportRequest, security(("session" = []), ("token" = [])),
    responses((status = 202, description = "The job is under way; `Location` names it", body = StartedView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn start_export(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(request): Sent<ExportRequest>,
) -> Result<Response, Failure> {
    let export = export_of(&request.of, &visitor)?;
    let id = exports::ask(&state.ctx, &visitor.actor(), &export).await?;
    Ok(accepted(id, Prefers { not_to_wait: false }))
}

/// `POST /exports`: the same from a page, which then shows the job.
pub(crate) async fn export_form(
    Extract(state): Extract<State>,
    form: Submission,
) -> Result<Redirect, Failure> {
    let export = export_of(form.field("of").unwrap_or_default(), &form.visitor)?;
    let id = exports::ask(&state.ctx, &form.visitor.actor(), &export).await?;
    Ok(Redirect::to(&format!("/jobs/{id}")))
}

/// What came out of a job: the report on a device list, the receipt of a bill of materials, or a file. For who asked for it, and
/// for who may manage jobs and see what is in it; for a week.
#[utoipa::path(
    get, path = "/jobs/{id}/result", tag = "jobs", params(("id" = String, Path, description = "Id of the job")),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "As the same request would have answered at once, or the file",
            content((ImportView = "application/json"), (String = "text/csv"), (String = "application/jsonl"))),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn result(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<JobIdText>,
) -> Result<Response, Failure> {
    Ok(match results::get(&state.ctx, &visitor.actor(), id.0).await? {
        Outcome::Import(_, report) => Json(ImportView::from(&report)).into_response(),
        Outcome::Receipt(receipt) => Json(ReceiptView::from(&receipt)).into_response(),
        Outcome::File { name, media_type, bytes, file } => download(&name, &media_type, bytes, file),
    })
}

/// `GET /jobs/{id}/result`: the same as a page, or the file.
pub(crate) async fn result_page(
    frame: Frame,
    Extract(state): Extract<State>,
    Path(id): Path<JobIdText>,
) -> Result<Response, Failure> {
    let actor: Actor = frame.visitor.actor();
    Ok(match results::get(&state.ctx, &actor, id.0).await? {
        Outcome::Import(name, report) => import::report_page(frame, name, &report)?.into_response(),
        Outcome::Receipt(receipt) => upload::receipt_page(frame, receipt)?.into_response(),
        Outcome::File { name, media_type, bytes, file } => download(&name, &media_type, bytes, file),
    })
}

/// A file to be saved, sent part by part.
fn download(name: &str, media_type: &str, bytes: u64, file: File) -> Response {
    const PART: usize = 256 << 10;
    let parts = stream::try_unfold(file, |mut file| async move {
        let read = move || -> std::io::Result<Option<(Bytes, File)>> {
            let mut part = vec![0; PART];
            let length = file.read(&mut part)?;
            part.truncate(length);
            Ok((length > 0).then(|| (Bytes::from(part), file)))
        };
        tokio::task::spawn_blocking(read).await.map_err(std::io::Error::other)?
    });
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_LENGTH, bytes.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", safe_name(name))),
    ];
    (headers, Body::from_stream(parts)).into_response()
}
