//! The REST API under `/api/v1`: the same use cases as the pages, as JSON. Failures are problem details (RFC 9457).
//! Programs send a token as `Authorization: Bearer …`; or sign in by `POST /session`: it sets the session cookie and returns the token that every change sends back in the
//! `X-CSRF-Token` header.

pub(crate) mod account;
pub(crate) mod actions;
pub(crate) mod advisories;
pub(crate) mod affected;
pub(crate) mod alert_desk;
pub(crate) mod alert_sources;
pub(crate) mod alerts;
mod answers;
pub(crate) mod audit;
pub(crate) mod bills;
pub(crate) mod campaigns;
pub(crate) mod channels;
pub(crate) mod data;
pub(crate) mod decisions;
pub(crate) mod devices;
pub(crate) mod exposure;
pub(crate) mod firewalls;
pub(crate) mod incidents;
pub(crate) mod jobs;
pub(crate) mod medical;
pub(crate) mod names;
pub(crate) mod notices;
pub(crate) mod office;
pub(crate) mod organisation;
pub(crate) mod people;
pub(crate) mod priorities;
pub(crate) mod programme;
pub(crate) mod releases;
pub(crate) mod response;
pub(crate) mod sboms;
pub(crate) mod search;
pub(crate) mod self_assessment;
pub(crate) mod session;
pub(crate) mod single_sign_on;
pub(crate) mod sra;
pub(crate) mod unknowns;
pub(crate) mod upload;
pub(crate) mod vendors;
pub(crate) mod vex;
pub(crate) mod workforce;
pub(crate) mod written;

use axum::extract::DefaultBodyLimit;
use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;
use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::{Failure, Problem};
use super::state::{State, UPLOAD_LIMIT};
use super::{events, later};

/// What an API handler returns.
pub(crate) type Answered<T> = Result<Json<T>, Failure>;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Bedrail",
        version = "1",
        description = "Which of my devices are affected? Sign in by `POST /api/v1/session`: it sets the session cookie and \
                       returns the token that every later change sends in `X-CSRF-Token`. Programs send a token of their \
                       own as `Authorization: Bearer …` instead. Failures are problem details \
                       (RFC 9457) with a stable `code`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(Problem)),
    modifiers(&Session)
)]
struct Document;

/// Names the ways to sign in: the session cookie, and a token of a program.
struct Session;

impl utoipa::Modify for Session {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("bedrail")));
        let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("session", cookie);
        components.add_security_scheme("token", token);
    }
}

/// Every route of the API, with its description.
fn router() -> OpenApiRouter<State> {
    let routes = OpenApiRouter::new()
        .routes(routes!(session::sign_in, session::sign_out))
        .routes(routes!(affected::ask))
        .routes(routes!(devices::list))
        .routes(routes!(devices::grid))
        .routes(routes!(devices::one))
        .routes(routes!(exposure::list))
        .routes(routes!(exposure::of_device))
        .routes(routes!(exposure::remove))
        .routes(routes!(releases::list))
        .routes(routes!(releases::one))
        .routes(routes!(bills::quality))
        .routes(routes!(bills::compare))
        .routes(routes!(bills::export))
        .routes(routes!(sboms::document))
        .routes(routes!(advisories::list))
        .routes(routes!(advisories::one))
        .routes(routes!(medical::list))
        .routes(routes!(medical::one))
        .routes(routes!(medical::decide))
        .routes(routes!(medical::decisions))
        .routes(routes!(medical::of_release))
        .routes(routes!(medical::providers, medical::add_provider))
        .routes(routes!(medical::remove_provider))
        .routes(routes!(names::list, names::confirm, names::take_back))
        .routes(routes!(names::of_release))
        .routes(routes!(names::exact, names::confirm_exact))
        .routes(routes!(decisions::list, decisions::decide))
        .routes(routes!(decisions::preview))
        .routes(routes!(decisions::one, decisions::take_back))
        .routes(routes!(actions::list, actions::add))
        .routes(routes!(actions::step))
        .routes(routes!(priorities::list))
        .routes(routes!(unknowns::list))
        .routes(routes!(unknowns::one))
        .routes(routes!(unknowns::ask))
        .routes(routes!(unknowns::facts, unknowns::record))
        .routes(routes!(unknowns::revoke))
        .routes(routes!(vex::list))
        .routes(routes!(vex::one))
        .routes(routes!(vex::set_aside))
        .routes(routes!(vex::accept))
        .routes(routes!(vex::export))
        .routes(routes!(vex::issuers))
        .routes(routes!(vex::pin, vex::unpin))
        .routes(routes!(search::search))
        .routes(routes!(data::status))
        .routes(routes!(data::today))
        .routes(routes!(audit::list))
        .routes(routes!(audit::check))
        .routes(routes!(audit::export))
        .routes(routes!(jobs::list, jobs::start))
        .routes(routes!(jobs::regular))
        .routes(routes!(jobs::set_pace))
        .routes(routes!(jobs::one))
        .routes(routes!(later::result))
        .routes(routes!(later::start_export))
        .routes(routes!(jobs::cancel))
        .routes(routes!(jobs::retry))
        .routes(routes!(events::listen));
    OpenApiRouter::with_openapi(Document::openapi()).nest(
        "/api/v1",
        routes
            .merge(alert_routes())
            .merge(campaign_routes())
            .merge(firewall_routes())
            .merge(incident_routes())
            .merge(response_routes())
            .merge(programme_routes())
            .merge(workforce_routes())
            .merge(vendor_routes())
            .merge(office_routes())
            .merge(notice_routes())
            .merge(people())
            .merge(uploads()),
    )
}

