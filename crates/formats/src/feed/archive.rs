//! The zip files that feeds come in, read under limits (APPNOTE.TXT 6.3.10, sections 4.3 and 4.4).
//!
//! A feed has up to hundreds of thousands of small entries. The directory is streamed, so memory does not grow with it,
//! and entries are read by position, so several threads share one open file. Stored and deflated entries are read;
//! sizes and checksums are never believed: what expands beyond its stated size, or to another checksum, is an error of
//! that entry, and the others are still read.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use flate2::{Crc, Decompress, FlushDecompress, Status};

/// What a feed may cost us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedLimits {
    /// Bytes of one record when expanded. The largest public OSV records are near 10 MB.
    pub entry_bytes: u64,
    /// Entries of one zip: the whole of OSV has half a million records today.
    pub entries: u64,
    /// Bytes of all records of one zip when expanded: a hundred times what the largest has today.
    pub total_bytes: u64,
}

impl Default for FeedLimits {
    fn default() -> Self {
        FeedLimits { entry_bytes: 64 << 20, entries: 5_000_000, total_bytes: 64 << 30 }
    }
}

/// A feed that cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Input {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not a zip, or its end is missing: a download that was cut off.
    #[error("{} is not a whole zip file; hint: the download may have been cut off, fetch it again", path.display())]
    NotWhole {
        /// Which file.
        path: PathBuf,
    },
    /// It holds more than is allowed.
    #[error("{} holds more than {limit} {what}; it was not read", path.display())]
    TooMuch {
        /// Which file.
        path: PathBuf,
        /// The number allowed.
        limit: u64,
        /// Of what: `entries`, `bytes when expanded`.
        what: &'static str,
    },
}

/// An entry that cannot be read; the others still can.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// The file ends before the entry does, or cannot be read there.
    #[error("it cannot be read: {0}")]
    Input(#[from] io::Error),
    /// Its header is not one.
    #[error("its header is damaged")]
    Header,
    /// It is encrypted or compressed in a way that feeds are not.
    #[error("it is compressed by method {0}, which feeds do not use")]
    Method(u16),
    /// It is too large.
    #[error("it expands to more than {0} bytes")]
    TooLarge(u64),
    /// It expands to another length than it says.
    #[error("it expands to another length than the {0} bytes that it states")]
    Length(u64),
    /// The compressed data is damaged.
    #[error("its compressed data is damaged")]
    Compressed,
    /// The content has another checksum.
    #[error("its content does not have the checksum that it states")]
    Checksum,
}

/// An open feed. Reading entries takes `&self`: threads share it.
#[derive(Debug)]
pub struct FeedZip {
    file: File,
    path: PathBuf,
    limits: FeedLimits,
    directory_at: u64,
    directory_end: u64,
    entries: u64,
}

/// One entry of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, such as `GHSA-jfh8-c2jp-5v3q.json`.
    pub name: String,
    method: u16,
    crc: u32,
    compressed: u64,
    expanded: u64,
    header_at: u64,
}

/// Memory that a thread uses again for each entry.
#[derive(Debug, Default)]
pub struct Buffers {
    compressed: Vec<u8>,
    expanded: Vec<u8>,
    inflate: Option<Decompress>,
}

const END_SIGNATURE: [u8; 4] = *b"PK\x05\x06";
const END_LENGTH: usize = 22;
const LOCATOR_SIGNATURE: [u8; 4] = *b"PK\x06\x07";
const LOCATOR_LENGTH: usize = 20;
const END64_SIGNATURE: [u8; 4] = *b"PK\x06\x06";
const END64_LENGTH: usize = 56;
const CENTRAL_SIGNATURE: [u8; 4] = *b"PK\x01\x02";
const CENTRAL_LENGTH: usize = 46;
const LOCAL_SIGNATURE: [u8; 4] = *b"PK\x03\x04";
const LOCAL_LENGTH: usize = 30;

impl FeedZip {
    /// Opens a feed and finds its directory.
    ///
    /// # Errors
    /// [`ArchiveError`] when the file is no whole zip or states more entries than allowed.
    pub fn open(path: &Path, limits: FeedLimits) -> Result<FeedZip, ArchiveError> {
        let input = |source| ArchiveError::Input { path: path.to_owned(), source };
        let file = File::open(path).map_err(input)?;
        let length = file.metadata().map_err(input)?.len();
        let not_whole = || ArchiveError::NotWhole { path: path.to_owned() };
        let (directory_at, directory_end, entries) =
            find_directory(&file, length).map_err(input)?.ok_or_else(not_whole)?;
        if entries > limits.entries {
            let (limit, what) = (limits.entries, "entries");
            return Err(ArchiveError::TooMuch { path: path.to_owned(), limit, what });
        }
        Ok(FeedZip { file, path: path.to_owned(), limits, directory_at, directory_end, entries })
    }

    /// How many entries it states.
    pub const fn len(&self) -> u64 {
        self.entries
    }

    /// Whether it states to have no entry.
    pub const fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// A cursor before the first entry of the directory.
    pub const fn cursor(&self) -> Cursor {
        Cursor { at: self.directory_at, left: self.entries, total: 0, window: Vec::new(), window_at: 0 }
    }

