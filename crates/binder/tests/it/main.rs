//! Binders: sealed, opened by others, checked by hand, and changed in every byte.

mod by_hand;
mod seal;
mod tamper;

use bedrail_binder::{
    Broken, Description, Entry, Known, SealError, Sealed, Signer, Trust, Verified, seal, verify,
};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

/// The signature scheme of the audit log: Ed25519 by `ring`.
struct Key(Ed25519KeyPair);

impl Key {
    fn new(seed: u8) -> Key {
        Key(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a seed"))
    }

    fn public(&self) -> [u8; 32] {
        self.0.public_key().as_ref().try_into().expect("32 bytes")
    }
}

fn right(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok()
}

fn description() -> Description {
    Description {
        organisation: "0198c0de-0000-7000-8000-000000000001".to_owned(),
        name: "Sample Hospital".to_owned(),
        title: "State of the programme".to_owned(),
        engagement: None,
        from: "2026-01-01T00:00:00Z".parse().expect("a moment"),
        to: "2026-03-03T23:59:59Z".parse().expect("a moment"),
        known: Known::Then,
        sealed_at: "2026-11-20T12:00:00Z".parse().expect("a moment"),
        catalogues: vec!["hipaa-security-rule/1 as of 2026-11-21 (0123456789ab)".to_owned()],
        previous: None,
    }
}

fn entry(path: &str, content: &str) -> Entry {
    Entry {
        path: path.to_owned(),
        media_type: "text/csv".to_owned(),
        known_at: "2026-03-01T10:00:00Z".parse().expect("a moment"),
        content: content.as_bytes().to_vec(),
    }
}

fn entries() -> Vec<Entry> {
    vec![
        entry("documents/risk analysis.txt", &"Lorem ipsum dolor sit amet. ".repeat(12)),
        entry("states.csv", "requirement,state\nsr-164-312-b,evidenced\n"),
        entry("Ärzte.csv", ""),
    ]
}

fn sealed_by(key: &Key, entries: Vec<Entry>) -> Result<(Vec<u8>, Sealed), SealError> {
    let mut zip = Vec::new();
    let sign = |message: &[u8]| key.0.sign(message).as_ref().to_vec();
    let signer = Signer { public_key: key.public(), sign: &sign };
    let sealed = seal(&mut zip, description(), entries, signer)?;
    Ok((zip, sealed))
}

fn binder() -> Vec<u8> {
    sealed_by(&Key::new(1), entries()).expect("a binder").0
}

fn checked(zip: &[u8]) -> Result<Verified, Broken> {
    verify(zip, Trust::Key(&Key::new(1).public()), &right)
}
