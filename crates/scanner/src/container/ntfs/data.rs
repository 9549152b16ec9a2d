//! The bytes of a file: in its record, in pieces of the volume, or packed in units of some clusters.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use std::rc::Rc;

use super::record::{Attribute, Body, Record, Runs, number, runs};
use super::{DATA, LIST, REPARSE_POINT, Volume, WOF, compact, damaged, failed, lznt1};
use crate::content::{Content, MAX_PIECES, Piece, Pieces, ReadAt, zeros};
use crate::fields::{le16, le32, le64};
use crate::report::Reason;

/// Records that one file is spread over, and bytes of the list of them.
const MAX_PARTS: usize = 4096;
const MAX_LIST: u64 = 256 << 10;
/// Bytes of a reparse point ([MS-FSCC] §2.1.2.2).
const MAX_REPARSE_POINT: u64 = 16 << 10;
/// Flags of an attribute.
const PACKED: u16 = 0x00ff;
const ENCRYPTED: u16 = 0x4000;
/// A unit of compression is sixteen clusters, and clusters of compressed volumes have 4 KiB at the most.
const MAX_UNIT: u64 = 1 << 20;

/// What a file holds.
#[derive(Default)]
pub(super) struct Data<'s> {
    /// `None` where it holds nothing.
    pub(super) content: Option<Content<'s>>,
    pub(super) is_encrypted: bool,
    /// What kind of a link it is.
    pub(super) reparse: Option<u32>,
}

/// What is known of the pieces of a file, as its records are gone through.
#[derive(Default)]
struct Gathered {
    size: u64,
    initialized: u64,
    /// Clusters of a unit, where it is packed.
    unit: Option<u64>,
    pieces: Vec<Piece>,
}

/// A stream of a file: in its record, or outside.
#[derive(Default)]
struct Stream<'s> {
    inside: Option<Content<'s>>,
    outside: Option<Gathered>,
}

impl<'s> Volume<'s> {
    /// The bytes of an attribute that has few.
    fn value(&self, body: &Body<'_>, limit: u64) -> Result<Vec<u8>, Reason> {
        match body {
            Body::Resident(value) => Ok(value.to_vec()),
            Body::Runs(outside) => {
                let mut gathered = Gathered::default();
                gathered.add(*outside, 0, self.layout.cluster)?;
                let content = self.pieces(gathered)?;
                content.up_to(0, content.length().min(limit) as usize).map_err(|error| failed(&error))
            }
        }
    }

    /// The records beside the first that have attributes of these kinds.
    pub(super) fn parts(&self, own: u64, record: &Record, kinds: &[u32]) -> Result<Vec<Record>, Reason> {
        let Some(list) = record.attributes().find(|it| it.kind == LIST) else { return Ok(Vec::new()) };
        let bytes = self.value(&list.body, MAX_LIST)?;
        let mut numbers = BTreeSet::new();
        let mut rest = bytes.as_slice();
        let mut in_order = Vec::new();
        while rest.len() >= 26 {
            let (length, part) = (usize::from(le16(rest, 4)), number(le64(rest, 16)));
            if kinds.contains(&le32(rest, 0)) && part != own && numbers.insert(part) {
                in_order.push(part);
            }
            if length < 26 || in_order.len() > MAX_PARTS {
                return Err(damaged("the list of the parts of a file is of no use"));
            }
            rest = rest.get(length..).unwrap_or_default();
        }
        let mut parts = Vec::new();
        for part in in_order {
            self.meter.entry()?;
            match self.record(part)? {
                Some(record) if record.is_used() && record.base() == own => parts.push(record),
                _ => return Err(damaged("a part of a file is missing")),
            }
        }
        Ok(parts)
    }

