//! How far devices can be reached from: what their lists declare and all evidence on them, judged.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use bedrail_assess::exposure::{Declared, Joined, Piece, decides, is_handed_on, judge};
use bedrail_model::exposure::addresses;
use bedrail_model::ids::{DeviceId, ExposureImportId};
use bedrail_store::View;
use bedrail_store::devices::DeviceRow;
use bedrail_store::exposure::{self as rows, EvidenceRow, ImportRow};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{DeviceReach, SeenPiece};
use crate::Error;
use crate::devices::source_of;
use crate::fleet::Fleet;

/// Evidence with the address inside that a list hands it on to, and when that list was received.
struct Found<'e> {
    row: &'e EvidenceRow,
    via: Option<(IpAddr, Timestamp)>,
}

/// What is known of these devices. Where nothing was ever seen no statement is run.
pub(crate) async fn of_devices(
    fleet: &Fleet,
    view: &View,
    devices: &[&DeviceRow],
    now: Timestamp,
) -> Result<HashMap<DeviceId, DeviceReach>, Error> {
    let held: Vec<IpAddr> =
        devices.iter().flat_map(|row| addresses(row.facts.address.as_deref().unwrap_or_default())).collect();
    let (mut evidence, mut imports) = (Vec::new(), HashMap::new());
    let said = |address: &IpAddr| fleet.devices.holders().join(*address, None) != Joined::Unknown;
    if held.iter().any(said) {
        evidence = rows::of_addresses(view, &held).await?;
        imports = rows::imports(view).await?.into_iter().map(|row| (row.id, row)).collect();
    }
    let borders: Vec<IpAddr> = borders(fleet, &evidence);
    let outer = match borders.is_empty() {
        true => Vec::new(),
        false => rows::of_addresses(view, &borders).await?,
    };
    let found = join(fleet, &evidence, &outer, &imports);
    Ok(devices.iter().map(|row| (row.id, reach(row, found.get(&row.id), &imports, now))).collect())
}

/// Devices of which something that decides was seen at one of their addresses: for who ranks within a change and has no summary of
/// the fleet. An address that several devices have counts for each of them here, which is the more urgent side.
pub(crate) async fn seen_outside(view: &View, devices: &[DeviceRow]) -> Result<HashSet<DeviceId>, Error> {
    if rows::newest(view).await? == 0 {
        return Ok(HashSet::new());
    }
    let of = |row: &DeviceRow| addresses(row.facts.address.as_deref().unwrap_or_default());
    let held: Vec<IpAddr> = devices.iter().flat_map(of).collect();
    let evidence = rows::of_addresses(view, &held).await?;
    let firm = evidence.iter().map(|row| &row.evidence).filter(|evidence| decides(evidence));
    let reached: HashSet<IpAddr> =
        firm.map(|evidence| evidence.inside.map_or(evidence.address, |inside| inside.address)).collect();
    let seen = devices.iter().filter(|row| of(row).iter().any(|address| reached.contains(address)));
    Ok(seen.map(|row| row.id).collect())
}

/// Addresses of a border that are handed on to somebody, and that no device has itself.
fn borders(fleet: &Fleet, evidence: &[EvidenceRow]) -> Vec<IpAddr> {
    let handed_on = evidence.iter().filter(|row| row.evidence.inside.is_some());
    let mut borders: Vec<IpAddr> = handed_on.map(|row| row.evidence.address).collect();
    borders.retain(|address| fleet.devices.holders().join(*address, None) == Joined::Unknown);
    borders.sort_unstable();
    borders.dedup();
    borders
}

/// Whose each piece is.
fn join<'e>(
    fleet: &Fleet,
    evidence: &'e [EvidenceRow],
    outer: &'e [EvidenceRow],
    imports: &HashMap<ExposureImportId, ImportRow>,
) -> HashMap<DeviceId, Vec<Found<'e>>> {
    let mut found: HashMap<DeviceId, Vec<Found<'e>>> = HashMap::new();
    for row in evidence {
        let inside = row.evidence.inside.map(|inside| inside.address);
        let Joined::Device(id) = fleet.devices.holders().join(row.evidence.address, inside) else { continue };
        let of = found.entry(id).or_default();
        of.push(Found { row, via: None });
        let (Some(inside), Some(import)) = (inside, imports.get(&row.import)) else { continue };
        let handed_on = outer.iter().filter(|seen| is_handed_on(&seen.evidence, &row.evidence));
        for seen in handed_on {
            // Two rules may hand the same on to one device.
            if !of.iter().any(|known| std::ptr::eq(known.row, seen)) {
                of.push(Found { row: seen, via: Some((inside, import.added)) });
            }
        }
    }
    found
}

fn reach(
    device: &DeviceRow,
    found: Option<&Vec<Found<'_>>>,
    imports: &HashMap<ExposureImportId, ImportRow>,
    now: Timestamp,
) -> DeviceReach {
    let found = found.into_iter().flatten();
    // A file that was removed meanwhile is not there, and neither is its evidence.
    let known: Vec<(&Found<'_>, &ImportRow)> =
        found.filter_map(|it| Some((it, imports.get(&it.row.import)?))).collect();
    let pieces: Vec<Piece<'_>> = known
        .iter()
        .map(|(it, import)| Piece { evidence: &it.row.evidence, received: import.added, via: it.via })
        .collect();
    let source = source_of(&device.sources, "exposure");
    let said = source.as_ref().and_then(|(day, _)| Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp()));
    let declared = Declared { exposure: device.facts.exposure, said };
    let judged = judge(declared, &pieces, now);
    let mut evidence: Vec<SeenPiece> =
        known.iter().zip(&pieces).map(|((it, import), piece)| seen(it, import, piece, now)).collect();
    evidence.sort_by_key(|it| {
        (!it.decides, std::cmp::Reverse(it.confidence), it.age, it.import, it.evidence.port)
    });
    DeviceReach {
        judged,
        declared: device.facts.exposure,
        declared_by: source.map(|(_, words)| words),
        evidence,
    }
}

fn seen(it: &Found<'_>, import: &ImportRow, piece: &Piece<'_>, now: Timestamp) -> SeenPiece {
    let (confidence, stale) = piece.believed(now);
    SeenPiece {
        import: import.id,
        document: import.document,
        file_name: import.file_name.clone(),
        received: import.added,
        place: it.row.place.clone(),
        evidence: it.row.evidence.clone(),
        via: it.via.map(|(inside, _)| inside),
        age: piece.age(now),
        confidence,
        stale,
        decides: decides(&it.row.evidence),
    }
}
