//! Software identities and the judgements on them. They are judged once, whoever has them, since the same purl and
//! version get the same answer everywhere; which organisation has which is in its own tables.

use std::collections::HashSet;

use bedrail_model::answer::{Answer, Reason};
use bedrail_model::cpe::Origin;
use bedrail_model::finding::{Evidence, Judgement};
use bedrail_model::ids::{PlatformId, SoftwareId};
use sea_orm::{QueryResult, Value};
use serde::Deserialize;

use crate::sql::{batches, code, get, id_batches, values};
use crate::{Error, Reference, View};

/// A software identity as stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SoftwareFacts {
    /// The name that people know: group and name.
    pub name: String,
    /// The version as given.
    pub version: Option<String>,
    /// The purl as given.
    pub purl: Option<String>,
    /// Whether advisories could speak of it; a service or a file is only named.
    pub judged: bool,
    /// The product names (CPE) that it is judged by, each with where it is from; none where the purl says what it is.
    pub names: Vec<(String, Origin)>,
    /// The device it is in, where it is judged by product names.
    pub platform: Option<PlatformId>,
    /// Whether the bill gives a name alone, and a person said which package or product that is.
    pub confirmed: bool,
}

/// What is said of a software identity as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Why it cannot be judged at all.
    pub unassessed: Option<Reason>,
    /// The most pressing answer of all judgements; `None` where no weakness affects it.
    pub worst: Option<(Answer, Reason)>,
}

/// A software identity with its standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftwareRow {
    /// Id.
    pub id: SoftwareId,
    /// What it is.
    pub facts: SoftwareFacts,
    /// What is said of it.
    pub standing: Standing,
}

/// A judgement in short, for making findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgementRow {
    /// On which software.
    pub software: SoftwareId,
    /// On which weakness.
    pub weakness: String,
    /// The answer.
    pub answer: Answer,
    /// Why.
    pub reason: Reason,
}

/// What stands behind a judgement, for showing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgementDetail {
    /// On which software.
    pub software: SoftwareId,
    /// On which weakness.
    pub weakness: String,
    /// Versions that fix it.
    pub fixed_in: Vec<String>,
    /// Records that had a say.
    pub evidence: Vec<Evidence>,
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, version, purl, judged, unassessed, worst, worst_reason, names, platform_id, confirmed FROM software ",
            $rest
        )
    };
}

const CHANGED: &str = columns!("WHERE changed > $1");
const BY_IDS: &str = columns!("WHERE id IN ({ids})");
const BY_PACKAGES: &str =
    columns!("WHERE id IN (SELECT software_id FROM software_package WHERE package IN ({ids}))");
const INSERT_PACKAGES: &str =
    "INSERT INTO software_package (package, software_id) VALUES {rows} ON CONFLICT DO NOTHING";
const AFTER: &str = columns!("WHERE id > $1 ORDER BY id LIMIT $2");
const UNASSESSED: &str = "SELECT id FROM software WHERE id IN ({ids}) AND unassessed IS NOT NULL";
const BY_NAME: &str = "SELECT id FROM software WHERE id IN ({ids}) AND platform_id IS NOT NULL";
const KNOWN: &str = "SELECT id FROM software WHERE id IN ({ids})";
const INSERT: &str =
    "INSERT INTO software (changed, id, name, version, purl, judged, unassessed, worst, worst_reason, names, platform_id, confirmed)
    SELECT $1, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7, v.column8, v.column9, v.column10,
        v.column11
    FROM (VALUES {rows}) v WHERE true ON CONFLICT (id) DO NOTHING";
const SET_STANDING: &str = "UPDATE software SET changed = $1, unassessed = v.column2, worst = v.column3,
    worst_reason = v.column4 FROM (VALUES {rows}) v WHERE software.id = v.column1";
const JUDGEMENTS: &str =
    "SELECT software_id, weakness, answer, reason FROM judgement WHERE software_id IN ({ids})";
const JUDGEMENTS_ON: &str =
    "SELECT software_id, weakness, answer, reason FROM judgement WHERE weakness IN ({ids})";
const DETAILS: &str =
    "SELECT software_id, weakness, fixed_in, evidence FROM judgement WHERE software_id IN ({ids})";
const DETAILS_ON: &str = "SELECT software_id, weakness, fixed_in, evidence FROM judgement
    WHERE weakness = $1 AND software_id IN ({ids})";
const DELETE_JUDGEMENTS: &str = "DELETE FROM judgement WHERE software_id IN ({ids})";
const INSERT_JUDGEMENTS: &str =
    "INSERT INTO judgement (software_id, weakness, answer, reason, fixed_in, evidence)
    VALUES {rows} ON CONFLICT (software_id, weakness) DO NOTHING";
