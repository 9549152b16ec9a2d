//! Configuration classes: a release with the match-relevant facts of devices. Findings belong to them.

use std::collections::HashMap;

use bedrail_model::ids::{ClassId, ContentId, ReleaseId};
use sea_orm::{QueryResult, Value};

use crate::sql::{batches, get, id_batches, values};
use crate::{Change, Error, View};

/// A class as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassRow {
    /// Id.
    pub id: ClassId,
    /// Its release.
    pub release: ReleaseId,
    /// The operating system as first written.
    pub operating_system: Option<String>,
    /// What its devices are judged by, where that is more than the bill of their release.
    pub content: Option<ContentId>,
    /// Devices in it.
    pub devices: u64,
    /// Weaknesses that affect it.
    pub affected: u32,
    /// Weaknesses of which it cannot be told.
    pub cannot_tell: u32,
    /// Known exploited ones among those that affect it.
    pub known_exploited: u32,
}

/// By how much the counts of a class move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CountShift {
    /// Weaknesses that affect it.
    pub affected: i64,
    /// Weaknesses of which it cannot be told.
    pub cannot_tell: i64,
    /// Known exploited ones among those that affect it.
    pub known_exploited: i64,
}

const CHANGED: &str =
    "SELECT id, release_id, operating_system, devices, affected, cannot_tell, known_exploited, content_id
    FROM class WHERE org_id = $1 AND changed > $2";
const OF_RELEASE: &str =
    "SELECT id, release_id, operating_system, devices, affected, cannot_tell, known_exploited, content_id
    FROM class WHERE org_id = $1 AND release_id = $2";
const BY_IDS: &str =
    "SELECT id, release_id, operating_system, devices, affected, cannot_tell, known_exploited, content_id
    FROM class WHERE org_id = $1 AND id IN ({ids})";
const KEYS: &str = "SELECT release_id, class_key, id FROM class WHERE org_id = $1";
const INSERT: &str = "INSERT INTO class (org_id, changed, id, release_id, operating_system, class_key)
    SELECT $1, $2, v.column1, v.column2, v.column3, v.column4 FROM (VALUES {rows}) v";
const SHIFT_DEVICES: &str = "UPDATE class SET devices = class.devices + v.column2, changed = $2
    FROM (VALUES {rows}) v WHERE class.org_id = $1 AND class.id = v.column1";
const SHIFT_COUNTS: &str = "UPDATE class SET affected = class.affected + v.column2,
    cannot_tell = class.cannot_tell + v.column3, known_exploited = class.known_exploited + v.column4, changed = $2
    FROM (VALUES {rows}) v WHERE class.org_id = $1 AND class.id = v.column1";
const SET_CONTENT: &str = "UPDATE class SET content_id = $3, changed = $4 WHERE org_id = $1 AND id = $2";
/// From the catalogue, which is short, to the findings: not along all findings.
const WRONG_EXPLOITED: &str = "SELECT c.id, COALESCE(n.known, 0) - c.known_exploited
    FROM class c LEFT JOIN (SELECT f.class_id, count(*) AS known
        FROM weakness w CROSS JOIN finding f
        WHERE w.kev_added IS NOT NULL AND f.org_id = $1 AND f.weakness = w.id AND f.closed IS NULL
            AND f.answer = 'affected'
        GROUP BY f.class_id) n ON n.class_id = c.id
    WHERE c.org_id = $1 AND c.known_exploited <> COALESCE(n.known, 0)";
/// Along all findings; only after a re-judgement that was cut off.
const WRONG: &str = "SELECT c.id, COALESCE(n.affected, 0) - c.affected, COALESCE(n.cannot_tell, 0) - c.cannot_tell
    FROM class c LEFT JOIN (SELECT f.class_id, SUM(CASE WHEN f.answer = 'affected' THEN 1 ELSE 0 END) AS affected,
            SUM(CASE WHEN f.answer = 'cannot_tell' THEN 1 ELSE 0 END) AS cannot_tell
        FROM finding f WHERE f.org_id = $1 AND f.closed IS NULL GROUP BY f.class_id) n ON n.class_id = c.id
    WHERE c.org_id = $1 AND (c.affected <> COALESCE(n.affected, 0) OR c.cannot_tell <> COALESCE(n.cannot_tell, 0))";
pub(crate) const STATEMENTS: &[&str] =
    &[CHANGED, OF_RELEASE, BY_IDS, KEYS, SET_CONTENT, WRONG_EXPLOITED, WRONG];

/// How an operating system is compared: without case and outer space.
pub fn key(operating_system: Option<&str>) -> String {
    bedrail_model::text::squeezed(operating_system.unwrap_or("")).to_lowercase()
}

fn read(row: &QueryResult) -> Result<ClassRow, Error> {
    let count = |index| Ok::<u32, Error>(u32::try_from(get::<i64>(row, index)?).unwrap_or(0));
    Ok(ClassRow {
        id: ClassId::from_uuid(get(row, 0)?),
        release: ReleaseId::from_uuid(get(row, 1)?),
        operating_system: get(row, 2)?,
        devices: u64::try_from(get::<i64>(row, 3)?).unwrap_or(0),
        affected: count(4)?,
        cannot_tell: count(5)?,
        known_exploited: count(6)?,
        content: get::<Option<_>>(row, 7)?.map(ContentId::from_uuid),
    })
}

