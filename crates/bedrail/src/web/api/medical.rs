//! Medical advisories.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use bedrail_app::Error;
use bedrail_app::medical::{self, Decide, Decision, provider};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Answered;
use crate::web::error::Problem;
use crate::web::query::{MedicalQuery, Paging};
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::PageView;
use crate::web::views::medical::{
    MedicalRowView, MedicalView, NameDecisionView, OfReleaseView, ProviderView,
};

/// Medical advisories, those that touch our releases first, then the newest. Without a standing, all but the foreign.
#[utoipa::path(
    get, path = "/medical-advisories", tag = "medical advisories", params(MedicalQuery, Paging),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = PageView<MedicalRowView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<MedicalQuery>,
) -> Answered<PageView<MedicalRowView>> {
    let list = medical::list(&state.ctx, &visitor.actor(), &query.filter()?, &query.paging.request()).await?;
    Ok(Json(PageView::of(&list)))
}

/// One medical advisory, by its id here or its publisher's.
#[utoipa::path(
    get, path = "/medical-advisories/{id}", tag = "medical advisories",
    params(("id" = String, Path, description = "Id of the advisory, or the publisher's")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = MedicalView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<MedicalView> {
    let detail = medical::get(&state.ctx, &visitor.actor(), &id).await?;
    Ok(Json(MedicalView::from(&detail)))
}

/// What the medical advisories say of one release, but for those that rule it out.
#[utoipa::path(
    get, path = "/releases/{id}/medical-advisories", tag = "medical advisories",
    params(("id" = String, Path, description = "Id of the release")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<OfReleaseView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn of_release(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<Vec<OfReleaseView>> {
    let release = id.parse().map_err(|_| Error::not_found("this release"))?;
    let found = medical::of_release(&state.ctx, &visitor.actor(), release).await?;
    Ok(Json(found.iter().map(OfReleaseView::from).collect()))
}

/// Decisions that people of the organisation took on names of products.
#[utoipa::path(
    get, path = "/name-decisions", tag = "medical advisories", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<NameDecisionView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn decisions(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Answered<Vec<NameDecisionView>> {
    let found = medical::decisions(&state.ctx, &visitor.actor()).await?;
    Ok(Json(found.iter().map(NameDecisionView::from).collect()))
}

/// Whether two names are one product.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecisionSent {
    /// Id of the release that has the one name.
    release: String,
    /// Key of the name of the advisory.
    key: String,
    /// `same` or `different`; `null` takes an earlier decision back.
    decision: Option<String>,
}

/// Says once for the organisation whether a name of ours and one of the advisory are one product.
#[utoipa::path(
    put, path = "/medical-advisories/{id}/decision", tag = "medical advisories",
    params(("id" = String, Path, description = "Id of the advisory")), request_body = DecisionSent,
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = MedicalView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn decide(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<DecisionSent>,
) -> Answered<MedicalView> {
    let decision = match sent.decision.as_deref() {
        None => None,
        Some(word) => Some(decision_of(word)?),
    };
    let command = Decide {
        advisory: id.parse().map_err(|_| Error::not_found("this medical advisory"))?,
        release: sent.release.parse().map_err(|_| Error::not_found("this release"))?,
        key: sent.key,
        decision,
    };
    medical::decide(&state.ctx, &visitor.actor(), &command).await?;
    one(visitor, Extract(state), Path(id)).await
}

/// Publishers that advisories are fetched from. OpenPGP signatures of their documents are not checked.
#[utoipa::path(
    get, path = "/advisory-providers", tag = "medical advisories", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<ProviderView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn providers(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Answered<Vec<ProviderView>> {
    let found = provider::list(&state.ctx, &visitor.actor()).await?;
    Ok(Json(found.iter().map(ProviderView::from).collect()))
}

/// A publisher.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderSent {
    /// Its domain, or the address of its `provider-metadata.json`.
    url: String,
    /// The publisher's namespace, which somebody knows to be its own; needed where the address does not show it.
    #[serde(default)]
    namespace: String,
}

/// Adds a publisher; the job `advisory.update` fetches from it. Where the installation has several organisations, only its
/// terminal may.
#[utoipa::path(
    post, path = "/advisory-providers", tag = "medical advisories", request_body = ProviderSent,
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<ProviderView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn add_provider(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<ProviderSent>,
) -> Answered<Vec<ProviderView>> {
    provider::add(&state.ctx, &visitor.actor(), &sent.url, &sent.namespace).await?;
    providers(visitor, Extract(state)).await
}

/// Takes a publisher away; what was fetched from it stays. Where the installation has several organisations, only its terminal may.
#[utoipa::path(
    delete, path = "/advisory-providers/{key}", tag = "medical advisories",
    params(("key" = String, Path, description = "The address of its metadata, percent-encoded")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<ProviderView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn remove_provider(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(key): Path<String>,
) -> Answered<Vec<ProviderView>> {
    provider::remove(&state.ctx, &visitor.actor(), &key).await?;
    providers(visitor, Extract(state)).await
}

/// The decision that a word is.
pub(crate) fn decision_of(word: &str) -> Result<Decision, Error> {
    match word {
        "same" => Ok(Decision::Same),
        "different" => Ok(Decision::Different),
        _ => Err(Error::invalid("a decision is `same` or `different`")),
    }
}
