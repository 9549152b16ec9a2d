//! FAT12, FAT16 and FAT32 (Microsoft, FAT: General Overview of On-Disk Format, 1.03), with long names. Files that were deleted
//! are not looked for.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use super::tree::{self, FileSystem, Item, Take};
use crate::budget::Meter;
use crate::content::{Content, Piece, Pieces};
use crate::examine::Examiner;
use crate::fields::{byte, le16, le32};
use crate::report::Reason;

const KIND: &str = "FAT file system";
const ENTRY: usize = 32;
/// Bytes of a folder: 65,536 entries are the most.
const MAX_FOLDER: u64 = 2 << 20;
/// Attributes of an entry.
const VOLUME: u8 = 0x08;
const FOLDER: u8 = 0x10;
const LONG_NAME: u8 = 0x0f;

/// Whether the first sector is that of a FAT file system, by what its numbers can be.
pub(super) fn is_sound(content: &Content<'_>) -> io::Result<bool> {
    Ok(Layout::parse(&content.up_to(0, 512)?).is_some())
}

/// The bytes that the first sector says a file system has, where it is the first sector of one.
pub(crate) fn said_length(sector: &[u8]) -> Option<u64> {
    Layout::parse(sector).map(|layout| layout.end)
}

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let sector = content.up_to(0, 512).map_err(|error| failed(&error))?;
    let layout = Layout::parse(&sector).ok_or_else(|| damaged("its first sector is of no use"))?;
    if layout.end > content.length() {
        examiner.container_not_whole(damaged("it is shorter than it says"));
    }
    let (meter, table) = (Rc::clone(&examiner.meter), Table::new(content, layout.table));
    let system = Fat { content: content.clone(), layout, meter, table };
    let root = Node { is_root: true, cluster: system.layout.root_cluster, size: 0 };
    tree::walk(&system, root, examiner)
}

/// Where everything is, in bytes from the start.
struct Layout {
    table: u64,
    root: u64,
    root_length: u64,
    /// The first cluster that is a folder or a file: number 2.
    data: u64,
    end: u64,
    cluster: u64,
    clusters: u32,
    /// Bits of an entry of the table.
    width: u32,
    /// FAT32 has the root like any folder.
    root_cluster: u32,
}

impl Layout {
    /// §3: the numbers of the first sector. `None` where one has a value that no such file system has.
    fn parse(sector: &[u8]) -> Option<Layout> {
        let bytes = u64::from(le16(sector, 11));
        let per_cluster = u64::from(byte(sector, 13));
        let (reserved, tables) = (u64::from(le16(sector, 14)), u64::from(byte(sector, 16)));
        let is_sound = matches!(byte(sector, 0), 0xeb | 0xe9)
            && sector.get(510..512) == Some(b"\x55\xaa")
            && matches!(bytes, 512 | 1024 | 2048 | 4096)
            && per_cluster.is_power_of_two()
            && reserved > 0
            && (1..=4).contains(&tables)
            && byte(sector, 21) >= 0xf0;
        if !is_sound {
            return None;
        }
        let either = |short: u16, long: u32| if short == 0 { u64::from(long) } else { u64::from(short) };
        let total = either(le16(sector, 19), le32(sector, 32));
        let table = either(le16(sector, 22), le32(sector, 36));
        let root = (u64::from(le16(sector, 17)) * ENTRY as u64).div_ceil(bytes);
        let before = reserved + tables * table + root;
        let clusters = total.checked_sub(before)? / per_cluster;
        // Microsoft goes by the number of clusters alone; everyone else makes small ones of FAT32, too, and tells them by this field.
        let width = match clusters {
            _ if le16(sector, 22) == 0 => 32,
            0..4085 => 12,
            _ => 16,
        };
        // FAT32 alone has no root of its own place.
        if table == 0 || (width == 32) != (root == 0) {
            return None;
        }
        Some(Layout {
            table: reserved * bytes,
            root: (reserved + tables * table) * bytes,
            root_length: root * bytes,
            data: before * bytes,
            end: total * bytes,
            cluster: per_cluster * bytes,
            clusters: u32::try_from(clusters).ok()?,
            width,
            root_cluster: if width == 32 { le32(sector, 44) } else { 0 },
        })
    }
}

struct Fat<'s> {
    content: Content<'s>,
    layout: Layout,
    meter: Rc<Meter<'s>>,
    table: Table<'s>,
}

/// The table of clusters, of FAT and of exFAT: read in parts, of which the last is kept.
pub(super) struct Table<'s> {
    content: Content<'s>,
    /// A part, and where it begins.
    kept: RefCell<(u64, Vec<u8>)>,
}

