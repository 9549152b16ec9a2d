//! Detached OpenPGP signatures (RFC 9580) of one pinned key. What `gpg --verify` leaves to a web of trust is left out:
//! there is one key, known by its fingerprint.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use pgp::composed::{Deserializable, DetachedSignature, SignedPublicKey, SignedPublicSubKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{Signature, SignatureType};
use pgp::types::{KeyDetails, Tag, VerifyingKey};

/// Bytes of a key or a signature file; the largest keys with many certifications stay below.
const MOST_BYTES: usize = 512 << 10;
/// Signatures looked at in one file.
const MOST_SIGNATURES: usize = 8;
/// Seconds a signer's clock may be ahead of ours.
const CLOCK_SKEW: i64 = 24 * 3600;

/// The fingerprint of a key that is trusted: 40 hexadecimal digits (RFC 9580, 5.5.4.2), or 64 of a version 6 key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin(String);

impl Pin {
    /// The key that signs the releases of the OWASP Core Rule Set (README of coreruleset, "Verifying releases").
    pub fn core_rule_set() -> Pin {
        Pin("36006F0E0BA1678321588211".to_owned() + "38EEACA1AB8A6E72")
    }
}

impl FromStr for Pin {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Pin, SignatureError> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        let right = matches!(digits.len(), 40 | 64) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if right { Ok(Pin(digits)) } else { Err(SignatureError::NoFingerprint) }
    }
}

impl fmt::Display for Pin {
    /// In groups of four, as people compare them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, digit) in self.0.chars().enumerate() {
            let gap = if index > 0 && index % 4 == 0 { " " } else { "" };
            write!(f, "{gap}{digit}")?;
        }
        Ok(())
    }
}

/// Why a key or a signature is refused.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// A fingerprint is not one.
    #[error("this is no fingerprint of an OpenPGP key; hint: it has 40 hexadecimal digits")]
    NoFingerprint,
    /// The key file is not a key.
    #[error("the key file cannot be read as an OpenPGP public key: {reason}")]
    NoKey {
        /// What the reader says.
        reason: String,
    },
    /// The key file holds another key.
    #[error("the key file holds {found}, pinned is {pinned}; the file is not used")]
    WrongKey {
        /// The pin.
        pinned: String,
        /// What was found.
        found: String,
    },
    /// The key has been revoked.
    #[error("the key {pinned} has been revoked by its owner; nothing it signed is taken any more")]
    Revoked {
        /// The pin.
        pinned: String,
    },
    /// The key has run out.
    #[error(
        "the key {pinned} expired on {at}; hint: when its owner has extended it, supply the extended copy, the fingerprint stays the same"
    )]
    KeyExpired {
        /// The pin.
        pinned: String,
        /// When.
        at: Timestamp,
    },
    /// There is no signature.
    #[error("there is no signature beside it; what is unsigned is never used")]
    Missing,
    /// The signature file holds none.
    #[error("the signature file cannot be read as a detached OpenPGP signature: {reason}")]
    Unreadable {
        /// What the reader says.
        reason: String,
    },
    /// No signature of the pinned key fits the bytes.
    #[error("no signature by {pinned} fits these bytes: {reason}")]
    Wrong {
        /// The pin.
        pinned: String,
        /// What was wrong with the last one looked at.
        reason: String,
    },
    /// The signature itself has run out.
    #[error("the signature was made on {made} and expired on {at}")]
    Expired {
        /// When it was made.
        made: Timestamp,
        /// When it expired.
        at: Timestamp,
    },
}

/// The pinned key, read from a file and found to be the one.
#[derive(Debug, Clone)]
pub struct PinnedKey {
    pin: Pin,
    key: SignedPublicKey,
}

/// What a good signature says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The fingerprint of the pinned key.
    pub by: String,
    /// When it was made, by the signer's clock.
    pub at: Timestamp,
}

