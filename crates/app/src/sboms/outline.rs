//! An inventory in short: the software identities in it, and the shortest way from the subject to each component.

use std::collections::{BTreeMap, VecDeque};

use bedrail_assess::component_name::{Book, forget};
use bedrail_model::component::{Component, ComponentKind, Inventory, RelationKind};
use bedrail_model::cpe::Origin;
use bedrail_model::ids::{PlatformId, SoftwareId};
use bedrail_store::sboms::{Bone, ContentCounts};
use bedrail_store::software::SoftwareFacts;
use sha2::{Digest as _, Sha256};

use crate::products::{Beside, ByName, Products};

/// An inventory in short.
pub(crate) struct Outline {
    pub(crate) counts: ContentCounts,
    /// Per component, in document order.
    pub(crate) skeleton: Vec<Bone>,
    /// What each identity in it is.
    pub(crate) software: BTreeMap<SoftwareId, SoftwareFacts>,
    /// The device that they are in, where some are judged by product names: its names.
    pub(crate) platform: Option<(PlatformId, Vec<String>)>,
}

impl Outline {
    /// The outline of a device, by what people said of names and what else is known of it. The inventory is what the bill says
    /// before and after.
    pub(crate) fn of(names: &Book, inventory: &mut Inventory, beside: &Beside) -> Outline {
        let named = names.identify(inventory);
        let outline = Outline::with(inventory, &named, beside);
        forget(inventory, &named);
        outline
    }

    /// `named`: components, in order, whose identifier is from a person and not from the bill.
    fn with(inventory: &Inventory, named: &[usize], beside: &Beside) -> Outline {
        let parents = parents(inventory);
        let products = Products::of_device(inventory, beside);
        let (device, device_names) = products.kept();
        let mut platform = None;
        let mut software = BTreeMap::new();
        let mut skeleton = Vec::with_capacity(inventory.components.len());
        for ((at, component), parent) in inventory.components.iter().enumerate().zip(parents) {
            let mut facts = facts(component);
            facts.confirmed = named.binary_search(&at).is_ok();
            let origin = facts.confirmed.then_some(Origin::Confirmed);
            let names = products.asked_from(component, ByName::WherePurlIsSilent, origin);
            if !names.is_empty() {
                facts.names = names.into_iter().map(|(name, origin)| (name.to_string(), origin)).collect();
                facts.platform = Some(device);
                facts.judged = true;
                platform = Some(device);
            }
            let id = identity(&facts);
            skeleton.push(Bone { software: id, parent });
            software.entry(id).or_insert(facts);
        }
        let platform = platform.map(|device| (device, device_names));
        Outline { counts: counts(inventory), skeleton, software, platform }
    }
}

fn counts(inventory: &Inventory) -> ContentCounts {
    let is_service = |component: &&Component| component.kind == ComponentKind::Service;
    let services = inventory.components.iter().filter(is_service).count() as u64;
    let subject = inventory.subject.map(|subject| inventory.component(subject));
    let without = inventory.components.iter().filter(|component| {
        component.purl.is_none()
            && !is_service(component)
            && !subject.is_some_and(|subject| std::ptr::eq(subject, *component))
    });
    ContentCounts {
        format: inventory.format_in_words(),
        components: inventory.components.len() as u64 - services,
        services,
        relations: inventory.relations.len() as u64,
        without_identifier: without.count() as u64,
    }
}

/// The name that people know a component by: group and name.
pub(crate) fn name_of(component: &Component) -> String {
    let group = component.group.as_deref().filter(|group| !group.is_empty());
    match group {
        Some(group) if !component.name.starts_with(group) => format!("{group}/{}", component.name),
        _ => component.name.clone(),
    }
}

fn facts(component: &Component) -> SoftwareFacts {
    SoftwareFacts {
        name: name_of(component),
        version: component.version.clone(),
        purl: component.purl.clone(),
        judged: component.purl.is_some() || is_software(component.kind),
        names: Vec::new(),
        platform: None,
        confirmed: false,
    }
}

/// Whether an advisory could speak of such a thing. Services run elsewhere; files, data and keys are no packages. One of
/// those that has a purl all the same is judged.
fn is_software(kind: ComponentKind) -> bool {
    !matches!(
        kind,
        ComponentKind::Service
            | ComponentKind::File
            | ComponentKind::Data
            | ComponentKind::CryptographicAsset
            | ComponentKind::Device
    )
}

