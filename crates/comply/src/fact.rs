//! Facts: one value of one signal, about one system, at one moment, with who says so and what shows it.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use crate::signal::{About, Kind, Outcome, Signal, Value};

/// The system that a fact is about: a configuration class, a site, a vendor, the organisation. Devices are gathered by
/// class before they come here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Which kind.
    pub about: About,
    /// Which: a name or an id that stays.
    pub name: String,
}

/// Whose word a fact is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// The program computed it.
    Machine,
    /// A document shows it.
    Document {
        /// SHA-256 of the document.
        digest: [u8; 32],
        /// Who collected it.
        collector: String,
    },
    /// A person says so.
    Person {
        /// Who.
        name: String,
    },
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Of which signal.
    pub signal: &'static Signal,
    /// About which system.
    pub subject: Subject,
    /// The value.
    pub value: Value,
    /// When it was so.
    pub observed_at: Timestamp,
    /// Since when it was known here. A binder "as known then" leaves out what was known later.
    pub known_at: Timestamp,
    /// The first day that it is about, inclusive.
    pub about_from: Date,
    /// The last day that it is about, inclusive; `None` where the document names none.
    pub about_to: Option<Date>,
    /// Whose word it is.
    pub word: Word,
    /// Where to look: an id, a link inside of the program, a line of a document.
    pub evidence: String,
    outcome: Outcome,
}

/// What a fact is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFact {
    /// The signal's id.
    pub signal: String,
    /// About which system.
    pub subject: Subject,
    /// The value.
    pub value: Value,
    /// When it was so.
    pub observed_at: Timestamp,
    /// Since when it is known here.
    pub known_at: Timestamp,
    /// The first day that it is about.
    pub about_from: Date,
    /// The last day that it is about.
    pub about_to: Option<Date>,
    /// Whose word it is.
    pub word: Word,
    /// Where to look.
    pub evidence: String,
}

/// Why something is no fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFact {
    /// No such signal.
    #[error("there is no signal {0:?}")]
    Signal(String),
    /// It is about another kind of system.
    #[error("{signal} is about {}, not about {}", wanted.name(), given.name())]
    Subject {
        /// The signal.
        signal: &'static str,
        /// What it is about.
        wanted: About,
        /// What the fact is about.
        given: About,
    },
    /// The value is of another kind.
    #[error("{signal} is judged as \"{rule}\", which says nothing of {value:?}")]
    Value {
        /// The signal.
        signal: &'static str,
        /// Its rule in words.
        rule: String,
        /// The value.
        value: Value,
    },
    /// It ends before it begins.
    #[error("a fact about {from} to {to} ends before it begins")]
    Period {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// It was known before it was so.
    #[error("a fact cannot be known at {known} that was observed at {observed}")]
    Future {
        /// When it was so.
        observed: Timestamp,
        /// When it was known.
        known: Timestamp,
    },
    /// Nothing shows it.
    #[error("a fact names its evidence: say where to look")]
    Evidence,
}

impl NewFact {
    /// Checks it.
    ///
    /// # Errors
    /// [`InvalidFact`].
    pub fn check(self) -> Result<Fact, InvalidFact> {
        let signal = Signal::of(&self.signal).ok_or(InvalidFact::Signal(self.signal))?;
        if signal.about != self.subject.about {
            return Err(InvalidFact::Subject {
                signal: signal.id,
                wanted: signal.about,
                given: self.subject.about,
            });
        }
        let outcome = signal.rule.judge(self.value).ok_or_else(|| InvalidFact::Value {
            signal: signal.id,
            rule: signal.rule.words(),
            value: self.value,
        })?;
        if let Some(to) = self.about_to.filter(|to| *to < self.about_from) {
            return Err(InvalidFact::Period { from: self.about_from, to });
        }
        if self.known_at < self.observed_at {
            return Err(InvalidFact::Future { observed: self.observed_at, known: self.known_at });
        }
        if self.evidence.trim().is_empty() {
            return Err(InvalidFact::Evidence);
        }
        Ok(Fact {
            signal,
            subject: self.subject,
            value: self.value,
            observed_at: self.observed_at,
            known_at: self.known_at,
            about_from: self.about_from,
            about_to: self.about_to,
            word: self.word,
            evidence: self.evidence,
            outcome,
        })
    }
}

impl Fact {
    /// What the signal's rule says of it.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The last day on which it holds, inclusive: what the document says, and at most the signal's days after it was observed,
    /// by the days of UTC. A proof for ever would be none.
    pub fn holds_until(&self) -> Date {
        let observed = jiff::tz::Offset::UTC.to_datetime(self.observed_at).date();
        let longest = observed.saturating_add(self.signal.valid_days.days());
        self.about_to.map_or(longest, |to| to.min(longest))
    }

    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.about_from <= day && day <= self.holds_until()
    }

    /// How strong the word is. What the program computes is shown; a document shows what only a document can; a
    /// policy on a computed signal, and any person's word, is a claim.
    pub(crate) fn is_shown(&self) -> bool {
        match self.word {
            Word::Machine => true,
            Word::Document { .. } => {
                matches!(self.signal.kind, Kind::Manual { .. } | Kind::NotConnected { .. })
            }
            Word::Person { .. } => false,
        }
    }
}
