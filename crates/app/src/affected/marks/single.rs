//! What is said of single devices for which something was decided. Their class's mark does not do: it is of the most pressing
//! component that no decision on the release takes away, and a decision on a device may speak of others.

use std::collections::{HashMap, HashSet};

use bedrail_model::answer::Answer;
use bedrail_model::ids::DeviceId;
use bedrail_store::View;
use bedrail_store::software;
use jiff::Timestamp;

use super::{Hit, Mark, Marks};
use crate::Error;
use crate::fleet::Fleet;

/// The marks of these devices, by what the judgements say of everything that they contain.
pub(super) async fn marks(
    fleet: &Fleet,
    view: &View,
    marks: &Marks,
) -> Result<HashMap<DeviceId, Mark>, Error> {
    let ids = marks.weaknesses.iter().flat_map(|id| marks.rulings.single_devices(id));
    let devices: HashSet<DeviceId> = ids.collect();
    if devices.is_empty() {
        return Ok(HashMap::new());
    }
    let here = fleet.devices.list.iter().filter(|device| devices.contains(&device.id));
    let here: Vec<(DeviceId, u32)> = here.map(|device| (device.id, device.class)).collect();
    let classes: HashSet<u32> = here.iter().map(|(_, class)| *class).collect();
    let judged = judged(fleet, view, marks, &classes).await?;
    let device = |(device, class): (DeviceId, u32)| {
        let place = fleet.place_of(class);
        let found = judged.get(&class).map_or(&[][..], Vec::as_slice);
        let blind = fleet.is_blind(class).then_some(Mark::BLIND);
        let raw = found.iter().copied().chain(blind).map(|mark| (mark, None));
        let raw: Vec<(Mark, Option<Timestamp>)> = raw.chain(marks.stated(fleet, class)).collect();
        let decided = |(mark, news): &(Mark, Option<Timestamp>)| {
            marks.decided(fleet, *mark, |id, key| marks.rulings.on_device(id, (device, place), key), *news)
        };
        let mark = match raw.as_slice() {
            // Known by name alone: the class's mark says so.
            [] => decided(&(marks.of(class)?, None)),
            some => some.iter().map(decided).min()?,
        };
        Some((device, mark))
    };
    Ok(here.into_iter().filter_map(device).collect())
}

/// What the judgements say of everything that these classes contain.
async fn judged(
    fleet: &Fleet,
    view: &View,
    marks: &Marks,
    classes: &HashSet<u32>,
) -> Result<HashMap<u32, Vec<Mark>>, Error> {
    let by_bill = fleet.classes_by_bill();
    let mut found: HashMap<u32, Vec<Mark>> = HashMap::new();
    for row in software::judgements_on(view, &marks.weaknesses).await? {
        let Some(software) = fleet.bills.software_at(row.software) else { continue };
        if row.answer == Answer::NotAffected {
            continue;
        }
        let weakness = marks.weaknesses.iter().position(|one| *one == row.weakness).map(crate::fleet::index);
        for one in fleet.bills.uses(software) {
            let component = Some(Hit { component: one.component, software });
            let mark = Mark { answer: row.answer, reason: row.reason, component, weakness, decision: None };
            for class in by_bill[one.bill as usize].iter().filter(|class| classes.contains(class)) {
                found.entry(*class).or_default().push(mark);
            }
        }
    }
    Ok(found)
}
