//! The right that each page and each route of the API takes. It is asked for before anything else of a request is looked
//! at, so that who may not do a thing learns nothing of how it would be done; the use case asks again.

use axum::extract::{MatchedPath, Request, State as Extract};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bedrail_app::jobs;
use bedrail_app::rights::Right;
use bedrail_model::ids::JobId;

use super::session;
use super::state::State;

/// Method and path as the router has them, and the right. What needs no more than to be signed in, or nothing, has no row.
/// Tests walk every row, and compare the table with what they expect of each route.
pub const NEEDS: &[(&str, &str, Right)] = &[
    ("GET", "/affected", Right::SeeFleet),
    ("GET", "/affected.csv", Right::SeeFleet),
    ("GET", "/devices", Right::SeeFleet),
    ("GET", "/devices.csv", Right::SeeFleet),
    ("GET", "/devices/{id}", Right::SeeFleet),
    ("GET", "/devices/{id}/sheet", Right::SeeFleet),
    ("GET", "/devices/import", Right::ChangeDevices),
    ("POST", "/devices/import", Right::ChangeDevices),
    ("GET", "/exposure", Right::SeeFleet),
    ("POST", "/exposure/import", Right::ChangeDevices),
    ("POST", "/exposure/imports/{id}/remove", Right::ChangeDevices),
    ("GET", "/releases", Right::SeeReleases),
    ("GET", "/releases/{id}", Right::SeeReleases),
    ("GET", "/releases/{id}/components/{index}", Right::SeeReleases),
    ("GET", "/releases/compare", Right::SeeReleases),
    ("GET", "/releases/{id}/quality", Right::SeeReleases),
    ("GET", "/releases/{id}/sbom", Right::SeeReleases),
    ("GET", "/releases/upload", Right::ChangeReleases),
    ("POST", "/releases/upload", Right::ChangeReleases),
    ("GET", "/documents/{id}", Right::SeeReleases),
    ("GET", "/advisories", Right::SeeFleet),
    ("GET", "/advisories/{id}", Right::SeeFleet),
    ("GET", "/advisories/{id}/wards", Right::SeeFleet),
    ("GET", "/medical", Right::SeeFleet),
    ("POST", "/medical/take-back", Right::DecideNames),
    ("POST", "/medical/providers/add", Right::ManageOrganisation),
    ("POST", "/medical/providers/remove", Right::ManageOrganisation),
    ("GET", "/medical/{id}", Right::SeeFleet),
    ("GET", "/medical/{id}/wards", Right::SeeFleet),
    ("POST", "/medical/{id}/decide", Right::DecideNames),
    ("GET", "/names", Right::SeeFleet),
    ("POST", "/names", Right::DecideNames),
    ("POST", "/names/take-back", Right::DecideNames),
    ("GET", "/releases/{id}/names", Right::SeeFleet),
    ("POST", "/releases/{id}/names/exact", Right::DecideNames),
    ("GET", "/decisions", Right::SeeFleet),
    ("POST", "/decisions", Right::Decide),
    ("GET", "/decisions/new", Right::Decide),
    ("GET", "/decisions/{id}", Right::SeeFleet),
    ("POST", "/decisions/{id}/take-back", Right::Decide),
    ("GET", "/priorities", Right::SeeFleet),
    ("GET", "/alerts", Right::SeeFleet),
    ("GET", "/alerts/{id}", Right::SeeFleet),
    ("GET", "/alerts/account", Right::SeeFleet),
    ("GET", "/alerts/sources", Right::SeeFleet),
    ("GET", "/alerts/policies", Right::SeeFleet),
    ("POST", "/alerts/take", Right::HandleAlerts),
    ("POST", "/alerts/close", Right::HandleAlerts),
    ("POST", "/alerts/sources", Right::HandleAlerts),
    ("POST", "/alerts/policies/{id}/end", Right::HandleAlerts),
    ("POST", "/alerts/{id}/comment", Right::HandleAlerts),
    ("POST", "/alerts/{id}/reopen", Right::HandleAlerts),
    ("POST", "/alerts/{id}/policy", Right::Decide),
    ("GET", "/actions", Right::SeeFleet),
    ("POST", "/actions/{id}/step", Right::Decide),
    ("POST", "/actions", Right::Decide),
    ("GET", "/actions.csv", Right::SeeFleet),
    ("GET", "/actions/board", Right::SeeFleet),
    ("GET", "/actions/calendar", Right::SeeFleet),
    ("POST", "/actions/calendar/link", Right::UseTokens),
    ("GET", "/actions/budget", Right::SeeFleet),
    ("POST", "/actions/{id}/plan", Right::Decide),
    ("GET", "/campaigns", Right::SeeFleet),
    ("POST", "/campaigns/start", Right::Decide),
    ("GET", "/campaigns/{id}", Right::SeeFleet),
    ("GET", "/campaigns/{id}/report", Right::SeeFleet),
    ("GET", "/campaigns/{id}/report.csv", Right::SeeFleet),
    ("POST", "/campaigns/{id}/assign", Right::Decide),
    ("POST", "/campaigns/{id}/ask", Right::Decide),
    ("POST", "/campaigns/{id}/close", Right::Decide),
    ("POST", "/campaigns/{id}/reopen", Right::Decide),
    ("GET", "/unknowns", Right::SeeFleet),
    ("POST", "/unknowns/take-back", Right::RecordFacts),
    ("GET", "/unknowns/{key}", Right::SeeFleet),
    ("POST", "/unknowns/{key}/ask", Right::Decide),
    ("POST", "/unknowns/{key}/answer", Right::RecordFacts),
    ("GET", "/vex", Right::SeeFleet),
    ("POST", "/vex/add", Right::TakeStatements),
    ("POST", "/vex/pin", Right::TakeStatements),
    ("POST", "/vex/unpin", Right::TakeStatements),
    ("POST", "/vex/{id}/aside", Right::TakeStatements),
    ("POST", "/vex/{id}/accept", Right::Decide),
    ("GET", "/search", Right::SeeReleases),
    ("GET", "/search/suggestions", Right::SeeReleases),
    ("GET", "/jobs", Right::SeeJobs),
    ("POST", "/jobs", Right::ManageJobs),
    ("GET", "/jobs/{id}", Right::SeeJobs),
    ("POST", "/jobs/pace", Right::ManageJobs),
    ("GET", "/jobs/{id}/result", Right::ManageJobs),
    ("POST", "/exports", Right::SeeFleet),
    ("POST", "/jobs/{id}/cancel", Right::ManageJobs),
    ("POST", "/jobs/{id}/retry", Right::ManageJobs),
    ("GET", "/audit", Right::SeeAudit),
    ("GET", "/audit/check", Right::SeeAudit),
    ("POST", "/audit/export", Right::SeeAudit),
    ("GET", "/organisation", Right::ManageOrganisation),
    ("POST", "/organisation/settings", Right::ManageOrganisation),
    ("GET", "/organisation/sign-in", Right::ManageOrganisation),
    ("POST", "/organisation/sign-in", Right::ManageOrganisation),
    ("POST", "/organisation/sign-in/check", Right::ManageOrganisation),
    ("POST", "/organisation/sign-in/remove", Right::ManageOrganisation),
    ("POST", "/notices/channels", Right::ManageOrganisation),
    ("POST", "/notices/channels/remove", Right::ManageOrganisation),
    ("POST", "/notices/test", Right::ManageOrganisation),
    ("GET", "/people", Right::SeePeople),
    ("GET", "/people/invite", Right::ManagePeople),
    ("POST", "/people/invite", Right::ManagePeople),
    ("POST", "/people/erase-invited", Right::ErasePeople),
    ("POST", "/people/invitations/{id}/take-back", Right::ManagePeople),
    ("GET", "/people/{id}", Right::SeePeople),
    ("POST", "/people/{id}", Right::ManagePeople),
    ("POST", "/people/{id}/{deed}", Right::ManagePeople),
    ("GET", "/account/tokens", Right::UseTokens),
    ("POST", "/account/tokens", Right::UseTokens),
    ("POST", "/account/tokens/{id}/end", Right::UseTokens),
    ("POST", "/account/emergency", Right::TakeEmergency),
    ("GET", "/api/v1/affected", Right::SeeFleet),
    ("GET", "/api/v1/devices", Right::SeeFleet),
    ("GET", "/api/v1/devices/grid", Right::SeeFleet),
    ("GET", "/api/v1/devices/{id}", Right::SeeFleet),
    ("POST", "/api/v1/devices/import", Right::ChangeDevices),
    ("GET", "/api/v1/releases", Right::SeeReleases),
    ("GET", "/api/v1/releases/{id}", Right::SeeReleases),
    ("GET", "/api/v1/releases/compare", Right::SeeReleases),
    ("GET", "/api/v1/releases/{id}/quality", Right::SeeReleases),
    ("GET", "/api/v1/releases/{id}/sbom", Right::SeeReleases),
    ("POST", "/api/v1/sboms", Right::ChangeReleases),
    ("GET", "/api/v1/documents/{id}", Right::SeeReleases),
    ("GET", "/api/v1/advisories", Right::SeeFleet),
    ("GET", "/api/v1/advisories/{id}", Right::SeeFleet),
    ("GET", "/api/v1/medical-advisories", Right::SeeFleet),
    ("GET", "/api/v1/medical-advisories/{id}", Right::SeeFleet),
    ("PUT", "/api/v1/medical-advisories/{id}/decision", Right::DecideNames),
    ("GET", "/api/v1/advisory-providers", Right::SeeFleet),
    ("POST", "/api/v1/advisory-providers", Right::ManageOrganisation),
    ("DELETE", "/api/v1/advisory-providers/{key}", Right::ManageOrganisation),
    ("GET", "/api/v1/name-decisions", Right::SeeFleet),
    ("GET", "/api/v1/releases/{id}/medical-advisories", Right::SeeReleases),
    ("GET", "/api/v1/component-names", Right::SeeFleet),
    ("PUT", "/api/v1/component-names", Right::DecideNames),
    ("DELETE", "/api/v1/component-names", Right::DecideNames),
    ("GET", "/api/v1/releases/{id}/names", Right::SeeFleet),
    ("GET", "/api/v1/releases/{id}/names/exact", Right::SeeFleet),
    ("POST", "/api/v1/releases/{id}/names/exact", Right::DecideNames),
    ("GET", "/api/v1/decisions", Right::SeeFleet),
    ("POST", "/api/v1/decisions", Right::Decide),
    ("POST", "/api/v1/decisions/preview", Right::Decide),
    ("GET", "/api/v1/decisions/{id}", Right::SeeFleet),
    ("DELETE", "/api/v1/decisions/{id}", Right::Decide),
    ("GET", "/api/v1/priorities", Right::SeeFleet),
    ("GET", "/api/v1/alerts", Right::SeeFleet),
    ("GET", "/api/v1/alerts/{id}", Right::SeeFleet),
    ("GET", "/api/v1/alerts/account", Right::SeeFleet),
    ("GET", "/api/v1/alerts/sources", Right::SeeFleet),
    ("GET", "/api/v1/alerts/policies", Right::SeeFleet),
    ("POST", "/api/v1/alerts/take", Right::HandleAlerts),
    ("POST", "/api/v1/alerts/close", Right::HandleAlerts),
    ("POST", "/api/v1/alerts/closings", Right::HandleAlerts),
    ("POST", "/api/v1/alerts/{id}/comment", Right::HandleAlerts),
    ("POST", "/api/v1/alerts/{id}/reopen", Right::HandleAlerts),
    ("POST", "/api/v1/alerts/sources", Right::HandleAlerts),
    ("PUT", "/api/v1/alerts/sources/{id}", Right::HandleAlerts),
    ("POST", "/api/v1/alerts/sources/{id}/events", Right::HandleAlerts),
    ("POST", "/api/v1/alerts/policies", Right::Decide),
    ("POST", "/api/v1/alerts/policies/preview", Right::HandleAlerts),
    ("DELETE", "/api/v1/alerts/policies/{id}", Right::HandleAlerts),
    ("GET", "/api/v1/actions", Right::SeeFleet),
    ("POST", "/api/v1/actions", Right::Decide),
    ("POST", "/api/v1/actions/{id}/step", Right::Decide),
    ("GET", "/api/v1/actions/calendar", Right::ReadCalendar),
    ("GET", "/api/v1/campaigns", Right::SeeFleet),
    ("POST", "/api/v1/campaigns", Right::Decide),
    ("GET", "/api/v1/campaigns/{id}", Right::SeeFleet),
    ("POST", "/api/v1/campaigns/{id}/actions", Right::Decide),
    ("POST", "/api/v1/campaigns/{id}/questions", Right::Decide),
    ("POST", "/api/v1/campaigns/{id}/close", Right::Decide),
    ("POST", "/api/v1/campaigns/{id}/reopen", Right::Decide),
    ("GET", "/api/v1/unknowns", Right::SeeFleet),
    ("GET", "/api/v1/unknowns/{key}", Right::SeeFleet),
    ("POST", "/api/v1/unknowns/{key}/ask", Right::Decide),
    ("GET", "/api/v1/facts", Right::SeeFleet),
    ("POST", "/api/v1/facts", Right::RecordFacts),
    ("POST", "/api/v1/facts/{id}/take-back", Right::RecordFacts),
    ("GET", "/api/v1/exposure", Right::SeeFleet),
    ("GET", "/api/v1/devices/{id}/exposure", Right::SeeFleet),
    ("POST", "/api/v1/exposure/imports", Right::ChangeDevices),
    ("DELETE", "/api/v1/exposure/imports/{id}", Right::ChangeDevices),
    ("POST", "/api/v1/vex", Right::TakeStatements),
    ("GET", "/api/v1/vex-statements", Right::SeeFleet),
    ("GET", "/api/v1/vex-statements/{id}", Right::SeeFleet),
    ("PUT", "/api/v1/vex-statements/{id}/aside", Right::TakeStatements),
    ("POST", "/api/v1/vex-statements/{id}/accept", Right::Decide),
    ("GET", "/api/v1/vex-export", Right::SeeFleet),
    ("GET", "/api/v1/vex-issuers", Right::SeeFleet),
    ("PUT", "/api/v1/vex-issuers/{key}", Right::TakeStatements),
    ("DELETE", "/api/v1/vex-issuers/{key}", Right::TakeStatements),
    ("GET", "/api/v1/search", Right::SeeReleases),
    ("GET", "/api/v1/today", Right::SeeFleet),
    ("GET", "/api/v1/audit", Right::SeeAudit),
    ("GET", "/api/v1/audit/check", Right::SeeAudit),
    ("POST", "/api/v1/audit/export", Right::SeeAudit),
    ("GET", "/api/v1/jobs", Right::SeeJobs),
    ("POST", "/api/v1/jobs", Right::ManageJobs),
    ("GET", "/api/v1/jobs/{id}", Right::SeeJobs),
    ("GET", "/api/v1/regular-jobs", Right::SeeJobs),
    ("PUT", "/api/v1/regular-jobs/{kind}", Right::ManageJobs),
    ("GET", "/api/v1/jobs/{id}/result", Right::ManageJobs),
    ("POST", "/api/v1/exports", Right::SeeFleet),
    ("POST", "/api/v1/jobs/{id}/cancel", Right::ManageJobs),
    ("POST", "/api/v1/jobs/{id}/retry", Right::ManageJobs),
    ("PUT", "/api/v1/organisation", Right::ManageOrganisation),
    ("GET", "/api/v1/organisation/single-sign-on", Right::ManageOrganisation),
    ("PUT", "/api/v1/organisation/single-sign-on", Right::ManageOrganisation),
    ("DELETE", "/api/v1/organisation/single-sign-on", Right::ManageOrganisation),
    ("POST", "/api/v1/organisation/single-sign-on/check", Right::ManageOrganisation),
    ("GET", "/api/v1/notices/channels", Right::ManageOrganisation),
    ("GET", "/api/v1/notices/channels/{channel}", Right::ManageOrganisation),
    ("PUT", "/api/v1/notices/channels/{channel}", Right::ManageOrganisation),
    ("DELETE", "/api/v1/notices/channels/{channel}", Right::ManageOrganisation),
    ("POST", "/api/v1/notices/test", Right::ManageOrganisation),
    ("GET", "/api/v1/people", Right::SeePeople),
    ("GET", "/api/v1/people/{id}", Right::SeePeople),
    ("PUT", "/api/v1/people/{id}", Right::ManagePeople),
    ("DELETE", "/api/v1/people/{id}", Right::ManagePeople),
    ("POST", "/api/v1/people/{id}/close", Right::ManagePeople),
    ("POST", "/api/v1/people/{id}/erase", Right::ErasePeople),
    ("DELETE", "/api/v1/people/{id}/identities", Right::ManagePeople),
    ("POST", "/api/v1/invitations/erase", Right::ErasePeople),
    ("GET", "/api/v1/invitations", Right::ManagePeople),
    ("POST", "/api/v1/invitations", Right::ManagePeople),
    ("DELETE", "/api/v1/invitations/{id}", Right::ManagePeople),
    ("GET", "/api/v1/account/tokens", Right::UseTokens),
    ("POST", "/api/v1/account/tokens", Right::UseTokens),
    ("DELETE", "/api/v1/account/tokens/{id}", Right::UseTokens),
];

