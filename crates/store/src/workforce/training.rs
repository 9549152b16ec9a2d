//! Attempts at quizzes.

use bedrail_model::ids::{AttemptId, DutyId, WorkerId};
use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, View};

/// An attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    /// Id.
    pub id: AttemptId,
    /// At which duty.
    pub duty: DutyId,
    /// Whose.
    pub worker: WorkerId,
    /// The code of the course.
    pub course: String,
    /// SHA-256 of the course as it was asked.
    pub sha256: String,
    /// What decides the order.
    pub seed: u64,
    /// When it was begun.
    pub begun: Timestamp,
    /// Until when it is taken, exclusive.
    pub ends: Timestamp,
    /// When it was answered, with right answers, questions, and whether that was enough.
    pub answered: Option<(Timestamp, u64, u64, bool)>,
    /// What was chosen, as JSON: places in the course.
    pub chosen: Option<String>,
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, duty_id, worker_id, course, sha256, seed, begun, ends, answered, answered_right, answered_of, passed, chosen
             FROM attempt ",
            $rest
        )
    };
}

const ONE: &str = columns!("WHERE org_id = $1 AND id = $2");
const OF_WORKER: &str =
    columns!("WHERE org_id = $1 AND worker_id = $2 AND duty_id = $3 ORDER BY begun DESC LIMIT 50");
const ADD: &str = "INSERT INTO attempt (org_id, id, duty_id, worker_id, course, sha256, seed, begun, ends)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const ANSWER: &str =
    "UPDATE attempt SET answered = $3, chosen = $4, answered_right = $5, answered_of = $6, passed = $7
    WHERE org_id = $1 AND id = $2 AND answered IS NULL AND ends > $3";
pub(crate) const STATEMENTS: &[&str] = &[ONE, OF_WORKER, ADD, ANSWER];

fn read(row: &QueryResult) -> Result<AttemptRow, Error> {
    let seed: Vec<u8> = get(row, 5)?;
    let seed = <[u8; 8]>::try_from(seed.as_slice())
        .map_err(|_| Error::Corrupt { column: "attempt.seed", value: format!("{} bytes", seed.len()) })?;
    let answered = match get::<Option<i64>>(row, 8)? {
        None => None,
        Some(at) => Some((
            time(at)?,
            get::<Option<i64>>(row, 9)?.unwrap_or_default().unsigned_abs(),
            get::<Option<i64>>(row, 10)?.unwrap_or_default().unsigned_abs(),
            get::<Option<i64>>(row, 11)? == Some(1),
        )),
    };
    Ok(AttemptRow {
        id: AttemptId::from_uuid(get(row, 0)?),
        duty: DutyId::from_uuid(get(row, 1)?),
        worker: WorkerId::from_uuid(get(row, 2)?),
        course: get(row, 3)?,
        sha256: get(row, 4)?,
        seed: u64::from_be_bytes(seed),
        begun: time(get(row, 6)?)?,
        ends: time(get(row, 7)?)?,
        answered,
        chosen: get(row, 12)?,
    })
}

/// One attempt.
///
/// # Errors
/// When the database cannot be used.
pub async fn one(view: &View, id: AttemptId) -> Result<Option<AttemptRow>, Error> {
    view.one(ONE, values![view.org().uuid(), id.uuid()]).await?.as_ref().map(read).transpose()
}

/// The attempts of a person at a duty, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_worker(view: &View, worker: WorkerId, duty: DutyId) -> Result<Vec<AttemptRow>, Error> {
    let rows = view.all(OF_WORKER, values![view.org().uuid(), worker.uuid(), duty.uuid()]).await?;
    rows.iter().map(read).collect()
}

/// Begins an attempt.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, attempt: &AttemptRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        attempt.id.uuid(),
        attempt.duty.uuid(),
        attempt.worker.uuid(),
        attempt.course.as_str(),
        attempt.sha256.as_str(),
        attempt.seed.to_be_bytes().to_vec(),
        micros(attempt.begun),
        micros(attempt.ends)
    ];
    change.execute(ADD, values).await?;
    Ok(())
}

/// Notes what was answered, once and in time; false otherwise.
///
/// # Errors
/// When the database refuses.
pub async fn answer(
    change: &Change,
    id: AttemptId,
    chosen: &str,
    (right, of): (u64, u64),
    passed: bool,
) -> Result<bool, Error> {
    let values = values![
        change.org().uuid(),
        id.uuid(),
        micros(change.at()),
        chosen,
        super::stored(right),
        super::stored(of),
        i64::from(passed)
    ];
    Ok(change.execute(ANSWER, values).await? > 0)
}
