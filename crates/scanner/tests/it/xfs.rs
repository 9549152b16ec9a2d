//! XFS file systems: `mkfs.xfs` makes them and puts files into them; what it never makes (files in many pieces, logs that hold changes)
//! is made out of these as the format says (XFS Algorithms & Data Structures, 3rd edition).

use std::fmt::Write;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::lvm;
use crate::made::*;
use crate::tools::*;

/// The list by which `mkfs.xfs` puts a folder's content into a file system; it has no way to write a blank.
fn list(folder: &Path, text: &mut String) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            writeln!(text, "{name} d--755 0 0").unwrap();
            list(&path, text);
            writeln!(text, "$").unwrap();
        } else if path.is_symlink() {
            writeln!(text, "{name} l--777 0 0 {}", fs::read_link(&path).unwrap().display()).unwrap();
        } else {
            writeln!(text, "{name} ---644 0 0 {}", path.display()).unwrap();
        }
    }
}

/// A file system of these MiB with the folder `root` in it.
fn make(folder: &Folder, image: &str, mebibytes: u64, options: &[&str]) -> Option<()> {
    let path = folder.0.path();
    let mut text = "/\n0 0\nd--755 0 0\n".to_owned();
    list(&path.join("root"), &mut text);
    fs::write(path.join("list"), text + "$\n").unwrap();
    File::create(path.join(image)).unwrap().set_len(mebibytes << 20).unwrap();
    run(path, "mkfs.xfs", &[&["-q", "-f", "-p", "list"], options, &[image]].concat())
}

/// The root of a device, without blanks in names.
fn device(folder: &Folder) {
    let root = root(folder);
    let long = root.join(LONG);
    let around = long.parent().unwrap();
    fs::rename(around, around.parent().unwrap().join("Größe_der_Bibliothek")).unwrap();
    std::os::unix::fs::symlink("../etc/os-release", root.join("srv/link.jar")).unwrap();
}

/// That all of it is there, and nothing is said.
fn assert_device(folder: &Folder, image: &str, within: &str) {
    let report = scan_image(folder, image);
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{image}");
    let expected = [
        format!("{image}{within}!/etc/os-release debian 12"),
        format!("{image}{within}!/{} log4j-core 2.1", LONG.replace(' ', "_")),
        format!("{image}{within}!/srv/large.zip!/inner/second.jar log4j-core 2.1"),
        format!("{image}{within}!/var/lib/dpkg/status libssl3 3.0.11-1"),
    ];
    assert_eq!(folder.found(&report), expected, "{image}");
}

#[test]
fn file_systems_are_read_in_all_their_forms() {
    let folder = Folder::new();
    device(&folder);
    let forms: &[(u64, &[&str])] = &[
        (64, &[]),
        (64, &["-b", "size=1024"]),
        (64, &["-n", "size=65536"]),
        (64, &["-d", "agcount=4", "-i", "nrext64=1"]),
        (64, &["-i", "size=2048"]),
        (64, &["-s", "size=4096"]),
        (64, &["-n", "version=ci"]),
        (64, &["-m", "reflink=0,bigtime=0,inobtcount=0", "-l", "su=32k"]),
        (320, &["-b", "size=65536"]),
        (64, &["-m", "crc=0"]),
        (64, &["-m", "crc=0", "-b", "size=512"]),
        (64, &["-m", "crc=0", "-n", "ftype=0,size=16384"]),
        (64, &["-m", "crc=0", "-l", "version=1", "-i", "size=1024"]),
    ];
    for (at, (mebibytes, options)) in forms.iter().enumerate() {
        let image = format!("{at}.img");
        let Some(()) = make(&folder, &image, *mebibytes, options) else { return };
        assert_device(&folder, &image, "");
        fs::remove_file(folder.0.path().join(image)).unwrap();
    }
}

