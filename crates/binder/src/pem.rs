//! An Ed25519 public key as PEM (RFC 8410, section 4), as `openssl` reads it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// SubjectPublicKeyInfo with the algorithm 1.3.101.112, up to the key itself.
const PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

pub(crate) fn write(key: &[u8; 32]) -> String {
    let der = [&PREFIX[..], &key[..]].concat();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
}

/// The key of a file that is exactly as [`write`] writes it.
pub(crate) fn read(bytes: &[u8]) -> Option<[u8; 32]> {
    let line = std::str::from_utf8(bytes).ok()?.lines().nth(1)?;
    let der = STANDARD.decode(line).ok()?;
    let key: [u8; 32] = der.strip_prefix(&PREFIX)?.try_into().ok()?;
    (write(&key).as_bytes() == bytes).then_some(key)
}
