//! Bytes that can be read from any place: a file, a piece of memory, a temporary file, or a window of one of these.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

use crate::budget::{Meter, Shared};
use crate::opened::{Opened, read_file_at};

/// Bytes that are put together only when they are read: files of a file system, the disk in a disk image.
pub(crate) trait ReadAt {
    /// Reads from a place on, at least one byte; the caller asks for none beyond the end.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// Bytes that [`Bytes::room`] asks for at the most: whatever somebody says of a size, more is made room for as it comes.
pub(crate) const MAX_ROOM: u64 = 1 << 20;

/// What the bytes are in.
enum Source<'s> {
    /// A temporary file.
    Temporary(File),
    /// The file that is looked at, its first bytes, which were read beforehand, and who is told of what is read.
    File(File, Vec<u8>, Rc<Meter<'s>>),
    /// The bytes, and how many were taken from the common share for them.
    Memory(Vec<u8>, u64, &'s Shared),
    /// Bytes that are made; each that is read counts, since few bytes can make many.
    Made(Box<dyn ReadAt + 's>, Rc<Meter<'s>>),
}

impl Drop for Source<'_> {
    fn drop(&mut self) {
        if let Source::Memory(_, taken, shared) = self {
            shared.return_memory(*taken);
        }
    }
}

/// Bytes with random access. Cheap to clone; the file or memory goes with the last clone.
#[derive(Clone)]
pub(crate) struct Content<'s> {
    source: Rc<Source<'s>>,
    start: u64,
    length: u64,
}

