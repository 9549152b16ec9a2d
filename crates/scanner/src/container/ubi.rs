//! UBI images (Linux, drivers/mtd/ubi/ubi-media.h): volumes that lie in erase blocks in any order.

use std::collections::BTreeMap;
use std::io;

use crate::content::{Content, Piece, Pieces};
use crate::examine::Examiner;
use crate::fields::{be16, be32, be64};
use crate::report::Reason;

const KIND: &str = "UBI image";
/// Sizes of erase blocks of flash.
const BLOCKS: std::ops::RangeInclusive<u64> = 2 << 10..=16 << 20;
/// The volume that has the names of the others, and bytes of one of its records.
const TABLE: u32 = 0x7fff_efff;
const RECORD: usize = 172;
const MAX_VOLUMES: usize = 128;

/// Where the parts of a volume lie: by their number, with a number that is the greater the newer it is.
type Parts = BTreeMap<u32, (u64, u64)>;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let block = block_size(content).map_err(|error| failed(&error))?;
    let block = block.ok_or_else(|| damaged("its blocks are of no possible size"))?;
    let header = content.up_to(0, 64).map_err(|error| failed(&error))?;
    let (volume_header, data) = (u64::from(be32(&header, 16)), u64::from(be32(&header, 20)));
    let part = block.checked_sub(data).filter(|part| *part > 0 && volume_header < block);
    let part = part.ok_or_else(|| damaged("its headers are of no use"))?;
    let mut volumes: BTreeMap<u32, Parts> = BTreeMap::new();
    let (mut at, mut unread) = (0, 0);
    while at < content.length() {
        examiner.meter.entry()?;
        let header = content.up_to(at + volume_header, 64).map_err(|error| failed(&error))?;
        if header.starts_with(b"UBI!") {
            let (id, number, newer) = (be32(&header, 8), be32(&header, 12), be64(&header, 40));
            let parts = volumes.entry(id).or_default();
            let place = parts.entry(number).or_insert((newer, at + data));
            if newer > place.0 {
                *place = (newer, at + data);
            }
        } else if !content.up_to(at, 4).map_err(|error| failed(&error))?.starts_with(b"UBI#") {
            unread += 1;
        }
        at += block;
    }
    if unread > 0 {
        examiner.container_not_whole(damaged(&format!("{unread} of its blocks are no blocks of UBI")));
    }
    let names = volumes.remove(&TABLE).map(|parts| names(content, &parts)).unwrap_or_default();
    for (id, parts) in volumes.iter().take(MAX_VOLUMES) {
        let name = names.get(id).cloned().unwrap_or_else(|| format!("volume {id}").into_bytes());
        let mut pieces = Pieces::new(content);
        for (number, (_, at)) in parts {
            let start = u64::from(*number) * part;
            pieces.add(Piece { start, length: part, at: Some(*at) }).map_err(damaged)?;
        }
        let length = parts.last_key_value().map_or(0, |(number, _)| (u64::from(*number) + 1) * part);
        // Parts that are nowhere are zeros; a file system that needs them says so.
        examiner.volume(&name, &pieces.content(length, &examiner.meter))?;
    }
    if volumes.len() > MAX_VOLUMES {
        return Err(damaged("it has more volumes than UBI allows"));
    }
    Ok(())
}

/// The distance of the first two blocks.
fn block_size(content: &Content<'_>) -> io::Result<Option<u64>> {
    let mut at = *BLOCKS.start();
    while at <= *BLOCKS.end() && at < content.length() {
        if content.up_to(at, 4)? == b"UBI#" {
            return Ok(Some(at));
        }
        at += BLOCKS.start();
    }
    Ok(None)
}

/// The names of volumes by their numbers.
fn names(content: &Content<'_>, parts: &Parts) -> BTreeMap<u32, Vec<u8>> {
    let newest = parts.values().max_by_key(|(newer, _)| *newer);
    let table = newest.and_then(|(_, at)| content.up_to(*at, RECORD * MAX_VOLUMES).ok()).unwrap_or_default();
    let name = |record: &[u8]| {
        let length = usize::from(be16(record, 14)).min(127);
        record.get(16..16 + length).map(<[u8]>::to_vec).filter(|name| !name.is_empty())
    };
    (0..).zip(table.chunks_exact(RECORD)).filter_map(|(id, record)| Some((id, name(record)?))).collect()
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
