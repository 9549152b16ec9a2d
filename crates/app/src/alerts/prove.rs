//! Accounted for: events received against events of items, and against what the sources count themselves.

use std::collections::{BTreeMap, HashMap, HashSet};

use bedrail_model::ids::{AlertSourceId, DeviceId};
use bedrail_store::View;
use bedrail_store::alerts as source_rows;
use bedrail_store::alerts::account::{self as rows, Accounted, Days, Received, Taken};
use bedrail_store::alerts::pauses;
pub use bedrail_store::alerts::pauses::PauseCount;
pub use bedrail_store::alerts::segments::Lines;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::own::is_own;
pub use super::shifts::{Shift, ShiftWork};
use super::{kept, rota, shifts};
use crate::fleet::Fleet;
use crate::rights::Right;
use crate::{Actor, Context, Error, vault};

/// Steps that are looked at for times.
const STEPS: u32 = 1_000_000;

/// What is asked for: days of receipt in UTC, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

impl Period {
    fn days(self) -> Result<Days, Error> {
        let day = |date: Date| {
            let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).map(|it| it.timestamp().as_second());
            midnight.map(|seconds| seconds.div_euclid(86_400)).ok()
        };
        match (day(self.from), day(self.to)) {
            (Some(from), Some(to)) if from <= to => Ok((from, to + 1)),
            _ => Err(Error::Invalid {
                message: format!("there are no days from {} to {}", self.from, self.to),
                hint: Some("the first day comes first".into()),
            }),
        }
    }
}

/// The account of a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// Of which days.
    pub period: Period,
    /// Of one device only.
    pub device: Option<DeviceId>,
    /// Lines received, and what they are.
    pub lines: Lines,
    /// Lines, as the batches count them all together: the same number.
    pub all_lines: u64,
    /// Events received; of one device, what its items hold.
    pub events_in: u64,
    /// What came from outside: lines of all sources but Bedrail's own findings; of one device, events.
    pub from_outside: u64,
    /// Events that belong to items.
    pub events_accounted: u64,
    /// By what became of them.
    pub by_disposition: Vec<Disposition>,
    /// Source by source.
    pub sources: Vec<OfSource>,
    /// Why lines were not understood.
    pub reasons: BTreeMap<String, u64>,
    /// Items that got events in the period.
    pub items: u64,
    /// How long it took to take and to close items.
    pub times: Times,
    /// Work by person and shift, where the organisation is.
    pub shifts: Vec<ShiftWork>,
    /// Pauses that began in the period, by their reasons.
    pub pauses: Vec<PauseCount>,
    /// The rules with the most events: id, name, events, items.
    pub rules: Vec<(String, Option<String>, u64, u64)>,
    /// Events by day of receipt.
    pub by_day: Vec<(Date, u64)>,
    /// Ward by ward, the most events first.
    pub wards: Vec<OfWard>,
}

/// Events of the devices of one ward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfWard {
    /// Its site and its name, empty where the list of devices says none; `None` for events of no known device.
    pub place: Option<(String, String)>,
    /// Events.
    pub events: u64,
    /// Items.
    pub items: u64,
}

/// What can be said of the events of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Received and accounted for differ: a fault of ours.
    Wrong,
    /// Nothing came from any source but Bedrail's own findings. That nothing happened is not known.
    NothingCame,
    /// What came is accounted for, and not all came, by what the sources and their files show.
    NotAllCame,
    /// What came is accounted for, and nothing shows that more was sent.
    Whole,
}

impl Proof {
    /// Whether every line and every event is accounted for.
    pub fn holds(&self) -> bool {
        self.events_in == self.events_accounted
            && self.lines.all() == self.all_lines
            && self.sources.iter().all(|it| it.events_in == it.events_accounted)
    }

    /// What can be said of it.
    pub fn verdict(&self) -> Verdict {
        if !self.holds() {
            Verdict::Wrong
        } else if self.sources.iter().any(OfSource::has_lost) {
            Verdict::NotAllCame
        } else if self.from_outside == 0 {
            Verdict::NothingCame
        } else {
            Verdict::Whole
        }
    }
}

/// What became of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposition {
    /// `open`, `taken`, or the code of the reason for which their items were closed.
    pub code: String,
    /// Whether a written policy closed them.
    pub by_policy: bool,
    /// Events.
    pub events: u64,
    /// Items.
    pub items: u64,
}

