//! One component's version against what one record says of its package (`docs/matching.md`, "One entry").

use std::cmp::Reverse;

use bedrail_model::advisory::AffectedView;
use bedrail_model::advisory::pack::Malformed;
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::ecosystem::Ecosystem;
use bedrail_model::release::{Kinship, is_variant_build, kinship};
use bedrail_model::version::VersionKey;

/// What is asked about: a package under one of its names, in one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The release of the distribution, where it is known.
    pub release: Option<&'a str>,
    /// The package's normalised name.
    pub name: &'a str,
    /// The version as given, where one is.
    pub version: Option<&'a str>,
    key: Option<VersionKey>,
    /// The key without the local label, where the version has one.
    public: Option<VersionKey>,
}

impl<'a> Subject<'a> {
    /// A subject; the comparison key of its version is computed once, here.
    pub fn new(
        ecosystem: Ecosystem,
        release: Option<&'a str>,
        name: &'a str,
        version: Option<&'a str>,
    ) -> Subject<'a> {
        let version = version.filter(|version| !version.trim().is_empty());
        let order = ecosystem.order().zip(version).filter(|(order, version)| order.places(version));
        let key = order.and_then(|(order, version)| order.key(version).ok());
        let public = order.and_then(|(order, version)| order.key(order.without_local(version)?).ok());
        Subject { ecosystem, release, name, version, key, public }
    }

    /// The comparison key of the version without its local label, where it has one: PEP 440 compares a version that a
    /// specifier gives without a label with that.
    pub fn public_key(&self) -> Option<&[u8]> {
        self.public.as_ref().map(VersionKey::as_bytes)
    }

    /// Whether an entry speaks of a variant of the subject's release, and the subject's version is no build of a variant.
    pub(crate) fn is_beside(&self, affected: &AffectedView<'_>) -> bool {
        let (Some(theirs), Some(ours)) = (affected.release(), self.release) else { return false };
        theirs != ours
            && kinship(self.ecosystem, theirs, ours) == Kinship::Variant
            && !self.version.is_some_and(|version| is_variant_build(self.ecosystem, version))
    }

    /// The comparison key of the version, where the ecosystem's order can read it.
    pub fn key(&self) -> Option<&[u8]> {
        self.key.as_ref().map(VersionKey::as_bytes)
    }
}

/// What one entry of a record says of a subject; `None` when it speaks of another release of the distribution.
///
/// # Errors
/// When the entry's bytes are malformed.
#[inline]
pub fn evaluate(affected: &AffectedView<'_>, subject: &Subject<'_>) -> Result<Option<Reason>, Malformed> {
    let release_known = match (affected.release(), subject.release) {
        (Some(spoken_of), Some(ours)) => match kinship(subject.ecosystem, spoken_of, ours) {
            Kinship::Other => return Ok(None),
            Kinship::Variant => false,
            Kinship::Same => true,
        },
        (Some(_), None) => false,
        _ => true,
    };
    let reason = of_version(affected, subject)?;
    let affected_somewhere = reason.answer() == Answer::Affected;
    Ok(Some(if affected_somewhere && !release_known { Reason::DistributionUnknown } else { reason }))
}

#[inline]
fn of_version(affected: &AffectedView<'_>, subject: &Subject<'_>) -> Result<Reason, Malformed> {
    if affected.all_versions() {
        return Ok(Reason::AllVersions);
    }
    if affected.commits_only() {
        return Ok(Reason::CommitsOnly);
    }
    if affected.says_nothing()? {
        return Ok(Reason::RangeUnreadable);
    }
    match (subject.version, subject.key()) {
        (Some(_), Some(key)) => of_key(affected, key, subject.public_key()),
        (version, _) => of_unplaced(affected, subject, version),
    }
}

#[inline]
fn of_key(affected: &AffectedView<'_>, key: &[u8], public: Option<&[u8]>) -> Result<Reason, Malformed> {
    let mut otherwise = Reason::VersionOutside;
    for range in affected.ranges() {
        let range = range?;
        if !range.readable() {
            otherwise = Reason::RangeUnreadable;
        } else if range.contains(key, public) {
            return Ok(Reason::VersionInRange);
        }
    }
    let listed = affected.listed()?;
    let is_listed = listed.has_key(key) || public.is_some_and(|public| listed.has_key(public));
    Ok(if is_listed { Reason::VersionListed } else { otherwise })
}

/// A version that is missing, or that the order cannot place: only the very same text in a list says anything.
fn of_unplaced(
    affected: &AffectedView<'_>,
    subject: &Subject<'_>,
    version: Option<&str>,
) -> Result<Reason, Malformed> {
    let listed = affected.listed()?;
    if affected.ranges().next().is_none() && listed.is_empty() {
        return Ok(Reason::VersionOutside);
    }
    Ok(match version {
        None => Reason::NoVersion,
        Some(version) if listed.has_text(version) => Reason::VersionListed,
        Some(_) if subject.ecosystem.order().is_none() => Reason::NoOrder,
        Some(_) => Reason::VersionUnreadable,
    })
}

/// What is said of the same component, in the order in which it counts, the smallest first: affected over cannot tell over
/// not affected, and the more telling reason among equals.
pub fn weight(reason: Reason) -> (Answer, Reverse<u8>, Reason) {
    (reason.answer(), Reverse(tells(reason)), reason)
}

/// How much a reason tells somebody who wants to act on it.
const fn tells(reason: Reason) -> u8 {
    match reason {
        Reason::VersionInRange | Reason::DistributionUnknown | Reason::PlatformUnknown => 3,
        Reason::VersionListed | Reason::NoVersion => 2,
        Reason::VersionUnreadable => 1,
        _ => 0,
    }
}
