//! Items of work: who has them, what is said of them, how they are closed.

use std::net::IpAddr;

pub use bedrail_assess::alerts::Step;
use bedrail_assess::priority::When;
use bedrail_model::alert::Outcome;
use bedrail_model::ids::{AlertItemId, AlertPolicyId, AlertSourceId, DeviceId};
use bedrail_model::severity::Severity;
pub use bedrail_store::alerts::items::Standing;
use bedrail_store::alerts::items::{self as rows, Closed, Filter, ItemRow, StepRow};
use bedrail_store::alerts::{self as source_rows, pauses as pause_rows, segments};
use bedrail_store::devices::DeviceRow;
use bedrail_store::{Change, View};
use jiff::Timestamp;

use super::decide::{self, Decision};
use super::kept::{self, KeptEvent};
use super::links::{self, Link};
use super::pause::Pause;
use super::rank::{self, Asked};
pub use super::rank::{Judged, Why};
use super::rota;
use crate::page::{Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error, vault};

/// Why an item is closed. A new reason is a variant and a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The rule fired on something harmless.
    FalseAlarm,
    /// Somebody was allowed to do it: a scan of ours, a test.
    Expected,
    /// It was stopped, and nothing else is to be done.
    Stopped,
    /// It does not work on this device.
    NotAffected,
    /// Something was done about it.
    Mended,
    /// It is an incident, and is gone on with there.
    Incident,
    /// It was closed in another system, by a person named there.
    Elsewhere,
}

/// A row of the list of reasons.
#[derive(Debug, Clone, Copy)]
pub struct ReasonRow {
    /// Which.
    pub reason: Reason,
    /// The stable code.
    pub code: &'static str,
    /// In words.
    pub words: &'static str,
}

/// All reasons, in the order they are offered.
pub const REASONS: &[ReasonRow] = &[
    ReasonRow {
        reason: Reason::FalseAlarm,
        code: "false_alarm",
        words: "the rule fired on something harmless",
    },
    ReasonRow { reason: Reason::Expected, code: "expected", words: "somebody was allowed to do it" },
    ReasonRow {
        reason: Reason::Stopped,
        code: "stopped",
        words: "it was stopped, and nothing else is to be done",
    },
    ReasonRow { reason: Reason::NotAffected, code: "not_affected", words: "it does not work on this device" },
    ReasonRow { reason: Reason::Mended, code: "mended", words: "something was done about it" },
    ReasonRow {
        reason: Reason::Incident,
        code: "incident",
        words: "it is an incident, and is gone on with there",
    },
    ReasonRow { reason: Reason::Elsewhere, code: "elsewhere", words: "it was closed in another system" },
];

impl Reason {
    fn row(self) -> &'static ReasonRow {
        REASONS.iter().find(|row| row.reason == self).unwrap_or(&REASONS[0])
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// In words.
    pub fn words(self) -> &'static str {
        self.row().words
    }

    /// The reason that a stable code names.
    pub fn from_code(code: &str) -> Option<Reason> {
        REASONS.iter().find(|row| row.code == code).map(|row| row.reason)
    }
}

impl Reason {
    /// The reason that a person or a program names by its code.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the reasons that there are.
    pub fn named(code: &str) -> Result<Reason, Error> {
        Reason::from_code(code).ok_or_else(|| {
            let known: Vec<&str> = REASONS.iter().map(|row| row.code).collect();
            Error::Invalid {
                message: "there is no such reason".into(),
                hint: Some(format!("the reasons are {}", known.join(", "))),
            }
        })
    }
}

/// Which items.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemFilter {
    /// Open ones, closed ones, all.
    pub standing: Standing,
    /// Of this source.
    pub source: Option<AlertSourceId>,
    /// On this device.
    pub device: Option<DeviceId>,
    /// That this person has.
    pub owner: Option<String>,
    /// That nobody has.
    pub untaken: bool,
    /// To be acted on then.
    pub when: Option<When>,
    /// That ended so.
    pub outcome: Option<Outcome>,
    /// By this rule.
    pub rule: Option<String>,
    /// From this network.
    pub attacker: Option<String>,
    /// Late ones only.
    pub late: bool,
    /// Those only whose clocks stand still.
    pub paused: bool,
    /// Those only on which nobody has decided.
    pub undecided: bool,
    /// On no device that is known.
    pub no_device: bool,
    /// With this text.
    pub text: Option<String>,
}

