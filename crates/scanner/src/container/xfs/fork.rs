//! Where the blocks of a file lie: a list of extents in the inode, or a B+tree of such lists (XFS Algorithms & Data Structures, "Data
//! Extents"; `xfs_bmbt_rec`, `xfs_btree_block`).

use super::{Format, Inode, Xfs, damaged, failed, sum};
use crate::content::Piece;
use crate::fields::{be16, be64};
use crate::report::Reason;

/// Levels of a tree (`XFS_BTREE_MAXLEVELS`).
const MAX_LEVEL: u16 = 9;
/// Bytes of the record of an extent; those of a key and of a number in a node together are as many.
const RECORD: usize = 16;

/// Takes the extents of a file in their order, with bytes for blocks.
type Take<'t> = &'t mut dyn FnMut(Piece) -> Result<(), Reason>;

/// What a walk through the extents of one file has seen.
struct Walk<'t> {
    file: u64,
    /// How many.
    count: u64,
    /// The first block that none was about.
    next: u64,
    take: Take<'t>,
}

impl Xfs<'_> {
    /// Hands out every extent of a file.
    pub(super) fn extents(&self, file: &Inode, take: Take<'_>) -> Result<(), Reason> {
        let (fork, told) = (file.fork()?, file.extents());
        let mut walk = Walk { file: file.number, count: 0, next: 0, take };
        match file.format() {
            Format::Extents => {
                let length = usize::try_from(told).ok().and_then(|it| it.checked_mul(RECORD));
                let records = length.and_then(|length| fork.get(..length));
                let records =
                    records.ok_or_else(|| damaged("a file has more extents than its inode holds"))?;
                self.records(records, &mut walk)?;
            }
            Format::Tree => {
                let (level, count) = (be16(fork, 0), usize::from(be16(fork, 2)));
                let places = fork.get(4..).unwrap_or_default();
                if level == 0 || level > MAX_LEVEL {
                    return Err(damaged("a file's tree of extents is of no use"));
                }
                self.children(places, count, level, &mut walk)?;
            }
            Format::Local | Format::Other => return Err(damaged("a file lies in no known way")),
        }
        if walk.count == told { Ok(()) } else { Err(damaged("a file has not as many extents as it says")) }
    }

    fn records(&self, records: &[u8], walk: &mut Walk<'_>) -> Result<(), Reason> {
        for record in records.chunks_exact(RECORD) {
            let (high, low) = (be64(record, 0), be64(record, 8));
            // One bit that it was not written, 54 of the first block in the file, 52 of the block where it lies, 21 of their number.
            let is_unwritten = high >> 63 != 0;
            let start = high << 1 >> 10;
            let block = (high & 0x1ff) << 43 | low >> 21;
            let count = low & 0x1f_ffff;
            if start < walk.next || count == 0 {
                return Err(damaged("a file's extents are in no order"));
            }
            // Both are smaller than 2^55.
            walk.next = start + count;
            walk.count += 1;
            let at = self.layout.block_at(block)?;
            self.layout.block_at(block + (count - 1))?;
            let length = count * self.layout.block;
            let Some(start) = start.checked_mul(self.layout.block) else {
                return Err(damaged("a file is larger than any can be"));
            };
            (walk.take)(Piece { start, length, at: (!is_unwritten).then_some(at) })?;
        }
        Ok(())
    }

    /// The blocks below a node, whose keys and numbers are these.
    fn children(&self, node: &[u8], count: usize, level: u16, walk: &mut Walk<'_>) -> Result<(), Reason> {
        // Room for all keys that there can be comes before the numbers.
        let room = node.len() / RECORD;
        let numbers = node.get(room * 8..).unwrap_or_default();
        if count == 0 || count > room {
            return Err(damaged("a file's tree of extents is of no use"));
        }
        for number in numbers.chunks_exact(8).take(count) {
            self.meter.entry()?;
            self.node(be64(number, 0), level - 1, walk)?;
        }
        Ok(())
    }

    fn node(&self, number: u64, level: u16, walk: &mut Walk<'_>) -> Result<(), Reason> {
        let at = self.layout.block_at(number)?;
        let block = self.content.bytes_at(at, self.layout.block as usize).map_err(|error| failed(&error))?;
        let (mark, head) = if self.layout.has_sums { (b"BMA3", 72) } else { (b"BMAP", 24) };
        let is_sound = !self.layout.has_sums || sum::is_right(&block, 64) && be64(&block, 56) == walk.file;
        if !block.starts_with(mark) || be16(&block, 4) != level || !is_sound {
            return Err(damaged("a block of a file's tree of extents is of no use"));
        }
        let (count, rest) = (usize::from(be16(&block, 6)), block.get(head..).unwrap_or_default());
        if level > 0 {
            return self.children(rest, count, level, walk);
        }
        // Each block has something new, so that a tree which leads back to itself has an end.
        let records = rest.get(..count * RECORD).filter(|it| !it.is_empty());
        self.records(
            records.ok_or_else(|| damaged("a block of a file's tree of extents is of no use"))?,
            walk,
        )
    }
}
