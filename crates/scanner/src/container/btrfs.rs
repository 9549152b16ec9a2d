//! btrfs (btrfs.readthedocs.io, "On-disk Format"; Linux, include/uapi/linux/btrfs_tree.h): trees of items, found by the superblock
//! (`superblock.rs`). Where their addresses lie on the device is in `chunk.rs`, what is read there and checked in `volume.rs`, their nodes
//! are in `node.rs`, the way down to an item in `search.rs`. Subvolumes and snapshots are trees of their own (`folder.rs`), as is each
//! file's list of extents (`file.rs`). The log is not replayed: where there is one, that is said.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::io;
use std::rc::Rc;

use super::tree::{self, FileSystem, Take};
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{byte, le32, le64};
use crate::report::Reason;

mod chunk;
mod file;
mod folder;
mod node;
mod search;
mod sum;
mod superblock;
mod volume;

use node::{Key, Pointer};
use volume::Volume;

const KIND: &str = "btrfs file system";
/// Numbers of trees (`BTRFS_FS_TREE_OBJECTID` and so on): the outermost subvolume, checksums of data; those of other subvolumes.
const OUTERMOST: u64 = 5;
const SUMS: u64 = 7;
const SUBVOLUMES: std::ops::RangeInclusive<u64> = 256..=u64::MAX - 256;
/// Kinds of items (`BTRFS_INODE_ITEM_KEY` and so on).
const INODE: u8 = 1;
const BY_NAME: u8 = 84;
const BY_NUMBER: u8 = 96;
const EXTENT: u8 = 108;
const SUM: u8 = 128;
const ROOT: u8 = 132;
const ROOT_NAME: u8 = 156;
/// Kinds of files in the mode.
const FOLDER: u32 = 0x4000;
const FILE: u32 = 0x8000;
/// Bytes of the item of an inode, and of that of a root without its later parts.
const INODE_BYTES: usize = 160;
const ROOT_BYTES: usize = 239;
/// Bits of an inode's number, and subvolumes: together they are a number of 64 bits. Numbers are given in their order, a million a second
/// for half a year.
const NUMBER_BITS: u32 = 44;
const MAX_SUBVOLUMES: usize = 1 << 20;

/// Whether a copy of the superblock tells that it is one.
pub(super) fn has_copy(content: &Content<'_>) -> io::Result<bool> {
    superblock::has_copy(content)
}

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let superblock = superblock::newest(content, examiner)?;
    if superblock.total > content.length() {
        examiner.container_not_whole(damaged("it is shorter than it says"));
    }
    if superblock.log != 0 {
        let what = "it was not unmounted; changes in its log were not looked at";
        examiner.container_not_whole(damaged(what));
    }
    if superblock.devices > 1 {
        let what = "what a newer copy on another device of the btrfs file system may hold".to_owned();
        examiner.container_not_whole(Reason::Unsupported(what));
    }
    let volume = Rc::new(Volume::open(content, superblock, &examiner.meter)?);
    let system = Btrfs { volume, subvolumes: RefCell::default(), listed: RefCell::default() };
    let outcome = system.everything(examiner);
    for reason in system.volume.remarks() {
        examiner.container_not_whole(reason);
    }
    outcome
}

struct Btrfs<'s> {
    volume: Rc<Volume<'s>>,
    /// Those that were met.
    subvolumes: RefCell<HashMap<u64, Rc<Subvolume>>>,
    /// Those whose outermost folder was listed.
    listed: RefCell<HashSet<u64>>,
}

/// A tree of files and folders.
struct Subvolume {
    number: u64,
    /// How many were met before it.
    index: u64,
    root: Pointer,
    /// The number of its outermost folder.
    folder: u64,
}

/// A file or folder.
struct Inode {
    subvolume: Rc<Subvolume>,
    number: u64,
    size: u64,
    links: u32,
    mode: u32,
    flags: u64,
}

impl Inode {
    fn kind(&self) -> u32 {
        self.mode & 0xf000
    }
}

impl<'s> Btrfs<'s> {
    /// The outermost subvolume with all that folders lead to, then those to which none does.
    fn everything(&self, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
        let outermost = self.outermost_folder(OUTERMOST).and_then(|root| tree::walk(self, root, examiner));
        if let Err(reason) = &outermost
            && reason.ends_file()
        {
            return outermost;
        }
        let (numbers, complete) = self.numbers()?;
        if let Err(reason) = complete {
            examiner.container_not_whole(reason);
        }
        for number in numbers {
            if !self.listed.borrow().contains(&number) {
                examiner.enter(&format!("subvolume {number}"), |examiner| {
                    tree::walk(self, self.outermost_folder(number)?, examiner)
                })?;
            }
        }
        outermost
    }

