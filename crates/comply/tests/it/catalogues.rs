//! The catalogues themselves, what is refused, and the page of signals.

use std::path::Path;

use bedrail_comply::catalog::{Catalogues, EMBEDDED};
use bedrail_comply::signal::{Kind, SIGNALS, page};

use crate::support::CATALOGUES;

#[test]
fn ours_have_no_fault_and_every_requirement_can_be_answered() {
    assert_eq!(CATALOGUES.files.len(), 6);
    assert_eq!(CATALOGUES.requirements().count(), 77 + 22 + 8 + 20 + 10 + 11);
    for it in CATALOGUES.requirements() {
        assert!(!it.citation.is_empty() && !it.question.is_empty() && !it.evidence.is_empty(), "{}", it.id);
        assert!(
            !it.signals.is_empty() || it.manual.as_ref().is_some_and(|m| !m.reason.is_empty()),
            "{}",
            it.id
        );
        assert!(it.line > 0, "{}", it.id);
    }
    let proposed: usize = CATALOGUES.files.iter().map(|file| file.proposed.len()).sum();
    assert_eq!(proposed, 24, "items of a proposed rule are shown apart");
}

#[test]
fn every_file_of_the_folder_is_embedded_as_it_is() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogs");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let embedded: Vec<&str> = EMBEDDED.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, embedded);
}

#[test]
fn the_table_of_signals_keeps_its_limits() {
    let mut ids: Vec<&str> = SIGNALS.iter().map(|signal| signal.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), SIGNALS.len(), "no id twice");
    let count = |wanted: fn(&Kind) -> bool| SIGNALS.iter().filter(|it| wanted(&it.kind)).count();
    assert!(count(|kind| matches!(kind, Kind::Manual { .. })) <= 30);
    assert!(count(|kind| matches!(kind, Kind::NotConnected { .. })) <= 25);
    for signal in SIGNALS {
        assert!(!signal.how.is_empty() && signal.valid_days >= 1, "{}", signal.id);
        let asked =
            CATALOGUES.requirements().any(|it| it.signals.contains(&signal) || it.applies_if == Some(signal));
        assert!(asked, "nothing asks for {}", signal.id);
        if let Kind::Manual { reason, proof } = signal.kind {
            assert!(!reason.is_empty() && !proof.is_empty(), "{}", signal.id);
        }
    }
}

#[test]
fn the_page_of_signals_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/signals.md");
    let page = page(&CATALOGUES);
    if std::env::var_os("BEDRAIL_WRITE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let held = std::fs::read_to_string(&path).unwrap();
    assert!(
        held == page,
        "docs/signals.md is not current: BEDRAIL_WRITE=1 cargo test -p bedrail-comply writes it"
    );
}

const HEAD: &str = "schema: hicp/1\nas_of: '2026-11-21'\nrequirements:\n";
const GOOD: &str = "- id: a\n  citation: HICP 2023, practice 1\n  question: Is it so?\n  evidence:\n  - log\n  auto_signals:\n  - policy.approved\n";

fn refused(text: &str) -> Vec<String> {
    let faults = Catalogues::read([("file.yaml", text)]).unwrap_err().faults;
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_good_file_is_read_with_its_version() {
    let read = Catalogues::read([("file.yaml", format!("{HEAD}{GOOD}").as_str())]).unwrap();
    assert_eq!(read.files[0].requirements[0].line, 4);
    let version = read.files[0].version();
    assert!(version.starts_with("hicp/1 as of 2026-11-21 ("), "{version}");
    let other = Catalogues::read([("file.yaml", format!("{HEAD}{GOOD}\n").as_str())]).unwrap();
    assert_ne!(version, other.files[0].version(), "any change of the file is another version");
}

#[test]
fn each_fault_is_said_with_file_and_line() {
    for (text, expected) in [
        (GOOD.replace("  citation: HICP 2023, practice 1\n", ""), "file.yaml:4: a: `citation` is missing"),
        (GOOD.replace("HICP 2023, practice 1", "''"), "file.yaml:4: a: `citation` is missing"),
        (
            GOOD.replace("policy.approved", "policy.aproved"),
            "file.yaml:10: there is no signal \"policy.aproved\"",
        ),
        (GOOD.replace("  question: Is it so?\n", ""), "file.yaml:4: a: `question` is missing"),
        (GOOD.replace("  evidence:\n  - log\n", ""), "file.yaml:4: a: `evidence` is missing"),
        (
            GOOD.replace("  auto_signals:\n  - policy.approved\n", ""),
            "file.yaml:4: a: `auto_signals` is missing",
        ),
        (format!("{GOOD}{GOOD}"), "file.yaml:11: a: the id stands already at file.yaml:4"),
        (format!("{GOOD}  csf2:\n  - GV.OC-99\n"), "file.yaml:4: a: GV.OC-99 is no subcategory"),
        (format!("{GOOD}  sp800_53r5:\n  - XX-1\n"), "file.yaml:4: a: XX-1 is no control"),
        (format!("{GOOD}  designation: optional\n"), "file.yaml:11: `designation` is none of"),
        (format!("{GOOD}  applies_if: policy.approved\n"), "file.yaml:11: `applies_if`"),
        (format!("{GOOD}  evidence: 3\n"), "file.yaml:11: "),
    ] {
        let faults = refused(&format!("{HEAD}{text}"));
        assert!(faults.iter().any(|it| it.starts_with(expected)), "{expected}: {faults:?}");
    }
    for (text, expected) in [
        (
            format!("schema: hicp/1\nas_of: '2026-02-30'\nrequirements:\n{GOOD}"),
            "file.yaml:2: `as_of` is no date",
        ),
        (format!("schema: hicp/1\nrequirements:\n{GOOD}"), "file.yaml:1: `as_of` is missing"),
        (format!("as_of: '2026-11-21'\nrequirements:\n{GOOD}"), "file.yaml:1: `schema` is missing"),
        ("\u{0}".to_owned(), "file.yaml:"),
        ("a: *b".to_owned(), "file.yaml:"),
        ("x".repeat(3 << 20), "file.yaml:0: has more than"),
    ] {
        let faults = refused(&text);
        assert!(faults.iter().any(|it| it.starts_with(expected)), "{expected}: {faults:?}");
    }
}

#[test]
fn all_faults_come_at_once() {
    let two = format!("{HEAD}{}{}", GOOD.replace("policy.approved", "x"), GOOD.replace("Is it so?", "''"));
    assert_eq!(refused(&two).len(), 2, "{:?}", refused(&two));
}

#[test]
fn mappings_can_be_read_the_other_way_round() {
    let ids: Vec<&str> = CATALOGUES.mapped_to("PR.DS-11").map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["sr-164-308-a-7-ii-a", "sr-164-310-d-2-iv", "sr-164-312-c-1"]);
    assert!(CATALOGUES.references().contains("SC-28"));
}

#[test]
fn the_forbidden_word_is_nowhere() {
    // What is printed never says that somebody fulfils the law: neither tables nor templates.
    let word = ["compl", "iant"].concat();
    let mut texts: Vec<String> = SIGNALS.iter().map(|it| format!("{it:?}")).collect();
    for it in CATALOGUES.requirements() {
        texts.push(format!("{it:?}"));
    }
    texts.push(page(&CATALOGUES));
    for template in
        [bedrail_comply::letter::INDIVIDUAL, bedrail_comply::letter::MEDIA, bedrail_comply::letter::HHS]
    {
        texts.push(template.to_owned());
    }
    for text in texts {
        assert!(!text.to_lowercase().contains(&word), "{text}");
    }
}
