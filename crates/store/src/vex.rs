//! Statements on weaknesses (VEX) that an organisation received, and the issuers whose word it takes.

use bedrail_model::ids::{DocumentId, VexDocumentId, VexStatementId};
use jiff::Timestamp;
use sea_orm::{QueryResult, Value};

use crate::sql::{batches, get, micros, time, values};
use crate::{Change, Error, View};

/// A document as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VexDocumentRow {
    /// Id.
    pub id: VexDocumentId,
    /// The original as received.
    pub document: DocumentId,
    /// SHA-256 of its bytes.
    pub sha256: Vec<u8>,
    /// The issuer's own id.
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// Format and version.
    pub format: String,
    /// What the issuer is pinned by.
    pub issuer_key: String,
    /// How the document names it.
    pub issuer_name: String,
    /// Its part.
    pub role: Option<String>,
    /// The address that its ids belong to.
    pub namespace: Option<String>,
    /// The version of the document, as written.
    pub version: String,
    /// When its first version was issued, as written.
    pub issued: Option<String>,
    /// When this version was issued, as written.
    pub updated: Option<String>,
    /// The mark of confidentiality, as TLP 2.0 writes it; empty for none.
    pub tlp: String,
    /// How many things of it could not be read.
    pub lost: u64,
    /// When it was received.
    pub added: Timestamp,
    /// The document that takes its place.
    pub replaced_by: Option<VexDocumentId>,
    /// Whether who took it in may decide.
    pub by_decider: bool,
    /// The signature that came beside it, in base64.
    pub signature: Option<String>,
    /// The fingerprint of its issuer's key, where that key signed it.
    pub signed_by: Option<String>,
}

/// A statement as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VexStatementRow {
    /// Id.
    pub id: VexStatementId,
    /// Its document.
    pub document: VexDocumentId,
    /// Its place among those of the document, from 0.
    pub position: u32,
    /// The id that the weakness is called by.
    pub weakness: String,
    /// The status, by its name.
    pub status: String,
    /// All of it, as text.
    pub body: String,
    /// When somebody put it aside.
    pub declined: Option<Timestamp>,
}

/// An issuer that a person pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VexIssuerRow {
    /// What it is pinned by.
    pub key: String,
    /// How it is called.
    pub name: String,
    /// The makers of whose products it may speak; none for all.
    pub makers: Vec<String>,
    /// When it was pinned.
    pub pinned: Timestamp,
    /// By whom.
    pub pinned_by: String,
    /// Since when its statements are accepted without a person, and who said so.
    pub automatic: Option<(Timestamp, String)>,
    /// The key that its documents must be signed by.
    pub signing_key: Option<IssuerKey>,
}

/// A key that somebody named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerKey {
    /// The public key as it was named.
    pub text: String,
    /// What people compare it by.
    pub fingerprint: String,
}

macro_rules! documents {
    ($rest:literal) => {
        concat!(
            "SELECT id, document_id, sha256, name, title, format, issuer_key, issuer_name, role, namespace, version,
            issued, updated, tlp, lost, added, replaced_by, by_decider, signature, signed_by FROM vex_document ",
            $rest
        )
    };
}

const DOCUMENTS: &str = documents!("WHERE org_id = $1 ORDER BY added, id");
const BY_DIGEST: &str = documents!("WHERE org_id = $1 AND sha256 = $2");
const STATEMENTS_OF_ALL: &str = "SELECT id, vex_document_id, position, weakness, status, body, declined
    FROM vex_statement WHERE org_id = $1 ORDER BY vex_document_id, position";
const STATE: &str = "SELECT COALESCE(MAX(m), 0) FROM (
        SELECT MAX(changed) AS m FROM vex_document WHERE org_id = $1
        UNION ALL SELECT MAX(changed) FROM vex_statement WHERE org_id = $1
    ) both_tables";
const INSERT: &str =
    "INSERT INTO vex_document (org_id, changed, id, document_id, sha256, name, title, format, issuer_key,
        issuer_name, role, namespace, version, issued, updated, tlp, lost, added, replaced_by, by_decider,
        signature, signed_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)";
const SIGN: &str =
    "UPDATE vex_document SET signature = $3, signed_by = $4, changed = $5 WHERE org_id = $1 AND id = $2";
const INSERT_STATEMENTS: &str =
    "INSERT INTO vex_statement (org_id, changed, vex_document_id, id, position, weakness, status, body)
    SELECT $1, $2, $3, v.column1, v.column2, v.column3, v.column4, v.column5 FROM (VALUES {rows}) v";
