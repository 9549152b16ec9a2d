//! Weaknesses, evidence and findings.

use bedrail_app::devices::FindingRow;
use bedrail_model::finding::{Evidence, KnownExploited, Weakness};
use serde::Serialize;
use utoipa::ToSchema;

use super::decision::BriefView;
use super::names::IdentifiedView;

/// A weakness, whatever the component.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WeaknessView {
    /// The name we use: the CVE id where there is one.
    id: String,
    /// All its other names.
    aliases: Vec<String>,
    /// One line on what it is.
    summary: String,
    /// `unknown`, `none`, `low`, `medium`, `high`, `critical`.
    severity: &'static str,
    /// The CVSS score, 0.0 to 10.0.
    cvss_score: Option<f64>,
    /// The CVSS vector as published.
    cvss_vector: Option<String>,
    /// EPSS: probability of attacks within 30 days, 0.0 to 1.0.
    epss: Option<f64>,
    /// Its entry in CISA's catalogue.
    kev: Option<KevView>,
    /// Whether the record reports a malicious package.
    malicious: bool,
    /// Ids of other weaknesses that the records carry to their packages: the CVEs that an advisory of a distribution fixes.
    mentions: Vec<String>,
    /// Which of `mentions` the severity was said of, where no record of the weakness itself gives one.
    severity_from: Option<String>,
    /// Which of `mentions` the EPSS estimate was made for.
    epss_from: Option<String>,
    /// Which of `mentions` stands in CISA's catalogue.
    kev_from: Option<String>,
}

/// An entry of CISA's catalogue of known exploited vulnerabilities.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KevView {
    /// When it entered, as an ISO date.
    added: String,
    /// By when federal agencies must act, as an ISO date.
    due: Option<String>,
    /// Whether ransomware is known to use it.
    ransomware: bool,
}

impl From<&KnownExploited> for KevView {
    fn from(kev: &KnownExploited) -> KevView {
        KevView {
            added: kev.added.to_string(),
            due: kev.due.map(|due| due.to_string()),
            ransomware: kev.ransomware,
        }
    }
}

impl From<&Weakness> for WeaknessView {
    fn from(weakness: &Weakness) -> WeaknessView {
        WeaknessView {
            id: weakness.id.clone(),
            aliases: weakness.aliases.clone(),
            summary: weakness.summary.clone(),
            severity: weakness.severity.code(),
            cvss_score: weakness.cvss.as_ref().map(|cvss| cvss.score),
            cvss_vector: weakness.cvss.as_ref().map(|cvss| cvss.vector.clone()),
            epss: weakness.epss.map(|epss| epss.score),
            kev: weakness.kev.as_ref().map(KevView::from),
            malicious: weakness.malicious,
            mentions: weakness.mentions.clone(),
            severity_from: weakness.borrowed.severity.clone(),
            epss_from: weakness.borrowed.epss.clone(),
            kev_from: weakness.borrowed.kev.clone(),
        }
    }
}

/// One record that had a say in an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EvidenceView {
    /// The record: `GHSA-jfh8-c2jp-5v3q`.
    advisory: String,
    /// Its source: `osv/Maven`.
    source: String,
    /// The state of the data that was asked.
    snapshot: String,
    /// The package as the record names it.
    package: String,
    /// The rule in words.
    rule: String,
    /// The version that was judged.
    version: Option<String>,
    /// What this record alone says: a stable code.
    reason: &'static str,
    /// What would have to be so of the device that is not known, where the answer depends on it.
    missing: Option<String>,
}

impl From<&Evidence> for EvidenceView {
    fn from(evidence: &Evidence) -> EvidenceView {
        EvidenceView {
            advisory: evidence.advisory.clone(),
            source: evidence.source.to_string(),
            snapshot: evidence.snapshot.to_string(),
            package: evidence.package.to_string(),
            rule: evidence.rule.clone(),
            version: evidence.version.as_deref().map(str::to_owned),
            reason: evidence.reason.code(),
            missing: evidence.missing.clone(),
        }
    }
}

/// A finding on a device or a release.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingView {
    /// The weakness.
    weakness: WeaknessView,
    /// `affected`, `cannot_tell`, `not_affected`.
    answer: &'static str,
    /// Why: a stable code.
    reason: &'static str,
    /// The component.
    component: String,
    /// Its version.
    version: Option<String>,
    /// Its package URL.
    purl: Option<String>,
    /// Names from the release down to the component.
    path: Vec<String>,
    /// Versions that fix it.
    fixed_in: Vec<String>,
    /// Records that had a say.
    evidence: Vec<EvidenceView>,
    /// When it was first found, RFC 3339.
    first_seen: String,
    /// What was decided on it.
    decision: Option<BriefView>,
    /// Who said what the component is, where its bill gives a name alone.
    identified: Option<IdentifiedView>,
}

impl From<&FindingRow> for FindingView {
    fn from(row: &FindingRow) -> FindingView {
        FindingView {
            weakness: WeaknessView::from(&row.weakness),
            answer: row.answer.code(),
            reason: row.reason.code(),
            component: row.component.clone(),
            version: row.version.clone(),
            purl: row.purl.clone(),
            path: row.path.clone(),
            fixed_in: row.fixed_in.clone(),
            evidence: row.evidence.iter().map(EvidenceView::from).collect(),
            first_seen: row.first_seen.to_string(),
            decision: row.decision.as_ref().map(BriefView::from),
            identified: row.identified.as_ref().map(IdentifiedView::from),
        }
    }
}
