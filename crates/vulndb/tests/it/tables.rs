//! What goes in comes out.

use bedrail_model::ecosystem::Ecosystem;
use bedrail_model::finding::{Epss, KnownExploited};
use bedrail_vulndb::{Builder, Db, SideTables};
use tempfile::tempdir;

use crate::records::{build, naming, npm, record};

#[test]
fn aliases_join_records_transitively_and_the_cve_gives_the_name() {
    let folder = tempdir().unwrap();
    let segment = build(
        &folder.path().join("base.idx"),
        &[
            record("GHSA-a", &["CVE-2"], &[("p", "2.0.0")]),
            record("PYSEC-b", &["GHSA-a"], &[("p", "1.0.0")]),
            record("SNYK-c", &["PYSEC-b", "CVE-1"], &[]),
            record("GHSA-z", &[], &[("q", "1.0.0")]),
        ],
    );
    let db = Db::new(vec![segment]).unwrap();
    for id in ["CVE-1", "CVE-2", "GHSA-a", "PYSEC-b", "SNYK-c"] {
        let group = db.find_weakness(id).unwrap().unwrap();
        let (ids, records) = db.group(group).unwrap();
        assert_eq!(ids, ["CVE-1", "CVE-2", "GHSA-a", "PYSEC-b", "SNYK-c"], "by {id}");
        assert_eq!(records.len(), 3);
    }
    let alone = db.find_weakness("GHSA-z").unwrap().unwrap();
    assert_eq!(db.group(alone).unwrap().0, ["GHSA-z"]);
    assert_eq!(db.find_weakness("CVE-3").unwrap(), None);
    assert_eq!(naming(&db, "p"), ["GHSA-a", "PYSEC-b"]);
}

#[test]
fn of_two_copies_the_newest_wins_and_a_withdrawn_one_names_nothing() {
    let folder = tempdir().unwrap();
    let old = record("GHSA-a", &[], &[("p", "1.0.0")]);
    let mut new = record("GHSA-a", &[], &[("q", "1.0.0")]);
    new.modified = Some("2025-02-01T00:00:00Z".parse().unwrap());
    let mut gone = record("GHSA-b", &["CVE-9"], &[("p", "1.0.0")]);
    gone.withdrawn = new.modified;
    let db = Db::new(vec![build(&folder.path().join("base.idx"), &[new, old, gone])]).unwrap();
    assert_eq!(db.advisory_count(), 2);
    assert!(naming(&db, "p").is_empty());
    assert_eq!(naming(&db, "q"), ["GHSA-a"]);
    // It can still be looked up, but its alias is not held together by it any more.
    assert!(db.find_weakness("GHSA-b").unwrap().is_some());
    assert_eq!(db.find_weakness("CVE-9").unwrap(), None);
}

#[test]
fn an_older_copy_in_the_feed_of_an_ecosystem_keeps_its_word_on_that_ecosystem() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("base.idx");
    let builder = Builder::new(&path, vec!["osv/npm".into(), "osv/PyPI".into()]).unwrap();
    // The copy in npm's feed is newer and names npm's package only; the one in PyPI's feed names both.
    let mut newer = record("GHSA-a", &["CVE-1"], &[("opencc", "1.1.2")]);
    newer.modified = Some("2025-02-01T00:00:00Z".parse().unwrap());
    let mut older = record("GHSA-a", &[], &[("opencc", "1.1.1"), ("opencc-gone", "1.0.0")]);
    let pypi = Ecosystem::named("PyPI").unwrap();
    older.affected.extend(record("", &[], &[("opencc", "1.1.2")]).affected);
    older.affected.last_mut().unwrap().ecosystem = pypi;
    let mut shard = builder.shard();
    shard.add(&older, 1).unwrap();
    shard.add(&newer, 0).unwrap();
    shard.flush().unwrap();
    drop(shard);
    builder.finish("snapshot").unwrap();
    let db =
        Db::new(vec![std::sync::Arc::new(bedrail_vulndb::segment::Segment::open(&path).unwrap())]).unwrap();
    assert_eq!(db.advisory_count(), 1);
    assert_eq!(naming(&db, "opencc"), ["GHSA-a"], "once, from npm's own feed");
    assert!(naming(&db, "opencc-gone").is_empty(), "npm's own feed does not name it any more");
    let cited = |db: &Db, ecosystem| {
        let mut sources = Vec::new();
        db.entries(ecosystem, "opencc", |entry| {
            sources.push(db.source(entry.source)?.to_owned());
            Ok(())
        })
        .unwrap();
        sources
    };
    // What is said of a package is cited from the copy that says it, also where a delta took the record along.
    assert_eq!(
        (cited(&db, npm()), cited(&db, pypi)),
        (vec!["osv/npm".to_owned()], vec!["osv/PyPI".to_owned()])
    );
    let top = folder.path().join("delta.idx");
    let joined = record("PYSEC-1", &["CVE-1"], &[]);
    bedrail_vulndb::delta::write(&top, &db, &[(joined, "osv/PyPI")], "later").unwrap();
    let open = |path| std::sync::Arc::new(bedrail_vulndb::segment::Segment::open(path).unwrap());
    let after = Db::new(vec![open(&top), open(&path)]).unwrap();
    let newest = after.find_advisory("GHSA-a").unwrap().unwrap();
    assert_eq!(after.advisory(newest).unwrap().source, "osv/npm");
    assert_eq!(
        (cited(&after, npm()), cited(&after, pypi)),
        (vec!["osv/npm".to_owned()], vec!["osv/PyPI".to_owned()])
    );
    assert_eq!(naming(&after, "opencc"), ["GHSA-a"]);
}

