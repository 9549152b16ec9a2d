//! Judging again after the vulnerability data changed: everything, or only what a changed advisory can touch.

pub(crate) mod follow;

use std::collections::{HashMap, HashSet};

use bedrail_model::answer::{Answer, Reason};
use bedrail_model::finding::{Judgement, Weakness};
use bedrail_model::ids::{PlatformId, SoftwareId};
use bedrail_store::software::{self, SoftwareRow, Standing};
use bedrail_store::{Held, View, organisations, platforms, weaknesses};
use bedrail_vulndb::db::PackageName;

use crate::feeds::change::{self, Received};
use crate::feeds::data::Current;
use crate::feeds::{FeedError, Refreshed};
use crate::judge::{Verdict, package_key};
use crate::products::platform_of;
use crate::{Context, Error, configured};

/// What a re-judgement did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rematched {
    /// Software identities that were judged.
    pub software: u64,
    /// Software identities whose judgements are others now.
    pub changed: u64,
    /// Findings opened or changed, in all organisations.
    pub opened: u64,
    /// Findings closed, in all organisations.
    pub closed: u64,
}

/// Software judged and written at once: bounds the verdicts held in memory, and how long others wait to write.
const AT_ONCE: u32 = 256;
/// Weaknesses whose facts are looked up and written at once.
const FACTS_AT_ONCE: usize = 256;

/// Packages judged again one by one; a change of more is a new base.
const SINGLY: usize = 2000;

/// How far a re-judgement is: software identities judged, and what it is at.
pub(crate) type Tell<'t> = &'t (dyn Fn(u64, &str) + Send + Sync);

/// Judges all software again, after a new base of data: findings that no longer hold are closed, new ones opened.
///
/// # Errors
/// When the database cannot be used; the next open takes up what was left.
pub async fn all(ctx: &Context) -> Result<Rematched, Error> {
    let _rejudging = ctx.rejudging().await?;
    let cut_off = is_unfinished(ctx).await?;
    judge_all(ctx, cut_off, &|_, _| {}).await
}

/// The caller holds the right to judge everything again, and not the lock on matching: that is taken step by step, so that
/// bills of materials and device lists need not wait for the end. What they bring is judged by the newer data already.
async fn judge_all(ctx: &Context, cut_off: bool, tell: Tell<'_>) -> Result<Rematched, Error> {
    set_state(ctx, true).await?;
    let mut done = Rematched::default();
    let mut last = SoftwareId::from_uuid(uuid::Uuid::nil());
    loop {
        let _matching = ctx.matching().await?;
        let view = ctx.inner.store.reference_view().await?;
        let rows = software::after(&view, last, AT_ONCE).await?;
        drop(view);
        let Some(end) = rows.last() else { break };
        last = end.id;
        judge_again(ctx, rows, &mut done).await?;
        tell(done.software, "judging software");
    }
    refresh_facts(ctx).await?;
    tell(done.software, "letting findings follow");
    for org in organisations::all(&ctx.inner.store).await? {
        let renewed = configured::renew(ctx, org).await?;
        done.opened += renewed.opened;
        done.closed += renewed.closed;
        let moved = follow::all(ctx, org, cut_off).await?;
        done.opened += moved.opened;
        done.closed += moved.closed;
    }
    set_state(ctx, false).await?;
    Ok(done)
}

/// Notes that the judgements stand on the data in use, and whether work is left to do.
async fn set_state(ctx: &Context, unfinished: bool) -> Result<(), Error> {
    let reference = ctx.inner.store.reference().await?;
    software::set_state(&reference, &ctx.inner.judge.stand(), unfinished).await?;
    Ok(reference.commit().await?)
}

/// Judges again the software of these packages only: what changed advisories speak of, now or before.
///
/// # Errors
/// When the database cannot be used; the next open takes up what was left.
pub async fn delta(ctx: &Context, packages: &[PackageName]) -> Result<Rematched, Error> {
    let _rejudging = ctx.rejudging().await?;
    let _matching = ctx.matching().await?;
    judge_delta(ctx, packages).await
}

async fn judge_delta(ctx: &Context, packages: &[PackageName]) -> Result<Rematched, Error> {
    let mut done = Rematched::default();
    let names: Vec<String> =
        packages.iter().map(|package| package_key(package.ecosystem, &package.name)).collect();
    let view = ctx.inner.store.reference_view().await?;
    let mut rows = software::by_packages(&view, &names).await?;
    drop(view);
    rows.sort_by_key(|row| row.id);
    rows.dedup_by_key(|row| row.id);
    let touched = judge_again(ctx, rows, &mut done).await?;
    if touched.exploited || !touched.weaknesses.is_empty() {
        for org in organisations::all(&ctx.inner.store).await? {
            let moved = follow::some(ctx, org, &touched.weaknesses, touched.exploited).await?;
            done.opened += moved.opened;
            done.closed += moved.closed;
        }
    }
    set_state(ctx, false).await?;
    Ok(done)
}

