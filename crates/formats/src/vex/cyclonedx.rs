//! CycloneDX as VEX: the vulnerabilities of a document, with or without the components that they are about.
//! Specification: CycloneDX 1.6 (ECMA-424), `vulnerabilities`.

use std::borrow::Cow;
use std::collections::HashMap;

use bedrail_model::product_advisory::{Tlp, VersionText};
use bedrail_model::vex::{Document, FALSE_POSITIVE, Issuer, Justification, Product, Statement, Status};

use super::{VexError, count, hash, identifiers_of, words};
use crate::value::{Node, Value, Warnings};

/// Our own properties, for what the format has no field for.
pub(super) const PROPERTIES: &str = "bedrail:vex:";

/// Read a document.
pub(super) fn read(root: &Node<'_, '_>, warnings: &mut Warnings) -> Result<Document, VexError> {
    if !root.has("vulnerabilities") {
        let what =
            "this is a CycloneDX document that says nothing of weaknesses: it has no `/vulnerabilities`";
        return Err(VexError::NotVex { what: what.to_owned() });
    }
    let mut document = read_head(root, warnings);
    let mut components = Components::read(root, warnings);
    components.serial = document.id.clone();
    let mut products = 0;
    root.each("vulnerabilities", warnings, |node, warnings| {
        for statement in read_vulnerability(&node, &components, warnings)? {
            products += statement.products.len();
            count(products, "products")?;
            count(document.statements.len() + 1, "statements")?;
            document.statements.push(statement);
        }
        Ok::<(), VexError>(())
    })?;
    if let Some(id) = property(root.object("metadata", warnings).as_ref(), "id", warnings) {
        document.id = id;
    }
    Ok(document)
}

fn read_head(root: &Node<'_, '_>, warnings: &mut Warnings) -> Document {
    let version = owned(root.text("specVersion", warnings));
    let metadata = root.object("metadata", warnings);
    let metadata = metadata.as_ref();
    let mut issuer = Issuer::default();
    for field in ["supplier", "manufacturer", "manufacture"] {
        let Some(found) = metadata.and_then(|it| it.object(field, warnings)) else { continue };
        if issuer.name.is_empty() {
            issuer.name = owned(found.text("name", warnings));
            issuer.namespace = found.texts("url", warnings).into_iter().next().map(Cow::into_owned);
        }
    }
    if let Some(metadata) = metadata.filter(|_| issuer.name.is_empty()) {
        let Ok(()) =
            metadata.each("authors", warnings, |author, warnings| -> Result<(), std::convert::Infallible> {
                if issuer.name.is_empty() {
                    issuer.name =
                        owned(author.text("name", warnings).or_else(|| author.text("email", warnings)));
                }
                Ok(())
            });
    }
    if issuer.name.is_empty() {
        warnings.lost("/metadata", "the document does not say who issues it");
    }
    issuer.role = property(metadata, "role", warnings);
    let tlp = property(metadata, "tlp", warnings).map(|it| Tlp::from_word(&it).unwrap_or(Tlp::Red));
    Document {
        format: format!("CycloneDX {version}"),
        id: owned(root.text("serialNumber", warnings)),
        title: property(metadata, "title", warnings),
        issuer,
        version: match root.object.get("version") {
            Some(Value::Number { text, .. }) => text.clone(),
            _ => owned(root.text("version", warnings)),
        },
        issued: metadata.and_then(|it| it.text("timestamp", warnings)).map(Cow::into_owned),
        updated: None,
        tlp: tlp.unwrap_or_default(),
        statements: Vec::new(),
        warnings: Vec::new(),
    }
}

/// A property of our own.
fn property(node: Option<&Node<'_, '_>>, name: &str, warnings: &mut Warnings) -> Option<String> {
    let mut found = None;
    let Ok(()) = node?.each("properties", warnings, |it, warnings| -> Result<(), std::convert::Infallible> {
        let Some(Value::Text(key)) = it.object.get("name") else { return Ok(()) };
        if key.strip_prefix(PROPERTIES) == Some(name) {
            found = it.text("value", warnings).map(Cow::into_owned);
        }
        Ok(())
    });
    found
}

