//! Poisoned bundles: each is refused before anything of it decides, and says why.
//!
//! The real key of the Core Rule Set and its releases are not at hand here; the keys of these tests are thrown away, and one
//! fixture was made by GnuPG (`fixtures/gpg/SOURCE`), so that the reader of signatures is not tested on its own writer only.

use bedrail_waf_rules::hash::sha256;
use bedrail_waf_rules::tree::{self, Limits, Tree, TreeError};
use bedrail_waf_rules::trust::{
    self, Held, Origin, PackHead, Pin, PinnedKey, SignatureError, TrustError, pack,
};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::kit::{Throwaway, at, file, now, packed, release, small, small_with};

fn pinned(key: &Throwaway) -> PinnedKey {
    let pin: Pin = key.fingerprint().parse().expect("a fingerprint");
    PinnedKey::read(&key.public(), &pin).expect("the pinned key")
}

fn check(archive: &[u8], signature: Option<&[u8]>, key: &PinnedKey) -> Result<trust::Trusted, TrustError> {
    trust::release(archive, signature, key, None, &Limits::default(), now())
}

#[test]
fn a_signed_release_is_trusted_with_the_version_its_files_say() {
    let key = Throwaway::new("release");
    let archive = release(&small("4.28.0"));
    let signature = key.sign(&archive, at("2026-11-01T00:00:00Z"), 0);
    let trusted = check(&archive, Some(&signature), &pinned(&key)).expect("trusted");
    assert_eq!(trusted.version().to_string(), "4.28.0");
    assert_eq!(trusted.received(), sha256(&archive));
    assert_eq!(trusted.tree(), &small("4.28.0"));
    let Origin::Release { signed_at, .. } = trusted.origin() else { panic!("a release") };
    assert_eq!(*signed_at, at("2026-11-01T00:00:00Z"));
    assert!(trusted.sentence().contains(&sha256(&archive)));
}

#[test]
fn a_signing_subkey_signs_too() {
    let key = Throwaway::new("subkey");
    let archive = release(&small("4.28.0"));
    // Its signature is as old as the moment it is made at, which is that of the machine: judged a day later, it holds.
    let signature = key.sign_by_subkey(&archive);
    let later = at("2099-01-01T00:00:00Z");
    let trusted = trust::release(&archive, Some(&signature), &pinned(&key), None, &Limits::default(), later);
    assert_eq!(trusted.expect("trusted").name(), "crs");
}

/// Keys and signatures as GnuPG makes them, with RSA keys of 3072 bits.
#[test]
fn what_gnupg_made_is_read_and_judged() {
    let archive = include_bytes!("../fixtures/gpg/release.tar.gz");
    let pins: Vec<Pin> = include_str!("../fixtures/gpg/fingerprints")
        .lines()
        .map(|pin| pin.parse().expect("a fingerprint"))
        .collect();
    let key = PinnedKey::read(include_bytes!("../fixtures/gpg/key.asc"), &pins[0]).expect("the key");
    let good = include_bytes!("../fixtures/gpg/good.asc");
    let judge = |key: &PinnedKey, archive: &[u8], signature: &[u8], now| {
        trust::release(archive, Some(signature), key, None, &Limits::default(), now)
    };
    assert_eq!(judge(&key, archive, good, now()).expect("trusted").version().to_string(), "4.28.0");
    assert_eq!(key.expires(), None);

    let mut other = archive.to_vec();
    *other.last_mut().expect("bytes") ^= 1;
    for (name, archive, signature, expected) in [
        ("another archive", &other[..], &good[..], "no signature by"),
        ("SHA-1", archive, include_bytes!("../fixtures/gpg/sha1.asc"), "its hash is not SHA-256"),
        ("of text", archive, include_bytes!("../fixtures/gpg/text.asc"), "no signature of binary data"),
        ("of another key", archive, include_bytes!("../fixtures/gpg/expired.asc"), "no signature by"),
    ] {
        let refused = judge(&key, archive, signature, now()).expect_err(name).to_string();
        assert!(refused.contains(expected), "{name}: {refused}");
    }

    let expires =
        PinnedKey::read(include_bytes!("../fixtures/gpg/expired-key.asc"), &pins[1]).expect("a key");
    let by_it = include_bytes!("../fixtures/gpg/expired.asc");
    assert!(judge(&expires, archive, by_it, at("2026-05-01T00:00:00Z")).is_ok(), "while the key held");
    let refused = judge(&expires, archive, by_it, now()).expect_err("the key has run out");
    assert!(matches!(refused, TrustError::Signature(SignatureError::KeyExpired { .. })), "{refused}");

    let revoked = PinnedKey::read(include_bytes!("../fixtures/gpg/revoked-key.asc"), &pins[2]);
    assert!(matches!(revoked, Err(SignatureError::Revoked { .. })), "{revoked:?}");
}

