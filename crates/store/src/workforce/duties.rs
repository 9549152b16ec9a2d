//! What is asked of people, and how it stands with each.

use std::collections::HashMap;

use bedrail_model::ids::{DocumentId, DutyId, WorkerId};
use bedrail_model::workforce::{Assignment, ClosedFor, Duty, DutyKind, How, Stage, Tally};
use jiff::civil::Date;
use sea_orm::QueryResult;
use uuid::Uuid;

use super::{count, day, some_day, stored};
use crate::sql::{batches, code, get, micros, time, values};
use crate::{Change, Error, View};

macro_rules! duties {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, subject, version, sha256, title, body, days, due, valid_days, opened, opened_by, closed FROM duty ",
            $rest
        )
    };
}
macro_rules! assignments {
    ($rest:literal) => {
        concat!(
            "SELECT a.duty_id, a.worker_id, a.round, a.assigned, a.due, a.stage, a.note, a.ended, a.ended_by, a.how, a.closed_for,
             a.expires, a.sha256, a.answered_right, a.answered_of, a.certificate, a.document_id FROM assignment a ",
            $rest
        )
    };
}

const ALL: &str = duties!("WHERE org_id = $1 ORDER BY title, opened DESC, id");
const ONE: &str = duties!("WHERE org_id = $1 AND id = $2");
const OF_SUBJECT: &str = duties!("WHERE org_id = $1 AND kind = $2 AND subject = $3 ORDER BY opened DESC, id");
const ROLES: &str = "SELECT duty_id, role FROM duty_role WHERE org_id = $1 ORDER BY role";
const ROLES_OF: &str = "SELECT duty_id, role FROM duty_role WHERE org_id = $1 AND duty_id = $2 ORDER BY role";
const INSERT: &str = "INSERT INTO duty (org_id, changed, id, kind, subject, version, sha256, title, body, days, due, valid_days,
    opened, opened_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
const PUT_ROLES: &str = "INSERT INTO duty_role (org_id, duty_id, role) VALUES {rows}";
const DROP_ROLES: &str = "DELETE FROM duty_role WHERE org_id = $1 AND duty_id = $2";
const CLOSE: &str =
    "UPDATE duty SET closed = $3, changed = $4 WHERE org_id = $1 AND id = $2 AND closed IS NULL";
const CLOSE_OPEN: &str = "UPDATE assignment SET stage = 'closed', ended = $3, closed_for = $4
    WHERE org_id = $1 AND duty_id = $2 AND stage = 'open'";
const OF_WORKER: &str = assignments!(
    "WHERE a.org_id = $1 AND a.worker_id = $2 ORDER BY a.due DESC, a.duty_id, a.round DESC LIMIT 1000"
);
const LAST: &str =
    assignments!("WHERE a.org_id = $1 AND a.duty_id = $2 AND a.worker_id = $3 ORDER BY a.round DESC LIMIT 1");
const BY_CERTIFICATE: &str = assignments!("WHERE a.org_id = $1 AND a.certificate = $2");
const DONE: &str =
    "UPDATE assignment SET stage = 'done', ended = $5, ended_by = $6, how = $7, expires = $8, sha256 = $9,
    answered_right = $10, answered_of = $11, certificate = $12, document_id = $13
    WHERE org_id = $1 AND duty_id = $2 AND worker_id = $3 AND round = $4 AND stage = 'open'";
const INSERT_DONE: &str =
    "INSERT INTO assignment (org_id, duty_id, worker_id, round, assigned, due, stage, by_hand, note, ended,
    ended_by, how, expires, sha256, answered_right, answered_of, rung)
    VALUES ($1, $2, $3, $4, $5, $5, 'done', 0, '', $6, $7, $8, $9, $10, $11, $12, 0)";
const TALLIES: &str = "SELECT duty_id, CAST(SUM(asked) AS bigint), CAST(SUM(done) AS bigint), CAST(SUM(late) AS bigint) FROM duty_tally WHERE org_id = $1 GROUP BY duty_id";
const WARDS: &str = "SELECT site, ward, asked, done, late FROM duty_tally WHERE org_id = $1 AND duty_id = $2 ORDER BY site, ward";
const KIND_WARDS: &str = "SELECT t.site, t.ward, CAST(SUM(t.asked) AS bigint), CAST(SUM(t.done) AS bigint), CAST(SUM(t.late) AS bigint)
    FROM duty_tally t
    JOIN duty d ON d.org_id = $1 AND d.id = t.duty_id AND d.closed IS NULL AND d.kind = $2
    WHERE t.org_id = $1 GROUP BY t.site, t.ward ORDER BY t.site, t.ward LIMIT 2000";
