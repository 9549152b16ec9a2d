//! `bedrail db move` with the sample hospital: everything arrives, both ways, and a move that is cut off starts over.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use super::run::{json, program, run, stderr, text};

/// A folder with the sample hospital in its embedded database.
fn hospital() -> TempDir {
    let folder = tempdir().unwrap();
    text(folder.path(), 0, &["demo", "load"]);
    folder
}

/// What people see of an installation: devices, an answer, the log.
fn seen(folder: &Path, database: &[&str]) -> (Value, Value, String) {
    let with = |words: &[&'static str]| -> Vec<&str> { [words, database].concat() };
    (
        json(folder, 0, &with(&["devices", "list", "--limit", "500", "--format", "json"])),
        json(folder, 0, &with(&["affected", "CVE-2021-44228", "--format", "json"])),
        text(folder, 0, &with(&["audit", "verify"])),
    )
}

/// The lines of tables: name, rows, sum.
fn tables(told: &str) -> Vec<&str> {
    told.lines().take_while(|line| !line.contains(" arrived: ")).collect()
}

#[test]
fn the_sample_hospital_moves_to_postgresql_and_back() {
    let Some(url) = bedrail_testkit::postgres::database() else { return };
    let folder = hospital();
    let before = seen(folder.path(), &[]);
    let there = text(folder.path(), 0, &["db", "move", "--to", &url]);
    assert!(there.contains("are the same on both sides") && there.contains("holds in the target"), "{there}");
    assert!(tables(&there).len() > 12, "{there}");
    assert_eq!(seen(folder.path(), &[]), before, "the source is unchanged");
    let database = ["--database", url.as_str()];
    assert_eq!(seen(folder.path(), &database), before);
    // The other way, into the same data folder without its embedded database.
    let output = run(folder.path(), &["db", "move", "--from", &url]);
    assert!(stderr(&output).contains("the target holds something already"), "{}", stderr(&output));
    for file in std::fs::read_dir(folder.path().join("data")).unwrap().flatten() {
        if file.file_name().to_string_lossy().starts_with("bedrail.sqlite") {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
    let back = text(folder.path(), 0, &["db", "move", "--from", &url]);
    assert_eq!(tables(&back), tables(&there));
    assert_eq!(seen(folder.path(), &[]), before);
    let again = run(folder.path(), &["db", "move", "--to", &url]);
    assert!(stderr(&again).contains("the target holds something already"), "{}", stderr(&again));
}

#[test]
fn nothing_moves_while_somebody_has_it_open() {
    let Some(url) = bedrail_testkit::postgres::database() else { return };
    let folder = tempdir().unwrap();
    for database in [vec![], vec!["--database", url.as_str()]] {
        let mut command = program();
        command.current_dir(folder.path()).args(["--data", "data", "serve", "--listen", "127.0.0.1:0"]);
        let mut server =
            command.args(&database).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let way = if database.is_empty() { "--to" } else { "--from" };
        let output = if way == "--from" {
            let elsewhere = tempdir().unwrap();
            std::fs::create_dir(elsewhere.path().join("data")).unwrap();
            run(elsewhere.path(), &["db", "move", way, &url])
        } else {
            run(folder.path(), &["db", "move", way, &url])
        };
        server.kill().unwrap();
        server.wait().unwrap();
        assert_eq!(output.status.code(), Some(1), "{way}");
        assert!(stderr(&output).contains("stop them all"), "{way}: {}", stderr(&output));
    }
}

#[test]
fn a_move_that_is_cut_off_leaves_the_source_whole_and_starts_over() {
    let Some(first) = bedrail_testkit::postgres::database() else { return };
    let folder = hospital();
    let before = seen(folder.path(), &[]);
    let mut url = first;
    let mut cut_off = 0;
    // How long a move takes to begin differs between machines: the moment is looked for between too early and too late.
    let (mut early, mut late, mut moment) = (0, None, 20);
    for _ in 0..30 {
        let mut command = program();
        command.current_dir(folder.path()).args(["--data", "data", "db", "move", "--to", &url]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The one place where time passing is what is tested.
        sleep(Duration::from_millis(moment));
        child.kill().unwrap();
        let ended = child.wait().unwrap().success();
        assert_eq!(seen(folder.path(), &[]), before, "after {moment} ms");
        let output = run(folder.path(), &["devices", "list", "--format", "json", "--database", &url]);
        if stderr(&output).contains("a move that has not ended") {
            cut_off += 1;
        } else {
            // Before the mark it is empty, and after the end it is whole; never in between.
            let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
            let total = listed["total"].as_u64().unwrap();
            assert!(total == 0 || listed["total"] == before.0["total"], "after {moment} ms: {total}");
            // That command has made an installation of it, or it is one: the next try needs an empty one.
            url = bedrail_testkit::postgres::database().unwrap();
        }
        if cut_off >= 3 {
            break;
        }
        if ended {
            late = Some(moment);
        } else {
            early = moment;
        }
        moment = late.map_or(moment * 3 / 2, |late: u64| early + late.saturating_sub(early) / 2).max(1);
    }
    assert!(cut_off > 0, "no moment fell into the move");
    text(folder.path(), 0, &["db", "move", "--to", &url]);
    assert_eq!(seen(folder.path(), &["--database", &url]), before);
}
