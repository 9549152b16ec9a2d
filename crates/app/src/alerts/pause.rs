//! Pauses: the clocks of an item stand still for a reason, until a day at the latest. They go on by themselves: when the time
//! is over, when something new happens, when the item becomes more urgent.

use std::collections::HashMap;

pub use bedrail_assess::alerts::pause::{WAITS, Wait, WaitRow};
use bedrail_assess::alerts::{Step, pause as rules, target};
use bedrail_model::alert::Outcome;
use bedrail_model::ids::{AlertItemId, AlertPauseId};
use bedrail_store::Change;
use bedrail_store::alerts::items::{self as item_rows, ItemRow, StepRow};
use bedrail_store::alerts::pauses::{self as rows, PauseRow};
use bedrail_store::alerts::segments::Known;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::work::{self, check_sentence};
use super::{rank, rota};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// A pause of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// What it waits for.
    pub wait: Wait,
    /// In a sentence.
    pub sentence: String,
    /// When it began, and when it is over at the latest.
    pub span: (Timestamp, Timestamp),
    /// When it ended; `None` while it lasts.
    pub ended: Option<Timestamp>,
    /// Who paused it.
    pub who: String,
}

impl Pause {
    pub(super) fn of(row: PauseRow) -> Option<Pause> {
        let PauseRow { begun, until, ended, reason, sentence, who, .. } = row;
        Some(Pause { wait: Wait::from_code(&reason)?, sentence, span: (begun, until), ended, who })
    }
}

/// What an item waits for, by the code that a person or a program names.
///
/// # Errors
/// [`Error::Invalid`] with what there is.
pub fn wait_named(code: &str) -> Result<Wait, Error> {
    Wait::from_code(code).ok_or_else(|| {
        let known: Vec<&str> = WAITS.iter().map(|row| row.code).collect();
        Error::Invalid {
            message: "clocks do not stand still for that".into(),
            hint: Some(format!("they do for {}", known.join(", "))),
        }
    })
}

/// Why a pause ends. The codes are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Asked,
    Over,
    Events,
    Urgent,
}

impl End {
    const fn code(self) -> &'static str {
        match self {
            End::Asked => "asked",
            End::Over => "over",
            End::Events => "events",
            End::Urgent => "urgent",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            End::Asked => "",
            End::Over => "the time is over",
            End::Events => "something new happened",
            End::Urgent => "it became more urgent",
        }
    }
}

/// Stops the clocks of an open item that somebody has, for a reason, until a moment at the latest.
///
/// # Errors
/// [`Error::Invalid`] without a sentence, for a moment that is past or beyond what the reason allows, and for a sign of success
/// that needs somebody now; [`Error::Conflict`] where nobody has it, where it is closed, or where its clocks stand still.
pub async fn pause(
    ctx: &Context,
    actor: &Actor,
    id: AlertItemId,
    wait: Wait,
    sentence: &str,
    until: Timestamp,
) -> Result<(), Error> {
    check_sentence(sentence)?;
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.pause").await?;
    let item = work::open_item(&change, id).await?;
    let conflict = |message: &str| Err(Error::Conflict { message: message.into() });
    if item.taken.is_none() {
        return conflict("nobody has it: somebody takes it before its clocks stand still");
    }
    if item.paused_until.is_some() {
        return conflict("its clocks stand still already");
    }
    let zone = rota::zone(&change).await?;
    check_until(&item, wait, until, change.at(), &zone)?;
    let row = PauseRow {
        id: AlertPauseId::generate(),
        begun: change.at(),
        until,
        ended: None,
        reason: wait.row().code.to_owned(),
        sentence: sentence.trim().to_owned(),
        who: actor.name.clone(),
        ended_for: None,
    };
    rows::add(&change, id, &row).await?;
    item_rows::set_pause(&change, id, Some(until), (item.due[1], item.due[2])).await?;
    let text = format!("until {until}: {}. {}", wait.row().words, row.sentence);
    item_rows::add_step(&change, id, &work::step(&change, &item, "paused", &actor.name, &text)).await?;
    change.commit(&work::name_of(&item), &format!("clocks stand still {text}")).await?;
    Ok(())
}