#[test]
fn folders_are_read_whatever_their_size() {
    let folder = Folder::new();
    // In the inode, one block, blocks with one of the index, with many.
    crowded(&folder);
    for (image, options) in
        [("a.img", &["-b", "size=1024"][..]), ("b.img", &[]), ("c.img", &["-m", "crc=0", "-b", "size=512"])]
    {
        let Some(()) = make(&folder, image, 128, options) else { return };
        assert_crowded(&folder, image);
    }
}

#[test]
fn a_server_is_read_through_its_partitions_and_volumes() {
    let folder = Folder::new();
    device(&folder);
    let Some(()) = make(&folder, "system.img", 24, &[]) else { return };
    let system = fs::read(folder.0.path().join("system.img")).unwrap();
    let (first, second) = system.split_at(7 * lvm::EXTENT);
    let pieces = [lvm::linear(7, "\"pv0\", 17"), lvm::linear(17, "\"pv0\", 0")];
    let volume = lvm::disk(&lvm::plain("root", &pieces), &[second, first].concat());
    let file = File::create(folder.0.path().join("disk.img")).unwrap();
    file.set_len(40 << 20).unwrap();
    let Some(()) =
        run_with(folder.0.path(), "sfdisk", &["-q", "disk.img"], "label: gpt\nstart=2048,type=L\n")
    else {
        return;
    };
    file.write_all_at(&volume, 1 << 20).unwrap();
    assert_device(&folder, "disk.img", "!/partition 1!/rhel/root");
}

/// CRC-32C, bit by bit.
pub(crate) fn sum(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0x82f6_3b78 };
        }
    }
    !crc
}

/// An image whose parts are changed where they lie.
struct Image {
    file: File,
    block: u64,
    group: u64,
    bits: u8,
    groups: u64,
    has_sums: bool,
    inode: usize,
}

impl Image {
    fn open(folder: &Folder, image: &str) -> Image {
        let file = File::options().read(true).write(true).open(folder.0.path().join(image)).unwrap();
        let mut head = [0; 512];
        file.read_exact_at(&mut head, 0).unwrap();
        let word = |at: usize| u64::from(u32::from_be_bytes(head[at..at + 4].try_into().unwrap()));
        Image {
            block: word(4),
            group: word(84),
            groups: word(88),
            bits: head[124],
            has_sums: head[101] & 0xf == 5,
            inode: usize::from(u16::from_be_bytes([head[104], head[105]])),
            file,
        }
    }