#[test]
fn packages_are_found_by_a_part_of_their_name_whatever_its_case() {
    let folder = tempdir().unwrap();
    let records =
        [record("GHSA-a", &[], &[("Log4J-core", "1.0.0"), ("log4js", "1.0.0"), ("other", "1.0.0")])];
    let db = Db::new(vec![build(&folder.path().join("base.idx"), &records)]).unwrap();
    let named: Vec<String> =
        db.packages_named("LOG4J", 10).unwrap().into_iter().map(|package| package.name).collect();
    assert_eq!(named, ["log4js", "Log4J-core"]);
    assert_eq!(db.packages_named("log4j", 1).unwrap().len(), 1);
}

#[test]
fn the_file_does_not_depend_on_the_order_of_arrival() {
    let folder = tempdir().unwrap();
    let records: Vec<_> = (0..500)
        .map(|n| {
            record(
                &format!("GHSA-{n}"),
                &[&format!("CVE-{}", n % 100)],
                &[(&format!("p{}", n % 40), "1.0.0")],
            )
        })
        .collect();
    let (one, two) = (folder.path().join("one.idx"), folder.path().join("two.idx"));
    build(&one, &records);
    let builder = Builder::new(&two, vec!["osv/npm".into()]).unwrap();
    let mut shards = [builder.shard(), builder.shard()];
    for (index, record) in records.iter().rev().enumerate() {
        shards[index % 2].add(record, 0).unwrap();
    }
    for shard in &mut shards {
        shard.flush().unwrap();
    }
    drop(shards);
    builder.finish("snapshot").unwrap();
    assert!(std::fs::read(one).unwrap() == std::fs::read(two).unwrap());
}

#[test]
fn an_unfinished_build_leaves_the_file_in_use_and_the_next_one_succeeds() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("base.idx");
    build(&path, &[record("GHSA-a", &[], &[("p", "1.0.0")])]);
    // A build that is killed leaves what it had written, under other names.
    std::fs::write(folder.path().join("base.idx.tmp"), b"half").unwrap();
    std::fs::write(folder.path().join(".build-1.tmp"), b"half").unwrap();
    let db =
        Db::new(vec![std::sync::Arc::new(bedrail_vulndb::segment::Segment::open(&path).unwrap())]).unwrap();
    assert_eq!(naming(&db, "p"), ["GHSA-a"]);
    build(&path, &[record("GHSA-b", &[], &[("p", "1.0.0")])]);
    // The open one is unharmed by its replacement.
    assert_eq!(naming(&db, "p"), ["GHSA-a"]);
}

#[test]
fn kev_and_epss_are_found_by_cve() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("side.idx");
    let known = KnownExploited {
        added: "2021-12-10".parse().unwrap(),
        due: Some("2021-12-24".parse().unwrap()),
        ransomware: true,
    };
    let later = KnownExploited { due: None, ransomware: false, ..known };
    let epss = Epss { score: 0.94358, percentile: Some(0.99957) };
    let kev = [("CVE-2021-44228".to_owned(), known.clone()), ("CVE-2020-1".to_owned(), later.clone())];
    let left_out =
        SideTables::write(&path, &kev, &[("CVE-2021-44228".to_owned(), epss), ("GHSA-x".to_owned(), epss)])
            .unwrap();
    assert_eq!(left_out, 1);
    let side = SideTables::open(&path).unwrap();
    assert_eq!(side.kev("CVE-2021-44228").unwrap(), Some(known));
    assert_eq!(side.kev("CVE-2020-1").unwrap(), Some(later));
    assert_eq!(side.kev("CVE-2020-10").unwrap(), None);
    assert_eq!(side.epss("CVE-2021-44228").unwrap(), Some(epss));
    assert_eq!(side.epss("nonsense").unwrap(), None);
}

/// Longer support for a release is not the release: that something is held for the one says nothing of the other.
#[test]
fn what_is_held_for_a_variant_of_a_release_is_not_held_for_the_release() {
    let folder = tempdir().unwrap();
    let mut pro = record("USN-1", &[], &[("p", "1.0.0")]);
    let (ubuntu, release) = Ecosystem::parse_osv("Ubuntu:Pro:18.04:LTS").unwrap();
    (pro.affected[0].ecosystem, pro.affected[0].release) = (ubuntu, release.map(Into::into));
    let mut red_hat = record("RHSA-1", &[], &[("p", "1.0.0")]);
    let (rhel, release) = Ecosystem::parse_osv("Red Hat:enterprise_linux:9::baseos").unwrap();
    (red_hat.affected[0].ecosystem, red_hat.affected[0].release) = (rhel, release.map(Into::into));
    let db = Db::new(vec![build(&folder.path().join("base.idx"), &[pro, red_hat])]).unwrap();
    assert!(!db.holds(ubuntu, Some("18.04:LTS")));
    assert!(db.holds(ubuntu, Some("Pro:18.04:LTS")));
    assert!(db.holds(rhel, Some("enterprise_linux:9")));
    assert!(!db.holds(rhel, Some("enterprise_linux:8")));
}
