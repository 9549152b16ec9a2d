//! What machines start from: U-Boot's image trees, boot images of Android, romfs, EROFS; made by the tools of each.

use std::fs;

use crate::made::*;
use crate::tools::*;

/// `tree.tar`, `tree.tar.gz`, `tree.lzma`: a jar in an archive, packed.
fn packed(folder: &Folder) {
    let path = folder.0.path();
    let archive = tar(&[("x.jar", &jar())]);
    fs::write(path.join("tree.tar"), &archive).unwrap();
    fs::write(path.join("tree.tar.gz"), gzip(&archive)).unwrap();
    fs::write(path.join("nothing.bin"), b"nothing").unwrap();
}

/// The source of a tree with two images; `more` is said of the second.
fn source(more: &str) -> String {
    format!(
        "/dts-v1/;\n/ {{ description = \"device\"; #address-cells = <1>;\n images {{\n\
         kernel-1 {{ description = \"kernel\"; data = /incbin/(\"nothing.bin\"); type = \"kernel\"; arch = \"arm\"; os = \"linux\"; compression = \"none\"; load = <0x8000>; entry = <0x8000>; hash-1 {{ algo = \"sha256\"; }}; }};\n\
         ramdisk-1 {{ description = \"root\"; type = \"ramdisk\"; arch = \"arm\"; os = \"linux\"; {more} hash-1 {{ algo = \"sha256\"; }}; }};\n\
         }};\n configurations {{ default = \"a\"; a {{ kernel = \"kernel-1\"; ramdisk = \"ramdisk-1\"; }}; }};\n}};\n"
    )
}

#[test]
fn image_trees_of_u_boot_are_opened() {
    let folder = Folder::new();
    let path = folder.0.path();
    packed(&folder);
    let gzip = source("data = /incbin/(\"tree.tar.gz\"); compression = \"gzip\";");
    fs::write(path.join("device.its"), gzip).unwrap();
    for (image, more) in
        [("a.itb", &[][..]), ("behind.itb", &["-E"]), ("placed.itb", &["-E", "-p", "0x2000"])]
    {
        let arguments = [more, &["-f", "device.its", image]].concat();
        let Some(()) = run(path, "mkimage", &arguments) else { return };
        let report = scan_image(&folder, image);
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{image}");
        assert_eq!(cores(&folder, &report), [format!("{image}!/ramdisk-1!/ramdisk-1 (expanded)!/x.jar")]);
        assert_survives(image, &fs::read(path.join(image)).unwrap(), 2 << 10);
    }
    let image = fs::read(path.join("a.itb")).unwrap();
    fs::write(path.join("cut.itb"), &image[..image.len() / 2]).unwrap();
    let said = folder.not_scanned(&scan_image(&folder, "cut.itb"));
    assert!(
        said.iter().any(|it| it.starts_with("cut.itb: the device tree is damaged or cut off")),
        "{said:?}"
    );
}

#[test]
fn an_image_of_a_tree_that_is_encrypted_or_without_data_is_said() {
    let folder = Folder::new();
    let path = folder.0.path();
    packed(&folder);
    for (more, what) in [
        (
            "data = /incbin/(\"tree.tar\"); cipher { algo = \"aes256\"; };",
            "an encrypted image of U-Boot is not opened by this program",
        ),
        (
            "",
            "the device tree is damaged or cut off (an image has no data); what could be read before was looked at",
        ),
        (
            "data-position = <0x100000>; data-size = <0x1000>;",
            "the device tree is damaged or cut off (an image reaches beyond the end); what could be read before was looked at",
        ),
    ] {
        fs::write(path.join("device.dts"), source(more)).unwrap();
        let arguments = ["-q", "-I", "dts", "-O", "dtb", "-o", "a.itb", "device.dts"];
        let Some(()) = run(path, "dtc", &arguments) else { return };
        assert_eq!(folder.not_scanned(&scan_image(&folder, "a.itb")), [format!("a.itb!/ramdisk-1: {what}")]);
    }
    // A tree that describes hardware and has no images is nothing to look into.
    fs::write(path.join("device.dts"), "/dts-v1/;\n/ { cpus { cpu { reg = <0>; }; }; };\n").unwrap();
    run(path, "dtc", &["-q", "-I", "dts", "-O", "dtb", "-o", "a.dtb", "device.dts"]).unwrap();
    assert_eq!(folder.not_scanned(&scan_image(&folder, "a.dtb")), Vec::<String>::new());
}

