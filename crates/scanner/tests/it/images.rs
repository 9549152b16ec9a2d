//! Disks and file systems, made by the tools that everybody uses.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use crate::made::*;
use crate::tools::*;

fn read(folder: &Folder, image: &str) -> Vec<u8> {
    fs::read(folder.0.path().join(image)).unwrap()
}

#[test]
fn squashfs_is_read_whatever_packs_it() {
    let folder = Folder::new();
    root(&folder);
    let jar = folder.0.path().join("root").join(LONG);
    fs::hard_link(&jar, jar.with_extension("second")).unwrap();
    for (codec, more) in [
        ("gzip", ""),
        ("xz", ""),
        ("zstd", ""),
        ("lz4", ""),
        ("lzo", ""),
        ("lzo", "-noF"),
        ("lzo", "-no-fragments"),
        ("gzip", "-noF"),
        ("gzip", "-noI"),
        ("gzip", "-no-fragments"),
    ] {
        let image = format!("{codec}{more}.img");
        let size = if more.is_empty() { "128K" } else { "4K" };
        let mut arguments = vec!["root", &image, "-comp", codec, "-b", size, "-no-progress", "-quiet"];
        if !more.is_empty() {
            arguments.push(more);
        }
        if run(folder.0.path(), "mksquashfs", &arguments).is_none() {
            return;
        }
        assert_root(&folder, &image, "");
    }
    // The other ways in which LZO packs: every instruction of it is in one of these.
    for method in ["lzo1x_1", "lzo1x_1_11", "lzo1x_1_12", "lzo1x_1_15", "lzo1x_999"] {
        let image = format!("{method}.img");
        let lzo = ["-comp", "lzo", "-Xalgorithm", method, "-b", "1M", "-no-progress", "-quiet"];
        run(folder.0.path(), "mksquashfs", &[&["root", &image][..], &lzo].concat()).unwrap();
        assert_root(&folder, &image, "");
    }
}

#[test]
fn ext_is_read_in_all_its_forms() {
    let folder = Folder::new();
    root(&folder);
    let hole = File::create(folder.0.path().join("root/hole.bin")).unwrap();
    hole.set_len(3 << 30).unwrap();
    hole.write_all_at(b"end", (3 << 30) - 3).unwrap();
    let forms: &[&[&str]] = &[
        &["-t", "ext4"],
        &["-t", "ext4", "-b", "1024"],
        &["-t", "ext4", "-O", "inline_data", "-I", "1024"],
        &["-t", "ext4", "-O", "meta_bg,^resize_inode", "-g", "1024"],
        &["-t", "ext4", "-O", "^64bit,^has_journal"],
        &["-t", "ext3"],
        &["-t", "ext2", "-b", "1024"],
        &["-t", "ext2", "-r", "0", "-I", "128"],
    ];
    for (at, form) in forms.iter().enumerate() {
        let image = format!("{at}.img");
        // Files of 3 GiB need a feature that the first revision does not have.
        if form.contains(&"-r") {
            fs::remove_file(folder.0.path().join("root/hole.bin")).unwrap();
        }
        let arguments = [*form, &["-q", "-d", "root", &image, "32M"]].concat();
        if run(folder.0.path(), "mke2fs", &arguments).is_none() {
            return;
        }
        assert_root(&folder, &image, "");
    }
}

