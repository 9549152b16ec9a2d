//! Bytes that can be read from any place: a file, a piece of memory, a temporary file, or a window of one of these.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use crate::budget::Shared;

/// What the bytes are in.
enum Source<'s> {
    File(File),
    /// The bytes, and how many were taken from the common share for them.
    Memory(Vec<u8>, u64, &'s Shared),
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
    source: Arc<Source<'s>>,
    start: u64,
    length: u64,
}

impl<'s> Content<'s> {
    /// A file, a temporary one included.
    pub(crate) fn of_file(file: File, length: u64) -> Content<'s> {
        Content { source: Arc::new(Source::File(file)), start: 0, length }
    }

    /// Bytes in memory, which were taken from the common share and return to it.
    pub(crate) fn of_memory(bytes: Vec<u8>, taken: u64, shared: &'s Shared) -> Content<'s> {
        let length = bytes.len() as u64;
        Content { source: Arc::new(Source::Memory(bytes, taken, shared)), start: 0, length }
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
        Ok(Content::of_file(file, length))
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// A part of it; as much of the part as there is.
    pub(crate) fn window(&self, start: u64, length: u64) -> Content<'s> {
        let start = start.min(self.length);
        let length = length.min(self.length - start);
        Content { source: Arc::clone(&self.source), start: self.start + start, length }
    }

    /// Reads from a place on; 0 at the end.
    pub(crate) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if offset >= self.length {
            return Ok(0);
        }
        let wanted = (self.length - offset).min(buffer.len() as u64) as usize;
        let at = self.start + offset;
        match &*self.source {
            Source::File(file) => read_file_at(file, at, &mut buffer[..wanted]),
            Source::Memory(bytes, ..) => {
                let from = &bytes[at as usize..at as usize + wanted];
                buffer[..wanted].copy_from_slice(from);
                Ok(wanted)
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

    /// From the start on.
    pub(crate) fn reader(&self) -> ContentReader<'s> {
        ContentReader { content: self.clone(), at: 0 }
    }
}

#[cfg(unix)]
fn read_file_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_file_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
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
}

/// Bytes that can be read in order alone.
pub(crate) struct Stream<R>(pub(crate) R);

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> Bytes<'_> for Stream<R> {}