    /// The entries, streamed from the directory. Folders are passed over.
    pub fn entries(&self) -> impl Iterator<Item = Result<Entry, ArchiveError>> {
        let mut cursor = self.cursor();
        std::iter::from_fn(move || cursor.next(self))
    }

    /// The entry with a name.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn find(&self, name: &str) -> Result<Option<Entry>, ArchiveError> {
        self.find_where(|entry| entry == name)
    }

    /// The first entry whose name is one that is looked for.
    ///
    /// # Errors
    /// As [`FeedZip::find`].
    pub fn find_where(&self, wanted: impl Fn(&str) -> bool) -> Result<Option<Entry>, ArchiveError> {
        for entry in self.entries() {
            let entry = entry?;
            if wanted(&entry.name) {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    fn not_whole(&self) -> ArchiveError {
        ArchiveError::NotWhole { path: self.path.clone() }
    }

    /// The content of an entry.
    ///
    /// # Errors
    /// [`EntryError`]; the rest of the feed can still be read.
    pub fn read<'b>(&self, entry: &Entry, buffers: &'b mut Buffers) -> Result<&'b [u8], EntryError> {
        if entry.expanded > self.limits.entry_bytes || entry.compressed > self.limits.entry_bytes {
            return Err(EntryError::TooLarge(self.limits.entry_bytes));
        }
        let mut header = [0; LOCAL_LENGTH];
        read_exact_at(&self.file, &mut header, entry.header_at)?;
        if header[..4] != LOCAL_SIGNATURE {
            return Err(EntryError::Header);
        }
        let skip = LOCAL_LENGTH as u64 + u64::from(u16_at(&header, 26)) + u64::from(u16_at(&header, 28));
        let at = entry.header_at.checked_add(skip).ok_or(EntryError::Header)?;
        if at.saturating_add(entry.compressed) > self.directory_at {
            return Err(EntryError::Header);
        }
        buffers.compressed.resize(entry.compressed as usize, 0);
        read_exact_at(&self.file, &mut buffers.compressed, at)?;
        match entry.method {
            0 => std::mem::swap(&mut buffers.compressed, &mut buffers.expanded),
            8 => inflate(entry, buffers)?,
            other => return Err(EntryError::Method(other)),
        }
        if buffers.expanded.len() as u64 != entry.expanded {
            return Err(EntryError::Length(entry.expanded));
        }
        let mut crc = Crc::new();
        crc.update(&buffers.expanded);
        if crc.sum() == entry.crc { Ok(&buffers.expanded) } else { Err(EntryError::Checksum) }
    }
}

/// Inflates into a buffer of exactly the stated length; one more byte is an error.
fn inflate(entry: &Entry, buffers: &mut Buffers) -> Result<(), EntryError> {
    let inflate = buffers.inflate.get_or_insert_with(|| Decompress::new(false));
    inflate.reset(false);
    buffers.expanded.clear();
    buffers.expanded.reserve(entry.expanded as usize + 1);
    let status = inflate.decompress_vec(&buffers.compressed, &mut buffers.expanded, FlushDecompress::Finish);
    match status {
        Ok(Status::StreamEnd) => Ok(()),
        Ok(_) if buffers.expanded.len() as u64 > entry.expanded => Err(EntryError::Length(entry.expanded)),
        Ok(_) | Err(_) => Err(EntryError::Compressed),
    }
}

/// A place in the directory of a feed, which is read entry by entry through a small window.
#[derive(Debug)]
pub struct Cursor {
    at: u64,
    left: u64,
    total: u64,
    window: Vec<u8>,
    window_at: u64,
}

impl Cursor {
    const WINDOW: usize = 64 << 10;

    /// The next entry of the feed that the cursor is of; folders are passed over. After an error there is no next one.
    pub fn next(&mut self, zip: &FeedZip) -> Option<Result<Entry, ArchiveError>> {
        loop {
            self.left = self.left.checked_sub(1)?;
            match self.read_one(zip) {
                Ok(entry) if entry.name.ends_with('/') => {}
                Ok(entry) => return Some(Ok(entry)),
                Err(error) => {
                    self.left = 0;
                    return Some(Err(error));
                }
            }
        }
    }

    fn read_one(&mut self, zip: &FeedZip) -> Result<Entry, ArchiveError> {
        let head = self.bytes(zip, CENTRAL_LENGTH)?;
        let signature = head[..4] == CENTRAL_SIGNATURE;
        let (method, crc) = (u16_at(head, 10), u32_at(head, 16));
        let (compressed, expanded) = (u32_at(head, 20), u32_at(head, 24));
        let lengths = [28, 30, 32].map(|at| usize::from(u16_at(head, at)));
        let header_at = u32_at(head, 42);
        if !signature {
            return Err(zip.not_whole());
        }
        let [name, extra, comment] = lengths;
        let tail = self.bytes(zip, name + extra + comment)?;
        let (name, rest) = tail.split_at(name);
        let mut entry = Entry {
            name: String::from_utf8_lossy(name).into_owned(),
            method,
            crc,
            compressed: compressed.into(),
            expanded: expanded.into(),
            header_at: header_at.into(),
        };
        if read_zip64(&rest[..extra], &mut entry).is_none() {
            return Err(zip.not_whole());
        }
        self.total = self.total.saturating_add(entry.expanded);
        if self.total > zip.limits.total_bytes {
            let (limit, what) = (zip.limits.total_bytes, "bytes when expanded");
            return Err(ArchiveError::TooMuch { path: zip.path.clone(), limit, what });
        }
        Ok(entry)
    }

