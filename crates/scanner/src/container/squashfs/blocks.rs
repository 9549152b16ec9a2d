//! The compressed blocks of a squashfs image.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::rc::Rc;

use super::{KIND, damaged, failed};

use crate::budget::{Meter, Metered};
use crate::container::lzo;
use crate::content::Content;
use crate::fields::le16;
use crate::report::Reason;

/// Unpacked bytes of a block of a table (squashfs.rst, metadata).
const TABLE_BLOCK: usize = 8192;
/// Blocks of tables, and fragments, that are kept unpacked.
const KEPT: usize = 8;
/// Memory that xz and LZMA may ask for their dictionary; a block is 1 MiB at the most.
const XZ_MEMORY: u64 = 64 << 20;

/// How blocks are packed (squashfs_fs.h).
#[derive(Clone, Copy)]
pub(super) enum Codec {
    Zlib,
    Lzma,
    Lzo,
    Xz,
    Lz4,
    Zstd,
}

impl Codec {
    pub(super) fn by_number(number: u16) -> Result<Codec, Reason> {
        match number {
            1 => Ok(Codec::Zlib),
            2 => Ok(Codec::Lzma),
            3 => Ok(Codec::Lzo),
            4 => Ok(Codec::Xz),
            5 => Ok(Codec::Lz4),
            6 => Ok(Codec::Zstd),
            _ => Err(damaged("it is packed by no known method")),
        }
    }

    /// Unpacks a block that holds no more than `limit` bytes.
    fn unpack(self, packed: &[u8], limit: usize, meter: &Rc<Meter<'_>>) -> io::Result<Rc<[u8]>> {
        let mut bytes = Vec::new();
        let mut read = |from: &mut dyn Read| {
            Metered::new(from, meter).take(limit as u64 + 1).read_to_end(&mut bytes).map(drop)
        };
        match self {
            Codec::Zlib => read(&mut flate2::bufread::ZlibDecoder::new(packed))?,
            Codec::Zstd => read(&mut zstd::stream::read::Decoder::with_buffer(packed)?)?,
            Codec::Xz => {
                let stream = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, 0)?;
                read(&mut liblzma::bufread::XzDecoder::new_stream(packed, stream))?;
            }
            Codec::Lzma => {
                let stream = liblzma::stream::Stream::new_lzma_decoder(XZ_MEMORY)?;
                read(&mut liblzma::bufread::XzDecoder::new_stream(packed, stream))?;
            }
            Codec::Lzo => {
                bytes = lzo::unpack(packed, limit).map_err(|what| io::Error::other(damaged(what)))?;
                meter.expand(bytes.len() as u64).map_err(io::Error::other)?;
            }
            Codec::Lz4 => {
                bytes = lz4_flex::block::decompress(packed, limit).map_err(io::Error::other)?;
                meter.expand(bytes.len() as u64).map_err(io::Error::other)?;
            }
        }
        if bytes.len() > limit {
            return Err(io::Error::other(damaged("a block unpacks to more than a block can hold")));
        }
        Ok(bytes.into())
    }
}

/// A block that was unpacked, the place behind it, and the place that it was at.
type Kept = (u64, u64, Rc<[u8]>);

pub(super) struct Blocks<'s> {
    pub(super) image: Content<'s>,
    codec: Codec,
    meter: Rc<Meter<'s>>,
    kept: RefCell<VecDeque<Kept>>,
}

impl<'s> Blocks<'s> {
    pub(super) fn new(image: Content<'s>, codec: Codec, meter: &Rc<Meter<'s>>) -> Blocks<'s> {
        Blocks { image, codec, meter: Rc::clone(meter), kept: RefCell::default() }
    }

    /// A block of data; bit 24 of its size says that it is not packed.
    pub(super) fn data(&self, at: u64, size: u32, limit: usize) -> io::Result<Rc<[u8]>> {
        let (length, is_packed) = ((size & 0xff_ffff) as usize, size & 0x100_0000 == 0);
        if length > limit.saturating_mul(2) {
            return Err(io::Error::other(damaged("a block is larger than any can be")));
        }
        let bytes = self.image.bytes_at(at, length)?;
        if is_packed { self.codec.unpack(&bytes, limit, &self.meter) } else { Ok(bytes.into()) }
    }

    /// A block with the ends of several files: those lie side by side in folders, so it is kept.
    pub(super) fn fragment(&self, at: u64, size: u32, limit: usize) -> io::Result<Rc<[u8]>> {
        let unpack = || Ok((0, self.data(at, size, limit)?));
        self.kept(at, unpack).map(|(_, bytes)| bytes)
    }

    /// A block of a table, and where the next begins.
    fn table(&self, at: u64) -> io::Result<(u64, Rc<[u8]>)> {
        self.kept(at, || {
            // Two bytes: how long it is, and by the highest bit that it is not packed.
            let head = le16(&self.image.bytes_at(at, 2)?, 0);
            let length = usize::from(head & 0x7fff);
            let bytes = self.image.bytes_at(at + 2, length)?;
            let is_packed = head & 0x8000 == 0;
            let bytes =
                if is_packed { self.codec.unpack(&bytes, TABLE_BLOCK, &self.meter)? } else { bytes.into() };
            Ok((at + 2 + length as u64, bytes))
        })
    }

    fn kept(
        &self,
        at: u64,
        unpack: impl FnOnce() -> io::Result<(u64, Rc<[u8]>)>,
    ) -> io::Result<(u64, Rc<[u8]>)> {
        let mut kept = self.kept.borrow_mut();
        if let Some(index) = kept.iter().position(|(it, ..)| *it == at)
            && let Some((_, next, bytes)) = kept.remove(index)
        {
            kept.push_back((at, next, Rc::clone(&bytes)));
            return Ok((next, bytes));
        }
        let (next, bytes) = unpack()?;
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back((at, next, Rc::clone(&bytes)));
        Ok((next, bytes))
    }
}

/// Reads on in a table, from block to block.
pub(super) struct Cursor<'b, 's> {
    blocks: &'b Blocks<'s>,
    at: u64,
    offset: usize,
}

impl<'b, 's> Cursor<'b, 's> {
    pub(super) fn new(blocks: &'b Blocks<'s>, at: u64, offset: usize) -> Cursor<'b, 's> {
        Cursor { blocks, at, offset }
    }

    /// Where it stands: a block, and the place in it.
    pub(super) fn place(&self) -> (u64, usize) {
        (self.at, self.offset)
    }

    pub(super) fn take(&mut self, count: usize) -> Result<Vec<u8>, Reason> {
        let mut taken = Vec::with_capacity(count);
        while taken.len() < count {
            let (next, block) = self.blocks.table(self.at).map_err(|error| failed(&error))?;
            if self.offset >= block.len() {
                if block.is_empty() || self.offset > block.len() {
                    return Err(Reason::Damaged {
                        kind: KIND,
                        what: "a place lies outside of its block".to_owned(),
                    });
                }
                (self.at, self.offset) = (next, 0);
                continue;
            }
            let from = block.get(self.offset..).unwrap_or_default();
            let wanted = from.len().min(count - taken.len());
            taken.extend(from.iter().take(wanted));
            self.offset += wanted;
        }
        Ok(taken)
    }
}
