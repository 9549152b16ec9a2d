//! What people of an organisation said of components that bills know by a name alone.

use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, View};

/// A decision as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameRow {
    /// The name without case and outer blanks.
    pub name_key: String,
    /// The supplier likewise; empty where the bill names none.
    pub supplier_key: String,
    /// The name as written.
    pub name: String,
    /// The supplier as written.
    pub supplier: Option<String>,
    /// A package URL or a CPE name without a version; none where it is none of those that were proposed.
    pub identifier: Option<String>,
    /// Those.
    pub declined: Vec<String>,
    /// When it was decided.
    pub decided: Timestamp,
    /// Who decided, and by which way.
    pub author: String,
}

const ALL: &str =
    "SELECT name_key, supplier_key, name, supplier, identifier, declined, decided, author FROM component_name
    WHERE org_id = $1 ORDER BY name_key, supplier_key";
const SET: &str = "INSERT INTO component_name
    (org_id, changed, name_key, supplier_key, name, supplier, identifier, declined, decided, author)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (org_id, name_key, supplier_key) DO UPDATE SET changed = $2, name = $5, supplier = $6, identifier = $7,
        declined = $8, decided = $9, author = $10";
const UNSET: &str = "DELETE FROM component_name WHERE org_id = $1 AND name_key = $2 AND supplier_key = $3";
pub(crate) const STATEMENTS: &[&str] = &[ALL, SET, UNSET];

fn read(row: &QueryResult) -> Result<NameRow, Error> {
    let declined: String = get(row, 5)?;
    Ok(NameRow {
        name_key: get(row, 0)?,
        supplier_key: get(row, 1)?,
        name: get(row, 2)?,
        supplier: get(row, 3)?,
        identifier: get(row, 4)?,
        declined: declined.lines().map(str::to_owned).collect(),
        decided: time(get(row, 6)?)?,
        author: get(row, 7)?,
    })
}

/// All decisions of the organisation, in the order of names.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<NameRow>, Error> {
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Keeps a decision; an earlier one on the same name makes place.
///
/// # Errors
/// When the database refuses.
pub async fn set(change: &Change, row: &NameRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        row.name_key.as_str(),
        row.supplier_key.as_str(),
        row.name.as_str(),
        row.supplier.clone(),
        row.identifier.clone(),
        row.declined.join("\n"),
        micros(row.decided),
        row.author.as_str()
    ];
    change.execute(SET, values).await?;
    Ok(())
}

/// Takes a decision back; false where there was none.
///
/// # Errors
/// When the database refuses.
pub async fn unset(change: &Change, name_key: &str, supplier_key: &str) -> Result<bool, Error> {
    Ok(change.execute(UNSET, values![change.org().uuid(), name_key, supplier_key]).await? > 0)
}
