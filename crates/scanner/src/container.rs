//! The kinds of containers that are opened. A new one is one file, one row and one test file of its kind.

use std::io::{self, Read};
use std::sync::OnceLock;

use crate::content::Content;
use crate::examine::{Examiner, HEAD as HEAD_BYTES};
use crate::report::Reason;

mod ahead;
mod android_boot;
mod ar;
mod asar;
mod behind;
mod btrfs;
mod cab;
pub(crate) mod carved;
mod chunks;
mod compound;
mod compressed;
mod cpio;
mod cramfs;
mod crc32c;
mod disk;
mod erofs;
mod exfat;
mod ext;
mod fat;
mod fit;
mod hex_records;
mod hive;
mod iso;
mod jffs2;
mod lvm;
mod lzo;
mod lzop;
mod lzx;
mod ntfs;
mod program;
mod romfs;
pub(crate) mod rpm;
mod sevenz;
mod squashfs;
mod tar;
mod tree;
mod ubi;
mod ubifs;
mod uboot;
mod udf;
mod virtual_disk;
mod wim;
mod words;
mod xfs;
mod xpress;
mod zip;

pub(crate) use program::behind;

/// How a container is read.
#[derive(Clone, Copy)]
pub(crate) enum Open {
    /// From its first byte to its last.
    Stream(OpenStream),
    /// From any place to any place.
    Random(OpenRandom),
    /// Not at all; the text says what it is.
    Never(&'static str),
    /// Not as what it is; what lies in it in one piece is looked for as in firmware.
    Searched(&'static str),
}

impl Open {
    /// Whether it is read as what it is.
    pub(crate) fn is_read(self) -> bool {
        matches!(self, Open::Stream(_) | Open::Random(_))
    }
}

/// One kind.
pub(crate) struct Container {
    /// Its name, as reports have it.
    pub(crate) name: &'static str,
    /// Marks by which it is told, any of them: the place from the start, and the bytes there.
    pub(crate) marks: &'static [(u64, &'static [u8])],
    /// What must be right besides, where marks are short.
    pub(crate) check: Option<fn(&Content<'_>) -> io::Result<bool>>,
    /// How it is read.
    pub(crate) open: Open,
}

type Marks = &'static [(u64, &'static [u8])];
type Check = fn(&Content<'_>) -> io::Result<bool>;
type OpenRandom = for<'s> fn(&Content<'s>, &mut Examiner<'s>) -> Result<(), Reason>;
type OpenStream = for<'s> fn(&mut dyn Read, &mut Examiner<'s>) -> Result<(), Reason>;

const fn stream(name: &'static str, marks: Marks, open: OpenStream) -> Container {
    Container { name, marks, check: None, open: Open::Stream(open) }
}

const fn random(name: &'static str, marks: Marks, open: OpenRandom) -> Container {
    Container { name, marks, check: None, open: Open::Random(open) }
}

const fn checked(name: &'static str, marks: Marks, check: Check, open: OpenRandom) -> Container {
    Container { name, marks, check: Some(check), open: Open::Random(open) }
}

const fn never(name: &'static str, marks: Marks, what: &'static str) -> Container {
    Container { name, marks, check: None, open: Open::Never(what) }
}

const fn searched(name: &'static str, marks: Marks, what: &'static str) -> Container {
    Container { name, marks, check: None, open: Open::Searched(what) }
}

