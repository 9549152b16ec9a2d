//! A day of traffic with attacks in it: what is counted agrees with what was made, and no attack folds into the noise.

use std::collections::{HashMap, HashSet};

use bedrail_formats::alerts::{Account, Framing, LineReader, Reading, Settings, Splitter};
use bedrail_model::alert::{Counters, ItemKey, Outcome};
use bedrail_testkit::traffic::Traffic;

use super::received;

const LINES: u64 = 60_000;
const PLANTED: usize = 50;

#[test]
fn every_planted_attack_is_an_item_of_its_own() {
    let mut traffic = Traffic::new(11, LINES, PLANTED, received());
    let planted = traffic.planted().to_vec();
    assert_eq!(planted.len(), PLANTED);
    let mut bytes = Vec::new();
    while traffic.write_next(&mut bytes) {}
    let mut splitter = Splitter::new(Framing::Lines, 0);
    let mut reader = LineReader::new(Settings::default());
    let mut account = Account::default();
    let mut items: HashMap<Vec<u8>, (Outcome, u64)> = HashMap::new();
    let (mut allowed, mut blocked) = (HashSet::new(), HashSet::new());
    let mut last: Option<Counters<'static>> = None;
    for chunk in bytes.chunks(10_007) {
        splitter.feed(chunk, |line| {
            let read = reader.read(&line, received());
            account.add(&read);
            match read.reading {
                Reading::Event(event) => {
                    let mut key = Vec::new();
                    ItemKey::of("eve", &event, None).write(&mut key);
                    items.entry(key).or_insert((event.outcome, 0)).1 += 1;
                    let what = (event.rule.id.clone().into_owned(), event.to.address);
                    if event.outcome == Outcome::Allowed {
                        allowed.insert(what)
                    } else {
                        blocked.insert(what)
                    };
                }
                Reading::Counters(counters) => last = Some(counters.into_owned()),
                Reading::NotAnAlert(_) | Reading::NotUnderstood(_) => {}
            }
        });
    }
    let made = traffic.made();
    assert_eq!((account.lines(), made.lines()), (LINES, LINES));
    assert_eq!((account.events, account.counters), (made.events, made.counters));
    assert_eq!(account.not_alerts.values().sum::<u64>(), made.no_alerts);
    assert_eq!(account.not_understood.values().sum::<u64>(), made.broken);
    let visible = items.values().filter(|(outcome, _)| *outcome == Outcome::Allowed);
    assert_eq!(visible.clone().count(), PLANTED);
    assert!(visible.clone().all(|(_, count)| *count == 1));
    for attack in &planted {
        let what = (attack.rule.clone(), Some(attack.device.into()));
        assert!(allowed.contains(&what) && blocked.contains(&what), "{attack:?} is noise and attack");
    }
    assert!(account.events / items.len() as u64 >= 20, "{} events in {} items", account.events, items.len());
    // The sensor's own counters agree with what was received up to them.
    let counted = last.and_then(|it| it.alerts).expect("counters");
    assert!(counted <= account.events && counted > account.events / 2);
}

#[test]
fn a_seed_makes_the_same_bytes() {
    let make = |seed| {
        let mut traffic = Traffic::new(seed, 300, 5, received());
        let mut bytes = Vec::new();
        while traffic.write_next(&mut bytes) {}
        bytes
    };
    assert_eq!(make(3), make(3));
    assert_ne!(make(3), make(4));
}
