//! Something that is to be done, about a weakness or about something that nobody knows: what, by whom, until when, and what
//! shows that it is done.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::campaign::Ward;
use crate::clock::{Clock, Length, Rule};
use crate::ids::{ActionId, CampaignId, DecisionId};
use crate::money::Money;

/// What kind of action it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Kind {
    /// A fixed release is installed.
    Patch,
    /// The devices are taken off the network that reaches them.
    Isolate,
    /// The devices are replaced.
    Replace,
    /// Something stands in front of them: a firewall, a rule.
    Shield,
    /// The risk is accepted.
    Accept,
    /// Somebody is asked: the maker, a ward.
    Ask,
    /// Anything else.
    #[default]
    Other,
}

/// What shows that an action of a kind is done, beside the finding being gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownBy {
    /// The finding is gone on the devices that it is about; nothing less.
    FindingGone,
    /// The devices are listed or seen as isolated or not connected.
    Isolated,
    /// The risk is accepted for them by a decision in force.
    RiskAccepted,
    /// The answer: what somebody recorded as it.
    Answer,
    /// A firewall of ours in front of them stopped every probe of the rules that cover the weakness.
    Shielded,
}

/// A row of the table of kinds.
#[derive(Debug, Clone, Copy)]
pub struct KindRow {
    /// Which.
    pub kind: Kind,
    /// The stable code used in JSON, forms and the database.
    pub code: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What shows that it is done, where it is about a weakness.
    pub shown_by: ShownBy,
    /// The same in words.
    pub shown_words: &'static str,
}

/// All kinds, in the order in which they are offered. A shield takes no weakness away: it is shown by probes, and the finding stands.
pub const KINDS: &[KindRow] = &[
    kind(Kind::Patch, "patch", "install a fix", ShownBy::FindingGone),
    kind(Kind::Isolate, "isolate", "isolate", ShownBy::Isolated),
    kind(Kind::Replace, "replace", "replace", ShownBy::FindingGone),
    kind(Kind::Shield, "shield", "shield", ShownBy::Shielded),
    kind(Kind::Accept, "accept", "accept the risk", ShownBy::RiskAccepted),
    kind(Kind::Ask, "ask", "ask the supplier", ShownBy::Answer),
    kind(Kind::Other, "other", "other", ShownBy::FindingGone),
];

const fn kind(kind: Kind, code: &'static str, name: &'static str, shown_by: ShownBy) -> KindRow {
    let shown_words = match shown_by {
        ShownBy::FindingGone => "the weakness is no longer found on its devices",
        ShownBy::Isolated => "its devices are isolated or not connected, by their lists",
        ShownBy::RiskAccepted => "a decision in force accepts the risk for its devices",
        ShownBy::Answer => "the answer is recorded",
        ShownBy::Shielded => {
            "a firewall of ours in front of its devices stopped every probe; the weakness is still there"
        }
    };
    KindRow { kind, code, name, shown_by, shown_words }
}

impl Kind {
    /// Its row.
    pub fn row(self) -> &'static KindRow {
        // The test below sees to it that every kind has its row.
        KINDS.iter().find(|row| row.kind == self).unwrap_or(&KINDS[KINDS.len() - 1])
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// The kind of a code.
    pub fn from_code(code: &str) -> Option<Kind> {
        KINDS.iter().find(|row| row.code == code).map(|row| row.kind)
    }
}

/// When the devices may be worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// From.
    pub from: Timestamp,
    /// To, later than that.
    pub to: Timestamp,
}

/// What the program itself saw that shows an action to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// When it was seen.
    pub at: Timestamp,
    /// What: the releases that the devices run now, the bills that say so, the state of the data.
    pub evidence: String,
}

/// Where an action stands, its proof counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Not done.
    Open,
    /// Somebody says that it is done, and nothing shows it yet.
    NotShown,
    /// Done, with what shows it.
    Closed,
    /// It will not be done.
    Dropped,
}

impl Stage {
    /// All of them, in the order of a board.
    pub const ALL: [Stage; 4] = [Stage::Open, Stage::NotShown, Stage::Closed, Stage::Dropped];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Stage::Open => "open",
            Stage::NotShown => "not_shown",
            Stage::Closed => "closed",
            Stage::Dropped => "dropped",
        }
    }
}

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
    /// What kind it is.
    pub kind: Kind,
    /// The decision that it carries out.
    pub decision: Option<DecisionId>,
    /// The campaign that it was put down in.
    pub campaign: Option<CampaignId>,
    /// The ward whose devices it is about, where it is about those of one.
    pub ward: Option<Ward>,
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
    /// When the devices may be worked on.
    pub window: Option<Window>,
    /// The outer limit that somebody else set, and where it stands written.
    pub limit: Option<(Date, String)>,
    /// What will show that it is done.
    pub proof_needed: Option<String>,
    /// The risk that remains until then, or after.
    pub remaining_risk: Option<String>,
    /// What it costs, in the words of who knows.
    pub cost: Option<String>,
    /// The same as an amount.
    pub amount: Option<Money>,
    /// Whether it is done.
    pub state: State,
    /// What the program saw that shows it; only where it is done.
    pub seen: Option<Seen>,
    /// When it was put down.
    pub created: Timestamp,
    /// Who put it down, and by which way.
    pub author: String,
}

impl Action {
    /// Whether the program looks for what shows it: it is about a weakness, and is no question.
    pub fn is_checked(&self) -> bool {
        self.weakness.is_some() && self.kind.row().shown_by != ShownBy::Answer
    }

    /// Where it stands. What is about no weakness is closed by the proof that a person gave.
    pub fn stage(&self) -> Stage {
        match &self.state {
            State::Open => Stage::Open,
            State::Dropped { .. } => Stage::Dropped,
            State::Done { .. } if self.is_checked() && self.seen.is_none() => Stage::NotShown,
            State::Done { .. } => Stage::Closed,
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_row_and_its_code() {
        let all =
            [Kind::Patch, Kind::Isolate, Kind::Replace, Kind::Shield, Kind::Accept, Kind::Ask, Kind::Other];
        assert_eq!(all.len(), KINDS.len());
        for kind in all {
            assert_eq!(kind.row().kind, kind);
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
        }
    }
}
