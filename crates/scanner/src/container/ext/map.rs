//! Where the blocks of a file lie: by extents (ifork.rst, ext4) or block by block (ext2, ext3).

use std::rc::Rc;

use super::{beyond, damaged, failed};
use crate::budget::Meter;
use crate::content::{Content, Piece, Pieces};
use crate::fields::{le16, le32};
use crate::report::Reason;

/// Levels of a tree of extents (ifork.rst, `eh_depth`).
const MAX_DEPTH: u16 = 5;

/// The blocks of the file system.
pub(super) struct Blocks<'f, 's> {
    pub(super) content: &'f Content<'s>,
    pub(super) block_size: u64,
    pub(super) meter: &'f Rc<Meter<'s>>,
}

impl<'s> Blocks<'_, 's> {
    /// By a tree of extents whose root is in the inode.
    pub(super) fn by_extents(&self, root: &[u8], size: u64) -> Result<Pieces<'s>, Reason> {
        let mut pieces = Pieces::new(self.content);
        self.extents(root, None, size, &mut pieces)?;
        Ok(pieces)
    }

    fn extents(
        &self,
        node: &[u8],
        depth: Option<u16>,
        size: u64,
        pieces: &mut Pieces<'s>,
    ) -> Result<(), Reason> {
        let (mark, count, level) = (le16(node, 0), usize::from(le16(node, 2)), le16(node, 6));
        if mark != 0xf30a || level > MAX_DEPTH || depth.is_some_and(|depth| depth != level) {
            return Err(damaged("a file's list of extents is of no use"));
        }
        let entries = node.get(12..).unwrap_or_default().chunks_exact(12).take(count);
        let mut before = None;
        for entry in entries {
            let logical = le32(entry, 0);
            if before.is_some_and(|before| logical <= before) {
                return Err(damaged("a file's extents are in no order"));
            }
            before = Some(logical);
            let start = u64::from(logical).saturating_mul(self.block_size);
            if start >= size {
                return Ok(());
            }
            if level == 0 {
                self.extent(entry, start, pieces)?;
            } else {
                self.meter.entry()?;
                let block = u64::from(le32(entry, 4)) | u64::from(le16(entry, 8)) << 32;
                let node = self.read(block)?;
                self.extents(&node, Some(level - 1), size, pieces)?;
            }
        }
        Ok(())
    }

    fn extent(&self, entry: &[u8], start: u64, pieces: &mut Pieces<'s>) -> Result<(), Reason> {
        let (length, block) = (le16(entry, 4), u64::from(le32(entry, 8)) | u64::from(le16(entry, 6)) << 32);
        // Longer than this is one that has room and was not written.
        let (length, written) = if length > 0x8000 { (length - 0x8000, false) } else { (length, true) };
        let at = block.checked_mul(self.block_size).ok_or_else(beyond)?;
        let length = u64::from(length) * self.block_size;
        pieces.add(Piece { start, length, at: written.then_some(at) }).map_err(damaged)
    }

    /// By twelve blocks, then by blocks of numbers: one, two and three levels.
    pub(super) fn by_blocks(&self, map: &[u8], size: u64) -> Result<Pieces<'s>, Reason> {
        let mut pieces = Pieces::new(self.content);
        let mut next = 0;
        for at in 0..15_usize {
            let level = at.saturating_sub(11) as u32;
            self.blocks(le32(map, at * 4).into(), level, size, &mut next, &mut pieces)?;
        }
        Ok(pieces)
    }

    /// Adds what one number stands for; `next` is the first byte that it is about.
    fn blocks(
        &self,
        block: u64,
        level: u32,
        size: u64,
        next: &mut u64,
        pieces: &mut Pieces<'s>,
    ) -> Result<(), Reason> {
        if *next >= size {
            return Ok(());
        }
        let per_block = self.block_size / 4;
        if block == 0 {
            // A hole, as large as all that it would have.
            *next = next.saturating_add(per_block.pow(level).saturating_mul(self.block_size));
            return Ok(());
        }
        if level == 0 {
            let at = block.checked_mul(self.block_size).ok_or_else(beyond)?;
            pieces.add(Piece { start: *next, length: self.block_size, at: Some(at) }).map_err(damaged)?;
            *next = next.saturating_add(self.block_size);
            return Ok(());
        }
        self.meter.entry()?;
        for number in self.read(block)?.chunks_exact(4) {
            self.blocks(le32(number, 0).into(), level - 1, size, next, pieces)?;
        }
        Ok(())
    }

    fn read(&self, block: u64) -> Result<Vec<u8>, Reason> {
        let at = block.checked_mul(self.block_size).ok_or_else(beyond)?;
        self.content.bytes_at(at, self.block_size as usize).map_err(|error| failed(&error))
    }
}
