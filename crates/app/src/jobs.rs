//! Background jobs: work that is asked for together with a change, or by the clock, and done by whichever worker comes
//! first. [`KINDS`] lists what there is to do; [`worker`] does it.
//!
//! A handler may be cut off at any moment and begun again, by this process or another. It therefore either does its
//! work in the one transaction that ends the job, or does what does no harm when done twice.

pub(crate) mod asked;
pub mod imports;
pub mod kinds;
pub(crate) mod run;
mod schedule;
mod upkeep;
pub mod worker;

use bedrail_model::ids::{AccountId, JobId, OrgId};
use bedrail_model::job::JobState;
use bedrail_store::jobs::{self as rows, JobRow, NewJob};
use bedrail_store::{Change, View, results};
use jiff::Timestamp;

pub use kinds::{KINDS, Kind};
pub use schedule::{Regularly, follow, regularly, set_pace};
pub use worker::{Options, work};

use crate::actor::Via;
use crate::page::{Page, PageRequest};
use crate::results::Produced;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// A job, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Id.
    pub id: JobId,
    /// The code of its kind.
    pub kind: String,
    /// What it does: "fetch vulnerability data".
    pub title: &'static str,
    /// Whether it is for the whole installation.
    pub common: bool,
    /// Whether it is for the whole installation and who looks does not run that: what it does and how it stands is seen, who
    /// asked and its log are not, and only who runs the installation stops it.
    pub foreign: bool,
    /// How it stands.
    pub state: JobState,
    /// Not before.
    pub run_at: Timestamp,
    /// How often it was begun, and how often it may be.
    pub attempts: (u32, u32),
    /// The worker that has it, or had it last.
    pub worker: Option<String>,
    /// Whether somebody asked for it to be stopped.
    pub cancel_asked: bool,
    /// How far it is: steps done, and in all (0 where that is not known).
    pub progress: (u64, u64),
    /// What it is at, or what came out, or why it failed.
    pub words: String,
    /// When it was asked for.
    pub created: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When it was last begun.
    pub started: Option<Timestamp>,
    /// When it was over.
    pub ended: Option<Timestamp>,
    /// The account that asked for it; it sees and stops its own jobs.
    pub account: Option<AccountId>,
}

impl From<JobRow> for Job {
    fn from(row: JobRow) -> Job {
        let kind = Kind::of(&row.kind);
        Job {
            id: row.id,
            title: kind.map_or("work that this version does not know", |kind| kind.words),
            kind: row.kind,
            common: row.org.is_none(),
            foreign: false,
            state: row.state,
            run_at: row.run_at,
            attempts: (row.attempt, kind.map_or(0, |kind| kind.attempts)),
            worker: row.worker,
            cancel_asked: row.cancel_asked,
            progress: row.progress,
            words: row.words,
            created: row.created,
            created_by: row.created_by,
            started: row.started,
            ended: row.ended,
            account: row.account,
        }
    }
}

impl Job {
    /// The job as somebody sees it who may not run the installation.
    fn seen_by(self, runs: bool) -> Job {
        if !self.common || runs {
            return self;
        }
        let created_by = "who runs the installation, or another organisation".to_owned();
        Job { foreign: true, worker: None, created_by, ..self }
    }
}

/// Whether the actor runs the whole installation: its first organisation does, and whoever has the data folder in hand.
async fn runs_installation(ctx: &Context, actor: &Actor) -> Result<bool, Error> {
    match actor.via {
        Via::CommandLine | Via::System => Ok(true),
        Via::Web | Via::Api => {
            let first = bedrail_store::organisations::first(&ctx.inner.store).await?;
            Ok(first == Some(actor.org))
        }
    }
}

/// A line of a job's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// Jobs of the actor's organisation and of the whole installation: what runs, what waits, then the newest.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    state: Option<JobState>,
    page: &PageRequest,
) -> Result<Page<Job>, Error> {
    let view = ctx.view(actor, Right::SeeJobs).await?;
    let counts = rows::counts(&view).await?;
    let counted = counts.iter().filter(|(each, _)| state.is_none_or(|state| state == *each));
    let offset = page.skip_counted()?;
    let found = rows::list(&view, state, page.limit, offset).await?;
    drop(view);
    let runs = runs_installation(ctx, actor).await?;
    let found: Vec<Job> = found.into_iter().map(|row| Job::from(row).seen_by(runs)).collect();
    Ok(Page::counted(found, counted.map(|(_, jobs)| jobs).sum(), offset))
}

