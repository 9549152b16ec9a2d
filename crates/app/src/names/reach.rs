//! How far a word on a name reaches. A name without a supplier is everybody's: what is said of it holds for every maker's bills,
//! so it is shown before it is said, and more than one maker's has to be meant.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use bedrail_assess::component_name::Key;
use bedrail_model::answered::Fact;
use bedrail_model::component::Inventory;
use bedrail_model::ids::ContentId;
use bedrail_model::text::squeezed;

use super::{Meaning, Said};
use crate::Error;
use crate::configured::answered;
use crate::fleet::Fleet;
use crate::fleet::bills::Software;

/// Where components bear a name and nothing that identifies them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Releases, at most: which supplier a bill names beside the name is not looked at.
    pub releases: u64,
    /// Their makers.
    pub makers: u64,
}

/// Makers named in an error.
const SPELLED: usize = 5;

/// The names that a component may bear which is searched for by this text: a group stands before the name, and a name may
/// have a stroke of its own.
fn called(search: &str) -> impl Iterator<Item = String> {
    let search = squeezed(search);
    let ends = search.match_indices('/').map(|(at, _)| search[at + 1..].trim_start().to_owned());
    let mut names: Vec<String> = ends.collect();
    names.push(search);
    names.into_iter()
}

/// The bills that may have one of the names, by the index of the name.
fn bills_with(fleet: &Fleet, names: &HashMap<&str, Vec<usize>>) -> Vec<(usize, u32)> {
    let mut found = Vec::new();
    // What has a package URL of its bill's own is not spoken of.
    let spoken_of = |software: &Software| software.row.facts.purl.is_none() || software.row.facts.confirmed;
    for (at, software) in (0..).zip(&fleet.bills.software).filter(|(_, software)| spoken_of(software)) {
        for name in called(&software.search) {
            for wanted in names.get(name.as_str()).into_iter().flatten() {
                found.extend(fleet.bills.uses(at).iter().map(|one| (*wanted, one.bill)));
            }
        }
    }
    found
}

fn by_name<'k>(keys: impl Iterator<Item = &'k Key>) -> HashMap<&'k str, Vec<usize>> {
    let mut names: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, key) in keys.enumerate() {
        names.entry(&key.name).or_default().push(at);
    }
    names
}

/// The bills of releases that may have one of the names.
pub(super) fn candidates(fleet: &Fleet, said: &[Said]) -> Vec<ContentId> {
    let bills = bills_with(fleet, &by_name(said.iter().map(|one| &one.key)));
    let bills: HashSet<u32> = bills.into_iter().map(|(_, bill)| bill).collect();
    // What classes are judged by beside their bill is made of it again.
    let of_releases: HashSet<ContentId> =
        fleet.products.releases.iter().filter_map(|release| release.row.content).collect();
    fleet.bills.ids_of(&bills).into_iter().filter(|bill| of_releases.contains(bill)).collect()
}

/// How far each name reaches at most, by what the summary of the fleet knows; answered components are in it.
pub(super) fn of<'k>(fleet: &Fleet, keys: impl Iterator<Item = &'k Key> + Clone) -> Vec<Reach> {
    let mut releases: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut add = |content: Option<ContentId>, release: u32| {
        let bill = content.and_then(|content| fleet.bills.bill_at(content));
        if let Some(bill) = bill {
            releases.entry(bill).or_default().push(release);
        }
    };
    for (at, release) in (0..).zip(&fleet.products.releases) {
        add(release.row.content, at);
    }
    for (class, release) in fleet.products.classes.iter().zip(&fleet.products.release_of) {
        add(class.content, *release);
    }
    let mut reached: Vec<HashSet<u32>> = vec![HashSet::new(); keys.clone().count()];
    for (name, bill) in bills_with(fleet, &by_name(keys)) {
        reached[name].extend(releases.get(&bill).into_iter().flatten());
    }
    let reach = |releases: HashSet<u32>| {
        let maker = |at: &u32| maker_key(&fleet.products.releases[*at as usize].row.maker);
        let makers: HashSet<String> = releases.iter().map(maker).collect();
        Reach { releases: releases.len() as u64, makers: makers.len() as u64 }
    };
    reached.into_iter().map(reach).collect()
}

fn maker_key(maker: &str) -> String {
    squeezed(maker).to_lowercase()
}

/// Names without a supplier that somebody says something of, and did not say that all makers are meant.
pub(super) struct Nobodys(Vec<Key>);

impl Nobodys {
    pub(super) fn of(said: &[Said]) -> Nobodys {
        let is_asked = |one: &&Said| {
            matches!(one.meaning, Meaning::Is(_)) && one.key.supplier.is_empty() && !one.everywhere
        };
        Nobodys(said.iter().filter(is_asked).map(|one| one.key.clone()).collect())
    }

    /// Those that stand in a bill, just so.
    pub(super) fn within(&self, inventory: &Inventory) -> Vec<Key> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let found: HashSet<Key> = inventory.components.iter().filter_map(Key::of).collect();
        self.0.iter().filter(|key| found.contains(key)).cloned().collect()
    }

    /// Refuses what would speak of more than one maker's components. `standing`: the bills in which each name stands.
    pub(super) fn refuse(&self, fleet: &Fleet, standing: &[(ContentId, Vec<Key>)]) -> Result<(), Error> {
        for key in &self.0 {
            let contents: HashSet<ContentId> =
                standing.iter().filter(|(_, keys)| keys.contains(key)).map(|(content, _)| *content).collect();
            let mut makers: BTreeMap<String, &str> = BTreeMap::new();
            let mut releases = BTreeSet::new();
            for release in fleet.products.releases.iter().map(|release| &release.row) {
                let is_answered =
                    |fact: &Fact| answered(fact, 0).and_then(|it| Key::of(&it)).as_ref() == Some(key);
                let stands = release.content.is_some_and(|content| contents.contains(&content));
                if stands || fleet.answers.on(release).iter().any(|fact| is_answered(&fact.fact)) {
                    makers.insert(maker_key(&release.maker), &release.maker);
                    releases.insert(release.id);
                }
            }
            if makers.len() > 1 {
                let mut named: Vec<&str> = makers.values().copied().take(SPELLED).collect();
                if makers.len() > SPELLED {
                    named.push("others");
                }
                return Err(Error::Conflict {
                    message: format!(
                        "`{}` stands without a supplier in the bills of {} makers ({}), {} releases, and two makers may mean two \
                         things by it: say that it is meant everywhere if it is",
                        key.name,
                        makers.len(),
                        named.join(", "),
                        releases.len()
                    ),
                });
            }
        }
        Ok(())
    }
}
