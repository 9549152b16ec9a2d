//! What was written since the index of a UBIFS image was: a log names erase blocks ("buds"), and in the order of their numbers their nodes
//! change what the index says. The same finds everything in an image whose index is of no use.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use super::index::{Index, MAX_NODES, Place};
use super::nodes::{self, Here, Image};
use super::{LOG, Sizes, failed};
use crate::examine::Examiner;
use crate::fields::{le32, le64};
use crate::report::Reason;

/// Bytes of a block of a file.
const BLOCK: u64 = 4096;
/// The keys of a file's data begin here.
const DATA_KEYS: u32 = (nodes::DATA as u32) << 29;

/// A node of the journal.
struct Written {
    sequence: u64,
    place: Place,
    what: What,
}

enum What {
    /// A file or folder that is there.
    There,
    /// One that was removed.
    Removed,
    /// A block of a file, which ends there.
    Data { end: u64 },
    /// A name in a folder, by its hash; whether it was removed.
    Entry { name: u64, is_removed: bool },
    /// A file was cut off.
    Cut { size: u64 },
}

#[derive(Default)]
pub(super) struct Found {
    written: Vec<Written>,
    /// Tells names apart; nobody can make up two that are alike, since it begins with a random number.
    names: RandomState,
    /// Whether the index is to be put together from these alone.
    is_everything: bool,
    /// Nodes with wrong sums, and erase blocks that are not there.
    pub(super) damaged: u64,
    pub(super) is_full: bool,
}

/// What becomes of the nodes of one file that the index has.
#[derive(Default)]
struct Fate {
    is_removed: bool,
    /// Blocks from this key on are no longer there.
    cut: Option<u32>,
}

impl Found {
    /// The nodes of the journal.
    pub(super) fn journal(
        &mut self,
        image: &Image<'_>,
        master: &[u8],
        log_blocks: u32,
        examiner: &mut Examiner<'_>,
    ) -> Result<(), Reason> {
        let commit = le64(master, 32);
        let mut begin = None;
        let mut references = Vec::new();
        for number in LOG..LOG.saturating_add(log_blocks).min(image.blocks()) {
            examiner.meter.entry()?;
            for here in nodes::nodes(&image.block(number).map_err(|error| failed(&error))?, 0) {
                match here {
                    Here::Node(_, node) if nodes::kind(node) == nodes::COMMIT && le64(node, 24) == commit => {
                        begin = begin.max(Some(nodes::sequence(node)));
                    }
                    Here::Node(_, node) if nodes::kind(node) == nodes::REFERENCE => {
                        references.push((nodes::sequence(node), le32(node, 24), le32(node, 28)));
                    }
                    Here::Node(..) => {}
                    Here::Damaged => self.damaged += 1,
                }
            }
        }
        let Some(begin) = begin else {
            self.damaged = self.damaged.max(1);
            return Ok(());
        };
        // Where a block is named again, from a later place on, the commit between the two was not ended.
        let mut buds: BTreeMap<u32, u32> = BTreeMap::new();
        for (_, number, offset) in references.into_iter().filter(|(sequence, ..)| *sequence > begin) {
            let first = buds.entry(number).or_insert(offset);
            *first = offset.min(*first);
        }
        for (number, offset) in buds {
            self.block(image, number, offset, examiner)?;
        }
        Ok(())
    }

    /// All nodes of the image.
    pub(super) fn everything(
        &mut self,
        image: &Image<'_>,
        examiner: &mut Examiner<'_>,
    ) -> Result<(), Reason> {
        self.is_everything = true;
        (LOG..image.blocks()).try_for_each(|number| self.block(image, number, 0, examiner))
    }

    fn block(
        &mut self,
        image: &Image<'_>,
        number: u32,
        from: u32,
        examiner: &mut Examiner<'_>,
    ) -> Result<(), Reason> {
        examiner.meter.entry()?;
        let block = image.block(number).map_err(|error| failed(&error))?;
        if block.len() as u64 <= u64::from(from) {
            self.damaged += 1;
        }
        for here in nodes::nodes(&block, from) {
            examiner.meter.entry()?;
            match here {
                Here::Node(offset, node) => self.node(number, offset, node),
                Here::Damaged => self.damaged += 1,
            }
        }
        Ok(())
    }

    fn node(&mut self, block: u32, offset: u32, node: &[u8]) {
        let (file, key) = nodes::key(node);
        let what = match nodes::kind(node) {
            nodes::INODE if le32(node, 92) == 0 => What::Removed,
            nodes::INODE => What::There,
            nodes::DATA => {
                let start = u64::from(key & 0x1fff_ffff) * BLOCK;
                What::Data { end: start + u64::from(le32(node, 40)).min(BLOCK) }
            }
            nodes::ENTRY => {
                What::Entry { name: self.names.hash_one(nodes::name(node)), is_removed: le64(node, 40) == 0 }
            }
            // This one has no key: the number of the file stands in its place.
            nodes::TRUNCATION => What::Cut { size: le64(node, 48) },
            _ => return,
        };
        if self.written.len() >= MAX_NODES {
            self.is_full = true;
            return;
        }
        let length = u32::try_from(node.len()).unwrap_or(u32::MAX);
        let place = Place { file, key, block, offset, length };
        self.written.push(Written { sequence: nodes::sequence(node), place, what });
    }

