//! The workbook of the SRA tool: a form to bring it, and what became of it.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::{IntoResponse as _, Response};
use bedrail_app::Error;
use bedrail_app::rights::Right;
use bedrail_app::sra::{self, SraReport, Workbook};
use bedrail_model::text::harmless;
use jiff::civil::Date;

use super::{Page, refuse, show};
use crate::web::assets;
use crate::web::error::{Failure, told};
use crate::web::form::Submission;
use crate::web::frame::Frame;
use crate::web::state::State;
use crate::web::tone::Tone;
use crate::web::viewer::texts;

/// Lines of each part that the page shows.
const MOST: usize = 500;

#[derive(Template)]
#[template(path = "risk_import.html")]
struct RiskImportPage {
    frame: Frame,
    headline: String,
    problem: Option<String>,
    report: Option<ReportPart>,
}

struct ReportPart {
    held: bool,
    answers: Vec<(String, &'static str, String)>,
    not_taken: Vec<(String, String, String)>,
    unanswered: String,
    threats: Vec<(String, String, String)>,
    unknown_sheets: Vec<String>,
    remarks: Vec<String>,
}

fn part(it: &SraReport) -> ReportPart {
    let t = &texts().risk;
    let safe = |text: &str| harmless(text).into_owned();
    let places = |all: &[String]| safe(&all.join("; "));
    let grade =
        |grade: Option<bedrail_app::risk_analysis::Grade>| grade.map_or(t.unknown, |grade| grade.code());
    let (taken, left): (Vec<_>, Vec<_>) = it.answers.iter().partition(|line| line.not_taken.is_empty());
    ReportPart {
        held: it.held,
        answers: taken
            .iter()
            .take(MOST)
            .map(|line| (safe(&line.citation), line.answer, places(&line.places)))
            .collect(),
        not_taken: left
            .iter()
            .take(MOST)
            .map(|line| (safe(&line.citation), line.not_taken.clone(), places(&line.places)))
            .collect(),
        unanswered: (t.bring_unanswered)(it.unanswered as u64),
        threats: it
            .threats
            .iter()
            .take(MOST)
            .map(|line| {
                let grades = format!("{} \u{d7} {}", grade(line.likelihood), grade(line.impact));
                (safe(&line.words), grades, safe(&line.place))
            })
            .collect(),
        unknown_sheets: it.unknown_sheets.iter().map(|name| safe(name)).collect(),
        remarks: it.remarks.iter().map(|(place, text)| safe(format!("{place} {text}").trim())).collect(),
    }
}

fn view(frame: Frame, report: Option<&SraReport>) -> RiskImportPage {
    let t = &texts().risk;
    let headline = report.map_or_else(
        || t.bring.to_owned(),
        |it| (t.bring_headline)(it.taken() as u64, it.threats.len() as u64, it.dry_run),
    );
    RiskImportPage { headline, problem: None, report: report.map(part), frame }
}

/// `GET /risk-analysis/import`
pub(crate) async fn choose(frame: Frame) -> Page {
    frame.visitor.need(Right::KeepProgramme)?;
    show(&view(frame, None))
}

fn sent(form: &mut Submission) -> Result<Workbook, Error> {
    let text =
        |name: &str| form.field(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let due: Option<Date> = text("due").map(|day| crate::web::taken::day(&day, "due")).transpose()?;
    let (site, owner, dry_run) = (text("site"), text("owner"), form.field("dry_run").is_some());
    let (file_name, document) = form.file.take().ok_or_else(|| Error::invalid("choose a file first"))?;
    Ok(Workbook { file_name, document, site, owner, due, dry_run })
}

/// `POST /risk-analysis/import`
pub(crate) async fn import(
    Extract(state): Extract<State>,
    mut form: Submission,
) -> Result<Response, Failure> {
    let _permit = state.begin_upload()?;
    let actor = form.visitor.actor();
    let done = match sent(&mut form) {
        Ok(new) => sra::import(&state.ctx, &actor, &new).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(report) => {
            let page = view(form.frame("/risk-analysis"), Some(&report));
            Ok(show(&page)?.into_response())
        }
        Err(error @ Error::Invalid { .. }) => {
            let page = view(form.frame("/risk-analysis"), None);
            refuse(&RiskImportPage { problem: Some(told(&error)), ..page })
        }
        Err(error) => Err(error.into()),
    }
}

/// The page with made-up values.
#[cfg(test)]
pub(super) fn sample() -> Page {
    use crate::web::sample::{self, HOSTILE};
    let line = |not_taken: &str| sra::AnswerLine {
        requirement: "sr-164-308-a-8".to_owned(),
        citation: HOSTILE.to_owned(),
        places: vec![HOSTILE.to_owned()],
        answer: "yes",
        not_taken: not_taken.to_owned(),
    };
    let threat = sra::ThreatLine {
        place: HOSTILE.to_owned(),
        words: HOSTILE.to_owned(),
        likelihood: None,
        impact: Some(bedrail_app::risk_analysis::Grade::High),
    };
    let report = SraReport {
        answers: vec![line(""), line("it is held already")],
        unanswered: 3,
        threats: vec![threat],
        held: true,
        unknown_sheets: vec![HOSTILE.to_owned()],
        remarks: vec![(HOSTILE.to_owned(), HOSTILE.to_owned())],
        dry_run: true,
    };
    show(&view(sample::frame("/risk-analysis"), Some(&report)))
}