#[test]
fn boot_images_of_android_are_opened() {
    let folder = Folder::new();
    let path = folder.0.path();
    packed(&folder);
    let files = ["--kernel", "nothing.bin", "--ramdisk", "tree.tar.gz"];
    let forms: &[(&str, &[&str])] = &[
        ("v0.img", &["--header_version", "0", "--second", "nothing.bin"]),
        ("v1.img", &["--header_version", "1", "--pagesize", "4096"]),
        ("v2.img", &["--header_version", "2", "--dtb", "nothing.bin"]),
        ("v3.img", &["--header_version", "3"]),
    ];
    for (image, form) in forms {
        let arguments = [&files, *form, &["-o", image]].concat();
        let Some(()) = run(path, "mkbootimg", &arguments) else { return };
        let report = scan_image(&folder, image);
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{image}");
        assert_eq!(cores(&folder, &report), [format!("{image}!/ramdisk!/ramdisk (expanded)!/x.jar")]);
        assert_survives(image, &fs::read(path.join(image)).unwrap(), 128);
    }
    // What stands behind the RAM disk counts as well.
    let arguments = ["--header_version", "2", "--kernel", "nothing.bin", "--ramdisk", "nothing.bin"];
    let more = ["--dtb", "tree.tar", "-o", "dtb.img"];
    run(path, "mkbootimg", &[arguments.as_slice(), &more].concat()).unwrap();
    assert_eq!(cores(&folder, &scan_image(&folder, "dtb.img")), ["dtb.img!/dtb!/x.jar"]);
    let vendor = ["--header_version", "3", "--vendor_boot", "vendor.img", "--vendor_ramdisk", "tree.tar.gz"];
    run(path, "mkbootimg", &[&vendor, ["--dtb", "nothing.bin"].as_slice()].concat()).unwrap();
    let report = scan_image(&folder, "vendor.img");
    assert_eq!(cores(&folder, &report), ["vendor.img!/ramdisk!/ramdisk (expanded)!/x.jar"]);
    // Version 4 has a table of RAM disks (bootimg.h); the tools of Debian know 3.
    let archive = fs::read(path.join("tree.tar.gz")).unwrap();
    fs::write(path.join("vendor4.img"), vendor_4(&[b"nothing", &archive])).unwrap();
    let report = scan_image(&folder, "vendor4.img");
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
    assert_eq!(cores(&folder, &report), ["vendor4.img!/ramdisk 2!/ramdisk 2 (expanded)!/x.jar"]);
    assert_survives("vendor4", &vendor_4(&[b"nothing", &archive]), 8 << 10);
}

fn vendor_4(ram_disks: &[&[u8]]) -> Vec<u8> {
    const PAGE: usize = 4096;
    let mut image = vec![0; PAGE];
    image[..8].copy_from_slice(b"VNDRBOOT");
    let mut put =
        |at: usize, number: usize| image[at..at + 4].copy_from_slice(&(number as u32).to_le_bytes());
    put(8, 4);
    put(12, PAGE);
    put(24, ram_disks.iter().map(|it| it.len()).sum());
    put(2096, 2128);
    put(2112, ram_disks.len() * 108);
    put(2116, ram_disks.len());
    put(2120, 108);
    let mut table = Vec::new();
    let mut at = 0;
    for disk in ram_disks {
        let mut entry = vec![0; 108];
        entry[..4].copy_from_slice(&(disk.len() as u32).to_le_bytes());
        entry[4..8].copy_from_slice(&(at as u32).to_le_bytes());
        table.extend(entry);
        image.extend(*disk);
        at += disk.len();
    }
    image.resize(image.len().next_multiple_of(PAGE), 0);
    image.extend(table);
    image.resize(image.len().next_multiple_of(PAGE), 0);
    image
}

