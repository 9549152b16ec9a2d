//! ext2, ext3 and ext4 (the kernel's Documentation/filesystems/ext4): superblock, group descriptors, inodes, folders. Where the
//! blocks of a file lie is in `map.rs`. The journal is not replayed: where it holds changes, that is said.

use std::io;
use std::rc::Rc;

use super::tree::{self, FileSystem, Item, Take};
use crate::budget::Meter;
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{byte, le16, le32};
use crate::report::Reason;

mod map;

const KIND: &str = "ext file system";
const SUPERBLOCK_AT: u64 = 1024;
const ROOT: u32 = 2;
/// Bytes of one folder: some ten million entries.
const MAX_FOLDER: u64 = 1 << 30;

/// Features without which nothing can be read right (super.rst, `s_feature_incompat`).
const COMPRESSION: u32 = 0x1;
const FILETYPE: u32 = 0x2;
const RECOVER: u32 = 0x4;
const JOURNAL_DEVICE: u32 = 0x8;
const META_GROUPS: u32 = 0x10;
const WIDE: u32 = 0x80;
/// Flags of an inode (inodes.rst, `i_flags`).
const ENCRYPTED: u32 = 0x800;
const EXTENTS: u32 = 0x8_0000;
const INLINE: u32 = 0x1000_0000;

/// Whether the superblock says what one can say.
pub(super) fn is_sound(content: &Content<'_>) -> io::Result<bool> {
    Ok(Superblock::parse(&content.up_to(SUPERBLOCK_AT, 1024)?).is_some())
}

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    open_one(content, examiner).map(drop)
}

/// One that other things stand behind. Returns how many bytes it has.
pub(super) fn open_one<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<u64, Reason> {
    let bytes = content.up_to(SUPERBLOCK_AT, 1024).map_err(|error| failed(&error))?;
    let superblock = Superblock::parse(&bytes).ok_or_else(|| damaged("its superblock is of no use"))?;
    if superblock.features & JOURNAL_DEVICE != 0 {
        return Err(Reason::Unsupported("an external journal of an ext file system".to_owned()));
    }
    if superblock.features & COMPRESSION != 0 {
        return Err(Reason::Unsupported("a compressed ext file system".to_owned()));
    }
    if superblock.features & RECOVER != 0 {
        examiner
            .container_not_whole(damaged("it was not unmounted; changes in its journal were not looked at"));
    }
    if superblock.blocks.saturating_mul(superblock.block_size) > content.length() {
        examiner.container_not_whole(damaged("it is shorter than it says"));
    }
    let length = superblock.blocks.saturating_mul(superblock.block_size);
    let system = Ext { content: content.clone(), superblock, meter: Rc::clone(&examiner.meter) };
    let root = system.inode(ROOT)?;
    tree::walk(&system, root, examiner).map(|()| length)
}

struct Superblock {
    block_size: u64,
    blocks: u64,
    inodes: u32,
    blocks_per_group: u32,
    inodes_per_group: u32,
    inode_size: u16,
    first_block: u32,
    features: u32,
    descriptor_size: u16,
    first_meta_group: u32,
    sparse: bool,
}

impl Superblock {
    /// super.rst. `None` where a field has a value that no such file system has: the mark alone is two bytes.
    fn parse(bytes: &[u8]) -> Option<Superblock> {
        let log = le32(bytes, 0x18);
        let revision = le32(bytes, 0x4c);
        if bytes.len() < 1024 || le16(bytes, 0x38) != 0xef53 || log > 6 || revision > 1 {
            return None;
        }
        let block_size = 1024_u64 << log;
        let features = if revision == 0 { 0 } else { le32(bytes, 0x60) };
        let wide = features & WIDE != 0;
        let high = if wide { u64::from(le32(bytes, 0x150)) } else { 0 };
        let superblock = Superblock {
            block_size,
            blocks: u64::from(le32(bytes, 4)) | high << 32,
            inodes: le32(bytes, 0),
            blocks_per_group: le32(bytes, 0x20),
            inodes_per_group: le32(bytes, 0x28),
            inode_size: if revision == 0 { 128 } else { le16(bytes, 0x58) },
            first_block: le32(bytes, 0x14),
            features,
            descriptor_size: if wide { le16(bytes, 0xfe) } else { 32 },
            first_meta_group: le32(bytes, 0x104),
            sparse: revision == 1 && le32(bytes, 0x64) & 1 != 0,
        };
        superblock.is_sound().then_some(superblock)
    }

