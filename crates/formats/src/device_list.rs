//! Device lists as hospitals keep them: CSV out of an inventory system or a spreadsheet.
//!
//! The separator, the header row and the columns are found by the table [`columns::SYNONYMS`]; a [`Mapping`] overrules it.
//! A row is never lost: what is wrong with it is listed on it, in the order and with the line numbers of the file.

use std::borrow::Cow;
use std::collections::HashMap;

use bedrail_model::component::Warning;
use bedrail_model::device::DeviceFacts;
use bedrail_model::text::harmless;
use csv::StringRecord;

use crate::decode::{Decoded, decode};
use crate::limits::{LimitError, Limits, expand};

pub mod columns;
mod dates;
mod exposure;
pub mod transfer;

pub use columns::{Field, Mapping, MappingError};

/// A device list as it was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceList {
    /// The rows, in the order of the file.
    pub rows: Vec<DeviceRow>,
    /// What became of each column, in the order of the file.
    pub columns: Vec<ColumnUse>,
    /// What concerns the file as a whole.
    pub warnings: Vec<Warning>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// The line of the file that it starts on, from 1.
    pub line: u64,
    /// What it says.
    pub facts: DeviceFacts,
    /// What is wrong with it, in words; the facts hold everything else.
    pub problems: Vec<String>,
}

/// What became of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnUse {
    /// Its header as written.
    pub header: String,
    /// The field it was read into; `None` where it was ignored.
    pub field: Option<Field>,
}

/// A device list that is not read.
#[derive(Debug, thiserror::Error)]
pub enum DeviceListError {
    /// It costs too much, or its compression is broken.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// It is no CSV.
    #[error("this is {what}, not a CSV file; hint: {hint}")]
    NotCsv {
        /// What it is.
        what: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// It has nothing in it.
    #[error("the device list is empty")]
    Empty,
    /// None of its columns is known.
    #[error(
        "no column of the device list is known; its first line has {headers}; hint: name them with `--map HEADER=FIELD`"
    )]
    NoKnownColumn {
        /// The headers as written.
        headers: String,
    },
    /// The name of a column is as long as no name is.
    #[error(
        "the name of column {column} on line {line} has {bytes} bytes; hint: a quote that is not closed makes a whole file one value"
    )]
    LongName {
        /// Which, from 1.
        column: usize,
        /// The line of the header.
        line: u64,
        /// Bytes of the name.
        bytes: usize,
    },
    /// A mapping names a column that is not there.
    #[error("there is no column `{header}` to map; the columns are {headers}")]
    NoSuchColumn {
        /// As mapped.
        header: String,
        /// The headers as written.
        headers: String,
    },
    /// A row cannot be taken apart.
    #[error("line {line}: {source}")]
    Csv {
        /// The line.
        line: u64,
        /// What is wrong.
        source: csv::Error,
    },
}

/// Read a device list.
pub fn read(bytes: &[u8], mapping: &Mapping, limits: &Limits) -> Result<DeviceList, DeviceListError> {
    let expanded = expand(bytes, limits)?;
    refuse_other_formats(&expanded)?;
    let Decoded { text, note } = decode(&expanded, None);
    let text = with_plain_line_ends(text);
    let mut warnings = Vec::new();
    if let Some(note) = note {
        warnings.push(Warning { place: String::new(), message: note.message, lost: note.lost });
    }
    let layout = Layout::of(&text, mapping)?;
    if layout.header_line > 1 && !layout.separator_named {
        let message =
            format!("the header is on line {}; what stands above it is not read", layout.header_line);
        warnings.push(Warning { place: String::from("line 1"), message, lost: true });
    }
    let columns = use_columns(&layout, mapping, limits, &mut warnings)?;
    let mut list = DeviceList { rows: Vec::new(), columns, warnings };
    let mut cells = Cells::default();
    read_rows(&text, &layout, limits, &mut list, &mut cells)?;
    cells.settle(&mut list);
    flag_duplicates(&mut list.rows);
    Ok(list)
}

/// The text with lines that end in a line feed alone. The reader of CSV ends a row at a carriage return too, but counts a
/// line when it meets the line feed, which is later or never: rows would be said to stand in the header's place.
pub(crate) fn with_plain_line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text }
}

fn refuse_other_formats(bytes: &[u8]) -> Result<(), DeviceListError> {
    const SAVE: &str = "save the sheet as CSV (UTF-8)";
    let (what, hint) = match bytes {
        [b'P', b'K', 3, 4, ..] => ("a spreadsheet or ZIP archive", SAVE),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => ("an old Excel file", SAVE),
        [b'%', b'P', b'D', b'F', ..] => ("a PDF document", "export the list as CSV"),
        [b'{' | b'<', ..] => ("JSON or XML", "export the list as CSV"),
        _ if bytes.iter().all(u8::is_ascii_whitespace) => return Err(DeviceListError::Empty),
        _ => return Ok(()),
    };
    Err(DeviceListError::NotCsv { what, hint })
}

/// How the file is laid out.
struct Layout {
    delimiter: u8,
    header: Vec<String>,
    header_line: u64,
    /// Whether the first line is Excel's `sep=;`.
    separator_named: bool,
}

