//! `bedrail scan` of files and folders: what is found inside, what is not looked into, and the same outputs as of a bill of materials.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use serde_json::Value;

use super::run::{json, run, stderr, stdout, text};

/// A zip of these entries.
fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A class of this name without anything in it (JVMS §4.1).
fn class(name: &str) -> Vec<u8> {
    let length = u16::try_from(name.len()).unwrap().to_be_bytes();
    let head = [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52, 0, 3, 1];
    [&head[..], &length, name.as_bytes(), &[7, 0, 1, 0, 1, 0, 2], &[0; 10]].concat()
}

/// Log4j 2.14.1 as a vendor may have rebuilt it: the classes by which it is known, and what it says of itself.
pub(crate) fn log4j(with_lookup: bool) -> Vec<u8> {
    const CORE: &str = "org/apache/logging/log4j/core";
    let pom = b"groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n";
    let (lookup, strings) =
        (class(&format!("{CORE}/lookup/JndiLookup")), class(&format!("{CORE}/lookup/StrSubstitutor")));
    let (lookup_path, strings_path) =
        (format!("{CORE}/lookup/JndiLookup.class"), format!("{CORE}/lookup/StrSubstitutor.class"));
    let mut entries: Vec<(&str, &[u8])> = vec![
        ("META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties", pom),
        (&strings_path, &strings),
    ];
    if with_lookup {
        entries.push((&lookup_path, &lookup));
    }
    zip(&entries)
}

fn device() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("device");
    fs::create_dir(&root).unwrap();
    fs::write(root.join("app.war"), zip(&[("WEB-INF/lib/log4j-core.jar", &log4j(true))])).unwrap();
    fs::write(root.join("mended.jar"), log4j(false)).unwrap();
    fs::write(root.join("data.7z"), b"7z\xbc\xaf\x27\x1c\0\0").unwrap();
    folder
}

fn cves(report: &Value, reference: &Value, answer: &str) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let mine = findings.filter(|it| it["component"] == *reference && it["answer"] == answer);
    let mut ids: Vec<String> = mine.map(|it| it["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

fn component<'r>(report: &'r Value, file: &str) -> &'r Value {
    let mut all = report["components"].as_array().unwrap().iter();
    let in_it = |it: &&Value| it["place"].as_str().unwrap().contains(file);
    all.find(in_it).unwrap_or_else(|| panic!("{file}: {report:#}"))
}

#[test]
fn each_file_has_exactly_its_weaknesses_with_the_files_that_speak_for_them() {
    let folder = device();
    let report = json(
        folder.path(),
        4,
        &["scan", "device", "--format", "json", "--show-not-affected", "--as-of", "2025-02-15"],
    );
    let whole = component(&report, "app.war");
    let later = ["CVE-2025-68161", "CVE-2026-34477", "CVE-2026-34480"];
    let all = ["CVE-2021-44228", "CVE-2021-44832", "CVE-2021-45046", "CVE-2021-45105"];
    assert_eq!(cves(&report, &whole["ref"], "affected"), [all.as_slice(), &later].concat());
    let mended = component(&report, "mended.jar");
    let left = [["CVE-2021-44832", "CVE-2021-45105"].as_slice(), &later].concat();
    assert_eq!(cves(&report, &mended["ref"], "affected"), left);
    assert!(cves(&report, &mended["ref"], "not_affected").contains(&"CVE-2021-44228".to_owned()));
    let locations = whole["locations"].as_array().unwrap();
    let class =
        "device/app.war!/WEB-INF/lib/log4j-core.jar!/org/apache/logging/log4j/core/lookup/JndiLookup.class";
    assert!(locations.iter().any(|it| it == class), "{locations:?}");
    assert_eq!(report["target"]["sha256"], Value::Null);
}

#[test]
fn what_was_not_looked_into_is_listed_and_is_no_all_clear() {
    let folder = device();
    let report = json(folder.path(), 4, &["scan", "device/data.7z", "device/mended.jar", "--format", "json"]);
    let warnings = report["warnings"].as_array().unwrap();
    let lost: Vec<&Value> = warnings.iter().filter(|it| it["lost"] == true).collect();
    assert!(lost.len() == 1 && lost[0]["place"] == "device/data.7z", "{warnings:?}");
    assert!(report["incomplete"].as_array().unwrap().iter().any(|it| it["code"] == "not_scanned"));
    let nothing = text(folder.path(), 4, &["scan", "device/data.7z"]);
    assert!(nothing.starts_with("Nothing was judged: no known software was found"), "{nothing}");
}

