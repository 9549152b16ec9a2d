//! Items of work: lists of them, who has them, how they were closed, and what happened to them.

use bedrail_model::ids::{AlertItemId, AlertPolicyId, AlertSourceId, AlertStepId, DeviceId};
use jiff::Timestamp;
use sea_orm::{QueryResult, Value};

use super::segments::About;
use super::{device, number, whole};
use crate::sql::{get, id_batches, micros, time, values};
use crate::{Change, Error, View};

/// An item of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// Id.
    pub id: AlertItemId,
    /// Of which source.
    pub source: AlertSourceId,
    /// What it is about.
    pub about: About,
    /// Events.
    pub events: u64,
    /// How often they happened, as their source counts.
    pub times: u64,
    /// The first and the last.
    pub span: (Timestamp, Timestamp),
    /// When to act: the higher, the sooner.
    pub urgency: u8,
    /// When it was opened, for the last time.
    pub opened: Timestamp,
    /// By when to take, decide and close it.
    pub due: [Timestamp; 3],
    /// Who has it, and since when.
    pub taken: Option<(String, Timestamp)>,
    /// How it was closed.
    pub closed: Option<Closed>,
    /// How often it came again.
    pub reopened: u64,
    /// How often somebody was told that nobody has it.
    pub told: u64,
    /// What somebody made of it last.
    pub verdict: Option<Verdict>,
    /// Until when its clocks stand still.
    pub paused_until: Option<Timestamp>,
    /// Who was told that nobody has it: nobody, the person on duty, the deputy, all (0 to 3).
    pub rung: u8,
}

/// What somebody made of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The code of what it is.
    pub code: String,
    /// What will be done, in a sentence.
    pub sentence: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// The code of the verdict that leaves the clock for deciding running. The statements have it, too.
pub const NOT_KNOWN: &str = "unknown";

/// How an item was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The code of the reason.
    pub reason: String,
    /// Why, in a sentence.
    pub sentence: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// By which written policy.
    pub policy: Option<AlertPolicyId>,
}

/// So many urgencies share the time to act; they differ by outcome. The statements have the number, too.
pub const URGENCIES: u8 = 4;

/// Which items by how they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// Those that are open, the most urgent first.
    #[default]
    Open,
    /// Those that are closed, the newest events first.
    Closed,
    /// All, the newest events first.
    All,
}

/// Which items.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// How they stand.
    pub standing: Standing,
    /// Of this source.
    pub source: Option<AlertSourceId>,
    /// On this device.
    pub device: Option<DeviceId>,
    /// That this person has.
    pub owner: Option<String>,
    /// That nobody has.
    pub untaken: bool,
    /// To be acted on when this urgency is.
    pub when: Option<u8>,
    /// That ended so: the code, and its place within an urgency.
    pub outcome: Option<(String, u8)>,
    /// By this rule.
    pub rule: Option<String>,
    /// From this network.
    pub attacker: Option<String>,
    /// That are late at this moment.
    pub late_at: Option<Timestamp>,
    /// Whose clocks stand still.
    pub paused: bool,
    /// That nobody has decided on.
    pub undecided: bool,
    /// On no device that is known.
    pub no_device: bool,
    /// With this text in rule, name, address, network or path, in lower case.
    pub text: Option<String>,
}

impl Filter {
    /// Whether it is for all open ones.
    pub fn is_plain(&self) -> bool {
        *self == Filter::default()
    }

    /// Whether the index of open items answers it by itself.
    fn is_short(&self) -> bool {
        let names = self.source.is_some()
            || self.device.is_some()
            || self.owner.is_some()
            || self.rule.is_some()
            || self.attacker.is_some()
            || self.text.is_some()
            || self.no_device;
        self.standing == Standing::Open && !names
    }

    fn short(&self, org: uuid::Uuid) -> Vec<Value> {
        let lowest = self.when.map_or(0, |urgency| i64::from(urgency / URGENCIES * URGENCIES));
        values![
            org,
            i64::from(self.untaken),
            self.late_at.map(micros),
            i64::from(self.paused),
            i64::from(self.undecided),
            lowest,
            self.when.map_or(i64::MAX, |_| lowest + i64::from(URGENCIES)),
            self.outcome.as_ref().map(|(_, at)| i64::from(*at))
        ]
    }

