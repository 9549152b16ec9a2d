//! Single sign-on: the provider of each organisation, and the identities there that are linked to accounts here. The
//! providers are looked up before anybody is known, so row-level security does not guard them: every statement binds the
//! organisation or the word of a sign-in page.

use bedrail_model::ids::{AccountId, OrgId};
use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, Store, View};

/// An organisation's provider as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderRow {
    /// Whose.
    pub org: OrgId,
    /// The organisation's name.
    pub org_name: String,
    /// The word in the address of its sign-in page.
    pub slug: String,
    /// Whether it is in use.
    pub active: bool,
    /// Whether members may sign in by a password too.
    pub passwords: bool,
    /// JSON, without the secret.
    pub settings: String,
    /// The client's secret, sealed.
    pub secret: Vec<u8>,
}

/// An identity at a provider that is linked to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRow {
    /// The provider.
    pub issuer: String,
    /// The person's name there, which only the provider understands.
    pub subject: String,
    /// Since when.
    pub created: Timestamp,
    /// The last sign-in by it.
    pub used: Option<Timestamp>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT p.org_id, o.name, p.slug, p.active, p.passwords, p.settings, p.secret
             FROM single_sign_on p JOIN organisation o ON o.id = p.org_id ",
            $rest
        )
    };
}

const BY_SLUG: &str = select!("WHERE p.slug = $1");
const SOLE: &str = select!("WHERE p.active = 1 AND (SELECT COUNT(*) FROM organisation) = 1");
const OF_ORGANISATION: &str = select!("WHERE p.org_id = $1");
const PUT: &str = "INSERT INTO single_sign_on (org_id, slug, active, passwords, settings, secret)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (org_id) DO UPDATE SET slug = excluded.slug, active = excluded.active,
    passwords = excluded.passwords, settings = excluded.settings, secret = excluded.secret";
const REMOVE: &str = "DELETE FROM single_sign_on WHERE org_id = $1";
const ACCOUNT_OF: &str = "SELECT account_id FROM identity WHERE org_id = $1 AND issuer = $2 AND subject = $3";
const OF_ACCOUNT: &str = "SELECT issuer, subject, created, used FROM identity
    WHERE org_id = $1 AND account_id = $2 ORDER BY created LIMIT 20";
const LINK: &str = "INSERT INTO identity (org_id, issuer, subject, account_id, created, used)
    VALUES ($1, $2, $3, $4, $5, NULL)";
const NOTE_USE: &str = "UPDATE identity SET used = $4 WHERE org_id = $1 AND issuer = $2 AND subject = $3";
const UNLINK: &str = "DELETE FROM identity WHERE org_id = $1 AND account_id = $2";
pub(crate) const STATEMENTS: &[&str] =
    &[BY_SLUG, SOLE, OF_ORGANISATION, PUT, REMOVE, ACCOUNT_OF, OF_ACCOUNT, LINK, NOTE_USE, UNLINK];

fn read(row: &QueryResult) -> Result<ProviderRow, Error> {
    Ok(ProviderRow {
        org: OrgId::from_uuid(get(row, 0)?),
        org_name: get(row, 1)?,
        slug: get(row, 2)?,
        active: get::<i64>(row, 3)? != 0,
        passwords: get::<i64>(row, 4)? != 0,
        settings: get(row, 5)?,
        secret: get(row, 6)?,
    })
}

/// The provider whose sign-in page a word names, in use or not.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_slug(store: &Store, slug: &str) -> Result<Option<ProviderRow>, Error> {
    store.reference_view().await?.one(BY_SLUG, values![slug]).await?.as_ref().map(read).transpose()
}

/// The provider in use of an installation that has one organisation.
///
/// # Errors
/// When the database cannot be used.
pub async fn sole(store: &Store) -> Result<Option<ProviderRow>, Error> {
    store.reference_view().await?.one(SOLE, vec![]).await?.as_ref().map(read).transpose()
}

/// The provider of the organisation that is looked at, in use or not.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_organisation(view: &View) -> Result<Option<ProviderRow>, Error> {
    view.one(OF_ORGANISATION, values![view.org().uuid()]).await?.as_ref().map(read).transpose()
}

/// Sets the changed organisation's provider.
///
/// # Errors
/// When another organisation has the same word, or the database refuses.
pub async fn put(change: &Change, row: &ProviderRow) -> Result<(), Error> {
    let row = values![
        change.org().uuid(),
        row.slug.as_str(),
        i64::from(row.active),
        i64::from(row.passwords),
        row.settings.as_str(),
        row.secret.clone()
    ];
    change.execute(PUT, row).await?;
    Ok(())
}

/// Takes the changed organisation's provider away; identities stay linked. False where there was none.
///
/// # Errors
/// When the database refuses.
pub async fn remove(change: &Change) -> Result<bool, Error> {
    Ok(change.execute(REMOVE, values![change.org().uuid()]).await? > 0)
}

/// The account that an identity is linked to in the organisation that is looked at.
///
/// # Errors
/// When the database cannot be used.
pub async fn account_of(view: &View, issuer: &str, subject: &str) -> Result<Option<AccountId>, Error> {
    let row = view.one(ACCOUNT_OF, values![view.org().uuid(), issuer, subject]).await?;
    row.map(|row| Ok(AccountId::from_uuid(get(&row, 0)?))).transpose()
}

/// The identities of an account in the organisation that is looked at.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_account(view: &View, account: AccountId) -> Result<Vec<IdentityRow>, Error> {
    let rows = view.all(OF_ACCOUNT, values![view.org().uuid(), account.uuid()]).await?;
    rows.iter()
        .map(|row| {
            Ok(IdentityRow {
                issuer: get(row, 0)?,
                subject: get(row, 1)?,
                created: time(get(row, 2)?)?,
                used: get::<Option<i64>>(row, 3)?.map(time).transpose()?,
            })
        })
        .collect()
}

/// Links an identity to an account in the changed organisation.
///
/// # Errors
/// When it is linked already, or the database refuses.
pub async fn link(change: &Change, issuer: &str, subject: &str, account: AccountId) -> Result<(), Error> {
    let row = values![change.org().uuid(), issuer, subject, account.uuid(), micros(change.at())];
    change.execute(LINK, row).await?;
    Ok(())
}

/// Notes that somebody signed in by an identity. No change of the organisation: the sign-in has its own entry.
///
/// # Errors
/// When the database refuses.
pub async fn note_use(
    store: &Store,
    org: OrgId,
    (issuer, subject): (&str, &str),
    at: Timestamp,
) -> Result<(), Error> {
    let view = store.write_in(org).await?;
    view.execute(NOTE_USE, values![org.uuid(), issuer, subject, micros(at)]).await?;
    Ok(view.transaction.commit().await?)
}

/// Unlinks all identities of an account in the changed organisation. Returns how many.
///
/// # Errors
/// When the database refuses.
pub async fn unlink(change: &Change, account: AccountId) -> Result<u64, Error> {
    change.execute(UNLINK, values![change.org().uuid(), account.uuid()]).await
}
