//! Tells a ticket system of items: what is opened, taken, decided, closed or comes again, by the organisation's signed webhook.
//! What is closed there comes back by [`super::closings`], with its person and its reason.
//!
//! What was told is known by a moment up to which everything was; it moves on only when the receiver has answered. A process
//! that ends in between tells the same again: the receiver knows an item by its id.

use std::collections::BTreeSet;

use bedrail_model::ids::{AlertItemId, OrgId};
use bedrail_store::alerts::tickets as rows;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::work::{self, Item};
use crate::jobs::run::{Ended, Run, Stop};
use crate::jobs::{self, kinds};
use crate::notices::{self, WebhookSettings};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// The schema of the calls.
const SCHEMA: &str = "bedrail.alert-items/1";
/// Items in one call.
const IN_A_CALL: usize = 100;
/// Movements looked at before what was told is noted; more where more happened at the same moment, as by a written policy.
const LOOKED_AT: u32 = 2_000;
/// Calls of one job; the next minute goes on.
const CALLS: usize = 200;
/// What may still be on its way into the database is waited for.
const SETTLED: SignedDuration = SignedDuration::from_secs(2);

#[derive(Serialize)]
struct Body<'i> {
    schema: &'static str,
    items: Vec<Told<'i>>,
}

/// An item as the other system gets it.
#[derive(Serialize)]
struct Told<'i> {
    id: String,
    state: &'static str,
    urgency: &'static str,
    rule: &'i str,
    rule_name: Option<&'i str>,
    source: &'i str,
    device: Option<&'i str>,
    device_id: Option<String>,
    outcome: &'static str,
    events: u64,
    opened: String,
    take_by: String,
    close_by: String,
    owner: Option<&'i str>,
    closed: Option<TicketClosing<'i>>,
    link: String,
}

#[derive(Serialize)]
struct TicketClosing<'i> {
    reason: &'static str,
    sentence: &'i str,
    by: &'i str,
    at: String,
}

