//! Tries to sign in, counted by all processes on one database together. What is counted is known by a digest only.

use jiff::Timestamp;

use crate::sql::{micros, values};
use crate::{Error, Store};

/// Whose tries are counted, and how they come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// SHA-256 of whose they are.
    pub whose: Vec<u8>,
    /// Microseconds until one try comes back.
    pub each: i64,
    /// Tries at once.
    pub burst: i64,
}

/// Takes one try, if there is one. A moment that lies further ahead than all tries take to come back was written by a clock
/// that ran ahead, and counts for nothing.
const TAKE: &str = "INSERT INTO sign_in_try (whose, full_at)
    VALUES ($1, CAST($2 AS bigint) + CAST($3 AS bigint))
    ON CONFLICT (whose) DO UPDATE SET full_at = CAST($3 AS bigint) + CASE
        WHEN sign_in_try.full_at > $2 AND sign_in_try.full_at <= CAST($2 AS bigint) + CAST($4 AS bigint)
        THEN sign_in_try.full_at ELSE $2 END
    WHERE sign_in_try.full_at + CAST($3 AS bigint) <= CAST($2 AS bigint) + CAST($4 AS bigint)
        OR sign_in_try.full_at > CAST($2 AS bigint) + CAST($4 AS bigint)";
const GIVE_BACK: &str = "UPDATE sign_in_try SET full_at = full_at - $2 WHERE whose = $1";
const FORGET: &str = "DELETE FROM sign_in_try WHERE whose = $1";
const SWEEP: &str = "DELETE FROM sign_in_try WHERE full_at < $1";
pub(crate) const STATEMENTS: &[&str] = &[TAKE, GIVE_BACK, FORGET, SWEEP];

/// Takes one try of each, or none where one of them has none left. They are taken in the order of their digests, so that two
/// processes do not wait for each other.
///
/// # Errors
/// When the database cannot be used.
pub async fn take(store: &Store, counted: &[Counted], now: Timestamp) -> Result<bool, Error> {
    let mut counted: Vec<&Counted> = counted.iter().collect();
    counted.sort_by(|one, other| one.whose.cmp(&other.whose));
    let view = store.write_view().await?;
    for each in counted {
        let span = each.each.saturating_mul(each.burst);
        if view.execute(TAKE, values![each.whose.clone(), micros(now), each.each, span]).await? == 0 {
            return Ok(false);
        }
    }
    view.transaction.commit().await?;
    Ok(true)
}

/// Gives all tries of `own` back, and one of each of `shared`, in the order in which [`take`] takes them.
///
/// # Errors
/// When the database cannot be used.
pub async fn give_back(store: &Store, own: &[u8], shared: &[Counted]) -> Result<(), Error> {
    let mut rows: Vec<(&[u8], Option<i64>)> =
        shared.iter().map(|one| (one.whose.as_slice(), Some(one.each))).collect();
    rows.push((own, None));
    rows.sort_unstable();
    let view = store.write_view().await?;
    for (whose, each) in rows {
        match each {
            Some(each) => view.execute(GIVE_BACK, values![whose.to_vec(), each]).await?,
            None => view.execute(FORGET, values![whose.to_vec()]).await?,
        };
    }
    Ok(view.transaction.commit().await?)
}

/// Forgets whose tries are all there again.
///
/// # Errors
/// When the database cannot be used.
pub async fn sweep(store: &Store, now: Timestamp) -> Result<u64, Error> {
    let view = store.write_view().await?;
    let swept = view.execute(SWEEP, values![micros(now)]).await?;
    view.transaction.commit().await?;
    Ok(swept)
}
