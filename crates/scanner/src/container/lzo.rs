//! LZO1X data (Linux, Documentation/staging/lzo.rst), as squashfs, JFFS2, UBIFS, btrfs and lzop have it: blocks without a mark or a sum, which say
//! themselves where they end. The variant with runs of zeros (LZO-RLE) is in none of those, and is not read.

/// How many bytes were copied as they are right before an instruction, where there were more than three.
const MANY: usize = 4;
/// The distance that ends a block: it stands for no bytes.
const END: usize = 16384;

/// Unpacks a block that holds no more than `limit` bytes.
///
/// # Errors
/// What is wrong with it.
pub(super) fn unpack(packed: &[u8], limit: usize) -> Result<Vec<u8>, &'static str> {
    let first = packed.first().copied().ok_or(CUT)?;
    if first == 17 && packed.len() >= 5 {
        return Err("an LZO block of a version that is not known");
    }
    let mut block = Block { packed, at: 0, bytes: Vec::new(), limit };
    // How many bytes were copied right before: it changes what a small instruction means.
    let mut before = 0;
    if first > 17 {
        block.at = 1;
        before = usize::from(first) - 17;
        block.literals(before)?;
        before = before.min(MANY);
    }
    loop {
        match block.instruction(before)? {
            Some(copied) => before = copied,
            None if block.at == packed.len() => return Ok(block.bytes),
            None => return Err("an LZO block ends before its last byte"),
        }
    }
}

const CUT: &str = "an LZO block is cut off";

struct Block<'p> {
    packed: &'p [u8],
    at: usize,
    bytes: Vec<u8>,
    limit: usize,
}

