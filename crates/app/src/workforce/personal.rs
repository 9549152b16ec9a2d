//! Personal links: by one, a person without an account signs and learns. A link opens once, for a person who types the name that the
//! roster has; until then it shows nothing of whom it is for. Only hashes of it are kept.

use bedrail_model::ids::{OrgId, WorkerId};
use bedrail_store::organisations;
use bedrail_store::workforce::{links as rows, roster};
use jiff::{SignedDuration, Timestamp};

use super::subject;
use crate::link_code::{self, digest, gone, org_of};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Days until a link expires.
pub const DAYS: i64 = 14;
/// Hours that a browser goes on with what it opened.
pub const HOURS: i64 = 4;
/// Wrong names until a link opens nothing any more.
const TRIES: u64 = 5;

/// The token of the forms of a browser that opened a link. It follows from what the browser keeps, and does not give it away.
pub fn form_token(session: &str) -> String {
    link_code::form("forms of", session)
}

/// Makes a link for a person; earlier ones of theirs end. Returns the path, which is shown this once.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] for who is not there today, [`Error::Denied`] without the right.
pub async fn make(ctx: &Context, actor: &Actor, id: WorkerId) -> Result<String, Error> {
    let change = ctx.change(actor, Right::KeepWorkforce, "roster.link").await?;
    let row = roster::one(&change, id).await?.ok_or_else(|| super::roster::not_found(id))?;
    if !row.worker.is_there(super::today_of(&change)) {
        return Err(Error::Conflict {
            message: "the person is not there today; a link would open nothing".into(),
        });
    }
    rows::end(&change, id).await?;
    let code = link_code::made(change.org());
    let expires = change.at() + SignedDuration::from_hours(24 * DAYS);
    rows::add(&change, &digest(&code), id, expires).await?;
    let name = subject(&change, &row.worker).await?;
    change.commit(&name, &format!("opens once, until {expires:.0}")).await?;
    Ok(format!("/me/link/{code}"))
}

/// The name of the organisation of a link that can still be opened: all that is shown before.
///
/// # Errors
/// [`Error::NotFound`] for a link that opens nothing, or nothing any more.
pub async fn look(ctx: &Context, code: &str) -> Result<String, Error> {
    let org = org_of(code)?;
    let view = ctx.inner.store.view(org).await?;
    let row = rows::one(&view, &digest(code)).await?.ok_or_else(gone)?;
    if row.used.is_some() || row.tries >= TRIES || row.expires <= ctx.clock.now() {
        return Err(gone());
    }
    Ok(organisations::one(&view).await?.name)
}

/// A name as it is compared: words in small letters, in any order.
fn plain(name: &str) -> Vec<String> {
    let mut words: Vec<String> = name
        .split(|sign: char| !sign.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.sort();
    words
}

/// Opens a link for who types the person's name. Returns what the browser keeps.
///
/// # Errors
/// [`Error::NotFound`] for a link that opens nothing any more; [`Error::Invalid`] for another name. After a few wrong ones the link
/// ends.
pub async fn open(ctx: &Context, code: &str, name: &str) -> Result<String, Error> {
    look(ctx, code).await?;
    let org = org_of(code)?;
    let view = ctx.inner.store.view(org).await?;
    let row = rows::one(&view, &digest(code)).await?.ok_or_else(gone)?;
    let worker = roster::one(&view, row.worker).await?.ok_or_else(gone)?.worker;
    drop(view);
    if !rows::note_try(&ctx.inner.store, org, &digest(code), (TRIES, ctx.clock.now())).await? {
        return Err(gone());
    }
    if plain(name).is_empty() || plain(name) != plain(&worker.name) {
        return Err(Error::Invalid {
            message: "this name does not fit the link".into(),
            hint: Some("type first and last name as your employer writes them".into()),
        });
    }
    if !worker.is_there(ctx.clock.today()) {
        return Err(gone());
    }
    let actor = Actor::by_link(org, worker.id, worker.name.clone());
    let change = ctx.change(&actor, Right::OwnAccount, "roster.link_opened").await?;
    let session = link_code::made(org);
    let until = change.at() + SignedDuration::from_hours(HOURS);
    // Of two who open it at once, one finds it used.
    if !rows::open(&change, &digest(code), &digest(&session), until).await? {
        return Err(gone());
    }
    let name = subject(&change, &worker).await?;
    change.commit(&name, "").await?;
    Ok(session)
}

/// Whose browser it is that kept this.
///
/// # Errors
/// [`Error::NotFound`] for what opens nothing, or nothing any more.
pub(super) async fn whose(ctx: &Context, session: &str) -> Result<(OrgId, WorkerId, Timestamp), Error> {
    let org = org_of(session)?;
    let view = ctx.inner.store.view(org).await?;
    let row = rows::of_session(&view, &digest(session)).await?.ok_or_else(gone)?;
    let opened = row.used.ok_or_else(gone)?;
    if row.session_until.is_none_or(|until| until <= ctx.clock.now()) {
        return Err(gone());
    }
    Ok((org, row.worker, opened))
}
