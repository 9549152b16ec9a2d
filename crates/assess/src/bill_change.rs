//! What changed from one bill of materials to another: added, removed, another version.
//!
//! Components are paired by their package URL without version and qualifiers, where both have one, else by name. Of several
//! with one name, those with equal versions are pairs first; what is left is a change of version only where one is left on
//! each side, since nothing says which of several became which.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use bedrail_model::component::{Component, ComponentIndex, ComponentKind, Inventory};
use bedrail_model::purl::Purl;
use bedrail_model::version::Order;

/// One change, by the places of the components in the earlier and in the later bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Another version.
    Version {
        /// In the earlier bill.
        before: ComponentIndex,
        /// In the later bill.
        after: ComponentIndex,
        /// Whether it went up or down.
        direction: Direction,
    },
    /// Only in the later bill.
    Added(ComponentIndex),
    /// Only in the earlier bill.
    Removed(ComponentIndex),
}

/// Which way a version went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// To a later one.
    Up,
    /// To an earlier one.
    Down,
    /// Written otherwise, but the same in the order of its ecosystem.
    Same,
    /// It is not known: one is missing, or the order of its ecosystem cannot place it.
    Unknown,
}

impl Direction {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
            Direction::Same => "same",
            Direction::Unknown => "unknown",
        }
    }
}

/// The changes from one bill to another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BillChange {
    /// Changes: versions first, then what was added, then what was removed; each by name.
    pub changes: Vec<Change>,
    /// Components that are the same in both.
    pub same: usize,
}

/// Compares two bills. Their subjects are what is compared, and no part of it.
pub fn compare(before: &Inventory, after: &Inventory) -> BillChange {
    let (mut earlier, mut later) = (Side::of(before), Side::of(after));
    let mut result = BillChange::default();
    // By package URL, then by name: a later bill may have identifiers that the earlier lacked.
    for key in [by_purl, by_name] {
        pair(&mut earlier, &mut later, key, &mut result);
    }
    result.changes.sort_by_cached_key(|change| match change {
        Change::Version { after: at, .. } | Change::Added(at) => later.name(*at),
        Change::Removed(at) => earlier.name(*at),
    });
    let mut added: Vec<ComponentIndex> = later.left().collect();
    added.sort_by_cached_key(|at| later.name(*at));
    let mut removed: Vec<ComponentIndex> = earlier.left().collect();
    removed.sort_by_cached_key(|at| earlier.name(*at));
    result.changes.extend(added.into_iter().map(Change::Added));
    result.changes.extend(removed.into_iter().map(Change::Removed));
    result
}

/// One of the bills, and which of its components have no pair yet.
struct Side<'i> {
    inventory: &'i Inventory,
    open: Vec<bool>,
}

impl<'i> Side<'i> {
    fn of(inventory: &'i Inventory) -> Side<'i> {
        let subject = inventory.subject.map(|subject| subject.0 as usize);
        let open = (0..inventory.components.len()).map(|at| Some(at) != subject).collect();
        Side { inventory, open }
    }

    fn left(&self) -> impl Iterator<Item = ComponentIndex> + '_ {
        (0..).map(ComponentIndex).zip(&self.open).filter(|(_, open)| **open).map(|(at, _)| at)
    }

    fn component(&self, at: ComponentIndex) -> &'i Component {
        self.inventory.component(at)
    }

    fn name(&self, at: ComponentIndex) -> String {
        self.component(at).name.to_lowercase()
    }

    fn grouped(&self, key: Key) -> BTreeMap<String, Vec<ComponentIndex>> {
        let mut groups: BTreeMap<String, Vec<ComponentIndex>> = BTreeMap::new();
        for at in self.left() {
            if let Some(key) = key(self.component(at)) {
                groups.entry(key).or_default().push(at);
            }
        }
        groups
    }

    fn close(&mut self, at: ComponentIndex) {
        self.open[at.0 as usize] = false;
    }
}

type Key = fn(&Component) -> Option<String>;