/// An item, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Id.
    pub id: AlertItemId,
    /// Its source: id and name.
    pub source: (AlertSourceId, String),
    /// The rule: id and name.
    pub rule: (String, Option<String>),
    /// How severe the rule's author finds it.
    pub severity: Severity,
    /// The device, and what people call it.
    pub device: Option<(DeviceId, String)>,
    /// The address, of the device or of nobody's.
    pub address: Option<IpAddr>,
    /// The attacker's network.
    pub attacker: Option<String>,
    /// The class of the path; empty where nothing was asked for.
    pub path: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Events, and how often they happened as their source counts.
    pub events: (u64, u64),
    /// The first and the last.
    pub span: (Timestamp, Timestamp),
    /// When to act.
    pub when: When,
    /// When it was opened, for the last time.
    pub opened: Timestamp,
    /// By when to take, to decide and to close it.
    pub due: [Timestamp; 3],
    /// Whether it is open and past the time of its next step.
    pub late: bool,
    /// Who has it, and since when.
    pub taken: Option<(String, Timestamp)>,
    /// How it was closed.
    pub closed: Option<Closing>,
    /// How often it came again.
    pub reopened: u64,
    /// How often somebody was told that nobody has it.
    pub told: u64,
    /// Whether it is of our own judgement: [`super::own`].
    pub is_own: bool,
    /// What somebody made of it last.
    pub decision: Option<Decision>,
    /// Until when its clocks stand still.
    pub paused_until: Option<Timestamp>,
}

impl Item {
    /// What is due next, and when: to take it, to decide, to close it. `None` where it is closed or its clocks stand still.
    pub fn next(&self) -> Option<(Step, Timestamp)> {
        if self.closed.is_some() || self.paused_until.is_some() {
            return None;
        }
        let undecided =
            self.decision.as_ref().is_none_or(|decision| decision.verdict == decide::Verdict::NotKnown);
        let steps =
            [(self.taken.is_none(), Step::Acknowledge), (undecided, Step::Decide), (true, Step::Close)];
        let open = steps.into_iter().zip(self.due).filter(|((open, _), _)| *open);
        open.map(|((_, step), due)| (step, due)).min_by_key(|(_, due)| *due)
    }
}

/// How an item was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Why.
    pub reason: Reason,
    /// In a sentence.
    pub sentence: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// By which written policy.
    pub policy: Option<AlertPolicyId>,
}

/// A page of items, and how many open ones there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// The page.
    pub page: Page<Item>,
    /// Whether there may be more than the page says: where texts and names are asked for, they are counted so far only.
    pub at_least: bool,
    /// Open items by when to act, the most urgent first.
    pub open: Vec<(When, u64)>,
}

/// An item with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The item.
    pub item: Item,
    /// By what it is judged when to act on it.
    pub why: Why,
    /// What happened to it, the oldest first.
    pub steps: Vec<Happened>,
    /// Its pauses, the oldest first.
    pub pauses: Vec<Pause>,
    /// What it belongs to.
    pub links: Vec<Link>,
    /// Its newest events, as they are kept.
    pub events: Vec<KeptEvent>,
    /// Whether some of its events are kept no longer, or were not looked for: there are many.
    pub events_missing: bool,
}

/// What happened to an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// When.
    pub at: Timestamp,
    /// The code of what: taken, handed_over, decided, judged, paused, resumed, linked, unlinked, closed, reopened, comment,
    /// told, told_duty, told_deputy.
    pub kind: String,
    /// Who.
    pub who: String,
    /// Said with it.
    pub text: String,
}

/// Events of an item that are shown.
const SHOWN: usize = 50;
/// Batches that they are looked for in, beside the one that the newest came with.
const LOOKED_THROUGH: usize = 40;
/// Items that are counted where texts and names are asked for.
const COUNTED: u64 = 10_000;
/// The longest sentence, in characters.
const LONGEST: usize = 2_000;
/// The shortest sentence that says something, in characters.
const SHORTEST: usize = 10;

