//! A file of a JFFS2 image: parts that were written one after the other, each over what was there before.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::Range;
use std::rc::Rc;

use super::damaged;
use super::nodes::Part;
use crate::container::lzo;
use crate::content::{Content, ReadAt, zeros};
use crate::report::Reason;

/// Unpacked bytes of a packed part: those of a page of memory, of which the largest have 64 KiB, and room for what makers set.
const MAX_PART: u32 = 1 << 20;

/// The bytes of a file.
pub(super) struct File<'s> {
    image: Content<'s>,
    parts: Rc<[Part]>,
    pieces: Vec<Piece>,
    /// The part that was unpacked last.
    last: RefCell<Option<(usize, Rc<[u8]>)>>,
}

/// Bytes of the file, from one place to another, that are in a part.
struct Piece {
    start: u32,
    end: u32,
    part: usize,
}

impl<'s> File<'s> {
    /// The file of these parts, the newest last; and its size.
    pub(super) fn new(image: &Content<'s>, parts: &Rc<[Part]>, of: Range<usize>) -> (File<'s>, u64) {
        let there = parts.get(of.clone()).unwrap_or_default();
        let size = there.last().map_or(0, |newest| newest.size);
        let mut written = Written::default();
        for (part, it) in of.zip(there) {
            written.write(it.start, it.start.saturating_add(it.length).min(size), part);
        }
        let pieces = written.0.into_iter().map(|(start, (end, part))| Piece { start, end, part }).collect();
        let file = File { image: image.clone(), parts: Rc::clone(parts), pieces, last: RefCell::default() };
        (file, u64::from(size))
    }

    fn unpacked(&self, number: usize, part: &Part) -> io::Result<Rc<[u8]>> {
        if let Some((_, bytes)) = self.last.borrow().as_ref().filter(|(at, _)| *at == number) {
            return Ok(Rc::clone(bytes));
        }
        if part.length > MAX_PART || part.packed > MAX_PART * 2 {
            return Err(io::Error::other(damaged("a part of a file is larger than any can be")));
        }
        let packed = self.image.bytes_at(part.at, part.packed as usize)?;
        let bytes: Rc<[u8]> = unpack(part.method, &packed, part.length as usize)?.into();
        *self.last.borrow_mut() = Some((number, Rc::clone(&bytes)));
        Ok(bytes)
    }
}

impl ReadAt for File<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let next = self.pieces.partition_point(|piece| u64::from(piece.start) <= offset);
        let piece = next.checked_sub(1).and_then(|at| self.pieces.get(at));
        let piece = piece.filter(|piece| u64::from(piece.end) > offset);
        let part = piece.and_then(|piece| self.parts.get(piece.part));
        // Holes are written, too: what is nowhere is lost.
        let (Some(piece), Some(part)) = (piece, part) else {
            return Err(io::Error::other(damaged("a part of a file is not there")));
        };
        let wanted = (u64::from(piece.end) - offset).min(buffer.len() as u64) as usize;
        let buffer = &mut buffer[..wanted];
        let within = offset - u64::from(part.start);
        match part.method {
            0 if part.length <= part.packed => self.image.read_at(part.at + within, buffer),
            1 => Ok(zeros(buffer)),
            _ => {
                let bytes = self.unpacked(piece.part, part)?;
                let from = bytes.get(within as usize..).unwrap_or_default();
                let count = from.len().min(wanted);
                buffer[..count].copy_from_slice(&from[..count]);
                Ok(count)
            }
        }
    }
}

/// Ranges of a file, each with the part that was last written there: where it begins, where it ends, which part.
#[derive(Default)]
struct Written(BTreeMap<u32, (u32, usize)>);

impl Written {
    /// Writes a part over what was there before. Whatever it covers is gone for good, so that many parts cost little.
    fn write(&mut self, start: u32, end: u32, part: usize) {
        if start >= end {
            return;
        }
        let before = self.0.range(..start).next_back().map(|(at, (until, part))| (*at, *until, *part));
        if let Some((at, until, part)) = before.filter(|(_, until, _)| *until > start) {
            self.0.insert(at, (start, part));
            if until > end {
                self.0.insert(end, (until, part));
            }
        }
        while let Some((at, (until, part))) = self.0.range(start..end).next().map(|(at, it)| (*at, *it)) {
            self.0.remove(&at);
            if until > end {
                self.0.insert(end, (until, part));
            }
        }
        self.0.insert(start, (end, part));
    }
}

/// Unpacks a part that has so many bytes.
fn unpack(method: u8, packed: &[u8], length: usize) -> io::Result<Vec<u8>> {
    let wrong = |what: &str| io::Error::other(damaged(what));
    let bytes = match method {
        2 => rtime(packed, length),
        6 => {
            let mut bytes = Vec::new();
            flate2::bufread::ZlibDecoder::new(packed).take(length as u64).read_to_end(&mut bytes)?;
            bytes
        }
        7 => lzo::unpack(packed, length).map_err(wrong)?,
        0 => return Err(wrong("a part of a file is shorter than it says")),
        method => {
            let what = format!("a file packed by method {method} of JFFS2 (Rubin, or unknown)");
            return Err(io::Error::other(Reason::Unsupported(what)));
        }
    };
    if bytes.len() < length { Err(wrong("a part of a file unpacks to less than it says")) } else { Ok(bytes) }
}

/// The method "rtime": each byte is followed by how many bytes come again that came behind the same byte when it was last there.
fn rtime(packed: &[u8], length: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = Vec::with_capacity(length);
    let mut behind = [0_usize; 256];
    for pair in packed.chunks_exact(2) {
        let &[value, count] = pair else { break };
        if bytes.len() >= length {
            break;
        }
        bytes.push(value);
        let Some(place) = behind.get_mut(usize::from(value)) else { break };
        let from = std::mem::replace(place, bytes.len());
        for at in (from..).take(usize::from(count).min(length - bytes.len())) {
            let Some(again) = bytes.get(at).copied() else { break };
            bytes.push(again);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_last_counts() {
        let mut written = Written::default();
        for (part, (start, end)) in
            [(0, 10), (20, 30), (5, 25), (7, 8), (0, 1), (28, 40), (9, 9)].into_iter().enumerate()
        {
            written.write(start, end, part);
        }
        let pieces: Vec<_> = written.0.into_iter().map(|(start, (end, part))| (start, end, part)).collect();
        let expected = [(0, 1, 4), (1, 5, 0), (5, 7, 2), (7, 8, 3), (8, 25, 2), (25, 28, 1), (28, 40, 5)];
        assert_eq!(pieces, expected);
        let mut written = Written::default();
        written.write(0, 100, 0);
        written.write(0, 50, 1);
        written.write(10, 20, 2);
        written.write(0, 60, 3);
        assert_eq!(written.0.into_iter().collect::<Vec<_>>(), [(0, (60, 3)), (60, (100, 0))]);
    }

    #[test]
    fn rtime_repeats_what_came_behind_the_same_byte() {
        assert_eq!(rtime(b"a\x00b\x00c\x00a\x02d\x00", 7), b"abcabcd");
        assert_eq!(rtime(b"z\x05", 4), b"zzzz");
        assert_eq!(rtime(b"a\x00b", 7), b"a");
    }
}
