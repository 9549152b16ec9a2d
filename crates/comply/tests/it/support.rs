//! What several tests need.

use std::sync::LazyLock;

use bedrail_comply::catalog::Catalogues;
use bedrail_comply::fact::{Fact, NewFact, Subject, Word};
use bedrail_comply::signal::{Signal, Value};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub(crate) static CATALOGUES: LazyLock<Catalogues> =
    LazyLock::new(|| Catalogues::embedded().expect("ours have no fault"));

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

/// A moment on a day, late enough for everything of that day to have happened.
pub(crate) fn on(date: Date) -> Timestamp {
    date.at(23, 0, 0, 0).to_zoned(TimeZone::UTC).expect("a moment").timestamp()
}

/// A fact of the program, observed and known at one moment.
pub(crate) fn machine(signal: &str, subject: &str, value: Value, observed: &str) -> Fact {
    fact(signal, subject, value, observed, Word::Machine)
}

pub(crate) fn fact(signal: &str, subject: &str, value: Value, observed: &str, word: Word) -> Fact {
    let row = Signal::of(signal).expect("a signal");
    NewFact {
        signal: signal.to_owned(),
        subject: Subject { about: row.about, name: subject.to_owned() },
        value,
        observed_at: at(observed),
        known_at: at(observed),
        about_from: at(observed).to_zoned(TimeZone::UTC).date(),
        about_to: None,
        word,
        evidence: "test".to_owned(),
    }
    .check()
    .expect("a fact")
}
