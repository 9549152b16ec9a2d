//! Vendors: the register, agreements, questionnaires, requests to makers, incidents of their own.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use bedrail_app::vendors::{self, NewEnd, NewRequest, NewSignature, OwnIncidentRow, SetVendor};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answered;
use super::actions::Made;
use super::programme::{iso_day, some_day};
use super::upload::Upload;
use crate::web::error::{Failure, Problem};
use crate::web::form::blank;
use crate::web::pages::id_of;
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::vendor::{MakerScoreView, VendorRowView, VendorView};

/// What is said of a vendor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VendorSent {
    /// Name.
    name: String,
    /// What it does.
    #[serde(default)]
    services: String,
    /// What data of patients it holds.
    #[serde(default)]
    holds: String,
    /// Whether it holds electronic PHI: `yes`, `no`, `unknown`.
    #[serde(default)]
    ephi: String,
    /// Whether it is a business associate: the same.
    #[serde(default)]
    associate: String,
    /// Contact.
    #[serde(default)]
    contact: String,
    /// Contact for security.
    #[serde(default)]
    security_contact: String,
    /// Days to tell of a breach.
    #[serde(default)]
    notice_days: Option<u32>,
    /// Subcontractors with our data.
    #[serde(default)]
    subcontractors: Vec<String>,
    /// The day on which it confirmed their agreements, as an ISO date.
    #[serde(default)]
    attested: Option<String>,
    /// The day on which the relation is looked at anew.
    #[serde(default)]
    renewal: Option<String>,
    /// What it is called as a maker of devices.
    #[serde(default)]
    maker: String,
}

impl VendorSent {
    fn command(self) -> Result<SetVendor, bedrail_app::Error> {
        Ok(SetVendor {
            name: self.name,
            services: self.services,
            holds: self.holds,
            ephi: self.ephi,
            associate: self.associate,
            contact: self.contact,
            security_contact: self.security_contact,
            notice_days: self.notice_days,
            subcontractors: self.subcontractors,
            attested: some_day(self.attested.as_deref())?,
            renewal: some_day(self.renewal.as_deref())?,
            maker: self.maker,
        })
    }
}

/// A title.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DraftSent {
    /// What people call it.
    title: String,
}

/// Where a clause stands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceSent {
    /// Where; empty where it was not found after all.
    place: String,
}

/// A signature.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignatureSent {
    /// The day, as an ISO date.
    on: String,
    /// Who signed for the vendor.
    signer: String,
    /// From when on it holds; from the signature on without it.
    #[serde(default)]
    effective: Option<String>,
    /// The last day on which it holds; no end without it.
    #[serde(default)]
    expires: Option<String>,
}

/// The end of an agreement.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgreementEndSent {
    /// From this day on it does not hold.
    on: String,
    /// What became of PHI: `returned`, `destroyed`, `kept`.
    how: String,
    /// What shows it.
    note: String,
}

/// A request to a maker.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VendorRequestSent {
    /// `sbom`, `mds2`.
    kind: String,
    /// Of which model.
    about: String,
    /// The last day; 30 days from today without it.
    #[serde(default)]
    due: Option<String>,
}

/// An answer to a request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VendorAnswerSent {
    /// What came.
    answer: String,
    /// When; today without it.
    #[serde(default)]
    on: Option<String>,
}

/// The days of a vendor's notice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnIncidentSent {
    /// When the vendor discovered it, by its own word.
    #[serde(default)]
    discovered: Option<String>,
    /// When it told.
    #[serde(default)]
    told: Option<String>,
}

/// Of the text that is sent.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct TextQuery {
    /// The file's name, where the body is the file itself.
    #[serde(deserialize_with = "blank")]
    file_name: Option<String>,
}

/// The path of a link, handed out this once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VendorLinkView {
    /// The path; the address of the server comes before it.
    path: String,
}

/// All vendors, those first through whom ePHI flows without an agreement.
#[utoipa::path(get, path = "/vendors", tag = "vendors", security(("session" = []), ("token" = [])), responses((status = 200, body = Vec<VendorRowView>), (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<Vec<VendorRowView>> {
    let rows = vendors::list(&state.ctx, &visitor.actor()).await?;
    Ok(Json(rows.iter().map(VendorRowView::from).collect()))
}

