//! A record of the table and its attributes.

use crate::fields::{byte, le16, le32, le64};

/// Sectors by which records are kept safe: the last two bytes of each stand elsewhere in the record.
const SECTOR: usize = 512;
/// Attributes of one record, which is a thousand bytes as a rule.
const MAX_ATTRIBUTES: usize = 1024;

/// One record, with its own bytes in their places.
pub(super) struct Record {
    bytes: Vec<u8>,
}

/// One attribute.
pub(super) struct Attribute<'r> {
    pub(super) kind: u32,
    /// In UTF-16; those of the file itself have none.
    pub(super) name: &'r [u8],
    pub(super) flags: u16,
    pub(super) body: Body<'r>,
}

pub(super) enum Body<'r> {
    /// In the record.
    Resident(&'r [u8]),
    /// Outside.
    Runs(Runs<'r>),
}

/// Where an attribute, or a part of it, lies.
#[derive(Clone, Copy)]
pub(super) struct Runs<'r> {
    /// The first cluster of the attribute that this is about.
    pub(super) first: u64,
    /// Clusters of a unit of compression, as a power of two; 0 where it is not packed.
    pub(super) unit: u8,
    pub(super) size: u64,
    pub(super) initialized: u64,
    pub(super) pairs: &'r [u8],
}

/// The number of a record in a reference; the upper 16 bits count how often it was used.
pub(super) fn number(reference: u64) -> u64 {
    reference & 0xffff_ffff_ffff
}

impl Record {
    /// `None` where it is no record, as one that was never in use.
    ///
    /// # Errors
    /// Where its bytes are not as they were written.
    pub(super) fn parse(mut bytes: Vec<u8>) -> Result<Option<Record>, &'static str> {
        if bytes.starts_with(b"BAAD") {
            return Err("a record is marked as bad");
        }
        if !bytes.starts_with(b"FILE") {
            return Ok(None);
        }
        let (at, count) = (usize::from(le16(&bytes, 4)), usize::from(le16(&bytes, 6)));
        let kept = bytes.get(at..at + count * 2).ok_or("a record is cut off")?.to_vec();
        for (sector, kept_bytes) in bytes.chunks_exact_mut(SECTOR).zip(kept.chunks_exact(2).skip(1)) {
            let end = sector.get_mut(SECTOR - 2..).ok_or("a record is cut off")?;
            if Some(&*end) != kept.get(..2) {
                return Err("a record was not written whole");
            }
            end.copy_from_slice(kept_bytes);
        }
        Ok(Some(Record { bytes }))
    }

    pub(super) fn is_used(&self) -> bool {
        le16(&self.bytes, 22) & 1 != 0
    }

    pub(super) fn is_folder(&self) -> bool {
        le16(&self.bytes, 22) & 2 != 0
    }

    /// The record that this one is a part of; 0 where it is none.
    pub(super) fn base(&self) -> u64 {
        number(le64(&self.bytes, 32))
    }

    pub(super) fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        let mut at = usize::from(le16(&self.bytes, 20));
        let next = move || {
            let attribute = self.bytes.get(at..).filter(|it| it.len() >= 24)?;
            let length = le32(attribute, 4) as usize;
            if le32(attribute, 0) == u32::MAX || length < 24 {
                return None;
            }
            let attribute = attribute.get(..length)?;
            at += length;
            Some(parse(attribute))
        };
        std::iter::from_fn(next).take(MAX_ATTRIBUTES)
    }
}

fn parse(bytes: &[u8]) -> Attribute<'_> {
    let body = if byte(bytes, 8) == 0 {
        let (length, at) = (le32(bytes, 16) as usize, usize::from(le16(bytes, 20)));
        let value = at.checked_add(length).and_then(|end| bytes.get(at..end));
        Body::Resident(value.unwrap_or_default())
    } else {
        Body::Runs(Runs {
            first: le64(bytes, 16),
            unit: byte(bytes, 34),
            size: le64(bytes, 48),
            initialized: le64(bytes, 56),
            pairs: bytes.get(usize::from(le16(bytes, 32))..).unwrap_or_default(),
        })
    };
    let (length, at) = (usize::from(byte(bytes, 9)) * 2, usize::from(le16(bytes, 10)));
    // A name that is not there is none of those that are known.
    let name = bytes.get(at..at + length).unwrap_or(b"??");
    Attribute { kind: le32(bytes, 0), name, flags: le16(bytes, 12), body }
}

impl<'r> Attribute<'r> {
    pub(super) fn resident(&self) -> Option<&'r [u8]> {
        match self.body {
            Body::Resident(value) => Some(value),
            Body::Runs(_) => None,
        }
    }
}

/// The pairs of a length and a place, in clusters; no place means zeros. `None` where they cannot be.
pub(super) fn runs(pairs: &[u8]) -> Option<Vec<(u64, Option<u64>)>> {
    let mut all = Vec::new();
    let (mut rest, mut place) = (pairs, 0_i64);
    while let Some((head, after)) = rest.split_first().filter(|(head, _)| **head != 0) {
        let (for_length, for_place) = (usize::from(head & 0x0f), usize::from(head >> 4));
        let length = signed(after.get(..for_length)?)?;
        let by = signed(after.get(for_length..for_length + for_place)?)?;
        rest = after.get(for_length + for_place..)?;
        let length = u64::try_from(length).ok().filter(|length| *length > 0)?;
        if for_place == 0 {
            all.push((length, None));
        } else {
            place = place.checked_add(by)?;
            all.push((length, Some(u64::try_from(place).ok()?)));
        }
    }
    Some(all)
}

/// A number of up to eight bytes with its sign; nothing is 0.
fn signed(bytes: &[u8]) -> Option<i64> {
    if bytes.len() > 8 {
        return None;
    }
    let fill = if bytes.last().is_some_and(|last| last & 0x80 != 0) { 0xff } else { 0 };
    let mut whole = [fill; 8];
    whole.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(i64::from_le_bytes(whole))
}