#[test]
fn romfs_is_read() {
    let folder = Folder::new();
    root(&folder);
    let path = folder.0.path();
    let jar = path.join("root").join(LONG);
    for more in [&[][..], &["-a", "4096", "-V", "a volume with a long name"]] {
        let arguments = [&["-f", "a.romfs", "-d", "root"], more].concat();
        let Some(()) = run(path, "genromfs", &arguments) else { return };
        assert_root(&folder, "a.romfs", "");
    }
    fs::hard_link(&jar, jar.with_extension("second")).unwrap();
    run(path, "genromfs", &["-f", "a.romfs", "-d", "root"]).unwrap();
    assert_eq!(cores(&folder, &scan_image(&folder, "a.romfs")).len(), 2, "one file of two names");
    let image = fs::read(path.join("a.romfs")).unwrap();
    fs::write(path.join("cut.romfs"), &image[..image.len() - 4096]).unwrap();
    let said = folder.not_scanned(&scan_image(&folder, "cut.romfs"));
    assert!(
        said[0].starts_with("cut.romfs: the romfs image is damaged or cut off (it is shorter than it says)"),
        "{said:?}"
    );
    assert_survives("romfs", &image[..image.len().min(64 << 10)], 8 << 10);
}

/// What an image tree with a RAM disk is made from, and a root beside it.
fn kernel_and_root(folder: &Folder) {
    let path = folder.0.path();
    packed(folder);
    fs::create_dir(path.join("root")).unwrap();
    fs::write(path.join("root/second.jar"), jar()).unwrap();
    fs::write(path.join("device.its"), source("data = /incbin/(\"tree.tar\"); compression = \"none\";"))
        .unwrap();
}

#[test]
fn trees_and_romfs_that_stand_somewhere_in_firmware_are_opened() {
    let folder = Folder::new();
    let path = folder.0.path();
    kernel_and_root(&folder);
    let Some(()) = run(path, "mkimage", &["-f", "device.its", "-E", "a.itb"]) else { return };
    let Some(()) = run(path, "genromfs", &["-f", "a.romfs", "-d", "root"]) else { return };
    let mut firmware = noise(4096);
    firmware.extend(fs::read(path.join("a.itb")).unwrap());
    let at = firmware.len().next_multiple_of(4096);
    firmware.resize(at, 0xff);
    firmware.extend(fs::read(path.join("a.romfs")).unwrap());
    fs::write(path.join("fw.bin"), firmware).unwrap();
    let report = scan_image(&folder, "fw.bin");
    assert_eq!(
        cores(&folder, &report),
        [
            "fw.bin!/device tree at byte 4096!/ramdisk-1!/x.jar",
            &format!("fw.bin!/romfs image at byte {at}!/second.jar")
        ]
    );
}

#[test]
fn erofs_is_read_plain_in_chunks_and_packed() {
    let folder = Folder::new();
    let path = folder.0.path();
    let root = root(&folder);
    // Text that packs well, then what does not: extents of many blocks beside such of one.
    let text: String = (0..40_000).map(|at| format!("line {at} of a text that packs well\n")).collect();
    let entries = [
        ("text", text.as_bytes()),
        ("noise", &noise(50_000)),
        ("inner/second.jar", &jar()),
        ("more", text.as_bytes()),
    ];
    fs::write(root.join("srv/large.zip"), zip_with(&entries, stored())).unwrap();
    fs::hard_link(root.join(LONG), root.join(LONG).with_extension("second")).unwrap();
    let forms: &[&[&str]] = &[
        &[],
        &["-Enoinline_data"],
        &["-Eforce-inode-extended"],
        &["--chunksize=4096"],
        &["--chunksize=4096", "-Eforce-chunk-indexes"],
        &["-zlz4"],
        &["-zlz4hc", "-C65536"],
        &["-zlz4hc", "-C16384", "-Eforce-inode-extended"],
        &["-zlz4hc", "-Elegacy-compress"],
        &["-zlz4", "--max-extent-bytes=65536"],
    ];
    for (at, form) in forms.iter().enumerate() {
        let image = format!("{at}.img");
        let arguments = [&["--quiet"], *form, &[&image, "root"]].concat();
        let Some(()) = run(path, "mkfs.erofs", &arguments) else { return };
        assert_root(&folder, &image, "");
    }
    // Packed into an archive, where its mark does not stand among the first bytes.
    fs::write(
        path.join("device.tar.gz"),
        gzip(&tar(&[("rootfs.erofs", &fs::read(path.join("0.img")).unwrap())])),
    )
    .unwrap();
    assert_eq!(cores(&folder, &scan_image(&folder, "device.tar.gz")).len(), 2);
    // What several files share at their ends is said.
    run(path, "mkfs.erofs", &["--quiet", "-zlz4hc", "-Eztailpacking", "tail.img", "root"]).unwrap();
    let said = folder.not_scanned(&scan_image(&folder, "tail.img"));
    assert!(said[0].starts_with("tail.img: an EROFS image with features (0x10) is not opened"), "{said:?}");
}

