//! Rows written aside during a build, in partitions, so that memory does not grow with the feeds.
//!
//! One temporary file without a name (it is gone when the program is) holds chunks; each partition knows its chunks.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Partitions of one kind of row: enough that one of them is a hundredth of the data.
pub(crate) const PARTITIONS: usize = 64;

/// The partition of a hash: its high bits, so that partitions in order are hashes in order.
pub(crate) const fn partition_of(hash: u64) -> usize {
    (hash >> 58) as usize
}

pub(crate) struct Spill {
    file: File,
    end: u64,
    chunks: Vec<Vec<(u64, usize)>>,
}

impl Spill {
    /// A spill of so many partitions in a folder.
    pub(crate) fn create(folder: &Path, partitions: usize) -> io::Result<Spill> {
        let path = folder.join(format!(".build-{}.tmp", std::process::id()));
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path)?;
        fs::remove_file(&path)?;
        Ok(Spill { file, end: 0, chunks: vec![Vec::new(); partitions] })
    }

    /// Writes rows of a partition and empties the buffer.
    pub(crate) fn append(&mut self, partition: usize, rows: &mut Vec<u8>) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.file.write_all_at(rows, self.end)?;
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
            self.file.read_exact_at(&mut rows[start..], at)?;
        }
        Ok(())
    }
}