impl PinnedKey {
    /// Reads a key file (armoured or not). The file is believed only in what the pinned key itself has signed in it.
    ///
    /// # Errors
    /// [`SignatureError`] when it holds another key, or the key is revoked.
    pub fn read(bytes: &[u8], pin: &Pin) -> Result<PinnedKey, SignatureError> {
        let read = PinnedKey::of_file(bytes)?;
        if read.pin != *pin {
            return Err(SignatureError::WrongKey { pinned: pin.to_string(), found: read.pin.to_string() });
        }
        Ok(read)
    }

    /// Reads a key file (armoured or not) that is itself what is trusted.
    ///
    /// # Errors
    /// [`SignatureError`] when it holds no key, or one that is revoked.
    pub fn of_file(bytes: &[u8]) -> Result<PinnedKey, SignatureError> {
        let no_key = |reason: String| SignatureError::NoKey { reason };
        if bytes.len() > MOST_BYTES {
            return Err(no_key(format!("it has more than {MOST_BYTES} bytes")));
        }
        let parsed = if bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
            SignedPublicKey::from_armor_single_buf(bytes).map(|(key, _)| key)
        } else {
            SignedPublicKey::from_bytes(bytes)
        };
        let key = parsed.map_err(|error| no_key(error.to_string()))?;
        let primary = &key.primary_key;
        let pin = Pin(primary.fingerprint().to_string().to_uppercase());
        if key.details.revocation_signatures.iter().any(|signature| signature.verify_key(primary).is_ok()) {
            return Err(SignatureError::Revoked { pinned: pin.to_string() });
        }
        Ok(PinnedKey { pin, key })
    }

    /// The fingerprint, for people.
    pub fn pin(&self) -> &Pin {
        &self.pin
    }

    /// When the key runs out, by its newest own certification. `None`: never.
    pub fn expires(&self) -> Option<Timestamp> {
        let primary = &self.key.primary_key;
        let own = self.key.details.users.iter().flat_map(|user| {
            let good = move |signature: &&Signature| {
                signature.is_certification()
                    && signature.verify_certification(primary, Tag::UserId, &user.id).is_ok()
            };
            user.signatures.iter().filter(good)
        });
        let direct = self.key.details.direct_signatures.iter();
        let direct = direct.filter(|signature| signature.verify_key(primary).is_ok());
        let newest = own.chain(direct).max_by_key(|signature| signature.created().map(|at| at.as_secs()))?;
        after(primary.created_at().as_secs(), newest.key_expiration_time()?.as_secs())
    }

    /// Checks a detached signature of these bytes at a moment. Of several signatures in the file one good one is enough.
    ///
    /// # Errors
    /// [`SignatureError`] says what is wrong. There is no way around this check.
    pub fn verify(&self, data: &[u8], signature: &[u8], now: Timestamp) -> Result<Signed, SignatureError> {
        if let Some(at) = self.expires().filter(|at| *at <= now) {
            return Err(SignatureError::KeyExpired { pinned: self.pin.to_string(), at });
        }
        let mut refused = None;
        for signature in read_signatures(signature)? {
            match self.check(&signature, data, now) {
                Ok(signed) => return Ok(signed),
                Err(error) => refused = Some(error),
            }
        }
        Err(refused.unwrap_or(SignatureError::Missing))
    }

    fn check(
        &self,
        detached: &DetachedSignature,
        data: &[u8],
        now: Timestamp,
    ) -> Result<Signed, SignatureError> {
        let wrong =
            |reason: &str| SignatureError::Wrong { pinned: self.pin.to_string(), reason: reason.to_owned() };
        let signature = &detached.signature;
        if signature.typ() != Some(SignatureType::Binary) {
            return Err(wrong("it is no signature of binary data"));
        }
        let strong = [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];
        if !signature.hash_alg().is_some_and(|hash| strong.contains(&hash)) {
            return Err(wrong("its hash is not SHA-256, SHA-384 or SHA-512"));
        }
        let made = signature.created().map(|at| at.as_secs());
        let made = made.ok_or_else(|| wrong("it does not say when it was made"))?;
        self.fits(signature, data, now).map_err(|reason| wrong(&reason))?;
        let at = moment(made).ok_or_else(|| wrong("its time is none"))?;
        if at.as_second() > now.as_second() + CLOCK_SKEW {
            return Err(wrong(&format!("it was made on {at}, which is yet to come; check the clock")));
        }
        let lasts = signature.signature_expiration_time().map_or(0, |lasts| lasts.as_secs());
        match after(made, lasts).filter(|end| *end <= now) {
            Some(end) => Err(SignatureError::Expired { made: at, at: end }),
            None => Ok(Signed { by: self.pin.to_string(), at }),
        }
    }

    /// Whether the primary key or one of its own signing subkeys made the signature.
    fn fits(&self, signature: &Signature, data: &[u8], now: Timestamp) -> Result<(), String> {
        let primary = &self.key.primary_key;
        let first = match signature.verify(primary, data) {
            Ok(()) => return Ok(()),
            Err(error) => error.to_string(),
        };
        let subkeys = self.key.public_subkeys.iter().filter(|subkey| signs(subkey, primary, now));
        let fits = subkeys.into_iter().any(|subkey| signature.verify(&subkey.key, data).is_ok());
        if fits { Ok(()) } else { Err(first) }
    }
}