    fn read(&self, at: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, at).unwrap();
        bytes
    }

    fn write(&self, at: u64, bytes: &[u8]) {
        self.file.write_all_at(bytes, at).unwrap();
    }

    /// Writes what has a checksum at this place, which is made right.
    fn write_with_sum(&self, at: u64, bytes: &[u8], sum_at: usize) {
        let mut bytes = bytes.to_vec();
        if self.has_sums {
            bytes[sum_at..sum_at + 4].fill(0);
            let sum = sum(&bytes).to_le_bytes();
            bytes[sum_at..sum_at + 4].copy_from_slice(&sum);
        }
        self.write(at, &bytes);
    }

    fn place(&self, block: u64) -> u64 {
        ((block >> self.bits) * self.group + (block & ((1 << self.bits) - 1))) * self.block
    }

    /// The place of the inode of a file of this size in one piece.
    fn inode_of(&self, size: u64) -> u64 {
        let step = self.inode as u64;
        let length = self.file.metadata().unwrap().len();
        // Pieces of an image, so that zeros are passed over quickly.
        for chunk in 0..length.div_ceil(1 << 20) {
            let bytes = self.read(chunk << 20, 1 << 20);
            let is_it = |at: &usize| {
                bytes[*at..].starts_with(b"IN")
                    && bytes[at + 5] == 2
                    && bytes[at + 56..at + 64] == size.to_be_bytes()
            };
            if let Some(at) = (0..bytes.len()).step_by(step as usize).find(is_it) {
                return (chunk << 20) + at as u64;
            }
        }
        panic!("no file of {size} bytes");
    }

    /// Where extents begin in an inode.
    fn fork(&self) -> usize {
        if self.has_sums { 176 } else { 100 }
    }

    /// Lets a file that lies in one piece lie in as many as it has blocks, the last block first. Blocks of zeros become holes, or room that
    /// was not written and has something else in it. Returns the place of its inode and that of a block of its tree.
    fn scatter(&self, size: u64) -> (u64, u64) {
        let at = self.inode_of(size);
        let mut inode = self.read(at, self.inode);
        let fork = self.fork();
        let low = u64::from_be_bytes(inode[fork + 8..fork + 16].try_into().unwrap());
        let (first, count) = (low >> 21 | u64::from(inode[fork + 7]) << 43, low & 0x1f_ffff);
        assert_eq!(count, size.div_ceil(self.block), "it lies in one piece");
        let data = self.read(self.place(first), (count * self.block) as usize);
        let mut records = Vec::new();
        for (number, bytes) in (0..count).zip(data.chunks(self.block as usize)) {
            let is_zero = bytes.iter().all(|byte| *byte == 0);
            if is_zero && number % 3 == 0 {
                continue;
            }
            let block = first + (count - 1 - number);
            if is_zero && number % 3 == 1 {
                self.write(self.place(block), &vec![0xee; self.block as usize]);
            } else {
                self.write(self.place(block), bytes);
            }
            let flag = u64::from(is_zero && number % 3 == 1) << 63;
            records.push(
                [(flag | number << 9 | block >> 43).to_be_bytes(), (block << 21 | 1).to_be_bytes()].concat(),
            );
        }
        let extents = records.len() as u64;
        // Blocks of the tree are at the end of the last group, where nothing is.
        let mut free = (self.groups - 1) << self.bits | (self.group - 1);
        let number = u64::from_be_bytes(inode[152..160].try_into().unwrap());
        let head = if self.has_sums { 72 } else { 24 };
        let room = (self.block as usize - head) / 16;
        let root_room = (self.inode - fork - 4) / 16;
        let mut level = 0_u16;
        while level == 0 || records.len() > root_room {
            let mut above = Vec::new();
            for part in records.chunks(room) {
                let mut block = if self.has_sums { b"BMA3".to_vec() } else { b"BMAP".to_vec() };
                block.extend([level.to_be_bytes(), (part.len() as u16).to_be_bytes()].concat());
                block.resize(head, 0);
                if self.has_sums {
                    block[56..64].copy_from_slice(&number.to_be_bytes());
                }
                block.extend(entries(part, level, room));
                block.resize(self.block as usize, 0);
                assert!(self.read(self.place(free), self.block as usize).iter().all(|byte| *byte == 0));
                self.write_with_sum(self.place(free), &block, 64);
                let key = u64::from_be_bytes(part[0][..8].try_into().unwrap());
                let key = if level == 0 { key << 1 >> 10 } else { key };
                above.push([key.to_be_bytes(), free.to_be_bytes()].concat());
                free -= 1;
            }
            records = above;
            level += 1;
        }
        inode[5] = 3;
        let is_large = self.has_sums && inode[127] & 0x10 != 0;
        if is_large {
            inode[24..32].copy_from_slice(&extents.to_be_bytes());
        } else {
            inode[76..80].copy_from_slice(&(extents as u32).to_be_bytes());
        }
        inode[fork..].fill(0);
        inode[82] = 0;
        inode[fork..fork + 2].copy_from_slice(&level.to_be_bytes());
        inode[fork + 2..fork + 4].copy_from_slice(&(records.len() as u16).to_be_bytes());
        let root = entries(&records, level, root_room);
        inode[fork + 4..fork + 4 + root.len()].copy_from_slice(&root);
        self.write_with_sum(at, &inode, 100);
        (at, self.place(free + 1))
    }
}

