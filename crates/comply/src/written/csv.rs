//! Facts out of a CSV file with a mapping of its headings. Written for the few things that such lists need: quotes, commas or
//! semicolons, both ends of lines.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Kind, New, Written};

/// Rows of one file, at most.
pub const MOST_ROWS: usize = 20_000;
/// Columns of one file, at most.
const MOST_COLUMNS: usize = 100;

/// Which heading stands for what: `day`, `system`, or the code of a field, by the heading as it stands in the file. What is not
/// named is found by a heading that is the code or the name itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping(pub BTreeMap<String, String>);

/// Why a mapping or a file as a whole cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// A part is not `field=heading`.
    #[error("{0:?} is no mapping: write field=heading")]
    Shape(String),
    /// The kind has no such field.
    #[error("there is no field {0:?}; the fields are {1}")]
    Field(String, String),
    /// The file has no such heading.
    #[error("the file has no column {0:?}; its columns are {1}")]
    Heading(String, String),
    /// Nothing in the file stands for something that has to be there.
    #[error("no column stands for {0}; map it, as {0}=heading")]
    Missing(String),
    /// Two columns have one heading.
    #[error("two columns are called {0:?}")]
    Twice(String),
    /// It is not text.
    #[error("byte {0} is no UTF-8: save the file as UTF-8")]
    Encoding(usize),
    /// A quote is not closed.
    #[error("line {0}: a quoted text does not end")]
    Quote(usize),
    /// Nothing but headings, or not even these.
    #[error("the file has no rows")]
    Empty,
    /// Too much.
    #[error("the file has more than {MOST_ROWS} rows or {MOST_COLUMNS} columns")]
    TooMuch,
}

impl Mapping {
    /// The mapping of a text of parts `field=heading`, one a line or between commas.
    ///
    /// # Errors
    /// [`MappingError::Shape`].
    pub fn parse(text: &str) -> Result<Mapping, MappingError> {
        let parts = text.split(['\n', ',']).map(str::trim).filter(|part| !part.is_empty());
        let pair = |part: &str| match part.split_once('=') {
            Some((field, heading)) if !field.trim().is_empty() && !heading.trim().is_empty() => {
                Ok((field.trim().to_owned(), heading.trim().to_owned()))
            }
            _ => Err(MappingError::Shape(part.chars().take(60).collect())),
        };
        parts.map(pair).collect::<Result<_, _>>().map(Mapping)
    }
}

/// What was read of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taken {
    /// Facts, each with its line.
    pub facts: Vec<(usize, Written)>,
    /// Lines that are no facts, with the reason.
    pub refused: Vec<(usize, String)>,
    /// Columns that nothing was taken of.
    pub unused: Vec<String>,
}

/// The headings of a file.
///
/// # Errors
/// [`MappingError`].
pub fn headings(bytes: &[u8]) -> Result<Vec<String>, MappingError> {
    let rows = rows(bytes)?;
    rows.into_iter().next().map(|(_, cells)| cells).ok_or(MappingError::Empty)
}

/// Reads facts of a kind. A row with a fault is left out and told; the others are taken.
///
/// # Errors
/// [`MappingError`] where the file as a whole cannot be read by the mapping.
pub fn read(
    kind: &'static Kind,
    bytes: &[u8],
    mapping: &Mapping,
    today: Date,
) -> Result<Taken, MappingError> {
    let mut rows = rows(bytes)?.into_iter();
    let (_, headings) = rows.next().ok_or(MappingError::Empty)?;
    let columns = columns(kind, &headings, mapping)?;
    let used: BTreeSet<usize> = columns.values().copied().collect();
    let mut taken = Taken {
        unused: (0..).zip(&headings).filter(|(at, _)| !used.contains(at)).map(|(_, it)| it.clone()).collect(),
        ..Taken::default()
    };
    let mut none = true;
    for (line, cells) in rows {
        none = false;
        if cells.len() > headings.len() {
            taken
                .refused
                .push((line, format!("it has {} cells, the headings are {}", cells.len(), headings.len())));
            continue;
        }
        let cell = |code: &str| columns.get(code).and_then(|at| cells.get(*at)).cloned().unwrap_or_default();
        let new = New {
            day: cell("day"),
            system: cell("system"),
            fields: kind.fields.iter().map(|it| (it.code.to_owned(), cell(it.code))).collect(),
        };
        match new.check(kind, today) {
            Ok(fact) => taken.facts.push((line, fact)),
            Err(error) => taken.refused.push((line, error.to_string())),
        }
    }
    if none { Err(MappingError::Empty) } else { Ok(taken) }
}

