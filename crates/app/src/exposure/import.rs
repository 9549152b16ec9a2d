//! Taking a file in: kept as received, read in a child process, joined with devices by address, stored in one change.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

use bedrail_assess::exposure::{Holders, Joined, decides};
use bedrail_formats::exposure::ExposureList as Read;
use bedrail_model::device::Exposure;
use bedrail_model::ids::{DeviceId, ExposureImportId};
use bedrail_store::exposure::{self as rows, ImportRow};
use bedrail_store::{View, documents};

use super::{ExposureReport, ImportExposure, JoinedDevice, LooseAddress};
use crate::fleet::{Device, Fleet};
use crate::rights::Right;
use crate::{Actor, Context, Error, parse, vault, vex};

/// Pieces of evidence on one address, as seen from outside and as it is called inside.
pub(super) type Counted = BTreeMap<(IpAddr, Option<IpAddr>), (u64, u64)>;

pub(super) async fn run(
    ctx: &Context,
    actor: &Actor,
    command: ImportExposure,
) -> Result<ExposureReport, Error> {
    actor.need(Right::ChangeDevices)?;
    let kept = match command.dry_run {
        true => None,
        false => Some(vault::keep(ctx, &command.document).await?),
    };
    let size = usize::try_from(command.document.length()).unwrap_or(usize::MAX);
    let list = parse::exposure(ctx, command.document.clone(), command.vantage).await?;
    let (fleet, view) = ctx.fleet(actor, Right::ChangeDevices).await?;
    let mut report = report(&fleet, &list, command.vantage, command.dry_run);
    let Some(kept) = kept else { return Ok(report) };
    if let Some(held) = held(&view, &kept.sha256, &command).await? {
        (report.import, report.unchanged) = (Some(held), true);
        return Ok(report);
    }
    drop(view);
    let change = ctx.change(actor, Right::ChangeDevices, "exposure.import").await?;
    let document = documents::add(&change, &kept.sha256, "exposure", &command.file_name, size).await?;
    let row = ImportRow {
        id: ExposureImportId::generate(),
        document,
        sha256: kept.sha256.to_vec(),
        file_name: command.file_name.clone(),
        format: list.format.to_owned(),
        vantage: command.vantage,
        pieces: list.rows.len() as u64,
        lost: list.warnings.iter().filter(|it| it.lost).count() as u64,
        added: change.at(),
        added_by: change.actor().to_owned(),
        removed: None,
    };
    rows::add(&change, &row, list.rows.into_iter().map(|it| (it.place, it.evidence))).await?;
    // Who faces the outside decides whether a rule may accept a statement.
    vex::rule::ask(&change).await?;
    let detail = format!(
        "{}, looked from {}: {} pieces of evidence on {} devices",
        row.format,
        row.vantage.code(),
        row.pieces,
        report.joined.len()
    );
    change.commit_with(&command.file_name, &detail, None, Some(format!("sha256 {}", kept.hex()))).await?;
    report.import = Some(row.id);
    Ok(report)
}

pub(super) async fn remove(ctx: &Context, actor: &Actor, id: ExposureImportId) -> Result<(), Error> {
    let change = ctx.change(actor, Right::ChangeDevices, "exposure.remove").await?;
    let missing = || Error::not_found(format!("a file with evidence {id}"));
    let row = rows::imports(&change).await?.into_iter().find(|row| row.id == id).ok_or_else(missing)?;
    if !rows::remove(&change, id).await? {
        return Err(missing());
    }
    vex::rule::ask(&change).await?;
    let detail = format!("{} pieces of evidence count no more", row.pieces);
    change.commit(&row.file_name, &detail).await?;
    Ok(())
}

/// The file where it is held already, looked at from the same place.
async fn held(
    view: &View,
    sha256: &[u8],
    command: &ImportExposure,
) -> Result<Option<ExposureImportId>, Error> {
    let same =
        |row: &ImportRow| row.sha256 == sha256 && row.vantage == command.vantage && row.removed.is_none();
    Ok(rows::imports(view).await?.into_iter().find(same).map(|row| row.id))
}