/// Takes over changed records as they come, and lets the findings that they touch follow at once.
///
/// # Errors
/// [`Error::Invalid`] when a record cannot be read; nothing changes then. Else when the data or the database cannot be
/// used.
pub async fn receive(ctx: &Context, received: &[Received<'_>]) -> Result<Option<Rematched>, Error> {
    let _rejudging = ctx.rejudging().await?;
    let matching = ctx.matching().await?;
    let current = is_current(ctx).await?;
    let refreshed = change::apply(&ctx.inner.judge.data, received).map_err(|error| match error {
        FeedError::Record { .. } | FeedError::UnknownSource { .. } => Error::invalid(error.to_string()),
        error => internal(error),
    })?;
    take_over(ctx, matching, current, refreshed, &|_, _| {}).await
}

/// Takes over newer data, where an update has made some since, and judges again what it touches. Cheap where nothing
/// changed; `None` then, and where another process has done it.
///
/// # Errors
/// When the newer data cannot be opened or the database cannot be used.
pub async fn refresh(ctx: &Context) -> Result<Option<Rematched>, Error> {
    refresh_telling(ctx, &|_, _| {}).await
}

/// As [`refresh`], saying how far it is.
pub(crate) async fn refresh_telling(ctx: &Context, tell: Tell<'_>) -> Result<Option<Rematched>, Error> {
    if stand(ctx).await? == Stand::Level {
        return Ok(None);
    }
    // Whoever had the locks before may have done it: that is seen only now.
    let _rejudging = ctx.rejudging().await?;
    let matching = ctx.matching().await?;
    if stand(ctx).await? == Stand::Level {
        return Ok(None);
    }
    let current = is_current(ctx).await?;
    let refreshed = ctx.inner.judge.data.refresh().map_err(internal)?;
    take_over(ctx, matching, current, refreshed, tell).await
}

/// For a timer of every process: takes newer data into use once the judgements in the database stand on it, and says
/// whether somebody has to judge again first.
///
/// # Errors
/// When the newer data cannot be opened or the database cannot be used.
pub async fn is_behind(ctx: &Context) -> Result<bool, Error> {
    catch_up(ctx).await?;
    Ok(stand(ctx).await? == Stand::Behind)
}

/// Takes newer data into use where the judgements in the database stand on it already, or are just being made by another
/// process: what is judged from now on must be judged by it.
pub(crate) async fn catch_up(ctx: &Context) -> Result<(), Error> {
    let data = &ctx.inner.judge.data;
    if data.has_newer() {
        let view = ctx.inner.store.reference_view().await?;
        let (judged_by, _) = software::state(&view).await?;
        if judged_by == data.newest_stand().map_err(internal)? {
            data.refresh().map_err(internal)?;
        }
    }
    Ok(())
}

/// How the database and this process stand towards the newest data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    /// Both are level with it.
    Level,
    /// The judgements in the database are; this process still uses older data.
    OnlyThey,
    /// The judgements in the database stand on other data, or a re-judgement is under way or was cut off.
    Behind,
}

async fn stand(ctx: &Context) -> Result<Stand, Error> {
    let view = ctx.inner.store.reference_view().await?;
    let (judged_by, unfinished) = software::state(&view).await?;
    let newer = ctx.inner.judge.data.has_newer();
    let newest = match newer {
        true => ctx.inner.judge.data.newest_stand().map_err(internal)?,
        false => ctx.inner.judge.stand(),
    };
    Ok(match (unfinished || judged_by != newest, newer) {
        (true, _) => Stand::Behind,
        (false, true) => Stand::OnlyThey,
        (false, false) => Stand::Level,
    })
}

fn internal(error: FeedError) -> Error {
    Error::Internal(Box::new(error))
}

/// Judges again what newer data touches; `current` says whether all was in line with the data before it. A step through
/// everything lets go of the lock on matching.
async fn take_over(
    ctx: &Context,
    matching: Held,
    current: bool,
    refreshed: Option<Refreshed>,
    tell: Tell<'_>,
) -> Result<Option<Rematched>, Error> {
    let cut_off = is_unfinished(ctx).await?;
    let Some(refreshed) = refreshed else {
        // Another process took the data over and was cut off.
        if current {
            return Ok(None);
        }
        drop(matching);
        return judge_all(ctx, cut_off, tell).await.map(Some);
    };
    let touched = refreshed.touched().map_err(internal)?;
    // KEV and EPSS lie beside the records; where they moved, the facts on every weakness may be others.
    let side = |state: &Current| state.manifest.as_ref().map(|manifest| manifest.side.clone());
    let same_side = side(&refreshed.before) == side(&refreshed.after);
    // A new base touches most packages; then one walk over all software is the shorter way.
    if current && same_side && touched.len() <= SINGLY {
        return judge_delta(ctx, &touched).await.map(Some);
    }
    // Before anybody else may judge: by this they know that the data in use is the newer one.
    set_state(ctx, true).await?;
    drop(matching);
    judge_all(ctx, cut_off, tell).await.map(Some)
}

