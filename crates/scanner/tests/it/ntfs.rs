//! NTFS volumes that real tools made: `mkntfs` makes the volume, `wimlib-imagex` puts files into it.

use std::fs::{self, File};

use crate::made::*;
use crate::tools::*;

/// A volume with the folder `root` in it.
fn volume(folder: &Folder, image: &str, options: &[&str]) -> Option<()> {
    let path = folder.0.path();
    File::create(path.join(image)).unwrap().set_len(24 << 20).unwrap();
    run(path, "mkntfs", &[&["-F", "-Q", "-q"], options, &[image]].concat())?;
    if !path.join("root.wim").exists() {
        run(path, "wimlib-imagex", &["capture", "root", "root.wim", "--compress=none"])?;
    }
    run(path, "wimlib-imagex", &["apply", "root.wim", "1", image])
}

#[test]
fn volumes_are_read_whatever_their_sizes() {
    let folder = Folder::new();
    root(&folder);
    for (image, options) in [
        ("usual.img", &[][..]),
        ("small.img", &["-c", "512"]),
        ("large.img", &["-c", "65536"]),
        ("sectors.img", &["-s", "4096", "-c", "4096"]),
    ] {
        let Some(()) = volume(&folder, image, options) else { return };
        assert_root(&folder, image, "");
    }
}

/// The attributes of the record at a place: what each is, and where.
fn attributes(image: &[u8], record: usize) -> impl Iterator<Item = (u32, usize)> {
    let word = |at: usize| u32::from_le_bytes(image[at..at + 4].try_into().unwrap());
    let mut at = record + usize::from(image[record + 20]);
    std::iter::from_fn(move || {
        let this = at;
        at += word(this + 4) as usize;
        (word(this) != u32::MAX && at > this).then(|| (word(this), this))
    })
}

/// The place of an attribute's header in a record.
fn attribute(image: &[u8], record: usize, kind: u32) -> usize {
    attributes(image, record).find(|(it, _)| *it == kind).unwrap().1
}

/// The place of the first record of a file or folder of this name.
fn place_of(image: &[u8], name: &str) -> usize {
    let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let records = (0..image.len()).step_by(512).filter(|at| image[*at..].starts_with(b"FILE"));
    let is_named = |record: &usize| {
        let names = attributes(image, *record).filter(|(kind, _)| *kind == 0x30);
        names.into_iter().any(|(_, at)| image[at + 24 + 66..].starts_with(&wide))
    };
    records.into_iter().find(is_named).unwrap()
}

#[test]
fn what_cannot_be_read_is_said_and_hides_nothing() {
    let folder = Folder::new();
    root(&folder);
    let path = folder.0.path();
    let Some(()) = volume(&folder, "a.img", &[]) else { return };
    let image = fs::read(path.join("a.img")).unwrap();
    let second = "srv/large.zip!/inner/second.jar log4j-core 2.1";
    let scan = |bytes: &[u8]| {
        fs::write(path.join("b.img"), bytes).unwrap();
        let report = scan_image(&folder, "b.img");
        (folder.found(&report), folder.not_scanned(&report))
    };
    let jar = place_of(&image, "log4j-core-renamed.jar");
    // Flags of the attribute with its bytes: encrypted.
    let mut encrypted = image.clone();
    let data = attribute(&image, jar, 0x80);
    encrypted[data + 13] |= 0x40;
    let (found, said) = scan(&encrypted);
    assert_eq!(said, ["b.img: 1 of its entries are encrypted, and were not looked at"]);
    assert!(found.len() == 3 && found.iter().any(|it| it.ends_with(second)), "{found:?}");
    // The name becomes a reparse point of CompactOS.
    let mut packed = image.clone();
    let name = attribute(&image, jar, 0x10);
    packed[name] = 0xc0;
    let value = name + usize::from(packed[name + 20]);
    packed[value..value + 4].copy_from_slice(&0x8000_0017_u32.to_le_bytes());
    let (found, said) = scan(&packed);
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(
        said,
        [
            "b.img: what 1 files hold packed by Windows (CompactOS, deduplication) is not opened by this program"
        ]
    );
    // A record that was not written whole.
    let mut torn = image.clone();
    torn[jar + 510] ^= 0xff;
    let (found, said) = scan(&torn);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(said.len() == 1 && said[0].contains("1 records of its table of files are of no use"), "{said:?}");
    // The folder around it is gone: the file is there all the same.
    let mut lost = image.clone();
    lost[place_of(&image, "pump-controller") + 22] = 0;
    let (found, said) = scan(&lost);
    assert_eq!((found.len(), said.len()), (4, 0), "{found:?} {said:?}");
    assert!(found[0].contains("(in no folder)/"), "{found:?}");
    // A folder that lies in itself.
    let mut looped = image.clone();
    let record = place_of(&image, "pump-controller");
    let name = attribute(&image, record, 0x30);
    let number = u32::from_le_bytes(image[record + 44..record + 48].try_into().unwrap());
    looped[name + 24..name + 28].copy_from_slice(&number.to_le_bytes());
    let (found, _) = scan(&looped);
    assert_eq!(found.len(), 4, "{found:?}");
    // The volume was not unmounted.
    let mut dirty = image.clone();
    let information = attribute(&image, place_of(&image, "$Volume"), 0x70);
    dirty[information + 24 + 10] |= 1;
    let (found, said) = scan(&dirty);
    assert_eq!(found.len(), 4);
    assert!(said.len() == 1 && said[0].contains("it was not unmounted"), "{said:?}");
    let (_, said) = scan(&image[..image.len() / 2]);
    assert!(said.iter().any(|it| it.contains("it is shorter than it says")), "{said:?}");
}

#[test]
fn damaged_volumes_end_in_a_report() {
    let folder = Folder::new();
    let path = folder.0.path();
    fs::create_dir_all(path.join("root/a/b")).unwrap();
    fs::write(path.join("root/a/b/x.jar"), jar()).unwrap();
    fs::write(path.join("root/large.bin"), noise(20_000)).unwrap();
    let Some(()) = volume(&folder, "a.img", &["-c", "512"]) else { return };
    // Enough of it: the table of files stands near the begin.
    let image = &fs::read(path.join("a.img")).unwrap()[..512 << 10];
    let table = u64::from_le_bytes(image[48..56].try_into().unwrap()) as usize * 512;
    assert_survives("ntfs", image, table + (64 << 10));
}
