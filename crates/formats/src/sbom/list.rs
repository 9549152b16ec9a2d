//! Lists of components as suppliers send them: CSV with any separator, and spreadsheets.
//!
//! Nothing in such a file says what it is, so it is told by its header: a row near the top with a column for the name
//! ([`columns::SYNONYMS`]). What each column was taken for is said in the warnings. A name with its version behind it is
//! taken apart by `written`; where that is not certain the text stays whole and the version unknown.

use std::collections::HashMap;

use bedrail_model::component::{Component, ComponentKind, Inventory};
use bedrail_model::text::harmless;

use super::ReadError;
use crate::device_list::{self, columns::says_nothing};
use crate::limits::{LimitError, Limits};
use crate::value::Warnings;

pub mod columns;
pub(crate) mod grid;
mod row;
mod written;
pub(crate) mod xlsx;

use columns::Column;
use grid::{Grid, HEADER_SEARCH};

/// The name of the format, which no specification has given one.
pub const NAME: &str = "Component list";

pub use bedrail_model::component::AS_WRITTEN;

/// Whether these are the bytes of a spreadsheet or another ZIP archive (APPNOTE.TXT 6.3.10, section 4.3.7).
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Why this text is no component list although it looks like a table, or by which separator it is one.
pub(super) fn sniff(text: &str) -> Option<Result<u8, ReadError>> {
    if text.trim_start().starts_with(['{', '[', '<']) {
        return None;
    }
    let mut best: Option<(usize, u8)> = None;
    for (separator, rows) in grid::heads(text) {
        if rows.iter().any(|row| is_device_header(row)) {
            return Some(Err(device_list()));
        }
        // One word is enough of a header only on the first line: elsewhere it may stand in any text.
        let scores = rows.iter().enumerate().filter_map(|(at, row)| Some((at, Header::of(row)?.score())));
        let known = scores.filter(|(at, score)| *at == 0 || *score > 1).map(|(_, score)| score).max();
        if let Some(known) = known.filter(|known| best.is_none_or(|(best, _)| *known > best)) {
            best = Some((known, separator));
        }
    }
    best.map(|(_, separator)| Ok(separator))
}

/// Whether a row is the header of a list of devices, each with something that tells it from others.
fn is_device_header(row: &[String]) -> bool {
    use device_list::columns::Field;
    let mapping = device_list::Mapping::default();
    let own = [Field::Serial, Field::AssetTag, Field::Udi, Field::Address, Field::HostName];
    let fields: Vec<Field> =
        row.iter().filter_map(|header| device_list::columns::field_of(header, &mapping)).collect();
    fields.len() > 1 && fields.iter().any(|field| own.contains(field))
}

fn device_list() -> ReadError {
    ReadError::NotRead {
        what: "a list of devices, by its columns".into(),
        hint: "import it as a device list: `bedrail devices import FILE`",
    }
}

/// Reads a CSV text by its separator.
pub(super) fn parse(text: &str, separator: u8, limits: &Limits) -> Result<Inventory, ReadError> {
    let encoding = if separator == b'\t' { "TSV" } else { "CSV" };
    let mut list = List::new(encoding, limits);
    let grid = grid::read(text, separator, limits)?;
    if !list.take(&grid)? {
        return Err(no_header());
    }
    Ok(list.finish())
}

/// Reads a spreadsheet.
pub(super) fn parse_xlsx(bytes: &[u8], limits: &Limits) -> Result<Inventory, ReadError> {
    let (grids, warnings) = xlsx::read(bytes, limits)?;
    let mut list = List::new("XLSX", limits);
    for warning in warnings {
        list.warnings.push(warning.place, warning.message, warning.lost);
    }
    let mut unread = Vec::new();
    for grid in grids {
        let sheet = grid.sheet.clone().unwrap_or_default();
        let (empty, devices) = (grid.rows.is_empty(), has_device_header(&grid));
        if devices {
            return Err(device_list());
        }
        if !list.take(&grid)? && !empty {
            unread.push(sheet);
        }
    }
    if list.inventory.components.is_empty() && !list.met_a_header {
        return Err(no_header());
    }
    for sheet in unread {
        let message = "no row near its top has a column for the name of a component: it is not read";
        list.warnings.lost(format!("sheet {sheet}"), message);
    }
    Ok(list.finish())
}

fn has_device_header(grid: &Grid) -> bool {
    grid.rows.iter().take(HEADER_SEARCH).any(|row| {
        let texts: Vec<String> = row.cells.iter().map(|cell| cell.text.clone()).collect();
        is_device_header(&texts)
    })
}

fn no_header() -> ReadError {
    ReadError::NotRead {
        what: "a table in whose first fifteen rows no column for the name of a component is found".into(),
        hint: "give it a row of headers, for example `Name`, `Version`, `Supplier`, `Licence`, `purl`, `CPE`, `SHA-256`",
    }
}

/// The columns of a table.
struct Header {
    /// What each column is taken for.
    columns: Vec<Option<Column>>,
    /// Columns that name what an earlier one names already.
    repeated: Vec<usize>,
}

impl Header {
    /// The row as a header; `None` where no column of it names components.
    fn of(row: &[String]) -> Option<Header> {
        let mut seen = Vec::new();
        let mut repeated = Vec::new();
        let mut columns = Vec::with_capacity(row.len());
        for (at, header) in row.iter().enumerate() {
            let column = columns::column_of(header);
            match column {
                // Hashes by several algorithms stand side by side.
                Some(column) if seen.contains(&column) && column != Column::Hash => {
                    repeated.push(at);
                    columns.push(None);
                }
                column => {
                    seen.extend(column);
                    columns.push(column);
                }
            }
        }
        let names = [Column::Name, Column::Purl, Column::Cpe];
        names.iter().any(|name| seen.contains(name)).then_some(Header { columns, repeated })
    }

