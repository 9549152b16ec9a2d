//! The roster: who belongs to the workforce, as what, where, from when to when. Nobody is erased here; who leaves stays in it.

use bedrail_model::ids::WorkerId;
use bedrail_model::workforce::{Assignment, Duty, RosterSource, Worker, WorkerKind};
use bedrail_store::workforce::roster::WorkerRow;
use bedrail_store::workforce::{duties, links, roster as rows};
use bedrail_store::{Change, memberships};
use bedrail_workforce::list;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

pub use bedrail_store::workforce::roster::Looked;

use super::{Followed, line, needed, subject, today_of};
use crate::page::{Page, PageRequest};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// The first day that is taken.
const FIRST_DAY: Date = Date::constant(1940, 1, 1);
/// Roles of a person at most.
const MOST_ROLES: usize = 40;

/// What is said of a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The name.
    pub name: String,
    /// The address for mail at work; may be empty.
    pub mail: String,
    /// The number by which another system knows the person; may be empty.
    pub external: String,
    /// How they belong; staff where it is not said.
    pub kind: Option<WorkerKind>,
    /// Roles and groups.
    pub roles: Vec<String>,
    /// Site; may be empty.
    pub site: String,
    /// Ward; may be empty.
    pub ward: String,
    /// The first day; today where it is not said.
    pub starts: Option<Date>,
    /// The last day.
    pub last: Option<Date>,
}

/// The roster in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// People who are there today.
    pub here: u64,
    /// Wards, with how many people are there today: site, ward, people.
    pub wards: Vec<(String, String, u64)>,
    /// Roles, with how many people have each.
    pub roles: Vec<(String, u64)>,
}

/// Something that is or was asked of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What.
    pub duty: Duty,
    /// How it stands.
    pub assignment: Assignment,
}

/// A person with all that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The person.
    pub worker: Worker,
    /// When the row was added.
    pub added: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
    /// The sign-in name of the account with the same address, where there is one.
    pub account: Option<String>,
    /// What is asked, what is open first.
    pub items: Vec<Item>,
    /// Today, as the clock has it.
    pub today: Date,
}

/// A part of the roster, by name.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn list(
    ctx: &Context,
    actor: &Actor,
    looked: &Looked,
    page: &PageRequest,
) -> Result<Page<Worker>, Error> {
    let view = ctx.view(actor, Right::SeeWorkforce).await?;
    let offset = page.skip_counted()?;
    let limit = u32::try_from(page.rows()).unwrap_or(u32::MAX);
    let (found, total) = rows::list(&view, looked, ctx.clock.today(), limit, offset).await?;
    Ok(Page::counted(found.into_iter().map(|row| row.worker).collect(), total, offset))
}

/// The roster in numbers.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn figures(ctx: &Context, actor: &Actor) -> Result<Figures, Error> {
    let view = ctx.view(actor, Right::SeeWorkforce).await?;
    let wards = rows::places(&view, ctx.clock.today()).await?;
    let here = wards.iter().map(|(.., people)| people).sum();
    Ok(Figures { here, wards, roles: rows::roles(&view).await? })
}

pub(super) fn not_found(id: WorkerId) -> Error {
    Error::not_found(format!("person {id}"))
}

/// One person.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`] without the right.
pub async fn get(ctx: &Context, actor: &Actor, id: WorkerId) -> Result<Detail, Error> {
    let view = ctx.view(actor, Right::SeeWorkforce).await?;
    let row = rows::one(&view, id).await?.ok_or_else(|| not_found(id))?;
    let items = items(&view, id).await?;
    let account = match &row.worker.mail {
        Some(mail) => account_with(&view, mail).await?,
        None => None,
    };
    let WorkerRow { worker, added, modified, .. } = row;
    Ok(Detail { worker, added, modified, account, items, today: ctx.clock.today() })
}

/// What is asked of a person, what is open first.
pub(super) async fn items(view: &bedrail_store::View, id: WorkerId) -> Result<Vec<Item>, Error> {
    let all = duties::all(view).await?;
    let assigned = duties::of_worker(view, id).await?;
    let mut items: Vec<Item> = assigned
        .into_iter()
        .filter_map(|assignment| {
            let duty = all.iter().find(|duty| duty.id == assignment.duty)?.clone();
            Some(Item { duty, assignment })
        })
        .collect();
    items.sort_by_key(|item| {
        (item.assignment.stage, std::cmp::Reverse(item.assignment.ended), item.assignment.due)
    });
    Ok(items)
}

async fn account_with(view: &bedrail_store::View, mail: &str) -> Result<Option<String>, Error> {
    const MOST: u32 = 10_000;
    let members = memberships::of_organisation(view, MOST).await?;
    let same = |own: &Option<String>| own.as_ref().is_some_and(|own| own.to_lowercase() == mail);
    Ok(members
        .into_iter()
        .find(|member| same(&member.mail) && member.closed.is_none())
        .map(|member| member.name))
}

