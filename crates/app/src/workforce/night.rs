//! Once a day: what follows from the roster and the calendar. Set-based: one statement for everybody, or for everybody and one duty.

use std::time::Duration;

use bedrail_model::workforce::DutyKind;
use bedrail_store::Change;
use bedrail_store::workforce::duties as duty_rows;
use bedrail_store::workforce::links;
use bedrail_store::workforce::night::{self as rows, Whose};
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use tokio::time::Instant;

use super::{Followed, today_of};
use crate::jobs::run::{Ended, Run, Stop};
use crate::notices::{self, LATE, OWN_DUTIES, Tidings};
use crate::organisations::Round;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Days before something is due on which its person is reminded.
const BEFORE: i64 = 7;
/// Days after it was due on which those who keep the roster are told.
const AFTER: i64 = 7;
/// Links that opened nothing any more are kept this long.
const LINKS: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A change takes so long at most, but for what one statement takes: nobody waits for more.
const STEP: Duration = Duration::from_millis(250);
/// Wards named in a notice.
const NAMED: usize = 10;

/// The figure of people who are current on every course.
pub(crate) const TRAINED: &str = "training";
/// The figure of people who signed every policy.
pub(crate) const READ: &str = "policies";
/// The figure of people who signed all that is to be signed.
pub(crate) const SIGNED: &str = "signatures";

/// What a night did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Night {
    /// What followed.
    pub followed: Followed,
    /// Members who were told what they have to do.
    pub reminded: u64,
}

/// Lets everything follow, and counts it.
pub(super) async fn follow_all(change: &Change) -> Result<Followed, Error> {
    let today = today_of(change);
    let mut closed = rows::close_of_leavers(change, Whose::All, today).await?;
    closed += rows::close_of_movers(change, Whose::All).await?;
    let mut assigned = 0;
    for duty in duty_rows::all(change).await?.into_iter().filter(|duty| duty.closed.is_none()) {
        assigned += super::follow_duty(change, &duty).await?;
    }
    count_people(change, today).await?;
    Ok(Followed { closed, assigned })
}

async fn count_people(change: &Change, today: Date) -> Result<(), Error> {
    use DutyKind::{Course, Policy, Statement};
    for (name, kinds) in
        [(TRAINED, (Course, Course)), (READ, (Policy, Policy)), (SIGNED, (Policy, Statement))]
    {
        rows::figure(change, name, kinds, today).await?;
    }
    Ok(())
}

/// Looks after the people of one organisation. It goes duty by duty and gives way to whoever waits to write: with many people one change
/// for all of it would hold everybody up for its whole time.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn run(ctx: &Context, actor: &Actor) -> Result<Night, Error> {
    let change = begin(ctx, actor).await?;
    let today = today_of(&change);
    let mut followed = Followed::default();
    followed.closed += rows::close_of_leavers(&change, Whose::All, today).await?;
    followed.closed += rows::close_of_movers(&change, Whose::All).await?;
    links::sweep(&change, change.at() - LINKS).await?;
    let duties = duty_rows::all(&change).await?;
    let mut writing = Some((change, Instant::now()));
    for duty in duties.into_iter().filter(|duty| duty.closed.is_none()) {
        let (change, begun) = match writing.take() {
            Some(writing) => writing,
            None => (begin(ctx, actor).await?, Instant::now()),
        };
        followed.assigned += super::follow_duty(&change, &duty).await?;
        if ctx.inner.store.is_wanted() || begun.elapsed() > STEP {
            change.commit("the workforce", &format!("so far {}", followed.words())).await?;
        } else {
            writing = Some((change, begun));
        }
    }
    let change = match writing {
        Some((change, _)) => change,
        None => begin(ctx, actor).await?,
    };
    count_people(&change, today).await?;
    let reminded = remind(&change).await?;
    change.commit("the workforce", &format!("{}, {reminded} reminded", followed.words())).await?;
    Ok(Night { followed, reminded })
}

async fn begin(ctx: &Context, actor: &Actor) -> Result<Change, Error> {
    ctx.change(actor, Right::KeepWorkforce, "workforce.night").await
}

/// Tells people of what is due soon or late, each once for each step, and those who keep the roster of who is late for long.
async fn remind(change: &Change) -> Result<u64, Error> {
    let today = today_of(change);
    let (soon, long) = (today.saturating_add(BEFORE.days()), today.saturating_sub(AFTER.days()));
    let members = rows::to_remind(change, today, soon).await?;
    for (account, open, late) in &members {
        let title = match late {
            0 => format!("{open} things to sign or to learn are due soon"),
            late => format!("{late} things to sign or to learn are late"),
        };
        let unique = format!("{account} {today}");
        let detail = "What is asked of you stands on your own page.";
        let tidings = Tidings { title: &title, detail, link: "/me", unique: &unique };
        notices::tell_one(change, &OWN_DUTIES, &tidings, *account).await?;
    }
    let wards = rows::to_escalate(change, long).await?;
    if !wards.is_empty() {
        let people: u64 = wards.iter().map(|(.., people)| people).sum();
        let title =
            format!("{people} people are late for more than {AFTER} days with what they sign or learn");
        let named = wards.iter().take(NAMED).map(|(site, ward, people)| {
            let place =
                [site.as_str(), ward.as_str()].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>();
            format!("{}: {people}", if place.is_empty() { "no ward".to_owned() } else { place.join(", ") })
        });
        let mut detail = named.collect::<Vec<_>>().join("; ");
        if wards.len() > NAMED {
            detail.push_str(&format!("; and {} wards more", wards.len() - NAMED));
        }
        let unique = today.to_string();
        let tidings = Tidings { title: &title, detail: &detail, link: "/attestations", unique: &unique };
        notices::tell(change, &LATE, &tidings).await?;
    }
    rows::note_reminded(change, today, soon, long).await?;
    Ok(members.len() as u64)
}

/// Looks after the people of every organisation. Doing it twice does nothing the second time.
pub(crate) async fn all(run_: Run) -> Result<Ended, Stop> {
    let mut all = Night::default();
    let mut round = Round::of(&run_.ctx, "looking after people, organisations").await?;
    while let Some(actor) = round.next() {
        run_.tell_of(&round);
        let night = run(&run_.ctx, &actor).await.map(|night| {
            all.followed.assigned += night.followed.assigned;
            all.followed.closed += night.followed.closed;
            all.reminded += night.reminded;
        });
        round.done(&actor, night);
    }
    round.end()?;
    Ok(Ended::With(format!("{}, {} reminded", all.followed.words(), all.reminded)))
}