    /// The numbers of all subvolumes that are not removed, and whether these are all.
    fn numbers(&self) -> Result<(Vec<u64>, Result<(), Reason>), Reason> {
        let mut numbers = Vec::new();
        let (from, to) = ((*SUBVOLUMES.start(), 0, 0), (*SUBVOLUMES.end(), u8::MAX, u64::MAX));
        let complete = self.volume.range(&self.volume.roots(), from, to, &mut |key, item| {
            // One that nothing refers to is being removed.
            if key.1 == ROOT && le32(item, 216) > 0 && numbers.last() != Some(&key.0) {
                numbers.push(key.0);
            }
            Ok(numbers.len() < MAX_SUBVOLUMES)
        });
        match complete {
            Err(reason) if reason.ends_file() => Err(reason),
            complete => Ok((numbers, complete)),
        }
    }

    fn subvolume(&self, number: u64) -> Result<Rc<Subvolume>, Reason> {
        if let Some(known) = self.subvolumes.borrow().get(&number) {
            return Ok(Rc::clone(known));
        }
        let (root, folder) = self.volume.root(number)?;
        let mut subvolumes = self.subvolumes.borrow_mut();
        if subvolumes.len() >= MAX_SUBVOLUMES {
            return Err(damaged("it has more subvolumes than any has"));
        }
        let index = subvolumes.len() as u64;
        let subvolume = Rc::new(Subvolume { number, index, root, folder });
        subvolumes.insert(number, Rc::clone(&subvolume));
        Ok(subvolume)
    }

    fn outermost_folder(&self, number: u64) -> Result<Inode, Reason> {
        let subvolume = self.subvolume(number)?;
        let root = self.inode(&subvolume, subvolume.folder)?;
        if root.kind() == FOLDER { Ok(root) } else { Err(damaged("the root of a subvolume is no folder")) }
    }

    fn inode(&self, subvolume: &Rc<Subvolume>, number: u64) -> Result<Inode, Reason> {
        if number >> NUMBER_BITS != 0 {
            return Err(damaged("an inode has a number that is larger than any"));
        }
        let item = self.volume.find(&subvolume.root, (number, INODE, 0))?;
        let item = item.ok_or_else(|| damaged("a file or folder of which nothing is there"))?;
        let bytes = item.bytes();
        if bytes.len() < INODE_BYTES {
            return Err(damaged("an inode is of no use"));
        }
        Ok(Inode {
            subvolume: Rc::clone(subvolume),
            number,
            size: le64(bytes, 16),
            links: le32(bytes, 40),
            mode: le32(bytes, 52),
            flags: le64(bytes, 64),
        })
    }
}

impl<'s> FileSystem<'s> for Btrfs<'s> {
    type Node = Inode;

    fn identity(&self, node: &Inode) -> u64 {
        node.subvolume.index << NUMBER_BITS | node.number
    }

    fn is_shared(&self, file: &Inode) -> bool {
        file.links > 1
    }

    fn list(&self, folder: &Inode, take: Take<'_, Inode>) -> Result<(), Reason> {
        if folder.number == folder.subvolume.folder {
            self.listed.borrow_mut().insert(folder.subvolume.number);
        }
        self.folder(folder, take)
    }

    fn content(&self, file: &Inode) -> Result<Content<'s>, Reason> {
        if i64::try_from(file.size).is_err() {
            return Err(damaged("a file is larger than any can be"));
        }
        Ok(Content::made(file::File::new(&self.volume, file), file.size, self.volume.meter()))
    }
}

/// Where a tree begins, by the item of its root (`btrfs_root_item`), and the number of its outermost folder.
fn root_of(item: &[u8]) -> Result<(Pointer, u64), Reason> {
    if item.len() < ROOT_BYTES {
        return Err(damaged("the root of a tree is of no use"));
    }
    let root = Pointer::of_root(le64(item, 176), byte(item, 238), le64(item, 160));
    Ok((root, le64(item, 168)))
}

/// The last key that there can be of a kind.
const fn last(number: u64, kind: u8) -> Key {
    (number, kind, u64::MAX)
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
