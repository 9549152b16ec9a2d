use std::io::{Cursor, Read as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::*;

const CLASS: &str = "org/apache/logging/log4j/core/lookup/JndiLookup.class";

/// An archive of these entries; those that end with `.jar` are stored, as Spring Boot does.
fn jar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let method =
            if name.ends_with(".jar") { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default().compression_method(method).unix_permissions(0o640);
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.set_comment("as built").unwrap();
    zip.finish().unwrap().into_inner()
}

fn names(bytes: &[u8]) -> Vec<String> {
    let archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    archive.file_names().map(|name| name.unwrap().into_owned()).collect()
}

fn member(bytes: &[u8], name: &str) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut content = Vec::new();
    archive.by_name(name).unwrap().read_to_end(&mut content).unwrap();
    content
}

fn server() -> Mending {
    Mending { leave: Leave::OwnServer, break_signature: false, dry_run: false }
}

struct Case {
    folder: tempfile::TempDir,
    file: PathBuf,
}

fn case(bytes: &[u8]) -> Case {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.jar");
    fs::write(&file, bytes).unwrap();
    Case { folder, file }
}

impl Case {
    /// Nothing but the file lies in the folder.
    fn is_untouched(&self, bytes: &[u8]) -> bool {
        fs::read_dir(self.folder.path()).unwrap().count() == 1 && fs::read(&self.file).unwrap() == bytes
    }

    fn mend(&self, mending: &Mending) -> Result<Mended, MendError> {
        mend(&self.file, mending, Timestamp::UNIX_EPOCH)
    }
}

#[test]
fn the_class_is_gone_and_all_else_is_as_it_was_also_within_and_it_can_be_put_back() {
    let inner = jar(&[("a.txt", b"a"), (CLASS, b"code"), ("org/apache/x/JndiManager.class", b"other")]);
    let outer = jar(&[
        ("run.sh", b"#!"),
        ("BOOT-INF/lib/log4j-core.jar", &inner),
        ("b.txt", b"b"),
        ("fake.jar", b"none"),
    ]);
    for (bytes, chain) in
        [(&inner, CLASS.to_owned()), (&outer, format!("BOOT-INF/lib/log4j-core.jar!/{CLASS}"))]
    {
        let case = case(bytes);
        let dry = case.mend(&Mending { dry_run: true, ..server() }).unwrap();
        assert!(case.is_untouched(bytes));
        let mended = case.mend(&server()).unwrap();
        assert_eq!((&mended.removed, &mended.after), (&vec![chain], &dry.after));
        let now = fs::read(&case.file).unwrap();
        assert_eq!(names(&now).len(), names(bytes).len() - usize::from(bytes == &inner));
        let core = if bytes == &outer { member(&now, "BOOT-INF/lib/log4j-core.jar") } else { now };
        assert_eq!(names(&core), ["a.txt", "org/apache/x/JndiManager.class"]);
        assert_eq!(ZipArchive::new(Cursor::new(&core)).unwrap().comment(), b"as built");
        assert!(matches!(case.mend(&server()), Err(MendError::MendedBefore { .. })));
        assert_eq!(undo(&case.file).unwrap(), mended);
        assert!(case.is_untouched(bytes));
        assert!(matches!(undo(&case.file), Err(MendError::NotMended { .. })));
    }
}

#[test]
fn what_is_signed_or_prefixed_or_none_at_all_stays_as_it_is() {
    let signed = jar(&[("META-INF/MANIFEST.MF", b"m"), ("META-INF/APACHE.SF", b"s"), (CLASS, b"code")]);
    let within = jar(&[("lib/log4j-core.jar", &signed)]);
    let mut prefixed = b"#!/bin/sh\nexec java -jar $0\n".to_vec();
    prefixed.extend(jar(&[(CLASS, b"code")]));
    let lookalike = jar(&[("org/example/JndiLookup.class", b"code")]);
    let cut = &signed[..signed.len() - 10];
    for (bytes, is) in [
        (&signed[..], "is signed"),
        (&within, "it holds lib/log4j-core.jar, which is signed"),
        (&prefixed, "stands before the archive"),
        (&lookalike, "no JndiLookup class"),
        (cut, "the file: "),
        (b"", "the file: "),
    ] {
        let case = case(bytes);
        let error = case.mend(&server()).unwrap_err().to_string();
        assert!(error.contains(is), "{is:?}: {error}");
        assert!(case.is_untouched(bytes), "{is}");
    }
    let case = case(&within);
    let mended = case.mend(&Mending { break_signature: true, ..server() }).unwrap();
    assert_eq!(mended.signatures_broken, ["lib/log4j-core.jar!/"]);
}

#[test]
fn nothing_is_put_back_over_a_file_that_was_changed_since_and_a_link_is_not_followed() {
    let bytes = jar(&[(CLASS, b"code"), ("a", b"a")]);
    let case = case(&bytes);
    case.mend(&server()).unwrap();
    fs::write(&case.file, b"deployed anew").unwrap();
    assert!(matches!(undo(&case.file), Err(MendError::ChangedSince { .. })));
    assert_eq!(fs::read(&case.file).unwrap(), b"deployed anew");
    assert_eq!(fs::read(beside(&case.file, KEPT)).unwrap(), bytes);
    let document = case.folder.path().join("missing.pdf");
    let told = Mending { leave: Leave::Instruction(document), ..server() };
    assert!(matches!(case.mend(&told), Err(MendError::File { .. })));
    #[cfg(unix)]
    {
        let link = case.folder.path().join("link.jar");
        std::os::unix::fs::symlink(&case.file, &link).unwrap();
        assert!(matches!(mend(&link, &server(), Timestamp::UNIX_EPOCH), Err(MendError::NotPlain)));
    }
}

#[test]
fn a_copy_that_lost_or_changed_anything_else_is_found_out() {
    let classes = [CLASS.to_owned()];
    let old = jar(&[("a", b"a"), (CLASS, b"code"), ("b", b"b")]);
    let verified = |new: &[u8]| archive::verify((Cursor::new(&old), Cursor::new(new)), "", &classes);
    assert_eq!(verified(&jar(&[("a", b"a"), ("b", b"b")])).unwrap(), 2);
    for new in [
        jar(&[("a", b"a")]),
        jar(&[("a", b"a"), ("b", b"c")]),
        jar(&[("b", b"b"), ("a", b"a")]),
        jar(&[("a", b"a"), ("b", b"b"), ("c", b"c")]),
        jar(&[("a", b"a"), (CLASS, b"code"), ("b", b"b")]),
    ] {
        assert!(matches!(verified(&new), Err(MendError::NotSame { .. })));
    }
}
