//! Who has duty at a moment, and who is told when nobody takes an item.

use bedrail_model::ids::AccountId;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::priority::When;

/// Minutes of a day.
pub const DAY: u32 = 24 * 60;

/// A weekly duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// The day on which it begins.
    pub weekday: Weekday,
    /// From which minute of that day.
    pub from: u32,
    /// Until which minute, exclusive; one that is not later than `from` is of the day after.
    pub to: u32,
    /// Who has it.
    pub person: AccountId,
    /// Who stands in, and is told next.
    pub deputy: Option<AccountId>,
    /// For the alerts of devices of this site alone.
    pub site: Option<String>,
    /// For those of this ward alone.
    pub ward: Option<String>,
}

/// An absence: days in the organisation's zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// Who is away.
    pub person: AccountId,
    /// The first day.
    pub first: Date,
    /// The last day, inclusive.
    pub last: Date,
    /// Who stands in.
    pub deputy: Option<AccountId>,
}

/// Where the device of an item is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place<'a> {
    /// The site.
    pub site: Option<&'a str>,
    /// The ward.
    pub ward: Option<&'a str>,
}

/// Who has duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDuty {
    /// Who is told first; `None` where nobody can be.
    pub who: Option<AccountId>,
    /// Who is told next.
    pub deputy: Option<AccountId>,
    /// Why, in a sentence that names nobody.
    pub why: String,
}

/// Who has duty for an item at a moment, by a rota and absences, and why.
///
/// Duties are read as clocks on the wall show them: one from 22:00 to 06:00 takes seven hours in the night to summer time and
/// nine in the night back. A duty for the ward goes before one for the site, that before one for all; of two the one that
/// began later. Where somebody is away, whoever they named stands in, then the deputy of the duty, then the next duty.
pub fn on_duty(
    rota: &[Duty],
    absences: &[Absence],
    place: Place<'_>,
    at: Timestamp,
    zone: &TimeZone,
) -> OnDuty {
    let nobody = |why: &str| OnDuty { who: None, deputy: None, why: why.to_owned() };
    if rota.is_empty() {
        return nobody("There is no rota: all who handle alerts are told.");
    }
    let mut now: Vec<(u8, Timestamp, &Duty)> = rota
        .iter()
        .filter_map(|duty| Some((closeness(duty, place)?, began(duty, at, zone)?, duty)))
        .collect();
    now.sort_by_key(|(closeness, began, duty)| (std::cmp::Reverse((*closeness, *began)), duty.person));
    if now.is_empty() {
        return nobody("Nobody has duty at this time: all who handle alerts are told.");
    }
    let today = at.to_zoned(zone.clone()).date();
    let mut found: Vec<(AccountId, String)> = Vec::new();
    for (.., duty) in &now {
        let when = words(duty);
        for (person, first) in [(Some(duty.person), true), (duty.deputy, false)] {
            let Some(person) = person else { continue };
            let Some((who, stands_in)) = present(person, absences, today) else { continue };
            let why = match (first, stands_in) {
                (true, false) => format!("Duty on {when}."),
                (true, true) => format!("Stands in for whoever has duty on {when} and is away."),
                (false, false) => format!("Deputy of the duty on {when}."),
                (false, true) => format!("Stands in for the deputy of the duty on {when}, who is away."),
            };
            if !found.iter().any(|(known, _)| *known == who) {
                found.push((who, why));
            }
        }
    }
    let deputy = found.get(1).map(|(who, _)| *who);
    match found.into_iter().next() {
        Some((who, why)) => OnDuty { who: Some(who), deputy, why },
        None => nobody("Whoever has duty at this time is away, and so is who stands in: all are told."),
    }
}

/// How close a duty is to a place; `None` where it is for another one.
fn closeness(duty: &Duty, place: Place<'_>) -> Option<u8> {
    let same = |own: &Option<String>, other: Option<&str>| match (own, other) {
        (None, _) => Some(false),
        (Some(own), Some(other)) if own == other => Some(true),
        (Some(_), _) => None,
    };
    let (site, ward) = (same(&duty.site, place.site)?, same(&duty.ward, place.ward)?);
    Some(u8::from(site) + 2 * u8::from(ward))
}