/// Whether a subkey may sign: bound by the primary key, bound back (RFC 9580, 5.2.1.9), not revoked, not run out.
fn signs<K: VerifyingKey + pgp::ser::Serialize>(
    subkey: &SignedPublicSubKey,
    primary: &K,
    now: Timestamp,
) -> bool {
    let good = |signature: &&Signature| signature.verify_subkey_binding(primary, &subkey.key).is_ok();
    let own: Vec<_> = subkey.signatures.iter().filter(good).collect();
    if own.iter().any(|signature| signature.typ() == Some(SignatureType::SubkeyRevocation)) {
        return false;
    }
    let Some(newest) = own.iter().max_by_key(|signature| signature.created().map(|at| at.as_secs())) else {
        return false;
    };
    let lasts = newest.key_expiration_time().map_or(0, |lasts| lasts.as_secs());
    let alive = after(subkey.key.created_at().as_secs(), lasts).is_none_or(|end| end > now);
    let back = newest.embedded_signature();
    let back = back.is_some_and(|back| back.verify_primary_key_binding(&subkey.key, primary).is_ok());
    alive && newest.key_flags().sign() && back
}

fn read_signatures(bytes: &[u8]) -> Result<Vec<DetachedSignature>, SignatureError> {
    let unreadable = |reason: String| SignatureError::Unreadable { reason };
    if bytes.trim_ascii().is_empty() {
        return Err(SignatureError::Missing);
    }
    if bytes.len() > MOST_BYTES {
        return Err(unreadable(format!("it has more than {MOST_BYTES} bytes")));
    }
    let all = if bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
        DetachedSignature::from_armor_many_buf(bytes).map(|(many, _)| many)
    } else {
        DetachedSignature::from_bytes_many(bytes)
    };
    let all = all.map_err(|error| unreadable(error.to_string()))?;
    let some: Result<Vec<_>, _> = all.take(MOST_SIGNATURES).collect();
    let some = some.map_err(|error| unreadable(error.to_string()))?;
    if some.is_empty() { Err(SignatureError::Missing) } else { Ok(some) }
}

fn moment(seconds: u32) -> Option<Timestamp> {
    Timestamp::from_second(i64::from(seconds)).ok()
}

/// The end of something that lasts; nought seconds mean no end (RFC 9580, 5.2.3.13 and 5.2.3.18).
fn after(begin: u32, lasts: u32) -> Option<Timestamp> {
    (lasts > 0).then(|| Timestamp::from_second(i64::from(begin) + i64::from(lasts)).ok()).flatten()
}