/// Rows looked at to find the header: exports put a title and a date above it.
const HEADER_SEARCH: usize = 15;

impl Layout {
    /// The separator and header row by which most columns are known.
    fn of(text: &str, mapping: &Mapping) -> Result<Layout, DeviceListError> {
        let named = text.strip_prefix("sep=").and_then(|rest| rest.bytes().next());
        let delimiters: &[u8] = match &named {
            Some(delimiter) => std::slice::from_ref(delimiter),
            None => b",;\t|",
        };
        let mut best: Option<((usize, usize), Layout)> = None;
        for &delimiter in delimiters {
            for record in reader(text, delimiter).into_records().take(HEADER_SEARCH).flatten() {
                let header: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
                let known = header.iter().filter(|name| columns::field_of(name, mapping).is_some()).count();
                let score = (known, header.len());
                // The earliest row wins a tie, unless no column of it is known and a later one is wider.
                if best.as_ref().is_none_or(|(best, _)| score.0 > best.0 || (best.0 == 0 && score.1 > best.1))
                {
                    let header_line = record.position().map_or(1, csv::Position::line);
                    best = Some((
                        score,
                        Layout { delimiter, header, header_line, separator_named: named.is_some() },
                    ));
                }
            }
        }
        let (score, layout) = best.ok_or(DeviceListError::Empty)?;
        if score.0 == 0 {
            return Err(DeviceListError::NoKnownColumn { headers: quoted(&layout.header) });
        }
        Ok(layout)
    }
}

pub(crate) fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
}

/// The longest name of a column, in bytes.
const NAME_LENGTH: usize = 1_000;
/// Bytes of a name that a message shows.
const NAME_SHOWN: usize = 80;