/// A person of what was said.
fn made(id: WorkerId, facts: &Facts, today: Date, source: RosterSource) -> Result<Worker, Error> {
    let optional = |what: &str, text: &str| line(what, text).map(|text| (!text.is_empty()).then_some(text));
    let mail = match facts.mail.trim() {
        "" => None,
        given => Some(
            list::mail(given).ok_or_else(|| Error::invalid(format!("“{given}” is no address for mail")))?,
        ),
    };
    let starts = facts.starts.unwrap_or(today);
    if starts < FIRST_DAY {
        return Err(Error::invalid(format!("{starts} is too long ago; days begin with {FIRST_DAY}")));
    }
    if let Some(last) = facts.last.filter(|last| *last < starts) {
        return Err(Error::invalid(format!("the last day {last} lies before the first day {starts}")));
    }
    let roles = list::roles(&facts.roles.join("\n"));
    if roles.len() > MOST_ROLES {
        return Err(Error::invalid(format!("a person has at most {MOST_ROLES} roles and groups")));
    }
    Ok(Worker {
        id,
        name: needed("the name", &facts.name)?,
        user_name: None,
        external: optional("the staff number", &facts.external)?,
        mail,
        kind: facts.kind.unwrap_or(WorkerKind::Staff),
        roles,
        site: line("the site", &facts.site)?,
        ward: line("the ward", &facts.ward)?,
        starts,
        until: facts.last.map(|last| last.saturating_add(1.day())),
        source,
    })
}

/// Refuses a number that is somebody else's.
async fn check_number(change: &Change, worker: &Worker) -> Result<(), Error> {
    if let Some(external) = &worker.external
        && let Some(other) = rows::by_external(change, external).await?
        && other.worker.id != worker.id
    {
        return Err(Error::Conflict { message: format!("the staff number {external} is somebody else's") });
    }
    Ok(())
}

/// Adds a person: what is asked of their roles is asked of them from now on.
///
/// # Errors
/// [`Error::Invalid`] for what cannot be, [`Error::Conflict`] for a number that is taken, [`Error::Denied`] without the right.
pub async fn add(ctx: &Context, actor: &Actor, facts: &Facts) -> Result<WorkerId, Error> {
    let change = ctx.change(actor, Right::KeepWorkforce, "roster.add").await?;
    let worker = made(WorkerId::generate(), facts, today_of(&change), RosterSource::Hand)?;
    check_number(&change, &worker).await?;
    let (id, followed) = (worker.id, keep(&change, &worker, None, false).await?);
    let name = subject(&change, &worker).await?;
    change.commit(&name, &followed.words()).await?;
    Ok(id)
}

/// Keeps a person as they are now and lets what is asked of them follow.
pub(super) async fn keep(
    change: &Change,
    worker: &Worker,
    before: Option<&Worker>,
    gone: bool,
) -> Result<Followed, Error> {
    rows::put(change, &[(worker.clone(), gone)]).await?;
    let left = worker.has_left(today_of(change));
    let other_mail = before.is_some_and(|before| before.mail != worker.mail);
    if left || other_mail {
        links::end(change, worker.id).await?;
    }
    let place = before.map(|before| (before.site.as_str(), before.ward.as_str()));
    super::follow_one(change, worker, place).await
}

/// Changes a person: who has another role is asked for what it asks, and for nothing that only the old one asked.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] for what cannot be, [`Error::Conflict`] for a number that is taken.
pub async fn set(ctx: &Context, actor: &Actor, id: WorkerId, facts: &Facts) -> Result<Followed, Error> {
    let change = ctx.change(actor, Right::KeepWorkforce, "roster.change").await?;
    let before = rows::one(&change, id).await?.ok_or_else(|| not_found(id))?.worker;
    let facts = Facts { starts: facts.starts.or(Some(before.starts)), ..facts.clone() };
    let made = made(id, &facts, today_of(&change), RosterSource::Hand)?;
    let worker = Worker { user_name: before.user_name.clone(), ..made };
    check_number(&change, &worker).await?;
    let followed = keep(&change, &worker, Some(&before), false).await?;
    let name = subject(&change, &worker).await?;
    let detail = format!("{}; {}", differences(&before, &worker).join(", "), followed.words());
    change.commit(&name, &detail).await?;
    Ok(followed)
}

/// Notes that a person leaves: the last day, today or before or ahead. What is open is closed on the day after.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] for a day before the first one.
pub async fn leave(ctx: &Context, actor: &Actor, id: WorkerId, last: Date) -> Result<Followed, Error> {
    let change = ctx.change(actor, Right::KeepWorkforce, "roster.leave").await?;
    let before = rows::one(&change, id).await?.ok_or_else(|| not_found(id))?.worker;
    if last < before.starts {
        return Err(Error::invalid(format!(
            "the last day {last} lies before the first day {}",
            before.starts
        )));
    }
    let worker = Worker { until: Some(last.saturating_add(1.day())), ..before.clone() };
    let followed = keep(&change, &worker, Some(&before), false).await?;
    let name = subject(&change, &worker).await?;
    change.commit(&name, &format!("last day {last}; {}", followed.words())).await?;
    Ok(followed)
}

/// What differs between two rows of a person, in words that name nobody.
pub(super) fn differences(before: &Worker, now: &Worker) -> Vec<&'static str> {
    let rows = [
        ("name", before.name != now.name),
        ("mail", before.mail != now.mail),
        ("staff number", before.external != now.external),
        ("directory name", before.user_name != now.user_name),
        ("kind", before.kind != now.kind),
        ("roles", before.roles != now.roles),
        ("site", before.site != now.site),
        ("ward", before.ward != now.ward),
        ("first day", before.starts != now.starts),
        ("last day", before.until != now.until),
    ];
    rows.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
