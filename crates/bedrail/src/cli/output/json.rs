//! The documented shape `bedrail.scan/1`, described by `docs/schemas/bedrail.scan-1.schema.json`.
//!
//! Fields may be added within version 1; none is taken away, renamed or given another meaning.

use std::io::{self, Write};

use bedrail_app::scan::{Incomplete, NotAssessed, ScanFinding, ScanReport, ScanSource};
use bedrail_model::component::{Component, Inventory, Warning};
use bedrail_model::finding::{Evidence, Weakness};
use serde::Serialize;

use super::{json_text, words};
use crate::cli::terminal::Look;

/// The name and version of the shape.
const SCHEMA: &str = "bedrail.scan/1";

pub(super) fn write(report: &ScanReport, _look: Look, out: &mut dyn Write) -> io::Result<()> {
    json_text::write(&ScanView::from(report), out)
}

#[derive(Serialize)]
struct ScanView<'a> {
    schema: &'static str,
    tool: ToolView,
    answer: String,
    complete: bool,
    incomplete: Vec<IncompleteView>,
    judged_at: String,
    summary: SummaryView,
    target: TargetView<'a>,
    data: DataView<'a>,
    components: Vec<ComponentView<'a>>,
    findings: Vec<FindingView<'a>>,
    not_assessed: Vec<NotAssessedView<'a>>,
    unused_accepted: Vec<UnusedView<'a>>,
    warnings: Vec<WarningView<'a>>,
}

#[derive(Serialize)]
struct ToolView {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct IncompleteView {
    code: &'static str,
    message: String,
}

#[derive(Serialize)]
struct SummaryView {
    components: usize,
    weaknesses: usize,
    affected_components: usize,
    critical: usize,
    known_exploited: usize,
    cannot_tell: usize,
    not_assessed: usize,
}

#[derive(Serialize)]
struct TargetView<'a> {
    file: &'a str,
    sha256: Option<&'a str>,
    size_bytes: u64,
    format: &'a str,
    format_version: &'a str,
    encoding: &'a str,
    document: Option<&'a str>,
    created: Option<&'a str>,
    subject: Option<&'a str>,
    name: Option<&'a str>,
    version: Option<&'a str>,
    known_gaps: Vec<GapView<'a>>,
}

#[derive(Serialize)]
struct GapView<'a> {
    component: Option<&'a str>,
    statement: &'a str,
}

#[derive(Serialize)]
struct DataView<'a> {
    snapshot: &'a str,
    as_of: Option<String>,
    advisories: u64,
    starter_only: bool,
    sources: Vec<SourceView<'a>>,
    credits: Vec<&'static str>,
}

#[derive(Serialize)]
struct SourceView<'a> {
    name: &'a str,
    as_of: Option<String>,
    fetched_at: Option<String>,
    records: u64,
    state: &'static str,
    age_days: Option<i64>,
    relevant: bool,
    note: Option<&'a str>,
}

#[derive(Serialize)]
struct ComponentView<'a> {
    r#ref: &'a str,
    kind: &'static str,
    group: Option<&'a str>,
    name: &'a str,
    version: Option<&'a str>,
    purl: Option<&'a str>,
    cpe: &'a [String],
    supplier: Option<&'a str>,
    locations: &'a [String],
    place: &'a str,
}

#[derive(Serialize)]
struct FindingView<'a> {
    id: &'a str,
    aliases: &'a [String],
    component: &'a str,
    answer: &'static str,
    reason: &'static str,
    explanation: &'static str,
    summary: &'a str,
    severity: &'static str,
    cvss: Option<CvssView<'a>>,
    epss: Option<EpssView>,
    kev: Option<KevView>,
    malicious: bool,
    mentions: &'a [String],
    severity_from: Option<&'a str>,
    epss_from: Option<&'a str>,
    kev_from: Option<&'a str>,
    fixed_in: &'a [String],
    evidence: Vec<EvidenceView<'a>>,
    accepted: Option<&'a str>,
}

#[derive(Serialize)]
struct CvssView<'a> {
    score: f64,
    vector: &'a str,
}

#[derive(Serialize)]
struct EpssView {
    score: f64,
    percentile: Option<f64>,
}

#[derive(Serialize)]
struct KevView {
    added: String,
    due: Option<String>,
    ransomware: bool,
}

#[derive(Serialize)]
struct EvidenceView<'a> {
    advisory: &'a str,
    source: &'a str,
    snapshot: &'a str,
    package: &'a str,
    rule: &'a str,
    version: Option<&'a str>,
    reason: &'static str,
}

#[derive(Serialize)]
struct NotAssessedView<'a> {
    component: &'a str,
    reason: &'static str,
    explanation: &'static str,
    accepted: Option<&'a str>,
}

#[derive(Serialize)]
struct UnusedView<'a> {
    line: usize,
    what: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct WarningView<'a> {
    place: &'a str,
    message: &'a str,
    lost: bool,
}

impl<'a> From<&'a ScanReport> for ScanView<'a> {
    fn from(report: &'a ScanReport) -> Self {
        let inventory = &report.inventory;
        let unused = report.unused_accepted.iter();
        ScanView {
            schema: SCHEMA,
            tool: ToolView { name: "bedrail", version: env!("CARGO_PKG_VERSION") },
            answer: words::headline(report),
            complete: report.complete(),
            incomplete: report.incomplete.iter().map(IncompleteView::from).collect(),
            judged_at: report.judged_at.to_string(),
            summary: summary(report),
            target: target(report),
            data: DataView {
                snapshot: &report.data.snapshot,
                as_of: report.as_of().map(|moment| moment.to_string()),
                advisories: report.data.advisories,
                starter_only: report.data.starter_only,
                sources: report.sources.iter().map(SourceView::from).collect(),
                credits: report.credits(),
            },
            components: inventory.components.iter().map(ComponentView::from).collect(),
            findings: report.findings.iter().map(|finding| finding_view(inventory, finding)).collect(),
            not_assessed: report.not_assessed.iter().map(|gap| not_assessed(inventory, gap)).collect(),
            unused_accepted: unused
                .map(|gap| UnusedView { line: gap.line, what: &gap.what, reason: &gap.reason })
                .collect(),
            warnings: inventory.warnings.iter().map(WarningView::from).collect(),
        }
    }
}

