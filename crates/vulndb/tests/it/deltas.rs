//! A delta on top of a base, and what it touches.

use bedrail_vulndb::{Db, delta};
use tempfile::tempdir;

use crate::records::{build, naming, record};

fn touched(before: &Db, after: &Db) -> Vec<String> {
    delta::touched(before, after).unwrap().into_iter().map(|package| package.name).collect()
}

#[test]
fn a_changed_record_replaces_the_old_one_and_touches_old_and_new_packages() {
    let folder = tempdir().unwrap();
    let base = build(
        &folder.path().join("base.idx"),
        &[
            record("GHSA-a", &["CVE-1"], &[("old", "1.0.0"), ("kept", "1.0.0")]),
            record("PYSEC-a", &["CVE-1"], &[("sibling", "1.0.0")]),
            record("GHSA-b", &[], &[("kept", "3.0.0"), ("far", "1.0.0")]),
        ],
    );
    let before = Db::new(vec![base.clone()]).unwrap();
    let changed = record("GHSA-a", &["CVE-1"], &[("new", "1.0.0"), ("kept", "1.0.0")]);
    let path = folder.path().join("delta.idx");
    delta::write(&path, &before, &[(changed, "osv/npm")], "later").unwrap();
    let top = std::sync::Arc::new(bedrail_vulndb::segment::Segment::open(&path).unwrap());
    let after = Db::new(vec![top, base]).unwrap();
    assert!(naming(&after, "old").is_empty());
    assert_eq!(naming(&after, "new"), ["GHSA-a"]);
    assert_eq!(naming(&after, "kept"), ["GHSA-a", "GHSA-b"]);
    assert_eq!(naming(&after, "sibling"), ["PYSEC-a"]);
    assert_eq!(after.advisory_count(), 3);
    assert_eq!(after.snapshot(), "later");
    // The whole alias group is touched, the other advisory is not.
    assert_eq!(touched(&before, &after), ["kept", "new", "old", "sibling"]);
}

#[test]
fn a_dropped_alias_lets_the_group_fall_apart() {
    let folder = tempdir().unwrap();
    let base = build(
        &folder.path().join("base.idx"),
        &[
            record("GHSA-a", &["CVE-1", "CVE-2"], &[("p", "1.0.0")]),
            record("PYSEC-a", &["CVE-2"], &[("q", "1.0.0")]),
        ],
    );
    let before = Db::new(vec![base.clone()]).unwrap();
    let path = folder.path().join("delta.idx");
    delta::write(&path, &before, &[(record("GHSA-a", &["CVE-1"], &[("p", "1.0.0")]), "osv/npm")], "later")
        .unwrap();
    let top = std::sync::Arc::new(bedrail_vulndb::segment::Segment::open(&path).unwrap());
    let after = Db::new(vec![top, base]).unwrap();
    let ids = |id: &str| {
        let group = after.find_weakness(id).unwrap().unwrap();
        after.group(group).unwrap().0.join(" ")
    };
    assert_eq!(ids("CVE-1"), "CVE-1 GHSA-a");
    assert_eq!(ids("CVE-2"), "CVE-2 PYSEC-a");
    assert_eq!(touched(&before, &after), ["p", "q"]);
}

#[test]
fn a_withdrawal_takes_the_packages_away_and_touches_them() {
    let folder = tempdir().unwrap();
    let base = build(&folder.path().join("base.idx"), &[record("GHSA-a", &[], &[("p", "1.0.0")])]);
    let before = Db::new(vec![base.clone()]).unwrap();
    let mut gone = record("GHSA-a", &[], &[("p", "1.0.0")]);
    gone.withdrawn = gone.modified;
    let path = folder.path().join("delta.idx");
    delta::write(&path, &before, &[(gone, "osv/npm")], "later").unwrap();
    let top = std::sync::Arc::new(bedrail_vulndb::segment::Segment::open(&path).unwrap());
    let after = Db::new(vec![top, base]).unwrap();
    assert!(naming(&after, "p").is_empty());
    assert_eq!(touched(&before, &after), ["p"]);
}

#[test]
fn a_new_date_alone_touches_nothing() {
    let folder = tempdir().unwrap();
    let base = build(&folder.path().join("base.idx"), &[record("GHSA-a", &["CVE-1"], &[("p", "1.0.0")])]);
    let before = Db::new(vec![base]).unwrap();
    let mut later = record("GHSA-a", &["CVE-1"], &[("p", "1.0.0")]);
    later.modified = Some("2025-06-01T00:00:00Z".parse().unwrap());
    let rebuilt = build(&folder.path().join("next.idx"), &[later]);
    let after = Db::new(vec![rebuilt]).unwrap();
    assert!(touched(&before, &after).is_empty());
}
