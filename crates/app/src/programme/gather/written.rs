//! Physical and media facts that people wrote down: of each system what was written of it, and of no other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bedrail_comply::signal::{About, Value};
use bedrail_comply::written::system_key;
use bedrail_store::written::WrittenRow;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{Known, Told};
use crate::response::EntryKind;

/// Days back over which a visitor log has to be whole, and vendor sessions count.
const LOG_DAYS: i64 = 30;
const SESSION_DAYS: i64 = 92;

/// Facts of a kind in force, those of the newest day first.
fn of<'a>(known: &'a Known, kind: &'static str) -> impl Iterator<Item = &'a WrittenRow> {
    known.written.iter().filter(move |row| row.kind == kind && row.withdrawn.is_none())
}

fn field<'a>(row: &'a WrittenRow, code: &str) -> &'a str {
    row.fields.get(code).map(String::as_str).unwrap_or_default()
}

/// The last fact of each system.
fn last_of_each<'a>(rows: impl Iterator<Item = &'a WrittenRow>) -> BTreeMap<String, &'a WrittenRow> {
    let mut last = BTreeMap::new();
    for row in rows {
        last.entry(system_key(&row.system)).or_insert(row);
    }
    last
}

fn days_since(known: &Known, day: Date) -> i64 {
    day.until(known.today()).map_or(0, |span| i64::from(span.get_days()))
}

/// Sites of the device lists, by their key, of which nothing of a kind was written: unknown, not failed.
fn silent_sites(known: &Known, written: &BTreeSet<String>, why: &str) -> Vec<Told> {
    let mut sites: BTreeMap<String, &str> = BTreeMap::new();
    for place in known.fleet.devices.places.iter().filter(|place| !place.site.is_empty()) {
        sites.entry(system_key(&place.site)).or_insert(&place.site);
    }
    let silent = sites.into_iter().filter(|(key, _)| !written.contains(key));
    silent
        .map(|(_, name)| Told { system: Some(name.to_owned()), value: None, why: format!("{why} (/facts)") })
        .collect()
}

/// Whether what is to come again by its period is late, for each system of which it was written once.
fn late(known: &Known, kind: &'static str) -> (Vec<Told>, BTreeSet<String>) {
    let rows = last_of_each(of(known, kind));
    let keys = rows.keys().cloned().collect();
    let period = bedrail_comply::written::Kind::of(kind);
    let told = rows.into_values().filter_map(|row| {
        let by = period?.next(row.day)?;
        let late = u64::from(by < known.today());
        let words = format!("last on {}, to come again by {by} (/facts?kind={kind})", row.day);
        Some(Told::of(row.system.clone(), Value::Count(late), words))
    });
    (told.collect(), keys)
}

/// Days since the last fact of a kind, for each system of which one was written.
fn ages(known: &Known, kind: &'static str) -> (Vec<Told>, BTreeSet<String>) {
    let rows = last_of_each(of(known, kind));
    let keys = rows.keys().cloned().collect();
    let told = rows.into_values().map(|row| {
        let days = days_since(known, row.day);
        let words = format!("last on {}, led by {} (/facts?kind={kind})", row.day, field(row, "by"));
        Told::of(row.system.clone(), Value::Days(days), words)
    });
    (told.collect(), keys)
}

fn or_unknown(told: Vec<Told>, why: &str) -> Vec<Told> {
    if told.is_empty() { Told::unknown(format!("{why} (/facts)")) } else { told }
}

pub(super) fn access_reviews(known: &Known) -> Vec<Told> {
    or_unknown(late(known, "access_review").0, "no access review of a system was written down")
}

pub(super) fn room_reviews(known: &Known) -> Vec<Told> {
    let (mut told, sites) = late(known, "facility_access_review");
    told.extend(silent_sites(known, &sites, "no access review of its rooms was written down"));
    or_unknown(told, "no access review of rooms was written down")
}

pub(super) fn downtime_drills(known: &Known) -> Vec<Told> {
    let (mut told, sites) = ages(known, "downtime_drill");
    told.extend(silent_sites(known, &sites, "no downtime drill was written down"));
    or_unknown(told, "no downtime drill was written down")
}

pub(super) fn contingency_tests(known: &Known) -> Vec<Told> {
    or_unknown(ages(known, "contingency_test").0, "no test of the contingency plan was written down")
}