fn by_purl(component: &Component) -> Option<String> {
    let purl = Purl::parse(component.purl.as_deref()?).ok()?;
    Some(format!("{}/{}/{}", purl.kind(), purl.namespace().unwrap_or_default(), purl.name()))
}

/// Group and name without case. A service is no library of the same name.
fn by_name(component: &Component) -> Option<String> {
    let service = component.kind == ComponentKind::Service;
    let group = component.group.as_deref().unwrap_or_default();
    Some(format!("{service}/{group}/{}", component.name).to_lowercase())
}

fn pair(earlier: &mut Side<'_>, later: &mut Side<'_>, key: Key, result: &mut BillChange) {
    let mut others = later.grouped(key);
    for (key, befores) in earlier.grouped(key) {
        let Some(mut afters) = others.remove(&key) else { continue };
        let mut rest = Vec::new();
        for before in befores {
            let version = &earlier.component(before).version;
            let same = |after: &ComponentIndex| {
                later.component(*after).version == *version && may_be_one(earlier, before, later, *after)
            };
            match afters.iter().position(same) {
                Some(at) => {
                    later.close(afters.remove(at));
                    earlier.close(before);
                    result.same += 1;
                }
                None => rest.push(before),
            }
        }
        if let ([before], [after]) = (rest.as_slice(), afters.as_slice())
            && may_be_one(earlier, *before, later, *after)
        {
            let direction = direction(earlier.component(*before), later.component(*after));
            result.changes.push(Change::Version { before: *before, after: *after, direction });
            earlier.close(*before);
            later.close(*after);
        }
    }
}

