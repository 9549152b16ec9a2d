//! The twelve months of a recognised practice.

use bedrail_comply::continuity::{Gap, over, twelve_months};
use bedrail_comply::state::State;

use crate::support::day;

#[test]
fn gaps_are_shown_with_the_days_that_nobody_wrote_down() {
    let daily = [
        ("2026-03-01", State::Evidenced),
        ("2026-03-02", State::No),
        ("2026-03-03", State::Claimed),
        // 4 March: nothing.
        ("2026-03-05", State::Evidenced),
        ("2026-03-06", State::Evidenced),
        ("2026-03-06", State::Unknown),
    ]
    .map(|(on, state)| (day(on), state));
    let found = over(day("2026-03-01"), day("2026-03-06"), &daily);
    assert_eq!((found.days, found.evidenced), (6, 2));
    assert_eq!(
        found.gaps,
        [
            Gap { from: day("2026-03-02"), to: day("2026-03-04"), state: State::Claimed },
            Gap { from: day("2026-03-06"), to: day("2026-03-06"), state: State::Unknown },
        ]
    );
}

#[test]
fn twelve_months_end_on_the_day_asked_for() {
    for (to, from, days) in [
        ("2026-11-27", "2025-11-28", 365),
        ("2028-02-29", "2027-03-01", 366),
        ("2028-12-31", "2028-01-01", 366),
    ] {
        let (first, last) = twelve_months(day(to));
        assert_eq!((first, last), (day(from), day(to)));
        assert_eq!(over(first, last, &[]).days, days);
    }
}
