#![doc = include_str!("../README.md")]

mod layout;
mod manifest;
mod pem;
mod seal;
mod verify;

pub use manifest::{Description, Known, Line, Manifest};
pub use seal::{Entry, SealError, Sealed, Signer, seal};
pub use verify::{Broken, Fault, Trust, Verified, verify};

/// Name and version of the shape.
pub const SCHEMA: &str = "bedrail.binder/1";
/// The words for auditors.
pub(crate) const README: &str = "README.txt";
/// What is in it.
pub(crate) const MANIFEST: &str = "manifest.json";
/// The sums of all files, in the form of `sha256sum`.
pub(crate) const SUMS: &str = "SHA256SUMS";
/// The signature of the sums: 64 bytes, Ed25519 (RFC 8032).
pub(crate) const SIGNATURE: &str = "SHA256SUMS.sig";
/// The public key, as PEM (RFC 8410).
pub(crate) const KEY: &str = "key.pem";

/// The largest entry, in bytes: it is compressed in memory.
pub const MOST_ENTRY_BYTES: u64 = 512 << 20;
/// The most entries: the ZIP has no 64-bit extension, which every reader of the last thirty years does without.
pub const MOST_ENTRIES: usize = 60_000;
/// The largest binder, in bytes, for the same reason.
pub const MOST_BYTES: u64 = u32::MAX as u64 - (64 << 20);
/// The longest path, in bytes.
pub const MOST_PATH_BYTES: usize = 240;
