//! Bytes that are packed in chunks of one size, each by itself, with a table in front of where they begin: resources of Windows images
//! (Microsoft's "Windows Imaging File Format", resources), and files that CompactOS packed. Only the chunks that are asked for are
//! unpacked.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;

use super::lzx::Lzx;
use super::words::Codes;
use super::xpress;
use crate::content::{Content, ReadAt};
use crate::fields::{le32, le64};

/// Sizes of chunks, as powers of two.
const XPRESS_CHUNKS: std::ops::RangeInclusive<u32> = 12..=16;

/// What unpacks chunks of one size.
pub(super) struct Unpacker {
    chunk_bits: u32,
    method: RefCell<Method>,
}

enum Method {
    Xpress(Box<Codes>),
    Lzx(Box<Lzx>),
}

impl Unpacker {
    /// XPRESS in chunks of so many bytes, as a power of two; `None` where there are no such.
    pub(super) fn xpress(chunk_bits: u32) -> Option<Unpacker> {
        let method = RefCell::new(Method::Xpress(Box::new(Codes::new())));
        XPRESS_CHUNKS.contains(&chunk_bits).then_some(Unpacker { chunk_bits, method })
    }

    /// The same of LZX.
    pub(super) fn lzx(chunk_bits: u32) -> Option<Unpacker> {
        let method = RefCell::new(Method::Lzx(Box::new(Lzx::of_image(chunk_bits)?)));
        Some(Unpacker { chunk_bits, method })
    }

    /// Bytes of a chunk.
    pub(super) fn chunk(&self) -> u64 {
        1 << self.chunk_bits
    }

    fn unpack(&self, packed: &[u8], length: usize) -> Option<Vec<u8>> {
        match &mut *self.method.borrow_mut() {
            Method::Xpress(codes) => xpress::unpack(packed, length, codes),
            Method::Lzx(lzx) => lzx.chunk(packed, length),
        }
    }
}

/// Packed bytes.
pub(super) struct Chunks<'s> {
    /// The table and the chunks.
    packed: Content<'s>,
    size: u64,
    unpacker: Rc<Unpacker>,
    /// Chunks that were unpacked last.
    kept: RefCell<VecDeque<(u64, Rc<[u8]>)>>,
    keep: usize,
}

impl<'s> Chunks<'s> {
    /// Bytes that unpack to this size, of which the chunks that were unpacked last are kept.
    pub(super) fn new(packed: Content<'s>, size: u64, unpacker: &Rc<Unpacker>, keep: usize) -> Chunks<'s> {
        Chunks { packed, size, unpacker: Rc::clone(unpacker), kept: RefCell::default(), keep }
    }

    /// Where a chunk lies, and its packed length: the table leaves out the first, which begins behind it.
    fn place(&self, number: u64) -> Option<io::Result<(u64, u64)>> {
        let count = self.size.div_ceil(1 << self.unpacker.chunk_bits);
        let width = if self.size > u64::from(u32::MAX) { 8 } else { 4 };
        let table = count.checked_sub(1)?.checked_mul(width)?;
        let is_last = number + 1 == count;
        let wanted = if is_last { width } else { width * 2 };
        // The entry of the chunk stands in front of that of the next.
        let from = number.checked_sub(1).map_or(0, |before| before * width);
        let wanted = if number == 0 { wanted - width } else { wanted };
        let entries = match self.packed.bytes_at(from, wanted as usize) {
            Ok(entries) => entries,
            Err(error) => return Some(Err(error)),
        };
        let mut entries = entries
            .chunks_exact(width as usize)
            .map(|entry| if width == 8 { le64(entry, 0) } else { u64::from(le32(entry, 0)) });
        let start = if number == 0 { 0 } else { entries.next()? };
        let end = if is_last { self.packed.length().checked_sub(table)? } else { entries.next()? };
        Some(Ok((table.checked_add(start)?, end.checked_sub(start)?)))
    }

    fn chunk(&self, number: u64) -> io::Result<Rc<[u8]>> {
        let mut kept = self.kept.borrow_mut();
        if let Some(place) = kept.iter().position(|(it, _)| *it == number)
            && let Some(chunk) = kept.remove(place)
        {
            let bytes = Rc::clone(&chunk.1);
            kept.push_back(chunk);
            return Ok(bytes);
        }
        let (at, length) = self.place(number).ok_or(io::ErrorKind::InvalidData)??;
        let bits = self.unpacker.chunk_bits;
        let whole = self.size.saturating_sub(number << bits).min(1 << bits);
        // One that did not become smaller is not packed.
        if length > whole {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let packed = self.packed.bytes_at(at, length as usize)?;
        let bytes = if length == whole {
            packed
        } else {
            self.unpacker.unpack(&packed, whole as usize).ok_or(io::ErrorKind::InvalidData)?
        };
        let bytes: Rc<[u8]> = bytes.into();
        if kept.len() >= self.keep {
            kept.pop_front();
        }
        kept.push_back((number, Rc::clone(&bytes)));
        Ok(bytes)
    }
}

impl ReadAt for Chunks<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let bits = self.unpacker.chunk_bits;
        let bytes = self.chunk(offset >> bits)?;
        let from = bytes.get((offset & ((1 << bits) - 1)) as usize..).unwrap_or_default();
        let count = from.len().min(buffer.len());
        buffer[..count].copy_from_slice(&from[..count]);
        Ok(count)
    }
}
