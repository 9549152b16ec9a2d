//! Bills of materials: which document says what is inside which release, and the parsed content.

use bedrail_model::ids::{ContentId, DocumentId, ReleaseId, SoftwareId};
use jiff::Timestamp;

use crate::sql::{get, micros, time, values};
use crate::{Change, Error, View};

/// Bytes of one component in a stored skeleton.
const BONE: usize = 20;
/// A component that nothing leads to, in a stored skeleton.
const NO_PARENT: u32 = u32::MAX;

/// A component in short: what it is, and the component above it on the shortest way from the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bone {
    /// Its software identity.
    pub software: SoftwareId,
    /// Index of the component above it.
    pub parent: Option<u32>,
}

/// What a parsed content counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContentCounts {
    /// Format and version in words.
    pub format: String,
    /// Components without services.
    pub components: u64,
    /// Services.
    pub services: u64,
    /// Relations.
    pub relations: u64,
    /// Components that have no usable identifier.
    pub without_identifier: u64,
}

/// A content without its inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentRow {
    /// Id.
    pub id: ContentId,
    /// What it counts.
    pub counts: ContentCounts,
    /// Its components in short, in document order.
    pub skeleton: Vec<Bone>,
}

/// The present bill of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SbomRow {
    /// The document as received.
    pub document: DocumentId,
    /// Its content.
    pub content: ContentId,
    /// Its file name.
    pub file_name: String,
    /// Its SHA-256.
    pub sha256: Vec<u8>,
    /// When it was added.
    pub added: Timestamp,
}

macro_rules! contents {
    ($rest:literal) => {
        concat!(
            "SELECT id, format, components, services, relations, without_identifier, skeleton FROM content ",
            $rest
        )
    };
}
const CHANGED: &str = contents!("WHERE org_id = $1 AND changed > $2");
const ALL: &str = contents!("WHERE org_id = $1 AND id > $2 ORDER BY id LIMIT $3");
const SKELETON: &str = "SELECT skeleton FROM content WHERE org_id = $1 AND id = $2";
const EXISTS: &str = "SELECT 1 FROM content WHERE org_id = $1 AND id = $2";
const INVENTORY: &str = "SELECT inventory FROM content WHERE org_id = $1 AND id = $2";
const SET_SKELETON: &str = "UPDATE content SET skeleton = $3, without_identifier = $4, changed = $5
    WHERE org_id = $1 AND id = $2";
const INSERT_CONTENT: &str = "INSERT INTO content (org_id, id, format, components, services, relations,
        without_identifier, changed, skeleton, inventory)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (org_id, id) DO NOTHING";
const PRESENT: &str = "SELECT s.document_id, s.content_id, d.name, d.sha256, s.added
    FROM sbom s JOIN document d ON d.org_id = s.org_id AND d.id = s.document_id
    WHERE s.org_id = $1 AND s.release_id = $2 AND s.replaced IS NULL ORDER BY s.added DESC LIMIT 1";
const HISTORY: &str = "SELECT s.document_id, s.content_id, d.name, d.sha256, s.added
    FROM sbom s JOIN document d ON d.org_id = s.org_id AND d.id = s.document_id
    WHERE s.org_id = $1 AND s.release_id = $2 ORDER BY s.added DESC, s.id DESC";
const REPLACE: &str =
    "UPDATE sbom SET replaced = $3 WHERE org_id = $1 AND release_id = $2 AND replaced IS NULL";
const INSERT: &str = "INSERT INTO sbom (org_id, id, release_id, document_id, content_id, added)
    VALUES ($1, $2, $3, $4, $5, $6)";
pub(crate) const STATEMENTS: &[&str] = &[
    CHANGED,
    ALL,
    SKELETON,
    EXISTS,
    INVENTORY,
    SET_SKELETON,
    INSERT_CONTENT,
    PRESENT,
    HISTORY,
    REPLACE,
    INSERT,
];

fn pack(skeleton: &[Bone]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(skeleton.len() * BONE);
    for bone in skeleton {
        bytes.extend_from_slice(bone.software.uuid().as_bytes());
        bytes.extend_from_slice(&bone.parent.unwrap_or(NO_PARENT).to_le_bytes());
    }
    bytes
}

fn unpack(bytes: &[u8]) -> Vec<Bone> {
    let (bones, _) = bytes.as_chunks::<BONE>();
    let bone = |bytes: &[u8; BONE]| {
        let (software, parent) = bytes.split_at(16);
        let software = uuid::Uuid::from_slice(software).unwrap_or_default();
        let parent = parent.try_into().map_or(NO_PARENT, u32::from_le_bytes);
        Bone { software: SoftwareId::from_uuid(software), parent: (parent != NO_PARENT).then_some(parent) }
    };
    bones.iter().map(bone).collect()
}

