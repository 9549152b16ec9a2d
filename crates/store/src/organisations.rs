//! Organisations: whose the rows are.

use bedrail_model::ids::OrgId;
use jiff::Timestamp;

use crate::sql::{get, micros, values};
use crate::{Error, Store, View};

const INSERT_FIRST: &str = "INSERT INTO organisation (id, name, created, changes)
    SELECT $1, $2, $3, 0 WHERE NOT EXISTS (SELECT 1 FROM organisation)";
const INSERT: &str = "INSERT INTO organisation (id, name, created, changes) VALUES ($1, $2, $3, 0)";
const FIRST: &str = "SELECT id FROM organisation ORDER BY created, id LIMIT 1";
const ALL: &str = "SELECT id FROM organisation ORDER BY created, id";
const CHANGES: &str = "SELECT o.changes, r.changes FROM organisation o, reference_state r
    WHERE o.id = $1 AND r.id = 1";
pub(crate) const STATEMENTS: &[&str] = &[INSERT_FIRST, INSERT, FIRST, ALL, CHANGES];

/// The first organisation of this installation, made where there is none.
///
/// # Errors
/// When the database cannot be used.
pub async fn ensure_first(store: &Store, name: &str, at: Timestamp) -> Result<OrgId, Error> {
    if let Some(row) = store.reference_view().await?.one(FIRST, vec![]).await? {
        return Ok(OrgId::from_uuid(get(&row, 0)?));
    }
    let view = store.write_view().await?;
    view.execute(INSERT_FIRST, values![OrgId::generate().uuid(), name, micros(at)]).await?;
    let row = view.one(FIRST, vec![]).await?;
    let row = row.ok_or_else(|| Error::Corrupt { column: "organisation.id", value: "none".into() })?;
    view.transaction.commit().await?;
    Ok(OrgId::from_uuid(get(&row, 0)?))
}

/// A further organisation.
///
/// # Errors
/// When the database cannot be used.
pub async fn add(store: &Store, name: &str, at: Timestamp) -> Result<OrgId, Error> {
    let id = OrgId::generate();
    let view = store.write_view().await?;
    view.execute(INSERT, values![id.uuid(), name, micros(at)]).await?;
    view.transaction.commit().await?;
    Ok(id)
}

/// All organisations, the oldest first: for work that the program does for each.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(store: &Store) -> Result<Vec<OrgId>, Error> {
    let rows = store.reference_view().await?.all(ALL, vec![]).await?;
    rows.iter().map(|row| Ok(OrgId::from_uuid(get(row, 0)?))).collect()
}

/// The numbers of the organisation's last change and of the last re-judgement: what a summary in memory compares
/// itself with.
///
/// # Errors
/// When the database cannot be used.
pub async fn changes(view: &View) -> Result<(i64, i64), Error> {
    let row = view.one(CHANGES, values![view.org().uuid()]).await?;
    let row =
        row.ok_or_else(|| Error::Corrupt { column: "organisation.id", value: view.org().to_string() })?;
    Ok((get(&row, 0)?, get(&row, 1)?))
}
