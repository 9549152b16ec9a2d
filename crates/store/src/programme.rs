//! The programme that the law asks for: documents that show something, decisions on addressable specifications, and how every
//! requirement stood from day to day. Nothing is edited: documents are withdrawn, decisions are followed by newer ones.

use bedrail_model::ids::{DocumentId, ProgrammeDecisionId, ProofId};
use jiff::Timestamp;
use jiff::civil::Date;
use sea_orm::{QueryResult, Value};

use crate::sql::{batches, code, get, id_batches, micros, time, values};
use crate::{Change, Error, View};

/// A document that shows the value of a signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofRow {
    /// Id.
    pub id: ProofId,
    /// The original as received.
    pub document: DocumentId,
    /// SHA-256 of its bytes.
    pub sha256: Vec<u8>,
    /// Its name.
    pub file_name: String,
    /// Its media type, told by its content.
    pub media_type: String,
    /// Its length.
    pub bytes: u64,
    /// The requirement that it was brought for.
    pub requirement: String,
    /// The signal that it shows something of.
    pub signal: String,
    /// The system that it is about.
    pub system: String,
    /// The value that it shows, as typed.
    pub shows: String,
    /// The first day that it is about, inclusive.
    pub about_from: Date,
    /// The last day that it is about, inclusive.
    pub about_to: Option<Date>,
    /// The day on which it was collected.
    pub collected: Date,
    /// Who collected it.
    pub collector: String,
    /// The last day on which it counts, inclusive.
    pub expires: Option<Date>,
    /// When it was received.
    pub added: Timestamp,
    /// From whom.
    pub added_by: String,
    /// When it was withdrawn, and by whom.
    pub withdrawn: Option<(Timestamp, String)>,
}

/// A decision on an addressable specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// Id.
    pub id: ProgrammeDecisionId,
    /// The requirement.
    pub requirement: String,
    /// `implement`, `alternative`, `not_reasonable`.
    pub outcome: String,
    /// The measure that stands in its place.
    pub measure: Option<String>,
    /// Names of the systems; none for all.
    pub systems: Vec<String>,
    /// Why.
    pub reason: String,
    /// Who approved it.
    pub approver: String,
    /// The day of the decision.
    pub decided: Date,
    /// The last day on which it holds without a new look, inclusive.
    pub review_by: Date,
    /// The document that shows the measure or the assessment.
    pub proof: Option<ProofId>,
    /// When it was written down.
    pub added: Timestamp,
    /// By whom.
    pub added_by: String,
}

/// What was known on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayRow {
    /// The day.
    pub day: Date,
    /// When it was noted.
    pub taken: Timestamp,
    /// The computed facts, as JSON.
    pub facts: String,
    /// The versions of the catalogues.
    pub catalogues: Vec<String>,
}

/// How a requirement stood on a day, as known then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRow {
    /// The requirement.
    pub requirement: String,
    /// `yes`, `no`, `not_assessed`.
    pub applies: String,
    /// Its state.
    pub state: String,
    /// Whether something was past its date.
    pub overdue: bool,
    /// Why.
    pub reason: String,
    /// The version of the catalogue.
    pub catalogue: String,
}

const PROOFS: &str =
    "SELECT id, document_id, sha256, file_name, media_type, bytes, requirement, signal, system, shows,
        about_from, about_to, collected, collector, expires, added, added_by, withdrawn, withdrawn_by
    FROM proof WHERE org_id = $1 ORDER BY added DESC, id DESC";
const INSERT_PROOF: &str = "INSERT INTO proof (org_id, changed, id, document_id, sha256, file_name, media_type, bytes,
        requirement, signal, system, shows, about_from, about_to, collected, collector, expires, added, added_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
const WITHDRAW: &str = "UPDATE proof SET withdrawn = $3, withdrawn_by = $4, changed = $5
    WHERE org_id = $1 AND id = $2 AND withdrawn IS NULL";
const DECISIONS: &str =
    "SELECT id, requirement, outcome, measure, systems, reason, approver, decided, review_by, proof_id,
        added, added_by
    FROM programme_decision WHERE org_id = $1 ORDER BY added DESC, id DESC";
const INSERT_DECISION: &str =
    "INSERT INTO programme_decision (org_id, changed, id, requirement, outcome, measure, systems,
        reason, approver, decided, review_by, proof_id, added, added_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
const DAYS: &str = "SELECT day FROM programme_day WHERE org_id = $1 ORDER BY day DESC";
const LAST_DAY: &str = "SELECT day, taken, facts, catalogues FROM programme_day WHERE org_id = $1
    ORDER BY day DESC LIMIT 1";
const DAY: &str = "SELECT day, taken, facts, catalogues FROM programme_day WHERE org_id = $1 AND day = $2";
const STATES: &str = "SELECT requirement, applies, state, overdue, reason, catalogue FROM programme_state
    WHERE org_id = $1 AND day = $2 ORDER BY requirement";
