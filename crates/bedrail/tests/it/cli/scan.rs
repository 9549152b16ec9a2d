//! `bedrail scan` and its relatives on small documents, with the starter data.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use super::run::{bedrail, stderr, stdout};

/// Log4j as affected, a part without identifier, and names that try something.
pub(crate) const PUMP: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
  "metadata": {"component": {"type": "device", "name": "Orbis Flow", "version": "2.1", "bom-ref": "pump"}},
  "components": [
    {"type": "library", "bom-ref": "log4j", "group": "org.apache.logging.log4j", "name": "log4j-core", "version": "2.14.1",
     "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"},
    {"type": "firmware", "bom-ref": "blob", "name": "=cmd()\u001b[31m<script>alert(1)</script>", "version": "1"}]}"#;

/// One npm package that the made-up feeds name, in a version that is no longer affected.
pub(crate) const NPM: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": [
  {"type": "library", "bom-ref": "p", "name": "p", "version": "2.0.0", "purl": "pkg:npm/p@2.0.0"}]}"#;

fn scan(folder: &Path, document: &[u8], options: &[&str]) -> Output {
    fs::write(folder.join("sbom.json"), document).unwrap();
    let mut command = bedrail();
    command.current_dir(folder).args(["--data", "data", "scan", "sbom.json", "--as-of", "2025-02-15"]);
    command.args(options).output().unwrap()
}

#[test]
fn the_first_line_is_the_answer_and_starter_data_is_incomplete() {
    let folder = tempfile::tempdir().unwrap();
    let output = scan(folder.path(), PUMP.as_bytes(), &[]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    let text = stdout(&output);
    let first = text.lines().next().unwrap();
    assert!(first.contains("affect 1 of 2 components"), "{first}");
    assert!(first.ends_with("This answer is incomplete."), "{first}");
    assert!(text.contains("starter data, ") && text.contains("CVE-2021-44228"), "{text}");
    assert!(!text.contains('\u{1b}'), "no escape reaches the terminal");
}

#[test]
fn found_wins_over_incomplete() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(scan(folder.path(), PUMP.as_bytes(), &["--fail-on", "critical"]).status.code(), Some(3));
}

#[test]
fn json_says_all_and_every_format_is_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let json: Value =
        serde_json::from_slice(&scan(folder.path(), PUMP.as_bytes(), &["--format", "json"]).stdout).unwrap();
    assert_eq!(json["schema"], "bedrail.scan/1");
    assert_eq!(json["complete"], false);
    assert_eq!(json["not_assessed"][0]["component"], "blob");
    assert!(json["findings"].as_array().unwrap().iter().all(|it| it["component"] == "log4j"));
    for format in ["table", "csv", "html", "sarif", "cyclonedx", "json"] {
        let output = scan(folder.path(), PUMP.as_bytes(), &["--format", format]);
        assert!(!output.stdout.contains(&0x1b), "{format}");
        assert_eq!(
            output.stdout,
            scan(folder.path(), PUMP.as_bytes(), &["--format", format]).stdout,
            "{format}"
        );
    }
    let html = scan(folder.path(), PUMP.as_bytes(), &["--format", "html"]);
    assert!(!stdout(&html).contains("<script"));
    let csv = scan(folder.path(), PUMP.as_bytes(), &["--format", "csv"]);
    assert!(stdout(&csv).contains(",'=cmd()"), "{}", stdout(&csv));
}

#[test]
fn agreed_gaps_need_a_reason_and_unused_ones_are_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("gaps"), "log4j-api # gone\n").unwrap();
    let output = scan(folder.path(), PUMP.as_bytes(), &["--accept-unknown", "gaps"]);
    assert!(stderr(&output).contains("gaps line 1: `log4j-api`"), "{}", stderr(&output));
    fs::write(folder.path().join("gaps"), "# ok\nlog4j-api\n").unwrap();
    let output = scan(folder.path(), PUMP.as_bytes(), &["--accept-unknown", "gaps"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("line 2"), "{}", stderr(&output));
}

#[test]
fn an_output_file_appears_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("out.json"), "before").unwrap();
    let output = scan(folder.path(), b"{", &["--format", "json", "--output", "out.json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(folder.path().join("out.json")).unwrap(), "before");
    let output = scan(folder.path(), PUMP.as_bytes(), &["--format", "json", "--output", "out.json"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(output.stdout.is_empty());
    serde_json::from_slice::<Value>(&fs::read(folder.path().join("out.json")).unwrap()).unwrap();
    let left = fs::read_dir(folder.path())
        .unwrap()
        .filter(|it| it.as_ref().unwrap().file_name().to_string_lossy().ends_with(".tmp"));
    assert_eq!(left.count(), 0);
}

#[test]
fn what_cannot_be_read_ends_with_1_and_one_line() {
    let folder = tempfile::tempdir().unwrap();
    for document in [&b"not json"[..], b"", b"{\"bomFormat\": \"CycloneDX\", \"components\": [", b"{}"] {
        let output = scan(folder.path(), document, &["--fail-on", "low"]);
        assert_eq!(output.status.code(), Some(1), "{document:?}");
        assert!(stderr(&output).starts_with("error: sbom.json: "), "{}", stderr(&output));
        assert!(output.stdout.is_empty());
    }
    let output =
        bedrail().args(["--data", "data", "sbom", "inspect", "."]).current_dir(&folder).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("folder"), "{}", stderr(&output));
}

#[test]
fn standard_input_and_utf_16_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let utf16: Vec<u8> =
        "\u{feff}".encode_utf16().chain(PUMP.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let mut command = bedrail();
    command.current_dir(&folder).args(["--data", "data", "sbom", "inspect", "-", "--format", "json"]);
    let output = command.write_stdin(utf16).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["format"], &json["version"]), (&"CycloneDX".into(), &"1.5".into()));
}

