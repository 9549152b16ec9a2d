//! Disk images with partitions: the table of the BIOS (MBR, with logical partitions in a chain of its own), and GPT (UEFI 2.10,
//! chapter 5). A partition is a volume: where nothing is known of it, that is said.

use std::io;

use crate::content::{Content, Window};
use crate::examine::Examiner;
use crate::fields::{byte, le32, le64, utf16_le};
use crate::report::Reason;

const KIND: &str = "table of partitions";
/// Sizes of a sector: what nearly all disks have, and that of disks which show their true one.
const SECTORS: [u64; 2] = [512, 4096];
/// Partitions of a GPT; Windows and Linux make room for 128.
const MAX_PARTITIONS: u32 = 1024;
/// Logical partitions; Linux names no more than 60.
const MAX_LOGICAL: usize = 128;
/// Types of partitions that hold other partitions (Partition types, A. Brouwer): extended, with LBA, of Linux.
const EXTENDED: [u8; 3] = [0x05, 0x0f, 0x85];
/// The one partition of an MBR that stands in front of a GPT.
const PROTECTIVE: u8 = 0xee;
/// GRUB's own code on a disk with a GPT (GRUB manual, "BIOS installation"); on the disk the first three parts are little endian.
const BIOS_BOOT: &[u8] = b"Hah!IdontNeedEFI";

/// Whether there is an MBR with at least one partition (the signature was seen). Boot sectors of file systems have the same
/// signature, and text or code where the table is.
pub(super) fn is_mbr(content: &Content<'_>) -> io::Result<bool> {
    let sector = content.up_to(0, 512)?;
    let sound = |entry: &Primary| {
        matches!(entry.boot, 0 | 0x80)
            && (entry.kind == 0 || entry.start > 0 && u64::from(entry.count) > 0)
            && entry.start.saturating_mul(512) < content.length().max(512)
    };
    let entries = primaries(&sector);
    Ok(sector.len() == 512 && entries.iter().all(sound) && entries.iter().any(|entry| entry.kind != 0))
}

struct Primary {
    boot: u8,
    kind: u8,
    start: u64,
    count: u32,
}

fn primaries(sector: &[u8]) -> Vec<Primary> {
    let entry = |at: usize| {
        let entry = sector.get(446 + at * 16..462 + at * 16).unwrap_or_default();
        let (boot, kind) = (byte(entry, 0), byte(entry, 4));
        Primary { boot, kind, start: u64::from(le32(entry, 8)), count: le32(entry, 12) }
    };
    (0..4).map(entry).collect()
}

pub(super) fn open_mbr<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let failed = |error: io::Error| Reason::of_read(KIND, &error);
    let sector = content.bytes_at(0, 512).map_err(failed)?;
    let entries = primaries(&sector);
    if entries.iter().any(|entry| entry.kind == PROTECTIVE) {
        return open_gpt(content, examiner);
    }
    let mut logical = Vec::new();
    for (at, entry) in (1..).zip(&entries) {
        if EXTENDED.contains(&entry.kind) {
            logical.push((entry.start, u64::from(entry.count)));
        } else if entry.kind != 0 {
            let range = (entry.start * 512, u64::from(entry.count) * 512);
            partition(content, &format!("partition {at}"), range, examiner)?;
        }
    }
    for (start, count) in logical {
        chain(content, start, count, examiner)?;
    }
    Ok(())
}

/// Logical partitions: each has a sector with one entry for itself, and one for the next such sector.
fn chain<'s>(
    content: &Content<'s>,
    extended: u64,
    count: u64,
    examiner: &mut Examiner<'s>,
) -> Result<(), Reason> {
    let mut at = extended;
    for number in 5..5 + MAX_LOGICAL {
        let sector = content.up_to(at * 512, 512).map_err(|error| Reason::of_read(KIND, &error))?;
        if sector.get(510..) != Some(b"\x55\xaa") {
            return Err(damaged("the chain of logical partitions is broken"));
        }
        let entries = primaries(&sector);
        if let Some(entry) = entries.first().filter(|entry| entry.kind != 0) {
            let range = ((at + entry.start) * 512, u64::from(entry.count) * 512);
            partition(content, &format!("partition {number}"), range, examiner)?;
        }
        match entries.get(1) {
            // The chain only goes forward, so that it has an end.
            Some(next) if next.kind != 0 && extended + next.start > at && next.start < count => {
                at = extended + next.start;
            }
            Some(next) if next.kind != 0 => return Err(damaged("the chain of logical partitions goes back")),
            _ => return Ok(()),
        }
    }
    Err(damaged("there are more logical partitions than any disk has"))
}

