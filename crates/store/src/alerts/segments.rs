//! What was received at once, and the events of items that it adds.

use std::collections::HashMap;

use bedrail_model::ids::{AlertItemId, AlertPolicyId, AlertSegmentId, AlertSourceId, DeviceId};
use jiff::Timestamp;
use sea_orm::{QueryResult, Value};

use super::{number, whole};
use crate::sql::{batches, get, id_batches, micros, time, values};
use crate::{Change, Error, View};

/// What was received at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRow {
    /// Id.
    pub id: AlertSegmentId,
    /// Of which source.
    pub source: AlertSourceId,
    /// SHA-256 of the kept events, packed; empty where there are none.
    pub sha256: Vec<u8>,
    /// By which way it came.
    pub way: String,
    /// Where it begins in its file, and where it ends (exclusive).
    pub bytes: (u64, u64),
    /// What its lines are.
    pub lines: Lines,
    /// Why lines were not understood, as text of the application.
    pub reasons: String,
    /// What the source says of itself.
    pub reported: Reported,
}

/// What lines are; each is one of the four.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lines {
    /// Alerts.
    pub events: u64,
    /// Readings of the source's own counters.
    pub counters: u64,
    /// Well understood, and no alert.
    pub no_alerts: u64,
    /// Not understood.
    pub not_understood: u64,
}

impl Lines {
    /// All of them.
    pub const fn all(&self) -> u64 {
        self.events + self.counters + self.no_alerts + self.not_understood
    }
}

/// What a source's own counters say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reported {
    /// Alerts that it says to have raised, and to have lost; `None` where it says nothing.
    pub alerts: Option<(u64, u64)>,
    /// Events that came between those readings.
    pub compared: u64,
    /// How often counters went back without the source having been started anew.
    pub lies: u64,
    /// Messages that their senders numbered and that did not come. Below zero where some came late that a batch before had
    /// missed.
    pub missed: i64,
}

/// Events of one key, as a segment adds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The digest of the key.
    pub key: [u8; 32],
    /// What the item is, where it is new.
    pub about: About,
    /// Events.
    pub events: u64,
    /// How often they happened, as their source counts.
    pub times: u64,
    /// The first and the last.
    pub span: (Timestamp, Timestamp),
    /// When to act, the higher the sooner, and by when to take, decide and close it, where it is opened now.
    pub urgency: u8,
    /// By when.
    pub due: [Timestamp; 3],
    /// The written policy that closes it, where one does.
    pub policy: Option<Ruled>,
}

/// How a written policy closes an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruled {
    /// Which.
    pub policy: AlertPolicyId,
    /// The code of the reason.
    pub reason: String,
    /// The sentence.
    pub sentence: String,
    /// In whose name.
    pub by: String,
}

/// What an item is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The rule.
    pub rule: String,
    /// Its name.
    pub rule_name: Option<String>,
    /// The code of its severity.
    pub severity: String,
    /// The device.
    pub device: Option<DeviceId>,
    /// The address, of the device or of nobody's.
    pub address: Option<String>,
    /// The attacker's network.
    pub attacker: Option<String>,
    /// The class of the path.
    pub path: String,
    /// The code of the outcome.
    pub outcome: String,
}

/// An item that events of a key belong to, as it stood before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Which.
    pub id: AlertItemId,
    /// Whether it was closed, and whether by a written policy.
    pub closed: Option<bool>,
    /// When to act on it.
    pub urgency: u8,
    /// Since when it was open.
    pub opened: Timestamp,
    /// How many events it had.
    pub events: u64,
    /// Whether its clocks stand still.
    pub paused: bool,
}

const ADD_SEGMENT: &str =
    "INSERT INTO alert_segment (org_id, id, source_id, received, sha256, way, first_byte, end_byte,
        lines, events, counters, no_alerts, not_understood, reasons, raised, lost, compared, lies, kept, missed)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