fn quoted(headers: &[String]) -> String {
    let shown = headers.iter().take(20).map(|header| {
        let end = header.floor_char_boundary(NAME_SHOWN);
        let more = if end < header.len() { "…" } else { "" };
        format!("`{}{more}`", harmless(&header[..end]))
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// Decide the use of each column; of two for the same field the first is taken, an explicit mapping before a synonym.
fn use_columns(
    layout: &Layout,
    mapping: &Mapping,
    limits: &Limits,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<ColumnUse>, DeviceListError> {
    if layout.header.len() > limits.columns {
        return Err(LimitError::TooMany { what: "columns", limit: limits.columns }.into());
    }
    let long = layout.header.iter().position(|name| name.len() > NAME_LENGTH);
    if let Some(at) = long {
        let (line, bytes) = (layout.header_line, layout.header[at].len());
        return Err(DeviceListError::LongName { column: at + 1, line, bytes });
    }
    if let Some(header) =
        mapping.headers().find(|mapped| !layout.header.iter().any(|it| columns::same(it, mapped)))
    {
        let headers = quoted(&layout.header);
        return Err(DeviceListError::NoSuchColumn { header: header.to_owned(), headers });
    }
    let place = format!("line {}", layout.header_line);
    let mut holders: HashMap<Field, &str> = HashMap::new();
    let mut fields: Vec<Option<Field>> = vec![None; layout.header.len()];
    for by_hand in [true, false] {
        let columns =
            layout.header.iter().zip(&mut fields).filter(|(header, _)| mapping.maps(header) == by_hand);
        for (header, slot) in columns {
            let field = columns::field_of(header, mapping);
            let holder = field.and_then(|field| holders.get(&field));
            let message = match (field, holder) {
                (Some(_), Some(holder)) => {
                    let (holder, header) = (harmless(holder), harmless(header));
                    format!("the column `{header}` names the same field as `{holder}` and is ignored")
                }
                (Some(field), None) => {
                    holders.insert(field, header);
                    *slot = Some(field);
                    continue;
                }
                (None, _) if by_hand || header.is_empty() => continue,
                (None, _) => format!("the column `{}` is not known and ignored", harmless(header)),
            };
            warnings.push(Warning { place: place.clone(), message, lost: true });
        }
    }
    let uses =
        layout.header.iter().zip(fields).map(|(header, field)| ColumnUse { header: header.clone(), field });
    Ok(uses.collect())
}

/// Cells that can be judged only when the whole column is known.
#[derive(Default)]
struct Cells {
    /// Row and text of each end of support.
    dates: Vec<(usize, String)>,
}

impl Cells {
    fn settle(self, list: &mut DeviceList) {
        let order = dates::Order::by_evidence(self.dates.iter().map(|(_, text)| text.as_str()));
        let mut untold = 0;
        for (row, text) in self.dates {
            match dates::parse(&text, order) {
                Ok(date) => list.rows[row].facts.support_ends = Some(date.to_string()),
                Err(error) => {
                    untold += usize::from(error == dates::DateError::Ambiguous);
                    list.rows[row].problems.push(format!("end of support `{}`: {error}", harmless(&text)));
                }
            }
        }
        if untold > 0 {
            let message = format!(
                "{untold} dates such as 03/04/2026 may be day or month first, and nothing in the column settles it: they are not taken; hint: write them as 2026-04-03"
            );
            list.warnings.push(Warning { place: String::new(), message, lost: true });
        }
    }
}

/// Lines that one row may take before a quote that is not closed is the likelier reason.
const LINES_OF_A_ROW: u64 = 20;

/// The line that a row starts on. The reader takes empty lines before a row as part of it.
pub(crate) fn starts_on(text: &str, position: &csv::Position) -> u64 {
    let begin = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let empty = text.as_bytes().get(begin..).unwrap_or_default().iter().take_while(|byte| **byte == b'\n');
    position.line() + empty.count() as u64
}

fn read_rows(
    text: &str,
    layout: &Layout,
    limits: &Limits,
    list: &mut DeviceList,
    cells: &mut Cells,
) -> Result<(), DeviceListError> {
    let mut reader = reader(text, layout.delimiter);
    let mut record = StringRecord::new();
    let mut blank = 0;
    loop {
        let line = reader.position().line();
        if !reader.read_record(&mut record).map_err(|source| DeviceListError::Csv { line, source })? {
            break;
        }
        let line = record.position().map_or(line, |position| starts_on(text, position));
        if line <= layout.header_line {
            continue;
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            blank += 1;
            continue;
        }
        if list.rows.len() >= limits.rows {
            return Err(LimitError::TooMany { what: "rows", limit: limits.rows }.into());
        }
        let mut row = read_row(&record, line, list, limits, cells);
        let lines = reader.position().line().saturating_sub(line);
        if lines > LINES_OF_A_ROW {
            row.problems.push(format!(
                "the row runs over {lines} lines, which may all be one value: is a quote not closed?"
            ));
        }
        list.rows.push(row);
    }
    if blank > 0 {
        let message = format!("{blank} rows without any value were skipped");
        list.warnings.push(Warning { place: String::new(), message, lost: false });
    }
    Ok(())
}

fn read_row(
    record: &StringRecord,
    line: u64,
    list: &DeviceList,
    limits: &Limits,
    cells: &mut Cells,
) -> DeviceRow {
    let mut row = DeviceRow { line, facts: DeviceFacts::default(), problems: Vec::new() };
    let mut said = exposure::Said::default();
    for (column, cell) in list.columns.iter().zip(record) {
        let Some(field) = column.field else { continue };
        let cell = cell.trim();
        if columns::says_nothing(cell) {
            continue;
        }
        let end = cell.floor_char_boundary(limits.text_length);
        if end < cell.len() {
            row.problems.push(format!(
                "`{}` has {} bytes: cut after {end}",
                harmless(&column.header),
                cell.len()
            ));
        }
        let cell = &cell[..end];
        match field {
            Field::SupportEnds => cells.dates.push((list.rows.len(), cell.to_owned())),
            Field::Exposure | Field::Connected | Field::Isolated => {
                if let Err(problem) = said.hear(field, cell) {
                    row.problems.push(format!(
                        "{} `{}`: {problem}",
                        harmless(&column.header),
                        harmless(cell)
                    ));
                }
            }
            text => *text.slot(&mut row.facts) = Some(cell.to_owned()),
        }
    }
    row.facts.exposure = said.exposure();
    let extra = record.iter().skip(list.columns.len()).filter(|cell| !cell.trim().is_empty()).count();
    if extra > 0 {
        row.problems.push(format!("{extra} values stand beyond the last column and are not read"));
    }
    if !has_identity(&row.facts) {
        row.problems.push(
            "nothing tells this device from others: no serial number, asset tag, UDI or host name".to_owned(),
        );
    }
    row
}

fn has_identity(facts: &DeviceFacts) -> bool {
    facts.serial.is_some() || facts.asset_tag.is_some() || facts.udi.is_some() || facts.host_name.is_some()
}

/// The same serial number of the same maker, or the same asset tag, on two rows: a problem of both.
fn flag_duplicates(rows: &mut [DeviceRow]) {
    let serial = |facts: &DeviceFacts| {
        let maker = facts.maker.as_deref().unwrap_or_default().to_lowercase();
        facts.serial.as_ref().map(|serial| (maker, serial.to_lowercase()))
    };
    flag_same(rows, "serial number of this maker", serial);
    flag_same(rows, "asset tag", |facts| facts.asset_tag.as_ref().map(|tag| tag.to_lowercase()));
}

fn flag_same<K: std::hash::Hash + Eq>(
    rows: &mut [DeviceRow],
    what: &str,
    key: impl Fn(&DeviceFacts) -> Option<K>,
) {
    let mut first: HashMap<K, usize> = HashMap::new();
    for at in 0..rows.len() {
        let Some(key) = key(&rows[at].facts) else { continue };
        let earlier = *first.entry(key).or_insert(at);
        if earlier != at {
            let (line, earlier_line) = (rows[at].line, rows[earlier].line);
            rows[at].problems.push(format!("the same {what} stands on line {earlier_line}"));
            let told = rows[earlier].problems.iter().any(|it| it.starts_with(&format!("the same {what}")));
            if !told {
                rows[earlier].problems.push(format!("the same {what} stands on line {line}"));
            }
        }
    }
}
