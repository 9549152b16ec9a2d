//! The registers that the Privacy Rule asks for: entries, their values, and that somebody looked at a whole register.

use std::collections::BTreeMap;

use bedrail_model::ids::RegisterEntryId;
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::QueryResult;

use crate::sql::{code, get, micros, time, values};
use crate::{Change, Error, View};

/// How an entry ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedRow {
    /// The day.
    pub on: Date,
    /// The code of the outcome.
    pub outcome: String,
    /// Why.
    pub why: String,
    /// Who wrote it down.
    pub by: String,
}

/// An entry, without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Id.
    pub id: RegisterEntryId,
    /// The code of its register.
    pub kind: String,
    /// Counted by register.
    pub number: u64,
    /// Whom or what it is about; of most registers a person's name.
    pub about: String,
    /// The day of receipt.
    pub received: Date,
    /// The day and the reason of the extension.
    pub extended: Option<(Date, String)>,
    /// Its end.
    pub closed: Option<ClosedRow>,
    /// When it was written down.
    pub added: Timestamp,
    /// By whom.
    pub added_by: String,
}

const ALL: &str =
    "SELECT id, kind, number, about, received, extended, extended_for, closed, outcome, closed_for,
        closed_by, added, added_by
    FROM register_entry WHERE org_id = $1 ORDER BY kind, number DESC";
const NEXT: &str = "SELECT COALESCE(MAX(number), 0) + 1 FROM register_entry WHERE org_id = $1 AND kind = $2";
const INSERT: &str =
    "INSERT INTO register_entry (org_id, changed, id, kind, number, about, received, added, added_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const EXTEND: &str = "UPDATE register_entry SET extended = $3, extended_for = $4, changed = $5
    WHERE org_id = $1 AND id = $2 AND extended IS NULL AND closed IS NULL";
const CLOSE: &str =
    "UPDATE register_entry SET closed = $3, outcome = $4, closed_for = $5, closed_by = $6, changed = $7
    WHERE org_id = $1 AND id = $2 AND closed IS NULL";
const VALUES: &str =
    "SELECT field, value FROM register_value WHERE org_id = $1 AND entry_id = $2 ORDER BY field";
const PUT_VALUE: &str = "INSERT INTO register_value (org_id, entry_id, field, value) VALUES ($1, $2, $3, $4)
    ON CONFLICT (org_id, entry_id, field) DO UPDATE SET value = excluded.value";
const REVIEWS: &str =
    "SELECT kind, at, reviewer, note FROM register_review WHERE org_id = $1 ORDER BY at DESC";
const REVIEW: &str = "INSERT INTO register_review (org_id, kind, at, reviewer, note)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
pub(crate) const STATEMENTS: &[&str] =
    &[ALL, NEXT, INSERT, EXTEND, CLOSE, VALUES, PUT_VALUE, REVIEWS, REVIEW];

fn day(row: &QueryResult, index: usize) -> Result<Option<Date>, Error> {
    let text: Option<String> = get(row, index)?;
    text.map(|text| code("a day of a register", &text, |text| text.parse().ok())).transpose()
}

/// All entries, by register, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<EntryRow>, Error> {
    let read = |row: &QueryResult| {
        let word = |index| Ok::<String, Error>(get::<Option<String>>(row, index)?.unwrap_or_default());
        let received: String = get(row, 4)?;
        let extended = match day(row, 5)? {
            None => None,
            Some(on) => Some((on, word(6)?)),
        };
        let closed = match day(row, 7)? {
            None => None,
            Some(on) => Some(ClosedRow { on, outcome: word(8)?, why: word(9)?, by: word(10)? }),
        };
        Ok(EntryRow {
            id: RegisterEntryId::from_uuid(get(row, 0)?),
            kind: get(row, 1)?,
            number: get::<i64>(row, 2)?.unsigned_abs(),
            about: get(row, 3)?,
            received: code("a day of a register", &received, |text| text.parse().ok())?,
            extended,
            closed,
            added: time(get(row, 11)?)?,
            added_by: get(row, 12)?,
        })
    };
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// The number that the next entry of a register gets.
///
/// # Errors
/// When the database cannot be used.
pub async fn next_number(view: &View, kind: &str) -> Result<u64, Error> {
    let row = view.one(NEXT, values![view.org().uuid(), kind]).await?;
    row.map_or(Ok(1), |row| Ok(get::<i64>(&row, 0)?.unsigned_abs()))
}

/// Keeps a new entry.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, row: &EntryRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        row.id.uuid(),
        row.kind.as_str(),
        i64::try_from(row.number).unwrap_or(i64::MAX),
        row.about.as_str(),
        row.received.to_string(),
        micros(row.added),
        row.added_by.as_str()
    ];
    change.execute(INSERT, values).await?;
    Ok(())
}

/// Extends an open entry; false where it was extended or is closed.
///
/// # Errors
/// When the database refuses.
pub async fn extend(change: &Change, id: RegisterEntryId, on: Date, why: &str) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), on.to_string(), why, change.number];
    Ok(change.execute(EXTEND, values).await? > 0)
}

/// Closes an open entry; false where it is closed.
///
/// # Errors
/// When the database refuses.
pub async fn close(
    change: &Change,
    id: RegisterEntryId,
    on: Date,
    outcome: &str,
    why: &str,
) -> Result<bool, Error> {
    let (org, id) = (change.org().uuid(), id.uuid());
    let values = values![org, id, on.to_string(), outcome, why, change.actor(), change.number];
    Ok(change.execute(CLOSE, values).await? > 0)
}

/// What an entry says, by field.
///
/// # Errors
/// When the database cannot be used.
pub async fn values_of(view: &View, id: RegisterEntryId) -> Result<BTreeMap<String, String>, Error> {
    let rows = view.all(VALUES, values![view.org().uuid(), id.uuid()]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

/// Puts what an entry says in a field.
///
/// # Errors
/// When the database refuses.
pub async fn put_value(change: &Change, id: RegisterEntryId, field: &str, value: &str) -> Result<(), Error> {
    change.execute(PUT_VALUE, values![change.org().uuid(), id.uuid(), field, value]).await?;
    Ok(())
}

/// Looks at whole registers, the newest first: register, when, who, note.
///
/// # Errors
/// When the database cannot be used.
pub async fn reviews(view: &View) -> Result<Vec<(String, Timestamp, String, String)>, Error> {
    let rows = view.all(REVIEWS, values![view.org().uuid()]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, time(get(row, 1)?)?, get(row, 2)?, get(row, 3)?))).collect()
}

/// Notes that somebody looked at a whole register.
///
/// # Errors
/// When the database refuses.
pub async fn review(change: &Change, kind: &str, note: &str) -> Result<(), Error> {
    let values = values![change.org().uuid(), kind, micros(change.at()), change.actor(), note];
    change.execute(REVIEW, values).await?;
    Ok(())
}
