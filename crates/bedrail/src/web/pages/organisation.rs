//! The organisation's own settings.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::organisations::{self, SetOrganisation};
use bedrail_app::rights::Right;
use bedrail_model::money::InvalidMoney;
use bedrail_model::organisation::OrgKind;

use super::{Page, refuse, show};
use crate::web::assets;
use crate::web::error::{Failure, sentence};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::meanwhile;
use crate::web::state::State;
use crate::web::viewer::texts;

#[derive(Template)]
#[template(path = "organisation.html")]
struct OrganisationPage {
    frame: Frame,
    headline: String,
    version: String,
    name: String,
    kinds: Vec<(&'static str, &'static str, bool)>,
    second_factor: bool,
    currency: String,
    problem: Option<String>,
}

fn view(
    frame: Frame,
    version: String,
    present: SetOrganisation,
    problem: Option<String>,
) -> OrganisationPage {
    let t = &texts().organisation;
    let factor = if present.second_factor { t.asks_factor } else { t.leaves_factor };
    OrganisationPage {
        headline: (t.headline)(&frame.organisation, present.kind.words(), factor),
        kinds: OrgKind::ALL.map(|kind| (kind.code(), kind.words(), kind == present.kind)).to_vec(),
        version,
        name: present.name,
        second_factor: present.second_factor,
        currency: present.currency.to_string(),
        problem,
        frame,
    }
}

/// `GET /organisation`
pub(crate) async fn page(frame: Frame, Extract(state): Extract<State>) -> Page {
    frame.need(Right::ManageOrganisation)?;
    let present = organisations::present(&state.ctx, &frame.visitor.actor()).await?.settings();
    show(&view(frame, present.version(), present, None))
}

/// `POST /organisation/settings`
pub(crate) async fn set(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    let present = organisations::present(&state.ctx, &form.visitor.actor()).await?;
    let currency = match form.field("currency") {
        Some(code) => code.parse().map_err(|error: InvalidMoney| Error::invalid(error.to_string()))?,
        None => present.currency,
    };
    let wanted = SetOrganisation {
        currency,
        name: form.field("name").unwrap_or_default().to_owned(),
        kind: form.field("kind").and_then(OrgKind::from_code).unwrap_or(form.visitor.account.org_kind),
        second_factor: form.field("second_factor").is_some(),
    };
    let seen = meanwhile::seen(&form);
    match organisations::set(&state.ctx, &form.visitor.actor(), &seen, wanted.clone()).await {
        Ok(_) => Ok(Redirect::to("/organisation").into_response()),
        Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
            let problem = sentence(&error.to_string());
            let version = form.verbatim("version").to_owned();
            refuse(&view(form.frame("/people"), version, wanted, Some(problem)))
        }
        Err(Error::Stale(stale)) => meanwhile::page(&form, "/organisation/settings", "/organisation", *stale),
        Err(error) => Err(error.into()),
    }
}