/// The account of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfSource {
    /// Its id and name.
    pub source: (AlertSourceId, String),
    /// Lines received, and what they are.
    pub lines: Lines,
    /// Events received.
    pub events_in: u64,
    /// Events that belong to items.
    pub events_accounted: u64,
    /// Alerts that the source says to have raised between its readings; `None` where it says nothing.
    pub source_reported: Option<u64>,
    /// Alerts that it says to have lost itself.
    pub source_lost: Option<u64>,
    /// Events received between the same readings.
    pub compared: u64,
    /// How often its counters went back although it was not started anew.
    pub lies: u64,
    /// Messages that their senders numbered and that did not come; `None` where it numbers none or all came.
    pub missed: Option<u64>,
    /// Files that were rotated away before they were read to their end.
    pub gaps: u64,
}

impl OfSource {
    /// Alerts that it says to have raised and that did not come; negative where more came.
    pub fn difference(&self) -> Option<i64> {
        let reported = i64::try_from(self.source_reported?).unwrap_or(i64::MAX);
        Some(reported.saturating_sub(i64::try_from(self.compared).unwrap_or(i64::MAX)))
    }

    /// Whether anything shows that not all came: files that were lost, gaps in numbers, alerts that the source says to have
    /// raised or lost.
    pub fn has_lost(&self) -> bool {
        self.gaps > 0
            || self.missed.is_some()
            || self.difference().is_some_and(|missing| missing > 0)
            || self.source_lost.is_some_and(|lost| lost > 0)
    }
}

/// How long something took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spread {
    /// How often it was done.
    pub count: u64,
    /// Half were quicker: seconds.
    pub p50: i64,
    /// Nine of ten were quicker: seconds.
    pub p90: i64,
    /// How many were too late.
    pub missed: u64,
}

/// Times and work.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Times {
    /// From the opening of an item until somebody took it (mean time to acknowledge, as a median and a ninth tenth).
    pub taking: Spread,
    /// Until somebody said what it is.
    pub deciding: Spread,
    /// Until it was closed.
    pub closing: Spread,
    /// By person: items taken and closed.
    pub by_person: Vec<(String, u64, u64)>,
    /// By shift, in UTC: night (22 to 6), early (6 to 14), late (14 to 22): items taken and closed.
    pub by_shift: [(u64, u64); 3],
}

/// The account of a period, for all devices or one.
///
/// # Errors
/// [`Error::Invalid`] for days that are none.
pub async fn prove(
    ctx: &Context,
    actor: &Actor,
    period: Period,
    device: Option<DeviceId>,
) -> Result<Proof, Error> {
    let days = period.days()?;
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let counted = async || added_up(&fleet, &view, (period, days), device).await;
    let proof = ctx.inner.proofs.get(&view, (period, device), counted).await?;
    Ok(Proof::clone(&proof))
}

async fn added_up(
    fleet: &Fleet,
    view: &View,
    (period, days): (Period, Days),
    device: Option<DeviceId>,
) -> Result<Proof, Error> {
    let received = rows::received(view, days).await?;
    let accounted = rows::accounted(view, days, device).await?;
    let rows_of_sources = source_rows::sources(view).await?;
    let own: HashSet<AlertSourceId> =
        rows_of_sources.iter().filter(|row| is_own(row)).map(|row| row.id).collect();
    let names: HashMap<AlertSourceId, String> =
        rows_of_sources.into_iter().map(|row| (row.id, row.name)).collect();
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for text in rows::reasons(view, days).await? {
        let of: BTreeMap<String, u64> = serde_json::from_str(&text).unwrap_or_default();
        for (reason, lines) in of {
            *reasons.entry(reason).or_default() += lines;
        }
    }
    let mut steps = rows::steps(view, days, STEPS).await?;
    steps.retain(|step| device.is_none_or(|device| step.of.2 == Some(device)));
    let events_of = |source: AlertSourceId| -> u64 {
        accounted.iter().filter(|it| it.source == source).map(|it| it.events).sum()
    };
    let mut all = Lines::default();
    let (mut all_lines, mut sources) = (0, Vec::new());
    for it in received.iter().filter(|_| device.is_none()) {
        add(&mut all, &it.lines);
        all_lines += it.all_lines;
        let name = names.get(&it.source).cloned().unwrap_or_default();
        sources.push(of_source(it, name, events_of(it.source)));
    }
    let from_outside = match device {
        None => received.iter().filter(|it| !own.contains(&it.source)).map(|it| it.all_lines).sum(),
        Some(_) => accounted.iter().filter(|it| !own.contains(&it.source)).map(|it| it.events).sum(),
    };
    sources.sort_by(|one, other| one.source.1.cmp(&other.source.1));
    let events_accounted = accounted.iter().map(|it| it.events).sum();
    let by_day = rows::by_day(view, days).await?;
    Ok(Proof {
        period,
        device,
        events_in: if device.is_none() { all.events } else { events_accounted },
        lines: all,
        all_lines,
        from_outside,
        events_accounted,
        by_disposition: dispositions(&accounted),
        sources,
        reasons,
        items: accounted.iter().map(|it| it.items).sum(),
        times: times(&steps),
        shifts: shifts::of(&steps, &rota::zone(view).await?),
        pauses: pauses::counts(view, days).await?,
        rules: rows::rules(view, days).await?,
        by_day: by_day.into_iter().filter_map(|(day, events)| Some((date(day)?, events))).collect(),
        wards: wards(fleet, rows::devices(view, days).await?, device),
    })
}