impl<'s> Table<'s> {
    pub(super) fn new(content: &Content<'s>, start: u64) -> Table<'s> {
        Table { content: content.window(start, u64::MAX), kept: RefCell::new((u64::MAX, Vec::new())) }
    }

    /// Four bytes of it; zeros behind the end.
    pub(super) fn number(&self, at: u64) -> io::Result<u32> {
        const PART: u64 = 16 << 10;
        let mut kept = self.kept.borrow_mut();
        let start = at / PART * PART;
        if kept.0 != start {
            // Four bytes more: an entry of FAT12 may lie across.
            *kept = (start, self.content.up_to(start, PART as usize + 4)?);
        }
        Ok(le32(&kept.1, (at - start) as usize))
    }
}

#[derive(Clone, Copy)]
struct Node {
    is_root: bool,
    cluster: u32,
    size: u64,
}

impl<'s> Fat<'s> {
    /// The cluster behind a cluster; `None` at the end of a file.
    fn next(&self, cluster: u32) -> Result<Option<u32>, Reason> {
        let at = u64::from(cluster) * u64::from(self.layout.width) / 8;
        let entry = self.table.number(at).map_err(|error| failed(&error))?;
        let (next, end) = match self.layout.width {
            12 if cluster % 2 == 1 => (entry >> 4 & 0xfff, 0xff8),
            12 => (entry & 0xfff, 0xff8),
            16 => (entry & 0xffff, 0xfff8),
            _ => (entry & 0x0fff_ffff, 0x0fff_fff8),
        };
        Ok(Some(next).filter(|next| *next < end))
    }

    /// The clusters of a file of so many bytes, or of a folder.
    fn pieces(&self, first: u32, size: u64) -> Result<(Pieces<'s>, u64), Reason> {
        let mut pieces = Pieces::new(&self.content);
        let (mut next, mut start) = (Some(first), 0);
        while let Some(cluster) = next.filter(|_| start < size) {
            let index = cluster.checked_sub(2).filter(|index| *index < self.layout.clusters);
            let index = index.ok_or_else(|| damaged("the chain of a file leaves the disk"))?;
            let (at, length) =
                (self.layout.data + u64::from(index) * self.layout.cluster, self.layout.cluster);
            pieces.add(Piece { start, length, at: Some(at) }).map_err(damaged)?;
            start += length;
            next = self.next(cluster)?;
        }
        Ok((pieces, start))
    }

    fn folder(&self, node: Node) -> Result<Content<'s>, Reason> {
        if node.is_root && self.layout.width != 32 {
            return Ok(self.content.window(self.layout.root, self.layout.root_length));
        }
        // A chain that goes in circles ends here as well.
        let (pieces, length) = self.pieces(node.cluster, MAX_FOLDER)?;
        Ok(pieces.content(length, &self.meter))
    }
}

impl<'s> FileSystem<'s> for Fat<'s> {
    type Node = Node;

    fn identity(&self, node: &Node) -> u64 {
        node.cluster.into()
    }

    fn list(&self, folder: &Node, take: Take<'_, Node>) -> Result<(), Reason> {
        let content = self.folder(*folder)?;
        let bytes = content.up_to(0, content.length().min(MAX_FOLDER) as usize);
        let bytes = bytes.map_err(|error| failed(&error))?;
        let mut long = LongName::default();
        for entry in bytes.chunks_exact(ENTRY) {
            let attributes = byte(entry, 11);
            match byte(entry, 0) {
                0 => break,
                0xe5 => long = LongName::default(),
                _ if attributes & LONG_NAME == LONG_NAME => long.add(entry),
                b'.' => {}
                _ if attributes & VOLUME != 0 => long = LongName::default(),
                _ => {
                    let name = std::mem::take(&mut long).of(entry).unwrap_or_else(|| short_name(entry));
                    let high = if self.layout.width == 32 { u32::from(le16(entry, 20)) } else { 0 };
                    let cluster = high << 16 | u32::from(le16(entry, 26));
                    let node = Node { is_root: false, cluster, size: le32(entry, 28).into() };
                    let item = if attributes & FOLDER == 0 { Item::File(node) } else { Item::Folder(node) };
                    take(name.as_bytes(), item)?;
                }
            }
        }
        Ok(())
    }

    fn content(&self, file: &Node) -> Result<Content<'s>, Reason> {
        let (pieces, length) = self.pieces(file.cluster, file.size)?;
        if length < file.size {
            return Err(damaged("the chain of a file is shorter than the file"));
        }
        Ok(pieces.content(file.size, &self.meter))
    }
}

/// A long name as it is put together (§7): its last part stands first.
#[derive(Default)]
struct LongName {
    parts: Vec<Vec<u8>>,
    sum: u8,
}

impl LongName {
    fn add(&mut self, entry: &[u8]) {
        if byte(entry, 0) & 0x40 != 0 {
            self.parts.clear();
            self.sum = byte(entry, 13);
        }
        // 255 characters are the most, thirteen in an entry.
        if self.parts.len() < 20 {
            let part = [1..11, 14..26, 28..32].map(|range| entry.get(range).unwrap_or_default());
            self.parts.push(part.concat());
        }
    }

    /// The name, where it belongs to this entry.
    fn of(self, entry: &[u8]) -> Option<String> {
        let short = entry.get(..11)?;
        let sum = short.iter().fold(0_u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte));
        if self.parts.is_empty() || sum != self.sum {
            return None;
        }
        let bytes: Vec<u8> = self.parts.into_iter().rev().flatten().collect();
        Some(crate::fields::utf16_le(&bytes))
    }
}

/// Eight and three characters; byte 12 says where Windows NT means small letters.
fn short_name(entry: &[u8]) -> String {
    let part = |range: std::ops::Range<usize>, is_small: bool| {
        let text = String::from_utf8_lossy(entry.get(range).unwrap_or_default()).trim_end().to_owned();
        if is_small { text.to_ascii_lowercase() } else { text }
    };
    let flags = byte(entry, 12);
    let (name, ending) = (part(0..8, flags & 0x08 != 0), part(8..11, flags & 0x10 != 0));
    if ending.is_empty() { name } else { format!("{name}.{ending}") }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
