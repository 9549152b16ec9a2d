//! Short ways to write records down.

use bedrail_assess::{Panel, Subject, reference};
use bedrail_model::advisory::{
    Advisory, Affected, AffectedView, Event, EventKind, Range, RangeKind, compile,
};
use bedrail_model::answer::Reason;
use bedrail_model::ecosystem::Ecosystem;

/// An entry for a package `p` in an ecosystem, `Debian:12` with its release.
pub(crate) fn entry(ecosystem: &str) -> Affected<'static> {
    let (ecosystem, release) = Ecosystem::parse_osv(ecosystem).unwrap();
    Affected {
        ecosystem,
        release: release.map(|release| release.to_owned().into()),
        name: "p".into(),
        ranges: Vec::new(),
        versions: Vec::new(),
        last_known: None,
    }
}

/// Events written `introduced 1.0, fixed 2.0`.
pub(crate) fn range(events: &str) -> Range<'static> {
    let events = events.split(", ").map(|event| {
        let (kind, version) = event.split_once(' ').unwrap();
        let kind = match kind {
            "introduced" => EventKind::Introduced,
            "fixed" => EventKind::Fixed,
            "last_affected" => EventKind::LastAffected,
            "limit" => EventKind::Limit,
            other => panic!("no event `{other}`"),
        };
        Event { kind, version: version.to_owned().into() }
    });
    Range { kind: RangeKind::Versions, events: events.collect() }
}

/// A range of commits.
pub(crate) fn commits() -> Range<'static> {
    Range { kind: RangeKind::Commits, ..range("introduced 0, fixed 8f3a2b") }
}

/// A record with these entries.
pub(crate) fn record(id: &str, affected: Vec<Affected<'static>>) -> Advisory<'static> {
    Advisory { id: id.to_owned().into(), affected, ..Advisory::default() }
}

/// What the fast matcher says of the record; `None` where it does not speak of the subject.
pub(crate) fn fast(advisory: &Advisory<'_>, subject: &Subject<'_>) -> Option<Reason> {
    let compiled: Vec<Vec<u8>> = advisory
        .affected
        .iter()
        .filter(|entry| advisory.withdrawn.is_none() && entry.ecosystem == subject.ecosystem)
        .filter(|entry| entry.ecosystem.normalise_name(&entry.name) == subject.name)
        .map(|entry| {
            let mut bytes = Vec::new();
            compile(entry, advisory.malicious(), &mut bytes);
            bytes
        })
        .collect();
    let mut panel = Panel::new();
    for bytes in &compiled {
        panel.hear((), (), AffectedView::new(bytes).unwrap(), (0, subject)).unwrap();
    }
    panel.settle().next().map(|verdict| verdict.reason)
}

/// What both matchers say; they must say the same.
pub(crate) fn judge(advisory: &Advisory<'_>, subject: &Subject<'_>) -> Option<Reason> {
    let (fast, slow) = (fast(advisory, subject), reference::judge(advisory, subject));
    assert_eq!(fast, slow, "the fast matcher and the slow one differ on {advisory:#?} and {subject:?}");
    fast
}
