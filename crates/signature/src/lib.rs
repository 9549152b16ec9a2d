//! Whether bytes were signed by a key that somebody named. There is no web of trust and no authority here: one key is named, and
//! what it did not sign is not signed.

pub mod dsse;
pub mod openpgp;

use jiff::Timestamp;

pub use openpgp::{Pin, PinnedKey, SignatureError};

/// The key of somebody who signs documents, in either of the forms that people hand out.
#[derive(Debug, Clone)]
pub enum SigningKey {
    /// A public key of its own (`-----BEGIN PUBLIC KEY-----`), which signs DSSE envelopes.
    Plain(dsse::PublicKey),
    /// An OpenPGP certificate (`-----BEGIN PGP PUBLIC KEY BLOCK-----`), which signs in a file of its own.
    OpenPgp(Box<PinnedKey>),
}

/// Why a text is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Neither form.
    #[error(
        "this is no public key; hint: a key begins with -----BEGIN PUBLIC KEY----- or -----BEGIN PGP PUBLIC KEY BLOCK-----"
    )]
    Unknown,
    /// A secret one.
    #[error("this is a private key, which nobody else should have; hint: name the public key")]
    Private,
    /// The first form, and wrong.
    #[error(transparent)]
    Plain(#[from] dsse::PublicKeyError),
    /// The second form, and wrong.
    #[error(transparent)]
    OpenPgp(#[from] SignatureError),
}

/// Why a document does not count as signed.
#[derive(Debug, thiserror::Error)]
pub enum Unsigned {
    /// By its envelope.
    #[error(transparent)]
    Envelope(#[from] dsse::EnvelopeError),
    /// By the signature beside it.
    #[error(transparent)]
    Detached(#[from] SignatureError),
}

impl SigningKey {
    /// Reads a key as somebody pastes it.
    ///
    /// # Errors
    /// [`KeyError`] when it is none, is private, or is of a kind that is not checked here.
    pub fn read(text: &str) -> Result<SigningKey, KeyError> {
        let text = text.trim();
        if text.contains("PRIVATE KEY") {
            return Err(KeyError::Private);
        }
        if text.starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----") {
            return Ok(SigningKey::OpenPgp(Box::new(PinnedKey::of_file(text.as_bytes())?)));
        }
        if text.starts_with("-----BEGIN PUBLIC KEY-----") {
            return Ok(SigningKey::Plain(dsse::PublicKey::read(text)?));
        }
        Err(KeyError::Unknown)
    }

    /// What people compare it by: the fingerprint of an OpenPGP key in groups of four, SHA-256 of the encoded key of another.
    pub fn fingerprint(&self) -> String {
        match self {
            SigningKey::Plain(key) => key.fingerprint(),
            SigningKey::OpenPgp(key) => key.pin().to_string(),
        }
    }

    /// Whether it signed a document: in the envelope that the document is, or in the signature that came with it.
    ///
    /// # Errors
    /// [`Unsigned`] says why it does not count.
    pub fn verify(&self, document: &[u8], beside: Option<&[u8]>, now: Timestamp) -> Result<(), Unsigned> {
        match self {
            SigningKey::Plain(key) => key.verify_envelope(document)?,
            SigningKey::OpenPgp(key) => {
                key.verify(document, beside.unwrap_or_default(), now)?;
            }
        }
        Ok(())
    }
}
