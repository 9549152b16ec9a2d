//! The kinds of containers that are opened. A new one is one file, one row and one test file of its kind.

use std::io::{self, Read};

use crate::content::Content;
use crate::examine::Examiner;
use crate::report::Reason;

mod ar;
mod compressed;
mod cpio;
mod rpm;
mod tar;
mod zip;

/// How a container is read.
#[derive(Clone, Copy)]
pub(crate) enum Open {
    /// From its first byte to its last.
    Stream(for<'s> fn(&mut dyn Read, &mut Examiner<'s>) -> Result<(), Reason>),
    /// From any place to any place.
    Random(for<'s> fn(&Content<'s>, &mut Examiner<'s>) -> Result<(), Reason>),
    /// Not at all; the text says what it is.
    Never(&'static str),
}

/// One kind.
pub(crate) struct Container {
    /// Its name, as reports have it.
    pub(crate) name: &'static str,
    /// Marks by which it is told, any of them: the place from the start, and the bytes there.
    pub(crate) marks: &'static [(u64, &'static [u8])],
    /// How it is read.
    pub(crate) open: Open,
}

/// Every kind. Where two would fit, the first is taken.
#[rustfmt::skip]
pub(crate) const CONTAINERS: &[Container] = &[
    // APPNOTE 6.3.10, §4.3.7 and §4.3.16; the third is what split archives begin with.
    Container { name: "zip", marks: &[(0, b"PK\x03\x04"), (0, b"PK\x05\x06"), (0, b"PK\x07\x08")], open: Open::Random(zip::open) },
    // RFC 1952 §2.3.1.
    Container { name: "gzip", marks: &[(0, b"\x1f\x8b\x08")], open: Open::Stream(compressed::gzip) },
    Container { name: "bzip2", marks: &[(4, b"1AY&SY")], open: Open::Stream(compressed::bzip2) },
    // The .xz file format 1.2.1, §2.1.1.1.
    Container { name: "xz", marks: &[(0, b"\xfd7zXZ\x00")], open: Open::Stream(compressed::xz) },
    // RFC 8878 §3.1.1.
    Container { name: "zstd", marks: &[(0, b"\x28\xb5\x2f\xfd")], open: Open::Stream(compressed::zstd) },
    // POSIX.1-2017, pax, ustar interchange format; GNU tar has two blanks behind it.
    Container { name: "tar", marks: &[(257, b"ustar")], open: Open::Stream(tar::open) },
    // cpio(5): new ASCII without and with a checksum, old ASCII.
    Container { name: "cpio", marks: &[(0, b"070701"), (0, b"070702"), (0, b"070707")], open: Open::Stream(cpio::open) },
    // ar(5), deb(5).
    Container { name: "ar", marks: &[(0, b"!<arch>\n")], open: Open::Stream(ar::open) },
    // RPM v4 package format: the lead.
    Container { name: "rpm", marks: &[(0, b"\xed\xab\xee\xdb")], open: Open::Stream(rpm::open) },
    Container { name: "7z", marks: &[(0, b"7z\xbc\xaf\x27\x1c")], open: Open::Never("a 7z archive") },
    Container { name: "rar", marks: &[(0, b"Rar!\x1a\x07")], open: Open::Never("a RAR archive") },
    Container { name: "cab", marks: &[(0, b"MSCF\x00\x00\x00\x00")], open: Open::Never("a cabinet file") },
    Container { name: "InstallShield cabinet", marks: &[(0, b"ISc(")], open: Open::Never("an InstallShield cabinet") },
    Container { name: "compound file", marks: &[(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")], open: Open::Never("a compound file (MSI installers, old Office documents)") },
    Container { name: "WIM", marks: &[(0, b"MSWIM\x00\x00\x00")], open: Open::Never("a Windows image (WIM)") },
    Container { name: "squashfs", marks: &[(0, b"hsqs"), (0, b"sqsh")], open: Open::Never("a squashfs image") },
    Container { name: "cramfs", marks: &[(0, b"\x45\x3d\xcd\x28"), (0, b"\x28\xcd\x3d\x45")], open: Open::Never("a cramfs image") },
    Container { name: "UBI", marks: &[(0, b"UBI#"), (0, b"UBI!")], open: Open::Never("a UBI image") },
    Container { name: "qcow2", marks: &[(0, b"QFI\xfb")], open: Open::Never("a qcow2 disk image") },
    Container { name: "vmdk", marks: &[(0, b"KDMV"), (0, b"# Disk DescriptorFile")], open: Open::Never("a VMDK disk image") },
    Container { name: "vhdx", marks: &[(0, b"vhdxfile")], open: Open::Never("a VHDX disk image") },
    Container { name: "vhd", marks: &[(0, b"conectix")], open: Open::Never("a VHD disk image") },
    Container { name: "VDI", marks: &[(64, b"\x7f\x10\xda\xbe")], open: Open::Never("a VDI disk image") },
    Container { name: "lzip", marks: &[(0, b"LZIP\x01")], open: Open::Never("lzip data") },
    Container { name: "lz4", marks: &[(0, b"\x04\x22\x4d\x18")], open: Open::Never("LZ4 data") },
    Container { name: "U-Boot image", marks: &[(0, b"\x27\x05\x19\x56")], open: Open::Never("a U-Boot image") },
    Container { name: "Android sparse image", marks: &[(0, b"\x3a\xff\x26\xed")], open: Open::Never("an Android sparse image") },
    Container { name: "NTFS", marks: &[(3, b"NTFS    ")], open: Open::Never("an NTFS file system") },
    Container { name: "FAT", marks: &[(54, b"FAT1"), (82, b"FAT32")], open: Open::Never("a FAT file system") },
    Container { name: "GPT", marks: &[(512, b"EFI PART")], open: Open::Never("a disk image with partitions (GPT)") },
    // The superblock of ext2, ext3 and ext4 stands at 1024, its mark 56 bytes further on.
    Container { name: "ext", marks: &[(1080, b"\x53\xef")], open: Open::Never("an ext2, ext3 or ext4 file system") },
    // ECMA-119 §8.1: the volume descriptors begin at sector 16.
    Container { name: "ISO 9660", marks: &[(32769, b"CD001")], open: Open::Never("an ISO 9660 image") },
];

/// The kind that the first bytes tell.
pub(crate) fn by_head(head: &[u8]) -> Option<&'static Container> {
    let stands = |(at, mark): &(u64, &[u8])| {
        let at = usize::try_from(*at).unwrap_or(usize::MAX);
        head.get(at..).is_some_and(|rest| rest.starts_with(mark))
    };
    let by_mark = CONTAINERS.iter().find(|container| container.marks.iter().any(stands));
    // The tar archives of Unix version 7 have no mark but a sum that is right.
    by_mark
        .or_else(|| if tar::is_header(head) { CONTAINERS.iter().find(|it| it.name == "tar") } else { None })
}

/// The kind that marks behind the first bytes tell, and programs with a zip archive behind them.
pub(crate) fn by_content(content: &Content<'_>, head: &[u8]) -> io::Result<Option<&'static Container>> {
    let further = |(at, _): &&(u64, &'static [u8])| *at >= head.len() as u64;
    for container in CONTAINERS {
        for (at, mark) in container.marks.iter().filter(further) {
            let mut there = [0; 16];
            let there = &mut there[..mark.len()];
            if at + mark.len() as u64 <= content.length()
                && content.fill_at(*at, there)? == mark.len()
                && there == *mark
            {
                return Ok(Some(container));
            }
        }
    }
    let is_program = [b"#!".as_slice(), b"MZ", b"\x7fELF"].iter().any(|mark| head.starts_with(mark));
    let ends_as_zip = zip::ends_as_zip(content, is_program)?;
    Ok(if ends_as_zip { CONTAINERS.first() } else { None })
}

/// Whether an entry of this name may be an image whose mark stands further in, so that it is worth unpacking it.
pub(crate) fn may_be_image(name: &str) -> bool {
    const ENDINGS: &[&str] =
        &["img", "iso", "bin", "raw", "ext2", "ext3", "ext4", "rootfs", "fs", "dd", "exe", "run", "sh"];
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| ENDINGS.iter().any(|it| ending.eq_ignore_ascii_case(it)))
}
