//! VDI (VirtualBox, src/VBox/Storage/VDICore.h): one table of blocks.

use std::io;

use super::{Block, Table};
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{le32, le64};
use crate::report::Reason;

const KIND: &str = "VDI disk image";
/// Blocks that were never written, and blocks of zeros.
const UNUSED: u32 = 0xffff_fffe;

pub(in crate::container) fn open<'s>(image: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let header = image.bytes_at(0, 400).map_err(|error| Reason::of_read(KIND, &error))?;
    if le32(&header, 68) >> 16 != 1 {
        return Err(Reason::Unsupported("a VDI disk image of another version".to_owned()));
    }
    if !matches!(le32(&header, 76), 1 | 2) {
        return Err(Reason::NeedsOther { kind: KIND, other: "the disk that it is a change of".to_owned() });
    }
    let block_size = u64::from(le32(&header, 376));
    if !block_size.is_power_of_two() || block_size < 4096 {
        return Err(Reason::Damaged { kind: KIND, what: "its blocks have a size that none has".to_owned() });
    }
    let (map, data) = (u64::from(le32(&header, 340)), u64::from(le32(&header, 344)));
    let stride = block_size + u64::from(le32(&header, 380));
    let table = Blocks { map, data, stride, extra: stride - block_size, entries: le32(&header, 384).into() };
    super::open(image, table, block_size, le64(&header, 368), examiner)
}

struct Blocks {
    map: u64,
    data: u64,
    /// Bytes of a block with what stands before it.
    stride: u64,
    extra: u64,
    entries: u64,
}

impl Table for Blocks {
    fn find(&self, image: &Content<'_>, block: u64) -> io::Result<Block> {
        if block >= self.entries {
            return Ok(Block::Zeros);
        }
        let entry = le32(&image.bytes_at(self.map + block * 4, 4)?, 0);
        if entry >= UNUSED {
            return Ok(Block::Zeros);
        }
        Ok(Block::At((self.data + self.extra).saturating_add(u64::from(entry).saturating_mul(self.stride))))
    }
}
