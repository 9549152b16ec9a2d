//! The workbook of the Security Risk Assessment Tool of HHS (healthit.gov), as people save it: answers to its questions, and how they
//! graded threats. Sheets and columns are known by their headings in the tables below, for versions of the tool name and order them
//! otherwise; a sheet without such headings is named, never passed over in silence.
//!
//! Values are taken as they are stored. Formulas are not computed, macros are neither run nor read, links to other files not followed.

pub mod transfer;

use bedrail_model::component::Warning;

use crate::limits::Limits;
use crate::sbom::ReadError;
use crate::sbom::list::grid::{Grid, HEADER_SEARCH, Row};
use crate::sbom::list::xlsx;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Question,
    Response,
    Reference,
    Note,
    Threat,
    Vulnerability,
    Likelihood,
    Impact,
}

/// Headings, without case, blanks and signs. A further one is a word here.
const HEADINGS: &[(Column, &[&str])] = &[
    (
        Column::Question,
        &[
            "question",
            "questions",
            "question text",
            "section question",
            "section questions",
            "assessment question",
        ],
    ),
    (
        Column::Response,
        &[
            "response",
            "responses",
            "answer",
            "your response",
            "your answer",
            "selected response",
            "selected answer",
            "question response",
            "question responses",
            "current response",
            "indicated response",
        ],
    ),
    (
        Column::Reference,
        &[
            "reference",
            "references",
            "citation",
            "hipaa",
            "hipaa reference",
            "hipaa citation",
            "hipaa security rule",
            "hipaa security rule reference",
            "regulation",
            "required or addressable",
            "compliance reference",
        ],
    ),
    (
        Column::Note,
        &["note", "notes", "comment", "comments", "additional information", "details", "justification"],
    ),
    (
        Column::Threat,
        &[
            "threat",
            "threats",
            "threat rating",
            "threats and vulnerabilities",
            "threats vulnerabilities",
            "threat vulnerability",
        ],
    ),
    (
        Column::Vulnerability,
        &["vulnerability", "vulnerabilities", "selected vulnerability", "vulnerability category"],
    ),
    (
        Column::Likelihood,
        &["likelihood", "likelihood rating", "threat likelihood", "likelihood of threat", "probability"],
    ),
    (Column::Impact, &["impact", "impact rating", "threat impact", "impact of threat"]),
];

/// An answer to a question of the tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its sheet and row.
    pub place: String,
    /// The question.
    pub question: String,
    /// What was chosen or typed; empty where nothing was.
    pub response: String,
    /// What the row says of the law.
    pub reference: String,
    /// What was said with it.
    pub note: String,
}

/// A threat as somebody graded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threat {
    /// Its sheet and row.
    pub place: String,
    /// The threat.
    pub threat: String,
    /// The weakness that it uses.
    pub vulnerability: String,
    /// How likely, as it is written.
    pub likelihood: String,
    /// How bad, as it is written.
    pub impact: String,
}

/// What was understood of a workbook.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Workbook {
    /// Answers, in the order of sheets and rows.
    pub answers: Vec<Answer>,
    /// Threats.
    pub threats: Vec<Threat>,
    /// Sheets that hold neither, by name.
    pub unknown: Vec<String>,
    /// What was met on the way.
    pub warnings: Vec<Warning>,
}

/// What a workbook of the tool may cost: the largest has some hundred questions on a dozen sheets.
pub const LIMITS: Limits = Limits {
    bytes_in: 16 << 20,
    bytes_expanded: 64 << 20,
    ratio: 250,
    depth: 128,
    components: 0,
    relations: 0,
    text_length: 4_000,
    warnings: 1_000,
    rows: 20_000,
    columns: 100,
    cells: 200_000,
    sheets: 60,
};

