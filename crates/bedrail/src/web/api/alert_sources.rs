//! Where alerts come from, and the door through which programs push them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use bedrail_app::Error;
use bedrail_app::alerts::{self, NewSource, receive};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Answered;
use super::actions::Made;
use crate::web::error::{Failure, Problem};
use crate::web::pages::id_of;
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::alerts::{AlertSourceView, ReceiptView};

/// A source of alerts to be added or set up anew. The file that one follows is set on the machine itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceSent {
    /// What people call it.
    name: String,
    /// `eve`, `modsecurity`, `coraza`, `wazuh`, `cef`, `syslog`, `mapped`; told line by line without it.
    #[serde(default)]
    kind: Option<String>,
    /// The text of the mapping file, for `mapped`.
    #[serde(default)]
    mapping: Option<String>,
    /// The zone of times that name none, such as `Europe/Berlin`; UTC without it.
    #[serde(default)]
    zone: Option<String>,
    /// Our own networks, beside those that are never routed outside.
    #[serde(default)]
    own: Vec<String>,
    /// The highest severity number of plain syslog that is an alert (RFC 5424: 0 to 7); 4, warning, without it.
    #[serde(default)]
    syslog_severity: Option<u8>,
    /// Days that events are kept; 90 without it.
    #[serde(default)]
    keep_days: Option<u32>,
    /// Minutes without anything after which it counts as silent; never without it.
    #[serde(default)]
    silent_minutes: Option<u32>,
}

impl SourceSent {
    fn source(self) -> Result<NewSource, Error> {
        let own = self.own.iter().map(|text| {
            text.parse().map_err(|error: bedrail_model::alert::network::InvalidNetwork| {
                Error::invalid(error.to_string())
            })
        });
        Ok(NewSource {
            kind: self.kind.as_deref().map(alerts::kind_named).transpose()?,
            mapping: self.mapping,
            zone: self.zone,
            own: own.collect::<Result<_, _>>()?,
            syslog_severity: self.syslog_severity.unwrap_or(alerts::SYSLOG_SEVERITY),
            keep_days: self.keep_days.unwrap_or(alerts::KEEP_DAYS),
            silent_minutes: self.silent_minutes,
            ..NewSource::named(self.name)
        })
    }
}

/// All sources, by name.
#[utoipa::path(
    get, path = "/alerts/sources", tag = "alerts", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<AlertSourceView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Answered<Vec<AlertSourceView>> {
    let all = alerts::sources(&state.ctx, &visitor.actor()).await?;
    Ok(Json(all.iter().map(AlertSourceView::from).collect()))
}

/// Adds a source. Its name is given once.
#[utoipa::path(
    post, path = "/alerts/sources", tag = "alerts", request_body = SourceSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = Made), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn add(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<SourceSent>,
) -> Result<(StatusCode, Json<Made>), Failure> {
    let id = alerts::add_source(&state.ctx, &visitor.actor(), &sent.source()?).await?;
    Ok((StatusCode::CREATED, Json(Made::of(id))))
}

/// Sets a source up anew. The file that it follows stays.
#[utoipa::path(
    put, path = "/alerts/sources/{id}", tag = "alerts", request_body = SourceSent,
    params(("id" = String, Path, description = "Id of the source")),
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn set(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<SourceSent>,
) -> Result<StatusCode, Failure> {
    let (actor, id) = (visitor.actor(), id_of(&id)?);
    let known = alerts::sources(&state.ctx, &actor).await?.into_iter().find(|source| source.id == id);
    let path = known.and_then(|source| source.settings.path);
    let new = NewSource { path, ..sent.source()? };
    alerts::set_source(&state.ctx, &actor, id, &new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes alerts in: lines as the source writes them. The answer comes when they are safe on disk; without one send them again,
/// with the same `Idempotency-Key`.
#[utoipa::path(
    post, path = "/alerts/sources/{id}/events", tag = "alerts",
    request_body(content = String, content_type = "application/x-ndjson", description = "Lines, 32 MiB at most"),
    params(("id" = String, Path, description = "Id of the source")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = ReceiptView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn push(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    body: Bytes,
) -> Answered<ReceiptView> {
    let receipt = receive::push(&state.ctx, &visitor.actor(), id_of(&id)?, &body).await?;
    Ok(Json(ReceiptView::from(&receipt)))
}
