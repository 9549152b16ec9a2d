//! Publishers that security advisories are fetched from, of no organisation.

use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, Reference, View};

/// A publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderRow {
    /// The address of its provider metadata.
    pub url: String,
    /// The publisher's namespace that whoever added it confirmed; empty where its host has to show it.
    pub namespace: String,
    /// What it calls itself; empty until it was read once.
    pub name: String,
    /// When it was added.
    pub added: Timestamp,
    /// When it was last asked.
    pub fetched: Option<Timestamp>,
    /// What came of that, in words.
    pub outcome: String,
    /// Whether everything that it offers could be read.
    pub whole: bool,
}

const ALL: &str =
    "SELECT url, namespace, name, added, fetched, outcome, whole FROM advisory_provider ORDER BY name, url";
const ADD: &str = "INSERT INTO advisory_provider (url, namespace, name, added, fetched, outcome, whole)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
/// Only where it still is: one that was taken away meanwhile stays away.
const ASKED: &str =
    "UPDATE advisory_provider SET name = $2, fetched = $3, outcome = $4, whole = $5 WHERE url = $1";
const REMOVE: &str = "DELETE FROM advisory_provider WHERE url = $1";
const FORGET: &str = "DELETE FROM advisory_provider_document WHERE provider_url = $1";
const DOCUMENTS: &str = "SELECT url, updated FROM advisory_provider_document WHERE provider_url = $1";
const TAKEN: &str = "INSERT INTO advisory_provider_document (provider_url, url, updated) VALUES ($1, $2, $3)
    ON CONFLICT (provider_url, url) DO UPDATE SET updated = $3";
const IS_THERE: &str = "SELECT url FROM advisory_provider WHERE url = $1";
pub(crate) const STATEMENTS: &[&str] = &[ALL, ADD, ASKED, REMOVE, FORGET, DOCUMENTS, TAKEN, IS_THERE];

fn read(row: &QueryResult) -> Result<ProviderRow, Error> {
    let fetched: Option<i64> = get(row, 4)?;
    Ok(ProviderRow {
        url: get(row, 0)?,
        namespace: get(row, 1)?,
        name: get(row, 2)?,
        added: time(get(row, 3)?)?,
        fetched: fetched.map(time).transpose()?,
        outcome: get(row, 5)?,
        whole: get::<i64>(row, 6)? != 0,
    })
}

/// All of them, by name.
///
/// # Errors
/// When the database cannot be used.
pub async fn all(view: &View) -> Result<Vec<ProviderRow>, Error> {
    view.all(ALL, vec![]).await?.iter().map(read).collect()
}

/// Adds one. It is of no organisation; the change is of the one that adds it, whose audit log tells.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, row: &ProviderRow) -> Result<(), Error> {
    let values = values![
        row.url.as_str(),
        row.namespace.as_str(),
        row.name.as_str(),
        micros(row.added),
        row.fetched.map(micros),
        row.outcome.as_str(),
        i64::from(row.whole)
    ];
    change.execute(ADD, values).await?;
    Ok(())
}

/// Takes one away; what was fetched from it stays. Returns whether it was there.
///
/// # Errors
/// When the database refuses.
pub async fn remove(change: &Change, url: &str) -> Result<bool, Error> {
    change.execute(FORGET, values![url]).await?;
    Ok(change.execute(REMOVE, values![url]).await? > 0)
}

/// Writes down what came of asking one; nothing where it was taken away meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn asked(reference: &Reference, row: &ProviderRow) -> Result<(), Error> {
    let values = values![
        row.url.as_str(),
        row.name.as_str(),
        row.fetched.map(micros),
        row.outcome.as_str(),
        i64::from(row.whole)
    ];
    reference.execute(ASKED, values).await?;
    Ok(())
}

/// What was taken from one: address, and when it was changed in the words of the provider.
///
/// # Errors
/// When the database cannot be used.
pub async fn documents(view: &View, provider: &str) -> Result<Vec<(String, String)>, Error> {
    let rows = view.all(DOCUMENTS, values![provider]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

/// Notes that documents were taken; nothing where the provider was taken away meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn taken(
    reference: &Reference,
    provider: &str,
    documents: &[(String, String)],
) -> Result<(), Error> {
    if reference.one(IS_THERE, values![provider]).await?.is_none() {
        return Ok(());
    }
    for (url, updated) in documents {
        reference.execute(TAKEN, values![provider, url.as_str(), updated.as_str()]).await?;
    }
    Ok(())
}
