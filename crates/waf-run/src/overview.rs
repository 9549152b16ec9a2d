//! `bedrail waf rules status`: what decides, what is on its way and where, how old it is.

use bedrail_waf_rules::life::{RuleSet, SiteStage, Stage, State};
use bedrail_waf_rules::source::{Staleness, staleness};
use bedrail_waf_rules::trust::Origin;
use jiff::Timestamp;
use serde::Serialize;

use crate::look::Looked;

/// Everything about rule sets, as it is shown.
#[derive(Debug, Serialize)]
pub struct Overview {
    /// The one that decides.
    pub current: Option<SetView>,
    /// Since when.
    pub current_since: Option<Timestamp>,
    /// The one to go back to.
    pub previous: Option<String>,
    /// The one on its way.
    pub candidate: Option<CandidateView>,
    /// The last rejections, newest last.
    pub rejected: Vec<RejectedView>,
    /// The mirror that is asked by itself, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Looked>,
}

/// A rule set.
#[derive(Debug, Serialize)]
pub struct SetView {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// `release` or `local`.
    pub origin: &'static str,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// Days since then.
    pub age_days: i64,
    /// Whether somebody should look: it is older than two releases are apart.
    pub stale: bool,
    /// Its rules.
    pub rules: usize,
}

/// A rule set on its way.
#[derive(Debug, Serialize)]
pub struct CandidateView {
    /// Which.
    #[serde(flatten)]
    pub set: SetView,
    /// `trusted`, `compiled`, `on-sites`.
    pub stage: &'static str,
    /// Since when.
    pub since: Timestamp,
    /// Rules that the one that decides does not have.
    pub new_rules: usize,
    /// Where it is at each site.
    pub sites: Vec<SiteView>,
}

/// A site.
#[derive(Debug, Serialize)]
pub struct SiteView {
    /// Which.
    pub site: String,
    /// `shadow`, `canary`, `ready`.
    pub stage: &'static str,
    /// Since when.
    pub since: Timestamp,
    /// Requests in this stage.
    pub requests: u64,
    /// Whether it waits for more of them.
    pub waits: bool,
}

/// A rejection.
#[derive(Debug, Serialize)]
pub struct RejectedView {
    /// What.
    pub what: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// The overview of a state, and of the mirror that is asked by itself.
pub fn overview(state: &State, asked: Option<Looked>, now: Timestamp) -> Overview {
    let candidate = state.candidate.as_ref().map(|it| CandidateView {
        set: set(&it.set, now),
        stage: match it.stage {
            Stage::Trusted => "trusted",
            Stage::Compiled => "compiled",
            Stage::OnSites => "on-sites",
        },
        since: it.since,
        new_rules: it.new_rules.len(),
        sites: it
            .sites
            .iter()
            .map(|(site, on)| SiteView {
                site: site.to_string(),
                stage: match on.stage {
                    SiteStage::Shadow => "shadow",
                    SiteStage::Canary => "canary",
                    SiteStage::Ready => "ready",
                },
                since: on.since,
                requests: on.requests,
                waits: on.waits,
            })
            .collect(),
    });
    let rejected = state.rejected.iter().map(|it| RejectedView {
        what: it.what.clone(),
        at: it.at,
        reason: it.reason.clone(),
    });
    Overview {
        current: state.current.as_ref().map(|it| set(it, now)),
        current_since: state.current_since,
        previous: state.previous.as_ref().map(|it| it.id.to_string()),
        candidate,
        rejected: rejected.collect(),
        asked,
    }
}

fn set(set: &RuleSet, now: Timestamp) -> SetView {
    let (origin, signed_at) = match &set.origin {
        Origin::Release { signed_at, .. } => ("release", *signed_at),
        Origin::Local { signed_at, .. } => ("local", *signed_at),
    };
    // The age alone: whether a source answers is known to who asks it.
    let Staleness { signed_days, stale, .. } = staleness(signed_at, Some(now), now);
    SetView {
        id: set.id.to_string(),
        version: set.version.to_string(),
        origin,
        signed_at,
        age_days: signed_days,
        stale,
        rules: set.rules.len(),
    }
}

impl Overview {
    /// For people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        match (&self.current, &self.current_since) {
            (Some(set), since) => {
                let since = since.map(|it| format!(" since {it:.0}")).unwrap_or_default();
                out.push_str(&format!("current    {}{since}, {}\n", set.id, set.words()));
            }
            (None, _) => out.push_str("current    none of these rule sets decides\n"),
        }
        if let Some(previous) = &self.previous {
            out.push_str(&format!("before it  {previous}, one step back is possible\n"));
        }
        if let Some(it) = &self.candidate {
            let (id, stage, new) = (&it.set.id, it.stage, it.new_rules);
            out.push_str(&format!("candidate  {id}, {stage}, {new} new rules, {}\n", it.set.words()));
            for site in &it.sites {
                let waits = if site.waits { ", waits for more" } else { "" };
                let SiteView { site, stage, since, requests, .. } = site;
                out.push_str(&format!("  {site}: {stage} since {since:.0}, {requests} requests{waits}\n"));
            }
        }
        if let Some(it) = &self.asked {
            out.push_str(&it.text());
        }
        for it in self.rejected.iter().rev().take(3) {
            out.push_str(&format!("rejected   {} on {:.0}: {}\n", it.what, it.at, it.reason));
        }
        out
    }
}

impl SetView {
    fn words(&self) -> String {
        let by = if self.origin == "local" { "signed here" } else { "a signed release" };
        let old = if self.stale { "; it is old, look for a newer one" } else { "" };
        format!("{by} {} days ago, {} rules{old}", self.age_days, self.rules)
    }
}
