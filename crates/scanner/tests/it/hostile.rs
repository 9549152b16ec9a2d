//! Files that mean harm: bombs, quines, names, sizes that lie, and every real kind cut off at every byte.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bedrail_scanner::budget::Shared;
use bedrail_scanner::class_file::ClassFile;
use bedrail_scanner::{Options, scan};

use crate::made::*;

#[test]
fn a_file_cut_off_anywhere_ends_in_a_report() {
    let jar = jar();
    let kinds = [
        ("zip", zip(&[("a.txt", b"a"), ("x.jar", &jar)])),
        ("tar", tar(&[("x.jar", &jar)])),
        ("tgz", gzip(&tar(&[("x.jar", &jar)]))),
        ("bz2", bzip2(&tar(&[("x.jar", &jar)]))),
        ("xz", xz(&tar(&[("x.jar", &jar)]))),
        ("zst", zstd(&tar(&[("x.jar", &jar)]))),
        ("cpio", cpio(&[("x.jar", &jar)])),
        ("deb", ar(&[("data.tar", &tar(&[("x.jar", &jar)]))])),
        ("rpm", rpm("a", "1", "gzip", &gzip(&cpio(&[("x.jar", &jar)])))),
    ];
    for (kind, bytes) in kinds {
        // Every thirteenth byte meets every field in some entry.
        let cuts = (8..bytes.len()).filter(|at| *at % 13 == 0 || at + 30 > bytes.len());
        for cut in cuts {
            let (folder, report) = scan_bytes("cut", &bytes[..cut]);
            let is_told = !report.not_scanned.is_empty() || cores(&folder, &report).len() == 1;
            assert!(is_told || cut < 600, "{kind} cut off at {cut} of {} says nothing", bytes.len());
        }
    }
}

#[test]
fn a_byte_changed_anywhere_breaks_nothing() {
    let bytes = zip(&[("x.jar", &jar()), ("y.tgz", &gzip(&tar(&[("z.jar", &jar())])))]);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] = [0, 0xff, bytes[at] ^ 1][at % 3];
        scan_bytes("changed.zip", &changed);
    }
}

#[test]
fn a_class_file_cut_off_or_changed_anywhere_is_refused_or_read() {
    let whole = class("a/B", &["text"]);
    assert!(ClassFile::parse(&whole).unwrap().has_text("text"));
    for at in 0..whole.len() {
        assert!(ClassFile::parse(&whole[..at]).is_err() || at > whole.len() - 3, "{at}");
        for value in [0, 0x7f, 0xff] {
            let mut changed = whole.clone();
            changed[at] = value;
            // Whatever it says, it says something.
            let _ = ClassFile::parse(&changed);
        }
    }
}

#[test]
fn a_bomb_is_ended_by_its_ratio_and_hides_nothing_beside_it() {
    let zeros = vec![0; 64 << 20];
    let bomb = gzip(&zeros);
    let folder = Folder::new().with("bomb.gz", &bomb).with("x.jar", &jar());
    let report = folder.scan_with(&limited(|limits| limits.expanded_bytes = 10 << 20));
    assert_eq!(cores(&folder, &report), ["x.jar"]);
    let said = folder.not_scanned(&report);
    assert!(said.len() == 1 && said[0].contains("expands to more than 10485760 bytes"), "{said:?}");
}

#[test]
fn zips_in_zips_without_end_are_ended_by_the_number_of_entries() {
    let mut layer = zip(&[("a.bin", &[0; 4096])]);
    for _ in 0..5 {
        let names: Vec<String> = (0..16).map(|at| format!("{at}.zip")).collect();
        let entries: Vec<(&str, &[u8])> =
            names.iter().map(|name| (name.as_str(), layer.as_slice())).collect();
        layer = zip(&entries);
    }
    let folder = Folder::new().with("42.zip", &layer);
    let report = folder.scan_with(&limited(|limits| limits.entries = 10_000));
    let said = folder.not_scanned(&report);
    assert!(said.len() == 1 && said[0].contains("more than 10000 entries"), "{said:?}");
}

#[test]
fn entries_that_lie_about_their_size_are_read_as_they_are() {
    let mut bytes = jar();
    // The list's sizes: of the last entry, unpacked and packed.
    let listed = memchr::memmem::rfind(&bytes, b"PK\x01\x02").unwrap();
    bytes[listed + 24..listed + 28].copy_from_slice(&u32::MAX.to_le_bytes());
    let (folder, report) = scan_bytes("x.jar", &bytes);
    assert_eq!(cores(&folder, &report), ["x.jar"]);
    bytes[listed + 20..listed + 24].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    let (_folder, report) = scan_bytes("x.jar", &bytes);
    assert!(!report.not_scanned.is_empty());
}

