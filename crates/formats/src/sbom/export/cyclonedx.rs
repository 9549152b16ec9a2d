//! CycloneDX 1.6 JSON (ECMA-424).

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use bedrail_model::component::{Component, ComponentIndex, ComponentKind, Inventory, RelationKind};
use bedrail_model::cpe::Cpe;
use serde_json::{Map, Value, json};

use super::{CONFIRMED, Notes, Stamp, Written, fault_of, licence, to_json, uuid};

/// The property that holds the CPE names after the first, for which the format has no field.
pub const CPE_PROPERTY: &str = "bedrail:cpe";
/// Things that are missing named at most; the list of a whole disk is in the answer of the scan.
const MOST_LOST: usize = 1_000;

/// The property that says what is missing from a bill: the place, the mark, what it is.
pub const LOST_PROPERTY: &str = "bedrail:lost";
/// What stands between place and message.
pub(crate) const LOST_MARK: &str = " | ";

/// The start of properties that hold identifiers of other schemes; the scheme stands behind it.
pub const IDENTIFIER_PROPERTY: &str = "bedrail:identifier:";

/// The property of a component whose identifiers are not from its bill.
pub const CONFIRMED_PROPERTY: &str = "bedrail:identifier";

/// What is written.
#[derive(Clone, Copy)]
struct Whole<'i> {
    inventory: &'i Inventory,
    /// Per component those that stand inside of it.
    below: &'i [Vec<usize>],
    /// Components, in order, whose identifiers are not from the bill.
    confirmed: &'i [usize],
}

pub(super) fn write(inventory: &Inventory, confirmed: &[usize], stamp: &Stamp<'_>) -> io::Result<Written> {
    let mut notes = Notes::default();
    let whole = Whole { inventory, below: &nesting(inventory), confirmed };
    let mut components = Vec::new();
    let mut services = Vec::new();
    for (at, component) in inventory.components.iter().enumerate() {
        if component.parent.is_some() || inventory.subject.is_some_and(|subject| subject.0 as usize == at) {
            continue;
        }
        let list = if component.kind == ComponentKind::Service { &mut services } else { &mut components };
        list.push(tree(whole, at, &mut notes));
    }
    let mut document = Map::new();
    document.insert("$schema".into(), "http://cyclonedx.org/schema/bom-1.6.schema.json".into());
    document.insert("bomFormat".into(), "CycloneDX".into());
    document.insert("specVersion".into(), "1.6".into());
    document.insert("serialNumber".into(), format!("urn:uuid:{}", uuid(inventory, stamp)).into());
    document.insert("version".into(), 1.into());
    document.insert("metadata".into(), metadata(whole, stamp, &mut notes));
    document.insert("components".into(), components.into());
    if !services.is_empty() {
        document.insert("services".into(), services.into());
    }
    document.insert("dependencies".into(), dependencies(inventory, &mut notes).into());
    let gaps = compositions(inventory);
    if !gaps.is_empty() {
        document.insert("compositions".into(), gaps.into());
    }
    for _ in &inventory.statements {
        notes.add("statements on weaknesses are not written");
    }
    Ok(Written { bytes: to_json(&document)?, notes: notes.into_words() })
}

/// Per component those that stand inside of it.
fn nesting(inventory: &Inventory) -> Vec<Vec<usize>> {
    let mut below = vec![Vec::new(); inventory.components.len()];
    for (at, component) in inventory.components.iter().enumerate() {
        if let Some(parent) = component.parent {
            below[parent.0 as usize].push(at);
        }
    }
    below
}

