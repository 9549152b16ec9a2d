//! A rule set's own tests: how they are read, and what a judge makes of them.

use std::collections::BTreeSet;
use std::time::Duration;

use bedrail_waf_rules::own_tests::run::{OwnRun, SETTINGS, difference, run};
use bedrail_waf_rules::own_tests::{FOLDER, OwnTest, Unmet, read};
use bedrail_waf_rules::tree::{self, Limits, Tree};

use crate::judge::{Judge, core_rule_set, engine};

const NEW: &str = r#"---
meta: {author: "nobody"}
rule_id: 942100
tests:
  - test_id: 1
    desc: a form
    stages:
      - input:
          dest_addr: 127.0.0.1
          port: 80
          method: POST
          uri: /post
          version: HTTP/1.0
          headers: {Host: localhost, X-Number: 12}
          data: "pay=1' or '1'='1"
        output: {log: {expect_ids: [942100], no_expect_ids: [920100]}}
  - test_id: 2
    stages: [{input: {uri: "/"}, output: {status: 400}}]
  - test_id: 3
    stages: [{input: {encoded_request: "R0VU"}, output: {log: {expect_ids: [1]}}}]
  - test_id: 4
    stages: [{input: {}, output: {log: {match_regex: "x"}}}]
  - test_id: 5
    stages: [{input: {autocomplete_headers: false, data: "x"}, output: {log: {no_expect_ids: [942100]}}}]
"#;

/// As v4.0.0 has them.
const OLD: &str = r#"---
rule_id: 942101
tests:
  - test_title: 942101-7
    stages:
      - stage:
          input: {uri: "/?q=x"}
          output: {log_contains: 'id "942101"'}
"#;

fn files(files: &[(&str, &str)]) -> Tree {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
    Tree::from_files(files, &Limits::default()).expect("a tree")
}

#[test]
fn tests_are_read_with_what_a_judge_cannot_show() {
    let tree = files(&[
        (&format!("{FOLDER}A/942100.yaml"), NEW),
        (&format!("{FOLDER}A/942101.yaml"), OLD),
        (&format!("{FOLDER}A/942102.yaml"), "---\n"),
        (&format!("{FOLDER}A/942103.yaml"), "tests: [\n"),
        (&format!("{FOLDER}README.md"), "no test"),
        (".github/workflows/test.yml", "tests: [{test_id: 1, stages: []}]"),
    ]);
    let (tests, unread) = read(&tree);
    let names: Vec<&str> = tests.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["942100-1", "942100-2", "942100-3", "942100-4", "942100-5", "942101-7"]);
    assert_eq!(
        unread.iter().map(|it| it.test.as_str()).collect::<Vec<_>>(),
        [format!("{FOLDER}A/942103.yaml")]
    );
    let first = &tests[0].stages[0];
    assert_eq!((first.expect.as_slice(), first.forbid.as_slice()), (&[942_100][..], &[920_100][..]));
    assert_eq!((first.http_version.as_str(), first.request.method.as_str()), ("1.0", "POST"));
    for (name, value) in [
        ("X-Number", "12"),
        ("Content-Length", "26"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Connection", "close"),
    ] {
        assert_eq!(first.request.header(name), Some(value), "{name}");
    }
    assert_eq!(first.request.body, b"pay=1%27+or+%271%27%3D%271", "a form is encoded where it is not");
    let beyond: Vec<bool> = tests.iter().map(|it| it.stages[0].beyond.is_some()).collect();
    assert_eq!(beyond, [false, true, true, true, false, false]);
    assert_eq!(tests[4].stages[0].request.headers, []);
    assert_eq!(tests[5].stages[0].expect, [942_101]);
    // A folder of tests alone is read, too.
    assert_eq!(read(&files(&[("A/942100.yaml", NEW)])).0.len(), 5);
}

#[test]
fn what_is_lost_and_gained_is_told_apart() {
    let ran = |passed: &[&str], failed: &[&str]| OwnRun {
        passed: passed.iter().map(|it| (*it).to_owned()).collect(),
        failed: failed.iter().map(|it| Unmet { test: (*it).to_owned(), reason: "x".to_owned() }).collect(),
        ..OwnRun::default()
    };
    let found = difference(&ran(&["a", "b"], &["c", "d"]), &ran(&["a", "c"], &["b", "d"]));
    assert_eq!(found.lost.iter().map(|it| it.test.as_str()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(found.gained, ["c"]);
    assert_eq!(ran(&["a", "b"], &["c"]).share(), (2, 3));
}

fn shared_tests(version: &str) -> Option<Vec<OwnTest>> {
    let shared = std::env::var_os("BEDRAIL_SHARED").map(std::path::PathBuf::from);
    let folder = shared?.join(format!("data/crs-regression/v{version}"));
    folder.is_dir().then(|| read(&tree::open_folder(&folder, &Limits::default()).expect("tests")).0)
}

/// The rule set as released, on the engine: the known failures of libmodsecurity 3.0.9 are few, and each has its reason.
#[test]
fn the_core_rule_set_passes_its_own_tests_as_far_as_the_engine_does() {
    let (Some(engine), Some(crs)) = (engine(), core_rule_set("4.28.0")) else { return };
    let Some(tests) = shared_tests("4.28.0") else { return };
    let with_settings = crs.files().map(|(path, bytes)| (path.to_owned(), bytes.to_vec()));
    let settings = ("plugins/own-tests-after.conf".to_owned(), SETTINGS.as_bytes().to_vec());
    let tree = Tree::from_files(with_settings.chain([settings]), &Limits::default()).expect("a tree");
    let judge = Judge::start(&engine, &tree);
    // Every eighth is enough to see that they are asked as they are meant.
    let some: Vec<OwnTest> = tests.iter().step_by(8).cloned().collect();
    let each = Duration::from_secs(20);
    let ran = run(&judge.socket(), &some, Duration::from_secs(600), each).expect("a judge");
    let known: BTreeSet<&str> =
        BTreeSet::from(["922110", "942131", "944100", "944110", "944120", "944140", "944210", "980170"]);
    let others: Vec<&Unmet> =
        ran.failed.iter().filter(|it| !known.iter().any(|rule| it.test.starts_with(rule))).collect();
    assert!(others.is_empty(), "{others:#?}");
    assert!(ran.passed.len() > 550 && ran.beyond.len() < 20, "{} {}", ran.passed.len(), ran.beyond.len());
    assert_eq!(ran.passed.len() + ran.failed.len() + ran.beyond.len(), some.len());
    // Without time nothing is asked, and nothing counts as passed.
    let ran = run(&judge.socket(), &some, Duration::ZERO, each).expect("a judge");
    assert_eq!((ran.share(), ran.not_run as usize), ((0, 0), some.len()));
}
