//! Findings: a configuration class, a weakness, and what is said of the two. Closed, never deleted.

use bedrail_model::answer::{Answer, Reason};
use bedrail_model::ids::{ClassId, DecisionId, SoftwareId};
use jiff::Timestamp;
use sea_orm::{DbBackend, QueryResult, Value};
use uuid::Uuid;

use crate::sql::{batches, code, get, id_batches, micros, time, values};
use crate::{Change, Error, View};

/// A finding as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRow {
    /// The class.
    pub class: ClassId,
    /// The weakness.
    pub weakness: String,
    /// The answer: affected or cannot tell.
    pub answer: Answer,
    /// Why.
    pub reason: Reason,
    /// The software that decides, of all that the release contains.
    pub software: SoftwareId,
    /// Where it stands in the content.
    pub component: u32,
    /// When it was first found.
    pub first_seen: Timestamp,
    /// When it was judged last.
    pub last_judged: Timestamp,
    /// Since when it no longer holds.
    pub closed: Option<Timestamp>,
    /// The decision that took it away: it is closed by it, and would be open without it.
    pub ruled_out: Option<DecisionId>,
}

impl FindingRow {
    /// The answer that it counts with; none where it is closed.
    pub fn counted(&self) -> Option<Answer> {
        self.closed.is_none().then_some(self.answer)
    }
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT class_id, weakness, answer, reason, software_id, component, first_seen, last_judged, closed, ruled_out ",
            "FROM finding ",
            $rest
        )
    };
}

const STANDING_OF_WEAKNESSES: &str =
    columns!("WHERE org_id = $1 AND weakness IN ({ids}) AND (closed IS NULL OR ruled_out IS NOT NULL)");
const STANDING_OF_CLASS: &str =
    columns!("WHERE org_id = $1 AND class_id = $2 AND (closed IS NULL OR ruled_out IS NOT NULL)");
const STANDING_OF_CLASSES: &str =
    columns!("WHERE org_id = $1 AND class_id IN ({ids}) AND (closed IS NULL OR ruled_out IS NOT NULL)");
/// Open findings put together by the database, one row for each weakness; of each finding class and software as 64 hexadecimal
/// digits, and why where it is asked for: to hand hundreds of thousands of rows over one by one takes longer than to find them.
macro_rules! open {
    ($each:literal, $answer:literal) => {
        concat!(
            "SELECT weakness, ",
            $each,
            " FROM finding WHERE org_id = $1 AND weakness IN ({ids}) AND closed IS NULL AND answer = '",
            $answer,
            "' GROUP BY weakness"
        )
    };
}
/// For SQLite and for PostgreSQL.
const OPEN_AFFECTED: [&str; 2] = [
    open!("group_concat(hex(class_id) || hex(software_id), ' ')", "affected"),
    open!("string_agg(encode(uuid_send(class_id) || uuid_send(software_id), 'hex'), ' ')", "affected"),
];
const OPEN_UNCLEAR: [&str; 2] = [
    open!("group_concat(hex(class_id) || hex(software_id) || reason, ' ')", "cannot_tell"),
    open!(
        "string_agg(encode(uuid_send(class_id) || uuid_send(software_id), 'hex') || reason, ' ')",
        "cannot_tell"
    ),
];
const ANY: &str = "SELECT 1 FROM finding WHERE org_id = $1 LIMIT 1";
const ALL_OF_CLASS: &str = columns!("WHERE org_id = $1 AND class_id = $2 ORDER BY first_seen, weakness");
const UPSERT: &str = "INSERT INTO finding (org_id, first_seen, last_judged, weakness, class_id, answer, reason, software_id, component,
        ruled_out, closed)
    SELECT $1, $2, $2, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7,
        CASE WHEN v.column7 IS NULL THEN NULL ELSE CAST($2 AS bigint) END FROM (VALUES {rows}) v WHERE true
    ON CONFLICT (org_id, weakness, class_id) DO UPDATE SET answer = excluded.answer, reason = excluded.reason,
        software_id = excluded.software_id, component = excluded.component, last_judged = excluded.last_judged,
        ruled_out = excluded.ruled_out,
        closed = CASE WHEN excluded.ruled_out IS NULL THEN NULL ELSE COALESCE(finding.closed, excluded.closed) END";
const CLOSE: &str =
    "UPDATE finding SET closed = COALESCE(finding.closed, $2), ruled_out = NULL, last_judged = $2
    FROM (VALUES {rows}) v
    WHERE finding.org_id = $1 AND finding.weakness = v.column1 AND finding.class_id = v.column2";
pub(crate) const STATEMENTS: &[&str] =
    &[STANDING_OF_WEAKNESSES, STANDING_OF_CLASS, STANDING_OF_CLASSES, ALL_OF_CLASS, ANY];

fn read(row: &QueryResult) -> Result<FindingRow, Error> {
    Ok(FindingRow {
        class: ClassId::from_uuid(get(row, 0)?),
        weakness: get(row, 1)?,
        answer: code("finding.answer", &get::<String>(row, 2)?, Answer::from_code)?,
        reason: code("finding.reason", &get::<String>(row, 3)?, Reason::from_code)?,
        software: SoftwareId::from_uuid(get(row, 4)?),
        component: u32::try_from(get::<i64>(row, 5)?).unwrap_or(u32::MAX),
        first_seen: time(get(row, 6)?)?,
        last_judged: time(get(row, 7)?)?,
        closed: get::<Option<i64>>(row, 8)?.map(time).transpose()?,
        ruled_out: get::<Option<_>>(row, 9)?.map(DecisionId::from_uuid),
    })
}

