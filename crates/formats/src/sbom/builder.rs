//! Puts an inventory together: unique references, relations to components that come later, limits, warnings.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use bedrail_model::component::{Component, ComponentIndex, Inventory, KnownGap, Relation, RelationKind};

use crate::limits::{LimitError, Limits};
use crate::value::{Place, Warnings};

/// A reference used in the document, whether or not anything bears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Reference(u32);

/// Where a relation or gap was said, kept small since there may be millions.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spot {
    /// An item of a top-level list; the root itself where the list has no name.
    Item(&'static str, u32),
    /// A line.
    Line(u32),
}

impl Spot {
    /// The spot of a record: its line, or its place in a top-level list.
    pub(crate) fn new(list: &'static str, index: u32, line: u32) -> Spot {
        if line > 0 { Spot::Line(line) } else { Spot::Item(list, index) }
    }

    fn text(self) -> String {
        match self {
            Spot::Item("", _) => String::new(),
            Spot::Item(list, index) => Place::Root.field(list).item(index as usize).to_string(),
            Spot::Line(line) => Place::Line(line).to_string(),
        }
    }
}

struct PendingRelation {
    from: Reference,
    kind: RelationKind,
    to: Reference,
    spot: Spot,
}

/// An inventory in the making.
pub(crate) struct Builder<'a> {
    pub(crate) inventory: Inventory,
    pub(crate) warnings: Warnings,
    limits: Limits,
    names: HashMap<Cow<'a, str>, Reference>,
    bearers: Vec<Option<ComponentIndex>>,
    relations: Vec<PendingRelation>,
    gaps: Vec<(Reference, String, Spot)>,
    /// Files, which become components only where something is said of them.
    files: Vec<(Cow<'a, str>, Component)>,
    /// Elements that are no components: licences, people, files of which nothing is said.
    others: HashSet<Reference>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(format: &str, encoding: &str, limits: &Limits) -> Self {
        let inventory =
            Inventory { format: format.to_owned(), encoding: encoding.to_owned(), ..Inventory::default() };
        Builder {
            inventory,
            warnings: Warnings::new(limits),
            limits: *limits,
            names: HashMap::new(),
            bearers: Vec::new(),
            relations: Vec::new(),
            gaps: Vec::new(),
            files: Vec::new(),
            others: HashSet::new(),
        }
    }

    /// The reference of this name.
    pub(crate) fn reference(&mut self, name: Cow<'a, str>) -> Reference {
        let next = Reference(self.bearers.len() as u32);
        let reference = *self.names.entry(name).or_insert(next);
        if reference == next {
            self.bearers.push(None);
        }
        reference
    }

    /// The component that bears a reference, as far as the document was read.
    pub(crate) fn bearer(&self, reference: Reference) -> Option<ComponentIndex> {
        self.bearers[reference.0 as usize]
    }

    /// Take a component in, under the document's reference or one made up from its place.
    pub(crate) fn add(
        &mut self,
        reference: Option<Cow<'a, str>>,
        mut component: Component,
    ) -> Result<ComponentIndex, LimitError> {
        let index = ComponentIndex(self.inventory.components.len() as u32);
        if index.0 as usize >= self.limits.components {
            return Err(LimitError::TooMany { what: "components", limit: self.limits.components });
        }
        component.reference = match reference {
            None => self.made_up(format!("#{}", component.place), index),
            Some(name) => {
                let reference = self.reference(name.clone());
                let bearer = &mut self.bearers[reference.0 as usize];
                match bearer {
                    None => {
                        *bearer = Some(index);
                        name.into_owned()
                    }
                    Some(_) => {
                        let unique = self.made_up(format!("{name}#{}", component.place), index);
                        let message = format!(
                            "the reference `{name}` is borne by more than one component: this one is called `{unique}`, and relations go to the first"
                        );
                        self.warnings.mended(&component.place, message);
                        unique
                    }
                }
            }
        };
        if component.name.is_empty() {
            component.name.clone_from(&component.reference);
            self.warnings
                .mended(&component.place, "the component has no name: its reference stands in for it");
        }
        self.inventory.components.push(component);
        Ok(index)
    }

    /// A reference that no component bears; one component per line is not certain, so the index settles a tie.
    fn made_up(&mut self, wanted: String, index: ComponentIndex) -> String {
        let taken = self.names.get(wanted.as_str()).is_some_and(|taken| self.bearer(*taken).is_some());
        let name = if taken { format!("{wanted}#{}", index.0) } else { wanted };
        let reference = self.reference(Cow::Owned(name.clone()));
        self.bearers[reference.0 as usize].get_or_insert(index);
        name
    }

    /// Note a relation; both ends are looked up at the end, since a document may name them before they come.
    pub(crate) fn relate(
        &mut self,
        from: Reference,
        kind: RelationKind,
        to: Reference,
        spot: Spot,
    ) -> Result<(), LimitError> {
        if self.relations.len() >= self.limits.relations {
            return Err(LimitError::TooMany { what: "relations", limit: self.limits.relations });
        }
        self.relations.push(PendingRelation { from, kind, to, spot });
        Ok(())
    }

    /// Note that the document says of a component that something is missing there.
    pub(crate) fn gap(&mut self, at: Reference, statement: &str, spot: Spot) {
        self.gaps.push((at, statement.to_owned(), spot));
    }

    /// Note that the document says of itself that something is missing.
    pub(crate) fn gap_in_document(&mut self, statement: &str) {
        self.inventory.known_gaps.push(KnownGap { component: None, statement: statement.to_owned() });
    }

    /// Take a file in. It becomes a component where it is described, depended on, built from something or something is
    /// built from it, bears an identifier, or where the document lists files alone; the many others are only counted.
    pub(crate) fn add_file(&mut self, reference: Cow<'a, str>, file: Component) -> Result<(), LimitError> {
        if self.files.len() >= self.limits.components {
            return Err(LimitError::TooMany { what: "files", limit: self.limits.components });
        }
        self.files.push((reference, file));
        Ok(())
    }

    /// Note that a reference is borne by something that is no component: relations to it are not kept.
    pub(crate) fn add_other(&mut self, reference: Reference) {
        self.others.insert(reference);
    }

    /// The subject, where the document describes exactly one component.
    pub(crate) fn describe(&mut self, described: &[Reference]) -> Result<(), LimitError> {
        self.settle_files(described)?;
        let mut bearers: Vec<ComponentIndex> = described.iter().filter_map(|it| self.bearer(*it)).collect();
        bearers.sort_unstable();
        bearers.dedup();
        match bearers.as_slice() {
            [] => {}
            [subject] => self.inventory.subject = Some(*subject),
            several => {
                let message = format!(
                    "the document describes {} components: none is taken as its subject",
                    several.len()
                );
                self.warnings.mended(Place::Root, message);
            }
        }
        Ok(())
    }

    fn settle_files(&mut self, described: &[Reference]) -> Result<(), LimitError> {
        let telling = |kind| kind != RelationKind::Contains && kind != RelationKind::Other;
        let told = self.relations.iter().filter(|it| telling(it.kind)).flat_map(|it| [it.from, it.to]);
        let wanted: HashSet<Reference> = told.chain(described.iter().copied()).collect();
        let alone = self.inventory.components.is_empty();
        let mut left_out = 0_usize;
        for (name, file) in std::mem::take(&mut self.files) {
            let reference = self.reference(name.clone());
            let identified = file.purl.is_some() || !file.cpes.is_empty();
            if alone || identified || wanted.contains(&reference) {
                self.add(Some(name), file)?;
            } else {
                left_out += 1;
                self.others.insert(reference);
            }
        }
        if left_out > 0 {
            let message = format!(
                "{left_out} files are listed of which nothing but their names, hashes and licences is said: they are no components of the inventory"
            );
            self.warnings.mended(Place::Root, message);
        }
        Ok(())
    }

    /// The whole inventory, relations and gaps resolved.
    pub(crate) fn finish(mut self) -> Inventory {
        if self.inventory.format_version.is_empty() {
            self.warnings.mended(Place::Root, "the document does not say which version of its format it is");
        }
        self.resolve_relations();
        self.resolve_gaps();
        self.inventory.warnings = self.warnings.finish();
        self.inventory
    }

    fn resolve_relations(&mut self) {
        let pending = std::mem::take(&mut self.relations);
        let mut seen = HashSet::with_capacity(pending.len());
        let mut missing = Vec::new();
        for relation in pending {
            match (self.bearer(relation.from), self.bearer(relation.to)) {
                (Some(from), Some(to)) => {
                    let relation = Relation { from, kind: relation.kind, to };
                    if seen.insert(relation) {
                        self.inventory.relations.push(relation);
                    }
                }
                (from, to) => {
                    let lacks = |end: Option<ComponentIndex>, reference| {
                        end.is_none() && !self.others.contains(reference)
                    };
                    let lacking = [(from, relation.from), (to, relation.to)];
                    let lacking = lacking.iter().find(|(end, reference)| lacks(*end, reference));
                    missing.extend(lacking.map(|(_, reference)| (*reference, relation.spot)));
                }
            }
        }
        self.warn_of_missing(missing, "the relation is not kept", Loss::Lost);
    }

    fn resolve_gaps(&mut self) {
        let mut missing = Vec::new();
        let mut seen = HashSet::new();
        for (at, statement, spot) in std::mem::take(&mut self.gaps) {
            let component = self.bearer(at);
            if !seen.insert((at, statement.clone())) {
                continue;
            }
            if component.is_none() && !self.others.contains(&at) {
                missing.push((at, spot));
            }
            self.inventory.known_gaps.push(KnownGap { component, statement });
        }
        self.warn_of_missing(missing, "the gap said of it is kept for the whole document", Loss::Mended);
    }

    fn warn_of_missing(&mut self, missing: Vec<(Reference, Spot)>, what_was_done: &str, loss: Loss) {
        if missing.is_empty() {
            return;
        }
        let mut names = vec![""; self.bearers.len()];
        for (name, reference) in &self.names {
            names[reference.0 as usize] = name;
        }
        for (reference, spot) in missing {
            let name = names[reference.0 as usize];
            let elsewhere =
                if is_elsewhere(name) { "stands in another document" } else { "is not in this document" };
            let message = format!("`{name}` {elsewhere}: {what_was_done}");
            self.warnings.push(spot.text(), message, matches!(loss, Loss::Lost));
        }
    }
}

#[derive(Clone, Copy)]
enum Loss {
    Lost,
    Mended,
}

/// Whether a reference says itself that it leads out of the document: SPDX 2.3 §6.6, CycloneDX BOM-Link.
fn is_elsewhere(name: &str) -> bool {
    name.starts_with("DocumentRef-") || name.starts_with("urn:cdx:")
}
