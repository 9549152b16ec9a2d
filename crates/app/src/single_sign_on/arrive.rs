//! Somebody comes back from the provider: whose account that is, which roles they have now, and what is still asked.

use std::net::IpAddr;

use bedrail_model::ids::{AccountId, OrgId};
use bedrail_store::accounts as accounts_rows;
use bedrail_store::single_sign_on as rows;
use bedrail_store::{Change, invitations as invitation_rows, memberships, personal};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::claims::Person;
use super::flow::{self, Answer, Pending, Purpose, Vouched};
use super::provider::House;
use super::settings::{BY_HAND_ONLY, Newcomers, codes};
use super::{Door, Failed};
use crate::accounts::invitations::{self, Invitation};
use crate::accounts::{self, Account, Proof, SignIn};
use crate::people::{self, Grant};
use crate::rights::{Right, Role};
use crate::{Actor, Context, Error, notices};

/// Names that are tried for a new account before one is drawn.
const NUMBERED: u32 = 20;

/// How far somebody came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// All the way.
    Done(Account, Proof),
    /// To the question for a code of our second factor.
    NeedsCode(AccountId, Proof),
    /// To the question whether the identity is to be linked to the account that is signed in.
    Offer(Offer),
}

/// An identity that a provider vouched for, and that waits for a yes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub(super) org: String,
    pub(super) issuer: String,
    pub(super) subject: String,
    /// What the provider calls the person.
    pub name: String,
    /// Seconds since 1970.
    pub(super) since: i64,
}

impl std::fmt::Debug for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Offer({})", self.issuer)
    }
}

/// Takes somebody who came back from the provider in. `pending` is what the browser's session kept for the answer's state; it
/// is good for this once, so the session has forgotten it.
///
/// # Errors
/// [`Failed`] with the reason.
pub async fn finish(
    ctx: &Context,
    house: &House,
    slug: &str,
    pending: Option<&Pending>,
    answer: &Answer,
    address: Option<IpAddr>,
) -> Result<Arrival, Failed> {
    let vouched = flow::exchange(ctx, house, slug, pending, answer).await?;
    let purpose = pending.map_or(&Purpose::SignIn, Pending::purpose);
    if *purpose == Purpose::Link {
        return Ok(Arrival::Offer(offer(ctx, vouched)));
    }
    let id = account_of(ctx, &vouched, purpose, address).await?;
    let issuer = vouched.door.settings.issuer.clone();
    let identity = (issuer.as_str(), vouched.person.subject.as_str());
    rows::note_use(&ctx.inner.store, vouched.org, identity, ctx.clock.now()).await.map_err(Error::from)?;
    let proof = Proof::Provider { org: vouched.org, factor: vouched.person.factor };
    match accounts::arrive(ctx, id, proof, address).await? {
        Some(SignIn::Done(account)) => Ok(Arrival::Done(account, proof)),
        Some(SignIn::NeedsCode(id)) => Ok(Arrival::NeedsCode(id, proof)),
        Some(SignIn::ByProvider(_)) | None => Err(Failed::Left),
    }
}

fn offer(ctx: &Context, vouched: Vouched) -> Offer {
    Offer {
        org: vouched.org.to_string(),
        issuer: vouched.door.settings.issuer,
        name: vouched.person.names.first().cloned().unwrap_or_else(|| "somebody without a name".to_owned()),
        subject: vouched.person.subject,
        since: ctx.clock.now().as_second(),
    }
}

