//! `bedrail doctor`: what it prints, and how it ends.

use std::path::Path;

use tempfile::tempdir;

use super::run::{json, text};

fn loaded() -> tempfile::TempDir {
    let folder = tempdir().unwrap();
    text(folder.path(), 0, &["organisation", "list"]);
    #[cfg(unix)]
    mode(&folder.path().join("data"), 0o700);
    folder
}

#[cfg(unix)]
fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A certificate that ends in a year, in the folder.
fn certificate(folder: &Path, year: i32) {
    let mut wanted = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    wanted.not_after = rcgen::date_time_ymd(year, 3, 4);
    let key = rcgen::KeyPair::generate().unwrap();
    std::fs::write(folder.join("chain.pem"), wanted.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
}

#[test]
fn a_new_installation_works_and_has_things_to_look_at() {
    let folder = loaded();
    let told = text(folder.path(), 4, &["doctor"]);
    assert!(told.contains("ok       data folder"), "{told}");
    assert!(told.contains("warning  feeds") && told.contains("hint: bedrail db update"), "{told}");
    assert!(told.trim_end().ends_with("to look at.") && !told.contains("BROKEN"), "{told}");
    let report = json(folder.path(), 4, &["doctor", "--deep", "--format", "json"]);
    assert_eq!((&report["schema"], &report["health"]), (&"bedrail.doctor/1".into(), &"warning".into()));
    let parts: Vec<&str> =
        report["checks"].as_array().unwrap().iter().map(|check| check["part"].as_str().unwrap()).collect();
    for part in ["data_folder", "secret_key", "index", "schema", "integrity", "audit_chain", "jobs", "clock"]
    {
        assert!(parts.contains(&part), "{part}: {parts:?}");
    }
}

#[test]
fn what_is_broken_ends_with_1() {
    let folder = loaded();
    certificate(folder.path(), 2025);
    let told = text(folder.path(), 1, &["doctor", "--tls-cert", "chain.pem", "--tls-key", "key.pem"]);
    assert!(
        told.contains("BROKEN   certificate          it counts no more since 2025-03-04T00:00:00Z"),
        "{told}"
    );
    certificate(folder.path(), 2999);
    let told = text(folder.path(), 4, &["doctor", "--tls-cert", "chain.pem", "--tls-key", "key.pem"]);
    assert!(told.contains("ok       certificate          it counts until 2999-03-04T00:00:00Z"), "{told}");
    std::fs::remove_file(folder.path().join("data/bedrail.sqlite")).unwrap();
    let told = text(folder.path(), 1, &["doctor"]);
    assert!(told.contains("BROKEN   database") && told.contains("hint: "), "{told}");
    assert!(!folder.path().join("data/bedrail.sqlite").exists(), "it makes none");
}
