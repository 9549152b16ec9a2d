//! What follows from the roster: assignments for who joined or moved, closed ones for who left, tallies, reminders. Each is one
//! statement for all people, or for all people and one duty.

use bedrail_model::ids::{AccountId, DutyId, WorkerId};
use bedrail_model::workforce::{DutyKind, Tally};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{count, day, stored};
use crate::sql::{batches, code, get, micros, time, values};
use crate::{Change, Error, View};

/// Of whom: of everybody, or of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Of everybody.
    All,
    /// Of one person.
    One(WorkerId),
}

macro_rules! left {
    ($rest:literal) => {
        concat!(
            "UPDATE assignment SET stage = 'closed', ended = $3, closed_for = 'left' WHERE org_id = $1 AND stage = 'open'
            AND worker_id IN (SELECT w.id FROM worker w WHERE w.org_id = $1 AND w.until IS NOT NULL AND w.until <= $2) ",
            $rest
        )
    };
}
macro_rules! moved {
    ($rest:literal) => {
        concat!(
            "UPDATE assignment SET stage = 'closed', ended = $2, closed_for = 'moved'
            WHERE org_id = $1 AND stage = 'open' AND by_hand = 0 AND NOT EXISTS (
                SELECT 1 FROM duty_role r WHERE r.org_id = $1 AND r.duty_id = assignment.duty_id AND (r.role = '*' OR EXISTS (
                    SELECT 1 FROM worker_role x WHERE x.org_id = $1 AND x.worker_id = assignment.worker_id AND x.role = r.role))) ",
            $rest
        )
    };
}
const ASSIGN: &str = "INSERT INTO assignment (org_id, duty_id, worker_id, round, assigned, due, stage, by_hand, note, rung)
    SELECT w.org_id, d.id, w.id,
        COALESCE((SELECT MAX(a.round) FROM assignment a WHERE a.org_id = $1 AND a.duty_id = $2 AND a.worker_id = w.id), 0) + 1,
        $3, $4, 'open', 0, '', 0
    FROM duty d JOIN worker w ON w.org_id = d.org_id
    WHERE d.org_id = $1 AND d.id = $2 AND d.closed IS NULL AND w.starts <= $3 AND (w.until IS NULL OR w.until > $3)
        AND EXISTS (SELECT 1 FROM duty_role r WHERE r.org_id = $1 AND r.duty_id = $2 AND (r.role = '*' OR EXISTS (
            SELECT 1 FROM worker_role x WHERE x.org_id = $1 AND x.worker_id = w.id AND x.role = r.role)))
        AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.org_id = $1 AND a.duty_id = $2 AND a.worker_id = w.id
            AND (a.stage = 'open' OR (a.stage = 'done' AND (a.expires IS NULL OR a.expires > $5))))";
const ASSIGN_THESE: &str =
    "INSERT INTO assignment (org_id, duty_id, worker_id, round, assigned, due, stage, by_hand, note, rung)
    VALUES {rows}";
const LEFT: &str = left!("");
const LEFT_ONE: &str = left!("AND worker_id = $4");
const MOVED: &str = moved!("");
const MOVED_ONE: &str = moved!("AND worker_id = $3");
/// Again, for whoever is at a place or has a role, whatever they have done: after an incident.
const AGAIN: &str = "INSERT INTO assignment (org_id, duty_id, worker_id, round, assigned, due, stage, by_hand, note, rung)
    SELECT w.org_id, d.id, w.id,
        COALESCE((SELECT MAX(a.round) FROM assignment a WHERE a.org_id = $1 AND a.duty_id = $2 AND a.worker_id = w.id), 0) + 1,
        $3, $4, 'open', 1, $5, 0
    FROM duty d JOIN worker w ON w.org_id = d.org_id
    WHERE d.org_id = $1 AND d.id = $2 AND d.closed IS NULL AND w.starts <= $3 AND (w.until IS NULL OR w.until > $3)
        AND ($6 = '' OR w.site = $6) AND ($7 = '' OR w.ward = $7)
        AND ($8 = '' OR EXISTS (SELECT 1 FROM worker_role x WHERE x.org_id = $1 AND x.worker_id = w.id AND x.role = $8))
        AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.org_id = $1 AND a.duty_id = $2 AND a.worker_id = w.id
            AND a.stage = 'open')";

