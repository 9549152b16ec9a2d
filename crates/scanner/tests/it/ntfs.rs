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
            "b.img: what 1 files hold elsewhere (deduplication, WIMBoot, CompactOS of a kind that is not known) is not opened by this program"
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

/// The bytes of a file as CompactOS packs it: those of a resource in a Windows image are the same.
fn packed(folder: &Folder, bytes: &[u8], packing: &str, chunk: &str) -> Option<Vec<u8>> {
    let path = folder.0.path();
    fs::create_dir_all(path.join("one")).unwrap();
    fs::write(path.join("one/file"), bytes).unwrap();
    let options = [format!("--compress={packing}"), format!("--chunk-size={chunk}")];
    let [packing, chunk] = options.each_ref().map(String::as_str);
    run(path, "wimlib-imagex", &["capture", "one", "one.wim", packing, chunk])?;
    let wim = fs::read(path.join("one.wim")).unwrap();
    fs::remove_file(path.join("one.wim")).unwrap();
    let word = |at: usize| u64::from_le_bytes(wim[at..at + 8].try_into().unwrap()) as usize;
    let table = word(56);
    let entry = (0..(word(48) & 0xff_ffff) / 50).map(|at| table + at * 50);
    let entry = entry.into_iter().find(|at| word(at + 16) == bytes.len()).unwrap();
    assert_eq!(wim[entry + 7], 4, "it is packed");
    Some(wim[word(entry + 8)..word(entry + 8) + (word(entry) & 0xff_ffff_ffff)].to_vec())
}

/// Makes a file one that CompactOS packed by a method: what its record begins with becomes a reparse point.
fn make_compact(image: &mut [u8], name: &str, method: u32) {
    let at = attribute(image, place_of(image, name), 0x10);
    image[at] = 0xc0;
    let mut value = at + usize::from(image[at + 20]);
    for word in [0x8000_0017, 16, 1, 2, 1, method] {
        image[value..value + 4].copy_from_slice(&word.to_le_bytes());
        value += 4;
    }
}

#[test]
fn files_that_compact_os_packed_are_read() {
    let folder = Folder::new();
    root(&folder);
    let path = folder.0.path();
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let program: Vec<u8> = (0..20_000_u32).flat_map(|at| [0xe8, at as u8, (at >> 8) as u8, 0, 0]).collect();
    let inside = [&program[..], &noise(70_000)].concat();
    let file = zip_with(&[("all.bin", &inside), ("x.jar", &jar())], stored);
    let methods = [("XPRESS", "4096", 0), ("LZX", "32768", 1), ("XPRESS", "8192", 2), ("XPRESS", "16384", 3)];
    // What stands in the file itself is of the same length, and nothing.
    for (_, _, method) in methods {
        fs::write(path.join(format!("root/packed-{method}.zip")), vec![0; file.len()]).unwrap();
    }
    let Some(()) = volume(&folder, "a.img", &[]) else { return };
    for (packing, chunk, method) in methods {
        let Some(bytes) = packed(&folder, &file, packing, chunk) else { return };
        fs::write(path.join("stream"), bytes).unwrap();
        let name = format!("packed-{method}.zip");
        run(path, "ntfscp", &["-f", "-N", "WofCompressedData", "a.img", "stream", &name]).unwrap();
    }
    let mut image = fs::read(path.join("a.img")).unwrap();
    methods
        .iter()
        .for_each(|(_, _, method)| make_compact(&mut image, &format!("packed-{method}.zip"), *method));
    fs::write(path.join("b.img"), &image).unwrap();
    let report = scan_image(&folder, "b.img");
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
    let found: Vec<String> = cores(&folder, &report);
    let expected = [0, 1, 2, 3].map(|method| format!("b.img!/packed-{method}.zip!/x.jar"));
    assert!(expected.iter().all(|it| found.contains(it)) && found.len() == 6, "{found:?}");
    // A method that is not known, a stream that is not there, and one of another method.
    for (change, says) in [
        (4, "what 1 files hold elsewhere"),
        (9, "packed-0.zip: the NTFS file system is damaged"),
        (1, "packed-0.zip: the entry is damaged"),
    ] {
        let mut other = image.clone();
        let record = place_of(&image, "packed-0.zip");
        if change == 9 {
            let wide: Vec<u8> = "WofC".encode_utf16().flat_map(u16::to_le_bytes).collect();
            let at = record + memchr::memmem::find(&image[record..record + 1024], &wide).unwrap();
            other[at] = b'w';
        } else {
            let at = attribute(&image, record, 0xc0);
            other[at + usize::from(image[at + 20]) + 20] = change;
        }
        fs::write(path.join("b.img"), &other).unwrap();
        let report = scan_image(&folder, "b.img");
        let said = folder.not_scanned(&report);
        assert!(said.len() == 1 && said[0].contains(says), "{said:?}");
        assert_eq!(cores(&folder, &report).len(), 5);
    }
}

#[test]
fn damaged_volumes_end_in_a_report() {
    let folder = Folder::new();
    let path = folder.0.path();
    fs::create_dir_all(path.join("root/a/b")).unwrap();
    fs::write(path.join("root/a/b/x.jar"), jar()).unwrap();
    fs::write(path.join("root/large.bin"), noise(20_000)).unwrap();
    let Some(()) = volume(&folder, "a.img", &["-c", "512"]) else { return };
    let text = zip(&[("x.jar", &jar()), ("text.txt", "text ".repeat(1000).as_bytes())]).repeat(9);
    if let Some(bytes) = packed(&folder, &text, "LZX", "32768") {
        fs::write(path.join("stream"), bytes).unwrap();
        run(path, "ntfscp", &["-f", "-N", "WofCompressedData", "a.img", "stream", "large.bin"]).unwrap();
        let mut image = fs::read(path.join("a.img")).unwrap();
        make_compact(&mut image, "large.bin", 1);
        let table = u64::from_le_bytes(image[48..56].try_into().unwrap()) as usize * 512;
        assert_survives("ntfs-compact", &image[..512 << 10], table + (64 << 10));
    }
    // Enough of it: the table of files stands near the begin.
    let image = &fs::read(path.join("a.img")).unwrap()[..512 << 10];
    let table = u64::from_le_bytes(image[48..56].try_into().unwrap()) as usize * 512;
    assert_survives("ntfs", image, table + (64 << 10));
}
