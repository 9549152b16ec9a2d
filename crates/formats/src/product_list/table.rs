//! Tables in Markdown (`| a | b |`) and CSV, by the names in their header.

use bedrail_model::product_advisory::Link;

use super::{ListError, MAX_ROWS};
use crate::value::Warnings;

/// The rows below a header, each with its line.
pub(super) struct Table {
    header: Vec<String>,
    /// In the order of the document.
    pub(super) rows: Vec<(usize, Vec<String>)>,
}

impl Table {
    /// The table whose header has all of these names; `None` where the text has no such table. A row with another number of
    /// cells than the header is listed as lost.
    pub(super) fn read(
        text: &str,
        names: &[&str],
        warnings: &mut Warnings,
    ) -> Result<Option<Table>, ListError> {
        let mut table: Option<Table> = None;
        for (line, cells) in lines(text)? {
            let Some(table) = &mut table else {
                if is_header(&cells, names) {
                    table = Some(Table { header: cells, rows: Vec::new() });
                }
                continue;
            };
            if cells.iter().all(|it| it.chars().all(|it| matches!(it, '-' | ':'))) {
                continue;
            }
            if cells.len() != table.header.len() {
                let (has, wants) = (cells.len(), table.header.len());
                let begins: String = cells.join(" | ").chars().take(80).collect();
                let what =
                    format!("the row has {has} cells where the header has {wants}; not understood: {begins}");
                warnings.lost(format!("line {line}"), what);
                continue;
            }
            if table.rows.len() == MAX_ROWS {
                return Err(ListError::TooMany);
            }
            table.rows.push((line, cells));
        }
        Ok(table)
    }

    /// Where a column is, by its name.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|it| it.eq_ignore_ascii_case(name))
    }

    /// The cell of a row under a name; empty where there is no such column.
    pub(super) fn cell<'r>(&self, row: &'r [String], name: &str) -> &'r str {
        self.column(name).and_then(|at| row.get(at)).map_or("", String::as_str)
    }

    /// The weaknesses that columns named "Status CVE-…" speak of, with their places.
    pub(super) fn statuses(&self) -> Vec<(usize, String)> {
        let id = |(at, name): (usize, &String)| Some((at, name.strip_prefix("Status ")?.trim().to_owned()));
        self.header.iter().enumerate().filter_map(id).collect()
    }
}

/// Whether a text has a header with all of these names near its beginning.
pub(super) fn has_header(text: &str, names: &[&str]) -> bool {
    let markdown = text.lines().take(200).any(|line| cells(line).is_some_and(|it| is_header(&it, names)));
    let csv = || {
        let first = text.lines().next().unwrap_or_default();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(first.as_bytes());
        let cells = reader.records().next().and_then(Result::ok);
        cells.is_some_and(|it| is_header(&it.iter().map(str::to_owned).collect::<Vec<_>>(), names))
    };
    markdown || csv()
}

fn is_header(cells: &[String], names: &[&str]) -> bool {
    names.iter().all(|name| cells.iter().any(|cell| cell.eq_ignore_ascii_case(name)))
}

/// Every line of a table: of Markdown where a line begins with `|`, else all of the text as CSV.
fn lines(text: &str) -> Result<Vec<(usize, Vec<String>)>, ListError> {
    if text.lines().any(|line| line.trim_start().starts_with('|')) {
        let rows = (1..).zip(text.lines()).filter_map(|(line, text)| Some((line, cells(text)?)));
        return Ok(rows.collect());
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells = record.iter().map(|it| it.trim().to_owned()).collect();
        rows.push((usize::try_from(line).unwrap_or(usize::MAX), cells));
    }
    Ok(rows)
}

/// The cells of a line of a Markdown table (GitHub Flavored Markdown §4.10): `\|` is no border.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?;
    let mut cells = vec![String::new()];
    let mut chars = inner.chars().peekable();
    while let Some(it) = chars.next() {
        match it {
            '\\' if chars.peek() == Some(&'|') => {
                chars.next();
                push(&mut cells, '|');
            }
            '|' => cells.push(String::new()),
            _ => push(&mut cells, it),
        }
    }
    // What stands behind the last border is no cell.
    if inner.ends_with('|') {
        cells.pop();
    }
    Some(cells.iter().map(|it| plain(it.trim())).collect())
}

fn push(cells: &mut [String], letter: char) {
    if let Some(last) = cells.last_mut() {
        last.push(letter);
    }
}

/// The entities that stand in the tables.
fn plain(cell: &str) -> String {
    cell.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// The links of a cell: `[what](address)`, and addresses that stand alone.
pub(super) fn links(cell: &str) -> Vec<Link> {
    let mut found: Vec<Link> = Vec::new();
    let mut rest = cell;
    while let Some((before, after)) = rest.split_once("](") {
        let summary = before.rsplit('[').next().unwrap_or_default().trim();
        let (url, tail) = after.split_once(')').unwrap_or((after, ""));
        if is_address(url.trim()) {
            found.push(Link { summary: summary.to_owned(), url: url.trim().to_owned() });
        }
        rest = tail;
    }
    if found.is_empty() {
        let alone = cell.split_whitespace().filter(|it| is_address(it));
        found.extend(alone.map(|url| Link { summary: String::new(), url: url.to_owned() }));
    }
    found
}

fn is_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}
