//! Breach notification (45 CFR 164.400–414): from what happened to whom must be told, by when.
//!
//! What is known comes as events, each with the moment at which it was recorded; clocks come out. Nothing is ever edited:
//! a changed count or date is one more event, the clocks move, and [`history`](history()) says when they moved and from where.
//! Days are civil days at the entity's principal place; no date is moved off a weekend.

mod assessment;
mod clocks;
mod discovery;
mod factors;
mod history;
mod hold;
mod sign_off;
mod states;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

pub use assessment::{
    Assessment, Basis, Exception, FactorAnswer, Harm, Judgement, Question, Secured, Weighed,
};
pub use clocks::{Clocks, Due, Presumption, Recipient, Route, clocks, per_entity, substitute_notice};
pub use factors::{AssetEvidence, FACTORS, Factor, Prefilled, prefill};
pub use history::{Moved, Step, history};
pub use hold::{Form, Statement};
pub use sign_off::{Missing, ready_for_sign_off};
pub use states::{InvalidStates, StateClock, StateRule, StateRules, Tick};

/// The outer limit of 164.404(b), 164.406(b), 164.408(b), 164.408(c) and 164.410(b), in calendar days after the day of discovery.
pub const OUTER_LIMIT_DAYS: i64 = 60;
/// From how many people on the Secretary is told at once, inclusive (164.408(b)).
pub const LARGE: u64 = 500;
/// Above how many residents of one State the media there are told, exclusive (164.406(a)).
pub const MEDIA_ABOVE: u64 = 500;
/// The longest delay by an oral statement, in days after it (164.412(b)).
pub const ORAL_HOLD_DAYS: i64 = 30;
/// The house's own target in days after discovery where nobody set one: "without unreasonable delay" is the duty, the outer
/// limit is no plan.
pub const TARGET_DAYS: i64 = 30;

/// On which side of the contract the organisation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A covered entity.
    CoveredEntity,
    /// A business associate: its duty is to tell the covered entity (164.410).
    BusinessAssociate,
}

/// What stays the same over a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The role.
    pub role: Role,
    /// Days within which the contract makes a business associate tell, where there is one.
    pub contract_days: Option<i64>,
    /// The house's own target, in days after discovery.
    pub target_days: i64,
}

impl Default for Case {
    fn default() -> Case {
        Case { role: Role::CoveredEntity, contract_days: None, target_days: TARGET_DAYS }
    }
}

/// Who knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knower {
    /// The privacy office, or whoever answers for it.
    Entity,
    /// A member of the workforce or an agent, other than whoever committed the breach (164.404(a)(2)).
    Workforce,
    /// Whoever committed the breach: that knowledge does not count.
    Wrongdoer,
    /// Nobody did, but with reasonable diligence somebody would have.
    Diligence,
}

/// How many people are affected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Count {
    /// Of which covered entity; empty where there is one.
    pub entity: String,
    /// In all. Each covered entity counts its own people.
    pub total: u64,
    /// Residents by State or jurisdiction, by postal code.
    pub by_state: BTreeMap<String, u64>,
}

/// Something that was learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The breach happened on this day.
    Occurred(Date),
    /// Somebody knew on this day.
    Known(Knower, Date),
    /// The business associate discovered it on this day.
    AssociateDiscovered {
        /// When.
        on: Date,
        /// Whether it acts as an agent (federal common law of agency): then its knowledge is the entity's.
        agent: bool,
    },
    /// The business associate told the covered entity on this day.
    AssociateTold(Date),
    /// So many are affected.
    Counted(Count),
    /// Law enforcement asked for a delay.
    LawEnforcement(Statement),
    /// The attacker encrypted unsecured PHI: a security incident, and acquisition (OCR guidance of 2016).
    Ransomware,
    /// The assessment as it stands now; the newest counts.
    Assessed(Box<Assessment>),
    /// Somebody was told.
    Notified {
        /// Who.
        recipient: Recipient,
        /// When.
        on: Date,
    },
}

/// An event with the moment at which it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}

/// What cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEvent {
    /// A date ahead.
    #[error("{what} on {on} lies ahead of {today}; write the day on which it happened")]
    Future {
        /// What.
        what: &'static str,
        /// The date.
        on: Date,
        /// The day on which it was recorded.
        today: Date,
    },
    /// Known before it happened.
    #[error("discovered on {discovered}, before it happened on {occurred}; one of the two dates is wrong")]
    Before {
        /// Discovery.
        discovered: Date,
        /// Occurrence.
        occurred: Date,
    },
    /// The States add up to more than there are.
    #[error("the States add up to {states}, more than the {total} people in all")]
    Counts {
        /// Sum of States.
        states: u64,
        /// In all.
        total: u64,
    },
    /// The associate told before it knew.
    #[error("the business associate told on {told}, before it discovered on {discovered}")]
    Told {
        /// When it told.
        told: Date,
        /// When it discovered.
        discovered: Date,
    },
    /// A delay that ends before the statement.
    #[error("a delay until {until} ends before the statement of {statement}")]
    Delay {
        /// The statement.
        statement: Date,
        /// Its end.
        until: Date,
    },
}
