//! Sessions: opaque bytes under a hashed id. Not a change of an organisation, so there is no audit entry.

use bedrail_model::ids::{AccountId, OrgId};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, Store};

/// What people see of a session in the list of theirs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionFacts {
    /// Who is signed in on it.
    pub account: Option<AccountId>,
    /// The organisation that it acts in.
    pub org: Option<OrgId>,
    /// The address that it began at.
    pub address: Option<String>,
    /// The browser that it began with, in words.
    pub browser: String,
    /// When it began.
    pub begun: Timestamp,
    /// When it was last seen, a few minutes off.
    pub seen: Timestamp,
}

/// A session as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Which: the digest of its id, which opens nothing.
    pub key: Vec<u8>,
    /// What is known of it.
    pub facts: SessionFacts,
}

const SAVE: &str =
    "INSERT INTO session (id, account_id, org_id, address, browser, begun, seen, data, expires)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (id) DO UPDATE SET account_id = excluded.account_id, org_id = excluded.org_id,
    address = excluded.address, browser = excluded.browser, begun = excluded.begun, seen = excluded.seen,
    data = excluded.data, expires = excluded.expires";
const OF_ACCOUNT: &str = "SELECT id, account_id, org_id, address, browser, begun, seen FROM session
    WHERE account_id = $1 AND expires > $2 ORDER BY seen DESC LIMIT 200";
const END_ONE: &str = "DELETE FROM session WHERE account_id = $1 AND id = $2";
const END_OTHERS: &str = "DELETE FROM session WHERE account_id = $1 AND id <> $2";
const LOAD: &str = "SELECT data FROM session WHERE id = $1 AND expires > $2";
const DELETE: &str = "DELETE FROM session WHERE id = $1";
const SWEEP: &str = "DELETE FROM session WHERE expires <= $1";
pub(crate) const STATEMENTS: &[&str] = &[SAVE, OF_ACCOUNT, END_ONE, END_OTHERS, LOAD, DELETE, SWEEP];

/// The digest of a session's id that the database holds.
pub fn key(id: &str) -> Vec<u8> {
    Sha256::digest(id.as_bytes()).to_vec()
}

/// Stores or replaces a session, and forgets those that have expired.
///
/// # Errors
/// When the database cannot be used.
pub async fn save(
    store: &Store,
    id: &str,
    facts: &SessionFacts,
    data: &[u8],
    expires: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    let view = store.write_view().await?;
    view.execute(SWEEP, values![micros(now)]).await?;
    let row = values![
        key(id),
        facts.account.map(AccountId::uuid),
        facts.org.map(OrgId::uuid),
        facts.address.as_deref(),
        facts.browser.as_str(),
        micros(facts.begun),
        micros(facts.seen),
        data.to_vec(),
        micros(expires)
    ];
    view.execute(SAVE, row).await?;
    Ok(view.transaction.commit().await?)
}

/// The sessions of an account, the last seen first, two hundred at most.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_account(store: &Store, account: AccountId, now: Timestamp) -> Result<Vec<SessionRow>, Error> {
    let rows = store.reference_view().await?.all(OF_ACCOUNT, values![account.uuid(), micros(now)]).await?;
    rows.iter()
        .map(|row| {
            let facts = SessionFacts {
                account: get::<Option<uuid::Uuid>>(row, 1)?.map(AccountId::from_uuid),
                org: get::<Option<uuid::Uuid>>(row, 2)?.map(OrgId::from_uuid),
                address: get(row, 3)?,
                browser: get(row, 4)?,
                begun: time(get(row, 5)?)?,
                seen: time(get(row, 6)?)?,
            };
            Ok(SessionRow { key: get(row, 0)?, facts })
        })
        .collect()
}

/// Ends one session of an account. False where there is none such.
///
/// # Errors
/// When the database refuses.
pub async fn end_one(change: &Change, account: AccountId, key: &[u8]) -> Result<bool, Error> {
    Ok(change.execute(END_ONE, values![account.uuid(), key.to_vec()]).await? > 0)
}

/// Ends all sessions of an account but one. Returns how many.
///
/// # Errors
/// When the database refuses.
pub async fn end_others(change: &Change, account: AccountId, key: &[u8]) -> Result<u64, Error> {
    change.execute(END_OTHERS, values![account.uuid(), key.to_vec()]).await
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
