//! Jobs that keep the installation itself in order.

use bedrail_store::{jobs, sessions};
use jiff::SignedDuration;

use super::kinds::REMATCH;
use super::run::{Ended, Run, Stop};
use crate::feeds::update::{Outcome, Progress, UpdateReport};
use crate::feeds::{self, DataDir, Options, Origin};
use crate::medical::provider;
use crate::organisations::Round;
use crate::rights::Right;
use crate::vex::rule;
use crate::{Actor, campaigns, rematch as matching, results, spool};

/// Jobs that are over are kept this long.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Fetches vulnerability data, then asks for what it touches to be judged again. Doing it twice fetches nothing the
/// second time.
pub(super) async fn fetch(run: Run) -> Result<Ended, Stop> {
    let dir = DataDir::new(&run.ctx.data_dir);
    let now = run.ctx.clock.now();
    let teller = run.clone();
    let runtime = tokio::runtime::Handle::current();
    // Building the index is long work without a pause: not for the threads that others wait on.
    let updating = tokio::task::spawn_blocking(move || {
        let tell = |progress| show(&teller, progress);
        runtime.block_on(feeds::update(&dir, &Origin::Public, Options::default(), now, &tell))
    });
    let report = match updating.await {
        Ok(Ok(report)) => report,
        Ok(Err(error)) => return Err(Stop::Again(error.to_string())),
        Err(error) => return Err(Stop::Again(error.to_string())),
    };
    let missed = note(&run, &report).await?;
    super::enqueue_by_clock(&run.ctx, None, &REMATCH, now).await?;
    let advisories = report.advisories;
    Ok(Ended::With(match missed {
        0 => format!("{advisories} advisories held"),
        missed => {
            format!("{advisories} advisories held; {missed} sources could not be had, the log names them")
        }
    }))
}

/// Asks every provider of advisories. Doing it twice fetches nothing the second time.
pub(super) async fn advisories(run: Run) -> Result<Ended, Stop> {
    let reports = provider::update_all(&run.ctx, &provider::Origin::from_env()).await?;
    for report in &reports {
        for (place, why) in &report.problems {
            run.log(format!("{place}: {why}")).await?;
        }
    }
    let taken: usize = reports.iter().map(|it| it.taken).sum();
    Ok(Ended::With(match reports.len() {
        0 => "no provider of advisories was added".to_owned(),
        asked => format!("{asked} providers asked, {taken} advisories taken in"),
    }))
}

fn show(run: &Run, progress: Progress) {
    match progress {
        Progress::Fetching { source, bytes, total } => {
            run.tell(bytes, total.unwrap_or(0), format!("fetching {source}, bytes"));
        }
        Progress::Indexing { records, total } => run.tell(records, total, "building the index, records"),
    }
}

/// Writes down what became of each source. Returns how many that belong to every installation could not be had.
async fn note(run: &Run, report: &UpdateReport) -> Result<u64, Stop> {
    let mut missed = 0;
    for (name, outcome) in &report.sources {
        let expected = feeds::sources::Source::named(name)
            .is_some_and(|source| source.need == feeds::sources::Need::Expected);
        let line = match outcome {
            Outcome::Updated => format!("{name}: newer data taken over"),
            Outcome::Unchanged => continue,
            Outcome::NotFetched(why) => format!("{name}: could not be had: {why}"),
            Outcome::Refused(why) => format!("{name}: not taken: {why}"),
        };
        missed += u64::from(expected && !matches!(outcome, Outcome::Updated));
        run.log(line).await?;
    }
    Ok(missed)
}

