//! Second factors: sealed secrets, the last step that was taken, recovery codes.

use bedrail_model::ids::AccountId;

use crate::sql::{get, micros, values};
use crate::{Change, Error, Store};

const SECRET: &str = "SELECT secret, confirmed FROM second_factor WHERE account_id = $1";
const BEGIN: &str =
    "INSERT INTO second_factor (account_id, secret, confirmed, last_step) VALUES ($1, $2, NULL, 0)
    ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret, last_step = 0
    WHERE second_factor.confirmed IS NULL";
const CONFIRM: &str = "UPDATE second_factor SET confirmed = $2, last_step = $3
    WHERE account_id = $1 AND confirmed IS NULL";
const TAKE_STEP: &str = "UPDATE second_factor SET last_step = $2
    WHERE account_id = $1 AND last_step < $2 AND confirmed IS NOT NULL";
const REMOVE: &str = "DELETE FROM second_factor WHERE account_id = $1";
const ADD_CODE: &str = "INSERT INTO recovery_code (account_id, code) VALUES ($1, $2)";
const USE_CODE: &str = "DELETE FROM recovery_code WHERE account_id = $1 AND code = $2";
const REMOVE_CODES: &str = "DELETE FROM recovery_code WHERE account_id = $1";
const COUNT_CODES: &str = "SELECT COUNT(*) FROM recovery_code WHERE account_id = $1";
pub(crate) const STATEMENTS: &[&str] =
    &[SECRET, BEGIN, CONFIRM, TAKE_STEP, REMOVE, ADD_CODE, USE_CODE, REMOVE_CODES, COUNT_CODES];

/// The sealed secret of an account's second factor, and whether it was confirmed.
///
/// # Errors
/// When the database cannot be used.
pub async fn secret(store: &Store, account: AccountId) -> Result<Option<(Vec<u8>, bool)>, Error> {
    let row = store.reference_view().await?.one(SECRET, values![account.uuid()]).await?;
    row.map(|row| Ok((get(&row, 0)?, get::<Option<i64>>(&row, 1)?.is_some()))).transpose()
}

/// Recovery codes that are left.
///
/// # Errors
/// When the database cannot be used.
pub async fn codes_left(store: &Store, account: AccountId) -> Result<i64, Error> {
    let row = store.reference_view().await?.one(COUNT_CODES, values![account.uuid()]).await?;
    row.map_or(Ok(0), |row| get(&row, 0))
}

/// Begins to set a second factor up; one that is confirmed stays.
///
/// # Errors
/// When the database refuses.
pub async fn begin(store: &Store, account: AccountId, sealed: &[u8]) -> Result<(), Error> {
    // Nothing counts yet, so there is no audit entry: confirming it makes one.
    let view = store.write_view().await?;
    view.execute(BEGIN, values![account.uuid(), sealed.to_vec()]).await?;
    Ok(view.transaction.commit().await?)
}

/// Confirms the second factor by the step of its first right code. False where it was confirmed already.
///
/// # Errors
/// When the database refuses.
pub async fn confirm(change: &Change, account: AccountId, step: i64) -> Result<bool, Error> {
    Ok(change.execute(CONFIRM, values![account.uuid(), micros(change.at()), step]).await? > 0)
}

/// Takes a step: true for one caller only, and never for one that is not newer than the last.
///
/// # Errors
/// When the database refuses.
pub async fn take_step(change: &Change, account: AccountId, step: i64) -> Result<bool, Error> {
    Ok(change.execute(TAKE_STEP, values![account.uuid(), step]).await? > 0)
}

/// Uses a recovery code up, by its digest. False where there is none such.
///
/// # Errors
/// When the database refuses.
pub async fn use_code(change: &Change, account: AccountId, code: &[u8; 32]) -> Result<bool, Error> {
    Ok(change.execute(USE_CODE, values![account.uuid(), code.to_vec()]).await? > 0)
}

/// Puts new recovery codes in the place of all that are left, by their digests.
///
/// # Errors
/// When the database refuses.
pub async fn set_codes(change: &Change, account: AccountId, codes: &[[u8; 32]]) -> Result<(), Error> {
    change.execute(REMOVE_CODES, values![account.uuid()]).await?;
    for code in codes {
        change.execute(ADD_CODE, values![account.uuid(), code.to_vec()]).await?;
    }
    Ok(())
}

/// Takes the second factor and its recovery codes away. False where there was none.
///
/// # Errors
/// When the database refuses.
pub async fn remove(change: &Change, account: AccountId) -> Result<bool, Error> {
    change.execute(REMOVE_CODES, values![account.uuid()]).await?;
    Ok(change.execute(REMOVE, values![account.uuid()]).await? > 0)
}
