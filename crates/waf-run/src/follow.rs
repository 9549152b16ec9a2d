//! The loop that carries a rule set through its stages on a proxy that runs: look, decide, route.
//!
//! A look has known-good requests of each site judged by the judges of the proxy themselves, beside what is served: nothing of
//! it reaches a device. So harm to good traffic and slowness are seen within one look, also where nobody sends a request.

use std::collections::BTreeMap;
use std::time::Duration;

use bedrail_waf_rules::difference::Outcome;
use bedrail_waf_rules::life::{Fact, Observation, RuleSet, SiteId, SiteStage, Stage, State, Window};
use bedrail_waf_rules::replay::replay;
use bedrail_waf_rules::request::Request;
use jiff::Timestamp;

use crate::control::{Control, JudgeStatus, ProxyStatus, Route, SiteStatus};
use crate::desk::{Assembled, Desk, Settings, reports_as_candidate, reports_everywhere};
use crate::log::Sentence;
use crate::{RulesError, good};

/// A known-good request has this long.
const EACH: Duration = Duration::from_secs(5);

/// What the loop remembers between two looks.
#[derive(Debug, Default)]
pub struct Follow {
    counts: BTreeMap<String, SiteCounts>,
    failed: BTreeMap<String, u64>,
    /// Device failures and passed requests of each site while nothing was on trial.
    before: BTreeMap<String, (u64, u64)>,
    routed: Option<Route>,
    assembled: BTreeMap<String, Assembled>,
}

#[derive(Debug, Clone, Copy, Default)]
struct SiteCounts {
    requests: u64,
    blocked: u64,
    device_failed: u64,
}

/// The rule sets of the state as judges compile them.
#[derive(Debug, Default)]
struct Wanted {
    current: Option<Assembled>,
    previous: Option<Assembled>,
    candidate: Option<Assembled>,
    kept: Option<Assembled>,
}

impl Follow {
    /// One look: what was seen since the last one goes into the state, each site moves by its own clock, and the proxy routes as the state says.
    ///
    /// # Errors
    /// [`RulesError::Proxy`] when it is not there; the state stays as it was then. Others as of [`Desk`].
    pub fn tick(
        &mut self,
        desk: &Desk<'_>,
        proxy: &Control,
        now: Timestamp,
    ) -> Result<Vec<Sentence>, RulesError> {
        let mut said = self.bring_about(desk, proxy, now)?;
        let status = proxy.status()?;
        let state = desk.shelf.state()?;
        // A hundred sites take seconds: commands need not wait. What another rule set was seen to do changes nothing.
        let seen = desk.unlocked(|| self.look(desk, &state, &status, now))?;
        let observed = desk.take(&Fact::Observed(seen), now)?;
        let harmed = observed.iter().any(|it| it.alert);
        said.extend(observed);
        said.extend(desk.take(&Fact::Tick, now)?);
        if desk.shelf.state()? != state || harmed {
            said.extend(self.bring_about(desk, proxy, now)?);
        }
        Ok(said)
    }

    /// Has the proxy route as the state says.
    fn bring_about(
        &mut self,
        desk: &Desk<'_>,
        proxy: &Control,
        now: Timestamp,
    ) -> Result<Vec<Sentence>, RulesError> {
        let mut said = Vec::new();
        let status = proxy.status()?;
        let mut state = desk.shelf.state()?;
        let mut wanted = self.wanted(desk, &state, &status, now)?;
        if let Some(candidate) = &wanted.candidate
            && let Err(error) = load(proxy, &status, candidate)
        {
            let by = "the firewall".to_owned();
            said.extend(desk.take(&Fact::Rollback { by, reason: error.to_string() }, now)?);
            state = desk.shelf.state()?;
            wanted.candidate = None;
        }
        for set in [&wanted.current, &wanted.previous, &wanted.kept].into_iter().flatten() {
            load(proxy, &status, set)?;
        }
        let route = route(&state, &wanted, desk);
        let in_use: Vec<String> = route.names().into_iter().map(str::to_owned).collect();
        let there =
            |name: &String| status.judges.iter().any(|it| it.rule_set == *name && !it.roles.is_empty());
        if self.routed.as_ref() != Some(&route) || !in_use.iter().all(there) {
            // Without a rule set of ours, what the file of sites names goes on deciding.
            if !in_use.is_empty() || self.routed.is_some() {
                proxy.route(&route)?;
                if route.current.is_some() {
                    unload_others(proxy, &in_use)?;
                }
                desk.sweep(&in_use)?;
                self.assembled.retain(|_, it| in_use.contains(&it.name));
            }
            self.routed = Some(route);
        }
        Ok(said)
    }

