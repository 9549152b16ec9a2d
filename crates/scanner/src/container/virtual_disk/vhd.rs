//! VHD (Microsoft, Virtual Hard Disk Image Format Specification 1.0): dynamic ones. A fixed one is the disk itself with a record
//! behind it.

use std::io;

use super::{Block, Table};
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{be32, be64};
use crate::report::Reason;

const KIND: &str = "VHD disk image";
const UNUSED: u32 = u32::MAX;

pub(in crate::container) fn open<'s>(image: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let failed = |error: io::Error| Reason::of_read(KIND, &error);
    let damaged = |what: &str| Reason::Damaged { kind: KIND, what: what.to_owned() };
    let footer = image.bytes_at(0, 512).map_err(failed)?;
    match be32(&footer, 60) {
        3 => {}
        4 => {
            return Err(Reason::NeedsOther {
                kind: KIND,
                other: "the disk that it is a change of".to_owned(),
            });
        }
        _ => return Err(damaged("it has no known kind")),
    }
    let header = image.bytes_at(be64(&footer, 16), 1024).map_err(failed)?;
    let block_size = u64::from(be32(&header, 32));
    if !header.starts_with(b"cxsparse") || !block_size.is_power_of_two() || block_size < 4096 {
        return Err(damaged("its header is of no use"));
    }
    // A bit for each sector stands before a block, padded to a sector.
    let bitmap = (block_size / 512 / 8).next_multiple_of(512);
    let table = Blocks { table: be64(&header, 16), entries: be32(&header, 28).into(), bitmap };
    super::open(image, table, block_size, be64(&footer, 48), examiner)
}

struct Blocks {
    table: u64,
    entries: u64,
    bitmap: u64,
}

impl Table for Blocks {
    fn find(&self, image: &Content<'_>, block: u64) -> io::Result<Block> {
        if block >= self.entries {
            return Ok(Block::Zeros);
        }
        let at = self.table.checked_add(block * 4).ok_or(io::ErrorKind::InvalidData)?;
        let sector = be32(&image.bytes_at(at, 4)?, 0);
        Ok(if sector == UNUSED { Block::Zeros } else { Block::At(u64::from(sector) * 512 + self.bitmap) })
    }
}
