//! OpenVEX: the shape of 0.2.0 with structures, and the older one with texts in their place.
//! Specification: <https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md>.

use std::borrow::Cow;

use bedrail_model::product_advisory::{ProductIdentifiers, Tlp};
use bedrail_model::vex::{Document, Issuer, Justification, Product, Statement, Status};

use super::{VexError, count, hash, identifiers_of};
use crate::value::{Node, Object, Place, Value, Warnings, text_of};

/// Whether the root is one of OpenVEX: its context, or an author with statements.
pub(super) fn recognises(root: &Object<'_>) -> bool {
    let context = matches!(root.get("@context"), Some(Value::Text(it)) if it.contains("openvex"));
    let listed = matches!(root.get("statements"), Some(Value::List(_)));
    context || (listed && (root.get("author").is_some() || root.get("@id").is_some()))
}

/// Read a document.
pub(super) fn read(root: &Node<'_, '_>, warnings: &mut Warnings) -> Result<Document, VexError> {
    let context = owned(root.text("@context", warnings));
    // Without a version in the context it is the first one ("Document Struct Fields").
    let version = context.rsplit_once("/ns/v").map_or("0.0.1", |(_, version)| version);
    let issued = text(root, "timestamp", warnings);
    let updated = text(root, "last_updated", warnings).filter(|it| Some(it) != issued.as_ref());
    let mut document = Document {
        format: format!("OpenVEX {version}"),
        id: owned(root.text("@id", warnings)),
        title: None,
        issuer: Issuer {
            name: owned(root.text("author", warnings)),
            role: text(root, "role", warnings),
            namespace: None,
        },
        version: version_text(root),
        issued,
        updated,
        tlp: Tlp::Unstated,
        statements: Vec::new(),
        warnings: Vec::new(),
    };
    if document.issuer.name.is_empty() {
        warnings.lost("/author", "the document does not say who issues it");
    }
    if !root.has("statements") {
        warnings.lost("/statements", "the document has no statements");
    }
    let mut products = 0;
    root.each("statements", warnings, |node, warnings| {
        count(document.statements.len() + 1, "statements")?;
        if let Some(statement) = read_statement(&node, warnings) {
            products += statement.products.iter().map(|it| 1 + it.parts.len()).sum::<usize>();
            count(products, "products")?;
            document.statements.push(statement);
        }
        Ok::<(), VexError>(())
    })?;
    Ok(document)
}

/// The version is a number by the specification, and a text in older files.
fn version_text(root: &Node<'_, '_>) -> String {
    match root.object.get("version") {
        Some(Value::Number { text, .. }) => text.clone(),
        Some(Value::Text(text)) => text.trim().to_owned(),
        _ => String::new(),
    }
}

fn read_statement(node: &Node<'_, '_>, warnings: &mut Warnings) -> Option<Statement> {
    let Some(word) = node.text("status", warnings) else {
        warnings.lost(node.place, "a statement without a status: nothing is said");
        return None;
    };
    let Some(status) = Status::from_name(&word) else {
        warnings
            .lost(node.place.field("status"), format!("`{word}` is no status: the statement was not read"));
        return None;
    };
    let mut statement = Statement { place: node.place.to_string(), ..Statement::new(status) };
    statement.weaknesses = read_weakness(node, warnings);
    if let Some(word) = node.text("justification", warnings) {
        statement.justification = Justification::from_name(&word);
        if statement.justification.is_none() {
            let message = format!("`{word}` is no justification: it does not count as one");
            warnings.lost(node.place.field("justification"), message);
        }
    }
    statement.impact = text(node, "impact_statement", warnings);
    statement.action = text(node, "action_statement", warnings);
    statement.notes = text(node, "status_notes", warnings);
    statement.dated = text(node, "last_updated", warnings).or_else(|| text(node, "timestamp", warnings));
    // A justification belongs to "not affected" alone.
    if status != Status::NotAffected && statement.justification.take().is_some() {
        warnings.mended(
            node.place.field("justification"),
            "a justification for another status than `not_affected`",
        );
    }
    let supplier = owned(node.text("supplier", warnings));
    let place = node.place.field("products");
    for (index, value) in node.list("products", warnings).iter().enumerate() {
        let product = read_product(value, place.item(index), &supplier, warnings);
        statement.products.extend(product);
    }
    older_parts(node, &mut statement, warnings);
    Some(statement)
}

