//! Registers, the guide and clients.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use bedrail_app::registers::{self, NewEntry};
use bedrail_app::{clients as client_book, guide as guide_book};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Answered;
use super::actions::Made;
use super::programme::some_day;
use crate::web::error::{Failure, Problem};
use crate::web::pages::id_of;
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::vendor::{
    ClientDetailView, ClientRowView, GuideView, RegisterEntryRowView, RegisterEntryView, RegisterRowView,
};

/// An entry of a register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntrySent {
    /// Whom or what it is about.
    about: String,
    /// The day of receipt, as an ISO date; today without it.
    #[serde(default)]
    received: Option<String>,
    /// What it says, by field.
    #[serde(default)]
    values: BTreeMap<String, String>,
}

/// A remark.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewSent {
    /// What was seen.
    #[serde(default)]
    note: String,
}

/// The reason of an extension.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtensionSent {
    /// What the person was written.
    why: String,
}

/// The end of an entry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntryEndSent {
    /// The outcome, by its code.
    outcome: String,
    /// What was done.
    why: String,
}

/// Something to be written down with a client.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientNoteSent {
    /// `note`, `task`, `sign_off`.
    kind: String,
    /// What it says.
    body: String,
    /// Of a task: the last day.
    #[serde(default)]
    due: Option<String>,
}

/// All registers.
#[utoipa::path(get, path = "/registers", tag = "registers", security(("session" = []), ("token" = [])), responses((status = 200, body = Vec<RegisterRowView>), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn registers_list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Answered<Vec<RegisterRowView>> {
    let rows = registers::list(&state.ctx, &visitor.actor()).await?;
    Ok(Json(rows.iter().map(RegisterRowView::from).collect()))
}

/// The entries of a register: numbers and days, no names.
#[utoipa::path(get, path = "/registers/{kind}", tag = "registers", params(("kind" = String, Path, description = "Code of the register")), security(("session" = []), ("token" = [])), responses((status = 200, body = Vec<RegisterEntryRowView>), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn entries(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(kind): Path<String>,
) -> Answered<Vec<RegisterEntryRowView>> {
    let (_, rows) = registers::of_kind(&state.ctx, &visitor.actor(), &kind).await?;
    Ok(Json(rows.iter().map(RegisterEntryRowView::from).collect()))
}

/// Writes an entry down.
#[utoipa::path(post, path = "/registers/{kind}", tag = "registers", params(("kind" = String, Path, description = "Code of the register")), request_body = EntrySent, security(("session" = []), ("token" = [])), responses((status = 201, body = Made), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn add_entry(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(kind): Path<String>,
    Sent(sent): Sent<EntrySent>,
) -> Result<(StatusCode, Json<Made>), Failure> {
    let received = some_day(sent.received.as_deref())?;
    let new = NewEntry { kind, about: sent.about, received, values: sent.values };
    let id = registers::add(&state.ctx, &visitor.actor(), &new).await?;
    Ok((StatusCode::CREATED, Json(Made::of(id))))
}

/// Notes that somebody looked at a whole register.
#[utoipa::path(post, path = "/registers/{kind}/reviews", tag = "registers", params(("kind" = String, Path, description = "Code of the register")), request_body = ReviewSent, security(("session" = []), ("token" = [])), responses((status = 204, description = "Done"), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn review(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(kind): Path<String>,
    Sent(sent): Sent<ReviewSent>,
) -> Result<StatusCode, Failure> {
    registers::review(&state.ctx, &visitor.actor(), &kind, &sent.note).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One entry, with whom it is about; that it is read is written in the audit log first.
#[utoipa::path(get, path = "/register-entries/{id}", tag = "registers", params(("id" = String, Path, description = "Id of the entry")), security(("session" = []), ("token" = [])), responses((status = 200, body = RegisterEntryView), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn entry(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<RegisterEntryView> {
    let detail = registers::get(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(Json(RegisterEntryView::from(&detail)))
}

/// Extends an entry once.
#[utoipa::path(post, path = "/register-entries/{id}/extend", tag = "registers", params(("id" = String, Path, description = "Id of the entry")), request_body = ExtensionSent, security(("session" = []), ("token" = [])), responses((status = 204, description = "Done"), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn extend(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<ExtensionSent>,
) -> Result<StatusCode, Failure> {
    registers::extend(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.why).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Closes an entry.
#[utoipa::path(post, path = "/register-entries/{id}/close", tag = "registers", params(("id" = String, Path, description = "Id of the entry")), request_body = EntryEndSent, security(("session" = []), ("token" = [])), responses((status = 204, description = "Done"), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn close_entry(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<EntryEndSent>,
) -> Result<StatusCode, Failure> {
    registers::close(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.outcome, &sent.why).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What to do next, and the dates of the year.
#[utoipa::path(get, path = "/guide", tag = "guide", security(("session" = []), ("token" = [])), responses((status = 200, body = GuideView), (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn guide(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<GuideView> {
    let guide = guide_book::guide(&state.ctx, &visitor.actor()).await?;
    Ok(Json(GuideView::from(&guide)))
}

/// Every organisation that the account is a member of. Not for tokens: they act in one.
#[utoipa::path(get, path = "/clients", tag = "clients", security(("session" = []), ("token" = [])), responses((status = 200, body = Vec<ClientRowView>), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn clients(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Answered<Vec<ClientRowView>> {
    let rows = client_book::list(&state.ctx, &visitor.actor()).await?;
    Ok(Json(rows.iter().map(ClientRowView::from).collect()))
}

/// One client.
#[utoipa::path(get, path = "/clients/{id}", tag = "clients", params(("id" = String, Path, description = "Id")), security(("session" = []), ("token" = [])), responses((status = 200, body = ClientDetailView), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn client(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<ClientDetailView> {
    let detail = client_book::get(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(Json(ClientDetailView::from(&detail)))
}

/// Writes a note, a task or a sign-off down with a client.
#[utoipa::path(post, path = "/clients/{id}/notes", tag = "clients", params(("id" = String, Path, description = "Id")), request_body = ClientNoteSent, security(("session" = []), ("token" = [])), responses((status = 201, body = Made), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn write_note(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<ClientNoteSent>,
) -> Result<(StatusCode, Json<Made>), Failure> {
    let due = some_day(sent.due.as_deref())?;
    let made =
        client_book::write(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.kind, &sent.body, due).await?;
    Ok((StatusCode::CREATED, Json(Made::of(made))))
}

/// Notes that a task was done.
#[utoipa::path(post, path = "/clients/{id}/notes/{number}/done", tag = "clients", params(("id" = String, Path, description = "Id"), ("number" = String, Path, description = "Id of the task")), security(("session" = []), ("token" = [])), responses((status = 204, description = "Done"), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn done(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path((id, number)): Path<(String, String)>,
) -> Result<StatusCode, Failure> {
    client_book::done(&state.ctx, &visitor.actor(), id_of(&id)?, id_of(&number)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