/// Every kind. Where two would fit, the first is taken; those whose marks stand further in, or must be checked, come after all others.
#[rustfmt::skip]
pub(crate) const CONTAINERS: &[Container] = &[
    // APPNOTE 6.3.10, §4.3.7 and §4.3.16; the third is what split archives begin with.
    random("zip", &[(0, b"PK\x03\x04"), (0, b"PK\x05\x06"), (0, b"PK\x07\x08")], zip::open),
    // RFC 1952 §2.3.1.
    stream("gzip", &[(0, b"\x1f\x8b\x08")], compressed::gzip),
    stream("bzip2", &[(4, b"1AY&SY")], compressed::bzip2),
    // The .xz file format 1.2.1, §2.1.1.1.
    stream("xz", &[(0, b"\xfd7zXZ\x00")], compressed::xz),
    // RFC 8878 §3.1.1.
    // The others are frames that are skipped (§3.1.2); pzstd begins with one.
    stream("zstd", &[(0, b"\x28\xb5\x2f\xfd"), (0, b"\x50\x2a\x4d\x18"), (0, b"\x51\x2a\x4d\x18"), (0, b"\x52\x2a\x4d\x18"), (0, b"\x53\x2a\x4d\x18"), (0, b"\x54\x2a\x4d\x18"), (0, b"\x55\x2a\x4d\x18"), (0, b"\x56\x2a\x4d\x18"), (0, b"\x57\x2a\x4d\x18"), (0, b"\x58\x2a\x4d\x18"), (0, b"\x59\x2a\x4d\x18"), (0, b"\x5a\x2a\x4d\x18"), (0, b"\x5b\x2a\x4d\x18"), (0, b"\x5c\x2a\x4d\x18"), (0, b"\x5d\x2a\x4d\x18"), (0, b"\x5e\x2a\x4d\x18"), (0, b"\x5f\x2a\x4d\x18")], compressed::zstd),
    // The lzip manual, "File format".
    stream("lzip", &[(0, b"LZIP\x01")], compressed::lzip),
    // The LZ4 frame format 1.6.4, and the one before it, which kernels still have.
    stream("lz4", &[(0, b"\x04\x22\x4d\x18"), (0, b"\x02\x21\x4c\x18")], compressed::lz4),
    stream("lzop", &[(0, lzop::MARK)], compressed::lzop),
    // POSIX.1-2017, pax, ustar interchange format; GNU tar has two blanks behind it.
    stream("tar", &[(257, b"ustar")], tar::open),
    // cpio(5): new ASCII without and with a checksum, old ASCII.
    stream("cpio", &[(0, b"070701"), (0, b"070702"), (0, b"070707")], cpio::open),
    // ar(5), deb(5).
    stream("ar", &[(0, b"!<arch>\n")], ar::open),
    // RPM v4 package format: the lead.
    stream("rpm", &[(0, b"\xed\xab\xee\xdb")], rpm::open),
    // The kernel's squashfs_fs.h; the others are of big-endian machines and of makers who changed it.
    random("squashfs", &[(0, b"hsqs"), (0, b"sqsh"), (0, b"shsq"), (0, b"qshs"), (0, b"tqsh"), (0, b"hsqt")], squashfs::open),
    random("7z", &[(0, b"7z\xbc\xaf\x27\x1c")], sevenz::open),
    never("rar", &[(0, b"Rar!\x1a\x07")], "a RAR archive"),
    random("cab", &[(0, b"MSCF\x00\x00\x00\x00")], cab::open),
    never("InstallShield cabinet", &[(0, b"ISc(")], "an InstallShield cabinet"),
    random("registry hive", &[(0, b"regf")], hive::open),
    random("compound file", &[(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")], compound::open),
    random("WIM", &[(0, b"MSWIM\x00\x00\x00")], wim::open),
    // wimlib's own form of it, with its tables behind what they tell of.
    never("pipable WIM", &[(0, b"WLPWM\x00\x00\x00")], "a Windows image that was made for a pipe (wimlib)"),
    random("cramfs", &[(0, b"\x45\x3d\xcd\x28"), (0, b"\x28\xcd\x3d\x45")], cramfs::open),
    random("romfs", &[(0, b"-rom1fs-")], romfs::open),
    checked("JFFS2", &[(0, b"\x85\x19"), (0, b"\x19\x85")], jffs2::is_sound, jffs2::open),
    random("UBI", &[(0, b"UBI#")], ubi::open),
    never("part of a UBI image", &[(0, b"UBI!")], "a part of a UBI image"),
    random("UBIFS", &[(0, b"\x31\x18\x10\x06")], ubifs::open),
    random("qcow2", &[(0, b"QFI\xfb")], virtual_disk::open_qcow2),
    random("vmdk", &[(0, b"KDMV")], virtual_disk::open_vmdk),
    random("vhdx", &[(0, b"vhdxfile")], virtual_disk::open_vhdx),
    random("vhd", &[(0, b"conectix")], virtual_disk::open_vhd),
    random("VDI", &[(64, b"\x7f\x10\xda\xbe")], virtual_disk::open_vdi),
    // Electron's archives of programs: numbers, then a list in JSON.
    checked("asar", &[(16, b"{\"files\":")], asar::is_one, asar::open),
    checked("U-Boot image", &[(0, b"\x27\x05\x19\x56")], uboot::is_sound, uboot::open),
    random("Android sparse image", &[(0, b"\x3a\xff\x26\xed")], virtual_disk::open_android),
    random("Android boot image", &[(0, b"ANDROID!")], android_boot::open),
    random("Android vendor boot image", &[(0, b"VNDRBOOT")], android_boot::open_vendor),
    checked("device tree", &[(0, b"\xd0\x0d\xfe\xed")], fit::is_sound, fit::open),
    // A colon, or a letter and a kind: then a line of digits whose sum is right.
    checked("hexadecimal records", &[(0, b":"), (0, b"S0"), (0, b"S1"), (0, b"S2"), (0, b"S3")], hex_records::is_sound, hex_records::open),
    never("LUKS", &[(0, b"LUKS\xba\xbe")], "an encrypted volume (LUKS)"),
    never("BitLocker", &[(3, b"-FVE-FS-")], "an encrypted volume (BitLocker)"),
    random("NTFS", &[(3, b"NTFS    ")], ntfs::open),
    random("exFAT", &[(3, b"EXFAT   ")], exfat::open),
    random("XFS", &[(0, b"XFSB")], xfs::open),
    searched("APFS", &[(32, b"NXSB")], "an APFS volume"),
    // A label of LVM stands in one of the first four sectors (lvm2, format_text/layout.h).
    random("LVM", &[(0, b"LABELONE"), (512, b"LABELONE"), (1024, b"LABELONE"), (1536, b"LABELONE")], lvm::open),
    random("btrfs", &[(65600, b"_BHRfS_M")], btrfs::open),
    searched("F2FS", &[(1024, b"\x10\x20\xf5\xf2")], "an F2FS file system"),
    random("EROFS", &[(1024, b"\xe2\xe1\xf5\xe0")], erofs::open),
    searched("HFS+", &[(1024, b"H+\x00\x04"), (1024, b"HX\x00\x05")], "an HFS+ file system"),
    // ECMA-119 §8.1: the volume descriptors begin at sector 16. Before tables of partitions: images for memory sticks have both.
    random("ISO 9660", &[(32769, b"CD001")], iso::open),
    // ECMA-167 2/9.1.
    random("UDF", &[(32769, b"BEA01")], udf::open),
    // The superblock of ext2, ext3 and ext4 stands at 1024, its mark 56 bytes further on.
    checked("ext", &[(1080, b"\x53\xef")], ext::is_sound, ext::open),
    checked("FAT", &[(510, b"\x55\xaa")], fat::is_sound, fat::open),
    // UEFI 2.10 §5.3.2; with sectors of 4 KiB the second place.
    random("GPT", &[(512, b"EFI PART"), (4096, b"EFI PART")], disk::open_gpt),
    checked("MBR", &[(510, b"\x55\xaa")], disk::is_mbr, disk::open_mbr),
    // The copies of a superblock that is damaged: what was made over an old file system may leave them, so they come last.
    checked("btrfs", &[(0x400_0040, b"_BHRfS_M"), (0x40_0000_0040, b"_BHRfS_M")], btrfs::has_copy, btrfs::open),
];

/// Where to look for what among the rows: most files are of no kind, and going through all marks for each took as long as reading it.
struct Index {
    /// Rows that a mark at the very begin tells, by its first byte.
    by_first: Vec<Vec<usize>>,
    /// Rows that a mark further in tells, and nothing besides.
    further_in: Vec<usize>,
    /// Marks that the first bytes do not settle: behind them, or with a check.
    late: Vec<(&'static Container, u64, &'static [u8])>,
}

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut index = Index { by_first: vec![Vec::new(); 256], further_in: Vec::new(), late: Vec::new() };
        for (number, container) in CONTAINERS.iter().enumerate() {
            for (at, mark) in container.marks {
                let is_late = container.check.is_some() || at + mark.len() as u64 > HEAD_BYTES as u64;
                let first = mark.first().filter(|_| *at == 0 && container.check.is_none());
                match first.and_then(|byte| index.by_first.get_mut(usize::from(*byte))) {
                    Some(rows) => rows.push(number),
                    None if container.check.is_none() => index.further_in.push(number),
                    None => {}
                }
                if is_late {
                    index.late.push((container, *at, mark));
                }
            }
        }
        index
    })
}

