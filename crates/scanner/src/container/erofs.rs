//! EROFS (Linux, fs/erofs/erofs_fs.h and Documentation/filesystems/erofs.rst): what Android and images of containers are made of.
//! Read are files that are plain, in chunks, or packed by LZ4.

use std::io;
use std::rc::Rc;

use super::behind;
use super::tree::{self, FileSystem, Item, Take};
use crate::budget::Meter;
use crate::content::{Content, MAX_PIECES, Piece, Pieces};
use crate::examine::Examiner;
use crate::fields::{byte, le16, le32, le64};
use crate::report::Reason;

mod packed;

const KIND: &str = "EROFS image";
const SUPERBLOCK: u64 = 1024;
/// Features without which an image cannot be read: packed data that stands at the end of its blocks, settings of compressors or clusters
/// of several blocks, files in chunks. (`EROFS_FEATURE_INCOMPAT_…`)
const ZERO_PADDING: u32 = 1;
const BIG_CLUSTERS: u32 = 2;
const CHUNKED: u32 = 4;
/// Bytes of an entry of a folder.
const ENTRY: usize = 12;
const MAX_FOLDER: u64 = 64 << 20;
/// Kinds of files in the mode.
const KINDS: u16 = 0o170_000;
const FOLDER: u16 = 0o040_000;
const FILE: u16 = 0o100_000;
/// How the bytes of a file lie (`EROFS_INODE_…`).
const PLAIN: u16 = 0;
const PACKED_FULL: u16 = 1;
const INLINE: u16 = 2;
const PACKED_COMPACT: u16 = 3;
const CHUNKS: u16 = 4;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let head = content.bytes_at(SUPERBLOCK, 128).map_err(|error| failed(&error))?;
    let (bits, features) = (u32::from(byte(&head, 12)), le32(&head, 80));
    if !(9..=16).contains(&bits) || byte(&head, 90) != 0 {
        return Err(damaged("its blocks are of no possible size"));
    }
    let unknown = features & !(ZERO_PADDING | BIG_CLUSTERS | CHUNKED);
    if unknown != 0 {
        return Err(Reason::Unsupported(format!("an EROFS image with features ({unknown:#x})")));
    }
    let end = u64::from(le32(&head, 36)) << bits;
    if end > content.length() {
        examiner.container_not_whole(damaged("it is shorter than it says"));
    }
    let system = Erofs {
        content: content.clone(),
        meter: Rc::clone(&examiner.meter),
        bits,
        inodes: u64::from(le32(&head, 40)) << bits,
        features,
    };
    let root = system.inode(le16(&head, 14).into())?;
    tree::walk(&system, root, examiner)?;
    behind::look(KIND, content, end, examiner)
}

struct Erofs<'s> {
    content: Content<'s>,
    meter: Rc<Meter<'s>>,
    /// Of a block, its bytes as a power of two.
    bits: u32,
    /// Where inodes begin.
    inodes: u64,
    features: u32,
}

#[derive(Clone, Copy)]
struct Node {
    number: u64,
    mode: u16,
    links: u32,
    size: u64,
    /// How its bytes lie.
    layout: u16,
    /// Where they begin, or how large its chunks are.
    at: u32,
    /// What stands behind the inode and its attributes.
    behind: u64,
}

impl<'s> Erofs<'s> {
    fn inode(&self, number: u64) -> Result<Node, Reason> {
        let at = number.checked_mul(32).and_then(|it| it.checked_add(self.inodes));
        let at = at.ok_or_else(|| damaged("an inode lies nowhere"))?;
        let bytes = self.content.up_to(at, 64).map_err(|error| failed(&error))?;
        let (format, is_long) = (le16(&bytes, 0), byte(&bytes, 0) & 1 != 0);
        let length = if is_long { 64 } else { 32 };
        if bytes.len() < length {
            return Err(damaged("an inode lies behind its end"));
        }
        let attributes = match u64::from(le16(&bytes, 2)) {
            0 => 0,
            count => 12 + (count - 1) * 4,
        };
        Ok(Node {
            number,
            mode: le16(&bytes, 4),
            links: if is_long { le32(&bytes, 44) } else { le16(&bytes, 6).into() },
            size: if is_long { le64(&bytes, 8) } else { le32(&bytes, 8).into() },
            layout: format >> 1 & 7,
            at: le32(&bytes, 16),
            behind: at + length as u64 + attributes,
        })
    }

    fn block(&self) -> u64 {
        1 << self.bits
    }

