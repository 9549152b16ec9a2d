//! What our own judgement told of as an alert, as long as it finds it so.

use std::collections::HashSet;

use sea_orm::Value;

use crate::sql::{batches, get, id_batches, micros, values};
use crate::{Change, Error, View};

const ALL: &str = "SELECT fact FROM alert_standing WHERE org_id = $1";
const ADD: &str =
    "INSERT INTO alert_standing (org_id, since, fact) SELECT $1, $2, v.column1 FROM (VALUES {rows}) v
    WHERE true ON CONFLICT (org_id, fact) DO NOTHING";
const REMOVE: &str = "DELETE FROM alert_standing WHERE org_id = $1 AND fact IN ({ids})";
pub(crate) const STATEMENTS: &[&str] = &[ALL];

/// All of it.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<HashSet<String>, Error> {
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(|row| get(row, 0)).collect()
}

/// Writes down what was told of, and takes away what is no longer so.
///
/// # Errors
/// When the database refuses.
pub async fn follow(change: &Change, new: &[String], gone: &[String]) -> Result<(), Error> {
    let shared = values![change.org().uuid(), micros(change.at())];
    let rows = new.iter().map(|fact| [Value::from(fact.as_str())]);
    change.execute_batches(batches(ADD, &shared, rows)).await?;
    let org = [Value::from(change.org().uuid())];
    let facts = gone.iter().map(|fact| Value::from(fact.as_str()));
    change.execute_batches(id_batches(REMOVE, &org, facts)).await?;
    Ok(())
}
