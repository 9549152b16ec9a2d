//! The organisation that is acted in.

use axum::Json;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use bedrail_app::Error;
use bedrail_app::organisations::{self, SetOrganisation};
use bedrail_model::money::InvalidMoney;
use bedrail_model::organisation::OrgKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::web::error::{Failure, Problem};
use crate::web::etag::{self, IfMatch};
use crate::web::sent::Sent;
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
    /// What costs are counted in, by its code (ISO 4217); as it is without it.
    #[serde(default)]
    currency: Option<String>,
}

/// The settings of the organisation.
#[utoipa::path(
    get, path = "/organisation", tag = "organisation", security(("session" = []), ("token" = [])),
    responses((status = 200, body = OrganisationBody), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn present(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Result<impl IntoResponse, Failure> {
    let found = organisations::present(&state.ctx, &visitor.actor()).await?.settings();
    let (version, kind) = (found.version(), found.kind.code().to_owned());
    let currency = Some(found.currency.to_string());
    let body = OrganisationBody { name: found.name, kind, second_factor: found.second_factor, currency };
    Ok((etag::of_version(&version), Json(body)))
}

/// Sets the organisation.
#[utoipa::path(
    put, path = "/organisation", tag = "organisation", request_body = OrganisationBody,
    params(("If-Match" = String, Header, description = "The `ETag` of the settings that were seen, or `*`")),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "Set"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Changed meanwhile, or of a kind that its incidents contradict", body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "Without If-Match", body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn set(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    seen: IfMatch,
    Sent(wanted): Sent<OrganisationBody>,
) -> Result<impl IntoResponse, Failure> {
    let seen = seen.required()?;
    let kind = OrgKind::from_code(&wanted.kind).ok_or_else(|| Error::invalid("there is no such kind"))?;
    let currency = match &wanted.currency {
        Some(code) => code.parse().map_err(|error: InvalidMoney| Error::invalid(error.to_string()))?,
        None => organisations::present(&state.ctx, &visitor.actor()).await?.currency,
    };
    let wanted = SetOrganisation { name: wanted.name, kind, second_factor: wanted.second_factor, currency };
    let version = organisations::set(&state.ctx, &visitor.actor(), &seen, wanted).await?;
    Ok((StatusCode::NO_CONTENT, etag::of_version(&version)))
}
