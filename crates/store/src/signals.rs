//! What the programme counts, summed by the database: each question is one statement, whatever it is asked of.

use bedrail_model::ids::ReleaseId;
use bedrail_model::severity::Severity;
use jiff::Timestamp;
use sea_orm::Value;

use crate::sql::{get, id_batches, micros, time, values};
use crate::{Error, View};

const LISTED: &str = "SELECT COUNT(*) FROM device WHERE org_id = $1 AND updated >= $2";
const BILLS: &str = "SELECT release_id, MAX(added) FROM sbom
    WHERE org_id = $1 AND replaced IS NULL GROUP BY release_id";
const FIRST_FOUND: &str = "SELECT f.weakness, MIN(f.first_seen), MAX(w.severity)
    FROM finding f JOIN weakness w ON w.id = f.weakness
    WHERE f.org_id = $1 AND f.weakness IN ({ids}) GROUP BY f.weakness";
pub(crate) const STATEMENTS: &[&str] = &[LISTED, BILLS, FIRST_FOUND];

/// Devices that a list wrote since a moment.
///
/// # Errors
/// When the database cannot be used.
pub async fn devices_listed_since(view: &View, since: Timestamp) -> Result<u64, Error> {
    let row = view.one(LISTED, values![view.org().uuid(), micros(since)]).await?;
    row.map_or(Ok(0), |row| Ok(get::<i64>(&row, 0)?.unsigned_abs()))
}

/// When the present bill of materials of each release was received.
///
/// # Errors
/// When the database cannot be used.
pub async fn bills_received(view: &View) -> Result<Vec<(ReleaseId, Timestamp)>, Error> {
    let rows = view.all(BILLS, values![view.org().uuid()]).await?;
    rows.iter().map(|row| Ok((ReleaseId::from_uuid(get(row, 0)?), time(get(row, 1)?)?))).collect()
}

/// When weaknesses were first found in the organisation, and their class of severity in words.
///
/// # Errors
/// When the database cannot be used.
pub async fn first_found(view: &View, ids: &[String]) -> Result<Vec<(String, Timestamp, String)>, Error> {
    let shared = [Value::from(view.org().uuid())];
    let ids = ids.iter().map(|id| Value::from(id.as_str()));
    let rows = view.all_batches(id_batches(FIRST_FOUND, &shared, ids)).await?;
    rows.iter()
        .map(|row| {
            let severity = usize::try_from(get::<i64>(row, 2)?).unwrap_or_default();
            let severity = Severity::ALL.get(severity).copied().unwrap_or_default();
            Ok((get(row, 0)?, time(get(row, 1)?)?, severity.code().to_owned()))
        })
        .collect()
}
