//! Whether the log holds changes (XFS Algorithms & Data Structures, "Journaling Log"; Linux, fs/xfs/libxfs/xfs_log_format.h): it does not
//! where its newest record is the one that is written when a file system is unmounted.

use std::io;

use crate::content::Content;
use crate::fields::{be32, byte};

const SECTOR: u64 = 512;
/// The mark of a record's header (`XLOG_HEADER_MAGIC_NUM`).
const HEADER: u32 = 0xfeed_babe;
/// Bytes that the numbers in one header are about (`XLOG_HEADER_CYCLE_SIZE`); a longer record has more headers.
const PER_HEADER: u32 = 32 << 10;
/// Sectors of the longest record (`XLOG_MAX_RECORD_BSIZE`) and its headers.
const MAX_RECORD: u64 = 512 + 8;
/// Flag of an operation: the file system was unmounted (`XLOG_UNMOUNT_TRANS`).
const UNMOUNT: u8 = 0x20;

/// Whether nothing in the log is still to be done. Where that is not certain, it is not.
pub(super) fn is_clean(log: &Content<'_>) -> io::Result<bool> {
    let count = log.length() / SECTOR;
    let Some(last) = count.checked_sub(1) else { return Ok(false) };
    let (newest, oldest) = (cycle(log, 0)?, cycle(log, last)?);
    if newest == 0 {
        // Nothing was ever written to it.
        return Ok(oldest == 0);
    }
    // The log goes round, and each sector bears the number of the round: where the number changes is its end.
    let head = if newest == oldest { count } else { change(log, newest, last)? };
    for back in 1..=MAX_RECORD.min(count) {
        let at = if back <= head { head - back } else { head + count - back };
        let sector = log.bytes_at(at * SECTOR, SECTOR as usize)?;
        if be32(&sector, 0) == HEADER {
            let round = if at < head { newest } else { oldest };
            return Ok(be32(&sector, 4) == round && is_unmount(log, &sector, at, head)?);
        }
    }
    Ok(false)
}

/// The number of the round in which a sector was written: it stands at its begin, in a header behind the mark.
fn cycle(log: &Content<'_>, sector: u64) -> io::Result<u32> {
    let bytes = log.bytes_at(sector * SECTOR, 8)?;
    let first = be32(&bytes, 0);
    Ok(if first == HEADER { be32(&bytes, 4) } else { first })
}

/// The first sector of another round than the first one's, which the last is of.
fn change(log: &Content<'_>, newest: u32, last: u64) -> io::Result<u64> {
    let (mut same, mut other) = (0, last);
    while other - same > 1 {
        let middle = same + (other - same) / 2;
        if cycle(log, middle)? == newest {
            same = middle;
        } else {
            other = middle;
        }
    }
    Ok(other)
}

/// Whether the record whose header is here ends where the log does, and has nothing but the one operation.
fn is_unmount(log: &Content<'_>, header: &[u8], at: u64, head: u64) -> io::Result<bool> {
    let count = log.length() / SECTOR;
    let (version, length, size) = (be32(header, 8), be32(header, 12), be32(header, 320));
    let headers = if version & 2 != 0 { size.div_ceil(PER_HEADER).max(1) } else { 1 };
    let data = at + u64::from(headers);
    let end = data + u64::from(length).div_ceil(SECTOR);
    if end % count != head % count || be32(header, 40) != 1 || length == 0 {
        return Ok(false);
    }
    let operation = log.bytes_at(data % count * SECTOR, 12)?;
    Ok(byte(&operation, 9) & UNMOUNT != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Shared;

    /// A log of so many sectors, whose newest record, with an operation that has these flags, ends in front of a sector in a round.
    fn log(count: usize, head: usize, round: u32, flags: u8) -> Vec<u8> {
        let mut log = vec![0; count * 512];
        for (at, sector) in log.chunks_mut(512).enumerate() {
            let cycle = if at < head { round } else { round - 1 };
            sector[..4].copy_from_slice(&cycle.to_be_bytes());
        }
        let (header, data) = ((head + count - 2) % count * 512, (head + count - 1) % count * 512);
        let cycle: [u8; 4] = log[header..header + 4].try_into().unwrap();
        log[header..header + 4].copy_from_slice(&HEADER.to_be_bytes());
        log[header + 4..header + 8].copy_from_slice(&cycle);
        for (at, value) in [(8, 2_u32), (12, 512), (40, 1), (320, 32 << 10)] {
            log[header + at..header + at + 4].copy_from_slice(&value.to_be_bytes());
        }
        log[data + 9] = flags;
        log
    }

    fn is_clean(log: &[u8]) -> bool {
        let shared = Shared::default();
        super::is_clean(&Content::of_bytes(log.to_vec(), &shared)).unwrap()
    }

    #[test]
    fn a_log_is_clean_where_an_unmount_is_the_last_that_is_in_it() {
        for head in 2..=64 {
            for round in [1, 7] {
                assert!(is_clean(&log(64, head, round, UNMOUNT)), "{head} {round}");
                assert!(!is_clean(&log(64, head, round, 0)), "{head} {round}");
            }
        }
        // The header at the end of one round, and what it is of at the begin of the next.
        assert!(is_clean(&log(64, 1, 7, UNMOUNT)));
        assert!(is_clean(&[0; 64 * 512]));
        // One more record of which only the begin was written; a record that says it is longer; one that is of another round.
        let clean = log(64, 20, 7, UNMOUNT);
        let changed = |at: usize, value: u32| {
            let mut log = clean.clone();
            log[at..at + 4].copy_from_slice(&value.to_be_bytes());
            is_clean(&log)
        };
        assert!(!changed(20 * 512, 7));
        assert!(!changed(18 * 512 + 12, 1024));
        assert!(!changed(18 * 512 + 4, 6));
        assert!(!changed(18 * 512 + 40, 2));
        assert!(!is_clean(&[]));
        assert!(!is_clean(&clean[..512]));
    }
}
