//! romfs (Linux, Documentation/filesystems/romfs.rst): files as they are, behind headers that each name the next.

use std::collections::HashSet;
use std::io;

use super::behind;
use super::tree::{self, FileSystem, Item, Take};
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::be32;
use crate::report::Reason;

const KIND: &str = "romfs image";
/// Headers and data begin at multiples of this.
const STEP: u64 = 16;
/// Bytes of a name; Linux reads 128.
const MAX_NAME: usize = 256;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let header = content.up_to(0, 16).map_err(|error| failed(&error))?;
    let size = u64::from(be32(&header, 8));
    if size > content.length() {
        examiner.container_not_whole(damaged("it is shorter than it says"));
    }
    let system = Romfs { content: content.clone() };
    // The volume's own name is in front of the first header, which says where those of the root begin.
    let (_, first) = system.name(16)?;
    let header = content.up_to(first, 16).map_err(|error| failed(&error))?;
    let root = Some(u64::from(be32(&header, 4) & !15)).filter(|root| *root != 0).unwrap_or(first);
    tree::walk(&system, Node { first: root, size: 0 }, examiner)?;
    behind::look(KIND, content, size, examiner)
}

struct Romfs<'s> {
    content: Content<'s>,
}

/// A folder: its first header. A file: where its bytes begin, and how many they are.
struct Node {
    first: u64,
    size: u64,
}

impl Romfs<'_> {
    /// A name, and what follows it.
    fn name(&self, at: u64) -> Result<(Vec<u8>, u64), Reason> {
        let mut name = self.content.up_to(at, MAX_NAME).map_err(|error| failed(&error))?;
        let end = memchr::memchr(0, &name).ok_or_else(|| damaged("a name has no end"))?;
        name.truncate(end);
        Ok((name, at + (end as u64 + 1).next_multiple_of(STEP)))
    }

    /// What a hard link leads to: the header of a file.
    fn linked(&self, at: u64) -> Result<Item<Node>, Reason> {
        let header = self.content.bytes_at(at, 16).map_err(|error| failed(&error))?;
        let (_, data) = self.name(at + 16)?;
        let is_file = be32(&header, 0) & 7 == 2;
        Ok(if is_file {
            Item::File(Node { first: data, size: be32(&header, 8).into() })
        } else {
            Item::Other
        })
    }
}

impl<'s> FileSystem<'s> for Romfs<'s> {
    type Node = Node;

    fn identity(&self, node: &Node) -> u64 {
        node.first
    }

    fn is_shared(&self, _file: &Node) -> bool {
        true
    }

    fn list(&self, folder: &Node, take: Take<'_, Node>) -> Result<(), Reason> {
        let (mut at, mut seen) = (folder.first, HashSet::new());
        while at != 0 {
            if !seen.insert(at) {
                return Err(damaged("the files of a folder go round"));
            }
            let header = self.content.bytes_at(at, 16).map_err(|error| failed(&error))?;
            let (next, info, size) = (be32(&header, 0), be32(&header, 4), be32(&header, 8));
            let (name, data) = self.name(at + 16)?;
            // The three lowest bits are the kind, the fourth says that it can be run.
            let item = match next & 7 {
                _ if matches!(name.as_slice(), b"." | b"..") => Item::Other,
                0 => self.linked((info & !15).into())?,
                1 => Item::Folder(Node { first: (info & !15).into(), size: 0 }),
                2 => Item::File(Node { first: data, size: size.into() }),
                _ => Item::Other,
            };
            take(&name, item)?;
            at = u64::from(next & !15);
        }
        Ok(())
    }

    fn content(&self, file: &Node) -> Result<Content<'s>, Reason> {
        if file.first + file.size > self.content.length() {
            return Err(damaged("a file reaches beyond the end"));
        }
        Ok(self.content.window(file.first, file.size))
    }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
