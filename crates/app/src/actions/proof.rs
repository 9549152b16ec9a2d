//! What shows that an action is done: the program looks itself at the devices that the action is about. That somebody says so
//! is written down, and does not close it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use bedrail_model::action::{Action, ShownBy, Stage};
use bedrail_model::answer::Answer;
use bedrail_model::campaign::Ward;
use bedrail_model::decision::Verdict;
use bedrail_model::device::Exposure;
use bedrail_model::ids::{ActionId, DeviceId, ReleaseId};
use bedrail_store::{View, actions as rows, sboms};
use jiff::Timestamp;

use super::ActionRow;
use crate::affected::{self, Mark, Marks};
use crate::firewall::{self, ShieldState};
use crate::fleet::Fleet;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Releases that the evidence names; the others are counted.
const NAMED: usize = 5;
/// Weaknesses that are asked for to show one page; each costs a handful of statements.
const ON_PAGE: usize = 12;

/// A release that devices run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    /// Which.
    pub release: ReleaseId,
    /// Maker, model and version.
    pub name: String,
    /// How many of the devices.
    pub devices: u64,
    /// When its bill of materials was received, once that was looked up.
    pub received: Option<Timestamp>,
}

/// How the devices of an action stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Check {
    /// Devices that it is about: those that had the weakness, or might have it, when it was put down.
    pub devices: u64,
    /// Of them, those on which the weakness is no longer found.
    pub gone: u64,
    /// Those on which it still stands, but for which what the action was for is there: isolated, the risk accepted.
    pub met: u64,
    /// Those that are still affected.
    pub open: u64,
    /// Those of which it cannot be told, or that no list has any more.
    pub unclear: u64,
    /// Those that are not affected by a decision alone: somebody's word, which shows nothing.
    pub by_word: u64,
    /// What those run now on which it is gone, the releases with most of them first.
    pub runs: Vec<Runs>,
    /// What shields them, a sentence for each site of a firewall.
    pub shields: Vec<String>,
    /// Whether the data still holds records of the weakness: where they are gone, so are findings, and nothing is mended.
    pub recorded: bool,
    /// Whether the vulnerability data is whole and fresh.
    pub sound: bool,
}

impl Check {
    /// Whether it shows the action to be done.
    pub fn shows(&self) -> bool {
        let all = self.devices > 0 && self.gone + self.met == self.devices;
        all && (self.gone == 0 || (self.recorded && self.sound))
    }

    /// What is seen, in a sentence or two: for the record.
    pub fn evidence(&self) -> String {
        let mut parts = Vec::new();
        if self.gone > 0 {
            parts.push(format!("no longer found on {} of {} devices", self.gone, self.devices));
        }
        for runs in self.runs.iter().take(NAMED) {
            let bill = runs.received.map(|at| format!(", bill of materials of {}", at.strftime("%Y-%m-%d")));
            parts.push(format!("{} run {}{}", runs.devices, runs.name, bill.unwrap_or_default()));
        }
        if self.runs.len() > NAMED {
            parts.push(format!("{} more releases", self.runs.len() - NAMED));
        }
        if self.met > 0 {
            parts.push(format!("met on {} of {} devices", self.met, self.devices));
        }
        parts.extend(self.shields.iter().take(NAMED).cloned());
        if self.shields.len() > NAMED {
            parts.push(format!("{} more sites", self.shields.len() - NAMED));
        }
        parts.join("; ")
    }

    /// Looks up when the bills of the releases were received that the evidence names.
    pub(crate) async fn date(&mut self, view: &View) -> Result<(), Error> {
        for runs in self.runs.iter_mut().take(NAMED) {
            runs.received = sboms::present(view, runs.release).await?.map(|bill| bill.added);
        }
        Ok(())
    }
}

/// What is known of weaknesses already, and how many more may be asked for.
pub(crate) struct Known {
    marks: HashMap<String, Marks>,
    most: usize,
}

impl Known {
    /// Nothing yet; every weakness is asked for.
    pub(crate) fn all() -> Known {
        Known { marks: HashMap::new(), most: usize::MAX }
    }

