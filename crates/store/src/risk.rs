//! What was said for the risk analysis, and the analyses that were signed. Nothing is edited: the newest row counts.

use bedrail_model::ids::{ActionId, DocumentId};
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::{QueryResult, Value};

use crate::sql::{batches, code, get, micros, time, values};
use crate::{Change, Error, View};

/// Whether the devices of a product hold patient data, as somebody said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldingRow {
    /// The product.
    pub asset: String,
    /// Whether.
    pub holds: bool,
    /// What they hold.
    pub what: String,
    /// Where that is known from.
    pub source: String,
    /// When it was said.
    pub at: Timestamp,
    /// By whom.
    pub author: String,
}

/// How somebody judged a threat to a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRow {
    /// The product.
    pub asset: String,
    /// The threat's code.
    pub threat: String,
    /// `low`, `moderate`, `high`.
    pub likelihood: Option<String>,
    /// The same.
    pub impact: Option<String>,
    /// The treatment's code.
    pub treatment: String,
    /// Measures, one on a line.
    pub measures: String,
    /// How likely with the measures.
    pub likelihood_after: Option<String>,
    /// How bad with them.
    pub impact_after: Option<String>,
    /// Who sees to the treatment.
    pub owner: String,
    /// Until when it is done or looked at again.
    pub due: Option<Date>,
    /// The action that carries it out.
    pub action: Option<ActionId>,
    /// Why.
    pub reason: String,
    /// When it was judged.
    pub at: Timestamp,
    /// By whom.
    pub author: String,
}

/// A signed analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRow {
    /// Counted from 1.
    pub number: u64,
    /// What it covers, in words.
    pub scope: String,
    /// Its document.
    pub document: DocumentId,
    /// SHA-256 of the document, in hexadecimal.
    pub sha256: String,
    /// Devices that it covers.
    pub devices: u64,
    /// Its lines.
    pub lines: u64,
    /// Of them, those that nobody graded.
    pub unknown: u64,
    /// When it was signed.
    pub at: Timestamp,
    /// By whom.
    pub author: String,
}

const HOLDINGS: &str = "SELECT asset, holds, what, source, at, author FROM risk_holding
    WHERE org_id = $1 ORDER BY number";
const INSERT_HOLDING: &str =
    "INSERT INTO risk_holding (org_id, number, asset, holds, what, source, at, author)
    SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, $7 FROM risk_holding WHERE org_id = $1";
const LINES: &str =
    "SELECT asset, threat, likelihood, impact, treatment, measures, likelihood_after, impact_after,
        owner, due, action_id, reason, at, author FROM risk_line WHERE org_id = $1 ORDER BY number";
const INSERT_LINE: &str =
    "INSERT INTO risk_line (org_id, number, asset, threat, likelihood, impact, treatment, measures,
        likelihood_after, impact_after, owner, due, action_id, reason, at, author)
    SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
    FROM risk_line WHERE org_id = $1";
const SIGNED: &str =
    "SELECT number, scope, document_id, sha256, devices, lines, unknown, at, author FROM risk_signed
    WHERE org_id = $1 ORDER BY number";
const INSERT_SIGNED: &str =
    "INSERT INTO risk_signed (org_id, number, scope, document_id, sha256, devices, lines, unknown, at, author)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const BROUGHT: &str = "SELECT sha256, file_name, place, threat, vulnerability, likelihood, impact, at, author
    FROM risk_brought WHERE org_id = $1 AND sha256 = (SELECT b.sha256 FROM risk_brought b WHERE b.org_id = $1
        ORDER BY b.number DESC LIMIT 1) ORDER BY number";
const LAST_BROUGHT: &str = "SELECT COALESCE(MAX(number), 0) FROM risk_brought WHERE org_id = $1";
const INSERT_BROUGHT: &str = "INSERT INTO risk_brought (org_id, number, sha256, file_name, place, threat, vulnerability,
        likelihood, impact, at, author)
    SELECT $1, v.column1, $2, $3, v.column2, v.column3, v.column4, v.column5, v.column6, $4, $5 FROM (VALUES {rows}) v";
pub(crate) const STATEMENTS: &[&str] =
    &[HOLDINGS, INSERT_HOLDING, LINES, INSERT_LINE, SIGNED, INSERT_SIGNED, BROUGHT, LAST_BROUGHT];

/// A threat as somebody graded it in a workbook elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroughtRow {
    /// The workbook's digest, in hexadecimal.
    pub sha256: String,
    /// What the workbook was called.
    pub file_name: String,
    /// Sheet and row.
    pub place: String,
    /// The threat.
    pub threat: String,
    /// The weakness that it uses.
    pub vulnerability: String,
    /// `low`, `moderate`, `high`.
    pub likelihood: Option<String>,
    /// The same.
    pub impact: Option<String>,
    /// When it was brought.
    pub at: Timestamp,
    /// By whom.
    pub author: String,
}

