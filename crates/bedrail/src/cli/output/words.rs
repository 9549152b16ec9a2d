//! Sentences that several formats share: the answer, what keeps it from being complete, and how old the data is.

use bedrail_app::scan::files::FILES;
use bedrail_app::scan::{Counts, ScanReport};
use bedrail_model::component::Component;
use bedrail_model::data_status::DataStatus;
use bedrail_model::finding::Weakness;
use bedrail_model::severity::Severity;
use bedrail_model::text::harmless;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `1 device`, `2 devices`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// `12,345`: digits in groups of three.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The answer in one sentence.
pub(crate) fn headline(report: &ScanReport) -> String {
    let counts = report.counts();
    let found = found(&counts);
    let unknown = unknown(&counts);
    match (counts.components, report.complete()) {
        (0, _) if report.inventory.format == FILES => {
            "Nothing was judged: no known software was found in what was looked into.".to_owned()
        }
        (0, _) => "Nothing was judged: the document lists no components.".to_owned(),
        (_, true) => format!("{found}{unknown}."),
        (_, false) => format!("{found}{unknown}. This answer is incomplete."),
    }
}

fn found(counts: &Counts) -> String {
    let components = count(counts.components as u64, "component", "components");
    if counts.weaknesses == 0 {
        return format!("No known weakness was found in {components}");
    }
    let weaknesses = count(counts.weaknesses as u64, "weakness affects", "weaknesses affect");
    let mut text = format!("{weaknesses} {} of {components}", thousands(counts.affected_components as u64));
    let mut notable = Vec::new();
    if counts.critical > 0 {
        notable.push(format!("{} critical", thousands(counts.critical as u64)));
    }
    if counts.known_exploited > 0 {
        notable.push(format!("{} known to be exploited", thousands(counts.known_exploited as u64)));
    }
    if !notable.is_empty() {
        text.push_str(&format!(" ({})", notable.join(", ")));
    }
    text
}

fn unknown(counts: &Counts) -> String {
    let mut text = String::new();
    if counts.cannot_tell > 0 {
        let questions = count(counts.cannot_tell as u64, "possible finding", "possible findings");
        text.push_str(&format!("; {questions} cannot be told"));
    }
    if counts.not_assessed > 0 {
        let components = count(counts.not_assessed as u64, "component", "components");
        text.push_str(&format!("; {components} cannot be judged"));
    }
    text
}

/// What keeps the answer from being complete, one clause each.
pub(crate) fn gaps(report: &ScanReport) -> Option<String> {
    let gaps: Vec<String> = report.incomplete.iter().map(ToString::to_string).collect();
    (!gaps.is_empty()).then(|| format!("Incomplete: {}.", gaps.join("; ")))
}

/// How much data stands behind the answer, and of which moment it speaks.
pub(crate) fn data(data: &DataStatus, as_of: Option<Timestamp>) -> String {
    let advisories = count(data.advisories, "advisory", "advisories");
    let kind = if data.starter_only { "starter data, " } else { "" };
    match as_of {
        Some(moment) => format!("Data: {kind}{advisories}, as of {}.", day(moment)),
        None => format!("Data: {kind}{advisories}."),
    }
}

/// The day of a moment, UTC.
pub(crate) fn day(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::UTC).date().to_string()
}

/// `critical 10.0`, `high`, `not rated`.
pub(crate) fn severity(weakness: &Weakness) -> String {
    let word = match weakness.severity {
        Severity::Unknown if weakness.malicious => "malicious",
        Severity::Unknown => "not rated",
        Severity::None | Severity::Low | Severity::Medium | Severity::High | Severity::Critical => {
            weakness.severity.code()
        }
    };
    let from = from(weakness.borrowed.severity.as_deref());
    match &weakness.cvss {
        Some(cvss) => format!("{word} {:.1}{from}", cvss.score),
        None => format!("{word}{from}"),
    }
}

/// One line on a weakness.
pub(crate) fn summary(weakness: &Weakness) -> &str {
    if weakness.summary.is_empty() { "no summary given" } else { &weakness.summary }
}

/// Of which weakness it was said, where it was of one that an advisory mentions.
fn from(id: Option<&str>) -> String {
    id.map(|id| format!(" ({})", harmless(id))).unwrap_or_default()
}

/// What presses: exploited, ransomware, how likely.
pub(crate) fn pressing(weakness: &Weakness) -> String {
    let mut words = Vec::new();
    if let Some(kev) = &weakness.kev {
        let ransomware = if kev.ransomware { ", ransomware" } else { "" };
        words.push(format!("exploited{ransomware}{}", from(weakness.borrowed.kev.as_deref())));
    }
    if let Some(epss) = weakness.epss {
        words.push(format!("{:.1} %", epss.score * 100.0));
    }
    words.join(", ")
}

/// `group/name`, or the name alone.
pub(crate) fn full_name(component: &Component) -> String {
    match component.group.as_deref().filter(|group| !group.is_empty()) {
        Some(group) => format!("{group}/{}", component.name),
        None => component.name.clone(),
    }
}

/// `name version`.
pub(crate) fn name_and_version(component: &Component) -> String {
    match &component.version {
        Some(version) => format!("{} {version}", full_name(component)),
        None => full_name(component),
    }
}

/// The parts that are there, joined.
pub(crate) fn joined(parts: &[&Option<String>], separator: &str) -> String {
    let parts: Vec<&str> =
        parts.iter().filter_map(|part| part.as_deref()).filter(|part| !part.is_empty()).collect();
    parts.join(separator)
}
