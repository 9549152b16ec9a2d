//! cramfs (Linux, Documentation/filesystems/cramfs.rst and cramfs_fs.h): blocks of 4 KiB, each packed by zlib. Images of machines of
//! the other byte order and blocks with their own places are not read.

use std::io::{self, Read};
use std::rc::Rc;

use super::behind;
use super::tree::{self, FileSystem, Item, Take};
use crate::budget::Meter;
use crate::content::{Content, ReadAt, zeros};
use crate::examine::Examiner;
use crate::fields::{byte, le16, le32};
use crate::report::Reason;

const KIND: &str = "cramfs image";
const BLOCK: u64 = 4096;
const INODE: usize = 12;
/// Bytes of a folder: sizes have 24 bits.
const MAX_FOLDER: usize = 1 << 24;
/// Flags that change where blocks are.
const OTHER_BLOCKS: u32 = 0x800;
/// Kinds of files in the mode.
const KINDS: u16 = 0o170_000;
const FOLDER: u16 = 0o040_000;
const FILE: u16 = 0o100_000;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let header = content.bytes_at(0, 76).map_err(|error| failed(&error))?;
    if byte(&header, 0) != 0x45 {
        return Err(Reason::Unsupported("a cramfs image of a big-endian machine".to_owned()));
    }
    if le32(&header, 8) & OTHER_BLOCKS != 0 {
        return Err(Reason::Unsupported("a cramfs image with blocks that are not packed".to_owned()));
    }
    if u64::from(le32(&header, 4)) > content.length() {
        examiner.container_not_whole(damaged("it is shorter than it says"));
    }
    let root = Node::parse(header.get(64..).unwrap_or_default());
    let system = Cramfs { content: content.clone(), meter: Rc::clone(&examiner.meter) };
    tree::walk(&system, root, examiner)?;
    behind::look(KIND, content, le32(&header, 4).into(), examiner)
}

struct Cramfs<'s> {
    content: Content<'s>,
    meter: Rc<Meter<'s>>,
}

#[derive(Clone, Copy)]
struct Node {
    mode: u16,
    size: u32,
    name: usize,
    at: u64,
}

impl Node {
    fn parse(inode: &[u8]) -> Node {
        let last = le32(inode, 8);
        Node {
            mode: le16(inode, 0),
            size: le32(inode, 4) & 0x00ff_ffff,
            name: (last & 0x3f) as usize * 4,
            at: u64::from(last >> 6) * 4,
        }
    }
}

impl<'s> FileSystem<'s> for Cramfs<'s> {
    type Node = Node;

    /// Folders that are empty all lie nowhere.
    fn identity(&self, node: &Node) -> u64 {
        node.at
    }

    fn list(&self, folder: &Node, take: Take<'_, Node>) -> Result<(), Reason> {
        let size = (folder.size as usize).min(MAX_FOLDER);
        if folder.at + size as u64 > self.content.length() {
            return Err(damaged("a folder reaches beyond its end"));
        }
        let bytes = self.content.bytes_at(folder.at, size).map_err(|error| failed(&error))?;
        let mut rest = bytes.as_slice();
        while rest.len() > INODE {
            let node = Node::parse(rest);
            let name = rest
                .get(INODE..INODE + node.name)
                .ok_or_else(|| damaged("a name reaches beyond its folder"))?;
            rest = rest.get(INODE + node.name..).unwrap_or_default();
            let end = memchr::memchr(0, name).unwrap_or(name.len());
            let item = match node.mode & KINDS {
                FOLDER if node.size == 0 => Item::Other,
                FOLDER => Item::Folder(node),
                FILE => Item::File(node),
                _ => Item::Other,
            };
            take(name.get(..end).unwrap_or_default(), item)?;
        }
        Ok(())
    }

    fn content(&self, file: &Node) -> Result<Content<'s>, Reason> {
        let size = u64::from(file.size);
        let blocks = Blocks { image: self.content.clone(), at: file.at, count: size.div_ceil(BLOCK), size };
        Ok(Content::made(blocks, size, &self.meter))
    }
}

/// The blocks of a file; before them stands where each ends.
struct Blocks<'s> {
    image: Content<'s>,
    at: u64,
    count: u64,
    size: u64,
}

impl ReadAt for Blocks<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let (number, within) = (offset / BLOCK, offset % BLOCK);
        let end_of =
            |number: u64| self.image.bytes_at(self.at + number * 4, 4).map(|it| u64::from(le32(&it, 0)));
        let start = match number.checked_sub(1) {
            Some(before) => end_of(before)?,
            None => self.at + self.count * 4,
        };
        // A block that is nowhere is zeros; a packed one is larger than it was by some bytes at the most.
        let length = end_of(number)?.checked_sub(start).filter(|it| *it <= BLOCK * 2);
        let length = length.ok_or(io::ErrorKind::InvalidData)?;
        let here = (self.size - number * BLOCK).min(BLOCK);
        let wanted = (here - within).min(buffer.len() as u64) as usize;
        let buffer = &mut buffer[..wanted];
        if length == 0 {
            return Ok(zeros(buffer));
        }
        let packed = self.image.bytes_at(start, length as usize)?;
        let mut bytes = Vec::new();
        flate2::bufread::ZlibDecoder::new(packed.as_slice()).take(here).read_to_end(&mut bytes)?;
        let from = bytes.get(within as usize..).unwrap_or_default();
        let count = from.len().min(wanted);
        buffer[..count].copy_from_slice(&from[..count]);
        Ok(count)
    }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
