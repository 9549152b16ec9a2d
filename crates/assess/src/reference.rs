//! The slow matcher: the OSV schema's "Evaluation" read aloud, over records as given, comparing versions pair by pair.
//!
//! Nothing in the product calls it. It shares no code with the fast path but the version orders, and tests compare the two
//! over random and over real records. Where the schema is silent the rules of `docs/matching.md` are written here again.

pub mod configuration;

use std::cmp::Ordering;

use bedrail_model::advisory::{Advisory, Affected, Event, EventKind, Range, RangeKind};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::ecosystem::Ecosystem;
use bedrail_model::release::{Kinship, is_variant_build, kinship};

use crate::bare_name::{BUNDLES, FILE_ENDS, PUBLISHERS};
use crate::evaluate::Subject;

/// What a record says of a subject; `None` when it does not speak of its package or release.
pub fn judge(advisory: &Advisory<'_>, subject: &Subject<'_>) -> Option<Reason> {
    if advisory.withdrawn.is_some() {
        return None;
    }
    let said = advisory.affected.iter().filter_map(|affected| {
        let same_package = affected.ecosystem == subject.ecosystem
            && affected.ecosystem.normalise_name(&affected.name) == subject.name;
        let said = same_package.then(|| in_release(affected, advisory.malicious(), subject)).flatten();
        Some((of_variant(affected, subject), said?))
    });
    let said: Vec<(bool, Reason)> = said.collect();
    let of_the_release = said.iter().any(|(variant, _)| !variant);
    let heard = said.into_iter().filter(|(variant, _)| !(*variant && of_the_release));
    heard.map(|(_, reason)| reason).min_by_key(|reason| crate::evaluate::weight(*reason))
}

fn of_variant(affected: &Affected<'_>, subject: &Subject<'_>) -> bool {
    let own_build = subject.version.is_some_and(|version| is_variant_build(subject.ecosystem, version));
    match (affected.release.as_deref(), subject.release) {
        (Some(theirs), Some(ours)) if !own_build => {
            kinship(subject.ecosystem, theirs, ours) == Kinship::Variant
        }
        _ => false,
    }
}

fn in_release(affected: &Affected<'_>, malicious: bool, subject: &Subject<'_>) -> Option<Reason> {
    match (affected.release.as_deref(), subject.release) {
        (Some(theirs), Some(ours)) => match kinship(subject.ecosystem, theirs, ours) {
            Kinship::Other => None,
            Kinship::Same => Some(of_version(affected, malicious, subject)),
            Kinship::Variant => Some(of_unknown_release(affected, malicious, subject)),
        },
        (Some(_), None) => Some(of_unknown_release(affected, malicious, subject)),
        _ => Some(of_version(affected, malicious, subject)),
    }
}

fn of_unknown_release(affected: &Affected<'_>, malicious: bool, subject: &Subject<'_>) -> Reason {
    let reason = of_version(affected, malicious, subject);
    if reason.answer() == Answer::Affected { Reason::DistributionUnknown } else { reason }
}

fn of_version(affected: &Affected<'_>, malicious: bool, subject: &Subject<'_>) -> Reason {
    let by_list_only = malicious && !affected.versions.is_empty();
    let ranges: Vec<&Range<'_>> =
        affected.ranges.iter().filter(|range| range.kind == RangeKind::Versions && !by_list_only).collect();
    let bounded: Vec<Vec<Event<'_>>> = ranges.iter().map(|range| with_last_known(range, affected)).collect();
    let everything = |events: &Vec<Event<'_>>| {
        events.iter().all(|event| event.kind == EventKind::Introduced)
            && events.iter().any(|event| event.version == "0")
    };
    if bounded.iter().any(everything) {
        return Reason::AllVersions;
    }
    if ranges.is_empty() && affected.versions.is_empty() {
        return if affected.ranges.is_empty() { Reason::RangeUnreadable } else { Reason::CommitsOnly };
    }
    let Some(version) = subject.version else { return Reason::NoVersion };
    let order = subject.ecosystem.order();
    let readable = |text: &str| order.is_some_and(|order| order.key(text).is_ok());
    if !readable(version) || !order.is_some_and(|order| order.places(version)) {
        let listed = affected.versions.iter().any(|listed| listed == version);
        return match order {
            _ if listed => Reason::VersionListed,
            None => Reason::NoOrder,
            Some(_) => Reason::VersionUnreadable,
        };
    }
    let compare = |a: &str, b: &str| order.and_then(|order| order.compare(a, b).ok());
    // PEP 440: a specifier without a local label passes over that of the version.
    let public = order.and_then(|order| order.without_local(version)).unwrap_or(version);
    let mut unreadable = false;
    for events in &bounded {
        match included(events, (version, public), compare) {
            Some(true) => return Reason::VersionInRange,
            Some(false) => {}
            None => unreadable = true,
        }
    }
    let same =
        |listed: &str| [version, public].iter().any(|ours| compare(listed, ours) == Some(Ordering::Equal));
    if affected.versions.iter().any(|listed| same(listed)) {
        // A list that a range of the same entry implies is not kept by the fast path, so it cannot say which it was;
        // here the range was asked first as well.
        return Reason::VersionListed;
    }
    if unreadable { Reason::RangeUnreadable } else { Reason::VersionOutside }
}