    /// The next bytes of the directory, through a window over the file.
    fn bytes(&mut self, zip: &FeedZip, count: usize) -> Result<&[u8], ArchiveError> {
        if self.at + count as u64 > zip.directory_end {
            return Err(zip.not_whole());
        }
        let end = self.window_at + self.window.len() as u64;
        if self.at + count as u64 > end {
            let length = (zip.directory_end - self.at).min(count.max(Self::WINDOW) as u64);
            self.window.resize(length as usize, 0);
            self.window_at = self.at;
            let read = read_exact_at(&zip.file, &mut self.window, self.at);
            read.map_err(|source| ArchiveError::Input { path: zip.path.clone(), source })?;
        }
        let start = (self.at - self.window_at) as usize;
        self.at += count as u64;
        Ok(&self.window[start..start + count])
    }
}

/// Sizes and offset beyond 32 bits stand in the extra field 1 (section 4.5.3), in this order, each only where the
/// ordinary field is all ones.
fn read_zip64(mut extra: &[u8], entry: &mut Entry) -> Option<()> {
    const ALL_ONES: u64 = u32::MAX as u64;
    let fields = [&mut entry.expanded, &mut entry.compressed, &mut entry.header_at];
    if fields.iter().all(|field| **field != ALL_ONES) {
        return Some(());
    }
    while extra.len() >= 4 {
        let (id, length) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        let mut content = extra.get(4..4 + length)?;
        if id == 1 {
            for field in fields.into_iter().filter(|field| **field == ALL_ONES) {
                *field = u64_at(content.get(..8)?, 0);
                content = &content[8..];
            }
            return Some(());
        }
        extra = &extra[4 + length..];
    }
    None
}

/// Where the directory begins and ends and how many entries it has; `None` when the file is no whole zip.
fn find_directory(file: &File, length: u64) -> io::Result<Option<(u64, u64, u64)>> {
    let tail_length = length.min((END_LENGTH + usize::from(u16::MAX)) as u64);
    let mut tail = vec![0; tail_length as usize];
    read_exact_at(file, &mut tail, length - tail_length)?;
    let is_end = |at: &usize| {
        tail[*at..].starts_with(&END_SIGNATURE)
            && at + END_LENGTH + usize::from(u16_at(&tail, at + 20)) == tail.len()
    };
    let Some(at) = (0..=tail.len().saturating_sub(END_LENGTH))
        .rev()
        .filter(|at| at + END_LENGTH <= tail.len())
        .find(is_end)
    else {
        return Ok(None);
    };
    let end = &tail[at..];
    let end_at = length - tail_length + at as u64;
    let (entries, size, start) =
        (u64::from(u16_at(end, 10)), u64::from(u32_at(end, 12)), u64::from(u32_at(end, 16)));
    let found = match find_directory64(file, end_at)? {
        Some(found) => found,
        None => (start, start.saturating_add(size), entries),
    };
    let (start, stop, entries) = found;
    let fits =
        start <= stop && stop <= end_at && entries.saturating_mul(CENTRAL_LENGTH as u64) <= stop - start;
    Ok(fits.then_some((start, stop, entries)))
}

/// The zip64 end record, where a locator stands right before the ordinary one.
fn find_directory64(file: &File, end_at: u64) -> io::Result<Option<(u64, u64, u64)>> {
    let Some(locator_at) = end_at.checked_sub(LOCATOR_LENGTH as u64) else { return Ok(None) };
    let mut locator = [0; LOCATOR_LENGTH];
    read_exact_at(file, &mut locator, locator_at)?;
    if locator[..4] != LOCATOR_SIGNATURE {
        return Ok(None);
    }
    let mut end = [0; END64_LENGTH];
    let at = u64_at(&locator, 8);
    if at.saturating_add(END64_LENGTH as u64) > locator_at {
        return Ok(None);
    }
    read_exact_at(file, &mut end, at)?;
    if end[..4] != END64_SIGNATURE {
        return Ok(None);
    }
    let (entries, size, start) = (u64_at(&end, 32), u64_at(&end, 40), u64_at(&end, 48));
    Ok(Some((start, start.saturating_add(size), entries)))
}

/// Reads from a place without moving the position that all threads share.
#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, at)
}

#[cfg(windows)]
fn read_exact_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    let mut filled = 0;
    while filled < buffer.len() {
        match std::os::windows::fs::FileExt::seek_read(file, &mut buffer[filled..], at + filled as u64)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => filled += read,
        }
    }
    Ok(())
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
