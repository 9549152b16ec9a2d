//! Parts of a DOCX: their text under a limit, styles that are headings or lists, kinds of lists.

use std::collections::HashMap;
use std::io::{Cursor, Read as _};

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use crate::WordsError;

/// Bytes that one part unpacks to at most. A policy of a hundred pages has about 2 MiB.
const MOST_PART: u64 = 48 << 20;
/// Levels of a list (§17.9.6).
const LEVELS: usize = 9;

/// The text of a part; `None` where there is none of this name.
pub(super) fn text(
    zip: &mut zip::ZipArchive<Cursor<&[u8]>>,
    name: &str,
) -> Result<Option<String>, WordsError> {
    let part = match zip.by_name(name) {
        Ok(part) => part,
        Err(zip::result::ZipError::FileNotFound) => return Ok(None),
        Err(_) => return Err(WordsError::broken(format!("the part {name} of the DOCX cannot be unpacked"))),
    };
    let mut bytes = Vec::new();
    // What the list of the archive says of its size is not trusted.
    part.take(MOST_PART + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| WordsError::broken(format!("the part {name} of the DOCX cannot be unpacked")))?;
    if bytes.len() as u64 > MOST_PART {
        return Err(WordsError::TooMuch(format!("the part {name} unpacks to more than {MOST_PART} bytes")));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| WordsError::broken(format!("the part {name} of the DOCX is not in UTF-8")))?;
    Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
}

/// An attribute by its local name.
pub(super) fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut all = start.attributes();
    let mut found = all.with_checks(false).flatten();
    found.find(|it| it.key.local_name().into_inner() == name).map(|it| it.value.into_owned())
}

/// What a reference stands for: a character by its number, or one of the five of XML.
pub(super) fn resolved(reference: &BytesRef<'_>) -> Option<String> {
    match reference.resolve_char_ref() {
        Ok(Some(sign)) => return Some(sign.to_string()),
        Err(_) => return None,
        Ok(None) => {}
    }
    quick_xml::escape::resolve_predefined_entity(&reference.xml10_content()).map(str::to_owned)
}

/// Each element that begins, with its attributes, in order.
fn elements(part: &str, xml: &str, mut each: impl FnMut(&BytesStart<'_>)) -> Result<(), WordsError> {
    let mut reader = Reader::from_str(xml);
    loop {
        let event = reader.read_event().map_err(|error| {
            WordsError::broken(format!("the DOCX, byte {} of {part}: {error}", reader.error_position()))
        })?;
        match event {
            Event::Start(start) | Event::Empty(start) => each(&start),
            Event::DocType(_) => {
                return Err(WordsError::broken(format!(
                    "{part} of the DOCX has a document type declaration"
                )));
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// Styles by their ids (§17.7): which are headings, which are lists.
#[derive(Debug, Default)]
pub(super) struct Styles {
    headings: HashMap<String, usize>,
    lists: HashMap<String, String>,
}

impl Styles {
    pub(super) fn read(xml: &str) -> Result<Styles, WordsError> {
        let (mut styles, mut open) = (Styles::default(), String::new());
        elements("styles", xml, |start| {
            let value = || attribute(start, "val");
            match start.local_name().into_inner() {
                "style" => open = attribute(start, "styleId").unwrap_or_default(),
                "name" => {
                    if let Some(level) = value().as_deref().and_then(heading_of) {
                        styles.headings.insert(open.clone(), level);
                    }
                }
                "outlineLvl" => {
                    if let Some(level) =
                        value().and_then(|it| it.parse().ok()).filter(|level| *level < LEVELS)
                    {
                        styles.headings.entry(open.clone()).or_insert(level);
                    }
                }
                "numId" => {
                    if let Some(list) = value().filter(|it| it != "0") {
                        styles.lists.insert(open.clone(), list);
                    }
                }
                _ => {}
            }
        })?;
        Ok(styles)
    }

    /// How deep a heading of this style is, from 0; `None` for what is no heading. Ids are in the language of the writer, names are
    /// not (§17.7.4.9).
    pub(super) fn heading(&self, style: Option<&str>) -> Option<usize> {
        let style = style?;
        self.headings.get(style).copied().or_else(|| heading_of(style))
    }

    /// The list that a style belongs to.
    pub(super) fn list(&self, style: Option<&str>) -> Option<String> {
        self.lists.get(style?).cloned()
    }
}

fn heading_of(name: &str) -> Option<usize> {
    let name = name.to_lowercase();
    if name == "title" {
        return Some(0);
    }
    let level: usize = name.strip_prefix("heading")?.trim().parse().ok()?;
    (1..=LEVELS).contains(&level).then(|| level - 1)
}

/// Lists by their numbers (§17.9): which levels count, and how far each has counted.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    counts: HashMap<String, [bool; LEVELS]>,
    reached: HashMap<String, [u64; LEVELS]>,
}

impl Numbering {
    pub(super) fn read(xml: &str) -> Result<Numbering, WordsError> {
        let mut kinds: HashMap<String, [bool; LEVELS]> = HashMap::new();
        let mut numbering = Numbering::default();
        let (mut open, mut level, mut list) = (String::new(), 0_usize, String::new());
        elements("numbering", xml, |start| {
            let value = || attribute(start, "val").unwrap_or_default();
            match start.local_name().into_inner() {
                "abstractNum" => open = attribute(start, "abstractNumId").unwrap_or_default(),
                "lvl" => level = attribute(start, "ilvl").and_then(|it| it.parse().ok()).unwrap_or(0),
                "numFmt" => {
                    let counts = !matches!(value().as_str(), "bullet" | "none");
                    if let Some(it) = kinds.entry(open.clone()).or_default().get_mut(level) {
                        *it = counts;
                    }
                }
                "num" => list = attribute(start, "numId").unwrap_or_default(),
                "abstractNumId" => {
                    let kind = kinds.get(&value()).copied().unwrap_or_default();
                    numbering.counts.insert(list.clone(), kind);
                }
                _ => {}
            }
        })?;
        Ok(numbering)
    }

    /// The next number at a level of a list; `None` where it has bullets.
    pub(super) fn next(&mut self, list: &str, level: usize) -> Option<u64> {
        let counts = self.counts.get(list)?.get(level).copied()?;
        let reached = self.reached.entry(list.to_owned()).or_default();
        for deeper in reached.iter_mut().skip(level + 1) {
            *deeper = 0;
        }
        let number = reached.get_mut(level)?;
        *number += 1;
        counts.then_some(*number)
    }
}
