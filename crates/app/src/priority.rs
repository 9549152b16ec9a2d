//! What first: every place where a weakness is (a release, with its devices), in one order, each with its path.
//!
//! The order of a whole organisation is worked out once and kept until something is written; on a busy day it may be a minute
//! old, and says of when it is.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bedrail_assess::priority::Place;
pub use bedrail_assess::priority::{Exploitation, Rank, Risk, When};
pub use bedrail_model::clinical::Harm;
use bedrail_model::clinical::harm_of_kind;
use bedrail_model::device::Exposure;
use bedrail_model::finding::Weakness;
use bedrail_model::ids::{DeviceId, ReleaseId, SoftwareId};
use bedrail_store::{View, findings, weaknesses};
use jiff::Timestamp;

use crate::decisions::{Rulings, key_of};
use crate::firewall::{self, Between};
use crate::fleet::Fleet;
use crate::kept::{self, Kept, Worked};
use crate::page::{Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error};

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
    /// Of those, how many a firewall of ours shields from it. They are affected all the same, and rank as they do.
    pub shielded: u64,
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

/// A place in short: a large hospital has hundreds of thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    /// The place of its rank among all: the smaller, the earlier.
    order: u32,
    /// The more that face the outside, the earlier; then the more devices.
    outside: Reverse<u32>,
    devices: Reverse<u32>,
    /// Index of [`Order::weaknesses`].
    weakness: u32,
    /// Index of the fleet's releases.
    release: u32,
    /// Index of [`Order::ranks`].
    rank: u32,
}

/// The order of an organisation, at some moment.
#[derive(Debug)]
pub(crate) struct Order {
    /// Sorted.
    spots: Vec<Spot>,
    weaknesses: Vec<Arc<Weakness>>,
    ranks: Vec<Rank>,
    handled: u64,
}

impl Order {
    fn rank(&self, spot: &Spot) -> &Rank {
        &self.ranks[spot.rank as usize]
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for spot in &self.spots {
            let at = When::ALL.iter().position(|when| *when == self.rank(spot).when).unwrap_or(0);
            counts[at] += 1;
        }
        counts
    }

    fn row(&self, fleet: &Fleet, spot: &Spot) -> PriorityRow {
        let release = &fleet.products.releases[spot.release as usize];
        PriorityRow {
            weakness: self.weaknesses[spot.weakness as usize].clone(),
            release: release.row.id,
            release_name: release.name.clone(),
            devices: spot.devices.0.into(),
            outside: spot.outside.0.into(),
            shielded: 0,
            rank: *self.rank(spot),
        }
    }
}

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
    let is = kept::get::<Order>(ctx, &fleet, &view).await?;
    let (what_if, at, thought);
    let order = match &filter.isolate {
        None => {
            (what_if, at) = (None, is.at);
            &is.value
        }
        Some(isolate) => {
            let isolated = isolated(&fleet, isolate)?;
            let devices = isolated.iter().filter(|it| **it).count() as u64;
            thought = make(ctx, &fleet, &view, &isolated).await?;
            (what_if, at) = (Some((devices, is.value.counts())), ctx.clock.now());
            &thought
        }
    };
    let text = filter.text.as_deref().unwrap_or_default().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let wanted = |spot: &&Spot| {
        filter.when.is_none_or(|when| order.rank(spot).when == when)
            && (words.is_empty() || {
                let id = order.weaknesses[spot.weakness as usize].id.to_lowercase();
                let release = &fleet.products.releases[spot.release as usize].search;
                words.iter().all(|word| id.contains(word) || release.contains(word))
            })
    };
    let total = order.spots.iter().filter(wanted).count() as u64;
    let offset = page.skip_counted()?;
    let skip = usize::try_from(offset).unwrap_or(usize::MAX);
    let shown = order.spots.iter().filter(wanted).skip(skip).take(page.rows());
    let mut rows: Vec<PriorityRow> = shown.map(|spot| order.row(&fleet, spot)).collect();
    count_shielded(ctx, &fleet, &view, &mut rows).await?;
    Ok(Priorities {
        page: Page::counted(rows, total, offset),
        counts: order.counts(),
        what_if,
        handled: order.handled,
        at,
    })
}

