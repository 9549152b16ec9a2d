//! Catalogues: what law and guidance ask, as dated data. Files in `catalogs/`, in our own words, embedded in the program;
//! a folder of newer files can stand in their place.
//!
//! A file is refused as a whole, with every fault and its line, when a requirement lacks its citation, question, evidence
//! or signals: a programme computed from half a catalogue would look better than it is.

mod check;
mod embedded;
mod read;

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;

pub use embedded::EMBEDDED;
pub(crate) use embedded::text;
pub(crate) use read::yaml;

use crate::signal::Signal;

/// How a specification binds (45 CFR 164.306(d)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Designation {
    /// A standard with specifications below it, or one that stands alone.
    Standard,
    /// It is done.
    Required,
    /// It is done, or it is decided with reasons: never simply left out.
    Addressable,
    /// Voluntary: performance goals, practices, questions.
    Voluntary,
    /// Said, not asked.
    Informational,
}

impl Designation {
    /// The stable code, as catalogues write it.
    pub const fn code(self) -> &'static str {
        match self {
            Designation::Standard => "standard",
            Designation::Required => "required",
            Designation::Addressable => "addressable",
            Designation::Voluntary => "voluntary",
            Designation::Informational => "informational",
        }
    }
}

/// Why nothing can be computed for a requirement, and what is asked for instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manual {
    /// Why.
    pub reason: String,
    /// The proof asked for; "none" where nothing is.
    pub proof: String,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The stable id, unique over all catalogues.
    pub id: String,
    /// Where it stands written.
    pub citation: String,
    /// A few words.
    pub title: String,
    /// The part of the rule.
    pub family: String,
    /// How it binds.
    pub designation: Designation,
    /// What it asks, in our words; empty where the question says it all.
    pub meaning: String,
    /// The question for people.
    pub question: String,
    /// What would show it.
    pub evidence: Vec<String>,
    /// What computes its state.
    pub signals: Vec<&'static Signal>,
    /// The signal that says whether it applies at all.
    pub applies_if: Option<&'static Signal>,
    /// Where it has no signals.
    pub manual: Option<Manual>,
    /// Subcategories of NIST CSF 2.0.
    pub csf2: Vec<String>,
    /// Controls of NIST SP 800-53 revision 5.
    pub sp800_53: Vec<String>,
    /// HPH performance goals.
    pub goals: Vec<String>,
    /// The line in its file, counted from 1.
    pub line: u64,
}

/// An item of a proposed rule: shown for planning, never scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// The stable id.
    pub id: String,
    /// A few words.
    pub title: String,
    /// What it would ask.
    pub proposes: String,
    /// Where it would stand.
    pub citation: String,
    /// Requirements of today that it would change.
    pub relates_to: Vec<String>,
    /// How sure our reading is.
    pub confidence: String,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// Its schema with version: `hipaa-security-rule/1`.
    pub schema: String,
    /// The day to which it was checked. With the digest it is the version that records keep.
    pub as_of: Date,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// The file's name.
    pub file: String,
    /// Its requirements, in order.
    pub requirements: Vec<Requirement>,
    /// Items of a proposed rule.
    pub proposed: Vec<Proposed>,
}

impl Catalogue {
    /// The version that a record keeps beside what it was computed from: schema, day and the first 12 hex digits of the digest.
    pub fn version(&self) -> String {
        format!("{} as of {} ({})", self.schema, self.as_of, &hex::encode(self.digest)[..12])
    }

    /// Whether its requirements are duties by law. What is voluntary is judged too, and counted apart.
    pub fn binds(&self) -> bool {
        self.schema.starts_with("hipaa-")
    }
}

/// All catalogues that name requirements.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogues {
    /// In the order of their files' names.
    pub files: Vec<Catalogue>,
}

/// A fault in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file's name.
    pub file: String,
    /// Counted from 1; 0 where the file as a whole is meant.
    pub line: u64,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Catalogues that cannot be used: every fault, so that they can be mended in one go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the catalogues cannot be used:\n{}", faults.iter().map(|fault| format!("  {fault}")).collect::<Vec<_>>().join("\n"))]
pub struct InvalidCatalogues {
    /// All of them, by file and line.
    pub faults: Vec<Fault>,
}

/// The longest catalogue file, in bytes. The longest of ours has 90 KiB.
pub const MOST_BYTES: usize = 2 << 20;

impl Catalogues {
    /// The catalogues in the program.
    ///
    /// # Errors
    /// [`InvalidCatalogues`]; a test sees to it that ours have no fault.
    pub fn embedded() -> Result<Catalogues, InvalidCatalogues> {
        Catalogues::read(EMBEDDED.iter().map(|(name, text)| (*name, *text)))
    }

    /// Catalogues out of files: name and text of each. Files of a schema without requirements (retention, penalties and the
    /// like have their own readers) are looked at for their `schema` and `as_of` alone.
    ///
    /// # Errors
    /// [`InvalidCatalogues`] with every fault.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Catalogues, InvalidCatalogues> {
        let mut faults = Vec::new();
        let mut read = Vec::new();
        for (name, text) in files {
            match read::file(name, text) {
                Ok(catalogue) => read.extend(catalogue),
                Err(found) => faults.extend(found),
            }
        }
        faults.extend(check::across(&read));
        if faults.is_empty() { Ok(Catalogues { files: read }) } else { Err(InvalidCatalogues { faults }) }
    }

    /// All requirements, in order.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.files.iter().flat_map(|file| &file.requirements)
    }

    /// The requirement of an id.
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements().find(|requirement| requirement.id == id)
    }

    /// The file that names a requirement.
    pub fn file_of(&self, id: &str) -> Option<&Catalogue> {
        self.files.iter().find(|file| file.requirements.iter().any(|requirement| requirement.id == id))
    }

    /// Requirements by subcategory of CSF 2.0 or control of 800-53: the mapping read the other way round.
    pub fn mapped_to<'a>(&'a self, reference: &'a str) -> impl Iterator<Item = &'a Requirement> {
        self.requirements().filter(move |requirement| {
            requirement.csf2.iter().chain(&requirement.sp800_53).any(|it| it == reference)
        })
    }

    /// Every subcategory and control that some requirement maps to, sorted.
    pub fn references(&self) -> BTreeSet<&str> {
        self.requirements()
            .flat_map(|requirement| requirement.csf2.iter().chain(&requirement.sp800_53))
            .map(String::as_str)
            .collect()
    }
}
