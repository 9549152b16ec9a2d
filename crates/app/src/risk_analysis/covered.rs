//! The newest signed analysis beside the inventory of today: what it covers, what joined since, and what is found there.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Read as _;

use bedrail_model::ids::DeviceId;
use bedrail_store::View;
use bedrail_store::risk::{self as rows, SignedRow};
use serde::Deserialize;

use crate::fleet::Fleet;
use crate::{Context, Error, vault};

/// What names of devices begin with among the assets of a signed document; the others are products.
pub(super) const DEVICE: &str = "device ";
/// Devices that joined are named up to this many; the rest is counted.
const NAMED: usize = 50;

/// The newest signed analysis beside today's inventory.
#[derive(Debug, Clone)]
pub struct Covered {
    /// The analysis.
    pub signed: SignedRow,
    /// Whether the document is kept and still the one that was signed.
    pub holds: bool,
    /// Devices of today that it covers, and devices of today.
    pub share: (u64, u64),
    /// Devices that joined since, fifty at most.
    pub joined: Vec<(DeviceId, String)>,
    /// How many joined.
    pub joined_total: u64,
    /// How many are gone that it covers.
    pub gone: u64,
    /// Open findings on those that joined.
    pub findings: u64,
    /// How many of those that joined have no bill of materials, or findings of which it cannot be told.
    pub unclear: u64,
}

/// What of a signed document is asked for here.
#[derive(Deserialize)]
struct Frozen<'a> {
    #[serde(borrow)]
    assets: Vec<Cow<'a, str>>,
}

/// The devices that a signed document says it covers.
fn covered_by(text: &str) -> Option<HashSet<DeviceId>> {
    let frozen: Frozen<'_> = serde_json::from_str(text).ok()?;
    let ids = frozen.assets.iter().filter_map(|it| it.strip_prefix(DEVICE));
    Some(ids.filter_map(|id| id.parse().ok()).collect())
}

pub(super) async fn read(ctx: &Context, row: &SignedRow) -> Option<String> {
    let document = vault::document(ctx, &row.sha256).await.ok()?;
    let mut text = String::new();
    document.open().read_to_string(&mut text).ok()?;
    Some(text)
}

/// The newest signed analysis, held against the devices of today.
pub(crate) async fn newest(ctx: &Context, view: &View, fleet: &Fleet) -> Result<Option<Covered>, Error> {
    match rows::signed(view).await?.last() {
        None => Ok(None),
        Some(row) => Ok(Some(beside(ctx, fleet, row).await?)),
    }
}

/// A signed analysis, held against the devices of today. One that is gone, or is other bytes, covers nothing.
pub(super) async fn beside(ctx: &Context, fleet: &Fleet, row: &SignedRow) -> Result<Covered, Error> {
    let kept = read(ctx, row).await;
    let assets = kept.as_deref().and_then(covered_by).unwrap_or_default();
    let mut it = Covered {
        signed: row.clone(),
        holds: kept.is_some(),
        share: (0, fleet.devices.list.len() as u64),
        joined: Vec::new(),
        joined_total: 0,
        gone: 0,
        findings: 0,
        unclear: 0,
    };
    for (device, brief) in fleet.devices.list.iter().zip(&fleet.devices.briefs) {
        if assets.contains(&device.id) {
            it.share.0 += 1;
            continue;
        }
        let class = fleet.class(brief);
        it.joined_total += 1;
        it.findings += u64::from(class.affected);
        it.unclear += u64::from(fleet.is_blind(brief.class) || class.cannot_tell > 0);
        if it.joined.len() < NAMED {
            it.joined.push((device.id, device.name.to_string()));
        }
    }
    it.gone = assets.len() as u64 - it.share.0;
    Ok(it)
}
