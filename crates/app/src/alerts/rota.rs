//! The rota: who has duty, who is away, who stands in.

use std::collections::HashMap;

use bedrail_assess::alerts::duty::on_duty;
pub use bedrail_assess::alerts::duty::{
    Absence, DAY, Duty, OnDuty, Place, RUNGS, Rung, clock_text, day_name,
};
use bedrail_model::ids::{AccountId, AlertAbsenceId, AlertDutyId};
use bedrail_model::zone::{ZONES, Zone};
use bedrail_store::alerts::rota::{self as rows, AbsenceRow, DutyRow};
use bedrail_store::{View, memberships};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::rights::{Right, Rights};
use crate::{Actor, Context, Error, accounts};

/// Members looked at.
const MEMBERS: u32 = 10_000;
/// Duties of an organisation at most.
const MOST: usize = 1_000;
/// The longest name of a site or a ward, in characters.
const LONGEST: usize = 200;
/// The zone where none was set.
const NO_ZONE: &str = "utc";

/// A duty, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DutyShown {
    /// Id.
    pub id: AlertDutyId,
    /// What it is.
    pub duty: Duty,
    /// Who has it.
    pub person: String,
    /// Who stands in.
    pub deputy: Option<String>,
}

/// An absence, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsenceShown {
    /// Id.
    pub id: AlertAbsenceId,
    /// What it is.
    pub absence: Absence,
    /// Who is away.
    pub person: String,
    /// Who stands in.
    pub deputy: Option<String>,
}

/// The rota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rota {
    /// The code of the zone that it is read in.
    pub zone: &'static str,
    /// Duties, by day and time.
    pub duties: Vec<DutyShown>,
    /// Absences that are not over, by day.
    pub absences: Vec<AbsenceShown>,
    /// Who has duty now for devices of no place in particular: names of the person and the deputy, and why.
    pub now: (Option<String>, Option<String>, String),
    /// Who may handle alerts, by name.
    pub people: Vec<String>,
}

/// What is known of duties at a moment.
pub(super) struct Known {
    pub(super) duties: Vec<Duty>,
    pub(super) absences: Vec<Absence>,
    pub(super) zone: TimeZone,
    names: HashMap<AccountId, String>,
}

impl Known {
    pub(super) async fn of(view: &View, now: Timestamp) -> Result<Known, Error> {
        let zone = zone(view).await?;
        let duties: Vec<Duty> = rows::duties(view).await?.iter().filter_map(duty).collect();
        let mut absences: Vec<Absence> = rows::absences(view).await?.iter().filter_map(absence).collect();
        let names = people(view, now).await?;
        // Who left, or may handle alerts no longer, is away for good.
        let named = duties.iter().flat_map(|duty| [Some(duty.person), duty.deputy]);
        let named = named.chain(absences.iter().map(|absence| absence.deputy)).flatten();
        let gone: Vec<AccountId> = named.filter(|person| !names.contains_key(person)).collect();
        let for_good = |person| Absence { person, first: Date::MIN, last: Date::MAX, deputy: None };
        absences.extend(gone.into_iter().map(for_good));
        Ok(Known { duties, absences, zone, names })
    }

    pub(super) fn on_duty(&self, place: Place<'_>, at: Timestamp) -> OnDuty {
        on_duty(&self.duties, &self.absences, place, at, &self.zone)
    }

    /// What somebody who may handle alerts is called.
    pub(super) fn name(&self, person: AccountId) -> Option<&String> {
        self.names.get(&person)
    }
}

/// The zone that days and shifts of alerts are read in.
pub(super) async fn zone(view: &View) -> Result<TimeZone, Error> {
    let code = rows::zone(view).await?;
    Ok(code.as_deref().and_then(Zone::of).map_or(TimeZone::UTC, Zone::rule))
}

