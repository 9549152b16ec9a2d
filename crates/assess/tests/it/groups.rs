//! One judgement for each weakness, with what every record said.

use std::sync::Arc;

use bedrail_assess::{Panel, Subject, evidence, weakness};
use bedrail_model::advisory::{AdvisoryView, Affected, AffectedView, compile};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::ecosystem::Ecosystem;
use bedrail_model::finding::{Borrowed, Epss, Judgement, KnownExploited, Weakness};
use bedrail_model::severity::{Cvss, Severity};

use crate::build::{entry, range};

fn compiled(events: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let ranges = events.split(" | ").map(range).collect();
    compile(&Affected { ranges, ..entry("npm") }, false, &mut bytes);
    bytes
}

fn judge(version: &str, records: &[(u32, u32, &str)]) -> Vec<Judgement> {
    let (ecosystem, _) = Ecosystem::parse_osv("npm").unwrap();
    let subjects = [Subject::new(ecosystem, None, "p", Some(version))];
    let entries: Vec<Vec<u8>> = records.iter().map(|(_, _, events)| compiled(events)).collect();
    let mut panel = Panel::new();
    for ((group, advisory, _), bytes) in records.iter().zip(&entries) {
        panel.hear(*group, *advisory, AffectedView::new(bytes).unwrap(), (0, &subjects[0])).unwrap();
    }
    let verdicts: Vec<_> =
        panel.settle().map(|verdict| (verdict.group, verdict.reason, verdict.records.to_vec())).collect();
    let judged = verdicts.iter().map(|(group, reason, records)| {
        let weakness = Weakness { id: format!("CVE-{group}"), ..Weakness::default() };
        let name = |advisory| (format!("R-{advisory}"), Arc::from("osv/npm"));
        evidence::judgement(weakness.into(), (*reason, records), &panel, &subjects, &Arc::from("s"), name)
    });
    judged.collect()
}

#[test]
fn records_of_one_weakness_make_one_judgement_and_affected_wins() {
    let judged = judge(
        "1.5.0",
        &[
            (7, 1, "introduced 0, fixed 1.2.0"),
            (7, 2, "introduced 0, fixed 1.6.0"),
            (7, 3, "introduced 0, fixed never"),
            (8, 4, "introduced 3.0.0, fixed 3.1.0"),
        ],
    );
    assert_eq!(judged.len(), 2);
    assert_eq!((judged[0].answer, judged[0].reason), (Answer::Affected, Reason::VersionInRange));
    let said: Vec<(&str, Reason)> =
        judged[0].evidence.iter().map(|evidence| (evidence.advisory.as_str(), evidence.reason)).collect();
    assert_eq!(
        said,
        [("R-2", Reason::VersionInRange), ("R-3", Reason::RangeUnreadable), ("R-1", Reason::VersionOutside)]
    );
    assert_eq!(judged[0].evidence[0].rule, "introduced 0, fixed 1.6.0");
    assert_eq!(judged[0].fixed_in, ["1.6.0"]);
    assert_eq!(judged[1].answer, Answer::NotAffected);
    assert!(judged[1].fixed_in.is_empty());
}

/// The rule beside a finding is short whatever the record has: a few ranges are quoted, the rest and the list are counted.
#[test]
fn the_rule_of_an_entry_is_quoted_and_what_is_left_out_is_counted() {
    let said = |ranges: &[String], versions: &[&str]| {
        let mut bytes = Vec::new();
        let versions = versions.iter().map(|version| (*version).to_owned().into()).collect();
        let ranges = ranges.iter().map(|events| range(events)).collect();
        compile(&Affected { ranges, versions, ..entry("npm") }, false, &mut bytes);
        evidence::entry_rules(&AffectedView::new(&bytes).unwrap())
    };
    let ranges: Vec<String> = (1..=9).map(|n| format!("introduced {n}.0.0, fixed {n}.1.0")).collect();
    assert_eq!(said(&ranges[..1], &[]), "introduced 1.0.0, fixed 1.1.0");
    assert_eq!(said(&ranges[..1], &["5.5.0", "5.6.0"]), "introduced 1.0.0, fixed 1.1.0; 2 listed versions");
    assert_eq!(said(&[], &["5.5.0", "5.6.0"]), "2 listed versions");
    let all = said(&ranges, &[]);
    let quoted = all.matches("introduced").count();
    assert!(quoted >= 2 && all.ends_with(&format!("; and {} more", 9 - quoted)), "{all}");
    assert_eq!(said(&ranges[..quoted], &[]), ranges[..quoted].join("; "));
    assert_eq!(said(&ranges[..=quoted], &[]), format!("{}; and 1 more", ranges[..quoted].join("; ")));
}

