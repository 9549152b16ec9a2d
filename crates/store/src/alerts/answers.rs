//! Which items a notice is about, and the links in its mails by which one person takes one item, once. Only the SHA-256 of a
//! link is kept.

use bedrail_model::ids::{AccountId, AlertItemId, NoticeId, OrgId};
use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, Store, View};

/// A link in a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRow {
    /// Whose it is.
    pub account: AccountId,
    /// Which item it takes.
    pub item: AlertItemId,
    /// From when on it opens nothing, exclusive.
    pub expires: Timestamp,
    /// When it was used.
    pub used: Option<Timestamp>,
}

const ABOUT: &str = "INSERT INTO alert_notice (org_id, notice_id, item_id) VALUES ($1, $2, $3)
    ON CONFLICT (org_id, notice_id, item_id) DO NOTHING";
const OF_NOTICE: &str = "SELECT n.item_id FROM alert_notice n
    JOIN alert_item i ON i.org_id = n.org_id AND i.id = n.item_id
    WHERE n.org_id = $1 AND n.notice_id = $2 AND i.closed IS NULL AND i.owner IS NULL
    ORDER BY i.urgency DESC, i.take_by, i.id LIMIT $3";
const ADD: &str =
    "INSERT INTO alert_answer (org_id, code, account_id, item_id, expires) VALUES ($1, $2, $3, $4, $5)";
const ONE: &str =
    "SELECT account_id, item_id, expires, used FROM alert_answer WHERE org_id = $1 AND code = $2";
const USE: &str = "UPDATE alert_answer SET used = $3
    WHERE org_id = $1 AND code = $2 AND used IS NULL AND expires > $3";
const SWEEP: &str = "DELETE FROM alert_answer WHERE org_id = $1 AND expires < $2";
pub(crate) const STATEMENTS: &[&str] = &[ABOUT, OF_NOTICE, ADD, ONE, USE, SWEEP];

/// A notice is about an item.
///
/// # Errors
/// When the database refuses.
pub async fn about(change: &Change, notice: NoticeId, item: AlertItemId) -> Result<(), Error> {
    change.execute(ABOUT, values![change.org().uuid(), notice.uuid(), item.uuid()]).await?;
    Ok(())
}

/// The items of a notice that are open and that nobody has, the most urgent first.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_notice(view: &View, notice: NoticeId, limit: u32) -> Result<Vec<AlertItemId>, Error> {
    let rows = view.all(OF_NOTICE, values![view.org().uuid(), notice.uuid(), i64::from(limit)]).await?;
    rows.iter().map(|row| Ok(AlertItemId::from_uuid(get(row, 0)?))).collect()
}

/// Keeps links, by their hashes, and forgets those that opened nothing any more at a moment. A link changes nothing of the
/// organisation before it is used: there is no audit entry.
///
/// # Errors
/// When the database refuses.
pub async fn add(
    store: &Store,
    org: OrgId,
    links: &[([u8; 32], AnswerRow)],
    swept_before: Timestamp,
) -> Result<(), Error> {
    let view = store.write_in(org).await?;
    view.execute(SWEEP, values![org.uuid(), micros(swept_before)]).await?;
    for (code, row) in links {
        let (account, item) = (row.account.uuid(), row.item.uuid());
        view.execute(ADD, values![org.uuid(), code.to_vec(), account, item, micros(row.expires)]).await?;
    }
    Ok(view.transaction.commit().await?)
}

/// The link of a hash, used and expired ones too.
///
/// # Errors
/// When the database cannot be used.
pub async fn one(view: &View, code: &[u8; 32]) -> Result<Option<AnswerRow>, Error> {
    let read = |row: &QueryResult| {
        Ok(AnswerRow {
            account: AccountId::from_uuid(get(row, 0)?),
            item: AlertItemId::from_uuid(get(row, 1)?),
            expires: time(get(row, 2)?)?,
            used: get::<Option<i64>>(row, 3)?.map(time).transpose()?,
        })
    };
    view.one(ONE, values![view.org().uuid(), code.to_vec()]).await?.as_ref().map(read).transpose()
}

/// Uses a link: true for one caller only, and only before it expires.
///
/// # Errors
/// When the database refuses.
pub async fn take(change: &Change, code: &[u8; 32]) -> Result<bool, Error> {
    let values = values![change.org().uuid(), code.to_vec(), micros(change.at())];
    Ok(change.execute(USE, values).await? > 0)
}
