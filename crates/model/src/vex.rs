//! What somebody says of a weakness in a product: the words that OpenVEX, CSAF and CycloneDX share.
//!
//! Sources: "Minimum Requirements for Vulnerability Exploitability eXchange", CISA, April 2023; the OpenVEX specification,
//! "Status Labels" and "Status Justifications"; CSAF 2.0, sections 3.2.3.5 (flags) and 3.2.3.9 (product status).

mod document;

pub use document::{Document, FALSE_POSITIVE, Issuer, Lapse, Product, Statement};

/// What is said. Nothing said at all is no status, and never "not affected".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Somebody looks into it.
    UnderInvestigation,
    /// The weakness is there, and something is to be done.
    Affected,
    /// The weakness cannot do harm here; a [`Justification`] says why.
    NotAffected,
    /// It was there, and is mended.
    Fixed,
}

impl Status {
    /// All of them.
    pub const ALL: [Status; 4] =
        [Status::UnderInvestigation, Status::Affected, Status::NotAffected, Status::Fixed];

    /// The word for it in files, rows and addresses; OpenVEX's label.
    pub fn name(self) -> &'static str {
        match self {
            Status::UnderInvestigation => "under_investigation",
            Status::Affected => "affected",
            Status::NotAffected => "not_affected",
            Status::Fixed => "fixed",
        }
    }

    /// The status of a word, as [`Status::name`] writes it.
    pub fn from_name(name: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// Why a weakness cannot do harm here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Justification {
    /// The component is not in the product.
    ComponentNotPresent,
    /// The component is there without the code that is weak.
    VulnerableCodeNotPresent,
    /// The weak code is there and never runs.
    VulnerableCodeNotInExecutePath,
    /// The weak code runs, and nobody from outside can steer it.
    VulnerableCodeCannotBeControlledByAdversary,
    /// Something in the product stops the attack.
    InlineMitigationsAlreadyExist,
}

impl Justification {
    /// All of them.
    pub const ALL: [Justification; 5] = [
        Justification::ComponentNotPresent,
        Justification::VulnerableCodeNotPresent,
        Justification::VulnerableCodeNotInExecutePath,
        Justification::VulnerableCodeCannotBeControlledByAdversary,
        Justification::InlineMitigationsAlreadyExist,
    ];

    /// The word for it in files, rows and addresses: the label that OpenVEX and CSAF share.
    pub fn name(self) -> &'static str {
        match self {
            Justification::ComponentNotPresent => "component_not_present",
            Justification::VulnerableCodeNotPresent => "vulnerable_code_not_present",
            Justification::VulnerableCodeNotInExecutePath => "vulnerable_code_not_in_execute_path",
            Justification::VulnerableCodeCannotBeControlledByAdversary => {
                "vulnerable_code_cannot_be_controlled_by_adversary"
            }
            Justification::InlineMitigationsAlreadyExist => "inline_mitigations_already_exist",
        }
    }

    /// The justification of a word, as [`Justification::name`] writes it.
    pub fn from_name(name: &str) -> Option<Justification> {
        Justification::ALL.into_iter().find(|justification| justification.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::from_name(status.name()), Some(status));
        }
        for justification in Justification::ALL {
            assert_eq!(Justification::from_name(justification.name()), Some(justification));
        }
        assert_eq!(Status::from_name("Fixed"), None, "words are taken as they are");
    }
}
