//! All releases of an organisation against all advisories, kept until either of them moves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bedrail_assess::named_product::{Decision, Decisions, Name, Why};
use bedrail_model::answer::Answer;
use bedrail_model::ids::{OrgId, ReleaseId};
use bedrail_store::{organisations, product_aliases};

use super::shelf::{Held, Shelf};
use crate::fleet::Fleet;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// What an advisory says of a release whose name is like one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// Index of the release in the fleet.
    pub(super) release: u32,
    pub(super) answer: Answer,
    pub(super) why: Why,
    /// Index of the group of the advisory that it is by.
    pub(super) group: Option<usize>,
    pub(super) candidates: Vec<usize>,
}

/// The judgements of one organisation at one moment.
#[derive(Debug)]
pub(super) struct Judged {
    /// The change of the organisation, and of the shelf.
    at: (i64, i64),
    pub(super) fleet: Arc<Fleet>,
    shelf: Arc<Shelf>,
    /// For each advisory of the shelf.
    hits: Vec<Vec<Hit>>,
    /// Devices of each release.
    devices: Vec<u64>,
}

/// The judgements of all organisations that were asked about.
#[derive(Debug, Default)]
pub(crate) struct Judgements(Mutex<HashMap<OrgId, Arc<Judged>>>);

impl Judged {
    /// Each advisory with what it says.
    pub(super) fn advisories(&self) -> impl Iterator<Item = (&Held, &[Hit])> {
        self.shelf.held.iter().map(|held| &**held).zip(self.hits.iter().map(Vec::as_slice))
    }

    /// The index of a release.
    pub(super) fn release(&self, id: ReleaseId) -> Option<u32> {
        self.fleet.products.release_index.get(&id).copied()
    }

    /// The name of a release, without its version.
    pub(super) fn name(&self, release: u32) -> Name {
        let row = &self.fleet.products.releases[release as usize].row;
        Name::new(&row.maker, &row.model)
    }

    /// Devices that run a release.
    pub(super) fn devices(&self, release: u32) -> u64 {
        self.devices[release as usize]
    }
}

/// The judgements of the actor's organisation as of now.
pub(super) async fn get(ctx: &Context, actor: &Actor, right: Right) -> Result<Arc<Judged>, Error> {
    let (fleet, view) = ctx.fleet(actor, right).await?;
    let shelf = ctx.inner.shelves.get(&view).await?;
    let at = (organisations::changes(&view).await?.0, shelf.state);
    let judgements = &ctx.inner.judgements.0;
    let known = judgements.lock().unwrap_or_else(PoisonError::into_inner).get(&actor.org).cloned();
    if let Some(known) = known.filter(|known| known.at == at) {
        return Ok(known);
    }
    let mut decisions = Decisions::new();
    for row in product_aliases::all(&view).await? {
        let decision = if row.same { Decision::Same } else { Decision::Different };
        decisions.insert((row.own_key, row.their_key), decision);
    }
    let judging = tokio::task::spawn_blocking(move || judge(at, fleet, shelf, &decisions));
    let judged = Arc::new(judging.await.map_err(|error| Error::Internal(Box::new(error)))?);
    judgements.lock().unwrap_or_else(PoisonError::into_inner).insert(actor.org, judged.clone());
    Ok(judged)
}

/// Releases of one maker and model share their name, which is compared once with each advisory.
fn judge(at: (i64, i64), fleet: Arc<Fleet>, shelf: Arc<Shelf>, decisions: &Decisions) -> Judged {
    let mut devices = vec![0; fleet.products.releases.len()];
    for (class, release) in fleet.products.classes.iter().zip(&fleet.products.release_of) {
        devices[*release as usize] += class.devices;
    }
    let mut names: Vec<(Name, Vec<u32>)> = Vec::new();
    let mut index: HashMap<(&str, &str), usize> = HashMap::new();
    for (at, release) in (0_u32..).zip(&fleet.products.releases) {
        let row = &release.row;
        let name = *index.entry((&row.maker, &row.model)).or_insert_with(|| {
            names.push((Name::new(&row.maker, &row.model), Vec::new()));
            names.len() - 1
        });
        names[name].1.push(at);
    }
    let of_advisory = |held: &Arc<Held>| {
        let mut hits = Vec::new();
        for (name, releases) in names.iter().filter(|(name, _)| held.prepared.may_concern(name)) {
            for release in releases {
                let version = fleet.products.releases[*release as usize].row.version.as_deref();
                let said = held.prepared.judge(name, version.unwrap_or_default(), decisions);
                if said.why != Why::OtherProduct {
                    hits.push(Hit {
                        release: *release,
                        answer: said.answer,
                        why: said.why,
                        group: said.group,
                        candidates: said.candidates,
                    });
                }
            }
        }
        hits
    };
    let hits = shelf.held.iter().map(of_advisory).collect();
    drop(index);
    Judged { at, devices, hits, fleet, shelf }
}
