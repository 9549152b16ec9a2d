//! Devices, bills of materials, and the main question, on a fresh data folder.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::tempdir;

use super::run::{bedrail, json, stdout, text};
use super::scan::PUMP;

/// As it comes from a spreadsheet: semicolons, padding, a twin, a row that names nothing, a column that nobody knows.
const LIST: &str = "\u{feff}Serial number;Manufacturer;Model;Version;Ward;Colour\r\n\
    SN-1; Orbis ;Flow;2.1;ICU;blue\r\n\
    SN-2;Orbis;Flow;2.1;\"Ward; East\";\r\n\
    ;Orbis;Flow;2.1;ICU;\r\n\
    SN-1;Orbis;Flow;2.1;ICU;blue\r\n\
    \r\n";

fn devices(folder: &Path) -> Value {
    json(folder, 0, &["devices", "list", "--format", "json"])
}

#[test]
fn a_messy_list_is_taken_over_but_for_the_rows_that_name_nothing() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("list.csv"), LIST).unwrap();
    let dry = json(folder.path(), 4, &["devices", "import", "list.csv", "--dry-run", "--format", "json"]);
    assert_eq!((&dry["dry_run"], &dry["added"], &dry["refused"]), (&true.into(), &2.into(), &1.into()));
    assert_eq!(devices(folder.path())["total"], 0, "a dry run stores nothing");

    let told = text(folder.path(), 4, &["devices", "import", "list.csv"]);
    let first = told.lines().next().unwrap();
    assert!(first.contains("2 added") && first.contains("1 refused"), "{told}");
    assert!(told.contains("Not used: Colour") && told.contains("nothing tells this device"), "{told}");
    assert_eq!(devices(folder.path())["total"], 2);

    let again = json(folder.path(), 4, &["devices", "import", "list.csv", "--format", "json"]);
    assert_eq!((&again["added"], &again["changed"], &again["refused"]), (&0.into(), &0.into(), &1.into()));
}

#[test]
fn a_bill_of_materials_answers_for_the_devices_of_its_release() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("list.csv"), LIST).unwrap();
    fs::write(folder.path().join("pump.json"), PUMP).unwrap();
    text(folder.path(), 4, &["devices", "import", "list.csv"]);
    let add = ["sbom", "add", "pump.json", "--maker", "Orbis", "--model", "Flow", "--version", "2.1"];
    let told = text(folder.path(), 0, &add);
    assert!(told.contains("2 devices run it"), "{told}");
    assert!(text(folder.path(), 0, &add).contains("nothing changed"));
    let answer = json(folder.path(), 0, &["affected", "CVE-2021-44228", "--format", "json"]);
    assert_eq!((&answer["totals"]["affected"], &answer["totals"]["fleet"]), (&2.into(), &2.into()));
    let unknown = text(folder.path(), 0, &["affected", "CVE-1999-0001"]);
    assert!(unknown.contains("it cannot be told for any of your 2 devices"), "{unknown}");
}

#[test]
fn the_sample_hospital_answers_the_main_question() {
    let folder = tempdir().unwrap();
    let told = text(folder.path(), 0, &["demo", "load"]);
    assert!(told.starts_with("Loaded the sample hospital: 2500 devices"), "{told}");

    let exposed = text(folder.path(), 0, &["affected", "CVE-2021-44228", "--exposed", "--limit", "500"]);
    let first = exposed.lines().next().unwrap();
    assert!(first.starts_with("76 devices in ") && first.contains("have CVE-2021-44228"), "{first}");
    assert!(first.ends_with("the filter: facing the outside."), "{first}");
    let table: Vec<&str> = exposed
        .lines()
        .skip_while(|line| !line.is_empty())
        .skip(1)
        .take_while(|line| !line.is_empty())
        .collect();
    assert!(table.iter().all(|line| line.chars().count() <= 100), "{exposed}");
    assert!(exposed.contains("org.apache.logging.log4j/log4j-core"), "no name is broken: {exposed}");

    let words = ["affected", "CVE-2021-44228", "--exposed", "--limit", "500", "--format", "json"];
    let answer = json(folder.path(), 0, &words);
    let rows = answer["devices"].as_array().unwrap();
    assert_eq!(answer["matching"], rows.len());
    assert!(!rows.is_empty() && rows.iter().all(|row| row["exposure"] == "outside"));
    let matching = format!(" {} match the filter", rows.len());
    assert!(answer["answer"].as_str().unwrap().contains(&matching), "{}", answer["answer"]);

    let named = json(folder.path(), 0, &["affected", "log4j", "--format", "json", "--limit", "5"]);
    assert_eq!(named["understood"]["kind"], "component_name");
    assert_eq!(named["devices"].as_array().unwrap().len(), 5);
    assert!(named["totals"]["affected"].as_u64() >= answer["totals"]["affected"].as_u64());
}

#[test]
fn the_list_of_devices_fits_a_narrow_terminal() {
    let folder = tempdir().unwrap();
    let list = "serial,maker,model,version,site,ward,owner\nSERIAL-100001,Pellawyn Telecommunication,Vault Server,2.1,Quillhaven Main Hospital,Cardiology,Clinical Engineering\n";
    fs::write(folder.path().join("list.csv"), list).unwrap();
    text(folder.path(), 0, &["devices", "import", "list.csv"]);
    let mut command = bedrail();
    command.current_dir(&folder).env("COLUMNS", "80").args(["--data", "data", "devices", "list"]);
    let output = command.output().unwrap();
    for word in ["SERIAL-100001", "Telecommunication", "Quillhaven", "Engineering"] {
        assert!(stdout(&output).contains(word), "{}", stdout(&output));
    }
    assert!(stdout(&output).lines().all(|line| line.chars().count() <= 80), "{}", stdout(&output));
}
