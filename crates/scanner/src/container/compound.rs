//! Compound files ([MS-CFB]): installers (MSI) and their patches, old Office documents. Each stream is looked at like a file; where a
//! file is a database of Windows Installer, the product that it installs is told.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use crate::budget::Meter;
use crate::content::{Content, Piece, Pieces, Window};
use crate::examine::Examiner;
use crate::fields::{byte, le16, le32, le64, utf16_le};
use crate::report::Reason;

mod msi;

const KIND: &str = "compound file";
/// What is no sector: from here on numbers mean ends, free ones and parts of the table.
const NONE: u32 = 0xffff_fffa;
/// Bytes of a small sector.
const SMALL: u64 = 64;
const ENTRY: usize = 128;
/// Sectors of the table itself: for a file of 2 GiB, the most that installers have, 32,768.
const MAX_TABLE: usize = 1 << 17;
/// Bytes of the list of streams.
const MAX_DIRECTORY: u64 = 64 << 20;
const STREAM: u8 = 2;
const ROOT: u8 = 5;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let file = File::open(content, &examiner.meter)?;
    let directory = file.chain(file.directory, MAX_DIRECTORY)?;
    let entries = directory.up_to(0, directory.length().min(MAX_DIRECTORY) as usize);
    let entries: Vec<Entry> =
        entries.map_err(|error| failed(&error))?.chunks_exact(ENTRY).filter_map(Entry::parse).collect();
    let root = entries.iter().find(|it| it.kind == ROOT).ok_or_else(|| damaged("it has no root"))?;
    let small = if root.start < NONE { Some(file.chain(root.start, u64::MAX)?) } else { None };
    let small_table = file.chain(file.small_table, u64::MAX)?;
    let streams = Streams { file, small, small_table };
    msi::product(&streams, &entries, examiner);
    for entry in entries.iter().filter(|it| it.kind == STREAM && !it.is_table()) {
        match streams.content(entry) {
            Ok(content) => examiner.entry(entry.name.as_bytes(), &mut Window::new(content))?,
            Err(reason) => examiner.not_scanned(&entry.name, reason)?,
        }
    }
    Ok(())
}

/// A stream or the root.
struct Entry {
    name: String,
    kind: u8,
    start: u32,
    size: u64,
}

impl Entry {
    /// §2.6; the tree that entries form is of no use here.
    fn parse(bytes: &[u8]) -> Option<Entry> {
        let kind = byte(bytes, 66);
        let length = usize::from(le16(bytes, 64)).min(64);
        let name = msi::decoded(&utf16_le(bytes.get(..length)?));
        matches!(kind, STREAM | ROOT).then(|| Entry {
            name,
            kind,
            start: le32(bytes, 116),
            size: le64(bytes, 120),
        })
    }

    /// Whether it is a table of an installer's database.
    fn is_table(&self) -> bool {
        self.name.starts_with(msi::TABLE)
    }
}

struct Streams<'s> {
    file: File<'s>,
    /// What streams of less than 4096 bytes lie in.
    small: Option<Content<'s>>,
    /// Where these go on.
    small_table: Content<'s>,
}

impl<'s> Streams<'s> {
    fn content(&self, entry: &Entry) -> Result<Content<'s>, Reason> {
        // Files of the older version have nothing in the upper half, or something that means nothing.
        let size = if self.file.is_old { entry.size & 0xffff_ffff } else { entry.size };
        if size == 0 {
            return Ok(self.file.content.window(0, 0));
        }
        let content = match &self.small {
            Some(small) if size < self.file.cutoff => self.small_chain(small, entry.start, size)?,
            _ => self.file.chain(entry.start, size)?,
        };
        if content.length() < size {
            return Err(damaged("a stream is cut off"));
        }
        Ok(content.window(0, size))
    }

    fn small_chain(&self, small: &Content<'s>, start: u32, size: u64) -> Result<Content<'s>, Reason> {
        let mut pieces = Pieces::new(small);
        let (mut next, mut length) = (start, 0);
        while next < NONE && length < size {
            pieces
                .add(Piece { start: length, length: SMALL, at: Some(u64::from(next) * SMALL) })
                .map_err(damaged)?;
            length += SMALL;
            next =
                le32(&self.small_table.bytes_at(u64::from(next) * 4, 4).map_err(|error| failed(&error))?, 0);
        }
        Ok(pieces.content(length, &self.file.meter))
    }
}

struct File<'s> {
    content: Content<'s>,
    meter: Rc<Meter<'s>>,
    is_old: bool,
    sector: u64,
    directory: u32,
    cutoff: u64,
    /// The sectors that the table lies in.
    table: Vec<u32>,
    /// Where the table of small sectors begins.
    small_table: u32,
    /// The part of the table that was read last.
    last: RefCell<(u32, Vec<u8>)>,
}

impl<'s> File<'s> {
    /// §2.2.
    fn open(content: &Content<'s>, meter: &Rc<Meter<'s>>) -> Result<File<'s>, Reason> {
        let header = content.bytes_at(0, 512).map_err(|error| failed(&error))?;
        let sector = match le16(&header, 30) {
            shift @ (9 | 12) => 1 << shift,
            _ => return Err(damaged("its sectors are of no possible size")),
        };
        let listed = header.get(76..).unwrap_or_default().chunks_exact(4).map(|it| le32(it, 0));
        let mut file = File {
            content: content.clone(),
            meter: Rc::clone(meter),
            is_old: le16(&header, 26) < 4,
            sector,
            directory: le32(&header, 48),
            cutoff: le32(&header, 56).into(),
            table: listed.filter(|it| *it < NONE).collect(),
            small_table: le32(&header, 60),
            last: RefCell::new((u32::MAX, Vec::new())),
        };
        let mut next = le32(&header, 68);
        while next < NONE {
            let list = content.up_to(file.at(next), sector as usize).map_err(|error| failed(&error))?;
            let mut numbers: Vec<u32> = list.chunks_exact(4).map(|it| le32(it, 0)).collect();
            next = numbers.pop().unwrap_or(u32::MAX);
            file.table.extend(numbers.into_iter().filter(|it| *it < NONE));
            if file.table.len() > MAX_TABLE || (list.len() as u64) < sector {
                return Err(damaged("its table of sectors is of no use"));
            }
        }
        Ok(file)
    }

    fn at(&self, sector: u32) -> u64 {
        (u64::from(sector) + 1) * self.sector
    }

    /// The sector behind a sector.
    fn next(&self, sector: u32) -> Result<u32, Reason> {
        let per = (self.sector / 4) as u32;
        let part = sector / per;
        let mut last = self.last.borrow_mut();
        if last.0 != part {
            let at =
                self.table.get(part as usize).ok_or_else(|| damaged("a chain of sectors leaves the file"))?;
            let bytes =
                self.content.bytes_at(self.at(*at), self.sector as usize).map_err(|error| failed(&error))?;
            *last = (part, bytes);
        }
        Ok(le32(&last.1, (sector % per) as usize * 4))
    }

    /// The sectors from one on, as far as so many bytes.
    fn chain(&self, start: u32, size: u64) -> Result<Content<'s>, Reason> {
        let mut pieces = Pieces::new(&self.content);
        let (mut next, mut length) = (start, 0);
        while next < NONE && length < size {
            // A chain that goes in circles is longer than the file.
            if length > self.content.length() {
                return Err(damaged("a chain of sectors has no end"));
            }
            pieces
                .add(Piece { start: length, length: self.sector, at: Some(self.at(next)) })
                .map_err(damaged)?;
            length += self.sector;
            next = self.next(next)?;
        }
        Ok(pieces.content(length, &self.meter))
    }
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
