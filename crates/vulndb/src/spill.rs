//! Rows written aside during a build, in partitions, so that memory does not grow with the feeds.
//!
//! One temporary file without a name (it is gone when the program is) holds chunks; each partition knows its chunks.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Partitions of one kind of row: enough that one of them is a hundredth of the data.
pub(crate) const PARTITIONS: usize = 64;

/// The partition of a hash: its high bits, so that partitions in order are hashes in order.
pub(crate) const fn partition_of(hash: u64) -> usize {
    (hash >> 58) as usize
}

/// Rows of one kind; each pile has [`PARTITIONS`] of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pile {
    /// Records, by the hash of their id.
    Advisories,
    /// What records say of packages, by the hash of the package.
    Entries,
    /// Which record mentions what, by the hash of the id mentioned.
    Mentions,
    /// Ids of alias groups, by their hash.
    Aliases,
    /// Names of packages, in the order of their rows.
    PackageNames,
    /// Rows of packages, in their order.
    PackageRows,
    /// Which record names which package, by the number of the record.
    AdvisoryPackages,
    /// Own ids of records, in their order.
    OwnIds,
    /// Aliases that records name, by the hash of the alias.
    Links,
    /// Ids of alias groups, by the smallest record of the group.
    Members,
}

impl Pile {
    const COUNT: usize = 10;
    /// Places of the piles that workers fill: the first two.
    pub(crate) const OF_WORKERS: usize = 2 * PARTITIONS;

    /// The place of a partition in the spill.
    pub(crate) const fn at(self, partition: usize) -> usize {
        self as usize * PARTITIONS + partition
    }
}

pub(crate) struct Spill {
    file: File,
    end: u64,
    chunks: Vec<Vec<(u64, usize)>>,
}

impl Spill {
    /// An empty spill in a folder.
    pub(crate) fn create(folder: &Path) -> io::Result<Spill> {
        let path = folder.join(format!(".build-{}.tmp", std::process::id()));
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path)?;
        fs::remove_file(&path)?;
        Ok(Spill { file, end: 0, chunks: vec![Vec::new(); Pile::COUNT * PARTITIONS] })
    }

    /// Writes rows of a partition and empties the buffer.
    pub(crate) fn append(&mut self, partition: usize, rows: &mut Vec<u8>) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        write_all_at(&self.file, rows, self.end)?;
        self.chunks[partition].push((self.end, rows.len()));
        self.end += rows.len() as u64;
        rows.clear();
        Ok(())
    }

    /// All rows of a partition, in the order in which they were appended.
    pub(crate) fn read(&self, partition: usize, rows: &mut Vec<u8>) -> io::Result<()> {
        rows.clear();
        for &(at, length) in &self.chunks[partition] {
            let start = rows.len();
            rows.resize(start + length, 0);
            read_exact_at(&self.file, &mut rows[start..], at)?;
        }
        Ok(())
    }
}

#[cfg(unix)]
fn write_all_at(file: &File, rows: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, rows, at)
}

#[cfg(unix)]
fn read_exact_at(file: &File, rows: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, rows, at)
}

#[cfg(windows)]
fn write_all_at(file: &File, rows: &[u8], at: u64) -> io::Result<()> {
    let mut written = 0;
    while written < rows.len() {
        match std::os::windows::fs::FileExt::seek_write(file, &rows[written..], at + written as u64)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            more => written += more,
        }
    }
    Ok(())
}

#[cfg(windows)]
fn read_exact_at(file: &File, rows: &mut [u8], at: u64) -> io::Result<()> {
    let mut filled = 0;
    while filled < rows.len() {
        match std::os::windows::fs::FileExt::seek_read(file, &mut rows[filled..], at + filled as u64)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => filled += read,
        }
    }
    Ok(())
}

/// Rows of one pile on their way to their partitions.
pub(crate) struct Sorter {
    pile: Pile,
    buffers: Vec<Vec<u8>>,
}

impl Sorter {
    /// Bytes of a partition that are held back; sixty-four times as much at most.
    const HOLD: usize = 16 << 10;

    pub(crate) fn new(pile: Pile) -> Sorter {
        Sorter { pile, buffers: vec![Vec::new(); PARTITIONS] }
    }

    /// Takes a row of a partition.
    pub(crate) fn put(&mut self, spill: &mut Spill, partition: usize, row: &[u8]) -> io::Result<()> {
        let buffer = &mut self.buffers[partition];
        buffer.extend_from_slice(row);
        if buffer.len() < Self::HOLD { Ok(()) } else { spill.append(self.pile.at(partition), buffer) }
    }

    /// Writes what is held back.
    pub(crate) fn flush(mut self, spill: &mut Spill) -> io::Result<()> {
        for (partition, buffer) in self.buffers.iter_mut().enumerate() {
            spill.append(self.pile.at(partition), buffer)?;
        }
        Ok(())
    }
}
