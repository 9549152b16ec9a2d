//! Federal holidays, working days, and the clocks of 21 CFR 803 and 806.

use bedrail_comply::device_report::ReportClocks;
use bedrail_comply::working_days::{after, kept};

use crate::support::day;

#[test]
fn federal_holidays_are_those_of_the_published_lists() {
    // Office of Personnel Management: pay and leave, Federal holidays of 2026, 2021 and 2022.
    let days = |year: i16| kept(year, year).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        days(2026),
        [
            "2026-01-01",
            "2026-01-19",
            "2026-02-16",
            "2026-05-25",
            "2026-06-19",
            "2026-07-03",
            "2026-09-07",
            "2026-10-12",
            "2026-11-11",
            "2026-11-26",
            "2026-12-25"
        ]
    );
    // New Year's Day of 2022 was a Saturday and kept on the last day of 2021; Juneteenth of 2021 on Friday, 18 June.
    assert!(days(2021).contains(&"2021-12-31".to_owned()) && days(2021).contains(&"2021-06-18".to_owned()));
    assert!(!days(2022).contains(&"2022-01-01".to_owned()));
    assert!(days(2022).contains(&"2022-06-20".to_owned()), "a Sunday is kept on Monday");
    assert!(!days(2020).iter().any(|day| day.starts_with("2020-06")), "before there was one");
}

#[test]
fn working_days_leave_weekends_and_holidays_out() {
    for (start, count, end) in [
        ("2026-11-13", 10, "2026-11-30"), // over Thanksgiving
        ("2026-06-29", 5, "2026-07-07"),  // Independence Day is kept on Friday the 3rd
        ("2021-12-30", 1, "2022-01-03"),  // the 31st was kept as New Year's Day
        ("2026-03-07", 1, "2026-03-09"),  // from a Saturday
        ("2026-12-23", 10, "2027-01-08"),
        ("2026-03-02", 0, "2026-03-02"),
    ] {
        assert_eq!(after(day(start), count, &[]), day(end), "{start} + {count}");
    }
    assert_eq!(after(day("2026-03-02"), 1, &[day("2026-03-03")]), day("2026-03-04"), "the house was closed");
}

#[test]
fn hospital_and_maker_have_their_own_clocks() {
    let clocks = ReportClocks::embedded().unwrap();
    assert_eq!(clocks.counsel, "not checked", "the file says so itself");
    let due = |who: &str, when: &str, start: &str| {
        let rows: Vec<_> = clocks.of(who, when).collect();
        assert_eq!(rows.len(), 1, "{who} {when}");
        rows[0].due(day(start), &[])
    };
    for (who, when, start, end) in [
        ("user_facility", "death", "2026-11-13", "2026-11-30"),
        ("user_facility", "serious_injury", "2026-03-02", "2026-03-16"),
        ("user_facility", "any_report_in_year", "2026-03-02", "2027-01-01"),
        ("maker", "death_injury_or_malfunction", "2026-01-30", "2026-03-01"),
        ("maker", "remedial_action_or_request", "2026-06-29", "2026-07-07"),
        ("maker", "correction_or_removal", "2026-11-13", "2026-11-30"),
    ] {
        assert_eq!(due(who, when, start), day(end), "{who} {when}");
    }
    let row = "- {id: x, who: maker, when: y, to: FDA, kind: working, starts: z, citation: c}";
    let fault = ReportClocks::read("d.yaml", &format!("counsel: no\nclocks:\n{row}\n")).unwrap_err();
    assert_eq!(fault.line, 3, "{fault}");
}