impl ItemFilter {
    fn stored(&self, now: Timestamp) -> Filter {
        let text = self.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        Filter {
            standing: self.standing,
            source: self.source,
            device: self.device,
            owner: self.owner.clone(),
            untaken: self.untaken,
            when: self.when.map(|when| rank::urgency(when, Outcome::Blocked)),
            outcome: self.outcome.map(|outcome| {
                (outcome.code().to_owned(), rank::urgency(When::Defer, outcome) % rows::URGENCIES)
            }),
            rule: self.rule.clone(),
            attacker: self.attacker.clone(),
            late_at: self.late.then_some(now),
            paused: self.paused,
            undecided: self.undecided,
            no_device: self.no_device,
            text: text.map(str::to_lowercase),
        }
    }
}

/// A page of items: open ones, the most urgent first.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    filter: &ItemFilter,
    page: &PageRequest,
) -> Result<Queue, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let now = ctx.clock.now();
    let stored = filter.stored(now);
    let offset = page.skip_counted()?;
    let open = open_items(ctx, &view).await?;
    let most = COUNTED.max(offset.saturating_add(page.rows() as u64)) + 1;
    let (total, at_least) = if stored.is_plain() {
        (open.iter().map(|(_, items)| items).sum(), false)
    } else {
        rows::count(&view, &stored, most).await?
    };
    let most = page.rows().try_into().unwrap_or(u32::MAX);
    let found = if offset < total { rows::list(&view, &stored, most, offset).await? } else { Vec::new() };
    let items = shown(&view, found, now).await?;
    Ok(Queue { page: Page::counted(items, total, offset), at_least, open })
}

/// How many open items are to be acted on when; remembered until something changes.
pub(crate) async fn open_items(ctx: &Context, view: &View) -> Result<Vec<(When, u64)>, Error> {
    let counted = async || Ok(rows::urgencies(view).await?);
    let urgencies = ctx.inner.urgencies.get(view, (), counted).await?;
    let count = |when: When| {
        let of = urgencies.iter().filter(|(urgency, _)| rank::when_of(*urgency) == when);
        of.map(|(_, items)| items).sum()
    };
    Ok(When::ALL.into_iter().map(|when| (when, count(when))).collect())
}

/// What people call the device of an item; its id where it has left the list, or no list names it.
pub(super) fn called(id: DeviceId, device: Option<&DeviceRow>) -> String {
    let names = device.map(|row| &row.facts).map(|it| [&it.asset_tag, &it.serial, &it.udi, &it.host_name]);
    names.and_then(|names| names.into_iter().flatten().next().cloned()).unwrap_or_else(|| id.to_string())
}

/// Items with the names of their sources and devices.
async fn shown(view: &View, rows: Vec<ItemRow>, now: Timestamp) -> Result<Vec<Item>, Error> {
    let sources = source_rows::sources(view).await?;
    let mut ids: Vec<DeviceId> = rows.iter().filter_map(|row| row.about.device).collect();
    ids.sort_unstable();
    ids.dedup();
    let devices =
        if ids.is_empty() { Vec::new() } else { bedrail_store::devices::by_ids(view, &ids).await? };
    let name = |id: DeviceId| called(id, devices.iter().find(|row| row.id == id));
    let item = |row: ItemRow| {
        let source = sources.iter().find(|it| it.id == row.source);
        let is_own = source.is_some_and(|it| it.kind == bedrail_model::alert::SourceKind::Own.code());
        let source = source.map_or("", |it| it.name.as_str());
        let about = row.about;
        let mut item = Item {
            id: row.id,
            source: (row.source, source.to_owned()),
            rule: (about.rule, about.rule_name),
            severity: Severity::from_word(&about.severity).unwrap_or_default(),
            device: about.device.map(|id| (id, name(id))),
            address: about.address.and_then(|address| address.parse().ok()),
            attacker: about.attacker,
            path: about.path,
            outcome: Outcome::from_code(&about.outcome).unwrap_or(Outcome::Unknown),
            events: (row.events, row.times),
            span: row.span,
            when: rank::when_of(row.urgency),
            opened: row.opened,
            due: row.due,
            late: false,
            taken: row.taken,
            closed: row.closed.map(|closed| Closing {
                reason: Reason::from_code(&closed.reason).unwrap_or(Reason::Elsewhere),
                sentence: closed.sentence,
                at: closed.at,
                by: closed.by,
                policy: closed.policy,
            }),
            reopened: row.reopened,
            told: row.told,
            is_own,
            decision: row.verdict.map(Decision::of),
            paused_until: row.paused_until,
        };
        item.late = item.next().is_some_and(|(_, due)| due < now);
        item
    };
    Ok(rows.into_iter().map(item).collect())
}

