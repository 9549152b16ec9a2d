//! As PDF: pages of US Letter, set line by line. First everything is put on sheets, then the sheets are drawn: so each foot can say of
//! how many pages it is one.

mod draw;
mod sheet;

use std::collections::BTreeSet;

use crate::fonts::Fonts;
use crate::tree::{Bars, Block, Document, Piece, Spans, Table};
use crate::{PressError, within_limits};
use sheet::{Sheets, Words};

/// A PDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdf {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Letters that its font cannot show. They stand as code points, such as `[U+4E2D]`, and the last lines of the document say so.
    pub not_shown: BTreeSet<char>,
    /// How many pages it has.
    pub pages: usize,
}

/// Size of running text, in points.
const TEXT: f32 = 10.5;
/// Size of text in tables, lists of bars and feet.
const SMALL: f32 = 8.5;

/// Writes a document.
///
/// # Errors
/// [`PressError`].
pub fn pdf(document: &Document) -> Result<Pdf, PressError> {
    within_limits(document)?;
    let mut fonts = Fonts::load()?;
    let mut sheets = Sheets::new(document.letter);
    if !document.letter {
        let words = fonts.shown(&document.title, true);
        sheets.gap(4.0);
        sheets.paragraph(&fonts, &[Words { words, bold: true }], 20.0, 0.0);
        sheets.gap(8.0);
    }
    for block in &document.blocks {
        set(&mut sheets, &mut fonts, block);
    }
    if !fonts.not_shown.is_empty() {
        let words = not_shown(&fonts.not_shown);
        sheets.gap(10.0);
        sheets.paragraph(&fonts, &[Words { words, bold: false }], SMALL, 0.0);
    }
    let sheets = sheets.done();
    let pages = sheets.len();
    let bytes = draw::draw(document, &mut fonts, &sheets)?;
    Ok(Pdf { bytes, not_shown: fonts.not_shown, pages })
}

fn not_shown(letters: &BTreeSet<char>) -> String {
    format!(
        "{} letters of this document cannot be shown by the font of the PDF and stand as their code points, such as [U+{:04X}]. The same document as DOCX, XLSX or HTML has them.",
        letters.len(),
        letters.first().copied().map_or(0, u32::from)
    )
}

fn set(sheets: &mut Sheets, fonts: &mut Fonts, block: &Block) {
    match block {
        Block::Heading(level, words) => {
            let size = match level {
                0 | 1 => 15.0,
                2 => 12.5,
                _ => 11.0,
            };
            let shown = fonts.shown(words, true);
            sheets.gap(if sheets.letter { 4.0 } else { size * 0.8 });
            sheets.keep(size * 4.0);
            sheets.heading(*level, &shown);
            let size = if sheets.letter { 11.5 } else { size };
            sheets.paragraph(fonts, &[Words { words: shown, bold: true }], size, 0.0);
            sheets.gap(2.0);
        }
        Block::Text(pieces) => {
            let words: Vec<Words> = pieces
                .iter()
                .map(|piece| {
                    let bold = matches!(piece, Piece::Strong(_));
                    Words { words: fonts.shown(&piece.printed(), bold), bold }
                })
                .collect();
            sheets.paragraph(fonts, &words, TEXT, 0.0);
            sheets.gap(6.0);
        }
        Block::List(items) | Block::Ticks(items) => {
            for item in items {
                let words = fonts.shown(item, false);
                sheets.keep(TEXT * 1.4);
                if matches!(block, Block::Ticks(_)) {
                    sheets.tick_box(TEXT);
                } else {
                    sheets.put_text("•", 6.0, TEXT, false);
                }
                sheets.paragraph(fonts, &[Words { words, bold: false }], TEXT, 20.0);
                sheets.gap(2.0);
            }
            sheets.gap(4.0);
        }
        Block::Table(it) => table(sheets, fonts, it),
        Block::Bars(it) => bars(sheets, fonts, it),
        Block::Spans(it) => spans(sheets, fonts, it),
        Block::NewPage => sheets.new_page(),
    }
}

/// Room between the edge of a cell and its text.
const INSIDE: f32 = 3.0;
/// From line to line in a table.
const LEADING: f32 = SMALL * 1.3;

fn table(sheets: &mut Sheets, fonts: &mut Fonts, table: &Table) {
    let caption = fonts.shown(&table.caption, true);
    sheets.keep(60.0);
    sheets.paragraph(fonts, &[Words { words: caption, bold: true }], 9.5, 0.0);
    sheets.gap(2.0);
    if table.rows.is_empty() || table.columns.is_empty() {
        let words = fonts.shown(&table.empty, false);
        sheets.paragraph(fonts, &[Words { words, bold: false }], TEXT, 0.0);
        sheets.gap(6.0);
        return;
    }
    let all: f32 = table.columns.iter().map(|column| column.share.max(0.1)).sum();
    let widths: Vec<f32> =
        table.columns.iter().map(|column| sheets.width() * column.share.max(0.1) / all).collect();
    let heads: Vec<String> = table.columns.iter().map(|column| column.head.clone()).collect();
    let numbers: Vec<bool> = table.columns.iter().map(|column| column.number).collect();
    let head = cells(fonts, &heads, &widths, true);
    row(sheets, fonts, &head, &widths, &numbers, true);
    for cells_of_row in &table.rows {
        let lines = cells(fonts, cells_of_row, &widths, false);
        let tall = height(&lines);
        // A row taller than half a page is cut where the page ends; others move to the next page whole, under the head again.
        if !sheets.fits(tall.min(sheets.tallest() / 2.0)) {
            sheets.new_page();
            row(sheets, fonts, &head, &widths, &numbers, true);
        }
        row(sheets, fonts, &lines, &widths, &numbers, false);
    }
    sheets.gap(10.0);
}

