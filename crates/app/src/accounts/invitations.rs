//! Invitations: how somebody becomes a member. An administrator says what the membership gives; the code goes by mail or
//! on paper; whoever brings it back makes an account, or takes it up with the account they have.

use bedrail_model::ids::{AccountId, InvitationId, OrgId};
use bedrail_store::accounts as accounts_rows;
use bedrail_store::invitations::{self as rows, InvitationRow};
use bedrail_store::{memberships, personal};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::password;
use crate::people::{self, Grant};
use crate::rights::Right;
use crate::{Actor, Context, Error, notices};

/// Days until an invitation expires.
pub const DAYS: i64 = 7;
/// Open invitations of one organisation at most.
const OPEN_AT_MOST: usize = 1000;

/// Whom to invite as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// The person's name; may be empty.
    pub full_name: String,
    /// The address for mail.
    pub mail: Option<String>,
    /// What the membership will give.
    pub grant: Grant,
}

/// An invitation that was neither accepted nor taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Id.
    pub id: InvitationId,
    /// Into which organisation.
    pub org: OrgId,
    /// The organisation's name.
    pub org_name: String,
    /// The invited person's name; empty where nobody gave one.
    pub full_name: String,
    /// The address for mail.
    pub mail: Option<String>,
    /// What the membership will give.
    pub grant: Grant,
    /// When it was made.
    pub created: Timestamp,
    /// By whom.
    pub created_by: String,
    /// From when on it opens nothing, exclusive.
    pub expires: Timestamp,
}

impl From<InvitationRow> for Invitation {
    fn from(row: InvitationRow) -> Invitation {
        let grant = Grant {
            roles: super::roles(&row.roles),
            makers: row.makers,
            valid_until: row.valid_until,
            about: row.about,
            scope: row.scope,
        };
        Invitation {
            id: row.id,
            org: row.org,
            org_name: row.org_name,
            full_name: row.full_name,
            mail: row.mail,
            grant,
            created: row.created,
            created_by: row.created_by,
            expires: row.expires,
        }
    }
}

/// Invites somebody. Returns the id and the code, which is shown this once.
///
/// # Errors
/// [`Error::Denied`] without the right, [`Error::Invalid`] for what a membership cannot give.
pub async fn invite(ctx: &Context, actor: &Actor, invite: &Invite) -> Result<(InvitationId, String), Error> {
    actor.need(Right::ManagePeople)?;
    let full_name = people::usable_full_name(&invite.full_name)?;
    let mail = people::usable_mail(invite.mail.as_deref())?;
    invite.grant.check(ctx.clock.now())?;
    if open(ctx, actor).await?.len() >= OPEN_AT_MOST {
        return Err(Error::Conflict {
            message: "too many invitations are open; take some back first".into(),
        });
    }
    let code = password::one_time();
    let change = ctx.change(actor, Right::ManagePeople, "people.invite").await?;
    let expires = change.at() + SignedDuration::from_hours(24 * DAYS);
    let roles = invite.grant.codes();
    let given = invite.grant.given(&roles);
    let id = rows::add(&change, &digest(&code), (&full_name, mail.as_deref()), &given, expires).await?;
    let named = if full_name.is_empty() { mail.as_deref().unwrap_or_default() } else { &full_name };
    let subject = match named {
        "" => "somebody".to_owned(),
        named => change.personal(id.uuid(), named).await?,
    };
    change.commit(&subject, &invite.grant.words()).await?;
    Ok((id, code))
}

/// The open invitations of the actor's organisation, newest first; those that expired are among them until they are
/// taken back.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn open(ctx: &Context, actor: &Actor) -> Result<Vec<Invitation>, Error> {
    let view = ctx.view(actor, Right::ManagePeople).await?;
    Ok(rows::of_organisation(&view).await?.into_iter().map(Invitation::from).collect())
}

/// Takes an invitation back.
///
/// # Errors
/// [`Error::NotFound`] where there is none such.
pub async fn take_back(ctx: &Context, actor: &Actor, id: InvitationId) -> Result<(), Error> {
    let change = ctx.change(actor, Right::ManagePeople, "people.take_invitation_back").await?;
    if !rows::remove(&change, id).await? {
        return Err(Error::not_found(format!("invitation {id}")));
    }
    Ok(change.commit(&id.to_string(), "").await?)
}

