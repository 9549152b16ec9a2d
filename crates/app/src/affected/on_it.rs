//! Who is on a device because of a weakness: beside the owner that the list of devices names, whoever has an open action about
//! the weakness, for the device itself or for its ward.

use std::collections::HashSet;

use bedrail_model::action::{Action, Kind, Stage};
use bedrail_model::campaign::Ward;
use bedrail_model::ids::{ActionId, DeviceId};
use bedrail_store::{View, actions as rows};

use crate::Error;
use crate::fleet::Fleet;

/// The devices that somebody is on by an action.
#[derive(Debug, Clone, Default)]
pub(crate) struct OnIt {
    /// Those of these places of the summary.
    places: HashSet<u32>,
    devices: HashSet<DeviceId>,
}

impl OnIt {
    /// Those of a weakness.
    pub(super) async fn of(fleet: &Fleet, view: &View, weakness: &str) -> Result<OnIt, Error> {
        let mut on_it = OnIt::default();
        let (mut wards, mut named): (HashSet<Ward>, Vec<ActionId>) = Default::default();
        for action in rows::all(view).await?.into_iter().filter(|action| is_work_on(action, weakness)) {
            named.push(action.id);
            wards.extend(action.ward);
        }
        if !named.is_empty() {
            on_it.devices = rows::devices(view, &named).await?.into_values().flatten().collect();
        }
        let places = (0..).zip(&fleet.devices.places).filter(|(_, place)| {
            let ward = Ward { site: place.site.to_string(), ward: place.ward.to_string() };
            wards.contains(&ward)
        });
        on_it.places = if wards.is_empty() { HashSet::new() } else { places.map(|(at, _)| at).collect() };
        Ok(on_it)
    }

    /// Whether somebody is on a device at a place.
    pub(super) fn has(&self, device: DeviceId, place: u32) -> bool {
        self.places.contains(&place) || self.devices.contains(&device)
    }
}

/// Whether an action does something about a weakness: it is not ended, and is no mere question.
fn is_work_on(action: &Action, weakness: &str) -> bool {
    matches!(action.stage(), Stage::Open | Stage::NotShown)
        && action.kind != Kind::Ask
        && action.weakness.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(weakness))
}
