//! What the components of a release may be that its bill gives without an identifier, and what was said of them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use bedrail_assess::component_name::{Key, supplier_of};
use bedrail_assess::name_proposal::{self, Proposal};
use bedrail_model::component::{Component, ComponentIndex, Inventory};
use bedrail_model::ids::ReleaseId;
use bedrail_store::component_names::{self, NameRow};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{Confirm, ConfirmedName, Reach, Rejudged, confirm, key_of, reach};
use crate::rights::Right;
use crate::{Actor, Context, Error, bills};

/// A name in a release that nobody has said yet what it means. Components of one name and supplier are one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unnamed {
    /// The name as the bill gives it.
    pub name: String,
    /// The supplier, else the group, as the bill gives it.
    pub supplier: Option<String>,
    /// Versions in the bill, each once; those without one leave none.
    pub versions: Vec<String>,
    /// Components of the bill.
    pub components: u64,
    /// The first of them, by which the page of the release finds it.
    pub first: ComponentIndex,
    /// What it may be, the likeliest first; without what was put away.
    pub proposals: Vec<Proposal>,
    /// How many proposals there were.
    pub found: usize,
    /// What was said of it: none of these.
    pub declined: Option<ConfirmedName>,
    /// Where else it stands, this release among them.
    pub reach: Reach,
}

/// A name in a release of which somebody said what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedComponent {
    /// Components of the bill.
    pub components: u64,
    /// What was said.
    pub said: ConfirmedName,
}

/// The names of a release that its bill gives without an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfRelease {
    /// `maker model version`.
    pub release: String,
    /// Those that nobody has said anything of, or only what they are not; those with proposals first.
    pub open: Vec<Unnamed>,
    /// Those that are known.
    pub named: Vec<NamedComponent>,
}

/// A proposal of which nothing but a person's word is wanting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exact {
    /// The name.
    pub name: String,
    /// The supplier, which is that of the identifier.
    pub supplier: Option<String>,
    /// The package URL or CPE name, without a version.
    pub identifier: String,
    /// Components of the bill.
    pub components: u64,
    /// When it was said what it is not, where that was said.
    pub before: Option<Timestamp>,
}

/// The names of a release's bill without an identifier, with what each may be.
///
/// # Errors
/// [`Error::NotFound`] when there is no such release in the actor's organisation or it has no bill of materials.
pub async fn of_release(ctx: &Context, actor: &Actor, release: ReleaseId) -> Result<OfRelease, Error> {
    actor.need(Right::SeeFleet)?;
    let (name, inventory) = bills::named_inventory(ctx, actor, release).await?;
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let said = component_names::all(&view).await?;
    drop(view);
    let (inventory, proposals) = proposed(ctx, inventory).await?;
    let mut found = OfRelease { release: name, open: Vec::new(), named: Vec::new() };
    let mut rows: Vec<(Key, Row)> = Vec::new();
    let mut places: HashMap<Key, usize> = HashMap::new();
    for (at, component) in inventory.components.iter().enumerate() {
        let Some(key) = Key::of(component) else { continue };
        match places.entry(key) {
            Entry::Occupied(known) => rows[*known.get()].1.add(component),
            Entry::Vacant(new) => {
                rows.push((new.key().clone(), Row::of(at, component)));
                new.insert(rows.len() - 1);
            }
        }
    }
    let said: HashMap<Key, NameRow> = said.into_iter().map(|row| (key_of(&row), row)).collect();
    let reaches = reach::of(&fleet, rows.iter().map(|(key, _)| key));
    for ((key, row), reach) in rows.into_iter().zip(reaches) {
        let known = said.get(&key);
        match known.filter(|known| known.identifier.is_some()) {
            Some(known) => {
                let said = ConfirmedName::of(known);
                found.named.push(NamedComponent { components: row.components, said });
            }
            None => found.open.push(Unnamed { reach, ..row.open(&inventory, &proposals, known) }),
        }
    }
    found
        .open
        .sort_by_key(|row| row.proposals.first().map_or((true, None), |best| (false, Some(best.confidence))));
    Ok(found)
}

/// Components of one name and supplier.
struct Row {
    first: usize,
    components: u64,
    versions: Vec<String>,
}

impl Row {
    fn of(first: usize, component: &Component) -> Row {
        let mut row = Row { first, components: 0, versions: Vec::new() };
        row.add(component);
        row
    }

    fn add(&mut self, component: &Component) {
        self.components += 1;
        if let Some(version) = component.version.as_ref().filter(|version| !self.versions.contains(version)) {
            self.versions.push(version.clone());
        }
    }

