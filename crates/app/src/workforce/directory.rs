//! The roster by a directory: SCIM 2.0. Nobody is erased by it; who is deleted there has left here, and comes back under the same
//! record.

use bedrail_model::ids::WorkerId;
use bedrail_model::workforce::{RosterSource, Worker};
use bedrail_store::Change;
use bedrail_store::workforce::roster::{self as rows, WorkerRow};
use bedrail_workforce::scim::{self, Fault, Filter, Meta, User};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::Value;

use super::roster::{differences, keep};
use super::{line, subject, today_of};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// What is wrong: with the request in the words of SCIM, or otherwise.
#[derive(Debug)]
pub enum Refused {
    /// Of the request.
    Fault(Fault),
    /// Anything else.
    Other(Error),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Refused {
        Refused::Fault(fault)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        match error {
            Error::Invalid { message, .. } => {
                Refused::Fault(Fault { status: 400, kind: Some("invalidValue"), detail: message })
            }
            error => Refused::Other(error),
        }
    }
}

impl From<bedrail_store::Error> for Refused {
    fn from(error: bedrail_store::Error) -> Refused {
        Error::from(error).into()
    }
}

fn unique(detail: impl Into<String>) -> Refused {
    Refused::Fault(Fault { status: 409, kind: Some("uniqueness"), detail: detail.into() })
}

fn missing(id: &str) -> Refused {
    Refused::Fault(Fault {
        status: 404,
        kind: None,
        detail: format!("there is no user {}", id.chars().take(80).collect::<String>()),
    })
}

fn shown(row: &WorkerRow, today: Date, base: &str) -> Value {
    let meta = Meta { created: row.added, modified: row.modified, version: row.version };
    scim::user(&row.worker, !row.worker.has_left(today), meta, base)
}

async fn served(view: &bedrail_store::View, id: &str) -> Result<WorkerRow, Refused> {
    let parsed: WorkerId = id.parse().map_err(|_| missing(id))?;
    rows::one(view, parsed).await?.filter(|row| !row.gone).ok_or_else(|| missing(id))
}

/// One user. `base` is the address of the service.
///
/// # Errors
/// [`Refused`] where there is none, or without the right.
pub async fn get(ctx: &Context, actor: &Actor, id: &str, base: &str) -> Result<Value, Refused> {
    let view = ctx.view(actor, Right::ProvisionRoster).await?;
    Ok(shown(&served(&view, id).await?, ctx.clock.today(), base))
}

/// Users: `start` is counted from 1, as SCIM does.
///
/// # Errors
/// [`Refused`] for a filter that is not read, or without the right.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    filter: Option<&str>,
    (start, count): (u64, u64),
    base: &str,
) -> Result<Value, Refused> {
    let view = ctx.view(actor, Right::ProvisionRoster).await?;
    let (start, count, today) = (start.max(1), count.min(scim::MOST), ctx.clock.today());
    let found: Vec<WorkerRow> = match filter.map(scim::filter).transpose()? {
        None => {
            let (found, total) = rows::served(&view, count, start - 1).await?;
            let users: Vec<Value> = found.iter().map(|row| shown(row, today, base)).collect();
            return Ok(scim::list(&users, total, start));
        }
        Some(Filter::UserName(name)) => rows::by_user(&view, &name).await?.into_iter().collect(),
        Some(Filter::External(external)) => rows::by_external(&view, &external).await?.into_iter().collect(),
        Some(Filter::Mail(mail)) => rows::by_mail(&view, &mail).await?,
        Some(Filter::Id(id)) => match id.parse() {
            Ok(id) => rows::one(&view, id).await?.into_iter().collect(),
            Err(_) => Vec::new(),
        },
        Some(Filter::Active(active)) => {
            let all = rows::all(&view).await?;
            all.into_iter().filter(|row| row.worker.has_left(today) != active).collect()
        }
    };
    let found: Vec<&WorkerRow> = found.iter().filter(|row| !row.gone).collect();
    let skip = usize::try_from(start - 1).unwrap_or(usize::MAX);
    let page = found.iter().skip(skip).take(usize::try_from(count).unwrap_or(0));
    let users: Vec<Value> = page.map(|row| shown(row, today, base)).collect();
    Ok(scim::list(&users, found.len() as u64, start))
}

/// A worker as a directory means them. Who was active and is not any more leaves today; who comes back begins today.
fn made(id: WorkerId, user: &User, before: Option<&Worker>, today: Date) -> Result<Worker, Refused> {
    let starts = before.map_or(today, |before| before.starts);
    let left = before.and_then(|before| before.until.filter(|until| *until <= today));
    let until = match (user.active, left) {
        // An end that lies ahead was said by somebody else, and holds.
        (true, None) => before.and_then(|before| before.until),
        (true, Some(_)) => None,
        (false, left) => Some(left.unwrap_or(today)),
    };
    let starts = if user.active && left.is_some() { today } else { starts };
    Ok(Worker {
        id,
        name: line("the name", &user.name)?,
        user_name: Some(line("userName", &user.user_name)?),
        external: user.external.clone(),
        mail: user.mail.clone(),
        kind: user.kind,
        roles: user.roles.clone(),
        site: line("division", &user.site)?,
        ward: line("department", &user.ward)?,
        starts: until.map_or(starts, |until| starts.min(until)),
        until,
        source: RosterSource::Scim,
    })
}

