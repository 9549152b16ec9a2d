//! Notices of an organisation, what people have seen of them, and the channels that carry them outside.

use bedrail_model::ids::{AccountId, NoticeId, OrgId};
use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{batches, get, micros, time, values};
use crate::{Change, Error, Store, View};

/// A notice as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    /// Id.
    pub id: NoticeId,
    /// The code of its kind.
    pub kind: String,
    /// In one line.
    pub title: String,
    /// In a few sentences.
    pub detail: String,
    /// The page of ours that says more.
    pub link: String,
    /// When.
    pub created: Timestamp,
    /// Whom it is for; all who have the right without it.
    pub account: Option<AccountId>,
}

/// A notice to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewNotice<'a> {
    /// The code of its kind.
    pub kind: &'a str,
    /// In one line.
    pub title: &'a str,
    /// In a few sentences.
    pub detail: &'a str,
    /// The page of ours that says more.
    pub link: &'a str,
    /// What would be the same notice: it is kept once.
    pub unique: &'a str,
    /// Whom it is for; all who have the right without it.
    pub account: Option<AccountId>,
}

/// How far a person is with the notices: everything up to these moments, inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reader {
    /// Seen on the page.
    pub seen: Timestamp,
    /// Sent by mail at once.
    pub mailed: Timestamp,
    /// Sent by mail in a digest.
    pub digested: Timestamp,
}

/// Which of a person's marks moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Seen on the page.
    Seen,
    /// Sent by mail at once.
    Mailed,
    /// Sent by mail in a digest.
    Digested,
}

/// A channel as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelRow {
    /// Its code.
    pub channel: String,
    /// JSON, without the secret.
    pub settings: String,
    /// The sealed secret.
    pub secret: Option<Vec<u8>>,
}

const ADD: &str =
    "INSERT INTO notice (org_id, id, kind, title, detail, link, unique_key, created, account_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (org_id, unique_key) DO NOTHING";
const LIST: &str = "SELECT id, kind, title, detail, link, created, account_id FROM notice
    WHERE org_id = $1 AND created > $2 ORDER BY created DESC, id DESC LIMIT $3";
const ONE: &str =
    "SELECT id, kind, title, detail, link, created, account_id FROM notice WHERE org_id = $1 AND id = $2";
const NEWEST: &str = "SELECT COALESCE(MAX(created), 0) FROM notice WHERE org_id = $1";
const UNREAD: &str = "SELECT kind, COUNT(*) FROM notice WHERE org_id = $1 AND created > COALESCE(
        (SELECT seen FROM notice_reader WHERE org_id = $1 AND account_id = $2), 0)
        AND (account_id = $2 OR account_id IS NULL) GROUP BY kind";
const SWEEP: &str = "DELETE FROM notice WHERE org_id = $1 AND created < $2";
const UNTOLD: &str =
    "SELECT w.id FROM weakness w JOIN weakness_count c ON c.weakness = w.id AND c.org_id = $1
    WHERE w.kev_added IS NOT NULL AND c.affected > 0
        AND NOT EXISTS (SELECT 1 FROM notice_about a WHERE a.org_id = $1 AND a.weakness = w.id)
    ORDER BY w.kev_added DESC, w.id";
const TELL: &str = "INSERT INTO notice_about (org_id, weakness) VALUES {rows} ON CONFLICT DO NOTHING";
const READER: &str = "SELECT seen, mailed, digested FROM notice_reader WHERE org_id = $1 AND account_id = $2";
const MARK_SEEN: &str = "INSERT INTO notice_reader (org_id, account_id, seen) VALUES ($1, $2, $3)
    ON CONFLICT (org_id, account_id) DO UPDATE SET seen = excluded.seen";
const MARK_MAILED: &str = "INSERT INTO notice_reader (org_id, account_id, mailed) VALUES ($1, $2, $3)
    ON CONFLICT (org_id, account_id) DO UPDATE SET mailed = excluded.mailed";
const MARK_DIGESTED: &str = "INSERT INTO notice_reader (org_id, account_id, digested) VALUES ($1, $2, $3)
    ON CONFLICT (org_id, account_id) DO UPDATE SET digested = excluded.digested";
const CHOICES: &str = "SELECT kind, pace FROM notice_choice WHERE org_id = $1 AND account_id = $2";
const CHOOSE: &str = "INSERT INTO notice_choice (org_id, account_id, kind, pace) VALUES ($1, $2, $3, $4)
    ON CONFLICT (org_id, account_id, kind) DO UPDATE SET pace = excluded.pace";
