//! Judging again after the vulnerability data changed: everything, or only what a changed advisory can touch.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bedrail_model::answer::{Answer, Reason};
use bedrail_model::finding::Judgement;
use bedrail_model::ids::{ContentId, OrgId, SoftwareId};
use bedrail_store::software::{self, SoftwareRow, Standing};
use bedrail_store::{classes, organisations, weaknesses};
use bedrail_vulndb::db::PackageName;

use crate::feeds::change::{self, Received};
use crate::feeds::data::Current;
use crate::feeds::{FeedError, Refreshed};
use crate::fleet::Fleet;
use crate::judge::{Verdict, package_key};
use crate::matching::{self, Judgements, Moved, Target};
use crate::rights::Right;
use crate::{Actor, Context, Error, notices};

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

/// Software judged at once: bounds the verdicts held in memory.
const AT_ONCE: u32 = 4096;

/// Packages judged again one by one; a change of more is a new base.
const SINGLY: usize = 2000;

/// How far a re-judgement is: software identities judged, and what it is at.
pub(crate) type Tell<'t> = &'t (dyn Fn(u64, &str) + Send + Sync);

/// Judges all software again, after a new base of data: findings that no longer hold are closed, new ones opened.
///
/// # Errors
/// When the database cannot be used; the next open takes up what was left.
pub async fn all(ctx: &Context) -> Result<Rematched, Error> {
    let _matching = ctx.matching().await?;
    judge_all(ctx, &|_, _| {}).await
}

async fn judge_all(ctx: &Context, tell: Tell<'_>) -> Result<Rematched, Error> {
    let mut done = Rematched::default();
    let mut last = SoftwareId::from_uuid(uuid::Uuid::nil());
    loop {
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
    follow_everywhere(ctx, None, &mut done).await?;
    Ok(done)
}

/// Judges again the software of these packages only: what changed advisories speak of, now or before.
///
/// # Errors
/// When the database cannot be used; the next open takes up what was left.
pub async fn delta(ctx: &Context, packages: &[PackageName]) -> Result<Rematched, Error> {
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
    follow_everywhere(ctx, Some(&touched), &mut done).await?;
    Ok(done)
}

/// Takes over changed records as they come, and lets the findings that they touch follow at once.
///
/// # Errors
/// [`Error::Invalid`] when a record cannot be read; nothing changes then. Else when the data or the database cannot be
/// used.
pub async fn receive(ctx: &Context, received: &[Received<'_>]) -> Result<Option<Rematched>, Error> {
    let _matching = ctx.matching().await?;
    let current = is_current(ctx).await?;
    let refreshed = change::apply(&ctx.inner.judge.data, received).map_err(|error| match error {
        FeedError::Record { .. } | FeedError::UnknownSource { .. } => Error::invalid(error.to_string()),
        error => internal(error),
    })?;
    take_over(ctx, current, refreshed, &|_, _| {}).await
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
    // Whoever had the lock before may have done it: that is seen only now.
    let _matching = ctx.matching().await?;
    if stand(ctx).await? == Stand::Level {
        return Ok(None);
    }
    let current = is_current(ctx).await?;
    let refreshed = ctx.inner.judge.data.refresh().map_err(internal)?;
    take_over(ctx, current, refreshed, tell).await
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

/// Takes newer data into use where the judgements in the database stand on it already: another process made them.
pub(crate) async fn catch_up(ctx: &Context) -> Result<(), Error> {
    if stand(ctx).await? == Stand::OnlyWe {
        ctx.inner.judge.data.refresh().map_err(internal)?;
    }
    Ok(())
}

/// How the database and this process stand towards the newest data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    /// Both are level with it.
    Level,
    /// The judgements in the database are; this process still uses older data.
    OnlyWe,
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
        (false, true) => Stand::OnlyWe,
        (false, false) => Stand::Level,
    })
}

fn internal(error: FeedError) -> Error {
    Error::Internal(Box::new(error))
}

/// Judges again what newer data touches; `current` says whether all was in line with the data before it.
async fn take_over(
    ctx: &Context,
    current: bool,
    refreshed: Option<Refreshed>,
    tell: Tell<'_>,
) -> Result<Option<Rematched>, Error> {
    let Some(refreshed) = refreshed else {
        // Another process took the data over and was cut off.
        return if current { Ok(None) } else { judge_all(ctx, tell).await.map(Some) };
    };
    let touched = refreshed.touched().map_err(internal)?;
    // KEV and EPSS lie beside the records; where they moved, the facts on every weakness may be others.
    let side = |state: &Current| state.manifest.as_ref().map(|manifest| manifest.side.clone());
    let same_side = side(&refreshed.before) == side(&refreshed.after);
    // A new base touches most packages; then one walk over all software is the shorter way.
    if current && same_side && touched.len() <= SINGLY {
        return judge_delta(ctx, &touched).await.map(Some);
    }
    judge_all(ctx, tell).await.map(Some)
}

