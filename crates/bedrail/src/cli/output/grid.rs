//! Tables for people: as wide as the terminal, harmless whatever stands in the cells.

use bedrail_model::text::harmless;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, LineStyle, Table, TableStyle};

use crate::cli::terminal::Look;

/// One line below the header, nothing between rows: a screen holds the most of it.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// How a cell is set off from the others, where there is colour. The words in it say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tone {
    /// Like any other.
    #[default]
    Plain,
    /// Needs a look first.
    Urgent,
    /// Needs a look.
    Attention,
    /// Less important.
    Faint,
    /// A number: to the right.
    Number,
}

/// A cell.
pub(crate) struct Text(String, Tone);

impl Text {
    /// A cell in a tone.
    pub(crate) fn toned(text: impl Into<String>, tone: Tone) -> Text {
        Text(text.into(), tone)
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Text {
        Text(text.into(), Tone::Plain)
    }
}

/// A table, ready to print; it ends with a line feed.
pub(crate) fn grid(header: &[&str], rows: impl IntoIterator<Item = Vec<Text>>, look: Look) -> String {
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(look.width);
    if look.colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_header(header.iter().map(|title| Cell::new(title).add_attribute(Attribute::Bold)));
    for row in rows {
        table.add_row(row.into_iter().map(cell));
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

fn cell(Text(text, tone): Text) -> Cell {
    let cell = Cell::new(harmless(&text));
    match tone {
        Tone::Plain => cell,
        Tone::Urgent => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        Tone::Attention => cell.fg(Color::Yellow),
        Tone::Faint => cell.fg(Color::DarkGrey),
        Tone::Number => cell.set_alignment(CellAlignment::Right),
    }
}
