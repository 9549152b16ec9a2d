//! An advisory about products as people name them: by maker, product and version, with no package and often no
//! identifier at all. Security advisories of makers and coordinators (CSAF) are of this kind.
//!
//! What it says stays as it says it; [`range_text`] reads the versions, and `assess` compares them with devices.

use std::fmt;

use crate::component::Warning;
use crate::severity::Cvss;

pub mod range_text;

/// One document, as read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProductAdvisory {
    /// The id its publisher gave it, such as `ICSMA-22-088-01`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The format and its version as the document says, such as `CSAF 2.0`.
    pub format: String,
    /// The profile: `csaf_security_advisory`, `csaf_vex`.
    pub profile: String,
    /// Who publishes it.
    pub publisher: Publisher,
    /// Whose word it is.
    pub word: Word,
    /// `draft`, `interim` or `final`.
    pub status: String,
    /// The version of the document.
    pub version: String,
    /// When the first version was published: RFC 3339, as written.
    pub first_released: Option<String>,
    /// When this version was published: RFC 3339, as written.
    pub released: Option<String>,
    /// With whom it may be shared.
    pub tlp: Tlp,
    /// How severe the publisher calls it as a whole.
    pub severity_text: Option<String>,
    /// Notes on the document: summary, risk, where to ask.
    pub notes: Vec<Note>,
    /// Where to read more.
    pub links: Vec<Link>,
    /// The products it speaks of, in the order of the document.
    pub products: Vec<NamedProduct>,
    /// The weaknesses it speaks of.
    pub weaknesses: Vec<ProductWeakness>,
    /// What was mended or lost in reading.
    pub warnings: Vec<Warning>,
}

/// Whose word a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Word {
    /// That of who publishes it.
    #[default]
    Own,
    /// That of the makers, repeated by who publishes it: hearsay. It can warn, and clears nothing by itself.
    Repeated,
}

/// Who publishes an advisory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Publisher {
    /// Its name.
    pub name: String,
    /// `vendor`, `coordinator`, `discoverer`, `translator`, `user`, `other`.
    pub category: String,
    /// The address that its ids belong to.
    pub namespace: String,
    /// How to reach it.
    pub contact: Option<String>,
}

/// With whom a document may be shared: Traffic Light Protocol 1.0 and 2.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Tlp {
    /// With everybody (`WHITE` of version 1.0 too).
    Clear,
    /// The document does not say. CSAF takes that for no restriction; here it is said as it is.
    #[default]
    Unstated,
    /// Within the community.
    Green,
    /// Within the organisation and those it serves.
    Amber,
    /// Within the organisation alone.
    AmberStrict,
    /// With the people who received it. A mark that cannot be read counts as this one.
    Red,
}

impl Tlp {
    /// All marks, the freest first.
    pub const ALL: [Tlp; 6] = [Tlp::Clear, Tlp::Unstated, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red];

    /// The mark as TLP 2.0 writes it; empty where there is none.
    pub const fn label(self) -> &'static str {
        match self {
            Tlp::Clear => "TLP:CLEAR",
            Tlp::Unstated => "",
            Tlp::Green => "TLP:GREEN",
            Tlp::Amber => "TLP:AMBER",
            Tlp::AmberStrict => "TLP:AMBER+STRICT",
            Tlp::Red => "TLP:RED",
        }
    }

    /// The mark that a word is: with or without `TLP:`, whatever its case.
    pub fn from_word(word: &str) -> Option<Tlp> {
        let word = word.trim().to_ascii_uppercase();
        match word.strip_prefix("TLP:").unwrap_or(&word) {
            "CLEAR" | "WHITE" => Some(Tlp::Clear),
            "GREEN" => Some(Tlp::Green),
            "AMBER" => Some(Tlp::Amber),
            "AMBER+STRICT" => Some(Tlp::AmberStrict),
            "RED" => Some(Tlp::Red),
            _ => None,
        }
    }
}

impl fmt::Display for Tlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// A text of the document on itself or on a weakness.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Note {
    /// `summary`, `description`, `details`, `general`, `faq`, `legal_disclaimer`, `other`.
    pub category: String,
    /// Its title.
    pub title: Option<String>,
    /// The text.
    pub text: String,
}

/// Where to read more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Link {
    /// What it leads to.
    pub summary: String,
    /// The address.
    pub url: String,
}

/// One product as the document names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamedProduct {
    /// The id by which the rest of the document refers to it.
    pub id: String,
    /// The full name, which often repeats the range in words.
    pub full_name: String,
    /// The maker; empty where the document gives none apart from the full name.
    pub maker: String,
    /// The product without its version; the full name where the document gives nothing else.
    pub product: String,
    /// What it says of versions.
    pub version: VersionText,
    /// The branches that lead to it, as category and name.
    pub path: Vec<(String, String)>,
    /// What else it must be for the statement to hold: an architecture, a language, a platform that it runs on.
    pub conditions: Vec<String>,
    /// Identifiers that the document gives.
    pub identifiers: ProductIdentifiers,
    /// What it is made of where it is made of others, as relation and index: what it is of first, with no relation.
    pub made_of: Vec<(String, usize)>,
    /// Where it stands in the document.
    pub place: String,
    /// Whether the statement is on all products of the maker; [`NamedProduct::product`] then says so in words.
    pub all_of_maker: bool,
    /// When the statement was made or last changed, where the document says it of each: RFC 3339.
    pub updated: Option<String>,
    /// Where its maker says so.
    pub links: Vec<Link>,
}

