//! XFS (XFS Algorithms & Data Structures, 3rd edition; Linux, fs/xfs/libxfs/xfs_format.h): superblock of versions 4 and 5, and inodes by
//! their numbers. Where the blocks of a file lie is in `xfs/fork.rs`, folders are in `xfs/folder.rs`. All numbers are big endian but
//! checksums. The log is not replayed: where it holds changes, that is said.

use std::io;
use std::rc::Rc;

use super::tree::{self, FileSystem, Item, Take};
use crate::budget::Meter;
use crate::content::{Content, Piece, Pieces};
use crate::examine::Examiner;
use crate::fields::{be16, be32, be64, byte};
use crate::report::Reason;

mod folder;
mod fork;
mod log;
mod sum;

const KIND: &str = "XFS file system";
/// The largest sector that there is.
const MAX_SECTOR: usize = 32 << 10;
const MAX_BLOCK: u64 = 64 << 10;
/// Bits of `sb_versionnum` and `sb_features2` of version 4.
const FOLDERS_2: u16 = 0x2000;
const MORE_BITS: u16 = 0x8000;
const FTYPE_4: u32 = 0x200;
/// Bits of `sb_features_incompat` of version 5: kinds of files in folders, a need of repair, and all that are known.
const FTYPE_5: u32 = 0x1;
const NEEDS_REPAIR: u32 = 0x10;
const KNOWN: u32 = 0xff;
/// `di_flags`: the bytes lie on the device for real-time files.
const REALTIME: u16 = 1;
/// `di_flags2`: numbers of extents have 64 bits.
const LARGE_COUNTS: u64 = 0x10;
/// Kinds of files in the mode.
const FOLDER: u16 = 0x4000;
const FILE: u16 = 0x8000;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let bytes = content.up_to(0, MAX_SECTOR).map_err(|error| failed(&error))?;
    let layout = Layout::parse(&bytes)?;
    for what in layout.remarks(&bytes) {
        examiner.container_not_whole(damaged(what));
    }
    if layout.blocks.saturating_mul(layout.block) > content.length() {
        examiner.container_not_whole(damaged("it is shorter than it says"));
    }
    let system = Xfs { content: content.clone(), layout, meter: Rc::clone(&examiner.meter) };
    match system.is_log_clean() {
        Ok(true) => {}
        Ok(false) => {
            let what = "it was not unmounted; changes in its log were not looked at";
            examiner.container_not_whole(damaged(what));
        }
        Err(reason) if reason.ends_file() => return Err(reason),
        Err(reason) => examiner.container_not_whole(reason),
    }
    let root = system.inode(system.layout.root)?;
    if root.kind() != FOLDER {
        return Err(damaged("its root is no folder"));
    }
    if !root.is_sound {
        examiner.container_not_whole(damaged(UNSOUND));
    }
    tree::walk(&system, root, examiner)
}

/// What is said of an inode whose checksum is wrong; what can be read of it is looked at all the same.
const UNSOUND: &str = "the checksum of an inode is wrong";

/// What the superblock says (`xfs_dsb`).
struct Layout {
    /// Version 5: all that is not a file's own has a checksum.
    has_sums: bool,
    /// Entries of folders say of which kind a file is.
    has_kinds: bool,
    block: u64,
    blocks: u64,
    group: u64,
    groups: u64,
    /// Bits of a block's number in its group, and of an inode's number in its block.
    group_bits: u32,
    inode_bits: u32,
    inode: usize,
    /// Bytes of a block of a folder.
    folder: usize,
    root: u64,
    /// Number of the first block of the log and of its blocks.
    log: (u64, u64),
}

