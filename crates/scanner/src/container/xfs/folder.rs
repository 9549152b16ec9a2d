//! Folders (XFS Algorithms & Data Structures, "Directories"): in the inode, in one block, or in blocks of data before those of the index,
//! which is not needed. What is wrong with one entry leaves the others.

use super::{FOLDER, Format, Inode, UNSOUND, Xfs, damaged, failed, item, sum};
use crate::container::tree::{Take, Wrong};
use crate::content::{Piece, Pieces};
use crate::fields::{be16, be32, be64, byte};
use crate::report::Reason;

/// The byte of a folder at which its index begins (`XFS_DIR2_LEAF_OFFSET`); names are in front of it.
const INDEX: u64 = 1 << 35;
/// Bytes of one folder: some ten million entries.
const MAX_FOLDER: u64 = 1 << 30;
/// What stands where an entry's number would, in room that no entry has (`XFS_DIR2_DATA_FREE_TAG`).
const FREE: u16 = 0xffff;

impl<'s> Xfs<'s> {
    /// Hands out what is in a folder.
    pub(super) fn folder(&self, folder: &Inode, take: Take<'_, Inode>) -> Result<(), Reason> {
        let mut wrong = Wrong(Ok(()));
        if let Format::Local = folder.format() {
            let outcome = self.short(folder.local()?, take, &mut wrong);
            wrong.note(outcome)?;
            return wrong.0;
        }
        let (mut pieces, mut parts, mut end) = (Pieces::new(&self.content), Vec::new(), 0);
        let outcome = self.extents(folder, &mut |extent: Piece| {
            if extent.start < INDEX {
                end = extent.start.saturating_add(extent.length);
                if end > MAX_FOLDER {
                    return Err(damaged("a folder is larger than any can be"));
                }
                parts.push((extent.start, end));
                pieces.add(extent).map_err(damaged)?;
            }
            Ok(())
        });
        // What is known of it so far is listed.
        wrong.note(outcome)?;
        if folder.size() != end {
            wrong.note(Err(damaged("a folder is not as long as it says")))?;
        }
        let content = pieces.content(end, &self.meter);
        let (size, mut next) = (self.layout.folder as u64, 0);
        for (start, end) in parts {
            // One block may lie in several parts.
            let mut at = next.max(start - start % size);
            while at < end {
                self.meter.entry()?;
                let block = content.up_to(at, self.layout.folder).map_err(|error| failed(&error));
                let outcome = block.and_then(|block| self.block(folder.number, &block, take, &mut wrong));
                wrong.note(outcome)?;
                at += size;
            }
            next = at;
        }
        wrong.0
    }

    /// A folder in its inode (`xfs_dir2_sf_hdr`): numbers of four bytes each, or of eight where one needs them.
    fn short(&self, bytes: &[u8], take: Take<'_, Inode>, wrong: &mut Wrong) -> Result<(), Reason> {
        const WRONG: &str = "a list of files in an inode is of no use";
        let wide = byte(bytes, 1) > 0;
        let number = if wide { 8 } else { 4 };
        let mut at = 2 + number;
        for _ in 0..byte(bytes, 0) {
            let length = usize::from(byte(bytes, at));
            let start = at + 3;
            let behind = start + length + usize::from(self.layout.has_kinds);
            let name = bytes.get(start..start + length).filter(|name| !name.is_empty());
            let name = name.filter(|_| behind + number <= bytes.len()).ok_or_else(|| damaged(WRONG))?;
            let kind = if self.layout.has_kinds { byte(bytes, start + length) } else { 0 };
            let inode = if wide { be64(bytes, behind) } else { be32(bytes, behind).into() };
            self.entry(name, inode, kind, take, wrong)?;
            at = behind + number;
        }
        if at == bytes.len() { Ok(()) } else { Err(damaged(WRONG)) }
    }

    /// One block of names (`xfs_dir2_data_hdr`, `xfs_dir3_data_hdr`).
    fn block(
        &self,
        folder: u64,
        block: &[u8],
        take: Take<'_, Inode>,
        wrong: &mut Wrong,
    ) -> Result<(), Reason> {
        const WRONG: &str = "a block of a folder is of no use";
        let is_alone = match (block.get(..4), self.layout.has_sums) {
            (Some(b"XDB3"), true) | (Some(b"XD2B"), false) => true,
            (Some(b"XDD3"), true) | (Some(b"XD2D"), false) => false,
            _ => return Err(damaged(WRONG)),
        };
        if self.layout.has_sums && (!sum::is_right(block, 4) || be64(block, 40) != folder) {
            wrong.note(Err(damaged("the checksum of a block of a folder is wrong")))?;
        }
        // Where a folder is one block, its index stands at the end: pairs of numbers, then how many.
        let last = block.len().saturating_sub(8);
        let index = (be32(block, last) as usize).saturating_mul(8);
        let end = if is_alone { last.checked_sub(index) } else { Some(block.len()) };
        let names = end.and_then(|end| block.get(..end)).ok_or_else(|| damaged(WRONG))?;
        let mut at = if self.layout.has_sums { 64 } else { 16 };
        while at < names.len() {
            if be16(names, at) == FREE {
                let length = usize::from(be16(names, at + 2));
                if length < 8 || at + length > names.len() {
                    return Err(damaged(WRONG));
                }
                at += length;
                continue;
            }
            let length = usize::from(byte(names, at + 8));
            let kinds = usize::from(self.layout.has_kinds);
            let size = (8 + 1 + length + kinds + 2).next_multiple_of(8);
            let name = names.get(at + 9..at + 9 + length).filter(|name| !name.is_empty());
            // The last two bytes of an entry say where it begins.
            let is_sound = at + size <= names.len() && usize::from(be16(names, at + size - 2)) == at;
            let name = name.filter(|_| is_sound).ok_or_else(|| damaged(WRONG))?;
            let kind = if kinds > 0 { byte(names, at + 9 + length) } else { 0 };
            self.entry(name, be64(names, at), kind, take, wrong)?;
            at += size;
        }
        Ok(())
    }

    fn entry(
        &self,
        name: &[u8],
        number: u64,
        kind: u8,
        take: Take<'_, Inode>,
        wrong: &mut Wrong,
    ) -> Result<(), Reason> {
        if matches!(name, b"." | b"..") {
            return Ok(());
        }
        let inode = match self.inode(number) {
            Ok(inode) => inode,
            Err(reason) => return wrong.note(Err(reason)),
        };
        if !inode.is_sound {
            wrong.note(Err(damaged(UNSOUND)))?;
        }
        if kind != 0 && KINDS.get(usize::from(kind)) != Some(&inode.kind()) {
            wrong.note(Err(damaged("a file is of another kind than its entry says")))?;
        }
        take(name, item(inode))
    }
}

/// The kinds of files by their numbers in entries (`XFS_DIR3_FT_REG_FILE` and so on); the last is what hides a file of another layer.
const KINDS: [u16; 9] = [0, 0x8000, FOLDER, 0x2000, 0x6000, 0x1000, 0xc000, 0xa000, 0x2000];
