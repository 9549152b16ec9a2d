//! exFAT (Microsoft, exFAT file system specification, 1.00): memory cards and sticks. Files that were deleted are not looked for.

use std::io;
use std::rc::Rc;

use super::fat::Table;
use super::tree::{self, FileSystem, Item, Take};
use crate::budget::Meter;
use crate::content::{Content, Piece, Pieces};
use crate::examine::Examiner;
use crate::fields::{byte, le16, le32, le64, utf16_le};
use crate::report::Reason;

const KIND: &str = "exFAT file system";
const ENTRY: usize = 32;
/// Bytes of a folder (§6: "at most 256 MB").
const MAX_FOLDER: u64 = 256 << 20;
/// Kinds of entries of a folder that are in use (§6.2.1): a file or folder, where it lies, a part of its name.
const FILE: u8 = 0x85;
const STREAM: u8 = 0xc0;
const NAME: u8 = 0xc1;
/// The bit of a kind that says that the entry is in use, and that it stands behind another that it belongs to.
const IN_USE: u8 = 0x80;
const SECONDARY: u8 = 0x40;

/// Where everything is, in bytes from the start (§3.1).
struct Layout {
    table: u64,
    data: u64,
    cluster: u64,
    clusters: u32,
    root: u32,
    end: u64,
}

impl Layout {
    fn parse(sector: &[u8]) -> Option<Layout> {
        let (bytes, per_cluster) = (u32::from(byte(sector, 108)), u32::from(byte(sector, 109)));
        if !(9..=12).contains(&bytes) || bytes + per_cluster > 25 || sector.get(510..512) != Some(b"\x55\xaa")
        {
            return None;
        }
        // The second table counts where the volume says so and has two (§3.1.13.1).
        let is_second = le16(sector, 106) & 1 != 0 && byte(sector, 110) == 2;
        let active = if is_second { u64::from(le32(sector, 84)) } else { 0 };
        Some(Layout {
            table: (u64::from(le32(sector, 80)) + active) << bytes,
            data: u64::from(le32(sector, 88)) << bytes,
            cluster: 1 << (bytes + per_cluster),
            clusters: le32(sector, 92),
            root: le32(sector, 96),
            end: le64(sector, 72).checked_mul(1 << bytes)?,
        })
    }
}

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let sector = content.up_to(0, 512).map_err(|error| failed(&error))?;
    let layout = Layout::parse(&sector).ok_or_else(|| damaged("its first sector is of no use"))?;
    if layout.end > content.length() {
        examiner.container_not_whole(damaged("it is shorter than it says"));
    }
    // §3.1.13.2: set while somebody writes.
    if le16(&sector, 106) & 2 != 0 {
        examiner.container_not_whole(damaged("it was not unmounted"));
    }
    let root = Node { cluster: layout.root, size: None, valid: u64::MAX, is_chained: true };
    let (meter, table) = (Rc::clone(&examiner.meter), Table::new(content, layout.table));
    let system = Exfat { content: content.clone(), layout, meter, table };
    tree::walk(&system, root, examiner)
}

struct Exfat<'s> {
    content: Content<'s>,
    layout: Layout,
    meter: Rc<Meter<'s>>,
    table: Table<'s>,
}

#[derive(Clone, Copy)]
struct Node {
    cluster: u32,
    /// Its bytes; of the root nobody says how many.
    size: Option<u64>,
    /// How many of them were written (§7.6.5): behind them are zeros.
    valid: u64,
    /// Whether the table says which clusters it has; else they stand one behind another (§6.3.4.2).
    is_chained: bool,
}

impl<'s> Exfat<'s> {
    /// The cluster behind a cluster; `None` at the end of a file (§4.1).
    fn next(&self, cluster: u32) -> Result<Option<u32>, Reason> {
        let next = self.table.number(u64::from(cluster) * 4).map_err(|error| failed(&error))?;
        Ok(Some(next).filter(|next| *next != u32::MAX))
    }

    /// Where a cluster lies; the first has the number 2.
    fn place(&self, cluster: u32) -> Result<u64, Reason> {
        let index = cluster.checked_sub(2).filter(|index| *index < self.layout.clusters);
        let index = index.ok_or_else(|| damaged("a file leaves the disk"))?;
        Ok(self.layout.data + u64::from(index) * self.layout.cluster)
    }

