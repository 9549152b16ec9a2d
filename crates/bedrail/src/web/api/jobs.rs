//! Background jobs.

use axum::Json;
use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use bedrail_app::jobs;
use bedrail_model::ids::JobId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Answered;
use crate::web::error::{Failure, Problem};
use crate::web::pages::jobs::JobIdText;
use crate::web::query::{JobsQuery, Paging};
use crate::web::sent::Sent;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::views::PageView;
use crate::web::views::job::{JobDetailView, JobView, RegularView, StartedView};

/// Background jobs of the organisation and of the whole installation: what runs, what waits, then the newest.
#[utoipa::path(
    get, path = "/jobs", tag = "jobs", params(JobsQuery, Paging), security(("session" = []), ("token" = [])),
    responses((status = 200, body = PageView<JobView>), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Query(query): Query<JobsQuery>,
) -> Answered<PageView<JobView>> {
    let page = jobs::list(&state.ctx, &visitor.actor(), query.state()?, &query.paging.request()).await?;
    Ok(Json(PageView::of(&page)))
}

/// What is done by the clock, how often, and when next.
#[utoipa::path(
    get, path = "/regular-jobs", tag = "jobs", security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<RegularView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn regular(visitor: SignedIn, Extract(state): Extract<State>) -> Answered<Vec<RegularView>> {
    let all = jobs::regularly(&state.ctx, &visitor.actor()).await?;
    Ok(Json(all.iter().map(RegularView::from).collect()))
}

/// How often.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pace {
    /// Minutes between the end of one and the next; `null` is the program's own pace.
    minutes: Option<u32>,
}

/// Chooses how often regular work is done, for the whole installation.
#[utoipa::path(
    put, path = "/regular-jobs/{kind}", tag = "jobs", params(("kind" = String, Path, description = "Code of the kind")),
    request_body = Pace, security(("session" = []), ("token" = [])),
    responses((status = 200, body = Vec<RegularView>), (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn set_pace(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(kind): Path<String>,
    Sent(pace): Sent<Pace>,
) -> Answered<Vec<RegularView>> {
    jobs::set_pace(&state.ctx, &visitor.actor(), &kind, pace.minutes).await?;
    regular(visitor, Extract(state)).await
}

/// One background job with its log.
#[utoipa::path(
    get, path = "/jobs/{id}", tag = "jobs", params(("id" = String, Path, description = "Id of the job")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = JobDetailView), (status = 404, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn one(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<JobIdText>,
) -> Answered<JobDetailView> {
    detail(&state, &visitor, id.0).await
}

/// What to start.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartJob {
    /// The code of a kind that people may start: `feed.update`, `check`.
    kind: String,
}

/// Starts a job, unless the same work is waiting or running already.
#[utoipa::path(
    post, path = "/jobs", tag = "jobs", request_body = StartJob, security(("session" = []), ("token" = [])),
    responses((status = 202, body = StartedView),
        (status = 404, description = "People do not start such a job", body = Problem, content_type = "application/problem+json"), (status = 403, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn start(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Sent(command): Sent<StartJob>,
) -> Result<(StatusCode, Json<StartedView>), Failure> {
    let id = jobs::start(&state.ctx, &visitor.actor(), &command.kind).await?;
    Ok((StatusCode::ACCEPTED, Json(StartedView { id: id.map(|id| id.to_string()) })))
}

/// Stops a job: at once where it waits, at the next sign of life of its worker where it runs.
#[utoipa::path(
    post, path = "/jobs/{id}/cancel", tag = "jobs", params(("id" = String, Path, description = "Id of the job")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = JobDetailView), (status = 409, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn cancel(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<JobIdText>,
) -> Answered<JobDetailView> {
    jobs::cancel(&state.ctx, &visitor.actor(), id.0).await?;
    detail(&state, &visitor, id.0).await
}

/// Lets a job that failed or was stopped begin anew, and one that waits for its next attempt begin now.
#[utoipa::path(
    post, path = "/jobs/{id}/retry", tag = "jobs", params(("id" = String, Path, description = "Id of the job")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = JobDetailView), (status = 409, body = Problem, content_type = "application/problem+json"))
)]
pub(crate) async fn retry(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path(id): Path<JobIdText>,
) -> Answered<JobDetailView> {
    jobs::retry(&state.ctx, &visitor.actor(), id.0).await?;
    detail(&state, &visitor, id.0).await
}

async fn detail(state: &State, visitor: &SignedIn, id: JobId) -> Answered<JobDetailView> {
    let detail = jobs::get(&state.ctx, &visitor.actor(), id).await?;
    Ok(Json(JobDetailView::of(&detail)))
}
