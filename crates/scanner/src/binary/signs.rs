//! What is looked for inside of firmware of no known kind: marks, and what must be right behind them. A new kind is one row.

use std::io::Read;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use crate::container::carved;
use crate::fields::{be16, be32, byte, le16, le32, le64};

/// Something that may stand inside of a file.
pub(super) struct Sign {
    pub(super) name: &'static str,
    mark: &'static [u8],
    /// Where it lies, if what is behind the mark is right.
    extent: fn(&[u8]) -> Option<Extent>,
    pub(super) open: carved::Open,
}

/// Where it lies.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    /// Bytes of it in front of its mark.
    before: u64,
    /// All its bytes, where its header says how many.
    length: Option<u64>,
}

/// Something that was found: where it begins, how long it says it is, and what it is.
pub(super) struct Found {
    pub(super) at: u64,
    pub(super) length: Option<u64>,
    pub(super) sign: &'static Sign,
}

/// Every sign.
#[rustfmt::skip]
const SIGNS: &[Sign] = &[
    Sign { name: "squashfs", mark: b"hsqs", extent: squashfs, open: carved::SQUASHFS },
    Sign { name: "squashfs", mark: b"sqsh", extent: other_squashfs, open: carved::SQUASHFS },
    Sign { name: "squashfs", mark: b"shsq", extent: other_squashfs, open: carved::SQUASHFS },
    Sign { name: "squashfs", mark: b"qshs", extent: other_squashfs, open: carved::SQUASHFS },
    Sign { name: "squashfs", mark: b"tqsh", extent: other_squashfs, open: carved::SQUASHFS },
    Sign { name: "squashfs", mark: b"hsqt", extent: other_squashfs, open: carved::SQUASHFS },
    Sign { name: "U-Boot image", mark: b"\x27\x05\x19\x56", extent: uboot, open: carved::UBOOT },
    Sign { name: "gzip data", mark: b"\x1f\x8b\x08", extent: gzip, open: carved::GZIP },
    Sign { name: "bzip2 data", mark: b"BZh", extent: bzip2, open: carved::BZIP2 },
    Sign { name: "xz data", mark: b"\xfd7zXZ\x00", extent: xz, open: carved::XZ },
    Sign { name: "zstd data", mark: b"\x28\xb5\x2f\xfd", extent: zstd, open: carved::ZSTD },
    Sign { name: "lzip data", mark: b"LZIP\x01", extent: lzip, open: carved::LZIP },
    Sign { name: "LZMA data", mark: b"\x5d\x00\x00", extent: lzma, open: carved::LZMA },
    Sign { name: "zip archive", mark: b"PK\x05\x06", extent: zip, open: carved::ZIP },
    Sign { name: "tar archive", mark: b"ustar\x0000", extent: tar, open: carved::TAR },
    Sign { name: "tar archive", mark: b"ustar  \x00", extent: tar, open: carved::TAR },
    Sign { name: "cpio archive", mark: b"070701", extent: cpio, open: carved::CPIO },
    Sign { name: "cramfs image", mark: b"\x45\x3d\xcd\x28", extent: cramfs, open: carved::CRAMFS },
    Sign { name: "romfs image", mark: b"-rom1fs-", extent: romfs, open: carved::ROMFS },
    Sign { name: "device tree", mark: b"\xd0\x0d\xfe\xed", extent: device_tree, open: carved::DEVICE_TREE },
    Sign { name: "UBI image", mark: b"UBI#\x01\x00\x00\x00", extent: unsaid, open: carved::UBI },
    Sign { name: "UBIFS image", mark: b"\x31\x18\x10\x06", extent: ubifs, open: carved::UBIFS },
    // The first nodes of an erase block: its mark, an entry of a folder, a part of a file; of machines of either byte order.
    Sign { name: "JFFS2 image", mark: b"\x85\x19\x03\x20", extent: jffs2, open: carved::JFFS2 },
    Sign { name: "JFFS2 image", mark: b"\x85\x19\x01\xe0", extent: jffs2, open: carved::JFFS2 },
    Sign { name: "JFFS2 image", mark: b"\x85\x19\x02\xe0", extent: jffs2, open: carved::JFFS2 },
    Sign { name: "JFFS2 image", mark: b"\x19\x85\x20\x03", extent: jffs2, open: carved::JFFS2 },
    Sign { name: "JFFS2 image", mark: b"\x19\x85\xe0\x01", extent: jffs2, open: carved::JFFS2 },
    Sign { name: "JFFS2 image", mark: b"\x19\x85\xe0\x02", extent: jffs2, open: carved::JFFS2 },
    Sign { name: "EROFS image", mark: b"\xe2\xe1\xf5\xe0", extent: erofs, open: carved::EROFS },
    // The mark, then what state it was left in: in use, or unmounted.
    Sign { name: "ext file system", mark: b"\x53\xef\x00\x00", extent: ext, open: carved::EXT },
    Sign { name: "ext file system", mark: b"\x53\xef\x01\x00", extent: ext, open: carved::EXT },
    Sign { name: "FAT file system", mark: b"\xeb\x3c\x90", extent: fat, open: carved::FAT },
    Sign { name: "FAT file system", mark: b"\xeb\x58\x90", extent: fat, open: carved::FAT },
    Sign { name: "Android boot image", mark: b"ANDROID!", extent: android, open: carved::ANDROID_BOOT },
];

