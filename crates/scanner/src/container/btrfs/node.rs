//! Nodes of trees (`btrfs_header`, `btrfs_item`, `btrfs_key_ptr`): leaves have items in the order of their keys, other nodes the first
//! key of each node below.

use std::rc::Rc;

use super::damaged;
use crate::fields::{byte, le32, le64};
use crate::report::Reason;

/// A number, a kind of item, another number (`btrfs_disk_key`).
pub(super) type Key = (u64, u8, u64);

const HEADER: usize = 101;
/// Bytes of what stands for an item in a leaf, and for a node in a node.
const ITEM: usize = 25;
const POINTER: usize = 33;

pub(super) fn key(bytes: &[u8], at: usize) -> Key {
    (le64(bytes, at), byte(bytes, at + 8), le64(bytes, at + 9))
}

/// What is known of a node before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pointer {
    pub(super) at: u64,
    pub(super) level: u8,
    pub(super) generation: u64,
    /// Its first key, and one that is behind all of its own.
    pub(super) first: Option<Key>,
    pub(super) before: Option<Key>,
}

impl Pointer {
    /// To the root of a tree.
    pub(super) fn of_root(at: u64, level: u8, generation: u64) -> Pointer {
        Pointer { at, level, generation, first: None, before: None }
    }
}

/// A node whose parts are known to be in it and in order.
pub(super) struct Node {
    bytes: Vec<u8>,
    count: usize,
    level: u8,
}

impl Node {
    /// # Errors
    /// Where it is not what a pointer says, or of no use.
    pub(super) fn parse(bytes: Vec<u8>, pointer: &Pointer) -> Result<Node, Reason> {
        let count = le32(&bytes, 96) as usize;
        let level = byte(&bytes, 100);
        if le64(&bytes, 48) != pointer.at || level != pointer.level {
            return Err(damaged("a node of a tree is not there"));
        }
        let width = if level == 0 { ITEM } else { POINTER };
        let end = count.saturating_mul(width).saturating_add(HEADER);
        let node = Node { bytes, count, level };
        if end > node.bytes.len() || level > 0 && count == 0 {
            return Err(damaged("a node of a tree is of no use"));
        }
        let is_inside = |slot: usize| {
            let (start, length) = node.place(slot);
            start >= end && start.checked_add(length).is_some_and(|end| end <= node.bytes.len())
        };
        if level == 0 && !(0..count).all(is_inside) {
            return Err(damaged("an item lies beyond its node"));
        }
        let is_ordered = (1..count).all(|slot| node.key(slot - 1) < node.key(slot));
        if count > 0 && !(is_ordered && node.fits(pointer)) {
            return Err(damaged("items of a tree are in no order"));
        }
        Ok(node)
    }

    fn fits(&self, pointer: &Pointer) -> bool {
        pointer.first.is_none_or(|first| first == self.key(0))
            && pointer.before.is_none_or(|before| self.key(self.count - 1) < before)
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.level == 0
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn generation(&self) -> u64 {
        le64(&self.bytes, 80)
    }

    fn width(&self) -> usize {
        if self.level == 0 { ITEM } else { POINTER }
    }

    pub(super) fn key(&self, slot: usize) -> Key {
        key(&self.bytes, HEADER + slot * self.width())
    }

    /// Where an item begins in a leaf, and its bytes.
    fn place(&self, slot: usize) -> (usize, usize) {
        let at = HEADER + slot * ITEM + 17;
        ((le32(&self.bytes, at) as usize).saturating_add(HEADER), le32(&self.bytes, at + 4) as usize)
    }

    pub(super) fn item(&self, slot: usize) -> &[u8] {
        let (start, length) = self.place(slot);
        self.bytes.get(start..start.saturating_add(length)).unwrap_or_default()
    }

    /// What is known of a node below; the last has keys before those that are behind this one.
    pub(super) fn pointer(&self, slot: usize, before: Option<Key>) -> Pointer {
        let at = HEADER + slot * POINTER;
        Pointer {
            at: le64(&self.bytes, at + 17),
            level: self.level.saturating_sub(1),
            generation: le64(&self.bytes, at + 25),
            first: Some(self.key(slot)),
            before: if slot + 1 < self.count { Some(self.key(slot + 1)) } else { before },
        }
    }

    /// How many keys are smaller, or not larger.
    pub(super) fn below(&self, key: Key, or_same: bool) -> usize {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            let here = self.key(middle);
            if here < key || or_same && here == key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// An item, which keeps its leaf.
pub(super) struct Item {
    pub(super) node: Rc<Node>,
    pub(super) slot: usize,
}

impl Item {
    pub(super) fn key(&self) -> Key {
        self.node.key(self.slot)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.node.item(self.slot)
    }
}