/// The components of the document by their references, with what each stands in.
struct Components {
    serial: String,
    /// The component, and the reference of the one that it stands in.
    by_reference: HashMap<String, (Product, Option<String>)>,
}

impl Components {
    fn read(root: &Node<'_, '_>, warnings: &mut Warnings) -> Components {
        let mut found = Components { serial: String::new(), by_reference: HashMap::new() };
        let metadata = root.object("metadata", warnings);
        let subject = metadata.as_ref().and_then(|it| it.object("component", warnings));
        let around = subject.and_then(|subject| found.add(&subject, None, warnings));
        found.add_all(root, "components", around.as_deref(), warnings);
        found.add_all(root, "services", around.as_deref(), warnings);
        found
    }

    /// Nested components; the parser's own limit keeps the depth in bounds.
    fn add_all(&mut self, parent: &Node<'_, '_>, list: &str, around: Option<&str>, warnings: &mut Warnings) {
        let Ok(()) = parent.each(list, warnings, |node, warnings| -> Result<(), std::convert::Infallible> {
            self.add(&node, around, warnings);
            Ok(())
        });
    }

    /// Add a component and those inside it; gives the reference under which it stands.
    fn add(&mut self, node: &Node<'_, '_>, around: Option<&str>, warnings: &mut Warnings) -> Option<String> {
        let component = read_component(node, warnings);
        let reference = (!component.reference.is_empty()).then(|| component.reference.clone());
        if let Some(reference) = &reference {
            self.by_reference.insert(reference.clone(), (component, around.map(str::to_owned)));
        }
        // What stands inside one without a reference stands in what is around that.
        let inside = reference.as_deref().or(around);
        self.add_all(node, "components", inside, warnings);
        reference
    }

    /// What a reference means. One into another document stays as it is: only who holds that document knows.
    fn resolve(&self, reference: &str) -> Product {
        let link = reference.strip_prefix("urn:cdx:").and_then(|it| it.split_once('#'));
        let own = link.filter(|(document, _)| {
            let serial = self.serial.strip_prefix("urn:uuid:").unwrap_or(&self.serial);
            !serial.is_empty() && document.split('/').next() == Some(serial)
        });
        let reference = own.map_or(reference, |(_, reference)| reference);
        let Some((component, around)) = self.by_reference.get(reference) else {
            let identifiers = identifiers_of(reference);
            return Product { reference: reference.to_owned(), identifiers, ..Product::default() };
        };
        let mut around = around.as_deref();
        let mut outermost = None;
        // A circle cannot be written by nesting; the bound holds for references given twice.
        for _ in 0..128 {
            let Some((whole, next)) = around.and_then(|it| self.by_reference.get(it)) else { break };
            outermost = Some(whole);
            around = next.as_deref();
        }
        match outermost {
            Some(whole) if whole.reference != component.reference => {
                Product { parts: vec![component.clone()], ..whole.clone() }
            }
            _ => component.clone(),
        }
    }
}

fn read_component(node: &Node<'_, '_>, warnings: &mut Warnings) -> Product {
    let mut product = Product {
        reference: owned(node.text("bom-ref", warnings)),
        name: owned(node.text("name", warnings)),
        ..Product::default()
    };
    for field in ["supplier", "manufacturer"] {
        if product.maker.is_empty() && node.has(field) {
            product.maker = owned(node.text_in(field, "name", warnings));
        }
    }
    if product.maker.is_empty() {
        product.maker = owned(node.text("group", warnings).or_else(|| node.text("publisher", warnings)));
    }
    if let Some(version) = node.text("version", warnings) {
        product.version = VersionText::Exact(version.into_owned());
    }
    let ids = &mut product.identifiers;
    ids.purls.extend(node.text("purl", warnings).map(Cow::into_owned));
    ids.cpes.extend(node.text("cpe", warnings).map(Cow::into_owned));
    let Ok(()) = node.each("hashes", warnings, |it, warnings| -> Result<(), std::convert::Infallible> {
        if let (Some(algorithm), Some(value)) = (it.text("alg", warnings), it.text("content", warnings)) {
            ids.hashes.push(hash(&algorithm, &value));
        }
        Ok(())
    });
    product
}

