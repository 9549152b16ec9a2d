//! Organisations: whose the rows are.

use bedrail_model::ids::OrgId;
use bedrail_model::money::Currency;
use bedrail_model::organisation::OrgKind;
use jiff::Timestamp;

use crate::sql::{code, get, micros, time, values};
use crate::{Change, Error, Store, View};

/// An organisation as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationRow {
    /// Id.
    pub id: OrgId,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: OrgKind,
    /// Whether every member must have a second factor.
    pub second_factor: bool,
    /// What costs are counted in.
    pub currency: Currency,
    /// Since when.
    pub created: Timestamp,
}

const INSERT_FIRST: &str = "INSERT INTO organisation (id, name, created, changes)
    SELECT $1, $2, $3, 0 WHERE NOT EXISTS (SELECT 1 FROM organisation)";
const INSERT: &str = "INSERT INTO organisation (id, name, kind, created, changes) VALUES ($1, $2, $3, $4, 0)";
const ONE: &str = "SELECT id, name, kind, second_factor, created, currency FROM organisation WHERE id = $1";
const LIST: &str =
    "SELECT id, name, kind, second_factor, created, currency FROM organisation ORDER BY created, id";
const SET: &str =
    "UPDATE organisation SET name = $2, kind = $3, second_factor = $4, currency = $5 WHERE id = $1";
const FIRST: &str = "SELECT id FROM organisation ORDER BY created, id LIMIT 1";
const ALL: &str = "SELECT id FROM organisation ORDER BY created, id";
const CHANGES: &str = "SELECT o.changes, r.changes FROM organisation o, reference_state r
    WHERE o.id = $1 AND r.id = 1";
const WRITTEN: &str = "SELECT o.changes - o.mentions, r.changes FROM organisation o, reference_state r
    WHERE o.id = $1 AND r.id = 1";
pub(crate) const STATEMENTS: &[&str] = &[INSERT_FIRST, INSERT, ONE, LIST, SET, FIRST, ALL, CHANGES, WRITTEN];

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

/// The organisation that was there first: it runs the installation.
///
/// # Errors
/// When the database cannot be used.
pub async fn first(store: &Store) -> Result<Option<OrgId>, Error> {
    let row = store.reference_view().await?.one(FIRST, vec![]).await?;
    row.map(|row| Ok(OrgId::from_uuid(get(&row, 0)?))).transpose()
}

/// A further organisation.
///
/// # Errors
/// When the database cannot be used.
pub async fn add(store: &Store, name: &str, kind: OrgKind, at: Timestamp) -> Result<OrgId, Error> {
    let id = OrgId::generate();
    let view = store.write_view().await?;
    view.execute(INSERT, values![id.uuid(), name, kind.code(), micros(at)]).await?;
    view.transaction.commit().await?;
    Ok(id)
}

fn read(row: &sea_orm::QueryResult) -> Result<OrganisationRow, Error> {
    Ok(OrganisationRow {
        id: OrgId::from_uuid(get(row, 0)?),
        name: get(row, 1)?,
        kind: code("organisation.kind", &get::<String>(row, 2)?, OrgKind::from_code)?,
        second_factor: get::<i64>(row, 3)? != 0,
        created: time(get(row, 4)?)?,
        currency: code("organisation.currency", &get::<String>(row, 5)?, |text| text.parse().ok())?,
    })
}

/// The organisation that is looked at.
///
/// # Errors
/// When the database cannot be used or there is no such organisation.
pub async fn one(view: &View) -> Result<OrganisationRow, Error> {
    let row = view.one(ONE, values![view.org().uuid()]).await?;
    let row =
        row.ok_or_else(|| Error::Corrupt { column: "organisation.id", value: view.org().to_string() })?;
    read(&row)
}

/// All organisations of the installation, the oldest first: for who runs it.
///
/// # Errors
/// When the database cannot be used.
pub async fn list(store: &Store) -> Result<Vec<OrganisationRow>, Error> {
    store.reference_view().await?.all(LIST, vec![]).await?.iter().map(read).collect()
}

/// Sets name, kind, whether a second factor is asked for, and what costs are counted in.
///
/// # Errors
/// When the database refuses.
pub async fn set(
    change: &Change,
    name: &str,
    kind: OrgKind,
    second_factor: bool,
    currency: Currency,
) -> Result<(), Error> {
    let factor = i64::from(second_factor);
    let row = values![change.org().uuid(), name, kind.code(), factor, currency.to_string()];
    change.execute(SET, row).await?;
    Ok(())
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
    numbers(view, CHANGES).await
}

/// How often something was written in this organisation, what was only read left out, and in the reference tables. It says whether
/// what was worked out still holds; it is no number that rows carry.
///
/// # Errors
/// As [`changes`].
pub async fn written(view: &View) -> Result<(i64, i64), Error> {
    numbers(view, WRITTEN).await
}

async fn numbers(view: &View, statement: &str) -> Result<(i64, i64), Error> {
    let row = view.one(statement, values![view.org().uuid()]).await?;
    let row =
        row.ok_or_else(|| Error::Corrupt { column: "organisation.id", value: view.org().to_string() })?;
    Ok((get(&row, 0)?, get(&row, 1)?))
}
