//! CycloneDX 1.6: components for the products, and a vulnerability for each statement. What the format has no field for
//! stands in properties of our own, and is listed all the same: other readers pass over them.

use bedrail_model::product_advisory::{Tlp, VersionText};
use bedrail_model::vex::{Document, FALSE_POSITIVE, Product, Statement, Status};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{References, Unsaid};
use crate::vex::cyclonedx::PROPERTIES;
use crate::vex::words;

pub(super) fn write(document: &Document, statements: &[Statement], unsaid: &mut Unsaid) -> Value {
    let mut components = Components::default();
    let vulnerabilities: Vec<Value> =
        statements.iter().map(|it| vulnerability(it, &mut components, unsaid)).collect();
    let own_id = is_serial(&document.id);
    let serial = if own_id { document.id.clone() } else { serial_of(&document.id) };
    let mut properties = Vec::new();
    let mut property = |name: &str, value: Option<&str>, unsaid: &mut Unsaid, what: &str| {
        if let Some(value) = value {
            unsaid.add(format!("{what}, other than in a property of our own"));
            properties.push(json!({"name": format!("{PROPERTIES}{name}"), "value": value}));
        }
    };
    property("id", (!own_id).then_some(&document.id), unsaid, "an id that is no UUID");
    property("title", document.title.as_deref(), unsaid, "the title of the document");
    property("role", document.issuer.role.as_deref(), unsaid, "the role of the issuer");
    let tlp = (document.tlp != Tlp::Unstated).then(|| document.tlp.label());
    property("tlp", tlp, unsaid, "the mark of confidentiality");
    unsaid.add_if(document.updated.is_some(), "when the first version was issued, beside this one");
    let mut supplier = json!({"name": document.issuer.name});
    if let Some(namespace) = &document.issuer.namespace {
        supplier["url"] = json!([namespace]);
    }
    let timestamp = document.updated.as_ref().or(document.issued.as_ref());
    let mut metadata = json!({"timestamp": timestamp, "supplier": supplier});
    if !properties.is_empty() {
        metadata["properties"] = Value::Array(properties);
    }
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial,
        "version": document.version.parse::<u32>().unwrap_or(1).max(1),
        "metadata": metadata,
        "components": components.list,
        "vulnerabilities": vulnerabilities,
    })
}