    fn values(&self, org: uuid::Uuid) -> Vec<Value> {
        values![
            org,
            self.source.map(AlertSourceId::uuid),
            self.device.map(DeviceId::uuid),
            self.owner.clone(),
            i64::from(self.untaken),
            self.when.map(|urgency| i64::from(urgency / URGENCIES)),
            self.outcome.as_ref().map(|(code, _)| code.clone()),
            self.rule.clone(),
            self.attacker.clone(),
            self.late_at.map(micros),
            i64::from(self.no_device),
            self.text.as_ref().map(|text| like(text)),
            i64::from(self.paused),
            i64::from(self.undecided)
        ]
    }
}

// PostgreSQL tells the type of a parameter by the first place where it stands: what it is compared with comes first.

/// A text anywhere; `!` makes a sign of a pattern a plain one.
fn like(text: &str) -> String {
    let escaped = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

macro_rules! items {
    ($rest:expr) => {
        concat!(
            "SELECT id, source_id, rule, rule_name, severity, device_id, address, attacker, path, outcome, events, times,
                first_event, last_event, urgency, opened, take_by, decide_by, close_by, owner, taken, reason, sentence,
                closed, closed_by, policy_id, reopened, told,
                verdict, verdict_sentence, decided, decided_by, paused_until, rung FROM alert_item ",
            $rest
        )
    };
}
macro_rules! wanted {
    ($standing:literal) => {
        concat!(
            "WHERE org_id = $1 AND ",
            $standing,
            " AND (source_id = $2 OR $2 IS NULL) AND (device_id = $3 OR $3 IS NULL) AND (owner = $4 OR $4 IS NULL)
            AND ($5 = 0 OR owner IS NULL) AND (urgency / 4 = $6 OR $6 IS NULL) AND (outcome = $7 OR $7 IS NULL)
            AND (rule = $8 OR $8 IS NULL) AND (attacker = $9 OR $9 IS NULL)
            AND ((closed IS NULL AND paused_until IS NULL AND (close_by < $10 OR (owner IS NULL AND take_by < $10)
                OR (COALESCE(verdict, 'unknown') = 'unknown' AND decide_by < $10))) OR $10 IS NULL)
            AND ($11 = 0 OR device_id IS NULL)
            AND (LOWER(rule || ' ' || COALESCE(rule_name, '') || ' ' || COALESCE(address, '') || ' ' ||
                COALESCE(attacker, '') || ' ' || path) LIKE $12 ESCAPE '!' OR $12 IS NULL)
            AND ($13 = 0 OR paused_until IS NOT NULL)
            AND ($14 = 0 OR COALESCE(verdict, 'unknown') = 'unknown') "
        )
    };
}
const OPEN: &str =
    items!(concat!(wanted!("closed IS NULL"), "ORDER BY urgency DESC, take_by, id LIMIT $15 OFFSET $16"));
const CLOSED: &str =
    items!(concat!(wanted!("closed IS NOT NULL"), "ORDER BY last_event DESC, id DESC LIMIT $15 OFFSET $16"));
const ALL: &str = items!(concat!(wanted!("1 = 1"), "ORDER BY last_event DESC, id DESC LIMIT $15 OFFSET $16"));
macro_rules! count {
    ($standing:literal) => {
        concat!("SELECT COUNT(*) FROM (SELECT 1 FROM alert_item ", wanted!($standing), "LIMIT $15) t")
    };
}
const COUNT_OPEN: &str = count!("closed IS NULL");
const COUNT_CLOSED: &str = count!("closed IS NOT NULL");
const COUNT_ALL: &str = count!("1 = 1");
const BY_URGENCY: &str =
    "SELECT urgency, COUNT(*) FROM alert_item WHERE org_id = $1 AND closed IS NULL GROUP BY urgency";
/// What the index of open items answers by itself, without a look at the items.
macro_rules! short {
    ($what:literal, $rest:literal) => {
        concat!(
            $what,
            " FROM alert_item WHERE org_id = $1 AND closed IS NULL AND ($2 = 0 OR owner IS NULL)
            AND ((paused_until IS NULL AND (close_by < $3 OR (owner IS NULL AND take_by < $3)
                OR (COALESCE(verdict, 'unknown') = 'unknown' AND decide_by < $3))) OR $3 IS NULL)
            AND ($4 = 0 OR paused_until IS NOT NULL) AND ($5 = 0 OR COALESCE(verdict, 'unknown') = 'unknown')
            AND urgency >= $6 AND urgency < $7 AND (urgency % 4 = $8 OR $8 IS NULL) ",
            $rest
        )
    };
}
const COUNT_SHORT: &str = short!("SELECT COUNT(*) FROM (SELECT 1", "LIMIT $9) t");
const OPEN_SHORT: &str = short!("SELECT id", "ORDER BY urgency DESC, take_by, id LIMIT $9 OFFSET $10");
const ITEM: &str = items!("WHERE org_id = $1 AND id = $2");
const BY_IDS: &str = items!("WHERE org_id = $1 AND id IN ({ids})");
const KEY: &str = "SELECT key FROM alert_item WHERE org_id = $1 AND id = $2";
const TAKE: &str = "UPDATE alert_item SET changed = $3, owner = $4, taken = COALESCE(taken, $5)
    WHERE org_id = $1 AND id = $2 AND closed IS NULL AND COALESCE(owner, '') = $6";
const CLOSE: &str =
    "UPDATE alert_item SET changed = $3, reason = $4, sentence = $5, closed = $6, closed_by = $7,
        policy_id = $8, owner = COALESCE(owner, $9), taken = COALESCE(taken, $6), paused_until = NULL
    WHERE org_id = $1 AND id = $2 AND closed IS NULL AND events = $10";
const REOPEN: &str =
    "UPDATE alert_item SET changed = $3, reason = NULL, sentence = NULL, closed = NULL, closed_by = NULL,
        policy_id = NULL, owner = NULL, taken = NULL, told = 0, told_at = NULL, rung = 0, verdict = NULL,
        verdict_sentence = NULL, decided = NULL, decided_by = NULL, paused_until = NULL,
        reopened = reopened + 1, opened = $4,
        take_by = $5, decide_by = $6, close_by = $7
    WHERE org_id = $1 AND id = $2 AND closed IS NOT NULL";
const RANK: &str =
    "UPDATE alert_item SET changed = $3, rung = CASE WHEN $4 > urgency THEN 0 ELSE rung END, urgency = $4,
        take_by = $5, decide_by = $6, close_by = $7
    WHERE org_id = $1 AND id = $2 AND closed IS NULL";
const OPEN_AFTER: &str = items!("WHERE org_id = $1 AND closed IS NULL AND id > $2 ORDER BY id LIMIT $3");
/// Of one time to act, that nobody has, whose clock has come so far, and that nobody of a rung was told of.
const UNTOLD: &str = items!(
    "WHERE org_id = $1 AND closed IS NULL AND owner IS NULL AND urgency / 4 = $2 AND take_by < $3 AND rung < $4
    ORDER BY urgency DESC, take_by, id LIMIT 1000"
);
/// Of which all were told, and again not since a moment.
const AGAIN: &str = items!(
    "WHERE org_id = $1 AND closed IS NULL AND owner IS NULL AND take_by < $2 AND rung = 3 AND told_at < $3
    ORDER BY urgency DESC, take_by, id LIMIT 1000"
);
const TOLD: &str = "UPDATE alert_item SET changed = $3, told = told + 1, told_at = $4, rung = $5
    WHERE org_id = $1 AND id = $2";
const DECIDE: &str =
    "UPDATE alert_item SET changed = $3, verdict = $4, verdict_sentence = $5, decided = $6, decided_by = $7
    WHERE org_id = $1 AND id = $2 AND closed IS NULL AND events = $8";
const SET_PAUSE: &str = "UPDATE alert_item SET changed = $3, paused_until = $4, decide_by = $5, close_by = $6
    WHERE org_id = $1 AND id = $2 AND closed IS NULL";
const OVER: &str = items!(
    "WHERE org_id = $1 AND closed IS NULL AND paused_until <= $2 ORDER BY paused_until, id LIMIT 1000"
);
const OPEN_IDS: &str =
    "SELECT id FROM alert_item WHERE org_id = $1 AND closed IS NULL ORDER BY id LIMIT 1000000";
const CLOSED_IDS: &str =
    "SELECT id FROM alert_item WHERE org_id = $1 AND closed IS NOT NULL ORDER BY id DESC LIMIT 1000000";
const OPEN_NAMING: &str = "SELECT id, rule, rule_name FROM alert_item WHERE org_id = $1 AND closed IS NULL
    AND (UPPER(rule) LIKE $2 OR UPPER(COALESCE(rule_name, '')) LIKE $2) ORDER BY id LIMIT 100000";
const ADD_STEP: &str =
    "INSERT INTO alert_step (org_id, id, item_id, at, kind, who, text, opened, due, events)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const STEPS: &str = "SELECT at, kind, who, text, opened, due, events FROM alert_step
    WHERE org_id = $1 AND item_id = $2 ORDER BY at, id";
const OWNERS: &str = "SELECT DISTINCT owner FROM alert_item WHERE org_id = $1 AND closed IS NULL
    AND owner IS NOT NULL ORDER BY owner";
pub(crate) const STATEMENTS: &[&str] = &[
    OPEN,
    CLOSED,
    ALL,
    COUNT_OPEN,
    COUNT_CLOSED,
    COUNT_ALL,
    BY_URGENCY,
    COUNT_SHORT,
    OPEN_SHORT,
    ITEM,
    KEY,
    TAKE,
    CLOSE,
    REOPEN,
    RANK,
    OPEN_AFTER,
    UNTOLD,
    AGAIN,
    TOLD,
    DECIDE,
    SET_PAUSE,
    OVER,
    OPEN_IDS,
    CLOSED_IDS,
    OPEN_NAMING,
    ADD_STEP,
    STEPS,
    OWNERS,
];

fn read(row: &QueryResult) -> Result<ItemRow, Error> {
    let owner: Option<String> = get(row, 19)?;
    let taken = get::<Option<i64>>(row, 20)?.map(time).transpose()?;
    let closed = match get::<Option<i64>>(row, 23)? {
        None => None,
        Some(at) => Some(Closed {
            reason: get::<Option<String>>(row, 21)?.unwrap_or_default(),
            sentence: get::<Option<String>>(row, 22)?.unwrap_or_default(),
            at: time(at)?,
            by: get::<Option<String>>(row, 24)?.unwrap_or_default(),
            policy: get::<Option<_>>(row, 25)?.map(AlertPolicyId::from_uuid),
        }),
    };
    Ok(ItemRow {
        id: AlertItemId::from_uuid(get(row, 0)?),
        source: AlertSourceId::from_uuid(get(row, 1)?),
        about: About {
            rule: get(row, 2)?,
            rule_name: get(row, 3)?,
            severity: get(row, 4)?,
            device: device(row, 5)?,
            address: get(row, 6)?,
            attacker: get(row, 7)?,
            path: get(row, 8)?,
            outcome: get(row, 9)?,
        },
        events: number(get(row, 10)?),
        times: number(get(row, 11)?),
        span: (time(get(row, 12)?)?, time(get(row, 13)?)?),
        urgency: u8::try_from(get::<i64>(row, 14)?).unwrap_or_default(),
        opened: time(get(row, 15)?)?,
        due: [time(get(row, 16)?)?, time(get(row, 17)?)?, time(get(row, 18)?)?],
        taken: owner.zip(taken),
        closed,
        reopened: number(get(row, 26)?),
        told: number(get(row, 27)?),
        verdict: read_verdict(row)?,
        paused_until: get::<Option<i64>>(row, 32)?.map(time).transpose()?,
        rung: u8::try_from(get::<i64>(row, 33)?).unwrap_or_default(),
    })
}

fn read_verdict(row: &QueryResult) -> Result<Option<Verdict>, Error> {
    let (Some(code), Some(at)) = (get::<Option<String>>(row, 28)?, get::<Option<i64>>(row, 30)?) else {
        return Ok(None);
    };
    Ok(Some(Verdict {
        code,
        sentence: get::<Option<String>>(row, 29)?.unwrap_or_default(),
        at: time(at)?,
        by: get::<Option<String>>(row, 31)?.unwrap_or_default(),
    }))
}

/// A part of the list of items, in the order of its standing.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(view: &View, filter: &Filter, limit: u32, offset: u64) -> Result<Vec<ItemRow>, Error> {
    if filter.is_short() {
        let mut values = filter.short(view.org().uuid());
        values.extend(values![i64::from(limit), whole(offset)]);
        let rows = view.all(OPEN_SHORT, values).await?;
        let ids = rows.iter().map(|row| Ok(AlertItemId::from_uuid(get(row, 0)?)));
        let ids: Vec<AlertItemId> = ids.collect::<Result<_, Error>>()?;
        let mut found = by_ids(view, &ids).await?;
        found.sort_by_key(|item| ids.iter().position(|id| *id == item.id));
        return Ok(found);
    }
    let text = match filter.standing {
        Standing::Open => OPEN,
        Standing::Closed => CLOSED,
        Standing::All => ALL,
    };
    let mut values = filter.values(view.org().uuid());
    values.extend(values![i64::from(limit), whole(offset)]);
    view.all(text, values).await?.iter().map(read).collect()
}

