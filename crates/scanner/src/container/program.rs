//! Programs with something behind them: installers, self-extracting archives, AppImages. Where a program ends is told by its own
//! headers (PE: Microsoft, PE Format; ELF: System V ABI, chapters 4 and 5), where a script ends by what stands at the begin of a line.

use std::io;

use super::by_head;
use crate::content::Content;
use crate::fields::{byte, le16, le32, le64};

/// Sections of a PE program, at the most (PE Format, "COFF File Header").
const MAX_SECTIONS: u16 = 96;
/// Bytes of a script in front of an archive; makeself's has some twenty thousand.
const MAX_SCRIPT: usize = 256 << 10;

/// Whether these are the first bytes of a program that may have an archive behind it.
pub(super) fn is_one(head: &[u8]) -> bool {
    [b"#!".as_slice(), b"MZ", b"\x7fELF"].iter().any(|mark| head.starts_with(mark))
}

/// Where a program ends, if there is more behind it.
pub(crate) fn behind(content: &Content<'_>, head: &[u8]) -> io::Result<Option<u64>> {
    let end = if head.starts_with(b"MZ") {
        end_of_pe(content)?
    } else if head.starts_with(b"\x7fELF\x02\x01") {
        end_of_elf(content)?
    } else if head.starts_with(b"#!") {
        end_of_script(content)?
    } else {
        None
    };
    Ok(end.filter(|end| *end > 0 && *end < content.length()))
}

/// Behind the last section.
fn end_of_pe(content: &Content<'_>) -> io::Result<Option<u64>> {
    let header_at = u64::from(le32(&content.up_to(60, 4)?, 0));
    let header = content.up_to(header_at, 24)?;
    if !header.starts_with(b"PE\0\0") {
        return Ok(None);
    }
    let count = le16(&header, 6).min(MAX_SECTIONS);
    let sections = content.up_to(header_at + 24 + u64::from(le16(&header, 20)), usize::from(count) * 40)?;
    let ends = sections.chunks_exact(40).map(|it| u64::from(le32(it, 20)) + u64::from(le32(it, 16)));
    Ok(ends.max())
}

/// Behind the table of sections, or the last segment (64 bits, little endian: what AppImages are).
fn end_of_elf(content: &Content<'_>) -> io::Result<Option<u64>> {
    let header = content.up_to(0, 64)?;
    let sections = le64(&header, 40).checked_add(u64::from(le16(&header, 58)) * u64::from(le16(&header, 60)));
    let segments = content.up_to(le64(&header, 32), usize::from(le16(&header, 56)) * 56)?;
    let ends = segments.chunks_exact(56).map(|it| le64(it, 8).saturating_add(le64(it, 32)));
    Ok(ends.chain(sections).max())
}

/// Where, at the begin of a line, something stands that is known.
fn end_of_script(content: &Content<'_>) -> io::Result<Option<u64>> {
    let text = content.up_to(0, MAX_SCRIPT)?;
    let starts = memchr::memchr_iter(b'\n', &text).map(|at| at + 1);
    // Archives do not begin like text.
    let mut odd = starts.filter(|at| {
        !byte(&text, *at).is_ascii() || matches!(byte(&text, *at), b'B' | b'P' | 0x1f | 0x28 | b'7')
    });
    let known = odd.find(|at| by_head(text.get(*at..).unwrap_or_default()).is_some());
    Ok(known.map(|at| at as u64))
}
