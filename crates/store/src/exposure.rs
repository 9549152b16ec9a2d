//! Evidence that devices can be reached from outside: the files that somebody brought, and what stands in them.

use std::net::IpAddr;

use bedrail_model::exposure::{Confidence, Evidence, ExposureSource, Inside, Protocol, Vantage};
use bedrail_model::ids::{DocumentId, ExposureImportId};
use jiff::Timestamp;
use sea_orm::{QueryResult, Value};

use crate::sql::{batches, code, get, id_batches, micros, time, values};
use crate::{Change, Error, View};

/// A file as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Id.
    pub id: ExposureImportId,
    /// The original as received.
    pub document: DocumentId,
    /// SHA-256 of its bytes.
    pub sha256: Vec<u8>,
    /// Its name.
    pub file_name: String,
    /// What it was read as.
    pub format: String,
    /// From where somebody looked.
    pub vantage: Vantage,
    /// How many pieces of evidence stood in it.
    pub pieces: u64,
    /// How many things could not be read.
    pub lost: u64,
    /// When it was received.
    pub added: Timestamp,
    /// By whom.
    pub added_by: String,
    /// When its evidence was taken away, and by whom.
    pub removed: Option<(Timestamp, String)>,
}

/// A piece of evidence as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceRow {
    /// The file that it stands in.
    pub import: ExposureImportId,
    /// Its place among those of the file, from 0.
    pub position: u32,
    /// Where in the file, in words.
    pub place: String,
    /// What it says.
    pub evidence: Evidence,
}

/// An address that something is said of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRow {
    /// The address that can be reached.
    pub address: IpAddr,
    /// Who it is inside, where a border translates.
    pub inside: Option<IpAddr>,
    /// Pieces of evidence on it.
    pub pieces: u64,
    /// Those that carry further than [`Confidence::Low`].
    pub firm: u64,
}

/// Pieces of one address that are read: more say nothing new to a person.
pub const PIECES_OF_AN_ADDRESS: u32 = 50;

/// What is kept here now is about this.
const KIND: &str = "reach";

const IMPORTS: &str =
    "SELECT id, document_id, sha256, file_name, format, vantage, pieces, lost, added, added_by,
        removed, removed_by
    FROM exposure_import WHERE org_id = $1 ORDER BY added DESC, id DESC";
const NEWEST: &str = "SELECT COALESCE(MAX(changed), 0) FROM exposure_import WHERE org_id = $1";
const ADDRESSES: &str =
    "SELECT address, inside_address, COUNT(*), COUNT(CASE WHEN confidence <> 'low' THEN 1 END)
    FROM exposure_evidence WHERE org_id = $1 AND kind = 'reach' AND address IS NOT NULL
    GROUP BY address, inside_address ORDER BY address, inside_address";
/// The strongest and newest pieces of each address.
macro_rules! evidence {
    ($by:literal) => {
        concat!(
            "SELECT import_id, position, place, address, port, protocol, service, inside_address, inside_port, source,
        seen, confidence, why
    FROM (SELECT import_id, position, place, address, port, protocol, service, inside_address, inside_port, source,
            seen, confidence, why, ROW_NUMBER() OVER (PARTITION BY ",
            $by,
            " ORDER BY CASE confidence WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END,
                COALESCE(seen, 0) DESC, import_id DESC, position) AS rank_of
        FROM exposure_evidence
        WHERE org_id = $1 AND kind = 'reach' AND address IS NOT NULL AND ",
            $by,
            " IN ({ids})) ranked
    WHERE rank_of <= $2"
        )
    };
}
const OF_ADDRESSES: &str = evidence!("address");
const OF_INSIDE: &str = evidence!("inside_address");
const INSERT_IMPORT: &str =
    "INSERT INTO exposure_import (org_id, changed, id, document_id, sha256, file_name, format,
        vantage, pieces, lost, added, added_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const INSERT_EVIDENCE: &str =
    "INSERT INTO exposure_evidence (org_id, import_id, kind, position, place, address, port,
        protocol, service, inside_address, inside_port, source, seen, confidence, why)
    SELECT $1, $2, $3, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7, v.column8,
        v.column9, v.column10, v.column11, v.column12
    FROM (VALUES {rows}) v";
