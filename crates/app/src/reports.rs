//! Reports for people: a table of documents made of what Bedrail knows, each as HTML, PDF or XLSX by `bedrail-press`.
//!
//! Each says of which moment it is, and names what nobody knows beside what is known.

use bedrail_press::{Bar, Bars, Block, Column, Document, Table, text};
use jiff::Timestamp;

use crate::rights::Right;
use crate::{Actor, Context, Error, organisations, programme};

mod build;
mod practices;

/// A report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportRow {
    /// Its name in addresses and on the command line.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it is for, in a sentence.
    pub what: &'static str,
    /// Who may have it.
    pub right: Right,
}

/// All reports.
pub const REPORTS: &[ReportRow] = &[
    ReportRow {
        name: "board",
        title: "Board page",
        what: "One page: what is evidenced, what is overdue, where the weaknesses are, what is running.",
        right: Right::SeeFleet,
    },
    ReportRow {
        name: "risk-analysis",
        title: "Risk analysis",
        what: "Products, what they hold, threats, likelihood, impact, treatment and the risk that stays (45 CFR 164.308(a)(1)(ii)(A)).",
        right: Right::SeeFleet,
    },
    ReportRow {
        name: "action-plan",
        title: "Action plan",
        what: "Open actions by their day: what, who, until when, what shows it.",
        right: Right::SeeFleet,
    },
    ReportRow {
        name: "ward-risk",
        title: "Device risk by ward",
        what: "Devices of each ward, and how many are affected, exploited or cannot be told.",
        right: Right::SeeFleet,
    },
    ReportRow {
        name: "recognised-practices",
        title: "Recognised security practices",
        what: "Each practice of 405(d) and each performance goal over the last twelve months, with the gaps, and where the log was anchored outside (Pub. L. 116-321).",
        right: Right::SeeFleet,
    },
    ReportRow {
        name: "document-request",
        title: "Document request",
        what: "What OCR asks for first: each duty, its state, the documents that show it with their hashes, signed risk analyses, incidents.",
        right: Right::SeeAudit,
    },
];

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// One HTML file.
    Html,
    /// PDF.
    Pdf,
    /// A spreadsheet.
    Xlsx,
}

impl ReportFormat {
    /// All of them, with the ending of their files.
    pub const ALL: [(ReportFormat, &'static str); 3] =
        [(ReportFormat::Pdf, "pdf"), (ReportFormat::Xlsx, "xlsx"), (ReportFormat::Html, "html")];

    /// The format that an ending names.
    pub fn from_ending(ending: &str) -> Option<ReportFormat> {
        ReportFormat::ALL.iter().find(|row| row.1 == ending).map(|row| row.0)
    }

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        ReportFormat::ALL.iter().find(|row| row.0 == self).map_or("pdf", |row| row.1)
    }
}

/// A report as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    /// What it is called.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Letters that the font of the PDF cannot show; they stand as code points, and the PDF says so.
    pub not_shown: Vec<char>,
}

/// A report as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which.
    pub row: &'static ReportRow,
    /// Its body as HTML, escaped.
    pub html: String,
    /// Of which moment.
    pub at: Timestamp,
}

/// The report that a name means.
///
/// # Errors
/// [`Error::NotFound`].
pub fn named(name: &str) -> Result<&'static ReportRow, Error> {
    REPORTS.iter().find(|row| row.name == name).ok_or_else(|| Error::not_found(format!("report {name:?}")))
}

async fn document(ctx: &Context, actor: &Actor, row: &ReportRow) -> Result<Document, Error> {
    actor.need(row.right)?;
    let blocks = match row.name {
        "board" => build::board(ctx, actor).await?,
        "risk-analysis" => build::risk(ctx, actor).await?,
        "action-plan" => build::actions(ctx, actor).await?,
        "ward-risk" => build::wards(ctx, actor).await?,
        "recognised-practices" => practices::blocks(&programme::practices(ctx, actor).await?),
        _ => build::request(ctx, actor).await?,
    };
    let at = ctx.clock.now();
    Ok(Document {
        title: row.title.to_owned(),
        organisation: organisations::present(ctx, actor).await?.name,
        at,
        mark: format!("{}, as of {}", row.name, at.strftime("%Y-%m-%d %H:%M UTC")),
        letter: false,
        blocks,
    })
}

fn fault(error: bedrail_press::PressError) -> Error {
    match error {
        bedrail_press::PressError::TooMuch { .. } => Error::Invalid {
            message: error.to_string(),
            hint: Some("the same is in the exports, without a limit".into()),
        },
        bedrail_press::PressError::Writer { .. } => Error::Internal(Box::new(error)),
    }
}

/// A report for a page.
///
/// # Errors
/// [`Error::NotFound`] for a name that there is not, [`Error::Denied`].
pub async fn show(ctx: &Context, actor: &Actor, name: &str) -> Result<Report, Error> {
    let row = named(name)?;
    let document = document(ctx, actor, row).await?;
    let at = document.at;
    let made = tokio::task::spawn_blocking(move || bedrail_press::fragment(&document)).await;
    let html = made.map_err(|error| Error::Internal(Box::new(error)))?.map_err(fault)?;
    Ok(Report { row, html, at })
}

/// A report as a file. That it was made is noted.
///
/// # Errors
/// [`Error::NotFound`] for a name that there is not, [`Error::Denied`], [`Error::Invalid`] where there is more than a document holds.
pub async fn file(
    ctx: &Context,
    actor: &Actor,
    name: &str,
    format: ReportFormat,
) -> Result<ReportFile, Error> {
    let row = named(name)?;
    let document = document(ctx, actor, row).await?;
    let day = document.at.strftime("%Y-%m-%d").to_string();
    let made = tokio::task::spawn_blocking(move || {
        Ok(match format {
            ReportFormat::Html => (bedrail_press::html(&document)?.into_bytes(), Vec::new()),
            ReportFormat::Xlsx => (bedrail_press::xlsx(&document)?, Vec::new()),
            ReportFormat::Pdf => {
                let pdf = bedrail_press::pdf(&document)?;
                (pdf.bytes, pdf.not_shown.into_iter().collect())
            }
        })
    });
    let made = made.await.map_err(|error| Error::Internal(Box::new(error)))?;
    let (bytes, not_shown) = made.map_err(fault)?;
    crate::audit::note(ctx, actor, row.right, "report.export", row.name, format.ending()).await?;
    Ok(ReportFile { name: format!("{}-{day}.{}", row.name, format.ending()), bytes, not_shown })
}

/// A table of words, with numbers where the head ends with `#`.
fn table(caption: impl Into<String>, columns: &[(&str, f32)], rows: Vec<Vec<String>>, empty: &str) -> Block {
    let column = |(head, share): &(&str, f32)| match head.strip_suffix('#') {
        Some(head) => Column::number(head, *share),
        None => Column::words(*head, *share),
    };
    Block::Table(Table {
        caption: caption.into(),
        columns: columns.iter().map(column).collect(),
        rows,
        empty: empty.to_owned(),
    })
}

fn bars(caption: impl Into<String>, unit: &str, all: Vec<(String, u64)>) -> Block {
    #[expect(clippy::cast_precision_loss, reason = "a length on paper")]
    let bar = |(name, count): (String, u64)| Bar { name, value: count as f64, words: count.to_string() };
    Block::Bars(Bars {
        caption: caption.into(),
        unit: unit.to_owned(),
        bars: all.into_iter().map(bar).collect(),
    })
}

fn paragraph(words: impl AsRef<str>) -> Block {
    text(words)
}
