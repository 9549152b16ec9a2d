//! Writing VEX. What a format cannot say is listed, and what would say *more* without it (a range, a condition, a serial
//! number) is left out altogether: a statement is never made wider than it was.

use std::collections::HashMap;

use bedrail_model::product_advisory::VersionText;
use bedrail_model::vex::{Document, Product, Statement};

use super::Format;

mod csaf;
mod cyclonedx;
mod openvex;

/// A document as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The document, JSON with a line break at its end.
    pub text: String,
    /// What the format could not say, each once.
    pub unsaid: Vec<String>,
}

/// A document that cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// All formats name the issuer.
    #[error("the document has no issuer, whom every format of VEX names")]
    NoIssuer,
    /// All formats have the time of issue.
    #[error("the document has no time of issue, which every format of VEX has")]
    NoDate,
    /// All formats have an id.
    #[error("the document has no id, which every format of VEX has")]
    NoId,
    /// CSAF needs the issuer's address.
    #[error("the issuer has no namespace (an address of its own), which CSAF needs")]
    NoNamespace,
    /// Nothing is left to say.
    #[error("no statement is left that {0} could say")]
    NoStatement(&'static str),
}

/// Write a document. Statements that decide nothing (`Statement::lapse`) are not passed on.
///
/// # Errors
/// The document lacks what the format cannot be without; see [`WriteError`].
pub fn write(document: &Document, format: Format) -> Result<Written, WriteError> {
    if document.issuer.name.is_empty() {
        return Err(WriteError::NoIssuer);
    }
    if document.id.is_empty() {
        return Err(WriteError::NoId);
    }
    if document.issued.is_none() {
        return Err(WriteError::NoDate);
    }
    let mut unsaid = Unsaid::default();
    let statements = sayable(document, format, &mut unsaid);
    if statements.is_empty() {
        return Err(WriteError::NoStatement(format.row().name));
    }
    let value = match format {
        Format::OpenVex => openvex::write(document, &statements, &mut unsaid),
        Format::Csaf => csaf::write(document, &statements, &mut unsaid)?,
        Format::CycloneDx => cyclonedx::write(document, &statements, &mut unsaid),
    };
    Ok(Written { text: format!("{value:#}\n"), unsaid: unsaid.0 })
}

/// What could not be said, each once.
#[derive(Default)]
struct Unsaid(Vec<String>);

impl Unsaid {
    fn add(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.0.contains(&what) {
            self.0.push(what);
        }
    }

    fn add_if(&mut self, when: bool, what: &str) {
        if when {
            self.add(what);
        }
    }
}

/// The statements, without those that do not count and without products that the format would make wider.
fn sayable(document: &Document, format: Format, unsaid: &mut Unsaid) -> Vec<Statement> {
    let mut found = Vec::new();
    for statement in &document.statements {
        if let Some(lapse) = statement.lapse() {
            let weakness = statement.weakness();
            unsaid.add(format!("a statement on `{weakness}` is left out: {}", lapse.sentence()));
            continue;
        }
        let mut statement = statement.clone();
        statement.products.retain(|product| {
            let wider = std::iter::once(product).chain(&product.parts).find_map(|it| widened(it, format));
            if let Some(why) = wider {
                unsaid.add(format!(
                    "`{}` is left out: {} cannot say {why}",
                    product.words(),
                    format.row().name
                ));
            }
            wider.is_none()
        });
        if !statement.products.is_empty() {
            found.push(statement);
        }
    }
    found
}

/// What of a product the format cannot say and would say more without.
fn widened(product: &Product, format: Format) -> Option<&'static str> {
    let ids = &product.identifiers;
    let marked = !(ids.serials.is_empty() && ids.models.is_empty() && ids.skus.is_empty());
    let range = matches!(product.version, VersionText::Range(_));
    match format {
        Format::Csaf => None,
        Format::CycloneDx | Format::OpenVex if marked => {
            Some("a model, a serial number or a stock-keeping unit")
        }
        Format::CycloneDx | Format::OpenVex if !product.conditions.is_empty() => Some("a condition"),
        Format::OpenVex if range => Some("a range of versions"),
        Format::CycloneDx | Format::OpenVex => None,
    }
}

/// References that are given to products: their own where it is free, else a number.
#[derive(Default)]
struct References {
    given: Vec<(Product, String)>,
    taken: HashMap<String, usize>,
}

impl References {
    /// The reference of a product (without its parts), and whether it is new.
    fn of(&mut self, product: &Product, inside: &str) -> (String, bool) {
        let key = Product {
            parts: Vec::new(),
            reference: format!("{inside}\n{}", product.reference),
            ..product.clone()
        };
        if let Some((_, known)) = self.given.iter().find(|(it, _)| *it == key) {
            return (known.clone(), false);
        }
        let mut reference = product.reference.clone();
        while reference.is_empty() || self.taken.contains_key(&reference) {
            reference = format!("P{}", self.taken.len() + 1);
            if self.taken.contains_key(&reference) {
                reference = format!("P{}-{inside}", self.given.len() + 1);
            }
        }
        self.taken.insert(reference.clone(), self.given.len());
        self.given.push((key, reference.clone()));
        (reference, true)
    }
}