#[test]
fn iso_is_read_with_the_best_names_that_it_has() {
    let folder = Folder::new();
    root(&folder);
    // Deeper than the eight levels of ISO 9660, so that Rock Ridge moves it.
    let deep = folder.0.path().join("root/1/2/3/4/5/6/7/8/9/10");
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("deep.jar"), jar()).unwrap();
    if run(
        folder.0.path(),
        "genisoimage",
        &["-quiet", "-R", "-input-charset", "utf-8", "-o", "rock.iso", "root"],
    )
    .is_none()
    {
        return;
    }
    let report = scan_image(&folder, "rock.iso");
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
    let found = cores(&folder, &report);
    assert_eq!(
        found,
        [
            "rock.iso!/1/2/3/4/5/6/7/8/9/10/deep.jar",
            &format!("rock.iso!/{LONG}"),
            "rock.iso!/srv/large.zip!/inner/second.jar"
        ]
    );
    fs::remove_dir_all(folder.0.path().join("root/1")).unwrap();
    let joliet = ["-quiet", "-J", "-joliet-long", "-input-charset", "utf-8", "-o", "joliet.iso", "root"];
    run(folder.0.path(), "genisoimage", &joliet).unwrap();
    assert_root(&folder, "joliet.iso", "");
    run(folder.0.path(), "genisoimage", &["-quiet", "-input-charset", "utf-8", "-o", "plain.iso", "root"])
        .unwrap();
    let found = cores(&folder, &scan_image(&folder, "plain.iso"));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("LOG4J_CO.JAR"), "{found:?}");
}

#[test]
fn fat_is_read_in_all_its_widths() {
    let folder = Folder::new();
    root(&folder);
    for (width, kib) in [("12", "3000"), ("16", "20000"), ("32", "40000")] {
        let image = format!("fat{width}.img");
        let Some(()) = run(folder.0.path(), "mkfs.fat", &["-C", "-F", width, &image, kib]) else { return };
        let copied = run(
            folder.0.path(),
            "mcopy",
            &["-i", &image, "-s", "-Q", "root/etc", "root/opt", "root/srv", "root/usr", "root/var", "::"],
        );
        let Some(()) = copied else { return };
        assert_root(&folder, &image, "");
    }
}

/// An ext2 image of 8 MiB with the root in it.
fn small_ext(folder: &Folder) -> Option<Vec<u8>> {
    root(folder);
    run(folder.0.path(), "mke2fs", &["-q", "-t", "ext2", "-b", "1024", "-d", "root", "small.img", "8M"])?;
    Some(read(folder, "small.img"))
}

#[test]
fn partitions_are_gone_into_whatever_table_they_have() {
    let folder = Folder::new();
    let Some(system) = small_ext(&folder) else { return };
    let tables = [
        (
            "gpt.img",
            "label: gpt\nstart=2048,size=2048,type=21686148-6449-6E6F-744E-656564454649\nstart=8192,size=16384,type=L,name=\"root\"\n",
            8192,
            "partition 2 (root)",
        ),
        ("mbr.img", "label: dos\n2048,2048,82\n8192,16384,L\n", 8192, "partition 2"),
        ("logical.img", "label: dos\n2048,40960,E\n4096,2048,82\n8192,16384,L\n", 8192, "partition 6"),
    ];
    for (image, table, at, name) in tables {
        let path = folder.0.path().join(image);
        let file = File::create(&path).unwrap();
        file.set_len(32 << 20).unwrap();
        let Some(()) = run_with(folder.0.path(), "sfdisk", &["-q", image], table) else { return };
        let file = File::options().write(true).open(&path).unwrap();
        file.write_all_at(&system, at * 512).unwrap();
        assert_root(&folder, image, &format!("!/{name}"));
        // A GPT whose first table is gone has a second one at the end.
        if image == "gpt.img" {
            file.write_all_at(&[0; 512], 512).unwrap();
            assert_root(&folder, image, &format!("!/{name}"));
        }
        file.write_all_at(&[7; 4096], at * 512).unwrap();
        let said = folder.not_scanned(&scan_image(&folder, image));
        assert!(said.iter().any(|it| it.contains("no file system this program knows")), "{said:?}");
    }
}

#[test]
fn a_disk_of_a_terabyte_that_is_nearly_empty_is_read_where_something_is() {
    let folder = Folder::new();
    let Some(system) = small_ext(&folder) else { return };
    let path = folder.0.path().join("disk.img");
    File::create(&path).unwrap().set_len(1 << 40).unwrap();
    let table = "label: gpt\n2048,2147000000,L\n2147002048,16384,L\n";
    let Some(()) = run_with(folder.0.path(), "sfdisk", &["-q", "disk.img"], table) else { return };
    File::options().write(true).open(&path).unwrap().write_all_at(&system, 2_147_002_048 * 512).unwrap();
    assert_root(&folder, "disk.img", "!/partition 2");
}

