//! UBI images (Linux, drivers/mtd/ubi/ubi-media.h): volumes that lie in erase blocks in any order.

use std::collections::BTreeMap;
use std::io;

use super::behind;
use crate::content::{Content, Piece, Pieces, Window};
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
    let end = open_one(content, examiner)?;
    behind::look(KIND, content, end, examiner)
}

/// One that other things stand behind, another one perhaps: a flash of several partitions. Returns where it ends.
pub(super) fn open_one<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<u64, Reason> {
    let block = block_size(content).map_err(|error| failed(&error))?;
    let block = block.ok_or_else(|| damaged("its blocks are of no possible size"))?;
    let header = content.up_to(0, 64).map_err(|error| failed(&error))?;
    let (volume_header, data) = (u64::from(be32(&header, 16)), u64::from(be32(&header, 20)));
    let part = block.checked_sub(data).filter(|part| *part > 0 && volume_header < block);
    let part = part.ok_or_else(|| damaged("its headers are of no use"))?;
    let mut volumes: BTreeMap<u32, Parts> = BTreeMap::new();
    let end = end(content, block, be32(&header, 24), examiner)?;
    let mut at = 0;
    let mut unread = Unread::default();
    while at < end {
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
            unread.add(at, block);
        }
        at += block;
    }
    unread.look(content, examiner)?;
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
    Ok(end)
}

/// Where the last block ends: behind those that have the number of this image, with blocks of no use between them.
fn end(content: &Content<'_>, block: u64, image: u32, examiner: &Examiner<'_>) -> Result<u64, Reason> {
    let (mut at, mut end) = (0, block);
    while at < content.length() {
        examiner.meter.entry()?;
        let header = content.up_to(at, 28).map_err(|error| failed(&error))?;
        if header.starts_with(b"UBI#") {
            let other = be32(&header, 24);
            // Those that were made before images had numbers have none.
            if image != 0 && other != 0 && other != image {
                break;
            }
            end = (at + block).min(content.length());
        }
        at += block;
    }
    Ok(end)
}

/// Blocks among the others that have no header, in runs: where they begin, and how many bytes.
#[derive(Default)]
struct Unread {
    blocks: u64,
    runs: Vec<(u64, u64)>,
}

impl Unread {
    fn add(&mut self, at: u64, block: u64) {
        self.blocks += 1;
        match self.runs.last_mut() {
            Some((start, length)) if *start + *length == at => *length += block,
            _ => self.runs.push((at, block)),
        }
    }

    /// Says how many they are, and looks at what is in them.
    fn look<'s>(self, content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
        if self.blocks > 0 {
            let what = format!("{} of its blocks are no blocks of UBI", self.blocks);
            examiner.container_not_whole(damaged(&what));
        }
        for (at, length) in self.runs {
            let name = format!("blocks at byte {at}.bin");
            examiner.entry(name.as_bytes(), &mut Window::new(content.window(at, length)))?;
        }
        Ok(())
    }
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
