//! Incidents and breaches.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use axum::response::Response;
use bedrail_app::{Error, incidents};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::pages::id_of;
use crate::web::pages::incidents::letter_as_file;
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::taken_incident::{AssessmentSent, EventSent, LetterSent, OpenSent, SendingSent};
use crate::web::views::incident::{IncidentRowView, IncidentView};

/// All incidents, the open ones first.
#[utoipa::path(
    get, path = "/incidents", tag = "incidents", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<IncidentRowView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Answered<Vec<IncidentRowView>> {
    let rows = incidents::list(&state.ctx, &visitor.actor()).await?;
    Ok(Json(rows.iter().map(IncidentRowView::from).collect()))
}

/// An incident that was opened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenedView {
    /// Id.
    id: String,
}

/// Opens an incident, from alert items or by hand.
#[utoipa::path(
    post, path = "/incidents", tag = "incidents", request_body = OpenSent, security(("session" = []), ("token" = [])),
    responses((status = 201, body = OpenedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn open(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<OpenSent>,
) -> Result<(StatusCode, Json<OpenedView>), Failure> {
    let command = sent.command(state.ctx.clock.today())?;
    let id = incidents::open(&state.ctx, &visitor.actor(), &command).await?;
    Ok((StatusCode::CREATED, Json(OpenedView { id: id.to_string() })))
}

/// One incident: timeline, clocks, assessment, letters. That somebody reads what is privileged is noted in the audit log.
#[utoipa::path(
    get, path = "/incidents/{id}", tag = "incidents", params(("id" = String, Path, description = "Id of the incident")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = IncidentView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<IncidentView> {
    let detail = incidents::get(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(Json(IncidentView::from(&detail)))
}

/// The number of what was added.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumberView {
    /// Counted from 1 in the incident.
    number: u64,
}

/// Puts an event down in the timeline. Nothing is ever changed: with `corrects`, it stands in the place of another.
#[utoipa::path(
    post, path = "/incidents/{id}/events", tag = "incidents",
    params(("id" = String, Path, description = "Id of the incident")), request_body = EventSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = NumberView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn event(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<EventSent>,
) -> Result<(StatusCode, Json<NumberView>), Failure> {
    let number = incidents::add_event(&state.ctx, &visitor.actor(), id_of(&id)?, sent.command()?).await?;
    Ok((StatusCode::CREATED, Json(NumberView { number })))
}

/// What is added to an incident.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttachSent {
    /// Devices, by id.
    #[serde(default)]
    devices: Vec<String>,
    /// Alert items, by id; their devices are involved.
    #[serde(default)]
    alerts: Vec<String>,
}

/// Adds devices and alert items.
#[utoipa::path(
    post, path = "/incidents/{id}/devices", tag = "incidents",
    params(("id" = String, Path, description = "Id of the incident")), request_body = AttachSent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn attach(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<AttachSent>,
) -> Result<StatusCode, Failure> {
    let devices = sent.devices.iter().map(|id| id_of(id)).collect::<Result<Vec<_>, _>>()?;
    let alerts = sent.alerts.iter().map(|id| id_of(id)).collect::<Result<Vec<_>, _>>()?;
    incidents::attach(&state.ctx, &visitor.actor(), id_of(&id)?, &devices, &alerts).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A step of the checklist that was done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChecklistSent {
    /// Its code.
    step: String,
    /// Said with it.
    #[serde(default)]
    note: String,
}

/// Notes that a step of the checklist was done.
#[utoipa::path(
    post, path = "/incidents/{id}/steps", tag = "incidents",
    params(("id" = String, Path, description = "Id of the incident")), request_body = ChecklistSent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn tick(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<ChecklistSent>,
) -> Result<StatusCode, Failure> {
    incidents::tick(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.step, &sent.note).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Writes a new version of the assessment as a breach. A privileged draft, until somebody approves it.
#[utoipa::path(
    post, path = "/incidents/{id}/assessments", tag = "incidents",
    params(("id" = String, Path, description = "Id of the incident")), request_body = AssessmentSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = NumberView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn assess(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<AssessmentSent>,
) -> Result<(StatusCode, Json<NumberView>), Failure> {
    let number = incidents::assess(&state.ctx, &visitor.actor(), id_of(&id)?, sent.command()?).await?;
    Ok((StatusCode::CREATED, Json(NumberView { number })))
}

/// An approval.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecideSent {
    /// The version that is approved; it must be the newest.
    version: u64,
}

/// What an approval came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DecidedView {
    /// Whether people are told.
    notifiable: bool,
}

/// Approves the newest version of the assessment: the decision.
#[utoipa::path(
    post, path = "/incidents/{id}/decide", tag = "incidents",
    params(("id" = String, Path, description = "Id of the incident")), request_body = DecideSent,
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = DecidedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn decide(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<DecideSent>,
) -> Answered<DecidedView> {
    let decided = incidents::decide(&state.ctx, &visitor.actor(), id_of(&id)?, sent.version).await?;
    Ok(Json(DecidedView { notifiable: decided.notifiable }))
}

/// Writes a letter from its template. A privileged draft, until it went out.
#[utoipa::path(
    post, path = "/incidents/{id}/letters", tag = "incidents",
    params(("id" = String, Path, description = "Id of the incident")), request_body = LetterSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = NumberView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn letter(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<LetterSent>,
) -> Result<(StatusCode, Json<NumberView>), Failure> {
    let number = incidents::write(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.command()?).await?;
    Ok((StatusCode::CREATED, Json(NumberView { number })))
}

/// Notes that a letter went out, with what shows it.
#[utoipa::path(
    post, path = "/incidents/{id}/letters/{number}/sent", tag = "incidents",
    params(("id" = String, Path, description = "Id of the incident"), ("number" = u64, Path, description = "Number of the letter")),
    request_body = SendingSent, security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn sent(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path((id, number)): Path<(String, String)>,
    Sent(sent): Sent<SendingSent>,
) -> Result<StatusCode, Failure> {
    let number = number.parse().map_err(|_| Error::not_found(format!("letter {number}")))?;
    incidents::sent(&state.ctx, &visitor.actor(), id_of(&id)?, number, &sent.command()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A letter as a file: `txt`, `docx` (fields that name people are merge fields) or `pdf`.
#[utoipa::path(
    get, path = "/incidents/{id}/letters/{number}/{format}", tag = "incidents", operation_id = "incident_letter_file",
    params(("id" = String, Path, description = "Id of the incident"), ("number" = u64, Path, description = "Number of the letter"),
        ("format" = String, Path, description = "`txt`, `docx` or `pdf`")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn letter_file(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path((id, number, format)): Path<(String, String, String)>,
) -> Result<Response, Failure> {
    letter_as_file(&state, &visitor, (&id, &number, &format)).await
}

/// A single reader.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReaderSent {
    /// The name that the member signs in with.
    who: String,
    /// Why they read it.
    reason: String,
}

/// Names a single reader of what is privileged in one incident. Counsel alone.
#[utoipa::path(
    post, path = "/incidents/{id}/readers", tag = "incidents",
    params(("id" = String, Path, description = "Id of the incident")), request_body = ReaderSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = NumberView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn name_reader(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<ReaderSent>,
) -> Result<(StatusCode, Json<NumberView>), Failure> {
    let number =
        incidents::name_reader(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.who, &sent.reason).await?;
    Ok((StatusCode::CREATED, Json(NumberView { number })))
}

/// Takes back what a single reader may.
#[utoipa::path(
    delete, path = "/incidents/{id}/readers/{number}", tag = "incidents",
    params(("id" = String, Path, description = "Id of the incident"), ("number" = u64, Path, description = "Number of the reader")),
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn end_reader(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path((id, number)): Path<(String, String)>,
) -> Result<StatusCode, Failure> {
    let number = number.parse().map_err(|_| Error::not_found(format!("reader {number}")))?;
    incidents::end_reader(&state.ctx, &visitor.actor(), id_of(&id)?, number).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Words that end an incident, or open it again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IncidentEndSent {
    /// Why.
    sentence: String,
}

/// Closes an incident. What the law still wants done keeps it open.
#[utoipa::path(
    post, path = "/incidents/{id}/close", tag = "incidents",
    params(("id" = String, Path, description = "Id of the incident")), request_body = IncidentEndSent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn close(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<IncidentEndSent>,
) -> Result<StatusCode, Failure> {
    incidents::close(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.sentence).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Opens a closed incident again.
#[utoipa::path(
    post, path = "/incidents/{id}/reopen", tag = "incidents",
    params(("id" = String, Path, description = "Id of the incident")), request_body = IncidentEndSent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn reopen(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<IncidentEndSent>,
) -> Result<StatusCode, Failure> {
    incidents::reopen(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.sentence).await?;
    Ok(StatusCode::NO_CONTENT)
}
