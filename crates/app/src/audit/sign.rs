//! The key that signs the end of a log that is carried away. It lies beside the database, not in it: who can write the
//! database alone cannot sign another history.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::Error;

const KEY_FILE: &str = "audit.key";

/// The signing key.
pub(crate) struct Key(Ed25519KeyPair);

/// The key of this installation, made on first use (Ed25519, PKCS#8, readable by the owner only).
///
/// # Errors
/// [`Error::Unavailable`] when the file cannot be read or made.
pub(crate) fn key(data_dir: &Path) -> Result<Key, Error> {
    let path = data_dir.join(KEY_FILE);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => make(&path)?,
        Err(error) => return Err(unusable(&error)),
    };
    Ed25519KeyPair::from_pkcs8(&bytes).map(Key).map_err(|error| unusable(&error))
}

fn make(path: &Path) -> Result<Vec<u8>, Error> {
    let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|error| unusable(&error))?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(mut file) => {
            let written = file.write_all(pair.as_ref()).and_then(|()| file.sync_all());
            written.map_err(|error| unusable(&error))?;
            Ok(pair.as_ref().to_vec())
        }
        // Another process made it at the same moment.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fs::read(path).map_err(|error| unusable(&error))
        }
        Err(error) => Err(unusable(&error)),
    }
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
