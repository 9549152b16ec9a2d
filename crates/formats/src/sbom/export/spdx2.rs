//! SPDX 2.3 JSON.

use std::collections::BTreeMap;
use std::io;

use bedrail_model::component::{Component, ComponentIndex, ComponentKind, Inventory, RelationKind};
use bedrail_model::cpe::Cpe;
use serde_json::{Value, json};

use super::{CONFIRMED, Notes, Stamp, Written, fault_of, to_json, uuid};

const DOCUMENT: &str = "SPDXRef-DOCUMENT";

pub(super) fn write(inventory: &Inventory, confirmed: &[usize], stamp: &Stamp<'_>) -> io::Result<Written> {
    let mut notes = Notes::default();
    let mut licences = Licences::default();
    let ids: Vec<String> =
        inventory.components.iter().enumerate().map(|(at, component)| id(at, component)).collect();
    let packages = inventory.components.iter().zip(&ids).enumerate().map(|(at, (component, id))| {
        let mut value = package(component, id, &mut licences, &mut notes);
        if confirmed.binary_search(&at).is_ok() {
            mark_as_confirmed(&mut value);
        }
        value
    });
    let packages: Vec<Value> = packages.collect();
    let relationships = relationships(inventory, &ids, &mut notes);
    let subject = inventory.subject.map(|subject| &inventory.component(subject).name);
    let name = subject.or(inventory.document_name.as_ref()).map_or("bill of materials", String::as_str);
    let mut document = json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": name,
        "documentNamespace": format!("urn:uuid:{}", uuid(inventory, stamp)),
        "creationInfo": {
            "created": stamp.moment(),
            "creators": [format!("Tool: bedrail-{}", stamp.program_version)],
            "comment": format!("Written from a document that was read as {}.", inventory.format_in_words()),
        },
        "packages": packages,
        "relationships": relationships,
    });
    if !licences.texts.is_empty() {
        document["hasExtractedLicensingInfos"] = licences.into_values();
    }
    for _ in &inventory.statements {
        notes.add("statements on weaknesses are not written");
    }
    Ok(Written { bytes: to_json(&document)?, notes: notes.into_words() })
}

/// An id of the format (§3.2: letters, digits, points and hyphens), unique by its number.
fn id(at: usize, component: &Component) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' };
    let name: String = component.name.chars().take(60).map(plain).collect();
    format!("SPDXRef-{}-{name}", at + 1)
}

fn package(component: &Component, id: &str, licences: &mut Licences, notes: &mut Notes) -> Value {
    let mut value = json!({ "SPDXID": id, "name": full_name(component) });
    if let Some(version) = &component.version {
        value["versionInfo"] = version.as_str().into();
    }
    if let Some(supplier) = &component.supplier {
        value["supplier"] = format!("Organization: {supplier}").into();
    }
    value["downloadLocation"] = "NOASSERTION".into();
    value["filesAnalyzed"] = false.into();
    let mut checksums = Vec::new();
    for (algorithm, digits) in &component.hashes {
        match checksum(algorithm) {
            Some(word) => checksums.push(json!({ "algorithm": word, "checksumValue": digits })),
            None => notes.add("hashes are by an algorithm that the format does not know: not written"),
        }
    }
    if !checksums.is_empty() {
        value["checksums"] = checksums.into();
    }
    value["licenseConcluded"] = "NOASSERTION".into();
    value["licenseDeclared"] = licences.expression(&component.licences).into();
    value["copyrightText"] = "NOASSERTION".into();
    if let Some(purpose) = purpose(component.kind) {
        value["primaryPackagePurpose"] = purpose.into();
    }
    let references = references(component, notes);
    if !references.is_empty() {
        value["externalRefs"] = references.into();
    }
    if component.kind == ComponentKind::Service {
        notes.add("services are written as packages, since the format knows none");
        value["comment"] = "A service, not a package.".into();
    }
    if let Some((first, rest)) = component.locations.split_first() {
        value["packageFileName"] = first.as_str().into();
        for _ in rest {
            notes.add("places after the first of a component are not written");
        }
    }
    value
}

/// Says of the references of a package that they are not from the bill (§7.22, comment of an external reference).
fn mark_as_confirmed(package: &mut Value) {
    let references = package.get_mut("externalRefs").and_then(Value::as_array_mut);
    for reference in references.into_iter().flatten() {
        if matches!(reference["referenceType"].as_str(), Some("purl" | "cpe23Type" | "cpe22Type")) {
            reference["comment"] = CONFIRMED.into();
        }
    }
}

/// The name with its group, for which the format has no field.
fn full_name(component: &Component) -> String {
    match component.group.as_deref() {
        Some(group) if !group.is_empty() && !component.name.starts_with(group) => {
            format!("{group}/{}", component.name)
        }
        _ => component.name.clone(),
    }
}

fn checksum(algorithm: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 14] = [
        ("MD5", "MD5"),
        ("SHA-1", "SHA1"),
        ("SHA-224", "SHA224"),
        ("SHA-256", "SHA256"),
        ("SHA-384", "SHA384"),
        ("SHA-512", "SHA512"),
        ("SHA3-256", "SHA3-256"),
        ("SHA3-384", "SHA3-384"),
        ("SHA3-512", "SHA3-512"),
        ("BLAKE2b-256", "BLAKE2b-256"),
        ("BLAKE2b-384", "BLAKE2b-384"),
        ("BLAKE2b-512", "BLAKE2b-512"),
        ("BLAKE3", "BLAKE3"),
        ("ADLER32", "ADLER32"),
    ];
    KNOWN.iter().find(|(name, _)| *name == algorithm).map(|(_, word)| *word)
}

