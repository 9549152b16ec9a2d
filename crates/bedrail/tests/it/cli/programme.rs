//! The programme from a terminal: a document, a decision, a note of the day, a binder, and a binder that somebody changed.

use std::fs;

use tempfile::tempdir;

use super::run::{json, text};

#[test]
fn a_binder_holds_until_a_byte_of_it_changes() {
    let folder = tempdir().unwrap();
    let run = |code, line: &[&str]| text(folder.path(), code, line);
    fs::write(folder.path().join("list.csv"), "Asset tag,Manufacturer,Model\nP-1,Orbis,Flow\n").unwrap();
    fs::write(folder.path().join("evaluation.txt"), "Evaluation of 2026\n").unwrap();
    fs::write(folder.path().join("plan.pdf"), "no PDF\n").unwrap();
    run(0, &["devices", "import", "list.csv"]);
    let prove = |file: &'static str| {
        [
            "programme",
            "prove",
            "sr-164-308-a-8",
            file,
            "--signal",
            "evaluation.age_days",
            "--shows",
            "0",
            "--about-from",
            "2025-01-01",
            "--collector",
            "Compliance office",
        ]
    };
    run(1, &prove("plan.pdf"));
    let told = run(0, &prove("evaluation.txt"));
    assert!(told.starts_with("Taken in as "), "{told}");
    run(
        1,
        &[
            "programme",
            "decide",
            "sr-164-308-a-8",
            "not-reasonable",
            "--reason",
            "no",
            "--approver",
            "me",
            "--review-by",
            "2099-01-01",
        ],
    );
    let listed = run(0, &["programme", "list"]);
    assert!(
        listed.starts_with("Duties by law: ") && !listed.to_lowercase().contains("compliant"),
        "{listed}"
    );
    let shown = json(folder.path(), 0, &["programme", "show", "sr-164-308-a-8", "--format", "json"]);
    assert_eq!(shown["proofs"][0]["file_name"], "evaluation.txt");
    let noted = run(0, &["programme", "note"]);
    let day = noted.trim_end().trim_end_matches('.').rsplit(' ').next().unwrap().to_owned();
    run(1, &["evidence", "export", "--from", "2026-02-02", "--to", "2026-02-01", "--output", "x.zip"]);
    assert!(!folder.path().join("x.zip").exists());
    let sealed = run(0, &["evidence", "export", "--from", &day, "--to", &day, "--output", "binder.zip"]);
    let key = sealed.lines().find_map(|line| line.strip_prefix("Key  ")).unwrap();

    // Anywhere: without a data folder.
    let away = tempdir().unwrap();
    let mut bytes = fs::read(folder.path().join("binder.zip")).unwrap();
    fs::write(away.path().join("binder.zip"), &bytes).unwrap();
    let holds = text(away.path(), 0, &["evidence", "verify", "binder.zip", "--key", key]);
    assert!(holds.starts_with("The binder holds"), "{holds}");
    text(away.path(), 1, &["evidence", "verify", "binder.zip", "--key", &"00".repeat(32)]);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(away.path().join("changed.zip"), &bytes).unwrap();
    text(away.path(), 1, &["evidence", "verify", "changed.zip", "--key", key]);
}
