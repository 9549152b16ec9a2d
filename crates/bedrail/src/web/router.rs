//! Every route on one page: the pages for people, the API for programs, and what stands before both.

use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::{get, post};
use axum::{Json, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa_swagger_ui::SwaggerUi;

use super::pages::{
    account, action_board, action_budget, action_month, actions, advisories, affected, alert_account,
    alert_answer, alert_desk, alert_rota, alerts, attestations, audit, bills, breakfast, campaigns, data,
    deciding, decisions, device, devices, exposure, import, incidents, invitation, jobs, medical, names,
    notices, organisation, own, people, policies, priorities, programme, releases, roster, search,
    session as sign_in, single_sign_on, today, training, unknowns, upload, vex,
};
use super::state::{BODY_LIMIT, State, UPLOAD_LIMIT};
use super::{api, assets, error, etag, guard, health, later, limits, needs, once, scim, session, viewer};

/// No request takes longer, in seconds. An upload of 64 MB over a slow line fits.
const LONGEST: u64 = 300;

/// Everything that is served.
pub(crate) fn router(state: State) -> Router {
    let (api, document) = api::parts();
    let api = api
        .layer(middleware::from_fn(etag::tag))
        .layer(middleware::from_fn_with_state(state.clone(), once::once));
    let docs = SwaggerUi::new("/api/docs").config(utoipa_swagger_ui::Config::from("/api/v1/openapi.json"));
    pages()
        .merge(uploads())
        .merge(api)
        .merge(scim::routes())
        .layer(middleware::from_fn_with_state(state.clone(), needs::check))
        .layer(session::layer(&state))
        .merge(Router::from(docs))
        .route("/api/v1/openapi.json", get(|| async { Json(document) }))
        .route("/assets/{name}", get(assets::get))
        .layer(middleware::from_fn_with_state(state.clone(), limits::admit))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(state.clone(), limits::limit))
        .layer(middleware::from_fn_with_state(state.clone(), guard::check))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(LONGEST)))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(error::render))
        .layer(middleware::from_fn(viewer::around))
        .layer(middleware::from_fn_with_state(state.clone(), guard::frame))
        .with_state(state)
}

/// The pages of alerts and of what is to be done.
fn work_pages() -> Router<State> {
    Router::new()
        .route("/actions", get(actions::list).post(actions::add))
        .route("/actions.csv", get(actions::csv))
        .route("/actions/board", get(action_board::board))
        .route("/actions/calendar", get(action_month::calendar))
        .route("/actions/calendar/link", post(actions::link))
        .route("/actions/budget", get(action_budget::budget))
        .route("/actions/{id}/plan", post(actions::plan))
        .route("/calendar/{secret}", get(actions::feed))
        .route("/actions/{id}/step", post(actions::step))
        .route("/incidents", get(incidents::list))
        .route("/incidents/open", post(incidents::open))
        .route("/incidents/{id}", get(incidents::one))
        .route("/incidents/{id}/event", post(incidents::event))
        .route("/incidents/{id}/attach", post(incidents::attach))
        .route("/incidents/{id}/step", post(incidents::step))
        .route("/incidents/{id}/assess", post(incidents::assess))
        .route("/incidents/{id}/decide", post(incidents::decide))
        .route("/incidents/{id}/letter", post(incidents::letter))
        .route("/incidents/{id}/sent", post(incidents::sent))
        .route("/incidents/{id}/close", post(incidents::close))
        .route("/incidents/{id}/reopen", post(incidents::reopen))
        .route("/campaigns", get(campaigns::list))
        .route("/campaigns/start", post(campaigns::start))
        .route("/campaigns/{id}", get(campaigns::one))
        .route("/campaigns/{id}/report", get(campaigns::report))
        .route("/campaigns/{id}/report.csv", get(campaigns::csv))
        .route("/campaigns/{id}/assign", post(campaigns::assign))
        .route("/campaigns/{id}/ask", post(campaigns::ask))
        .route("/campaigns/{id}/close", post(campaigns::close))
        .route("/campaigns/{id}/reopen", post(campaigns::reopen))
        .route("/priorities", get(priorities::list))
        .route("/alerts", get(alerts::list))
        .route("/alerts/take", post(alerts::take))
        .route("/alerts/close", post(alerts::close))
        .route("/alerts/account", get(alert_account::account))
        .route("/alerts/sources", get(alert_account::sources).post(alert_account::add_source))
        .route("/alerts/policies", get(alert_account::policies))
        .route("/alerts/policies/{id}/end", post(alert_account::end_policy))
        .route("/alerts/decide", post(alert_desk::decide))
        .route("/alerts/printed", get(alert_desk::printed))
        .route("/alerts/number", get(alert_desk::number))
        .route("/alerts/rota", get(alert_rota::page))
        .route("/alerts/rota/duties", post(alert_rota::add_duty))
        .route("/alerts/rota/duties/{id}/remove", post(alert_rota::remove_duty))
        .route("/alerts/rota/absences", post(alert_rota::add_absence))
        .route("/alerts/rota/absences/{id}/remove", post(alert_rota::remove_absence))
        .route("/alerts/rota/zone", post(alert_rota::set_zone))
        .route("/alerts/answer/{code}", get(alert_answer::page).post(alert_answer::take))
        .route("/alerts/{id}", get(alerts::one))
        .route("/alerts/{id}/pause", post(alert_desk::pause))
        .route("/alerts/{id}/resume", post(alert_desk::resume))
        .route("/alerts/{id}/link", post(alert_desk::link))
        .route("/alerts/{id}/unlink", post(alert_desk::unlink))
        .route("/alerts/{id}/action", post(alert_desk::action))
        .route("/alerts/{id}/comment", post(alerts::comment))
        .route("/alerts/{id}/reopen", post(alerts::reopen))
        .route("/alerts/{id}/policy", post(alerts::policy))
}

