//! Accounts and sign-in: one administrator for now; roles and more organisations come next.

use bedrail_model::ids::{AccountId, OrgId};

use crate::{Actor, Context, Error};

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
pub async fn ensure_organisation(_ctx: &Context, _name: &str) -> Result<OrgId, Error> {
    Err(Error::not_found("this"))
}

/// Makes the first administrator where there is none, or gives the one who never signed in a new one-time password
/// (so that an address and a password can be printed at every start until somebody signed in). `None` afterwards.
///
/// # Errors
/// When the database cannot be used.
pub async fn ensure_administrator(_ctx: &Context, _org: OrgId) -> Result<Option<FirstAdministrator>, Error> {
    Err(Error::not_found("this"))
}

/// Checks a name and a password in constant work (argon2id, m = 19 MiB, t = 2, p = 1, off the async threads, at most
/// as many at once as there are cores); a wrong name costs the same as a wrong password. Slows down by rate.
///
/// # Errors
/// [`Error::Denied`] for a wrong name or password, [`Error::Unavailable`] when too many tries were made.
pub async fn sign_in(_ctx: &Context, _name: &str, _password: &str) -> Result<Account, Error> {
    Err(Error::not_found("this"))
}

/// Changes the actor's own password; ends all sessions of the account, the present one too (save it anew).
///
/// # Errors
/// [`Error::Denied`] for a wrong present password, [`Error::Invalid`] for a new one that is too short or too common.
pub async fn change_password(
    _ctx: &Context,
    _actor: &Actor,
    _present: &str,
    _new: &str,
) -> Result<(), Error> {
    Err(Error::not_found("this"))
}

/// The account of a session.
///
/// # Errors
/// [`Error::NotFound`] when it is gone.
pub async fn account(_ctx: &Context, _id: AccountId) -> Result<Account, Error> {
    Err(Error::not_found("this"))
}

/// Sessions as the web layer keeps them: opaque bytes under an opaque id, in the database.
pub mod sessions {
    use super::{AccountId, Context, Error};
    use jiff::Timestamp;

    /// Stores or replaces a session. `account` is who is signed in on it: a changed password ends all sessions of the
    /// account, so the page that changed it saves its own session anew under a fresh id.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn save(
        _ctx: &Context,
        _id: &str,
        _account: Option<AccountId>,
        _data: &[u8],
        _expires: Timestamp,
    ) -> Result<(), Error> {
        Err(Error::not_found("this"))
    }
    /// A session that has not expired.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn load(_ctx: &Context, _id: &str) -> Result<Option<Vec<u8>>, Error> {
        Err(Error::not_found("this"))
    }
    /// Ends a session.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn delete(_ctx: &Context, _id: &str) -> Result<(), Error> {
        Err(Error::not_found("this"))
    }
}
