//! What lzop writes (lzop(1); the kernel's lib/decompress_unlzo.c reads it as well), and U-Boot and kernels have: a header, then blocks packed by
//! LZO1X, each with its sizes and sums.

use std::io::{self, Read};

use super::lzo;
use crate::fields::{be16, be32, byte};
use crate::report::Reason;

pub(super) const MARK: &[u8] = b"\x89LZO\x00\r\n\x1a\n";
const KIND: &str = "lzop data";
/// Unpacked bytes of a block: lzop and the kernel know 256 KiB, others may have more.
const MAX_BLOCK: u32 = 16 << 20;
/// Flags: which sums stand before a block, of its unpacked and its packed bytes; what else the header has.
const SUMS: [u32; 2] = [0x1, 0x100];
const PACKED_SUMS: [u32; 2] = [0x2, 0x200];
const MORE: u32 = 0x40;
const FILTER: u32 = 0x800;
/// From this version on the header has fields that older ones lack.
const LONG_HEADER: u16 = 0x0940;

/// Unpacks, one file after the other where there are several.
pub(super) struct Decoder<R> {
    from: R,
    /// What the header of the file said; `None` before it.
    flags: Option<u32>,
    block: Vec<u8>,
    /// How many bytes of the block were handed out.
    taken: usize,
}

impl<R: Read> Decoder<R> {
    pub(super) fn new(from: R) -> Decoder<R> {
        Decoder { from, flags: None, block: Vec::new(), taken: 0 }
    }

    fn bytes(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.from.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads a header; `None` where nothing stands there any more.
    fn header(&mut self) -> io::Result<Option<u32>> {
        let mut mark = Vec::new();
        self.from.by_ref().take(MARK.len() as u64).read_to_end(&mut mark)?;
        if mark.is_empty() {
            return Ok(None);
        }
        if mark != MARK {
            return Err(damaged("a header does not begin as one does"));
        }
        // The version; that of the library; from some version on that which is needed, and a level behind the method.
        let first = self.bytes(4)?;
        let is_long = be16(&first, 0) >= LONG_HEADER;
        let method = byte(&self.bytes(if is_long { 4 } else { 1 })?, if is_long { 2 } else { 0 });
        let flags = be32(&self.bytes(4)?, 0);
        if !(1..=3).contains(&method) || flags & FILTER != 0 {
            let what = "lzop data packed by another method or with a filter";
            return Err(io::Error::other(Reason::Unsupported(what.to_owned())));
        }
        // Mode and time, then the name and a sum.
        self.bytes(if is_long { 12 } else { 8 })?;
        let length = usize::from(byte(&self.bytes(1)?, 0));
        self.bytes(length + 4)?;
        if flags & MORE != 0 {
            let length = u64::from(be32(&self.bytes(4)?, 0)) + 4;
            io::copy(&mut self.from.by_ref().take(length), &mut io::sink())?;
        }
        Ok(Some(flags))
    }

    /// Unpacks the next block; whether there is one.
    fn next(&mut self) -> io::Result<bool> {
        loop {
            let flags = match self.flags {
                Some(flags) => flags,
                None => match self.header()? {
                    Some(flags) => *self.flags.insert(flags),
                    None => return Ok(false),
                },
            };
            let length = be32(&self.bytes(4)?, 0);
            if length == 0 {
                self.flags = None;
                continue;
            }
            let packed = be32(&self.bytes(4)?, 0);
            if length > MAX_BLOCK || packed > length {
                return Err(damaged("a block is larger than any can be"));
            }
            let has = |sums: [u32; 2]| sums.map(|flag| flags & flag != 0);
            let sums = self.sums(has(SUMS))?;
            if packed < length {
                self.sums(has(PACKED_SUMS))?;
            }
            let bytes = self.bytes(packed as usize)?;
            self.block =
                if packed < length { lzo::unpack(&bytes, length as usize).map_err(damaged)? } else { bytes };
            self.taken = 0;
            let right = [libdeflater::adler32(&self.block), crc32fast::hash(&self.block)];
            let is_right =
                sums.into_iter().zip(right).all(|(said, right)| said.is_none_or(|said| said == right));
            if self.block.len() != length as usize || !is_right {
                return Err(damaged("a block is not what its checksum says"));
            }
            return Ok(true);
        }
    }

    /// The sums of a block, as far as there are any: Adler-32 and CRC-32.
    fn sums(&mut self, has: [bool; 2]) -> io::Result<[Option<u32>; 2]> {
        let mut sums = [None; 2];
        for (sum, has) in sums.iter_mut().zip(has) {
            if has {
                *sum = Some(be32(&self.bytes(4)?, 0));
            }
        }
        Ok(sums)
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken >= self.block.len() && (buffer.is_empty() || !self.next()?) {
            return Ok(0);
        }
        let from = self.block.get(self.taken..).unwrap_or_default();
        let count = from.len().min(buffer.len());
        buffer[..count].copy_from_slice(&from[..count]);
        self.taken += count;
        Ok(count)
    }
}

fn damaged(what: &str) -> io::Error {
    io::Error::other(Reason::Damaged { kind: KIND, what: what.to_owned() })
}
