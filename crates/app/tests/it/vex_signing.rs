//! Issuers that are pinned by a key: what the key did not sign counts for nothing and silences nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bedrail_app::page::PageRequest;
use bedrail_app::vex::{self, AddVex, Pin, Standing, StatementRow, VexFilter, VexReceipt};
use bedrail_app::{Actor, Context, Error};
use bedrail_signature::dsse;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::json;

use crate::story::{two_on_each, two_with};

const PUMPS: &str =
    "Asset tag,Maker,Model,Version,Kind,Exposure\nP-1,Orbis Medical,Flow 300,3.60,scale,isolated\n";
const TYPE: &str = "application/vnd.in-toto+json";

/// A key that is thrown away.
fn key() -> Ed25519KeyPair {
    let bytes = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    Ed25519KeyPair::from_pkcs8(bytes.as_ref()).unwrap()
}

/// Its public half in PEM: the algorithm of RFC 8410 §4 and the key.
fn pem(key: &Ed25519KeyPair) -> String {
    let mut der = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    der.extend_from_slice(key.public_key().as_ref());
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
}

/// A version of the maker's document with one statement, on a weakness of this number.
fn document(version: u32, status: &str) -> Vec<u8> {
    json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://orbis.example/1", "author": "Orbis PSIRT",
        "role": "vendor", "timestamp": "2026-01-01T00:00:00Z", "version": version,
        "statements": [{"vulnerability": {"name": format!("CVE-2024-9990{version}")}, "status": status,
            "justification": "component_not_present", "action_statement": "Install 4.0.",
            "products": [{"@id": "pkg:generic/orbis%20medical/flow%20300@3.60"}]}]})
    .to_string()
    .into_bytes()
}

fn envelope(by: &Ed25519KeyPair, payload: &[u8]) -> Vec<u8> {
    let signature = by.sign(&dsse::authenticated(TYPE, payload));
    json!({"payloadType": TYPE, "payload": STANDARD.encode(payload),
        "signatures": [{"keyid": "", "sig": STANDARD.encode(signature)}]})
    .to_string()
    .into_bytes()
}

async fn add(ctx: &Context, actor: &Actor, document: Vec<u8>, signature: Option<&[u8]>) -> VexReceipt {
    let command = AddVex {
        file_name: "vex.json".into(),
        document: document.into(),
        signature: signature.map(<[u8]>::to_vec),
    };
    vex::add(ctx, actor, command).await.unwrap()
}

async fn on(ctx: &Context, actor: &Actor, weakness: &str) -> Vec<StatementRow> {
    let filter = VexFilter { text: Some(weakness.to_owned()), ..VexFilter::default() };
    let mut rows = vex::list(ctx, actor, &filter, &PageRequest::default()).await.unwrap().0.rows;
    let replaced = VexFilter { standing: Some(Standing::Replaced), ..filter };
    rows.extend(vex::list(ctx, actor, &replaced, &PageRequest::default()).await.unwrap().0.rows);
    rows
}

async fn standing(ctx: &Context, actor: &Actor, weakness: &str) -> (Standing, bool) {
    let rows = on(ctx, actor, weakness).await;
    assert_eq!(rows.len(), 1, "{weakness}: {rows:#?}");
    (rows[0].standing, rows[0].unsigned)
}

