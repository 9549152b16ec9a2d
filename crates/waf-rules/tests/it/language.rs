//! The rule language: what is read of it, what a rule set may not do.

use std::path::PathBuf;

use bedrail_waf_rules::conf::{self, Rule, regexes};
use bedrail_waf_rules::tree::{self, Limits};
use bedrail_waf_rules::trust::core_rule_set_version;

use crate::kit::small_with;

fn rule(text: &str) -> Rule {
    let found = conf::directives("a.conf", text).expect("directives");
    Rule::read(&found[0]).expect("a rule")
}

#[test]
fn a_rule_is_read_with_its_quotes_commas_and_continued_lines() {
    let rule = rule(
        "SecRule ARGS|!ARGS:a \\\n    \"!@rx a\\\"b,c\" \\\n    \"id:942100,\\\n    phase:request,msg:'one, two',tag:'x',tag:'y',t:none\"\n",
    );
    assert_eq!((rule.id, rule.phase, rule.operator.as_str()), (942_100, 2, "rx"));
    assert_eq!(rule.variables, "ARGS|!ARGS:a");
    assert_eq!(rule.argument, "a\"b,c");
    assert_eq!(rule.action("msg"), Some("one, two"));
    assert_eq!(rule.tags().collect::<Vec<_>>(), ["x", "y"]);
}

#[test]
fn rule_sets_may_not_reach_outside() {
    let table = [
        ("Include /etc/passwd", "no directive that a rule set may use"),
        ("SecRuleEngine Off", "no directive that a rule set may use"),
        ("SecRequestBodyAccess Off", "no directive that a rule set may use"),
        ("SecRemoteRules key https://example.invalid/", "no directive that a rule set may use"),
        ("SecAuditLog /tmp/a", "no directive that a rule set may use"),
        ("SecRule ARGS \"@inspectFile /bin/a\" \"id:1,phase:2\"", "reaches outside of the engine"),
        ("SecRule ARGS \"@rbl example.invalid\" \"id:1,phase:2\"", "reaches outside of the engine"),
        ("SecRule ARGS \"@rx a\" \"id:1,phase:2,exec:/bin/a\"", "the action `exec`"),
        ("SecRule ARGS \"@rx a\" \"id:1,phase:2,redirect:http://a\"", "the action `redirect`"),
        ("SecAction \"id:1,phase:1,ctl:ruleEngine=Off\"", "switches inspection off"),
        ("SecAction \"id:1,phase:1,ctl:RequestBodyAccess=Off\"", "switches inspection off"),
        ("SecRule ARGS \"@pmFromFile ../../etc/passwd\" \"id:1,phase:2\"", "is not beside the rule file"),
        ("SecRule ARGS \"@pmFromFile missing.data\" \"id:1,phase:2\"", "is not beside the rule file"),
        ("SecAction \"id:7,phase:1\"\nSecAction \"id:7,phase:1\"", "rule 7 is already there"),
        ("SecRule ARGS \"@rx (a+)+$\" \"id:1,phase:2\"", "grows exponentially"),
        ("SecRule ARGS \"@RX (a+)+$\" \"id:1,phase:2\"", "grows exponentially"),
        // libmodsecurity 3.0.9 takes these without a word.
        ("SecRule ARGS \"@rx (\" \"id:1,phase:2\"", "is no regular expression: a group has no end"),
        ("SecRule ARGS \"(?=a)[\" \"id:1,phase:2\"", "is no regular expression: a class has no end"),
        ("SecRule ARGS \"!@rxGlobal *\" \"id:1,phase:2\"", "has nothing to repeat"),
        ("SecRule ARGS|ARGS_NAMES:/(a/ \"@rx a\" \"id:1,phase:2\"", "a group has no end"),
        (
            "SecRule ARGS \"@rx a\" \"id:1,phase:2,chain\"\n    SecRule ARGS \"@rx )\"",
            "a group ends that did not begin",
        ),
        ("SecRule ARGS \"@rx a", "a quote has no end"),
    ];
    for (text, expected) in table {
        let refused = conf::vet(&small_with("4.28.0", text)).expect_err(text);
        assert!(refused.reason.contains(expected), "{text}: {refused}");
        assert_eq!(refused.file, "rules/REQUEST-901-INITIALIZATION.conf");
        assert!(refused.line >= 3, "{refused}");
    }
    let fine = "SecRule ARGS \"@pmFromFile words.data\" \"id:1,phase:2\"\n# Include /etc/passwd\n";
    conf::vet(&small_with("4.28.0", fine)).expect("nothing wrong");
}

#[test]
fn expressions_whose_time_grows_without_bound_are_found() {
    for bad in ["(a+)+$", "(?:a*)*b", "(\\w+\\s?)*$", "^(([a-z])+.)+[A-Z]([a-z])+$", "((a+b?)*)c"] {
        // The fourth is exponential only by way of its dot, which this simple test does not see.
        let found = regexes::vet(bad).is_err();
        assert_eq!(found, bad != "^(([a-z])+.)+[A-Z]([a-z])+$", "{bad}");
    }
    for good in ["(?:a+b)+", "[a-z]+[0-9]+", "(?:ab|cd)*", "a{1,3}(?:b,)*", "(?=a)b", "(?:/[^/]+)*"] {
        regexes::vet(good).expect(good);
    }
}

/// The real rule sets, where they are at hand.
#[test]
fn the_core_rule_set_passes() {
    let shared = std::env::var_os("BEDRAIL_SHARED").map(PathBuf::from);
    let shared =
        shared.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")));
    let folder = shared.join("data/crs-rules");
    if !folder.is_dir() {
        println!("skipped: no shared data");
        return;
    }
    for (version, least) in [("4.0.0", 500), ("4.27.0", 550), ("4.28.0", 550)] {
        let tree =
            tree::open_folder(&folder.join(format!("v{version}")), &Limits::default()).expect("a rule set");
        conf::vet(&tree).expect(version);
        assert_eq!(core_rule_set_version(&tree).expect("a version").to_string(), version);
        let rules = conf::rules(&tree).expect("rules");
        assert!(rules.len() > least, "{version} has {} rules", rules.len());
        assert!(rules.iter().any(|rule| rule.id == 944_150 && rule.tags().any(|tag| tag == "attack-rce")));
    }
}