#[test]
fn the_rule_that_is_cited_is_that_of_the_range_that_holds_the_version() {
    let ranges =
        "introduced 1.0.0, fixed 1.1.0 | introduced 2.0.0, fixed 2.1.0 | introduced 3.0.0, fixed soon";
    for (version, rule) in
        [("1.0.5", "introduced 1.0.0, fixed 1.1.0"), ("2.0.5", "introduced 2.0.0, fixed 2.1.0")]
    {
        assert_eq!(judge(version, &[(1, 1, ranges)])[0].evidence[0].rule, rule, "{version}");
    }
}

#[test]
fn fixes_stand_in_the_order_of_versions_and_only_later_ones() {
    let judged = judge(
        "1.9.0",
        &[
            (1, 1, "introduced 1.8.0, fixed 1.10.0"),
            (1, 2, "introduced 0, fixed 1.2.0, introduced 1.3.0, fixed 1.9.5"),
        ],
    );
    assert_eq!(judged[0].fixed_in, ["1.9.5", "1.10.0"]);
    // A fix that came undone in the very version is none.
    let again = judge("1.5.0", &[(1, 1, "introduced 0, fixed 1.5.0, introduced 1.5.0, fixed 1.6.0")]);
    assert_eq!((again[0].answer, again[0].fixed_in.join(" ")), (Answer::Affected, "1.6.0".to_owned()));
}

#[test]
fn the_highest_rating_of_a_weakness_counts() {
    let view = |id: &'static str, summary: &'static str, vector: Option<&str>, severity| AdvisoryView {
        id,
        source: "osv/npm",
        published: None,
        modified: None,
        withdrawn: None,
        severity,
        cvss: vector.map(|vector| Cvss::parse(vector).unwrap()),
        summary,
        digest: 0,
    };
    let high = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    let low = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N";
    let merged = weakness::merge(
        &["CVE-1", "GHSA-a", "PYSEC-1"],
        &[
            view("PYSEC-1", "from pysec", Some(low), Severity::Low),
            view("GHSA-a", "from github", Some(high), Severity::Critical),
        ],
        None,
        None,
    );
    assert_eq!((merged.id.as_str(), merged.severity), ("CVE-1", Severity::Critical));
    assert_eq!(merged.aliases, ["GHSA-a", "PYSEC-1"]);
    assert_eq!(merged.cvss.unwrap().vector, high);
    assert_eq!(merged.summary, "from github");
}

#[test]
fn what_a_weakness_leaves_open_is_told_by_the_most_pressing_that_it_mentions() {
    let known = |id: &str, severity, epss: Option<f64>, kev: Option<(bool, i8)>| Weakness {
        id: id.into(),
        severity,
        epss: epss.map(|score| Epss { score, percentile: None }),
        kev: kev.map(|(ransomware, day)| KnownExploited {
            added: jiff::civil::date(2025, 1, day),
            due: None,
            ransomware,
        }),
        ..Weakness::default()
    };
    let mentioned = [
        known("CVE-1", Severity::High, Some(0.2), Some((false, 1))),
        known("CVE-2", Severity::Medium, Some(0.7), Some((true, 3))),
        known("CVE-3", Severity::Unknown, None, Some((true, 9))),
        known("CVE-4", Severity::High, Some(0.7), None),
    ];
    let mut silent = known("DSA-1", Severity::Unknown, None, None);
    weakness::rate_by_mentioned(&mut silent, mentioned.iter());
    assert_eq!(silent.severity, Severity::High);
    assert_eq!(silent.epss.unwrap().score, 0.7);
    assert!(silent.kev.is_some_and(|kev| kev.ransomware && kev.added.day() == 3));
    let from = |id: &str| Some(id.to_owned());
    let borrowed = Borrowed { severity: from("CVE-1"), epss: from("CVE-2"), kev: from("CVE-2") };
    assert_eq!(silent.borrowed, borrowed);

    // Its own word stands, even where it is lower.
    let own = known("DSA-2", Severity::Low, Some(0.1), Some((false, 20)));
    let mut told = own.clone();
    weakness::rate_by_mentioned(&mut told, mentioned.iter());
    assert_eq!(told, own);
}