    fn wanted(
        &mut self,
        desk: &Desk<'_>,
        state: &State,
        status: &ProxyStatus,
        now: Timestamp,
    ) -> Result<Wanted, RulesError> {
        let sites: Vec<SiteId> = status.sites.iter().filter_map(|it| SiteId::new(&it.key)).collect();
        let reports = reports_everywhere(state, &sites, now);
        let as_candidate = reports_as_candidate(state);
        let none = std::collections::BTreeSet::new();
        let mut one = |set: Option<&RuleSet>, reports: &std::collections::BTreeSet<u32>| {
            let Some(set) = set else { return Ok(None) };
            // Exclusions may have changed: the key has when their file did.
            let changed = std::fs::metadata(desk.settings.state.join("exclusions.json"))
                .and_then(|it| it.modified())
                .ok();
            let key = format!("{} {reports:?} {changed:?}", set.id);
            if let Some(known) = self.assembled.get(&key)
                && known.folder.is_dir()
            {
                return Ok(Some(known.clone()));
            }
            let made = desk.assembled(set, reports, now)?;
            self.assembled.insert(key, made.clone());
            Ok::<_, RulesError>(Some(made))
        };
        let on_sites = state.candidate.as_ref().filter(|it| it.stage == Stage::OnSites);
        Ok(Wanted {
            current: one(state.current.as_ref(), &reports)?,
            previous: one(state.previous.as_ref(), &none)?,
            candidate: one(on_sites.map(|it| &it.set), &as_candidate)?,
            kept: one(state.kept.values().next(), &none)?,
        })
    }

    /// What each site saw since the last look.
    fn look(
        &mut self,
        desk: &Desk<'_>,
        state: &State,
        status: &ProxyStatus,
        now: Timestamp,
    ) -> Result<Vec<Observation>, RulesError> {
        let wanted = self.wanted(desk, state, status, now)?;
        let judge = |set: &Option<Assembled>| {
            let name = &set.as_ref()?.name;
            status.judges.iter().find(|it| it.rule_set == *name)
        };
        let (current, previous, candidate) =
            (judge(&wanted.current), judge(&wanted.previous), judge(&wanted.candidate));
        let mut seen = Vec::new();
        for site in &status.sites {
            let Some(id) = SiteId::new(&site.key) else { continue };
            let since = self.since(site);
            let requests = good::of(&desk.settings.state, &site.key)?;
            let plan = desk.settings.plan.of(&id);
            if let (Some(set), Some(judge)) = (state.candidate.as_ref(), candidate) {
                let stage = set.sites.get(&id).map(|it| &it.stage);
                let mut window = compare(&site.key, &requests, current, judge);
                // In canary a share of the requests is its own; which ones is decided by the client, so the share is what is counted.
                let share = if matches!(stage, Some(SiteStage::Canary | SiteStage::Ready)) {
                    plan.canary_share
                } else {
                    100
                };
                window.requests = since.requests * u64::from(share) / 100;
                window.no_verdict += self.failed_since(judge);
                self.device(&mut window, site, since, false);
                seen.push(Observation { site: id.clone(), set: set.set.id.clone(), window });
            }
            if let (Some(set), Some(judge), true) = (&state.current, current, state.previous.is_some()) {
                let mut window = compare(&site.key, &requests, previous, judge);
                window.requests = since.requests;
                window.no_verdict += self.failed_since(judge);
                self.device(&mut window, site, since, false);
                seen.push(Observation { site: id.clone(), set: set.id.clone(), window });
            } else if state.candidate.is_none() {
                self.device(&mut Window::default(), site, since, true);
            }
        }
        self.failed = status.judges.iter().map(|it| (it.rule_set.clone(), it.failed)).collect();
        Ok(seen)
    }

    fn since(&mut self, site: &SiteStatus) -> SiteCounts {
        let now =
            SiteCounts { requests: site.requests, blocked: site.blocked, device_failed: site.device_failed };
        // The first look has nothing to compare with; after a restart of the proxy counts begin again.
        let before = self.counts.insert(site.key.clone(), now).unwrap_or(now);
        SiteCounts {
            requests: now.requests.saturating_sub(before.requests),
            blocked: now.blocked.saturating_sub(before.blocked),
            device_failed: now.device_failed.saturating_sub(before.device_failed),
        }
    }

    fn failed_since(&self, judge: &JudgeStatus) -> u64 {
        judge.failed.saturating_sub(self.failed.get(&judge.rule_set).copied().unwrap_or(judge.failed))
    }

    /// What the device did; `quiet`: nothing new is on trial, so it is what later looks are compared with.
    fn device(&mut self, window: &mut Window, site: &SiteStatus, since: SiteCounts, quiet: bool) {
        window.passed = since.requests.saturating_sub(since.blocked);
        window.attacks_stopped = since.blocked;
        window.upstream_errors = since.device_failed.min(window.passed);
        let before = self.before.entry(site.key.clone()).or_default();
        window.errors_before_percent = (before.0 * 100).checked_div(before.1).unwrap_or(0);
        if quiet {
            *before = (before.0 + window.upstream_errors, before.1 + window.passed);
        }
    }
}

