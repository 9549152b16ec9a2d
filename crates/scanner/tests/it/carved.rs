//! Images and archives that stand somewhere inside of firmware, or behind other images in one file; and firmware as text.

use std::fs;
use std::path::Path;

use crate::made::*;
use crate::tools::*;

/// Firmware of no known kind: each part from the begin of a block, between bytes of no meaning.
fn firmware(parts: &[&[u8]]) -> (Vec<u8>, Vec<usize>) {
    let (mut bytes, mut places) = (noise(5000), Vec::new());
    for part in parts {
        bytes.resize(bytes.len().next_multiple_of(4096), 0xff);
        places.push(bytes.len());
        bytes.extend(*part);
        bytes.extend(noise(3000));
    }
    (bytes, places)
}

/// What makes the small root into a file, where its tool is there.
type Make = fn(&Path) -> Option<()>;

#[rustfmt::skip]
const IMAGES: &[(&str, Make)] = &[
    ("squashfs", |path| run(path, "mksquashfs", &["root", "a.img", "-no-progress", "-quiet"])),
    ("romfs image", |path| run(path, "genromfs", &["-f", "a.img", "-d", "root"])),
    ("cramfs image", |path| run(path, "mkfs.cramfs", &["root", "a.img"])),
    ("JFFS2 image", |path| run(path, "mkfs.jffs2", &["-l", "-r", "root", "-o", "a.img"])),
    ("JFFS2 image", |path| run(path, "mkfs.jffs2", &["-b", "-n", "-r", "root", "-o", "a.img"])),
    ("UBIFS image", |path| run(path, "mkfs.ubifs", &["-r", "root", "-o", "a.img", "-m", "2048", "-e", "126976", "-c", "100"])),
    ("EROFS image", |path| run(path, "mkfs.erofs", &["--quiet", "-zlz4", "a.img", "root"])),
    ("Android boot image", |path| {
        fs::write(path.join("kernel"), [0; 5000]).unwrap();
        fs::write(path.join("ramdisk"), cpio(&[("second.jar", &jar())])).unwrap();
        run(path, "mkbootimg", &["--kernel", "kernel", "--ramdisk", "ramdisk", "--header_version", "2", "--pagesize", "2048", "--dtb", "kernel", "-o", "a.img"])
    }),
    ("ext file system", |path| run(path, "mke2fs", &["-q", "-t", "ext4", "-b", "1024", "-d", "root", "a.img", "4M"])),
    ("FAT file system", |path| {
        run(path, "mkfs.vfat", &["-C", "a.img", "4096"])?;
        run(path, "mcopy", &["-i", "a.img", "root/second.jar", "::second.jar"])
    }),
];

/// Where the jar lies in an image.
fn inner(name: &str) -> &'static str {
    if name == "Android boot image" { "!/ramdisk!/second.jar" } else { "!/second.jar" }
}

#[test]
fn images_of_every_kind_are_found_where_they_stand() {
    for (name, make) in IMAGES {
        let folder = Folder::new().with("root/second.jar", &jar());
        let path = folder.0.path();
        if make(path).is_none() {
            continue;
        }
        let image = fs::read(path.join("a.img")).unwrap();
        let (bytes, at) = firmware(&[&zip(&[("x.jar", &jar())]), &image, &zip(&[("y.jar", &jar())])]);
        fs::write(path.join("fw.bin"), &bytes).unwrap();
        let report = scan_image(&folder, "fw.bin");
        let mut expected = [
            format!("fw.bin!/zip archive at byte {}!/x.jar", at[0]),
            format!("fw.bin!/{name} at byte {}{}", at[1], inner(name)),
            format!("fw.bin!/zip archive at byte {}!/y.jar", at[2]),
        ];
        expected.sort();
        assert_eq!(cores(&folder, &report), expected, "{:?}", folder.not_scanned(&report));
    }
}