#[test]
fn images_inside_of_archives_are_read_as_well() {
    let folder = Folder::new();
    let Some(system) = small_ext(&folder) else { return };
    let archive = gzip(&tar(&[("firmware/rootfs.img", &system)]));
    let (inside, report) = scan_bytes("update.tgz", &archive);
    assert_eq!(cores(&inside, &report).len(), 2, "{:?}", inside.not_scanned(&report));
}

#[test]
fn what_only_has_the_marks_is_no_image() {
    let mut bytes = vec![b'x'; 70_000];
    bytes[1080..1082].copy_from_slice(b"\x53\xef");
    bytes[510..512].copy_from_slice(b"\x55\xaa");
    let (folder, report) = scan_bytes("chance.bin", &bytes);
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
}

#[test]
fn damaged_images_end_in_a_report() {
    let folder = Folder::new();
    fs::create_dir_all(folder.0.path().join("tiny/a/b")).unwrap();
    fs::write(folder.0.path().join("tiny/a/b/x.jar"), jar()).unwrap();
    fs::write(folder.0.path().join("tiny/large.bin"), noise(20_000)).unwrap();
    let path = folder.0.path();
    let makers: &[(&str, &str, &[&str], usize)] = &[
        (
            "gzip.sqsh",
            "mksquashfs",
            &["tiny", "gzip.sqsh", "-no-progress", "-quiet", "-b", "4K", "-noappend"],
            96,
        ),
        (
            "lzo.sqsh",
            "mksquashfs",
            &["tiny", "lzo.sqsh", "-no-progress", "-quiet", "-b", "4K", "-comp", "lzo"],
            usize::MAX,
        ),
        (
            "raw.sqsh",
            "mksquashfs",
            &["tiny", "raw.sqsh", "-no-progress", "-quiet", "-b", "4K", "-noI", "-noF"],
            usize::MAX,
        ),
        (
            "ext2.img",
            "mke2fs",
            &["-q", "-t", "ext2", "-b", "1024", "-N", "64", "-d", "tiny", "ext2.img", "100K"],
            24 << 10,
        ),
        (
            "ext4.img",
            "mke2fs",
            &[
                "-q",
                "-t",
                "ext4",
                "-O",
                "^has_journal,inline_data",
                "-b",
                "1024",
                "-N",
                "64",
                "-d",
                "tiny",
                "ext4.img",
                "100K",
            ],
            24 << 10,
        ),
        ("a.iso", "genisoimage", &["-quiet", "-R", "-no-pad", "-o", "a.iso", "tiny"], 70 << 10),
    ];
    for (image, tool, arguments, interesting) in makers {
        if run(path, tool, arguments).is_some() {
            assert_survives(image, &read(&folder, image), *interesting);
        }
    }
    let fat = run(path, "mkfs.fat", &["-C", "-F", "12", "fat.img", "128"]);
    if fat
        .and_then(|()| run(path, "mcopy", &["-i", "fat.img", "-s", "-Q", "tiny/a", "tiny/large.bin", "::"]))
        .is_some()
    {
        assert_survives("fat", &read(&folder, "fat.img"), 8 << 10);
    }
    fs::write(path.join("disk.img"), vec![0; 256 << 10]).unwrap();
    let table = "label: gpt\nunit: sectors\n64,64,L\n128,64,L\n";
    if run_with(path, "sfdisk", &["-q", "disk.img"], table).is_some() {
        assert_survives("gpt", &read(&folder, "disk.img"), 2048);
    }
    fs::write(path.join("dos.img"), vec![0; 256 << 10]).unwrap();
    let table = "label: dos\nunit: sectors\n64,300,E\n128,64,L\n256,64,L\n";
    if run_with(path, "sfdisk", &["-q", "dos.img"], table).is_some() {
        assert_survives("mbr", &read(&folder, "dos.img"), 512);
    }
}
