//! Answers to requests that carried an idempotency key, so that a request that is sent again is not carried out again.
//! They say nothing that a person decided, so there is no audit entry; the change itself has its own.

use bedrail_model::ids::OrgId;
use jiff::Timestamp;

use crate::sql::{get, micros, values};
use crate::{Error, Store, View};

/// What is kept of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRow {
    /// The HTTP status.
    pub status: u16,
    /// The media type.
    pub kind: String,
    /// The body, sealed.
    pub body: Vec<u8>,
}

/// What a key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Nothing yet: the caller may carry the request out, and must finish or forget it.
    Free,
    /// The same request, which is still under way.
    Busy,
    /// The same request, with its answer.
    Answered(AnswerRow),
    /// Another request.
    Other,
}

const SWEEP: &str =
    "DELETE FROM idempotency WHERE org_id = $1 AND (created < $2 OR (status IS NULL AND created < $3))";
const BEGIN: &str = "INSERT INTO idempotency (org_id, id, request, kind, body, created)
    VALUES ($1, $2, $3, '', $4, $5) ON CONFLICT (org_id, id) DO NOTHING";
const FIND: &str = "SELECT request, status, kind, body FROM idempotency WHERE org_id = $1 AND id = $2";
const FINISH: &str = "UPDATE idempotency SET status = $3, kind = $4, body = $5 WHERE org_id = $1 AND id = $2";
const FORGET: &str = "DELETE FROM idempotency WHERE org_id = $1 AND id = $2";
pub(crate) const STATEMENTS: &[&str] = &[SWEEP, BEGIN, FIND, FINISH, FORGET];

/// Answers are kept so long, in seconds.
const KEPT: i64 = 24 * 3_600;
/// A request that has no answer after so many seconds was cut off with its process.
const CUT_OFF: i64 = 600;

/// Takes a key for a request, where it is free.
///
/// # Errors
/// When the database cannot be used.
pub async fn begin(
    store: &Store,
    org: OrgId,
    id: &[u8],
    request: &[u8],
    now: Timestamp,
) -> Result<Key, Error> {
    let view = writing(store, org).await?;
    let (org, before) = (org.uuid(), |seconds: i64| micros(now) - seconds * 1_000_000);
    view.execute(SWEEP, values![org, before(KEPT), before(CUT_OFF)]).await?;
    let row = values![org, id.to_vec(), request.to_vec(), Vec::<u8>::new(), micros(now)];
    let free = view.execute(BEGIN, row).await? > 0;
    let found = view.one(FIND, values![org, id.to_vec()]).await?;
    view.transaction.commit().await?;
    let Some(found) = found.filter(|_| !free) else { return Ok(Key::Free) };
    if get::<Vec<u8>>(&found, 0)? != request {
        return Ok(Key::Other);
    }
    let Some(status) = get::<Option<i64>>(&found, 1)? else { return Ok(Key::Busy) };
    let status = u16::try_from(status)
        .map_err(|_| Error::Corrupt { column: "idempotency.status", value: status.to_string() })?;
    Ok(Key::Answered(AnswerRow { status, kind: get(&found, 2)?, body: get(&found, 3)? }))
}

/// Keeps the answer of a key.
///
/// # Errors
/// When the database cannot be used.
pub async fn finish(store: &Store, org: OrgId, id: &[u8], answer: AnswerRow) -> Result<(), Error> {
    let view = writing(store, org).await?;
    let row = values![org.uuid(), id.to_vec(), i64::from(answer.status), answer.kind, answer.body];
    view.execute(FINISH, row).await?;
    Ok(view.transaction.commit().await?)
}

/// Gives a key free: the request failed by a fault of ours and may be sent again.
///
/// # Errors
/// When the database cannot be used.
pub async fn forget(store: &Store, org: OrgId, id: &[u8]) -> Result<(), Error> {
    let view = writing(store, org).await?;
    view.execute(FORGET, values![org.uuid(), id.to_vec()]).await?;
    Ok(view.transaction.commit().await?)
}

async fn writing(store: &Store, org: OrgId) -> Result<View, Error> {
    View::new(store.begin_write().await?, org, store.statements.clone()).await
}
