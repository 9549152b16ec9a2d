//! Advisories about products that are named by maker, product and version. Public documents, of no organisation.

use bedrail_model::ids::ProductAdvisoryId;
use jiff::Timestamp;
use sea_orm::QueryResult;

use crate::sql::{get, micros, time, values};
use crate::{Error, Reference, View};

/// A document as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductAdvisoryRow {
    /// Id over the publisher's namespace and its own id.
    pub id: ProductAdvisoryId,
    /// The publisher's id: `ICSMA-22-088-01`.
    pub name: String,
    /// The publisher's namespace.
    pub namespace: String,
    /// The version of the document, as written.
    pub version: String,
    /// When it was released, as written.
    pub released: Option<String>,
    /// SHA-256 of the bytes.
    pub sha256: Vec<u8>,
    /// The bytes as received.
    pub content: Vec<u8>,
    /// When it was taken in.
    pub added: Timestamp,
    /// The provider that it was fetched from; none for a file that somebody took in.
    pub provider: Option<String>,
}

/// What is known of a document without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRow {
    /// Id.
    pub id: ProductAdvisoryId,
    /// SHA-256 of the bytes.
    pub sha256: Vec<u8>,
    /// When it was released, as written.
    pub released: Option<String>,
    /// The provider that it was fetched from.
    pub provider: Option<String>,
}

const STATE: &str = "SELECT COALESCE(MAX(changed), 0) FROM product_advisory";
const CHANGED: &str = "SELECT id, name, namespace, version, released, sha256, content, added, provider_url
    FROM product_advisory WHERE changed > $1 ORDER BY name, id";
const HELD: &str = "SELECT id, sha256, released, provider_url FROM product_advisory";
const SET: &str = "INSERT INTO product_advisory
    (id, changed, name, namespace, version, released, sha256, content, added, provider_url)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (id) DO UPDATE SET changed = $2, name = $3, namespace = $4, version = $5, released = $6,
        sha256 = $7, content = $8, added = $9, provider_url = $10";
pub(crate) const STATEMENTS: &[&str] = &[STATE, CHANGED, HELD, SET];

fn read(row: &QueryResult) -> Result<ProductAdvisoryRow, Error> {
    Ok(ProductAdvisoryRow {
        id: ProductAdvisoryId::from_uuid(get(row, 0)?),
        name: get(row, 1)?,
        namespace: get(row, 2)?,
        version: get(row, 3)?,
        released: get(row, 4)?,
        sha256: get(row, 5)?,
        content: get(row, 6)?,
        added: time(get(row, 7)?)?,
        provider: get(row, 8)?,
    })
}

/// The number of the last change of any of them; 0 where there is none.
///
/// # Errors
/// When the database cannot be used.
pub async fn state(view: &View) -> Result<i64, Error> {
    view.one(STATE, vec![]).await?.map_or(Ok(0), |row| get(&row, 0))
}

/// Those written after a change, with their bytes.
///
/// # Errors
/// When the database cannot be used.
pub async fn changed_since(view: &View, change: i64) -> Result<Vec<ProductAdvisoryRow>, Error> {
    view.all(CHANGED, values![change]).await?.iter().map(read).collect()
}

/// What is held, without its bytes.
///
/// # Errors
/// When the database cannot be used.
pub async fn held(view: &View) -> Result<Vec<HeldRow>, Error> {
    let one = |row: &QueryResult| {
        Ok(HeldRow {
            id: ProductAdvisoryId::from_uuid(get(row, 0)?),
            sha256: get(row, 1)?,
            released: get(row, 2)?,
            provider: get(row, 3)?,
        })
    };
    view.all(HELD, vec![]).await?.iter().map(one).collect()
}

/// Takes a document in; another version of it makes place.
///
/// # Errors
/// When the database refuses.
pub async fn set(reference: &Reference, row: &ProductAdvisoryRow) -> Result<(), Error> {
    let values = values![
        row.id.uuid(),
        reference.number,
        row.name.as_str(),
        row.namespace.as_str(),
        row.version.as_str(),
        row.released.clone(),
        row.sha256.clone(),
        row.content.clone(),
        micros(row.added),
        row.provider.clone()
    ];
    reference.execute(SET, values).await?;
    Ok(())
}