/// Items by their ids, in no order.
pub(super) async fn by_ids(view: &View, ids: &[AlertItemId], now: Timestamp) -> Result<Vec<Item>, Error> {
    shown(view, rows::by_ids(view, ids).await?, now).await
}

pub(super) fn not_found(id: AlertItemId) -> Error {
    Error::not_found(format!("work item {id}"))
}

/// One item by itself: its events are not looked for.
///
/// # Errors
/// [`Error::NotFound`] where there is none.
pub async fn one(ctx: &Context, actor: &Actor, id: AlertItemId) -> Result<Item, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let row = rows::one(&view, id).await?.ok_or_else(|| not_found(id))?;
    shown(&view, vec![row], ctx.clock.now()).await?.pop().ok_or_else(|| not_found(id))
}

/// One item with what happened to it and its newest events.
///
/// # Errors
/// [`Error::NotFound`] where there is none.
pub async fn get(ctx: &Context, actor: &Actor, id: AlertItemId) -> Result<Detail, Error> {
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let row = rows::one(&view, id).await?.ok_or_else(|| not_found(id))?;
    let steps = rows::steps(&view, id).await?;
    let pauses = pause_rows::of(&view, id).await?;
    let links = links::of(&view, id).await?;
    let key = rows::key(&view, id).await?.unwrap_or_default();
    let known = rank::Known::of(&view, std::iter::once(Asked::of(&row))).await?;
    let why = known.why(Asked::of(&row));
    let mut received: Vec<Vec<u8>> = segments::newest_of(&view, id).await?.into_iter().collect();
    for day in segments::days_of(&view, id).await? {
        received.extend(segments::of_day(&view, row.source, day).await?);
        if received.len() > LOOKED_THROUGH {
            break;
        }
    }
    received.truncate(LOOKED_THROUGH + 1);
    let mut looked = std::collections::HashSet::new();
    received.retain(|sha256| looked.insert(sha256.clone()));
    let (total, at) = (row.events, ctx.clock.now());
    let item = shown(&view, vec![row], at).await?.pop().ok_or_else(|| not_found(id))?;
    drop(view);
    let mut events = Vec::new();
    for sha256 in received {
        if events.len() >= SHOWN || events.len() as u64 >= total {
            break;
        }
        let Ok(packed) = vault::read(ctx, &sha256).await else { continue };
        let key = key.clone();
        let found = tokio::task::spawn_blocking(move || {
            let Ok(key) = <[u8; 32]>::try_from(key) else { return Vec::new() };
            // What cannot be read is missing, and the page says so.
            kept::of_key(&packed, &key).unwrap_or_default()
        });
        events.extend(found.await.map_err(|error| Error::Internal(Box::new(error)))?);
    }
    events.sort_by_key(|event| std::cmp::Reverse(event.at()));
    events.truncate(SHOWN);
    let events_missing = (events.len() as u64) < total;
    let steps =
        steps.into_iter().map(|row| Happened { at: row.at, kind: row.kind, who: row.who, text: row.text });
    let pauses = pauses.into_iter().filter_map(Pause::of).collect();
    Ok(Detail { item, why, steps: steps.collect(), pauses, links, events, events_missing })
}

/// Refuses a sentence that says nothing, or is none.
pub(super) fn check_sentence(text: &str) -> Result<(), Error> {
    let length = text.trim().chars().count();
    if length < SHORTEST {
        return Err(Error::Invalid {
            message: "this needs a sentence that says why".into(),
            hint: Some("what was looked at, and what shows it: ten characters at least".into()),
        });
    }
    if length > LONGEST {
        return Err(Error::invalid("the sentence is too long (2,000 characters)"));
    }
    Ok(())
}

pub(super) fn step(change: &Change, item: &ItemRow, kind: &str, who: &str, text: &str) -> StepRow {
    let due = match kind {
        "taken" => Some(item.due[0]),
        "decided" => Some(item.due[1]),
        "closed" => Some(item.due[2]),
        _ => None,
    };
    StepRow {
        at: change.at(),
        kind: kind.to_owned(),
        who: who.to_owned(),
        text: text.to_owned(),
        opened: item.opened,
        due,
        events: item.events,
    }
}

