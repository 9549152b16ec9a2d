//! How urgent a work item of alerts is, by the judgement that findings are ranked by, and its three clocks.

use bedrail_model::alert::Outcome;
use bedrail_model::clinical::Harm;
use bedrail_model::clock::{Clock, Length, Rule};
use bedrail_model::device::Exposure;
use bedrail_model::severity::Severity;
use jiff::Timestamp;

use crate::priority::{Exploitation, Reach, When, when_to_act};

pub mod duty;
pub mod pause;

/// What ranks a work item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// How it ended.
    pub outcome: Outcome,
    /// How severe the rule's author finds it.
    pub severity: Severity,
    /// How far the device can be reached; [`Exposure::Unknown`] where no device is known.
    pub exposure: Exposure,
    /// What a failure of such a device can do to a patient; `None` where that is not known, which counts as critical.
    pub harm: Option<Harm>,
    /// Whether the device has an open weakness that the rule is about.
    pub is_weak: bool,
}

/// Whether an item shows an attack that works here: SSVC's word for a weakness, asked of an alert.
///
/// A sign of success is one, and so is an attempt that was not stopped on a device with the very weakness. An attempt that was
/// not stopped is expected to become one where its author finds it severe or does not say. What was stopped is not, unless the
/// device has the weakness: the next attempt may come another way.
pub fn exploitation(item: &Item) -> Exploitation {
    let severe = matches!(item.severity, Severity::High | Severity::Critical | Severity::Unknown);
    match (item.outcome, item.is_weak) {
        (Outcome::Success, _) | (Outcome::Allowed | Outcome::Unknown, true) => Exploitation::Active,
        (Outcome::Allowed | Outcome::Unknown, false) if severe => Exploitation::Expected,
        (Outcome::Blocked, true) => Exploitation::Expected,
        (Outcome::Allowed | Outcome::Unknown | Outcome::Blocked, false) => Exploitation::None,
    }
}

/// When to act on an item. An alert over the network was sent by a machine, so it counts as automatable.
pub fn when(item: &Item) -> When {
    let harm = item.harm.unwrap_or(Harm::Critical);
    when_to_act(exploitation(item), Reach::of(item.exposure), true, harm)
}

/// The three steps of an item that have clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Somebody has taken it.
    Acknowledge,
    /// Somebody has said what it is.
    Decide,
    /// It is closed with a reason.
    Close,
}

impl Step {
    /// All of them, in their order.
    pub const ALL: [Step; 3] = [Step::Acknowledge, Step::Decide, Step::Close];

    /// The stable code used in JSON and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Step::Acknowledge => "acknowledge",
            Step::Decide => "decide",
            Step::Close => "close",
        }
    }
}

/// How long each step may take, by when to act. The numbers are ours, a start for an organisation's own: no law names hours for
/// an alert (45 CFR 164.308(a)(6)(ii) asks to respond to known incidents, without a time). Hours run day and night; working
/// days are for what can wait for a week-end.
pub const TARGETS: [(When, [Length; 3]); 4] = [
    (When::Immediate, [Length::Hours(1), Length::Hours(4), Length::Days(3)]),
    (When::OutOfCycle, [Length::Hours(4), Length::WorkingDays(1), Length::WorkingDays(5)]),
    (When::Scheduled, [Length::WorkingDays(1), Length::WorkingDays(3), Length::WorkingDays(20)]),
    (When::Defer, [Length::WorkingDays(5), Length::WorkingDays(10), Length::WorkingDays(30)]),
];

/// How long a step may take.
pub fn target(when: When, step: Step) -> Length {
    let [(_, immediate), ..] = TARGETS;
    let targets = TARGETS.iter().find(|(it, _)| *it == when).map_or(immediate, |(_, targets)| *targets);
    let [acknowledge, decide, close] = targets;
    match step {
        Step::Acknowledge => acknowledge,
        Step::Decide => decide,
        Step::Close => close,
    }
}

