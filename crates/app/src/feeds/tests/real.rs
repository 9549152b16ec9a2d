//! The real feeds, where they are at hand.

use std::path::PathBuf;

use bedrail_assess::{Panel, Subject, reference};
use bedrail_formats::feed::archive::{Buffers, FeedLimits, FeedZip};
use bedrail_formats::feed::osv;
use bedrail_model::advisory::{Advisory, AffectedView, RangeKind, compile};
use bedrail_model::answer::Answer;

use super::{Setup, now};
use crate::feeds::{Data, Options, Origin, Question, update};

fn shared() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("BEDRAIL_SHARED").map_or(beside, PathBuf::from);
    let found = shared.join("data/osv").is_dir().then(|| shared.join("data"));
    if found.is_none() {
        println!("skipped: no shared data");
    }
    found
}

#[test]
fn log4shell_is_found_once_for_each_weakness_and_not_after_the_fix() {
    let Some(shared) = shared() else { return };
    let setup = Setup::new();
    let mirror = setup.folder.path().join("log4j");
    std::fs::create_dir_all(mirror.join("osv/Maven")).unwrap();
    std::os::unix::fs::symlink(shared.join("osv/Maven/all.zip"), mirror.join("osv/Maven/all.zip")).unwrap();
    std::os::unix::fs::symlink(shared.join("kev"), mirror.join("kev")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime
        .block_on(update(&setup.dir(), &Origin::Mirror(mirror), Options::default(), now(), &|_| {}))
        .unwrap();
    let data = Data::open(&setup.dir()).unwrap();
    let found = |version: &str| {
        let purl = format!("pkg:maven/org.apache.logging.log4j/log4j-core@{version}");
        data.judge(&Question { purl: Some(&purl), version: None }).unwrap().judgements
    };
    let affected: Vec<String> =
        found("2.14.1").into_iter().map(|judgement| judgement.weakness.id.clone()).collect();
    assert_eq!(affected, ["CVE-2021-44228", "CVE-2021-44832", "CVE-2021-45046", "CVE-2021-45105"]);
    assert!(found("2.17.1").is_empty());
    let log4shell = data.weakness("ghsa-jfh8-c2jp-5v3q").unwrap().unwrap();
    assert_eq!(log4shell.id, "CVE-2021-44228");
    assert!(log4shell.kev.is_some_and(|kev| kev.ransomware));
    assert!(
        data.packages_named("log4j-core", 10)
            .unwrap()
            .iter()
            .any(|package| package.name == "org.apache.logging.log4j:log4j-core")
    );
}

#[test]
fn fast_and_slow_agree_on_the_boundaries_of_real_records() {
    let Some(shared) = shared() else { return };
    let mut judged = 0;
    for ecosystem in [
        "Go",
        "Hex",
        "Maven",
        "npm",
        "NuGet",
        "Packagist",
        "PyPI",
        "RubyGems",
        "crates.io",
        "Debian",
        "Alpine",
    ] {
        let zip = FeedZip::open(&shared.join("osv").join(ecosystem).join("all.zip"), FeedLimits::default())
            .unwrap();
        let mut buffers = Buffers::default();
        for entry in zip.entries().step_by(61) {
            let json = zip.read(&entry.unwrap(), &mut buffers).unwrap().to_vec();
            judged += compare(&osv::parse(&json).unwrap());
        }
    }
    assert!(judged > 10_000, "{judged}");
}

/// Judges a record at its own boundaries with both matchers; the answer is how often. The record's longest lists are left to
/// the random records: the slow matcher is slow.
fn compare(advisory: &Advisory<'_>) -> u64 {
    let mut judged = 0;
    for affected in advisory.affected.iter().take(3) {
        let name = affected.ecosystem.normalise_name(&affected.name);
        let ranges = affected.ranges.iter().filter(|range| range.kind == RangeKind::Versions);
        let boundaries = ranges.flat_map(|range| &range.events).map(|event| event.version.as_ref()).take(8);
        let listed = affected.versions.iter().map(AsRef::as_ref).step_by(1 + affected.versions.len() / 4);
        for version in boundaries.chain(listed) {
            for release in [affected.release.as_deref(), None] {
                let subject = Subject::new(affected.ecosystem, release, &name, Some(version));
                let (fast, slow) = (
                    fast(advisory, &subject),
                    reference::judge(advisory, &subject).map(|reason| reason.answer()),
                );
                assert_eq!(fast, slow, "{} {name} {version}", advisory.id);
                judged += 1;
            }
        }
    }
    judged
}

fn fast(advisory: &Advisory<'_>, subject: &Subject<'_>) -> Option<Answer> {
    let mut compiled = Vec::new();
    for affected in advisory.affected.iter().filter(|_| advisory.withdrawn.is_none()) {
        if affected.ecosystem == subject.ecosystem
            && affected.ecosystem.normalise_name(&affected.name) == subject.name
        {
            let mut bytes = Vec::new();
            compile(affected, advisory.malicious(), &mut bytes);
            compiled.push(bytes);
        }
    }
    let mut panel = Panel::new();
    for bytes in &compiled {
        panel.hear((), (), AffectedView::new(bytes).unwrap(), (0, subject)).unwrap();
    }
    panel.settle().next().map(|verdict| verdict.reason.answer())
}
