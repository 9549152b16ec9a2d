//! Versions of the assessment of an incident as a breach, and letters. A version is never changed; it is approved, or sent, once.

use std::collections::{BTreeMap, HashMap};

use bedrail_model::ids::IncidentId;
use bedrail_model::incident::{
    Approval, Assessment, Exception, Factor, FactorAnswer, Letter, LetterKind, Sending, Weighed,
};
use sea_orm::QueryResult;

use super::{count, day, stored};
use crate::sql::{code, get, micros, time, values};
use crate::{Change, Error, View};

const ASSESSMENTS: &str =
    "SELECT version, at, author, secured_by, key_apart, exception, exception_why, weighed, reason,
        approved, approved_by, notifiable
    FROM breach_assessment WHERE org_id = $1 AND incident_id = $2 ORDER BY version";
const FACTORS: &str = "SELECT version, factor, answer, evidence FROM breach_factor
    WHERE org_id = $1 AND incident_id = $2 ORDER BY version, factor";
const INSERT: &str =
    "INSERT INTO breach_assessment (org_id, incident_id, version, at, author, secured_by, key_apart,
        exception, exception_why, weighed, reason)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const INSERT_FACTOR: &str =
    "INSERT INTO breach_factor (org_id, incident_id, version, factor, answer, evidence)
    VALUES ($1, $2, $3, $4, $5, $6)";
const APPROVE: &str = "UPDATE breach_assessment SET approved = $4, approved_by = $5, notifiable = $6
    WHERE org_id = $1 AND incident_id = $2 AND version = $3 AND approved IS NULL";
const LETTERS: &str =
    "SELECT number, kind, state, version, body, at, author, sent_on, sent_how, sent_proof, sent_by, sent_at
    FROM incident_letter WHERE org_id = $1 AND incident_id = $2 ORDER BY number";
const INSERT_LETTER: &str =
    "INSERT INTO incident_letter (org_id, incident_id, number, kind, state, version, body, at, author)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const SEND: &str =
    "UPDATE incident_letter SET sent_on = $4, sent_how = $5, sent_proof = $6, sent_by = $7, sent_at = $8
    WHERE org_id = $1 AND incident_id = $2 AND number = $3 AND sent_on IS NULL";
const ALL_ASSESSMENTS: &str =
    "SELECT version, at, author, secured_by, key_apart, exception, exception_why, weighed, reason,
        approved, approved_by, notifiable, incident_id
    FROM breach_assessment WHERE org_id = $1 ORDER BY incident_id, version";
const ALL_FACTORS: &str = "SELECT version, factor, answer, evidence, incident_id FROM breach_factor
    WHERE org_id = $1 ORDER BY incident_id, version, factor";
/// Without their texts, which nobody counts.
const ALL_LETTERS: &str =
    "SELECT number, kind, state, version, '', at, author, sent_on, sent_how, sent_proof, sent_by, sent_at,
        incident_id
    FROM incident_letter WHERE org_id = $1 ORDER BY incident_id, number";
pub(crate) const STATEMENTS: &[&str] = &[
    ASSESSMENTS,
    FACTORS,
    INSERT,
    INSERT_FACTOR,
    APPROVE,
    LETTERS,
    INSERT_LETTER,
    SEND,
    ALL_ASSESSMENTS,
    ALL_FACTORS,
    ALL_LETTERS,
];

/// Assessments of all incidents, the first version first.
pub(super) async fn all_assessments(view: &View) -> Result<HashMap<IncidentId, Vec<Assessment>>, Error> {
    let key = || values![view.org().uuid()];
    let mut factors: HashMap<(uuid::Uuid, u64), Vec<FactorAnswer>> = HashMap::new();
    for row in view.all(ALL_FACTORS, key()).await? {
        let factor = code("breach_factor.factor", &get::<String>(&row, 1)?, Factor::from_code)?;
        let answer = FactorAnswer { factor, answer: get(&row, 2)?, evidence: get(&row, 3)? };
        factors.entry((get(&row, 4)?, count(&row, 0)?)).or_default().push(answer);
    }
    let mut all: HashMap<IncidentId, Vec<Assessment>> = HashMap::new();
    for row in view.all(ALL_ASSESSMENTS, key()).await? {
        let id: uuid::Uuid = get(&row, 12)?;
        let mut answers = factors.remove(&(id, count(&row, 0)?)).unwrap_or_default();
        answers.sort_by_key(|it| it.factor);
        all.entry(IncidentId::from_uuid(id)).or_default().push(read(&row, answers)?);
    }
    Ok(all)
}

/// Letters of all incidents, without their texts.
pub(super) async fn all_letters(view: &View) -> Result<HashMap<IncidentId, Vec<Letter>>, Error> {
    let mut all: HashMap<IncidentId, Vec<Letter>> = HashMap::new();
    for row in view.all(ALL_LETTERS, values![view.org().uuid()]).await? {
        all.entry(IncidentId::from_uuid(get(&row, 12)?)).or_default().push(read_letter(&row)?);
    }
    Ok(all)
}