/// The routes that take files, which may be larger than other bodies.
fn uploads() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(devices::import))
        .routes(routes!(exposure::import))
        .routes(routes!(programme::prove))
        .routes(routes!(written::import))
        .routes(routes!(sra::import))
        .routes(routes!(vendors::document))
        .routes(routes!(sboms::add))
        .routes(routes!(vex::add))
        .routes(routes!(workforce::bring))
        .routes(routes!(workforce::completions))
        .routes(routes!(workforce::bring_document))
        .routes(routes!(workforce::signed))
        .routes(routes!(alert_sources::push))
        .layer(DefaultBodyLimit::max(UPLOAD_LIMIT))
}

/// The routes of notices, and of the ways that they take.
fn notice_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(notices::list))
        .routes(routes!(notices::seen))
        .routes(routes!(notices::choices, notices::choose))
        .routes(routes!(channels::list))
        .routes(routes!(channels::one, channels::set, channels::remove))
        .routes(routes!(channels::test))
}

/// The routes of the programme, but for what is uploaded.
fn programme_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(written::list, written::write))
        .routes(routes!(written::kinds))
        .routes(routes!(self_assessment::list, self_assessment::reply))
        .routes(routes!(written::take_back))
        .routes(routes!(programme::list))
        .routes(routes!(programme::one))
        .routes(routes!(programme::on))
        .routes(routes!(programme::decide))
        .routes(routes!(programme::withdraw))
        .routes(routes!(programme::binder))
        .routes(routes!(programme::anchors, programme::anchor))
}

/// The routes of people, policies, courses and statements, but for what is uploaded.
fn workforce_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(workforce::people, workforce::add))
        .routes(routes!(workforce::person, workforce::set))
        .routes(routes!(workforce::leave))
        .routes(routes!(workforce::link))
        .routes(routes!(workforce::policies_on, workforce::make))
        .routes(routes!(workforce::policy))
        .routes(routes!(workforce::write))
        .routes(routes!(workforce::approve))
        .routes(routes!(workforce::publish))
        .routes(routes!(workforce::review))
        .routes(routes!(workforce::assign))
        .routes(routes!(workforce::asked, workforce::open))
        .routes(routes!(workforce::duty))
        .routes(routes!(workforce::close))
}

/// The routes of vendors, but for what is uploaded.
fn vendor_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(vendors::list, vendors::add))
        .routes(routes!(vendors::makers))
        .routes(routes!(vendors::one, vendors::set))
        .routes(routes!(vendors::draft))
        .routes(routes!(vendors::clause))
        .routes(routes!(vendors::sign))
        .routes(routes!(vendors::end))
        .routes(routes!(vendors::link))
        .routes(routes!(vendors::ask))
        .routes(routes!(vendors::answered))
        .routes(routes!(vendors::own_incident))
}

/// The routes of registers, the guide and clients.
fn office_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(office::registers_list))
        .routes(routes!(office::entries, office::add_entry))
        .routes(routes!(office::review))
        .routes(routes!(office::entry))
        .routes(routes!(office::extend))
        .routes(routes!(office::close_entry))
        .routes(routes!(office::guide))
        .routes(routes!(office::clients))
        .routes(routes!(office::client))
        .routes(routes!(office::write_note))
        .routes(routes!(office::done))
}