#[test]
fn every_format_shows_what_is_inside() {
    let folder = device();
    for format in ["table", "json", "csv", "sarif", "cyclonedx", "html"] {
        let output = run(folder.path(), &["scan", "device", "--format", format, "--fail-on", "critical"]);
        assert_eq!(output.status.code(), Some(3), "{format}: {}", stderr(&output));
        assert!(stdout(&output).contains("CVE-2021-44228"), "{format}");
    }
    let output = run(folder.path(), &["scan", "device"]);
    let table = stdout(&output);
    assert!(
        table.contains("\n    device/app.war!/WEB-INF/lib/log4j-core.jar\n"),
        "somebody has to go there: {table}"
    );
}

#[test]
fn what_is_inside_is_written_as_a_bill_of_materials() {
    let folder = device();
    let bill = json(folder.path(), 4, &["scan", "device", "--inventory", "cyclonedx"]);
    let components = bill["components"].as_array().unwrap();
    assert!(components.iter().all(|it| it["purl"] == "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"));
    let occurrences = components[0]["evidence"]["occurrences"].as_array().unwrap();
    assert!(occurrences.iter().all(|it| it["location"].as_str().unwrap().starts_with("device/")));
    let bill = json(folder.path(), 0, &["scan", "device", "--exclude", "data.7z", "--inventory", "spdx"]);
    assert_eq!(bill["spdxVersion"], "SPDX-2.3");
}

#[test]
fn a_document_is_still_judged_as_one_and_a_missing_path_is_an_error() {
    let folder = device();
    let pump: &Path = folder.path();
    fs::write(pump.join("sbom.json"), super::scan::PUMP).unwrap();
    let report = json(pump, 4, &["scan", "sbom.json", "--format", "json"]);
    assert_eq!(report["target"]["format"], "CycloneDX");
    let output = run(pump, &["scan", "device", "nowhere"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("nowhere does not exist"), "{}", stderr(&output));
}

#[test]
fn a_servers_file_is_mended_in_a_copy_told_what_is_left_and_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.war");
    let bytes = zip(&[("WEB-INF/lib/log4j-core.jar", &log4j(true)), ("index.html", b"hello")]);
    fs::write(&file, &bytes).unwrap();
    let mend =
        |more: &[&str], code: i32| text(folder.path(), code, &[&["mend", "log4j", "app.war"], more].concat());
    let refused = run(folder.path(), &["mend", "log4j", "app.war"]);
    assert_eq!(refused.status.code(), Some(2), "whose file it is has to be said");
    assert!(stderr(&refused).contains("--own-server"), "{}", stderr(&refused));
    let told = mend(&["--own-server", "--dry-run"], 0);
    assert!(told.contains("Would be taken out") && fs::read(&file).unwrap() == bytes, "{told}");
    let told = mend(&["--own-server"], 0);
    let lookup = "WEB-INF/lib/log4j-core.jar!/org/apache/logging/log4j/core/lookup/JndiLookup.class";
    assert!(told.contains(lookup) && told.contains("Still in it:"), "{told}");
    // Denial of service (CVE-2021-45105) and JDBC (CVE-2021-44832) are not in that class.
    for (id, is_left) in [("CVE-2021-44228", false), ("CVE-2021-45105", true), ("CVE-2021-44832", true)] {
        assert_eq!(told.contains(&format!("  {id} ")), is_left, "{id}: {told}");
    }
    let again = run(folder.path(), &["mend", "log4j", "app.war", "--own-server"]);
    assert!(stderr(&again).contains("mended before"), "{}", stderr(&again));
    let told = mend(&["--undo"], 0);
    assert!(told.contains("CVE-2021-44228") && fs::read(&file).unwrap() == bytes, "{told}");

    // A device's file only by the word of its maker, whose document is kept.
    let refused = run(folder.path(), &["mend", "log4j", "app.war", "--instruction", "letter.pdf"]);
    assert!(stderr(&refused).contains("letter.pdf") && fs::read(&file).unwrap() == bytes);
    fs::write(folder.path().join("letter.pdf"), b"take it out").unwrap();
    let told = mend(&["--instruction", "letter.pdf"], 0);
    assert!(told.contains("By the instruction in letter.pdf (SHA-256 "), "{told}");
    let note = fs::read_to_string(folder.path().join("app.war.bedrail-mended.json")).unwrap();
    assert!(note.contains("letter.pdf"), "{note}");
}