/// Counts the devices of the places shown that a firewall of ours shields.
async fn count_shielded(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    rows: &mut [PriorityRow],
) -> Result<(), Error> {
    let standing = firewall::standing(ctx, view, fleet).await?;
    if standing.is_empty() {
        return Ok(());
    }
    let behind: HashSet<DeviceId> = standing.devices().collect();
    let all = fleet.devices.list.iter().zip(&fleet.devices.briefs);
    let behind: Vec<(DeviceId, u32)> = all
        .filter(|(device, _)| behind.contains(&device.id))
        .map(|(device, brief)| (device.id, fleet.products.release_of[brief.class as usize]))
        .collect();
    for row in rows {
        let Some(release) = fleet.products.release_index.get(&row.release) else { continue };
        let asked = [(row.weakness.id.as_str(), row.weakness.aliases.as_slice())];
        let here = behind.iter().filter(|(_, runs)| runs == release);
        let held = here.filter(|(device, _)| standing.before(*device, &asked).iter().any(Between::holds));
        row.shielded = held.count() as u64;
    }
    Ok(())
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

impl Worked for Order {
    const WHAT: &'static str = "what comes first";

    fn kept(ctx: &Context) -> &Kept<Order> {
        &ctx.inner.orders
    }

    fn is_small(&self) -> bool {
        self.spots.len() <= SMALL
    }

    async fn make(ctx: &Context, fleet: Arc<Fleet>, view: &View) -> Result<Order, Error> {
        make(ctx, &fleet, view, &[]).await
    }
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

async fn make(ctx: &Context, fleet: &Fleet, view: &View, isolated: &[bool]) -> Result<Order, Error> {
    let classes = surroundings(fleet, isolated);
    let rulings = Rulings::of(ctx, view).await?;
    let mut ids = weaknesses::counted_ids(view).await?;
    ids.sort_unstable();
    let mut ranking = Ranking::default();
    let mut chunks = ids.chunks(AT_ONCE);
    let mut next = read(view, chunks.next()).await?;
    while let Some((some, open, known)) = next {
        // The database looks for the next ones while these are ranked.
        let (following, ()) = tokio::join!(biased; read(view, chunks.next()), async {
            let places = gather(fleet, &classes, &rulings, (some, open), &mut ranking.handled);
            ranking.take(known, places);
        });
        next = following?;
    }
    let Ranking { mut spots, ranks, weaknesses, handled } = ranking;
    put_in_order(&mut spots, &ranks);
    Ok(Order { spots, weaknesses, ranks, handled })
}

/// Some weaknesses, where they are open, and what is known of them.
type Read<'i> = (&'i [String], Vec<(String, Vec<findings::Open>)>, Vec<Arc<Weakness>>);

async fn read<'i>(view: &View, some: Option<&'i [String]>) -> Result<Option<Read<'i>>, Error> {
    let Some(some) = some else { return Ok(None) };
    let (open, known) = (findings::open_affected(view, some).await?, facts(view, some).await?);
    Ok(Some((some, open, known)))
}

/// Puts open findings together by the weakness's number among some and the release; what is decided already is counted.
fn gather(
    fleet: &Fleet,
    classes: &[Surroundings],
    rulings: &Rulings,
    (some, open): (&[String], Vec<(String, Vec<findings::Open>)>),
    handled: &mut u64,
) -> HashMap<(usize, u32), Surroundings> {
    let mut places: HashMap<(usize, u32), Surroundings> = HashMap::new();
    for (weakness, at) in open {
        let Ok(number) = some.binary_search(&weakness) else { continue };
        for (class, software, ()) in at {
            let Some(class) = fleet.products.class_index.get(&class).copied() else { continue };
            let here = classes[class as usize];
            if here.devices.iter().all(|count| *count == 0) {
                continue;
            }
            if is_handled(fleet, rulings, &weakness, (class, software)) {
                *handled += 1;
                continue;
            }
            let place = places.entry((number, fleet.products.release_of[class as usize])).or_default();
            place.harm = place.harm.max(here.harm);
            for (count, more) in place.devices.iter_mut().zip(here.devices) {
                *count += more;
            }
        }
    }
    places
}

