//! Secrets that must be had back in the clear (of second factors, webhooks, single sign-on), sealed in the database
//! with a key that is not in it: XChaCha20-Poly1305, with what the secret belongs to as associated data, so that a
//! sealed secret that is copied into another row opens nothing.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::{Error, key_file};

/// The key's file in the data folder, where no other is named.
const KEY_FILE: &str = "secret.key";
/// Bytes of the key.
const KEY_BYTES: usize = 32;
/// Bytes before the nonce: the form's number and the key's print.
const HEAD_BYTES: usize = 1 + PRINT_BYTES;
/// Bytes of the key's print: enough to tell one key from another, too few to say anything about it.
const PRINT_BYTES: usize = 4;
/// Bytes of the nonce; long enough to be drawn at random for every secret.
const NONCE_BYTES: usize = 24;
/// The form of a sealed secret: form, print of the key, nonce, ciphertext with its tag.
const FORM: u8 = 1;

/// Seals and opens secrets. The key is read when the first secret is sealed or opened, and made where there is none.
#[derive(Debug)]
pub(crate) struct Secrets {
    path: PathBuf,
    key: OnceLock<Key>,
}

struct Key {
    cipher: XChaCha20Poly1305,
    derive: Hmac<Sha256>,
    print: [u8; PRINT_BYTES],
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", hex::encode(self.print))
    }
}

/// Why a secret cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    /// The key's file cannot be read or made.
    #[error("the key file {} cannot be used", .0.display())]
    File(PathBuf, #[source] std::io::Error),
    /// The key's file does not hold a key.
    #[error("the key file {} does not hold 64 hexadecimal digits", .0.display())]
    NotAKey(PathBuf),
    /// The secret was sealed with another key.
    #[error("sealed with another key than the one in {}", .0.display())]
    OtherKey(PathBuf),
    /// The sealed bytes were changed, or belong to something else.
    #[error("the sealed secret is damaged or belongs elsewhere")]
    Damaged,
}

impl From<SecretError> for Error {
    fn from(error: SecretError) -> Error {
        tracing::error!(error = &error as &dyn std::error::Error, "a secret cannot be sealed or opened");
        Error::Unavailable {
            message: "the key for stored secrets cannot be used".into(),
            hint: Some("see the server's log; bring back `secret.key` or name it by BEDRAIL_KEY_FILE".into()),
        }
    }
}

impl Secrets {
    /// Secrets under the key of a data folder, or in the file that is named.
    pub(crate) fn new(data_dir: &Path, key_file: Option<PathBuf>) -> Secrets {
        Secrets { path: key_file.unwrap_or_else(|| data_dir.join(KEY_FILE)), key: OnceLock::new() }
    }