pub(super) fn open_gpt<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let mut last = damaged("there is no table where it must be, nor at the end");
    for sector in SECTORS {
        // The second table stands in the last sector.
        for at in [Some(sector), (content.length() / sector).checked_sub(1).map(|it| it * sector)] {
            let Some(at) = at else { continue };
            match gpt(content, at, sector) {
                Ok(Some(partitions)) => return each(content, &partitions, sector, examiner),
                Ok(None) => {}
                Err(reason) => last = reason,
            }
        }
    }
    Err(last)
}

/// One entry of a GPT (§5.3.3).
struct Entry {
    number: u32,
    kind: Vec<u8>,
    first: u64,
    /// Inclusive.
    last: u64,
    name: String,
}

/// The table whose header (§5.3.2) is here; `None` where there is none.
fn gpt(content: &Content<'_>, at: u64, sector: u64) -> Result<Option<Vec<Entry>>, Reason> {
    let failed = |error: io::Error| Reason::of_read(KIND, &error);
    let header = content.up_to(at, 92).map_err(failed)?;
    if !header.starts_with(b"EFI PART") {
        return Ok(None);
    }
    let (table, count, size) = (le64(&header, 72), le32(&header, 80), le32(&header, 84));
    if count > MAX_PARTITIONS || !(128..=4096).contains(&size) {
        return Err(damaged("it has more partitions, or larger entries, than any table"));
    }
    let start = table.checked_mul(sector).ok_or_else(|| damaged("it lies beyond any disk"))?;
    let bytes = content.bytes_at(start, (count * size) as usize).map_err(failed)?;
    let crc = crc32fast::hash(&bytes);
    if crc != le32(&header, 88) {
        return Err(damaged("its checksum is wrong"));
    }
    let entry = |(number, entry): (u32, &[u8])| Entry {
        number,
        kind: entry.get(..16).unwrap_or_default().to_vec(),
        first: le64(entry, 32),
        last: le64(entry, 40),
        name: utf16_le(entry.get(56..128).unwrap_or_default()),
    };
    let all = (1..).zip(bytes.chunks_exact(size as usize)).map(entry);
    Ok(Some(all.filter(|entry| entry.kind.iter().any(|byte| *byte != 0)).collect()))
}

fn each<'s>(
    content: &Content<'s>,
    entries: &[Entry],
    sector: u64,
    examiner: &mut Examiner<'s>,
) -> Result<(), Reason> {
    for entry in entries {
        let name = match entry.name.as_str() {
            "" => format!("partition {}", entry.number),
            name => format!("partition {} ({name})", entry.number),
        };
        let count = entry.last.checked_sub(entry.first).and_then(|it| it.checked_add(1));
        let range = entry.first.checked_mul(sector).zip(count.and_then(|it| it.checked_mul(sector)));
        let Some(range) = range else {
            examiner.not_scanned(&name, damaged("a partition ends before it begins"))?;
            continue;
        };
        if entry.kind == BIOS_BOOT {
            examiner.entry(name.as_bytes(), &mut Window::new(content.window(range.0, range.1)))?;
        } else {
            partition(content, &name, range, examiner)?;
        }
    }
    Ok(())
}

/// One partition, by its first byte and its length.
fn partition<'s>(
    content: &Content<'s>,
    name: &str,
    (start, length): (u64, u64),
    examiner: &mut Examiner<'s>,
) -> Result<(), Reason> {
    if start == 0 {
        return examiner.not_scanned(name, damaged("a partition begins where the table itself stands"));
    }
    let volume = content.window(start, length);
    examiner.volume(name.as_bytes(), &volume)?;
    if volume.length() < length {
        examiner.not_scanned(name, damaged("a partition reaches beyond the end"))?;
    }
    Ok(())
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
