//! From fetched to current.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan};

use super::plan::{Plan, SitePlan};
use super::state::{
    Candidate, Fetched, HeldVersion, OnSite, Patch, PatchId, Rejected, ReportOnly, RuleSet, RuleSetId,
    SiteId, SiteStage, Stage, State,
};
use super::{Compiled, Said, Tested};
use crate::trust::Trusted;

/// Rejections kept.
const MOST_REJECTED: usize = 50;

pub(super) fn fetched(state: &mut State, received: &str, from: &str, now: Timestamp, said: &mut Vec<Said>) {
    state.fetched = Some(Fetched { received: received.to_owned(), from: from.to_owned(), at: now });
    said.push(Said::log(format!(
        "fetched a rule set from {from} (SHA-256 {received}); its signature is not yet checked"
    )));
}

pub(super) fn trusted(state: &mut State, trusted: &Trusted, now: Timestamp, said: &mut Vec<Said>) {
    let id = RuleSetId::new(trusted.version(), trusted.hash());
    if let Some(before) = state.rejected.iter().find(|rejected| rejected.what == id.as_str()) {
        let (at, reason) = (before.at, &before.reason);
        said.push(Said::log(format!("{id} was rejected on {at} ({reason}) and is not tried again")));
        return;
    }
    if let Some(before) = state.candidate.take() {
        said.push(Said::log(format!("{} makes way for {id}", before.set.id)));
    }
    let set = RuleSet {
        id,
        version: trusted.version().clone(),
        hash: trusted.hash().to_owned(),
        received: trusted.received().to_owned(),
        origin: trusted.origin().clone(),
        rules: BTreeSet::new(),
        own_tests: None,
    };
    state.fetched = None;
    state.newest = Some(HeldVersion { version: set.version.clone(), hash: set.hash.clone() });
    let new_rules = BTreeSet::new();
    state.candidate =
        Some(Candidate { set, stage: Stage::Trusted, since: now, sites: BTreeMap::new(), new_rules });
    said.push(Said::log(trusted.sentence()));
}

pub(super) fn refused(state: &mut State, reason: &str, now: Timestamp, said: &mut Vec<Said>) {
    let what = state.fetched.take().map_or_else(|| "a rule set".to_owned(), |fetched| fetched.received);
    note(state, &what, reason, now);
    said.push(Said::alert(format!("a rule set was refused before anything of it was used: {reason}")));
}

fn note(state: &mut State, what: &str, reason: &str, now: Timestamp) {
    state.rejected.push(Rejected { what: what.to_owned(), at: now, reason: reason.to_owned() });
    let over = state.rejected.len().saturating_sub(MOST_REJECTED);
    state.rejected.drain(..over);
}

/// The candidate is given up; what decides goes on deciding.
pub(super) fn reject(state: &mut State, reason: &str, now: Timestamp, said: &mut Vec<Said>) {
    let Some(candidate) = state.candidate.take() else { return };
    let id = candidate.set.id;
    note(state, id.as_str(), reason, now);
    let rest = match &state.current {
        Some(current) => format!("{} goes on deciding", current.id),
        None => "no rule set decides".to_owned(),
    };
    said.push(Said::alert(format!("{id} is rejected: {reason}; {rest}")));
}

fn candidate_at<'a>(
    state: &'a mut State,
    stage: Stage,
    what: &str,
    said: &mut Vec<Said>,
) -> Option<&'a mut Candidate> {
    let found = state.candidate.as_mut().filter(|candidate| candidate.stage == stage);
    if found.is_none() {
        said.push(Said::log(format!("{what}, but no rule set waits for that; nothing changes")));
    }
    found
}

pub(super) fn compiled(
    state: &mut State,
    compiled: &Compiled,
    plan: &Plan,
    now: Timestamp,
    said: &mut Vec<Said>,
) {
    let before = state.current.as_ref().map(|current| current.rules.clone());
    let needed = needed_patches(state);
    let Some(candidate) = candidate_at(state, Stage::Trusted, "a rule set was compiled", said) else {
        return;
    };
    let id = candidate.set.id.clone();
    let rules: BTreeSet<u32> = compiled.rules.iter().copied().collect();
    if let Some(reason) = compile_problem(compiled, plan).or_else(|| dropped_patch(&needed, &rules)) {
        reject(state, &reason, now, said);
        return;
    }
    let (count, time, memory) = (rules.len(), compiled.time_ms, compiled.memory_bytes >> 20);
    let new: BTreeSet<u32> =
        before.map(|before| rules.difference(&before).copied().collect()).unwrap_or_default();
    said.push(Said::log(format!(
        "{id} compiled: {count} rules, {} of them new, {time} ms, {memory} MB",
        new.len()
    )));
    candidate.new_rules = new;
    candidate.set.rules = rules;
    candidate.stage = Stage::Compiled;
    candidate.since = now;
}