/// Standing findings of weaknesses, the open ones and those that a decision took away: who has them.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_weaknesses(view: &View, weaknesses: &[String]) -> Result<Vec<FindingRow>, Error> {
    let ids = weaknesses.iter().map(|id| Value::from(id.as_str()));
    let shared = [Value::from(view.org().uuid())];
    view.all_batches(id_batches(STANDING_OF_WEAKNESSES, &shared, ids)).await?.iter().map(read).collect()
}

/// Standing findings of one class, the open ones and those that a decision took away.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_class(view: &View, class: ClassId) -> Result<Vec<FindingRow>, Error> {
    view.all(STANDING_OF_CLASS, values![view.org().uuid(), class.uuid()]).await?.iter().map(read).collect()
}

/// Standing findings of several classes, the open ones and those that a decision took away.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_classes(view: &View, classes: &[ClassId]) -> Result<Vec<FindingRow>, Error> {
    let ids = classes.iter().map(|id| Value::from(id.uuid()));
    let shared = values![view.org().uuid()];
    view.all_batches(id_batches(STANDING_OF_CLASSES, &shared, ids)).await?.iter().map(read).collect()
}

/// Open and closed findings of one class, the oldest first: what happened.
///
/// # Errors
/// When the database cannot be used.
pub async fn history_of_class(view: &View, class: ClassId) -> Result<Vec<FindingRow>, Error> {
    view.all(ALL_OF_CLASS, values![view.org().uuid(), class.uuid()]).await?.iter().map(read).collect()
}

/// Where an open finding is: the class, the software that decides, and more.
pub type Open<More = ()> = (ClassId, SoftwareId, More);

/// Open findings on weaknesses that affect, by weakness.
///
/// # Errors
/// When the database cannot be used.
pub async fn open_affected(view: &View, weaknesses: &[String]) -> Result<Vec<(String, Vec<Open>)>, Error> {
    open(view, OPEN_AFFECTED, weaknesses, |_| Ok(())).await
}

/// Open findings on weaknesses of which it cannot be told, by weakness, each with why.
///
/// # Errors
/// When the database cannot be used.
pub async fn open_unclear(
    view: &View,
    weaknesses: &[String],
) -> Result<Vec<(String, Vec<Open<Reason>>)>, Error> {
    open(view, OPEN_UNCLEAR, weaknesses, |reason| code("finding.reason", reason, Reason::from_code)).await
}

async fn open<More>(
    view: &View,
    [sqlite, postgres]: [&str; 2],
    weaknesses: &[String],
    more: impl Fn(&str) -> Result<More, Error>,
) -> Result<Vec<(String, Vec<Open<More>>)>, Error> {
    let template = if view.backend() == DbBackend::Sqlite { sqlite } else { postgres };
    let ids = weaknesses.iter().map(|id| Value::from(id.as_str()));
    let shared = [Value::from(view.org().uuid())];
    let read = |row: &QueryResult| {
        let all: String = get(row, 1)?;
        let open: Result<_, Error> = all.split(' ').map(|one| read_open(one, &more)).collect();
        Ok((get(row, 0)?, open?))
    };
    view.all_batches(id_batches(template, &shared, ids)).await?.iter().map(read).collect()
}

fn read_open<More>(text: &str, more: impl Fn(&str) -> Result<More, Error>) -> Result<Open<More>, Error> {
    let corrupt = || Error::Corrupt { column: "finding.class_id", value: text.to_owned() };
    let (class, rest) = text.split_at_checked(32).ok_or_else(corrupt)?;
    let (software, rest) = rest.split_at_checked(32).ok_or_else(corrupt)?;
    let id = |digits: &str| Uuid::try_parse(digits).map_err(|_| corrupt());
    Ok((ClassId::from_uuid(id(class)?), SoftwareId::from_uuid(id(software)?), more(rest)?))
}

/// Whether the organisation ever had a finding.
///
/// # Errors
/// When the database cannot be used.
pub async fn any(view: &View) -> Result<bool, Error> {
    Ok(view.one(ANY, values![view.org().uuid()]).await?.is_some())
}

/// A finding to write; the times are the change's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFinding {
    /// The class.
    pub class: ClassId,
    /// The weakness.
    pub weakness: String,
    /// The answer: affected or cannot tell.
    pub answer: Answer,
    /// Why.
    pub reason: Reason,
    /// The software that decides.
    pub software: SoftwareId,
    /// Where it stands in the content.
    pub component: u32,
    /// The decision that takes it away: it is kept, and closed.
    pub ruled_out: Option<DecisionId>,
}

/// Opens new findings, changes open ones, opens closed ones again, closes those that a decision takes away. `first_seen` of
/// known ones stays.
///
/// # Errors
/// When the database cannot be used.
pub async fn put(change: &Change, findings: &[NewFinding]) -> Result<(), Error> {
    let shared = values![change.org().uuid(), micros(change.at())];
    let rows = findings.iter().map(|finding| {
        [
            finding.weakness.as_str().into(),
            finding.class.uuid().into(),
            finding.answer.code().into(),
            finding.reason.code().into(),
            finding.software.uuid().into(),
            i64::from(finding.component).into(),
            finding.ruled_out.map(DecisionId::uuid).into(),
        ]
    });
    change.execute_batches(batches(UPSERT, &shared, rows)).await?;
    Ok(())
}

/// Closes findings that no longer hold.
///
/// # Errors
/// When the database cannot be used.
pub async fn close(change: &Change, findings: &[(String, ClassId)]) -> Result<(), Error> {
    let shared = values![change.org().uuid(), micros(change.at())];
    let rows = findings.iter().map(|(weakness, class)| [weakness.as_str().into(), class.uuid().into()]);
    change.execute_batches(batches(CLOSE, &shared, rows)).await?;
    Ok(())
}