/// Reads a workbook.
///
/// # Errors
/// [`ReadError`]: no XLSX, one that is broken or costs too much, or one in which no sheet is known.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Workbook, ReadError> {
    let hint = "hand in the workbook of the SRA tool as it was saved, as XLSX";
    if !bytes.starts_with(b"PK\x03\x04") {
        return Err(ReadError::NotRead { what: "no spreadsheet (XLSX)".into(), hint });
    }
    let (grids, warnings) = xlsx::read(bytes, limits)?;
    let mut book = Workbook { warnings, ..Workbook::default() };
    for grid in grids {
        take(&grid, limits, &mut book);
        book.warnings.extend(grid.warnings);
    }
    if book.answers.is_empty() && book.threats.is_empty() {
        let what = format!(
            "a workbook without a sheet of questions with responses, or of threats with likelihood and impact (its sheets: {})",
            bedrail_model::text::harmless(&book.unknown.join(", "))
        );
        return Err(ReadError::NotRead { what, hint });
    }
    Ok(book)
}

fn bare(heading: &str) -> String {
    let letters = heading.chars().map(|it| if it.is_alphanumeric() { it } else { ' ' }).collect::<String>();
    letters.split_whitespace().filter(|word| *word != "&").collect::<Vec<_>>().join(" ").to_lowercase()
}

fn column_of(heading: &str) -> Option<Column> {
    let heading = bare(heading);
    HEADINGS.iter().find(|(_, names)| names.contains(&heading.as_str())).map(|(column, _)| *column)
}

/// Where the columns of a sheet stand, below its row of headings.
struct Columns(Vec<(Column, usize)>);

impl Columns {
    fn of(row: &Row) -> Columns {
        let mut known: Vec<(Column, usize)> = Vec::new();
        for (at, cell) in row.cells.iter().enumerate() {
            // Of two with one heading the first counts.
            if let Some(column) = column_of(&cell.text)
                && known.iter().all(|(other, _)| *other != column)
            {
                known.push((column, at));
            }
        }
        Columns(known)
    }

    fn at(&self, column: Column) -> Option<usize> {
        self.0.iter().find(|(known, _)| *known == column).map(|(_, at)| *at)
    }

    fn has(&self, all: &[Column]) -> bool {
        all.iter().all(|column| self.at(*column).is_some())
    }

    fn answers(&self) -> bool {
        self.has(&[Column::Question, Column::Response])
    }

    fn threats(&self) -> bool {
        let named = self.has(&[Column::Threat]) || self.has(&[Column::Vulnerability]);
        named && self.has(&[Column::Likelihood, Column::Impact])
    }

    fn text(&self, row: &Row, column: Column, limits: &Limits) -> String {
        let text = self.at(column).map(|at| row.text(at)).unwrap_or_default();
        text.chars().take(limits.text_length).collect()
    }
}

fn take(grid: &Grid, limits: &Limits, book: &mut Workbook) {
    let heads = grid.rows.iter().take(HEADER_SEARCH).enumerate().map(|(at, row)| (at, Columns::of(row)));
    let best = heads.filter(|(_, it)| it.answers() || it.threats()).max_by_key(|(at, it)| {
        // Of equals the first: a row of data may repeat words of the headings.
        (it.0.len(), std::cmp::Reverse(*at))
    });
    let Some((head, columns)) = best else {
        book.unknown.push(grid.sheet.clone().unwrap_or_default());
        return;
    };
    for row in grid.rows.iter().skip(head + 1) {
        let place = grid.place(row.number);
        let question = columns.text(row, Column::Question, limits);
        // A question over several rows is one question.
        let again =
            columns.at(Column::Question).and_then(|at| row.cells.get(at)).is_some_and(|cell| cell.merged);
        if columns.answers() && !question.is_empty() && !again {
            book.answers.push(Answer {
                place: place.clone(),
                question,
                response: columns.text(row, Column::Response, limits),
                reference: columns.text(row, Column::Reference, limits),
                note: columns.text(row, Column::Note, limits),
            });
        }
        let threat = columns.text(row, Column::Threat, limits);
        let vulnerability = columns.text(row, Column::Vulnerability, limits);
        if columns.threats() && !(threat.is_empty() && vulnerability.is_empty()) {
            let likelihood = columns.text(row, Column::Likelihood, limits);
            let impact = columns.text(row, Column::Impact, limits);
            book.threats.push(Threat { place, threat, vulnerability, likelihood, impact });
        }
    }
}