/// From its mark on, as many bytes as its header says.
#[expect(clippy::unnecessary_wraps, reason = "the end of every row's check")]
fn known(length: u64) -> Option<Extent> {
    Some(Extent { before: 0, length: Some(length) })
}

/// From its mark on, as far as its reader goes.
const UNSAID: Extent = Extent { before: 0, length: None };

#[expect(clippy::unnecessary_wraps, reason = "a row of the table")]
fn unsaid(_header: &[u8]) -> Option<Extent> {
    Some(UNSAID)
}

fn squashfs(header: &[u8]) -> Option<Extent> {
    let (block, log) = (le32(header, 12), u32::from(le16(header, 22)));
    if le16(header, 28) == 4 && (12..=20).contains(&log) && block == 1 << log {
        return known(le64(header, 40));
    }
    other_squashfs(header)
}

/// Images of older versions and of makers who changed it are not opened; that they are there is said.
fn other_squashfs(header: &[u8]) -> Option<Extent> {
    let is_old =
        |major: u16, minor: u16, log: u16| (1..=4).contains(&major) && minor <= 1 && (12..=20).contains(&log);
    let little = |at| le16(header, at);
    let big = |at| be16(header, at);
    // The size of blocks stands elsewhere in version 4.
    let is_sound = is_old(little(28), little(30), little(34))
        || is_old(big(28), big(30), big(34))
        || is_old(little(28), little(30), little(22))
        || is_old(big(28), big(30), big(22));
    is_sound.then_some(UNSAID)
}

fn uboot(header: &[u8]) -> Option<Extent> {
    let mut sum = header.get(..64)?.to_vec();
    sum.get_mut(4..8)?.fill(0);
    (crc32fast::hash(&sum) == be32(header, 4)).then_some(())?;
    known(64 + u64::from(be32(header, 12)))
}

/// RFC 1952 §2.3.1: three bits are never set; and something must come out.
fn gzip(header: &[u8]) -> Option<Extent> {
    (byte(header, 3) & 0xe0 == 0 && unpacks(flate2::bufread::GzDecoder::new(header))).then_some(UNSAID)
}

/// The size of its blocks, then what every block begins with.
fn bzip2(header: &[u8]) -> Option<Extent> {
    (matches!(byte(header, 3), b'1'..=b'9') && header.get(4..10) == Some(b"1AY&SY")).then_some(UNSAID)
}

/// The .xz file format §2.1.1: the flags have a sum.
fn xz(header: &[u8]) -> Option<Extent> {
    (crc32fast::hash(header.get(6..8)?) == le32(header, 8)).then_some(UNSAID)
}

/// RFC 8878 §3.1.1: a bit of the descriptor is never set; the first block is of a known kind and no longer than a block can be.
fn zstd(header: &[u8]) -> Option<Extent> {
    let descriptor = byte(header, 4);
    let (is_single, sized, dictionary) = (descriptor & 0x20 != 0, descriptor >> 6, descriptor & 3);
    let size = match (sized, is_single) {
        (0, single) => usize::from(single),
        (sized, _) => 1 << sized,
    };
    let at = 5 + usize::from(!is_single) + [0, 1, 2, 4][usize::from(dictionary)] + size;
    let block = le32(header, at) & 0x00ff_ffff;
    let is_sound = descriptor & 8 == 0 && (block >> 1) & 3 != 3 && block >> 3 <= 128 << 10 && block != 0;
    is_sound.then_some(UNSAID)
}

/// The lzip manual, "File format": the dictionary is a power of two less some sixteenths of it.
fn lzip(header: &[u8]) -> Option<Extent> {
    (12..=29).contains(&(byte(header, 5) & 0x1f)).then_some(UNSAID)
}

/// LZMA has no mark but what everybody sets: the dictionary is a power of two, the size is a possible one; and something must come out.
fn lzma(header: &[u8]) -> Option<Extent> {
    let (dictionary, size) = (le32(header, 1), le64(header, 5));
    let is_possible = dictionary.is_power_of_two()
        && (1 << 16..=1 << 26).contains(&dictionary)
        && (size == u64::MAX || (1024..1 << 32).contains(&size));
    if !is_possible {
        return None;
    }
    let stream = liblzma::stream::Stream::new_lzma_decoder(128 << 20).ok()?;
    unpacks(liblzma::bufread::XzDecoder::new_stream(header, stream)).then_some(UNSAID)
}