/// The account of the person, with the roles that they have now.
async fn account_of(
    ctx: &Context,
    vouched: &Vouched,
    purpose: &Purpose,
    address: Option<IpAddr>,
) -> Result<AccountId, Failed> {
    let Vouched { org, door, person } = vouched;
    let view = ctx.inner.store.view(*org).await.map_err(Error::from)?;
    let known = rows::account_of(&view, &door.settings.issuer, &person.subject).await.map_err(Error::from)?;
    drop(view);
    let invitation = match purpose {
        Purpose::Invitation(code) => Some(invited_to(ctx, *org, code).await?),
        _ => None,
    };
    match (known, invitation) {
        (Some(id), invitation) => {
            follow(ctx, vouched, id, invitation.as_ref()).await?;
            Ok(id)
        }
        (None, None) if door.settings.newcomers == Newcomers::Invited => {
            Err(Failed::NotInvited { name: door.name() })
        }
        (None, invitation) => newcomer(ctx, vouched, invitation.as_ref(), address).await,
    }
}

async fn invited_to(ctx: &Context, org: OrgId, code: &str) -> Result<Invitation, Failed> {
    let found = invitations::look(ctx, code).await?;
    if found.org == org {
        Ok(found)
    } else {
        Err(Error::not_found("an open invitation with this code").into())
    }
}

/// What a membership gives after the provider has spoken: the roles that the mapping gives, and those given by hand that no
/// provider can give. An auditor has no other role. `None` where nothing is left.
fn after(given: &Grant, person: &Person) -> Option<Grant> {
    let Some(mapped) = &person.roles else { return Some(given.clone()) };
    if given.roles.contains(&Role::Auditor) {
        return Some(given.clone());
    }
    let kept = given.roles.iter().filter(|role| BY_HAND_ONLY.contains(role));
    let mut roles: Vec<Role> = mapped.iter().chain(kept).copied().collect();
    roles.sort_by_key(|role| *role as usize);
    roles.dedup();
    let valid_until = given.valid_until.filter(|_| !roles.contains(&Role::Administrator));
    (!roles.is_empty()).then(|| Grant { roles, valid_until, ..given.clone() })
}

/// A new account for somebody whom the provider vouches for.
async fn newcomer(
    ctx: &Context,
    vouched: &Vouched,
    invitation: Option<&Invitation>,
    address: Option<IpAddr>,
) -> Result<AccountId, Failed> {
    let Vouched { org, door, person } = vouched;
    let given = invitation.map(|invitation| invitation.grant.clone()).unwrap_or_default();
    let grant = after(&given, person).filter(|grant| !grant.roles.is_empty());
    let grant = grant.ok_or_else(|| Failed::NoRole { name: door.name() })?;
    let name = free_name(ctx, person).await?;
    let id = AccountId::generate();
    let actor = Actor::invited(*org, id, name.clone()).at(address);
    let change = ctx.change(&actor, Right::OwnAccount, "people.single_sign_on").await?;
    // The change holds the organisation's lock: of two browsers of one person the second finds the account of the first.
    if let Some(id) =
        rows::account_of(&change, &door.settings.issuer, &person.subject).await.map_err(Error::from)?
    {
        return Ok(id);
    }
    take(&change, invitation).await?;
    add_account(&change, id, &name, person, invitation).await?;
    let codes = grant.codes();
    memberships::put(&change, id, &grant.given(&codes)).await.map_err(Error::from)?;
    rows::link(&change, &door.settings.issuer, &person.subject, id).await.map_err(Error::from)?;
    let words = format!("{} by single sign-on", grant.words());
    notices::tell_members(&change, &format!("{name} joined"), &words).await?;
    let subject = change.actor_mark().await.map_err(Error::from)?;
    change.commit(&subject, &words).await.map_err(Error::from)?;
    Ok(id)
}

async fn take(change: &Change, invitation: Option<&Invitation>) -> Result<(), Error> {
    match invitation {
        Some(invitation) if !invitation_rows::take(change, invitation.id).await? => {
            Err(Error::not_found("an open invitation with this code"))
        }
        _ => Ok(()),
    }
}

