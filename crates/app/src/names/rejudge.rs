//! Decisions on names change what components are: the bills that have the names are outlined again, software that was never
//! seen is judged, and the findings of the releases follow, all in the change that decides. Nothing else is touched.

use std::collections::HashSet;
use std::sync::Arc;

use bedrail_assess::component_name::{Book, Key};
use bedrail_model::answered::Fact;
use bedrail_model::ids::ContentId;
use bedrail_store::component_names::{self, NameRow};
use bedrail_store::sboms::{self, Bone};
use bedrail_store::{Change, View};

use super::reach::{Nobodys, candidates};
use super::{Meaning, Rejudged, Said, book_of, key_of};
use crate::configured::{self, Bills, Configured, Known};
use crate::fleet::Fleet;
use crate::matching::Target;
use crate::products::Beside;
use crate::rights::Right;
use crate::sboms::fresh::{self, Fresh};
use crate::sboms::outline::Outline;
use crate::sboms::packing;
use crate::{Actor, Context, Error};

/// Bills outlined at once.
const AT_ONCE: usize = 32;
/// Names spelled out in an audit entry; of more, the number.
const SPELLED: usize = 20;

/// A bill whose components are something else by what is said now.
struct Changed {
    content: ContentId,
    skeleton: Vec<Bone>,
    without_identifier: u64,
}

/// Stores what is said and lets everything follow that it touches.
pub(super) async fn change(
    ctx: &Context,
    actor: &Actor,
    action: &'static str,
    said: &[Said],
) -> Result<Rejudged, Error> {
    // Whoever reads a bill or decides on a name holds this, so neither misses the other.
    let _matching = ctx.matching().await?;
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    let rows = component_names::all(&view).await?;
    refuse_unseen(&rows, said)?;
    let names = Arc::new(book_with(rows, said));
    let (changed, fresh) = outline(ctx, &fleet, &view, names.clone(), said).await?;
    let configured = configured(ctx, (&fleet, &view), (&names, said), &changed).await?;
    let releases = releases_of(&fleet, &configured);
    drop(view);
    let change = ctx.change(actor, Right::DecideNames, action).await?;
    for one in said {
        one.store(&change).await?;
    }
    let done = follow(ctx, &change, (changed, fresh), (configured, releases)).await?;
    let spelled: Vec<String> = said.iter().take(SPELLED).map(Said::words).collect();
    let more = said.len().saturating_sub(SPELLED);
    let more = if more > 0 { format!("; and {more} more names") } else { String::new() };
    let detail = format!(
        "{}{more}; {} releases judged again, {} findings opened or changed, {} closed",
        spelled.join("; "),
        done.releases,
        done.opened,
        done.closed
    );
    let subject = match said {
        [one] => one.name.clone(),
        several => format!("{} names", several.len()),
    };
    change.commit(&subject, &detail).await?;
    Ok(done)
}

/// Refuses where somebody decided on one of the names and whoever speaks now did not see it.
fn refuse_unseen(rows: &[NameRow], said: &[Said]) -> Result<(), Error> {
    for row in rows {
        let unseen = |one: &&Said| one.key == key_of(row) && one.seen != Some(row.decided);
        if said.iter().any(|one| unseen(&one)) {
            let what = match &row.identifier {
                Some(identifier) => identifier.clone(),
                None => format!("none of {}", row.declined.join(", ")),
            };
            return Err(Error::Conflict {
                message: format!(
                    "“{}” is decided on already: {what} ({}, {}); look at that, and say that it is replaced if it is",
                    row.name, row.author, row.decided
                ),
            });
        }
    }
    Ok(())
}

/// What people say of names with this.
fn book_with(mut rows: Vec<NameRow>, said: &[Said]) -> Book {
    rows.retain(|row| said.iter().all(|one| one.key != key_of(row)));
    let new = said.iter().filter_map(|one| match &one.meaning {
        Meaning::Is(identifier) => Some((one.key.clone(), identifier.clone())),
        Meaning::NoneOf(_) | Meaning::Open => None,
    });
    book_of(&rows).with(new)
}