const STATE: &str = "SELECT snapshot, unfinished FROM reference_state WHERE id = 1";
const SET_STATE: &str = "UPDATE reference_state SET snapshot = $1, unfinished = $2 WHERE id = 1";
pub(crate) const STATEMENTS: &[&str] = &[
    CHANGED,
    BY_IDS,
    BY_PACKAGES,
    AFTER,
    UNASSESSED,
    BY_NAME,
    KNOWN,
    JUDGEMENTS,
    JUDGEMENTS_ON,
    DETAILS,
    DETAILS_ON,
    DELETE_JUDGEMENTS,
    STATE,
    SET_STATE,
];

/// Evidence as it is read from the row. It is written as a list without names, a third shorter: most of a judgement's row
/// is evidence.
#[derive(Deserialize)]
struct EvidenceJson {
    advisory: String,
    source: String,
    snapshot: String,
    package: String,
    rule: String,
    version: Option<String>,
    reason: String,
    /// Left out where there is none, as older rows have it.
    #[serde(default)]
    missing: Option<String>,
}

/// Evidence as it is written, in the order of [`EvidenceJson`].
fn evidence_json(evidence: &[Evidence]) -> serde_json::Result<String> {
    let lists: Vec<_> = evidence
        .iter()
        .map(|one| {
            let Evidence { advisory, source, snapshot, package, rule, version, reason, missing } = one;
            let texts: [&str; 5] = [advisory, source, snapshot, package, rule];
            let mut list = texts.map(Some).to_vec();
            list.extend([version.as_deref(), Some(reason.code())]);
            list.extend(missing.as_deref().map(Some));
            list
        })
        .collect();
    serde_json::to_string(&lists)
}

impl EvidenceJson {
    fn evidence(self) -> Result<Evidence, Error> {
        Ok(Evidence {
            reason: code("judgement.evidence", &self.reason, Reason::from_code)?,
            advisory: self.advisory,
            source: self.source.into(),
            snapshot: self.snapshot.into(),
            package: self.package.into(),
            rule: self.rule,
            version: self.version.map(Into::into),
            missing: self.missing,
        })
    }
}

fn json<T: for<'a> Deserialize<'a>>(column: &'static str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|_| Error::Corrupt { column, value: text.to_owned() })
}

fn optional_code<T>(
    column: &'static str,
    text: Option<String>,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Error> {
    text.map(|text| code(column, &text, read)).transpose()
}

fn read(row: &QueryResult) -> Result<SoftwareRow, Error> {
    let worst = optional_code("software.worst", get(row, 6)?, Answer::from_code)?;
    let reason = optional_code("software.worst_reason", get(row, 7)?, Reason::from_code)?;
    Ok(SoftwareRow {
        id: SoftwareId::from_uuid(get(row, 0)?),
        facts: SoftwareFacts {
            name: get(row, 1)?,
            version: get(row, 2)?,
            purl: get(row, 3)?,
            judged: get::<i64>(row, 4)? != 0,
            names: get::<Option<String>>(row, 8)?.map_or_else(|| Ok(Vec::new()), |text| read_names(&text))?,
            platform: get::<Option<uuid::Uuid>>(row, 9)?.map(PlatformId::from_uuid),
            confirmed: get::<Option<i64>>(row, 10)? == Some(1),
        },
        standing: Standing {
            unassessed: optional_code("software.unassessed", get(row, 5)?, Reason::from_code)?,
            worst: worst.zip(reason),
        },
    })
}

/// The names of a row, as [`write_names`] wrote them.
fn read_names(text: &str) -> Result<Vec<(String, Origin)>, Error> {
    let names: Vec<(String, String)> = json("software.names", text)?;
    let read =
        |(name, origin): (String, String)| Ok((name, code("software.names", &origin, Origin::from_code)?));
    names.into_iter().map(read).collect()
}

fn write_names(names: &[(String, Origin)]) -> Option<String> {
    let pairs: Vec<(&str, &str)> =
        names.iter().map(|(name, origin)| (name.as_str(), origin.code())).collect();
    if pairs.is_empty() { None } else { serde_json::to_string(&pairs).ok() }
}

fn read_judgement(row: &QueryResult) -> Result<JudgementRow, Error> {
    Ok(JudgementRow {
        software: SoftwareId::from_uuid(get(row, 0)?),
        weakness: get(row, 1)?,
        answer: code("judgement.answer", &get::<String>(row, 2)?, Answer::from_code)?,
        reason: code("judgement.reason", &get::<String>(row, 3)?, Reason::from_code)?,
    })
}

fn read_detail(row: &QueryResult) -> Result<JudgementDetail, Error> {
    let evidence: Vec<EvidenceJson> = json("judgement.evidence", &get::<String>(row, 3)?)?;
    Ok(JudgementDetail {
        software: SoftwareId::from_uuid(get(row, 0)?),
        weakness: get(row, 1)?,
        fixed_in: json("judgement.fixed_in", &get::<String>(row, 2)?)?,
        evidence: evidence.into_iter().map(EvidenceJson::evidence).collect::<Result<_, _>>()?,
    })
}

fn uuids(ids: &[SoftwareId]) -> impl Iterator<Item = Value> + '_ {
    ids.iter().map(|id| Value::from(id.uuid()))
}

