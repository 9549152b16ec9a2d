//! A table of cells, whatever it was written in.

use bedrail_model::component::Warning;

use super::super::ReadError;
use crate::device_list::{reader, starts_on, with_plain_line_ends};
use crate::limits::{LimitError, Limits};

/// What a cell held before it became text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Origin {
    /// A text.
    #[default]
    Text,
    /// A number of a spreadsheet, whose zeros at the end are gone.
    Number,
    /// A date of a spreadsheet.
    Date,
}

/// A cell that holds something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) origin: Origin,
    /// Whether it stands here only because its cell is merged with one above.
    pub(crate) merged: bool,
}

/// A row that holds something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its line or row number, from 1.
    pub(crate) number: u32,
    pub(crate) cells: Vec<Cell>,
}

impl Row {
    /// The text of a cell; empty where there is none.
    pub(crate) fn text(&self, at: usize) -> &str {
        self.cells.get(at).map_or("", |cell| cell.text.trim())
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Grid {
    /// The sheet it is on; none in CSV.
    pub(crate) sheet: Option<String>,
    pub(crate) rows: Vec<Row>,
    /// What was met while it was read.
    pub(crate) warnings: Vec<Warning>,
}

impl Grid {
    /// The place of a row.
    pub(crate) fn place(&self, number: u32) -> String {
        match &self.sheet {
            Some(sheet) => format!("sheet {sheet}, row {number}"),
            None => format!("line {number}"),
        }
    }
}

/// The bytes at the start in which the header is looked for: more than fifteen rows of any honest list.
const HEAD: usize = 64 << 10;

/// The separators that are tried, in this order.
const SEPARATORS: &[u8] = b",;\t|";

/// Rows looked at to find the header: exports put a title and a date above it.
pub(crate) const HEADER_SEARCH: usize = 15;

/// The separator and the first rows of a text by it, for each separator that may be meant.
pub(crate) fn heads(text: &str) -> impl Iterator<Item = (u8, Vec<Vec<String>>)> + '_ {
    let head = with_plain_line_ends(text[..text.floor_char_boundary(HEAD)].into());
    let named = head.strip_prefix("sep=").and_then(|rest| rest.bytes().next());
    let separators = named.map_or_else(|| SEPARATORS.to_vec(), |named| vec![named]);
    separators.into_iter().map(move |separator| {
        let records = reader(&head, separator).into_records().take(HEADER_SEARCH).flatten();
        let rows = records.map(|record| record.iter().map(|cell| cell.trim().to_owned()).collect());
        (separator, rows.collect())
    })
}

/// Reads the whole of a CSV text by its separator.
pub(crate) fn read(text: &str, separator: u8, limits: &Limits) -> Result<Grid, ReadError> {
    let text = with_plain_line_ends(text.into());
    let mut grid = Grid::default();
    let mut cells = 0_usize;
    let mut reader = reader(&text, separator);
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        let more = reader.read_record(&mut record).map_err(|error| ReadError::Syntax {
            encoding: "CSV",
            place: format!("line {line}"),
            detail: error.to_string(),
        })?;
        if !more {
            return Ok(grid);
        }
        let line = record.position().map_or(line, |position| starts_on(&text, position));
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        cells += record.len();
        check(&grid, record.len(), cells, limits)?;
        let row = record.iter().map(|cell| Cell { text: cell.trim().to_owned(), ..Cell::default() });
        grid.rows.push(Row { number: u32::try_from(line).unwrap_or(u32::MAX), cells: row.collect() });
    }
}

/// Whether one more row may be taken in.
pub(crate) fn check(grid: &Grid, columns: usize, cells: usize, limits: &Limits) -> Result<(), LimitError> {
    if grid.rows.len() >= limits.rows {
        return Err(LimitError::TooMany { what: "rows", limit: limits.rows });
    }
    if columns > limits.columns {
        return Err(LimitError::TooMany { what: "columns", limit: limits.columns });
    }
    if cells > limits.cells {
        return Err(LimitError::TooMany { what: "cells", limit: limits.cells });
    }
    Ok(())
}
