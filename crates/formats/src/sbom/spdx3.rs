//! SPDX 3.0 as JSON-LD (serialised as specification 3.0.1, "Serialization information", says): what the elements mean.
//!
//! No linked-data processing is done: types and fields are known by their short names, whatever prefix or address stands
//! before them. Elements stand in `@graph`, at the root, or inside one another; they may refer to ones that come later.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use bedrail_model::component::{Component, ComponentIndex, ComponentKind, Inventory, RelationKind};

use super::builder::{Builder, Reference, Spot};
use super::json::{self, Document};
use super::sniff::{JsonKind, json_kind};
use super::spdx::{Direction, another_purl, asserted, hash_algorithm, kind_of_purpose, relation_kind};
use super::{Confidence, ReadError};
use crate::limits::Limits;
use crate::value::{Node, Object, Place, Value, Warnings, text_of};

/// The versions of the specification that are read.
pub(super) const VERSIONS: &[&str] = &["3.0.0", "3.0.1"];

/// Certain by the context of SPDX 3.
pub(super) fn sniff(text: &str) -> Confidence {
    json_kind(text).confidence(JsonKind::Spdx3)
}

pub(super) fn parse(text: &str, limits: &Limits) -> Result<Inventory, ReadError> {
    let mut reader = Reader::new(limits);
    json::read(text, &mut reader)?;
    reader.finish()
}

/// What an element is to us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Component(ComponentKind),
    File,
    /// A document, a bundle: it names what it is about in `rootElement`.
    Collection,
    Relationship,
    /// A statement about a vulnerability, kept as it is written.
    Security,
    /// A person, organisation or tool, known by its name.
    Agent,
    Licence,
    CreationInfo,
    /// Nothing that the inventory needs.
    Other,
}

/// Types by their short names (SPDX 3.0.1 model, all profiles); a type that is not here is [`Class::Other`].
const TYPES: &[(&str, Class)] = &[
    ("Package", Class::Component(ComponentKind::Library)),
    ("SoftwareArtifact", Class::Component(ComponentKind::Library)),
    ("AIPackage", Class::Component(ComponentKind::MachineLearningModel)),
    ("DatasetPackage", Class::Component(ComponentKind::Data)),
    ("Device", Class::Component(ComponentKind::Device)),
    ("Service", Class::Component(ComponentKind::Service)),
    ("File", Class::File),
    ("SpdxDocument", Class::Collection),
    ("Sbom", Class::Collection),
    ("Bom", Class::Collection),
    ("Bundle", Class::Collection),
    ("Relationship", Class::Relationship),
    ("LifecycleScopedRelationship", Class::Relationship),
    ("Vulnerability", Class::Security),
    ("Organization", Class::Agent),
    ("Person", Class::Agent),
    ("Tool", Class::Agent),
    ("Agent", Class::Agent),
    ("SoftwareAgent", Class::Agent),
    ("LicenseExpression", Class::Licence),
    ("License", Class::Licence),
    ("ListedLicense", Class::Licence),
    ("CustomLicense", Class::Licence),
    ("IndividualLicensingInfo", Class::Licence),
    ("CreationInfo", Class::CreationInfo),
];

fn class_of(name: &str) -> Class {
    let short = short_name(name);
    if short.ends_with("VulnAssessmentRelationship") {
        return Class::Security;
    }
    if name.starts_with("hardware_") || name.contains("/Hardware/") {
        return Class::Component(ComponentKind::Device);
    }
    TYPES.iter().find(|(known, _)| *known == short).map_or(Class::Other, |(_, class)| *class)
}

/// The last part of `software_Package`, `software:Package` or `https://spdx.org/rdf/3.0.1/terms/Software/Package`.
fn short_name(name: &str) -> &str {
    name.rsplit(['/', '#', ':', '_']).next().unwrap_or(name)
}

/// Relations that say something of a vulnerability (`RelationshipType`, Security profile).
const SECURITY_RELATIONS: &[&str] = &[
    "affects",
    "doesNotAffect",
    "fixedIn",
    "fixedBy",
    "underInvestigationFor",
    "hasAssociatedVulnerability",
    "hasAssessmentFor",
    "exploitCreatedBy",
    "foundBy",
    "publishedBy",
    "reportedBy",
    "republishedBy",
    "coordinatedBy",
];

