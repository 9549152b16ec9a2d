//! Where the partitions of a UDF image lie, and where its root is.

use std::collections::HashMap;
use std::rc::Rc;

use super::{Entry, Place, damaged, failed, is_tagged};
use crate::budget::Meter;
use crate::content::Content;
use crate::fields::{byte, le16, le32};
use crate::report::Reason;

/// Descriptors of a volume (ECMA-167 3/7.2.1) and the set of files (4/7.2.1).
const ANCHOR: u16 = 2;
const POINTER: u16 = 3;
const PARTITION: u16 = 5;
const LOGICAL_VOLUME: u16 = 6;
const TERMINATING: u16 = 8;
const FILE_SET: u16 = 256;
/// Bytes of sectors, the usual one first.
const SECTORS: [u64; 4] = [2048, 512, 4096, 1024];
/// Parts of a sequence that goes on elsewhere.
const MAX_PARTS: usize = 64;
/// Sectors of a sequence of descriptors; real ones have sixteen.
const MAX_SEQUENCE: u64 = 1024;
/// Maps of partitions; real volumes have up to three.
const MAX_PARTITIONS: u32 = 16;

/// A partition, as maps number them.
pub(super) struct Partition<'s> {
    /// Its bytes.
    pub(super) content: Content<'s>,
    /// Where in the image it begins; none where it lies in a file.
    pub(super) start: Option<u64>,
}

pub(super) struct Volume<'s> {
    /// Bytes of a block.
    pub(super) block: u64,
    /// Where the entry of the root lies.
    pub(super) root: Place,
    partitions: Vec<Result<Partition<'s>, &'static str>>,
}

/// What the descriptors of a volume say, the newest of each.
#[derive(Default)]
struct Sequence {
    /// Sectors at which partitions begin and how many they have, by their numbers, behind how new that is.
    partitions: HashMap<u16, (u32, u64, u64)>,
    /// The descriptor of the logical volume, behind how new it is.
    volume: Option<(u32, Vec<u8>)>,
}

impl<'s> Volume<'s> {
    pub(super) fn of(content: &Content<'s>, meter: &Rc<Meter<'s>>) -> Result<Volume<'s>, Reason> {
        let (sector, anchor) = anchor(content)?.ok_or_else(|| damaged("it has no anchor"))?;
        // The first sequence, and the second where that is of no use (3/10.2).
        let mut sequence = Sequence::read(content, sector, anchor.get(16..).unwrap_or_default())?;
        if sequence.volume.is_none() || sequence.partitions.is_empty() {
            sequence = Sequence::read(content, sector, anchor.get(24..).unwrap_or_default())?;
        }
        let Some((_, logical)) = &sequence.volume else {
            return Err(damaged("it has no descriptor of its logical volume"));
        };
        let block = u64::from(le32(logical, 212));
        if !SECTORS.contains(&block) {
            return Err(damaged("its blocks are of no possible size"));
        }
        let set = Place::parse(logical.get(248..).unwrap_or_default());
        let mut volume = Volume { block, root: set, partitions: Vec::new() };
        let mut maps = logical.get(440..).unwrap_or_default();
        for _ in 0..le32(logical, 268).min(MAX_PARTITIONS) {
            let length = usize::from(byte(maps, 1));
            let Some(map) = maps.get(..length).filter(|map| map.len() >= 6) else { break };
            maps = maps.get(length..).unwrap_or_default();
            let partition = volume.mapped(map, (content, sector), &sequence, meter);
            volume.partitions.push(partition);
        }
        let set = volume.block_at(set)?;
        if !is_tagged(&set, &[FILE_SET]) {
            return Err(damaged("its set of files is damaged"));
        }
        volume.root = Place::parse(set.get(400..).unwrap_or_default());
        Ok(volume)
    }

    /// What a map stands for (3/10.7; UDF 2.2.8 to 2.2.10): a partition, or one that lies in a file of another.
    fn mapped(
        &self,
        map: &[u8],
        (content, sector): (&Content<'s>, u64),
        sequence: &Sequence,
        meter: &Rc<Meter<'s>>,
    ) -> Result<Partition<'s>, &'static str> {
        let physical = |number: u16| {
            let (_, start, count) = sequence.partitions.get(&number)?;
            let start = start.saturating_mul(sector);
            let content = content.window(start, count.saturating_mul(sector));
            Some(Partition { content, start: Some(start) })
        };
        if byte(map, 0) == 1 {
            return physical(le16(map, 4)).ok_or("a UDF image of which a partition is on another volume");
        }
        if map.get(5..28) != Some(b"*UDF Metadata Partition") {
            return Err("a UDF image with a virtual or sparable partition");
        }
        // Its main file, and the copy of it.
        let within = physical(le16(map, 38)).ok_or("a UDF image without the partition of its metadata")?;
        let inner = Volume {
            block: self.block,
            root: self.root,
            partitions: vec![Ok(Partition { content: within.content, start: None })],
        };
        let files = [40, 44].map(|at| Place { partition: 0, block: le32(map, at) });
        let read = |icb| {
            let entry = Entry::read(&inner, icb)?;
            entry.content(&inner, icb, meter).map(|(content, _)| content)
        };
        let content = files.into_iter().find_map(|icb| read(icb).ok());
        let content = content.ok_or("a UDF image whose metadata partition is damaged")?;
        Ok(Partition { content, start: None })
    }

    pub(super) fn partition(&self, number: u16) -> Result<&Partition<'s>, Reason> {
        match self.partitions.get(usize::from(number)) {
            Some(Ok(partition)) => Ok(partition),
            Some(Err(what)) => Err(Reason::Unsupported((*what).to_owned())),
            None => Err(damaged("something lies in a partition that is not there")),
        }
    }

    /// The block at a place, as much of it as there is.
    pub(super) fn block_at(&self, place: Place) -> Result<Vec<u8>, Reason> {
        let content = &self.partition(place.partition)?.content;
        let at = u64::from(place.block).saturating_mul(self.block);
        content.up_to(at, self.block as usize).map_err(|error| failed(&error))
    }
}

