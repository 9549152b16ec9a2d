//! Which decision counts: of those that hold on a day and cover the component, the one with the narrowest scope, and of
//! equally narrow ones the last.

use std::collections::HashMap;

use bedrail_model::decision::{Decision, Scope};
use bedrail_model::ids::{DeviceId, ReleaseId};
use bedrail_model::product_advisory::range_text::{Held, RangeText};
use bedrail_model::text::squeezed;
use jiff::civil::Date;

/// The release that is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Where<'a> {
    /// Its id.
    pub release: ReleaseId,
    /// Maker as written.
    pub maker: &'a str,
    /// Model as written.
    pub model: &'a str,
    /// Version as written.
    pub version: Option<&'a str>,
}

/// The decisions of an organisation, by weakness.
#[derive(Debug, Clone, Default)]
pub struct Book {
    /// The narrowest first, then the last.
    by_weakness: HashMap<String, Vec<Decision>>,
}

impl Book {
    /// A book of decisions; the devices of each are sorted. `name` gives the id by which a weakness is asked for: alias groups grow together after a decision
    /// was taken. Those that were taken back are left out.
    pub fn new(decisions: impl IntoIterator<Item = Decision>, name: impl Fn(&str) -> String) -> Book {
        let mut by_weakness: HashMap<String, Vec<Decision>> = HashMap::new();
        for decision in decisions.into_iter().filter(|decision| decision.withdrawn.is_none()) {
            by_weakness.entry(name(&decision.weakness)).or_default().push(decision);
        }
        for decisions in by_weakness.values_mut() {
            decisions.sort_by(|a, b| {
                let key = |it: &Decision| (it.scope.narrowness(), it.decided, it.id);
                key(b).cmp(&key(a))
            });
        }
        Book { by_weakness }
    }

    /// Whether there is no decision at all.
    pub fn is_empty(&self) -> bool {
        self.by_weakness.is_empty()
    }

    /// The decisions on a weakness, the narrowest first, then the last.
    pub fn on(&self, weakness: &str) -> &[Decision] {
        self.by_weakness.get(weakness).map_or(&[], Vec::as_slice)
    }

    /// Every weakness that something was decided on.
    pub fn weaknesses(&self) -> impl Iterator<Item = &str> {
        self.by_weakness.keys().map(String::as_str)
    }

    /// Every decision, with the id its weakness is asked for by.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Decision)> {
        self.by_weakness
            .iter()
            .flat_map(|(id, decisions)| decisions.iter().map(move |decision| (id.as_str(), decision)))
    }

    /// The decision that counts for all devices of a release: those on single devices are left out.
    pub fn of_release(
        &self,
        weakness: &str,
        place: Where<'_>,
        component: Option<&str>,
        day: Date,
    ) -> Option<&Decision> {
        self.on(weakness).iter().find(|decision| {
            holds_for(&decision.scope, place) && decision.verdict.holds_on(day) && decision.covers(component)
        })
    }

    /// The decision that counts for one device.
    pub fn of_device(
        &self,
        weakness: &str,
        (device, place): (DeviceId, Where<'_>),
        component: Option<&str>,
        day: Date,
    ) -> Option<&Decision> {
        self.on(weakness).iter().find(|decision| {
            let here = match &decision.scope {
                Scope::Devices(devices) => devices.binary_search(&device).is_ok(),
                scope => holds_for(scope, place),
            };
            here && decision.verdict.holds_on(day) && decision.covers(component)
        })
    }
}

/// Whether a scope holds for all devices of a release.
pub fn holds_for(scope: &Scope, place: Where<'_>) -> bool {
    match scope {
        Scope::Devices(_) => false,
        Scope::Organisation => true,
        Scope::Release(id) => *id == place.release,
        Scope::Model { maker, model, up_to } => {
            same(maker, place.maker) && same(model, place.model) && is_up_to(up_to.as_deref(), place.version)
        }
    }
}

/// How makers and models are compared: as releases are, without case and outer space.
fn same(a: &str, b: &str) -> bool {
    squeezed(a).to_lowercase() == squeezed(b).to_lowercase()
}

/// Whether a version is certainly not after another. Versions of devices have no exact order: what cannot be placed is not.
pub fn is_up_to(last: Option<&str>, version: Option<&str>) -> bool {
    let (Some(last), Some(version)) = (last, version) else { return last.is_none() };
    version.trim().eq_ignore_ascii_case(last.trim())
        || RangeText::parse(&format!("<= {last}")).contains(version) == Held::Inside
}
