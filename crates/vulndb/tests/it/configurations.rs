//! Records of NVD: their trees, the products that lead to them, and what a change of one touches.

use std::path::Path;
use std::sync::Arc;

use bedrail_model::advisory::Advisory;
use bedrail_model::configuration::{Bound, Criterion, Node, compile};
use bedrail_model::cpe::Fields;
use bedrail_model::ecosystem::Ecosystem;
use bedrail_vulndb::segment::Segment;
use bedrail_vulndb::{Builder, Db, delta};
use tempfile::tempdir;

use crate::records::record;

fn criterion(vulnerable: bool, product: &str, before: Option<&str>) -> Node<'static> {
    let name = format!("cpe:2.3:{product}:*:*:*:*:*:*:*:*");
    let name = Fields::read(&name).unwrap().into_owned();
    let end = before.map(|version| Bound { version: version.to_owned().into(), inclusive: false });
    Node::Criterion(Criterion { vulnerable, name, start: None, end })
}

/// A record of NVD: firmware before a version, on a hardware.
pub(crate) fn nvd(cve: &str, firmware: &str, before: &str) -> Advisory<'static> {
    Advisory {
        configurations: vec![Node::All(vec![
            Node::Any(vec![criterion(true, firmware, Some(before)), criterion(true, "a:acme:all", None)]),
            Node::Any(vec![criterion(false, "h:acme:pump", None)]),
        ])],
        ..record(&format!("NVD-{cve}"), &[cve], &[])
    }
}

fn naming(db: &Db, product: &str) -> Vec<String> {
    let mut ids = Vec::new();
    db.entries(Ecosystem::CPE, product, |entry| {
        assert!(entry.affected.by_configuration());
        ids.push(db.advisory(entry.advisory)?.id.to_owned());
        Ok(())
    })
    .unwrap();
    ids.sort();
    ids
}