/// Exercises that were written down, and those that the plan for incidents has; of each part the newest counts.
pub(super) fn incident_exercises(known: &Known) -> Vec<Told> {
    let (mut told, parts) = ages(known, "incident_exercise");
    let mut held: BTreeMap<String, (&str, Date)> = BTreeMap::new();
    for row in known.plan.iter().filter(|row| row.kind == EntryKind::Exercise.code()) {
        let Some(day) = row.day else { continue };
        let part = if row.place.is_empty() { super::subject_name(About::Organisation) } else { &row.place };
        let newest = held.entry(system_key(part)).or_insert((part, day));
        newest.1 = newest.1.max(day);
    }
    for (key, (part, day)) in held {
        let days = days_since(known, day);
        let words = format!("last on {day}, with notes (/response)");
        if !parts.contains(&key) {
            told.push(Told::of(part, Value::Days(days), words));
            continue;
        }
        let same = told.iter_mut().find(|it| it.system.as_deref().is_some_and(|it| system_key(it) == key));
        if let Some(it) = same.filter(|it| matches!(it.value, Some(Value::Days(age)) if age > days)) {
            (it.value, it.why) = (Some(Value::Days(days)), words);
        }
    }
    or_unknown(told, "no incident exercise was written down")
}

/// A review shows something of a plan that is there: with somebody to call.
pub(super) fn plan_age(known: &Known) -> Vec<Told> {
    if known.plan.iter().all(|row| row.kind != EntryKind::Contact.code()) {
        return Told::unknown("the plan for incidents has nobody to call (/response)");
    }
    or_unknown(ages(known, "plan_review").0, "no review of the incident plan was written down")
}

pub(super) fn log_reviews(known: &Known) -> Vec<Told> {
    or_unknown(late(known, "log_review").0, "no review of a system's logs was written down")
}

pub(super) fn reminders(known: &Known) -> Vec<Told> {
    or_unknown(ages(known, "security_reminder").0, "no security reminder was written down")
}

/// Facts of a kind that are young enough to go by, the newest of each part of the organisation; or why there are none.
fn current<'a>(
    known: &'a Known,
    kind: &'static str,
    is: impl Fn(&WrittenRow) -> bool,
) -> Result<Vec<&'a WrittenRow>, Vec<Told>> {
    let link = format!("(/facts?kind={kind})");
    let all: Vec<&WrittenRow> = last_of_each(of(known, kind).filter(|row| is(row))).into_values().collect();
    if all.is_empty() {
        return Err(Told::unknown(format!("nobody wrote it down {link}")));
    }
    let period = bedrail_comply::written::Kind::of(kind);
    let old = all
        .iter()
        .find(|row| period.and_then(|period| period.next(row.day)).is_some_and(|by| by < known.today()));
    match old {
        Some(row) => Err(Told::unknown(format!(
            "of {} it was last written down on {}, and was to be looked at again {link}",
            row.system, row.day
        ))),
        None => Ok(all),
    }
}

fn office(known: &Known, code: &str) -> Vec<Told> {
    let rows = match current(known, "office", |row| field(row, "office") == code) {
        Ok(rows) => rows,
        Err(why) => return why,
    };
    let told = rows.into_iter().map(|row| {
        let holder = field(row, "holder");
        let words = match holder {
            "" => format!("vacant since {} (/facts?kind=office)", row.day),
            _ => format!("{holder}, named on {} (/facts?kind=office)", row.day),
        };
        Told::of(row.system.clone(), Value::Flag(!holder.is_empty()), words)
    });
    told.collect()
}

pub(super) fn security_official(known: &Known) -> Vec<Told> {
    office(known, "security_official")
}

pub(super) fn privacy_official(known: &Known) -> Vec<Told> {
    office(known, "privacy_official")
}

pub(super) fn privacy_contact(known: &Known) -> Vec<Told> {
    office(known, "privacy_contact")
}

/// What a role means for the whole organisation: what one part of it does, it does.
fn role(known: &Known, says: impl Fn(&WrittenRow) -> bool) -> Vec<Told> {
    let rows = match current(known, "hipaa_role", |_| true) {
        Ok(rows) => rows,
        Err(why) => return why,
    };
    let so = rows.iter().copied().any(says);
    let last = rows.iter().map(|row| row.day).max().unwrap_or(known.today());
    Told::all(Value::Flag(so), format!("as written down on {last} (/facts?kind=hipaa_role)"))
}

pub(super) fn roles_recorded(known: &Known) -> Vec<Told> {
    role(known, |_| true)
}

pub(super) fn is_clearinghouse(known: &Known) -> Vec<Told> {
    role(known, |row| field(row, "clearinghouse") == "yes")
}

pub(super) fn has_group_health_plan(known: &Known) -> Vec<Told> {
    role(known, |row| field(row, "group_health_plan") == "yes")
}

