//! The nodes of a JFFS2 image: it is read once from its first byte to its last, and the sum of every node is looked at. A node whose sum
//! is wrong does not count, as for the kernel; that there is one is said.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io;

use super::{KIND, damaged, failed};
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{be16, be32, byte, le16, le32};
use crate::report::Reason;

/// Bytes of what every node begins with.
pub(super) const HEADER: usize = 12;
/// Bytes of the node of a file before its data, and of an entry of a folder before its name.
const PART: usize = 68;
const ENTRY: usize = 40;
/// Bytes that are read at once; the longest entry is far shorter.
const STEP: usize = 64 << 10;
const LONGEST: usize = ENTRY + 255;
/// Nodes that are kept of one image: one of 4 GiB, the most that the kernel can have, has half as many in full pages.
const MAX_NODES: usize = 2 << 20;
/// Bytes that are no nodes: a damaged node has a page at the most, and its erase block a few of these.
const MAX_STRAY: u64 = 64 << 10;
/// Nodes without this bit were written over by others.
const ACCURATE: u16 = 0x2000;
/// Nodes of unknown kinds that have one of these bits matter.
const NEEDED: u16 = 0xc000;

/// The order of the bytes of its numbers, which is that of the machine that it is for.
#[derive(Clone, Copy)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) fn of(head: &[u8]) -> Option<Order> {
        [Order::Little, Order::Big].into_iter().find(|order| head.starts_with(order.mark()))
    }

    fn mark(self) -> &'static [u8] {
        match self {
            Order::Little => b"\x85\x19",
            Order::Big => b"\x19\x85",
        }
    }

    fn u16(self, node: &[u8], at: usize) -> u16 {
        match self {
            Order::Little => le16(node, at),
            Order::Big => be16(node, at),
        }
    }

    fn u32(self, node: &[u8], at: usize) -> u32 {
        match self {
            Order::Little => le32(node, at),
            Order::Big => be32(node, at),
        }
    }

    /// The kind of a node; `None` where the sum of its header is wrong. A node that was written over lost a bit after the sum was made.
    pub(super) fn kind(self, node: &[u8]) -> Option<u16> {
        let kind = self.u16(node, 2);
        let whole = match self {
            Order::Little => (kind | ACCURATE).to_le_bytes(),
            Order::Big => (kind | ACCURATE).to_be_bytes(),
        };
        let header = [node.get(..2)?, &whole, node.get(4..8)?].concat();
        (node.len() >= HEADER && sum(&header) == self.u32(node, 8)).then_some(kind)
    }
}

/// A CRC-32 that begins with zero and is not inverted.
fn sum(bytes: &[u8]) -> u32 {
    let mut sum = Sum::default();
    sum.add(bytes);
    sum.value()
}

struct Sum(crc32fast::Hasher);

impl Default for Sum {
    fn default() -> Sum {
        Sum(crc32fast::Hasher::new_with_initial(u32::MAX))
    }
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn value(self) -> u32 {
        !self.0.finalize()
    }
}

/// A part of a file, with what was known of the file when it was written.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) file: u32,
    version: u32,
    pub(super) mode: u32,
    /// Bytes of the whole file.
    pub(super) size: u32,
    /// Where in the file this part begins, how many bytes it has, and how many packed.
    pub(super) start: u32,
    pub(super) length: u32,
    pub(super) packed: u32,
    pub(super) method: u8,
    pub(super) at: u64,
}

/// An entry of a folder. The name is read when it is needed.
pub(super) struct Entry {
    pub(super) folder: u32,
    version: u32,
    /// What it names; zero where the name was removed.
    pub(super) file: u32,
    pub(super) kind: u8,
    pub(super) name_length: u8,
    pub(super) name_at: u64,
    /// Tells names apart; nobody can make up two that are alike, since it begins with a random number.
    name_hash: u64,
}