    fn open(
        self,
        inventory: &Inventory,
        proposals: &name_proposal::Proposals,
        known: Option<&NameRow>,
    ) -> Unnamed {
        let component = &inventory.components[self.first];
        let declined = |it: &Proposal| {
            let (known, text) = (known, it.unversioned().map(|it| it.to_string()));
            known.zip(text).is_some_and(|(known, text)| known.declined.contains(&text))
        };
        let all = proposals.of.get(self.first).map_or(&[][..], Vec::as_slice);
        Unnamed {
            name: component.name.clone(),
            supplier: supplier_of(component).map(str::to_owned),
            versions: self.versions,
            components: self.components,
            first: ComponentIndex(u32::try_from(self.first).unwrap_or(u32::MAX)),
            proposals: all.iter().filter(|it| !declined(it)).cloned().collect(),
            found: proposals.found.get(self.first).copied().unwrap_or_default(),
            declined: known.map(ConfirmedName::of),
            reach: Reach::default(),
        }
    }
}

/// What the names of an inventory may be, by the names of the index in use.
async fn proposed(
    ctx: &Context,
    inventory: Inventory,
) -> Result<(Inventory, name_proposal::Proposals), Error> {
    let current = ctx.inner.judge.data.current();
    let looking = tokio::task::spawn_blocking(move || {
        let proposals = bills::propose_by(&current, &inventory);
        proposals.map(|proposals| (inventory, proposals))
    });
    let found = looking.await.map_err(|error| Error::Internal(Box::new(error)))?;
    found.map_err(|error| Error::Internal(Box::new(error)))
}

/// What is proposed for a name now, as a person would confirm it.
pub(super) async fn of_name(ctx: &Context, name: &str, supplier: Option<&str>) -> Result<Vec<String>, Error> {
    let component =
        Component { name: name.to_owned(), supplier: supplier.map(str::to_owned), ..Component::default() };
    let inventory = Inventory { components: vec![component], ..Inventory::default() };
    let (_, proposals) = proposed(ctx, inventory).await?;
    let all = proposals.of.iter().flatten().filter_map(Proposal::unversioned);
    Ok(all.map(|it| it.to_string()).collect())
}

/// The names of a release of which nothing but a person's word is wanting, and a digest of them: what is confirmed by it is
/// what was seen.
///
/// # Errors
/// [`Error::NotFound`] when there is no such release in the actor's organisation or it has no bill of materials.
pub async fn exact(ctx: &Context, actor: &Actor, release: ReleaseId) -> Result<(Vec<Exact>, String), Error> {
    Ok(exact_of(&of_release(ctx, actor, release).await?))
}

/// As [`exact`], of names that were looked at already.
pub fn exact_of(found: &OfRelease) -> (Vec<Exact>, String) {
    let exact = found.open.iter().filter_map(|row| {
        let identifier = name_proposal::exact(&row.proposals)?.unversioned()?;
        Some(Exact {
            name: row.name.clone(),
            supplier: row.supplier.clone(),
            identifier: identifier.to_string(),
            components: row.components,
            before: row.declined.as_ref().map(|said| said.decided),
        })
    });
    let exact: Vec<Exact> = exact.collect();
    let mut digest = Sha256::new();
    for one in &exact {
        for text in [&one.name, one.supplier.as_deref().unwrap_or_default(), &one.identifier] {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text);
        }
    }
    (exact, hex::encode(&digest.finalize()[..16]))
}

/// Confirms the exact proposals of a release that were `seen`.
///
/// # Errors
/// [`Error::Conflict`] when they are others by now; [`Error::NotFound`] as [`exact`].
pub async fn confirm_exact(
    ctx: &Context,
    actor: &Actor,
    release: ReleaseId,
    seen: &str,
) -> Result<(usize, Rejudged), Error> {
    actor.need(Right::DecideNames)?;
    let (exact, digest) = exact(ctx, actor, release).await?;
    if digest != seen {
        let message = "the proposals have changed since you saw them; look at them again".to_owned();
        return Err(Error::Conflict { message });
    }
    let command = |one: &Exact| Confirm {
        name: one.name.clone(),
        supplier: one.supplier.clone(),
        identifier: Some(one.identifier.clone()),
        other_supplier: false,
        // One with a supplier speaks of that supplier's alone.
        everywhere: one.supplier.is_some(),
        seen: one.before,
    };
    let commands: Vec<Confirm> = exact.iter().map(command).collect();
    if commands.is_empty() {
        return Ok((0, Rejudged::default()));
    }
    Ok((commands.len(), confirm(ctx, actor, &commands).await?))
}
