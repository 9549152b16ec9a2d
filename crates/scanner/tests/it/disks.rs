//! Disks in image files, archives behind programs, and other things that real tools make.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use crate::made::*;
use crate::tools::*;

/// `disk.img`: a disk with a GPT and an ext4 file system with the root in it, its first bytes where a cluster begins and elsewhere.
fn disk(folder: &Folder) -> Option<()> {
    root(folder);
    let path = folder.0.path();
    run(path, "mke2fs", &["-q", "-t", "ext4", "-d", "root", "system.img", "24M"])?;
    let file = File::create(path.join("disk.img")).unwrap();
    file.set_len(64 << 20).unwrap();
    run_with(path, "sfdisk", &["-q", "disk.img"], "label: gpt\nstart=2056,size=49152,type=L\n")?;
    let file = File::options().write(true).open(path.join("disk.img")).unwrap();
    file.write_all_at(&fs::read(path.join("system.img")).unwrap(), 2056 * 512).unwrap();
    Some(())
}

#[test]
fn virtual_disks_are_read_in_all_their_forms() {
    let folder = Folder::new();
    let Some(()) = disk(&folder) else { return };
    let forms: &[(&str, &[&str])] = &[
        ("a.qcow2", &["-O", "qcow2"]),
        ("packed.qcow2", &["-c", "-O", "qcow2"]),
        ("zstd.qcow2", &["-c", "-O", "qcow2", "-o", "compression_type=zstd,cluster_size=4096"]),
        ("old.qcow2", &["-O", "qcow2", "-o", "compat=0.10"]),
        ("a.vmdk", &["-O", "vmdk"]),
        ("stream.vmdk", &["-O", "vmdk", "-o", "subformat=streamOptimized"]),
        ("a.vhdx", &["-O", "vhdx"]),
        ("fixed.vhdx", &["-O", "vhdx", "-o", "subformat=fixed"]),
        ("a.vhd", &["-O", "vpc"]),
        ("fixed.vhd", &["-O", "vpc", "-o", "subformat=fixed"]),
        ("a.vdi", &["-O", "vdi"]),
    ];
    for (image, form) in forms {
        let arguments = [&["convert", "-f", "raw"], *form, &["disk.img", image]].concat();
        let Some(()) = run(folder.0.path(), "qemu-img", &arguments) else { return };
        let disk = if *image == "fixed.vhd" { "" } else { "!/disk" };
        assert_root(&folder, image, &format!("{disk}!/partition 1"));
    }
}

/// Servers often have `/var` in a partition of its own: what the package database says is there, and which system it is in another.
#[test]
fn a_system_may_lie_in_several_partitions() {
    let folder = Folder::new();
    root(&folder);
    let path = folder.0.path();
    fs::rename(path.join("root/var"), path.join("var")).unwrap();
    fs::create_dir_all(path.join("usr/lib")).unwrap();
    fs::rename(path.join("root/etc/os-release"), path.join("usr/lib/os-release")).unwrap();
    let file = File::create(path.join("disk.img")).unwrap();
    file.set_len(64 << 20).unwrap();
    let table = "label: gpt\nstart=2048,size=40960,type=L\nstart=43008,size=20480,type=L\nstart=63488,size=20480,type=L\n";
    for (folder, start, size) in [("root", 2048, "20M"), ("var", 43008, "10M"), ("usr", 63488, "10M")] {
        let Some(()) = run(path, "mke2fs", &["-q", "-t", "ext4", "-d", folder, "part.img", size]) else {
            return;
        };
        file.write_all_at(&fs::read(path.join("part.img")).unwrap(), start * 512).unwrap();
        fs::remove_file(path.join("part.img")).unwrap();
    }
    let Some(()) = run_with(path, "sfdisk", &["-q", "disk.img"], table) else { return };
    let report = scan_image(&folder, "disk.img");
    let package = report.found.iter().find(|it| it.name == "libssl3").unwrap();
    assert_eq!(folder.short(&package.place), "disk.img!/partition 2!/lib/dpkg/status");
    assert_eq!(package.namespace.as_deref(), Some("debian"));
    assert!(package.qualifiers.contains(&("distro", "debian-12".to_owned())), "{:?}", package.qualifiers);
}