/// What an image holds.
#[derive(Default)]
pub(super) struct Nodes {
    /// In the order of their files, then of their versions.
    pub(super) parts: Vec<Part>,
    /// The newest of each name, in the order of their folders, then of their places.
    pub(super) entries: Vec<Entry>,
    /// Nodes with wrong sums, nodes of unknown kinds, bytes that are in no node.
    torn: u64,
    unknown: u64,
    stray: u64,
    is_cut: bool,
    is_full: bool,
}

impl Nodes {
    /// Reads an image, and says what is wrong with it. Returns where it ends as well: behind its last node, in front of so many bytes that are
    /// no nodes that it is something else that stands there. Space that was erased may be anywhere. Fewer such bytes at the end may be a
    /// damaged node: said.
    pub(super) fn read<'s>(
        content: &Content<'s>,
        order: Order,
        examiner: &mut Examiner<'s>,
    ) -> Result<(Nodes, u64), Reason> {
        let mut window = Window { content, start: 0, bytes: Vec::new() };
        let mut nodes = Nodes::default();
        let names = RandomState::new();
        // Behind the last node, and what was no part of one before.
        let (mut at, mut end, mut stray) = (0, 0, 0);
        while at < content.length() && !nodes.is_cut && !nodes.is_full {
            examiner.meter.entry()?;
            let here = window.at(at).map_err(|error| failed(&error))?;
            let passed = nodes.pass(here, order);
            if passed > 0 {
                at += passed;
            } else {
                let before = nodes.stray;
                at += nodes.node(&mut window, at, order, &names).map_err(|error| failed(&error))?;
                if nodes.stray == before {
                    (end, stray) = (at, before);
                }
            }
            if nodes.stray - stray > MAX_STRAY {
                nodes.stray = stray;
                break;
            }
        }
        if at >= content.length() && nodes.stray == stray || nodes.is_full {
            end = content.length();
        }
        nodes.say(examiner);
        nodes.parts.sort_unstable_by_key(|part| (part.file, part.version, part.at));
        nodes.keep_newest();
        Ok((nodes, end))
    }

    /// How many bytes come before something that may be a node. Erased ones and zeros are nothing, all others count.
    fn pass(&mut self, here: &[u8], order: Order) -> u64 {
        let mut passed = 0;
        for word in here.chunks(4) {
            if word.starts_with(order.mark()) {
                break;
            }
            let is_blank = word.iter().all(|byte| *byte == 0xff) || word.iter().all(|byte| *byte == 0);
            self.stray += if is_blank { 0 } else { word.len() as u64 };
            passed += word.len() as u64;
        }
        passed
    }

    /// Takes the node at a place; returns how far it is to what follows.
    fn node(
        &mut self,
        window: &mut Window<'_, '_>,
        at: u64,
        order: Order,
        names: &RandomState,
    ) -> io::Result<u64> {
        let left = window.content.length() - at;
        let node = window.at(at)?;
        let length = u64::from(order.u32(node, 4));
        let Some(kind) = order.kind(node).filter(|_| length >= HEADER as u64) else {
            self.stray += 4;
            return Ok(4);
        };
        if length > left {
            self.is_cut = true;
            return Ok(length);
        }
        match kind {
            _ if kind & ACCURATE == 0 => {}
            0xe001 => self.entry(node, at, order, names),
            0xe002 => self.part(window, at, order)?,
            // Marks of erased blocks, padding, summaries of blocks, attributes of files.
            0x2003 | 0x2004 | 0x2006 | 0xe008 | 0xe009 => {}
            _ if kind & NEEDED == 0 => {}
            _ => self.unknown += 1,
        }
        self.is_full = self.parts.len() + self.entries.len() >= MAX_NODES;
        Ok(length.next_multiple_of(4))
    }

    fn entry(&mut self, node: &[u8], at: u64, order: Order, names: &RandomState) {
        let name_length = byte(node, 28);
        let end = ENTRY + usize::from(name_length);
        let name = node.get(ENTRY..end).filter(|_| end as u64 <= u64::from(order.u32(node, 4)));
        let is_sound = sum(node.get(..32).unwrap_or_default()) == order.u32(node, 32);
        let Some(name) = name.filter(|name| is_sound && sum(name) == order.u32(node, 36)) else {
            self.torn += 1;
            return;
        };
        self.entries.push(Entry {
            folder: order.u32(node, 12),
            version: order.u32(node, 16),
            file: order.u32(node, 20),
            kind: byte(node, 29),
            name_length,
            name_at: at + ENTRY as u64,
            name_hash: names.hash_one(name),
        });
    }

    fn part(&mut self, window: &mut Window<'_, '_>, at: u64, order: Order) -> io::Result<()> {
        let node = window.at(at)?;
        let part = Part {
            file: order.u32(node, 12),
            version: order.u32(node, 16),
            mode: order.u32(node, 20),
            size: order.u32(node, 28),
            start: order.u32(node, 44),
            length: order.u32(node, 52),
            packed: order.u32(node, 48),
            method: byte(node, 56),
            at: at + PART as u64,
        };
        let fits = PART as u64 + u64::from(part.packed) <= u64::from(order.u32(node, 4));
        let is_sound = fits && sum(node.get(..60).unwrap_or_default()) == order.u32(node, 64);
        let data_sum = order.u32(node, 60);
        if is_sound && window.sum(part.at, part.packed.into())? == data_sum {
            self.parts.push(part);
        } else {
            self.torn += 1;
        }
        Ok(())
    }

    fn keep_newest(&mut self) {
        let entries = &mut self.entries;
        entries.sort_unstable_by_key(|it| {
            (it.folder, it.name_hash, std::cmp::Reverse((it.version, it.name_at)))
        });
        entries.dedup_by_key(|it| (it.folder, it.name_hash));
        entries.retain(|it| it.file != 0);
        entries.sort_unstable_by_key(|it| (it.folder, it.name_at));
    }

    fn say(&self, examiner: &mut Examiner<'_>) {
        let mut say = |what: String| examiner.container_not_whole(Reason::Damaged { kind: KIND, what });
        if self.torn > 0 {
            say(format!("{} of its nodes have wrong checksums", self.torn));
        }
        if self.stray > 0 {
            say(format!("{} bytes of it are no part of a node", self.stray));
        }
        if self.is_cut {
            say("it ends within a node".to_owned());
        }
        if self.unknown > 0 {
            let what = format!("what {} nodes of unknown kinds hold", self.unknown);
            examiner.container_not_whole(Reason::Unsupported(what));
        }
        if self.is_full {
            examiner.container_not_whole(damaged("it has more nodes than any image has"));
        }
    }
}

/// The bytes around the place that is looked at.
struct Window<'c, 's> {
    content: &'c Content<'s>,
    start: u64,
    bytes: Vec<u8>,
}

impl Window<'_, '_> {
    /// What is held from a place on: a whole header and name at least, unless the image ends before.
    fn at(&mut self, at: u64) -> io::Result<&[u8]> {
        let end = self.start + self.bytes.len() as u64;
        let is_held =
            at >= self.start && at < end && (end - at >= LONGEST as u64 || end == self.content.length());
        if !is_held {
            self.bytes = self.content.up_to(at, STEP)?;
            self.start = at;
        }
        Ok(self.bytes.get((at - self.start) as usize..).unwrap_or_default())
    }

    fn sum(&mut self, mut at: u64, mut count: u64) -> io::Result<u32> {
        let mut sum = Sum::default();
        while count > 0 {
            let here = self.at(at)?;
            let wanted = count.min(here.len() as u64);
            if wanted == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            sum.add(here.get(..wanted as usize).unwrap_or_default());
            (at, count) = (at + wanted, count - wanted);
        }
        Ok(sum.value())
    }
}
