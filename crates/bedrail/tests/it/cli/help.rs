//! The words of `--help` of every command.

use super::run::bedrail;

/// Every command that `--help` shows.
const COMMANDS: &[&[&str]] = &[
    &[],
    &["serve"],
    &["worker"],
    &["demo"],
    &["demo", "load"],
    &["db"],
    &["db", "update"],
    &["db", "support"],
    &["db", "bundle"],
    &["db", "status"],
    &["db", "dump"],
    &["scan"],
    &["mend"],
    &["mend", "log4j"],
    &["sbom"],
    &["sbom", "inspect"],
    &["sbom", "check"],
    &["sbom", "diff"],
    &["sbom", "propose"],
    &["sbom", "export"],
    &["sbom", "add"],
    &["names"],
    &["names", "list"],
    &["names", "open"],
    &["names", "confirm"],
    &["names", "none"],
    &["names", "exact"],
    &["names", "take-back"],
    &["devices"],
    &["devices", "import"],
    &["devices", "list"],
    &["exposure"],
    &["exposure", "import"],
    &["exposure", "list"],
    &["exposure", "remove"],
    &["affected"],
    &["advisories"],
    &["advisories", "import"],
    &["advisories", "list"],
    &["advisories", "show"],
    &["advisories", "update"],
    &["advisories", "providers"],
    &["advisories", "add-provider"],
    &["advisories", "remove-provider"],
    &["priorities"],
    &["explain", "finding"],
    &["decide"],
    &["decisions"],
    &["decisions", "list"],
    &["alerts"],
    &["alerts", "list"],
    &["alerts", "show"],
    &["alerts", "take"],
    &["alerts", "close"],
    &["alerts", "reopen"],
    &["alerts", "comment"],
    &["alerts", "closings"],
    &["alerts", "prove"],
    &["alerts", "sources"],
    &["alerts", "add-source"],
    &["alerts", "set-source"],
    &["alerts", "import"],
    &["alerts", "follow"],
    &["alerts", "listen"],
    &["alerts", "policies"],
    &["alerts", "add-policy"],
    &["alerts", "end-policy"],
    &["actions"],
    &["actions", "list"],
    &["actions", "done"],
    &["actions", "calendar"],
    &["actions", "budget"],
    &["campaign"],
    &["campaign", "start"],
    &["campaign", "list"],
    &["campaign", "show"],
    &["campaign", "assign"],
    &["campaign", "close"],
    &["unknowns"],
    &["unknowns", "list"],
    &["unknowns", "ask"],
    &["unknowns", "answer"],
    &["unknowns", "answers"],
    &["unknowns", "take-back"],
    &["vex"],
    &["vex", "add"],
    &["vex", "list"],
    &["vex", "unmatched"],
    &["vex", "accept"],
    &["vex", "export"],
    &["vex", "decline"],
    &["vex", "issuers"],
    &["vex", "pin"],
    &["vex", "unpin"],
    &["waf"],
    &["waf", "run"],
    &["waf", "status"],
    &["waf", "rules"],
    &["waf", "rules", "sign"],
    &["waf", "rules", "update"],
    &["waf", "rules", "status"],
    &["waf", "rules", "promote"],
    &["waf", "rules", "rollback"],
    &["explain", "version"],
    &["explain", "cpe"],
];

#[test]
fn help_says_what_each_command_does() {
    for &words in COMMANDS {
        let output = bedrail().args(words).arg("--help").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{words:?}");
        let name = if words.is_empty() { "bedrail".to_owned() } else { words.join("-") };
        insta::assert_snapshot!(format!("help-{name}"), String::from_utf8(output.stdout).unwrap());
    }
}

#[test]
fn a_wrong_command_line_ends_with_2_and_tells_standard_error() {
    for words in [
        &["nonsense"][..],
        &[],
        &["scan"],
        &["scan", "x", "--fail-on", "severe"],
        &["db", "update", "--mirror"],
    ] {
        let output = bedrail().args(words).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(output.stdout.is_empty(), "{words:?}");
        assert!(!output.stderr.is_empty(), "{words:?}");
    }
}