/// Members who may handle alerts, by account.
async fn people(view: &View, now: Timestamp) -> Result<HashMap<AccountId, String>, Error> {
    let members = memberships::of_organisation(view, MEMBERS).await?.into_iter().filter(|member| {
        let counts = member.membership.valid_until.is_none_or(|until| now < until);
        let rights = Rights::of_roles(&accounts::roles(&member.membership.roles));
        member.closed.is_none() && counts && rights.has(Right::HandleAlerts)
    });
    Ok(members.map(|member| (member.membership.account, member.name)).collect())
}

fn duty(row: &DutyRow) -> Option<Duty> {
    let weekday = Weekday::from_monday_one_offset(i8::try_from(row.weekday).ok()?).ok()?;
    let (from, to) = row.minutes;
    let (site, ward) = (row.site.clone(), row.ward.clone());
    Some(Duty { weekday, from, to, person: row.account, deputy: row.deputy, site, ward })
}

fn absence(row: &AbsenceRow) -> Option<Absence> {
    let (first, last) = (row.days.0.parse().ok()?, row.days.1.parse().ok()?);
    Some(Absence { person: row.account, first, last, deputy: row.deputy })
}

/// The rota, and who has duty now.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn get(ctx: &Context, actor: &Actor) -> Result<Rota, Error> {
    let view = ctx.view(actor, Right::HandleAlerts).await?;
    let now = ctx.clock.now();
    let known = Known::of(&view, now).await?;
    let (duties, absences) = (rows::duties(&view).await?, rows::absences(&view).await?);
    let zone = rows::zone(&view).await?;
    Ok(shown(&known, duties, absences, zone.as_deref(), now))
}

fn shown(
    known: &Known,
    duties: Vec<DutyRow>,
    absences: Vec<AbsenceRow>,
    zone: Option<&str>,
    now: Timestamp,
) -> Rota {
    let name =
        |person: AccountId| known.name(person).cloned().unwrap_or_else(|| "somebody who left".to_owned());
    let duties = duties.into_iter().filter_map(|row| {
        let duty = duty(&row)?;
        Some(DutyShown { id: row.id, person: name(duty.person), deputy: duty.deputy.map(name), duty })
    });
    let today = now.to_zoned(known.zone.clone()).date();
    let absences = absences.into_iter().filter_map(|row| {
        let absence = absence(&row).filter(|absence| absence.last >= today)?;
        let (person, deputy) = (name(absence.person), absence.deputy.map(name));
        Some(AbsenceShown { id: row.id, absence, person, deputy })
    });
    let on_duty = known.on_duty(Place::default(), now);
    let mut people: Vec<String> = known.names.values().cloned().collect();
    people.sort_unstable();
    Rota {
        zone: zone.and_then(Zone::of).map_or(NO_ZONE, |zone| zone.code),
        duties: duties.collect(),
        absences: absences.collect(),
        now: (on_duty.who.map(name), on_duty.deputy.map(name), on_duty.why),
        people,
    }
}

/// Sets the zone that days and shifts are read in. What is due already stays due when it was.
///
/// # Errors
/// [`Error::Invalid`] for a zone that there is not.
pub async fn set_zone(ctx: &Context, actor: &Actor, code: &str) -> Result<(), Error> {
    let Some(zone) = Zone::of(code) else {
        let known: Vec<&str> = ZONES.iter().map(|zone| zone.code).collect();
        return Err(Error::Invalid {
            message: "there is no such zone".into(),
            hint: Some(format!("the zones are {}", known.join(", "))),
        });
    };
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.zone").await?;
    rows::set_zone(&change, zone.code).await?;
    change.commit("rota", zone.name).await?;
    Ok(())
}

/// A duty to be added; people by their sign-in names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDuty {
    /// On which days of the week.
    pub weekdays: Vec<Weekday>,
    /// From which minute of the day.
    pub from: u32,
    /// Until which, exclusive; one that is not later is of the day after.
    pub to: u32,
    /// Who has it.
    pub person: String,
    /// Who stands in.
    pub deputy: Option<String>,
    /// For the alerts of devices of this site alone.
    pub site: Option<String>,
    /// For those of this ward alone.
    pub ward: Option<String>,
}

