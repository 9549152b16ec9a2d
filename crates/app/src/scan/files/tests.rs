//! The exact set of weaknesses per file, from made-up findings and the starter advisories.

use std::collections::{BTreeMap, BTreeSet};

use bedrail_scanner::report::{Code, Confidence, Place};
use jiff::Timestamp;

use super::super::NotAffected;
use super::*;
use crate::products::ByName;

fn core(version: &str, lookup: Option<&[&str]>) -> Found {
    let mut present = BTreeMap::from([("lookup/StrSubstitutor".to_owned(), Vec::new())]);
    if let Some(marks) = lookup {
        let marks = marks.iter().map(|mark| (*mark).to_owned()).collect();
        present.insert("lookup/JndiLookup".to_owned(), marks);
    }
    library("org.apache.logging.log4j", "log4j-core", &[version], present)
}

fn library(group: &str, name: &str, versions: &[&str], present: BTreeMap<String, Vec<String>>) -> Found {
    Found {
        kind: "maven",
        namespace: Some(group.to_owned()),
        name: name.to_owned(),
        version: Some(versions[0].to_owned()),
        qualifiers: Vec::new(),
        versions: versions.iter().map(|it| (*it).to_owned()).collect(),
        declared: None,
        cpes: Vec::new(),
        code: Some(Code { present, whole: true }),
        place: Place::file("/srv/x.jar"),
        evidence: Vec::new(),
        confidence: Confidence::High,
        remarks: Vec::new(),
        is_system: false,
    }
}

fn report_on(found: Vec<Found>) -> ScanReport {
    let folder = tempfile::tempdir().unwrap();
    let options = ScanOptions {
        now: Timestamp::UNIX_EPOCH,
        max_data_age_days: 7,
        accepted: Vec::new(),
        not_affected: NotAffected::Show,
        by_name: ByName::default(),
    };
    let inside = inside(Report { found, ..Report::default() });
    judge_files(folder.path(), "x", inside, &options).unwrap()
}

fn with(report: &ScanReport, answer: Answer) -> BTreeSet<&str> {
    let findings = report.findings.iter().filter(|it| it.judgement.answer == answer);
    findings.map(|it| it.judgement.weakness.id.trim_start_matches("CVE-")).collect()
}

