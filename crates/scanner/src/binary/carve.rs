//! Firmware of no known kind: images and archives that stand somewhere in it, told by their marks and by what must be right behind
//! these; and version strings.

use std::io::{self, Read};
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::{Layout, linux_boot_header, strings};
use crate::container::carved;
use crate::content::Content;
use crate::examine::Examiner;
use crate::fields::{be32, byte, le16, le32, le64};
use crate::report::Reason;

/// Places that are looked at in one file.
const MAX_PLACES: usize = 4096;
/// What a reader of compressed bytes may have read beyond their end.
const READ_AHEAD: u64 = 64 << 10;

/// Something that may stand inside of a file.
struct Sign {
    name: &'static str,
    mark: &'static [u8],
    /// Whether what is behind the mark is right: how many bytes it has, where its header says so.
    length: fn(&[u8]) -> Option<Length>,
    open: carved::Open,
}

enum Length {
    Known(u64),
    /// So many at least; what it says of itself may reach further.
    AtLeast(u64),
    /// As far as its reader goes.
    Read,
}

/// Every sign.
#[rustfmt::skip]
const SIGNS: &[Sign] = &[
    Sign { name: "squashfs", mark: b"hsqs", length: squashfs, open: carved::SQUASHFS },
    Sign { name: "U-Boot image", mark: b"\x27\x05\x19\x56", length: uboot, open: carved::UBOOT },
    Sign { name: "gzip data", mark: b"\x1f\x8b\x08", length: gzip, open: carved::GZIP },
    Sign { name: "xz data", mark: b"\xfd7zXZ\x00", length: xz, open: carved::XZ },
    Sign { name: "LZMA data", mark: b"\x5d\x00\x00", length: lzma, open: carved::LZMA },
    Sign { name: "cpio archive", mark: b"070701", length: cpio, open: carved::CPIO },
    Sign { name: "cramfs image", mark: b"\x45\x3d\xcd\x28", length: cramfs, open: carved::CRAMFS },
    Sign { name: "romfs image", mark: b"-rom1fs-", length: romfs, open: carved::ROMFS },
    Sign { name: "device tree", mark: b"\xd0\x0d\xfe\xed", length: device_tree, open: carved::DEVICE_TREE },
    Sign { name: "UBI image", mark: b"UBI#\x01\x00\x00\x00", length: rest, open: carved::UBI },
];

fn squashfs(header: &[u8]) -> Option<Length> {
    let (block, log) = (le32(header, 12), u32::from(le16(header, 22)));
    let is_sound = le16(header, 28) == 4 && (12..=20).contains(&log) && block == 1 << log;
    is_sound.then(|| Length::Known(le64(header, 40)))
}

fn uboot(header: &[u8]) -> Option<Length> {
    let mut sum = header.get(..64)?.to_vec();
    sum.get_mut(4..8)?.fill(0);
    (crc32fast::hash(&sum) == be32(header, 4)).then(|| Length::Known(64 + u64::from(be32(header, 12))))
}

/// RFC 1952 §2.3.1: three bits are never set; and something must come out.
fn gzip(header: &[u8]) -> Option<Length> {
    (byte(header, 3) & 0xe0 == 0 && unpacks(flate2::bufread::GzDecoder::new(header))).then_some(Length::Read)
}

/// The .xz file format §2.1.1: the flags have a sum.
fn xz(header: &[u8]) -> Option<Length> {
    (crc32fast::hash(header.get(6..8)?) == le32(header, 8)).then_some(Length::Read)
}

/// LZMA has no mark but what everybody sets: the dictionary is a power of two, the size is a possible one; and something must come out.
fn lzma(header: &[u8]) -> Option<Length> {
    let (dictionary, size) = (le32(header, 1), le64(header, 5));
    let is_possible = dictionary.is_power_of_two()
        && (1 << 16..=1 << 26).contains(&dictionary)
        && (size == u64::MAX || (1024..1 << 32).contains(&size));
    if !is_possible {
        return None;
    }
    let stream = liblzma::stream::Stream::new_lzma_decoder(128 << 20).ok()?;
    unpacks(liblzma::bufread::XzDecoder::new_stream(header, stream)).then_some(Length::Read)
}

