//! SARIF 2.1.0 (OASIS), for code scanning and other tools that gather findings.
//!
//! A weakness is a rule, a finding is a result; "cannot tell" has the kind `review` (§3.27.9), for which the
//! specification wants the level `none`. What cannot be judged and what is incomplete are notifications (§3.58).

use std::collections::BTreeMap;
use std::io::{self, Write};

use bedrail_app::scan::{Rank, ScanFinding, ScanReport, rank};
use bedrail_model::answer::Answer;
use bedrail_model::component::Component;
use bedrail_model::finding::{Judgement, Weakness};
use serde::Serialize;

use super::{json_text, words};
use crate::cli::terminal::Look;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn write(report: &ScanReport, _look: Look, out: &mut dyn Write) -> io::Result<()> {
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run(report)] };
    json_text::write(&log, out)
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    invocations: [Invocation; 1],
    artifacts: [Artifact<'a>; 1],
    results: Vec<SarifResult<'a>>,
    column_kind: &'static str,
    properties: RunProperties,
}

#[derive(Serialize)]
struct RunProperties {
    complete: bool,
    answer: String,
    credits: Vec<&'static str>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: &'a str,
    short_description: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct RuleProperties {
    #[serde(rename = "security-severity", skip_serializing_if = "Option::is_none")]
    security_severity: Option<String>,
    tags: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    end_time_utc: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
struct Artifact<'a> {
    location: ArtifactLocation,
    length: u64,
    hashes: BTreeMap<&'static str, &'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'a str,
    rule_index: usize,
    kind: &'static str,
    level: &'static str,
    message: Message,
    locations: [Location<'a>; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
    properties: ResultProperties<'a>,
}

#[derive(Serialize)]
struct ResultProperties<'a> {
    answer: &'static str,
    reason: &'static str,
    fixed_in: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: PhysicalLocation,
    logical_locations: [LogicalLocation<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'a> {
    name: &'a str,
    fully_qualified_name: &'a str,
    kind: &'static str,
}

fn run(report: &ScanReport) -> Run<'_> {
    // In the order of the findings, so that a rule's index does not depend on hashing.
    let mut indices: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rules = Vec::new();
    for finding in &report.findings {
        let weakness = &finding.judgement.weakness;
        indices.entry(&weakness.id).or_insert_with(|| {
            rules.push(rule(weakness));
            rules.len() - 1
        });
    }
    let results = report.findings.iter();
    Run {
        tool: Tool { driver: Driver { name: "Bedrail", semantic_version: env!("CARGO_PKG_VERSION"), rules } },
        invocations: [Invocation {
            execution_successful: true,
            end_time_utc: report.judged_at.to_string(),
            tool_execution_notifications: notifications(report),
        }],
        artifacts: [Artifact {
            location: ArtifactLocation { uri: uri(&report.target.name), index: None },
            length: report.target.size_bytes,
            hashes: Some(report.target.sha256.as_str())
                .filter(|hash| !hash.is_empty())
                .map(|hash| ("sha-256", hash))
                .into_iter()
                .collect(),
        }],
        results: results
            .map(|finding| result(report, finding, indices[finding.judgement.weakness.id.as_str()]))
            .collect(),
        column_kind: "unicodeCodePoints",
        properties: RunProperties {
            complete: report.complete(),
            answer: words::headline(report),
            credits: report.credits(),
        },
    }
}

fn rule(weakness: &Weakness) -> Rule<'_> {
    let summary = if weakness.summary.is_empty() { &weakness.id } else { &weakness.summary };
    let mut tags = vec!["security".to_owned(), "vulnerability".to_owned()];
    tags.extend(weakness.kev.as_ref().map(|_| "known-exploited".to_owned()));
    tags.extend(weakness.malicious.then(|| "malicious".to_owned()));
    tags.extend(weakness.aliases.iter().chain(&weakness.mentions).cloned());
    Rule {
        id: &weakness.id,
        short_description: Message { text: summary.clone() },
        help_uri: weakness
            .id
            .starts_with("CVE-")
            .then(|| format!("https://www.cve.org/CVERecord?id={}", weakness.id)),
        properties: RuleProperties {
            security_severity: weakness.cvss.as_ref().map(|cvss| format!("{:.1}", cvss.score)),
            tags,
        },
    }
}

/// What is incomplete, and what cannot be judged.
fn notifications(report: &ScanReport) -> Vec<Notification> {
    let incomplete = report.incomplete.iter().map(|gap| ("warning", gap.to_string()));
    let unknown = report.not_assessed.iter().map(|gap| {
        let name = words::name_and_version(report.inventory.component(gap.component));
        let text = format!("{name} cannot be judged: {}", gap.reason.sentence());
        match &gap.accepted {
            Some(accepted) => ("note", format!("{text} (accepted: {accepted})")),
            None => ("warning", text),
        }
    });
    let lost = report.inventory.warnings.iter().map(|warning| {
        let level = if warning.lost { "warning" } else { "note" };
        (level, format!("{}: {}", warning.place, warning.message))
    });
    let all = incomplete.chain(unknown).chain(lost);
    all.map(|(level, text)| Notification { level, message: Message { text } }).collect()
}

