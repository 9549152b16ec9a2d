//! A run: each provider is asked, and what is new is taken in.

use std::collections::HashMap;
use std::time::Duration;

use bedrail_store::advisory_providers::{self as rows, ProviderRow};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

use super::document::{self, Checked};
use super::walk::{Entry, Walk};
use super::way::Way;
use super::{Origin, belongs};
use crate::feeds::DataDir;
use crate::medical::alarm::Alarm;
use crate::medical::import::{self, ImportReport, Provided, Source};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Documents fetched of one provider in one run; what is left over is fetched by the next.
const DOCUMENTS: usize = 5_000;
/// Documents fetched at the same time: with [`BATCH_BYTES`], what of them is in memory.
const AT_ONCE: usize = 4;
/// Documents that are stored together.
const BATCH: usize = 100;
/// Bytes that wait to be stored together: one document of the largest size.
const BATCH_BYTES: usize = 32 << 20;
/// Problems told of one provider; the rest is counted.
const PROBLEMS: usize = 50;
/// The longest that a run asks; the providers that it does not come to are the first of the next. The job has an hour.
const RUN: Duration = Duration::from_secs(45 * 60);
/// The longest that a mirror is read.
const MIRROR: Duration = Duration::from_secs(60 * 60);

/// What came of asking a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderReport {
    /// The address of its metadata.
    pub url: String,
    /// What it calls itself.
    pub name: String,
    /// Documents that it lists.
    pub listed: usize,
    /// Documents that are as they were.
    pub unchanged: usize,
    /// Documents that were taken in.
    pub taken: usize,
    /// Documents without a hash to check them by.
    pub without_hash: usize,
    /// What was not read, with the reason: addresses, and what is wrong there.
    pub problems: Vec<(String, String)>,
}

impl ProviderReport {
    /// In a sentence.
    pub fn sentence(&self) -> String {
        format!(
            "{} documents listed, {} taken in, {} as they were, {} problems; {} without a hash; signatures not checked",
            self.listed,
            self.taken,
            self.unchanged,
            self.problems.len(),
            self.without_hash
        )
    }
}

/// Asks every provider, and takes in what is new.
///
/// # Errors
/// When the database cannot be used; what a provider does wrong is in its report.
pub async fn update(ctx: &Context, actor: &Actor, origin: &Origin) -> Result<Vec<ProviderReport>, Error> {
    actor.need(Right::UpdateData)?;
    let reports = update_all(ctx, origin).await?;
    let taken: usize = reports.iter().map(|it| it.taken).sum();
    let change = ctx.change(actor, Right::UpdateData, "medical.update").await?;
    let detail = format!("{} providers asked, {taken} advisories taken in", reports.len());
    change.commit("medical advisories", &detail).await?;
    Ok(reports)
}

/// The same for the clock, which is nobody of an organisation.
pub(crate) async fn update_all(ctx: &Context, origin: &Origin) -> Result<Vec<ProviderReport>, Error> {
    let mut alarm = Alarm::default();
    let asked = ask_all(ctx, origin, &mut alarm).await;
    // What was taken in before something went wrong is told of all the same.
    alarm.tell(ctx).await?;
    asked
}

async fn ask_all(ctx: &Context, origin: &Origin, alarm: &mut Alarm) -> Result<Vec<ProviderReport>, Error> {
    let (way, patience) = match origin {
        Origin::Net { hosts, pause, patience } => {
            let dir = DataDir::new(&ctx.data_dir);
            (Way::net(dir, hosts.clone(), ctx.clock.now(), *pause)?, *patience)
        }
        Origin::Mirror(folder) => (Way::Mirror(folder.clone()), MIRROR),
    };
    let view = ctx.inner.store.reference_view().await?;
    let mut providers = rows::all(&view).await?;
    drop(view);
    // Who was asked the longest ago comes first, so that a slow one keeps nobody waiting for good.
    providers.sort_by_key(|it| it.fetched);
    let from = |row: &ProviderRow| Provided {
        url: row.url.clone(),
        all: providers.iter().map(|it| it.url.clone()).collect(),
    };
    let end = Instant::now() + RUN;
    let mut reports = Vec::new();
    for row in &providers {
        let until = (Instant::now() + patience).min(end);
        let run = Run { ctx, way: &way, row, from: from(row), until };
        let report = run.ask(alarm).await?;
        let name = if report.name.is_empty() { row.name.clone() } else { report.name.clone() };
        let row = ProviderRow {
            name,
            fetched: Some(ctx.clock.now()),
            outcome: report.sentence(),
            whole: report.problems.is_empty(),
            ..row.clone()
        };
        let reference = ctx.inner.store.reference().await?;
        rows::asked(&reference, &row).await?;
        reference.commit().await?;
        reports.push(report);
        if Instant::now() >= end {
            break;
        }
    }
    Ok(reports)
}

/// One provider in a run.
struct Run<'r> {
    ctx: &'r Context,
    way: &'r Way,
    row: &'r ProviderRow,
    from: Provided,
    until: Instant,
}

