//! Writes an index file: sections one after the other, checksums as it goes, the header last, then the name.

use std::fs::{self, File};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::BuildError;
use crate::layout::{ALIGN, BLOCK, FORMAT, HEADER_LENGTH, Kind, MAGIC, Section, header};

/// An index file in the making, under a temporary name beside its own.
pub(crate) struct FileWriter {
    out: BufWriter<File>,
    path: PathBuf,
    temporary: PathBuf,
    at: u64,
    kind: Kind,
    sections: Vec<(Section, u64, u64)>,
    sums: Vec<u32>,
    block: crc32fast::Hasher,
    block_left: u64,
}

impl FileWriter {
    pub(crate) fn create(path: &Path, kind: Kind) -> Result<FileWriter, BuildError> {
        let temporary = temporary_name(path);
        let mut out = BufWriter::with_capacity(256 << 10, File::create(&temporary)?);
        out.write_all(&[0; HEADER_LENGTH])?;
        Ok(FileWriter {
            out,
            path: path.to_owned(),
            temporary,
            at: HEADER_LENGTH as u64,
            kind,
            sections: Vec::new(),
            sums: Vec::new(),
            block: crc32fast::Hasher::new(),
            block_left: BLOCK,
        })
    }

    /// Ends the section before and begins a new one.
    pub(crate) fn begin(&mut self, section: Section) -> Result<(), BuildError> {
        self.end_section();
        let padding = (ALIGN - self.at % ALIGN) % ALIGN;
        self.write(&[0; ALIGN as usize][..padding as usize])?;
        self.sections.push((section, self.at, 0));
        Ok(())
    }

    /// Writes into the section that was begun last.
    pub(crate) fn write(&mut self, mut bytes: &[u8]) -> Result<(), BuildError> {
        self.out.write_all(bytes)?;
        self.at += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(self.block_left as usize));
            self.block.update(now);
            self.block_left -= now.len() as u64;
            if self.block_left == 0 {
                self.end_block();
            }
            bytes = later;
        }
        Ok(())
    }

    /// Writes a whole section.
    pub(crate) fn section(&mut self, section: Section, bytes: &[u8]) -> Result<(), BuildError> {
        self.begin(section)?;
        self.write(bytes)
    }

    /// Bytes written so far, for progress and offsets.
    pub(crate) const fn at(&self) -> u64 {
        self.at
    }

    /// Writes checksums and header, makes the file last on the disk, and gives it its name.
    pub(crate) fn finish(mut self) -> Result<u64, BuildError> {
        self.end_section();
        if self.block_left < BLOCK {
            self.end_block();
        }
        let sums: Vec<u8> = self.sums.iter().flat_map(|sum| sum.to_le_bytes()).collect();
        self.out.write_all(&sums)?;
        let header = self.header(&sums);
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&header)?;
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        fs::rename(&self.temporary, &self.path)?;
        // A folder of Windows cannot be opened; there a rename is written down by itself.
        if let Some(folder) = self.path.parent().filter(|_| cfg!(unix)) {
            File::open(folder)?.sync_all()?;
        }
        Ok(self.at + sums.len() as u64)
    }

    fn end_section(&mut self) {
        if let Some((_, start, length)) = self.sections.last_mut() {
            *length = self.at - *start;
        }
    }

    fn end_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        self.sums.push(block.finalize());
        self.block_left = BLOCK;
    }

    fn header(&self, sums: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_LENGTH];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        put(header::MAGIC, &MAGIC);
        put(header::FORMAT, &FORMAT.to_le_bytes());
        put(header::KIND, &(self.kind as u32).to_le_bytes());
        put(header::FILE_LENGTH, &(self.at + sums.len() as u64).to_le_bytes());
        put(header::SUMS_AT, &self.at.to_le_bytes());
        put(header::SUMS_CRC, &crc32fast::hash(sums).to_le_bytes());
        put(header::SECTION_COUNT, &(self.sections.len() as u32).to_le_bytes());
        for (row, (section, start, length)) in self.sections.iter().enumerate() {
            let at = header::SECTIONS + row * header::SECTION_ROW;
            put(at, &section.tag());
            put(at + 8, &start.to_le_bytes());
            put(at + 16, &length.to_le_bytes());
        }
        let crc = crc32fast::hash(&bytes);
        bytes[header::HEADER_CRC..][..4].copy_from_slice(&crc.to_le_bytes());
        bytes
    }
}

fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    path.with_file_name(name)
}