/// What is new keeps what it is said to be; what is known gets more events, and is open again unless a written policy has it.
const ADD_ITEMS: &str = "INSERT INTO alert_item (org_id, changed, source_id, opened, last_segment, reopened, told, id, key, rule,
        rule_name, severity, device_id, address, attacker, path, outcome, events, times, first_event, last_event, urgency,
        take_by, decide_by, close_by, reason, sentence, closed, closed_by, policy_id)
    SELECT $1, $2, $3, $4, $5, 0, 0, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7, v.column8,
        v.column9, v.column10, v.column11, v.column12, v.column13, v.column14, v.column15, v.column16, v.column17,
        v.column18, v.column19, v.column20, v.column21, v.column22, v.column23
    FROM (VALUES {rows}) v WHERE true
    ON CONFLICT (org_id, key) DO UPDATE SET changed = excluded.changed,
        last_segment = excluded.last_segment, events = alert_item.events + excluded.events, times = alert_item.times + excluded.times,
        first_event = CASE WHEN excluded.first_event < alert_item.first_event THEN excluded.first_event
            ELSE alert_item.first_event END,
        last_event = CASE WHEN excluded.last_event > alert_item.last_event THEN excluded.last_event
            ELSE alert_item.last_event END,
        urgency = CASE WHEN excluded.urgency > alert_item.urgency THEN excluded.urgency ELSE alert_item.urgency END,
        take_by = CASE WHEN alert_item.closed IS NULL AND (alert_item.urgency >= excluded.urgency
                OR alert_item.take_by < excluded.take_by) THEN alert_item.take_by ELSE excluded.take_by END,
        decide_by = CASE WHEN alert_item.closed IS NULL AND (alert_item.urgency >= excluded.urgency
                OR alert_item.decide_by < excluded.decide_by) THEN alert_item.decide_by ELSE excluded.decide_by END,
        close_by = CASE WHEN alert_item.closed IS NULL AND (alert_item.urgency >= excluded.urgency
                OR alert_item.close_by < excluded.close_by) THEN alert_item.close_by ELSE excluded.close_by END,
        opened = CASE WHEN alert_item.closed IS NULL THEN alert_item.opened ELSE excluded.opened END,
        owner = CASE WHEN alert_item.closed IS NULL THEN alert_item.owner ELSE NULL END,
        taken = CASE WHEN alert_item.closed IS NULL THEN alert_item.taken ELSE NULL END,
        told = CASE WHEN alert_item.closed IS NULL THEN alert_item.told ELSE 0 END,
        told_at = CASE WHEN alert_item.closed IS NULL THEN alert_item.told_at ELSE NULL END,
        rung = CASE WHEN alert_item.closed IS NULL THEN alert_item.rung ELSE 0 END,
        verdict = CASE WHEN alert_item.closed IS NULL THEN alert_item.verdict ELSE NULL END,
        verdict_sentence = CASE WHEN alert_item.closed IS NULL THEN alert_item.verdict_sentence ELSE NULL END,
        decided = CASE WHEN alert_item.closed IS NULL THEN alert_item.decided ELSE NULL END,
        decided_by = CASE WHEN alert_item.closed IS NULL THEN alert_item.decided_by ELSE NULL END,
        reopened = alert_item.reopened
            + CASE WHEN alert_item.closed IS NULL OR excluded.policy_id IS NOT NULL THEN 0 ELSE 1 END,
        closed = excluded.closed, closed_by = excluded.closed_by, reason = excluded.reason,
        sentence = excluded.sentence, policy_id = excluded.policy_id";
const KNOWN: &str = "SELECT key, id, closed, policy_id, urgency, opened, events, paused_until FROM alert_item
    WHERE org_id = $1 AND key IN ({ids})";
const TALLY: &str = "INSERT INTO alert_tally (org_id, day, item_id, events)
    SELECT $1, $2, v.column1, v.column2 FROM (VALUES {rows}) v WHERE true
    ON CONFLICT (org_id, day, item_id) DO UPDATE SET events = alert_tally.events + excluded.events";
const OLD: &str = "SELECT g.id, g.sha256, g.events FROM alert_segment g
    JOIN alert_source s ON s.org_id = g.org_id AND s.id = g.source_id
    WHERE g.org_id = $1 AND g.received < $2 - s.keep_days * 86400000000 AND g.kept = 1
    ORDER BY g.received, g.id LIMIT 1000";
