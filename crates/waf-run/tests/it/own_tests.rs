//! A rule set's own tests at the stage of tests.

use std::path::{Path, PathBuf};

use bedrail_waf_rules::assemble::Profile;
use bedrail_waf_rules::life::Stage;
use bedrail_waf_run::follow::Follow;
use bedrail_waf_run::update::{Promotion, promote};

use crate::kit::{Kit, core_rule_set, later, start};

/// Some of the Core Rule Set's tests, in a folder of their own.
fn some_tests(folder: &Path) -> Option<PathBuf> {
    let shared = std::env::var_os("BEDRAIL_SHARED").map(PathBuf::from)?;
    let all = shared.join("data/crs-regression/v4.28.0");
    let some = folder.join("own-tests");
    std::fs::create_dir_all(&some).unwrap();
    for name in [
        "REQUEST-920-PROTOCOL-ENFORCEMENT/920120.yaml",
        "REQUEST-920-PROTOCOL-ENFORCEMENT/920170.yaml",
        "REQUEST-920-PROTOCOL-ENFORCEMENT/920210.yaml",
        "REQUEST-942-APPLICATION-ATTACK-SQLI/942100.yaml",
        "RESPONSE-951-DATA-LEAKAGES-SQL/951110.yaml",
    ] {
        let name = Path::new(name);
        std::fs::copy(all.join(name), some.join(name.file_name().unwrap())).ok()?;
    }
    Some(some)
}

#[test]
fn a_rule_set_is_asked_its_own_tests_and_is_rejected_where_they_got_worse() {
    let (Some(mut kit), Some(old), Some(new)) =
        (Kit::new(Profile::Plain), core_rule_set("4.27.0"), core_rule_set("4.28.0"))
    else {
        return;
    };
    let Some(tests) = some_tests(kit.folder.path()) else { return };
    // Without tests that is said.
    let first = kit.update(&old, "", start());
    assert!(first.own_tests.is_none());
    assert!(first.said.last().unwrap().text.contains("it brings no tests of its own"), "{:?}", first.said);
    kit.settings.own_tests = Some(tests);
    promote(&kit.desk(), &Promotion::Current, "A. Person, clinical engineering", later(1)).unwrap();
    Follow::default().tick(&kit.desk(), &kit.control(), later(2)).unwrap();

    let second = kit.update(&new, "", later(10));
    let own = second.own_tests.as_ref().unwrap();
    println!("{}", own.text());
    assert!(own.all > 20 && own.unread.is_empty(), "{own:?}");
    assert_eq!(
        (own.passed as usize, own.run.not_run),
        (own.all as usize - own.run.failed.len() - own.run.beyond.len(), 0)
    );
    assert!(own.run.failed.is_empty(), "{:?}", own.run.failed);
    assert!(own.difference.as_ref().unwrap().lost.is_empty());
    let due = format!("{} of {} tests of its own", own.passed, own.passed);
    assert!(second.said.last().unwrap().text.contains(&due), "{:?}", second.said);
    promote(&kit.desk(), &Promotion::Current, "A. Person, clinical engineering", later(11)).unwrap();
    assert_eq!(kit.desk().shelf.state().unwrap().current.unwrap().own_tests, Some((own.passed, own.passed)));

    // The same version cannot be taken twice with other content; a later one that lost its rules is.
    let copy = kit.folder.path().join("worse");
    let later_one = copy.join("v4.28.1");
    copy_with_version(&new, &later_one, "4.28.0", "4.28.1");
    let worse = kit.update(&later_one, "SecRuleRemoveById 920120\n", later(20));
    assert_eq!(worse.candidate, None);
    let own = worse.own_tests.unwrap();
    assert!(own.run.failed.iter().all(|it| it.reason.contains("did not fire")), "{:?}", own.run.failed);
    assert_eq!(own.difference.unwrap().lost, own.run.failed, "with their reasons");
    let last = worse.said.last().unwrap();
    assert!(last.alert && last.text.contains("of its own tests pass, with the present rule set"), "{last:?}");
    assert!(kit.desk().shelf.state().unwrap().candidate.is_none_or(|it| it.stage != Stage::OnSites));
}

fn copy_with_version(from: &Path, to: &Path, before: &str, after: &str) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_with_version(&entry.path(), &target, before, after);
            continue;
        }
        let text = String::from_utf8(std::fs::read(entry.path()).unwrap()).unwrap();
        let signature = format!("SecComponentSignature \"OWASP_CRS/{before}\"");
        let changed = text.replace(&signature, &format!("SecComponentSignature \"OWASP_CRS/{after}\""));
        std::fs::write(target, changed).unwrap();
    }
}