/// The summary is that of the record that the weakness is called by, else of GitHub's, else of the first that has one.
#[test]
fn a_weakness_is_summed_up_by_its_own_record_first() {
    let view = |id: &'static str, summary: &'static str| AdvisoryView {
        id,
        source: "osv/npm",
        published: None,
        modified: None,
        withdrawn: None,
        severity: Severity::Unknown,
        cvss: None,
        summary,
        digest: 0,
    };
    let own = ("CVE-1", "own");
    let (github, other, first) = (("GHSA-a", "github"), ("PYSEC-1", "other"), ("A-1", "first"));
    for (records, summary) in [
        (&[other, github, own][..], "own"),
        (&[other, github, ("CVE-1", "")], "github"),
        (&[other, first], "first"),
        (&[other, ("A-1", "")], "other"),
        (&[], ""),
    ] {
        let views: Vec<AdvisoryView<'_>> = records.iter().map(|(id, summary)| view(id, summary)).collect();
        let merged = weakness::merge(&["CVE-1", "GHSA-a"], &views, None, None);
        assert_eq!(merged.summary, summary, "{records:?}");
        assert_eq!((merged.severity, merged.cvss, merged.malicious), (Severity::Unknown, None, false));
    }
    let malicious = weakness::merge(&["MAL-1"], &[view("GHSA-a", ""), view("MAL-1", "")], None, None);
    assert!(malicious.malicious && malicious.aliases.is_empty());
    let nameless = weakness::merge(&[], &[], None, None);
    assert_eq!((nameless.id.as_str(), nameless.aliases.len()), ("", 0));
}

/// Of equal severities the higher score counts; a weakness without any rating lends none.
#[test]
fn of_those_that_are_mentioned_the_highest_score_is_lent() {
    let rated = |id: &str, severity, vector: &str| Weakness {
        id: id.into(),
        severity,
        cvss: Cvss::parse(vector).ok(),
        ..Weakness::default()
    };
    let lower = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N";
    let higher = "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H";
    let mentioned = [
        rated("CVE-1", Severity::High, lower),
        rated("CVE-2", Severity::High, higher),
        rated("CVE-3", Severity::High, ""),
        rated("CVE-4", Severity::Unknown, higher),
    ];
    let mut silent = Weakness { id: "DSA-1".into(), ..Weakness::default() };
    weakness::rate_by_mentioned(&mut silent, mentioned.iter());
    assert_eq!((silent.severity, silent.cvss.map(|it| it.vector)), (Severity::High, Some(higher.to_owned())));
    assert_eq!(silent.borrowed.severity.as_deref(), Some("CVE-2"));
    let kev = |day| Weakness {
        id: format!("CVE-{day}"),
        kev: Some(KnownExploited { added: jiff::civil::date(2025, 1, day), due: None, ransomware: true }),
        ..Weakness::default()
    };
    let mut listed = Weakness::default();
    weakness::rate_by_mentioned(
        &mut listed,
        [kev(3), Weakness { id: "CVE-9".into(), ..kev(3) }, kev(4)].iter(),
    );
    assert_eq!(listed.borrowed.kev.as_deref(), Some("CVE-3"), "of equals the first");
    let mut unrated = Weakness::default();
    weakness::rate_by_mentioned(&mut unrated, mentioned[3..].iter());
    assert_eq!(unrated, Weakness::default());
    let estimate = |score| Epss { score, percentile: None };
    let highest = weakness::highest([0.2, 0.9, 0.5].map(estimate).into_iter());
    assert_eq!(highest.map(|it| it.score), Some(0.9));
    assert_eq!(weakness::highest([].into_iter()), None);
}

