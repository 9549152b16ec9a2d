//! The worker: claims jobs, runs their handlers, renews their leases, and leaves each in a state that another worker can
//! go on from.

use std::sync::Arc;
use std::time::Duration;

use bedrail_store::jobs::{self as rows, JobRow, Lease, Outcome, Progress};
use jiff::{SignedDuration, Timestamp};
use rand::Rng as _;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{self, Instant, MissedTickBehavior};

use super::kinds::Kind;
use super::run::{Ended, Run, Stop};
use super::schedule;
use crate::{Context, Error, notices};

/// How a worker works.
#[derive(Debug, Clone)]
pub struct Options {
    /// How it is called in lists: host name and process.
    pub name: String,
    /// Jobs at once.
    pub at_once: usize,
    /// How long a job stays claimed without a sign of life. Machines that share a database must agree on the time to a
    /// fraction of this.
    pub lease: Duration,
    /// How often it looks for work.
    pub look: Duration,
    /// Whether it fetches vulnerability data by the clock.
    pub feeds: bool,
    /// Whether webhooks may go to private, loopback and link-local addresses.
    pub allow_private: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            name: format!("process {}", std::process::id()),
            at_once: 4,
            lease: Duration::from_secs(60),
            look: Duration::from_secs(1),
            feeds: true,
            allow_private: false,
        }
    }
}

/// How often the schedule is looked at.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(60);
/// How often a worker looks for newer vulnerability data that another program fetched.
const LOOK_FOR_DATA: Duration = Duration::from_secs(10);
/// How often a running job's progress is written, where it moved.
const TELL: Duration = Duration::from_secs(1);
/// How long running jobs may take to end when the worker is told to stop; then they are given back.
const GRACE: Duration = Duration::from_secs(5);
/// The first pause before another attempt; each one after it is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause before another attempt.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// Works until told to stop, then ends or gives back what is under way.
pub async fn work(ctx: Context, options: Options, mut stop: watch::Receiver<bool>) {
    let options = Arc::new(options);
    let clock = tokio::spawn(keep_time(ctx.clone(), options.clone()));
    let watch = tokio::spawn(crate::alerts::upkeep::keep_watch(ctx.clone()));
    let mut running = JoinSet::new();
    let mut looks = time::interval(options.look);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = told_to(&mut stop) => break,
            Some(_) = running.join_next() => {}
            _ = looks.tick(), if running.len() < options.at_once => {}
        }
        while running.len() < options.at_once && !*stop.borrow() {
            match claim(&ctx, &options).await {
                Ok(Some((job, lease))) => {
                    running.spawn(attend(ctx.clone(), options.clone(), job, lease, stop.clone()));
                }
                Ok(None) => break,
                Err(error) => {
                    warn(&error, "cannot look for background jobs");
                    break;
                }
            }
        }
    }
    clock.abort();
    watch.abort();
    while running.join_next().await.is_some() {}
}

