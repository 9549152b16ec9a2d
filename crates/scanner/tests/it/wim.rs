//! Windows images that wimlib made.

use std::fs;

use crate::made::*;
use crate::tools::*;

/// An image of the folder `root`.
fn capture(folder: &Folder, image: &str, options: &[&str]) -> Option<()> {
    run(folder.0.path(), "wimlib-imagex", &[&["capture", "root", image, "--no-acls"], options].concat())
}

#[test]
fn images_are_read_whatever_packs_them() {
    let folder = Folder::new();
    root(&folder);
    // Programs, whose calls LZX translates, and what repeats itself far away.
    let program: Vec<u8> = (0..200_000_u32).flat_map(|at| [0xe8, at as u8, (at >> 8) as u8, 0, 0]).collect();
    let far = [noise(40_000), noise(30_000), noise(40_000)].concat();
    let entries = [("program.exe", &program[..]), ("far.bin", &far), ("inner/third.jar", &jar())];
    fs::write(folder.0.path().join("root/srv/programs.tar"), tar(&entries)).unwrap();
    for (packing, chunk) in [
        ("none", None),
        ("XPRESS", None),
        ("XPRESS", Some("4096")),
        ("XPRESS", Some("65536")),
        ("LZX", None),
        ("LZX", Some("65536")),
        ("LZX", Some("2097152")),
        ("LZX:20", None),
        ("LZX:100", None),
    ] {
        let image = format!("{packing}{}.wim", chunk.unwrap_or_default()).replace(':', "-");
        let chunk = chunk.map(|it| format!("--chunk-size={it}"));
        let packing = format!("--compress={packing}");
        let options = [Some(packing.as_str()), chunk.as_deref()];
        let Some(()) = capture(&folder, &image, &options.into_iter().flatten().collect::<Vec<_>>()) else {
            return;
        };
        let report = scan_image(&folder, &image);
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{image}");
        assert_eq!(
            folder.found(&report),
            [
                format!("{image}!/image 1 (root)!/etc/os-release debian 12"),
                format!("{image}!/image 1 (root)!/{LONG} log4j-core 2.1"),
                format!("{image}!/image 1 (root)!/srv/large.zip!/inner/second.jar log4j-core 2.1"),
                format!("{image}!/image 1 (root)!/srv/programs.tar!/inner/third.jar log4j-core 2.1"),
                format!("{image}!/image 1 (root)!/var/lib/dpkg/status libssl3 3.0.11-1"),
            ],
            "{image}"
        );
    }
}

