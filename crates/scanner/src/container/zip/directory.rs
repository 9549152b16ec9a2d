//! The list of entries at the end of a zip archive (APPNOTE §4.3.12 to §4.3.16), zip64 included, and whatever stands before the
//! archive: a program, a script.

use std::io;

use super::headers::HEADER;
use super::{Entry, u16_at, u32_at, u64_at};
use crate::content::Content;
use crate::report::Reason;

const END: &[u8; 4] = b"PK\x05\x06";
const END_LENGTH: usize = 22;
const END_64: &[u8; 4] = b"PK\x06\x06";
const LOCATOR_64: &[u8; 4] = b"PK\x06\x07";
const LOCATOR_LENGTH: usize = 20;
const LISTED: &[u8; 4] = b"PK\x01\x02";
const LISTED_LENGTH: usize = 46;
/// The end record and the longest comment behind it.
const TAIL: u64 = END_LENGTH as u64 + 0xffff;

/// The list as it stands in the archive.
pub(super) struct Directory {
    bytes: Vec<u8>,
    /// Entries as the end record counts them; modulo 65,536 where some program ignored zip64.
    count: u64,
    zip64: bool,
    /// Bytes before the archive, which its own offsets do not count.
    base: u64,
}

/// Whether there is an archive's end at the end: at the very end, or, with a closer look, before a comment.
pub(in crate::container) fn ends_as_zip(content: &Content<'_>, closer: bool) -> io::Result<bool> {
    if content.length() < END_LENGTH as u64 {
        return Ok(false);
    }
    if closer {
        return Ok(end(content)?.is_some());
    }
    let last = content.bytes_at(content.length() - END_LENGTH as u64, END_LENGTH)?;
    Ok(last.starts_with(END) && u16_at(&last, 20) == 0)
}

/// The end record, and where it stands: mostly at the very end, or not far from it.
fn end(content: &Content<'_>) -> io::Result<Option<(u64, Vec<u8>)>> {
    /// What is looked at first.
    const NEAR: u64 = 1 << 10;
    for length in [NEAR, TAIL] {
        let length = content.length().min(length);
        let tail_at = content.length() - length;
        let tail = content.bytes_at(tail_at, length as usize)?;
        let mut before = tail.len();
        while let Some(at) = memchr::memmem::rfind(&tail[..before], END) {
            if let Some(record) = tail.get(at..at + END_LENGTH) {
                // Bytes behind the comment are usual; a comment that reaches beyond the file is a chance hit.
                if at + END_LENGTH + usize::from(u16_at(record, 20)) <= tail.len() {
                    return Ok(Some((tail_at + at as u64, record.to_vec())));
                }
            }
            before = at;
        }
        if tail_at == 0 {
            break;
        }
    }
    Ok(None)
}

/// Finds and reads the list.
pub(super) fn find(content: &Content<'_>, max_bytes: u64) -> Result<Directory, Reason> {
    let failed = |error: io::Error| Reason::of_read(super::KIND, &error);
    let (end_at, record) = end(content).map_err(failed)?.ok_or_else(|| damaged("it has no end"))?;
    let mut count = u64::from(u16_at(&record, 10));
    let mut size = u64::from(u32_at(&record, 12));
    let mut offset = u64::from(u32_at(&record, 16));
    let mut stands_before = end_at;
    let zip64 = zip64(content, end_at).map_err(failed)?;
    if let Some((at, record)) = &zip64 {
        (count, size, offset) = (u64_at(record, 32), u64_at(record, 40), u64_at(record, 48));
        stands_before = *at;
    }
    if size > max_bytes {
        return Err(damaged("its list of entries is larger than any can be"));
    }
    // Whatever stands before the archive moves everything by as much.
    let start =
        stands_before.checked_sub(size).ok_or_else(|| damaged("its list of entries has a wrong length"))?;
    let misplaced = || damaged("its list of entries is not where its end says");
    let base = start.checked_sub(offset).ok_or_else(misplaced)?;
    // An archive begins with an entry; where something stands before it that is one, too, this list is that of an archive inside.
    if base > 0 && content.bytes_at(0, 4).map_err(failed)? == HEADER {
        return Err(damaged("its own list of entries is missing"));
    }
    let bytes = content.bytes_at(start, size as usize).map_err(failed)?;
    if size > 0 && !bytes.starts_with(LISTED) {
        return Err(misplaced());
    }
    Ok(Directory { bytes, count, zip64: zip64.is_some(), base })
}