/// Whether all judgements stand on the data in use, and all findings follow them.
async fn is_current(ctx: &Context) -> Result<bool, Error> {
    let view = ctx.inner.store.reference_view().await?;
    let (judged_by, unfinished) = software::state(&view).await?;
    Ok(!unfinished && judged_by == ctx.inner.judge.stand())
}

/// Whether a re-judgement was cut off: what it wrote stays, and its counts are behind.
async fn is_unfinished(ctx: &Context) -> Result<bool, Error> {
    Ok(software::state(&ctx.inner.store.reference_view().await?).await?.1)
}

/// Judges again what another program's update, or a crash, left behind.
///
/// # Errors
/// When the database cannot be used.
pub(crate) async fn finish(ctx: &Context) -> Result<(), Error> {
    if !is_current(ctx).await? {
        refresh(ctx).await?;
    }
    Ok(())
}

/// What a re-judgement touched: findings of other weaknesses are as they were.
#[derive(Debug, Default)]
struct Touched {
    weaknesses: Vec<String>,
    /// Whether a weakness that was found before is known exploited now, or no longer: an advisory took up or let go of one
    /// that is. No finding is another one then, but what is counted of the classes is.
    exploited: bool,
}

/// Judges software and stores what came out otherwise than before; says what that touches.
async fn judge_again(ctx: &Context, rows: Vec<SoftwareRow>, done: &mut Rematched) -> Result<Touched, Error> {
    let ids: Vec<SoftwareId> = rows.iter().map(|row| row.id).collect();
    let view = ctx.inner.store.reference_view().await?;
    let before = Before::load(&view, &ids).await?;
    let exploited: HashSet<String> = weaknesses::known_exploited(&view).await?.into_iter().collect();
    let devices: HashSet<PlatformId> = rows.iter().filter_map(|row| row.facts.platform).collect();
    let devices: Vec<PlatformId> = devices.into_iter().collect();
    let devices = platforms::by_ids(&view, &devices).await?;
    drop(view);
    let session = ctx.inner.judge.session();
    let judge = move || {
        let devices: HashMap<_, _> = devices.iter().map(|(id, names)| (*id, platform_of(names))).collect();
        session.judge(rows, &devices, |row| &row.facts)
    };
    let judged =
        tokio::task::spawn_blocking(judge).await.map_err(|error| Error::Internal(Box::new(error)))?;
    done.software += judged.len() as u64;
    let mut weaknesses: Vec<String> = Vec::new();
    let changed: Vec<&(SoftwareRow, Verdict)> =
        judged.iter().filter(|(row, verdict)| before.differs(row, verdict, &mut weaknesses)).collect();
    done.changed += changed.len() as u64;
    let met =
        judged.iter().flat_map(|(_, verdict)| &verdict.judgements).map(|judgement| &*judgement.weakness);
    let news = news(&ctx.inner.store.reference_view().await?, met).await?;
    let exploited = judged.iter().any(|(row, verdict)| before.exploited_moved(row, verdict, &exploited));
    if judged.is_empty() {
        return Ok(Touched::default());
    }
    store(ctx, &changed, &news).await?;
    weaknesses.sort_unstable();
    weaknesses.dedup();
    Ok(Touched { weaknesses, exploited })
}

/// Those weaknesses of which the database has other facts, each once: the facts may be others although no answer is.
async fn news<'w>(view: &View, met: impl Iterator<Item = &'w Weakness>) -> Result<Vec<&'w Weakness>, Error> {
    let mut met: HashMap<&str, &Weakness> = met.map(|weakness| (weakness.id.as_str(), weakness)).collect();
    let ids: Vec<String> = met.keys().map(|id| (*id).to_owned()).collect();
    for known in weaknesses::by_ids(view, &ids).await? {
        if met.get(known.id.as_str()) == Some(&&known) {
            met.remove(known.id.as_str());
        }
    }
    Ok(met.into_values().collect())
}