/// How many of those jobs stand how; states without a job are left out.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn counts(ctx: &Context, actor: &Actor) -> Result<Vec<(JobState, u64)>, Error> {
    Ok(rows::counts(&ctx.view(actor, Right::SeeJobs).await?).await?)
}

/// One job with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The job.
    pub job: Job,
    /// Its log, the oldest line first.
    pub lines: Vec<Line>,
    /// What came out, as long as it is given out.
    pub result: Option<Produced>,
}

/// One job with its log and what came out: for who may see jobs, and for who asked for it.
///
/// # Errors
/// [`Error::NotFound`] where the actor's organisation has no such job, [`Error::Denied`] without the right.
pub async fn get(ctx: &Context, actor: &Actor, id: JobId) -> Result<Detail, Error> {
    let (view, job) = seen(ctx, actor, id).await?;
    let lines = rows::lines(&view, id).await?;
    let result = results::one(&view, id).await?.filter(|row| row.expires > ctx.clock.now());
    drop(view);
    let job = Job::from(job).seen_by(runs_installation(ctx, actor).await?);
    let lines = if job.foreign { Vec::new() } else { lines };
    let lines = lines.into_iter().map(|line| Line { at: line.at, text: line.text }).collect();
    Ok(Detail { job, lines, result: result.map(Produced::from) })
}

/// Whether the actor's account asked for a job.
pub(crate) fn is_own(actor: &Actor, job: &JobRow) -> bool {
    job.org == Some(actor.org) && job.account.is_some() && job.account == actor.account
}

/// Whether the actor's account asked for a job, which it then sees and stops without further rights.
///
/// # Errors
/// When the database cannot be used.
pub async fn asked_for(ctx: &Context, actor: &Actor, id: JobId) -> Result<bool, Error> {
    let view = ctx.inner.store.view(actor.org).await?;
    Ok(rows::one(&view, id).await?.is_some_and(|job| is_own(actor, &job)))
}

/// A job that the actor may see.
pub(crate) async fn seen(ctx: &Context, actor: &Actor, id: JobId) -> Result<(View, JobRow), Error> {
    let view = ctx.inner.store.view(actor.org).await?;
    let job = rows::one(&view, id).await?;
    match job {
        Some(job) if is_own(actor, &job) => {
            // What it took to ask for it is what it takes to see it.
            actor.need(Kind::of(&job.kind).map_or(Right::SeeJobs, |kind| kind.right))?;
            Ok((view, job))
        }
        job => {
            actor.need(Right::SeeJobs)?;
            Ok((view, job.ok_or_else(|| not_found(id))?))
        }
    }
}

/// Two numbers that are others as soon as any of those jobs moved; for who may not see jobs, any of their own.
///
/// # Errors
/// [`Error::Denied`] without any right.
pub async fn pulse(ctx: &Context, actor: &Actor) -> Result<(i64, i64), Error> {
    match actor.account.filter(|_| !actor.may(Right::SeeJobs)) {
        Some(account) => Ok(rows::own_pulse(&ctx.view(actor, Right::OwnAccount).await?, account).await?),
        None => Ok(rows::pulse(&ctx.view(actor, Right::SeeJobs).await?).await?),
    }
}

/// Starts a job by hand. `None` where the same work is waiting or running already.
///
/// # Errors
/// [`Error::NotFound`] for a kind that people do not start, [`Error::Denied`] without the right.
pub async fn start(ctx: &Context, actor: &Actor, kind: &str) -> Result<Option<JobId>, Error> {
    let kind =
        Kind::of(kind).filter(|kind| kind.by_hand).ok_or_else(|| Error::not_found(format!("job {kind}")))?;
    actor.need(kind.right)?;
    let change = ctx.change(actor, Right::ManageJobs, "job.start").await?;
    let unique = kind.unique_for(Some(actor.org));
    let new = NewJob {
        kind: kind.code,
        payload: "{}",
        unique: Some(&unique),
        run_at: change.at(),
        account: actor.account,
    };
    let id =
        if kind.common { rows::add_common(&change, &new).await? } else { rows::add(&change, &new).await? };
    let Some(id) = id else { return Ok(None) };
    change.commit(kind.words, &id.to_string()).await?;
    Ok(Some(id))
}

/// Starts so many jobs that do nothing but count and leave an entry in the audit log: to see that workers work, and how
/// they bear being stopped.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn check(ctx: &Context, actor: &Actor, times: u32) -> Result<(), Error> {
    let change = ctx.change(actor, Right::ManageJobs, "job.start").await?;
    for _ in 0..times {
        enqueue(&change, &kinds::CHECK, &serde_json::Map::new(), None).await?;
    }
    Ok(change.commit(kinds::CHECK.words, &format!("{times} times")).await?)
}

