//! OSCAL against NIST's own schemas, with documents that must not pass.

use bedrail_comply::oscal::{assessment_results, catalog};
use bedrail_comply::signal::Value;
use bedrail_comply::state::{Index, Moment, judge};
use serde_json::json;

use crate::support::{CATALOGUES, at, machine};

const CATALOG: &str = include_str!("../fixtures/oscal/oscal_catalog_schema.json");
const RESULTS: &str = include_str!("../fixtures/oscal/oscal_assessment-results_schema.json");

fn validator(schema: &str) -> jsonschema::Validator {
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).expect("NIST's schema")
}

fn faults(validator: &jsonschema::Validator, document: &serde_json::Value) -> Vec<String> {
    validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .take(5)
        .collect()
}

#[test]
fn catalogues_are_valid_oscal_and_come_out_the_same_each_time() {
    let validator = validator(CATALOG);
    for file in &CATALOGUES.files {
        let document = catalog(file);
        assert_eq!(faults(&validator, &document), Vec::<String>::new(), "{}", file.file);
        assert_eq!(document, catalog(file));
        let controls: usize = document["catalog"]["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| group["controls"].as_array().unwrap().len())
            .sum();
        assert_eq!(controls, file.requirements.len());
    }
    let mut broken = catalog(&CATALOGUES.files[0]);
    broken["catalog"]["uuid"] = json!("none");
    assert_eq!(faults(&validator, &broken).len(), 1, "the schema is really asked");
}

#[test]
fn results_are_valid_oscal_and_only_what_is_evidenced_is_satisfied() {
    let facts = [
        machine("alert.undispositioned", "all devices", Value::Count(0), "2026-11-20T08:00:00Z"),
        machine("kev.open_count", "pumps", Value::Count(3), "2026-11-20T08:00:00Z"),
        machine("training.current_pct", "staff", Value::Share { met: 99, of: 100 }, "2026-11-20T08:00:00Z"),
    ];
    let now = at("2026-11-20T12:00:00Z");
    let validator = validator(RESULTS);
    for facts in [&facts[..], &[]] {
        let index = Index::new(facts, &[], &Moment::then(now));
        let states = judge(&CATALOGUES, &index, &[]);
        let document = assessment_results("Sample Hospital", &states, now).unwrap();
        assert_eq!(faults(&validator, &document), Vec::<String>::new());
        for finding in document["assessment-results"]["results"][0]["findings"].as_array().unwrap() {
            let state = finding["props"][0]["value"].as_str().unwrap();
            let satisfied = finding["target"]["status"]["state"] == "satisfied";
            assert_eq!(satisfied, state == "evidenced", "{finding}");
        }
    }
    assert_eq!(assessment_results("Sample Hospital", &[], now), None);
    let index = Index::new(&facts, &[], &Moment::then(now));
    let mut broken = assessment_results("Sample Hospital", &judge(&CATALOGUES, &index, &[]), now).unwrap();
    broken["assessment-results"]["results"][0]["start"] = json!("yesterday");
    assert!(!faults(&validator, &broken).is_empty());
}
