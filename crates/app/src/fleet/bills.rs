//! Every bill of materials of an organisation in short, and the way back from a software identity to the bills that
//! have it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bedrail_model::ids::{ContentId, SoftwareId};
use bedrail_store::sboms::{ContentCounts, ContentRow};
use bedrail_store::software::SoftwareRow;

use super::index;

/// A software identity, with its name in lower case for the search.
#[derive(Debug, Clone)]
pub(crate) struct Software {
    pub(crate) row: SoftwareRow,
    pub(crate) search: String,
}

/// A component in short.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// Index of its software.
    pub(crate) software: u32,
    /// Index of the component above it.
    pub(crate) parent: Option<u32>,
}

/// A bill in short.
#[derive(Debug, Clone)]
pub(crate) struct Bill {
    pub(crate) counts: ContentCounts,
    /// Its components in document order.
    pub(crate) parts: Vec<Part>,
}

/// Where a software identity is used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    /// Index of the bill.
    pub(crate) bill: u32,
    /// Index of the component in it.
    pub(crate) component: u32,
}

/// All bills; they and the software in them only ever grow, so that an index stays good. What a component of a known bill is
/// may change: a person said what its name means. A later summary shares with the
/// one before all that did not change, so that following a change costs what changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bills {
    pub(crate) software: Vec<Arc<Software>>,
    software_index: HashMap<SoftwareId, u32>,
    bills: Vec<Arc<Bill>>,
    bill_index: HashMap<ContentId, u32>,
    uses: Vec<Arc<Vec<Use>>>,
}

impl Bills {
    /// Software of these contents that is not known here.
    pub(super) fn unknown_software(&self, contents: &[ContentRow]) -> Vec<SoftwareId> {
        let all = contents.iter().flat_map(|content| &content.skeleton).map(|bone| bone.software);
        let unknown: HashSet<SoftwareId> = all.filter(|id| !self.software_index.contains_key(id)).collect();
        unknown.into_iter().collect()
    }

    pub(super) fn take_software(&mut self, rows: Vec<SoftwareRow>) {
        for row in rows {
            let search = row.facts.name.to_lowercase();
            self.software_index.insert(row.id, index(self.software.len()));
            self.software.push(Arc::new(Software { row, search }));
            self.uses.push(Arc::default());
        }
    }

    pub(super) fn take_contents(&mut self, contents: Vec<ContentRow>) {
        for content in contents {
            if let Some(bill) = self.bill_index.get(&content.id) {
                self.renew_bill(*bill, content);
                continue;
            }
            let bill = index(self.bills.len());
            let mut parts = Vec::with_capacity(content.skeleton.len());
            for (component, bone) in content.skeleton.iter().enumerate() {
                let software = self.software_index.get(&bone.software).copied().unwrap_or(u32::MAX);
                if let Some(uses) = self.uses.get_mut(software as usize) {
                    Arc::make_mut(uses).push(Use { bill, component: index(component) });
                }
                parts.push(Part { software, parent: bone.parent });
            }
            self.bill_index.insert(content.id, bill);
            self.bills.push(Arc::new(Bill { counts: content.counts, parts }));
        }
    }

    /// Takes over what the components of a known bill are now.
    fn renew_bill(&mut self, at: u32, content: ContentRow) {
        let mut bill = Bill::clone(&self.bills[at as usize]);
        bill.counts = content.counts;
        for ((component, part), bone) in (0..).zip(&mut bill.parts).zip(&content.skeleton) {
            part.parent = bone.parent;
            let new = self.software_index.get(&bone.software).copied().unwrap_or(u32::MAX);
            let old = std::mem::replace(&mut part.software, new);
            if old == new {
                continue;
            }
            let key = |one: &Use| (one.bill, one.component);
            if let Some(uses) = self.uses.get_mut(old as usize) {
                Arc::make_mut(uses).retain(|one| key(one) != (at, component));
            }
            if let Some(uses) = self.uses.get_mut(new as usize) {
                let uses = Arc::make_mut(uses);
                let place = uses.partition_point(|one| key(one) < (at, component));
                uses.insert(place, Use { bill: at, component });
            }
        }
        self.bills[at as usize] = Arc::new(bill);
    }

