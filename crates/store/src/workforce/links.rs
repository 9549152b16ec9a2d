//! Personal links.

use bedrail_model::ids::{OrgId, WorkerId};
use jiff::Timestamp;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, Store, View};

/// A link as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// Whose.
    pub worker: WorkerId,
    /// From when on it opens nothing, exclusive.
    pub expires: Timestamp,
    /// Names that were typed.
    pub tries: u64,
    /// When it was opened.
    pub used: Option<Timestamp>,
    /// Until when, exclusive, the browser that opened it goes on.
    pub session_until: Option<Timestamp>,
}

const ADD: &str = "INSERT INTO worker_link (org_id, code, worker_id, made, made_by, expires) VALUES ($1, $2, $3, $4, $5, $6)";
const ONE: &str =
    "SELECT worker_id, expires, tries, used, session_until FROM worker_link WHERE org_id = $1 AND code = $2";
const OF_SESSION: &str = "SELECT worker_id, expires, tries, used, session_until FROM worker_link WHERE org_id = $1 AND session = $2";
const TRY: &str = "UPDATE worker_link SET tries = tries + 1
    WHERE org_id = $1 AND code = $2 AND tries < $3 AND used IS NULL AND expires > $4";
const OPEN: &str = "UPDATE worker_link SET used = $3, session = $4, session_until = $5
    WHERE org_id = $1 AND code = $2 AND used IS NULL AND expires > $3";
const END: &str = "UPDATE worker_link SET session = NULL, session_until = NULL, expires = $3
    WHERE org_id = $1 AND worker_id = $2 AND (expires > $3 OR session_until > $3)";
const SWEEP: &str = "DELETE FROM worker_link WHERE org_id = $1 AND expires < $2 AND (session_until IS NULL OR session_until < $2)";
pub(crate) const STATEMENTS: &[&str] = &[ADD, ONE, OF_SESSION, TRY, OPEN, END, SWEEP];

/// Keeps a link by its hash.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, code: &[u8], worker: WorkerId, expires: Timestamp) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        code.to_vec(),
        worker.uuid(),
        micros(change.at()),
        change.actor(),
        micros(expires)
    ];
    change.execute(ADD, values).await?;
    Ok(())
}

async fn find(view: &View, sql: &str, hash: &[u8]) -> Result<Option<LinkRow>, Error> {
    let Some(row) = view.one(sql, values![view.org().uuid(), hash.to_vec()]).await? else { return Ok(None) };
    Ok(Some(LinkRow {
        worker: WorkerId::from_uuid(get(&row, 0)?),
        expires: time(get(&row, 1)?)?,
        tries: super::count(&row, 2)?,
        used: get::<Option<i64>>(&row, 3)?.map(time).transpose()?,
        session_until: get::<Option<i64>>(&row, 4)?.map(time).transpose()?,
    }))
}

/// The link of a hash.
///
/// # Errors
/// When the database cannot be used.
pub async fn one(view: &View, code: &[u8]) -> Result<Option<LinkRow>, Error> {
    find(view, ONE, code).await
}

/// The link that a browser opened, by the hash of what it keeps.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_session(view: &View, session: &[u8]) -> Result<Option<LinkRow>, Error> {
    find(view, OF_SESSION, session).await
}

/// Counts a name that is typed, before it is looked at: of many at once no more are looked at than one after the other. False where
/// the link opens nothing any more, or had as many as it bears. No change of the organisation: nothing of it moves.
///
/// # Errors
/// When the database refuses.
pub async fn note_try(
    store: &Store,
    org: OrgId,
    code: &[u8],
    (most, now): (u64, Timestamp),
) -> Result<bool, Error> {
    let view = store.write_in(org).await?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let counted = view.execute(TRY, values![org.uuid(), code.to_vec(), most, micros(now)]).await?;
    view.transaction.commit().await?;
    Ok(counted > 0)
}

/// Opens a link, once: false where it was opened before or has expired.
///
/// # Errors
/// When the database refuses.
pub async fn open(change: &Change, code: &[u8], session: &[u8], until: Timestamp) -> Result<bool, Error> {
    let values =
        values![change.org().uuid(), code.to_vec(), micros(change.at()), session.to_vec(), micros(until)];
    Ok(change.execute(OPEN, values).await? > 0)
}

/// Ends every link of a person, and what browsers keep of them.
///
/// # Errors
/// When the database refuses.
pub async fn end(change: &Change, worker: WorkerId) -> Result<u64, Error> {
    change.execute(END, values![change.org().uuid(), worker.uuid(), micros(change.at())]).await
}

/// Forgets links that opened nothing any more before a moment.
///
/// # Errors
/// When the database refuses.
pub async fn sweep(change: &Change, before: Timestamp) -> Result<u64, Error> {
    change.execute(SWEEP, values![change.org().uuid(), micros(before)]).await
}