macro_rules! tally {
    ($rest:literal) => {
        concat!(
            "INSERT INTO duty_tally (org_id, duty_id, site, ward, asked, done, late)
            SELECT each.org_id, each.duty_id, each.site, each.ward, COUNT(*), SUM(each.done), SUM(CASE WHEN each.done = 0 THEN each.late ELSE 0 END)
            FROM (SELECT a.org_id, a.duty_id, w.site, w.ward, w.id,
                    MAX(CASE WHEN a.stage = 'done' AND (a.expires IS NULL OR a.expires > $2) THEN 1 ELSE 0 END) AS done,
                    MAX(CASE WHEN a.stage = 'open' AND a.due < $2 THEN 1 ELSE 0 END) AS late
                FROM assignment a JOIN worker w ON w.org_id = a.org_id AND w.id = a.worker_id
                WHERE a.org_id = $1 AND a.stage <> 'closed' AND w.starts <= $2 AND (w.until IS NULL OR w.until > $2) ",
            $rest,
            " GROUP BY a.org_id, a.duty_id, w.site, w.ward, w.id) each GROUP BY each.org_id, each.duty_id, each.site, each.ward"
        )
    };
}
const CLEAR_DUTY: &str = "DELETE FROM duty_tally WHERE org_id = $1 AND duty_id = $2";
const CLEAR_WARD: &str = "DELETE FROM duty_tally WHERE org_id = $1 AND site = $2 AND ward = $3";
const CLEAR_BOTH: &str =
    "DELETE FROM duty_tally WHERE org_id = $1 AND duty_id = $2 AND site = $3 AND ward = $4";
const TALLY_DUTY: &str = tally!("AND a.duty_id = $3");
const TALLY_WARD: &str = tally!("AND w.site = $3 AND w.ward = $4");
const TALLY_BOTH: &str = tally!("AND a.duty_id = $3 AND w.site = $4 AND w.ward = $5");

const CLEAR_DUES: &str = "DELETE FROM duty_due WHERE org_id = $1 AND duty_id = $2";
const COUNT_DUES: &str = "INSERT INTO duty_due (org_id, duty_id, due, people)
    SELECT a.org_id, a.duty_id, a.due, COUNT(*) FROM assignment a
    WHERE a.org_id = $1 AND a.duty_id = $2 AND a.stage = 'open' GROUP BY a.org_id, a.duty_id, a.due";
const DUES: &str = "SELECT d.id, d.kind, d.title, n.due, n.people FROM duty d JOIN duty_due n ON n.org_id = $1 AND n.duty_id = d.id
    WHERE d.org_id = $1 AND d.closed IS NULL ORDER BY n.due, d.title, d.id LIMIT 2000";

/// People of whom open duties of a kind are asked: how many, how many have done all of them, how many are late with one.
const FIGURE: &str = "SELECT COUNT(*), CAST(COALESCE(SUM(p.whole), 0) AS bigint), CAST(COALESCE(SUM(p.late), 0) AS bigint) FROM (
        SELECT t.worker_id, MIN(t.done) AS whole, MAX(CASE WHEN t.done = 0 THEN t.late ELSE 0 END) AS late FROM (
            SELECT a.duty_id, a.worker_id,
                MAX(CASE WHEN a.stage = 'done' AND (a.expires IS NULL OR a.expires > $2) THEN 1 ELSE 0 END) AS done,
                MAX(CASE WHEN a.stage = 'open' AND a.due < $2 THEN 1 ELSE 0 END) AS late
            FROM duty d JOIN assignment a ON a.org_id = $1 AND a.duty_id = d.id AND a.stage <> 'closed'
            JOIN worker w ON w.org_id = $1 AND w.id = a.worker_id AND w.starts <= $2 AND (w.until IS NULL OR w.until > $2)
            WHERE d.org_id = $1 AND d.closed IS NULL AND (d.kind = $3 OR d.kind = $4)
            GROUP BY a.duty_id, a.worker_id) t GROUP BY t.worker_id) p";
const PUT_FIGURE: &str = "INSERT INTO workforce_figure (org_id, name, asked, done, late, at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (org_id, name) DO UPDATE SET asked = excluded.asked, done = excluded.done, late = excluded.late, at = excluded.at";
const FIGURES: &str = "SELECT name, asked, done, late, at FROM workforce_figure WHERE org_id = $1";

/// Members of the organisation whose address is a person's, with what is open for them and newly due or late.
const TO_REMIND: &str = "SELECT c.id, COUNT(*), SUM(CASE WHEN a.due < $2 THEN 1 ELSE 0 END)
    FROM membership m JOIN account c ON c.id = m.account_id AND c.closed IS NULL
    JOIN worker w ON w.org_id = $1 AND w.mail = lower(c.mail)
    JOIN assignment a ON a.org_id = $1 AND a.worker_id = w.id AND a.stage = 'open'
        AND ((a.due <= $3 AND a.rung < 1) OR (a.due < $2 AND a.rung < 2))
    WHERE m.org_id = $1 AND w.starts <= $2 AND (w.until IS NULL OR w.until > $2)
    GROUP BY c.id ORDER BY c.id LIMIT 5000";
