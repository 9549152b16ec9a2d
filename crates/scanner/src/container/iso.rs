//! ISO 9660 (ECMA-119, 4th edition), with the names of Rock Ridge (IEEE P1282 on SUSP, IEEE P1281) where they are there, else
//! those of Joliet, else its own.

use std::io;
use std::rc::Rc;

use super::tree::{self, FileSystem, Item, Take};
use super::udf;
use crate::budget::Meter;
use crate::content::{Content, Piece, Pieces};
use crate::examine::Examiner;
use crate::fields::{be16, byte, le32};
use crate::report::Reason;

const KIND: &str = "ISO 9660 image";
const SECTOR: u64 = 2048;
/// Volume descriptors; real images have up to five.
const MAX_DESCRIPTORS: u64 = 64;
/// Bytes of one folder: a million entries.
const MAX_FOLDER: u64 = 64 << 20;
/// Continuations of one entry's system use area (SUSP §5.1).
const MAX_CONTINUED: usize = 16;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let (mut primary, mut joliet) = (None, None);
    for at in 16..16 + MAX_DESCRIPTORS {
        let descriptor = content.up_to(at * SECTOR, SECTOR as usize).map_err(|error| failed(&error))?;
        if descriptor.get(1..6) != Some(b"CD001") {
            break;
        }
        match byte(&descriptor, 0) {
            1 => primary = primary.or(Some(descriptor)),
            // Joliet: the three levels of UCS-2.
            2 if matches!(descriptor.get(88..91), Some(b"%/@" | b"%/C" | b"%/E")) => {
                joliet = Some(descriptor);
            }
            255 => break,
            _ => {}
        }
    }
    let primary = primary.ok_or_else(|| damaged("it has no volume descriptor"))?;
    let mut system = Iso {
        content: content.clone(),
        meter: Rc::clone(&examiner.meter),
        names: Names::Own,
        skip: 0,
        elsewhere: beside(content, examiner)?,
    };
    let mut root = Node::root(&primary);
    if let Some(skip) = system.rock_ridge(&root)? {
        (system.names, system.skip) = (Names::RockRidge, skip);
    } else if let Some(joliet) = joliet {
        (system.names, root) = (Names::Joliet, Node::root(&joliet));
    }
    tree::walk(&system, root, examiner)
}

/// What lies in the UDF file system of the same image, which on discs of Windows has all files where ISO 9660 has one that says so:
/// looked at first. Returns what needs no second look.
fn beside<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<udf::Whole, Reason> {
    if !udf::is_beside(content).map_err(|error| failed(&error))? {
        return Ok(udf::Whole::new());
    }
    match udf::open_noting(content, examiner) {
        Ok(whole) => Ok(whole),
        Err(reason) if reason.ends_file() => Err(reason),
        Err(reason) => {
            examiner.container_not_whole(reason);
            Ok(udf::Whole::new())
        }
    }
}

enum Names {
    Own,
    RockRidge,
    Joliet,
}

/// A file or folder: where its parts lie (ECMA-119 §6.5.1), and their bytes.
struct Node(Vec<(u64, u64)>);

impl Node {
    /// The root in a volume descriptor (§8.4.18).
    fn root(descriptor: &[u8]) -> Node {
        Node(vec![part(descriptor.get(156..).unwrap_or_default())])
    }
}

/// Where the bytes of a directory record (§9.1) lie: behind its extended attributes. A logical block is a sector in all images that
/// are made.
fn part(record: &[u8]) -> (u64, u64) {
    let block = u64::from(le32(record, 2)) + u64::from(byte(record, 1));
    (block * SECTOR, u64::from(le32(record, 10)))
}

/// What a folder has under a name.
type Named = (Vec<u8>, Item<Node>);

struct Iso<'s> {
    content: Content<'s>,
    meter: Rc<Meter<'s>>,
    names: Names,
    /// Bytes before the fields of the system use area (SUSP §5.3).
    skip: usize,
    /// Files that were looked at in the UDF of the same image.
    elsewhere: udf::Whole,
}

/// What the system use area of a record says.
#[derive(Default)]
struct Used {
    name: Vec<u8>,
    mode: Option<u32>,
    /// Where a folder was moved to, because it lay too deep (Rock Ridge, `CL`).
    moved_to: Option<u64>,
    /// Whether it is only there to hold such folders.
    is_moved: bool,
    /// Whether the file is compressed (zisofs).
    is_packed: bool,
}

impl<'s> Iso<'s> {
    /// Whether the root's own record says that SUSP is used, and how many bytes to skip.
    fn rock_ridge(&self, root: &Node) -> Result<Option<usize>, Reason> {
        let Some((at, _)) = root.0.first() else { return Ok(None) };
        let record = self.content.up_to(*at, 255).map_err(|error| failed(&error))?;
        // Its name is one zero byte: the area begins at 34, on discs of CD-ROM XA behind 14 bytes more.
        let mut fields = [34, 48].into_iter().filter_map(|at| record.get(at..at + 7));
        let sp = fields.find(|field| field.starts_with(b"SP\x07\x01\xbe\xef"));
        Ok(sp.map(|field| byte(field, 6).into()))
    }

