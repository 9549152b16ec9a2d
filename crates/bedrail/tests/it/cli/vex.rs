//! `bedrail vex`, from a document to what it proposes.

use std::fs;

use tempfile::tempdir;

use super::run::{json, text};

#[test]
fn documents_are_taken_in_and_count_once_their_issuer_is_pinned() {
    let folder = tempdir().unwrap();
    let list = "Serial number,Manufacturer,Model,Version\nS-1,Orbis Medical,Flow 300,3.6\n";
    fs::write(folder.path().join("list.csv"), list).unwrap();
    text(folder.path(), 0, &["devices", "import", "list.csv"]);
    let document = r#"{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:x", "author": "Orbis", "version": 1,
        "timestamp": "2026-01-01T00:00:00Z", "statements": [
        {"vulnerability": {"name": "CVE-2024-99901"}, "status": "fixed",
            "products": [{"@id": "pkg:generic/orbis%20medical/flow%20300@3.6"}]},
        {"vulnerability": {"name": "CVE-2024-99902"}, "status": "fixed", "products": [{"@id": "pkg:npm/x@1"}]}]}"#;
    fs::write(folder.path().join("a.json"), document).unwrap();
    let told = text(folder.path(), 0, &["vex", "add", "a.json"]);
    assert!(told.contains("2 statements, taken in") && told.contains("bedrail vex pin"), "{told}");
    assert!(text(folder.path(), 0, &["vex", "add", "a.json"]).contains("held already"));
    assert!(text(folder.path(), 0, &["vex", "issuers"]).contains("not pinned"));
    text(folder.path(), 0, &["vex", "pin", "orbis", "--maker", "Orbis Medical"]);
    let listed = json(folder.path(), 0, &["vex", "list", "--standing", "proposed", "--format", "json"]);
    assert_eq!(
        (&listed["total"], &listed["statements"][0]["weakness"]),
        (&1.into(), &"CVE-2024-99901".into())
    );
    let table = text(folder.path(), 0, &["vex", "list"]);
    for word in ["proposed", "Medical", "Flow 300", "3.6 (1"] {
        assert!(table.contains(word), "{word}: {table}");
    }
    let unmatched = json(folder.path(), 0, &["vex", "unmatched", "--format", "json"]);
    assert_eq!(unmatched["statements"][0]["weakness"], "CVE-2024-99902");
    let id = listed["statements"][0]["id"].as_str().unwrap();
    text(folder.path(), 0, &["vex", "decline", id]);
    text(folder.path(), 0, &["vex", "decline", id, "--undo"]);
    text(folder.path(), 0, &["vex", "unpin", "orbis"]);
    text(folder.path(), 1, &["vex", "unpin", "orbis"]);
    text(folder.path(), 1, &["vex", "add", "list.csv"]);
    text(folder.path(), 2, &["vex", "list", "--standing", "nonsense"]);
}
