//! CycloneDX 1.0 to 1.7 (ECMA-424), JSON and XML: what the fields mean. Both encodings arrive here as the same records.
//!
//! Kept: components and services with everything that names them, their nesting, the dependency graph, compositions, and
//! vulnerabilities as they are written. Read but not kept: release notes, pedigree, model cards, cryptographic details.

use std::borrow::Cow;

use bedrail_model::component::{Component, ComponentIndex, ComponentKind, Inventory, RelationKind};

use super::ReadError;
use super::builder::{Builder, Spot};
use super::export::{
    CONFIRMED, CONFIRMED_ELSEWHERE, CONFIRMED_PROPERTY, CPE_PROPERTY, IDENTIFIER_PROPERTY, LOST_MARK,
    LOST_PROPERTY,
};
use super::json::Document;
use super::source_package;
use crate::limits::Limits;
use crate::value::{Node, Place, Value, Warnings, text_of};

mod json;
mod xml;

pub(super) use json::{parse as parse_json, sniff as sniff_json};
pub(super) use xml::{parse as parse_xml, sniff as sniff_xml};

/// The versions of the specification that are read.
pub(super) const VERSIONS: &[&str] = &["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

/// Parts of the document that say nothing about which components there are: skipped without a word.
const IMMATERIAL: &[&str] =
    &["$schema", "bomFormat", "version", "signature", "properties", "externalReferences"];

/// Properties by which common generators say where a component was found.
const LOCATION_PROPERTIES: &[(&str, &str)] =
    &[("syft:location:", ":path"), ("aquasecurity:trivy:FilePath", ""), ("SrcFile", "")];

struct Reader<'a> {
    builder: Builder<'a>,
    not_read: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(encoding: &str, limits: &Limits) -> Self {
        Reader { builder: Builder::new("CycloneDX", encoding, limits), not_read: Vec::new() }
    }

    fn finish(mut self) -> Inventory {
        if !self.not_read.is_empty() {
            let message = format!("not needed for the inventory and not read: {}", self.not_read.join(", "));
            self.builder.warnings.mended(Place::Root, message);
        }
        self.builder.finish()
    }

    fn set_version(&mut self, version: &str, place: Place<'_>) {
        if !VERSIONS.contains(&version) {
            let newest = VERSIONS.last().copied().unwrap_or_default();
            let message = format!("CycloneDX {version} is not known: read by the rules of {newest}");
            self.builder.warnings.lost(place, message);
        }
        self.builder.inventory.format_version = version.to_owned();
    }
}

impl<'a> Document<'a> for Reader<'a> {
    const LISTS: &'static [&'static str] = &["components", "services", "dependencies", "compositions"];
    const RAW_LISTS: &'static [&'static str] = &["vulnerabilities"];

    fn item(&mut self, list: &'static str, index: u32, value: Value<'a>) -> Result<(), ReadError> {
        let root = Place::Root.field(list);
        let Some(node) = Node::of(&value, root.item(index as usize), &mut self.builder.warnings) else {
            return Ok(());
        };
        let spot = Spot::new(list, index, node.object.line);
        match list {
            "components" => self.component(node, None).map(drop),
            "services" => self.service(node, None),
            "dependencies" => self.dependency(node, spot),
            _ => {
                self.composition(node, spot);
                Ok(())
            }
        }
    }

    fn warnings(&mut self) -> &mut Warnings {
        &mut self.builder.warnings
    }

    fn raw_item(&mut self, text: &str) {
        self.builder.inventory.statements.push(text.to_owned());
    }

    fn field(&mut self, name: &str, value: Value<'a>) -> Result<(), ReadError> {
        let place = Place::Root.field(name);
        match name {
            "specVersion" => {
                if let Some(version) = text_of(&value, place, &mut self.builder.warnings) {
                    self.set_version(&version, place);
                }
            }
            "serialNumber" => {
                let serial = text_of(&value, place, &mut self.builder.warnings);
                self.builder.inventory.document_name = serial.map(Cow::into_owned);
            }
            "metadata" => {
                if let Some(node) = Node::of(&value, place, &mut self.builder.warnings) {
                    self.metadata(node)?;
                }
            }
            list if Self::LISTS.contains(&list) => {
                if !matches!(&value, Value::Null) && !matches!(&value, Value::Text(text) if text.is_empty()) {
                    self.builder.warnings.lost(place, "no list: not read");
                }
            }
            name if IMMATERIAL.contains(&name) => {}
            other => self.not_read.push(other.to_owned()),
        }
        Ok(())
    }
}