/// How many items are wanted, and whether there may be more: not more than `most` are counted.
///
/// # Errors
/// When the database cannot be used.
pub async fn count(view: &View, filter: &Filter, most: u64) -> Result<(u64, bool), Error> {
    if filter.is_short() {
        let mut values = filter.short(view.org().uuid());
        values.push(whole(most).into());
        let row = view.one(COUNT_SHORT, values).await?;
        let counted = row.map_or(Ok(0), |row| Ok::<_, Error>(number(get(&row, 0)?)))?;
        return Ok((counted, counted >= most));
    }
    let text = match filter.standing {
        Standing::Open => COUNT_OPEN,
        Standing::Closed => COUNT_CLOSED,
        Standing::All => COUNT_ALL,
    };
    let mut values = filter.values(view.org().uuid());
    values.push(whole(most).into());
    let row = view.one(text, values).await?;
    let counted = row.map_or(Ok(0), |row| Ok::<_, Error>(number(get(&row, 0)?)))?;
    Ok((counted, counted >= most))
}

/// How many open items are how urgent.
///
/// # Errors
/// When the database cannot be used.
pub async fn urgencies(view: &View) -> Result<Vec<(u8, u64)>, Error> {
    let rows = view.all(BY_URGENCY, values![view.org().uuid()]).await?;
    rows.iter().map(read_urgency).collect()
}

