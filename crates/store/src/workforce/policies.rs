//! Policies and their versions.

use bedrail_model::ids::{DocumentId, PolicyId};
use bedrail_model::workforce::{Policy, PolicyReview, PolicyVersion};
use jiff::civil::Date;
use sea_orm::QueryResult;
use uuid::Uuid;

use super::{count, day, lines, some_day, stored};
use crate::sql::{get, micros, time, values};
use crate::{Change, Error, View};

macro_rules! policies {
    ($rest:literal) => {
        concat!(
            "SELECT id, template, title, cites, roles, sign_days, review_months, review_by, retired, retired_for FROM policy ",
            $rest
        )
    };
}
macro_rules! versions {
    ($rest:literal) => {
        concat!(
            "SELECT policy_id, version, sha256, body, document_id, document_name, note, at, author, approved, approved_by,
             in_force_from, in_force_until, left_out FROM policy_version ",
            $rest
        )
    };
}

const ALL: &str = policies!("WHERE org_id = $1 ORDER BY title, id");
const ONE: &str = policies!("WHERE org_id = $1 AND id = $2");
const INSERT: &str = "INSERT INTO policy (org_id, changed, id, template, title, cites, roles, sign_days, review_months, review_by,
    added, added_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const UPDATE: &str = "UPDATE policy SET title = $3, roles = $4, sign_days = $5, review_months = $6, review_by = $7, changed = $8
    WHERE org_id = $1 AND id = $2 AND retired IS NULL";
const RETIRE: &str = "UPDATE policy SET retired = $3, retired_by = $4, retired_for = $5, changed = $6
    WHERE org_id = $1 AND id = $2 AND retired IS NULL";
/// Texts that hold some words, of what is in force on a day and of what is newest; the words are one pattern in small letters.
const WITH_WORDS: &str = versions!(
    "v WHERE org_id = $1 AND LOWER(body) LIKE $3 ESCAPE '!'
        AND (in_force_from <= $2 AND (in_force_until IS NULL OR in_force_until > $2)
            OR version = (SELECT MAX(o.version) FROM policy_version o WHERE o.org_id = $1 AND o.policy_id = v.policy_id))
        AND EXISTS (SELECT 1 FROM policy p WHERE p.org_id = $1 AND p.id = v.policy_id AND p.retired IS NULL)
    ORDER BY policy_id, version DESC"
);
const VERSIONS: &str = versions!("WHERE org_id = $1 AND policy_id = $2 ORDER BY version");
/// Without the texts, for lists: of each policy the versions in force on a day, and the newest one.
const IN_FORCE: &str = "SELECT policy_id, version, sha256, '', document_id, document_name, note, at, author, approved, approved_by,
    in_force_from, in_force_until, left_out FROM policy_version
    WHERE org_id = $1 AND in_force_from <= $2 AND (in_force_until IS NULL OR in_force_until > $2) ORDER BY policy_id, version DESC";
const NEWEST: &str = "SELECT policy_id, version, sha256, '', document_id, document_name, note, at, author, approved, approved_by,
    in_force_from, in_force_until, left_out FROM policy_version v
    WHERE org_id = $1 AND version = (SELECT MAX(o.version) FROM policy_version o WHERE o.org_id = $1 AND o.policy_id = v.policy_id)
    ORDER BY policy_id";
const ADD_VERSION: &str =
    "INSERT INTO policy_version (org_id, policy_id, version, sha256, body, document_id, document_name, note,
    at, author, left_out) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const APPROVE: &str = "UPDATE policy_version SET approved = $4, approved_by = $5
    WHERE org_id = $1 AND policy_id = $2 AND version = $3 AND approved IS NULL";
const END_FORCE: &str = "UPDATE policy_version SET in_force_until = $3
    WHERE org_id = $1 AND policy_id = $2 AND in_force_from IS NOT NULL AND in_force_until IS NULL";
const BEGIN_FORCE: &str = "UPDATE policy_version SET in_force_from = $4
    WHERE org_id = $1 AND policy_id = $2 AND version = $3 AND approved IS NOT NULL AND in_force_from IS NULL";
const REVIEWS: &str =
    "SELECT at, author, note, next FROM policy_review WHERE org_id = $1 AND policy_id = $2 ORDER BY at DESC";
