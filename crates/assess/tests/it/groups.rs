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
