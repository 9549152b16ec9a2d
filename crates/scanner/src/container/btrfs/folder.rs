//! Folders: an item for each name by the number that it got, and one by the hash of the name (`btrfs_dir_item`), which is read where the first
//! are damaged. A subvolume or snapshot is a name for another tree. What is wrong with one entry leaves the others.

use std::collections::HashSet;

use super::node::{self, Key};
use super::{BY_NAME, BY_NUMBER, Btrfs, FILE, FOLDER, INODE, Inode, ROOT, ROOT_NAME, damaged, last};
use crate::container::crc32c;
use crate::container::tree::{Item, Take, Wrong};
use crate::fields::{byte, le16, le64};
use crate::report::Reason;

/// Bytes of an entry in front of its name.
const ENTRY: usize = 30;
/// Kinds of files in entries (`BTRFS_FT_…`), and a bit for a name that is encrypted.
const KIND_FILE: u8 = 1;
const KIND_FOLDER: u8 = 2;
const ENCRYPTED: u8 = 0x80;
/// Entries of a damaged folder that are remembered, lest they are looked at twice.
const MAX_KNOWN: usize = 1 << 20;

/// What is in a folder for a name.
struct Entry<'i> {
    location: Key,
    kind: u8,
    name: &'i [u8],
}

/// The entries of an item; more than one only where the hashes of names are the same.
fn entries(mut item: &[u8]) -> (Vec<Entry<'_>>, bool) {
    let mut entries = Vec::new();
    while !item.is_empty() {
        let (data, length) = (usize::from(le16(item, 25)), usize::from(le16(item, 27)));
        let Some(name) = item.get(ENTRY..ENTRY + length).filter(|name| !name.is_empty()) else {
            return (entries, false);
        };
        entries.push(Entry { location: node::key(item, 0), kind: byte(item, 29), name });
        let Some(rest) = item.get(ENTRY + length + data..) else { return (entries, false) };
        item = rest;
    }
    let is_whole = !entries.is_empty();
    (entries, is_whole)
}

impl Btrfs<'_> {
    /// Hands out what is in a folder.
    pub(super) fn folder(&self, folder: &Inode, take: Take<'_, Inode>) -> Result<(), Reason> {
        let mut wrong = Wrong(Ok(()));
        let mut names = 0_u64;
        let outcome = self.each(folder, BY_NUMBER, &mut wrong, &mut |entry, wrong| {
            // As both items have the name, it counts twice.
            names = names.saturating_add(2 * entry.name.len() as u64);
            self.entry(folder, entry, take, wrong)
        });
        wrong.note(outcome)?;
        if wrong.0.is_ok() && names != folder.size {
            wrong.note(Err(damaged("a folder has not as many names as it says")))?;
        }
        if wrong.0.is_err() {
            let outcome = self.rest(folder, take);
            wrong.note(outcome)?;
        }
        wrong.0
    }

    /// Entries that were not found by their numbers.
    fn rest(&self, folder: &Inode, take: Take<'_, Inode>) -> Result<(), Reason> {
        let which = |entry: &Entry<'_>| (entry.location, crc32c::update(u32::MAX, entry.name));
        let mut known = HashSet::new();
        let mut wrong = Wrong(Ok(()));
        // What is wrong here was said.
        let outcome = self.each(folder, BY_NUMBER, &mut Wrong(Ok(())), &mut |entry, _| {
            if known.len() < MAX_KNOWN {
                known.insert(which(entry));
            }
            Ok(())
        });
        wrong.note(outcome)?;
        let outcome = self.each(folder, BY_NAME, &mut wrong, &mut |entry, wrong| {
            if known.contains(&which(entry)) { Ok(()) } else { self.entry(folder, entry, take, wrong) }
        });
        wrong.note(outcome)?;
        wrong.0
    }

    /// Every entry of a folder in the items of one kind.
    fn each(
        &self,
        folder: &Inode,
        kind: u8,
        wrong: &mut Wrong,
        each: &mut dyn FnMut(&Entry<'_>, &mut Wrong) -> Result<(), Reason>,
    ) -> Result<(), Reason> {
        let (from, to) = ((folder.number, kind, 0), last(folder.number, kind));
        self.volume.range(&folder.subvolume.root, from, to, &mut |_, item| {
            let (entries, is_whole) = entries(item);
            for entry in &entries {
                each(entry, wrong)?;
            }
            if !is_whole {
                wrong.note(Err(damaged("an entry of a folder is of no use")))?;
            }
            Ok(true)
        })
    }

    fn entry(
        &self,
        folder: &Inode,
        entry: &Entry<'_>,
        take: Take<'_, Inode>,
        wrong: &mut Wrong,
    ) -> Result<(), Reason> {
        match self.item(folder, entry) {
            Ok(item) => take(entry.name, item),
            Err(reason) => wrong.note(Err(reason)),
        }
    }

    fn item(&self, folder: &Inode, entry: &Entry<'_>) -> Result<Item<Inode>, Reason> {
        let (number, kind, _) = entry.location;
        if entry.kind & ENCRYPTED != 0 {
            return Err(Reason::Unsupported("an encrypted file or folder".to_owned()));
        }
        match (kind, entry.kind) {
            (INODE, kind @ (KIND_FILE | KIND_FOLDER)) => {
                let inode = self.inode(&folder.subvolume, number)?;
                match (inode.kind(), kind) {
                    (FILE, KIND_FILE) => Ok(Item::File(inode)),
                    (FOLDER, KIND_FOLDER) => Ok(Item::Folder(inode)),
                    _ => Err(damaged("a file is of another kind than its entry says")),
                }
            }
            // A device, a pipe, a socket, a link.
            (INODE, 3..=7) => Ok(Item::Other),
            (ROOT, KIND_FOLDER) if self.is_here(folder, number, entry.name)? => {
                self.outermost_folder(number).map(Item::Folder)
            }
            // In a snapshot, an empty folder stands for a subvolume that is in what it is of.
            (ROOT, KIND_FOLDER) => Ok(Item::Other),
            _ => Err(damaged("an entry of a folder is of no use")),
        }
    }

    /// Whether a subvolume belongs at this place (`btrfs_root_ref`).
    fn is_here(&self, folder: &Inode, number: u64, name: &[u8]) -> Result<bool, Reason> {
        let roots = self.volume.roots();
        let item = self.volume.find(&roots, (folder.subvolume.number, ROOT_NAME, number))?;
        Ok(item.is_some_and(|item| {
            let bytes = item.bytes();
            le64(bytes, 0) == folder.number && bytes.get(18..) == Some(name)
        }))
    }
}
