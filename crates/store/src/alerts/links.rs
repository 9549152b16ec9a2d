//! What items belong to: weaknesses, actions, campaigns, incidents.

use bedrail_model::ids::AlertItemId;
use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, View};

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// The code of what kind of thing it leads to.
    pub kind: String,
    /// Which: an id, or what people call it.
    pub target: String,
    /// When it was added.
    pub added: Timestamp,
    /// By whom.
    pub by: String,
}

const ADD: &str = "INSERT INTO alert_link (org_id, item_id, kind, target, added, added_by)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (org_id, item_id, kind, target) DO NOTHING";
const REMOVE: &str =
    "DELETE FROM alert_link WHERE org_id = $1 AND item_id = $2 AND kind = $3 AND target = $4";
const OF_ITEM: &str = "SELECT kind, target, added, added_by FROM alert_link
    WHERE org_id = $1 AND item_id = $2 ORDER BY added, kind, target";
const TO: &str = "SELECT l.item_id, COALESCE(i.rule_name, i.rule) FROM alert_link l
    JOIN alert_item i ON i.org_id = l.org_id AND i.id = l.item_id
    WHERE l.org_id = $1 AND l.kind = $2 AND l.target = $3 ORDER BY l.added DESC, l.item_id LIMIT 100";
const ALL_TO: &str = "SELECT l.target, l.item_id, COALESCE(i.rule_name, i.rule) FROM alert_link l
    JOIN alert_item i ON i.org_id = l.org_id AND i.id = l.item_id
    WHERE l.org_id = $1 AND l.kind = $2 ORDER BY l.added DESC, l.item_id LIMIT 5000";
pub(crate) const STATEMENTS: &[&str] = &[ADD, REMOVE, OF_ITEM, TO, ALL_TO];

/// Adds a link; false where it is there.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, item: AlertItemId, row: &LinkRow) -> Result<bool, Error> {
    let (kind, target, by) = (row.kind.as_str(), row.target.as_str(), row.by.as_str());
    let values = values![change.org().uuid(), item.uuid(), kind, target, micros(row.added), by];
    Ok(change.execute(ADD, values).await? > 0)
}

/// Takes a link away; false where there is none.
///
/// # Errors
/// When the database refuses.
pub async fn remove(change: &Change, item: AlertItemId, kind: &str, target: &str) -> Result<bool, Error> {
    Ok(change.execute(REMOVE, values![change.org().uuid(), item.uuid(), kind, target]).await? > 0)
}

/// The links of an item, the oldest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn of(view: &View, item: AlertItemId) -> Result<Vec<LinkRow>, Error> {
    let read = |row: &QueryResult| {
        Ok(LinkRow { kind: get(row, 0)?, target: get(row, 1)?, added: time(get(row, 2)?)?, by: get(row, 3)? })
    };
    view.all(OF_ITEM, values![view.org().uuid(), item.uuid()]).await?.iter().map(read).collect()
}

/// The items that lead to something, and what their rules are called; those linked last first, a hundred at most.
///
/// # Errors
/// When the database cannot be used.
pub async fn to(view: &View, kind: &str, target: &str) -> Result<Vec<(AlertItemId, String)>, Error> {
    let rows = view.all(TO, values![view.org().uuid(), kind, target]).await?;
    rows.iter().map(|row| Ok((AlertItemId::from_uuid(get(row, 0)?), get(row, 1)?))).collect()
}

/// The items that lead to things of a kind, those linked last first, five thousand at most: the thing, the item, and what its
/// rule is called.
///
/// # Errors
/// When the database cannot be used.
pub async fn all_to(view: &View, kind: &str) -> Result<Vec<(String, AlertItemId, String)>, Error> {
    let rows = view.all(ALL_TO, values![view.org().uuid(), kind]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, AlertItemId::from_uuid(get(row, 1)?), get(row, 2)?))).collect()
}