const REMOVE: &str = "UPDATE exposure_import SET removed = $3, removed_by = $4, changed = $5
    WHERE org_id = $1 AND id = $2 AND removed IS NULL";
const DELETE_EVIDENCE: &str = "DELETE FROM exposure_evidence WHERE org_id = $1 AND import_id = $2";
pub(crate) const STATEMENTS: &[&str] =
    &[IMPORTS, NEWEST, ADDRESSES, OF_ADDRESSES, OF_INSIDE, INSERT_IMPORT, REMOVE, DELETE_EVIDENCE];

fn read_import(row: &QueryResult) -> Result<ImportRow, Error> {
    let removed = get::<Option<i64>>(row, 10)?.map(time).transpose()?;
    Ok(ImportRow {
        id: ExposureImportId::from_uuid(get(row, 0)?),
        document: DocumentId::from_uuid(get(row, 1)?),
        sha256: get(row, 2)?,
        file_name: get(row, 3)?,
        format: get(row, 4)?,
        vantage: code("exposure_import.vantage", &get::<String>(row, 5)?, Vantage::from_code)?,
        pieces: get::<i64>(row, 6)?.unsigned_abs(),
        lost: get::<i64>(row, 7)?.unsigned_abs(),
        added: time(get(row, 8)?)?,
        added_by: get(row, 9)?,
        removed: removed.zip(get::<Option<String>>(row, 11)?),
    })
}

fn address(text: &str) -> Result<IpAddr, Error> {
    code("exposure_evidence.address", text, |text| text.parse().ok())
}

fn port(number: i64) -> Result<u16, Error> {
    u16::try_from(number)
        .map_err(|_| Error::Corrupt { column: "exposure_evidence.port", value: number.to_string() })
}

fn read_address(row: &QueryResult) -> Result<AddressRow, Error> {
    Ok(AddressRow {
        address: address(&get::<String>(row, 0)?)?,
        inside: get::<Option<String>>(row, 1)?.as_deref().map(address).transpose()?,
        pieces: get::<i64>(row, 2)?.unsigned_abs(),
        firm: get::<i64>(row, 3)?.unsigned_abs(),
    })
}

fn read_evidence(row: &QueryResult) -> Result<EvidenceRow, Error> {
    let inside = match get::<Option<String>>(row, 7)? {
        Some(text) => Some(Inside {
            address: address(&text)?,
            port: get::<Option<i64>>(row, 8)?.map(port).transpose()?,
        }),
        None => None,
    };
    let evidence = Evidence {
        address: address(&get::<String>(row, 3)?)?,
        port: get::<Option<i64>>(row, 4)?.map(port).transpose()?,
        protocol: code("exposure_evidence.protocol", &get::<String>(row, 5)?, Protocol::from_word)?,
        service: get(row, 6)?,
        inside,
        source: code("exposure_evidence.source", &get::<String>(row, 9)?, ExposureSource::from_code)?,
        seen: get::<Option<i64>>(row, 10)?.map(time).transpose()?,
        confidence: code("exposure_evidence.confidence", &get::<String>(row, 11)?, Confidence::from_code)?,
        why: get::<String>(row, 12)?.into(),
    };
    Ok(EvidenceRow {
        import: ExposureImportId::from_uuid(get(row, 0)?),
        position: u32::try_from(get::<i64>(row, 1)?).unwrap_or(u32::MAX),
        place: get(row, 2)?,
        evidence,
    })
}

/// All files, the newest first, those that were removed too.
///
/// # Errors
/// When the database cannot be used.
pub async fn imports(view: &View) -> Result<Vec<ImportRow>, Error> {
    view.all(IMPORTS, values![view.org().uuid()]).await?.iter().map(read_import).collect()
}

