//! What is known of a device beside its bill of materials, put together: its operating system, and what was answered.

use bedrail_assess::component_name::Book;
use bedrail_assess::operating_systems::{names_of, parts_of};
use bedrail_model::answered::Fact;
use bedrail_model::component::{Component, ComponentKind, Inventory};
use bedrail_model::cpe::{Attribute, Cpe};
use bedrail_model::ids::{ContentId, SoftwareId};
use bedrail_model::purl::Purl;
use sha2::{Digest as _, Sha256};

use super::Known;
use crate::products::{ANSWERED, Beside, DEVICE_LIST};
use crate::sboms::outline::name_of;

/// What is known of a device beside its bill.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct More {
    pub(super) beside: Beside,
    /// Its operating systems, which are judged like components: the text, and where it is from.
    systems: Vec<(String, &'static str)>,
    /// Components by name and version, with their identifiers.
    pub(super) contains: Vec<Fact>,
}

impl More {
    pub(super) fn of(known: &Known) -> More {
        let mut more = More::default();
        let cpe = |text: &str| text.parse::<Cpe>().ok();
        if let Some(system) = &known.system {
            more.system(system, DEVICE_LIST);
        }
        for fact in &known.facts {
            match fact {
                Fact::RunsOn(system) => more.system(system, ANSWERED),
                Fact::Has(name) => more.beside.names.extend(cpe(name)),
                Fact::HasNot(name) => {
                    let product = cpe(name).and_then(|name| name.fields().product());
                    more.beside.lacking.extend(product);
                }
                Fact::Contains { .. } => more.contains.push(fact.clone()),
                // Where there is a bill it says what is inside; where there is none, nothing else can be judged.
                Fact::Lacks(_) => {}
            }
        }
        more
    }

    fn system(&mut self, text: &str, place: &'static str) {
        let names = names_of(text);
        if names.is_empty() {
            self.beside.has_unread_system |= !says_nothing(text);
        } else if !self.systems.iter().any(|(known, _)| names_of(known) == names) {
            self.systems.push((text.trim().to_owned(), place));
            self.beside.names.extend(names);
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        *self == More::default()
    }

    /// Whether it adds components to the bill, or fills gaps in them.
    pub(super) fn adds_components(&self) -> bool {
        !self.contains.is_empty() || !self.systems.is_empty()
    }

    /// The id of a bill, which has these parts, with all of this; equal ones share their content. What people said of names is in
    /// the parts of the bill, and for answered components in the book.
    pub(super) fn id(&self, bill: Option<ContentId>, parts: &[SoftwareId], names: &Book) -> ContentId {
        let mut digest = Sha256::new();
        digest.update("with what is known beside it");
        digest.update(bill.map_or([0; 16], |bill| bill.uuid().into_bytes()));
        parts.iter().for_each(|part| digest.update(part.uuid()));
        let answered = self.contains.iter().filter_map(|fact| names.of(&answered(fact, 0)?).cloned());
        let answered = answered.map(|identifier| format!("={identifier}"));
        let names = self.beside.names.iter().map(Cpe::to_string);
        let lacking = self.beside.lacking.iter().map(|product| format!("!{product}"));
        let unread = self.beside.has_unread_system.then(|| "?".to_owned());
        let systems = self.systems.iter().map(|(text, place)| format!("{place}: {text}"));
        let contains = self.contains.iter().map(|fact| format!("{fact:?}"));
        for text in names.chain(lacking).chain(unread).chain(systems).chain(contains).chain(answered) {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text);
        }
        let mut first = [0; 16];
        first.copy_from_slice(&digest.finalize()[..16]);
        ContentId::from_digest(first)
    }

