//! A document of VEX statements as read, whatever format it was written in.

use crate::component::Warning;
use crate::product_advisory::{ProductIdentifiers, Tlp, VersionText};

use super::{Justification, Status};

/// One document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// The format and its version: `OpenVEX 0.2.0`, `CSAF 2.0`, `CycloneDX 1.6`.
    pub format: String,
    /// The id its issuer gave it; empty where it has none.
    pub id: String,
    /// Its title, in formats that have one.
    pub title: Option<String>,
    /// Who says it.
    pub issuer: Issuer,
    /// The version of the document, as written; empty where it has none.
    pub version: String,
    /// When the first version was issued: RFC 3339, as written.
    pub issued: Option<String>,
    /// When this version was issued: RFC 3339, as written.
    pub updated: Option<String>,
    /// With whom it may be shared.
    pub tlp: Tlp,
    /// What it says, in its order.
    pub statements: Vec<Statement>,
    /// What was mended or lost in reading.
    pub warnings: Vec<Warning>,
}

/// Who issues a document. The document's own word for it: whoever has the right to speak is pinned by a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Issuer {
    /// Its name, or what stands for it: an address, a mail address.
    pub name: String,
    /// Its part: `vendor`, `coordinator`, `Document Creator`.
    pub role: Option<String>,
    /// The address that its ids belong to.
    pub namespace: Option<String>,
}

impl Issuer {
    /// What it is pinned by: the namespace where it has one, else the name; in lower case, without what makes no
    /// difference at the ends.
    pub fn key(&self) -> String {
        let text = self.namespace.as_deref().filter(|it| !it.trim().is_empty()).unwrap_or(&self.name);
        let text = text.trim().to_lowercase();
        let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(&text);
        text.trim_end_matches('/').to_owned()
    }
}

/// What is said of one weakness (or of several together) in some products.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Ids of the weakness, the one it is called by first; empty where the document names none.
    pub weaknesses: Vec<String>,
    /// What is said.
    pub status: Status,
    /// Why it is not affected, where one of the common words says it.
    pub justification: Option<Justification>,
    /// The document's own word for why, where it is none of the common ones: CycloneDX's `requires_environment`.
    pub reason: Option<String>,
    /// Why it is not affected, in free text.
    pub impact: Option<String>,
    /// What to do, in free text.
    pub action: Option<String>,
    /// What the issuer does or has to offer, in the words of the format: `update`, `vendor_fix`, `workaround_available`.
    pub responses: Vec<String>,
    /// How the status was found, in free text.
    pub notes: Option<String>,
    /// When it was said: RFC 3339, as written; `None` where it is as old as the document.
    pub dated: Option<String>,
    /// The products; a statement without any speaks of nothing that could be found.
    pub products: Vec<Product>,
    /// Where it stands in the document.
    pub place: String,
}

/// Why a statement is kept and shown, and decides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lapse {
    /// "Not affected" without a justification or a text that says why.
    NoGround,
    /// No weakness is named.
    NoWeakness,
    /// No product is named.
    NoProduct,
}

impl Lapse {
    /// All of them.
    pub const ALL: [Lapse; 3] = [Lapse::NoGround, Lapse::NoWeakness, Lapse::NoProduct];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Lapse::NoGround => "no_ground",
            Lapse::NoWeakness => "no_weakness",
            Lapse::NoProduct => "no_product",
        }
    }

    /// The lapse as a clause.
    pub const fn sentence(self) -> &'static str {
        match self {
            Lapse::NoGround => {
                "it says \"not affected\" without a justification or a word of why, so it does not count"
            }
            Lapse::NoWeakness => "it names no weakness",
            Lapse::NoProduct => "it names no product",
        }
    }
}

/// The word of CycloneDX for something that was found by mistake. It does not say why.
pub const FALSE_POSITIVE: &str = "false_positive";

/// Reasons that hold only by what is around the product, which the issuer cannot know of every site.
const BY_SURROUNDINGS: [&str; 4] =
    ["requires_configuration", "requires_dependency", "requires_environment", "protected_at_perimeter"];

impl Statement {
    /// Whether it holds only by what is around the product: a setting, another program, a perimeter.
    pub fn holds_by_surroundings(&self) -> bool {
        self.reason.as_deref().is_some_and(|it| BY_SURROUNDINGS.contains(&it))
    }