    pub(super) fn has_software(&self, id: SoftwareId) -> bool {
        self.software_index.contains_key(&id)
    }

    /// Takes over what is newly said of known software.
    pub(super) fn renew_software(&mut self, rows: Vec<SoftwareRow>) {
        for row in rows {
            if let Some(at) = self.software_index.get(&row.id) {
                Arc::make_mut(&mut self.software[*at as usize]).row = row;
            }
        }
    }

    /// Index of a software identity.
    pub(crate) fn software_at(&self, id: SoftwareId) -> Option<u32> {
        self.software_index.get(&id).copied()
    }

    /// Index of a bill.
    pub(crate) fn bill_at(&self, id: ContentId) -> Option<u32> {
        self.bill_index.get(&id).copied()
    }

    /// A bill.
    pub(crate) fn bill(&self, id: ContentId) -> Option<&Bill> {
        self.bill_at(id).map(|at| &*self.bills[at as usize])
    }

    /// Components of a bill that cannot be judged at all.
    pub(crate) fn unassessed(&self, id: ContentId) -> u32 {
        self.unassessed_of(id, usize::MAX)
    }

    /// Of the first components of a bill, those that cannot be judged at all.
    pub(crate) fn unassessed_of(&self, id: ContentId, first: usize) -> u32 {
        let Some(bill) = self.bill(id) else { return 0 };
        let blind = |part: &&Part| {
            let software = self.software.get(part.software as usize);
            software.is_some_and(|software| software.row.standing.unassessed.is_some())
        };
        index(bill.parts.iter().take(first).filter(blind).count())
    }

    /// Where a software identity is used.
    pub(crate) fn uses(&self, software: u32) -> &[Use] {
        self.uses.get(software as usize).map_or(&[], |uses| uses.as_slice())
    }

    /// The ids of these bills, by their indexes; in no order.
    pub(crate) fn ids_of(&self, bills: &HashSet<u32>) -> Vec<ContentId> {
        self.bill_index.iter().filter(|(_, at)| bills.contains(at)).map(|(id, _)| *id).collect()
    }

    /// What is in a bill, in document order.
    pub(crate) fn software_in(&self, id: ContentId) -> impl Iterator<Item = SoftwareId> {
        let parts = self.bill(id).map_or(&[][..], |bill| &bill.parts);
        parts.iter().filter_map(|part| Some(self.software.get(part.software as usize)?.row.id))
    }

    /// Whether the components of a bill are these, in document order.
    pub(crate) fn is_made_of(&self, id: ContentId, parts: impl Iterator<Item = SoftwareId>) -> bool {
        let bill = self.bill(id);
        bill.is_some_and(|bill| {
            let known = bill.parts.iter().map(|part| Some(self.software.get(part.software as usize)?.row.id));
            known.eq(parts.map(Some))
        })
    }

    /// How many bills there are.
    pub(crate) fn len(&self) -> usize {
        self.bills.len()
    }

    /// The software of a component.
    pub(crate) fn software_of(&self, bill: &Bill, component: u32) -> Option<&Software> {
        let part = bill.parts.get(component as usize)?;
        self.software.get(part.software as usize).map(|software| &**software)
    }

    /// Names on the way from the subject down to a component, the component last.
    pub(crate) fn path(&self, content: ContentId, component: u32) -> Vec<String> {
        let Some(bill) = self.bill(content) else { return Vec::new() };
        let mut names = Vec::new();
        let mut at = Some(component);
        // The ways come from a breadth-first walk, so they cannot circle; a damaged one ends here.
        while let Some(component) = at.filter(|_| names.len() <= bill.parts.len()) {
            let name = self.software_of(bill, component).map_or("?", |software| &software.row.facts.name);
            names.push(name.to_owned());
            at = bill.parts.get(component as usize).and_then(|part| part.parent);
        }
        names.reverse();
        names
    }
}
