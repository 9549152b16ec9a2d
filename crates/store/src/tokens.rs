//! Tokens of programs. Read by their id before anybody is known, so row-level security does not guard them; every list
//! binds account and organisation.

use bedrail_model::ids::{AccountId, OrgId, TokenId};
use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, Store};

/// A token as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Id.
    pub id: TokenId,
    /// The organisation that it acts in.
    pub org: OrgId,
    /// In whose name.
    pub account: AccountId,
    /// What its owner calls it.
    pub name: String,
    /// SHA-256 of its secret part.
    pub secret: Vec<u8>,
    /// The codes of its rights, parted by blanks.
    pub rights: String,
    /// When it was made.
    pub created: Timestamp,
    /// From when on it opens nothing, exclusive.
    pub expires: Timestamp,
    /// When it was last used, a few minutes off.
    pub used: Option<Timestamp>,
    /// From which address.
    pub used_from: Option<String>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, org_id, account_id, name, secret, rights, created, expires, used, used_from FROM token ",
            $rest
        )
    };
}

const BY_ID: &str = select!("WHERE id = $1");
const OF_OWNER: &str = select!("WHERE account_id = $1 AND org_id = $2 ORDER BY created DESC, id LIMIT 1000");
const INSERT: &str = "INSERT INTO token (id, org_id, account_id, name, secret, rights, created, expires)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const NOTE_USE: &str = "UPDATE token SET used = $2, used_from = $3 WHERE id = $1";
const REMOVE: &str = "DELETE FROM token WHERE org_id = $1 AND account_id = $2 AND id = $3";
pub(crate) const STATEMENTS: &[&str] = &[BY_ID, OF_OWNER, INSERT, NOTE_USE, REMOVE];

fn read(row: &QueryResult) -> Result<TokenRow, Error> {
    Ok(TokenRow {
        id: TokenId::from_uuid(get(row, 0)?),
        org: OrgId::from_uuid(get(row, 1)?),
        account: AccountId::from_uuid(get(row, 2)?),
        name: get(row, 3)?,
        secret: get(row, 4)?,
        rights: get(row, 5)?,
        created: time(get(row, 6)?)?,
        expires: time(get(row, 7)?)?,
        used: get::<Option<i64>>(row, 8)?.map(time).transpose()?,
        used_from: get(row, 9)?,
    })
}

/// The token with this id.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_id(store: &Store, id: TokenId) -> Result<Option<TokenRow>, Error> {
    store.reference_view().await?.one(BY_ID, values![id.uuid()]).await?.as_ref().map(read).transpose()
}

/// The tokens of an account in an organisation, newest first, a thousand at most.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_owner(store: &Store, account: AccountId, org: OrgId) -> Result<Vec<TokenRow>, Error> {
    let view = store.reference_view().await?;
    view.all(OF_OWNER, values![account.uuid(), org.uuid()]).await?.iter().map(read).collect()
}

/// Adds a token of an account in the changed organisation.
///
/// # Errors
/// When the database refuses, as where the account is no member.
pub async fn add(
    change: &Change,
    account: AccountId,
    (name, rights): (&str, &str),
    secret: &[u8; 32],
    expires: Timestamp,
) -> Result<TokenId, Error> {
    let id = TokenId::generate();
    let row = values![
        id.uuid(),
        change.org().uuid(),
        account.uuid(),
        name,
        secret.to_vec(),
        rights,
        micros(change.at()),
        micros(expires)
    ];
    change.execute(INSERT, row).await?;
    Ok(id)
}

/// Notes when a token was last used, and from where. No change of the organisation.
///
/// # Errors
/// When the database cannot be used.
pub async fn note_use(store: &Store, id: TokenId, at: Timestamp, from: Option<&str>) -> Result<(), Error> {
    let view = store.write_view().await?;
    view.execute(NOTE_USE, values![id.uuid(), micros(at), from]).await?;
    Ok(view.transaction.commit().await?)
}

/// Ends a token of an account in the changed organisation. False where there is none.
///
/// # Errors
/// When the database refuses.
pub async fn remove(change: &Change, account: AccountId, id: TokenId) -> Result<bool, Error> {
    Ok(change.execute(REMOVE, values![change.org().uuid(), account.uuid(), id.uuid()]).await? > 0)
}
