//! Penalty ranges by tier and date, against the published amounts.

use bedrail_comply::penalty::{CannotTell, Penalties, Tier};

use crate::support::day;

const TIERS: [Tier; 4] =
    [Tier::NoKnowledge, Tier::ReasonableCause, Tier::NeglectCorrected, Tier::NeglectUncorrected];

#[test]
fn amounts_are_those_of_the_day_of_assessment() {
    let table = Penalties::embedded().unwrap();
    // (violated, assessed, tier, [min, max, cap, notice cap]); 45 CFR 102.3 and 84 FR 18151 for the caps of 2019.
    for (violated, assessed, tier, amounts) in [
        ("2024-05-01", "2024-08-08", 1, [141, 71_162, 2_134_831, 35_581]),
        ("2024-05-01", "2026-01-27", 3, [14_232, 71_162, 2_134_831, 355_808]),
        ("2024-05-01", "2026-01-28", 1, [145, 73_011, 2_190_294, 36_505]),
        ("2024-05-01", "2026-11-01", 2, [1_461, 73_011, 2_190_294, 146_053]),
        ("2024-05-01", "2026-11-01", 3, [14_602, 73_011, 2_190_294, 365_052]),
        ("2024-05-01", "2026-11-01", 4, [73_011, 2_190_294, 2_190_294, 2_190_294]),
        ("2015-11-02", "2021-11-01", 1, [100, 50_000, 1_500_000, 25_000]),
        ("2015-11-02", "2021-11-01", 4, [50_000, 1_500_000, 1_500_000, 1_500_000]),
    ] {
        let found = table.exposure(TIERS[tier - 1], 1, day(violated), day(assessed)).unwrap().amounts;
        assert_eq!([found.min, found.max, found.cap, found.notice_cap], amounts, "{assessed} tier {tier}");
        assert_eq!(usize::from(found.tier.number()), tier);
    }
}

#[test]
fn the_amounts_of_2026_are_those_of_2024_times_the_multiplier() {
    let table = Penalties::embedded().unwrap();
    for tier in TIERS {
        let before = table.exposure(tier, 1, day("2024-05-01"), day("2024-08-08")).unwrap().amounts;
        let after = table.exposure(tier, 1, day("2024-05-01"), day("2026-01-28")).unwrap().amounts;
        // 1.02598, to the nearest dollar.
        let times = |amount: u64| (amount * 102_598 + 50_000) / 100_000;
        assert_eq!(
            (times(before.min), times(before.max), times(before.cap)),
            (after.min, after.max, after.cap)
        );
        // The caps of the notice were published rounded.
        assert!(times(before.notice_cap).abs_diff(after.notice_cap) <= 1, "{tier:?}");
    }
}

#[test]
fn many_violations_stop_at_the_yearly_caps() {
    let table = Penalties::embedded().unwrap();
    let of = |tier, count| table.exposure(tier, count, day("2026-03-01"), day("2026-11-01")).unwrap();
    let one = of(Tier::NoKnowledge, 1);
    assert_eq!((one.least, one.most, one.most_by_notice), (145, 73_011, 36_505), "the notice caps even one");
    let many = of(Tier::ReasonableCause, 1_000);
    assert_eq!((many.least, many.most, many.most_by_notice), (146_053, 2_190_294, 146_053));
    assert_eq!(of(Tier::NeglectUncorrected, u64::MAX).most, 2_190_294);
    assert_eq!(of(Tier::NeglectUncorrected, 0).most, 0);
}

#[test]
fn what_the_table_does_not_have_is_cannot_tell() {
    let table = Penalties::embedded().unwrap();
    let of = |violated: &str, assessed: &str| {
        table.exposure(Tier::NoKnowledge, 1, day(violated), day(assessed)).unwrap_err()
    };
    assert!(matches!(of("2023-01-01", "2024-08-07"), CannotTell::NoAmounts { .. }));
    assert!(matches!(of("2026-05-02", "2026-05-01"), CannotTell::Order { .. }));
    assert!(matches!(of("2020-02-29", "2026-03-02"), CannotTell::OutOfTime { .. }));
    assert!(table.exposure(Tier::NoKnowledge, 1, day("2020-02-29"), day("2026-03-01")).is_ok());
}
