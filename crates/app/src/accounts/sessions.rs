//! Sessions: opaque bytes under an opaque id, as the web layer keeps them; and the list of them that their owner sees.

use bedrail_model::ids::AccountId;
use bedrail_store::sessions as rows;
pub use bedrail_store::sessions::SessionFacts;
use jiff::Timestamp;

use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Stores or replaces a session. A changed password ends all sessions of the account, so the page that changed it saves
/// its own session anew under a fresh id.
///
/// # Errors
/// When the database cannot be used.
pub async fn save(
    ctx: &Context,
    id: &str,
    facts: &SessionFacts,
    data: &[u8],
    expires: Timestamp,
) -> Result<(), Error> {
    Ok(rows::save(&ctx.inner.store, id, facts, data, expires, ctx.clock.now()).await?)
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

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSession {
    /// Which: names it, opens nothing.
    pub key: String,
    /// What is known of it.
    pub facts: SessionFacts,
    /// Whether it is the one that asks.
    pub present: bool,
}

/// The actor's own sessions, the last seen first; those in the present organisation only for who came in by one that does
/// not look after the account. `present` is the id of the one that asks.
///
/// # Errors
/// When the database cannot be used.
pub async fn own(ctx: &Context, actor: &Actor, present: Option<&str>) -> Result<Vec<OwnSession>, Error> {
    let (id, home) = reader(ctx, actor).await?;
    let whole = actor.proof().is_whole(home.org);
    let present = present.map(rows::key);
    let found = rows::of_account(&ctx.inner.store, id, ctx.clock.now()).await?;
    Ok(found
        .into_iter()
        .filter(|row| whole || row.facts.org == Some(actor.org))
        .map(|row| OwnSession {
            key: hex::encode(&row.key),
            present: present.as_deref() == Some(row.key.as_slice()),
            facts: row.facts,
        })
        .collect())
}

/// Ends one of the actor's own sessions.
///
/// # Errors
/// [`Error::NotFound`] where there is none such.
pub async fn end(ctx: &Context, actor: &Actor, key: &str) -> Result<(), Error> {
    let missing = || Error::not_found("the session");
    let (id, home) = owner(ctx, actor).await?;
    let key = hex::decode(key).map_err(|_| missing())?;
    let change = ctx.change(&home, Right::OwnAccount, "account.end_session").await?;
    if !rows::end_one(&change, id, &key).await? {
        return Err(missing());
    }
    let subject = change.actor_mark().await?;
    Ok(change.commit(&subject, "").await?)
}

/// Ends all of the actor's own sessions but the one that asks. Returns how many.
///
/// # Errors
/// When the database cannot be used.
pub async fn end_others(ctx: &Context, actor: &Actor, present: &str) -> Result<u64, Error> {
    let (id, home) = owner(ctx, actor).await?;
    let change = ctx.change(&home, Right::OwnAccount, "account.end_other_sessions").await?;
    let ended = rows::end_others(&change, id, &rows::key(present)).await?;
    let subject = change.actor_mark().await?;
    change.commit(&subject, &format!("{ended} ended")).await?;
    Ok(ended)
}

/// The actor's account, and the actor at home, whose audit log has what an account does to itself: for whoever may do it.
pub(super) async fn owner(ctx: &Context, actor: &Actor) -> Result<(AccountId, Actor), Error> {
    let (id, home) = reader(ctx, actor).await?;
    super::proof::whole(actor, home.org)?;
    Ok((id, home))
}

/// The same for whoever looks only.
pub(super) async fn reader(ctx: &Context, actor: &Actor) -> Result<(AccountId, Actor), Error> {
    actor.need(Right::OwnAccount)?;
    let id = actor.account.ok_or_else(|| Error::not_found("your account"))?;
    let home = super::own(ctx, id).await?.home;
    Ok((id, actor.clone().in_organisation(home)))
}
