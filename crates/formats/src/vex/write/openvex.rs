//! OpenVEX 0.2.0.

use bedrail_model::product_advisory::{Tlp, VersionText};
use bedrail_model::purl::Purl;
use bedrail_model::vex::{Document, Product, Statement, Status};
use serde_json::{Map, Value, json};

use super::Unsaid;

pub(super) fn write(document: &Document, statements: &[Statement], unsaid: &mut Unsaid) -> Value {
    unsaid.add_if(document.tlp != Tlp::Unstated, "the mark of confidentiality");
    unsaid.add_if(document.title.is_some(), "the title of the document");
    unsaid.add_if(document.issuer.namespace.is_some(), "the namespace of the issuer");
    let mut root = Map::new();
    root.insert("@context".to_owned(), json!("https://openvex.dev/ns/v0.2.0"));
    root.insert("@id".to_owned(), json!(iri(&document.id)));
    root.insert("author".to_owned(), json!(document.issuer.name));
    put(&mut root, "role", document.issuer.role.as_deref());
    put(&mut root, "timestamp", document.issued.as_deref());
    put(&mut root, "last_updated", document.updated.as_deref());
    root.insert("version".to_owned(), json!(document.version.parse::<u32>().unwrap_or(1).max(1)));
    let statements: Vec<Value> = statements.iter().map(|it| statement(it, unsaid)).collect();
    root.insert("statements".to_owned(), Value::Array(statements));
    Value::Object(root)
}

fn statement(said: &Statement, unsaid: &mut Unsaid) -> Value {
    let mut map = Map::new();
    let mut weakness = json!({"name": said.weakness()});
    if let [_, aliases @ ..] = said.weaknesses.as_slice()
        && !aliases.is_empty()
    {
        weakness["aliases"] = json!(aliases);
    }
    map.insert("vulnerability".to_owned(), weakness);
    put(&mut map, "timestamp", said.dated.as_deref());
    let products: Vec<Value> = said.products.iter().map(|it| product(it, true, unsaid)).collect();
    map.insert("products".to_owned(), Value::Array(products));
    map.insert("status".to_owned(), json!(said.status.name()));
    put(&mut map, "status_notes", said.notes.as_deref());
    put(&mut map, "justification", said.justification.map(|it| it.name()));
    unsaid.add_if(!said.responses.is_empty(), "what the issuer offers, in fixed words");
    unsaid.add_if(said.reason.is_some(), "a reason in CycloneDX's words, other than in free text");
    let bare = said.justification.is_none() && said.impact.is_none();
    let reason = said.reason.as_deref().filter(|_| bare && said.status == Status::NotAffected);
    put(&mut map, "impact_statement", said.impact.as_deref().or(reason));
    let none = (said.status == Status::Affected).then_some(super::csaf::NO_ACTION);
    unsaid.add_if(none.is_some() && said.action.is_none(), "\"affected\" without what to do");
    put(&mut map, "action_statement", said.action.as_deref().or(none));
    Value::Object(map)
}

fn product(product: &Product, whole: bool, unsaid: &mut Unsaid) -> Value {
    let ids = &product.identifiers;
    let mut map = Map::new();
    let exact = match &product.version {
        VersionText::Exact(version) => Some(version.as_str()),
        VersionText::Range(_) | VersionText::Unstated => None,
    };
    let purl = ids.purls.first().map(|it| with_version(it, exact));
    unsaid.add_if(ids.purls.len() > 1, "more than one package URL of a product");
    let named = !product.name.is_empty() || !product.maker.is_empty();
    let id = if product.reference.contains(':') && !product.reference.starts_with("pkg:") {
        product.reference.clone()
    } else if let Some(purl) = &purl {
        unsaid.add_if(named, "names of products beside their identifiers");
        purl.clone()
    } else if named {
        unsaid.add("names of products, other than as `pkg:generic`");
        generic(product, exact)
    } else {
        let first = ids.cpes.first().or(ids.hashes.first());
        first.cloned().unwrap_or_else(|| iri(&product.reference))
    };
    let mut identifiers = Map::new();
    if let Some(purl) = purl.filter(|it| *it != id) {
        identifiers.insert("purl".to_owned(), json!(purl));
    }
    // A CPE that leaves the version open would speak of all versions.
    for cpe in ids.cpes.iter().filter(|it| **it != id && (exact.is_none() || has_version(it))) {
        let field = if cpe.starts_with("cpe:2.3:") { "cpe23" } else { "cpe22" };
        unsaid.add_if(identifiers.contains_key(field), "more than one CPE of a product");
        identifiers.entry(field).or_insert_with(|| json!(cpe));
    }
    map.insert("@id".to_owned(), json!(id));
    if !identifiers.is_empty() {
        map.insert("identifiers".to_owned(), Value::Object(identifiers));
    }
    let hashes: Map<String, Value> = ids.hashes.iter().filter_map(|it| hash(it)).collect();
    if !hashes.is_empty() {
        map.insert("hashes".to_owned(), Value::Object(hashes));
    }
    if whole && !product.parts.is_empty() {
        let parts = product.parts.iter().map(|it| self::product(it, false, unsaid)).collect();
        map.insert("subcomponents".to_owned(), Value::Array(parts));
    }
    Value::Object(map)
}

fn has_version(cpe: &str) -> bool {
    use bedrail_model::cpe::{Attribute, Cpe, Value};
    cpe.parse::<Cpe>().is_ok_and(|it| *it.get(Attribute::Version) != Value::Any)
}

/// A package URL with the version that stands beside it, where it has none of its own.
fn with_version(purl: &str, version: Option<&str>) -> String {
    let (Some(version), Ok(parsed)) = (version, Purl::parse(purl)) else { return purl.to_owned() };
    if parsed.version().is_some() {
        return purl.to_owned();
    }
    let at = purl.find(['?', '#']).unwrap_or(purl.len());
    format!("{}@{}{}", purl[..at].trim_end_matches('@'), escaped(version), &purl[at..])
}

/// A product that has a name alone, as a package URL of the type that is for everything else.
fn generic(product: &Product, version: Option<&str>) -> String {
    let mut text = String::from("pkg:generic/");
    if !product.maker.is_empty() {
        text.push_str(&escaped(&product.maker));
        text.push('/');
    }
    text.push_str(&escaped(&product.name));
    if let Some(version) = version {
        text.push('@');
        text.push_str(&escaped(version));
    }
    text
}

/// Percent-encoding of everything but letters, digits and `.-_~`.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    let mut found = String::new();
    for byte in text.trim().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => {
                found.push(char::from(byte));
            }
            other => {
                let _ = write!(found, "%{other:02X}");
            }
        }
    }
    found
}

/// The name of a hash as the schema has it.
fn hash(text: &str) -> Option<(String, Value)> {
    let (algorithm, value) = text.split_once(':')?;
    let name = match algorithm {
        "sha256" | "sha384" | "sha512" => format!("sha-{}", &algorithm[3..]),
        "md5" | "sha1" | "sha3-224" | "sha3-256" | "sha3-384" | "sha3-512" | "blake2s-256"
        | "blake2b-256" | "blake2b-512" => algorithm.to_owned(),
        _ => return None,
    };
    Some((name, json!(value)))
}

/// An id that is no address becomes one.
fn iri(id: &str) -> String {
    if id.contains(':') { id.to_owned() } else { format!("urn:vex:{}", escaped(id)) }
}

fn put(map: &mut Map<String, Value>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        map.insert(name.to_owned(), json!(value));
    }
}