/// The number of the last change that brought a file or took one away; 0 where none ever did.
///
/// # Errors
/// When the database cannot be used.
pub async fn newest(view: &View) -> Result<i64, Error> {
    view.one(NEWEST, values![view.org().uuid()]).await?.map_or(Ok(0), |row| get(&row, 0))
}

/// Every address that something is said of, once with each address inside that it is handed on to.
///
/// # Errors
/// When the database cannot be used.
pub async fn addresses(view: &View) -> Result<Vec<AddressRow>, Error> {
    view.all(ADDRESSES, values![view.org().uuid()]).await?.iter().map(read_address).collect()
}

/// What is said of these addresses, as seen from outside or as they are called inside: of each the strongest and newest
/// [`PIECES_OF_AN_ADDRESS`] pieces. In the order of files and places.
///
/// # Errors
/// When the database cannot be used.
pub async fn of_addresses(view: &View, addresses: &[IpAddr]) -> Result<Vec<EvidenceRow>, Error> {
    let shared = values![view.org().uuid(), i64::from(PIECES_OF_AN_ADDRESS)];
    let mut found = Vec::new();
    for sql in [OF_ADDRESSES, OF_INSIDE] {
        let ids = addresses.iter().map(|address| Value::from(address.to_string()));
        found.extend(view.all_batches(id_batches(sql, &shared, ids)).await?);
    }
    let mut rows = found.iter().map(read_evidence).collect::<Result<Vec<_>, _>>()?;
    rows.sort_by_key(|row| (row.import, row.position));
    rows.dedup_by_key(|row| (row.import, row.position));
    Ok(rows)
}

/// Keeps a file with what stands in it: place and evidence, in the order of the file.
///
/// # Errors
/// When the database refuses.
pub async fn add(
    change: &Change,
    import: &ImportRow,
    evidence: impl IntoIterator<Item = (String, Evidence), IntoIter: Send>,
) -> Result<(), Error> {
    let values = values![
        change.org().uuid(),
        change.number,
        import.id.uuid(),
        import.document.uuid(),
        import.sha256.clone(),
        import.file_name.as_str(),
        import.format.as_str(),
        import.vantage.code(),
        i64::try_from(import.pieces).unwrap_or(i64::MAX),
        i64::try_from(import.lost).unwrap_or(i64::MAX),
        micros(import.added),
        import.added_by.as_str()
    ];
    change.execute(INSERT_IMPORT, values).await?;
    let shared = values![change.org().uuid(), import.id.uuid(), KIND];
    let rows = evidence.into_iter().enumerate().map(|(position, (place, it))| {
        [
            Value::from(i64::try_from(position).unwrap_or(i64::MAX)),
            Value::from(place),
            Value::from(it.address.to_string()),
            Value::from(it.port.map(i64::from)),
            Value::from(it.protocol.code()),
            Value::from(it.service),
            Value::from(it.inside.map(|inside| inside.address.to_string())),
            Value::from(it.inside.and_then(|inside| inside.port).map(i64::from)),
            Value::from(it.source.code()),
            Value::from(it.seen.map(micros)),
            Value::from(it.confidence.code()),
            Value::from(it.why.into_owned()),
        ]
    });
    change.execute_batches(batches(INSERT_EVIDENCE, &shared, rows)).await?;
    Ok(())
}

/// Takes the evidence of a file away; false where it is gone already, or there never was such a file.
///
/// # Errors
/// When the database refuses.
pub async fn remove(change: &Change, id: ExposureImportId) -> Result<bool, Error> {
    let values = values![change.org().uuid(), id.uuid(), micros(change.at()), change.actor(), change.number];
    if change.execute(REMOVE, values).await? == 0 {
        return Ok(false);
    }
    change.execute(DELETE_EVIDENCE, values![change.org().uuid(), id.uuid()]).await?;
    Ok(true)
}
