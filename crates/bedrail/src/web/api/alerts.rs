//! Alerts: the work that they make, the account, written policies. Their sources are in [`super::alert_sources`].

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use bedrail_app::Error;
use bedrail_app::alerts::policy::{self, NewPolicy};
use bedrail_app::alerts::prove;
use bedrail_app::alerts::work::{self, ClosedElsewhere, Reason};
use bedrail_model::ids::AlertItemId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use super::actions::Made;
use crate::web::error::{Failure, Problem};
use crate::web::pages::id_of;
use crate::web::query::{AccountQuery, AlertsQuery, Paging};
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::alerts::{AccountView, AlertDetailView, AlertPolicyView, AlertQueue};

/// The work that alerts make: open items, the most urgent first, unless asked otherwise.
#[utoipa::path(
    get, path = "/alerts", tag = "alerts", params(AlertsQuery, Paging),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = AlertQueue), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<AlertsQuery>,
) -> Answered<AlertQueue> {
    let request = query.paging.request();
    let found = work::list(&state.ctx, &visitor.actor(), &query.filter()?, &request).await?;
    Ok(Json(AlertQueue::of(&found)))
}

/// One work item with what happened to it and its newest events.
#[utoipa::path(
    get, path = "/alerts/{id}", tag = "alerts", params(("id" = String, Path, description = "Id of the item")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = AlertDetailView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<AlertDetailView> {
    let detail = work::get(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(Json(AlertDetailView::from(&detail)))
}

/// Who takes which items.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TakeSent {
    /// Ids of items, 500 at most.
    ids: Vec<String>,
    /// Who has them then; whoever asks without it.
    #[serde(default)]
    owner: Option<String>,
    /// Who has them now, where somebody does: nobody takes from another by accident.
    #[serde(default)]
    from: Option<String>,
}

/// Items that one request changes at most.
const AT_ONCE: usize = 500;

pub(super) fn few<T>(all: &[T]) -> Result<(), Error> {
    if all.len() > AT_ONCE { Err(Error::invalid("a request changes 500 items at most")) } else { Ok(()) }
}

/// Takes open items, or gives them to somebody.
#[utoipa::path(
    post, path = "/alerts/take", tag = "alerts", request_body = TakeSent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn take(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<TakeSent>,
) -> Result<StatusCode, Failure> {
    few(&sent.ids)?;
    let ids = sent.ids.iter().map(|id| id_of(id)).collect::<Result<Vec<_>, _>>()?;
    let (owner, from) = (sent.owner.as_deref(), sent.from.as_deref());
    work::take(&state.ctx, &visitor.actor(), &ids, owner, from).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An item as it was seen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeenSent {
    /// Id of the item.
    id: String,
    /// Events that it had when it was looked at: nobody closes what they have not seen.
    events: u64,
}

impl SeenSent {
    /// The id, and the events.
    pub(super) fn seen(&self) -> Result<(AlertItemId, u64), Failure> {
        Ok((id_of(&self.id)?, self.events))
    }
}

/// Why which items are closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseSent {
    /// The items, 500 at most.
    items: Vec<SeenSent>,
    /// `false_alarm`, `expected`, `stopped`, `not_affected`, `mended`, `incident`.
    reason: String,
    /// Why, in a sentence of ten characters at least.
    sentence: String,
}

/// Closes open items. Nothing is closed where one of them has got more events than were seen.
#[utoipa::path(
    post, path = "/alerts/close", tag = "alerts", request_body = CloseSent,
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
    Sent(sent): Sent<CloseSent>,
) -> Result<StatusCode, Failure> {
    few(&sent.items)?;
    let seen = sent.items.iter().map(SeenSent::seen).collect::<Result<Vec<_>, _>>()?;
    let reason = Reason::named(&sent.reason)?;
    work::close(&state.ctx, &visitor.actor(), &seen, reason, &sent.sentence).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was closed in another system.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClosingSent {
    /// Id of the item.
    id: String,
    /// Events that were seen there; as many as there are without it.
    #[serde(default)]
    events: Option<u64>,
    /// The system, such as `ServiceNow`.
    system: String,
    /// The person who closed it there.
    person: String,
    /// What they wrote, ten characters at least.
    sentence: String,
}

/// How many were closed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClosedView {
    /// Items.
    closed: u64,
}