/// The older shape has subcomponents beside the products: of each of them.
fn older_parts(node: &Node<'_, '_>, statement: &mut Statement, warnings: &mut Warnings) {
    let place = node.place.field("subcomponents");
    for (index, value) in node.list("subcomponents", warnings).iter().enumerate() {
        let part = read_product(value, place.item(index), "", warnings);
        for product in &mut statement.products {
            product.parts.extend(part.clone());
        }
    }
}

/// The weakness is a structure with a name and aliases, or only a name.
fn read_weakness(node: &Node<'_, '_>, warnings: &mut Warnings) -> Vec<String> {
    let place = node.place.field("vulnerability");
    match node.object.get("vulnerability") {
        Some(value @ Value::Object(_)) => {
            let Some(weakness) = Node::of(value, place, warnings) else { return Vec::new() };
            let name = weakness.text("name", warnings).or_else(|| weakness.text("@id", warnings));
            let mut ids: Vec<String> = name.map(Cow::into_owned).into_iter().collect();
            for alias in weakness.texts("aliases", warnings) {
                if !ids.iter().any(|it| *it == alias) {
                    ids.push(alias.into_owned());
                }
            }
            ids
        }
        Some(value) => text_of(value, place, warnings).map(Cow::into_owned).into_iter().collect(),
        None => Vec::new(),
    }
}

fn read_product(
    value: &Value<'_>,
    place: Place<'_>,
    supplier: &str,
    warnings: &mut Warnings,
) -> Option<Product> {
    let mut product = Product { maker: supplier.to_owned(), ..Product::default() };
    let Value::Object(_) = value else {
        product.reference = text_of(value, place, warnings)?.into_owned();
        product.identifiers = identifiers_of(&product.reference);
        return Some(product);
    };
    let node = Node::of(value, place, warnings)?;
    product.reference = owned(node.text("@id", warnings));
    product.identifiers = identifiers_of(&product.reference);
    if let Some(identifiers) = node.object("identifiers", warnings) {
        read_identifiers(&identifiers, &mut product.identifiers, warnings);
    }
    if let Some(hashes) = node.object("hashes", warnings) {
        for (algorithm, value) in &hashes.object.fields {
            if let Some(value) = text_of(value, hashes.place.field(algorithm), warnings) {
                product.identifiers.hashes.push(hash(algorithm, &value));
            }
        }
    }
    let place = node.place.field("subcomponents");
    for (index, value) in node.list("subcomponents", warnings).iter().enumerate() {
        product.parts.extend(read_product(value, place.item(index), "", warnings));
    }
    if product.reference.is_empty() && product.identifiers == ProductIdentifiers::default() {
        warnings.lost(node.place, "a product with neither `@id` nor identifiers: not read");
        return None;
    }
    Some(product)
}

fn read_identifiers(node: &Node<'_, '_>, found: &mut ProductIdentifiers, warnings: &mut Warnings) {
    for (name, _) in &node.object.fields {
        let Some(value) = node.text(name, warnings).map(Cow::into_owned) else { continue };
        let list = match &**name {
            "purl" => &mut found.purls,
            "cpe22" | "cpe23" => &mut found.cpes,
            _ => {
                let message = format!("`{name}` is no kind of identifier that is known: not read");
                warnings.lost(node.place.field(name), message);
                continue;
            }
        };
        if !list.contains(&value) {
            list.push(value);
        }
    }
}

fn text(node: &Node<'_, '_>, name: &str, warnings: &mut Warnings) -> Option<String> {
    node.text(name, warnings).map(Cow::into_owned)
}

fn owned(text: Option<Cow<'_, str>>) -> String {
    text.map_or_else(String::new, Cow::into_owned)
}
