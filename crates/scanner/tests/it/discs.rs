//! Discs: UDF, beside an ISO 9660 and alone. genisoimage makes both over the same files; what only one of them has stands for the
//! discs of Windows, whose ISO 9660 has a file that says so and nothing else.

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
