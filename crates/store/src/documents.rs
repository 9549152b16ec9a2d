//! Original documents: what was received, from whom, under which digest. The bytes lie in the data folder.

use bedrail_model::ids::DocumentId;
use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, View};

/// A document as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    /// Id.
    pub id: DocumentId,
    /// SHA-256 of the bytes.
    pub sha256: Vec<u8>,
    /// What it was taken for: `sbom`, `devices`.
    pub kind: String,
    /// The file's name as received.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// When it was received.
    pub added: Timestamp,
    /// From whom.
    pub added_by: String,
}

const COLUMNS_BY_ID: &str = "SELECT id, sha256, kind, name, size_bytes, added, added_by FROM document
    WHERE org_id = $1 AND id = $2";
const INSERT: &str = "INSERT INTO document (org_id, id, sha256, kind, name, size_bytes, added, added_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const NEWEST: &str = "SELECT sha256 FROM document WHERE org_id = $1 ORDER BY added DESC LIMIT $2";
pub(crate) const STATEMENTS: &[&str] = &[COLUMNS_BY_ID, INSERT, NEWEST];

fn read(row: &QueryResult) -> Result<DocumentRow, Error> {
    Ok(DocumentRow {
        id: DocumentId::from_uuid(get(row, 0)?),
        sha256: get(row, 1)?,
        kind: get(row, 2)?,
        name: get(row, 3)?,
        size: get::<i64>(row, 4)?.unsigned_abs(),
        added: time(get(row, 5)?)?,
        added_by: get(row, 6)?,
    })
}

/// One document of the organisation.
///
/// # Errors
/// When the database cannot be used.
pub async fn get_one(view: &View, id: DocumentId) -> Result<Option<DocumentRow>, Error> {
    let row = view.one(COLUMNS_BY_ID, values![view.org().uuid(), id.uuid()]).await?;
    row.as_ref().map(read).transpose()
}

/// The digests of the newest documents of the organisation, each once, at most so many rows of them.
///
/// # Errors
/// When the database cannot be used.
pub async fn newest(view: &View, limit: u32) -> Result<Vec<Vec<u8>>, Error> {
    let rows = view.all(NEWEST, values![view.org().uuid(), i64::from(limit)]).await?;
    let mut hashes: Vec<Vec<u8>> = rows.iter().map(|row| get(row, 0)).collect::<Result<_, _>>()?;
    hashes.sort_unstable();
    hashes.dedup();
    Ok(hashes)
}

/// Lists a document whose bytes are safe on disk already.
///
/// # Errors
/// When the database cannot be used.
pub async fn add(
    change: &Change,
    sha256: &[u8],
    kind: &str,
    name: &str,
    size: usize,
) -> Result<DocumentId, Error> {
    let id = DocumentId::generate();
    let row = values![
        change.org().uuid(),
        id.uuid(),
        sha256.to_vec(),
        kind,
        name,
        i64::try_from(size).unwrap_or(i64::MAX),
        micros(change.at()),
        change.actor()
    ];
    change.execute(INSERT, row).await?;
    Ok(id)
}