fn read_vulnerability(
    node: &Node<'_, '_>,
    components: &Components,
    warnings: &mut Warnings,
) -> Result<Vec<Statement>, VexError> {
    let analysis = node.object("analysis", warnings);
    let state = analysis.as_ref().and_then(|it| it.text("state", warnings));
    let status = match &state {
        Some(word) => {
            let known = words::STATES.iter().find(|(it, _)| it == word);
            if known.is_none() {
                let message = format!("`{word}` is no state of an analysis: nothing is said");
                warnings.lost(node.place.field("analysis"), message);
                return Ok(Vec::new());
            }
            known.map(|(_, status)| *status)
        }
        None => None,
    };
    let mut said = Statement::new(status.unwrap_or(Status::UnderInvestigation));
    said.place = node.place.to_string();
    said.weaknesses = read_ids(node, warnings);
    let advice = [node.text("recommendation", warnings), node.text("workaround", warnings)];
    let advice: Vec<Cow<'_, str>> = advice.into_iter().flatten().collect();
    said.action = (!advice.is_empty()).then(|| advice.join("\n"));
    if let Some(analysis) = &analysis {
        read_analysis(analysis, node, &mut said, warnings);
        if state.as_deref() == Some(FALSE_POSITIVE) {
            said.reason = said.reason.or_else(|| Some(FALSE_POSITIVE.to_owned()));
        }
    }
    let mut found = Vec::new();
    node.each("affects", warnings, |affected, warnings| {
        let Some(reference) = affected.text("ref", warnings) else {
            warnings.lost(affected.place, "something affected without `ref`: not read");
            return Ok(());
        };
        let product = components.resolve(&reference);
        read_versions(&affected, &product, status, &said, &mut found, warnings)
    })?;
    if found.is_empty() && status.is_some() {
        found.push(said);
    } else if found.is_empty() {
        let message = "the weakness is listed without an analysis: nothing is said of whether it does harm";
        warnings.mended(node.place, message);
    }
    Ok(found)
}

fn read_ids(node: &Node<'_, '_>, warnings: &mut Warnings) -> Vec<String> {
    let mut ids: Vec<String> = node.text("id", warnings).map(Cow::into_owned).into_iter().collect();
    let Ok(()) = node.each("references", warnings, |it, warnings| -> Result<(), std::convert::Infallible> {
        let id = it.text("id", warnings).map(Cow::into_owned);
        ids.extend(id.filter(|id| !ids.contains(id)));
        Ok(())
    });
    ids
}

fn read_analysis(
    analysis: &Node<'_, '_>,
    node: &Node<'_, '_>,
    said: &mut Statement,
    warnings: &mut Warnings,
) {
    let detail = analysis.text("detail", warnings).map(Cow::into_owned);
    match said.status {
        Status::NotAffected => said.impact = detail,
        Status::Affected | Status::Fixed | Status::UnderInvestigation => said.notes = detail,
    }
    said.dated = analysis
        .text("lastUpdated", warnings)
        .or_else(|| analysis.text("firstIssued", warnings))
        .map(Cow::into_owned);
    said.responses = analysis.texts("response", warnings).into_iter().map(Cow::into_owned).collect();
    if said.status != Status::NotAffected {
        return;
    }
    if let Some(word) = analysis.text("justification", warnings) {
        match words::justification_of(&word) {
            Some((justification, reason)) => (said.justification, said.reason) = (justification, reason),
            None => {
                let message = format!("`{word}` is no justification: it does not count as one");
                warnings.lost(analysis.place.field("justification"), message);
            }
        }
    }
    if let Some(word) = property(Some(node), "justification", warnings) {
        said.justification = Justification::from_name(&word).or(said.justification);
    }
}

