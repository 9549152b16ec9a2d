//! Sites: campuses, buildings, practices.

use bedrail_model::ids::SiteId;

use crate::sql::{batches, get, values};
use crate::{Change, Error, View};

const CHANGED: &str = "SELECT id, name FROM site WHERE org_id = $1 AND changed > $2";
const INSERT: &str = "INSERT INTO site (org_id, changed, id, name, name_key)
    SELECT $1, $2, v.column1, v.column2, v.column3 FROM (VALUES {rows}) v";
const ALL: &str = "SELECT id, name_key FROM site WHERE org_id = $1";
pub(crate) const STATEMENTS: &[&str] = &[CHANGED, ALL];

/// How a site's name is compared: without case and outer space.
pub fn key(name: &str) -> String {
    bedrail_model::text::squeezed(name).to_lowercase()
}

/// Sites written after a change, as id and name.
///
/// # Errors
/// When the database cannot be used.
pub async fn changed_since(view: &View, change: i64) -> Result<Vec<(SiteId, String)>, Error> {
    let rows = view.all(CHANGED, values![view.org().uuid(), change]).await?;
    rows.iter().map(|row| Ok((SiteId::from_uuid(get(row, 0)?), get(row, 1)?))).collect()
}

/// All sites by [`key`].
///
/// # Errors
/// When the database cannot be used.
pub async fn by_key(view: &View) -> Result<std::collections::HashMap<String, SiteId>, Error> {
    let rows = view.all(ALL, values![view.org().uuid()]).await?;
    rows.iter().map(|row| Ok((get(row, 1)?, SiteId::from_uuid(get(row, 0)?)))).collect()
}

/// Adds sites by name; the caller knows that their keys are new.
///
/// # Errors
/// When the database cannot be used.
pub async fn add(change: &Change, sites: &[(SiteId, String)]) -> Result<(), Error> {
    let shared = values![change.org().uuid(), change.number];
    let rows = sites.iter().map(|(id, name)| [id.uuid().into(), name.as_str().into(), key(name).into()]);
    change.execute_batches(batches(INSERT, &shared, rows)).await?;
    Ok(())
}