fn read_urgency(row: &QueryResult) -> Result<(u8, u64), Error> {
    Ok((u8::try_from(get::<i64>(row, 0)?).unwrap_or_default(), number(get(row, 1)?)))
}

/// One item.
///
/// # Errors
/// When the database cannot be used.
pub async fn one(view: &View, id: AlertItemId) -> Result<Option<ItemRow>, Error> {
    view.one(ITEM, values![view.org().uuid(), id.uuid()]).await?.as_ref().map(read).transpose()
}

/// Items by their ids, in no order.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_ids(view: &View, ids: &[AlertItemId]) -> Result<Vec<ItemRow>, Error> {
    let shared = [Value::from(view.org().uuid())];
    let ids = ids.iter().map(|id| Value::from(id.uuid()));
    view.all_batches(id_batches(BY_IDS, &shared, ids)).await?.iter().map(read).collect()
}

/// The digest of an item's key.
///
/// # Errors
/// When the database cannot be used.
pub async fn key(view: &View, id: AlertItemId) -> Result<Option<Vec<u8>>, Error> {
    let row = view.one(KEY, values![view.org().uuid(), id.uuid()]).await?;
    row.map(|row| get(&row, 0)).transpose()
}

/// Open items behind an id, in the order of ids.
///
/// # Errors
/// When the database cannot be used.
pub async fn open_after(view: &View, after: AlertItemId, limit: u32) -> Result<Vec<ItemRow>, Error> {
    let values = values![view.org().uuid(), after.uuid(), i64::from(limit)];
    view.all(OPEN_AFTER, values).await?.iter().map(read).collect()
}