const NAMING: &str = "SELECT id, title FROM notice WHERE org_id = $1 AND kind IN ($3, $4)
    AND substr(title, 1, length(CAST($2 AS text))) = $2";
const FORGET: &str =
    "UPDATE notice SET title = $3, detail = '', unique_key = $4 WHERE org_id = $1 AND id = $2";
const CHANNELS: &str = "SELECT channel, settings, secret FROM notice_channel WHERE org_id = $1";
const PUT_CHANNEL: &str =
    "INSERT INTO notice_channel (org_id, channel, settings, secret) VALUES ($1, $2, $3, $4)
    ON CONFLICT (org_id, channel) DO UPDATE SET settings = excluded.settings, secret = excluded.secret";
const REMOVE_CHANNEL: &str = "DELETE FROM notice_channel WHERE org_id = $1 AND channel = $2";
pub(crate) const STATEMENTS: &[&str] = &[
    ADD,
    LIST,
    ONE,
    NEWEST,
    UNREAD,
    SWEEP,
    UNTOLD,
    READER,
    MARK_SEEN,
    MARK_MAILED,
    MARK_DIGESTED,
    CHOICES,
    CHOOSE,
    NAMING,
    FORGET,
    CHANNELS,
    PUT_CHANNEL,
    REMOVE_CHANNEL,
];

fn read(row: &QueryResult) -> Result<NoticeRow, Error> {
    Ok(NoticeRow {
        id: NoticeId::from_uuid(get(row, 0)?),
        kind: get(row, 1)?,
        title: get(row, 2)?,
        detail: get(row, 3)?,
        link: get(row, 4)?,
        created: time(get(row, 5)?)?,
        account: get::<Option<_>>(row, 6)?.map(AccountId::from_uuid),
    })
}

/// Keeps a notice. `None` where the same one is kept already.
///
/// # Errors
/// When the database refuses.
pub async fn add(change: &Change, new: &NewNotice<'_>) -> Result<Option<NoticeId>, Error> {
    let id = NoticeId::generate();
    let at = micros(change.at());
    let account = new.account.map(AccountId::uuid);
    let (org, NewNotice { kind, title, detail, link, unique, .. }) = (change.org().uuid(), *new);
    let row = values![org, id.uuid(), kind, title, detail, link, unique, at, account];
    Ok((change.execute(ADD, row).await? > 0).then_some(id))
}

/// Notices after a moment, the newest first, `limit` at most.
///
/// # Errors
/// When the database cannot be used.
pub async fn since(view: &View, after: Timestamp, limit: u32) -> Result<Vec<NoticeRow>, Error> {
    let rows = view.all(LIST, values![view.org().uuid(), micros(after), i64::from(limit)]).await?;
    rows.iter().map(read).collect()
}

/// One notice.
///
/// # Errors
/// When the database cannot be used.
pub async fn one(view: &View, id: NoticeId) -> Result<Option<NoticeRow>, Error> {
    view.one(ONE, values![view.org().uuid(), id.uuid()]).await?.as_ref().map(read).transpose()
}

/// When the newest notice came, in microseconds since 1970; 0 where there is none.
///
/// # Errors
/// When the database cannot be used.
pub async fn newest(view: &View) -> Result<i64, Error> {
    view.one(NEWEST, values![view.org().uuid()]).await?.map_or(Ok(0), |row| get(&row, 0))
}

/// How many notices of each kind a person has not seen.
///
/// # Errors
/// When the database cannot be used.
pub async fn unread(view: &View, account: AccountId) -> Result<Vec<(String, u64)>, Error> {
    let rows = view.all(UNREAD, values![view.org().uuid(), account.uuid()]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, u64::try_from(get::<i64>(row, 1)?).unwrap_or(0)))).collect()
}

/// Forgets notices from before a moment. Returns how many.
///
/// # Errors
/// When the database cannot be used.
pub async fn sweep(store: &Store, org: OrgId, before: Timestamp) -> Result<u64, Error> {
    let view = store.write_in(org).await?;
    let swept = view.execute(SWEEP, values![org.uuid(), micros(before)]).await?;
    view.transaction.commit().await?;
    Ok(swept)
}