/// A time of day, such as `08:00` or `24:00`, in minutes.
///
/// # Errors
/// [`Error::Invalid`] for whatever is none.
pub fn minute(text: &str) -> Result<u32, Error> {
    let invalid = || Error::Invalid {
        message: format!("`{}` is no time of day", bedrail_model::text::harmless(text)),
        hint: Some("such as 08:00, up to 24:00".into()),
    };
    let (hours, minutes) = text.trim().split_once(':').ok_or_else(invalid)?;
    let number = |text: &str| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|sign| sign.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten().ok_or_else(invalid)
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if minutes > 59 || hours * 60 + minutes > DAY { Err(invalid()) } else { Ok(hours * 60 + minutes) }
}

/// Days of the week from words such as `mon-fri` or `sat,sun`.
///
/// # Errors
/// [`Error::Invalid`] for words that are none.
pub fn weekdays(text: &str) -> Result<Vec<Weekday>, Error> {
    const DAYS: [(&str, Weekday); 7] = [
        ("mon", Weekday::Monday),
        ("tue", Weekday::Tuesday),
        ("wed", Weekday::Wednesday),
        ("thu", Weekday::Thursday),
        ("fri", Weekday::Friday),
        ("sat", Weekday::Saturday),
        ("sun", Weekday::Sunday),
    ];
    let place = |word: &str| {
        let word = word.trim().to_ascii_lowercase();
        DAYS.iter().position(|(short, _)| word.get(..3) == Some(short)).ok_or_else(|| Error::Invalid {
            message: "that is no day of the week".into(),
            hint: Some("such as mon, mon-fri or sat,sun".into()),
        })
    };
    let mut found = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (place(first)?, place(last)?);
        // From Friday to Monday goes over Sunday.
        let length = (last + 7 - first) % 7;
        found.extend((first..=first + length).map(|day| DAYS[day % 7].1));
    }
    Ok(found)
}

async fn account(view: &View, now: Timestamp, name: &str) -> Result<AccountId, Error> {
    let name = name.trim();
    let all = people(view, now).await?;
    let found = all.into_iter().find(|(_, known)| known.eq_ignore_ascii_case(name));
    found.map(|(account, _)| account).ok_or_else(|| Error::Invalid {
        message: "there is nobody of that name who may handle alerts".into(),
        hint: Some("give the name that they sign in with; they need a role that handles alerts".into()),
    })
}

async fn deputy(view: &View, now: Timestamp, name: Option<&str>) -> Result<Option<AccountId>, Error> {
    match name.map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => Ok(Some(account(view, now, name).await?)),
        None => Ok(None),
    }
}

/// Adds a duty, one for each of its days.
///
/// # Errors
/// [`Error::Invalid`] for people who may not handle alerts, a deputy who is the person, and times that are none.
pub async fn add_duty(ctx: &Context, actor: &Actor, new: &NewDuty) -> Result<Vec<AlertDutyId>, Error> {
    let place = |text: &Option<String>| -> Result<Option<String>, Error> {
        let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        if text.is_some_and(|text| text.chars().count() > LONGEST || text.chars().any(char::is_control)) {
            return Err(Error::invalid("a site or a ward has a name of one line"));
        }
        Ok(text.map(str::to_owned))
    };
    let (site, ward) = (place(&new.site)?, place(&new.ward)?);
    if new.weekdays.is_empty() {
        return Err(Error::invalid("a duty is on a day of the week at least"));
    }
    if new.from >= DAY || new.to > DAY {
        return Err(Error::invalid("a duty begins and ends within a day"));
    }
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.add_duty").await?;
    let person = account(&change, change.at(), &new.person).await?;
    let deputy = deputy(&change, change.at(), new.deputy.as_deref()).await?;
    if deputy == Some(person) {
        return Err(Error::invalid("nobody stands in for themselves"));
    }
    if rows::duties(&change).await?.len() + new.weekdays.len() > MOST {
        return Err(Error::Conflict { message: "the rota has a thousand duties already".into() });
    }
    let mut ids = Vec::new();
    for weekday in &new.weekdays {
        let row = DutyRow {
            id: AlertDutyId::generate(),
            weekday: u32::from(weekday.to_monday_one_offset().unsigned_abs()),
            minutes: (new.from, new.to),
            account: person,
            deputy,
            site: site.clone(),
            ward: ward.clone(),
        };
        rows::add_duty(&change, &row).await?;
        ids.push(row.id);
    }
    let days: Vec<&str> = new.weekdays.iter().map(|day| day_name(*day)).collect();
    let times = format!("{} to {}", clock_text(new.from), clock_text(new.to));
    let subject = change.personal(person.uuid(), new.person.trim()).await?;
    change.commit(&subject, &format!("duty on {}, {times}", days.join(", "))).await?;
    Ok(ids)
}