/// Vendors with sessions of the last quarter, each with those that nobody watched.
pub(super) fn unwatched_sessions(known: &Known) -> Vec<Told> {
    let since = known.today().saturating_sub(SESSION_DAYS.days());
    let mut vendors: BTreeMap<String, (&str, u64, u64)> = BTreeMap::new();
    for row in of(known, "vendor_session").filter(|row| row.day >= since) {
        let vendor = vendors.entry(system_key(&row.system)).or_insert((&row.system, 0, 0));
        vendor.1 += 1;
        vendor.2 += u64::from(field(row, "escorted_by").is_empty());
    }
    let told = vendors.into_values().map(|(name, all, alone)| {
        let words = format!(
            "{alone} of {all} sessions of the last quarter without a supervisor (/facts?kind=vendor_session)"
        );
        Told::of(name, Value::Count(alone), words)
    });
    or_unknown(told.collect(), "no vendor session of the last quarter was written down")
}

/// Days without an entry, nor a note that there was none, from the first entry of the site on; today is not over.
pub(super) fn visitor_gaps(known: &Known) -> Vec<Told> {
    let today = known.today();
    let mut sites: BTreeMap<String, (&str, BTreeSet<Date>)> = BTreeMap::new();
    for row in of(known, "visitor").chain(of(known, "no_visitors")) {
        sites
            .entry(system_key(&row.system))
            .or_insert_with(|| (&row.system, BTreeSet::new()))
            .1
            .insert(row.day);
    }
    let keys: BTreeSet<String> = sites.keys().cloned().collect();
    let mut told: Vec<Told> = sites
        .into_values()
        .map(|(name, days)| {
            let begun = days.first().copied().unwrap_or(today);
            let wanted =
                (1..=LOG_DAYS).map(|back| today.saturating_sub(back.days())).filter(|day| *day >= begun);
            let gaps = wanted.filter(|day| !days.contains(day)).count() as u64;
            let words = format!(
                "{gaps} of the last {LOG_DAYS} days without an entry or a note (/facts?kind=visitor)"
            );
            Told::of(name, Value::Count(gaps), words)
        })
        .collect();
    told.extend(silent_sites(known, &keys, "no visitor log was kept here"));
    or_unknown(told, "no visitor log was kept here")
}

/// Moves of devices and media with patient data for one purpose, and of these those that lack something.
fn moves(known: &Known, purpose: Option<&str>, lacks: impl Fn(&WrittenRow) -> bool) -> (u64, u64) {
    let wanted = |row: &&WrittenRow| {
        field(row, "ephi") == "yes" && purpose.is_none_or(|purpose| field(row, "purpose") == purpose)
    };
    of(known, "custody")
        .filter(wanted)
        .fold((0, 0), |(all, bare), row| (all + 1, bare + u64::from(lacks(row))))
}

/// The first day on which something of a kind was written of each serial number.
fn first_days(known: &Known, kind: &'static str) -> HashMap<String, Date> {
    // Those of the newest day come first.
    of(known, kind).map(|row| (system_key(&row.system), row.day)).collect()
}

fn counted((all, bare): (u64, u64), none: &str, words: &str) -> Vec<Told> {
    if all == 0 {
        return Told::unknown(format!("{none} (/facts)"));
    }
    Told::all(Value::Count(bare), format!("{bare} of {all} {words} (/facts?kind=custody)"))
}

/// Before or after the day on which it was taken out of use: a record of the same serial number is one.
pub(super) fn retired_unwiped(known: &Known) -> Vec<Told> {
    let disposed = first_days(known, "disposal");
    let sums = moves(known, Some("retired"), |row| !disposed.contains_key(&system_key(&row.system)));
    counted(
        sums,
        "no device with patient data was written down as taken out of use",
        "serial numbers taken out of use have no record of disposal",
    )
}

/// Wiped on the day or before; what was wiped later was handed on with what was on it.
pub(super) fn handed_on_unwiped(known: &Known) -> Vec<Told> {
    let wiped = first_days(known, "reuse");
    let before = |row: &WrittenRow| wiped.get(&system_key(&row.system)).is_some_and(|day| *day <= row.day);
    let sums = moves(known, Some("handed_on"), |row| !before(row));
    counted(
        sums,
        "no device with patient data was written down as handed on",
        "serial numbers handed on have no record of wiping before",
    )
}

/// That nobody said whether there was a copy is as if there was none.
pub(super) fn moved_without_copy(known: &Known) -> Vec<Told> {
    let sums = moves(known, None, |row| !matches!(field(row, "copy"), "yes" | "not_needed"));
    counted(
        sums,
        "no move of a device with patient data was written down",
        "moves had no checked copy before",
    )
}