#[test]
fn archives_of_every_kind_are_found_where_they_stand() {
    let stored = zip_with(
        &[("inner.jar", &jar())],
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored),
    );
    let archive = tar(&[("a.jar", &jar())]);
    let parts: &[(&str, &str, Vec<u8>)] = &[
        ("gzip data", "!/gzip data at byte {} (expanded)!/a.jar", gzip(&archive)),
        ("bzip2 data", "!/bzip2 data at byte {} (expanded)!/a.jar", bzip2(&archive)),
        ("xz data", "!/xz data at byte {} (expanded)!/a.jar", xz(&archive)),
        ("zstd data", "!/zstd data at byte {} (expanded)!/a.jar", zstd(&archive)),
        ("tar archive", "!/a.jar", archive.clone()),
        ("cpio archive", "!/a.jar", cpio(&[("a.jar", &jar())])),
        ("zip archive", "!/inner.jar", stored),
    ];
    let bytes: Vec<&[u8]> = parts.iter().map(|(.., bytes)| bytes.as_slice()).collect();
    let (bytes, places) = firmware(&bytes);
    let (folder, report) = scan_bytes("fw.bin", &bytes);
    let mut expected: Vec<String> = parts
        .iter()
        .zip(&places)
        .map(|((name, inner, _), at)| {
            format!("fw.bin!/{name} at byte {at}{}", inner.replace("{}", &at.to_string()))
        })
        .collect();
    expected.sort();
    assert_eq!(cores(&folder, &report), expected, "{:?}", folder.not_scanned(&report));
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
}

#[test]
fn an_archive_of_many_thousand_files_is_one_place() {
    let names: Vec<String> = (0..6000).map(|number| format!("folder/file-{number}")).collect();
    let mut entries: Vec<(&str, &[u8])> =
        names.iter().map(|name| (name.as_str(), b"text".as_slice())).collect();
    let jar = jar();
    entries.push(("last.jar", &jar));
    for (name, archive) in [("tar archive", tar(&entries)), ("cpio archive", cpio(&entries))] {
        let (bytes, at) = firmware(&[&archive]);
        let (folder, report) = scan_bytes("fw.bin", &bytes);
        assert_eq!(cores(&folder, &report), [format!("fw.bin!/{name} at byte {}!/last.jar", at[0])]);
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
    }
}

/// What a header says of a length is no reason to look away.
#[test]
fn a_header_that_claims_more_than_it_has_hides_nothing() {
    let packed = gzip(&tar(&[("a.jar", &jar())]));
    // A device tree of ten megabytes, of which the structure is one token.
    let mut tree = vec![0; 64];
    for (at, number) in
        [(0, 0xd00d_feed_u32), (4, 10 << 20), (8, 56), (12, 60), (20, 17), (24, 16), (32, 1 << 20), (56, 9)]
    {
        tree[at..at + 4].copy_from_slice(&number.to_be_bytes());
    }
    // One whose only property covers what comes behind it.
    let mut property = tree.clone();
    for (at, number) in [(56, 1), (60, 0), (64, 3), (68, 1 << 20), (72, 0)] {
        property.resize(property.len().max(at + 4), 0);
        property[at..at + 4].copy_from_slice(&u32::to_be_bytes(number));
    }
    // A squashfs of which the superblock alone was left.
    let mut superblock = vec![0; 96];
    superblock[..4].copy_from_slice(b"hsqs");
    for (at, number) in [(12, 0x20000_u32), (20, 17 << 16 | 1), (28, 4), (40, 8 << 20)] {
        superblock[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
    for (name, head) in [("tree", tree), ("property", property), ("superblock", superblock)] {
        let mut bytes = [noise(4096), head, vec![0xff; 8192], packed.clone(), noise(100)].concat();
        bytes.resize(bytes.len() + (2 << 20), 0xff);
        let (folder, report) = scan_bytes("fw.bin", &bytes);
        let found = cores(&folder, &report);
        assert_eq!(found.len(), 1, "{name}: {found:?} {:?}", folder.not_scanned(&report));
        assert!(found[0].contains("gzip data at byte"), "{name}: {found:?}");
    }
}

#[test]
fn what_stands_behind_an_image_in_one_file_is_looked_at() {
    let packed = gzip(&tar(&[("a.jar", &jar())]));
    for (name, make) in IMAGES {
        // Of these, partitions have whatever stood there before.
        if matches!(*name, "ext file system" | "FAT file system" | "UBIFS image") {
            continue;
        }
        let folder = Folder::new().with("root/second.jar", &jar());
        let path = folder.0.path();
        if make(path).is_none() {
            continue;
        }
        let mut image = fs::read(path.join("a.img")).unwrap();
        image.resize(image.len().next_multiple_of(64 << 10) + (128 << 10), 0xff);
        // More of it than a damaged node has.
        let behind = [packed.as_slice(), &noise(128 << 10)].concat();
        fs::write(path.join("device.img"), [image.as_slice(), &behind].concat()).unwrap();
        let report = scan_image(&folder, "device.img");
        let found = cores(&folder, &report);
        assert_eq!(found.len(), 2, "{name}: {found:?} {:?}", folder.not_scanned(&report));
        assert!(found[0].starts_with("device.img!/behind the "), "{name}: {found:?}");
        // Padding alone is nothing, and so is nothing.
        image.truncate(image.len() - 100);
        fs::write(path.join("device.img"), &image).unwrap();
        let report = scan_image(&folder, "device.img");
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{name}");
        assert_eq!(cores(&folder, &report), [format!("device.img{}", inner(name))], "{name}");
    }
}

#[test]
fn flash_of_several_partitions_of_ubi_is_read_one_by_one() {
    let folder = Folder::new().with("one/first.jar", &jar()).with("two/second.jar", &jar());
    let path = folder.0.path();
    let mut flash = Vec::new();
    for (root, number) in [("one", "1001"), ("two", "2002")] {
        let options = ["-r", root, "-o", "a.ubifs", "-m", "2048", "-e", "126976", "-c", "100"];
        let Some(()) = run(path, "mkfs.ubifs", &options) else { return };
        let volume =
            "[a]\nmode=ubi\nimage=a.ubifs\nvol_id=0\nvol_type=dynamic\nvol_name=data\nvol_size=2MiB\n";
        fs::write(path.join("a.ini"), volume).unwrap();
        let options = ["-Q", number, "-o", "a.ubi", "-m", "2048", "-p", "128KiB", "a.ini"];
        let Some(()) = run(path, "ubinize", &options) else { return };
        flash.extend(fs::read(path.join("a.ubi")).unwrap());
        // Blocks that were erased, or never used.
        flash.resize(flash.len() + (256 << 10), 0xff);
    }
    let first = ["flash.bin!/behind the UBI image.bin!/data!/second.jar", "flash.bin!/data!/first.jar"];
    fs::write(path.join("flash.bin"), &flash).unwrap();
    assert_eq!(cores(&folder, &scan_image(&folder, "flash.bin")), first);
    // A boot loader in front of them.
    let (bytes, at) = firmware(&[&flash]);
    fs::write(path.join("flash.bin"), bytes).unwrap();
    let found = cores(&folder, &scan_image(&folder, "flash.bin"));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].ends_with("!/data!/second.jar"), "{found:?}");
    assert_eq!(found[1], format!("flash.bin!/UBI image at byte {}!/data!/first.jar", at[0]));
}

