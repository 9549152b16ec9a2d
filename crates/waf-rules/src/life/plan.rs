//! How long each stage takes and what it tolerates, for the installation and for single sites.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::state::SiteId;

/// Times are seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// Time a fresh judge may take to compile. The Core Rule Set takes 0.1 s.
    pub compile_ms: u64,
    /// Memory a fresh judge may take. The Core Rule Set takes 54 MB.
    pub compile_bytes: u64,
    /// Time one request of the tests may take. At paranoia level 4 a form of 10 KB takes 0.1 s.
    pub request_ms: u64,
    /// Time for a rule set's own tests. Those of v4.28.0 take half a minute before one judge.
    pub own_tests_ms: u64,
    /// Share of recorded good requests that the new rule set may stop beyond the old one, per thousand.
    pub new_blocks_per_mille: u64,
    /// Seconds until a candidate that was not compiled, tested or promoted is given up.
    pub give_up_after: i64,
    /// What holds for sites without a plan of their own.
    pub site: SitePlan,
    /// Plans of single sites.
    pub sites: BTreeMap<SiteId, SitePlan>,
}

/// The stages of one site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SitePlan {
    /// Seconds in shadow at least.
    pub shadow: i64,
    /// Requests in shadow at least; with fewer the site waits for more.
    pub shadow_requests: u64,
    /// Seconds in canary at least.
    pub canary: i64,
    /// Requests in canary at least.
    pub canary_requests: u64,
    /// Requests of a hundred that the new rule set decides in canary.
    pub canary_share: u8,
    /// Seconds after which a site that saw too few requests goes on all the same, `None`: it waits for a person.
    pub quiet: Option<i64>,
    /// Known-good requests that may be stopped in a window before that counts as harm.
    pub good_stopped: u64,
    /// Of a hundred requests, how many more may end in an upstream error than before.
    pub errors_percent: u64,
    /// Milliseconds that the slow end (99 of 100) may grow.
    pub latency_ms: u64,
    /// Seconds in which new rules only report after the rule set has become current.
    pub new_rules_detect: i64,
}

impl Default for SitePlan {
    fn default() -> SitePlan {
        SitePlan {
            shadow: 24 * 3600,
            shadow_requests: 200,
            canary: 4 * 3600,
            canary_requests: 100,
            canary_share: 10,
            quiet: Some(7 * 24 * 3600),
            good_stopped: 2,
            errors_percent: 5,
            latency_ms: 250,
            new_rules_detect: 7 * 24 * 3600,
        }
    }
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            compile_ms: 10_000,
            compile_bytes: 512 << 20,
            request_ms: 2_000,
            own_tests_ms: 300_000,
            new_blocks_per_mille: 1,
            give_up_after: 30 * 24 * 3600,
            site: SitePlan::default(),
            sites: BTreeMap::new(),
        }
    }
}

impl Plan {
    /// The plan of a site.
    pub fn of(&self, site: &SiteId) -> &SitePlan {
        self.sites.get(site).unwrap_or(&self.site)
    }
}