struct Reader<'a> {
    builder: Builder<'a>,
    /// The fields of the root, which is an element itself where there is no `@graph`.
    root: Object<'a>,
    has_graph: bool,
    described: Vec<Reference>,
    agents: HashMap<Reference, String>,
    licences: HashMap<Reference, String>,
    suppliers: Vec<(ComponentIndex, Reference)>,
    creators: Vec<Reference>,
    licensed: Vec<(Reference, Reference)>,
    context_version: Option<String>,
    /// `describes` relations, of which those from the document tell the subject.
    describes: Vec<(Reference, Reference, Spot)>,
    /// Elements that are no components.
    others: Vec<Reference>,
    not_read: BTreeSet<String>,
}

impl<'a> Document<'a> for Reader<'a> {
    const LISTS: &'static [&'static str] = &["@graph"];
    const RAW_LISTS: &'static [&'static str] = &[];

    fn item(&mut self, list: &'static str, index: u32, value: Value<'a>) -> Result<(), ReadError> {
        self.has_graph = true;
        let root = Place::Root.field(list);
        let spot = Spot::new(list, index, 0);
        self.element(&value, root.item(index as usize), spot).map(drop)
    }

    fn raw_item(&mut self, _: &str) {}

    fn warnings(&mut self) -> &mut Warnings {
        &mut self.builder.warnings
    }

    fn field(&mut self, name: &str, value: Value<'a>) -> Result<(), ReadError> {
        match name {
            "@context" => self.context_version = context_version(&value),
            "@graph" => {
                self.has_graph = true;
                self.element(&value, Place::Root.field(name), Spot::new("@graph", 0, 0))?;
            }
            _ => self.root.fields.push((Cow::Owned(name.to_owned()), value)),
        }
        Ok(())
    }
}

impl<'a> Reader<'a> {
    fn new(limits: &Limits) -> Self {
        Reader {
            builder: Builder::new("SPDX", "JSON-LD", limits),
            root: Object::default(),
            has_graph: false,
            described: Vec::new(),
            agents: HashMap::new(),
            licences: HashMap::new(),
            suppliers: Vec::new(),
            creators: Vec::new(),
            licensed: Vec::new(),
            context_version: None,
            describes: Vec::new(),
            others: Vec::new(),
            not_read: BTreeSet::new(),
        }
    }

    fn finish(mut self) -> Result<Inventory, ReadError> {
        if !self.root.fields.is_empty() {
            let root = Value::Object(std::mem::take(&mut self.root));
            if !self.has_graph || class_of_value(&root).is_some() {
                self.element(&root, Place::Root, Spot::new("", 0, 0))?;
            }
        }
        self.set_version();
        self.settle_descriptions()?;
        self.builder.describe(&self.described)?;
        self.name_suppliers_and_authors();
        self.name_licences();
        for other in &self.others {
            self.builder.add_other(*other);
        }
        if !self.not_read.is_empty() {
            let names: Vec<&str> = self.not_read.iter().map(String::as_str).collect();
            let message = format!("not needed for the inventory and not read: {}", names.join(", "));
            self.builder.warnings.mended(Place::Root, message);
        }
        Ok(self.builder.finish())
    }

    /// A component may describe another; what anything else describes is the subject.
    fn settle_descriptions(&mut self) -> Result<(), ReadError> {
        for (from, to, spot) in std::mem::take(&mut self.describes) {
            match self.builder.bearer(from) {
                Some(_) => self.builder.relate(from, RelationKind::Describes, to, spot)?,
                None => self.described.push(to),
            }
        }
        Ok(())
    }

    fn set_version(&mut self) {
        let inventory = &mut self.builder.inventory;
        if inventory.format_version.is_empty() {
            inventory.format_version = self.context_version.take().unwrap_or_default();
        }
        let version = inventory.format_version.clone();
        if !version.is_empty() && !VERSIONS.contains(&version.as_str()) {
            let newest = VERSIONS.last().copied().unwrap_or_default();
            let message = format!("SPDX {version} is not known: read by the rules of {newest}");
            self.builder.warnings.lost(Place::Root, message);
        }
    }

