//! The two figures: the share that is evidenced, and the share with something overdue. There is no third.

use super::{Applies, RequirementState, State};

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// How many.
    pub count: u32,
    /// Of how many.
    pub of: u32,
}

impl Share {
    /// In whole per cent, rounded down: 99.9 % is not all. `None` of nothing.
    pub fn percent(self) -> Option<u32> {
        let percent = (u64::from(self.count) * 100).checked_div(u64::from(self.of))?;
        u32::try_from(percent).ok()
    }

    /// In whole per cent, rounded up, for what should not be: one of many is not none. `None` of nothing.
    pub fn percent_up(self) -> Option<u32> {
        let of = u64::from(self.of);
        (of > 0).then(|| u32::try_from((u64::from(self.count) * 100).div_ceil(of)).ok())?
    }
}

/// The figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Requirements that are evidenced. Those whose state is unknown count against it.
    pub evidenced: Share,
    /// Requirements with something overdue.
    pub overdue: Share,
}

impl Figures {
    /// The figures of requirements; those that do not apply, and mere information, are left out.
    pub fn of<'a>(states: impl IntoIterator<Item = &'a RequirementState<'a>>) -> Figures {
        let mut figures = Figures::default();
        for state in states.into_iter().filter(|state| state.applies == Applies::Yes) {
            figures.evidenced.of += 1;
            figures.overdue.of += 1;
            figures.evidenced.count += u32::from(state.state == State::Evidenced);
            figures.overdue.count += u32::from(state.is_overdue());
        }
        figures
    }
}
