//! The checksums of XFS: CRC-32C (RFC 3720 §12.1, appendix B.4) over a whole structure whose field for the sum counts as zero; the field
//! itself is little endian.

use crate::fields::le32;

/// The polynomial, its bits in the other order.
const POLYNOMIAL: u32 = 0x82f6_3b78;

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut rest = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            rest = if rest & 1 == 0 { rest >> 1 } else { rest >> 1 ^ POLYNOMIAL };
            bit += 1;
        }
        table[byte] = rest;
        byte += 1;
    }
    table
}

fn update(crc: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(crc, |crc, byte| TABLE[usize::from(crc as u8 ^ byte)] ^ crc >> 8)
}

/// Whether the sum that a structure has at a place is that of its bytes.
pub(super) fn is_right(bytes: &[u8], at: usize) -> bool {
    let (Some(before), Some(behind)) = (bytes.get(..at), bytes.get(at + 4..)) else { return false };
    let crc = update(update(update(u32::MAX, before), &[0; 4]), behind);
    !crc == le32(bytes, at)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_sum_is_that_of_the_rfc() {
        // RFC 3720, appendix B.4: 32 bytes of zeros, and the numbers from 0 to 31.
        assert_eq!(!super::update(u32::MAX, &[0; 32]), 0x8a91_36aa);
        let numbers: Vec<u8> = (0..32).collect();
        assert_eq!(!super::update(u32::MAX, &numbers), 0x46dd_794e);
    }
}