#[test]
fn a_disk_that_is_a_change_of_another_is_not_clean() {
    let folder = Folder::new();
    let path = folder.0.path();
    fs::write(path.join("base.img"), vec![0; 1 << 20]).unwrap();
    for (image, arguments, says) in [
        (
            "change.qcow2",
            &["create", "-q", "-f", "qcow2", "-F", "raw", "-b", "base.img", "change.qcow2"][..],
            "the qcow2 disk image needs its backing file (base.img)",
        ),
        (
            // The older of the two methods: for LUKS the tool times the processor, and gives up where it cannot.
            "aes.qcow2",
            &[
                "create",
                "-q",
                "-f",
                "qcow2",
                "--object",
                "secret,id=s,data=x",
                "-o",
                "encrypt.format=aes,encrypt.key-secret=s",
                "aes.qcow2",
                "1M",
            ][..],
            "an encrypted qcow2 disk image is not opened",
        ),
        (
            "data.qcow2",
            &["create", "-q", "-f", "qcow2", "-o", "data_file=data.raw", "data.qcow2", "1M"][..],
            "needs its data file",
        ),
    ] {
        let Some(()) = run(path, "qemu-img", arguments) else { return };
        let said = folder.not_scanned(&scan_image(&folder, image));
        assert!(said.len() == 1 && said[0].contains(says), "{said:?}");
    }
    // crypt_method, bytes 32 to 35 of the header, big-endian: 2 is LUKS (QEMU, docs/interop/qcow2.txt).
    let mut luks = fs::read(path.join("aes.qcow2")).unwrap();
    luks[32..36].copy_from_slice(&2_u32.to_be_bytes());
    fs::write(path.join("luks.qcow2"), luks).unwrap();
    let said = folder.not_scanned(&scan_image(&folder, "luks.qcow2"));
    assert!(said.len() == 1 && said[0].contains("an encrypted qcow2 disk image is not opened"), "{said:?}");
}

/// An image of Android: a chunk of blocks as they are, one of nothing, one of blocks.
fn android(system: &[u8]) -> Vec<u8> {
    let blocks = system.len() / 4096;
    let word = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
    let mut image = b"\x3a\xff\x26\xed\x01\0\0\0\x1c\0\x0c\0".to_vec();
    image.extend([word(4096), word(blocks + 2), word(3), word(0)].concat());
    let (first, second) = system.split_at(8 * 4096);
    for (kind, bytes, count) in [(0xcac1_u16, first, 8), (0xcac1, second, blocks - 8), (0xcac3, &[][..], 2)] {
        image.extend(
            [&kind.to_le_bytes()[..], &[0; 2], &word(count), &word(12 + bytes.len()), bytes].concat(),
        );
    }
    image
}

#[test]
fn images_for_flash_are_read() {
    let folder = Folder::new();
    let path = folder.0.path();
    let Some(()) = disk(&folder) else { return };
    fs::write(path.join("system.simg"), android(&fs::read(path.join("system.img")).unwrap())).unwrap();
    assert_root(&folder, "system.simg", "!/disk");
    fs::write(path.join("tree.tar"), tar(&[("x.jar", &jar())])).unwrap();
    fs::write(path.join("tree.lzma"), {
        let mut encoder = liblzma::write::XzEncoder::new_stream(
            Vec::new(),
            liblzma::stream::Stream::new_lzma_encoder(&liblzma::stream::LzmaOptions::new_preset(6).unwrap())
                .unwrap(),
        );
        std::io::Write::write_all(&mut encoder, &tar(&[("x.jar", &jar())])).unwrap();
        encoder.finish().unwrap()
    })
    .unwrap();
    for (arguments, found) in [
        (
            &["-A", "arm", "-T", "ramdisk", "-C", "none", "-n", "root", "-d", "tree.tar", "a.uimage"][..],
            "a.uimage!/root!/x.jar",
        ),
        (
            &["-A", "arm", "-T", "ramdisk", "-C", "lzma", "-n", "root", "-d", "tree.lzma", "b.uimage"],
            "b.uimage!/b.uimage (expanded)!/x.jar",
        ),
        (
            &["-A", "arm", "-T", "multi", "-C", "none", "-n", "both", "-d", "base.img:tree.tar", "c.uimage"],
            "c.uimage!/file 2!/x.jar",
        ),
        (
            &["-A", "arm", "-T", "ramdisk", "-C", "lzo", "-n", "root", "-d", "tree.lzo", "d.uimage"],
            "d.uimage!/d.uimage (expanded)!/x.jar",
        ),
    ] {
        fs::write(path.join("base.img"), b"nothing").unwrap();
        if arguments.contains(&"lzo") && run(path, "lzop", &["-o", "tree.lzo", "tree.tar"]).is_none() {
            return;
        }
        let Some(()) = run(path, "mkimage", arguments) else { return };
        let image = arguments.last().unwrap();
        let report = scan_image(&folder, image);
        assert_eq!(cores(&folder, &report), [found], "{:?}", folder.not_scanned(&report));
    }
}