const STATES_BETWEEN: &str = "SELECT day, requirement, applies, state FROM programme_state
    WHERE org_id = $1 AND day >= $2 AND day <= $3 AND requirement IN ({ids}) ORDER BY day";
const FORGET_STATES: &str = "DELETE FROM programme_state WHERE org_id = $1 AND day = $2";
const FORGET_DAY: &str = "DELETE FROM programme_day WHERE org_id = $1 AND day = $2";
const INSERT_DAY: &str =
    "INSERT INTO programme_day (org_id, day, taken, facts, catalogues) VALUES ($1, $2, $3, $4, $5)";
const INSERT_STATES: &str =
    "INSERT INTO programme_state (org_id, day, requirement, applies, state, overdue, reason, catalogue)
    SELECT $1, $2, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6
    FROM (VALUES {rows}) v";
const WAITING: &str = "SELECT COUNT(*) FROM alert_item
    WHERE org_id = $1 AND closed IS NULL AND verdict IS NULL AND opened < $2";
pub(crate) const STATEMENTS: &[&str] = &[
    PROOFS,
    INSERT_PROOF,
    WITHDRAW,
    DECISIONS,
    INSERT_DECISION,
    DAYS,
    DAY,
    LAST_DAY,
    STATES,
    STATES_BETWEEN,
    FORGET_STATES,
    FORGET_DAY,
    INSERT_DAY,
    WAITING,
];

fn day(text: &str) -> Result<Date, Error> {
    code("a day", text, |text| text.parse().ok())
}

fn some_day(text: Option<&str>) -> Result<Option<Date>, Error> {
    text.map(day).transpose()
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn read_proof(row: &QueryResult) -> Result<ProofRow, Error> {
    let withdrawn = get::<Option<i64>>(row, 17)?.map(time).transpose()?;
    Ok(ProofRow {
        id: ProofId::from_uuid(get(row, 0)?),
        document: DocumentId::from_uuid(get(row, 1)?),
        sha256: get(row, 2)?,
        file_name: get(row, 3)?,
        media_type: get(row, 4)?,
        bytes: get::<i64>(row, 5)?.unsigned_abs(),
        requirement: get(row, 6)?,
        signal: get(row, 7)?,
        system: get(row, 8)?,
        shows: get(row, 9)?,
        about_from: day(&get::<String>(row, 10)?)?,
        about_to: some_day(get::<Option<String>>(row, 11)?.as_deref())?,
        collected: day(&get::<String>(row, 12)?)?,
        collector: get(row, 13)?,
        expires: some_day(get::<Option<String>>(row, 14)?.as_deref())?,
        added: time(get(row, 15)?)?,
        added_by: get(row, 16)?,
        withdrawn: withdrawn.zip(get::<Option<String>>(row, 18)?),
    })
}

fn read_decision(row: &QueryResult) -> Result<DecisionRow, Error> {
    Ok(DecisionRow {
        id: ProgrammeDecisionId::from_uuid(get(row, 0)?),
        requirement: get(row, 1)?,
        outcome: get(row, 2)?,
        measure: get(row, 3)?,
        systems: lines(&get::<String>(row, 4)?),
        reason: get(row, 5)?,
        approver: get(row, 6)?,
        decided: day(&get::<String>(row, 7)?)?,
        review_by: day(&get::<String>(row, 8)?)?,
        proof: get::<Option<uuid::Uuid>>(row, 9)?.map(ProofId::from_uuid),
        added: time(get(row, 10)?)?,
        added_by: get(row, 11)?,
    })
}

/// All documents, the newest first, withdrawn ones too.
///
/// # Errors
/// When the database cannot be used.
pub async fn proofs(view: &View) -> Result<Vec<ProofRow>, Error> {
    view.all(PROOFS, values![view.org().uuid()]).await?.iter().map(read_proof).collect()
}

/// Keeps a document.
///
/// # Errors
/// When the database refuses.
pub async fn add_proof(change: &Change, row: &ProofRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        row.id.uuid(),
        row.document.uuid(),
        row.sha256.clone(),
        row.file_name.as_str(),
        row.media_type.as_str(),
        i64::try_from(row.bytes).unwrap_or(i64::MAX),
        row.requirement.as_str(),
        row.signal.as_str(),
        row.system.as_str(),
        row.shows.as_str(),
        row.about_from.to_string(),
        row.about_to.map(|day| day.to_string()),
        row.collected.to_string(),
        row.collector.as_str(),
        row.expires.map(|day| day.to_string()),
        micros(row.added),
        row.added_by.as_str()
    ];
    change.execute(INSERT_PROOF, values).await?;
    Ok(())
}

/// Takes a document back: it counts no more from now on. False where there is none in force.
///
/// # Errors
/// When the database refuses.
pub async fn withdraw_proof(change: &Change, id: ProofId) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), micros(change.at()), change.actor(), change.number];
    Ok(change.execute(WITHDRAW, values).await? > 0)
}