    fn read(&self, node: &Node) -> Result<Content<'s>, Reason> {
        let size = node.size.unwrap_or(MAX_FOLDER);
        let written = size.min(node.valid);
        let mut pieces = Pieces::new(&self.content);
        let mut start = 0;
        if !node.is_chained && written > 0 {
            let at = self.place(node.cluster)?;
            if at.saturating_add(written) > self.content.length() {
                return Err(damaged("a file leaves the disk"));
            }
            pieces.add(Piece { start, length: written, at: Some(at) }).map_err(damaged)?;
            start = written;
        }
        let mut next = Some(node.cluster).filter(|_| node.is_chained);
        while let Some(cluster) = next.filter(|_| start < written) {
            let length = self.layout.cluster.min(written - start);
            pieces.add(Piece { start, length, at: Some(self.place(cluster)?) }).map_err(damaged)?;
            start += length;
            next = self.next(cluster)?;
        }
        if node.size.is_some() && start < written {
            return Err(damaged("the chain of a file is shorter than the file"));
        }
        // A root whose chain goes in circles ends at the size that a folder has at the most.
        Ok(pieces.content(node.size.unwrap_or(start), &self.meter))
    }
}

impl<'s> FileSystem<'s> for Exfat<'s> {
    type Node = Node;

    fn identity(&self, node: &Node) -> u64 {
        // Two entries may name one cluster and say different things of it.
        u64::from(node.cluster) << 32 ^ node.size.unwrap_or_default() << 1 ^ u64::from(node.is_chained)
    }

    fn list(&self, folder: &Node, take: Take<'_, Node>) -> Result<(), Reason> {
        if folder.size.is_some_and(|size| size > MAX_FOLDER) {
            return Err(damaged("a folder is larger than any can be"));
        }
        let content = self.read(folder)?;
        let (mut at, mut damage) = (0, None);
        while at < content.length() {
            let first = content.up_to(at, ENTRY).map_err(|error| failed(&error))?;
            let kind = byte(&first, 0);
            if kind == 0 {
                break;
            }
            let count = if kind == FILE { usize::from(byte(&first, 1)) } else { 0 };
            let set = content.up_to(at, ENTRY * (count + 1)).map_err(|error| failed(&error))?;
            if kind == FILE {
                match parse(&set) {
                    Some((name, item)) => take(name.as_bytes(), item)?,
                    None => damage = Some(damaged("entries of a folder do not belong together")),
                }
                // Entries that are not those of this file are looked at by themselves.
                let belongs = |entry: &&[u8]| byte(entry, 0) & (IN_USE | SECONDARY) == IN_USE | SECONDARY;
                let own = set.chunks_exact(ENTRY).skip(1).take_while(belongs).count();
                at += (ENTRY * own) as u64;
            }
            at += ENTRY as u64;
        }
        damage.map_or(Ok(()), Err)
    }

    fn content(&self, file: &Node) -> Result<Content<'s>, Reason> {
        self.read(file)
    }
}

/// The entries of one file or folder (§7.4, §7.6, §7.7): its name, and where it is. `None` where their sum is wrong.
fn parse(set: &[u8]) -> Option<(String, Item<Node>)> {
    let sum = set.iter().enumerate().filter(|(at, _)| !matches!(at, 2 | 3));
    let sum = sum.fold(0_u16, |sum, (_, byte)| sum.rotate_right(1).wrapping_add((*byte).into()));
    let mut entries = set.chunks_exact(ENTRY);
    let (file, stream) = (entries.next()?, entries.next()?);
    if sum != le16(file, 2) || byte(stream, 0) != STREAM {
        return None;
    }
    let parts = entries.filter(|entry| byte(entry, 0) == NAME).filter_map(|entry| entry.get(2..));
    let name: Vec<u8> = parts.flatten().copied().collect();
    let name = utf16_le(name.get(..usize::from(byte(stream, 3)) * 2)?);
    let is_folder = le16(file, 4) & 0x10 != 0;
    let size = le64(stream, 24);
    let node = Node {
        cluster: le32(stream, 20),
        size: Some(size),
        // All of a folder is written (§7.6.5).
        valid: if is_folder { size } else { le64(stream, 8) },
        is_chained: byte(stream, 1) & 2 == 0,
    };
    Some((name, if is_folder { Item::Folder(node) } else { Item::File(node) }))
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