#[test]
fn file_systems_that_are_not_read_are_searched() {
    // The mark of an HFS+ volume, a file that lies in it in one piece.
    let mut image = vec![0; 64 << 10];
    image[1024..1028].copy_from_slice(b"H+\x00\x04");
    image.extend(jar());
    image.resize(image.len().next_multiple_of(4096) + 8192, 0);
    let (folder, report) = scan_bytes("mac.img", &image);
    assert_eq!(cores(&folder, &report), ["mac.img!/zip archive at byte 65536"]);
    assert_eq!(folder.not_scanned(&report), ["mac.img: an HFS+ file system is not opened by this program"]);
}

#[test]
fn squashfs_of_other_versions_is_said_where_it_stands() {
    // Version 3.1 of a machine of either byte order, and marks of makers (the kernel's squashfs_fs.h before 2.6.29).
    for (mark, is_big) in [(b"hsqs", false), (b"sqsh", true), (b"shsq", false), (b"qshs", true)] {
        let mut superblock = vec![0; 128];
        superblock[..4].copy_from_slice(mark);
        for (at, number) in [(28, 3_u16), (30, 1), (34, 17)] {
            let bytes = if is_big { number.to_be_bytes() } else { number.to_le_bytes() };
            superblock[at..at + 2].copy_from_slice(&bytes);
        }
        let (bytes, at) = firmware(&[&superblock]);
        let (folder, report) = scan_bytes("fw.bin", &bytes);
        let said = folder.not_scanned(&report);
        assert_eq!(said.len(), 1, "{mark:?}: {said:?}");
        assert!(
            said[0].contains(&format!("squashfs at byte {}: a squashfs image of another", at[0])),
            "{said:?}"
        );
    }
}

