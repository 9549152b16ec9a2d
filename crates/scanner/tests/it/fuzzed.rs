//! What `make fuzz` found, read again; and the files that it begins with.

use std::fs;
use std::path::{Path, PathBuf};

use bedrail_scanner::targets;

use crate::made::*;

/// Keeps a file for `make fuzz` to begin with, where it asks for that (`BEDRAIL_SEEDS` names a folder).
pub(crate) fn seed(target: Option<&str>, name: &str, bytes: &[u8]) {
    const MAX_BYTES: usize = 1 << 20;
    let Some(folder) = std::env::var_os("BEDRAIL_SEEDS").map(PathBuf::from) else { return };
    let Some(target) = target.map(str::to_owned).or_else(|| targets::of(bytes)) else { return };
    if bytes.len() <= MAX_BYTES {
        fs::create_dir_all(folder.join(&target)).unwrap();
        fs::write(folder.join(target).join(name.replace('/', "-")), bytes).unwrap();
    }
}

#[test]
fn what_was_found_once_breaks_nothing_any_more() {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/found");
    let mut count = 0;
    for folder in fs::read_dir(found).unwrap() {
        let folder = folder.unwrap();
        let target = folder.file_name().into_string().unwrap();
        for file in fs::read_dir(folder.path()).unwrap() {
            targets::read(&target, &fs::read(file.unwrap().path()).unwrap()).unwrap();
            count += 1;
        }
    }
    assert!(count > 0);
}

#[test]
fn every_target_reads_what_it_is_for() {
    let archive = tar(&[("x.jar", &jar())]);
    for (target, bytes) in [
        ("zip", zip(&[("x.jar", &jar())])),
        ("tar", archive.clone()),
        ("gzip", gzip(&archive)),
        ("xz", xz(&archive)),
        ("zstd", zstd(&archive)),
        ("bzip2", bzip2(&archive)),
        ("ar", ar(&[("data.tar", &archive)])),
        ("cpio", cpio(&[("x.jar", &jar())])),
        ("rpm", rpm("a", "1", "gzip", &gzip(&cpio(&[("x.jar", &jar())])))),
        ("any-file", archive.clone()),
    ] {
        let report = targets::read(target, &bytes).unwrap();
        assert!(report.found.iter().any(|it| it.name == "log4j-core"), "{target}: {report:?}");
        seed(Some(target), "made", &bytes);
    }
    seed(None, "made", &jndi_lookup(CORE));
    assert!(targets::names().all(|name| targets::read(&name, &archive).is_ok()));
    assert!(targets::read("nothing", &archive).is_err());
}

/// libbz2-rs-sys counts the length of a code below zero, which the workspace's profile lets it do.
#[test]
fn a_bit_changed_anywhere_in_bzip2_breaks_nothing() {
    let whole = bzip2(&tar(&[("x.jar", &jar())]));
    for bit in 0..whole.len() * 8 {
        let mut changed = whole.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        targets::read("bzip2", &changed).unwrap();
    }
}
