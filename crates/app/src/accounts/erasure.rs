//! Erasing a person: everything that names them goes, in every organisation, and what they did stays as what nobody in
//! particular did. The audit log holds names and addresses only by marks (decision 402), so that its chain, and every copy
//! of it that was carried away, hold as before.

use bedrail_model::ids::{AccountId, InvitationId, OrgId};
use bedrail_store::accounts::{self as rows, AccountRow};
use bedrail_store::{
    Change, factors, invitations as invitation_rows, memberships, notices as notice_rows, organisations,
    personal, single_sign_on,
};

use super::own;
use crate::rights::Right;
use crate::{Actor, Context, Error, notices, people};

/// What became of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// What the account is called now.
    pub name: String,
    /// Names, addresses and free words that were erased from audit logs.
    pub values: u64,
    /// Entries from before such values were kept apart that still name the account: they are part of the chain.
    pub older_entries: u64,
}

/// The account with a sign-in name that the actor's organisation looks after; members and those who left.
///
/// # Errors
/// [`Error::NotFound`] where there is none such, [`Error::Denied`] without the right.
pub async fn find(ctx: &Context, actor: &Actor, name: &str) -> Result<AccountId, Error> {
    actor.need(Right::ErasePeople)?;
    let found = rows::by_name(&ctx.inner.store, name).await?.filter(|row| row.home == actor.org);
    found.map(|row| row.id).ok_or_else(|| Error::not_found(format!("account {name}")))
}

/// Erases the person behind an account that the actor's organisation looks after, for good. To be carried out again where it
/// was interrupted.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`] for an account with another home, [`Error::Conflict`] for one's own account and
/// for the last administrator of any organisation.
pub async fn erase(ctx: &Context, actor: &Actor, id: AccountId) -> Result<Erased, Error> {
    actor.need(Right::ErasePeople)?;
    let row = looked_after(ctx, actor, id).await?;
    if actor.account == Some(id) {
        let message =
            "nobody erases the account they are signed in with; another administrator can".to_owned();
        return Err(Error::Conflict { message });
    }
    let name = pseudonym(id);
    let change = ctx.change(actor, Right::ErasePeople, "account.erase").await?;
    people::keep_administrators(&change, id).await?;
    let (mut values, mut older_entries) = forget(&change, &row).await?;
    factors::remove(&change, id).await?;
    rows::erase(&change, id, &name).await?;
    notices::tell_members(&change, "A person was erased", &name).await?;
    change.commit(&name, &in_words(values, older_entries)).await?;
    for org in organisations::all(&ctx.inner.store).await? {
        if org == row.home || !is_known(ctx, org, id).await? {
            continue;
        }
        let change = ctx.change(&Actor::system(org), Right::ErasePeople, "account.erase").await?;
        let (more, older) = forget(&change, &row).await?;
        let words = in_words(more, older);
        change.commit(&name, &format!("as its home asked; {words}")).await?;
        (values, older_entries) = (values + more, older_entries + older);
    }
    ctx.inner.store.write_anew().await?;
    Ok(Erased { name, values, older_entries })
}

/// What became of somebody who was invited and never joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasedInvited {
    /// Invitations that were open still, and open nothing any more.
    pub invitations: u64,
    /// Names and addresses that were erased from the audit log.
    pub values: u64,
    /// Entries from before such values were kept apart that still hold the name: they are part of the chain.
    pub older_entries: u64,
}

/// Erases somebody who was invited and never joined from the actor's organisation, for good. `named`: the name or the address
/// for mail, as an open invitation or the audit log has it.
///
/// # Errors
/// [`Error::NotFound`] where nobody was invited under it, or who was has an account; [`Error::Denied`] without the right.
pub async fn erase_invited(ctx: &Context, actor: &Actor, named: &str) -> Result<ErasedInvited, Error> {
    actor.need(Right::ErasePeople)?;
    let named = named.trim();
    let change = ctx.change(actor, Right::ErasePeople, "people.erase_invited").await?;
    let mut found = personal::invited(&change, named).await?;
    let mut erased = ErasedInvited {
        invitations: 0,
        values: 0,
        older_entries: personal::older_entries(&change, named).await?,
    };
    for row in invitation_rows::of_organisation(&change).await? {
        let mail = row.mail.as_deref().unwrap_or_default();
        if !named.is_empty() && (row.full_name == named || mail.eq_ignore_ascii_case(named)) {
            found.push(row.id.uuid());
        }
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        return Err(Error::not_found("somebody who was invited under this name or address and never joined"));
    }
    for id in found {
        erased.values += personal::erase(&change, id, change.at()).await?;
        erased.invitations += u64::from(invitation_rows::remove(&change, InvitationId::from_uuid(id)).await?);
    }
    let taken = match erased.invitations {
        0 => String::new(),
        some => format!("; {some} open invitations taken back"),
    };
    change.commit("somebody", &(in_words(erased.values, erased.older_entries) + &taken)).await?;
    ctx.inner.store.write_anew().await?;
    Ok(erased)
}

/// What an erased account is called: tells one from another, and names nobody.
fn pseudonym(id: AccountId) -> String {
    let text = id.uuid().simple().to_string();
    format!("erased-{}", &text[text.len() - 12..])
}

fn in_words(values: u64, older_entries: u64) -> String {
    match older_entries {
        0 => format!("{values} values erased"),
        older => format!("{values} values erased; {older} older entries keep the name"),
    }
}

async fn looked_after(ctx: &Context, actor: &Actor, id: AccountId) -> Result<AccountRow, Error> {
    let row = own(ctx, id).await?;
    if row.home != actor.org {
        // Who is a member here is known here; of anybody else nothing is said.
        people::at_home(actor, &people::one(ctx, actor, id).await?)?;
    }
    Ok(row)
}

/// Whether an organisation has anything of an account.
async fn is_known(ctx: &Context, org: OrgId, id: AccountId) -> Result<bool, Error> {
    let memberships = memberships::of_account(&ctx.inner.store, id).await?;
    if memberships.iter().any(|membership| membership.org == org) {
        return Ok(true);
    }
    let view = ctx.inner.store.view(org).await?;
    Ok(!personal::about(&view, id.uuid()).await?.is_empty())
}

/// Takes a person out of the changed organisation. Returns how many values went, and how many older entries name them.
async fn forget(change: &Change, row: &AccountRow) -> Result<(u64, u64), Error> {
    let mut names = personal::about(change, row.id.uuid()).await?;
    names.push(row.name.clone());
    let older = personal::older_entries(change, &row.name).await?;
    let values = personal::erase(change, row.id.uuid(), change.at()).await?;
    personal::forget(change, row.id, &names).await?;
    let kinds = [notices::MEMBERS.code, notices::EMERGENCY.code];
    notice_rows::forget(change, &row.name, kinds, personal::ERASED).await?;
    memberships::remove(change, row.id).await?;
    single_sign_on::unlink(change, row.id).await?;
    Ok((values, older))
}
