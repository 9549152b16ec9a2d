//! The organisation that is acted in.

use axum::Json;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use bedrail_app::Error;
use bedrail_app::organisations::{self, SetOrganisation};
use bedrail_model::organisation::OrgKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::session::SignedIn;
use crate::web::state::State;

/// The settings of an organisation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganisationBody {
    /// Name.
    name: String,
    /// `covered_entity`, `business_associate`, `maker` or `hybrid`.
    kind: String,
    /// Whether every member must have a second factor.
    second_factor: bool,
}

/// The settings of the organisation.
#[utoipa::path(
    get, path = "/organisation", tag = "organisation", security(("session" = []), ("token" = [])),
    responses((status = 200, body = OrganisationBody), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn present(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<OrganisationBody> {
    let found = organisations::present(&state.ctx, &visitor.actor()).await?;
    let kind = found.kind.code().to_owned();
    Ok(Json(OrganisationBody { name: found.name, kind, second_factor: found.second_factor }))
}

/// Sets the organisation.
#[utoipa::path(
    put, path = "/organisation", tag = "organisation", request_body = OrganisationBody,
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "Set"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn set(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Json(wanted): Json<OrganisationBody>,
) -> Result<StatusCode, Failure> {
    let kind = OrgKind::from_code(&wanted.kind).ok_or_else(|| Error::invalid("there is no such kind"))?;
    let wanted = SetOrganisation { name: wanted.name, kind, second_factor: wanted.second_factor };
    organisations::set(&state.ctx, &visitor.actor(), wanted).await?;
    Ok(StatusCode::NO_CONTENT)
}
