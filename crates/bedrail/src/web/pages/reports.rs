//! Reports: the list, one as a page, and as a file.

use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use bedrail_app::Error;
use bedrail_app::reports::{self, REPORTS, Report, ReportFormat, ReportRow};

use super::releases::attachment;
use super::{Page, show};
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::frame::Frame;
use crate::web::session::SignedIn;
use crate::web::state::State;
use crate::web::viewer::texts;
use crate::web::words;

#[derive(Template)]
#[template(path = "reports.html")]
struct ReportsPage {
    frame: Frame,
    rows: Vec<RowView>,
}

struct RowView {
    name: &'static str,
    title: &'static str,
    what: &'static str,
    files: Vec<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    frame: Frame,
    title: &'static str,
    what: &'static str,
    as_of: String,
    files: Vec<(String, &'static str)>,
    body: String,
}

fn files(row: &ReportRow) -> Vec<(String, &'static str)> {
    ReportFormat::ALL.iter().map(|(_, ending)| (format!("/reports/{}/{ending}", row.name), *ending)).collect()
}

/// `GET /reports`
pub(crate) async fn list(frame: Frame) -> Page {
    show(&list_view(frame))
}

fn list_view(frame: Frame) -> ReportsPage {
    let row =
        |row: &ReportRow| RowView { name: row.name, title: row.title, what: row.what, files: files(row) };
    ReportsPage { rows: REPORTS.iter().filter(|row| frame.visitor.may(row.right)).map(row).collect(), frame }
}

/// `GET /reports/{report}`
pub(crate) async fn one(frame: Frame, Extract(state): Extract<State>, Path(name): Path<String>) -> Page {
    let report = reports::show(&state.ctx, &frame.visitor.actor(), &name).await?;
    show(&view(frame, report))
}

fn view(frame: Frame, report: Report) -> ReportPage {
    ReportPage {
        title: report.row.title,
        what: report.row.what,
        as_of: (texts().reports.as_of)(&words::minute(report.at)),
        files: files(report.row),
        body: report.html,
        frame,
    }
}

/// The report that a path names, in the form that it names, for the page and for the API.
pub(crate) async fn as_file(
    state: &State,
    visitor: &SignedIn,
    name: &str,
    format: &str,
) -> Result<Response, Failure> {
    let missing = || Error::not_found(format!("report {name:?} as {format:?}"));
    let format = ReportFormat::from_ending(format).ok_or_else(missing)?;
    let file = reports::file(&state.ctx, &visitor.actor(), name, format).await?;
    Ok(attachment(&file.name, file.bytes))
}

/// `GET /reports/{report}/{format}`
pub(crate) async fn file(
    visitor: SignedIn,
    Extract(state): Extract<State>,
    Path((name, format)): Path<(String, String)>,
) -> Result<Response, Failure> {
    as_file(&state, &visitor, &name, &format).await
}

/// The list.
#[cfg(test)]
pub(super) fn sample_list() -> Page {
    show(&list_view(crate::web::sample::frame("/reports")))
}
