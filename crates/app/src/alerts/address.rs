//! Which device held an address when. The history follows the list of devices: it is brought up to date before events are
//! read, so that what came before an address moved belongs to who had it then.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bedrail_model::exposure::addresses;
use bedrail_model::ids::{DeviceId, OrgId};
use bedrail_store::alerts::addresses::{self as rows, Held};
use bedrail_store::organisations;
use jiff::Timestamp;

use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Addresses of a device that are looked at: a list with more is no list of addresses.
const MOST: usize = 32;

/// Who held which address when, of one organisation.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    held: HashMap<IpAddr, Vec<Held>>,
    /// The change of the organisation up to which devices were looked at.
    seen: i64,
}

/// Those of all organisations that received something.
#[derive(Debug, Default)]
pub(crate) struct Book(Mutex<HashMap<OrgId, Arc<Addresses>>>);

impl Addresses {
    fn of(all: Vec<Held>, seen: i64) -> Addresses {
        let mut held: HashMap<IpAddr, Vec<Held>> = HashMap::new();
        for row in all {
            if let Ok(address) = row.address.parse() {
                held.entry(address).or_default().push(row);
            }
        }
        Addresses { held, seen }
    }

    /// The device that held an address at a moment; `None` where none did, or several: then nobody can tell.
    pub(super) fn device_at(&self, address: IpAddr, at: Timestamp) -> Option<DeviceId> {
        let held = self.held.get(&address.to_canonical())?;
        let mut then = held.iter().filter(|it| it.since <= at && it.until.is_none_or(|until| at < until));
        let first = then.next()?.device;
        then.all(|it| it.device == first).then_some(first)
    }
}

/// The addresses as of now. What moved since they were looked at last is written down first.
pub(super) async fn current(ctx: &Context, actor: &Actor) -> Result<Arc<Addresses>, Error> {
    let view = ctx.view(actor, Right::HandleAlerts).await?;
    let now = organisations::changes(&view).await?.0;
    let seen = rows::seen(&view).await?;
    let moved = if seen < now { rows::changed(&view, seen).await? } else { Vec::new() };
    let known = known(ctx, actor.org);
    if moved.is_empty() {
        if let Some(known) = known.filter(|known| known.seen == seen) {
            return Ok(known);
        }
        let made = Arc::new(Addresses::of(rows::all(&view).await?, seen));
        return Ok(keep(ctx, actor.org, made));
    }
    drop(view);
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.follow_addresses").await?;
    // Under the lock of the change: who was quicker has written already.
    let seen = rows::seen(&change).await?;
    let moved = rows::changed(&change, seen).await?;
    let ids: Vec<DeviceId> = moved.iter().map(|(id, ..)| *id).collect();
    let held = rows::held_by(&change, &ids).await?;
    let taken: HashSet<String> = match seen {
        // Of the first list nothing is known before it.
        0 => HashSet::new(),
        _ => rows::all(&change).await?.into_iter().map(|row| row.address).collect(),
    };
    let (new, ended) = difference(&moved, &held, &taken);
    rows::follow(&change, &new, &ended, now).await?;
    let made = Arc::new(Addresses::of(rows::all(&change).await?, now));
    let words = format!("{} addresses held anew, {} no longer", new.len(), ended.len());
    change.commit("addresses of devices", &words).await?;
    Ok(keep(ctx, actor.org, made))
}

fn known(ctx: &Context, org: OrgId) -> Option<Arc<Addresses>> {
    ctx.inner.addresses.0.lock().unwrap_or_else(PoisonError::into_inner).get(&org).cloned()
}

fn keep(ctx: &Context, org: OrgId, made: Arc<Addresses>) -> Arc<Addresses> {
    ctx.inner.addresses.0.lock().unwrap_or_else(PoisonError::into_inner).insert(org, made.clone());
    made
}

/// What devices hold anew and no longer. The first that is known of an address goes back to the beginning: a log of last
/// week is of the device that had the address when we first heard of it, unless somebody else had it before.
fn difference(
    moved: &[(DeviceId, Option<String>, Timestamp)],
    held: &[Held],
    taken: &HashSet<String>,
) -> (Vec<Held>, Vec<Held>) {
    let (mut new, mut ended) = (Vec::new(), Vec::new());
    for (device, text, at) in moved {
        let now: HashSet<String> = addresses(text.as_deref().unwrap_or_default())
            .iter()
            .take(MOST)
            .map(ToString::to_string)
            .collect();
        let before: Vec<&Held> = held.iter().filter(|it| it.device == *device).collect();
        for it in &before {
            if !now.contains(&it.address) {
                ended.push(Held { until: Some(*at), ..(*it).clone() });
            }
        }
        for address in now {
            if !before.iter().any(|it| it.address == address) {
                let since = if taken.contains(&address) { *at } else { Timestamp::MIN };
                let since = since.max(EARLIEST);
                new.push(Held { address, device: *device, since, until: None });
            }
        }
    }
    (new, ended)
}

/// The beginning of time, as it is stored.
const EARLIEST: Timestamp = Timestamp::UNIX_EPOCH;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_who_held_it_then() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (old, new) = (DeviceId::generate(), DeviceId::generate());
        let address = "10.20.1.7".to_owned();
        let moved = at("2026-05-01T10:00:00Z");
        let first = [(old, Some(address.clone()), at("2026-01-01T00:00:00Z"))];
        let (begun, ended) = difference(&first, &[], &HashSet::new());
        assert!(ended.is_empty());
        assert_eq!(begun[0].since, EARLIEST, "nobody had it before, as far as is known");
        let taken = HashSet::from([address.clone()]);
        let second = [(old, Some("10.20.1.9".into()), moved), (new, Some(address.clone()), moved)];
        let (more, ended) = difference(&second, &begun, &taken);
        assert_eq!(ended, [Held { until: Some(moved), ..begun[0].clone() }]);
        let all = ended.into_iter().chain(more).collect();
        let addresses = Addresses::of(all, 2);
        let ip: IpAddr = address.parse().unwrap();
        assert_eq!(addresses.device_at(ip, at("2026-04-30T00:00:00Z")), Some(old));
        assert_eq!(addresses.device_at(ip, moved), Some(new));
        assert_eq!(addresses.device_at("10.20.1.9".parse().unwrap(), moved), Some(old));
        assert_eq!(addresses.device_at("10.20.1.10".parse().unwrap(), moved), None);
    }

    #[test]
    fn of_two_that_hold_an_address_nobody_can_tell() {
        let held = |device| Held { address: "10.0.0.1".into(), device, since: EARLIEST, until: None };
        let all = vec![held(DeviceId::generate()), held(DeviceId::generate())];
        assert_eq!(Addresses::of(all, 1).device_at("10.0.0.1".parse().unwrap(), Timestamp::MAX), None);
    }
}