fn of_source(it: &Received, name: String, events_accounted: u64) -> OfSource {
    OfSource {
        source: (it.source, name),
        lines: it.lines,
        events_in: it.lines.events,
        events_accounted,
        source_reported: it.reported.alerts.map(|(raised, _)| raised),
        source_lost: it.reported.alerts.map(|(_, lost)| lost),
        compared: it.reported.compared,
        lies: it.reported.lies,
        missed: u64::try_from(it.reported.missed).ok().filter(|missed| *missed > 0),
        gaps: it.gaps,
    }
}

/// The names of these sources of which something shows that not all came in a period.
pub(crate) async fn that_lost(
    view: &View,
    of: &[source_rows::SourceRow],
    period: Period,
) -> Result<Vec<String>, Error> {
    let received = rows::received(view, period.days()?).await?;
    let lost = received.iter().filter(|it| of_source(it, String::new(), 0).has_lost());
    let name = |it: &Received| of.iter().find(|row| row.id == it.source).map(|row| row.name.clone());
    Ok(lost.filter_map(name).collect())
}

/// Events by ward, of all devices or one.
fn wards(fleet: &Fleet, events: Vec<(Option<DeviceId>, u64, u64)>, only: Option<DeviceId>) -> Vec<OfWard> {
    let asked: HashSet<DeviceId> = events.iter().filter_map(|(device, ..)| *device).collect();
    let devices = fleet.devices.list.iter().filter(|device| asked.contains(&device.id));
    let place_of: HashMap<DeviceId, u32> = devices.map(|device| (device.id, device.place)).collect();
    let mut all: BTreeMap<Option<(String, String)>, (u64, u64)> = BTreeMap::new();
    for (device, events, items) in events.into_iter().filter(|(device, ..)| only.is_none() || *device == only)
    {
        // A device that left the list stood somewhere that nobody knows any more.
        let place = device.map(|device| {
            let place = place_of.get(&device).and_then(|at| fleet.devices.places.get(*at as usize));
            place.map(|place| (place.site.to_string(), place.ward.to_string())).unwrap_or_default()
        });
        let sums = all.entry(place).or_default();
        *sums = (sums.0 + events, sums.1 + items);
    }
    let of = |(place, (events, items))| OfWard { place, events, items };
    let mut wards: Vec<OfWard> = all.into_iter().map(of).collect();
    wards.sort_by_key(|ward| std::cmp::Reverse(ward.events));
    wards
}

fn add(all: &mut Lines, part: &Lines) {
    all.events += part.events;
    all.counters += part.counters;
    all.no_alerts += part.no_alerts;
    all.not_understood += part.not_understood;
}

fn date(day: i64) -> Option<Date> {
    let at = Timestamp::from_second(day.checked_mul(86_400)?).ok()?;
    Some(at.to_zoned(jiff::tz::TimeZone::UTC).date())
}

