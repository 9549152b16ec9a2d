//! What is done by the clock: a table of kinds and how often. Every worker looks at it; the unique key of the work sees
//! to it that one job comes of it. How often data is fetched is chosen by people, for the whole installation.

use bedrail_store::{jobs as rows, regular};
use jiff::{SignedDuration, Timestamp};
use rand::Rng as _;

use super::kinds::{
    ADVISORY_UPDATE, ALERTS_NIGHTLY, CAMPAIGN_DAY, CLEAN_UP, FEED_UPDATE, Kind, NIGHTLY, PROGRAMME_DAY,
    REMATCH, RESPONSE_PACK, WORKFORCE_NIGHT,
};
use super::{Options, enqueue_by_clock};
use crate::rights::Right;
use crate::{Actor, Context, Error, rematch};

/// A row of the schedule.
struct Regular {
    kind: &'static Kind,
    every: SignedDuration,
    /// Added by chance, up to this much, so that not all installations of the world ask at the same moment.
    jitter: SignedDuration,
    /// The least and the most minutes between two, where people may choose.
    choice: Option<(u32, u32)>,
    /// What it does, each in a sentence.
    steps: &'static [&'static str],
}

const SCHEDULE: &[Regular] = &[
    Regular {
        kind: &FEED_UPDATE,
        every: SignedDuration::from_hours(6),
        jitter: SignedDuration::from_mins(30),
        choice: Some((15, 7 * 24 * 60)),
        steps: &[
            "Asks each source whether it has anything newer, and fetches what has changed.",
            "Goes on where a download broke, and leaves a server alone that asks for it.",
            "Builds the index anew, and has what the newer data touches judged again.",
        ],
    },
    Regular {
        kind: &ADVISORY_UPDATE,
        every: SignedDuration::from_hours(6),
        jitter: SignedDuration::from_mins(30),
        choice: Some((15, 7 * 24 * 60)),
        steps: &[
            "Asks each provider of advisories whether it has anything newer, and fetches what has changed.",
            "Checks the hash, the name and the publisher of each document; signatures are not checked.",
        ],
    },
    Regular {
        kind: &NIGHTLY,
        every: SignedDuration::from_hours(24),
        jitter: SignedDuration::from_mins(10),
        choice: None,
        steps: &[
            "Tells every organisation where the vulnerability data is old or not whole.",
            "Mails the notices of the day to those who want them once a day.",
            "Follows the written rules on statements of others.",
            "Forgets notices that are older than they are kept.",
        ],
    },
    Regular {
        kind: &ALERTS_NIGHTLY,
        every: SignedDuration::from_hours(24),
        jitter: SignedDuration::from_hours(1),
        choice: None,
        steps: &[
            "Ranks open alerts by what is known of their devices now.",
            "Counts the events of the last week again, received against accounted for, and the kept ones by their digests.",
            "Forgets events that are kept long enough; their numbers, hashes and items stay.",
        ],
    },
    Regular {
        kind: &CAMPAIGN_DAY,
        // More often than once a day, so that no day is without a look where a worker was away for some hours.
        every: SignedDuration::from_hours(6),
        jitter: SignedDuration::from_mins(10),
        choice: None,
        steps: &[
            "Notes for each open campaign how each ward stands; of a day the last note stays.",
            "Looks whether anything shows those actions to be done that people said are done.",
        ],
    },
    Regular {
        kind: &PROGRAMME_DAY,
        // More often than once a day, so that no day is without a note where a worker was away for some hours.
        every: SignedDuration::from_hours(6),
        jitter: SignedDuration::from_mins(10),
        choice: None,
        steps: &[
            "Notes how every requirement stands, with the facts behind it; of a day the last note stays.",
            "Checks every link of the audit log.",
        ],
    },
    Regular {
        kind: &RESPONSE_PACK,
        every: SignedDuration::from_hours(24),
        jitter: SignedDuration::from_mins(30),
        choice: None,
        steps: &[
            "Writes contacts, downtime steps, devices by patient harm and who may disconnect what into the data folder, as HTML, PDF and ZIP.",
        ],
    },
    Regular {
        kind: &WORKFORCE_NIGHT,
        every: SignedDuration::from_hours(24),
        jitter: SignedDuration::from_mins(30),
        choice: None,
        steps: &[
            "Assigns to who joined or changed role what is asked of them, and closes what is open of who left.",
            "Asks anew for what no longer holds in 30 days.",
            "Reminds members of what is due or late, and tells those who keep the roster of who is late for a week.",
        ],
    },
    Regular {
        kind: &CLEAN_UP,
        every: SignedDuration::from_hours(24),
        jitter: SignedDuration::from_hours(1),
        choice: None,
        steps: &[
            "Forgets sessions that are over.",
            "Forgets jobs that were over 30 days ago.",
            "Removes reports and exports of jobs after a week.",
        ],
    },
];

/// What was never done is begun this long after the start at the latest: a program that was only tried out has ended
/// before, and many that were started together do not ask at once.
const FIRST: SignedDuration = SignedDuration::from_mins(5);