/// Whether all judgements stand on the data in use, and all findings follow them.
async fn is_current(ctx: &Context) -> Result<bool, Error> {
    let view = ctx.inner.store.reference_view().await?;
    let (judged_by, unfinished) = software::state(&view).await?;
    Ok(!unfinished && judged_by == ctx.inner.judge.stand())
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

/// What a re-judgement touched: findings of other weaknesses, or of classes without this software, are as they were.
#[derive(Debug, Default)]
struct Touched {
    weaknesses: Vec<String>,
    software: Vec<SoftwareId>,
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
    drop(view);
    let session = ctx.inner.judge.session();
    let judge = move || session.judge(rows, |row| &row.facts);
    let judged =
        tokio::task::spawn_blocking(judge).await.map_err(|error| Error::Internal(Box::new(error)))?;
    done.software += judged.len() as u64;
    let mut weaknesses: Vec<String> = Vec::new();
    let changed: Vec<&(SoftwareRow, Verdict)> =
        judged.iter().filter(|(row, verdict)| before.differs(row, verdict, &mut weaknesses)).collect();
    done.changed += changed.len() as u64;
    let exploited = judged.iter().any(|(row, verdict)| before.exploited_moved(row, verdict, &exploited));
    if judged.is_empty() {
        return Ok(Touched::default());
    }
    store(ctx, &judged, &changed).await?;
    weaknesses.sort_unstable();
    weaknesses.dedup();
    let software = changed.iter().map(|(row, _)| row.id).collect();
    Ok(Touched { weaknesses, software, exploited })
}

/// Stores what came out otherwise, and the facts on all weaknesses met: those may be others although no answer is.
async fn store(
    ctx: &Context,
    judged: &[(SoftwareRow, Verdict)],
    changed: &[&(SoftwareRow, Verdict)],
) -> Result<(), Error> {
    let reference = ctx.inner.store.reference().await?;
    software::set_state(&reference, &ctx.inner.judge.stand(), true).await?;
    let all = judged.iter().flat_map(|(_, verdict)| &verdict.judgements);
    weaknesses::put(&reference, all.map(|judgement| &judgement.weakness)).await?;
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
        let known = verdict.judgements.iter().map(|judgement| &judgement.weakness);
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
    let inner = ctx.inner.clone();
    let look_up = move || ids.iter().filter_map(|id| inner.judge.weakness(id)).collect::<Vec<_>>();
    let facts =
        tokio::task::spawn_blocking(look_up).await.map_err(|error| Error::Internal(Box::new(error)))?;
    let reference = ctx.inner.store.reference().await?;
    software::set_state(&reference, &ctx.inner.judge.stand(), true).await?;
    weaknesses::put(&reference, &facts).await?;
    Ok(reference.commit().await?)
}

/// Lets the findings of every organisation follow; then notes that nothing is left to do.
async fn follow_everywhere(ctx: &Context, only: Option<&Touched>, done: &mut Rematched) -> Result<(), Error> {
    if only.is_none_or(|touched| touched.exploited || !touched.weaknesses.is_empty()) {
        for org in organisations::all(&ctx.inner.store).await? {
            let moved = follow(ctx, org, only).await?;
            done.opened += moved.opened;
            done.closed += moved.closed;
        }
    }
    let reference = ctx.inner.store.reference().await?;
    software::set_state(&reference, &ctx.inner.judge.stand(), false).await?;
    Ok(reference.commit().await?)
}

async fn follow(ctx: &Context, org: OrgId, only: Option<&Touched>) -> Result<Moved, Error> {
    let (fleet, _) = ctx.fleet(&Actor::system(org), Right::SeeFleet).await?;
    let targets = targets(&fleet, only);
    let exploited = only.is_none_or(|touched| touched.exploited);
    if !exploited && targets.is_empty() {
        return Ok(Moved::default());
    }
    let change = ctx.change(&Actor::system(org), Right::UpdateData, "rematch").await?;
    let weaknesses = only.map(|touched| touched.weaknesses.as_slice());
    let moved = matching::follow(&change, &targets, weaknesses, Judgements::new()).await?;
    if exploited {
        classes::recount_known_exploited(&change).await?;
    }
    match only {
        None => weaknesses::recount(&change, None).await?,
        Some(_) => weaknesses::shift_counts(&change, &moved.shifts).await?,
    }
    let quiet = moved == Moved::default() && !exploited;
    if !quiet {
        notices::tell_exploited(&change).await?;
        let subject = match weaknesses {
            None => "all weaknesses".to_owned(),
            Some([]) => "known exploited weaknesses".to_owned(),
            Some(only) => only.join(" "),
        };
        change.commit(&subject, &moved.words()).await?;
    }
    Ok(moved)
}

/// The classes whose findings may move: those whose bill contains touched software, or all.
fn targets(fleet: &Fleet, only: Option<&Touched>) -> Vec<Target> {
    let touched: Option<HashSet<u32>> = only.map(|touched| {
        let software = touched.software.iter().filter_map(|id| fleet.bills.software_at(*id));
        software.flat_map(|at| fleet.bills.uses(at)).map(|one| one.bill).collect()
    });
    let mut shared: HashMap<ContentId, Arc<[SoftwareId]>> = HashMap::new();
    let mut targets = Vec::new();
    for (at, class) in (0..).zip(&fleet.products.classes) {
        let Some(content) = fleet.content_of(at) else { continue };
        let bill = fleet.bills.bill_at(content);
        if touched.as_ref().is_some_and(|bills| !bill.is_some_and(|bill| bills.contains(&bill))) {
            continue;
        }
        let software = shared.entry(content).or_insert_with(|| fleet.bills.software_ids(content));
        targets.push(Target { class: class.id, software: software.clone() });
    }
    targets
}