    fn name_suppliers_and_authors(&mut self) {
        for (component, agent) in std::mem::take(&mut self.suppliers) {
            let supplier = &mut self.builder.inventory.components[component.0 as usize].supplier;
            if supplier.is_none() {
                *supplier = self.agents.get(&agent).cloned();
            }
        }
        for agent in &self.creators {
            if let Some(name) = self.agents.get(agent)
                && !self.builder.inventory.authors.contains(name)
            {
                self.builder.inventory.authors.push(name.clone());
            }
        }
    }

    fn name_licences(&mut self) {
        for (component, licence) in std::mem::take(&mut self.licensed) {
            let (Some(at), Some(licence)) = (self.builder.bearer(component), self.licences.get(&licence))
            else {
                continue;
            };
            let licences = &mut self.builder.inventory.components[at.0 as usize].licences;
            if !licences.contains(licence) {
                licences.push(licence.clone());
            }
        }
    }

    /// Take an element in, and hand back its reference; a text in its stead is the reference itself.
    fn element(
        &mut self,
        value: &Value<'a>,
        place: Place<'_>,
        spot: Spot,
    ) -> Result<Option<Reference>, ReadError> {
        if let Value::Text(_) = value {
            let id = text_of(value, place, &mut self.builder.warnings);
            return Ok(id.and_then(|id| self.named(id)));
        }
        let Some(node) = Node::of(value, place, &mut self.builder.warnings) else { return Ok(None) };
        let warnings = &mut self.builder.warnings;
        let Some(name) = any_text(node, &["type", "@type"], warnings) else {
            warnings.lost(place, "an element without a type: not read");
            return Ok(None);
        };
        let id = any_text(node, &["spdxId", "@id", "id"], warnings);
        let reference = id.clone().map(|id| self.builder.reference(id));
        match class_of(&name) {
            Class::Component(kind) => self.component(node, id, kind, spot)?,
            Class::File => self.file(node, id)?,
            Class::Collection => self.collection(node, reference, spot)?,
            Class::Relationship => self.relationship(node, value, spot)?,
            Class::Security => self.security(value, reference),
            Class::Agent => {
                let name = node.text("name", &mut self.builder.warnings).map(Cow::into_owned);
                self.agents.extend(reference.zip(name));
            }
            Class::Licence => self.licence(node, reference),
            Class::CreationInfo => self.creation_info(node, spot)?,
            Class::Other => {
                self.not_read.insert(short_name(&name).to_owned());
            }
        }
        let bears = reference.is_some_and(|it| self.builder.bearer(it).is_some());
        if let (Some(reference), false, false) = (reference, bears, class_of(&name) == Class::File) {
            self.others.push(reference);
        }
        Ok(reference)
    }

    fn component(
        &mut self,
        node: Node<'_, 'a>,
        id: Option<Cow<'a, str>>,
        kind: ComponentKind,
        spot: Spot,
    ) -> Result<(), ReadError> {
        let component = artifact(node, kind, &mut self.builder.warnings);
        let index = self.builder.add(id, component)?;
        for field in ["suppliedBy", "originatedBy"] {
            for agent in self.inner(node, field, spot)? {
                self.suppliers.push((index, agent));
            }
        }
        self.inner(node, "creationInfo", spot)?;
        Ok(())
    }

    fn file(&mut self, node: Node<'_, 'a>, id: Option<Cow<'a, str>>) -> Result<(), ReadError> {
        let mut file = artifact(node, ComponentKind::File, &mut self.builder.warnings);
        file.locations = vec![file.name.clone()];
        match id {
            Some(id) => Ok(self.builder.add_file(id, file)?),
            None => Ok(self.builder.add(None, file).map(drop)?),
        }
    }

    fn collection(
        &mut self,
        node: Node<'_, 'a>,
        reference: Option<Reference>,
        spot: Spot,
    ) -> Result<(), ReadError> {
        let warnings = &mut self.builder.warnings;
        let is_document = node.text("type", warnings).is_some_and(|name| short_name(&name) == "SpdxDocument");
        let name = node.text("name", warnings).map(Cow::into_owned);
        if is_document || self.builder.inventory.document_name.is_none() {
            self.builder.inventory.document_name = name.or(self.builder.inventory.document_name.take());
        }
        self.inner(node, "creationInfo", spot)?;
        self.inner(node, "element", spot)?;
        let roots = self.inner(node, "rootElement", spot)?;
        self.described.extend(roots);
        self.others.extend(reference);
        Ok(())
    }