    /// Nothing yet; as many weaknesses are asked for as a page may cost.
    pub(crate) fn for_page() -> Known {
        Known { marks: HashMap::new(), most: ON_PAGE }
    }

    /// One weakness, and no other.
    pub(crate) fn of(weakness: &str, marks: Marks) -> Known {
        Known { marks: HashMap::from([(weakness.to_uppercase(), marks)]), most: 0 }
    }
}

/// The devices of a ward, or all, by their places in the fleet's list.
pub(crate) fn places(fleet: &Fleet, ward: Option<&Ward>) -> Vec<u32> {
    let all = 0..crate::fleet::index(fleet.devices.briefs.len());
    let Some(ward) = ward else { return all.collect() };
    let is = |at: &u32| {
        let place = &fleet.devices.places[fleet.devices.briefs[*at as usize].place as usize];
        *place.site == *ward.site && *place.ward == *ward.ward
    };
    all.filter(is).collect()
}

/// Those of some devices that are affected, or of which it cannot be told.
pub(crate) fn concerned(fleet: &Fleet, marks: &Marks, here: impl Iterator<Item = u32>) -> Vec<DeviceId> {
    let device = |at: u32| {
        let id = fleet.devices.list[at as usize].id;
        let mark = marks.of_device(id, fleet.devices.briefs[at as usize].class)?;
        (mark.answer != Answer::NotAffected).then_some(id)
    };
    here.filter_map(device).collect()
}

/// Looks into those of some actions that wait for something that shows them: open ones and those that somebody said are done.
/// Where the weakness is not known and no more may be asked for, an action is left as it is.
pub(crate) async fn look(
    ctx: &Context,
    (fleet, view): (&Fleet, &View),
    rows: &mut [ActionRow],
    mut known: Known,
) -> Result<(), Error> {
    let waits =
        |action: &Action| action.is_checked() && matches!(action.stage(), Stage::Open | Stage::NotShown);
    let ids: Vec<ActionId> = rows.iter().filter(|row| waits(&row.action)).map(|row| row.action.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let devices = rows::devices(view, &ids).await?;
    let shields =
        rows.iter().any(|row| waits(&row.action) && row.action.kind.row().shown_by == ShownBy::Shielded);
    let before = if shields { Some(firewall::standing(ctx, view, fleet).await?) } else { None };
    for row in rows.iter_mut().filter(|row| waits(&row.action)) {
        let Some(weakness) = row.action.weakness.as_deref().map(str::to_uppercase) else { continue };
        let Some(about) = devices.get(&row.action.id) else {
            row.check = Some(Check::default());
            continue;
        };
        if !known.marks.contains_key(&weakness) {
            if known.most == 0 {
                continue;
            }
            known.most -= 1;
            let id = row.action.weakness.as_deref().unwrap_or_default();
            let marks = affected::marks_of(ctx, fleet, view, id).await?;
            known.marks.insert(weakness.clone(), marks);
        }
        let marks = &known.marks[&weakness];
        row.check = Some(check((ctx, fleet, before.as_ref()), &row.action, marks, about));
    }
    Ok(())
}

/// What is seen of one action.
pub(super) async fn of_one(ctx: &Context, actor: &Actor, id: ActionId) -> Result<Option<Check>, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let Some(action) = rows::one(&view, id).await? else { return Ok(None) };
    let mut rows = [ActionRow::of(action, ctx.clock.now())];
    look(ctx, (&fleet, &view), &mut rows, Known::all()).await?;
    let [mut row] = rows;
    if let Some(check) = row.check.as_mut().filter(|check| check.shows()) {
        check.date(&view).await?;
    }
    Ok(row.check)
}