/// Whether a mark stands at its place among the first bytes.
fn stands(head: &[u8], at: u64, mark: &[u8]) -> bool {
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    head.get(at..).is_some_and(|rest| rest.starts_with(mark))
}

/// The kind that the first bytes tell.
pub(crate) fn by_head(head: &[u8]) -> Option<&'static Container> {
    let index = index();
    let first = head.first().and_then(|byte| index.by_first.get(usize::from(*byte)));
    // Where two would fit, the one that comes first.
    let rows = first.into_iter().flatten().chain(&index.further_in).copied();
    let is_one = |row: &usize| {
        CONTAINERS.get(*row).is_some_and(|it| it.marks.iter().any(|(at, mark)| stands(head, *at, mark)))
    };
    let by_mark = rows.filter(is_one).min().and_then(|row| CONTAINERS.get(row));
    // The tar archives of Unix version 7 have no mark but a sum that is right; that of JFFS2 is short, and has one behind it,
    // as has each line of hexadecimal records.
    by_mark.or_else(|| {
        let name = if tar::is_header(head) {
            "tar"
        } else if jffs2::is_header(head) {
            "JFFS2"
        } else if hex_records::is_header(head) {
            "hexadecimal records"
        } else {
            return None;
        };
        CONTAINERS.iter().find(|it| it.name == name)
    })
}

