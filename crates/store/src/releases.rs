//! Releases: maker, model and version, with the content of the present bill of materials.

use std::collections::HashMap;

use bedrail_model::ids::{ContentId, ReleaseId};
use bedrail_model::text::squeezed;
use sea_orm::{QueryResult, Value};

use crate::sql::{batches, get, id_batches, values};
use crate::{Change, Error, View};

/// A release as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRow {
    /// Id.
    pub id: ReleaseId,
    /// Maker as first written.
    pub maker: String,
    /// Model as first written.
    pub model: String,
    /// Version as first written.
    pub version: Option<String>,
    /// The content of its present bill of materials.
    pub content: Option<ContentId>,
}

const CHANGED: &str = "SELECT id, maker, model, version, content_id FROM release
    WHERE org_id = $1 AND changed > $2";
const BY_KEY: &str = "SELECT id, maker, model, version, content_id FROM release
    WHERE org_id = $1 AND release_key = $2";
const BY_IDS: &str =
    "SELECT id, maker, model, version, content_id FROM release WHERE org_id = $1 AND id IN ({ids})";
const KEYS: &str = "SELECT release_key, id FROM release WHERE org_id = $1";
const INSERT: &str = "INSERT INTO release (org_id, changed, id, maker, model, version, release_key)
    SELECT $1, $2, v.column1, v.column2, v.column3, v.column4, v.column5 FROM (VALUES {rows}) v";
const SET_CONTENT: &str = "UPDATE release SET content_id = $3, changed = $4 WHERE org_id = $1 AND id = $2";
pub(crate) const STATEMENTS: &[&str] = &[CHANGED, BY_KEY, KEYS, SET_CONTENT];

/// How maker, model and version are compared: without case and outer space, so that two spellings of a list are one
/// release. The version keeps its signs, since `1.0-2` and `1.0.2` are two.
pub fn key(maker: &str, model: &str, version: Option<&str>) -> String {
    let plain = |text: &str| squeezed(text).to_lowercase();
    format!("{}\u{1f}{}\u{1f}{}", plain(maker), plain(model), plain(version.unwrap_or("")))
}

fn read(row: &QueryResult) -> Result<ReleaseRow, Error> {
    Ok(ReleaseRow {
        id: ReleaseId::from_uuid(get(row, 0)?),
        maker: get(row, 1)?,
        model: get(row, 2)?,
        version: get(row, 3)?,
        content: get::<Option<_>>(row, 4)?.map(ContentId::from_uuid),
    })
}

/// Releases by id, in no order.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_ids(view: &View, ids: &[ReleaseId]) -> Result<Vec<ReleaseRow>, Error> {
    let ids = ids.iter().map(|id| Value::from(id.uuid()));
    let shared = values![view.org().uuid()];
    view.all_batches(id_batches(BY_IDS, &shared, ids)).await?.iter().map(read).collect()
}

/// Releases written after a change.
///
/// # Errors
/// When the database cannot be used.
pub async fn changed_since(view: &View, change: i64) -> Result<Vec<ReleaseRow>, Error> {
    view.all(CHANGED, values![view.org().uuid(), change]).await?.iter().map(read).collect()
}

/// The release of this maker, model and version.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_name(
    view: &View,
    maker: &str,
    model: &str,
    version: Option<&str>,
) -> Result<Option<ReleaseRow>, Error> {
    let row = view.one(BY_KEY, values![view.org().uuid(), key(maker, model, version)]).await?;
    row.as_ref().map(read).transpose()
}

/// All releases by [`key`].
///
/// # Errors
/// When the database cannot be used.
pub async fn by_key(view: &View) -> Result<HashMap<String, ReleaseId>, Error> {
    let rows = view.all(KEYS, values![view.org().uuid()]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, ReleaseId::from_uuid(get(row, 1)?)))).collect()
}

/// Adds releases; the caller knows that their keys are new. `content` is not written here.
///
/// # Errors
/// When the database cannot be used.
pub async fn add(change: &Change, releases: &[ReleaseRow]) -> Result<(), Error> {
    let shared = values![change.org().uuid(), change.number];
    let rows = releases.iter().map(|release| {
        [
            release.id.uuid().into(),
            release.maker.as_str().into(),
            release.model.as_str().into(),
            release.version.clone().into(),
            key(&release.maker, &release.model, release.version.as_deref()).into(),
        ]
    });
    change.execute_batches(batches(INSERT, &shared, rows)).await?;
    Ok(())
}

/// Makes a content the present one of a release.
///
/// # Errors
/// When the database cannot be used.
pub async fn set_content(change: &Change, release: ReleaseId, content: ContentId) -> Result<(), Error> {
    let row = values![change.org().uuid(), release.uuid(), content.uuid(), change.number];
    change.execute(SET_CONTENT, row).await?;
    Ok(())
}