    /// The elements that a field names or holds.
    fn inner(&mut self, node: Node<'_, 'a>, field: &str, spot: Spot) -> Result<Vec<Reference>, ReadError> {
        let place = node.place.field(field);
        let mut references = Vec::new();
        match node.object.get(field) {
            None | Some(Value::Null) => {}
            Some(Value::List(values)) => {
                for (index, value) in values.iter().enumerate() {
                    references.extend(self.element(value, place.item(index), spot)?);
                }
            }
            Some(single) => references.extend(self.element(single, place, spot)?),
        }
        Ok(references)
    }

    fn relationship(&mut self, node: Node<'_, 'a>, value: &Value<'a>, spot: Spot) -> Result<(), ReadError> {
        let warnings = &mut self.builder.warnings;
        let Some(word) = node.text("relationshipType", warnings) else {
            warnings.lost(node.place, "a relationship without a type: not read");
            return Ok(());
        };
        let completeness = node.text("completeness", warnings);
        let word = short_name(&word).to_owned();
        if SECURITY_RELATIONS.contains(&word.as_str()) {
            self.security(value, None);
            return Ok(());
        }
        let from = self.inner(node, "from", spot)?;
        let to = self.inner(node, "to", spot)?;
        let Some(&from) = from.first() else {
            self.builder.warnings.lost(node.place, "a relationship without `from`: not read");
            return Ok(());
        };
        let (kind, direction) = relation_kind(&word);
        let lists_parts = matches!(kind, RelationKind::Contains | RelationKind::DependsOn);
        if let Some(completeness) = completeness.filter(|word| lists_parts && short_name(word) != "complete")
        {
            self.builder.gap(from, &format!("{word}: {}", short_name(&completeness)), spot);
        }
        for to in to {
            match word.as_str() {
                "hasDeclaredLicense" | "hasConcludedLicense" => self.licensed.push((from, to)),
                "describes" => self.describes.push((from, to, spot)),
                _ if direction == Direction::Reversed => self.builder.relate(to, kind, from, spot)?,
                _ => self.builder.relate(from, kind, to, spot)?,
            }
        }
        Ok(())
    }

    /// An element known by its reference alone, unless it is one of the individuals that stand for "nothing" and "not
    /// said". A licence of the SPDX list need not be an element of the document.
    fn named(&mut self, id: Cow<'a, str>) -> Option<Reference> {
        let short = short_name(&id);
        if matches!(short, "NoAssertionElement" | "NoneElement" | "NOASSERTION" | "NONE") {
            return None;
        }
        let listed = id.contains("spdx.org/licenses/").then(|| short.to_owned());
        let reference = self.builder.reference(id);
        if let Some(licence) = listed {
            self.licences.entry(reference).or_insert(licence);
        }
        Some(reference)
    }

    fn security(&mut self, value: &Value<'a>, reference: Option<Reference>) {
        // A tree of texts can always be written as JSON.
        self.builder.inventory.statements.extend(serde_json::to_string(value).ok());
        self.others.extend(reference);
    }

    fn licence(&mut self, node: Node<'_, 'a>, reference: Option<Reference>) {
        let fields = ["simplelicensing_licenseExpression", "licenseExpression", "name"];
        let text = any_text(node, &fields, &mut self.builder.warnings).and_then(asserted);
        self.licences.extend(reference.zip(text));
    }

    fn creation_info(&mut self, node: Node<'_, 'a>, spot: Spot) -> Result<(), ReadError> {
        let warnings = &mut self.builder.warnings;
        let version = node.text("specVersion", warnings);
        let created = node.text("created", warnings);
        let inventory = &mut self.builder.inventory;
        if let (true, Some(version)) = (inventory.format_version.is_empty(), version) {
            inventory.format_version = version.into_owned();
        }
        inventory.created = inventory.created.take().or(created.map(Cow::into_owned));
        for field in ["createdBy", "createdUsing"] {
            let agents = self.inner(node, field, spot)?;
            self.creators.extend(agents);
        }
        Ok(())
    }
}

fn class_of_value(value: &Value<'_>) -> Option<Class> {
    let Value::Object(object) = value else { return None };
    match object.get("type").or_else(|| object.get("@type"))? {
        Value::Text(name) => Some(class_of(name)),
        _ => None,
    }
}