/// The events of a range, with GitHub's last known affected version where there is no upper bound.
fn with_last_known<'a>(range: &Range<'a>, affected: &Affected<'a>) -> Vec<Event<'a>> {
    let mut events: Vec<Event<'a>> = range
        .events
        .iter()
        .filter(|event| event.kind != EventKind::Limit || event.version != "*")
        .cloned()
        .collect();
    let open = !events.is_empty() && events.iter().all(|event| event.kind == EventKind::Introduced);
    let hint = affected.last_known.as_deref().map(str::trim).filter(|_| open);
    let hint = hint.and_then(|hint| match hint.strip_prefix("<=") {
        Some(version) => Some((EventKind::LastAffected, version.trim())),
        None => hint.strip_prefix('<').map(|version| (EventKind::Fixed, version.trim())),
    });
    if let Some((kind, version)) =
        hint.filter(|(_, version)| !version.is_empty() && !version.contains([',', ' ']))
    {
        events.push(Event { kind, version: version.to_owned().into() });
    }
    events
}

/// `IncludedInRanges` of the schema for one range; `None` when an event cannot be placed.
fn included(
    events: &[Event<'_>],
    (version, public): (&str, &str),
    compare: impl Fn(&str, &str) -> Option<Ordering>,
) -> Option<bool> {
    let beginning = |event: &Event<'_>| event.kind == EventKind::Introduced && event.version == "0";
    for event in events {
        if !beginning(event) && compare(&event.version, &event.version).is_none() {
            return None;
        }
    }
    let mut sorted: Vec<&Event<'_>> = events.iter().collect();
    sorted.sort_by(|a, b| match (beginning(a), beginning(b)) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => compare(&a.version, &b.version).unwrap_or(Ordering::Equal),
    });
    let at_least =
        |event: &Event<'_>| beginning(event) || compare(version, &event.version).is_some_and(Ordering::is_ge);
    let more_than = |event: &Event<'_>| {
        compare(version, &event.version).is_some_and(Ordering::is_gt)
            && compare(public, &event.version) != Some(Ordering::Equal)
    };
    let limits: Vec<&&Event<'_>> = sorted.iter().filter(|event| event.kind == EventKind::Limit).collect();
    if !limits.is_empty() && limits.iter().all(|limit| at_least(limit)) {
        return Some(false);
    }
    let mut vulnerable = false;
    for event in sorted {
        match event.kind {
            EventKind::Introduced if at_least(event) => vulnerable = true,
            EventKind::Fixed if at_least(event) => vulnerable = false,
            EventKind::LastAffected if more_than(event) => vulnerable = false,
            _ => {}
        }
    }
    Some(vulnerable)
}

/// Whether a component that is known by a name alone may be a package ("A name alone"), one rule after the other.
pub fn bears_name(component: &str, ecosystem: Ecosystem, package: &str) -> bool {
    let fold = |text: &str| text.trim().to_lowercase().replace('_', "-");
    let mut elements: Vec<&str> = package.split(['/', ':']).collect();
    let major = |text: &str| {
        text.len() > 1 && text.starts_with('v') && text[1..].chars().all(|digit| digit.is_ascii_digit())
    };
    let mut said = elements.pop().unwrap_or_default();
    if ecosystem.name() == "Go" {
        if major(said) {
            said = elements.pop().unwrap_or(said);
        }
        if let Some(dot) = said.rfind('.').filter(|dot| *dot > 0 && major(&said[dot + 1..])) {
            said = &said[..dot];
        }
    }
    let wanted = fold(said);
    let mut names = vec![fold(component)];
    for publisher in PUBLISHERS {
        for sign in [' ', '-'] {
            if let Some(own) = names[0].strip_prefix(&format!("{publisher}{sign}")) {
                names.push(own.trim_start().to_owned());
            }
        }
    }
    let own = names[names.len() - 1].clone();
    names.push(own.chars().take_while(|letter| !matches!(letter, ' ' | '(' | '@')).collect());
    let word = names[names.len() - 1].clone();
    let file =
        FILE_ENDS.iter().find(|end| word.ends_with(**end)).map_or(word.len(), |end| word.len() - end.len());
    names.push(word[..file].to_owned());
    let letters = &word.as_bytes()[..file];
    let version = letters.windows(2).position(|pair| pair[0] == b'-' && pair[1].is_ascii_digit());
    names.push(word[..version.unwrap_or(file)].to_owned());
    names.iter().any(|name| {
        let ends = |with: &str| {
            name.strip_suffix(with)
                .is_some_and(|before| before.is_empty() || before.ends_with(['/', ':', '.']))
        };
        ends(&wanted)
            || BUNDLES.iter().any(|(bundle, packages)| ends(bundle) && packages.contains(&wanted.as_str()))
    })
}