#[test]
fn names_are_only_names() {
    let long = "n/".repeat(30_000) + "x.jar";
    let jar = jar();
    let bytes = zip(&[
        ("../../../../tmp/bedrail-slipped.jar", &jar),
        ("/etc/x.jar", &jar),
        ("a\0b\u{1b}[31m.jar", &jar),
        (&long, &jar),
    ]);
    let (folder, report) = scan_bytes("names.zip", &bytes);
    assert_eq!(cores(&folder, &report).len(), 4);
    assert!(!std::path::Path::new("/tmp/bedrail-slipped.jar").exists());
    let said = folder.not_scanned(&report);
    assert!(said.len() == 1 && said[0].contains("was cut"), "{}", said.len());
}

#[test]
fn encrypted_entries_are_said_once_and_hide_nothing() {
    let mut bytes = zip(&[("a.jar", &jar()), ("b.jar", &jar())]);
    // Flag bit 0 of the first entry, in its header and in the list.
    bytes[6] |= 1;
    let list = memchr::memmem::find_iter(&bytes, b"PK\x01\x02")
        .find(|at| bytes[at + 46..].starts_with(b"a.jar"))
        .unwrap();
    bytes[list + 8] |= 1;
    let (folder, report) = scan_bytes("x.zip", &bytes);
    assert_eq!(cores(&folder, &report), ["x.zip!/b.jar"]);
    assert_eq!(
        folder.not_scanned(&report),
        ["x.zip: 1 of its entries are encrypted, and were not looked at"]
    );
}

#[test]
fn a_wrong_checksum_is_said_and_the_entry_is_looked_at_all_the_same() {
    let mut bytes = jar();
    for at in memchr::memmem::find_iter(&bytes.clone(), b"PK\x01\x02") {
        bytes[at + 16] ^= 0xff;
    }
    let (folder, report) = scan_bytes("x.jar", &bytes);
    assert_eq!(cores(&folder, &report), ["x.jar"]);
    assert!(folder.not_scanned(&report).iter().any(|it| it.contains("checksum is wrong")));
}

#[test]
fn what_does_not_fit_into_memory_goes_to_a_temporary_file() {
    let inner = zip(&[("filler.bin", &vec![7; 300 << 10]), ("x.jar", &jar())]);
    let folder = Folder::new().with("a.tgz", &gzip(&tar(&[("inner.zip", &inner)])));
    let report = folder.scan_with(&limited(|limits| limits.memory = 0));
    assert_eq!(cores(&folder, &report).len(), 1, "{:?}", folder.not_scanned(&report));
}

#[test]
fn a_scan_that_is_stopped_says_so_and_keeps_what_it_has() {
    let folder = Folder::new().with("x.jar", &jar());
    let shared = Shared::default();
    shared.stop.store(true, Ordering::Relaxed);
    let report = scan(&[folder.0.path().to_owned()], &Options::default(), &shared);
    assert!(report.stopped);
}

#[test]
fn a_file_that_takes_too_long_is_ended() {
    let names: Vec<String> = (0..200).map(|at| format!("{at}.bin")).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    let folder = Folder::new().with("slow.zip", &zip(&entries)).with("x.jar", &jar());
    let report = folder.scan_with(&limited(|limits| limits.time = Duration::ZERO));
    let said = folder.not_scanned(&report);
    assert!(said.iter().any(|it| it.starts_with("slow.zip: it took longer")), "{said:?}");
}

#[cfg(unix)]
#[test]
fn links_sockets_and_pipes_are_passed_over_and_nothing_loops() {
    let folder = Folder::new().with("sub/x.jar", &jar());
    let path = folder.0.path();
    std::os::unix::fs::symlink(path, path.join("sub/loop")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", path.join("sub/out")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(path.join("socket")).unwrap();
    let report = folder.scan();
    assert_eq!(cores(&folder, &report), ["sub/x.jar"]);
    assert_eq!((report.files, report.passed_over), (1, 3));
}

#[test]
fn what_is_excluded_is_left_out_by_name_and_by_path() {
    let folder =
        Folder::new().with("keep/x.jar", &jar()).with("skip/x.jar", &jar()).with("keep/cache/x.jar", &jar());
    let mut options = Options::default();
    options.walk.exclude = vec!["cache".into(), folder.0.path().join("skip")];
    assert_eq!(cores(&folder, &folder.scan_with(&options)), ["keep/x.jar"]);
}

#[test]
fn renamed_one_by_one_is_found_only_by_looking_at_everything() {
    // Without a real jar's instructions nothing can be told by them; `real.rs` has the finding of such a jar.
    let folder = Folder::new().with("x.jar", &zip(&[("a/B.class", &class("a/B", &[]))]));
    assert!(folder.scan_with(&thorough()).found.is_empty());
}