pub(super) async fn open_item(change: &Change, id: AlertItemId) -> Result<ItemRow, Error> {
    let item = rows::one(change, id).await?.ok_or_else(|| not_found(id))?;
    match &item.closed {
        None => Ok(item),
        Some(closed) => {
            Err(Error::Conflict { message: format!("it was closed by {} at {}", closed.by, closed.at) })
        }
    }
}

pub(super) fn name_of(item: &ItemRow) -> String {
    let rule = item.about.rule_name.as_deref().unwrap_or(&item.about.rule);
    format!("alert “{rule}” ({})", item.id)
}

/// That an item has got more events than somebody saw.
pub(super) fn moved_on(item: &ItemRow, seen: u64) -> Error {
    let (name, now) = (name_of(item), item.events);
    let message = format!("{name} got more events since it was looked at: {seen} then, {now} now");
    Error::Conflict { message }
}

/// Takes open items, or gives them to somebody else. Of two who take one, the second is told who has it.
///
/// # Errors
/// [`Error::Conflict`] where one is closed, or somebody else has it and `from` does not say so; nothing is changed then.
pub async fn take(
    ctx: &Context,
    actor: &Actor,
    ids: &[AlertItemId],
    owner: Option<&str>,
    from: Option<&str>,
) -> Result<(), Error> {
    let owner = owner.map_or(actor.name.as_str(), str::trim);
    if owner.is_empty() || owner.chars().count() > 200 || owner.chars().any(char::is_control) {
        return Err(Error::invalid("an item is given to somebody with a name of one line"));
    }
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.take").await?;
    let mut words = Vec::new();
    for id in ids {
        let item = open_item(&change, *id).await?;
        let has = item.taken.as_ref().map(|(owner, _)| owner.as_str());
        if has == Some(owner) {
            continue;
        }
        if has.is_some() && has != from {
            let has = has.unwrap_or_default();
            return Err(Error::Conflict { message: format!("{has} has it already") });
        }
        if !rows::take(&change, *id, owner, has).await? {
            return Err(Error::Conflict { message: "somebody else was quicker".into() });
        }
        let kind = if has.is_some() { "handed_over" } else { "taken" };
        let to = if owner == actor.name { String::new() } else { format!("for {owner}") };
        rows::add_step(&change, *id, &step(&change, &item, kind, &actor.name, &to)).await?;
        words.push(name_of(&item));
    }
    if words.is_empty() {
        return Ok(());
    }
    change.commit(&said(&words), &format!("taken by {owner}")).await?;
    Ok(())
}

/// Closes open items. Each must have as many events as were seen, so that nobody closes what they have not looked at.
///
/// # Errors
/// [`Error::Invalid`] without a sentence, [`Error::Conflict`] where one is closed or has got more events meanwhile; nothing is
/// changed then.
pub async fn close(
    ctx: &Context,
    actor: &Actor,
    seen: &[(AlertItemId, u64)],
    reason: Reason,
    sentence: &str,
) -> Result<(), Error> {
    if reason == Reason::Elsewhere {
        return Err(Error::Invalid {
            message: "what was closed in another system is taken in with its issuer".into(),
            hint: Some("`bedrail alerts closings`, or POST /api/v1/alerts/closings".into()),
        });
    }
    close_as(ctx, actor, seen, reason, sentence, None).await
}

/// The same, by the word of another system.
async fn close_as(
    ctx: &Context,
    actor: &Actor,
    seen: &[(AlertItemId, u64)],
    reason: Reason,
    sentence: &str,
    issuer: Option<&str>,
) -> Result<(), Error> {
    check_sentence(sentence)?;
    let sentence = sentence.trim();
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.close").await?;
    let by = issuer.map_or_else(|| actor.name.clone(), str::to_owned);
    let mut words = Vec::new();
    for (id, events) in seen {
        let item = open_item(&change, *id).await?;
        let closed = Closed {
            reason: reason.code().to_owned(),
            sentence: sentence.to_owned(),
            at: change.at(),
            by: by.clone(),
            policy: None,
        };
        if !rows::close(&change, *id, &closed, *events).await? {
            return Err(moved_on(&item, *events));
        }
        let text = format!("{}: {sentence}", reason.words());
        let step = step(&change, &item, "closed", &by, &text);
        if let Some(decided) = decide::by_closing(&step, &item) {
            rows::add_step(&change, *id, &decided).await?;
        }
        rows::add_step(&change, *id, &step).await?;
        if item.paused_until.is_some() {
            pause_rows::end(&change, *id, change.at(), "closed").await?;
        }
        words.push(name_of(&item));
    }
    if words.is_empty() {
        return Ok(());
    }
    change.commit(&said(&words), &format!("closed: {} — {sentence}", reason.words())).await?;
    Ok(())
}

