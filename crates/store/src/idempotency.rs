//! Answers to requests that carried an idempotency key, so that a request that is sent again is not carried out again.
//! They say nothing that a person decided, so there is no audit entry; the change itself has its own.

use bedrail_model::ids::OrgId;
use jiff::Timestamp;
use uuid::Uuid;

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

/// A key that was taken for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Whose organisation.
    pub org: OrgId,
    /// SHA-256 of the caller and the key.
    pub id: Vec<u8>,
    /// Made anew by whoever takes the key: who was overtaken changes nothing.
    pub nonce: Uuid,
}

/// What a key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Nothing yet, or a request that was cut off before it changed anything: the caller may carry the request out by this
    /// nonce, and must finish or forget it.
    Free(Uuid),
    /// The same request, which is still under way.
    Busy,
    /// The same request, which was carried out; its answer was lost with its process.
    CarriedOut,
    /// The same request, with its answer.
    Answered(AnswerRow),
    /// Another request.
    Other,
}

const SWEEP: &str = "DELETE FROM idempotency WHERE org_id = $1 AND created < $2";
const BEGIN: &str = "INSERT INTO idempotency (org_id, id, request, kind, body, created, nonce, renewed)
    VALUES ($1, $2, $3, '', $4, $5, $6, $5) ON CONFLICT (org_id, id) DO NOTHING";
const FIND: &str =
    "SELECT request, status, kind, body, committed FROM idempotency WHERE org_id = $1 AND id = $2";
const TAKE_OVER: &str = "UPDATE idempotency SET nonce = $3, renewed = $4
    WHERE org_id = $1 AND id = $2 AND status IS NULL AND committed = 0 AND renewed < $5";
const RENEW: &str = "UPDATE idempotency SET renewed = $4 WHERE org_id = $1 AND id = $2 AND nonce = $3";
const MARK: &str = "UPDATE idempotency SET committed = 1 WHERE org_id = $1 AND id = $2 AND nonce = $3";
const FINISH: &str = "UPDATE idempotency SET status = $4, kind = $5, body = $6
    WHERE org_id = $1 AND id = $2 AND nonce = $3";
const FORGET: &str = "DELETE FROM idempotency WHERE org_id = $1 AND id = $2 AND nonce = $3 AND committed = 0";
pub(crate) const STATEMENTS: &[&str] = &[SWEEP, BEGIN, FIND, TAKE_OVER, RENEW, MARK, FINISH, FORGET];

/// Answers are kept so long, in seconds.
const KEPT: i64 = 24 * 3_600;
/// A request whose key was not renewed for so many seconds was cut off with its process.
const CUT_OFF: i64 = 10;

/// Takes a key for a request, where it is free or its request was cut off.
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
    let nonce = Uuid::new_v4();
    let (org, before) = (org.uuid(), |seconds: i64| micros(now) - seconds * 1_000_000);
    view.execute(SWEEP, values![org, before(KEPT)]).await?;
    let row = values![org, id.to_vec(), request.to_vec(), Vec::<u8>::new(), micros(now), nonce];
    let free = view.execute(BEGIN, row).await? > 0;
    let found = view.one(FIND, values![org, id.to_vec()]).await?;
    let same = match &found {
        Some(found) => get::<Vec<u8>>(found, 0)? == request,
        None => false,
    };
    let over = values![org, id.to_vec(), nonce, micros(now), before(CUT_OFF)];
    let taken = free || (same && view.execute(TAKE_OVER, over).await? > 0);
    view.transaction.commit().await?;
    let Some(found) = found.filter(|_| !taken) else { return Ok(Key::Free(nonce)) };
    if !same {
        return Ok(Key::Other);
    }
    let Some(status) = get::<Option<i64>>(&found, 1)? else {
        return Ok(if get::<i64>(&found, 4)? == 0 { Key::Busy } else { Key::CarriedOut });
    };
    let status = u16::try_from(status)
        .map_err(|_| Error::Corrupt { column: "idempotency.status", value: status.to_string() })?;
    Ok(Key::Answered(AnswerRow { status, kind: get(&found, 2)?, body: get(&found, 3)? }))
}

/// Says that the request is still being carried out.
///
/// # Errors
/// When the database cannot be used.
pub async fn renew(store: &Store, mark: &Mark, now: Timestamp) -> Result<(), Error> {
    let view = writing(store, mark.org).await?;
    view.execute(RENEW, values![mark.org.uuid(), mark.id.clone(), mark.nonce, micros(now)]).await?;
    Ok(view.transaction.commit().await?)
}

/// Notes in the transaction of the change that the request is carried out by it. False where another took its place.
pub(crate) async fn mark(view: &View, mark: &Mark) -> Result<bool, Error> {
    Ok(view.execute(MARK, values![mark.org.uuid(), mark.id.clone(), mark.nonce]).await? > 0)
}

/// Keeps the answer of a key.
///
/// # Errors
/// When the database cannot be used.
pub async fn finish(store: &Store, mark: &Mark, answer: AnswerRow) -> Result<(), Error> {
    let view = writing(store, mark.org).await?;
    let status = i64::from(answer.status);
    let row = values![mark.org.uuid(), mark.id.clone(), mark.nonce, status, answer.kind, answer.body];
    view.execute(FINISH, row).await?;
    Ok(view.transaction.commit().await?)
}

/// Gives a key free: the request failed by a fault of ours and may be sent again. One whose change was made all the same,
/// as when the connection broke at that moment, stays carried out.
///
/// # Errors
/// When the database cannot be used.
pub async fn forget(store: &Store, mark: &Mark) -> Result<(), Error> {
    let view = writing(store, mark.org).await?;
    view.execute(FORGET, values![mark.org.uuid(), mark.id.clone(), mark.nonce]).await?;
    Ok(view.transaction.commit().await?)
}

async fn writing(store: &Store, org: OrgId) -> Result<View, Error> {
    let (transaction, _waiting) = store.begin_write().await?;
    View::new(transaction, org, store.statements.clone()).await
}