    fn is_sound(&self) -> bool {
        let inode_size = u64::from(self.inode_size);
        self.blocks > 0
            && self.inodes > 0
            && self.blocks_per_group > 0
            && (1..=self.block_size * 8).contains(&u64::from(self.inodes_per_group))
            && self.inode_size.is_power_of_two()
            && (128..=self.block_size).contains(&inode_size)
            && self.first_block <= 1
            && matches!(self.descriptor_size, 32 | 64 | 128 | 256 | 512 | 1024)
    }

    /// Where the descriptor of a group is (group_descr.rst; with meta groups each has its own at its beginning).
    fn descriptor_at(&self, group: u64) -> Option<u64> {
        let size = u64::from(self.descriptor_size);
        let per_block = self.block_size / size;
        let block = group / per_block;
        let block = if self.features & META_GROUPS == 0 || block < u64::from(self.first_meta_group) {
            u64::from(self.first_block) + 1 + block
        } else {
            let first = block * per_block;
            let start = first.checked_mul(u64::from(self.blocks_per_group))? + u64::from(self.first_block);
            start + u64::from(!self.sparse || has_superblock(first))
        };
        block.checked_mul(self.block_size)?.checked_add(group % per_block * size)
    }
}

/// Groups with a copy of the superblock where not all have one: 0, 1 and powers of 3, 5 and 7.
fn has_superblock(group: u64) -> bool {
    let is_power = |base: u64| {
        let mut power = 1;
        while power < group {
            power *= base;
        }
        power == group
    };
    group < 2 || [3, 5, 7].into_iter().any(is_power)
}

struct Ext<'s> {
    content: Content<'s>,
    superblock: Superblock,
    meter: Rc<Meter<'s>>,
}

/// A file or folder (inodes.rst).
struct Inode {
    number: u32,
    bytes: Vec<u8>,
}

impl Inode {
    fn kind(&self) -> u16 {
        le16(&self.bytes, 0) & 0xf000
    }

    fn size(&self) -> u64 {
        u64::from(le32(&self.bytes, 4)) | u64::from(le32(&self.bytes, 0x6c)) << 32
    }

    fn flags(&self) -> u32 {
        le32(&self.bytes, 0x20)
    }

    /// The map of its blocks, or its first bytes.
    fn map(&self) -> &[u8] {
        self.bytes.get(0x28..0x64).unwrap_or_default()
    }
}

impl<'s> Ext<'s> {
    fn inode(&self, number: u32) -> Result<Inode, Reason> {
        let superblock = &self.superblock;
        let index = number.checked_sub(1).filter(|_| number <= superblock.inodes);
        let index = index.ok_or_else(|| damaged("an entry names a file that cannot be"))?;
        let (group, within) = (index / superblock.inodes_per_group, index % superblock.inodes_per_group);
        let size = usize::from(superblock.descriptor_size);
        let at = superblock.descriptor_at(group.into()).ok_or_else(beyond)?;
        let descriptor = self.content.bytes_at(at, size).map_err(|error| failed(&error))?;
        let high = if size >= 64 { u64::from(le32(&descriptor, 0x28)) } else { 0 };
        let table = u64::from(le32(&descriptor, 8)) | high << 32;
        let at = table.checked_mul(superblock.block_size).ok_or_else(beyond)?;
        let at = at.checked_add(u64::from(within) * u64::from(superblock.inode_size)).ok_or_else(beyond)?;
        let bytes =
            self.content.bytes_at(at, superblock.inode_size.into()).map_err(|error| failed(&error))?;
        Ok(Inode { number, bytes })
    }

