//! Firewalls in front of devices.

use bedrail_app::firewall::{
    Between, FirewallDetail, FirewallRow, PlacedBy, Proposal, RuleCount, Shield, SiteDetail,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A firewall in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FirewallRowView {
    /// Id.
    id: String,
    /// What people call it.
    name: String,
    /// `own`, `f5`, `cloudflare`, `imperva`, `modsecurity`, `coraza`, `other`.
    product: &'static str,
    /// What it does, as said: `block`, `detect`, `off`, `unknown`. Of ours each site says so.
    mode: &'static str,
    /// `fresh`, `expired`, `silent`, `unread`.
    state: &'static str,
    /// How many days old its rules are; `null` where nobody says.
    rule_days: Option<i64>,
    /// What shows it.
    proof: String,
    /// The document of the programme that shows it, by id.
    document: Option<String>,
    /// Who said so.
    said_by: String,
    /// When it was written down, RFC 3339.
    said: String,
    /// The last day on which it counts, an ISO date.
    expires: Option<String>,
    /// Devices behind it.
    devices: u64,
    /// Sites of ours.
    sites: Vec<SiteModeView>,
    /// When the report of ours was written, RFC 3339.
    heard: Option<String>,
    /// Why the report of ours cannot be read.
    trouble: Option<String>,
}

/// A site and what it does.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteModeView {
    /// Its key.
    site: String,
    /// `block`, `detect`, `off`.
    mode: &'static str,
}

impl From<&FirewallRow> for FirewallRowView {
    fn from(row: &FirewallRow) -> FirewallRowView {
        let it = &row.firewall;
        FirewallRowView {
            id: it.id.to_string(),
            name: it.name.clone(),
            product: it.product.code(),
            mode: it.mode.code(),
            state: row.state.code(),
            rule_days: row.rule_days,
            proof: it.proof.clone(),
            document: it.document.map(|id| id.to_string()),
            said_by: it.said_by.clone(),
            said: it.added.to_string(),
            expires: it.expires.map(|day| day.to_string()),
            devices: row.devices,
            sites: row
                .sites
                .iter()
                .map(|(site, mode)| SiteModeView { site: site.clone(), mode: mode.code() })
                .collect(),
            heard: row.heard.map(|at| at.to_string()),
            trouble: row.trouble.clone(),
        }
    }
}

/// Requests that rules objected to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitView {
    /// The rule, or the class of paths.
    what: String,
    /// What the rule says.
    message: String,
    /// Refused.
    blocked: u64,
    /// Passed, since the site only detects.
    would_block: u64,
}

/// A rule that hits many requests of ordinary clients.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuspectView {
    /// The rule.
    rule: u32,
    /// What it says.
    message: String,
    /// The place where it looked.
    place: String,
    /// The path, where it was always the same.
    path: Option<String>,
    /// The method, where it was always the same.
    method: Option<String>,
    /// Requests of ordinary clients.
    requests: u64,
    /// Requests of others.
    others: u64,
    /// Ordinary clients.
    clients: u64,
    /// Requests that would have passed without it.
    would_pass: u64,
    /// Requests that other rules fired at, too.
    perhaps: u64,
}

/// What probes showed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProbedView {
    /// The key of the family of rules.
    family: String,
    /// The rule set that decided.
    rule_set: String,
    /// The mode of the site.
    mode: String,
    /// When, RFC 3339.
    at: String,
    /// Requests, each of which ended in a sink.
    probes: u64,
    /// Of these, refused.
    stopped: u64,
    /// Of these, rules object.
    objected: u64,
}

/// A site of ours.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteView {
    /// Its key.
    site: String,
    /// `block`, `detect`, `off`.
    mode: String,
    /// Who approved blocking.
    approved_by: Option<String>,
    /// Without a verdict: `open`, `closed`.
    on_error: String,
    /// Requests since the proxy runs.
    requests: u64,
    /// Refused.
    blocked: u64,
    /// Passed although rules objected.
    would_block: u64,
    /// Microseconds that a request waits for its verdict: the median; 0 where none waited yet.
    added_p50_micros: u64,
    /// As above, one in a hundred waits longer.
    added_p99_micros: u64,
    /// WebSockets that were ended since a client passed a limit.
    websockets_closed: u64,
    /// Devices behind it, by id.
    devices: Vec<String>,
    /// By rule.
    rules: Vec<HitView>,
    /// By class of paths.
    paths: Vec<HitView>,
    /// Candidates for an exclusion.
    suspects: Vec<SuspectView>,
    /// What probes showed.
    shields: Vec<ProbedView>,
}

