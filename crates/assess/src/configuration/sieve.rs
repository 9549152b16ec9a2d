//! All that records say of one product, made ready to be asked by version after version.
//!
//! Records list versions by the hundred, and a product has records by the hundred. A [`Sieve`] reads all of them once and keeps their
//! criteria by the numbers that a listed version begins with: by the rule of [`excluded_at_sight`](super::excluded_at_sight) a version can
//! be one of those that begin as it does, and of no others. What it finds is what [`evaluate`](super::evaluate) says, record by record.

use std::collections::HashMap;
use std::ops::ControlFlow;

use bedrail_model::advisory::pack::{Malformed, Unpack};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::configuration::compiled::{CriterionView, Group, Head, MAX_DEPTH, read_head};
use bedrail_model::cpe::Attribute;

use super::explain::{Told, tell};
use super::{Truth, combine, covers, each_configuration, holds, is_plain, numbers};
use crate::evaluate::weight;
use crate::platform::{Name, Platform};

/// Records on one product, numbered in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub struct Sieve<'a> {
    /// Criteria that list a version which begins with these numbers.
    listed: HashMap<Box<str>, Vec<Item<'a>>>,
    /// Criteria that any version must be held against: bounds, any version, none, wild cards.
    open: Vec<Item<'a>>,
    configurations: Vec<Configuration<'a>>,
    records: u32,
}

/// A configuration that calls the product vulnerable.
#[derive(Debug, Clone)]
struct Configuration<'a> {
    record: u32,
    /// Its beginning; `None` where it asks for nothing beside the product.
    tree: Option<Unpack<'a>>,
}

/// A criterion for the product, kept.
#[derive(Debug, Clone)]
struct Item<'a> {
    configuration: u32,
    group: Group<'a>,
    version: Box<str>,
    /// Everything but the version.
    rest: CriterionView<'static, 'a>,
}

/// What a record says of a name.
#[derive(Debug, Clone, Copy)]
pub struct Found<'s, 'a> {
    /// Number of the record.
    pub record: u32,
    /// Why; the reason carries the answer, which is not "not affected".
    pub reason: Reason,
    item: &'s Item<'a>,
    configuration: &'s Configuration<'a>,
}

impl<'a> Sieve<'a> {
    /// Adds the compiled configurations of the next record.
    ///
    /// # Errors
    /// When the bytes are no tree.
    pub fn add(&mut self, tree: &'a [u8], product: &str) -> Result<(), Malformed> {
        let record = self.records;
        self.records += 1;
        let mut scratch = Vec::new();
        each_configuration(tree, |unpack| {
            let start = *unpack;
            let number = self.configurations.len() as u32;
            let mut items = Vec::new();
            let bare = matches!(read_head(&mut start.clone())?, Head::Group(_));
            collect(unpack, (false, 0), product, &mut |group| {
                group.each(&mut scratch, |criterion| {
                    items.push(Item {
                        configuration: number,
                        group,
                        version: criterion.version.into(),
                        rest: criterion.with_version("*"),
                    });
                    ControlFlow::Continue(())
                })
            })?;
            if !items.is_empty() {
                self.configurations.push(Configuration { record, tree: (!bare).then_some(start) });
            }
            for item in items {
                match item.beginning() {
                    Some(numbers) => match self.listed.get_mut(numbers) {
                        Some(list) => list.push(item),
                        None => _ = self.listed.insert(numbers.into(), vec![item]),
                    },
                    None => self.open.push(item),
                }
            }
            Ok(())
        })
    }

    /// How many records were added.
    pub const fn records(&self) -> u32 {
        self.records
    }

    /// How many criteria are kept.
    pub fn len(&self) -> usize {
        self.open.len() + self.listed.values().map(Vec::len).sum::<usize>()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.configurations.is_empty()
    }

    /// The criteria that list versions which a name may be of.
    fn listed_like(&self, name: &Name) -> Box<dyn Iterator<Item = &Item<'a>> + '_> {
        match name.fields.get(Attribute::Version) {
            version if !matches!(version, "*" | "-") && is_plain(version) => {
                Box::new(self.listed.get(numbers(version)).into_iter().flatten())
            }
            _ => Box::new(self.listed.values().flatten()),
        }
    }

    /// What the records say of a name of the product, in a device: those that say "affected" or "cannot tell", by number, each once.
    ///
    /// # Errors
    /// When the bytes of a tree are malformed.
    pub fn ask(
        &self,
        name: &Name,
        device: &Platform,
        scratch: &mut Vec<u8>,
    ) -> Result<Vec<Found<'_, 'a>>, Malformed> {
        let mut anchors: Vec<(u32, Reason, &Item<'a>)> = Vec::new();
        for item in self.open.iter().chain(self.listed_like(name)) {
            let reason = covers(&item.group, &item.criterion(), name);
            if reason.answer() != Answer::NotAffected {
                anchors.push((item.configuration, reason, item));
            }
        }
        anchors.sort_by_key(|(configuration, reason, _)| (*configuration, weight(*reason)));
        anchors.dedup_by_key(|(configuration, ..)| *configuration);
        let mut found: Vec<Found<'_, 'a>> = Vec::with_capacity(anchors.len());
        for (number, anchor, item) in anchors {
            let configuration = &self.configurations[number as usize];
            let reason = match configuration.tree {
                None => anchor,
                Some(mut tree) => combine(anchor, holds(&mut tree, device, scratch)?),
            };
            let said = Found { record: configuration.record, reason, item, configuration };
            match found.last_mut() {
                _ if Truth::from(reason) == Truth::No => {}
                Some(last) if last.record == said.record => {
                    if weight(reason) < weight(last.reason) {
                        *last = said;
                    }
                }
                _ => found.push(said),
            }
        }
        Ok(found)
    }
}

impl<'a> Item<'a> {
    fn criterion(&self) -> CriterionView<'_, 'a> {
        self.rest.with_version(&self.version)
    }

    /// The numbers that a listed version begins with; none where the criterion is more than that.
    fn beginning(&self) -> Option<&str> {
        let listed = self.rest.start.is_none()
            && self.rest.end.is_none()
            && !matches!(&*self.version, "*" | "-")
            && is_plain(&self.version);
        listed.then(|| numbers(&self.version))
    }
}

impl Found<'_, '_> {
    /// The same in words.
    ///
    /// # Errors
    /// When the bytes of the tree are malformed.
    pub fn tell(&self, name: &Name, device: &Platform) -> Result<Told, Malformed> {
        tell(self.reason, (name, &self.item.criterion()), self.configuration.tree, device)
    }
}

/// Calls `with` for every group that calls a product vulnerable.
fn collect<'a>(
    unpack: &mut Unpack<'a>,
    (negated, depth): (bool, usize),
    product: &str,
    with: &mut impl FnMut(Group<'a>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    if depth > MAX_DEPTH {
        return Err(Malformed);
    }
    match read_head(unpack)? {
        Head::Any(count) | Head::All(count) => {
            (0..count).try_for_each(|_| collect(unpack, (negated, depth + 1), product, with))
        }
        Head::Not => collect(unpack, (!negated, depth + 1), product, with),
        Head::Group(group) if group.vulnerable && !negated && group.product == product => with(group),
        Head::Group(_) => Ok(()),
    }
}
