//! SPDX 2.1 to 2.3 (ISO/IEC 5962:2021 is 2.2.1), JSON and tag-value: what the fields mean. Both arrive as the same records.
//!
//! Packages are components. A file becomes one only where something is said of it ([`Builder::add_file`]), since generators
//! list every file of a package and no advisory names a file; Syft's `evident-by` relations give packages their locations.
//! Annotations, snippets and extracted licence texts are not kept.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use bedrail_model::component::{Component, ComponentKind, Inventory, RelationKind};

use super::ReadError;
use super::builder::{Builder, Reference, Spot};
use super::export::{CONFIRMED, CONFIRMED_ELSEWHERE};
use super::json::Document;
use super::spdx::{Direction, agent, another_purl, asserted, hash_algorithm, kind_of_purpose, relation_kind};
use crate::limits::Limits;
use crate::value::{Node, Place, Value, Warnings, text_of};

mod json;
mod tag_value;

pub(super) use json::{parse as parse_json, sniff as sniff_json};
pub(super) use tag_value::{parse as parse_tag_value, sniff as sniff_tag_value};

/// The versions of the specification that are read.
pub(super) const VERSIONS: &[&str] = &["2.1", "2.2", "2.3"];

/// Parts of the document that say nothing about which components there are: skipped without a word.
const IMMATERIAL: &[&str] = &[
    "dataLicense",
    "comment",
    "documentNamespace",
    "externalDocumentRefs",
    "hasExtractedLicensingInfos",
    "$schema",
    "reviewers",
    "revieweds",
];

struct Reader<'a> {
    builder: Builder<'a>,
    document: Option<Reference>,
    described: Vec<Reference>,
    /// File names by reference, and which package each file shows to be there.
    file_names: HashMap<Reference, String>,
    evidence: Vec<(Reference, Reference)>,
    not_read: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn new(encoding: &str, limits: &Limits) -> Self {
        Reader {
            builder: Builder::new("SPDX", encoding, limits),
            document: None,
            described: Vec::new(),
            file_names: HashMap::new(),
            evidence: Vec::new(),
            not_read: BTreeSet::new(),
        }
    }

    fn finish(mut self) -> Result<Inventory, ReadError> {
        if !self.not_read.is_empty() {
            let names: Vec<&str> = self.not_read.iter().map(String::as_str).collect();
            let message = format!("not needed for the inventory and not read: {}", names.join(", "));
            self.builder.warnings.mended(Place::Root, message);
        }
        if let Some(document) = self.document {
            self.builder.add_other(document);
        }
        self.builder.describe(&self.described)?;
        for (package, file) in &self.evidence {
            if let (Some(at), Some(name)) = (self.builder.bearer(*package), self.file_names.get(file)) {
                self.builder.inventory.components[at.0 as usize].locations.push(name.clone());
            }
        }
        Ok(self.builder.finish())
    }
}

impl<'a> Document<'a> for Reader<'a> {
    const LISTS: &'static [&'static str] = &["packages", "files", "relationships"];
    const RAW_LISTS: &'static [&'static str] = &[];

    fn item(&mut self, list: &'static str, index: u32, value: Value<'a>) -> Result<(), ReadError> {
        let root = Place::Root.field(list);
        let Some(node) = Node::of(&value, root.item(index as usize), &mut self.builder.warnings) else {
            return Ok(());
        };
        match list {
            "packages" => self.package(node),
            "files" => self.file(node),
            _ => self.relationship(node, Spot::new(list, index, node.object.line)),
        }
    }

    fn raw_item(&mut self, _: &str) {}

    fn warnings(&mut self) -> &mut Warnings {
        &mut self.builder.warnings
    }

    fn field(&mut self, name: &str, value: Value<'a>) -> Result<(), ReadError> {
        let place = Place::Root.field(name);
        let warnings = &mut self.builder.warnings;
        match name {
            "spdxVersion" => {
                if let Some(text) = text_of(&value, place, warnings) {
                    self.set_version(&text, place);
                }
            }
            "SPDXID" => {
                let id = text_of(&value, place, warnings);
                self.document = id.map(|id| self.builder.reference(id));
            }
            "name" => {
                self.builder.inventory.document_name = text_of(&value, place, warnings).map(Cow::into_owned);
            }
            "creationInfo" => {
                if let Some(node) = Node::of(&value, place, warnings) {
                    self.builder.inventory.created = node.text("created", warnings).map(Cow::into_owned);
                    let creators = node.texts("creators", warnings).into_iter().filter_map(agent).collect();
                    self.builder.inventory.authors = creators;
                }
            }
            "documentDescribes" => {
                if let Value::List(ids) = &value {
                    for (index, id) in ids.iter().enumerate() {
                        if let Some(id) = text_of(id, place.item(index), &mut self.builder.warnings) {
                            let described = self.builder.reference(id);
                            self.described.push(described);
                        }
                    }
                }
            }
            list if Self::LISTS.contains(&list) => {
                if value != Value::Null {
                    self.builder.warnings.lost(place, "no list: not read");
                }
            }
            name if IMMATERIAL.contains(&name) => {}
            other => {
                self.not_read.insert(other.to_owned());
            }
        }
        Ok(())
    }
}