#[test]
fn versions_are_compared_by_the_rules_of_their_ecosystem() {
    let mut command = bedrail();
    let input = "1.0 1.0.0\n2.14.1 2.15.0\nonly-one\n2.0 1.0\n";
    let output = command
        .args(["explain", "version", "--ecosystem", "Maven", "--stdin"])
        .write_stdin(input)
        .output()
        .unwrap();
    assert_eq!(stdout(&output), "=\n<\n?\n>\n");
    assert!(stderr(&output).starts_with("line 3: "), "{}", stderr(&output));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn names_of_products_are_compared_with_what_a_criterion_names() {
    let mut command = bedrail();
    let input = "cpe:2.3:a:ntp:ntp:4.2.8:p18:*:*:*:*:*:* cpe:/a:ntp:ntp:4.2.8p18\n\
        cpe:2.3:a:ntp:ntp:-:*:*:*:*:*:*:* cpe:2.3:a:ntp:ntp:4.2.8:*:*:*:*:*:*:*\n\
        cpe:2.3:a:ntp:ntp:4.2.8:p18:*:*:*:*:*:* cpe:2.3:a:ntp:ntp:4.2.8:*:*:*:*:*:*:*\n\
        cpe:2.3:a:ntp:ntp:4.2.8:*:*:*:*:*:*:* cpe:2.3:x:ntp:ntp\n";
    let output = command.args(["explain", "cpe", "--stdin"]).write_stdin(input).output().unwrap();
    assert_eq!(stdout(&output), "match\nno\nunknown\nunknown\n");
    assert!(stderr(&output).starts_with("line 4: ") && stderr(&output).contains("the part is none of"));
    assert_eq!(output.status.code(), Some(0));
    let mut command = bedrail();
    let output = command.args(["explain", "cpe", "-v", "cpe:/o:acme:os", "cpe:/a:acme:os"]).output().unwrap();
    assert_eq!((stdout(&output), output.status.code()), ("no\n", Some(0)));
    assert!(stderr(&output).contains("part"), "{}", stderr(&output));
}

#[test]
fn tables_keep_names_whole_and_fit_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("sbom.json"), PUMP).unwrap();
    for columns in ["80", "100", "120", "200"] {
        let mut command = bedrail();
        command.current_dir(&folder).env("COLUMNS", columns).args(["--data", "data", "scan", "sbom.json"]);
        let output = command.output().unwrap();
        let text = stdout(&output);
        assert!(text.contains("org.apache.logging.log4j/log4j-core"), "{columns}: {text}");
        let table = text.lines().skip_while(|line| *line != "Affected").take_while(|line| !line.is_empty());
        assert!(
            table.into_iter().all(|line| line.chars().count() <= columns.parse().unwrap()),
            "{columns}: {text}"
        );
    }
}

/// Documents of this size are looked at by several threads, each with a part of the components.
#[test]
fn every_component_of_a_long_list_has_its_own_answer() {
    let folder = tempfile::tempdir().unwrap();
    let weak = |number: u32| number.is_multiple_of(100) || number == 1500;
    let component = |number| {
        let log4j = r"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1".to_owned();
        let purl = if weak(number) { log4j } else { format!("pkg:npm/nobody-{number}@1.0.0") };
        serde_json::json!({ "type": "library", "bom-ref": number.to_string(), "name": "n", "purl": purl })
    };
    let components: Vec<Value> = (0..=1500).map(component).collect();
    let document =
        serde_json::json!({ "bomFormat": "CycloneDX", "specVersion": "1.5", "components": components });
    let output = scan(folder.path(), document.to_string().as_bytes(), &["--format", "json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of_log4shell = |it: &&Value| it["id"] == "CVE-2021-44228";
    let found = json["findings"].as_array().unwrap().iter().filter(of_log4shell);
    let mut found: Vec<u32> = found.map(|it| it["component"].as_str().unwrap().parse().unwrap()).collect();
    found.sort_unstable();
    assert_eq!(found, (0..=1500).filter(|number| weak(*number)).collect::<Vec<u32>>());
    assert_eq!(json["not_assessed"].as_array().unwrap().len(), 0, "{}", json["not_assessed"]);
}
