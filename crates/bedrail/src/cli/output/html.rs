//! One self-contained page: no script, nothing fetched, everything escaped by the template, fit to print.

use std::io::{self, Write};

use askama::Template;
use bedrail_app::scan::{ScanFinding, ScanReport};
use bedrail_model::answer::Answer;
use bedrail_model::text::harmless;

use super::words;
use crate::cli::terminal::Look;
use crate::web::texts::{ENGLISH, Texts};

pub(super) fn write(report: &ScanReport, _look: Look, mut out: &mut dyn Write) -> io::Result<()> {
    let page = Page::from(report);
    page.write_into(&mut out)?;
    out.write_all(b"\n")
}

#[derive(Template)]
#[template(path = "scan_report.html")]
struct Page {
    t: &'static Texts,
    headline: String,
    gaps: Option<String>,
    data: String,
    file: String,
    document: String,
    judged_at: String,
    sha256: String,
    sections: Vec<Section>,
    not_assessed: Vec<Gap>,
    sources: Vec<Source>,
    warnings: Vec<Remark>,
    credits: String,
    version: &'static str,
}

struct Section {
    title: &'static str,
    rows: Vec<Row>,
}

struct Row {
    id: String,
    aliases: String,
    summary: String,
    severity: String,
    level: &'static str,
    pressing: String,
    component: String,
    version: String,
    fixed_in: String,
    why: String,
    evidence: Vec<String>,
}

struct Gap {
    component: String,
    reason: &'static str,
    accepted: Option<String>,
}

struct Source {
    name: String,
    state: &'static str,
    as_of: String,
    records: String,
    relevant: bool,
    note: String,
}

struct Remark {
    place: String,
    message: String,
    lost: bool,
}

impl From<&ScanReport> for Page {
    fn from(report: &ScanReport) -> Self {
        let inventory = &report.inventory;
        let subject = inventory.subject.map(|index| words::name_and_version(inventory.component(index)));
        let format = inventory.format_in_words();
        Page {
            t: &ENGLISH,
            headline: words::headline(report),
            gaps: words::gaps(report),
            data: words::data(&report.data, report.as_of()),
            file: shown(&report.target.name),
            document: shown(&subject.map_or(format.clone(), |subject| format!("{subject} ({format})"))),
            judged_at: report.judged_at.to_string(),
            sha256: report.target.sha256.clone(),
            sections: sections(report),
            not_assessed: gaps(report),
            sources: sources(report),
            warnings: inventory
                .warnings
                .iter()
                .map(|warning| Remark {
                    place: shown(&warning.place),
                    message: shown(&warning.message),
                    lost: warning.lost,
                })
                .collect(),
            credits: report.credits().join("; "),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

fn shown(text: &str) -> String {
    harmless(text).into_owned()
}

/// The findings by answer; empty sections are left out.
fn sections(report: &ScanReport) -> Vec<Section> {
    let titles = [
        (Answer::Affected, "Affected"),
        (Answer::CannotTell, "Cannot tell"),
        (Answer::NotAffected, "Not affected"),
    ];
    let section = |(answer, title)| {
        let findings = report.findings.iter().filter(|finding| finding.judgement.answer == answer);
        Section { title, rows: findings.map(|finding| row(report, finding)).collect() }
    };
    titles.into_iter().map(section).filter(|section| !section.rows.is_empty()).collect()
}

fn row(report: &ScanReport, finding: &ScanFinding) -> Row {
    let judgement = &finding.judgement;
    let weakness = &judgement.weakness;
    let component = report.inventory.component(finding.component);
    let why = judgement.reason.sentence();
    Row {
        id: shown(&weakness.id),
        aliases: shown(&[weakness.aliases.as_slice(), &weakness.mentions].concat().join(", ")),
        summary: shown(&weakness.summary),
        severity: words::severity(weakness),
        level: weakness.severity.code(),
        pressing: words::pressing(weakness),
        component: shown(&words::full_name(component)),
        version: shown(component.version.as_deref().unwrap_or("?")),
        fixed_in: shown(&judgement.fixed_in.join(", ")),
        why: match &finding.accepted {
            Some(accepted) => shown(&format!("{why} (accepted: {accepted})")),
            None => why.to_owned(),
        },
        evidence: judgement
            .evidence
            .iter()
            .map(|it| shown(&format!("{} ({}): {}, {}", it.advisory, it.source, it.package, it.rule)))
            .collect(),
    }
}

fn gaps(report: &ScanReport) -> Vec<Gap> {
    let gaps = report.not_assessed.iter();
    gaps.map(|gap| Gap {
        component: shown(&words::name_and_version(report.inventory.component(gap.component))),
        reason: gap.reason.sentence(),
        accepted: gap.accepted.as_deref().map(shown),
    })
    .collect()
}

fn sources(report: &ScanReport) -> Vec<Source> {
    let sources = report.sources.iter();
    sources
        .map(|source| Source {
            name: shown(&source.status.name),
            state: source.status.state.code(),
            as_of: source.status.as_of.map(words::day).unwrap_or_default(),
            records: words::thousands(source.status.records),
            relevant: source.relevant,
            note: source.status.note.as_deref().map(shown).unwrap_or_default(),
        })
        .collect()
}
