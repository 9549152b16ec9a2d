//! A document as text between two of our own processes, and a statement as the database keeps it. Not a format for anyone
//! else. What is kept is read by later programs: fields are added, and missing ones are empty.

use bedrail_model::component::Warning;
use bedrail_model::product_advisory::{ProductIdentifiers, Tlp, VersionText};
use bedrail_model::vex::{Document, Issuer, Justification, Product, Statement, Status};
use serde::{Deserialize, Serialize};

/// A text that is none of ours.
#[derive(Debug, thiserror::Error)]
#[error("what was read of the document is broken: {0}")]
pub struct BrokenText(String);

#[derive(Serialize, Deserialize)]
struct DocumentText {
    format: String,
    id: String,
    title: Option<String>,
    issuer: String,
    role: Option<String>,
    namespace: Option<String>,
    version: String,
    issued: Option<String>,
    updated: Option<String>,
    tlp: String,
    statements: Vec<StatementText>,
    warnings: Vec<(String, String, bool)>,
}

#[derive(Serialize, Deserialize)]
struct StatementText {
    weaknesses: Vec<String>,
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    justification: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    impact: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    responses: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dated: Option<String>,
    products: Vec<ProductText>,
    place: String,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct ProductText {
    #[serde(skip_serializing_if = "String::is_empty")]
    reference: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    maker: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    exact: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cpes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    purls: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    models: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    serials: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skus: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conditions: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<ProductText>,
}

/// A document as text.
///
/// # Errors
/// Never for a document that was read; the text is made by a library that could refuse.
pub fn document_text(document: &Document) -> Result<String, BrokenText> {
    let text = DocumentText {
        format: document.format.clone(),
        id: document.id.clone(),
        title: document.title.clone(),
        issuer: document.issuer.name.clone(),
        role: document.issuer.role.clone(),
        namespace: document.issuer.namespace.clone(),
        version: document.version.clone(),
        issued: document.issued.clone(),
        updated: document.updated.clone(),
        tlp: document.tlp.label().to_owned(),
        statements: document.statements.iter().map(statement).collect(),
        warnings: document
            .warnings
            .iter()
            .map(|it| (it.place.clone(), it.message.clone(), it.lost))
            .collect(),
    };
    serde_json::to_string(&text).map_err(|error| BrokenText(error.to_string()))
}

/// The document of a text.
///
/// # Errors
/// The text is none of ours.
pub fn document(text: &[u8]) -> Result<Document, BrokenText> {
    let text: DocumentText = serde_json::from_slice(text).map_err(|error| BrokenText(error.to_string()))?;
    let tlp = if text.tlp.is_empty() { Tlp::Unstated } else { Tlp::from_word(&text.tlp).unwrap_or(Tlp::Red) };
    Ok(Document {
        format: text.format,
        id: text.id,
        title: text.title,
        issuer: Issuer { name: text.issuer, role: text.role, namespace: text.namespace },
        version: text.version,
        issued: text.issued,
        updated: text.updated,
        tlp,
        statements: text.statements.into_iter().map(of_text).collect::<Result<_, _>>()?,
        warnings: text
            .warnings
            .into_iter()
            .map(|(place, message, lost)| Warning { place, message, lost })
            .collect(),
    })
}

/// A statement as text.
///
/// # Errors
/// Never for a statement that was read.
pub fn statement_text(said: &Statement) -> Result<String, BrokenText> {
    serde_json::to_string(&statement(said)).map_err(|error| BrokenText(error.to_string()))
}

/// The statement of a text.
///
/// # Errors
/// The text is none of ours.
pub fn statement_of(text: &str) -> Result<Statement, BrokenText> {
    of_text(serde_json::from_str(text).map_err(|error| BrokenText(error.to_string()))?)
}

fn statement(said: &Statement) -> StatementText {
    StatementText {
        weaknesses: said.weaknesses.clone(),
        status: said.status.name().to_owned(),
        justification: said.justification.map(|it| it.name().to_owned()),
        reason: said.reason.clone(),
        impact: said.impact.clone(),
        action: said.action.clone(),
        responses: said.responses.clone(),
        notes: said.notes.clone(),
        dated: said.dated.clone(),
        products: said.products.iter().map(product).collect(),
        place: said.place.clone(),
    }
}

fn of_text(text: StatementText) -> Result<Statement, BrokenText> {
    let broken = |word: &str| BrokenText(format!("`{word}` is no word of a statement"));
    let status = Status::from_name(&text.status).ok_or_else(|| broken(&text.status))?;
    let justification = match &text.justification {
        Some(word) => Some(Justification::from_name(word).ok_or_else(|| broken(word))?),
        None => None,
    };
    Ok(Statement {
        weaknesses: text.weaknesses,
        status,
        justification,
        reason: text.reason,
        impact: text.impact,
        action: text.action,
        responses: text.responses,
        notes: text.notes,
        dated: text.dated,
        products: text.products.into_iter().map(product_of).collect(),
        place: text.place,
    })
}

fn product(product: &Product) -> ProductText {
    let ids = &product.identifiers;
    let (exact, range) = match &product.version {
        VersionText::Unstated => (None, None),
        VersionText::Exact(text) => (Some(text.clone()), None),
        VersionText::Range(text) => (None, Some(text.clone())),
    };
    ProductText {
        reference: product.reference.clone(),
        maker: product.maker.clone(),
        name: product.name.clone(),
        exact,
        range,
        cpes: ids.cpes.clone(),
        purls: ids.purls.clone(),
        hashes: ids.hashes.clone(),
        models: ids.models.clone(),
        serials: ids.serials.clone(),
        skus: ids.skus.clone(),
        conditions: product.conditions.clone(),
        parts: product.parts.iter().map(self::product).collect(),
    }
}

fn product_of(text: ProductText) -> Product {
    Product {
        reference: text.reference,
        maker: text.maker,
        name: text.name,
        version: match (text.exact, text.range) {
            (Some(text), _) => VersionText::Exact(text),
            (None, Some(text)) => VersionText::Range(text),
            (None, None) => VersionText::Unstated,
        },
        identifiers: ProductIdentifiers {
            cpes: text.cpes,
            purls: text.purls,
            hashes: text.hashes,
            models: text.models,
            serials: text.serials,
            skus: text.skus,
        },
        conditions: text.conditions,
        parts: text.parts.into_iter().map(product_of).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_the_same_on_the_other_side() {
        let part = Product { version: VersionText::Range("<2".to_owned()), ..Product::default() };
        let product = Product {
            reference: "P".to_owned(),
            maker: "M".to_owned(),
            name: "N".to_owned(),
            version: VersionText::Exact("1".to_owned()),
            identifiers: ProductIdentifiers {
                cpes: vec!["c".to_owned()],
                purls: vec!["p".to_owned()],
                hashes: vec!["h".to_owned()],
                models: vec!["m".to_owned()],
                serials: vec!["s".to_owned()],
                skus: vec!["k".to_owned()],
            },
            conditions: vec!["if".to_owned()],
            parts: vec![part],
        };
        let text = |text: &str| Some(text.to_owned());
        let statement = Statement {
            weaknesses: vec!["CVE-1".to_owned(), "GHSA-1".to_owned()],
            justification: Some(Justification::ComponentNotPresent),
            reason: text("r"),
            impact: text("i"),
            action: text("a"),
            responses: vec!["update".to_owned()],
            notes: text("n"),
            dated: text("2026-01-01"),
            products: vec![product],
            place: "/x".to_owned(),
            ..Statement::new(Status::NotAffected)
        };
        let document = Document {
            format: "CSAF 2.0".to_owned(),
            id: "I".to_owned(),
            title: text("t"),
            issuer: Issuer { name: "who".to_owned(), role: text("vendor"), namespace: text("https://x") },
            version: "2".to_owned(),
            issued: text("2026-01-01"),
            updated: text("2026-01-02"),
            tlp: Tlp::AmberStrict,
            statements: vec![statement],
            warnings: vec![Warning { place: "/y".to_owned(), message: "w".to_owned(), lost: true }],
        };
        let there = document_text(&document).expect("a text");
        assert_eq!(self::document(there.as_bytes()).expect("a document"), document);
        let kept = statement_text(&document.statements[0]).expect("a text");
        assert_eq!(statement_of(&kept).expect("a statement"), document.statements[0]);
        assert!(statement_of(r#"{"weaknesses":[],"status":"fine","products":[],"place":""}"#).is_err());
    }
}
