//! The products (CPE) that a bill of materials names: which of a component's are asked about, and the device they make up.

use bedrail_assess::{Name, Platform};
use bedrail_model::component::{Component, ComponentKind, Inventory};
use bedrail_model::cpe::{Cpe, Origin};
use bedrail_model::ids::PlatformId;
use sha2::{Digest as _, Sha256};

use crate::feeds::Question;
use crate::feeds::judge::coordinates;

mod lacking;

/// Programs that make CPE names up from the names of packages, by their own account; what they write is a guess.
///
/// syft: "generated from package metadata" (its README, `cpe` of packages); cdxgen builds them from group and name.
const GUESSERS: &[&str] = &["syft", "anchore", "cdxgen"];

/// When product names are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ByName {
    /// Of components whose package URL is of no ecosystem, and of operating systems, firmware and hardware.
    #[default]
    WherePurlIsSilent,
    /// Of every component that has one.
    Always,
}

/// The products that a bill of materials names.
pub(crate) struct Products {
    guessed: bool,
    names: Vec<Cpe>,
    /// Products that somebody said are not there, as part, vendor and product.
    lacking: Vec<String>,
}

/// The places of components that are not from a document: an operating system from a device list, and what somebody answered.
pub(crate) const DEVICE_LIST: &str = "device list";
/// See [`DEVICE_LIST`].
pub(crate) const ANSWERED: &str = "answered";

/// What is known of a device beside its bill of materials.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Beside {
    /// Products that it has.
    pub(crate) names: Vec<Cpe>,
    /// Products that it does not have, as part, vendor and product.
    pub(crate) lacking: Vec<String>,
    /// Whether it runs a system that cannot be read, which may be any.
    pub(crate) has_unread_system: bool,
}

/// What a kept name begins with that says what is not there. No name (CPE) does.
const NOT: char = '!';

impl Products {
    pub(crate) fn of(inventory: &Inventory) -> Products {
        Products::of_device(inventory, &Beside::default())
    }

    /// Those of a device that is more than its bill.
    pub(crate) fn of_device(inventory: &Inventory, beside: &Beside) -> Products {
        let by_guesser = |author: &String| {
            let author = author.to_lowercase();
            GUESSERS.iter().any(|guesser| author.contains(guesser))
        };
        let names = inventory.components.iter().flat_map(names_of).chain(beside.names.iter().cloned());
        let mut names: Vec<(String, Cpe)> = names.map(|name| (name.to_string(), name)).collect();
        names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        names.dedup_by(|a, b| a.0 == b.0);
        Products {
            guessed: inventory.authors.iter().any(by_guesser),
            names: names.into_iter().map(|(_, name)| name).collect(),
            lacking: lacking::believed(beside, inventory),
        }
    }

    /// The names that a component is asked about by.
    pub(crate) fn asked(&self, component: &Component, by_name: ByName) -> Vec<(Cpe, Origin)> {
        self.asked_from(component, by_name, None)
    }

    /// The names that a component is asked about by; `origin` where it is known where they are from.
    pub(crate) fn asked_from(
        &self,
        component: &Component,
        by_name: ByName,
        origin: Option<Origin>,
    ) -> Vec<(Cpe, Origin)> {
        if component.cpes.is_empty() {
            return Vec::new();
        }
        let mut names: Vec<Cpe> = names_of(component).collect();
        // Names of several products for one component are tries.
        let mut products: Vec<Option<String>> = names.iter().map(|name| name.fields().product()).collect();
        products.dedup();
        let read = ComponentKind::OperatingSystem == component.kind
            && [DEVICE_LIST, ANSWERED].contains(&component.place.as_str());
        let origin = match origin {
            Some(origin) => origin,
            // Read from what people write: the names of one system, not tries.
            None if read => Origin::Dictionary,
            None if self.guessed || products.len() > 1 => Origin::Guessed,
            None => Origin::Supplier,
        };
        let question = Question { purl: component.purl.as_deref(), version: component.version.as_deref() };
        if by_name == ByName::WherePurlIsSilent && coordinates(&question).is_ok() {
            names.retain(|name| {
                !matches!(name.literal(bedrail_model::cpe::Attribute::Part), None | Some("a"))
            });
        }
        names.into_iter().map(|name| (name, origin)).collect()
    }

    /// The device.
    pub(crate) fn platform(&self) -> Platform {
        let names = self.names.iter().filter_map(|name| Name::new(name.clone(), Origin::Supplier));
        Platform::new(names.collect()).lacking(self.lacking.iter().cloned())
    }

    /// The device for keeping: its names, and the id that they have together.
    pub(crate) fn kept(&self) -> (PlatformId, Vec<String>) {
        let lacking = self.lacking.iter().map(|product| format!("{NOT}{product}"));
        let names: Vec<String> = self.names.iter().map(Cpe::to_string).chain(lacking).collect();
        let mut digest = Sha256::new();
        for name in &names {
            digest.update(name);
            digest.update([0]);
        }
        let mut first = [0; 16];
        first.copy_from_slice(&digest.finalize()[..16]);
        (PlatformId::from_digest(first), names)
    }
}

/// The device that these kept names make up. Names that cannot be read are of an older program and say nothing.
pub(crate) fn platform_of(names: &[String]) -> Platform {
    let lacking = names.iter().filter_map(|name| name.strip_prefix(NOT)).map(str::to_owned);
    let names = names.iter().filter_map(|name| Name::new(name.parse().ok()?, Origin::Supplier));
    Platform::new(names.collect()).lacking(lacking)
}

/// The names of a component that can be read, each once, with its own version where a name leaves that open.
fn names_of(component: &Component) -> impl Iterator<Item = Cpe> {
    let version = component.version.as_deref().unwrap_or_default();
    let mut names: Vec<Cpe> = Vec::new();
    for name in component.cpes.iter().filter_map(|text| text.parse::<Cpe>().ok()) {
        let name = name.or_version(version);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter()
}

/// Names ready to be asked by.
pub(crate) fn ready<'n>(names: impl IntoIterator<Item = &'n (Cpe, Origin)>) -> Vec<Name> {
    names.into_iter().filter_map(|(name, origin)| Name::new(name.clone(), *origin)).collect()
}
