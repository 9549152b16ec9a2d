//! The audit log: a chain per organisation. Entries are written by [`crate::Change::commit`] alone; here they are read,
//! and here is the law of the chain, which a verifier without a database uses too.

use bedrail_model::ids::{AuditId, OrgId};
use jiff::Timestamp;
use sea_orm::QueryResult;
use sha2::{Digest as _, Sha256};

use crate::sql::{get, micros, time, values};
use crate::{Error, View};

/// The fields that a hash covers today.
pub const FORMAT: i64 = 3;
/// From this format on texts hold marks of personal values ([`crate::personal`]).
pub const PERSONAL_FORMAT: i64 = 3;

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Its number: one, two, three, without a gap.
    pub sequence: i64,
    /// Id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who, and by which way.
    pub actor: String,
    /// From which address, where it came over the network.
    pub address: Option<String>,
    /// What.
    pub action: String,
    /// To what.
    pub subject: String,
    /// Counts and digests.
    pub detail: String,
    /// What was before.
    pub before: Option<String>,
    /// What is after.
    pub after: Option<String>,
    /// Which fields the hash covers.
    pub format: i64,
    /// The hash of the entry before; 32 zeros before the first.
    pub previous: Vec<u8>,
    /// The hash of this entry.
    pub hash: Vec<u8>,
}

/// SHA-256 over the previous hash and every field, each with its length, so that none can flow into the next. A field
/// that is not there has no length at all, so that it differs from an empty one.
pub fn hash(org: OrgId, entry: &EntryRow) -> Vec<u8> {
    let mut digest = Sha256::new();
    let mut add = |field: &[u8]| {
        digest.update((field.len() as u64).to_be_bytes());
        digest.update(field);
    };
    add(&entry.previous);
    add(org.uuid().as_bytes());
    add(&entry.sequence.to_be_bytes());
    add(&micros(entry.at).to_be_bytes());
    add(entry.actor.as_bytes());
    add(entry.action.as_bytes());
    add(entry.subject.as_bytes());
    add(entry.detail.as_bytes());
    if entry.format >= 2 {
        add(&entry.format.to_be_bytes());
        for field in [&entry.address, &entry.before, &entry.after] {
            add(&[u8::from(field.is_some())]);
            add(field.as_deref().unwrap_or_default().as_bytes());
        }
    }
    digest.finalize().to_vec()
}

/// Which entries are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryFilter {
    /// From when on, inclusive.
    pub from: Option<Timestamp>,
    /// Until when, exclusive.
    pub to: Option<Timestamp>,
    /// How the action begins: `account.` finds all of accounts.
    pub action: String,
    /// Text in actor, subject or detail; case does not count.
    pub text: String,
}

macro_rules! columns {
    () => {
        "sequence, id, at, actor, address, action, subject, detail, before, after, format, previous_hash, hash"
    };
}

macro_rules! wanted {
    () => {
        " FROM audit_entry WHERE org_id = $1 AND at >= $2 AND at < $3 AND substr(action, 1, length(CAST($4 AS text))) = $4
         AND ($5 = '' OR lower(actor || ' ' || subject || ' ' || detail) LIKE $5 ESCAPE '!'
            OR sequence IN (SELECT m.sequence FROM personal_mention m JOIN personal_value v
                ON v.org_id = m.org_id AND v.commitment = m.commitment
                WHERE m.org_id = $1 AND lower(v.value) LIKE $5 ESCAPE '!'))"
    };
}

const PAGE: &str = concat!("SELECT ", columns!(), wanted!(), " ORDER BY sequence DESC LIMIT $6 OFFSET $7");
const COUNT: &str = concat!("SELECT count(*)", wanted!());
const COUNT_FROM: &str = concat!("SELECT count(*)", wanted!(), " AND sequence >= $6");
const CHAIN: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM audit_entry WHERE org_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3"
);
const HEAD: &str = "SELECT changes FROM organisation WHERE id = $1";
pub(crate) const STATEMENTS: &[&str] = &[PAGE, COUNT, COUNT_FROM, CHAIN, HEAD];

fn read(row: &QueryResult) -> Result<EntryRow, Error> {
    Ok(EntryRow {
        sequence: get(row, 0)?,
        id: AuditId::from_uuid(get(row, 1)?),
        at: time(get(row, 2)?)?,
        actor: get(row, 3)?,
        address: get(row, 4)?,
        action: get(row, 5)?,
        subject: get(row, 6)?,
        detail: get(row, 7)?,
        before: get(row, 8)?,
        after: get(row, 9)?,
        format: get(row, 10)?,
        previous: get(row, 11)?,
        hash: get(row, 12)?,
    })
}

/// A page of the log, the newest first, and how many entries the filter finds.
///
/// # Errors
/// When the database cannot be used.
pub async fn page(
    view: &View,
    filter: &EntryFilter,
    limit: u32,
    offset: u64,
) -> Result<(Vec<EntryRow>, u64), Error> {
    let mut bound = wanted(view, filter);
    bound.extend(values![i64::from(limit), i64::try_from(offset).unwrap_or(i64::MAX)]);
    let rows = view.all(PAGE, bound).await?;
    let count = view.one(COUNT, wanted(view, filter)).await?;
    let count: i64 = count.map_or(Ok(0), |row| get(&row, 0))?;
    Ok((rows.iter().map(read).collect::<Result<_, _>>()?, count.unsigned_abs()))
}

/// How many entries the filter finds from a number on, inclusive: those that a list with the newest first shows before
/// it and with it.
///
/// # Errors
/// When the database cannot be used.
pub async fn count_from(view: &View, filter: &EntryFilter, sequence: i64) -> Result<u64, Error> {
    let mut bound = wanted(view, filter);
    bound.push(sequence.into());
    let count: i64 = view.one(COUNT_FROM, bound).await?.map_or(Ok(0), |row| get(&row, 0))?;
    Ok(count.unsigned_abs())
}

fn wanted(view: &View, filter: &EntryFilter) -> Vec<sea_orm::Value> {
    values![
        view.org().uuid(),
        filter.from.map_or(i64::MIN, micros),
        filter.to.map_or(i64::MAX, micros),
        filter.action.as_str(),
        like(&filter.text)
    ]
}

/// A pattern that finds the text itself anywhere, whatever signs it holds; empty finds all.
fn like(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let escaped = text.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

/// Up to `limit` entries after a number, in the chain's order.
///
/// # Errors
/// When the database cannot be used.
pub async fn chain(view: &View, after: i64, limit: u32) -> Result<Vec<EntryRow>, Error> {
    let rows = view.all(CHAIN, values![view.org().uuid(), after, i64::from(limit)]).await?;
    rows.iter().map(read).collect()
}

/// The number that the newest entry must have.
///
/// # Errors
/// When the database cannot be used.
pub async fn head(view: &View) -> Result<i64, Error> {
    let row = view.one(HEAD, values![view.org().uuid()]).await?;
    row.map_or(Ok(0), |row| get(&row, 0))
}
