//! Clauses, standings, reminders and the notice of a vendor, by tables.

use bedrail_comply::agreement::{self, CLAUSES, Clause, Days, QUESTIONS, Standing, best, missing, standing};
use jiff::civil::{Date, date};

const CATALOGUE: &str = include_str!("../../../../catalogs/privacy-and-admin.yaml");

#[test]
fn the_clauses_are_those_of_the_catalogue() {
    let part = CATALOGUE.split("baa_clauses:").nth(1).unwrap().split("\nretention:").next().unwrap();
    let ids: Vec<&str> = part.lines().filter_map(|line| line.trim_start().strip_prefix("- id: ")).collect();
    assert_eq!(ids.len(), 12);
    assert_eq!(CLAUSES.iter().map(|clause| clause.id).collect::<Vec<_>>(), ids);
    for clause in CLAUSES {
        assert!(clause.citation.starts_with("45 CFR 164.") && !clause.says.is_empty());
        assert_eq!(Clause::of(clause.id), Some(clause));
    }
    assert_eq!(Clause::of("payment"), None);
}

#[test]
fn what_is_missing_is_listed_in_order_and_unknown_ids_are_no_clause() {
    assert_eq!(missing([]).len(), 12);
    let all: Vec<&str> = CLAUSES.iter().map(|clause| clause.id).collect();
    assert!(missing(all.iter().copied()).is_empty());
    let left =
        missing(all.iter().copied().filter(|id| !["report", "return"].contains(id)).chain(["payment"]));
    assert_eq!(left.iter().map(|clause| clause.id).collect::<Vec<_>>(), ["report", "return"]);
}

#[test]
fn an_agreement_stands_by_its_days() {
    let today = date(2026, 3, 3);
    let day = |day: i8| Some(date(2026, 3, day));
    let rows: [(Days, Standing); 9] = [
        (Days::default(), Standing::Draft),
        (Days { signed: day(1), ..Days::default() }, Standing::Signed),
        (Days { signed: day(3), ..Days::default() }, Standing::Signed),
        (Days { signed: day(1), effective: day(4), ..Days::default() }, Standing::Draft),
        (Days { signed: day(1), expires: day(3), ..Days::default() }, Standing::Signed),
        (Days { signed: day(1), expires: day(2), ..Days::default() }, Standing::Expired),
        (Days { signed: day(1), ended: day(3), ..Days::default() }, Standing::Ended),
        (Days { signed: day(1), ended: day(4), ..Days::default() }, Standing::Signed),
        (Days { signed: day(1), expires: day(1), ended: day(2), ..Days::default() }, Standing::Ended),
    ];
    for (days, wanted) in rows {
        assert_eq!(standing(&days, today), wanted, "{days:?}");
    }
    assert_eq!(best([]), Standing::None);
    assert_eq!(best([Standing::Expired, Standing::Draft]), Standing::Draft);
    assert_eq!(best([Standing::Signed, Standing::Draft]), Standing::Signed);
}

#[test]
fn reminders_come_at_90_30_7_and_0_days_and_after() {
    let ends = date(2028, 3, 1);
    let rows: [(Date, Option<i64>); 9] = [
        (date(2027, 12, 1), None),
        // 90 days before, over a leap day.
        (date(2027, 12, 2), Some(90)),
        (date(2028, 1, 30), Some(90)),
        (date(2028, 1, 31), Some(30)),
        (date(2028, 2, 22), Some(30)),
        (date(2028, 2, 23), Some(7)),
        (date(2028, 2, 29), Some(7)),
        (date(2028, 3, 1), Some(0)),
        (date(2028, 3, 2), Some(-1)),
    ];
    for (today, wanted) in rows {
        assert_eq!(agreement::reminder(ends, today), wanted, "{today}");
    }
}

#[test]
fn a_vendor_tells_by_the_agreement_and_by_the_outer_limit_at_the_latest() {
    let found = date(2026, 1, 31);
    for (agreed, due) in [
        (None, date(2026, 4, 1)),
        (Some(10), date(2026, 2, 10)),
        (Some(60), date(2026, 4, 1)),
        // No agreement makes it longer than the law.
        (Some(90), date(2026, 4, 1)),
        (Some(0), found),
    ] {
        let notice = agreement::notice(found, agreed);
        assert_eq!((notice.due(), notice.limit), (due, date(2026, 4, 1)), "{agreed:?}");
    }
}

#[test]
fn every_question_has_an_id_of_its_own_and_a_good_answer() {
    for (at, question) in QUESTIONS.iter().enumerate() {
        assert!(["yes", "no"].contains(&question.good) && question.text.ends_with('?'));
        assert!(QUESTIONS[..at].iter().all(|other| other.id != question.id));
    }
}
