//! What brings an old rule set back: harm to what is known to be good, upstream errors, latency. A flood of stopped
//! attacks is what the firewall is for, and never does.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Said;
use super::plan::{Plan, SitePlan};
use super::stages::{reject, seconds};
use super::state::{Candidate, OnSite, Rejected, RuleSet, RuleSetId, SiteId, SiteStage, Stage, State};

/// Requests below which no share is judged.
const FEW: u64 = 20;

/// What one site saw of one rule set in a few seconds.
///
/// Known-good is what an approved allow-list of the site describes, or what carries the mark of a recorded good request;
/// requests that any rule set stopped before are not known-good merely because they are many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Window {
    /// Requests judged.
    pub requests: u64,
    /// Known-good requests judged.
    pub good: u64,
    /// Known-good requests that were stopped (in shadow: would have been).
    pub good_stopped: u64,
    /// Requests stopped that are not known-good: attacks, as far as anyone knows.
    pub attacks_stopped: u64,
    /// Requests that reached the device.
    pub passed: u64,
    /// Of those, answered by an error of the device (5xx) or not at all.
    pub upstream_errors: u64,
    /// Errors of a hundred passed requests before this rule set.
    pub errors_before_percent: u64,
    /// The slow end of judging (99 of 100), milliseconds.
    pub slow_ms: u64,
    /// The same before this rule set.
    pub slow_before_ms: u64,
    /// Requests that no verdict came for: the judge was gone or too slow.
    pub no_verdict: u64,
}

/// What harms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// Known-good requests are stopped.
    Good,
    /// The device answers with more errors.
    Errors,
    /// Judging is slower.
    Latency,
    /// The judge gives no verdicts.
    NoVerdict,
}

/// Whether a window shows harm, judged by the plan of its site.
pub fn harm(window: &Window, plan: &SitePlan) -> Option<(Harm, String)> {
    if window.good_stopped > plan.good_stopped {
        let Window { good_stopped, good, .. } = window;
        return Some((Harm::Good, format!("it stops {good_stopped} of {good} known-good requests")));
    }
    if window.no_verdict * 10 > window.requests.max(FEW) {
        let Window { no_verdict, requests, .. } = window;
        return Some((
            Harm::NoVerdict,
            format!("its judge gave no verdict for {no_verdict} of {requests} requests"),
        ));
    }
    let allowed = window.errors_before_percent + plan.errors_percent;
    if window.passed >= FEW && window.upstream_errors * 100 > allowed * window.passed {
        let Window { upstream_errors, passed, errors_before_percent, .. } = window;
        let text = format!(
            "the device answers {upstream_errors} of {passed} requests with errors, before it was {errors_before_percent} of 100"
        );
        return Some((Harm::Errors, text));
    }
    if window.requests >= FEW && window.slow_ms > window.slow_before_ms + plan.latency_ms {
        let Window { slow_ms, slow_before_ms, .. } = window;
        return Some((
            Harm::Latency,
            format!("judging takes {slow_ms} ms at the slow end, before it was {slow_before_ms}"),
        ));
    }
    None
}

/// What one site saw by one rule set. Every site tells, an idle one too: a candidate enters a site with its first window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Where.
    pub site: SiteId,
    /// Which rule set: the one on its way, or the one that decides.
    pub set: RuleSetId,
    /// What.
    pub window: Window,
}

pub(super) fn observed(
    state: &mut State,
    all: &[Observation],
    plan: &Plan,
    now: Timestamp,
    said: &mut Vec<Said>,
) {
    let of_set = |id: &RuleSetId| all.iter().filter(|one| one.set == *id).collect::<Vec<_>>();
    if let Some(candidate) = state.candidate.as_mut().filter(|candidate| candidate.stage == Stage::OnSites) {
        let observations = of_set(&candidate.set.id);
        let problem = observations.into_iter().filter_map(|one| seen(candidate, one, plan, now, said)).last();
        if let Some(reason) = problem {
            reject(state, &reason, now, said);
        }
    }
    let (Some(since), Some(current)) = (state.current_since, &state.current) else { return };
    let harmed = of_set(&current.id).into_iter().find_map(|one| {
        let (_, reason) = harm(&one.window, plan.of(&one.site))?;
        Some(format!("at {} {reason}, {} s after it became current", one.site, seconds(since, now)))
    });
    if let Some(reason) = harmed {
        roll_back(state, &reason, now, said);
    }
}

/// Counts what a candidate did at a site, and says whether it harms.
fn seen(
    candidate: &mut Candidate,
    one: &Observation,
    plan: &Plan,
    now: Timestamp,
    said: &mut Vec<Said>,
) -> Option<String> {
    let id = &candidate.set.id;
    let site = &one.site;
    let on_site = candidate.sites.entry(site.clone()).or_insert_with(|| {
        said.push(Said::log(format!("{id} is in shadow at {site}")));
        OnSite { stage: SiteStage::Shadow, since: now, requests: 0, waits: false }
    });
    on_site.requests += one.window.requests;
    let mut window = one.window;
    if on_site.stage == SiteStage::Shadow {
        // It decides nothing yet, so the answers of the device are not its doing.
        window.upstream_errors = 0;
    }
    let (_, reason) = harm(&window, plan.of(site))?;
    Some(format!("at {site} {reason}"))
}

/// One step back, at most. Sites whose virtual patch the old rule set lacks stay on the new one.
pub(super) fn roll_back(state: &mut State, reason: &str, now: Timestamp, said: &mut Vec<Said>) {
    let (Some(old), Some(new)) = (state.previous.take(), state.current.clone()) else {
        // Said once, not with every window.
        let known = state.rejected.last().is_some_and(|last| last.what == NO_WAY_BACK);
        if !known {
            state.rejected.push(Rejected {
                what: NO_WAY_BACK.to_owned(),
                at: now,
                reason: reason.to_owned(),
            });
            said.push(Said::alert(format!(
                "the rule set does harm ({reason}), and there is no older one to go back to; hint: put the site into detect"
            )));
        }
        return;
    };
    let stays = |rules: &BTreeSet<u32>| {
        rules.iter().any(|rule| !old.rules.contains(rule) && new.rules.contains(rule))
    };
    let sites = state.patches.iter().filter(|(_, patches)| patches.values().any(|patch| stays(&patch.rules)));
    let kept: Vec<SiteId> = sites.map(|(site, _)| site.clone()).collect();
    for site in &kept {
        state.kept.insert(site.clone(), new.clone());
        said.push(Said::alert(format!("{site} stays on {}: its virtual patch is not in {}", new.id, old.id)));
    }
    state.report_only.retain(|site, _| kept.contains(site));
    state.rejected.push(Rejected { what: new.id.as_str().to_owned(), at: now, reason: reason.to_owned() });
    said.push(Said::alert(sentence(&old, &new, reason)));
    state.current = Some(old);
    state.current_since = Some(now);
}

/// Stands in the list of rejections for "said that there is no way back".
const NO_WAY_BACK: &str = "no way back";

fn sentence(old: &RuleSet, new: &RuleSet, reason: &str) -> String {
    format!(
        "{} is current again in place of {}: {reason}; {} is not tried again by itself",
        old.id, new.id, new.id
    )
}
