//! The index of a UBIFS image: a B-tree whose leaves say where the node of each key is. It is read whole.

use std::collections::HashSet;
use std::ops::Range;

use super::nodes::{self, Image};
use crate::examine::Examiner;
use crate::fields::{le16, le32};
use crate::report::Reason;

/// Nodes that are kept of one image: 8 GiB in full blocks, more than flash without a controller has.
pub(super) const MAX_NODES: usize = 2 << 20;
/// Bytes of the node of an index before its branches, and of a branch; where the image is signed a hash stands behind each.
const BEFORE: usize = 28;
const BRANCH: usize = 20;

/// Where the node of a key is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Of which file or folder it is.
    pub(super) file: u32,
    /// Three bits say of what kind the node is, the others are the block of a file or a sum of a name.
    pub(super) key: u32,
    pub(super) block: u32,
    pub(super) offset: u32,
    pub(super) length: u32,
}

impl Place {
    pub(super) fn kind(&self) -> u8 {
        (self.key >> 29) as u8
    }

    /// The block of the file that a node with data has.
    pub(super) fn number(&self) -> u64 {
        u64::from(self.key & 0x1fff_ffff)
    }
}

/// The nodes of one kind of a file or folder, in places that are in the order of their keys.
pub(super) fn range(places: &[Place], file: u32, kind: u8) -> Range<usize> {
    let before = |kind: u8| places.partition_point(|it| (it.file, it.kind()) < (file, kind));
    before(kind)..before(kind + 1)
}

#[derive(Default)]
pub(super) struct Index {
    /// In the order of their keys.
    pub(super) places: Vec<Place>,
    pub(super) is_full: bool,
}

impl Index {
    /// Reads the index that a master node has; whether all of it was there.
    pub(super) fn read(
        &mut self,
        image: &Image<'_>,
        master: &[u8],
        examiner: &mut Examiner<'_>,
    ) -> Result<bool, Reason> {
        let root = Place {
            file: 0,
            key: 0,
            block: le32(master, 48),
            offset: le32(master, 52),
            length: le32(master, 56),
        };
        let mut seen = HashSet::new();
        let mut ahead = vec![(root, None)];
        let mut is_whole = true;
        while let Some((place, level)) = ahead.pop() {
            examiner.meter.entry()?;
            let is_new = seen.insert((place.block, place.offset));
            let branches = if is_new { branches(image, &place, level) } else { None };
            let Some((level, branches)) = branches else {
                is_whole = false;
                continue;
            };
            if level > 0 {
                ahead.extend(branches.into_iter().map(|place| (place, Some(level - 1))));
                continue;
            }
            is_whole &= branches.iter().all(|place| image.has(place));
            self.is_full |= self.places.len() + branches.len() > MAX_NODES;
            if self.is_full {
                break;
            }
            self.places.extend(branches);
        }
        self.places.sort_unstable();
        Ok(is_whole)
    }
}

/// What a node of the index refers to, and its level; `None` where it is not one of this level.
fn branches(image: &Image<'_>, place: &Place, level: Option<u16>) -> Option<(u16, Vec<Place>)> {
    let node = image.any_node(place).ok().filter(|node| nodes::kind(node) == nodes::INDEX)?;
    let (count, here) = (usize::from(le16(&node, 24)), le16(&node, 26));
    let branches = node.get(BEFORE..)?;
    let size = branches.len().checked_div(count).filter(|size| *size >= BRANCH)?;
    if level.is_some_and(|level| level != here) {
        return None;
    }
    let place = |branch: &[u8]| Place {
        file: le32(branch, 12),
        key: le32(branch, 16),
        block: le32(branch, 0),
        offset: le32(branch, 4),
        length: le32(branch, 8),
    };
    Some((here, branches.chunks_exact(size).take(count).map(place).collect()))
}
