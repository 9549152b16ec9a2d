//! Properties over random records: the fast matcher says what the slow one says, and no fact turns "affected" into silence.

use bedrail_assess::Subject;
use bedrail_model::advisory::{Advisory, Affected, Event, EventKind, Range, RangeKind};
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
}
