//! Accounts: who may sign in. They stand outside organisations, since they are looked up before anybody is known.

use bedrail_model::ids::{AccountId, OrgId};
use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, Store};

/// An account as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Id.
    pub id: AccountId,
    /// Its home: the organisation whose administrators look after it.
    pub home: OrgId,
    /// Sign-in name.
    pub name: String,
    /// The person's name; empty where nobody gave one.
    pub full_name: String,
    /// The address for mail.
    pub mail: Option<String>,
    /// When it was closed; it then opens nothing.
    pub closed: Option<Timestamp>,
    /// The password's hash in PHC form.
    pub password: String,
    /// Whether the password must be changed before anything else.
    pub must_change: bool,
    /// Whether anybody ever signed in with it.
    pub signed_in: bool,
    /// Whether it has a second factor.
    pub second_factor: bool,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, org_id, name, full_name, mail, closed, password, must_change, signed_in,
             (SELECT COUNT(*) FROM second_factor f WHERE f.account_id = account.id AND f.confirmed IS NOT NULL)
             FROM account ",
            $rest
        )
    };
}

const BY_NAME: &str = select!("WHERE name_key = $1");
const BY_ID: &str = select!("WHERE id = $1");
const FIRST_OF: &str = select!("WHERE org_id = $1 ORDER BY created, id LIMIT 1");
const INSERT: &str = "INSERT INTO account (id, org_id, name, name_key, password, must_change, created)
    VALUES ($1, $2, $3, $4, $5, 1, $6)";
const SET_PASSWORD: &str = "UPDATE account SET password = $3, must_change = $4 WHERE org_id = $1 AND id = $2";
const SIGNED_IN: &str = "UPDATE account SET signed_in = $3 WHERE org_id = $1 AND id = $2";
const CLOSE: &str = "UPDATE account SET closed = $3 WHERE org_id = $1 AND id = $2 AND closed IS NULL";
const OPEN_AGAIN: &str = "UPDATE account SET closed = NULL WHERE org_id = $1 AND id = $2";
const DESCRIBE: &str = "UPDATE account SET full_name = $3, mail = $4 WHERE org_id = $1 AND id = $2";
const ERASE: &str =
    "UPDATE account SET name = $3, name_key = $3, full_name = '', mail = NULL, password = '', zone = '',
    closed = COALESCE(closed, $4) WHERE org_id = $1 AND id = $2";
const SET_ZONE: &str = "UPDATE account SET zone = $3 WHERE org_id = $1 AND id = $2";
const END_SESSIONS: &str = "DELETE FROM session WHERE account_id = $1";
const END_TOKENS: &str = "DELETE FROM token WHERE account_id = $1";
pub(crate) const STATEMENTS: &[&str] = &[
    BY_NAME,
    BY_ID,
    FIRST_OF,
    INSERT,
    SET_PASSWORD,
    SIGNED_IN,
    CLOSE,
    OPEN_AGAIN,
    DESCRIBE,
    ERASE,
    SET_ZONE,
    END_SESSIONS,
    END_TOKENS,
];

fn read(row: &QueryResult) -> Result<AccountRow, Error> {
    Ok(AccountRow {
        id: AccountId::from_uuid(get(row, 0)?),
        home: OrgId::from_uuid(get(row, 1)?),
        name: get(row, 2)?,
        full_name: get(row, 3)?,
        mail: get(row, 4)?,
        closed: get::<Option<i64>>(row, 5)?.map(time).transpose()?,
        password: get(row, 6)?,
        must_change: get::<i64>(row, 7)? != 0,
        signed_in: get::<Option<i64>>(row, 8)?.is_some(),
        second_factor: get::<i64>(row, 9)? != 0,
    })
}

/// The account with this sign-in name; upper and lower case are the same.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_name(store: &Store, name: &str) -> Result<Option<AccountRow>, Error> {
    let view = store.reference_view().await?;
    view.one(BY_NAME, values![name.to_lowercase()]).await?.as_ref().map(read).transpose()
}

/// The account with this id.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_id(store: &Store, id: AccountId) -> Result<Option<AccountRow>, Error> {
    store.reference_view().await?.one(BY_ID, values![id.uuid()]).await?.as_ref().map(read).transpose()
}

