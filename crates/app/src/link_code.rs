//! Codes of links that open one thing without an account: the organisation and a secret of 192 bits. Only the hash of a code is kept, and
//! a code that opens nothing is answered as one that never was.

use bedrail_model::ids::OrgId;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::Error;

/// Bytes of the secret.
const SECRET: usize = 24;

/// A new code of an organisation.
pub(crate) fn made(org: OrgId) -> String {
    format!("{}-{}", org.uuid().simple(), hex::encode(rand::random::<[u8; SECRET]>()))
}

/// What is kept of a code.
pub(crate) fn digest(code: &str) -> [u8; 32] {
    Sha256::digest(code).into()
}

/// The organisation that a code names. Whether the code is one is seen by its hash.
pub(crate) fn org_of(code: &str) -> Result<OrgId, Error> {
    let (org, secret) = code.split_once('-').ok_or_else(gone)?;
    let whole = secret.len() == 2 * SECRET && secret.bytes().all(|sign| sign.is_ascii_hexdigit());
    let org = Uuid::try_parse(org).ok().filter(|_| whole).ok_or_else(gone)?;
    Ok(OrgId::from_uuid(org))
}

/// The token of forms that only who has the code has seen. It follows from the code and what the forms are of, and does not give the
/// code away.
pub(crate) fn form(of: &str, code: &str) -> String {
    hex::encode(&Sha256::digest(format!("{of} {code}"))[..16])
}

/// A code that opens nothing, or nothing any more.
pub(crate) fn gone() -> Error {
    Error::not_found("what this link was for")
}