/// Weaknesses whose findings are read at once: bounds the memory that it takes.
const AT_ONCE: usize = 128;

/// What is known of weaknesses, in their order. One of which nothing is held any more is as one of which nothing is known.
async fn facts(view: &View, ids: &[String]) -> Result<Vec<Arc<Weakness>>, Error> {
    let held = weaknesses::by_ids(view, ids).await?.into_iter();
    let mut held: HashMap<String, Weakness> = held.map(|one| (one.id.clone(), one)).collect();
    let known = ids.iter().map(|id| {
        let known = held.remove(id);
        Arc::new(known.unwrap_or_else(|| Weakness { id: id.clone(), ..Weakness::default() }))
    });
    Ok(known.collect())
}

/// Places with their ranks, in no order yet.
#[derive(Default)]
struct Ranking {
    spots: Vec<Spot>,
    ranks: Vec<Rank>,
    weaknesses: Vec<Arc<Weakness>>,
    handled: u64,
}

impl Ranking {
    /// Takes places over, by their weakness's number among these and their release. Equal surroundings of one weakness rank
    /// alike, and are ranked once.
    fn take(&mut self, weaknesses: Vec<Arc<Weakness>>, places: HashMap<(usize, u32), Surroundings>) {
        let mut ranked: HashMap<(usize, Exposure, Option<Harm>), u32> = HashMap::new();
        for ((weakness, release), here) in places {
            let devices: u64 = here.devices.iter().sum();
            let exposure = (0..EXPOSURES).find(|at| here.devices[*at] > 0).map(|at| Exposure::ALL[at]);
            let Some(exposure) = exposure else { continue };
            let rank = *ranked.entry((weakness, exposure, here.harm)).or_insert_with(|| {
                let place = Place { weakness: &weaknesses[weakness], exposure, harm: here.harm, devices };
                self.ranks.push(Rank::of(place));
                crate::fleet::index(self.ranks.len() - 1)
            });
            let count = |devices: u64| Reverse(u32::try_from(devices).unwrap_or(u32::MAX));
            let (outside, devices) = (count(here.devices[0]), count(devices));
            let weakness = crate::fleet::index(self.weaknesses.len() + weakness);
            self.spots.push(Spot { order: 0, outside, devices, weakness, release, rank });
        }
        self.weaknesses.extend(weaknesses);
    }
}

/// Sorts places by their ranks, equal ranks by what else tells them apart.
fn put_in_order(spots: &mut [Spot], ranks: &[Rank]) {
    let mut by_order: Vec<u32> = (0..crate::fleet::index(ranks.len())).collect();
    by_order.sort_by_key(|at| ranks[*at as usize].order());
    let mut order = vec![0; ranks.len()];
    for pair in by_order.windows(2) {
        let more = ranks[pair[0] as usize].order() != ranks[pair[1] as usize].order();
        order[pair[1] as usize] = order[pair[0] as usize] + u32::from(more);
    }
    for spot in spots.iter_mut() {
        spot.order = order[spot.rank as usize];
    }
    spots.sort_unstable();
}

/// Whether it is decided what is done about a finding, on all devices of its class.
fn is_handled(
    fleet: &Fleet,
    rulings: &Rulings,
    weakness: &str,
    (class, software): (u32, SoftwareId),
) -> bool {
    if !rulings.any_on(weakness) {
        return false;
    }
    let at = fleet.bills.software_at(software);
    let key = at.map(|at| key_of(&fleet.bills.software[at as usize].row.facts));
    let decision = rulings.on(weakness, fleet.place_of(class), key.as_deref());
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