impl<'s> Content<'s> {
    /// A temporary file.
    fn of_temporary(file: File, length: u64) -> Content<'s> {
        Content { source: Rc::new(Source::Temporary(file)), start: 0, length }
    }

    /// A file on a disk. Its first bytes are there, since whatever looks what it is asks for these, and most files have no more.
    pub(crate) fn of_file(opened: Opened, meter: &Rc<Meter<'s>>) -> Content<'s> {
        let Opened { file, first, size } = opened;
        Content { source: Rc::new(Source::File(file, first, Rc::clone(meter))), start: 0, length: size }
    }

    /// Bytes in memory, which were taken from the common share and return to it.
    pub(crate) fn of_memory(bytes: Vec<u8>, taken: u64, shared: &'s Shared) -> Content<'s> {
        let length = bytes.len() as u64;
        Content { source: Rc::new(Source::Memory(bytes, taken, shared)), start: 0, length }
    }

    /// A few bytes that were read anyway.
    pub(crate) fn of_bytes(bytes: Vec<u8>, shared: &'s Shared) -> Content<'s> {
        Content::of_memory(bytes, 0, shared)
    }

    /// Bytes that are put together as they are read.
    pub(crate) fn made(by: impl ReadAt + 's, length: u64, meter: &Rc<Meter<'s>>) -> Content<'s> {
        Content { source: Rc::new(Source::Made(Box::new(by), Rc::clone(meter))), start: 0, length }
    }

    /// Everything that a reader gives: in memory as far as the common share reaches, in a temporary file beyond.
    pub(crate) fn collect(mut from: impl Read, memory: u64, shared: &'s Shared) -> io::Result<Content<'s>> {
        const STEP: u64 = 64 << 10;
        let mut taken = 0;
        let mut bytes = Vec::new();
        loop {
            let more = taken.max(STEP);
            if !shared.take_memory(more, memory) {
                break;
            }
            taken += more;
            bytes.reserve_exact(more as usize);
            let wanted = taken - bytes.len() as u64;
            let read = from.by_ref().take(wanted).read_to_end(&mut bytes);
            if read.as_ref().is_ok_and(|read| *read as u64 == wanted) {
                continue;
            }
            let content = Content::of_memory(bytes, taken, shared);
            return read.map(|_| content);
        }
        let mut file = tempfile::tempfile()?;
        file.write_all(&bytes)?;
        drop(Content::of_memory(bytes, taken, shared));
        let length = taken + io::copy(&mut from, &mut file)?;
        Ok(Content::of_temporary(file, length))
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// A part of it; as much of the part as there is.
    pub(crate) fn window(&self, start: u64, length: u64) -> Content<'s> {
        let start = start.min(self.length);
        let length = length.min(self.length - start);
        Content { source: Rc::clone(&self.source), start: self.start + start, length }
    }

    /// Reads from a place on; 0 at the end.
    pub(crate) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if offset >= self.length {
            return Ok(0);
        }
        let wanted = (self.length - offset).min(buffer.len() as u64) as usize;
        let at = self.start + offset;
        match &*self.source {
            Source::Temporary(file) => read_file_at(file, at, &mut buffer[..wanted]),
            Source::File(file, first, meter) => {
                let there = usize::try_from(at).ok().and_then(|at| first.get(at..at.checked_add(wanted)?));
                if let Some(there) = there {
                    buffer[..wanted].copy_from_slice(there);
                    return Ok(wanted);
                }
                let read = read_file_at(file, at, &mut buffer[..wanted])?;
                meter.read(read as u64);
                Ok(read)
            }
            Source::Memory(bytes, ..) => {
                let from = &bytes[at as usize..at as usize + wanted];
                buffer[..wanted].copy_from_slice(from);
                Ok(wanted)
            }
            Source::Made(by, meter) => {
                let read = by.read_at(at, &mut buffer[..wanted])?;
                meter.expand(read as u64).map_err(io::Error::other)?;
                if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(read) }
            }
        }
    }

    /// Fills the buffer from a place on, as far as there are bytes; returns how many.
    pub(crate) fn fill_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read_at(offset + filled as u64, &mut buffer[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    /// So many bytes from a place on, or an error where there are fewer. The caller has bounded the number.
    pub(crate) fn bytes_at(&self, offset: u64, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        if self.fill_at(offset, &mut bytes)? < count {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes)
    }

    /// As many bytes from a place on as there are, up to a number that the caller has bounded.
    pub(crate) fn up_to(&self, offset: u64, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        let filled = self.fill_at(offset, &mut bytes)?;
        bytes.truncate(filled);
        Ok(bytes)
    }

    /// As many of the first bytes as there are, up to a number that the caller has bounded; without copying them where they are held.
    pub(crate) fn first(&self, count: usize) -> io::Result<Cow<'_, [u8]>> {
        let wanted = usize::try_from(self.length).unwrap_or(count).min(count);
        let held = match &*self.source {
            Source::File(_, first, _) => first.as_slice(),
            Source::Memory(bytes, ..) => bytes.as_slice(),
            Source::Temporary(_) | Source::Made(..) => &[],
        };
        let start = usize::try_from(self.start).ok();
        let there = start.and_then(|start| held.get(start..start.checked_add(wanted)?));
        there.map_or_else(|| self.up_to(0, count).map(Cow::Owned), |there| Ok(Cow::Borrowed(there)))
    }

    /// From the start on.
    pub(crate) fn reader(&self) -> ContentReader<'s> {
        ContentReader { content: self.clone(), at: 0 }
    }
}

/// Reads a [`Content`] in order.
pub(crate) struct ContentReader<'s> {
    content: Content<'s>,
    at: u64,
}

impl Read for ContentReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read_at(self.at, buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for ContentReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.content.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// The bytes of an entry: read in order, or, where it lies unpacked in its container, from any place.
pub(crate) trait Bytes<'s>: Read {
    /// Itself with random access, where that costs nothing.
    fn window(&mut self) -> Option<Content<'s>> {
        None
    }

    /// Bytes to make room for before it is read whole: how many it has, where that is known.
    fn room(&self) -> usize {
        0
    }

    /// All of it in one go, where nothing was read yet and that is faster than in pieces. None where it is not, or where it is not what its container
    /// says: read in pieces it is told what is wrong.
    fn whole(&mut self) -> Option<io::Result<Vec<u8>>> {
        None
    }

    /// What it is the same as, before anything of it was unpacked: equal only for what is unpacked to the same. None where that cannot be had
    /// for little.
    fn fingerprint(&mut self) -> Option<[u8; 32]> {
        None
    }

    /// Whether all of it was read, and its own checksum is right.
    fn is_sound(&self) -> bool {
        false
    }
}

