//! UDF (ECMA-167, 3rd edition, and OSTA's UDF 1.02 to 2.60): what discs of Windows and DVDs are, mostly beside an ISO 9660 of which
//! the files say that one should look here.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io;
use std::rc::Rc;

use super::tree::{self, FileSystem, Item, Take};
use crate::budget::Meter;
use crate::content::{Content, Piece, Pieces};
use crate::examine::Examiner;
use crate::fields::{be16, byte, le16, le32, le64};
use crate::report::Reason;

mod volume;

use volume::Volume;

pub(super) const KIND: &str = "UDF image";
/// The volume recognition sequence (ECMA-167 2/8): where it begins, and how far apart its structures stand.
const RECOGNITION: u64 = 32 << 10;
const STRUCTURE: u64 = 2 << 10;
const MAX_STRUCTURES: u64 = 64;
/// Bytes of one folder: a million entries.
const MAX_FOLDER: u64 = 64 << 20;
/// Blocks of descriptors of one file that go on in another.
const MAX_CONTINUED: usize = 1 << 16;

/// Descriptors, by the numbers in their tags (ECMA-167 3/7.2.1, 4/7.2.1; OSTA UDF 2.2.1).
const ENTRY: u16 = 261;
const EXTENDED_ENTRY: u16 = 266;
const IDENTIFIER: u16 = 257;
const CONTINUED: u16 = 258;
/// Kinds of files (ECMA-167 4/14.6.6).
const FOLDER: u8 = 4;
const FILE: u8 = 5;
const REAL_TIME: u8 = 249;
const ANY: u8 = 0;

/// Whether an image of ISO 9660 is one of UDF as well: its recognition sequence says so.
pub(super) fn is_beside(content: &Content<'_>) -> io::Result<bool> {
    for at in 0..MAX_STRUCTURES {
        let structure = content.up_to(RECOGNITION + at * STRUCTURE, 6)?;
        match structure.get(1..6) {
            Some(b"NSR02" | b"NSR03") => return Ok(true),
            Some(b"CD001" | b"BEA01" | b"BOOT2" | b"CDW02") => {}
            _ => return Ok(false),
        }
    }
    // Where so many are in front of it, it is looked for.
    Ok(true)
}

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    open_noting(content, examiner).map(drop)
}

/// Files that lie in the image in one piece: where they begin, and how many bytes they have.
pub(super) type Whole = HashSet<(u64, u64)>;

/// Looks at every file; returns which lie in the image in one piece.
pub(super) fn open_noting<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<Whole, Reason> {
    let volume = Volume::of(content, &examiner.meter)?;
    let root = Node(volume.root);
    let system = Udf { volume, meter: Rc::clone(&examiner.meter), whole: RefCell::default() };
    tree::walk(&system, root, examiner)?;
    Ok(system.whole.into_inner())
}

/// A place in a partition (ECMA-167 4/7.1): the number of the partition's map, and the block in it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    partition: u16,
    block: u32,
}

impl Place {
    /// That of a descriptor with its partition (`long_ad`, 4/14.14.2).
    fn parse(descriptor: &[u8]) -> Place {
        Place { partition: le16(descriptor, 8), block: le32(descriptor, 4) }
    }
}

/// A file or folder: where its entry lies.
struct Node(Place);

/// What an entry of a file says (4/14.9, 4/14.17).
struct Entry {
    kind: u8,
    size: u64,
    form: Form,
    /// The descriptors of its extents, or the bytes of the file themselves.
    descriptors: Vec<u8>,
}

/// How extents are described (4/14.6.8).
#[derive(Clone, Copy)]
enum Form {
    Short,
    Long,
    Within,
}

struct Udf<'s> {
    volume: Volume<'s>,
    meter: Rc<Meter<'s>>,
    /// Of the files that were handed out.
    whole: RefCell<Whole>,
}

/// Whether bytes begin with a tag of one of these descriptors, whose sum is right (3/7.2).
fn is_tagged(bytes: &[u8], kinds: &[u16]) -> bool {
    let Some(tag) = bytes.get(..16) else { return false };
    let sum = tag.iter().enumerate().filter(|(at, _)| *at != 4);
    let sum = sum.fold(0_u8, |sum, (_, byte)| sum.wrapping_add(*byte));
    sum == byte(tag, 4) && kinds.contains(&le16(tag, 0))
}

