//! The stages, as a table of facts and what they lead to.

use bedrail_waf_rules::life::{
    Compiled, Fact, Observation, Plan, Said, SiteId, SitePlan, SiteStage, State, Tested, Window, step,
};
use bedrail_waf_rules::tree::{Limits, Tree};
use bedrail_waf_rules::trust::{self, Pin, PinnedKey, Trusted};
use jiff::{Timestamp, ToSpan};

use crate::kit::{Throwaway, at, now, release, small};

/// A state that is led along, and everything that was said.
struct Story {
    state: State,
    plan: Plan,
    now: Timestamp,
    said: Vec<Said>,
}

impl Story {
    fn new() -> Story {
        Story { state: State::default(), plan: Plan::default(), now: now(), said: Vec::new() }
    }

    fn learn(&mut self, fact: &Fact<'_>) -> &mut Story {
        let next = step(&self.state, fact, &self.plan, self.now);
        assert!(next.said.iter().all(|said| !said.text.is_empty()));
        if next.state != self.state && !matches!(fact, Fact::Observed(_) | Fact::Tick) {
            assert!(!next.said.is_empty(), "a change without a sentence: {fact:?}");
        }
        self.said = next.said;
        self.state = next.state;
        self
    }

    fn later(&mut self, seconds: i64) -> &mut Story {
        self.now = self.now.checked_add(seconds.seconds()).expect("a time");
        self
    }