/// People by how a duty stands with them, by place and name. It begins at the people, in their order, so that a page is
/// found without sorting all of them: SQLite keeps the order that `CROSS JOIN` is written in.
macro_rules! people {
    ($begin:literal, $place:literal, $rest:literal) => {
        concat!(
            $begin,
            " FROM worker w CROSS JOIN assignment a
            WHERE w.org_id = $1 AND a.org_id = $1 AND a.duty_id = $2 AND a.worker_id = w.id AND a.stage = $3 ",
            $place,
            $rest
        )
    };
}
macro_rules! people_page {
    ($place:literal) => {
        people!(
            "SELECT a.worker_id, w.name, w.mail, w.site, w.ward, a.due, a.ended, a.how, a.round, w.external",
            $place,
            " ORDER BY w.site, w.ward, w.name_key, w.id LIMIT $6 OFFSET $7"
        )
    };
}
const PEOPLE: &str = people_page!("AND ($4 = '' OR w.site = $4) AND ($5 = '' OR w.ward = $5)");
const PEOPLE_AT: &str = people_page!("AND w.site = $4 AND w.ward = $5");
const PEOPLE_COUNT: &str =
    people!("SELECT COUNT(*)", "AND ($4 = '' OR w.site = $4) AND ($5 = '' OR w.ward = $5)", "");
const PEOPLE_COUNT_AT: &str = people!("SELECT COUNT(*)", "AND w.site = $4 AND w.ward = $5", "");
const PEOPLE_COUNT_ALL: &str =
    "SELECT COUNT(*) FROM assignment WHERE org_id = $1 AND duty_id = $2 AND stage = $3";
pub(crate) const STATEMENTS: &[&str] = &[
    ALL,
    ONE,
    OF_SUBJECT,
    ROLES,
    ROLES_OF,
    INSERT,
    DROP_ROLES,
    CLOSE,
    CLOSE_OPEN,
    OF_WORKER,
    LAST,
    BY_CERTIFICATE,
    DONE,
    INSERT_DONE,
    TALLIES,
    WARDS,
    KIND_WARDS,
    PEOPLE,
    PEOPLE_AT,
    PEOPLE_COUNT,
    PEOPLE_COUNT_AT,
    PEOPLE_COUNT_ALL,
];

fn small(row: &QueryResult, index: usize) -> Result<u32, Error> {
    Ok(u32::try_from(get::<i64>(row, index)?).unwrap_or_default())
}

fn read(row: &QueryResult) -> Result<Duty, Error> {
    Ok(Duty {
        id: DutyId::from_uuid(get(row, 0)?),
        kind: code("duty.kind", &get::<String>(row, 1)?, DutyKind::from_code)?,
        subject: get(row, 2)?,
        version: count(row, 3)?,
        sha256: get(row, 4)?,
        title: get(row, 5)?,
        body: get(row, 6)?,
        roles: Vec::new(),
        days: small(row, 7)?,
        due: some_day(row, 8)?,
        valid_days: get::<Option<i64>>(row, 9)?.map(|days| u32::try_from(days).unwrap_or_default()),
        opened: time(get(row, 10)?)?,
        opened_by: get(row, 11)?,
        closed: get::<Option<i64>>(row, 12)?.map(time).transpose()?,
    })
}

fn with_roles(rows: &[QueryResult], roles: &[QueryResult]) -> Result<Vec<Duty>, Error> {
    let mut places: HashMap<Uuid, Vec<String>> = HashMap::new();
    for row in roles {
        places.entry(get(row, 0)?).or_default().push(get(row, 1)?);
    }
    let mut found: Vec<Duty> = rows.iter().map(read).collect::<Result<_, _>>()?;
    for duty in &mut found {
        duty.roles = places.remove(&duty.id.uuid()).unwrap_or_default();
    }
    Ok(found)
}

/// All duties, closed ones too, by title.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<Duty>, Error> {
    let org = values![view.org().uuid()];
    let (rows, roles) = (view.all(ALL, org.clone()).await?, view.all(ROLES, org).await?);
    with_roles(&rows, &roles)
}

/// One duty.
///
/// # Errors
/// When the database cannot be used.
pub async fn one(view: &View, id: DutyId) -> Result<Option<Duty>, Error> {
    let values = values![view.org().uuid(), id.uuid()];
    let (rows, roles) = (view.all(ONE, values.clone()).await?, view.all(ROLES_OF, values).await?);
    Ok(with_roles(&rows, &roles)?.pop())
}

/// The duties of a subject, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_subject(view: &View, kind: DutyKind, subject: &str) -> Result<Vec<Duty>, Error> {
    let rows = view.all(OF_SUBJECT, values![view.org().uuid(), kind.code(), subject]).await?;
    let roles = view.all(ROLES, values![view.org().uuid()]).await?;
    with_roles(&rows, &roles)
}

