//! Spreadsheets (Office Open XML, ECMA-376), cell by cell, under limits.
//!
//! Every entry of the archive is expanded once under the limits before the reader of spreadsheets, which has none, sees it.
//! Sheets are read as streams of cells: a single cell in the last row and column costs one cell. Formulas are not computed:
//! the value that was stored with them is taken. Macros are not looked at.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read as _};

use bedrail_model::component::Warning;
use bedrail_model::text::harmless;
use calamine::{DataRef, Dimensions, Reader as _, SheetVisible, Xlsx};

use super::super::ReadError;
use super::grid::{Cell, Grid, Origin, Row};
use crate::limits::{LimitError, Limits, drain};

type Book<'b> = Xlsx<Cursor<&'b [u8]>>;

/// The tables of a spreadsheet, one for each sheet that is shown, and what concerns the whole file.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<(Vec<Grid>, Vec<Warning>), ReadError> {
    let mut warnings = examine(bytes, limits)?;
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| broken("the workbook", &error))?;
    let sheets = book.sheets_metadata().to_vec();
    if sheets.len() > limits.sheets {
        return Err(LimitError::TooMany { what: "sheets", limit: limits.sheets }.into());
    }
    let mut grids = Vec::new();
    let mut cells = 0;
    for sheet in sheets {
        let place = format!("sheet {}", sheet.name);
        if sheet.visible != SheetVisible::Visible {
            let message = "the sheet is hidden: it is not read".to_owned();
            warnings.push(Warning { place, message, lost: true });
            continue;
        }
        match sheet.typ {
            calamine::SheetType::WorkSheet => {
                grids.push(read_sheet(&mut book, &sheet.name, limits, &mut cells)?);
            }
            _ => {
                let message = "this is no sheet of cells (a chart or a macro): it is not read".to_owned();
                warnings.push(Warning { place, message, lost: false });
            }
        }
    }
    Ok((grids, warnings))
}

fn broken(place: &str, error: &dyn std::fmt::Display) -> ReadError {
    let detail = error.to_string();
    ReadError::Syntax { encoding: "XLSX", place: harmless(place).into_owned(), detail }
}

/// Entries of the archive that are read: a workbook has one for each sheet and drawing.
const ENTRIES: usize = 10_000;

/// Expands every entry once, and says what kind of archive it is.
fn examine(bytes: &[u8], limits: &Limits) -> Result<Vec<Warning>, ReadError> {
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken("the archive", &error))?;
    if archive.len() > ENTRIES {
        return Err(LimitError::TooMany { what: "entries", limit: ENTRIES }.into());
    }
    // A name that cannot be read is none that is looked for.
    let names: Vec<String> = archive.file_names().flatten().map(Cow::into_owned).collect();
    let has = |name: &str| names.iter().any(|it| it.eq_ignore_ascii_case(name));
    let hint = "save it as XLSX or CSV";
    if has("xl/workbook.bin") {
        return Err(ReadError::NotRead { what: "a binary spreadsheet (XLSB)".into(), hint });
    }
    if has("content.xml") && has("mimetype") {
        return Err(ReadError::NotRead { what: "an OpenDocument file".into(), hint });
    }
    if !has("xl/workbook.xml") {
        let hint = "hand in the document inside the archive";
        return Err(ReadError::NotRead { what: "a ZIP archive that is no spreadsheet".into(), hint });
    }
    let mut total = 0_u64;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(|error| broken("the archive", &error))?;
        let packed = entry.compressed_size();
        let left = Limits { bytes_expanded: limits.bytes_expanded.saturating_sub(total), ..*limits };
        // What is declared may lie, so the bytes themselves are counted.
        let expanded =
            drain(Box::new(entry.take(left.bytes_expanded.saturating_add(1))), packed, "ZIP", &left);
        total += match expanded {
            Ok(bytes) => bytes.len() as u64,
            Err(LimitError::ExpandsTooFar { compression, .. }) => {
                return Err(LimitError::ExpandsTooFar { compression, limit: limits.bytes_expanded }.into());
            }
            Err(error) => return Err(error.into()),
        };
    }
    let mut warnings = Vec::new();
    if names.iter().any(|name| name.to_ascii_lowercase().ends_with("vbaproject.bin")) {
        let message = "the workbook has macros: they are neither run nor read".to_owned();
        warnings.push(Warning { place: String::new(), message, lost: false });
    }
    if names.iter().any(|name| name.to_ascii_lowercase().starts_with("xl/externallinks/")) {
        let message =
            "the workbook links to other files: they are not opened, the values stored here are taken";
        warnings.push(Warning { place: String::new(), message: message.to_owned(), lost: false });
    }
    Ok(warnings)
}