    fn heard(&self) -> String {
        self.said.iter().map(|said| said.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    fn alerted(&self) -> bool {
        self.said.iter().any(|said| said.alert)
    }

    fn current(&self) -> &str {
        self.state.current.as_ref().map_or("none", |set| set.id.as_str())
    }

    /// From trusted to shadow.
    fn reach_sites(&mut self, version: &str, rules: &[u32]) -> &mut Story {
        self.learn(&Fact::Trusted(&trusted(&small(version))));
        self.learn(&Fact::Compiled(compiled(rules)));
        self.learn(&Fact::Tested(good_tests()))
    }

    fn see(&mut self, site: &str, window: Window) -> &mut Story {
        let set = match &self.state.candidate {
            Some(candidate) => candidate.set.id.clone(),
            None => self.state.current.as_ref().expect("a rule set").id.clone(),
        };
        self.learn(&Fact::Observed(vec![Observation { site: site_id(site), set, window }]))
    }

    fn stage(&self, site: &str) -> SiteStage {
        self.state.candidate.as_ref().expect("a candidate").sites[&site_id(site)].stage.clone()
    }

    /// Through all stages at one site.
    fn reach_current(&mut self, version: &str, rules: &[u32]) -> &mut Story {
        self.reach_sites(version, rules).see("ct-1", calm(300)).later(24 * 3600).learn(&Fact::Tick);
        self.see("ct-1", calm(300)).later(4 * 3600).learn(&Fact::Tick)
    }
}

fn site_id(name: &str) -> SiteId {
    SiteId::new(name).expect("a site")
}

/// A quiet time with so many requests, all good.
fn calm(requests: u64) -> Window {
    Window { requests, good: requests, passed: requests, slow_ms: 2, slow_before_ms: 2, ..Window::default() }
}

fn trusted(tree: &Tree) -> Trusted {
    thread_local! { static KEY: Throwaway = Throwaway::new("life"); }
    KEY.with(|key| {
        let pin: Pin = key.fingerprint().parse().expect("a fingerprint");
        let pinned = PinnedKey::read(&key.public(), &pin).expect("the key");
        let archive = release(tree);
        let signature = key.sign(&archive, at("2026-11-01T00:00:00Z"), 0);
        trust::release(&archive, Some(&signature), &pinned, None, &Limits::default(), now()).expect("trusted")
    })
}

fn compiled(rules: &[u32]) -> Compiled {
    Compiled { rules: rules.to_vec(), time_ms: 100, memory_bytes: 54 << 20, error: None }
}

fn good_tests() -> Tested {
    Tested {
        own: (4980, 4985),
        own_before: Some((4715, 4720)),
        replayed: 10_000,
        slowest_ms: 20,
        ..Tested::default()
    }
}

#[test]
fn a_rule_set_goes_through_every_stage() {
    let mut story = Story::new();
    let received = "ab".to_owned();
    story.learn(&Fact::Fetched { received, from: "https://mirror.example/".to_owned() });
    assert!(story.heard().contains("not yet checked"));
    story.learn(&Fact::Trusted(&trusted(&small("4.27.0"))));
    assert!(story.heard().contains("is signed by"));
    assert!(story.state.fetched.is_none());
    story.learn(&Fact::Compiled(compiled(&[1, 2])));
    assert!(story.heard().contains("compiled: 2 rules"));
    story.learn(&Fact::Tested(good_tests()));
    assert!(story.heard().contains("goes into shadow"));
    assert_eq!(story.current(), "none");

    story.see("ct-1", calm(150));
    assert!(story.heard().contains("in shadow at ct-1"));
    story.later(24 * 3600).learn(&Fact::Tick);
    assert!(story.heard().contains("150 of 200 requests seen"), "{}", story.heard());
    story.learn(&Fact::Tick);
    assert_eq!(story.heard(), "", "said once");
    story.see("ct-1", calm(50)).learn(&Fact::Tick);
    assert!(story.heard().contains("decides 10 of 100 requests at ct-1"), "{}", story.heard());
    assert_eq!(story.stage("ct-1"), SiteStage::Canary);
    story.see("ct-1", calm(100)).later(4 * 3600 - 1).learn(&Fact::Tick);
    assert_eq!(story.stage("ct-1"), SiteStage::Canary);
    story.later(1).learn(&Fact::Tick);
    assert!(story.current().starts_with("4.27.0-"), "{}", story.heard());
    assert!(!story.alerted());
}

#[test]
fn each_site_has_its_own_clock_and_the_slowest_decides() {
    let mut story = Story::new();
    let slow = SitePlan { shadow: 48 * 3600, ..SitePlan::default() };
    story.plan.sites.insert(site_id("mri"), slow);
    story.reach_sites("4.28.0", &[1]);
    story.see("ct-1", calm(300)).see("mri", calm(300)).later(24 * 3600).learn(&Fact::Tick);
    assert_eq!(story.stage("ct-1"), SiteStage::Canary);
    assert_eq!(story.stage("mri"), SiteStage::Shadow);
    story.see("ct-1", calm(300)).later(24 * 3600).learn(&Fact::Tick);
    assert_eq!(story.stage("ct-1"), SiteStage::Ready);
    assert_eq!(story.stage("mri"), SiteStage::Canary);
    assert_eq!(story.current(), "none");
    story.see("mri", calm(300)).later(4 * 3600).learn(&Fact::Tick);
    assert!(story.current().starts_with("4.28.0-"));
}

#[test]
fn a_quiet_site_holds_nothing_up_for_ever_unless_its_plan_says_so() {
    let mut story = Story::new();
    story.reach_sites("4.28.0", &[1]).see("pump", calm(0)).later(7 * 24 * 3600).learn(&Fact::Tick);
    assert_eq!(story.stage("pump"), SiteStage::Canary);

    let mut waiting = Story::new();
    waiting.plan.site.quiet = None;
    waiting.reach_sites("4.28.0", &[1]).see("pump", calm(0)).later(300 * 24 * 3600).learn(&Fact::Tick);
    assert_eq!(waiting.stage("pump"), SiteStage::Shadow);
    waiting.learn(&Fact::Promote { by: "Ada".to_owned() });
    assert!(waiting.heard().contains("Ada promoted it"), "{}", waiting.heard());
}

#[test]
fn what_fails_a_stage_is_rejected_and_the_old_one_goes_on() {
    let too_slow = Compiled { time_ms: 10_001, ..compiled(&[1]) };
    let too_large = Compiled { memory_bytes: 513 << 20, ..compiled(&[1]) };
    let broken = Compiled { error: Some("line 3: no such operator".to_owned()), ..compiled(&[]) };
    let blocks_root = Tested { plain_stopped: vec!["GET /".to_owned()], ..good_tests() };
    let misses = Tested { attacks_missed: vec!["log4shell in User-Agent".to_owned()], ..good_tests() };
    let catastrophic = Tested { slowest_ms: 2_001, ..good_tests() };
    let harms = Tested { new_blocks: 11, ..good_tests() };
    let regressed = Tested { own: (4900, 4985), ..good_tests() };
    let table: Vec<(Result<Compiled, Tested>, &str)> = vec![
        (Ok(too_slow), "compiling took 10001 ms"),
        (Ok(too_large), "513 MB of memory"),
        (Ok(broken), "no such operator"),
        (Ok(compiled(&[])), "no rule"),
        (Err(blocks_root), "stops plain requests: GET /"),
        (Err(misses), "does not stop attacks of our suite: log4shell in User-Agent"),
        (Err(catastrophic), "took 2001 ms to judge"),
        (Err(harms), "stops 11 of 10000 recorded good requests"),
        (Err(regressed), "4900 of 4985 of its own tests"),
    ];
    for (outcome, expected) in table {
        let mut story = Story::new();
        story.reach_current("4.27.0", &[1]);
        story.learn(&Fact::Trusted(&trusted(&small("4.28.0"))));
        match outcome {
            Ok(compiled) => story.learn(&Fact::Compiled(compiled)),
            Err(tested) => story.learn(&Fact::Compiled(compiled(&[1]))).learn(&Fact::Tested(tested)),
        };
        assert!(story.heard().contains(expected), "{}", story.heard());
        assert!(story.heard().contains("4.27.0-") && story.heard().contains("goes on deciding"));
        assert!(story.alerted());
        assert!(story.state.candidate.is_none() && story.current().starts_with("4.27.0-"));
        story.learn(&Fact::Trusted(&trusted(&small("4.28.0"))));
        assert!(story.heard().contains("is not tried again"), "{}", story.heard());
    }
    let mut within = Story::new();
    within.learn(&Fact::Trusted(&trusted(&small("4.28.0")))).learn(&Fact::Compiled(compiled(&[1])));
    within.learn(&Fact::Tested(Tested { new_blocks: 10, slowest_ms: 2_000, ..good_tests() }));
    assert!(!within.alerted(), "exactly at the limits it passes: {}", within.heard());
}

#[test]
fn harm_brings_the_old_set_back_and_a_flood_of_attacks_does_not() {
    let flood = Window { requests: 100_000, good: 50, attacks_stopped: 99_950, passed: 50, ..calm(100_000) };
    let good = Window { good: 50, good_stopped: 3, ..calm(100) };
    let errors = Window { passed: 100, upstream_errors: 8, errors_before_percent: 2, ..calm(100) };
    let errors_as_before =
        Window { passed: 100, upstream_errors: 40, errors_before_percent: 40, ..calm(100) };
    let few_errors = Window { passed: 10, upstream_errors: 10, ..calm(10) };
    let slow = Window { slow_ms: 253, ..calm(100) };
    let gone = Window { no_verdict: 11, ..calm(100) };
    let table = [
        ("flood", flood, None),
        ("two good ones stopped", Window { good_stopped: 2, ..calm(100) }, None),
        ("errors as before", errors_as_before, None),
        ("too few to judge", few_errors, None),
        ("good stopped", good, Some("stops 3 of 50 known-good")),
        (
            "good stopped within a flood",
            Window { good_stopped: 3, ..flood },
            Some("stops 3 of 50 known-good"),
        ),
        ("errors", errors, Some("8 of 100 requests with errors, before it was 2 of 100")),
        ("slow", slow, Some("judging takes 253 ms")),
        ("no verdicts", gone, Some("no verdict for 11 of 100")),
    ];
    for (name, window, expected) in table {
        let mut story = Story::new();
        story.reach_current("4.27.0", &[1]).reach_current("4.28.0", &[1, 2]);
        story.later(5).see("ct-1", window);
        match expected {
            None => assert!(
                story.current().starts_with("4.28.0-") && !story.alerted(),
                "{name}: {}",
                story.heard()
            ),
            Some(text) => {
                assert!(story.heard().contains(text), "{name}: {}", story.heard());
                assert!(story.heard().contains("5 s after it became current"), "{name}: {}", story.heard());
                assert!(story.alerted() && story.current().starts_with("4.27.0-"), "{name}");
                // One step back and no more, said once.
                story.later(5).see("ct-1", window);
                assert!(story.heard().contains("no older one to go back to"), "{name}: {}", story.heard());
                assert!(story.current().starts_with("4.27.0-"));
                story.later(5).see("ct-1", window);
                assert_eq!(story.heard(), "", "{name}");
            }
        }
    }
}

#[test]
fn harm_in_shadow_or_canary_rejects_the_candidate() {
    let mut shadow = Story::new();
    shadow.reach_current("4.27.0", &[1]).reach_sites("4.28.0", &[1, 2]);
    // In shadow the answers of the device are not its doing.
    shadow.see("ct-1", Window { passed: 100, upstream_errors: 90, ..calm(100) });
    assert!(shadow.state.candidate.is_some());
    shadow.see("ct-1", Window { good_stopped: 3, ..calm(100) });
    assert!(shadow.state.candidate.is_none() && shadow.alerted(), "{}", shadow.heard());

    let mut canary = Story::new();
    canary.reach_current("4.27.0", &[1]).reach_sites("4.28.0", &[1, 2]);
    canary.see("ct-1", calm(300)).later(24 * 3600).learn(&Fact::Tick);
    canary.see("ct-1", Window { passed: 100, upstream_errors: 90, ..calm(100) });
    assert!(canary.heard().contains("4.27.0-") && canary.state.candidate.is_none(), "{}", canary.heard());
}

#[test]
fn new_rules_report_only_for_their_time() {
    let mut story = Story::new();
    story.reach_current("4.27.0", &[1, 2]).reach_current("4.28.0", &[2, 3, 4]);
    let site = site_id("ct-1");
    assert_eq!(story.state.reports_only(&site, story.now).into_iter().collect::<Vec<_>>(), [3, 4]);
    story.later(7 * 24 * 3600 - 1);
    assert_eq!(story.state.reports_only(&site, story.now).len(), 2);
    story.later(1).learn(&Fact::Tick);
    assert!(story.state.reports_only(&site, story.now).is_empty());
    assert!(story.state.report_only.is_empty());
}

#[test]
fn a_virtual_patch_is_never_dropped() {
    let site = site_id("ct-1");
    let patch =
        || Fact::PatchTaken { patch: "CVE-2021-44228".to_owned(), site: site.clone(), rules: vec![3] };
    let mut story = Story::new();
    story.reach_current("4.27.0", &[1, 2]);
    story.learn(&patch());
    assert!(story.heard().contains("cannot be shielded") && story.alerted());

    story.reach_current("4.28.0", &[1, 2, 3]).learn(&patch());
    assert!(story.heard().contains("it is not fixed"), "{}", story.heard());
    // It decides at once, although its rule is new.
    assert!(story.state.reports_only(&site, story.now).is_empty());

    // A newer set without the rule is refused.
    let mut newer = Story { state: story.state.clone(), ..Story::new() };
    newer.learn(&Fact::Trusted(&trusted(&small("4.29.0")))).learn(&Fact::Compiled(compiled(&[1, 2])));
    assert!(newer.heard().contains("a virtual patch is never dropped"), "{}", newer.heard());

    // A step back leaves the site where its shield is.
    story.learn(&Fact::Rollback { by: "Ada".to_owned(), reason: "too many questions".to_owned() });
    assert!(story.current().starts_with("4.27.0-"));
    assert!(
        story.state.decides(&site).is_some_and(|set| set.id.as_str().starts_with("4.28.0-")),
        "{}",
        story.heard()
    );
    assert!(story.state.decides(&site_id("mri")).is_some_and(|set| set.id.as_str().starts_with("4.27.0-")));
    assert_eq!(story.state.named().len(), 2, "both folders stay");
    let ended =
        Fact::PatchEnded { patch: "CVE-2021-44228".to_owned(), site: site.clone(), by: "Ada".to_owned() };
    story.learn(&ended);
    assert!(
        story.state.decides(&site).is_some_and(|set| set.id.as_str().starts_with("4.27.0-")),
        "{}",
        story.heard()
    );
}

#[test]
fn refusals_and_facts_without_a_place_change_nothing_that_decides() {
    let mut story = Story::new();
    story.reach_current("4.27.0", &[1]);
    let before = story.state.current.clone();
    story.learn(&Fact::Fetched { received: "cd".to_owned(), from: "bundle".to_owned() });
    story.learn(&Fact::Refused { reason: "no signature".to_owned() });
    assert!(story.alerted() && story.state.rejected.last().is_some_and(|rejected| rejected.what == "cd"));
    for fact in [
        Fact::Compiled(compiled(&[9])),
        Fact::Tested(good_tests()),
        Fact::Promote { by: "Ada".to_owned() },
        Fact::Tick,
    ] {
        story.learn(&fact);
        assert_eq!(story.state.current, before);
    }
    // Nothing older than what was ever trusted, also after a step back.
    story
        .reach_current("4.28.0", &[1])
        .learn(&Fact::Rollback { by: "Ada".to_owned(), reason: "x".to_owned() });
    assert_eq!(story.state.held().expect("held").version.to_string(), "4.28.0");
    // A candidate that nobody tests is given up.
    story.learn(&Fact::Trusted(&trusted(&small("4.28.1")))).later(30 * 24 * 3600 + 1).learn(&Fact::Tick);
    assert!(story.heard().contains("waited too long"), "{}", story.heard());
}