/// What a document says of the versions of a product, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum VersionText {
    /// Nothing apart from the full name.
    #[default]
    Unstated,
    /// Given as one version; some writers put lists and ranges here.
    Exact(String),
    /// Given as a range.
    Range(String),
}

impl VersionText {
    /// The text; empty where there is none.
    pub fn text(&self) -> &str {
        match self {
            VersionText::Unstated => "",
            VersionText::Exact(text) | VersionText::Range(text) => text,
        }
    }
}

/// Identifiers of a product.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductIdentifiers {
    /// CPE, 2.2 or 2.3.
    pub cpes: Vec<String>,
    /// Package URLs.
    pub purls: Vec<String>,
    /// Hashes of files, as `algorithm:value`.
    pub hashes: Vec<String>,
    /// Model numbers.
    pub models: Vec<String>,
    /// Serial numbers; `*` and `?` stand for other characters.
    pub serials: Vec<String>,
    /// Stock-keeping units, such as order numbers.
    pub skus: Vec<String>,
}

/// A weakness as the document speaks of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProductWeakness {
    /// CVE id first, then the publisher's own ids; empty where it has none.
    pub ids: Vec<String>,
    /// Its title.
    pub title: Option<String>,
    /// CWE ids.
    pub cwes: Vec<String>,
    /// Texts on it.
    pub notes: Vec<Note>,
    /// What it says of each product: the index into [`ProductAdvisory::products`].
    pub statuses: Vec<(ProductStatus, usize)>,
    /// Ratings, each with the products that it is for.
    pub scores: Vec<(Cvss, Vec<usize>)>,
    /// Why products are not affected, as code and products.
    pub flags: Vec<(String, Vec<usize>)>,
    /// What to do about it.
    pub remediations: Vec<Remediation>,
    /// What is known of exploitation and impact.
    pub threats: Vec<Threat>,
}

impl ProductWeakness {
    /// The id it is called by.
    pub fn name(&self) -> &str {
        self.ids.first().map_or("", String::as_str)
    }
}

/// What a document says of one product and one weakness: CSAF 2.1 §3.2.4.10, which has all of 2.0's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProductStatus {
    /// It is affected.
    KnownAffected,
    /// The first version that is affected.
    FirstAffected,
    /// The last version that is affected.
    LastAffected,
    /// It contains a fix.
    Fixed,
    /// The first version with a fix.
    FirstFixed,
    /// It is not affected.
    KnownNotAffected,
    /// The version that its maker advises to use.
    Recommended,
    /// It is not known yet.
    UnderInvestigation,
    /// Nobody knows, and nobody is looking.
    Unknown,
}

impl ProductStatus {
    /// All of them, in the order of the specification's meaning: the pressing first.
    pub const ALL: [ProductStatus; 9] = [
        ProductStatus::KnownAffected,
        ProductStatus::FirstAffected,
        ProductStatus::LastAffected,
        ProductStatus::Fixed,
        ProductStatus::FirstFixed,
        ProductStatus::KnownNotAffected,
        ProductStatus::Recommended,
        ProductStatus::UnderInvestigation,
        ProductStatus::Unknown,
    ];

    /// The field of a CSAF document.
    pub const fn code(self) -> &'static str {
        match self {
            ProductStatus::KnownAffected => "known_affected",
            ProductStatus::FirstAffected => "first_affected",
            ProductStatus::LastAffected => "last_affected",
            ProductStatus::Fixed => "fixed",
            ProductStatus::FirstFixed => "first_fixed",
            ProductStatus::KnownNotAffected => "known_not_affected",
            ProductStatus::Recommended => "recommended",
            ProductStatus::UnderInvestigation => "under_investigation",
            ProductStatus::Unknown => "unknown",
        }
    }

    /// Whether it calls the product affected.
    pub const fn is_affected(self) -> bool {
        matches!(
            self,
            ProductStatus::KnownAffected | ProductStatus::FirstAffected | ProductStatus::LastAffected
        )
    }

    /// Whether it calls the product mended.
    pub const fn is_fixed(self) -> bool {
        matches!(self, ProductStatus::Fixed | ProductStatus::FirstFixed)
    }
}

/// What a publisher knows of exploitation and impact.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Threat {
    /// `impact`, `exploit_status`, `target_set`.
    pub category: String,
    /// In words.
    pub details: String,
    /// The products it is about; empty for all.
    pub products: Vec<usize>,
}

/// What a publisher advises to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remediation {
    /// `vendor_fix`, `mitigation`, `workaround`, `optional_patch`, `fix_planned`, `no_fix_planned`, `none_available`.
    pub category: String,
    /// In words.
    pub details: String,
    /// Where to get it.
    pub url: Option<String>,
    /// The products it is for; empty for all.
    pub products: Vec<usize>,
}
