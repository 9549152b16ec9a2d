//! Accounts by who has the machine in hand: the first administrator, and a way back in when nobody can sign in.

use bedrail_model::ids::{AccountId, OrgId};
use bedrail_store::accounts as rows;
use bedrail_store::memberships::{self, Given};

use super::{factors, password, usable_name};
use crate::rights::{Right, Role};
use crate::{Actor, Context, Error, notices};

/// The sign-in name of the first administrator.
const ADMINISTRATOR: &str = "admin";

/// The first administrator, with the password that is shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstAdministrator {
    /// Sign-in name.
    pub name: String,
    /// The one-time password; `None` for an account that was given its password elsewhere.
    pub one_time_password: Option<String>,
}

/// Makes the first administrator where there is none. Until somebody signed in, every start of every server says the same
/// one-time password, which is drawn from the key for secrets (decision 0504); `None` afterwards.
///
/// # Errors
/// When the database or the key cannot be used.
pub async fn ensure_administrator(ctx: &Context, org: OrgId) -> Result<Option<FirstAdministrator>, Error> {
    let Some(account) = rows::first_of(&ctx.inner.store, org).await? else {
        return match add_first(ctx, org).await {
            // Another server was there first: its account is the one.
            Err(Error::Conflict { .. }) => Box::pin(ensure_administrator(ctx, org)).await,
            made => made.map(Some),
        };
    };
    if account.signed_in {
        return Ok(None);
    }
    let drawn = first_password(ctx, account.id)?;
    let fits = password::check(&ctx.inner.passwords, Some(account.password), &drawn).await?;
    Ok(Some(FirstAdministrator { name: account.name, one_time_password: fits.then_some(drawn) }))
}

async fn add_first(ctx: &Context, org: OrgId) -> Result<FirstAdministrator, Error> {
    let id = AccountId::generate();
    let drawn = first_password(ctx, id)?;
    let hash = password::hash(&ctx.inner.passwords, &drawn).await?;
    let system = Actor::system(org);
    let change = ctx.change(&system, Right::ManagePeople, "account.one_time_password").await?;
    let added = rows::add_as(&change, id, ADMINISTRATOR, &hash).await;
    let taken = || Error::Conflict { message: "the first administrator is there already".into() };
    added.map_err(|error| if error.is_conflict() { taken() } else { error.into() })?;
    memberships::put(&change, id, &administrator()).await?;
    let subject = change.personal(id.uuid(), ADMINISTRATOR).await?;
    change.commit(&subject, "").await?;
    Ok(FirstAdministrator { name: ADMINISTRATOR.to_owned(), one_time_password: Some(drawn) })
}

/// The one-time password of an account that nobody signed in to yet: the same on every server with the same key.
fn first_password(ctx: &Context, id: AccountId) -> Result<String, Error> {
    let derived = ctx.inner.secrets.derive(&format!("one-time password {id}"))?;
    Ok(password::one_time_of(&derived))
}

/// A one-time password as it is shown, once.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTime {
    /// The sign-in name.
    pub name: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for OneTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OneTime({})", self.name)
    }
}

/// A one-time password and its hash.
pub(crate) struct Drawn {
    pub(crate) password: String,
    pub(crate) hash: String,
}

/// Draws a one-time password.
pub(crate) async fn one_time_password(ctx: &Context) -> Result<Drawn, Error> {
    let password = password::one_time();
    let hash = password::hash(&ctx.inner.passwords, &password).await?;
    Ok(Drawn { password, hash })
}

/// Emergency access from the machine's own terminal: makes somebody an administrator of an organisation with a one-time
/// password, opens the account where it was closed, and takes a second factor away that nobody may have in hand. Old
/// sessions and tokens end.
///
/// # Errors
/// [`Error::Invalid`] for a sign-in name that cannot be used.
pub async fn emergency_administrator(ctx: &Context, actor: &Actor, name: &str) -> Result<OneTime, Error> {
    let name = usable_name(name)?;
    let drawn = one_time_password(ctx).await?;
    let present = rows::by_name(&ctx.inner.store, name).await?;
    let home = present.as_ref().map_or(actor.org, |account| account.home);
    let at_home = actor.clone().in_organisation(home);
    let change = ctx.change(&at_home, Right::ManagePeople, "account.emergency").await?;
    let id = match &present {
        Some(account) => account.id,
        None => rows::add(&change, name, &drawn.hash).await?,
    };
    rows::open_again(&change, id).await?;
    factors::take_away(&change, id).await?;
    rows::set_password(&change, id, &drawn.hash, true).await?;
    rows::end_everything(&change, id).await?;
    if home == actor.org {
        memberships::put(&change, id, &administrator()).await?;
    }
    let title = format!("{name} was made an administrator at the terminal");
    notices::tell_emergency(&change, &title, "by a one-time password").await?;
    let subject = change.personal(id.uuid(), name).await?;
    change.commit(&subject, "one-time password at the terminal").await?;
    if home != actor.org {
        let change = ctx.change(actor, Right::ManagePeople, "account.emergency").await?;
        memberships::put(&change, id, &administrator()).await?;
        let subject = change.personal(id.uuid(), name).await?;
        change.commit(&subject, "administrator by the terminal").await?;
    }
    Ok(OneTime {
        name: present.map_or_else(|| name.to_owned(), |account| account.name),
        password: drawn.password,
    })
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
    let subject = change.personal(id.uuid(), &name).await?;
    change.commit(&subject, "").await?;
    Ok(FirstAdministrator { name, one_time_password })
}