#[test]
fn seven_zip_archives_are_read_and_said_where_they_are_encrypted() {
    let folder = Folder::new();
    let path = folder.0.path();
    root(&folder);
    let packed: &[(&str, &[&str])] = &[
        ("a.7z", &[]),
        ("ppmd.7z", &["-m0=PPMd"]),
        ("bzip2.7z", &["-m0=BZip2"]),
        ("stored.7z", &["-mx=0"]),
        ("bcj.7z", &["-m0=BCJ", "-m1=LZMA"]),
        ("apart.7z", &["-ms=off", "-mx=9"]),
    ];
    for (archive, options) in packed {
        let arguments = [&["a", "-bd"], *options, &[*archive, "./root/*"]].concat();
        let Some(()) = run(path, "7z", &arguments) else { return };
        assert_root(&folder, archive, "");
    }
    // An installer: a program, then an archive.
    let mut program = pe();
    program.extend(fs::read(path.join("a.7z")).unwrap());
    fs::write(path.join("setup.exe"), program).unwrap();
    assert_root(&folder, "setup.exe", "");
    for (archive, option) in [("names.7z", "-mhe=on"), ("bodies.7z", "-mhe=off")] {
        run(path, "7z", &["a", "-bd", "-psecret", option, archive, "./root/*"]).unwrap();
        let said = folder.not_scanned(&scan_image(&folder, archive));
        assert_eq!(said, [format!("{archive}: an encrypted 7z archive is not opened by this program")]);
    }
}

#[test]
fn cabinets_are_read() {
    let folder = Folder::new();
    let path = folder.0.path();
    root(&folder);
    let files = ["root/etc/os-release", "root/srv/large.zip", "root/var/lib/dpkg/status"];
    for (cabinet, options) in [("packed.cab", &["-c", "-z"][..]), ("plain.cab", &["-c"])] {
        let Some(()) = run(path, "gcab", &[options, &[cabinet], &files].concat()) else { return };
        let report = scan_image(&folder, cabinet);
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{cabinet}");
        let mut found = folder.found(&report);
        found.sort();
        assert!(
            found.iter().any(|it| it.contains("large.zip!/inner/second.jar log4j-core 2.1")),
            "{cabinet}: {found:?}"
        );
        assert_eq!(found.len(), 3, "{cabinet}: {found:?}");
    }
    fs::write(path.join("small.zip"), zip(&[("x.jar", &jar())])).unwrap();
    run(path, "gcab", &["-c", "-z", "small.cab", "small.zip"]).unwrap();
    let bytes = fs::read(path.join("small.cab")).unwrap();
    assert_survives("cab", &bytes, bytes.len());
    // Quantum: the kind of packing stands in the folder, behind the header.
    let mut other = bytes;
    other[36 + 6] = 2;
    let (folder, report) = scan_bytes("quantum.cab", &other);
    assert_eq!(
        folder.not_scanned(&report),
        ["quantum.cab: a cabinet file packed by Quantum is not opened by this program"]
    );
}

/// The headers of a program for Windows with one section of 512 bytes.
pub(crate) fn pe() -> Vec<u8> {
    let mut program = b"MZ".to_vec();
    program.resize(64, 0);
    program[60] = 64;
    program.extend(b"PE\0\0\x64\x86\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0");
    let mut section = [0; 40];
    section[16..20].copy_from_slice(&512_u32.to_le_bytes());
    section[20..24].copy_from_slice(&512_u32.to_le_bytes());
    program.extend(section);
    program.resize(1024, 0);
    program
}

#[test]
fn archives_behind_scripts_and_programs_are_found() {
    let archive = gzip(&tar(&[("x.jar", &jar())]));
    let script = [b"#!/bin/sh\ntail -n +3 \"$0\" | tar xz; exit\n".as_slice(), &archive].concat();
    let (folder, report) = scan_bytes("install.run", &script);
    assert_eq!(cores(&folder, &report), ["install.run!/install.run (expanded)!/x.jar"]);
    let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
    elf.resize(64, 0);
    // One segment, the first 512 bytes.
    elf[32] = 64;
    elf[56] = 1;
    elf.resize(120, 0);
    elf[64 + 32..64 + 34].copy_from_slice(&512_u16.to_le_bytes());
    elf.resize(512, 0);
    elf.extend(&archive);
    let (folder, report) = scan_bytes("app", &elf);
    assert_eq!(cores(&folder, &report), ["app!/app (expanded)!/x.jar"]);
}

