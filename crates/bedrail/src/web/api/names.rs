//! Names of components that bills of materials give without an identifier.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use bedrail_app::Error;
use bedrail_app::names::{self, Confirm};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::Answered;
use crate::web::error::Problem;
use crate::web::form::blank;
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::names::{ConfirmedNameView, ExactOfReleaseView, NamesOfReleaseView, RejudgedView};

/// What people said of names, in the order of names.
#[utoipa::path(
    get, path = "/component-names", tag = "component names", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<ConfirmedNameView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Answered<Vec<ConfirmedNameView>> {
    let found = names::list(&state.ctx, &visitor.actor()).await?;
    Ok(Json(found.iter().map(ConfirmedNameView::from).collect()))
}

/// What a name means.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NameSent {
    /// The name, as bills give it.
    name: String,
    /// The supplier, else the group, as bills give it; without it for components whose bill names none.
    #[serde(default)]
    supplier: Option<String>,
    /// A package URL or CPE name without a version; `null` says that it is none of what is proposed now.
    identifier: Option<String>,
    /// That it is meant although the bill names another supplier than the identifier.
    #[serde(default)]
    other_supplier: bool,
    /// Of a name without a supplier that stands in bills of several makers: that all of them are meant.
    #[serde(default)]
    everywhere: bool,
    /// `decided` of the decision that stands on this name; without it one that stands is not replaced.
    #[serde(default)]
    seen: Option<String>,
}

/// Says once for the organisation what a name means; the releases that have it are judged again.
#[utoipa::path(
    put, path = "/component-names", tag = "component names", request_body = NameSent,
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = RejudgedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn confirm(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<NameSent>,
) -> Answered<RejudgedView> {
    let NameSent { name, supplier, identifier, other_supplier, everywhere, seen } = sent;
    let seen = seen.as_deref().map(moment).transpose()?;
    let command = Confirm { name, supplier, identifier, other_supplier, everywhere, seen };
    let done = names::confirm(&state.ctx, &visitor.actor(), &[command]).await?;
    Ok(Json(RejudgedView::from(done)))
}

/// The moment of a decision, as it came with it.
pub(crate) fn moment(text: &str) -> Result<Timestamp, Error> {
    text.parse().map_err(|_| Error::Invalid {
        message: format!("`{text}` is not the moment of a decision"),
        hint: Some("give `decided` as it came with the decision, such as 2026-02-12T10:00:00Z".into()),
    })
}

/// Which name.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct NameQuery {
    /// The name.
    name: String,
    /// The supplier, where one was named.
    #[serde(deserialize_with = "blank")]
    supplier: Option<String>,
}

/// Takes back what was said of a name; the releases that have it are judged again.
#[utoipa::path(
    delete, path = "/component-names", tag = "component names", params(NameQuery),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = RejudgedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn take_back(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<NameQuery>,
) -> Answered<RejudgedView> {
    let (ctx, actor) = (&state.ctx, visitor.actor());
    let done = names::take_back(ctx, &actor, &query.name, query.supplier.as_deref()).await?;
    Ok(Json(RejudgedView::from(done)))
}

/// The names of a release that its bill gives without an identifier, with what each may be.
#[utoipa::path(
    get, path = "/releases/{id}/names", tag = "component names",
    params(("id" = String, Path, description = "Id of the release")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = NamesOfReleaseView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn of_release(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<NamesOfReleaseView> {
    let release = id.parse().map_err(|_| Error::not_found("this release"))?;
    let found = names::of_release(&state.ctx, &visitor.actor(), release).await?;
    Ok(Json(NamesOfReleaseView::from(&found)))
}

/// The names of a release of which nothing but a person's word is wanting: name and supplier are those of one package or product.
#[utoipa::path(
    get, path = "/releases/{id}/names/exact", tag = "component names",
    params(("id" = String, Path, description = "Id of the release")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = ExactOfReleaseView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn exact(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<ExactOfReleaseView> {
    let release = id.parse().map_err(|_| Error::not_found("this release"))?;
    let (names, seen) = names::exact(&state.ctx, &visitor.actor(), release).await?;
    Ok(Json(ExactOfReleaseView::of(&names, seen)))
}

/// Which proposals were seen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeenSent {
    /// `seen`, as it came with them.
    seen: String,
}

/// Confirms the exact proposals that were seen, all at once; refused where they are others by now.
#[utoipa::path(
    post, path = "/releases/{id}/names/exact", tag = "component names",
    params(("id" = String, Path, description = "Id of the release")), request_body = SeenSent,
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = RejudgedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn confirm_exact(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<SeenSent>,
) -> Answered<RejudgedView> {
    let release = id.parse().map_err(|_| Error::not_found("this release"))?;
    let (_, done) = names::confirm_exact(&state.ctx, &visitor.actor(), release, &sent.seen).await?;
    Ok(Json(RejudgedView::from(done)))
}
