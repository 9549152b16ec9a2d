//! The programme: how every requirement stands, what shows it, and the evidence binder.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use axum::response::Response;
use bedrail_app::Error;
use bedrail_app::programme::{self, Decide, NewAnchor, Period, Prove, WantedBinder};
use bedrail_model::engagement::Scope;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::Answered;
use super::upload::Upload;
use crate::web::error::{Failure, Problem};
use crate::web::form::blank;
use crate::web::later::{Prefers, accepted};
use crate::web::pages::id_of;
use crate::web::query::ProgrammeQuery;
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::job::StartedView;
use crate::web::views::programme::{AnchorView, PastView, ProgrammeView, RequirementView};

/// How the requirements stand, with the two figures of the duties by law.
#[utoipa::path(
    get, path = "/programme", tag = "programme", params(ProgrammeQuery), security(("session" = []), ("token" = [])),
    responses((status = 200, body = ProgrammeView), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<ProgrammeQuery>,
) -> Answered<ProgrammeView> {
    let listed = programme::list(&state.ctx, &visitor.actor(), &query.filter()?).await?;
    Ok(Json(ProgrammeView::from(&listed)))
}

/// One requirement with its signals, facts, documents and decisions.
#[utoipa::path(
    get, path = "/programme/{id}", tag = "programme", params(("id" = String, Path, description = "Id of the requirement")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = RequirementView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<RequirementView> {
    let detail = programme::get(&state.ctx, &visitor.actor(), &id).await?;
    Ok(Json(RequirementView::from(&detail)))
}

/// How the requirements stood on a past day, as known then and as known now.
#[utoipa::path(
    get, path = "/programme/days/{day}", tag = "programme", params(("day" = String, Path, description = "Day, as an ISO date")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = PastView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn on(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(day): Path<String>,
) -> Answered<PastView> {
    let past = programme::on(&state.ctx, &visitor.actor(), iso_day(&day)?).await?;
    Ok(Json(PastView::from(&past)))
}

/// The day that a text names.
pub(crate) fn iso_day(text: &str) -> Result<Date, Error> {
    text.trim().parse().map_err(|_| Error::invalid("a day is written as 2026-03-01"))
}

/// The day that a text names, where there is one.
pub(crate) fn some_day(text: Option<&str>) -> Result<Option<Date>, Error> {
    text.filter(|text| !text.trim().is_empty()).map(iso_day).transpose()
}

/// Of the document that is sent.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ProofQuery {
    /// The signal that it shows; needed where the requirement has several.
    #[serde(deserialize_with = "blank")]
    signal: Option<String>,
    /// The system that it is about.
    #[serde(deserialize_with = "blank")]
    system: Option<String>,
    /// The value that it shows: `yes`, `0`, `95/100`.
    #[serde(deserialize_with = "blank")]
    shows: Option<String>,
    /// The first day that it is about, as an ISO date.
    #[serde(deserialize_with = "blank")]
    about_from: Option<String>,
    /// The last day that it is about.
    #[serde(deserialize_with = "blank")]
    about_to: Option<String>,
    /// The day of collecting; today without it.
    #[serde(deserialize_with = "blank")]
    collected: Option<String>,
    /// Who collected it.
    #[serde(deserialize_with = "blank")]
    collector: Option<String>,
    /// The last day on which it counts.
    #[serde(deserialize_with = "blank")]
    expires: Option<String>,
    /// The file's name, where the body is the file itself.
    #[serde(deserialize_with = "blank")]
    file_name: Option<String>,
}

/// Takes a document in that shows something (PDF, DOCX without macros, PNG, JPEG, CSV, TXT; at most 25 MiB): the body itself, or
/// the field `file` of a multipart form.
#[utoipa::path(
    post, path = "/programme/{id}/proofs", tag = "programme",
    params(("id" = String, Path, description = "Id of the requirement"), ProofQuery), security(("session" = []), ("token" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = RequirementView),
        (status = 503, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn prove(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Query(query): Query<ProofQuery>,
    upload: Upload,
) -> Answered<RequirementView> {
    let _permit = state.begin_upload()?;
    let from =
        query.about_from.ok_or_else(|| Error::invalid("say the first day that it is about: `about_from`"))?;
    let command = Prove {
        requirement: id.clone(),
        signal: query.signal,
        system: query.system,
        shows: query.shows.unwrap_or_default(),
        about_from: iso_day(&from)?,
        about_to: some_day(query.about_to.as_deref())?,
        collected: some_day(query.collected.as_deref())?,
        collector: query.collector.unwrap_or_default(),
        expires: some_day(query.expires.as_deref())?,
        file_name: query.file_name.or(upload.file_name).unwrap_or_default(),
        document: upload.document,
    };
    programme::prove(&state.ctx, &visitor.actor(), command).await?;
    let detail = programme::get(&state.ctx, &visitor.actor(), &id).await?;
    Ok(Json(RequirementView::from(&detail)))
}

/// Takes a document back: it counts no more; the file itself stays.
#[utoipa::path(
    delete, path = "/programme/proofs/{id}", tag = "programme", params(("id" = String, Path, description = "Id of the document")),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "It counts no more"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn withdraw(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    programme::withdraw(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is decided on an addressable specification.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProgrammeDecisionSent {
    /// `implement`, `alternative`, `not_reasonable`.
    pub(crate) outcome: String,
    /// Of `alternative`: the measure that stands in its place.
    #[serde(default)]
    pub(crate) measure: Option<String>,
    /// Names of the systems for which it holds; none for all.
    #[serde(default)]
    pub(crate) systems: Vec<String>,
    /// Why.
    pub(crate) reason: String,
    /// Who approved it.
    pub(crate) approver: String,
    /// The day of the decision, as an ISO date; today without it.
    #[serde(default)]
    pub(crate) decided: Option<String>,
    /// The last day on which it holds without a new look.
    pub(crate) review_by: String,
    /// A document that shows it, by id.
    #[serde(default)]
    pub(crate) proof: Option<String>,
}

impl ProgrammeDecisionSent {
    /// The decision.
    pub(crate) fn command(self, requirement: String) -> Result<Decide, Error> {
        let proof = self.proof.filter(|id| !id.is_empty());
        let no_id = |_| Error::invalid("`proof` is the id of a document");
        Ok(Decide {
            requirement,
            outcome: self.outcome,
            measure: self.measure,
            systems: self.systems,
            reason: self.reason,
            approver: self.approver,
            decided: some_day(self.decided.as_deref())?,
            review_by: iso_day(&self.review_by)?,
            proof: proof.map(|id| id.parse().map_err(no_id)).transpose()?,
        })
    }
}

/// Decides on an addressable specification (45 CFR 164.306(d)(3)).
#[utoipa::path(
    post, path = "/programme/{id}/decisions", tag = "programme",
    params(("id" = String, Path, description = "Id of the requirement")), security(("session" = []), ("token" = [])),
    request_body = ProgrammeDecisionSent,
    responses((status = 201, body = RequirementView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn decide(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<ProgrammeDecisionSent>,
) -> Result<(StatusCode, Json<RequirementView>), Failure> {
    programme::decide(&state.ctx, &visitor.actor(), &sent.command(id.clone())?).await?;
    let detail = programme::get(&state.ctx, &visitor.actor(), &id).await?;
    Ok((StatusCode::CREATED, Json(RequirementView::from(&detail))))
}

/// The days that a binder is about, both inclusive, as ISO dates.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BinderSent {
    /// The first day.
    from: String,
    /// The last day.
    to: String,
    /// Requirements by id, and whole catalogues by name; none is no limit. An engagement's own scope holds beside it.
    #[serde(default)]
    requirements: Vec<String>,
    /// Sites; none is no limit.
    #[serde(default)]
    sites: Vec<String>,
}

/// Asks for the evidence binder of a period to be sealed; the job's result is the ZIP.
#[utoipa::path(
    post, path = "/programme/binders", tag = "programme", security(("session" = []), ("token" = [])),
    request_body = BinderSent,
    responses((status = 202, body = StartedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn binder(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    prefers: Prefers,
    Sent(sent): Sent<BinderSent>,
) -> Result<Response, Failure> {
    let period = Period { from: iso_day(&sent.from)?, to: iso_day(&sent.to)? };
    let wanted = WantedBinder { period, scope: Scope { requirements: sent.requirements, sites: sent.sites } };
    let id = programme::ask(&state.ctx, &visitor.actor(), wanted).await?;
    Ok(accepted(id, prefers))
}

/// A head of the audit log that was noted outside.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnchorSent {
    /// The head, `NUMBER:HASH`, as the audit log shows it; empty for that of now.
    #[serde(default)]
    head: String,
    /// `time_stamp`, `published`, `deposited`.
    kind: String,
    /// Who keeps it.
    keeper: String,
    /// Where it is found: an address, a number.
    place: String,
    /// The day on which it was noted there, an ISO date.
    noted: String,
}

/// Heads of the audit log that were noted outside of the program.
#[utoipa::path(
    get, path = "/programme/anchors", tag = "programme", operation_id = "anchors", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<AnchorView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn anchors(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<Vec<AnchorView>> {
    let all = programme::anchors(&state.ctx, &visitor.actor()).await?;
    Ok(Json(all.iter().map(AnchorView::from).collect()))
}

/// Writes down that a head of the audit log was noted outside. One that the log never had is refused. A reply of an authority is taken by
/// the command line (`bedrail audit anchor --reply`).
#[utoipa::path(
    post, path = "/programme/anchors", tag = "programme", operation_id = "note_anchor", request_body = AnchorSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = AnchorView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn anchor(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<AnchorSent>,
) -> Result<(StatusCode, Json<AnchorView>), Failure> {
    let new = NewAnchor {
        head: sent.head,
        kind: sent.kind,
        keeper: sent.keeper,
        place: sent.place,
        noted: iso_day(&sent.noted)?,
        reply: None,
    };
    let row = programme::anchor(&state.ctx, &visitor.actor(), &new).await?;
    Ok((StatusCode::CREATED, Json(AnchorView::from(&row))))
}