/// §7.24; a kind without a word of its own is `OTHER`.
fn purpose(kind: ComponentKind) -> Option<&'static str> {
    Some(match kind {
        ComponentKind::Application => "APPLICATION",
        ComponentKind::Framework => "FRAMEWORK",
        ComponentKind::Library => "LIBRARY",
        ComponentKind::Container => "CONTAINER",
        ComponentKind::OperatingSystem => "OPERATING-SYSTEM",
        ComponentKind::Device => "DEVICE",
        ComponentKind::Firmware => "FIRMWARE",
        ComponentKind::File => "FILE",
        ComponentKind::Platform
        | ComponentKind::DeviceDriver
        | ComponentKind::MachineLearningModel
        | ComponentKind::Data
        | ComponentKind::CryptographicAsset
        | ComponentKind::Service => "OTHER",
    })
}

/// Annex F.
fn references(component: &Component, notes: &mut Notes) -> Vec<Value> {
    let reference = |category: &str, kind: &str, locator: &str| json!({ "referenceCategory": category, "referenceType": kind, "referenceLocator": locator });
    let mut all = Vec::new();
    if let Some(purl) = &component.purl {
        all.push(reference("PACKAGE-MANAGER", "purl", purl));
    }
    for cpe in &component.cpes {
        let kind = if cpe.starts_with("cpe:2.3:") { "cpe23Type" } else { "cpe22Type" };
        if cpe.parse::<Cpe>().is_err() {
            notes.add("CPE names cannot be read: written as they are");
        }
        all.push(reference("SECURITY", kind, cpe));
    }
    for (scheme, text) in &component.other_identifiers {
        match scheme.as_str() {
            "swid" => all.push(reference("SECURITY", "swid", text)),
            "gitoid" => all.push(reference("PERSISTENT-ID", "gitoid", text)),
            "swh" | "swhid" => all.push(reference("PERSISTENT-ID", "swh", text)),
            _ => notes.add("identifiers of other schemes are not written"),
        }
    }
    all
}

/// Texts that are no expressions, each under a reference of its own (§10).
#[derive(Default)]
struct Licences {
    texts: BTreeMap<String, usize>,
}

impl Licences {
    /// The licences of a component as one expression. Several are not joined, since nothing says whether all hold or one
    /// may be chosen: their list is a text.
    fn expression(&mut self, licences: &[String]) -> String {
        let text = match licences {
            [] => return "NOASSERTION".to_owned(),
            [one] if fault_of(one).is_none() => return one.clone(),
            several => several.join("; "),
        };
        let next = self.texts.len() + 1;
        let number = *self.texts.entry(text).or_insert(next);
        format!("LicenseRef-{number}")
    }

    fn into_values(self) -> Value {
        let value = |(text, number): (String, usize)| json!({ "licenseId": format!("LicenseRef-{number}"), "name": text, "extractedText": text });
        self.texts.into_iter().map(value).collect()
    }
}

fn relationships(inventory: &Inventory, ids: &[String], notes: &mut Notes) -> Vec<Value> {
    let relationship = |from: &str, word: &str, to: &str| json!({ "spdxElementId": from, "relationshipType": word, "relatedSpdxElement": to });
    let of = |index: ComponentIndex| ids[index.0 as usize].as_str();
    let mut all: Vec<Value> = described(inventory)
        .into_iter()
        .map(|index| relationship(DOCUMENT, "DESCRIBES", of(index)))
        .collect();
    for (child, component) in (0..).map(ComponentIndex).zip(&inventory.components) {
        if let Some(parent) = component.parent {
            all.push(relationship(of(parent), "CONTAINS", of(child)));
        }
    }
    for relation in &inventory.relations {
        let word = match relation.kind {
            RelationKind::DependsOn => "DEPENDS_ON",
            RelationKind::Contains => "CONTAINS",
            RelationKind::Describes => "DESCRIBES",
            RelationKind::GeneratedFrom => "GENERATED_FROM",
            RelationKind::Other => "OTHER",
        };
        all.push(relationship(of(relation.from), word, of(relation.to)));
    }
    for gap in &inventory.known_gaps {
        let from = gap.component.map_or(DOCUMENT, of);
        all.push(relationship(from, "CONTAINS", "NOASSERTION"));
        notes.add("known gaps are written as `CONTAINS NOASSERTION`, without the word of the document");
    }
    all
}

/// What the document describes: its subject, else everything that nothing leads to.
fn described(inventory: &Inventory) -> Vec<ComponentIndex> {
    if let Some(subject) = inventory.subject {
        return vec![subject];
    }
    let mut led_to = vec![false; inventory.components.len()];
    for relation in inventory.relations.iter().filter(|relation| relation.from != relation.to) {
        led_to[relation.to.0 as usize] = true;
    }
    let roots = (0..).map(ComponentIndex).zip(&inventory.components).zip(&led_to);
    roots
        .filter(|((_, component), led)| component.parent.is_none() && !**led)
        .map(|((index, _), _)| index)
        .collect()
}
