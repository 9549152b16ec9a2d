//! XPRESS with Huffman codes ([MS-XCA] §2.2): one table of 512 lengths of codes, then symbols for up to 64 KiB.

use super::words::{Bits, Codes, repeat};
use crate::fields::le32;

/// Bytes of the table: two lengths each.
const TABLE: usize = 256;
/// Unpacked bytes for which one table holds.
pub(super) const MAX_CHUNK: usize = 64 << 10;
/// Symbols below are bytes.
const BYTES: usize = 256;
/// A length that says that more of it stands in bytes.
const LONG: usize = 15;
const SHORTEST: usize = 3;

/// Unpacks to exactly so many bytes; `None` where that cannot be.
pub(super) fn unpack(packed: &[u8], length: usize, codes: &mut Codes) -> Option<Vec<u8>> {
    if length > MAX_CHUNK {
        return None;
    }
    let (table, rest) = packed.split_at_checked(TABLE)?;
    let lengths: Vec<u8> = table.iter().flat_map(|pair| [pair & 15, pair >> 4]).collect();
    codes.build(&lengths)?;
    let mut bits = Bits::new(rest);
    let mut all = Vec::with_capacity(length);
    while all.len() < length {
        let symbol = codes.read(&mut bits)?;
        let Some(matched) = symbol.checked_sub(BYTES) else {
            all.push(symbol as u8);
            continue;
        };
        // The bits of the distance were in the words that the format has taken by now, before the bytes of the length.
        bits.need(16);
        let exponent = (matched >> 4) as u32;
        let distance = 1 << exponent | bits.take(exponent) as usize;
        let length_of_match = match matched & LONG {
            LONG => long(&mut bits)?,
            short => short,
        };
        let length_of_match = length_of_match.checked_add(SHORTEST)?;
        if length_of_match > length - all.len() {
            return None;
        }
        repeat(&mut all, distance, length_of_match)?;
    }
    (!bits.is_beyond()).then_some(all)
}

/// A length of 15 and more: in a byte, else in two, else in four.
fn long(bits: &mut Bits<'_>) -> Option<usize> {
    let byte = bits.byte()?;
    if byte < u8::MAX {
        return Some(LONG + usize::from(byte));
    }
    let word = bits.raw(2)?;
    let length = match u16::from_le_bytes([*word.first()?, *word.last()?]) {
        0 => le32(bits.raw(4)?, 0) as usize,
        length => usize::from(length),
    };
    (length >= LONG).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [MS-XCA] §3.2, both examples.
    #[test]
    fn the_examples_of_the_specification_unpack() {
        let alphabet = b"abcdefghijklmnopqrstuvwxyz";
        let mut table = [0; TABLE];
        table[0x30] = 0x50;
        table[0x31..0x3b].fill(0x55);
        table[0x3b] = 0x45;
        table[0x3c] = 0x44;
        table[0x3d] = 0x04;
        table[0x80] = 0x04;
        let rest = hex::decode("d8523ed794115be9195ff9d67cdf8d0400000000").unwrap();
        let packed = [&table[..], &rest].concat();
        let mut codes = Codes::new();
        assert_eq!(unpack(&packed, alphabet.len(), &mut codes).unwrap(), alphabet);
        for cut in 0..packed.len() - 6 {
            assert_eq!(unpack(&packed[..cut], alphabet.len(), &mut codes), None, "{cut}");
        }
        let mut table = [0; TABLE];
        table[0x30] = 0x30;
        table[0x31] = 0x23;
        table[0x80] = 0x02;
        table[0x8f] = 0x20;
        let packed = [&table[..], &[0xa8, 0xdc, 0, 0, 0xff, 0x26, 1]].concat();
        assert_eq!(unpack(&packed, 300, &mut codes).unwrap(), b"abc".repeat(100));
        assert_eq!(unpack(&packed, 299, &mut codes), None);
        assert_eq!(unpack(&packed, MAX_CHUNK + 1, &mut codes), None);
    }
}