/// Open items whose rule, or its name, has a text in it, whatever its capitals, and these; the text is taken as it is, so one
/// without signs of patterns is asked for.
///
/// # Errors
/// When the database cannot be used.
pub async fn open_naming(
    view: &View,
    text: &str,
) -> Result<Vec<(AlertItemId, String, Option<String>)>, Error> {
    let pattern = format!("%{}%", text.to_ascii_uppercase());
    let rows = view.all(OPEN_NAMING, values![view.org().uuid(), pattern]).await?;
    rows.iter().map(|row| Ok((AlertItemId::from_uuid(get(row, 0)?), get(row, 1)?, get(row, 2)?))).collect()
}

/// Open items of one time to act (an urgency of it) that nobody has, that are to be taken before a moment, and of which nobody
/// of a rung was told; the most urgent first, a thousand at most.
///
/// # Errors
/// When the database cannot be used.
pub async fn untold(view: &View, when: u8, before: Timestamp, rung: u8) -> Result<Vec<ItemRow>, Error> {
    let of = i64::from(when / URGENCIES);
    let values = values![view.org().uuid(), of, micros(before), i64::from(rung)];
    view.all(UNTOLD, values).await?.iter().map(read).collect()
}

/// Open items that nobody has although all were told, and not again since a moment; the most urgent first, a thousand at most.
///
/// # Errors
/// When the database cannot be used.
pub async fn again(view: &View, now: Timestamp, told_before: Timestamp) -> Result<Vec<ItemRow>, Error> {
    let values = values![view.org().uuid(), micros(now), micros(told_before)];
    view.all(AGAIN, values).await?.iter().map(read).collect()
}

