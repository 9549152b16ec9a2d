//! Prints the table of docs/waf-rules.md: `rules_table`, with the engine built and the shared data at hand.
#![expect(clippy::print_stdout, reason = "this is what it is for")]

#[path = "../tests/it/judge.rs"]
mod judge;

use std::collections::BTreeSet;

use bedrail_waf_rules::assemble::{Profile, assemble};
use bedrail_waf_rules::request::Request;
use bedrail_waf_rules::suite;
use bedrail_waf_rules::traffic::{Half, generate};
use bedrail_waf_rules::tree::{Limits, Tree};

fn main() {
    let (Some(engine), Some(crs)) = (judge::engine(), judge::core_rule_set("4.28.0")) else { return };
    let built = |base: Option<&Tree>, profile| {
        assemble(base, profile, "", &BTreeSet::new(), &Limits::default()).expect("assembled")
    };
    let mut sets = vec![
        ("stock CRS 4.28.0", crs.clone()),
        ("CRS 4.28.0, our rules", built(Some(&crs), Profile::Plain)),
        ("CRS 4.28.0, our rules, hospital profile", built(Some(&crs), Profile::Hospital)),
        ("our rules alone", built(None, Profile::Plain)),
    ];
    if let Some(debian) = judge::debian_rule_set() {
        sets.push(("Debian's CRS 3.3, stock", debian.clone()));
        sets.push(("Debian's CRS 3.3, our rules, hospital profile", built(Some(&debian), Profile::Hospital)));
    }
    println!(
        "| rule set | held-back half passes | tuning half passes | attacks stopped | plain pages pass | small GET |"
    );
    println!("|---|---|---|---|---|---|");
    let (held, tuning) = (generate(7, Half::HeldBack, 1_200), generate(7, Half::Tuning, 1_200));
    for (name, rules) in sets {
        let judge = judge::Judge::start(&engine, &rules);
        let passed = |requests: &[_]| format!("{} of {}", judge.sort(requests).1.len(), requests.len());
        let attacks = suite::attacks();
        let stopped = judge.sort(&attacks).0.len();
        let (held, tuning, plain) = (passed(&held), passed(&tuning), passed(&suite::plain()));
        let gets = vec![Request::new("small GET", "GET", "/patients?name=garcia&page=2"); 201];
        let mut times: Vec<u64> = judge.judge("test", &gets).iter().map(|outcome| outcome.micros).collect();
        times.sort_unstable();
        let middle = times[100];
        println!("| {name} | {held} | {tuning} | {stopped} of {} | {plain} | {middle} µs |", attacks.len());
    }
}