impl<'a> Reader<'a> {
    fn metadata(&mut self, node: Node<'_, 'a>) -> Result<(), ReadError> {
        let warnings = &mut self.builder.warnings;
        let mut authors = Vec::new();
        self.builder.inventory.created = node.text("timestamp", warnings).map(Cow::into_owned);
        node.each("authors", warnings, |author, warnings| -> Result<(), ReadError> {
            authors.extend(author.text("name", warnings).or_else(|| author.text("email", warnings)));
            Ok(())
        })?;
        tools(node, warnings, &mut authors);
        self.builder.inventory.authors = authors.into_iter().map(Cow::into_owned).collect();
        for (_, value) in properties(node).filter(|(name, _)| *name == LOST_PROPERTY) {
            let (place, message) = value.split_once(LOST_MARK).unwrap_or(("", value));
            self.builder.warnings.lost(place, message);
        }
        if let Some(component) = node.object("component", &mut self.builder.warnings) {
            let subject = self.component(component, None)?;
            self.builder.inventory.subject = Some(subject);
            let supplier = ["manufacturer", "manufacture", "supplier"]
                .into_iter()
                .find_map(|field| node.text_in(field, "name", &mut self.builder.warnings));
            let component = &mut self.builder.inventory.components[subject.0 as usize];
            component.supplier = component.supplier.take().or(supplier.map(Cow::into_owned));
        }
        Ok(())
    }

    fn component(
        &mut self,
        node: Node<'_, 'a>,
        parent: Option<ComponentIndex>,
    ) -> Result<ComponentIndex, ReadError> {
        let warnings = &mut self.builder.warnings;
        let reference = node.text("bom-ref", warnings);
        let mut component = named(node, warnings);
        component.kind = kind(node, warnings);
        component.parent = parent;
        let purl = node.text("purl", warnings);
        component.purl = purl.map(|purl| source_package::added(&purl, || properties(node)));
        component.cpes.extend(owned(node.text("cpe", warnings)));
        let more = properties(node).filter(|(name, _)| *name == CPE_PROPERTY);
        component.cpes.extend(more.map(|(_, cpe)| cpe.to_owned()));
        component.hashes = hashes(node, warnings);
        component.licences = licences(node, warnings);
        component.supplier = supplier(node, warnings);
        component.other_identifiers = other_identifiers(node, warnings);
        set_confirmed_aside(node, &mut component, warnings);
        component.locations = locations(node, warnings);
        warn_of_hidden_identity(node, &component, warnings);
        let index = self.builder.add(reference, component)?;
        self.nested(node, "components", |reader, inner| reader.component(inner, Some(index)).map(drop))?;
        Ok(index)
    }

    fn service(&mut self, node: Node<'_, 'a>, parent: Option<ComponentIndex>) -> Result<(), ReadError> {
        let warnings = &mut self.builder.warnings;
        let reference = node.text("bom-ref", warnings);
        let mut component = named(node, warnings);
        component.kind = ComponentKind::Service;
        component.parent = parent;
        component.licences = licences(node, warnings);
        component.supplier = owned(node.text_in("provider", "name", warnings));
        component.locations = node.texts("endpoints", warnings).into_iter().map(Cow::into_owned).collect();
        let index = self.builder.add(reference, component)?;
        self.nested(node, "services", |reader, inner| reader.service(inner, Some(index)))
    }

    /// Visit the records of a list inside a record. Their number is not bounded by the stack: the parsers cap the depth.
    fn nested(
        &mut self,
        node: Node<'_, 'a>,
        list: &str,
        mut visit: impl FnMut(&mut Self, Node<'_, 'a>) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let place = node.place.field(list);
        for (index, value) in node.list(list, &mut self.builder.warnings).iter().enumerate() {
            if let Some(inner) = Node::of(value, place.item(index), &mut self.builder.warnings) {
                visit(self, inner)?;
            }
        }
        Ok(())
    }

    fn dependency(&mut self, node: Node<'_, 'a>, spot: Spot) -> Result<(), ReadError> {
        let Some(from) = node.text("ref", &mut self.builder.warnings) else {
            self.builder.warnings.lost(node.place, "a dependency without `ref`: not read");
            return Ok(());
        };
        let from = self.builder.reference(from);
        for (field, kind) in [("dependsOn", RelationKind::DependsOn), ("provides", RelationKind::Other)] {
            for to in references(node, field, &mut self.builder.warnings) {
                let to = self.builder.reference(to);
                self.builder.relate(from, kind, to, spot)?;
            }
        }
        Ok(())
    }

