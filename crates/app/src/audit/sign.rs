//! The key that signs the end of a log that is carried away. It lies beside the database, not in it: who can write the
//! database alone cannot sign another history.

use std::io;
use std::path::Path;

use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::{Error, key_file};

const KEY_FILE: &str = "audit.key";

/// The signing key.
pub(crate) struct Key(Ed25519KeyPair);

/// The key of this installation, made on first use (Ed25519, PKCS#8, readable by the owner only).
///
/// # Errors
/// [`Error::Unavailable`] when the file cannot be read or made.
pub(crate) fn key(data_dir: &Path) -> Result<Key, Error> {
    let fresh = || {
        let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
        pair.map(|pair| pair.as_ref().to_vec()).map_err(|error| io::Error::other(error.to_string()))
    };
    let bytes = key_file::read_or_make(&data_dir.join(KEY_FILE), fresh).map_err(|error| unusable(&error))?;
    Ed25519KeyPair::from_pkcs8(&bytes).map(Key).map_err(|error| unusable(&error))
}

fn unusable(error: &dyn std::fmt::Display) -> Error {
    Error::Unavailable {
        message: format!("the key that signs the audit log cannot be used: {error}"),
        hint: Some(format!("check {KEY_FILE} in the data folder")),
    }
}

impl Key {
    /// The public key.
    pub(crate) fn public(&self) -> Vec<u8> {
        self.0.public_key().as_ref().to_vec()
    }

    /// The signature of a message.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

/// Whether a signature of a message was made by the owner of a public key.
pub(crate) fn right(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok()
}
