//! What a bill of materials holds, for people and as `bedrail.sbom/1`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use bedrail_model::component::{ComponentKind, Inventory, RelationKind, Warning};
use bedrail_model::text::harmless;
use serde::Serialize;

use super::{json_text, words};

const SCHEMA: &str = "bedrail.sbom/1";

#[derive(Serialize)]
struct InspectionView<'a> {
    schema: &'static str,
    file: &'a str,
    format: &'a str,
    version: &'a str,
    encoding: &'a str,
    document: Option<&'a str>,
    created: Option<&'a str>,
    authors: &'a [String],
    subject: Option<SubjectView<'a>>,
    complete: bool,
    counts: Counts,
    kinds: BTreeMap<&'static str, usize>,
    known_gaps: Vec<GapView<'a>>,
    warnings: Vec<RemarkView<'a>>,
    losses: Vec<RemarkView<'a>>,
}

#[derive(Serialize)]
struct SubjectView<'a> {
    r#ref: &'a str,
    kind: &'static str,
    name: &'a str,
    version: Option<&'a str>,
    supplier: Option<&'a str>,
    purl: Option<&'a str>,
}

/// `components` are all but services; hardware is a part of them.
#[derive(Debug, Default, Serialize)]
struct Counts {
    components: usize,
    services: usize,
    hardware: usize,
    relations: usize,
    dependencies: usize,
    with_purl: usize,
    with_cpe: usize,
    without_version: usize,
    without_identifier: usize,
    statements: usize,
    warnings: usize,
    losses: usize,
}

#[derive(Serialize)]
struct GapView<'a> {
    component: Option<&'a str>,
    statement: &'a str,
}

#[derive(Serialize)]
struct RemarkView<'a> {
    place: &'a str,
    message: &'a str,
}

/// Writes the JSON shape.
pub(crate) fn write_json(file: &str, inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    json_text::write(&view(file, inventory), out)
}

/// Writes the text for people; the first line is what it is.
pub(crate) fn write_text(file: &str, inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let view = view(file, inventory);
    let counts = &view.counts;
    let whole = if view.complete { "read whole" } else { "read in part" };
    writeln!(out, "{}, {whole}.", harmless(&inventory.format_in_words()))?;
    if let Some(subject) = &view.subject {
        let version = subject.version.unwrap_or("without a version");
        writeln!(out, "About        {} {} ({})", harmless(subject.name), harmless(version), subject.kind)?;
    }
    let optional = [("Document", view.document), ("Made", view.created)];
    for (title, text) in optional.into_iter().filter_map(|(title, text)| Some((title, text?))) {
        writeln!(out, "{title:<12} {}", harmless(text))?;
    }
    if !view.authors.is_empty() {
        writeln!(out, "{:<12} {}", "By", harmless(&view.authors.join(", ")))?;
    }
    let number = |count: usize| words::thousands(count as u64);
    writeln!(
        out,
        "Components   {} ({} with purl, {} with CPE, {} without version, {} without identifier)",
        number(counts.components),
        number(counts.with_purl),
        number(counts.with_cpe),
        number(counts.without_version),
        number(counts.without_identifier),
    )?;
    let kinds: Vec<String> =
        view.kinds.iter().map(|(kind, count)| format!("{kind} {}", number(*count))).collect();
    if kinds.len() > 1 {
        writeln!(out, "Kinds        {}", kinds.join(", "))?;
    }
    writeln!(out, "Services     {}", number(counts.services))?;
    writeln!(out, "Hardware     {}", number(counts.hardware))?;
    writeln!(
        out,
        "Relations    {} ({} dependencies)",
        number(counts.relations),
        number(counts.dependencies)
    )?;
    if counts.statements > 0 {
        writeln!(out, "Statements   {} on vulnerabilities, kept for later", number(counts.statements))?;
    }
    for gap in &view.known_gaps {
        let whose = gap.component.unwrap_or("the whole document");
        writeln!(out, "Known gap    {}: {}", harmless(whose), harmless(gap.statement))?;
    }
    write_remarks(&inventory.warnings, out)
}

/// Every warning, what was lost first.
pub(crate) fn write_remarks(warnings: &[Warning], out: &mut dyn Write) -> io::Result<()> {
    for (lost, title) in [(true, "Lost"), (false, "Mended")] {
        for warning in warnings.iter().filter(|warning| warning.lost == lost) {
            let place = if warning.place.is_empty() { "the document" } else { &warning.place };
            writeln!(out, "{title:<12} {}: {}", harmless(place), harmless(&warning.message))?;
        }
    }
    Ok(())
}

fn view<'a>(file: &'a str, inventory: &'a Inventory) -> InspectionView<'a> {
    let subject = inventory.subject.map(|index| inventory.component(index));
    let remarks = |lost: bool| {
        let chosen = inventory.warnings.iter().filter(move |warning| warning.lost == lost);
        chosen.map(|warning| RemarkView { place: &warning.place, message: &warning.message }).collect()
    };
    InspectionView {
        schema: SCHEMA,
        file,
        format: &inventory.format,
        version: &inventory.format_version,
        encoding: &inventory.encoding,
        document: inventory.document_name.as_deref(),
        created: inventory.created.as_deref(),
        authors: &inventory.authors,
        subject: subject.map(|component| SubjectView {
            r#ref: &component.reference,
            kind: component.kind.code(),
            name: &component.name,
            version: component.version.as_deref(),
            supplier: component.supplier.as_deref(),
            purl: component.purl.as_deref(),
        }),
        complete: inventory.complete(),
        counts: counts(inventory),
        kinds: kinds(inventory),
        known_gaps: inventory
            .known_gaps
            .iter()
            .map(|gap| GapView {
                component: gap.component.map(|index| inventory.component(index).reference.as_str()),
                statement: &gap.statement,
            })
            .collect(),
        warnings: remarks(false),
        losses: remarks(true),
    }
}

fn counts(inventory: &Inventory) -> Counts {
    let mut counts = Counts {
        relations: inventory.relations.len(),
        dependencies: inventory.relations.iter().filter(|it| it.kind == RelationKind::DependsOn).count(),
        statements: inventory.statements.len(),
        losses: inventory.warnings.iter().filter(|warning| warning.lost).count(),
        ..Counts::default()
    };
    counts.warnings = inventory.warnings.len() - counts.losses;
    for component in &inventory.components {
        match component.kind {
            ComponentKind::Service => {
                counts.services += 1;
                continue;
            }
            ComponentKind::Device => counts.hardware += 1,
            _ => {}
        }
        counts.components += 1;
        counts.with_purl += usize::from(component.purl.is_some());
        counts.with_cpe += usize::from(!component.cpes.is_empty());
        counts.without_version += usize::from(component.version.is_none());
        counts.without_identifier += usize::from(component.purl.is_none() && component.cpes.is_empty());
    }
    counts
}

fn kinds(inventory: &Inventory) -> BTreeMap<&'static str, usize> {
    let mut kinds = BTreeMap::new();
    for component in &inventory.components {
        *kinds.entry(component.kind.code()).or_default() += 1;
    }
    kinds
}