fn is_serial(id: &str) -> bool {
    id.strip_prefix("urn:uuid:").is_some_and(|it| {
        let lengths: Vec<usize> = it.split('-').map(str::len).collect();
        lengths == [8, 4, 4, 4, 12] && it.bytes().all(|it| matches!(it, b'-' | b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// A UUID of version 8 (RFC 9562, 5.8) from the digest of an id: the same id has the same serial number.
fn serial_of(id: &str) -> String {
    let digest = hex::encode(Sha256::digest(id.as_bytes()));
    format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        &digest[..8],
        &digest[8..12],
        &digest[13..16],
        &digest[17..20],
        &digest[20..32]
    )
}

fn vulnerability(said: &Statement, components: &mut Components, unsaid: &mut Unsaid) -> Value {
    let mut map = Map::new();
    map.insert("id".to_owned(), json!(said.weakness()));
    let aliases: Vec<Value> =
        said.weaknesses.iter().skip(1).map(|id| json!({"id": id, "source": source(id)})).collect();
    if !aliases.is_empty() {
        map.insert("references".to_owned(), Value::Array(aliases));
    }
    if let Some(action) = &said.action {
        map.insert("recommendation".to_owned(), json!(action));
    }
    let (analysis, property) = analysis(said, unsaid);
    map.insert("analysis".to_owned(), analysis);
    let mut affects: Vec<Value> = Vec::new();
    for product in &said.products {
        components.affect(product, said.status, &mut affects);
    }
    map.insert("affects".to_owned(), Value::Array(affects));
    if let Some(word) = property {
        unsaid.add(format!("the justification `{word}`, other than in a property of our own"));
        let property = json!({"name": format!("{PROPERTIES}justification"), "value": word});
        map.insert("properties".to_owned(), json!([property]));
    }
    Value::Object(map)
}

fn source(id: &str) -> Value {
    let name = match id {
        _ if id.starts_with("CVE-") => "CVE",
        _ if id.starts_with("GHSA-") => "GitHub Advisories",
        _ => "other",
    };
    json!({"name": name})
}

/// The analysis, and the justification where the format has no word that is read back as it.
fn analysis(said: &Statement, unsaid: &mut Unsaid) -> (Value, Option<&'static str>) {
    let mut map = Map::new();
    let false_positive = said.reason.as_deref() == Some(FALSE_POSITIVE);
    let state = match said.status {
        Status::Fixed => "resolved",
        Status::Affected => "exploitable",
        Status::UnderInvestigation => "in_triage",
        Status::NotAffected if false_positive => FALSE_POSITIVE,
        Status::NotAffected => "not_affected",
    };
    map.insert("state".to_owned(), json!(state));
    let own = said.reason.as_deref().filter(|it| words::REASONS.iter().any(|(word, _)| word == it));
    // Where the component is missing, so is its code.
    let nearest = said.justification.map(|it| match it {
        bedrail_model::vex::Justification::ComponentNotPresent => Some("code_not_present"),
        other => words::reason_of(other),
    });
    let word = own.or(nearest.flatten()).filter(|_| !false_positive);
    if let Some(word) = word {
        map.insert("justification".to_owned(), json!(word));
    }
    let responses: Vec<&str> = said.responses.iter().filter_map(|it| words::response(it)).collect();
    let changed = said.responses.iter().any(|it| words::response(it) != Some(it.as_str()));
    unsaid.add_if(changed, "what the issuer offers, in the words of another format");
    if !responses.is_empty() {
        map.insert("response".to_owned(), json!(responses));
    }
    let (detail, beside) = match said.status {
        Status::NotAffected => (&said.impact, &said.notes),
        Status::Affected | Status::Fixed | Status::UnderInvestigation => (&said.notes, &said.impact),
    };
    unsaid.add_if(beside.is_some(), "both why it does no harm and how that was found");
    if let Some(detail) = detail {
        map.insert("detail".to_owned(), json!(detail));
    }
    if let Some(dated) = &said.dated {
        map.insert("lastUpdated".to_owned(), json!(dated));
    }
    let read_back = word.and_then(words::justification_of).and_then(|(justification, _)| justification);
    let property = said.justification.filter(|it| read_back != Some(*it)).map(|it| it.name());
    (Value::Object(map), property)
}

/// The components as they grow.
#[derive(Default)]
struct Components {
    references: References,
    list: Vec<Value>,
    /// Where the component of a reference stands in the list.
    places: Vec<(String, usize)>,
}

impl Components {
    fn affect(&mut self, product: &Product, status: Status, affects: &mut Vec<Value>) {
        let whole = self.component(product, None);
        if product.parts.is_empty() {
            affect(affects, &whole, &product.version, status);
        }
        for part in &product.parts {
            let reference = self.component(part, Some(&whole));
            affect(affects, &reference, &part.version, status);
        }
    }

    /// The reference of a product's component; a range is said where it is affected.
    fn component(&mut self, product: &Product, inside: Option<&str>) -> String {
        let version = match &product.version {
            VersionText::Exact(version) => VersionText::Exact(version.clone()),
            VersionText::Range(_) | VersionText::Unstated => VersionText::Unstated,
        };
        let product = Product { version, parts: Vec::new(), ..product.clone() };
        let (reference, new) = self.references.of(&product, inside.unwrap_or_default());
        if new {
            let value = component(&product, &reference, inside.is_some());
            let around = inside.and_then(|it| self.places.iter().find(|(known, _)| known == it));
            match around.map(|(_, at)| &mut self.list[*at]) {
                Some(Value::Object(whole)) => {
                    let parts = whole.entry("components").or_insert_with(|| json!([]));
                    if let Value::Array(parts) = parts {
                        parts.push(value);
                    }
                }
                _ => {
                    self.places.push((reference.clone(), self.list.len()));
                    self.list.push(value);
                }
            }
        }
        reference
    }
}

fn affect(affects: &mut Vec<Value>, reference: &str, version: &VersionText, status: Status) {
    let VersionText::Range(range) = version else {
        affects.push(json!({"ref": reference}));
        return;
    };
    let word = match status {
        Status::Affected => "affected",
        Status::NotAffected | Status::Fixed => "unaffected",
        Status::UnderInvestigation => "unknown",
    };
    let entry = json!({"range": range, "status": word});
    let known = affects.iter_mut().find(|it| it["ref"] == *reference && it.get("versions").is_some());
    match known.map(|it| &mut it["versions"]) {
        Some(Value::Array(list)) => list.push(entry),
        _ => affects.push(json!({"ref": reference, "versions": [entry]})),
    }
}

fn component(product: &Product, reference: &str, part: bool) -> Value {
    let ids = &product.identifiers;
    let name = if product.name.is_empty() { product.words() } else { product.name.clone() };
    let kind = if part { "library" } else { "application" };
    let mut value = json!({"type": kind, "bom-ref": reference, "name": name});
    if !product.maker.is_empty() {
        value["supplier"] = json!({"name": product.maker});
    }
    if let VersionText::Exact(version) = &product.version {
        value["version"] = json!(version);
    }
    for (field, first) in [("purl", ids.purls.first()), ("cpe", ids.cpes.first())] {
        if let Some(first) = first {
            value[field] = json!(first);
        }
    }
    let hashes: Vec<Value> = ids.hashes.iter().filter_map(|it| hash(it)).collect();
    if !hashes.is_empty() {
        value["hashes"] = Value::Array(hashes);
    }
    value
}

/// A hash under the name that the schema has.
fn hash(text: &str) -> Option<Value> {
    let (algorithm, content) = text.split_once(':')?;
    let name = match algorithm {
        "md5" => "MD5".to_owned(),
        "blake3" => "BLAKE3".to_owned(),
        "sha1" | "sha256" | "sha384" | "sha512" => format!("SHA-{}", &algorithm[3..]),
        "sha3-256" | "sha3-384" | "sha3-512" => algorithm.to_ascii_uppercase(),
        "blake2b-256" | "blake2b-384" | "blake2b-512" => algorithm.replace("blake", "BLAKE"),
        _ => return None,
    };
    Some(json!({"alg": name, "content": content}))
}
