//! Recognised security practices (Pub. L. 116-321, HITECH 13412): whether a practice was in place on each of the previous
//! days, with its gaps. HHS weighs what was in place for the previous twelve months.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::state::State;

/// A run of days without proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// First day, inclusive.
    pub from: Date,
    /// Last day, inclusive.
    pub to: Date,
    /// The best state of its days: unknown, no, partly or claimed.
    pub state: State,
}

/// A practice over a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuity {
    /// First day, inclusive.
    pub from: Date,
    /// Last day, inclusive.
    pub to: Date,
    /// Days of the period.
    pub days: u32,
    /// Days on which it was evidenced.
    pub evidenced: u32,
    /// Days without, gathered.
    pub gaps: Vec<Gap>,
}

/// The twelve months that end on a day: from the day after the same day of the year before.
pub fn twelve_months(to: Date) -> (Date, Date) {
    (to.saturating_sub(1.year()).saturating_add(1.day()), to)
}

/// A practice over a period, from its state of each day. A day without a state is unknown.
pub fn over(from: Date, to: Date, daily: &[(Date, State)]) -> Continuity {
    let mut result = Continuity { from, to, days: 0, evidenced: 0, gaps: Vec::new() };
    let mut day = from;
    while day <= to {
        result.days += 1;
        // Of several states of one day the worst counts.
        let state = daily.iter().filter(|(on, _)| *on == day).map(|(_, state)| *state).min();
        let state = state.unwrap_or(State::Unknown);
        if state == State::Evidenced {
            result.evidenced += 1;
        } else {
            let before = result.gaps.last_mut().filter(|gap| gap.to.tomorrow().is_ok_and(|next| next == day));
            match before {
                Some(gap) => {
                    gap.to = day;
                    gap.state = gap.state.max(state);
                }
                None => result.gaps.push(Gap { from: day, to: day, state }),
            }
        }
        match day.tomorrow() {
            Ok(next) => day = next,
            Err(_) => break,
        }
    }
    result
}
