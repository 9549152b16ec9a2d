//! Where addresses lie: chunks of them lie on one device or several, in one of the forms of RAID (`btrfs_chunk`, `btrfs_stripe`).

use std::collections::BTreeMap;

use super::node;
use super::{KIND, damaged};
use crate::fields::{le16, le64};
use crate::report::Reason;

/// Bytes of a chunk without its stripes, of each of these, and of a key.
const CHUNK: usize = 48;
const STRIPE: usize = 32;
const KEY: usize = 17;
/// Forms (`BTRFS_BLOCK_GROUP_…`): without one there is a single copy.
const FORMS: u64 = !0x7;
const RAID0: u64 = 0x8;
const RAID10: u64 = 0x40;
const RAID5: u64 = 0x80;
const RAID6: u64 = 0x100;
/// Two copies on one device; two, three, four on several.
const DUP: u64 = 0x20;
const RAID1: u64 = 0x10;
const RAID1C3: u64 = 0x200;
const RAID1C4: u64 = 0x400;
/// Chunks and stripes of one file system: a chunk mostly has a GiB.
const MAX_CHUNKS: usize = 1 << 18;
const MAX_STRIPES: usize = 1 << 20;

struct Chunk {
    length: u64,
    /// Bytes that follow one another on one device.
    width: u64,
    form: u64,
    /// Of RAID10: how many copies there are.
    copies: usize,
    /// The number of a device, and the place on it.
    stripes: Vec<(u64, u64)>,
}

/// Bytes that lie together.
pub(super) struct Run {
    pub(super) length: u64,
    /// Where each copy lies: the device and the place on it.
    pub(super) copies: Vec<(u64, u64)>,
}

#[derive(Default)]
pub(super) struct Chunks {
    by_start: BTreeMap<u64, Chunk>,
    stripes: usize,
}

impl Chunks {
    /// Those that the superblock lists: each behind its key.
    pub(super) fn of_list(mut list: &[u8]) -> Result<Chunks, Reason> {
        let mut chunks = Chunks::default();
        while !list.is_empty() {
            let (_, _, start) = node::key(list, 0);
            let stripes = usize::from(le16(list, KEY + 44));
            let end = KEY + CHUNK + stripes * STRIPE;
            let Some((chunk, rest)) = list.split_at_checked(end) else {
                return Err(damaged("the list of chunks in its superblock is of no use"));
            };
            chunks.add(start, chunk.get(KEY..).unwrap_or_default())?;
            list = rest;
        }
        Ok(chunks)
    }

    pub(super) fn add(&mut self, start: u64, item: &[u8]) -> Result<(), Reason> {
        let count = usize::from(le16(item, 44));
        let stripes = item.get(CHUNK..).unwrap_or_default().chunks_exact(STRIPE);
        let chunk = Chunk {
            length: le64(item, 0),
            width: le64(item, 16),
            form: le64(item, 24) & FORMS,
            copies: usize::from(le16(item, 46)),
            stripes: stripes.map(|stripe| (le64(stripe, 0), le64(stripe, 8))).collect(),
        };
        let is_sound = chunk.length > 0
            && start.checked_add(chunk.length).is_some()
            && chunk.width.is_power_of_two()
            && count > 0
            && chunk.stripes.len() == count;
        if !is_sound {
            return Err(damaged("a chunk is of no use"));
        }
        self.stripes += count;
        if self.by_start.len() >= MAX_CHUNKS || self.stripes > MAX_STRIPES {
            return Err(damaged("it has more chunks than any has"));
        }
        self.by_start.insert(start, chunk);
        Ok(())
    }

    /// Where an address lies, and how many bytes from there on.
    pub(super) fn locate(&self, address: u64) -> Result<Run, Reason> {
        let chunk = self.by_start.range(..=address).next_back();
        let chunk = chunk.map(|(start, chunk)| (address - start, chunk));
        let (within, chunk) = chunk
            .filter(|(within, chunk)| *within < chunk.length)
            .ok_or_else(|| damaged("something lies in no chunk"))?;
        let (places, length) = chunk.places(within)?;
        let copies = places.into_iter().map(|(stripe, at)| {
            let (device, start) = chunk.stripes.get(stripe)?;
            Some((*device, start.checked_add(at)?))
        });
        let copies = copies.collect::<Option<Vec<_>>>().ok_or_else(|| damaged("a chunk is of no use"))?;
        Ok(Run { length, copies })
    }
}

