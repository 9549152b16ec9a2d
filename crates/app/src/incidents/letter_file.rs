//! A letter as a file: plain text, DOCX with merge fields, or PDF.

use bedrail_comply::letter::{self, OUTSIDE, Style};
use bedrail_model::ids::IncidentId;
use bedrail_press::{Block, Document, Piece};

use super::{get, letters};
use crate::{Actor, Context, Error, organisations};

/// The form of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterFormat {
    /// Plain text, UTF-8.
    Text,
    /// A Word document; fields that name people are merge fields.
    Docx,
    /// PDF.
    Pdf,
}

impl LetterFormat {
    /// All of them, with the ending of their files and what HTTP calls them.
    pub const ALL: [(LetterFormat, &'static str, &'static str); 3] = [
        (LetterFormat::Text, "txt", "text/plain; charset=utf-8"),
        (
            LetterFormat::Docx,
            "docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (LetterFormat::Pdf, "pdf", "application/pdf"),
    ];

    /// The format that an ending names.
    pub fn from_ending(ending: &str) -> Option<LetterFormat> {
        LetterFormat::ALL.iter().find(|row| row.1 == ending.to_ascii_lowercase()).map(|row| row.0)
    }

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        LetterFormat::ALL.iter().find(|row| row.0 == self).map_or("txt", |row| row.1)
    }
}

/// A letter as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterFile {
    /// What it is called.
    pub name: String,
    /// Its bytes. The same letter is the same bytes each time.
    pub bytes: Vec<u8>,
    /// Letters that the font of the PDF cannot show; they stand there as code points, and the PDF says so.
    pub not_shown: Vec<char>,
}

/// Text with the fields that are filled outside. Other text in guillemets stays text.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if index > 0 {
            pieces.push(Piece::LineEnd);
        }
        let mut rest = line;
        loop {
            let next =
                OUTSIDE.iter().filter_map(|name| Some((rest.find(&format!("«{name}»"))?, *name))).min();
            let Some((at, name)) = next else { break };
            pieces.push(Piece::Words(rest[..at].to_owned()));
            pieces.push(Piece::Field(name.to_owned()));
            rest = &rest[at + name.len() + '«'.len_utf8() + '»'.len_utf8()..];
        }
        pieces.push(Piece::Words(rest.to_owned()));
    }
    pieces
}

/// A letter of an incident as a file. A draft is read by those alone who may see what is privileged, and that is noted.
///
/// # Errors
/// [`Error::NotFound`], also for a draft that is not for the actor.
pub async fn letter_file(
    ctx: &Context,
    actor: &Actor,
    id: IncidentId,
    number: u64,
    format: LetterFormat,
) -> Result<LetterFile, Error> {
    let detail = get(ctx, actor, id).await?;
    let there = detail.letters.iter().find(|letter| letter.number == number);
    let it = there.ok_or_else(|| Error::not_found(format!("letter {number}")))?;
    let name =
        format!("incident-{}-letter-{number}-{}.{}", detail.incident.number, it.kind.code(), format.ending());
    let document = Document {
        title: format!("{}, incident {}", it.kind.words(), detail.incident.number),
        organisation: organisations::present(ctx, actor).await?.name,
        at: it.at,
        mark: String::new(),
        letter: true,
        blocks: letter::paragraphs(letters::template(it.kind), &it.text)
            .into_iter()
            .map(|paragraph| match paragraph.style {
                Style::Heading => Block::Heading(2, paragraph.text),
                Style::Text => Block::Text(pieces(&paragraph.text)),
            })
            .collect(),
    };
    let fault = |error: bedrail_press::PressError| Error::invalid(error.to_string());
    let (bytes, not_shown) = match format {
        LetterFormat::Text => (it.text.clone().into_bytes(), Vec::new()),
        LetterFormat::Docx => (bedrail_press::docx(&document).map_err(fault)?, Vec::new()),
        LetterFormat::Pdf => {
            let pdf = bedrail_press::pdf(&document).map_err(fault)?;
            (pdf.bytes, pdf.not_shown.into_iter().collect())
        }
    };
    Ok(LetterFile { name, bytes, not_shown })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fields_that_are_filled_outside_are_fields() {
        let all = pieces("«recipient_name», «signer»\n«recipient_address»");
        let field = |name: &str| Piece::Field(name.to_owned());
        let words = |text: &str| Piece::Words(text.to_owned());
        assert_eq!(
            all,
            [
                words(""),
                field("recipient_name"),
                words(", «signer»"),
                Piece::LineEnd,
                words(""),
                field("recipient_address"),
                words("")
            ]
        );
    }
}