fn metadata(whole: Whole<'_>, stamp: &Stamp<'_>, notes: &mut Notes) -> Value {
    let inventory = whole.inventory;
    let tool = json!({ "type": "application", "name": "bedrail", "version": stamp.program_version });
    let mut metadata = json!({ "timestamp": stamp.moment(), "tools": { "components": [tool] } });
    if !inventory.authors.is_empty() {
        let author = |name: &String| json!({ "name": name });
        metadata["authors"] = inventory.authors.iter().map(author).collect();
    }
    if let Some(subject) = inventory.subject {
        metadata["component"] = tree(whole, subject.0 as usize, notes);
    }
    let said = [
        ("bedrail:source:format", Some(inventory.format_in_words())),
        ("bedrail:source:created", inventory.created.clone()),
        ("bedrail:source:name", inventory.document_name.clone()),
    ];
    let said = said.into_iter().filter_map(|(name, value)| Some(property(name, &value?)));
    let all = inventory.warnings.iter().filter(|it| it.lost);
    let more = all.clone().count().saturating_sub(MOST_LOST);
    let lost = all.take(MOST_LOST);
    let lost = lost.map(|it| property(LOST_PROPERTY, &format!("{}{LOST_MARK}{}", it.place, it.message)));
    let more = (more > 0).then(|| property(LOST_PROPERTY, &format!("{LOST_MARK}{more} more are not named")));
    metadata["properties"] = said.chain(lost).chain(more).collect();
    metadata
}

/// A component with all that stand inside of it. The depth is that of a document that was read, which is bounded.
fn tree(whole: Whole<'_>, at: usize, notes: &mut Notes) -> Value {
    let inventory = whole.inventory;
    let component = &inventory.components[at];
    let is_service = component.kind == ComponentKind::Service;
    let is_subject = inventory.subject.is_some_and(|subject| subject.0 as usize == at);
    let mut value = if is_service && !is_subject { service(component) } else { one(component, notes) };
    if whole.confirmed.binary_search(&at).is_ok() {
        push_property(&mut value, property(CONFIRMED_PROPERTY, CONFIRMED));
    }
    let mut inside = Vec::new();
    for &child in &whole.below[at] {
        let fits = (inventory.components[child].kind == ComponentKind::Service) == is_service;
        if !fits {
            notes.add(
                "components stand inside a service, or services inside a component: written as a property",
            );
            let reference = &inventory.components[child].reference;
            push_property(&mut value, property("bedrail:contains", reference));
        }
        inside.push(tree(whole, child, notes));
    }
    if !inside.is_empty() {
        value[if is_service { "services" } else { "components" }] = inside.into();
    }
    value
}

fn one(component: &Component, notes: &mut Notes) -> Value {
    let kind = match component.kind {
        ComponentKind::Service => ComponentKind::Application,
        kind => kind,
    };
    let mut value = json!({ "type": kind.code(), "bom-ref": component.reference });
    if let Some(supplier) = &component.supplier {
        value["supplier"] = json!({ "name": supplier });
    }
    named(component, &mut value);
    let (known, other): (Vec<_>, Vec<_>) = component.hashes.iter().partition(|hash| is_known_hash(hash));
    if !known.is_empty() {
        let hash = |(algorithm, digits): &&(String, String)| json!({ "alg": algorithm, "content": digits });
        value["hashes"] = known.iter().map(hash).collect();
    }
    let licences = licences(&component.licences);
    if !licences.is_empty() {
        value["licenses"] = licences.into();
    }
    let (readable, odd): (Vec<_>, Vec<_>) =
        component.cpes.iter().partition(|cpe| cpe.trim() == cpe.as_str() && cpe.parse::<Cpe>().is_ok());
    if let Some(first) = readable.first() {
        value["cpe"] = first.as_str().into();
    }
    if let Some(purl) = &component.purl {
        value["purl"] = purl.as_str().into();
    }
    let places: Vec<Value> = component.locations.iter().map(|place| json!({ "location": place })).collect();
    if !places.is_empty() {
        value["evidence"] = json!({ "occurrences": places });
    }
    for cpe in readable.iter().skip(1).chain(&odd) {
        push_property(&mut value, property(CPE_PROPERTY, cpe));
    }
    for (scheme, text) in &component.other_identifiers {
        push_property(&mut value, property(&format!("{IDENTIFIER_PROPERTY}{scheme}"), text));
    }
    for (algorithm, digits) in other {
        notes.add("hashes are by an algorithm that the format does not know: written as a property");
        push_property(&mut value, property(&format!("bedrail:hash:{algorithm}"), digits));
    }
    value
}

fn service(component: &Component) -> Value {
    let mut value = json!({ "bom-ref": component.reference });
    if let Some(supplier) = &component.supplier {
        value["provider"] = json!({ "name": supplier });
    }
    named(component, &mut value);
    let licences = licences(&component.licences);
    if !licences.is_empty() {
        value["licenses"] = licences.into();
    }
    if !component.locations.is_empty() {
        value["endpoints"] = component.locations.iter().map(|place| Value::from(place.as_str())).collect();
    }
    value
}