fn read(row: &QueryResult, factors: Vec<FactorAnswer>) -> Result<Assessment, Error> {
    let flag = |index| Ok::<bool, Error>(get::<Option<i64>>(row, index)?.unwrap_or_default() != 0);
    let approved = match get::<Option<i64>>(row, 9)? {
        None => None,
        Some(at) => Some(Approval {
            at: time(at)?,
            by: get::<Option<String>>(row, 10)?.unwrap_or_default(),
            notifiable: flag(11)?,
        }),
    };
    let exception = get::<Option<String>>(row, 5)?
        .map(|text| code("breach_assessment.exception", &text, Exception::from_code))
        .transpose()?;
    let why: Option<String> = get(row, 6)?;
    let key_apart = flag(4)?;
    Ok(Assessment {
        version: count(row, 0)?,
        at: time(get(row, 1)?)?,
        author: get(row, 2)?,
        secured: get::<Option<String>>(row, 3)?.map(|method| (method, key_apart)),
        exception: exception.map(|exception| (exception, why.unwrap_or_default())),
        factors,
        weighed: get::<Option<String>>(row, 7)?
            .map(|text| code("breach_assessment.weighed", &text, Weighed::from_code))
            .transpose()?,
        reason: get(row, 8)?,
        approved,
    })
}

/// All versions of the assessment, the first one first.
///
/// # Errors
/// When the database cannot be used.
pub async fn assessments(view: &View, id: IncidentId) -> Result<Vec<Assessment>, Error> {
    let key = || values![view.org().uuid(), id.uuid()];
    let mut factors: BTreeMap<u64, Vec<FactorAnswer>> = BTreeMap::new();
    for row in view.all(FACTORS, key()).await? {
        let factor = code("breach_factor.factor", &get::<String>(&row, 1)?, Factor::from_code)?;
        let answer = FactorAnswer { factor, answer: get(&row, 2)?, evidence: get(&row, 3)? };
        factors.entry(count(&row, 0)?).or_default().push(answer);
    }
    let mut all = Vec::new();
    for row in view.all(ASSESSMENTS, key()).await? {
        let mut answers = factors.remove(&count(&row, 0)?).unwrap_or_default();
        answers.sort_by_key(|it| it.factor);
        all.push(read(&row, answers)?);
    }
    Ok(all)
}

/// Keeps a new version, a draft.
///
/// # Errors
/// When the database refuses, as where the version is there.
pub async fn add_assessment(change: &Change, id: IncidentId, it: &Assessment) -> Result<(), Error> {
    let (org, id, version) = (change.org().uuid(), id.uuid(), stored(it.version));
    let values = values![
        org,
        id,
        version,
        micros(it.at),
        it.author.as_str(),
        it.secured.as_ref().map(|(method, _)| method.as_str()),
        it.secured.as_ref().map(|(_, apart)| i64::from(*apart)),
        it.exception.as_ref().map(|(exception, _)| exception.code()),
        it.exception.as_ref().map(|(_, why)| why.as_str()),
        it.weighed.map(Weighed::code),
        it.reason.as_str()
    ];
    change.execute(INSERT, values).await?;
    for answer in &it.factors {
        let row =
            values![org, id, version, answer.factor.code(), answer.answer.as_str(), answer.evidence.as_str()];
        change.execute(INSERT_FACTOR, row).await?;
    }
    Ok(())
}

/// Approves a draft; false where somebody did before, or there is none.
///
/// # Errors
/// When the database refuses.
pub async fn approve(change: &Change, id: IncidentId, version: u64, notifiable: bool) -> Result<bool, Error> {
    let values = values![
        change.org().uuid(),
        id.uuid(),
        stored(version),
        micros(change.at()),
        change.actor(),
        i64::from(notifiable)
    ];
    Ok(change.execute(APPROVE, values).await? > 0)
}

fn read_letter(row: &QueryResult) -> Result<Letter, Error> {
    let sent = match day("incident_letter.sent_on", get(row, 7)?)? {
        None => None,
        Some(on) => Some(Sending {
            on,
            how: get::<Option<String>>(row, 8)?.unwrap_or_default(),
            proof: get::<Option<String>>(row, 9)?.unwrap_or_default(),
            by: get::<Option<String>>(row, 10)?.unwrap_or_default(),
            at: time(get::<Option<i64>>(row, 11)?.unwrap_or_default())?,
        }),
    };
    Ok(Letter {
        number: count(row, 0)?,
        kind: code("incident_letter.kind", &get::<String>(row, 1)?, LetterKind::from_code)?,
        state: get(row, 2)?,
        version: count(row, 3)?,
        text: get(row, 4)?,
        at: time(get(row, 5)?)?,
        author: get(row, 6)?,
        sent,
    })
}

/// All versions of all letters, in the order in which they were written.
///
/// # Errors
/// When the database cannot be used.
pub async fn letters(view: &View, id: IncidentId) -> Result<Vec<Letter>, Error> {
    view.all(LETTERS, values![view.org().uuid(), id.uuid()]).await?.iter().map(read_letter).collect()
}

/// Keeps a new version of a letter.
///
/// # Errors
/// When the database refuses, as where its number is taken.
pub async fn add_letter(change: &Change, id: IncidentId, letter: &Letter) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        id.uuid(),
        stored(letter.number),
        letter.kind.code(),
        letter.state.as_deref(),
        stored(letter.version),
        letter.text.as_str(),
        micros(letter.at),
        letter.author.as_str()
    ];
    change.execute(INSERT_LETTER, values).await?;
    Ok(())
}

/// Notes that a letter went out; false where that was noted before, or there is none.
///
/// # Errors
/// When the database refuses.
pub async fn send(change: &Change, id: IncidentId, number: u64, sent: &Sending) -> Result<bool, Error> {
    let values = values![
        change.org().uuid(),
        id.uuid(),
        stored(number),
        sent.on.to_string(),
        sent.how.as_str(),
        sent.proof.as_str(),
        sent.by.as_str(),
        micros(sent.at)
    ];
    Ok(change.execute(SEND, values).await? > 0)
}
