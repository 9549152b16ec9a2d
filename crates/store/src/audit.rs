//! The audit log, for reading. Entries are written by [`crate::Change::commit`] alone.

use bedrail_model::ids::AuditId;
use jiff::Timestamp;

use crate::sql::{get, micros, time, values};
use crate::{Error, View};

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who, and by which way.
    pub actor: String,
    /// What.
    pub action: String,
    /// To what.
    pub subject: String,
    /// Counts and digests.
    pub detail: String,
}

const PAGE: &str = "SELECT id, at, actor, action, subject, detail FROM audit_entry
    WHERE org_id = $1 AND at >= $2 AND at < $3 ORDER BY sequence DESC LIMIT $4 OFFSET $5";
const COUNT: &str = "SELECT count(*) FROM audit_entry WHERE org_id = $1 AND at >= $2 AND at < $3";
pub(crate) const STATEMENTS: &[&str] = &[PAGE, COUNT];

/// A period: from (inclusive), to (exclusive); `None` is open on that side.
pub type Period = (Option<Timestamp>, Option<Timestamp>);

/// A page of the log of a period, the newest first, and how many entries the period has.
///
/// # Errors
/// When the database cannot be used.
pub async fn page(
    view: &View,
    period: Period,
    limit: u32,
    offset: u64,
) -> Result<(Vec<EntryRow>, u64), Error> {
    let from = period.0.map_or(i64::MIN, micros);
    let to = period.1.map_or(i64::MAX, micros);
    let org = view.org().uuid();
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    let rows = view.all(PAGE, values![org, from, to, i64::from(limit), offset]).await?;
    let rows: Result<Vec<EntryRow>, Error> = rows
        .iter()
        .map(|row| {
            Ok(EntryRow {
                id: AuditId::from_uuid(get(row, 0)?),
                at: time(get(row, 1)?)?,
                actor: get(row, 2)?,
                action: get(row, 3)?,
                subject: get(row, 4)?,
                detail: get(row, 5)?,
            })
        })
        .collect();
    let count = view.one(COUNT, values![org, from, to]).await?;
    let count: i64 = count.map_or(Ok(0), |row| get(&row, 0))?;
    Ok((rows?, count.unsigned_abs()))
}
