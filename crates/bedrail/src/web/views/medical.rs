//! Medical advisories.

use bedrail_app::medical::provider::ProviderRow;
use bedrail_app::medical::{Candidate, Decision, MedicalDetail, MedicalRow, NameDecision, OfRelease, Said};
use bedrail_model::product_advisory::{NamedProduct, ProductAdvisory, ProductWeakness, Remediation};
use serde::Serialize;
use utoipa::ToSchema;

/// An advisory, and what it is to the organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MedicalRowView {
    /// Id.
    id: String,
    /// The publisher's id.
    name: String,
    /// Title.
    title: String,
    /// Publisher.
    publisher: String,
    /// When this version was released, as written.
    released: Option<String>,
    /// The highest CVSS score of its weaknesses.
    score: Option<f64>,
    /// `matched`, `undecided`, `ruled_out` or `foreign`.
    standing: String,
    /// Affected devices.
    affected: u64,
    /// Devices of which it cannot be told.
    cannot_tell: u64,
    /// Releases whose names wait for a decision.
    questions: u64,
}

impl From<&MedicalRow> for MedicalRowView {
    fn from(row: &MedicalRow) -> MedicalRowView {
        MedicalRowView {
            id: row.id.to_string(),
            name: row.name.clone(),
            title: row.title.clone(),
            publisher: row.publisher.clone(),
            released: row.released.clone(),
            score: row.score,
            standing: row.standing.code().to_owned(),
            affected: row.affected,
            cannot_tell: row.cannot_tell,
            questions: row.questions as u64,
        }
    }
}

/// A name of the advisory.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CandidateView {
    /// What a decision on it names.
    key: String,
    /// Maker, as the advisory writes it.
    maker: String,
    /// Product.
    product: String,
    /// Versions, in the advisory's words.
    versions: Vec<String>,
}

impl From<&Candidate> for CandidateView {
    fn from(it: &Candidate) -> CandidateView {
        CandidateView {
            key: it.key.clone(),
            maker: it.maker.clone(),
            product: it.product.clone(),
            versions: it.versions.clone(),
        }
    }
}

/// What an advisory says of a release.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SaidView {
    /// Id of the release.
    release: String,
    /// Maker, model and version.
    release_name: String,
    /// Devices that run it.
    devices: u64,
    /// `affected`, `cannot_tell` or `not_affected`.
    answer: String,
    /// Stable code of the reason.
    reason: String,
    /// The reason in a clause.
    why: String,
    /// The name of the advisory that it is by.
    by: Option<CandidateView>,
    /// Names that a person has to look at, the likeliest first.
    candidates: Vec<CandidateView>,
}

impl From<&Said> for SaidView {
    fn from(said: &Said) -> SaidView {
        SaidView {
            release: said.release.to_string(),
            release_name: said.release_name.clone(),
            devices: said.devices,
            answer: said.answer.code().to_owned(),
            reason: said.why.code().to_owned(),
            why: said.why.sentence(),
            by: said.by.as_ref().map(CandidateView::from),
            candidates: said.candidates.iter().map(CandidateView::from).collect(),
        }
    }
}

/// What the publisher advises.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AdviceView {
    /// `vendor_fix`, `mitigation`, `workaround`, …
    category: String,
    /// In words, untrusted.
    details: String,
    /// Where to get it.
    url: Option<String>,
}

impl From<&Remediation> for AdviceView {
    fn from(it: &Remediation) -> AdviceView {
        AdviceView { category: it.category.clone(), details: it.details.clone(), url: it.url.clone() }
    }
}

/// A weakness that the advisory is about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NamedWeaknessView {
    /// CVE id and others.
    ids: Vec<String>,
    /// Title.
    title: Option<String>,
    /// CWE ids.
    cwes: Vec<String>,
    /// CVSS vectors with their scores.
    scores: Vec<ScoreView>,
}

/// A rating.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScoreView {
    /// The vector.
    vector: String,
    /// Its score.
    score: f64,
}

impl From<&ProductWeakness> for NamedWeaknessView {
    fn from(it: &ProductWeakness) -> NamedWeaknessView {
        let score = |(cvss, _): &(bedrail_model::severity::Cvss, Vec<usize>)| ScoreView {
            vector: cvss.vector.clone(),
            score: cvss.score,
        };
        NamedWeaknessView {
            ids: it.ids.clone(),
            title: it.title.clone(),
            cwes: it.cwes.clone(),
            scores: it.scores.iter().map(score).collect(),
        }
    }
}