/// Identities written or re-judged after a change of the reference tables.
///
/// # Errors
/// When the database cannot be used.
pub async fn changed_since(view: &View, change: i64) -> Result<Vec<SoftwareRow>, Error> {
    view.all(CHANGED, values![change]).await?.iter().map(read).collect()
}

/// Identities by id, in no order.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_ids(view: &View, ids: &[SoftwareId]) -> Result<Vec<SoftwareRow>, Error> {
    view.all_batches(id_batches(BY_IDS, &[], uuids(ids))).await?.iter().map(read).collect()
}

/// Identities that may be known by these packages.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_packages(view: &View, names: &[String]) -> Result<Vec<SoftwareRow>, Error> {
    let names = names.iter().map(|name| Value::from(name.as_str()));
    view.all_batches(id_batches(BY_PACKAGES, &[], names)).await?.iter().map(read).collect()
}

/// The next identities after an id, in order: for work on all of them.
///
/// # Errors
/// When the database cannot be used.
pub async fn after(view: &View, id: SoftwareId, limit: u32) -> Result<Vec<SoftwareRow>, Error> {
    view.all(AFTER, values![id.uuid(), i64::from(limit)]).await?.iter().map(read).collect()
}

/// Which of these identities are stored already.
///
/// # Errors
/// When the database cannot be used.
pub async fn known(view: &View, ids: &[SoftwareId]) -> Result<HashSet<SoftwareId>, Error> {
    let rows = view.all_batches(id_batches(KNOWN, &[], uuids(ids))).await?;
    rows.iter().map(|row| Ok(SoftwareId::from_uuid(get(row, 0)?))).collect()
}

/// Which of these identities cannot be judged at all.
///
/// # Errors
/// When the database cannot be used.
pub async fn unassessed(view: &View, ids: &[SoftwareId]) -> Result<HashSet<SoftwareId>, Error> {
    let rows = view.all_batches(id_batches(UNASSESSED, &[], uuids(ids))).await?;
    rows.iter().map(|row| Ok(SoftwareId::from_uuid(get(row, 0)?))).collect()
}

/// Which of these identities are judged by product names, in a device.
///
/// # Errors
/// When the database cannot be used.
pub async fn judged_by_name(view: &View, ids: &[SoftwareId]) -> Result<HashSet<SoftwareId>, Error> {
    let rows = view.all_batches(id_batches(BY_NAME, &[], uuids(ids))).await?;
    rows.iter().map(|row| Ok(SoftwareId::from_uuid(get(row, 0)?))).collect()
}

/// Adds identities with what is said of them; known ones stay as they are.
///
/// # Errors
/// When the database cannot be used.
pub async fn add(reference: &Reference, software: &[SoftwareRow]) -> Result<(), Error> {
    let rows = software.iter().map(|row| {
        let (unassessed, worst, worst_reason) = standing(row.standing);
        [
            row.id.uuid().into(),
            row.facts.name.as_str().into(),
            row.facts.version.clone().into(),
            row.facts.purl.clone().into(),
            i64::from(row.facts.judged).into(),
            unassessed,
            worst,
            worst_reason,
            write_names(&row.facts.names).into(),
            row.facts.platform.map(PlatformId::uuid).into(),
            row.facts.confirmed.then_some(1_i64).into(),
        ]
    });
    reference.execute_batches(batches(INSERT, &[reference.number.into()], rows)).await?;
    Ok(())
}

/// Notes the packages that identities may be known by.
///
/// # Errors
/// When the database cannot be used.
pub async fn add_packages(reference: &Reference, packages: &[(String, SoftwareId)]) -> Result<(), Error> {
    let rows = packages.iter().map(|(package, id)| [package.as_str().into(), id.uuid().into()]);
    reference.execute_batches(batches(INSERT_PACKAGES, &[], rows)).await?;
    Ok(())
}

