//! The report: what probes showed, without a trace and without a byte for the device, and words with their numbers.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use bedrail_waf_rules::assemble::Profile;
use bedrail_waf_rules::patches::FAMILIES;
use bedrail_waf_run::follow::Follow;
use bedrail_waf_run::report::Reporter;
use bedrail_waf_run::update::{Promotion, promote};
use serde_json::Value;

use crate::kit::{Kit, core_rule_set, later, start};

fn read(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("report.json")).unwrap()).unwrap()
}

#[test]
fn it_says_what_probes_showed_and_hands_words_on() {
    let (Some(kit), Some(tree)) = (Kit::new(Profile::Hospital), core_rule_set("4.28.0")) else { return };
    let (state, folder) = (kit.settings.state.clone(), tempfile::tempdir().unwrap());
    let mut reporter = Reporter::default();
    reporter.write(&state, folder.path(), start()).unwrap();
    let report = read(folder.path());
    assert_eq!(report["shields"], serde_json::json!([]), "nobody judges yet: nothing is shown");

    assert!(kit.update(&tree, "", start()).candidate.is_some());
    promote(&kit.desk(), &Promotion::Current, "A. Person, clinical engineering", start()).unwrap();
    Follow::default().tick(&kit.desk(), &kit.control(), start()).unwrap();
    for look in 0..3 {
        reporter.write(&state, folder.path(), later(look)).unwrap();
    }
    let report = read(folder.path());
    let shields = report["shields"].as_array().unwrap();
    assert_eq!(shields.len(), FAMILIES.len());
    for (shield, family) in shields.iter().map(|it| (it, it["family"].as_str().unwrap())) {
        let probes = FAMILIES.iter().find(|it| it.key == family).unwrap().probes().len();
        assert_eq!(shield["probes"], probes, "{family}");
        assert_eq!(
            (&shield["stopped"], &shield["objected"]),
            (&shield["probes"], &shield["probes"]),
            "{shield}"
        );
        assert_eq!((&shield["site"], &shield["mode"]), (&Value::from("pump"), &Value::from("block")));
    }
    assert!(kit.application.received().is_empty(), "the device received a byte");
    let site = &report["status"]["sites"][0];
    assert_eq!(
        (&site["blocked"], &site["would_block"]),
        (&Value::from(0), &Value::from(0)),
        "probes are not counted"
    );
    assert_eq!(std::fs::read_to_string(state.join("events.jsonl")).unwrap(), "", "nor are they events");
    let words = report["words"].as_array().unwrap();
    assert!(words.len() >= 3, "{words:?}");
    for (index, word) in words.iter().enumerate() {
        assert_eq!(word["number"], index + 1, "{word}");
    }
    let mode = std::fs::metadata(folder.path().join("report.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777 & !0o640, 0, "for the owner and its group alone");

    // Another mode: what was shown before holds no more, and is shown anew.
    bedrail_waf::cli::say(&state, r#"{"command":"mode","site":"pump","mode":"detect"}"#).unwrap();
    for look in 3..6 {
        reporter.write(&state, folder.path(), later(look)).unwrap();
    }
    for shield in read(folder.path())["shields"].as_array().unwrap() {
        assert_eq!(
            (&shield["mode"], &shield["stopped"]),
            (&Value::from("detect"), &Value::from(0)),
            "{shield}"
        );
        assert_eq!(shield["objected"], shield["probes"]);
    }
    // Another process that begins numbers the words alike.
    let mut again = Reporter::default();
    again.write(&state, folder.path(), later(7)).unwrap();
    assert_eq!(read(folder.path())["words"].as_array().unwrap().len(), words.len());
}
