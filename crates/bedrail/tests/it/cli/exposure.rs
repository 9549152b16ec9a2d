//! Evidence that devices face the outside: taken in, judged, shown beside the main question, taken away.

use std::fs;

use tempfile::tempdir;

use super::run::{json, text};
use super::scan::PUMP;

const LIST: &str = "Asset tag,Manufacturer,Model,Version,IP address,Exposure\n\
    P-1,Orbis,Flow,2.1,203.0.113.7,isolated\n\
    P-2,Orbis,Flow,2.1,10.0.0.2,isolated\n";

const SCAN: &str = r#"<?xml version="1.0"?>
<nmaprun scanner="nmap" start="1772323200">
<host starttime="1772323200" endtime="1772323200"><address addr="203.0.113.7" addrtype="ipv4"/><ports>
<port protocol="tcp" portid="443"><state state="open"/><service name="https"/></port></ports></host>
<host starttime="1772323200" endtime="1772323200"><address addr="203.0.113.99" addrtype="ipv4"/><ports>
<port protocol="tcp" portid="80"><state state="open"/></port></ports></host>
<runstats><finished time="1772323200"/></runstats></nmaprun>
"#;

#[test]
fn what_was_seen_stands_beside_the_answer_until_it_is_taken_away() {
    let folder = tempdir().unwrap();
    for (name, content) in [("list.csv", LIST), ("pump.json", PUMP), ("scan.xml", SCAN)] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    text(folder.path(), 0, &["devices", "import", "list.csv"]);
    text(
        folder.path(),
        0,
        &["sbom", "add", "pump.json", "--maker", "Orbis", "--model", "Flow", "--version", "2.1"],
    );
    let exposed = ["affected", "CVE-2021-44228", "--exposed"];
    let before = text(folder.path(), 0, &exposed);
    assert!(before.contains("0 match the filter"), "{before}");

    let import = ["exposure", "import", "scan.xml", "--from", "outside"];
    let dry = json(folder.path(), 0, &[&import[..], &["--dry-run", "--format", "json"]].concat());
    assert_eq!((&dry["newly_outside"], &dry["contradicted"]), (&1.into(), &1.into()));
    assert!(dry["import"].is_null() && text(folder.path(), 0, &exposed) == before);
    let told = text(folder.path(), 0, &import);
    assert!(told.starts_with("nmap XML: 2 pieces of evidence on 1 device."), "{told}");
    for words in
        ["P-1: 1 piece; it faces the outside, and the device list says otherwise", "203.0.113.99 (1 piece)"]
    {
        assert!(told.contains(words), "{told}");
    }
    assert!(text(folder.path(), 0, &import).contains("held already"));

    let told = text(folder.path(), 0, &exposed);
    assert!(told.contains("1 matches the filter: facing the outside."), "{told}");
    let because = told.split("How it is known that they face the outside\n").nth(1).unwrap();
    assert!(because.starts_with("  P-1: faces the outside, "), "{because}");
    for words in
        ["203.0.113.7 port 443/tcp (https) answers, seen ", " days ago", "The device list says otherwise"]
    {
        assert!(because.contains(words), "{because}");
    }
    let answer = json(folder.path(), 0, &[&exposed[..], &["--format", "json"]].concat());
    let device = &answer["devices"][0];
    assert_eq!((&device["exposure"], &device["declared_exposure"]), (&"outside".into(), &"isolated".into()));
    let judged = &device["exposure_judged"];
    assert_eq!((&judged["source"], &judged["contradicted"]), (&"nmap".into(), &true.into()));
    assert!(judged["age_days"].as_i64().unwrap() > 200, "{judged}");

    let list = text(folder.path(), 0, &["exposure", "list"]);
    let first = "1 device faces the outside: 1 seen, 1 of them although the device list says otherwise.";
    assert!(list.starts_with(first), "{list}");
    let one = text(folder.path(), 0, &["exposure", "list", "--device", "P-1"]);
    assert!(one.contains("Declared: on a network of its own (list list.csv, line 2"), "{one}");
    assert!(one.contains("scan.xml, line 4"), "{one}");
    let all = json(folder.path(), 0, &["exposure", "list", "--format", "json"]);
    let id = all["imports"][0]["id"].as_str().unwrap().to_owned();
    text(folder.path(), 0, &["exposure", "remove", &id]);
    assert_eq!(text(folder.path(), 0, &exposed), before);
    assert!(text(folder.path(), 0, &["exposure", "list"]).contains("removed "));
}