/// A product that the advisory names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NamedProductView {
    /// Maker.
    maker: String,
    /// Product.
    product: String,
    /// Versions, as written.
    versions: String,
    /// The full name.
    full_name: String,
}

impl From<&NamedProduct> for NamedProductView {
    fn from(it: &NamedProduct) -> NamedProductView {
        NamedProductView {
            maker: it.maker.clone(),
            product: it.product.clone(),
            versions: it.version.text().to_owned(),
            full_name: it.full_name.clone(),
        }
    }
}

/// An advisory, and what it says of our releases.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MedicalView {
    /// The row of the list.
    #[serde(flatten)]
    row: MedicalRowView,
    /// The format of the document.
    format: String,
    /// Version of the document.
    version: String,
    /// Traffic light mark; empty where it has none.
    tlp: String,
    /// How to reach the publisher.
    contact: Option<String>,
    /// SHA-256 of the document.
    sha256: String,
    /// The address of the provider that it was fetched from; none for a file that somebody took in. Signatures are not checked.
    provider: Option<String>,
    /// Things of the document that could not be read, with their places.
    losses: Vec<String>,
    /// What it says of our releases.
    said: Vec<SaidView>,
    /// What the publisher advises for them.
    advice: Vec<AdviceView>,
    /// Products that it names.
    products: Vec<NamedProductView>,
    /// Weaknesses that it is about.
    weaknesses: Vec<NamedWeaknessView>,
}

impl From<&MedicalDetail> for MedicalView {
    fn from(detail: &MedicalDetail) -> MedicalView {
        let it: &ProductAdvisory = &detail.advisory;
        let lost = it.warnings.iter().filter(|warning| warning.lost);
        MedicalView {
            row: MedicalRowView::from(&detail.row),
            format: it.format.clone(),
            version: it.version.clone(),
            tlp: it.tlp.label().to_owned(),
            contact: it.publisher.contact.clone(),
            sha256: detail.sha256.clone(),
            provider: detail.provider.clone(),
            losses: lost.map(|warning| format!("{}: {}", warning.place, warning.message)).collect(),
            said: detail.said.iter().map(SaidView::from).collect(),
            advice: detail.advice.iter().map(AdviceView::from).collect(),
            products: it.products.iter().map(NamedProductView::from).collect(),
            weaknesses: it.weaknesses.iter().map(NamedWeaknessView::from).collect(),
        }
    }
}

/// What one advisory says of a release.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OfReleaseView {
    /// The advisory.
    advisory: MedicalRowView,
    /// What it says.
    said: SaidView,
    /// What the publisher advises.
    advice: Vec<AdviceView>,
}

impl From<&OfRelease> for OfReleaseView {
    fn from(it: &OfRelease) -> OfReleaseView {
        OfReleaseView {
            advisory: MedicalRowView::from(&it.row),
            said: SaidView::from(&it.said),
            advice: it.advice.iter().map(AdviceView::from).collect(),
        }
    }
}

/// A decision that was taken on two names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NameDecisionView {
    /// Our name.
    own_name: String,
    /// The advisory's.
    their_name: String,
    /// `same` or `different`.
    decision: String,
    /// RFC 3339.
    decided: String,
}

impl From<&NameDecision> for NameDecisionView {
    fn from(it: &NameDecision) -> NameDecisionView {
        let word = match it.decision {
            Decision::Same => "same",
            Decision::Different => "different",
        };
        NameDecisionView {
            own_name: it.own_name.clone(),
            their_name: it.their_name.clone(),
            decision: word.to_owned(),
            decided: it.decided.to_string(),
        }
    }
}

/// A publisher that advisories are fetched from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderView {
    /// The address of its provider metadata.
    url: String,
    /// The publisher's namespace that was confirmed for it; empty where its host has to show it.
    namespace: String,
    /// What it calls itself; empty until it was asked once.
    name: String,
    /// When it was added.
    added: String,
    /// When it was last asked.
    fetched: Option<String>,
    /// What came of that, in words.
    outcome: String,
    /// Whether everything that it offers could be read.
    whole: bool,
    /// Whether OpenPGP signatures are checked: `not_checked`.
    signatures: String,
}

impl From<&ProviderRow> for ProviderView {
    fn from(row: &ProviderRow) -> ProviderView {
        ProviderView {
            url: row.url.clone(),
            namespace: row.namespace.clone(),
            name: row.name.clone(),
            added: row.added.to_string(),
            fetched: row.fetched.map(|at| at.to_string()),
            outcome: row.outcome.clone(),
            whole: row.whole,
            signatures: "not_checked".to_owned(),
        }
    }
}
