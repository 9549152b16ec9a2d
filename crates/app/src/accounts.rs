//! Accounts and sign-in: one administrator for now; roles and more organisations come next.

use bedrail_model::ids::{AccountId, OrgId};

use bedrail_store::accounts::{self as rows, AccountRow};
use bedrail_store::organisations;

use crate::actor::Via;
use crate::{Actor, Context, Error};

mod password;
mod tries;

pub(crate) use tries::Tries;

/// The sign-in name of the first administrator.
const ADMINISTRATOR: &str = "admin";

/// A person's account, without the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Id.
    pub id: AccountId,
    /// Sign-in name.
    pub name: String,
    /// The organisation that the account works in.
    pub org: OrgId,
    /// The organisation's name.
    pub org_name: String,
    /// Whether the password is a one-time password that must be changed before anything else.
    pub must_change_password: bool,
}

/// The first administrator, with the password that is shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstAdministrator {
    /// Sign-in name: `admin`.
    pub name: String,
    /// The one-time password.
    pub one_time_password: String,
}

/// The organisation of this installation, made on first use (`name` only counts then).
///
/// # Errors
/// When the database cannot be used.
pub async fn ensure_organisation(ctx: &Context, name: &str) -> Result<OrgId, Error> {
    Ok(organisations::ensure_first(&ctx.inner.store, name, ctx.clock.now()).await?)
}

/// Makes the first administrator where there is none, or gives the one who never signed in a new one-time password
/// (so that an address and a password can be printed at every start until somebody signed in). `None` afterwards.
///
/// # Errors
/// When the database cannot be used.
pub async fn ensure_administrator(ctx: &Context, org: OrgId) -> Result<Option<FirstAdministrator>, Error> {
    let present = rows::first_of(&ctx.inner.store, org).await?;
    if present.as_ref().is_some_and(|account| account.signed_in) {
        return Ok(None);
    }
    let one_time_password = password::one_time();
    let hash = password::hash(&ctx.inner.passwords, &one_time_password).await?;
    let change = ctx.change(&Actor::system(org), "account.one_time_password").await?;
    let name = match present {
        Some(account) => {
            rows::set_password(&change, account.id, &hash, true).await?;
            account.name
        }
        None => {
            rows::add(&change, ADMINISTRATOR, &hash).await?;
            ADMINISTRATOR.to_owned()
        }
    };
    change.commit(&name, "").await?;
    Ok(Some(FirstAdministrator { name, one_time_password }))
}

/// Checks a name and a password in constant work (argon2id, m = 19 MiB, t = 2, p = 1, off the async threads, at most
/// as many at once as there are cores); a wrong name costs the same as a wrong password. Slows down by rate.
///
/// # Errors
/// [`Error::Denied`] for a wrong name or password, [`Error::Unavailable`] when too many tries were made.
pub async fn sign_in(ctx: &Context, name: &str, password: &str) -> Result<Account, Error> {
    let now = ctx.clock.now();
    if !ctx.inner.tries.take(name, now) {
        let message = "too many tries to sign in".to_owned();
        return Err(Error::Unavailable { message, hint: Some("wait a minute, then try again".into()) });
    }
    let account = rows::by_name(&ctx.inner.store, name).await?;
    let hash = account.as_ref().map(|account| account.password.clone());
    let right = password::check(&ctx.inner.passwords, hash, password).await?;
    let Some(account) = account.filter(|_| right) else {
        return Err(Error::Denied { actor: name.to_owned(), action: "sign in with this password".into() });
    };
    ctx.inner.tries.forget(name);
    let actor =
        Actor { org: account.org, account: Some(account.id), name: account.name.clone(), via: Via::Web };
    let change = ctx.change(&actor, "account.sign_in").await?;
    rows::note_sign_in(&change, account.id, now).await?;
    change.commit(&account.name, "").await?;
    Ok(shown(account))
}

/// Changes the actor's own password; ends all sessions of the account, the present one too (save it anew).
///
/// # Errors
/// [`Error::Denied`] for a wrong present password, [`Error::Invalid`] for a new one that is too short or too common.
pub async fn change_password(ctx: &Context, actor: &Actor, present: &str, new: &str) -> Result<(), Error> {
    let id = actor.account.ok_or_else(|| Error::not_found("your account"))?;
    let account = own(ctx, id).await?;
    if !ctx.inner.tries.take(&account.name, ctx.clock.now()) {
        let message = "too many tries with a wrong password".to_owned();
        return Err(Error::Unavailable { message, hint: Some("wait a minute, then try again".into()) });
    }
    if !password::check(&ctx.inner.passwords, Some(account.password.clone()), present).await? {
        let action = "change the password without the present one".to_owned();
        return Err(Error::Denied { actor: actor.name.clone(), action });
    }
    ctx.inner.tries.forget(&account.name);
    if let Some(reason) = password::refuse(&account.name, new).or((present == new).then_some(SAME)) {
        let hint = "take several words that do not belong together".to_owned();
        return Err(Error::Invalid { message: reason.to_owned(), hint: Some(hint) });
    }
    let hash = password::hash(&ctx.inner.passwords, new).await?;
    let change = ctx.change(actor, "account.change_password").await?;
    rows::set_password(&change, id, &hash, false).await?;
    change.commit(&account.name, "").await?;
    Ok(())
}

const SAME: &str = "the new password is the present one";

/// The account of a session.
///
/// # Errors
/// [`Error::NotFound`] when it is gone.
pub async fn account(ctx: &Context, id: AccountId) -> Result<Account, Error> {
    own(ctx, id).await.map(shown)
}

async fn own(ctx: &Context, id: AccountId) -> Result<AccountRow, Error> {
    rows::by_id(&ctx.inner.store, id).await?.ok_or_else(|| Error::not_found("the account"))
}

fn shown(row: AccountRow) -> Account {
    Account {
        id: row.id,
        name: row.name,
        org: row.org,
        org_name: row.org_name,
        must_change_password: row.must_change,
    }
}

/// Sessions as the web layer keeps them: opaque bytes under an opaque id, in the database.
pub mod sessions {
    use super::{AccountId, Context, Error};
    use bedrail_store::sessions as rows;
    use jiff::Timestamp;

    /// Stores or replaces a session. `account` is who is signed in on it: a changed password ends all sessions of the
    /// account, so the page that changed it saves its own session anew under a fresh id.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn save(
        ctx: &Context,
        id: &str,
        account: Option<AccountId>,
        data: &[u8],
        expires: Timestamp,
    ) -> Result<(), Error> {
        Ok(rows::save(&ctx.inner.store, id, account, data, expires, ctx.clock.now()).await?)
    }
    /// A session that has not expired.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn load(ctx: &Context, id: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(rows::load(&ctx.inner.store, id, ctx.clock.now()).await?)
    }
    /// Ends a session.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn delete(ctx: &Context, id: &str) -> Result<(), Error> {
        Ok(rows::delete(&ctx.inner.store, id).await?)
    }
}
