//! Accounts and sign-in: who a person is, in which organisations, and what they may do there.

use bedrail_model::ids::{AccountId, OrgId};
use bedrail_model::organisation::OrgKind;
use bedrail_store::accounts::{self as rows, AccountRow};
use bedrail_store::memberships::{self, Given, MembershipRow};
use bedrail_store::organisations;

use crate::actor::Via;
use crate::rights::{Right, Rights, Role};
use crate::{Actor, Context, Error};

mod password;
mod tries;

pub(crate) use tries::Tries;

/// The sign-in name of the first administrator.
const ADMINISTRATOR: &str = "admin";

/// A person's account as it acts in one organisation, without the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Id.
    pub id: AccountId,
    /// Sign-in name.
    pub name: String,
    /// The organisation whose administrators look after the account; its audit log has what the account does to itself.
    pub home: OrgId,
    /// The organisation that is acted in.
    pub org: OrgId,
    /// The organisation's name.
    pub org_name: String,
    /// The organisation's kind.
    pub org_kind: OrgKind,
    /// The roles in it.
    pub roles: Vec<Role>,
    /// What the roles allow.
    pub rights: Rights,
    /// All organisations that the account is a member of, by name: where to switch to.
    pub organisations: Vec<(OrgId, String)>,
    /// Whether the password is a one-time password that must be changed before anything else.
    pub must_change_password: bool,
}

/// The first administrator, with the password that is shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstAdministrator {
    /// Sign-in name.
    pub name: String,
    /// The one-time password; `None` for an account that has a password of its own.
    pub one_time_password: Option<String>,
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
    let name = present.as_ref().map_or(ADMINISTRATOR, |account| &account.name);
    let one_time_password = password::one_time();
    let hash = password::hash(&ctx.inner.passwords, &one_time_password).await?;
    let system = Actor::system(org);
    let change = ctx.change(&system, Right::ManagePeople, "account.one_time_password").await?;
    match &present {
        Some(account) => rows::set_password(&change, account.id, &hash, true).await?,
        None => {
            let id = rows::add(&change, name, &hash).await?;
            memberships::put(&change, id, &administrator()).await?;
        }
    }
    change.commit(name, "").await?;
    Ok(Some(FirstAdministrator { name: name.to_owned(), one_time_password: Some(one_time_password) }))
}

/// What an administrator's membership gives.
fn administrator() -> Given<'static> {
    Given { roles: Role::Administrator.code(), ..Given::default() }
}

/// Makes somebody an administrator of an organisation, from the machine's own terminal: an account that is there as it
/// is, a new one with a one-time password.
///
/// # Errors
/// [`Error::Invalid`] for a sign-in name that cannot be used.
pub async fn give_administrator(ctx: &Context, org: OrgId, name: &str) -> Result<FirstAdministrator, Error> {
    let name = usable_name(name)?;
    let present = rows::by_name(&ctx.inner.store, name).await?;
    let one_time_password = present.is_none().then(password::one_time);
    let hash = match &one_time_password {
        Some(password) => password::hash(&ctx.inner.passwords, password).await?,
        None => String::new(),
    };
    let change = ctx.change(&Actor::system(org), Right::ManagePeople, "account.give_administrator").await?;
    let (id, name) = match present {
        Some(account) => (account.id, account.name),
        None => (rows::add(&change, name, &hash).await?, name.to_owned()),
    };
    memberships::put(&change, id, &administrator()).await?;
    change.commit(&name, "").await?;
    Ok(FirstAdministrator { name, one_time_password })
}

/// A sign-in name as it may be: 1 to 64 letters, digits and signs that stand in addresses for mail.
fn usable_name(name: &str) -> Result<&str, Error> {
    let name = name.trim();
    let fits = |letter: char| letter.is_alphanumeric() || ".-_@+".contains(letter);
    if name.is_empty() || name.chars().count() > 64 || !name.chars().all(fits) {
        let hint = Some("take letters, digits and . - _ @ +, 64 at most".into());
        return Err(Error::Invalid { message: "this sign-in name cannot be used".into(), hint });
    }
    Ok(name)
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
    let refused = || Error::Denied { actor: name.to_owned(), action: "sign in with this password".into() };
    let Some(row) = account.filter(|row| right && row.closed.is_none()) else { return Err(refused()) };
    ctx.inner.tries.forget(name);
    let home = row.home;
    let account = in_organisation(ctx, row, home, true).await?.ok_or_else(refused)?.0;
    let rights = account.rights;
    let actor = Actor::member(account.org, account.id, account.name.clone(), Via::Web, rights);
    let change =
        ctx.change(&actor.clone().in_organisation(home), Right::OwnAccount, "account.sign_in").await?;
    rows::note_sign_in(&change, account.id, now).await?;
    change.commit(&account.name, "").await?;
    if account.org != home {
        note_entry(ctx, &actor).await?;
    }
    Ok(account)
}

