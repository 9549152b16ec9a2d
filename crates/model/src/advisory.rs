//! Advisories: what a record says of packages and versions, after reading and before judging.
//!
//! [`Advisory`] is a record as one document gives it; readers in `formats` make it, mostly borrowing from the document.
//! [`AffectedView`] is one package of a record in the compiled form that the index keeps: boundaries with their
//! comparison keys already computed, so that judging a version is a few comparisons of bytes.
//! The semantics are those of the OSV schema, "Evaluation"; `docs/matching.md` writes them out.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::configuration::Node;
use crate::ecosystem::Ecosystem;
use crate::severity::{Cvss, Severity};

pub mod compiled;
pub mod pack;

pub use compiled::{AffectedView, Boundary, BoundaryKind, RangeView, compile};

/// One record of one source.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Advisory<'a> {
    /// The record's id, such as `GHSA-jfh8-c2jp-5v3q`.
    pub id: Cow<'a, str>,
    /// Other ids of the same weakness. `related` and `upstream` ids are other weaknesses and do not belong here.
    pub aliases: Vec<Cow<'a, str>>,
    /// Ids of the weaknesses that the record carries to its packages: the CVEs that a distribution's advisory fixes. It is
    /// about all of them and the same as none, so they join nothing.
    pub mentions: Vec<Cow<'a, str>>,
    /// One line on what it is, or the beginning of its text where the record has no such line; empty where it has neither.
    pub summary: Cow<'a, str>,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// When it was last changed; the newest copy of a record wins.
    pub modified: Option<Timestamp>,
    /// When it was withdrawn: it then matches nothing, and findings it raised are taken back.
    pub withdrawn: Option<Timestamp>,
    /// CVSS vectors, of the record and of its packages, as given.
    pub vectors: Vec<Cow<'a, str>>,
    /// The severity that the source gives in a word.
    pub severity_word: Option<Severity>,
    /// What it affects, one entry per package and release.
    pub affected: Vec<Affected<'a>>,
    /// What it affects as trees over the whole device, one of which must hold; NVD's records have these.
    pub configurations: Vec<Node<'a>>,
    /// Ecosystems named by the record that have no row in [`Ecosystem`]; nothing can be matched there.
    pub unknown_ecosystems: Vec<Cow<'a, str>>,
}

impl Advisory<'_> {
    /// Whether the record reports a malicious package (OpenSSF malicious-packages, ids `MAL-…`).
    pub fn malicious(&self) -> bool {
        is_malicious(&self.id)
    }
}

/// Whether an id belongs to a report of a malicious package.
pub fn is_malicious(id: &str) -> bool {
    id.starts_with("MAL-")
}

/// What a record says of one package.
#[derive(Debug, Clone, PartialEq)]
pub struct Affected<'a> {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The release of a distribution (`12` of `Debian:12`); `None` speaks of all releases.
    pub release: Option<Cow<'a, str>>,
    /// The package's name as written.
    pub name: Cow<'a, str>,
    /// Ranges of versions.
    pub ranges: Vec<Range<'a>>,
    /// Versions listed by name.
    pub versions: Vec<Cow<'a, str>>,
    /// GitHub's `last_known_affected_version_range`, `<= 1.2` or `< 1.2`: the upper bound where a range gives none.
    pub last_known: Option<Cow<'a, str>>,
}

/// How the boundaries of a range are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangeKind {
    /// Versions, in the order of the ecosystem (OSV `SEMVER` and `ECOSYSTEM`).
    Versions,
    /// Commits; no version can be compared with them.
    Commits,
}

/// One range: events that switch "affected" on and off along the order of versions.
#[derive(Debug, Clone, PartialEq)]
pub struct Range<'a> {
    /// How it is written.
    pub kind: RangeKind,
    /// Events, in the order of the record, which need not be the order of versions.
    pub events: Vec<Event<'a>>,
}

/// What an event does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Affected from this version on, inclusive; `0` is before every version.
    Introduced,
    /// Not affected from this version on, inclusive.
    Fixed,
    /// Not affected after this version, exclusive.
    LastAffected,
    /// Only versions before this one are spoken of, exclusive; with several, before any of them.
    Limit,
}

/// One event of a range.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<'a> {
    /// What it does.
    pub kind: EventKind,
    /// At which version.
    pub version: Cow<'a, str>,
}

/// A record as the index holds it, without its packages.
#[derive(Debug, Clone, PartialEq)]
pub struct AdvisoryView<'a> {
    /// Its id.
    pub id: &'a str,
    /// Where it is from: `osv/Maven`.
    pub source: &'a str,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// When it was withdrawn; it then has no packages.
    pub withdrawn: Option<Timestamp>,
    /// The highest severity that it gives.
    pub severity: Severity,
    /// The vector with the highest score.
    pub cvss: Option<Cvss>,
    /// One line; empty where the record has none.
    pub summary: &'a str,
    /// Digest of what a judgement depends on.
    pub digest: u64,
}

impl AdvisoryView<'_> {
    /// Whether it reports a malicious package.
    pub fn malicious(&self) -> bool {
        is_malicious(self.id)
    }
}
