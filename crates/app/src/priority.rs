//! What first: every place where a weakness is (a release, with its devices), in one order, each with its path.
//!
//! The order of a whole organisation is worked out once and kept until something is written; on a busy day it may be a minute
//! old, and says of when it is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bedrail_assess::priority::Place;
pub use bedrail_assess::priority::{Exploitation, Rank, Risk, When};
pub use bedrail_model::clinical::Harm;
use bedrail_model::clinical::harm_of_kind;
use bedrail_model::device::Exposure;
use bedrail_model::finding::Weakness;
use bedrail_model::ids::{DeviceId, OrgId, ReleaseId};
use bedrail_store::{View, findings, organisations, weaknesses};
use jiff::{SignedDuration, Timestamp};

use crate::decisions::{Rulings, key_of};
use crate::fleet::Fleet;
use crate::page::{Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// How old an order may be that something was written since.
const KEPT: SignedDuration = SignedDuration::from_secs(60);
const EXPOSURES: usize = Exposure::ALL.len();

/// One place where a weakness is.
#[derive(Debug, Clone, PartialEq)]
pub struct PriorityRow {
    /// The weakness.
    pub weakness: Arc<Weakness>,
    /// The release.
    pub release: ReleaseId,
    /// Maker, model and version.
    pub release_name: String,
    /// Devices that run it.
    pub devices: u64,
    /// Of those, how many face the outside.
    pub outside: u64,
    /// How it ranks, and by which path.
    pub rank: Rank,
}

/// Which places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PriorityFilter {
    /// Only those to be acted on then.
    pub when: Option<When>,
    /// Words of the weakness and the release, all of them.
    pub text: Option<String>,
    /// What if these devices were isolated?
    pub isolate: Option<Isolate>,
}

/// Devices that one thinks of as isolated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Isolate {
    /// All that face the outside.
    Outside,
    /// Those of a release.
    Release(ReleaseId),
    /// These.
    Devices(Vec<DeviceId>),
}

/// How many places are to be acted on when: [`When::ALL`]'s order.
pub type Counts = [u64; When::ALL.len()];

/// The list.
#[derive(Debug, Clone, PartialEq)]
pub struct Priorities {
    /// A page of it.
    pub page: Page<PriorityRow>,
    /// Places by when, all of them.
    pub counts: Counts,
    /// With the devices isolated that were asked for: how many those are, and the counts as they are without that.
    pub what_if: Option<(u64, Counts)>,
    /// Places that are left out, since it is decided what is done there.
    pub handled: u64,
    /// Of when it is.
    pub at: Timestamp,
}

/// The order of an organisation, at some moment.
#[derive(Debug)]
struct Order {
    state: (i64, i64),
    at: Timestamp,
    rows: Vec<PriorityRow>,
    handled: u64,
}

/// The orders of all organisations that were asked about.
#[derive(Debug, Default)]
pub(crate) struct Orders(Mutex<HashMap<OrgId, Arc<Order>>>);

/// The places to act on, the first first. What it is decided on already what is done is left out.
///
/// # Errors
/// [`Error::NotFound`] when the release to isolate is not there.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    filter: &PriorityFilter,
    page: &PageRequest,
) -> Result<Priorities, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let is = order(ctx, &fleet, &view).await?;
    let (order, what_if) = match &filter.isolate {
        None => (is, None),
        Some(isolate) => {
            let isolated = isolated(&fleet, isolate)?;
            let devices = isolated.iter().filter(|it| **it).count() as u64;
            let order = Arc::new(make(ctx, &fleet, &view, is.state, &isolated).await?);
            (order, Some((devices, counts(&is.rows))))
        }
    };
    let text = filter.text.as_deref().unwrap_or_default().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let wanted = |row: &&PriorityRow| {
        filter.when.is_none_or(|when| row.rank.when == when)
            && (words.is_empty() || {
                let text = format!("{} {}", row.weakness.id, row.release_name).to_lowercase();
                words.iter().all(|word| text.contains(word))
            })
    };
    let total = order.rows.iter().filter(wanted).count() as u64;
    // The order moves with every judgement, so that no row is a place to go on from: its cursor is a number.
    let offset = page.skip(|after| after.parse::<u64>().ok()?.checked_sub(1))?;
    let skip = usize::try_from(offset).unwrap_or(usize::MAX);
    let rows: Vec<PriorityRow> =
        order.rows.iter().filter(wanted).skip(skip).take(page.rows()).cloned().collect();
    let end = offset.saturating_add(rows.len() as u64);
    Ok(Priorities {
        page: Page::of(rows, total, offset, |_| end.to_string()),
        counts: counts(&order.rows),
        what_if,
        handled: order.handled,
        at: order.at,
    })
}

fn counts(rows: &[PriorityRow]) -> Counts {
    When::ALL.map(|when| rows.iter().filter(|row| row.rank.when == when).count() as u64)
}

/// Which devices one thinks of as isolated, in the order of the fleet's list.
fn isolated(fleet: &Fleet, isolate: &Isolate) -> Result<Vec<bool>, Error> {
    let briefs = fleet.devices.briefs.iter();
    Ok(match isolate {
        Isolate::Outside => briefs.map(|device| device.exposure == Exposure::Outside).collect(),
        Isolate::Release(id) => {
            let at = fleet.products.release_index.get(id);
            let at = *at.ok_or_else(|| Error::not_found(format!("release {id}")))?;
            briefs.map(|device| fleet.products.release_of[device.class as usize] == at).collect()
        }
        Isolate::Devices(ids) => fleet.devices.list.iter().map(|device| ids.contains(&device.id)).collect(),
    })
}

