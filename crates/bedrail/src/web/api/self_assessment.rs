//! Self-assessment: the questions, and answers.

use axum::Json;
use axum::extract::{Query, State as Extract};
use axum::http::StatusCode;
use bedrail_app::programme::{self, Reply, Wanted};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Answered;
use super::programme::some_day;
use crate::web::error::{Failure, Problem};
use crate::web::query::SelfAssessmentQuery;
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::self_assessment::SelfAssessmentView;

/// The questions of the self-assessment with the answers that count.
#[utoipa::path(
    get, path = "/self-assessment", tag = "programme", params(SelfAssessmentQuery), security(("session" = []), ("token" = [])),
    responses((status = 200, body = SelfAssessmentView), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<SelfAssessmentQuery>,
) -> Answered<SelfAssessmentView> {
    let wanted = Wanted { site: query.site, open: query.open, requirement: query.requirement };
    let all = programme::questions(&state.ctx, &visitor.actor(), &wanted).await?;
    Ok(Json(SelfAssessmentView::from(&all)))
}

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SelfAnswerSent {
    /// The requirement whose question it is.
    requirement: String,
    /// The site, where it is asked for each.
    #[serde(default)]
    site: Option<String>,
    /// `yes`, `no`, `not_sure`.
    answer: String,
    /// What is to be said with it.
    #[serde(default)]
    note: Option<String>,
    /// Where to look.
    #[serde(default)]
    evidence: Option<String>,
    /// Of a "no": who closes the gap.
    #[serde(default)]
    owner: Option<String>,
    /// Of a "no": by the end of which day, as an ISO date.
    #[serde(default)]
    due: Option<String>,
}

/// Saves an answer. A "no" becomes an action; a "yes" that says where to look closes it.
#[utoipa::path(
    post, path = "/self-assessment", tag = "programme", security(("session" = []), ("token" = [])), request_body = SelfAnswerSent,
    responses((status = 201, body = SelfAssessmentView), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn reply(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(sent): Sent<SelfAnswerSent>,
) -> Result<(StatusCode, Json<SelfAssessmentView>), Failure> {
    let wanted = Wanted { requirement: Some(sent.requirement.clone()), ..Wanted::default() };
    let reply = Reply {
        requirement: sent.requirement,
        site: sent.site,
        answer: sent.answer,
        note: sent.note,
        evidence: sent.evidence,
        document: None,
        owner: sent.owner,
        due: some_day(sent.due.as_deref())?,
    };
    programme::reply(&state.ctx, &visitor.actor(), reply).await?;
    let all = programme::questions(&state.ctx, &visitor.actor(), &wanted).await?;
    Ok((StatusCode::CREATED, Json(SelfAssessmentView::from(&all))))
}