fn check(
    (ctx, fleet, before): (&Context, &Fleet, Option<&firewall::Standing>),
    action: &Action,
    marks: &Marks,
    devices: &[DeviceId],
) -> Check {
    let weakness = action.weakness.as_deref().unwrap_or_default();
    let names = ctx.inner.judge.weakness(weakness).map(|it| it.aliases).unwrap_or_default();
    let mut shields = BTreeSet::new();
    let data = ctx.data_status();
    let mut check = Check {
        devices: devices.len() as u64,
        unclear: devices.len() as u64,
        recorded: marks.is_recorded() && ctx.inner.judge.weakness(weakness).is_some(),
        sound: data.complete && !data.starter_only,
        ..Check::default()
    };
    let wanted: HashSet<DeviceId> = devices.iter().copied().collect();
    let mut runs: BTreeMap<u32, u64> = BTreeMap::new();
    for (at, device) in fleet.devices.list.iter().enumerate().filter(|(_, one)| wanted.contains(&one.id)) {
        let brief = &fleet.devices.briefs[at];
        // Each was counted as unclear: no list may have it.
        check.unclear -= 1;
        match marks.of_device(device.id, brief.class) {
            None => {
                check.gone += 1;
                *runs.entry(fleet.products.release_of[brief.class as usize]).or_default() += 1;
            }
            Some(mark) if is_met(action, mark, marks, brief.exposure) => check.met += 1,
            Some(_) if is_shielded((action, weakness, &names), before, device.id, &mut shields) => {
                check.met += 1;
            }
            Some(mark) => match mark.answer {
                Answer::Affected => check.open += 1,
                Answer::CannotTell => check.unclear += 1,
                Answer::NotAffected if mark.decision.is_some() => check.by_word += 1,
                Answer::NotAffected => {
                    check.gone += 1;
                    *runs.entry(fleet.products.release_of[brief.class as usize]).or_default() += 1;
                }
            },
        }
    }
    for (release, devices) in runs {
        let row = &fleet.products.releases[release as usize];
        let (release, name) = (row.row.id, row.name.clone());
        check.runs.push(Runs { release, name, devices, received: None });
    }
    check.shields = shields.into_iter().collect();
    check.runs.sort_by(|a, b| b.devices.cmp(&a.devices).then_with(|| a.name.cmp(&b.name)));
    check
}

/// Whether what the action was for is there on a device that still has the weakness.
fn is_met(action: &Action, mark: Mark, marks: &Marks, exposure: Exposure) -> bool {
    match action.kind.row().shown_by {
        ShownBy::Isolated => matches!(exposure, Exposure::Isolated | Exposure::Offline),
        ShownBy::RiskAccepted => {
            let decision = mark.decision.and_then(|decision| marks.rulings.brief(decision.id));
            decision.is_some_and(|decision| matches!(decision.verdict, Verdict::RiskAccepted { .. }))
        }
        ShownBy::FindingGone | ShownBy::Answer | ShownBy::Shielded => false,
    }
}

/// Whether a shield was the action, and one holds in front of a device that still has the weakness.
fn is_shielded(
    (action, weakness, names): (&Action, &str, &[String]),
    before: Option<&firewall::Standing>,
    device: DeviceId,
    said: &mut BTreeSet<String>,
) -> bool {
    let Some(before) = before.filter(|_| action.kind.row().shown_by == ShownBy::Shielded) else {
        return false;
    };
    let mut any = false;
    for one in before.before(device, &[(weakness, names)]) {
        for shield in one.shields.iter().filter(|it| it.state == ShieldState::Holds) {
            any = true;
            let site = one.site.as_deref().unwrap_or_default();
            said.insert(format!("{}, site {site}: {}", one.name, shield.sentence()));
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_seen_on_every_device_with_whole_data_shows_an_action() {
        let gone = Check { devices: 2, gone: 2, recorded: true, sound: true, ..Check::default() };
        assert!(gone.shows());
        for not in [
            Check::default(),
            Check { gone: 1, open: 1, ..gone.clone() },
            Check { gone: 1, unclear: 1, ..gone.clone() },
            Check { gone: 1, by_word: 1, ..gone.clone() },
            Check { recorded: false, ..gone.clone() },
            Check { sound: false, ..gone.clone() },
        ] {
            assert!(!not.shows(), "{not:?}");
        }
        let isolated = Check { gone: 0, met: 2, sound: false, recorded: false, ..gone };
        assert!(isolated.shows(), "a list of devices shows it, whatever the vulnerability data");
    }
}
