//! What is sealed holds, is the same each time, and can be opened by others.

use std::io::{Cursor, Read as _};

use bedrail_binder::{SealError, Trust, verify};

use crate::{Key, binder, checked, description, entries, entry, right, sealed_by};

#[test]
fn what_is_sealed_holds_and_is_the_same_each_time() {
    let (zip, sealed) = sealed_by(&Key::new(1), entries()).unwrap();
    let verified = checked(&zip).unwrap();
    assert_eq!(verified.manifest, sealed.manifest);
    assert_eq!((verified.bytes, sealed.bytes), (zip.len() as u64, zip.len() as u64));
    assert_eq!(verified.key, hex_of(&Key::new(1).public()));
    assert_eq!(verified.manifest.binder, description());
    let paths: Vec<&str> = verified.manifest.entries.iter().map(|line| line.path.as_str()).collect();
    assert_eq!(paths, ["documents/risk analysis.txt", "states.csv", "Ärzte.csv"]);
    assert_eq!(zip, binder());
    let empty = sealed_by(&Key::new(1), Vec::new()).unwrap().0;
    assert_eq!(checked(&empty).unwrap().manifest.head, "0".repeat(64));
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn another_program_opens_it_and_finds_the_same() {
    let mut archive = zip::ZipArchive::new(Cursor::new(binder())).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let own = ["README.txt", "manifest.json", "SHA256SUMS", "SHA256SUMS.sig", "key.pem"];
    assert!(own.iter().all(|name| names.iter().any(|it| it == name)), "{names:?}");
    for entry in entries() {
        let mut content = Vec::new();
        archive.by_name(&entry.path).unwrap().read_to_end(&mut content).unwrap();
        assert_eq!(content, entry.content, "{}", entry.path);
    }
}

#[test]
fn paths_that_mean_harm_and_doubles_are_refused() {
    let long = "a".repeat(241);
    for path in [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "a/",
        "./a",
        "a\\b",
        "c:x",
        "a\nb",
        "a\u{0}b",
        "con.",
        "a /b",
        " a",
        "what?",
        &long,
    ] {
        let error = sealed_by(&Key::new(1), vec![entry(path, "x")]).unwrap_err();
        assert!(matches!(error, SealError::Path { .. }), "{path:?}: {error}");
    }
    for (first, second) in
        [("b", "a"), ("a", "a"), ("A.csv", "a.csv"), ("a", "manifest.json"), ("a", "readme.TXT")]
    {
        let error = sealed_by(&Key::new(1), vec![entry(first, "x"), entry(second, "y")]).unwrap_err();
        assert!(matches!(error, SealError::Order { .. }), "{first} {second}: {error}");
    }
}

#[test]
fn a_signer_and_a_period_that_cannot_be_are_refused() {
    let sign = |_: &[u8]| vec![0; 63];
    let signer = bedrail_binder::Signer { public_key: [1; 32], sign: &sign };
    let error = bedrail_binder::seal(Vec::new(), description(), entries(), signer).unwrap_err();
    assert!(matches!(error, SealError::Signature(63)));
    let mut backwards = description();
    backwards.to = "2025-01-01T00:00:00Z".parse().unwrap();
    let error = bedrail_binder::seal(Vec::new(), backwards, entries(), signer).unwrap_err();
    assert!(matches!(error, SealError::Period));
}

#[test]
fn a_binder_by_another_key_is_not_trusted_and_names_its_key() {
    let (zip, _) = sealed_by(&Key::new(2), entries()).unwrap();
    let error = checked(&zip).unwrap_err().to_string();
    assert!(error.contains("key.pem: it is another key"), "{error}");
    let verified = verify(zip.as_slice(), Trust::Unknown, &right).unwrap();
    assert_eq!(verified.key, hex_of(&Key::new(2).public()));
}