/// Puts a vendor in the register.
#[utoipa::path(post, path = "/vendors", tag = "vendors", request_body = VendorSent, security(("session" = []), ("token" = [])), responses((status = 201, body = Made), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn add(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<VendorSent>,
) -> Result<(StatusCode, Json<Made>), Failure> {
    let id = vendors::set(&state.ctx, &visitor.actor(), None, &sent.command()?).await?;
    Ok((StatusCode::CREATED, Json(Made::of(id))))
}

/// Every maker of devices with its score.
#[utoipa::path(get, path = "/vendor-makers", tag = "vendors", security(("session" = []), ("token" = [])), responses((status = 200, body = Vec<MakerScoreView>), (status = 401, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn makers(
    visitor: SignedIn,
    Extract(state): Extract<State>,
) -> Answered<Vec<MakerScoreView>> {
    let rows = vendors::makers(&state.ctx, &visitor.actor()).await?;
    Ok(Json(rows.iter().map(MakerScoreView::from).collect()))
}

/// One vendor.
#[utoipa::path(get, path = "/vendors/{id}", tag = "vendors", params(("id" = String, Path, description = "Id")), security(("session" = []), ("token" = [])), responses((status = 200, body = VendorView), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Answered<VendorView> {
    let detail = vendors::get(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok(Json(VendorView::from(&detail)))
}

