//! A DOCX (ECMA-376, part 1, §17): the main part, with the names of its styles and the kinds of its lists. Changes that are tracked
//! are taken as if they were accepted.

mod parts;

use std::io::Cursor;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::markdown::{Blocks, cell, escaped, squeezed};
use crate::{MOST_TEXT, Words, WordsError};
use parts::{Numbering, Styles, attribute, resolved};

/// Elements within one another at most; Word itself writes fewer than a hundred.
const DEPTH: usize = 400;

/// Reads the words of a DOCX.
pub(crate) fn read(bytes: &[u8]) -> Result<Words, WordsError> {
    let zip = zip::ZipArchive::new(Cursor::new(bytes));
    let mut zip = zip.map_err(|_| WordsError::broken("the content is not that of a DOCX"))?;
    let main = parts::text(&mut zip, "word/document.xml")?;
    let main = main.ok_or_else(|| WordsError::broken("the DOCX has no main part"))?;
    let styles = match parts::text(&mut zip, "word/styles.xml")? {
        Some(xml) => Styles::read(&xml)?,
        None => Styles::default(),
    };
    let numbering = match parts::text(&mut zip, "word/numbering.xml")? {
        Some(xml) => Numbering::read(&xml)?,
        None => Numbering::default(),
    };
    let framed = zip.file_names().flatten().any(|name| is_frame(name.as_ref()));
    let mut body = Body { styles, numbering, ..Body::default() };
    body.walk(&main)?;
    body.ended(framed)
}

fn is_frame(name: &str) -> bool {
    name.starts_with("word/header") || name.starts_with("word/footer")
}

/// A paragraph that is being read.
#[derive(Default)]
struct Paragraph {
    text: String,
    style: Option<String>,
    outline: Option<usize>,
    /// Which list, and how deep in it.
    list: Option<String>,
    level: usize,
}

/// A table that is being read.
#[derive(Default)]
struct Table {
    rows: Vec<Vec<String>>,
    /// Blocks of the cell that is open, and what was open around it.
    around: Vec<Blocks>,
}

#[derive(Default)]
struct Body {
    styles: Styles,
    numbering: Numbering,
    blocks: Blocks,
    paragraphs: Vec<Paragraph>,
    tables: Vec<Table>,
    /// Depth of elements inside of which nothing is taken.
    passed_over: usize,
    /// Whether characters are words: only inside of `w:t`.
    words: bool,
    taken: usize,
    footnotes: u64,
    comments: u64,
    pictures: u64,
    changes: bool,
    numbered: bool,
}

