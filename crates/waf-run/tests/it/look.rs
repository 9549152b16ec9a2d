//! A mirror that is asked by itself: at intervals, also after a start anew; what goes wrong is said once and shown.

use std::sync::Mutex;

use bedrail_waf_rules::assemble::Profile;
use bedrail_waf_rules::source::Get;
use bedrail_waf_rules::trust::{Pin, PinnedKey};
use bedrail_waf_rules::version::Channel;
use bedrail_waf_run::desk::{Desk, Settings};
use bedrail_waf_run::look::{Looked, Schedule, look};
use bedrail_waf_run::overview::overview;

use crate::kit::{later, plan, start};

const HOUR: i64 = 3_600;

/// A mirror that answers as told, and counts.
struct Mirror {
    answer: Result<Option<Vec<u8>>, String>,
    asked: usize,
}

impl Get for Mirror {
    fn get(&mut self, _: &str, _: u64) -> Result<Option<Vec<u8>>, String> {
        self.asked += 1;
        self.answer.clone()
    }
}

fn schedule() -> Schedule {
    let fingerprint =
        include_str!("../../../waf-rules/tests/fixtures/gpg/fingerprints").lines().next().unwrap();
    let pin: Pin = fingerprint.parse().unwrap();
    let key = PinnedKey::read(include_bytes!("../../../waf-rules/tests/fixtures/gpg/key.asc"), &pin).unwrap();
    Schedule { mirror: "https://mirror.example/crs".to_owned(), channel: Channel::Newest, key, every: 86_400 }
}

#[test]
fn a_mirror_is_asked_at_intervals_and_its_troubles_are_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().to_owned();
    let settings = Settings {
        state: state.clone(),
        engine: "none".into(),
        profile: Profile::Plain,
        plan: plan(),
        own_tests: None,
    };
    let said = Mutex::new(Vec::new());
    let tell = |text: &str| said.lock().unwrap().push(text.to_owned());
    let mut mirror = Mirror { answer: Err("the mirror answers 503".to_owned()), asked: 0 };
    let schedule = schedule();

    assert!(look(&settings, &schedule, &mut mirror, start(), &tell).unwrap());
    assert!(
        !look(&settings, &schedule, &mut mirror, later(19 * HOUR), &tell).unwrap(),
        "not before four fifths"
    );
    assert!(
        look(&settings, &schedule, &mut mirror, later(29 * HOUR), &tell).unwrap(),
        "six fifths at the latest"
    );
    assert_eq!(mirror.asked, 2);
    assert_eq!(said.lock().unwrap().len(), 1, "{said:?}");
    let looked = Looked::read(&state).unwrap().unwrap();
    assert_eq!((looked.answered_at, looked.asked_at), (None, later(29 * HOUR)));
    assert!(looked.trouble.as_ref().unwrap().contains("503"));
    let desk = Desk::open(&settings).unwrap();
    let text = overview(&desk.shelf.state().unwrap(), Some(looked), later(30 * HOUR)).text();
    assert!(text.contains("https://mirror.example/crs, asked") && text.contains("503"), "{text}");
    drop(desk);

    // It answers again, with a list of versions of which none is a release.
    mirror.answer = Ok(Some(b"4.29.0-dev\n".to_vec()));
    assert!(look(&settings, &schedule, &mut mirror, later(60 * HOUR), &tell).unwrap());
    assert!(Looked::read(&state).unwrap().unwrap().trouble.unwrap().contains("no version of the channel"));
    // Another mirror is asked at once.
    let other = Schedule { mirror: "https://other.example".to_owned(), ..schedule };
    assert!(look(&settings, &other, &mut mirror, later(61 * HOUR), &tell).unwrap());
    // A damaged file is said, and nothing is guessed.
    std::fs::write(state.join("rules-asked.json"), "{").unwrap();
    assert!(look(&settings, &other, &mut mirror, later(99 * HOUR), &tell).is_err());
}
