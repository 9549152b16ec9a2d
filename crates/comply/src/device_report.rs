//! Clocks of reports on medical devices: 21 CFR 803 for hospitals and makers, 806 for corrections and removals. The rows are
//! data (`catalogs/device-reports.yaml`) and say whether counsel has checked them.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Deserialize;

use crate::catalog::{Fault, text, yaml};
use crate::working_days;

/// How days are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// Working days after the day of the start.
    Working(u32),
    /// Calendar days after it.
    Calendar(u32),
    /// By 1 January of the year after (803.33).
    JanuaryFirst,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportClock {
    /// The stable id.
    pub id: String,
    /// Whose duty: `user_facility` or `maker`.
    pub who: String,
    /// Of which event.
    pub when: String,
    /// Who is told.
    pub to: String,
    /// What starts it.
    pub starts: String,
    /// How days are counted.
    pub counting: Counting,
    /// Where it stands written.
    pub citation: String,
}

impl ReportClock {
    /// The last day in time. `closed` are days on which nobody works besides Federal holidays.
    pub fn due(&self, start: Date, closed: &[Date]) -> Date {
        match self.counting {
            Counting::Working(days) => working_days::after(start, days, closed),
            Counting::Calendar(days) => start.saturating_add(i64::from(days).days()),
            Counting::JanuaryFirst => Date::new(start.year().saturating_add(1), 1, 1).unwrap_or(Date::MAX),
        }
    }
}

/// The rows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportClocks {
    /// Whether counsel has checked them, as the file says it.
    pub counsel: String,
    /// All rows.
    pub rows: Vec<ReportClock>,
}

#[derive(Deserialize)]
struct File {
    counsel: String,
    clocks: Vec<serde_saphyr::Spanned<Row>>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    who: String,
    when: String,
    to: String,
    days: Option<u32>,
    kind: String,
    starts: String,
    citation: String,
}

impl ReportClocks {
    /// The rows in the program.
    ///
    /// # Errors
    /// The fault; a test sees to it that ours have none.
    pub fn embedded() -> Result<ReportClocks, Fault> {
        ReportClocks::read("device-reports.yaml", text("device-reports.yaml"))
    }

    /// The rows of a file.
    ///
    /// # Errors
    /// The first fault, with its line.
    pub fn read(name: &str, text: &str) -> Result<ReportClocks, Fault> {
        let file: File = yaml(name, text)?;
        let rows = file.clocks.into_iter().map(|row| {
            let line = row.referenced.line();
            let row = row.value;
            let counting = match (row.kind.as_str(), row.days) {
                ("working", Some(days)) => Counting::Working(days),
                ("calendar", Some(days)) => Counting::Calendar(days),
                ("january_first", None) => Counting::JanuaryFirst,
                _ => {
                    let message = format!(
                        "{}: `kind` is working or calendar with `days`, or january_first without",
                        row.id
                    );
                    return Err(Fault { file: name.to_owned(), line, message });
                }
            };
            if row.citation.trim().is_empty() {
                let message = format!("{}: `citation` is missing", row.id);
                return Err(Fault { file: name.to_owned(), line, message });
            }
            Ok(ReportClock {
                id: row.id,
                who: row.who,
                when: row.when,
                to: row.to,
                starts: row.starts,
                counting,
                citation: row.citation,
            })
        });
        Ok(ReportClocks { counsel: file.counsel, rows: rows.collect::<Result<_, _>>()? })
    }

    /// The rows for one side and one event.
    pub fn of<'a>(&'a self, who: &'a str, when: &'a str) -> impl Iterator<Item = &'a ReportClock> {
        self.rows.iter().filter(move |row| row.who == who && row.when == when)
    }
}