/// When a duty that lasts at a moment began.
fn began(duty: &Duty, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let today = at.to_zoned(zone.clone()).date();
    let moment = |day: Date, minute: u32| {
        let day = if minute >= DAY { day.tomorrow().ok()? } else { day };
        let clock = day.at(0, 0, 0, 0).checked_add(i64::from(minute % DAY).minutes()).ok()?;
        // In the hour that does not exist the clock is put forward; in the one that is there twice the first counts.
        Some(clock.to_zoned(zone.clone()).ok()?.timestamp())
    };
    [Some(today), today.yesterday().ok()].into_iter().flatten().find_map(|day| {
        if day.weekday() != duty.weekday {
            return None;
        }
        let from = moment(day, duty.from)?;
        let to = moment(day, if duty.to <= duty.from { duty.to + DAY } else { duty.to })?;
        (from <= at && at < to).then_some(from)
    })
}

/// Who is there: a person, or whoever stands in for them, and whether it is the latter.
fn present(person: AccountId, absences: &[Absence], today: Date) -> Option<(AccountId, bool)> {
    let mut who = person;
    // Each absence leads on once, so that two who stand in for each other end.
    for _ in 0..=absences.len() {
        let away = absences.iter().filter(|it| it.person == who && it.first <= today && today <= it.last);
        match away.collect::<Vec<_>>().as_slice() {
            [] => return Some((who, who != person)),
            // Of two absences on a day the one that says who stands in counts.
            all => who = all.iter().find_map(|it| it.deputy)?,
        }
    }
    None
}

/// A duty in words: "Monday, 08:00 to 16:00".
fn words(duty: &Duty) -> String {
    format!("{}, {} to {}", day_name(duty.weekday), clock_text(duty.from), clock_text(duty.to))
}

/// A minute of the day as clocks show it.
pub fn clock_text(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The name of a day of the week.
pub const fn day_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// Who is told that nobody has an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// The person on duty.
    OnDuty,
    /// The deputy.
    Deputy,
    /// All who may handle alerts.
    All,
}

impl Rung {
    /// All of them, in their order.
    pub const ALL: [Rung; 3] = [Rung::OnDuty, Rung::Deputy, Rung::All];

    /// Counted from 1, as it is stored.
    pub const fn number(self) -> u8 {
        match self {
            Rung::OnDuty => 1,
            Rung::Deputy => 2,
            Rung::All => 3,
        }
    }

    /// Minutes before the time for taking is up at which they are told, by when to act.
    pub fn minutes_before(self, when: When) -> u32 {
        let [(_, immediate), ..] = RUNGS;
        let minutes = RUNGS.iter().find(|(it, _)| *it == when).map_or(immediate, |(_, minutes)| *minutes);
        minutes[usize::from(self.number()) - 1]
    }
}

