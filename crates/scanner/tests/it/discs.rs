//! Discs and cards: UDF, beside an ISO 9660 and alone. genisoimage makes both over the same files; what only one of them has stands for the
//! discs of Windows, whose ISO 9660 has a file that says so and nothing else. And exFAT.

use std::fs;

use crate::made::*;
use crate::tools::*;

const SECTOR: usize = 2048;

/// An image by genisoimage; none where it is not installed.
fn disc(folder: &Folder, name: &str, more: &[&str]) -> Option<Vec<u8>> {
    let arguments =
        [&["-quiet", "-udf", "-R", "-input-charset", "utf-8", "-o", name], more, &["root"]].concat();
    run(folder.0.path(), "genisoimage", &arguments)?;
    Some(fs::read(folder.0.path().join(name)).unwrap())
}

/// The recognition sequence of a disc without ISO 9660 (ECMA-167 2/9).
fn alone(image: &mut [u8]) {
    for (at, mark) in ["BEA01", "NSR02", "TEA01"].iter().enumerate() {
        let structure = &mut image[(16 + at) * SECTOR..][..SECTOR];
        structure.fill(0);
        structure[1..6].copy_from_slice(mark.as_bytes());
        structure[6] = 1;
    }
}

/// The number in a tag of a descriptor, where its sum is right (ECMA-167 3/7.2).
fn tag(sector: &[u8]) -> Option<u16> {
    let sum = (0..16).filter(|at| *at != 4).fold(0_u8, |sum, at| sum.wrapping_add(sector[at]));
    let number = u16::from_le_bytes([sector[0], sector[1]]);
    (number != 0 && sum == sector[4]).then_some(number)
}

/// The sum in a tag, made right again.
fn sum(sector: &mut [u8]) {
    sector[4] = (0..16).filter(|at| *at != 4).fold(0_u8, |sum, at| sum.wrapping_add(sector[at]));
}

fn sectors_of(image: &[u8], number: u16) -> Vec<usize> {
    let sectors = image.chunks_exact(SECTOR).enumerate();
    sectors.filter(|(_, sector)| tag(sector) == Some(number)).map(|(at, _)| at).collect()
}

fn put(folder: &Folder, name: &str, image: &[u8]) {
    fs::write(folder.0.path().join(name), image).unwrap();
}

#[test]
fn udf_is_read_beside_iso_9660_and_alone() {
    let folder = Folder::new();
    root(&folder);
    let Some(mut image) = disc(&folder, "both.iso", &[]) else { return };
    // Every file once, though both have it.
    assert_root(&folder, "both.iso", "");
    alone(&mut image);
    put(&folder, "alone.iso", &image);
    assert_root(&folder, "alone.iso", "");
}

#[test]
fn what_only_one_of_two_file_systems_has_is_seen() {
    let folder = Folder::new();
    root(&folder);
    fs::write(folder.0.path().join("root/readme.txt"), "This disc needs a program that reads UDF.").unwrap();
    let hidden = ["etc", "opt", "srv", "usr", "var"].map(|name| ["-hide", name]);
    let Some(_) = disc(&folder, "windows.iso", hidden.as_flattened()) else { return };
    assert_root(&folder, "windows.iso", "");
    let mut image = disc(&folder, "other.iso", &[]).unwrap();
    // The tag of a name in a folder (ECMA-167 4/14.4), and the name behind the 38 bytes of it, of characters of eight bits.
    for name in ["\u{8}opt", "\u{8}srv"] {
        let at = (38..image.len())
            .find(|at| image[*at..].starts_with(name.as_bytes()) && image[at - 38..][..2] == [1, 1]);
        // Deleted.
        image[at.unwrap() - 38 + 18] |= 4;
    }
    put(&folder, "other.iso", &image);
    assert_root(&folder, "other.iso", "");
}