impl Layout {
    fn parse(bytes: &[u8]) -> Result<Layout, Reason> {
        let version = be16(bytes, 100);
        let has_sums = match version & 0xf {
            4 => false,
            5 => true,
            _ => return Err(Reason::Unsupported(format!("an {KIND} of version {}", version & 0xf))),
        };
        if version & FOLDERS_2 == 0 {
            return Err(Reason::Unsupported(format!("an {KIND} with folders of version 1")));
        }
        let features = be32(bytes, 216);
        if has_sums && features & !KNOWN != 0 {
            let unknown = features & !KNOWN;
            return Err(Reason::Unsupported(format!("an {KIND} with unknown features ({unknown:#x})")));
        }
        let has_kinds = if has_sums {
            features & FTYPE_5 != 0
        } else {
            version & MORE_BITS != 0 && be32(bytes, 200) & FTYPE_4 != 0
        };
        let block = u64::from(be32(bytes, 4));
        let layout = Layout {
            has_sums,
            has_kinds,
            block,
            blocks: be64(bytes, 8),
            group: be32(bytes, 84).into(),
            groups: be32(bytes, 88).into(),
            group_bits: byte(bytes, 124).into(),
            inode_bits: byte(bytes, 123).into(),
            inode: be16(bytes, 104).into(),
            folder: (block as usize).checked_shl(byte(bytes, 192).into()).unwrap_or_default(),
            root: be64(bytes, 56),
            log: (be64(bytes, 48), be32(bytes, 96).into()),
        };
        if layout.is_sound() { Ok(layout) } else { Err(damaged("its superblock is of no use")) }
    }

    fn is_sound(&self) -> bool {
        let is_block = |size: u64| size.is_power_of_two() && (512..=MAX_BLOCK).contains(&size);
        is_block(self.block)
            && is_block(self.folder as u64)
            && self.folder as u64 >= self.block
            && self.inode.is_power_of_two()
            && (256..=2048).contains(&self.inode)
            && (self.inode as u64) << self.inode_bits.min(16) == self.block
            && self.group > 0
            && self.group_bits <= 32
            && self.group <= 1 << self.group_bits
            && self.groups > 0
            // All groups are of one size; the last may be smaller.
            && self.blocks.div_ceil(self.group) == self.groups
    }

    /// What is wrong with the superblock, and leaves it of use.
    fn remarks(&self, bytes: &[u8]) -> impl Iterator<Item = &'static str> {
        let sector = usize::from(be16(bytes, 102));
        let is_sum_right = bytes.get(..sector.max(512)).is_some_and(|it| sum::is_right(it, 224));
        [
            (self.has_sums && !is_sum_right).then_some("the checksum of its superblock is wrong"),
            (self.has_sums && be32(bytes, 216) & NEEDS_REPAIR != 0).then_some("it says that it needs repair"),
            (byte(bytes, 126) != 0).then_some("it was not made to its end"),
        ]
        .into_iter()
        .flatten()
    }

    /// The first byte of a block, by its number: that of its group, then that in the group.
    fn block_at(&self, number: u64) -> Result<u64, Reason> {
        let (group, within) = (number >> self.group_bits, number & ((1 << self.group_bits) - 1));
        let block = group.checked_mul(self.group).and_then(|it| it.checked_add(within));
        let block = block.filter(|block| within < self.group && *block < self.blocks);
        block.and_then(|it| it.checked_mul(self.block)).ok_or_else(|| damaged("a block lies beyond its end"))
    }
}

struct Xfs<'s> {
    content: Content<'s>,
    layout: Layout,
    meter: Rc<Meter<'s>>,
}

/// A file or folder (`xfs_dinode`).
struct Inode {
    number: u64,
    bytes: Vec<u8>,
    is_sound: bool,
}

/// How a file has its bytes (`di_format`).
enum Format {
    /// In the inode.
    Local,
    Extents,
    Tree,
    /// Not at all: devices; or in no known way.
    Other,
}

impl Inode {
    fn kind(&self) -> u16 {
        be16(&self.bytes, 2) & 0xf000
    }

    fn version(&self) -> u8 {
        byte(&self.bytes, 4)
    }

    fn format(&self) -> Format {
        match byte(&self.bytes, 5) {
            1 => Format::Local,
            2 => Format::Extents,
            3 => Format::Tree,
            _ => Format::Other,
        }
    }

    fn links(&self) -> u32 {
        if self.version() == 1 { be16(&self.bytes, 6).into() } else { be32(&self.bytes, 16) }
    }

    fn size(&self) -> u64 {
        be64(&self.bytes, 56)
    }

    fn extents(&self) -> u64 {
        let has_large = self.version() == 3 && be64(&self.bytes, 120) & LARGE_COUNTS != 0;
        if has_large { be64(&self.bytes, 24) } else { be32(&self.bytes, 76).into() }
    }

