//! Documents for people: one small tree of headings, texts, lists, tables and bars, written as PDF, DOCX, XLSX or HTML.
//!
//! The same tree gives the same bytes, today and next year: no clock, no random number and no font of the machine has a part in it. The
//! day that a document says is the caller's. Text in any language comes in; what the font of the PDF cannot show is written by its code
//! point and told of, never a box ([`Pdf::not_shown`]).

mod docx;
mod fonts;
mod html;
mod pdf;
mod tree;
mod xlsx;

pub use docx::docx;
pub use html::{fragment, html};
pub use pdf::{Pdf, pdf};
pub use tree::{Bar, Bars, Block, Column, Document, Piece, SpanRow, Spans, Table, text};
pub use xlsx::xlsx;

/// Why a document could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PressError {
    /// More than a document holds.
    #[error("the document has {found} {what}, and at most {most} are written")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A fault of the writer below.
    #[error("the {format} could not be written: {message}")]
    Writer {
        /// Which format.
        format: &'static str,
        /// What it said.
        message: String,
    },
}

/// The most rows of all tables of a document. Longer lists belong into an export.
pub const MOST_ROWS: usize = 20_000;
/// The most characters of all texts of a document.
pub const MOST_CHARACTERS: usize = 8_000_000;

/// Refuses what would be written for minutes.
fn within_limits(document: &Document) -> Result<(), PressError> {
    let (rows, characters) = document.size();
    for (what, found, most) in [("rows", rows, MOST_ROWS), ("characters", characters, MOST_CHARACTERS)] {
        if found > most {
            return Err(PressError::TooMuch { what, found, most });
        }
    }
    Ok(())
}

/// Files as one ZIP: in this order, with a fixed date, so that the same files are the same bytes.
///
/// # Errors
/// [`PressError::Writer`].
pub fn bundle(files: &[(&str, &[u8])]) -> Result<Vec<u8>, PressError> {
    use std::io::Write as _;
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    let write = || -> Result<Vec<u8>, zip::result::ZipError> {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(*name, options)?;
            zip.write_all(bytes)?;
        }
        Ok(zip.finish()?.into_inner())
    };
    write().map_err(|error| PressError::Writer { format: "ZIP", message: error.to_string() })
}
