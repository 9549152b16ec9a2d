//! What LZX and XPRESS have in common ([MS-PATCH] §2.1 and §2.2, [MS-XCA] §2.2): bits in words of 16, least significant byte and most
//! significant bit first, between them single bytes; and prefix codes of which only the lengths are stored.

use crate::fields::{byte, le16};

/// The longest code of both.
const LONGEST: usize = 16;
/// Bits by which a symbol is looked up at once; longer codes, which are rare, are searched by their lengths.
const FAST: usize = 11;

/// Reads bits and bytes. Behind the end there are zeros; whether any were used tells [`Bits::is_beyond`].
pub(super) struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
    held: u64,
    count: u32,
}

impl<'b> Bits<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Bits<'b> {
        Bits { bytes, at: 0, held: 0, count: 0 }
    }

    /// Takes words until there are so many bits, 32 at the most. No word is taken before it is needed: bytes stand between them.
    pub(super) fn need(&mut self, count: u32) {
        while self.count < count {
            self.held = self.held << 16 | u64::from(le16(self.bytes, self.at));
            self.at = self.at.saturating_add(2);
            self.count += 16;
        }
    }

    /// So many bits as a number.
    pub(super) fn take(&mut self, count: u32) -> u32 {
        self.need(count);
        self.count -= count;
        (self.held >> self.count & ((1 << count) - 1)) as u32
    }

    /// A byte that stands behind the words that were taken.
    pub(super) fn byte(&mut self) -> Option<u8> {
        self.raw(1).map(|bytes| byte(bytes, 0))
    }

    /// Bytes that stand behind the words that were taken.
    pub(super) fn raw(&mut self, count: usize) -> Option<&'b [u8]> {
        let end = self.at.checked_add(count)?;
        let bytes = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(bytes)
    }

    /// Passes over the rest of a word, a whole one where none was begun.
    pub(super) fn align(&mut self) {
        match self.count.checked_sub(1) {
            Some(count) => self.at = self.at.saturating_sub((count / 16) as usize * 2),
            None => self.at = self.at.saturating_add(2),
        }
        self.count = 0;
    }

    /// Whether more was taken than there is.
    pub(super) fn is_beyond(&self) -> bool {
        (self.at as u64).saturating_mul(8) > self.bytes.len() as u64 * 8 + u64::from(self.count)
    }
}

/// A prefix code: shorter ones first, and those of a length in the order of their symbols.
pub(super) struct Codes {
    /// By the next bits: the symbol, and in the lowest four bits the length; 0 where the code is longer or there is none.
    fast: Box<[u16]>,
    /// Of each length the first code, how many there are, and where their symbols begin.
    lengths: [(u32, u32, usize); LONGEST + 1],
    symbols: Vec<u16>,
}

impl Codes {
    /// One without any symbol.
    pub(super) fn new() -> Codes {
        Codes { fast: vec![0; 1 << FAST].into(), lengths: [(0, 0, 0); LONGEST + 1], symbols: Vec::new() }
    }

    /// The code of these lengths, none longer than 16 and no more than 4096. `None` where they are too many for a code; too few leave
    /// bits that stand for nothing.
    pub(super) fn build(&mut self, of_symbols: &[u8]) -> Option<()> {
        let mut counts = [0_u32; LONGEST + 1];
        for length in of_symbols {
            *counts.get_mut(usize::from(*length))? += 1;
        }
        let (mut code, mut start) = (0_u32, 0_usize);
        let mut places = [0_usize; LONGEST + 1];
        for length in 1..=LONGEST {
            let count = counts[length];
            self.lengths[length] = (code, count, start);
            places[length] = start;
            start += count as usize;
            code += count;
            if code > 1 << length {
                return None;
            }
            code <<= 1;
        }
        self.symbols.clear();
        self.symbols.resize(start, 0);
        for (symbol, length) in (0_u16..).zip(of_symbols).filter(|(_, length)| **length > 0) {
            let place = places.get_mut(usize::from(*length))?;
            *self.symbols.get_mut(*place)? = symbol;
            *place += 1;
        }
        self.fill();
        Some(())
    }