fn compile_problem(compiled: &Compiled, plan: &Plan) -> Option<String> {
    if let Some(error) = &compiled.error {
        return Some(format!("it does not compile: {error}"));
    }
    if compiled.time_ms > plan.compile_ms {
        return Some(format!("compiling took {} ms, allowed are {}", compiled.time_ms, plan.compile_ms));
    }
    if compiled.memory_bytes > plan.compile_bytes {
        let (took, allowed) = (compiled.memory_bytes >> 20, plan.compile_bytes >> 20);
        return Some(format!("compiling took {took} MB of memory, allowed are {allowed}"));
    }
    compiled.rules.is_empty().then(|| "it has no rule".to_owned())
}

type Needed = Vec<(SiteId, PatchId, BTreeSet<u32>)>;

fn needed_patches(state: &State) -> Needed {
    let of_site = |(site, patches): (&SiteId, &BTreeMap<PatchId, Patch>)| {
        let each = patches.iter().map(|(id, patch)| (site.clone(), id.clone(), patch.rules.clone()));
        each.collect::<Vec<_>>()
    };
    state.patches.iter().flat_map(of_site).collect()
}

fn dropped_patch(needed: &Needed, rules: &BTreeSet<u32>) -> Option<String> {
    let (site, patch, missing) = needed.iter().find_map(|(site, patch, shield)| {
        let missing = shield.difference(rules).next()?;
        Some((site, patch, missing))
    })?;
    Some(format!(
        "it has no rule {missing}, which shields {site} against {patch}; a virtual patch is never dropped"
    ))
}

pub(super) fn tested(state: &mut State, tested: &Tested, plan: &Plan, now: Timestamp, said: &mut Vec<Said>) {
    let Some(candidate) = candidate_at(state, Stage::Compiled, "a rule set was tested", said) else { return };
    let id = candidate.set.id.clone();
    if let Some(reason) = test_problem(tested, plan) {
        reject(state, &reason, now, said);
        return;
    }
    candidate.stage = Stage::OnSites;
    candidate.since = now;
    let (passed, all) = tested.own;
    candidate.set.own_tests = (all > 0).then_some(tested.own);
    let own = match (all, tested.own_left_out) {
        (0, 0) => "it brings no tests of its own".to_owned(),
        (_, 0) => format!("{passed} of {all} tests of its own"),
        (_, left) => format!("{passed} of {all} tests of its own ({left} more were not asked)"),
    };
    let (replayed, new) = (tested.replayed, tested.new_blocks);
    said.push(Said::log(format!(
        "{id} tested: {own}, no attack of our suite missed, no plain request stopped; of {replayed} recorded good requests it stops {new} more than before. It goes into shadow"
    )));
}

fn test_problem(tested: &Tested, plan: &Plan) -> Option<String> {
    let first = |names: &[String]| names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if !tested.plain_stopped.is_empty() {
        return Some(format!("it stops plain requests: {}", first(&tested.plain_stopped)));
    }
    if !tested.attacks_missed.is_empty() {
        return Some(format!("it does not stop attacks of our suite: {}", first(&tested.attacks_missed)));
    }
    if tested.slowest_ms > plan.request_ms {
        let (took, allowed) = (tested.slowest_ms, plan.request_ms);
        return Some(format!("one request took {took} ms to judge, allowed are {allowed}"));
    }
    let (passed, all) = tested.own;
    if let Some((before, before_all)) = tested.own_before {
        // Compared as shares: each rule set has its own tests.
        let worse = u64::from(passed) * u64::from(before_all) < u64::from(before) * u64::from(all);
        let failed = u64::from(all.saturating_sub(passed)) > u64::from(before_all.saturating_sub(before)) + 5;
        if worse && failed {
            return Some(format!(
                "{passed} of {all} of its own tests pass, with the present rule set {before} of {before_all}"
            ));
        }
    }
    if tested.new_blocks * 1000 > plan.new_blocks_per_mille * tested.replayed {
        let (new, all) = (tested.new_blocks, tested.replayed);
        return Some(format!("it stops {new} of {all} recorded good requests that pass today"));
    }
    None
}

/// Sites enter with their first window; a tick moves each by its own clock.
pub(super) fn tick(state: &mut State, plan: &Plan, now: Timestamp, said: &mut Vec<Said>) {
    state.report_only.retain(|_, only| now < only.until);
    let Some(candidate) = state.candidate.as_mut() else { return };
    if seconds(candidate.since, now) > plan.give_up_after && candidate.stage != Stage::OnSites {
        reject(state, "it waited too long for its next stage", now, said);
        return;
    }
    if candidate.stage != Stage::OnSites {
        return;
    }
    let id = candidate.set.id.clone();
    for (site, on_site) in &mut candidate.sites {
        move_site(site, on_site, plan.of(site), &id, now, said);
    }
    let all_ready = candidate.sites.values().all(|on_site| on_site.stage == SiteStage::Ready);
    if all_ready && (!candidate.sites.is_empty()) {
        make_current(state, plan, now, "every site is through its stages", said);
    }
}

