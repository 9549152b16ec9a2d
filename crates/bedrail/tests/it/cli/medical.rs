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

#[test]
fn a_list_of_statements_is_taken_in_and_explained_for_one_device() {
    let folder = tempdir().unwrap();
    let list = "Serial number,Manufacturer,Model,Version\nS-1,Veltrano Infusions,DripVane 300,8.2.1\n";
    fs::write(folder.path().join("devices.csv"), list).unwrap();
    text(folder.path(), 0, &["devices", "import", "devices.csv"]);
    let head = "|Supplier|Product|Version (see Status)|Status CVE-2021-4104|Status CVE-2021-44228|\
                Status CVE-2021-45046|Status CVE-2021-45105|Notes|Links|\n|-|-|-|-|-|-|-|-|-|\n";
    let row = "|Veltrano Infusions|DripVane 300|8.2.1| |Vulnerable| | |Close the port|\
               [letter](https://veltrano.example/1)|\n|cut off|\n";
    fs::write(folder.path().join("list.md"), format!("{head}{row}")).unwrap();
    let told = text(folder.path(), 0, &["advisories", "import", "list.md"]);
    assert!(told.contains("list.md: 1 row read as 1 statement of makers, 1 not understood"), "{told}");
    assert!(told.contains("not understood: line 4"), "{told}");
    let chain = text(folder.path(), 0, &["explain", "finding", "CVE-2021-44228", "S-1"]);
    for words in [
        "because an advisory names the product itself",
        "which repeats what makers say",
        "the same product by rule",
        "Ours is 8.2.1; it names: known affected: 8.2.1",
        "https://veltrano.example/1",
    ] {
        assert!(chain.contains(words), "{words}: {chain}");
    }
    let none = text(folder.path(), 0, &["advisories", "providers"]);
    assert!(none.starts_with("0 providers"), "{none}");
    let added = text(folder.path(), 0, &["advisories", "add-provider", "psirt.veltrano.example"]);
    assert!(
        added.contains("https://psirt.veltrano.example/.well-known/csaf/provider-metadata.json"),
        "{added}"
    );
    // The mirror does not have it: what is missing is an exit code.
    fs::create_dir(folder.path().join("mirror")).unwrap();
    let told = text(folder.path(), 4, &["advisories", "update", "--mirror", "mirror"]);
    assert!(told.contains("the mirror does not have"), "{told}");
    let listed = json(folder.path(), 0, &["advisories", "providers", "--format", "json"]);
    assert_eq!(
        (&listed["providers"][0]["whole"], &listed["providers"][0]["signatures"]),
        (&false.into(), &"not checked".into())
    );
}