const FORGET: &str = "UPDATE alert_segment SET kept = 0 WHERE org_id = $1 AND id = $2";
const STILL_NAMED: &str =
    "SELECT 1 FROM alert_segment WHERE org_id = $1 AND sha256 = $2 AND kept = 1 LIMIT 1";
const DAYS_OF_ITEM: &str =
    "SELECT day FROM alert_tally WHERE org_id = $1 AND item_id = $2 ORDER BY day DESC LIMIT 31";
const NEWEST_OF_ITEM: &str = "SELECT g.sha256 FROM alert_item i
    JOIN alert_segment g ON g.org_id = i.org_id AND g.id = i.last_segment
    WHERE i.org_id = $1 AND i.id = $2 AND g.kept = 1";
const OF_DAY: &str = "SELECT sha256 FROM alert_segment
    WHERE org_id = $1 AND received >= $3 AND received < $4 AND source_id = $2 AND kept = 1
    ORDER BY received DESC, id DESC LIMIT 400";
pub(crate) const STATEMENTS: &[&str] =
    &[ADD_SEGMENT, OLD, FORGET, STILL_NAMED, DAYS_OF_ITEM, NEWEST_OF_ITEM, OF_DAY];

/// Writes down what was received.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, segment: &SegmentRow) -> Result<(), Error> {
    let (lines, reported) = (&segment.lines, &segment.reported);
    let values = values![
        change.org().uuid(),
        segment.id.uuid(),
        segment.source.uuid(),
        micros(change.at()),
        segment.sha256.clone(),
        segment.way.as_str(),
        whole(segment.bytes.0),
        whole(segment.bytes.1),
        whole(lines.all()),
        whole(lines.events),
        whole(lines.counters),
        whole(lines.no_alerts),
        whole(lines.not_understood),
        segment.reasons.as_str(),
        reported.alerts.map(|(raised, _)| whole(raised)),
        reported.alerts.map(|(_, lost)| whole(lost)),
        whole(reported.compared),
        whole(reported.lies),
        i64::from(!segment.sha256.is_empty()),
        reported.missed
    ];
    change.execute(ADD_SEGMENT, values).await?;
    Ok(())
}

/// The items of keys that there are.
///
/// # Errors
/// When the database cannot be used.
pub async fn known(
    view: &View,
    keys: impl Iterator<Item = [u8; 32]> + Send,
) -> Result<HashMap<[u8; 32], Known>, Error> {
    let org = [Value::from(view.org().uuid())];
    let keys = keys.map(|key| Value::from(key.to_vec()));
    let mut found = HashMap::new();
    for row in view.all_batches(id_batches(KNOWN, &org, keys)).await? {
        let key: Vec<u8> = get(&row, 0)?;
        let Ok(key) = <[u8; 32]>::try_from(key) else { continue };
        let by_policy = get::<Option<uuid::Uuid>>(&row, 3)?.is_some();
        let known = Known {
            id: AlertItemId::from_uuid(get(&row, 1)?),
            closed: get::<Option<i64>>(&row, 2)?.map(|_| by_policy),
            urgency: u8::try_from(get::<i64>(&row, 4)?).unwrap_or_default(),
            opened: time(get(&row, 5)?)?,
            events: number(get(&row, 6)?),
            paused: get::<Option<i64>>(&row, 7)?.is_some(),
        };
        found.insert(key, known);
    }
    Ok(found)
}

/// Adds the events to their items, those that are not there yet under new ids, and counts them on the day of the change.
///
/// # Errors
/// When the database refuses.
pub async fn add_events(
    change: &Change,
    (source, segment): (AlertSourceId, AlertSegmentId),
    added: &[(AlertItemId, &Added)],
) -> Result<(), Error> {
    let at = micros(change.at());
    let shared = values![change.org().uuid(), change.number, source.uuid(), at, segment.uuid()];
    change
        .execute_batches(batches(ADD_ITEMS, &shared, added.iter().map(|(id, it)| item(*id, it, at))))
        .await?;
    let day = change.at().as_second().div_euclid(86_400);
    let shared = values![change.org().uuid(), day];
    let rows = added.iter().map(|(id, it)| [Value::from(id.uuid()), Value::from(whole(it.events))]);
    change.execute_batches(batches(TALLY, &shared, rows)).await?;
    Ok(())
}

