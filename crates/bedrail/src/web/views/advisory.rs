//! Advisories.

use bedrail_app::advisories::{AdvisoryDetail, AdvisoryRow, Record};
use bedrail_app::feeds::MentionedBy;
use serde::Serialize;
use utoipa::ToSchema;

use super::affected::TotalsView;
use super::weakness::WeaknessView;

/// A weakness that touches the organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AdvisoryRowView {
    /// The weakness.
    weakness: WeaknessView,
    /// Affected devices.
    affected: u64,
    /// Devices of which it cannot be told.
    cannot_tell: u64,
    /// Releases with a finding.
    releases: u64,
}

impl From<&AdvisoryRow> for AdvisoryRowView {
    fn from(row: &AdvisoryRow) -> AdvisoryRowView {
        AdvisoryRowView {
            weakness: WeaknessView::from(&row.weakness),
            affected: row.affected,
            cannot_tell: row.cannot_tell,
            releases: row.releases,
        }
    }
}

/// A weakness as its records tell it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AdvisoryView {
    /// The weakness.
    weakness: WeaknessView,
    /// Whether and how it touches the organisation.
    totals: TotalsView,
    /// The records of the alias group.
    records: Vec<RecordView>,
    /// Advisories with ids of their own that fix it; devices that they reach count as touched.
    mentioned_by: Vec<MentionView>,
}

/// An advisory that mentions a weakness.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MentionView {
    /// Its id.
    id: String,
    /// The weakness that it belongs to, as findings name it.
    weakness: String,
    /// Its source.
    source: String,
    /// One line on it.
    summary: String,
}

impl From<&MentionedBy> for MentionView {
    fn from(mention: &MentionedBy) -> MentionView {
        MentionView {
            id: mention.advisory.clone(),
            weakness: mention.weakness.clone(),
            source: mention.source.clone(),
            summary: mention.summary.clone(),
        }
    }
}

/// One record of a source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordView {
    /// Id.
    id: String,
    /// Source.
    source: String,
    /// RFC 3339.
    published: Option<String>,
    /// RFC 3339.
    modified: Option<String>,
    /// The text, Markdown, untrusted.
    details: Option<String>,
    /// Packages and their versions in words.
    affected: Vec<PackageView>,
    /// Links.
    references: Vec<String>,
    /// Licence of the source and whom to credit.
    credit: String,
}

/// A package that a record names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PackageView {
    /// Ecosystem and name.
    package: String,
    /// Versions in words.
    versions: String,
}

impl From<&Record> for RecordView {
    fn from(record: &Record) -> RecordView {
        let package = |(package, versions): &(String, String)| PackageView {
            package: package.clone(),
            versions: versions.clone(),
        };
        RecordView {
            id: record.id.clone(),
            source: record.source.clone(),
            published: record.published.map(|at| at.to_string()),
            modified: record.modified.map(|at| at.to_string()),
            details: record.details.clone(),
            affected: record.affected.iter().map(package).collect(),
            references: record.references.clone(),
            credit: record.credit.clone(),
        }
    }
}

impl From<&AdvisoryDetail> for AdvisoryView {
    fn from(detail: &AdvisoryDetail) -> AdvisoryView {
        AdvisoryView {
            weakness: WeaknessView::from(&detail.weakness),
            totals: TotalsView::from(&detail.totals),
            records: detail.records.iter().map(RecordView::from).collect(),
            mentioned_by: detail.mentioned_by.iter().map(MentionView::from).collect(),
        }
    }
}