/// Stops a job: at once where it waits, at the next sign of life of its worker where it runs.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`] without the right, [`Error::Conflict`] where it is over.
pub async fn cancel(ctx: &Context, actor: &Actor, id: JobId) -> Result<(), Error> {
    let (job, right) = manageable(ctx, actor, id).await?;
    let change = ctx.change(actor, right, "job.cancel").await?;
    if !rows::cancel(&change, id).await? {
        return Err(Error::Conflict { message: "the job is over already".into() });
    }
    Ok(change.commit(Job::from(job).title, &id.to_string()).await?)
}

/// Lets a job that failed or was stopped begin anew, and one that waits for its next attempt begin now.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`] without the right, [`Error::Conflict`] where it runs or is done.
pub async fn retry(ctx: &Context, actor: &Actor, id: JobId) -> Result<(), Error> {
    let (job, right) = manageable(ctx, actor, id).await?;
    let change = ctx.change(actor, right, "job.retry").await?;
    if !rows::retry(&change, id).await? {
        return Err(Error::Conflict { message: "the job is running, about to run, or done".into() });
    }
    Ok(change.commit(Job::from(job).title, &id.to_string()).await?)
}

/// A job that the actor may stop and start, and the right that it takes.
async fn manageable(ctx: &Context, actor: &Actor, id: JobId) -> Result<(JobRow, Right), Error> {
    let view = ctx.inner.store.view(actor.org).await?;
    let job = rows::one(&view, id).await?;
    drop(view);
    let right = job.as_ref().and_then(|job| Kind::of(&job.kind)).map_or(Right::ManageJobs, |kind| kind.right);
    if let Some(own) = job.as_ref().filter(|job| is_own(actor, job)) {
        actor.need(right)?;
        return Ok((own.clone(), right));
    }
    actor.need(Right::ManageJobs)?;
    let job = job.ok_or_else(|| not_found(id))?;
    actor.need(right)?;
    if job.org.is_none() && !runs_installation(ctx, actor).await? {
        let action = "stop or repeat work of the whole installation; its first organisation does".to_owned();
        return Err(Error::Denied { actor: actor.name.clone(), action });
    }
    Ok((job, Right::ManageJobs))
}

fn not_found(id: JobId) -> Error {
    Error::not_found(format!("job {id}"))
}

/// Asks for work together with a change: it is enqueued if and only if the change stays.
pub(crate) async fn enqueue(
    change: &Change,
    kind: &Kind,
    payload: &impl serde::Serialize,
    unique: Option<&str>,
) -> Result<Option<JobId>, Error> {
    let payload = to_json(payload)?;
    let unique = unique.map(|unique| format!("{} {} {unique}", kind.code, change.org()));
    let new = NewJob {
        kind: kind.code,
        payload: &payload,
        unique: unique.as_deref(),
        run_at: change.at(),
        account: None,
    };
    Ok(rows::add(change, &new).await?)
}

/// The same without a payload, once, for what the work itself may ask for: it names the kind by its code.
pub(crate) async fn enqueue_code(change: &Change, code: &str) -> Result<Option<JobId>, Error> {
    let unique = format!("{code} {}", change.org());
    let new = NewJob { kind: code, payload: "{}", unique: Some(&unique), run_at: change.at(), account: None };
    Ok(rows::add(change, &new).await?)
}

/// Asks for work that a person wants, together with a change that says so.
pub(crate) async fn enqueue_for(
    change: &Change,
    actor: &Actor,
    kind: &Kind,
    payload: &impl serde::Serialize,
) -> Result<JobId, Error> {
    let payload = to_json(payload)?;
    let (kind, run_at, account) = (kind.code, change.at(), actor.account);
    let new = NewJob { kind, payload: &payload, unique: None, run_at, account };
    let added = rows::add(change, &new).await?;
    added.ok_or_else(|| Error::Conflict { message: "the same work is under way already".into() })
}

/// Asks for work that the program itself sees a need for, once.
pub(crate) async fn enqueue_by_clock(
    ctx: &Context,
    org: Option<OrgId>,
    kind: &Kind,
    run_at: Timestamp,
) -> Result<Option<JobId>, Error> {
    let unique = kind.unique_for(org);
    if rows::is_open(&ctx.inner.store, &unique).await? {
        return Ok(None);
    }
    let new = NewJob { kind: kind.code, payload: "{}", unique: Some(&unique), run_at, account: None };
    Ok(rows::add_by_clock(&ctx.inner.store, org, &new, ctx.clock.now()).await?)
}

fn to_json(payload: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(payload).map_err(|error| Error::Internal(Box::new(error)))
}