/// Pages for people.
fn pages() -> Router<State> {
    Router::new()
        .route("/", get(today::page))
        .route("/affected", get(affected::page))
        .route("/affected.csv", get(affected::csv))
        .route("/devices", get(devices::list))
        .route("/devices.csv", get(devices::csv))
        .route("/devices/{id}", get(device::one))
        .route("/devices/{id}/sheet", get(device::sheet))
        .route("/exposure", get(exposure::list))
        .route("/exposure/imports/{id}/remove", post(exposure::remove))
        .route("/releases", get(releases::list))
        .route("/releases/compare", get(bills::compare))
        .route("/releases/{id}", get(releases::one))
        .route("/releases/{id}/quality", get(bills::quality))
        .route("/releases/{id}/sbom", get(bills::export))
        .route("/releases/{id}/components/{index}", get(releases::branch))
        .route("/documents/{id}", get(releases::document))
        .route("/advisories", get(advisories::list))
        .route("/advisories/{id}", get(advisories::one))
        .route("/advisories/{id}/wards", get(breakfast::page))
        .route("/medical", get(medical::list))
        .route("/medical/take-back", post(medical::take_back))
        .route("/medical/providers/add", post(medical::add_provider))
        .route("/medical/providers/remove", post(medical::remove_provider))
        .route("/medical/{id}", get(medical::one))
        .route("/medical/{id}/wards", get(breakfast::medical))
        .route("/medical/{id}/decide", post(medical::decide))
        .route("/names", get(names::list).post(names::confirm))
        .route("/names/take-back", post(names::take_back))
        .route("/releases/{id}/names", get(names::of_release))
        .route("/releases/{id}/names/exact", post(names::confirm_exact))
        .route("/decisions", get(decisions::list).post(deciding::decide))
        .route("/decisions/new", get(deciding::new))
        .route("/decisions/{id}", get(decisions::one))
        .route("/decisions/{id}/take-back", post(decisions::take_back))
        .route("/unknowns", get(unknowns::list))
        .route("/unknowns/take-back", post(unknowns::take_back))
        .route("/unknowns/{key}", get(unknowns::one))
        .route("/unknowns/{key}/ask", post(unknowns::ask))
        .route("/vex", get(vex::list))
        .route("/vex/pin", post(vex::pin))
        .route("/vex/unpin", post(vex::unpin))
        .route("/vex/{id}/aside", post(vex::aside))
        .route("/vex/{id}/accept", post(vex::accept))
        .route("/search", get(search::page))
        .route("/search/suggestions", get(search::suggestions))
        .route("/data", get(data::page))
        .route("/jobs", get(jobs::list).post(jobs::start))
        .route("/jobs/pace", post(jobs::pace))
        .route("/jobs/{id}", get(jobs::one))
        .route("/jobs/{id}/result", get(later::result_page))
        .route("/exports", post(later::export_form))
        .route("/jobs/{id}/cancel", post(jobs::cancel))
        .route("/jobs/{id}/retry", post(jobs::retry))
        .route("/audit", get(audit::page))
        .route("/audit/check", get(audit::check))
        .route("/audit/export", post(audit::export))
        .route("/sign-in", get(sign_in::sign_in_page).post(sign_in::sign_in))
        .route("/sign-in/code", get(sign_in::code_page).post(sign_in::code))
        .route("/sign-in/{slug}", get(sign_in::own_sign_in_page))
        .route("/sign-in/{slug}/begin", get(single_sign_on::begin))
        .route("/sign-in/{slug}/return", get(single_sign_on::come_back))
        .route("/invitation", get(invitation::page).post(invitation::accept_new))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/password", get(sign_in::password_page).post(sign_in::change_password))
        .route("/organisation", get(organisation::page).post(sign_in::enter))
        .route("/organisation/settings", post(organisation::set))
        .route("/organisation/sign-in", get(single_sign_on::settings).post(single_sign_on::set))
        .route("/organisation/sign-in/check", post(single_sign_on::check))
        .route("/organisation/sign-in/remove", post(single_sign_on::remove))
        .route("/theme", post(sign_in::theme))
        .route("/zone", post(sign_in::zone))
        .merge(people_pages())
        .merge(work_pages())
        .merge(programme_pages())
        .merge(workforce_pages())
        .merge(notice_pages())
}