/// Takes a duty away.
///
/// # Errors
/// [`Error::NotFound`] where there is none.
pub async fn remove_duty(ctx: &Context, actor: &Actor, id: AlertDutyId) -> Result<(), Error> {
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.remove_duty").await?;
    if !rows::remove_duty(&change, id).await? {
        return Err(Error::not_found(format!("duty {id}")));
    }
    change.commit("rota", &format!("duty {id} taken away")).await?;
    Ok(())
}

/// An absence to be added; people by their sign-in names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAbsence {
    /// Who is away.
    pub person: String,
    /// The first day.
    pub first: Date,
    /// The last day, inclusive.
    pub last: Date,
    /// Who stands in.
    pub deputy: Option<String>,
}

/// Adds an absence.
///
/// # Errors
/// [`Error::Invalid`] for people who may not handle alerts, a deputy who is the person, and days that are none.
pub async fn add_absence(ctx: &Context, actor: &Actor, new: &NewAbsence) -> Result<AlertAbsenceId, Error> {
    if new.last < new.first {
        return Err(Error::Invalid {
            message: "the absence ends before it begins".into(),
            hint: Some("the last day is the last one away".into()),
        });
    }
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.add_absence").await?;
    let person = account(&change, change.at(), &new.person).await?;
    let deputy = deputy(&change, change.at(), new.deputy.as_deref()).await?;
    if deputy == Some(person) {
        return Err(Error::invalid("nobody stands in for themselves"));
    }
    if rows::absences(&change).await?.len() >= MOST {
        return Err(Error::Conflict { message: "there are a thousand absences already".into() });
    }
    let days = (new.first.to_string(), new.last.to_string());
    let row = AbsenceRow { id: AlertAbsenceId::generate(), account: person, days, deputy };
    rows::add_absence(&change, &row).await?;
    let subject = change.personal(person.uuid(), new.person.trim()).await?;
    change.commit(&subject, &format!("away from {} to {}", new.first, new.last)).await?;
    Ok(row.id)
}

/// Takes an absence away.
///
/// # Errors
/// [`Error::NotFound`] where there is none.
pub async fn remove_absence(ctx: &Context, actor: &Actor, id: AlertAbsenceId) -> Result<(), Error> {
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.remove_absence").await?;
    if !rows::remove_absence(&change, id).await? {
        return Err(Error::not_found(format!("absence {id}")));
    }
    change.commit("rota", &format!("absence {id} taken away")).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_read_as_people_write_them() {
        for (text, expected) in
            [("08:00", Some(480)), ("8:05", Some(485)), ("24:00", Some(DAY)), ("00:00", Some(0))]
        {
            assert_eq!(minute(text).ok(), expected, "{text}");
        }
        for text in ["24:01", "8", "08:60", "-1:00", "+8:00", "08:0x", "", "008:00"] {
            assert!(minute(text).is_err(), "{text}");
        }
        let names = |text: &str| {
            let days =
                weekdays(text).map(|days| days.into_iter().map(day_name).collect::<Vec<_>>().join(" "));
            days.unwrap_or_default()
        };
        assert_eq!(names("mon-wed"), "Monday Tuesday Wednesday");
        assert_eq!(names("Friday-Monday"), "Friday Saturday Sunday Monday");
        assert_eq!(names("sat, sun"), "Saturday Sunday");
        assert_eq!((names("noday"), names(""), names("mön")), (String::new(), String::new(), String::new()));
    }
}
