//! Updates that go well.

use std::fs;

use bedrail_model::answer::Reason;
use bedrail_model::data_status::SourceState;

use super::{Setup, now, outcome, record};
use crate::feeds::change::{self, Received};
use crate::feeds::update::Outcome;
use crate::feeds::{Data, Options, Origin, Question, bundle};

#[test]
fn a_mirror_is_taken_once_and_then_found_unchanged() {
    let setup = Setup::new();
    let report = setup.update().unwrap();
    assert_eq!((report.rebuilt, report.advisories), (true, 1));
    assert_eq!(outcome(&report, "osv/npm"), &Outcome::Updated);
    assert_eq!(setup.affecting(), ["GHSA-a"]);
    let again = setup.update().unwrap();
    assert!(!again.rebuilt);
    assert_eq!(outcome(&again, "osv/npm"), &Outcome::Unchanged);
}

#[test]
fn status_shows_every_expected_source_and_its_age() {
    let setup = Setup::new();
    setup.update().unwrap();
    let data = Data::open(&setup.dir()).unwrap();
    let status = data.status(now(), 7);
    let of = |name: &str| status.sources.iter().find(|source| source.name == name).unwrap();
    assert_eq!((of("osv/npm").state, of("osv/npm").age_days), (SourceState::Stale, Some(31)));
    assert_eq!(of("osv/Maven").state, SourceState::Missing);
    assert!(!status.complete && !status.starter_only);
    let patient = data.status(now(), 31);
    assert_eq!(
        patient.sources.iter().find(|source| source.name == "osv/npm").unwrap().state,
        SourceState::Fresh
    );
}

#[test]
fn without_any_feed_the_starter_advisories_answer_and_say_so() {
    let setup = Setup::new();
    let data = Data::open(&setup.dir()).unwrap();
    let status = data.status(now(), 7);
    assert!(status.starter_only && !status.complete && status.advisories > 0);
    let purl = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1";
    let verdict = data.judge(&Question { purl: Some(purl), version: None }).unwrap();
    assert!(verdict.judgements.iter().any(|judgement| judgement.weakness.id == "CVE-2021-44228"));
    assert!(data.dump("CVE-2021-44228").unwrap()[0].original.is_some());
    let nothing = Data::none().judge(&Question { purl: Some(purl), version: None }).unwrap();
    assert_eq!(nothing.unassessed, Some(Reason::NoData));
}

#[test]
fn a_component_that_cannot_be_judged_says_why() {
    let setup = Setup::new();
    setup.update().unwrap();
    let data = Data::open(&setup.dir()).unwrap();
    let say = |purl| data.judge(&Question { purl, version: None }).unwrap().unassessed;
    assert_eq!(say(None), Some(Reason::NoIdentifier));
    assert_eq!(say(Some("not a purl")), Some(Reason::NoIdentifier));
    assert_eq!(say(Some("pkg:generic/openssl@1.1.1")), Some(Reason::EcosystemUnknown));
    assert_eq!(say(Some("pkg:pypi/django@1.0")), Some(Reason::NoData));
    assert_eq!(say(Some("pkg:npm/other@1.0.0")), None);
    let by_field = data.judge(&Question { purl: Some("pkg:npm/p"), version: Some("1.0.0") }).unwrap();
    assert_eq!(by_field.judgements[0].reason, Reason::VersionInRange);
}

#[test]
fn a_record_is_dumped_as_received() {
    let setup = Setup::new();
    setup.update().unwrap();
    let data = Data::open(&setup.dir()).unwrap();
    let dump = data.dump("ghsa-A").unwrap();
    assert_eq!(dump[0].original.as_deref(), Some(record("GHSA-a", "2025-01-01", "2.0.0").as_str()));
    assert_eq!(dump[0].affected, [("npm p".to_owned(), "introduced 0, fixed 2.0.0".to_owned())]);
    assert!(data.dump("CVE-1999-1").is_err());
    assert_eq!(data.advisories_of("GHSA-a").unwrap()[0].credit, "GitHub Advisory Database, CC BY 4.0");
}

#[test]
fn a_bundle_carries_the_feeds_and_a_bent_one_is_refused() {
    let (from, to) = (Setup::new(), Setup::new());
    from.update().unwrap();
    let file = from.folder.path().join("bundle.zip");
    assert_eq!(bundle::write(&from.dir(), &file).unwrap(), 1);
    let report = to.update_with(&Origin::Bundle(file.clone()), Options::default()).unwrap();
    assert_eq!(outcome(&report, "osv/npm"), &Outcome::Updated);
    assert_eq!(to.affecting(), ["GHSA-a"]);

    let whole = fs::read(&file).unwrap();
    let third = Setup::new();
    for at in (0..whole.len()).step_by(23) {
        let mut bent = whole.clone();
        bent[at] ^= 0x55;
        fs::write(&file, &bent).unwrap();
        if third.update_with(&Origin::Bundle(file.clone()), Options::default()).is_ok() {
            // What was bent did not matter: the feed came through as it was.
            assert_eq!(third.affecting(), ["GHSA-a"], "byte {at}");
        }
    }
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert!(third.update_with(&Origin::Bundle(file), Options::default()).is_err());
}

#[test]
fn one_changed_record_is_taken_at_once_and_survives_the_next_update() {
    let setup = Setup::new();
    setup.update().unwrap();
    let data = Data::open(&setup.dir()).unwrap();
    let fixed = record("GHSA-a", "2025-01-15", "0.5.0");
    let received = Received { source: "osv/npm", json: fixed.as_bytes() };
    let refreshed = change::apply(&data, &[received]).unwrap().unwrap();
    let touched: Vec<String> = refreshed.touched().unwrap().into_iter().map(|package| package.name).collect();
    assert_eq!(touched, ["p"]);
    assert!(setup.affecting().is_empty());
    assert_eq!(data.dump("GHSA-a").unwrap()[0].original.as_deref(), Some(fixed.as_str()));
    // The next feed still has the old copy beside a new record.
    setup.npm(&[
        ("GHSA-a.json", &record("GHSA-a", "2025-01-01", "2.0.0")),
        ("GHSA-b.json", &record("GHSA-b", "2025-01-20", "2.0.0")),
    ]);
    setup.update().unwrap();
    assert_eq!(setup.affecting(), ["GHSA-b"]);
}