/// Weaknesses that are known to be exploited and affect devices, and that no notice told of, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn untold_exploited(view: &View) -> Result<Vec<String>, Error> {
    let rows = view.all(UNTOLD, values![view.org().uuid()]).await?;
    rows.iter().map(|row| get(row, 0)).collect()
}

/// Remembers that weaknesses were told of.
///
/// # Errors
/// When the database refuses.
pub async fn mark_told(change: &Change, weaknesses: &[String]) -> Result<(), Error> {
    let org = change.org().uuid();
    let rows = weaknesses.iter().map(|weakness| [org.into(), weakness.as_str().into()]);
    change.execute_batches(batches(TELL, &[], rows)).await?;
    Ok(())
}

/// How far a person is.
///
/// # Errors
/// When the database cannot be used.
pub async fn reader(view: &View, account: AccountId) -> Result<Reader, Error> {
    let row = view.one(READER, values![view.org().uuid(), account.uuid()]).await?;
    row.map_or(Ok(Reader::default()), |row| {
        let moment = |index| get(&row, index).and_then(time);
        Ok(Reader { seen: moment(0)?, mailed: moment(1)?, digested: moment(2)? })
    })
}

/// Moves one of a person's marks. What a person has read is no change of the organisation: there is no audit entry.
///
/// # Errors
/// When the database cannot be used.
pub async fn mark(
    store: &Store,
    org: OrgId,
    account: AccountId,
    mark: Mark,
    until: Timestamp,
) -> Result<(), Error> {
    let text = match mark {
        Mark::Seen => MARK_SEEN,
        Mark::Mailed => MARK_MAILED,
        Mark::Digested => MARK_DIGESTED,
    };
    let view = store.write_in(org).await?;
    view.execute(text, values![org.uuid(), account.uuid(), micros(until)]).await?;
    Ok(view.transaction.commit().await?)
}

/// What a person chose: codes of kinds and of paces.
///
/// # Errors
/// When the database cannot be used.
pub async fn choices(view: &View, account: AccountId) -> Result<Vec<(String, String)>, Error> {
    let rows = view.all(CHOICES, values![view.org().uuid(), account.uuid()]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

/// Writes down what a person chose.
///
/// # Errors
/// When the database refuses.
pub async fn choose(change: &Change, account: AccountId, chosen: &[(&str, &str)]) -> Result<(), Error> {
    for (kind, pace) in chosen {
        change.execute(CHOOSE, values![change.org().uuid(), account.uuid(), *kind, *pace]).await?;
    }
    Ok(())
}

/// The channels that are set up.
///
/// # Errors
/// When the database cannot be used.
pub async fn channels(view: &View) -> Result<Vec<ChannelRow>, Error> {
    let rows = view.all(CHANNELS, values![view.org().uuid()]).await?;
    rows.iter()
        .map(|row| Ok(ChannelRow { channel: get(row, 0)?, settings: get(row, 1)?, secret: get(row, 2)? }))
        .collect()
}

/// Sets a channel up.
///
/// # Errors
/// When the database refuses.
pub async fn put_channel(change: &Change, row: &ChannelRow) -> Result<(), Error> {
    let secret = row.secret.clone();
    let row = values![change.org().uuid(), row.channel.as_str(), row.settings.as_str(), secret];
    change.execute(PUT_CHANNEL, row).await?;
    Ok(())
}

/// Takes a channel away. False where there was none.
///
/// # Errors
/// When the database refuses.
pub async fn remove_channel(change: &Change, channel: &str) -> Result<bool, Error> {
    Ok(change.execute(REMOVE_CHANNEL, values![change.org().uuid(), channel]).await? > 0)
}

/// Takes somebody's name out of the notices of two kinds whose titles begin with it, and what they say further.
///
/// # Errors
/// When the database refuses.
pub async fn forget(change: &Change, name: &str, kinds: [&str; 2], instead: &str) -> Result<(), Error> {
    let org = change.org().uuid();
    let begin = format!("{name} ");
    let rows = change.all(NAMING, values![org, begin.as_str(), kinds[0], kinds[1]]).await?;
    for row in &rows {
        let (id, title): (uuid::Uuid, String) = (get(row, 0)?, get(row, 1)?);
        let title = format!("{instead} {}", &title[begin.len()..]);
        change.execute(FORGET, values![org, id, title, format!("erased {id}")]).await?;
    }
    Ok(())
}
