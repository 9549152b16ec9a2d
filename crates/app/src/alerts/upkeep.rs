//! What is done with the ledger by the clock: files are followed, items that nobody takes are told of again and again, silent
//! sources are told of, items are ranked anew, old events are forgotten, and everything is counted again.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bedrail_model::ids::{AlertItemId, AlertSourceId, FirewallId, OrgId};
use bedrail_store::alerts::items::{self as item_rows, ItemRow};
use bedrail_store::alerts::{self as rows, segments};
use bedrail_store::organisations;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::rank::{self, Asked};
use super::{escalate, own, pause, prove, tail, tickets};
use crate::firewall;
use crate::notices::{self, SOURCE, Tidings};
use crate::organisations::Round;
use crate::rights::Right;
use crate::{Actor, Context, Error, vault};

/// How often files are looked at.
const PAUSE: Duration = Duration::from_secs(5);
/// Looks at files between two looks at who has what: a minute.
const LOOKS: u32 = 12;
/// Items ranked at once.
const PART: u32 = 1_000;
/// Days that are counted again at night.
const CHECKED_DAYS: u32 = 7;

/// Follows the files of all organisations, and sees that somebody takes what came, until the process ends. What is wrong goes
/// to the log; it goes on. Any number of processes may do this at once.
pub async fn keep_watch(ctx: Context) {
    let mut looked = HashMap::new();
    loop {
        for _ in 0..LOOKS {
            tokio::time::sleep(PAUSE).await;
            if let Err(error) = follow_once(&ctx).await {
                tracing::warn!(%error, "alert files could not be followed");
            }
        }
        if let Err(error) = hear(&ctx).await {
            tracing::warn!(%error, "words of firewalls could not be taken");
        }
        if let Err(error) = watch(&ctx).await {
            tracing::warn!(%error, "alerts could not be watched");
        }
        if let Err(error) = tell_tickets(&ctx).await {
            tracing::warn!(%error, "a ticket system could not be told");
        }
        if let Err(error) = look(&ctx, &mut looked).await {
            tracing::warn!(%error, "our own findings could not be looked at");
        }
    }
}

async fn hear(ctx: &Context) -> Result<(), Error> {
    let mut round = Round::of(ctx, "hearing firewalls").await?;
    while let Some(actor) = round.next() {
        let heard = firewall::follow_all(ctx, &actor).await.map(drop);
        round.done(&actor, heard);
    }
    round.end().map(drop)
}

async fn tell_tickets(ctx: &Context) -> Result<(), Error> {
    let mut round = Round::of(ctx, "telling ticket systems").await?;
    while let Some(actor) = round.next() {
        let asked = tickets::ask(ctx, actor.org).await.map(drop);
        round.done(&actor, asked);
    }
    round.end().map(drop)
}

/// When an organisation's own findings were looked at, and as of what.
struct Looked {
    /// The changes of the organisation and of the reference data, the day, and the sources and firewalls that are silent.
    state: (i64, i64, Date, Vec<AlertSourceId>, Vec<FirewallId>),
    /// When to look again at the earliest.
    again: Instant,
}

/// Looks at our own findings where something has moved. A look that takes long comes less often: a twentieth of the time.
async fn look(ctx: &Context, looked: &mut HashMap<OrgId, Looked>) -> Result<(), Error> {
    let mut round = Round::of(ctx, "looking at our own findings").await?;
    while let Some(actor) = round.next() {
        if looked.get(&actor.org).is_some_and(|last| last.again > Instant::now()) {
            continue;
        }
        let result = look_at(ctx, &actor, looked).await;
        round.done(&actor, result);
    }
    round.end().map(drop)
}

