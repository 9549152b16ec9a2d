//! Who has to hear of advisories that were just taken in: each organisation whose releases they newly call affected, in one notice
//! for a run.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use bedrail_model::answer::Answer;
use bedrail_model::ids::{OrgId, ProductAdvisoryId, ReleaseId};
use bedrail_store::organisations;

use super::judged::{self, Judged};
use crate::notices::{self, ADVISORY, Tidings};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Advisories named in one notice; the page has all.
const NAMED: usize = 20;

/// What each organisation's releases were called affected by before a run.
#[derive(Debug, Default)]
pub(super) struct Alarm(Option<HashMap<OrgId, HashSet<(ProductAdvisoryId, ReleaseId)>>>);

impl Alarm {
    /// Remembers how things stand, once, before the first document of a run is written.
    pub(super) async fn remember(&mut self, ctx: &Context) -> Result<(), Error> {
        if self.0.is_some() {
            return Ok(());
        }
        let mut before = HashMap::new();
        for org in organisations::all(&ctx.inner.store).await? {
            before.insert(org, pairs(&*judged(ctx, org).await?).collect());
        }
        self.0 = Some(before);
        Ok(())
    }

    /// Tells each organisation what is new, at the end of the run.
    pub(super) async fn tell(self, ctx: &Context) -> Result<(), Error> {
        let Some(before) = self.0 else { return Ok(()) };
        for org in organisations::all(&ctx.inner.store).await? {
            let judged = judged(ctx, org).await?;
            let known = before.get(&org);
            let is_new = |it: &(ProductAdvisoryId, ReleaseId)| known.is_none_or(|known| !known.contains(it));
            let fresh: HashSet<_> = pairs(&judged).filter(is_new).collect();
            if let Some(digest) = Digest::of(&judged, &fresh) {
                let change = ctx.change(&Actor::system(org), Right::UpdateData, "medical.notice").await?;
                let Digest { title, detail, link } = digest;
                let unique = format!("{title} {}", change.at());
                let tidings = Tidings { title: &title, detail: &detail, link: &link, unique: &unique };
                notices::tell(&change, &ADVISORY, &tidings).await?;
                change.commit("medical advisories", &title).await?;
            }
        }
        Ok(())
    }
}

async fn judged(ctx: &Context, org: OrgId) -> Result<Arc<Judged>, Error> {
    judged::get(ctx, &Actor::system(org), Right::SeeFleet).await
}

/// Each advisory with each release that it calls affected.
fn pairs(judged: &Judged) -> impl Iterator<Item = (ProductAdvisoryId, ReleaseId)> {
    judged.advisories().flat_map(|(held, hits)| {
        let affected = hits.iter().filter(|hit| hit.answer == Answer::Affected);
        affected.map(|hit| (held.id, judged.products.releases[hit.release as usize].row.id))
    })
}

/// A notice in words.
struct Digest {
    title: String,
    detail: String,
    link: String,
}

impl Digest {
    fn of(judged: &Judged, fresh: &HashSet<(ProductAdvisoryId, ReleaseId)>) -> Option<Digest> {
        let mut by_advisory: BTreeMap<&str, (ProductAdvisoryId, BTreeSet<&str>)> = BTreeMap::new();
        let mut releases: BTreeMap<&str, u64> = BTreeMap::new();
        for (held, hits) in judged.advisories() {
            for hit in hits {
                let release = &judged.products.releases[hit.release as usize];
                if fresh.contains(&(held.id, release.row.id)) {
                    let named = by_advisory.entry(&held.advisory.id).or_insert((held.id, BTreeSet::new()));
                    named.1.insert(&release.name);
                    releases.insert(&release.name, judged.devices(hit.release));
                }
            }
        }
        let (first, (id, _)) = by_advisory.first_key_value()?;
        let devices = match releases.values().sum::<u64>() {
            1 => "1 device".to_owned(),
            more => format!("{more} devices"),
        };
        let title = match (by_advisory.len(), releases.len()) {
            (1, 1) => {
                let release = releases.keys().next().copied().unwrap_or_default();
                format!("{first} says that {release} is affected ({devices})")
            }
            (1, many) => format!("{first} says that {many} of our releases are affected ({devices})"),
            (many, 1) => {
                let release = releases.keys().next().copied().unwrap_or_default();
                format!("{many} advisories say that {release} is affected ({devices})")
            }
            (many, ours) => {
                format!("{many} advisories say that {ours} of our releases are affected ({devices})")
            }
        };
        let one = |(advisory, (_, releases)): (&&str, &(ProductAdvisoryId, BTreeSet<&str>))| {
            format!("{advisory}: {}", releases.iter().copied().collect::<Vec<_>>().join(", "))
        };
        let mut detail = by_advisory.iter().take(NAMED).map(one).collect::<Vec<_>>().join("; ");
        if by_advisory.len() > NAMED {
            detail.push_str(&format!("; and {} more advisories", by_advisory.len() - NAMED));
        }
        let link = if by_advisory.len() == 1 { format!("/medical/{id}") } else { "/medical".to_owned() };
        Some(Digest { title, detail, link })
    }
}
