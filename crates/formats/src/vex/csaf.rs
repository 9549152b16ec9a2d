//! CSAF as VEX: what each weakness of the document says of each product, put together from product status, flags, threats
//! and remediations. The tree of products is read as for any advisory.

use bedrail_model::product_advisory::{NamedProduct, ProductAdvisory, ProductStatus, ProductWeakness};
use bedrail_model::vex::{Document, Issuer, Justification, Product, Statement, Status};

use super::{VexError, count, hash, words};
use crate::value::{Node, Warnings};

/// The title of the note in which the way to a status is written, since CSAF has no field for it.
pub(super) const NOTES_TITLE: &str = "Status notes";

/// Read a document.
pub(super) fn read(root: &Node<'_, '_>, warnings: &mut Warnings) -> Result<Document, VexError> {
    let advisory = crate::csaf::read_root(root, warnings)?;
    let mut statements = Vec::new();
    let mut products = 0;
    for (index, weakness) in advisory.weaknesses.iter().enumerate() {
        let place = format!("/vulnerabilities/{index}");
        for statement in statements_of(&advisory, weakness, &place, warnings) {
            products += statement.products.len();
            count(products, "products")?;
            count(statements.len() + 1, "statements")?;
            statements.push(statement);
        }
    }
    let text = |it: &str| (!it.is_empty()).then(|| it.to_owned());
    Ok(Document {
        format: advisory.format,
        id: advisory.id,
        title: text(&advisory.title),
        issuer: Issuer {
            name: advisory.publisher.name,
            role: text(&advisory.publisher.category),
            namespace: text(&advisory.publisher.namespace),
        },
        version: advisory.version,
        updated: advisory.released.filter(|it| advisory.first_released.as_ref() != Some(it)),
        issued: advisory.first_released,
        tlp: advisory.tlp,
        statements,
        warnings: Vec::new(),
    })
}

/// One statement for all products of which the same is said.
fn statements_of(
    advisory: &ProductAdvisory,
    weakness: &ProductWeakness,
    place: &str,
    warnings: &mut Warnings,
) -> Vec<Statement> {
    let mut found: Vec<Statement> = Vec::new();
    for (status, index) in &weakness.statuses {
        let Some(word) = words::of_csaf(*status) else {
            if *status == ProductStatus::Unknown {
                let message = "products of which the issuer says that nobody knows: no statement";
                warnings.mended(format!("{place}/product_status/unknown"), message);
            }
            continue;
        };
        let said = Statement {
            weaknesses: weakness.ids.clone(),
            place: place.to_owned(),
            ..said_of(weakness, *index, word, place, warnings)
        };
        let product = product(advisory, *index);
        let same = |it: &&mut Statement| Statement { products: Vec::new(), ..(**it).clone() } == said;
        match found.iter_mut().find(same) {
            Some(statement) => add(&mut statement.products, product),
            None => found.push(Statement { products: vec![product], ..said }),
        }
    }
    found
}

/// Parts of one product stand together in it.
fn add(products: &mut Vec<Product>, product: Product) {
    let bare = |it: &Product| Product { parts: Vec::new(), ..it.clone() };
    let mut same = products.iter_mut().filter(|it| !it.parts.is_empty() && bare(it) == bare(&product));
    match same.next() {
        Some(known) if !product.parts.is_empty() => known.parts.extend(product.parts),
        _ => products.push(product),
    }
}

fn said_of(
    weakness: &ProductWeakness,
    product: usize,
    status: Status,
    place: &str,
    warnings: &mut Warnings,
) -> Statement {
    let mut said = Statement::new(status);
    let flags = weakness.flags.iter().filter(|(_, products)| products.contains(&product));
    for (label, _) in flags.filter(|_| status == Status::NotAffected) {
        match Justification::from_name(label) {
            Some(justification) if said.justification.is_none() => said.justification = Some(justification),
            Some(_) => {}
            None => {
                let message = format!("`{label}` is no flag that justifies: it does not count as one");
                warnings.lost(format!("{place}/flags"), message);
            }
        }
    }
    let about = |products: &[usize]| products.is_empty() || products.contains(&product);
    let impacts = weakness.threats.iter().filter(|it| it.category == "impact" && about(&it.products));
    said.impact = joined(impacts.map(|it| it.details.clone()));
    let actions: Vec<_> = weakness.remediations.iter().filter(|it| about(&it.products)).collect();
    for it in &actions {
        if !it.category.is_empty() && !said.responses.contains(&it.category) {
            said.responses.push(it.category.clone());
        }
    }
    said.action = joined(actions.iter().map(|it| match &it.url {
        Some(url) if !it.details.contains(url.as_str()) => format!("{} ({url})", it.details),
        _ => it.details.clone(),
    }));
    let notes = weakness.notes.iter().filter(|it| it.title.as_deref() == Some(NOTES_TITLE));
    said.notes = joined(notes.map(|it| it.text.clone()));
    said
}

fn joined(texts: impl Iterator<Item = String>) -> Option<String> {
    let mut all: Vec<String> = Vec::new();
    for text in texts.filter(|it| !it.is_empty()) {
        if !all.contains(&text) {
            all.push(text);
        }
    }
    (!all.is_empty()).then(|| all.join("\n"))
}

/// Relations by which the second product contains the first (CSAF 2.0 §3.2.2.4; 2.1 has them in paths).
const CONTAINED: &[&str] = &["default_component_of", "optional_component_of", "external_component_of"];

/// A product, from outside in: "openssl as a component of the pump" is the pump with openssl as its part. What it runs
/// on or with is a condition.
fn product(advisory: &ProductAdvisory, index: usize) -> Product {
    let named = &advisory.products[index];
    match named.made_of.as_slice() {
        [(_, part), (relation, whole)] if CONTAINED.contains(&relation.as_str()) => {
            let mut whole = plain(&advisory.products[*whole]);
            whole.parts.push(plain(&advisory.products[*part]));
            whole
        }
        _ => plain(named),
    }
}

fn plain(named: &NamedProduct) -> Product {
    let mut identifiers = named.identifiers.clone();
    for it in &mut identifiers.hashes {
        if let Some((algorithm, value)) = it.split_once(':') {
            *it = hash(algorithm, value);
        }
    }
    Product {
        reference: named.id.clone(),
        maker: named.maker.clone(),
        name: named.product.clone(),
        version: named.version.clone(),
        identifiers,
        conditions: named.conditions.clone(),
        parts: Vec::new(),
    }
}