fn dispositions(accounted: &[Accounted]) -> Vec<Disposition> {
    let mut all: BTreeMap<(String, bool), (u64, u64)> = BTreeMap::new();
    for it in accounted {
        let code = match (it.reason.as_str(), it.taken) {
            ("", false) => "open".to_owned(),
            ("", true) => "taken".to_owned(),
            (reason, _) => reason.to_owned(),
        };
        let sums = all.entry((code, it.by_policy)).or_default();
        sums.0 += it.events;
        sums.1 += it.items;
    }
    let of = |((code, by_policy), (events, items))| Disposition { code, by_policy, events, items };
    all.into_iter().map(of).collect()
}

fn times(steps: &[Taken]) -> Times {
    let spread = |kind: &str| {
        let of = || steps.iter().filter(|step| step.kind == kind);
        let mut seconds: Vec<i64> =
            of().map(|step| step.at.duration_since(step.opened).as_secs().max(0)).collect();
        seconds.sort_unstable();
        let missed = of().filter(|step| step.due.is_some_and(|due| step.at >= due)).count() as u64;
        Spread {
            count: seconds.len() as u64,
            p50: at_share(&seconds, 50),
            p90: at_share(&seconds, 90),
            missed,
        }
    };
    let mut by_person: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let mut by_shift = [(0, 0); 3];
    for step in steps.iter().filter(|step| step.kind != "decided") {
        let hour = step.at.to_zoned(jiff::tz::TimeZone::UTC).hour();
        let shift = match hour {
            6..14 => 1,
            14..22 => 2,
            _ => 0,
        };
        let (taken, closed) = if step.kind == "taken" { (1, 0) } else { (0, 1) };
        for sums in [by_person.entry(&step.who).or_default(), &mut by_shift[shift]] {
            sums.0 += taken;
            sums.1 += closed;
        }
    }
    let by_person = by_person.into_iter().map(|(who, (taken, closed))| (who.to_owned(), taken, closed));
    Times {
        taking: spread("taken"),
        deciding: spread("decided"),
        closing: spread("closed"),
        by_person: by_person.collect(),
        by_shift,
    }
}

/// The value below which such a share of the sorted values lies, in hundredths (nearest rank).
fn at_share(sorted: &[i64], share: usize) -> i64 {
    let rank = (sorted.len() * share).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

/// What the nightly look found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Batches whose kept events were counted again.
    pub segments: u64,
    /// What does not fit, in sentences.
    pub wrong: Vec<String>,
}

/// Counts everything of some days again: the two sides of the ledger, and the kept events themselves, by their digests.
///
/// # Errors
/// When the database cannot be used.
pub async fn check(ctx: &Context, actor: &Actor, days: u32) -> Result<Checked, Error> {
    let today = ctx.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let first = today.saturating_sub(SignedDuration::from_hours(24 * i64::from(days)));
    let period = Period { from: first, to: today };
    let proof = prove(ctx, actor, period, None).await?;
    let mut checked = Checked::default();
    for it in proof.sources.iter().filter(|it| it.events_in != it.events_accounted) {
        let text = format!(
            "{}: {} events received, {} accounted for",
            it.source.1, it.events_in, it.events_accounted
        );
        checked.wrong.push(text);
    }
    if proof.lines.all() != proof.all_lines {
        checked.wrong.push(format!(
            "{} lines received, {} accounted for",
            proof.all_lines,
            proof.lines.all()
        ));
    }
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let segments = rows::kept(&view, period.days()?).await?;
    drop(view);
    for (id, _, sha256, events) in segments {
        checked.segments += 1;
        let counted = match vault::read(ctx, &sha256).await {
            Ok(packed) => tokio::task::spawn_blocking(move || kept::count(&packed).ok()).await.ok().flatten(),
            Err(_) => None,
        };
        match counted {
            Some(counted) if counted == events => {}
            Some(counted) => checked.wrong.push(format!("batch {id}: {events} events, {counted} kept")),
            None => checked.wrong.push(format!("batch {id}: its kept events are missing or damaged")),
        }
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_the_nearest_rank() {
        let ten: Vec<i64> = (1..=10).collect();
        assert_eq!((at_share(&ten, 50), at_share(&ten, 90)), (5, 9));
        assert_eq!((at_share(&[7], 50), at_share(&[7], 90), at_share(&[], 90)), (7, 7, 0));
    }
}
