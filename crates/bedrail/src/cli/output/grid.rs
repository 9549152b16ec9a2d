//! Tables for people: as wide as the terminal, harmless whatever stands in the cells.

use bedrail_model::text::harmless;
use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, LineStyle, Table,
    TableStyle, Width,
};

use crate::cli::terminal::Look;

/// One line below the header, nothing between rows: a screen holds the most of it.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Blank columns beside the text of a cell, both sides together.
const PADDING: usize = 2;

/// Characters in a line below which a sentence is a pain to read.
const COMFORTABLE: usize = 10;

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

/// A cell: its lines, and how it is set off.
pub(crate) struct Text(Vec<String>, Tone);

impl Text {
    /// A cell in a tone.
    pub(crate) fn toned(text: impl Into<String>, tone: Tone) -> Text {
        Text(vec![text.into()], tone)
    }
}

impl Text {
    /// A cell of several lines; empty ones are left out.
    pub(crate) fn lines(lines: impl IntoIterator<Item = String>, tone: Tone) -> Text {
        Text(lines.into_iter().filter(|line| !line.is_empty()).collect(), tone)
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Text {
        Text(vec![text.into()], Tone::Plain)
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
    let mut needs: Vec<Need> = header.iter().map(|title| Need::of(title)).collect();
    for row in rows {
        let row: Vec<(String, Tone)> = row.into_iter().map(shown).collect();
        for (need, (text, _)) in needs.iter_mut().zip(&row) {
            // A cell of several lines breaks there anyway.
            *need = text.lines().map(Need::of).fold(*need, Need::or);
        }
        table.add_row(row.into_iter().map(cell));
    }
    keep_words_whole(&mut table, &needs, look.width);
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

/// The text of a cell as it may be shown.
fn shown(Text(lines, tone): Text) -> (String, Tone) {
    let lines: Vec<_> = lines.iter().map(|line| harmless(line)).collect();
    (lines.join("\n"), tone)
}

/// The characters that a column needs, at least and to be read with ease.
#[derive(Debug, Clone, Copy, Default)]
struct Need {
    /// Its longest word.
    word: usize,
    /// Some more, where a cell is a sentence.
    ease: usize,
}

impl Need {
    fn of(text: &str) -> Need {
        let word = text.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0);
        Need { word, ease: word.max(text.chars().count().min(COMFORTABLE)) }
    }

    fn or(self, other: Need) -> Need {
        Need { word: self.word.max(other.word), ease: self.ease.max(other.ease) }
    }
}

/// Gives every column what it needs: with ease where that fits, else its longest word. Where even that is more than there
/// is, the neediest columns are cut first, all to the same width, so that one long name costs the others nothing.
fn keep_words_whole(table: &mut Table, needs: &[Need], width: u16) {
    let between = needs.len() * PADDING + needs.len().saturating_sub(1);
    let room = usize::from(width).saturating_sub(between);
    let at_ease = needs.iter().map(|need| need.ease).sum::<usize>() <= room;
    let wanted: Vec<usize> = needs.iter().map(|need| if at_ease { need.ease } else { need.word }).collect();
    let fits = |cap: &usize| wanted.iter().map(|need| (*need).min(*cap)).sum::<usize>() <= room;
    let Some(cap) = (1..=usize::from(width)).rev().find(fits) else {
        return;
    };
    table.set_constraints(wanted.iter().map(|need| {
        let width = ((*need).min(cap) + PADDING).try_into().unwrap_or(u16::MAX);
        ColumnConstraint::LowerBoundary(Width::Fixed(width))
    }));
}

fn cell((text, tone): (String, Tone)) -> Cell {
    let cell = Cell::new(text);
    match tone {
        Tone::Plain => cell,
        Tone::Urgent => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        Tone::Attention => cell.fg(Color::Yellow),
        Tone::Faint => cell.fg(Color::DarkGrey),
        Tone::Number => cell.set_alignment(CellAlignment::Right),
    }
}