fn unpacks(mut from: impl Read) -> bool {
    from.read(&mut [0; 64]).is_ok_and(|read| read > 0)
}

fn cpio(header: &[u8]) -> Option<Length> {
    header.get(6..110)?.iter().all(u8::is_ascii_hexdigit).then_some(Length::Read)
}

fn cramfs(header: &[u8]) -> Option<Length> {
    (header.get(16..32) == Some(b"Compressed ROMFS")).then(|| Length::Known(le32(header, 4).into()))
}

/// Its first 512 bytes add up to nothing (Linux, romfs.rst).
fn romfs(header: &[u8]) -> Option<Length> {
    let size = be32(header, 8);
    let first = header.get(..size.min(512) as usize)?;
    let sum = first.chunks_exact(4).fold(0_u32, |sum, word| sum.wrapping_add(be32(word, 0)));
    (sum == 0 && size >= 32).then(|| Length::Known(size.into()))
}

fn device_tree(header: &[u8]) -> Option<Length> {
    carved::is_device_tree(header).then(|| Length::AtLeast(be32(header, 4).into()))
}

#[expect(clippy::unnecessary_wraps, reason = "a row of the table")]
fn rest(_header: &[u8]) -> Option<Length> {
    Some(Length::Known(u64::MAX))
}

fn marks() -> Option<&'static AhoCorasick> {
    static MARKS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    MARKS.get_or_init(|| AhoCorasick::new(SIGNS.iter().map(|sign| sign.mark)).ok()).as_ref()
}

/// Looks into a file; returns whether anything in it is known.
///
/// # Errors
/// Where its bytes cannot be had, and what ends the scan.
pub(crate) fn look<'s>(
    name: &str,
    content: &Content<'s>,
    examiner: &mut Examiner<'s>,
) -> Result<bool, Reason> {
    let is_kernel = linux_boot_header(name, content, examiner);
    let (mut places, mut is_full) = (Vec::new(), false);
    let seen = strings::search(content, examiner, &mut |start, bytes, is_new| {
        for found in marks().into_iter().flat_map(|marks| marks.find_iter(bytes)) {
            if !is_new.contains(&found.start()) {
                continue;
            }
            let Some(found) = place(start, bytes, found.start(), found.pattern().as_usize()) else {
                continue;
            };
            if places.len() < MAX_PLACES {
                places.push(found);
            } else {
                is_full = true;
            }
        }
    })?;
    strings::report(name, content, &seen, &Layout::default(), examiner)?;
    if places.is_empty() {
        return Ok(is_kernel || seen.is_any());
    }
    if is_full {
        let what = format!("more than {MAX_PLACES} places in it look like something packed");
        examiner.not_scanned(name, Reason::Damaged { kind: "firmware", what })?;
    }
    examiner.enter(name, |examiner| each(content, places, examiner))?;
    Ok(true)
}

type Found = (u64, &'static Sign, Length);

/// Something at a mark, if what is behind it is right.
fn place(start: u64, bytes: &[u8], at: usize, sign: usize) -> Option<Found> {
    let sign = SIGNS.get(sign)?;
    let length = (sign.length)(bytes.get(at..)?)?;
    Some((start + at as u64, sign, length))
}

fn each<'s>(content: &Content<'s>, places: Vec<Found>, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let mut until = 0;
    for (at, sign, length) in places {
        // What stands inside of what was opened belongs to that.
        if at < until {
            continue;
        }
        examiner.meter.entry()?;
        let name = format!("{} at byte {at}", sign.name);
        until = match length {
            Length::Known(length) => {
                examiner.open(&name, sign.open.as_container(), &content.window(at, length))?;
                at.saturating_add(length.max(1))
            }
            Length::AtLeast(length) => {
                examiner.open(&name, sign.open.as_container(), &content.window(at, u64::MAX))?;
                at.saturating_add(length.max(1))
            }
            Length::Read => {
                let mut counted = Counted { inner: content.window(at, u64::MAX).reader(), count: 0 };
                examiner.enter(&name, |examiner| sign.open.read(&mut counted, examiner))?;
                let ahead = if sign.name == "cpio archive" { 0 } else { READ_AHEAD };
                at + counted.count.saturating_sub(ahead).max(1)
            }
        };
    }
    Ok(())
}

struct Counted<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        Ok(read)
    }
}