/// Equal name, version and purl are the same software, wherever they stand; what is judged by product names is the same in
/// equal devices. What a person said it is, is told apart from what a bill says.
fn identity(facts: &SoftwareFacts) -> SoftwareId {
    let mut digest = Sha256::new();
    let judged = if facts.judged { "judged" } else { "named" };
    for text in [Some(judged), Some(&facts.name), facts.version.as_deref(), facts.purl.as_deref()] {
        digest.update(text.map_or(u64::MAX, |text| text.len() as u64).to_be_bytes());
        digest.update(text.unwrap_or_default());
    }
    for (name, origin) in &facts.names {
        digest.update((name.len() as u64).to_be_bytes());
        digest.update(name);
        digest.update(origin.code());
    }
    if let Some(platform) = facts.platform {
        digest.update(platform.uuid());
    }
    if facts.confirmed {
        digest.update("confirmed");
    }
    let mut first = [0; 16];
    first.copy_from_slice(&digest.finalize()[..16]);
    SoftwareId::from_digest(first)
}

/// Per component the one above it on a shortest way from the subject; a breadth-first walk, so cycles end. Where the
/// document names no subject, or does not connect a part to it, the walk starts again at what nothing leads to.
fn parents(inventory: &Inventory) -> Vec<Option<u32>> {
    let count = inventory.components.len();
    let mut below: Vec<Vec<u32>> = vec![Vec::new(); count];
    let mut led_to = vec![false; count];
    let mut lead = |from: u32, to: u32| {
        if let (Some(list), Some(led)) = (below.get_mut(from as usize), led_to.get_mut(to as usize)) {
            list.push(to);
            *led = true;
        }
    };
    for relation in &inventory.relations {
        match relation.kind {
            RelationKind::DependsOn | RelationKind::Contains | RelationKind::Describes => {
                lead(relation.from.0, relation.to.0);
            }
            RelationKind::GeneratedFrom | RelationKind::Other => {}
        }
    }
    for (child, component) in (0..).zip(&inventory.components) {
        if let Some(parent) = component.parent {
            lead(parent.0, child);
        }
    }
    let subject = inventory.subject.map(|subject| subject.0);
    let roots = (0..).zip(&led_to).filter(|(_, led)| !**led).map(|(root, _)| root);
    let mut walk = Walk { below: &below, parent: vec![None; count], seen: vec![false; count] };
    for root in subject.into_iter().chain(roots) {
        walk.from(root);
    }
    walk.parent
}

struct Walk<'a> {
    below: &'a [Vec<u32>],
    parent: Vec<Option<u32>>,
    seen: Vec<bool>,
}

impl Walk<'_> {
    fn from(&mut self, root: u32) {
        if self.seen.get(root as usize).copied().unwrap_or(true) {
            return;
        }
        self.seen[root as usize] = true;
        let mut queue = VecDeque::from([root]);
        while let Some(at) = queue.pop_front() {
            for &child in &self.below[at as usize] {
                if !std::mem::replace(&mut self.seen[child as usize], true) {
                    self.parent[child as usize] = Some(at);
                    queue.push_back(child);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bedrail_model::component::{ComponentIndex, Relation};

    use super::*;

    fn inventory(count: usize, edges: &[(u32, u32)]) -> Inventory {
        let component = |at: usize| Component { name: format!("c{at}"), ..Component::default() };
        let relation = |(from, to): &(u32, u32)| Relation {
            from: ComponentIndex(*from),
            kind: RelationKind::DependsOn,
            to: ComponentIndex(*to),
        };
        Inventory {
            subject: Some(ComponentIndex(0)),
            components: (0..count).map(component).collect(),
            relations: edges.iter().map(relation).collect(),
            ..Inventory::default()
        }
    }

    #[test]
    fn the_shortest_way_wins_and_cycles_end() {
        let inventory = inventory(6, &[(0, 1), (1, 2), (2, 3), (0, 3), (3, 1), (3, 0), (4, 5), (5, 4)]);
        assert_eq!(parents(&inventory), [None, Some(0), Some(1), Some(0), None, None]);
    }

    #[test]
    fn nested_components_stand_below_the_one_they_are_in() {
        let mut inventory = inventory(3, &[]);
        inventory.components[2].parent = Some(ComponentIndex(1));
        assert_eq!(parents(&inventory), [None, None, Some(1)]);
    }
}