/// Waits until the worker is told to stop, or nobody is left who could tell it.
async fn told_to(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Looks at the schedule and for newer data, now and then.
async fn keep_time(ctx: Context, options: Arc<Options>) {
    let mut data = time::interval(LOOK_FOR_DATA);
    data.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last_look: Option<Instant> = None;
    loop {
        data.tick().await;
        if let Err(error) = schedule::follow(&ctx).await {
            warn(&error, "the newer vulnerability data could not be taken over");
        }
        if last_look.is_none_or(|last| last.elapsed() >= LOOK_AT_CLOCK) {
            last_look = Some(Instant::now());
            if let Err(error) = schedule::look(&ctx, &options).await {
                warn(&error, "cannot look at the schedule");
            }
        }
    }
}

fn warn(error: &Error, what: &str) {
    tracing::warn!(error = error as &dyn std::error::Error, "{what}");
}

async fn claim(ctx: &Context, options: &Options) -> Result<Option<(JobRow, Lease)>, Error> {
    let now = ctx.clock.now();
    Ok(rows::claim(&ctx.inner.store, &options.name, now, now + span(options.lease)).await?)
}

fn span(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

/// Does one claimed job to whatever end it comes to.
async fn attend(ctx: Context, options: Arc<Options>, job: JobRow, lease: Lease, stop: watch::Receiver<bool>) {
    let (kind, id, row) = (job.kind.clone(), job.id, job.clone());
    let Some(outcome) = attempt(&ctx, &options, job, lease, stop).await else {
        tracing::info!(job = %id, kind, "another worker has the job, or its own transaction ended it");
        return;
    };
    tracing::info!(job = %id, kind, ?outcome, "left a background job");
    leave(&ctx, &options, lease, &outcome).await;
    if let Outcome::Failed(why) = &outcome
        && let Err(error) = notices::tell_failed(&ctx, &row, why).await
    {
        warn(&error, "cannot tell that a background job failed");
    }
}

/// Writes how a job was left. Where the database is away for longer than the lease, another worker begins it again.
async fn leave(ctx: &Context, options: &Options, lease: Lease, outcome: &Outcome) {
    let until = Instant::now() + options.lease;
    while let Err(error) = rows::end(&ctx.inner.store, lease, outcome, ctx.clock.now()).await {
        warn(&error.into(), "cannot write how a background job ended");
        if Instant::now() > until {
            return;
        }
        time::sleep(TELL).await;
    }
}

/// Runs the handler of a claimed job beside its heartbeat. `None` where there is nothing to write.
async fn attempt(
    ctx: &Context,
    options: &Options,
    job: JobRow,
    lease: Lease,
    stop: watch::Receiver<bool>,
) -> Option<Outcome> {
    let now = ctx.clock.now();
    let Some(kind) = Kind::of(&job.kind) else {
        // A newer version of the program knows it; its worker comes by.
        return Some(Outcome::Again(
            "no worker here knows this kind of job".into(),
            now + SignedDuration::from_mins(1),
        ));
    };
    if job.cancel_asked {
        return Some(Outcome::Cancelled);
    }
    if job.attempt > kind.attempts {
        return Some(Outcome::Failed(format!("it was begun {} times and cut off each time", kind.attempts)));
    }
    let attempt = job.attempt;
    let run = Run::new(ctx.clone(), job, lease, options.allow_private);
    let mut work = tokio::spawn((kind.handler)(run.clone()));
    let watched = watch_over(&run, options, lease, kind, stop);
    let outcome = tokio::select! {
        ended = &mut work => of_handler(ended, kind, attempt, now),
        cut = watched => {
            work.abort();
            // What it was doing is undone before the job is given away.
            let _ = work.await;
            cut
        }
    };
    if let Some(Outcome::Again(why, _) | Outcome::Failed(why)) = &outcome {
        let line = format!("attempt {attempt} of {}: {why}", kind.attempts);
        // The outcome says it too; the log may be full.
        let _ = run.log(line).await;
    }
    outcome
}

/// What comes of how a handler ended.
fn of_handler(
    ended: Result<Result<Ended, Stop>, JoinError>,
    kind: &Kind,
    attempt: u32,
    now: Timestamp,
) -> Option<Outcome> {
    match ended {
        Ok(Ok(Ended::With(words))) => Some(Outcome::Done(words)),
        Ok(Ok(Ended::Already) | Err(Stop::Lost)) => None,
        Ok(Err(Stop::Never(why))) => Some(Outcome::Failed(why)),
        Ok(Err(Stop::Again(why))) => Some(again(why, kind, attempt, now)),
        Err(_) => Some(again("a fault in the program".into(), kind, attempt, now)),
    }
}

fn again(why: String, kind: &Kind, attempt: u32, now: Timestamp) -> Outcome {
    if attempt >= kind.attempts {
        return Outcome::Failed(why);
    }
    Outcome::Again(why, now + pause(attempt, rand::rng().random_range(0.5..1.5)))
}

/// The pause after an attempt (counted from 1): twice as long each time up to a limit, times a number by chance around
/// one, so that what failed together does not come back together.
fn pause(attempt: u32, chance: f64) -> SignedDuration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << attempt.saturating_sub(1).min(20));
    span(doubled.min(LONGEST_PAUSE).mul_f64(chance))
}

/// Renews the lease and shows the progress while the handler works; comes back when the handler has to be cut off.
async fn watch_over(
    run: &Run,
    options: &Options,
    lease: Lease,
    kind: &Kind,
    mut stop: watch::Receiver<bool>,
) -> Option<Outcome> {
    let ctx = &run.ctx;
    let begun = Instant::now();
    let mut ticks = time::interval(TELL.min(options.lease / 6));
    let (mut told, mut last_beat) = (Progress::default(), begun);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = told_to(&mut stop) => {
                time::sleep(GRACE.min(options.lease / 2)).await;
                return Some(Outcome::Released);
            }
        }
        if begun.elapsed() > kind.timeout {
            let why = format!("it took longer than {} minutes", kind.timeout.as_secs() / 60);
            return Some(again(why, kind, run.job.attempt, ctx.clock.now()));
        }
        let progress = run.progress();
        if progress == told && last_beat.elapsed() < options.lease / 6 {
            continue;
        }
        let now = ctx.clock.now();
        match rows::beat(&ctx.inner.store, lease, &progress, now, now + span(options.lease)).await {
            Ok(Some(false)) => (told, last_beat) = (progress, Instant::now()),
            Ok(Some(true)) => return Some(Outcome::Cancelled),
            Ok(None) => return None,
            Err(_) if run.is_held() => {}
            // Another worker may have begun it by now.
            Err(_) if last_beat.elapsed() > options.lease => return None,
            Err(error) => warn(&error.into(), "cannot renew the lease of a background job"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        let seconds = [1, 2, 3, 8, 9, 10, 40].map(|attempt| pause(attempt, 1.0).as_secs());
        assert_eq!(seconds, [10, 20, 40, 1280, 2560, 3600, 3600]);
        assert_eq!(pause(1, 0.5).as_secs(), 5);
    }
}