/// A program for a microcontroller, at two places of its memory.
fn controller(folder: &Folder) -> Option<()> {
    let mut program = noise(3000);
    program.extend(b"\0FreeRTOS Kernel V10.4.3\0");
    program.extend(noise(70_000));
    program.extend(b"\0lwIP/2.0.3d (http://savannah.nongnu.org/projects/lwip)\0");
    fs::write(folder.0.path().join("a.raw"), program).unwrap();
    for (target, name) in [("ihex", "pump.hex"), ("srec", "pump.s19")] {
        let options = ["-I", "binary", "-O", target, "--change-addresses", "0x08000000", "a.raw", name];
        run(folder.0.path(), "objcopy", &options)?;
    }
    fs::remove_file(folder.0.path().join("a.raw")).unwrap();
    Some(())
}

#[test]
fn firmware_as_text_is_put_together() {
    let folder = Folder::new();
    let Some(()) = controller(&folder) else { return };
    for name in ["pump.hex", "pump.s19"] {
        let inner = format!("{name}!/bytes at 0x8000000.bin");
        let expected = [format!("{inner} freertos 10.4.3"), format!("{inner} lwip 2.0.3d")];
        let report = scan_image(&folder, name);
        assert_eq!(folder.found(&report), expected);
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
        let text = fs::read_to_string(folder.0.path().join(name)).unwrap();
        // Packed; with the ends of lines of another system.
        let (inside, report) =
            scan_bytes("update.zip", &zip(&[(name, text.replace('\n', "\r\n").as_bytes())]));
        assert_eq!(inside.found(&report).len(), 2, "{name}");
        // A line that was changed, and an end that is missing, are said, and the others count.
        let changed = text.replacen("C", "D", 1);
        let (inside, report) = scan_bytes(name, changed.as_bytes());
        let said = inside.not_scanned(&report);
        assert!(said.iter().any(|it| it.contains("1 of its lines are no records, line ")), "{said:?}");
        let cut: Vec<&str> = text.lines().collect();
        let (inside, report) = scan_bytes(name, cut[..cut.len() - 2].join("\n").as_bytes());
        let said = inside.not_scanned(&report);
        assert!(said.iter().any(|it| it.contains("its last record is missing")), "{said:?}");
        assert_eq!(inside.found(&report).len(), 2);
        assert_survives(name, &text.as_bytes()[..20_000], 2_000);
    }
}

#[test]
fn texts_that_begin_like_records_are_texts() {
    for text in [":notes\n", ": \n", ":00000001FE\n", "S1 of the form\n", "S0", ":", "S3zz\n"] {
        let (folder, report) = scan_bytes("notes.txt", text.as_bytes());
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{text}");
    }
}

/// Intel HEX with a byte in memory at each of these, in parts of 64 KiB, then its end.
fn bytes_at(parts: impl Iterator<Item = u16>) -> String {
    let line = |bytes: &[u8]| {
        let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_sub(*byte));
        let digits: String = bytes.iter().chain([&sum]).map(|byte| format!("{byte:02X}")).collect();
        format!(":{digits}\n")
    };
    let base = |at: u16| line(&[2, 0, 0, 4, (at >> 8) as u8, at as u8]) + &line(&[1, 0, 0, 0, 7]);
    parts.map(base).collect::<String>() + &line(&[0, 0, 0, 1])
}

#[test]
fn records_that_leave_out_much_are_parts_and_cost_no_memory() {
    // A byte in every second megabyte of memory.
    let (folder, report) = scan_bytes("pump.hex", bytes_at((0..2000).map(|at| at << 5)).as_bytes());
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
    // Gaps that are filled are no more than a bomb may have.
    let (folder, report) = scan_bytes("pump.hex", bytes_at((0..4096).map(|at| at * 15)).as_bytes());
    let said = folder.not_scanned(&report);
    assert!(said.iter().any(|it| it.contains("as only a decompression bomb does")), "{said:?}");
}

/// Programs that read such things have their marks in them.
#[test]
fn marks_alone_are_nothing() {
    let marks: [&[u8]; 8] = [
        b"ustar\x0000",
        b"ustar  \x00",
        b"ANDROID!",
        b"PK\x05\x06",
        b"BZh",
        b"\x1f\x8b\x08",
        b"LZIP\x01",
        b"070701",
    ];
    let mut bytes = noise(4096);
    for mark in marks {
        bytes.extend([mark, &[0; 600]].concat());
        bytes.extend(noise(600));
    }
    let (folder, report) = scan_bytes("fw.bin", &bytes);
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
}