/// The size of sectors and the anchor: in sector 256, or at the end (3/8.4.2.1).
fn anchor(content: &Content<'_>) -> Result<Option<(u64, Vec<u8>)>, Reason> {
    for sector in SECTORS {
        let sectors = content.length() / sector;
        for number in [Some(256), sectors.checked_sub(1), sectors.checked_sub(257)] {
            let Some(number) = number else { continue };
            let bytes = content.up_to(number * sector, 512).map_err(|error| failed(&error))?;
            if is_tagged(&bytes, &[ANCHOR]) && u64::from(le32(&bytes, 12)) == number {
                return Ok(Some((sector, bytes)));
            }
        }
    }
    Ok(None)
}

impl Sequence {
    /// Reads the descriptors of an extent (`extent_ad`, 3/7.1).
    fn read(content: &Content<'_>, sector: u64, extent: &[u8]) -> Result<Sequence, Reason> {
        let mut sequence = Sequence::default();
        let mut next = Some((le32(extent, 0), le32(extent, 4)));
        for _ in 0..MAX_PARTS {
            let Some(part) = next.take() else { break };
            next = sequence.part(content, sector, part)?;
        }
        Ok(sequence)
    }

    /// One part of it; returns where it goes on (3/10.3).
    fn part(
        &mut self,
        content: &Content<'_>,
        sector: u64,
        (length, start): (u32, u32),
    ) -> Result<Option<(u32, u32)>, Reason> {
        let (length, start, mut next) = (u64::from(length), u64::from(start), None);
        for number in 0..(length / sector).min(MAX_SEQUENCE) {
            let at = (start + number) * sector;
            let bytes = content.up_to(at, sector as usize).map_err(|error| failed(&error))?;
            if is_tagged(&bytes, &[TERMINATING]) {
                break;
            }
            if is_tagged(&bytes, &[POINTER]) {
                next = Some((le32(&bytes, 20), le32(&bytes, 24)));
                continue;
            }
            let newer = le32(&bytes, 16);
            if is_tagged(&bytes, &[PARTITION]) {
                let there = self.partitions.entry(le16(&bytes, 22)).or_default();
                if newer >= there.0 {
                    *there = (newer, le32(&bytes, 188).into(), le32(&bytes, 192).into());
                }
            } else if is_tagged(&bytes, &[LOGICAL_VOLUME])
                && self.volume.as_ref().is_none_or(|(there, _)| newer >= *there)
            {
                self.volume = Some((newer, bytes));
            }
        }
        Ok(next)
    }
}
