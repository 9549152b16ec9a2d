//! UBIFS (Linux, fs/ubifs/ubifs-media.h): nodes in erase blocks, found by a B-tree of their keys (`index.rs`), and a journal of what was
//! written since that tree was (`journal.rs`). The journal is replayed in memory; where the tree is damaged, the nodes are found one by one.

use std::collections::HashMap;
use std::io;
use std::rc::Rc;

use super::tree::{self, FileSystem, Item, Take};
use crate::budget::Meter;
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{byte, le32, le64};
use crate::report::Reason;

mod data;
mod index;
mod journal;
mod nodes;

use index::{Index, Place};
use nodes::Image;

const KIND: &str = "UBIFS image";
/// The number of the outermost folder.
const ROOT: u32 = 1;
/// Sizes of its erase blocks: the kernel takes none below 15 KiB, and flash has none above 16 MiB.
const BLOCKS: std::ops::RangeInclusive<u32> = 15 << 10..=16 << 20;
/// Where the master nodes are: erase blocks 1 and 2; behind these begins the log of the journal.
const MASTERS: std::ops::RangeInclusive<u32> = 1..=2;
const LOG: u32 = 3;
/// A file or folder that is encrypted (fscrypt).
const ENCRYPTED: u32 = 0x40;
/// Files that are kept longer than their nodes say, by what was written last.
type Sizes = HashMap<u32, u64>;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let superblock = content.bytes_at(0, nodes::SUPERBLOCK).map_err(|error| failed(&error))?;
    if !nodes::is_sound(&superblock) {
        examiner.container_not_whole(damaged("its superblock has a wrong checksum"));
    }
    let (format, block, version) = (byte(&superblock, 27), le32(&superblock, 36), le32(&superblock, 80));
    if format != 0 || le32(&superblock, 124) != 0 {
        return Err(Reason::Unsupported(format!("a UBIFS image of another version ({version})")));
    }
    if !BLOCKS.contains(&block) {
        return Err(damaged("its erase blocks are of no possible size"));
    }
    let image = Image { content: content.clone(), block };
    let log_blocks = le32(&superblock, 56);
    let (index, sizes) = put_together(&image, log_blocks, examiner)?;
    let system = Ubifs { image, places: index.places.into(), sizes, meter: Rc::clone(&examiner.meter) };
    tree::walk(&system, ROOT, examiner)
}

/// Where every node is: by the tree that was written last, and by what the journal has since.
fn put_together(
    image: &Image<'_>,
    log_blocks: u32,
    examiner: &mut Examiner<'_>,
) -> Result<(Index, Sizes), Reason> {
    let master = image.newest_master(examiner)?;
    let mut index = Index::default();
    let is_whole = match &master {
        Some(master) => index.read(image, master, examiner)?,
        None => false,
    };
    let mut found = journal::Found::default();
    if let (Some(master), true) = (&master, is_whole) {
        found.journal(image, master, log_blocks, examiner)?;
        if found.damaged > 0 {
            let what = format!(
                "{} parts of its journal are of no use; what they changed is not known",
                found.damaged
            );
            examiner.container_not_whole(damaged(&what));
        }
    } else {
        let what = "its index is damaged; its nodes were found one by one, and some may be missing or older than they should be";
        examiner.container_not_whole(damaged(what));
        found.everything(image, examiner)?;
    }
    if found.is_full || index.is_full {
        examiner.container_not_whole(damaged("it has more nodes than any image has"));
    }
    let sizes = found.replay(image, &mut index)?;
    Ok((index, sizes))
}

struct Ubifs<'s> {
    image: Image<'s>,
    /// In the order of their keys.
    places: Rc<[Place]>,
    sizes: Sizes,
    meter: Rc<Meter<'s>>,
}

impl Ubifs<'_> {
    fn node_of(&self, number: u32) -> Result<Vec<u8>, Reason> {
        let there = index::range(&self.places, number, nodes::INODE);
        let place = self.places.get(there).unwrap_or_default().first();
        let place = place.ok_or_else(|| damaged("a file or folder of which nothing is there"))?;
        self.image.node(place).map_err(|error| failed(&error))
    }

    /// The node of a file or folder that is not encrypted.
    fn open_node(&self, number: u32) -> Result<Vec<u8>, Reason> {
        let node = self.node_of(number)?;
        if le32(&node, 108) & ENCRYPTED != 0 {
            return Err(Reason::Unsupported("an encrypted file or folder".to_owned()));
        }
        Ok(node)
    }
}

impl<'s> FileSystem<'s> for Ubifs<'s> {
    type Node = u32;

    fn identity(&self, node: &u32) -> u64 {
        u64::from(*node)
    }

    fn is_shared(&self, _file: &u32) -> bool {
        true
    }

    fn list(&self, folder: &u32, take: Take<'_, u32>) -> Result<(), Reason> {
        let mut outcome = self.open_node(*folder).map(drop);
        if matches!(outcome, Err(Reason::Unsupported(_))) {
            return outcome;
        }
        let entries = index::range(&self.places, *folder, nodes::ENTRY);
        for place in self.places.get(entries).unwrap_or_default() {
            let node = match self.image.node(place) {
                Ok(node) => node,
                Err(error) => {
                    outcome = outcome.and(Err(failed(&error)));
                    continue;
                }
            };
            let file = le32(&node, 40);
            let item = match byte(&node, 49) {
                0 => Item::File(file),
                1 => Item::Folder(file),
                _ => Item::Other,
            };
            take(nodes::name(&node), item)?;
        }
        outcome
    }

    fn content(&self, file: &u32) -> Result<Content<'s>, Reason> {
        let node = self.open_node(*file)?;
        let written = self.sizes.get(file).copied().unwrap_or_default();
        let size = le64(&node, 48).max(written);
        let range = index::range(&self.places, *file, nodes::DATA);
        let file = data::File::new(&self.image, &self.places, range, size);
        Ok(Content::made(file, size, &self.meter))
    }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