async fn add_account(
    change: &Change,
    id: AccountId,
    name: &str,
    person: &Person,
    invitation: Option<&Invitation>,
) -> Result<(), Error> {
    let added = accounts_rows::add_as(change, id, name, "").await;
    added.map_err(|error| match error.is_conflict() {
        true => Error::Unavailable {
            message: "somebody took the same name at the same moment".into(),
            hint: Some("begin again".into()),
        },
        false => error.into(),
    })?;
    accounts_rows::set_password(change, id, "", false).await?;
    let invited = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let full_name = invitation.and_then(|invitation| invited(&invitation.full_name));
    let mail = invitation.and_then(|invitation| invitation.mail.clone());
    let full_name = full_name.unwrap_or_else(|| person.full_name.clone());
    let mail = mail.or_else(|| person.mail.clone());
    accounts_rows::describe(change, id, &full_name, mail.as_deref()).await?;
    if let Some(invitation) = invitation {
        personal::adopt(change, invitation.id.uuid(), id).await?;
    }
    Ok(())
}

/// A sign-in name that nobody has: as the provider calls the person, with a number where that is taken.
async fn free_name(ctx: &Context, person: &Person) -> Result<String, Error> {
    let wanted = person.names.first().map_or("person", String::as_str);
    for number in 1..=NUMBERED {
        let name = if number == 1 { wanted.to_owned() } else { numbered(wanted, &number.to_string()) };
        if accounts_rows::by_name(&ctx.inner.store, &name).await?.is_none() {
            return Ok(name);
        }
    }
    Ok(numbered(wanted, &hex::encode(rand::random::<[u8; 6]>())))
}

fn numbered(name: &str, number: &str) -> String {
    let short: String = name.chars().take(64 - 1 - number.len()).collect();
    format!("{short}-{number}")
}

/// Lets the roles of somebody who is known follow what the provider says, and takes an invitation up.
async fn follow(
    ctx: &Context,
    vouched: &Vouched,
    id: AccountId,
    invitation: Option<&Invitation>,
) -> Result<(), Failed> {
    let Vouched { org, door, person } = vouched;
    let account =
        accounts_rows::by_id(&ctx.inner.store, id).await.map_err(Error::from)?.ok_or(Failed::Left)?;
    if account.closed.is_some() {
        return Err(Failed::Left);
    }
    let now = ctx.clock.now();
    let held = memberships::of_account(&ctx.inner.store, id).await.map_err(Error::from)?;
    let held = held.into_iter().find(|each| each.org == *org).map(|row| Grant {
        roles: accounts::roles(&row.roles),
        makers: row.makers,
        valid_until: row.valid_until,
        about: row.about,
        scope: row.scope,
    });
    let ended = |grant: &Grant| grant.valid_until.is_some_and(|end| end <= now);
    let held = held.filter(|grant| !ended(grant));
    // Somebody who was here and left comes back by invitation only.
    let (given, invitation) = match (held, invitation) {
        (Some(held), _) => (held, None),
        (None, Some(invitation)) => (invitation.grant.clone(), Some(invitation)),
        (None, None) => return Err(Failed::Left),
    };
    let wanted = after(&given, person);
    if wanted.as_ref() == Some(&given) && invitation.is_none() {
        return if given.roles.is_empty() { Err(Failed::NoRole { name: door.name() }) } else { Ok(()) };
    }
    if wanted.is_none() && (invitation.is_some() || given.roles.is_empty()) {
        return Err(Failed::NoRole { name: door.name() });
    }
    let changed = Changed { id, name: account.name, before: given, wanted };
    if carry_out(ctx, *org, door, changed, invitation, now).await? {
        Ok(())
    } else {
        Err(Failed::NoRole { name: door.name() })
    }
}

/// Whose roles become what.
struct Changed {
    id: AccountId,
    name: String,
    before: Grant,
    wanted: Option<Grant>,
}

