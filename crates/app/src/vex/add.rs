//! Taking a document in: kept as received, read in a child process, its statements stored beside it.

use bedrail_formats::vex::transfer;
use bedrail_model::component::Warning;
use bedrail_model::ids::{VexDocumentId, VexStatementId};
use bedrail_model::vex::{Document as Vex, Issuer};
use bedrail_store::vex::{self as rows, VexDocumentRow, VexStatementRow};
use bedrail_store::{Change, documents};

use super::signing::{self, Signed};
use super::{Standing, judged, rule, versions};
use crate::rights::Right;
use crate::{Actor, Context, Document, Error, parse, vault};

/// A document to be taken in.
#[derive(Debug, Clone)]
pub struct AddVex {
    /// The file's name, for the record.
    pub file_name: String,
    /// The document as received.
    pub document: Document,
    /// An OpenPGP signature that came beside it.
    pub signature: Option<Vec<u8>>,
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
    /// The fingerprint of the issuer's key, where it is pinned by one that signed the document.
    pub signed_by: Option<String>,
    /// Why it does not count, where the issuer is pinned by a key that is not seen to have signed it.
    pub unsigned: Option<String>,
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
    let signature = command.signature.as_deref().map(signing::kept).transpose()?;
    if let Some(row) = held {
        let unsigned = sign_held(ctx, actor, &row, &command.document, signature).await?;
        let receipt = receipt(ctx, actor, row.id, Vec::new()).await?;
        return Ok(VexReceipt { unchanged: true, unsigned, ..receipt });
    }
    let vex = parse::vex(ctx, command.document.clone()).await?;
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
        signature,
        signed_by: None,
    };
    let unsigned = sign(&change, &mut row, &command.document).await?;
    let statements = statement_rows(&vex, id)?;
    rows::add(&change, &row, &statements).await?;
    versions::arrange(&change, &row.issuer_key).await?;
    rule::ask(&change).await?;
    let detail = format!("{} statements of {} ({})", statements.len(), row.issuer_name, row.format);
    change.commit_with(&row.name, &detail, None, Some(format!("sha256 {}", kept.hex()))).await?;
    let receipt = receipt(ctx, actor, id, vex.warnings).await?;
    Ok(VexReceipt { unsigned, ..receipt })
}

/// Notes whether the issuer's key signed a document; tells why not.
async fn sign(
    change: &Change,
    row: &mut VexDocumentRow,
    document: &Document,
) -> Result<Option<String>, Error> {
    let issuers = rows::issuers(change).await?;
    let issuer = issuers.iter().find(|it| it.key == row.issuer_key);
    let signed = signing::check(issuer, document, row.signature.as_deref(), change.at()).await?;
    row.signed_by = signed.by().map(str::to_owned);
    Ok(match signed {
        Signed::Not(why) => Some(why),
        Signed::By(_) | Signed::NotAsked => None,
    })
}

/// A document that is held already may come again with its signature. One that is no good takes the place of none that is. Tells why it is
/// none.
async fn sign_held(
    ctx: &Context,
    actor: &Actor,
    held: &VexDocumentRow,
    document: &Document,
    signature: Option<String>,
) -> Result<Option<String>, Error> {
    if signature.is_none() || signature == held.signature {
        return Ok(None);
    }
    let change = ctx.change(actor, Right::TakeStatements, "vex.sign").await?;
    let mut row = VexDocumentRow { signature, ..held.clone() };
    let unsigned = sign(&change, &mut row, document).await?;
    if row.signed_by.is_none() && held.signed_by.is_some() {
        return Ok(None);
    }
    rows::sign(&change, row.id, row.signature.as_deref(), row.signed_by.as_deref()).await?;
    versions::arrange(&change, &row.issuer_key).await?;
    rule::ask(&change).await?;
    let by = row.signed_by.as_deref().map_or_else(|| "no key that is pinned".to_owned(), str::to_owned);
    change.commit(&row.name, &format!("a signature came; signed by {by}")).await?;
    Ok(unsigned)
}

/// An issuer that is not named is known by nothing.
fn key_of(issuer: &Issuer) -> String {
    let key = issuer.key();
    if key.is_empty() { "(not named)".to_owned() } else { key }
}

fn name_of(issuer: &Issuer) -> String {
    if issuer.name.is_empty() { key_of(issuer) } else { issuer.name.clone() }
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
    id: VexDocumentId,
    warnings: Vec<Warning>,
) -> Result<VexReceipt, Error> {
    let judged = judged::get(ctx, actor, Right::SeeFleet).await?;
    let row = judged.document(id).ok_or_else(|| Error::not_found(format!("document {id}")))?;
    let pinned = judged.issuer(row).is_some();
    let rows: Vec<_> = judged.rows().into_iter().filter(|it| it.document == id).collect();
    let count = |standing: Standing| rows.iter().filter(|it| it.standing == standing).count() as u64;
    Ok(VexReceipt {
        id,
        unchanged: false,
        outdated: row.replaced_by.is_some(),
        format: row.format.clone(),
        name: row.name.clone(),
        issuer: row.issuer_name.clone(),
        issuer_key: row.issuer_key.clone(),
        pinned,
        signed_by: row.signed_by.clone(),
        unsigned: None,
        statements: rows.len() as u64,
        standings: Standing::ALL
            .into_iter()
            .map(|it| (it, count(it)))
            .filter(|(_, count)| *count > 0)
            .collect(),
        warnings,
    })
}