/// Pages about the workforce: the roster, policies, courses, statements, and what is asked of oneself.
fn workforce_pages() -> Router<State> {
    Router::new()
        .route("/roster", get(roster::list))
        .route("/roster/add", post(roster::add))
        .route("/roster/{id}", get(roster::one))
        .route("/roster/{id}/change", post(roster::change))
        .route("/roster/{id}/leave", post(roster::leave))
        .route("/roster/{id}/link", post(roster::link))
        .route("/policies", get(policies::list).post(policies::make))
        .route("/policies/new", get(policies::new))
        .route("/policies/{id}", get(policies::one))
        .route("/policies/{id}/approve", post(policies::approve))
        .route("/policies/{id}/publish", post(policies::publish))
        .route("/policies/{id}/review", post(policies::looked))
        .route("/policies/{id}/roles", post(policies::roles))
        .route("/policies/{id}/retire", post(policies::retire))
        .route("/policies/{id}/versions/{index}", get(policies::text))
        .route("/policies/{id}/compare/{index}", get(policies::compare))
        .route("/policies/{id}/documents/{document}", get(policies::document))
        .route("/training", get(training::list))
        .route("/training/assign", post(training::assign))
        .route("/training/courses/{code}", get(training::course))
        .route("/attestations", get(attestations::list).post(attestations::open))
        .route("/attestations/{id}", get(attestations::one))
        .route("/attestations/{id}/sheet", get(attestations::sheet))
        .route("/attestations/{id}/again", post(attestations::again))
        .route("/attestations/{id}/close", post(attestations::close))
        .route("/me", get(own::list))
        .route("/me/leave", post(own::leave))
        .route("/me/link/{code}", get(own::link).post(own::open))
        .route("/me/attempts/{id}", post(own::answer))
        .route("/me/certificates/{number}", get(own::certificate))
        .route("/me/{id}", get(own::one))
        .route("/me/{id}/sign", post(own::sign))
        .route("/me/{id}/document", get(own::document))
        .route("/me/{id}/pages/{index}", get(own::page))
        .route("/me/{id}/quiz", post(own::quiz))
}

/// The page of notices.
fn notice_pages() -> Router<State> {
    Router::new()
        .route("/notices", get(notices::page))
        .route("/notices/seen", post(notices::seen))
        .route("/notices/choices", post(notices::choose))
        .route("/notices/channels", post(notices::set_channel))
        .route("/notices/channels/remove", post(notices::remove_channel))
        .route("/notices/test", post(notices::test))
}

/// Pages of the programme, but for what is uploaded.
fn programme_pages() -> Router<State> {
    Router::new()
        .route("/programme", get(programme::list))
        .route("/programme/{id}", get(programme::one))
        .route("/programme/{id}/decisions", post(programme::decide))
        .route("/programme/proofs/{id}/withdraw", post(programme::withdraw))
        .route("/programme/binders", post(programme::binder))
}

/// Pages about people, and about oneself.
fn people_pages() -> Router<State> {
    Router::new()
        .route("/people", get(people::list))
        .route("/people/invite", get(people::invite_page).post(people::invite))
        .route("/people/erase-invited", post(people::erase_invited))
        .route("/people/invitations/{id}/take-back", post(people::take_back))
        .route("/people/{id}", get(people::one).post(people::set))
        .route("/people/{id}/{deed}", post(people::act))
        .route("/invitation/join", post(invitation::join))
        .route("/account", get(account::page))
        .route("/account/sessions/end", post(account::end_session))
        .route("/account/sessions/end-others", post(account::end_others))
        .route("/account/link", get(single_sign_on::link_page).post(single_sign_on::link))
        .route("/account/unlink", post(single_sign_on::unlink))
        .route("/account/second-factor", get(account::second_factor))
        .route("/account/second-factor/confirm", post(account::confirm))
        .route("/account/second-factor/codes", post(account::renew_codes))
        .route("/account/second-factor/remove", post(account::remove_factor))
        .route("/account/tokens", get(account::tokens).post(account::make_token))
        .route("/account/tokens/{id}/end", post(account::end_token))
        .route("/account/emergency", post(account::take_emergency))
        .route("/account/emergency/end", post(account::end_emergency))
}

/// Pages that take a file.
fn uploads() -> Router<State> {
    Router::new()
        .route("/devices/import", get(import::choose).post(import::import))
        .route("/unknowns/{key}/answer", post(unknowns::answer))
        .route("/exposure/import", post(exposure::import))
        .route("/programme/{id}/proofs", post(programme::prove))
        .route("/vex/add", post(vex::add))
        .route("/roster/import", get(roster::choose).post(roster::import))
        .route("/training/import", post(training::import))
        .route("/policies/{id}/write", post(policies::write))
        .route("/policies/{id}/bring", post(policies::bring))
        .route("/attestations/{id}/signed", post(attestations::signed))
        .route("/releases/upload", get(upload::choose).post(upload::add))
        .layer(DefaultBodyLimit::max(UPLOAD_LIMIT))
}