const ADD_REVIEW: &str =
    "INSERT INTO policy_review (org_id, policy_id, at, author, note, next) VALUES ($1, $2, $3, $4, $5, $6)";
const SET_REVIEW: &str = "UPDATE policy SET review_by = $3, changed = $4 WHERE org_id = $1 AND id = $2";
pub(crate) const STATEMENTS: &[&str] = &[
    ALL,
    ONE,
    INSERT,
    UPDATE,
    RETIRE,
    VERSIONS,
    WITH_WORDS,
    IN_FORCE,
    NEWEST,
    ADD_VERSION,
    APPROVE,
    END_FORCE,
    BEGIN_FORCE,
    REVIEWS,
    ADD_REVIEW,
    SET_REVIEW,
];

fn small(row: &QueryResult, index: usize) -> Result<u32, Error> {
    Ok(u32::try_from(get::<i64>(row, index)?).unwrap_or_default())
}

fn read(row: &QueryResult) -> Result<Policy, Error> {
    let retired: Option<i64> = get(row, 8)?;
    Ok(Policy {
        id: PolicyId::from_uuid(get(row, 0)?),
        template: get(row, 1)?,
        title: get(row, 2)?,
        cites: lines(&get::<String>(row, 3)?),
        roles: lines(&get::<String>(row, 4)?),
        sign_days: small(row, 5)?,
        review_months: small(row, 6)?,
        review_by: some_day(row, 7)?,
        retired: match retired {
            Some(at) => Some((time(at)?, get::<Option<String>>(row, 9)?.unwrap_or_default())),
            None => None,
        },
    })
}

fn read_version(row: &QueryResult) -> Result<(PolicyId, PolicyVersion), Error> {
    let document: Option<Uuid> = get(row, 4)?;
    let approved: Option<i64> = get(row, 9)?;
    let version = PolicyVersion {
        version: count(row, 1)?,
        sha256: get(row, 2)?,
        body: get(row, 3)?,
        document: match document {
            Some(id) => Some((DocumentId::from_uuid(id), get::<Option<String>>(row, 5)?.unwrap_or_default())),
            None => None,
        },
        note: get(row, 6)?,
        at: time(get(row, 7)?)?,
        author: get(row, 8)?,
        approved: match approved {
            Some(at) => Some((time(at)?, get::<Option<String>>(row, 10)?.unwrap_or_default())),
            None => None,
        },
        from: some_day(row, 11)?,
        until: some_day(row, 12)?,
        left_out: lines(&get::<String>(row, 13)?),
    };
    Ok((PolicyId::from_uuid(get(row, 0)?), version))
}

/// All policies, by title.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<Policy>, Error> {
    view.all(ALL, values![view.org().uuid()]).await?.iter().map(read).collect()
}

/// One policy.
///
/// # Errors
/// When the database cannot be used.
pub async fn one(view: &View, id: PolicyId) -> Result<Option<Policy>, Error> {
    view.one(ONE, values![view.org().uuid(), id.uuid()]).await?.as_ref().map(read).transpose()
}

/// Adds a policy.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, policy: &Policy) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        policy.id.uuid(),
        policy.template.clone(),
        policy.title.as_str(),
        policy.cites.join("\n"),
        policy.roles.join("\n"),
        i64::from(policy.sign_days),
        i64::from(policy.review_months),
        policy.review_by.map(|day| day.to_string()),
        micros(change.at()),
        change.actor()
    ];
    change.execute(INSERT, values).await?;
    Ok(())
}

/// Changes what is said of a policy beside its texts; false where it was given up.
///
/// # Errors
/// When the database refuses.
pub async fn set(change: &Change, policy: &Policy) -> Result<bool, Error> {
    let values = values![
        change.org().uuid(),
        policy.id.uuid(),
        policy.title.as_str(),
        policy.roles.join("\n"),
        i64::from(policy.sign_days),
        i64::from(policy.review_months),
        policy.review_by.map(|day| day.to_string()),
        change.number
    ];
    Ok(change.execute(UPDATE, values).await? > 0)
}

