//! The risk analysis, the plan for incidents, and reports.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use axum::response::Response;
use bedrail_app::reports::{REPORTS, ReportFormat};
use bedrail_app::{response, risk_analysis};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::pages::reports::as_file;
use crate::web::pages::response::packed;
use crate::web::pages::risk_analysis::signed_document;
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::taken_response::{EntrySent, FollowUpSent, HoldingSent, JudgeSent};
use crate::web::views::response::{PlanView, RiskAnalysisView, SignedView};

/// The risk analysis as it stands: products, risks, what was signed and what it covers.
#[utoipa::path(
    get, path = "/risk-analysis", tag = "programme", operation_id = "risk_analysis", security(("session" = []), ("token" = [])),
    responses((status = 200, body = RiskAnalysisView), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn risk(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<RiskAnalysisView> {
    let analysis = risk_analysis::get(&state.ctx, &visitor.actor()).await?;
    Ok(Json(RiskAnalysisView::from(&analysis)))
}

/// Judges a risk. The newest judgement counts; earlier ones stay.
#[utoipa::path(
    post, path = "/risk-analysis/judgements", tag = "programme", operation_id = "judge_risk", request_body = JudgeSent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn judge(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<JudgeSent>,
) -> Result<StatusCode, Failure> {
    risk_analysis::judge(&state.ctx, &visitor.actor(), &sent.command()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says whether the devices of a product hold patient data.
#[utoipa::path(
    post, path = "/risk-analysis/holdings", tag = "programme", operation_id = "declare_holding", request_body = HoldingSent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn declare(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<HoldingSent>,
) -> Result<StatusCode, Failure> {
    risk_analysis::declare(&state.ctx, &visitor.actor(), &sent.command()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is signed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignSent {
    /// What it covers, in words.
    scope: String,
    /// `seen` of the analysis that was looked at: where it is another one by now, nothing is signed. Left out, what there is now is
    /// signed.
    #[serde(default)]
    seen: Option<String>,
}

/// Signs the analysis as it stands: its document is kept, and known by its SHA-256.
#[utoipa::path(
    post, path = "/risk-analysis/sign", tag = "programme", operation_id = "sign_risk_analysis", request_body = SignSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = SignedView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn sign(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<SignSent>,
) -> Result<(StatusCode, Json<SignedView>), Failure> {
    let signed = risk_analysis::sign(&state.ctx, &visitor.actor(), &sent.scope, sent.seen.as_deref()).await?;
    Ok((StatusCode::CREATED, Json(SignedView::from(&signed))))
}

/// The document of a signed analysis, byte for byte as it was signed.
#[utoipa::path(
    get, path = "/risk-analysis/{number}/document", tag = "programme", operation_id = "signed_risk_analysis",
    params(("number" = u64, Path, description = "Number of the signed analysis")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "JSON, as a file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn document(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(number): Path<String>,
) -> Result<Response, Failure> {
    signed_document(&state, &visitor, &number).await
}

/// The plan for incidents.
#[utoipa::path(
    get, path = "/response", tag = "incidents", operation_id = "response_plan", security(("session" = []), ("token" = [])),
    responses((status = 200, body = PlanView), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn plan(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<PlanView> {
    let plan = response::get(&state.ctx, &visitor.actor()).await?;
    Ok(Json(PlanView::from(&plan)))
}

/// Puts an entry into the plan: one of the same kind, name and place takes the place of the one before, which stays on record.
#[utoipa::path(
    post, path = "/response", tag = "incidents", operation_id = "put_response_entry", request_body = EntrySent,
    security(("session" = []), ("token" = [])),
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn put(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<EntrySent>,
) -> Result<StatusCode, Failure> {
    response::put(&state.ctx, &visitor.actor(), &sent.command()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The action that a follow-up became.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FollowUpPut {
    /// Its id, as `/api/v1/actions` has it.
    action: String,
}

/// Puts a line of what follows from an exercise onto the board of actions.
#[utoipa::path(
    post, path = "/response/follow-ups", tag = "incidents", operation_id = "put_follow_up", request_body = FollowUpSent,
    security(("session" = []), ("token" = [])),
    responses((status = 201, body = FollowUpPut), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn follow(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<FollowUpSent>,
) -> Result<(StatusCode, Json<FollowUpPut>), Failure> {
    let action = response::follow(&state.ctx, &visitor.actor(), &sent.command()?).await?.to_string();
    Ok((StatusCode::CREATED, Json(FollowUpPut { action })))
}

/// The pack for print and a USB stick, as one ZIP: HTML, PDF and their hashes.
#[utoipa::path(
    get, path = "/response/pack", tag = "incidents", operation_id = "response_pack", security(("session" = []), ("token" = [])),
    responses((status = 200, description = "A ZIP", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn pack(visitor: SignedIn, Extract(state): Extract<State>) -> Result<Response, Failure> {
    packed(&state, &visitor).await
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportRowView {
    /// Its name in addresses.
    name: &'static str,
    /// Its title.
    title: &'static str,
    /// What it is for.
    what: &'static str,
    /// The forms that it comes in.
    formats: Vec<&'static str>,
}

/// The reports that there are for the actor.
#[utoipa::path(
    get, path = "/reports", tag = "programme", operation_id = "reports", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<ReportRowView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn reports(visitor: SignedIn) -> Answered<Vec<ReportRowView>> {
    let rows = REPORTS.iter().filter(|row| visitor.may(row.right)).map(|row| ReportRowView {
        name: row.name,
        title: row.title,
        what: row.what,
        formats: ReportFormat::ALL.iter().map(|(_, ending)| *ending).collect(),
    });
    Ok(Json(rows.collect()))
}

/// A report as a file: `pdf`, `xlsx` or `html`.
#[utoipa::path(
    get, path = "/reports/{report}/{format}", tag = "programme", operation_id = "report",
    params(("report" = String, Path, description = "Name of the report"), ("format" = String, Path, description = "`pdf`, `xlsx`, `html`")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn report(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path((name, format)): Path<(String, String)>,
) -> Result<Response, Failure> {
    as_file(&state, &visitor, &name, &format).await
}
