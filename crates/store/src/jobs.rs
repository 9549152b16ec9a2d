//! Background jobs. A job is claimed by a lease that must be renewed; a lease that ran out is claimed again, so that the
//! work of a process that died goes on elsewhere. Whatever a worker writes names its lease: who lost it writes nothing.
//!
//! Workers look for work of every organisation, so row-level security does not guard this table. What is shown to
//! people goes through a [`View`] and shows its organisation's jobs and those of the whole installation.

use bedrail_model::ids::{AccountId, JobId, OrgId};
use bedrail_model::job::JobState;
use jiff::Timestamp;
use sea_orm::{DbBackend, QueryResult};
use uuid::Uuid;

pub(crate) mod figures;

pub use figures::{Depth, abandoned, depth, due, failed_since, is_open, last_ended, own_pulse, pulse, sweep};

use crate::sql::{code, get, micros, time, values};
use crate::{Change, Error, Store, View};

/// A job as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// Id.
    pub id: JobId,
    /// For which organisation; `None` for what the whole installation needs.
    pub org: Option<OrgId>,
    /// The code of its kind.
    pub kind: String,
    /// JSON, by kind.
    pub payload: String,
    /// How it stands.
    pub state: JobState,
    /// Not before.
    pub run_at: Timestamp,
    /// How often it was begun.
    pub attempt: u32,
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
    /// The account that asked for it.
    pub account: Option<AccountId>,
}

/// A job to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob<'a> {
    /// The code of its kind.
    pub kind: &'a str,
    /// JSON, by kind.
    pub payload: &'a str,
    /// What would be the same work: it is not enqueued while such a job is waiting or running.
    pub unique: Option<&'a str>,
    /// Not before.
    pub run_at: Timestamp,
    /// The account that asks for it and may see and stop it.
    pub account: Option<AccountId>,
}

/// A claim on a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// Made anew at every claim.
    pub token: Uuid,
}

/// How a worker leaves a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it was for; in words.
    Done(String),
    /// It failed for good; why.
    Failed(String),
    /// A person stopped it.
    Cancelled,
    /// It failed and is tried again; why, and not before.
    Again(String, Timestamp),
    /// The worker stops; another one takes it from the beginning, and this attempt does not count.
    Released,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Steps done.
    pub done: u64,
    /// Steps in all; 0 where that is not known.
    pub total: u64,
    /// What it is at.
    pub words: String,
}

/// A line of a job's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRow {
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// Lines kept of one job; what comes after them is not kept.
pub const LINES_AT_MOST: u32 = 200;

macro_rules! columns {
    () => {
        "id, org_id, kind, payload, state, run_at, attempt, worker, cancel_asked, done, total, words, created,
         created_by, started, ended, account_id"
    };
}

const ADD: &str = "INSERT INTO job
    (id, org_id, kind, payload, state, unique_key, run_at, created, created_by, moved, account_id)
    VALUES ($1, $2, $3, $4, 'waiting', $5, $6, $7, $8, $7, $9) ON CONFLICT (unique_key) DO NOTHING";
/// A cheap look before the claim, which writes: whether there is anything to claim.
const DUE: &str = "SELECT id FROM job
    WHERE (state = 'waiting' AND run_at <= $1) OR (state = 'running' AND leased_until < $1) LIMIT 1";
/// On PostgreSQL the comment becomes the clause that lets many workers claim without waiting for each other; SQLite has
/// one writer at a time anyway.
const CLAIM: &str = concat!(
    "UPDATE job SET state = 'running', attempt = attempt + 1, lease = $1, worker = $2, leased_until = $3,
        started = $4, moved = $4
    WHERE id = (SELECT id FROM job
        WHERE (state = 'waiting' AND run_at <= $4) OR (state = 'running' AND leased_until < $4)
        ORDER BY run_at LIMIT 1 /* claimed once */)
    RETURNING ",
    columns!()
);
const CLAIMED_ONCE: (&str, &str) = ("/* claimed once */", "FOR UPDATE SKIP LOCKED");
const BEAT: &str = "UPDATE job SET leased_until = $3, done = $4, total = $5, words = $6,
        moved = CASE WHEN done <> $4 OR total <> $5 OR words <> $6 THEN $7 ELSE moved END
    WHERE id = $1 AND lease = $2 AND state = 'running' RETURNING cancel_asked";