/// What a code invites to.
///
/// # Errors
/// [`Error::NotFound`] for a code that is wrong, expired, taken back or used.
pub async fn look(ctx: &Context, code: &str) -> Result<Invitation, Error> {
    let found = rows::by_code(&ctx.inner.store, &digest(code), ctx.clock.now()).await?;
    found.map(Invitation::from).ok_or_else(gone)
}

/// Takes an invitation up with a new account, whose home the organisation becomes.
///
/// # Errors
/// [`Error::NotFound`] for a code that opens nothing, [`Error::Invalid`] for a name or password that cannot be used,
/// [`Error::Conflict`] for a name that is taken.
pub async fn accept_new(ctx: &Context, code: &str, name: &str, password: &str) -> Result<(), Error> {
    let invitation = look(ctx, code).await?;
    let name = super::usable_name(name)?;
    super::refuse_weak(name, password)?;
    let taken = || Error::Conflict { message: "this sign-in name is taken; choose another one".into() };
    if accounts_rows::by_name(&ctx.inner.store, name).await?.is_some() {
        return Err(taken());
    }
    let hash = password::hash(&ctx.inner.passwords, password).await?;
    let id = AccountId::generate();
    let actor = Actor::invited(invitation.org, id, name.to_owned());
    let change = ctx.change(&actor, Right::OwnAccount, "people.accept_invitation").await?;
    if !rows::take(&change, invitation.id).await? {
        return Err(gone());
    }
    let added = accounts_rows::add_as(&change, id, name, &hash).await;
    // Somebody took the name in between: nothing of this stays, and the code can be used again.
    added.map_err(|error| if error.is_conflict() { taken() } else { error.into() })?;
    personal::adopt(&change, invitation.id.uuid(), id).await?;
    accounts_rows::set_password(&change, id, &hash, false).await?;
    accounts_rows::describe(&change, id, &invitation.full_name, invitation.mail.as_deref()).await?;
    let roles = invitation.grant.codes();
    memberships::put(&change, id, &invitation.grant.given(&roles)).await?;
    let words = invitation.grant.words();
    notices::tell_members(&change, &format!("{name} joined"), &words).await?;
    let subject = change.actor_mark().await?;
    Ok(change.commit(&subject, &words).await?)
}

/// Takes an invitation up with the actor's account.
///
/// # Errors
/// [`Error::NotFound`] for a code that opens nothing, [`Error::Conflict`] for who is a member already.
pub async fn accept(ctx: &Context, actor: &Actor, code: &str) -> Result<OrgId, Error> {
    actor.need(Right::OwnAccount)?;
    let account = actor.account.ok_or_else(|| Error::not_found("your account"))?;
    super::need_whole(ctx, actor).await?;
    let invitation = look(ctx, code).await?;
    let present = memberships::of_account(&ctx.inner.store, account).await?;
    if present.iter().any(|membership| membership.org == invitation.org) {
        let message = format!("you are a member of {} already", invitation.org_name);
        return Err(Error::Conflict { message });
    }
    let invited = Actor::invited(invitation.org, account, actor.name.clone()).at(actor.address);
    let change = ctx.change(&invited, Right::OwnAccount, "people.accept_invitation").await?;
    if !rows::take(&change, invitation.id).await? {
        return Err(gone());
    }
    let roles = invitation.grant.codes();
    memberships::put(&change, account, &invitation.grant.given(&roles)).await?;
    personal::adopt(&change, invitation.id.uuid(), account).await?;
    let words = invitation.grant.words();
    notices::tell_members(&change, &format!("{} joined", actor.name), &words).await?;
    let subject = change.actor_mark().await?;
    change.commit(&subject, &words).await?;
    Ok(invitation.org)
}

fn digest(code: &str) -> [u8; 32] {
    Sha256::digest(password::as_drawn(code)).into()
}

fn gone() -> Error {
    Error::not_found("an open invitation with this code")
}
