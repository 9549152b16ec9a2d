//! Who was seen to face the outside: addresses that something is said of, and whose they are. What decides is in
//! `assess::exposure`; here it meets the fleet, so that every list and total goes by it.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use bedrail_assess::exposure::{Holders, Joined, Outside};
use bedrail_model::device::Exposure;
use bedrail_model::ids::DeviceId;
use bedrail_store::exposure::{self, AddressRow};
use bedrail_store::{View, devices};

use super::{Brief, Device, Devices};
use crate::Error;

/// Every address that something is said of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reach {
    /// The change that last brought evidence or took some away.
    pub(crate) newest: i64,
    pub(crate) addresses: Vec<AddressRow>,
}

impl Reach {
    pub(super) async fn read(view: &View, newest: i64) -> Result<Reach, Error> {
        Ok(Reach { newest, addresses: exposure::addresses(view).await? })
    }

    /// Every address that evidence can be joined by.
    fn wanted(&self) -> HashSet<IpAddr> {
        self.addresses.iter().flat_map(|row| std::iter::once(row.address).chain(row.inside)).collect()
    }
}

impl Device {
    /// Whether it was seen to face the outside, and a list says that it does not.
    pub(crate) fn is_contradicted(&self) -> bool {
        self.exposure == Exposure::Outside && Outside::of(self.declared) == Outside::No
    }
}

impl Devices {
    /// Which devices have the addresses that something is said of.
    pub(crate) fn holders(&self) -> &Holders<DeviceId> {
        &self.holders
    }

    /// How far a device can be reached from, by what its row declares and by what was seen.
    pub(crate) fn exposure_of(&self, row: &devices::DeviceRow) -> Exposure {
        if self.seen.contains(&row.id) { Exposure::Outside } else { row.facts.exposure }
    }

    /// Which devices have these addresses.
    pub(crate) fn holders_of(&self, wanted: &HashSet<IpAddr>) -> Holders<DeviceId> {
        let held = |device: &Arc<Device>| {
            let id = device.id;
            let addresses = device.addresses.iter().copied().filter(|it| wanted.contains(it));
            addresses.map(move |address| (id, address)).collect::<Vec<_>>()
        };
        Holders::of(self.list.iter().flat_map(held))
    }

    /// These devices with what was seen of them; `None` where that changes nothing.
    pub(super) fn reached(&self, reach: &Reach) -> Option<Devices> {
        if reach.addresses.is_empty() && self.seen.is_empty() {
            return None;
        }
        let holders = self.holders_of(&reach.wanted());
        let firm = reach.addresses.iter().filter(|row| row.firm > 0);
        let seen: HashSet<DeviceId> = firm
            .filter_map(|row| match holders.join(row.address, row.inside) {
                Joined::Device(id) => Some(id),
                Joined::Several(_) | Joined::Unknown => None,
            })
            .collect();
        let mut devices = Devices { holders, seen, ..self.clone() };
        let mut moved = false;
        for (brief, device) in devices.briefs.iter_mut().zip(&mut devices.list) {
            let exposure =
                if devices.seen.contains(&device.id) { Exposure::Outside } else { device.declared };
            if device.exposure != exposure {
                *device = Arc::new(Device { exposure, ..Device::clone(device) });
                brief.exposure = exposure;
                moved = true;
            }
        }
        if moved {
            devices.sort();
        }
        Some(devices)
    }

    /// Puts all devices in the order of lists.
    fn sort(&mut self) {
        let list = std::mem::take(&mut self.list);
        let mut both: Vec<(Arc<Device>, Brief)> = list.into_iter().zip(self.briefs.drain(..)).collect();
        both.sort_by(|a, b| a.0.order().cmp(&b.0.order()));
        (self.list, self.briefs) = both.into_iter().unzip();
    }
}