/// The clock of a step of an item that began at a moment.
pub fn clock(when: When, step: Step, started: Timestamp) -> Clock {
    let target = target(when, step);
    Clock { started, rule: Rule { target, limit: None, citation: None }, holds: Vec::new(), stopped: None }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn item(
        outcome: Outcome,
        severity: Severity,
        exposure: Exposure,
        harm: Option<Harm>,
        is_weak: bool,
    ) -> Item {
        Item { outcome, severity, exposure, harm, is_weak }
    }

    #[test]
    fn an_item_is_as_urgent_as_what_it_may_do() {
        use Outcome::{Allowed, Blocked, Success, Unknown};
        let (outside, isolated) = (Exposure::Outside, Exposure::Isolated);
        for (outcome, severity, exposure, harm, is_weak, expected) in [
            (Success, Severity::Low, outside, Some(Harm::Critical), false, When::Immediate),
            (Success, Severity::Low, isolated, Some(Harm::Negligible), false, When::Scheduled),
            (Allowed, Severity::Low, outside, Some(Harm::Catastrophic), true, When::Immediate),
            (Unknown, Severity::Low, outside, Some(Harm::Catastrophic), true, When::Immediate),
            (Allowed, Severity::High, outside, Some(Harm::Critical), false, When::OutOfCycle),
            (Allowed, Severity::Low, outside, Some(Harm::Critical), false, When::Scheduled),
            (Blocked, Severity::Critical, outside, Some(Harm::Critical), false, When::Scheduled),
            (Blocked, Severity::Critical, outside, Some(Harm::Critical), true, When::OutOfCycle),
            (Blocked, Severity::Critical, isolated, Some(Harm::Minor), false, When::Defer),
            // What is not known counts as the worse.
            (Success, Severity::Unknown, Exposure::Unknown, None, false, When::Immediate),
            (Allowed, Severity::Unknown, Exposure::Unknown, None, false, When::OutOfCycle),
        ] {
            let item = item(outcome, severity, exposure, harm, is_weak);
            assert_eq!(when(&item), expected, "{item:?}");
        }
    }

    /// Nothing that is worse is ever less urgent.
    #[test]
    fn worse_is_never_later() {
        let severities = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
        // From the mildest.
        let outcomes = [Outcome::Blocked, Outcome::Allowed, Outcome::Success];
        for exposure in Exposure::ALL {
            for harm in Harm::ALL {
                for weak in [false, true] {
                    let rank = |outcome, severity| when(&item(outcome, severity, exposure, Some(harm), weak));
                    for severity in severities {
                        assert!(outcomes.windows(2).all(|it| rank(it[0], severity) <= rank(it[1], severity)));
                        assert!(rank(Outcome::Unknown, severity) >= rank(Outcome::Allowed, severity));
                    }
                    for outcome in outcomes {
                        assert!(severities.windows(2).all(|it| rank(outcome, it[0]) <= rank(outcome, it[1])));
                        let weak = when(&item(outcome, Severity::Low, exposure, Some(harm), true));
                        assert!(weak >= rank(outcome, Severity::Low));
                    }
                }
            }
        }
    }

    #[test]
    fn clocks_run_by_the_table() {
        // A Friday evening.
        let started: Timestamp = "2026-11-27T17:00:00Z".parse().unwrap();
        for (when, step, due) in [
            (When::Immediate, Step::Acknowledge, "2026-11-27T18:00:00Z"),
            (When::Immediate, Step::Decide, "2026-11-27T21:00:00Z"),
            (When::OutOfCycle, Step::Decide, "2026-12-01T00:00:00Z"),
            (When::Scheduled, Step::Acknowledge, "2026-12-01T00:00:00Z"),
            (When::Defer, Step::Acknowledge, "2026-12-05T00:00:00Z"),
        ] {
            let due: Timestamp = due.parse().unwrap();
            assert_eq!(clock(when, step, started).target(&TimeZone::UTC, &[]), due, "{when:?} {step:?}");
        }
        assert_eq!(Step::ALL.map(Step::code), ["acknowledge", "decide", "close"]);
        let due = |when, step| clock(when, step, started).target(&TimeZone::UTC, &[]);
        for when in When::ALL {
            assert!(Step::ALL.windows(2).all(|it| due(when, it[0]) < due(when, it[1])), "{when:?}");
        }
        for step in Step::ALL {
            assert!(
                When::ALL.windows(2).all(|it| due(it[0], step) < due(it[1], step)),
                "the urgent first: {step:?}"
            );
        }
    }
}
