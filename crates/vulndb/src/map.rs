//! An index file as memory: mapped read-only, every block checked against its checksum before it is first used.
//!
//! This is the one file of the workspace with `unsafe`. The file may be mapped because nobody writes to it: index files
//! are made under another name, renamed into place when whole, never changed afterwards, and lie in a folder that only
//! this program writes to. Removing or replacing the name leaves the mapping intact. Whoever truncates the file in place,
//! against these rules, stops the program with a bus error; he could as well have removed the data.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::Mmap;

use crate::error::{OpenError, ReadError};
use crate::layout::{BLOCK, FORMAT, HEADER_LENGTH, Kind, MAGIC, Section, header};

/// A mapped index file.
#[derive(Debug)]
pub(crate) struct Map {
    memory: Mmap,
    sections: Vec<Span>,
    sums_at: u64,
    checked: Vec<AtomicU64>,
}

/// A part of the file.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    at: u64,
    length: u64,
}

impl Span {
    pub(crate) const fn len(self) -> u64 {
        self.length
    }
}

impl Map {
    /// Maps a file and checks its header, its section table and its table of checksums.
    pub(crate) fn open(path: &Path, kind: Kind) -> Result<Map, OpenError> {
        let input = |source| OpenError::Input { path: path.to_owned(), source };
        let file = File::open(path).map_err(input)?;
        #[expect(
            unsafe_code,
            reason = "a read-only map of a file that is never changed in place; see the module's text"
        )]
        let memory = unsafe { Mmap::map(&file) }.map_err(input)?;
        let opening = Opening { memory: &memory, path: path.to_owned() };
        opening.check_header(kind)?;
        let sums_at = opening.check_sums()?;
        let sections = opening.read_sections(sums_at)?;
        let blocks = (sums_at - HEADER_LENGTH as u64).div_ceil(BLOCK);
        let checked = (0..blocks.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Ok(Map { memory, sections, sums_at, checked })
    }

    /// Where a section is; empty where the file has none.
    pub(crate) fn section(&self, section: Section) -> Span {
        self.sections[section as usize]
    }

    /// Bytes of a section.
    #[inline]
    pub(crate) fn bytes(&self, span: Span, at: u64, length: u64) -> Result<&[u8], ReadError> {
        let end = at.checked_add(length).ok_or(ReadError::Malformed)?;
        if end > span.length {
            return Err(ReadError::Malformed);
        }
        let (start, end) = (span.at + at, span.at + end);
        if start < end {
            let first = (start - HEADER_LENGTH as u64) / BLOCK;
            let last = (end - 1 - HEADER_LENGTH as u64) / BLOCK;
            for block in first..=last {
                self.check(block)?;
            }
        }
        Ok(&self.memory[start as usize..end as usize])
    }

    /// A whole section.
    pub(crate) fn whole(&self, span: Span) -> Result<&[u8], ReadError> {
        self.bytes(span, 0, span.length)
    }

    /// What follows a place, up to a length: for packed values whose own length is inside.
    pub(crate) fn up_to(&self, span: Span, at: u64, length: u64) -> Result<&[u8], ReadError> {
        self.bytes(span, at, length.min(span.length.saturating_sub(at)))
    }

    /// Checks every block, whether it was read or not.
    pub(crate) fn check_all(&self) -> Result<(), ReadError> {
        let blocks = self.sums_at.saturating_sub(HEADER_LENGTH as u64).div_ceil(BLOCK);
        (0..blocks).try_for_each(|block| self.check_first_time(block))
    }

    #[inline]
    fn check(&self, block: u64) -> Result<(), ReadError> {
        let (word, bit) = (&self.checked[(block / 64) as usize], 1 << (block % 64));
        if word.load(Ordering::Relaxed) & bit != 0 {
            return Ok(());
        }
        self.check_first_time(block)?;
        word.fetch_or(bit, Ordering::Relaxed);
        Ok(())
    }

    #[cold]
    fn check_first_time(&self, block: u64) -> Result<(), ReadError> {
        let start = HEADER_LENGTH as u64 + block * BLOCK;
        let end = (start + BLOCK).min(self.sums_at);
        let stored = read_u32(&self.memory, (self.sums_at + block * 4) as usize);
        let actual = crc32fast::hash(&self.memory[start as usize..end as usize]);
        if stored == Some(actual) { Ok(()) } else { Err(ReadError::Checksum(start)) }
    }
}

struct Opening<'m> {
    memory: &'m [u8],
    path: PathBuf,
}

impl Opening<'_> {
    fn damaged(&self, what: &'static str) -> OpenError {
        OpenError::Damaged { path: self.path.clone(), what }
    }

    fn check_header(&self, kind: Kind) -> Result<(), OpenError> {
        let start = self.memory.get(..HEADER_LENGTH).ok_or_else(|| self.damaged("it is too short"))?;
        if start[header::MAGIC..][..MAGIC.len()] != MAGIC {
            return Err(self.damaged("it is no index file"));
        }
        let mut blank: Vec<u8> = start.to_vec();
        blank[header::HEADER_CRC..][..4].fill(0);
        if read_u32(start, header::HEADER_CRC) != Some(crc32fast::hash(&blank)) {
            return Err(self.damaged("its header does not have its checksum"));
        }
        if read_u32(start, header::FORMAT) != Some(FORMAT) {
            return Err(OpenError::Outdated { path: self.path.clone() });
        }
        if read_u32(start, header::KIND) != Some(kind as u32) {
            return Err(self.damaged("it is another kind of index file"));
        }
        if read_u64(start, header::FILE_LENGTH) != Some(self.memory.len() as u64) {
            return Err(self.damaged("it was cut off"));
        }
        Ok(())
    }

    /// The checksums stand at the end of the file, from here to its last byte.
    fn check_sums(&self) -> Result<u64, OpenError> {
        let at = read_u64(self.memory, header::SUMS_AT).unwrap_or(0);
        let blocks = at.saturating_sub(HEADER_LENGTH as u64).div_ceil(BLOCK);
        let right_place = at >= HEADER_LENGTH as u64
            && at <= self.memory.len() as u64
            && at + blocks * 4 == self.memory.len() as u64;
        let sums = right_place.then(|| &self.memory[at as usize..]);
        match sums {
            Some(sums) if read_u32(self.memory, header::SUMS_CRC) == Some(crc32fast::hash(sums)) => Ok(at),
            _ => Err(self.damaged("its table of checksums is not whole")),
        }
    }

    fn read_sections(&self, sums_at: u64) -> Result<Vec<Span>, OpenError> {
        let mut sections = vec![Span::default(); Section::ALL.len()];
        let count = read_u32(self.memory, header::SECTION_COUNT).unwrap_or(0) as usize;
        for row in 0..count {
            let at = header::SECTIONS + row * header::SECTION_ROW;
            let row = self.memory[..HEADER_LENGTH].get(at..at + header::SECTION_ROW);
            let row = row.ok_or_else(|| self.damaged("its section table is too long"))?;
            let (at, length) = (read_u64(row, 8).unwrap_or(0), read_u64(row, 16).unwrap_or(0));
            let fits = at >= HEADER_LENGTH as u64 && at.checked_add(length).is_some_and(|end| end <= sums_at);
            if !fits {
                return Err(self.damaged("a section lies outside the file"));
            }
            if let Some(known) = Section::ALL.iter().position(|section| section.tag() == row[..4]) {
                sections[known] = Span { at, length };
            }
        }
        Ok(sections)
    }
}

pub(crate) fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

pub(crate) fn read_u64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
