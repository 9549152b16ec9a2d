//! Items that nobody takes: the person on duty is told, then the deputy, then all, again and again until somebody takes them.

use std::collections::{BTreeMap, HashMap, HashSet};

use bedrail_model::alert::Outcome;
use bedrail_model::ids::{AccountId, AlertItemId, DeviceId, SiteId};
use bedrail_store::alerts::items::{self as rows, ItemRow, StepRow};
use bedrail_store::alerts::rota as rota_rows;
use bedrail_store::{Change, View, devices, sites};
use jiff::{SignedDuration, Timestamp};

use super::rank;
use super::rota::{Known, Place, Rung};
use crate::notices::{self, ALERT, Tidings};
use crate::priority::When;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// How long after all were told that nobody has an item they are told again.
const AGAIN: SignedDuration = SignedDuration::from_mins(60);

/// Whether there is a rota: what cannot wait goes to the person on duty first, then. The next look of a minute tells.
pub(super) async fn begins(view: &View) -> Result<bool, Error> {
    Ok(!rota_rows::duties(view).await?.is_empty())
}

/// Who is told of what.
#[derive(Debug, Default)]
struct Plan {
    /// One person, by which rung, each item with why it is them.
    persons: BTreeMap<(AccountId, Rung), Vec<(ItemRow, String)>>,
    /// All who may handle alerts.
    all: Vec<(ItemRow, String)>,
    names: HashMap<AccountId, String>,
}

impl Plan {
    fn is_empty(&self) -> bool {
        self.persons.is_empty() && self.all.is_empty()
    }
}

/// Tells of items that nobody has taken. Doing it twice at once tells once. How many items somebody was told of.
pub(super) async fn tell_untaken(ctx: &Context, actor: &Actor) -> Result<u64, Error> {
    let now = ctx.clock.now();
    let view = ctx.view(actor, Right::SeeFleet).await?;
    if plan(&view, now).await?.is_empty() {
        return Ok(0);
    }
    drop(view);
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.escalate").await?;
    // Under the lock of the change: another process may have told already.
    let plan = plan(&change, now).await?;
    if plan.is_empty() {
        return Ok(0);
    }
    let (mut told, mut words) = (0, Vec::new());
    for ((person, rung), items) in &plan.persons {
        let name = plan.names.get(person).map_or("somebody", String::as_str);
        words.push(tell_person(&change, (*person, name), *rung, items).await?);
        told += items.len() as u64;
    }
    if !plan.all.is_empty() {
        words.push(tell_all(&change, &plan.all).await?);
        told += plan.all.len() as u64;
    }
    change.commit("alerts that nobody has", &words.join("; ")).await?;
    Ok(told)
}

async fn plan(view: &View, now: Timestamp) -> Result<Plan, Error> {
    let known = Known::of(view, now).await?;
    let rungs: &[Rung] =
        if known.duties.is_empty() { &[Rung::All] } else { &[Rung::All, Rung::Deputy, Rung::OnDuty] };
    let (mut due, mut seen): (Vec<(Rung, ItemRow)>, HashSet<AlertItemId>) = (Vec::new(), HashSet::new());
    // The last rung first: what was slept over goes to all at once.
    for rung in rungs {
        for when in When::ALL {
            let before = now + SignedDuration::from_mins(i64::from(rung.minutes_before(when)));
            let urgency = rank::urgency(when, Outcome::Blocked);
            for item in rows::untold(view, urgency, before, rung.number()).await? {
                if seen.insert(item.id) {
                    due.push((*rung, item));
                }
            }
        }
    }
    for item in rows::again(view, now, now - AGAIN).await? {
        if seen.insert(item.id) {
            due.push((Rung::All, item));
        }
    }
    let devices: HashSet<DeviceId> = due.iter().filter_map(|(_, item)| item.about.device).collect();
    let places = Places::of(view, &devices.into_iter().collect::<Vec<_>>()).await?;
    let mut plan = Plan::default();
    for (rung, item) in due {
        let on_duty = known.on_duty(places.of_device(item.about.device), now);
        let person = match rung {
            Rung::OnDuty => on_duty.who,
            Rung::Deputy => on_duty.deputy,
            Rung::All => None,
        };
        match person {
            Some(person) => {
                if let Some(name) = known.name(person) {
                    plan.names.insert(person, name.clone());
                }
                plan.persons.entry((person, rung)).or_default().push((item, on_duty.why));
            }
            // No gap: where nobody has duty, or no deputy is there, all are told.
            None => plan.all.push((item, on_duty.why)),
        }
    }
    Ok(plan)
}