/// Records, or the keys of a node and behind their room the numbers of blocks.
fn entries(records: &[Vec<u8>], level: u16, room: usize) -> Vec<u8> {
    if level == 0 {
        return records.concat();
    }
    let mut keys: Vec<u8> = records.iter().flat_map(|record| record[..8].to_vec()).collect();
    keys.resize(room * 8, 0);
    keys.extend(records.iter().flat_map(|record| record[8..].to_vec()));
    keys
}

/// A zip with many zeros in it, and a jar behind them.
fn padded() -> Vec<u8> {
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip_with(&[("noise.bin", &noise(100_000)), ("zeros.jar", &[0; 200_000]), ("inner/x.jar", &jar())], stored)
}

#[test]
fn files_in_many_pieces_with_holes_are_read() {
    let padded = padded();
    let folder = Folder::new().with("root/a.zip", &padded);
    for (image, options) in [
        ("a.img", &[][..]),
        ("b.img", &["-i", "nrext64=1", "-b", "size=1024"]),
        ("c.img", &["-m", "crc=0", "-b", "size=512"]),
    ] {
        let Some(()) = make(&folder, image, 64, options) else { return };
        let before = scan_image(&folder, image);
        assert_eq!(cores(&folder, &before), [format!("{image}!/a.zip!/inner/x.jar")]);
        let opened = Image::open(&folder, image);
        let (inode, node) = opened.scatter(padded.len() as u64);
        let report = scan_image(&folder, image);
        assert_eq!(folder.not_scanned(&report), folder.not_scanned(&before), "{image}");
        assert_eq!(cores(&folder, &report), cores(&folder, &before));
        // A number of extents that is not theirs; a block of the tree that leads nowhere.
        let mut bytes = opened.read(inode, opened.inode);
        let count = if image == "b.img" { 31 } else { 79 };
        bytes[count] ^= 1;
        opened.write_with_sum(inode, &bytes, 100);
        let said = folder.not_scanned(&scan_image(&folder, image));
        assert!(said.iter().any(|it| it.contains("a file has not as many extents as it says")), "{said:?}");
        bytes[count] ^= 1;
        opened.write_with_sum(inode, &bytes, 100);
        opened.write(node, b"XXXX");
        let said = folder.not_scanned(&scan_image(&folder, image));
        assert!(said.iter().any(|it| it.contains("tree of extents is of no use")), "{said:?}");
    }
}

/// What is found and said of an image.
fn scan(folder: &Folder, image: &str) -> (usize, Vec<String>) {
    let report = scan_image(folder, image);
    (cores(folder, &report).len(), folder.not_scanned(&report))
}

