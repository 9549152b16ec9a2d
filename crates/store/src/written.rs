//! Physical and media facts that people write down. Taken back, never edited.

use std::collections::{BTreeMap, HashSet};

use bedrail_model::ids::WrittenFactId;
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::{QueryResult, Value};

use crate::sql::{batches, code, get, id_batches, micros, time, values};
use crate::{Change, Error, View};

/// A fact as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenRow {
    /// Id.
    pub id: WrittenFactId,
    /// Its kind, by its code.
    pub kind: String,
    /// The day on which it was.
    pub day: Date,
    /// The system that it is about.
    pub system: String,
    /// The fields that are filled in, by code.
    pub fields: BTreeMap<String, String>,
    /// What tells it from others.
    pub digest: Vec<u8>,
    /// When it was written down.
    pub added: Timestamp,
    /// By whom.
    pub added_by: String,
    /// When it was taken back, by whom, and why.
    pub withdrawn: Option<(Timestamp, String, String)>,
}

const ALL: &str =
    "SELECT id, kind, day, system, fields, digest, added, added_by, withdrawn, withdrawn_by, withdrawn_for
    FROM written_fact WHERE org_id = $1 ORDER BY day DESC, added DESC, id DESC";
const HELD: &str =
    "SELECT digest FROM written_fact WHERE org_id = $1 AND withdrawn IS NULL AND digest IN ({ids})";
const INSERT: &str =
    "INSERT INTO written_fact (org_id, changed, added, added_by, id, kind, day, system, fields, digest)
    SELECT $1, $2, $3, $4, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6
    FROM (VALUES {rows}) v";
const WITHDRAW: &str =
    "UPDATE written_fact SET withdrawn = $3, withdrawn_by = $4, withdrawn_for = $5, changed = $6
    WHERE org_id = $1 AND id = $2 AND withdrawn IS NULL";
pub(crate) const STATEMENTS: &[&str] = &[ALL, WITHDRAW];

fn read(row: &QueryResult) -> Result<WrittenRow, Error> {
    let fields: String = get(row, 4)?;
    let withdrawn = match get::<Option<i64>>(row, 8)? {
        Some(at) => Some((
            time(at)?,
            get::<Option<String>>(row, 9)?.unwrap_or_default(),
            get::<Option<String>>(row, 10)?.unwrap_or_default(),
        )),
        None => None,
    };
    Ok(WrittenRow {
        id: WrittenFactId::from_uuid(get(row, 0)?),
        kind: get(row, 1)?,
        day: code("written_fact.day", &get::<String>(row, 2)?, |text| text.parse().ok())?,
        system: get(row, 3)?,
        fields: code("written_fact.fields", &fields, |text| serde_json::from_str(text).ok())?,
        digest: get(row, 5)?,
        added: time(get(row, 6)?)?,
        added_by: get(row, 7)?,
        withdrawn,
    })
}

/// All facts, those of the newest day first, taken back ones too.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<WrittenRow>, Error> {
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Those of these digests that are held, but for facts that were taken back.
///
/// # Errors
/// When the database cannot be used.
pub async fn held(view: &View, digests: &[[u8; 32]]) -> Result<HashSet<Vec<u8>>, Error> {
    let shared = [Value::from(view.org().uuid())];
    let digests = digests.iter().map(|digest| Value::from(digest.to_vec()));
    view.all_batches(id_batches(HELD, &shared, digests)).await?.iter().map(|row| get(row, 0)).collect()
}

/// Keeps facts; the caller knows that none of them is held.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, rows: &[WrittenRow]) -> Result<(), Error> {
    let shared = values![change.org().uuid(), change.number, micros(change.at()), change.actor()];
    let mut values = Vec::with_capacity(rows.len());
    for row in rows {
        let fields = serde_json::to_string(&row.fields)
            .map_err(|_| Error::Corrupt { column: "written_fact.fields", value: row.id.to_string() })?;
        values.push([
            Value::from(row.id.uuid()),
            Value::from(row.kind.as_str()),
            Value::from(row.day.to_string()),
            Value::from(row.system.as_str()),
            Value::from(fields),
            Value::from(row.digest.clone()),
        ]);
    }
    change.execute_batches(batches(INSERT, &shared, values)).await?;
    Ok(())
}

/// Takes a fact back. False where there is none in force.
///
/// # Errors
/// When the database refuses.
pub async fn withdraw(change: &Change, id: WrittenFactId, why: &str) -> Result<bool, Error> {
    let values =
        values![change.org().uuid(), id.uuid(), micros(change.at()), change.actor(), why, change.number];
    Ok(change.execute(WITHDRAW, values).await? > 0)
}
