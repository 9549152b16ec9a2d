//! The outputs that other programs read keep their shapes.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::tempdir;

use super::run::{json, text};
use super::scan::PUMP;

/// The promised shape.
const SCHEMA: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schemas/bedrail.scan-1.schema.json"));

/// A document as version 1 first wrote it. It is never written anew: what reads it today must read it tomorrow.
const SAMPLE: &str = include_str!("samples/scan-1.json");

/// Keywords that say something to people only, or that this check leaves aside.
const UNCHECKED: [&str; 6] = ["$schema", "$id", "title", "description", "format", "pattern"];

#[test]
fn what_scan_writes_is_what_the_schema_promises() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("gaps"), "nothing-here # agreed\n").unwrap();
    let written = pump(folder.path(), "json", &["--show-not-affected", "--accept-unknown", "gaps"]);
    assert!(!written["findings"].as_array().unwrap().is_empty());
    let mut faults = Vec::new();
    check(&serde_json::from_str(SCHEMA).unwrap(), &written, "", &mut faults);
    assert_eq!(faults, Vec::<String>::new());
}

/// What the validators of the formats' makers say of a document; `None` where they are not installed, which is printed.
fn faults_by_their_makers(format: &str, document: &Value) -> Option<String> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tools = std::env::var_os("BEDRAIL_SCHEMA_TOOLS").map(std::path::PathBuf::from);
    let tools = tools.unwrap_or_else(|| workspace.join("target/schema-tools"));
    if !tools.join("ready").exists() {
        println!("skipped: no validators (scripts/install-schema-tools.sh installs them)");
        return None;
    }
    let folder = tempdir().unwrap();
    let (file, schema) = (folder.path().join("document.json"), folder.path().join("schema.json"));
    fs::write(&file, document.to_string()).unwrap();
    fs::write(&schema, SCHEMA).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cli/validate.py");
    let output = std::process::Command::new(tools.join("bin/python"))
        .arg(script)
        .arg(format)
        .args([&file, &schema])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(told)
}

#[test]
fn what_scan_writes_holds_by_the_schemas_of_the_formats_makers() {
    let folder = tempdir().unwrap();
    for format in ["json", "sarif", "cyclonedx"] {
        let written = pump(folder.path(), format, &["--show-not-affected"]);
        let Some(faults) = faults_by_their_makers(format, &written) else { return };
        assert_eq!(faults, "", "{format}");
        // The validator is one that finds faults.
        let mut broken = written;
        let (place, wrong) = match format {
            "json" => ("findings", Value::from(1)),
            "sarif" => ("runs", Value::from("none")),
            _ => ("bomFormat", Value::from("Other")),
        };
        broken[place] = wrong;
        assert_ne!(faults_by_their_makers(format, &broken).unwrap(), "", "{format}");
    }
}

#[test]
fn the_first_document_of_version_1_still_holds() {
    let sample: Value = serde_json::from_str(SAMPLE).unwrap();
    let mut faults = Vec::new();
    check(&serde_json::from_str(SCHEMA).unwrap(), &sample, "", &mut faults);
    assert_eq!(faults, Vec::<String>::new());
    let folder = tempdir().unwrap();
    let mut lost = Vec::new();
    missing(&sample, &pump(folder.path(), "json", &[]), "", &mut lost);
    assert_eq!(lost, Vec::<String>::new(), "what version 1 wrote once, it writes today");
}

#[test]
fn sarif_results_point_at_their_rules() {
    let folder = tempdir().unwrap();
    let log = pump(folder.path(), "sarif", &[]);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "Bedrail");
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        let (kind, level) = (result["kind"].as_str().unwrap(), result["level"].as_str().unwrap());
        assert!(
            kind == "fail" && ["error", "warning", "note"].contains(&level) || level == "none",
            "{result}"
        );
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        assert!(!result["partialFingerprints"].as_object().unwrap().is_empty());
        assert_eq!(
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            run["artifacts"][0]["location"]["uri"]
        );
    }
    assert!(results.iter().any(|result| result["ruleId"] == "CVE-2021-44228"));
    let told = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert!(!told.is_empty(), "an answer that is incomplete says so");
}