/// Version, what JndiLookup shows (`None`: it was removed), the CVEs that affect.
type Row = (&'static str, Option<&'static [&'static str]>, &'static [&'static str]);

/// Typed from Apache's disclosure report (logging.apache.org/cyclonedx/vdr.xml), the CVE records and GitHub's; where they say different
/// things the more severe counts: 2.12.2 has CVE-2021-45046 by Apache alone, the previews of 2.0 have CVE-2023-26464 by GitHub alone, and
/// those of 3.0 have CVE-2025-68161 by its CVE record alone.
#[rustfmt::skip]
const EXPECTED: &[Row] = &[
    ("2.0-alpha1", None,                      &["2017-5645", "2020-9488", "2021-45105", "2023-26464", "2026-34480"]),
    ("2.0-beta9", Some(&["initial_context"]), &["2017-5645", "2020-9488", "2021-44228", "2021-45046", "2021-45105", "2021-44832", "2023-26464", "2025-68161", "2026-34480"]),
    ("2.0.2",     Some(&["initial_context"]), &["2017-5645", "2020-9488", "2021-44228", "2021-45046", "2021-45105", "2021-44832", "2025-68161", "2026-34480"]),
    ("2.3",       Some(&[]),                  &["2017-5645", "2020-9488", "2021-44228", "2021-45046", "2021-45105", "2021-44832", "2025-68161", "2026-34480"]),
    ("2.3.1",     Some(&["lookup_switch"]),   &["2017-5645", "2020-9488", "2021-44832", "2025-68161", "2026-34480"]),
    ("2.3.2",     Some(&["lookup_switch"]),   &["2017-5645", "2025-68161", "2026-34480"]),
    ("2.8.1",     Some(&[]),                  &["2017-5645", "2020-9488", "2021-44228", "2021-45046", "2021-45105", "2021-44832", "2025-68161", "2026-34480"]),
    ("2.8.2",     Some(&[]),                  &["2020-9488", "2021-44228", "2021-45046", "2021-45105", "2021-44832", "2025-68161", "2026-34480"]),
    ("2.12.1",    Some(&[]),                  &["2020-9488", "2021-44228", "2021-45046", "2021-45105", "2021-44832", "2025-68161", "2026-34477", "2026-34480"]),
    ("2.12.2",    Some(&["unsupported"]),     &["2020-9488", "2021-45046", "2021-45105", "2021-44832", "2025-68161", "2026-34477", "2026-34480"]),
    ("2.12.3",    Some(&["lookup_switch"]),   &["2021-44832", "2025-68161", "2026-34477", "2026-34480"]),
    ("2.12.4",    Some(&["lookup_switch"]),   &["2025-68161", "2026-34477", "2026-34480"]),
    ("2.13.1",    Some(&[]),                  &["2020-9488", "2021-44228", "2021-45046", "2021-45105", "2021-44832", "2025-68161", "2026-34477", "2026-34480"]),
    ("2.14.1",    Some(&[]),                  &["2021-44228", "2021-45046", "2021-45105", "2021-44832", "2025-68161", "2026-34477", "2026-34480"]),
    ("2.14.1",    None,                       &["2021-45105", "2021-44832", "2025-68161", "2026-34477", "2026-34480"]),
    ("2.15.0",    Some(&[]),                  &["2021-45046", "2021-45105", "2021-44832", "2025-68161", "2026-34477", "2026-34480"]),
    ("2.15.0",    None,                       &["2021-45105", "2021-44832", "2025-68161", "2026-34477", "2026-34480"]),
    ("2.16.0",    Some(&[]),                  &["2021-45105", "2021-44832", "2025-68161", "2026-34477", "2026-34480"]),
    ("2.17.0",    Some(&["lookup_switch"]),   &["2021-44832", "2025-68161", "2026-34477", "2026-34480"]),
    ("2.17.1",    Some(&["lookup_switch"]),   &["2025-68161", "2026-34477", "2026-34480"]),
    ("2.20.0",    Some(&["lookup_switch"]),   &["2025-68161", "2026-34477", "2026-34480"]),
    ("2.21.0",    Some(&["lookup_switch"]),   &["2025-68161", "2026-34477", "2026-34478", "2026-34480"]),
    ("2.25.2",    Some(&["lookup_switch"]),   &["2025-68161", "2026-34477", "2026-34478", "2026-34480"]),
    ("2.25.3",    Some(&["lookup_switch"]),   &["2026-34477", "2026-34478", "2026-34480"]),
    ("2.25.4",    Some(&["lookup_switch"]),   &[]),
    ("2.26.0",    Some(&["lookup_switch"]),   &[]),
    ("3.0.0-alpha1", Some(&["lookup_switch"]), &["2025-68161", "2026-34477", "2026-34480"]),
    ("3.0.0-beta3", Some(&["lookup_switch"]), &["2025-68161", "2026-34477", "2026-34478", "2026-34480"]),
];

#[test]
fn sources_that_disagree_are_all_shown() {
    // By Apache alone, with a stub in place of JndiLookup; and by all but Apache.
    for (version, lookup, id) in [("2.12.2", "unsupported", "45046"), ("2.17.0", "lookup_switch", "44832")] {
        let report = report_on(vec![core(version, Some(&[lookup]))]);
        let finding = report.findings.iter().find(|it| it.judgement.weakness.id.ends_with(id)).unwrap();
        assert_eq!(finding.judgement.answer, Answer::Affected);
        let said: BTreeMap<&str, Answer> =
            finding.judgement.evidence.iter().map(|it| (it.advisory.as_str(), it.reason.answer())).collect();
        let apache = said[&*format!("ASF-CVE-2021-{id}")];
        let others = said[&*format!("CVE-2021-{id}")];
        assert_ne!(apache, others, "{version}");
        assert!([apache, others].contains(&Answer::Affected));
    }
}

#[test]
fn every_release_has_exactly_its_weaknesses() {
    for (version, lookup, expected) in EXPECTED {
        let report = report_on(vec![core(version, *lookup)]);
        let expected: BTreeSet<&str> = expected.iter().copied().collect();
        assert_eq!(with(&report, Answer::Affected), expected, "{version} {lookup:?}");
        assert_eq!(with(&report, Answer::CannotTell), BTreeSet::new(), "{version} {lookup:?}");
    }
}

#[test]
fn classes_of_log4j_1_that_are_missing_take_their_weaknesses_with_them() {
    let classes = [
        "net/JMSAppender",
        "net/SocketServer",
        "net/SocketNode",
        "net/JMSSink",
        "jdbc/JDBCAppender",
        "chainsaw/Main",
    ];
    let all: BTreeMap<String, Vec<String>> =
        classes.iter().map(|class| ((*class).to_owned(), Vec::new())).collect();
    let report = report_on(vec![library("log4j", "log4j", &["1.2.17"], all.clone())]);
    let every =
        ["2019-17571", "2020-9488", "2021-4104", "2022-23302", "2022-23305", "2022-23307", "2023-26464"];
    assert_eq!(with(&report, Answer::Affected), every.into());
    let mut some = all;
    some.retain(|class, _| class != "net/JMSAppender" && class != "jdbc/JDBCAppender");
    let report = report_on(vec![library("log4j", "log4j", &["1.2.17"], some)]);
    let left = ["2019-17571", "2020-9488", "2022-23302", "2022-23307", "2023-26464"];
    assert_eq!(with(&report, Answer::Affected), left.into());
    assert!(with(&report, Answer::NotAffected).is_superset(&["2021-4104", "2022-23305"].into()));
}

/// What its maker says is mended by which release (reload4j.qos.ch).
#[test]
fn releases_of_reload4j_have_what_their_maker_says() {
    let classes =
        ["net/JMSAppender", "net/SocketServer", "net/JMSSink", "jdbc/JDBCAppender", "chainsaw/Main"];
    let all: BTreeMap<String, Vec<String>> =
        classes.iter().map(|class| ((*class).to_owned(), Vec::new())).collect();
    let rows: &[(&str, &[&str])] = &[
        ("1.2.18.0", &["2020-9488", "2022-23302", "2022-23305", "2022-23307"]),
        ("1.2.18.1", &["2020-9488", "2022-23305"]),
        ("1.2.18.2", &["2020-9488"]),
        ("1.2.18.3", &[]),
    ];
    for (version, expected) in rows {
        let report = report_on(vec![library("ch.qos.reload4j", "reload4j", &[version], all.clone())]);
        assert_eq!(with(&report, Answer::Affected), expected.iter().copied().collect(), "{version}");
    }
}

#[test]
fn versions_that_the_data_says_different_things_of_are_not_told() {
    let present = BTreeMap::from([("lookup/JndiLookup".to_owned(), Vec::new())]);
    let report =
        report_on(vec![library("org.apache.logging.log4j", "log4j-core", &["2.14.1", "2.16.0"], present)]);
    let every = ["2021-44832", "2021-45105", "2025-68161", "2026-34477", "2026-34480"];
    assert_eq!(with(&report, Answer::Affected), every.into());
    assert_eq!(with(&report, Answer::CannotTell), ["2021-44228", "2021-45046"].into());
    let uncertain = report.findings.iter().filter(|it| it.judgement.answer == Answer::CannotTell);
    assert!(uncertain.into_iter().all(|it| it.judgement.reason == Reason::VersionUncertain));
}

#[test]
fn an_archive_that_was_not_read_to_its_end_takes_nothing_away() {
    let mut found = core("2.14.1", None);
    found.code.as_mut().unwrap().whole = false;
    assert!(with(&report_on(vec![found]), Answer::Affected).contains("2021-44228"));
}

#[test]
fn whoever_judges_by_a_bill_is_told_of_the_class_that_is_not_there() {
    let told = |found: Found| {
        let warnings =
            inside(Report { found: vec![found], ..Report::default() }).for_a_bill().inventory.warnings;
        assert!(warnings.iter().all(|it| !it.lost && it.place == "/srv/x.jar"));
        warnings.into_iter().map(|it| it.message).collect::<Vec<_>>()
    };
    let gone = told(core("2.14.1", None));
    assert_eq!(gone.len(), 1);
    assert!(
        gone[0].contains("CVE-2021-44228 (lookup/JndiLookup)") && gone[0].contains("until a person decides")
    );
    assert_eq!(told(core("2.14.1", Some(&[]))), [""; 0]);
    let mut cut_off = core("2.14.1", None);
    cut_off.code.as_mut().unwrap().whole = false;
    assert_eq!(told(cut_off), [""; 0]);
    // Of metadata alone nobody knows what is not there.
    let named = library("org.apache.logging.log4j", "log4j-core", &["2.14.1"], BTreeMap::new());
    assert_eq!(told(named), [""; 0]);
}

#[test]
fn metadata_without_code_is_no_answer() {
    let report =
        report_on(vec![library("org.apache.logging.log4j", "log4j-core", &["2.14.1"], BTreeMap::new())]);
    assert_eq!(with(&report, Answer::Affected), BTreeSet::new());
    assert!(report.findings.iter().any(|it| it.judgement.reason == Reason::CodeNotSeen));
}

#[test]
fn the_same_in_several_places_is_one_component_and_another_state_is_another() {
    let mut elsewhere = core("2.14.1", Some(&[]));
    elsewhere.place = Place::file("/opt/y.jar");
    let inside = inside(Report {
        found: vec![core("2.14.1", Some(&[])), elsewhere, core("2.14.1", None)],
        ..Report::default()
    });
    assert_eq!(inside.inventory.components.len(), 2);
}

#[test]
fn package_urls_are_those_of_the_specification() {
    let mut found = library("debian", "libssl3", &["3.0.11-1~deb12u2"], BTreeMap::new());
    found.kind = "deb";
    found.qualifiers = vec![("arch", "amd64".to_owned()), ("upstream", "openssl@3.0.11-1+b1".to_owned())];
    assert_eq!(
        purl(&found, found.version.as_deref()).unwrap(),
        "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&upstream=openssl%403.0.11-1%2Bb1"
    );
    found.kind = "npm";
    found.namespace = Some("@babel".to_owned());
    found.qualifiers.clear();
    assert_eq!(purl(&found, Some("7.0.0")).unwrap(), "pkg:npm/%40babel/libssl3@7.0.0");
}
