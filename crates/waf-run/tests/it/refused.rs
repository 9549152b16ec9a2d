//! What is rejected before it decides anything.

use bedrail_waf_rules::assemble::Profile;
use bedrail_waf_run::update::{Promotion, promote, rollback};

use crate::kit::{Kit, core_rule_set, later, start};

const STOPS_THE_START_PAGE: &str =
    "SecRule REQUEST_URI \"@streq /\" \"id:100001,phase:1,deny,status:403,log\"\n";

#[test]
fn a_rule_set_that_stops_the_start_page_is_rejected_by_the_tests() {
    let (Some(kit), Some(tree)) = (Kit::new(Profile::Hospital), core_rule_set("4.28.0")) else { return };
    let updated = kit.update(&tree, STOPS_THE_START_PAGE, start());
    assert_eq!(updated.candidate, None);
    let last = updated.said.last().unwrap();
    assert!(last.alert && last.text.contains("stops plain requests: GET /"), "{last:?}");
    assert_eq!(kit.get("/", 1), 200);
    let log = std::fs::read_to_string(kit.settings.state.join("rules.log")).unwrap();
    assert_eq!(log.lines().count(), updated.said.len());
}

#[test]
fn a_rule_set_that_does_not_compile_is_rejected_with_the_words_of_the_engine() {
    let (Some(kit), Some(tree)) = (Kit::new(Profile::Hospital), core_rule_set("4.28.0")) else { return };
    let bad = "SecRule NO_SUCH_VARIABLE \"@rx x\" \"id:100001,phase:2,deny,status:403,log\"\n";
    let updated = kit.update(&tree, bad, start());
    assert_eq!(updated.candidate, None);
    let last = updated.said.last().unwrap();
    assert!(last.alert && last.text.contains("it does not compile"), "{last:?}");
}

/// A rule set without its rules for SQL.
#[test]
fn a_rule_set_that_misses_attacks_is_rejected() {
    let (Some(kit), Some(tree)) = (Kit::new(Profile::Hospital), core_rule_set("4.28.0")) else { return };
    let blind = "SecRuleRemoveByTag \"attack-sqli\"\n";
    let updated = kit.update(&tree, blind, start());
    assert_eq!(updated.candidate, None);
    let last = updated.said.last().unwrap();
    assert!(last.alert && last.text.contains("does not stop attacks of our suite"), "{last:?}");
}

#[test]
fn nobody_decides_without_a_name_and_nothing_is_promoted_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let settings = bedrail_waf_run::desk::Settings {
        state: folder.path().to_owned(),
        engine: "none".into(),
        profile: Profile::Plain,
        plan: crate::kit::plan(),
        own_tests: None,
    };
    let desk = bedrail_waf_run::desk::Desk::open(&settings).unwrap();
    let words = |it: Result<_, bedrail_waf_run::RulesError>| {
        let said: Vec<bedrail_waf_run::log::Sentence> = Vec::new();
        it.map_or_else(
            |error| error.to_string(),
            |_: Vec<bedrail_waf_run::log::Sentence>| format!("{said:?}"),
        )
    };
    assert!(words(promote(&desk, &Promotion::Every, " ", later(1))).contains("--by"));
    assert!(
        words(promote(&desk, &Promotion::Every, "A. Person", later(1))).contains("no rule set is on its way")
    );
    assert!(words(rollback(&desk, "A. Person", "why", later(1))).contains("nothing is on its way"));
    // One at a time.
    let second = bedrail_waf_run::desk::Desk::open(&settings).unwrap_err();
    assert!(second.to_string().contains("another command is at work"), "{second}");
}