const END: &str =
    "UPDATE job SET state = $3, words = $4, unique_key = NULL, lease = NULL, leased_until = NULL,
        cancel_asked = 0, ended = $5, moved = $5
    WHERE id = $1 AND lease = $2 AND state = 'running'";
const AGAIN: &str =
    "UPDATE job SET state = 'waiting', words = $3, run_at = $4, lease = NULL, leased_until = NULL,
        attempt = attempt - $5, moved = $6
    WHERE id = $1 AND lease = $2 AND state = 'running'";
const ADD_LINE: &str = "INSERT INTO job_line (job_id, number, at, text)
    SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3 FROM job_line WHERE job_id = $1
    HAVING COALESCE(MAX(number), 0) < $4";
const LINES: &str = "SELECT at, text FROM job_line WHERE job_id = $1 ORDER BY number";
const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM job WHERE (org_id = $1 OR org_id IS NULL) AND ($2 = '' OR state = $2)
    ORDER BY CASE state WHEN 'running' THEN 0 WHEN 'waiting' THEN 1 ELSE 2 END, COALESCE(ended, created) DESC, id
    LIMIT $3 OFFSET $4"
);
const COUNT: &str = "SELECT state, COUNT(*) FROM job WHERE org_id = $1 OR org_id IS NULL GROUP BY state";
const ONE: &str =
    concat!("SELECT ", columns!(), " FROM job WHERE id = $2 AND (org_id = $1 OR org_id IS NULL)");
const ASK_CANCEL: &str = "UPDATE job SET cancel_asked = 1, moved = $3
    WHERE id = $2 AND (org_id = $1 OR org_id IS NULL) AND state = 'running'";
const CANCEL: &str = "UPDATE job SET state = 'cancelled', unique_key = NULL, ended = $3, moved = $3
    WHERE id = $2 AND (org_id = $1 OR org_id IS NULL) AND state = 'waiting'";
const RETRY: &str =
    "UPDATE job SET state = 'waiting', attempt = 0, run_at = $3, ended = NULL, cancel_asked = 0,
        done = 0, total = 0, words = '', moved = $3
    WHERE id = $2 AND (org_id = $1 OR org_id IS NULL) AND state IN ('failed', 'cancelled')";
const HURRY: &str = "UPDATE job SET run_at = $3, moved = $3
    WHERE id = $2 AND (org_id = $1 OR org_id IS NULL) AND state = 'waiting' AND run_at > $3";
const MOVE: &str =
    "UPDATE job SET run_at = $2, moved = $3 WHERE unique_key = $1 AND state = 'waiting' AND attempt = 0";
pub(crate) const STATEMENTS: &[&str] = &[
    ADD, DUE, CLAIM, BEAT, END, AGAIN, ADD_LINE, LINES, LIST, COUNT, ONE, ASK_CANCEL, CANCEL, RETRY, HURRY,
    MOVE,
];

fn read(row: &QueryResult) -> Result<JobRow, Error> {
    let moment = |index| get::<Option<i64>>(row, index)?.map(time).transpose();
    Ok(JobRow {
        id: JobId::from_uuid(get(row, 0)?),
        org: get::<Option<Uuid>>(row, 1)?.map(OrgId::from_uuid),
        kind: get(row, 2)?,
        payload: get(row, 3)?,
        state: code("job.state", &get::<String>(row, 4)?, JobState::from_code)?,
        run_at: time(get(row, 5)?)?,
        attempt: count(get(row, 6)?) as u32,
        worker: get(row, 7)?,
        cancel_asked: get::<i64>(row, 8)? != 0,
        progress: (count(get(row, 9)?), count(get(row, 10)?)),
        words: get(row, 11)?,
        created: time(get(row, 12)?)?,
        created_by: get(row, 13)?,
        started: moment(14)?,
        ended: moment(15)?,
        account: get::<Option<Uuid>>(row, 16)?.map(AccountId::from_uuid),
    })
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

async fn insert(
    view: &View,
    org: Option<OrgId>,
    new: &NewJob<'_>,
    at: Timestamp,
    by: &str,
) -> Result<Option<JobId>, Error> {
    let id = JobId::generate();
    let row = values![
        id.uuid(),
        org.map(OrgId::uuid),
        new.kind,
        new.payload,
        new.unique,
        micros(new.run_at),
        micros(at),
        by,
        new.account.map(AccountId::uuid)
    ];
    Ok((view.execute(ADD, row).await? > 0).then_some(id))
}

/// Enqueues a job of the changed organisation; it is there if and only if the change is. `None` where the same work is
/// waiting or running already.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, new: &NewJob<'_>) -> Result<Option<JobId>, Error> {
    insert(change, Some(change.org()), new, change.at(), change.actor()).await
}