/// Refuses a name or a number that is somebody else's.
async fn check_unique(change: &Change, worker: &Worker) -> Result<(), Refused> {
    let other = |row: &WorkerRow| row.worker.id != worker.id && !row.gone;
    let name = worker.user_name.as_deref().unwrap_or_default().to_lowercase();
    if rows::by_user(change, &name).await?.is_some_and(|row| other(&row) && row.worker.user_name.is_some()) {
        return Err(unique("userName is somebody else's"));
    }
    if let Some(external) = &worker.external
        && rows::by_external(change, external).await?.is_some_and(|row| row.worker.id != worker.id)
    {
        return Err(unique("externalId is somebody else's"));
    }
    Ok(())
}

async fn put(change: Change, worker: &Worker, before: Option<&Worker>, base: &str) -> Result<Value, Refused> {
    let today = today_of(&change);
    check_unique(&change, worker).await?;
    let followed = keep(&change, worker, before, false).await?;
    let row = rows::one(&change, worker.id).await?.ok_or_else(|| missing(&worker.id.to_string()))?;
    let name = subject(&change, worker).await?;
    let differs = before.map_or_else(|| "new".to_owned(), |before| differences(before, worker).join(", "));
    change.commit(&name, &format!("{differs}; {}", followed.words())).await?;
    Ok(shown(&row, today, base))
}

/// Adds a user. Who is on the roster already, by hand or from a file with the same address, or was deleted by the directory before, is
/// that person. Returns the user and whether there is a new record.
///
/// # Errors
/// [`Refused`] for what is no user, or is one already; or without the right.
pub async fn create(ctx: &Context, actor: &Actor, sent: &Value, base: &str) -> Result<Value, Refused> {
    let user = User::read(sent)?;
    let change = ctx.change(actor, Right::ProvisionRoster, "roster.scim_create").await?;
    let name = user.user_name.to_lowercase();
    let mut known = rows::by_user(&change, &name).await?;
    if known.is_none()
        && let Some(mail) = &user.mail
    {
        let same = rows::by_mail(&change, mail).await?;
        known = same.into_iter().find(|row| row.worker.user_name.is_none() || row.gone);
    }
    if known.is_none()
        && let Some(external) = &user.external
    {
        let same = rows::by_external(&change, external).await?;
        known = same.filter(|row| row.worker.user_name.is_none() || row.gone);
    }
    if known.as_ref().is_some_and(|row| !row.gone && row.worker.user_name.is_some()) {
        return Err(unique("there is a user with this userName"));
    }
    let before = known.map(|row| row.worker);
    let id = before.as_ref().map_or_else(WorkerId::generate, |before| before.id);
    let worker = made(id, &user, before.as_ref(), today_of(&change))?;
    put(change, &worker, before.as_ref(), base).await
}

/// Puts a user in the place of what is there.
///
/// # Errors
/// As [`create`], and where there is none.
pub async fn replace(
    ctx: &Context,
    actor: &Actor,
    id: &str,
    sent: &Value,
    base: &str,
) -> Result<Value, Refused> {
    let user = User::read(sent)?;
    let change = ctx.change(actor, Right::ProvisionRoster, "roster.scim_replace").await?;
    let before = served(&change, id).await?.worker;
    let worker = made(before.id, &user, Some(&before), today_of(&change))?;
    put(change, &worker, Some(&before), base).await
}

/// Carries a patch out.
///
/// # Errors
/// As [`replace`], and for a patch that is none.
pub async fn patch(
    ctx: &Context,
    actor: &Actor,
    id: &str,
    sent: &Value,
    base: &str,
) -> Result<Value, Refused> {
    let change = ctx.change(actor, Right::ProvisionRoster, "roster.scim_patch").await?;
    let row = served(&change, id).await?;
    let today = today_of(&change);
    let user = User::read(&scim::patch(&shown(&row, today, base), sent)?)?;
    let worker = made(row.worker.id, &user, Some(&row.worker), today)?;
    if worker == row.worker {
        return Ok(shown(&row, today, base));
    }
    put(change, &worker, Some(&row.worker), base).await
}

/// Deletes a user, as a directory means it: the person leaves today and is not shown to it any more. The record stays.
///
/// # Errors
/// [`Refused`] where there is none, or without the right.
pub async fn delete(ctx: &Context, actor: &Actor, id: &str) -> Result<(), Refused> {
    let change = ctx.change(actor, Right::ProvisionRoster, "roster.scim_delete").await?;
    let before = served(&change, id).await?.worker;
    let today = today_of(&change);
    let until = before.until.filter(|until| *until <= today).unwrap_or(today);
    let worker = Worker { until: Some(until), starts: before.starts.min(until), ..before.clone() };
    let followed = keep(&change, &worker, Some(&before), true).await?;
    let name = subject(&change, &worker).await?;
    let last = until.saturating_sub(1.day());
    Ok(change
        .commit(&name, &format!("deleted in the directory, last day {last}; {}", followed.words()))
        .await?)
}
