//! Identifiers proposed for components that are known by a name alone: as text, as `bedrail.proposals/1`, and as a component
//! list to complete.

use std::io::{self, Write};

use bedrail_app::bills::{Proposal, Proposals};
use bedrail_app::exports::lines;
use bedrail_model::component::{Component, ComponentKind, Inventory};
use bedrail_model::text::harmless;
use serde::Serialize;

use super::json_text;
use crate::web::words::{count, number};

const SCHEMA: &str = "bedrail.proposals/1";

/// Proposals shown for one component.
const SHOWN: usize = 3;

/// A component without an identifier, and what is proposed for it.
type Row<'a> = (&'a Component, &'a [Proposal], usize);

/// The components that have neither package URL nor CPE; services cannot have one.
fn rows<'a>(inventory: &'a Inventory, proposals: &'a Proposals) -> Vec<Row<'a>> {
    let all = inventory.components.iter().zip(&proposals.of).zip(&proposals.found);
    let bare = |component: &Component| {
        component.purl.is_none() && component.cpes.is_empty() && component.kind != ComponentKind::Service
    };
    all.filter(|((component, _), _)| bare(component))
        .map(|((component, proposals), found)| (component, proposals.as_slice(), *found))
        .collect()
}

fn title(component: &Component) -> String {
    let version = component.version.as_deref().unwrap_or("without a version");
    harmless(&format!("{} {version}", component.name)).into_owned()
}

/// Writes the text for people; the first line is the answer.
pub(crate) fn write_text(
    inventory: &Inventory,
    proposals: &Proposals,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rows = rows(inventory, proposals);
    let with = rows.iter().filter(|(_, proposals, _)| !proposals.is_empty()).count() as u64;
    writeln!(
        out,
        "{} without an identifier; for {} of them there are proposals. Nothing is taken over until a person says so.",
        count(rows.len() as u64, "component"),
        number(with)
    )?;
    for (component, proposals, found) in rows {
        writeln!(out, "\n{}", title(component))?;
        if proposals.is_empty() {
            writeln!(out, "  nothing in the data is called so")?;
        }
        for proposal in proposals.iter().take(SHOWN) {
            writeln!(out, "  {}  ({})", harmless(&proposal.identifier), proposal.confidence.words())?;
        }
        if found > SHOWN {
            writeln!(out, "  and {} more", number((found - SHOWN) as u64))?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct ProposalsView<'a> {
    schema: &'static str,
    components: Vec<ComponentView<'a>>,
}

#[derive(Serialize)]
struct ComponentView<'a> {
    r#ref: &'a str,
    name: &'a str,
    version: Option<&'a str>,
    supplier: Option<&'a str>,
    found: usize,
    proposals: Vec<ProposalView<'a>>,
}

#[derive(Serialize)]
struct ProposalView<'a> {
    identifier: &'a str,
    ecosystem: &'static str,
    package: &'a str,
    confidence: &'static str,
    reason: &'static str,
}

impl<'a> From<&'a Proposal> for ProposalView<'a> {
    fn from(proposal: &'a Proposal) -> ProposalView<'a> {
        ProposalView {
            identifier: &proposal.identifier,
            ecosystem: proposal.ecosystem.name(),
            package: &proposal.package,
            confidence: proposal.confidence.code(),
            reason: proposal.confidence.words(),
        }
    }
}

/// Writes the JSON shape.
pub(crate) fn write_json(
    inventory: &Inventory,
    proposals: &Proposals,
    out: &mut dyn Write,
) -> io::Result<()> {
    let components =
        rows(inventory, proposals).into_iter().map(|(component, proposals, found)| ComponentView {
            r#ref: &component.reference,
            name: &component.name,
            version: component.version.as_deref(),
            supplier: component.supplier.as_deref(),
            found,
            proposals: proposals.iter().map(ProposalView::from).collect(),
        });
    json_text::write(&ProposalsView { schema: SCHEMA, components: components.collect() }, out)
}

/// The columns of the list to complete. What is proposed stands in columns that no reader takes, so that nothing is taken
/// over that nobody looked at.
const COLUMNS: [&str; 9] = [
    "Name",
    "Version",
    "Supplier",
    "Licence",
    "purl",
    "CPE",
    "Proposed",
    "What speaks for it",
    "Other proposals",
];

/// Writes the whole bill as a component list with the proposals beside.
pub(crate) fn write_csv(inventory: &Inventory, proposals: &Proposals, out: &mut dyn Write) -> io::Result<()> {
    let head = COLUMNS.map(str::to_owned).to_vec();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let row = |(component, proposals): (&Component, &Vec<Proposal>)| {
        let best = proposals.first();
        let others = proposals.iter().skip(1).map(|it| it.identifier.as_str());
        vec![
            component.name.clone(),
            text(&component.version),
            text(&component.supplier),
            component.licences.join("; "),
            text(&component.purl),
            component.cpes.join(" "),
            best.map(|it| it.identifier.clone()).unwrap_or_default(),
            best.map(|it| it.confidence.words().to_owned()).unwrap_or_default(),
            others.collect::<Vec<_>>().join(" "),
        ]
    };
    let rows = inventory.components.iter().zip(&proposals.of).map(row);
    out.write_all(&lines(std::iter::once(head).chain(rows)))
}