    /// A composition says how complete a part of the list is; only `complete` leaves no gap (specification 1.7, `aggregate`).
    fn composition(&mut self, node: Node<'_, 'a>, spot: Spot) {
        let warnings = &mut self.builder.warnings;
        let aggregate = node.text("aggregate", warnings).unwrap_or(Cow::Borrowed("not_specified"));
        if aggregate == "complete" {
            return;
        }
        let mut about = references(node, "assemblies", warnings);
        about.extend(references(node, "dependencies", warnings));
        if about.is_empty() && !node.has("vulnerabilities") {
            self.builder.gap_in_document(&aggregate);
        }
        for name in about {
            let reference = self.builder.reference(name);
            self.builder.gap(reference, &aggregate, spot);
        }
    }
}

/// References in a list: texts in JSON, `<assembly ref="…"/>` in XML.
fn references<'a>(node: Node<'_, 'a>, list: &str, warnings: &mut Warnings) -> Vec<Cow<'a, str>> {
    let place = node.place.field(list);
    let values = node.list(list, warnings).iter().enumerate();
    let reference = |(index, value): (usize, &Value<'a>)| match value {
        Value::Object(object) => Node { object, place: place.item(index) }.text("ref", warnings),
        other => text_of(other, place.item(index), warnings),
    };
    values.filter_map(reference).collect()
}

/// What components and services share.
fn named(node: Node<'_, '_>, warnings: &mut Warnings) -> Component {
    Component {
        group: owned(node.text("group", warnings)),
        name: owned(node.text("name", warnings)).unwrap_or_default(),
        version: owned(node.text("version", warnings)),
        place: node.place.to_string(),
        ..Component::default()
    }
}

fn owned(text: Option<Cow<'_, str>>) -> Option<String> {
    text.map(Cow::into_owned)
}

fn kind(node: Node<'_, '_>, warnings: &mut Warnings) -> ComponentKind {
    let Some(word) = node.text("type", warnings) else {
        warnings.mended(node.place, "the component has no type: taken as a library");
        return ComponentKind::Library;
    };
    ComponentKind::from_code(&word.to_ascii_lowercase()).unwrap_or_else(|| {
        warnings
            .mended(node.place.field("type"), format!("the type `{word}` is not known: taken as a library"));
        ComponentKind::Library
    })
}

fn supplier(node: Node<'_, '_>, warnings: &mut Warnings) -> Option<String> {
    let named =
        ["supplier", "manufacturer"].into_iter().find_map(|field| node.text_in(field, "name", warnings));
    owned(named.or_else(|| node.text("publisher", warnings)).or_else(|| node.text("author", warnings)))
}

fn hashes(node: Node<'_, '_>, warnings: &mut Warnings) -> Vec<(String, String)> {
    let mut hashes = Vec::new();
    let Ok(()) = node.each("hashes", warnings, |hash, warnings| -> Result<(), std::convert::Infallible> {
        match (hash.text("alg", warnings), hash.text("content", warnings)) {
            (Some(algorithm), Some(content)) if content.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                hashes.push((algorithm.into_owned(), content.to_ascii_lowercase()));
            }
            (None, None) => {}
            _ => warnings.lost(hash.place, "a hash without algorithm or hexadecimal value: not read"),
        }
        Ok(())
    });
    hashes
}

/// Licences: `{"license": {"id"|"name"}}` or `{"expression"}` (specification 1.7, `licenseChoice`).
fn licences(node: Node<'_, '_>, warnings: &mut Warnings) -> Vec<String> {
    let mut licences = Vec::new();
    let Ok(()) =
        node.each("licenses", warnings, |choice, warnings| -> Result<(), std::convert::Infallible> {
            let named = choice
                .object("license", warnings)
                .and_then(|licence| licence.text("id", warnings).or_else(|| licence.text("name", warnings)));
            let found = named.or_else(|| match choice.object.get("expression") {
                Some(Value::Object(_)) => choice.text_in("expression", "content", warnings),
                _ => choice.text("expression", warnings),
            });
            match found {
                Some(licence) => licences.push(licence.into_owned()),
                None if choice.object.fields.is_empty() => {}
                None => warnings.lost(choice.place, "a licence without id, name or expression: not read"),
            }
            Ok(())
        });
    licences
}