impl From<&SiteDetail> for SiteView {
    fn from(it: &SiteDetail) -> SiteView {
        let rule = |row: &RuleCount| HitView {
            what: row.rule.to_string(),
            message: row.message.clone(),
            blocked: row.count.blocked,
            would_block: row.count.would_block,
        };
        SiteView {
            site: it.site.key.clone(),
            mode: it.site.mode.clone(),
            approved_by: it.site.approved_by.clone(),
            on_error: it.site.on_error.clone(),
            requests: it.site.requests,
            blocked: it.site.blocked,
            would_block: it.site.would_block,
            added_p50_micros: it.site.added_p50_micros,
            added_p99_micros: it.site.added_p99_micros,
            websockets_closed: it.site.websockets_closed,
            devices: it.devices.iter().map(|(id, _)| id.to_string()).collect(),
            rules: it.rules.iter().map(rule).collect(),
            paths: it
                .paths
                .iter()
                .map(|row| HitView {
                    what: row.class.clone(),
                    message: String::new(),
                    blocked: row.count.blocked,
                    would_block: row.count.would_block,
                })
                .collect(),
            suspects: it
                .suspects
                .iter()
                .map(|(row, preview)| SuspectView {
                    rule: row.rule,
                    message: row.message.clone(),
                    place: row.place.clone(),
                    path: row.path.clone(),
                    method: row.method.clone(),
                    requests: row.requests,
                    others: row.others,
                    clients: row.clients,
                    would_pass: preview.through,
                    perhaps: preview.perhaps,
                })
                .collect(),
            shields: it
                .shields
                .iter()
                .map(|row| ProbedView {
                    family: row.family.clone(),
                    rule_set: row.rule_set.clone(),
                    mode: row.mode.clone(),
                    at: row.at.to_string(),
                    probes: row.probes,
                    stopped: row.stopped,
                    objected: row.objected,
                })
                .collect(),
        }
    }
}

/// What a firewall said of its rule sets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WordView {
    /// Counted from 1.
    number: u64,
    /// When, RFC 3339.
    at: String,
    /// The sentence.
    text: String,
    /// Whether somebody should look.
    alert: bool,
}

/// One firewall.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FirewallView {
    /// In short.
    #[serde(flatten)]
    row: FirewallRowView,
    /// Devices behind it as a whole, by id.
    behind: Vec<String>,
    /// Its sites, of ours.
    details: Vec<SiteView>,
    /// Events that the counts are made of.
    events: u64,
    /// Why there are none.
    events_trouble: Option<String>,
    /// What it said of its rule sets, the newest first.
    words: Vec<WordView>,
}

impl From<&FirewallDetail> for FirewallView {
    fn from(it: &FirewallDetail) -> FirewallView {
        FirewallView {
            row: FirewallRowView::from(&it.row),
            behind: it.devices.iter().map(|(id, _)| id.to_string()).collect(),
            details: it.sites.iter().map(SiteView::from).collect(),
            events: it.kept.events,
            events_trouble: it.kept.trouble.clone(),
            words: it
                .words
                .iter()
                .map(|word| WordView {
                    number: word.number,
                    at: word.at.to_string(),
                    text: word.text.clone(),
                    alert: word.alert,
                })
                .collect(),
        }
    }
}

/// A proposed exclusion: text for the firewall's file, which the server does not write.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProposalView {
    /// One element of the list in `exclusions.json`.
    text: String,
    /// Kept requests that would have passed.
    would_pass: u64,
    /// Of these, those of clients that are not ordinary.
    would_pass_of_others: u64,
    /// Kept requests that other rules fired at, too.
    perhaps: u64,
    /// Rules of ours that look for the same where the hospital profile leaves the rule out.
    guards: Vec<u32>,
}

impl From<&Proposal> for ProposalView {
    fn from(it: &Proposal) -> ProposalView {
        ProposalView {
            text: it.text.clone(),
            would_pass: it.preview.through,
            would_pass_of_others: it.preview.through_of_others,
            perhaps: it.preview.perhaps,
            guards: it.guards.clone(),
        }
    }
}

/// A firewall that stands in front of a device. It changes no answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BetweenView {
    /// The firewall, by id.
    firewall: String,
    /// What people call it.
    name: String,
    /// Its product.
    product: &'static str,
    /// The key of the site, of ours.
    site: Option<String>,
    /// `block`, `detect`, `off`, `unknown`.
    mode: &'static str,
    /// `fresh`, `expired`, `silent`, `unread`.
    state: &'static str,
    /// How it is known that the device stands behind it: `said`, `address`.
    placed_by: &'static str,
    /// The whole in a sentence.
    sentence: String,
    /// What it does about the weaknesses in question, of ours.
    shields: Vec<ShieldView>,
}

/// Rules that cover a weakness.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShieldView {
    /// The weakness.
    weakness: String,
    /// The key of the family of rules.
    family: &'static str,
    /// `holds` (shielded, not fixed), `detects_only`, `leaks`, `not_shown`.
    state: &'static str,
    /// The whole in a sentence.
    sentence: String,
}

impl From<&Shield> for ShieldView {
    fn from(it: &Shield) -> ShieldView {
        ShieldView {
            weakness: it.weakness.clone(),
            family: it.family,
            state: it.state.code(),
            sentence: it.sentence(),
        }
    }
}

impl From<&Between> for BetweenView {
    fn from(it: &Between) -> BetweenView {
        BetweenView {
            firewall: it.firewall.to_string(),
            name: it.name.clone(),
            product: it.product.code(),
            site: it.site.clone(),
            mode: it.mode.code(),
            state: it.state.code(),
            placed_by: match it.by {
                PlacedBy::Said => "said",
                PlacedBy::Address => "address",
            },
            sentence: it.sentence(),
            shields: it.shields.iter().map(ShieldView::from).collect(),
        }
    }
}
