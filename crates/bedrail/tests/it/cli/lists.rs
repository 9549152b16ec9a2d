//! Component lists as suppliers send them.

use std::fs;

use tempfile::tempdir;

use super::run::{json, run, stderr, text};

/// As it comes out of a spreadsheet.
const LIST: &str = "Pump IP-5;;;\r\nKomponente;Version;Hersteller;Bemerkung\r\nlog4j-core;2.14.1;Apache;x\r\nOpenSSL 1.0.2k-fips;;;\r\nqt;3-Nov;;\r\n";

#[test]
fn a_list_is_inspected_and_added_like_a_bill_of_materials() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("list.csv"), LIST).unwrap();
    let told = text(folder.path(), 0, &["sbom", "inspect", "list.csv"]);
    assert!(told.starts_with("Component list CSV, read in part.\n"), "{told}");
    for words in [
        "Components   3 (0 with purl, 0 with CPE, 1 without version",
        "Lost         line 2: the column `Bemerkung` is not known",
        "Mended       line 2: the column `Hersteller` was taken for the supplier",
        "`OpenSSL 1.0.2k-fips` as `OpenSSL`, version `1.0.2k`",
        "1 versions are dates",
    ] {
        assert!(told.contains(words), "{words:?} is not in {told}");
    }
    let read = json(folder.path(), 0, &["sbom", "inspect", "list.csv", "--format", "json"]);
    assert_eq!((&read["format"], &read["version"]), (&"Component list".into(), &"".into()));

    let output = run(folder.path(), &["sbom", "add", "list.csv"]);
    assert!(stderr(&output).contains("does not say of which maker"), "{}", stderr(&output));
    let add = ["sbom", "add", "list.csv", "--maker", "Orbis", "--model", "IP", "--version", "5"];
    let told = text(folder.path(), 0, &add);
    assert!(told.contains("added to the new release") && told.contains("Read: 3 components"), "{told}");
}
