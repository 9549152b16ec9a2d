//! The folders of one image: entries with names and the hashes of what files hold.

use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::BuildHasher;

use super::{Hash, Held, Resource, Wim, damaged, failed, hash_at};
use crate::container::ntfs::{DEDUPLICATED, WOF};
use crate::container::tree::{FileSystem, Item, Take};
use crate::content::Content;
use crate::fields::{le16, le32, le64, utf16_le};
use crate::report::Reason;

/// Bytes of an entry in front of its names, and of a stream's.
const ENTRY: usize = 102;
const STREAM: usize = 38;
/// Attributes of files ([MS-FSCC] §2.6).
const FOLDER: u32 = 0x10;
const REPARSE_POINT: u32 = 0x400;
const ENCRYPTED: u32 = 0x4000;

/// The folders of an image.
pub(super) struct Image<'w, 's> {
    wim: &'w Wim<'s>,
    folders: Content<'s>,
    /// Files with several names that were looked at, with the number of what they hold.
    links: RefCell<HashSet<(u64, u32)>>,
    /// The file that was asked for last, with what of it is unpacked.
    last: RefCell<Option<(u32, Content<'s>)>>,
}

pub(super) enum Node {
    /// Where its entries begin.
    Folder(u64),
    /// The number of a resource, and that of the file where it has several names.
    File(u32, Resource, u64),
}

/// An entry of a folder.
struct Entry {
    attributes: u32,
    /// Where its own entries begin.
    folder: u64,
    tag: u32,
    /// The number of a file that has several names; the tag of what is none stands in its place.
    link: u64,
    name: Vec<u8>,
    /// What it holds, with the name of the stream, which has none as a rule.
    streams: Vec<(String, Hash)>,
    /// Where the next begins.
    next: u64,
}

impl<'w, 's> Image<'w, 's> {
    pub(super) fn new(wim: &'w Wim<'s>, folders: Content<'s>) -> Image<'w, 's> {
        Image { wim, folders, links: RefCell::default(), last: RefCell::default() }
    }

    /// The root: its entry stands behind the descriptors of security, which say how long they are.
    pub(super) fn root(&self) -> Result<Node, Reason> {
        let length = self.folders.bytes_at(0, 4).map_err(|error| failed(&error))?;
        let at = u64::from(le32(&length, 0)).max(8).next_multiple_of(8);
        let root = self.entry(at)?.filter(|root| root.attributes & FOLDER != 0);
        let root = root.ok_or_else(|| damaged("its root is no folder"))?;
        Ok(Node::Folder(root.folder))
    }

    /// The entry at a place; `None` at the end of a folder.
    fn entry(&self, at: u64) -> Result<Option<Entry>, Reason> {
        let read = |at: u64, count: usize| self.folders.bytes_at(at, count).map_err(|error| failed(&error));
        let beyond = || damaged("an entry of a folder reaches beyond its end");
        let length = le64(&read(at, 8)?, 0);
        if length <= 8 {
            return Ok(None);
        }
        let end = at.checked_add(length).ok_or_else(beyond)?;
        let head = read(at, ENTRY)?;
        let name = usize::from(le16(&head, 100));
        if (ENTRY + name) as u64 > length {
            return Err(beyond());
        }
        let bytes = read(at + ENTRY as u64, name)?;
        let mut entry = Entry {
            attributes: le32(&head, 8),
            folder: le64(&head, 16),
            tag: le32(&head, 88),
            link: if le32(&head, 8) & REPARSE_POINT == 0 { le64(&head, 88) } else { 0 },
            name: utf16_le(&bytes).into_bytes(),
            streams: vec![(String::new(), hash_at(&head, 64))],
            next: end.checked_next_multiple_of(8).ok_or_else(beyond)?,
        };
        for _ in 0..le16(&head, 96) {
            let head = read(entry.next, STREAM)?;
            let (length, name) = (le64(&head, 0), usize::from(le16(&head, 36)));
            if ((STREAM + name) as u64) > length {
                return Err(beyond());
            }
            let name = utf16_le(&read(entry.next + STREAM as u64, name)?);
            entry.streams.push((name, hash_at(&head, 16)));
            let end = entry.next.checked_add(length).and_then(|end| end.checked_next_multiple_of(8));
            entry.next = end.ok_or_else(beyond)?;
        }
        Ok(Some(entry))
    }

