//! qcow2 (QEMU, docs/interop/qcow2.txt): two levels of tables, clusters packed by zlib or zstd. Snapshots are not looked at.

use std::io;

use super::{Block, Packing, Table};
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{be32, be64, byte};
use crate::report::Reason;

const KIND: &str = "qcow2 disk image";
/// The part of an entry that is a place.
const PLACE: u64 = 0x00ff_ffff_ffff_fe00;
const PACKED: u64 = 1 << 62;
/// Only in version 3: the cluster is all zeros.
const ZEROS: u64 = 1;
/// Incompatible features that change how data is found.
const EXTERNAL_DATA: u64 = 1 << 2;
const WIDE_ENTRIES: u64 = 1 << 4;
/// The longest name of a backing file (the specification's own limit).
const MAX_NAME: u32 = 1023;

pub(in crate::container) fn open<'s>(image: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let failed = |error: io::Error| Reason::of_read(KIND, &error);
    let header = image.up_to(0, 112).map_err(failed)?;
    let version = be32(&header, 4);
    if !matches!(version, 2 | 3) || header.len() < 72 {
        return Err(Reason::Unsupported(format!("a qcow image of version {version}")));
    }
    let features = if version == 3 { be64(&header, 72) } else { 0 };
    if be64(&header, 8) != 0 {
        let name = image.up_to(be64(&header, 8), be32(&header, 16).min(MAX_NAME) as usize).map_err(failed)?;
        let name = String::from_utf8_lossy(&name).into_owned();
        return Err(Reason::NeedsOther { kind: KIND, other: format!("its backing file ({name})") });
    }
    if features & EXTERNAL_DATA != 0 {
        return Err(Reason::NeedsOther { kind: KIND, other: "its data file".to_owned() });
    }
    if be32(&header, 32) != 0 {
        return Err(Reason::Unsupported("an encrypted qcow2 disk image".to_owned()));
    }
    if features & WIDE_ENTRIES != 0 {
        return Err(Reason::Unsupported(
            "a qcow2 disk image with parts of clusters (extended L2 entries)".to_owned(),
        ));
    }
    let bits = be32(&header, 20);
    if !(9..=21).contains(&bits) {
        return Err(Reason::Damaged {
            kind: KIND,
            what: "its clusters have a size that none has".to_owned(),
        });
    }
    let packing = if version == 3 && byte(&header, 104) == 1 { Packing::Zstd } else { Packing::Deflate };
    let table =
        Clusters { bits, table: be64(&header, 40), entries: be32(&header, 36).into(), version, packing };
    super::open(image, table, 1 << bits, be64(&header, 24), examiner)
}

struct Clusters {
    bits: u32,
    table: u64,
    entries: u64,
    version: u32,
    packing: Packing,
}

impl Table for Clusters {
    fn find(&self, image: &Content<'_>, cluster: u64) -> io::Result<Block> {
        let entry = |table: u64, index: u64| {
            let at = table.checked_add(index * 8).ok_or(io::ErrorKind::InvalidData)?;
            image.bytes_at(at, 8).map(|bytes| be64(&bytes, 0))
        };
        let per_table = 1_u64 << (self.bits - 3);
        let first = cluster / per_table;
        if first >= self.entries {
            return Ok(Block::Zeros);
        }
        let second = entry(self.table, first)? & PLACE;
        if second == 0 {
            return Ok(Block::Zeros);
        }
        let entry = entry(second, cluster % per_table)?;
        if entry & PACKED != 0 {
            // The upper bits of the place are the number of sectors more than one.
            let width = 62 - (self.bits - 8);
            let at = entry & ((1 << width) - 1);
            let sectors = (entry >> width & ((1 << (self.bits - 8)) - 1)) + 1;
            return Ok(Block::Packed(self.packing, at, sectors * 512 - at % 512));
        }
        let at = entry & PLACE;
        let is_zeros = self.version == 3 && entry & ZEROS != 0;
        Ok(if at == 0 || is_zeros { Block::Zeros } else { Block::At(at) })
    }
}