    /// Changes the index by what was found, the oldest first. The sizes of files that are longer than their nodes say: those are written behind
    /// the data.
    pub(super) fn replay(mut self, image: &Image<'_>, index: &mut Index) -> Result<Sizes, Reason> {
        if self.is_everything {
            index.places.clear();
        }
        if self.written.is_empty() {
            return Ok(Sizes::default());
        }
        self.written.sort_unstable_by_key(|it| (it.sequence, it.place));
        let (mut now, mut fates, mut sizes) = (Now::default(), HashMap::new(), Sizes::default());
        for Written { place, what, .. } in std::mem::take(&mut self.written) {
            let fate: &mut Fate = fates.entry(place.file).or_default();
            match what {
                What::There => now.put(place, 0, true),
                What::Removed => {
                    fate.is_removed = true;
                    now.remove(place.file, 0);
                }
                What::Data { end } => {
                    let size = sizes.entry(place.file).or_default();
                    *size = end.max(*size);
                    now.put(place, 0, true);
                }
                What::Entry { name, is_removed } => now.put(place, name, !is_removed),
                What::Cut { size } => {
                    sizes.insert(place.file, size);
                    let first = u32::try_from(size.div_ceil(BLOCK)).unwrap_or(u32::MAX).min(DATA_KEYS - 1);
                    let key = DATA_KEYS | first;
                    fate.cut = Some(fate.cut.map_or(key, |cut| cut.min(key)));
                    now.remove_data(place.file, key);
                }
            }
        }
        self.merge(image, index, &now, &fates)?;
        // Nodes of blocks that were cut off long ago are among all there are, so that these tell no size.
        Ok(if self.is_everything { Sizes::default() } else { sizes })
    }

    /// What the index has and nothing changed, and what was written.
    fn merge(
        &self,
        image: &Image<'_>,
        index: &mut Index,
        now: &Now,
        fates: &HashMap<u32, Fate>,
    ) -> Result<(), Reason> {
        let mut places = Vec::new();
        for place in std::mem::take(&mut index.places) {
            let fate = fates.get(&place.file);
            let is_gone = fate.is_some_and(|fate| {
                let is_cut = place.kind() == nodes::DATA && fate.cut.is_some_and(|cut| place.key >= cut);
                fate.is_removed || is_cut
            });
            if !is_gone && !self.is_replaced(image, &place, now)? {
                places.push(place);
            }
        }
        places.extend(now.0.values().flatten());
        places.sort_unstable();
        index.places = places;
        Ok(())
    }

    fn is_replaced(&self, image: &Image<'_>, place: &Place, now: &Now) -> Result<bool, Reason> {
        if place.kind() != nodes::ENTRY {
            return Ok(now.0.contains_key(&(place.file, place.key, 0)));
        }
        let range = (place.file, place.key, 0)..=(place.file, place.key, u64::MAX);
        if now.0.range(range).next().is_none() {
            return Ok(false);
        }
        // Two names may have the same sum, so that both are to be read. One that cannot be read is said when its folder is listed.
        let Ok(entry) = image.node(place) else { return Ok(false) };
        let name = self.names.hash_one(nodes::name(&entry));
        Ok(now.0.contains_key(&(place.file, place.key, name)))
    }
}

/// What the journal says of keys, with the hash of the name where there is one; nothing where the name was removed.
#[derive(Default)]
struct Now(BTreeMap<(u32, u32, u64), Option<Place>>);

impl Now {
    fn put(&mut self, place: Place, name: u64, is_there: bool) {
        self.0.insert((place.file, place.key, name), is_there.then_some(place));
    }

    /// Takes back all keys of a file from one on.
    fn remove(&mut self, file: u32, from: u32) {
        let keys: Vec<_> =
            self.0.range((file, from, 0)..=(file, u32::MAX, u64::MAX)).map(|(key, _)| *key).collect();
        for key in keys {
            self.0.remove(&key);
        }
    }

    /// Takes back the blocks of a file from a key on.
    fn remove_data(&mut self, file: u32, from: u32) {
        let end = (u32::from(nodes::DATA) + 1) << 29;
        let keys: Vec<_> = self.0.range((file, from, 0)..(file, end, 0)).map(|(key, _)| *key).collect();
        for key in keys {
            self.0.remove(&key);
        }
    }
}