impl Block<'_> {
    /// Does what the next instruction says. How many bytes it copied as they are at its end; `None` where it ends the block.
    fn instruction(&mut self, before: usize) -> Result<Option<usize>, &'static str> {
        let code = usize::from(self.next()?);
        // The last two bits of the instruction, or of the distance behind it, are how many bytes follow as they are.
        let (length, distance, follow) = match (code, before) {
            (0..=15, 0) => {
                let length = self.length(code, 15)?.saturating_add(3);
                self.literals(length)?;
                return Ok(Some(MANY));
            }
            (0..=15, MANY) => (3, self.near(code >> 2, 2)? + 2048, code & 3),
            (0..=15, _) => (2, self.near(code >> 2, 2)?, code & 3),
            (16..=31, _) => {
                let length = self.length(code & 7, 7)?.saturating_add(2);
                let (distance, follow) = self.far()?;
                let distance = END + ((code & 8) << 11) + distance;
                if distance == END {
                    return Ok(None);
                }
                (length, distance, follow)
            }
            (32..=63, _) => {
                let length = self.length(code & 31, 31)?.saturating_add(2);
                let (distance, follow) = self.far()?;
                (length, distance + 1, follow)
            }
            (64..=127, _) => (3 + (code >> 5 & 1), self.near(code >> 2 & 7, 3)?, code & 3),
            _ => (5 + (code >> 5 & 3), self.near(code >> 2 & 7, 3)?, code & 3),
        };
        self.again(length, distance)?;
        self.literals(follow)?;
        Ok(Some(follow))
    }

    fn next(&mut self) -> Result<u8, &'static str> {
        let byte = self.packed.get(self.at).copied().ok_or(CUT)?;
        self.at += 1;
        Ok(byte)
    }

    /// A length that has some bits in the instruction; where these are zero it goes on behind it, each byte of zero standing for 255.
    fn length(&mut self, here: usize, bits: usize) -> Result<usize, &'static str> {
        if here != 0 {
            return Ok(here);
        }
        let mut length = bits;
        loop {
            match self.next()? {
                0 => length = length.saturating_add(255),
                last => return Ok(length.saturating_add(usize::from(last))),
            }
        }
    }

    /// A distance whose lowest bits are in the instruction, the others in the byte behind it.
    fn near(&mut self, low: usize, bits: u32) -> Result<usize, &'static str> {
        Ok((usize::from(self.next()?) << bits) + low + 1)
    }

    /// A distance in the two bytes behind the instruction, and what their lowest two bits say.
    fn far(&mut self) -> Result<(usize, usize), &'static str> {
        let both = usize::from(u16::from_le_bytes([self.next()?, self.next()?]));
        Ok((both >> 2, both & 3))
    }

    /// Bytes that stand there as they are.
    fn literals(&mut self, count: usize) -> Result<(), &'static str> {
        let end = self.at.checked_add(count).ok_or(CUT)?;
        let bytes = self.packed.get(self.at..end).ok_or(CUT)?;
        self.has_room(count)?;
        self.bytes.extend_from_slice(bytes);
        self.at = end;
        Ok(())
    }

    /// Bytes that were unpacked before, again; where there are fewer than wanted they repeat themselves.
    fn again(&mut self, count: usize, distance: usize) -> Result<(), &'static str> {
        self.has_room(count)?;
        let start = self.bytes.len().checked_sub(distance).ok_or("an LZO block refers to bytes before it")?;
        let mut left = count;
        while left > 0 {
            let end = self.bytes.len().min(start + left);
            self.bytes.extend_from_within(start..end);
            left -= end - start;
        }
        Ok(())
    }

    fn has_room(&self, count: usize) -> Result<(), &'static str> {
        let fits = self.bytes.len().checked_add(count).is_some_and(|length| length <= self.limit);
        if fits { Ok(()) } else { Err("an LZO block unpacks to more than it can hold") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END_MARK: [u8; 3] = [0x11, 0, 0];

    fn unpacked(instructions: &[u8]) -> Result<Vec<u8>, &'static str> {
        unpack(&[instructions, &END_MARK].concat(), 1 << 16)
    }

    #[test]
    fn every_instruction_does_what_the_kernel_says() {
        assert_eq!(unpack(&END_MARK, 0).unwrap(), b"");
        // The first byte: 4 bytes as they are, then 3 of those from a distance of 2, and 1 that follows.
        assert_eq!(unpacked(b"\x15abcd\x45\x00e").unwrap(), b"abcdcdce");
        assert_eq!(unpacked(b"\x15abcd\x44\x00").unwrap(), b"abcdcdc");
        // A long run, which has 3 more than it says; 15 and on behind it.
        assert_eq!(unpacked(b"\x01wxyz").unwrap(), b"wxyz");
        let long = [&[0, 0, 5][..], &[b'q'; 15 + 255 + 5 + 3]].concat();
        assert_eq!(unpacked(&long).unwrap(), [b'q'; 278]);
        // Two bytes again behind one that was copied; five and more of the last eight.
        assert_eq!(unpacked(b"\x13ab\x04\x00").unwrap(), b"abab");
        assert_eq!(unpacked(b"\x13ab\x84\x00").unwrap(), b"abababa");
        // Three bytes from more than 2 KiB before, right behind many; the far ones.
        let many = [&[0, 0, 0, 0, 0, 0, 0, 0, 0, 7][..], &[b'a'; 15 + 8 * 255 + 7 + 3]].concat();
        assert_eq!(unpacked(&[&many[..], b"\x00\x00"].concat()).unwrap().len(), 2065 + 3);
        assert_eq!(unpacked(b"\x15abcd\x22\x0c\x00").unwrap(), b"abcdabcd");
        let far = [&b"\x15abcd\x20"[..], &[0; 64], b"\x64\x0c\x00\x11\x04\x00"].concat();
        let bytes = unpacked(&far).unwrap();
        assert_eq!(bytes.len(), 4 + 2 + 31 + 64 * 255 + 100 + 3);
        assert!(bytes.ends_with(b"abcdaabc"), "{bytes:?}");
    }

    #[test]
    fn what_is_wrong_is_refused() {
        assert!(unpack(b"", 9).is_err());
        assert!(unpack(b"\x15abcd", 9).is_err());
        assert!(unpack(b"\x15abcd\x11\x00\x00", 3).is_err());
        assert!(unpack(b"\x15abcd\x11\x00\x00!", 9).is_err());
        assert!(unpacked(b"\x15abcd\x50\x00").is_err(), "before the first byte");
        assert!(unpack(&[&b"\x15abcd\x20"[..], &[0; 5000], b"\x01\x00\x00"].concat(), 4096).is_err());
        assert!(unpack(b"\x11\x01\x15ab\x11\x00\x00", 9).is_err());
    }
}