/// Takes in what was closed in other systems: a SIEM, a ticket system. Telling the same twice does nothing the second time.
#[utoipa::path(
    post, path = "/alerts/closings", tag = "alerts", request_body = Vec<ClosingSent>,
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = ClosedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn closings(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<Vec<ClosingSent>>,
) -> Answered<ClosedView> {
    few(&sent)?;
    let mut all = Vec::new();
    for it in sent {
        let ClosingSent { id, events, system, person, sentence } = it;
        all.push(ClosedElsewhere { id: id_of(&id)?, events, system, person, sentence });
    }
    let closed = work::close_elsewhere(&state.ctx, &visitor.actor(), &all).await?;
    Ok(Json(ClosedView { closed }))
}

/// Something said of an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SaidSent {
    /// The text.
    text: String,
}

/// Says something about an item.
#[utoipa::path(
    post, path = "/alerts/{id}/comment", tag = "alerts", request_body = SaidSent,
    params(("id" = String, Path, description = "Id of the item")),
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn comment(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<SaidSent>,
) -> Result<StatusCode, Failure> {
    work::comment(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.text).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Opens a closed item again, for a reason.
#[utoipa::path(
    post, path = "/alerts/{id}/reopen", tag = "alerts", request_body = SaidSent,
    params(("id" = String, Path, description = "Id of the item")),
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
    Sent(sent): Sent<SaidSent>,
) -> Result<StatusCode, Failure> {
    work::reopen(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.text).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The account: events received against events of items and the sources' own counters; times, work, rules.
#[utoipa::path(
    get, path = "/alerts/account", tag = "alerts", params(AccountQuery),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = AccountView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn account(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<AccountQuery>,
) -> Answered<AccountView> {
    let (period, device) = query.period(state.now())?;
    let proof = prove::prove(&state.ctx, &visitor.actor(), period, device).await?;
    Ok(Json(AccountView::from(&proof)))
}

/// A written policy that closes items of a kind.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicySent {
    /// What people call it.
    name: String,
    /// Why such items may be closed, ten characters at least.
    sentence: String,
    /// `false_alarm`, `expected`, `stopped`, `not_affected`, `mended`.
    reason: String,
    /// The id of the rule, as items show it.
    rule: String,
    /// Of this source only, by id.
    #[serde(default)]
    source: Option<String>,
    /// From this network only, as items show it.
    #[serde(default)]
    attacker: Option<String>,
    /// On this device only, by id.
    #[serde(default)]
    device: Option<String>,
    /// Of this class of path only.
    #[serde(default)]
    path: Option<String>,
    /// Whether it closes what was not stopped, too. No policy closes a sign of success.
    #[serde(default)]
    not_stopped: bool,
    /// For how many days, 1 to 366.
    days: u32,
}

impl PolicySent {
    fn policy(self) -> Result<NewPolicy, Failure> {
        Ok(NewPolicy {
            name: self.name,
            sentence: self.sentence,
            reason: Reason::named(&self.reason)?,
            rule: self.rule,
            source: self.source.as_deref().map(id_of).transpose()?,
            attacker: self.attacker,
            device: self.device.as_deref().map(id_of).transpose()?,
            path: self.path,
            not_stopped: self.not_stopped,
            days: self.days,
        })
    }
}

/// Written policies, the newest first.
#[utoipa::path(
    get, path = "/alerts/policies", tag = "alerts", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<AlertPolicyView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn policies(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Answered<Vec<AlertPolicyView>> {
    let all = policy::list(&state.ctx, &visitor.actor()).await?;
    Ok(Json(all.iter().map(AlertPolicyView::from).collect()))
}

/// Writes a policy: it closes what it is about and nobody has taken, now and as long as it is in force.
#[utoipa::path(
    post, path = "/alerts/policies", tag = "alerts", request_body = PolicySent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = Made), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn add_policy(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<PolicySent>,
) -> Result<(StatusCode, Json<Made>), Failure> {
    let (id, _) = policy::add(&state.ctx, &visitor.actor(), &sent.policy()?).await?;
    Ok((StatusCode::CREATED, Json(Made::of(id))))
}

/// How many open items a policy would close now.
#[utoipa::path(
    post, path = "/alerts/policies/preview", tag = "alerts", request_body = PolicySent,
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = ClosedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn preview_policy(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<PolicySent>,
) -> Answered<ClosedView> {
    let found = policy::preview(&state.ctx, &visitor.actor(), &sent.policy()?).await?;
    Ok(Json(ClosedView { closed: found.len() as u64 }))
}

/// Ends a policy. What it closed stays closed until it comes again.
#[utoipa::path(
    delete, path = "/alerts/policies/{id}", tag = "alerts",
    params(("id" = String, Path, description = "Id of the policy")),
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn end_policy(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    policy::end(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
