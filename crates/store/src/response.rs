//! The plan for incidents. Nothing is edited: the newest row of a kind, a name and a place counts.

use bedrail_model::ids::ActionId;
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::QueryResult;

use crate::sql::{code, get, micros, time, values};
use crate::{Change, Error, View};

/// A row of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// `contact`, `downtime`, `disconnect`, `exercise`.
    pub kind: String,
    /// The role, the ward, what is disconnected, the exercise.
    pub name: String,
    /// Where it holds; empty for everywhere.
    pub place: String,
    /// Its place in the order, the least first.
    pub rank: u64,
    /// Who.
    pub person: String,
    /// How they are reached.
    pub reach: String,
    /// Steps, conditions, notes: one on a line.
    pub body: String,
    /// What follows from an exercise, one on a line.
    pub follow_ups: String,
    /// The day of an exercise.
    pub day: Option<Date>,
    /// Whether it ends what was said before.
    pub withdrawn: bool,
    /// When it was said.
    pub at: Timestamp,
    /// By whom.
    pub author: String,
}

/// A line of what follows from an exercise, and the action that carries it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUpRow {
    /// The action.
    pub action: ActionId,
    /// The exercise, by its name.
    pub exercise: String,
    /// Its place.
    pub place: String,
    /// The line.
    pub what: String,
}

const ALL: &str =
    "SELECT kind, name, place, rank, person, reach, body, follow_ups, day, withdrawn, at, author
    FROM response_entry WHERE org_id = $1 ORDER BY number";
const INSERT: &str = "INSERT INTO response_entry (org_id, number, kind, name, place, rank, person, reach, body, follow_ups, day,
        withdrawn, at, author)
    SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
    FROM response_entry WHERE org_id = $1";
const FOLLOW_UPS: &str = "SELECT action_id, exercise, place, what FROM exercise_follow_up
    WHERE org_id = $1 ORDER BY action_id";
const INSERT_FOLLOW_UP: &str =
    "INSERT INTO exercise_follow_up (org_id, action_id, exercise, place, what) VALUES ($1, $2, $3, $4, $5)";
pub(crate) const STATEMENTS: &[&str] = &[ALL, INSERT, FOLLOW_UPS, INSERT_FOLLOW_UP];

/// All rows, in the order in which they were said.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<EntryRow>, Error> {
    let read = |row: &QueryResult| {
        let day = get::<Option<String>>(row, 8)?;
        Ok(EntryRow {
            kind: get(row, 0)?,
            name: get(row, 1)?,
            place: get(row, 2)?,
            rank: u64::try_from(get::<i64>(row, 3)?).unwrap_or_default(),
            person: get(row, 4)?,
            reach: get(row, 5)?,
            body: get(row, 6)?,
            follow_ups: get(row, 7)?,
            day: day.map(|day| code("response_entry.day", &day, |day| day.parse().ok())).transpose()?,
            withdrawn: get::<i64>(row, 9)? != 0,
            at: time(get(row, 10)?)?,
            author: get(row, 11)?,
        })
    };
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Keeps a row.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, row: &EntryRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        row.kind.as_str(),
        row.name.as_str(),
        row.place.as_str(),
        i64::try_from(row.rank).unwrap_or(i64::MAX),
        row.person.as_str(),
        row.reach.as_str(),
        row.body.as_str(),
        row.follow_ups.as_str(),
        row.day.map(|day| day.to_string()),
        i64::from(row.withdrawn),
        micros(row.at),
        row.author.as_str()
    ];
    change.execute(INSERT, values).await?;
    Ok(())
}

/// Lines of exercises that are actions.
///
/// # Errors
/// When the database cannot be used.
pub async fn follow_ups(view: &View) -> Result<Vec<FollowUpRow>, Error> {
    let read = |row: &QueryResult| {
        Ok(FollowUpRow {
            action: ActionId::from_uuid(get(row, 0)?),
            exercise: get(row, 1)?,
            place: get(row, 2)?,
            what: get(row, 3)?,
        })
    };
    view.all(FOLLOW_UPS, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Keeps which action carries a line out.
///
/// # Errors
/// When the database refuses.
pub async fn add_follow_up(change: &Change, row: &FollowUpRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        row.action.uuid(),
        row.exercise.as_str(),
        row.place.as_str(),
        row.what.as_str()
    ];
    change.execute(INSERT_FOLLOW_UP, values).await?;
    Ok(())
}
