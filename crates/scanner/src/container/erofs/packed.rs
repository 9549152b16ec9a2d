//! Files of EROFS that are packed by LZ4 (Linux, fs/erofs/zmap.c and erofs_fs.h): for each block of the file an index says whether
//! something packed begins in it. Indexes stand in packs, a few bits each, with the number of one block for all of a pack.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use super::{BIG_CLUSTERS, Erofs, Node, PACKED_FULL, ZERO_PADDING, damaged, failed};
use crate::content::{Content, ReadAt};
use crate::fields::{byte, le16, le32};
use crate::report::Reason;

/// What stands in front of the indexes (`z_erofs_map_header`): whether those of two bytes are used, and what is not read here.
const SHORT: u16 = 1;
const KNOWN: u16 = 0b111;
/// Kinds of indexes: not packed, packed, going on.
const NOT_PACKED: u8 = 0;
const PACKED: u8 = 1;
const GOES_ON: u8 = 2;
/// Of an index that goes on: whether it says how many blocks what is packed has.
const COUNTS: u32 = 1 << 11;
/// Bytes that one extent unpacks to at the most, and extents of one file.
const MAX_EXTENT: u64 = 64 << 20;
const MAX_EXTENTS: usize = 1 << 20;

/// Where something packed begins in the file and in the image.
struct Extent {
    start: u64,
    block: u32,
    blocks: u32,
    is_packed: bool,
}

/// The extents of a file, which unpack as they are read.
pub(super) struct Extents<'s> {
    image: Content<'s>,
    bits: u32,
    size: u64,
    is_padded: bool,
    extents: Vec<Extent>,
    /// The one that was unpacked last.
    kept: RefCell<(usize, Rc<[u8]>)>,
}

/// One index.
struct Index {
    kind: u8,
    /// Where in its block something begins, or how many blocks it has.
    number: u32,
}

pub(super) fn extents<'s>(system: &Erofs<'s>, node: &Node) -> Result<Extents<'s>, Reason> {
    let at = node.behind.next_multiple_of(8);
    let header = system.content.bytes_at(at, 8).map_err(|error| failed(&error))?;
    let (advise, codecs, cluster) = (le16(&header, 4), byte(&header, 6), byte(&header, 7));
    if codecs != 0 || cluster != 0 || advise & !KNOWN != 0 {
        let what = "a file of EROFS that is packed by something else than LZ4, or together with others";
        return Err(Reason::Unsupported(what.to_owned()));
    }
    let count = node.size.div_ceil(system.block());
    if count > 4 * MAX_EXTENTS as u64 {
        return Err(Reason::Unsupported("a file of EROFS that is packed and larger than any".to_owned()));
    }
    let mut list = List { extents: Vec::new(), bits: system.bits };
    if node.layout == PACKED_FULL {
        full(system, at + 16, count, &mut list)?;
    } else {
        let is_big = system.features & BIG_CLUSTERS != 0 && advise & 0b110 != 0;
        let packs = Packs { system, at: at + 8, is_big };
        packs.all(count, advise & SHORT != 0, &mut list)?;
    }
    let extents = list.extents;
    if node.size > 0 && extents.first().is_none_or(|first| first.start != 0) {
        return Err(damaged("the begin of a file is nowhere"));
    }
    Ok(Extents {
        image: system.content.clone(),
        bits: system.bits,
        size: node.size,
        is_padded: system.features & ZERO_PADDING != 0,
        extents,
        kept: RefCell::new((usize::MAX, Rc::default())),
    })
}

/// Extents as they are put together from indexes, in their order.
struct List {
    extents: Vec<Extent>,
    bits: u32,
}

impl List {
    fn add(&mut self, cluster: u64, index: &Index, block: u32) -> Result<(), Reason> {
        let start = (cluster << self.bits) + u64::from(index.number);
        if self.extents.last().is_some_and(|last| last.start >= start) {
            return Err(damaged("the extents of a file do not follow one another"));
        }
        if self.extents.len() >= MAX_EXTENTS {
            return Err(damaged("a file has more extents than any has"));
        }
        self.extents.push(Extent { start, block, blocks: 1, is_packed: index.kind == PACKED });
        Ok(())
    }

    /// What began last has so many blocks.
    fn count(&mut self, blocks: u32) {
        if let Some(last) = self.extents.last_mut() {
            last.blocks = blocks.max(1);
        }
    }
}

/// Indexes of eight bytes (`z_erofs_lcluster_index`).
fn full(system: &Erofs<'_>, at: u64, count: u64, list: &mut List) -> Result<(), Reason> {
    for number in 0..count {
        let entry = system.content.bytes_at(at + number * 8, 8).map_err(|error| failed(&error))?;
        let index = Index { kind: byte(&entry, 0) & 3, number: le16(&entry, 2).into() };
        match index.kind {
            NOT_PACKED | PACKED => list.add(number, &index, le32(&entry, 4))?,
            GOES_ON => {
                let first = u32::from(le16(&entry, 4));
                if first & COUNTS != 0 {
                    list.count(first & !COUNTS);
                }
            }
            _ => return Err(second_codec()),
        }
    }
    Ok(())
}