async fn look_at(ctx: &Context, actor: &Actor, looked: &mut HashMap<OrgId, Looked>) -> Result<(), Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let changes = organisations::written(&view).await?;
    drop(view);
    let silent = super::sources(ctx, actor).await?.into_iter().filter(|source| source.silent);
    let day = ctx.clock.now().to_zoned(TimeZone::UTC).date();
    let quiet = firewall::silent(ctx, actor).await?;
    let state = (changes.0, changes.1, day, silent.map(|source| source.id).collect(), quiet);
    if looked.get(&actor.org).is_some_and(|last| last.state == state) {
        return Ok(());
    }
    let begun = Instant::now();
    own::look(ctx, actor).await?;
    looked.insert(actor.org, Looked { state, again: Instant::now() + begun.elapsed() * 20 });
    Ok(())
}

async fn follow_once(ctx: &Context) -> Result<(), Error> {
    let mut round = Round::of(ctx, "following files of alerts").await?;
    while let Some(actor) = round.next() {
        let followed = tail::follow_all(ctx, &actor).await.map(drop);
        round.done(&actor, followed);
    }
    round.end().map(drop)
}

/// What a look at all organisations did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// Items that somebody was told of.
    pub told: u64,
    /// Items whose pause was over.
    pub resumed: u64,
    /// Sources that are silent and were told of.
    pub silent: u64,
}

/// Ends pauses that are over, tells of items that nobody has taken in time, and of silent sources. Doing it twice at once tells once.
///
/// # Errors
/// When the database cannot be used.
pub async fn watch(ctx: &Context) -> Result<Watched, Error> {
    let mut all = Watched::default();
    let mut round = Round::of(ctx, "watching alerts").await?;
    while let Some(actor) = round.next() {
        let watched = watch_one(ctx, &actor, &mut all).await;
        round.done(&actor, watched);
    }
    round.end()?;
    Ok(all)
}

async fn watch_one(ctx: &Context, actor: &Actor, all: &mut Watched) -> Result<(), Error> {
    all.resumed += pause::end_over(ctx, actor).await?;
    all.told += escalate::tell_untaken(ctx, actor).await?;
    all.silent += tell_silent(ctx, actor).await?;
    Ok(())
}

async fn tell_silent(ctx: &Context, actor: &Actor) -> Result<u64, Error> {
    let mut told = 0;
    for source in super::sources(ctx, actor).await?.into_iter().filter(|source| source.silent) {
        let since = source.heard.unwrap_or(source.added);
        let name = &source.settings.name;
        let text = format!("silent: nothing has come since {since}");
        let change = ctx.change(actor, Right::HandleAlerts, "alerts.silent").await?;
        if !rows::trouble(&change, source.id, &text).await? {
            continue;
        }
        told += 1;
        let title = format!("the source of alerts {name} is silent");
        let detail = format!(
            "Nothing has come since {since}. Either nothing happens, or nobody sees what happens: look at the program itself."
        );
        let unique = format!("silent {} {since}", source.id);
        let tidings = Tidings { title: &title, detail: &detail, link: "/alerts/sources", unique: &unique };
        notices::tell(&change, &SOURCE, &tidings).await?;
        change.commit(name, &text).await?;
    }
    Ok(told)
}

/// What the night did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Night {
    /// Items that are ranked another way now.
    pub ranked: u64,
    /// Events that are kept no longer.
    pub forgotten: u64,
    /// What does not add up.
    pub wrong: Vec<String>,
}

/// Ranks, forgets and counts again, in every organisation.
///
/// # Errors
/// When the database cannot be used.
pub async fn nightly(ctx: &Context) -> Result<Night, Error> {
    let mut all = Night::default();
    let mut round = Round::of(ctx, "looking after alerts").await?;
    while let Some(actor) = round.next() {
        let looked_after = night_of(ctx, &actor, &mut all).await;
        round.done(&actor, looked_after);
    }
    round.end()?;
    Ok(all)
}