/// Stores what came out otherwise, and newer facts on weaknesses.
async fn store(ctx: &Context, changed: &[&(SoftwareRow, Verdict)], news: &[&Weakness]) -> Result<(), Error> {
    if changed.is_empty() && news.is_empty() {
        return Ok(());
    }
    let reference = ctx.inner.store.reference().await?;
    software::set_state(&reference, &ctx.inner.judge.stand(), true).await?;
    weaknesses::put(&reference, news.iter().copied()).await?;
    let ids: Vec<SoftwareId> = changed.iter().map(|(row, _)| row.id).collect();
    let judgements: Vec<(SoftwareId, &Judgement)> = changed
        .iter()
        .flat_map(|(row, verdict)| verdict.judgements.iter().map(move |judgement| (row.id, judgement)))
        .collect();
    software::replace_judgements(&reference, &ids, &judgements).await?;
    let standings: Vec<(SoftwareId, Standing)> =
        changed.iter().map(|(row, verdict)| (row.id, verdict.standing())).collect();
    software::set_standing(&reference, &standings).await?;
    Ok(reference.commit().await?)
}

/// What was said of software before, by software and weakness.
struct Before(HashMap<SoftwareId, HashMap<String, Said>>);

/// One judgement as it was.
type Said = (Answer, Reason, Shown);

/// What a person sees of a judgement, without the state of the data it was made on: that alone is no change.
type Shown = (Vec<String>, Vec<(String, String)>);

impl Before {
    async fn load(view: &bedrail_store::View, ids: &[SoftwareId]) -> Result<Before, Error> {
        let rows = software::judgements(view, ids).await?;
        let details = software::details(view, ids).await?;
        let mut shown: HashMap<(SoftwareId, String), Shown> = details
            .into_iter()
            .map(|detail| {
                let evidence = detail.evidence.into_iter().map(|one| (one.advisory, one.rule)).collect();
                ((detail.software, detail.weakness), (detail.fixed_in, evidence))
            })
            .collect();
        let mut before: HashMap<SoftwareId, HashMap<String, Said>> = HashMap::new();
        for row in rows {
            let seen = shown.remove(&(row.software, row.weakness.clone())).unwrap_or_default();
            before.entry(row.software).or_default().insert(row.weakness, (row.answer, row.reason, seen));
        }
        Ok(Before(before))
    }

    /// Whether a weakness that was found before entered or left the catalogue of known exploited ones.
    fn exploited_moved(&self, row: &SoftwareRow, verdict: &Verdict, exploited: &HashSet<String>) -> bool {
        let Some(before) = self.0.get(&row.id) else { return false };
        let known = verdict.judgements.iter().map(|judgement| &*judgement.weakness);
        let mut known = known.filter(|weakness| before.contains_key(&weakness.id));
        known.any(|weakness| exploited.contains(&weakness.id) != weakness.kev.is_some())
    }

    /// Whether the verdict is another one now; notes the weaknesses that it differs in.
    fn differs(&self, row: &SoftwareRow, verdict: &Verdict, touched: &mut Vec<String>) -> bool {
        let mut differs = row.standing != verdict.standing();
        let nothing = HashMap::new();
        let before = self.0.get(&row.id).unwrap_or(&nothing);
        for judgement in &verdict.judgements {
            let evidence = judgement.evidence.iter().map(|one| (one.advisory.clone(), one.rule.clone()));
            let shown: Shown = (judgement.fixed_in.clone(), evidence.collect());
            if before.get(&judgement.weakness.id) != Some(&(judgement.answer, judgement.reason, shown)) {
                differs = true;
                touched.push(judgement.weakness.id.clone());
            }
        }
        let now: HashSet<&str> =
            verdict.judgements.iter().map(|judgement| judgement.weakness.id.as_str()).collect();
        let gone: Vec<&String> = before.keys().filter(|weakness| !now.contains(weakness.as_str())).collect();
        differs |= !gone.is_empty();
        touched.extend(gone.into_iter().cloned());
        differs
    }
}

/// Takes over what the data now says of every weakness we hold facts on: KEV and EPSS change without any re-match.
async fn refresh_facts(ctx: &Context) -> Result<(), Error> {
    let view = ctx.inner.store.reference_view().await?;
    let ids = weaknesses::all_ids(&view).await?;
    drop(view);
    for some in ids.chunks(FACTS_AT_ONCE) {
        let (inner, some) = (ctx.inner.clone(), some.to_vec());
        let look_up = move || some.iter().filter_map(|id| inner.judge.weakness(id)).collect::<Vec<_>>();
        let facts =
            tokio::task::spawn_blocking(look_up).await.map_err(|error| Error::Internal(Box::new(error)))?;
        let view = ctx.inner.store.reference_view().await?;
        let news = news(&view, facts.iter()).await?;
        drop(view);
        if !news.is_empty() {
            store(ctx, &[], &news).await?;
        }
    }
    Ok(())
}