#[test]
fn a_damaged_udf_is_said_and_iso_9660_beside_it_is_read() {
    let folder = Folder::new();
    root(&folder);
    let Some(image) = disc(&folder, "disc.iso", &[]) else { return };
    let mut anchors = image.clone();
    for at in sectors_of(&image, 2) {
        anchors[at * SECTOR..][..SECTOR].fill(0);
    }
    put(&folder, "disc.iso", &anchors);
    let report = scan_image(&folder, "disc.iso");
    assert_eq!(
        folder.not_scanned(&report),
        [
            "disc.iso: the UDF image is damaged or cut off (it has no anchor); what could be read before was looked at"
        ]
    );
    assert_eq!(cores(&folder, &report).len(), 2);
    // Without its entries nothing is left of it, and that is said; alone nothing covers for it.
    let mut entries = image;
    for at in sectors_of(&entries, 261).into_iter().skip(1) {
        entries[at * SECTOR + 4] ^= 0x55;
    }
    alone(&mut entries);
    put(&folder, "disc.iso", &entries);
    let report = scan_image(&folder, "disc.iso");
    let said = folder.not_scanned(&report);
    assert_eq!(cores(&folder, &report), Vec::<String>::new());
    let top = ["etc", "opt", "srv", "usr", "var"];
    let expected =
        top.map(|name| format!("disc.iso!/{name}: the UDF image is damaged or cut off (the entry of a file is damaged); what could be read before was looked at"));
    assert_eq!(said, expected);
}

/// A volume of UDF 2.50: its folders lie in a partition of metadata, which is a file (UDF 2.2.10). Here it is as large as the partition
/// around it, so that every number of a block stays right.
#[test]
fn folders_in_a_partition_of_metadata_are_read() {
    let folder = Folder::new();
    root(&folder);
    let Some(mut image) = disc(&folder, "disc.iso", &[]) else { return };
    alone(&mut image);
    let partition = sectors_of(&image, 5)[0] * SECTOR;
    let number = |at: usize| u32::from_le_bytes(image[at..at + 4].try_into().unwrap());
    let (start, count) = (number(partition + 188), number(partition + 192));
    // The entry of the metadata stands in a block behind all others.
    let entry = image.len().next_multiple_of(SECTOR);
    image.resize(entry + 300 * SECTOR, 0);
    let block = (entry / SECTOR) as u32 - start;
    let mut bytes = vec![0; SECTOR];
    bytes[0..2].copy_from_slice(&266_u16.to_le_bytes());
    bytes[2] = 3;
    bytes[12..16].copy_from_slice(&block.to_le_bytes());
    bytes[20..22].copy_from_slice(&4_u16.to_le_bytes());
    bytes[27] = 250;
    bytes[56..64].copy_from_slice(&(u64::from(count) * SECTOR as u64).to_le_bytes());
    bytes[212..216].copy_from_slice(&8_u32.to_le_bytes());
    bytes[216..220].copy_from_slice(&(count * SECTOR as u32).to_le_bytes());
    sum(&mut bytes);
    image[entry..entry + SECTOR].copy_from_slice(&bytes);
    for at in sectors_of(&image, 5) {
        image[at * SECTOR + 192..][..4].copy_from_slice(&(count + 400).to_le_bytes());
    }
    for at in sectors_of(&image, 6) {
        let volume = &mut image[at * SECTOR..][..SECTOR];
        assert_eq!(volume[440..442], [1, 6], "one plain partition before");
        volume[256..258].copy_from_slice(&1_u16.to_le_bytes());
        volume[264..268].copy_from_slice(&70_u32.to_le_bytes());
        volume[268..272].copy_from_slice(&2_u32.to_le_bytes());
        let map = &mut volume[446..446 + 64];
        map.fill(0);
        map[..2].copy_from_slice(&[2, 64]);
        map[5..28].copy_from_slice(b"*UDF Metadata Partition");
        map[36..38].copy_from_slice(&1_u16.to_le_bytes());
        map[40..44].copy_from_slice(&block.to_le_bytes());
        map[44..48].copy_from_slice(&block.to_le_bytes());
    }
    // The root lies in it.
    let set = sectors_of(&image, 256)[0] * SECTOR;
    image[set + 408..set + 410].copy_from_slice(&1_u16.to_le_bytes());
    put(&folder, "disc.iso", &image);
    assert_root(&folder, "disc.iso", "");
    // Another kind of partition is said.
    for at in sectors_of(&image, 6) {
        image[at * SECTOR + 446 + 5..][..23].copy_from_slice(b"*UDF Virtual Partition\0");
    }
    put(&folder, "disc.iso", &image);
    let report = scan_image(&folder, "disc.iso");
    assert_eq!(
        folder.not_scanned(&report),
        ["disc.iso: a UDF image with a virtual or sparable partition is not opened by this program"]
    );
}

#[test]
fn udf_survives_what_is_wrong_with_it() {
    let folder = Folder::new();
    let root = folder.0.path().join("root");
    fs::create_dir_all(root.join("a/b")).unwrap();
    fs::write(root.join("a/b/c.jar"), jar()).unwrap();
    fs::write(root.join("d.txt"), "text").unwrap();
    let Some(mut image) = disc(&folder, "disc.iso", &[]) else { return };
    // Without what lies between its descriptors, so that most changes meet one.
    alone(&mut image);
    let entries = sectors_of(&image, 261).len();
    assert!(entries >= 5, "{entries}");
    assert_survives("udf", &image, image.len());
}