/// The right that a route takes.
fn right_of(method: &Method, path: &str) -> Option<Right> {
    // What answers GET answers HEAD.
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    NEEDS.iter().find(|(of, route, _)| *of == method && *route == path).map(|(_, _, right)| *right)
}

/// Whether a route is about one job: whoever asked for the job gets in without the right.
fn is_of_a_job(route: &str) -> bool {
    route.trim_start_matches("/api/v1").starts_with("/jobs/{id}")
}

/// The job that a path names.
fn job_of(path: &str) -> Option<JobId> {
    path.trim_start_matches("/api/v1").split('/').nth(2)?.parse().ok()
}

/// Refuses who lacks the right of the route, before its handler reads anything.
pub(crate) async fn check(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let Some(right) = path.and_then(|path| right_of(request.method(), path.as_str())) else {
        return next.run(request).await;
    };
    let of_a_job = path.is_some_and(|path| is_of_a_job(path.as_str()));
    let (mut parts, body) = request.into_parts();
    let checked = async {
        let visitor = session::visitor(&mut parts, &state).await?;
        visitor.ready(session::path(&parts))?;
        if of_a_job
            && !visitor.may(right)
            && let Some(job) = job_of(session::path(&parts))
            && jobs::asked_for(&state.ctx, &visitor.actor(), job).await?
        {
            return Ok(());
        }
        visitor.need(right)
    };
    match checked.await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(failure) => failure.into_response(),
    }
}