impl Run<'_> {
    async fn ask(&self, alarm: &mut Alarm) -> Result<ProviderReport, Error> {
        let url = &self.row.url;
        let mut report = ProviderReport { url: url.clone(), ..ProviderReport::default() };
        let walking = async {
            let mut walk = Walk::begin(self.way, url).await?;
            let namespace = walk.provider.namespace.clone();
            if !belongs(url, &self.row.namespace, &namespace) {
                return Err(stranger(&self.row.namespace, &namespace));
            }
            let entries = walk.entries().await;
            Ok((walk, entries))
        };
        let walked = timeout_at(self.until, walking).await;
        match walked.unwrap_or_else(|_| Err("its lists did not come in the time that it has".to_owned())) {
            Ok((walk, entries)) => {
                report.name.clone_from(&walk.provider.name);
                report.listed = entries.len();
                report.problems = walk.problems;
                self.fetch(entries, &walk.provider.namespace, &mut report, alarm).await?;
            }
            Err(why) => report.problems.push((url.clone(), why)),
        }
        if report.problems.len() > PROBLEMS {
            let more = report.problems.len() - PROBLEMS;
            report.problems.truncate(PROBLEMS);
            report.problems.push((url.clone(), format!("and {more} more problems")));
        }
        Ok(report)
    }

    /// Fetches what is new, and stores it bit by bit.
    async fn fetch(
        &self,
        entries: Vec<Entry>,
        namespace: &str,
        report: &mut ProviderReport,
        alarm: &mut Alarm,
    ) -> Result<(), Error> {
        let url = &self.row.url;
        let view = self.ctx.inner.store.reference_view().await?;
        let seen: HashMap<String, String> = rows::documents(&view, url).await?.into_iter().collect();
        drop(view);
        let unchanged = |it: &Entry| !it.updated.is_empty() && seen.get(&it.url) == Some(&it.updated);
        let mut wanted: Vec<&Entry> = entries.iter().filter(|it| !unchanged(it)).collect();
        report.unchanged = entries.len() - wanted.len();
        let mut left = wanted.len().saturating_sub(DOCUMENTS);
        wanted.truncate(DOCUMENTS);
        let fetches = wanted.iter().map(|entry| {
            let known = seen.get(&entry.url).map(String::as_str);
            async move { (*entry, document::fetch(self.way, entry, namespace, known).await) }.boxed()
        });
        let fetches: Vec<_> = fetches.collect();
        let waiting = fetches.len();
        let mut fetching = stream::iter(fetches).buffer_unordered(AT_ONCE);
        let (mut batch, mut bytes, mut come) = (Vec::new(), 0, 0);
        while let Ok(next) = timeout_at(self.until, fetching.next()).await {
            let Some((entry, result)) = next else { break };
            come += 1;
            if let Ok(Some(checked)) = &result {
                bytes += checked.content.len();
            }
            batch.push((entry, result));
            if batch.len() >= BATCH || bytes >= BATCH_BYTES {
                self.store(std::mem::take(&mut batch), report, alarm).await?;
                bytes = 0;
            }
        }
        self.store(batch, report, alarm).await?;
        left += waiting - come;
        if left > 0 {
            report.problems.push((url.clone(), format!("{left} documents are left for the next run")));
        }
        Ok(())
    }

    /// Takes a batch in, and notes what was taken.
    async fn store(
        &self,
        fetched: Vec<(&Entry, Result<Option<Checked>, String>)>,
        report: &mut ProviderReport,
        alarm: &mut Alarm,
    ) -> Result<(), Error> {
        let mut sources = Vec::new();
        let mut notes: Vec<(String, String)> = Vec::new();
        for (entry, result) in fetched {
            match result {
                Ok(Some(checked)) => {
                    report.without_hash += usize::from(!checked.hashed);
                    let updated = if entry.updated.is_empty() { checked.tag } else { entry.updated.clone() };
                    notes.push((entry.url.clone(), updated));
                    sources.push(Source::Bytes(entry.url.clone(), checked.content));
                }
                Ok(None) => report.unchanged += 1,
                Err(why) => report.problems.push((entry.url.clone(), why)),
            }
        }
        let taken: ImportReport =
            import::store_all(self.ctx, sources, true, Some(self.from.clone()), alarm).await?;
        report.taken += taken.taken;
        report.unchanged += taken.unchanged;
        notes.retain(|(url, _)| taken.refused.iter().all(|(refused, _)| refused != url));
        report.problems.extend(taken.refused);
        let reference = self.ctx.inner.store.reference().await?;
        rows::taken(&reference, &self.row.url, &notes).await?;
        reference.commit().await?;
        Ok(())
    }
}

fn stranger(pinned: &str, namespace: &str) -> String {
    if pinned.is_empty() {
        return format!(
            "it speaks for `{namespace}`, which its address does not show; nothing was fetched. Whoever knows that it may, takes it \
             away and adds it again with that namespace"
        );
    }
    format!("it speaks for `{namespace}`, and was added for `{pinned}`; nothing was fetched")
}
