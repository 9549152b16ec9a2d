//! Evidence from outside that something can be reached: scans by nmap, records of Shodan, lists of what a border translates.
//!
//! Nothing here looks anything up: files are read that somebody brings. Each row says where in the file it stands, and how far
//! it can be believed; what is no evidence is a warning with its place.

use bedrail_model::component::Warning;
use bedrail_model::exposure::Evidence;
use jiff::Timestamp;

use crate::decode::decode;
use crate::limits::{LimitError, Limits, expand};
use crate::sbom::ReadError;

mod nat;
mod nmap;
mod shodan;
pub mod transfer;

pub use bedrail_model::exposure::Vantage;
pub use nat::NAT_COLUMNS;

/// A format of evidence. A new one is a row and a file.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Its name.
    pub name: &'static str,
    /// Where it is described.
    pub spec: &'static str,
    /// Whether it is this format, by its first bytes and names.
    recognise: fn(&Document<'_>) -> bool,
    /// Read it.
    read: fn(&Document<'_>, &mut Rows<'_>) -> Result<(), ExposureError>,
}

/// Every format that is read. The first that recognises a document reads it.
pub const FORMATS: &[Format] = &[
    Format {
        name: "nmap XML",
        spec: "https://nmap.org/book/nmap-dtd.html",
        recognise: |document| document.text.trim_start().starts_with('<'),
        read: nmap::read,
    },
    Format {
        name: "Shodan host JSON or InternetDB JSON",
        spec: "https://developer.shodan.io/api https://internetdb.shodan.io/docs",
        recognise: |document| document.text.trim_start().starts_with(['{', '[']),
        read: shodan::read,
    },
    Format { name: "NAT list, CSV or XLSX", spec: "docs/alerts.md", recognise: |_| true, read: nat::read },
];

/// A document in hand.
struct Document<'d> {
    bytes: &'d [u8],
    text: &'d str,
}

/// One piece of evidence and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposureRow {
    /// Where in the file: a line, a JSON pointer, a sheet and row.
    pub place: String,
    /// What it says.
    pub evidence: Evidence,
}

/// Evidence as it was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposureList {
    /// The name of the format.
    pub format: &'static str,
    /// The rows, in the order of the file.
    pub rows: Vec<ExposureRow>,
    /// What was mended or not read.
    pub warnings: Vec<Warning>,
}

/// Evidence that is not read.
#[derive(Debug, thiserror::Error)]
pub enum ExposureError {
    /// It costs too much, or its compression is broken.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It breaks the rules of its format.
    #[error("{format}: {place}: {detail}")]
    Syntax {
        /// Which format.
        format: &'static str,
        /// Where.
        place: String,
        /// How.
        detail: String,
    },
    /// It is something else.
    #[error("this is {what}; hint: {hint}")]
    OtherFormat {
        /// What it is.
        what: String,
        /// What to do.
        hint: &'static str,
    },
    /// A table that cannot be taken apart.
    #[error(transparent)]
    Table(#[from] ReadError),
}

/// Rows in the making.
struct Rows<'r> {
    limits: &'r Limits,
    vantage: Vantage,
    received: Timestamp,
    rows: Vec<ExposureRow>,
    warnings: crate::value::Warnings,
}

impl Rows<'_> {
    fn push(&mut self, place: String, evidence: Evidence) -> Result<(), ExposureError> {
        if self.rows.len() >= self.limits.rows {
            return Err(LimitError::TooMany { what: "rows", limit: self.limits.rows }.into());
        }
        self.rows.push(ExposureRow { place, evidence });
        Ok(())
    }

    /// A time that is no later than the receipt; evidence of the future is of no known time.
    fn seen(&mut self, place: &str, seen: Option<Timestamp>) -> Option<Timestamp> {
        match seen {
            Some(seen) if seen > self.received => {
                self.warnings.lost(place, "the time is in the future: taken as not known");
                None
            }
            seen => seen,
        }
    }
}

/// Read evidence, received at a moment, looked at from a place.
///
/// # Errors
/// [`ExposureError`] where it costs too much or is none of [`FORMATS`].
pub fn read(
    bytes: &[u8],
    vantage: Vantage,
    received: Timestamp,
    limits: &Limits,
) -> Result<ExposureList, ExposureError> {
    let is_archive = bytes.starts_with(b"PK\x03\x04");
    let expanded = if is_archive { bytes.into() } else { expand(bytes, limits)? };
    let decoded = if is_archive { decode(b"", None) } else { decode(&expanded, None) };
    if !is_archive && decoded.text.trim().is_empty() {
        return Err(ExposureError::Empty);
    }
    let mut rows =
        Rows { limits, vantage, received, rows: Vec::new(), warnings: crate::value::Warnings::new(limits) };
    if let Some(note) = &decoded.note {
        rows.warnings.push("", note.message.clone(), note.lost);
    }
    let document = Document { bytes: &expanded, text: &decoded.text };
    // The last row takes everything.
    let Some(format) = FORMATS.iter().find(|format| (format.recognise)(&document)) else {
        return Err(ExposureError::Empty);
    };
    (format.read)(&document, &mut rows)?;
    Ok(ExposureList { format: format.name, rows: rows.rows, warnings: rows.warnings.finish() })
}
