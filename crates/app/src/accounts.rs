//! Accounts and sign-in: who a person is, in which organisations, and what they may do there.

use std::net::IpAddr;

use bedrail_model::ids::{AccountId, OrgId};
use bedrail_model::organisation::OrgKind;
use bedrail_model::zone::Zone;
use bedrail_store::Change;
use bedrail_store::accounts::{self as rows, AccountRow};
use bedrail_store::memberships::{self, MembershipRow};
use bedrail_store::organisations;
use bedrail_store::single_sign_on;

use jiff::Timestamp;

use crate::actor::Via;
use crate::rights::{Right, Rights, Role};
use crate::{Actor, Context, Error};

pub mod emergency;
pub mod erasure;
pub mod factors;
pub mod invitations;
mod password;
mod proof;
pub mod sessions;
mod terminal;
pub mod tokens;
mod tries;

pub use proof::Proof;
pub(crate) use proof::need_whole;
use proof::whole;
pub(crate) use terminal::one_time_password;
pub use terminal::{
    FirstAdministrator, OneTime, emergency_administrator, ensure_administrator, give_administrator,
};
pub(crate) use tries::Tries;

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
    /// Whether there is a password; without one, single sign-on is the only way in.
    pub password: bool,
    /// Whether there is a second factor.
    pub second_factor: bool,
    /// Whether the organisation asks for a second factor that is not there yet, before anything else.
    pub must_set_up_factor: bool,
    /// Until when, exclusive, emergency access gives an analyst's rights.
    pub emergency_until: Option<Timestamp>,
}

/// How far a right name and password lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// All the way.
    Done(Account),
    /// To the question for a code of the second factor; [`finish_sign_in`] takes it.
    NeedsCode(AccountId),
    /// To the organisation's own sign-in page, by its word: it takes no passwords.
    ByProvider(String),
}

