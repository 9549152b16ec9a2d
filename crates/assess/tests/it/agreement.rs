//! Properties over random records: the fast matcher says what the slow one says, and no fact turns "affected" into silence.

use std::collections::BTreeMap;

use bedrail_assess::{Panel, Subject};
use bedrail_model::advisory::{
    Advisory, Affected, AffectedView, Event, EventKind, Range, RangeKind, compile,
};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::ecosystem::Ecosystem;
use proptest::prelude::*;

use crate::build::{entry, judge, record};

const ECOSYSTEMS: [&str; 8] =
    ["npm", "Maven", "PyPI", "Debian:12", "Debian:11", "Debian", "NuGet", "GitHub Actions"];

/// Few versions, so that they meet: readable in all orders, in some, in none.
const VERSIONS: [&str; 14] = [
    "0",
    "0.0.1",
    "1.0.0",
    "1.0",
    "1.0.0-alpha.1",
    "1.0.0-rc1",
    "1.2.0",
    "1.2.0-1",
    "1.10.0",
    "2.0.0",
    "2.0.0~rc1",
    "10.0.0",
    "latest",
    "!",
];

fn version() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&VERSIONS[..])
}

fn event() -> impl Strategy<Value = Event<'static>> {
    let kinds = [EventKind::Introduced, EventKind::Fixed, EventKind::LastAffected, EventKind::Limit];
    (prop::sample::select(kinds.to_vec()), version())
        .prop_map(|(kind, version)| Event { kind, version: version.into() })
}

fn range() -> impl Strategy<Value = Range<'static>> {
    let kind = prop::sample::select(vec![RangeKind::Versions, RangeKind::Versions, RangeKind::Commits]);
    (kind, prop::collection::vec(event(), 0..6), any::<bool>()).prop_map(|(kind, mut events, from_start)| {
        if from_start {
            events.insert(0, Event { kind: EventKind::Introduced, version: "0".into() });
        }
        Range { kind, events }
    })
}

fn affected() -> impl Strategy<Value = Affected<'static>> {
    let hint = prop::option::weighted(0.2, (prop::sample::select(vec!["<= ", "< ", "<=", ">"]), version()));
    let parts = (prop::sample::select(&ECOSYSTEMS[..]), prop::collection::vec(range(), 0..3));
    (parts, prop::collection::vec(version(), 0..4), hint).prop_map(|((ecosystem, ranges), versions, hint)| {
        Affected {
            ranges,
            versions: versions.into_iter().map(Into::into).collect(),
            last_known: hint.map(|(sign, version)| format!("{sign}{version}").into()),
            ..entry(ecosystem)
        }
    })
}

fn advisory() -> impl Strategy<Value = Advisory<'static>> {
    let id = prop::sample::select(vec!["GHSA-x", "MAL-2024-1"]);
    (id, prop::collection::vec(affected(), 1..4)).prop_map(|(id, affected)| record(id, affected))
}

fn said(advisory: &Advisory<'_>, ecosystem: &str, version: Option<&str>) -> Option<Reason> {
    let (ecosystem, release) = Ecosystem::parse_osv(ecosystem).unwrap();
    judge(advisory, &Subject::new(ecosystem, release, "p", version))
}

