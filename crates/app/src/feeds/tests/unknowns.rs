//! What cannot be told: packages of a distribution whose source package nobody says, and weaknesses whose records name nothing.

use bedrail_model::answer::{Answer, Reason};

use super::{Setup, write_zip};
use crate::feeds::data::Data;
use crate::feeds::{Question, Verdict};

/// A record of a Debian source package of release 12, before a version.
fn debian(id: &str, source: &str, fixed: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "2025-01-01T00:00:00Z", "affected": [{{"package": {{"ecosystem": "Debian:12", "name": "{source}"}},
        "ranges": [{{"type": "ECOSYSTEM", "events": [{{"introduced": "0"}}, {{"fixed": "{fixed}"}}]}}]}}]}}"#
    )
}

fn ask(data: &Data, purl: &str) -> Verdict {
    data.judge(&Question { purl: Some(purl), version: None }).unwrap()
}

/// Records of distributions are of source packages (Debian Security Tracker; OSV schema, `affected[].package`), bills list binary
/// ones: without the source of a package that no record names, nothing is known of it.
#[test]
fn a_package_whose_source_nobody_says_is_not_clean() {
    let setup = Setup::new();
    let records = [("DEBIAN-CVE-1.json", &debian("DEBIAN-CVE-1", "openssl", "3.0.14-1") as &str)];
    write_zip(&setup.mirror().join("osv/Debian/all.zip"), &records);
    setup.update().unwrap();
    let data = Data::open(&setup.dir()).unwrap();
    for (purl, answer, unassessed, why) in [
        ("pkg:deb/debian/libssl3@3.0.11-1?distro=debian-12", None, Some(Reason::SourceUnknown), "no source"),
        (
            "pkg:deb/debian/libssl3@3.0.11-1?distro=debian-12&upstream=openssl",
            Some(Answer::Affected),
            None,
            "the source is said",
        ),
        (
            "pkg:deb/debian/openssl@3.0.11-1?distro=debian-12",
            Some(Answer::Affected),
            None,
            "a record names it, so it is a source package",
        ),
        ("pkg:deb/debian/openssl@3.0.14-1?distro=debian-12", None, None, "named, and mended"),
        (
            "pkg:deb/debian/zlib1g@1.2.13?distro=debian-12&upstream=zlib",
            None,
            None,
            "no record of its source: clean",
        ),
    ] {
        let verdict = ask(&data, purl);
        let found = verdict.judgements.first().map(|judgement| judgement.answer);
        assert_eq!((found, verdict.unassessed), (answer, unassessed), "{purl}: {why}");
    }
}

#[test]
fn a_weakness_whose_records_name_nothing_is_known_from_one_that_names_something() {
    let setup = Setup::new();
    let nothing = |id: &str, rest: &str| {
        format!(r#"{{"id": "{id}", "modified": "2025-01-01T00:00:00Z"{rest}, "affected": []}}"#)
    };
    setup.npm(&[
        ("GHSA-a.json", &super::record("GHSA-a", "2025-01-01", "2.0.0")),
        ("GHSA-n.json", &nothing("GHSA-n", r#", "aliases": ["CVE-2025-1"]"#)),
        ("GHSA-w.json", &nothing("GHSA-w", r#", "withdrawn": "2025-01-02T00:00:00Z""#)),
    ]);
    setup.update().unwrap();
    let data = Data::open(&setup.dir()).unwrap();
    for (id, told) in
        [("GHSA-n", true), ("CVE-2025-1", true), ("GHSA-a", false), ("GHSA-w", false), ("CVE-2025-9", false)]
    {
        assert_eq!(data.names_nothing(id).unwrap(), told, "{id}");
    }
}
