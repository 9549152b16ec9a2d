//! Alerts: where they come from, what was received of them, and the items of work that it makes.

use bedrail_model::ids::{AlertFileId, AlertSourceId, DeviceId};
use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, View};

pub mod account;
pub mod addresses;
pub mod answers;
pub mod items;
pub mod links;
pub mod pauses;
pub mod policies;
pub mod rota;
pub mod segments;
pub mod standing;
pub mod tickets;

/// A source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Id.
    pub id: AlertSourceId,
    /// What people call it.
    pub name: String,
    /// The code of its kind; empty where each line tells.
    pub kind: String,
    /// The mapping file of other JSON.
    pub mapping: Option<String>,
    /// The zone of times that name none.
    pub zone: Option<String>,
    /// The addresses that are ours, beside private ones, separated by blanks.
    pub own: String,
    /// The highest severity number of plain syslog that is an alert.
    pub syslog_severity: u8,
    /// The file that is followed.
    pub path: Option<String>,
    /// Days that events are kept.
    pub keep_days: u32,
    /// Minutes without anything after which it counts as silent.
    pub silent_minutes: Option<u32>,
    /// When it was added.
    pub added: Timestamp,
    /// When something last came.
    pub heard: Option<Timestamp>,
    /// What was wrong with it last, and since when.
    pub trouble: Option<(String, Timestamp)>,
}

/// How far a file was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// Id.
    pub id: AlertFileId,
    /// SHA-256 of its first bytes, by which it is known again.
    pub head: Vec<u8>,
    /// How many those are.
    pub head_length: u64,
    /// Bytes that were read.
    pub read_to: u64,
    /// When it was read last.
    pub read: Timestamp,
    /// Whether it was read as the file that the source follows.
    pub followed: bool,
}

macro_rules! sources {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, kind, mapping, zone, own, syslog_severity, path, keep_days, silent_minutes, added, heard,
                trouble, troubled FROM alert_source WHERE org_id = $1 ",
            $rest
        )
    };
}
const SOURCES: &str = sources!("ORDER BY name");
const SOURCE: &str = sources!("AND id = $2");
const ADD_SOURCE: &str =
    "INSERT INTO alert_source (org_id, changed, id, name, kind, mapping, zone, own, syslog_severity,
        path, keep_days, silent_minutes, added)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const SET_SOURCE: &str = "UPDATE alert_source SET changed = $3, name = $4, kind = $5, mapping = $6, zone = $7, own = $8,
        syslog_severity = $9, path = $10, keep_days = $11, silent_minutes = $12 WHERE org_id = $1 AND id = $2";
const HEARD: &str = "UPDATE alert_source SET changed = $3, heard = $4, trouble = NULL, troubled = NULL WHERE org_id = $1 AND id = $2";
const TROUBLE: &str = "UPDATE alert_source SET changed = $3, trouble = $4, troubled = $5
    WHERE org_id = $1 AND id = $2 AND (trouble IS NULL OR trouble <> $4)";
const FILES: &str = "SELECT id, head, head_length, read_to, read, followed FROM alert_file
    WHERE org_id = $1 AND source_id = $2 ORDER BY read DESC, id DESC";
const ADD_FILE: &str =
    "INSERT INTO alert_file (org_id, source_id, id, head, head_length, read_to, read, followed)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
/// Only from where it stood: of two that read the same, one finds it moved.
const MOVE: &str = "UPDATE alert_file SET head = $4, head_length = $5, read_to = $6, read = $7, followed = $9
    WHERE org_id = $1 AND source_id = $2 AND id = $3 AND read_to = $8";
const COUNTERS: &str =
    "SELECT sensor, body, since FROM alert_counter WHERE org_id = $1 AND source_id = $2 ORDER BY sensor";
const SET_COUNTER: &str =
    "INSERT INTO alert_counter (org_id, source_id, sensor, body, since) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (org_id, source_id, sensor) DO UPDATE SET body = excluded.body, since = excluded.since";
pub(crate) const STATEMENTS: &[&str] =
    &[SOURCES, SOURCE, ADD_SOURCE, SET_SOURCE, HEARD, TROUBLE, FILES, ADD_FILE, MOVE, COUNTERS, SET_COUNTER];