#[test]
fn what_several_images_share_is_looked_at_once() {
    let folder = Folder::new();
    let path = folder.0.path();
    let root = root(&folder);
    // An unpacked library: its classes are parts of what lies around them, and are looked at wherever they lie.
    let class = format!("usr/lib/app/{CORE}/lookup/JndiLookup.class");
    fs::create_dir_all(root.join(&class).parent().unwrap()).unwrap();
    fs::write(root.join(&class), jndi_lookup(CORE)).unwrap();
    let Some(()) = capture(&folder, "a.wim", &["--compress=LZX"]) else { return };
    fs::write(root.join("etc/os-release"), b"ID=debian\nVERSION_ID=\"13\"\n").unwrap();
    fs::write(root.join("srv/new.jar"), zip(&[("lib/x.jar", &jar())])).unwrap();
    // The same bytes under another name, and under the same one elsewhere: a person who mends one must know of the others. A second name of
    // the same file is no other place.
    fs::copy(root.join(LONG), root.join("srv/other-name.jar")).unwrap();
    fs::hard_link(root.join("srv/other-name.jar"), root.join("srv/second-name.jar")).unwrap();
    fs::create_dir(root.join("backup")).unwrap();
    fs::copy(root.join(LONG), root.join("backup/log4j-core-renamed.jar")).unwrap();
    run(path, "wimlib-imagex", &["append", "root", "a.wim", "Second & <last>", "--no-acls"]).unwrap();
    run(path, "wimlib-imagex", &["append", "root", "a.wim", "", "--no-acls"]).unwrap();
    let report = scan_image(&folder, "a.wim");
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
    let within = |image: &str, rest: &str| format!("a.wim!/{image}!/{rest}");
    let (first, second, third) = ("image 1 (root)", "image 2 (Second & <last>)", "image 3");
    let mut expected = vec![
        within(first, &format!("{LONG} log4j-core 2.1")),
        within(first, "srv/large.zip!/inner/second.jar log4j-core 2.1"),
        "a.wim!/image 1 (root) log4j-core 2.1".to_owned(),
        "a.wim!/image 2 (Second & <last>) log4j-core 2.1".to_owned(),
        "a.wim!/image 3 log4j-core 2.1".to_owned(),
        within(second, "srv/new.jar!/lib/x.jar log4j-core 2.1"),
        within(second, "srv/other-name.jar log4j-core 2.1"),
        within(second, "backup/log4j-core-renamed.jar log4j-core 2.1"),
    ];
    for (image, version) in [(first, 12), (second, 13), (third, 13)] {
        expected.push(within(image, &format!("etc/os-release debian {version}")));
        expected.push(within(image, "var/lib/dpkg/status libssl3 3.0.11-1"));
    }
    let mut found = folder.found(&report);
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn what_cannot_be_read_of_an_image_is_said() {
    let folder = Folder::new();
    let path = folder.0.path();
    let root = root(&folder);
    let Some(()) = capture(&folder, "solid.esd", &["--solid", "--compress=LZX", "--solid-compress=LZX"])
    else {
        return;
    };
    let said = |image: &str| folder.not_scanned(&scan_image(&folder, image));
    let solid = said("solid.esd");
    assert_eq!(
        solid,
        [
            "solid.esd!/image 1 (root): what 204 files hold in solid resources (as in .esd files) is not opened by this program"
        ]
    );
    capture(&folder, "lzms.wim", &["--compress=LZMS"]).unwrap();
    assert_eq!(
        said("lzms.wim"),
        ["lzms.wim: a Windows image packed by LZMS (as .esd files are) is not opened by this program"]
    );
    capture(&folder, "pipe.wim", &["--pipable"]).unwrap();
    assert_eq!(
        said("pipe.wim"),
        ["pipe.wim: a Windows image that was made for a pipe (wimlib) is not opened by this program"]
    );
    fs::write(root.join("srv/noise.bin"), noise(3 << 20)).unwrap();
    capture(&folder, "whole.wim", &["--compress=XPRESS"]).unwrap();
    run(path, "wimlib-imagex", &["split", "whole.wim", "part.swm", "1"]).unwrap();
    for part in ["part.swm", "part2.swm"] {
        let said = said(part);
        let is_said = said.len() == 1 && said[0].contains("needs the other parts that it was split into");
        assert!(is_said, "{said:?}");
    }
    // Resources without an image: the entry with the folders is free.
    let mut without = fs::read(path.join("whole.wim")).unwrap();
    let word = |at: usize| u64::from_le_bytes(without[at..at + 8].try_into().unwrap()) as usize;
    let table = word(56);
    let list = (0..(word(48) & 0xff_ffff) / 50).map(|at| table + at * 50 + 7);
    let list = list.into_iter().find(|at| without[*at] & 2 != 0).unwrap();
    without[list] = 1;
    without[44] = 0;
    fs::write(path.join("without.wim"), without).unwrap();
    let none = said("without.wim");
    assert!(none.len() == 1 && none[0].contains("needs the file with the images"), "{none:?}");
    // What an image was made a difference of is not in it.
    fs::write(root.join("srv/new.jar"), zip(&[("lib/x.jar", &jar())])).unwrap();
    capture(&folder, "delta.wim", &["--delta-from=whole.wim"]).unwrap();
    let report = scan_image(&folder, "delta.wim");
    assert_eq!(cores(&folder, &report), ["delta.wim!/image 1 (root)!/srv/new.jar!/lib/x.jar"]);
    let said = folder.not_scanned(&report);
    assert!(said.len() == 1 && said[0].contains("hold is not in it"), "{said:?}");
}

#[test]
fn damage_in_the_tables_of_an_image_is_said() {
    let folder = Folder::new();
    let path = folder.0.path();
    fs::create_dir_all(path.join("root/a/b")).unwrap();
    fs::write(path.join("root/a/b/x.jar"), jar()).unwrap();
    fs::write(path.join("root/a/noise.bin"), noise(80_000)).unwrap();
    fs::write(path.join("root/text.txt"), "text ".repeat(30_000)).unwrap();
    for packing in ["none", "XPRESS", "LZX"] {
        let image = format!("{packing}.wim");
        let Some(()) = capture(&folder, &image, &[&format!("--compress={packing}")]) else { return };
        let whole = fs::read(path.join(&image)).unwrap();
        let (inside, report) = scan_bytes("a.wim", &whole);
        assert_eq!(cores(&inside, &report), ["a.wim!/image 1 (root)!/a/b/x.jar"]);
        assert_survives(&image, &whole, 208);
        assert_survives(&format!("{packing}-all.wim"), &whole, whole.len());
        // Everything behind the files is what tells of them: the folders, the table, and, of which nothing needs to be known, the text.
        let word = |at: usize| u64::from_le_bytes(whole[at..at + 8].try_into().unwrap()) as usize;
        let (table, text) = (word(56), word(80));
        let count = (word(48) & 0xff_ffff) / 50;
        let list = (0..count).map(|at| table + at * 50).find(|at| whole[at + 7] & 2 != 0).unwrap();
        let folders = word(list + 8)..word(list + 8) + (word(list) & 0xff_ffff);
        for at in folders.chain(table..text).step_by(3) {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (at % 8);
            let (inside, report) = scan_bytes("a.wim", &changed);
            let is_said = !inside.not_scanned(&report).is_empty();
            assert!(
                is_said || cores(&inside, &report).len() == 1,
                "{packing}: byte {at} changed says nothing"
            );
        }
        // The first file lies behind the header: a place before it is a wrong one.
        let first =
            (table..text).find(|at| (at - table) % 50 == 8 && whole[*at..*at + 8] == 208_u64.to_le_bytes());
        for bit in 4..8 {
            let mut changed = whole.clone();
            changed[first.unwrap()] ^= 1 << bit;
            let (inside, report) = scan_bytes("a.wim", &changed);
            assert!(!inside.not_scanned(&report).is_empty(), "{packing}: bit {bit}");
        }
        for cut in (208..whole.len()).step_by(whole.len() / 50) {
            let (inside, report) = scan_bytes("a.wim", &whole[..cut]);
            let is_said = !inside.not_scanned(&report).is_empty();
            assert!(is_said || cores(&inside, &report).len() == 1, "{packing} cut off at {cut}");
        }
    }
}

#[test]
fn streams_and_links_of_an_image_of_ntfs_are_told_apart() {
    let folder = Folder::new();
    let path = folder.0.path();
    root(&folder);
    fs::write(path.join("x.jar"), jar()).unwrap();
    fs::File::create(path.join("a.img")).unwrap().set_len(24 << 20).unwrap();
    if run(path, "mkntfs", &["-F", "-Q", "-q", "a.img"]).is_none()
        || capture(&folder, "root.wim", &["--compress=none"]).is_none()
    {
        return;
    }
    run(path, "wimlib-imagex", &["apply", "root.wim", "1", "a.img"]).unwrap();
    run(path, "ntfscp", &["-f", "-N", "hidden", "a.img", "x.jar", "etc/os-release"]).unwrap();
    run(path, "wimlib-imagex", &["capture", "a.img", "b.wim", "--compress=LZX"]).unwrap();
    let report = scan_image(&folder, "b.wim");
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
    let found = folder.found(&report);
    assert!(found.contains(&"b.wim!/image 1 (a.img)!/etc/os-release debian 12".to_owned()), "{found:?}");
    let streams = |it: &&String| it.contains("etc/os-release:hidden log4j-core 2.1");
    assert_eq!(found.iter().filter(streams).count(), 1, "{found:?}");
}

#[test]
fn links_are_passed_over_and_files_that_are_encrypted_or_elsewhere_are_counted() {
    let folder = Folder::new();
    let path = folder.0.path();
    let root = root(&folder);
    std::os::unix::fs::symlink("/", root.join("srv/loop")).unwrap();
    let Some(()) = capture(&folder, "a.wim", &["--compress=none", "--norpfix"]) else { return };
    let report = scan_image(&folder, "a.wim");
    assert_eq!((folder.not_scanned(&report).len(), cores(&folder, &report).len()), (0, 2));
    let image = fs::read(path.join("a.wim")).unwrap();
    let place = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memchr::memmem::find(&image, &wide).unwrap() - 102
    };
    let said = |name: &str, at: usize, bytes: &[u8]| {
        let mut changed = image.clone();
        let at = place(name) + at;
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        fs::write(path.join("b.wim"), changed).unwrap();
        let said = folder.not_scanned(&scan_image(&folder, "b.wim"));
        assert!(said.len() == 2 && said[0].contains("its list of files has another checksum"), "{said:?}");
        said.into_iter().nth(1).unwrap()
    };
    // The tag of the reparse point: CompactOS.
    let elsewhere = said("loop", 88, &0x8000_0017_u32.to_le_bytes());
    assert!(elsewhere.contains("what 1 files hold elsewhere"), "{elsewhere}");
    // The attributes: encrypted.
    let encrypted = said("large.zip", 8, &0x4000_u32.to_le_bytes());
    assert!(encrypted.contains("1 of its entries are encrypted"), "{encrypted}");
}