impl Chunk {
    /// The stripes in which a place lies, where it lies in these, and how many bytes follow.
    fn places(&self, within: u64) -> Result<(Vec<(usize, u64)>, u64), Reason> {
        let all = self.stripes.len();
        let row = |number: u64, length: u64| number * self.width + (self.width - length);
        let left = self.width - within % self.width;
        let length = left.min(self.length - within);
        let number = within / self.width;
        match self.form {
            0 => Ok((vec![(0, within)], self.length - within)),
            DUP | RAID1 | RAID1C3 | RAID1C4 => {
                Ok(((0..all).map(|stripe| (stripe, within)).collect(), self.length - within))
            }
            RAID0 => {
                let (number, stripe) = divided(number, all);
                Ok((vec![(stripe, row(number, left))], length))
            }
            RAID10 if self.copies > 0 && all.is_multiple_of(self.copies) => {
                let (number, group) = divided(number, all / self.copies);
                let stripes = group * self.copies..(group + 1) * self.copies;
                Ok((stripes.map(|stripe| (stripe, row(number, left))).collect(), length))
            }
            RAID5 | RAID6 => {
                // What the others are made good by goes round.
                let data = all.saturating_sub(if self.form == RAID5 { 1 } else { 2 });
                if data == 0 {
                    return Err(damaged("a chunk is of no use"));
                }
                let (number, stripe) = divided(number, data);
                let (_, stripe) = divided(number + stripe as u64, all);
                Ok((vec![(stripe, row(number, left))], length))
            }
            RAID10 => Err(damaged("a chunk is of no use")),
            form => Err(Reason::Unsupported(format!("a part of a {KIND} in a form of RAID ({form:#x})"))),
        }
    }
}

fn divided(number: u64, by: usize) -> (u64, usize) {
    (number / by as u64, (number % by as u64) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chunk of 1 MiB at 1 MiB with stripes of 64 KiB; the one on device `n` begins at `n` MiB.
    fn chunks(form: u64, devices: u64, copies: u16) -> Chunks {
        let mut item = [1_u64 << 20, 2, 64 << 10, form | 1].map(u64::to_le_bytes).concat();
        item.extend([0; 12]);
        item.extend((devices as u16).to_le_bytes());
        item.extend(copies.to_le_bytes());
        for device in 1..=devices {
            item.extend([device, device << 20, 0, 0].map(u64::to_le_bytes).concat());
        }
        let mut chunks = Chunks::default();
        chunks.add(1 << 20, &item).unwrap();
        chunks
    }

    fn at(chunks: &Chunks, within: u64) -> (Vec<(u64, u64)>, u64) {
        let run = chunks.locate((1 << 20) + within).unwrap();
        (run.copies.into_iter().map(|(device, at)| (device, at - (device << 20))).collect(), run.length)
    }

    #[test]
    fn every_form_of_raid_lies_where_the_kernel_puts_it() {
        const K: u64 = 1 << 10;
        let all = 1024 * K;
        assert_eq!(at(&chunks(0, 1, 1), 5), (vec![(1, 5)], all - 5));
        assert_eq!(
            at(&chunks(RAID1C3, 3, 1), 70 * K),
            (vec![(1, 70 * K), (2, 70 * K), (3, 70 * K)], all - 70 * K)
        );
        let raid0 = chunks(RAID0, 3, 1);
        assert_eq!(at(&raid0, 63 * K), (vec![(1, 63 * K)], K));
        assert_eq!(at(&raid0, 65 * K), (vec![(2, K)], 63 * K));
        assert_eq!(at(&raid0, 3 * 64 * K + 1), (vec![(1, 64 * K + 1)], 64 * K - 1));
        let raid10 = chunks(RAID10, 4, 2);
        assert_eq!(at(&raid10, 0), (vec![(1, 0), (2, 0)], 64 * K));
        assert_eq!(at(&raid10, 65 * K), (vec![(3, K), (4, K)], 63 * K));
        assert_eq!(at(&raid10, 128 * K), (vec![(1, 64 * K), (2, 64 * K)], 64 * K));
        // Three devices: two of data, and in each row another one for parity.
        let raid5 = chunks(RAID5, 3, 1);
        let stripes: Vec<_> = (0..6).map(|number| at(&raid5, number * 64 * K).0[0]).collect();
        let row = |number: u64| number * 64 * K;
        assert_eq!(stripes, [(1, 0), (2, 0), (2, row(1)), (3, row(1)), (3, row(2)), (1, row(2))]);
        let raid6 = chunks(RAID6, 4, 1);
        let stripes: Vec<_> = (0..4).map(|number| at(&raid6, number * 64 * K).0[0]).collect();
        assert_eq!(stripes, [(1, 0), (2, 0), (2, row(1)), (3, row(1))]);
    }

    #[test]
    fn what_cannot_be_is_said() {
        assert!(chunks(0, 1, 1).locate(0).is_err());
        assert!(chunks(0, 1, 1).locate(2 << 20).is_err());
        assert!(chunks(1 << 20, 1, 1).locate(1 << 20).is_err());
        assert!(chunks(RAID5, 1, 1).locate(1 << 20).is_err());
        assert!(chunks(RAID10, 4, 3).locate(1 << 20).is_err());
        assert!(Chunks::of_list(&[1; 30]).is_err());
        assert!(Chunks::default().add(0, &[0; 80]).is_err());
    }
}
