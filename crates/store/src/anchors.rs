//! Where heads of the audit log were noted outside of the program. Rows are only added.

use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::QueryResult;

use crate::sql::{code, get, micros, time, values};
use crate::{Change, Error, View};

/// A head that was noted outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorRow {
    /// Counted from 1.
    pub number: u64,
    /// The entry of the log that it is of.
    pub entry: i64,
    /// The hash of that entry, in hexadecimal.
    pub head: String,
    /// `time_stamp`, `published`, `deposited`.
    pub kind: String,
    /// Who keeps it.
    pub keeper: String,
    /// Where it is found.
    pub place: String,
    /// The day on which it was noted there.
    pub noted: Date,
    /// The digest of the reply or paper that was brought with it.
    pub sha256: Option<Vec<u8>>,
    /// The name of that file; empty without one.
    pub file_name: String,
    /// When it was written down here.
    pub at: Timestamp,
    /// By whom.
    pub author: String,
}

const ALL: &str = "SELECT number, entries, head, kind, keeper, place, noted, sha256, file_name, at, author
    FROM time_anchor WHERE org_id = $1 ORDER BY number";
const INSERT: &str =
    "INSERT INTO time_anchor (org_id, number, entries, head, kind, keeper, place, noted, sha256, file_name, at, author)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
pub(crate) const STATEMENTS: &[&str] = &[ALL, INSERT];

/// All of them, in the order in which they were written down.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<AnchorRow>, Error> {
    let read = |row: &QueryResult| {
        let noted: String = get(row, 6)?;
        Ok(AnchorRow {
            number: get::<i64>(row, 0)?.unsigned_abs(),
            entry: get(row, 1)?,
            head: get(row, 2)?,
            kind: get(row, 3)?,
            keeper: get(row, 4)?,
            place: get(row, 5)?,
            noted: code("time_anchor.noted", &noted, |day| day.parse().ok())?,
            sha256: get(row, 7)?,
            file_name: get(row, 8)?,
            at: time(get(row, 9)?)?,
            author: get(row, 10)?,
        })
    };
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Keeps one.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, row: &AnchorRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        i64::try_from(row.number).unwrap_or(i64::MAX),
        row.entry,
        row.head.as_str(),
        row.kind.as_str(),
        row.keeper.as_str(),
        row.place.as_str(),
        row.noted.to_string(),
        row.sha256.clone(),
        row.file_name.as_str(),
        micros(row.at),
        row.author.as_str()
    ];
    change.execute(INSERT, values).await?;
    Ok(())
}