    fn score(&self) -> usize {
        self.columns.iter().flatten().count()
    }

    fn at(&self, column: Column) -> Option<usize> {
        self.columns.iter().position(|it| *it == Some(column))
    }
}

/// An inventory made of tables.
struct List {
    inventory: Inventory,
    warnings: Warnings,
    limits: Limits,
    met_a_header: bool,
    references: HashMap<String, u32>,
}

/// How often something was done, with the first place of it: said once for a table, not for each row.
#[derive(Default)]
struct Tally {
    counts: Vec<(&'static str, bool, usize, String)>,
}

impl Tally {
    /// Notes one case; `what` is said behind the number of cases, `example` for the first of them.
    fn note(&mut self, what: &'static str, lost: bool, example: impl FnOnce() -> String) {
        match self.counts.iter_mut().find(|(it, ..)| *it == what) {
            Some((_, _, count, _)) => *count += 1,
            None => self.counts.push((what, lost, 1, example())),
        }
    }
}

impl List {
    fn new(encoding: &str, limits: &Limits) -> List {
        let inventory =
            Inventory { format: NAME.to_owned(), encoding: encoding.to_owned(), ..Inventory::default() };
        List {
            inventory,
            warnings: Warnings::new(limits),
            limits: *limits,
            met_a_header: false,
            references: HashMap::new(),
        }
    }

    fn finish(mut self) -> Inventory {
        self.inventory.warnings = self.warnings.finish();
        self.inventory
    }

    /// Takes a table in; false where it has no header.
    fn take(&mut self, grid: &Grid) -> Result<bool, LimitError> {
        let mut best: Option<(usize, Header)> = None;
        for (at, row) in grid.rows.iter().take(HEADER_SEARCH).enumerate() {
            let texts: Vec<String> = row.cells.iter().map(|cell| cell.text.clone()).collect();
            if let Some(header) = Header::of(&texts)
                && best.as_ref().is_none_or(|(_, best)| header.score() > best.score())
            {
                best = Some((at, header));
            }
        }
        let Some((at, header)) = best else { return Ok(false) };
        self.met_a_header = true;
        for warning in &grid.warnings {
            self.warnings.push(&warning.place, warning.message.clone(), warning.lost);
        }
        self.say_columns(grid, at, &header);
        let mut tally = Tally::default();
        let name = header.at(Column::Name);
        let head = grid.rows[at].clone();
        for row in &grid.rows[at + 1..] {
            let own = row.cells.iter().any(|cell| !cell.merged && !cell.text.is_empty());
            let again = name.is_some_and(|name| row.text(name) == head.text(name));
            if again {
                tally.note("rows repeat the header and are passed over", false, || grid.place(row.number));
            } else if own {
                self.take_row(grid, &header, row, &mut tally)?;
            }
        }
        let whole = grid.sheet.as_ref().map_or_else(String::new, |sheet| format!("sheet {sheet}"));
        for (what, lost, count, example) in tally.counts {
            self.warnings.push(&whole, format!("{count} {what} (first: {})", harmless(&example)), lost);
        }
        Ok(true)
    }

    /// Says what each column was taken for.
    fn say_columns(&mut self, grid: &Grid, at: usize, header: &Header) {
        let row = &grid.rows[at];
        let place = grid.place(row.number);
        if at > 0 {
            let message = format!("{at} rows stand above the header and are not read");
            self.warnings.lost(grid.place(grid.rows[0].number), message);
        }
        for (index, column) in header.columns.iter().enumerate() {
            let name = harmless(row.text(index)).into_owned();
            match column {
                Some(column) => {
                    self.warnings
                        .mended(&place, format!("the column `{name}` was taken for {}", column.words()));
                }
                None if header.repeated.contains(&index) => self.warnings.lost(
                    &place,
                    format!("the column `{name}` names what an earlier column names, and is not read"),
                ),
                None if name.is_empty() => {}
                None => self.warnings.lost(&place, format!("the column `{name}` is not known and not read")),
            }
        }
    }

    /// Adds a component under a reference of its own.
    fn add(&mut self, mut component: Component, row: u32) -> Result<(), LimitError> {
        if self.inventory.components.len() >= self.limits.components {
            return Err(LimitError::TooMany { what: "components", limit: self.limits.components });
        }
        let wanted = format!("row-{row}");
        let times = self.references.entry(wanted.clone()).or_default();
        *times += 1;
        component.reference = if *times == 1 { wanted } else { format!("{wanted}.{times}") };
        self.inventory.components.push(component);
        Ok(())
    }
}

/// The kind that a word names.
fn kind_of(word: &str) -> Option<ComponentKind> {
    let word = word.trim().to_lowercase().replace([' ', '_'], "-");
    let known = match word.as_str() {
        "os" | "betriebssystem" => Some(ComponentKind::OperatingSystem),
        "program" | "app" | "executable" | "programm" => Some(ComponentKind::Application),
        "driver" => Some(ComponentKind::DeviceDriver),
        "hardware" => Some(ComponentKind::Device),
        _ => None,
    };
    known.or_else(|| ComponentKind::from_code(&word))
}
