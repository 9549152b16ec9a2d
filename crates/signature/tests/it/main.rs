//! Whether signatures that others made are seen to fit, and everything else is not.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails; clippy knows only functions marked as tests"
)]

use bedrail_signature::dsse::{EnvelopeError, PublicKey, PublicKeyError};
use bedrail_signature::{KeyError, SigningKey};
use jiff::Timestamp;

/// A key and an envelope that it signed.
macro_rules! made {
    ($key:literal, $envelope:literal) => {
        (
            include_str!(concat!("../fixtures/", $key, ".pub")),
            include_bytes!(concat!("../fixtures/", $envelope, ".json")).as_slice(),
        )
    };
}

const MADE: &[(&str, &[u8])] = &[
    made!("specification", "specification"),
    made!("ed25519", "ed25519"),
    made!("p256", "p256"),
    made!("p384", "p384"),
    made!("rsa", "rsa"),
    made!("rsa", "rsa-pss"),
];

fn now() -> Timestamp {
    "2026-11-28T00:00:00Z".parse().unwrap()
}

/// An envelope with one part of its text replaced.
fn changed(envelope: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(envelope).unwrap();
    assert!(text.contains(from), "{from} is in {text}");
    text.replacen(from, to, 1).into_bytes()
}

#[test]
fn what_openssl_and_the_specification_signed_fits_its_own_key_alone() {
    for (at, (key, envelope)) in MADE.iter().enumerate() {
        let signing = PublicKey::read(key).unwrap();
        signing.verify_envelope(envelope).unwrap_or_else(|error| panic!("{at}: {error}"));
        for (other, _) in MADE.iter().filter(|(other, _)| other != key) {
            let refused = PublicKey::read(other).unwrap().verify_envelope(envelope);
            assert!(matches!(refused, Err(EnvelopeError::Wrong(_))), "{at}: {refused:?}");
        }
    }
}

#[test]
fn a_changed_envelope_is_not_signed() {
    let (key, envelope) = MADE[0];
    let key = PublicKey::read(key).unwrap();
    let other_payload = changed(envelope, "aGVsbG8gd29ybGQ=", "aGVsbG8gd29ybGQh");
    let other_type = changed(envelope, "HelloWorld", "HelloWorle");
    let none = changed(envelope, r#"{"sig": "#, r#"{"sig": "", "was": "#);
    for (what, bytes) in [("payload", other_payload), ("type", other_type), ("no signature", none)] {
        let refused = key.verify_envelope(&bytes);
        assert!(matches!(refused, Err(EnvelopeError::Wrong(_))), "{what}: {refused:?}");
    }
    let empty = br#"{"payload": "aGk=", "payloadType": "a/b", "signatures": []}"#;
    assert!(matches!(key.verify_envelope(empty), Err(EnvelopeError::None)));
    // The other alphabet of base64, and a second signature of somebody else.
    let (other, url_safe) =
        (changed(envelope, "A3JqsQ", "B3JqsQ"), changed(envelope, "+FnZ+O88", "-FnZ-O88"));
    assert!(key.verify_envelope(&other).is_err() && key.verify_envelope(&url_safe).is_ok());
    key.verify_envelope(&changed(envelope, "[{", r#"[{"sig": "AAAA"}, {"#)).unwrap();
}

#[test]
fn nothing_that_could_be_read_instead_may_stand_beside_what_was_signed() {
    let (key, envelope) = MADE[0];
    let key = PublicKey::read(key).unwrap();
    let bundle = [br#"{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "verificationMaterial": {}, "dsseEnvelope": "#, envelope, b"}"];
    let bundle = bundle.concat();
    key.verify_envelope(&bundle).unwrap();
    for (what, bytes) in [
        ("statements beside", changed(envelope, "{", r#"{"statements": [], "#)),
        ("a second payload", changed(envelope, "{", r#"{"payload": "aGk=", "#)),
        ("an envelope around that is not a bundle", changed(envelope, "{", r#"{"dsseEnvelope": {}, "#)),
        ("a payload beside a bundle", changed(&bundle, "{", r#"{"payload": "aGk=", "#)),
        ("something behind", [envelope, b"{}"].concat()),
        ("no JSON", b"-----BEGIN".to_vec()),
        ("nothing", Vec::new()),
    ] {
        let refused = key.verify_envelope(&bytes);
        assert!(matches!(refused, Err(EnvelopeError::NoEnvelope(_))), "{what}: {refused:?}");
    }
}

#[test]
fn a_key_is_told_by_its_form() {
    let (plain, _) = MADE[1];
    let pgp = include_str!("../../../waf-rules/tests/fixtures/gpg/key.asc");
    assert!(SigningKey::read(plain).unwrap().fingerprint().starts_with("SHA256:"));
    assert_eq!(SigningKey::read(pgp).unwrap().fingerprint().len(), 40 + 9);
    let p521 = include_str!("../fixtures/p521.pub");
    let refused = SigningKey::read(p521).unwrap_err();
    assert!(
        matches!(&refused, KeyError::Plain(PublicKeyError::OtherKind(kind)) if kind.contains("1.3.132.0.35")),
        "{refused}"
    );
    for (what, text) in [
        ("nothing", String::new()),
        ("a name", "maker@example.com".to_owned()),
        ("a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----".to_owned()),
        ("cut off", plain.get(..60).unwrap().to_owned()),
        ("no base64", plain.replace("MC", "!!")),
        ("more behind it", plain.replace("-----END", "AAAA\n-----END")),
        ("OpenPGP cut off", pgp.get(..200).unwrap().to_owned()),
    ] {
        assert!(SigningKey::read(&text).is_err(), "{what}");
    }
    let private = SigningKey::read(&plain.replace("PUBLIC", "PRIVATE")).unwrap_err();
    assert!(matches!(private, KeyError::Private), "{private}");
}

#[test]
fn openpgp_signs_beside_the_document() {
    let key = SigningKey::read(include_str!("../../../waf-rules/tests/fixtures/gpg/key.asc")).unwrap();
    let file = include_bytes!("../../../waf-rules/tests/fixtures/gpg/release.tar.gz");
    let good = include_bytes!("../../../waf-rules/tests/fixtures/gpg/good.asc");
    key.verify(file, Some(good), now()).unwrap();
    assert!(key.verify(file, None, now()).is_err(), "without a signature");
    assert!(key.verify(&file[1..], Some(good), now()).is_err(), "other bytes");
    let (plain, envelope) = MADE[1];
    let plain = SigningKey::read(plain).unwrap();
    plain.verify(envelope, None, now()).unwrap();
    assert!(plain.verify(file, Some(good), now()).is_err(), "a plain key signs envelopes");
}
