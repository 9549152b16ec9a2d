//! A PDF (ISO 32000-1, §9): the letters that its pages show, in the order in which they are shown, put into lines by where they stand.

mod cmap;
mod font;
mod lines;
mod page;

use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use crate::{Words, WordsError};
use lines::Lines;
use page::{Reading, show};

/// Pages that are read at most.
const MOST_PAGES: usize = 3_000;
/// Where the mark of the end stands at the latest, in bytes from the end (§7.5.5; Acrobat looks as far).
const END: usize = 1_024;

/// Reads the words of a PDF.
pub(crate) fn read(bytes: &[u8]) -> Result<Words, WordsError> {
    let tail = bytes.get(bytes.len().saturating_sub(END)..).unwrap_or(bytes);
    if !tail.windows(5).any(|it| it == b"%%EOF") {
        return Err(WordsError::CutOff);
    }
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(
            DecryptionError::PasswordProtected | DecryptionError::UnsupportedAlgorithm,
        ) => WordsError::Locked,
        LoadPdfError::Decryption(_) => WordsError::broken("the encryption of the PDF cannot be read"),
        LoadPdfError::Invalid => WordsError::broken("the PDF cannot be read"),
    })?;
    let pages = pdf.pages();
    if pages.is_empty() {
        return Err(WordsError::broken("the PDF has no pages"));
    }
    if pages.len() > MOST_PAGES {
        return Err(WordsError::TooMuch(format!(
            "the PDF has {} pages, at most {MOST_PAGES} are read",
            pages.len()
        )));
    }
    let (mut reading, mut lines, mut silent) = (Reading::default(), Lines::default(), 0_usize);
    for page in pages.iter() {
        let before = lines.letters();
        show(&mut reading, &mut lines, page)?;
        silent += usize::from(lines.letters() == before);
        lines.page_ends()?;
    }
    Ok(Words::new(lines.into_text(), left_out(&reading, silent, pages.len())))
}

fn left_out(reading: &Reading<'_>, silent: usize, pages: usize) -> Vec<String> {
    let mut left_out = Vec::new();
    if silent == pages {
        left_out
            .push("The pages are pictures: there are no words to edit, to compare or to find.".to_owned());
        return left_out;
    }
    if silent > 0 {
        left_out.push(format!(
            "{silent} of {pages} pages are pictures or empty: nothing of them is in the text."
        ));
    }
    match reading.unknown() {
        0 => {}
        1 => left_out
            .push("1 letter is of a font that does not say what it means; it is shown as �.".to_owned()),
        many => left_out.push(format!(
            "{many} letters are of fonts that do not say what they mean; they are shown as �."
        )),
    }
    left_out.push(
        "Lines are those of the pages; headings and tables are not told apart from other lines.".to_owned(),
    );
    left_out
}
