//! How often regular work is done, where somebody chose another pace than the program's own. It is of the whole
//! installation; whoever changes it does so in an organisation, whose audit log says so.

use crate::sql::{get, values};
use crate::{Change, Error, Store};

const ALL: &str = "SELECT kind, minutes FROM regular";
const SET: &str = "INSERT INTO regular (kind, minutes) VALUES ($1, $2)
    ON CONFLICT (kind) DO UPDATE SET minutes = $2";
const UNSET: &str = "DELETE FROM regular WHERE kind = $1";
pub(crate) const STATEMENTS: &[&str] = &[ALL, SET, UNSET];

/// Kinds of jobs with the minutes that somebody chose for them.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(store: &Store) -> Result<Vec<(String, u32)>, Error> {
    let rows = store.reference_view().await?.all(ALL, vec![]).await?;
    rows.iter()
        .map(|row| Ok((get(row, 0)?, u32::try_from(get::<i64>(row, 1)?).unwrap_or(u32::MAX))))
        .collect()
}

/// Chooses a pace; `None` is the program's own again.
///
/// # Errors
/// When the database refuses.
pub async fn set(change: &Change, kind: &str, minutes: Option<u32>) -> Result<(), Error> {
    match minutes {
        Some(minutes) => change.execute(SET, values![kind, i64::from(minutes)]).await?,
        None => change.execute(UNSET, values![kind]).await?,
    };
    Ok(())
}