/// What all records together say of each weakness; a record is the weakness that it is about and what it says.
fn settled(
    records: &[(u32, Advisory<'static>)],
    ecosystem: &str,
    version: Option<&str>,
) -> BTreeMap<u32, Reason> {
    let (ecosystem, release) = Ecosystem::parse_osv(ecosystem).unwrap();
    let subject = Subject::new(ecosystem, release, "p", version);
    let entries = records.iter().flat_map(|(weakness, record)| {
        let entries = record.affected.iter().filter(|entry| entry.ecosystem == ecosystem);
        entries.map(|entry| {
            let mut bytes = Vec::new();
            compile(entry, record.malicious(), &mut bytes);
            (*weakness, record.id.to_string(), bytes)
        })
    });
    let entries: Vec<(u32, String, Vec<u8>)> = entries.collect();
    let mut panel = Panel::new();
    for (weakness, id, bytes) in &entries {
        panel.hear(*weakness, id.as_str(), AffectedView::new(bytes).unwrap(), (0, &subject)).unwrap();
    }
    let (pressing, empty) = (panel.pressing(), panel.is_empty());
    let said: BTreeMap<u32, Reason> = panel.settle().map(|verdict| (verdict.group, verdict.reason)).collect();
    assert_eq!(empty, said.is_empty());
    assert_eq!(pressing, said.values().any(|reason| reason.answer() != Answer::NotAffected));
    said
}

/// Records of a few weaknesses, each with an id of its own.
fn records() -> impl Strategy<Value = Vec<(u32, Advisory<'static>)>> {
    prop::collection::vec((0..3_u32, prop::collection::vec(affected(), 1..3)), 1..6).prop_map(|records| {
        let numbered = records.into_iter().enumerate();
        numbered.map(|(at, (weakness, entries))| (weakness, record(&format!("GHSA-{at}"), entries))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fast_matcher_says_what_the_slow_one_says(advisory in advisory()) {
        for ecosystem in ECOSYSTEMS {
            said(&advisory, ecosystem, None);
            for version in VERSIONS {
                said(&advisory, ecosystem, Some(version));
            }
        }
    }

    #[test]
    fn another_entry_or_listed_version_never_silences_an_affected_one(
        before in advisory(),
        more in affected(),
        listed in version(),
    ) {
        let mut after = before.clone();
        after.affected.push(more);
        for entry in after.affected.iter_mut().filter(|entry| !before.malicious() || !entry.versions.is_empty()) {
            entry.versions.push(listed.into());
        }
        for ecosystem in ECOSYSTEMS {
            for version in VERSIONS.into_iter().map(Some).chain([None]) {
                if said(&before, ecosystem, version).is_some_and(|reason| reason.answer() == Answer::Affected) {
                    let answer = said(&after, ecosystem, version).map(Reason::answer);
                    prop_assert_eq!(answer, Some(Answer::Affected), "{} {:?}", ecosystem, version);
                }
            }
        }
    }

    #[test]
    fn saying_the_version_never_takes_back_an_affected(advisory in advisory()) {
        for ecosystem in ECOSYSTEMS {
            if said(&advisory, ecosystem, None).is_some_and(|reason| reason.answer() == Answer::Affected) {
                for version in VERSIONS {
                    let answer = said(&advisory, ecosystem, Some(version)).map(Reason::answer);
                    prop_assert_eq!(answer, Some(Answer::Affected));
                }
            }
        }
    }

    #[test]
    fn another_record_or_alias_never_silences_a_weakness_and_the_order_of_records_has_no_say(
        records in records(),
        ecosystem in prop::sample::select(&ECOSYSTEMS[..]),
        version in prop::option::weighted(0.9, version()),
    ) {
        let all = settled(&records, ecosystem, version);
        let backwards: Vec<_> = records.iter().rev().cloned().collect();
        prop_assert_eq!(&settled(&backwards, ecosystem, version), &all);
        // One record less: the more of them, the more pressing each weakness.
        for (weakness, reason) in settled(&records[1..], ecosystem, version) {
            prop_assert!(all[&weakness].answer() <= reason.answer(), "{}: {:?} after {:?}", weakness, all, reason);
        }
        // An alias that makes two weaknesses one: the more pressing answer stands.
        let joined: Vec<_> = records.iter().map(|(weakness, record)| (weakness / 2, record.clone())).collect();
        let joined = settled(&joined, ecosystem, version);
        for (weakness, reason) in &all {
            prop_assert!(joined[&(weakness / 2)].answer() <= reason.answer());
        }
        let most = |said: &BTreeMap<u32, Reason>| said.values().map(|reason| reason.answer()).min();
        prop_assert_eq!(most(&joined), most(&all));
    }
}
