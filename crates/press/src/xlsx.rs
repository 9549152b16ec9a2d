//! As XLSX: the words of the document on the first sheet, each table on a sheet of its own, bars as a native chart beside their numbers.
//! Cells never become formulas: words are written as words, whatever they begin with.

use jiff::tz::TimeZone;
use rust_xlsxwriter::{
    Chart, ChartType, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use crate::tree::{Bars, Block, Document, Piece, Table, writable};
use crate::{PressError, within_limits};

/// The longest text of a cell (ECMA-376 has 32,767 for Excel).
const LONGEST: usize = 32_000;

#[expect(clippy::needless_pass_by_value, reason = "used as a function for map_err")]
fn fault(error: XlsxError) -> PressError {
    PressError::Writer { format: "XLSX", message: error.to_string() }
}

/// Writes a document.
///
/// # Errors
/// [`PressError`].
pub fn xlsx(document: &Document) -> Result<Vec<u8>, PressError> {
    within_limits(document)?;
    written(document).map_err(fault)
}

struct Looks {
    title: Format,
    strong: Format,
    wrapped: Format,
    head: Format,
}

fn written(document: &Document) -> Result<Vec<u8>, XlsxError> {
    let looks = Looks {
        title: Format::new().set_bold().set_font_size(16),
        strong: Format::new().set_bold(),
        wrapped: Format::new().set_text_wrap().set_align(FormatAlign::Top),
        head: Format::new().set_bold().set_background_color(0xEC_EC_EC).set_text_wrap(),
    };
    let mut book = Workbook::new();
    book.set_properties(&properties(document)?);
    let mut names = Names::default();
    let mut first = Worksheet::new();
    first.set_name(names.of("Document"))?;
    first.set_column_width(0, 100)?;
    let mut tables = Vec::new();
    let mut line = 0;
    let mut say = |words: &str, look: &Format| -> Result<(), XlsxError> {
        first.write_string_with_format(line, 0, cut(words), look)?;
        line += 1;
        Ok(())
    };
    say(&document.title, &looks.title)?;
    say(&document.organisation, &looks.wrapped)?;
    say(&document.moment(), &looks.wrapped)?;
    if !document.mark.is_empty() {
        say(&document.mark, &looks.wrapped)?;
    }
    for block in &document.blocks {
        match block {
            Block::Heading(_, words) => say(words, &looks.strong)?,
            Block::Text(pieces) => {
                say(&pieces.iter().map(Piece::printed).collect::<String>(), &looks.wrapped)?;
            }
            Block::List(items) | Block::Ticks(items) => {
                for item in items {
                    say(&format!("• {item}"), &looks.wrapped)?;
                }
            }
            Block::Table(table) if table.rows.is_empty() => {
                say(&format!("{}: {}", table.caption, table.empty), &looks.wrapped)?;
            }
            Block::Table(table) => {
                let name = names.of(&table.caption);
                say(&format!("{} → {name}", table.caption), &looks.wrapped)?;
                tables.push(table_sheet(&name, table, &looks)?);
            }
            Block::Bars(bars) => {
                let name = names.of(&bars.caption);
                say(&format!("{} → {name}", bars.caption), &looks.wrapped)?;
                tables.push(bars_sheet(&name, bars, &looks)?);
            }
            Block::Spans(spans) => {
                let table = spans.as_table();
                let name = names.of(&table.caption);
                say(&format!("{} → {name}", table.caption), &looks.wrapped)?;
                tables.push(table_sheet(&name, &table, &looks)?);
            }
            Block::NewPage => {}
        }
    }
    book.push_worksheet(first);
    for sheet in tables {
        book.push_worksheet(sheet);
    }
    book.save_to_buffer()
}

fn properties(document: &Document) -> Result<DocProperties, XlsxError> {
    let at = document.at.to_zoned(TimeZone::UTC);
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    let made =
        ExcelDateTime::from_ymd(u16::try_from(at.year()).unwrap_or(1970), part(at.month()), part(at.day()))?
            .and_hms(u16::from(part(at.hour())), part(at.minute()), f64::from(at.second()))?;
    Ok(DocProperties::new()
        .set_title(writable(&document.title))
        .set_company(writable(&document.organisation))
        .set_author("Bedrail")
        .set_creation_datetime(&made))
}

fn cut(words: &str) -> String {
    writable(words).chars().take(LONGEST).collect()
}

/// Names of sheets: at most 31 letters, none of `[]:*?/\`, each once.
#[derive(Default)]
struct Names(Vec<String>);

impl Names {
    fn of(&mut self, wanted: &str) -> String {
        let plain: String = writable(wanted)
            .chars()
            .map(|it| if "[]:*?/\\'".contains(it) || it.is_whitespace() { ' ' } else { it })
            .take(24)
            .collect();
        let plain = plain.trim().to_owned();
        let plain = if plain.is_empty() { "Table".to_owned() } else { plain };
        let mut name = plain.clone();
        let mut number = 2;
        while self.0.iter().any(|known| known.to_lowercase() == name.to_lowercase()) {
            name = format!("{plain} {number}");
            number += 1;
        }
        self.0.push(name.clone());
        name
    }
}

/// Rows and columns of a sheet are counted in these.
fn row_of(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn column_of(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}

fn table_sheet(name: &str, table: &Table, looks: &Looks) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?;
    sheet.set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    let all: f32 = table.columns.iter().map(|column| column.share.max(0.1)).sum();
    for (index, column) in table.columns.iter().enumerate() {
        let at = column_of(index);
        sheet.set_column_width(at, f64::from((column.share.max(0.1) / all * 140.0).max(8.0)))?;
        sheet.write_string_with_format(0, at, cut(&column.head), &looks.head)?;
    }
    for (line, row) in table.rows.iter().enumerate() {
        for (index, (column, cell)) in table.columns.iter().zip(row).enumerate() {
            let (at, down) = (column_of(index), row_of(line + 1));
            match cell.replace(',', "").parse::<f64>() {
                Ok(number) if column.number && number.is_finite() => sheet.write_number(down, at, number)?,
                _ => sheet.write_string_with_format(down, at, cut(cell), &looks.wrapped)?,
            };
        }
    }
    if !table.columns.is_empty() {
        sheet.autofilter(0, 0, row_of(table.rows.len()), column_of(table.columns.len() - 1))?;
    }
    Ok(sheet)
}

fn bars_sheet(name: &str, bars: &Bars, looks: &Looks) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?;
    sheet.set_column_width(0, 40)?;
    sheet.write_string_with_format(0, 0, cut(&bars.caption), &looks.head)?;
    sheet.write_string_with_format(0, 1, cut(&bars.unit), &looks.head)?;
    for (line, bar) in bars.bars.iter().enumerate() {
        sheet.write_string(row_of(line + 1), 0, cut(&bar.name))?;
        let value = if bar.value.is_finite() { bar.value } else { 0.0 };
        sheet.write_number(row_of(line + 1), 1, value)?;
        sheet.write_string(row_of(line + 1), 2, cut(&bar.words))?;
    }
    if !bars.bars.is_empty() {
        let last = row_of(bars.bars.len());
        let mut chart = Chart::new(ChartType::Bar);
        chart.add_series().set_categories((name, 1, 0, last, 0)).set_values((name, 1, 1, last, 1));
        chart.title().set_name(&cut(&bars.caption));
        chart.legend().set_hidden();
        chart.y_axis().set_reverse();
        sheet.insert_chart(0, 4, &chart)?;
    }
    Ok(sheet)
}