fn move_site(
    site: &SiteId,
    on_site: &mut OnSite,
    plan: &SitePlan,
    id: &RuleSetId,
    now: Timestamp,
    said: &mut Vec<Said>,
) {
    let (least, requests, next) = match on_site.stage {
        SiteStage::Shadow => (plan.shadow, plan.shadow_requests, SiteStage::Canary),
        SiteStage::Canary => (plan.canary, plan.canary_requests, SiteStage::Ready),
        SiteStage::Ready => return,
    };
    let spent = seconds(on_site.since, now);
    if spent < least {
        return;
    }
    let seen = on_site.requests;
    let enough = seen >= requests;
    if !enough && plan.quiet.is_none_or(|quiet| spent < quiet) {
        if !on_site.waits {
            on_site.waits = true;
            said.push(Said::log(format!(
                "{id} waits at {site}: {seen} of {requests} requests seen; a person can promote it"
            )));
        }
        return;
    }
    let share = plan.canary_share;
    said.push(Said::log(match next {
        SiteStage::Canary => format!(
            "{id} decides {share} of 100 requests at {site} (canary), after {seen} requests in shadow"
        ),
        _ => format!("{id} is through at {site}, after {seen} requests in canary"),
    }));
    *on_site = OnSite { stage: next, since: now, requests: 0, waits: false };
}

pub(super) fn promote(state: &mut State, by: &str, plan: &Plan, now: Timestamp, said: &mut Vec<Said>) {
    let Some(_) = candidate_at(state, Stage::OnSites, &format!("{by} promotes"), said) else { return };
    make_current(state, plan, now, &format!("{by} promoted it"), said);
}

/// The candidate decides everywhere. Its new rules report only, for the time of each site's plan.
fn make_current(state: &mut State, plan: &Plan, now: Timestamp, why: &str, said: &mut Vec<Said>) {
    let Some(candidate) = state.candidate.take() else { return };
    let id = candidate.set.id.clone();
    let shields = needed_patches(state);
    for site in candidate.sites.keys() {
        let shielding = shields.iter().filter(|(at, ..)| at == site).flat_map(|(_, _, rules)| rules);
        let shielding: BTreeSet<u32> = shielding.copied().collect();
        let rules: BTreeSet<u32> = candidate.new_rules.difference(&shielding).copied().collect();
        let until = now.checked_add(plan.of(site).new_rules_detect.seconds()).unwrap_or(now);
        if !rules.is_empty() {
            state.report_only.insert(site.clone(), ReportOnly { rules, until });
        }
    }
    state.kept.clear();
    state.previous = state.current.replace(candidate.set);
    state.current_since = Some(now);
    let new = candidate.new_rules.len();
    let before =
        state.previous.as_ref().map_or_else(|| "the first".to_owned(), |set| format!("before it {}", set.id));
    said.push(Said::log(format!(
        "{id} is current ({why}; {before}); its {new} new rules report only, for now"
    )));
}

pub(super) fn patch_taken(
    state: &mut State,
    patch: &str,
    site: &SiteId,
    rules: &[u32],
    now: Timestamp,
    said: &mut Vec<Said>,
) {
    let rules: BTreeSet<u32> = rules.iter().copied().collect();
    let there = state.decides(site).is_some_and(|set| rules.is_subset(&set.rules));
    if rules.is_empty() || !there {
        said.push(Said::alert(format!(
            "{patch} cannot be shielded at {site}: the rule set that decides there lacks the rules"
        )));
        return;
    }
    // A shield decides from its first moment, also where its rules are new.
    if let Some(only) = state.report_only.get_mut(site) {
        only.rules.retain(|rule| !rules.contains(rule));
    }
    let count = rules.len();
    state.patches.entry(site.clone()).or_default().insert(patch.to_owned(), Patch { rules, since: now });
    said.push(Said::log(format!("{patch} is shielded at {site} by {count} rules; it is not fixed")));
}

pub(super) fn patch_ended(state: &mut State, patch: &str, site: &SiteId, by: &str, said: &mut Vec<Said>) {
    let Some(patches) = state.patches.get_mut(site) else { return };
    if patches.remove(patch).is_some() {
        said.push(Said::log(format!("{by} ended the shield against {patch} at {site}")));
    }
    if patches.is_empty() {
        state.patches.remove(site);
    }
    let shield_needed = |(at, set): (&SiteId, &RuleSet)| {
        let rules =
            state.patches.get(at).into_iter().flat_map(BTreeMap::values).flat_map(|patch| &patch.rules);
        let current = state.current.as_ref();
        rules.into_iter().any(|rule| {
            set.rules.contains(rule) && current.is_none_or(|current| !current.rules.contains(rule))
        })
    };
    let free: Vec<SiteId> =
        state.kept.iter().filter(|kept| !shield_needed(*kept)).map(|(at, _)| at.clone()).collect();
    for at in free {
        state.kept.remove(&at);
        said.push(Said::log(format!("{at} goes back to the rule set that decides everywhere")));
    }
}

pub(super) fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second() - from.as_second()
}