fn report(
    fleet: &Fleet,
    list: &Read,
    vantage: bedrail_model::exposure::Vantage,
    dry_run: bool,
) -> ExposureReport {
    let mut counted = Counted::new();
    for row in &list.rows {
        let it = &row.evidence;
        let (pieces, firm) = counted.entry((it.address, it.inside.map(|inside| inside.address))).or_default();
        *pieces += 1;
        *firm += u64::from(decides(it));
    }
    let held = fleet.reach.addresses.iter().filter(|row| row.inside.is_some()).map(|row| row.address);
    let borders: HashSet<IpAddr> =
        held.chain(counted.keys().filter(|(_, inside)| inside.is_some()).map(|(outer, _)| *outer)).collect();
    let wanted = counted.keys().flat_map(|(outer, inside)| std::iter::once(*outer).chain(*inside)).collect();
    let holders = fleet.devices.holders_of(&wanted);
    let loose = loose(fleet, &holders, &counted);
    let (several, unknown): (Vec<_>, Vec<_>) = loose.into_iter().partition(|it| !it.devices.is_empty());
    let at_border = |it: &LooseAddress| it.inside.is_none() && borders.contains(&it.address);
    let (handed_on, unknown) = unknown.into_iter().partition(at_border);
    ExposureReport {
        import: None,
        unchanged: false,
        dry_run,
        format: list.format.to_owned(),
        vantage,
        pieces: list.rows.len() as u64,
        joined: joined(fleet, &holders, &counted),
        several,
        unknown,
        handed_on,
        warnings: list.warnings.clone(),
    }
}

/// The devices that these addresses are joined with.
fn joined(fleet: &Fleet, holders: &Holders<DeviceId>, counted: &Counted) -> Vec<JoinedDevice> {
    let mut found: HashMap<DeviceId, (u64, u64)> = HashMap::new();
    for ((outer, inside), (pieces, firm)) in counted {
        if let Joined::Device(id) = holders.join(*outer, *inside) {
            let sum = found.entry(id).or_default();
            (sum.0, sum.1) = (sum.0 + pieces, sum.1 + firm);
        }
    }
    let mut joined = Vec::with_capacity(found.len());
    for device in &fleet.devices.list {
        if let Some((pieces, firm)) = found.get(&device.id) {
            joined.push(JoinedDevice {
                device: device.id,
                name: device.name.to_string(),
                pieces: *pieces,
                firm: *firm,
                declared: device.declared,
                is_new: *firm > 0 && device.exposure != Exposure::Outside,
            });
        }
    }
    joined.sort_by(|a, b| (!a.is_new, &a.name, a.device).cmp(&(!b.is_new, &b.name, b.device)));
    joined
}

/// The addresses that are no one device's, in their order; without devices where they are those of an unknown one.
pub(super) fn loose(fleet: &Fleet, holders: &Holders<DeviceId>, counted: &Counted) -> Vec<LooseAddress> {
    let mut loose: Vec<LooseAddress> = Vec::new();
    let mut ids: Vec<Vec<DeviceId>> = Vec::new();
    for ((address, inside), (pieces, firm)) in counted {
        let of = match holders.join(*address, *inside) {
            Joined::Device(_) => continue,
            Joined::Several(devices) => devices,
            Joined::Unknown => Vec::new(),
        };
        ids.push(of);
        loose.push(LooseAddress {
            address: *address,
            inside: *inside,
            pieces: *pieces,
            firm: *firm,
            devices: Vec::new(),
        });
    }
    let wanted: HashSet<DeviceId> = ids.iter().flatten().copied().collect();
    let named: HashMap<DeviceId, &Device> = match wanted.is_empty() {
        true => HashMap::new(),
        false => {
            let devices = fleet.devices.list.iter().filter(|device| wanted.contains(&device.id));
            devices.map(|device| (device.id, &**device)).collect()
        }
    };
    for (address, ids) in loose.iter_mut().zip(ids) {
        let devices = ids.into_iter().filter_map(|id| Some((id, named.get(&id)?.name.to_string())));
        address.devices = devices.collect();
        address.devices.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
    }
    loose
}
