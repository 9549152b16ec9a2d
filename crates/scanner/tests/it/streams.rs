//! What lies behind the end of an archive, and links in it.

use crate::made::*;
use crate::tools::*;

/// A hard link of a tar archive.
fn hard_link(name: &str, target: &str) -> Vec<u8> {
    link(b'1', name, target)
}

/// A link: an entry of this kind without bytes.
pub(crate) fn link(kind: u8, name: &str, target: &str) -> Vec<u8> {
    let mut header = tar(&[(name, b"")])[..512].to_vec();
    header[156] = kind;
    header[157..157 + target.len()].copy_from_slice(target.as_bytes());
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

/// An archive without the zeros at its end.
fn open_end(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let archive = tar(entries);
    archive[..archive.len() - 1024].to_vec()
}

#[test]
fn what_lies_behind_the_first_archive_of_an_initial_ram_disk_is_read() {
    let microcode = cpio(&[("kernel/x86/microcode/AuthenticAMD.bin", b"micro")]);
    let root = cpio(&[("lib/log4j-core.jar", &jar())]);
    let kinds: [(&str, Vec<u8>); 5] = [
        ("as it is", root.clone()),
        ("gzip", gzip(&root)),
        ("xz", xz(&root)),
        ("zstd", zstd(&root)),
        ("lzma", lzma(&root)),
    ];
    for (kind, packed) in kinds {
        for padding in [0, 3, 512, 100_000] {
            let image = [microcode.as_slice(), &vec![0; padding], &packed].concat();
            let (folder, report) = scan_bytes("initrd.img", &image);
            let found = cores(&folder, &report);
            assert_eq!(found.len(), 1, "{kind}, {padding}: {:?}", folder.not_scanned(&report));
            assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{kind}, {padding}");
            assert_eq!(kind == "as it is", !found[0].contains("(behind the first archive)"), "{found:?}");
        }
    }
    let (folder, report) = scan_bytes("initrd.img", &[microcode.as_slice(), b"something else"].concat());
    let said = folder.not_scanned(&report);
    assert!(said.len() == 1 && said[0].contains("what stands behind its end"), "{said:?}");
    // The payload of an rpm package is padded.
    let payload = [cpio(&[("lib/log4j-core.jar", &jar())]), vec![0; 300]].concat();
    let (folder, report) = scan_bytes("a.rpm", &rpm("pump", "1.0", "gzip", &gzip(&payload)));
    assert_eq!(cores(&folder, &report).len(), 1);
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
}

#[test]
fn tar_archives_behind_one_another_are_read() {
    let (first, second) = (tar(&[("a.txt", b"a")]), tar(&[("lib/log4j-core.jar", &jar())]));
    for bytes in
        [[first.clone(), second.clone()].concat(), [first.clone(), vec![0; 512 * 300], second].concat()]
    {
        let (folder, report) = scan_bytes("two.tar", &bytes);
        assert_eq!(cores(&folder, &report), ["two.tar!/lib/log4j-core.jar"]);
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
    }
    let (folder, report) = scan_bytes("two.tar", &[first, b"something else".to_vec()].concat());
    let said = folder.not_scanned(&report);
    assert!(said.len() == 1 && said[0].contains("what stands behind its end"), "{said:?}");
}

#[test]
fn hard_links_are_read_as_what_they_lead_to() {
    let lodash = br#"{"name":"lodash","version":"4.17.20"}"#;
    let large = vec![0_u8; 300 << 10];
    let archive = [
        open_end(&[("./store/ab/cdef", lodash), ("store/large", &large)]),
        hard_link("app/node_modules/lodash/package.json", "store/ab/cdef"),
        hard_link("app/other.txt", "store/ab/cdef"),
        hard_link("var/lib/rpm/rpmdb.sqlite", "store/large"),
        tar(&[]),
    ]
    .concat();
    let (folder, report) = scan_bytes("app.tar", &archive);
    assert_eq!(folder.found(&report), ["app.tar!/app/node_modules/lodash/package.json lodash 4.17.20"]);
    let said = folder.not_scanned(&report);
    assert!(said.len() == 1 && said[0].contains("the hard link needs store/large"), "{said:?}");
}

#[test]
fn zstd_that_begins_with_a_frame_to_skip_and_lzma_without_a_mark_are_read() {
    let archive = tar(&[("lib/log4j-core.jar", &jar())]);
    let skipped = [b"\x50\x2a\x4d\x18\x04\0\0\0".as_slice(), &[1, 2, 3, 4], &zstd(&archive)].concat();
    for (name, bytes) in [("a.tar.zst", skipped), ("a.tar.lzma", lzma(&archive)), ("a.tlz", lzma(&archive))] {
        let (folder, report) = scan_bytes(name, &bytes);
        assert_eq!(cores(&folder, &report), [format!("{name}!/a.tar!/lib/log4j-core.jar")]);
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{name}");
    }
}

/// An archive of Electron with these entries; they lie one behind the other.
fn asar(list: &str, bodies: &[u8]) -> Vec<u8> {
    let length = u32::try_from(list.len()).unwrap();
    let padded = length.next_multiple_of(4);
    let mut archive = Vec::new();
    for number in [4, padded + 8, padded + 4, length] {
        archive.extend(number.to_le_bytes());
    }
    archive.extend(list.bytes());
    archive.resize(16 + padded as usize, 0);
    archive.extend(bodies);
    archive
}

#[test]
fn archives_of_electron_are_read() {
    let lodash = br#"{"name":"lodash","version":"4.17.20"}"#;
    let list = format!(
        r#"{{"files":{{"node_modules":{{"files":{{"lodash":{{"files":{{"package.json":{{"size":{},"offset":"3"}}}}}},"b.node":{{"size":9,"unpacked":true}}}}}},"gone.js":{{"size":99,"offset":"2"}},"a.js":{{"size":3,"offset":"0"}}}}}}"#,
        lodash.len()
    );
    let archive = asar(&list, &[b"abc".as_slice(), lodash].concat());
    for (name, bytes) in
        [("app.asar", archive.clone()), ("app.zip", zip(&[("resources/app.asar", &archive)]))]
    {
        let (folder, report) = scan_bytes(name, &bytes);
        let found = folder.found(&report);
        let ending = "app.asar!/node_modules/lodash/package.json lodash 4.17.20";
        assert!(found.len() == 1 && found[0].ends_with(ending), "{found:?}");
        let said = folder.not_scanned(&report);
        assert!(said.len() == 1 && said[0].contains("gone.js: the asar archive is damaged"), "{said:?}");
    }
    crate::tools::assert_survives("app.asar", &archive, archive.len());
}

#[test]
fn what_lzop_writes_is_read_and_what_is_wrong_with_it_said() {
    let folder = Folder::new();
    let path = folder.0.path();
    // Several blocks: one of a text, others that cannot be packed.
    let text = "a line of a text\n".repeat(20_000).into_bytes();
    std::fs::write(
        path.join("a.tar"),
        tar(&[("text", &text), ("noise", &noise(600_000)), ("x.jar", &jar())]),
    )
    .unwrap();
    for (at, options) in [&["-1"][..], &["-9"], &["-5", "-F"], &["-3", "-P"]].iter().enumerate() {
        let image = format!("{at}.tar.lzo");
        let Some(()) = run(path, "lzop", &[*options, &["-o", &image, "a.tar"]].concat()) else { return };
        let report = scan_image(&folder, &image);
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
        assert_eq!(cores(&folder, &report), [format!("{image}!/{at}.tar!/x.jar")]);
    }
    // From its standard input, without a name and a time; two behind one another are one.
    run(path, "sh", &["-c", "head -c 500000 a.tar | lzop > b.tzo; tail -c +500001 a.tar | lzop >> b.tzo"])
        .unwrap();
    assert_eq!(cores(&folder, &scan_image(&folder, "b.tzo")), ["b.tzo!/b.tar!/x.jar"]);
    let whole = std::fs::read(path.join("1.tar.lzo")).unwrap();
    let mut random = Random(0x10);
    for _ in 0..100 {
        let mut changed = whole.clone();
        // Behind the header, of which nothing is needed but its length.
        let place = 60 + (random.next() % (whole.len() as u64 - 60)) as usize;
        changed[place] ^= 1 << (random.next() % 8);
        let (_folder, report) = scan_bytes("a.tar.lzo", &changed);
        assert!(!report.not_scanned.is_empty(), "changed at {place}");
        let (_folder, report) = scan_bytes("a.tar.lzo", &whole[..place]);
        assert!(!report.not_scanned.is_empty(), "cut off at {place}");
    }
    for (at, value) in [(15, 9), (19, 8)] {
        let mut other = whole.clone();
        other[at] = value;
        let (folder, report) = scan_bytes("a.tar.lzo", &other);
        let said = folder.not_scanned(&report);
        assert!(
            !said.is_empty() && said.iter().all(|it| it.contains("another method or with a filter")),
            "{said:?}"
        );
    }
    let (folder, report) = scan_bytes("a.tar.lzo", &[&whole[..], b"something else"].concat());
    assert!(folder.not_scanned(&report)[0].contains("does not begin as one does"));
    assert_survives("lzop", &whole[..20_000], 200);
}
