//! Clocks move when facts change, and what was due before stays on record.

use bedrail_comply::breach::{
    Case, Count, Event, Form, Knower, Recipient, Recorded, StateRules, Statement, history,
};
use jiff::tz::TimeZone;

use crate::support::{at, day};

fn at_noon(on: &str, event: Event) -> Recorded {
    Recorded { at: at(&format!("{on}T12:00:00Z")), event }
}

fn count(total: u64) -> Event {
    Event::Counted(Count { total, ..Count::default() })
}

#[test]
fn each_change_is_a_step_that_says_what_moved() {
    let events = [
        // Written down out of order.
        at_noon("2026-06-20", count(512)),
        at_noon("2026-05-05", Event::Known(Knower::Entity, day("2026-05-05"))),
        at_noon("2026-05-10", count(480)),
        at_noon("2026-06-01", Event::Known(Knower::Workforce, day("2026-05-01"))),
        at_noon(
            "2026-06-25",
            Event::LawEnforcement(Statement {
                form: Form::Oral,
                on: day("2026-06-25"),
                hold_until: None,
                documented: true,
            }),
        ),
    ];
    let steps = history(&Case::default(), &events, &StateRules::default(), &TimeZone::UTC).unwrap();
    assert_eq!(steps.len(), 5);
    let limits = |recipient: Recipient| -> Vec<Option<String>> {
        steps.iter().map(|step| step.clocks.to(&recipient).map(|due| due.limit.to_string())).collect()
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        limits(Recipient::Individuals),
        [some("2026-07-04"), some("2026-07-04"), some("2026-06-30"), some("2026-06-30"), some("2026-07-25")]
    );
    assert_eq!(
        limits(Recipient::Secretary),
        [None, some("2027-03-01"), some("2027-03-01"), some("2026-06-30"), some("2026-07-25")],
        "nobody counted, then fewer than 500, then more"
    );
    let moved = &steps[3].moved;
    assert_eq!(moved.len(), 1, "{moved:?}");
    assert_eq!((moved[0].from, moved[0].to), (Some(day("2027-03-01")), Some(day("2026-06-30"))));
}

#[test]
fn a_count_that_was_wrong_moves_the_clock_back_and_stays_on_record() {
    let events = [
        at_noon("2026-05-05", Event::Known(Knower::Entity, day("2026-05-05"))),
        at_noon("2026-05-06", count(600)),
        at_noon("2026-05-07", count(60)),
    ];
    let steps = history(&Case::default(), &events, &StateRules::default(), &TimeZone::UTC).unwrap();
    assert_eq!(steps[1].clocks.affected, Some(600));
    assert_eq!(steps[2].clocks.affected, Some(60));
    assert_eq!(steps[2].moved[0].to, Some(day("2027-03-01")));
}
