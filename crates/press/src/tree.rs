//! The tree of a document.

use jiff::Timestamp;

/// A document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// Whose it is; stands in the head of every page.
    pub organisation: String,
    /// The moment that it is about, as the caller says; stands in the head of every page, by UTC.
    pub at: Timestamp,
    /// What it can be known by, such as the beginning of a hash; stands in the foot of every page. Empty: nothing stands there.
    pub mark: String,
    /// Whether it is a letter: then pages have no head, and the title is not printed.
    pub letter: bool,
    /// What is in it, in order.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A heading; 1 is the highest, and all from 3 on look alike.
    Heading(u8, String),
    /// A paragraph.
    Text(Vec<Piece>),
    /// A list with dots.
    List(Vec<String>),
    /// A list with boxes to tick by hand.
    Ticks(Vec<String>),
    /// A table.
    Table(Table),
    /// Bars, with their numbers.
    Bars(Bars),
    /// Runs of time along one line for each row; what lies between them is a gap.
    Spans(Spans),
    /// What follows begins on a new page; formats without pages leave it out.
    NewPage,
}

/// A piece of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Words(String),
    /// Words that weigh more.
    Strong(String),
    /// A field that is filled outside, by its name: a merge field in DOCX, `«name»` elsewhere.
    Field(String),
    /// The line ends here.
    LineEnd,
}

/// A paragraph of words; lines stay lines.
pub fn text(words: impl AsRef<str>) -> Block {
    let mut pieces = Vec::new();
    for (index, line) in words.as_ref().lines().enumerate() {
        if index > 0 {
            pieces.push(Piece::LineEnd);
        }
        pieces.push(Piece::Words(line.to_owned()));
    }
    Block::Text(pieces)
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its head.
    pub head: String,
    /// Its share of the width, beside those of the others.
    pub share: f32,
    /// Whether it holds numbers: they stand to the right, and are numbers in a spreadsheet.
    pub number: bool,
}

impl Column {
    /// A column of words.
    pub fn words(head: impl Into<String>, share: f32) -> Column {
        Column { head: head.into(), share, number: false }
    }

    /// A column of numbers.
    pub fn number(head: impl Into<String>, share: f32) -> Column {
        Column { head: head.into(), share, number: true }
    }
}

/// A table. Rows shorter than the columns have empty cells; what is longer is not shown, so nobody makes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
    /// What is said where there is no row.
    pub empty: String,
}

/// Bars from zero, longest for the greatest value.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// What they show: a sentence that says what is to be read from them.
    pub caption: String,
    /// What is counted.
    pub unit: String,
    /// The bars.
    pub bars: Vec<Bar>,
}

/// A bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Of what.
    pub name: String,
    /// How long; below zero and what is no number is drawn as zero.
    pub value: f64,
    /// The value in words.
    pub words: String,
}

/// Rows on one stretch of time, each with the runs that are drawn in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Spans {
    /// What they show: a sentence that says what is to be read from them.
    pub caption: String,
    /// What stands at the beginning of the stretch.
    pub from: String,
    /// What stands at its end.
    pub to: String,
    /// The rows.
    pub rows: Vec<SpanRow>,
}

/// A row of runs.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanRow {
    /// Of what.
    pub name: String,
    /// The runs, each from and to as shares of the stretch; what is outside of 0 to 1 is not drawn.
    pub runs: Vec<(f64, f64)>,
    /// The runs in words.
    pub words: String,
}

impl SpanRow {
    /// The runs as they can be drawn: beginning and length, from 0 to 1.
    pub(crate) fn drawn(&self) -> impl Iterator<Item = (f64, f64)> {
        self.runs.iter().filter(|(from, to)| from.is_finite() && to.is_finite()).filter_map(|(from, to)| {
            let (from, to) = (from.clamp(0.0, 1.0), to.clamp(0.0, 1.0));
            (to > from).then_some((from, to - from))
        })
    }
}

impl Spans {
    /// The same in words, for formats without pictures.
    pub(crate) fn as_table(&self) -> Table {
        Table {
            caption: format!("{} ({} to {})", self.caption, self.from, self.to),
            columns: vec![Column::words("", 3.0), Column::words("", 3.0)],
            rows: self.rows.iter().map(|row| vec![row.name.clone(), row.words.clone()]).collect(),
            empty: "\u{2013}".to_owned(),
        }
    }
}

impl Bars {
    /// The length of a bar, from 0 to 1.
    pub(crate) fn length(&self, bar: &Bar) -> f64 {
        let sane = |value: f64| if value.is_finite() { value.max(0.0) } else { 0.0 };
        let most = self.bars.iter().map(|bar| sane(bar.value)).fold(0.0, f64::max);
        if most > 0.0 { sane(bar.value) / most } else { 0.0 }
    }
}

impl Piece {
    /// What is printed where there are no fields.
    pub(crate) fn printed(&self) -> String {
        match self {
            Piece::Words(words) | Piece::Strong(words) => words.clone(),
            Piece::Field(name) => format!("«{name}»"),
            Piece::LineEnd => "\n".to_owned(),
        }
    }
}

impl Document {
    /// Rows of tables and bars, and characters.
    pub(crate) fn size(&self) -> (usize, usize) {
        let mut rows = 0;
        let mut characters = self.title.len();
        for block in &self.blocks {
            match block {
                Block::Heading(_, words) => characters += words.len(),
                Block::Text(pieces) => {
                    characters += pieces.iter().map(|piece| piece.printed().len()).sum::<usize>();
                }
                Block::List(items) | Block::Ticks(items) => {
                    rows += items.len();
                    characters += items.iter().map(String::len).sum::<usize>();
                }
                Block::Table(table) => {
                    rows += table.rows.len();
                    characters += table.rows.iter().flatten().map(String::len).sum::<usize>();
                }
                Block::Bars(bars) => rows += bars.bars.len(),
                Block::Spans(spans) => {
                    rows += spans.rows.len();
                    // Each run is drawn: about as long as a line.
                    characters += spans.rows.iter().map(|row| row.runs.len() * 40).sum::<usize>();
                }
                Block::NewPage => {}
            }
        }
        (rows, characters)
    }

    /// The moment in the head: `2026-11-27 18:02 UTC`.
    pub(crate) fn moment(&self) -> String {
        self.at.strftime("%Y-%m-%d %H:%M UTC").to_string()
    }
}

/// Text without what no XML file can hold (XML 1.0, section 2.2), tabs and ends of lines kept.
pub(crate) fn writable(text: &str) -> String {
    let there =
        |it: &char| matches!(it, '\n' | '\t') || !(it.is_control() || matches!(it, '\u{fffe}' | '\u{ffff}'));
    text.chars().filter(there).collect()
}

/// Escaped for XML and HTML.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in writable(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