/// One product for each version that is given, or the product as its component has it.
fn read_versions(
    affected: &Node<'_, '_>,
    product: &Product,
    status: Option<Status>,
    said: &Statement,
    found: &mut Vec<Statement>,
    warnings: &mut Warnings,
) -> Result<(), VexError> {
    if !affected.has("versions") {
        match status {
            Some(status) => add(found, said, status, product.clone()),
            None => warnings.mended(affected.place, "affected or not is not said: no statement"),
        }
        return Ok(());
    }
    affected.each("versions", warnings, |entry, warnings| {
        let version = match (entry.text("version", warnings), entry.text("range", warnings)) {
            (Some(version), _) => VersionText::Exact(version.into_owned()),
            (None, Some(range)) => VersionText::Range(range.into_owned()),
            (None, None) => {
                warnings.lost(entry.place, "neither `version` nor `range`: not read");
                return Ok(());
            }
        };
        let word = entry.text("status", warnings);
        let Some(status) = status_of_version(word.as_deref(), status, &entry, warnings) else {
            return Ok(());
        };
        let mut product = product.clone();
        // The version is of the part where the statement is about one.
        match product.parts.last_mut() {
            Some(part) => part.version = version,
            None => product.version = version,
        }
        add(found, said, status, product);
        count(found.iter().map(|it| it.products.len()).sum(), "products")
    })
}

/// What is said of one version: its own word, where it is more careful than the analysis, or there is none.
fn status_of_version(
    word: Option<&str>,
    status: Option<Status>,
    entry: &Node<'_, '_>,
    warnings: &mut Warnings,
) -> Option<Status> {
    match (word, status) {
        (None, status) => status,
        (Some("affected"), Some(Status::UnderInvestigation)) => status,
        (Some("affected"), Some(Status::NotAffected | Status::Fixed)) => {
            let message = "the analysis says otherwise, the version is called affected: that is what counts";
            warnings.mended(entry.place, message);
            Some(Status::Affected)
        }
        (Some("affected"), _) => Some(Status::Affected),
        (Some("unaffected"), None | Some(Status::Affected | Status::UnderInvestigation)) => {
            Some(Status::NotAffected)
        }
        (Some("unaffected"), status) => status,
        (Some("unknown"), _) => Some(Status::UnderInvestigation),
        (Some(word), _) => {
            let message = format!("`{word}` is no status of a version: not read");
            warnings.lost(entry.place.field("status"), message);
            None
        }
    }
}

/// Put a product under the statement of its status; parts of one product stand together in it.
fn add(found: &mut Vec<Statement>, said: &Statement, status: Status, product: Product) {
    let at = found.iter().position(|it| it.status == status).unwrap_or_else(|| {
        found.push(if status == said.status { said.clone() } else { without_reasons(said, status) });
        found.len() - 1
    });
    let bare = |it: &Product| Product { parts: Vec::new(), ..it.clone() };
    let products = &mut found[at].products;
    let mut same = products.iter_mut().filter(|it| !it.parts.is_empty() && bare(it) == bare(&product));
    match same.next() {
        Some(known) if !product.parts.is_empty() => known.parts.extend(product.parts),
        _ => products.push(product),
    }
}

/// What the analysis says is said of its own status, not of others.
fn without_reasons(said: &Statement, status: Status) -> Statement {
    Statement { status, justification: None, reason: None, impact: None, notes: None, ..said.clone() }
}

fn owned(text: Option<Cow<'_, str>>) -> String {
    text.map_or_else(String::new, Cow::into_owned)
}
