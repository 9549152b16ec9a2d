//! Written policies that close items.

use bedrail_model::ids::{AlertPolicyId, AlertSourceId, DeviceId};
use jiff::Timestamp;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, View};

/// A written policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRow {
    /// Id.
    pub id: AlertPolicyId,
    /// What people call it.
    pub name: String,
    /// Why such items may be closed.
    pub sentence: String,
    /// The code of the reason.
    pub reason: String,
    /// Of this source.
    pub source: Option<AlertSourceId>,
    /// By this rule.
    pub rule: String,
    /// From this network.
    pub attacker: Option<String>,
    /// On this device.
    pub device: Option<DeviceId>,
    /// Of this class of path.
    pub path: Option<String>,
    /// The code of the worst outcome that it closes.
    pub outcome: String,
    /// When it was approved.
    pub approved: Timestamp,
    /// By whom.
    pub approver: String,
    /// When it ends by itself.
    pub expires: Timestamp,
    /// When it was ended.
    pub ended: Option<Timestamp>,
}

const ALL: &str =
    "SELECT id, name, sentence, reason, source_id, rule, attacker, device_id, path, outcome, approved,
        approver, expires, ended FROM alert_policy WHERE org_id = $1 ORDER BY approved DESC, id";
const ADD: &str =
    "INSERT INTO alert_policy (org_id, changed, id, name, sentence, reason, source_id, rule, attacker,
        device_id, path, outcome, approved, approver, expires)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
const END: &str =
    "UPDATE alert_policy SET changed = $3, ended = $4 WHERE org_id = $1 AND id = $2 AND ended IS NULL";
pub(crate) const STATEMENTS: &[&str] = &[ALL, ADD, END];

/// All policies, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<PolicyRow>, Error> {
    let rows = view.all(ALL, values![view.org().uuid()]).await?;
    let read = |row: &sea_orm::QueryResult| {
        Ok(PolicyRow {
            id: AlertPolicyId::from_uuid(get(row, 0)?),
            name: get(row, 1)?,
            sentence: get(row, 2)?,
            reason: get(row, 3)?,
            source: get::<Option<_>>(row, 4)?.map(AlertSourceId::from_uuid),
            rule: get(row, 5)?,
            attacker: get(row, 6)?,
            device: super::device(row, 7)?,
            path: get(row, 8)?,
            outcome: get(row, 9)?,
            approved: time(get(row, 10)?)?,
            approver: get(row, 11)?,
            expires: time(get(row, 12)?)?,
            ended: get::<Option<i64>>(row, 13)?.map(time).transpose()?,
        })
    };
    rows.iter().map(read).collect()
}

/// Keeps a new policy.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, row: &PolicyRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        row.id.uuid(),
        row.name.as_str(),
        row.sentence.as_str(),
        row.reason.as_str(),
        row.source.map(AlertSourceId::uuid),
        row.rule.as_str(),
        row.attacker.clone(),
        row.device.map(DeviceId::uuid),
        row.path.clone(),
        row.outcome.as_str(),
        micros(row.approved),
        row.approver.as_str(),
        micros(row.expires)
    ];
    change.execute(ADD, values).await?;
    Ok(())
}

/// Ends a policy; false where it is ended or not there.
///
/// # Errors
/// When the database refuses.
pub async fn end(change: &Change, id: AlertPolicyId) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), change.number, micros(change.at())];
    Ok(change.execute(END, values).await? > 0)
}
