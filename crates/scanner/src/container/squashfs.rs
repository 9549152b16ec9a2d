//! squashfs 4.0 (the kernel's Documentation/filesystems/squashfs.rst, fs/squashfs/squashfs_fs.h): inodes and folders in tables of
//! compressed blocks. Blocks are unpacked one at a time, by `blocks.rs`.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use super::behind;
use super::tree::{self, FileSystem, Item, Take};
use crate::budget::Meter;
use crate::content::{Content, ReadAt, zeros};
use crate::examine::Examiner;
use crate::fields::{le16, le32, le64};
use crate::report::Reason;

mod blocks;

use blocks::{Blocks, Codec, Cursor};

const KIND: &str = "squashfs image";
const SUPERBLOCK: usize = 96;
/// Bytes of a data block: 1 MiB is the most that the kernel takes.
const MAX_BLOCK: u32 = 1 << 20;
/// Blocks of a file: 512 GiB in blocks of 128 KiB.
const MAX_BLOCKS: u64 = 4 << 20;
/// No part of a fragment.
const NO_FRAGMENT: u32 = u32::MAX;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let superblock = content.bytes_at(0, SUPERBLOCK).map_err(|error| failed(&error))?;
    let (major, minor) = (le16(&superblock, 28), le16(&superblock, 30));
    if !superblock.starts_with(b"hsqs") || major != 4 {
        let version =
            if superblock.starts_with(b"hsqs") { format!(" {major}.{minor}") } else { String::new() };
        return Err(Reason::Unsupported(format!(
            "a squashfs image of another version{version} or a maker's own"
        )));
    }
    let block_size = le32(&superblock, 12);
    if !(4096..=MAX_BLOCK).contains(&block_size) {
        return Err(damaged("its blocks have a size that none has"));
    }
    let codec = Codec::by_number(le16(&superblock, 20))?;
    if le64(&superblock, 40) > content.length() {
        examiner.container_not_whole(damaged("it is shorter than it says"));
    }
    let blocks = Rc::new(Blocks::new(content.clone(), codec, &examiner.meter));
    let system = Squashfs {
        blocks,
        block_size,
        fragments: le32(&superblock, 16),
        inode_table: le64(&superblock, 64),
        folder_table: le64(&superblock, 72),
        fragment_table: le64(&superblock, 80),
        meter: Rc::clone(&examiner.meter),
    };
    let root = system.inode(le64(&superblock, 32))?;
    match root {
        Item::Folder(node) => tree::walk(&system, node, examiner)?,
        Item::File(_) | Item::Other => return Err(damaged("its root is no folder")),
    }
    behind::look(KIND, content, le64(&superblock, 40), examiner)
}

struct Squashfs<'s> {
    blocks: Rc<Blocks<'s>>,
    block_size: u32,
    fragments: u32,
    inode_table: u64,
    folder_table: u64,
    fragment_table: u64,
    meter: Rc<Meter<'s>>,
}

/// A folder: where its listing begins (block and place in it) and its length. A file: what its inode says; its list of blocks is
/// read when it is opened.
enum Node {
    Folder {
        number: u32,
        block: u32,
        offset: u16,
        length: u32,
    },
    File {
        number: u32,
        links: u32,
        start: u64,
        size: u64,
        fragment: u32,
        offset: u32,
        sizes_at: (u64, usize),
    },
}

impl<'s> Squashfs<'s> {
    /// An inode by its reference: the block in the table, and the place in the unpacked block.
    fn inode(&self, reference: u64) -> Result<Item<Node>, Reason> {
        let mut cursor = self.cursor(self.inode_table, reference >> 16, (reference & 0xffff) as usize)?;
        let head = cursor.take(16)?;
        let number = le32(&head, 12);
        Ok(match le16(&head, 0) {
            1 => {
                let it = cursor.take(16)?;
                let (block, length, offset) = (le32(&it, 0), le16(&it, 8).into(), le16(&it, 10));
                Item::Folder(Node::Folder { number, block, offset, length })
            }
            8 => {
                let it = cursor.take(24)?;
                let (block, length, offset) = (le32(&it, 8), le32(&it, 4), le16(&it, 18));
                Item::Folder(Node::Folder { number, block, offset, length })
            }
            2 => {
                let it = cursor.take(16)?;
                let (start, size) = (le32(&it, 0).into(), le32(&it, 12).into());
                let (fragment, offset, sizes_at) = (le32(&it, 4), le32(&it, 8), cursor.place());
                Item::File(Node::File { number, links: 1, start, size, fragment, offset, sizes_at })
            }
            9 => {
                let it = cursor.take(40)?;
                let (start, size, links) = (le64(&it, 0), le64(&it, 8), le32(&it, 24));
                let (fragment, offset, sizes_at) = (le32(&it, 28), le32(&it, 32), cursor.place());
                Item::File(Node::File { number, links, start, size, fragment, offset, sizes_at })
            }
            3..=14 => Item::Other,
            _ => return Err(damaged("an inode of no known kind")),
        })
    }

    fn cursor(&self, table: u64, block: u64, offset: usize) -> Result<Cursor<'_, 's>, Reason> {
        let at = table.checked_add(block).ok_or_else(|| damaged("a table lies beyond any end"))?;
        Ok(Cursor::new(&self.blocks, at, offset))
    }

