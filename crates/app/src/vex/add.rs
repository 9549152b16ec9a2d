//! Taking a document in: kept as received, read in a child process, its statements stored beside it.

use bedrail_formats::vex::transfer;
use bedrail_model::component::Warning;
use bedrail_model::ids::{VexDocumentId, VexStatementId};
use bedrail_model::vex::{Document as Vex, Issuer};
use bedrail_store::vex::{self as rows, VexDocumentRow, VexStatementRow};
use bedrail_store::{Change, documents};
use jiff::Timestamp;

use super::{Standing, judged, rule};
use crate::rights::Right;
use crate::{Actor, Context, Document, Error, parse, vault};

/// A document to be taken in.
#[derive(Debug, Clone)]
pub struct AddVex {
    /// The file's name, for the record.
    pub file_name: String,
    /// The document as received.
    pub document: Document,
}

/// What was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VexReceipt {
    /// The document.
    pub id: VexDocumentId,
    /// Whether it was held already; nothing was changed then.
    pub unchanged: bool,
    /// Whether a later version of it is held, so that its statements do not count.
    pub outdated: bool,
    /// Format and version.
    pub format: String,
    /// The issuer's id of it.
    pub name: String,
    /// The issuer.
    pub issuer: String,
    /// What the issuer is pinned by.
    pub issuer_key: String,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Statements in it.
    pub statements: u64,
    /// How many of them stand where.
    pub standings: Vec<(Standing, u64)>,
    /// What was mended or lost; empty for a document that was held.
    pub warnings: Vec<Warning>,
}

/// Keeps a document and its statements. An earlier version of it makes place.
///
/// # Errors
/// [`Error::Invalid`] when it cannot be read, with the place and a hint.
pub async fn add(ctx: &Context, actor: &Actor, command: AddVex) -> Result<VexReceipt, Error> {
    actor.need(Right::TakeStatements)?;
    let kept = vault::keep(ctx, &command.document).await?;
    let size = usize::try_from(command.document.length()).unwrap_or(usize::MAX);
    let view = ctx.view(actor, Right::SeeFleet).await?;
    let held = rows::by_digest(&view, &kept.sha256).await?;
    drop(view);
    if let Some(row) = held {
        return receipt(ctx, actor, &row, true, Vec::new()).await;
    }
    let vex = parse::vex(ctx, command.document).await?;
    let change = ctx.change(actor, Right::TakeStatements, "vex.add").await?;
    let document = documents::add(&change, &kept.sha256, "vex", &command.file_name, size).await?;
    let id = VexDocumentId::generate();
    let mut row = VexDocumentRow {
        id,
        document,
        sha256: kept.sha256.to_vec(),
        name: if vex.id.is_empty() { command.file_name.clone() } else { vex.id.clone() },
        title: vex.title.clone(),
        format: vex.format.clone(),
        issuer_key: key_of(&vex.issuer),
        issuer_name: name_of(&vex.issuer),
        role: vex.issuer.role.clone(),
        namespace: vex.issuer.namespace.clone(),
        version: vex.version.clone(),
        issued: vex.issued.clone(),
        updated: vex.updated.clone(),
        tlp: vex.tlp.label().to_owned(),
        lost: vex.warnings.iter().filter(|it| it.lost).count() as u64,
        added: change.at(),
        replaced_by: None,
        by_decider: actor.may(Right::Decide),
    };
    let earlier = place(&change, &mut row).await?;
    let statements = statement_rows(&vex, id)?;
    rows::add(&change, &row, &statements).await?;
    for one in earlier {
        rows::replace(&change, one, id).await?;
    }
    rule::ask(&change).await?;
    let detail = format!("{} statements of {} ({})", statements.len(), row.issuer_name, row.format);
    change.commit_with(&row.name, &detail, None, Some(format!("sha256 {}", kept.hex()))).await?;
    receipt(ctx, actor, &row, false, vex.warnings).await
}

/// An issuer that is not named is known by nothing.
fn key_of(issuer: &Issuer) -> String {
    let key = issuer.key();
    if key.is_empty() { "(not named)".to_owned() } else { key }
}

fn name_of(issuer: &Issuer) -> String {
    if issuer.name.is_empty() { key_of(issuer) } else { issuer.name.clone() }
}

/// Finds the place of a document among the versions of it that are held: gives those that it replaces, and marks it where
/// it comes late itself.
async fn place(change: &Change, row: &mut VexDocumentRow) -> Result<Vec<VexDocumentId>, Error> {
    let mut earlier = Vec::new();
    for other in rows::documents(change).await? {
        let same = other.issuer_key == row.issuer_key && other.name == row.name;
        if !same || other.replaced_by.is_some() {
            continue;
        }
        if is_older(row, &other) {
            row.replaced_by = Some(other.id);
        } else {
            earlier.push(other.id);
        }
    }
    Ok(earlier)
}

/// Whether a version comes before another: by its number, else by its date; one of which neither can be read does not.
fn is_older(this: &VexDocumentRow, other: &VexDocumentRow) -> bool {
    let number = |row: &VexDocumentRow| row.version.parse::<u64>().ok();
    if let (Some(this), Some(other)) = (number(this), number(other))
        && this != other
    {
        return this < other;
    }
    let dated = |row: &VexDocumentRow| -> Option<Timestamp> {
        row.updated.as_ref().or(row.issued.as_ref())?.parse().ok()
    };
    matches!((dated(this), dated(other)), (Some(this), Some(other)) if this < other)
}

fn statement_rows(vex: &Vex, document: VexDocumentId) -> Result<Vec<VexStatementRow>, Error> {
    let row = |(position, said): (u32, &bedrail_model::vex::Statement)| {
        Ok(VexStatementRow {
            id: VexStatementId::generate(),
            document,
            position,
            weakness: said.weakness().to_owned(),
            status: said.status.name().to_owned(),
            body: transfer::statement_text(said).map_err(|error| Error::Internal(Box::new(error)))?,
            declined: None,
        })
    };
    (0_u32..).zip(&vex.statements).map(row).collect()
}

async fn receipt(
    ctx: &Context,
    actor: &Actor,
    row: &VexDocumentRow,
    unchanged: bool,
    warnings: Vec<Warning>,
) -> Result<VexReceipt, Error> {
    let judged = judged::get(ctx, actor, Right::SeeFleet).await?;
    let pinned = judged.is_pinned(&row.issuer_key);
    let rows: Vec<_> = judged.rows().into_iter().filter(|it| it.document == row.id).collect();
    let count = |standing: Standing| rows.iter().filter(|it| it.standing == standing).count() as u64;
    Ok(VexReceipt {
        id: row.id,
        unchanged,
        outdated: row.replaced_by.is_some(),
        format: row.format.clone(),
        name: row.name.clone(),
        issuer: row.issuer_name.clone(),
        issuer_key: row.issuer_key.clone(),
        pinned,
        statements: rows.len() as u64,
        standings: Standing::ALL
            .into_iter()
            .map(|it| (it, count(it)))
            .filter(|(_, count)| *count > 0)
            .collect(),
        warnings,
    })
}