/// Whether two components of one key may be the same thing: not where each has a package URL, and they name two packages.
fn may_be_one(earlier: &Side<'_>, before: ComponentIndex, later: &Side<'_>, after: ComponentIndex) -> bool {
    match (by_purl(earlier.component(before)), by_purl(later.component(after))) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// Which way a version went, by the order of the ecosystem that both belong to; by the order for products that only a name
/// is known of where neither belongs to one.
fn direction(before: &Component, after: &Component) -> Direction {
    let (Some(old), Some(new)) = (&before.version, &after.version) else { return Direction::Unknown };
    let order = match (order_of(before), order_of(after)) {
        (Some(old), Some(new)) if old == new => old,
        (None, Some(order)) | (Some(order), None) => order,
        (None, None) => Order::Generic,
        (Some(_), Some(_)) => return Direction::Unknown,
    };
    match order.compare(old, new) {
        Ok(Ordering::Less) => Direction::Up,
        Ok(Ordering::Greater) => Direction::Down,
        Ok(Ordering::Equal) => Direction::Same,
        Err(_) => Direction::Unknown,
    }
}

fn order_of(component: &Component) -> Option<Order> {
    let coordinates = Purl::parse(component.purl.as_deref()?).ok()?.coordinates().ok()?;
    coordinates.packages.first()?.ecosystem.order()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bill(parts: &[(&str, &str, &str)]) -> Inventory {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let component = |(name, version, purl): &(&str, &str, &str)| Component {
            name: (*name).to_owned(),
            version: some(version),
            purl: some(purl),
            ..Component::default()
        };
        Inventory { components: parts.iter().map(component).collect(), ..Inventory::default() }
    }

    fn told(before: &Inventory, after: &Inventory) -> Vec<String> {
        let version = |it: &Component| it.version.clone().unwrap_or_default();
        let result = compare(before, after);
        let told = result.changes.iter().map(|change| match change {
            Change::Version { before: old, after: new, direction } => {
                let (old, new) = (before.component(*old), after.component(*new));
                format!("{} {} > {} {}", new.name, version(old), version(new), direction.code())
            }
            Change::Added(at) => format!("+{}", after.component(*at).name),
            Change::Removed(at) => format!("-{}", before.component(*at).name),
        });
        told.collect()
    }

    #[test]
    fn versions_go_by_the_order_of_their_ecosystem() {
        for (purl, old, new, direction) in [
            ("pkg:npm/a", "1.9.0", "1.10.0", "up"),
            ("pkg:npm/a", "1.0.0", "1.0.0-rc.1", "down"),
            ("pkg:deb/debian/a?distro=debian-12", "1.0~rc1", "1.0", "up"),
            ("pkg:maven/g/a", "1.0", "1.0.0", "same"),
            ("pkg:npm/a", "1.0.0", "nonsense", "unknown"),
            ("", "1.0.2k", "1.0.2u", "up"),
            ("", "1.0", "", "unknown"),
        ] {
            let (before, after) = (bill(&[("a", old, purl)]), bill(&[("a", new, purl)]));
            assert_eq!(told(&before, &after), [format!("a {old} > {new} {direction}")], "{purl}");
        }
    }

    #[test]
    fn what_came_and_went_is_told_and_what_is_the_same_is_counted() {
        let before = bill(&[("kept", "1", ""), ("gone", "1", ""), ("x", "1", ""), ("x", "2", "")]);
        let after = bill(&[("Kept", "1", ""), ("new", "1", ""), ("x", "2", ""), ("x", "3", "")]);
        assert_eq!(told(&before, &after), ["x 1 > 3 up", "+new", "-gone"]);
        assert_eq!(compare(&before, &after).same, 2);
        assert_eq!(told(&before, &before), Vec::<String>::new());
        // Of several it is not said which became which.
        let before = bill(&[("x", "1", ""), ("x", "2", "")]);
        let after = bill(&[("x", "3", ""), ("x", "4", "")]);
        assert_eq!(told(&before, &after), ["+x", "+x", "-x", "-x"]);
    }

    #[test]
    fn a_later_bill_may_know_more() {
        let before = bill(&[("log4j-core", "2.14.1", "")]);
        let purl = "pkg:maven/org.apache.logging.log4j/log4j-core@2.17.1";
        let after = bill(&[("log4j-core", "2.17.1", purl)]);
        assert_eq!(told(&before, &after), ["log4j-core 2.14.1 > 2.17.1 up"]);
        // Two packages of one name are two.
        let before = bill(&[("core", "1", "pkg:npm/core@1")]);
        let after = bill(&[("core", "1", "pkg:pypi/core@1")]);
        assert_eq!(told(&before, &after), ["+core", "-core"]);
    }

    /// Versions, then what came, then what went, each by name without case.
    #[test]
    fn changes_stand_by_name() {
        let before = bill(&[("b", "1", ""), ("A", "1", ""), ("y", "1", ""), ("X", "1", "")]);
        let after = bill(&[("b", "2", ""), ("a", "2", ""), ("q", "1", ""), ("P", "1", "")]);
        assert_eq!(told(&before, &after), ["a 1 > 2 up", "b 1 > 2 up", "+P", "+q", "-X", "-y"]);
    }

    /// A service is no library, and two packages of one name go no way from one to the other.
    #[test]
    fn what_is_not_comparable_is_not_compared() {
        let (before, mut after) = (bill(&[("x", "1", "")]), bill(&[("x", "2", "")]));
        after.components[0].kind = ComponentKind::Service;
        assert_eq!(told(&before, &after), ["+x", "-x"]);
        let mut both = before;
        both.components[0].kind = ComponentKind::Service;
        assert_eq!(told(&both, &after), ["x 1 > 2 up"]);
        let component = |version: &str, purl: &str| bill(&[("x", version, purl)]).components.remove(0);
        let of = |one: &str, other: &str| direction(&component("1.0.0", one), &component("2.0.0", other));
        assert_eq!(of("pkg:npm/x", "pkg:npm/x"), Direction::Up);
        assert_eq!(of("pkg:npm/x", "pkg:pypi/x"), Direction::Unknown);
        assert_eq!(of("pkg:npm/x", ""), Direction::Up);
    }

    #[test]
    fn the_subjects_are_no_part_of_it() {
        let (mut before, mut after) = (bill(&[("pump", "1", "")]), bill(&[("pump", "2", "")]));
        before.subject = Some(ComponentIndex(0));
        after.subject = Some(ComponentIndex(0));
        assert!(compare(&before, &after).changes.is_empty());
    }
}