#[test]
fn damaged_disks_and_archives_end_in_a_report() {
    let folder = Folder::new();
    let path = folder.0.path();
    fs::create_dir_all(path.join("tiny")).unwrap();
    fs::write(path.join("tiny/x.jar"), jar()).unwrap();
    fs::write(path.join("tiny/large.bin"), noise(20_000)).unwrap();
    if run(path, "mke2fs", &["-q", "-t", "ext2", "-b", "1024", "-N", "16", "-d", "tiny", "disk.img", "64K"])
        .is_none()
    {
        return;
    }
    assert_survives("android", &android(&fs::read(path.join("disk.img")).unwrap()), 96);
    let forms: &[(&str, &[&str], usize)] = &[
        ("a.qcow2", &["-c", "-O", "qcow2", "-o", "cluster_size=512"], 4096),
        ("a.vmdk", &["-O", "vmdk", "-o", "subformat=streamOptimized"], 2048),
        ("a.vdi", &["-O", "vdi"], 1024),
        ("a.vhd", &["-O", "vpc"], 4096),
    ];
    for (image, form, interesting) in forms {
        let arguments = [&["convert", "-f", "raw"], *form, &["disk.img", image]].concat();
        if run(path, "qemu-img", &arguments).is_some() {
            let bytes = fs::read(path.join(image)).unwrap();
            // Behind this there are only zeros in the large ones.
            assert_survives(image, &bytes[..bytes.len().min(512 << 10)], *interesting);
        }
    }
    for (archive, option) in [("a.7z", "-mx=5"), ("ppmd.7z", "-m0=PPMd:mem=1m")] {
        if run(path, "7z", &["a", "-bd", option, archive, "./tiny/*"]).is_some() {
            let bytes = fs::read(path.join(archive)).unwrap();
            assert_survives(archive, &bytes, bytes.len());
        }
    }
    if run(path, "mkimage", &["-A", "arm", "-T", "multi", "-C", "none", "-d", "disk.img:a.7z", "a.uimage"])
        .is_some()
    {
        assert_survives("uimage", &fs::read(path.join("a.uimage")).unwrap(), 96);
    }
}

#[test]
fn a_vhdx_changed_or_cut_off_anywhere_ends_in_a_report() {
    let folder = Folder::new();
    let path = folder.0.path();
    fs::write(path.join("disk.img"), tar(&[("x.jar", &jar())])).unwrap();
    let arguments = ["convert", "-f", "raw", "-O", "vhdx", "-o", "block_size=1M", "disk.img", "a.vhdx"];
    let Some(()) = run(path, "qemu-img", &arguments) else { return };
    let image = fs::read(path.join("a.vhdx")).unwrap();
    let is_found = |report: &bedrail_scanner::report::Report| !cores(&folder, report).is_empty();
    assert!(is_found(&scan_image(&folder, "a.vhdx")));
    // [MS-VHDX] §2.1: headers at 64 KiB and 128 KiB, lists of regions at 192 KiB and 256 KiB; these say where the others are.
    let regions = 192 << 10;
    let place = |entry: usize| {
        let at = regions + 16 + entry * 32 + 16;
        u64::from_le_bytes(image[at..at + 8].try_into().unwrap()) as usize
    };
    let parts =
        [(64 << 10, 80), (regions, 80), (place(0), 128), (place(1), 256), (place(1) + (64 << 10), 48)];
    let file = File::options().write(true).open(path.join("a.vhdx")).unwrap();
    for (start, length) in parts {
        for at in (start..start + length).step_by(3) {
            for value in [0, 0xff, image[at] ^ 0x10] {
                file.write_all_at(&[value], at as u64).unwrap();
                let report = scan_image(&folder, "a.vhdx");
                let said = folder.not_scanned(&report);
                assert!(said.iter().all(|it| !it.contains("scanner broke")), "{at} {value}: {said:?}");
                // Headers only say whether it was closed; where one list of regions is damaged the other counts.
                assert!(is_found(&report) || at >= 1 << 20, "{at} {value}: {said:?}");
            }
            file.write_all_at(&[image[at]], at as u64).unwrap();
        }
    }
    assert!(is_found(&scan_image(&folder, "a.vhdx")));
    for cut in [1 << 10, 65 << 10, 193 << 10, 1 << 20, place(1), place(0), image.len() - (1 << 20)] {
        file.set_len(cut as u64).unwrap();
        let report = scan_image(&folder, "a.vhdx");
        assert!(!is_found(&report) && !report.not_scanned.is_empty(), "cut off at {cut}");
        fs::write(path.join("a.vhdx"), &image).unwrap();
    }
}