fn standing(standing: Standing) -> (Value, Value, Value) {
    (
        standing.unassessed.map(|reason| reason.code().to_owned()).into(),
        standing.worst.map(|(answer, _)| answer.code().to_owned()).into(),
        standing.worst.map(|(_, reason)| reason.code().to_owned()).into(),
    )
}

/// Sets what is said of known identities.
///
/// # Errors
/// When the database cannot be used.
pub async fn set_standing(reference: &Reference, software: &[(SoftwareId, Standing)]) -> Result<(), Error> {
    let rows = software.iter().map(|(id, said)| {
        let (unassessed, worst, worst_reason) = standing(*said);
        [id.uuid().into(), unassessed, worst, worst_reason]
    });
    reference.execute_batches(batches(SET_STANDING, &[reference.number.into()], rows)).await?;
    Ok(())
}

/// Judgements on these identities, in short.
///
/// # Errors
/// When the database cannot be used.
pub async fn judgements(view: &View, ids: &[SoftwareId]) -> Result<Vec<JudgementRow>, Error> {
    view.all_batches(id_batches(JUDGEMENTS, &[], uuids(ids))).await?.iter().map(read_judgement).collect()
}

/// Judgements on these weaknesses, in short.
///
/// # Errors
/// When the database cannot be used.
pub async fn judgements_on(view: &View, weaknesses: &[String]) -> Result<Vec<JudgementRow>, Error> {
    let ids = weaknesses.iter().map(|id| Value::from(id.as_str()));
    view.all_batches(id_batches(JUDGEMENTS_ON, &[], ids)).await?.iter().map(read_judgement).collect()
}

/// What stands behind the judgements on these identities.
///
/// # Errors
/// When the database cannot be used.
pub async fn details(view: &View, ids: &[SoftwareId]) -> Result<Vec<JudgementDetail>, Error> {
    view.all_batches(id_batches(DETAILS, &[], uuids(ids))).await?.iter().map(read_detail).collect()
}

/// What stands behind the judgements on these identities and one weakness.
///
/// # Errors
/// When the database cannot be used.
pub async fn details_on(
    view: &View,
    weakness: &str,
    ids: &[SoftwareId],
) -> Result<Vec<JudgementDetail>, Error> {
    let shared = values![weakness];
    view.all_batches(id_batches(DETAILS_ON, &shared, uuids(ids))).await?.iter().map(read_detail).collect()
}

/// Replaces all judgements on these identities. Their weaknesses are stored before.
///
/// # Errors
/// When the database cannot be used.
pub async fn replace_judgements(
    reference: &Reference,
    ids: &[SoftwareId],
    judgements: &[(SoftwareId, &Judgement)],
) -> Result<(), Error> {
    reference.execute_batches(id_batches(DELETE_JUDGEMENTS, &[], uuids(ids))).await?;
    add_judgements(reference, judgements).await
}

/// Adds judgements on new identities. Their weaknesses are stored before.
///
/// # Errors
/// When the database cannot be used.
pub async fn add_judgements(
    reference: &Reference,
    judgements: &[(SoftwareId, &Judgement)],
) -> Result<(), Error> {
    let text = |value: serde_json::Result<String>| Value::from(value.unwrap_or_else(|_| "[]".into()));
    let rows = judgements.iter().map(|(id, judgement)| {
        [
            id.uuid().into(),
            judgement.weakness.id.as_str().into(),
            judgement.answer.code().into(),
            judgement.reason.code().into(),
            text(serde_json::to_string(&judgement.fixed_in)),
            text(evidence_json(&judgement.evidence)),
        ]
    });
    reference.execute_batches(batches(INSERT_JUDGEMENTS, &[], rows)).await?;
    Ok(())
}

/// The state of the data that all judgements stand on, and whether findings still have to follow them.
///
/// # Errors
/// When the database cannot be used.
pub async fn state(view: &View) -> Result<(String, bool), Error> {
    let row = view.one(STATE, vec![]).await?;
    let row = row.ok_or_else(|| Error::Corrupt { column: "reference_state.id", value: "none".into() })?;
    Ok((get(&row, 0)?, get::<i64>(&row, 1)? != 0))
}

/// Notes the state of the data, and whether findings still have to follow.
///
/// # Errors
/// When the database cannot be used.
pub async fn set_state(reference: &Reference, snapshot: &str, unfinished: bool) -> Result<(), Error> {
    reference.execute(SET_STATE, values![snapshot, i64::from(unfinished)]).await?;
    Ok(())
}