/// Writes what a member has now. False where nothing is left: sessions and tokens of the organisation end.
async fn carry_out(
    ctx: &Context,
    org: OrgId,
    door: &Door,
    changed: Changed,
    invitation: Option<&Invitation>,
    now: Timestamp,
) -> Result<bool, Error> {
    let change = ctx.change(&Actor::system(org), Right::ManagePeople, "people.single_sign_on").await?;
    take(&change, invitation).await?;
    if let Some(invitation) = invitation {
        personal::adopt(&change, invitation.id.uuid(), changed.id).await?;
    }
    let mut grant = changed.wanted.unwrap_or_else(|| Grant { roles: Vec::new(), ..changed.before.clone() });
    let was = changed.before.roles.contains(&Role::Administrator);
    let last = was
        && !grant.roles.contains(&Role::Administrator)
        && people::is_last_administrator(&change, changed.id, now).await?;
    if last {
        // A provider does not lock the house out; who has the terminal does it by hand.
        grant.roles.insert(0, Role::Administrator);
    }
    let roles = grant.codes();
    memberships::put(&change, changed.id, &grant.given(&roles)).await?;
    if grant.roles.is_empty() {
        memberships::end_visits(&change, changed.id).await?;
    }
    let after = if grant.roles.is_empty() { "no role".to_owned() } else { grant.words() };
    let kept = if last { "; stays an administrator, being the last one with a password" } else { "" };
    let before = match (invitation, changed.before.roles.is_empty()) {
        (Some(_), _) => "not a member".to_owned(),
        (None, true) => "no role".to_owned(),
        (None, false) => codes(&changed.before.roles, ", "),
    };
    let detail = format!("{after}; before: {before}; as {} says{kept}", door.settings.name);
    let title = match invitation {
        Some(_) => format!("{} joined", changed.name),
        None => format!("{} has other roles", changed.name),
    };
    notices::tell_members(&change, &title, &detail).await?;
    let subject = change.personal(changed.id.uuid(), &changed.name).await?;
    change.commit(&subject, &detail).await?;
    Ok(!grant.roles.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(roles: Option<&[Role]>) -> Person {
        Person {
            subject: "s".into(),
            names: Vec::new(),
            full_name: String::new(),
            mail: None,
            roles: roles.map(<[Role]>::to_vec),
            factor: false,
        }
    }

    #[test]
    fn what_the_provider_says_replaces_all_but_what_it_cannot_give() {
        let end = Timestamp::from_second(9).ok();
        let of = |roles: &[Role]| Grant { roles: roles.to_vec(), ..Grant::default() };
        let supplier = Grant { makers: vec!["Orbis".into()], ..of(&[Role::Engineer, Role::Supplier]) };
        let auditor = Grant { valid_until: end, ..of(&[Role::Auditor]) };
        let until = Grant { valid_until: end, ..of(&[Role::Engineer]) };
        for (given, says, left) in [
            (of(&[Role::Engineer]), Some(&[Role::Analyst][..]), Some(of(&[Role::Analyst]))),
            (of(&[Role::Engineer]), Some(&[][..]), None),
            (of(&[Role::Engineer]), None, Some(of(&[Role::Engineer]))),
            (of(&[]), Some(&[Role::Administrator][..]), Some(of(&[Role::Administrator]))),
            (supplier.clone(), Some(&[][..]), Some(Grant { roles: vec![Role::Supplier], ..supplier })),
            (auditor.clone(), Some(&[Role::Administrator][..]), Some(auditor)),
            (until.clone(), Some(&[Role::Administrator][..]), Some(of(&[Role::Administrator]))),
            (until.clone(), Some(&[Role::Analyst][..]), Some(Grant { roles: vec![Role::Analyst], ..until })),
        ] {
            assert_eq!(after(&given, &person(says)), left, "{given:?} {says:?}");
        }
    }

    #[test]
    fn a_numbered_name_is_no_longer_than_a_name_may_be() {
        assert_eq!(numbered("ann", "2"), "ann-2");
        assert_eq!(numbered(&"x".repeat(64), "20").len(), 64);
    }
}