/// Sites and wards of devices.
#[derive(Debug, Default)]
struct Places {
    devices: HashMap<DeviceId, (Option<SiteId>, Option<String>)>,
    sites: HashMap<SiteId, String>,
}

impl Places {
    async fn of(view: &View, ids: &[DeviceId]) -> Result<Places, Error> {
        if ids.is_empty() {
            return Ok(Places::default());
        }
        let found = devices::by_ids(view, ids).await?;
        let sites = sites::changed_since(view, -1).await?.into_iter().collect();
        let devices = found.into_iter().map(|row| (row.id, (row.site, row.facts.ward))).collect();
        Ok(Places { devices, sites })
    }

    fn of_device(&self, device: Option<DeviceId>) -> Place<'_> {
        let Some((site, ward)) = device.and_then(|id| self.devices.get(&id)) else { return Place::default() };
        let site = site.and_then(|site| self.sites.get(&site)).map(String::as_str);
        Place { site, ward: ward.as_deref() }
    }
}

fn name(item: &ItemRow) -> &str {
    item.about.rule_name.as_deref().unwrap_or(&item.about.rule)
}

async fn tell_person(
    change: &Change,
    (person, person_name): (AccountId, &str),
    rung: Rung,
    items: &[(ItemRow, String)],
) -> Result<String, Error> {
    let first = items.first().map_or("", |(item, _)| name(item));
    let title = match items.len() {
        1 => format!("an alert waits for you: {first}"),
        more => format!("{more} alerts wait for you, the first: {first}"),
    };
    let why = items.first().map_or("", |(_, why)| why.as_str());
    let (kind, next) = match rung {
        Rung::OnDuty => ("told_duty", "the deputy is told next, then everybody"),
        Rung::Deputy | Rung::All => {
            ("told_deputy", "whoever has duty was told before; everybody is told next")
        }
    };
    let detail = format!("{why} Whoever takes them ends this reminder; {next}.");
    for (item, why) in items {
        rows::told(change, item.id, rung.number()).await?;
        rows::add_step(change, item.id, &step(item, kind, person_name, why.clone(), change.at())).await?;
    }
    let unique = format!("untaken {} {person} {}", rung.number(), change.at().as_second());
    let link = "/alerts?untaken=true";
    let tidings = Tidings { title: &title, detail: &detail, link, unique: &unique };
    let ids: Vec<AlertItemId> = items.iter().map(|(item, _)| item.id).collect();
    notices::tell_of_items(change, &ALERT, &tidings, Some(person), &ids).await?;
    let who = if rung == Rung::OnDuty { "the person on duty" } else { "the deputy" };
    Ok(format!("{who} was told of {} items", items.len()))
}

async fn tell_all(change: &Change, items: &[(ItemRow, String)]) -> Result<String, Error> {
    let first = items.first().map_or("", |(item, _)| name(item));
    let again = items.iter().map(|(item, _)| item.told).max().unwrap_or_default();
    let title = match items.len() {
        1 => format!("nobody has taken an alert in time: {first}"),
        more => format!("nobody has taken {more} alerts in time, the first: {first}"),
    };
    let detail = match again {
        0 => "Whoever takes them ends this reminder; it comes again every hour.".to_owned(),
        again => format!("This was told {again} times before. Whoever takes them ends this reminder."),
    };
    for (item, why) in items {
        rows::told(change, item.id, Rung::All.number()).await?;
        // One line when it is new to all, and for every tenth time: the page tells how often.
        if item.rung < Rung::All.number() || item.told % 10 == 0 {
            let text = format!("nobody has taken it; all who handle alerts were told. {why}");
            let step = step(item, "told", "bedrail", text, change.at());
            rows::add_step(change, item.id, &step).await?;
        }
    }
    let unique = format!("untaken {}", change.at().as_second());
    let link = "/alerts?untaken=true&late=true";
    let tidings = Tidings { title: &title, detail: &detail, link, unique: &unique };
    let ids: Vec<AlertItemId> = items.iter().map(|(item, _)| item.id).collect();
    notices::tell_of_items(change, &ALERT, &tidings, None, &ids).await?;
    Ok(title)
}

fn step(item: &ItemRow, kind: &str, who: &str, text: String, at: Timestamp) -> StepRow {
    let (kind, who) = (kind.to_owned(), who.to_owned());
    StepRow { at, kind, who, text, opened: item.opened, due: None, events: item.events }
}