/// Has known-good requests judged by two judges. Good is what the old one lets through; without an old one, all of them.
fn compare(site: &str, requests: &[Request], old: Option<&JudgeStatus>, new: &JudgeStatus) -> Window {
    let ask = |judge: &JudgeStatus| replay(&judge.socket, site, requests, EACH).ok();
    let outcomes = ask(new);
    let before = old.and_then(ask);
    let Some(outcomes) = outcomes else {
        // Nobody answers there: no verdict for any of them.
        return Window { no_verdict: requests.len() as u64, ..Window::default() };
    };
    let mut window = Window::default();
    for (index, outcome) in outcomes.iter().enumerate() {
        let was = before.as_ref().and_then(|it| it.get(index));
        if was.is_some_and(|it| it.stopped != Some(false)) {
            continue;
        }
        window.good += 1;
        match outcome.stopped {
            Some(true) => window.good_stopped += 1,
            Some(false) => {}
            None => window.no_verdict += 1,
        }
    }
    window.slow_ms = slow(&outcomes);
    window.slow_before_ms = before.as_deref().map_or(window.slow_ms, slow);
    window
}

/// 99 of 100 are faster, in milliseconds.
fn slow(outcomes: &[Outcome]) -> u64 {
    let mut times: Vec<u64> = outcomes.iter().map(|it| it.micros).collect();
    times.sort_unstable();
    let rank = (times.len() * 99).div_ceil(100);
    times.get(rank.saturating_sub(1)).copied().unwrap_or(0) / 1_000
}

fn load(proxy: &Control, status: &ProxyStatus, set: &Assembled) -> Result<(), RulesError> {
    let loaded = status.judges.iter().any(|it| it.rule_set == set.name);
    if loaded { Ok(()) } else { proxy.load(&set.name, &set.folder) }
}

fn unload_others(proxy: &Control, in_use: &[String]) -> Result<(), RulesError> {
    for judge in proxy.status()?.judges {
        if !in_use.contains(&judge.rule_set) {
            proxy.unload(&judge.rule_set)?;
        }
    }
    Ok(())
}

/// Who judges, by the state. A canary has the smallest share that the plans of its sites give; a site that has to stay on a newer
/// rule set after a step back is a canary of everything, and another one waits as long.
fn route(state: &State, wanted: &Wanted, desk: &Desk<'_>) -> Route {
    let name = |set: &Option<Assembled>| set.as_ref().map(|it| it.name.clone());
    let mut route =
        Route { current: name(&wanted.current), standby: name(&wanted.previous), ..Route::default() };
    if let Some(kept) = name(&wanted.kept) {
        let sites = state.kept.keys().map(|it| it.as_str().to_owned()).collect();
        route.canary = Some((kept, 100, sites));
    }
    let (Some(candidate), Some(set)) = (name(&wanted.candidate), &state.candidate) else { return route };
    let through = |stage: &SiteStage| matches!(stage, SiteStage::Canary | SiteStage::Ready);
    let sites: Vec<&SiteId> =
        set.sites.iter().filter(|(_, on)| through(&on.stage)).map(|(site, _)| site).collect();
    if route.canary.is_none()
        && let Some(share) = sites.iter().map(|site| desk.settings.plan.of(site).canary_share).min()
    {
        let keys = sites.iter().map(|it| it.as_str().to_owned()).collect();
        route.canary = Some((candidate.clone(), share, keys));
    }
    if sites.len() < set.sites.len()
        || set.sites.is_empty()
        || route.canary.as_ref().is_some_and(|it| it.0 != candidate)
    {
        route.shadow = Some(candidate);
    }
    route
}

/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// Looks every two seconds, in a thread of its own, until the program ends. What goes wrong is said once, until it goes well again.
pub fn in_background(
    settings: Settings,
    clock: impl Fn() -> Timestamp + Send + 'static,
    tell: impl Fn(&str) + Send + 'static,
) {
    std::thread::spawn(move || {
        let proxy = Control::new(&settings.state);
        let mut follow = Follow::default();
        let mut trouble = String::new();
        loop {
            std::thread::sleep(PAUSE);
            let looked = Desk::open(&settings).and_then(|desk| follow.tick(&desk, &proxy, clock()));
            match looked {
                Ok(said) => {
                    trouble.clear();
                    said.iter().for_each(|one| tell(&one.text));
                }
                // A command is at work; the next look is soon.
                Err(RulesError::Busy { .. }) => {}
                Err(error) => {
                    let text = error.to_string();
                    if text != trouble {
                        tell(&format!("rule sets: {text}"));
                        trouble = text;
                    }
                }
            }
        }
    });
}