pub(crate) fn number(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

pub(crate) fn whole(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn small(value: i64) -> u32 {
    u32::try_from(value).unwrap_or_default()
}

fn read_source(row: &QueryResult) -> Result<SourceRow, Error> {
    let trouble: Option<String> = get(row, 12)?;
    let troubled = get::<Option<i64>>(row, 13)?.map(time).transpose()?;
    Ok(SourceRow {
        id: AlertSourceId::from_uuid(get(row, 0)?),
        name: get(row, 1)?,
        kind: get(row, 2)?,
        mapping: get(row, 3)?,
        zone: get(row, 4)?,
        own: get(row, 5)?,
        syslog_severity: u8::try_from(get::<i64>(row, 6)?).unwrap_or(7),
        path: get(row, 7)?,
        keep_days: small(get(row, 8)?),
        silent_minutes: get::<Option<i64>>(row, 9)?.map(small),
        added: time(get(row, 10)?)?,
        heard: get::<Option<i64>>(row, 11)?.map(time).transpose()?,
        trouble: trouble.zip(troubled),
    })
}

/// All sources, by name.
///
/// # Errors
/// When the database cannot be used.
pub async fn sources(view: &View) -> Result<Vec<SourceRow>, Error> {
    view.all(SOURCES, values![view.org().uuid()]).await?.iter().map(read_source).collect()
}

/// One source.
///
/// # Errors
/// When the database cannot be used.
pub async fn source(view: &View, id: AlertSourceId) -> Result<Option<SourceRow>, Error> {
    let row = view.one(SOURCE, values![view.org().uuid(), id.uuid()]).await?;
    row.as_ref().map(read_source).transpose()
}

/// Adds a source.
///
/// # Errors
/// When the database refuses: a name is given once.
pub async fn add_source(change: &Change, row: &SourceRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        row.id.uuid(),
        row.name.as_str(),
        row.kind.as_str(),
        row.mapping.clone(),
        row.zone.clone(),
        row.own.as_str(),
        i64::from(row.syslog_severity),
        row.path.clone(),
        i64::from(row.keep_days),
        row.silent_minutes.map(i64::from),
        micros(row.added)
    ];
    change.execute(ADD_SOURCE, values).await?;
    Ok(())
}

/// Writes the settings of a source anew.
///
/// # Errors
/// When the database refuses.
pub async fn set_source(change: &Change, row: &SourceRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        row.id.uuid(),
        change.number,
        row.name.as_str(),
        row.kind.as_str(),
        row.mapping.clone(),
        row.zone.clone(),
        row.own.as_str(),
        i64::from(row.syslog_severity),
        row.path.clone(),
        i64::from(row.keep_days),
        row.silent_minutes.map(i64::from)
    ];
    change.execute(SET_SOURCE, values).await?;
    Ok(())
}

/// Something came from a source: it is not silent, and what was wrong with it is over.
///
/// # Errors
/// When the database refuses.
pub async fn heard(change: &Change, id: AlertSourceId) -> Result<(), Error> {
    let values = values![change.org().uuid(), id.uuid(), change.number, micros(change.at())];
    change.execute(HEARD, values).await?;
    Ok(())
}

/// Something is wrong with a source; false where that is known.
///
/// # Errors
/// When the database refuses.
pub async fn trouble(change: &Change, id: AlertSourceId, text: &str) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), change.number, text, micros(change.at())];
    Ok(change.execute(TROUBLE, values).await? > 0)
}

/// The files of a source that were read, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn files(view: &View, source: AlertSourceId) -> Result<Vec<FileRow>, Error> {
    let rows = view.all(FILES, values![view.org().uuid(), source.uuid()]).await?;
    let read = |row: &QueryResult| {
        Ok(FileRow {
            id: AlertFileId::from_uuid(get(row, 0)?),
            head: get(row, 1)?,
            head_length: number(get(row, 2)?),
            read_to: number(get(row, 3)?),
            read: time(get(row, 4)?)?,
            followed: get::<i64>(row, 5)? != 0,
        })
    };
    rows.iter().map(read).collect()
}

/// A file that is read for the first time.
///
/// # Errors
/// When the database refuses.
pub async fn add_file(change: &Change, source: AlertSourceId, row: &FileRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        source.uuid(),
        row.id.uuid(),
        row.head.clone(),
        whole(row.head_length),
        whole(row.read_to),
        micros(change.at()),
        i64::from(row.followed)
    ];
    change.execute(ADD_FILE, values).await?;
    Ok(())
}

/// A file was read on from a place; false where somebody else has read it from there.
///
/// # Errors
/// When the database refuses.
pub async fn move_file(
    change: &Change,
    source: AlertSourceId,
    row: &FileRow,
    from: u64,
) -> Result<bool, Error> {
    let values = values![
        change.org().uuid(),
        source.uuid(),
        row.id.uuid(),
        row.head.clone(),
        whole(row.head_length),
        whole(row.read_to),
        micros(change.at()),
        whole(from),
        i64::from(row.followed)
    ];
    Ok(change.execute(MOVE, values).await? > 0)
}

/// The newest reading of a sensor's own counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterRow {
    /// The sensor; empty where the source names none.
    pub sensor: String,
    /// The reading, as text of the application.
    pub body: String,
    /// Events of the sensor that came since.
    pub since: u64,
}

/// The newest readings of a source's own counters, by sensor.
///
/// # Errors
/// When the database cannot be used.
pub async fn counters(view: &View, source: AlertSourceId) -> Result<Vec<CounterRow>, Error> {
    let rows = view.all(COUNTERS, values![view.org().uuid(), source.uuid()]).await?;
    let read = |row: &QueryResult| {
        Ok(CounterRow { sensor: get(row, 0)?, body: get(row, 1)?, since: number(get(row, 2)?) })
    };
    rows.iter().map(read).collect()
}

/// Keeps the newest reading of a sensor.
///
/// # Errors
/// When the database refuses.
pub async fn set_counter(change: &Change, source: AlertSourceId, row: &CounterRow) -> Result<(), Error> {
    let (sensor, body) = (row.sensor.as_str(), row.body.as_str());
    let values = values![change.org().uuid(), source.uuid(), sensor, body, whole(row.since)];
    change.execute(SET_COUNTER, values).await?;
    Ok(())
}

fn device(row: &QueryResult, index: usize) -> Result<Option<DeviceId>, Error> {
    Ok(get::<Option<_>>(row, index)?.map(DeviceId::from_uuid))
}