    /// The bill with the components that were answered and the operating systems. A component that has a version keeps it:
    /// the answer stands beside it.
    pub(super) fn applied(&self, mut inventory: Inventory) -> Inventory {
        for fact in &self.contains {
            let Fact::Contains { name, version, purl, cpe } = fact else { continue };
            let beside = answered(fact, inventory.components.len());
            let mut met = false;
            for component in inventory.components.iter_mut().filter(|one| is_open(one, name)) {
                met |= fill(component, version, purl.as_deref(), cpe.as_deref());
            }
            if !met {
                inventory.components.extend(beside);
            }
        }
        for (text, place) in &self.systems {
            let names = names_of(text);
            let parts = parts_of(&names)
                .into_iter()
                .map(|(called, name)| (format!("{called} of {text}"), vec![name]));
            for (name, cpes) in [(text.clone(), names.clone())].into_iter().chain(parts) {
                if inventory.components.iter().any(|component| is_one_of(component, &cpes)) {
                    continue;
                }
                inventory.components.push(Component {
                    kind: ComponentKind::OperatingSystem,
                    reference: format!("system-{}", inventory.components.len()),
                    name,
                    cpes: cpes.iter().map(Cpe::to_string).collect(),
                    place: (*place).to_owned(),
                    ..Component::default()
                });
            }
        }
        inventory
    }
}

/// An answered component as it stands beside the bill, at a place in it.
pub(crate) fn answered(fact: &Fact, at: usize) -> Option<Component> {
    let Fact::Contains { name, version, purl, cpe } = fact else { return None };
    Some(Component {
        kind: ComponentKind::Library,
        reference: format!("answered-{at}"),
        name: name.clone(),
        version: Some(version.clone()),
        purl: purl.clone(),
        cpes: cpe.iter().cloned().collect(),
        place: ANSWERED.to_owned(),
        ..Component::default()
    })
}

/// Whether a component is of this name, and its version is not said: not by a field, nor within an identifier.
fn is_open(component: &Component, name: &str) -> bool {
    let named = component.name.eq_ignore_ascii_case(name) || name_of(component).eq_ignore_ascii_case(name);
    named
        && component.version.as_deref().is_none_or(says_nothing)
        && component.purl.as_deref().is_none_or(|purl| version_in_purl(purl).is_none())
        && !component.cpes.iter().any(|cpe| version_in_cpe(cpe).is_some())
}

/// Fills the version in, and identifiers where there are none; false where the answer must stand beside the component, too,
/// since another kind of identifier would take the place of those that it is judged by.
fn fill(component: &mut Component, version: &str, purl: Option<&str>, cpe: Option<&str>) -> bool {
    component.version = Some(version.to_owned());
    let bare = component.purl.is_none() && component.cpes.is_empty();
    if bare {
        component.purl = purl.map(str::to_owned);
        component.cpes.extend(cpe.map(str::to_owned));
    }
    let has_all =
        purl.is_none_or(|_| component.purl.is_some()) && cpe.is_none_or(|_| !component.cpes.is_empty());
    bare || has_all
}

/// Whether a bill's component is of a product of these names.
fn is_one_of(component: &Component, names: &[Cpe]) -> bool {
    let products: Vec<String> = names.iter().filter_map(|name| name.fields().product()).collect();
    let own = component.cpes.iter().filter_map(|text| text.parse::<Cpe>().ok()?.fields().product());
    own.into_iter().any(|product| products.contains(&product))
}

/// The version that a package URL holds.
pub(crate) fn version_in_purl(purl: &str) -> Option<String> {
    Purl::parse(purl).ok()?.version().filter(|version| !says_nothing(version)).map(str::to_owned)
}

/// The version that a product name (CPE) holds.
pub(crate) fn version_in_cpe(cpe: &str) -> Option<String> {
    let name: Cpe = cpe.parse().ok()?;
    name.literal(Attribute::Version).map(str::to_owned)
}

