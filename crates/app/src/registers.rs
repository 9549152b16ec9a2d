//! The registers of the Privacy Rule: requests of individuals, complaints, sanctions, the notice, minimum necessary. What each
//! records and its clock stands in `bedrail_comply::register`.
//!
//! Most entries name a patient or a colleague. Lists show numbers and days alone; whoever opens an entry is noted in the audit log
//! first; no notice, log line or audit entry has a name.

use std::collections::BTreeMap;

use bedrail_comply::agreement::reminder;
pub use bedrail_comply::register::{Clock, Field, Kind};
use bedrail_model::ids::RegisterEntryId;
pub use bedrail_store::registers::{ClosedRow, EntryRow};
use bedrail_store::{Change, View, registers as rows};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::notices::{self, Pace, Tidings};
use crate::rights::Right;
use crate::typed::{choice, needed_line, needed_text, text};
use crate::{Actor, Context, Error, audit};

pub use bedrail_comply::register::KINDS;

/// Entries of one register at most.
const MOST: usize = 20_000;
/// No request reaches further back.
const EARLIEST: Date = jiff::civil::date(1996, 8, 21);

/// An entry is due.
pub(crate) const NOTICE: notices::Kind = notices::Kind {
    code: "register",
    words: "a request or a complaint is to be answered",
    right: Right::KeepRegisters,
    pace: Pace::Daily,
};

/// An entry in a list: whom it is about is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryLine {
    /// Id.
    pub id: RegisterEntryId,
    /// Its register.
    pub kind: &'static Kind,
    /// Counted by register.
    pub number: u64,
    /// The version or the role, where the entry is about no person.
    pub about: Option<String>,
    /// The day of receipt.
    pub received: Date,
    /// The last day in time, inclusive; nothing where no clock runs any more.
    pub due: Option<Date>,
    /// Days left; below zero past it.
    pub left: Option<i64>,
    /// Whether it was extended.
    pub extended: bool,
    /// The words of its outcome.
    pub outcome: Option<&'static str>,
    /// The day of its end.
    pub closed: Option<Date>,
}

/// A register in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterLine {
    /// Which.
    pub kind: &'static Kind,
    /// Open entries, and of these those that are late.
    pub open: u64,
    /// Late.
    pub late: u64,
    /// All entries.
    pub entries: u64,
    /// When somebody last looked at the whole, and who.
    pub reviewed: Option<(Timestamp, String)>,
}

/// An entry with all that it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryDetail {
    /// As in the list.
    pub line: EntryLine,
    /// Whom or what it is about.
    pub about: String,
    /// What it says, by field.
    pub values: BTreeMap<String, String>,
    /// The row.
    pub row: EntryRow,
    /// The last day to which it may be extended today; nothing where it may not.
    pub may_extend_to: Option<Date>,
}

/// A new entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewEntry {
    /// The code of the register.
    pub kind: String,
    /// Whom or what it is about.
    pub about: String,
    /// The day of receipt; today where it is not said.
    pub received: Option<Date>,
    /// What it says, by field.
    pub values: BTreeMap<String, String>,
}

fn missing(id: RegisterEntryId) -> Error {
    Error::not_found(format!("entry {id}"))
}

fn kind_of(code: &str) -> Result<&'static Kind, Error> {
    Kind::of(code).ok_or_else(|| Error::not_found(format!("register {}", code.escape_debug())))
}

/// What the audit log calls an entry.
fn name_of(kind: &Kind, number: u64) -> String {
    format!("{} {number}", kind.code)
}

fn line(row: &EntryRow, today: Date) -> Option<EntryLine> {
    let kind = Kind::of(&row.kind)?;
    let open = row.closed.is_none();
    let due = kind.due(row.received, row.extended.is_some()).filter(|_| open);
    Some(EntryLine {
        id: row.id,
        kind,
        number: row.number,
        about: (!kind.person).then(|| row.about.clone()),
        received: row.received,
        due,
        left: due.map(|day| i64::from((day - today).get_days())),
        extended: row.extended.is_some(),
        outcome: row.closed.as_ref().and_then(|it| kind.outcome(&it.outcome)),
        closed: row.closed.as_ref().map(|it| it.on),
    })
}

/// All entries as lists show them, without a right: for what computes.
pub(crate) async fn lines(view: &View, today: Date) -> Result<Vec<EntryLine>, Error> {
    Ok(rows::all(view).await?.iter().filter_map(|row| line(row, today)).collect())
}