/// Judges again what newer data touches. Where another process has done it, nothing is left to do.
pub(super) async fn rematch(run: Run) -> Result<Ended, Stop> {
    let tell = |software: u64, words: &str| run.tell(software, 0, format!("{words}, identities"));
    let done = matching::refresh_telling(&run.ctx, &tell).await?;
    // What is known to be exploited now may need a person; asked for also where a run before this one broke off.
    let now = run.ctx.clock.now();
    for org in bedrail_store::organisations::all(&run.ctx.inner.store).await? {
        super::enqueue_by_clock(&run.ctx, Some(org), &super::kinds::STATEMENT_RULES, now).await?;
    }
    let Some(done) = done else {
        return Ok(Ended::With("nothing had to be judged again".into()));
    };
    let matching::Rematched { software, opened, closed, .. } = done;
    Ok(Ended::With(format!(
        "{software} software identities judged, {opened} findings opened or changed, {closed} closed"
    )))
}

/// Follows the written rules of an organisation. Doing it twice does nothing the second time.
pub(super) async fn statement_rules(run: Run) -> Result<Ended, Stop> {
    let actor = Actor::system(run.org()?);
    let ruled = rule::follow(&run.ctx, &actor).await?;
    for line in &ruled.left {
        run.log(format!("left for a person: {line}")).await?;
    }
    Ok(Ended::With(format!("{} accepted, {} taken back", ruled.accepted, ruled.taken_back)))
}

/// Looks at the campaigns of an organisation. Doing it twice writes nothing the second time.
pub(super) async fn campaign_look(run: Run) -> Result<Ended, Stop> {
    let looked = campaigns::look(&run.ctx, &Actor::system(run.org()?)).await?;
    Ok(Ended::With(looked.words()))
}

/// Looks at the campaigns of every organisation.
pub(super) async fn campaign_day(run: Run) -> Result<Ended, Stop> {
    let mut all = campaigns::Looked::default();
    let mut round = Round::of(&run.ctx, "looking at campaigns, organisations").await?;
    while let Some(actor) = round.next() {
        run.tell_of(&round);
        let looked = campaigns::look(&run.ctx, &actor).await.map(|looked| all.add(looked));
        round.done(&actor, looked);
    }
    round.end()?;
    Ok(Ended::With(all.words()))
}

/// Forgets expired sessions, jobs that were over long ago, and results that nobody may fetch any more.
pub(super) async fn clean_up(run: Run) -> Result<Ended, Stop> {
    let store = &run.ctx.inner.store;
    let now = run.ctx.clock.now();
    let sessions = sessions::sweep(store, now).await?;
    let jobs = jobs::sweep(store, now - KEPT).await?;
    bedrail_store::tries::sweep(store, now).await?;
    let organisations = bedrail_store::organisations::all(store).await?;
    let files = results::sweep(&run.ctx, &organisations).await? + spool::sweep(&run.ctx);
    Ok(Ended::With(format!("{sessions} sessions, {jobs} jobs and {files} results forgotten")))
}

/// Looks over every organisation: tells where data is old, forgets old notices, asks for the digests.
pub(super) async fn nightly(run: Run) -> Result<Ended, Stop> {
    let organisations = crate::notices::nightly(&run.ctx).await?;
    Ok(Ended::With(format!("{organisations} organisations looked over")))
}

/// Looks over the ledgers of alerts. Doing it twice does nothing the second time.
pub(super) async fn alerts(run: Run) -> Result<Ended, Stop> {
    let night = crate::alerts::upkeep::nightly(&run.ctx).await?;
    for line in &night.wrong {
        run.log(line).await?;
    }
    let adds_up =
        if night.wrong.is_empty() { "all is accounted for" } else { "it does not add up, see the log" };
    Ok(Ended::With(format!(
        "{} items ranked another way, {} events kept no longer; {adds_up}",
        night.ranked, night.forgotten
    )))
}

/// Counts to a few in steps, then leaves one entry in the audit log by the transaction that ends the job.
pub(super) async fn check(run: Run) -> Result<Ended, Stop> {
    const STEPS: u64 = 3;
    let org = run.org()?;
    for step in 1..=STEPS {
        run.tell(step, STEPS, "counting");
        run.log(format!("step {step} of {STEPS}")).await?;
    }
    let change = run.ctx.change(&Actor::system(org), Right::ManageJobs, "job.check").await?;
    run.end_with(change, "background jobs", &run.job.id.to_string(), "background jobs run").await
}