impl<'a> Reader<'a> {
    fn set_version(&mut self, text: &str, place: Place<'_>) {
        let version = text.strip_prefix("SPDX-").unwrap_or(text);
        if !VERSIONS.contains(&version) {
            let newest = VERSIONS.last().copied().unwrap_or_default();
            let message = format!("SPDX {version} is not known: read by the rules of {newest}");
            self.builder.warnings.lost(place, message);
        }
        self.builder.inventory.format_version = version.to_owned();
    }

    fn package(&mut self, node: Node<'_, 'a>) -> Result<(), ReadError> {
        let warnings = &mut self.builder.warnings;
        let reference = node.text("SPDXID", warnings);
        let mut component = Component {
            kind: purpose(node, warnings),
            name: node.text("name", warnings).map(Cow::into_owned).unwrap_or_default(),
            version: node.text("versionInfo", warnings).and_then(asserted),
            supplier: supplier(node, warnings),
            hashes: checksums(node, warnings),
            licences: licences(node, &["licenseDeclared", "licenseConcluded"], warnings),
            locations: node.text("packageFileName", warnings).and_then(asserted).into_iter().collect(),
            place: node.place.to_string(),
            ..Component::default()
        };
        external_references(node, &mut component, warnings);
        if node.has("annotations") {
            self.not_read.insert("annotations".to_owned());
        }
        self.builder.add(reference, component)?;
        Ok(())
    }

    fn file(&mut self, node: Node<'_, 'a>) -> Result<(), ReadError> {
        let warnings = &mut self.builder.warnings;
        let name = node.text("fileName", warnings).map(Cow::into_owned).unwrap_or_default();
        let Some(reference) = node.text("SPDXID", warnings) else {
            warnings.mended(
                node.place,
                format!("the file `{name}` has no SPDXID, so nothing is said of it: left out"),
            );
            return Ok(());
        };
        let component = Component {
            kind: ComponentKind::File,
            hashes: checksums(node, warnings),
            licences: licences(node, &["licenseConcluded"], warnings),
            locations: if name.is_empty() { Vec::new() } else { vec![name.clone()] },
            place: node.place.to_string(),
            name: name.clone(),
            ..Component::default()
        };
        let known = self.builder.reference(reference.clone());
        self.file_names.insert(known, name);
        Ok(self.builder.add_file(reference, component)?)
    }

