//! Work in the background: the note of each day, and binders.

use std::sync::Arc;

use bedrail_model::ids::JobId;
use serde::{Deserialize, Serialize};

use super::{Period, binder, day};
use crate::jobs::run::{Ended, Run, Stop};
use crate::jobs::{self, asked::Who, kinds};
use crate::results::Draft;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// What was asked for, as it is kept with the job.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    who: Who,
    from: String,
    to: String,
}

/// Whether somebody may seal a binder: who may read the whole audit log, an engagement of a period being none.
pub fn may_seal(actor: &Actor) -> bool {
    actor.may(Right::SeeAudit) && actor.period() == (None, None)
}

/// Asks for the binder of a period to be sealed in the background.
///
/// # Errors
/// [`Error::Denied`] without the right to read the whole audit log, [`Error::Invalid`] for days that have not come.
pub async fn ask(ctx: &Context, actor: &Actor, period: Period) -> Result<JobId, Error> {
    actor.need(Right::SeeAudit)?;
    if actor.period() != (None, None) {
        let action = "carry away the whole log; the engagement has a period".to_owned();
        return Err(Error::Denied { actor: actor.name.clone(), action });
    }
    period.check(ctx.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date())?;
    let asked = Asked { who: Who::of(actor), from: period.from.to_string(), to: period.to.to_string() };
    let change = ctx.change(actor, Right::SeeAudit, "ask.evidence").await?;
    let id = jobs::enqueue_for(&change, actor, &kinds::EXPORT_EVIDENCE, &asked).await?;
    change.commit(&format!("{} to {}", period.from, period.to), &format!("job {id}")).await?;
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
    let (exported, draft) = binder::write(&run.ctx, &actor, period, draft, tell).await?;
    let name = format!("evidence-{}-{}.zip", period.from, period.to);
    let change = run.ctx.change(&actor, Right::SeeAudit, "evidence.export").await?;
    draft.keep(&run.ctx, &change, run.job.id, ("application/zip", &name)).await?;
    let subject = format!("{} to {}", period.from, period.to);
    let words = binder::words(&exported);
    run.end_with(change, &subject, &words, &format!("{name}, {} files", exported.files)).await
}

/// Writes down how the programme of every organisation stands today. Doing it twice leaves the last note of the day.
pub(crate) async fn note_all(run: Run) -> Result<Ended, Stop> {
    let mut round = run.round("noting, organisations").await?;
    while let Some(actor) = round.next() {
        let noted = day::note(&run.ctx, &actor).await.map(drop);
        let reminded = crate::written::remind(&run.ctx, &actor).await.map(drop);
        round.done(&actor, noted.and(reminded));
    }
    Ok(Ended::With(format!("{} organisations noted", round.end()?)))
}