/// Contents written after a change; after 0, all.
///
/// # Errors
/// When the database cannot be used.
pub async fn contents_changed_since(view: &View, change: i64) -> Result<Vec<ContentRow>, Error> {
    if change == 0 {
        return view.read_along(ALL, read_content).await;
    }
    view.all(CHANGED, values![view.org().uuid(), change]).await?.iter().map(read_content).collect()
}

fn read_content(row: &sea_orm::QueryResult) -> Result<ContentRow, Error> {
    let count = |index| Ok::<u64, Error>(get::<i64>(row, index)?.unsigned_abs());
    let counts = ContentCounts {
        format: get(row, 1)?,
        components: count(2)?,
        services: count(3)?,
        relations: count(4)?,
        without_identifier: count(5)?,
    };
    let skeleton = unpack(&get::<Vec<u8>>(row, 6)?);
    Ok(ContentRow { id: ContentId::from_uuid(get(row, 0)?), counts, skeleton })
}

/// Whether the organisation has this content already.
///
/// # Errors
/// When the database cannot be used.
pub async fn has_content(view: &View, id: ContentId) -> Result<bool, Error> {
    Ok(view.one(EXISTS, values![view.org().uuid(), id.uuid()]).await?.is_some())
}

/// The components of a content in short, in document order; none where it is not there.
///
/// # Errors
/// When the database cannot be used.
pub async fn skeleton(view: &View, id: ContentId) -> Result<Vec<Bone>, Error> {
    let row = view.one(SKELETON, values![view.org().uuid(), id.uuid()]).await?;
    row.map_or(Ok(Vec::new()), |row| Ok(unpack(&get::<Vec<u8>>(&row, 0)?)))
}

/// The packed inventory of a content.
///
/// # Errors
/// When the database cannot be used.
pub async fn inventory(view: &View, id: ContentId) -> Result<Option<Vec<u8>>, Error> {
    let row = view.one(INVENTORY, values![view.org().uuid(), id.uuid()]).await?;
    row.as_ref().map(|row| get(row, 0)).transpose()
}

/// Stores a parsed content; nothing where the organisation has it already.
///
/// # Errors
/// When the database cannot be used.
pub async fn add_content(change: &Change, content: &ContentRow, inventory: Vec<u8>) -> Result<(), Error> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let row = values![
        change.org().uuid(),
        content.id.uuid(),
        content.counts.format.as_str(),
        count(content.counts.components),
        count(content.counts.services),
        count(content.counts.relations),
        count(content.counts.without_identifier),
        change.number,
        pack(&content.skeleton),
        inventory
    ];
    change.execute(INSERT_CONTENT, row).await?;
    Ok(())
}

/// Says anew what the components of a content are; what was read of it stays.
///
/// # Errors
/// When the database cannot be used.
pub async fn set_skeleton(
    change: &Change,
    id: ContentId,
    skeleton: &[Bone],
    without_identifier: u64,
) -> Result<(), Error> {
    let without = i64::try_from(without_identifier).unwrap_or(i64::MAX);
    let row = values![change.org().uuid(), id.uuid(), pack(skeleton), without, change.number];
    change.execute(SET_SKELETON, row).await?;
    Ok(())
}

/// The present bill of a release.
///
/// # Errors
/// When the database cannot be used.
pub async fn present(view: &View, release: ReleaseId) -> Result<Option<SbomRow>, Error> {
    let row = view.one(PRESENT, values![view.org().uuid(), release.uuid()]).await?;
    row.as_ref().map(read).transpose()
}

/// All bills that a release ever had, the newest first.
///
/// # Errors
/// When the database cannot be used.
pub async fn history(view: &View, release: ReleaseId) -> Result<Vec<SbomRow>, Error> {
    view.all(HISTORY, values![view.org().uuid(), release.uuid()]).await?.iter().map(read).collect()
}

fn read(row: &sea_orm::QueryResult) -> Result<SbomRow, Error> {
    Ok(SbomRow {
        document: DocumentId::from_uuid(get(row, 0)?),
        content: ContentId::from_uuid(get(row, 1)?),
        file_name: get(row, 2)?,
        sha256: get(row, 3)?,
        added: time(get(row, 4)?)?,
    })
}

/// Makes a document the present bill of a release; the one before stays in the history.
///
/// # Errors
/// When the database cannot be used.
pub async fn add(
    change: &Change,
    release: ReleaseId,
    document: DocumentId,
    content: ContentId,
) -> Result<(), Error> {
    let org = change.org().uuid();
    let at = micros(change.at());
    change.execute(REPLACE, values![org, release.uuid(), at]).await?;
    let id = uuid::Uuid::now_v7();
    change.execute(INSERT, values![org, id, release.uuid(), document.uuid(), content.uuid(), at]).await?;
    crate::releases::set_content(change, release, content).await
}
