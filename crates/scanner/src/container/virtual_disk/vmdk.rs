//! VMDK sparse extents (VMware, Virtual Disk Format 5.0): those of hosts, and those of OVA packages, whose grains are packed.
//! A descriptor in a file of its own is a text; the extents that it names are looked at as files.

use std::io;

use super::{Block, Packing, Table};
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{le16, le32, le64};
use crate::report::Reason;

const KIND: &str = "VMDK disk image";
const SECTOR: u64 = 512;
/// Flags of the header.
const PACKED: u32 = 1 << 16;
/// Where the table is only known at the end of the file.
const AT_END: u64 = u64::MAX;
/// Bytes of a descriptor; they are a few hundred.
const MAX_DESCRIPTOR: u64 = 64 << 10;

pub(in crate::container) fn open<'s>(image: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let failed = |error: io::Error| Reason::of_read(KIND, &error);
    let mut header = image.bytes_at(0, 80).map_err(failed)?;
    let descriptor_at = le64(&header, 28).saturating_mul(SECTOR);
    let length = le64(&header, 36).saturating_mul(SECTOR).min(MAX_DESCRIPTOR);
    let descriptor = image.up_to(descriptor_at, length as usize).map_err(failed)?;
    let text = String::from_utf8_lossy(&descriptor);
    let parent = text.lines().find_map(|line| line.strip_prefix("parentCID="));
    if parent.is_some_and(|parent| !parent.trim_end_matches('\0').trim().eq_ignore_ascii_case("ffffffff")) {
        return Err(Reason::NeedsOther { kind: KIND, other: "the disk that it is a change of".to_owned() });
    }
    if le64(&header, 56) == AT_END {
        // A copy of the header, then the mark of the end.
        let at = image.length().saturating_sub(2 * SECTOR);
        header = image.bytes_at(at, 80).map_err(failed)?;
        if !header.starts_with(b"KDMV") {
            return Err(damaged("its end, which has the table, is missing"));
        }
    }
    let (grain, per_table) = (le64(&header, 20), u64::from(le32(&header, 44)));
    let sound = grain.is_power_of_two() && (1..=4096).contains(&grain) && (1..=65536).contains(&per_table);
    if !sound {
        return Err(damaged("its grains have a size that none has"));
    }
    let is_packed = le32(&header, 8) & PACKED != 0;
    if is_packed && le16(&header, 77) > 1 {
        return Err(Reason::Unsupported("a VMDK disk image packed by an unknown method".to_owned()));
    }
    let capacity = le64(&header, 12);
    let table = Grains { directory: le64(&header, 56).saturating_mul(SECTOR), per_table, is_packed };
    super::open(image, table, grain * SECTOR, capacity.saturating_mul(SECTOR), examiner)
}

struct Grains {
    directory: u64,
    per_table: u64,
    is_packed: bool,
}

impl Table for Grains {
    fn find(&self, image: &Content<'_>, grain: u64) -> io::Result<Block> {
        let entry = |table: u64, index: u64| {
            let at = table.checked_add(index * 4).ok_or(io::ErrorKind::InvalidData)?;
            image.bytes_at(at, 4).map(|bytes| u64::from(le32(&bytes, 0)) * SECTOR)
        };
        let table = entry(self.directory, grain / self.per_table)?;
        if table == 0 {
            return Ok(Block::Zeros);
        }
        let at = entry(table, grain % self.per_table)?;
        // The first sector is the header: 1 means a grain of zeros.
        if at <= SECTOR {
            return Ok(Block::Zeros);
        }
        if !self.is_packed {
            return Ok(Block::At(at));
        }
        // Before the bytes: which sector of the disk, and how many.
        let marker = image.bytes_at(at, 12)?;
        Ok(Block::Packed(Packing::Zlib, at + 12, le32(&marker, 8).into()))
    }
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