fn check_until(
    item: &ItemRow,
    wait: Wait,
    until: Timestamp,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<(), Error> {
    let when = rank::when_of(item.urgency);
    let outcome = Outcome::from_code(&item.about.outcome).unwrap_or(Outcome::Success);
    if !rules::may_wait(outcome, when) {
        return Err(Error::Invalid {
            message: "a sign that an attack succeeded is never put off while it needs somebody now".into(),
            hint: Some("decide on it, or hand it over".into()),
        });
    }
    let latest = wait.latest(when, now, zone);
    if until <= now {
        return Err(Error::invalid("the pause would be over already"));
    }
    if until > latest {
        return Err(Error::Invalid {
            message: format!("“{}” stops clocks until {latest} at the latest", wait.row().words),
            hint: Some("it can be paused again then, by somebody who has looked at it again".into()),
        });
    }
    Ok(())
}

/// The clocks of an item go on.
///
/// # Errors
/// [`Error::Conflict`] where they do not stand still.
pub async fn resume(ctx: &Context, actor: &Actor, id: AlertItemId) -> Result<(), Error> {
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.resume").await?;
    let item = work::open_item(&change, id).await?;
    if item.paused_until.is_none() {
        return Err(Error::Conflict { message: "its clocks do not stand still".into() });
    }
    let at = change.at();
    end(&change, &item, at, End::Asked, &actor.name).await?;
    change.commit(&work::name_of(&item), "clocks go on").await?;
    Ok(())
}

/// Ends the pause of an item: what is due moves by it, each clock in its own calendar.
pub(super) async fn end(
    change: &Change,
    item: &ItemRow,
    at: Timestamp,
    why: End,
    who: &str,
) -> Result<(), Error> {
    let last = rows::of(change, item.id).await?.into_iter().rfind(|row| row.ended.is_none());
    let zone = rota::zone(change).await?;
    let when = rank::when_of(item.urgency);
    let moved = |step: Step, due: Timestamp| match &last {
        Some(row) => rules::moved(target(when, step), due, (row.begun, at), &zone),
        None => due,
    };
    let due = (moved(Step::Decide, item.due[1]), moved(Step::Close, item.due[2]));
    rows::end(change, item.id, at, why.code()).await?;
    item_rows::set_pause(change, item.id, None, due).await?;
    let step = StepRow { at, ..work::step(change, item, "resumed", who, why.words()) };
    Ok(item_rows::add_step(change, item.id, &step).await?)
}

/// Something new happened to items whose clocks stood still: they go on.
pub(super) async fn wake(change: &Change, known: &HashMap<[u8; 32], Known>) -> Result<(), Error> {
    let paused = known.values().filter(|known| known.paused && known.closed.is_none());
    let paused: Vec<AlertItemId> = paused.map(|known| known.id).collect();
    for id in paused {
        if let Some(item) = item_rows::one(change, id).await? {
            end(change, &item, change.at(), End::Events, "bedrail").await?;
        }
    }
    Ok(())
}

/// Ends pauses whose time is over, at the moment it was over: what a server slept is nobody's gain.
pub(super) async fn end_over(ctx: &Context, actor: &Actor) -> Result<u64, Error> {
    let now = ctx.clock.now();
    let view = ctx.view(actor, Right::SeeFleet).await?;
    if item_rows::over(&view, now).await?.is_empty() {
        return Ok(0);
    }
    drop(view);
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.resume").await?;
    // Under the lock of the change: another process may have ended some.
    let over = item_rows::over(&change, now).await?;
    for item in &over {
        let at = item.paused_until.unwrap_or(now);
        end(&change, item, at, End::Over, "bedrail").await?;
    }
    let ended = over.len() as u64;
    change.commit("alerts", &format!("the clocks of {ended} items go on: the time is over")).await?;
    Ok(ended)
}