    fn relationship(&mut self, node: Node<'_, 'a>, spot: Spot) -> Result<(), ReadError> {
        let warnings = &mut self.builder.warnings;
        let (from, word, to) = (
            node.text("spdxElementId", warnings),
            node.text("relationshipType", warnings),
            node.text("relatedSpdxElement", warnings),
        );
        let (Some(from), Some(word), Some(to)) = (from, word, to) else {
            warnings.lost(node.place, "a relationship without both ends and a type: not read");
            return Ok(());
        };
        let says_evidence =
            node.text("comment", warnings).is_some_and(|comment| comment.starts_with("evident-by"));
        let from = self.builder.reference(from);
        let (kind, direction) = relation_kind(&word);
        match &*to {
            "NONE" => return Ok(()),
            "NOASSERTION" if Some(from) == self.document => {
                self.builder.gap_in_document(&format!("{word} NOASSERTION"));
                return Ok(());
            }
            "NOASSERTION" => {
                self.builder.gap(from, &format!("{word} NOASSERTION"), spot);
                return Ok(());
            }
            _ => {}
        }
        let to = self.builder.reference(to);
        let (from, to) = if direction == Direction::Forward { (from, to) } else { (to, from) };
        if says_evidence {
            self.evidence.push((from, to));
        }
        if kind == RelationKind::Describes && (self.document.is_none() || Some(from) == self.document) {
            self.described.push(to);
            return Ok(());
        }
        Ok(self.builder.relate(from, kind, to, spot)?)
    }
}

fn purpose(node: Node<'_, '_>, warnings: &mut Warnings) -> ComponentKind {
    let purpose = node.text("primaryPackagePurpose", warnings);
    purpose.and_then(|purpose| kind_of_purpose(&purpose)).unwrap_or_default()
}

fn supplier(node: Node<'_, '_>, warnings: &mut Warnings) -> Option<String> {
    let supplier = node.text("supplier", warnings).and_then(agent);
    supplier.or_else(|| node.text("originator", warnings).and_then(agent))
}

fn checksums(node: Node<'_, '_>, warnings: &mut Warnings) -> Vec<(String, String)> {
    let mut hashes = Vec::new();
    let Ok(()) =
        node.each("checksums", warnings, |checksum, warnings| -> Result<(), std::convert::Infallible> {
            match (checksum.text("algorithm", warnings), checksum.text("checksumValue", warnings)) {
                (Some(algorithm), Some(value)) if value.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                    hashes.push((hash_algorithm(&algorithm), value.to_ascii_lowercase()));
                }
                _ => warnings
                    .lost(checksum.place, "a checksum without algorithm or hexadecimal value: not read"),
            }
            Ok(())
        });
    hashes
}

fn licences(node: Node<'_, '_>, fields: &[&str], warnings: &mut Warnings) -> Vec<String> {
    let mut licences = Vec::new();
    for field in fields {
        let licence = node.text(field, warnings).and_then(asserted);
        licences.extend(licence.filter(|licence| !licences.contains(licence)));
    }
    licences
}

/// Identifiers by type (SPDX 2.3 annex F); the categories are ignored, since generators mix them up.
fn external_references(node: Node<'_, '_>, component: &mut Component, warnings: &mut Warnings) {
    let Ok(()) =
        node.each("externalRefs", warnings, |reference, warnings| -> Result<(), std::convert::Infallible> {
            let kind = reference.text("referenceType", warnings);
            let locator = reference.text("referenceLocator", warnings);
            let (Some(kind), Some(locator)) = (kind, locator) else {
                warnings.lost(reference.place, "an external reference without type or locator: not read");
                return Ok(());
            };
            let kind = kind.rsplit(['/', '#']).next().unwrap_or(&kind).to_ascii_lowercase();
            if reference.text("comment", warnings).as_deref() == Some(CONFIRMED) {
                let message = "an identifier that an organisation confirmed is not the bill's own: set aside";
                warnings.mended(reference.place, message);
                component.other_identifiers.push((CONFIRMED_ELSEWHERE.to_owned(), locator.into_owned()));
                return Ok(());
            }
            match kind.as_str() {
                "purl" if component.purl.is_none() => component.purl = Some(locator.into_owned()),
                "cpe22type" | "cpe23type" => component.cpes.push(locator.into_owned()),
                "purl" => another_purl(component, locator.into_owned(), reference.place, warnings),
                "swid" | "gitoid" | "swh" | "maven-central" | "npm" | "nuget" | "bower" => {
                    component.other_identifiers.push((kind, locator.into_owned()));
                }
                _ => {}
            }
            Ok(())
        });
}