const REPLACE: &str = "UPDATE vex_document SET replaced_by = $3, changed = $4 WHERE org_id = $1 AND id = $2";
const DECLINE: &str = "UPDATE vex_statement SET declined = $3, changed = $4 WHERE org_id = $1 AND id = $2";
const ISSUERS: &str = "SELECT issuer_key, name, makers, pinned, pinned_by, automatic, automatic_by,
        signing_key, key_fingerprint
    FROM vex_issuer WHERE org_id = $1 ORDER BY name, issuer_key";
const PIN: &str = "INSERT INTO vex_issuer
        (org_id, changed, issuer_key, name, makers, pinned, pinned_by, automatic, automatic_by, signing_key,
        key_fingerprint)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (org_id, issuer_key) DO UPDATE SET changed = $2, name = $4, makers = $5, pinned = $6,
        pinned_by = $7, automatic = $8, automatic_by = $9, signing_key = $10, key_fingerprint = $11";
const UNPIN: &str = "DELETE FROM vex_issuer WHERE org_id = $1 AND issuer_key = $2";
const GONE: &str = "SELECT s.id FROM vex_statement s
    JOIN vex_document d ON d.org_id = s.org_id AND d.id = s.vex_document_id
    WHERE s.org_id = $1 AND (s.declined IS NOT NULL OR d.replaced_by IS NOT NULL)";
pub(crate) const STATEMENTS: &[&str] = &[
    DOCUMENTS,
    BY_DIGEST,
    STATEMENTS_OF_ALL,
    STATE,
    INSERT,
    SIGN,
    REPLACE,
    DECLINE,
    ISSUERS,
    PIN,
    UNPIN,
    GONE,
];

fn read_document(row: &QueryResult) -> Result<VexDocumentRow, Error> {
    Ok(VexDocumentRow {
        id: VexDocumentId::from_uuid(get(row, 0)?),
        document: DocumentId::from_uuid(get(row, 1)?),
        sha256: get(row, 2)?,
        name: get(row, 3)?,
        title: get(row, 4)?,
        format: get(row, 5)?,
        issuer_key: get(row, 6)?,
        issuer_name: get(row, 7)?,
        role: get(row, 8)?,
        namespace: get(row, 9)?,
        version: get(row, 10)?,
        issued: get(row, 11)?,
        updated: get(row, 12)?,
        tlp: get(row, 13)?,
        lost: get::<i64>(row, 14)?.unsigned_abs(),
        added: time(get(row, 15)?)?,
        replaced_by: get::<Option<_>>(row, 16)?.map(VexDocumentId::from_uuid),
        by_decider: get::<i64>(row, 17)? != 0,
        signature: get(row, 18)?,
        signed_by: get(row, 19)?,
    })
}

fn read_statement(row: &QueryResult) -> Result<VexStatementRow, Error> {
    Ok(VexStatementRow {
        id: VexStatementId::from_uuid(get(row, 0)?),
        document: VexDocumentId::from_uuid(get(row, 1)?),
        position: u32::try_from(get::<i64>(row, 2)?).unwrap_or(u32::MAX),
        weakness: get(row, 3)?,
        status: get(row, 4)?,
        body: get(row, 5)?,
        declined: get::<Option<i64>>(row, 6)?.map(time).transpose()?,
    })
}

fn read_issuer(row: &QueryResult) -> Result<VexIssuerRow, Error> {
    let since = get::<Option<i64>>(row, 5)?.map(time).transpose()?;
    let key = get::<Option<String>>(row, 7)?.zip(get::<Option<String>>(row, 8)?);
    Ok(VexIssuerRow {
        key: get(row, 0)?,
        name: get(row, 1)?,
        makers: get::<String>(row, 2)?.lines().filter(|it| !it.is_empty()).map(str::to_owned).collect(),
        pinned: time(get(row, 3)?)?,
        pinned_by: get(row, 4)?,
        automatic: since.zip(get::<Option<String>>(row, 6)?),
        signing_key: key.map(|(text, fingerprint)| IssuerKey { text, fingerprint }),
    })
}

/// All documents, the oldest first, replaced ones too.
///
/// # Errors
/// When the database cannot be used.
pub async fn documents(view: &View) -> Result<Vec<VexDocumentRow>, Error> {
    view.all(DOCUMENTS, values![view.org().uuid()]).await?.iter().map(read_document).collect()
}

/// The document with these bytes.
///
/// # Errors
/// When the database cannot be used.
pub async fn by_digest(view: &View, sha256: &[u8]) -> Result<Option<VexDocumentRow>, Error> {
    let row = view.one(BY_DIGEST, values![view.org().uuid(), sha256.to_vec()]).await?;
    row.as_ref().map(read_document).transpose()
}

/// All statements, by document and place.
///
/// # Errors
/// When the database cannot be used.
pub async fn statements(view: &View) -> Result<Vec<VexStatementRow>, Error> {
    view.all(STATEMENTS_OF_ALL, values![view.org().uuid()]).await?.iter().map(read_statement).collect()
}

