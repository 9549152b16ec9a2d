//! The pages, one file per noun. A handler asks one use case and hands the result to a template.

pub(crate) mod account;
pub(crate) mod action_board;
pub(crate) mod action_budget;
pub(crate) mod action_month;
pub(crate) mod actions;
pub(crate) mod advisories;
pub(crate) mod affected;
pub(crate) mod alert_account;
pub(crate) mod alert_answer;
pub(crate) mod alert_desk;
pub(crate) mod alert_rota;
pub(crate) mod alerts;
pub(crate) mod attestations;
pub(crate) mod audit;
pub(crate) mod bills;
pub(crate) mod breakfast;
pub(crate) mod campaigns;
pub(crate) mod data;
pub(crate) mod deciding;
pub(crate) mod decisions;
pub(crate) mod device;
pub(crate) mod devices;
pub(crate) mod exposure;
pub(crate) mod facts;
pub(crate) mod firewall;
pub(crate) mod guide;
pub(crate) mod import;
pub(crate) mod incidents;
pub(crate) mod invitation;
pub(crate) mod jobs;
pub(crate) mod medical;
pub(crate) mod names;
pub(crate) mod notices;
pub(crate) mod organisation;
pub(crate) mod own;
pub(crate) mod people;
pub(crate) mod policies;
pub(crate) mod priorities;
pub(crate) mod programme;
pub(crate) mod registers;
pub(crate) mod releases;
pub(crate) mod reports;
pub(crate) mod response;
pub(crate) mod risk_analysis;
pub(crate) mod risk_import;
pub(crate) mod roster;
pub(crate) mod search;
pub(crate) mod self_assessment;
pub(crate) mod session;
pub(crate) mod single_sign_on;
pub(crate) mod today;
pub(crate) mod training;
pub(crate) mod tree;
pub(crate) mod unknowns;
pub(crate) mod upload;
pub(crate) mod vendor_answer;
pub(crate) mod vendors;
pub(crate) mod vex;

#[cfg(test)]
mod tests;

use std::str::FromStr;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::error::{Failure, OwnPage};

/// What a page handler returns.
pub(crate) type Page = Result<Html<String>, Failure>;

/// An id in a path; what is none names nothing.
pub(crate) fn id_of<T: FromStr>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| Failure::of_status(StatusCode::NOT_FOUND))
}

/// Renders a template.
pub(crate) fn show(page: &impl Template) -> Page {
    page.render().map(Html).map_err(|error| Failure::internal(&error))
}

/// Renders a form again, with what was wrong with what it sent.
pub(crate) fn refuse(page: &impl Template) -> Result<Response, Failure> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, OwnPage, show(page)?).into_response())
}
