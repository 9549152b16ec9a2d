//! Sessions: opaque bytes under a hashed id. Not a change of an organisation, so there is no audit entry.

use bedrail_model::ids::AccountId;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::sql::{get, micros, values};
use crate::{Error, Store};

const SAVE: &str = "INSERT INTO session (id, account_id, data, expires) VALUES ($1, $2, $3, $4)
    ON CONFLICT (id) DO UPDATE SET account_id = excluded.account_id, data = excluded.data, expires = excluded.expires";
const LOAD: &str = "SELECT data FROM session WHERE id = $1 AND expires > $2";
const DELETE: &str = "DELETE FROM session WHERE id = $1";
const SWEEP: &str = "DELETE FROM session WHERE expires <= $1";
pub(crate) const STATEMENTS: &[&str] = &[SAVE, LOAD, DELETE, SWEEP];

fn key(id: &str) -> Vec<u8> {
    Sha256::digest(id.as_bytes()).to_vec()
}

/// Stores or replaces a session, and forgets those that have expired.
///
/// # Errors
/// When the database cannot be used.
pub async fn save(
    store: &Store,
    id: &str,
    account: Option<AccountId>,
    data: &[u8],
    expires: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    let view = store.write_view().await?;
    view.execute(SWEEP, values![micros(now)]).await?;
    let row = values![key(id), account.map(AccountId::uuid), data.to_vec(), micros(expires)];
    view.execute(SAVE, row).await?;
    Ok(view.transaction.commit().await?)
}

/// A session that has not expired.
///
/// # Errors
/// When the database cannot be used.
pub async fn load(store: &Store, id: &str, now: Timestamp) -> Result<Option<Vec<u8>>, Error> {
    let row = store.reference_view().await?.one(LOAD, values![key(id), micros(now)]).await?;
    row.as_ref().map(|row| get(row, 0)).transpose()
}

/// Ends a session.
///
/// # Errors
/// When the database cannot be used.
pub async fn delete(store: &Store, id: &str) -> Result<(), Error> {
    let view = store.write_view().await?;
    view.execute(DELETE, values![key(id)]).await?;
    Ok(view.transaction.commit().await?)
}

/// Forgets sessions that have expired. Returns how many.
///
/// # Errors
/// When the database cannot be used.
pub async fn sweep(store: &Store, now: Timestamp) -> Result<u64, Error> {
    let view = store.write_view().await?;
    let swept = view.execute(SWEEP, values![micros(now)]).await?;
    view.transaction.commit().await?;
    Ok(swept)
}