    /// Where a fragment lies, and its packed size.
    fn fragment(&self, number: u32) -> Result<(u64, u32), Reason> {
        const PER_BLOCK: u32 = 512;
        if number >= self.fragments {
            return Err(damaged("a file ends in a fragment that is not there"));
        }
        let at = self.fragment_table.checked_add(u64::from(number / PER_BLOCK) * 8);
        let at = at.ok_or_else(|| damaged("a table lies beyond any end"))?;
        let pointer = self.blocks.image.bytes_at(at, 8).map_err(|error| failed(&error))?;
        let mut cursor = self.cursor(le64(&pointer, 0), 0, (number % PER_BLOCK) as usize * 16)?;
        let entry = cursor.take(16)?;
        Ok((le64(&entry, 0), le32(&entry, 8)))
    }
}

impl<'s> FileSystem<'s> for Squashfs<'s> {
    type Node = Node;

    fn identity(&self, node: &Node) -> u64 {
        match node {
            Node::Folder { number, .. } | Node::File { number, .. } => u64::from(*number),
        }
    }

    fn is_shared(&self, file: &Node) -> bool {
        matches!(file, Node::File { links: 2.., .. })
    }

    fn list(&self, folder: &Node, take: Take<'_, Node>) -> Result<(), Reason> {
        let Node::Folder { block, offset, length, .. } = folder else { return Ok(()) };
        let mut cursor = self.cursor(self.folder_table, u64::from(*block), usize::from(*offset))?;
        // The length counts three bytes for itself and the folder above.
        let mut left = u64::from(*length).saturating_sub(3);
        while left > 0 {
            let header = cursor.take(12)?;
            left = left.saturating_sub(12);
            let (count, start) = (le32(&header, 0), le32(&header, 4));
            if count >= 256 {
                return Err(damaged("a folder has more entries in a row than any has"));
            }
            for _ in 0..=count {
                let entry = cursor.take(8)?;
                let length = usize::from(le16(&entry, 6)) + 1;
                let name = cursor.take(length)?;
                left = left.saturating_sub(8 + length as u64);
                let item = self.inode(u64::from(start) << 16 | u64::from(le16(&entry, 0)))?;
                take(&name, item)?;
            }
        }
        Ok(())
    }

    fn content(&self, file: &Node) -> Result<Content<'s>, Reason> {
        let Node::File { start, size, fragment, offset, sizes_at, .. } = file else {
            return Err(damaged("a folder is no file"));
        };
        let block_size = u64::from(self.block_size);
        let has_fragment = *fragment != NO_FRAGMENT;
        let count = if has_fragment { size / block_size } else { size.div_ceil(block_size) };
        if count > MAX_BLOCKS {
            return Err(damaged("a file has more blocks than any has"));
        }
        let mut cursor = Cursor::new(&self.blocks, sizes_at.0, sizes_at.1);
        let mut places = Vec::new();
        let mut at = *start;
        for _ in 0..count {
            let size = le32(&cursor.take(4)?, 0);
            places.push((at, size));
            at = at.saturating_add(u64::from(size & 0xff_ffff));
        }
        let tail = if has_fragment { Some((self.fragment(*fragment)?, *offset as usize)) } else { None };
        let blocks = Rc::clone(&self.blocks);
        let file =
            File { blocks, places, tail, size: *size, block_size: self.block_size, last: RefCell::default() };
        Ok(Content::made(file, *size, &self.meter))
    }
}

/// The bytes of a file.
struct File<'s> {
    blocks: Rc<Blocks<'s>>,
    /// Where each block lies, and its packed size.
    places: Vec<(u64, u32)>,
    /// The fragment with the end of the file, and where in it.
    tail: Option<((u64, u32), usize)>,
    size: u64,
    block_size: u32,
    /// The block that was read last.
    last: RefCell<Option<(u64, Rc<[u8]>)>>,
}

impl File<'_> {
    /// An unpacked block; `None` for one of zeros.
    fn block(&self, index: u64) -> io::Result<Option<Rc<[u8]>>> {
        if let Some((_, bytes)) = self.last.borrow().as_ref().filter(|(at, _)| *at == index) {
            return Ok(Some(Rc::clone(bytes)));
        }
        let whole = self.block_size as usize;
        let place = usize::try_from(index).ok().and_then(|index| self.places.get(index));
        let bytes: Rc<[u8]> = match (place, self.tail) {
            (Some((_, 0)), _) => return Ok(None),
            (Some((at, size)), _) => self.blocks.data(*at, *size, whole)?,
            (None, Some(((at, size), offset))) => {
                let fragment = self.blocks.fragment(at, size, whole)?;
                let length = (self.size % u64::from(self.block_size)) as usize;
                let end = offset.saturating_add(length);
                fragment.get(offset..end).ok_or(io::ErrorKind::UnexpectedEof)?.into()
            }
            (None, None) => return Err(io::ErrorKind::UnexpectedEof.into()),
        };
        *self.last.borrow_mut() = Some((index, Rc::clone(&bytes)));
        Ok(Some(bytes))
    }
}

impl ReadAt for File<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let block_size = u64::from(self.block_size);
        let (index, within) = (offset / block_size, (offset % block_size) as usize);
        let Some(block) = self.block(index)? else {
            let wanted = (self.block_size as usize - within).min(buffer.len());
            return Ok(zeros(&mut buffer[..wanted]));
        };
        let from = block.get(within..).unwrap_or_default();
        let wanted = from.len().min(buffer.len());
        buffer[..wanted].copy_from_slice(&from[..wanted]);
        Ok(wanted)
    }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