    /// What a file holds, by its record, and, where it is wished, by the others that it is spread over.
    pub(super) fn data(&self, number: u64, record: &Record, is_spread: bool) -> Result<Data<'s>, Reason> {
        let parts = if is_spread { self.parts(number, record, &[DATA, REPARSE_POINT])? } else { Vec::new() };
        let mut data = Data::default();
        let mut reparse_point = Vec::new();
        let (mut own, mut packed) = (Stream::default(), Stream::default());
        for attribute in [record].into_iter().chain(&parts).flat_map(Record::attributes) {
            match attribute.kind {
                REPARSE_POINT => {
                    reparse_point = self.value(&attribute.body, MAX_REPARSE_POINT)?;
                    data.reparse = Some(le32(&reparse_point, 0));
                }
                DATA if attribute.name.is_empty() => {
                    data.is_encrypted |= attribute.flags & ENCRYPTED != 0;
                    self.add(&mut own, &attribute)?;
                }
                DATA if attribute.name == compact::STREAM => self.add(&mut packed, &attribute)?,
                _ => {}
            }
        }
        if data.is_encrypted {
            return Ok(data);
        }
        data.content = self.stream(own)?;
        if data.reparse == Some(WOF)
            && let Some(unpacker) = compact::unpacker(&reparse_point)
        {
            let packed = self.stream(packed)?.ok_or_else(|| damaged("a file that is packed has no bytes"))?;
            let size = data.content.as_ref().map_or(0, Content::length);
            data.reparse = None;
            data.content = Some(compact::content(packed, size, unpacker, &self.meter));
        }
        Ok(data)
    }

    /// One more attribute of a stream.
    fn add(&self, stream: &mut Stream<'s>, attribute: &Attribute<'_>) -> Result<(), Reason> {
        match &attribute.body {
            Body::Resident(value) => {
                stream.inside = Some(Content::of_bytes(value.to_vec(), self.meter.shared));
                Ok(())
            }
            Body::Runs(outside) => {
                let all = stream.outside.get_or_insert_default();
                all.add(*outside, attribute.flags, self.layout.cluster)
            }
        }
    }

    /// The bytes of a stream; `None` where it has no attributes.
    fn stream(&self, stream: Stream<'s>) -> Result<Option<Content<'s>>, Reason> {
        match stream.outside {
            Some(outside) => self.pieces(outside).map(Some),
            None => Ok(stream.inside),
        }
    }

    /// The bytes of what was gathered.
    fn pieces(&self, gathered: Gathered) -> Result<Content<'s>, Reason> {
        let length = gathered.size;
        if let Some(unit) = gathered.unit {
            let packed = Packed {
                volume: self.content.clone(),
                unit,
                pieces: gathered.pieces,
                last: RefCell::new((u64::MAX, Rc::default())),
            };
            return Ok(Content::made(packed, length, &self.meter));
        }
        let mut pieces = Pieces::new(&self.content);
        for piece in gathered.pieces {
            // Behind what was ever written there are zeros.
            let written = gathered.initialized.saturating_sub(piece.start).min(piece.length);
            if written > 0 {
                pieces.add(Piece { length: written, ..piece }).map_err(damaged)?;
            }
        }
        Ok(pieces.content(length, &self.meter))
    }
}

impl Gathered {
    /// A part of the attribute, behind the others.
    fn add(&mut self, part: Runs<'_>, flags: u16, cluster: u64) -> Result<(), Reason> {
        if part.first == 0 {
            self.size = part.size;
            self.initialized = part.initialized.min(part.size);
            if flags & PACKED != 0 && part.unit > 0 {
                let unit =
                    cluster.checked_shl(part.unit.into()).filter(|unit| *unit <= MAX_UNIT && *unit > 0);
                self.unit = Some(unit.ok_or_else(|| damaged("a file is packed in no known way"))?);
            }
        }
        let beyond = || damaged("a piece of a file lies beyond any end");
        let mut start = part.first.checked_mul(cluster).ok_or_else(beyond)?;
        let end = self.pieces.last().map_or(0, |piece| piece.start + piece.length);
        if start != end {
            return Err(damaged("a part of a file is missing"));
        }
        let all = runs(part.pairs).ok_or_else(|| damaged("the pieces of a file are of no use"))?;
        for (length, at) in all {
            let length = length.checked_mul(cluster).ok_or_else(beyond)?;
            let at = at.map(|at| at.checked_mul(cluster).ok_or_else(beyond)).transpose()?;
            let end = start.checked_add(length).ok_or_else(beyond)?;
            if self.pieces.len() >= MAX_PIECES {
                return Err(damaged("it lies in more pieces than any file does"));
            }
            self.pieces.push(Piece { start, length, at });
            start = end;
        }
        Ok(())
    }
}

/// A file that is packed: a unit all of whose clusters are there is as it is, one without any is zeros, any other is packed.
struct Packed<'s> {
    volume: Content<'s>,
    unit: u64,
    pieces: Vec<Piece>,
    /// The unit that was unpacked last.
    last: RefCell<(u64, Rc<[u8]>)>,
}

impl Packed<'_> {
    fn unpack(&self, number: u64) -> io::Result<Rc<[u8]>> {
        if self.last.borrow().0 == number {
            return Ok(Rc::clone(&self.last.borrow().1));
        }
        let (start, mut stored) = (number * self.unit, Vec::new());
        let end = start.saturating_add(self.unit);
        let first = self.pieces.partition_point(|piece| piece.start + piece.length <= start);
        for piece in self.pieces.iter().skip(first).take_while(|piece| piece.start < end) {
            let from = piece.start.max(start);
            let length = (piece.start + piece.length).min(end) - from;
            if let Some(at) = piece.at {
                let at = at.checked_add(from - piece.start).ok_or(io::ErrorKind::InvalidData)?;
                stored.extend(self.volume.bytes_at(at, length as usize)?);
            }
        }
        let bytes = match stored.len() as u64 {
            0 => vec![0; self.unit as usize],
            length if length == self.unit => stored,
            _ => lznt1::unpack(&stored, self.unit as usize).ok_or(io::ErrorKind::InvalidData)?,
        };
        let bytes: Rc<[u8]> = bytes.into();
        *self.last.borrow_mut() = (number, Rc::clone(&bytes));
        Ok(bytes)
    }
}

impl ReadAt for Packed<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.unpack(offset / self.unit)?;
        let from = bytes.get((offset % self.unit) as usize..).unwrap_or_default();
        if from.is_empty() {
            return Ok(zeros(buffer));
        }
        let count = from.len().min(buffer.len());
        buffer[..count].copy_from_slice(&from[..count]);
        Ok(count)
    }
}
