//! A power cut at any moment: the next run works, and the data is whole, old or new, never between.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use tempfile::tempdir;

use super::mirror;
use super::run::{json, program, text};
use super::scan::PUMP;

/// Milliseconds after the start; the last is late enough for a fast machine to be done before.
const MOMENTS: [u64; 8] = [2, 10, 25, 50, 90, 150, 250, 400];

/// Starts a command, and kills it a while later.
fn kill_after(milliseconds: u64, folder: &Path, words: &[&str]) {
    let mut command = program();
    command.current_dir(folder).args(["--data", "data"]).args(words);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // The one place where time passing is what is tested.
    sleep(Duration::from_millis(milliseconds));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_killed_update_leaves_the_old_data_or_the_new() {
    let folder = tempdir().unwrap();
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    mirror::write(&old);
    mirror::write(&new);
    mirror::write_feed(&new, "npm", 3000, "2025-02-12");
    text(folder.path(), 0, &["db", "update", "--mirror", "old"]);
    for moment in MOMENTS {
        kill_after(moment, folder.path(), &["db", "update", "--mirror", "new"]);
        let held = json(folder.path(), 0, &["db", "status", "--format", "json"]);
        let advisories = held["advisories"].as_u64().unwrap();
        assert!([13, 3012].contains(&advisories), "after {moment} ms: {advisories}");
    }
    text(folder.path(), 0, &["db", "update", "--mirror", "new"]);
    assert_eq!(json(folder.path(), 0, &["db", "status", "--format", "json"])["advisories"], 3012);
}

#[test]
fn a_killed_import_stores_all_rows_or_none() {
    let folder = tempdir().unwrap();
    let mut list = "serial,maker,model,version\n".to_owned();
    list.extend((0..2000).map(|number| format!("SN-{number},Orbis,Flow,2.1\n")));
    fs::write(folder.path().join("list.csv"), list).unwrap();
    for moment in MOMENTS {
        kill_after(moment, folder.path(), &["devices", "import", "list.csv"]);
        let held = json(folder.path(), 0, &["devices", "list", "--limit", "1", "--format", "json"]);
        let total = held["total"].as_u64().unwrap();
        assert!([0, 2000].contains(&total), "after {moment} ms: {total}");
    }
    text(folder.path(), 0, &["devices", "import", "list.csv"]);
    assert_eq!(json(folder.path(), 0, &["devices", "list", "--format", "json"])["total"], 2000);
}

#[test]
fn a_killed_upload_is_added_by_the_next_run() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("pump.json"), PUMP).unwrap();
    fs::write(folder.path().join("list.csv"), "serial,maker,model,version\nSN-1,Orbis,Flow,2.1\n").unwrap();
    text(folder.path(), 0, &["devices", "import", "list.csv"]);
    let add = ["sbom", "add", "pump.json", "--maker", "Orbis", "--model", "Flow", "--version", "2.1"];
    for moment in MOMENTS {
        kill_after(moment, folder.path(), &add);
        let answer = json(folder.path(), 0, &["affected", "CVE-2021-44228", "--format", "json"]);
        let totals = &answer["totals"];
        let told = totals["affected"].as_u64().unwrap() + totals["cannot_tell"].as_u64().unwrap();
        assert_eq!(told, 1, "after {moment} ms, never silently unaffected: {totals}");
    }
    text(folder.path(), 0, &add);
    let answer = json(folder.path(), 0, &["affected", "CVE-2021-44228", "--format", "json"]);
    assert_eq!(answer["totals"]["affected"], 1);
}
