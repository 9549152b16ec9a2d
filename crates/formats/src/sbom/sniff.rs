//! What a JSON document is, told by the names at its root and nothing else: file names lie, and a text inside may quote
//! any format.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use bedrail_model::text::harmless;

use super::{Confidence, READ_ENCODINGS, ReadError};
use crate::value::{Key, Value};

/// The JSON formats, and what else JSON may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonKind {
    CycloneDx,
    Spdx2,
    Spdx3,
    /// Another document that is known by name but not read.
    Known(&'static str),
    /// JSON of no known kind, or no JSON.
    Other,
}

/// A kind and how certain it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verdict {
    pub(crate) kind: JsonKind,
    confidence: Confidence,
}

impl Verdict {
    fn is_a_format(self) -> bool {
        !matches!(self.kind, JsonKind::Known(_) | JsonKind::Other)
    }

    pub(crate) fn confidence(self, kind: JsonKind) -> Confidence {
        if self.kind == kind { self.confidence } else { Confidence::No }
    }
}

/// The kind of a JSON document; reading stops at the first name that decides.
pub(crate) fn json_kind(text: &str) -> Verdict {
    let mut seen = Seen::default();
    if text.trim_start().starts_with('{') {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        // A document that is cut off is judged by what came before.
        let _ = deserializer.deserialize_map(&mut seen);
    }
    seen.verdict()
}

/// Fields in which others wrap a whole document: GitHub's dependency graph puts it in `sbom`, in-toto attestations
/// (as cosign, Trivy and BuildKit write them) in `predicate`.
const ENVELOPES: &[&str] = &["sbom", "predicate"];

/// The document inside an envelope, and the envelope's name.
pub(crate) fn unwrap(text: &str) -> Option<(&'static str, &str)> {
    // A field of this name near the start, so that ordinary documents are not read twice.
    if !text.trim_start().starts_with('{')
        || !ENVELOPES.iter().any(|it| head(text).contains(&format!("\"{it}\"")))
    {
        return None;
    }
    if json_kind(text).is_a_format() {
        return None;
    }
    let fields: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(text).ok()?;
    ENVELOPES.iter().find_map(|envelope| Some((*envelope, fields.get(*envelope)?.get())))
}

/// The names at the root of a JSON object, for a message about a document of no known kind.
pub(crate) fn root_names(text: &str) -> Vec<String> {
    let mut seen = Seen { all: true, ..Seen::default() };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let _ = deserializer.deserialize_map(&mut seen);
    seen.names
}

#[derive(Default)]
struct Seen {
    names: Vec<String>,
    decided: Option<JsonKind>,
    likely: Option<JsonKind>,
    not_cyclonedx: bool,
    all: bool,
}

impl Seen {
    fn verdict(&self) -> Verdict {
        let has = |name: &str| self.names.iter().any(|seen| seen == name);
        if let Some(kind) = self.decided {
            return Verdict { kind, confidence: Confidence::Certain };
        }
        let likely = self.likely.or_else(|| {
            (has("specVersion") && (has("components") || has("metadata") || has("serialNumber")))
                .then_some(JsonKind::CycloneDx)
        });
        let likely = likely.or_else(|| (has("creationInfo") && has("packages")).then_some(JsonKind::Spdx2));
        match likely {
            Some(JsonKind::CycloneDx) if self.not_cyclonedx => {}
            Some(kind) => return Verdict { kind, confidence: Confidence::Likely },
            None => {}
        }
        let known = KNOWN.iter().find(|(_, names)| names.iter().all(|name| has(name)));
        let kind = known.map_or(JsonKind::Other, |(what, _)| JsonKind::Known(what));
        Verdict { kind, confidence: Confidence::Likely }
    }

    /// Judge one field of the root that is a short text or the context of linked data.
    fn judge(&mut self, name: &str, value: &Value<'_>) {
        let text = match value {
            Value::Text(text) => Cow::Borrowed(&**text),
            Value::List(items) => {
                let texts = items
                    .iter()
                    .filter_map(|item| if let Value::Text(text) = item { Some(&**text) } else { None });
                Cow::Owned(texts.collect::<Vec<_>>().join(" "))
            }
            Value::Null | Value::Bool(_) | Value::Number { .. } | Value::Object(_) => return,
        };
        match name {
            "bomFormat" if text.eq_ignore_ascii_case("CycloneDX") => self.decided = Some(JsonKind::CycloneDx),
            "bomFormat" => self.not_cyclonedx = true,
            "spdxVersion" if text.starts_with("SPDX-2") => self.decided = Some(JsonKind::Spdx2),
            "SPDXID" if text.starts_with("SPDXRef-") => self.decided = Some(JsonKind::Spdx2),
            "@context" if text.contains("spdx.org/rdf/3") || text.contains("spdx-context") => {
                self.decided = Some(JsonKind::Spdx3);
            }
            "$schema" if text.contains("cyclonedx.org") => self.likely = Some(JsonKind::CycloneDx),
            _ => {}
        }
    }
}