/// When somebody last looked at each register, and who.
pub(crate) async fn reviews(view: &View) -> Result<BTreeMap<String, (Timestamp, String)>, Error> {
    let mut newest = BTreeMap::new();
    for (kind, at, who, _) in rows::reviews(view).await? {
        newest.entry(kind).or_insert((at, who));
    }
    Ok(newest)
}

/// All registers.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn list(ctx: &Context, actor: &Actor) -> Result<Vec<RegisterLine>, Error> {
    let view = ctx.view(actor, Right::KeepRegisters).await?;
    let lines = lines(&view, ctx.clock.today()).await?;
    let reviewed = reviews(&view).await?;
    let register = |kind: &'static Kind| {
        let of = || lines.iter().filter(move |line| line.kind.code == kind.code);
        RegisterLine {
            kind,
            open: of().filter(|line| line.closed.is_none()).count() as u64,
            late: of().filter(|line| line.left.is_some_and(|left| left < 0)).count() as u64,
            entries: of().count() as u64,
            reviewed: reviewed.get(kind.code).cloned(),
        }
    };
    Ok(KINDS.iter().map(register).collect())
}

/// One register with its entries: those that wait first, by their last day.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn of_kind(
    ctx: &Context,
    actor: &Actor,
    code: &str,
) -> Result<(RegisterLine, Vec<EntryLine>), Error> {
    let kind = kind_of(code)?;
    let register = list(ctx, actor).await?.into_iter().find(|line| line.kind.code == kind.code);
    let register = register.ok_or_else(|| Error::not_found("the register"))?;
    let view = ctx.view(actor, Right::KeepRegisters).await?;
    let mut entries = lines(&view, ctx.clock.today()).await?;
    entries.retain(|line| line.kind.code == kind.code);
    entries.sort_by_key(|line| (line.closed.is_some(), line.due, std::cmp::Reverse(line.number)));
    Ok((register, entries))
}

async fn one(view: &View, id: RegisterEntryId) -> Result<(EntryRow, &'static Kind), Error> {
    let row = rows::all(view).await?.into_iter().find(|row| row.id == id).ok_or_else(|| missing(id))?;
    let kind = Kind::of(&row.kind).ok_or_else(|| missing(id))?;
    Ok((row, kind))
}

/// One entry with whom it is about. That somebody reads it is noted first.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn get(ctx: &Context, actor: &Actor, id: RegisterEntryId) -> Result<EntryDetail, Error> {
    let view = ctx.view(actor, Right::KeepRegisters).await?;
    let (row, kind) = one(&view, id).await?;
    let values = rows::values_of(&view, id).await?;
    drop(view);
    if kind.person {
        let subject = name_of(kind, row.number);
        audit::note(ctx, actor, Right::KeepRegisters, "register.read", &subject, "the entry was shown")
            .await?;
    }
    let today = ctx.clock.today();
    let may = kind.extend(row.received, row.extended.is_some(), today).ok();
    Ok(EntryDetail {
        line: line(&row, today).ok_or_else(|| missing(id))?,
        about: row.about.clone(),
        values,
        may_extend_to: may.filter(|_| row.closed.is_none()),
        row,
    })
}

