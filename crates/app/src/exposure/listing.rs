//! The list of devices that face the outside, cut from the summary in memory, with what is nobody's.

use std::collections::{HashMap, HashSet};

use bedrail_assess::exposure::{Joined, Outside};
use bedrail_model::device::Exposure;
use bedrail_model::ids::DeviceId;
use bedrail_store::{View, devices, exposure};
use jiff::Timestamp;

use super::import::{Counted, loose};
use super::{EvidenceFile, ExposureList, LooseAddress, ReachRow, ReachTotals, reach};
use crate::fleet::{Device, Fleet, device_name};
use crate::page::{Page, PageRequest};
use crate::{Error, devices as fleet_devices};

/// In which order devices are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Contradicted,
    Seen,
    Declared,
    Hint,
}

pub(super) async fn list(
    fleet: &Fleet,
    view: &View,
    page: &PageRequest,
    now: Timestamp,
) -> Result<ExposureList, Error> {
    let signs = signs(fleet);
    let mut listed: Vec<(Place, DeviceId)> = Vec::new();
    let mut totals = ReachTotals::default();
    for device in &fleet.devices.list {
        let place = place(device, &signs);
        totals.outside += u64::from(device.exposure == Exposure::Outside);
        totals.seen += u64::from(signs.get(&device.id) == Some(&true));
        totals.contradicted += u64::from(place == Some(Place::Contradicted));
        totals.cannot_tell += u64::from(device.exposure == Exposure::Unknown);
        listed.extend(place.map(|place| (place, device.id)));
    }
    totals.inside = fleet.devices.list.len() as u64 - totals.outside - totals.cannot_tell;
    // Equal ones keep the order of the summary.
    listed.sort_by_key(|(place, _)| *place);
    let offset = page.skip(|after| {
        let after: DeviceId = after.parse().ok()?;
        listed.iter().position(|(_, id)| *id == after).map(|at| at as u64)
    })?;
    let skip = usize::try_from(offset).unwrap_or(usize::MAX);
    let shown: Vec<DeviceId> = listed.iter().skip(skip).take(page.rows()).map(|(_, id)| *id).collect();
    let shown = rows(fleet, view, &shown, now).await?;
    let devices = Page::of(shown, listed.len() as u64, offset, |row: &ReachRow| row.device.to_string());
    let (several, unknown) = nobodys(fleet);
    let files = exposure::imports(view).await?.into_iter().map(file).collect();
    Ok(ExposureList { totals, devices, several, unknown, files })
}

fn file(row: exposure::ImportRow) -> EvidenceFile {
    EvidenceFile {
        id: row.id,
        document: row.document,
        sha256: hex::encode(row.sha256),
        name: row.file_name,
        format: row.format,
        vantage: row.vantage,
        pieces: row.pieces,
        lost: row.lost,
        received: row.added,
        received_by: row.added_by,
        removed: row.removed,
    }
}

/// These devices, in their order; those that are not there are left out.
pub(super) async fn rows(
    fleet: &Fleet,
    view: &View,
    ids: &[DeviceId],
    now: Timestamp,
) -> Result<Vec<ReachRow>, Error> {
    let stored = devices::by_ids(view, ids).await?;
    let mut reaches = reach::of_devices(fleet, view, &stored.iter().collect::<Vec<_>>(), now).await?;
    let stored: HashMap<DeviceId, devices::DeviceRow> = stored.into_iter().map(|row| (row.id, row)).collect();
    let row = |id: &DeviceId| {
        let facts = fleet_devices::shown(fleet, stored.get(id)?)?;
        let name = device_name(&facts).to_owned();
        Some(ReachRow { device: *id, name, facts, reach: reaches.remove(id)? })
    };
    Ok(ids.iter().filter_map(row).collect())
}

/// Devices of which something was seen: whether any of it decides.
fn signs(fleet: &Fleet) -> HashMap<DeviceId, bool> {
    let mut signs: HashMap<DeviceId, bool> = HashMap::new();
    for row in &fleet.reach.addresses {
        if let Joined::Device(id) = fleet.devices.holders().join(row.address, row.inside) {
            *signs.entry(id).or_default() |= row.firm > 0;
        }
    }
    signs
}

fn place(device: &Device, signs: &HashMap<DeviceId, bool>) -> Option<Place> {
    match (signs.get(&device.id), Outside::of(device.declared)) {
        (Some(true), Outside::No) => Some(Place::Contradicted),
        (Some(true), Outside::Yes | Outside::CannotTell) => Some(Place::Seen),
        (_, Outside::Yes) => Some(Place::Declared),
        (Some(false), _) => Some(Place::Hint),
        (None, _) => None,
    }
}

/// Addresses that several devices have, and those that none has. What a border hands on is not unknown.
fn nobodys(fleet: &Fleet) -> (Vec<LooseAddress>, Vec<LooseAddress>) {
    let mut counted = Counted::new();
    for row in &fleet.reach.addresses {
        counted.insert((row.address, row.inside), (row.pieces, row.firm));
    }
    let borders: HashSet<_> =
        fleet.reach.addresses.iter().filter(|row| row.inside.is_some()).map(|row| row.address).collect();
    let loose = loose(fleet, fleet.devices.holders(), &counted).into_iter();
    let loose =
        loose.filter(|it| it.inside.is_some() || !it.devices.is_empty() || !borders.contains(&it.address));
    loose.partition(|it| !it.devices.is_empty())
}
