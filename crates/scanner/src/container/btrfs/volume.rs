//! What lies at addresses: nodes and data, whose checksums are looked at. Where one is wrong the next copy is read; where all are, what can be
//! read is used, and it is said.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use super::chunk::{Chunks, Run};
use super::node::{Item, Key, Node, Pointer};
use super::superblock::Superblock;
use super::{KIND, SUM, SUMS, damaged, failed, last};
use crate::budget::Meter;
use crate::content::Content;
use crate::report::Reason;

/// Items of the tree of chunks, and those of checksums (`BTRFS_FIRST_CHUNK_TREE_OBJECTID`, `BTRFS_EXTENT_CSUM_OBJECTID`).
const CHUNKS: u64 = 256;
const CHUNK: u8 = 228;
const EXTENT_SUM: u64 = -10_i64 as u64;
/// Copies that there can be (RAID1C4).
const MAX_COPIES: usize = 4;
/// Bytes of the nodes that are kept.
const MAX_KEPT: usize = 4 << 20;
/// Things that are said; of more it is said that there are more.
const MAX_REMARKS: usize = 50;

/// A node that is kept, by how it was asked for.
type Kept = Option<(Pointer, Rc<Node>)>;

pub(super) struct Volume<'s> {
    content: Content<'s>,
    superblock: Superblock,
    chunks: Chunks,
    /// The tree of checksums of data.
    sums: Option<Pointer>,
    /// Each node in the place that its address gives it.
    kept: RefCell<Vec<Kept>>,
    remarks: RefCell<BTreeSet<Reason>>,
    has_more_remarks: Cell<bool>,
    meter: Rc<Meter<'s>>,
}