async fn night_of(ctx: &Context, actor: &Actor, all: &mut Night) -> Result<(), Error> {
    all.ranked += rank_anew(ctx, actor).await?;
    all.forgotten += forget(ctx, actor).await?;
    let checked = prove::check(ctx, actor, CHECKED_DAYS).await?;
    if !checked.wrong.is_empty() {
        let change = ctx.change(actor, Right::HandleAlerts, "alerts.check").await?;
        let title = "the ledger of alerts does not add up".to_owned();
        let detail = checked.wrong.iter().take(10).cloned().collect::<Vec<_>>().join("; ");
        let day = ctx.clock.now().as_second().div_euclid(86_400);
        let unique = format!("check {day}");
        let tidings = Tidings { title: &title, detail: &detail, link: "/alerts/account", unique: &unique };
        notices::tell(&change, &SOURCE, &tidings).await?;
        change.commit("the ledger of alerts", &detail).await?;
    }
    all.wrong.extend(checked.wrong);
    Ok(())
}

/// Ranks open items by what is known now. What becomes more urgent is due from now on at the latest.
async fn rank_anew(ctx: &Context, actor: &Actor) -> Result<u64, Error> {
    let (mut after, mut moved) = (AlertItemId::from_uuid(uuid::Uuid::nil()), 0);
    loop {
        let view = ctx.view(actor, Right::SeeFleet).await?;
        let part = item_rows::open_after(&view, after, PART).await?;
        let Some(last) = part.last() else { return Ok(moved) };
        after = last.id;
        let known = rank::Known::of(&view, part.iter().map(Asked::of)).await?;
        drop(view);
        let now = ctx.clock.now();
        let mut changed = Vec::new();
        for item in &part {
            let when = known.when(Asked::of(item));
            let urgency = rank::urgency(when, Asked::of(item).outcome);
            if urgency != item.urgency {
                changed.push((item, urgency, due_anew(item, when, urgency, &known, now)));
            }
        }
        if changed.is_empty() {
            continue;
        }
        let change = ctx.change(actor, Right::HandleAlerts, "alerts.rank").await?;
        for (item, urgency, due) in &changed {
            if item.paused_until.is_some() && *urgency > item.urgency {
                pause::end(&change, item, now, pause::End::Urgent, "bedrail").await?;
            }
            item_rows::rank(&change, item.id, *urgency, *due).await?;
        }
        moved += changed.len() as u64;
        change.commit("alerts", &format!("{} items ranked another way", changed.len())).await?;
    }
}

/// By when an item is due that is ranked another way now: from now on where it is more urgent, as it was where it is less and
/// would be due earlier for a pause that it had.
fn due_anew(
    item: &ItemRow,
    when: bedrail_assess::priority::When,
    urgency: u8,
    known: &rank::Known,
    now: jiff::Timestamp,
) -> [jiff::Timestamp; 3] {
    if urgency > item.urgency {
        return known.due(when, now);
    }
    let [take, decide, close] = known.due(when, item.opened);
    [take.max(item.due[0]), decide.max(item.due[1]), close.max(item.due[2])]
}

/// Forgets events that are kept too long; their hashes, numbers and items stay.
async fn forget(ctx: &Context, actor: &Actor) -> Result<u64, Error> {
    let mut forgotten = 0;
    loop {
        let view = ctx.view(actor, Right::SeeFleet).await?;
        let old = segments::too_old(&view, ctx.clock.now()).await?;
        drop(view);
        if old.is_empty() {
            return Ok(forgotten);
        }
        let change = ctx.change(actor, Right::HandleAlerts, "alerts.forget").await?;
        let mut files = Vec::new();
        let mut events = 0;
        for (id, sha256, number) in old {
            segments::forget(&change, id).await?;
            events += number;
            if !segments::is_named(&change, &sha256).await? {
                files.push(sha256);
            }
        }
        change.commit("alerts", &format!("{events} events are kept no longer; their numbers stay")).await?;
        forgotten += events;
        // A process that ends here leaves files that no row names; they hold an allow-list.
        for sha256 in files {
            let _ = tokio::fs::remove_file(vault::path(&ctx.data_dir, &sha256)).await;
        }
    }
}