    /// A statement with nothing but a status.
    pub fn new(status: Status) -> Statement {
        Statement {
            weaknesses: Vec::new(),
            status,
            justification: None,
            reason: None,
            impact: None,
            action: None,
            responses: Vec::new(),
            notes: None,
            dated: None,
            products: Vec::new(),
            place: String::new(),
        }
    }

    /// The id that the weakness is called by.
    pub fn weakness(&self) -> &str {
        self.weaknesses.first().map_or("", String::as_str)
    }

    /// Why it decides nothing; `None` for a statement that may ("Minimum Requirements for VEX", CISA 2023: a weakness, a
    /// product, a status, and for "not affected" a justification or an impact statement).
    pub fn lapse(&self) -> Option<Lapse> {
        let word = self.reason.as_deref().is_some_and(|it| it != FALSE_POSITIVE);
        let why = self.justification.is_some() || word || self.impact.is_some();
        if self.weaknesses.is_empty() {
            Some(Lapse::NoWeakness)
        } else if self.products.is_empty() {
            Some(Lapse::NoProduct)
        } else if self.status == Status::NotAffected && !why {
            Some(Lapse::NoGround)
        } else {
            None
        }
    }
}

/// A product of a statement, by all that the document says of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Product {
    /// What the document calls it: an `@id`, a `product_id`, a `bom-ref`, a BOM-Link.
    pub reference: String,
    /// The maker; empty where the document names none.
    pub maker: String,
    /// The product's name; empty where the document gives identifiers alone.
    pub name: String,
    /// What it says of versions.
    pub version: VersionText,
    /// Its identifiers.
    pub identifiers: ProductIdentifiers,
    /// What else must be so: an architecture, a platform that it runs on.
    pub conditions: Vec<String>,
    /// Components inside it that the statement is about; where there are none, it is about the product as a whole.
    pub parts: Vec<Product>,
}

impl Product {
    /// The product in words: its name, else the first identifier, else what the document calls it.
    pub fn words(&self) -> String {
        let identifiers = &self.identifiers;
        let named = [self.maker.as_str(), self.name.as_str(), self.version.text()];
        let named: Vec<&str> = named.into_iter().filter(|it| !it.is_empty()).collect();
        if !self.name.is_empty() {
            return named.join(" ");
        }
        let first = identifiers.purls.first().or(identifiers.cpes.first()).or(identifiers.hashes.first());
        first.unwrap_or(&self.reference).clone()
    }

    /// Whether it says anything by which a product could be found.
    pub fn is_findable(&self) -> bool {
        let ids = &self.identifiers;
        !(self.name.is_empty() && ids.purls.is_empty() && ids.cpes.is_empty() && ids.hashes.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_affected_needs_a_reason_and_every_statement_a_weakness_and_a_product() {
        let mut statement = Statement::new(Status::NotAffected);
        assert_eq!(statement.lapse(), Some(Lapse::NoWeakness));
        statement.weaknesses.push("CVE-2021-44228".to_owned());
        assert_eq!(statement.lapse(), Some(Lapse::NoProduct));
        statement.products.push(Product { name: "Pump".to_owned(), ..Product::default() });
        assert_eq!(statement.lapse(), Some(Lapse::NoGround));
        let word = Statement { reason: Some("requires_environment".to_owned()), ..statement.clone() };
        let text = Statement { impact: Some("The class was removed.".to_owned()), ..statement.clone() };
        let label =
            Statement { justification: Some(Justification::ComponentNotPresent), ..statement.clone() };
        let other = Statement { status: Status::Fixed, ..statement };
        assert_eq!([word, text, label, other].map(|it| it.lapse()), [None; 4]);
    }

    #[test]
    fn an_issuer_is_known_by_its_namespace_however_it_is_written() {
        let issuer = |name: &str, namespace: Option<&str>| Issuer {
            name: name.to_owned(),
            role: None,
            namespace: namespace.map(str::to_owned),
        };
        assert_eq!(issuer("A", Some("https://PSIRT.example.com/")).key(), "psirt.example.com");
        assert_eq!(issuer("A", Some("psirt.example.com")).key(), "psirt.example.com");
        assert_eq!(issuer(" Maker PSIRT ", Some(" ")).key(), "maker psirt");
    }
}
