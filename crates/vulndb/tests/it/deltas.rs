//! A delta on top of a base, and what it touches.

use bedrail_vulndb::{Db, delta};
use tempfile::tempdir;

use crate::records::{build, mentioning, naming, record};

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
fn a_copy_is_late_where_the_same_source_has_given_a_newer_one() {
    let folder = tempdir().unwrap();
    let at = |day: i8| Some(format!("2025-03-{day:02}T00:00:00Z").parse().unwrap());
    let copy = |id: &str, modified| {
        let mut record = record(id, &["CVE-1"], &[("p", "1.0.0")]);
        record.modified = modified;
        record
    };
    let mut withdrawn = copy("GHSA-gone", at(5));
    withdrawn.withdrawn = at(5);
    let held = [copy("GHSA-a", at(5)), withdrawn, copy("GHSA-undated", None)];
    let db = Db::new(vec![build(&folder.path().join("base.idx"), &held)]).unwrap();
    for (id, modified, source, late) in [
        ("GHSA-a", at(4), "osv/npm", true),
        ("GHSA-a", at(5), "osv/npm", false),
        ("GHSA-a", at(6), "osv/npm", false),
        // Another feed's copy speaks for its own ecosystem, whatever its age.
        ("GHSA-a", at(4), "osv/PyPI", false),
        // What was withdrawn is not brought back by the copy from before.
        ("GHSA-gone", at(4), "osv/npm", true),
        ("GHSA-a", None, "osv/npm", false),
        ("GHSA-undated", at(4), "osv/npm", false),
        ("GHSA-new", at(4), "osv/npm", false),
    ] {
        assert_eq!(
            delta::is_late(&db, &copy(id, modified), source).unwrap(),
            late,
            "{id} {modified:?} {source}"
        );
    }
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

fn mentioned_by(db: &Db, id: &str) -> Vec<String> {
    let advisories = db.mentioned_by(id).unwrap().into_iter();
    let mut ids: Vec<String> =
        advisories.map(|advisory| db.advisory(advisory).unwrap().id.to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn a_mention_is_found_and_joins_nothing() {
    let folder = tempdir().unwrap();
    let mut withdrawn = mentioning(record("DSA-3", &[], &[]), &["CVE-1"]);
    withdrawn.withdrawn = withdrawn.modified;
    let base = build(
        &folder.path().join("base.idx"),
        &[
            record("GHSA-a", &["CVE-1"], &[("lib", "1.0.0")]),
            mentioning(record("DSA-1", &[], &[("lib", "2.0.0")]), &["CVE-2", "CVE-1", "CVE-1", "DSA-1", ""]),
            mentioning(record("DSA-2", &[], &[("other", "2.0.0")]), &["CVE-1"]),
            withdrawn,
        ],
    );
    let db = Db::new(vec![base]).unwrap();
    assert_eq!(mentioned_by(&db, "CVE-1"), ["DSA-1", "DSA-2"]);
    assert_eq!(mentioned_by(&db, "CVE-2"), ["DSA-1"]);
    assert!(mentioned_by(&db, "GHSA-a").is_empty());
    assert!(mentioned_by(&db, "CVE-3").is_empty());
    let dsa = db.find_advisory("DSA-1").unwrap().unwrap();
    assert_eq!(db.mentions_of(dsa).unwrap(), ["CVE-1", "CVE-2"]);
    assert_eq!(db.group(db.group_of(dsa).unwrap()).unwrap().0, ["DSA-1"]);
    assert!(db.find_weakness("CVE-2").unwrap().is_none());
}

#[test]
fn mentions_follow_a_change_and_touch_who_is_rated_by_them() {
    let folder = tempdir().unwrap();
    let base = build(
        &folder.path().join("base.idx"),
        &[
            record("GHSA-a", &["CVE-1"], &[("lib", "1.0.0")]),
            record("GHSA-b", &["CVE-2"], &[("far", "1.0.0")]),
            mentioning(record("DSA-1", &[], &[("packed", "2.0.0")]), &["CVE-1"]),
        ],
    );
    let before = Db::new(vec![base.clone()]).unwrap();
    let with = |name: &str, held: &Db, changed| {
        let path = folder.path().join(name);
        delta::write(&path, held, &[(changed, "osv/npm")], "later").unwrap();
        std::sync::Arc::new(bedrail_vulndb::segment::Segment::open(&path).unwrap())
    };
    // What the CVE says changed: the advisory that is rated by it is judged anew.
    let mut worse = record("GHSA-a", &["CVE-1"], &[("lib", "1.0.0")]);
    worse.severity_word = Some(bedrail_model::severity::Severity::Critical);
    let first = with("first.idx", &before, worse);
    let rated = Db::new(vec![first.clone(), base.clone()]).unwrap();
    assert_eq!(touched(&before, &rated), ["lib", "packed"]);

    // The advisory mentions another CVE: the old mention is gone, and an alias of the advisory carries mentions along.
    let other = mentioning(record("DSA-1", &[], &[("packed", "2.0.0")]), &["CVE-2"]);
    let second = with("second.idx", &rated, other);
    let moved = Db::new(vec![second.clone(), first.clone(), base.clone()]).unwrap();
    assert!(mentioned_by(&moved, "CVE-1").is_empty());
    assert_eq!(mentioned_by(&moved, "CVE-2"), ["DSA-1"]);
    assert_eq!(touched(&rated, &moved), ["packed"]);

    let third = with("third.idx", &moved, record("TEMP-1", &["DSA-1"], &[("packed", "3.0.0")]));
    let copied = Db::new(vec![third, second, first, base]).unwrap();
    assert_eq!(mentioned_by(&copied, "CVE-2"), ["DSA-1"]);
}
