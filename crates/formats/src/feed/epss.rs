//! FIRST's EPSS scores (<https://www.first.org/epss/data_stats>): a CSV with a comment line, one row for each CVE.
//!
//! The comment is `#model_version:v2025.03.14,score_date:2026-08-07T12:55:00Z`; days of model v1 have no percentile.

use bedrail_model::component::Warning;
use bedrail_model::finding::Epss;
use jiff::Timestamp;

/// The scores of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// The day that they are of.
    pub date: Option<Timestamp>,
    /// Score by CVE id.
    pub rows: Vec<(String, Epss)>,
    /// Rows that could not be read, with their line.
    pub warnings: Vec<Warning>,
}

/// A document that is not a day of scores.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a day of EPSS scores: line {line} should be the header `cve,epss,percentile`")]
pub struct EpssError {
    line: usize,
}

/// Reads the CSV. A row that cannot be read is a warning.
///
/// # Errors
/// [`EpssError`] when the header is missing.
pub fn parse(text: &str) -> Result<Scores, EpssError> {
    let mut scores = Scores { date: None, rows: Vec::new(), warnings: Vec::new() };
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim_end()));
    let header = lines.by_ref().find(|(_, line)| match line.strip_prefix('#') {
        Some(comment) => {
            scores.date = scores.date.or_else(|| score_date(comment));
            false
        }
        None => true,
    });
    match header {
        Some((_, header)) if header.starts_with("cve,epss") => {}
        other => return Err(EpssError { line: other.map_or(1, |(line, _)| line) }),
    }
    for (line, row) in lines.filter(|(_, row)| !row.is_empty()) {
        match read_row(row) {
            Some(row) => scores.rows.push(row),
            None => scores.warnings.push(Warning {
                place: format!("line {line}"),
                message: "the row was left out: it is not `CVE-…,score,percentile`".into(),
                lost: true,
            }),
        }
    }
    Ok(scores)
}

fn score_date(comment: &str) -> Option<Timestamp> {
    let date = comment.split(',').find_map(|part| part.strip_prefix("score_date:"))?;
    // The offset is written `+0000`, which RFC 3339 does not have.
    let date = date.strip_suffix("+0000").map_or_else(|| date.to_owned(), |moment| format!("{moment}Z"));
    let day = || date.get(..10)?.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    date.parse().ok().or_else(|| day().map(|day| day.timestamp()))
}

fn read_row(row: &str) -> Option<(String, Epss)> {
    let mut fields = row.split(',');
    let id = fields.next().filter(|id| id.starts_with("CVE-"))?;
    let probability = |text: &str| text.parse::<f64>().ok().filter(|value| (0.0..=1.0).contains(value));
    let score = probability(fields.next()?)?;
    let percentile = match fields.next() {
        Some(text) => Some(probability(text)?),
        None => None,
    };
    Some((id.to_owned(), Epss { score, percentile }))
}
