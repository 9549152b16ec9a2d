//! Importing a device list: choose a file, see what would happen, change how columns are read, take it over.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Redirect, Response};
use bedrail_app::Error;
use bedrail_app::devices::{self, ImportDevices, ImportReport, RowOutcome};
use bedrail_app::jobs::imports;
use bedrail_app::rights::Right;

use super::{Page, refuse, show};
use crate::web::assets;
use crate::web::error::Failure;
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::Choice;
use crate::web::state::{State, WaitingList};
use crate::web::tone::Tone;
use crate::web::words;

/// What a column can be read into: code and words. The codes are those of `bedrail devices import --map`.
const FIELDS: &[(&str, &str)] = &[
    ("asset_tag", "Asset tag"),
    ("serial", "Serial number"),
    ("udi", "UDI"),
    ("maker", "Maker"),
    ("model", "Model"),
    ("version", "Version"),
    ("operating_system", "Operating system"),
    ("kind", "Kind of device"),
    ("site", "Site"),
    ("ward", "Ward"),
    ("owner", "Owner"),
    ("address", "IP address"),
    ("host_name", "Host name"),
    ("exposure", "Exposure"),
    ("connected", "Connected, yes or no"),
    ("isolated", "On its own segment, yes or no"),
    ("support_ends", "End of support"),
];

/// Rows of the report shown on a page; the ones that need a person come first.
const ROWS_SHOWN: usize = 500;

#[derive(Template)]
#[template(path = "import.html")]
struct ChoosePage {
    frame: Frame,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "import_report.html")]
struct ReportPage {
    frame: Frame,
    headline: String,
    file_name: String,
    dry_run: bool,
    columns: Vec<ColumnView>,
    warnings: Vec<String>,
    rows: Vec<RowView>,
    left_out: usize,
    without_sbom: u64,
    refused: usize,
}

struct ColumnView {
    header: String,
    choices: Vec<Choice>,
}

struct RowView {
    line: u64,
    tone: Tone,
    outcome: &'static str,
    messages: Vec<String>,
}

/// `GET /devices/import`
pub(crate) async fn choose(frame: Frame) -> Page {
    frame.need(Right::ChangeDevices)?;
    show(&ChoosePage { frame, problem: None })
}

/// `POST /devices/import`: a file (or the one that waits) and how to read it; `take` stores it, else it is a preview.
pub(crate) async fn import(Extract(state): Extract<State>, form: Submission) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let whose = (form.visitor.account.id, form.visitor.account.org);
    if let Some((file_name, document)) = form.file.clone() {
        let list = WaitingList { file_name, document };
        state.waiting.keep(whose, list, state.now());
    }
    let list = state.waiting.get(whose).ok_or_else(|| Error::Invalid {
        message: "no file was chosen, or the preview was forgotten".to_owned(),
        hint: Some("choose the file again".to_owned()),
    })?;
    let command = ImportDevices {
        file_name: list.file_name.clone(),
        document: list.document.clone(),
        mapping: mapping(&form),
        dry_run: form.field("take").is_none(),
    };
    if !command.dry_run && imports::is_long_list(&command.document) {
        let id = imports::ask_devices(&state.ctx, &form.visitor.actor(), command).await?;
        state.waiting.forget(whose);
        return Ok(Redirect::to(&format!("/jobs/{id}")).into_response());
    }
    let frame = form.frame("/devices/import");
    match devices::import(&state.ctx, &form.visitor.actor(), command).await {
        Ok(report) => {
            if !report.dry_run {
                state.waiting.forget(whose);
            }
            show(&view(frame, list.file_name, &report)).map(IntoResponse::into_response)
        }
        Err(Error::Invalid { message, hint }) => {
            let problem =
                [Some(message), hint].into_iter().flatten().map(|text| crate::web::error::sentence(&text));
            let problem = Some(problem.collect::<Vec<_>>().join(" "));
            refuse(&ChoosePage { frame, problem })
        }
        Err(error) => Err(error.into()),
    }
}

/// The report on a list that a job took over.
pub(crate) fn report_page(frame: Frame, file_name: String, report: &ImportReport) -> Page {
    show(&view(frame, file_name, report))
}

/// Columns as a person chose them: `column:Header=field`.
fn mapping(form: &Submission) -> Vec<(String, String)> {
    form.fields_under("column:")
        .filter(|(_, field)| !field.is_empty())
        .map(|(header, field)| (header.to_owned(), field.to_owned()))
        .collect()
}

fn view(frame: Frame, file_name: String, report: &ImportReport) -> ReportPage {
    let mut rows: Vec<&devices::RowReport> = report.rows.iter().collect();
    rows.sort_by_key(|row| (row.outcome != RowOutcome::Refused, row.messages.is_empty(), row.line));
    ReportPage {
        frame,
        headline: headline(report),
        file_name,
        dry_run: report.dry_run,
        columns: report.columns.iter().map(column).collect(),
        warnings: report.warnings.clone(),
        left_out: rows.len().saturating_sub(ROWS_SHOWN),
        rows: rows.into_iter().take(ROWS_SHOWN).map(row).collect(),
        without_sbom: report.releases_without_sbom,
        refused: report.count(RowOutcome::Refused),
    }
}

fn headline(report: &ImportReport) -> String {
    let count = |outcome| words::number(report.count(outcome) as u64);
    let (added, changed) = (count(RowOutcome::Added), count(RowOutcome::Changed));
    let (same, refused) = (count(RowOutcome::Unchanged), count(RowOutcome::Refused));
    let rows = words::count(report.rows.len() as u64, "row");
    if report.dry_run {
        format!(
            "Of {rows}, {added} would be new devices, {changed} would change, {same} stay as they are, {refused} cannot be taken over. Nothing is stored yet."
        )
    } else {
        format!(
            "Of {rows}, {added} are new devices, {changed} changed, {same} stayed as they were, {refused} could not be taken over."
        )
    }
}

fn column((header, field): &(String, Option<String>)) -> ColumnView {
    ColumnView { header: header.clone(), choices: Choice::list(FIELDS.iter().copied(), field.as_deref()) }
}

fn row(row: &devices::RowReport) -> RowView {
    let (tone, outcome) = match row.outcome {
        RowOutcome::Added => (Tone::Plain, "new"),
        RowOutcome::Changed => (Tone::Plain, "changed"),
        RowOutcome::Unchanged => (Tone::Plain, "as it was"),
        RowOutcome::Refused => (Tone::Plan, "not taken over"),
    };
    RowView { line: row.line, tone, outcome, messages: row.messages.clone() }
}
