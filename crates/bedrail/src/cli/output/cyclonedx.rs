//! CycloneDX 1.6 JSON with `vulnerabilities`: the bill of materials as we understood it, and what was found in it.
//!
//! It is a report of what is known (VDR), no statement on exploitability (VEX): `analysis` is left to people.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use bedrail_app::scan::{ScanFinding, ScanReport};
use bedrail_model::answer::Answer;
use bedrail_model::component::{Component, ComponentIndex, ComponentKind, Inventory, RelationKind};
use bedrail_model::finding::Weakness;
use bedrail_model::severity::{Cvss, Severity};
use serde::Serialize;

use super::json_text;
use super::words;
use crate::cli::terminal::Look;

pub(super) fn write(report: &ScanReport, _look: Look, out: &mut dyn Write) -> io::Result<()> {
    json_text::write(&bom(report), out)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bom<'a> {
    bom_format: &'static str,
    spec_version: &'static str,
    version: u32,
    metadata: Metadata<'a>,
    components: Vec<ComponentView<'a>>,
    services: Vec<ServiceView<'a>>,
    dependencies: Vec<Dependency<'a>>,
    vulnerabilities: Vec<Vulnerability<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    timestamp: String,
    tools: Tools,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<ComponentView<'a>>,
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Tools {
    components: [ToolView; 1],
}

#[derive(Serialize)]
struct ToolView {
    r#type: &'static str,
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Property {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct ComponentView<'a> {
    r#type: &'static str,
    #[serde(rename = "bom-ref")]
    bom_ref: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<Supplier<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<&'a str>,
}

#[derive(Serialize)]
struct Supplier<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct ServiceView<'a> {
    #[serde(rename = "bom-ref")]
    bom_ref: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency<'a> {
    r#ref: &'a str,
    depends_on: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Vulnerability<'a> {
    id: &'a str,
    references: Vec<Reference<'a>>,
    ratings: Vec<Rating<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    recommendation: Option<String>,
    affects: Vec<Affects<'a>>,
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Reference<'a> {
    id: &'a str,
    source: Source<'a>,
}

#[derive(Serialize)]
struct Source<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Rating<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vector: Option<&'a str>,
}

#[derive(Serialize)]
struct Affects<'a> {
    r#ref: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    versions: Vec<AffectedVersion<'a>>,
}

#[derive(Serialize)]
struct AffectedVersion<'a> {
    version: &'a str,
    status: &'static str,
}

fn bom(report: &ScanReport) -> Bom<'_> {
    let inventory = &report.inventory;
    let subject = inventory.subject;
    let mut components = Vec::new();
    let mut services = Vec::new();
    for (index, component) in inventory.components.iter().enumerate() {
        match component.kind {
            _ if subject.is_some_and(|subject| subject.0 as usize == index) => {}
            ComponentKind::Service => services.push(service(component)),
            _ => components.push(component_view(component)),
        }
    }
    Bom {
        bom_format: "CycloneDX",
        spec_version: "1.6",
        version: 1,
        metadata: Metadata {
            timestamp: report.judged_at.to_string(),
            tools: Tools {
                components: [ToolView {
                    r#type: "application",
                    name: "bedrail",
                    version: env!("CARGO_PKG_VERSION"),
                }],
            },
            component: subject.map(|index| component_view(inventory.component(index))),
            properties: metadata_properties(report),
        },
        components,
        services,
        dependencies: dependencies(inventory),
        vulnerabilities: vulnerabilities(report),
    }
}

/// What the format has no field for: whether the answer is complete, and what cannot be judged.
fn metadata_properties(report: &ScanReport) -> Vec<Property> {
    let mut properties = vec![
        Property { name: "bedrail:answer", value: words::headline(report) },
        Property { name: "bedrail:complete", value: report.complete().to_string() },
    ];
    properties.extend(
        report.incomplete.iter().map(|gap| Property { name: "bedrail:incomplete", value: gap.to_string() }),
    );
    properties.extend(report.not_assessed.iter().map(|gap| Property {
        name: "bedrail:not-assessed",
        value: format!("{}: {}", report.inventory.component(gap.component).reference, gap.reason.code()),
    }));
    properties
}

fn component_view(component: &Component) -> ComponentView<'_> {
    let r#type = match component.kind {
        // A service as the subject of a document: the format wants a component there.
        ComponentKind::Service => ComponentKind::Application.code(),
        kind => kind.code(),
    };
    ComponentView {
        r#type,
        bom_ref: &component.reference,
        supplier: component.supplier.as_deref().map(|name| Supplier { name }),
        group: component.group.as_deref(),
        name: &component.name,
        version: component.version.as_deref(),
        purl: component.purl.as_deref(),
    }
}

fn service(component: &Component) -> ServiceView<'_> {
    ServiceView {
        bom_ref: &component.reference,
        group: component.group.as_deref(),
        name: &component.name,
        version: component.version.as_deref(),
    }
}

