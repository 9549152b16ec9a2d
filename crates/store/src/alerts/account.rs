//! What was received in a time, and what became of it: the two sides that must be equal.

use bedrail_model::ids::{AlertSegmentId, AlertSourceId, DeviceId};
use jiff::Timestamp;
use sea_orm::QueryResult;

use super::number;
use super::segments::{Lines, Reported};
use crate::sql::{get, time, values};
use crate::{Error, View};

/// What a source sent in a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Which source.
    pub source: AlertSourceId,
    /// Its lines.
    pub lines: Lines,
    /// Lines, as the segments count them all together.
    pub all_lines: u64,
    /// What the source says of itself.
    pub reported: Reported,
    /// Segments.
    pub segments: u64,
    /// Files that were rotated away before they were read to their end: nobody knows what else they said.
    pub gaps: u64,
}

/// Events of items, by how the items stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounted {
    /// Of which source.
    pub source: AlertSourceId,
    /// The code of the reason for which the items were closed; empty where they are open.
    pub reason: String,
    /// Whether somebody has the open items.
    pub taken: bool,
    /// Whether a written policy closed them.
    pub by_policy: bool,
    /// Events.
    pub events: u64,
    /// Items.
    pub items: u64,
}

/// A step of a time, for its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The code of what.
    pub kind: String,
    /// Who.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// Since when the item was open.
    pub opened: Timestamp,
    /// By when the step was due.
    pub due: Option<Timestamp>,
    /// The source, rule and device of the item.
    pub of: (AlertSourceId, String, Option<DeviceId>),
}

const RECEIVED: &str = "SELECT source_id, CAST(SUM(events) AS bigint), CAST(SUM(counters) AS bigint),
        CAST(SUM(no_alerts) AS bigint), CAST(SUM(not_understood) AS bigint), CAST(SUM(lines) AS bigint),
        CAST(SUM(raised) AS bigint), CAST(SUM(lost) AS bigint), CAST(SUM(compared) AS bigint),
        CAST(SUM(lies) AS bigint), COUNT(*), CAST(SUM(CASE WHEN way = 'gap' THEN 1 ELSE 0 END) AS bigint),
        CAST(SUM(missed) AS bigint)
    FROM alert_segment WHERE org_id = $1 AND received >= $2 AND received < $3 GROUP BY source_id ORDER BY source_id";
const ACCOUNTED: &str = "SELECT i.source_id, COALESCE(i.reason, ''), CASE WHEN i.owner IS NULL THEN 0 ELSE 1 END,
        CASE WHEN i.policy_id IS NULL THEN 0 ELSE 1 END, CAST(SUM(t.events) AS bigint), COUNT(DISTINCT t.item_id)
    FROM alert_tally t JOIN alert_item i ON i.org_id = t.org_id AND i.id = t.item_id
    WHERE t.org_id = $1 AND t.day >= $2 AND t.day < $3 AND (i.device_id = $4 OR $4 IS NULL)
    GROUP BY i.source_id, COALESCE(i.reason, ''), CASE WHEN i.owner IS NULL THEN 0 ELSE 1 END,
        CASE WHEN i.policy_id IS NULL THEN 0 ELSE 1 END
    ORDER BY 1, 2, 3, 4";
const STEPS: &str = "SELECT s.kind, s.who, s.at, s.opened, s.due, i.source_id, i.rule, i.device_id FROM alert_step s
    JOIN alert_item i ON i.org_id = s.org_id AND i.id = s.item_id
    WHERE s.org_id = $1 AND s.at >= $2 AND s.at < $3 AND s.kind IN ('taken', 'decided', 'closed') ORDER BY s.at, s.id LIMIT $4";
const REASONS: &str = "SELECT reasons FROM alert_segment
    WHERE org_id = $1 AND received >= $2 AND received < $3 AND reasons <> ''";
const KEPT: &str = "SELECT id, source_id, sha256, events FROM alert_segment
    WHERE org_id = $1 AND received >= $2 AND received < $3 AND kept = 1 ORDER BY received, id";
const RULES: &str =
    "SELECT i.rule, MAX(i.rule_name), CAST(SUM(t.events) AS bigint), COUNT(DISTINCT t.item_id)
    FROM alert_tally t JOIN alert_item i ON i.org_id = t.org_id AND i.id = t.item_id
    WHERE t.org_id = $1 AND t.day >= $2 AND t.day < $3 GROUP BY i.rule ORDER BY 3 DESC, 1 LIMIT 50";
const DEVICES: &str = "SELECT i.device_id, CAST(SUM(t.events) AS bigint), COUNT(DISTINCT t.item_id)
    FROM alert_tally t JOIN alert_item i ON i.org_id = t.org_id AND i.id = t.item_id
    WHERE t.org_id = $1 AND t.day >= $2 AND t.day < $3 
    GROUP BY i.device_id";
const DAYS: &str = "SELECT day, CAST(SUM(events) AS bigint) FROM alert_tally
    WHERE org_id = $1 AND day >= $2 AND day < $3 GROUP BY day ORDER BY day";
pub(crate) const STATEMENTS: &[&str] = &[RECEIVED, ACCOUNTED, STEPS, REASONS, KEPT, RULES, DEVICES, DAYS];

/// Days since 1970-01-01, UTC: from (inclusive) and to (exclusive).
pub type Days = (i64, i64);