/// Indexes in packs of two with four bytes each, or of sixteen with two.
struct Packs<'e, 's> {
    system: &'e Erofs<'s>,
    at: u64,
    is_big: bool,
}

impl Packs<'_, '_> {
    /// At first packs of two until a pack of sixteen can begin at a multiple of 32 bytes, then those, then packs of two for the rest.
    fn all(&self, count: u64, is_short: bool, list: &mut List) -> Result<(), Reason> {
        let first = (32 - self.at % 32) / 4 % 8;
        let short = if is_short && first < count { (count - first) / 16 * 16 } else { 0 };
        let (mut cluster, mut at) = (0, self.at);
        while cluster < count {
            let is_short = (first..first + short).contains(&cluster);
            let (indexes, bytes, bits) = if is_short && short > 0 { (16, 32, 14) } else { (2, 8, 16) };
            let pack = self.system.content.up_to(at, bytes).map_err(|error| failed(&error))?;
            if pack.len() < bytes {
                return Err(damaged("the indexes of a file reach beyond the end"));
            }
            let here = (count - cluster).min(indexes);
            self.one(&pack, (cluster, here), bits, list)?;
            cluster += here;
            at += bytes as u64;
        }
        Ok(())
    }

    fn one(
        &self,
        pack: &[u8],
        (cluster, count): (u64, u64),
        bits: usize,
        list: &mut List,
    ) -> Result<(), Reason> {
        // Numbers of places in a block, or of blocks with a bit that says so: as many bits as the larger needs.
        let low = self.system.bits.max(12);
        let base = le32(pack, pack.len() - 4);
        // Blocks since the one that the pack names; without clusters of several blocks that is the one before.
        let mut since = u32::from(!self.is_big);
        let mut is_counted = true;
        for number in 0..count {
            let value = le32(&window(pack, number as usize * bits), 0) >> (number as usize * bits % 8);
            let index = Index { kind: (value >> low & 3) as u8, number: value & ((1 << low) - 1) };
            match index.kind {
                GOES_ON if self.is_big && index.number & COUNTS != 0 => {
                    let blocks = index.number & !COUNTS;
                    list.count(blocks);
                    since = since.wrapping_add(blocks);
                    is_counted = true;
                }
                GOES_ON => {}
                NOT_PACKED | PACKED => {
                    since = since.wrapping_add(u32::from(!is_counted));
                    list.add(cluster + number, &index, base.wrapping_add(since))?;
                    is_counted = false;
                }
                _ => return Err(second_codec()),
            }
        }
        Ok(())
    }
}

/// Eight bytes from a bit on, zeros behind the end.
fn window(pack: &[u8], bit: usize) -> [u8; 8] {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(pack.iter().skip(bit / 8)) {
        *to = *from;
    }
    bytes
}

fn second_codec() -> Reason {
    Reason::Unsupported("a file of EROFS that is packed in two ways".to_owned())
}

impl Extents<'_> {
    fn unpacked(&self, number: usize) -> io::Result<Rc<[u8]>> {
        let mut kept = self.kept.borrow_mut();
        if kept.0 != number {
            *kept = (number, self.unpack(number)?);
        }
        Ok(Rc::clone(&kept.1))
    }

    fn unpack(&self, number: usize) -> io::Result<Rc<[u8]>> {
        let invalid = || io::Error::from(io::ErrorKind::InvalidData);
        let extent = self.extents.get(number).ok_or_else(invalid)?;
        let end = self.extents.get(number + 1).map_or(self.size, |next| next.start);
        let length =
            end.checked_sub(extent.start).filter(|length| *length <= MAX_EXTENT).ok_or_else(invalid)?;
        let at = u64::from(extent.block) << self.bits;
        let stored = u64::from(extent.blocks) << self.bits;
        if !extent.is_packed {
            let count = length.min(stored) as usize;
            return if (count as u64) < length {
                Err(invalid())
            } else {
                Ok(self.image.bytes_at(at, count)?.into())
            };
        }
        let bytes = self.image.bytes_at(at, stored.min(MAX_EXTENT) as usize)?;
        // Packed data stands at the end of its blocks, behind zeros.
        let zeros = if self.is_padded { bytes.iter().take_while(|byte| **byte == 0).count() } else { 0 };
        let packed = bytes.get(zeros..).unwrap_or_default();
        let unpacked = lz4_flex::block::decompress(packed, length as usize).map_err(io::Error::other)?;
        if unpacked.len() as u64 == length { Ok(unpacked.into()) } else { Err(invalid()) }
    }
}

impl ReadAt for Extents<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let next = self.extents.partition_point(|extent| extent.start <= offset);
        let number = next.checked_sub(1).ok_or(io::ErrorKind::InvalidData)?;
        let start = self.extents.get(number).map_or(0, |extent| extent.start);
        let bytes = self.unpacked(number)?;
        let from = bytes.get((offset - start) as usize..).unwrap_or_default();
        let count = from.len().min(buffer.len());
        buffer[..count].copy_from_slice(&from[..count]);
        Ok(count)
    }
}