/// The organisation of this installation, made on first use (`name` only counts then).
///
/// # Errors
/// When the database cannot be used.
pub async fn ensure_organisation(ctx: &Context, name: &str) -> Result<OrgId, Error> {
    Ok(organisations::ensure_first(&ctx.inner.store, name, ctx.clock.now()).await?)
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
pub async fn sign_in(
    ctx: &Context,
    name: &str,
    password: &str,
    address: Option<IpAddr>,
) -> Result<SignIn, Error> {
    if !tries::take(ctx, name, address).await? {
        return Err(too_many());
    }
    let account = rows::by_name(&ctx.inner.store, name).await?;
    // An account without a password costs what a wrong password costs.
    let hash = account.as_ref().map(|account| account.password.clone()).filter(|hash| !hash.is_empty());
    let right = password::check(&ctx.inner.passwords, hash, password).await?;
    let refused = || Error::Denied { actor: name.to_owned(), action: "sign in with this password".into() };
    let Some(row) = account.filter(|row| right && row.closed.is_none()) else { return Err(refused()) };
    tries::forget(ctx, name, address).await?;
    let id = row.id;
    if let Some(signed_in) = go_in(ctx, row, Proof::Password, address).await? {
        return Ok(signed_in);
    }
    let provider = ways_in(ctx, id).await?.into_iter().next();
    provider.map(SignIn::ByProvider).ok_or_else(refused)
}

/// An account whose owner showed who they are goes in, or is asked for a code. `None` where the proof opens nothing to it.
async fn go_in(
    ctx: &Context,
    row: AccountRow,
    proof: Proof,
    address: Option<IpAddr>,
) -> Result<Option<SignIn>, Error> {
    let asked = row.second_factor && !matches!(proof, Proof::Provider { factor: true, .. });
    if asked {
        let opens = destination(ctx, row.clone(), proof).await?.is_some();
        return Ok(opens.then_some(SignIn::NeedsCode(row.id)));
    }
    let Some((account, change)) = begin_visit(ctx, row, proof, address).await? else { return Ok(None) };
    finish_visit(ctx, account, change, proof, address, "").await.map(|account| Some(SignIn::Done(account)))
}

/// The words of the sign-in pages of the organisations that an account is a member of and that take no password from it.
async fn ways_in(ctx: &Context, id: AccountId) -> Result<Vec<String>, Error> {
    let mut words = Vec::new();
    for membership in memberships::of_account(&ctx.inner.store, id).await? {
        if !membership.passwords {
            let view = ctx.inner.store.view(membership.org).await?;
            words.extend(single_sign_on::of_organisation(&view).await?.map(|row| row.slug));
        }
    }
    Ok(words)
}

/// Lets an account in on the word of a provider that was checked. `None` where its membership counts no more.
pub(crate) async fn arrive(
    ctx: &Context,
    id: AccountId,
    proof: Proof,
    address: Option<IpAddr>,
) -> Result<Option<SignIn>, Error> {
    let row = own(ctx, id).await?;
    go_in(ctx, row, proof, address).await
}

/// The second step of signing in: a code of the second factor, or a recovery code, which is then used up. `proof`: what the
/// first step was.
///
/// # Errors
/// [`Error::Denied`] for a wrong or used code, [`Error::Unavailable`] when too many tries were made.
pub async fn finish_sign_in(
    ctx: &Context,
    id: AccountId,
    code: &str,
    proof: Proof,
    address: Option<IpAddr>,
) -> Result<Account, Error> {
    let row = own(ctx, id).await?;
    let key = code_tries(id);
    if !tries::take(ctx, &key, address).await? {
        return Err(too_many());
    }
    let refused = || Error::Denied { actor: "whoever asks".into(), action: "sign in with this code".into() };
    let secret = factors::secret(ctx, id).await?;
    let Some((account, change)) = begin_visit(ctx, row, proof, address).await? else { return Err(refused()) };
    let taken = factors::take(&change, id, secret.as_deref(), code).await?.ok_or_else(refused)?;
    let account = finish_visit(ctx, account, change, proof, address, taken.words()).await?;
    tries::forget(ctx, &key, address).await?;
    Ok(account)
}

/// The name under which tries of codes are counted: apart from those of the password, which was right.
fn code_tries(id: AccountId) -> String {
    format!("code of {id}")
}

fn too_many() -> Error {
    let message = "too many tries to sign in".to_owned();
    Error::Unavailable { message, hint: Some("wait a minute, then try again".into()) }
}

/// The account as it will act, and the open change at home that notes the sign-in.
async fn begin_visit(
    ctx: &Context,
    row: AccountRow,
    proof: Proof,
    address: Option<IpAddr>,
) -> Result<Option<(Account, Change)>, Error> {
    let home = row.home;
    let Some((account, _)) = destination(ctx, row, proof).await? else { return Ok(None) };
    let actor = Actor::member(home, account.id, account.name.clone(), Via::Web, account.rights).at(address);
    let change = ctx.change(&actor, Right::OwnAccount, "account.sign_in").await?;
    Ok(Some((account, change)))
}

/// Where somebody who signs in comes to: the organisation whose provider vouched; else home, or the first that is open.
async fn destination(
    ctx: &Context,
    row: AccountRow,
    proof: Proof,
) -> Result<Option<(Account, MembershipRow)>, Error> {
    let home = row.home;
    match proof.destination() {
        Some(org) => in_organisation(ctx, row, org, false, proof).await,
        None => in_organisation(ctx, row, home, true, proof).await,
    }
}

async fn finish_visit(
    ctx: &Context,
    account: Account,
    change: Change,
    proof: Proof,
    address: Option<IpAddr>,
    factor: &str,
) -> Result<Account, Error> {
    rows::note_sign_in(&change, account.id, change.at()).await?;
    let subject = change.actor_mark().await?;
    let how = proof.words(factor);
    change.commit(&subject, &how).await?;
    if account.org != account.home {
        let actor = Actor::member(account.org, account.id, account.name.clone(), Via::Web, account.rights);
        note_entry(ctx, &actor.at(address), &how).await?;
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
    let (account, entering) = visit_by(ctx, id, org, actor.via, actor.proof()).await.map_err(missing)?;
    note_entry(ctx, &entering.at(actor.address), "").await?;
    Ok(account)
}

async fn note_entry(ctx: &Context, actor: &Actor, how: &str) -> Result<(), Error> {
    let change = ctx.change(actor, Right::OwnAccount, "account.enter").await?;
    let subject = change.actor_mark().await?;
    Ok(change.commit(&subject, how).await?)
}

/// Who asks with a session of an account in an organisation: the account as it acts there now, and the actor. Closed
/// accounts and ended memberships count from the very next request.
///
/// # Errors
/// [`Error::NotFound`] when the account is gone or closed, or is no member of the organisation (any more).
pub async fn visit(ctx: &Context, id: AccountId, org: OrgId, via: Via) -> Result<(Account, Actor), Error> {
    visit_by(ctx, id, org, via, Proof::Password).await
}

/// As [`visit`], for a session that began by something else than a password.
///
/// # Errors
/// As [`visit`]; also when the proof does not open the organisation (any more).
pub async fn visit_by(
    ctx: &Context,
    id: AccountId,
    org: OrgId,
    via: Via,
    proof: Proof,
) -> Result<(Account, Actor), Error> {
    let gone = || Error::not_found("the account");
    let row = own(ctx, id).await?;
    let (account, membership) = in_organisation(ctx, row, org, false, proof).await?.ok_or_else(gone)?;
    let actor = actor(&account, &membership, via).by(proof);
    Ok((account, actor))
}

/// The actor that an account is in an organisation.
fn actor(account: &Account, membership: &MembershipRow, via: Via) -> Actor {
    let actor = Actor::member(account.org, account.id, account.name.clone(), via, account.rights);
    let actor = actor.about(membership.about).within(&membership.scope);
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
    proof: Proof,
) -> Result<Option<(Account, MembershipRow)>, Error> {
    let now = ctx.clock.now();
    if row.closed.is_some() {
        return Ok(None);
    }
    let mut all = memberships::of_account(&ctx.inner.store, row.id).await?;
    all.retain(|membership| membership.valid_until.is_none_or(|end| now < end));
    all.retain(|membership| !membership.roles.is_empty() && proof.opens(row.home, membership));
    let organisations = all.iter().map(|each| (each.org, each.org_name.clone())).collect();
    let wanted = all.iter().position(|each| each.org == org).or((or_another && !all.is_empty()).then_some(0));
    let Some(membership) = wanted.map(|at| all.swap_remove(at)) else { return Ok(None) };
    let roles = roles(&membership.roles);
    let emergency_until = membership.emergency.as_ref().map(|(until, _)| *until).filter(|until| now < *until);
    let mut rights = Rights::of_roles(&roles);
    if emergency_until.is_some() {
        rights = rights.or(Rights::of_roles(&[Role::Analyst]));
    }
    let account = Account {
        id: row.id,
        name: row.name,
        home: row.home,
        org: membership.org,
        org_name: membership.org_name.clone(),
        org_kind: membership.org_kind,
        rights,
        roles,
        organisations,
        must_change_password: row.must_change && !matches!(proof, Proof::Provider { .. }),
        password: !row.password.is_empty(),
        second_factor: row.second_factor,
        must_set_up_factor: membership.second_factor
            && !row.second_factor
            && !proof.is_factor(membership.org),
        emergency_until,
    };
    Ok(Some((account, membership)))
}

/// The roles that codes name. A code that this version does not know gives nothing.
pub(crate) fn roles(codes: &str) -> Vec<Role> {
    codes.split_whitespace().filter_map(Role::from_code).collect()
}

/// Changes the actor's own password; ends all sessions of the account, the present one too (save it anew).
///
/// # Errors
/// [`Error::Denied`] for a wrong present password, [`Error::Invalid`] for a new one that is too short or too common.
pub async fn change_password(ctx: &Context, actor: &Actor, present: &str, new: &str) -> Result<(), Error> {
    let id = actor.account.ok_or_else(|| Error::not_found("your account"))?;
    let account = own(ctx, id).await?;
    whole(actor, account.home)?;
    if account.password.is_empty() {
        let hint =
            Some("it signs in by single sign-on; an administrator can give it a one-time password".into());
        return Err(Error::Invalid { message: "your account has no password".into(), hint });
    }
    if !tries::take(ctx, &account.name, actor.address).await? {
        return Err(too_many());
    }
    if !password::check(&ctx.inner.passwords, Some(account.password.clone()), present).await? {
        let action = "change the password without the present one".to_owned();
        return Err(Error::Denied { actor: actor.name.clone(), action });
    }
    tries::forget(ctx, &account.name, actor.address).await?;
    if present == new {
        return Err(Error::invalid("the new password is the present one"));
    }
    refuse_weak(&account.name, new)?;
    let hash = password::hash(&ctx.inner.passwords, new).await?;
    let actor = actor.clone().in_organisation(account.home);
    let change = ctx.change(&actor, Right::OwnAccount, "account.change_password").await?;
    rows::set_password(&change, id, &hash, false).await?;
    let subject = change.actor_mark().await?;
    change.commit(&subject, "").await?;
    Ok(())
}

fn refuse_weak(name: &str, password: &str) -> Result<(), Error> {
    let Some(reason) = password::refuse(name, password) else { return Ok(()) };
    let hint = Some("take several words that do not belong together".to_owned());
    Err(Error::Invalid { message: reason.to_owned(), hint })
}

/// Keeps the zone that the actor reads times in, by its code; nothing is UTC. Mails tell their times in it. Whoever came in by
/// an organisation that does not look after the account changes nothing of it.
///
/// # Errors
/// [`Error::Invalid`] for a zone that cannot be chosen.
pub async fn set_zone(ctx: &Context, actor: &Actor, zone: Option<&str>) -> Result<(), Error> {
    let unknown = || Error::invalid("this zone cannot be chosen");
    let zone = zone.map(|code| Zone::of(code).ok_or_else(unknown)).transpose()?;
    let account = own(ctx, actor.account.ok_or_else(|| Error::not_found("your account"))?).await?;
    if whole(actor, account.home).is_err() {
        return Ok(());
    }
    let actor = actor.clone().in_organisation(account.home);
    let change = ctx.change(&actor, Right::OwnAccount, "account.zone").await?;
    rows::set_zone(&change, account.id, zone.map_or("", |zone| zone.code)).await?;
    let subject = change.actor_mark().await?;
    Ok(change.commit(&subject, zone.map_or("UTC", |zone| zone.name)).await?)
}

async fn own(ctx: &Context, id: AccountId) -> Result<AccountRow, Error> {
    rows::by_id(&ctx.inner.store, id).await?.ok_or_else(|| Error::not_found("the account"))
}
