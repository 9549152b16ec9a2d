//! Single readers of what is privileged in one incident. Rows are added and ended, never taken away.

use bedrail_model::ids::{AccountId, IncidentId};
use bedrail_model::incident::Reader;
use sea_orm::QueryResult;

use super::{count, stored};
use crate::sql::{get, micros, time, values};
use crate::{Change, Error, View};

const ALL: &str = "SELECT number, account_id, name, reason, at, author, ended, ended_by FROM incident_reader
    WHERE org_id = $1 AND incident_id = $2 ORDER BY number";
const INSERT: &str =
    "INSERT INTO incident_reader (org_id, incident_id, number, account_id, name, reason, at, author)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const END: &str = "UPDATE incident_reader SET ended = $4, ended_by = $5
    WHERE org_id = $1 AND incident_id = $2 AND number = $3 AND ended IS NULL";
pub(crate) const STATEMENTS: &[&str] = &[ALL, INSERT, END];

fn read(row: &QueryResult) -> Result<Reader, Error> {
    let ended = match get::<Option<i64>>(row, 6)? {
        None => None,
        Some(at) => Some((time(at)?, get::<Option<String>>(row, 7)?.unwrap_or_default())),
    };
    Ok(Reader {
        number: count(row, 0)?,
        account: AccountId::from_uuid(get(row, 1)?),
        name: get(row, 2)?,
        reason: get(row, 3)?,
        at: time(get(row, 4)?)?,
        by: get(row, 5)?,
        ended,
    })
}

/// All who were named, those included who read no more.
///
/// # Errors
/// When the database cannot be used.
pub async fn readers(view: &View, id: IncidentId) -> Result<Vec<Reader>, Error> {
    view.all(ALL, values![view.org().uuid(), id.uuid()]).await?.iter().map(read).collect()
}

/// Keeps a reader.
///
/// # Errors
/// When the database refuses, as where the number is taken.
pub async fn add_reader(change: &Change, id: IncidentId, reader: &Reader) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        id.uuid(),
        stored(reader.number),
        reader.account.uuid(),
        reader.name.as_str(),
        reader.reason.as_str(),
        micros(reader.at),
        reader.by.as_str()
    ];
    change.execute(INSERT, values).await?;
    Ok(())
}

/// Ends what a reader may; false where it ended before, or there is none.
///
/// # Errors
/// When the database refuses.
pub async fn end_reader(change: &Change, id: IncidentId, number: u64) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), stored(number), micros(change.at()), change.actor()];
    Ok(change.execute(END, values).await? > 0)
}
