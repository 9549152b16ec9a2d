//! The workbook of the SRA tool of HHS.

use axum::Json;
use axum::extract::{Query, State as Extract};
use bedrail_app::sra::{self, Workbook};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answered;
use super::upload::Upload;
use crate::web::error::Problem;
use crate::web::form::blank;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::taken::day;

/// What the answers of a workbook are about.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct SraImportQuery {
    /// The site, of questions that are asked for each.
    #[serde(deserialize_with = "blank")]
    site: Option<String>,
    /// Who closes the gaps that it shows; without one a "no" is not taken.
    #[serde(deserialize_with = "blank")]
    owner: Option<String>,
    /// By the end of which day, an ISO date.
    #[serde(deserialize_with = "blank")]
    due: Option<String>,
    /// Only say what would happen.
    dry_run: bool,
}

/// What became of the answers on one requirement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SraAnswerView {
    /// The requirement's id; empty where none was found.
    requirement: String,
    /// Its citation, or what the row says of the law.
    citation: String,
    /// Sheets and rows that it rests on.
    places: Vec<String>,
    /// `yes`, `no`, `not_sure`; empty where nothing is taken.
    answer: &'static str,
    /// Why it is not taken; empty where it is.
    not_taken: String,
}

/// A threat as it is taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SraThreatView {
    /// Its sheet and row.
    place: String,
    /// The threat and the weakness that it uses.
    words: String,
    /// `low`, `moderate`, `high`; null where it is not graded in words that are known.
    likelihood: Option<&'static str>,
    /// The same.
    impact: Option<&'static str>,
}

/// The report on a workbook.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SraReportView {
    /// Answers by requirement, those that are taken first.
    answers: Vec<SraAnswerView>,
    /// Questions without a response.
    unanswered: u64,
    /// Threats.
    threats: Vec<SraThreatView>,
    /// Whether the threats of this workbook were held before.
    held: bool,
    /// Sheets of which nothing is taken.
    unknown_sheets: Vec<String>,
    /// What was met on the way.
    remarks: Vec<String>,
    /// Whether nothing was kept.
    dry_run: bool,
}

impl From<&sra::SraReport> for SraReportView {
    fn from(it: &sra::SraReport) -> SraReportView {
        let answer = |line: &sra::AnswerLine| SraAnswerView {
            requirement: line.requirement.clone(),
            citation: line.citation.clone(),
            places: line.places.clone(),
            answer: line.answer,
            not_taken: line.not_taken.clone(),
        };
        let threat = |line: &sra::ThreatLine| SraThreatView {
            place: line.place.clone(),
            words: line.words.clone(),
            likelihood: line.likelihood.map(|grade| grade.code()),
            impact: line.impact.map(|grade| grade.code()),
        };
        SraReportView {
            answers: it.answers.iter().map(answer).collect(),
            unanswered: it.unanswered as u64,
            threats: it.threats.iter().map(threat).collect(),
            held: it.held,
            unknown_sheets: it.unknown_sheets.clone(),
            remarks: it
                .remarks
                .iter()
                .map(|(place, text)| format!("{place} {text}").trim().to_owned())
                .collect(),
            dry_run: it.dry_run,
        }
    }
}

/// Takes a workbook of the SRA tool in (XLSX, at most 16 MiB): the body itself, or the field `file` of a multipart form. Graded threats go
/// into the risk analysis, answers into the self-assessment.
#[utoipa::path(
    post, path = "/risk-analysis/import", tag = "programme", operation_id = "import_sra_workbook", params(SraImportQuery),
    security(("session" = []), ("token" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = SraReportView),
        (status = 503, body = Problem, content_type = "application/problem+json"), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn import(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<SraImportQuery>,
    upload: Upload,
) -> Answered<SraReportView> {
    let _permit = state.begin_upload()?;
    let new = Workbook {
        file_name: upload.file_name.unwrap_or_default(),
        document: upload.document,
        site: query.site,
        owner: query.owner,
        due: query.due.map(|text| day(&text, "the day until which gaps are closed")).transpose()?,
        dry_run: query.dry_run,
    };
    let report = sra::import(&state.ctx, &visitor.actor(), &new).await?;
    Ok(Json(SraReportView::from(&report)))
}
