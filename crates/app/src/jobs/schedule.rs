//! What is done by the clock: a table of kinds and how often. Every worker looks at it; the unique key of the work sees
//! to it that one job comes of it.

use bedrail_store::jobs as rows;
use jiff::{SignedDuration, Timestamp};
use rand::Rng as _;

use super::kinds::{CLEAN_UP, FEED_UPDATE, Kind, NIGHTLY, REMATCH};
use super::{Options, enqueue_by_clock};
use crate::{Context, Error, rematch};

/// A row of the schedule.
struct Regular {
    kind: &'static Kind,
    every: SignedDuration,
    /// Added by chance, up to this much, so that not all installations of the world ask at the same moment.
    jitter: SignedDuration,
}

const SCHEDULE: &[Regular] = &[
    Regular {
        kind: &FEED_UPDATE,
        every: SignedDuration::from_hours(6),
        jitter: SignedDuration::from_mins(30),
    },
    Regular { kind: &CLEAN_UP, every: SignedDuration::from_hours(24), jitter: SignedDuration::from_hours(1) },
    Regular { kind: &NIGHTLY, every: SignedDuration::from_hours(24), jitter: SignedDuration::from_mins(10) },
];

/// What was never done is begun this long after the start at the latest: a program that was only tried out has ended
/// before, and many that were started together do not ask at once.
const FIRST: SignedDuration = SignedDuration::from_mins(5);

/// Enqueues what is to be done next by the clock, and a re-judgement where newer data has come.
pub(super) async fn look(ctx: &Context, options: &Options) -> Result<(), Error> {
    let now = ctx.clock.now();
    for regular in SCHEDULE {
        let off = !options.feeds && regular.kind.code == FEED_UPDATE.code;
        if off || rows::is_open(&ctx.inner.store, &regular.kind.unique_for(None)).await? {
            continue;
        }
        let last = rows::last_ended(&ctx.inner.store, regular.kind.code).await?;
        enqueue_by_clock(ctx, None, regular.kind, regular.next(last, now)).await?;
    }
    Ok(())
}

/// Takes newer vulnerability data into use once the judgements in the database stand on it; asks for a re-judgement where
/// they do not yet. For a timer of every process; a worker has one.
///
/// # Errors
/// When the newer data or the database cannot be used.
pub async fn follow(ctx: &Context) -> Result<(), Error> {
    if rematch::is_behind(ctx).await? {
        enqueue_by_clock(ctx, None, &REMATCH, ctx.clock.now()).await?;
    }
    Ok(())
}

impl Regular {
    fn next(&self, last: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let up_to =
            |most: SignedDuration| SignedDuration::from_secs(rand::rng().random_range(0..=most.as_secs()));
        match last {
            Some(last) => (last + self.every + up_to(self.jitter)).max(now),
            None => now + up_to(FIRST),
        }
    }
}
