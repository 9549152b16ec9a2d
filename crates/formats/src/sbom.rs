//! Bills of materials: every format that is read, and the reading of a document of unknown format.
//!
//! A new format is one row of [`FORMATS`], one file and one fixture folder: see `docs/how-to/add-a-format.md`.

use bedrail_model::component::{Inventory, Warning};

use crate::decode::{Decoded, decode};
use crate::limits::{LimitError, Limits, expand};

mod builder;
mod cyclonedx;
pub mod export;
mod json;
pub mod list;
mod sniff;
mod source_package;
mod spdx;
mod spdx2;
mod spdx3;
mod xml;

/// How sure a format is that a document is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// It is something else.
    No,
    /// It looks like it, but the decisive mark is missing.
    Likely,
    /// It says so itself.
    Certain,
}

/// A format in one encoding.
#[derive(Debug)]
pub struct Format {
    /// The specification's name: `CycloneDX`, `SPDX`.
    pub name: &'static str,
    /// How it is written: `JSON`, `XML`, `tag-value`, `JSON-LD`.
    pub encoding: &'static str,
    /// The versions of the specification that are read.
    pub versions: &'static [&'static str],
    /// Where the specification is.
    pub spec: &'static str,
    /// Whether a text is of this format, judged by its content.
    pub sniff: fn(&str) -> Confidence,
    /// The reader.
    pub parse: fn(&str, &Limits) -> Result<Inventory, ReadError>,
}

/// Every bill of materials that is read.
pub const FORMATS: &[Format] = &[
    Format {
        name: "CycloneDX",
        encoding: "JSON",
        versions: cyclonedx::VERSIONS,
        spec: "https://cyclonedx.org/docs/1.7/json/",
        sniff: cyclonedx::sniff_json,
        parse: cyclonedx::parse_json,
    },
    Format {
        name: "CycloneDX",
        encoding: "XML",
        versions: cyclonedx::VERSIONS,
        spec: "https://cyclonedx.org/docs/1.7/xml/",
        sniff: cyclonedx::sniff_xml,
        parse: cyclonedx::parse_xml,
    },
    Format {
        name: "SPDX",
        encoding: "JSON",
        versions: spdx2::VERSIONS,
        spec: "https://spdx.github.io/spdx-spec/v2.3/",
        sniff: spdx2::sniff_json,
        parse: spdx2::parse_json,
    },
    Format {
        name: "SPDX",
        encoding: "tag-value",
        versions: spdx2::VERSIONS,
        spec: "https://spdx.github.io/spdx-spec/v2.3/",
        sniff: spdx2::sniff_tag_value,
        parse: spdx2::parse_tag_value,
    },
    Format {
        name: "SPDX",
        encoding: "JSON-LD",
        versions: spdx3::VERSIONS,
        spec: "https://spdx.github.io/spdx-spec/v3.0.1/",
        sniff: spdx3::sniff,
        parse: spdx3::parse,
    },
];

/// A document that is not read, and why.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It costs too much, or its compression is broken.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// It is known what it is, and it is not read.
    #[error("this is {what}, which is not read; hint: {hint}")]
    NotRead {
        /// What it is.
        what: String,
        /// What to do instead.
        hint: &'static str,
    },
    /// It is not known what it is.
    #[error("this is no bill of materials that is known here: {looks}; hint: {READ_ENCODINGS}")]
    Unknown {
        /// What it looks like.
        looks: String,
    },
    /// Its syntax is broken.
    #[error("the {encoding} is broken at {place}: {detail}")]
    Syntax {
        /// `JSON`, `XML`.
        encoding: &'static str,
        /// Line, column, and the item that was being read.
        place: String,
        /// What is wrong.
        detail: String,
    },
    /// It nests deeper than is read.
    #[error(
        "at {place} the document nests deeper than {limit} levels, which no bill of materials needs; it was not read further"
    )]
    TooDeep {
        /// Line and column.
        place: String,
        /// The levels allowed.
        limit: usize,
    },
    /// It has a document type declaration, by which XML could read other files or grow without end.
    #[error(
        "{place}: document type declarations are not read; hint: remove the `<!DOCTYPE …>` and write its entities out"
    )]
    DocumentType {
        /// The line.
        place: String,
    },
}

/// What to do with a document that is not read.
const READ_ENCODINGS: &str = "CycloneDX is read as JSON and XML, SPDX 2 as JSON and tag-value, SPDX 3 as JSON-LD, lists with a column for the name as CSV and XLSX";

/// Read a bill of materials of any format, compressed or not; the format is told by the content alone.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Inventory, ReadError> {
    let expanded = expand(bytes, limits)?;
    if list::is_archive(&expanded) {
        return list::parse_xlsx(&expanded, limits);
    }
    // A compound file ([MS-CFB] §2.2), as old spreadsheets are and new ones with a password.
    if expanded.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        let hint = "save it as XLSX without a password, or as CSV";
        return Err(ReadError::NotRead { what: "an old or protected spreadsheet".to_owned(), hint });
    }
    let Decoded { text, note } = decode(&expanded, declared_encoding(&expanded));
    let (envelope, document) = match sniff::unwrap(&text) {
        Some((envelope, inner)) if detect(inner).is_some() => (Some(envelope), inner),
        _ => (None, &*text),
    };
    let mut inventory = match detect(document) {
        Some(format) => (format.parse)(document, limits)?,
        None => match list::sniff(document) {
            Some(separator) => list::parse(document, separator?, limits)?,
            None => return Err(sniff::refusal(document)),
        },
    };
    if let Some(envelope) = envelope {
        let message = format!("the document stands inside `{envelope}`: places are counted from there");
        inventory.warnings.insert(0, Warning { place: format!("/{envelope}"), message, lost: false });
    }
    if let Some(note) = note {
        inventory
            .warnings
            .insert(0, Warning { place: String::new(), message: note.message, lost: note.lost });
    }
    Ok(inventory)
}

/// The format that claims a text with the most confidence; the earlier row where two are equal.
fn detect(text: &str) -> Option<&'static Format> {
    let mut best = None;
    for format in FORMATS {
        match (format.sniff)(text) {
            Confidence::Certain => return Some(format),
            Confidence::Likely => best = best.or(Some(format)),
            Confidence::No => {}
        }
    }
    best
}

/// The encoding in an XML declaration (XML 1.0 §4.3.3), which is ASCII in every encoding that is not UTF-16.
fn declared_encoding(bytes: &[u8]) -> Option<&str> {
    let start = bytes.get(..bytes.len().min(200)).filter(|start| start.starts_with(b"<?xml"))?;
    let declaration = start.split(|byte| *byte == b'>').next()?;
    let declaration = std::str::from_utf8(declaration).ok()?;
    let label = declaration.split("encoding").nth(1)?.trim_start().strip_prefix('=')?.trim_start();
    label.get(1..)?.split(['"', '\'']).next()
}
