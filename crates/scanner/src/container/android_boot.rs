//! Boot images of Android (AOSP, bootimg.h): a kernel, RAM disks and device trees, each from the begin of a page.

use std::io;

use super::behind;
use crate::content::{Content, Window};
use crate::examine::Examiner;
use crate::fields::le32;
use crate::report::Reason;

const KIND: &str = "Android boot image";
/// Versions of the header that are read.
const MAX_VERSION: u32 = 4;
/// Bytes of a page: of version 3 on always the same.
const PAGE: u64 = 4096;
const PAGES: std::ops::RangeInclusive<u64> = 512..=1 << 20;
/// Bytes of an entry of the table of RAM disks, and entries; real images have up to four.
const ENTRY: usize = 108;
const MAX_RAM_DISKS: usize = 64;

/// What lies behind the header, one behind another: names, and how many bytes.
type Parts = Vec<(&'static str, u64)>;

pub(super) fn open<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let end = open_one(content, examiner)?;
    behind::look(KIND, content, end, examiner)
}

/// One that other things stand behind. Returns where it ends.
pub(super) fn open_one<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<u64, Reason> {
    let header = content.up_to(0, 2 << 10).map_err(|error| failed(&error))?;
    let size = |at: usize| u64::from(le32(&header, at));
    let version = le32(&header, 40);
    let (page, parts): (u64, Parts) = match version {
        0..=2 => {
            let mut parts = vec![("kernel", size(8)), ("ramdisk", size(16)), ("second", size(24))];
            if version >= 1 {
                parts.push(("recovery-dtbo", size(1632)));
            }
            if version >= 2 {
                parts.push(("dtb", size(1648)));
            }
            (size(36), parts)
        }
        3..=MAX_VERSION => (PAGE, vec![("kernel", size(8)), ("ramdisk", size(12))]),
        _ => return Err(unknown(version)),
    };
    // The header has one page, whatever it says.
    each(content, (page, page), &parts, examiner)
}

/// The vendor's part (`VNDRBOOT`), of version 3 on.
pub(super) fn open_vendor<'s>(content: &Content<'s>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let header = content.up_to(0, 2128).map_err(|error| failed(&error))?;
    let size = |at: usize| u64::from(le32(&header, at));
    let (version, page) = (le32(&header, 8), size(12));
    if !(3..=MAX_VERSION).contains(&version) {
        return Err(unknown(version));
    }
    let ram_disks = size(24);
    let rest = [("dtb", size(2100)), ("table", if version > 3 { size(2112) } else { 0 })];
    let parts = [&[("ramdisk", ram_disks)], rest.as_slice()].concat();
    if version == 3 {
        let end = each(content, (size(2096), page), &parts, examiner)?;
        return behind::look(KIND, content, end, examiner);
    }
    // Several RAM disks, one behind another, by a table that stands behind the device tree.
    let end = each(content, (size(2096), page), &[("", ram_disks), ("dtb", size(2100))], examiner)?;
    let start = size(2096).next_multiple_of(page);
    let table = [ram_disks, size(2100)].iter().fold(start, |at, size| at + size.next_multiple_of(page));
    let count = usize::try_from(size(2116)).unwrap_or(usize::MAX);
    if count > MAX_RAM_DISKS || le32(&header, 2120) as usize != ENTRY {
        return Err(damaged("its table of RAM disks is of no use"));
    }
    let table = content.bytes_at(table, count * ENTRY).map_err(|error| failed(&error))?;
    let covered = table.chunks_exact(ENTRY).fold(0, |sum, entry| sum + u64::from(le32(entry, 0)));
    if covered < ram_disks {
        examiner.entry(b"ramdisk", &mut Window::new(content.window(start, ram_disks)))?;
    }
    for (number, entry) in (1..).zip(table.chunks_exact(ENTRY)) {
        let (length, at) = (u64::from(le32(entry, 0)), u64::from(le32(entry, 4)));
        if at + length > ram_disks {
            examiner.container_not_whole(damaged("a RAM disk reaches beyond its part"));
        }
        let window = content.window(start, ram_disks).window(at, length);
        examiner.entry(format!("ramdisk {number}").as_bytes(), &mut Window::new(window))?;
    }
    let parts = [size(2112), size(2124)];
    let end = parts.iter().fold(end, |at, size| at + size.next_multiple_of(page));
    behind::look(KIND, content, end, examiner)
}

/// Each part that has a name and is there. Returns where the last ends.
fn each<'s>(
    content: &Content<'s>,
    (header, page): (u64, u64),
    parts: &[(&str, u64)],
    examiner: &mut Examiner<'s>,
) -> Result<u64, Reason> {
    if !PAGES.contains(&page) || !page.is_power_of_two() {
        return Err(damaged("its pages are of no possible size"));
    }
    let mut at = header.next_multiple_of(page);
    for (name, size) in parts.iter().copied() {
        if at + size > content.length() {
            examiner.container_not_whole(damaged("it is shorter than it says"));
        }
        if size > 0 && !name.is_empty() {
            examiner.entry(name.as_bytes(), &mut Window::new(content.window(at, size)))?;
        }
        at += size.next_multiple_of(page);
    }
    Ok(at)
}

fn unknown(version: u32) -> Reason {
    Reason::Unsupported(format!("an Android boot image of version {version}"))
}

fn failed(error: &io::Error) -> Reason {
    Reason::of_read(KIND, error)
}

fn damaged(what: &str) -> Reason {
    Reason::Damaged { kind: KIND, what: what.to_owned() }
}
