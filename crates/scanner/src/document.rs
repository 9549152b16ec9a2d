//! Whether a file is a document that a reader of texts is for, and not something to look into.

use std::io::{self, BufReader, Read, Seek};

use crate::container;
use crate::examine::fill;

/// Bytes by which it is told.
const HEAD: usize = 512;

/// Whether it is text, compressed or not, or a workbook of a spreadsheet program. What cannot be expanded is no document.
///
/// # Errors
/// When the file itself cannot be read.
pub fn is_document(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let head = head(file)?;
    file.rewind()?;
    let inner = match container::by_head(&head).map(|container| container.name) {
        Some("zip") => return Ok(is_workbook(&head)),
        Some("gzip") => self::head(&mut flate2::bufread::MultiGzDecoder::new(BufReader::new(file))),
        Some("bzip2") => self::head(&mut bzip2::bufread::MultiBzDecoder::new(BufReader::new(file))),
        Some("xz") => self::head(&mut liblzma::bufread::XzDecoder::new(BufReader::new(file))),
        Some("zstd") => zstd::stream::read::Decoder::with_buffer(BufReader::new(file))
            .and_then(|mut decoder| self::head(&mut decoder)),
        Some(_) => return Ok(false),
        None => Ok(head),
    };
    Ok(inner.is_ok_and(|head| is_text(&head)))
}

fn head(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = vec![0; HEAD];
    let filled = fill(from, &mut head)?;
    head.truncate(filled);
    Ok(head)
}

/// Text: no zero byte, unless the mark of UTF-16 stands in front; no script, which may have an archive behind it.
fn is_text(head: &[u8]) -> bool {
    let is_wide = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    let is_plain = memchr::memchr(0, head).is_none() && !head.starts_with(b"#!");
    (is_wide || is_plain) && container::by_head(head).is_none()
}

/// Whether bytes are text for certain: nothing in them that no text has.
pub(crate) fn is_surely_text(head: &[u8]) -> bool {
    let is_text = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    // A character may be cut at the end.
    let is_utf8 = std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true);
    is_utf8 && head.iter().all(is_text)
}

/// Office Open XML (ECMA-376 part 2): the first entry is one of these.
fn is_workbook(head: &[u8]) -> bool {
    let name = head.get(30..).unwrap_or_default();
    [b"[Content_Types].xml".as_slice(), b"_rels/", b"docProps/", b"xl/"]
        .iter()
        .any(|part| name.starts_with(part))
}