fn build(path: &Path, records: &[Advisory<'_>]) -> Arc<Segment> {
    let builder = Builder::new(path, vec!["nvd/2024".into(), "nvd/modified".into()]).unwrap();
    let mut shard = builder.shard();
    for (number, record) in records.iter().enumerate() {
        shard.add(record, (number % 2) as u16).unwrap();
    }
    shard.flush().unwrap();
    drop(shard);
    builder.finish("snapshot").unwrap();
    Arc::new(Segment::open(path).unwrap())
}

#[test]
fn vulnerable_products_lead_to_the_tree_and_the_cve_joins_the_weakness() {
    let folder = tempdir().unwrap();
    let mut rejected = nvd("CVE-3", "o:acme:gone_firmware", "9");
    rejected.withdrawn = rejected.modified;
    let records = [
        nvd("CVE-1", "o:acme:pump_firmware", "3.2"),
        record("GHSA-a", &["CVE-1"], &[("p", "1.0.0")]),
        rejected,
    ];
    let db = Db::new(vec![build(&folder.path().join("base.idx"), &records)]).unwrap();
    assert_eq!(naming(&db, "o:acme:pump_firmware"), ["NVD-CVE-1"]);
    assert_eq!(naming(&db, "a:acme:all"), ["NVD-CVE-1"]);
    // What the weak product runs on is not weak; a rejected record names nothing.
    assert!(naming(&db, "h:acme:pump").is_empty());
    assert!(naming(&db, "o:acme:gone_firmware").is_empty());
    assert!(db.holds(Ecosystem::CPE, None));
    let advisory = db.find_advisory("NVD-CVE-1").unwrap().unwrap();
    let mut tree = Vec::new();
    compile(&records[0].configurations, &mut tree);
    assert_eq!(db.configurations_of(advisory).unwrap(), tree);
    let (ids, members) = db.group(db.find_weakness("CVE-1").unwrap().unwrap()).unwrap();
    assert_eq!((ids, members.len()), (vec!["CVE-1", "GHSA-a", "NVD-CVE-1"], 2));
    let gone = db.find_advisory("NVD-CVE-3").unwrap().unwrap();
    assert!(db.configurations_of(gone).unwrap().is_empty());
    assert!(db.find_weakness("CVE-3").unwrap().is_none());
}

#[test]
fn the_newest_copy_has_the_word_and_the_order_of_arrival_has_none() {
    let folder = tempdir().unwrap();
    let old = nvd("CVE-1", "o:acme:old_firmware", "3.2");
    let mut new = nvd("CVE-1", "o:acme:new_firmware", "3.3");
    new.modified = Some("2025-03-01T00:00:00Z".parse().unwrap());
    let (one, other) = (folder.path().join("one.idx"), folder.path().join("other.idx"));
    let db = Db::new(vec![build(&one, &[old.clone(), new.clone()])]).unwrap();
    assert!(naming(&db, "o:acme:old_firmware").is_empty());
    assert_eq!(naming(&db, "o:acme:new_firmware"), ["NVD-CVE-1"]);
    let far = nvd("CVE-2", "o:acme:far_firmware", "1");
    let near = nvd("CVE-3", "o:acme:near_firmware", "1");
    build(&one, &[old.clone(), new.clone(), far.clone(), near.clone()]);
    build(&other, &[far, new, old, near]);
    // Equal but for the sources that the records came by here.
    let snapshot = |path: &Path| {
        let db = Db::new(vec![Arc::new(Segment::open(path).unwrap())]).unwrap();
        let all: Vec<_> = db.advisories().map(|one| db.configurations_of(one).unwrap().to_vec()).collect();
        all
    };
    assert_eq!(snapshot(&one), snapshot(&other));
}

#[test]
fn a_changed_tree_replaces_the_old_one_and_touches_the_products_of_both() {
    let folder = tempdir().unwrap();
    let base = build(
        &folder.path().join("base.idx"),
        &[nvd("CVE-1", "o:acme:pump_firmware", "3.2"), nvd("CVE-2", "o:acme:far_firmware", "1")],
    );
    let before = Db::new(vec![base.clone()]).unwrap();
    let with = |name: &str, changed: Advisory<'_>| {
        let path = folder.path().join(name);
        delta::write(&path, &before, &[(changed, "nvd/modified")], "later").unwrap();
        Db::new(vec![Arc::new(Segment::open(&path).unwrap()), base.clone()]).unwrap()
    };
    let touched = |after: &Db| {
        let packages = delta::touched(&before, after).unwrap().into_iter();
        packages.map(|package| format!("{} {}", package.ecosystem, package.name)).collect::<Vec<_>>()
    };
    let after = with("bound.idx", nvd("CVE-1", "o:acme:pump_firmware", "3.3"));
    assert_eq!(touched(&after), ["CPE a:acme:all", "CPE o:acme:pump_firmware"]);
    let moved = with("moved.idx", nvd("CVE-1", "o:acme:scanner_firmware", "3.2"));
    assert_eq!(
        touched(&moved),
        ["CPE a:acme:all", "CPE o:acme:pump_firmware", "CPE o:acme:scanner_firmware"]
    );
    assert!(naming(&moved, "o:acme:pump_firmware").is_empty());
    // A record of another feed joins: the tree is copied along, and nothing else is touched.
    let joined = with("joined.idx", record("GHSA-a", &["CVE-1"], &[("p", "1.0.0")]));
    assert_eq!(naming(&joined, "o:acme:pump_firmware"), ["NVD-CVE-1"]);
    let copied = joined.find_advisory("NVD-CVE-1").unwrap().unwrap();
    assert!(!joined.configurations_of(copied).unwrap().is_empty());
    assert_eq!(touched(&joined), ["npm p", "CPE a:acme:all", "CPE o:acme:pump_firmware"]);
    let same = with("same.idx", nvd("CVE-1", "o:acme:pump_firmware", "3.2"));
    assert!(touched(&same).is_empty());
}