/// Ids of statements that were put aside, or whose document a later one replaced.
///
/// # Errors
/// When the database cannot be used.
pub async fn gone(view: &View) -> Result<Vec<VexStatementId>, Error> {
    let rows = view.all(GONE, values![view.org().uuid()]).await?;
    rows.iter().map(|row| Ok(VexStatementId::from_uuid(get(row, 0)?))).collect()
}

/// The number of the last change of documents and statements; 0 where there is none.
///
/// # Errors
/// When the database cannot be used.
pub async fn state(view: &View) -> Result<i64, Error> {
    view.one(STATE, values![view.org().uuid()]).await?.map_or(Ok(0), |row| get(&row, 0))
}

/// Keeps a document with its statements.
///
/// # Errors
/// When the database refuses, or the document is there already.
pub async fn add(change: &Change, row: &VexDocumentRow, statements: &[VexStatementRow]) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        row.id.uuid(),
        row.document.uuid(),
        row.sha256.clone(),
        row.name.as_str(),
        row.title.clone(),
        row.format.as_str(),
        row.issuer_key.as_str(),
        row.issuer_name.as_str(),
        row.role.clone(),
        row.namespace.clone(),
        row.version.as_str(),
        row.issued.clone(),
        row.updated.clone(),
        row.tlp.as_str(),
        i64::try_from(row.lost).unwrap_or(i64::MAX),
        micros(row.added),
        row.replaced_by.map(VexDocumentId::uuid),
        i64::from(row.by_decider),
        row.signature.clone(),
        row.signed_by.clone()
    ];
    change.execute(INSERT, values).await?;
    let shared = values![change.org().uuid(), change.number, row.id.uuid()];
    let rows = statements.iter().map(|it| {
        [
            Value::from(it.id.uuid()),
            Value::from(i64::from(it.position)),
            Value::from(it.weakness.as_str()),
            Value::from(it.status.as_str()),
            Value::from(it.body.as_str()),
        ]
    });
    change.execute_batches(batches(INSERT_STATEMENTS, &shared, rows)).await?;
    Ok(())
}

/// Keeps the signature that came beside a document, and whose key is seen to have signed it.
///
/// # Errors
/// When the database refuses.
pub async fn sign(
    change: &Change,
    id: VexDocumentId,
    signature: Option<&str>,
    signed_by: Option<&str>,
) -> Result<(), Error> {
    let values = values![change.org().uuid(), id.uuid(), signature, signed_by, change.number];
    change.execute(SIGN, values).await?;
    Ok(())
}

/// Says which document takes the place of another; none any more where that is not so.
///
/// # Errors
/// When the database refuses.
pub async fn replace(change: &Change, id: VexDocumentId, by: Option<VexDocumentId>) -> Result<(), Error> {
    let values = values![change.org().uuid(), id.uuid(), by.map(VexDocumentId::uuid), change.number];
    change.execute(REPLACE, values).await?;
    Ok(())
}

/// Puts a statement aside, or takes it up again; false where there is none.
///
/// # Errors
/// When the database refuses.
pub async fn decline(change: &Change, id: VexStatementId, aside: bool) -> Result<bool, Error> {
    let at = aside.then(|| micros(change.at()));
    let values = values![change.org().uuid(), id.uuid(), at, change.number];
    Ok(change.execute(DECLINE, values).await? > 0)
}

/// All pinned issuers, by name.
///
/// # Errors
/// When the database cannot be used.
pub async fn issuers(view: &View) -> Result<Vec<VexIssuerRow>, Error> {
    view.all(ISSUERS, values![view.org().uuid()]).await?.iter().map(read_issuer).collect()
}

/// Pins an issuer, or changes what it is pinned for.
///
/// # Errors
/// When the database refuses.
pub async fn pin(change: &Change, row: &VexIssuerRow) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        row.key.as_str(),
        row.name.as_str(),
        row.makers.join("\n"),
        micros(row.pinned),
        row.pinned_by.as_str(),
        row.automatic.as_ref().map(|(since, _)| micros(*since)),
        row.automatic.as_ref().map(|(_, who)| who.clone()),
        row.signing_key.as_ref().map(|it| it.text.clone()),
        row.signing_key.as_ref().map(|it| it.fingerprint.clone())
    ];
    change.execute(PIN, values).await?;
    Ok(())
}

/// Takes the pin of an issuer away; false where there was none.
///
/// # Errors
/// When the database refuses.
pub async fn unpin(change: &Change, key: &str) -> Result<bool, Error> {
    Ok(change.execute(UNPIN, values![change.org().uuid(), key]).await? > 0)
}
