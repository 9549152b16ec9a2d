//! Our rules before the real engine, where it was built.

use std::collections::BTreeSet;

use bedrail_waf_rules::assemble::{Profile, assemble};
use bedrail_waf_rules::conf;
use bedrail_waf_rules::exclusion::{SiteExclusion, generate};
use bedrail_waf_rules::hospital;
use bedrail_waf_rules::life::SiteId;
use bedrail_waf_rules::patches::FAMILIES;
use bedrail_waf_rules::request::Request;
use bedrail_waf_rules::suite;
use bedrail_waf_rules::tree::{Limits, Tree};

use crate::judge::{Judge, core_rule_set, debian_rule_set, engine};
use crate::kit::{at, now};

fn built(base: Option<&Tree>, profile: Profile) -> Tree {
    assemble(base, profile, "", &BTreeSet::new(), &Limits::default()).expect("assembled")
}

#[test]
fn our_rules_alone_stop_every_probe_and_no_plain_page() {
    let Some(engine) = engine() else { return };
    let judge = Judge::start(&engine, &built(None, Profile::Plain));
    for family in FAMILIES {
        let (_, missed) = judge.sort(&family.probes());
        assert!(missed.is_empty(), "{}: {missed:#?}", family.key);
    }
    let (stopped, _) = judge.sort(&suite::plain());
    assert!(stopped.is_empty(), "{stopped:#?}");
}

#[test]
fn with_the_hospital_profile_every_attack_of_the_suite_is_stopped() {
    let (Some(engine), Some(crs)) = (engine(), core_rule_set("4.28.0")) else { return };
    let judge = Judge::start(&engine, &built(Some(&crs), Profile::Hospital));
    let (_, missed) = judge.sort(&suite::attacks());
    assert!(missed.is_empty(), "{missed:#?}");
    let (stopped, _) = judge.sort(&suite::plain());
    assert!(stopped.is_empty(), "{stopped:#?}");
}

/// v4.27.0 looks at the text of XML only; the profile has its rules look at attributes, where FHIR has its values.
#[test]
fn with_the_release_before_and_the_profile_every_attack_of_the_suite_is_stopped() {
    let (Some(engine), Some(crs)) = (engine(), core_rule_set("4.27.0")) else { return };
    let judge = Judge::start(&engine, &built(Some(&crs), Profile::Hospital));
    let (_, missed) = judge.sort(&suite::attacks());
    assert!(missed.is_empty(), "{missed:#?}");
    let (stopped, _) = judge.sort(&suite::plain());
    assert!(stopped.is_empty(), "{stopped:#?}");
    let rows = hospital::exclusions().expect("the table");
    let attacks: Vec<Request> = rows.iter().map(|row| row.stopped.clone()).collect();
    assert_eq!(judge.sort(&attacks).1, Vec::<String>::new(), "passed, and should be stopped");
}

#[test]
fn debians_rule_set_with_our_rules_stops_every_probe() {
    let (Some(engine), Some(crs)) = (engine(), debian_rule_set()) else { return };
    let judge = Judge::start(&engine, &built(Some(&crs), Profile::Hospital));
    for family in FAMILIES {
        let (_, missed) = judge.sort(&family.probes());
        assert!(missed.is_empty(), "{}: {missed:#?}", family.key);
    }
    let (stopped, _) = judge.sort(&suite::plain());
    assert!(stopped.is_empty(), "{stopped:#?}");
}

/// Every row of the table: its request passes, its attack is stopped; and the request is one that the row is needed for.
#[test]
fn every_exclusion_has_its_reason_and_its_guard() {
    let (Some(engine), Some(crs)) = (engine(), core_rule_set("4.28.0")) else { return };
    let judge = Judge::start(&engine, &built(Some(&crs), Profile::Hospital));
    let rows = hospital::exclusions().expect("the table");
    let passes: Vec<Request> = rows.iter().map(|row| row.passes.clone()).collect();
    let attacks: Vec<Request> = rows.iter().map(|row| row.stopped.clone()).collect();
    assert_eq!(judge.sort(&passes).0, Vec::<String>::new(), "stopped, and should pass");
    assert_eq!(judge.sort(&attacks).1, Vec::<String>::new(), "passed, and should be stopped");
    let stock = Judge::start(&engine, &crs);
    let passes_anyway = stock.sort(&passes).1;
    assert_eq!(passes_anyway, Vec::<String>::new(), "no exclusion is needed for these");
}

