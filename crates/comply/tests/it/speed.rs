//! All requirements for a fleet of 100,000 devices, their facts gathered by configuration class.

use std::time::{Duration, Instant};

use bedrail_comply::decision::{Choice, Decision, Scope};
use bedrail_comply::fact::{Fact, Subject};
use bedrail_comply::signal::{About, SIGNALS, Value};
use bedrail_comply::state::{Expected, Index, Moment, judge};

use crate::support::{CATALOGUES, at, day, machine};

/// More classes than a real fleet of that size has: fifty devices each.
const CLASSES: usize = 2_000;

#[test]
fn all_requirements_of_a_large_fleet_within_a_second() {
    let now = "2026-11-20T12:00:00Z";
    let about_devices: Vec<_> = SIGNALS.iter().filter(|signal| signal.about == About::Device).collect();
    let mut facts: Vec<Fact> = Vec::new();
    let mut expected = Vec::new();
    for class in 0..CLASSES {
        let name = format!("class {class}");
        for signal in &about_devices {
            let value = match signal.rule.judge(Value::Count(0)) {
                Some(_) => Value::Count((class % 7) as u64),
                None if signal.rule.judge(Value::Days(1)).is_some() => Value::Days(1),
                None if signal.rule.judge(Value::Flag(true)).is_some() => Value::Flag(true),
                None => Value::Share { met: 45, of: 50 },
            };
            for observed in ["2026-11-19T12:00:00Z", now] {
                facts.push(machine(signal.id, &name, value, observed));
            }
            let subject = Subject { about: signal.about, name: name.clone() };
            expected.push(Expected { signal, subject });
        }
    }
    let subjects = (0..500).map(|class| Subject { about: About::Device, name: format!("class {class}") });
    let decisions = [Decision {
        requirement: "sr-164-312-a-2-iii".to_owned(),
        scope: Scope::Subjects(subjects.collect()),
        choice: Choice::NotReasonable,
        reason: "r".to_owned(),
        approver: "a".to_owned(),
        decided_on: day("2026-01-01"),
        review_by: day("2027-01-01"),
        proof: None,
    }];
    let moment = Moment::then(at(now));
    let (began, start) = (on_the_processor(), Instant::now());
    let index = Index::new(&facts, &expected, &moment);
    let states = judge(&CATALOGUES, &index, &decisions);
    let waited = start.elapsed();
    assert_eq!(states.len(), CATALOGUES.requirements().count());
    // What others do on the machine of a test says nothing about us: the time on the processor counts, where it is told.
    let took = on_the_processor().zip(began).map_or(waited, |(end, began)| end - began);
    println!("{} facts, {CLASSES} classes: {took:?} on the processor, {waited:?} on the clock", facts.len());
    assert!(took < Duration::from_secs(1), "{took:?}");
}

/// The time that this thread had a processor, by /proc (proc_pid_stat(5): utime and stime, fields 14 and 15, in hundredths of
/// a second).
fn on_the_processor() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Duration::from_millis((user + system) * 10))
}
