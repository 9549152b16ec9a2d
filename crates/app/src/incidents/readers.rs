//! Single readers: counsel names a person who may read what is privileged in one incident, and takes that back. Reading is all they may:
//! they write no draft and no letter, and see no other incident's.

use bedrail_model::ids::IncidentId;
use bedrail_model::incident::Reader;
use bedrail_store::{View, incidents as rows};

use super::{missing, name_of, needed};
use crate::rights::Right;
use crate::{Actor, Context, Error, people};

/// How many may be named for one incident, those included who read no more.
const MOST_READERS: usize = 200;

/// Whether the actor was named for an incident, and still may. By a token nobody reads as a named person: counsel named a person, not
/// their programs.
pub(super) async fn named(view: &View, actor: &Actor, id: IncidentId) -> Result<bool, Error> {
    let Some(account) = actor.account.filter(|_| !actor.by_program()) else { return Ok(false) };
    let readers = rows::readers(view, id).await?;
    Ok(readers.iter().any(|reader| reader.account == account && reader.ended.is_none()))
}

/// Names a member, by the name that they sign in with, as a reader of one incident.
///
/// # Errors
/// [`Error::Denied`] for whoever is not counsel, [`Error::NotFound`], [`Error::Invalid`] without a reason, [`Error::Conflict`] where that
/// member reads it already.
pub async fn name_reader(
    ctx: &Context,
    actor: &Actor,
    id: IncidentId,
    who: &str,
    reason: &str,
) -> Result<u64, Error> {
    let reason = needed("why this person reads it", reason)?;
    let who = needed("whom it is about", who)?;
    actor.need(Right::NameReaders)?;
    let member = people::named(ctx, actor, &who).await?;
    let change = ctx.change(actor, Right::NameReaders, "incident.name_reader").await?;
    let incident = rows::one(&change, id).await?.ok_or_else(|| missing(id))?;
    let readers = rows::readers(&change, id).await?;
    if readers.iter().any(|it| it.account == member.id && it.ended.is_none()) {
        return Err(Error::Conflict { message: format!("{} reads it already", member.name) });
    }
    if readers.len() >= MOST_READERS {
        return Err(Error::invalid(format!("{MOST_READERS} people were named for this incident")));
    }
    let number = readers.last().map_or(1, |last| last.number + 1);
    let reader = Reader {
        number,
        account: member.id,
        name: member.name,
        reason,
        at: change.at(),
        by: change.actor().to_owned(),
        ended: None,
    };
    rows::add_reader(&change, id, &reader).await?;
    let whom = change.personal(reader.account.uuid(), &reader.name).await?;
    change.commit(&name_of(&incident), &format!("reader {number}: {whom}")).await?;
    Ok(number)
}

/// Takes back what a reader may.
///
/// # Errors
/// [`Error::Denied`] for whoever is not counsel, [`Error::NotFound`], [`Error::Conflict`] where it was taken back before.
pub async fn end_reader(ctx: &Context, actor: &Actor, id: IncidentId, number: u64) -> Result<(), Error> {
    let change = ctx.change(actor, Right::NameReaders, "incident.end_reader").await?;
    let incident = rows::one(&change, id).await?.ok_or_else(|| missing(id))?;
    if !rows::readers(&change, id).await?.iter().any(|it| it.number == number) {
        return Err(Error::not_found(format!("reader {number}")));
    }
    if !rows::end_reader(&change, id, number).await? {
        return Err(Error::Conflict { message: format!("reader {number} reads it no more") });
    }
    Ok(change.commit(&name_of(&incident), &format!("reader {number}")).await?)
}
