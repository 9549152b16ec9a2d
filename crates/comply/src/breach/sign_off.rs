//! What is missing before somebody may sign off the notices of a case.

use super::clocks::{Clocks, Presumption};
use super::states::StateClock;
use super::{Assessment, Harm};

/// Something missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// Nobody said whether somebody died or was seriously injured.
    DeathOrInjury,
    /// The day of discovery.
    Discovery,
    /// How many are affected.
    Count,
    /// Residents by State do not add up to all: whose media and whose law are not known.
    StateSplit {
        /// How many have no State.
        without: u64,
    },
    /// A State whose clock nobody knows: a dated row or counsel's tick.
    State(String),
    /// Nobody approved the decision.
    Approver,
}

/// What is missing before the notices of a case can be signed off; empty when it can.
pub fn ready_for_sign_off(clocks: &Clocks, assessment: Option<&Assessment>) -> Vec<Missing> {
    let mut missing = Vec::new();
    if assessment.and_then(|it| it.harm).is_none_or(|harm| harm == Harm::NotKnown) {
        missing.push(Missing::DeathOrInjury);
    }
    if assessment.is_none_or(|it| it.approver.as_deref().is_none_or(|approver| approver.trim().is_empty())) {
        missing.push(Missing::Approver);
    }
    if clocks.presumption == Presumption::NotNotifiable {
        return missing;
    }
    if clocks.discovered.is_none() {
        missing.push(Missing::Discovery);
    }
    if clocks.affected.is_none() {
        missing.push(Missing::Count);
    }
    if clocks.without_state > 0 {
        missing.push(Missing::StateSplit { without: clocks.without_state });
    }
    let open = clocks.states.iter().filter(|(_, clock)| **clock == StateClock::CannotTell);
    missing.extend(open.map(|(state, _)| Missing::State(state.clone())));
    missing
}
