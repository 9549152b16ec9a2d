//! Emergency access: a member takes an analyst's rights for a few hours, with a reason, and everybody sees it.

use bedrail_store::memberships as rows;
use jiff::{SignedDuration, Timestamp};

use crate::rights::Right;
use crate::{Actor, Context, Error, notices};

/// Hours that it lasts: half a shift; whoever needs longer says so again.
pub const HOURS: i64 = 4;
/// The longest reason, in characters.
const REASON_LIMIT: usize = 300;
/// The shortest reason, in characters: a word is no reason.
const REASON_LEAST: usize = 10;

/// Somebody's emergency access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emergency {
    /// Whose: the sign-in name.
    pub name: String,
    /// Until when, exclusive.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}

/// Takes emergency access in the actor's organisation. Returns until when (exclusive) it lasts.
///
/// # Errors
/// [`Error::Denied`] for who may not, [`Error::Invalid`] without a reason.
pub async fn begin(ctx: &Context, actor: &Actor, reason: &str) -> Result<Timestamp, Error> {
    let reason = bedrail_model::text::squeezed(reason);
    if !(REASON_LEAST..=REASON_LIMIT).contains(&reason.chars().count()) {
        let message = format!("the reason has {REASON_LEAST} to {REASON_LIMIT} characters");
        return Err(Error::Invalid {
            message,
            hint: Some("say what happened and what you need to do".into()),
        });
    }
    let account = actor.account.ok_or_else(|| Error::not_found("your account"))?;
    let change = ctx.change(actor, Right::TakeEmergency, "emergency.begin").await?;
    let until = change.at() + SignedDuration::from_hours(HOURS);
    rows::set_emergency(&change, account, Some(until), &reason).await?;
    let title = format!("{} took emergency access", actor.name);
    notices::tell_emergency(&change, &title, &format!("until {until}: {reason}")).await?;
    let (subject, why) = (change.actor_mark().await?, change.personal(account.uuid(), &reason).await?);
    change.commit(&subject, &format!("until {until}: {why}")).await?;
    Ok(until)
}

/// Ends the actor's emergency access before its time.
///
/// # Errors
/// When the database cannot be used.
pub async fn end(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    let account = actor.account.ok_or_else(|| Error::not_found("your account"))?;
    let change = ctx.change(actor, Right::OwnAccount, "emergency.end").await?;
    rows::set_emergency(&change, account, None, "").await?;
    let subject = change.actor_mark().await?;
    Ok(change.commit(&subject, "").await?)
}

/// The emergency access that lasts in the actor's organisation: everybody there is told.
///
/// # Errors
/// When the database cannot be used.
pub async fn present(ctx: &Context, actor: &Actor) -> Result<Vec<Emergency>, Error> {
    let view = ctx.view(actor, Right::OwnAccount).await?;
    let found = rows::emergencies(&view, ctx.clock.now()).await?;
    Ok(found
        .into_iter()
        .map(|row| Emergency { name: row.name, until: row.until, reason: row.reason })
        .collect())
}
