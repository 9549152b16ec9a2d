//! `bedrail scan` in a terminal of its own, which script(1) makes: progress is drawn, and Ctrl-C gives what was found so far.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

/// Starts the program in a terminal of 160 columns; none where there is no script(1).
fn in_terminal(folder: &Path, words: &str) -> Option<Child> {
    let program = env!("CARGO_BIN_EXE_bedrail");
    let line = format!("stty rows 40 cols 160; exec '{program}' --data data {words}");
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--flush", "--command", &line, "/dev/null"]).current_dir(folder);
    script.env("TERM", "xterm").env("BEDRAIL_FEEDS", "off").env("SHELL", "/bin/sh").env_remove("NO_COLOR");
    let started = script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    if started.is_err() {
        println!("skipped: script(1) is not installed");
    }
    started.ok()
}

/// A file of under a megabyte in which nine hundred megabytes of zeros are: it takes a while, and expands no further than is allowed.
fn slow() -> Vec<u8> {
    let mut member = GzEncoder::new(Vec::new(), Compression::fast());
    member.write_all(&vec![0; 16 << 20]).unwrap();
    member.finish().unwrap().repeat(56)
}

/// The first number behind the last of these words, in what a terminal was told to draw.
fn last_number(drawn: &str, words: &str) -> Option<u64> {
    let (_, behind) = drawn.rsplit_once(words)?;
    behind.split_whitespace().find_map(|it| it.replace(',', "").parse().ok())
}

#[test]
fn progress_is_drawn_and_ctrl_c_gives_what_was_found_so_far() {
    let folder = tempfile::tempdir().unwrap();
    let many = folder.path().join("many");
    fs::create_dir(&many).unwrap();
    fs::write(folder.path().join("first.jar"), super::inside::log4j(true)).unwrap();
    // So many of them that nobody waits for the end.
    let one = many.join("0.txt.gz");
    fs::write(&one, slow()).unwrap();
    for number in 1..400 {
        fs::hard_link(&one, many.join(format!("{number}.txt.gz"))).unwrap();
    }
    let Some(mut child) =
        in_terminal(folder.path(), "scan first.jar many --format json --output report.json")
    else {
        return;
    };
    let (mut keys, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (mut drawn, mut told) = (String::new(), false);
    let mut part = [0; 4096];
    // A terminal whose last program has ended reads as an end, or as an error.
    while let Ok(read @ 1..) = screen.read(&mut part) {
        drawn.push_str(&String::from_utf8_lossy(&part[..read]));
        // The jar is the first file of all.
        if !told && drawn.contains(" left") && last_number(&drawn, "files ").is_some_and(|files| files > 0) {
            keys.write_all(b"\x03").unwrap();
            keys.flush().unwrap();
            told = true;
        }
    }
    let status = child.wait().unwrap();
    assert!(told, "no progress with what is left was drawn: {drawn}");
    for part in ["looked into", "B/s", "/s", "GiB", "files"] {
        assert!(drawn.contains(part), "{part}: {drawn}");
    }
    // Incomplete, and no crash (docs/exit-codes.md).
    assert_eq!(status.code(), Some(4), "{drawn}");
    let report: Value =
        serde_json::from_slice(&fs::read(folder.path().join("report.json")).unwrap()).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.iter().any(|it| it["id"] == "CVE-2021-44228" && it["answer"] == "affected"));
    let warnings = report["warnings"].as_array().unwrap().iter();
    let stopped = warnings.filter(|it| it["message"].as_str().unwrap().contains("stopped before its end"));
    assert_eq!(stopped.filter(|it| it["lost"] == true).count(), 1, "{report:#}");
    assert!(report["incomplete"].as_array().unwrap().iter().any(|it| it["code"] == "not_scanned"));
}