fn result<'a>(report: &'a ScanReport, finding: &'a ScanFinding, rule_index: usize) -> SarifResult<'a> {
    let judgement = &finding.judgement;
    let component = report.inventory.component(finding.component);
    let (kind, level) = kind_and_level(judgement);
    let identity = component.purl.as_deref().unwrap_or(&component.name);
    let fingerprint = format!("{} {identity}", judgement.weakness.id);
    SarifResult {
        rule_id: &judgement.weakness.id,
        rule_index,
        kind,
        level,
        message: Message { text: message(component, judgement) },
        locations: [location(report, component)],
        partial_fingerprints: BTreeMap::from([("weaknessAndComponent/v1", fingerprint)]),
        properties: ResultProperties {
            answer: judgement.answer.code(),
            reason: judgement.reason.code(),
            fixed_in: &judgement.fixed_in,
            purl: component.purl.as_deref(),
        },
    }
}

/// Only the kind `fail` has a level other than `none` (§3.27.10).
fn kind_and_level(judgement: &Judgement) -> (&'static str, &'static str) {
    match (judgement.answer, rank(&judgement.weakness)) {
        (Answer::CannotTell, _) => ("review", "none"),
        (Answer::NotAffected, _) => ("pass", "none"),
        (Answer::Affected, Rank::Critical | Rank::High) => ("fail", "error"),
        (Answer::Affected, Rank::Medium | Rank::Unrated) => ("fail", "warning"),
        (Answer::Affected, Rank::Low | Rank::None) => ("fail", "note"),
    }
}

fn message(component: &Component, judgement: &Judgement) -> String {
    let name = words::name_and_version(component);
    let weakness = &judgement.weakness;
    let said = match judgement.answer {
        Answer::Affected => format!("{name} is affected by {}", weakness.id),
        Answer::CannotTell => format!("It cannot be told whether {name} is affected by {}", weakness.id),
        Answer::NotAffected => format!("{name} is not affected by {}", weakness.id),
    };
    let mut text = format!("{said}: {}.", judgement.reason.sentence());
    if !judgement.fixed_in.is_empty() {
        text.push_str(&format!(" Fixed in {}.", judgement.fixed_in.join(", ")));
    }
    text
}

fn location<'a>(report: &ScanReport, component: &'a Component) -> Location<'a> {
    let line = component.place.strip_prefix("line ").and_then(|line| line.parse().ok());
    Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri(&report.target.name), index: Some(0) },
            // A pointer into JSON has no line; code scanning wants one.
            region: Region { start_line: line.unwrap_or(1) },
        },
        logical_locations: [LogicalLocation {
            name: &component.name,
            fully_qualified_name: component.purl.as_deref().unwrap_or(&component.reference),
            kind: "module",
        }],
    }
}

/// A file name as a relative URI reference, or an absolute `file` URI (RFC 3986, RFC 8089).
fn uri(name: &str) -> String {
    match name {
        "-" => "stdin".to_owned(),
        name if cfg!(windows) => uri_of_windows(name),
        name => uri_of(name),
    }
}

fn uri_of(name: &str) -> String {
    let mut uri = String::from(if name.starts_with('/') { "file://" } else { "" });
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

/// The same of a name with backslashes and perhaps a drive (RFC 8089, appendix E.2).
fn uri_of_windows(name: &str) -> String {
    let name = name.replace('\\', "/");
    match name.split_once(":/") {
        Some((drive, rest)) if drive.len() == 1 => {
            format!("file:///{drive}:/{}", uri_of(rest.trim_start_matches('/')))
        }
        _ => uri_of(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::{uri, uri_of_windows};

    #[test]
    fn a_file_name_becomes_a_uri() {
        for (name, expected) in [
            ("-", "stdin"),
            ("sboms/pump 2.json", "sboms/pump%202.json"),
            ("/srv/ä.json", "file:///srv/%C3%A4.json"),
            ("c:x", "c%3Ax"),
        ] {
            assert_eq!(uri(name), expected);
        }
    }

    #[test]
    fn a_file_name_of_windows_becomes_a_uri() {
        for (name, expected) in [
            (r"sboms\pump 2.json", "sboms/pump%202.json"),
            (r"C:\srv\ä.json", "file:///C:/srv/%C3%A4.json"),
            (r"\\nas\sboms\pump.json", "file:////nas/sboms/pump.json"),
        ] {
            assert_eq!(uri_of_windows(name), expected);
        }
    }
}
