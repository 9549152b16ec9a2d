//! `bedrail db`: fetching, carrying and looking at vulnerability data.

use std::fs;

use tempfile::tempdir;

use super::run::{json, run, stderr, text};
use super::{mirror, scan::NPM};

#[test]
fn a_mirror_may_lack_what_is_only_welcome() {
    let folder = tempdir().unwrap();
    mirror::write(&folder.path().join("mirror"));
    let told = text(folder.path(), 0, &["db", "update", "--mirror", "mirror"]);
    assert!(told.starts_with("A new index is in use: 13 advisories."), "{told}");
    let again = text(folder.path(), 0, &["db", "update", "--mirror", "mirror"]);
    assert!(again.starts_with("Nothing changed: 13 advisories."), "{again}");
}

#[test]
fn a_source_that_is_missing_or_damaged_makes_an_update_incomplete() {
    let folder = tempdir().unwrap();
    mirror::write(&folder.path().join("mirror"));
    fs::remove_dir_all(folder.path().join("mirror/osv/Maven")).unwrap();
    let told = text(folder.path(), 4, &["db", "update", "--mirror", "mirror"]);
    assert!(told.contains("osv/Maven") && told.contains("not fetched"), "{told}");
    mirror::write_feed(&folder.path().join("mirror"), "Maven", 1, "2025-02-10");
    fs::write(folder.path().join("mirror/osv/npm/all.zip"), "no zip").unwrap();
    let told = text(folder.path(), 4, &["db", "update", "--mirror", "mirror"]);
    assert!(told.contains("refused") && told.contains("13 advisories"), "what was held stays: {told}");
    let output = run(folder.path(), &["db", "update", "--mirror", "nowhere"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("nowhere"), "{}", stderr(&output));
}

#[test]
fn the_status_reports_and_ends_with_0() {
    let folder = tempdir().unwrap();
    assert!(text(folder.path(), 0, &["db", "status"]).starts_with("Starter data, "));
    mirror::write(&folder.path().join("mirror"));
    text(folder.path(), 0, &["db", "update", "--mirror", "mirror"]);
    let young = ["db", "status", "--as-of", "2025-02-12", "--max-data-age", "20"];
    assert!(text(folder.path(), 0, &young).starts_with("Complete: 13 advisories"));
    let old = json(folder.path(), 0, &["db", "status", "--as-of", "2025-06-01", "--format", "json"]);
    assert_eq!((&old["schema"], &old["complete"]), (&"bedrail.data/1".into(), &false.into()));
    assert!(old["sources"].as_array().unwrap().iter().all(|source| source["state"] == "stale"));
}

#[test]
fn a_bundle_carries_everything() {
    let folder = tempdir().unwrap();
    mirror::write(&folder.path().join("mirror"));
    text(folder.path(), 0, &["db", "update", "--mirror", "mirror"]);
    let told = text(folder.path(), 0, &["db", "bundle", "carry.bundle"]);
    assert!(told.starts_with("Wrote 15 feeds to carry.bundle"), "{told}");
    let here = json(folder.path(), 0, &["db", "status", "--format", "json"]);
    let offline = folder.path().join("offline");
    fs::create_dir(&offline).unwrap();
    text(&offline, 0, &["db", "update", "--from-bundle", "../carry.bundle"]);
    let there = json(&offline, 0, &["db", "status", "--format", "json"]);
    assert_eq!(here["snapshot"], there["snapshot"]);
    fs::write(folder.path().join("carry.bundle"), "torn").unwrap();
    let output = run(&offline, &["db", "update", "--from-bundle", "../carry.bundle"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(json(&offline, 0, &["db", "status", "--format", "json"])["snapshot"], here["snapshot"]);
}

#[test]
fn a_record_is_printed_as_it_is_held() {
    let folder = tempdir().unwrap();
    let record = json(folder.path(), 0, &["db", "dump", "CVE-2021-44228"]);
    assert_eq!(record["id"], "CVE-2021-44228");
    let output = run(folder.path(), &["db", "dump", "CVE-1900-1"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty() && stderr(&output).contains("CVE-1900-1"), "{}", stderr(&output));
}

#[test]
fn an_answer_is_as_old_as_the_oldest_source_that_has_a_say() {
    let folder = tempdir().unwrap();
    mirror::write(&folder.path().join("mirror"));
    // Older still, but neither Go nor the scores have a say on an npm package.
    mirror::write_feed(&folder.path().join("mirror"), "Go", 1, "2024-01-01");
    text(folder.path(), 0, &["db", "update", "--mirror", "mirror"]);
    fs::write(folder.path().join("sbom.json"), NPM).unwrap();
    let words = ["scan", "sbom.json", "--as-of", "2025-02-13"];
    let told = text(folder.path(), 0, &words);
    assert!(told.contains("as of 2025-02-10."), "{told}");
    let words = ["scan", "sbom.json", "--as-of", "2025-02-13", "--format", "json"];
    assert_eq!(json(folder.path(), 0, &words)["data"]["as_of"], "2025-02-10T00:00:00Z");
}