/// What is said of a package names it as the deciding entry does; a version that is listed, all versions and commits are told so.
#[test]
fn the_package_and_the_rule_are_those_of_the_deciding_entry() {
    let said = |ecosystem: &str, version: Option<&str>, entries: Vec<Affected<'static>>| {
        let (ecosystem, release) = Ecosystem::parse_osv(ecosystem).unwrap();
        let subjects = [Subject::new(ecosystem, release, "p", version)];
        let bytes: Vec<Vec<u8>> = entries
            .iter()
            .map(|entry| {
                let mut bytes = Vec::new();
                compile(entry, false, &mut bytes);
                bytes
            })
            .collect();
        let mut panel = Panel::new();
        for bytes in &bytes {
            panel.hear(1, 1, AffectedView::new(bytes).unwrap(), (0, &subjects[0])).unwrap();
        }
        let (reason, records) = panel.settle().next().map(|it| (it.reason, it.parts().1.to_vec())).unwrap();
        let name = |_| ("R".to_owned(), Arc::from("s"));
        let weakness = Weakness::default().into();
        let judged =
            evidence::judgement(weakness, (reason, &records), &panel, &subjects, &Arc::from("s"), name);
        let told = &judged.evidence[0];
        (told.package.to_string(), told.rule.clone(), judged.fixed_in.join(" "))
    };
    let with = |ecosystem: &str, ranges: &[&str], versions: &[&'static str]| Affected {
        ranges: ranges.iter().map(|events| range(events)).collect(),
        versions: versions.iter().map(|version| (*version).into()).collect(),
        ..entry(ecosystem)
    };
    let told = |package: &str, rule: &str, fixed_in: &str| (package.into(), rule.into(), fixed_in.into());
    let twelve = with("Debian:12", &["introduced 0, fixed 2-1"], &[]);
    assert_eq!(
        said("Debian:12", Some("1-1"), vec![twelve.clone()]),
        told("Debian:12 p", "introduced 0, fixed 2-1", "2-1")
    );
    let all = with("Debian", &["introduced 0, fixed 3-1"], &[]);
    assert_eq!(
        said("Debian:12", Some("2-2"), vec![twelve, all]),
        told("Debian p", "introduced 0, fixed 3-1", "3-1")
    );
    let listed = with("npm", &["introduced 0, fixed 1.0.0"], &["1.5.0"]);
    assert_eq!(said("npm", Some("1.5.0"), vec![listed]), told("npm p", "version 1.5.0 is listed", ""));
    let open = with("npm", &["introduced 0"], &[]);
    assert_eq!(said("npm", None, vec![open]), told("npm p", "all versions", ""));
    let (open, ranged) =
        (with("npm", &["introduced 0"], &[]), with("npm", &["introduced 3.0.0, fixed 3.1.0"], &[]));
    assert_eq!(said("npm", Some("1.0.0"), vec![ranged, open]), told("npm p", "all versions", "3.1.0"));
    // Versions that are listed beside ranges are counted over all entries, readable or not.
    let lists =
        [with("npm", &["introduced 0, fixed 0.5.0"], &["0.9.0", "git-abc"]), with("npm", &[], &["0.8.0"])];
    assert_eq!(
        said("npm", Some("1.0.0"), lists.into()),
        told("npm p", "introduced 0, fixed 0.5.0; 3 listed versions", "")
    );
    let commits = || Affected { ranges: vec![crate::build::commits()], ..entry("npm") };
    let ranged = with("npm", &["introduced 3.0.0, fixed 3.1.0"], &[]);
    assert_eq!(said("npm", Some("1.0.0"), vec![ranged, commits()]), told("npm p", "commits only", "3.1.0"));
    let commits = commits();
    assert_eq!(said("npm", Some("1.0.0"), vec![commits]), told("npm p", "commits only", ""));
    // Where the version is not known, all fixes are told, each once.
    let two = with("npm", &["introduced 0, fixed 1.0.0", "introduced 2.0.0, fixed 2.1.0"], &[]);
    let again = with("npm", &["introduced 0, fixed 1.0.0"], &[]);
    assert_eq!(
        said("npm", None, vec![two, again]),
        told("npm p", "introduced 0, fixed 1.0.0; introduced 2.0.0, fixed 2.1.0", "1.0.0 2.1.0")
    );
}