/// Writes an entry down.
///
/// # Errors
/// [`Error::NotFound`] for no such register, [`Error::Invalid`] for a field that is missing or unknown, for a day that cannot be.
pub async fn add(ctx: &Context, actor: &Actor, new: &NewEntry) -> Result<RegisterEntryId, Error> {
    actor.need(Right::KeepRegisters)?;
    let kind = kind_of(&new.kind)?;
    let about = needed_line(&kind.about.to_lowercase(), &new.about)?;
    let today = ctx.clock.today();
    let received = new.received.unwrap_or(today);
    let ahead = received > today && !matches!(kind.clock, Clock::Review(_));
    if ahead || received < EARLIEST {
        return Err(Error::invalid(format!("{received} cannot be the day of receipt")));
    }
    if let Some(odd) =
        new.values.keys().find(|code| kind.fields.iter().all(|field| field.code != code.as_str()))
    {
        return Err(Error::Invalid {
            message: format!("there is no field {}", odd.escape_debug()),
            hint: Some(kind.fields.iter().map(|field| field.code).collect::<Vec<_>>().join(", ")),
        });
    }
    let mut values = Vec::new();
    for field in kind.fields {
        let given = new.values.get(field.code).map_or("", String::as_str);
        let name = field.name.to_lowercase();
        let value = if field.needed { needed_text(&name, given)? } else { text(&name, given)? };
        if !value.is_empty() {
            values.push((field.code, value));
        }
    }
    let change = ctx.change(actor, Right::KeepRegisters, "register.add").await?;
    let number = rows::next_number(&change, kind.code).await?;
    if number > MOST as u64 {
        return Err(Error::invalid(format!("a register has at most {MOST} entries")));
    }
    let id = RegisterEntryId::generate();
    let row = EntryRow {
        id,
        kind: kind.code.to_owned(),
        number,
        about,
        received,
        extended: None,
        closed: None,
        added: change.at(),
        added_by: change.actor().to_owned(),
    };
    rows::add(&change, &row).await?;
    for (field, value) in values {
        rows::put_value(&change, id, field, &value).await?;
    }
    change.commit(&name_of(kind, number), &format!("received {received}")).await?;
    Ok(id)
}

/// Extends an entry once, with the reason that the person was written, today.
///
/// # Errors
/// [`Error::Conflict`] where it may not be extended or is closed, [`Error::Invalid`] without a reason.
pub async fn extend(ctx: &Context, actor: &Actor, id: RegisterEntryId, why: &str) -> Result<Date, Error> {
    let why = needed_text("the reason that the person was written", why)?;
    let change = ctx.change(actor, Right::KeepRegisters, "register.extend").await?;
    let (row, kind) = one(&change, id).await?;
    let today = ctx.clock.today();
    let due = kind.extend(row.received, row.extended.is_some(), today);
    let due = due.map_err(|refused| Error::Conflict { message: refused.to_string() })?;
    if !rows::extend(&change, id, today, &why).await? {
        return Err(Error::Conflict { message: "it is closed".into() });
    }
    change.commit(&name_of(kind, row.number), &format!("extended to {due}")).await?;
    Ok(due)
}

/// Closes an entry with its outcome.
///
/// # Errors
/// [`Error::Conflict`] when it is closed, [`Error::Invalid`] for an outcome that the register has not, or without a reason.
pub async fn close(
    ctx: &Context,
    actor: &Actor,
    id: RegisterEntryId,
    outcome: &str,
    why: &str,
) -> Result<(), Error> {
    let why = needed_text("what was done", why)?;
    let change = ctx.change(actor, Right::KeepRegisters, "register.close").await?;
    let (row, kind) = one(&change, id).await?;
    let codes: Vec<&str> = kind.outcomes.iter().map(|(code, _)| *code).collect();
    let outcome = choice("the outcome", outcome, &codes, "")?;
    if outcome.is_empty() {
        return Err(Error::invalid("the outcome is missing"));
    }
    if !rows::close(&change, id, ctx.clock.today(), &outcome, &why).await? {
        return Err(Error::Conflict { message: "it is closed already".into() });
    }
    Ok(change.commit(&name_of(kind, row.number), &outcome).await?)
}

/// Notes that somebody looked at a whole register, empty or not.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] for a remark that is too long.
pub async fn review(ctx: &Context, actor: &Actor, code: &str, note: &str) -> Result<(), Error> {
    let kind = kind_of(code)?;
    let note = text("the remark", note)?;
    let change = ctx.change(actor, Right::KeepRegisters, "register.review").await?;
    rows::review(&change, kind.code, &note).await?;
    Ok(change.commit(kind.code, "the whole register was looked at").await?)
}

/// Tells of entries that are due: by register and number, never by name.
pub(crate) async fn remind(change: &Change, today: Date) -> Result<(), Error> {
    for entry in lines(change, today).await? {
        let Some(due) = entry.due else { continue };
        let Some(step) = reminder(due, today).filter(|step| *step <= 7) else { continue };
        let title = format!("{}: number {} is due {due}", entry.kind.name, entry.number);
        let unique = format!("{} {due} {step}", entry.id);
        let link = format!("/registers/{}/{}", entry.kind.code, entry.id);
        let detail = entry.kind.citation;
        notices::tell(change, &NOTICE, &Tidings { title: &title, detail, link: &link, unique: &unique })
            .await?;
    }
    Ok(())
}