    fn used(&self, record: &[u8]) -> Result<Used, Reason> {
        let name = usize::from(byte(record, 32));
        let start = (33 + name).next_multiple_of(2) + self.skip;
        let mut area = record.get(start..).unwrap_or_default().to_vec();
        let mut used = Used::default();
        for _ in 0..MAX_CONTINUED {
            let mut next = None;
            let mut rest = area.as_slice();
            while let Some(field) = rest.get(..usize::from(byte(rest, 2))).filter(|field| field.len() >= 4) {
                match &field[..2] {
                    b"NM" => used.name.extend(field.get(5..).unwrap_or_default()),
                    b"PX" => used.mode = Some(le32(field, 4)),
                    b"CL" => used.moved_to = Some(u64::from(le32(field, 4)) * SECTOR),
                    b"RE" => used.is_moved = true,
                    b"ZF" => used.is_packed = true,
                    b"CE" => {
                        let at = u64::from(le32(field, 4)) * SECTOR + u64::from(le32(field, 12));
                        next = Some((at, le32(field, 20)));
                    }
                    b"ST" => break,
                    _ => {}
                }
                rest = rest.get(field.len()..).unwrap_or_default();
            }
            let Some((at, length)) = next else { break };
            let length = (length as usize).min(SECTOR as usize);
            area = self.content.up_to(at, length).map_err(|error| failed(&error))?;
        }
        Ok(used)
    }

    /// One record as an item with its name; none for what stands for nothing.
    fn item(&self, record: &[u8], parts: Vec<(u64, u64)>) -> Result<Option<Named>, Reason> {
        let length = usize::from(byte(record, 32));
        let own = record.get(33..33 + length).unwrap_or_default();
        let is_folder = byte(record, 25) & 2 != 0;
        let mut name = plain(own);
        let mut item = if is_folder { Item::Folder(Node(parts)) } else { Item::File(Node(parts)) };
        match self.names {
            Names::Own => {}
            Names::Joliet => name = plain(wide(own).as_bytes()),
            Names::RockRidge => {
                let used = self.used(record)?;
                if used.is_moved {
                    return Ok(None);
                }
                if !used.name.is_empty() {
                    name = used.name;
                }
                let kind = used.mode.map(|mode| mode & 0xf000);
                if let Some(at) = used.moved_to {
                    item = Item::Folder(Node(vec![self.own_part(at)?]));
                } else if kind.is_some_and(|kind| !matches!(kind, 0x4000 | 0x8000)) {
                    item = Item::Other;
                } else if used.is_packed {
                    item = Item::File(Node(Vec::new()));
                }
            }
        }
        Ok(Some((name, item)))
    }

    /// UDF has the same files by the same names, only better ones.
    fn is_elsewhere(&self, file: &Node) -> bool {
        matches!(file.0.as_slice(), [whole] if self.elsewhere.contains(whole))
    }

    /// A folder by its own record, the first in it.
    fn own_part(&self, at: u64) -> Result<(u64, u64), Reason> {
        let record = self.content.up_to(at, 34).map_err(|error| failed(&error))?;
        Ok((at, u64::from(le32(&record, 10))))
    }
}

/// Without the version behind it (§7.5.1), and the dot of a name that has no ending.
fn plain(name: &[u8]) -> Vec<u8> {
    let end = memchr::memchr(b';', name).unwrap_or(name.len());
    let name = name.get(..end).unwrap_or_default();
    name.strip_suffix(b".").unwrap_or(name).to_vec()
}

/// UCS-2, big endian.
fn wide(name: &[u8]) -> String {
    let units = name.chunks_exact(2).map(|pair| be16(pair, 0));
    char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

impl<'s> FileSystem<'s> for Iso<'s> {
    type Node = Node;

    fn identity(&self, node: &Node) -> u64 {
        node.0.first().map_or(0, |(at, length)| at.rotate_left(32) ^ length)
    }

    fn list(&self, folder: &Node, take: Take<'_, Node>) -> Result<(), Reason> {
        let Some((start, length)) = folder.0.first().copied() else { return Ok(()) };
        if length > MAX_FOLDER {
            return Err(damaged("a folder is larger than any can be"));
        }
        // Parts of a file that is in several (§9.1.6, multi-extent).
        let mut parts = Vec::new();
        for sector in 0..length.div_ceil(SECTOR) {
            let bytes = self.content.bytes_at(start + sector * SECTOR, SECTOR as usize);
            let bytes = bytes.map_err(|error| failed(&error))?;
            let mut rest = bytes.as_slice();
            // A record does not cross the end of a sector; zeros fill it.
            while let Some(record) = rest.get(..usize::from(byte(rest, 0))).filter(|it| it.len() >= 34) {
                rest = rest.get(record.len()..).unwrap_or_default();
                // Itself and the one above have names of one byte, 0 and 1.
                if byte(record, 32) == 1 && byte(record, 33) <= 1 {
                    continue;
                }
                parts.push(part(record));
                if byte(record, 25) & 0x80 != 0 && parts.len() < 1 << 16 {
                    continue;
                }
                match self.item(record, std::mem::take(&mut parts))? {
                    Some((name, Item::File(node))) if self.is_elsewhere(&node) => take(&name, Item::Other)?,
                    Some((name, item)) => take(&name, item)?,
                    None => {}
                }
            }
        }
        Ok(())
    }

    fn content(&self, file: &Node) -> Result<Content<'s>, Reason> {
        if file.0.is_empty() {
            return Err(Reason::Unsupported("a file compressed by zisofs".to_owned()));
        }
        let mut pieces = Pieces::new(&self.content);
        let mut start = 0;
        for (at, length) in &file.0 {
            if at + length > self.content.length() {
                return Err(damaged("a file reaches beyond the end"));
            }
            pieces.add(Piece { start, length: *length, at: Some(*at) }).map_err(damaged)?;
            start += length;
        }
        Ok(pieces.content(start, &self.meter))
    }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
