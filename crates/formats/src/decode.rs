//! Bytes to text: byte order marks, UTF-16, and the Latin encodings of older tools.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Text and what had to be done to get it.
pub(crate) struct Decoded<'b> {
    /// The text, without a byte order mark.
    pub(crate) text: Cow<'b, str>,
    /// What was done, when it was more than taking UTF-8 as it is.
    pub(crate) note: Option<Note>,
}

/// What decoding had to do.
pub(crate) struct Note {
    /// In words.
    pub(crate) message: String,
    /// Whether characters were lost.
    pub(crate) lost: bool,
}

/// The text of a document: by its byte order mark, by the pattern of zero bytes of UTF-16, as UTF-8, else as the encoding
/// that the document declares, else as Windows-1252.
pub(crate) fn decode<'b>(bytes: &'b [u8], declared: Option<&str>) -> Decoded<'b> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return with(encoding, &bytes[mark..], "by its byte order mark");
    }
    match bytes {
        [0, first, ..] if *first != 0 => return with(UTF_16BE, bytes, "by its zero bytes"),
        [first, 0, ..] if *first != 0 => return with(UTF_16LE, bytes, "by its zero bytes"),
        _ => {}
    }
    let declared = declared.and_then(|label| Encoding::for_label(label.as_bytes()));
    if let Some(encoding) = declared.filter(|encoding| *encoding != UTF_8 && *encoding != UTF_16LE) {
        return with(encoding, bytes, "as it declares");
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Decoded { text: Cow::Borrowed(text), note: None },
        Err(_) => with(WINDOWS_1252, bytes, "as it is not UTF-8"),
    }
}

fn with<'b>(encoding: &'static Encoding, bytes: &'b [u8], why: &str) -> Decoded<'b> {
    let (text, lost) = encoding.decode_without_bom_handling(bytes);
    let note = (lost || encoding != UTF_8).then(|| {
        let damage = if lost { "; some characters could not be read" } else { "" };
        Note { message: format!("read as {} {why}{damage}", encoding.name()), lost }
    });
    Decoded { text, note }
}
