//! JFFS2 (Linux, include/uapi/linux/jffs2.h): a log of nodes. What nodes there are is in `nodes.rs`, what they make of a file in
//! `data.rs`. Whatever was written last counts: an entry of a folder, a part of a file.

use std::io;
use std::ops::Range;
use std::rc::Rc;

use super::behind;
use super::tree::{self, FileSystem, Item, Take};
use crate::budget::Meter;
use crate::content::Content;
use crate::examine::Examiner;
use crate::report::Reason;

mod data;
mod nodes;

use nodes::{Entry, Nodes, Order, Part};

const KIND: &str = "JFFS2 image";
/// The number of the outermost folder.
const ROOT: u32 = 1;
/// Kinds of files in the mode (stat(2)), and the same in the entry of a folder.
const KINDS: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const FILE: u32 = 0o100_000;

/// Whether these are the first bytes of a node, whose header has a sum that is right.
pub(crate) fn is_header(head: &[u8]) -> bool {
    Order::of(head).is_some_and(|order| order.kind(head).is_some())
}

pub(super) fn is_sound(content: &Content<'_>) -> io::Result<bool> {
    content.up_to(0, nodes::HEADER).map(|head| is_header(&head))
}

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let end = open_one(content, examiner)?;
    behind::look(KIND, content, end, examiner)
}

/// One that other things stand behind: flash has several partitions. Returns where it ends.
pub(super) fn open_one<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<u64, Reason> {
    let head = content.up_to(0, nodes::HEADER).map_err(|error| failed(&error))?;
    let order = Order::of(&head).ok_or_else(|| damaged("it does not begin with a node"))?;
    let (nodes, end) = Nodes::read(content, order, examiner)?;
    let system = Jffs2 {
        content: content.clone(),
        entries: nodes.entries,
        parts: nodes.parts.into(),
        meter: Rc::clone(&examiner.meter),
    };
    tree::walk(&system, ROOT, examiner).map(|()| end)
}

struct Jffs2<'s> {
    content: Content<'s>,
    /// In the order of their folders.
    entries: Vec<Entry>,
    /// In the order of their files, then of their versions.
    parts: Rc<[Part]>,
    meter: Rc<Meter<'s>>,
}

impl Jffs2<'_> {
    /// The nodes of a file or folder, the newest last.
    fn parts_of(&self, number: u32) -> Range<usize> {
        let start = self.parts.partition_point(|part| part.file < number);
        let end = self.parts.partition_point(|part| part.file <= number);
        start..end
    }

    /// What an entry names: by the newest node of it, or, where it has none, by what the entry says.
    fn item(&self, entry: &Entry) -> Item<u32> {
        let newest = self.parts.get(self.parts_of(entry.file)).unwrap_or_default().last();
        let mode = newest.map_or_else(|| u32::from(entry.kind) << 12, |part| part.mode);
        match mode & KINDS {
            FOLDER => Item::Folder(entry.file),
            FILE => Item::File(entry.file),
            _ => Item::Other,
        }
    }
}

impl<'s> FileSystem<'s> for Jffs2<'s> {
    type Node = u32;

    fn identity(&self, node: &u32) -> u64 {
        u64::from(*node)
    }

    /// How many names a file has stands nowhere.
    fn is_shared(&self, _file: &u32) -> bool {
        true
    }

    fn list(&self, folder: &u32, take: Take<'_, u32>) -> Result<(), Reason> {
        let start = self.entries.partition_point(|entry| entry.folder < *folder);
        let end = self.entries.partition_point(|entry| entry.folder <= *folder);
        let entries = self.entries.get(start..end).unwrap_or_default();
        for entry in entries {
            let name = self.content.bytes_at(entry.name_at, usize::from(entry.name_length));
            take(&name.map_err(|error| failed(&error))?, self.item(entry))?;
        }
        Ok(())
    }

    fn content(&self, file: &u32) -> Result<Content<'s>, Reason> {
        let range = self.parts_of(*file);
        if range.is_empty() {
            return Err(damaged("a file of which nothing is there"));
        }
        let (file, size) = data::File::new(&self.content, &self.parts, range);
        Ok(Content::made(file, size, &self.meter))
    }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