impl<'s> Volume<'s> {
    pub(super) fn open(
        content: &Content<'s>,
        superblock: Superblock,
        meter: &Rc<Meter<'s>>,
    ) -> Result<Volume<'s>, Reason> {
        let chunks = Chunks::of_list(&superblock.system_chunks)?;
        let mut volume = Volume {
            content: content.clone(),
            kept: RefCell::new((0..MAX_KEPT / superblock.node).map(|_| None).collect()),
            superblock,
            chunks,
            sums: None,
            remarks: RefCell::default(),
            has_more_remarks: Cell::new(false),
            meter: Rc::clone(meter),
        };
        volume.read_chunks()?;
        if volume.superblock.sums.is_some() {
            match volume.root(SUMS) {
                Ok((root, _)) => volume.sums = Some(root),
                Err(reason) if reason.ends_file() => return Err(reason),
                Err(reason) => volume.remark_of(reason, "checksums of its data cannot be looked at"),
            }
        }
        Ok(volume)
    }

    /// All chunks, by their tree, which lies in those that the superblock lists.
    fn read_chunks(&mut self) -> Result<(), Reason> {
        let (at, level) = self.superblock.chunks;
        let tree = Pointer::of_root(at, level, self.superblock.chunk_generation);
        let mut all = Chunks::of_list(&self.superblock.system_chunks)?;
        let mut wrong = Ok(());
        let outcome = self.range(&tree, (CHUNKS, CHUNK, 0), last(CHUNKS, CHUNK), &mut |key, item| {
            let added = all.add(key.2, item);
            wrong = std::mem::replace(&mut wrong, Ok(())).and(added);
            Ok(true)
        });
        match outcome.and(wrong) {
            Err(reason) if reason.ends_file() => return Err(reason),
            Err(reason) => self.remark_of(reason, "a part of its list of chunks is damaged"),
            Ok(()) => {}
        }
        self.chunks = all;
        Ok(())
    }

    pub(super) fn meter(&self) -> &Rc<Meter<'s>> {
        &self.meter
    }

    /// Bytes that a checksum of data is about.
    pub(super) fn sector(&self) -> usize {
        self.superblock.sector
    }

    /// The tree of roots.
    pub(super) fn roots(&self) -> Pointer {
        let (at, level) = self.superblock.roots;
        Pointer::of_root(at, level, self.superblock.generation)
    }

    /// Something that is wrong and is said of the whole.
    pub(super) fn remark(&self, what: &str) {
        self.remark_as(damaged(what));
    }

    /// The same where something could not be read: that it lies elsewhere says more.
    fn remark_of(&self, reason: Reason, what: &str) {
        let is_elsewhere = matches!(reason, Reason::NeedsOther { .. } | Reason::Unsupported(_));
        self.remark_as(if is_elsewhere { reason } else { damaged(what) });
    }

    fn remark_as(&self, reason: Reason) {
        let mut remarks = self.remarks.borrow_mut();
        if remarks.len() < MAX_REMARKS {
            remarks.insert(reason);
        } else if !remarks.contains(&reason) {
            self.has_more_remarks.set(true);
        }
    }

    pub(super) fn remarks(&self) -> Vec<Reason> {
        let more = self.has_more_remarks.get().then(|| damaged("more than that is wrong with it"));
        self.remarks.borrow().iter().cloned().chain(more).collect()
    }

    /// Where an address lies on this device.
    fn here(&self, address: u64) -> Result<Run, Reason> {
        let mut run = self.chunks.locate(address)?;
        let elsewhere = run.copies.first().map_or(0, |copy| copy.0);
        run.copies.retain(|(device, _)| *device == self.superblock.device);
        run.copies.truncate(MAX_COPIES);
        if run.copies.is_empty() {
            return Err(Reason::NeedsOther { kind: KIND, other: format!("its device {elsewhere}") });
        }
        Ok(run)
    }

    /// One copy of what lies at an address; the last where there are fewer.
    fn copy(&self, address: u64, length: usize, number: usize) -> Result<Vec<u8>, Reason> {
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            let run = self.here(address.saturating_add(bytes.len() as u64))?;
            let (_, at) = run.copies.get(number).or(run.copies.last()).copied().unwrap_or_default();
            let wanted = run.length.min((length - bytes.len()) as u64) as usize;
            bytes.extend(self.content.bytes_at(at, wanted).map_err(|error| failed(&error))?);
        }
        Ok(bytes)
    }

    /// The first copy that is as it should be; else one that is of use, and that it is not as it should be.
    fn best<T>(
        &self,
        (address, length): (u64, usize),
        mut check: impl FnMut(Vec<u8>) -> Result<(T, bool), Reason>,
    ) -> Result<(T, bool), Reason> {
        let copies = self.here(address)?.copies.len();
        let mut best = None;
        let mut wrong = None;
        for number in 0..copies {
            match self.copy(address, length, number).and_then(&mut check) {
                Ok((found, true)) => return Ok((found, true)),
                Ok((found, false)) => best = best.or(Some(found)),
                Err(reason) if reason.ends_file() => return Err(reason),
                Err(reason) => wrong = wrong.or(Some(reason)),
            }
        }
        best.map(|found| (found, false))
            .ok_or_else(|| wrong.unwrap_or_else(|| damaged("something lies nowhere")))
    }

    pub(super) fn node(&self, pointer: &Pointer) -> Result<Rc<Node>, Reason> {
        let length = self.superblock.node;
        let slots = self.kept.borrow().len().max(1);
        let slot = (pointer.at / length as u64 % slots as u64) as usize;
        if let Some(Some((kept, node))) = self.kept.borrow().get(slot)
            && kept == pointer
        {
            return Ok(Rc::clone(node));
        }
        self.meter.check_end()?;
        let (node, is_right) = self.best((pointer.at, length), |bytes| {
            let is_summed = self.superblock.sums.is_none_or(|kind| {
                let (stored, rest) = bytes.split_at_checked(32).unwrap_or_default();
                kind.is_right(stored, rest)
            });
            let is_ours = bytes.get(32..48) == Some(&self.superblock.id);
            let node = Node::parse(bytes, pointer)?;
            let is_newest = node.generation() == pointer.generation;
            Ok((node, is_summed && is_ours && is_newest))
        })?;
        if !is_right {
            self.remark("a node of its trees has a wrong checksum or is not the newest");
        }
        let node = Rc::new(node);
        if let Some(kept) = self.kept.borrow_mut().get_mut(slot) {
            *kept = Some((*pointer, Rc::clone(&node)));
        }
        Ok(node)
    }

    /// Data, and whether none of its checksums is wrong. Where these are not to be looked at, it is right.
    pub(super) fn data(
        &self,
        address: u64,
        length: usize,
        is_summed: bool,
    ) -> Result<(Vec<u8>, bool), Reason> {
        let (mut bytes, _) = self.best((address, length), |bytes| Ok((bytes, true)))?;
        let (Some(kind), Some(tree)) = (self.superblock.sums, self.sums.filter(|_| is_summed)) else {
            return Ok((bytes, true));
        };
        let copies = self.here(address)?.copies.len();
        let (mut item, mut is_right) = (None, true);
        for (number, part) in bytes.chunks_exact_mut(self.sector()).enumerate() {
            let at = address.saturating_add((number * part.len()) as u64);
            let Some(sum) = self.sum(&tree, at, kind.length(), &mut item)? else { continue };
            if kind.is_right(&sum, part) {
                continue;
            }
            // Each copy may be wrong somewhere else.
            let mut others = (0..copies).filter_map(|copy| self.copy(at, part.len(), copy).ok());
            match others.find(|other| kind.is_right(&sum, other)) {
                Some(other) => part.copy_from_slice(&other),
                None => is_right = false,
            }
        }
        Ok((bytes, is_right))
    }

    /// The checksum of the sector at an address, where there is one. The item with the one before it mostly has it.
    fn sum(
        &self,
        tree: &Pointer,
        address: u64,
        length: usize,
        item: &mut Option<Item>,
    ) -> Result<Option<Vec<u8>>, Reason> {
        let of = |item: &Item| {
            let (number, kind, start): Key = item.key();
            let within = address.checked_sub(start).filter(|_| (number, kind) == (EXTENT_SUM, SUM))?;
            let at = usize::try_from(within / self.sector() as u64).ok()?.checked_mul(length)?;
            item.bytes().get(at..at.checked_add(length)?).map(<[u8]>::to_vec)
        };
        if let Some(sum) = item.as_ref().and_then(of) {
            return Ok(Some(sum));
        }
        *item = match self.up_to(tree, (EXTENT_SUM, SUM, address)) {
            Ok(found) => found,
            Err(reason) if reason.ends_file() => return Err(reason),
            Err(reason) => {
                self.remark_of(reason, "a part of its tree of checksums is damaged");
                None
            }
        };
        Ok(item.as_ref().and_then(of))
    }
}