fn orbis(signing_key: String) -> Pin {
    Pin { key: "orbis psirt".into(), makers: vec!["Orbis Medical".into()], signing_key, ..Pin::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_key_of_an_issuer_signed_counts_as_its() {
    two_with(PUMPS, async |ctx, actor, elsewhere| {
        let (own, other) = (key(), key());
        // Signed before anybody named the key: it counts once the key is named.
        add(&ctx, &actor, envelope(&own, &document(1, "not_affected")), None).await;
        assert_eq!(standing(&ctx, &actor, "99901").await, (Standing::Unpinned, false));
        add(&ctx, &elsewhere, document(1, "not_affected"), None).await;
        vex::pin(&ctx, &elsewhere, &orbis(String::new())).await.unwrap();
        vex::pin(&ctx, &actor, &orbis(pem(&own))).await.unwrap();
        assert_eq!(standing(&ctx, &actor, "99901").await, (Standing::Proposed, false));
        assert_eq!(standing(&ctx, &elsewhere, "99901").await, (Standing::Proposed, false), "it named no key");
        assert_eq!(vex::issuers(&ctx, &elsewhere).await.unwrap()[0].signed_with, None);

        // A later version in its name, signed by nobody, or by somebody else, counts for nothing and silences nothing.
        for forged in [document(2, "not_affected"), envelope(&other, &document(3, "not_affected"))] {
            let receipt = add(&ctx, &actor, forged, None).await;
            assert!(receipt.signed_by.is_none() && !receipt.outdated, "{receipt:?}");
            assert!(receipt.unsigned.is_some(), "{receipt:?}");
        }
        assert_eq!(standing(&ctx, &actor, "99901").await, (Standing::Proposed, false));
        for weakness in ["99902", "99903"] {
            let (where_, unsigned) = standing(&ctx, &actor, weakness).await;
            assert!(unsigned && matches!(where_, Standing::Unpinned | Standing::Replaced), "{where_:?}");
        }
        let forged = &on(&ctx, &actor, "99903").await[0];
        let accept = vex::Accept {
            statement: forged.id,
            release: forged.spoken[0].release,
            justification: None,
            reason: None,
            action: None,
        };
        let refused = vex::accept(&ctx, &actor, &accept).await.unwrap_err().to_string();
        assert!(refused.contains("did not sign"), "{refused}");

        // What it signs later takes the place of all of them.
        let receipt = add(&ctx, &actor, envelope(&own, &document(4, "affected")), None).await;
        assert!(receipt.signed_by.is_some_and(|it| it.starts_with("SHA256:")));
        assert_eq!(standing(&ctx, &actor, "99904").await, (Standing::Proposed, false));
        for replaced in ["99901", "99902", "99903"] {
            assert_eq!(standing(&ctx, &actor, replaced).await.0, Standing::Replaced, "{replaced}");
        }
        // With another key named, nothing of it is signed any more; without one, a person vouches again.
        vex::pin(&ctx, &actor, &orbis(pem(&other))).await.unwrap();
        assert_eq!(standing(&ctx, &actor, "99904").await, (Standing::Unpinned, true));
        vex::pin(&ctx, &actor, &orbis(String::new())).await.unwrap();
        assert_eq!(standing(&ctx, &actor, "99904").await, (Standing::Proposed, false));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_public_key_is_refused_and_pins_nobody() {
    two_on_each(async |ctx, actor, _elsewhere| {
        let private = pem(&key()).replace("PUBLIC", "PRIVATE");
        for (what, said) in [
            ("hello", "no public key"),
            (&private, "private key"),
            ("-----BEGIN PUBLIC KEY-----", "cannot be read"),
        ] {
            let refused = vex::pin(&ctx, &actor, &orbis(what.to_owned())).await.unwrap_err();
            assert!(
                matches!(&refused, Error::Invalid { message, .. } if message.contains(said)),
                "{refused}"
            );
        }
        assert!(vex::issuers(&ctx, &actor).await.unwrap().is_empty());
    })
    .await;
}

/// OpenPGP signatures lie beside a document, and may come after it.
#[tokio::test(flavor = "multi_thread")]
async fn a_signature_beside_a_document_may_come_later() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/vex");
    let read = |name: &str| std::fs::read(format!("{fixtures}/{name}")).unwrap();
    two_with(PUMPS, async |ctx, actor, _elsewhere| {
        let key = String::from_utf8(read("orbis.asc")).unwrap();
        vex::pin(&ctx, &actor, &orbis(key)).await.unwrap();
        let receipt = add(&ctx, &actor, read("signed.json"), None).await;
        assert!(receipt.signed_by.is_none(), "{receipt:?}");
        assert_eq!(standing(&ctx, &actor, "99901").await, (Standing::Unpinned, true));
        let wrong = add(&ctx, &actor, read("signed.json"), Some(b"hello")).await;
        assert!(wrong.unchanged && wrong.unsigned.is_some_and(|it| it.contains("cannot be read")));
        let right = add(&ctx, &actor, read("signed.json"), Some(&read("signed.json.asc"))).await;
        assert!(right.unchanged && right.unsigned.is_none() && right.signed_by.is_some(), "{right:?}");
        assert_eq!(standing(&ctx, &actor, "99901").await, (Standing::Proposed, false));
    })
    .await;
}
