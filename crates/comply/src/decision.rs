//! Decisions on addressable specifications (45 CFR 164.306(d)(3)): it is done, or something equivalent is done, or it is not
//! reasonable and the reason is written down. Never simply left out.

use jiff::civil::Date;

use crate::catalog::{Designation, Requirement};
use crate::fact::Subject;
use crate::signal::About;

/// The three lawful outcomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// It is implemented: facts must show it, so the decision changes no state.
    Implement,
    /// An equivalent measure stands in its place.
    Alternative {
        /// Which.
        measure: String,
    },
    /// It is not reasonable and appropriate here, and neither is an equivalent measure.
    NotReasonable,
}

/// For which systems a decision holds. Hundreds of devices of one model share one: the subject is their class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere.
    All,
    /// These systems. The decision says nothing of the others, nor of signals about other kinds of system.
    Subjects(Vec<Subject>),
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The requirement's id.
    pub requirement: String,
    /// For which systems.
    pub scope: Scope,
    /// What was chosen.
    pub choice: Choice,
    /// Why.
    pub reason: String,
    /// Who approved it.
    pub approver: String,
    /// When.
    pub decided_on: Date,
    /// The last day on which it holds without a new look, inclusive.
    pub review_by: Date,
    /// SHA-256 of the document that shows the measure or the assessment; without it the decision is a claim.
    pub proof: Option<[u8; 32]>,
}

/// Why a decision cannot stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDecision {
    /// The specification is not addressable.
    #[error("{0} is {1}: only an addressable specification leaves a choice (45 CFR 164.306(d))")]
    NotAddressable(String, &'static str),
    /// It is about another requirement.
    #[error("the decision is about {0}, not about {1}")]
    Other(String, String),
    /// No reason.
    #[error("a decision gives its reason")]
    Reason,
    /// Nobody approved it.
    #[error("a decision names who approved it")]
    Approver,
    /// No measure.
    #[error("an alternative names the measure that stands in place")]
    Measure,
    /// The review date is not after the decision.
    #[error("the review date {review} is not after the decision of {decided}")]
    Review {
        /// The review date.
        review: Date,
        /// The day of the decision.
        decided: Date,
    },
    /// It covers nothing.
    #[error("a decision names at least one system, or all")]
    Scope,
}

impl Decision {
    /// Whether it can stand for a requirement.
    ///
    /// # Errors
    /// [`InvalidDecision`].
    pub fn check(&self, requirement: &Requirement) -> Result<(), InvalidDecision> {
        if self.requirement != requirement.id {
            return Err(InvalidDecision::Other(self.requirement.clone(), requirement.id.clone()));
        }
        if requirement.designation != Designation::Addressable && self.choice != Choice::Implement {
            let designation = requirement.designation.code();
            return Err(InvalidDecision::NotAddressable(requirement.citation.clone(), designation));
        }
        if self.reason.trim().is_empty() {
            return Err(InvalidDecision::Reason);
        }
        if self.approver.trim().is_empty() {
            return Err(InvalidDecision::Approver);
        }
        if matches!(&self.choice, Choice::Alternative { measure } if measure.trim().is_empty()) {
            return Err(InvalidDecision::Measure);
        }
        if self.review_by <= self.decided_on {
            return Err(InvalidDecision::Review { review: self.review_by, decided: self.decided_on });
        }
        if matches!(&self.scope, Scope::Subjects(subjects) if subjects.is_empty()) {
            return Err(InvalidDecision::Scope);
        }
        Ok(())
    }

    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.decided_on <= day && day <= self.review_by
    }

    /// Whether it covers a system.
    pub fn covers(&self, about: About, name: &str) -> bool {
        match &self.scope {
            Scope::All => true,
            Scope::Subjects(subjects) => subjects.iter().any(|it| it.about == about && it.name == name),
        }
    }
}
