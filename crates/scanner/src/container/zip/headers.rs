//! The entries of a zip archive found one by one, by the header that stands before each (APPNOTE §4.3.7): for archives whose
//! list is damaged, cut off or missing.

use std::io;

use super::{Entry, u16_at, u32_at, u64_at};
use crate::content::Content;
use crate::report::Reason;

pub(super) const HEADER: &[u8; 4] = b"PK\x03\x04";
const DESCRIPTOR: &[u8; 4] = b"PK\x07\x08";
/// Bytes of the header before name and extra field.
pub(super) const LENGTH: usize = 30;

/// Where the body begins, from the header on; `None` where this is no header.
pub(super) fn body(header: &[u8]) -> Option<u64> {
    let header = header.get(..LENGTH).filter(|header| header.starts_with(HEADER))?;
    Some(LENGTH as u64 + u64::from(u16_at(header, 26)) + u64::from(u16_at(header, 28)))
}

/// Hands out every entry that can be found.
pub(super) fn each(
    content: &Content<'_>,
    mut take: impl FnMut(Entry<'_>) -> Result<(), Reason>,
) -> Result<(), Reason> {
    let failed = |error: io::Error| Reason::of_read(super::KIND, &error);
    let mut at = 0;
    // A file of headers without bodies would have every search go to its end: so many bytes are searched, and no more.
    let mut patience = content.length().saturating_mul(8).saturating_add(64 << 20);
    while let Some(header_at) = search(content, at, HEADER).map_err(failed)? {
        at = header_at + 4;
        let mut header = vec![0; LENGTH];
        if content.fill_at(header_at, &mut header).map_err(failed)? < LENGTH {
            return Ok(());
        }
        let method = u16_at(&header, 8);
        let Some(start) = body(&header).filter(|_| is_known(method)) else { continue };
        let mut name = vec![0; usize::from(u16_at(&header, 26))];
        if content.fill_at(header_at + LENGTH as u64, &mut name).map_err(failed)? < name.len()
            || name.is_empty()
        {
            continue;
        }
        let body_at = header_at + start;
        let (mut crc, mut packed) = (u32_at(&header, 14), u64::from(u32_at(&header, 18)));
        let flags = u16_at(&header, 6);
        // Flag bit 3: sizes and checksum stand behind the body.
        if flags & 8 != 0 || packed == u64::from(u32::MAX) {
            let found = described(content, body_at, &mut patience).map_err(failed)?;
            (crc, packed) = found.ok_or_else(|| Reason::Damaged {
                kind: super::KIND,
                what: "too many of its entries have no end".to_owned(),
            })?;
        }
        let packed = packed.min(content.length().saturating_sub(body_at));
        at = body_at + packed;
        take(Entry { name: &name, flags, method, crc, packed, size: 0, header: header_at })?;
    }
    Ok(())
}

/// Methods that were ever used (APPNOTE §4.4.5): a chance hit has another number.
fn is_known(method: u16) -> bool {
    matches!(method, 0..=20 | 93..=99)
}

/// Checksum and packed size by the descriptor behind a body: one whose size is the distance to it. Without such, the body ends where
/// the next header begins.
fn described(content: &Content<'_>, body_at: u64, patience: &mut u64) -> io::Result<Option<(u32, u64)>> {
    let mut at = body_at;
    loop {
        let found = search(content, at, DESCRIPTOR)?;
        let searched = found.unwrap_or(content.length()).saturating_sub(at);
        *patience = match patience.checked_sub(searched) {
            Some(left) => left,
            None => return Ok(None),
        };
        let Some(found) = found else { break };
        let mut descriptor = [0; 24];
        let filled = content.fill_at(found, &mut descriptor)?;
        let distance = found - body_at;
        if filled >= 16
            && (u64::from(u32_at(&descriptor, 8)) == distance || u64_at(&descriptor, 8) == distance)
        {
            return Ok(Some((u32_at(&descriptor, 4), distance)));
        }
        at = found + 4;
    }
    let next = search(content, body_at, HEADER)?.unwrap_or(content.length());
    // A name that reaches beyond the end leaves nothing.
    Ok(Some((0, next.saturating_sub(body_at))))
}

/// Where a mark stands, from a place on.
fn search(content: &Content<'_>, from: u64, mark: &[u8; 4]) -> io::Result<Option<u64>> {
    let mut chunk = vec![0; 256 << 10];
    let mut at = from;
    loop {
        let filled = content.fill_at(at, &mut chunk)?;
        if let Some(found) = memchr::memmem::find(&chunk[..filled], mark) {
            return Ok(Some(at + found as u64));
        }
        if filled < chunk.len() {
            return Ok(None);
        }
        // A mark may lie across two chunks.
        at += filled as u64 - 3;
    }
}