impl Body {
    fn walk(&mut self, xml: &str) -> Result<(), WordsError> {
        let mut reader = Reader::from_str(xml);
        let mut depth = 0_usize;
        loop {
            let at = reader.buffer_position();
            let fault =
                |why: &str| WordsError::broken(format!("the DOCX, byte {at} of its main part: {why}"));
            match reader.read_event().map_err(|error| fault(&error.to_string()))? {
                Event::Start(start) => {
                    depth += 1;
                    if depth > DEPTH {
                        return Err(fault(&format!("more than {DEPTH} elements within one another")));
                    }
                    self.start(&start)?;
                }
                Event::Empty(start) => {
                    self.start(&start)?;
                    self.end(start.local_name().into_inner())?;
                }
                Event::End(end) => {
                    depth = depth.saturating_sub(1);
                    self.end(end.local_name().into_inner())?;
                }
                Event::Text(text) => self.words(&text.xml10_content())?,
                Event::CData(text) => self.words(&text.xml10_content())?,
                Event::GeneralRef(reference) => {
                    let word = resolved(&reference).ok_or_else(|| fault("an entity that is not declared"))?;
                    self.words(&word)?;
                }
                Event::DocType(_) => return Err(fault("a document type declaration, which no DOCX has")),
                Event::Eof if depth > 0 => return Err(fault("it is cut off")),
                Event::Eof => return Ok(()),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn words(&mut self, text: &str) -> Result<(), WordsError> {
        if !self.words || self.passed_over > 0 {
            return Ok(());
        }
        self.taken += text.len();
        if self.taken > MOST_TEXT {
            return Err(WordsError::TooMuch(format!("it has more than {MOST_TEXT} bytes of words")));
        }
        if let Some(open) = self.paragraphs.last_mut() {
            open.text.push_str(text);
        }
        Ok(())
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), WordsError> {
        let name = start.local_name().into_inner();
        if self.passed_over > 0 || matches!(name, "Fallback" | "del" | "moveFrom" | "pPrChange") {
            // The same once more for older programs; and what was struck out.
            self.changes |= matches!(name, "del" | "moveFrom");
            self.passed_over += 1;
            return Ok(());
        }
        let open = self.paragraphs.last_mut();
        match (name, open) {
            ("p", _) => self.paragraphs.push(Paragraph::default()),
            ("t", _) => self.words = true,
            ("tab", Some(open)) => open.text.push(' '),
            ("br" | "cr", Some(open)) => open.text.push('\n'),
            ("noBreakHyphen", Some(open)) => open.text.push('-'),
            ("pStyle", Some(open)) => open.style = attribute(start, "val"),
            ("outlineLvl", Some(open)) => {
                open.outline = attribute(start, "val").and_then(|it| it.parse().ok());
            }
            ("numId", Some(open)) => open.list = attribute(start, "val").filter(|it| it != "0"),
            ("ilvl", Some(open)) => {
                open.level = attribute(start, "val").and_then(|it| it.parse().ok()).unwrap_or(0).min(8);
            }
            ("footnoteReference" | "endnoteReference", _) => self.footnotes += 1,
            ("commentReference", _) => self.comments += 1,
            ("blip" | "imagedata", _) => self.pictures += 1,
            ("ins" | "moveTo", _) => self.changes = true,
            ("tbl", _) => self.tables.push(Table::default()),
            ("tr", _) => {
                if let Some(table) = self.tables.last_mut() {
                    table.rows.push(Vec::new());
                }
            }
            ("tc", _) => {
                if let Some(table) = self.tables.last_mut() {
                    table.around.push(std::mem::take(&mut self.blocks));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<(), WordsError> {
        if self.passed_over > 0 {
            self.passed_over -= 1;
            return Ok(());
        }
        match name {
            "t" => self.words = false,
            "p" => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    let (block, item) = self.block(&paragraph);
                    self.blocks.push(&block, item)?;
                }
            }
            "tc" => {
                if let Some(table) = self.tables.last_mut()
                    && let Some(around) = table.around.pop()
                {
                    let inside = std::mem::replace(&mut self.blocks, around);
                    if let Some(row) = table.rows.last_mut() {
                        row.push(cell(&inside.into_text()));
                    }
                }
            }
            "tbl" => {
                if let Some(table) = self.tables.pop() {
                    self.blocks.push(&table_text(&table.rows), false)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A paragraph as Markdown, and whether it is an item of a list.
    fn block(&mut self, it: &Paragraph) -> (String, bool) {
        let lines: Vec<String> = it
            .text
            .split('\n')
            .map(|line| escaped(&squeezed(line)))
            .filter(|line| !line.is_empty())
            .collect();
        if lines.is_empty() {
            return (String::new(), false);
        }
        let heading = self.styles.heading(it.style.as_deref()).or(it.outline.filter(|level| *level < 9));
        if let Some(level) = heading {
            return (format!("{} {}", "#".repeat((level + 1).min(6)), lines.join(" ")), false);
        }
        let list = it.list.clone().or_else(|| self.styles.list(it.style.as_deref()));
        let Some(list) = list else { return (lines.join("  \n"), false) };
        let mark = match self.numbering.next(&list, it.level) {
            Some(number) => {
                self.numbered = true;
                format!("{number}.")
            }
            None => "-".to_owned(),
        };
        (format!("{}{mark} {}", "   ".repeat(it.level), lines.join(" ")), true)
    }

    fn ended(self, framed: bool) -> Result<Words, WordsError> {
        let mut left_out = Vec::new();
        let counted = |count: u64, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one} is not taken over.")),
            count => Some(format!("{count} {many} are not taken over.")),
        };
        left_out.extend(counted(self.pictures, "picture", "pictures"));
        left_out.extend(counted(self.footnotes, "footnote", "footnotes"));
        left_out.extend(counted(self.comments, "comment", "comments"));
        if framed {
            left_out.push("Headers and footers of the pages are not taken over.".to_owned());
        }
        if self.changes {
            left_out.push("Tracked changes are taken as if they were accepted.".to_owned());
        }
        if self.numbered {
            left_out.push("Numbers of lists are counted anew, as 1, 2, 3.".to_owned());
        }
        Ok(Words::new(self.blocks.into_text(), left_out))
    }
}

/// Rows as a table; its first row is its head.
fn table_text(rows: &[Vec<String>]) -> String {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    if width == 0 || rows.iter().flatten().all(String::is_empty) {
        return String::new();
    }
    let line = |row: &[String]| {
        let cells = (0..width).map(|at| row.get(at).map_or("", String::as_str));
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    let mut lines: Vec<String> = rows.iter().map(|row| line(row)).collect();
    lines.insert(1, format!("|{}", " --- |".repeat(width)));
    lines.join("\n")
}