/// The routes of alerts.
fn alert_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(alerts::list))
        .routes(routes!(alerts::one))
        .routes(routes!(alert_desk::decide))
        .routes(routes!(alert_desk::pause))
        .routes(routes!(alert_desk::resume))
        .routes(routes!(alert_desk::link))
        .routes(routes!(alert_desk::unlink))
        .routes(routes!(alert_desk::action))
        .routes(routes!(alert_desk::get))
        .routes(routes!(alert_desk::set_zone))
        .routes(routes!(alert_desk::add_duty))
        .routes(routes!(alert_desk::remove_duty))
        .routes(routes!(alert_desk::add_absence))
        .routes(routes!(alert_desk::remove_absence))
        .routes(routes!(alerts::take))
        .routes(routes!(alerts::close))
        .routes(routes!(alerts::closings))
        .routes(routes!(alerts::comment))
        .routes(routes!(alerts::reopen))
        .routes(routes!(alerts::account))
        .routes(routes!(alerts::policies, alerts::add_policy))
        .routes(routes!(alerts::preview_policy))
        .routes(routes!(alerts::end_policy))
        .routes(routes!(alert_sources::list, alert_sources::add))
        .routes(routes!(alert_sources::set))
}

/// The routes of campaigns, and of the calendar of actions.
fn campaign_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(actions::feed))
        .routes(routes!(campaigns::list, campaigns::start))
        .routes(routes!(campaigns::one))
        .routes(routes!(campaigns::assign))
        .routes(routes!(campaigns::ask))
        .routes(routes!(campaigns::close))
        .routes(routes!(campaigns::reopen))
}

/// The routes of the risk analysis, the plan for incidents and reports.
fn response_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(response::risk))
        .routes(routes!(response::judge))
        .routes(routes!(response::declare))
        .routes(routes!(response::sign))
        .routes(routes!(response::document))
        .routes(routes!(response::plan, response::put))
        .routes(routes!(response::follow))
        .routes(routes!(response::pack))
        .routes(routes!(response::reports))
        .routes(routes!(response::report))
}

/// The routes of firewalls.
fn firewall_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(firewalls::list, firewalls::add))
        .routes(routes!(firewalls::one))
        .routes(routes!(firewalls::place))
        .routes(routes!(firewalls::propose))
        .routes(routes!(firewalls::withdraw))
}

/// The routes of incidents.
fn incident_routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(incidents::list, incidents::open))
        .routes(routes!(incidents::one))
        .routes(routes!(incidents::event))
        .routes(routes!(incidents::attach))
        .routes(routes!(incidents::tick))
        .routes(routes!(incidents::assess))
        .routes(routes!(incidents::decide))
        .routes(routes!(incidents::letter))
        .routes(routes!(incidents::sent))
        .routes(routes!(incidents::letter_file))
        .routes(routes!(incidents::name_reader))
        .routes(routes!(incidents::end_reader))
        .routes(routes!(incidents::close))
        .routes(routes!(incidents::reopen))
}

/// The routes of the organisation, its people and their accounts.
fn people() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(organisation::present, organisation::set))
        .routes(routes!(single_sign_on::present, single_sign_on::set, single_sign_on::remove))
        .routes(routes!(single_sign_on::check))
        .routes(routes!(single_sign_on::identities, single_sign_on::unlink))
        .routes(routes!(people::list))
        .routes(routes!(people::one, people::set, people::end))
        .routes(routes!(people::close))
        .routes(routes!(people::erase))
        .routes(routes!(people::unlink))
        .routes(routes!(people::erase_invited))
        .routes(routes!(people::invitations, people::invite))
        .routes(routes!(people::take_back))
        .routes(routes!(account::own_sessions))
        .routes(routes!(account::end_session))
        .routes(routes!(account::set_zone))
        .routes(routes!(account::own_tokens, account::make_token))
        .routes(routes!(account::end_token))
}

/// The routes.
pub(crate) fn routes() -> Router<State> {
    router().split_for_parts().0
}

/// The description of the API as it is served: the one that is kept beside the code, which a test holds equal to [`document`]. To
/// make it out anew takes a sixth of a second and a hundred megabytes.
const DESCRIPTION: &str = include_str!("../../../../docs/openapi.json");

/// `GET /api/v1/openapi.json`.
pub(crate) async fn described() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "application/json")], DESCRIPTION)
}

/// The description of the API as pretty JSON, made out of the routes, with what every kind of request can be answered.
pub(crate) fn document() -> String {
    let (_, mut document) = router().split_for_parts();
    answers::complete(&mut document);
    // The document is made of strings and numbers only; writing it cannot fail.
    document.to_pretty_json().unwrap_or_default() + "\n"
}
