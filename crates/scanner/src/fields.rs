//! Numbers in fixed-size records. A field beyond the end of the record reads as zero: readers check the length of a record, or
//! its mark, before they believe it. And text, of files that are text.

use std::borrow::Cow;

/// The bytes of a field, zeros where there are none.
fn field<const N: usize>(record: &[u8], at: usize) -> [u8; N] {
    let mut bytes = [0; N];
    if let Some(there) = at.checked_add(N).and_then(|end| record.get(at..end)) {
        bytes.copy_from_slice(there);
    }
    bytes
}

pub(crate) fn byte(record: &[u8], at: usize) -> u8 {
    record.get(at).copied().unwrap_or_default()
}

pub(crate) fn le16(record: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(field(record, at))
}

pub(crate) fn le32(record: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(field(record, at))
}

pub(crate) fn le64(record: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(field(record, at))
}

pub(crate) fn be16(record: &[u8], at: usize) -> u16 {
    u16::from_be_bytes(field(record, at))
}

pub(crate) fn be32(record: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(field(record, at))
}

pub(crate) fn be64(record: &[u8], at: usize) -> u64 {
    u64::from_be_bytes(field(record, at))
}

/// UTF-16, little endian, up to a zero.
pub(crate) fn utf16_le(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| le16(pair, 0)).take_while(|unit| *unit != 0);
    char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Bytes as text; what is no UTF-8 in them is replaced. Most files are UTF-8, which is told far sooner than it is replaced.
pub(crate) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}