/// Other documents of our field, by names that all stand at the root.
const KNOWN: &[(&str, &[&str])] = &[
    ("a CSAF security advisory", &["document", "vulnerabilities"]),
    ("a CSAF security advisory", &["document", "product_tree"]),
    ("an OpenVEX document", &["statements", "@context"]),
    ("a CVE record", &["dataType", "cveMetadata"]),
    ("an OSV advisory", &["id", "modified", "affected"]),
    ("an in-toto attestation", &["_type", "predicateType"]),
    ("a signed envelope (DSSE)", &["payload", "payloadType"]),
    ("an OpenSSF Scorecard report", &["scorecard", "checks"]),
    ("a Syft report", &["artifacts", "artifactRelationships"]),
    ("a SARIF report", &["runs", "version"]),
    ("SPDX 3 JSON-LD without its SPDX context", &["@graph", "@context"]),
];

/// Fields whose value is looked at; all others are skipped unread.
const TELLING: &[&str] = &["bomFormat", "spdxVersion", "SPDXID", "@context", "$schema"];

impl<'de> Visitor<'de> for &mut Seen {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(Key(name)) = entries.next_key()? {
            if TELLING.contains(&&*name) {
                let value = entries.next_value()?;
                self.judge(&name, &value);
            } else {
                if self.names.len() < 64 {
                    self.names.push(name.into_owned());
                }
                entries.next_value::<IgnoredAny>()?;
                continue;
            }
            self.names.push(name.into_owned());
            if self.decided.is_some() && !self.all {
                return Err(A::Error::custom("decided"));
            }
        }
        Ok(())
    }
}

/// The words for a document that no format claims.
pub(crate) fn refusal(text: &str) -> ReadError {
    let start = text.trim_start();
    if start.is_empty() {
        return ReadError::Unknown { looks: "the document is empty".to_owned() };
    }
    if start.starts_with(['{', '[']) {
        return json_refusal(start);
    }
    if let Some((what, _)) =
        KNOWN_STARTS.iter().find(|(_, marks)| marks.iter().all(|mark| head(start).contains(mark)))
    {
        return ReadError::NotRead { what: (*what).to_owned(), hint: READ_ENCODINGS };
    }
    if head(start).contains("<!DOCTYPE") && !head(start).to_ascii_lowercase().contains("<!doctype html") {
        return ReadError::DocumentType { place: "near the start".to_owned() };
    }
    let looks = if start.starts_with('<') {
        "it is XML of another kind"
    } else {
        "it is neither JSON nor XML nor SPDX tag-value, nor a table with a column for the name of a component"
    };
    ReadError::Unknown { looks: looks.to_owned() }
}

fn json_refusal(text: &str) -> ReadError {
    if let JsonKind::Known(what) = json_kind(text).kind {
        return ReadError::NotRead { what: what.to_owned(), hint: READ_ENCODINGS };
    }
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return super::json::syntax_error(&error, None);
    }
    if text.starts_with('[') {
        return ReadError::Unknown { looks: "it is a JSON list".to_owned() };
    }
    let names = root_names(text);
    let shown: Vec<String> = names.iter().take(8).map(|name| format!("`{}`", harmless(name))).collect();
    ReadError::Unknown {
        looks: format!(
            "it is a JSON object with {}",
            if shown.is_empty() { "no fields".to_owned() } else { shown.join(", ") }
        ),
    }
}

/// The first few hundred characters, where every format says what it is.
fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(2000)]
}

/// What is no JSON, by marks that all stand near the start.
const KNOWN_STARTS: &[(&str, &[&str])] = &[
    ("SPDX as RDF/XML", &["rdf:RDF", "spdx.org/rdf"]),
    ("SPDX as XML", &["<Document", "spdx"]),
    ("SPDX as XML", &["<spdxVersion"]),
    ("SPDX as YAML", &["spdxVersion:"]),
    ("SPDX as YAML", &["SPDXID:", "\n"]),
    ("SPDX 3 as YAML or Turtle", &["spdx.org/rdf/3"]),
    ("CycloneDX as YAML", &["bomFormat: CycloneDX"]),
    ("CycloneDX as protocol-buffer text", &["spec_version:"]),
    ("a SWID tag (ISO/IEC 19770-2)", &["<SoftwareIdentity"]),
    ("a ZIP archive that ends before it began", &["PK\u{5}\u{6}"]),
    ("a PDF document", &["%PDF-"]),
    ("a web page", &["<html"]),
    ("an nmap scan", &["<nmaprun"]),
];