impl Entry {
    fn read(volume: &Volume<'_>, icb: Place) -> Result<Entry, Reason> {
        let bytes = volume.block_at(icb)?;
        if !is_tagged(&bytes, &[ENTRY, EXTENDED_ENTRY]) {
            return Err(damaged("the entry of a file is damaged"));
        }
        // Strategy 4 is the only one but that of media that are written once (4/14.6.2).
        if le16(&bytes, 20) != 4 {
            return Err(Reason::Unsupported("a UDF file with versions of its entry".to_owned()));
        }
        let form = match le16(&bytes, 34) & 7 {
            0 => Form::Short,
            1 => Form::Long,
            3 => Form::Within,
            _ => return Err(damaged("the entry of a file describes its extents in no known form")),
        };
        let lengths = if le16(&bytes, 0) == ENTRY { 168 } else { 208 };
        let start = (lengths as u64 + 8).saturating_add(le32(&bytes, lengths).into());
        let end = start.saturating_add(le32(&bytes, lengths + 4).into());
        let descriptors = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        let descriptors = descriptors.and_then(|(start, end)| bytes.get(start..end));
        let descriptors =
            descriptors.ok_or_else(|| damaged("the entry of a file is longer than its block"))?;
        Ok(Entry { kind: byte(&bytes, 27), size: le64(&bytes, 56), form, descriptors: descriptors.to_vec() })
    }

    /// Its bytes, and where in the image they begin, where they lie there in one piece.
    fn content<'s>(
        self,
        volume: &Volume<'s>,
        icb: Place,
        meter: &Rc<Meter<'s>>,
    ) -> Result<(Content<'s>, Option<u64>), Reason> {
        let width = match self.form {
            Form::Within => {
                let bytes = self.descriptors.get(..usize::try_from(self.size).unwrap_or(usize::MAX));
                let bytes = bytes.ok_or_else(|| damaged("a file is longer than what it lies in"))?;
                return Ok((Content::of_bytes(bytes.to_vec(), meter.shared), None));
            }
            Form::Short => 8,
            Form::Long => 16,
        };
        let mut extents = Extents { volume, partition: None, pieces: None, filled: 0, start: None };
        let mut descriptors = self.descriptors;
        for _ in 0..MAX_CONTINUED {
            let mut next = None;
            for descriptor in descriptors.chunks_exact(width) {
                let length = le32(descriptor, 0);
                let place = match self.form {
                    Form::Long => Place::parse(descriptor),
                    _ => Place { partition: icb.partition, block: le32(descriptor, 4) },
                };
                // The two highest bits say what an extent is (4/14.14.1.1).
                match (length >> 30, u64::from(length & 0x3fff_ffff)) {
                    (_, 0) => break,
                    (3, _) => next = Some(place),
                    (kind, length) => extents.add(place, kind == 0, length)?,
                }
                if next.is_some() {
                    break;
                }
            }
            let Some(place) = next.filter(|_| extents.filled < self.size) else { break };
            let block = volume.block_at(place)?;
            if !is_tagged(&block, &[CONTINUED]) {
                return Err(damaged("descriptors of a file's extents are damaged"));
            }
            let end = 24_usize.saturating_add(le32(&block, 20) as usize).min(block.len());
            descriptors = block.get(24..end).unwrap_or_default().to_vec();
        }
        if extents.filled < self.size {
            return Err(damaged("a file is longer than what it lies in"));
        }
        // Where nothing was written, all of it are zeros, in whichever partition.
        let pieces = match extents.pieces {
            Some(pieces) => pieces,
            None => Pieces::new(&volume.partition(icb.partition)?.content),
        };
        let content = pieces.content(self.size, meter);
        Ok((content, extents.start))
    }
}

/// The extents of a file, put together.
struct Extents<'v, 's> {
    volume: &'v Volume<'s>,
    partition: Option<u16>,
    pieces: Option<Pieces<'s>>,
    filled: u64,
    /// Where in the image they begin, as long as they lie there one behind another.
    start: Option<u64>,
}