    /// What a small file has in its inode: behind the first 60 bytes an attribute (attributes.rst) has the rest.
    fn inline(inode: &Inode) -> Vec<u8> {
        let mut bytes = inode.map().to_vec();
        let first = 128 + usize::from(le16(&inode.bytes, 0x80)) + 4;
        let mut at = first;
        // An entry of no name and kind ends the list.
        while le32(&inode.bytes, at) != 0 {
            let length = usize::from(byte(&inode.bytes, at));
            let name = inode.bytes.get(at + 16..at + 16 + length);
            if byte(&inode.bytes, at + 1) == 7 && name == Some(b"data".as_slice()) {
                let start = first + usize::from(le16(&inode.bytes, at + 2));
                let rest = inode.bytes.get(start..).unwrap_or_default();
                bytes.extend(rest.iter().take(le32(&inode.bytes, at + 8) as usize));
            }
            at += (16 + length).next_multiple_of(4);
        }
        bytes.truncate(usize::try_from(inode.size()).unwrap_or(usize::MAX));
        bytes
    }

    /// The entries in one block of a folder (directory.rst).
    fn block(&self, block: &[u8], take: Take<'_, Inode>) -> Result<(), Reason> {
        let (mut at, mut first_wrong) = (0, Ok(()));
        while at + 8 <= block.len() {
            let number = le32(block, at);
            let length = match le16(block, at + 4) {
                // What does not fit into sixteen bits.
                0 | 0xffff => 0x1_0000,
                length => usize::from(length),
            };
            if length < 8 {
                return Err(damaged("an entry of a folder has no length"));
            }
            let has_kind = self.superblock.features & FILETYPE != 0;
            let wanted = if has_kind { usize::from(byte(block, at + 6)) } else { le16(block, at + 6).into() };
            let name = block.get(at + 8..at + 8 + wanted).unwrap_or_default();
            if number != 0 && !matches!(name, b"" | b"." | b"..") {
                match self.inode(number) {
                    Ok(inode) => take(name, item(inode))?,
                    Err(reason) => first_wrong = first_wrong.and(Err(reason)),
                }
            }
            at += length;
        }
        first_wrong
    }
}

/// By the kind of file (stat(2)).
fn item(inode: Inode) -> Item<Inode> {
    match inode.kind() {
        0x4000 => Item::Folder(inode),
        0x8000 => Item::File(inode),
        _ => Item::Other,
    }
}

impl<'s> FileSystem<'s> for Ext<'s> {
    type Node = Inode;

    fn identity(&self, node: &Inode) -> u64 {
        node.number.into()
    }

    fn is_shared(&self, file: &Inode) -> bool {
        le16(&file.bytes, 0x1a) > 1
    }

    fn list(&self, folder: &Inode, take: Take<'_, Inode>) -> Result<(), Reason> {
        if folder.flags() & INLINE != 0 {
            // The first four bytes are the folder above; the rest is in two parts, each like a block.
            let bytes = Ext::inline(folder);
            let (first, second) = bytes.split_at(bytes.len().min(60));
            self.block(first.get(4..).unwrap_or_default(), take)?;
            return self.block(second, take);
        }
        let content = self.content(folder)?;
        if content.length() > MAX_FOLDER {
            return Err(damaged("a folder is larger than any can be"));
        }
        let block_size = self.superblock.block_size;
        let mut first_wrong = Ok(());
        for at in 0..content.length().div_ceil(block_size) {
            let block =
                content.up_to(at * block_size, block_size as usize).map_err(|error| failed(&error))?;
            match self.block(&block, take) {
                Err(reason) if reason.ends_file() => return Err(reason),
                Err(reason) if first_wrong.is_ok() => first_wrong = Err(reason),
                Ok(()) | Err(_) => {}
            }
        }
        first_wrong
    }

    fn content(&self, file: &Inode) -> Result<Content<'s>, Reason> {
        let flags = file.flags();
        if flags & ENCRYPTED != 0 {
            return Err(Reason::Unsupported("an encrypted file or folder".to_owned()));
        }
        if flags & INLINE != 0 {
            return Ok(Content::of_bytes(Ext::inline(file), self.meter.shared));
        }
        let block_size = self.superblock.block_size;
        let blocks = map::Blocks { content: &self.content, block_size, meter: &self.meter };
        let pieces = if flags & EXTENTS != 0 {
            blocks.by_extents(file.map(), file.size())?
        } else {
            blocks.by_blocks(file.map(), file.size())?
        };
        Ok(pieces.content(file.size(), &self.meter))
    }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}

fn beyond() -> Reason {
    damaged("a table lies beyond any disk")
}
