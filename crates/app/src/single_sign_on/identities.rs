//! The identities at the organisation's provider that are linked to one's own account.

use bedrail_model::ids::AccountId;
use bedrail_store::single_sign_on as rows;
use jiff::Timestamp;

use super::arrive::Offer;
use crate::accounts;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Seconds to say yes to an offer.
const SECONDS_TO_SAY_YES: i64 = 600;

/// An identity that is linked to the actor's account in the present organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Since when.
    pub created: Timestamp,
    /// The last sign-in by it.
    pub used: Option<Timestamp>,
}

/// The actor's own identities in the present organisation.
///
/// # Errors
/// When the database cannot be used.
pub async fn own(ctx: &Context, actor: &Actor) -> Result<Vec<Identity>, Error> {
    let view = ctx.view(actor, Right::OwnAccount).await?;
    let found = rows::of_account(&view, account(actor)?).await?;
    let identity =
        |row: rows::IdentityRow| Identity { issuer: row.issuer, created: row.created, used: row.used };
    Ok(found.into_iter().map(identity).collect())
}

fn account(actor: &Actor) -> Result<AccountId, Error> {
    actor.account.ok_or_else(|| Error::not_found("your account"))
}

/// Links an identity that the provider vouched for to the actor's account.
///
/// # Errors
/// [`Error::NotFound`] for an offer that is too old or of another organisation, [`Error::Conflict`] where the identity or the
/// account is linked already, [`Error::Denied`] where the sign-in does not carry that far.
pub async fn link(ctx: &Context, actor: &Actor, offer: &Offer) -> Result<(), Error> {
    accounts::need_whole(ctx, actor).await?;
    let id = account(actor)?;
    let age = ctx.clock.now().as_second() - offer.since;
    if offer.org != actor.org.to_string() || !(0..=SECONDS_TO_SAY_YES).contains(&age) {
        return Err(Error::not_found("an identity that waits to be linked"));
    }
    let change = ctx.change(actor, Right::OwnAccount, "account.link_sign_in").await?;
    let taken = rows::account_of(&change, &offer.issuer, &offer.subject).await?;
    if let Some(other) = taken {
        let whose = if other == id { "your account" } else { "another account" };
        return Err(Error::Conflict { message: format!("this identity is linked to {whose} already") });
    }
    if rows::of_account(&change, id).await?.iter().any(|each| each.issuer == offer.issuer) {
        let message = "another identity of the provider is linked to your account; unlink it first";
        return Err(Error::Conflict { message: message.into() });
    }
    rows::link(&change, &offer.issuer, &offer.subject, id).await?;
    let subject = change.actor_mark().await?;
    Ok(change.commit(&subject, &offer.issuer).await?)
}

/// Unlinks the actor's own identities in the present organisation.
///
/// # Errors
/// [`Error::NotFound`] where there is none, [`Error::Conflict`] for an account without a password, which would have no way in.
pub async fn unlink(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let password = accounts::need_whole(ctx, actor).await?;
    let change = ctx.change(actor, Right::OwnAccount, "account.unlink_sign_in").await?;
    if !password {
        let message = "your account has no password, so single sign-on is its only way in";
        return Err(Error::Conflict { message: message.into() });
    }
    if rows::unlink(&change, account(actor)?).await? == 0 {
        return Err(Error::not_found("an identity that is linked to your account"));
    }
    let subject = change.actor_mark().await?;
    Ok(change.commit(&subject, "").await?)
}