    /// The part of the inode for the bytes or for where they lie; attributes may follow it.
    fn fork(&self) -> Result<&[u8], Reason> {
        let start = if self.version() == 3 { 176 } else { 100 };
        let area = self.bytes.get(start..).unwrap_or_default();
        let fork = match usize::from(byte(&self.bytes, 82)) * 8 {
            0 => Some(area),
            length => area.get(..length),
        };
        fork.ok_or_else(|| damaged("attributes lie beyond an inode"))
    }

    /// What a file or folder has in its inode.
    fn local(&self) -> Result<&[u8], Reason> {
        let size = usize::try_from(self.size()).ok();
        let bytes = self.fork()?.get(..size.unwrap_or(usize::MAX));
        bytes.ok_or_else(|| damaged("a file is larger than the inode that it lies in"))
    }
}

impl<'s> Xfs<'s> {
    fn inode(&self, number: u64) -> Result<Inode, Reason> {
        let layout = &self.layout;
        let at = layout.block_at(number >> layout.inode_bits)?;
        let within = number & ((1 << layout.inode_bits) - 1);
        let at = at.saturating_add(within.saturating_mul(layout.inode as u64));
        let bytes = self.content.bytes_at(at, layout.inode).map_err(|error| failed(&error))?;
        let is_version = match byte(&bytes, 4) {
            3 => layout.has_sums,
            1 | 2 => !layout.has_sums,
            _ => false,
        };
        // Fifo, character device, folder, block device, file, link, socket (stat(2)).
        let is_kind = matches!(be16(&bytes, 2) >> 12, 1 | 2 | 4 | 6 | 8 | 10 | 12);
        if !bytes.starts_with(b"IN") || !is_version || !is_kind {
            return Err(damaged("an inode that an entry names is of no use"));
        }
        let is_sound = !layout.has_sums || sum::is_right(&bytes, 100) && be64(&bytes, 152) == number;
        Ok(Inode { number, bytes, is_sound })
    }

    fn is_log_clean(&self) -> Result<bool, Reason> {
        let (start, blocks) = self.layout.log;
        if start == 0 {
            return Err(damaged("its log lies on another device; changes in it were not looked at"));
        }
        let length = blocks.saturating_mul(self.layout.block);
        let log = self.content.window(self.layout.block_at(start)?, length);
        if log.length() < length {
            return Err(damaged("its log reaches beyond its end"));
        }
        log::is_clean(&log).map_err(|error| failed(&error))
    }

    /// Where the bytes of a file lie.
    fn pieces(&self, file: &Inode, end: u64) -> Result<Pieces<'s>, Reason> {
        let mut pieces = Pieces::new(&self.content);
        self.extents(file, &mut |extent: Piece| {
            // Room behind the end is made beforehand.
            if extent.start < end { pieces.add(extent).map_err(damaged) } else { Ok(()) }
        })?;
        Ok(pieces)
    }
}

impl<'s> FileSystem<'s> for Xfs<'s> {
    type Node = Inode;

    fn identity(&self, node: &Inode) -> u64 {
        node.number
    }

    fn is_shared(&self, file: &Inode) -> bool {
        file.links() > 1
    }

    fn list(&self, folder: &Inode, take: Take<'_, Inode>) -> Result<(), Reason> {
        self.folder(folder, take)
    }

    fn content(&self, file: &Inode) -> Result<Content<'s>, Reason> {
        if be16(&file.bytes, 90) & REALTIME != 0 {
            let other = "the device for real-time files".to_owned();
            return Err(Reason::NeedsOther { kind: KIND, other });
        }
        if i64::try_from(file.size()).is_err() {
            return Err(damaged("a file is larger than any can be"));
        }
        if let Format::Local = file.format() {
            return Ok(Content::of_bytes(file.local()?.to_vec(), self.meter.shared));
        }
        Ok(self.pieces(file, file.size())?.content(file.size(), &self.meter))
    }
}

fn item(inode: Inode) -> Item<Inode> {
    match inode.kind() {
        FOLDER => Item::Folder(inode),
        FILE => Item::File(inode),
        _ => Item::Other,
    }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