/// How many minutes before the time for taking is up the person on duty, the deputy, and all are told. The first clock of
/// what needs somebody now is an hour: the person on duty is told at once, the deputy after half of it, all at its end.
/// All are told again every hour from then on.
pub const RUNGS: [(When, [u32; 3]); 4] = [
    (When::Immediate, [60, 30, 0]),
    (When::OutOfCycle, [120, 60, 0]),
    (When::Scheduled, [480, 240, 0]),
    (When::Defer, [480, 240, 0]),
];

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_duty_for_the_ward_is_closer_than_one_for_the_site() {
        let place = Place { site: Some("North"), ward: Some("3") };
        let close = |site: Option<&str>, ward: Option<&str>| {
            let (site, ward) = (site.map(str::to_owned), ward.map(str::to_owned));
            closeness(&Duty { site, ward, ..duty(Weekday::Monday, "08:00", "16:00", 1, None) }, place)
        };
        let all = [
            close(None, None),
            close(Some("North"), None),
            close(None, Some("3")),
            close(Some("North"), Some("3")),
        ];
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]) && all[0].is_some(), "{all:?}");
        assert_eq!((close(Some("South"), None), close(Some("North"), Some("4"))), (None, None));
    }

    /// What needs somebody at once by the hour, the rest by its own clock.
    #[test]
    fn each_rung_is_told_by_when_to_act() {
        for (when, minutes) in RUNGS {
            assert_eq!(Rung::ALL.map(|rung| rung.minutes_before(when)), minutes, "{when:?}");
        }
    }

    fn person(number: u128) -> AccountId {
        format!("{number:032x}").parse().unwrap()
    }

    fn duty(weekday: Weekday, from: &str, to: &str, who: u128, deputy: Option<u128>) -> Duty {
        let minute = |text: &str| {
            let (hours, minutes) = text.split_once(':').unwrap();
            hours.parse::<u32>().unwrap() * 60 + minutes.parse::<u32>().unwrap()
        };
        let (person, deputy) = (person(who), deputy.map(person));
        Duty { weekday, from: minute(from), to: minute(to), person, deputy, site: None, ward: None }
    }

    fn away(who: u128, first: Date, last: Date, deputy: Option<u128>) -> Absence {
        Absence { person: person(who), first, last, deputy: deputy.map(person) }
    }

    /// Who, deputy and the beginning of the reason, at moments in New York.
    fn check(rota: &[Duty], absences: &[Absence], rows: &[(&str, Option<u128>, Option<u128>, &str)]) {
        let zone = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
        for (at, who, deputy, why) in rows {
            let at: Timestamp = at.parse().unwrap();
            let found = on_duty(rota, absences, Place::default(), at, &zone);
            assert_eq!(
                (found.who, found.deputy),
                (who.map(person), deputy.map(person)),
                "{at}: {}",
                found.why
            );
            assert!(found.why.starts_with(why), "{at}: {}", found.why);
        }
    }

    #[test]
    fn an_empty_rota_is_said() {
        check(&[], &[], &[("2026-11-27T17:00:00Z", None, None, "There is no rota")]);
    }

    #[test]
    fn duties_begin_and_end_by_the_minute_and_over_midnight() {
        use Weekday::{Friday, Sunday};
        let rota = [
            duty(Friday, "08:00", "16:00", 1, Some(2)),
            duty(Friday, "22:00", "06:00", 3, None),
            duty(Sunday, "00:00", "24:00", 4, None),
            duty(Sunday, "12:00", "12:00", 5, None),
        ];
        // New York is five hours behind.
        check(
            &rota,
            &[],
            &[
                ("2026-11-27T12:59:59Z", None, None, "Nobody has duty"),
                ("2026-11-27T13:00:00Z", Some(1), Some(2), "Duty on Friday, 08:00 to 16:00."),
                ("2026-11-27T20:59:59Z", Some(1), Some(2), "Duty"),
                ("2026-11-27T21:00:00Z", None, None, "Nobody has duty"),
                ("2026-11-28T03:00:00Z", Some(3), None, "Duty on Friday, 22:00 to 06:00."),
                ("2026-11-28T10:59:59Z", Some(3), None, "Duty on Friday, 22:00"),
                ("2026-11-28T11:00:00Z", None, None, "Nobody"),
                // A whole day, and one from noon to noon that began later.
                ("2026-11-29T05:00:00Z", Some(4), None, "Duty on Sunday, 00:00 to 24:00."),
                ("2026-11-29T17:00:00Z", Some(5), Some(4), "Duty on Sunday, 12:00 to 12:00."),
                ("2026-11-30T05:00:00Z", Some(5), None, "Duty on Sunday, 12:00"),
                ("2026-11-30T17:00:00Z", None, None, "Nobody"),
            ],
        );
    }

    #[test]
    fn no_minute_is_lost_when_clocks_change() {
        use Weekday::{Saturday, Sunday};
        let rota = [
            duty(Saturday, "18:00", "02:30", 1, None),
            duty(Sunday, "02:30", "10:00", 2, None),
            duty(Sunday, "02:10", "02:20", 3, None),
        ];
        check(
            &rota,
            &[],
            &[
                // To summer time, 8 March 2026: 02:00 EST (07:00 UTC) is 03:00 EDT. 02:30 is at 03:30 by the new clock.
                ("2026-03-08T06:59:59Z", Some(1), None, "Duty on Saturday"),
                ("2026-03-08T07:09:59Z", Some(1), None, "Duty on Saturday"),
                // Ten minutes of an hour that was left out are had in the next one.
                ("2026-03-08T07:15:00Z", Some(3), Some(1), "Duty on Sunday, 02:10 to 02:20."),
                ("2026-03-08T07:29:59Z", Some(1), None, "Duty on Saturday"),
                ("2026-03-08T07:30:00Z", Some(2), None, "Duty on Sunday"),
                ("2026-03-08T13:59:59Z", Some(2), None, "Duty on Sunday"),
                ("2026-03-08T14:00:00Z", None, None, "Nobody"),
                // Back, 1 November 2026: 02:00 EDT (06:00 UTC) is 01:00 EST. 02:30 comes once, at 07:30 UTC.
                ("2026-11-01T05:30:00Z", Some(1), None, "Duty on Saturday"),
                ("2026-11-01T06:30:00Z", Some(1), None, "Duty on Saturday"),
                ("2026-11-01T07:29:59Z", Some(1), None, "Duty on Saturday"),
                ("2026-11-01T07:30:00Z", Some(2), None, "Duty on Sunday"),
            ],
        );
        // 01:30 comes twice: the first counts, for the end of one and the beginning of the other.
        let rota = [duty(Saturday, "18:00", "01:30", 1, None), duty(Sunday, "01:30", "10:00", 2, None)];
        check(
            &rota,
            &[],
            &[
                ("2026-11-01T05:29:59Z", Some(1), None, "Duty"),
                ("2026-11-01T05:30:00Z", Some(2), None, "Duty"),
                ("2026-11-01T06:15:00Z", Some(2), None, "Duty"),
            ],
        );
    }

    #[test]
    fn who_is_away_is_stood_in_for() {
        use Weekday::Friday;
        let rota = [duty(Friday, "08:00", "16:00", 1, Some(2)), duty(Friday, "12:00", "16:00", 5, None)];
        let (day, before) = (date(2026, 11, 27), date(2026, 11, 26));
        let (morning, noon) = ("2026-11-27T14:00:00Z", "2026-11-27T18:00:00Z");
        for (absences, at, who, deputy, why) in [
            (vec![away(1, before, before, None)], morning, Some(1), Some(2), "Duty"),
            (
                vec![away(1, before, day, Some(9))],
                morning,
                Some(9),
                Some(2),
                "Stands in for whoever has duty",
            ),
            (vec![away(1, day, day, None)], morning, Some(2), None, "Deputy of the duty"),
            (vec![away(2, day, day, Some(8))], morning, Some(1), Some(8), "Duty"),
            (
                vec![away(1, day, day, None), away(2, day, day, Some(8))],
                morning,
                Some(8),
                None,
                "Stands in for the deputy",
            ),
            // Both away, and nobody stands in.
            (vec![away(1, day, day, None), away(2, day, day, None)], morning, None, None, "Whoever has duty"),
            // They stand in for each other.
            (
                vec![away(1, day, day, Some(2)), away(2, day, day, Some(1))],
                morning,
                None,
                None,
                "Whoever has duty",
            ),
            // Who stands in is away, too, and said who stands in then.
            (
                vec![away(1, day, day, Some(9)), away(9, day, day, Some(7))],
                morning,
                Some(7),
                Some(2),
                "Stands in",
            ),
            // Overlapping: the one that began later goes first, the other one stands behind.
            (vec![], noon, Some(5), Some(1), "Duty on Friday, 12:00"),
            (vec![away(5, day, day, None)], noon, Some(1), Some(2), "Duty on Friday, 08:00"),
        ] {
            check(&rota, &absences, &[(at, who, deputy, why)]);
        }
    }

    #[test]
    fn the_closer_duty_goes_first() {
        let all = duty(Weekday::Friday, "12:00", "16:00", 1, None);
        let site = Duty { site: Some("North".into()), ..duty(Weekday::Friday, "08:00", "16:00", 2, None) };
        let ward = Duty {
            site: Some("North".into()),
            ward: Some("ICU".into()),
            ..duty(Weekday::Friday, "08:00", "16:00", 3, None)
        };
        let rota = [all, site, ward];
        let at = "2026-11-27T13:00:00Z".parse().unwrap();
        for (site, ward, who, deputy) in [
            (Some("North"), Some("ICU"), 3, Some(2)),
            (Some("North"), Some("ER"), 2, Some(1)),
            (Some("South"), Some("ICU"), 1, None),
            (None, None, 1, None),
        ] {
            let found = on_duty(&rota, &[], Place { site, ward }, at, &TimeZone::UTC);
            let expected = (Some(person(who)), deputy.map(person));
            assert_eq!((found.who, found.deputy), expected, "{site:?} {ward:?}");
        }
    }

    #[test]
    fn each_rung_is_told_later_than_the_one_before() {
        for when in When::ALL {
            let minutes = Rung::ALL.map(|rung| rung.minutes_before(when));
            assert!(minutes.windows(2).all(|it| it[0] > it[1]), "{when:?}");
            assert_eq!(minutes[2], 0, "all are told when the time is up");
        }
    }
}
