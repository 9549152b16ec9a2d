//! Wrappings around a document: DSSE envelopes, in-toto statements and Sigstore bundles that hold one.
//!
//! Sources: "DSSE: Dead Simple Signing Envelope" 1.0; "in-toto attestation framework", Statement v0.1 and v1.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use bedrail_model::product_advisory::ProductIdentifiers;
use bedrail_model::vex::{Document, Product};

use super::{VexError, hash, identifiers_of, read_text, read_value};
use crate::value::{Node, Value, Warnings};

/// Wrappings inside one another: a bundle, an envelope, a statement.
const MAX_WRAPPINGS: usize = 4;

/// Opens a wrapping; `None` where there is none.
pub(super) fn open(
    root: &Node<'_, '_>,
    subjects: &[Product],
    wrapped: usize,
    warnings: &mut Warnings,
) -> Option<Result<Document, VexError>> {
    let kind = ["dsseEnvelope", "payload", "predicate"].into_iter().find(|it| root.has(it))?;
    if wrapped >= MAX_WRAPPINGS {
        let what = format!("the document is wrapped more than {MAX_WRAPPINGS} times");
        return Some(Err(VexError::NotVex { what }));
    }
    Some(match (kind, root.object.get(kind)?) {
        ("predicate", value) => {
            let mut about = subjects_of(root, warnings);
            about.extend_from_slice(subjects);
            read_value(value, &about, wrapped + 1, warnings)
        }
        ("payload", _) if !root.has("payloadType") => return None,
        ("payload", Value::Text(payload)) => {
            warnings.mended(
                "/signatures",
                "the document is signed; whether by its issuer shows only where that is pinned by a key",
            );
            match decoded(payload) {
                Some(text) => read_text(&text, subjects, wrapped + 1, warnings),
                None => Err(VexError::NotVex {
                    what: "the envelope's `/payload` is no base64 of a UTF-8 text".to_owned(),
                }),
            }
        }
        (_, value) => read_value(value, subjects, wrapped + 1, warnings),
    })
}

/// A payload is base64 of either alphabet; DSSE asks readers to take both.
fn decoded(payload: &str) -> Option<String> {
    let compact: String = payload.split_whitespace().collect();
    let bytes = STANDARD.decode(&compact).or_else(|_| URL_SAFE.decode(&compact)).ok()?;
    String::from_utf8(bytes).ok()
}

/// The subjects of an in-toto statement: names and digests.
fn subjects_of(root: &Node<'_, '_>, warnings: &mut Warnings) -> Vec<Product> {
    let mut found = Vec::new();
    let Ok(()) =
        root.each("subject", warnings, |subject, warnings| -> Result<(), std::convert::Infallible> {
            let name = subject.text("name", warnings).map_or_else(String::new, |it| it.into_owned());
            let mut identifiers = identifiers_of(&name);
            if let Some(digest) = subject.object("digest", warnings) {
                for (algorithm, value) in &digest.object.fields {
                    if let Value::Text(value) = value {
                        identifiers.hashes.push(hash(algorithm, value));
                    }
                }
            }
            if !name.is_empty() || identifiers != ProductIdentifiers::default() {
                found.push(Product { reference: name, identifiers, ..Product::default() });
            }
            Ok(())
        });
    found
}