fn cells(fonts: &mut Fonts, row: &[String], widths: &[f32], bold: bool) -> Vec<Vec<String>> {
    let cell = |(index, width): (usize, &f32)| {
        let shown = fonts.shown(row.get(index).map(String::as_str).unwrap_or_default(), bold);
        sheet::broken(fonts, &shown, SMALL, bold, width - 2.0 * INSIDE)
    };
    widths.iter().enumerate().map(cell).collect()
}

fn height(cells: &[Vec<String>]) -> f32 {
    let lines = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
    sheet::count(lines) * LEADING + 2.0 * INSIDE
}

/// A row; one that is taller than what is left goes on, on the next page.
fn row(
    sheets: &mut Sheets,
    fonts: &Fonts,
    cells: &[Vec<String>],
    widths: &[f32],
    numbers: &[bool],
    head: bool,
) {
    let mut from = 0;
    let most = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
    while from < most {
        if !sheets.fits(LEADING + 2.0 * INSIDE) {
            sheets.new_page();
        }
        let room = sheets.lines_left(LEADING, 2.0 * INSIDE).max(1);
        let to = most.min(from + room);
        let tall = sheet::count(to - from) * LEADING + 2.0 * INSIDE;
        let mut left = 0.0;
        for (index, width) in widths.iter().enumerate() {
            sheets.cell(left, *width, tall, head);
            for (line, words) in cells[index].iter().skip(from).take(to - from).enumerate() {
                let right = numbers.get(index).copied().unwrap_or_default();
                let start = if right {
                    left + width - INSIDE - fonts.letters(head).width(words, SMALL)
                } else {
                    left + INSIDE
                };
                sheets.put_text_below(
                    words,
                    start,
                    INSIDE + SMALL + sheet::count(line) * LEADING,
                    SMALL,
                    head,
                );
            }
            left += width;
        }
        sheets.down(tall);
        from = to;
    }
}

/// From bar to bar.
const STEP: f32 = 16.0;
/// Room for the names of bars.
const NAMES: f32 = 170.0;

/// The name of a bar, to the left of it: on one line, or smaller on two; what is longer ends in an ellipsis.
fn name_of(sheets: &mut Sheets, fonts: &mut Fonts, name: &str) {
    const SMALLER: f32 = 7.0;
    let name = fonts.shown(name, false);
    let mut lines = sheet::broken(fonts, &name, SMALL, false, NAMES - 8.0);
    let (size, mut below) = if lines.len() > 1 {
        lines = sheet::broken(fonts, &name, SMALLER, false, NAMES - 8.0 - SMALLER);
        (SMALLER, if lines.len() > 1 { 6.5 } else { 10.0 })
    } else {
        (SMALL, 10.5)
    };
    if lines.len() > 2 {
        lines.truncate(2);
        lines[1].push('…');
    }
    for line in lines {
        let start = NAMES - 6.0 - fonts.regular.width(&line, size);
        sheets.put_text_below(&line, start, below, size, false);
        below += 7.5;
    }
}

fn spans(sheets: &mut Sheets, fonts: &mut Fonts, spans: &Spans) {
    let caption = fonts.shown(&spans.caption, true);
    sheets.keep(STEP * 4.0);
    sheets.paragraph(fonts, &[Words { words: caption, bold: true }], 9.5, 0.0);
    sheets.gap(3.0);
    let stretch = sheets.width() - NAMES - 110.0;
    let (from, to) = (fonts.shown(&spans.from, false), fonts.shown(&spans.to, false));
    let end = NAMES + stretch - fonts.regular.width(&to, SMALL);
    sheets.put_text_below(&from, NAMES, 8.0, SMALL, false);
    sheets.put_text_below(&to, end, 8.0, SMALL, false);
    sheets.down(STEP - 4.0);
    for row in &spans.rows {
        sheets.keep(STEP);
        name_of(sheets, fonts, &row.name);
        // A thin line where nothing is: a gap is seen as one.
        sheets.bar(NAMES, STEP / 2.0 - 1.0, stretch, 0.5);
        for (from, long) in row.drawn() {
            #[expect(clippy::cast_possible_truncation, reason = "a length on paper")]
            let (from, long) = (from as f32 * stretch, long as f32 * stretch);
            sheets.bar(NAMES + from, 2.0, long, STEP - 5.0);
        }
        let words = fonts.shown(&row.words, false);
        sheets.put_text_below(&words, NAMES + stretch + 5.0, 10.5, SMALL, false);
        sheets.down(STEP);
    }
    sheets.gap(10.0);
}

fn bars(sheets: &mut Sheets, fonts: &mut Fonts, bars: &Bars) {
    let caption = fonts.shown(&bars.caption, true);
    sheets.keep(STEP * 4.0);
    sheets.paragraph(fonts, &[Words { words: caption, bold: true }], 9.5, 0.0);
    sheets.gap(3.0);
    let longest = sheets.width() - NAMES - 110.0;
    for bar in &bars.bars {
        sheets.keep(STEP);
        name_of(sheets, fonts, &bar.name);
        // From 0 to 1, so nothing is lost that could be seen.
        #[expect(clippy::cast_possible_truncation, reason = "a length on paper")]
        let long = bars.length(bar) as f32 * longest;
        sheets.bar(NAMES, 2.0, long, STEP - 5.0);
        let words = fonts.shown(&bar.words, false);
        sheets.put_text_below(&words, NAMES + long + 5.0, 10.5, SMALL, false);
        sheets.down(STEP);
    }
    sheets.gap(10.0);
}