impl From<&Incomplete> for IncompleteView {
    fn from(gap: &Incomplete) -> Self {
        IncompleteView { code: gap.code(), message: gap.to_string() }
    }
}

fn summary(report: &ScanReport) -> SummaryView {
    let counts = report.counts();
    SummaryView {
        components: counts.components,
        weaknesses: counts.weaknesses,
        affected_components: counts.affected_components,
        critical: counts.critical,
        known_exploited: counts.known_exploited,
        cannot_tell: counts.cannot_tell,
        not_assessed: counts.not_assessed,
    }
}

fn target(report: &ScanReport) -> TargetView<'_> {
    let inventory = &report.inventory;
    let subject = inventory.subject.map(|index| inventory.component(index));
    let gaps = inventory.known_gaps.iter();
    TargetView {
        file: &report.target.name,
        sha256: Some(report.target.sha256.as_str()).filter(|hash| !hash.is_empty()),
        size_bytes: report.target.size_bytes,
        format: &inventory.format,
        format_version: &inventory.format_version,
        encoding: &inventory.encoding,
        document: inventory.document_name.as_deref(),
        created: inventory.created.as_deref(),
        subject: subject.map(|component| component.reference.as_str()),
        name: subject.map(|component| component.name.as_str()),
        version: subject.and_then(|component| component.version.as_deref()),
        known_gaps: gaps
            .map(|gap| GapView {
                component: gap.component.map(|index| inventory.component(index).reference.as_str()),
                statement: &gap.statement,
            })
            .collect(),
    }
}

impl<'a> From<&'a ScanSource> for SourceView<'a> {
    fn from(source: &'a ScanSource) -> Self {
        let status = &source.status;
        SourceView {
            name: &status.name,
            as_of: status.as_of.map(|moment| moment.to_string()),
            fetched_at: status.fetched_at.map(|moment| moment.to_string()),
            records: status.records,
            state: status.state.code(),
            age_days: status.age_days,
            relevant: source.relevant,
            note: status.note.as_deref(),
        }
    }
}

impl<'a> From<&'a Component> for ComponentView<'a> {
    fn from(component: &'a Component) -> Self {
        ComponentView {
            r#ref: &component.reference,
            kind: component.kind.code(),
            group: component.group.as_deref(),
            name: &component.name,
            version: component.version.as_deref(),
            purl: component.purl.as_deref(),
            cpe: &component.cpes,
            supplier: component.supplier.as_deref(),
            locations: &component.locations,
            place: &component.place,
        }
    }
}

fn finding_view<'a>(inventory: &'a Inventory, finding: &'a ScanFinding) -> FindingView<'a> {
    let judgement = &finding.judgement;
    let weakness = &judgement.weakness;
    FindingView {
        id: &weakness.id,
        aliases: &weakness.aliases,
        component: &inventory.component(finding.component).reference,
        answer: judgement.answer.code(),
        reason: judgement.reason.code(),
        explanation: judgement.reason.sentence(),
        summary: &weakness.summary,
        severity: weakness.severity.code(),
        cvss: weakness.cvss.as_ref().map(|cvss| CvssView { score: cvss.score, vector: &cvss.vector }),
        epss: weakness.epss.map(|epss| EpssView { score: epss.score, percentile: epss.percentile }),
        kev: kev(weakness),
        malicious: weakness.malicious,
        mentions: &weakness.mentions,
        severity_from: weakness.borrowed.severity.as_deref(),
        epss_from: weakness.borrowed.epss.as_deref(),
        kev_from: weakness.borrowed.kev.as_deref(),
        fixed_in: &judgement.fixed_in,
        evidence: judgement.evidence.iter().map(EvidenceView::from).collect(),
        accepted: finding.accepted.as_deref(),
    }
}

fn kev(weakness: &Weakness) -> Option<KevView> {
    weakness.kev.as_ref().map(|kev| KevView {
        added: kev.added.to_string(),
        due: kev.due.map(|date| date.to_string()),
        ransomware: kev.ransomware,
    })
}

impl<'a> From<&'a Evidence> for EvidenceView<'a> {
    fn from(evidence: &'a Evidence) -> Self {
        EvidenceView {
            advisory: &evidence.advisory,
            source: &evidence.source,
            snapshot: &evidence.snapshot,
            package: &evidence.package,
            rule: &evidence.rule,
            version: evidence.version.as_deref(),
            reason: evidence.reason.code(),
        }
    }
}

fn not_assessed<'a>(inventory: &'a Inventory, gap: &'a NotAssessed) -> NotAssessedView<'a> {
    NotAssessedView {
        component: &inventory.component(gap.component).reference,
        reason: gap.reason.code(),
        explanation: gap.reason.sentence(),
        accepted: gap.accepted.as_deref(),
    }
}

impl<'a> From<&'a Warning> for WarningView<'a> {
    fn from(warning: &'a Warning) -> Self {
        WarningView { place: &warning.place, message: &warning.message, lost: warning.lost }
    }
}