/// The oldest account whose home an organisation is.
///
/// # Errors
/// When the database cannot be used.
pub async fn first_of(store: &Store, org: OrgId) -> Result<Option<AccountRow>, Error> {
    store.reference_view().await?.one(FIRST_OF, values![org.uuid()]).await?.as_ref().map(read).transpose()
}

/// Adds an account whose home the changed organisation is and whose password must be changed at the first sign-in.
///
/// # Errors
/// When the name is taken or the database cannot be used.
pub async fn add(change: &Change, name: &str, password: &str) -> Result<AccountId, Error> {
    let id = AccountId::generate();
    add_as(change, id, name, password).await?;
    Ok(id)
}

/// As [`add`], with an id that was drawn before.
///
/// # Errors
/// When the name is taken or the database cannot be used.
pub async fn add_as(change: &Change, id: AccountId, name: &str, password: &str) -> Result<(), Error> {
    let row =
        values![id.uuid(), change.org().uuid(), name, name.to_lowercase(), password, micros(change.at())];
    change.execute(INSERT, row).await?;
    Ok(())
}

/// Sets a password's hash and ends all sessions of the account.
///
/// # Errors
/// When the database cannot be used.
pub async fn set_password(
    change: &Change,
    id: AccountId,
    password: &str,
    must_change: bool,
) -> Result<(), Error> {
    let row = values![change.org().uuid(), id.uuid(), password, i64::from(must_change)];
    if change.execute(SET_PASSWORD, row).await? > 0 {
        change.execute(END_SESSIONS, values![id.uuid()]).await?;
    }
    Ok(())
}

/// Notes that somebody signed in.
///
/// # Errors
/// When the database cannot be used.
pub async fn note_sign_in(change: &Change, id: AccountId, at: Timestamp) -> Result<(), Error> {
    change.execute(SIGNED_IN, values![change.org().uuid(), id.uuid(), micros(at)]).await?;
    Ok(())
}

/// Ends all sessions and tokens of an account, in all organisations.
///
/// # Errors
/// When the database cannot be used.
pub async fn end_everything(change: &Change, id: AccountId) -> Result<(), Error> {
    change.execute(END_SESSIONS, values![id.uuid()]).await?;
    change.execute(END_TOKENS, values![id.uuid()]).await?;
    Ok(())
}

/// Closes an account of the changed organisation and ends its sessions and tokens; it opens nothing anywhere. False where it was
/// closed, or is looked after by another organisation.
///
/// # Errors
/// When the database cannot be used.
pub async fn close(change: &Change, id: AccountId) -> Result<bool, Error> {
    let row = values![change.org().uuid(), id.uuid(), micros(change.at())];
    let closed = change.execute(CLOSE, row).await? > 0;
    if closed {
        end_everything(change, id).await?;
    }
    Ok(closed)
}

/// Opens a closed account of the changed organisation again.
///
/// # Errors
/// When the database cannot be used.
pub async fn open_again(change: &Change, id: AccountId) -> Result<(), Error> {
    change.execute(OPEN_AGAIN, values![change.org().uuid(), id.uuid()]).await?;
    Ok(())
}

/// Sets the person's name and address for mail of an account of the changed organisation.
///
/// # Errors
/// When the database cannot be used.
pub async fn describe(
    change: &Change,
    id: AccountId,
    full_name: &str,
    mail: Option<&str>,
) -> Result<(), Error> {
    change.execute(DESCRIBE, values![change.org().uuid(), id.uuid(), full_name, mail]).await?;
    Ok(())
}

/// Keeps the zone, by its code, that the person behind an account of the changed organisation reads times in.
///
/// # Errors
/// When the database cannot be used.
pub async fn set_zone(change: &Change, id: AccountId, zone: &str) -> Result<(), Error> {
    change.execute(SET_ZONE, values![change.org().uuid(), id.uuid(), zone]).await?;
    Ok(())
}

/// Takes everything that names a person out of an account of the changed organisation and closes it; what is left is `name`,
/// which names nobody. Its sessions and tokens end.
///
/// # Errors
/// When the database cannot be used.
pub async fn erase(change: &Change, id: AccountId, name: &str) -> Result<(), Error> {
    let row = values![change.org().uuid(), id.uuid(), name, micros(change.at())];
    change.execute(ERASE, row).await?;
    end_everything(change, id).await
}
