//! The report for people at a terminal. The first line is the answer.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use bedrail_app::scan::files::FILES;
use bedrail_app::scan::{NotAssessed, Rank, ScanFinding, ScanReport, rank};
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::text::harmless;

use super::grid::{Text, Tone, grid};
use super::words;
use crate::cli::terminal::Look;

/// Warnings shown here at most; the other formats have all of them.
const WARNINGS_SHOWN: usize = 20;

/// Places of one component shown here at most.
const PLACES_SHOWN: usize = 8;

/// Columns from which on there is room for why and what.
const WIDE: u16 = 140;

/// Columns below which some facts share a cell, one below the other.
const NARROW: u16 = 110;

pub(super) fn write(report: &ScanReport, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", words::headline(report))?;
    if let Some(gaps) = words::gaps(report) {
        writeln!(out, "{}", harmless(&gaps))?;
    }
    writeln!(out, "{}", words::data(&report.data, report.as_of()))?;
    section(report, Answer::Affected, "Affected", look, out)?;
    section(report, Answer::CannotTell, "Cannot tell", look, out)?;
    places(report, out)?;
    not_assessed(report, out)?;
    section(report, Answer::NotAffected, "Not affected", look, out)?;
    warnings(report, out)
}

/// All findings with one answer.
fn section(
    report: &ScanReport,
    answer: Answer,
    title: &str,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let findings: Vec<&ScanFinding> =
        report.findings.iter().filter(|finding| finding.judgement.answer == answer).collect();
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    let is_wide = look.width >= WIDE;
    // Why it cannot be told is the point of that section; elsewhere it is a detail for wide terminals.
    let says_why = is_wide || answer != Answer::Affected;
    let is_narrow = look.width < NARROW;
    let mut header = if is_narrow {
        vec!["Weakness", "Severity", "Component", "Fixed in"]
    } else {
        vec!["Weakness", "Severity", "Pressing", "Component", "Version", "Fixed in"]
    };
    if says_why {
        header.push("Why");
    }
    if is_wide {
        header.push("What");
    }
    let rows = findings.into_iter().map(|finding| {
        let mut row = row(report, finding, is_narrow);
        if says_why {
            row.push(why(finding).into());
        }
        if is_wide {
            row.push(words::summary(&finding.judgement.weakness).into());
        }
        row
    });
    out.write_all(grid(&header, rows, look).as_bytes())
}

fn row(report: &ScanReport, finding: &ScanFinding, is_narrow: bool) -> Vec<Text> {
    let judgement = &finding.judgement;
    let weakness = &judgement.weakness;
    let component = report.inventory.component(finding.component);
    let tone = match (judgement.answer, rank(weakness)) {
        (Answer::NotAffected, _) => Tone::Faint,
        (_, Rank::Critical) => Tone::Urgent,
        (_, Rank::High) => Tone::Attention,
        (_, Rank::Medium | Rank::Low | Rank::Unrated | Rank::None) => Tone::Plain,
    };
    let (severity, pressing) = (words::severity(weakness), words::pressing(weakness));
    let pressing_tone = if weakness.kev.is_some() { Tone::Urgent } else { Tone::Plain };
    let name = words::full_name(component);
    let version = component.version.as_deref().unwrap_or("?");
    let fixed_in = judgement.fixed_in.join(", ");
    if is_narrow {
        let severity = Text::lines([severity, pressing], tone);
        return vec![
            weakness.id.as_str().into(),
            severity,
            format!("{name} {version}").into(),
            fixed_in.into(),
        ];
    }
    vec![
        weakness.id.as_str().into(),
        Text::toned(severity, tone),
        Text::toned(pressing, pressing_tone),
        name.into(),
        version.into(),
        fixed_in.into(),
    ]
}

fn why(finding: &ScanFinding) -> String {
    let why = finding.judgement.reason.sentence();
    match &finding.accepted {
        Some(accepted) => format!("{why} (accepted: {accepted})"),
        None => why.to_owned(),
    }
}

/// Where the components with findings were found, for a scan of files: there somebody has to go.
fn places(report: &ScanReport, out: &mut dyn Write) -> io::Result<()> {
    if report.inventory.format != FILES {
        return Ok(());
    }
    let pressing = report.findings.iter().filter(|it| it.judgement.answer != Answer::NotAffected);
    let components: BTreeSet<_> = pressing.map(|finding| finding.component).collect();
    if !components.is_empty() {
        writeln!(out, "\nWhere")?;
    }
    for component in components.into_iter().map(|index| report.inventory.component(index)) {
        writeln!(out, "  {}", harmless(&words::name_and_version(component)))?;
        let places: BTreeSet<&str> = component.locations.iter().map(|it| outer(it)).collect();
        for place in places.iter().take(PLACES_SHOWN) {
            writeln!(out, "    {}", harmless(place))?;
        }
        if places.len() > PLACES_SHOWN {
            writeln!(out, "    and {} more", words::thousands((places.len() - PLACES_SHOWN) as u64))?;
        }
    }
    Ok(())
}

/// The archive that a file was found in, or the file itself: a library is hundreds of classes.
fn outer(place: &str) -> &str {
    place.rsplit_once("!/").map_or(place, |(archive, _)| archive)
}

/// Every component that cannot be judged, grouped by the reason.
fn not_assessed(report: &ScanReport, out: &mut dyn Write) -> io::Result<()> {
    if report.not_assessed.is_empty() {
        return Ok(());
    }
    let mut groups: BTreeMap<Reason, Vec<&NotAssessed>> = BTreeMap::new();
    for gap in &report.not_assessed {
        groups.entry(gap.reason).or_default().push(gap);
    }
    writeln!(out, "\nCannot be judged")?;
    for (reason, gaps) in groups {
        writeln!(out, "  {} ({}):", reason.sentence(), words::thousands(gaps.len() as u64))?;
        for gap in gaps {
            let name = words::name_and_version(report.inventory.component(gap.component));
            match &gap.accepted {
                Some(accepted) => {
                    writeln!(out, "    {}  (accepted: {})", harmless(&name), harmless(accepted))?;
                }
                None => {
                    writeln!(out, "    {}", harmless(&name))?;
                }
            }
        }
    }
    Ok(())
}

/// What was mended or lost while reading, what was lost first.
fn warnings(report: &ScanReport, out: &mut dyn Write) -> io::Result<()> {
    let mut warnings: Vec<_> = report.inventory.warnings.iter().collect();
    if warnings.is_empty() {
        return Ok(());
    }
    warnings.sort_by_key(|warning| !warning.lost);
    writeln!(out, "\nRemarks on the document")?;
    for warning in warnings.iter().take(WARNINGS_SHOWN) {
        let kind = if warning.lost { "lost" } else { "mended" };
        writeln!(out, "  {kind}: {}: {}", harmless(place(&warning.place)), harmless(&warning.message))?;
    }
    if warnings.len() > WARNINGS_SHOWN {
        writeln!(out, "  … and {} more (--format json has all)", warnings.len() - WARNINGS_SHOWN)?;
    }
    Ok(())
}

fn place(place: &str) -> &str {
    if place.is_empty() { "the document" } else { place }
}
