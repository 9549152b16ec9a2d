//! btrfs file systems: `mkfs.btrfs` makes them and puts files into them; what it never makes is made as the format says (`btrfs_made.rs`).

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::FileExt;

use crate::btrfs_made::*;
use crate::made::*;
use crate::tools::*;

/// A file system of these MiB with the folder `root` in it.
fn make(folder: &Folder, image: &str, mebibytes: u64, options: &[&str]) -> Option<()> {
    let path = folder.0.path();
    File::create(path.join(image)).unwrap().set_len(mebibytes << 20).unwrap();
    run(path, "mkfs.btrfs", &[&["-q", "--rootdir", "root"], options, &[image]].concat())
}

#[test]
fn file_systems_are_read_in_all_their_forms() {
    let folder = Folder::new();
    let root = root(&folder);
    std::os::unix::fs::symlink("../etc/os-release", root.join("srv/link.jar")).unwrap();
    let forms: &[&[&str]] = &[
        &[],
        &["-m", "single", "-n", "4096"],
        &["-d", "dup", "-n", "65536"],
        &["--mixed"],
        &["-O", "^no-holes,^skinny-metadata"],
        &["--csum", "xxhash"],
        &["--csum", "sha256"],
        &["--csum", "blake2"],
        &["-s", "65536", "-n", "65536"],
    ];
    for (at, options) in forms.iter().enumerate() {
        let image = format!("{at}.img");
        let Some(()) = make(&folder, &image, 140, options) else { return };
        assert_root(&folder, &image, "");
        fs::remove_file(folder.0.path().join(image)).unwrap();
    }
    // One of the two names of the file is the one under which it is found.
    fs::hard_link(root.join(LONG), root.join("opt/second-name.jar")).unwrap();
    make(&folder, "links.img", 140, &[]).unwrap();
    let report = scan_image(&folder, "links.img");
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
    assert_eq!(folder.found(&report).len(), 4);
}

#[test]
fn folders_are_read_whatever_their_size() {
    let folder = Folder::new();
    crowded(&folder);
    for (image, options) in [("a.img", &["-n", "4096"][..]), ("b.img", &[])] {
        let Some(()) = make(&folder, image, 140, options) else { return };
        assert_crowded(&folder, image);
    }
}

#[test]
fn a_copy_of_the_superblock_stands_in_for_the_first() {
    let folder = Folder::new();
    root(&folder);
    let Some(()) = make(&folder, "a.img", 140, &[]) else { return };
    let file = File::options().read(true).write(true).open(folder.0.path().join("a.img")).unwrap();
    let mut first = vec![0; 4096];
    file.read_exact_at(&mut first, SUPERBLOCK as u64).unwrap();
    let whole = folder.found(&scan_image(&folder, "a.img"));
    assert_eq!(whole.len(), 4);
    let says = |what: &str| {
        let report = scan_image(&folder, "a.img");
        assert_eq!(folder.found(&report), whole, "{what}");
        let said = folder.not_scanned(&report);
        assert!(said.len() == 1 && said[0].contains(what), "{said:?}");
    };
    let used = "its first superblock is damaged or older than a copy, which was used instead";
    // A number of it; its mark; all of it.
    let put = |at: usize, bytes: &[u8]| file.write_all_at(bytes, (SUPERBLOCK + at) as u64).unwrap();
    put(80, &[0; 8]);
    says(used);
    put(0, &first);
    put(64, &[0; 8]);
    says(used);
    put(0, &[0; 4096]);
    says(used);
    // Its id, so that the copy seems to be of another file system.
    put(0, &first);
    put(32, b"another");
    let report = scan_image(&folder, "a.img");
    assert_eq!((folder.found(&report), folder.not_scanned(&report).len()), (whole.clone(), 2));
    // An older one, whose checksum is right.
    let mut older = vec![0; SUPERBLOCK];
    older.extend(&first);
    older[SUPERBLOCK + 72] -= 1;
    seal(&mut older, SUPERBLOCK);
    put(0, &older[SUPERBLOCK..]);
    says(used);
    // The first one is whole, the copy is not; the copy is of another file system, which was there before.
    put(0, &first);
    file.write_all_at(&[0xff; 8], (64 << 20) + 80).unwrap();
    says("a copy of its superblock is damaged");
    file.write_all_at(b"another", (64 << 20) + 32).unwrap();
    assert_eq!(folder.not_scanned(&scan_image(&folder, "a.img")), Vec::<String>::new());
    // A file system that was made over it counts, and not the copy that is left.
    let Some(()) = make(&folder, "a.img", 140, &["-f"]) else { return };
    let mut copy = vec![0; 4096];
    file.read_exact_at(&mut copy, 64 << 20).unwrap();
    let Some(()) = run(folder.0.path(), "mkfs.ext4", &["-q", "-F", "-d", "root", "a.img"]) else { return };
    file.write_all_at(&copy, 64 << 20).unwrap();
    assert_root(&folder, "a.img", "");
}

