//! Releases and bills of materials.

use bedrail_app::releases::{ComponentMark, ReleaseDetail, ReleaseRow, ReleaseSbom};
use bedrail_app::sboms::SbomReceipt;
use bedrail_model::component::{Component, RelationKind, Warning};
use serde::Serialize;
use utoipa::ToSchema;

use super::weakness::FindingView;

/// One row of the list of releases.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReleaseRowView {
    /// Id.
    id: String,
    maker: String,
    model: String,
    version: Option<String>,
    /// Devices that run it.
    devices: u64,
    /// Components in its bill of materials; `null` where there is none.
    components: Option<u64>,
    /// Weaknesses that affect it.
    affected: u32,
    /// Weaknesses and components of which it cannot be told.
    cannot_tell: u32,
    /// Known exploited ones among those that affect it.
    known_exploited: u32,
}

impl From<&ReleaseRow> for ReleaseRowView {
    fn from(row: &ReleaseRow) -> ReleaseRowView {
        ReleaseRowView {
            id: row.id.to_string(),
            maker: row.maker.clone(),
            model: row.model.clone(),
            version: row.version.clone(),
            devices: row.devices,
            components: row.components,
            affected: row.affected,
            cannot_tell: row.cannot_tell,
            known_exploited: row.known_exploited,
        }
    }
}

/// One release.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReleaseView {
    /// The row of the list.
    release: ReleaseRowView,
    /// Its bill of materials.
    sbom: Option<SbomView>,
    /// Findings, the most pressing first.
    findings: Vec<FindingView>,
}

/// A bill of materials as it was understood.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SbomView {
    /// The document by id.
    document: String,
    file_name: String,
    /// SHA-256 of the document, lower-case hex.
    sha256: String,
    /// When it was added, RFC 3339.
    added: String,
    /// `CycloneDX 1.6 JSON`.
    format: String,
    /// All components, in document order.
    components: Vec<ComponentView>,
    /// `depends_on` and `contains` between components, by index.
    relations: Vec<RelationView>,
    /// What was mended or lost.
    warnings: Vec<WarningView>,
}

/// One component.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComponentView {
    name: String,
    version: Option<String>,
    purl: Option<String>,
    /// CycloneDX's word: `library`, `firmware`, `service` …
    kind: &'static str,
    /// The component that it stands inside of, by index.
    parent: Option<u32>,
    /// Weaknesses that affect it.
    affected: Vec<String>,
    /// Weaknesses of which it cannot be told.
    cannot_tell: Vec<String>,
    /// Why it cannot be judged at all: a stable code.
    not_assessed: Option<&'static str>,
}

impl ComponentView {
    fn of(component: &Component, mark: Option<&ComponentMark>) -> ComponentView {
        ComponentView {
            name: component.name.clone(),
            version: component.version.clone(),
            purl: component.purl.clone(),
            kind: component.kind.code(),
            parent: component.parent.map(|parent| parent.0),
            affected: mark.map(|mark| mark.affected.clone()).unwrap_or_default(),
            cannot_tell: mark.map(|mark| mark.cannot_tell.clone()).unwrap_or_default(),
            not_assessed: mark.and_then(|mark| mark.not_assessed).map(|reason| reason.code()),
        }
    }
}

/// How one component relates to another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RelationView {
    from: u32,
    /// `depends_on`, `contains`, `describes`, `generated_from`, `other`.
    kind: &'static str,
    to: u32,
}

/// Something mended or lost while reading.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WarningView {
    /// Where: a JSON pointer or a line.
    place: String,
    /// What.
    message: String,
    /// Whether something is missing (true) or was only mended (false).
    lost: bool,
}

impl From<&Warning> for WarningView {
    fn from(warning: &Warning) -> WarningView {
        WarningView { place: warning.place.clone(), message: warning.message.clone(), lost: warning.lost }
    }
}

impl From<&ReleaseSbom> for SbomView {
    fn from(sbom: &ReleaseSbom) -> SbomView {
        let inventory = &sbom.inventory;
        let kind = |kind| match kind {
            RelationKind::DependsOn => "depends_on",
            RelationKind::Contains => "contains",
            RelationKind::Describes => "describes",
            RelationKind::GeneratedFrom => "generated_from",
            RelationKind::Other => "other",
        };
        let components = inventory.components.iter().enumerate();
        let relation = |relation: &bedrail_model::component::Relation| RelationView {
            from: relation.from.0,
            kind: kind(relation.kind),
            to: relation.to.0,
        };
        SbomView {
            document: sbom.document.to_string(),
            file_name: sbom.file_name.clone(),
            sha256: sbom.sha256.clone(),
            added: sbom.added.to_string(),
            format: inventory.format_in_words(),
            components: components
                .map(|(index, component)| ComponentView::of(component, sbom.marks.get(index)))
                .collect(),
            relations: inventory.relations.iter().map(relation).collect(),
            warnings: inventory.warnings.iter().map(WarningView::from).collect(),
        }
    }
}

impl From<&ReleaseDetail> for ReleaseView {
    fn from(detail: &ReleaseDetail) -> ReleaseView {
        ReleaseView {
            release: ReleaseRowView::from(&detail.row),
            sbom: detail.sbom.as_ref().map(SbomView::from),
            findings: detail.findings.iter().map(FindingView::from).collect(),
        }
    }
}

/// What was read, what was lost, and what it means.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceiptView {
    /// The document by id.
    document: String,
    /// The release by id.
    release: String,
    /// Maker, model and version as stored.
    release_name: String,
    /// Whether the release is new.
    new_release: bool,
    /// Whether this very document was on this release already.
    unchanged: bool,
    /// `CycloneDX 1.6 JSON`.
    format: String,
    components: u64,
    services: u64,
    relations: u64,
    /// Components that have no usable identifier.
    without_identifier: u64,
    /// What was mended or lost.
    warnings: Vec<WarningView>,
    /// Weaknesses that affect the release.
    affected: u32,
    /// Weaknesses and components of which it cannot be told.
    cannot_tell: u32,
    /// Devices that run the release.
    devices: u64,
}

impl From<&SbomReceipt> for ReceiptView {
    fn from(receipt: &SbomReceipt) -> ReceiptView {
        ReceiptView {
            document: receipt.document.to_string(),
            release: receipt.release.to_string(),
            release_name: receipt.release_name.clone(),
            new_release: receipt.new_release,
            unchanged: receipt.unchanged,
            format: receipt.format.clone(),
            components: receipt.components,
            services: receipt.services,
            relations: receipt.relations,
            without_identifier: receipt.without_identifier,
            warnings: receipt.warnings.iter().map(WarningView::from).collect(),
            affected: receipt.affected,
            cannot_tell: receipt.cannot_tell,
            devices: receipt.devices,
        }
    }
}
