#![doc = include_str!("../README.md")]

mod docx;
mod markdown;
mod pdf;

/// The most bytes of Markdown that are taken out of a document.
pub const MOST_TEXT: usize = 4 << 20;

/// What was read out of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// Its words, in Markdown; empty where it has none.
    pub text: String,
    /// What is in the document and not in the text, each in a sentence.
    pub left_out: Vec<String>,
}

impl Words {
    fn new(text: String, left_out: Vec<String>) -> Words {
        Words { text, left_out }
    }
}

/// Why no words were read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// Neither a PDF nor a DOCX.
    #[error("the content is neither that of a PDF nor of a DOCX")]
    Other,
    /// It asks for a password, or is encrypted in a way that nobody reads.
    #[error(
        "the PDF asks for a password; hint: save it without one, so that everybody can read what they sign"
    )]
    Locked,
    /// It ends before its end.
    #[error("the PDF is cut off: its end is missing; hint: bring the whole file")]
    CutOff,
    /// It is not built as it should be: what, and where.
    #[error("{0}; hint: open it where it was written and save it again")]
    Broken(String),
    /// More than is read.
    #[error("{0}")]
    TooMuch(String),
}

impl WordsError {
    fn broken(why: impl Into<String>) -> WordsError {
        WordsError::Broken(why.into())
    }
}

/// Reads the words of a document, told by its content.
///
/// # Errors
/// [`WordsError`] where nothing of it can be read, or where reading it would cost too much.
pub fn read(bytes: &[u8]) -> Result<Words, WordsError> {
    match bytes {
        [b'%', b'P', b'D', b'F', b'-', ..] => pdf::read(bytes),
        [b'P', b'K', 3, 4, ..] => docx::read(bytes),
        _ => Err(WordsError::Other),
    }
}