fn item(id: AlertItemId, it: &Added, at: i64) -> [Value; 23] {
    let (about, policy) = (&it.about, it.policy.as_ref());
    [
        Value::from(id.uuid()),
        Value::from(it.key.to_vec()),
        Value::from(about.rule.as_str()),
        Value::from(about.rule_name.clone()),
        Value::from(about.severity.as_str()),
        Value::from(about.device.map(DeviceId::uuid)),
        Value::from(about.address.clone()),
        Value::from(about.attacker.clone()),
        Value::from(about.path.as_str()),
        Value::from(about.outcome.as_str()),
        Value::from(whole(it.events)),
        Value::from(whole(it.times)),
        Value::from(micros(it.span.0)),
        Value::from(micros(it.span.1)),
        Value::from(i64::from(it.urgency)),
        Value::from(micros(it.due[0])),
        Value::from(micros(it.due[1])),
        Value::from(micros(it.due[2])),
        Value::from(policy.map(|by| by.reason.clone())),
        Value::from(policy.map(|by| by.sentence.clone())),
        Value::from(policy.map(|_| at)),
        Value::from(policy.map(|by| by.by.clone())),
        Value::from(policy.map(|by| by.policy.uuid())),
    ]
}

/// Kept events that are kept too long: their segments, digests and numbers, a thousand at most, the oldest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn too_old(view: &View, now: Timestamp) -> Result<Vec<(AlertSegmentId, Vec<u8>, u64)>, Error> {
    let rows = view.all(OLD, values![view.org().uuid(), micros(now)]).await?;
    let read =
        |row: &QueryResult| Ok((AlertSegmentId::from_uuid(get(row, 0)?), get(row, 1)?, number(get(row, 2)?)));
    rows.iter().map(read).collect()
}

/// The events of a segment are kept no longer; its numbers stay.
///
/// # Errors
/// When the database refuses.
pub async fn forget(change: &Change, id: AlertSegmentId) -> Result<(), Error> {
    change.execute(FORGET, values![change.org().uuid(), id.uuid()]).await?;
    Ok(())
}

/// Whether a segment names these kept events.
///
/// # Errors
/// When the database cannot be used.
pub async fn is_named(view: &View, sha256: &[u8]) -> Result<bool, Error> {
    Ok(view.one(STILL_NAMED, values![view.org().uuid(), sha256.to_vec()]).await?.is_some())
}

/// Days of receipt on which an item got events, the newest first, a month of them at most: days since 1970-01-01, UTC.
///
/// # Errors
/// When the database cannot be used.
pub async fn days_of(view: &View, item: AlertItemId) -> Result<Vec<i64>, Error> {
    let rows = view.all(DAYS_OF_ITEM, values![view.org().uuid(), item.uuid()]).await?;
    rows.iter().map(|row| get(row, 0)).collect()
}

/// The digest of the events that the newest of an item came with, as long as they are kept.
///
/// # Errors
/// When the database cannot be used.
pub async fn newest_of(view: &View, item: AlertItemId) -> Result<Option<Vec<u8>>, Error> {
    let row = view.one(NEWEST_OF_ITEM, values![view.org().uuid(), item.uuid()]).await?;
    row.map(|row| get(&row, 0)).transpose()
}

/// Digests of the events that a source sent on a day, the newest first, 400 at most, as long as they are kept.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_day(view: &View, source: AlertSourceId, day: i64) -> Result<Vec<Vec<u8>>, Error> {
    let micros = |day: i64| day.saturating_mul(86_400_000_000);
    let values = values![view.org().uuid(), source.uuid(), micros(day), micros(day.saturating_add(1))];
    view.all(OF_DAY, values).await?.iter().map(|row| get(row, 0)).collect()
}