fn dependencies(inventory: &Inventory) -> Vec<Dependency<'_>> {
    let mut edges: BTreeMap<ComponentIndex, BTreeSet<ComponentIndex>> = BTreeMap::new();
    for relation in inventory.relations.iter().filter(|it| it.kind == RelationKind::DependsOn) {
        edges.entry(relation.from).or_default().insert(relation.to);
    }
    let reference = |index: ComponentIndex| inventory.component(index).reference.as_str();
    edges
        .into_iter()
        .map(|(from, to)| Dependency {
            r#ref: reference(from),
            depends_on: to.into_iter().map(reference).collect(),
        })
        .collect()
}

/// One entry per weakness, with every component that it touches or may touch, in the order of the findings.
fn vulnerabilities(report: &ScanReport) -> Vec<Vulnerability<'_>> {
    let mut order = Vec::new();
    let mut groups: BTreeMap<&str, Vec<&ScanFinding>> = BTreeMap::new();
    for finding in &report.findings {
        let id = finding.judgement.weakness.id.as_str();
        groups
            .entry(id)
            .or_insert_with(|| {
                order.push(id);
                Vec::new()
            })
            .push(finding);
    }
    order.into_iter().map(|id| vulnerability(report, &groups[id])).collect()
}

fn vulnerability<'a>(report: &'a ScanReport, findings: &[&'a ScanFinding]) -> Vulnerability<'a> {
    let weakness = &findings[0].judgement.weakness;
    let fixes: BTreeSet<String> = findings
        .iter()
        .filter(|finding| !finding.judgement.fixed_in.is_empty())
        .map(|finding| {
            let component = report.inventory.component(finding.component);
            format!("{}: {}", words::full_name(component), finding.judgement.fixed_in.join(" or "))
        })
        .collect();
    let fixes: Vec<String> = fixes.into_iter().collect();
    Vulnerability {
        id: &weakness.id,
        references: weakness
            .aliases
            .iter()
            .map(|id| Reference { id, source: Source { name: scheme(id) } })
            .collect(),
        ratings: ratings(weakness),
        description: &weakness.summary,
        recommendation: (!fixes.is_empty()).then(|| format!("Fixed in {}.", fixes.join("; "))),
        affects: findings.iter().map(|finding| affects(report, finding)).collect(),
        properties: properties(weakness),
    }
}

/// Who gives out ids of this kind: the part before the first hyphen.
fn scheme(id: &str) -> &str {
    id.split('-').next().unwrap_or(id)
}

fn ratings(weakness: &Weakness) -> Vec<Rating<'_>> {
    let severity = weakness.severity.code();
    match &weakness.cvss {
        Some(cvss) => {
            vec![Rating {
                score: Some(cvss.score),
                severity,
                method: method(cvss),
                vector: Some(&cvss.vector),
            }]
        }
        None if weakness.severity == Severity::Unknown => Vec::new(),
        None => vec![Rating { score: None, severity, method: None, vector: None }],
    }
}

/// The scoring method, as the format names them.
fn method(cvss: &Cvss) -> Option<&'static str> {
    let methods = [("CVSS:4", "CVSSv4"), ("CVSS:3.1", "CVSSv31"), ("CVSS:3.0", "CVSSv3"), ("AV:", "CVSSv2")];
    methods.iter().find(|(prefix, _)| cvss.vector.starts_with(prefix)).map(|(_, method)| *method)
}

fn affects<'a>(report: &'a ScanReport, finding: &'a ScanFinding) -> Affects<'a> {
    let component = report.inventory.component(finding.component);
    let status = match finding.judgement.answer {
        Answer::Affected => "affected",
        Answer::CannotTell => "unknown",
        Answer::NotAffected => "unaffected",
    };
    let version = component.version.as_deref();
    Affects {
        r#ref: &component.reference,
        versions: version.map(|version| AffectedVersion { version, status }).into_iter().collect(),
    }
}

fn properties(weakness: &Weakness) -> Vec<Property> {
    let mut properties = Vec::new();
    if let Some(kev) = &weakness.kev {
        properties.push(Property { name: "bedrail:kev:added", value: kev.added.to_string() });
        if let Some(due) = kev.due {
            properties.push(Property { name: "bedrail:kev:due", value: due.to_string() });
        }
        properties.push(Property { name: "bedrail:kev:ransomware", value: kev.ransomware.to_string() });
    }
    if let Some(epss) = weakness.epss {
        properties.push(Property { name: "bedrail:epss", value: epss.score.to_string() });
    }
    let borrowed = &weakness.borrowed;
    let from = [
        ("bedrail:severity:from", &borrowed.severity),
        ("bedrail:epss:from", &borrowed.epss),
        ("bedrail:kev:from", &borrowed.kev),
    ];
    for (name, id) in from {
        properties.extend(id.clone().map(|value| Property { name, value }));
    }
    for id in &weakness.mentions {
        properties.push(Property { name: "bedrail:mentions", value: id.clone() });
    }
    if weakness.malicious {
        properties.push(Property { name: "bedrail:malicious", value: "true".to_owned() });
    }
    properties
}