    /// Seals a secret of something: `about` names the kind and the id, "totp 0190b6a2-…".
    ///
    /// # Errors
    /// When there is no key and none can be made.
    pub(crate) fn seal(&self, about: &str, secret: &[u8]) -> Result<Vec<u8>, SecretError> {
        let key = self.key()?;
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload { msg: secret, aad: about.as_bytes() };
        let sealed = key.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| SecretError::Damaged)?;
        Ok([&[FORM][..], &key.print, &nonce, &sealed].concat())
    }

    /// Opens what [`Secrets::seal`] sealed about the same thing.
    ///
    /// # Errors
    /// When the key is another one, or the bytes were changed or belong to something else.
    pub(crate) fn open(&self, about: &str, sealed: &[u8]) -> Result<Vec<u8>, SecretError> {
        let key = self.key()?;
        let (head, rest) = sealed.split_at_checked(HEAD_BYTES).ok_or(SecretError::Damaged)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(SecretError::Damaged)?;
        if head[0] != FORM {
            return Err(SecretError::Damaged);
        }
        if head[1..] != key.print {
            return Err(SecretError::OtherKey(self.path.clone()));
        }
        let payload = Payload { msg: text, aad: about.as_bytes() };
        key.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| SecretError::Damaged)
    }

    /// Bytes that follow from the key and from what they are for: the same wherever the key is, and of no use to find the
    /// key or what is for something else (HMAC-SHA-256).
    ///
    /// # Errors
    /// When there is no key and none can be made.
    pub(crate) fn derive(&self, purpose: &str) -> Result<[u8; 32], SecretError> {
        let mut mac = self.key()?.derive.clone();
        mac.update(purpose.as_bytes());
        Ok(mac.finalize().into_bytes().into())
    }

    /// Whether there is a key, or none is needed yet. Makes none.
    ///
    /// # Errors
    /// When the key's file cannot be read, or holds no key.
    pub(crate) fn readable(&self) -> Result<(), SecretError> {
        match self.path.try_exists() {
            Ok(false) => Ok(()),
            Ok(true) => self.key().map(|_| ()),
            Err(error) => Err(SecretError::File(self.path.clone(), error)),
        }
    }

    fn key(&self) -> Result<&Key, SecretError> {
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let fresh = || Ok((hex::encode(rand::random::<[u8; KEY_BYTES]>()) + "\n").into_bytes());
        let text = key_file::read_or_make(&self.path, fresh);
        let text = text.map_err(|error| SecretError::File(self.path.clone(), error))?;
        let mut bytes = [0; KEY_BYTES];
        hex::decode_to_slice(text.trim_ascii(), &mut bytes)
            .map_err(|_| SecretError::NotAKey(self.path.clone()))?;
        let mut print = [0; PRINT_BYTES];
        print.copy_from_slice(&Sha256::digest([b"print".as_slice(), &bytes].concat())[..PRINT_BYTES]);
        let derive = Hmac::new_from_slice(&Sha256::digest([b"derive".as_slice(), &bytes].concat()))
            .map_err(|_| SecretError::NotAKey(self.path.clone()))?;
        let key = Key { cipher: XChaCha20Poly1305::new(&bytes.into()), derive, print };
        Ok(self.key.get_or_init(|| key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_derived_follows_from_the_key_and_the_purpose() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let of = |folder: &Path, purpose| Secrets::new(folder, None).derive(purpose).unwrap();
        assert_eq!(of(dir.path(), "a"), of(dir.path(), "a"));
        assert_ne!(of(dir.path(), "a"), of(dir.path(), "b"));
        assert_ne!(of(dir.path(), "a"), of(other.path(), "a"));
    }

    #[test]
    fn a_secret_opens_only_for_what_it_was_sealed_about() {
        let dir = tempfile::tempdir().unwrap();
        let secrets = Secrets::new(dir.path(), None);
        let sealed = secrets.seal("totp 1", b"swordfish").unwrap();
        assert!(!sealed.windows(9).any(|part| part == b"swordfish"));
        assert_ne!(sealed, secrets.seal("totp 1", b"swordfish").unwrap());
        let again = Secrets::new(dir.path(), None);
        assert_eq!(again.open("totp 1", &sealed).unwrap(), b"swordfish");
        assert!(matches!(again.open("totp 2", &sealed), Err(SecretError::Damaged)));
        for at in HEAD_BYTES..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(matches!(again.open("totp 1", &changed), Err(SecretError::Damaged)), "byte {at}");
        }
        for length in 0..sealed.len() {
            assert!(again.open("totp 1", &sealed[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn another_key_is_told_from_damage() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let sealed = Secrets::new(one.path(), None).seal("webhook 1", b"x").unwrap();
        let other = Secrets::new(two.path(), None);
        assert!(matches!(other.open("webhook 1", &sealed), Err(SecretError::OtherKey(_))));
        let shared = Secrets::new(two.path(), Some(one.path().join(KEY_FILE)));
        assert_eq!(shared.open("webhook 1", &sealed).unwrap(), b"x");
        std::fs::write(two.path().join("broken"), "not a key").unwrap();
        let broken = Secrets::new(two.path(), Some(two.path().join("broken")));
        assert!(matches!(broken.seal("webhook 1", b"x"), Err(SecretError::NotAKey(_))));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_the_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        Secrets::new(dir.path(), None).seal("x", b"x").unwrap();
        let mode = dir.path().join(KEY_FILE).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