/// Wards with people who are late for longer than a while and of whom nobody was told.
const TO_ESCALATE: &str = "SELECT w.site, w.ward, COUNT(DISTINCT w.id) FROM assignment a
    JOIN worker w ON w.org_id = $1 AND w.id = a.worker_id
    WHERE a.org_id = $1 AND a.stage = 'open' AND a.due < $2 AND a.rung < 3
    GROUP BY w.site, w.ward ORDER BY COUNT(DISTINCT w.id) DESC, w.site, w.ward LIMIT 500";
const NOTE_REMINDED: &str =
    "UPDATE assignment SET rung = CASE WHEN due < $4 THEN 3 WHEN due < $2 THEN 2 ELSE 1 END
    WHERE org_id = $1 AND stage = 'open' AND due <= $3
        AND rung < CASE WHEN due < $4 THEN 3 WHEN due < $2 THEN 2 ELSE 1 END";
pub(crate) const STATEMENTS: &[&str] = &[
    LEFT,
    LEFT_ONE,
    MOVED,
    MOVED_ONE,
    ASSIGN,
    AGAIN,
    CLEAR_DUTY,
    CLEAR_WARD,
    CLEAR_BOTH,
    TALLY_DUTY,
    CLEAR_DUES,
    COUNT_DUES,
    DUES,
    TALLY_WARD,
    TALLY_BOTH,
    FIGURE,
    PUT_FIGURE,
    FIGURES,
    TO_REMIND,
    TO_ESCALATE,
    NOTE_REMINDED,
];

/// Closes what is open of people who left by a day. Returns how many.
///
/// # Errors
/// When the database refuses.
pub async fn close_of_leavers(change: &Change, whose: Whose, today: Date) -> Result<u64, Error> {
    let mut values = values![change.org().uuid(), today.to_string(), micros(change.at())];
    match whose {
        Whose::All => change.execute(LEFT, values).await,
        Whose::One(id) => {
            values.push(id.uuid().into());
            change.execute(LEFT_ONE, values).await
        }
    }
}

/// Closes what is open and asked for by no role of the person any more. Returns how many.
///
/// # Errors
/// When the database refuses.
pub async fn close_of_movers(change: &Change, whose: Whose) -> Result<u64, Error> {
    let mut values = values![change.org().uuid(), micros(change.at())];
    match whose {
        Whose::All => change.execute(MOVED, values).await,
        Whose::One(id) => {
            values.push(id.uuid().into());
            change.execute(MOVED_ONE, values).await
        }
    }
}

/// Assigns a duty to everybody of whom it is asked, who has it not open, and for whom nothing holds until `soon`. Returns how many.
///
/// # Errors
/// When the database refuses.
pub async fn assign(
    change: &Change,
    duty: DutyId,
    today: Date,
    (due, soon): (Date, Date),
) -> Result<u64, Error> {
    let values =
        values![change.org().uuid(), duty.uuid(), today.to_string(), due.to_string(), soon.to_string()];
    change.execute(ASSIGN, values).await
}

/// Assigns duties to one person: each with its round and the day by which it is due.
///
/// # Errors
/// When the database refuses.
pub async fn assign_these(
    change: &Change,
    worker: WorkerId,
    today: Date,
    duties: &[(DutyId, u64, Date)],
) -> Result<u64, Error> {
    let row = |(duty, round, due): &(DutyId, u64, Date)| -> [sea_orm::Value; 10] {
        [
            change.org().uuid().into(),
            duty.uuid().into(),
            worker.uuid().into(),
            stored(*round).into(),
            today.to_string().into(),
            due.to_string().into(),
            "open".into(),
            0_i64.into(),
            "".into(),
            0_i64.into(),
        ]
    };
    let rows: Vec<_> = duties.iter().map(row).collect();
    change.execute_batches(batches(ASSIGN_THESE, &[], rows)).await
}

/// Whom something is asked of again. Empty texts are no limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Again {
    /// The site.
    pub site: String,
    /// The ward.
    pub ward: String,
    /// A role.
    pub role: String,
    /// Why.
    pub note: String,
}

/// Asks a duty again of people, whatever they have done. Returns how many.
///
/// # Errors
/// When the database refuses.
pub async fn assign_again(
    change: &Change,
    duty: DutyId,
    again: &Again,
    today: Date,
    due: Date,
) -> Result<u64, Error> {
    let values = values![
        change.org().uuid(),
        duty.uuid(),
        today.to_string(),
        due.to_string(),
        again.note.as_str(),
        again.site.as_str(),
        again.ward.as_str(),
        again.role.as_str()
    ];
    change.execute(AGAIN, values).await
}

/// What is counted anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted<'a> {
    /// A duty in all wards.
    Duty(DutyId),
    /// All duties in a ward: site and ward.
    Ward(&'a str, &'a str),
    /// A duty in a ward.
    Both(DutyId, &'a str, &'a str),
}