#[test]
fn erofs_survives_what_is_wrong_with_it() {
    let folder = Folder::new();
    let root = folder.0.path().join("root");
    fs::create_dir_all(root.join("a")).unwrap();
    let text: String = (0..4_000).map(|at| format!("line {at}\n")).collect();
    fs::write(root.join("a/b.zip"), zip_with(&[("text", text.as_bytes()), ("x.jar", &jar())], stored()))
        .unwrap();
    for (name, form) in [
        ("packed", &["-zlz4hc"][..]),
        ("full", &["-zlz4", "-Elegacy-compress"]),
        ("chunks", &["--chunksize=4096"]),
    ] {
        let arguments = [&["--quiet"], form, &["a.img", "root"]].concat();
        let Some(()) = run(folder.0.path(), "mkfs.erofs", &arguments) else { return };
        let image = fs::read(folder.0.path().join("a.img")).unwrap();
        assert_eq!(cores(&folder, &scan_image(&folder, "a.img")).len(), 1, "{name}");
        assert_survives(&format!("erofs-{name}"), &image, image.len().min(16 << 10));
        fs::write(folder.0.path().join("a.img"), &image[..image.len() - 4096]).unwrap();
        assert!(!folder.not_scanned(&scan_image(&folder, "a.img")).is_empty(), "{name}");
    }
}

fn stored() -> zip::write::SimpleFileOptions {
    zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored)
}

/// As the images that OpenWrt installs: a kernel in a tree, then the root.
#[test]
fn what_stands_behind_a_tree_and_in_archives_is_looked_at() {
    let folder = Folder::new();
    let path = folder.0.path();
    kernel_and_root(&folder);
    let squashed = ["root", "root.img", "-no-progress", "-quiet"];
    let Some(()) = run(path, "mksquashfs", &squashed) else { return };
    for (name, more) in [("within.itb", &[][..]), ("behind.itb", &["-E"])] {
        let Some(()) = run(path, "mkimage", &[&["-f", "device.its"], more, &[name]].concat()) else { return };
        let tree = fs::read(path.join(name)).unwrap();
        let mut image = tree.clone();
        image.resize(image.len().next_multiple_of(128 << 10), 0xff);
        image.extend(fs::read(path.join("root.img")).unwrap());
        let (inside, report) = scan_bytes("sysupgrade.bin", &image);
        let found = cores(&inside, &report);
        assert_eq!(found.len(), 2, "{name}: {found:?}");
        assert!(found[1].starts_with("sysupgrade.bin!/ramdisk-1!/x.jar"), "{found:?}");
        assert!(
            found[0].starts_with("sysupgrade.bin!/behind the device tree.bin!/squashfs at byte "),
            "{found:?}"
        );
        // In an archive, by a name that says nothing.
        let (inside, report) = scan_bytes("update.tgz", &gzip(&tar(&[("device.itb", &tree)])));
        assert_eq!(cores(&inside, &report).len(), 1, "{name}: {:?}", inside.not_scanned(&report));
    }
}

#[test]
fn more_places_than_are_looked_at_are_said() {
    let mut tree = [0; 64];
    for (at, number) in [(0, 0xd00d_feed_u32), (4, 64), (8, 40), (12, 44), (20, 17), (24, 16), (40, 9)] {
        tree[at..at + 4].copy_from_slice(&number.to_be_bytes());
    }
    let (folder, report) = scan_bytes("fw.bin", &[noise(4096), tree.repeat(5000)].concat());
    let said = folder.not_scanned(&report);
    assert!(
        said.iter().any(|it| it.contains("more than 4096 places in it look like something packed")),
        "{said:?}"
    );
}