/// Words that stand where a version should.
pub(crate) fn says_nothing(version: &str) -> bool {
    ["", "-", "*", "?", "unknown", "n/a", "none", "noassertion"]
        .contains(&version.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn component(name: &str, version: Option<&str>) -> Component {
        Component { name: name.into(), version: version.map(str::to_owned), ..Component::default() }
    }

    fn contains(name: &str, version: &str) -> More {
        let fact = Fact::Contains { name: name.into(), version: version.into(), purl: None, cpe: None };
        More { contains: vec![fact], ..More::default() }
    }

    #[test]
    fn an_answer_fills_a_gap_and_never_takes_the_place_of_what_the_bill_says() {
        let bill = Inventory {
            components: vec![component("OpenSSL", None), component("openssl", Some("1.0.2"))],
            ..Inventory::default()
        };
        let versions = |inventory: &Inventory| {
            let versions = inventory.components.iter().map(|one| one.version.clone().unwrap_or_default());
            versions.collect::<Vec<_>>()
        };
        assert_eq!(versions(&contains("openssl", "3.0.1").applied(bill.clone())), ["3.0.1", "1.0.2"]);
        // Nothing is open: the answer stands beside it.
        let told =
            Inventory { components: vec![component("openssl", Some("1.0.2"))], ..Inventory::default() };
        assert_eq!(versions(&contains("openssl", "3.0.1").applied(told)), ["1.0.2", "3.0.1"]);
        assert_eq!(versions(&contains("zlib", "1.2.11").applied(bill)), ["", "1.0.2", "1.2.11"]);
    }

    #[test]
    fn a_version_within_an_identifier_is_one_and_no_identifier_takes_the_place_of_another() {
        let cpe = "cpe:2.3:a:openssl:openssl:1.0.2:*:*:*:*:*:*:*";
        let purl = "pkg:generic/openssl";
        let by_cpe = |version: &str| Component {
            cpes: vec![cpe.replace("1.0.2", version)],
            ..component("openssl", None)
        };
        let said = More {
            contains: vec![Fact::Contains {
                name: "openssl".into(),
                version: "3.0.1".into(),
                purl: Some(purl.into()),
                cpe: None,
            }],
            ..More::default()
        };
        let with = |one: Component| {
            said.applied(Inventory { components: vec![one], ..Inventory::default() }).components
        };
        // Its name says the version: the answer stands beside it.
        let both = with(by_cpe("1.0.2"));
        assert_eq!((both.len(), both[0].version.as_deref(), both[0].purl.as_deref()), (2, None, None));
        let in_purl =
            Component { purl: Some("pkg:generic/openssl@1.0.2".into()), ..component("openssl", None) };
        assert_eq!(with(in_purl)[0].version, None);
        // Its name leaves the version open: filled, and the package URL beside it.
        let both = with(by_cpe("*"));
        assert_eq!(
            (both.len(), both[0].version.as_deref(), both[0].purl.as_deref()),
            (2, Some("3.0.1"), None)
        );
        assert_eq!(both[1].purl.as_deref(), Some(purl));
        let one = with(component("openssl", None));
        assert_eq!((one.len(), one[0].purl.as_deref()), (1, Some(purl)));
    }

    #[test]
    fn a_system_is_a_component_unless_the_bill_has_it() {
        let known = |system: &str| Known {
            class: bedrail_model::ids::ClassId::generate(),
            before: None,
            bill: None,
            system: Some(system.into()),
            facts: vec![Fact::RunsOn("windows 7 sp1".into())],
        };
        let more = More::of(&known("Windows 7 SP1"));
        let added = more.applied(Inventory::default()).components;
        assert_eq!(added.len(), 2, "said twice, there once, with the part that has a name of its own");
        assert_eq!((added[0].name.as_str(), added[0].place.as_str()), ("Windows 7 SP1", DEVICE_LIST));
        let bill = Inventory { components: added, ..Inventory::default() };
        assert_eq!(more.applied(bill).components.len(), 2);
        assert!(More::of(&known("odd system")).beside.has_unread_system);
    }

    #[test]
    fn a_content_has_the_name_of_all_that_makes_it() {
        let bill = ContentId::from_digest([7; 16]);
        let book = Book::default();
        let ids = [
            contains("a", "1").id(Some(bill), &[], &book),
            contains("a", "2").id(Some(bill), &[], &book),
            contains("a", "1").id(None, &[], &book),
            More::default().id(Some(bill), &[], &book),
        ];
        let distinct: HashSet<ContentId> = ids.into_iter().collect();
        assert_eq!((distinct.len(), contains("a", "1").id(Some(bill), &[], &book)), (4, ids[0]));
    }
}