#[test]
fn volumes_of_every_size_of_block_and_kind_of_medium_are_known() {
    let folder = Folder::new();
    let path = folder.0.path();
    for (name, arguments) in [
        ("512", ["--media-type=hd", "--blocksize=512"]),
        ("1024", ["--media-type=hd", "--blocksize=1024"]),
        ("4096", ["--media-type=hd", "--blocksize=4096"]),
        ("dvdram", ["--media-type=dvdram", "--udfrev=0x0201"]),
    ] {
        let image = format!("{name}.img");
        fs::File::create(path.join(&image)).unwrap().set_len(16 << 20).unwrap();
        if run(path, "mkudffs", &[arguments[0], arguments[1], &image]).is_none() {
            return;
        }
        // They are empty; what is of another kind would be said.
        assert_eq!(folder.not_scanned(&scan_image(&folder, &image)), Vec::<String>::new(), "{name}");
    }
    let image = "cdr.img";
    fs::File::create(path.join(image)).unwrap().set_len(64 << 20).unwrap();
    run(path, "mkudffs", &["--media-type=cdr", image]).unwrap();
    assert_eq!(
        folder.not_scanned(&scan_image(&folder, image)),
        ["cdr.img: a UDF image with a virtual or sparable partition is not opened by this program"]
    );
}

/// An exFAT file system that is filled by its specification (§6 and §7): Debian has a tool that makes an empty one.
struct Card {
    image: Vec<u8>,
    table: usize,
    data: usize,
    cluster: usize,
    root: usize,
    free: u32,
    /// Bytes of the root that are used.
    filled: usize,
}

impl Card {
    fn new(folder: &Folder, cluster: &str) -> Option<Card> {
        let path = folder.0.path().join("card.img");
        fs::File::create(&path).unwrap().set_len(32 << 20).unwrap();
        run(folder.0.path(), "mkfs.exfat", &["-c", cluster, "card.img"])?;
        let image = fs::read(path).unwrap();
        let number = |at: usize| u32::from_le_bytes(image[at..at + 4].try_into().unwrap());
        let (bytes, per_cluster) = (image[108], image[109]);
        let (table, data) = ((number(80) as usize) << bytes, (number(88) as usize) << bytes);
        let (cluster, root) = (1 << (bytes + per_cluster), number(96));
        let root = data + (root as usize - 2) * cluster;
        // Behind its label, bitmap and table of capitals.
        let filled = (0..).step_by(32).find(|at| image[root + at] == 0).unwrap();
        Some(Card { image, table, data, cluster, root, free: 64, filled })
    }

    fn place(&self, cluster: u32) -> usize {
        self.data + (cluster as usize - 2) * self.cluster
    }

    /// Puts bytes somewhere; in a chain every second cluster is left out. Returns the first cluster.
    fn bytes(&mut self, bytes: &[u8], is_chained: bool) -> u32 {
        let step = if is_chained { 2 } else { 1 };
        let (first, count) = (self.free, bytes.len().div_ceil(self.cluster).max(1) as u32);
        for (number, part) in (0..).zip(bytes.chunks(self.cluster)) {
            let at = self.place(first + number * step);
            self.image[at..at + part.len()].copy_from_slice(part);
        }
        for number in 0..count {
            let next = if number + 1 == count { u32::MAX } else { first + (number + 1) * step };
            let at = self.table + (first + number * step) as usize * 4;
            self.image[at..at + 4].copy_from_slice(&if is_chained { next } else { 0 }.to_le_bytes());
        }
        self.free += count * step;
        first
    }

    fn entries(name: &str, attributes: u8, (first, size): (u32, usize), is_chained: bool) -> Vec<u8> {
        let name: Vec<u16> = name.encode_utf16().collect();
        let mut set = vec![0; 64];
        (set[0], set[1], set[4]) = (0x85, 1 + name.len().div_ceil(15) as u8, attributes);
        (set[32], set[33], set[35]) = (0xc0, if is_chained { 1 } else { 3 }, name.len() as u8);
        set[40..48].copy_from_slice(&(size as u64).to_le_bytes());
        set[52..56].copy_from_slice(&first.to_le_bytes());
        set[56..64].copy_from_slice(&(size as u64).to_le_bytes());
        for part in name.chunks(15) {
            let mut entry = vec![0xc1, 0];
            entry.extend(part.iter().flat_map(|unit| unit.to_le_bytes()));
            entry.resize(32, 0);
            set.extend(entry);
        }
        Card::summed(&mut set);
        set
    }

