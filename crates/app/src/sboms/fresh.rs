//! Software that was never seen: judged part by part, each stored while the next is judged.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bedrail_assess::Platform;
use bedrail_model::finding::{Judgement, Weakness};
use bedrail_model::ids::{PlatformId, SoftwareId};
use bedrail_store::software::{JudgementRow, SoftwareFacts, SoftwareRow};
use bedrail_store::{Reference, platforms, software, weaknesses};
use tokio::time::Instant;

use crate::judge::{self, Session};
use crate::matching::Judgements;
use crate::products::platform_of;
use crate::{Context, Error};

/// Software judged at once: the next are judged while these are stored.
const AT_ONCE: usize = 4096;
/// What was stored is committed when somebody in this process waits to write, else after this long: others may wait in
/// another process. Each commit writes again the pages that the parts before it touched.
const LONGEST_CHANGE: Duration = Duration::from_millis(250);

/// Judges software that was never seen and stores what the data says of it. The caller holds the lock on matching.
pub(crate) async fn judge_new(
    ctx: &Context,
    mut software: BTreeMap<SoftwareId, SoftwareFacts>,
    platform: Option<(PlatformId, Vec<String>)>,
) -> Result<Fresh, Error> {
    let ids: Vec<SoftwareId> = software.keys().copied().collect();
    let view = ctx.inner.store.reference_view().await?;
    let known = software::known(&view, &ids).await?;
    drop(view);
    // In the order of the key, so that neighbours in the tree are written together.
    software.retain(|id, _| !known.contains(id));
    let mut new = software.into_iter();
    let session = Arc::new(ctx.inner.judge.session());
    let devices = platform.iter().map(|(id, names)| (*id, platform_of(names)));
    let devices: Arc<HashMap<_, _>> = Arc::new(devices.collect());
    let mut parts = std::iter::from_fn(|| {
        let part: Vec<_> = new.by_ref().take(AT_ONCE).collect();
        let (session, devices) = (session.clone(), devices.clone());
        (!part.is_empty()).then(|| tokio::task::spawn_blocking(move || Part::of(&session, &devices, part)))
    });
    let mut fresh = Fresh::default();
    let mut stored = HashSet::new();
    let mut next = parts.next();
    let mut writing: Option<(Reference, Instant)> = None;
    while let Some(part) = next {
        let part = part.await.map_err(|error| Error::Internal(Box::new(error)))?;
        next = parts.next();
        let (reference, begun) = match writing.take() {
            Some(writing) => writing,
            None => (ctx.inner.store.reference().await?, Instant::now()),
        };
        if let Some((id, names)) = &platform {
            platforms::add(&reference, *id, names).await?;
        }
        part.store(&reference, &mut stored).await?;
        if next.is_none() || begun.elapsed() >= LONGEST_CHANGE || ctx.inner.store.is_wanted() {
            reference.commit().await?;
        } else {
            writing = Some((reference, begun));
        }
        fresh.add(part);
    }
    Ok(fresh)
}

/// Software that was never seen, with what the data says of it.
struct Part {
    software: Vec<SoftwareRow>,
    packages: Vec<(String, SoftwareId)>,
    judgements: Vec<(SoftwareId, Judgement)>,
}

impl Part {
    fn of(
        session: &Session,
        devices: &HashMap<PlatformId, Platform>,
        new: Vec<(SoftwareId, SoftwareFacts)>,
    ) -> Part {
        let mut part = Part { software: Vec::new(), packages: Vec::new(), judgements: Vec::new() };
        for ((id, facts), verdict) in session.judge(new, devices, |(_, facts)| facts) {
            let packages = judge::packages_of(&facts);
            part.packages.extend(packages.into_iter().map(|package| (package, id)));
            part.software.push(SoftwareRow { id, facts, standing: verdict.standing() });
            part.judgements.extend(verdict.judgements.into_iter().map(|judgement| (id, judgement)));
        }
        part.packages.sort_unstable();
        part
    }

    /// Stores it; facts on weaknesses that are `stored` by this very work are not written again.
    async fn store(&self, reference: &Reference, stored: &mut HashSet<String>) -> Result<(), Error> {
        let all = self.judgements.iter().map(|(_, judgement)| &*judgement.weakness);
        let new: Vec<&Weakness> = all.filter(|weakness| !stored.contains(&weakness.id)).collect();
        weaknesses::put(reference, new.iter().copied()).await?;
        stored.extend(new.into_iter().map(|weakness| weakness.id.clone()));
        software::add(reference, &self.software).await?;
        software::add_packages(reference, &self.packages).await?;
        let judgements: Vec<(SoftwareId, &Judgement)> =
            self.judgements.iter().map(|(id, judgement)| (*id, judgement)).collect();
        Ok(software::add_judgements(reference, &judgements).await?)
    }
}

/// What this very work stored of new software. Under the lock on matching nobody judges in between, so it need not be read
/// again for the findings.
#[derive(Default)]
pub(crate) struct Fresh {
    pub(crate) judgements: Judgements,
    /// Those that cannot be judged at all.
    pub(crate) unassessed: HashSet<SoftwareId>,
}

impl Fresh {
    /// Takes over what was stored by another part of the same work.
    pub(crate) fn join(&mut self, other: Fresh) {
        self.judgements.extend(other.judgements);
        self.unassessed.extend(other.unassessed);
    }

    fn add(&mut self, part: Part) {
        for row in &part.software {
            self.judgements.insert(row.id, Vec::new());
            if row.standing.unassessed.is_some() {
                self.unassessed.insert(row.id);
            }
        }
        for (software, Judgement { weakness, answer, reason, .. }) in part.judgements {
            let row = JudgementRow { software, weakness: weakness.id.clone(), answer, reason };
            self.judgements.entry(software).or_default().push(row);
        }
    }
}