#[test]
fn whose_words_are_shown_is_credited() {
    let folder = tempdir().unwrap();
    let report = pump(folder.path(), "json", &[]);
    let credits: Vec<&str> =
        report["data"]["credits"].as_array().unwrap().iter().map(|credit| credit.as_str().unwrap()).collect();
    assert!(credits.iter().any(|credit| credit.starts_with("CISA")), "{credits:?}");
    assert!(credits.len() > 1, "the records as well: {credits:?}");
    assert_eq!(
        pump(folder.path(), "sarif", &[])["runs"][0]["properties"]["credits"],
        report["data"]["credits"]
    );
    let page = text(folder.path(), 4, &["scan", "sbom.json", "--as-of", "2025-02-15", "--format", "html"]);
    assert!(page.contains(&format!("is the work of: {}.", credits.join("; "))), "{page}");
}

#[test]
fn cyclonedx_output_is_read_back_whole() {
    let folder = tempdir().unwrap();
    let written = pump(folder.path(), "cyclonedx", &[]);
    let named = |entry: &Value| entry["id"] == "CVE-2021-44228" && entry["affects"][0]["ref"] == "log4j";
    assert!(written["vulnerabilities"].as_array().unwrap().iter().any(named));
    fs::write(folder.path().join("out.json"), written.to_string()).unwrap();
    let before = json(folder.path(), 0, &["sbom", "inspect", "sbom.json", "--format", "json"]);
    let after = json(folder.path(), 0, &["sbom", "inspect", "out.json", "--format", "json"]);
    assert_eq!((&after["format"], &after["version"]), (&"CycloneDX".into(), &"1.6".into()));
    assert_eq!(after["complete"], true, "{after}");
    for count in ["components", "with_purl", "services", "hardware", "without_version"] {
        assert_eq!(before["counts"][count], after["counts"][count], "{count}");
    }
    assert_eq!(before["subject"]["name"], after["subject"]["name"]);
}

/// The pump, scanned with the starter data.
fn pump(folder: &Path, format: &str, options: &[&str]) -> Value {
    fs::write(folder.join("sbom.json"), PUMP).unwrap();
    let words = ["scan", "sbom.json", "--as-of", "2025-02-15", "--format", format];
    serde_json::from_str(&text(folder, 4, &[&words[..], options].concat())).unwrap()
}

/// Checks a value against the keywords that the schema uses. Stricter than JSON Schema: a field that it does not name is
/// a fault, and so is a keyword that is not known here.
fn check(schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    for (keyword, rule) in schema.as_object().unwrap() {
        let holds = match keyword.as_str() {
            "type" => list(rule).iter().any(|name| is_of_type(name.as_str().unwrap(), value)),
            "const" => rule == value,
            "enum" => list(rule).contains(value),
            "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap()),
            "required" => list(rule).iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
            "oneOf" => list(rule).iter().filter(|choice| faults_of(choice, value).is_empty()).count() == 1,
            "properties" => {
                for (name, part) in value.as_object().into_iter().flatten() {
                    match rule.get(name) {
                        Some(rule) => check(rule, part, &format!("{at}/{name}"), faults),
                        None => faults.push(format!("{at}/{name}: not in the schema")),
                    }
                }
                true
            }
            "items" => {
                for (index, part) in value.as_array().into_iter().flatten().enumerate() {
                    check(rule, part, &format!("{at}/{index}"), faults);
                }
                true
            }
            known => UNCHECKED.contains(&known),
        };
        if !holds {
            faults.push(format!("{at}: {keyword}: {rule} does not hold of {value}"));
        }
    }
}

fn faults_of(schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(schema, value, "", &mut faults);
    faults
}

/// One or many, as many.
fn list(rule: &Value) -> &[Value] {
    rule.as_array().map_or(std::slice::from_ref(rule), Vec::as_slice)
}

fn is_of_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}

/// Names of the fields that the one document has and the other lacks; of lists, the first entries stand for all.
fn missing(old: &Value, new: &Value, at: &str, lost: &mut Vec<String>) {
    for (name, part) in old.as_object().into_iter().flatten() {
        match new.get(name) {
            Some(new) => missing(part, new, &format!("{at}/{name}"), lost),
            None if new.is_null() => {}
            None => lost.push(format!("{at}/{name}")),
        }
    }
    if let (Some(old), Some(new)) = (old.get(0), new.get(0)) {
        missing(old, new, &format!("{at}/0"), lost);
    }
}