    fn summed(set: &mut [u8]) {
        let sum = set.iter().enumerate().filter(|(at, _)| !matches!(at, 2 | 3));
        let sum = sum.fold(0_u16, |sum, (_, byte)| sum.rotate_right(1).wrapping_add((*byte).into()));
        set[2..4].copy_from_slice(&sum.to_le_bytes());
    }

    /// Everything below a folder. Returns the entries for it.
    fn tree(&mut self, path: &std::path::Path, is_chained: bool) -> Vec<u8> {
        let mut all = Vec::new();
        let mut paths: Vec<_> = fs::read_dir(path).unwrap().map(|it| it.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap().to_str().unwrap();
            let is_folder = path.is_dir();
            let mut bytes = if is_folder { self.tree(&path, is_chained) } else { fs::read(&path).unwrap() };
            if is_folder {
                bytes.resize(bytes.len().next_multiple_of(self.cluster), 0);
            }
            let at = (self.bytes(&bytes, is_chained), bytes.len());
            all.extend(Card::entries(name, if is_folder { 0x10 } else { 0x20 }, at, is_chained));
        }
        all
    }

    fn put_in_root(&mut self, entries: &[u8]) {
        let at = self.root + self.filled;
        self.image[at..at + entries.len()].copy_from_slice(entries);
        self.filled += entries.len();
    }
}

#[test]
fn exfat_is_read_in_chains_and_in_one_piece() {
    let folder = Folder::new();
    let root = root(&folder);
    for (cluster, is_chained) in [("4K", true), ("4K", false), ("32K", true), ("1K", true)] {
        let Some(mut card) = Card::new(&folder, cluster) else { return };
        let entries = card.tree(&root, is_chained);
        card.put_in_root(&entries);
        put(&folder, "card.img", &card.image);
        assert_root(&folder, "card.img", "");
    }
}

#[test]
fn what_is_wrong_with_an_exfat_is_said() {
    let folder = Folder::new();
    let Some(mut card) = Card::new(&folder, "4K") else { return };
    let bytes = jar();
    let first = card.bytes(&bytes, true);
    let mut whole = Card::entries("a.jar", 0x20, (first, bytes.len()), true);
    card.put_in_root(&whole);
    card.put_in_root(&Card::entries("longer.jar", 0x20, (first, bytes.len() + (1 << 20)), true));
    card.put_in_root(&Card::entries("outside.jar", 0x20, (5_000_000, 10), true));
    // Written up to its half: the other half are zeros.
    whole[40..48].copy_from_slice(&(bytes.len() as u64 / 2).to_le_bytes());
    Card::summed(&mut whole);
    card.put_in_root(&whole);
    // A wrong sum, and a name behind it.
    whole[2] ^= 1;
    card.put_in_root(&whole);
    card.put_in_root(&Card::entries("last.jar", 0x20, (first, bytes.len()), true));
    card.image[106] |= 2;
    put(&folder, "card.img", &card.image);
    let report = scan_image(&folder, "card.img");
    assert_eq!(cores(&folder, &report), ["card.img!/a.jar", "card.img!/last.jar"]);
    let said = folder.not_scanned(&report);
    let expected = [
        "card.img!/longer.jar: the exFAT file system is damaged or cut off (the chain of a file is shorter than the file)",
        "card.img!/outside.jar: the exFAT file system is damaged or cut off (a file leaves the disk)",
        "card.img: the exFAT file system is damaged or cut off (entries of a folder do not belong together)",
        "card.img: the exFAT file system is damaged or cut off (it was not unmounted)",
    ];
    for expected in expected {
        assert!(said.iter().any(|it| it.starts_with(expected)), "{expected}: {said:?}");
    }
    assert_survives("exfat", &card.image[..1 << 20], 1 << 20);
    // Clusters that follow one another in a circle have an end.
    let at = card.table + first as usize * 4;
    card.image[at..at + 4].copy_from_slice(&first.to_le_bytes());
    let root = card.root;
    let circle = (root - card.data) / card.cluster + 2;
    card.image[card.table + circle * 4..][..4].copy_from_slice(&(circle as u32).to_le_bytes());
    card.image[root..root + card.cluster].chunks_exact_mut(32).for_each(|entry| entry[0] = 0x05);
    put(&folder, "card.img", &card.image);
    scan_image(&folder, "card.img");
}