/// The releases whose classes are judged anew.
fn releases_of(fleet: &Fleet, configured: &Configured) -> u64 {
    let at = |target: &Target| fleet.products.class_index.get(&target.class);
    let classes = configured.targets.iter().filter_map(at);
    let releases: HashSet<u32> = classes.map(|class| fleet.products.release_of[*class as usize]).collect();
    releases.len() as u64
}

/// Outlines the bills that may have one of the names, and judges the software that comes up by it. The caller holds the lock on
/// matching.
async fn outline(
    ctx: &Context,
    fleet: &Fleet,
    view: &View,
    names: Arc<Book>,
    said: &[Said],
) -> Result<(Vec<Changed>, Vec<Fresh>), Error> {
    let (mut changed, mut fresh, mut standing) = (Vec::new(), Vec::new(), Vec::new());
    let nobodys = Arc::new(Nobodys::of(said));
    for contents in candidates(fleet, said).chunks(AT_ONCE) {
        let mut packed = Vec::with_capacity(contents.len());
        for content in contents {
            let inventory = sboms::inventory(view, *content).await?;
            packed.extend(inventory.map(|inventory| (*content, inventory)));
        }
        let (names, nobodys) = (names.clone(), nobodys.clone());
        let outlines = tokio::task::spawn_blocking(move || {
            let outline = |(content, packed): (ContentId, Vec<u8>)| {
                let mut inventory = packing::unpack(&packed)?;
                let within = nobodys.within(&inventory);
                Ok::<_, Error>((content, within, Outline::of(&names, &mut inventory, &Beside::default())))
            };
            packed.into_iter().map(outline).collect::<Result<Vec<_>, _>>()
        });
        let outlines = outlines.await.map_err(|error| Error::Internal(Box::new(error)))??;
        for (content, within, outline) in outlines {
            standing.push((content, within));
            if fleet.bills.is_made_of(content, outline.skeleton.iter().map(|bone| bone.software)) {
                continue;
            }
            let without_identifier = outline.counts.without_identifier;
            fresh.push(fresh::judge_new(ctx, outline.software, outline.platform).await?);
            changed.push(Changed { content, skeleton: outline.skeleton, without_identifier });
        }
    }
    nobodys.refuse(fleet, &standing)?;
    Ok((changed, fresh))
}

/// What the classes are judged by in whose bills, or in what was answered of them, something is meant otherwise now.
async fn configured(
    ctx: &Context,
    (fleet, view): (&Fleet, &View),
    (names, said): (&Book, &[Said]),
    changed: &[Changed],
) -> Result<Configured, Error> {
    let mut bills = Bills::new(names);
    for one in changed {
        bills.bring(one.content, one.skeleton.iter().map(|bone| bone.software).collect(), None);
    }
    let contents: HashSet<ContentId> = changed.iter().map(|one| one.content).collect();
    let meant = |fact: &Fact| match fact {
        Fact::Contains { name, .. } => {
            Key::new(name, None).is_some_and(|key| said.iter().any(|one| one.key.name == key.name))
        }
        _ => false,
    };
    let mut known = Vec::new();
    for (class, release) in fleet.products.classes.iter().zip(&fleet.products.release_of) {
        let release = &fleet.products.releases[*release as usize].row;
        let is_changed = release.content.is_some_and(|content| contents.contains(&content));
        if is_changed || fleet.answers.on(release).iter().any(|fact| meant(&fact.fact)) {
            known.push(Known::of(&fleet.answers, release, class, release.content));
        }
    }
    configured::prepare(ctx, view, known, bills).await
}

/// Writes what the bills are made of now, and lets the findings of their releases follow.
async fn follow(
    ctx: &Context,
    change: &Change,
    (changed, fresh): (Vec<Changed>, Vec<Fresh>),
    (mut configured, releases): (Configured, u64),
) -> Result<Rejudged, Error> {
    for one in &changed {
        sboms::set_skeleton(change, one.content, &one.skeleton, one.without_identifier).await?;
    }
    fresh.into_iter().for_each(|fresh| configured.fresh.join(fresh));
    let moved = configured.apply(ctx, change).await?;
    Ok(Rejudged { bills: changed.len() as u64, releases, opened: moved.opened, closed: moved.closed })
}
