//! The nodes of a UBIFS image: each with a mark, a sum, a number that is the greater the newer it is, and its length.

use std::io;

use super::index::Place;
use super::{MASTERS, damaged, failed};
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{byte, le16, le32, le64};
use crate::report::Reason;

/// Bytes of the superblock, of what every node begins with, and of the longest node: those with data end at 4,256, those of the index may be longer.
pub(super) const SUPERBLOCK: usize = 4096;
pub(super) const HEADER: usize = 24;
const LONGEST: usize = 64 << 10;
/// Marks with wrong sums that are looked at in one erase block: the sums of more would take longer than to read it.
const MAX_DAMAGED: u32 = 256;
/// Kinds of nodes; the first three are those of keys as well, as is 3, attributes of files.
pub(super) const INODE: u8 = 0;
pub(super) const DATA: u8 = 1;
pub(super) const ENTRY: u8 = 2;
pub(super) const TRUNCATION: u8 = 4;
pub(super) const PADDING: u8 = 5;
const MASTER: u8 = 7;
pub(super) const REFERENCE: u8 = 8;
pub(super) const INDEX: u8 = 9;
pub(super) const COMMIT: u8 = 10;
const MARK: &[u8] = b"\x31\x18\x10\x06";

/// An image, and the bytes of its erase blocks.
#[derive(Clone)]
pub(super) struct Image<'s> {
    pub(super) content: Content<'s>,
    pub(super) block: u32,
}

/// Whether the sum of a node is right (a CRC-32 that is not inverted, over what stands behind it).
pub(super) fn is_sound(node: &[u8]) -> bool {
    let length = le32(node, 16) as usize;
    let bytes = node.get(8..length).unwrap_or_default();
    let is_possible = node.starts_with(MARK) && (HEADER..=LONGEST).contains(&length) && !bytes.is_empty();
    is_possible && !crc32fast::hash(bytes) == le32(node, 4)
}

pub(super) fn kind(node: &[u8]) -> u8 {
    byte(node, 20)
}

/// The number by which it is told which of two nodes is newer.
pub(super) fn sequence(node: &[u8]) -> u64 {
    le64(node, 8)
}

/// The key of a node that has one: of which file or folder it is; and its kind with the block of the file, or with a sum of the name.
pub(super) fn key(node: &[u8]) -> (u32, u32) {
    (le32(node, 24), le32(node, 28))
}

/// The name in an entry of a folder.
pub(super) fn name(entry: &[u8]) -> &[u8] {
    entry.get(56..56 + usize::from(le16(entry, 50))).unwrap_or_default()
}

/// A node that stands in an erase block, or bytes that are none.
pub(super) enum Here<'b> {
    /// Where it stands in the block, and the node.
    Node(u32, &'b [u8]),
    Damaged,
}

impl Image<'_> {
    pub(super) fn blocks(&self) -> u32 {
        u32::try_from(self.content.length().div_ceil(u64::from(self.block))).unwrap_or(u32::MAX)
    }

    /// Whether bytes lie in the image, and within one erase block.
    pub(super) fn has(&self, place: &Place) -> bool {
        let end = u64::from(place.offset) + u64::from(place.length);
        let start = u64::from(place.block) * u64::from(self.block);
        end <= u64::from(self.block) && start + end <= self.content.length()
    }

    /// The node at a place; its sum is looked at, and whether it is the one that was looked for.
    pub(super) fn node(&self, place: &Place) -> io::Result<Vec<u8>> {
        let node = self.any_node(place)?;
        let is_it = kind(&node) == place.kind() && key(&node) == (place.file, place.key);
        if is_it { Ok(node) } else { Err(not_there()) }
    }

    /// The node at a place, without a look at its key.
    pub(super) fn any_node(&self, place: &Place) -> io::Result<Vec<u8>> {
        if !self.has(place) || place.length as usize > LONGEST {
            return Err(not_there());
        }
        let at = u64::from(place.block) * u64::from(self.block) + u64::from(place.offset);
        let node = self.content.bytes_at(at, place.length as usize)?;
        let is_it = is_sound(&node) && le32(&node, 16) == place.length;
        if is_it { Ok(node) } else { Err(not_there()) }
    }

    /// The bytes of an erase block, as far as there are any.
    pub(super) fn block(&self, number: u32) -> io::Result<Vec<u8>> {
        let at = u64::from(number) * u64::from(self.block);
        self.content.up_to(at, self.block as usize)
    }

    /// The master node that was written last: there are two rows of them, of which one may have been written alone.
    pub(super) fn newest_master(&self, examiner: &mut Examiner<'_>) -> Result<Option<Vec<u8>>, Reason> {
        let mut newest: Option<Vec<u8>> = None;
        let mut is_damaged = false;
        for number in MASTERS {
            examiner.meter.entry()?;
            let block = self.block(number).map_err(|error| failed(&error))?;
            for here in nodes(&block, 0) {
                match here {
                    Here::Node(_, node) if kind(node) == MASTER && node.len() >= 512 => {
                        if newest.as_ref().is_none_or(|newest| sequence(newest) < sequence(node)) {
                            newest = Some(node.to_vec());
                        }
                    }
                    Here::Node(..) => {}
                    Here::Damaged => is_damaged = true,
                }
            }
        }
        if is_damaged {
            examiner
                .container_not_whole(damaged("a master node is damaged; it may be older than it should be"));
        }
        Ok(newest)
    }
}

fn not_there() -> io::Error {
    io::Error::other(damaged("a node is not where it should be, or has a wrong checksum"))
}

/// The nodes of an erase block from a place on. Erased bytes and padding are passed over; each mark with a wrong sum behind it is said, until
/// there are so many that the block holds something else.
pub(super) fn nodes(block: &[u8], from: u32) -> impl Iterator<Item = Here<'_>> {
    let mut at = from as usize;
    let mut damaged = 0;
    std::iter::from_fn(move || {
        while let Some(here) = block.get(at..).filter(|here| here.len() >= HEADER && damaged < MAX_DAMAGED) {
            let length = le32(here, 16) as usize;
            if !here.starts_with(MARK) {
                // Nodes begin at multiples of eight.
                at = (at / 8 + 1) * 8;
                continue;
            }
            if !is_sound(here) {
                at += 8;
                damaged += 1;
                return Some(Here::Damaged);
            }
            let place = u32::try_from(at).unwrap_or(u32::MAX);
            let padded = if kind(here) == PADDING { le32(here, 24) as usize } else { 0 };
            at = at.saturating_add(length).saturating_add(padded).next_multiple_of(8);
            return Some(Here::Node(place, here.get(..length).unwrap_or_default()));
        }
        None
    })
}