fn named(component: &Component, value: &mut Value) {
    if let Some(group) = &component.group {
        value["group"] = group.as_str().into();
    }
    value["name"] = component.name.as_str().into();
    if let Some(version) = &component.version {
        value["version"] = version.as_str().into();
    }
}

/// One expression, or any number of licences by id or name (`licenseChoice`); the two are never mixed.
fn licences(texts: &[String]) -> Vec<Value> {
    match texts {
        [one] if !licence::is_id(one) && fault_of(one).is_none() => vec![json!({ "expression": one })],
        several => several
            .iter()
            .map(|text| {
                let field = if licence::is_id(text) { "id" } else { "name" };
                json!({ "license": { field: text } })
            })
            .collect(),
    }
}

/// The algorithms of `hash-alg` and the lengths that `hash-content` allows for them.
fn is_known_hash((algorithm, digits): &(String, String)) -> bool {
    const KNOWN: [(&str, usize); 14] = [
        ("MD5", 32),
        ("SHA-1", 40),
        ("SHA-224", 56),
        ("SHA-256", 64),
        ("SHA-384", 96),
        ("SHA-512", 128),
        ("SHA3-224", 56),
        ("SHA3-256", 64),
        ("SHA3-384", 96),
        ("SHA3-512", 128),
        ("BLAKE2b-256", 64),
        ("BLAKE2b-384", 96),
        ("BLAKE2b-512", 128),
        ("BLAKE3", 64),
    ];
    // 1.6 has no place for 224 bits: its `hash-content` knows 32, 40, 64, 96 and 128 digits, and 1.7 added the algorithms.
    let known = KNOWN.iter().find(|(name, _)| name == algorithm);
    known.is_some_and(|(_, length)| *length != 56 && digits.len() == *length)
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": value })
}

fn push_property(value: &mut Value, property: Value) {
    match value.get_mut("properties").and_then(Value::as_array_mut) {
        Some(list) => list.push(property),
        None => value["properties"] = vec![property].into(),
    }
}

fn dependencies(inventory: &Inventory, notes: &mut Notes) -> Vec<Value> {
    let mut edges: BTreeMap<ComponentIndex, BTreeSet<ComponentIndex>> = BTreeMap::new();
    for relation in &inventory.relations {
        match relation.kind {
            RelationKind::DependsOn => {
                edges.entry(relation.from).or_default().insert(relation.to);
            }
            // A part of the whole; the format would say so by nesting, which a graph does not fit into.
            RelationKind::Contains => {
                notes.add("relations `contains` are written as `dependsOn`");
                edges.entry(relation.from).or_default().insert(relation.to);
            }
            RelationKind::Describes | RelationKind::GeneratedFrom | RelationKind::Other => {
                notes.add("relations of kinds that the format does not know are not written");
            }
        }
    }
    let reference = |index: ComponentIndex| inventory.component(index).reference.as_str();
    let dependency = |(from, to): (ComponentIndex, BTreeSet<ComponentIndex>)| {
        let to: Vec<&str> = to.into_iter().map(reference).collect();
        json!({ "ref": reference(from), "dependsOn": to })
    };
    edges.into_iter().map(dependency).collect()
}

/// The words of `aggregateType`.
const AGGREGATES: [&str; 8] = [
    "incomplete",
    "incomplete_first_party_only",
    "incomplete_first_party_proprietary_only",
    "incomplete_first_party_opensource_only",
    "incomplete_third_party_only",
    "incomplete_third_party_proprietary_only",
    "incomplete_third_party_opensource_only",
    "unknown",
];

fn compositions(inventory: &Inventory) -> Vec<Value> {
    let mut gaps = Vec::new();
    for gap in &inventory.known_gaps {
        let word = AGGREGATES.iter().find(|word| **word == gap.statement).copied().unwrap_or("unknown");
        let mut value = json!({ "aggregate": word });
        if let Some(component) = gap.component {
            value["assemblies"] = json!([inventory.component(component).reference]);
        }
        gaps.push(value);
    }
    gaps
}