fn read_sheet(
    book: &mut Book<'_>,
    name: &str,
    limits: &Limits,
    cells: &mut usize,
) -> Result<Grid, ReadError> {
    let place = format!("sheet {name}");
    let error = |error: calamine::XlsxError| broken(&place, &error);
    let merged = book.merge_cells_by_sheet_name(name).map_err(error)?;
    let mut grid = Grid { sheet: Some(name.to_owned()), ..Grid::default() };
    let (mut formulas, mut without_value, mut errors) = (0, 0, 0);
    let mut sheet = Sheet::default();
    let mut reader = book.worksheet_cells_reader(name).map_err(error)?;
    while let Some(record) = reader.next_cell_with_formula_metadata().map_err(error)? {
        let cell = cell(&record.value);
        if record.formula.is_some() {
            formulas += 1;
            without_value += usize::from(cell.is_none());
        }
        errors += usize::from(matches!(record.value, DataRef::Error(_)));
        let Some(cell) = cell else { continue };
        *cells += 1;
        if *cells > limits.cells {
            return Err(LimitError::TooMany { what: "cells", limit: limits.cells }.into());
        }
        sheet.put(record.pos, cell, limits)?;
    }
    let beyond = sheet.beyond;
    grid.rows = sheet.rows.into_iter().map(|(number, cells)| Row { number, cells }).collect();
    let whole = fill_merged(&mut grid, &merged, limits);
    let mut say = |count: usize, message: String, lost: bool| {
        if count > 0 {
            grid.warnings.push(Warning { place: place.clone(), message, lost });
        }
    };
    say(formulas, format!("{formulas} cells are formulas: the values stored with them are taken"), false);
    say(
        without_value,
        format!("{without_value} formulas have no value stored with them: nothing is read"),
        true,
    );
    say(errors, format!("{errors} cells are errors of the spreadsheet (#REF!, #N/A): nothing is read"), true);
    say(beyond, format!("{beyond} cells stand beyond column {}: they are not read", limits.columns), true);
    let message = "there are too many merged cells: not all of them are filled in".to_owned();
    say(usize::from(!whole), message, true);
    let count = merged.len();
    let message = format!(
        "{count} groups of cells are merged: a value over several rows is taken for each of them, one over several columns for the first"
    );
    say(count, message, false);
    Ok(grid)
}

/// The rows of a sheet in the making: nothing says that cells come in order.
#[derive(Default)]
struct Sheet {
    rows: BTreeMap<u32, Vec<Cell>>,
    /// Cells to the right of all columns that are read.
    beyond: usize,
}

impl Sheet {
    fn put(&mut self, (row, column): (u32, u32), cell: Cell, limits: &Limits) -> Result<(), LimitError> {
        let column = column as usize;
        if column >= limits.columns {
            self.beyond += 1;
            return Ok(());
        }
        if self.rows.len() >= limits.rows {
            return Err(LimitError::TooMany { what: "rows", limit: limits.rows });
        }
        let slots = self.rows.entry(row.saturating_add(1)).or_default();
        if slots.len() <= column {
            slots.resize(column + 1, Cell::default());
        }
        slots[column] = cell;
        Ok(())
    }
}

/// A cell that holds something.
fn cell(value: &DataRef<'_>) -> Option<Cell> {
    let (text, origin) = match value {
        DataRef::String(text) | DataRef::DurationIso(text) => (text.clone(), Origin::Text),
        DataRef::SharedString(text) => ((*text).to_owned(), Origin::Text),
        DataRef::Bool(truth) => (truth.to_string(), Origin::Text),
        DataRef::Int(number) => (number.to_string(), Origin::Number),
        DataRef::Float(number) => (number.to_string(), Origin::Number),
        DataRef::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            (format!("{year:04}-{month:02}-{day:02}"), Origin::Date)
        }
        DataRef::DateTimeIso(text) => (text.clone(), Origin::Date),
        DataRef::Error(_) | DataRef::Empty => return None,
    };
    (!text.trim().is_empty()).then(|| Cell { text: text.trim().to_owned(), origin, merged: false })
}

/// Repeats a value that is merged over several rows in each of them that has something of its own.
/// False where that would be more work than any honest sheet asks for.
fn fill_merged(grid: &mut Grid, merged: &[Dimensions], limits: &Limits) -> bool {
    let mut work = 0_usize;
    let at: HashMap<u32, usize> = grid.rows.iter().enumerate().map(|(at, row)| (row.number, at)).collect();
    for group in merged.iter().filter(|group| group.end.0 > group.start.0) {
        let column = group.start.1 as usize;
        let first = at.get(&(group.start.0 + 1)).and_then(|at| grid.rows[*at].cells.get(column)).cloned();
        let Some(first) = first.filter(|cell| !cell.text.is_empty()) else { continue };
        let begin = grid.rows.partition_point(|row| row.number <= group.start.0 + 1);
        let end = grid.rows.partition_point(|row| row.number <= group.end.0.saturating_add(1));
        work = work.saturating_add(end.saturating_sub(begin));
        if work > limits.cells {
            return false;
        }
        for row in &mut grid.rows[begin..end.max(begin)] {
            if row.cells.len() <= column {
                row.cells.resize(column + 1, Cell::default());
            }
            if row.cells[column].text.is_empty() {
                row.cells[column] = Cell { merged: true, ..first.clone() };
            }
        }
    }
    true
}