/// Changes what is said of a vendor.
#[utoipa::path(put, path = "/vendors/{id}", tag = "vendors", params(("id" = String, Path, description = "Id")), request_body = VendorSent, security(("session" = []), ("token" = [])), responses((status = 204, description = "Done"), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn set(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<VendorSent>,
) -> Result<StatusCode, Failure> {
    vendors::set(&state.ctx, &visitor.actor(), Some(id_of(&id)?), &sent.command()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins the draft of an agreement.
#[utoipa::path(post, path = "/vendors/{id}/agreements", tag = "vendors", params(("id" = String, Path, description = "Id")), request_body = DraftSent, security(("session" = []), ("token" = [])), responses((status = 201, body = Made), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn draft(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<DraftSent>,
) -> Result<(StatusCode, Json<Made>), Failure> {
    let made = vendors::draft(&state.ctx, &visitor.actor(), id_of(&id)?, &sent.title).await?;
    Ok((StatusCode::CREATED, Json(Made::of(made))))
}

/// Puts the text of a draft: the body itself, or the field `file` of a multipart form. Clauses are to be found anew.
#[utoipa::path(put, path = "/vendors/{id}/agreements/{number}/document", tag = "vendors", params(("id" = String, Path, description = "Id"), ("number" = String, Path, description = "Id of the agreement"), TextQuery), request_body(content = Vec<u8>, content_type = "application/octet-stream"), security(("session" = []), ("token" = [])), responses((status = 204, description = "Done"), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 409, body = Problem, content_type = "application/problem+json"), (status = 413, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json"), (status = 503, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn document(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path((id, number)): Path<(String, String)>,
    Query(query): Query<TextQuery>,
    upload: Upload,
) -> Result<StatusCode, Failure> {
    let _permit = state.begin_upload()?;
    let name = query.file_name.or(upload.file_name).unwrap_or_default();
    let key = (id_of(&id)?, id_of(&number)?);
    vendors::document(&state.ctx, &visitor.actor(), key, &name, &upload.document).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Notes where a clause stands in the text of a draft.
#[utoipa::path(put, path = "/vendors/{id}/agreements/{number}/clauses/{kind}", tag = "vendors", params(("id" = String, Path, description = "Id"), ("number" = String, Path, description = "Id of the agreement"), ("kind" = String, Path, description = "Id of the clause")), request_body = PlaceSent, security(("session" = []), ("token" = [])), responses((status = 204, description = "Done"), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn clause(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path((id, number, clause)): Path<(String, String, String)>,
    Sent(sent): Sent<PlaceSent>,
) -> Result<StatusCode, Failure> {
    let key = (id_of(&id)?, id_of(&number)?);
    vendors::check(&state.ctx, &visitor.actor(), key, &clause, &sent.place).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Marks a draft as signed; refused, with all that are, while a clause is missing.
#[utoipa::path(post, path = "/vendors/{id}/agreements/{number}/sign", tag = "vendors", params(("id" = String, Path, description = "Id"), ("number" = String, Path, description = "Id of the agreement")), request_body = SignatureSent, security(("session" = []), ("token" = [])), responses((status = 204, description = "Done"), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn sign(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path((id, number)): Path<(String, String)>,
    Sent(sent): Sent<SignatureSent>,
) -> Result<StatusCode, Failure> {
    let new = NewSignature {
        on: iso_day(&sent.on)?,
        signer: sent.signer,
        effective: some_day(sent.effective.as_deref())?,
        expires: some_day(sent.expires.as_deref())?,
    };
    vendors::sign(&state.ctx, &visitor.actor(), (id_of(&id)?, id_of(&number)?), &new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends an agreement, with what became of PHI.
#[utoipa::path(post, path = "/vendors/{id}/agreements/{number}/end", tag = "vendors", params(("id" = String, Path, description = "Id"), ("number" = String, Path, description = "Id of the agreement")), request_body = AgreementEndSent, security(("session" = []), ("token" = [])), responses((status = 204, description = "Done"), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn end(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path((id, number)): Path<(String, String)>,
    Sent(sent): Sent<AgreementEndSent>,
) -> Result<StatusCode, Failure> {
    let new = NewEnd { on: iso_day(&sent.on)?, how: sent.how, note: sent.note };
    vendors::end(&state.ctx, &visitor.actor(), (id_of(&id)?, id_of(&number)?), &new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a link to the questionnaire, which works once; earlier ones open nothing any more.
#[utoipa::path(post, path = "/vendors/{id}/links", tag = "vendors", params(("id" = String, Path, description = "Id")), security(("session" = []), ("token" = [])), responses((status = 201, body = VendorLinkView), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn link(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<VendorLinkView>), Failure> {
    let path = vendors::answer::link(&state.ctx, &visitor.actor(), id_of(&id)?).await?;
    Ok((StatusCode::CREATED, Json(VendorLinkView { path })))
}

/// Notes that a maker was asked for something.
#[utoipa::path(post, path = "/vendors/{id}/requests", tag = "vendors", params(("id" = String, Path, description = "Id")), request_body = VendorRequestSent, security(("session" = []), ("token" = [])), responses((status = 201, body = Made), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn ask(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<String>,
    Sent(sent): Sent<VendorRequestSent>,
) -> Result<(StatusCode, Json<Made>), Failure> {
    let due = some_day(sent.due.as_deref())?;
    let new = NewRequest { kind: sent.kind, about: sent.about, due };
    let made = vendors::ask(&state.ctx, &visitor.actor(), id_of(&id)?, &new).await?;
    Ok((StatusCode::CREATED, Json(Made::of(made))))
}

/// Notes the answer to a request.
#[utoipa::path(post, path = "/vendors/{id}/requests/{number}/answer", tag = "vendors", params(("id" = String, Path, description = "Id"), ("number" = String, Path, description = "Id of the request")), request_body = VendorAnswerSent, security(("session" = []), ("token" = [])), responses((status = 204, description = "Done"), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn answered(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path((id, number)): Path<(String, String)>,
    Sent(sent): Sent<VendorAnswerSent>,
) -> Result<StatusCode, Failure> {
    let on = some_day(sent.on.as_deref())?;
    let key = (id_of(&id)?, id_of(&number)?);
    vendors::answered(&state.ctx, &visitor.actor(), key, on, &sent.answer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Notes that an incident is a vendor's own, with the days of its notice.
#[utoipa::path(put, path = "/vendors/{id}/incidents/{number}", tag = "vendors", params(("id" = String, Path, description = "Id"), ("number" = String, Path, description = "Id of the incident")), request_body = OwnIncidentSent, security(("session" = []), ("token" = [])), responses((status = 204, description = "Done"), (status = 401, body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"), (status = 404, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn own_incident(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path((id, number)): Path<(String, String)>,
    Sent(sent): Sent<OwnIncidentSent>,
) -> Result<StatusCode, Failure> {
    let row = OwnIncidentRow {
        vendor: id_of(&id)?,
        incident: id_of(&number)?,
        discovered: some_day(sent.discovered.as_deref())?,
        told: some_day(sent.told.as_deref())?,
    };
    vendors::own_incident(&state.ctx, &visitor.actor(), &row).await?;
    Ok(StatusCode::NO_CONTENT)
}