/// Whether the first bytes tell a kind, LZMA without a mark among them.
fn is_known(head: &[u8]) -> bool {
    by_head(head).is_some() || compressed::may_be_lzma(head)
}

/// LZMA data has no mark: it is told by an ending of its name and by what its first bytes may be.
pub(crate) fn by_name(name: &str, head: &[u8]) -> Option<Open> {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_named = ["lzma", "tlz"].iter().any(|it| ending.eq_ignore_ascii_case(it));
    let is_behind = name.ends_with(cpio::BEHIND);
    ((is_named || is_behind) && compressed::may_be_lzma(head)).then_some(Open::Stream(compressed::lzma))
}

/// The kind that marks behind the first bytes and checks tell, or what stands behind a program; with the place where it begins.
pub(crate) fn by_content(
    content: &Content<'_>,
    head: &[u8],
) -> io::Result<Option<(&'static Container, u64)>> {
    // Nearly all marks stand in the first two pages: one read for those, and for the few others one each.
    let first = content.first(8 << 10)?;
    let stands = |at: u64, mark: &[u8]| {
        let end = at + mark.len() as u64;
        if end > content.length() {
            return Ok(false);
        }
        let there = usize::try_from(at).ok().and_then(|at| first.get(at..at + mark.len()));
        there.map_or_else(
            || content.up_to(at, mark.len()).map(|there| there == mark),
            |there| Ok(there == mark),
        )
    };
    // Of a file that is shorter than the first bytes, nothing stands behind them.
    for (container, at, mark) in &index().late {
        if stands(*at, mark)? && container.check.map_or(Ok(true), |check| check(content))? {
            return Ok(Some((container, 0)));
        }
    }
    let is_program = program::is_one(head);
    if zip::ends_as_zip(content, is_program)? {
        return Ok(CONTAINERS.first().map(|zip| (zip, 0)));
    }
    let Some(behind) = program::behind(content, head)? else { return Ok(None) };
    let head = content.up_to(behind, 512)?;
    Ok(by_head(&head).map(|container| (container, behind)))
}

/// Whether the first bytes bear a mark that is too short to stand alone, so that what is behind them must be looked at.
pub(crate) fn may_be_checked(head: &[u8]) -> bool {
    index().late.iter().any(|(_, at, mark)| stands(head, *at, mark))
}

/// Whether an entry of this name may be an image whose mark stands further in, so that it is worth unpacking it.
pub(crate) fn may_be_image(name: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "img", "iso", "bin", "raw", "ext2", "ext3", "ext4", "rootfs", "fs", "dd", "exe", "run", "sh", "fat",
        "vfat", "disk", "hdd", "fw", "ima", "vmdk", "vhd", "vdi", "asar", "erofs", "udf", "btrfs", "f2fs",
    ];
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| ENDINGS.iter().any(|it| ending.eq_ignore_ascii_case(it)))
}

/// Whether it is space that Linux swaps to (mkswap(8)): pages of memory, nothing that is installed.
pub(crate) fn is_swap(content: &Content<'_>) -> io::Result<bool> {
    let pages = [4096, 8192, 16384, 65536_u64];
    let ends = pages.into_iter().map(|page| content.up_to(page - 10, 10));
    for end in ends {
        if matches!(end?.as_slice(), b"SWAPSPACE2" | b"SWAP-SPACE") {
            return Ok(true);
        }
    }
    Ok(false)
}
