//! What is: the rule set that decides, the one before it, the one on its way.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::trust::{Held, Origin};
use crate::version::RulesVersion;

/// A rule set by version and content: `4.28.0-1f3a9c0b5d7e`. Also the name of its folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleSetId(String);

impl RuleSetId {
    /// Of a version and the hash of its files, of which twelve digits are shown.
    pub fn new(version: &RulesVersion, hash: &str) -> RuleSetId {
        RuleSetId(format!("{version}-{}", &hash[..hash.len().min(12)]))
    }
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleSetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A site by its name in the configuration: lower-case letters, digits, `-`, `_` and `.`, at most 64.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SiteId(String);

impl SiteId {
    /// The id, if the text is one.
    pub fn new(text: &str) -> Option<SiteId> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
        let right = (1..=64).contains(&text.len()) && text.bytes().all(plain);
        right.then(|| SiteId(text.to_owned()))
    }
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SiteId {
    type Error = String;

    fn try_from(text: String) -> Result<SiteId, String> {
        SiteId::new(&text).ok_or_else(|| {
            "a site's name has lower-case letters, digits, `-`, `_` and `.`, at most 64".to_owned()
        })
    }
}

impl From<SiteId> for String {
    fn from(site: SiteId) -> String {
        site.0
    }
}

impl fmt::Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A virtual patch: the weakness it shields, `CVE-2021-44228`.
pub type PatchId = String;

/// A rule set that was trusted and compiled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSet {
    /// Its id.
    pub id: RuleSetId,
    /// Its version.
    pub version: RulesVersion,
    /// SHA-256 of the manifest of its files.
    pub hash: String,
    /// SHA-256 of what was received.
    pub received: String,
    /// Who signed it.
    pub origin: Origin,
    /// The ids of its rules, as the engine compiled them; empty before.
    pub rules: BTreeSet<u32>,
    /// Of its own tests, how many passed when it was tested, and how many were asked. `None`: none were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_tests: Option<(u32, u32)>,
}

/// Where a candidate is as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Its origin was checked.
    Trusted,
    /// A fresh judge compiled it.
    Compiled,
    /// Each site is in a stage of its own.
    OnSites,
}

/// Where a candidate is at one site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteStage {
    /// It judges beside the rule set that decides, and decides nothing.
    Shadow,
    /// It decides a share of the requests.
    Canary,
    /// It is through.
    Ready,
}

/// A candidate at one site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnSite {
    /// Where it is.
    pub stage: SiteStage,
    /// Since when.
    pub since: Timestamp,
    /// Requests judged in this stage.
    pub requests: u64,
    /// Whether it was said that it waits for more requests.
    pub waits: bool,
}

/// The rule set on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Which.
    pub set: RuleSet,
    /// Where it is.
    pub stage: Stage,
    /// Since when.
    pub since: Timestamp,
    /// Where it is at each site, once tested.
    pub sites: BTreeMap<SiteId, OnSite>,
    /// Ids of rules that the rule set that decides does not have: these only report at first.
    pub new_rules: BTreeSet<u32>,
}

/// Something fetched whose origin is not yet checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// SHA-256 of what was received.
    pub received: String,
    /// Where from.
    pub from: String,
    /// When.
    pub at: Timestamp,
}

/// A rule set that will not be tried again by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// Which; the SHA-256 of what was received where its origin was never checked.
    pub what: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// A virtual patch at a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// The rules that shield.
    pub rules: BTreeSet<u32>,
    /// Since when.
    pub since: Timestamp,
}

/// All that is known about rule sets; kept as `state.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct State {
    /// The rule set that decides.
    pub current: Option<RuleSet>,
    /// Since when.
    pub current_since: Option<Timestamp>,
    /// The one before it, while one step back is possible.
    pub previous: Option<RuleSet>,
    /// What was fetched last, until its origin is checked.
    pub fetched: Option<Fetched>,
    /// The one on its way.
    pub candidate: Option<Candidate>,
    /// The newest version ever trusted: nothing older is taken, also after a step back.
    pub newest: Option<HeldVersion>,
    /// Rules that only report, and until when, by site.
    pub report_only: BTreeMap<SiteId, ReportOnly>,
    /// Virtual patches by site and weakness.
    pub patches: BTreeMap<SiteId, BTreeMap<PatchId, Patch>>,
    /// Sites where a newer rule set stays after a step back, because a virtual patch needs it.
    pub kept: BTreeMap<SiteId, RuleSet>,
    /// What was rejected, newest last, at most 50.
    pub rejected: Vec<Rejected>,
}

/// New rules that only report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportOnly {
    /// Which.
    pub rules: BTreeSet<u32>,
    /// Until when, exclusive.
    pub until: Timestamp,
}

/// The newest version ever trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldVersion {
    /// Its version.
    pub version: RulesVersion,
    /// The hash of its files.
    pub hash: String,
}

impl State {
    /// What a new rule set must not fall behind.
    pub fn held(&self) -> Option<Held> {
        self.newest.as_ref().map(|held| Held { version: held.version.clone(), hash: held.hash.clone() })
    }

    /// The rule set that decides at a site.
    pub fn decides(&self, site: &SiteId) -> Option<&RuleSet> {
        self.kept.get(site).or(self.current.as_ref())
    }

    /// The rules that only report at a site at a moment: what they find is said and decides nothing.
    pub fn reports_only(&self, site: &SiteId, now: Timestamp) -> BTreeSet<u32> {
        let of_site = self.report_only.get(site).filter(|only| now < only.until);
        of_site.map(|only| only.rules.clone()).unwrap_or_default()
    }

    /// Every rule set whose folder must stay.
    pub fn named(&self) -> BTreeSet<RuleSetId> {
        let sets = self.current.iter().chain(&self.previous).chain(self.kept.values());
        sets.chain(self.candidate.iter().map(|candidate| &candidate.set)).map(|set| set.id.clone()).collect()
    }
}
