//! How long records are kept, and what stops a deletion. The tests of the catalogues are in `breach`.

use bedrail_comply::retention::{InEffect, LegalHold, MayDelete, Record, Retention, Until, years_after};

use crate::support::day;

fn record(classes: &[&str], created: &str) -> Record {
    Record {
        classes: classes.iter().map(|it| (*it).to_owned()).collect(),
        created: day(created),
        in_effect: InEffect::Created,
        at_least_until: None,
    }
}

#[test]
fn every_hipaa_class_has_six_years_at_least() {
    for class in Retention::embedded().unwrap().classes.values() {
        assert!(class.years >= 6 || !class.citation.contains("164."), "{}", class.id);
        assert!(!class.citation.is_empty());
    }
}

#[test]
fn years_end_on_the_same_day_or_on_the_first_of_march() {
    for (from, years, to) in
        [("2024-02-29", 6, "2030-03-01"), ("2024-02-29", 4, "2028-02-29"), ("2020-03-10", 6, "2026-03-10")]
    {
        assert_eq!(years_after(day(from), years), day(to));
    }
}

#[test]
fn the_longest_wins() {
    let retention = Retention::embedded().unwrap();
    let two = retention.until(&record(&["device-event-file"], "2026-05-01"));
    assert_eq!(two, Until::Day(day("2028-05-01")));
    let six = retention.until(&record(&["device-event-file", "breach-file"], "2026-05-01"));
    assert_eq!(six, Until::Day(day("2032-05-01")));
    let contract =
        Record { at_least_until: Some(day("2036-01-01")), ..record(&["breach-file"], "2026-05-01") };
    assert_eq!(retention.until(&contract), Until::Day(day("2036-01-01")));
    let shorter =
        Record { at_least_until: Some(day("2027-01-01")), ..record(&["breach-file"], "2026-05-01") };
    assert_eq!(retention.until(&shorter), Until::Day(day("2032-05-01")), "six years are a floor");
    let early =
        Record { in_effect: InEffect::Until(day("2020-01-01")), ..record(&["breach-file"], "2026-05-01") };
    assert_eq!(retention.until(&early), Until::Day(day("2032-05-01")), "creation is later");
}

#[test]
fn deletion_waits_for_the_last_day_and_for_every_hold() {
    let retention = Retention::embedded().unwrap();
    let record_ = record(&["breach-file"], "2020-05-01");
    let may =
        |record: &Record, holds: &[LegalHold], today: &str| retention.may_delete(record, holds, day(today));
    assert_eq!(may(&record_, &[], "2026-05-01"), MayDelete::No(vec!["kept until 2026-05-01".to_owned()]));
    assert_eq!(may(&record_, &[], "2026-05-02"), MayDelete::Yes);
    let hold = |lifted: Option<&str>, classes: Option<&str>| LegalHold {
        matter: "a claim".to_owned(),
        from: day("2026-01-01"),
        lifted: lifted.map(day),
        classes: classes.map(|it| vec![it.to_owned()]),
    };
    assert_eq!(
        may(&record_, &[hold(None, None)], "2040-01-01"),
        MayDelete::No(vec!["legal hold since 2026-01-01: a claim".to_owned()])
    );
    assert_ne!(may(&record_, &[hold(None, Some("breach-file"))], "2040-01-01"), MayDelete::Yes);
    assert_eq!(may(&record_, &[hold(None, Some("device-event-file"))], "2040-01-01"), MayDelete::Yes);
    assert_eq!(
        may(&record_, &[hold(Some("2030-01-01"), None)], "2030-01-01"),
        MayDelete::Yes,
        "lifted that day"
    );
    assert_ne!(
        may(&record_, &[hold(Some("2030-01-01"), None), hold(None, None)], "2030-01-01"),
        MayDelete::Yes
    );
    for kept in [
        record(&[], "2000-01-01"),
        record(&["no-such-class"], "2000-01-01"),
        record(&["breach-file", "no-such-class"], "2000-01-01"),
        Record { in_effect: InEffect::Still, ..record(&["breach-file"], "2000-01-01") },
    ] {
        assert_ne!(may(&kept, &[], "2040-01-01"), MayDelete::Yes, "{kept:?}");
    }
}

#[test]
fn a_faulty_file_is_refused_with_its_line() {
    for row in [
        "{id: a, title: t, citation: c, years: 6, from: sometime}",
        "{id: a, title: t, citation: '', years: 6, from: created}",
        "{id: a, title: t, citation: c, years: 0, from: created}",
    ] {
        let fault = Retention::read("r.yaml", &format!("classes:\n- {row}\n")).unwrap_err();
        assert_eq!((fault.file.as_str(), fault.line), ("r.yaml", 2), "{fault}");
    }
}