/// Work that is done by the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regularly {
    /// The code of its kind.
    pub kind: &'static str,
    /// What it does, in short.
    pub words: &'static str,
    /// What it does, each in a sentence.
    pub steps: &'static [&'static str],
    /// Minutes between the end of one and the next, to which something is added by chance.
    pub minutes: u32,
    /// Whether somebody chose these minutes.
    pub chosen: bool,
    /// The least and the most minutes, where people of the actor's organisation may choose.
    pub choice: Option<(u32, u32)>,
    /// What it takes to choose, beside the right to manage jobs.
    pub right: Right,
    /// When it was last over.
    pub last: Option<Timestamp>,
    /// When it is done next; none where no worker has looked yet, or none does it.
    pub next: Option<Timestamp>,
}

/// What is done by the clock, and when next.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn regularly(ctx: &Context, actor: &Actor) -> Result<Vec<Regularly>, Error> {
    actor.need(Right::SeeJobs)?;
    let (store, mut all) = (&ctx.inner.store, Vec::new());
    let chosen = regular::all(store).await?;
    let runs = super::runs_installation(ctx, actor).await?;
    for row in SCHEDULE {
        let own = chosen.iter().find(|(kind, _)| *kind == row.kind.code).map(|(_, minutes)| *minutes);
        all.push(Regularly {
            kind: row.kind.code,
            words: row.kind.words,
            steps: row.steps,
            minutes: own.unwrap_or(u32::try_from(row.every.as_mins()).unwrap_or(u32::MAX)),
            chosen: own.is_some(),
            choice: row.choice.filter(|_| runs),
            right: row.kind.right,
            last: rows::last_ended(store, row.kind.code).await?,
            next: rows::due(store, &row.kind.unique_for(None)).await?,
        });
    }
    Ok(all)
}

/// Chooses how often regular work is done; `None` is the program's own pace again. What waits already is moved.
///
/// # Errors
/// [`Error::NotFound`] for what nobody chooses the pace of, [`Error::Invalid`] for a pace that makes no sense,
/// [`Error::Denied`] without the right.
pub async fn set_pace(ctx: &Context, actor: &Actor, kind: &str, minutes: Option<u32>) -> Result<(), Error> {
    actor.need(Right::ManageJobs)?;
    let row = SCHEDULE.iter().find(|row| row.kind.code == kind && row.choice.is_some());
    let row = row.ok_or_else(|| Error::not_found(format!("regular work {}", kind.escape_debug())))?;
    actor.need(row.kind.right)?;
    if !super::runs_installation(ctx, actor).await? {
        let action = "choose how often work of the whole installation is done; its first organisation does";
        return Err(Error::Denied { actor: actor.name.clone(), action: action.to_owned() });
    }
    let (least, most) = row.choice.unwrap_or_default();
    if let Some(minutes) = minutes.filter(|minutes| !(least..=most).contains(minutes)) {
        return Err(Error::Invalid {
            message: format!("{minutes} minutes is no pace for this"),
            hint: Some(format!("choose {least} to {most} minutes")),
        });
    }
    let last = rows::last_ended(&ctx.inner.store, row.kind.code).await?;
    let before = pace(ctx, row).await?;
    let change = ctx.change(actor, Right::ManageJobs, "job.pace").await?;
    regular::set(&change, row.kind.code, minutes).await?;
    let every = minutes.map_or(row.every, |minutes| SignedDuration::from_mins(minutes.into()));
    let run_at = row.next(every, last, change.at());
    rows::move_to(&change, &row.kind.unique_for(None), run_at).await?;
    let words = |every: SignedDuration| format!("every {} minutes", every.as_mins());
    Ok(change.commit_with(row.kind.words, "", Some(words(before)), Some(words(every))).await?)
}

async fn pace(ctx: &Context, row: &Regular) -> Result<SignedDuration, Error> {
    let chosen = regular::all(&ctx.inner.store).await?;
    let own = chosen.iter().find(|(kind, _)| *kind == row.kind.code);
    Ok(own.map_or(row.every, |(_, minutes)| SignedDuration::from_mins((*minutes).into())))
}

/// Enqueues what is to be done next by the clock, and a re-judgement where newer data has come.
pub(super) async fn look(ctx: &Context, options: &Options) -> Result<(), Error> {
    let now = ctx.clock.now();
    for regular in SCHEDULE {
        let fetches = [FEED_UPDATE.code, ADVISORY_UPDATE.code].contains(&regular.kind.code);
        let off = !options.feeds && fetches;
        if off || rows::is_open(&ctx.inner.store, &regular.kind.unique_for(None)).await? {
            continue;
        }
        let last = rows::last_ended(&ctx.inner.store, regular.kind.code).await?;
        let every = pace(ctx, regular).await?;
        enqueue_by_clock(ctx, None, regular.kind, regular.next(every, last, now)).await?;
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
    fn next(&self, every: SignedDuration, last: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let up_to =
            |most: SignedDuration| SignedDuration::from_secs(rand::rng().random_range(1..=most.as_secs()));
        match last {
            Some(last) => (last + every + up_to(self.jitter.min(every))).max(now),
            None => now + up_to(FIRST),
        }
    }
}
