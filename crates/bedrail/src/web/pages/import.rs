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
use crate::web::error::{Failure, told};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::parts::Choice;
use crate::web::state::{State, WaitingList};
use crate::web::texts::{TextOf, Texts};
use crate::web::tone::Tone;
use crate::web::viewer::texts;

/// What a column can be read into: code and words. The codes are those of `bedrail devices import --map`.
const FIELDS: &[(&str, TextOf<Texts>)] = &[
    ("asset_tag", |t| t.device.asset_tag),
    ("serial", |t| t.device.serial),
    ("udi", |t| t.device.udi),
    ("maker", |t| t.device.maker),
    ("model", |t| t.device.model),
    ("version", |t| t.device.version),
    ("operating_system", |t| t.device.operating_system),
    ("kind", |t| t.import.field_kind),
    ("site", |t| t.words.site),
    ("ward", |t| t.words.ward),
    ("owner", |t| t.words.owner),
    ("address", |t| t.import.field_address),
    ("host_name", |t| t.device.host_name),
    ("exposure", |t| t.words.exposure),
    ("connected", |t| t.import.field_connected),
    ("isolated", |t| t.import.field_isolated),
    ("support_ends", |t| t.import.field_support_ends),
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
        Err(error @ Error::Invalid { .. }) => {
            let problem = Some(told(&error));
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
    let count = |outcome| report.count(outcome) as u64;
    let (added, changed) = (count(RowOutcome::Added), count(RowOutcome::Changed));
    let (same, refused) = (count(RowOutcome::Unchanged), count(RowOutcome::Refused));
    let t = &texts().import;
    let sentence = if report.dry_run { t.would } else { t.did };
    sentence(report.rows.len() as u64, added, changed, same, refused)
}

fn column((header, field): &(String, Option<String>)) -> ColumnView {
    let fields = FIELDS.iter().map(|(code, name)| (*code, name(texts())));
    ColumnView { header: header.clone(), choices: Choice::list(fields, field.as_deref()) }
}

fn row(row: &devices::RowReport) -> RowView {
    let t = &texts().import;
    let (tone, outcome) = match row.outcome {
        RowOutcome::Added => (Tone::Plain, t.new),
        RowOutcome::Changed => (Tone::Plain, t.changed),
        RowOutcome::Unchanged => (Tone::Plain, t.same),
        RowOutcome::Refused => (Tone::Plan, t.refused),
    };
    RowView { line: row.line, tone, outcome, messages: row.messages.clone() }
}