/// The order as it is, made anew where something was written and the kept one is old.
async fn order(ctx: &Context, fleet: &Fleet, view: &View) -> Result<Arc<Order>, Error> {
    let state = organisations::changes(view).await?;
    let (orders, now) = (&ctx.inner.orders.0, ctx.clock.now());
    let known = orders.lock().unwrap_or_else(PoisonError::into_inner).get(&view.org()).cloned();
    let good = |order: &Arc<Order>| {
        order.state == state || (now.duration_since(order.at) < KEPT && order.rows.len() > SMALL)
    };
    if let Some(known) = known.filter(good) {
        return Ok(known);
    }
    let fresh = Arc::new(make(ctx, fleet, view, state, &[]).await?);
    orders.lock().unwrap_or_else(PoisonError::into_inner).insert(view.org(), fresh.clone());
    Ok(fresh)
}

/// An order of so many places is made anew with every change: it takes milliseconds.
const SMALL: usize = 20_000;

/// What ranks the places of a release, whatever the weakness.
#[derive(Debug, Clone, Copy, Default)]
struct Surroundings {
    /// Devices by exposure.
    devices: [u64; EXPOSURES],
    /// The worst harm of their kinds.
    harm: Option<Harm>,
}

async fn make(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    state: (i64, i64),
    isolated: &[bool],
) -> Result<Order, Error> {
    let classes = surroundings(fleet, isolated);
    let rulings = Rulings::of(ctx, view).await?;
    let mut handled = 0;
    let mut places: HashMap<(String, u32), Surroundings> = HashMap::new();
    for open in findings::open_affected(view).await? {
        let Some(class) = fleet.products.class_index.get(&open.class).copied() else { continue };
        let here = classes[class as usize];
        if here.devices.iter().all(|count| *count == 0) {
            continue;
        }
        if is_handled(fleet, &rulings, &open, class) {
            handled += 1;
            continue;
        }
        let release = fleet.products.release_of[class as usize];
        let place = places.entry((open.weakness, release)).or_default();
        place.harm = place.harm.max(here.harm);
        for (count, more) in place.devices.iter_mut().zip(here.devices) {
            *count += more;
        }
    }
    let mut ids: Vec<String> = places.keys().map(|(weakness, _)| weakness.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let facts = weaknesses::by_ids(view, &ids).await?.into_iter();
    let facts: HashMap<String, Arc<Weakness>> = facts.map(|one| (one.id.clone(), Arc::new(one))).collect();
    let row = |((id, release), here): ((String, u32), Surroundings)| {
        let weakness = facts.get(&id)?.clone();
        let devices = here.devices.iter().sum();
        let exposure = (0..EXPOSURES).find(|at| here.devices[*at] > 0).map(|at| Exposure::ALL[at])?;
        let rank = Rank::of(Place { weakness: &weakness, exposure, harm: here.harm, devices });
        let release = &fleet.products.releases[release as usize];
        let (release, release_name) = (release.row.id, release.name.clone());
        Some(PriorityRow { weakness, release, release_name, devices, outside: here.devices[0], rank })
    };
    let mut rows: Vec<PriorityRow> = places.into_iter().filter_map(row).collect();
    rows.sort_by(|a, b| {
        let order = a.rank.order().cmp(&b.rank.order());
        order
            .then_with(|| b.outside.cmp(&a.outside))
            .then_with(|| b.devices.cmp(&a.devices))
            .then_with(|| (&a.weakness.id, &a.release_name).cmp(&(&b.weakness.id, &b.release_name)))
    });
    Ok(Order { state, at: ctx.clock.now(), rows, handled })
}

/// Whether it is decided what is done about a finding, on all devices of its class.
fn is_handled(fleet: &Fleet, rulings: &Rulings, open: &findings::OpenRow, class: u32) -> bool {
    if !rulings.any_on(&open.weakness) {
        return false;
    }
    let at = fleet.bills.software_at(open.software);
    let key = at.map(|at| key_of(&fleet.bills.software[at as usize].row.facts));
    let decision = rulings.on(&open.weakness, fleet.place_of(class), key.as_deref());
    decision.is_some_and(|decision| decision.verdict.is_handled())
}

/// Devices by exposure and the worst harm of their kinds, of each class.
fn surroundings(fleet: &Fleet, isolated: &[bool]) -> Vec<Surroundings> {
    let harms: Vec<Option<Harm>> = fleet
        .devices
        .kinds
        .iter()
        .map(|kind| harm_of_kind(Some(&**kind).filter(|kind| !kind.is_empty())))
        .collect();
    let mut classes = vec![Surroundings::default(); fleet.products.classes.len()];
    for (at, device) in fleet.devices.briefs.iter().enumerate() {
        let exposure =
            if isolated.get(at).copied().unwrap_or_default() { Exposure::Isolated } else { device.exposure };
        let column = Exposure::ALL.iter().position(|one| *one == exposure).unwrap_or(0);
        let class = &mut classes[device.class as usize];
        class.devices[column] += 1;
        class.harm = class.harm.max(harms[device.kind as usize]);
    }
    classes
}
