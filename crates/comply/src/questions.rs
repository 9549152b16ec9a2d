//! Self-assessment: the questions of the catalogues in plain words, and what an answer becomes. An answer is a person's word
//! about what no program sees; it never stands for what one could compute.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::catalog::{Catalogues, Designation};
use crate::fact::{Fact, InvalidFact, NewFact, Subject, Word};
use crate::signal::{About, Kind, Rule, Signal, Value};

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The requirement's id.
    pub requirement: String,
    /// Where it stands written.
    pub citation: String,
    /// The question.
    pub text: String,
    /// What would show it.
    pub evidence: Vec<String>,
    /// The signals that an answer speaks for: those that no program computes. Each becomes one fact.
    pub signals: Vec<&'static Signal>,
    /// Whether the program computes the rest by itself.
    pub computed_too: bool,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is so. With a document it can be shown; without it is a claim.
    Yes,
    /// It is not so; becomes an action.
    No,
    /// Partly, or nobody knows: no fact, the state stays unknown, and the note is kept.
    NotSure,
}

/// An answer with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The signal that it speaks for.
    pub signal: String,
    /// The answer.
    pub answer: Answer,
    /// The site, vendor or system that it is about; the organisation's own name where it is one thing.
    pub about: String,
    /// Who answered.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The document that shows it: its SHA-256.
    pub document: Option<[u8; 32]>,
}

/// All questions that people can answer, in the order of the catalogues. Requirements of which everything is computed have none.
pub fn questions(catalogues: &Catalogues) -> Vec<Question> {
    catalogues
        .requirements()
        .filter(|requirement| requirement.designation != Designation::Informational)
        .filter_map(|requirement| {
            let signals: Vec<&'static Signal> =
                requirement.signals.iter().filter(|signal| by_hand(signal)).copied().collect();
            (!signals.is_empty()).then(|| Question {
                requirement: requirement.id.clone(),
                citation: requirement.citation.clone(),
                text: requirement.question.clone(),
                evidence: requirement.evidence.clone(),
                computed_too: signals.len() < requirement.signals.len(),
                signals,
            })
        })
        .collect()
}

/// Whether an answer speaks for a signal: no program computes it.
pub fn by_hand(signal: &Signal) -> bool {
    matches!(signal.kind, Kind::Manual { .. } | Kind::NotConnected { .. })
}

/// The fact that an answer becomes; `None` where it says nothing either way.
///
/// # Errors
/// [`InvalidFact`] where there is no such signal.
pub fn fact(answered: &Answered, zone: &TimeZone) -> Result<Option<Fact>, InvalidFact> {
    let signal = Signal::of(&answered.signal).ok_or_else(|| InvalidFact::Signal(answered.signal.clone()))?;
    let met = match answered.answer {
        Answer::Yes => true,
        Answer::No => false,
        Answer::NotSure => return Ok(None),
    };
    let word = match answered.document {
        Some(digest) => Word::Document { digest, collector: answered.by.clone() },
        None => Word::Person { name: answered.by.clone() },
    };
    let fact = NewFact {
        signal: answered.signal.clone(),
        subject: Subject { about: signal.about, name: answered.about.clone() },
        value: value(signal.rule, met),
        observed_at: answered.at,
        known_at: answered.at,
        about_from: answered.at.to_zoned(zone.clone()).date(),
        about_to: None,
        word,
        evidence: format!("self-assessment, answered by {}", answered.by),
    };
    fact.check().map(Some)
}

/// The value that a yes or a no stands for under a rule: just met, or just not.
fn value(rule: Rule, met: bool) -> Value {
    match rule {
        Rule::Yes | Rule::Applies => Value::Flag(met),
        Rule::NoneLeft => Value::Count(u64::from(!met)),
        Rule::AtLeastOne => Value::Count(u64::from(met)),
        Rule::AtMostDays(most) => Value::Days(if met { most } else { most + 1 }),
        Rule::AtMostHours(most) => Value::Hours(if met { most } else { most + 1 }),
        Rule::AtLeastPercent(..) => Value::Share { met: u64::from(met), of: 1 },
    }
}

/// Whether a question is asked once per site rather than once.
pub fn per_site(question: &Question) -> bool {
    question.signals.iter().any(|signal| signal.about == About::Site)
}
