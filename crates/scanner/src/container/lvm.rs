//! LVM (lvm2, lib/format_text/layout.h and lib/label/label.h): the label of a physical volume, the areas with the metadata of its group,
//! and the logical volumes, whose extents are in `lvm/map.rs`. Only the physical volume that is looked at is read: what lies on another is said.

use std::io;

use super::disk;
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{le32, le64, text_of};
use crate::report::Reason;

mod map;
mod text;

use map::Group;
use text::Section;

const KIND: &str = "LVM physical volume";
const SECTOR: u64 = 512;
/// Sectors in which a label may stand.
const LABELS: u64 = 4;
/// Areas of one list in a label; LVM makes two for metadata.
const MAX_AREAS: usize = 16;
/// Bytes of the head of an area with metadata; the text goes round behind it.
const AREA_HEAD: u64 = 512;
/// Bytes of a group's text: one with ten thousand volumes has five million.
const MAX_TEXT: u64 = 8 << 20;
/// Flag of a place in an area: what it says is out of date.
const IGNORED: u32 = 1;
/// Flag of a physical volume: it is part of a group (lib/format_text/layout.h, `PV_EXT_USED`).
const USED: u32 = 1;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    // LVM refuses a disk that has partitions: where both are there, one of them is a rest, and nobody can tell which.
    let has_table = content.up_to(510, 2).is_ok_and(|it| it == b"\x55\xaa")
        && disk::is_mbr(content).map_err(|error| failed(&error))?;
    let read = physical_volume(content, examiner);
    if !has_table {
        return read;
    }
    if let Err(reason) = read {
        if reason.ends_file() {
            return Err(reason);
        }
        examiner.container_not_whole(reason);
    }
    disk::open_mbr(content, examiner)
}

fn physical_volume<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let label = Label::find(content)?;
    if label.size > content.length() {
        examiner.container_not_whole(damaged("it is shorter than it says"));
    }
    let mut newest: Option<(u64, String)> = None;
    let mut wrong = None;
    for (start, size) in &label.metadata {
        examiner.meter.entry()?;
        match metadata(content, *start, *size) {
            Ok(Some(copy)) if newest.as_ref().is_none_or(|newest| copy.0 > newest.0) => newest = Some(copy),
            Ok(_) => {}
            Err(reason) => wrong = Some(reason),
        }
    }
    match (newest, wrong) {
        (Some((_, text)), wrong) => {
            // The other copy may have been the newer one.
            if let Some(reason) = wrong {
                examiner.container_not_whole(reason);
            }
            let all = Section::parse(&text).map_err(damaged)?;
            Group::new(content, &all, &label.id, &examiner.meter)?.each(examiner)
        }
        (None, Some(reason)) => Err(reason),
        (None, None) if label.is_used || label.metadata.is_empty() => {
            let other = "another physical volume of its group, which has the metadata".to_owned();
            Err(Reason::NeedsOther { kind: KIND, other })
        }
        // It is in no group. What was on it before it became a physical volume may still be there.
        (None, None) => match label.data {
            Some(start) if start > 0 => examiner.volume(b"data area", &content.window(start, u64::MAX)),
            _ => Ok(()),
        },
    }
}

/// The label (`label_header`) with what it leads to (`pv_header` and its extension).
struct Label {
    /// As in the metadata, without its dashes.
    id: Vec<u8>,
    size: u64,
    /// Where the first area for data begins.
    data: Option<u64>,
    /// First byte and length of each area for metadata.
    metadata: Vec<(u64, u64)>,
    is_used: bool,
}

impl Label {
    fn find(content: &Content<'_>) -> Result<Label, Reason> {
        for number in 0..LABELS {
            let sector = content.up_to(number * SECTOR, SECTOR as usize).map_err(|error| failed(&error))?;
            let is_here = sector.starts_with(b"LABELONE") && le64(&sector, 8) == number;
            // The sum is over all that follows it.
            if is_here && sector.get(20..).is_some_and(|rest| crc(rest) == le32(&sector, 16)) {
                return Label::parse(&sector);
            }
        }
        Err(damaged("its label is of no use"))
    }

    fn parse(sector: &[u8]) -> Result<Label, Reason> {
        if sector.get(24..32) != Some(b"LVM2 001") {
            return Err(Reason::Unsupported("an LVM label of a kind other than LVM2".to_owned()));
        }
        let header = sector.get(le32(sector, 20) as usize..).filter(|it| it.len() >= 40);
        let header = header.ok_or_else(|| damaged("its label is of no use"))?;
        let mut rest = header.get(40..).unwrap_or_default();
        let mut list = || {
            let mut areas = Vec::new();
            while let Some((entry, behind)) = rest.split_at_checked(16) {
                rest = behind;
                match (le64(entry, 0), le64(entry, 8)) {
                    (0, _) => return Ok(areas),
                    area => areas.push(area),
                }
            }
            Err(damaged("a list in its label has no end"))
        };
        let (data, metadata) = (list()?, list()?);
        if metadata.len() > MAX_AREAS {
            return Err(damaged("it has more areas for metadata than any label"));
        }
        Ok(Label {
            id: header.get(..32).unwrap_or_default().to_vec(),
            size: le64(header, 32),
            data: data.first().map(|(start, _)| *start),
            metadata,
            is_used: le32(rest, 0) > 0 && le32(rest, 4) & USED != 0,
        })
    }
}

/// The text in an area (`mda_header`) and the number that grows with every change; none where the area is not in use.
fn metadata(content: &Content<'_>, start: u64, size: u64) -> Result<Option<(u64, String)>, Reason> {
    let head = content.bytes_at(start, AREA_HEAD as usize).map_err(|error| failed(&error))?;
    let is_sound = head.get(4..20) == Some(b" LVM2 x[5A%r0N*>")
        && head.get(4..).is_some_and(|rest| crc(rest) == le32(&head, 0))
        && (le32(&head, 20), le64(&head, 24), le64(&head, 32)) == (1, start, size);
    if !is_sound {
        return Err(damaged("an area with a copy of its metadata is of no use"));
    }
    let (at, length) = (le64(&head, 40), le64(&head, 48));
    if at == 0 || le32(&head, 60) & IGNORED != 0 {
        return Ok(None);
    }
    if at < AREA_HEAD || at >= size || length > size - AREA_HEAD || length > MAX_TEXT {
        return Err(damaged("a copy of its metadata lies where none can be"));
    }
    // What does not fit in front of the end goes on behind the head.
    let before = length.min(size - at);
    let place = start.checked_add(at).ok_or_else(|| damaged("its metadata lies beyond any disk"))?;
    let mut bytes = content.bytes_at(place, before as usize).map_err(|error| failed(&error))?;
    let rest = content.bytes_at(start + AREA_HEAD, (length - before) as usize);
    bytes.extend(rest.map_err(|error| failed(&error))?);
    if crc(&bytes) != le32(&head, 56) {
        return Err(damaged("the checksum of a copy of its metadata is wrong"));
    }
    let text = text_of(&bytes).into_owned();
    let number = Section::parse(&text).map_err(damaged)?.sections().find_map(|(_, it)| it.number("seqno"));
    let number = number.ok_or_else(|| damaged("a copy of its metadata has no number"))?;
    Ok(Some((number, text)))
}

/// LVM's sum: a CRC-32 that begins with a number of its own and is not inverted (lvm2, lib/misc/crc.c).
fn crc(bytes: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new_with_initial(!0xf597_a6cf);
    crc.update(bytes);
    !crc.finalize()
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
