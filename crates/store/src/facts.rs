//! Facts that somebody was asked for and answered. Taken back, never deleted.

use bedrail_model::answered::{AnsweredFact, Fact, Holds};
use bedrail_model::ids::{DocumentId, FactId, ReleaseId};
use sea_orm::QueryResult;
use uuid::Uuid;

use crate::sql::{code, get, micros, time, values};
use crate::{Change, Error, View};

const ALL: &str =
    "SELECT id, release_id, maker, model, kind, subject, version, purl, cpe, said_by, said_on, source,
    document_id, question, recorded, author, revoked, revoked_by, revoked_for FROM fact WHERE org_id = $1";
const INSERT: &str =
    "INSERT INTO fact (org_id, changed, id, release_id, maker, model, kind, subject, version, purl, cpe, said_by,
        said_on, source, document_id, question, recorded, author)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
const REVOKE: &str = "UPDATE fact SET revoked = $3, revoked_by = $4, revoked_for = $5, changed = $6
    WHERE org_id = $1 AND id = $2 AND revoked IS NULL";
/// What holds moves with every fact and with every one that is taken back.
const NEWEST: &str = "SELECT COALESCE(MAX(changed), 0) FROM fact WHERE org_id = $1";
pub(crate) const STATEMENTS: &[&str] = &[ALL, INSERT, REVOKE, NEWEST];

fn fact(row: &QueryResult) -> Result<Fact, Error> {
    let (kind, subject): (String, String) = (get(row, 4)?, get(row, 5)?);
    let (version, purl, cpe): (Option<String>, _, _) = (get(row, 6)?, get(row, 7)?, get(row, 8)?);
    code("fact.kind", &kind, |kind| {
        Some(match kind {
            "runs_on" => Fact::RunsOn(subject),
            "contains" => Fact::Contains { name: subject, version: version?, purl, cpe },
            "has" => Fact::Has(subject),
            "has_not" => Fact::HasNot(subject),
            "lacks" => Fact::Lacks(subject),
            _ => return None,
        })
    })
}

fn holds(row: &QueryResult) -> Result<Holds, Error> {
    let release = get::<Option<Uuid>>(row, 1)?.map(ReleaseId::from_uuid);
    let (maker, model): (Option<String>, Option<String>) = (get(row, 2)?, get(row, 3)?);
    Ok(match release {
        Some(release) => Holds::Release(release),
        None => Holds::Model { maker: maker.unwrap_or_default(), model: model.unwrap_or_default() },
    })
}

fn read(row: &QueryResult) -> Result<AnsweredFact, Error> {
    let revoked = match get::<Option<i64>>(row, 16)? {
        Some(at) => {
            let text = |index| Ok::<String, Error>(get::<Option<String>>(row, index)?.unwrap_or_default());
            Some((time(at)?, text(17)?, text(18)?))
        }
        None => None,
    };
    Ok(AnsweredFact {
        id: FactId::from_uuid(get(row, 0)?),
        holds: holds(row)?,
        fact: fact(row)?,
        said_by: get(row, 9)?,
        said_on: code("fact.said_on", &get::<String>(row, 10)?, |text| text.parse().ok())?,
        source: get(row, 11)?,
        document: get::<Option<_>>(row, 12)?.map(DocumentId::from_uuid),
        question: get(row, 13)?,
        recorded: time(get(row, 14)?)?,
        author: get(row, 15)?,
        revoked,
    })
}

/// All facts, those that were taken back too, in no order.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<AnsweredFact>, Error> {
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// The number of the last change that recorded a fact or took one back; 0 where none ever did.
///
/// # Errors
/// When the database cannot be used.
pub async fn newest(view: &View) -> Result<i64, Error> {
    view.one(NEWEST, values![view.org().uuid()]).await?.map_or(Ok(0), |row| get(&row, 0))
}

/// Keeps a fact.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, fact: &AnsweredFact) -> Result<(), Error> {
    let (release, maker, model) = match &fact.holds {
        Holds::Release(id) => (Some(id.uuid()), None, None),
        Holds::Model { maker, model } => (None, Some(maker.as_str()), Some(model.as_str())),
    };
    let (version, purl, cpe) = match &fact.fact {
        Fact::Contains { version, purl, cpe, .. } => {
            (Some(version.as_str()), purl.as_deref(), cpe.as_deref())
        }
        _ => (None, None, None),
    };
    let values = values![
        change.org().uuid(),
        change.number,
        fact.id.uuid(),
        release,
        maker,
        model,
        fact.fact.code(),
        fact.fact.subject(),
        version,
        purl,
        cpe,
        fact.said_by.as_str(),
        fact.said_on.to_string(),
        fact.source.as_str(),
        fact.document.map(DocumentId::uuid),
        fact.question.as_deref(),
        micros(fact.recorded),
        fact.author.as_str()
    ];
    change.execute(INSERT, values).await?;
    Ok(())
}

/// Takes a fact back; false where it was taken back already, or never recorded.
///
/// # Errors
/// When the database refuses.
pub async fn revoke(change: &Change, id: FactId, reason: &str) -> Result<bool, Error> {
    let at = micros(change.at());
    let values = values![change.org().uuid(), id.uuid(), at, change.actor(), reason, change.number];
    Ok(change.execute(REVOKE, values).await? > 0)
}