#[test]
fn what_cannot_be_read_is_said_and_hides_nothing() {
    let (padded, other) = (padded(), zip(&[("x.jar", &jar()), ("a.bin", &noise(9000))]));
    let folder = Folder::new().with("root/a.zip", &padded).with("root/b/b.zip", &other);
    let Some(()) = make(&folder, "a.img", 32, &[]) else { return };
    let image = Image::open(&folder, "a.img");
    let clean = scan(&folder, "a.img");
    assert_eq!(clean.0, 2);
    let says = |at: u64, bytes: &[u8], sum_at: usize, count: usize, what: &str| {
        let before = image.read(at, bytes.len());
        image.write_with_sum(at, bytes, sum_at);
        let (found, said) = scan(&folder, "a.img");
        assert!(found == count && said.iter().any(|it| it.contains(what)), "{what}: {found} {said:?}");
        image.write(at, &before);
    };
    // The superblock: features of the future, a need of repair, a wrong sum, numbers that cannot be.
    let superblock = image.read(0, 512);
    let changed = |at: usize, value: u8| {
        let mut bytes = superblock.clone();
        bytes[at] = value;
        bytes
    };
    let unknown = "an XFS file system with unknown features (0x40000000) is not opened";
    says(0, &changed(216, 0x40), 224, 0, unknown);
    says(0, &changed(219, superblock[219] | 0x10), 224, 2, "it says that it needs repair");
    says(0, &changed(126, 1), 224, 2, "it was not made to its end");
    says(0, &changed(101, 0xb3), 224, 0, "an XFS file system of version 3 is not opened");
    says(0, &changed(4, 1), 224, 0, "its superblock is of no use");
    says(0, &changed(84, 1), 224, 0, "its superblock is of no use");
    let mut bytes = superblock.clone();
    bytes[110] ^= 1;
    image.write(0, &bytes);
    let (found, said) = scan(&folder, "a.img");
    assert!(
        found == 2 && said.iter().any(|it| it.contains("the checksum of its superblock is wrong")),
        "{said:?}"
    );
    image.write(0, &superblock);
    // The log lies elsewhere; or its newest record is another than that of an unmount.
    let start = u64::from_be_bytes(superblock[48..56].try_into().unwrap());
    let mut bytes = superblock.clone();
    bytes[48..56].fill(0);
    says(0, &bytes, 224, 2, "its log lies on another device");
    let mut operation = image.read(image.place(start) + 512, 12);
    operation[9] = 0;
    image.write(image.place(start) + 512, &operation);
    let (found, said) = scan(&folder, "a.img");
    assert!(found == 2 && said.iter().any(|it| it.contains("it was not unmounted")), "{said:?}");
    operation[9] = 0x20;
    image.write(image.place(start) + 512, &operation);
    // A file for real time, one that became something else, and an inode whose sum is wrong.
    let at = image.inode_of(padded.len() as u64);
    let inode = image.read(at, image.inode);
    let mut bytes = inode.clone();
    bytes[91] |= 1;
    says(at, &bytes, 100, 1, "needs the device for real-time files");
    let mut bytes = inode.clone();
    bytes[2] = 0x21;
    says(at, &bytes, 100, 1, "a file is of another kind than its entry says");
    let mut bytes = inode.clone();
    bytes[2..4].fill(0);
    says(at, &bytes, 100, 1, "an inode that an entry names is of no use");
    let mut bytes = inode.clone();
    bytes[176..184].fill(0x7f);
    says(at, &bytes, 100, 1, "a block lies beyond its end");
    let mut bytes = inode;
    bytes[20] ^= 1;
    image.write(at, &bytes);
    let (found, said) = scan(&folder, "a.img");
    assert!(found == 2 && said.iter().any(|it| it.contains("the checksum of an inode is wrong")), "{said:?}");
    bytes[20] ^= 1;
    image.write(at, &bytes);
    assert_eq!(scan(&folder, "a.img"), clean);
}

