//! What people of an organisation said of two names of products: that they are one, or two.

use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, View};

/// A decision as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasRow {
    /// Our name, with what makes no difference left out.
    pub own_key: String,
    /// The advisory's name, likewise.
    pub their_key: String,
    /// Our name as written.
    pub own_name: String,
    /// The advisory's name as written.
    pub their_name: String,
    /// Whether they are one product.
    pub same: bool,
    /// When it was decided.
    pub decided: Timestamp,
}

const ALL: &str = "SELECT own_key, their_key, own_name, their_name, same, decided FROM product_alias
    WHERE org_id = $1 ORDER BY own_name, their_name";
const SET: &str = "INSERT INTO product_alias
    (org_id, changed, own_key, their_key, own_name, their_name, same, decided)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (org_id, own_key, their_key) DO UPDATE SET changed = $2, own_name = $5, their_name = $6,
        same = $7, decided = $8";
const UNSET: &str = "DELETE FROM product_alias WHERE org_id = $1 AND own_key = $2 AND their_key = $3";
pub(crate) const STATEMENTS: &[&str] = &[ALL, SET, UNSET];

fn read(row: &QueryResult) -> Result<AliasRow, Error> {
    Ok(AliasRow {
        own_key: get(row, 0)?,
        their_key: get(row, 1)?,
        own_name: get(row, 2)?,
        their_name: get(row, 3)?,
        same: get::<i64>(row, 4)? != 0,
        decided: time(get(row, 5)?)?,
    })
}

/// All decisions of the organisation.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<AliasRow>, Error> {
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Keeps a decision; an earlier one on the same names makes place.
///
/// # Errors
/// When the database refuses.
pub async fn set(change: &Change, row: &AliasRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        row.own_key.as_str(),
        row.their_key.as_str(),
        row.own_name.as_str(),
        row.their_name.as_str(),
        i64::from(row.same),
        micros(row.decided)
    ];
    change.execute(SET, values).await?;
    Ok(())
}

/// Takes a decision back; false where there was none.
///
/// # Errors
/// When the database refuses.
pub async fn unset(change: &Change, own_key: &str, their_key: &str) -> Result<bool, Error> {
    Ok(change.execute(UNSET, values![change.org().uuid(), own_key, their_key]).await? > 0)
}