/// The threats of the newest workbook, in its order.
///
/// # Errors
/// When the database cannot be used.
pub async fn brought(view: &View) -> Result<Vec<BroughtRow>, Error> {
    let read = |row: &QueryResult| {
        Ok(BroughtRow {
            sha256: get(row, 0)?,
            file_name: get(row, 1)?,
            place: get(row, 2)?,
            threat: get(row, 3)?,
            vulnerability: get(row, 4)?,
            likelihood: get(row, 5)?,
            impact: get(row, 6)?,
            at: time(get(row, 7)?)?,
            author: get(row, 8)?,
        })
    };
    view.all(BROUGHT, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Keeps the threats of one workbook, all of one digest, name, moment and author.
///
/// # Errors
/// When the database refuses.
pub async fn add_brought(change: &Change, rows: &[BroughtRow]) -> Result<(), Error> {
    let Some(first) = rows.first() else { return Ok(()) };
    let org = change.org().uuid();
    let row = change.one(LAST_BROUGHT, values![org]).await?;
    let last = row.map_or(Ok(0), |row| get::<i64>(&row, 0))?;
    let shared = values![
        org,
        first.sha256.as_str(),
        first.file_name.as_str(),
        micros(first.at),
        first.author.as_str()
    ];
    let rows = rows.iter().zip(last + 1..).map(|(it, number)| {
        [
            Value::from(number),
            Value::from(it.place.as_str()),
            Value::from(it.threat.as_str()),
            Value::from(it.vulnerability.as_str()),
            Value::from(it.likelihood.clone()),
            Value::from(it.impact.clone()),
        ]
    });
    change.execute_batches(batches(INSERT_BROUGHT, &shared, rows)).await?;
    Ok(())
}

fn count(row: &QueryResult, index: usize) -> Result<u64, Error> {
    Ok(u64::try_from(get::<i64>(row, index)?).unwrap_or_default())
}

fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// All that was said of what products hold, in the order in which it was said.
///
/// # Errors
/// When the database cannot be used.
pub async fn holdings(view: &View) -> Result<Vec<HoldingRow>, Error> {
    let read = |row: &QueryResult| {
        Ok(HoldingRow {
            asset: get(row, 0)?,
            holds: get::<i64>(row, 1)? != 0,
            what: get(row, 2)?,
            source: get(row, 3)?,
            at: time(get(row, 4)?)?,
            author: get(row, 5)?,
        })
    };
    view.all(HOLDINGS, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Keeps what somebody said.
///
/// # Errors
/// When the database refuses.
pub async fn add_holding(change: &Change, row: &HoldingRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        row.asset.as_str(),
        i64::from(row.holds),
        row.what.as_str(),
        row.source.as_str(),
        micros(row.at),
        row.author.as_str()
    ];
    change.execute(INSERT_HOLDING, values).await?;
    Ok(())
}

/// All judgements, in the order in which they were made.
///
/// # Errors
/// When the database cannot be used.
pub async fn lines(view: &View) -> Result<Vec<LineRow>, Error> {
    let read = |row: &QueryResult| {
        let due = get::<Option<String>>(row, 9)?;
        Ok(LineRow {
            asset: get(row, 0)?,
            threat: get(row, 1)?,
            likelihood: get(row, 2)?,
            impact: get(row, 3)?,
            treatment: get(row, 4)?,
            measures: get(row, 5)?,
            likelihood_after: get(row, 6)?,
            impact_after: get(row, 7)?,
            owner: get(row, 8)?,
            due: due.map(|day| code("risk_line.due", &day, |day| day.parse().ok())).transpose()?,
            action: get::<Option<uuid::Uuid>>(row, 10)?.map(ActionId::from_uuid),
            reason: get(row, 11)?,
            at: time(get(row, 12)?)?,
            author: get(row, 13)?,
        })
    };
    view.all(LINES, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Keeps a judgement.
///
/// # Errors
/// When the database refuses.
pub async fn add_line(change: &Change, row: &LineRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        row.asset.as_str(),
        row.threat.as_str(),
        row.likelihood.as_deref(),
        row.impact.as_deref(),
        row.treatment.as_str(),
        row.measures.as_str(),
        row.likelihood_after.as_deref(),
        row.impact_after.as_deref(),
        row.owner.as_str(),
        row.due.map(|day| day.to_string()),
        row.action.map(|id| id.uuid()),
        row.reason.as_str(),
        micros(row.at),
        row.author.as_str()
    ];
    change.execute(INSERT_LINE, values).await?;
    Ok(())
}

/// Signed analyses, the first one first.
///
/// # Errors
/// When the database cannot be used.
pub async fn signed(view: &View) -> Result<Vec<SignedRow>, Error> {
    let read = |row: &QueryResult| {
        Ok(SignedRow {
            number: count(row, 0)?,
            scope: get(row, 1)?,
            document: DocumentId::from_uuid(get(row, 2)?),
            sha256: get(row, 3)?,
            devices: count(row, 4)?,
            lines: count(row, 5)?,
            unknown: count(row, 6)?,
            at: time(get(row, 7)?)?,
            author: get(row, 8)?,
        })
    };
    view.all(SIGNED, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// Keeps a signed analysis.
///
/// # Errors
/// When the database refuses, as where two signed at once.
pub async fn add_signed(change: &Change, row: &SignedRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        stored(row.number),
        row.scope.as_str(),
        row.document.uuid(),
        row.sha256.as_str(),
        stored(row.devices),
        stored(row.lines),
        stored(row.unknown),
        micros(row.at),
        row.author.as_str()
    ];
    change.execute(INSERT_SIGNED, values).await?;
    Ok(())
}