/// All decisions, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn decisions(view: &View) -> Result<Vec<DecisionRow>, Error> {
    view.all(DECISIONS, values![view.org().uuid()]).await?.iter().map(read_decision).collect()
}

/// Writes a decision down.
///
/// # Errors
/// When the database refuses.
pub async fn add_decision(change: &Change, row: &DecisionRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        row.id.uuid(),
        row.requirement.as_str(),
        row.outcome.as_str(),
        row.measure.clone(),
        row.systems.join("\n"),
        row.reason.as_str(),
        row.approver.as_str(),
        row.decided.to_string(),
        row.review_by.to_string(),
        row.proof.map(ProofId::uuid),
        micros(row.added),
        row.added_by.as_str()
    ];
    change.execute(INSERT_DECISION, values).await?;
    Ok(())
}

/// The days that something is kept of, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn days(view: &View) -> Result<Vec<Date>, Error> {
    let rows = view.all(DAYS, values![view.org().uuid()]).await?;
    rows.iter().map(|row| day(&get::<String>(row, 0)?)).collect()
}

/// What was known on the last day that something is kept of.
///
/// # Errors
/// When the database cannot be used.
pub async fn last_day(view: &View) -> Result<Option<DayRow>, Error> {
    let row = view.one(LAST_DAY, values![view.org().uuid()]).await?;
    row.as_ref().map(read_day).transpose()
}

/// What was known on a day.
///
/// # Errors
/// When the database cannot be used.
pub async fn day_of(view: &View, wanted: Date) -> Result<Option<DayRow>, Error> {
    let row = view.one(DAY, values![view.org().uuid(), wanted.to_string()]).await?;
    row.as_ref().map(read_day).transpose()
}

fn read_day(row: &QueryResult) -> Result<DayRow, Error> {
    Ok(DayRow {
        day: day(&get::<String>(row, 0)?)?,
        taken: time(get(row, 1)?)?,
        facts: get(row, 2)?,
        catalogues: lines(&get::<String>(row, 3)?),
    })
}

/// How every requirement stood on a day, as known then.
///
/// # Errors
/// When the database cannot be used.
pub async fn states_of(view: &View, wanted: Date) -> Result<Vec<StateRow>, Error> {
    let rows = view.all(STATES, values![view.org().uuid(), wanted.to_string()]).await?;
    rows.iter().map(read_state).collect()
}

/// A requirement on a day, as known then: the day, the requirement, whether it applied, its state.
pub type StateOnDay = (Date, String, String, String);

/// How some requirements stood on the days of a stretch, both inclusive, as known on each.
///
/// # Errors
/// When the database cannot be used.
pub async fn states_between(
    view: &View,
    (from, to): (Date, Date),
    requirements: &[&str],
) -> Result<Vec<StateOnDay>, Error> {
    let shared = values![view.org().uuid(), from.to_string(), to.to_string()];
    let ids = requirements.iter().map(|id| Value::from(*id));
    let rows = view.all_batches(id_batches(STATES_BETWEEN, &shared, ids)).await?;
    rows.iter()
        .map(|row| Ok((day(&get::<String>(row, 0)?)?, get(row, 1)?, get(row, 2)?, get(row, 3)?)))
        .collect()
}

fn read_state(row: &QueryResult) -> Result<StateRow, Error> {
    Ok(StateRow {
        requirement: get(row, 0)?,
        applies: get(row, 1)?,
        state: get(row, 2)?,
        overdue: get::<i64>(row, 3)? != 0,
        reason: get(row, 4)?,
        catalogue: get(row, 5)?,
    })
}

/// Notes a day, in the place of an earlier note of the same day.
///
/// # Errors
/// When the database refuses.
pub async fn note_day(change: &Change, row: &DayRow, states: Vec<StateRow>) -> Result<(), Error> {
    let (org, day) = (change.org().uuid(), row.day.to_string());
    change.execute(FORGET_STATES, values![org, day.as_str()]).await?;
    change.execute(FORGET_DAY, values![org, day.as_str()]).await?;
    let catalogues = row.catalogues.join("\n");
    let head = values![org, day.as_str(), micros(row.taken), row.facts.as_str(), catalogues];
    change.execute(INSERT_DAY, head).await?;
    let shared = values![org, day];
    let rows = states.into_iter().map(|it| {
        [
            Value::from(it.requirement),
            Value::from(it.applies),
            Value::from(it.state),
            Value::from(i64::from(it.overdue)),
            Value::from(it.reason),
            Value::from(it.catalogue),
        ]
    });
    change.execute_batches(batches(INSERT_STATES, &shared, rows)).await?;
    Ok(())
}

/// Open items of alerts that were opened before a moment, and of which nobody has said what they are.
///
/// # Errors
/// When the database cannot be used.
pub async fn alerts_waiting(view: &View, before: Timestamp) -> Result<u64, Error> {
    let row = view.one(WAITING, values![view.org().uuid(), micros(before)]).await?;
    row.map_or(Ok(0), |row| Ok(get::<i64>(&row, 0)?.unsigned_abs()))
}
