//! What the tests share: a fixed clock, small rule sets, archives made by hand, a throw-away key.

use bedrail_waf_rules::tree::{Limits, Tree};
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use pgp::composed::{
    ArmorOptions, DetachedSignature, EncryptionCaps, KeyType, SecretKeyParamsBuilder, SignedPublicKey,
    SignedSecretKey, SubkeyParamsBuilder, SubpacketConfig,
};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{Subpacket, SubpacketData};
use pgp::types::{KeyDetails, Password};
use std::io::Write;

/// The moment of the tests.
pub(crate) fn now() -> Timestamp {
    at("2026-11-27T12:00:00Z")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A rule set that says it is the Core Rule Set in this version, with one rule.
pub(crate) fn small(version: &str) -> Tree {
    small_with(version, "SecRule ARGS \"@rx attack\" \"id:942100,phase:2,block,msg:'x',tag:'attack-sqli'\"\n")
}

pub(crate) fn small_with(version: &str, rules: &str) -> Tree {
    let head = format!("# a rule set\nSecComponentSignature \"OWASP_CRS/{version}\"\n{rules}");
    let files = [
        ("crs-setup.conf.example", b"SecAction \"id:900990,phase:1,pass,nolog\"\n".to_vec()),
        ("rules/REQUEST-901-INITIALIZATION.conf", head.into_bytes()),
        ("rules/words.data", b"one\ntwo\n".to_vec()),
    ];
    Tree::from_files(files, &Limits::default()).expect("a small rule set")
}

/// The entries of a tar archive, packed.
pub(crate) fn packed(entries: impl FnOnce(&mut tar::Builder<GzEncoder<Vec<u8>>>)) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    entries(&mut builder);
    builder.into_inner().and_then(GzEncoder::finish).expect("packed")
}

/// A release as it is published: everything in one top folder.
pub(crate) fn release(tree: &Tree) -> Vec<u8> {
    packed(|builder| {
        for (path, bytes) in tree.files() {
            file(builder, &format!("coreruleset-x/{path}"), bytes);
        }
    })
}

/// An entry whose name is written as it is, also one that no archiver would write.
pub(crate) fn file(builder: &mut tar::Builder<impl Write>, name: &str, bytes: &[u8]) {
    let mut header = tar::Header::new_ustar();
    let field = &mut header.as_old_mut().name;
    field[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    builder.append(&header, bytes).expect("appended");
}

/// A throw-away key: a primary key that certifies and signs, and a signing subkey.
pub(crate) struct Throwaway(SignedSecretKey);

impl Throwaway {
    pub(crate) fn new(name: &str) -> Throwaway {
        let mut subkey = SubkeyParamsBuilder::default();
        subkey.key_type(KeyType::Ed25519Legacy).can_sign(true).can_encrypt(EncryptionCaps::None);
        let mut parameters = SecretKeyParamsBuilder::default();
        parameters
            .key_type(KeyType::Ed25519Legacy)
            .can_certify(true)
            .can_sign(true)
            .can_encrypt(EncryptionCaps::None)
            .primary_user_id(format!("{name} <{name}@example.invalid>"))
            .subkeys(vec![subkey.build().expect("a subkey")]);
        let key = parameters.build().expect("parameters").generate(rand08::thread_rng());
        Throwaway(key.expect("a key"))
    }

    pub(crate) fn fingerprint(&self) -> String {
        self.0.fingerprint().to_string()
    }

    pub(crate) fn public(&self) -> Vec<u8> {
        let key = SignedPublicKey::from(self.0.clone());
        key.to_armored_bytes(ArmorOptions::default()).expect("armoured")
    }

    /// A signature by the primary key, made at a moment, which lasts so many seconds (0: for ever).
    pub(crate) fn sign(&self, data: &[u8], made: Timestamp, lasts: u32) -> Vec<u8> {
        let made = u32::try_from(made.as_second()).expect("a time of now");
        let mut said = vec![
            SubpacketData::SignatureCreationTime(pgp::types::Timestamp::from_secs(made)),
            SubpacketData::IssuerFingerprint(self.0.fingerprint()),
        ];
        if lasts > 0 {
            said.push(SubpacketData::SignatureExpirationTime(pgp::types::Duration::from_secs(lasts)));
        }
        let hashed = said.into_iter().map(|one| Subpacket::regular(one).expect("a subpacket")).collect();
        let signature = DetachedSignature::sign_binary_data_with_subpackets(
            rand08::thread_rng(),
            &self.0.primary_key,
            &Password::empty(),
            HashAlgorithm::Sha512,
            data,
            SubpacketConfig::UserDefined { hashed, unhashed: Vec::new() },
        );
        signature.expect("signed").to_armored_bytes(ArmorOptions::default()).expect("armoured")
    }

    /// A signature by the subkey.
    pub(crate) fn sign_by_subkey(&self, data: &[u8]) -> Vec<u8> {
        let signature = DetachedSignature::sign_binary_data(
            rand08::thread_rng(),
            &self.0.secret_subkeys[0].key,
            &Password::empty(),
            HashAlgorithm::Sha256,
            data,
        );
        signature.expect("signed").to_armored_bytes(ArmorOptions::default()).expect("armoured")
    }
}