/// Enqueues a job of the whole installation together with a change of an organisation.
///
/// # Errors
/// When the database refuses.
pub async fn add_common(change: &Change, new: &NewJob<'_>) -> Result<Option<JobId>, Error> {
    insert(change, None, new, change.at(), change.actor()).await
}

/// Enqueues a job that the program itself asks for: of one organisation, or of the whole installation.
///
/// # Errors
/// When the database cannot be used.
pub async fn add_by_clock(
    store: &Store,
    org: Option<OrgId>,
    new: &NewJob<'_>,
    at: Timestamp,
) -> Result<Option<JobId>, Error> {
    let view = store.write_view().await?;
    let id = insert(&view, org, new, at, "bedrail (by itself)").await?;
    view.transaction.commit().await?;
    Ok(id)
}

/// Claims the job that has been due the longest, or whose lease ran out.
///
/// # Errors
/// When the database cannot be used.
pub async fn claim(
    store: &Store,
    worker: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<(JobRow, Lease)>, Error> {
    if store.reference_view().await?.one(DUE, values![micros(now)]).await?.is_none() {
        return Ok(None);
    }
    let view = store.write_view().await?;
    let text = match view.backend() {
        DbBackend::Postgres => CLAIM.replace(CLAIMED_ONCE.0, CLAIMED_ONCE.1),
        _ => CLAIM.to_owned(),
    };
    let token = Uuid::new_v4();
    let Some(row) = view.one(&text, values![token, worker, micros(until), micros(now)]).await? else {
        return Ok(None);
    };
    let row = read(&row)?;
    view.transaction.commit().await?;
    let lease = Lease { job: row.id, token };
    Ok(Some((row, lease)))
}

/// Renews a lease and says how far the job is. `None` where the lease is lost, else whether somebody asked to stop.
///
/// # Errors
/// When the database cannot be used.
pub async fn beat(
    store: &Store,
    lease: Lease,
    progress: &Progress,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<bool>, Error> {
    let view = store.write_view().await?;
    let row = values![
        lease.job.uuid(),
        lease.token,
        micros(until),
        stored(progress.done),
        stored(progress.total),
        progress.words.as_str(),
        micros(now)
    ];
    let asked = view.one(BEAT, row).await?.map(|row| get::<i64>(&row, 0)).transpose()?;
    view.transaction.commit().await?;
    Ok(asked.map(|asked| asked != 0))
}

async fn leave(view: &View, lease: Lease, outcome: &Outcome, at: Timestamp) -> Result<bool, Error> {
    let (job, token, at) = (lease.job.uuid(), lease.token, micros(at));
    let end = |state: JobState, words: &str| (END, values![job, token, state.code(), words.to_owned(), at]);
    let (text, row) = match outcome {
        Outcome::Done(words) => end(JobState::Done, words),
        Outcome::Failed(words) => end(JobState::Failed, words),
        Outcome::Cancelled => end(JobState::Cancelled, "stopped when asked to"),
        Outcome::Again(words, run_at) => {
            (AGAIN, values![job, token, words.as_str(), micros(*run_at), 0_i64, at])
        }
        Outcome::Released => (AGAIN, values![job, token, "", at, 1_i64, at]),
    };
    Ok(view.execute(text, row).await? > 0)
}

/// Leaves a job. False where the lease was lost: then nothing is written.
///
/// # Errors
/// When the database cannot be used.
pub async fn end(store: &Store, lease: Lease, outcome: &Outcome, at: Timestamp) -> Result<bool, Error> {
    let view = store.write_view().await?;
    let own = leave(&view, lease, outcome, at).await?;
    view.transaction.commit().await?;
    Ok(own)
}

/// Marks a job as done in the very transaction that does it, so that it is done once whatever happens. False where the
/// lease was lost: then the change must be dropped.
///
/// # Errors
/// When the database refuses.
pub async fn end_with(change: &Change, lease: Lease, words: &str) -> Result<bool, Error> {
    leave(change, lease, &Outcome::Done(words.to_owned()), change.at()).await
}

/// Adds a line to a job's log, up to [`LINES_AT_MOST`].
///
/// # Errors
/// When the database cannot be used.
pub async fn add_line(store: &Store, job: JobId, at: Timestamp, text: &str) -> Result<(), Error> {
    let view = store.write_view().await?;
    view.execute(ADD_LINE, values![job.uuid(), micros(at), text, i64::from(LINES_AT_MOST)]).await?;
    Ok(view.transaction.commit().await?)
}

/// A job's log. The job itself was looked up by [`one`] before.
///
/// # Errors
/// When the database cannot be used.
pub async fn lines(view: &View, job: JobId) -> Result<Vec<LineRow>, Error> {
    let rows = view.all(LINES, values![job.uuid()]).await?;
    rows.iter().map(|row| Ok(LineRow { at: time(get(row, 0)?)?, text: get(row, 1)? })).collect()
}

/// Jobs of the organisation that is looked at and of the whole installation: what runs, what waits, then the newest.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(
    view: &View,
    state: Option<JobState>,
    limit: u32,
    offset: u64,
) -> Result<Vec<JobRow>, Error> {
    let state = state.map_or("", JobState::code);
    let row = values![view.org().uuid(), state, i64::from(limit), stored(offset)];
    view.all(LIST, row).await?.iter().map(read).collect()
}

/// How many of those jobs stand how.
///
/// # Errors
/// When the database cannot be used.
pub async fn counts(view: &View) -> Result<Vec<(JobState, u64)>, Error> {
    let rows = view.all(COUNT, values![view.org().uuid()]).await?;
    rows.iter()
        .map(|row| {
            let state = code("job.state", &get::<String>(row, 0)?, JobState::from_code)?;
            Ok((state, count(get(row, 1)?)))
        })
        .collect()
}

/// One job, if it is of the organisation that is looked at or of the whole installation.
///
/// # Errors
/// When the database cannot be used.
pub async fn one(view: &View, id: JobId) -> Result<Option<JobRow>, Error> {
    view.one(ONE, values![view.org().uuid(), id.uuid()]).await?.as_ref().map(read).transpose()
}

/// Stops a job that waits, and asks the worker of one that runs to stop. False where it is over.
///
/// # Errors
/// When the database refuses.
pub async fn cancel(change: &Change, id: JobId) -> Result<bool, Error> {
    let row = || values![change.org().uuid(), id.uuid(), micros(change.at())];
    let now = change.execute(CANCEL, row()).await?;
    Ok(now + change.execute(ASK_CANCEL, row()).await? > 0)
}

/// Lets a job that failed or was stopped begin anew, and one that waits begin now. False where it runs or is done.
///
/// # Errors
/// When the database refuses.
pub async fn retry(change: &Change, id: JobId) -> Result<bool, Error> {
    let row = || values![change.org().uuid(), id.uuid(), micros(change.at())];
    let again = change.execute(RETRY, row()).await?;
    Ok(again + change.execute(HURRY, row()).await? > 0)
}

/// Puts work off, or brings it forward, that waits for its first attempt.
///
/// # Errors
/// When the database refuses.
pub async fn move_to(change: &Change, unique: &str, run_at: Timestamp) -> Result<(), Error> {
    change.execute(MOVE, values![unique, micros(run_at), micros(change.at())]).await?;
    Ok(())
}
