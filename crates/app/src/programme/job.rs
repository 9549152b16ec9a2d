//! Work in the background: the note of each day, and binders.

use std::sync::Arc;

use bedrail_model::engagement::Scope;
use bedrail_model::ids::JobId;
use serde::{Deserialize, Serialize};

use super::binder::Wanted;
use super::{Period, binder, day};
use crate::jobs::run::{Ended, Run, Stop};
use crate::jobs::{self, asked::Who, kinds};
use crate::organisations::Round;
use crate::results::Draft;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// What was asked for, as it is kept with the job.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    who: Who,
    from: String,
    to: String,
    #[serde(default)]
    requirements: Vec<String>,
    #[serde(default)]
    sites: Vec<String>,
}

/// Whether somebody may seal a binder: who may read the audit log. An engagement's binder has its scope.
pub fn may_seal(actor: &Actor) -> bool {
    actor.may(Right::SeeAudit)
}

/// Asks for the binder of a period and a scope to be sealed in the background.
///
/// # Errors
/// [`Error::Denied`] without the right to read the audit log, [`Error::Invalid`] for days that have not come or that the engagement is
/// not about, and for requirements that there are not.
pub async fn ask(ctx: &Context, actor: &Actor, wanted: impl Into<Wanted>) -> Result<JobId, Error> {
    actor.need(Right::SeeAudit)?;
    let wanted = wanted.into();
    wanted.check(actor, ctx.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date())?;
    let asked = Asked {
        who: Who::of(actor),
        from: wanted.period.from.to_string(),
        to: wanted.period.to.to_string(),
        requirements: wanted.scope.requirements.clone(),
        sites: wanted.scope.sites.clone(),
    };
    let change = ctx.change(actor, Right::SeeAudit, "ask.evidence").await?;
    let id = jobs::enqueue_for(&change, actor, &kinds::EXPORT_EVIDENCE, &asked).await?;
    change.commit(&wanted.words(), &format!("job {id}")).await?;
    Ok(id)
}

/// Seals a binder.
pub(crate) async fn write_binder(run: Run) -> Result<Ended, Stop> {
    let asked: Asked = run.payload()?;
    let actor = asked.who.actor(&run.ctx, run.org()?).await?;
    let day = |text: &str| text.parse().map_err(|_| Stop::Never(format!("{text} is no day")));
    let period = Period { from: day(&asked.from)?, to: day(&asked.to)? };
    run.tell(0, 0, "gathering evidence");
    let teller = run.clone();
    let tell = Arc::new(move |done, total| teller.tell(done, total, "sealing, files"));
    let draft = Draft::begin(&run.ctx)?;
    let wanted = Wanted { period, scope: Scope { requirements: asked.requirements, sites: asked.sites } };
    let (exported, draft) = binder::write(&run.ctx, &actor, &wanted, draft, tell).await?;
    let name = format!("evidence-{}-{}.zip", period.from, period.to);
    let change = run.ctx.change(&actor, Right::SeeAudit, "evidence.export").await?;
    draft.keep(&run.ctx, &change, run.job.id, ("application/zip", &name)).await?;
    let words = binder::words(&exported);
    run.end_with(change, &wanted.words(), &words, &format!("{name}, {} files", exported.files)).await
}

/// Writes down how the programme of every organisation stands today. Doing it twice leaves the last note of the day.
pub(crate) async fn note_all(run: Run) -> Result<Ended, Stop> {
    let mut round = Round::of(&run.ctx, "noting, organisations").await?;
    while let Some(actor) = round.next() {
        run.tell_of(&round);
        let noted = day::note(&run.ctx, &actor).await.map(drop);
        let reminded = crate::written::remind(&run.ctx, &actor).await.map(drop);
        round.done(&actor, noted.and(reminded));
    }
    Ok(Ended::With(format!("{} organisations noted", round.end()?)))
}