fn unpacks(mut from: impl Read) -> bool {
    from.read(&mut [0; 64]).is_ok_and(|read| read > 0)
}

/// APPNOTE 6.3.10, §4.3.16: the end of an archive of one part says where its list of entries begins, so where it does itself.
fn zip(end: &[u8]) -> Option<Extent> {
    let (here, all) = (le16(end, 8), le16(end, 10));
    let is_sound = le32(end, 4) == 0 && here == all && all > 0 && end.len() >= 22;
    let list = u64::from(le32(end, 12)) + u64::from(le32(end, 16));
    is_sound.then(|| Extent { before: list, length: Some(list + 22 + u64::from(le16(end, 20))) })
}

#[expect(clippy::unnecessary_wraps, reason = "a row of the table")]
fn tar(_header: &[u8]) -> Option<Extent> {
    Some(Extent { before: 257, length: None })
}

fn cpio(header: &[u8]) -> Option<Extent> {
    header.get(6..110)?.iter().all(u8::is_ascii_hexdigit).then_some(UNSAID)
}

fn cramfs(header: &[u8]) -> Option<Extent> {
    (header.get(16..32) == Some(b"Compressed ROMFS")).then_some(())?;
    known(le32(header, 4).into())
}

/// Its first 512 bytes add up to nothing (Linux, romfs.rst).
fn romfs(header: &[u8]) -> Option<Extent> {
    let size = be32(header, 8);
    let first = header.get(..size.min(512) as usize)?;
    let sum = first.chunks_exact(4).fold(0_u32, |sum, word| sum.wrapping_add(be32(word, 0)));
    (sum == 0 && size >= 32).then_some(())?;
    known(size.into())
}

fn device_tree(header: &[u8]) -> Option<Extent> {
    carved::is_device_tree(header).then_some(UNSAID)
}

/// The superblock (Linux, fs/ubifs/ubifs-media.h): a node of its kind and length, then the size of erase blocks and how many there are.
fn ubifs(header: &[u8]) -> Option<Extent> {
    (le32(header, 16) == 4096 && byte(header, 20) == 6).then_some(())?;
    known(u64::from(le32(header, 36)) * u64::from(le32(header, 40)))
}

/// Versions of the header are known, and it says of what size pages are, or from version 3 on how long it is itself (AOSP, bootimg.h).
fn android(header: &[u8]) -> Option<Extent> {
    let is_sound = match le32(header, 40) {
        0..=2 => {
            matches!(le32(header, 36), size if size.is_power_of_two() && (512..=1 << 20).contains(&size))
        }
        3..=4 => (1000..4096).contains(&le32(header, 20)),
        _ => false,
    };
    is_sound.then_some(UNSAID)
}

fn jffs2(header: &[u8]) -> Option<Extent> {
    carved::is_jffs2(header).then_some(UNSAID)
}

/// The superblock stands at 1024 (Linux, fs/erofs/erofs_fs.h): the size of blocks, and how many there are.
fn erofs(header: &[u8]) -> Option<Extent> {
    let bits = byte(header, 12);
    let length = u64::from(le32(header, 36)).checked_shl(bits.into())?;
    (9..=16).contains(&bits).then_some(Extent { before: 1024, length: Some(length) })
}

/// Behind the mark in the superblock (Linux, super.rst): what is done with errors, the version.
fn ext(header: &[u8]) -> Option<Extent> {
    let (errors, revision) = (le16(header, 4), le32(header, 0x14));
    ((1..=3).contains(&errors) && revision <= 1).then_some(Extent { before: 1080, length: None })
}

fn fat(header: &[u8]) -> Option<Extent> {
    carved::fat_length(header).and_then(known)
}

fn marks() -> Option<&'static AhoCorasick> {
    static MARKS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    MARKS.get_or_init(|| AhoCorasick::new(SIGNS.iter().map(|sign| sign.mark)).ok()).as_ref()
}

/// Hands out what begins in a piece of a file: where the piece begins, its bytes, and which of them count.
pub(super) fn each(start: u64, bytes: &[u8], is_new: std::ops::Range<usize>, take: &mut dyn FnMut(Found)) {
    for mark in marks().into_iter().flat_map(|marks| marks.find_overlapping_iter(bytes)) {
        if !is_new.contains(&mark.start()) {
            continue;
        }
        let Some(sign) = SIGNS.get(mark.pattern().as_usize()) else { continue };
        let Some(extent) = bytes.get(mark.start()..).and_then(sign.extent) else { continue };
        // What would begin before the file does is no such thing.
        let at = (start + mark.start() as u64).checked_sub(extent.before);
        at.into_iter().for_each(|at| take(Found { at, length: extent.length, sign }));
    }
}