/// Bytes that can be read in order alone.
pub(crate) struct Stream<R>(pub(crate) R);

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> Bytes<'_> for Stream<R> {}

/// Bytes of which all can be read from any place: a file on a disk, or one in an image.
pub(crate) struct Window<'s> {
    reader: ContentReader<'s>,
    content: Content<'s>,
}

impl<'s> Window<'s> {
    pub(crate) fn new(content: Content<'s>) -> Window<'s> {
        Window { reader: content.reader(), content }
    }
}

impl Read for Window<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl<'s> Bytes<'s> for Window<'s> {
    fn window(&mut self) -> Option<Content<'s>> {
        Some(self.content.clone())
    }

    fn room(&self) -> usize {
        self.content.length().min(MAX_ROOM) as usize
    }
}

/// A part of [`Pieces`]: so many bytes from a place on, and where they lie; zeros where they lie nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) start: u64,
    pub(crate) length: u64,
    pub(crate) at: Option<u64>,
}

/// Bytes that lie in pieces in other bytes. What no piece covers reads as zeros.
pub(crate) struct Pieces<'s> {
    of: Content<'s>,
    /// In the order of their starts, not overlapping.
    pieces: Vec<Piece>,
}

/// Pieces of one file: more are only in hostile ones, and would cost memory.
pub(crate) const MAX_PIECES: usize = 1 << 20;

impl<'s> Pieces<'s> {
    /// Starts without pieces, which reads as zeros.
    pub(crate) fn new(of: &Content<'s>) -> Pieces<'s> {
        Pieces { of: of.clone(), pieces: Vec::new() }
    }

    /// One more piece, behind all others.
    ///
    /// # Errors
    /// Where it is not behind them, or there are too many.
    pub(crate) fn add(&mut self, piece: Piece) -> Result<(), &'static str> {
        let is_long = piece.start.checked_add(piece.length).is_none();
        if is_long || piece.at.is_some_and(|at| at.checked_add(piece.length).is_none()) {
            return Err("a piece of it reaches beyond any end");
        }
        if let Some(last) = self.pieces.last_mut() {
            let end = last.start + last.length;
            if piece.start < end {
                return Err("its pieces overlap");
            }
            let follows = match (last.at, piece.at) {
                (Some(last_at), Some(at)) => last_at + last.length == at,
                (None, None) => true,
                _ => false,
            };
            if piece.start == end && follows {
                last.length += piece.length;
                return Ok(());
            }
        }
        if self.pieces.len() >= MAX_PIECES {
            return Err("it lies in more pieces than any file does");
        }
        self.pieces.push(piece);
        Ok(())
    }

    /// As content of this length: a window where one piece is all of it.
    pub(crate) fn content(self, length: u64, meter: &Rc<Meter<'s>>) -> Content<'s> {
        match self.pieces.as_slice() {
            [Piece { start: 0, length: there, at: Some(at) }]
                if *there >= length && at.saturating_add(length) <= self.of.length() =>
            {
                self.of.window(*at, length)
            }
            _ => Content::made(self, length, meter),
        }
    }
}

impl ReadAt for Pieces<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let next = self.pieces.partition_point(|piece| piece.start <= offset);
        let here = next.checked_sub(1).and_then(|at| self.pieces.get(at));
        if let Some(piece) = here.filter(|piece| offset - piece.start < piece.length) {
            let into = offset - piece.start;
            let wanted = (piece.length - into).min(buffer.len() as u64) as usize;
            return match piece.at {
                Some(at) => self.of.read_at(at + into, &mut buffer[..wanted]),
                None => Ok(zeros(&mut buffer[..wanted])),
            };
        }
        let until = self.pieces.get(next).map_or(u64::MAX, |piece| piece.start - offset);
        let wanted = until.min(buffer.len() as u64) as usize;
        Ok(zeros(&mut buffer[..wanted]))
    }
}

pub(crate) fn zeros(buffer: &mut [u8]) -> usize {
    buffer.fill(0);
    buffer.len()
}