#[test]
fn a_server_is_read_through_its_partitions() {
    let folder = Folder::new();
    root(&folder);
    let Some(()) = make(&folder, "system.img", 24, &["--mixed", "-m", "single", "-d", "single"]) else {
        return;
    };
    let system = fs::read(folder.0.path().join("system.img")).unwrap();
    let file = File::create(folder.0.path().join("disk.img")).unwrap();
    file.set_len(40 << 20).unwrap();
    let Some(()) =
        run_with(folder.0.path(), "sfdisk", &["-q", "disk.img"], "label: gpt\nstart=2048,type=L\n")
    else {
        return;
    };
    file.write_all_at(&system, 1 << 20).unwrap();
    assert_root(&folder, "disk.img", "!/partition 1");
}

/// A zip with many zeros in it, and a jar behind them.
fn padded() -> Vec<u8> {
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip_with(&[("noise.bin", &noise(70_000)), ("zeros.jar", &[0; 130_000]), ("inner/x.jar", &jar())], stored)
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// A file of which each extent is packed by another method; what is zeros lies nowhere, or in room that was not written.
fn packed_file(made: &mut Made, within: (u64, u64), name: &str, number: u64) {
    const STEP: usize = 20 << 10;
    let bytes = padded();
    let mut extents = Vec::new();
    for (at, part) in bytes.chunks(STEP).enumerate() {
        let mut part = part.to_vec();
        part.resize(part.len().next_multiple_of(4096), 0);
        let start = (at * STEP) as u64;
        let (length, is_zero) = (part.len(), part.iter().all(|byte| *byte == 0));
        // The first and last sectors of an extent may be no longer in the file.
        let around = [&[7; 4096][..], &part, &[8; 4096]].concat();
        let inner = 4096..4096 + length;
        let extent = match at % 4 {
            0 if is_zero => continue,
            1 if is_zero => regular(0, 0, 0, 0, 0, length as u64),
            2 if is_zero => {
                let mut extent = made.extent(0, &vec![0xee; length], length, 0..length);
                extent[20] = 2;
                extent
            }
            0 => made.extent(0, &around, around.len(), inner),
            1 => made.extent(1, &zlib(&around), around.len(), inner),
            2 => made.extent(2, &lzo(&around), around.len(), inner),
            _ => made.extent(3, &zstd(&around), around.len(), inner),
        };
        extents.push((start, extent));
    }
    made.file(within, name, number, bytes.len() as u64, &extents);
}

/// A system with a snapshot, a subvolume in a folder of it, and files in all their forms.
fn system() -> Made {
    let mut made = Made::new();
    made.subvolume((TOP, ROOT), "@", 257);
    let root = (257, ROOT);
    made.folder(root, "etc", 300);
    let release = b"ID=debian\nVERSION_ID=\"12\"\n";
    made.file((257, 300), "os-release", 301, 26, &[(0, inline(0, 26, release))]);
    packed_file(&mut made, root, "packed.zip", 302);
    let jar = jar();
    for (number, (name, packing, bytes)) in [
        ("none.jar", 0, jar.clone()),
        ("zlib.jar", 1, zlib(&jar)),
        ("lzo.jar", 2, lzo(&jar)),
        ("zstd.jar", 3, zstd(&jar)),
    ]
    .into_iter()
    .enumerate()
    {
        let extents = [(0, inline(packing, jar.len(), &bytes))];
        made.file(root, name, 310 + number as u64, jar.len() as u64, &extents);
    }
    for number in 0..60 {
        made.file(root, &format!("file-with-a-name-{number}"), 400 + number, 1, &[(0, inline(0, 1, b"x"))]);
    }
    made.folder(root, "var", 320);
    made.subvolume((257, 320), "lib", 258);
    made.plain((258, ROOT), "plain.jar", 257, &jar);
    made.entry(root, "null", (330, 1, 0), 3);
    // A snapshot has all that it is of, with an empty folder for a subvolume in it.
    made.subvolume((TOP, ROOT), "snapshot", 259);
    let copy = made.trees[&257].clone();
    made.trees.insert(259, copy);
    made
}

/// What is in it.
const FOUND: usize = 2 + 5 + 5 + 1;

#[test]
fn subvolumes_snapshots_and_packed_files_are_read() {
    let (folder, report) = scan_bytes("a.img", &system().image());
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
    let mut expected = Vec::new();
    for root in ["@", "snapshot"] {
        expected.push(format!("a.img!/{root}/etc/os-release debian 12"));
        for file in ["lzo.jar", "none.jar", "packed.zip!/inner/x.jar"] {
            expected.push(format!("a.img!/{root}/{file} log4j-core 2.1"));
        }
        if root == "@" {
            expected.push("a.img!/@/var/lib/plain.jar log4j-core 2.1".to_owned());
        }
        expected.push(format!("a.img!/{root}/zlib.jar log4j-core 2.1"));
        expected.push(format!("a.img!/{root}/zstd.jar log4j-core 2.1"));
    }
    assert_eq!(expected.len(), FOUND);
    assert_eq!(folder.found(&report), expected);
}

#[test]
fn a_subvolume_without_a_folder_is_read() {
    let mut made = system();
    made.tree(300);
    made.plain((300, ROOT), "lost.jar", 257, &jar());
    // One that is being removed.
    made.tree(301);
    made.plain((301, ROOT), "gone.jar", 257, &jar());
    let mut item = inode(0o40_755, 0, 1);
    item.resize(439, 0);
    made.roots.insert((301, 132, 0), item);
    let (folder, report) = scan_bytes("a.img", &made.image());
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
    let cores = cores(&folder, &report);
    assert!(cores.contains(&"a.img!/subvolume 300!/lost.jar".to_owned()), "{cores:?}");
    assert_eq!(cores.len(), FOUND - 1);
}

#[test]
fn what_lies_on_another_device_is_said() {
    let mut made = system();
    made.form = RAID0;
    let mut image = made.image();
    // Every other 64 KiB are there.
    image[SUPERBLOCK + 136] = 2;
    seal(&mut image, SUPERBLOCK);
    let (folder, report) = scan_bytes("a.img", &image);
    let said = folder.not_scanned(&report);
    assert!(
        said.iter().any(|it| it.contains("needs its device 2, so what it holds is not known")),
        "{said:?}"
    );
    assert!(said.iter().any(|it| it.contains("what a newer copy on another device")), "{said:?}");
}

#[test]
fn the_second_copy_stands_in_for_the_first() {
    let mut made = system();
    made.form = DUP;
    let image = made.image();
    let (folder, whole) = scan_bytes("a.img", &image);
    let found = folder.found(&whole);
    assert_eq!((found.len(), folder.not_scanned(&whole)), (FOUND, vec![]));
    let mut random = Random(3);
    let length = image.len() - SECOND as usize;
    for _ in 0..30 {
        let mut changed = image.clone();
        for _ in 0..20 {
            let start = if random.next().is_multiple_of(2) { START } else { SECOND } as usize;
            // Never the same sector of both.
            let sector =
                random.next() as usize % (length / 4096) / 2 * 2 + usize::from(start == SECOND as usize);
            let at = start + (sector * 4096 + random.next() as usize % 4096).min(length - 1);
            changed[at] ^= 1 << (random.next() % 8);
        }
        let (folder, report) = scan_bytes("a.img", &changed);
        assert_eq!((folder.found(&report), folder.not_scanned(&report)), (found.clone(), vec![]));
    }
}

/// What is found and said of a file system.
fn scanned(image: &[u8]) -> (usize, Vec<String>) {
    let (folder, report) = scan_bytes("a.img", image);
    (folder.found(&report).len(), folder.not_scanned(&report))
}

fn says(made: Made, count: usize, what: &str) {
    let (found, said) = scanned(&made.image());
    assert!(found == count && said.iter().any(|it| it.contains(what)), "{what}: {found} {said:?}");
}

#[test]
fn a_superblock_that_cannot_be_used_is_said() {
    let image = system().image();
    let says = |at: usize, bytes: &[u8], count: usize, what: &str| {
        let mut changed = image.clone();
        changed[SUPERBLOCK + at..SUPERBLOCK + at + bytes.len()].copy_from_slice(bytes);
        seal(&mut changed, SUPERBLOCK);
        let (found, said) = scanned(&changed);
        assert!(found == count && said.iter().any(|it| it.contains(what)), "{what}: {found} {said:?}");
    };
    says(188, &0x2341_u64.to_le_bytes(), 0, "unknown features (0x2000: extent tree v2)");
    says(188, &0x5341_u64.to_le_bytes(), 0, "unknown features (0x5000: zones, a tree of stripes)");
    says(188, &(1_u64 << 40).to_le_bytes(), 0, "unknown features (0x10000000000)");
    says(96, &[1], FOUND, "changes in its log were not looked at");
    says(209, &(1_u64 << 40).to_le_bytes(), FOUND, "it is shorter than it says");
    says(196, &[9], FOUND, "a kind of checksums (9), which were not looked at,");
    says(148, &[0; 4], 0, "its superblock is of no use");
    says(160, &[0xff; 4], 0, "its superblock is of no use");
    says(160, &[90], 0, "the list of chunks in its superblock is of no use");
    says(80, &[0; 8], 0, "something lies in no chunk");
    says(198, &[7], 0, "a node of a tree is not there");
    says(88, &[0; 8], FOUND, "a part of its list of chunks is damaged");
    says(201, &[2], 0, "needs its device 1, so");
    says(72, &[8], FOUND, "has a wrong checksum or is not the newest");
    let mut changed = image.clone();
    changed[SUPERBLOCK + 300] ^= 1;
    let (found, said) = scanned(&changed);
    assert!(
        found == FOUND && said.iter().any(|it| it.contains("checksum of its superblock is wrong")),
        "{said:?}"
    );
}

#[test]
fn what_cannot_be_read_is_said_and_hides_nothing() {
    // An inode that is not there, is of another kind, has no possible size; a folder that says more.
    let mut made = system();
    made.trees.get_mut(&257).unwrap().remove(&(310, 1, 0));
    says(made, FOUND - 1, "a file or folder of which nothing is there");
    let mut made = system();
    made.item(257, (310, 1, 0))[53] = 0x40;
    says(made, FOUND - 1, "a file is of another kind than its entry says");
    let mut made = system();
    made.item(257, (310, 1, 0))[23] = 0x80;
    says(made, FOUND - 1, "a file is larger than any can be");
    let mut made = system();
    made.item(257, (ROOT, 1, 0))[16] ^= 1;
    says(made, FOUND, "a folder has not as many names as it says");
    let mut made = system();
    made.entry((TOP, ROOT), "x", (1 << 50, 1, 0), 1);
    says(made, FOUND, "an inode has a number that is larger than any");
    let mut made = system();
    made.entry((TOP, ROOT), "x", (300, 99, 0), 1);
    says(made, FOUND, "an entry of a folder is of no use");
    let mut made = system();
    made.entry((TOP, ROOT), "x", (300, 1, 0), 0x82);
    says(made, FOUND, "an encrypted file or folder is not opened");
    // What the number of an entry is of is gone; what its hash is of is there.
    let mut made = system();
    let items = made.trees.get_mut(&257).unwrap();
    let index = *items.iter().find(|(key, item)| key.1 == 96 && item.ends_with(b"zlib.jar")).unwrap().0;
    items.remove(&index);
    says(made, FOUND, "a folder has not as many names as it says");
    let mut made = system();
    made.item(257, index).truncate(20);
    says(made, FOUND, "an entry of a folder is of no use");
    // Extents: encrypted, of no known method, that cannot be, that do not unpack.
    let extent = |at: usize, byte: u8, what: &str| {
        let mut made = system();
        made.item(257, (311, 108, 0))[at] = byte;
        says(made, FOUND - 1, what);
    };
    extent(17, 1, "an encrypted file");
    extent(16, 9, "a file packed by method 9 of btrfs");
    extent(20, 9, "an extent of a file is of no use");
    extent(14, 1, "an extent of a file is of no use");
    extent(30, 0, "an extent of a file cannot be unpacked");
    extent(9, 9, "an extent of a file cannot be unpacked");
    let mut made = system();
    made.item(258, (257, 108, 0))[26] = 1;
    says(made, FOUND - 1, "something lies in no chunk");
    let mut made = system();
    made.item(258, (257, 108, 0))[45] = 0xff;
    says(made, FOUND - 1, "an extent of a file is of no use");
    // A subvolume of which nothing is there.
    let mut made = system();
    made.subvolume((TOP, ROOT), "lost", 300);
    made.trees.remove(&300);
    says(made, FOUND, "a subvolume of which nothing is there");
    // Data whose checksum is wrong.
    let mut image = system().image();
    let class = memchr::memmem::find(&image, class_path().as_bytes()).unwrap();
    image[class] ^= 1;
    let (_, said) = scanned(&image);
    let what = "a checksum of data is wrong (file 257 of subvolume 258)";
    assert!(said.iter().any(|it| it.contains(what)), "{said:?}");
}

#[test]
fn trees_that_lead_round_have_an_end() {
    // A node below itself, and below one of another level; every node of a level below each of the one above.
    for times in [1_usize, 90] {
        let mut made = system();
        let items = made.trees[&257].clone();
        let (mut below, mut level) = made.nodes(257, &items);
        let first = *items.keys().next().unwrap();
        while level < 7 {
            level += 1;
            let mut pointers = Vec::new();
            for number in 0..times {
                pointers.extend((first.0 + number as u64).to_le_bytes());
                pointers.extend([&[first.1][..], &first.2.to_le_bytes()].concat());
                pointers.extend([below, 7].map(u64::to_le_bytes).concat());
            }
            below = made.node(257, level, times, &pointers);
        }
        let mut item = inode(0o40_755, 0, 1);
        item.extend([7, ROOT, below, 0, 0, 0, 0].map(u64::to_le_bytes).concat());
        item.extend([1, 0, 0, 0]);
        item.resize(238, 0);
        item.push(7);
        made.roots.insert((257, 132, 0), item);
        let (found, said) = scanned(&made.image());
        // With one node in each level the tree is high, and sound.
        assert_eq!((found == FOUND, said.is_empty()), (times == 1, times == 1), "{found} {said:?}");
    }
    // A folder in itself.
    let mut made = system();
    made.entry((257, 300), "again", (ROOT, 1, 0), 2);
    made.subvolume((257, 300), "around", 257);
    assert_eq!(scanned(&made.image()), (FOUND, vec![]));
}

#[test]
fn a_bit_changed_anywhere_is_said() {
    // Behind the mark, without which nothing tells that it is a file system.
    assert_loses_nothing_silently("a.img", &system().image(), SUPERBLOCK + 72);
}

#[test]
fn an_end_cut_off_anywhere_is_said() {
    let image = system().image();
    for part in 1..60 {
        let cut = SUPERBLOCK + 4096 + (image.len() - SUPERBLOCK - 4096) * part / 60;
        let (_, said) = scanned(&image[..cut]);
        assert!(!said.is_empty(), "cut off at {cut}");
    }
}

#[test]
fn damaged_file_systems_end_in_a_report() {
    let image = system().image();
    assert_survives("btrfs", &image, image.len());
    // The sums are not looked at, so that more is believed.
    let mut image = image;
    image[SUPERBLOCK + 196] = 9;
    assert_survives("btrfs-unsummed", &image, image.len());
}