    fn fill(&mut self) {
        self.fast.fill(0);
        for length in 1..=FAST {
            let (first, count, start) = self.lengths[length];
            let width = 1 << (FAST - length);
            let here = self.symbols.iter().skip(start).take(count as usize);
            let from = self.fast.iter_mut().skip(first as usize * width);
            for (place, symbol) in from.zip(here.flat_map(|symbol| std::iter::repeat_n(*symbol, width))) {
                *place = symbol << 4 | length as u16;
            }
        }
    }

    /// The next symbol; `None` where the bits stand for nothing.
    pub(super) fn read(&self, bits: &mut Bits<'_>) -> Option<usize> {
        bits.need(LONGEST as u32);
        let next = (bits.held >> (bits.count - LONGEST as u32)) as u16;
        let entry = self.fast.get(usize::from(next >> (LONGEST - FAST)))?;
        if *entry != 0 {
            bits.count -= u32::from(entry & 15);
            return Some(usize::from(entry >> 4));
        }
        for length in FAST + 1..=LONGEST {
            let (first, count, start) = self.lengths[length];
            let within = (u32::from(next) >> (LONGEST - length)).checked_sub(first);
            if let Some(within) = within.filter(|within| *within < count) {
                bits.count -= length as u32;
                return self.symbols.get(start + within as usize).map(|symbol| usize::from(*symbol));
            }
        }
        None
    }
}

/// Appends so many bytes from so far back, which may be among those that are appended. `None` where there are none so far back.
pub(super) fn repeat(bytes: &mut Vec<u8>, distance: usize, length: usize) -> Option<()> {
    let start = bytes.len().checked_sub(distance).filter(|_| distance > 0)?;
    let end = bytes.len().checked_add(length)?;
    // What was appended is as good as what stood before, so that there is more at each turn.
    while bytes.len() < end {
        let count = (end - bytes.len()).min(bytes.len() - start);
        bytes.extend_from_within(start..start + count);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_taken_from_words_and_bytes_from_between_them() {
        let mut bits = Bits::new(&[0x34, 0x92, 0xaa, 0xbb, 0xcc]);
        assert_eq!((bits.take(1), bits.take(3), bits.take(8)), (1, 1, 0x23));
        assert_eq!(bits.byte(), Some(0xaa));
        bits.align();
        assert_eq!((bits.raw(2), bits.byte()), (Some(&[0xbb, 0xcc][..]), None));
        assert!(!bits.is_beyond());
        bits.take(1);
        assert!(bits.is_beyond());
        // Words that were taken beforehand are given back, and where none was begun one is passed over.
        let mut bits = Bits::new(&[0, 1, 2, 3, 4, 5]);
        bits.need(32);
        bits.take(1);
        bits.align();
        assert_eq!(bits.byte(), Some(2));
        let mut bits = Bits::new(&[0, 1, 2, 3, 4, 5]);
        bits.take(16);
        bits.align();
        assert_eq!(bits.byte(), Some(4));
    }

    #[test]
    fn codes_of_every_length_are_read() {
        // One of each length, the last twice.
        let lengths: Vec<u8> = (1..=16).chain([16]).collect();
        let mut codes = Codes::new();
        codes.build(&lengths).unwrap();
        for symbol in 0..17_u32 {
            // As many ones as there are shorter codes; the last two differ in their last bit.
            let word = if symbol == 16 { 0xffff } else { ((1_u32 << symbol) - 1) << (16 - symbol) };
            let bytes = (word as u16).to_le_bytes();
            let mut bits = Bits::new(&bytes);
            assert_eq!(codes.read(&mut bits), Some(symbol as usize));
            assert_eq!(16 - bits.count, u32::from(lengths[symbol as usize]));
        }
        assert_eq!(codes.build(&[1, 1, 1]), None);
        assert_eq!(codes.build(&[17]), None);
        codes.build(&[0, 1]).unwrap();
        assert_eq!(codes.read(&mut Bits::new(&[0, 0])), Some(1));
        assert_eq!(codes.read(&mut Bits::new(&[0, 0x80])), None);
    }
}