/// Gives a policy up; false where it was given up.
///
/// # Errors
/// When the database refuses.
pub async fn retire(change: &Change, id: PolicyId, why: &str, today: Date) -> Result<bool, Error> {
    let values =
        values![change.org().uuid(), id.uuid(), micros(change.at()), change.actor(), why, change.number];
    let done = change.execute(RETIRE, values).await? > 0;
    change.execute(END_FORCE, values![change.org().uuid(), id.uuid(), today.to_string()]).await?;
    Ok(done)
}

/// The versions of a policy, the oldest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn versions(view: &View, id: PolicyId) -> Result<Vec<PolicyVersion>, Error> {
    let rows = view.all(VERSIONS, values![view.org().uuid(), id.uuid()]).await?;
    rows.iter().map(|row| Ok(read_version(row)?.1)).collect()
}

/// Texts that hold some words, whatever the case: of policies that are not given up, what is in force on a day, and what is newest.
///
/// # Errors
/// When the database cannot be used.
pub async fn with_words(view: &View, on: Date, words: &str) -> Result<Vec<(PolicyId, PolicyVersion)>, Error> {
    let values = values![view.org().uuid(), on.to_string(), super::roster::contains(words)];
    view.all(WITH_WORDS, values).await?.iter().map(read_version).collect()
}

/// What was in force on a day, without the texts. Of two of one policy the newer comes first.
///
/// # Errors
/// When the database cannot be used.
pub async fn in_force(view: &View, on: Date) -> Result<Vec<(PolicyId, PolicyVersion)>, Error> {
    view.all(IN_FORCE, values![view.org().uuid(), on.to_string()]).await?.iter().map(read_version).collect()
}

/// The newest version of every policy, without the texts.
///
/// # Errors
/// When the database cannot be used.
pub async fn newest(view: &View) -> Result<Vec<(PolicyId, PolicyVersion)>, Error> {
    view.all(NEWEST, values![view.org().uuid()]).await?.iter().map(read_version).collect()
}

/// Adds a version.
///
/// # Errors
/// When the database refuses, as where its number is taken.
pub async fn add_version(change: &Change, id: PolicyId, version: &PolicyVersion) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        id.uuid(),
        stored(version.version),
        version.sha256.as_str(),
        version.body.as_str(),
        version.document.as_ref().map(|(id, _)| id.uuid()),
        version.document.as_ref().map(|(_, name)| name.clone()),
        version.note.as_str(),
        micros(version.at),
        version.author.as_str(),
        version.left_out.join("\n")
    ];
    change.execute(ADD_VERSION, values).await?;
    Ok(())
}

/// Approves a version; false where it was approved.
///
/// # Errors
/// When the database refuses.
pub async fn approve(change: &Change, id: PolicyId, version: u64) -> Result<bool, Error> {
    let values =
        values![change.org().uuid(), id.uuid(), stored(version), micros(change.at()), change.actor()];
    Ok(change.execute(APPROVE, values).await? > 0)
}

/// Puts an approved version into force from a day on, in the place of whatever was; false where it cannot be.
///
/// # Errors
/// When the database refuses.
pub async fn publish(change: &Change, id: PolicyId, version: u64, from: Date) -> Result<bool, Error> {
    let (org, day) = (change.org().uuid(), from.to_string());
    change.execute(END_FORCE, values![org, id.uuid(), day.as_str()]).await?;
    Ok(change.execute(BEGIN_FORCE, values![org, id.uuid(), stored(version), day.as_str()]).await? > 0)
}

/// The reviews of a policy, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn reviews(view: &View, id: PolicyId) -> Result<Vec<PolicyReview>, Error> {
    let rows = view.all(REVIEWS, values![view.org().uuid(), id.uuid()]).await?;
    let read = |row: &QueryResult| {
        Ok(PolicyReview { at: time(get(row, 0)?)?, by: get(row, 1)?, note: get(row, 2)?, next: day(row, 3)? })
    };
    rows.iter().map(read).collect()
}

/// Notes a review, and when the next one is.
///
/// # Errors
/// When the database refuses.
pub async fn review(change: &Change, id: PolicyId, note: &str, next: Date) -> Result<(), Error> {
    let (org, next) = (change.org().uuid(), next.to_string());
    let values = values![org, id.uuid(), micros(change.at()), change.actor(), note, next.as_str()];
    change.execute(ADD_REVIEW, values).await?;
    change.execute(SET_REVIEW, values![org, id.uuid(), next.as_str(), change.number]).await?;
    Ok(())
}
