//! Every kind of container, alone and inside the others.

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use crate::made::*;

/// Each kind with one jar in it.
fn each_kind(name: &str, inner: &[u8]) -> Vec<(String, Vec<u8>)> {
    let entry = [(name, inner)];
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    vec![
        ("a.zip".into(), zip(&entry)),
        ("stored.war".into(), zip_with(&entry, stored)),
        ("a.tar".into(), tar(&entry)),
        ("a.tgz".into(), gzip(&tar(&entry))),
        ("a.tar.bz2".into(), bzip2(&tar(&entry))),
        ("a.tar.xz".into(), xz(&tar(&entry))),
        ("a.tar.zst".into(), zstd(&tar(&entry))),
        (format!("{name}.gz"), gzip(inner)),
        ("a.cpio".into(), cpio(&entry)),
        ("a.deb".into(), ar(&[("debian-binary", b"2.0\n"), ("data.tar.xz", &xz(&tar(&entry)))])),
        ("a.rpm".into(), rpm("pump", "1.0", "gzip", &gzip(&cpio(&entry)))),
        ("b.rpm".into(), rpm("pump", "1.0", "zstd", &zstd(&cpio(&entry)))),
    ]
}

#[test]
fn a_jar_is_found_in_every_kind() {
    for (name, bytes) in each_kind("lib/log4j-core.jar", &jar()) {
        let (folder, report) = scan_bytes(&name.replace('/', "_"), &bytes);
        let found = cores(&folder, &report);
        assert_eq!(found.len(), 1, "{name}: {:?}", folder.not_scanned(&report));
        assert!(found[0].contains("log4j-core.jar"), "{name}: {found:?}");
        assert_eq!(folder.not_scanned(&report), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_jar_is_found_in_every_kind_in_every_kind() {
    for (inner_name, inner) in each_kind("x.jar", &jar()) {
        for (name, bytes) in each_kind(&inner_name, &inner) {
            let (folder, report) = scan_bytes(&name, &bytes);
            assert_eq!(
                cores(&folder, &report).len(),
                1,
                "{inner_name} in {name}: {:?}",
                folder.not_scanned(&report)
            );
        }
    }
}

#[test]
fn nesting_is_followed_to_the_twentieth_level() {
    let mut bytes = jar();
    for level in 1..=20 {
        bytes = match level % 4 {
            0 => gzip(&tar(&[("inner", &bytes)])),
            1 => zip(&[("inner", &bytes)]),
            2 => cpio(&[("inner", &bytes)]),
            _ => xz(&bytes),
        };
        let (folder, report) = scan_bytes("outer", &bytes);
        assert_eq!(cores(&folder, &report).len(), 1, "{level}: {:?}", folder.not_scanned(&report));
    }
}

#[test]
fn deeper_than_allowed_is_said_and_what_is_beside_it_is_found() {
    let mut bytes = jar();
    for _ in 0..10 {
        bytes = zip(&[("inner", &bytes)]);
    }
    let folder = Folder::new().with("deep.zip", &bytes).with("flat.jar", &jar());
    let report = folder.scan_with(&limited(|limits| limits.depth = 5));
    assert_eq!(cores(&folder, &report), ["flat.jar"]);
    let said = folder.not_scanned(&report);
    assert!(said.len() == 1 && said[0].contains("deeper than 5 containers"), "{said:?}");
}

#[test]
fn a_program_with_an_archive_behind_it_is_opened() {
    let script = [b"#!/bin/sh\nexec java -jar \"$0\"\n".as_slice(), &jar()].concat();
    let (folder, report) = scan_bytes("start", &script);
    assert_eq!(cores(&folder, &report), ["start"]);
    // Also with a comment behind the end, and inside of an archive.
    let mut program = [b"MZ".as_slice(), &[0; 3000], &jar()].concat();
    let end = program.len();
    program[end - 2..].copy_from_slice(&5_u16.to_le_bytes());
    program.extend(b"hello");
    let (folder, report) = scan_bytes("setup.zip", &zip(&[("setup.exe", &program)]));
    assert_eq!(cores(&folder, &report), ["setup.zip!/setup.exe"]);
}

#[test]
fn zip64_and_unusual_methods_are_read() {
    let path = format!("{CORE}/lookup/JndiLookup.class");
    let class = jndi_lookup(CORE);
    let large = SimpleFileOptions::default().large_file(true);
    let (folder, report) = scan_bytes("large.jar", &zip_with(&[(&path, &class)], large));
    assert_eq!(cores(&folder, &report), ["large.jar"]);
    let mut many: Vec<(String, &[u8])> = (0..70_000).map(|at| (format!("{at}.txt"), &b""[..])).collect();
    many.push((path, &class));
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let (folder, report) = scan_bytes("many.jar", &zip(&many));
    assert_eq!(cores(&folder, &report), ["many.jar"]);
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
}

/// A zip as some writers of streams make it: not packed, and sizes only behind the body.
fn stored_with_descriptor(name: &str, body: &[u8], list: bool) -> Vec<u8> {
    let crc = crc32fast::hash(body).to_le_bytes();
    let size = u32::try_from(body.len()).unwrap().to_le_bytes();
    let length = u16::try_from(name.len()).unwrap().to_le_bytes();
    let mut bytes =
        [b"PK\x03\x04\x14\0\x08\0\0\0\0\0\0\0".as_slice(), &[0; 12], &length, &[0; 2], name.as_bytes(), body]
            .concat();
    bytes.extend([b"PK\x07\x08".as_slice(), &crc, &size, &size].concat());
    if list {
        let at = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let listed = [
            b"PK\x01\x02\x14\0\x14\0\x08\0\0\0\0\0\0\0".as_slice(),
            &crc,
            &size,
            &size,
            &length,
            &[0; 16],
            name.as_bytes(),
        ]
        .concat();
        let length = u32::try_from(listed.len()).unwrap().to_le_bytes();
        bytes.extend(listed);
        bytes.extend([b"PK\x05\x06\0\0\0\0\x01\0\x01\0".as_slice(), &length, &at, &[0; 2]].concat());
    }
    bytes
}

#[test]
fn entries_whose_size_stands_behind_them_are_read() {
    let inner = jar();
    let (folder, report) = scan_bytes("stream.zip", &stored_with_descriptor("x.jar", &inner, true));
    assert_eq!(cores(&folder, &report), ["stream.zip!/x.jar"]);
    assert_eq!(folder.not_scanned(&report), Vec::<String>::new());
    // Without its list: the nested archive's own marks must not be taken for the outer one's.
    let (folder, report) = scan_bytes("stream.zip", &stored_with_descriptor("x.jar", &inner, false));
    assert_eq!(cores(&folder, &report), ["stream.zip!/x.jar"]);
    let said = folder.not_scanned(&report);
    assert!(said.len() == 1 && said[0].contains("list of entries is damaged"), "{said:?}");
}

#[test]
fn a_damaged_list_of_entries_hides_nothing() {
    let whole = zip(&[("a.txt", b"a"), ("lib/x.jar", &jar()), ("b.txt", b"b")]);
    let list = memchr::memmem::find(&whole, b"PK\x01\x02a")
        .unwrap_or_else(|| memchr::memmem::rfind(&whole, b"PK\x01\x02").unwrap());
    let mut damaged = whole.clone();
    damaged[list..list + 4].fill(0xff);
    for (what, bytes) in [("overwritten", damaged.as_slice()), ("cut off", &whole[..list + 10])] {
        let (folder, report) = scan_bytes("x.war", bytes);
        assert_eq!(cores(&folder, &report), ["x.war!/lib/x.jar"], "{what}");
        assert!(!report.not_scanned.is_empty(), "{what}");
    }
}

#[test]
fn what_is_known_and_not_opened_is_said() {
    let kinds: &[(&str, &[u8])] = &[
        ("a.wim", b"WLPWM\0\0\0\0\0\0\0"),
        ("a.rar", b"Rar!\x1a\x07\x01\0\0\0\0\0"),
        ("a.part", b"UBI!\x01\0\0\0\0\0\0\0"),
    ];
    for (name, bytes) in kinds {
        let (folder, report) = scan_bytes(name, bytes);
        let said = folder.not_scanned(&report);
        assert!(said.len() == 1 && said[0].contains("is not opened"), "{name}: {said:?}");
        let (folder, report) = scan_bytes("outer.zip", &zip(&[(name, bytes), ("x.jar", &jar())]));
        assert_eq!(folder.not_scanned(&report).len(), 1, "{name}");
        assert_eq!(cores(&folder, &report), ["outer.zip!/x.jar"]);
    }
}
