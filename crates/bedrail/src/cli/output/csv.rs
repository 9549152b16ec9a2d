//! One line per finding, then one per component that cannot be judged (without an id). Cells that a spreadsheet would
//! compute are shown instead.

use std::io::{self, Write};
use std::iter;

use bedrail_app::exports::{self, LineEnd};
use bedrail_app::scan::{NotAssessed, ScanFinding, ScanReport};
use bedrail_model::answer::Answer;
use bedrail_model::component::Component;

use super::words;
use crate::cli::terminal::Look;

/// The columns.
const HEADER: [&str; 20] = [
    "id",
    "aliases",
    "component",
    "version",
    "purl",
    "answer",
    "reason",
    "severity",
    "cvss_score",
    "cvss_vector",
    "epss",
    "known_exploited",
    "kev_due",
    "fixed_in",
    "advisory",
    "source",
    "rule",
    "summary",
    "accepted",
    "mentions",
];

pub(super) fn write(report: &ScanReport, _look: Look, out: &mut dyn Write) -> io::Result<()> {
    let findings = report.findings.iter().map(|finding| finding_row(report, finding));
    let gaps = report.not_assessed.iter().map(|gap| gap_row(report, gap));
    let rows = findings.chain(gaps).map(Vec::from);
    exports::write(iter::once(exports::head(&HEADER)).chain(rows), LineEnd::Lf, out)
}

fn finding_row(report: &ScanReport, finding: &ScanFinding) -> [String; 20] {
    let judgement = &finding.judgement;
    let weakness = &judgement.weakness;
    let evidence = judgement.evidence.first();
    let [component, version, purl] = component_cells(report.inventory.component(finding.component));
    let kev = weakness.kev.as_ref();
    [
        weakness.id.clone(),
        weakness.aliases.join(" "),
        component,
        version,
        purl,
        judgement.answer.code().to_owned(),
        judgement.reason.code().to_owned(),
        weakness.severity.code().to_owned(),
        weakness.cvss.as_ref().map(|cvss| format!("{:.1}", cvss.score)).unwrap_or_default(),
        weakness.cvss.as_ref().map(|cvss| cvss.vector.clone()).unwrap_or_default(),
        weakness.epss.map(|epss| epss.score.to_string()).unwrap_or_default(),
        if kev.is_some() { "yes" } else { "no" }.to_owned(),
        kev.and_then(|kev| kev.due).map(|date| date.to_string()).unwrap_or_default(),
        judgement.fixed_in.join(" "),
        evidence.map(|evidence| evidence.advisory.clone()).unwrap_or_default(),
        evidence.map(|evidence| evidence.source.to_string()).unwrap_or_default(),
        evidence.map(|evidence| evidence.rule.clone()).unwrap_or_default(),
        weakness.summary.clone(),
        finding.accepted.clone().unwrap_or_default(),
        weakness.mentions.join(" "),
    ]
}

/// A component that cannot be judged: no weakness, so most cells are empty.
fn gap_row(report: &ScanReport, gap: &NotAssessed) -> [String; 20] {
    let [component, version, purl] = component_cells(report.inventory.component(gap.component));
    let mut row: [String; 20] = Default::default();
    row[2] = component;
    row[3] = version;
    row[4] = purl;
    row[5] = Answer::CannotTell.code().to_owned();
    row[6] = gap.reason.code().to_owned();
    row[18] = gap.accepted.clone().unwrap_or_default();
    row
}

fn component_cells(component: &Component) -> [String; 3] {
    [
        words::full_name(component),
        component.version.clone().unwrap_or_default(),
        component.purl.clone().unwrap_or_default(),
    ]
}
