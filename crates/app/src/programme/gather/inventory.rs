//! Devices, where they stand, what runs on them, what faces the outside.

use std::collections::HashMap;

use bedrail_assess::support::Support;
use bedrail_comply::signal::{Rule, Signal, Value};
use bedrail_model::clinical::harm_of_kind;
use bedrail_model::device::Exposure;
use bedrail_model::ids::ReleaseId;
use bedrail_store::{View, signals};
use jiff::{SignedDuration, Timestamp};

use super::{Known, NO_DEVICES, Told, unless_untold};
use crate::fleet::{Brief, Fleet};
use crate::{Context, Error, support};

/// Devices that no list said anything new of for so long may be gone.
const LISTED_WITHIN: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What the fleet in memory does not hold.
#[derive(Debug)]
pub(super) struct Inventory {
    /// Devices that a list wrote within [`LISTED_WITHIN`].
    listed: u64,
    /// When the present bill of each release was received.
    bills: HashMap<ReleaseId, Timestamp>,
    /// Until when operating systems are supported, by what device lists call them; empty without a list of cycles.
    systems: HashMap<String, Support>,
}

impl Inventory {
    pub(super) async fn read(
        ctx: &Context,
        view: &View,
        fleet: &Fleet,
        now: Timestamp,
    ) -> Result<Inventory, Error> {
        let mut texts: Vec<String> =
            fleet.products.classes.iter().filter_map(|class| class.operating_system.clone()).collect();
        texts.sort();
        texts.dedup();
        let (dir, today) = (ctx.data_dir.clone(), ctx.clock.today());
        let asked = tokio::task::spawn_blocking(move || {
            let dir = crate::feeds::DataDir::new(&dir);
            let said = support::of_systems(&dir, &texts, today).unwrap_or_default();
            texts.into_iter().zip(said).collect()
        });
        Ok(Inventory {
            listed: signals::devices_listed_since(view, now - LISTED_WITHIN).await?,
            bills: signals::bills_received(view).await?.into_iter().collect(),
            systems: asked.await.map_err(|error| Error::Internal(Box::new(error)))?,
        })
    }
}

pub(super) fn location_unknown(known: &Known) -> Vec<Told> {
    let places = &known.fleet.devices.places;
    let lost = |device: &Brief| {
        let place = &places[device.place as usize];
        place.site.is_empty() || place.ward.is_empty()
    };
    known.count(lost, "have no site or no ward", "/devices")
}

pub(super) fn owner_missing(known: &Known) -> Vec<Told> {
    known.count(|device| !device.owned, "have no owner", "/devices?owned=false")
}

/// A list that says the same again leaves no trace on a device: those that are known to be listed are enough, or it is unknown.
pub(super) fn not_seen(known: &Known) -> Vec<Told> {
    let (met, of) = (known.inventory.listed.min(known.devices()), known.devices());
    if of == 0 {
        return Told::unknown(NO_DEVICES);
    }
    let value = Value::Share { met, of };
    let words = format!("lists wrote something of {met} of {of} devices within 90 days (/devices)");
    let enough = Signal::of("asset.not_seen_days").and_then(|signal| signal.rule.judge(value));
    if enough == Some(bedrail_comply::signal::Outcome::Met) {
        return Told::all(value, words);
    }
    Told::unknown(format!("{words}; whether the others were listed again without a change is not kept"))
}

/// The rank comes from Bedrail's table of kinds, which says so where it is shown; a kind that it does not know has none.
pub(super) fn criticality(known: &Known) -> Vec<Told> {
    let (kinds, of) = (&known.fleet.devices.kinds, known.devices());
    if of == 0 {
        return Told::unknown(NO_DEVICES);
    }
    let ranked: Vec<bool> =
        kinds.iter().map(|kind| harm_of_kind((!kind.is_empty()).then_some(&**kind)).is_some()).collect();
    let is = |device: &&Brief| ranked.get(device.kind as usize).copied().unwrap_or_default();
    let met = known.fleet.devices.briefs.iter().filter(is).count() as u64;
    let words =
        format!("{met} of {of} devices are of a kind whose harm is ranked in Bedrail's table (/devices)");
    Told::all(Value::Share { met, of }, words)
}

/// A list that says nothing of the network of some devices shows nothing, unless others are known to stand in a flat one.
pub(super) fn flat_network(known: &Known) -> Vec<Told> {
    let told = known.count(
        |device| device.exposure == Exposure::Flat,
        "stand in a flat network",
        "/devices?exposure=flat",
    );
    let briefs = &known.fleet.devices.briefs;
    let untold = briefs.iter().filter(|device| device.exposure == Exposure::Unknown).count();
    let why = || format!("of {untold} devices nobody said in which network they stand (/unknowns)");
    unless_untold(told, (untold > 0).then(why))
}