fn exclusion(site: &str) -> SiteExclusion {
    SiteExclusion {
        site: SiteId::new(site).expect("a site"),
        rules: vec![942_100, 942_190, 942_270, 942_360],
        target: "ARGS:note".to_owned(),
        path: Some("/notes".to_owned()),
        method: Some("POST".to_owned()),
        reason: "the note of the ward has SQL in it".to_owned(),
        author: "Ada".to_owned(),
        expires: at("2027-01-01T00:00:00Z"),
    }
}

#[test]
fn an_exclusion_holds_at_its_site_path_method_and_parameter_only() {
    let (Some(engine), Some(crs)) = (engine(), core_rule_set("4.28.0")) else { return };
    let many = (0..100).map(|index| exclusion(&format!("site-{index}"))).collect::<Vec<_>>();
    let generated = generate(&many, now()).expect("rules");
    assert!(generated.left_out.is_empty());
    let rules = assemble(Some(&crs), Profile::Plain, &generated.text, &BTreeSet::new(), &Limits::default());
    let judge = Judge::start(&engine, &rules.expect("assembled"));
    let attack = "note=1%27+UNION+SELECT+a+FROM+b--+-";
    let post = |path: &str, body: &str| {
        Request::new("", "POST", path).body("application/x-www-form-urlencoded", body)
    };
    let stopped = |site: &str, request: Request| judge.judge(site, &[request])[0].stopped;
    assert_eq!(stopped("site-7", post("/notes", attack)), Some(false));
    assert_eq!(stopped("site-99", post("/notes", attack)), Some(false));
    assert_eq!(stopped("other", post("/notes", attack)), Some(true));
    assert_eq!(stopped("site-7", post("/notes/2", attack)), Some(true));
    assert_eq!(stopped("site-7", post("/notes", &attack.replace("note=", "text="))), Some(true));
    assert_eq!(stopped("site-7", Request::new("", "GET", format!("/notes?{attack}"))), Some(true));
    // A virtual patch is never excluded with it.
    assert_eq!(stopped("site-7", post("/notes", "note=%24%7Bjndi:ldap://x%7D")), Some(true));
}

#[test]
fn rules_that_only_report_do_not_stop() {
    let (Some(engine), Some(crs)) = (engine(), core_rule_set("4.28.0")) else { return };
    let attack = [Request::new("a path in a parameter", "GET", "/?file=%2Fetc%2Fpasswd")];
    let loud = Judge::start(&engine, &built(Some(&crs), Profile::Plain)).judge("test", &attack);
    assert_eq!(loud[0].stopped, Some(true));
    let quiet: BTreeSet<u32> =
        loud[0].rules.iter().copied().filter(|rule| (910_000..949_000).contains(rule)).collect();
    assert!(!quiet.is_empty());
    let rules = assemble(Some(&crs), Profile::Plain, "", &quiet, &Limits::default()).expect("assembled");
    conf::vet(&rules).expect("still a rule set");
    let outcome = &Judge::start(&engine, &rules).judge("test", &attack)[0];
    assert_eq!(outcome.stopped, Some(false));
    assert!(quiet.iter().all(|rule| outcome.rules.contains(rule)), "{:?} of {quiet:?}", outcome.rules);
}

/// A signed rule set that stops the start page: compiled, and seen by the test of plain requests.
#[test]
fn a_rule_set_that_stops_the_start_page_is_seen() {
    let Some(engine) = engine() else { return };
    let rules = "SecRule REQUEST_URI \"@streq /\" \"id:100001,phase:1,deny,status:403,log\"\n";
    let judge = Judge::start(&engine, &crate::kit::small_with("4.28.0", rules));
    let (stopped, _) = judge.sort(&suite::plain());
    assert_eq!(stopped, ["GET /", "HEAD /"]);
}
