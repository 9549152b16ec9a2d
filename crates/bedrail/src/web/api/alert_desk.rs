//! The desk of alerts: deciding, pauses, what items belong to, the rota.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use bedrail_app::Error;
use bedrail_app::actions::NewAction;
use bedrail_app::alerts::decide::{self, Verdict};
use bedrail_app::alerts::links::{self, Kind};
use bedrail_app::alerts::pause;
use bedrail_app::alerts::rota::{self, NewAbsence, NewDuty};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::actions::Made;
use super::alerts::{SeenSent, few};
use crate::web::error::{Failure, Problem};
use crate::web::pages::id_of;
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::alert_desk::RotaView;

/// What items are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecideSent {
    /// The items, 500 at most.
    items: Vec<SeenSent>,
    /// `attack`, `breach`, `harmless`, `false_alarm`, `unknown`.
    verdict: String,
    /// What will be done, in a sentence of ten characters at least.
    sentence: String,
}

/// Writes down what open items are, and what will be done. `unknown` leaves the clock for deciding running.
#[utoipa::path(
    post, path = "/alerts/decide", tag = "alerts", request_body = DecideSent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn decide(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<DecideSent>,
) -> Result<StatusCode, Failure> {
    few(&sent.items)?;
    let seen = sent.items.iter().map(SeenSent::seen).collect::<Result<Vec<_>, _>>()?;
    let verdict = Verdict::named(&sent.verdict)?;
    decide::decide(&state.ctx, &visitor.actor(), &seen, verdict, &sent.sentence).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why clocks stand still, and until when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PauseSent {
    /// `maker`, `ward`, `care`, `window`.
    wait: String,
    /// Why, in a sentence of ten characters at least.
    sentence: String,
    /// Until when at the latest, RFC 3339.
    until: String,
}

/// Stops the clocks of an open item that somebody has. They go on by themselves then, and when something new happens.
#[utoipa::path(
    post, path = "/alerts/{id}/pause", tag = "alerts", request_body = PauseSent,
    params(("id" = String, Path, description = "Id of the item")),
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn pause(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<PauseSent>,
) -> Result<StatusCode, Failure> {
    let until: Timestamp =
        sent.until.parse().map_err(|_| Error::invalid("`until` is no moment (RFC 3339)"))?;
    let wait = pause::wait_named(&sent.wait)?;
    pause::pause(&state.ctx, &visitor.actor(), id_of(&id)?, wait, &sent.sentence, until).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The clocks of an item go on.
#[utoipa::path(
    post, path = "/alerts/{id}/resume", tag = "alerts",
    params(("id" = String, Path, description = "Id of the item")),
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn resume(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    pause::resume(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an item belongs to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkSent {
    /// `finding`, `action`, `campaign`, `incident`.
    kind: String,
    /// The id of the weakness, the action or the campaign; or what the incident is called.
    target: String,
}

/// Says what an item belongs to. Saying it twice says it once.
#[utoipa::path(
    post, path = "/alerts/{id}/links", tag = "alerts", request_body = LinkSent,
    params(("id" = String, Path, description = "Id of the item")),
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn link(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<LinkSent>,
) -> Result<StatusCode, Failure> {
    let kind = Kind::named(&sent.kind)?;
    links::add(&state.ctx, &visitor.actor(), id_of(&id)?, kind, &sent.target).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says that an item does not belong to something.
#[utoipa::path(
    post, path = "/alerts/{id}/links/remove", tag = "alerts", request_body = LinkSent,
    params(("id" = String, Path, description = "Id of the item")),
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn unlink(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<LinkSent>,
) -> Result<StatusCode, Failure> {
    let kind = Kind::named(&sent.kind)?;
    links::remove(&state.ctx, &visitor.actor(), id_of(&id)?, kind, &sent.target).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is to be done about an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActionOfAlertSent {
    /// What is to be done.
    what: String,
    /// Who does it.
    owner: String,
    /// By the end of which day, as an ISO date.
    due: String,
}

/// Puts an action down that an item asks for, about its device.
#[utoipa::path(
    post, path = "/alerts/{id}/action", tag = "alerts", request_body = ActionOfAlertSent,
    params(("id" = String, Path, description = "Id of the item")),
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = Made), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn action(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<ActionOfAlertSent>,
) -> Result<(StatusCode, Json<Made>), Failure> {
    let due = day(&sent.due)?;
    let new = NewAction { what: sent.what, owner: sent.owner, due, ..NewAction::default() };
    let made = links::make_action(&state.ctx, &visitor.actor(), id_of(&id)?, &new).await?;
    Ok((StatusCode::CREATED, Json(Made::of(made))))
}

fn day(text: &str) -> Result<Date, Error> {
    text.trim().parse().map_err(|_| Error::Invalid {
        message: "that is no day".into(),
        hint: Some("such as 2026-12-24".into()),
    })
}

/// Who has duty, who is away, who is told when.
#[utoipa::path(
    get, path = "/alerts/rota", tag = "alerts", security(("session" = []), ("token" = [])),
    responses((status = 200, body = RotaView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn get(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<RotaView> {
    Ok(Json(RotaView::from(&rota::get(&state.ctx, &visitor.actor()).await?)))
}

/// The zone that days and shifts of alerts are read in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeskZoneSent {
    /// Its code, such as `eastern` or `central-europe`.
    zone: String,
}

/// Sets the zone that days and shifts of alerts are read in.
#[utoipa::path(
    put, path = "/alerts/rota/zone", tag = "alerts", request_body = DeskZoneSent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn set_zone(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<DeskZoneSent>,
) -> Result<StatusCode, Failure> {
    rota::set_zone(&state.ctx, &visitor.actor(), &sent.zone).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A duty to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DutySent {
    /// On which days of the week: `mon`, `mon-fri`, `sat,sun`.
    days: String,
    /// From when, such as `08:00`.
    from: String,
    /// Until when; an end that is not later is of the day after.
    to: String,
    /// Who has it, by sign-in name.
    person: String,
    /// Who stands in, by sign-in name.
    #[serde(default)]
    deputy: Option<String>,
    /// For the alerts of devices of this site alone.
    #[serde(default)]
    site: Option<String>,
    /// For those of this ward alone.
    #[serde(default)]
    ward: Option<String>,
}

/// The ids of what was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DutiesMade {
    /// One for each day of the week.
    ids: Vec<String>,
}

/// Adds a duty, one for each of its days.
#[utoipa::path(
    post, path = "/alerts/rota/duties", tag = "alerts", request_body = DutySent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = DutiesMade), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn add_duty(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<DutySent>,
) -> Result<(StatusCode, Json<DutiesMade>), Failure> {
    let new = NewDuty {
        weekdays: rota::weekdays(&sent.days)?,
        from: rota::minute(&sent.from)?,
        to: rota::minute(&sent.to)?,
        person: sent.person,
        deputy: sent.deputy,
        site: sent.site,
        ward: sent.ward,
    };
    let ids = rota::add_duty(&state.ctx, &visitor.actor(), &new).await?;
    let ids = ids.iter().map(ToString::to_string).collect();
    Ok((StatusCode::CREATED, Json(DutiesMade { ids })))
}

/// Takes a duty away.
#[utoipa::path(
    delete, path = "/alerts/rota/duties/{id}", tag = "alerts",
    params(("id" = String, Path, description = "Id of the duty")),
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn remove_duty(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    rota::remove_duty(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An absence to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AbsenceSent {
    /// Who is away, by sign-in name.
    person: String,
    /// The first day, as an ISO date.
    first: String,
    /// The last day, inclusive.
    last: String,
    /// Who stands in, by sign-in name.
    #[serde(default)]
    deputy: Option<String>,
}

/// Adds an absence.
#[utoipa::path(
    post, path = "/alerts/rota/absences", tag = "alerts", request_body = AbsenceSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = Made), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn add_absence(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<AbsenceSent>,
) -> Result<(StatusCode, Json<Made>), Failure> {
    let (first, last) = (day(&sent.first)?, day(&sent.last)?);
    let new = NewAbsence { person: sent.person, first, last, deputy: sent.deputy };
    let id = rota::add_absence(&state.ctx, &visitor.actor(), &new).await?;
    Ok((StatusCode::CREATED, Json(Made::of(id))))
}

/// Takes an absence away.
#[utoipa::path(
    delete, path = "/alerts/rota/absences/{id}", tag = "alerts",
    params(("id" = String, Path, description = "Id of the absence")),
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn remove_absence(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    rota::remove_absence(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
