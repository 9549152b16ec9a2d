//! Issuers that are pinned by a key: a document counts as theirs only where that key signed it.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bedrail_signature::SigningKey;
use bedrail_store::Change;
use bedrail_store::vex::{self as rows, IssuerKey, VexDocumentRow, VexIssuerRow};
use jiff::Timestamp;

use crate::{Context, Document, Error, vault};

/// Bytes of a signature that comes beside a document; those of the largest keys stay far below.
pub const MOST_SIGNATURE: usize = 16 << 10;
/// Bytes of a document that is signed: as many as are read of one (`bedrail_formats::vex`).
const MOST_DOCUMENT: u64 = 32 << 20;

/// A key as somebody names it.
///
/// # Errors
/// [`Error::Invalid`] when it is none, is private, or is of a kind that is not checked.
pub(super) fn key(text: &str) -> Result<IssuerKey, Error> {
    let key = SigningKey::read(text).map_err(|error| Error::refused(&error.to_string()))?;
    Ok(IssuerKey { text: text.trim().to_owned(), fingerprint: key.fingerprint() })
}

/// A signature as it is kept.
///
/// # Errors
/// [`Error::Invalid`] when it is too long for one.
pub(super) fn kept(signature: &[u8]) -> Result<String, Error> {
    if signature.len() > MOST_SIGNATURE {
        return Err(Error::invalid(format!("a signature has at most {MOST_SIGNATURE} bytes")));
    }
    Ok(STANDARD.encode(signature))
}

/// What a key says of a document.
pub(super) enum Signed {
    /// Its issuer is not pinned by a key.
    NotAsked,
    /// The key of this fingerprint signed it.
    By(String),
    /// It did not, and why.
    Not(String),
}

impl Signed {
    /// The fingerprint of the key, where it signed.
    pub(super) fn by(&self) -> Option<&str> {
        match self {
            Signed::By(fingerprint) => Some(fingerprint),
            Signed::NotAsked | Signed::Not(_) => None,
        }
    }
}

/// Whether the key of an issuer signed a document, in its envelope or in the signature beside it.
///
/// # Errors
/// When the document cannot be read.
pub(super) async fn check(
    issuer: Option<&VexIssuerRow>,
    document: &Document,
    beside: Option<&str>,
    now: Timestamp,
) -> Result<Signed, Error> {
    let Some(key) = issuer.and_then(|it| it.signing_key.clone()) else { return Ok(Signed::NotAsked) };
    let (document, beside) = (document.clone(), beside.map(str::to_owned));
    let check = move || -> Result<Signed, Error> {
        let signing = SigningKey::read(&key.text).map_err(|error| Error::Internal(Box::new(error)))?;
        let mut bytes = Vec::new();
        document.open().take(MOST_DOCUMENT + 1).read_to_end(&mut bytes)?;
        let beside = beside.and_then(|it| STANDARD.decode(it).ok());
        Ok(match signing.verify(&bytes, beside.as_deref(), now) {
            Ok(()) => Signed::By(key.fingerprint),
            Err(unsigned) => Signed::Not(unsigned.to_string()),
        })
    };
    tokio::task::spawn_blocking(check).await.map_err(|error| Error::Internal(Box::new(error)))?
}

/// Looks at every document of an issuer again, after its key was named, changed or taken away.
///
/// # Errors
/// When the database cannot be used, or a document is missing in the data folder.
pub(super) async fn check_all(ctx: &Context, change: &Change, issuer: &VexIssuerRow) -> Result<(), Error> {
    let documents = rows::documents(change).await?;
    for row in documents.iter().filter(|it| it.issuer_key == issuer.key) {
        let signed = if issuer.signing_key.is_some() {
            let document = vault::document(ctx, &hex::encode(&row.sha256)).await?;
            check(Some(issuer), &document, row.signature.as_deref(), change.at()).await?
        } else {
            Signed::NotAsked
        };
        if signed.by() != row.signed_by.as_deref() {
            rows::sign(change, row.id, row.signature.as_deref(), signed.by()).await?;
        }
    }
    Ok(())
}

/// Whether a document counts as its issuer's.
pub(super) fn counts(issuer: &VexIssuerRow, document: &VexDocumentRow) -> bool {
    issuer
        .signing_key
        .as_ref()
        .is_none_or(|key| document.signed_by.as_deref() == Some(key.fingerprint.as_str()))
}