/// Those of a rung were told that nobody has an item.
///
/// # Errors
/// When the database refuses.
pub async fn told(change: &Change, id: AlertItemId, rung: u8) -> Result<(), Error> {
    let at = micros(change.at());
    let values = values![change.org().uuid(), id.uuid(), change.number, at, i64::from(rung)];
    change.execute(TOLD, values).await?;
    Ok(())
}

/// Writes down what somebody made of an open item that has as many events as they saw; false where it has changed meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn decide(change: &Change, id: AlertItemId, verdict: &Verdict, seen: u64) -> Result<bool, Error> {
    let values = values![
        change.org().uuid(),
        id.uuid(),
        change.number,
        verdict.code.as_str(),
        verdict.sentence.as_str(),
        micros(verdict.at),
        verdict.by.as_str(),
        whole(seen)
    ];
    Ok(change.execute(DECIDE, values).await? > 0)
}

/// The clocks of an open item stand still until a moment, or go on; deciding and closing are due at these moments then.
///
/// # Errors
/// When the database refuses.
pub async fn set_pause(
    change: &Change,
    id: AlertItemId,
    until: Option<Timestamp>,
    (decide_by, close_by): (Timestamp, Timestamp),
) -> Result<bool, Error> {
    let (decide_by, close_by) = (micros(decide_by), micros(close_by));
    let until = until.map(micros);
    let values = values![change.org().uuid(), id.uuid(), change.number, until, decide_by, close_by];
    Ok(change.execute(SET_PAUSE, values).await? > 0)
}

/// Open items whose pause is over at a moment, a thousand at most.
///
/// # Errors
/// When the database cannot be used.
pub async fn over(view: &View, now: Timestamp) -> Result<Vec<ItemRow>, Error> {
    view.all(OVER, values![view.org().uuid(), micros(now)]).await?.iter().map(read).collect()
}

/// The ids of open items, a million at most.
///
/// # Errors
/// When the database cannot be used.
pub async fn open_ids(view: &View) -> Result<Vec<AlertItemId>, Error> {
    ids(view, OPEN_IDS).await
}

/// The ids of closed items, the newest million.
///
/// # Errors
/// When the database cannot be used.
pub async fn closed_ids(view: &View) -> Result<Vec<AlertItemId>, Error> {
    ids(view, CLOSED_IDS).await
}