/// Opens a duty.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, duty: &Duty) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        duty.id.uuid(),
        duty.kind.code(),
        duty.subject.as_str(),
        stored(duty.version),
        duty.sha256.as_str(),
        duty.title.as_str(),
        duty.body.as_str(),
        i64::from(duty.days),
        duty.due.map(|day| day.to_string()),
        duty.valid_days.map(i64::from),
        micros(duty.opened),
        duty.opened_by.as_str()
    ];
    change.execute(INSERT, values).await?;
    set_roles(change, duty.id, &duty.roles).await
}

/// Says which roles a duty is asked of.
///
/// # Errors
/// When the database refuses.
pub async fn set_roles(change: &Change, id: DutyId, roles: &[String]) -> Result<(), Error> {
    change.execute(DROP_ROLES, values![change.org().uuid(), id.uuid()]).await?;
    let row = |role: &String| -> [sea_orm::Value; 3] {
        [change.org().uuid().into(), id.uuid().into(), role.as_str().into()]
    };
    let rows: Vec<_> = roles.iter().map(row).collect();
    change.execute_batches(batches(PUT_ROLES, &[], rows)).await?;
    Ok(())
}

/// Closes a duty, and whatever of it is open, for a reason. False where it was closed.
///
/// # Errors
/// When the database refuses.
pub async fn close(change: &Change, id: DutyId, why: ClosedFor) -> Result<bool, Error> {
    let at = micros(change.at());
    if change.execute(CLOSE, values![change.org().uuid(), id.uuid(), at, change.number]).await? == 0 {
        return Ok(false);
    }
    change.execute(CLOSE_OPEN, values![change.org().uuid(), id.uuid(), at, why.code()]).await?;
    Ok(true)
}

fn assignment(row: &QueryResult) -> Result<Assignment, Error> {
    let how: Option<String> = get(row, 9)?;
    let closed: Option<String> = get(row, 10)?;
    let (right, of): (Option<i64>, Option<i64>) = (get(row, 13)?, get(row, 14)?);
    Ok(Assignment {
        duty: DutyId::from_uuid(get(row, 0)?),
        worker: WorkerId::from_uuid(get(row, 1)?),
        round: count(row, 2)?,
        assigned: day(row, 3)?,
        due: day(row, 4)?,
        stage: code("assignment.stage", &get::<String>(row, 5)?, Stage::from_code)?,
        note: get(row, 6)?,
        ended: get::<Option<i64>>(row, 7)?.map(time).transpose()?,
        ended_by: get(row, 8)?,
        how: how.map(|how| code("assignment.how", &how, How::from_code)).transpose()?,
        closed_for: closed
            .map(|why| code("assignment.closed_for", &why, ClosedFor::from_code))
            .transpose()?,
        expires: some_day(row, 11)?,
        sha256: get(row, 12)?,
        score: right.zip(of).map(|(right, of)| (right.unsigned_abs(), of.unsigned_abs())),
        certificate: get(row, 15)?,
        document: get::<Option<Uuid>>(row, 16)?.map(DocumentId::from_uuid),
    })
}

/// What was asked of a person, what is due last first.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_worker(view: &View, worker: WorkerId) -> Result<Vec<Assignment>, Error> {
    view.all(OF_WORKER, values![view.org().uuid(), worker.uuid()]).await?.iter().map(assignment).collect()
}

/// How a duty stands with a person: the last round.
///
/// # Errors
/// When the database cannot be used.
pub async fn last(view: &View, duty: DutyId, worker: WorkerId) -> Result<Option<Assignment>, Error> {
    let row = view.one(LAST, values![view.org().uuid(), duty.uuid(), worker.uuid()]).await?;
    row.as_ref().map(assignment).transpose()
}

/// What a certificate was given for.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_certificate(view: &View, number: &str) -> Result<Option<Assignment>, Error> {
    let row = view.one(BY_CERTIFICATE, values![view.org().uuid(), number]).await?;
    row.as_ref().map(assignment).transpose()
}

/// Notes that an open assignment is done; false where it is not open any more.
///
/// # Errors
/// When the database refuses.
pub async fn done(change: &Change, done: &Assignment) -> Result<bool, Error> {
    let ended = done.ended.unwrap_or_else(|| change.at());
    let values = values![
        change.org().uuid(),
        done.duty.uuid(),
        done.worker.uuid(),
        stored(done.round),
        micros(ended),
        done.ended_by.clone(),
        done.how.map(How::code),
        done.expires.map(|day| day.to_string()),
        done.sha256.clone(),
        done.score.map(|(right, _)| stored(right)),
        done.score.map(|(_, of)| stored(of)),
        done.certificate.clone(),
        done.document.map(DocumentId::uuid)
    ];
    Ok(change.execute(DONE, values).await? > 0)
}