#[test]
fn signatures_that_do_not_hold_are_refused() {
    let (key, other) = (Throwaway::new("pinned"), Throwaway::new("other"));
    let archive = release(&small("4.28.0"));
    let made = at("2026-11-01T00:00:00Z");
    let pinned = pinned(&key);
    let good = key.sign(&archive, made, 0);
    let cut = &good[..good.len() / 2];
    let of_other_bytes = key.sign(b"something else", made, 0);
    let table: &[(&str, Option<&[u8]>, &str)] = &[
        ("stripped", None, "what is unsigned is never used"),
        ("empty", Some(b""), "what is unsigned is never used"),
        ("no signature", Some(b"hello"), "cannot be read as a detached OpenPGP signature"),
        ("cut off", Some(cut), "cannot be read as a detached OpenPGP signature"),
        ("wrong key", Some(&other.sign(&archive, made, 0)), "no signature by"),
        ("of other bytes", Some(&of_other_bytes), "no signature by"),
        ("expired", Some(&key.sign(&archive, made, 24 * 3600)), "expired on 2026-11-02T00:00:00Z"),
        ("yet to come", Some(&key.sign(&archive, at("2026-12-24T00:00:00Z"), 0)), "yet to come"),
        ("a key in place of it", Some(&key.public()), "cannot be read as a detached OpenPGP signature"),
    ];
    for (name, signature, expected) in table {
        let refused = check(&archive, *signature, &pinned).expect_err(name).to_string();
        assert!(refused.contains(expected), "{name}: {refused}");
    }
    let lasting = key.sign(&archive, made, 3600 * 24 * 365);
    assert!(check(&archive, Some(&lasting), &pinned).is_ok());
}

#[test]
fn a_key_file_is_used_only_when_it_is_the_pinned_key() {
    let (key, other) = (Throwaway::new("pinned"), Throwaway::new("other"));
    let pin: Pin = key.fingerprint().parse().expect("a fingerprint");
    let refused = PinnedKey::read(&other.public(), &pin).expect_err("another key");
    assert!(matches!(refused, SignatureError::WrongKey { .. }));
    for bytes in [&b""[..], b"-----BEGIN PGP PUBLIC KEY BLOCK-----", b"\x99\x01"] {
        assert!(matches!(PinnedKey::read(bytes, &pin), Err(SignatureError::NoKey { .. })));
    }
    assert_eq!(Pin::core_rule_set().to_string(), "3600 6F0E 0BA1 6783 2158 8211 38EE ACA1 AB8A 6E72");
    let real = PinnedKey::read(&key.public(), &Pin::core_rule_set()).expect_err("not the real key");
    assert!(real.to_string().contains("3600 6F0E 0BA1"), "{real}");
    for text in ["", "3600", "zz006F0E0BA16783215882113 8EEACA1AB8A6E72"] {
        assert!(text.parse::<Pin>().is_err(), "{text}");
    }
}

