//! All releases of an organisation against all advisories, kept until either of them moves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bedrail_assess::named_product::{Decision, Decisions, Match, Name, Prepared, Why};
use bedrail_model::answer::Answer;
use bedrail_model::ids::{OrgId, ReleaseId};
use bedrail_store::{View, product_aliases};

use super::decision_of;
use super::shelf::{Held, Shelf};
use crate::fleet::{Fleet, Products};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// What an advisory says of a release whose name is like one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Index of the release in the fleet.
    pub(crate) release: u32,
    pub(crate) answer: Answer,
    pub(crate) why: Why,
    /// Index of the group of the advisory that it is by.
    pub(crate) group: Option<usize>,
    pub(crate) candidates: Vec<usize>,
}

/// The judgements of one organisation at one moment.
#[derive(Debug)]
pub(crate) struct Judged {
    /// What they are made of: as long as all three stay, so do they, whatever else is written.
    pub(crate) products: Arc<Products>,
    pub(super) shelf: Arc<Shelf>,
    decisions: Decisions,
    /// For each advisory of the shelf.
    hits: Vec<Vec<Hit>>,
    /// Devices of each release.
    devices: Vec<u64>,
}

/// The judgements of all organisations that were asked about.
#[derive(Debug, Default)]
pub(crate) struct Judgements(Mutex<HashMap<OrgId, Arc<Judged>>>);

impl Judged {
    fn is_of(&self, products: &Arc<Products>, shelf: &Shelf, decisions: &Decisions) -> bool {
        Arc::ptr_eq(&self.products, products)
            && self.shelf.state == shelf.state
            && self.decisions == *decisions
    }

    /// Each advisory with what it says.
    pub(crate) fn advisories(&self) -> impl Iterator<Item = (&Held, &[Hit])> {
        self.shelf.held.iter().map(|held| &**held).zip(self.hits.iter().map(Vec::as_slice))
    }

    /// An advisory by its index, with what it says.
    pub(super) fn advisory(&self, index: usize) -> (&Held, &[Hit]) {
        (&self.shelf.held[index], &self.hits[index])
    }

    /// What a part of an advisory says of the releases that all of it says something of.
    pub(super) fn judged_by(&self, prepared: &Prepared, hits: &[Hit]) -> Vec<Hit> {
        let one = |it: &Hit| {
            let version = self.products.releases[it.release as usize].row.version.as_deref();
            hit(prepared, &self.name(it.release), it.release, version, &self.decisions)
        };
        hits.iter().filter_map(one).collect()
    }

    /// Whether something that is called affected may be the release of a hit.
    pub(crate) fn may_affect(&self, prepared: &Prepared, hit: &Hit) -> bool {
        let version = self.products.releases[hit.release as usize].row.version.as_deref();
        prepared.may_affect(&hit.why, &hit.candidates, &self.name(hit.release), version.unwrap_or_default())
    }

    /// The index of a release.
    pub(crate) fn release(&self, id: ReleaseId) -> Option<u32> {
        self.products.release_index.get(&id).copied()
    }

    /// The name of a release, without its version.
    pub(crate) fn name(&self, release: u32) -> Name {
        let row = &self.products.releases[release as usize].row;
        Name::new(&row.maker, &row.model)
    }

    /// Devices that run a release.
    pub(crate) fn devices(&self, release: u32) -> u64 {
        self.devices[release as usize]
    }
}

/// The judgements of the actor's organisation as of now.
pub(crate) async fn get(ctx: &Context, actor: &Actor, right: Right) -> Result<Arc<Judged>, Error> {
    let (fleet, view) = ctx.fleet(actor, right).await?;
    within(ctx, &fleet, &view).await
}

/// The judgements of an organisation as a view sees it.
pub(crate) async fn within(ctx: &Context, fleet: &Fleet, view: &View) -> Result<Arc<Judged>, Error> {
    let shelf = ctx.inner.shelves.of(fleet, view).await?;
    let rows = product_aliases::all(view).await?;
    let decisions = rows.into_iter().map(|row| (decision_of(&row), row));
    let decisions: Decisions = decisions.map(|(it, row)| ((row.own_key, row.their_key), it)).collect();
    let judgements = &ctx.inner.judgements.0;
    let known = judgements.lock().unwrap_or_else(PoisonError::into_inner).get(&view.org()).cloned();
    let products = fleet.products.clone();
    if let Some(known) = known.filter(|known| known.is_of(&products, &shelf, &decisions)) {
        return Ok(known);
    }
    let judging = tokio::task::spawn_blocking(move || judge(products, shelf, decisions));
    let judged = Arc::new(judging.await.map_err(|error| Error::Internal(Box::new(error)))?);
    judgements.lock().unwrap_or_else(PoisonError::into_inner).insert(view.org(), judged.clone());
    Ok(judged)
}

/// Releases of one maker and model share their name, which is compared once with each advisory.
fn judge(products: Arc<Products>, shelf: Arc<Shelf>, decisions: Decisions) -> Judged {
    let mut devices = vec![0; products.releases.len()];
    for (class, release) in products.classes.iter().zip(&products.release_of) {
        devices[*release as usize] += class.devices;
    }
    let mut names: Vec<(Name, Vec<u32>)> = Vec::new();
    let mut index: HashMap<(&str, &str), usize> = HashMap::new();
    for (at, release) in (0_u32..).zip(&products.releases) {
        let row = &release.row;
        let name = *index.entry((&row.maker, &row.model)).or_insert_with(|| {
            names.push((Name::new(&row.maker, &row.model), Vec::new()));
            names.len() - 1
        });
        names[name].1.push(at);
    }
    let mut same: HashMap<&str, Vec<&str>> = HashMap::new();
    for ((own, theirs), _) in decisions.iter().filter(|(_, it)| **it == Decision::Same) {
        same.entry(own).or_default().push(theirs);
    }
    let mut hits: Vec<Vec<Hit>> = vec![Vec::new(); shelf.held.len()];
    for (name, releases) in &names {
        let same = same.get(name.key().as_str()).map_or(&[][..], Vec::as_slice);
        for advisory in shelf.concerning(name, same) {
            let prepared = &shelf.held[advisory].prepared;
            for release in releases {
                let version = products.releases[*release as usize].row.version.as_deref();
                hits[advisory].extend(hit(prepared, name, *release, version, &decisions));
            }
        }
    }
    drop(index);
    Judged { products, shelf, decisions, hits, devices }
}

/// What an advisory says of a release; nothing where it names other products.
fn hit(
    prepared: &Prepared,
    name: &Name,
    release: u32,
    version: Option<&str>,
    decisions: &Decisions,
) -> Option<Hit> {
    let said = prepared.judge(name, version.unwrap_or_default(), decisions);
    let Match { answer, why, group, candidates } = said;
    (why != Why::OtherProduct).then_some(Hit { release, answer, why, group, candidates })
}