/// Devices on systems past their support. None is said only where every device has a system whose support is known.
pub(super) fn unsupported(known: &Known) -> Vec<Told> {
    let (today, classes) = (known.today(), &known.fleet.products.classes);
    let said: Vec<Option<&Support>> = classes
        .iter()
        .map(|class| class.operating_system.as_ref().and_then(|text| known.inventory.systems.get(text)))
        .collect();
    let ended = |device: &Brief| match said[device.class as usize] {
        Some(Support::Ended(..)) => true,
        Some(Support::Ends(Some(day), _)) => *day < today,
        _ => false,
    };
    let untold = |device: &&Brief| matches!(said[device.class as usize], None | Some(Support::NotKnown(_)));
    let told = known.count(ended, "run a system past its support", "/devices");
    let untold = known.fleet.devices.briefs.iter().filter(untold).count();
    let why =
        || format!("of {untold} devices it is not known until when their system is supported (/devices)");
    unless_untold(told, (untold > 0).then(why))
}

pub(super) fn bill_coverage(known: &Known) -> Vec<Told> {
    let of = known.devices();
    if of == 0 {
        return Told::unknown(NO_DEVICES);
    }
    let briefs = &known.fleet.devices.briefs;
    let met = briefs.iter().filter(|device| !known.fleet.is_blind(device.class)).count() as u64;
    let words = format!("{met} of {of} devices run a release with a bill of materials (/releases)");
    Told::all(Value::Share { met, of }, words)
}

/// When the bill of what a device runs was received.
fn bill_of(known: &Known, device: &Brief) -> Option<Timestamp> {
    let release = known.fleet.release_of(device.class).row.id;
    known.inventory.bills.get(&release).copied()
}

/// The age of the oldest present bill of a release in use. Devices without one make it unknown, unless it failed already.
pub(super) fn bill_age(known: &Known) -> Vec<Told> {
    let briefs = &known.fleet.devices.briefs;
    let oldest = briefs.iter().filter_map(|device| bill_of(known, device)).min();
    let blind = briefs.iter().filter(|device| bill_of(known, device).is_none()).count();
    let Some(oldest) = oldest else {
        return Told::unknown(if briefs.is_empty() {
            NO_DEVICES
        } else {
            "no device has a bill of materials (/releases)"
        });
    };
    let days = (known.now.as_second() - oldest.as_second()).max(0) / 86_400;
    let value = Value::Days(days);
    let failed = Signal::of("scan.age_days").and_then(|signal| signal.rule.judge(value))
        == Some(bedrail_comply::signal::Outcome::Failed);
    if blind > 0 && !failed {
        return Told::unknown(format!(
            "{blind} devices have no bill of materials: nobody looked into them (/releases)"
        ));
    }
    Told::all(value, format!("the oldest bill of a release in use came {days} days ago (/releases)"))
}

/// That nobody was seen shows nothing; who was seen, is.
pub(super) fn seen_outside(known: &Known) -> Vec<Told> {
    match known.fleet.devices.seen.len() as u64 {
        0 => Told::unknown(
            "no device was seen from outside, which does not show that there is none (/exposure)",
        ),
        seen => Told::all(Value::Count(seen), format!("{seen} devices were seen from outside (/exposure)")),
    }
}

/// Devices that face the outside, by their lists or by what was seen, with a bill as young as a scan has to be.
pub(super) fn outside_looked_into(known: &Known) -> Vec<Told> {
    let outside = || known.fleet.devices.briefs.iter().filter(|device| device.exposure == Exposure::Outside);
    let of = outside().count() as u64;
    if of == 0 {
        return Told::unknown("no device is known to face the outside (/exposure)");
    }
    let most = match Signal::of("scan.age_days").map(|signal| signal.rule) {
        Some(Rule::AtMostDays(days)) => days,
        _ => 0,
    };
    let since = known.now - SignedDuration::from_hours(24 * (most + 1));
    let young = |device: &&Brief| bill_of(known, device).is_some_and(|at| at > since);
    let met = outside().filter(young).count() as u64;
    let words = format!(
        "{met} of {of} devices that face the outside have a bill of materials of the last {most} days (/exposure)"
    );
    Told::all(Value::Share { met, of }, words)
}
