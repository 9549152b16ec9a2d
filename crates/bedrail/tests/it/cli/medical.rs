//! `bedrail advisories`, on the sample hospital and on a folder with odd files.

use std::fs;

use tempfile::tempdir;

use super::run::{json, text};

#[test]
fn advisories_of_a_folder_are_taken_in_listed_and_shown() {
    let folder = tempdir().unwrap();
    text(folder.path(), 0, &["demo", "write", "sample"]);
    let list = "Serial number,Manufacturer,Model,Version\nS-1,Veltrano Infusions,DripVane 300,8.2.1\n\
                S-2,Veltrano Infusions,DripVane 500,2.0.0\n";
    fs::write(folder.path().join("list.csv"), list).unwrap();
    text(folder.path(), 0, &["devices", "import", "list.csv"]);
    fs::write(folder.path().join("sample/advisories/broken.json"), "{").unwrap();
    let told = text(folder.path(), 4, &["advisories", "import", "sample/advisories"]);
    assert!(told.starts_with("3 advisories taken in, 0 held already, 1 file not read."), "{told}");
    assert!(told.contains("broken.json"), "{told}");

    let ours = json(folder.path(), 0, &["advisories", "list", "--format", "json"]);
    assert_eq!((&ours["total"], &ours["advisories"][0]["standing"]), (&1.into(), &"matched".into()));
    let all = json(folder.path(), 0, &["advisories", "list", "--all", "--format", "json"]);
    assert_eq!(all["total"], 3);
    assert!(text(folder.path(), 0, &["advisories", "list"]).contains("affects us"));

    let shown = text(folder.path(), 0, &["advisories", "show", "VI-2025-001"]);
    for words in ["Install DripVane 300 version 9.0.0", "psirt@veltrano.example", "DripVane 500 Infusion"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let one = json(folder.path(), 0, &["advisories", "show", "VI-2025-001", "--format", "json"]);
    let answers: Vec<&str> =
        one["said"].as_array().unwrap().iter().map(|it| it["answer"].as_str().unwrap()).collect();
    assert_eq!(answers, ["affected", "cannot_tell"]);
    text(folder.path(), 1, &["advisories", "show", "nothing"]);
    text(folder.path(), 1, &["advisories", "import", "nowhere"]);
}
