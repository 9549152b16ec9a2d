//! VHDX ([MS-VHDX] 8.0): regions, metadata, one table of blocks. The log is not replayed: where it holds changes, that is said.

use std::io;

use super::{Block, Table};
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{le16, le32, le64};
use crate::report::Reason;

const KIND: &str = "VHDX disk image";
/// Where the two copies of the header (§2.2.2) and of the list of regions (§2.2.3) stand.
const HEADERS: [u64; 2] = [64 << 10, 128 << 10];
const REGIONS: [u64; 2] = [192 << 10, 256 << 10];
/// GUIDs as they stand on a disk (§2.2.3.2, §2.6.2).
const TABLE: &[u8; 16] = b"\x66\x77\xc2\x2d\x23\xf6\x00\x42\x9d\x64\x11\x5e\x9b\xfd\x4a\x08";
const METADATA: &[u8; 16] = b"\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e";
const PARAMETERS: &[u8; 16] = b"\x37\x67\xa1\xca\x36\xfa\x43\x4d\xb3\xb6\x33\xf0\xaa\x44\xe7\x6b";
const DISK_SIZE: &[u8; 16] = b"\x24\x42\xa5\x2f\x1b\xcd\x76\x48\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8";
const SECTOR_SIZE: &[u8; 16] = b"\x1d\xbf\x41\x81\x6f\xa9\x09\x47\xba\x47\xf2\x33\xa8\xfa\xab\x5f";
/// Entries of either list: 2047 (§2.2.3, §2.6.1).
const MAX_ENTRIES: usize = 2047;

pub(in crate::container) fn open<'s>(image: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let failed = |error: io::Error| Reason::of_read(KIND, &error);
    let mut has_log = false;
    for at in HEADERS {
        let header = image.up_to(at, 64).map_err(failed)?;
        let log = header.get(48..64).unwrap_or_default();
        has_log |= header.starts_with(b"head") && log.iter().any(|byte| *byte != 0);
    }
    if has_log {
        examiner.container_not_whole(damaged("it was not closed; changes in its log were not looked at"));
    }
    let (table, _) = region(image, TABLE)?;
    let (metadata, length) = region(image, METADATA)?;
    let list = image.up_to(metadata, (length as usize).min(64 << 10)).map_err(failed)?;
    let item = |guid: &[u8; 16]| {
        let entries = list.get(32..).unwrap_or_default().chunks_exact(32);
        let count = usize::from(le16(&list, 10)).min(MAX_ENTRIES);
        let entry = entries.take(count).find(|entry| entry.starts_with(guid));
        let entry = entry.ok_or_else(|| damaged("an item of its metadata is missing"))?;
        image.up_to(metadata.saturating_add(le32(entry, 16).into()), 8).map_err(failed)
    };
    let parameters = item(PARAMETERS)?;
    let block_size = u64::from(le32(&parameters, 0));
    let sector = u64::from(le32(&item(SECTOR_SIZE)?, 0));
    if le32(&parameters, 4) & 2 != 0 {
        return Err(Reason::NeedsOther { kind: KIND, other: "the disk that it is a change of".to_owned() });
    }
    if !block_size.is_power_of_two() || block_size < 1 << 20 || !matches!(sector, 512 | 4096) {
        return Err(damaged("its blocks have a size that none has"));
    }
    // After so many blocks the table has an entry for something else (§2.5).
    let per_chunk = ((sector << 23) / block_size).max(1);
    super::open(image, Blocks { table, per_chunk }, block_size, le64(&item(DISK_SIZE)?, 0), examiner)
}

/// Where a region begins, and its length.
fn region(image: &Content<'_>, guid: &[u8; 16]) -> Result<(u64, u32), Reason> {
    for at in REGIONS {
        let list = image.up_to(at, 64 << 10).map_err(|error| Reason::of_read(KIND, &error))?;
        let count = (le32(&list, 8) as usize).min(MAX_ENTRIES);
        // A list that is not as it was written may lead to a place of zeros, and the disk would seem empty.
        if list.len() < 64 << 10 || !is_sound(&list) {
            continue;
        }
        let mut entries = list.get(16..).unwrap_or_default().chunks_exact(32).take(count);
        if let Some(entry) = entries.find(|entry| list.starts_with(b"regi") && entry.starts_with(guid)) {
            return Ok((le64(entry, 16), le32(entry, 24)));
        }
    }
    Err(damaged("its list of regions is of no use"))
}

/// Whether the sum of a list is right: CRC-32C (RFC 3720 appendix B.4), the sum itself counting as zeros.
fn is_sound(list: &[u8]) -> bool {
    let sum = list.iter().enumerate().fold(u32::MAX, |sum, (at, byte)| {
        let byte = if (4..8).contains(&at) { 0 } else { *byte };
        (0..8).fold(sum ^ u32::from(byte), |sum, _| sum >> 1 ^ (if sum & 1 == 1 { 0x82f6_3b78 } else { 0 }))
    });
    !sum == le32(list, 4)
}

struct Blocks {
    table: u64,
    per_chunk: u64,
}

impl Table for Blocks {
    fn find(&self, image: &Content<'_>, block: u64) -> io::Result<Block> {
        let at =
            self.table.checked_add((block + block / self.per_chunk) * 8).ok_or(io::ErrorKind::InvalidData)?;
        let entry = le64(&image.bytes_at(at, 8)?, 0);
        // The state is in the lowest bits: 6 is there, 7 is there in part (only with a parent).
        Ok(if matches!(entry & 7, 6 | 7) { Block::At(entry >> 20 << 20) } else { Block::Zeros })
    }
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
