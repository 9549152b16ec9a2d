//! SHA-256 in hexadecimal, as it is shown and compared everywhere here.

use sha2::{Digest, Sha256};

/// The SHA-256 of bytes, 64 hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
