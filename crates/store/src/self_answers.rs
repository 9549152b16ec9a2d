//! Answers of the self-assessment. Only added to: of a requirement and a site the last one counts.

use bedrail_model::ids::{ActionId, SelfAnswerId};
use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, View};

/// An answer as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfAnswerRow {
    /// Id.
    pub id: SelfAnswerId,
    /// The requirement whose question it is.
    pub requirement: String,
    /// The site; empty where it is asked once.
    pub site: String,
    /// `yes`, `no`, `not_sure`.
    pub answer: String,
    /// What was said with it.
    pub note: String,
    /// Where to look.
    pub evidence: String,
    /// The digest of a document that was brought with it.
    pub sha256: Option<Vec<u8>>,
    /// The action that a "no" made.
    pub action: Option<ActionId>,
    /// When.
    pub added: Timestamp,
    /// By whom.
    pub added_by: String,
}

const ALL: &str = "SELECT id, requirement, site, answer, note, evidence, sha256, action_id, added, added_by
    FROM self_answer WHERE org_id = $1 ORDER BY added DESC, id DESC";
const INSERT: &str =
    "INSERT INTO self_answer (org_id, changed, id, requirement, site, answer, note, evidence, sha256,
        action_id, added, added_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
pub(crate) const STATEMENTS: &[&str] = &[ALL, INSERT];

fn read(row: &QueryResult) -> Result<SelfAnswerRow, Error> {
    Ok(SelfAnswerRow {
        id: SelfAnswerId::from_uuid(get(row, 0)?),
        requirement: get(row, 1)?,
        site: get(row, 2)?,
        answer: get(row, 3)?,
        note: get(row, 4)?,
        evidence: get(row, 5)?,
        sha256: get(row, 6)?,
        action: get::<Option<_>>(row, 7)?.map(ActionId::from_uuid),
        added: time(get(row, 8)?)?,
        added_by: get(row, 9)?,
    })
}

/// All answers, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<SelfAnswerRow>, Error> {
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Keeps an answer.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, row: &SelfAnswerRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        row.id.uuid(),
        row.requirement.as_str(),
        row.site.as_str(),
        row.answer.as_str(),
        row.note.as_str(),
        row.evidence.as_str(),
        row.sha256.clone(),
        row.action.map(ActionId::uuid),
        micros(row.added),
        row.added_by.as_str()
    ];
    change.execute(INSERT, values).await?;
    Ok(())
}
