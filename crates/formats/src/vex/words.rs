//! The words of CSAF and CycloneDX in those of OpenVEX, and back. What one has and the others lack keeps its own word
//! beside it, so that nothing is said more firmly than it was.

use bedrail_model::product_advisory::ProductStatus;
use bedrail_model::vex::{Justification, Status};

/// Of CSAF's statuses, those that say something of a product (CSAF 2.0 §3.2.3.9; 2.1 §3.2.4.10).
pub(super) fn of_csaf(status: ProductStatus) -> Option<Status> {
    match status {
        ProductStatus::KnownAffected | ProductStatus::FirstAffected | ProductStatus::LastAffected => {
            Some(Status::Affected)
        }
        ProductStatus::Fixed | ProductStatus::FirstFixed => Some(Status::Fixed),
        ProductStatus::KnownNotAffected => Some(Status::NotAffected),
        ProductStatus::UnderInvestigation => Some(Status::UnderInvestigation),
        // What is advised to use, and what nobody knows or looks into, is no status.
        ProductStatus::Recommended | ProductStatus::Unknown => None,
    }
}

/// CSAF's field for a status.
pub(super) fn csaf_field(status: Status) -> &'static str {
    match status {
        Status::Affected => "known_affected",
        Status::Fixed => "fixed",
        Status::NotAffected => "known_not_affected",
        Status::UnderInvestigation => "under_investigation",
    }
}

/// CycloneDX's states (1.6, `impactAnalysisState`), and the status that each is.
pub(super) const STATES: &[(&str, Status)] = &[
    ("resolved", Status::Fixed),
    ("exploitable", Status::Affected),
    ("in_triage", Status::UnderInvestigation),
    ("not_affected", Status::NotAffected),
    ("resolved_with_pedigree", Status::Fixed),
    ("false_positive", Status::NotAffected),
];

/// CycloneDX's justifications (1.6, `impactAnalysisJustification`), and the common word that each is. Those that hold
/// only by what is around the product (a setting, a perimeter) have none: the maker cannot say it of every hospital.
pub(super) const REASONS: &[(&str, Option<Justification>)] = &[
    ("code_not_present", Some(Justification::VulnerableCodeNotPresent)),
    ("code_not_reachable", Some(Justification::VulnerableCodeNotInExecutePath)),
    ("protected_by_mitigating_control", Some(Justification::InlineMitigationsAlreadyExist)),
    ("protected_by_compiler", Some(Justification::InlineMitigationsAlreadyExist)),
    ("protected_at_runtime", Some(Justification::InlineMitigationsAlreadyExist)),
    ("requires_configuration", None),
    ("requires_dependency", None),
    ("requires_environment", None),
    ("protected_at_perimeter", None),
];

/// The first word of CycloneDX for a justification; none where it has none that says no more.
pub(super) fn reason_of(justification: Justification) -> Option<&'static str> {
    REASONS.iter().find(|(_, it)| *it == Some(justification)).map(|(word, _)| *word)
}

/// The justification that a word of CycloneDX is, and the word itself where it is not the first of it.
pub(super) fn justification_of(word: &str) -> Option<(Option<Justification>, Option<String>)> {
    let (word, justification) = REASONS.iter().find(|(it, _)| *it == word)?;
    let first = justification.and_then(reason_of) == Some(*word);
    Some((*justification, (!first).then(|| (*word).to_owned())))
}

/// What is offered, in CSAF's words (remediation categories) and CycloneDX's (`response`).
const OFFERS: &[(&str, &str)] = &[
    ("vendor_fix", "update"),
    ("workaround", "workaround_available"),
    ("mitigation", "workaround_available"),
    ("no_fix_planned", "will_not_fix"),
    ("none_available", "can_not_fix"),
];

/// CycloneDX's responses.
pub(super) const RESPONSES: &[&str] =
    &["can_not_fix", "will_not_fix", "update", "rollback", "workaround_available"];

/// CSAF's categories of remediations that 2.0 has.
const REMEDIATIONS: &[&str] = &["mitigation", "no_fix_planned", "none_available", "vendor_fix", "workaround"];

/// A response in CycloneDX's words.
pub(super) fn response(word: &str) -> Option<&str> {
    match RESPONSES.contains(&word) {
        true => Some(word),
        false => OFFERS.iter().find(|(csaf, _)| *csaf == word).map(|(_, it)| *it),
    }
}

/// A response in CSAF's words.
pub(super) fn remediation(word: &str) -> Option<&str> {
    match REMEDIATIONS.contains(&word) {
        true => Some(word),
        false => OFFERS.iter().find(|(_, cyclonedx)| *cyclonedx == word).map(|(it, _)| *it),
    }
}