/// Counts how duties stand.
///
/// # Errors
/// When the database refuses.
pub async fn tally(change: &Change, counted: Counted<'_>, today: Date) -> Result<(), Error> {
    let (org, today) = (change.org().uuid(), today.to_string());
    match counted {
        Counted::Duty(id) => {
            change.execute(CLEAR_DUTY, values![org, id.uuid()]).await?;
            change.execute(TALLY_DUTY, values![org, today, id.uuid()]).await?;
            change.execute(CLEAR_DUES, values![org, id.uuid()]).await?;
            change.execute(COUNT_DUES, values![org, id.uuid()]).await?;
        }
        Counted::Ward(site, ward) => {
            change.execute(CLEAR_WARD, values![org, site, ward]).await?;
            change.execute(TALLY_WARD, values![org, today, site, ward]).await?;
        }
        Counted::Both(id, site, ward) => {
            change.execute(CLEAR_BOTH, values![org, id.uuid(), site, ward]).await?;
            change.execute(TALLY_BOTH, values![org, today, id.uuid(), site, ward]).await?;
        }
    }
    Ok(())
}

/// A day by which a duty is to be done, and by how many people it was when it was counted last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The duty.
    pub duty: DutyId,
    /// Its kind.
    pub kind: DutyKind,
    /// What it is called.
    pub title: String,
    /// The day.
    pub day: Date,
    /// How many people.
    pub people: u64,
}

/// The days by which open duties are to be done, the first ones first.
///
/// # Errors
/// When the database cannot be used.
pub async fn dues(view: &View) -> Result<Vec<Due>, Error> {
    let read = |row: &sea_orm::QueryResult| {
        Ok(Due {
            duty: DutyId::from_uuid(get(row, 0)?),
            kind: code("duty.kind", &get::<String>(row, 1)?, DutyKind::from_code)?,
            title: get(row, 2)?,
            day: day(row, 3)?,
            people: count(row, 4)?,
        })
    };
    view.all(DUES, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Counts people by what they have done of duties of two kinds, and keeps that under a name.
///
/// # Errors
/// When the database refuses.
pub async fn figure(
    change: &Change,
    name: &str,
    kinds: (DutyKind, DutyKind),
    today: Date,
) -> Result<Tally, Error> {
    let org = change.org().uuid();
    let asked = values![org, today.to_string(), kinds.0.code(), kinds.1.code()];
    let row = change.one(FIGURE, asked).await?;
    let tally = match row {
        Some(row) => Tally { asked: count(&row, 0)?, done: count(&row, 1)?, late: count(&row, 2)? },
        None => Tally::default(),
    };
    let numbers = [tally.asked, tally.done, tally.late].map(stored);
    let values = values![org, name, numbers[0], numbers[1], numbers[2], micros(change.at())];
    change.execute(PUT_FIGURE, values).await?;
    Ok(tally)
}

/// The figures that were counted last: name, numbers, when.
///
/// # Errors
/// When the database cannot be used.
pub async fn figures(view: &View) -> Result<Vec<(String, Tally, Timestamp)>, Error> {
    let rows = view.all(FIGURES, values![view.org().uuid()]).await?;
    let read = |row: &sea_orm::QueryResult| {
        let tally = Tally { asked: count(row, 1)?, done: count(row, 2)?, late: count(row, 3)? };
        Ok((get(row, 0)?, tally, time(get(row, 4)?)?))
    };
    rows.iter().map(read).collect()
}

/// Members who should hear of what they have to do: the account, how much is open, how much of it is late.
///
/// # Errors
/// When the database cannot be used.
pub async fn to_remind(view: &View, today: Date, soon: Date) -> Result<Vec<(AccountId, u64, u64)>, Error> {
    let values = values![view.org().uuid(), today.to_string(), soon.to_string()];
    let rows = view.all(TO_REMIND, values).await?;
    rows.iter().map(|row| Ok((AccountId::from_uuid(get(row, 0)?), count(row, 1)?, count(row, 2)?))).collect()
}

/// Wards with people who are late since before a day and of whom nobody was told: site, ward, how many.
///
/// # Errors
/// When the database cannot be used.
pub async fn to_escalate(view: &View, before: Date) -> Result<Vec<(String, String, u64)>, Error> {
    let rows = view.all(TO_ESCALATE, values![view.org().uuid(), before.to_string()]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?, count(row, 2)?))).collect()
}

/// Notes that people were reminded: of what is due until `soon`, of what is late, of what is late since before `long`.
///
/// # Errors
/// When the database refuses.
pub async fn note_reminded(change: &Change, today: Date, soon: Date, long: Date) -> Result<u64, Error> {
    let values = values![change.org().uuid(), today.to_string(), soon.to_string(), long.to_string()];
    change.execute(NOTE_REMINDED, values).await
}
