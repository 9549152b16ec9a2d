//! Every playbook is read, and a file with a fault is refused with its line.

use bedrail_comply::playbook::{playbooks, read};

#[test]
fn every_playbook_has_signs_and_steps_and_begins_with_the_patient_or_a_call() {
    let all = playbooks().unwrap();
    let ids: Vec<&str> = all.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["ransomware", "device_compromise", "lost_laptop", "vendor_breach"]);
    for it in &all {
        assert!(it.steps.len() >= 5 && !it.signs.is_empty(), "{}", it.id);
        assert!(it.steps.iter().chain(&it.signs).all(|line| line.ends_with('.')), "{}", it.id);
    }
}

#[test]
fn a_file_with_a_fault_is_refused_with_its_line() {
    let head = "schema: playbooks/1\nas_of: '2026-01-01'\nnot_here: []\nplaybooks:\n";
    let row = "- id: a\n  title: A\n  signs: [x]\n  steps: [y]\n";
    assert_eq!(read("t", &format!("{head}{row}")).unwrap().len(), 1);
    let twice = read("t", &format!("{head}{row}{row}")).unwrap_err();
    assert_eq!((twice.len(), twice[0].line), (1, 9), "{twice:?}");
    let empty = read("t", &format!("{head}- id: b\n  title: B\n  signs: []\n  steps: [y]\n")).unwrap_err();
    assert_eq!(empty[0].line, 5);
    assert!(read("t", "schema: other/1\nas_of: x\nnot_here: []\nplaybooks: []\n").is_err());
    assert!(read("t", "nonsense").is_err());
}