impl Extents<'_, '_> {
    fn add(&mut self, place: Place, is_recorded: bool, length: u64) -> Result<(), Reason> {
        let partition = self.volume.partition(place.partition)?;
        if is_recorded && self.partition.is_some_and(|it| it != place.partition) {
            return Err(Reason::Unsupported("a UDF file in several partitions".to_owned()));
        }
        let at = u64::from(place.block).saturating_mul(self.volume.block);
        if is_recorded && at.saturating_add(length) > partition.content.length() {
            return Err(damaged("a file reaches beyond the end"));
        }
        if is_recorded {
            self.partition = Some(place.partition);
        }
        let here = partition.start.filter(|_| is_recorded).map(|start| start.saturating_add(at));
        let begins = here.and_then(|here| here.checked_sub(self.filled));
        self.start = begins.filter(|begins| self.filled == 0 || self.start == Some(*begins));
        // What no piece covers are zeros.
        if is_recorded {
            let pieces = self.pieces.get_or_insert_with(|| Pieces::new(&partition.content));
            pieces.add(Piece { start: self.filled, length, at: Some(at) }).map_err(damaged)?;
        }
        self.filled = self.filled.saturating_add(length);
        Ok(())
    }
}

impl<'s> FileSystem<'s> for Udf<'s> {
    type Node = Node;

    fn identity(&self, node: &Node) -> u64 {
        u64::from(node.0.partition) << 32 | u64::from(node.0.block)
    }

    fn is_shared(&self, _file: &Node) -> bool {
        true
    }

    fn list(&self, folder: &Node, take: Take<'_, Node>) -> Result<(), Reason> {
        let entry = Entry::read(&self.volume, folder.0)?;
        if entry.size > MAX_FOLDER {
            return Err(damaged("a folder is larger than any can be"));
        }
        let size = entry.size as usize;
        let (content, _) = entry.content(&self.volume, folder.0, &self.meter)?;
        let bytes = content.bytes_at(0, size).map_err(|error| failed(&error))?;
        let mut rest = bytes.as_slice();
        while rest.len() >= 38 {
            if !is_tagged(rest, &[IDENTIFIER]) {
                return Err(damaged("a name in a folder is damaged"));
            }
            let (name, used) = (usize::from(byte(rest, 19)), usize::from(le16(rest, 36)));
            let (says, icb) = (byte(rest, 18), Place::parse(rest.get(20..).unwrap_or_default()));
            let name = rest.get(38 + used..38 + used + name);
            let name = name.ok_or_else(|| damaged("a name reaches beyond its folder"))?;
            let length = (38 + used + name.len()).next_multiple_of(4);
            rest = rest.get(length..).unwrap_or_default();
            // Deleted, or the folder above (4/14.4.3).
            if says & 0b1100 == 0 {
                take(decoded(name).as_bytes(), self.item(icb, says & 2 != 0))?;
            }
        }
        if rest.iter().any(|byte| *byte != 0) {
            return Err(damaged("a folder ends within a name"));
        }
        Ok(())
    }

    fn content(&self, file: &Node) -> Result<Content<'s>, Reason> {
        let entry = Entry::read(&self.volume, file.0)?;
        let size = entry.size;
        let (content, start) = entry.content(&self.volume, file.0, &self.meter)?;
        self.whole.borrow_mut().extend(start.map(|start| (start, size)));
        Ok(content)
    }
}

impl Udf<'_> {
    /// What a name stands for, by its entry. One that cannot be read is said where its bytes are asked for.
    fn item(&self, icb: Place, is_folder: bool) -> Item<Node> {
        let node = Node(icb);
        match Entry::read(&self.volume, icb).map(|entry| entry.kind) {
            Ok(FOLDER) => Item::Folder(node),
            Ok(FILE | REAL_TIME | ANY) => Item::File(node),
            Ok(_) => Item::Other,
            Err(_) if is_folder => Item::Folder(node),
            Err(_) => Item::File(node),
        }
    }
}

/// A name in OSTA's compressed Unicode (UDF 2.1.1).
fn decoded(name: &[u8]) -> String {
    match name.split_first() {
        Some((16, wide)) => {
            let units = wide.chunks_exact(2).map(|pair| be16(pair, 0));
            char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        Some((_, narrow)) => narrow.iter().map(|byte| char::from(*byte)).collect(),
        None => String::new(),
    }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
