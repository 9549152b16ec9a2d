//! Up to when a ticket system was told of what happened to items, and what happened since.

use bedrail_model::ids::AlertItemId;
use jiff::Timestamp;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, View};

const TOLD_TO: &str = "SELECT told_to FROM alert_ticket WHERE org_id = $1";
const SET: &str = "INSERT INTO alert_ticket (org_id, told_to) VALUES ($1, $2)
    ON CONFLICT (org_id) DO UPDATE SET told_to = excluded.told_to";
const OPENED: &str = "SELECT id, opened FROM alert_item WHERE org_id = $1 AND opened > $2 AND opened <= $3
    ORDER BY opened, id LIMIT $4";
/// Reminders and comments move no ticket.
const STEPPED: &str = "SELECT item_id, at FROM alert_step WHERE org_id = $1 AND at > $2 AND at <= $3
    AND kind IN ('taken', 'handed_over', 'decided', 'closed', 'reopened') ORDER BY at, id LIMIT $4";
pub(crate) const STATEMENTS: &[&str] = &[TOLD_TO, SET, OPENED, STEPPED];

/// Up to when (inclusive) it was told; `None` where nothing ever was.
///
/// # Errors
/// When the database cannot be used.
pub async fn told_to(view: &View) -> Result<Option<Timestamp>, Error> {
    let row = view.one(TOLD_TO, values![view.org().uuid()]).await?;
    row.map(|row| time(get(&row, 0)?)).transpose()
}

/// Notes up to when it was told.
///
/// # Errors
/// When the database refuses.
pub async fn set(change: &Change, to: Timestamp) -> Result<(), Error> {
    change.execute(SET, values![change.org().uuid(), micros(to)]).await?;
    Ok(())
}

/// Items that were opened, or of which something became, after a moment (exclusive) and up to another (inclusive); each with
/// when. As many of each sort as asked for at most, the earliest.
///
/// # Errors
/// When the database cannot be used.
pub async fn moved(
    view: &View,
    (after, to): (Timestamp, Timestamp),
    limit: u32,
) -> Result<[Vec<(AlertItemId, Timestamp)>; 2], Error> {
    let read = |row: &sea_orm::QueryResult| Ok((AlertItemId::from_uuid(get(row, 0)?), time(get(row, 1)?)?));
    let mut found = [Vec::new(), Vec::new()];
    for (sql, found) in [OPENED, STEPPED].into_iter().zip(&mut found) {
        let values = values![view.org().uuid(), micros(after), micros(to), i64::from(limit)];
        *found = view.all(sql, values).await?.iter().map(read).collect::<Result<_, Error>>()?;
    }
    Ok(found)
}