#[test]
fn older_and_changed_releases_are_refused() {
    let key = Throwaway::new("release");
    let pinned = pinned(&key);
    let made = at("2026-11-01T00:00:00Z");
    let held = Held { version: "4.28.0".parse().expect("a version"), hash: small("4.28.0").hash() };
    let changed = small_with("4.28.0", "SecRule ARGS \"@rx other\" \"id:942100,phase:2,pass\"\n");
    let table = [
        (small("4.27.0"), "older than 4.28.0"),
        (small("4.28.0-dev"), "older than 4.28.0"),
        (small("4.28.0"), "is held already, nothing to do"),
        (changed, "a release never changes"),
    ];
    for (tree, expected) in table {
        let archive = release(&tree);
        let signature = key.sign(&archive, made, 0);
        let refused =
            trust::release(&archive, Some(&signature), &pinned, Some(&held), &Limits::default(), now());
        let refused = refused.expect_err(expected).to_string();
        assert!(refused.contains(expected), "{refused}");
    }
    let archive = release(&small("4.28.1"));
    let signature = key.sign(&archive, made, 0);
    assert!(
        trust::release(&archive, Some(&signature), &pinned, Some(&held), &Limits::default(), now()).is_ok()
    );
}

/// What is signed can still be hostile: a signer can be deceived.
#[test]
fn hostile_archives_are_refused_as_a_whole() {
    let table: Vec<(&str, Vec<u8>, &str)> = vec![
        ("zip slip", one("x/../../etc/cron.d/a"), "leads out of the folder"),
        ("absolute", one("/etc/passwd"), "absolute"),
        ("back slash", one("x\\..\\y"), "backslash"),
        ("drive", one("C:x"), "colon"),
        ("empty part", one("x//y"), "empty part"),
        ("control", one("x/a\nb"), "characters other than"),
        (
            "two of one name",
            packed(|to| [file(to, "x/a", b"1"), file(to, "x/A", b"2")].into_iter().collect()),
            "came before",
        ),
        ("symlink", link(tar::EntryType::Symlink), "link or a device"),
        ("hard link", link(tar::EntryType::Link), "link or a device"),
        ("device", link(tar::EntryType::Char), "link or a device"),
        ("deep", one("a/b/c/d/e/f/g/h/i/j/k"), "folders inside one another"),
        ("empty", packed(|_| ()), "no file in it"),
        ("no archive", b"hello".to_vec(), "damaged or cut off"),
    ];
    for (name, archive, expected) in table {
        let refused = tree::open_archive(&archive, &Limits::default()).expect_err(name).to_string();
        assert!(refused.contains(expected), "{name}: {refused}");
    }
}

fn one(name: &str) -> Vec<u8> {
    packed(|builder| file(builder, name, b"x"))
}

fn link(kind: tar::EntryType) -> Vec<u8> {
    packed(|builder| {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(kind);
        header.set_size(0);
        header.set_path("x/a").expect("a path");
        if kind != tar::EntryType::Char {
            header.set_link_name("/etc/passwd").expect("a name");
        }
        header.set_cksum();
        builder.append(&header, &b""[..]).expect("appended");
    })
}

#[test]
fn truncated_at_every_place_an_archive_is_refused() {
    let archive = release(&small("4.28.0"));
    for length in 0..archive.len() {
        assert!(tree::open_archive(&archive[..length], &Limits::default()).is_err(), "cut at {length}");
    }
    let mut followed = archive.clone();
    followed.extend(&archive);
    let refused = tree::open_archive(&followed, &Limits::default()).expect_err("two archives");
    assert!(refused.to_string().contains("follow its end"), "{refused}");
    assert!(tree::open_archive(&archive, &Limits::default()).is_ok());
}