    /// The bytes of a file or folder.
    fn bytes(&self, node: &Node) -> Result<Content<'s>, Reason> {
        match node.layout {
            PLAIN | INLINE => self.plain(node),
            CHUNKS => self.chunks(node),
            PACKED_FULL | PACKED_COMPACT => {
                let extents = packed::extents(self, node)?;
                Ok(Content::made(extents, node.size, &self.meter))
            }
            _ => Err(Reason::Unsupported("a file of EROFS whose bytes lie in a form that is new".to_owned())),
        }
    }

    /// In one piece; the last part, where it is inline, stands behind the inode.
    fn plain(&self, node: &Node) -> Result<Content<'s>, Reason> {
        let start = u64::from(node.at) << self.bits;
        let within = if node.layout == INLINE { node.size % self.block() } else { 0 };
        let before = node.size - within;
        let mut pieces = Pieces::new(&self.content);
        for (first, length, at) in [(0, before, start), (before, within, node.behind)] {
            if length > 0 {
                self.inside(at, length)?;
                pieces.add(Piece { start: first, length, at: Some(at) }).map_err(damaged)?;
            }
        }
        Ok(pieces.content(node.size, &self.meter))
    }

    fn inside(&self, at: u64, length: u64) -> Result<(), Reason> {
        let end = at.checked_add(length).filter(|end| *end <= self.content.length());
        end.map(drop).ok_or_else(|| damaged("a file reaches beyond the end"))
    }

    /// Each chunk somewhere: by a list of numbers of blocks, or of entries that name a device as well
    /// (`struct erofs_inode_chunk_index`).
    fn chunks(&self, node: &Node) -> Result<Content<'s>, Reason> {
        let bits = self.bits + (node.at & 0x1f);
        let is_indexed = node.at & 0x20 != 0;
        let (width, at) = if is_indexed { (8, node.behind.next_multiple_of(8)) } else { (4, node.behind) };
        let count = node.size >> bits;
        let count = count + u64::from(count << bits < node.size);
        if count > MAX_PIECES as u64 {
            return Err(damaged("a file has more chunks than any has"));
        }
        let list = self.content.bytes_at(at, count as usize * width).map_err(|error| failed(&error))?;
        let mut pieces = Pieces::new(&self.content);
        for (number, entry) in (0_u64..).zip(list.chunks_exact(width)) {
            if is_indexed && le16(entry, 2) != 0 {
                return Err(Reason::Unsupported("a file of EROFS on another device".to_owned()));
            }
            let block = if is_indexed { le32(entry, 4) } else { le32(entry, 0) };
            let start = number << bits;
            let length = (node.size - start).min(1 << bits);
            let at = Some(u64::from(block) << self.bits).filter(|_| block != u32::MAX);
            at.map_or(Ok(()), |at| self.inside(at, length))?;
            pieces.add(Piece { start, length, at }).map_err(damaged)?;
        }
        Ok(pieces.content(node.size, &self.meter))
    }
}

impl<'s> FileSystem<'s> for Erofs<'s> {
    type Node = Node;

    fn identity(&self, node: &Node) -> u64 {
        node.number
    }

    fn is_shared(&self, file: &Node) -> bool {
        file.links > 1
    }

    fn list(&self, folder: &Node, take: Take<'_, Node>) -> Result<(), Reason> {
        if folder.size > MAX_FOLDER {
            return Err(damaged("a folder is larger than any can be"));
        }
        let content = self.bytes(folder)?;
        let mut at = 0;
        while at < folder.size {
            let block = content.up_to(at, self.block() as usize).map_err(|error| failed(&error))?;
            self.entries(&block, take)?;
            at += self.block();
        }
        Ok(())
    }

    fn content(&self, file: &Node) -> Result<Content<'s>, Reason> {
        self.bytes(file)
    }
}

impl Erofs<'_> {
    /// The entries of one block of a folder: where the first name begins says how many there are.
    fn entries(&self, block: &[u8], take: Take<'_, Node>) -> Result<(), Reason> {
        let names = usize::from(le16(block, 8));
        let entries = block.get(..names).filter(|_| names >= ENTRY && names.is_multiple_of(ENTRY));
        let entries = entries.ok_or_else(|| damaged("a block of a folder is of no use"))?;
        let mut ends = entries.chunks_exact(ENTRY).skip(1).map(|entry| usize::from(le16(entry, 8)));
        for entry in entries.chunks_exact(ENTRY) {
            let start = usize::from(le16(entry, 8));
            let name = block.get(start..ends.next().unwrap_or(block.len()));
            let name = name.ok_or_else(|| damaged("a name reaches beyond its folder"))?;
            let name = name.get(..memchr::memchr(0, name).unwrap_or(name.len())).unwrap_or_default();
            if matches!(name, b"." | b"..") {
                continue;
            }
            let node = self.inode(le64(entry, 0))?;
            let item = match node.mode & KINDS {
                FOLDER => Item::Folder(node),
                FILE => Item::File(node),
                _ => Item::Other,
            };
            take(name, item)?;
        }
        Ok(())
    }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
