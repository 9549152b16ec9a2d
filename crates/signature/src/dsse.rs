//! DSSE: Dead Simple Signing Envelope 1.0 (protocol.md, envelope.md), alone or in a Sigstore bundle (`dsseEnvelope`), checked with one
//! public key. Certificates and logs of Sigstore are not followed: who signed is who holds the key.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

/// Characters of a key; the largest RSA keys stay far below.
const MOST_KEY: usize = 16 << 10;
/// Signatures looked at in one envelope.
const MOST_SIGNATURES: usize = 16;

/// A public key (RFC 5280 §4.1.2.7) of a kind that is checked here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: Kind,
    /// The bits of the key, as its algorithm has them.
    key: Vec<u8>,
    /// SHA-256 of its encoding.
    sha256: [u8; 32],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ed25519,
    P256,
    P384,
    Rsa,
}

impl Kind {
    /// By the identifiers of the algorithm and of its curve (RFC 8410 §3, RFC 5480 §2.1.1, RFC 3279 §2.3.1).
    fn of(algorithm: &str, curve: Option<&str>) -> Option<Kind> {
        match (algorithm, curve) {
            ("1.3.101.112", _) => Some(Kind::Ed25519),
            ("1.2.840.10045.2.1", Some("1.2.840.10045.3.1.7")) => Some(Kind::P256),
            ("1.2.840.10045.2.1", Some("1.3.132.0.34")) => Some(Kind::P384),
            ("1.2.840.113549.1.1.1", _) => Some(Kind::Rsa),
            _ => None,
        }
    }

    /// The ways in which signers write a signature of this kind: curves as two numbers in ASN.1 (cosign, in-toto) or side by side (the examples of the
    /// specification), RSA with either padding.
    fn ways(self) -> [&'static dyn VerificationAlgorithm; 2] {
        match self {
            Kind::Ed25519 => [&signature::ED25519, &signature::ED25519],
            Kind::P256 => [&signature::ECDSA_P256_SHA256_ASN1, &signature::ECDSA_P256_SHA256_FIXED],
            Kind::P384 => [&signature::ECDSA_P384_SHA384_ASN1, &signature::ECDSA_P384_SHA384_FIXED],
            Kind::Rsa => [&signature::RSA_PSS_2048_8192_SHA256, &signature::RSA_PKCS1_2048_8192_SHA256],
        }
    }
}

/// Why a text is no public key that can be checked with.
#[derive(Debug, thiserror::Error)]
pub enum PublicKeyError {
    /// It cannot be read.
    #[error("the public key cannot be read: it is no PEM of a SubjectPublicKeyInfo (RFC 5280)")]
    Unreadable,
    /// Another algorithm.
    #[error(
        "signatures of keys of the kind {0} are not checked here; hint: Ed25519, ECDSA P-256 or P-384, or RSA"
    )]
    OtherKind(String),
}

/// Why an envelope does not count as signed.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// It is not one, or has more in it than one may have: a second reading of it could be another.
    #[error("the document is no DSSE envelope, nor a Sigstore bundle with one: {0}")]
    NoEnvelope(String),
    /// Nobody signed it.
    #[error("the envelope has no signature")]
    None,
    /// None fits.
    #[error("no signature in the envelope was made by the key {0}")]
    Wrong(String),
}

/// An envelope, and nothing besides: whoever reads the document by another name in it would read what nobody signed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Signed>,
}

#[derive(Deserialize)]
struct Signed {
    sig: String,
}

/// A Sigstore bundle (sigstore_bundle.proto), with nothing besides.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Bundle {
    #[serde(rename = "mediaType")]
    _media_type: Option<serde::de::IgnoredAny>,
    #[serde(rename = "verificationMaterial")]
    _verification_material: Option<serde::de::IgnoredAny>,
    dsse_envelope: Envelope,
}

impl PublicKey {
    /// Reads a key in PEM (RFC 7468 §13).
    ///
    /// # Errors
    /// [`PublicKeyError`] when it is none, or of a kind that is not checked here.
    pub fn read(pem: &str) -> Result<PublicKey, PublicKeyError> {
        let body = pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----");
        let body = body.and_then(|it| it.strip_suffix("-----END PUBLIC KEY-----"));
        let body = body.filter(|it| it.len() <= MOST_KEY).ok_or(PublicKeyError::Unreadable)?;
        let compact: String = body.split_whitespace().collect();
        let der = STANDARD.decode(compact).map_err(|_| PublicKeyError::Unreadable)?;
        let Ok((rest, info)) = SubjectPublicKeyInfo::from_der(&der) else {
            return Err(PublicKeyError::Unreadable);
        };
        if !rest.is_empty() {
            return Err(PublicKeyError::Unreadable);
        }
        let algorithm = info.algorithm.algorithm.to_id_string();
        let curve = info.algorithm.parameters.as_ref().and_then(|it| it.as_oid().ok());
        let curve = curve.map(|it| it.to_id_string());
        let kind = Kind::of(&algorithm, curve.as_deref()).ok_or_else(|| {
            PublicKeyError::OtherKind(curve.map_or(algorithm.clone(), |curve| format!("{algorithm} {curve}")))
        })?;
        let key = info.subject_public_key.data.to_vec();
        Ok(PublicKey { kind, key, sha256: Sha256::digest(&der).into() })
    }

    /// What people compare it by: `SHA256:` and hexadecimal digits of the hash of the encoded key.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", hex::encode(self.sha256))
    }

    /// Whether it signed an envelope; one good signature of several is enough.
    ///
    /// # Errors
    /// [`EnvelopeError`] when the bytes are no envelope, or none of its signatures is this key's.
    pub fn verify_envelope(&self, document: &[u8]) -> Result<(), EnvelopeError> {
        let envelope = match serde_json::from_slice::<Envelope>(document) {
            Ok(envelope) => envelope,
            Err(error) => {
                serde_json::from_slice::<Bundle>(document)
                    .map_err(|_| EnvelopeError::NoEnvelope(error.to_string()))?
                    .dsse_envelope
            }
        };
        let no_base64 = || EnvelopeError::NoEnvelope("its payload is no base64".to_owned());
        let payload = decoded(&envelope.payload).ok_or_else(no_base64)?;
        if envelope.signatures.is_empty() {
            return Err(EnvelopeError::None);
        }
        let message = authenticated(&envelope.payload_type, &payload);
        let signatures = envelope.signatures.iter().take(MOST_SIGNATURES);
        let fits = signatures.filter_map(|it| decoded(&it.sig)).any(|it| self.signed(&message, &it));
        if fits { Ok(()) } else { Err(EnvelopeError::Wrong(self.fingerprint())) }
    }

    fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = |way: &'static dyn VerificationAlgorithm| UnparsedPublicKey::new(way, &self.key);
        self.kind.ways().into_iter().any(|way| key(way).verify(message, signature).is_ok())
    }
}

/// The bytes that are signed: pre-authentication encoding (protocol.md, "PAE").
pub fn authenticated(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

/// Base64 of either alphabet; DSSE asks readers to take both.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let compact: String = text.split_whitespace().collect();
    STANDARD.decode(&compact).or_else(|_| URL_SAFE.decode(&compact)).ok()
}
