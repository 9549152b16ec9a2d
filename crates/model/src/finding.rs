//! A finding: what the data says of one component and one weakness, with the evidence for it.

use std::sync::Arc;

use jiff::civil::Date;

use crate::answer::{Answer, Reason};
use crate::severity::{Cvss, Severity};

/// Where an answer comes from: one record of one source, and the rule in it that decided. What many of them have in common is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The record, such as `GHSA-jfh8-c2jp-5v3q`.
    pub advisory: String,
    /// The source, such as `osv/Maven` or `starter`.
    pub source: Arc<str>,
    /// The state of the data that was asked: the snapshot's id.
    pub snapshot: Arc<str>,
    /// The package as the record names it, ecosystem and release included: `Maven org.apache.logging.log4j:log4j-core`.
    pub package: Arc<str>,
    /// The rule in words: `introduced 2.13.0, fixed 2.15.0` or `version 2.14.1 is listed`.
    pub rule: String,
    /// The version that was judged.
    pub version: Option<Arc<str>>,
    /// What this record alone says.
    pub reason: Reason,
    /// What would have to be so of the device that is not known, where it depends on that: `the hardware is orbis flow_300`.
    pub missing: Option<String>,
}

/// An entry of CISA's catalogue of known exploited vulnerabilities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownExploited {
    /// When it entered the catalogue.
    pub added: Date,
    /// By when federal agencies must act (BOD 22-01); a good target for others.
    pub due: Option<Date>,
    /// Whether ransomware is known to use it.
    pub ransomware: bool,
}

/// FIRST's estimate that a weakness is exploited within 30 days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epss {
    /// Probability, 0.0 to 1.0.
    pub score: f64,
    /// Share of all scored weaknesses at or below this score, 0.0 to 1.0; old days do not have it.
    pub percentile: Option<f64>,
}

/// What is known of a weakness whatever the component: one alias group, one weakness.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Weakness {
    /// The name we use: the CVE id where there is one, else the best of the aliases.
    pub id: String,
    /// All other ids of the alias group, sorted.
    pub aliases: Vec<String>,
    /// Ids of the weaknesses that its records carry to their packages, sorted: the CVEs that a distribution's advisory
    /// fixes. They are weaknesses of their own, not other names of this one.
    pub mentions: Vec<String>,
    /// One line on what it is.
    pub summary: String,
    /// The highest severity that a source gives.
    pub severity: Severity,
    /// The rating behind the severity, where a vector is published.
    pub cvss: Option<Cvss>,
    /// FIRST's estimate.
    pub epss: Option<Epss>,
    /// CISA's entry.
    pub kev: Option<KnownExploited>,
    /// Whether the record reports a malicious package (OSV `MAL-`).
    pub malicious: bool,
    /// Which of the above were said of a weakness that it mentions.
    pub borrowed: Borrowed,
}

/// Where a weakness has a rating from that none of its own records gives: ids out of [`Weakness::mentions`].
///
/// An advisory of a distribution is as pressing as the most pressing of the weaknesses that it fixes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Borrowed {
    /// Whose severity and vector it has.
    pub severity: Option<String>,
    /// Whose estimate of FIRST it has.
    pub epss: Option<String>,
    /// Whose entry in CISA's catalogue it has.
    pub kev: Option<String>,
}

/// The judgement on one component and one weakness.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Which weakness.
    pub weakness: Arc<Weakness>,
    /// The answer.
    pub answer: Answer,
    /// Why.
    pub reason: Reason,
    /// Versions that fix it, in the ecosystem's order, as the records give them.
    pub fixed_in: Vec<String>,
    /// Every record that had a say, the deciding one first.
    pub evidence: Vec<Evidence>,
}
