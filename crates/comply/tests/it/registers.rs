//! The clocks of the registers, by a table of dates.

use bedrail_comply::register::{Clock, KINDS, Kind, NoExtension};
use jiff::civil::{Date, date};

fn kind(code: &str) -> &'static Kind {
    Kind::of(code).expect("a kind of the table")
}

#[test]
fn days_are_of_the_calendar_over_leap_years_and_ends_of_months() {
    let rows: [(&str, Date, Date, Option<Date>); 9] = [
        ("access", date(2026, 1, 31), date(2026, 3, 2), Some(date(2026, 4, 1))),
        // 2028 has a 29 February.
        ("access", date(2028, 1, 31), date(2028, 3, 1), Some(date(2028, 3, 31))),
        ("access", date(2028, 2, 29), date(2028, 3, 30), Some(date(2028, 4, 29))),
        // Ends on a Sunday, and stays there.
        ("access", date(2026, 3, 6), date(2026, 4, 5), Some(date(2026, 5, 5))),
        ("amendment", date(2026, 12, 31), date(2027, 3, 1), Some(date(2027, 3, 31))),
        ("amendment", date(2027, 12, 31), date(2028, 2, 29), Some(date(2028, 3, 30))),
        ("accounting", date(2026, 7, 4), date(2026, 9, 2), Some(date(2026, 10, 2))),
        ("restriction", date(2026, 2, 28), date(2026, 3, 30), None),
        ("complaint", date(2026, 2, 28), date(2026, 3, 30), None),
    ];
    for (code, received, first, extended) in rows {
        let kind = kind(code);
        assert_eq!(kind.due(received, false), Some(first), "{code} of {received}");
        let extension = kind.extend(received, false, received);
        assert_eq!(extension.ok(), extended, "{code} of {received}");
    }
    assert_eq!(kind("sanction").due(date(2026, 1, 1), false), None);
    assert_eq!(kind("notice").due(date(2028, 2, 29), false), Some(date(2029, 2, 28)));
}

#[test]
fn there_is_one_extension_and_only_before_the_first_day_has_passed() {
    let (access, received) = (kind("access"), date(2026, 1, 31));
    assert_eq!(access.extend(received, false, date(2026, 3, 2)), Ok(date(2026, 4, 1)), "on the last day");
    let late = NoExtension::Late { first: date(2026, 3, 2) };
    assert_eq!(access.extend(received, false, date(2026, 3, 3)), Err(late));
    assert_eq!(access.extend(received, true, received), Err(NoExtension::Twice));
    for code in ["restriction", "complaint", "sanction", "notice", "minimum"] {
        assert_eq!(kind(code).extend(received, false, received), Err(NoExtension::Never), "{code}");
    }
}

#[test]
fn every_register_is_whole() {
    for (at, kind) in KINDS.iter().enumerate() {
        assert!(kind.citation.starts_with("45 CFR 164.") && kind.what.ends_with('.'), "{}", kind.code);
        assert!(kind.fields.iter().any(|field| field.needed) && !kind.outcomes.is_empty(), "{}", kind.code);
        assert!(kind.fields.iter().all(|field| field.help.ends_with('.')), "{}", kind.code);
        assert!(KINDS[..at].iter().all(|other| other.code != kind.code), "{}", kind.code);
        if let Clock::Answer { by_law: true, .. } = kind.clock {
            assert!(kind.person && kind.citation.contains("164.52"), "{}", kind.code);
        }
    }
}