/// Keeps that somebody has done something of which nothing was open: what a learning system says.
///
/// # Errors
/// When the database refuses.
pub async fn add_done(change: &Change, done: &Assignment) -> Result<(), Error> {
    let ended = done.ended.unwrap_or_else(|| change.at());
    let values = values![
        change.org().uuid(),
        done.duty.uuid(),
        done.worker.uuid(),
        stored(done.round),
        done.assigned.to_string(),
        micros(ended),
        done.ended_by.clone(),
        done.how.map(How::code),
        done.expires.map(|day| day.to_string()),
        done.sha256.clone(),
        done.score.map(|(right, _)| stored(right)),
        done.score.map(|(_, of)| stored(of))
    ];
    change.execute(INSERT_DONE, values).await?;
    Ok(())
}

/// How each duty stood when it was last counted.
///
/// # Errors
/// When the database cannot be used.
pub async fn tallies(view: &View) -> Result<HashMap<DutyId, Tally>, Error> {
    let rows = view.all(TALLIES, values![view.org().uuid()]).await?;
    rows.iter().map(|row| Ok((DutyId::from_uuid(get(row, 0)?), summed(row, 1)?))).collect()
}

fn summed(row: &QueryResult, first: usize) -> Result<Tally, Error> {
    Ok(Tally { asked: count(row, first)?, done: count(row, first + 1)?, late: count(row, first + 2)? })
}

/// How a duty stood in each ward: site, ward, and the numbers.
///
/// # Errors
/// When the database cannot be used.
pub async fn wards(view: &View, duty: DutyId) -> Result<Vec<(String, String, Tally)>, Error> {
    let rows = view.all(WARDS, values![view.org().uuid(), duty.uuid()]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?, summed(row, 2)?))).collect()
}

/// How all open duties of a kind stood together in each ward.
///
/// # Errors
/// When the database cannot be used.
pub async fn wards_of_kind(view: &View, kind: DutyKind) -> Result<Vec<(String, String, Tally)>, Error> {
    let rows = view.all(KIND_WARDS, values![view.org().uuid(), kind.code()]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?, summed(row, 2)?))).collect()
}

/// A person of whom something is asked, in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Who.
    pub worker: WorkerId,
    /// The name.
    pub name: String,
    /// The address for mail.
    pub mail: Option<String>,
    /// The staff number.
    pub external: Option<String>,
    /// Site.
    pub site: String,
    /// Ward.
    pub ward: String,
    /// By when, inclusive.
    pub due: Date,
    /// When it was done or closed.
    pub ended: Option<jiff::Timestamp>,
    /// How it was shown.
    pub how: Option<How>,
    /// The round.
    pub round: u64,
}

/// People with whom a duty stands in a way, at a place or everywhere: so many of them, and how many there are.
///
/// # Errors
/// When the database cannot be used.
pub async fn people(
    view: &View,
    duty: DutyId,
    stage: Stage,
    (site, ward): (&str, &str),
    limit: u32,
    offset: u64,
) -> Result<(Vec<PersonRow>, u64), Error> {
    let duty = values![view.org().uuid(), duty.uuid(), stage.code()];
    let at = [duty.clone(), values![site, ward]].concat();
    let page = [at.clone(), values![i64::from(limit), i64::try_from(offset).unwrap_or(i64::MAX)]].concat();
    let (counting, listing) = match (site, ward) {
        ("", "") => ((PEOPLE_COUNT_ALL, duty), PEOPLE),
        ("", _) | (_, "") => ((PEOPLE_COUNT, at), PEOPLE),
        _ => ((PEOPLE_COUNT_AT, at), PEOPLE_AT),
    };
    let total = view.one(counting.0, counting.1).await?.map_or(Ok(0), |row| count(&row, 0))?;
    let rows = view.all(listing, page).await?;
    let read = |row: &QueryResult| {
        let how: Option<String> = get(row, 7)?;
        Ok(PersonRow {
            worker: WorkerId::from_uuid(get(row, 0)?),
            name: get(row, 1)?,
            mail: get(row, 2)?,
            site: get(row, 3)?,
            ward: get(row, 4)?,
            due: day(row, 5)?,
            ended: get::<Option<i64>>(row, 6)?.map(time).transpose()?,
            how: how.map(|how| code("assignment.how", &how, How::from_code)).transpose()?,
            round: count(row, 8)?,
            external: get(row, 9)?,
        })
    };
    Ok((rows.iter().map(read).collect::<Result<_, Error>>()?, total))
}
