//! Pauses of the clocks of items.

use bedrail_model::ids::{AlertItemId, AlertPauseId};
use jiff::Timestamp;
use sea_orm::QueryResult;

use super::account::Days;
use super::number;
use crate::sql::{get, micros, time, values};
use crate::{Change, Error, View};

/// A pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PauseRow {
    /// Id.
    pub id: AlertPauseId,
    /// When it began.
    pub begun: Timestamp,
    /// When it is over at the latest.
    pub until: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// The code of what it waits for.
    pub reason: String,
    /// In a sentence.
    pub sentence: String,
    /// Who paused it.
    pub who: String,
    /// The code of why it ended.
    pub ended_for: Option<String>,
}

/// Pauses that began in a time, for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PauseCount {
    /// The code of the reason.
    pub reason: String,
    /// How many.
    pub pauses: u64,
    /// Of how many items.
    pub items: u64,
    /// Microseconds that those which ended lasted.
    pub lasted: u64,
}

const ADD: &str = "INSERT INTO alert_pause (org_id, id, item_id, begun, until, reason, sentence, who)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const END: &str = "UPDATE alert_pause SET ended = $3, ended_for = $4
    WHERE org_id = $1 AND item_id = $2 AND ended IS NULL";
const OF_ITEM: &str = "SELECT id, begun, until, ended, reason, sentence, who, ended_for FROM alert_pause
    WHERE org_id = $1 AND item_id = $2 ORDER BY begun, id";
const COUNTS: &str = "SELECT reason, COUNT(*), COUNT(DISTINCT item_id),
        CAST(COALESCE(SUM(ended - begun), 0) AS bigint) FROM alert_pause
    WHERE org_id = $1 AND begun >= $2 AND begun < $3 GROUP BY reason ORDER BY reason";
pub(crate) const STATEMENTS: &[&str] = &[ADD, END, OF_ITEM, COUNTS];

/// Writes down that a pause of an item begins.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, item: AlertItemId, row: &PauseRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        row.id.uuid(),
        item.uuid(),
        micros(row.begun),
        micros(row.until),
        row.reason.as_str(),
        row.sentence.as_str(),
        row.who.as_str()
    ];
    change.execute(ADD, values).await?;
    Ok(())
}

/// The pause of an item that lasts ends at a moment.
///
/// # Errors
/// When the database refuses.
pub async fn end(change: &Change, item: AlertItemId, at: Timestamp, why: &str) -> Result<(), Error> {
    change.execute(END, values![change.org().uuid(), item.uuid(), micros(at), why]).await?;
    Ok(())
}

/// All pauses of an item, the oldest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn of(view: &View, item: AlertItemId) -> Result<Vec<PauseRow>, Error> {
    let read = |row: &QueryResult| {
        Ok(PauseRow {
            id: AlertPauseId::from_uuid(get(row, 0)?),
            begun: time(get(row, 1)?)?,
            until: time(get(row, 2)?)?,
            ended: get::<Option<i64>>(row, 3)?.map(time).transpose()?,
            reason: get(row, 4)?,
            sentence: get(row, 5)?,
            who: get(row, 6)?,
            ended_for: get(row, 7)?,
        })
    };
    view.all(OF_ITEM, values![view.org().uuid(), item.uuid()]).await?.iter().map(read).collect()
}

/// How many pauses began on some days, by their reasons.
///
/// # Errors
/// When the database cannot be used.
pub async fn counts(view: &View, days: Days) -> Result<Vec<PauseCount>, Error> {
    let micros = |day: i64| day.saturating_mul(86_400_000_000);
    let read = |row: &QueryResult| {
        Ok(PauseCount {
            reason: get(row, 0)?,
            pauses: number(get(row, 1)?),
            items: number(get(row, 2)?),
            lasted: number(get(row, 3)?),
        })
    };
    let values = values![view.org().uuid(), micros(days.0), micros(days.1)];
    view.all(COUNTS, values).await?.iter().map(read).collect()
}
