//! Web application firewalls in front of devices.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use bedrail_app::firewall;
use serde::Serialize;
use utoipa::ToSchema;

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::pages::id_of;
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::taken_firewall::{ExclusionSent, FirewallSent, PlaceSent};
use crate::web::views::firewall::{FirewallRowView, FirewallView, ProposalView};

/// All firewalls, ours and those of others, with their age.
#[utoipa::path(
    get, path = "/firewalls", tag = "firewalls", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<FirewallRowView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Answered<Vec<FirewallRowView>> {
    let rows = firewall::list(&state.ctx, &visitor.actor()).await?;
    Ok(Json(rows.iter().map(FirewallRowView::from).collect()))
}

/// A firewall that was registered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisteredView {
    /// Id.
    id: String,
}

/// Registers a firewall of somebody else as a fact. One of ours is registered at the command line of the server.
#[utoipa::path(
    post, path = "/firewalls", tag = "firewalls", request_body = FirewallSent, security(("session" = []), ("token" = [])),
    responses((status = 201, body = RegisteredView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn add(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<FirewallSent>,
) -> Result<(StatusCode, Json<RegisteredView>), Failure> {
    let id = firewall::add(&state.ctx, &visitor.actor(), &sent.command()?).await?;
    Ok((StatusCode::CREATED, Json(RegisteredView { id: id.to_string() })))
}

/// One firewall: its sites, what it stopped and would have, its rule sets, what probes showed.
#[utoipa::path(
    get, path = "/firewalls/{id}", tag = "firewalls", params(("id" = String, Path, description = "Id of the firewall")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = FirewallView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<FirewallView> {
    let detail = firewall::get(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(Json(FirewallView::from(&detail)))
}

/// How many devices stand behind it now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlacedView {
    /// Devices.
    devices: usize,
}

/// Says anew which devices stand behind a site, or behind the firewall as a whole.
#[utoipa::path(
    post, path = "/firewalls/{id}/devices", tag = "firewalls", request_body = PlaceSent,
    params(("id" = String, Path, description = "Id of the firewall")), security(("session" = []), ("token" = [])),
    responses((status = 200, body = PlacedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn place(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<PlaceSent>,
) -> Answered<PlacedView> {
    let devices =
        firewall::place(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.site, &sent.devices).await?;
    Ok(Json(PlacedView { devices }))
}

/// Proposes a narrow exclusion as text for the firewall's file, with what it would have let through. Nothing is written there.
#[utoipa::path(
    post, path = "/firewalls/{id}/exclusion", tag = "firewalls", request_body = ExclusionSent,
    params(("id" = String, Path, description = "Id of the firewall")), security(("session" = []), ("token" = [])),
    responses((status = 200, body = ProposalView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn propose(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<ExclusionSent>,
) -> Answered<ProposalView> {
    let proposal = firewall::propose(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.command()?).await?;
    Ok(Json(ProposalView::from(&proposal)))
}

/// Takes a firewall back. What it showed stays in the audit log.
#[utoipa::path(
    post, path = "/firewalls/{id}/withdraw", tag = "firewalls",
    params(("id" = String, Path, description = "Id of the firewall")), security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn withdraw(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    firewall::withdraw(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