fn period(view: &View, days: Days) -> Vec<sea_orm::Value> {
    let micros = |day: i64| day.saturating_mul(86_400_000_000);
    values![view.org().uuid(), micros(days.0), micros(days.1)]
}

/// What each source sent.
///
/// # Errors
/// When the database cannot be used.
pub async fn received(view: &View, days: Days) -> Result<Vec<Received>, Error> {
    let read = |row: &QueryResult| {
        let (raised, lost): (Option<i64>, Option<i64>) = (get(row, 6)?, get(row, 7)?);
        Ok(Received {
            source: AlertSourceId::from_uuid(get(row, 0)?),
            lines: Lines {
                events: number(get(row, 1)?),
                counters: number(get(row, 2)?),
                no_alerts: number(get(row, 3)?),
                not_understood: number(get(row, 4)?),
            },
            all_lines: number(get(row, 5)?),
            reported: Reported {
                alerts: raised.map(|raised| (number(raised), number(lost.unwrap_or_default()))),
                compared: number(get(row, 8)?),
                lies: number(get(row, 9)?),
                missed: get(row, 12)?,
            },
            segments: number(get(row, 10)?),
            gaps: number(get(row, 11)?),
        })
    };
    view.all(RECEIVED, period(view, days)).await?.iter().map(read).collect()
}

/// What became of the events that were received; those of one device, or of all.
///
/// # Errors
/// When the database cannot be used.
pub async fn accounted(view: &View, days: Days, device: Option<DeviceId>) -> Result<Vec<Accounted>, Error> {
    let values = values![view.org().uuid(), days.0, days.1, device.map(DeviceId::uuid)];
    let read = |row: &QueryResult| {
        Ok(Accounted {
            source: AlertSourceId::from_uuid(get(row, 0)?),
            reason: get(row, 1)?,
            taken: flag(row, 2)?,
            by_policy: flag(row, 3)?,
            events: number(get(row, 4)?),
            items: number(get(row, 5)?),
        })
    };
    view.all(ACCOUNTED, values).await?.iter().map(read).collect()
}

/// What a `CASE` of one and zero gives, whichever width the database gives it.
fn flag(row: &QueryResult, index: usize) -> Result<bool, Error> {
    match get::<i32>(row, index) {
        Ok(value) => Ok(value != 0),
        Err(_) => Ok(get::<i64>(row, index)? != 0),
    }
}

/// Takings, decisions and closings, in their order, as many as asked for at most.
///
/// # Errors
/// When the database cannot be used.
pub async fn steps(view: &View, days: Days, limit: u32) -> Result<Vec<Taken>, Error> {
    let mut values = period(view, days);
    values.push(i64::from(limit).into());
    let read = |row: &QueryResult| {
        Ok(Taken {
            kind: get(row, 0)?,
            who: get(row, 1)?,
            at: time(get(row, 2)?)?,
            opened: time(get(row, 3)?)?,
            due: get::<Option<i64>>(row, 4)?.map(time).transpose()?,
            of: (AlertSourceId::from_uuid(get(row, 5)?), get(row, 6)?, super::device(row, 7)?),
        })
    };
    view.all(STEPS, values).await?.iter().map(read).collect()
}

/// Why lines were not understood, segment by segment, as the application wrote it.
///
/// # Errors
/// When the database cannot be used.
pub async fn reasons(view: &View, days: Days) -> Result<Vec<String>, Error> {
    view.all(REASONS, period(view, days)).await?.iter().map(|row| get(row, 0)).collect()
}

/// Segments whose events are kept: their sources, the digests of the events, and their numbers.
///
/// # Errors
/// When the database cannot be used.
pub async fn kept(
    view: &View,
    days: Days,
) -> Result<Vec<(AlertSegmentId, AlertSourceId, Vec<u8>, u64)>, Error> {
    let read = |row: &QueryResult| {
        let (id, source) = (AlertSegmentId::from_uuid(get(row, 0)?), AlertSourceId::from_uuid(get(row, 1)?));
        Ok((id, source, get(row, 2)?, number(get(row, 3)?)))
    };
    view.all(KEPT, period(view, days)).await?.iter().map(read).collect()
}

/// The fifty rules with the most events: id, name, events, items.
///
/// # Errors
/// When the database cannot be used.
pub async fn rules(view: &View, days: Days) -> Result<Vec<(String, Option<String>, u64, u64)>, Error> {
    let rows = view.all(RULES, values![view.org().uuid(), days.0, days.1]).await?;
    let read =
        |row: &QueryResult| Ok((get(row, 0)?, get(row, 1)?, number(get(row, 2)?), number(get(row, 3)?)));
    rows.iter().map(read).collect()
}

/// Every device with events, and what belongs to no known device: id, events, items, in no order.
///
/// # Errors
/// When the database cannot be used.
pub async fn devices(view: &View, days: Days) -> Result<Vec<(Option<DeviceId>, u64, u64)>, Error> {
    let rows = view.all(DEVICES, values![view.org().uuid(), days.0, days.1]).await?;
    let read = |row: &QueryResult| Ok((super::device(row, 0)?, number(get(row, 1)?), number(get(row, 2)?)));
    rows.iter().map(read).collect()
}

/// Events by day.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_day(view: &View, days: Days) -> Result<Vec<(i64, u64)>, Error> {
    let rows = view.all(DAYS, values![view.org().uuid(), days.0, days.1]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, number(get(row, 1)?)))).collect()
}
