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

#[test]
fn a_bill_is_checked_compared_and_written_from_a_file_or_a_release() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("old.csv"), LIST).unwrap();
    fs::write(folder.path().join("new.csv"), LIST.replace("2.14.1", "2.9.0").replace("qt;3-Nov", "zlib;1.3"))
        .unwrap();
    let told = text(folder.path(), 0, &["sbom", "check", "old.csv"]);
    assert!(told.starts_with("old.csv: the bill of materials of 3 components lacks something"), "{told}");
    for words in [
        "NTIA minimum elements, 2021: 1 of 7 whole, 6 lacking, 0 not told",
        "  lacking  version of the component: on 1 of 3: qt",
        "FDA premarket guidance: 1 of 10 whole, 6 lacking, 3 not told",
    ] {
        assert!(told.contains(words), "{words:?} is not in {told}");
    }
    let letter = text(folder.path(), 0, &["sbom", "check", "old.csv", "--format", "letter"]);
    assert!(letter.contains("The exact version (missing from 1 of 3):\n   - qt\n"), "{letter}");

    let told = text(folder.path(), 0, &["sbom", "diff", "old.csv", "new.csv"]);
    assert!(
        told.starts_with(
            "From old.csv to new.csv: 1 component came, 1 went, 1 changed version (1 to an older one);"
        ),
        "{told}"
    );
    assert!(
        told.contains("  DOWN     log4j-core 2.14.1 > 2.9.0\n  added    zlib 1.3\n  removed  qt\n"),
        "{told}"
    );

    let add = ["sbom", "add", "old.csv", "--maker", "Orbis", "--model", "IP", "--version", "5"];
    text(folder.path(), 0, &add);
    let changed = json(folder.path(), 0, &["sbom", "diff", "orbis ip 5", "new.csv", "--format", "json"]);
    assert_eq!(changed["versions"][0]["direction"], "down");
    let written = json(folder.path(), 0, &["sbom", "export", "Orbis IP 5", "--format", "spdx"]);
    assert_eq!(written["spdxVersion"], "SPDX-2.3");
    text(folder.path(), 0, &["sbom", "export", "old.csv", "--output", "list.cdx.json"]);
    let again = text(folder.path(), 0, &["sbom", "inspect", "list.cdx.json"]);
    assert!(
        again.starts_with("CycloneDX 1.6 JSON, read in part.") && again.contains("Components   3"),
        "{again}"
    );
    let output = run(folder.path(), &["sbom", "check", "nothing.csv"]);
    assert!(
        stderr(&output).contains("there is no file nothing.csv, and no release is named"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn names_are_proposed_identifiers_and_nothing_is_taken_over_by_itself() {
    let folder = tempdir().unwrap();
    let list = "Name,Version,Supplier\nlog4j-core,2.14.1,Apache\nnothing like it,1,\n";
    fs::write(folder.path().join("list.csv"), list).unwrap();
    let told = text(folder.path(), 0, &["sbom", "propose", "list.csv"]);
    let purl = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1";
    assert!(
        told.starts_with("2 components without an identifier; for 1 of them there are proposals."),
        "{told}"
    );
    assert!(told.contains(&format!("  {purl}  (the name is the same, and so is the supplier)")), "{told}");
    let read = json(folder.path(), 0, &["sbom", "propose", "list.csv", "--format", "json"]);
    assert_eq!(read["components"][0]["proposals"][0]["confidence"], "strong");
    // The list to complete is read again as it is: what is proposed is taken for nothing.
    let completed = text(folder.path(), 0, &["sbom", "propose", "list.csv", "--format", "csv"]);
    fs::write(folder.path().join("completed.csv"), &completed).unwrap();
    let told = text(folder.path(), 0, &["sbom", "inspect", "completed.csv"]);
    assert!(told.contains("Components   2 (0 with purl"), "{told}");
    let row = format!("log4j-core,2.14.1,Apache,,,,{purl}");
    assert!(completed.contains(&row), "{completed}");
    fs::write(
        folder.path().join("completed.csv"),
        completed.replace(&row, &format!("log4j-core,2.14.1,Apache,,{purl},,")),
    )
    .unwrap();
    let told = text(folder.path(), 0, &["sbom", "inspect", "completed.csv"]);
    assert!(told.contains("Components   2 (1 with purl"), "{told}");
}

#[test]
fn ends_of_support_are_told_by_a_list_that_an_operator_brings() {
    let folder = tempdir().unwrap();
    let bill = r#"{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"components":[
        {"type":"library","name":"openssl","version":"1.0.2k","cpe":"cpe:2.3:a:openssl:openssl:1.0.2k:*:*:*:*:*:*:*"},
        {"type":"library","name":"zlib","version":"1.3"}]}"#;
    fs::write(folder.path().join("bill.json"), bill).unwrap();
    let check = ["sbom", "check", "bill.json", "--data", "data"];
    assert!(text(folder.path(), 0, &check).contains("End of support: no list is held"));
    let output = run(folder.path(), &["db", "support", ".", "--data", "data"]);
    assert!(stderr(&output).contains("endoflife.json"), "{}", stderr(&output));
    let cycles =
        r#"{"openssl":[{"releaseCycle":"1.0.2","eol":"2019-12-31"},{"releaseCycle":"7","eol":"soon"}]}"#;
    fs::write(folder.path().join("endoflife.json"), cycles).unwrap();
    let products = r#"{"openssl":{"title":"OpenSSL","identifiers":[{"cpe":"cpe:2.3:a:openssl:openssl"}]}}"#;
    fs::write(folder.path().join("endoflife-products-meta.json"), products).unwrap();
    let told = text(folder.path(), 4, &["db", "support", ".", "--data", "data"]);
    assert!(told.contains("1 product with 1 release cycle") && told.contains("/openssl/1"), "{told}");
    let told = text(folder.path(), 0, &check);
    for words in ["ended for 1 component", "OpenSSL 1.0.2 on 2019-12-31", "neither package URL nor CPE"] {
        assert!(told.contains(words), "{words:?} is not in {told}");
    }
    let told = json(folder.path(), 0, &[&check[..], &["--format", "json"]].concat());
    assert_eq!(told["support"]["ended"][0]["day"], "2019-12-31", "{told}");
}