#[test]
fn a_bit_changed_or_an_end_cut_off_anywhere_is_said() {
    let folder = Folder::new().with("root/d/e/x.jar", &jar());
    let root = folder.0.path().join("root");
    for at in 0..150 {
        fs::write(root.join(format!("d/file-with-quite-a-long-name-{at}")), b"x").unwrap();
    }
    fs::write(root.join("d/y.jar"), jar()).unwrap();
    let zip = zip(&[("x.jar", &jar()), ("a.bin", &noise(300_000))]);
    fs::write(root.join("z.zip"), &zip).unwrap();
    // The log is in the second group, so that all else stands at the begin.
    let Some(()) = make(&folder, "a.img", 32, &["-d", "agcount=2", "-l", "agnum=1", "-b", "size=1024"])
    else {
        return;
    };
    let image = Image::open(&folder, "a.img");
    let (_, node) = image.scatter(zip.len() as u64);
    assert_eq!(scan(&folder, "a.img"), (3, vec![]));
    // All that has a mark of its own and is read: the superblock, inodes, folders, a tree of extents.
    let head = image.read(0, 32 << 20);
    let mut parts = vec![(0, 512), (node, 1024)];
    for at in (0..head.len()).step_by(512) {
        if head[at..].starts_with(b"IN") && head[at + 2] != 0 {
            parts.push((at as u64, 512));
        } else if head[at..].starts_with(b"XDB3") || head[at..].starts_with(b"XDD3") {
            parts.push((at as u64, 4096));
        }
    }
    assert!(parts.len() > 10, "{parts:?}");
    let mut random = Random(7);
    for _ in 0..600 {
        let (start, length) = parts[(random.next() % parts.len() as u64) as usize];
        // Without the first mark nothing tells that it is a file system.
        let at = (start + random.next() % length).max(4);
        let before = image.read(at, 1);
        image.write(at, &[before[0] ^ 1 << (random.next() % 8)]);
        let (found, said) = scan(&folder, "a.img");
        assert!(found == 3 || !said.is_empty(), "{at} of {start}: {found}");
        assert!(said.iter().all(|it| !it.contains("scanner broke")), "{at}: {said:?}");
        image.write(at, &before);
    }
    assert_eq!(scan(&folder, "a.img"), (3, vec![]));
    for cut in [300, 600, 5000, 40 << 10, 100 << 10, 300 << 10, 1 << 20, 17 << 20, (32 << 20) - 1] {
        image.file.set_len(cut).unwrap();
        let (_, said) = scan(&folder, "a.img");
        assert!(!said.is_empty(), "cut off at {cut}");
        image.file.set_len(32 << 20).unwrap();
    }
}

#[test]
fn damaged_file_systems_end_in_a_report() {
    // The log is in the second group, and one folder is in the first, so that all that is needed stands at the begin.
    let folder = Folder::new().with("root/x.jar", &jar()).with("root/large.bin", &noise(20_000));
    for at in 0..40 {
        fs::write(folder.0.path().join(format!("root/file-{at}")), b"x").unwrap();
    }
    for (image, options) in
        [("five.img", &["-b", "size=1024"][..]), ("four.img", &["-m", "crc=0", "-b", "size=512"])]
    {
        let small = ["-d", "agcount=2", "-l", "agnum=1"];
        let Some(()) = make(&folder, image, 32, &[&small, options].concat()) else { return };
        let bytes = &Image::open(&folder, image).read(0, 256 << 10);
        let (cut, report) = scan_bytes("cut.img", bytes);
        assert_eq!(cores(&cut, &report), ["cut.img!/x.jar"]);
        assert_survives(&format!("xfs-{image}"), bytes, bytes.len());
        // An archive that says it is as long as a file can be, whose list of entries is therefore not where it should be.
        let size = (jar().len() as u64).to_be_bytes();
        let mut long = bytes.clone();
        let inode = memchr::memmem::find_iter(bytes, &size)
            .map(|at| at - 56)
            .find(|at| bytes[*at..].starts_with(b"IN"));
        let at = inode.unwrap() + 56;
        long[at..at + 8].copy_from_slice(&i64::MAX.to_be_bytes());
        assert!(!bedrail_scanner::targets::read("xfs", &long).unwrap().not_scanned.is_empty());
    }
}

#[test]
fn a_folder_in_itself_has_an_end() {
    let folder = Folder::new().with("root/a/b/x.jar", &jar());
    let Some(()) = make(&folder, "a.img", 32, &["-m", "crc=0", "-n", "ftype=0"]) else { return };
    let image = Image::open(&folder, "a.img");
    let root = u64::from_be_bytes(image.read(56, 8).try_into().unwrap());
    // `b`, the one entry of `a`, in its inode: its length and its place, its name, its number.
    let bytes = image.read(0, 32 << 20);
    let entry = memchr::memmem::find_iter(&bytes, b"\x01\0\x30b\0\0").map(|at| at + 4).next().unwrap();
    image.write(entry as u64, &(root as u32).to_be_bytes());
    assert_eq!(scan(&folder, "a.img"), (0, vec![]));
}
