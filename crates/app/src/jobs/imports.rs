//! Large imports as jobs: asked for together with the document, done by the transaction that ends the job.

use bedrail_model::ids::JobId;
use serde::{Deserialize, Serialize};

use super::asked::Who;
use super::kinds::{IMPORT_DEVICES, IMPORT_SBOM};
use super::run::{Ended, Run, Stop};
use crate::devices::{self, ImportDevices};
use crate::results::{Draft, RECEIPT, REPORT};
use crate::rights::Right;
use crate::sboms::{self, AddSbom};
use crate::scan::upload;
use crate::{Actor, Context, Document, Error, intake, spool, vault};

/// Device lists longer than this are taken over in the background: some twenty thousand rows, a second of work.
const LONG_LIST: u64 = 2 << 20;
/// Bills of materials longer than this are read in the background: some ten thousand components, a second of work.
const LONG_BILL: u64 = 8 << 20;
/// A compressed document counts as this many times its length.
const EXPANDS: u64 = 10;

#[derive(Debug, Serialize, Deserialize)]
struct AskedList {
    who: Who,
    sha256: String,
    file_name: String,
    mapping: Vec<(String, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct AskedBill {
    who: Who,
    sha256: String,
    file_name: String,
    maker: Option<String>,
    model: Option<String>,
    version: Option<String>,
    /// Where a file of a device lies until it was looked into.
    #[serde(default)]
    spooled: Option<String>,
}

fn length(document: &Document) -> u64 {
    let times = if document.is_compressed() { EXPANDS } else { 1 };
    document.length().saturating_mul(times)
}

/// Whether taking over a list takes so long that a person should not wait for it.
pub fn is_long_list(document: &Document) -> bool {
    length(document) > LONG_LIST
}

/// Whether reading a bill of materials takes so long that a person should not wait for it.
pub fn is_long_bill(document: &Document) -> bool {
    length(document) > LONG_BILL
}

/// Asks for a device list to be taken over in the background. The document is kept first; the job is there if and only if
/// the audit entry is.
///
/// # Errors
/// [`Error::Invalid`] for a mapping that names no field, [`Error::Denied`] without the right.
pub async fn ask_devices(ctx: &Context, actor: &Actor, command: ImportDevices) -> Result<JobId, Error> {
    actor.need(Right::ChangeDevices)?;
    let mapping: Vec<String> =
        command.mapping.iter().map(|(header, field)| format!("{header}={field}")).collect();
    intake::mapping(&mapping).map_err(|error| Error::invalid(error.to_string()))?;
    let kept = vault::keep(ctx, &command.document).await?;
    let ImportDevices { file_name, mapping, .. } = command;
    let asked = AskedList { who: Who::of(actor), sha256: kept.hex(), file_name, mapping };
    let change = ctx.change(actor, Right::ChangeDevices, "ask.devices.import").await?;
    let id = super::enqueue_for(&change, actor, &IMPORT_DEVICES, &asked).await?;
    change.commit(&asked.file_name, &format!("SHA-256 {}, job {id}", asked.sha256)).await?;
    Ok(id)
}

/// Asks for a bill of materials to be added in the background, as [`ask_devices`] does.
///
/// # Errors
/// [`Error::Denied`] without the right.
pub async fn ask_sbom(ctx: &Context, actor: &Actor, command: AddSbom) -> Result<JobId, Error> {
    actor.need(Right::ChangeReleases)?;
    // A file of a device is looked into, and not kept.
    let (sha256, spooled) = match upload::is_file(&command.document) {
        true => {
            sboms::may_scan(actor, &command)?;
            let document = command.document.clone();
            let digest = tokio::task::spawn_blocking(move || vault::digest(document.open())).await;
            let digest = digest.map_err(|error| Error::Internal(Box::new(error)))??;
            (hex::encode(digest), Some(spool::keep(ctx, &command.document).await?))
        }
        false => (vault::keep(ctx, &command.document).await?.hex(), None),
    };
    let AddSbom { file_name, maker, model, version, .. } = command;
    let asked = AskedBill { who: Who::of(actor), sha256, file_name, maker, model, version, spooled };
    let change = ctx.change(actor, Right::ChangeReleases, "ask.sbom.add").await?;
    let id = super::enqueue_for(&change, actor, &IMPORT_SBOM, &asked).await?;
    change.commit(&asked.file_name, &format!("SHA-256 {}, job {id}", asked.sha256)).await?;
    Ok(id)
}

/// Takes a device list over.
pub(super) async fn devices(run: Run) -> Result<Ended, Stop> {
    let asked: AskedList = run.payload()?;
    let (ctx, org) = (&run.ctx, run.org()?);
    let actor = asked.who.actor(ctx, org).await?;
    run.log(format!("read {} as {actor}", asked.file_name)).await?;
    run.hold();
    let document = vault::document(ctx, &asked.sha256).await?;
    let AskedList { file_name, mapping, .. } = asked;
    let command = ImportDevices { file_name, document, mapping, dry_run: false };
    let tell = |done, total, words: &str| run.tell(done, total, words);
    let ready = devices::import::prepare(ctx, &actor, command, &tell).await?;
    let mut draft = Draft::begin(ctx)?;
    devices::report::write(&ready.report, &mut draft).map_err(Error::from)?;
    draft.keep(ctx, &ready.change, run.job.id, (REPORT, &ready.subject)).await?;
    let words = format!("{} rows: {}", ready.report.rows.len(), ready.report.words());
    run.end_with(ready.change, &ready.subject, &ready.detail, &words).await
}

/// Adds a bill of materials.
pub(super) async fn sbom(run: Run) -> Result<Ended, Stop> {
    let asked: AskedBill = run.payload()?;
    let (ctx, org) = (&run.ctx, run.org()?);
    let actor = asked.who.actor(ctx, org).await?;
    run.log(format!("read {} as {actor}", asked.file_name)).await?;
    run.hold();
    let document = match &asked.spooled {
        Some(name) => spool::open(ctx, name)?,
        None => vault::document(ctx, &asked.sha256).await?,
    };
    let AskedBill { file_name, maker, model, version, spooled, .. } = asked;
    let command = AddSbom { file_name, document, maker, model, version };
    let tell = |words: &'static str| run.tell(0, 0, words);
    let ready = sboms::prepare(ctx, &actor, command, &tell).await;
    // What may go better another time is looked into again.
    if let Some(name) =
        spooled.filter(|_| matches!(ready, Ok(_) | Err(Error::Invalid { .. } | Error::Denied { .. })))
    {
        spool::remove(ctx, &name);
    }
    let ready = ready?;
    let mut draft = Draft::begin(ctx)?;
    sboms::receipt::write(&ready.receipt, &mut draft).map_err(Error::from)?;
    draft.keep(ctx, &ready.change, run.job.id, (RECEIPT, &ready.receipt.release_name)).await?;
    let receipt = &ready.receipt;
    let words = format!(
        "{} components of {}; {} weaknesses affect it",
        receipt.components, receipt.release_name, receipt.affected
    );
    run.end_with(ready.change, &ready.subject, &ready.detail, &words).await
}