/// That an item was closed in another system: a SIEM, a ticket system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedElsewhere {
    /// The item.
    pub id: AlertItemId,
    /// Events that were seen there; as many as there are now where it is not said.
    pub events: Option<u64>,
    /// The system, such as `ServiceNow`.
    pub system: String,
    /// The person who closed it there.
    pub person: String,
    /// What they wrote.
    pub sentence: String,
}

/// Takes in what was closed in other systems, with the system and the person as its issuer. What is closed here already stays as
/// it is: another system may tell the same twice. How many were closed.
///
/// # Errors
/// [`Error::Invalid`] without a system, a person or a sentence, [`Error::NotFound`] and [`Error::Conflict`] as [`close`]; what
/// stands before it in the list is taken in then.
pub async fn close_elsewhere(
    ctx: &Context,
    actor: &Actor,
    closings: &[ClosedElsewhere],
) -> Result<u64, Error> {
    actor.need(Right::HandleAlerts)?;
    let mut closed = 0;
    for (at, it) in closings.iter().enumerate() {
        let (system, person) = (it.system.trim(), it.person.trim());
        let is_name = |text: &str| {
            !text.is_empty() && text.chars().count() <= 200 && !text.chars().any(char::is_control)
        };
        if !is_name(system) || !is_name(person) {
            return Err(Error::Invalid {
                message: format!("closing {}: it does not say in which system and by whom", at + 1),
                hint: Some("`system` and `person` are needed: somebody answers for it".into()),
            });
        }
        let view = ctx.view(actor, Right::HandleAlerts).await?;
        let item = rows::one(&view, it.id).await?.ok_or_else(|| not_found(it.id))?;
        drop(view);
        if item.closed.is_some() {
            continue;
        }
        let issuer = format!("{person} in {system}");
        let seen = [(it.id, it.events.unwrap_or(item.events))];
        close_as(ctx, actor, &seen, Reason::Elsewhere, &it.sentence, Some(&issuer)).await?;
        closed += 1;
    }
    Ok(closed)
}

/// Opens a closed item again.
///
/// # Errors
/// [`Error::Conflict`] where it is open.
pub async fn reopen(ctx: &Context, actor: &Actor, id: AlertItemId, why: &str) -> Result<(), Error> {
    check_sentence(why)?;
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.reopen").await?;
    let item = rows::one(&change, id).await?.ok_or_else(|| not_found(id))?;
    let due = rank::due(rank::when_of(item.urgency), change.at(), &rota::zone(&change).await?);
    if !rows::reopen(&change, id, due).await? {
        return Err(Error::Conflict { message: "it is open".into() });
    }
    rows::add_step(&change, id, &step(&change, &item, "reopened", &actor.name, why.trim())).await?;
    change.commit(&name_of(&item), &format!("opened again: {}", why.trim())).await?;
    Ok(())
}

/// Says something about an item.
///
/// # Errors
/// [`Error::Invalid`] for an empty text.
pub async fn comment(ctx: &Context, actor: &Actor, id: AlertItemId, text: &str) -> Result<(), Error> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST {
        return Err(Error::invalid("a comment has 1 to 2,000 characters"));
    }
    let change = ctx.change(actor, Right::HandleAlerts, "alerts.comment").await?;
    let item = rows::one(&change, id).await?.ok_or_else(|| not_found(id))?;
    rows::add_step(&change, id, &step(&change, &item, "comment", &actor.name, text)).await?;
    change.commit(&name_of(&item), text).await?;
    Ok(())
}

/// A few names, and how many more.
pub(super) fn said(names: &[String]) -> String {
    match names {
        [one] => one.clone(),
        [first, ..] => format!("{first} and {} more", names.len() - 1),
        [] => String::new(),
    }
}