/// The column of each code.
fn columns(
    kind: &Kind,
    headings: &[String],
    mapping: &Mapping,
) -> Result<BTreeMap<String, usize>, MappingError> {
    let plain = |text: &str| text.trim().to_lowercase();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for heading in headings {
        if !known.insert(plain(heading)) {
            return Err(MappingError::Twice(heading.clone()));
        }
    }
    let own = [("day", "Day", true), ("system", kind.system, true)];
    let fields = kind.fields.iter().map(|it| (it.code, it.name, it.required));
    let wanted: Vec<(&str, &str, bool)> = own.into_iter().chain(fields).collect();
    let codes = || wanted.iter().map(|(code, _, _)| *code).collect::<Vec<_>>().join(", ");
    if let Some(strange) = mapping.0.keys().find(|code| wanted.iter().all(|(it, _, _)| it != code)) {
        return Err(MappingError::Field(strange.clone(), codes()));
    }
    let place = |name: &str| headings.iter().position(|heading| plain(heading) == plain(name));
    let mut columns = BTreeMap::new();
    for (code, name, required) in wanted {
        let found = match mapping.0.get(code) {
            Some(heading) => {
                let missing = || MappingError::Heading(heading.clone(), headings.join(", "));
                Some(place(heading).ok_or_else(missing)?)
            }
            None => place(code).or_else(|| place(name)),
        };
        match found {
            Some(at) => {
                columns.insert(code.to_owned(), at);
            }
            None if required => return Err(MappingError::Missing(code.to_owned())),
            None => {}
        }
    }
    Ok(columns)
}

/// Rows with the line that each begins on; empty ones are left out. RFC 4180, and semicolons where the first line has more of them.
fn rows(bytes: &[u8]) -> Result<Vec<(usize, Vec<String>)>, MappingError> {
    let text = std::str::from_utf8(bytes).map_err(|error| MappingError::Encoding(error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let between = if first.matches(';').count() > first.matches(',').count() { ';' } else { ',' };
    let mut reader = Reader { rows: Vec::new(), cells: Vec::new(), cell: String::new(), begun: 1, between };
    let (mut line, mut quoted_at) = (1, None);
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        line += usize::from(sign == '\n');
        match (sign, quoted_at) {
            ('"', Some(_)) if signs.peek() == Some(&'"') => {
                signs.next();
                reader.cell.push('"');
            }
            ('"', Some(_)) => quoted_at = None,
            (other, Some(_)) => reader.cell.push(other),
            ('"', None) if reader.cell.is_empty() => quoted_at = Some(line),
            ('\r', None) if signs.peek() == Some(&'\n') => {}
            ('\n' | '\r', None) => reader.end_row(line)?,
            (other, None) => reader.take(other),
        }
    }
    if let Some(at) = quoted_at {
        return Err(MappingError::Quote(at));
    }
    reader.end_row(line)?;
    Ok(reader.rows)
}

struct Reader {
    rows: Vec<(usize, Vec<String>)>,
    cells: Vec<String>,
    cell: String,
    begun: usize,
    between: char,
}

impl Reader {
    fn take(&mut self, sign: char) {
        if sign == self.between {
            self.cells.push(std::mem::take(&mut self.cell));
        } else {
            self.cell.push(sign);
        }
    }

    fn end_row(&mut self, line: usize) -> Result<(), MappingError> {
        self.cells.push(std::mem::take(&mut self.cell));
        let cells = std::mem::take(&mut self.cells);
        let begun = std::mem::replace(&mut self.begun, line);
        if cells.len() > MOST_COLUMNS || self.rows.len() > MOST_ROWS {
            return Err(MappingError::TooMuch);
        }
        if cells.iter().any(|cell| !cell.trim().is_empty()) {
            self.rows.push((begun, cells));
        }
        Ok(())
    }
}
