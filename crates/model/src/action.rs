//! Something that is to be done, about a weakness or about something that nobody knows: what, by whom, until when, and what
//! shows that it is done.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::clock::{Clock, Length, Rule};
use crate::ids::{ActionId, DecisionId};

/// Whether it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Not yet.
    Open,
    /// Yes.
    Done {
        /// When.
        at: Timestamp,
        /// Who said so.
        by: String,
        /// What shows it.
        proof: String,
    },
    /// It will not be done.
    Dropped {
        /// Since when.
        at: Timestamp,
        /// Who said so.
        by: String,
        /// Why.
        reason: String,
    },
}

impl State {
    /// The stable codes.
    pub const CODES: [&str; 3] = ["open", "done", "dropped"];

    /// The stable code used in JSON, forms and the database.
    pub fn code(&self) -> &'static str {
        match self {
            State::Open => "open",
            State::Done { .. } => "done",
            State::Dropped { .. } => "dropped",
        }
    }
}

/// Whom somebody asked, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The question, by its key.
    pub question: String,
    /// Who was asked: a maker, a ward, a person's office.
    pub whom: String,
}

/// An action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Id.
    pub id: ActionId,
    /// The decision that it carries out.
    pub decision: Option<DecisionId>,
    /// The weakness that it is about.
    pub weakness: Option<String>,
    /// What was asked, where it waits for an answer.
    pub asked: Option<Asked>,
    /// What is to be done.
    pub what: String,
    /// The person or team who does it.
    pub owner: String,
    /// By the end of which day: the house's own target.
    pub due: Date,
    /// The outer limit that somebody else set, and where it stands written.
    pub limit: Option<(Date, String)>,
    /// What will show that it is done.
    pub proof_needed: Option<String>,
    /// The risk that remains until then, or after.
    pub remaining_risk: Option<String>,
    /// What it costs, in the words of who knows.
    pub cost: Option<String>,
    /// Whether it is done.
    pub state: State,
    /// When it was put down.
    pub created: Timestamp,
    /// Who put it down, and by which way.
    pub author: String,
}

impl Action {
    /// Its clock.
    pub fn clock(&self) -> Clock {
        let rule = Rule {
            target: Length::On(self.due),
            limit: self.limit.as_ref().map(|(day, _)| Length::On(*day)),
            citation: self.limit.as_ref().map(|(_, source)| source.clone()),
        };
        let stopped = match &self.state {
            State::Open => None,
            State::Done { at, .. } | State::Dropped { at, .. } => Some(*at),
        };
        Clock { started: self.created, rule, holds: Vec::new(), stopped }
    }
}