/// Classes written after a change.
///
/// # Errors
/// When the database cannot be used.
pub async fn changed_since(view: &View, change: i64) -> Result<Vec<ClassRow>, Error> {
    view.all(CHANGED, values![view.org().uuid(), change]).await?.iter().map(read).collect()
}

/// The classes of a release.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_release(view: &View, release: ReleaseId) -> Result<Vec<ClassRow>, Error> {
    view.all(OF_RELEASE, values![view.org().uuid(), release.uuid()]).await?.iter().map(read).collect()
}

/// Classes by id, in no order.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_ids(view: &View, ids: &[ClassId]) -> Result<Vec<ClassRow>, Error> {
    let ids = ids.iter().map(|id| Value::from(id.uuid()));
    let shared = values![view.org().uuid()];
    view.all_batches(id_batches(BY_IDS, &shared, ids)).await?.iter().map(read).collect()
}

/// All classes by release and [`key`].
///
/// # Errors
/// When the database cannot be used.
pub async fn by_key(view: &View) -> Result<HashMap<(ReleaseId, String), ClassId>, Error> {
    let rows = view.all(KEYS, values![view.org().uuid()]).await?;
    rows.iter()
        .map(|row| Ok(((ReleaseId::from_uuid(get(row, 0)?), get(row, 1)?), ClassId::from_uuid(get(row, 2)?))))
        .collect()
}

/// Adds classes, without devices and findings yet; the caller knows that they are new.
///
/// # Errors
/// When the database cannot be used.
pub async fn add(change: &Change, classes: &[(ClassId, ReleaseId, Option<String>)]) -> Result<(), Error> {
    let shared = values![change.org().uuid(), change.number];
    let rows = classes.iter().map(|(id, release, system)| {
        [id.uuid().into(), release.uuid().into(), system.clone().into(), key(system.as_deref()).into()]
    });
    change.execute_batches(batches(INSERT, &shared, rows)).await?;
    Ok(())
}

/// Sets what the devices of a class are judged by; `None` is the bill of their release.
///
/// # Errors
/// When the database cannot be used.
pub async fn set_content(change: &Change, class: ClassId, content: Option<ContentId>) -> Result<(), Error> {
    let row = values![change.org().uuid(), class.uuid(), content.map(ContentId::uuid), change.number];
    change.execute(SET_CONTENT, row).await?;
    Ok(())
}

/// Moves the numbers of devices.
///
/// # Errors
/// When the database cannot be used.
pub async fn shift_devices(change: &Change, shifts: &HashMap<ClassId, i64>) -> Result<(), Error> {
    let shared = values![change.org().uuid(), change.number];
    let rows = shifts.iter().filter(|(_, by)| **by != 0).map(|(id, by)| [id.uuid().into(), (*by).into()]);
    change.execute_batches(batches(SHIFT_DEVICES, &shared, rows)).await?;
    Ok(())
}

/// Moves the numbers of findings.
///
/// # Errors
/// When the database cannot be used.
pub async fn shift_counts(change: &Change, shifts: &HashMap<ClassId, CountShift>) -> Result<(), Error> {
    let shared = values![change.org().uuid(), change.number];
    let moved = shifts.iter().filter(|(_, by)| **by != CountShift::default());
    let rows = moved.map(|(id, by)| {
        [id.uuid().into(), by.affected.into(), by.cannot_tell.into(), by.known_exploited.into()]
    });
    change.execute_batches(batches(SHIFT_COUNTS, &shared, rows)).await?;
    Ok(())
}

/// By how much the counts of affecting and unclear weaknesses are wrong, of each class where they are: counted along all
/// findings, after work that was cut off.
///
/// # Errors
/// When the database cannot be used.
pub async fn wrong_counts(view: &View) -> Result<HashMap<ClassId, CountShift>, Error> {
    let rows = view.all(WRONG, values![view.org().uuid()]).await?;
    let shift = |row: &QueryResult| {
        let shift = CountShift { affected: get(row, 1)?, cannot_tell: get(row, 2)?, known_exploited: 0 };
        Ok((ClassId::from_uuid(get(row, 0)?), shift))
    };
    rows.iter().map(shift).collect()
}

/// By how much the count of known exploited weaknesses is wrong, of each class where it is, after the catalogue changed.
///
/// # Errors
/// When the database cannot be used.
pub async fn wrong_exploited(view: &View) -> Result<HashMap<ClassId, CountShift>, Error> {
    let rows = view.all(WRONG_EXPLOITED, values![view.org().uuid()]).await?;
    let shift = |row: &QueryResult| {
        let known_exploited = get(row, 1)?;
        Ok((ClassId::from_uuid(get(row, 0)?), CountShift { known_exploited, ..CountShift::default() }))
    };
    rows.iter().map(shift).collect()
}
