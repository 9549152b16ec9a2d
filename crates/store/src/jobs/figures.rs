//! Figures of the queue: what is due, what failed, how many wait; and forgetting what was over long ago.

use bedrail_model::ids::AccountId;
use bedrail_model::job::JobState;
use jiff::Timestamp;

use super::count;
use crate::sql::{code, get, micros, time, values};
use crate::{Error, Store, View};

const PULSE: &str = "SELECT COALESCE(MAX(moved), 0), COUNT(*) FROM job WHERE org_id = $1 OR org_id IS NULL";
const OWN_PULSE: &str =
    "SELECT COALESCE(MAX(moved), 0), COUNT(*) FROM job WHERE org_id = $1 AND account_id = $2";
const NEXT: &str = "SELECT run_at FROM job WHERE unique_key = $1";
const LAST_ENDED: &str = "SELECT MAX(ended) FROM job WHERE kind = $1";
const OPEN_BY_KEY: &str = "SELECT id FROM job WHERE unique_key = $1";
const DEPTH: &str = "SELECT kind, state, COUNT(*), MIN(run_at) FROM job
    WHERE state IN ('waiting', 'running', 'failed') GROUP BY kind, state";
const FAILED_SINCE: &str = "SELECT COUNT(*) FROM job
    WHERE (org_id = $1 OR org_id IS NULL) AND state = 'failed' AND ended > $2";
const ABANDONED: &str = "SELECT COUNT(*) FROM job WHERE state = 'running' AND leased_until < $1";
const SWEEP: &str = "DELETE FROM job WHERE state IN ('done', 'failed', 'cancelled') AND ended < $1";
pub(crate) const STATEMENTS: &[&str] =
    &[PULSE, OWN_PULSE, NEXT, LAST_ENDED, OPEN_BY_KEY, DEPTH, FAILED_SINCE, ABANDONED, SWEEP];

/// Two numbers that are others as soon as any job of the organisation, or of the installation, moved.
///
/// # Errors
/// When the database cannot be used.
pub async fn pulse(view: &View) -> Result<(i64, i64), Error> {
    let row = view.one(PULSE, values![view.org().uuid()]).await?;
    row.map_or(Ok((0, 0)), |row| Ok((get(&row, 0)?, get(&row, 1)?)))
}

/// The same of the jobs that an account asked for.
///
/// # Errors
/// When the database cannot be used.
pub async fn own_pulse(view: &View, account: AccountId) -> Result<(i64, i64), Error> {
    let row = view.one(OWN_PULSE, values![view.org().uuid(), account.uuid()]).await?;
    row.map_or(Ok((0, 0)), |row| Ok((get(&row, 0)?, get(&row, 1)?)))
}

/// When the work with this unique key is due, where it is waiting or running.
///
/// # Errors
/// When the database cannot be used.
pub async fn due(store: &Store, unique: &str) -> Result<Option<Timestamp>, Error> {
    let row = store.reference_view().await?.one(NEXT, values![unique]).await?;
    row.map(|row| time(get(&row, 0)?)).transpose()
}

/// When a job of a kind was last over.
///
/// # Errors
/// When the database cannot be used.
pub async fn last_ended(store: &Store, kind: &str) -> Result<Option<Timestamp>, Error> {
    let row = store.reference_view().await?.one(LAST_ENDED, values![kind]).await?;
    row.map_or(Ok(None), |row| get::<Option<i64>>(&row, 0)?.map(time).transpose())
}

/// Whether work with this unique key is waiting or running.
///
/// # Errors
/// When the database cannot be used.
pub async fn is_open(store: &Store, unique: &str) -> Result<bool, Error> {
    Ok(store.reference_view().await?.one(OPEN_BY_KEY, values![unique]).await?.is_some())
}

/// How many jobs of a kind stand how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Depth {
    /// The code of the kind.
    pub kind: String,
    /// Waiting, running or failed.
    pub state: JobState,
    /// How many.
    pub jobs: u64,
    /// When the first of them was due.
    pub oldest: Timestamp,
}

/// The queue of all organisations, for who runs the installation.
///
/// # Errors
/// When the database cannot be used.
pub async fn depth(store: &Store) -> Result<Vec<Depth>, Error> {
    let rows = store.reference_view().await?.all(DEPTH, vec![]).await?;
    rows.iter()
        .map(|row| {
            Ok(Depth {
                kind: get(row, 0)?,
                state: code("job.state", &get::<String>(row, 1)?, JobState::from_code)?,
                jobs: count(get(row, 2)?),
                oldest: time(get(row, 3)?)?,
            })
        })
        .collect()
}

/// Jobs of all organisations whose worker gave no sign of life since a moment, and that no other took up.
///
/// # Errors
/// When the database cannot be used.
pub async fn abandoned(store: &Store, since: Timestamp) -> Result<u64, Error> {
    let row = store.reference_view().await?.one(ABANDONED, values![micros(since)]).await?;
    row.map_or(Ok(0), |row| Ok(count(get(&row, 0)?)))
}

/// Jobs of the organisation, or of the installation, that failed since a moment.
///
/// # Errors
/// When the database cannot be used.
pub async fn failed_since(view: &View, since: Timestamp) -> Result<u64, Error> {
    let row = view.one(FAILED_SINCE, values![view.org().uuid(), micros(since)]).await?;
    row.map_or(Ok(0), |row| Ok(count(get(&row, 0)?)))
}

/// Forgets jobs that were over before a moment. Returns how many.
///
/// # Errors
/// When the database cannot be used.
pub async fn sweep(store: &Store, before: Timestamp) -> Result<u64, Error> {
    let view = store.write_view().await?;
    let swept = view.execute(SWEEP, values![micros(before)]).await?;
    view.transaction.commit().await?;
    Ok(swept)
}