/// The end record of zip64, and where it stands: where its locator says, moved by what stands before the archive, or directly before
/// the locator.
fn zip64(content: &Content<'_>, end_at: u64) -> io::Result<Option<(u64, Vec<u8>)>> {
    const LENGTH: usize = 56;
    let Some(locator_at) = end_at.checked_sub(LOCATOR_LENGTH as u64) else { return Ok(None) };
    let locator = content.bytes_at(locator_at, LOCATOR_LENGTH)?;
    if !locator.starts_with(LOCATOR_64) {
        return Ok(None);
    }
    for at in [Some(u64_at(&locator, 8)), locator_at.checked_sub(LENGTH as u64)].into_iter().flatten() {
        let mut record = vec![0; LENGTH];
        if content.fill_at(at, &mut record)? == LENGTH && record.starts_with(END_64) {
            return Ok(Some((at, record)));
        }
    }
    Ok(None)
}

impl Directory {
    /// Hands out every entry; returns what is wrong with the list, where it ends too early.
    pub(super) fn each<'d>(
        &'d self,
        mut take: impl FnMut(Entry<'d>) -> Result<(), Reason>,
    ) -> Result<Option<String>, Reason> {
        let mut rest = self.bytes.as_slice();
        let mut seen = 0;
        while rest.starts_with(LISTED) {
            let Some((entry, length)) = self.entry(rest) else { break };
            seen += 1;
            take(entry)?;
            rest = &rest[length..];
        }
        let all = if self.zip64 { seen == self.count } else { seen & 0xffff == self.count };
        Ok((!all).then(|| format!("{seen} of {} entries are listed", self.count)))
    }

    /// One entry and the bytes that it takes in the list.
    fn entry<'d>(&self, from: &'d [u8]) -> Option<(Entry<'d>, usize)> {
        let fixed = from.get(..LISTED_LENGTH)?;
        let lengths = [28, 30, 32].map(|at| usize::from(u16_at(fixed, at)));
        let length = LISTED_LENGTH + lengths.iter().sum::<usize>();
        let variable = from.get(LISTED_LENGTH..length)?;
        let (name, extra) = variable.split_at(lengths[0]);
        let mut entry = Entry {
            name,
            flags: u16_at(fixed, 8),
            method: u16_at(fixed, 10),
            crc: u32_at(fixed, 16),
            packed: u64::from(u32_at(fixed, 20)),
            size: u64::from(u32_at(fixed, 24)),
            header: u64::from(u32_at(fixed, 42)),
        };
        let is_large = u32_at(fixed, 24) == u32::MAX;
        if is_large || entry.packed == u64::from(u32::MAX) || entry.header == u64::from(u32::MAX) {
            large(&mut entry, is_large, &extra[..lengths[1]]);
        }
        entry.header = entry.header.checked_add(self.base)?;
        Some((entry, length))
    }
}

/// The zip64 field (APPNOTE §4.5.3): those of size, packed size and offset that do not fit, in this order.
fn large(entry: &mut Entry<'_>, size_is_large: bool, mut extra: &[u8]) {
    while extra.len() >= 4 {
        let (id, length) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        let Some(field) = extra.get(4..4 + length) else { return };
        if id == 1 {
            let mut numbers = field.chunks_exact(8).map(|number| u64_at(number, 0));
            if size_is_large {
                numbers.next();
            }
            if entry.packed == u64::from(u32::MAX) {
                entry.packed = numbers.next().unwrap_or(entry.packed);
            }
            if entry.header == u64::from(u32::MAX) {
                entry.header = numbers.next().unwrap_or(entry.header);
            }
            return;
        }
        extra = &extra[4 + length..];
    }
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: super::KIND, what: what.to_owned() }
}