async fn ids(view: &View, statement: &'static str) -> Result<Vec<AlertItemId>, Error> {
    let rows = view.all(statement, values![view.org().uuid()]).await?;
    rows.iter().map(|row| Ok(AlertItemId::from_uuid(get(row, 0)?))).collect()
}

/// Who has open items.
///
/// # Errors
/// When the database cannot be used.
pub async fn owners(view: &View) -> Result<Vec<String>, Error> {
    view.all(OWNERS, values![view.org().uuid()]).await?.iter().map(|row| get(row, 0)).collect()
}

/// Gives an open item to somebody; false where it is closed, not there, or somebody else has it than was seen.
///
/// # Errors
/// When the database refuses.
pub async fn take(
    change: &Change,
    id: AlertItemId,
    owner: &str,
    seen_owner: Option<&str>,
) -> Result<bool, Error> {
    let seen = seen_owner.unwrap_or_default();
    let values = values![change.org().uuid(), id.uuid(), change.number, owner, micros(change.at()), seen];
    Ok(change.execute(TAKE, values).await? > 0)
}

/// Closes an open item that has as many events as whoever closes it saw; false where it has changed meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn close(change: &Change, id: AlertItemId, closed: &Closed, seen: u64) -> Result<bool, Error> {
    let values = values![
        change.org().uuid(),
        id.uuid(),
        change.number,
        closed.reason.as_str(),
        closed.sentence.as_str(),
        micros(closed.at),
        closed.by.as_str(),
        closed.policy.map(AlertPolicyId::uuid),
        closed.by.as_str(),
        whole(seen)
    ];
    Ok(change.execute(CLOSE, values).await? > 0)
}

/// Opens a closed item again; false where it is open.
///
/// # Errors
/// When the database refuses.
pub async fn reopen(change: &Change, id: AlertItemId, due: [Timestamp; 3]) -> Result<bool, Error> {
    let mut values = values![change.org().uuid(), id.uuid(), change.number, micros(change.at())];
    values.extend(due.map(|due| Value::from(micros(due))));
    Ok(change.execute(REOPEN, values).await? > 0)
}

/// Ranks an open item anew.
///
/// # Errors
/// When the database refuses.
pub async fn rank(change: &Change, id: AlertItemId, urgency: u8, due: [Timestamp; 3]) -> Result<bool, Error> {
    let mut values = values![change.org().uuid(), id.uuid(), change.number, i64::from(urgency)];
    values.extend(due.map(|due| Value::from(micros(due))));
    Ok(change.execute(RANK, values).await? > 0)
}

/// What happened to an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRow {
    /// When.
    pub at: Timestamp,
    /// The code of what.
    pub kind: String,
    /// Who did it.
    pub who: String,
    /// Said with it.
    pub text: String,
    /// Since when the item was open then.
    pub opened: Timestamp,
    /// By when it was due.
    pub due: Option<Timestamp>,
    /// How many events the item had.
    pub events: u64,
}

/// Writes down what happened to an item.
///
/// # Errors
/// When the database refuses.
pub async fn add_step(change: &Change, item: AlertItemId, step: &StepRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        AlertStepId::generate().uuid(),
        item.uuid(),
        micros(step.at),
        step.kind.as_str(),
        step.who.as_str(),
        step.text.as_str(),
        micros(step.opened),
        step.due.map(micros),
        whole(step.events)
    ];
    change.execute(ADD_STEP, values).await?;
    Ok(())
}

/// What happened to an item, the oldest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn steps(view: &View, item: AlertItemId) -> Result<Vec<StepRow>, Error> {
    let rows = view.all(STEPS, values![view.org().uuid(), item.uuid()]).await?;
    let read = |row: &QueryResult| {
        Ok(StepRow {
            at: time(get(row, 0)?)?,
            kind: get(row, 1)?,
            who: get(row, 2)?,
            text: get(row, 3)?,
            opened: time(get(row, 4)?)?,
            due: get::<Option<i64>>(row, 5)?.map(time).transpose()?,
            events: number(get(row, 6)?),
        })
    };
    rows.iter().map(read).collect()
}