impl<'i> Told<'i> {
    fn of(item: &'i Item) -> Told<'i> {
        Told {
            id: item.id.to_string(),
            state: match (&item.closed, &item.taken) {
                (Some(_), _) => "closed",
                (None, Some(_)) => "taken",
                (None, None) => "open",
            },
            urgency: item.when.code(),
            rule: &item.rule.0,
            rule_name: item.rule.1.as_deref(),
            source: &item.source.1,
            device: item.device.as_ref().map(|(_, name)| name.as_str()),
            device_id: item.device.as_ref().map(|(id, _)| id.to_string()),
            outcome: item.outcome.code(),
            events: item.events.0,
            opened: item.opened.to_string(),
            take_by: item.due[0].to_string(),
            close_by: item.due[2].to_string(),
            owner: item.taken.as_ref().map(|(owner, _)| owner.as_str()),
            closed: item.closed.as_ref().map(|closed| TicketClosing {
                reason: closed.reason.code(),
                sentence: &closed.sentence,
                by: &closed.by,
                at: closed.at.to_string(),
            }),
            link: format!("/alerts/{}", item.id),
        }
    }
}

/// Asks for a job where a ticket system is to be told of something. The first time it is told from now on.
pub(crate) async fn ask(ctx: &Context, org: OrgId) -> Result<(), Error> {
    let actor = Actor::system(org);
    let view = ctx.view(&actor, Right::SeeFleet).await?;
    if !notices::webhook(&view).await?.is_some_and(|(settings, _)| settings.alert_items) {
        return Ok(());
    }
    let now = ctx.clock.now();
    let Some(told) = rows::told_to(&view).await? else {
        drop(view);
        let change = ctx.change(&actor, Right::HandleAlerts, "alerts.tickets").await?;
        rows::set(&change, now).await?;
        change.commit("ticket system", "told of items from now on").await?;
        return Ok(());
    };
    let moved = rows::moved(&view, (told, now - SETTLED), 1).await?;
    drop(view);
    if moved.iter().any(|found| !found.is_empty()) {
        jobs::enqueue_by_clock(ctx, Some(org), &kinds::ALERT_TICKETS, now).await?;
    }
    Ok(())
}

/// Tells the ticket system of what happened since it was told last.
pub(crate) async fn send(run: Run) -> Result<Ended, Stop> {
    let Some(org) = run.job.org else { return Err(Stop::Never("it belongs to no organisation".into())) };
    let actor = Actor::system(org);
    let again = |error: Error| Stop::Again(error.to_string());
    let (mut items, mut calls) = (0, 0);
    while calls < CALLS {
        let view = run.ctx.view(&actor, Right::SeeFleet).await.map_err(again)?;
        let hook = notices::webhook(&view).await.map_err(again)?;
        let Some((settings, sealed)) = hook.filter(|(settings, _)| settings.alert_items) else {
            return Ok(Ended::With("no ticket system is set up".into()));
        };
        let to = run.ctx.clock.now() - SETTLED;
        let told = rows::told_to(&view).await.map_err(|error| again(error.into()))?.unwrap_or(to);
        let (mut limit, mut found) = (LOOKED_AT, None);
        while found.is_none() {
            let moved = rows::moved(&view, (told, to), limit).await;
            found = covered(&moved.map_err(|error| again(error.into()))?, to, limit);
            limit = limit.saturating_mul(10);
        }
        let (ids, upto) = found.unwrap_or_default();
        if ids.is_empty() {
            break;
        }
        let ids: Vec<AlertItemId> = ids.into_iter().collect();
        for part in ids.chunks(IN_A_CALL) {
            let shown = work::by_ids(&view, part, run.ctx.clock.now()).await.map_err(again)?;
            call(&run, org, (&settings, &sealed), &shown).await?;
            (items, calls) = (items + shown.len(), calls + 1);
        }
        drop(view);
        let change = run.ctx.change(&actor, Right::HandleAlerts, "alerts.tickets").await.map_err(again)?;
        rows::set(&change, upto).await.map_err(|error| again(error.into()))?;
        let words = format!("told of {} items", ids.len());
        change.commit("ticket system", &words).await.map_err(|error| again(error.into()))?;
    }
    Ok(Ended::With(format!("told of {items} items in {calls} calls")))
}

/// Which items moved, and up to when all that moved are among them: where one sort was cut off, up to its last moment
/// (exclusive, since others may have moved at the very same). `None` where all of a cut-off sort moved at one moment: look at more.
fn covered(
    moved: &[Vec<(AlertItemId, Timestamp)>; 2],
    to: Timestamp,
    limit: u32,
) -> Option<(BTreeSet<AlertItemId>, Timestamp)> {
    let mut upto = to;
    for found in moved.iter().filter(|found| found.len() >= limit as usize) {
        if let (Some((_, first)), Some((_, last))) = (found.first(), found.last()) {
            if first == last {
                return None;
            }
            upto = upto.min(*last - SignedDuration::from_micros(1));
        }
    }
    let ids = moved.iter().flatten().filter(|(_, at)| *at <= upto).map(|(id, _)| *id).collect();
    Some((ids, upto))
}

async fn call(
    run: &Run,
    org: OrgId,
    (settings, sealed): (&WebhookSettings, &[u8]),
    items: &[Item],
) -> Result<(), Stop> {
    let body = Body { schema: SCHEMA, items: items.iter().map(Told::of).collect() };
    let body = serde_json::to_vec(&body).map_err(|error| Stop::Never(error.to_string()))?;
    let delivery = hex::encode(&Sha256::digest(&body)[..16]);
    notices::post(run, org, (settings, sealed), &delivery, body).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_is_gone_on_with_and_nothing_is_left_out() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let many = |from: i64, step: i64| -> Vec<(AlertItemId, Timestamp)> {
            (0..10).map(|n| (AlertItemId::generate(), at(from + n * step))).collect()
        };
        let one = |second| vec![(AlertItemId::generate(), at(second))];
        assert_eq!(covered(&[one(5), one(7)], at(9), 10).unwrap().1, at(9));
        let (ids, upto) = covered(&[many(0, 1), one(5_000)], at(9_000), 10).unwrap();
        assert_eq!((ids.len(), upto), (9, at(9) - SignedDuration::from_micros(1)));
        // Of what moved at one moment none is left behind: more is looked at.
        assert_eq!(covered(&[many(3, 0), one(2)], at(9), 10), None);
        assert_eq!(covered(&[many(3, 0), one(2)], at(9), 100).unwrap().0.len(), 11);
    }
}