/// The version inside `https://spdx.org/rdf/3.0.1/spdx-context.jsonld`.
fn context_version(value: &Value<'_>) -> Option<String> {
    let text = match value {
        Value::Text(text) => text,
        Value::List(values) => return values.iter().find_map(context_version),
        Value::Null | Value::Bool(_) | Value::Number { .. } | Value::Object(_) => return None,
    };
    let version = text.split("/rdf/").nth(1)?.split('/').next()?;
    Some(version.to_owned())
}

/// The first of several spellings of a field that is there. In 3.0 a field of a profile bears its prefix, but contexts and
/// generators differ.
fn any_text<'a>(node: Node<'_, 'a>, names: &[&str], warnings: &mut Warnings) -> Option<Cow<'a, str>> {
    names.iter().find_map(|name| node.text(name, warnings))
}

/// What packages and files share.
fn artifact(node: Node<'_, '_>, kind: ComponentKind, warnings: &mut Warnings) -> Component {
    let purpose = any_text(node, &["software_primaryPurpose", "primaryPurpose"], warnings);
    let purpose = purpose.and_then(|purpose| kind_of_purpose(short_name(&purpose)));
    let mut component = Component {
        kind: if kind == ComponentKind::Library { purpose.unwrap_or(kind) } else { kind },
        name: node.text("name", warnings).map(Cow::into_owned).unwrap_or_default(),
        version: any_text(node, &["software_packageVersion", "packageVersion"], warnings).and_then(asserted),
        purl: any_text(node, &["software_packageUrl", "packageUrl"], warnings).and_then(asserted),
        hashes: hashes(node, warnings),
        place: node.place.to_string(),
        ..Component::default()
    };
    for field in ["externalIdentifier", "externalIdentifiers"] {
        identifiers(node, field, &mut component, warnings);
    }
    for field in ["software_contentIdentifier", "contentIdentifier"] {
        content_identifiers(node, field, &mut component, warnings);
    }
    component
}

/// `verifiedUsing` holds hashes, package verification codes and other methods; hashes have an algorithm.
fn hashes(node: Node<'_, '_>, warnings: &mut Warnings) -> Vec<(String, String)> {
    let mut hashes = Vec::new();
    let Ok(()) =
        node.each("verifiedUsing", warnings, |method, warnings| -> Result<(), std::convert::Infallible> {
            let algorithm = method.text("algorithm", warnings);
            let value = method.text("hashValue", warnings);
            if let (Some(algorithm), Some(value)) = (algorithm, value) {
                hashes.push((
                    hash_algorithm(short_name(&algorithm.replace('_', "-"))),
                    value.to_ascii_lowercase(),
                ));
            }
            Ok(())
        });
    hashes
}

/// `ExternalIdentifierType`: purl, CPE, SWID and others; addresses and mails identify no component.
fn identifiers(node: Node<'_, '_>, field: &str, component: &mut Component, warnings: &mut Warnings) {
    let Ok(()) = node.each(field, warnings, |it, warnings| -> Result<(), std::convert::Infallible> {
        let kind = any_text(it, &["externalIdentifierType", "type"], warnings);
        let (Some(kind), Some(identifier)) = (kind, it.text("identifier", warnings)) else { return Ok(()) };
        match short_name(&kind) {
            "packageUrl" | "packageURL" | "purl" if component.purl.is_none() => {
                component.purl = Some(identifier.into_owned());
            }
            "packageUrl" | "packageURL" | "purl" => {
                another_purl(component, identifier.into_owned(), it.place, warnings);
            }
            "cpe22" | "cpe23" => component.cpes.push(identifier.into_owned()),
            other @ ("swid" | "swhid" | "gitoid") => {
                component.other_identifiers.push((other.to_owned(), identifier.into_owned()));
            }
            _ => {}
        }
        Ok(())
    });
}

fn content_identifiers(node: Node<'_, '_>, field: &str, component: &mut Component, warnings: &mut Warnings) {
    let Ok(()) = node.each(field, warnings, |it, warnings| -> Result<(), std::convert::Infallible> {
        let kind = any_text(it, &["software_contentIdentifierType", "contentIdentifierType"], warnings);
        let value = any_text(it, &["software_contentIdentifierValue", "contentIdentifierValue"], warnings);
        if let (Some(kind), Some(value)) = (kind, value) {
            component.other_identifiers.push((short_name(&kind).to_owned(), value.into_owned()));
        }
        Ok(())
    });
}