#[test]
fn bombs_and_crowds_meet_their_limits() {
    let zeroes = packed(|builder| file(builder, "x/a", &vec![0; 12 << 20]));
    let refused = tree::open_archive(&zeroes, &Limits::default()).expect_err("a bomb");
    assert!(matches!(refused, TreeError::TooLarge { unit: "times its packed size", .. }), "{refused}");

    let crowd = packed(|builder| (0..40).for_each(|index| file(builder, &format!("x/{index}"), b"")));
    let few = Limits { entries: 30, ..Limits::default() };
    assert!(matches!(tree::open_archive(&crowd, &few), Err(TreeError::TooLarge { unit: "entries", .. })));

    let small_file = Limits { bytes_file: 10, ..Limits::default() };
    let refused = tree::open_archive(&packed(|builder| file(builder, "x/a", b"eleven byte")), &small_file);
    assert!(matches!(refused, Err(TreeError::TooLarge { unit: "bytes", .. })));

    let tiny = Limits { bytes_in: 10, ..Limits::default() };
    assert!(matches!(tree::open_archive(&crowd, &tiny), Err(TreeError::TooLarge { unit: "bytes", .. })));
}

fn own_key() -> Ed25519KeyPair {
    let bytes = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
    Ed25519KeyPair::from_pkcs8(bytes.as_ref()).expect("a key")
}

fn signed_pack(tree: &Tree, name: &str, version: &str, key: &Ed25519KeyPair) -> Tree {
    let head =
        PackHead { name: name.to_owned(), version: version.parse().expect("a version"), signed_at: now() };
    let public = key.public_key().as_ref();
    let sign = |message: &[u8]| key.sign(message).as_ref().to_vec();
    pack::sign(tree, &head, public, sign, &Limits::default()).expect("signed")
}

#[test]
fn an_unsigned_tree_goes_in_only_when_this_installation_signs_it() {
    let key = own_key();
    let public = key.public_key().as_ref();
    let limits = Limits::default();
    let bare = small("4.28.0");
    let refused = trust::local(&bare, public, None, &limits).expect_err("unsigned");
    assert!(refused.to_string().contains("bedrail waf rules sign"), "{refused}");

    let signed = signed_pack(&bare, "crs", "4.28.0", &key);
    let trusted = trust::local(&signed, public, None, &limits).expect("trusted");
    assert_eq!(trusted.tree(), &bare);
    assert!(trusted.sentence().contains("this installation signed it itself"), "{}", trusted.sentence());

    let lying = signed_pack(&bare, "crs", "9.0.0", &key);
    assert!(matches!(trust::local(&lying, public, None, &limits), Err(TrustError::NoVersion { .. })));

    let held = Held { version: "4.29.0".parse().expect("a version"), hash: String::new() };
    assert!(matches!(trust::local(&signed, public, Some(&held), &limits), Err(TrustError::Older { .. })));
    // Signed again, it is the same pack.
    assert_eq!(signed_pack(&signed, "crs", "4.28.0", &key), signed);
}

#[test]
fn a_pack_that_was_touched_is_refused() {
    let (key, other) = (own_key(), own_key());
    let public = key.public_key().as_ref();
    let limits = Limits::default();
    let signed = signed_pack(&small("4.28.0"), "crs", "4.28.0", &key);
    type Files = Vec<(String, Vec<u8>)>;
    let touched = |change: &dyn Fn(&mut Files)| {
        let mut files: Vec<_> =
            signed.files().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
        change(&mut files);
        Tree::from_files(files, &limits).expect("a tree")
    };
    let table = [
        ("changed", touched(&|files| files[3].1.push(b'#')), "is not there as it was signed"),
        ("signature file", touched(&|files| files[1].1.extend(b"more\n")), "more than two lines"),
        (
            "added",
            touched(&|files| files.push(("rules/more.conf".to_owned(), Vec::new()))),
            "added after signing",
        ),
        ("removed", touched(&|files| drop(files.remove(2))), "is not there as it was signed"),
        ("manifest", touched(&|files| files[0].1.extend(b"x\n")), "does not fit the manifest"),
        ("another key", signed_pack(&small("4.28.0"), "crs", "4.28.0", &other), "another key"),
    ];
    for (name, tree, expected) in table {
        let refused = trust::local(&tree, public, None, &limits).expect_err(name).to_string();
        assert!(refused.contains(expected), "{name}: {refused}");
    }
}
