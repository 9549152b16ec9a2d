//! The checksums of XFS: CRC-32C over a whole structure whose field for the sum counts as zero; the field itself is little endian.

use crate::container::crc32c::update;
use crate::fields::le32;

/// Whether the sum that a structure has at a place is that of its bytes.
pub(super) fn is_right(bytes: &[u8], at: usize) -> bool {
    let (Some(before), Some(behind)) = (bytes.get(..at), bytes.get(at + 4..)) else { return false };
    let crc = update(update(update(u32::MAX, before), &[0; 4]), behind);
    !crc == le32(bytes, at)
}
