//! Templates of policies against the catalogues: every requirement has one, and each names only what there is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bedrail_workforce::template::{self, VARIABLES};
use serde::Deserialize;

#[derive(Deserialize)]
struct Catalogue {
    requirements: Vec<Requirement>,
}

#[derive(Deserialize)]
struct Requirement {
    id: String,
}

/// The ids of all requirements of the three rules.
fn asked() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogs");
    let read = |name: &str| {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        serde_saphyr::from_str::<Catalogue>(&text).unwrap().requirements
    };
    ["hipaa-security-rule.yaml", "privacy-and-admin.yaml", "breach-notification.yaml"]
        .into_iter()
        .flat_map(read)
        .map(|requirement| requirement.id)
        .collect()
}

/// Says since when the rule holds, and asks for nothing.
const NO_POLICY: &[&str] = &["sr-164-318"];

#[test]
fn every_requirement_has_a_template_and_no_template_names_another() {
    let cited: BTreeSet<String> = template::all().iter().flat_map(|it| it.cites.iter().cloned()).collect();
    let asked = asked();
    assert!(asked.len() > 100, "{}", asked.len());
    let without: Vec<_> = asked.difference(&cited).filter(|id| !NO_POLICY.contains(&id.as_str())).collect();
    assert!(without.is_empty(), "no template answers {without:?}");
    let unknown: Vec<_> = cited.difference(&asked).collect();
    assert!(unknown.is_empty(), "the catalogues have no {unknown:?}");
}

#[test]
fn every_template_reads_is_long_enough_and_names_only_known_variables() {
    for (code, text) in template::FILES {
        let read = template::read(code, text).unwrap();
        assert!((1..=12).contains(&read.review_months), "{code}");
        let words = read.body.split_whitespace().count();
        assert!((90..=400).contains(&words), "{code}: {words} words");
        assert!(
            !read.body.contains("# ") || read.body.contains("## "),
            "{code}: the first level is the page's"
        );
        for name in template::variables(&read.body) {
            assert!(VARIABLES.iter().any(|known| known.name == name), "{code}: {name}");
        }
    }
    assert_eq!(template::all().len(), template::FILES.len());
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies")).unwrap();
    assert_eq!(files.count(), template::FILES.len(), "a file of the folder is not in the table");
}

#[test]
fn variables_are_filled_once_and_what_is_missing_stays_to_be_seen() {
    let values: BTreeMap<String, String> = [("officer", "Dr {{site}}"), ("site", "North"), ("contact", " ")]
        .map(|(a, b)| (a.into(), b.into()))
        .into();
    let filled = template::fill("{{officer}} at {{ site }}: {{contact}}, {{", &values);
    assert_eq!(filled, "Dr {{site}} at North: {{contact}}, {{");
    assert_eq!(template::variables("{{a}} {{b}} {{a}} {{"), ["a", "b"]);
}

#[test]
fn a_broken_head_says_what_is_missing() {
    for (text, why) in [
        ("no head", "does not begin"),
        ("---\ntitle: x\n", "no end"),
        ("---\ntitle: x\nreview_months: 12\n---\n", "cites is missing"),
        ("---\ntitle: x\ncites: a\nreview_months: soon\n---\n", "no number"),
    ] {
        assert!(template::read("x", text).unwrap_err().contains(why), "{text}");
    }
}
