//! Facts that somebody was asked for and answered: what a release or a model runs on, has inside, or does not have. They are
//! kept with who said them, and add to what a bill of materials says; they take nothing away from it.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::ids::{DocumentId, FactId, ReleaseId};

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Its operating system, as people write it: `Windows 10 1809`.
    RunsOn(String),
    /// It has a component inside, in a version.
    Contains {
        /// The name, as the bill of materials writes it where it does.
        name: String,
        /// The version.
        version: String,
        /// Its package URL.
        purl: Option<String>,
        /// Its product name (CPE).
        cpe: Option<String>,
    },
    /// It has, or stands on, a product, whatever its version. The product as a product name (CPE).
    Has(String),
    /// It has no such product, in no version. It counts only where no list says otherwise.
    HasNot(String),
    /// It contains no component of this name. It counts only where there is no bill of materials.
    Lacks(String),
}

impl Fact {
    /// The stable codes.
    pub const CODES: [&str; 5] = ["runs_on", "contains", "has", "has_not", "lacks"];

    /// The stable code used in JSON, forms and the database.
    pub const fn code(&self) -> &'static str {
        match self {
            Fact::RunsOn(_) => "runs_on",
            Fact::Contains { .. } => "contains",
            Fact::Has(_) => "has",
            Fact::HasNot(_) => "has_not",
            Fact::Lacks(_) => "lacks",
        }
    }

    /// What it is about: the operating system, the name, the product.
    pub fn subject(&self) -> &str {
        match self {
            Fact::RunsOn(text) | Fact::Has(text) | Fact::HasNot(text) | Fact::Lacks(text) => text,
            Fact::Contains { name, .. } => name,
        }
    }

    /// In a sentence without its subject: `runs on Windows 10 1809`.
    pub fn sentence(&self) -> String {
        match self {
            Fact::RunsOn(system) => format!("runs on {system}"),
            Fact::Contains { name, version, .. } => format!("contains {name} in version {version}"),
            Fact::Has(product) => format!("has {}", product_words(product)),
            Fact::HasNot(product) => format!("does not have {}", product_words(product)),
            Fact::Lacks(name) => format!("does not contain {name}"),
        }
    }
}

/// Vendor and product of a product name, for a person.
fn product_words(name: &str) -> String {
    let words = name.parse::<crate::cpe::Cpe>().ok().and_then(|name| name.fields().product());
    let words = words.as_deref().and_then(|product| product.split_once(':')).map(|(_, rest)| rest);
    words.map_or_else(|| name.to_owned(), |words| words.replace('\\', "").replacen(':', " ", 1))
}

/// What it was said of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Holds {
    /// One release.
    Release(ReleaseId),
    /// Every release of a model, those of later, too.
    Model {
        /// Maker.
        maker: String,
        /// Model.
        model: String,
    },
}

/// A fact with who said it, where, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredFact {
    /// Id.
    pub id: FactId,
    /// What it is about.
    pub holds: Holds,
    /// What was said.
    pub fact: Fact,
    /// Who said so: a person or an office of the maker, a ward.
    pub said_by: String,
    /// On which day.
    pub said_on: Date,
    /// Where it stands: a letter, a message, the nameplate.
    pub source: String,
    /// The document that shows it.
    pub document: Option<DocumentId>,
    /// The question that it answers, by its key.
    pub question: Option<String>,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// Who recorded it.
    pub author: String,
    /// When it was taken back, by whom and why.
    pub revoked: Option<(Timestamp, String, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_a_sentence() {
        let product = "cpe:2.3:o:microsoft:windows_7:*:*:*:*:*:*:*:*".to_owned();
        for (fact, words) in [
            (Fact::RunsOn("Windows 7 SP1".into()), "runs on Windows 7 SP1"),
            (Fact::HasNot(product), "does not have microsoft windows_7"),
            (Fact::Has("odd".into()), "has odd"),
            (Fact::Lacks("log4j".into()), "does not contain log4j"),
        ] {
            assert_eq!(fact.sentence(), words);
            assert!(Fact::CODES.contains(&fact.code()));
        }
    }
}
