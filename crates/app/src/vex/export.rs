//! Our decisions as statements for others.

use std::collections::HashSet;

use bedrail_assess::decisions::holds_for;
use bedrail_formats::vex::{Format, WriteError, Written, write};
use bedrail_model::decision::{Decision, Scope, Verdict};
use bedrail_model::ids::{ContentId, ReleaseId, VexDocumentId};
use bedrail_model::product_advisory::{ProductIdentifiers, VersionText};
use bedrail_model::vex::{Document, Issuer, Product, Statement, Status};
use bedrail_store::{decisions as rows, organisations, weaknesses};

use crate::decisions::key_of;
use crate::fleet::Fleet;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Export {
    /// In which format.
    pub format: Format,
    /// Of one release; of all without it.
    pub release: Option<ReleaseId>,
}

/// Writes the decisions in force as a document of statements.
///
/// # Errors
/// [`Error::NotFound`] when there is no such release, [`Error::Invalid`] when no decision can be written.
pub async fn export(ctx: &Context, actor: &Actor, command: &Export) -> Result<Written, Error> {
    let (fleet, view) = ctx.fleet(actor, Right::SeeFleet).await?;
    if let Some(release) = command.release
        && !fleet.products.release_index.contains_key(&release)
    {
        return Err(Error::not_found(format!("release {release}")));
    }
    let today = ctx.clock.today();
    let mut decisions = rows::all(&view).await?;
    decisions.retain(|it| it.withdrawn.is_none() && it.verdict.holds_on(today));
    decisions.sort_by_key(|it| (it.scope.narrowness(), it.decided, it.id));
    let mut left_out = Vec::new();
    let mut statements: Vec<Statement> = Vec::new();
    // The narrowest first: of two decisions on one weakness and release it counts.
    let mut said: HashSet<(String, ReleaseId)> = HashSet::new();
    for decision in decisions.iter().rev() {
        if matches!(decision.scope, Scope::Devices(_)) {
            left_out.push(format!("a decision on `{}` for single devices is left out", decision.weakness));
            continue;
        }
        let products = covered(&fleet, decision)
            .filter(|(release, _)| command.release.is_none_or(|wanted| *release == wanted))
            .filter(|(release, _)| said.insert((decision.weakness.clone(), *release)));
        let products: Vec<Product> = products.map(|(_, product)| product).collect();
        if !products.is_empty() {
            statements.push(statement(decision, products));
        }
    }
    for statement in &mut statements {
        if let Some(known) = weaknesses::by_alias(&view, statement.weakness()).await? {
            statement.weaknesses.extend(known.aliases);
        }
    }
    let name = organisations::one(&view).await?.name;
    drop(view);
    let document = Document {
        id: format!("urn:uuid:{}", VexDocumentId::generate()),
        title: Some("Decisions on weaknesses".to_owned()),
        issuer: Issuer {
            name,
            role: Some("user".to_owned()),
            namespace: Some(format!("urn:uuid:{}", actor.org)),
        },
        version: "1".to_owned(),
        issued: Some(ctx.clock.now().to_string()),
        statements,
        ..Document::default()
    };
    let mut written = write(&document, command.format).map_err(|error| match error {
        WriteError::NoStatement(_) => Error::Invalid {
            message: "there is no decision in force that could be written".to_owned(),
            hint: Some("decide on weaknesses of releases first".to_owned()),
        },
        other => Error::Internal(Box::new(other)),
    })?;
    written.unsaid.splice(0..0, left_out);
    Ok(written)
}

/// The releases that a decision covers, each as a product with those of its components as parts that the decision was taken on.
/// One that takes findings away covers no release without such a component: what is in there is another question, or not known.
fn covered<'f>(
    fleet: &'f Fleet,
    decision: &'f Decision,
) -> impl Iterator<Item = (ReleaseId, Product)> + use<'f> {
    let releases = 0..crate::fleet::index(fleet.products.releases.len());
    releases.filter(|at| holds_for(&decision.scope, fleet.place_of_release(*at))).filter_map(|at| {
        let row = &fleet.products.releases[at as usize].row;
        let parts = parts(fleet, row.content, decision);
        let known = if parts.is_empty() { row.content.is_none() && decision.covers(None) } else { true };
        (known || !decision.verdict.is_narrow()).then(|| {
            let product = Product {
                maker: row.maker.clone(),
                name: row.model.clone(),
                version: row.version.clone().map_or(VersionText::Unstated, VersionText::Exact),
                parts,
                ..Product::default()
            };
            (row.id, product)
        })
    })
}

/// The components of a bill that a decision was taken on.
fn parts(fleet: &Fleet, content: Option<ContentId>, decision: &Decision) -> Vec<Product> {
    let bill = content.and_then(|content| fleet.bills.bill(content));
    let software: HashSet<u32> = bill.iter().flat_map(|it| &it.parts).map(|it| it.software).collect();
    let mut parts: Vec<Product> = software
        .into_iter()
        .filter_map(|at| fleet.bills.software.get(at as usize))
        .map(|it| &it.row.facts)
        .filter(|facts| decision.components.contains(&key_of(facts)))
        .map(|facts| Product {
            name: facts.name.clone(),
            version: facts.version.clone().map_or(VersionText::Unstated, VersionText::Exact),
            identifiers: ProductIdentifiers {
                purls: facts.purl.iter().cloned().collect(),
                ..ProductIdentifiers::default()
            },
            ..Product::default()
        })
        .collect();
    parts.sort_by(|a, b| (&a.name, a.version.text()).cmp(&(&b.name, b.version.text())));
    parts
}

fn statement(decision: &Decision, products: Vec<Product>) -> Statement {
    let status = decision.verdict.status();
    let mut said =
        Statement { weaknesses: vec![decision.weakness.clone()], products, ..Statement::new(status) };
    said.dated = Some(decision.decided.to_string());
    let reason = (!decision.reason.is_empty()).then(|| decision.reason.clone());
    match &decision.verdict {
        Verdict::NotAffected(justification) => {
            said.justification = Some(*justification);
            said.impact = reason;
        }
        Verdict::RiskAccepted { until, .. } => {
            said.action = Some(format!("The risk is accepted until {until}."));
            said.notes = reason;
        }
        Verdict::Affected => said.action = reason,
        Verdict::UnderInvestigation | Verdict::Fixed => said.notes = reason,
    }
    debug_assert!(said.status != Status::NotAffected || said.justification.is_some());
    said
}
