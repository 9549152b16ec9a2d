//! A program that is killed at any moment finds a state that opens.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use bedrail_waf_rules::disk::{DiskError, Shelf};
use bedrail_waf_rules::life::{RuleSet, RuleSetId, State};
use bedrail_waf_rules::tree::{Limits, Tree};
use bedrail_waf_rules::trust::Origin;

use crate::kit::{now, small};

fn set(version: &str, tree: &Tree) -> RuleSet {
    let version = version.parse().expect("a version");
    RuleSet {
        id: RuleSetId::new(&version, &tree.hash()),
        version,
        hash: tree.hash(),
        received: "ab".to_owned(),
        origin: Origin::Local { key: "cd".to_owned(), signed_at: now() },
        rules: BTreeSet::from([942_100]),
        own_tests: None,
    }
}

fn state(version: &str, tree: &Tree) -> State {
    State { current: Some(set(version, tree)), current_since: Some(now()), ..State::default() }
}

#[test]
fn state_and_files_come_back_as_they_were() {
    let data = tempfile::tempdir().expect("a folder");
    let shelf = Shelf::open(data.path()).expect("a shelf");
    assert_eq!(shelf.state().expect("no state"), State::default());
    let tree = small("4.28.0");
    let kept = state("4.28.0", &tree);
    let current = kept.current.clone().expect("a set");
    shelf.store(&current.id, &tree).expect("stored");
    shelf.store(&current.id, &tree).expect("stored again");
    shelf.keep(&kept).expect("kept");
    let again = Shelf::open(data.path()).expect("a shelf");
    assert_eq!(again.state().expect("the state"), kept);
    assert_eq!(again.load(&current, &Limits::default()).expect("the files"), tree);
}

#[test]
fn files_that_somebody_changed_are_not_used() {
    let data = tempfile::tempdir().expect("a folder");
    let shelf = Shelf::open(data.path()).expect("a shelf");
    let tree = small("4.28.0");
    let set = set("4.28.0", &tree);
    let folder = shelf.store(&set.id, &tree).expect("stored");
    for change in ["rules/words.data", "rules/more.conf"] {
        let before = fs::read(folder.join(change)).ok();
        fs::write(folder.join(change), "three\n").expect("written");
        assert!(matches!(shelf.load(&set, &Limits::default()), Err(DiskError::Changed { .. })), "{change}");
        match before {
            Some(before) => fs::write(folder.join(change), before).expect("written"),
            None => fs::remove_file(folder.join(change)).expect("removed"),
        }
    }
    shelf.load(&set, &Limits::default()).expect("as before");
}

#[test]
fn damaged_states_are_said_and_not_guessed() {
    let data = tempfile::tempdir().expect("a folder");
    let shelf = Shelf::open(data.path()).expect("a shelf");
    let path = data.path().join("waf/rulesets/state.json");
    for (text, expected) in
        [("", "EOF"), ("{\"format\":1", "EOF"), ("{\"format\":2,\"state\":{}}", "missing field"), ("[]", "")]
    {
        fs::write(&path, text).expect("written");
        let refused = shelf.state().expect_err(text).to_string();
        assert!(refused.contains("no state of rule sets") && refused.contains(expected), "{refused}");
    }
}

/// Every state of the folder that a kill can leave: each opens with the old or the new state, and sweeping tidies up.
#[test]
fn what_a_kill_leaves_opens() {
    let (old_tree, new_tree) = (small("4.27.0"), small("4.28.0"));
    let (old, new) = (state("4.27.0", &old_tree), state("4.28.0", &new_tree));
    let new_id = new.current.clone().expect("a set").id;
    type Leave<'a> = &'a dyn Fn(&Path, &Shelf);
    let leave: [(&str, Leave<'_>); 4] = [
        ("half a folder", &|root, _| {
            fs::create_dir_all(root.join(format!("{new_id}.partial/rules"))).expect("made");
            fs::write(root.join(format!("{new_id}.partial/rules/words.data")), "on").expect("written");
        }),
        ("a folder no state names", &|_, shelf| drop(shelf.store(&new_id, &new_tree).expect("stored"))),
        ("half a state beside", &|root, _| {
            fs::write(root.join("state.json.partial"), "{\"for").expect("written");
        }),
        ("everything at once", &|root, shelf| {
            shelf.store(&new_id, &new_tree).expect("stored");
            fs::write(root.join("state.json.partial"), "").expect("written");
        }),
    ];
    for (name, leave) in leave {
        let data = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(data.path()).expect("a shelf");
        let old_set = old.current.clone().expect("a set");
        shelf.store(&old_set.id, &old_tree).expect("stored");
        shelf.keep(&old).expect("kept");
        leave(&data.path().join("waf/rulesets"), &shelf);
        assert_eq!(shelf.state().expect(name), old, "{name}");
        shelf.load(&old_set, &Limits::default()).expect(name);
        // What was begun is done again, from the start.
        shelf.store(&new_id, &new_tree).expect(name);
        shelf.keep(&new).expect(name);
        assert_eq!(shelf.state().expect(name), new, "{name}");
        let swept = shelf.sweep(&new).expect(name);
        assert!(swept.contains(&old_set.id.as_str().to_owned()), "{name}: {swept:?}");
        assert_eq!(fs::read_dir(data.path().join("waf/rulesets")).expect("a folder").count(), 2, "{name}");
    }
}

/// Writes for ever, when a test below starts it as its own process.
#[test]
#[ignore = "started by `killed_at_any_moment_it_opens`"]
fn writes_until_killed() {
    let Some(data) = std::env::var_os("BEDRAIL_TEST_SHELF") else { return };
    let shelf = Shelf::open(Path::new(&data)).expect("a shelf");
    for round in 0..100_000 {
        let version = format!("4.{round}.0");
        let tree = small(&version);
        let state = state(&version, &tree);
        let set = state.current.clone().expect("a set");
        shelf.store(&set.id, &tree).expect("stored");
        shelf.keep(&state).expect("kept");
        shelf.sweep(&state).expect("swept");
    }
}

#[test]
fn killed_at_any_moment_it_opens() {
    let data = tempfile::tempdir().expect("a folder");
    let mut seen = BTreeSet::new();
    for round in 0..15 {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--ignored", "--exact", "disk::writes_until_killed"])
            .env("BEDRAIL_TEST_SHELF", data.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("a child");
        std::thread::sleep(Duration::from_millis(120 + 37 * round));
        child.kill().expect("killed");
        child.wait().expect("gone");
        let shelf = Shelf::open(data.path()).expect("a shelf");
        let state = shelf.state().expect("a state that opens");
        let Some(set) = &state.current else { continue };
        shelf.load(set, &Limits::default()).expect("whole files");
        seen.insert(set.id.clone());
        shelf.sweep(&state).expect("swept");
    }
    assert!(!seen.is_empty(), "no child got as far as a state");
}