/// Identifiers of 1.2 (`swid`) and 1.6 (`omniborId`, `swhid`).
fn other_identifiers(node: Node<'_, '_>, warnings: &mut Warnings) -> Vec<(String, String)> {
    let mut identifiers = Vec::new();
    if node.has("swid") {
        let tag = node.text_in("swid", "tagId", warnings);
        identifiers.extend(tag.map(|tag| ("swid".to_owned(), tag.into_owned())));
    }
    for (field, scheme) in [("omniborId", "omnibor"), ("swhid", "swhid")] {
        let values = node.texts(field, warnings);
        identifiers.extend(values.into_iter().map(|value| (scheme.to_owned(), value.into_owned())));
    }
    for (name, value) in properties(node) {
        let scheme = name.strip_prefix(IDENTIFIER_PROPERTY).filter(|scheme| !scheme.is_empty());
        identifiers.extend(scheme.map(|scheme| (scheme.to_owned(), value.to_owned())));
    }
    identifiers
}

/// Identifiers that people of an organisation said, and not the maker of the bill: kept, and nothing is judged by them.
fn set_confirmed_aside(node: Node<'_, '_>, component: &mut Component, warnings: &mut Warnings) {
    if !properties(node).any(|property| property == (CONFIRMED_PROPERTY, CONFIRMED)) {
        return;
    }
    let identifiers = component.purl.take().into_iter().chain(component.cpes.drain(..));
    let aside: Vec<_> = identifiers.map(|text| (CONFIRMED_ELSEWHERE.to_owned(), text)).collect();
    if !aside.is_empty() {
        warnings.mended(
            node.place,
            "an identifier that an organisation confirmed is not the bill's own: set aside",
        );
        component.other_identifiers.extend(aside);
    }
}

/// Properties whose name and value are texts.
fn properties<'n>(node: Node<'n, '_>) -> impl Iterator<Item = (&'n str, &'n str)> {
    let properties = match node.object.get("properties") {
        Some(Value::List(properties)) => properties.as_slice(),
        _ => &[],
    };
    properties.iter().filter_map(|property| {
        let Value::Object(property) = property else { return None };
        match (property.get("name")?, property.get("value").or_else(|| property.get("content"))?) {
            (Value::Text(name), Value::Text(value)) => Some((&**name, &**value)),
            _ => None,
        }
    })
}

fn locations(node: Node<'_, '_>, warnings: &mut Warnings) -> Vec<String> {
    let mut locations = Vec::new();
    if let Some(evidence) = node.object("evidence", warnings) {
        let Ok(()) = evidence.each(
            "occurrences",
            warnings,
            |occurrence, warnings| -> Result<(), std::convert::Infallible> {
                locations.extend(occurrence.text("location", warnings).map(Cow::into_owned));
                Ok(())
            },
        );
    }
    for (name, value) in properties(node) {
        let says_where =
            LOCATION_PROPERTIES.iter().any(|(start, end)| name.starts_with(start) && name.ends_with(end));
        if says_where && !locations.iter().any(|location| location == value) {
            locations.push(value.to_owned());
        }
    }
    locations
}

/// What we do not keep is a loss only where the component can be known by nothing else.
fn warn_of_hidden_identity(node: Node<'_, '_>, component: &Component, warnings: &mut Warnings) {
    if component.purl.is_none() && component.cpes.is_empty() && node.has("pedigree") {
        let message = "the component has neither purl nor CPE; its pedigree, which may name what it was made from, is not read";
        warnings.lost(node.place.field("pedigree"), message);
    }
    if component.version.is_none() && node.has("versionRange") {
        warnings.lost(node.place.field("versionRange"), "a range of versions is no version: not read");
    }
}

/// Tools, as a list (to 1.4) or as components and services (from 1.5): "name version".
fn tools<'a>(node: Node<'_, 'a>, warnings: &mut Warnings, authors: &mut Vec<Cow<'a, str>>) {
    let mut take = |tool: Node<'_, 'a>, warnings: &mut Warnings| -> Result<(), std::convert::Infallible> {
        if let Some(name) = tool.text("name", warnings) {
            authors.push(match tool.text("version", warnings) {
                Some(version) => Cow::Owned(format!("{name} {version}")),
                None => name,
            });
        }
        Ok(())
    };
    let Ok(()) = match node.object.get("tools") {
        Some(Value::Object(_)) => match node.object("tools", warnings) {
            Some(tools) => tools
                .each("components", warnings, &mut take)
                .and_then(|()| tools.each("services", warnings, &mut take)),
            None => Ok(()),
        },
        _ => node.each("tools", warnings, take),
    };
}
