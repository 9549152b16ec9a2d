//! The way down a tree to an item or to several. A key is in one node of each level alone, so that no tree leads round or to a node twice.

use std::rc::Rc;

use super::node::{Item, Key, Pointer};
use super::volume::Volume;
use super::{ROOT, SUMS, damaged, root_of};
use crate::container::tree::Wrong;
use crate::report::Reason;

/// Takes items; whether there should be more.
pub(super) type Each<'t> = &'t mut dyn FnMut(Key, &[u8]) -> Result<bool, Reason>;

impl Volume<'_> {
    /// The item whose key is the largest that is not larger than this one.
    pub(super) fn up_to(&self, tree: &Pointer, key: Key) -> Result<Option<Item>, Reason> {
        let mut pointer = *tree;
        loop {
            let node = self.node(&pointer)?;
            let Some(slot) = node.below(key, true).checked_sub(1) else { return Ok(None) };
            if node.is_leaf() {
                return Ok(Some(Item { node, slot }));
            }
            pointer = node.pointer(slot, pointer.before);
        }
    }

    pub(super) fn find(&self, tree: &Pointer, key: Key) -> Result<Option<Item>, Reason> {
        Ok(self.up_to(tree, key)?.filter(|item| item.key() == key))
    }

    /// Hands out every item from one key to another. What is wrong with a node leaves the others.
    pub(super) fn range(&self, tree: &Pointer, from: Key, to: Key, each: Each<'_>) -> Result<(), Reason> {
        let mut wrong = Wrong(Ok(()));
        self.below(tree, (from, to), &mut wrong, each)?;
        wrong.0
    }

    fn below(
        &self,
        pointer: &Pointer,
        keys: (Key, Key),
        wrong: &mut Wrong,
        each: Each<'_>,
    ) -> Result<bool, Reason> {
        let node = match self.node(pointer) {
            Ok(node) => Rc::clone(&node),
            Err(reason) => return wrong.note(Err(reason)).map(|()| true),
        };
        let (from, to) = keys;
        let first = if node.is_leaf() {
            node.below(from, false)
        } else {
            // The last node that begins before may hold it.
            node.below(from, true).saturating_sub(1)
        };
        for slot in first..node.count() {
            let key = node.key(slot);
            let goes_on = key <= to
                && if node.is_leaf() {
                    each(key, node.item(slot))?
                } else {
                    self.below(&node.pointer(slot, pointer.before), keys, wrong, each)?
                };
            if !goes_on {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Where a tree begins, by the tree of roots, and the number of its outermost folder.
    pub(super) fn root(&self, number: u64) -> Result<(Pointer, u64), Reason> {
        let item = self.up_to(&self.roots(), super::last(number, ROOT))?;
        let item = item.filter(|item| (item.key().0, item.key().1) == (number, ROOT));
        let item = item.ok_or_else(|| match number {
            SUMS => damaged("its tree of checksums is not there"),
            _ => damaged("a subvolume of which nothing is there"),
        })?;
        root_of(item.bytes())
    }
}