    /// What a stream is, or why it is not looked at, counted.
    fn stream(&self, entry: &Entry, hash: &Hash) -> Result<Item<Node>, Reason> {
        let said = &self.wim.said;
        if entry.attributes & ENCRYPTED != 0 {
            said.encrypted.update(|count| count + 1);
            return Ok(Item::Other);
        }
        Ok(match self.wim.held(hash).map_err(|error| failed(&error))? {
            Held::Resource(number, resource) => Item::File(Node::File(number, resource, entry.link)),
            Held::Solid => {
                said.solid.update(|count| count + 1);
                Item::Other
            }
            Held::Nothing => {
                said.missing.update(|count| count + 1);
                Item::Other
            }
        })
    }

    /// The entry itself, and its streams with names of their own.
    fn take(&self, entry: &Entry, take: Take<'_, Node>) -> Result<(), Reason> {
        let mut is_file = false;
        if entry.attributes & REPARSE_POINT != 0 {
            if matches!(entry.tag, WOF | DEDUPLICATED) {
                self.wim.said.elsewhere.update(|count| count + 1);
            }
            // A link to a folder has nothing in it, as a rule.
            let has_entries = entry.attributes & FOLDER != 0 && entry.folder != 0;
            let item = if has_entries { Item::Folder(Node::Folder(entry.folder)) } else { Item::Other };
            take(&entry.name, item)?;
        } else if entry.attributes & FOLDER != 0 {
            let item = if entry.folder == 0 { Item::Other } else { Item::Folder(Node::Folder(entry.folder)) };
            take(&entry.name, item)?;
        } else {
            is_file = true;
        }
        let mut is_taken = !is_file;
        for (name, hash) in entry.streams.iter().filter(|(_, hash)| *hash != Hash::default()) {
            if !name.is_empty() {
                let name = [entry.name.as_slice(), b":", name.as_bytes()].concat();
                take(&name, self.stream(entry, hash)?)?;
            } else if !is_taken {
                is_taken = true;
                take(&entry.name, self.stream(entry, hash)?)?;
            }
        }
        // A file that is empty.
        if is_taken { Ok(()) } else { take(&entry.name, Item::Other) }
    }
}

impl<'s> FileSystem<'s> for Image<'_, 's> {
    type Node = Node;

    fn identity(&self, node: &Node) -> u64 {
        match node {
            Node::Folder(at) => *at,
            Node::File(number, ..) => u64::from(*number),
        }
    }

    /// The same bytes under the same path in another image, or another name of the same file in this one.
    fn is_repeated(&self, path: &[u8], file: &Node) -> bool {
        let Node::File(number, _, link) = file else { return false };
        let is_link = *link != 0 && !self.links.borrow_mut().insert((*link, *number));
        let key = self.wim.hasher.hash_one((number, path));
        !self.wim.seen.borrow_mut().insert(key) || is_link
    }

    fn list(&self, folder: &Node, take: Take<'_, Node>) -> Result<(), Reason> {
        let Node::Folder(mut at) = *folder else { return Ok(()) };
        while let Some(entry) = self.entry(at)? {
            self.take(&entry, take)?;
            at = entry.next;
        }
        Ok(())
    }

    fn content(&self, file: &Node) -> Result<Content<'s>, Reason> {
        let Node::File(number, resource, _) = file else { return Err(damaged("a folder is no file")) };
        if let Some((_, content)) = self.last.borrow().as_ref().filter(|(it, _)| it == number) {
            return Ok(content.clone());
        }
        let content = self.wim.resource(*resource, 1)?;
        *self.last.borrow_mut() = Some((*number, content.clone()));
        Ok(content)
    }
}
