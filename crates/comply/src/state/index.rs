//! Facts, put in order once for a moment: for each signal its systems, for each system the fact that counts.

use std::collections::HashMap;

use jiff::civil::Date;

use super::{Moment, State, of_fact};
use crate::fact::{Fact, Subject};
use crate::signal::Signal;

/// A system of which a signal has to say something. Without a fact it is unknown, so that what is known of some classes
/// does not stand for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The signal.
    pub signal: &'static Signal,
    /// The system.
    pub subject: Subject,
}

/// What is known of one system by one signal.
#[derive(Debug)]
pub(crate) struct OfSubject<'a> {
    pub(crate) name: &'a str,
    /// The newest fact that holds; of several of one moment the worst.
    pub(crate) current: Option<&'a Fact>,
    /// The newest fact of all.
    newest: Option<&'a Fact>,
    /// Whether there are facts and none holds.
    pub(crate) lapsed: bool,
}

impl<'a> OfSubject<'a> {
    /// The state of this system by this signal.
    pub(crate) fn state(&self) -> State {
        let state = self.current.map_or(State::Unknown, of_fact);
        // A newer fact that failed and has lapsed since takes an older proof its strength: whoever saw it fail has not seen it
        // mended.
        let failed_since = self.newest.zip(self.current).is_some_and(|(newest, current)| {
            newest.observed_at > current.observed_at && of_fact(newest) < state
        });
        if failed_since { state.min(State::Unknown) } else { state }
    }

    fn take(&mut self, fact: &'a Fact, day: Date) {
        let newer = |old: &Fact| {
            fact.observed_at > old.observed_at
                || (fact.observed_at == old.observed_at && of_fact(fact) < of_fact(old))
        };
        if self.newest.is_none_or(newer) {
            self.newest = Some(fact);
        }
        if fact.holds_on(day) && self.current.is_none_or(newer) {
            self.current = Some(fact);
        }
        self.lapsed = self.current.is_none();
    }
}

/// What is known by one signal.
#[derive(Debug, Default)]
struct OfSignal<'a> {
    places: HashMap<&'a str, usize>,
    subjects: Vec<OfSubject<'a>>,
}

/// Facts in order.
#[derive(Debug)]
pub struct Index<'a> {
    day: Date,
    signals: HashMap<&'static str, OfSignal<'a>>,
}

impl<'a> Index<'a> {
    /// Puts facts in order for a moment. Facts of later, and those that were known later, are left out.
    pub fn new(facts: &'a [Fact], expected: &'a [Expected], moment: &Moment) -> Index<'a> {
        let mut index = Index { day: moment.day(), signals: HashMap::new() };
        for it in expected {
            index.place(it.signal, &it.subject);
        }
        let there = |fact: &&Fact| fact.observed_at <= moment.at && fact.known_at <= moment.known_by;
        for fact in facts.iter().filter(there) {
            let day = index.day;
            index.place(fact.signal, &fact.subject).take(fact, day);
        }
        index
    }

    fn place(&mut self, signal: &'static Signal, subject: &'a Subject) -> &mut OfSubject<'a> {
        let of_signal = self.signals.entry(signal.id).or_default();
        let place = *of_signal.places.entry(&subject.name).or_insert_with(|| {
            of_signal.subjects.push(OfSubject {
                name: &subject.name,
                current: None,
                newest: None,
                lapsed: false,
            });
            of_signal.subjects.len() - 1
        });
        &mut of_signal.subjects[place]
    }

    /// The day that is judged.
    pub fn day(&self) -> Date {
        self.day
    }

    pub(crate) fn of(&self, signal: &Signal) -> &[OfSubject<'a>] {
        self.signals.get(signal.id).map_or(&[], |of_signal| &of_signal.subjects)
    }
}