/// Goes over to another organisation that the actor is a member of; its audit log says so. The session that asked is
/// to carry the answer's organisation from now on.
///
/// # Errors
/// [`Error::NotFound`] where the account is no member.
pub async fn enter(ctx: &Context, actor: &Actor, org: OrgId) -> Result<Account, Error> {
    let id = actor.account.ok_or_else(|| Error::not_found("your account"))?;
    let missing = |_| Error::not_found(format!("organisation {org}"));
    let (account, entering) = visit(ctx, id, org, actor.via).await.map_err(missing)?;
    note_entry(ctx, &entering.at(actor.address)).await?;
    Ok(account)
}

async fn note_entry(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let change = ctx.change(actor, Right::OwnAccount, "account.enter").await?;
    Ok(change.commit(&actor.name, "").await?)
}

/// Who asks with a session of an account in an organisation: the account as it acts there now, and the actor. Closed
/// accounts and ended memberships count from the very next request.
///
/// # Errors
/// [`Error::NotFound`] when the account is gone or closed, or is no member of the organisation (any more).
pub async fn visit(ctx: &Context, id: AccountId, org: OrgId, via: Via) -> Result<(Account, Actor), Error> {
    let gone = || Error::not_found("the account");
    let row = own(ctx, id).await?;
    let (account, membership) = in_organisation(ctx, row, org, false).await?.ok_or_else(gone)?;
    let actor = actor(&account, &membership, via);
    Ok((account, actor))
}

/// The actor that an account is in an organisation.
fn actor(account: &Account, membership: &MembershipRow, via: Via) -> Actor {
    let actor = Actor::member(account.org, account.id, account.name.clone(), via, account.rights);
    let actor = actor.about(membership.about);
    // A supplier who has another role too sees what that role sees.
    if account.rights.has(Right::SeeFleet) { actor } else { actor.of_makers(&membership.makers) }
}

/// The account in an organisation; with `or_another` in the first one that it is a member of. `None` where it has no
/// membership that counts.
async fn in_organisation(
    ctx: &Context,
    row: AccountRow,
    org: OrgId,
    or_another: bool,
) -> Result<Option<(Account, MembershipRow)>, Error> {
    let now = ctx.clock.now();
    if row.closed.is_some() {
        return Ok(None);
    }
    let mut all = memberships::of_account(&ctx.inner.store, row.id).await?;
    all.retain(|membership| membership.valid_until.is_none_or(|end| now < end));
    let organisations = all.iter().map(|each| (each.org, each.org_name.clone())).collect();
    let wanted = all.iter().position(|each| each.org == org).or((or_another && !all.is_empty()).then_some(0));
    let Some(membership) = wanted.map(|at| all.swap_remove(at)) else { return Ok(None) };
    let roles = roles(&membership);
    let account = Account {
        id: row.id,
        name: row.name,
        home: row.home,
        org: membership.org,
        org_name: membership.org_name.clone(),
        org_kind: membership.org_kind,
        rights: Rights::of_roles(&roles),
        roles,
        organisations,
        must_change_password: row.must_change,
    };
    Ok(Some((account, membership)))
}

/// The roles of a membership. A code that this version does not know gives nothing.
fn roles(membership: &MembershipRow) -> Vec<Role> {
    membership.roles.split_whitespace().filter_map(Role::from_code).collect()
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
    let actor = actor.clone().in_organisation(account.home);
    let change = ctx.change(&actor, Right::OwnAccount, "account.change_password").await?;
    rows::set_password(&change, id, &hash, false).await?;
    change.commit(&account.name, "").await?;
    Ok(())
}

const SAME: &str = "the new password is the present one";

async fn own(ctx: &Context, id: AccountId) -> Result<AccountRow, Error> {
    rows::by_id(&ctx.inner.store, id).await?.ok_or_else(|| Error::not_found("the account"))
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
